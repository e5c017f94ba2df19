/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: what the specifications of the formats say of these documents. */
#include "format/vexfile.h"

#include "unit.h"

static struct prq_arena *arena;

static bool read(const char *text, struct prq_vex_doc *d, struct prq_err *err)
{
    return prq_vex_read(prq_str_from(text), &prq_limits_default, arena, d, err);
}

/* What stands before and behind; inheritance of the timestamp; identifiers and hashes. */
static void test_vexfile_openvex(void **state)
{
    struct prq_vex_doc d;
    (void)state;
    assert_true(read(
        "{\"statements\":[{\"vulnerability\":{\"@id\":\"https://x/CVE-2\",\"name\":\"CVE-1\","
        "\"aliases\":[\"GHSA-1\"]},\"products\":[{\"@id\":\"pkg:a/b\",\"identifiers\":{\"purl\":"
        "\"pkg:c/d\",\"cpe23\":\"cpe:2.3:a:b:c:*:*:*:*:*:*:*:*\"},\"hashes\":{\"sha-256\":\"ff\"},"
        "\"subcomponents\":[{\"@id\":\"pkg:e/f\"}]}],\"status\":\"not_affected\","
        "\"impact_statement\":\"no\"}],\"timestamp\":\"2023-01-01T00:00:00Z\",\"author\":\"Jo\","
        "\"@context\":\"https://openvex.dev/ns/v0.2.0\"}", &d, NULL));
    assert_string_equal(d.format, "openvex");
    assert_str(d.author, "Jo");
    assert_int_equal(d.count, 1);
    const struct prq_vex_statement *s = &d.statements[0];
    assert_int_equal(s->ids.n, 2);
    assert_str(s->ids.v[0], "CVE-1");
    assert_str(s->ids.v[1], "GHSA-1");
    assert_str(s->timestamp, "2023-01-01T00:00:00Z");
    assert_int_equal(s->status, PRQ_VEX_NOT_AFFECTED);
    assert_int_equal(s->flaw.n, 0);
    assert_int_equal(s->product_count, 1);
    assert_int_equal(s->products[0].self.names.n, 4);
    assert_str(s->products[0].self.names.v[3], "sha256:ff");
    assert_int_equal(s->products[0].part_count, 1);
    assert_str(s->products[0].parts[0].names.v[0], "pkg:e/f");
}

static void test_vexfile_envelope(void **state)
{
    struct prq_vex_doc d;
    (void)state;
    /* {"predicateType":"https://openvex.dev/ns","predicate":{"@context":"https://openvex.dev/ns",
     *  "statements":[{"vulnerability":"CVE-1","products":["p"],"status":"fixed"}]}} */
    assert_true(read(
        "{\"payloadType\":\"application/vnd.in-toto+json\",\"payload\":\""
        "eyJwcmVkaWNhdGVUeXBlIjoiaHR0cHM6Ly9vcGVudmV4LmRldi9ucyIsInByZWRpY2F0ZSI6eyJAY29udGV4dCI6"
        "Imh0dHBzOi8vb3BlbnZleC5kZXYvbnMiLCJzdGF0ZW1lbnRzIjpbeyJ2dWxuZXJhYmlsaXR5IjoiQ1ZFLTEiLCJw"
        "cm9kdWN0cyI6WyJwIl0sInN0YXR1cyI6ImZpeGVkIn1dfX0=\",\"signatures\":[]}", &d, NULL));
    assert_int_equal(d.count, 1);
    assert_int_equal(d.statements[0].status, PRQ_VEX_FIXED);
    assert_str(d.statements[0].products[0].self.names.v[0], "p");
}

