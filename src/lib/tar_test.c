/* SPDX-License-Identifier: Apache-2.0 */
/* Archives made by GNU tar are compared with GNU tar's own listing and contents; what it does not
 * write is built here from headers. Sources: POSIX.1-2017 pax, "pax Interchange Format"; GNU tar
 * manual, "Basic Tar Format". */
#include <locale.h>
#include <time.h>

#include "lib/lib_test.h"

/* ---- our listing in the form of `tar -tv --numeric-owner --utc --full-time`, blanks squeezed */

static void mode_text(char type, uint32_t mode, char out[11])
{
    static const char letters[] = "rwxrwxrwx";
    out[0] = type == 'f' ? '-' : type;
    for (size_t i = 0; i < 9; i++)
        out[1 + i] = mode >> (8 - i) & 1 ? letters[i] : '-';
    if (mode & 04000)
        out[3] = out[3] == 'x' ? 's' : 'S';
    if (mode & 02000)
        out[6] = out[6] == 'x' ? 's' : 'S';
    if (mode & 01000)
        out[9] = out[9] == 'x' ? 't' : 'T';
    out[10] = '\0';
}

static void list_entry(const struct prq_tar_entry *e, struct prq_buf *listing)
{
    char mode[11], when[64];
    struct tm tm;
    time_t t = e->mtime_s;
    mode_text(e->type, e->mode, mode);
    gmtime_r(&t, &tm);
    strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", &tm);
    prq_buf_printf(listing, "%s %llu/%llu %llu %s ", mode, (unsigned long long)e->uid,
                   (unsigned long long)e->gid, (unsigned long long)e->size, when);
    prq_buf_str(listing, e->path);
    if (e->type == 'l' || e->type == 'h') {
        prq_buf_str(listing, e->type == 'l' ? PRQ_S(" -> ") : PRQ_S(" link to "));
        prq_buf_str(listing, e->link);
    }
    prq_buf_byte(listing, '\n');
}

/* Walks a tar: its listing, its contents one after the other, its xattrs as name=value lines. */
static bool walk(prq_bytes tar, size_t drip, struct prq_buf *listing, struct prq_buf *contents,
                 struct prq_buf *xattrs, struct prq_err *err)
{
    PRQ_STREAM below = unit_drip(tar, drip);
    struct prq_tar *t;
    struct prq_tar_entry e;
    enum prq_next step;
    if (!prq_tar_open(below, &t, err))
        return false;
    while ((step = prq_tar_next(t, &e, err)) == PRQ_NEXT_ITEM) {
        list_entry(&e, listing);
        prq_str name;
        prq_bytes value;
        while (prq_tar_xattr(t, &name, &value) == PRQ_NEXT_ITEM) {
            prq_buf_str(xattrs, name);
            prq_buf_byte(xattrs, '=');
            prq_buf_add(xattrs, value.p, value.n);
            prq_buf_byte(xattrs, '\n');
        }
        const void *p;
        size_t n = 1;
        uint64_t total = 0;
        while (n && prq_tar_data(t, &p, &n, err)) {
            prq_buf_add(contents, p, n);
            total += n;
        }
        if (n)
            step = PRQ_NEXT_FAIL;
        if (step == PRQ_NEXT_FAIL)
            break;
        assert_int_equal(total, e.size);
    }
    prq_tar_close(t);
    return step == PRQ_NEXT_END;
}

struct walked {
    struct prq_buf listing, contents, xattrs;
    struct prq_err err;
    bool is_good;
};

static struct walked walk_new(prq_bytes tar, size_t drip)
{
    struct walked w = { .err = PRQ_ERR_INIT };
    prq_buf_init(&w.listing, PRQ_MIB(4));
    prq_buf_init(&w.contents, PRQ_MIB(64));
    prq_buf_init(&w.xattrs, PRQ_MIB(4));
    w.is_good = walk(tar, drip, &w.listing, &w.contents, &w.xattrs, &w.err);
    return w;
}

