/* SPDX-License-Identifier: Apache-2.0 */
#include "report/output.h"

#define REPORT(name) extern const struct prq_report_sink prq_report_##name;
#define LIST(name) extern const struct prq_list_sink prq_list_##name;
#include "report/formats.h"
#undef REPORT
#undef LIST

#define LIST(name)
#define REPORT(name) &prq_report_##name,
const struct prq_report_sink *const prq_report_sinks[] = {
#include "report/formats.h"
    NULL,
};
#undef REPORT
#undef LIST

#define REPORT(name)
#define LIST(name) &prq_list_##name,
const struct prq_list_sink *const prq_list_sinks[] = {
#include "report/formats.h"
    NULL,
};

const struct prq_report_sink *prq_report_sink_find(prq_str name)
{
    for (size_t i = 0; prq_report_sinks[i]; i++)
        if (prq_str_eq(name, prq_str_from(prq_report_sinks[i]->name)))
            return prq_report_sinks[i];
    return NULL;
}

const struct prq_list_sink *prq_list_sink_find(prq_str name)
{
    for (size_t i = 0; prq_list_sinks[i]; i++)
        if (prq_str_eq(name, prq_str_from(prq_list_sinks[i]->name)))
            return prq_list_sinks[i];
    return NULL;
}

/* Bidirectional controls would let a name lie about its order on the screen (U+202A-202E,
 * U+2066-2069), C1 controls drive some terminals (U+0080-009F). */
static bool is_unsafe(prq_str s, size_t len)
{
    const uint8_t *b = (const uint8_t *)s.p;
    if (len == 1)
        return b[0] < 0x20 || b[0] == 0x7f;
    if (len == 2)
        return b[0] == 0xc2 && b[1] < 0xa0;
    if (len == 3 && b[0] == 0xe2)
        return (b[1] == 0x80 && b[2] >= 0xaa && b[2] <= 0xae) ||
               (b[1] == 0x81 && b[2] >= 0xa6 && b[2] <= 0xa9);
    return false;
}

void prq_put_escaped(struct prq_buf *b, prq_str s)
{
    while (s.n) {
        size_t len = prq_utf8_len(s);
        bool escape = len == 0 || is_unsafe(s, len);
        size_t step = len ? len : 1;
        if (escape)
            for (size_t i = 0; i < step; i++)
                prq_buf_printf(b, "\\x%02x", (uint8_t)s.p[i]);
        else
            prq_buf_add(b, s.p, step);
        s = prq_str_from_at(s, step);
    }
}

void prq_put_left_out(struct prq_buf *b, const struct prq_analysis *an)
{
    if (an->dev_left_out)
        prq_buf_printf(b, "%zu development dependenc%s left out (--include-dev)\n",
                       an->dev_left_out, an->dev_left_out == 1 ? "y" : "ies");
}
