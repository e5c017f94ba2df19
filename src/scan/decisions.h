/* SPDX-License-Identifier: Apache-2.0 */
/* The words of others that a judgement takes into account, from files of the user: VEX documents and
 * ignore rules. They are read by the coordinator (docs/sandbox.md). */
#ifndef PRQ_SCAN_DECISIONS_H
#define PRQ_SCAN_DECISIONS_H

#include "base/ctx.h"
#include "model/analysis.h"
#include "model/ignore.h"
#include "model/vex.h"

struct prq_decisions {
    struct prq_vex_set vex;
    struct prq_ignore_set ignores;
    struct prq_gap *gaps; /* documents in a directory that could not be read */
    size_t gap_count, gap_cap;
};

/* One argument of --vex: a document; a directory of documents; a VEX repository (a directory with an
 * index.json, or its archive), of which those about packages of the analysis are read. USAGE when it
 * cannot be read. Everything lives in `a`. */
PRQ_MUST_USE bool prq_vex_open(struct prq_ctx *ctx, prq_str path, const struct prq_analysis *an,
                               struct prq_arena *a, struct prq_decisions *out,
                               struct prq_err *err);
/* A document that lay beside the image; its bytes must live as long as `a`. What is no VEX is passed
 * over, what is broken is a gap: whoever may write to the registry wrote it. */
PRQ_MUST_USE bool prq_vex_take_attached(struct prq_ctx *ctx, prq_str name, prq_str text,
                                        struct prq_arena *a, struct prq_decisions *out,
                                        struct prq_err *err);
/* A file of ignore rules; its warnings are logged. USAGE when it cannot be read. */
PRQ_MUST_USE bool prq_ignores_open(struct prq_ctx *ctx, prq_str path, struct prq_arena *a,
                                   struct prq_decisions *out, struct prq_err *err);

#endif
