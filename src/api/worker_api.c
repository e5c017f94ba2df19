/* SPDX-License-Identifier: Apache-2.0 */
#include "pratique/worker.h"

#include "scan/worker.h"

int prq_worker_main(void)
{
    return prq_zygote_main();
}
