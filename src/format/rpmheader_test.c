/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/buf.h"
#include "format/rpmheader.h"

/* A header written entry by entry, as the format says. */
struct writer {
    struct prq_buf index, data;
    uint32_t count;
};

static void put32(struct prq_buf *b, uint32_t v)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        prq_buf_byte(b, (uint8_t)(v >> shift));
}

static void writer_init(struct writer *w)
{
    *w = (struct writer){ .count = 0 };
    prq_buf_init(&w->index, PRQ_MIB(1));
    prq_buf_init(&w->data, PRQ_MIB(1));
}

static void add(struct writer *w, uint32_t tag, uint32_t type, uint32_t count, const void *p,
                size_t n)
{
    put32(&w->index, tag);
    put32(&w->index, type);
    put32(&w->index, (uint32_t)w->data.n);
    put32(&w->index, count);
    prq_buf_add(&w->data, p, n);
    w->count++;
}

static prq_bytes finish(struct writer *w, struct prq_arena *a)
{
    PRQ_BUF b;
    prq_buf_init(&b, PRQ_MIB(4));
    put32(&b, w->count);
    put32(&b, (uint32_t)w->data.n);
    prq_buf_str(&b, prq_buf_view(&w->index));
    prq_buf_str(&b, prq_buf_view(&w->data));
    prq_buf_release(&w->index);
    prq_buf_release(&w->data);
    return prq_bytes_of(prq_arena_copy(a, prq_buf_view(&b)));
}

static void test_rpmheader_values(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct writer w;
    writer_init(&w);
    add(&w, PRQ_RPMTAG_EPOCH, PRQ_RPM_INT32, 1, "\0\0\1\2", 4);
    add(&w, PRQ_RPMTAG_LONGSIZE, PRQ_RPM_NULL, 0, "\0\0\0", 4); /* pads to 8 */
    add(&w, PRQ_RPMTAG_SIZE, PRQ_RPM_INT64, 1, "\1\0\0\0\0\0\0\3", 8);
    add(&w, PRQ_RPMTAG_NAME, PRQ_RPM_STRING, 1, "bash", 5);
    add(&w, PRQ_RPMTAG_BASENAMES, PRQ_RPM_STRING_ARRAY, 3, "a\0\0ccc", 7);
    add(&w, PRQ_RPMTAG_FILESTATES, PRQ_RPM_CHAR, 2, "\0\2", 2);
    add(&w, 1004, PRQ_RPM_I18NSTRING, 2, "shell\0Schale", 13);
    add(&w, PRQ_RPMTAG_NAME, PRQ_RPM_STRING, 1, "zsh", 4); /* a dribble replaces */
    struct prq_rpm_header h;
    prq_bytes blob = finish(&w, a);
    assert_true(prq_rpm_header_parse(blob, &h, NULL));
    assert_str(prq_rpm_header_string(&h, PRQ_RPMTAG_NAME), "zsh");
    assert_str(prq_rpm_header_string(&h, 1004), "shell");
    assert_null(prq_rpm_header_string(&h, PRQ_RPMTAG_EPOCH).p);
    assert_null(prq_rpm_header_string(&h, PRQ_RPMTAG_ARCH).p);
    assert_true(prq_rpm_header_has(&h, PRQ_RPMTAG_LONGSIZE));
    assert_false(prq_rpm_header_has(&h, PRQ_RPMTAG_ARCH));
    struct prq_rpm_ints v = prq_rpm_header_ints(&h, PRQ_RPMTAG_EPOCH);
    assert_true(v.count == 1 && prq_rpm_int(&v, 0) == 258);
    v = prq_rpm_header_ints(&h, PRQ_RPMTAG_SIZE);
    assert_true(v.count == 1 && prq_rpm_int(&v, 0) == 0x0100000000000003);
    v = prq_rpm_header_ints(&h, PRQ_RPMTAG_FILESTATES);
    assert_true(v.count == 2 && prq_rpm_int(&v, 1) == 2);
    assert_true(prq_rpm_header_ints(&h, PRQ_RPMTAG_NAME).count == 0);
    struct prq_rpm_strings s = prq_rpm_header_strings(&h, PRQ_RPMTAG_BASENAMES);
    prq_str one;
    assert_true(prq_rpm_strings_next(&s, &one));
    assert_str(one, "a");
    assert_true(prq_rpm_strings_next(&s, &one));
    assert_str(one, "");
    assert_true(prq_rpm_strings_next(&s, &one));
    assert_str(one, "ccc");
    assert_false(prq_rpm_strings_next(&s, &one));
    assert_int_equal(s.left, 0);
    for (size_t n = 0; n < blob.n; n++)
        assert_false(prq_rpm_header_parse((prq_bytes){ blob.p, n }, &h, NULL));
}

