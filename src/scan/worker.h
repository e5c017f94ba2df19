/* SPDX-License-Identifier: Apache-2.0 */
/* The sandboxed side: a zygote that forks one worker per layer. */
#ifndef PRQ_SCAN_WORKER_H
#define PRQ_SCAN_WORKER_H

#include "scan/proto.h"

/* main() of the zygote: descriptor 3 is the control socket. Returns the exit status. */
int prq_zygote_main(void);

/* One job in this process: reads the blob, sends facts. Used by the zygote's children, and by
 * builds without sandbox in place. `result` is the result socket. */
void prq_worker_run(const struct prq_job *job, int result, int blob, int spool, unsigned sandbox,
                    bool lock);

#endif
