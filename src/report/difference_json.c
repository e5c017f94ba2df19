/* SPDX-License-Identifier: Apache-2.0 */
/* "pratique-diff/1": docs/diff.schema.json. Members in alphabetical order. */
#include "report/difference.h"
#include "report/jsonparts.h"

static void side(struct prq_jw *w, const char *key, const struct prq_report *r)
{
    const struct prq_analysis *an = r->analysis;
    uint64_t size = 0, tar = 0;
    for (size_t i = 0; i < an->layer_count; i++) {
        size += an->layers[i].size_bytes;
        tar += an->layers[i].tar_bytes;
    }
    prq_jw_key(w, key);
    prq_jw_object(w);
    prq_jw_opt(w, "digest", an->digest);
    if (an->has_distro) {
        prq_jw_key(w, "distro");
        prq_jw_distro(w, &an->distro);
    }
    prq_jw_kv_u64(w, "layers", an->layer_count);
    prq_jw_kv(w, "name", an->name);
    prq_jw_kv_u64(w, "packages", an->package_count);
    prq_jw_kv_u64(w, "size_bytes", size);
    prq_jw_kv_u64(w, "tar_bytes", tar);
    prq_jw_object_end(w);
}

static void package(struct prq_jw *w, const struct prq_package_change *c)
{
    static const char *const words[] = { "changed", "upgraded", "downgraded" };
    const struct prq_package *p = c->to ? c->to : c->from;
    prq_jw_object(w);
    prq_jw_opt(w, "arch", p->arch);
    if (c->from && c->to) {
        prq_jw_kv(w, "direction", prq_str_from(words[c->direction]));
        prq_jw_key(w, "from");
        prq_jw_object(w);
        prq_jw_kv(w, "purl", c->from->purl);
        prq_jw_shown_version(w, c->from);
        prq_jw_object_end(w);
    }
    prq_jw_kv_u64(w, "layer", p->layer);
    prq_jw_kv(w, "name", p->name);
    prq_jw_kv(w, "purl", p->purl);
    prq_jw_kv(w, "type", p->type);
    prq_jw_shown_version(w, p);
    prq_jw_object_end(w);
}

static void packages(struct prq_jw *w, const struct prq_difference *d)
{
    static const struct {
        const char *key;
        bool from, to;
    } lists[] = { { "added", false, true }, { "changed", true, true }, { "removed", true, false } };
    prq_jw_key(w, "packages");
    prq_jw_object(w);
    for (size_t k = 0; k < PRQ_COUNT(lists); k++) {
        prq_jw_key(w, lists[k].key);
        prq_jw_array(w);
        for (size_t i = 0; i < d->package_count; i++)
            if (!d->packages[i].from != lists[k].from && !d->packages[i].to != lists[k].to)
                package(w, &d->packages[i]);
        prq_jw_array_end(w);
    }
    prq_jw_kv_u64(w, "unchanged", d->unchanged);
    prq_jw_object_end(w);
}

static void finding(struct prq_jw *w, const struct prq_report *r, const struct prq_finding *f)
{
    const struct prq_package *p = &r->analysis->packages[f->package];
    prq_jw_object(w);
    prq_jw_strs(w, "aliases", f->aliases);
    prq_jw_opt(w, "cvss_score", f->cvss_score);
    prq_jw_strs(w, "fixed_in", f->fixed_in);
    prq_jw_kv(w, "id", f->id);
    if (f->is_kev)
        prq_jw_kv_bool(w, "kev", true);
    prq_jw_kv_u64(w, "layer", p->layer);
    prq_jw_key(w, "package");
    prq_jw_object(w);
    prq_jw_kv(w, "name", p->name);
    prq_jw_kv(w, "purl", p->purl);
    prq_jw_kv(w, "type", p->type);
    prq_jw_shown_version(w, p);
    prq_jw_object_end(w);
    prq_jw_kv(w, "severity", prq_str_from(prq_severity_word(f->severity)));
    prq_jw_kv(w, "state", prq_str_from(prq_fix_state_word(f->state)));
    prq_jw_opt(w, "summary", f->summary);
    prq_jw_object_end(w);
}

