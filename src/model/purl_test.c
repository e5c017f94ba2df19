/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/buf.h"
#include "model/purl.h"

static struct prq_purl parse(const char *text, struct prq_arena *a)
{
    struct prq_purl u = { 0 };
    struct prq_err err = PRQ_ERR_INIT;
    if (!prq_purl_parse(prq_str_from(text), a, &u, &err))
        fail_msg("%s: %s", text, err.text);
    return u;
}

static struct prq_package package(const char *text, struct prq_arena *a)
{
    struct prq_package p = { 0 };
    struct prq_err err = PRQ_ERR_INIT;
    if (!prq_package_from_purl(prq_str_from(text), a, &p, &err))
        fail_msg("%s: %s", text, err.text);
    return p;
}

/* Facts of package-url/purl-spec's test suite: purl, type, namespace, name, version, subpath. */
static void test_published_parts(void **state)
{
    (void)state;
    static const char *const cases[][6] = {
        { "pkg:maven/org.apache.commons/io@1.3.4", "maven", "org.apache.commons", "io", "1.3.4", "" },
        { "pkg:maven/org.apache.commons/io", "maven", "org.apache.commons", "io", "", "" },
        { "pkg:GOLANG/google.golang.org/genproto#/googleapis/api/annotations/", "golang",
          "google.golang.org", "genproto", "", "googleapis/api/annotations" },
        { "pkg:GOLANG/google.golang.org/genproto@abcdedf#/googleapis/api/annotations/", "golang",
          "google.golang.org", "genproto", "abcdedf", "googleapis/api/annotations" },
        { "pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie", "deb", "debian", "curl",
          "7.50.3-1", "" },
        { "pkg:docker/customer/dockerimage@sha256:244fd47e07d1004f0aed9c?repository_url=gcr.io",
          "docker", "customer", "dockerimage", "sha256:244fd47e07d1004f0aed9c", "" },
        { "pkg:npm/%40angular/animation@12.3.1", "npm", "@angular", "animation", "12.3.1", "" },
        { "pkg:Nuget/EnterpriseLibrary.Common@6.0.1304", "nuget", "", "EnterpriseLibrary.Common",
          "6.0.1304", "" },
        { "pkg:/maven/org.apache.commons/io", "maven", "org.apache.commons", "io", "", "" },
        { "pkg://maven/org.apache.commons/io", "maven", "org.apache.commons", "io", "", "" },
        { "pkg:///maven/org.apache.commons/io", "maven", "org.apache.commons", "io", "", "" },
        { "pkg:maven/HTTPClient/HTTPClient@0.3-3", "maven", "HTTPClient", "HTTPClient", "0.3-3", "" },
        { "pkg:maven/mygroup/myartifact@1.0.0%20Final?mykey=my%20value", "maven", "mygroup",
          "myartifact", "1.0.0 Final", "" },
        { "pkg:swift/github.com/Alamofire/Alamofire@5.4.3", "swift", "github.com/Alamofire",
          "Alamofire", "5.4.3", "" },
        { "pkg:cran/A3@0.9.1", "cran", "", "A3", "0.9.1", "" },
    };
    PRQ_ARENA a = prq_arena_new(PRQ_KIB(64));
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        struct prq_purl u = parse(cases[i][0], a);
        assert_str(u.type, cases[i][1]);
        assert_str(u.ns, cases[i][2]);
        assert_str(u.name, cases[i][3]);
        assert_str(u.version, cases[i][4]);
        assert_str(u.subpath, cases[i][5]);
    }
}

static void test_published_qualifiers(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_KIB(64));
    struct prq_purl u = parse("pkg:Maven/org.apache.xmlgraphics/batik-anim@1.9.1?"
                              "repositorY_url=repo.spring.io/release&classifier=sources", a);
    assert_int_equal(u.qual_count, 2);
    assert_str(u.quals[0].key, "classifier");
    assert_str(prq_purl_qual(&u, PRQ_S("repository_url")), "repo.spring.io/release");
    assert_str(prq_purl_qual(&u, PRQ_S("classifier")), "sources");
    assert_str(prq_purl_qual(&u, PRQ_S("absent")), "");
    u = parse("pkg:npm/packageurl-js@0.0.7?vcs_url=git%2Bhttps%3A%2F%2Fgithub.com%2Fpackage-url%2F"
              "packageurl-js.git&empty=", a);
    assert_int_equal(u.qual_count, 1);
    assert_str(prq_purl_qual(&u, PRQ_S("vcs_url")),
               "git+https://github.com/package-url/packageurl-js.git");
}

