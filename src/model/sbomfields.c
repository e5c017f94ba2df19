/* SPDX-License-Identifier: Apache-2.0 */
#include "model/sbomfields.h"

#include <stdio.h>

#include "model/sbomgive.h"

struct member {
    prq_str name;
    size_t at;
};

#define TEXT(member) { PRQ_SI(#member), offsetof(struct prq_package, member) }
static const struct member texts[] = {
    TEXT(arch),   TEXT(distro),     TEXT(found_by),       TEXT(goos),    TEXT(modularity),
    TEXT(name),   TEXT(ns),         TEXT(source_name),    TEXT(source_rpm), TEXT(source_version),
    TEXT(subpath), TEXT(type),      TEXT(vcs_url),        TEXT(vendor),  TEXT(version),
};
static const struct member lists[] = {
    TEXT(cpes), TEXT(depends), TEXT(digests), TEXT(licenses), TEXT(provides), TEXT(qualifiers),
};
#undef TEXT

#define TEXT(member) { PRQ_SI("distro:" #member), offsetof(struct prq_distro, member) }
static const struct member distro_texts[] = {
    TEXT(build_id), TEXT(codename), TEXT(id),         TEXT(name),
    TEXT(path),     TEXT(pretty_name), TEXT(version_id),
};
static const struct member distro_lists[] = { TEXT(channels), TEXT(like) };
#undef TEXT

/* ---- writing */

static bool is_utf8(prq_str s)
{
    while (s.n) {
        size_t n = prq_utf8_len(s);
        if (n == 0)
            return false;
        s = prq_str_from_at(s, n);
    }
    return true;
}

void prq_give(struct prq_giver *g, prq_str name, prq_str value)
{
    if (!name.p) {
        g->failed = true;
        return;
    }
    bool is_text = is_utf8(value);
    prq_str full = prq_arena_printf(g->tmp, PRQ_FIELD_PREFIX "%.*s%s", PRQ_FMT(name),
                                    is_text ? "" : ":hex");
    char *hex = is_text ? NULL : prq_arena_alloc_n(g->tmp, 2, value.n);
    if (!full.p || (!is_text && !hex)) {
        g->failed = true;
        return;
    }
    if (hex) {
        prq_hex_encode(prq_bytes_of(value), hex);
        value = (prq_str){ hex, 2 * value.n };
    }
    g->sink->put(g->sink->user, full, value);
}

static void give_u64(struct prq_giver *g, const char *name, uint64_t v)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%llu", (unsigned long long)v);
    prq_give(g, prq_str_from(name), (prq_str){ text, (size_t)n });
}

static const prq_str *text_at(const void *thing, size_t at)
{
    return (const prq_str *)(const void *)((const char *)thing + at);
}

static const struct prq_strs *list_at(const void *thing, size_t at)
{
    return (const struct prq_strs *)(const void *)((const char *)thing + at);
}

static bool same_lists(const struct prq_strs *a, const struct prq_strs *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!prq_str_eq(a->v[i], b->v[i]))
            return false;
    return true;
}

static void give_list(struct prq_giver *g, prq_str name, const struct prq_strs *list,
                      const struct prq_strs *told)
{
    if (same_lists(list, told))
        return;
    for (size_t i = 0; i < list->n; i++)
        prq_give(g, name, list->v[i]);
    if (list->n == 0) {
        prq_str none = prq_arena_printf(g->tmp, "%.*s:none", PRQ_FMT(name));
        prq_give(g, none, PRQ_S("true"));
    }
}

static void give_flags(struct prq_giver *g, uint32_t flags)
{
    prq_str text = { "", 0 };
    for (size_t i = 0; prq_flag_words[i].word && text.p; i++)
        if (flags & prq_flag_words[i].bit)
            text = prq_arena_printf(g->tmp, "%.*s%s%s", PRQ_FMT(text), text.n ? " " : "",
                                    prq_flag_words[i].word);
    prq_give(g, PRQ_S("flags"), text);
}

static void give_locations(struct prq_giver *g, const struct prq_package *p,
                           const struct prq_package *told)
{
    for (size_t i = 0; i < p->evidence_count; i++) {
        const struct prq_evidence *e = &p->evidence[i];
        bool is_told = i < told->evidence_count;
        char name[64];
        snprintf(name, sizeof name, "location:%zu:path", i);
        if (!is_told || !prq_str_eq(e->path, told->evidence[i].path))
            prq_give(g, prq_str_from(name), e->path);
        snprintf(name, sizeof name, "location:%zu:layer", i);
        if (e->layer != (is_told ? told->evidence[i].layer : 0))
            give_u64(g, name, e->layer);
    }
}

