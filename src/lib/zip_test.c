/* SPDX-License-Identifier: Apache-2.0 */
/* Archives made by Info-ZIP's zip(1) must give back what went in; odd and hostile ones are made
 * header by header. */
#include "lib/lib_test.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static bool keep_piece(void *user, prq_bytes piece, struct prq_err *err)
{
    assert_true(piece.n > 0 && piece.n <= PRQ_GIB(1));
    return prq_buf_add(user, piece.p, piece.n) || prq_fail(err, PRQ_E_NOMEM, "no room");
}

/* The current member must come the same whole and in pieces. */
static bool read_both(struct prq_zip *z, struct prq_buf *out, struct prq_err *err)
{
    PRQ_BUF pieces;
    prq_buf_init(&pieces, PRQ_MIB(64));
    struct prq_err why = PRQ_ERR_INIT;
    size_t from = out->n;
    bool is_good = prq_zip_read(z, out, err);
    assert_int_equal(prq_zip_read_pieces(z, out->max - from, keep_piece, &pieces, &why), is_good);
    if (is_good)
        assert_bytes(prq_buf_bytes(&pieces), (prq_bytes){ out->p + from, out->n - from });
    else if (err)
        assert_int_equal(why.code, err->code);
    return is_good;
}

static bool read_member(struct prq_zip *z, prq_str path, struct prq_buf *out, struct prq_err *err)
{
    struct prq_zip_entry e;
    prq_zip_rewind(z);
    while (prq_zip_next(z, &e, err) == PRQ_NEXT_ITEM)
        if (prq_str_eq(e.path, path))
            return read_both(z, out, err);
    return prq_fail(err, PRQ_E_BUG, "no such member");
}

/* Every member's name and content, as "name:content\n". */
static bool dump_with(prq_bytes data, bool is_mapped, struct prq_buf *out, struct prq_err *err)
{
    struct prq_zip *z;
    struct prq_zip_entry e;
    const struct prq_zip_opts opts = { prq_limits_default.archive_members, is_mapped };
    if (!prq_zip_open_with(data, &opts, &z, err))
        return false;
    bool is_good = true;
    for (size_t i = 0; is_good && prq_zip_next(z, &e, err) == PRQ_NEXT_ITEM; i++) {
        prq_buf_str(out, e.path);
        prq_buf_byte(out, ':');
        size_t from = out->n;
        is_good = read_both(z, out, err);
        assert_int_equal(prq_zip_size(z), e.size);
        assert_int_equal(out->n - from, is_good ? e.size : 0);
        assert_int_equal(e.is_dir, prq_str_ends(e.path, PRQ_S("/")));
        prq_bytes view;
        bool is_stored = false;
        prq_zip_select(z, i);
        if (is_good && prq_zip_view(z, &view, &is_stored, err) && is_stored)
            assert_bytes(view, (prq_bytes){ out->p + from, out->n - from });
        prq_buf_byte(out, '\n');
    }
    prq_zip_close(z);
    return is_good;
}

static bool dump(prq_bytes data, struct prq_buf *out, struct prq_err *err)
{
    return dump_with(data, false, out, err);
}

static const char make_tree[] =
    "mkdir -p in/dir/deep && cd in && printf hello > hello && : > empty && "
    "yes pratique | head -c 300000 > text && head -c 50000 /dev/urandom > random && "
    "printf z > dir/$(printf 'lat\\351in') && printf u > dir/deep/$(printf 'caf\\303\\251')";