/* The rows of the test suite that must be refused, and our own; with the byte where it shows. */
static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t at;
    } cases[] = {
        { "EnterpriseLibrary.Common@6.0.1304", 0 },
        { "pkg:EnterpriseLibrary.Common@6.0.1304", 4 },
        { "pkg:n&g?inx/nginx@0.8.9", 8 },
        { "pkg:3nginx/nginx@0.8.9", 4 },
        { "pkg:nginx:a/nginx@0.8.9", 4 },
        { "pkg:npm/myartifact@1.0.0?in%20production=true", 25 },
        { "pkg:maven/@1.3.4", 10 },
        { "pkg%3Amaven/org.apache.commons/io", 0 },
        { "pkg:cran/@0.9.1", 9 },
        { "pkg:swift/github.com/Alamofire/@5.4.3", 31 },
        { "pkg:hackage", 11 },
        { "", 0 },
        { "pkg:", 4 },
        { "pkg:npm/", 7 },
        { "pkg:npm/a%", 9 },
        { "pkg:npm/a%2", 9 },
        { "pkg:npm/a%zz@1", 9 },
        { "pkg:npm/a@1%4", 11 },
        { "pkg:npm/a b", 9 },
        { "pkg:npm/a\xc3\xa9", 9 },
        { "pkg:npm/a@1\n", 11 },
        { "pkg:golang/a%2fb/c", 11 },
        { "pkg:golang/a/c#x%2Fy", 15 },
        { "pkg:deb/d/a?arch", 12 },
        { "pkg:deb/d/a?=x", 12 },
        { "pkg:deb/d/a?arch=x&1a=y", 19 },
        { "pkg:deb/d/a?arch=x&ARCH=y", 12 },
        { "pkg:deb/d/a?arch=%x", 17 },
    };
    PRQ_ARENA a = prq_arena_new(PRQ_KIB(64));
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        struct prq_purl u = { 0 };
        struct prq_err err = PRQ_ERR_INIT;
        assert_false(prq_purl_parse(prq_str_from(cases[i].text), a, &u, &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
        if (!err.has_offset || err.offset != cases[i].at)
            fail_msg("%s: %s (byte %llu)", cases[i].text, err.text, (unsigned long long)err.offset);
    }
    PRQ_ARENA small = prq_arena_new(8);
    struct prq_purl u;
    struct prq_err err = PRQ_ERR_INIT;
    assert_false(prq_purl_parse(PRQ_S("pkg:npm/a@1"), small, &u, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
}

/* Left: as somebody writes it. Right: as we do. Sources: catalog.md 9; purl-spec's test suite. */
static void test_round_trip(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&upstream=openssl&distro=debian-12",
          "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl" },
        { "pkg:deb/debian/g++@4:12.2.0-3", "pkg:deb/debian/g%2B%2B@4:12.2.0-3" },
        { "pkg:deb/debian/libcap2@1%3A2.66-4%2Bdeb12u3%2Bb1?arch=amd64&distro=debian-12",
          "pkg:deb/debian/libcap2@1:2.66-4%2Bdeb12u3%2Bb1?arch=amd64&distro=debian-12" },
        { "pkg:deb/debian/libattr1@2.5.1-4?arch=arm64&distro=debian-12.5&epoch=1",
          "pkg:deb/debian/libattr1@1:2.5.1-4?arch=arm64&distro=debian-12.5" },
        { "pkg:deb/debian/bash@5.2.15-2%2Bb13?upstream=bash@5.2.15-2",
          "pkg:deb/debian/bash@5.2.15-2%2Bb13?upstream=bash%405.2.15-2" },
        { "pkg:apk/alpine/libssl3@3.1.4-r5?arch=x86_64&distro=alpine-3.18.6&upstream=openssl", NULL },
        { "pkg:apk/alpine/busybox@1.24.2-r9?arch=x86_64&distro=3.19.1", NULL },
        { "pkg:rpm/redhat/openssl-libs@3.0.7-24.el9?arch=x86_64&epoch=1&"
          "upstream=openssl-3.0.7-24.el9.src.rpm&distro=rhel-9.3",
          "pkg:rpm/redhat/openssl-libs@3.0.7-24.el9?arch=x86_64&distro=rhel-9.3&epoch=1&"
          "upstream=openssl-3.0.7-24.el9.src.rpm" },
        { "pkg:rpm/rhel/a@1:2-3", "pkg:rpm/redhat/a@2-3?epoch=1" },
        { "pkg:rpm/alma/a@2-3?modularitylabel=nodejs:18:8:9",
          "pkg:rpm/almalinux/a@2-3?rpmmod=nodejs:18:8:9" },
        { "pkg:Rpm/fedora/curl@7.50.3-1.fc25?Arch=i386&Distro=fedora-25",
          "pkg:rpm/fedora/curl@7.50.3-1.fc25?arch=i386&distro=fedora-25" },
        { "pkg:golang/github.com/gorilla/mux@v1.8.0", NULL },
        { "pkg:jsr/%40std/path@1.0.8", NULL },
        { "pkg:terraform/registry.terraform.io/hashicorp/aws@5.72.1", NULL },
        { "pkg:vscode-extension/Golang/Go@0.39.1?platform=win32-x64",
          "pkg:vscode-extension/golang/go@0.39.1?platform=win32-x64" },
        { "pkg:golang/stdlib@1.21.5", NULL },
        { "pkg:ebuild/app-containers/skopeo@1.5.1-r1", NULL },
        { "pkg:brew/openssl%403@3.2.1_1", NULL },
        { "pkg:conda/numpy@1.26.4?build=py312_0&channel=main&subdir=linux-64", NULL },
        { "pkg:nix/glibc@2.34-210?drvpath=x.drv&output=bin&outputhash=83k", NULL },
        { "pkg:bottlerocket/glibc@1:2.40-1.1713?arch=x86_64", NULL },
        { "pkg:generic/slackware/bash@5.2.026-x86_64-1", NULL },
        { "pkg:golang/github.com/Azure/azure-sdk-for-go@v1.0.0%2Bincompatible#sdk/storage", NULL },
        { "pkg:golang/example.org/acme/replacer@(devel)", "pkg:golang/example.org/acme/replacer" },
        { "pkg:npm/%40babel/traverse@7.23.2", NULL },
        { "pkg:npm/@babel/traverse@7.23.2", "pkg:npm/%40babel/traverse@7.23.2" },
        { "pkg:npm/@babel/traverse", "pkg:npm/%40babel/traverse" },
        { "pkg:PYPI/Django_package@1.11.1.dev1", "pkg:pypi/django-package@1.11.1.dev1" },
        { "pkg:pypi/zope.interface@5.4.0", NULL },
        { "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1", NULL },
        { "pkg:github/Package-url/purl-Spec@244fd47e07d1004f0aed9c",
          "pkg:github/package-url/purl-spec@244fd47e07d1004f0aed9c" },
        { "pkg:hex/Acme/Foo@1.2.3", "pkg:hex/acme/foo@1.2.3" },
        { "pkg:githubactions/actions/checkout@v4", NULL },
        { "pkg:composer/symfony/http-kernel@v5.4.1", NULL },
        { "pkg:nuget/Newtonsoft.Json@13.0.1", NULL },
        { "pkg:generic/bash@5.2.15", NULL },
        { "pkg:pear/pear.php.net/Archive_Tar@1.4.14", NULL },
        { "pkg:npm/a@1?vcs_url=git%2Bhttps://x/y%40z",
          "pkg:npm/a@1?vcs_url=git%2Bhttps:%2F%2Fx%2Fy%40z" },
    };
    PRQ_ARENA a = prq_arena_new(PRQ_KIB(256));
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        struct prq_package p = package(cases[i][0], a);
        const char *want = cases[i][1] ? cases[i][1] : cases[i][0];
        assert_str(prq_purl_print(&p, NULL, a), want);
        p = package(want, a);
        assert_str(prq_purl_print(&p, NULL, a), want);
    }
}

