/* SPDX-License-Identifier: Apache-2.0 */
#include "model/sbomimage.h"

#include <stdio.h>

#include "model/sbomgive.h"

struct member {
    prq_str name;
    size_t at;
};

#define MEMBER(type, member) { PRQ_SI(#member), offsetof(struct type, member) }
#define TEXT(member) MEMBER(prq_analysis, member)
static const struct member image_texts[] = {
    TEXT(architecture), TEXT(created), TEXT(digest), TEXT(id),      TEXT(media_type),
    TEXT(options),      TEXT(os),      TEXT(sandbox), TEXT(variant),
    TEXT(base_name),    TEXT(base_digest),
};
#undef TEXT
#define TEXT(member) { PRQ_SI("base:" #member), offsetof(struct prq_base, member) }
static const struct member base_texts[] = {
    TEXT(digest), TEXT(layers_from), TEXT(name), TEXT(name_from),
};
#undef TEXT
#define TEXT(member) MEMBER(prq_layer, member)
static const struct member layer_texts[] = {
    TEXT(created), TEXT(diff_id), TEXT(digest), TEXT(instruction),
};
static const struct member layer_numbers[] = {
    TEXT(file_count), TEXT(size_bytes), TEXT(tar_bytes), TEXT(wasted_bytes), TEXT(wasted_files),
};
#undef TEXT
#define TEXT(member) MEMBER(prq_gap, member)
static const struct member gap_texts[] = { TEXT(kind), TEXT(path), TEXT(reason) };
#undef TEXT

static const char *const kinds[] = { "image", "rootfs", "dir", "list" };

static prq_str *text_at(void *thing, const struct member *m)
{
    return (prq_str *)(void *)((char *)thing + m->at);
}

static prq_str text_of(const void *thing, const struct member *m)
{
    return *(const prq_str *)(const void *)((const char *)thing + m->at);
}

static uint64_t number_of(const void *thing, const struct member *m)
{
    return *(const uint64_t *)(const void *)((const char *)thing + m->at);
}

/* ---- writing */

static void give_member(struct prq_giver *g, const char *list, size_t i, prq_str member,
                        prq_str value)
{
    prq_str name = prq_arena_printf(g->tmp, "%s:%zu:%.*s", list, i, PRQ_FMT(member));
    prq_give(g, name, value);
}

static void give_number(struct prq_giver *g, const char *list, size_t i, prq_str member, uint64_t v)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%llu", (unsigned long long)v);
    give_member(g, list, i, member, (prq_str){ text, (size_t)n });
}

static void give_layer(struct prq_giver *g, const struct prq_layer *l, size_t i)
{
    for (size_t k = 0; k < PRQ_COUNT(layer_texts); k++)
        if (text_of(l, &layer_texts[k]).n)
            give_member(g, "image:layer", i, layer_texts[k].name, text_of(l, &layer_texts[k]));
    for (size_t k = 0; k < PRQ_COUNT(layer_numbers); k++)
        if (k == 0 || number_of(l, &layer_numbers[k])) /* the first makes the layer */
            give_number(g, "image:layer", i, layer_numbers[k].name, number_of(l, &layer_numbers[k]));
    for (size_t k = 0; k < l->content_sets.n; k++)
        give_member(g, "image:layer", i, PRQ_S("content_set"), l->content_sets.v[k]);
}

static void give_base(struct prq_giver *g, const struct prq_base *base)
{
    char text[24];
    for (size_t k = 0; k < PRQ_COUNT(base_texts); k++)
        if (text_of(base, &base_texts[k]).n)
            prq_give(g, prq_arena_printf(g->tmp, "image:%.*s", PRQ_FMT(base_texts[k].name)),
                     text_of(base, &base_texts[k]));
    int n = snprintf(text, sizeof text, "%zu", base->layers);
    if (base->has_layers)
        prq_give(g, PRQ_S("image:base:layers"), (prq_str){ text, (size_t)n });
}

bool prq_fields_of_image(const struct prq_analysis *an, struct prq_arena *tmp,
                         const struct prq_field_sink *sink)
{
    struct prq_giver g = { .sink = sink, .tmp = tmp };
    prq_give(&g, PRQ_S("image:kind"), prq_str_from(kinds[an->kind]));
    for (size_t i = 0; i < PRQ_COUNT(image_texts); i++) {
        prq_str value = text_of(an, &image_texts[i]);
        if (value.n)
            prq_give(&g, prq_arena_printf(tmp, "image:%.*s", PRQ_FMT(image_texts[i].name)), value);
    }
    give_base(&g, &an->base);
    for (size_t i = 0; i < an->tags.n; i++)
        prq_give(&g, PRQ_S("image:tag"), an->tags.v[i]);
    for (size_t i = 0; i < an->layer_count; i++)
        give_layer(&g, &an->layers[i], i);
    return !g.failed && (!an->has_distro || prq_fields_of_distro(&an->distro, tmp, sink));
}

bool prq_fields_of_gaps(const struct prq_gap *gaps, size_t n, struct prq_arena *tmp,
                        const struct prq_field_sink *sink)
{
    struct prq_giver g = { .sink = sink, .tmp = tmp };
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < PRQ_COUNT(gap_texts); k++)
            if (k == 0 || text_of(&gaps[i], &gap_texts[k]).n) /* the first makes the gap */
                give_member(&g, "gap", i, gap_texts[k].name, text_of(&gaps[i], &gap_texts[k]));
        if (gaps[i].layer != PRQ_GAP_NO_LAYER)
            give_number(&g, "gap", i, PRQ_S("layer"), gaps[i].layer);
        if (gaps[i].has_offset)
            give_number(&g, "gap", i, PRQ_S("offset"), gaps[i].offset);
    }
    return !g.failed;
}

