/* SPDX-License-Identifier: Apache-2.0 */
#include "store/baseimage.h"

#include "format/dockerfile.h"
#include "format/json.h"
#include "lib/lib.h"

/* ---- chain ids */

static prq_str chained(prq_str below, prq_str diff_id, struct prq_arena *a)
{
    struct prq_digest *d;
    uint8_t raw[64];
    prq_str text = { 0 };
    if (!prq_digest_new(PRQ_SHA256, &d, NULL))
        return text;
    prq_digest_add(d, below.p, below.n);
    prq_digest_add(d, " ", 1);
    prq_digest_add(d, diff_id.p, diff_id.n);
    size_t n = prq_digest_end(d, raw);
    prq_digest_free(d);
    return prq_digest_text(PRQ_SHA256, (prq_bytes){ raw, n }, a, &text) ? text : (prq_str){ 0 };
}

prq_str *prq_chain_ids(const struct prq_analysis *an, struct prq_arena *a)
{
    prq_str *v = prq_new_n(a, prq_str, an->layer_count + 1);
    for (size_t i = 0; v && i < an->layer_count && an->layers[i].diff_id.n; i++)
        v[i] = i ? chained(v[i - 1], an->layers[i].diff_id, a) : an->layers[0].diff_id;
    return v;
}

/* "docker.io/library/alpine:3.17" says more than the name of a file; "latest" alone says less. */
static prq_str name_of(const struct prq_analysis *an)
{
    for (size_t i = 0; i < an->tags.n; i++)
        if (prq_str_find(an->tags.v[i], ':') < an->tags.v[i].n)
            return an->tags.v[i];
    return an->name;
}

void prq_base_remember(struct prq_cache *cache, const struct prq_analysis *an, struct prq_arena *a)
{
    prq_str *chain = an->kind == PRQ_SOURCE_IMAGE && an->layer_count ? prq_chain_ids(an, a) : NULL;
    struct prq_cached_image image = { name_of(an), an->digest };
    if (chain && chain[an->layer_count - 1].n)
        prq_cache_put_image(cache, chain[an->layer_count - 1], &image);
}

/* "alpine" is "alpine:latest"; a digest says all. */
static prq_str wanted_of(const struct prq_base *b, struct prq_arena *a)
{
    if (b->digest.n)
        return b->digest;
    prq_str name = b->name, before, digest;
    if (prq_str_cut(name, '@', &before, &digest))
        return digest;
    prq_str base = prq_path_base(name);
    return name.n && prq_str_find(base, ':') == base.n
               ? prq_arena_printf(a, "%.*s:latest", PRQ_FMT(name)) : name;
}

static bool is_same_image(const struct prq_cached_image *image, prq_str wanted)
{
    size_t less = image->name.n > wanted.n ? image->name.n - wanted.n : 0;
    return prq_str_eq(image->digest, wanted) || prq_str_eq(image->name, wanted) ||
           (less && image->name.p[less - 1] == '/' && prq_str_ends(image->name, wanted));
}

/* The longest part of the chain that was an image of its own; `exact`: the one that is named. */
static void find_in_index(struct prq_cache *cache, bool exact, struct prq_arena *a,
                          struct prq_analysis *an)
{
    struct prq_base *b = &an->base;
    prq_str wanted = wanted_of(b, a);
    prq_str *chain = cache && (wanted.n || !exact) ? prq_chain_ids(an, a) : NULL;
    for (size_t n = an->layer_count; chain && n-- > 1;) {
        struct prq_cached_image image;
        if (!chain[n - 1].n || !prq_cache_find_image(cache, chain[n - 1], wanted, a, &image) ||
            (exact && !is_same_image(&image, wanted)))
            continue;
        b->has_layers = true;
        b->layers = n;
        b->layers_from = PRQ_S("index");
        if (!b->name.n && !b->digest.n) {
            b->name = image.name;
            b->digest = image.digest;
            b->name_from = PRQ_S("index");
        }
        return;
    }
}

/* ---- labels */

static void read_labels(struct prq_json *j, struct prq_base *b)
{
    prq_str key;
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return;
    }
    while (prq_json_key(j, &key)) {
        if (prq_str_eq(key, PRQ_S("org.opencontainers.image.base.name")))
            prq_json_string_or_skip(j, &b->name);
        else if (prq_str_eq(key, PRQ_S("org.opencontainers.image.base.digest")))
            prq_json_string_or_skip(j, &b->digest);
        else
            prq_json_skip(j);
    }
}

