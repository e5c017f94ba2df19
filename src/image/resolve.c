/* SPDX-License-Identifier: Apache-2.0 */
#include "image/opening.h"

#include "image/verify.h"
#include "lib/lib.h"

enum { INDEX_DEPTH = 8 };

bool prq_image_add_gap(struct prq_image *im, struct prq_arena *a, const char *kind, uint32_t layer,
                       prq_str path, prq_str reason)
{
    size_t cap = im->gap_count;
    struct prq_gap gap = { .kind = prq_str_from(kind), .layer = layer };
    gap.path = prq_arena_copy(a, path);
    gap.reason = prq_arena_copy(a, reason);
    /* Gaps are few: a copy of the list at every power of two. */
    if ((cap & (cap - 1)) == 0 &&
        !prq_arena_grow(a, &im->gaps, sizeof *im->gaps, &cap, cap ? cap * 2 : 1))
        return false;
    if (!gap.path.p || !gap.reason.p)
        return false;
    im->gaps[im->gap_count++] = gap;
    return true;
}

bool prq_image_add_tag(struct prq_image *im, struct prq_arena *a, prq_str tag)
{
    prq_str copy = prq_arena_copy(a, tag);
    prq_str *grown = prq_new_n(a, prq_str, im->tags.n + 1);
    if (!copy.p || !grown)
        return false;
    for (size_t i = 0; i < im->tags.n; i++)
        grown[i] = im->tags.v[i];
    grown[im->tags.n] = copy;
    im->tags.v = grown;
    im->tags.n++;
    return true;
}

/* ---- choosing */

static prq_str shown_name(const struct prq_descriptor *d)
{
    return d->ref_name.n ? d->ref_name : d->image_name.n ? d->image_name : d->digest;
}

static bool has_name(const struct prq_descriptor *d, prq_str name)
{
    prq_str tag, before;
    if (prq_str_eq(d->ref_name, name) || prq_str_eq(d->image_name, name))
        return true;
    /* "docker.io/library/alpine:3.17" answers to its tag too. */
    return d->image_name.n && prq_str_rcut(d->image_name, ':', &before, &tag) &&
           prq_str_eq(tag, name);
}

/* "a, b, c" as far as an error has room. */
static void list(const struct prq_descriptor *const *d, size_t n, bool by_platform, prq_str *out,
                 struct prq_buf *b)
{
    prq_buf_init(b, 380);
    for (size_t i = 0; i < n && !b->bad; i++) {
        size_t keep = b->n;
        const char *comma = i ? ", " : "";
        if (by_platform)
            prq_buf_printf(b, "%s%.*s/%.*s%s%.*s", comma, PRQ_FMT(d[i]->os),
                           PRQ_FMT(d[i]->architecture), d[i]->variant.n ? "/" : "",
                           PRQ_FMT(d[i]->variant));
        else
            prq_buf_printf(b, "%s%.*s", comma, PRQ_FMT(shown_name(d[i])));
        if (b->bad)
            b->n = keep;
    }
    *out = prq_buf_view(b);
}

static bool fail_list(struct prq_err *err, const char *text, const struct prq_descriptor *const *d,
                      size_t n, bool by_platform)
{
    PRQ_BUF b;
    prq_str names;
    list(d, n, by_platform, &names, &b);
    return prq_fail(err, PRQ_E_USAGE, "%s: %.*s%s", text, PRQ_FMT(names), b.bad ? ", …" : "");
}

static bool one_name(const struct prq_descriptor *const *d, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (!prq_str_eq(d[i]->ref_name, d[0]->ref_name) ||
            !prq_str_eq(d[i]->image_name, d[0]->image_name))
            return false;
    return true;
}

/* What was asked for is not there: no fault of the command line. */
static bool fail_absent(struct prq_err *err, const char *text, const struct prq_descriptor *const *d,
                        size_t n, bool platforms)
{
    fail_list(err, text, d, n, platforms);
    if (err)
        err->code = PRQ_E_UNSUPPORTED;
    return false;
}

