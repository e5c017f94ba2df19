/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/lockgraph.h"

#include "base/map.h"

struct prq_lockgraph_node {
    struct prq_package package;
    prq_str known_as;
    struct prq_strs edges;
    size_t edge_cap, depend_cap;
    size_t next; /* 1 + index of the next node of that name; 0: none */
    bool is_reached;
};

bool prq_strs_add(struct prq_strs *list, size_t *cap, prq_str s, struct prq_arena *a)
{
    if (s.n == 0)
        return true;
    if (list->n == *cap && !prq_arena_grow(a, &list->v, sizeof *list->v, cap, list->n + 1))
        return false;
    list->v[list->n++] = s;
    return true;
}

void prq_lockgraph_init(struct prq_lockgraph *g, struct prq_arena *a)
{
    *g = (struct prq_lockgraph){ .arena = a };
}

bool prq_lockgraph_add(struct prq_lockgraph *g, const struct prq_package *p, prq_str known_as)
{
    if (g->count == g->cap &&
        !prq_arena_grow(g->arena, &g->nodes, sizeof *g->nodes, &g->cap, g->count + 1))
        return false;
    g->nodes[g->count++] = (struct prq_lockgraph_node){
        .package = *p,
        .known_as = known_as.n ? known_as : p->name,
        .depend_cap = p->depends.n, /* full: the next one copies */
    };
    return true;
}

bool prq_lockgraph_depend(struct prq_lockgraph *g, size_t package, prq_str name)
{
    struct prq_lockgraph_node *node = &g->nodes[package];
    return prq_strs_add(&node->package.depends, &node->depend_cap, name, g->arena);
}

bool prq_lockgraph_edge(struct prq_lockgraph *g, size_t package, prq_str name)
{
    struct prq_lockgraph_node *node = &g->nodes[package];
    return prq_strs_add(&node->edges, &node->edge_cap, name, g->arena);
}

bool prq_lockgraph_root(struct prq_lockgraph *g, prq_str name)
{
    g->has_roots = true;
    return prq_strs_add(&g->roots, &g->root_cap, name, g->arena);
}

/* Chain the nodes of one name; the map holds 1 + the index of the last one. */
static bool index_names(struct prq_lockgraph *g, struct prq_map *names)
{
    prq_map_init(names, g->arena);
    for (size_t i = 0; i < g->count; i++) {
        bool added;
        size_t *at = prq_map_put(names, g->nodes[i].known_as, 0, &added);
        if (!at)
            return false;
        g->nodes[i].next = *at;
        *at = i + 1;
    }
    return true;
}

struct walk {
    struct prq_lockgraph *g;
    struct prq_map names;
    size_t *todo; /* each node is put here once at most */
    size_t n;
};

/* The nodes of a name are reached all at once, so one look at the first tells. */
static void reach(struct walk *w, prq_str name)
{
    const size_t *at = prq_map_find(&w->names, name);
    size_t i = at ? *at : 0;
    while (i && !w->g->nodes[i - 1].is_reached) {
        struct prq_lockgraph_node *node = &w->g->nodes[i - 1];
        node->is_reached = true;
        w->todo[w->n++] = i - 1;
        i = node->next;
    }
}

static bool mark(struct prq_lockgraph *g)
{
    struct walk w = { .g = g, .todo = prq_new_n(g->arena, size_t, g->count + 1) };
    if (!w.todo || !index_names(g, &w.names))
        return false;
    for (size_t i = 0; i < g->roots.n; i++)
        reach(&w, g->roots.v[i]);
    for (size_t done = 0; done < w.n; done++) {
        const struct prq_lockgraph_node *node = &g->nodes[w.todo[done]];
        struct prq_strs edges = node->edges.n ? node->edges : node->package.depends;
        for (size_t i = 0; i < edges.n; i++)
            reach(&w, edges.v[i]);
    }
    for (size_t i = 0; i < g->count; i++)
        if (!g->nodes[i].is_reached && !(g->nodes[i].package.flags & PRQ_PKG_APPLICATION))
            g->nodes[i].package.flags |= PRQ_PKG_DEV;
    return true;
}

bool prq_lockgraph_put(struct prq_lockgraph *g, struct prq_sink *sink, struct prq_err *err)
{
    if (g->has_roots && !mark(g))
        return prq_fail(err, PRQ_E_LIMIT, "too many packages");
    for (size_t i = 0; i < g->count; i++)
        if (!prq_sink_package(sink, &g->nodes[i].package))
            return prq_sink_full(err);
    return true;
}