static void test_package_fields(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_KIB(64));
    struct prq_package p = package("pkg:npm/%40babel/traverse@7.23.2", a);
    assert_str(p.type, "npm");
    assert_str(p.ns, "@babel");
    assert_str(p.name, "@babel/traverse");
    p = package("pkg:golang/github.com/Azure/azure-sdk@v1", a);
    assert_str(p.name, "github.com/Azure/azure-sdk");
    assert_str(p.ns, "github.com/Azure");
    p = package("pkg:maven/org.acme/x@1", a);
    assert_str(p.name, "org.acme:x");
    p = package("pkg:rpm/redhat/openssl-libs@3.0.7-24.el9?arch=x86_64&epoch=1&rpmmod=a:b&"
                "upstream=open-ssl-3.0.7-24.el9.src.rpm&distro=rhel-9.3", a);
    assert_str(p.ns, "rhel");
    assert_str(p.source_name, "open-ssl");
    assert_str(p.source_version, "3.0.7-24.el9");
    assert_str(p.source_rpm, "open-ssl-3.0.7-24.el9.src.rpm");
    assert_str(p.version, "3.0.7-24.el9");
    assert_str(p.distro, "rhel-9.3");
    assert_str(p.modularity, "a:b");
    assert_true(p.has_epoch && p.epoch == 1 && p.has_modularity);
    p = package("pkg:deb/debian/x@1?upstream=src%402-1", a);
    assert_str(p.source_name, "src");
    assert_str(p.source_version, "2-1");
    assert_false(p.has_epoch || p.has_modularity);

    struct prq_err err = PRQ_ERR_INIT;
    assert_false(prq_package_from_purl(PRQ_S("pkg:rpm/x/a@1?epoch=one"), a, &p, &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
}

/* Source: matching.md 7 (what lists write) and catalog.md 9 (what we write). */
static void test_rpm_namespaces(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        { "almalinux", "almalinux", "almalinux" }, { "alma", "almalinux", "almalinux" },
        { "rocky", "rocky", "rocky" },             { "rockylinux", "rocky", "rocky" },
        { "redhat", "rhel", "redhat" },            { "rhel", "rhel", "redhat" },
        { "amzn", "amzn", "amzn" },                { "amazon", "amzn", "amzn" },
        { "sles", "sles", "suse" },                { "suse", "sles", "suse" },
        { "ol", "ol", "ol" },                      { "oracle", "ol", "ol" },
        { "opensuse-leap", "opensuse-leap", "opensuse" }, { "fedora", "fedora", "fedora" },
    };
    PRQ_ARENA a = prq_arena_new(PRQ_KIB(64));
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        char text[64], want[64];
        snprintf(text, sizeof text, "pkg:rpm/%s/a@1-1", cases[i][0]);
        snprintf(want, sizeof want, "pkg:rpm/%s/a@1-1", cases[i][2]);
        struct prq_package p = package(text, a);
        assert_str(p.ns, cases[i][1]);
        assert_str(prq_purl_print(&p, NULL, a), want);
    }
}