/* Among images that differ by platform only. */
static bool choose_platform(const struct prq_opening *o, const struct prq_descriptor *const *d,
                            size_t n, const struct prq_descriptor **out, struct prq_err *err)
{
    unsigned best = 0;
    bool is_tie = false;
    for (size_t i = 0; i < n; i++) {
        unsigned score = d[i]->has_platform ? prq_platform_score(&o->platform, d[i]->os,
                                                                 d[i]->architecture, d[i]->variant)
                                            : 1;
        /* Of equals with a platform the first counts, as runtimes do. */
        if (score == best && score == 1 && !prq_str_eq(d[i]->digest, (*out)->digest))
            is_tie = true;
        if (score > best) {
            best = score;
            is_tie = false;
            *out = d[i];
        }
    }
    if (is_tie)
        return fail_list(err, "several images; name one of", d, n, false);
    if (best > 0)
        return true;
    /* The only one there is will do, unless another was asked for. */
    if (n == 1 && !o->platform.is_given) {
        *out = d[0];
        return true;
    }
    char text[120];
    snprintf(text, sizeof text, "no image for %.*s/%.*s%s%.*s; there are",
             PRQ_FMT(prq_str_head(o->platform.os, 20)),
             PRQ_FMT(prq_str_head(o->platform.architecture, 20)), o->platform.variant.n ? "/" : "",
             PRQ_FMT(prq_str_head(o->platform.variant, 20)));
    return fail_absent(err, text, d, n, true);
}

/* `name`: a tag, or empty. `is_top`: names tell images of a layout apart. */
static bool choose(const struct prq_opening *o, const struct prq_manifest *index, prq_str name,
                   bool is_top, const struct prq_descriptor **out, struct prq_err *err)
{
    struct prq_arena *a = o->ctx->scratch;
    const struct prq_descriptor **all = prq_new_n(a, const struct prq_descriptor *, index->count);
    const struct prq_descriptor **fit = prq_new_n(a, const struct prq_descriptor *, index->count);
    size_t n = 0, fits = 0;
    if (!all || !fit)
        return prq_fail(err, PRQ_E_NOMEM, "index");
    for (size_t i = 0; i < index->count; i++) {
        const struct prq_descriptor *d = &index->items[i];
        if (!prq_descriptor_is_image(d))
            continue;
        all[n++] = d;
        if (name.n == 0 || has_name(d, name))
            fit[fits++] = d;
    }
    if (n == 0)
        return prq_fail(err, PRQ_E_UNSUPPORTED, "the index lists no image");
    if (fits == 0) {
        char text[160];
        snprintf(text, sizeof text, "no image %.*s; there are", PRQ_FMT(prq_str_head(name, 120)));
        return fail_absent(err, text, all, n, false);
    }
    if (is_top && !one_name(fit, fits))
        return fail_list(err, "several images; name one of", fit, fits, false);
    return choose_platform(o, fit, fits, out, err);
}

/* ---- following */