static void test_zip_of_info_zip(void **state)
{
    (void)state;
    struct unit_dir d = unit_dir_new();
    if (!unit_has_program("zip")) {
        unit_dir_free(&d);
        skip();
    }
    assert_int_equal(unit_sh(d.path, make_tree), 0);
    static const char *const ways[] = {
        "zip -qr ../z.zip .",
        "zip -qr0 ../z.zip .",
        "zip -qr9 -fz ../z.zip .",
        "zip -qr - . | cat > ../z.zip",
        "zip -qr -fz - . | cat > ../z.zip",
        "zip -qr ../p.zip . && { echo '#!/bin/sh'; cat ../p.zip; } > ../z.zip",
        "zip -qr -fz ../q.zip . && { echo '#!/bin/sh'; cat ../q.zip; } > ../z.zip",
        "zip -qr ../z.zip . && echo 'a comment' | zip -qz ../z.zip",
        "zip -qr ../z.zip . && printf 'trailing bytes' >> ../z.zip",
    };
    for (size_t i = 0; i < PRQ_COUNT(ways); i++) {
        char script[1024];
        snprintf(script, sizeof script, "rm -f *.zip && cd in && %s", ways[i]);
        assert_int_equal(unit_sh(d.path, script), 0);
        PRQ_BUF file = unit_slurp(&d, "z.zip");
        struct prq_err err = PRQ_ERR_INIT;
        struct prq_zip *z;
        bool is_open = prq_zip_open(prq_buf_bytes(&file), &z, &err);
        assert_str(prq_str_from(err.text), "");
        assert_true(is_open);
        static const char *const files[] = { "hello", "empty", "text", "random" };
        for (size_t f = 0; f < PRQ_COUNT(files); f++) {
            char name[32];
            snprintf(name, sizeof name, "in/%s", files[f]);
            PRQ_BUF want = unit_slurp(&d, name), out;
            prq_buf_init(&out, PRQ_MIB(1));
            bool is_read = read_member(z, prq_str_from(files[f]), &out, &err);
            assert_str(prq_str_from(err.text), "");
            assert_true(is_read);
            assert_bytes(prq_buf_bytes(&out), prq_buf_bytes(&want));
        }
        PRQ_BUF out, small;
        prq_buf_init(&out, 10);
        assert_true(read_member(z, PRQ_S("dir/lat\xe9in"), &out, &err));
        assert_true(read_member(z, PRQ_S("dir/deep/caf\xc3\xa9"), &out, &err));
        assert_str(prq_buf_view(&out), "zu");
        prq_buf_init(&small, 299999);
        assert_false(read_member(z, PRQ_S("text"), &small, &err));
        assert_int_equal(err.code, PRQ_E_LIMIT);
        prq_zip_close(z);
    }
    unit_dir_free(&d);
}

/* ---- header by header: APPNOTE.TXT 4.3.7, 4.3.12, 4.3.16 */

struct spec {
    const char *name, *local_name, *data;
    size_t data_n;
    uint32_t size, crc;
    uint16_t flags, method;
    size_t local_at; /* filled in */
};

static void le(struct prq_buf *b, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        prq_buf_byte(b, i < 8 ? (uint8_t)(v >> 8 * i) : 0);
}

static void add_local(struct prq_buf *b, struct spec *s)
{
    s->local_at = b->n;
    const char *name = s->local_name ? s->local_name : s->name;
    le(b, 0x04034b50, 4);
    le(b, 20, 2);
    le(b, s->flags, 2);
    le(b, s->method, 2);
    le(b, 0, 4);
    le(b, s->crc, 4);
    le(b, s->data_n, 4);
    le(b, s->size, 4);
    le(b, strlen(name), 2);
    le(b, 0, 2);
    prq_buf_str(b, prq_str_from(name));
    prq_buf_add(b, s->data, s->data_n);
}

static void add_central(struct prq_buf *b, const struct spec *s)
{
    le(b, 0x02014b50, 4);
    le(b, 20, 2);
    le(b, 20, 2);
    le(b, s->flags, 2);
    le(b, s->method, 2);
    le(b, 0, 4);
    le(b, s->crc, 4);
    le(b, s->data_n, 4);
    le(b, s->size, 4);
    le(b, strlen(s->name), 2);
    le(b, 0, 2 + 2 + 2 + 2 + 4);
    le(b, s->local_at, 4);
    prq_buf_str(b, prq_str_from(s->name));
}

static void add_end(struct prq_buf *b, size_t central_at, uint64_t entries)
{
    size_t n = b->n - central_at;
    le(b, 0x06054b50, 4);
    le(b, 0, 4);
    le(b, entries, 2);
    le(b, entries, 2);
    le(b, n, 4);
    le(b, central_at, 4);
    le(b, 0, 2);
}

