/* SPDX-License-Identifier: Apache-2.0 */
/* Ownership from hand-made facts. Source of the rules: catalog.md 7, 3.1. */
#undef PRQ_SOURCE_DIR /* of the build; model/analysis.h has an enumerator of that name */
#include "unit.h"

#include "scan/owners.h"

static bool holds(const void *user, prq_str path, uint32_t layer)
{
    (void)path, (void)layer;
    return *(const bool *)user;
}

/* Owner of a Python package at `evidence` when deb:x lists `listed`. */
static size_t owner_of(const char *evidence, const char *listed, uint32_t flags, bool lists_hold)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_facts_writer w;
    struct prq_layer_facts layer = { 0 };
    struct prq_err err = PRQ_ERR_INIT;
    prq_facts_writer_init(&w, &prq_limits_default);
    w.path = PRQ_S("var/lib/dpkg/info/x.list");
    prq_str path = prq_str_from(listed);
    assert_true(prq_sink_owned(&w.sink, PRQ_S("deb:x"), &path, 1));
    assert_true(prq_facts_add_link(&w, PRQ_S("lib"), PRQ_S("usr/lib")));
    assert_true(prq_facts_add_link(&w, PRQ_S("opt/a"), PRQ_S("/usr/./b/../lib")));
    assert_true(prq_facts_add_link(&w, PRQ_S("up"), PRQ_S("../../..")));
    assert_true(prq_facts_parse(prq_buf_bytes(&w.facts), 0, a, &layer.facts, &err));
    struct prq_evidence at = { prq_str_from(evidence), 0 };
    struct prq_package packages[] = {
        { .type = PRQ_S("deb"), .name = PRQ_S("x"), .arch = PRQ_S("amd64"), .flags = flags },
        { .type = PRQ_S("pypi"), .name = PRQ_S("y"), .evidence = &at, .evidence_count = 1 },
    };
    struct prq_analysis an = { .packages = packages, .package_count = 2 };
    struct prq_owners o = { .layers = &layer, .n = 1, .holds = holds, .user = &lists_hold };
    assert_true(prq_owners_settle(&o, &an, a));
    prq_facts_writer_release(&w);
    return packages[1].owner;
}

static void test_owners(void **state)
{
    (void)state;
    assert_int_equal(owner_of("usr/lib/y/METADATA", "usr/lib/y/METADATA", 0, true), 1);
    assert_int_equal(owner_of("usr/lib/y/METADATA", "usr/lib/z/METADATA", 0, true), 0);
    assert_int_equal(owner_of("usr/lib/y.jar!/z", "usr/lib/y.jar", 0, true), 1);
    /* through links, relative and absolute */
    assert_int_equal(owner_of("usr/lib/y/METADATA", "lib/y/METADATA", 0, true), 1);
    assert_int_equal(owner_of("usr/lib/y", "opt/a/y", 0, true), 1);
    assert_int_equal(owner_of("y", "up/y", 0, true), 1); /* clamped at the root */
    /* not by third parties, not by a list that was deleted, not a package database */
    assert_int_equal(owner_of("usr/lib/y", "usr/lib/y", PRQ_PKG_THIRD_PARTY, true), 0);
    assert_int_equal(owner_of("usr/lib/y", "usr/lib/y", 0, false), 0);
    assert_int_equal(owner_of("lib/apk/db/installed", "lib/apk/db/installed", 0, true), 0);
}

/* An image of one layer: who lists what, which links there are. */
struct image {
    struct prq_arena *arena;
    struct prq_facts_writer w;
    struct prq_package packages[16];
    struct prq_evidence evidence[16];
    size_t n;
    struct prq_analysis an;
};

static void image_begin(struct image *im)
{
    *im = (struct image){ .arena = prq_arena_new(PRQ_MIB(4)) };
    prq_facts_writer_init(&im->w, &prq_limits_default);
}

static void image_package(struct image *im, const char *type, const char *name, uint32_t flags,
                          const char *evidence)
{
    size_t i = im->n++;
    im->evidence[i] = (struct prq_evidence){ prq_str_from(evidence), 0 };
    im->packages[i] = (struct prq_package){ .type = prq_str_from(type), .name = prq_str_from(name),
                                            .version = PRQ_S("1"), .flags = flags,
                                            .evidence = &im->evidence[i], .evidence_count = 1 };
}

