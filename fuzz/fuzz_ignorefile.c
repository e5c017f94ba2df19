/* SPDX-License-Identifier: Apache-2.0 */
/* Ignore files: the first byte says which. A rule that counts has a condition, one that is refused a
 * reason, and places are lines of the file. */
#include "format/ignorefile.h"
#include "fuzz.h"

static bool has_condition(const struct prq_ignore_rule *r)
{
    return r->ids.n || r->packages.n || r->purls.n || r->paths.n || r->space.n || r->fix_state.n ||
           r->match_type.n || r->vex_status.n || r->vex_justification.n || r->name.n ||
           r->version.n || r->language.n || r->type.n || r->upstream.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { ".trivyignore", "rules.yaml", ".grype.yaml" };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(256));
    struct prq_ignore_set set = { 0 };
    struct prq_err err = PRQ_ERR_INIT;
    if (size < 1)
        return 0;
    prq_str name = prq_str_from(names[data[0] % PRQ_COUNT(names)]);
    prq_str text = { (const char *)data + 1, size - 1 };
    if (!prq_ignore_read(name, text, &prq_limits_default, a, &set, &err)) {
        FUZZ_CHECK(err.code != PRQ_E_NONE && err.text[0]);
        return 0;
    }
    for (size_t i = 0; i < set.n; i++) {
        const struct prq_ignore_rule *r = &set.rules[i];
        FUZZ_CHECK(prq_str_starts(r->where, name) && r->where.n > name.n + 1);
        FUZZ_CHECK(r->state == PRQ_RULE_REFUSED ? r->trouble.n > 0 : has_condition(r));
        FUZZ_CHECK(r->form != PRQ_IGNORE_OWN || r->reason.n > 0);
    }
    return 0;
}