/* As analyzers leave packages, with the image's distribution. */
static void test_print_settled(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_KIB(64));
    struct prq_distro alpine = { .id = PRQ_S("alpine"), .version_id = PRQ_S("3.18.6") };
    struct prq_package p = { .type = PRQ_S("apk"), .name = PRQ_S("libssl3"),
                             .version = PRQ_S("3.1.4-r5"), .arch = PRQ_S("x86_64"),
                             .source_name = PRQ_S("openssl"), .source_version = PRQ_S("3.1.4-r5") };
    assert_str(prq_purl_print(&p, &alpine, a),
               "pkg:apk/alpine/libssl3@3.1.4-r5?arch=x86_64&distro=alpine-3.18.6&upstream=openssl");
    p.name = PRQ_S("openssl");
    assert_str(prq_purl_print(&p, &alpine, a),
               "pkg:apk/alpine/openssl@3.1.4-r5?arch=x86_64&distro=alpine-3.18.6");
    assert_str(prq_purl_print(&p, NULL, a), "pkg:apk/openssl@3.1.4-r5?arch=x86_64");

    struct prq_distro arch = { .id = PRQ_S("arch"), .build_id = PRQ_S("rolling") };
    struct prq_package pac = { .type = PRQ_S("alpm"), .name = PRQ_S("pacman"),
                               .version = PRQ_S("6.0-1") };
    assert_str(prq_purl_print(&pac, &arch, a), "pkg:alpm/arch/pacman@6.0-1?distro=arch-rolling");
    struct prq_distro sid = { .id = PRQ_S("debian") };
    struct prq_package deb = { .type = PRQ_S("deb"), .name = PRQ_S("g++"), .version = PRQ_S("4:1") };
    assert_str(prq_purl_print(&deb, &sid, a), "pkg:deb/debian/g%2B%2B@4:1?distro=debian");

    struct prq_distro leap = { .id = PRQ_S("opensuse-leap"), .version_id = PRQ_S("15.6") };
    struct prq_package rpm = { .type = PRQ_S("rpm"), .name = PRQ_S("bash"), .has_epoch = true,
                               .version = PRQ_S("4.4-1"), .modularity = PRQ_S("a:b") };
    assert_str(prq_purl_print(&rpm, &leap, a),
               "pkg:rpm/opensuse/bash@4.4-1?distro=opensuse-leap-15.6&epoch=0&rpmmod=a:b");

    struct prq_package npm = { .type = PRQ_S("npm"), .name = PRQ_S("@a/b"), .version = PRQ_S("1") };
    assert_str(prq_purl_print(&npm, &leap, a), "pkg:npm/%40a/b@1");
    npm.ns = PRQ_S("@a");
    assert_str(prq_purl_print(&npm, &leap, a), "pkg:npm/%40a/b@1");
    struct prq_package bin = { .type = PRQ_S("binary"), .name = PRQ_S("bash"),
                               .version = PRQ_S("5.2.15"), .arch = PRQ_S("amd64") };
    assert_str(prq_purl_print(&bin, &leap, a), "pkg:generic/bash@5.2.15");
    bin.ns = PRQ_S("haskell");
    bin.name = PRQ_S("haskell/ghc");
    assert_str(prq_purl_print(&bin, &leap, a), "pkg:generic/haskell/ghc@5.2.15");
    bin.ns = PRQ_S("oracle");
    bin.name = PRQ_S("jre");
    assert_str(prq_purl_print(&bin, &leap, a), "pkg:generic/oracle/jre@5.2.15");
    struct prq_package go = { .type = PRQ_S("golang"), .name = PRQ_S("golang.org/x/net"),
                              .version = PRQ_S("(devel)") };
    assert_str(prq_purl_print(&go, NULL, a), "pkg:golang/golang.org/x/net");

    PRQ_ARENA small = prq_arena_new(8);
    assert_null(prq_purl_print(&go, NULL, small).p);
}

