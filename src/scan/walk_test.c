/* SPDX-License-Identifier: Apache-2.0 */
/* A tar through prq_walk_layer in this process, with the real analyzers. */
#include "maketar.h"

#include "io/source.h"
#include "scan/walk.h"

struct walked {
    bool ok;
    struct prq_err err;
    struct prq_facts_writer w;
    struct prq_facts facts;
    struct prq_arena *arena;
    prq_bytes tar;
};

static struct prq_stream *reopen(void *user)
{
    return prq_mem_stream(((const struct walked *)user)->tar);
}

static void (*observer)(void *user, prq_str path); /* of the next walk: prq_walk_opts.at_file */

static struct walked *walk_with(prq_bytes tar, const struct prq_limits *limits, int spool,
                                bool digests)
{
    struct walked *r = calloc(1, sizeof *r);
    assert_non_null(r);
    r->arena = prq_arena_new(PRQ_MIB(64));
    r->tar = tar;
    PRQ_ARENA scratch = prq_arena_new((size_t)limits->scratch_bytes);
    struct prq_ctx ctx = { .limits = limits, .scratch = scratch };
    struct prq_walk_opts opts = { .dispatch = prq_dispatch_new(PRQ_WANT_IMAGE, r->arena),
                                  .mode = PRQ_WANT_IMAGE, .spool_fd = spool,
                                  .digest_files = digests, .reopen = reopen, .at_file = observer,
                                  .user = r };
    prq_facts_writer_init(&r->w, limits);
    struct prq_stream *s = prq_mem_stream(tar);
    r->ok = prq_walk_layer(&ctx, s, &opts, &r->w, &r->err);
    prq_stream_close(s);
    assert_true(prq_facts_parse(prq_buf_bytes(&r->w.facts), 0, r->arena, &r->facts, &r->err));
    return r;
}

static struct walked *walk(struct prq_buf *t)
{
    return walk_with(tar_done(t), &prq_limits_default, -1, false);
}

static void end(struct walked *r, struct prq_buf *t)
{
    prq_facts_writer_release(&r->w);
    prq_arena_free(r->arena);
    free(r);
    prq_buf_release(t);
}

static bool has_package(const struct walked *r, const char *name)
{
    for (size_t i = 0; i < r->facts.package_count; i++)
        if (prq_str_eq(r->facts.packages[i].name, prq_str_from(name)))
            return true;
    return false;
}

static const struct prq_gap *gap_of(const struct walked *r, const char *kind, const char *path)
{
    for (size_t i = 0; i < r->facts.gap_count; i++)
        if (prq_str_eq(r->facts.gaps[i].kind, prq_str_from(kind)) &&
            prq_str_eq(r->facts.gaps[i].path, prq_str_from(path)))
            return &r->facts.gaps[i];
    return NULL;
}

/* "type path" of each member of the index, one a line. */
static const char *index_of(const struct walked *r)
{
    static char out[4096];
    size_t n = 0;
    struct prq_path_iter it;
    struct prq_file f;
    out[0] = '\0';
    prq_index_begin(&it, prq_buf_bytes(&r->w.index));
    while (prq_index_next(&it, &f))
        n += (size_t)snprintf(out + n, sizeof out - n, "%c %.*s\n", (char)f.type, PRQ_FMT(f.path));
    assert_false(it.bad);
    return out;
}

#define APK "lib/apk/db/installed"
#define PACKAGE(name) "{\"name\":\"" name "\",\"version\":\"1.0.0\"}"

/* As runtimes do: the last one counts (security-model.md 2.2, "tar duplicates"). */
static void test_last_of_two_counts(void **state)
{
    (void)state;
    struct prq_buf t = tar_new();
    tar_file(&t, APK, TAR_APK("old", "1"));
    tar_file(&t, "./" APK, TAR_APK("new", "1"));
    struct walked *r = walk(&t);
    assert_true(r->ok);
    assert_int_equal(r->facts.package_count, 1);
    assert_true(has_package(r, "new"));
    assert_non_null(gap_of(r, "ambiguous-archive", APK));
    end(r, &t);
}

