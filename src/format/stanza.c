/* SPDX-License-Identifier: Apache-2.0 */
#include "format/stanza.h"

void prq_stanzas_init(struct prq_stanzas *r, prq_str in)
{
    *r = (struct prq_stanzas){ .in = in, .rest = in };
}

static size_t offset_of(const struct prq_stanzas *r, prq_str view)
{
    return (size_t)(view.p - r->in.p);
}

static void count_bad(struct prq_stanzas *r, prq_str line)
{
    if (r->bad_lines++ == 0)
        r->bad_at = offset_of(r, line);
}

static bool is_indented(prq_str s)
{
    return s.n && (s.p[0] == ' ' || s.p[0] == '\t');
}

/* Lines of nothing but an indent belong to the value, as dpkg has it: were they taken for the end
 * of a stanza, its later fields would be lost. */
static void take_continuation(struct prq_stanzas *r, prq_str *value)
{
    prq_str line;
    while (is_indented(r->rest) && prq_str_line(&r->rest, &line))
        value->n = (size_t)(line.p + line.n - value->p);
}

static bool is_name(prq_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (prq_is_space(s.p[i]))
            return false;
    return s.n != 0;
}

bool prq_stanza_next(struct prq_stanzas *r)
{
    struct prq_stanza_field passed;
    while (prq_stanza_field(r, &passed))
        ;
    prq_str ahead = r->rest, line;
    while (prq_str_line(&ahead, &line)) {
        if (line.n) {
            r->is_open = true;
            return true;
        }
        r->rest = ahead;
    }
    return false;
}

bool prq_stanza_field(struct prq_stanzas *r, struct prq_stanza_field *out)
{
    prq_str line;
    while (r->is_open && prq_str_line(&r->rest, &line)) {
        if (line.n == 0)
            break;
        prq_str name, value;
        if (is_indented(line) || !prq_str_cut(line, ':', &name, &value) ||
            !is_name(name = prq_str_trim(name))) {
            count_bad(r, line);
            take_continuation(r, &line);
            continue;
        }
        take_continuation(r, &value);
        *out = (struct prq_stanza_field){ name, prq_str_trim(value), offset_of(r, name) };
        return true;
    }
    r->is_open = false;
    return false;
}
