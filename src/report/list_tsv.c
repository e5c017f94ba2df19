/* SPDX-License-Identifier: Apache-2.0 */
#include "report/output.h"

/* Tabs and line ends cannot stand in a field: prq_put_escaped writes them as \xNN. */
static bool write_list(const struct prq_analysis *an, const struct prq_report_style *style,
                       struct prq_buf *out, struct prq_err *err)
{
    (void)style;
    for (size_t i = 0; i < an->package_count; i++) {
        const struct prq_package *p = &an->packages[i];
        prq_put_escaped(out, p->type);
        prq_buf_byte(out, '\t');
        prq_put_escaped(out, p->name);
        prq_buf_byte(out, '\t');
        if (p->has_epoch && p->epoch)
            prq_buf_printf(out, "%llu:", (unsigned long long)p->epoch);
        prq_put_escaped(out, p->version);
        prq_buf_byte(out, '\t');
        prq_put_escaped(out, p->purl);
        prq_buf_printf(out, "\t%u\t", p->layer);
        if (p->evidence_count)
            prq_put_escaped(out, p->evidence[0].path);
        prq_buf_byte(out, '\n');
    }
    return !out->bad || prq_fail(err, PRQ_E_LIMIT, "the list is too large");
}

const struct prq_list_sink prq_list_tsv = {
    "tsv", "type, name, version, purl, layer, first evidence path", write_list,
};