/* ---- reading */

/* "3:path": the index, and what follows. Lists grow by one: no number makes more room. */
static bool cut_index(prq_str rest, size_t have, uint64_t max, uint64_t *i, prq_str *member)
{
    prq_str number;
    return prq_str_cut(rest, ':', &number, member) && prq_str_u64(number, i) && *i <= have &&
           *i < max;
}

static void set_layer(struct prq_layer *l, prq_str member, prq_str value)
{
    for (size_t k = 0; k < PRQ_COUNT(layer_texts); k++)
        if (prq_str_eq(member, layer_texts[k].name))
            *text_at(l, &layer_texts[k]) = value;
    for (size_t k = 0; k < PRQ_COUNT(layer_numbers); k++)
        if (prq_str_eq(member, layer_numbers[k].name))
            (void)prq_str_u64(value, (uint64_t *)(void *)((char *)l + layer_numbers[k].at));
}

/* No image has more repositories than this (scan/contentsets.c). */
enum { SETS_MAX = 512 };

static bool add_content_set(struct prq_layer *l, prq_str value, struct prq_arena *a)
{
    size_t cap = l->content_sets.n;
    if (cap >= SETS_MAX)
        return true;
    if (!prq_arena_grow(a, &l->content_sets.v, sizeof value, &cap, cap + 1))
        return false;
    l->content_sets.v[l->content_sets.n++] = value;
    return true;
}

static void set_gap(struct prq_gap *g, prq_str member, prq_str value)
{
    uint64_t v;
    for (size_t k = 0; k < PRQ_COUNT(gap_texts); k++)
        if (prq_str_eq(member, gap_texts[k].name))
            *text_at(g, &gap_texts[k]) = value;
    if (prq_str_eq(member, PRQ_S("layer")) && prq_str_u64(value, &v))
        g->layer = (uint32_t)v;
    if (prq_str_eq(member, PRQ_S("offset")))
        g->has_offset = prq_str_u64(value, &g->offset);
}

static bool set_image(struct prq_analysis *an, prq_str name, prq_str value,
                      const struct prq_limits *limits, struct prq_arena *a,
                      struct prq_image_state *s)
{
    static const prq_str layer = PRQ_SI("layer:");
    uint64_t i;
    prq_str member;
    for (size_t k = 0; k < PRQ_COUNT(image_texts); k++)
        if (prq_str_eq(name, image_texts[k].name))
            *text_at(an, &image_texts[k]) = value;
    for (size_t k = 0; k < PRQ_COUNT(base_texts); k++)
        if (prq_str_eq(name, base_texts[k].name))
            *text_at(&an->base, &base_texts[k]) = value;
    if (prq_str_eq(name, PRQ_S("base:layers")) && prq_str_u64(value, &i)) {
        an->base.has_layers = true;
        an->base.layers = (size_t)i;
    }
    if (prq_str_eq(name, PRQ_S("kind")))
        for (size_t k = 0; k < PRQ_COUNT(kinds); k++)
            if (prq_str_eq(value, prq_str_from(kinds[k])))
                an->kind = (enum prq_source_kind)k;
    if (prq_str_eq(name, PRQ_S("tag"))) {
        if (!prq_arena_grow(a, &an->tags.v, sizeof value, &s->tag_cap, an->tags.n + 1))
            return false;
        an->tags.v[an->tags.n++] = value;
    }
    if (!prq_str_starts(name, layer) || !cut_index(prq_str_from_at(name, layer.n), an->layer_count,
                                                   limits->layers, &i, &member))
        return true;
    if (i == an->layer_count) {
        if (!prq_arena_grow(a, &an->layers, sizeof *an->layers, &s->layer_cap, an->layer_count + 1))
            return false;
        an->layers[an->layer_count++] = (struct prq_layer){ 0 };
    }
    if (prq_str_eq(member, PRQ_S("content_set")))
        return add_content_set(&an->layers[i], value, a);
    set_layer(&an->layers[i], member, value);
    return true;
}

static bool add_gap(struct prq_analysis *an, prq_str rest, prq_str value,
                    const struct prq_limits *limits, struct prq_arena *a, struct prq_image_state *s)
{
    uint64_t i;
    prq_str member;
    if (!cut_index(rest, an->gap_count, limits->gaps * limits->layers, &i, &member))
        return true;
    if (i == an->gap_count) {
        if (!prq_arena_grow(a, &an->gaps, sizeof *an->gaps, &s->gap_cap, an->gap_count + 1))
            return false;
        an->gaps[an->gap_count++] = (struct prq_gap){ .layer = PRQ_GAP_NO_LAYER };
    }
    set_gap(&an->gaps[i], member, value);
    return true;
}

bool prq_fields_to_image(struct prq_analysis *an, prq_str name, prq_str value,
                         const struct prq_limits *limits, struct prq_arena *a,
                         struct prq_image_state *state)
{
    static const prq_str image = PRQ_SI("image:"), gap = PRQ_SI("gap:");
    bool ok;
    prq_str full = name, raw = value;
    if (!prq_field_take(&name, &value, a, &ok))
        return ok;
    if (prq_str_starts(name, PRQ_S("distro:"))) {
        const struct prq_distro before = an->distro;
        if (!prq_fields_to_distro(&an->distro, full, raw, a, &state->distro))
            return false;
        an->has_distro |= memcmp(&before, &an->distro, sizeof before) != 0 && value.n > 0;
        return true;
    }
    if (prq_str_starts(name, image))
        return set_image(an, prq_str_from_at(name, image.n), value, limits, a, state);
    if (prq_str_starts(name, gap))
        return add_gap(an, prq_str_from_at(name, gap.n), value, limits, a, state);
    return true;
}