static void walk_free(struct walked *w)
{
    prq_buf_release(&w->listing);
    prq_buf_release(&w->contents);
    prq_buf_release(&w->xattrs);
}
#define WALKED PRQ_CLEANUP(walk_free) struct walked

/* ---- against GNU tar */

static const char make_tree[] =
    "mkdir in && cd in && printf x > plain && printf y > $(printf 'caf\\303\\251') && "
    "printf z > $(printf 'lat\\351in') && ln -s $(printf 'caf\\303\\251') sym && ln plain hard && "
    "mkdir dir && mkfifo fifo && chmod 6755 plain && chmod 1777 dir && : > empty && "
    "truncate -s 3M sparse && printf middle | dd of=sparse bs=1 seek=2000000 conv=notrunc "
    "2>/dev/null && "
    "truncate -s 1M hole && head -c 700000 /dev/urandom > big";
static const char make_long[] =
    "cd in && L=$(head -c 150 /dev/zero | tr '\\0' n) && mkdir -p $L/$L && printf q > $L/$L/$L && "
    "ln -s $L/$L long && ln $L/$L/$L longhard && printf e > $L/$(printf 'caf\\303\\251\\351')";

static void expect_like_gnu_tar(const struct unit_dir *d, const char *flags)
{
    char script[1024];
    snprintf(script, sizeof script,
             "tar -C in --mtime=@1700000000 --owner=7 --group=4000000 --sort=name %s -cf t . && "
             "export LC_ALL=C && "
             "tar -tvf t --numeric-owner --utc --full-time --quoting-style=literal |"
             "tr -s ' ' > list && tar -xOf t | cat > contents",
             flags);
    assert_int_equal(unit_sh(d->path, script), 0);
    PRQ_BUF tar = unit_slurp(d, "t"), list = unit_slurp(d, "list"),
            data = unit_slurp(d, "contents");
    static const size_t drips[] = { 1000, SIZE_MAX };
    for (size_t i = 0; i < PRQ_COUNT(drips); i++) {
        WALKED w = walk_new(prq_buf_bytes(&tar), drips[i]);
        assert_str(prq_str_from(w.err.text), "");
        assert_true(w.is_good);
        if (!prq_str_eq(prq_buf_view(&w.listing), prq_buf_view(&list)))
            print_error("%s:\n%.*s\n", flags, PRQ_FMT(prq_buf_view(&w.listing)));
        assert_bytes(prq_buf_bytes(&w.listing), prq_buf_bytes(&list));
        assert_bytes(prq_buf_bytes(&w.contents), prq_buf_bytes(&data));
    }
}

static void test_tar_like_gnu(void **state)
{
    (void)state;
    struct unit_dir d = unit_dir_new();
    assert_int_equal(unit_sh(d.path, make_tree), 0);
    expect_like_gnu_tar(&d, "--format=v7 --group=5 --exclude=./fifo");
    expect_like_gnu_tar(&d, "--format=ustar --group=5");
    assert_int_equal(unit_sh(d.path, make_long), 0);
    expect_like_gnu_tar(&d, "--format=oldgnu");
    expect_like_gnu_tar(&d, "--format=gnu");
    expect_like_gnu_tar(&d, "--format=gnu --sparse");
    expect_like_gnu_tar(&d, "--format=posix");
    expect_like_gnu_tar(&d, "--format=posix --sparse --sparse-version=0.0");
    expect_like_gnu_tar(&d, "--format=posix --sparse --sparse-version=0.1");
    expect_like_gnu_tar(&d, "--format=posix --sparse --sparse-version=1.0");
    unit_dir_free(&d);
}

/* ---- built here */

static void octal(char *field, size_t n, uint64_t v)
{
    snprintf(field, n, "%0*llo", (int)n - 1, (unsigned long long)v);
}

static void seal(char *h)
{
    memset(h + 148, ' ', 8);
    unsigned sum = 0;
    for (size_t i = 0; i < 512; i++)
        sum += (uint8_t)h[i];
    snprintf(h + 148, 8, "%06o", sum);
}

