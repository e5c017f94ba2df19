/* SPDX-License-Identifier: Apache-2.0 */
/* One pass over the uncompressed tar of a layer: index, whiteouts, analyzers. Runs in a worker. */
#ifndef PRQ_SCAN_WALK_H
#define PRQ_SCAN_WALK_H

#include "analyze/analyze.h"
#include "base/stream.h"
#include "lib/lib.h"
#include "store/facts.h"

struct prq_walk_opts {
    const struct prq_dispatch *dispatch;
    uint32_t mode;      /* PRQ_WANT_* bit */
    int spool_fd;       /* for wanted files larger than limits->file_memory; -1: they are gaps */
    bool is_tree;       /* the tar is our own, of dir: or rootfs:: it tells the size of files not sent */
    bool digest_files;  /* SHA-256 of every regular file into the index */
    prq_lender lend;    /* of the tar's stream, see prq_tar_lender; may be NULL */
    /* Called now and then so that facts can be sent on; may be NULL. False stops the walk. */
    bool (*flush)(void *user, struct prq_facts_writer *w);
    /* The same uncompressed tar from its start, for hard links; NULL, or answers NULL, when the
     * bytes are gone. */
    struct prq_stream *(*reopen)(void *user);
    /* Before the analyzers run on a file, and with an empty path after them; may be NULL. */
    void (*at_file)(void *user, prq_str path);
    /* Not 0: this file is not analyzed again, for it ended an earlier worker with this signal; may
     * be NULL. */
    int (*skips)(void *user, prq_str path);
    void *user;
};

/* False: the tar is broken from err->offset on, or a budget ran out; what was read before is in
 * `w`. The stream is read to its end in either case. */
PRQ_MUST_USE bool prq_walk_layer(struct prq_ctx *ctx, struct prq_stream *tar,
                                 const struct prq_walk_opts *opts, struct prq_facts_writer *w,
                                 struct prq_err *err);

/* The path of a member inside the image: no leading slash, no empty or "." parts, ".." resolved
 * lexically, where the root's parent is the root (security-model.md 2.2). LIMIT or FORMAT for one
 * that is too long, too deep or holds a NUL. `buf` has 4096 bytes. */
PRQ_MUST_USE bool prq_path_normalise(prq_str raw, const struct prq_limits *limits, char *buf,
                                     prq_str *out, struct prq_err *err);

#endif
