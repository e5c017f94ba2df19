/* SPDX-License-Identifier: Apache-2.0 */
#include "db/csafrefs.h"

#include "db/jsonutil.h"

void prq_csaf_references(struct prq_json *j, struct prq_arena *a, struct prq_record *r, size_t *cap,
                         bool only_own)
{
    if (!prq_json_array_or_skip(j))
        return;
    while (prq_json_item(j)) {
        prq_str category = { 0 }, url = { 0 };
        const struct prq_json_text wanted[] = { { PRQ_SI("category"), &category },
                                                { PRQ_SI("url"), &url } };
        if (!prq_json_object_or_skip(j))
            continue;
        prq_json_texts(j, wanted, PRQ_COUNT(wanted));
        bool is_own = prq_str_eq(category, PRQ_S("self"));
        if (!url.n || (only_own && !is_own))
            continue;
        if (!prq_arena_grow(a, &r->references, sizeof *r->references, cap, r->reference_count + 1)) {
            prq_json_no_memory(j);
            return;
        }
        r->references[r->reference_count++] =
            (struct prq_reference){ is_own ? PRQ_S("ADVISORY") : PRQ_S("WEB"), url };
    }
}
