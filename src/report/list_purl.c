/* SPDX-License-Identifier: Apache-2.0 */
#include "report/output.h"

static bool write_list(const struct prq_analysis *an, const struct prq_report_style *style,
                       struct prq_buf *out, struct prq_err *err)
{
    (void)style;
    for (size_t i = 0; i < an->package_count; i++) {
        prq_put_escaped(out, an->packages[i].purl);
        prq_buf_byte(out, '\n');
    }
    return !out->bad || prq_fail(err, PRQ_E_LIMIT, "the list is too large");
}

const struct prq_list_sink prq_list_purl = { "purl", "one package URL a line", write_list };
