/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker says may be anything: it must not cost the coordinator its time or memory. */
#include "unit.h"

#undef PRQ_SOURCE_DIR /* the build's; here a kind of source */
#include "model/package.h"
#include "scan/squash.h"

static bool squash(struct prq_facts_writer *w, struct prq_arena *a, struct prq_analysis *an,
                   struct prq_err *err)
{
    struct prq_layer_facts layer = { .index = prq_buf_bytes(&w->index) };
    struct prq_ctx ctx = { .limits = &prq_limits_default };
    return prq_facts_parse(prq_buf_bytes(&w->facts), 0, a, &layer.facts, err) &&
           prq_squash(&ctx, &layer, 1, a, an, err);
}

static bool has_gap(const struct prq_analysis *an, const char *text)
{
    for (size_t i = 0; i < an->gap_count; i++)
        if (prq_str_has(an->gaps[i].reason, prq_str_from(text)))
            return true;
    return false;
}

/* The table would get a node for each of its two million directories, and hash each whole. */
static void test_paths_that_no_layer_holds_have_no_nodes(void **state)
{
    (void)state;
    enum { N = 4 << 20 };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    struct prq_facts_writer w;
    struct prq_analysis an = { 0 };
    struct prq_err err = PRQ_ERR_INIT;
    char *deep = malloc(N), deeper[1024];
    assert_non_null(deep);
    for (size_t i = 0; i < N; i++)
        deep[i] = i % 2 ? '/' : 'a';
    prq_facts_writer_init(&w, &prq_limits_default);
    struct prq_gap g = { .kind = PRQ_S("format"), .path = { deep, N }, .reason = PRQ_S("one") };
    assert_true(prq_sink_gap(&w.sink, &g));
    memcpy(deeper, deep, sizeof deeper);
    for (unsigned i = 0; i < 9000; i++) { /* the paths that a tar is scolded for */
        memcpy(deeper, &i, 2);
        g.path = (prq_str){ deeper, sizeof deeper };
        assert_true(prq_sink_gap(&w.sink, &g));
    }
    assert_true(squash(&w, a, &an, &err));
    assert_int_equal(an.gap_count, 9001);
    prq_facts_writer_release(&w);
    free(deep);
}

/* A link to itself makes 41 look-ups of each path, and front coding a path of four bytes. */
static void test_file_lists_have_a_budget(void **state)
{
    (void)state;
    enum { N = 1 << 14, LONG = 4000 };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    struct prq_facts_writer w;
    struct prq_analysis an = { 0 };
    struct prq_err err = PRQ_ERR_INIT;
    static char path[LONG] = "a/";
    static prq_str paths[N];
    memset(path + 2, 'x', sizeof path - 2);
    for (size_t i = 0; i < N; i++)
        paths[i] = (prq_str){ path, sizeof path };
    prq_facts_writer_init(&w, &prq_limits_default);
    w.path = PRQ_S("var/lib/dpkg/status");
    struct prq_package p = { .type = PRQ_S("deb"), .name = PRQ_S("x"), .version = PRQ_S("1") };
    assert_true(prq_sink_package(&w.sink, &p));
    assert_true(prq_sink_owned(&w.sink, PRQ_S("deb:x"), paths, N));
    w.path = PRQ_S("app/package.json");
    p = (struct prq_package){ .type = PRQ_S("npm"), .name = PRQ_S("y"), .version = PRQ_S("1") };
    assert_true(prq_sink_package(&w.sink, &p));
    assert_true(prq_facts_add_link(&w, PRQ_S("a"), PRQ_S("a")));
    assert_true(w.facts.n < 100000);
    assert_true(squash(&w, a, &an, &err));
    assert_int_equal(an.package_count, 2);
    assert_true(has_gap(&an, "owned_bytes"));
    prq_facts_writer_release(&w);
}

/* Versions of one name share what the copyright file declares. */
static void test_licenses_are_not_copied_for_each_package(void **state)
{
    (void)state;
    enum { N = 2000 };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(16));
    struct prq_facts_writer w;
    struct prq_analysis an = { 0 };
    struct prq_err err = PRQ_ERR_INIT;
    static struct prq_pair pairs[N];
    for (size_t i = 0; i < N; i++)
        pairs[i] = (struct prq_pair){ PRQ_S("license"), PRQ_S("MIT") };
    prq_facts_writer_init(&w, &prq_limits_default);
    w.path = PRQ_S("var/lib/dpkg/status");
    for (unsigned i = 0; i < N; i++) {
        char version[16];
        int n = snprintf(version, sizeof version, "%u", i);
        struct prq_package p = { .type = PRQ_S("deb"), .name = PRQ_S("x"),
                                 .version = { version, (size_t)n } };
        assert_true(prq_sink_package(&w.sink, &p));
    }
    w.path = PRQ_S("usr/share/doc/x/copyright");
    assert_true(prq_sink_note(&w.sink, PRQ_S("dpkg-license"), pairs, N));
    assert_true(squash(&w, a, &an, &err)); /* copies would take 64 MB */
    assert_int_equal(an.package_count, N);
    assert_int_equal(an.packages[0].licenses.n, N);
    assert_int_equal(an.packages[N - 1].licenses.n, N);
    prq_facts_writer_release(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths_that_no_layer_holds_have_no_nodes),
        cmocka_unit_test(test_file_lists_have_a_budget),
        cmocka_unit_test(test_licenses_are_not_copied_for_each_package),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
