/* SPDX-License-Identifier: Apache-2.0 */
/* What others decided, and what became of it: docs/report.schema.json, vex[] and ignores[]. */
#include "report/jsonparts.h"

static void product(struct prq_jw *w, const struct prq_vex_product *p)
{
    prq_jw_object(w);
    prq_jw_strs(w, "names", p->self.names);
    if (p->part_count) {
        prq_jw_key(w, "parts");
        prq_jw_array(w);
        for (size_t i = 0; i < p->part_count; i++)
            for (size_t k = 0; k < p->parts[i].names.n; k++)
                prq_jw_str(w, p->parts[i].names.v[k]);
        prq_jw_array_end(w);
    }
    prq_jw_object_end(w);
}

static void statement(struct prq_jw *w, const struct prq_vex_statement *s)
{
    enum { PRODUCTS_SHOWN = 20 }; /* an advisory of a distribution has thousands */
    prq_jw_object(w);
    prq_jw_opt(w, "action", s->action);
    prq_jw_kv_u64(w, "findings", s->findings);
    prq_jw_opt(w, "id", s->id);
    prq_jw_strs(w, "ids", s->ids);
    prq_jw_opt(w, "impact", s->impact);
    prq_jw_opt(w, "justification", s->justification);
    prq_jw_kv_u64(w, "number", s->number);
    prq_jw_kv_u64(w, "product_count", s->product_count);
    prq_jw_key(w, "products");
    prq_jw_array(w);
    for (size_t i = 0; i < s->product_count && i < PRODUCTS_SHOWN; i++)
        product(w, &s->products[i]);
    prq_jw_array_end(w);
    prq_jw_kv(w, "reason", s->reason);
    prq_jw_kv(w, "result", prq_str_from(prq_vex_result_word(s->result)));
    prq_jw_opt(w, "status", prq_str_from(prq_vex_status_word(s->status)));
    prq_jw_opt(w, "timestamp", s->timestamp);
    prq_jw_object_end(w);
}

void prq_jw_vex(struct prq_jw *w, const struct prq_vex_set *set)
{
    if (!set)
        return;
    prq_jw_key(w, "vex");
    prq_jw_array(w);
    for (size_t i = 0; i < set->n; i++) {
        const struct prq_vex_doc *d = set->docs[i];
        prq_jw_object(w);
        prq_jw_opt(w, "author", d->author);
        prq_jw_kv(w, "digest", d->digest);
        prq_jw_kv(w, "format", prq_str_from(d->format));
        prq_jw_opt(w, "id", d->id);
        prq_jw_kv(w, "path", d->path);
        prq_jw_key(w, "statements");
        prq_jw_array(w);
        for (size_t k = 0; k < d->count; k++)
            statement(w, &d->statements[k]);
        prq_jw_array_end(w);
        prq_jw_opt(w, "timestamp", d->timestamp);
        if (d->is_attached)
            prq_jw_kv_bool(w, "unverified", true);
        prq_jw_object_end(w);
    }
    prq_jw_array_end(w);
}

void prq_jw_ignores(struct prq_jw *w, const struct prq_ignore_set *set)
{
    if (!set)
        return;
    prq_jw_key(w, "ignores");
    prq_jw_array(w);
    for (size_t i = 0; i < set->n; i++) {
        const struct prq_ignore_rule *r = &set->rules[i];
        prq_jw_object(w);
        prq_jw_opt(w, "expires", r->expires);
        prq_jw_kv_u64(w, "findings", r->findings);
        prq_jw_kv(w, "form", prq_str_from(prq_ignore_form_word(r->form)));
        prq_jw_strs(w, "ids", r->ids);
        prq_jw_opt(w, "owner", r->owner);
        prq_jw_opt(w, "reason", r->reason);
        prq_jw_kv(w, "state", prq_str_from(prq_ignore_state_word(r->state)));
        prq_jw_opt(w, "trouble", r->trouble);
        prq_jw_kv(w, "where", r->where);
        prq_jw_object_end(w);
    }
    prq_jw_array_end(w);
}
