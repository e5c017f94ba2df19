/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: the examples of NIST IR 7695, 6.1.3.2 and 6.2.3.2, and names of NVD's feeds. */
#include "unit.h"

#include "model/cpe.h"

static void test_bindings(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    static const struct {
        const char *formatted, *uri;
    } cases[] = {
        { "cpe:2.3:a:microsoft:internet_explorer:8.0.6001:beta:*:*:*:*:*:*",
          "cpe:/a:microsoft:internet_explorer:8.0.6001:beta" },
        { "cpe:2.3:a:microsoft:internet_explorer:8.*:sp?:*:*:*:*:*:*",
          "cpe:/a:microsoft:internet_explorer:8.%02:sp%01" },
        { "cpe:2.3:a:hp:insight_diagnostics:7.4.0.1570:-:*:*:online:win2003:x64:*",
          "cpe:/a:hp:insight_diagnostics:7.4.0.1570:-:~~online~win2003~x64~" },
        { "cpe:2.3:a:hp:openview_network_manager:7.51:*:*:*:*:linux:*:*",
          "cpe:/a:hp:openview_network_manager:7.51::~~~linux~~" },
        { "cpe:2.3:a:foo\\\\bar:big\\$money_manager_2010:*:*:*:*:special:ipod_touch:80gb:*",
          "cpe:/a:foo%5cbar:big%24money_manager_2010:::~~special~ipod_touch~80gb~" },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        struct prq_cpe c;
        struct prq_err err = PRQ_ERR_INIT;
        assert_true(prq_cpe_parse(prq_str_from(cases[i].formatted), a, &c, &err));
        assert_str(prq_cpe_print(&c, a), cases[i].formatted);
        assert_str(prq_cpe_print_uri(&c, a), cases[i].uri);
        assert_true(prq_cpe_parse(prq_str_from(cases[i].uri), a, &c, &err));
        assert_str(prq_cpe_print(&c, a), cases[i].formatted);
    }
}

static void test_lenient(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_cpe c;
    /* What tools leave unescaped; upper case; a literal hyphen. */
    assert_true(prq_cpe_parse(PRQ_S("cpe:2.3:a:Foo:lib+x:1.0~rc1:\\-:*:*:*:node.js:*:*"), a, &c, NULL));
    assert_str(prq_cpe_print(&c, a), "cpe:2.3:a:foo:lib\\+x:1.0\\~rc1:\\-:*:*:*:node.js:*:*");
    assert_str(c.v[PRQ_CPE_TARGET_SW], "node.js");
    assert_true(prq_cpe_parse(PRQ_S("cpe:/o:redhat:enterprise_linux:8::baseos"), a, &c, NULL));
    assert_str(c.v[PRQ_CPE_EDITION], "baseos");
}

static void test_malformed(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    static const struct {
        const char *text;
        uint64_t at;
    } cases[] = {
        { "", 0 },
        { "cpe:", 0 },
        { "cpe:2.3:a:b:c", 13 },
        { "cpe:2.3:a:b:c:1:*:*:*:*:*:*:*:*", 30 },
        { "cpe:2.3:x:b:c:1:*:*:*:*:*:*:*", 8 },
        { "cpe:/a:b%2", 8 },
        { "cpe:2.3:a:b\x01:c:1:*:*:*:*:*:*:*", 11 },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        struct prq_cpe c;
        struct prq_err err = PRQ_ERR_INIT;
        assert_false(prq_cpe_parse(prq_str_from(cases[i].text), a, &c, &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
        assert_int_equal(err.offset, cases[i].at);
    }
}

/* Names that NVD has for these packages. */
static void test_candidates(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    static const struct {
        const char *type, *ns, *name, *version, *best, *also;
    } cases[] = {
        { "maven", "org.apache.logging.log4j", "org.apache.logging.log4j:log4j-core", "2.14.1",
          "cpe:2.3:a:apache:log4j:2.14.1:*:*:*:*:*:*:*",
          "cpe:2.3:a:apache:log4j-core:2.14.1:*:*:*:*:*:*:*" },
        { "maven", "org.apache.ant", "org.apache.ant:ant", "1.10",
          "cpe:2.3:a:apache:ant:1.10:*:*:*:*:*:*:*", NULL },
        { "pypi", "", "Django", "4.2.1", "cpe:2.3:a:djangoproject:django:4.2.1:*:*:*:*:*:*:*", NULL },
        { "pypi", "", "ujson", "5.1", "cpe:2.3:a:ujson:ujson:5.1:*:*:*:*:*:*:*",
          "cpe:2.3:a:ujson_project:ujson:5.1:*:*:*:*:*:*:*" },
        { "golang", "github.com/gorilla", "github.com/gorilla/mux", "v1.8.0",
          "cpe:2.3:a:gorilla:mux:v1.8.0:*:*:*:*:*:*:*", NULL },
        { "golang", "", "stdlib", "1.21.5", "cpe:2.3:a:golang:go:1.21.5:*:*:*:*:*:*:*", NULL },
        { "cargo", "", "time", "0.1.0", "cpe:2.3:a:time:time:0.1.0:*:*:*:*:rust:*:*",
          "cpe:2.3:a:time_project:time:0.1.0:*:*:*:*:rust:*:*" },
        { "npm", "@babel", "@babel/traverse", "7.23.1",
          "cpe:2.3:a:babel:traverse:7.23.1:*:*:*:*:*:*:*", NULL },
        { "binary", "", "python3.11", "3.11.2",
          "cpe:2.3:a:python3.11:python3.11:3.11.2:*:*:*:*:*:*:*",
          "cpe:2.3:a:python:python:3.11.2:*:*:*:*:*:*:*" },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        struct prq_package p = { .type = prq_str_from(cases[i].type), .ns = prq_str_from(cases[i].ns),
                                 .name = prq_str_from(cases[i].name),
                                 .version = prq_str_from(cases[i].version) };
        struct prq_strs out;
        bool found = cases[i].also == NULL;
        assert_true(prq_cpe_candidates(&p, a, &out));
        assert_true(out.n > 0 && out.n <= 64);
        assert_str(out.v[0], cases[i].best);
        for (size_t k = 0; !found && k < out.n; k++)
            found = prq_str_eq(out.v[k], prq_str_from(cases[i].also));
        assert_true(found);
    }
}

static void test_candidates_declared(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    prq_str own = PRQ_S("cpe:2.3:a:nodejs:node.js:18.0.0:*:*:*:*:*:*:*");
    struct prq_package p = { .type = PRQ_S("binary"), .name = PRQ_S("node"),
                             .version = PRQ_S("18.0.0"), .cpes = { &own, 1 } };
    struct prq_strs out;
    assert_true(prq_cpe_candidates(&p, a, &out));
    assert_str(out.v[0], "cpe:2.3:a:nodejs:node.js:18.0.0:*:*:*:*:*:*:*");
    assert_true(out.n > 1);
    p = (struct prq_package){ .type = PRQ_S("deb"), .name = PRQ_S("openssl"),
                              .version = PRQ_S("1:3.0-1") };
    assert_true(prq_cpe_candidates(&p, a, &out));
    assert_int_equal(out.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bindings),
        cmocka_unit_test(test_lenient),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_candidates),
        cmocka_unit_test(test_candidates_declared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