static struct prq_buf zip_of(struct spec *specs, size_t n)
{
    struct prq_buf b;
    prq_buf_init(&b, PRQ_MIB(64));
    for (size_t i = 0; i < n; i++)
        add_local(&b, &specs[i]);
    size_t central_at = b.n;
    for (size_t i = 0; i < n; i++)
        add_central(&b, &specs[i]);
    add_end(&b, central_at, n);
    return b;
}

/* CRC-32 of "abc": 352441c2 (also the one in gzip of it). */
#define ABC .data = "abc", .data_n = 3, .size = 3, .crc = 0x352441c2

static void test_zip_members(void **state)
{
    (void)state;
    static const struct {
        struct spec spec;
        enum prq_code code;
    } cases[] = {
        { { .name = "a", ABC }, PRQ_E_NONE },
        { { .name = "a/", .data = "", .size = 0 }, PRQ_E_NONE },
        { { .name = "", ABC }, PRQ_E_NONE },
        { { .name = "a", ABC, .flags = 1 }, PRQ_E_UNSUPPORTED },
        { { .name = "a", ABC, .method = 12 }, PRQ_E_UNSUPPORTED },
        { { .name = "a", ABC, .local_name = "b" }, PRQ_E_FORMAT },
        { { .name = "a", .data = "abc", .data_n = 3, .size = 3, .crc = 1 }, PRQ_E_FORMAT },
        { { .name = "a", .data = "abc", .data_n = 3, .size = 4, .crc = 0x352441c2 }, PRQ_E_FORMAT },
        { { .name = "a",
            .data = "\x4b\x4c\x4a\x06\0",
            .data_n = 5,
            .size = 3,
            .crc = 0x352441c2,
            .method = 8 },
          PRQ_E_NONE },
        { { .name = "a",
            .data = "\x4b\x4c\x4a\x06\0",
            .data_n = 5,
            .size = 2,
            .crc = 0x352441c2,
            .method = 8 },
          PRQ_E_FORMAT },
        { { .name = "a",
            .data = "\x4b\x4c\x4a\x06\0",
            .data_n = 5,
            .size = 4,
            .crc = 0x352441c2,
            .method = 8 },
          PRQ_E_FORMAT },
        { { .name = "a",
            .data = "\x4b\x4c\x4a\x06\0",
            .data_n = 4,
            .size = 3,
            .crc = 0x352441c2,
            .method = 8 },
          PRQ_E_FORMAT },
        { { .name = "a", .data = "\x4b\x4c\x4a\x06\0", .data_n = 5, .size = 900000, .method = 8 },
          PRQ_E_FORMAT },
        { { .name = "a", .data = "\x03\0", .data_n = 2, .size = 0, .method = 8 }, PRQ_E_NONE },
        { { .name = "a", .data = "\xff\xff", .data_n = 2, .size = 1, .method = 8 }, PRQ_E_FORMAT },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        struct spec spec = cases[i].spec;
        PRQ_BUF zip = zip_of(&spec, 1), out;
        prq_buf_init(&out, PRQ_MIB(1));
        struct prq_err err = PRQ_ERR_INIT;
        bool is_good = dump(prq_buf_bytes(&zip), &out, &err);
        if (err.code != cases[i].code)
            print_error("case %zu: %s\n", i, err.text);
        assert_int_equal(err.code, cases[i].code);
        assert_int_equal(is_good, cases[i].code == PRQ_E_NONE);
    }
}

