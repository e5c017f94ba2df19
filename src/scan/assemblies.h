/* SPDX-License-Identifier: Apache-2.0 */
/* The files that a deps.json names against those of the merged image ("dotnet-deps" notes).
 *
 * A library none of whose files is there did not come with the program (trimmed, or provided by
 * something else) and is no package. That holds only of a program some of whose libraries are there: a
 * list without any (files merged into one, libraries that were not copied) is taken at its word, and so
 * is one that names a tool which merges assemblies. An assembly that a list names is no package of its
 * own. Source: catalog.md 4.8. */
#ifndef PRQ_SCAN_ASSEMBLIES_H
#define PRQ_SCAN_ASSEMBLIES_H

#include "base/map.h"
#include "scan/squash.h"

struct prq_assemblies {
    struct prq_map listed;  /* paths of files that are there and that a deps.json names */
    struct prq_map missing; /* "deps.json path\nName/Version": none of the package's files is there */
    bool was_cut;           /* there are too many names: nothing is judged */
};

/* Tells `want` every path that decides something. False when `want` said so, or memory ran out. */
PRQ_MUST_USE bool prq_assemblies_paths(const struct prq_layer_facts *layers, size_t n,
                                       bool (*want)(void *user, prq_str path), void *user,
                                       struct prq_arena *tmp, struct prq_assemblies *out);
/* After that, with the notes that stand. False when memory ran out. */
PRQ_MUST_USE bool prq_assemblies_judge(const struct prq_note *notes, size_t n,
                                       bool (*is_there)(const void *user, prq_str path),
                                       const void *user, struct prq_arena *tmp,
                                       struct prq_assemblies *out);
/* Does this record of one layer prove a package? *holds is written. False when memory ran out. */
PRQ_MUST_USE bool prq_assemblies_prove(const struct prq_assemblies *as, const struct prq_package *p,
                                       struct prq_arena *tmp, bool *holds);

/* Is this evidence an assembly, and not a list? */
bool prq_assembly_is_evidence(const struct prq_package *p, prq_str path);

#endif
