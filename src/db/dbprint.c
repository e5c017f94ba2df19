/* SPDX-License-Identifier: Apache-2.0 */
#include "db/dbprint.h"

void prq_print_text(struct prq_buf *out, prq_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = (uint8_t)s.p[i];
        prq_buf_byte(out, c < ' ' || c == 0x7f ? '?' : c);
    }
}

void prq_print_cell(struct prq_buf *out, prq_str s, size_t width)
{
    prq_print_text(out, s);
    for (size_t n = s.n; n < width + 2; n++)
        prq_buf_byte(out, ' ');
}
