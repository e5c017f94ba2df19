/* SPDX-License-Identifier: Apache-2.0 */
#include "report/jsonparts.h"

#include <stdio.h>

void prq_jw_strs(struct prq_jw *w, const char *key, struct prq_strs list)
{
    if (list.n == 0)
        return;
    prq_jw_key(w, key);
    prq_jw_array(w);
    for (size_t i = 0; i < list.n; i++)
        prq_jw_str(w, list.v[i]);
    prq_jw_array_end(w);
}

void prq_jw_shown_version(struct prq_jw *w, const struct prq_package *p)
{
    if (!p->has_epoch || p->epoch == 0) {
        prq_jw_kv(w, "version", p->version);
        return;
    }
    char text[512];
    int n = snprintf(text, sizeof text, "%llu:%.*s", (unsigned long long)p->epoch,
                     PRQ_FMT(prq_str_head(p->version, 480)));
    prq_jw_kv(w, "version", (prq_str){ text, n > 0 ? (size_t)n : 0 });
}

void prq_jw_evidence(struct prq_jw *w, const struct prq_package *p)
{
    prq_jw_key(w, "evidence");
    prq_jw_array(w);
    for (size_t i = 0; i < p->evidence_count; i++) {
        prq_jw_object(w);
        prq_jw_kv_u64(w, "layer", p->evidence[i].layer);
        prq_jw_kv(w, "path", p->evidence[i].path);
        prq_jw_object_end(w);
    }
    prq_jw_array_end(w);
}

static void flags(struct prq_jw *w, uint32_t f)
{
    if (!f)
        return;
    prq_jw_key(w, "flags");
    prq_jw_array(w);
    for (const struct prq_flag_word *word = prq_flag_words; word->word; word++)
        if (f & word->bit)
            prq_jw_str(w, prq_str_from(word->word));
    prq_jw_array_end(w);
}

void prq_jw_package(struct prq_jw *w, const struct prq_analysis *an, const struct prq_package *p)
{
    prq_jw_object(w);
    prq_jw_opt(w, "arch", p->arch);
    prq_jw_strs(w, "cpes", p->cpes);
    prq_jw_strs(w, "digests", p->digests);
    prq_jw_evidence(w, p);
    flags(w, p->flags);
    prq_jw_opt(w, "found_by", p->found_by);
    prq_jw_kv_u64(w, "layer", p->layer);
    prq_jw_strs(w, "licenses", p->licenses);
    prq_jw_kv(w, "name", p->name);
    if (p->owner && p->owner <= an->package_count)
        prq_jw_kv(w, "owner", an->packages[p->owner - 1].purl);
    prq_jw_kv(w, "purl", p->purl);
    if (p->size_bytes)
        prq_jw_kv_u64(w, "size_bytes", p->size_bytes);
    if (p->source_name.n || p->source_version.n) {
        prq_jw_key(w, "source");
        prq_jw_object(w);
        prq_jw_kv(w, "name", p->source_name.n ? p->source_name : p->name);
        prq_jw_opt(w, "version", p->source_version);
        prq_jw_object_end(w);
    }
    prq_jw_kv(w, "type", p->type);
    prq_jw_shown_version(w, p);
    prq_jw_object_end(w);
}

void prq_jw_gap(struct prq_jw *w, const struct prq_gap *g)
{
    prq_jw_object(w);
    prq_jw_kv(w, "kind", g->kind);
    if (g->layer != PRQ_GAP_NO_LAYER)
        prq_jw_kv_u64(w, "layer", g->layer);
    if (g->has_offset)
        prq_jw_kv_u64(w, "offset", g->offset);
    prq_jw_kv(w, "path", g->path);
    prq_jw_kv(w, "reason", g->reason);
    prq_jw_object_end(w);
}

void prq_jw_distro(struct prq_jw *w, const struct prq_distro *d)
{
    prq_jw_object(w);
    prq_jw_strs(w, "channels", d->channels);
    prq_jw_opt(w, "codename", d->codename);
    prq_jw_kv(w, "id", d->id);
    prq_jw_strs(w, "like", d->like);
    prq_jw_opt(w, "name", d->pretty_name.n ? d->pretty_name : d->name);
    prq_jw_opt(w, "path", d->path);
    prq_jw_opt(w, "version", d->version_id);
    prq_jw_object_end(w);
}

