/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "capture.h"
#include "shared.h"

extern const struct prq_analyzer prq_analyzer_rpm;

static const char *text_or_none(prq_str s, char *buf, size_t cap)
{
    snprintf(buf, cap, "%.*s", PRQ_FMT(s));
    return s.n ? buf : "(none)";
}

/* A package as `rpm -qa --qf` prints it:
 * name, epoch, version, release, arch, source rpm, vendor, module, licence. */
static prq_str row_of(struct prq_arena *a, const struct prq_package *p)
{
    char epoch[24], vendor[256], source[256], module[256], licence[4096];
    prq_str version, release;
    assert_true(prq_str_cut(p->version, '-', &version, &release));
    snprintf(epoch, sizeof epoch, "%llu", (unsigned long long)p->epoch);
    return prq_arena_printf(a, "%.*s\t%s\t%.*s\t%.*s\t%.*s\t%s\t%s\t%s\t%s", PRQ_FMT(p->name),
                            p->has_epoch ? epoch : "(none)", PRQ_FMT(version), PRQ_FMT(release),
                            PRQ_FMT(p->arch),
                            text_or_none(p->source_rpm, source, sizeof source),
                            text_or_none(p->vendor, vendor, sizeof vendor),
                            text_or_none(p->modularity, module, sizeof module),
                            text_or_none(p->licenses.n ? p->licenses.v[0] : (prq_str){ 0 }, licence,
                                         sizeof licence));
}

static int by_text(const void *a, const void *b)
{
    return prq_str_cmp(*(const prq_str *)a, *(const prq_str *)b);
}

/* The packages found are the lines of `expected`, in any order. */
static void compare(struct prq_arena *a, const struct capture *c, prq_str expected)
{
    prq_str *want = prq_new_n(a, prq_str, 4096), *got = prq_new_n(a, prq_str, 4096), line;
    size_t wants = 0;
    while (prq_str_line(&expected, &line))
        if (!prq_str_starts(line, PRQ_S("gpg-pubkey\t")))
            want[wants++] = line;
    assert_int_equal(c->package_count, wants);
    for (size_t i = 0; i < c->package_count; i++)
        got[i] = row_of(a, &c->packages[i]);
    qsort(want, wants, sizeof *want, by_text);
    qsort(got, wants, sizeof *got, by_text);
    for (size_t i = 0; i < wants; i++)
        if (!prq_str_eq(got[i], want[i]))
            fail_msg("got  %.*s\nwant %.*s", PRQ_FMT(got[i]), PRQ_FMT(want[i]));
}

static void check_shared(const char *dir, const char *path, struct prq_arena *a, struct capture *c)
{
    char rel[256];
    snprintf(rel, sizeof rel, "data/images/rpmdb/%s/expected.tsv", dir);
    prq_bytes expected = shared_or_skip(a, rel);
    snprintf(rel, sizeof rel, "data/images/rpmdb/%s/%s", dir, strrchr(path, '/') + 1);
    prq_bytes data = shared_or_skip(a, rel);
    struct prq_err err = PRQ_ERR_INIT;
    capture_init(c, a);
    if (!capture_run(c, &prq_analyzer_rpm, path, data, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < c->gap_count; i++)
        print_message("# gap: %.*s @%llu\n", PRQ_FMT(c->gaps[i].reason),
                      (unsigned long long)c->gaps[i].offset);
    assert_int_equal(c->gap_count, 0);
    compare(a, c, prq_str_of(expected));
}

static void test_rpm_sqlite(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(256));
    struct capture c;
    check_shared("cbl-mariner-2.0-sqlite", "var/lib/rpm/rpmdb.sqlite", a, &c);
}

static void test_rpm_ndb(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(256));
    struct capture c;
    check_shared("sle15-bci-ndb", "usr/lib/sysimage/rpm/Packages.db", a, &c);
}

static void test_rpm_bdb(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(256));
    struct capture c;
    check_shared("libuuid-bdb", "var/lib/rpm/Packages", a, &c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rpm_sqlite),
        cmocka_unit_test(test_rpm_ndb),
        cmocka_unit_test(test_rpm_bdb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
