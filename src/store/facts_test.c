/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "store/facts.h"

static prq_str licences[] = { PRQ_SI("MIT"), PRQ_SI("Apache-2.0") };

static void fill(struct prq_facts_writer *w)
{
    prq_facts_writer_init(w, &prq_limits_default);
    w->path = PRQ_S("lib/apk/db/installed");
    struct prq_package p = {
        .type = PRQ_S("apk"), .name = PRQ_S("busybox"), .version = PRQ_S("1.30.1-r3"),
        .has_epoch = true, .epoch = 300, .has_modularity = true, .flags = PRQ_PKG_DEV,
        .licenses = { licences, 2 },
    };
    assert_true(prq_sink_package(&w->sink, &p));
    struct prq_gap g = { .kind = PRQ_S("format"), .reason = PRQ_S("short"), .has_offset = true,
                         .offset = 41 };
    assert_true(prq_sink_gap(&w->sink, &g));
    struct prq_pair pair = { PRQ_S("ID"), PRQ_S("alpine") };
    assert_true(prq_sink_note(&w->sink, PRQ_S("os-release"), &pair, 1));
    prq_str owned[] = { PRQ_S("bin/busybox"), PRQ_S("bin/sh"), PRQ_S("etc/x") };
    assert_true(prq_sink_owned(&w->sink, PRQ_S("apk:busybox"), owned, 3));
    assert_true(prq_facts_add_link(w, PRQ_S("lib"), PRQ_S("usr/lib")));
}

static void test_round_trip(void **state)
{
    (void)state;
    struct prq_facts_writer w;
    fill(&w);
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_facts f;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(prq_facts_parse(prq_buf_bytes(&w.facts), 3, a, &f, &err));
    assert_int_equal(f.package_count, 1);
    assert_str(f.packages[0].name, "busybox");
    assert_true(f.packages[0].has_epoch && f.packages[0].epoch == 300);
    assert_true(f.packages[0].has_modularity && f.packages[0].modularity.n == 0);
    assert_int_equal(f.packages[0].licenses.n, 2);
    assert_str(f.packages[0].licenses.v[1], "Apache-2.0");
    assert_str(f.packages[0].evidence[0].path, "lib/apk/db/installed");
    assert_int_equal(f.packages[0].evidence[0].layer, 3);
    assert_int_equal(f.gap_count, 1);
    assert_true(f.gaps[0].has_offset && f.gaps[0].offset == 41);
    assert_str(f.gaps[0].path, "lib/apk/db/installed");
    assert_int_equal(f.note_count, 1);
    assert_str(f.notes[0].pairs[0].value, "alpine");
    assert_str(f.links[0].target, "usr/lib");
    struct prq_path_iter it;
    prq_str path;
    const char *want[] = { "bin/busybox", "bin/sh", "etc/x" };
    prq_owned_begin(&it, &f.owned[0]);
    for (size_t i = 0; i < 3; i++) {
        assert_true(prq_owned_next(&it, &path));
        assert_str(path, want[i]);
    }
    assert_false(prq_owned_next(&it, &path));
    assert_false(it.bad);
    prq_facts_writer_release(&w);
}

static void test_every_truncation_is_refused_or_shorter(void **state)
{
    (void)state;
    struct prq_facts_writer w;
    fill(&w);
    for (size_t n = 0; n < w.facts.n; n++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct prq_facts f = { 0 };
        struct prq_err err = PRQ_ERR_INIT;
        /* Cut exactly between two records is legal; anywhere else it is not. */
        if (prq_facts_parse((prq_bytes){ w.facts.p, n }, 0, a, &f, &err))
            assert_true(f.package_count + f.gap_count + f.note_count + f.owned_count < 5);
        else
            assert_int_equal(err.code, PRQ_E_FORMAT);
    }
    prq_facts_writer_release(&w);
}

