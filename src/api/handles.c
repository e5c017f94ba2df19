/* SPDX-License-Identifier: Apache-2.0 */
#include "api/handles.h"

struct prq_report_style prq_style_of(const struct prq_style *given)
{
    if (!given)
        return (struct prq_report_style){ 0 };
    return (struct prq_report_style){ .color = given->color, .width = given->width,
                                      .show_suppressed = given->show_suppressed,
                                      .severities = prq_str_from(given->severities),
                                      .by_layer = given->by_layer,
                                      .author = prq_str_from(given->author),
                                      .show_decisions = given->show_decisions };
}

bool prq_hand_over(struct prq_buf *b, bool ok, char **text, size_t *n, struct prq_err *err)
{
    if (ok && (b->bad || !prq_buf_byte(b, 0)))
        ok = prq_fail(err, PRQ_E_LIMIT, "the output is larger than its limit");
    if (!ok) {
        prq_buf_release(b);
        return false;
    }
    *text = (char *)b->p;
    *n = b->n - 1;
    return true;
}
