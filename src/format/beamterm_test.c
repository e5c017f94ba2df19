/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: erl_scan of Erlang/OTP 25 and Code.string_to_quoted of Elixir 1.14. */
#include "unit.h"

#include "format/beamterm.h"

static void expect(const char *text, bool is_elixir, const char *want)
{
    static const char kinds[] = ".<>\"am";
    char got[512];
    size_t n = 0;
    struct prq_beam b;
    struct prq_beam_token t;
    prq_beam_init(&b, prq_str_from(text), is_elixir);
    do {
        t = prq_beam_next(&b);
        n += (size_t)snprintf(got + n, sizeof got - n, "%c%.*s ", kinds[t.kind],
                              PRQ_FMT(t.kind == PRQ_BEAM_END ? PRQ_S("") : t.text));
    } while (t.kind != PRQ_BEAM_END);
    assert_string_equal(got, want);
}

static void test_beamterm_tokens(void **state)
{
    (void)state;
    expect("{a, 'b c', \"d\\\"e\", 1.5, $\", <<\"f\">>, << \"g\"/utf8 >>}. % h\n[<<1>>] #{i=>j}.", false,
           "<{ aa m, ab c m, \"d\\\"e m, a1.5 m, a$\" m, \"f m, \"g >} m. "
           "<[ <<< a1 >>> >] <{ ai m= m> aj >} m. . ");
    expect("%{\"a\": {:b, 'c', :\"d e\"}, f: 1} # g\n", true,
           "<{ \"a m: <{ ab m, \"c m, ad e >} m, af m: a1 >} . ");
    expect("\xef\xbb\xbf", false, ". ");
}

static void test_beamterm_members(void **state)
{
    (void)state;
    struct prq_beam_field f[4];
    assert_int_equal(prq_beam_members(PRQ_S("{a, [b, {c}], \"d\" => e,}"), true, f, 4), 3);
    assert_str(f[0].text, "a");
    assert_int_equal(f[1].kind, PRQ_BEAM_OPEN);
    assert_str(f[1].text, "[b, {c}]");
    assert_str(f[2].text, "e");
    assert_int_equal(f[3].kind, PRQ_BEAM_END);
    assert_int_equal(prq_beam_members(PRQ_S("[]"), false, f, 4), 0);
    assert_int_equal(prq_beam_members(PRQ_S("a"), false, f, 4), 0);
    assert_int_equal(prq_beam_members(PRQ_S("{a,b,c,d,e}"), false, f, 4), 4);
}

static void test_beamterm_cut(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t at;
    } cases[] = { { "{a, \"b", 4 }, { "{a, [b", 4 }, { "{a", 1 }, { "{a, 'b\\", 4 } };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        struct prq_beam b;
        struct prq_beam_field f;
        prq_beam_init(&b, prq_str_from(cases[i].text), false);
        assert_int_equal(prq_beam_next(&b).kind, PRQ_BEAM_OPEN);
        while (prq_beam_member(&b, &f))
            ;
        assert_true(b.is_cut);
        assert_int_equal(b.cut_at, cases[i].at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_beamterm_tokens),
        cmocka_unit_test(test_beamterm_members),
        cmocka_unit_test(test_beamterm_cut),
    };
    return cmocka_run_group_tests_name("beamterm", tests, NULL, NULL);
}
