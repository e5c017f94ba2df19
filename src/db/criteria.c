/* SPDX-License-Identifier: Apache-2.0 */
#include "db/criteria.h"

static bool is_in_name(size_t field)
{
    return field == PRQ_CPE_VENDOR || field == PRQ_CPE_PRODUCT;
}

static void put_bound(struct prq_buf *out, const char *sign, bool counts, prq_str bound)
{
    if (bound.n)
        prq_buf_printf(out, "\t%s%s%.*s", sign, counts ? "=" : "", PRQ_FMT(bound));
}

void prq_criterion_write(const struct prq_criterion *c, bool is_named, struct prq_buf *out)
{
    size_t n = PRQ_CPE_FIELDS;
    while (n > 1 && (prq_str_eq(c->cpe.v[n - 1], PRQ_S("*")) || (!is_named && is_in_name(n - 1))))
        n--;
    for (size_t i = 0; i < n; i++) {
        if (!is_named && is_in_name(i))
            continue;
        if (i)
            prq_buf_byte(out, ':');
        prq_buf_str(out, c->cpe.v[i]);
    }
    put_bound(out, ">", c->from_counts, c->from);
    put_bound(out, "<", c->to_counts, c->to);
}

/* Up to the next ':' that no backslash stands before. */
static prq_str next_field(prq_str *rest)
{
    size_t i = 0;
    while (i < rest->n && rest->p[i] != ':')
        i += rest->p[i] == '\\' && i + 1 < rest->n ? 2 : 1;
    prq_str field = prq_str_head(*rest, i);
    *rest = i < rest->n ? prq_str_from_at(*rest, i + 1) : (prq_str){ NULL, 0 };
    return field;
}

static bool read_fields(prq_str text, bool is_named, struct prq_cpe *out)
{
    for (size_t i = 0; i < PRQ_CPE_FIELDS; i++) {
        out->v[i] = is_in_name(i) && !is_named ? (prq_str){ 0 } : PRQ_S("*");
        if (!text.p || (is_in_name(i) && !is_named))
            continue;
        out->v[i] = next_field(&text);
        if (!out->v[i].n)
            return false;
    }
    return !text.p;
}

static bool read_bound(prq_str piece, struct prq_criterion *out)
{
    bool is_low = prq_str_starts(piece, PRQ_S(">"));
    if (!is_low && !prq_str_starts(piece, PRQ_S("<")))
        return false;
    bool counts = piece.n > 1 && piece.p[1] == '=';
    prq_str bound = prq_str_from_at(piece, counts ? 2 : 1);
    *(is_low ? &out->from : &out->to) = bound;
    *(is_low ? &out->from_counts : &out->to_counts) = counts;
    return bound.n > 0;
}

bool prq_criterion_parse(prq_str text, bool is_named, struct prq_criterion *out)
{
    prq_str fields = { 0 }, piece;
    *out = (struct prq_criterion){ .from_counts = false };
    if (!prq_str_split(&text, '\t', &fields) || !read_fields(fields, is_named, &out->cpe))
        return false;
    while (prq_str_split(&text, '\t', &piece))
        if (!read_bound(piece, out))
            return false;
    return true;
}

/* "12", and what follows. */
static bool read_number(prq_str *line, uint64_t *out)
{
    size_t n = 0;
    while (n < line->n && prq_is_digit(line->p[n]))
        n++;
    if (!prq_str_u64(prq_str_head(*line, n), out))
        return false;
    *line = prq_str_from_at(*line, n);
    return line->n > 0;
}

bool prq_row_criterion_parse(prq_str line, struct prq_row_criterion *out)
{
    if (!read_number(&line, &out->configuration) || (line.p[0] != '=' && line.p[0] != '&'))
        return false;
    out->is_conditional = line.p[0] == '&';
    return prq_criterion_parse(prq_str_from_at(line, 1), false, &out->c);
}

bool prq_conf_line_parse(prq_str line, struct prq_conf_line *out)
{
    *out = (struct prq_conf_line){ .kind = PRQ_CONF_NODE };
    if (!line.n)
        return false;
    if (line.p[0] == '+' || line.p[0] == '-') {
        out->kind = PRQ_CONF_CRITERION;
        out->is_vulnerable = line.p[0] == '+';
        return prq_criterion_parse(prq_str_from_at(line, 1), true, &out->c);
    }
    if (prq_is_digit(line.p[0])) {
        out->kind = PRQ_CONF_START;
        if (!read_number(&line, &out->configuration))
            return false;
    }
    out->is_all = line.p[0] == '&';
    out->is_negated = line.n == 2 && line.p[1] == '!';
    return (out->is_all || line.p[0] == '|') && line.n <= 2 && (line.n == 1 || out->is_negated);
}
