/* SPDX-License-Identifier: Apache-2.0 */
/* The sandboxed side: a zygote that forks one worker per layer. */
#ifndef PRQ_SCAN_WORKER_H
#define PRQ_SCAN_WORKER_H

#include "analyze/analyze.h"
#include "scan/proto.h"

/* main() of the zygote: descriptor 3 is the control socket. Returns the exit status. */
int prq_zygote_main(void);
/* The same with another NULL-terminated table of analyzers, for tests. */
int prq_zygote_main_over(const struct prq_analyzer *const *analyzers);

struct prq_worker_env {
    const struct prq_analyzer *const *analyzers;
    int result, blob, spool; /* descriptors: result socket, blob or pipe of it, spool file */
    unsigned sandbox;        /* PRQ_BOX_* reached so far */
    bool owns_process;       /* a child of the zygote's: sets limits, handlers and the last lock */
};
/* One job in this process: reads the blob, sends facts. */
void prq_worker_run(const struct prq_job *job, const struct prq_worker_env *env);

#endif