static void test_file_then_link_of_the_same_name(void **state)
{
    (void)state;
    struct prq_buf t = tar_new();
    tar_file(&t, APK, TAR_APK("old", "1"));
    tar_link(&t, APK, 'l', "/dev/null");
    struct walked *r = walk(&t);
    assert_true(r->ok);
    assert_int_equal(r->facts.package_count, 0);
    assert_non_null(gap_of(r, "ambiguous-archive", APK));
    end(r, &t);
}

/* Source: OCI image specification, "Whiteouts"; catalog.md 1.1. */
static void test_whiteouts(void **state)
{
    (void)state;
    struct prq_buf t = tar_new();
    tar_file(&t, "a/.wh.b", "");
    tar_file(&t, "c/.wh..wh..opq", "");
    tar_file(&t, "c/.wh..wh.plnk", "");
    tar_file(&t, ".wh.top", "");
    tar_file(&t, "d/.wh.", "");
    tar_file(&t, "d/.wh..", "");
    tar_file(&t, "d/.wh...", "");
    struct walked *r = walk(&t);
    assert_true(r->ok);
    assert_string_equal(index_of(r), "w a/b\no c\nw top\n");
    assert_int_equal(r->facts.gap_count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_str(r->facts.gaps[i].reason, "malformed whiteout name");
    end(r, &t);
}

/* Source: security-model.md 2.2: clamped at the root. */
static void test_paths_stay_inside(void **state)
{
    (void)state;
    struct prq_buf t = tar_new();
    tar_file(&t, "../" APK, TAR_APK("clamped", "1"));
    tar_file(&t, "a/../../../node_modules/x/package.json", PACKAGE("x"));
    tar_file(&t, "/./usr//x/../" APK, TAR_APK("inside", "1"));
    tar_file(&t, "etc/..", "");
    tar_file(&t, "..", "");
    tar_dir(&t, "./");
    struct walked *r = walk(&t);
    assert_true(r->ok);
    assert_string_equal(index_of(r), "f " APK "\nf node_modules/x/package.json\nf usr/" APK "\n");
    assert_int_equal(r->facts.gap_count, 0);
    assert_true(has_package(r, "clamped") && has_package(r, "x"));
    end(r, &t);
}

/* The content stands in the tar under a name that nobody wants. */
static void test_hard_link_in_a_second_pass(void **state)
{
    (void)state;
    struct prq_buf t = tar_new();
    tar_file(&t, "store/1", PACKAGE("linked"));
    tar_file(&t, "store/2", "never wanted");
    tar_link(&t, "srv/node_modules/linked/package.json", 'h', "./store/1");
    tar_link(&t, "opt/node_modules/linked/package.json", 'h', "/store/1");
    tar_link(&t, "x/node_modules/y/package.json", 'h', "store/none");
    tar_link(&t, "x/node_modules/z/package.json", 'h', "../store/1");
    struct walked *r = walk(&t);
    assert_true(r->ok);
    assert_int_equal(r->facts.package_count, 3); /* clamped, as names are */
    assert_non_null(gap_of(r, "hard-link", "x/node_modules/y/package.json"));
    assert_int_equal(r->facts.gap_count, 1);
    end(r, &t);
}

static size_t at_path(const struct walked *r, const char *name, const char *path)
{
    size_t n = 0;
    for (size_t i = 0; i < r->facts.package_count; i++)
        n += prq_str_eq(r->facts.packages[i].name, prq_str_from(name)) &&
             prq_str_eq(r->facts.packages[i].evidence[0].path, prq_str_from(path));
    return n;
}

/* A link means what its target is when it stands in the tar, as for who unpacks it in order. */
static void test_hard_links_to_hard_links(void **state)
{
    (void)state;
    struct prq_buf t = tar_new();
    tar_file(&t, "store/1", PACKAGE("one"));
    tar_link(&t, "store/2", 'h', "store/1");
    tar_link(&t, "store/3", 'h', "store/2");
    tar_link(&t, "a/node_modules/one/package.json", 'h', "store/3");
    tar_file(&t, "store/2", PACKAGE("two"));
    tar_link(&t, "b/node_modules/one/package.json", 'h', "store/3");
    tar_link(&t, "c/node_modules/two/package.json", 'h', "store/2");
    tar_link(&t, "d/node_modules/one/package.json", 'h', "store/1");
    tar_file(&t, "d/node_modules/one/package.json", PACKAGE("other")); /* takes its place */
    tar_link(&t, "e/node_modules/two/package.json", 'h', "store/2");
    tar_link(&t, "e/node_modules/two/package.json", 'h', "store/2"); /* says nothing new */
    tar_file(&t, "store/1", PACKAGE("late")); /* after all who name it */
    struct walked *r = walk(&t);
    assert_true(r->ok);
    assert_int_equal(r->facts.gap_count, 0);
    assert_int_equal(at_path(r, "one", "a/node_modules/one/package.json"), 1);
    assert_int_equal(at_path(r, "one", "b/node_modules/one/package.json"), 1);
    assert_int_equal(at_path(r, "two", "c/node_modules/two/package.json"), 1);
    assert_int_equal(at_path(r, "other", "d/node_modules/one/package.json"), 1);
    assert_int_equal(at_path(r, "two", "e/node_modules/two/package.json"), 1);
    assert_int_equal(r->facts.package_count, 5);
    end(r, &t);
}

/* One content, many names: analyzed once, under its own name. */
static size_t runs;

static void count_run(void *user, prq_str path)
{
    (void)user;
    runs += path.n > 0;
}

static void test_a_large_file_with_many_names_is_analyzed_once(void **state)
{
    (void)state;
    enum { NAMES = 200 };
    static char text[300 << 10];
    struct prq_buf t = tar_new();
    int n = snprintf(text, sizeof text, "{\"name\":\"big\",\"version\":\"1.0.0\",\"x\":\"");
    memset(text + n, 'x', sizeof text - (size_t)n);
    memcpy(text + sizeof text - 3, "\"}", 3);
    tar_file(&t, "a/node_modules/big/package.json", text);
    for (int i = 0; i < NAMES; i++) {
        char path[64];
        snprintf(path, sizeof path, "l%d/node_modules/big/package.json", i);
        tar_link(&t, path, 'h', "a/node_modules/big/package.json");
    }
    observer = count_run;
    runs = 0;
    struct walked *r = walk(&t);
    observer = NULL;
    assert_true(r->ok);
    assert_int_equal(runs, 1);
    assert_int_equal(r->facts.package_count, NAMES + 1);
    assert_int_equal(at_path(r, "big", "l0/node_modules/big/package.json"), 1);
    assert_int_equal(at_path(r, "big", "l199/node_modules/big/package.json"), 1);
    end(r, &t);
}

static void big_package(char *text, size_t cap, const char *name)
{
    int n = snprintf(text, cap, "{\"name\":\"%s\",\"version\":\"1.0.0\",\"x\":\"", name);
    memset(text + n, 'x', cap - (size_t)n);
    memcpy(text + cap - 3, "\"}", 3);
}

/* What was said of a large file holds for later links to it, until the name means something else. */
static void test_a_large_file_that_is_replaced(void **state)
{
    (void)state;
    static char one[300 << 10], two[300 << 10];
    struct prq_buf t = tar_new();
    big_package(one, sizeof one, "one");
    big_package(two, sizeof two, "two");
    tar_file(&t, "a/node_modules/p/package.json", one);
    tar_link(&t, "b/node_modules/p/package.json", 'h', "a/node_modules/p/package.json");
    tar_file(&t, "a/node_modules/p/package.json", two);
    tar_link(&t, "c/node_modules/p/package.json", 'h', "a/node_modules/p/package.json");
    tar_file(&t, "a/node_modules/p/package.json", PACKAGE("small"));
    tar_link(&t, "d/node_modules/p/package.json", 'h', "a/node_modules/p/package.json");
    tar_link(&t, "e/node_modules/p/package.json", 'h', "c/node_modules/p/package.json");
    tar_link(&t, "c/node_modules/p/package.json", 'h', "d/node_modules/p/package.json");
    struct walked *r = walk(&t);
    assert_true(r->ok);
    assert_int_equal(at_path(r, "small", "a/node_modules/p/package.json"), 1);
    assert_int_equal(at_path(r, "one", "b/node_modules/p/package.json"), 1);
    assert_int_equal(at_path(r, "small", "c/node_modules/p/package.json"), 1);
    assert_int_equal(at_path(r, "small", "d/node_modules/p/package.json"), 1);
    assert_int_equal(at_path(r, "two", "e/node_modules/p/package.json"), 1);
    assert_int_equal(r->facts.package_count, 5);
    end(r, &t);
}

/* A link to a link has the content that stood when that was made; the target is another large file by
 * then. Under a name that other analyzers want, nothing is repeated: they look for themselves. */
static void test_links_of_large_files_that_are_not_repeated(void **state)
{
    (void)state;
    static char one[300 << 10], two[300 << 10];
    struct prq_buf t = tar_new();
    big_package(one, sizeof one, "one");
    big_package(two, sizeof two, "two");
    tar_file(&t, "a/node_modules/p/package.json", one);
    tar_link(&t, "b/node_modules/p/package.json", 'h', "a/node_modules/p/package.json");
    tar_file(&t, "a/node_modules/p/package.json", two);
    tar_link(&t, "c/node_modules/p/package.json", 'h', "b/node_modules/p/package.json");
    tar_link(&t, "d/q-1.dist-info/METADATA", 'h', "a/node_modules/p/package.json");
    struct walked *r = walk(&t);
    assert_true(r->ok);
    assert_int_equal(at_path(r, "one", "c/node_modules/p/package.json"), 1);
    assert_int_equal(at_path(r, "two", "c/node_modules/p/package.json"), 0);
    assert_int_equal(at_path(r, "two", "a/node_modules/p/package.json"), 1);
    assert_int_equal(at_path(r, "two", "d/q-1.dist-info/METADATA"), 0);
    end(r, &t);
}

/* A database and its log, whichever comes first. */
static void test_waiting_files_in_either_order(void **state)
{
    (void)state;
    for (int round = 0; round < 2; round++) {
        struct prq_buf t = tar_new();
        for (int i = 0; i < 2; i++)
            if (i == round)
                tar_file(&t, "var/lib/rpm/rpmdb.sqlite", "not a database");
            else
                tar_file(&t, "var/lib/rpm/rpmdb.sqlite-wal", "not a log");
        tar_file(&t, APK, TAR_APK("musl", "1"));
        int spool = -1;
        struct prq_err err = PRQ_ERR_INIT;
        assert_true(prq_spool_new(&spool, &err));
        struct walked *r = walk_with(tar_done(&t), &prq_limits_default, spool, false);
        assert_true(r->ok);
        assert_true(has_package(r, "musl"));
        assert_int_equal(r->facts.gap_count, 1);
        assert_str(r->facts.gaps[0].path, "var/lib/rpm/rpmdb.sqlite");
        close(spool);
        end(r, &t);
    }
}

/* limits: file_memory, spool_bytes */
static void test_spool(void **state)
{
    (void)state;
    struct prq_limits low = prq_limits_default;
    low.file_memory = 16;
    int spool = -1;
    struct prq_err err = PRQ_ERR_INIT;
    for (int round = 0; round < 3; round++) {
        struct prq_buf t = tar_new();
        tar_file(&t, APK, TAR_APK("musl", "1"));
        tar_file(&t, "a/node_modules/x/package.json", PACKAGE("x"));
        if (round < 2)
            assert_true(prq_spool_new(&spool, &err));
        low.spool_bytes = round == 1 ? 40 : PRQ_MIB(1);
        struct walked *r = walk_with(tar_done(&t), &low, round == 2 ? -1 : spool, false);
        assert_true(r->ok);
        assert_int_equal(has_package(r, "musl"), round == 0);
        assert_int_equal(has_package(r, "x"), round < 2);
        assert_int_equal(gap_of(r, "limit", APK) != NULL, round > 0);
        end(r, &t);
        if (round < 2)
            close(spool);
    }
}

static void test_digests(void **state)
{
    (void)state;
    struct prq_buf t = tar_new();
    tar_file(&t, "a", "abc");
    struct walked *r = walk_with(tar_done(&t), &prq_limits_default, -1, true);
    struct prq_path_iter it;
    struct prq_file f;
    uint8_t want[32];
    /* FIPS 180-2, appendix B.1 */
    assert_true(prq_hex_decode(
        PRQ_S("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"), want));
    prq_index_begin(&it, prq_buf_bytes(&r->w.index));
    assert_true(prq_index_next(&it, &f) && f.has_sha256);
    assert_memory_equal(f.sha256, want, 32);
    end(r, &t);
}

/* Every cut: what came before stands, the rest is an error with a byte that lies inside. */
static void test_cut_anywhere(void **state)
{
    (void)state;
    struct prq_buf t = tar_new();
    tar_file(&t, APK, TAR_APK("musl", "1"));
    tar_file(&t, "a/node_modules/x/package.json", PACKAGE("x"));
    prq_bytes all = tar_done(&t);
    for (size_t n = 0; n < all.n; n += 37) {
        struct walked *r = walk_with((prq_bytes){ all.p, n }, &prq_limits_default, -1, false);
        if (!r->ok)
            assert_true(r->err.code == PRQ_E_FORMAT && r->err.has_offset && r->err.offset <= n);
        if (n >= 1024)
            assert_true(has_package(r, "musl"));
        prq_facts_writer_release(&r->w);
        prq_arena_free(r->arena);
        free(r);
    }
    prq_buf_release(&t);
}

/* ---- limits: a field, a value that is enough and one that is not */

static struct prq_buf sample(void)
{
    struct prq_buf t = tar_new();
    tar_file(&t, "a/bb/ccc/dddd", "12345678");
    tar_file(&t, APK, TAR_APK("musl", "1") TAR_APK("zlib", "1"));
    tar_file(&t, "x/.wh.", "");
    tar_file(&t, "y/.wh.", "");
    tar_done(&t);
    return t;
}

/* A pax header with one extended attribute. Source: POSIX.1-2017 pax; star's SCHILY.xattr. */
static void add_xattr(struct prq_buf *t, size_t n)
{
    PRQ_BUF record;
    prq_buf_init(&record, PRQ_MIB(1));
    size_t plain = strlen(" SCHILY.xattr.user.x=\n") + n, total = plain + 1;
    for (size_t digits = 1, v = total; digits < 8; digits++, v = total) {
        size_t d = (size_t)snprintf(NULL, 0, "%zu", v);
        total = plain + d;
    }
    prq_buf_printf(&record, "%zu SCHILY.xattr.user.x=", total);
    for (size_t i = 0; i < n; i++)
        prq_buf_byte(&record, 'v');
    prq_buf_byte(&record, '\n');
    assert_int_equal(record.n, total);
    tar_bytes(t, "PaxHeaders/a", 'x', record.p, record.n);
    tar_file(t, "with/attribute", "x");
}

static void test_member_limits_are_gaps(void **state)
{
    (void)state;
    static const struct {
        size_t field;
        uint64_t enough;
        const char *path; /* of the gap */
    } cases[] = {
        { offsetof(struct prq_limits, path_bytes), strlen(APK), APK },
        { offsetof(struct prq_limits, component_bytes), strlen("installed"), APK },
        { offsetof(struct prq_limits, path_depth), 4, "a/bb/ccc/dddd" },
    };
    struct prq_buf t = sample();
    for (size_t i = 0; i < PRQ_COUNT(cases); i++)
        for (uint64_t less = 0; less < 2; less++) {
            struct prq_limits low = prq_limits_default;
            uint64_t value = cases[i].enough - less;
            memcpy((char *)&low + cases[i].field, &value, sizeof value);
            struct walked *r = walk_with(prq_buf_bytes(&t), &low, -1, false);
            assert_true(r->ok);
            assert_int_equal(gap_of(r, "limit", cases[i].path) != NULL, less == 1);
            struct prq_buf none = { 0 };
            end(r, &none);
        }
    prq_buf_release(&t);
    for (size_t more = 0; more < 2; more++) {
        struct prq_limits low = prq_limits_default;
        low.xattr_bytes = 100;
        t = tar_new();
        add_xattr(&t, 100 + more);
        struct walked *r = walk_with(tar_done(&t), &low, -1, false);
        assert_true(r->ok);
        assert_string_equal(index_of(r), "f with/attribute\n");
        assert_int_equal(gap_of(r, "limit", "with/attribute") != NULL, more == 1);
        end(r, &t);
    }
}

static void test_layer_limits_end_the_layer(void **state)
{
    (void)state;
    static const struct {
        size_t field;
        uint64_t enough, too_few;
    } cases[] = {
        { offsetof(struct prq_limits, member_bytes), 400, 7 },
        { offsetof(struct prq_limits, tar_members), 4, 3 },
        { offsetof(struct prq_limits, index_bytes), 200, 20 },
        { offsetof(struct prq_limits, facts_bytes), 65536 * 2, 90 },
        { offsetof(struct prq_limits, packages), 2, 1 },
    };
    struct prq_buf t = sample();
    for (size_t i = 0; i < PRQ_COUNT(cases); i++)
        for (int less = 0; less < 2; less++) {
            struct prq_limits low = prq_limits_default;
            memcpy((char *)&low + cases[i].field, less ? &cases[i].too_few : &cases[i].enough, 8);
            struct walked *r = walk_with(prq_buf_bytes(&t), &low, -1, false);
            bool limited = !r->ok && r->err.code == PRQ_E_LIMIT;
            for (size_t k = 0; k < r->facts.gap_count; k++)
                limited |= prq_str_eq(r->facts.gaps[k].kind, PRQ_S("limit"));
            if (limited != (less == 1))
                print_error("limit %zu, round %d\n", i, less);
            assert_int_equal(limited, less == 1);
            struct prq_buf none = { 0 };
            end(r, &none);
        }
    prq_buf_release(&t);
}

/* limits: pax_bytes, sparse_entries (their sum bounds what headers may take) */
static void test_header_limits(void **state)
{
    (void)state;
    for (int less = 0; less < 2; less++) {
        struct prq_limits low = prq_limits_default;
        low.sparse_entries = 0;
        low.pax_bytes = less ? 1000 : 100000;
        struct prq_buf t = tar_new();
        add_xattr(&t, 50000);
        struct walked *r = walk_with(tar_done(&t), &low, -1, false);
        assert_int_equal(r->ok, !less);
        assert_true(r->ok || r->err.code == PRQ_E_LIMIT);
        end(r, &t);
    }
}

/* Source: star's and GNU tar's SCHILY.xattr records; the last one of a name counts (POSIX pax). */
static void test_xattrs_are_in_the_index(void **state)
{
    (void)state;
    static const char records[] = "30 SCHILY.xattr.user.b=first9\n"
                                  "30 SCHILY.xattr.user.b=second\n"
                                  "38 SCHILY.xattr.security.capability=\x01\n"
                                  "27 SCHILY.xattr.user.a=x\0y\n";
    struct prq_buf t = tar_new();
    tar_bytes(&t, "PaxHeaders/ping", 'x', records, sizeof records - 1);
    tar_file(&t, "bin/ping", "x");
    tar_file(&t, "bin/plain", "x");
    struct walked *r = walk(&t);
    assert_true(r->ok);
    struct prq_path_iter it;
    struct prq_file f;
    prq_str name;
    prq_bytes value;
    prq_index_begin(&it, prq_buf_bytes(&r->w.index));
    assert_true(prq_index_next(&it, &f));
    assert_true(prq_xattr_next(&f.xattrs, &name, &value));
    assert_str(name, "security.capability");
    assert_true(value.n == 1 && value.p[0] == 1);
    assert_true(prq_xattr_next(&f.xattrs, &name, &value));
    assert_str(name, "user.a");
    assert_true(value.n == 3 && memcmp(value.p, "x\0y", 3) == 0);
    assert_true(prq_xattr_next(&f.xattrs, &name, &value));
    assert_str(name, "user.b");
    assert_str(prq_str_of(value), "second");
    assert_false(prq_xattr_next(&f.xattrs, &name, &value));
    assert_true(prq_index_next(&it, &f) && f.xattrs.n == 0);
    end(r, &t);
}

/* limits: gaps */
static void test_gaps_are_counted(void **state)
{
    (void)state;
    struct prq_limits low = prq_limits_default;
    for (uint64_t less = 0; less < 2; less++) {
        low.gaps = 2 - less;
        struct prq_buf t = sample();
        struct walked *r = walk_with(prq_buf_bytes(&t), &low, -1, false);
        assert_true(r->ok);
        assert_int_equal(r->facts.gap_count, 2);
        assert_int_equal(gap_of(r, "limit", "/") != NULL, less == 1);
        end(r, &t);
    }
}

/* limits: scratch_bytes */
static void test_scratch_is_bounded(void **state)
{
    (void)state;
    struct prq_limits low = prq_limits_default;
    low.scratch_bytes = 64;
    struct prq_buf t = tar_new();
    tar_file(&t, "a/node_modules/x/package.json",
             "{\"name\":\"x\",\"version\":\"1.0.0\",\"license\":\"\\u0041\\u0041\\u0041\\u0041\","
             "\"dependencies\":{\"a\":\"1\",\"b\":\"1\",\"c\":\"1\",\"d\":\"1\",\"e\":\"1\"}}");
    tar_file(&t, APK, TAR_APK("musl", "1"));
    struct walked *r = walk_with(tar_done(&t), &low, -1, false);
    assert_true(r->ok);
    assert_non_null(gap_of(r, "limit", "a/node_modules/x/package.json"));
    end(r, &t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_last_of_two_counts),
        cmocka_unit_test(test_file_then_link_of_the_same_name),
        cmocka_unit_test(test_whiteouts),
        cmocka_unit_test(test_paths_stay_inside),
        cmocka_unit_test(test_hard_link_in_a_second_pass),
        cmocka_unit_test(test_hard_links_to_hard_links),
        cmocka_unit_test(test_a_large_file_that_is_replaced),
        cmocka_unit_test(test_links_of_large_files_that_are_not_repeated),
        cmocka_unit_test(test_a_large_file_with_many_names_is_analyzed_once),
        cmocka_unit_test(test_waiting_files_in_either_order),
        cmocka_unit_test(test_spool),
        cmocka_unit_test(test_digests),
        cmocka_unit_test(test_cut_anywhere),
        cmocka_unit_test(test_member_limits_are_gaps),
        cmocka_unit_test(test_layer_limits_end_the_layer),
        cmocka_unit_test(test_header_limits),
        cmocka_unit_test(test_xattrs_are_in_the_index),
        cmocka_unit_test(test_gaps_are_counted),
        cmocka_unit_test(test_scratch_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
