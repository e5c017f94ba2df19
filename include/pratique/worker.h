/* SPDX-License-Identifier: Apache-2.0 */
/* Parsing happens in sandboxed processes. The library starts them by running a program with the one
 * argument "worker-zygote" (prq_scan_opts.worker_exe, by default the running program itself): that
 * program's main calls prq_worker_main at once and returns its result. */
#ifndef PRATIQUE_WORKER_H
#define PRATIQUE_WORKER_H

#include "pratique/core.h"

#ifdef __cplusplus
extern "C" {
#endif

PRQ_API int prq_worker_main(void);

#ifdef __cplusplus
}
#endif
#endif