static void test_vexfile_csaf(void **state)
{
    struct prq_vex_doc d;
    (void)state;
    assert_true(read(
        "{\"document\":{\"publisher\":{\"name\":\"V\"},\"tracking\":{\"id\":\"T\","
        "\"current_release_date\":\"2023-01-02T00:00:00Z\"}},\"vulnerabilities\":[{\"cve\":\"CVE-1\","
        "\"product_status\":{\"fixed\":[\"C\"],\"known_not_affected\":[\"A\",\"B\",\"D\"]},"
        "\"flags\":[{\"label\":\"component_not_present\",\"product_ids\":[\"A\",\"B\"]}]}],"
        "\"product_tree\":{\"full_product_names\":[{\"product_id\":\"A\","
        "\"product_identification_helper\":{\"purl\":\"pkg:a/a\"}}],\"relationships\":[{"
        "\"product_reference\":\"A\",\"relates_to_product_reference\":\"P\",\"full_product_name\":"
        "{\"product_id\":\"B\"}}],\"branches\":[{\"branches\":[{\"product\":{\"product_id\":\"P\","
        "\"product_identification_helper\":{\"cpe\":\"cpe:/o:v:p:8\"}}}]}]}}", &d, NULL));
    assert_string_equal(d.format, "csaf");
    assert_int_equal(d.count, 3); /* with and without a flag, and the fixed one */
    const struct prq_vex_statement *s = &d.statements[0];
    assert_str(s->justification, "component_not_present");
    assert_int_equal(s->product_count, 2);
    assert_str(s->products[0].self.names.v[0], "pkg:a/a");
    assert_str(s->products[1].self.names.v[0], "cpe:/o:v:p:8");
    assert_str(s->products[1].parts[0].names.v[0], "pkg:a/a");
    assert_true(d.statements[1].flaw.n > 0);
    assert_int_equal(d.statements[2].status, PRQ_VEX_FIXED);
}

static void test_vexfile_cyclonedx(void **state)
{
    struct prq_vex_doc d;
    (void)state;
    assert_true(read(
        "{\"bomFormat\":\"CycloneDX\",\"vulnerabilities\":[{\"id\":\"CVE-1\",\"analysis\":{\"state\":"
        "\"exploitable\"},\"affects\":[{\"ref\":\"x\"},{\"ref\":\"y\"}]}],\"metadata\":{\"component\":"
        "{\"bom-ref\":\"x\",\"purl\":\"pkg:a/x\"}}}", &d, NULL));
    assert_int_equal(d.count, 1);
    assert_int_equal(d.statements[0].status, PRQ_VEX_AFFECTED);
    assert_str(d.statements[0].products[0].self.names.v[0], "pkg:a/x");
    assert_str(d.statements[0].products[1].self.names.v[0], "y");
}

static void test_vexfile_malformed(void **state)
{
    static const struct {
        const char *text;
        enum prq_code code;
    } cases[] = {
        { "", PRQ_E_FORMAT },
        { "[]", PRQ_E_FORMAT },
        { "{}", PRQ_E_UNSUPPORTED },
        { "{\"@context\":\"https://openvex.dev/ns\"}", PRQ_E_FORMAT },
        { "{\"@context\":\"https://openvex.dev/ns\",\"statements\":[{]}", PRQ_E_FORMAT },
        { "{\"payload\":\"*\"}", PRQ_E_FORMAT },
        { "{\"predicateType\":\"x\",\"predicate\":{}}", PRQ_E_UNSUPPORTED },
    };
    (void)state;
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        struct prq_vex_doc d;
        struct prq_err err = PRQ_ERR_INIT;
        assert_false(read(cases[i].text, &d, &err));
        assert_int_equal(err.code, cases[i].code);
    }
}

/* Memory that runs out is an error wherever it does. */
static void test_vexfile_budget(void **state)
{
    (void)state;
    for (size_t budget = 256; budget < 65536; budget += 256) {
        PRQ_ARENA small = prq_arena_new(budget);
        struct prq_vex_doc d;
        struct prq_err err = PRQ_ERR_INIT;
        if (!prq_vex_read(PRQ_S("{\"@context\":\"https://openvex.dev/ns\",\"statements\":[{"
                                "\"vulnerability\":{\"name\":\"C\\u0041\"},\"products\":[{\"@id\":\"p\"}],"
                                "\"status\":\"fixed\"}]}"), &prq_limits_default, small, &d, &err))
            assert_int_equal(err.code, PRQ_E_LIMIT);
    }
}

static int make(void **state)
{
    (void)state;
    arena = prq_arena_new(PRQ_MIB(64));
    return arena ? 0 : -1;
}

static int drop(void **state)
{
    (void)state;
    prq_arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vexfile_openvex),   cmocka_unit_test(test_vexfile_envelope),
        cmocka_unit_test(test_vexfile_csaf),      cmocka_unit_test(test_vexfile_cyclonedx),
        cmocka_unit_test(test_vexfile_malformed), cmocka_unit_test(test_vexfile_budget),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