static void name_by_labels(const struct prq_limits *limits, struct prq_arena *a,
                           struct prq_analysis *an)
{
    struct prq_json j;
    struct prq_base found = { .name_from = PRQ_S("label") };
    prq_str key;
    prq_json_init(&j, an->config, a, limits);
    if (!an->config.n || !prq_json_enter_object(&j))
        return;
    while (prq_json_key(&j, &key)) {
        if (!prq_str_eq(key, PRQ_S("config")) || !prq_json_enter_object(&j)) {
            prq_json_skip(&j);
            continue;
        }
        while (prq_json_key(&j, &key))
            if (prq_str_eq(key, PRQ_S("Labels")))
                read_labels(&j, &found);
            else
                prq_json_skip(&j);
    }
    if (found.name.n || found.digest.n)
        an->base = found;
}

/* ---- history */

static size_t layers_before(const struct prq_analysis *an, size_t history)
{
    size_t n = 0;
    for (size_t i = 0; i < history; i++)
        n += !an->history[i].is_empty_layer;
    return n;
}

static bool history_is_whole(const struct prq_analysis *an)
{
    return an->history_count && layers_before(an, an->history_count) == an->layer_count;
}

/* Whoever builds on an image repeats neither its CMD nor its ENTRYPOINT before the first new layer,
 * so the last such entry that a layer follows belongs to the base. */
static void find_by_history(struct prq_analysis *an)
{
    size_t layers = 0, base = 0, pending = 0;
    for (size_t i = 0; i < an->history_count; i++) {
        const struct prq_history *h = &an->history[i];
        prq_str by = h->created_by;
        if (!h->is_empty_layer) {
            if (pending)
                base = pending;
            pending = 0;
            layers++;
        } else if (prq_str_has(by, PRQ_S("CMD ")) || prq_str_has(by, PRQ_S("ENTRYPOINT "))) {
            pending = layers;
        }
    }
    if (layers == an->layer_count && base && base < layers) {
        an->base.has_layers = true;
        an->base.layers = base;
        an->base.layers_from = PRQ_S("history");
    }
}

/* Did the instruction write this entry? BuildKit and kaniko write "RUN …", the classic builder and
 * buildah "/bin/sh -c …", or "/bin/sh -c #(nop) COPY …" for what runs nothing. */
static bool wrote(const struct prq_instruction *i, prq_str by)
{
    static const prq_str mark = PRQ_SI("#(nop)");
    by = prq_str_trim(by);
    bool is_same = prq_str_starts(by, i->keyword) && by.n > i->keyword.n &&
                   prq_is_space(by.p[i->keyword.n]);
    if (is_same)
        return true;
    size_t at = prq_str_search(by, mark);
    if (at < by.n)
        return prq_str_starts(prq_str_trim(prq_str_from_at(by, at + mark.n)), i->keyword);
    return prq_str_eq(i->keyword, PRQ_S("RUN")) &&
           (prq_str_starts(by, PRQ_S("/")) || prq_str_starts(by, PRQ_S("|")));
}

/* From the end: each instruction of the Dockerfile has its entry; what is left is the base's. */
static void find_by_instructions(const struct prq_dockerfile_stage *s, struct prq_analysis *an)
{
    size_t h = an->history_count;
    if (!history_is_whole(an) || !s->base.n)
        return;
    for (size_t i = s->n; i-- > 0;) {
        if (h > 0 && wrote(s->v[i], an->history[h - 1].created_by))
            h--;
        else if (!prq_str_eq(s->v[i]->keyword, PRQ_S("ARG"))) /* not every builder writes those */
            return;
    }
    if (prq_str_eq(s->base, PRQ_S("scratch")) && h > 0)
        return;
    an->base.has_layers = true;
    an->base.layers = layers_before(an, h);
    an->base.layers_from = PRQ_S("dockerfile");
}

bool prq_base_find(struct prq_ctx *ctx, struct prq_cache *cache, prq_str dockerfile,
                   struct prq_arena *a, struct prq_analysis *an, struct prq_err *err)
{
    struct prq_dockerfile d;
    struct prq_dockerfile_stage s = { 0 };
    an->base = (struct prq_base){ 0 };
    if (dockerfile.n && (!prq_dockerfile_parse(dockerfile, a, &d, err) ||
                         !prq_dockerfile_last_stage(&d, a, &s, err)))
        return false;
    if (an->kind != PRQ_SOURCE_IMAGE || !an->layer_count)
        return true;
    if (s.base.n)
        an->base = (struct prq_base){ .name = s.base, .name_from = PRQ_S("dockerfile") };
    else if (an->base_name.n || an->base_digest.n)
        an->base = (struct prq_base){ .name = an->base_name, .digest = an->base_digest,
                                      .name_from = PRQ_S("annotation") };
    else
        name_by_labels(ctx->limits, a, an);
    find_in_index(cache, true, a, an);
    if (!an->base.has_layers && s.base.n)
        find_by_instructions(&s, an);
    if (!an->base.has_layers)
        find_in_index(cache, false, a, an);
    if (!an->base.has_layers && !s.base.n)
        find_by_history(an);
    return true;
}
