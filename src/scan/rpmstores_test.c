/* SPDX-License-Identifier: Apache-2.0 */
/* Several rpm databases in one root, from hand-made facts. Source: catalog.md 3.3.1. */
#undef PRQ_SOURCE_DIR /* of the build; model/analysis.h has an enumerator of that name */
#include "unit.h"

#include "scan/squash.h"

struct row {
    const char *store, *name, *version;
    bool has_epoch;
};

/* "name version[*N]", one a package; N places when there are several. */
static const char *squashed(const struct row *rows, size_t n, struct prq_analysis *an,
                            struct prq_arena *a)
{
    static char out[1024];
    struct prq_facts_writer w;
    struct prq_layer_facts layer = { 0 };
    struct prq_ctx ctx = { .limits = &prq_limits_default };
    struct prq_err err = PRQ_ERR_INIT;
    prq_facts_writer_init(&w, &prq_limits_default);
    for (size_t i = 0; i < n; i++) {
        w.path = prq_str_from(rows[i].store);
        struct prq_package p = { .type = PRQ_S("rpm"), .name = prq_str_from(rows[i].name),
                                 .version = prq_str_from(rows[i].version), .arch = PRQ_S("x86_64"),
                                 .vendor = w.path, .has_epoch = rows[i].has_epoch };
        assert_true(prq_sink_package(&w.sink, &p));
    }
    prq_str kept = prq_arena_copy(a, prq_buf_view(&w.facts));
    layer.index = prq_buf_bytes(&w.index);
    assert_true(prq_facts_parse(prq_bytes_of(kept), 0, a, &layer.facts, &err));
    assert_true(prq_squash(&ctx, &layer, 1, a, an, &err));
    prq_facts_writer_release(&w);
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < an->package_count; i++) {
        const struct prq_package *p = &an->packages[i];
        used += (size_t)snprintf(out + used, sizeof out - used, "%s%.*s %.*s", i ? ", " : "",
                                 PRQ_FMT(p->name), PRQ_FMT(p->version));
        if (p->evidence_count > 1)
            used += (size_t)snprintf(out + used, sizeof out - used, "*%zu", p->evidence_count);
    }
    return out;
}

#define BDB "var/lib/rpm/Packages"
#define NDB "usr/lib/sysimage/rpm/Packages.db"
#define SQLITE "usr/lib/sysimage/rpm/rpmdb.sqlite"

static void test_rpmstores_better_versions_count(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    struct prq_analysis an = { 0 };
    const struct row rows[] = {
        { BDB, "bash", "4-1", false },      { BDB, "zlib", "1-1", false },
        { BDB, "lost", "1-1", false },      { NDB, "bash", "5-1", false },
        { SQLITE, "bash", "6-1", false },   { SQLITE, "kernel", "1-1", false },
        { SQLITE, "kernel", "2-1", false }, { SQLITE, "zlib", "1-1", false },
    };
    assert_string_equal(squashed(rows, PRQ_COUNT(rows), &an, a),
                        "bash 6-1, kernel 1-1, kernel 2-1, lost 1-1, zlib 1-1*2");
    assert_str(an.packages[4].vendor, SQLITE); /* whose record speaks */
    assert_int_equal(an.gap_count, 1);
    assert_str(an.gaps[0].kind, "rpm-database-old");
    assert_str(an.gaps[0].path, NDB); /* the first by path */
    assert_true(prq_str_starts(an.gaps[0].reason, PRQ_S("2 packages ")));
}

static void test_rpmstores_same_kind_or_other_root(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    struct prq_analysis an = { 0 };
    const struct row same[] = { /* two of one kind: the union */
        { "var/lib/rpm/rpmdb.sqlite", "bash", "5-1", false },
        { SQLITE, "bash", "5-1", false },
        { SQLITE, "bash", "6-1", false },
    };
    assert_string_equal(squashed(same, PRQ_COUNT(same), &an, a), "bash 5-1*2, bash 6-1");
    assert_int_equal(an.gap_count, 0);
    an = (struct prq_analysis){ 0 };
    const struct row roots[] = { /* a root of its own below */
        { "opt/sysroot/var/lib/rpm/Packages", "bash", "4-1", false },
        { SQLITE, "bash", "6-1", false },
    };
    assert_string_equal(squashed(roots, PRQ_COUNT(roots), &an, a), "bash 4-1, bash 6-1");
    an = (struct prq_analysis){ 0 };
    const struct row empty[] = { { BDB, "bash", "4-1", false } };
    assert_string_equal(squashed(empty, PRQ_COUNT(empty), &an, a), "bash 4-1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rpmstores_better_versions_count),
        cmocka_unit_test(test_rpmstores_same_kind_or_other_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
