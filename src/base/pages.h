/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRQ_BASE_PAGES_H
#define PRQ_BASE_PAGES_H

#include "base/str.h"

/* Gives back the pages that lie wholly inside of a part of a read-only file mapping; they are read
 * from the file again when they are touched. Never for other memory, which would lose its bytes. */
void prq_pages_forget(prq_bytes mapped);

#endif
