/* SPDX-License-Identifier: Apache-2.0 */
/* "pratique-compare/1": docs/compare.schema.json. Members in alphabetical order. */
#include "report/comparison.h"
#include "report/jsonparts.h"

static void difference(struct prq_jw *w, const struct prq_comparison *c, const struct prq_unlike *u)
{
    static const char *const sides[] = { "here", "there", "both" };
    prq_jw_object(w);
    prq_jw_kv(w, "cause", prq_str_from(prq_unlike_word(u->cause)));
    if (u->here.n)
        prq_jw_kv(w, "here", u->here);
    prq_jw_opt(w, "id", u->id);
    prq_jw_key(w, "package");
    prq_jw_object(w);
    prq_jw_kv(w, "name", u->name);
    if (u->package < c->report->analysis->package_count)
        prq_jw_kv(w, "purl", c->report->analysis->packages[u->package].purl);
    prq_jw_kv(w, "type", u->type);
    prq_jw_kv(w, "version", u->version);
    prq_jw_object_end(w);
    prq_jw_kv(w, "side", prq_str_from(sides[u->side]));
    prq_jw_opt(w, "text", u->text);
    if (u->there.n)
        prq_jw_kv(w, "there", u->there);
    if (u->theirs && u->ours && !prq_str_eq(u->theirs->id, u->ours->id))
        prq_jw_kv(w, "their_id", u->theirs->id);
    if (u->why)
        prq_jw_kv(w, "why", prq_str_from(u->why));
    prq_jw_object_end(w);
}

static void here(struct prq_jw *w, const struct prq_report *r)
{
    prq_jw_key(w, "here");
    prq_jw_object(w);
    prq_jw_opt(w, "digest", r->analysis->digest);
    prq_jw_kv_u64(w, "findings", r->finding_count);
    prq_jw_kv(w, "name", r->analysis->name);
    prq_jw_kv_u64(w, "packages", r->analysis->package_count);
    prq_jw_object_end(w);
}

static void there(struct prq_jw *w, const struct prq_foreign *f)
{
    size_t live = 0;
    for (size_t i = 0; i < f->finding_count; i++)
        live += !f->findings[i].is_suppressed;
    prq_jw_key(w, "there");
    prq_jw_object(w);
    prq_jw_opt(w, "created", f->created);
    prq_jw_opt(w, "data_built", f->data_built);
    prq_jw_opt(w, "digest", f->digest);
    prq_jw_kv_u64(w, "findings", live);
    prq_jw_kv(w, "name", f->name);
    prq_jw_kv_u64(w, "packages", f->package_count);
    prq_jw_kv(w, "tool", prq_str_from(prq_foreign_name(f->tool)));
    prq_jw_opt(w, "version", f->tool_version);
    prq_jw_object_end(w);
}

bool prq_comparison_json(const struct prq_comparison *c, struct prq_buf *out, struct prq_err *err)
{
    struct prq_jw w;
    prq_jw_init(&w, out, true);
    prq_jw_object(&w);
    prq_jw_key(&w, "counts");
    prq_jw_object(&w);
    for (unsigned i = 0; i < PRQ_UNLIKE_CAUSES; i++)
        if (c->counts[i])
            prq_jw_kv_u64(&w, prq_unlike_word((enum prq_unlike_cause)i), c->counts[i]);
    prq_jw_object_end(&w);
    prq_jw_key(&w, "differences");
    prq_jw_array(&w);
    for (size_t i = 0; i < c->n; i++)
        difference(&w, c, &c->v[i]);
    prq_jw_array_end(&w);
    here(&w, c->report);
    prq_jw_key(&w, "notes");
    prq_jw_array(&w);
    for (size_t i = 0; i < c->note_count; i++)
        prq_jw_str(&w, c->notes[i]);
    prq_jw_array_end(&w);
    prq_jw_key(&w, "same");
    prq_jw_object(&w);
    prq_jw_kv_u64(&w, "findings", c->findings_same);
    prq_jw_kv_u64(&w, "findings_by_alias", c->findings_alias);
    prq_jw_kv_u64(&w, "packages", c->packages_same);
    prq_jw_object_end(&w);
    prq_jw_kv(&w, "schema", PRQ_S("pratique-compare/1"));
    there(&w, c->foreign);
    prq_jw_key(&w, "tool");
    prq_jw_object(&w);
    prq_jw_kv(&w, "name", PRQ_S("pratique"));
    prq_jw_kv(&w, "version", c->tool_version);
    prq_jw_object_end(&w);
    prq_jw_object_end(&w);
    prq_buf_byte(out, '\n');
    return !out->bad || prq_fail(err, PRQ_E_LIMIT, "the comparison is too large");
}