static char *add_header(struct prq_buf *tar, const char *name, char type, uint64_t size)
{
    char *h = (char *)prq_buf_room(tar, 512);
    assert_non_null(h);
    memset(h, 0, 512);
    memcpy(h, name, strnlen(name, 100));
    octal(h + 100, 8, 0644);
    octal(h + 108, 8, 0);
    octal(h + 116, 8, 0);
    octal(h + 124, 12, size);
    octal(h + 136, 12, 0);
    h[156] = type;
    memcpy(h + 257,
           "ustar\0"
           "00",
           8);
    seal(h);
    tar->n += 512;
    return h;
}

static void add_body(struct prq_buf *tar, const void *p, size_t n)
{
    static const uint8_t zeros[512];
    prq_buf_add(tar, p, n);
    prq_buf_add(tar, zeros, (512 - n % 512) % 512);
}

static void add_end(struct prq_buf *tar)
{
    static const uint8_t zeros[1024];
    prq_buf_add(tar, zeros, sizeof zeros);
}

/* One record "LENGTH key=value\n", whose length counts its own digits. */
static void add_record(struct prq_buf *body, const char *key, const char *value, size_t n)
{
    size_t rest = strlen(key) + n + 3, total = rest + 1;
    char digits[24];
    while ((size_t)snprintf(digits, sizeof digits, "%zu", total) + rest > total)
        total++;
    prq_buf_printf(body, "%s %s=", digits, key);
    prq_buf_add(body, value, n);
    prq_buf_byte(body, '\n');
}

static void add_pax(struct prq_buf *tar, const struct prq_buf *records)
{
    add_header(tar, "PaxHeaders/x", 'x', records->n);
    add_body(tar, records->p, records->n);
}

static struct prq_buf buf_new(void)
{
    struct prq_buf b;
    prq_buf_init(&b, PRQ_MIB(64));
    return b;
}

/* Names are bytes in pax headers too, whatever the locale. */
static void test_tar_names_are_bytes(void **state)
{
    (void)state;
    static const char *const names[] = { "plain",     "caf\xc3\xa9", "lat\xe9in",
                                         "\xff\xfe",  "\xc0\x80",    "\xed\xa0\x80",
                                         "a\xcc\x81", "\xc3\xa1",    "x/\xe2\x82" };
    static const char *const locales[] = { "C", "C.UTF-8", "de_DE.ISO-8859-1" };
    for (size_t l = 0; l < PRQ_COUNT(locales); l++) {
        if (!setlocale(LC_ALL, locales[l]))
            continue;
        for (size_t i = 0; i < PRQ_COUNT(names); i++) {
            PRQ_BUF tar = buf_new(), records = buf_new();
            add_record(&records, "path", names[i], strlen(names[i]));
            add_record(&records, "linkpath", names[i], strlen(names[i]));
            add_record(&records, "uname", names[i], strlen(names[i]));
            add_pax(&tar, &records);
            add_header(&tar, "short", '2', 0);
            add_header(&tar, names[i], '0', 0);
            add_header(&tar, "././@LongLink", 'L', strlen(names[i]));
            add_body(&tar, names[i], strlen(names[i]));
            add_header(&tar, "././@LongLink", 'K', strlen(names[i]));
            add_body(&tar, names[i], strlen(names[i]));
            add_header(&tar, "short", '1', 0);
            add_end(&tar);
            PRQ_BUF want = buf_new();
            prq_buf_printf(&want, "lrw-r--r-- 0/0 0 1970-01-01 00:00:00 %s -> %s\n", names[i],
                           names[i]);
            prq_buf_printf(&want, "-rw-r--r-- 0/0 0 1970-01-01 00:00:00 %s\n", names[i]);
            prq_buf_printf(&want, "hrw-r--r-- 0/0 0 1970-01-01 00:00:00 %s link to %s\n", names[i],
                           names[i]);
            WALKED w = walk_new(prq_buf_bytes(&tar), SIZE_MAX);
            assert_str(prq_str_from(w.err.text), "");
            assert_bytes(prq_buf_bytes(&w.listing), prq_buf_bytes(&want));
        }
    }
    setlocale(LC_ALL, "C");
}

