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
    return prq_arena_printf(
        a, "%.*s\t%s\t%.*s\t%.*s\t%.*s\t%s\t%s\t%s\t%s", PRQ_FMT(p->name),
        p->has_epoch ? epoch : "(none)", PRQ_FMT(version), PRQ_FMT(release), PRQ_FMT(p->arch),
        text_or_none(p->source_rpm, source, sizeof source),
        text_or_none(p->vendor, vendor, sizeof vendor),
        text_or_none(p->modularity, module, sizeof module),
        text_or_none(p->licenses.n ? p->licenses.v[0] : (prq_str){ 0 }, licence, sizeof licence));
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

/* ---- the committed databases; tests/data/rpm/ORIGIN says how they were made */

static prq_bytes fixture(struct prq_arena *a, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, PRQ_SOURCE_DIR "/tests/data/rpm/%s", name);
    prq_bytes b = unit_slurp(a, path);
    if (!b.p)
        fail_msg("cannot read %s", path);
    return b;
}

static const struct {
    const char *file, *path, *companion;
} stores[] = {
    { "rpmdb.sqlite", "var/lib/rpm/rpmdb.sqlite", "rpmdb.sqlite-wal" },
    { "Packages.db", "usr/lib/sysimage/rpm/Packages.db", NULL },
    { "Packages-le", "var/lib/rpm/Packages", NULL },
    { "Packages-be", "var/lib/rpm/Packages", NULL },
};

static bool run_store(struct capture *c, struct prq_arena *a, size_t i, struct prq_err *err)
{
    prq_bytes companion = { 0 };
    if (stores[i].companion)
        companion = fixture(a, stores[i].companion);
    capture_init(c, a);
    return capture_run_with(c, &prq_analyzer_rpm, stores[i].path, fixture(a, stores[i].file),
                            companion, err);
}

static void check_owned(const struct capture *c, prq_str expected)
{
    size_t lines = 0, paths = 0;
    prq_str line, package, path;
    for (; prq_str_line(&expected, &line); lines++) {
        assert_true(prq_str_cut(line, '\t', &package, &path));
        char owner[256];
        snprintf(owner, sizeof owner, "rpm:%.*s", PRQ_FMT(package));
        const struct capture_owned *o = capture_owned(c, owner);
        assert_non_null(o);
        bool found = false;
        for (size_t i = 0; i < o->paths.n; i++)
            found |= prq_str_eq(o->paths.v[i], prq_str_from_at(path, 1));
        if (!found)
            fail_msg("%.*s is not owned", PRQ_FMT(path));
    }
    for (size_t i = 0; i < c->owned_count; i++)
        paths += c->owned[i].paths.n;
    assert_int_equal(paths, lines);
}

static bool has(const struct prq_strs *list, const char *what)
{
    for (size_t i = 0; i < list->n; i++)
        if (prq_str_eq(list->v[i], prq_str_from(what)))
            return true;
    return false;
}

static void test_rpm_stores(void **state)
{
    (void)state;
    for (size_t i = 0; i < PRQ_COUNT(stores); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(16));
        struct capture c;
        struct prq_err err = PRQ_ERR_INIT;
        print_message("# %s\n", stores[i].file);
        if (!run_store(&c, a, i, &err))
            fail_msg("%s", err.text);
        compare(a, &c, prq_str_of(fixture(a, "expected.tsv")));
        check_owned(&c, prq_str_of(fixture(a, "files.tsv")));
        /* One of the three comes from a module and has lost its label. */
        assert_int_equal(c.gap_count, 1);
        assert_str(c.gaps[0].kind, "module-label-missing");
    }
}

static void test_rpm_fields(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(16));
    struct capture c;
    assert_true(run_store(&c, a, 1, NULL));
    const struct prq_package *p = capture_package(&c, "widget");
    assert_non_null(p);
    assert_true(p->has_epoch && p->epoch == 2 && p->has_modularity);
    assert_str(p->type, "rpm");
    assert_str(p->version, "1.2.3-4.module+el8.1.0+5+abc");
    assert_str(p->source_name, ""); /* that of the package itself */
    assert_true(p->size_bytes > 0);
    assert_int_equal(p->flags & PRQ_PKG_THIRD_PARTY, 0);
    assert_true(has(&p->depends, "bash") && has(&p->depends, "/bin/sh"));
    assert_false(has(&p->depends, "rpmlib(FileDigests)"));
    assert_true(has(&p->provides, "gadget"));
    p = capture_package(&c, "other");
    assert_non_null(p);
    assert_false(p->has_epoch || p->has_modularity);
    assert_true(p->flags & PRQ_PKG_THIRD_PARTY);
}

