/* SPDX-License-Identifier: Apache-2.0 */
#include "model/analysis.h"

bool prq_analysis_leave_out_dev(struct prq_analysis *an, struct prq_arena *a)
{
    size_t *where = prq_new_n(a, size_t, an->package_count + 1); /* 1 + new index; 0: left out */
    if (!where)
        return false;
    size_t n = 0;
    for (size_t i = 0; i < an->package_count; i++) {
        if (an->packages[i].flags & PRQ_PKG_DEV)
            continue;
        an->packages[n++] = an->packages[i];
        where[i + 1] = n;
    }
    an->dev_left_out += an->package_count - n;
    size_t before = an->package_count;
    an->package_count = n;
    for (size_t i = 0; i < n; i++) {
        size_t owner = an->packages[i].owner;
        an->packages[i].owner = owner <= before ? where[owner] : 0;
    }
    return true;
}
