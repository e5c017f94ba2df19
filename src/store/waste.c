/* SPDX-License-Identifier: Apache-2.0 */
/* From the top layer down: a table of what the layers above have done to a path. Entries of the same
 * layer never delete one another (OCI image specification, "Whiteouts"). */
#include "store/waste.h"

#include <stdlib.h>

#include "base/map.h"
#include "store/facts.h"

enum {
    SELF = 1 << 0,  /* the path itself was replaced or deleted */
    BELOW = 1 << 1, /* everything under it was */
};

struct measure {
    struct prq_arena *a;
    struct prq_map above;
    struct prq_path_iter *it;
    const struct prq_limits *limits;
    char dir[4096]; /* members come folder by folder: the last one's answer is kept */
    size_t dir_n;
    bool has_dir, dir_is_gone;
};

static bool is_below_gone(struct measure *m, prq_str dir)
{
    if (m->has_dir && prq_str_eq(dir, (prq_str){ m->dir, m->dir_n }))
        return m->dir_is_gone;
    bool gone = false;
    for (prq_str at = dir; !gone; at = prq_path_dir(at)) {
        const size_t *what = prq_map_find(&m->above, at);
        gone = what && (*what & BELOW);
        if (at.n == 0)
            break;
    }
    if (dir.n <= sizeof m->dir) {
        if (dir.n)
            memcpy(m->dir, dir.p, dir.n);
        m->dir_n = dir.n;
        m->has_dir = true;
        m->dir_is_gone = gone;
    }
    return gone;
}

static bool is_wasted(struct measure *m, prq_str path)
{
    const size_t *what = prq_map_find(&m->above, path);
    return (what && (*what & SELF)) || is_below_gone(m, prq_path_dir(path));
}

static bool note(struct measure *m, const struct prq_file *f)
{
    size_t what = f->type == PRQ_FILE_OPAQUE ? BELOW : f->type == PRQ_FILE_DIR ? SELF : SELF | BELOW;
    const size_t *have = prq_map_find(&m->above, f->path);
    bool added;
    if (have && (*have & what) == what)
        return true;
    prq_str key = have ? f->path : prq_arena_copy(m->a, f->path);
    size_t *place = key.p ? prq_map_put(&m->above, key, 0, &added) : NULL;
    if (place)
        *place |= what;
    return place != NULL;
}

/* Every member of a layer through `one`. */
static bool walk(struct measure *m, prq_bytes index, bool (*one)(struct measure *, const struct prq_file *,
                                                                 struct prq_layer *),
                 struct prq_layer *layer)
{
    struct prq_file f;
    uint64_t members = 0;
    prq_index_begin(m->it, index);
    while (members < m->limits->tar_members && prq_index_next(m->it, &f)) {
        if (!one(m, &f, layer))
            return false;
        members++;
    }
    return !m->it->bad;
}

static bool count_one(struct measure *m, const struct prq_file *f, struct prq_layer *layer)
{
    if (f->type == PRQ_FILE_REGULAR && f->size > 0 && is_wasted(m, f->path)) {
        layer->wasted_files++;
        if (!prq_add(layer->wasted_bytes, f->size, &layer->wasted_bytes))
            layer->wasted_bytes = UINT64_MAX;
    }
    return true;
}

static bool note_one(struct measure *m, const struct prq_file *f, struct prq_layer *layer)
{
    (void)layer;
    return note(m, f);
}

static bool measure(struct measure *m, struct prq_analysis *an)
{
    for (size_t i = an->layer_count; i-- > 0;) {
        struct prq_layer *l = &an->layers[i];
        m->has_dir = false;
        if ((i + 1 < an->layer_count && !walk(m, l->index, count_one, l)) ||
            (i > 0 && !walk(m, l->index, note_one, l)))
            return false;
    }
    return true;
}

/* A document without the file index says itself what was measured when there was one. */
static bool has_indexes(const struct prq_analysis *an)
{
    for (size_t i = 0; i < an->layer_count; i++)
        if (an->layers[i].file_count && an->layers[i].index.n == 0)
            return false;
    return true;
}

bool prq_waste_measure(struct prq_analysis *an, const struct prq_limits *limits)
{
    if (!has_indexes(an))
        return true;
    for (size_t i = 0; i < an->layer_count; i++)
        an->layers[i].wasted_files = an->layers[i].wasted_bytes = 0;
    if (an->layer_count < 2)
        return true;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(2048));
    struct measure m = { .a = a, .limits = limits, .it = malloc(sizeof *m.it) };
    bool ok = a && m.it;
    if (ok) {
        prq_map_init(&m.above, a);
        ok = measure(&m, an);
    }
    free(m.it);
    for (size_t i = 0; !ok && i < an->layer_count; i++)
        an->layers[i].wasted_files = an->layers[i].wasted_bytes = 0;
    return ok;
}
