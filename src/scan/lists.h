/* SPDX-License-Identifier: Apache-2.0 */
/* Documents in which somebody else lists packages: SBOMs and lists of package URLs. An SBOM's bytes are
 * parsed in a worker, as those of layers are. It answers with an analysis as JSON (store/document.h),
 * which the coordinator reads as it reads any from outside. A document of our own comes back as it
 * was, only unpacked. */
#ifndef PRQ_SCAN_LISTS_H
#define PRQ_SCAN_LISTS_H

#include "base/buf.h"
#include "base/ctx.h"
#include "base/stream.h"
#include "model/analysis.h"
#include "scan/proto.h"

/* ---- the worker's side */
struct prq_list_answer {
    struct prq_buf analysis;
    struct prq_buf pairs; /* an object of what an analysis has no place for (model/sbomimage.h); empty:
                           * a document of our own */
};
/* False: see err, and the answer is empty. Released in either case. */
bool prq_list_answer(const struct prq_job *job, struct prq_stream *in, struct prq_list_answer *out,
                     struct prq_err *err);
void prq_list_answer_release(struct prq_list_answer *answer);

/* ---- the coordinator's side */
struct prq_list_opts {
    prq_str what;           /* a file, packed or not, or "-" */
    const char *worker_exe; /* NULL: /proc/self/exe */
};
/* *is_complete: see prq_analysis_of_sbom; may be NULL. Everything in *an lives in `arena`. */
PRQ_MUST_USE bool prq_list_open(struct prq_ctx *ctx, const struct prq_list_opts *opts,
                                struct prq_arena *arena, struct prq_analysis *an, bool *is_complete,
                                struct prq_err *err);

/* A list of package URLs, one a line: a file, "-", or the only one itself. It is parsed here: its reader
 * has to be trusted as it is, since it reads what workers say. */
PRQ_MUST_USE bool prq_purls_open(prq_str what, struct prq_arena *arena, struct prq_analysis *an,
                                 struct prq_err *err);

#endif
