/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/buf.h"
#include "format/stanza.h"

/* "[name=value|name=value][…]" with line ends of values shown as '/'. */
static prq_str shown(struct prq_arena *a, const char *text, struct prq_stanzas *r)
{
    PRQ_BUF b;
    prq_buf_init(&b, 1 << 16);
    struct prq_stanza_field f;
    prq_stanzas_init(r, prq_str_from(text));
    while (prq_stanza_next(r)) {
        prq_buf_byte(&b, '[');
        bool is_first = true;
        while (prq_stanza_field(r, &f)) {
            assert_true(strncmp(text + f.at, f.name.p, f.name.n) == 0);
            prq_buf_printf(&b, "%s%.*s=", is_first ? "" : "|", PRQ_FMT(f.name));
            for (size_t i = 0; i < f.value.n; i++)
                prq_buf_byte(&b, f.value.p[i] == '\n' ? '/' : (uint8_t)f.value.p[i]);
            is_first = false;
        }
        prq_buf_byte(&b, ']');
    }
    return prq_arena_copy(a, prq_buf_view(&b));
}

static void test_stanza_shapes(void **state)
{
    (void)state;
    static const struct {
        const char *text, *shown;
        unsigned bad;
        size_t bad_at;
    } cases[] = {
        { "", "", 0, 0 },
        { "\n\n\n", "", 0, 0 },
        { "A: 1", "[A=1]", 0, 0 },
        { "A: 1\nB:2\n", "[A=1|B=2]", 0, 0 },
        { "\n\nA: 1\n\n\n\nB: 2\n\n", "[A=1][B=2]", 0, 0 },
        { "A: 1\r\nB: 2\r\n\r\nC: 3\r\n", "[A=1|B=2][C=3]", 0, 0 },
        { "A: x:y : z\n", "[A=x:y : z]", 0, 0 },
        { "A:\n one\n\ttwo\nB: 2\n", "[A=one/\ttwo|B=2]", 0, 0 },
        { "A: 1\n  \nB: 2\n", "[A=1|B=2]", 0, 0 }, /* an indent alone ends nothing */
        { "A:\nB: 2\n", "[A=|B=2]", 0, 0 },
        { "A : 1\n", "[A=1]", 0, 0 },
        { "junk\nA: 1\n", "[A=1]", 1, 0 },
        { "A: 1\njunk\n of two lines\nB: 2\n: 3\nC D: 4\n", "[A=1|B=2]", 3, 5 },
        { " orphan\nA: 1\n", "[A=1]", 1, 0 },
        { "A: 1\n\n\n orphan\n\nB: 2", "[A=1][][B=2]", 1, 7 },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct prq_stanzas r;
        assert_str(shown(a, cases[i].text, &r), cases[i].shown);
        assert_int_equal(r.bad_lines, cases[i].bad);
        assert_int_equal(r.bad_at, cases[i].bad_at);
    }
}

static void test_stanza_skips_rest(void **state)
{
    (void)state;
    struct prq_stanzas r;
    struct prq_stanza_field f;
    prq_stanzas_init(&r, PRQ_S("A: 1\nB: 2\n\nC: 3\nD: 4\n"));
    assert_true(prq_stanza_next(&r));
    assert_true(prq_stanza_field(&r, &f));
    assert_str(f.name, "A");
    assert_true(prq_stanza_next(&r)); /* B is passed over */
    assert_true(prq_stanza_field(&r, &f));
    assert_str(f.name, "C");
    assert_false(prq_stanza_next(&r));
    assert_false(prq_stanza_field(&r, &f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stanza_shapes),
        cmocka_unit_test(test_stanza_skips_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
