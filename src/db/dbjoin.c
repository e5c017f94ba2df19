/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of one record become one. The result depends on the copies and not on their order: the
 * writer sorts what is a set, and here the copies themselves are sorted. */
#include <stdlib.h>

#include "base/map.h"
#include "db/dbschema.h"
#include "db/jsonutil.h"

static bool append_strs(struct prq_strs *to, const struct prq_strs *more, struct prq_arena *a)
{
    if (more->n == 0)
        return true;
    prq_str *v = prq_new_n(a, prq_str, to->n + more->n);
    if (!v)
        return false;
    if (to->n)
        memcpy(v, to->v, to->n * sizeof *v);
    memcpy(v + to->n, more->v, more->n * sizeof *v);
    *to = (struct prq_strs){ v, to->n + more->n };
    return true;
}

/* Grown arrays hold what is copied in, item by item. */
static bool append_items(void *items, size_t size, size_t *n, const void *more, size_t more_n,
                         struct prq_arena *a)
{
    void *old;
    memcpy(&old, items, sizeof old);
    if (more_n == 0)
        return true;
    char *v = prq_arena_alloc_n(a, size, *n + more_n);
    if (!v)
        return false;
    if (*n)
        memcpy(v, old, *n * size);
    memcpy(v + *n * size, more, more_n * size);
    memcpy(items, &v, sizeof v);
    *n += more_n;
    return true;
}

static void first_of(prq_str *to, prq_str other)
{
    if (!to->n)
        *to = other;
}

static bool join_scalars(struct prq_record *to, const struct prq_record *r, struct prq_arena *a)
{
    first_of(&to->published, r->published);
    first_of(&to->summary, r->summary);
    first_of(&to->details, r->details);
    to->is_disputed |= r->is_disputed;
    to->is_malicious |= r->is_malicious;
    to->is_withdrawn &= r->is_withdrawn;
    return append_strs(&to->aliases, &r->aliases, a) && append_strs(&to->cves, &r->cves, a) &&
           append_strs(&to->upstream, &r->upstream, a) && append_strs(&to->cwes, &r->cwes, a) &&
           append_items(&to->ratings, sizeof *r->ratings, &to->rating_count, r->ratings,
                        r->rating_count, a) &&
           append_items(&to->references, sizeof *r->references, &to->reference_count, r->references,
                        r->reference_count, a);
}

/* All of the copies' packages at once: joining pairwise would be quadratic. */
static bool join_affected(const struct prq_record *v, size_t n, struct prq_arena *a,
                          struct prq_record *out)
{
    size_t total = 0, at = 0;
    for (size_t i = 0; i < n; i++)
        total += v[i].affected_count;
    struct prq_affected *rows = prq_new_n(a, struct prq_affected, total);
    if (total && !rows)
        return false;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < v[i].affected_count; k++)
            rows[at++] = v[i].affected[k];
    out->affected = rows;
    out->affected_count = total;
    return true;
}

/* Each (space, name) from the first copy that has it. */
static bool keep_first_copies(const struct prq_record *v, size_t n, struct prq_arena *a,
                              struct prq_record *out)
{
    struct prq_map seen;
    prq_map_init(&seen, a);
    if (!join_affected(v, n, a, out))
        return false;
    size_t kept = 0;
    for (size_t i = 0, at = 0; i < n; i++)
        for (size_t k = 0; k < v[i].affected_count; k++, at++) {
            prq_str key = prq_db_key(out->affected[at].space, out->affected[at].name, a);
            size_t *copy = key.n ? prq_map_put(&seen, key, i, NULL) : NULL;
            if (!copy)
                return false;
            if (*copy == i)
                out->affected[kept++] = out->affected[at];
        }
    out->affected_count = kept;
    return true;
}

static int newest_first(const void *a, const void *b)
{
    const struct prq_record *x = a, *y = b;
    int order = prq_str_cmp(y->modified, x->modified);
    order = order ? order : prq_str_cmp(y->details, x->details);
    return order ? order : prq_str_cmp(y->summary, x->summary);
}

bool prq_record_join(struct prq_record *v, size_t n, enum prq_db_join how, struct prq_arena *a,
                     struct prq_record *out)
{
    qsort(v, n, sizeof *v, newest_first);
    struct prq_record r = v[0];
    if (how == PRQ_JOIN_NEWEST) {
        if (!keep_first_copies(v, n, a, &r))
            return false;
    } else {
        for (size_t i = 1; i < n; i++)
            if (!join_scalars(&r, &v[i], a))
                return false;
        if (!join_affected(v, n, a, &r))
            return false;
    }
    *out = r;
    return true;
}
