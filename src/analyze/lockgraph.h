/* SPDX-License-Identifier: Apache-2.0 */
/* The packages of a lock file that does not say which of them only development needs: what cannot
 * be reached from the names wanted in production is for development. Edges are names, as lock files
 * write them; where several versions share a name all of them count as reached. */
#ifndef PRQ_ANALYZE_LOCKGRAPH_H
#define PRQ_ANALYZE_LOCKGRAPH_H

#include "model/sink.h"

struct prq_lockgraph {
    struct prq_arena *arena;
    struct prq_lockgraph_node *nodes;
    size_t count, cap;
    struct prq_strs roots; /* names wanted in production */
    size_t root_cap;
    bool has_roots;        /* the file names what is wanted: without that nothing is marked */
};

void prq_lockgraph_init(struct prq_lockgraph *g, struct prq_arena *a);
/* `known_as`: the name that edges use, where it is not the package's own; else empty. The package's
 * views must live as long as the arena. False when memory ran out. */
bool prq_lockgraph_add(struct prq_lockgraph *g, const struct prq_package *p, prq_str known_as);
/* For the package-th one added: another name in its `depends`; an edge to a name as known_as has it,
 * which counts in place of `depends`. */
bool prq_lockgraph_depend(struct prq_lockgraph *g, size_t package, prq_str name);
bool prq_lockgraph_edge(struct prq_lockgraph *g, size_t package, prq_str name);
bool prq_lockgraph_root(struct prq_lockgraph *g, prq_str name);
/* Mark and hand out, in the order of adding. */
bool prq_lockgraph_put(struct prq_lockgraph *g, struct prq_sink *sink, struct prq_err *err);

/* Append to a list in an arena; an empty name is passed over. False when memory ran out. */
bool prq_strs_add(struct prq_strs *list, size_t *cap, prq_str s, struct prq_arena *a);

#endif