/* Wherever the budget ends, what came before it can be read. */
static void test_no_half_records(void **state)
{
    (void)state;
    struct prq_limits low = prq_limits_default;
    for (low.facts_bytes = 0; low.facts_bytes < 300; low.facts_bytes++) {
        struct prq_facts_writer w;
        prq_facts_writer_init(&w, &low);
        w.path = PRQ_S("lib/apk/db/installed");
        struct prq_package p = { .type = PRQ_S("apk"), .name = PRQ_S("busybox"),
                                 .licenses = { licences, 2 } };
        prq_str owned[] = { PRQ_S("bin/busybox"), PRQ_S("bin/sh") };
        bool ok = prq_sink_package(&w.sink, &p) &&
                  prq_sink_owned(&w.sink, PRQ_S("apk:busybox"), owned, 2) &&
                  prq_facts_add_link(&w, PRQ_S("lib"), PRQ_S("usr/lib"));
        assert_true(ok || prq_facts_whole(prq_buf_bytes(&w.facts)) == w.facts.n);
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct prq_facts f;
        struct prq_err err = PRQ_ERR_INIT;
        assert_true(prq_facts_parse(prq_buf_bytes(&w.facts), 0, a, &f, &err));
        assert_int_equal(ok, f.link_count == 1);
        prq_facts_writer_release(&w);
    }
    for (low.index_bytes = 0; low.index_bytes < 60; low.index_bytes++) {
        struct prq_facts_writer w;
        prq_facts_writer_init(&w, &low);
        const struct prq_file one = { .path = PRQ_S("usr/bin/a"), .type = PRQ_FILE_REGULAR },
                              two = { .path = PRQ_S("usr/bin/b"), .type = PRQ_FILE_SYMLINK,
                                      .link = PRQ_S("a") };
        bool ok = prq_facts_add_file(&w, &one) && prq_facts_add_file(&w, &two);
        assert_int_equal(prq_index_whole(prq_buf_bytes(&w.index)), w.index.n);
        assert_int_equal(ok, w.file_count == 2);
        prq_facts_writer_release(&w);
    }
}

/* Two bytes each, hundreds once read. */
static void test_more_records_than_a_worker_may_send_are_refused(void **state)
{
    (void)state;
    static const char types[] = { 'P', 'G', 'N', 'O', 'S' };
    size_t records = (size_t)prq_limits_default.tar_members + 1;
    char *bytes = calloc(records, 2);
    assert_non_null(bytes);
    for (size_t t = 0; t < sizeof types; t++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct prq_facts f;
        struct prq_err err = PRQ_ERR_INIT;
        for (size_t i = 0; i < records; i++)
            bytes[2 * i] = types[t];
        prq_bytes all = prq_bytes_of((prq_str){ bytes, 2 * records });
        assert_false(prq_facts_parse(all, 0, a, &f, &err));
        assert_int_equal(err.code, PRQ_E_LIMIT);
        assert_true(prq_arena_used(a) < 4096); /* before anything is made for them */
    }
    free(bytes);
}

static void test_index(void **state)
{
    (void)state;
    struct prq_facts_writer w;
    prq_facts_writer_init(&w, &prq_limits_default);
    PRQ_BUF coded;
    prq_buf_init(&coded, 1000);
    /* cap_net_raw=ep. Source: linux/capability.h, struct vfs_cap_data, revision 2. */
    static const uint8_t cap[20] = { 1, 0, 0, 2, 0, 0x20 };
    assert_true(prq_xattr_add(&coded, PRQ_S("security.capability"), (prq_bytes){ cap, 20 }));
    assert_true(prq_xattr_add(&coded, PRQ_S("user.x"), (prq_bytes){ 0 }));
    struct prq_file files[] = {
        { .path = PRQ_S("usr/bin/ping"), .type = PRQ_FILE_REGULAR, .mode = 0755, .size = 9,
          .xattrs = prq_buf_bytes(&coded), .has_sha256 = true },
        { .path = PRQ_S("usr/bin"), .type = PRQ_FILE_DIR, .mode = 0755 },
        { .path = PRQ_S("usr/bin/env"), .type = PRQ_FILE_REGULAR, .mode = 04755, .size = 123456,
          .uid = 70000, .mtime_s = -5, .has_sha256 = true, .sha256 = { 1, 2, 3 } },
        { .path = PRQ_S("usr/sh"), .type = PRQ_FILE_SYMLINK, .link = PRQ_S("bin/env") },
        { .path = PRQ_S("etc"), .type = PRQ_FILE_OPAQUE },
    };
    for (size_t i = 0; i < PRQ_COUNT(files); i++)
        assert_true(prq_facts_add_file(&w, &files[i]));
    struct prq_path_iter it;
    struct prq_file f;
    prq_index_begin(&it, prq_buf_bytes(&w.index));
    for (size_t i = 0; i < PRQ_COUNT(files); i++) {
        assert_true(prq_index_next(&it, &f));
        assert_true(prq_str_eq(f.path, files[i].path));
        assert_int_equal(f.type, files[i].type);
        assert_int_equal(f.mode, files[i].mode);
        assert_true(f.mtime_s == files[i].mtime_s && f.uid == files[i].uid);
        assert_true(prq_str_eq(f.link, files[i].link));
        assert_memory_equal(f.sha256, files[i].sha256, 32);
        assert_int_equal(f.xattrs.n, files[i].xattrs.n);
        if (f.xattrs.n)
            assert_memory_equal(f.xattrs.p, files[i].xattrs.p, f.xattrs.n);
    }
    assert_false(prq_index_next(&it, &f));
    assert_false(it.bad);
    prq_facts_writer_release(&w);
}