static void image_list(struct image *im, const char *owner, const char *path)
{
    prq_str one = prq_str_from(path);
    im->w.path = PRQ_S("var/lib/dpkg/info/x.list");
    assert_true(prq_sink_owned(&im->w.sink, prq_str_from(owner), &one, 1));
}

static void image_divert(struct image *im, const char *from, const char *to, const char *by)
{
    const struct prq_pair pairs[] = { { PRQ_S("from"), prq_str_from(from) },
                                      { PRQ_S("to"), prq_str_from(to) },
                                      { PRQ_S("by"), prq_str_from(by) } };
    im->w.path = PRQ_S("var/lib/dpkg/diversions");
    assert_true(prq_sink_note(&im->w.sink, PRQ_S("dpkg-diversion"), pairs, 3));
}

/* "NAME" or "NAME<OWNER", one a package that is left. */
static const char *image_end(struct image *im)
{
    static char out[512];
    struct prq_layer_facts layer = { 0 };
    struct prq_err err = PRQ_ERR_INIT;
    bool lists_hold = true;
    assert_true(prq_facts_parse(prq_buf_bytes(&im->w.facts), 0, im->arena, &layer.facts, &err));
    im->an = (struct prq_analysis){ .packages = im->packages, .package_count = im->n };
    struct prq_owners o = { .layers = &layer, .n = 1, .holds = holds, .user = &lists_hold };
    assert_true(prq_owners_settle(&o, &im->an, im->arena));
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < im->an.package_count; i++) {
        const struct prq_package *p = &im->an.packages[i];
        prq_str owner = p->owner ? im->an.packages[p->owner - 1].name : (prq_str){ 0 };
        n += (size_t)snprintf(out + n, sizeof out - n, "%s%.*s%s%.*s", i ? " " : "",
                              PRQ_FMT(p->name), p->owner ? "<" : "", PRQ_FMT(owner));
    }
    prq_facts_writer_release(&im->w);
    prq_arena_free(im->arena);
    return out;
}

/* dpkg-divert(1): the diverting package's file stays, all others' are moved; a local diversion
 * moves everybody's. */
static void test_owners_diversions(void **state)
{
    (void)state;
    struct image im;
    image_begin(&im);
    image_package(&im, "deb", "mine", 0, "var/lib/dpkg/status");
    image_package(&im, "deb", "other", 0, "var/lib/dpkg/status");
    image_package(&im, "pypi", "kept", 0, "usr/lib/f");
    image_package(&im, "pypi", "moved", 0, "usr/lib/f.distrib");
    image_package(&im, "pypi", "local", 0, "usr/lib/g");
    image_package(&im, "pypi", "localmoved", 0, "usr/lib/g.local");
    image_divert(&im, "usr/lib/f", "usr/lib/f.distrib", "mine");
    image_divert(&im, "usr/lib/g", "usr/lib/g.local", ":");
    image_list(&im, "deb:other", "usr/lib/f");
    image_list(&im, "deb:mine", "usr/lib/f");
    image_list(&im, "deb:mine", "usr/lib/g");
    assert_string_equal(image_end(&im), "mine other kept<mine moved<other local localmoved<mine");
}

/* catalog.md 7: "may not claim a path through a symlink when another package of the same type
 * directly owns the real path", in whichever order they come. */
static void test_owners_direct_before_linked(void **state)
{
    (void)state;
    for (int order = 0; order < 2; order++) {
        struct image im;
        image_begin(&im);
        image_package(&im, "deb", "a", 0, "var/lib/dpkg/status");
        image_package(&im, "deb", "b", 0, "var/lib/dpkg/status");
        image_package(&im, "deb", "third", PRQ_PKG_THIRD_PARTY, "var/lib/dpkg/status");
        image_package(&im, "pypi", "x", 0, "usr/lib/x");
        image_package(&im, "pypi", "y", 0, "usr/lib/y");
        image_package(&im, "pypi", "z", 0, "usr/lib/z");
        assert_true(prq_facts_add_link(&im.w, PRQ_S("lib"), PRQ_S("usr/lib")));
        image_list(&im, "deb:a", order ? "usr/lib/x" : "lib/x");
        image_list(&im, "deb:b", order ? "lib/x" : "usr/lib/x");
        image_list(&im, "deb:a", "lib/y");
        image_list(&im, "deb:third", "usr/lib/y"); /* hides nothing, and is in the way */
        image_list(&im, "deb:third", "usr/lib/z");
        image_list(&im, "deb:b", "usr/lib/z"); /* both have it: the vendor's counts */
        assert_string_equal(image_end(&im), order ? "a b third x<a y z<b" : "a b third x<b y z<b");
    }
}

