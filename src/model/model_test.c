/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "model/advisory.h"
#undef PRQ_SOURCE_DIR /* an enumerator of model/analysis.h */
#include "model/analysis.h"
#include "model/gap.h"

static void test_fix_state_words(void **state)
{
    (void)state;
    enum prq_fix_state s = PRQ_FIX_UNKNOWN;
    for (int i = PRQ_FIX_UNKNOWN; i <= PRQ_FIX_NOT_AFFECTED; i++) {
        const char *word = prq_fix_state_word((enum prq_fix_state)i);
        assert_true(prq_fix_state_parse(prq_str_from(word), &s));
        assert_int_equal(s, i);
    }
    assert_string_equal(prq_fix_state_word(PRQ_FIX_WONT_FIX), "wont-fix");
    assert_string_equal(prq_fix_state_word(PRQ_FIX_END_OF_LIFE), "end-of-life");
    assert_true(prq_fix_state_parse(PRQ_S("Will_Not_Fix"), &s) && s == PRQ_FIX_WONT_FIX);
    assert_true(prq_fix_state_parse(PRQ_S("affected"), &s) && s == PRQ_FIX_NOT_FIXED);
    assert_false(prq_fix_state_parse(PRQ_S("fix"), &s));
    assert_false(prq_fix_state_parse(PRQ_S("fixed2"), &s));
    assert_false(prq_fix_state_parse(PRQ_S("fixed\0"), &s));
    assert_false(prq_fix_state_parse((prq_str){ 0 }, &s));
}

/* Source: matching.md 4, "Word maps", and 3.2 for Debian. */
static void test_severity_words(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        enum prq_severity want;
    } cases[] = {
        { "Moderate", PRQ_SEV_MEDIUM },      { "important", PRQ_SEV_HIGH },
        { "CRITICAL", PRQ_SEV_CRITICAL },    { "low**", PRQ_SEV_LOW },
        { "unimportant", PRQ_SEV_NEGLIGIBLE }, { "negligible", PRQ_SEV_NEGLIGIBLE },
        { "untriaged", PRQ_SEV_UNKNOWN },    { "not yet assigned", PRQ_SEV_UNKNOWN },
        { "medium", PRQ_SEV_MEDIUM },        { " High ", PRQ_SEV_HIGH },
    };
    enum prq_severity s = PRQ_SEV_UNKNOWN;
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        s = PRQ_SEV_INFO;
        assert_true(prq_severity_parse(prq_str_from(cases[i].word), &s));
        assert_int_equal(s, cases[i].want);
    }
    for (int i = PRQ_SEV_UNKNOWN; i <= PRQ_SEV_CRITICAL; i++) {
        const char *word = prq_severity_word((enum prq_severity)i);
        assert_true(prq_severity_parse(prq_str_from(word), &s));
        assert_int_equal(s, i);
    }
    assert_string_equal(prq_severity_word(PRQ_SEV_CRITICAL), "CRITICAL");
    assert_false(prq_severity_parse(PRQ_S("serious"), &s));
    assert_false(prq_severity_parse(PRQ_S("*"), &s));
    assert_false(prq_severity_parse(PRQ_S(""), &s));
}

static void test_gap(void **state)
{
    (void)state;
    struct prq_err err = PRQ_ERR_INIT;
    prq_fail_at(&err, PRQ_E_FORMAT, 41, "checksum is 2 bytes, needs 20");
    struct prq_gap g = prq_gap_from(&err, PRQ_S("lib/apk/db/installed"));
    assert_str(g.kind, "format");
    assert_str(g.path, "lib/apk/db/installed");
    assert_str(g.reason, "checksum is 2 bytes, needs 20");
    assert_true(g.has_offset && g.offset == 41 && g.layer == PRQ_GAP_NO_LAYER);

    struct prq_gap sorted[] = {
        { .layer = PRQ_GAP_NO_LAYER, .kind = PRQ_S("distro-unknown") },
        { .layer = 0, .path = PRQ_S("b") },
        { .layer = 1, .path = PRQ_S("a") },
        { .layer = 1, .path = PRQ_S("a"), .has_offset = true, .offset = 2 },
        { .layer = 1, .path = PRQ_S("a"), .has_offset = true, .offset = 10 },
        { .layer = 1, .path = PRQ_S("a"), .has_offset = true, .offset = 10, .kind = PRQ_S("io") },
        { .layer = 1, .path = PRQ_S("a"), .has_offset = true, .offset = 10, .kind = PRQ_S("io"),
          .reason = PRQ_S("x") },
    };
    for (size_t i = 0; i < PRQ_COUNT(sorted); i++)
        for (size_t k = 0; k < PRQ_COUNT(sorted); k++) {
            int c = prq_gap_cmp(&sorted[i], &sorted[k]);
            assert_int_equal((c > 0) - (c < 0), (i > k) - (i < k));
        }
}

static bool lies_in(prq_str s, const char *area, size_t n)
{
    return s.p >= area && s.p < area + n;
}