static void test_repeated_under_another_name(void **state)
{
    (void)state;
    struct prq_facts_writer w, again;
    fill(&w);
    struct prq_package inner = { .type = PRQ_S("maven"), .name = PRQ_S("inner") };
    w.path = PRQ_S("lib/apk/db/installed!/b.jar");
    assert_true(prq_sink_package(&w.sink, &inner));
    w.path = PRQ_S("lib/apk/db/installed2");
    assert_true(prq_sink_package(&w.sink, &inner));
    prq_facts_writer_init(&again, &prq_limits_default);
    assert_true(prq_facts_repeat(&again, prq_buf_bytes(&w.facts), PRQ_S("lib/apk/db/installed"),
                                 PRQ_S("x")));
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_facts f;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(prq_facts_parse(prq_buf_bytes(&again.facts), 0, a, &f, &err));
    assert_int_equal(f.package_count, 3);
    assert_str(f.packages[0].evidence[0].path, "x");
    assert_true(f.packages[0].has_epoch && f.packages[0].epoch == 300);
    assert_str(f.packages[0].licenses.v[1], "Apache-2.0");
    assert_str(f.packages[1].evidence[0].path, "x!/b.jar");
    assert_str(f.packages[2].evidence[0].path, "lib/apk/db/installed2");
    assert_str(f.gaps[0].path, "x");
    assert_true(f.gaps[0].offset == 41);
    assert_str(f.notes[0].path, "x");
    assert_str(f.notes[0].pairs[0].value, "alpine");
    assert_str(f.owned[0].path, "x");
    assert_int_equal(f.owned[0].count, 3);
    prq_facts_writer_release(&again);
    prq_facts_writer_release(&w);
}

static void test_xattrs_of_a_liar(void **state)
{
    (void)state;
    struct prq_facts_writer w;
    prq_facts_writer_init(&w, &prq_limits_default);
    static const uint8_t bad[] = { 1, 'a', 9, 'b' };
    struct prq_file f = { .path = PRQ_S("a"), .type = PRQ_FILE_REGULAR,
                          .xattrs = { bad, sizeof bad } };
    assert_true(prq_facts_add_file(&w, &f));
    struct prq_path_iter it;
    prq_index_begin(&it, prq_buf_bytes(&w.index));
    assert_false(prq_index_next(&it, &f));
    assert_true(it.bad);
    prq_facts_writer_release(&w);
}

/* The promise of 100 bytes a member is for those without attributes: they must cost nothing then. */
static void test_a_member_without_xattrs_is_small(void **state)
{
    (void)state;
    struct prq_facts_writer w;
    prq_facts_writer_init(&w, &prq_limits_default);
    char path[64];
    for (int i = 0; i < 1000; i++) {
        snprintf(path, sizeof path, "srv/app/module-%05d/component-%08d.txt", i / 100, i);
        struct prq_file f = { .path = prq_str_from(path), .type = PRQ_FILE_REGULAR, .mode = 0644,
                              .size = 123456, .mtime_s = 1680307200 };
        assert_true(prq_facts_add_file(&w, &f));
    }
    assert_true(w.index.n < 40 * 1000);
    prq_facts_writer_release(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_every_truncation_is_refused_or_shorter),
        cmocka_unit_test(test_no_half_records),
        cmocka_unit_test(test_more_records_than_a_worker_may_send_are_refused),
        cmocka_unit_test(test_index),
        cmocka_unit_test(test_repeated_under_another_name),
        cmocka_unit_test(test_xattrs_of_a_liar),
        cmocka_unit_test(test_a_member_without_xattrs_is_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
