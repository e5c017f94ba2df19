/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"
#include "pipe.h"

extern const struct prq_analyzer prq_analyzer_oslists;

static void run_ok(struct capture *c, const char *path, prq_bytes data)
{
    struct prq_err err = PRQ_ERR_INIT;
    if (!capture_run(c, &prq_analyzer_oslists, path, data, &err))
        fail_msg("%s: %s", path, err.text);
}

/* The error's text; "" when there is none. */
static const char *run_error(struct prq_arena *a, const char *path, prq_bytes data)
{
    struct capture c;
    static struct prq_err err;
    err = (struct prq_err)PRQ_ERR_INIT;
    capture_init(&c, a);
    return capture_run(&c, &prq_analyzer_oslists, path, data, &err) ? "" : err.text;
}

static prq_bytes seed(struct prq_arena *a, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, PRQ_SOURCE_DIR "/fuzz/corpus/oslists/%s", name);
    return unit_slurp(a, path);
}

static void assert_list(struct prq_strs list, const char *expected)
{
    prq_str rest = prq_str_from(expected), word;
    for (size_t i = 0; i < list.n; i++) {
        assert_true(prq_str_split(&rest, ' ', &word));
        if (!prq_str_eq(list.v[i], word))
            fail_msg("%.*s is not %.*s", PRQ_FMT(list.v[i]), PRQ_FMT(word));
    }
    assert_true(list.n == 0 ? *expected == '\0' : !rest.p);
}

static const char inventory[] =
    "x86_64-bottlerocket-linux-gnu/sys-root/usr/share/bottlerocket/application-inventory.json";

static void test_oslists_json(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, inventory, seed(a, "bottlerocket.json"));
    assert_int_equal(c.package_count, 3);
    const struct prq_package *p = capture_package(&c, "glibc");
    assert_str(p->type, "bottlerocket");
    assert_str(p->version, "1:2.40-1.1713");
    assert_str(p->vendor, "Bottlerocket");
    assert_list(p->qualifiers, "arch=x86_64");
    assert_str(capture_package(&c, "bash")->version, "5.2-2");
    assert_str(capture_package(&c, "old")->version, "1");
    assert_str(c.gaps[0].reason, "package without a name");
    capture_init(&c, a);
    run_ok(&c, "etc/cos-package-info.json", seed(a, "cos.json"));
    assert_int_equal(c.package_count, 2);
    assert_str(c.packages[0].type, "cos");
    assert_str(c.packages[0].name, "gzip");
    assert_list(c.packages[0].qualifiers, "category=app-arch");
    assert_string_equal(run_error(a, "etc/cos-package-info.json", CAPTURE_BYTES("{}")), "");
    assert_string_equal(run_error(a, "etc/cos-package-info.json", seed(a, "cos-bad")), "not an object");
}

static void test_oslists_slackware(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, "var/lib/pkgtools/packages/aaa_base-15.0-x86_64-3", seed(a, "slackware"));
    const struct prq_package *p = &c.packages[0];
    assert_str(p->ns, "slackware");
    assert_str(p->name, "aaa_base");
    assert_str(p->version, "15.0-x86_64-3");
    assert_str(p->arch, "x86_64");
    assert_list(capture_owned(&c, "generic:slackware:aaa_base")->paths, "usr/bin/hi");
    assert_string_equal(run_error(a, "var/log/packages/x", CAPTURE_BYTES("")), "file name is no package");
    assert_string_equal(run_error(a, "var/log/packages/x-1-noarch-1", CAPTURE_BYTES("")),
                        "not a package's record");
}