static void test_zip_overlap(void **state)
{
    (void)state;
    struct spec specs[] = { { .name = "a", ABC }, { .name = "a", ABC }, { .name = "c", ABC } };
    PRQ_BUF zip;
    prq_buf_init(&zip, 4096);
    add_local(&zip, &specs[0]);
    add_local(&zip, &specs[2]);
    specs[1].local_at = specs[0].local_at; /* twice the same bytes */
    size_t central_at = zip.n;
    for (size_t i = 0; i < 3; i++)
        add_central(&zip, &specs[i]);
    add_end(&zip, central_at, 3);
    struct prq_zip *z;
    struct prq_zip_entry e;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(prq_zip_open(prq_buf_bytes(&zip), &z, &err));
    static const bool readable[] = { false, false, true };
    for (size_t i = 0; i < 3; i++) {
        PRQ_BUF out;
        prq_buf_init(&out, 100);
        assert_int_equal(prq_zip_next(z, &e, &err), PRQ_NEXT_ITEM);
        assert_int_equal(prq_zip_read(z, &out, &err), readable[i]);
    }
    assert_int_equal(prq_zip_next(z, &e, &err), PRQ_NEXT_END);
    prq_zip_close(z);
}

static void test_zip_refused(void **state)
{
    (void)state;
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_zip *z;
    assert_false(prq_zip_open((prq_bytes){ 0 }, &z, &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
    struct spec specs[] = { { .name = "a", ABC }, { .name = "b", ABC } };
    PRQ_BUF zip = zip_of(specs, 2);
    /* limits: archive_members is the ceiling of prq_zip_open */
    assert_true(prq_zip_open_max(prq_buf_bytes(&zip), 2, &z, &err));
    prq_zip_close(z);
    assert_false(prq_zip_open_max(prq_buf_bytes(&zip), 1, &z, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
    /* Cut anywhere there is no end record; nothing but clean errors. */
    for (size_t n = 0; n < zip.n; n++) {
        assert_false(prq_zip_open((prq_bytes){ zip.p, n }, &z, &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
    }
    zip.p[zip.n - 22 + 10] = 3; /* one more member than there are */
    assert_false(prq_zip_open(prq_buf_bytes(&zip), &z, &err));
    zip.p[zip.n - 22 + 10] = 2;
    zip.p[zip.n - 22 + 4] = 1; /* second of several disks */
    assert_false(prq_zip_open(prq_buf_bytes(&zip), &z, &err));
    assert_int_equal(err.code, PRQ_E_UNSUPPORTED);

    PRQ_BUF empty = zip_of(specs, 0);
    assert_true(prq_zip_open(prq_buf_bytes(&empty), &z, &err));
    struct prq_zip_entry e;
    assert_int_equal(prq_zip_next(z, &e, &err), PRQ_NEXT_END);
    prq_zip_close(z);
}

/* More than is kept of a mapping: what was given back is there again. */
static void test_zip_mapped(void **state)
{
    (void)state;
    struct unit_dir d = unit_dir_new();
    static const char make[] = "mkdir in && cd in && for i in $(seq 200); do echo $i > f$i; done && "
                               "head -c 6000000 /dev/urandom > large && yes | head -c 9000000 > yes "
                               "&& zip -q ../z.zip f* yes && zip -q0 ../z.zip large";
    if (!unit_has_program("zip")) {
        unit_dir_free(&d);
        skip();
    }
    assert_int_equal(unit_sh(d.path, make), 0);
    PRQ_BUF file = unit_slurp(&d, "z.zip");
    char path[4096];
    snprintf(path, sizeof path, "%s/z.zip", d.path);
    int fd = open(path, O_RDONLY);
    void *map = mmap(NULL, file.n, PROT_READ, MAP_PRIVATE, fd, 0);
    assert_true(map != MAP_FAILED);
    PRQ_BUF plain, mapped;
    prq_buf_init(&plain, PRQ_MIB(32));
    prq_buf_init(&mapped, PRQ_MIB(32));
    assert_true(dump(prq_buf_bytes(&file), &plain, NULL));
    assert_true(dump_with((prq_bytes){ map, file.n }, true, &mapped, NULL));
    assert_true(plain.n > 15000000);
    assert_bytes(prq_buf_bytes(&mapped), prq_buf_bytes(&plain));
    munmap(map, file.n);
    close(fd);
    unit_dir_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zip_of_info_zip),
        cmocka_unit_test(test_zip_mapped),
        cmocka_unit_test(test_zip_members),
        cmocka_unit_test(test_zip_overlap),
        cmocka_unit_test(test_zip_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
