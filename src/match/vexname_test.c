/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: matching.md 6.1 "purl match"; package-url/purl-spec. */
#include "unit.h"

/* The macro shares its name with an enumerator of model/analysis.h. */
#undef PRQ_SOURCE_DIR

#include "match/decide.h"

static const struct {
    const char *wanted, *has;
    bool covers;
} cases[] = {
    { "pkg:npm/a@1", "pkg:npm/a@1", true },
    { "pkg:npm/a", "pkg:npm/a@1", true },
    { "pkg:npm/a@2", "pkg:npm/a@1", false },
    { "pkg:npm/%40s/a", "pkg:npm/%40s/a@1", true },
    { "pkg:npm/a", "pkg:npm/%40s/a@1", false },
    { "pkg:pypi/a", "pkg:npm/a@1", false },
    { "pkg:pypi/Zope.Interface", "pkg:pypi/zope-interface@5", true },
    { "pkg:golang/github.com/A/b@1.2.3", "pkg:golang/github.com/a/b@v1.2.3", true },
    { "pkg:golang/github.com/a/b@v1.2.4", "pkg:golang/github.com/a/b@v1.2.3", false },
    { "pkg:maven/G/a@1", "pkg:maven/g/a@1", false },
    { "pkg:deb/debian/a@1?arch=amd64", "pkg:deb/debian/a@1?arch=amd64&distro=debian-12", true },
    { "pkg:deb/debian/a@1?arch=amd64", "pkg:deb/debian/a@1?arch=arm64&distro=debian-12", false },
    { "pkg:deb/debian/a@1?arch=amd64", "pkg:deb/debian/a@1", false },
    { "pkg:deb/debian/a@1?distro=bookworm", "pkg:deb/debian/a@1?distro=debian-12", true },
    { "pkg:deb/debian/a@1?distro=debian-11", "pkg:deb/debian/a@1?distro=debian-12", false },
    { "pkg:deb/debian/src@9?arch=source", "pkg:deb/debian/a@1?arch=amd64", true },
    { "pkg:deb/debian/src@8?arch=source", "pkg:deb/debian/a@1?arch=amd64", false },
    { "pkg:deb/debian/src", "pkg:deb/debian/a@1?arch=amd64", false },
    { "pkg:rpm/redhat/a@2:1-1", "pkg:rpm/redhat/a@1-1?epoch=2", true },
    { "pkg:rpm/redhat/a@1-1?epoch=2", "pkg:rpm/redhat/a@1-1?epoch=2", true },
    { "pkg:rpm/redhat/a@0:1-1", "pkg:rpm/redhat/a@1-1", true },
    { "pkg:rpm/redhat/a@3:1-1", "pkg:rpm/redhat/a@1-1?epoch=2", false },
    { "pkg:golang/x/y#sub", "pkg:golang/x/y", false },
};

static void test_vexname_covers(void **state)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    const struct prq_distro d = { .id = PRQ_S("debian"), .version_id = PRQ_S("12"),
                                  .codename = PRQ_S("bookworm") };
    (void)state;
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        struct prq_purl wanted, has;
        assert_true(prq_purl_parse(prq_str_from(cases[i].wanted), a, &wanted, NULL));
        assert_true(prq_purl_parse(prq_str_from(cases[i].has), a, &has, NULL));
        const struct prq_package p = { .type = has.type, .name = has.name,
                                       .version = has.version, .source_name = PRQ_S("src"),
                                       .source_version = PRQ_S("9") };
        if (prq_purl_covers(&wanted, &p, &has, &d) != cases[i].covers)
            fail_msg("%s and %s", cases[i].wanted, cases[i].has);
    }
}

/* Operating systems by their CPE; digests; what is of another BOM. */
static void test_vexname_image(void **state)
{
    static const struct {
        const char *name;
        bool is_image;
    } names[] = {
        { "cpe:/o:redhat:enterprise_linux:8", true },
        { "cpe:/a:redhat:enterprise_linux:8::appstream", true },
        { "cpe:2.3:o:redhat:enterprise_linux:8.6:*:*:*:*:*:*:*", true },
        { "cpe:/o:redhat:enterprise_linux:8.4", false },
        { "cpe:/o:redhat:enterprise_linux:9", false },
        { "cpe:/o:suse:sles:8", false },
        { "sha256:aa", true },
        { "sha256:bb", false },
        { "ghcr.io/team/app@sha256:aa", true },
        { "ghcr.io/team/app@sha256:bb", false },
        { "ghcr.io/team/app", false },
        { "urn:cdx:1/1#x", false },
        { "", false },
    };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    struct prq_namer w;
    const struct prq_named_thing *t;
    struct prq_analysis an = { .name = PRQ_S("ghcr.io/team/app:1"), .digest = PRQ_S("sha256:aa"),
                               .has_distro = true,
                               .distro = { .id = PRQ_S("rhel"), .version_id = PRQ_S("8.6") } };
    (void)state;
    assert_true(prq_namer_init(&w, &an, a, NULL));
    for (size_t i = 0; i < PRQ_COUNT(names); i++) {
        assert_true(prq_namer_find(&w, prq_str_from(names[i].name), &t, NULL));
        if (t->is_image != names[i].is_image)
            fail_msg("%s", names[i].name);
        assert_int_equal(t->n, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vexname_covers),
        cmocka_unit_test(test_vexname_image),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
