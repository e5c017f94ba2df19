/* SPDX-License-Identifier: Apache-2.0 */
/* Image to analysis: open the source, read or recall each layer, squash. */
#ifndef PRQ_SCAN_ANALYSE_H
#define PRQ_SCAN_ANALYSE_H

#include "base/ctx.h"
#include "image/image.h"
#include "model/analysis.h"

struct prq_analyse_opts {
    struct prq_source_opts source;
    const char *worker_exe; /* NULL: /proc/self/exe */
    const char *cache_dir;  /* NULL: no cache */
    uint32_t jobs;          /* 0: one per CPU */
    bool verify, digest_files;
    void (*progress)(void *user, const char *phase, size_t layer, uint64_t done, uint64_t total);
    void *progress_user;
};

/* Everything in *an lives in `arena`. */
PRQ_MUST_USE bool prq_analyse(struct prq_ctx *ctx, const struct prq_analyse_opts *opts,
                              struct prq_arena *arena, struct prq_analysis *an,
                              struct prq_err *err);

/* A list of package URLs, one a line ('#' comments); the text lives as long as the arena. Neither
 * name nor sandbox are set. */
PRQ_MUST_USE bool prq_analysis_of_purls(prq_str text, struct prq_arena *arena,
                                        struct prq_analysis *an, struct prq_err *err);

/* What an SBOM lists (format/sbom.h), or our own analysis document; the bytes live as long as the
 * arena. The name is the one in it; it may be empty, as the sandbox may. *is_complete: base image and
 * wasted bytes were listed as well, and nothing is there to find them by. */
PRQ_MUST_USE bool prq_analysis_of_sbom(struct prq_ctx *ctx, prq_str text, struct prq_arena *arena,
                                       struct prq_analysis *an, bool *is_complete,
                                       struct prq_err *err);

#endif
