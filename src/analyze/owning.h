/* SPDX-License-Identifier: Apache-2.0 */
/* The paths of a package, handed to the sink in batches of bounded size: a package may own more
 * files than fit the scratch memory. */
#ifndef PRQ_ANALYZE_OWNING_H
#define PRQ_ANALYZE_OWNING_H

#include "model/sink.h"

enum { PRQ_OWNING_PATHS = 1024, PRQ_OWNING_BYTES = 1 << 16 };

struct prq_owning {
    struct prq_sink *sink;
    prq_str owner;
    size_t n, used;
    prq_str paths[PRQ_OWNING_PATHS];
    char text[PRQ_OWNING_BYTES];
};

/* About 80 KiB: take it from the arena once per file. NULL when memory ran out. */
struct prq_owning *prq_owning_new(struct prq_arena *a, struct prq_sink *sink);
/* `owner` must stay until the end. */
void prq_owning_begin(struct prq_owning *o, prq_str owner);
/* Package databases and copyright files under usr/share/doc: nobody owns what proves packages, else
 * the package "rpm" would own every rpm (catalog.md 7). */
bool prq_path_is_nobodys(prq_str path);
/* dir/name, copied; leading slashes go. Paths that no layer can hold (4096 bytes) and those that are
 * nobody's are passed over, and directories ("x/"). False when the sink is full. */
bool prq_owning_add(struct prq_owning *o, prq_str dir, prq_str name);
/* All there is below a directory. */
bool prq_owning_add_below(struct prq_owning *o, prq_str dir);
/* What is left of the batch. False when the sink is full. */
bool prq_owning_end(struct prq_owning *o);

#endif