static bool add_layers(const struct prq_opening *o, const struct prq_blob_reader *blobs,
                       const struct prq_manifest *m, const struct prq_image_config *config,
                       struct prq_image *im, struct prq_err *err)
{
    if (config->diff_id_count != m->count)
        return prq_fail(err, PRQ_E_FORMAT, "config lists %zu layers, the manifest %zu",
                        config->diff_id_count, m->count);
    im->layers = prq_new_n(o->arena, struct prq_image_layer, m->count);
    if (!im->layers)
        return prq_fail(err, PRQ_E_NOMEM, "layers");
    im->layer_count = m->count;
    for (size_t i = 0; i < m->count; i++) {
        const struct prq_descriptor *d = &m->items[i];
        struct prq_image_layer *layer = &im->layers[i];
        *layer = (struct prq_image_layer){ .digest = d->digest,
                                           .diff_id = config->diff_ids[i],
                                           .media_type = d->media_type,
                                           .size = d->size };
        enum prq_media media = prq_media_of(d->media_type);
        if (d->size > o->ctx->limits->blob_bytes)
            return prq_fail(err, PRQ_E_LIMIT, "layer %zu of %llu bytes is larger than blob_bytes",
                            i, (unsigned long long)d->size);
        bool ok = true;
        if (media == PRQ_MEDIA_FOREIGN && !(blobs->has && blobs->has(blobs->user, d))) {
            prq_str why = prq_arena_printf(o->ctx->scratch, "%.*s is a foreign layer: its registry does "
                                           "not hand it out, nothing of it was read",
                                           PRQ_FMT(prq_str_head(d->digest, 140)));
            layer->is_absent = true;
            ok = prq_image_add_gap(im, o->arena, "foreign-layer", (uint32_t)i, (prq_str){ 0 }, why);
        } else if (media != PRQ_MEDIA_LAYER && media != PRQ_MEDIA_FOREIGN) {
            prq_str why = prq_arena_printf(o->ctx->scratch, "layer of type %.*s",
                                           PRQ_FMT(prq_str_head(d->media_type, 200)));
            layer->is_absent = true;
            ok = prq_image_add_gap(im, o->arena, "unsupported", (uint32_t)i, (prq_str){ 0 }, why);
        }
        if (!ok)
            return prq_fail(err, PRQ_E_NOMEM, "gaps");
    }
    return true;
}

bool prq_check_platform(const struct prq_opening *o, const struct prq_image_config *config,
                        struct prq_err *err)
{
    /* Configs often leave out the variant that the index told. */
    prq_str variant = config->variant.n ? config->variant : o->platform.variant;
    if (!o->platform.is_given ||
        prq_platform_score(&o->platform, config->os, config->architecture, variant))
        return true;
    return prq_fail(err, PRQ_E_UNSUPPORTED, "the image is for %.*s/%.*s%s%.*s, not %.*s/%.*s%s%.*s",
                    PRQ_FMT(config->os), PRQ_FMT(config->architecture),
                    config->variant.n ? "/" : "", PRQ_FMT(config->variant), PRQ_FMT(o->platform.os),
                    PRQ_FMT(o->platform.architecture), o->platform.variant.n ? "/" : "",
                    PRQ_FMT(o->platform.variant));
}

static bool read_config(const struct prq_opening *o, const struct prq_blob_reader *blobs,
                        const struct prq_manifest *m, struct prq_image *im, struct prq_err *err)
{
    PRQ_BUF b;
    prq_buf_init(&b, o->ctx->limits->manifest_bytes);
    struct prq_image_config config;
    prq_str type = { 0 };
    if (prq_media_of(m->config.media_type) != PRQ_MEDIA_CONFIG || m->artifact_type.n)
        return prq_fail(err, PRQ_E_UNSUPPORTED, "an artefact of type %.*s, not an image",
                        PRQ_FMT(m->artifact_type.n ? m->artifact_type : m->config.media_type));
    if (m->config.size > b.max)
        return prq_fail(err, PRQ_E_LIMIT, "image config larger than manifest_bytes");
    if (!blobs->read(blobs->user, &m->config, false, &b, &type, err) ||
        !prq_verify(prq_buf_view(&b), m->config.digest, m->config.size, err))
        return prq_in(err, "image config");
    im->config = prq_arena_copy(o->arena, prq_buf_view(&b));
    if (!im->config.p)
        return prq_fail(err, PRQ_E_NOMEM, "image config");
    if (!prq_image_config_parse(im->config, o->arena, o->ctx->limits, &config, err))
        return prq_in(err, "image config");
    if (!prq_check_platform(o, &config, err))
        return false;
    im->id = m->config.digest;
    return add_layers(o, blobs, m, &config, im, err);
}

static bool finish(const struct prq_opening *o, const struct prq_blob_reader *blobs,
                   const struct prq_manifest *m, prq_str digest, struct prq_image *im,
                   struct prq_err *err)
{
    im->digest = digest;
    im->media_type = m->media_type;
    im->base_name = m->base_name;
    im->base_digest = m->base_digest;
    return read_config(o, blobs, m, im, err);
}