/* The layer that is understood: the lowest of the evidence. */
static uint32_t lowest_layer(const struct prq_package *p)
{
    uint32_t layer = p->evidence_count ? UINT32_MAX : 0;
    for (size_t i = 0; i < p->evidence_count; i++)
        if (p->evidence[i].layer < layer)
            layer = p->evidence[i].layer;
    return layer;
}

bool prq_fields_of_package(const struct prq_package *p, const struct prq_package *told,
                           struct prq_arena *tmp, const struct prq_field_sink *sink)
{
    struct prq_giver g = { .sink = sink, .tmp = tmp };
    for (size_t i = 0; i < PRQ_COUNT(texts); i++)
        if (!prq_str_eq(*text_at(p, texts[i].at), *text_at(told, texts[i].at)))
            prq_give(&g, texts[i].name, *text_at(p, texts[i].at));
    for (size_t i = 0; i < PRQ_COUNT(lists); i++)
        give_list(&g, lists[i].name, list_at(p, lists[i].at), list_at(told, lists[i].at));
    if (p->has_modularity != told->has_modularity)
        prq_give(&g, PRQ_S("has_modularity"), p->has_modularity ? PRQ_S("true") : PRQ_S("false"));
    if (p->has_epoch && (!told->has_epoch || p->epoch != told->epoch))
        give_u64(&g, "epoch", p->epoch);
    if (!p->has_epoch && told->has_epoch)
        prq_give(&g, PRQ_S("epoch"), PRQ_S("none"));
    if (p->flags != told->flags)
        give_flags(&g, p->flags);
    if (p->size_bytes != told->size_bytes)
        give_u64(&g, "size_bytes", p->size_bytes);
    give_locations(&g, p, told);
    if (p->layer != lowest_layer(p))
        give_u64(&g, "layer", p->layer);
    return !g.failed;
}

bool prq_fields_of_distro(const struct prq_distro *d, struct prq_arena *tmp,
                          const struct prq_field_sink *sink)
{
    struct prq_giver g = { .sink = sink, .tmp = tmp };
    static const struct prq_strs none;
    for (size_t i = 0; i < PRQ_COUNT(distro_texts); i++)
        if (text_at(d, distro_texts[i].at)->n)
            prq_give(&g, distro_texts[i].name, *text_at(d, distro_texts[i].at));
    for (size_t i = 0; i < PRQ_COUNT(distro_lists); i++)
        give_list(&g, distro_lists[i].name, list_at(d, distro_lists[i].at), &none);
    if (d->layer)
        give_u64(&g, "distro:layer", d->layer);
    return !g.failed;
}

/* ---- reading */

bool prq_field_take(prq_str *name, prq_str *value, struct prq_arena *a, bool *ok)
{
    *ok = true;
    if (!prq_str_starts(*name, PRQ_S(PRQ_FIELD_PREFIX)))
        return false;
    *name = prq_str_from_at(*name, sizeof PRQ_FIELD_PREFIX - 1);
    if (!prq_str_ends(*name, PRQ_S(":hex")))
        return true;
    uint8_t *raw = prq_arena_alloc(a, value->n / 2 + 1);
    if (!raw)
        return *ok = false;
    if (!prq_hex_decode(*value, raw))
        return false;
    name->n -= strlen(":hex");
    *value = (prq_str){ (const char *)raw, value->n / 2 };
    return true;
}

static bool set_text(void *thing, const struct member *m, size_t n, prq_str name, prq_str value)
{
    for (size_t i = 0; i < n; i++)
        if (prq_str_eq(name, m[i].name)) {
            *(prq_str *)(void *)((char *)thing + m[i].at) = value;
            return true;
        }
    return false;
}