static void test_oslists_xbps(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    const char path[] = "var/db/xbps/pkgdb-0.38.plist";
    run_ok(&c, path, seed(a, "void.plist"));
    assert_int_equal(c.package_count, 1);
    assert_str(c.packages[0].ns, "void");
    assert_str(c.packages[0].name, "acl-progs");
    assert_str(c.packages[0].version, "2.3.1_1");
    assert_str(c.packages[0].arch, "x86_64");
    assert_list(c.packages[0].licenses, "GPL-2.0-or-later");
    assert_int_equal(c.gap_count, 1);
    run_ok(&c, "var/db/xbps/.acl-progs-files.plist", seed(a, "void-files.plist"));
    assert_list(capture_owned(&c, "generic:void:acl-progs")->paths,
                "etc/acl.conf usr/bin/getfacl usr/bin/chacl");
    assert_string_equal(run_error(a, "var/db/xbps/.x-files.plist", CAPTURE_BYTES("<plist>")),
                        "property list ends early");
    assert_string_equal(run_error(a, path, seed(a, "cut.plist")), "property list ends early");
    assert_string_equal(run_error(a, path, seed(a, "ends.plist")), "end of nothing");
    assert_string_equal(run_error(a, path, CAPTURE_BYTES("x")), "not a property list");
}

/* A database made by sqlite3 with pkg's schema. */
static void test_oslists_freebsd(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, "var/db/pkg/local.sqlite", seed(a, "freebsd.sqlite"));
    assert_int_equal(c.package_count, 2);
    const struct prq_package *p = capture_package(&c, "openssl");
    assert_str(p->ns, "freebsd");
    assert_str(p->version, "3.0.13_2,1");
    assert_str(p->arch, "FreeBSD:14:amd64");
    assert_true(capture_package(&c, "bash")->size_bytes == 8000000);
    struct capture f;
    capture_init(&f, a);
    run_ok(&f, "var/db/pkg/local.sqlite", seed(a, "freebsd-files.sqlite"));
    assert_int_equal(f.package_count, 2);
    assert_list(capture_owned(&f, "generic:freebsd:openssl")->paths,
                "usr/local/bin/openssl usr/local/lib/libssl.so.12");
    assert_list(capture_owned(&f, "generic:freebsd:bash")->paths, "usr/local/bin/bash");
    assert_string_not_equal(run_error(a, "var/db/pkg/local.sqlite", CAPTURE_BYTES("x")), "");
}

static void test_oslists_flatpak(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    const char path[] = "var/lib/flatpak/app/org.gimp.GIMP/files/share/metainfo/org.gimp.GIMP.metainfo.xml";
    run_ok(&c, path, seed(a, "flatpak.xml"));
    assert_str(c.packages[0].type, "flatpak");
    assert_str(c.packages[0].name, "org.gimp.GIMP");
    assert_str(c.packages[0].version, "2.10.36");
    assert_string_equal(run_error(a, path, seed(a, "flatpak-cut")), "application without an id");
}

/* As flatpak 1.14 wrote them; expected: `flatpak list`. */
static void test_oslists_deployment(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    const char path[] = "var/lib/flatpak/app/org.example.Hello/x86_64/stable/a686/deploy";
    run_ok(&c, path, seed(a, "flatpak-deploy"));
    assert_str(c.packages[0].name, "org.example.Hello");
    assert_str(c.packages[0].version, "2.4.1");
    assert_string_equal(run_error(a, path, seed(a, "flatpak-deploy-cut")),
                        "deployment is not a whole GVariant");
    capture_init(&c, a);
    run_ok(&c, "root/.local/share/flatpak/runtime/org.example.Platform/x86_64/22.08/1ca3/deploy",
           seed(a, "flatpak-runtime"));
    assert_str(c.packages[0].name, "org.example.Platform");
    assert_int_equal(c.packages[0].version.n, 0);
    capture_init(&c, a);
    run_ok(&c, "var/lib/flatpak/app/x/x86_64/stable/a686/files/bin/deploy", seed(a, "flatpak-cut"));
    assert_int_equal(c.package_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oslists_json),
        cmocka_unit_test(test_oslists_slackware),
        cmocka_unit_test(test_oslists_xbps),
        cmocka_unit_test(test_oslists_freebsd),
        cmocka_unit_test(test_oslists_flatpak),
        cmocka_unit_test(test_oslists_deployment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