static bool resolve_from(const struct prq_opening *o, const struct prq_blob_reader *blobs,
                         const struct prq_descriptor *start, struct prq_image *im,
                         struct prq_err *err)
{
    struct prq_descriptor d = *start;
    for (unsigned depth = 0; depth < INDEX_DEPTH; depth++) {
        PRQ_BUF b;
        prq_str type = { 0 };
        struct prq_manifest m;
        const struct prq_descriptor *next;
        uint64_t size = d.media_type.n ? d.size : UINT64_MAX;
        prq_buf_init(&b, o->ctx->limits->manifest_bytes);
        if (d.size > b.max)
            return prq_fail(err, PRQ_E_LIMIT, "manifest larger than manifest_bytes");
        if (!blobs->read(blobs->user, &d, true, &b, &type, err) ||
            !prq_verify(prq_buf_view(&b), d.digest, size, err))
            return prq_in(err, "manifest");
        prq_str bytes = prq_arena_copy(o->arena, prq_buf_view(&b));
        if (!bytes.p)
            return prq_fail(err, PRQ_E_NOMEM, "manifest");
        /* Both the descriptor and the answer's header have to agree with the body. */
        if (!prq_manifest_parse(bytes, d.media_type, o->arena, o->ctx->limits, &m, err) ||
            (type.n && prq_media_of(type) != PRQ_MEDIA_OTHER &&
             !prq_manifest_parse(bytes, type, o->arena, o->ctx->limits, &m, err)))
            return prq_in(err, "manifest %.*s", PRQ_FMT(d.digest));
        if (!m.is_index)
            return finish(o, blobs, &m, d.digest, im, err);
        if (!choose(o, &m, (prq_str){ 0 }, false, &next, err))
            return false;
        d = *next;
    }
    return prq_fail(err, PRQ_E_LIMIT, "indexes nested deeper than %d", INDEX_DEPTH);
}

bool prq_resolve(const struct prq_opening *o, const struct prq_blob_reader *blobs,
                 const struct prq_descriptor *d, struct prq_image *im, struct prq_err *err)
{
    return resolve_from(o, blobs, d, im, err);
}

bool prq_resolve_bytes(const struct prq_opening *o, const struct prq_blob_reader *blobs,
                       prq_str bytes, prq_str said, struct prq_image *im, struct prq_err *err)
{
    struct prq_manifest m;
    const struct prq_descriptor *next;
    prq_str digest;
    if (!prq_manifest_parse(bytes, said, o->arena, o->ctx->limits, &m, err))
        return prq_in(err, "manifest");
    if (!prq_digest_of(bytes, o->arena, &digest, err))
        return false;
    if (!m.is_index)
        return finish(o, blobs, &m, digest, im, err);
    return choose(o, &m, (prq_str){ 0 }, false, &next, err) &&
           resolve_from(o, blobs, next, im, err);
}

bool prq_resolve_layout(const struct prq_opening *o, const struct prq_blob_reader *blobs,
                        prq_str index, prq_str name, struct prq_image *im, struct prq_err *err)
{
    struct prq_manifest m;
    const struct prq_descriptor *next;
    struct prq_descriptor wanted = { 0 };
    if (prq_str_starts(name, PRQ_S("@"))) {
        wanted.digest = prq_str_from_at(name, 1);
        return resolve_from(o, blobs, &wanted, im, err);
    }
    if (!prq_manifest_parse(index, (prq_str){ 0 }, o->arena, o->ctx->limits, &m, err))
        return prq_in(err, "index.json");
    if (!m.is_index)
        return prq_fail(err, PRQ_E_FORMAT, "index.json is not an index");
    if (!choose(o, &m, name, true, &next, err))
        return false;
    if (next->image_name.n ? !prq_image_add_tag(im, o->arena, next->image_name)
                           : next->ref_name.n && !prq_image_add_tag(im, o->arena, next->ref_name))
        return prq_fail(err, PRQ_E_NOMEM, "tags");
    return resolve_from(o, blobs, next, im, err);
}
