/* SPDX-License-Identifier: Apache-2.0 */
/* The coordinator's side of the workers. */
#ifndef PRQ_SCAN_WORKERS_H
#define PRQ_SCAN_WORKERS_H

#include "base/buf.h"
#include "base/ctx.h"
#include "image/image.h"
#include "scan/proto.h"

struct prq_workers;

/* Starts the zygote: `exe` (this program) is run with the one argument "worker-zygote" and an
 * empty environment. */
PRQ_MUST_USE bool prq_workers_start(const char *exe, struct prq_workers **out, struct prq_err *err);
void prq_workers_stop(struct prq_workers *w); /* NULL is fine */

struct prq_layer_result {
    struct prq_buf facts, index;
    struct prq_job_end end;
    bool has_sandbox;  /* the worker told what it is locked into, before it saw a byte */
    uint32_t sandbox;  /* PRQ_BOX_* */
    /* Of the blob, as this process read it. */
    bool has_blob;     /* to its end: the digest holds */
    uint64_t blob_bytes;
    uint8_t blob[64];
    bool has_end;      /* false: the worker died before it could say how it went */
    bool has_status;   /* the zygote told wait_status */
    bool is_late;      /* given up: image_wall_s is over */
    int wait_status;
    size_t at_n;       /* the file that it died at; 0: none, or not known */
    char at[4096];
};
void prq_layer_result_release(struct prq_layer_result *r);

/* How a worker ended that gave no answer, in words. True: a limit ended it. */
bool prq_layer_result_death(const struct prq_layer_result *r, const struct prq_limits *limits,
                            char *how, size_t room);

struct prq_errand {
    struct prq_job *job;
    const struct prq_blob *blob;
    /* The same blob once more, where blob->stream gives it only once; may be NULL. */
    bool (*reopen)(void *user, struct prq_blob *out, struct prq_err *err);
    void *user;
    const atomic_bool *cancel;
};

/* Reads one blob in a worker; any number of threads at once. True when the worker's answer is
 * complete in *out (its own error is in out->end.err, its death in has_end and wait_status); false
 * when the job could not be given, its answer is malformed, or the blob's stream broke. */
PRQ_MUST_USE bool prq_workers_run(struct prq_workers *w, const struct prq_errand *errand,
                                  struct prq_layer_result *out, struct prq_err *err);

#endif