static void layers(struct prq_jw *w, const struct prq_analysis *an)
{
    prq_jw_key(w, "layers");
    prq_jw_array(w);
    for (size_t i = 0; i < an->layer_count; i++) {
        const struct prq_layer *l = &an->layers[i];
        prq_jw_object(w);
        prq_jw_opt(w, "created", l->created);
        prq_jw_opt(w, "diff_id", l->diff_id);
        prq_jw_opt(w, "digest", l->digest);
        prq_jw_kv_u64(w, "files", l->file_count);
        prq_jw_kv_u64(w, "index", i);
        prq_jw_opt(w, "instruction", l->instruction);
        prq_jw_kv_u64(w, "size_bytes", l->size_bytes);
        prq_jw_kv_u64(w, "tar_bytes", l->tar_bytes);
        prq_jw_kv_u64(w, "wasted_bytes", l->wasted_bytes);
        prq_jw_kv_u64(w, "wasted_files", l->wasted_files);
        prq_jw_object_end(w);
    }
    prq_jw_array_end(w);
}

static void base(struct prq_jw *w, const struct prq_base *b)
{
    if (!b->has_layers && !b->name.n && !b->digest.n)
        return;
    prq_jw_key(w, "base");
    prq_jw_object(w);
    prq_jw_opt(w, "digest", b->digest);
    if (b->has_layers) {
        prq_jw_kv_u64(w, "layers", b->layers);
        prq_jw_kv(w, "layers_from", b->layers_from);
    }
    prq_jw_opt(w, "name", b->name);
    prq_jw_opt(w, "name_from", b->name_from);
    prq_jw_object_end(w);
}

void prq_jw_image(struct prq_jw *w, const struct prq_analysis *an)
{
    static const char *const kinds[] = { "image", "rootfs", "dir", "list" };
    prq_jw_key(w, "image");
    prq_jw_object(w);
    prq_jw_opt(w, "architecture", an->architecture);
    base(w, &an->base);
    prq_jw_opt(w, "created", an->created);
    prq_jw_opt(w, "digest", an->digest);
    if (an->has_distro) {
        prq_jw_key(w, "distro");
        prq_jw_distro(w, &an->distro);
    }
    prq_jw_opt(w, "id", an->id);
    prq_jw_kv(w, "kind", prq_str_from(kinds[an->kind]));
    layers(w, an);
    prq_jw_kv(w, "name", an->name);
    prq_jw_opt(w, "os", an->os);
    prq_jw_opt(w, "sandbox", an->sandbox);
    prq_jw_strs(w, "tags", an->tags);
    prq_jw_opt(w, "variant", an->variant);
    prq_jw_object_end(w);
}

void prq_jw_left_out(struct prq_jw *w, const struct prq_analysis *an)
{
    if (!an->dev_left_out)
        return;
    prq_jw_key(w, "left_out");
    prq_jw_object(w);
    prq_jw_kv_u64(w, "dev", an->dev_left_out);
    prq_jw_object_end(w);
}

static void traced_range(struct prq_jw *w, const struct prq_traced_range *r)
{
    prq_jw_object(w);
    prq_jw_kv_bool(w, "affected", r->is_hit);
    prq_jw_key(w, "events");
    prq_jw_array(w);
    for (size_t i = 0; i < r->n; i++) {
        prq_jw_object(w);
        prq_jw_kv(w, "event", prq_str_from(prq_event_word(r->steps[i].kind)));
        prq_jw_kv(w, "sign", (prq_str){ &r->steps[i].sign, 1 });
        prq_jw_kv(w, "version", r->steps[i].version);
        prq_jw_object_end(w);
    }
    prq_jw_array_end(w);
    prq_jw_object_end(w);
}

void prq_jw_trace(struct prq_jw *w, const struct prq_trace *t)
{
    if (!t->scheme.n)
        return;
    prq_jw_key(w, "trace");
    prq_jw_object(w);
    if (t->is_everything)
        prq_jw_kv_bool(w, "every_version", true);
    if (t->is_invalid)
        prq_jw_kv_bool(w, "invalid_version", true);
    if (t->left_out)
        prq_jw_kv_u64(w, "left_out", t->left_out);
    if (t->listed)
        prq_jw_kv_bool(w, "listed", t->is_listed);
    if (t->n) {
        prq_jw_key(w, "ranges");
        prq_jw_array(w);
        for (size_t i = 0; i < t->n; i++)
            traced_range(w, &t->ranges[i]);
        prq_jw_array_end(w);
    }
    prq_jw_kv(w, "scheme", t->scheme);
    if (t->listed)
        prq_jw_kv_u64(w, "versions", t->listed);
    prq_jw_object_end(w);
}