/* The log alone knows of two packages; without it the placeholder is a gap. */
static void test_rpm_wal(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(16));
    prq_bytes db = fixture(a, "rpmdb.sqlite"), wal = fixture(a, "rpmdb.sqlite-wal");
    struct capture c;
    capture_init(&c, a);
    assert_true(capture_run(&c, &prq_analyzer_rpm, "var/lib/rpm/rpmdb.sqlite", db, NULL));
    assert_int_equal(c.package_count, 1);
    assert_str(c.gaps[0].reason, "not an rpm header");

    /* A damaged last frame is no commit: the transaction before it counts. */
    capture_init(&c, a);
    wal.n -= 100;
    assert_true(capture_run_with(&c, &prq_analyzer_rpm, "x/rpmdb.sqlite", db, wal, NULL));
    assert_int_equal(c.package_count, 2);

    /* A log of another database is a gap, and the file is read alone. */
    capture_init(&c, a);
    assert_true(capture_run_with(&c, &prq_analyzer_rpm, "x/rpmdb.sqlite", db, db, NULL));
    assert_int_equal(c.package_count, 1);
    assert_str(c.gaps[0].reason, "write-ahead log: not an SQLite write-ahead log");
}

/* Cut anywhere, a database is a failure or a gap: it never looks complete. */
static void test_rpm_truncated(void **state)
{
    (void)state;
    for (size_t i = 0; i < PRQ_COUNT(stores); i++) {
        if (stores[i].companion)
            continue; /* its file is complete without what the log adds */
        PRQ_ARENA files = prq_arena_new(PRQ_MIB(1));
        prq_bytes whole = fixture(files, stores[i].file);
        for (size_t n = 0; n < whole.n; n += n < 300 ? 1 : 97) {
            PRQ_ARENA a = prq_arena_new(PRQ_MIB(16));
            uint8_t *exact = malloc(n ? n : 1);
            assert_non_null(exact);
            memcpy(exact, whole.p, n);
            struct capture c;
            struct prq_err err = PRQ_ERR_INIT;
            capture_init(&c, a);
            bool ok =
                capture_run(&c, &prq_analyzer_rpm, stores[i].path, (prq_bytes){ exact, n }, &err);
            free(exact);
            size_t losses = 0;
            for (size_t k = 0; k < c.gap_count; k++)
                losses += prq_str_eq(c.gaps[k].kind, PRQ_S("format"));
            if (ok && losses == 0)
                fail_msg("%s cut at %zu looks complete", stores[i].file, n);
            assert_true(ok || err.code == PRQ_E_FORMAT);
        }
    }
}

/* A damaged header costs itself and no other. */
static void test_rpm_damaged(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(16));
    prq_bytes b = fixture(a, "Packages.db");
    uint8_t *copy = prq_arena_alloc(a, b.n);
    memcpy(copy, b.p, b.n);
    size_t at = 4096 + 16;    /* the first record's header: behind the head of its blob */
    copy[at + 8 + 4] ^= 0x40; /* the type of its first entry */
    struct capture c;
    capture_init(&c, a);
    assert_true(capture_run(&c, &prq_analyzer_rpm, "usr/lib/sysimage/rpm/Packages.db",
                            (prq_bytes){ copy, b.n }, NULL));
    assert_int_equal(c.package_count, 2);
    assert_true(c.gap_count >= 2);
    assert_str(c.gaps[0].reason, "rpm database record checksum does not hold");
    assert_str(c.gaps[1].reason, "rpm header entry of an unknown type");
    assert_int_equal(c.gaps[1].offset, at + 8);
}

static void test_rpm_full_sink(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(16));
    for (size_t room = 0; room < 7; room++) {
        struct capture c;
        struct prq_err err = PRQ_ERR_INIT;
        capture_init(&c, a);
        c.room = room;
        assert_false(capture_run(&c, &prq_analyzer_rpm, "var/lib/rpm/Packages",
                                 fixture(a, "Packages-le"), &err));
        assert_int_equal(err.code, PRQ_E_LIMIT);
    }
}