static void findings(struct prq_jw *w, const struct prq_difference *d)
{
    if (!d->is_judged)
        return;
    prq_jw_key(w, "findings");
    prq_jw_object(w);
    prq_jw_key(w, "fixed");
    prq_jw_array(w);
    for (size_t i = 0; i < d->fixed_count; i++)
        finding(w, d->a, &d->a->findings[d->fixed[i]]);
    prq_jw_array_end(w);
    prq_jw_key(w, "introduced");
    prq_jw_array(w);
    for (size_t i = 0; i < d->introduced_count; i++)
        finding(w, d->b, &d->b->findings[d->introduced[i]]);
    prq_jw_array_end(w);
    prq_jw_kv_u64(w, "remaining", d->remaining);
    prq_jw_object_end(w);
}

static void settings(struct prq_jw *w, const struct prq_difference *d)
{
    if (!d->has_config)
        return;
    prq_jw_key(w, "config");
    prq_jw_array(w);
    for (size_t i = 0; i < d->setting_count; i++) {
        const struct prq_setting_change *c = &d->settings[i];
        prq_jw_object(w);
        prq_jw_kv(w, "field", c->field);
        if (c->from)
            prq_jw_kv(w, "from", *c->from);
        prq_jw_opt(w, "key", c->key);
        if (c->to)
            prq_jw_kv(w, "to", *c->to);
        prq_jw_object_end(w);
    }
    prq_jw_array_end(w);
}

static void layers_of(struct prq_jw *w, const char *key, const struct prq_analysis *an, size_t from)
{
    prq_jw_key(w, key);
    prq_jw_array(w);
    for (size_t i = from; i < an->layer_count; i++) {
        const struct prq_layer *l = &an->layers[i];
        prq_jw_object(w);
        prq_jw_opt(w, "diff_id", l->diff_id);
        prq_jw_opt(w, "digest", l->digest);
        prq_jw_kv_u64(w, "index", i);
        prq_jw_opt(w, "instruction", l->instruction);
        prq_jw_kv_u64(w, "size_bytes", l->size_bytes);
        prq_jw_kv_u64(w, "tar_bytes", l->tar_bytes);
        prq_jw_object_end(w);
    }
    prq_jw_array_end(w);
}

bool prq_difference_json(const struct prq_difference *d, prq_str tool_version, struct prq_buf *out,
                         struct prq_err *err)
{
    struct prq_jw w;
    prq_jw_init(&w, out, true);
    prq_jw_object(&w);
    side(&w, "a", d->a);
    side(&w, "b", d->b);
    settings(&w, d);
    findings(&w, d);
    prq_jw_key(&w, "layers");
    prq_jw_object(&w);
    layers_of(&w, "only_a", d->a->analysis, d->shared_layers);
    layers_of(&w, "only_b", d->b->analysis, d->shared_layers);
    prq_jw_kv_u64(&w, "shared", d->shared_layers);
    prq_jw_object_end(&w);
    prq_jw_key(&w, "notes");
    prq_jw_array(&w);
    for (size_t i = 0; i < d->note_count; i++)
        prq_jw_str(&w, d->notes[i]);
    prq_jw_array_end(&w);
    packages(&w, d);
    prq_jw_kv(&w, "schema", PRQ_S("pratique-diff/1"));
    prq_jw_key(&w, "tool");
    prq_jw_object(&w);
    prq_jw_kv(&w, "name", PRQ_S("pratique"));
    prq_jw_kv(&w, "version", tool_version);
    prq_jw_object_end(&w);
    prq_jw_object_end(&w);
    prq_buf_byte(out, '\n');
    return !out->bad || prq_fail(err, PRQ_E_LIMIT, "the comparison is too large");
}