/* catalog.md 7, "Binary exclusion". */
static void test_owners_programs(void **state)
{
    (void)state;
    struct image im;
    image_begin(&im);
    image_package(&im, "binary", "python", 0, "usr/bin/python3");
    image_package(&im, "binary", "redis", 0, "opt/bitnami/redis/bin/redis-server");
    image_package(&im, "binary", "openjdk", 0, "opt/jdk/release");
    image_package(&im, "binary", "java", 0, "opt/jdk/bin/java");
    image_package(&im, "binary", "node", 0, "usr/local/bin/node");
    image_package(&im, "rpm", "stray", PRQ_PKG_STRAY, "usr/bin/python3");
    image_package(&im, "rpm", "copied", PRQ_PKG_STRAY, "usr/local/bin/copied");
    image_package(&im, "bitnami", "redis", 0, "opt/bitnami/redis/.spdx-redis.spdx");
    image_package(&im, "deb", "python3", 0, "var/lib/dpkg/status");
    image_package(&im, "pypi", "x", 0, "usr/lib/x");
    image_list(&im, "deb:python3", "usr/bin/python3");
    image_list(&im, "deb:python3", "usr/lib/x");
    image_list(&im, "bitnami:opt/bitnami/redis/.spdx-redis.spdx", "opt/bitnami/redis/");
    image_list(&im, "binary:opt/jdk/release", "opt/jdk/");
    assert_string_equal(image_end(&im), "openjdk node copied redis python3 x<python3");
    /* a third party's package is not matched: its programs are; a second place stays */
    image_begin(&im);
    image_package(&im, "binary", "vault", 0, "usr/bin/vault");
    image_package(&im, "binary", "redis", 0, "usr/bin/redis-server");
    image_package(&im, "deb", "redis", 0, "var/lib/dpkg/status");
    image_package(&im, "deb", "vault", PRQ_PKG_THIRD_PARTY, "var/lib/dpkg/status");
    struct prq_evidence two[] = { { PRQ_S("usr/bin/redis-server"), 0 }, { PRQ_S("srv/redis"), 1 } };
    im.packages[1].evidence = two;
    im.packages[1].evidence_count = 2;
    image_list(&im, "deb:vault", "usr/bin/vault");
    image_list(&im, "deb:redis", "usr/bin/redis-server");
    assert_string_equal(image_end(&im), "vault redis redis vault");
    assert_int_equal(im.packages[1].evidence_count, 1);
    assert_str(im.packages[1].evidence[0].path, "srv/redis");
    assert_int_equal(im.packages[1].layer, 1);
}

/* Files of status.d may be called anything: the list beside a stanza belongs to it. */
static void test_owners_odd_names(void **state)
{
    (void)state;
    struct image im;
    image_begin(&im);
    image_package(&im, "deb", "tzdata", 0, "var/lib/dpkg/status.d/dHpkYXRh");
    image_package(&im, "pypi", "x", 0, "usr/lib/x");
    image_list(&im, "deb:var/lib/dpkg/status.d/dHpkYXRh", "usr/lib/x");
    assert_string_equal(image_end(&im), "tzdata x<tzdata");
}

/* Lists of systems that purl has no type for own their files as others do. */
static void test_owners_listed(void **state)
{
    (void)state;
    struct image im;
    image_begin(&im);
    image_package(&im, "generic", "python3", 0, "var/db/xbps/pkgdb-0.38.plist");
    im.packages[0].ns = PRQ_S("void");
    image_package(&im, "generic", "bash", 0, "var/db/pkg/local.sqlite");
    im.packages[1].ns = PRQ_S("freebsd");
    image_package(&im, "binary", "gnu-bash", 0, "usr/local/bin/bash");
    image_package(&im, "pypi", "six", 0, "usr/lib/python3.12/site-packages/six.dist-info/METADATA");
    image_package(&im, "generic", "other", 0, "opt/other");
    image_list(&im, "generic:void:python3", "usr/lib/python3.12/site-packages/six.dist-info/METADATA");
    image_list(&im, "generic:freebsd:bash", "usr/local/bin/bash");
    assert_string_equal(image_end(&im), "python3 bash six<python3 other");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_owners),          cmocka_unit_test(test_owners_diversions),
        cmocka_unit_test(test_owners_direct_before_linked),
        cmocka_unit_test(test_owners_programs), cmocka_unit_test(test_owners_odd_names),
        cmocka_unit_test(test_owners_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