/* Lines of a distroless image; columns: catalog.md 3.4. */
static void test_rpm_manifest(void **state)
{
    (void)state;
    static const char text[] =
        "openssl\t1.1.1k-21.cm2\t1668648826\t1668033600\tMicrosoft Corporation\t(none)\t1209920\t"
        "x86_64\t0\topenssl-1.1.1k-21.cm2.src.rpm\n"
        "openssl-libs\t1.1.1k-21.cm2\t1668648826\t1668033600\tMicrosoft Corporation\t1\t3892120\t"
        "x86_64\t1\topenssl-1.1.1k-21.cm2.src.rpm\n"
        "short\t1-1\n"
        "odd\t1.0\t1\t1\tSomebody\t(none)\t1\tnoarch\t0\t(none)\n"
        "own\t1.0-1\t1\t1\tSomebody\t(none)\t1\tnoarch\t0\t(none)\n"
        "gpg-pubkey\t3135ce90-5e6fda74\t1\t1\t(none)\t(none)\t0\t(none)\t0\t(none)\n";
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    capture_init(&c, a);
    assert_true(capture_run(&c, &prq_analyzer_rpm, "var/lib/rpmmanifest/container-manifest-2",
                            ((prq_bytes){ (const uint8_t *)text, sizeof text - 1 }), NULL));
    assert_int_equal(c.package_count, 3);
    const struct prq_package *p = capture_package(&c, "openssl-libs");
    assert_non_null(p);
    assert_str(p->version, "1.1.1k-21.cm2");
    assert_str(p->arch, "x86_64");
    assert_str(p->source_name, "openssl");
    assert_str(p->source_version, "1.1.1k-21.cm2");
    assert_true(p->has_epoch && p->epoch == 1 && p->size_bytes == 3892120 && p->flags == 0);
    p = capture_package(&c, "openssl");
    assert_true(p && !p->has_epoch && p->source_name.n == 0);
    p = capture_package(&c, "own");
    assert_true(p && p->flags == PRQ_PKG_THIRD_PARTY && p->source_rpm.n == 0);
    assert_int_equal(c.gap_count, 1);
    assert_str(c.gaps[0].reason, "rpm manifest line with too few columns (and 1 more like it)");
}

/* Files that rpmbuild 4.18 made; expected: what `rpm -qp` says of them. */
static void test_rpm_loose_files(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    capture_init(&c, a);
    static const char *const names[] = { "tiny.rpm", "tiny-src.rpm" };
    for (size_t i = 0; i < PRQ_COUNT(names); i++) {
        char path[256];
        snprintf(path, sizeof path, PRQ_SOURCE_DIR "/fuzz/corpus/rpm/%s", names[i]);
        assert_true(capture_run(&c, &prq_analyzer_rpm, names[i], unit_slurp(a, path), &err));
    }
    assert_int_equal(c.package_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct prq_package *p = &c.packages[i];
        assert_str(p->name, "tiny");
        assert_str(p->version, "1.0-3");
        assert_true(p->has_epoch && p->epoch == 2);
        assert_str(p->arch, i ? "src" : "noarch");
        assert_str(p->source_rpm, i ? "" : "tiny-1.0-3.src.rpm");
        assert_int_equal(p->flags, PRQ_PKG_DECLARED); /* its vendor is Red Hat */
    }
    assert_int_equal(c.owned_count, 0);
    prq_bytes cut = unit_slurp(a, PRQ_SOURCE_DIR "/fuzz/corpus/rpm/tiny-cut.rpm");
    assert_false(capture_run(&c, &prq_analyzer_rpm, "x.rpm", cut, &err));
    err = (struct prq_err)PRQ_ERR_INIT;
    assert_false(capture_run(&c, &prq_analyzer_rpm, "x.rpm", CAPTURE_BYTES("x"), &err));
    assert_string_equal(err.text, "not an rpm file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rpm_loose_files),
        cmocka_unit_test(test_rpm_sqlite),    cmocka_unit_test(test_rpm_ndb),
        cmocka_unit_test(test_rpm_bdb),       cmocka_unit_test(test_rpm_stores),
        cmocka_unit_test(test_rpm_fields),    cmocka_unit_test(test_rpm_wal),
        cmocka_unit_test(test_rpm_truncated), cmocka_unit_test(test_rpm_damaged),
        cmocka_unit_test(test_rpm_full_sink), cmocka_unit_test(test_rpm_manifest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