static void refuses(uint32_t tag, uint32_t type, uint32_t count, const char *p, size_t n,
                    const char *why)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct writer w;
    struct prq_rpm_header h;
    struct prq_err err = PRQ_ERR_INIT;
    writer_init(&w);
    add(&w, tag, type, count, p, n);
    bool ok = prq_rpm_header_parse(finish(&w, a), &h, &err);
    assert_int_equal(ok, !why);
    assert_string_equal(err.text, why ? why : "");
    assert_true(!why || err.offset == 8);
}

static void test_rpmheader_malformed(void **state)
{
    (void)state;
    static const char outside[] = "rpm header entry outside of the data";
    refuses(1, 10, 1, "x", 2, "rpm header entry of an unknown type");
    refuses(1, PRQ_RPM_INT32, 2, "\0\0\0", 4, outside);
    refuses(1, PRQ_RPM_INT64, 0x20000000, "1234567", 8, outside);
    refuses(1, PRQ_RPM_BIN, 0, "x", 2, outside);
    refuses(1, PRQ_RPM_STRING, 1, "x", 1, "rpm header string without an end");
    refuses(1, PRQ_RPM_STRING, 1, "", 0, outside);
    refuses(1, PRQ_RPM_STRING, 2, "x\0y", 4, "rpm header string with a count");
    refuses(63, PRQ_RPM_BIN, 16, "\0\0\0\x3f\0\0\0\7\xff\xff\xff\xf0\0\0\0\x10", 16, NULL);
    refuses(63, PRQ_RPM_BIN, 8, "\0\0\0\x3f\0\0\0", 8, "rpm header has a malformed region");
    /* two entries are announced, one is there */
    refuses(63, PRQ_RPM_BIN, 16, "\0\0\0\x3f\0\0\0\7\xff\xff\xff\xe0\0\0\0\x10", 16,
            "rpm header has a malformed region trailer");
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct writer w;
    struct prq_rpm_header h;
    struct prq_err err = PRQ_ERR_INIT;
    writer_init(&w);
    add(&w, 1, PRQ_RPM_CHAR, 1, "x", 1);
    add(&w, 2, PRQ_RPM_INT16, 1, "\0\1", 2);
    assert_false(prq_rpm_header_parse(finish(&w, a), &h, &err));
    assert_string_equal(err.text, "rpm header entry is not aligned");
    assert_int_equal(err.offset, 8 + 16);
    writer_init(&w); /* right behind the last NUL */
    add(&w, 1, PRQ_RPM_STRING, 1, "a", 2);
    add(&w, 2, PRQ_RPM_STRING, 1, "b", 1);
    assert_false(prq_rpm_header_parse(finish(&w, a), &h, &err));
    assert_string_equal(err.text, "rpm header string without an end");
    assert_int_equal(err.offset, 8 + 16);
    /* An array that announces more strings than there are is noticed when it is walked. */
    writer_init(&w);
    add(&w, 1, PRQ_RPM_STRING_ARRAY, 3, "a\0bbb", 6);
    assert_true(prq_rpm_header_parse(finish(&w, a), &h, NULL));
    struct prq_rpm_strings s = prq_rpm_header_strings(&h, 1);
    prq_str one;
    assert_true(prq_rpm_strings_next(&s, &one) && prq_rpm_strings_next(&s, &one));
    assert_false(prq_rpm_strings_next(&s, &one));
    assert_int_equal(s.left, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rpmheader_values),
        cmocka_unit_test(test_rpmheader_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