static void test_copy(void **state)
{
    (void)state;
    char area[] = "deb|libssl3|3.0.11-1|MIT|usr/x|openssl|libc6";
    prq_str rest = { area, sizeof area - 1 }, f[7];
    for (size_t i = 0; i < PRQ_COUNT(f); i++)
        assert_true(prq_str_split(&rest, '|', &f[i]));
    struct prq_evidence at = { .path = f[4], .layer = 3 };
    struct prq_package p = {
        .type = f[0], .name = f[1], .version = f[2], .source_name = f[5],
        .licenses = { &f[3], 1 }, .depends = { &f[6], 1 }, .evidence = &at, .evidence_count = 1,
        .has_epoch = true, .epoch = 7, .flags = PRQ_PKG_MAIN, .size_bytes = 99,
    };
    PRQ_ARENA a = prq_arena_new(PRQ_KIB(4));
    struct prq_package copy = { 0 };
    assert_true(prq_package_copy(&copy, &p, a));
    assert_true(copy.evidence != p.evidence && copy.licenses.v != p.licenses.v);
    memset(area, '!', sizeof area);
    memset(&at, 0, sizeof at);
    memset(f, 0, sizeof f);
    assert_str(copy.type, "deb");
    assert_str(copy.name, "libssl3");
    assert_str(copy.version, "3.0.11-1");
    assert_str(copy.source_name, "openssl");
    assert_str(copy.licenses.v[0], "MIT");
    assert_str(copy.depends.v[0], "libc6");
    assert_str(copy.evidence[0].path, "usr/x");
    assert_true(copy.evidence[0].layer == 3 && copy.epoch == 7 && copy.size_bytes == 99);
    assert_true(copy.has_epoch && copy.flags == PRQ_PKG_MAIN && copy.provides.n == 0);
}

/* Every prq_str of the struct is one that copy knows: a text at each place arrives elsewhere. */
static void test_copy_is_deep(void **state)
{
    (void)state;
    char area[] = "text";
    prq_str t = { area, 4 };
    struct prq_package p = {
        .type = t, .ns = t, .name = t, .version = t, .arch = t, .source_name = t,
        .source_version = t, .source_rpm = t, .modularity = t, .vendor = t, .subpath = t,
        .vcs_url = t, .goos = t, .distro = t, .purl = t,
    }, copy = { 0 };
    PRQ_ARENA a = prq_arena_new(PRQ_KIB(4));
    assert_true(prq_package_copy(&copy, &p, a));
    for (size_t i = 0; i + sizeof(char *) <= sizeof copy; i += sizeof(char *)) {
        const char *q;
        memcpy(&q, (const char *)&copy + i, sizeof q);
        assert_false(lies_in((prq_str){ q, 1 }, area, sizeof area));
    }
    PRQ_ARENA small = prq_arena_new(12);
    assert_false(prq_package_copy(&copy, &p, small));
}

static void test_shown_version(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_KIB(4));
    struct prq_package p = { .type = PRQ_S("rpm"), .version = PRQ_S("3.0.7-24.el9") };
    assert_str(prq_package_shown_version(&p, a), "3.0.7-24.el9");
    p.has_epoch = true;
    assert_str(prq_package_shown_version(&p, a), "3.0.7-24.el9");
    p.epoch = 1;
    assert_str(prq_package_shown_version(&p, a), "1:3.0.7-24.el9");
    p.type = PRQ_S("deb");
    assert_str(prq_package_shown_version(&p, a), "3.0.7-24.el9");
    assert_true(prq_package_is_os(&p));
    p.type = PRQ_S("pypi");
    assert_false(prq_package_is_os(&p));
}

static void test_package_cmp(void **state)
{
    (void)state;
    const struct prq_package sorted[] = {
        { .type = PRQ_S("apk"), .name = PRQ_S("z") },
        { .type = PRQ_S("deb"), .name = PRQ_S("a"), .version = PRQ_S("2") },
        { .type = PRQ_S("deb"), .name = PRQ_S("b"), .version = PRQ_S("1") },
        { .type = PRQ_S("deb"), .name = PRQ_S("b"), .version = PRQ_S("1"), .arch = PRQ_S("all") },
        { .type = PRQ_S("deb"), .name = PRQ_S("b"), .version = PRQ_S("1"), .arch = PRQ_S("all"),
          .has_epoch = true, .epoch = 1 },
        { .type = PRQ_S("deb"), .name = PRQ_S("b"), .version = PRQ_S("1"), .arch = PRQ_S("all"),
          .has_epoch = true, .epoch = 1, .purl = PRQ_S("x") },
    };
    for (size_t i = 0; i < PRQ_COUNT(sorted); i++)
        for (size_t k = 0; k < PRQ_COUNT(sorted); k++) {
            int c = prq_package_cmp(&sorted[i], &sorted[k]);
            assert_int_equal((c > 0) - (c < 0), (i > k) - (i < k));
        }
}

/* Owners are indices: they follow. */
static void test_development_is_left_out(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_package p[4] = {
        { .name = PRQ_S("a"), .flags = PRQ_PKG_DEV },
        { .name = PRQ_S("b"), .owner = 3 },
        { .name = PRQ_S("c") },
        { .name = PRQ_S("d"), .owner = 1 },
    };
    struct prq_analysis an = { .packages = p, .package_count = 4 };
    assert_true(prq_analysis_leave_out_dev(&an, a));
    assert_int_equal(an.package_count, 3);
    assert_int_equal(an.dev_left_out, 1);
    assert_true(prq_str_eq(p[0].name, PRQ_S("b")));
    assert_int_equal(p[0].owner, 2);
    assert_int_equal(p[2].owner, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_development_is_left_out),
        cmocka_unit_test(test_fix_state_words), cmocka_unit_test(test_severity_words),
        cmocka_unit_test(test_gap),             cmocka_unit_test(test_copy),
        cmocka_unit_test(test_copy_is_deep),    cmocka_unit_test(test_shown_version),
        cmocka_unit_test(test_package_cmp),
    };
    return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