static void test_tar_numbers(void **state)
{
    (void)state;
    PRQ_BUF tar = buf_new(), records = buf_new();
    char *h = add_header(&tar, "base256", '0', 0);
    memcpy(h + 108, "\x80\0\0\0\x01\x02\x03\x04", 8);                        /* uid 0x01020304 */
    memcpy(h + 124, "\x80\0\0\0\0\0\0\0\0\0\0\x03", 12);                     /* size 3 */
    memcpy(h + 136, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe", 12); /* mtime -2 */
    seal(h);
    add_body(&tar, "abc", 3);
    add_record(&records, "size", "5", 1);
    add_record(&records, "uid", "4294967297", 10);
    add_record(&records, "gid", "7", 1);
    add_record(&records, "mtime", "-1.5", 4);
    add_record(&records, "SCHILY.xattr.security.capability", "\x01\0\n=\xff", 5);
    add_record(&records, "SCHILY.xattr.user.empty", "", 0);
    add_record(&records, "LIBARCHIVE.xattr.user.b64", "aGVsbG8", 7);
    add_pax(&tar, &records);
    add_header(&tar, "pax", '0', 0);
    add_body(&tar, "12345", 5);
    add_end(&tar);
    WALKED w = walk_new(prq_buf_bytes(&tar), 13);
    assert_str(prq_str_from(w.err.text), "");
    assert_str(prq_buf_view(&w.listing), "-rw-r--r-- 16909060/0 3 1969-12-31 23:59:58 base256\n"
                                         "-rw-r--r-- 4294967297/7 5 1969-12-31 23:59:59 pax\n");
    assert_str(prq_buf_view(&w.contents), "abc12345");
    assert_true(prq_str_has(prq_buf_view(&w.xattrs), PRQ_S("user.empty=\n")));
    assert_true(prq_str_has(prq_buf_view(&w.xattrs), PRQ_S("user.b64=hello\n")));
    static const char capability[] = "security.capability=\x01\0\n=\xff\n";
    assert_true(
        prq_str_has(prq_buf_view(&w.xattrs), (prq_str){ capability, sizeof capability - 1 }));
}

static void test_tar_empty(void **state)
{
    (void)state;
    static const uint8_t zeros[10240];
    static const size_t sizes[] = { 0, 512, 1024, 10240 };
    for (size_t i = 0; i < PRQ_COUNT(sizes); i++) {
        WALKED w = walk_new((prq_bytes){ zeros, sizes[i] }, SIZE_MAX);
        assert_str(prq_str_from(w.err.text), "");
        assert_true(w.is_good);
        assert_int_equal(w.listing.n, 0);
    }
}

/* Cut anywhere but between members, and the walk says so; between members an end is an end. */
static void test_tar_cut(void **state)
{
    (void)state;
    PRQ_BUF tar = buf_new();
    add_header(&tar, "a", '0', 600);
    static const uint8_t body[600];
    add_body(&tar, body, sizeof body);
    add_header(&tar, "b", '0', 1);
    add_body(&tar, "x", 1);
    for (size_t n = 1; n < tar.n; n++) {
        WALKED w = walk_new((prq_bytes){ tar.p, n }, SIZE_MAX);
        assert_int_equal(w.is_good, n == 1536);
        if (!w.is_good) {
            assert_int_equal(w.err.code, PRQ_E_FORMAT);
            assert_true(w.err.has_offset && w.err.offset <= n);
        }
    }
}

static void test_tar_damaged(void **state)
{
    (void)state;
    PRQ_BUF tar = buf_new();
    add_header(&tar, "a", '0', 0);
    char *h = add_header(&tar, "b", '0', 0);
    h[0] = 'c'; /* the checksum no longer fits */
    add_end(&tar);
    WALKED w = walk_new(prq_buf_bytes(&tar), SIZE_MAX);
    assert_false(w.is_good);
    assert_int_equal(w.err.code, PRQ_E_FORMAT);
    assert_int_equal(w.err.offset, 1024);
    assert_true(prq_str_has(prq_buf_view(&w.listing), PRQ_S(" a\n")));
    WALKED text = walk_new((prq_bytes){ (const uint8_t *)"just some text", 14 }, SIZE_MAX);
    assert_false(text.is_good);
    assert_int_equal(text.err.code, PRQ_E_FORMAT);
}

static void test_tar_warning(void **state)
{
    (void)state;
    PRQ_BUF tar = buf_new(), records = buf_new();
    prq_buf_str(&records, PRQ_S("999 path=too long\n"));
    add_pax(&tar, &records);
    add_header(&tar, "a", '0', 0);
    add_end(&tar);
    PRQ_STREAM below = unit_drip(prq_buf_bytes(&tar), SIZE_MAX);
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_tar *t;
    struct prq_tar_entry e;
    assert_true(prq_tar_open(below, &t, &err));
    assert_int_equal(prq_tar_next(t, &e, &err), PRQ_NEXT_ITEM);
    assert_str(e.path, "a");
    assert_true(e.warning.n > 0);
    assert_int_equal(e.header_offset, 0);
    assert_int_equal(prq_tar_next(t, &e, &err), PRQ_NEXT_END);
    prq_tar_close(t);
}

static void expect_refused(const struct prq_buf *tar, enum prq_code code)
{
    WALKED w = walk_new(prq_buf_bytes(tar), SIZE_MAX);
    assert_false(w.is_good);
    assert_int_equal(w.err.code, code);
}

/* Source of the limits: security-model.md 2.1, row "tar": pax_bytes, sparse_entries. */
static void test_tar_header_limits(void **state)
{
    (void)state;
    PRQ_BUF big = buf_new(), many = buf_new(), chain = buf_new(), sparse = buf_new();
    PRQ_BUF records = buf_new(), filler = unit_text(600000, 2);
    add_header(&big, "x", 'x', PRQ_MIB(1) + 1);
    add_body(&big, filler.p, filler.n);
    add_body(&big, filler.p, filler.n);
    add_header(&big, "a", '0', 0);
    expect_refused(&big, PRQ_E_LIMIT);

    add_record(&records, "comment", (const char *)filler.p, filler.n);
    for (size_t i = 0; i < 20; i++) /* each is allowed, their sum is not */
        add_pax(&many, &records);
    add_header(&many, "a", '0', 0);
    add_end(&many);
    expect_refused(&many, PRQ_E_LIMIT);

    prq_buf_clear(&records);
    add_record(&records, "comment", "x", 1);
    for (size_t i = 0; i < 40; i++)
        add_pax(&chain, &records);
    add_header(&chain, "a", '0', 0);
    add_end(&chain);
    expect_refused(&chain, PRQ_E_FORMAT);

    char *h = add_header(&sparse, "s", 'S', 512);
    memcpy(h + 257, "ustar  ", 8);
    memset(h + 265, 0, 512 - 265);
    octal(h + 386, 12, 0);
    octal(h + 386 + 12, 12, 512);
    h[482] = 1; /* more entries follow */
    octal(h + 483, 12, 512);
    seal(h);
    for (size_t i = 0; i < 10000; i++) {
        char *x = (char *)prq_buf_room(&sparse, 512);
        memset(x, 0, 512);
        for (size_t k = 0; k < 21; k++) {
            octal(x + 24 * k, 12, 0);
            octal(x + 24 * k + 12, 12, 0);
        }
        x[504] = 1;
        sparse.n += 512;
    }
    expect_refused(&sparse, PRQ_E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tar_like_gnu), cmocka_unit_test(test_tar_names_are_bytes),
        cmocka_unit_test(test_tar_numbers),  cmocka_unit_test(test_tar_empty),
        cmocka_unit_test(test_tar_cut),      cmocka_unit_test(test_tar_damaged),
        cmocka_unit_test(test_tar_warning),  cmocka_unit_test(test_tar_header_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