static bool slurp(const char *path, struct prq_buf *b)
{
    FILE *f = fopen(path, "rb");
    char piece[4096];
    size_t got;
    while (f && (got = fread(piece, 1, sizeof piece, f)) > 0)
        prq_buf_add(b, piece, got);
    if (f)
        fclose(f);
    return f && !b->bad;
}

static bool same_purl(prq_str a, prq_str b, struct prq_arena *arena)
{
    struct prq_purl x, y;
    if (!prq_purl_parse(a, arena, &x, NULL) || !prq_purl_parse(b, arena, &y, NULL) ||
        x.qual_count != y.qual_count)
        return false;
    for (size_t i = 0; i < x.qual_count; i++)
        if (!prq_str_eq(x.quals[i].key, y.quals[i].key) ||
            !prq_str_eq(x.quals[i].value, y.quals[i].value))
            return false;
    return prq_str_eq(x.type, y.type) && prq_str_eq(x.ns, y.ns) && prq_str_eq(x.name, y.name) &&
           prq_str_eq(x.version, y.version) && prq_str_eq(x.subpath, y.subpath);
}

/* The lists that come with the test images: what is printed for their purls says the same, and is
 * the same text unless the list encodes the colon of an epoch. */
static void test_shared_lists(void **state)
{
    (void)state;
    static const char *const tags[] = {
        "bad-practice", "binaries", "debian-min", "distroless-like", "go-bin",  "good-practice",
        "java-app",     "node-app", "multi-lang", "python-app",      "rust-bin", "scripting",
    };
    const char *dir = getenv("PRATIQUE_SHARED");
    size_t seen = 0, wrong = 0;
    for (size_t i = 0; i < PRQ_COUNT(tags); i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/data/images/expected/%s.tsv",
                 dir ? dir : PRQ_SOURCE_DIR "/../shared", tags[i]);
        PRQ_BUF text;
        prq_buf_init(&text, PRQ_MIB(4));
        if (!slurp(path, &text))
            continue;
        prq_str rest = prq_buf_view(&text), line, field;
        while (prq_str_line(&rest, &line)) {
            while (prq_str_split(&line, '\t', &field)) {
                if (!prq_str_starts(field, PRQ_S("pkg:")))
                    continue;
                PRQ_ARENA a = prq_arena_new(PRQ_KIB(64));
                struct prq_package p = { 0 };
                struct prq_err err = PRQ_ERR_INIT;
                prq_str printed = { 0 };
                if (prq_package_from_purl(field, a, &p, &err))
                    printed = prq_purl_print(&p, NULL, a);
                bool same = prq_str_has(field, PRQ_S("%3A")) ? same_purl(field, printed, a)
                                                              : prq_str_eq(field, printed);
                if (!same)
                    print_error("%.*s became %.*s %s\n", PRQ_FMT(field), PRQ_FMT(printed), err.text);
                wrong += !same;
                seen++;
            }
        }
    }
    if (seen == 0) {
        print_message("skipped: no shared lists (PRATIQUE_SHARED)\n");
        skip();
    }
    print_message("%zu purls of the shared lists\n", seen);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_parts), cmocka_unit_test(test_published_qualifiers),
        cmocka_unit_test(test_refused),         cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_package_fields),  cmocka_unit_test(test_rpm_namespaces),
        cmocka_unit_test(test_print_settled),   cmocka_unit_test(test_shared_lists),
    };
    return cmocka_run_group_tests_name("purl", tests, NULL, NULL);
}