/* True: the name is a list's; *ok tells whether there was room. */
static bool set_list(void *thing, const struct member *m, size_t n, prq_str name, prq_str value,
                     struct prq_arena *a, struct prq_field_state *s, bool *ok)
{
    bool is_none = prq_str_ends(name, PRQ_S(":none"));
    if (is_none)
        name.n -= strlen(":none");
    for (size_t i = 0; i < n; i++) {
        struct prq_strs *list = (struct prq_strs *)(void *)((char *)thing + m[i].at);
        if (!prq_str_eq(name, m[i].name))
            continue;
        if (is_none || !(s->lists & 1u << i)) {
            s->lists |= 1u << i;
            s->caps[i] = 0;
            *list = (struct prq_strs){ 0 };
        }
        *ok = is_none || prq_arena_grow(a, &list->v, sizeof *list->v, &s->caps[i], list->n + 1);
        if (!is_none && *ok)
            list->v[list->n++] = value;
        return true;
    }
    return false;
}

/* "3:path" */
static bool set_location(struct prq_package *p, prq_str rest, prq_str value, struct prq_arena *a,
                         struct prq_field_state *s)
{
    prq_str number, what;
    uint64_t i, layer;
    /* Locations come one after the other: a gap in the numbers is no reason to make room. */
    if (!prq_str_cut(rest, ':', &number, &what) || !prq_str_u64(number, &i) ||
        i > p->evidence_count)
        return true;
    if (i == p->evidence_count) {
        if (s->location_cap < p->evidence_count)
            s->location_cap = p->evidence_count;
        if (!prq_arena_grow(a, &p->evidence, sizeof *p->evidence, &s->location_cap,
                            p->evidence_count + 1))
            return false;
        p->evidence[p->evidence_count++] = (struct prq_evidence){ 0 };
    }
    if (prq_str_eq(what, PRQ_S("path")))
        p->evidence[i].path = value;
    else if (prq_str_eq(what, PRQ_S("layer")) && prq_str_u64(value, &layer))
        p->evidence[i].layer = (uint32_t)layer;
    return true;
}

static void set_flags(struct prq_package *p, prq_str words)
{
    prq_str word;
    p->flags = 0;
    while (prq_str_split(&words, ' ', &word))
        p->flags |= prq_package_flag_of(word);
}

static void set_epoch(struct prq_package *p, prq_str value)
{
    uint64_t v;
    if (prq_str_u64(value, &v)) {
        p->has_epoch = true;
        p->epoch = v;
    } else if (prq_str_eq(value, PRQ_S("none"))) {
        p->has_epoch = false;
        p->epoch = 0;
    }
}

bool prq_fields_to_package(struct prq_package *p, prq_str name, prq_str value, struct prq_arena *a,
                           struct prq_field_state *state)
{
    bool ok;
    uint64_t v;
    if (!prq_field_take(&name, &value, a, &ok))
        return ok;
    if (set_text(p, texts, PRQ_COUNT(texts), name, value) ||
        set_list(p, lists, PRQ_COUNT(lists), name, value, a, state, &ok))
        return ok;
    static const prq_str location = PRQ_SI("location:");
    if (prq_str_starts(name, location))
        return set_location(p, prq_str_from_at(name, location.n), value, a, state);
    if (prq_str_eq(name, PRQ_S("flags")))
        set_flags(p, value);
    else if (prq_str_eq(name, PRQ_S("epoch")))
        set_epoch(p, value);
    else if (prq_str_eq(name, PRQ_S("has_modularity")))
        p->has_modularity = prq_str_eq(value, PRQ_S("true"));
    else if (prq_str_eq(name, PRQ_S("size_bytes")) && prq_str_u64(value, &v))
        p->size_bytes = v;
    else if (prq_str_eq(name, PRQ_S("layer")) && prq_str_u64(value, &v)) {
        p->layer = (uint32_t)v;
        state->has_layer = true;
    }
    return true;
}

void prq_fields_end(struct prq_package *p, const struct prq_field_state *state)
{
    if (!state->has_layer)
        p->layer = lowest_layer(p);
}

bool prq_fields_to_distro(struct prq_distro *d, prq_str name, prq_str value, struct prq_arena *a,
                          struct prq_field_state *state)
{
    bool ok;
    uint64_t v;
    if (!prq_field_take(&name, &value, a, &ok))
        return ok;
    if (set_text(d, distro_texts, PRQ_COUNT(distro_texts), name, value) ||
        set_list(d, distro_lists, PRQ_COUNT(distro_lists), name, value, a, state, &ok))
        return ok;
    if (prq_str_eq(name, PRQ_S("distro:layer")) && prq_str_u64(value, &v))
        d->layer = (uint32_t)v;
    return true;
}
