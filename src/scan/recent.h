/* SPDX-License-Identifier: Apache-2.0 */
/* What the analyzers said of the last large files of a layer. A hard link mostly comes soon after the
 * file that it names; whoever remembers need not unpack the layer a second time. */
#ifndef PRQ_SCAN_RECENT_H
#define PRQ_SCAN_RECENT_H

#include "analyze/analyze.h"
#include "base/buf.h"

enum { PRQ_RECENT_FILES = 32, PRQ_RECENT_HEAD = 64, PRQ_RECENT_FACTS = 64 << 10 };

struct prq_recent {
    struct prq_buf path;
    struct prq_buf facts; /* records, all about `path` */
    struct prq_file file; /* without its strings: kind, mode, size */
    uint8_t head[PRQ_RECENT_HEAD];
    size_t head_n;
    uint64_t member;   /* which of the tar it was */
    prq_wanted wanted; /* 0: empty slot */
};

struct prq_recents {
    struct prq_recent file[PRQ_RECENT_FILES];
    size_t next; /* the oldest */
};

void prq_recents_init(struct prq_recents *r, size_t path_bytes);
void prq_recents_release(struct prq_recents *r);
/* Copies all it is given. What does not fit is not remembered. */
void prq_recents_add(struct prq_recents *r, const struct prq_file *f, uint64_t member, prq_bytes head,
                     prq_wanted wanted, prq_bytes facts);
/* NULL: not known, or no longer. */
const struct prq_recent *prq_recents_find(const struct prq_recents *r, prq_str path);
/* `path` has another content now. */
void prq_recents_forget(struct prq_recents *r, prq_str path);

#endif
