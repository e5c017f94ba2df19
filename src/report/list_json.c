/* SPDX-License-Identifier: Apache-2.0 */
#include "report/jsonparts.h"
#include "report/output.h"

static bool write_list(const struct prq_analysis *an, const struct prq_report_style *style,
                       struct prq_buf *out, struct prq_err *err)
{
    struct prq_jw w;
    (void)style;
    prq_jw_init(&w, out, true);
    prq_jw_object(&w);
    prq_jw_key(&w, "gaps");
    prq_jw_array(&w);
    for (size_t i = 0; i < an->gap_count; i++)
        prq_jw_gap(&w, &an->gaps[i]);
    prq_jw_array_end(&w);
    prq_jw_image(&w, an);
    prq_jw_left_out(&w, an);
    prq_jw_key(&w, "packages");
    prq_jw_array(&w);
    for (size_t i = 0; i < an->package_count; i++)
        prq_jw_package(&w, an, &an->packages[i]);
    prq_jw_array_end(&w);
    prq_jw_kv(&w, "schema", PRQ_S("pratique-packages/1"));
    prq_jw_object_end(&w);
    prq_buf_byte(out, '\n');
    return !out->bad || prq_fail(err, PRQ_E_LIMIT, "the list is too large");
}

const struct prq_list_sink prq_list_json = { "json", "pratique-packages/1", write_list };
