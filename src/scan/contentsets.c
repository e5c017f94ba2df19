/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/contentsets.h"

#include <stdlib.h>

struct list {
    struct prq_arena *a;
    struct prq_strs sets;
    size_t cap;
};

static bool add(struct list *l, prq_str set)
{
    for (size_t i = l->sets.n; i > 0; i--) /* histories name one repository many times in a row */
        if (prq_str_eq(l->sets.v[i - 1], set))
            return true;
    if (!prq_arena_grow(l->a, &l->sets.v, sizeof *l->sets.v, &l->cap, l->sets.n + 1))
        return false;
    l->sets.v[l->sets.n++] = set;
    return true;
}

static int by_bytes(const void *a, const void *b)
{
    return prq_str_cmp(*(const prq_str *)a, *(const prq_str *)b);
}

/* More distinct repositories than any image has: what comes after them is left out. */
enum { SETS_MAX = 512 };

static bool add_values(struct list *l, const struct prq_note *note, prq_str key)
{
    for (size_t i = 0; i < note->n; i++) {
        const struct prq_pair *p = &note->pairs[i];
        if ((key.n == 0 || prq_str_eq(p->key, key)) && p->value.n && l->sets.n < SETS_MAX &&
            !add(l, p->value))
            return false;
    }
    return true;
}

static void finish(struct list *l, struct prq_layer *layer)
{
    if (l->sets.n > 1)
        qsort(l->sets.v, l->sets.n, sizeof *l->sets.v, by_bytes);
    layer->content_sets = l->sets;
}

static bool is_kind(const struct prq_note *note, const char *kind)
{
    return prq_str_eq(note->kind, prq_str_from(kind));
}

static bool is_from_history(const struct prq_note *note)
{
    for (size_t i = 0; i < note->n; i++)
        if (prq_str_eq(note->pairs[i].key, PRQ_S("from_dnf_hint")))
            return true;
    return false;
}

/* The products that a build is of (its label "cpe") count beside its content sets, never alone: they
 * name one repository of several. */
static bool from_manifests(const struct prq_facts *facts, struct prq_arena *a,
                           struct prq_layer *layer)
{
    struct list l = { .a = a };
    for (size_t i = 0; i < facts->note_count; i++)
        if (is_kind(&facts->notes[i], "content-sets") && !is_from_history(&facts->notes[i]) &&
            !add_values(&l, &facts->notes[i], PRQ_S("set")))
            return false;
    for (size_t i = 0; l.sets.n && i < facts->note_count; i++)
        if (is_kind(&facts->notes[i], "build-info") &&
            !add_values(&l, &facts->notes[i], PRQ_S("cpe")))
            return false;
    finish(&l, layer);
    return true;
}

static bool from_history(const struct prq_note *notes, size_t n, struct prq_arena *a,
                         struct prq_analysis *an)
{
    for (size_t k = 0; k < an->layer_count; k++) {
        struct list l = { .a = a };
        for (size_t i = 0; i < n; i++)
            if (notes[i].layer == k && is_kind(&notes[i], "package-repositories") &&
                !add_values(&l, &notes[i], (prq_str){ 0 }))
                return false;
        finish(&l, &an->layers[k]);
    }
    return true;
}

bool prq_content_sets_settle(const struct prq_layer_facts *layers, size_t n,
                             const struct prq_note *notes, size_t note_count, struct prq_arena *a,
                             struct prq_analysis *an)
{
    bool any = false;
    if (!an->has_distro || !(prq_str_eq(an->distro.id, PRQ_S("rhel")) ||
                             prq_str_eq(an->distro.id, PRQ_S("rhcos"))))
        return true;
    for (size_t i = 0; i < n && i < an->layer_count; i++) {
        if (!from_manifests(&layers[i].facts, a, &an->layers[i]))
            return false;
        any = any || an->layers[i].content_sets.n;
    }
    return any || from_history(notes, note_count, a, an);
}
