/* SPDX-License-Identifier: Apache-2.0 */
/* One pass over the words of an expression. Between operands stand AND and OR; WITH stands between
 * a single licence and an exception; brackets only have to pair up:
 *
 *     operand wanted:   ( | licence            → operator wanted
 *     operator wanted:  ) | AND | OR           → operand wanted
 *                       WITH exception         → operator wanted, no further WITH
 *
 * Source: SPDX specification 2.3, annex D.2 to D.4. */
#include "model/spdxlicense.h"

static const prq_str licenses[] = {
#define LICENSE(id) PRQ_SI(id),
#define EXCEPTION(id)
#include "model/spdxids.def"
#undef LICENSE
#undef EXCEPTION
};
static const prq_str exceptions[] = {
#define LICENSE(id)
#define EXCEPTION(id) PRQ_SI(id),
#include "model/spdxids.def"
#undef LICENSE
#undef EXCEPTION
};

static int fold_cmp(prq_str a, prq_str b)
{
    size_t n = prq_min_size(a.n, b.n);
    for (size_t i = 0; i < n; i++) {
        int c = (uint8_t)prq_to_lower(a.p[i]) - (uint8_t)prq_to_lower(b.p[i]);
        if (c)
            return c;
    }
    return (a.n > b.n) - (a.n < b.n);
}

static prq_str find(const prq_str *list, size_t n, prq_str name)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = fold_cmp(name, list[mid]);
        if (c == 0)
            return list[mid];
        if (c < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return (prq_str){ 0 };
}

prq_str prq_spdx_license_id(prq_str name)
{
    return find(licenses, PRQ_COUNT(licenses), name);
}

prq_str prq_spdx_exception_id(prq_str name)
{
    return find(exceptions, PRQ_COUNT(exceptions), name);
}

static bool is_idstring(prq_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!prq_is_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '.')
            return false;
    return s.n > 0;
}

/* LicenseRef-x, DocumentRef-y:LicenseRef-x */
static bool is_reference(prq_str word)
{
    static const prq_str license = PRQ_SI("LicenseRef-"), document = PRQ_SI("DocumentRef-");
    prq_str before, after;
    if (prq_str_starts(word, document)) {
        if (!prq_str_cut(prq_str_from_at(word, document.n), ':', &before, &after) ||
            !is_idstring(before))
            return false;
        word = after;
    }
    return prq_str_starts(word, license) && is_idstring(prq_str_from_at(word, license.n));
}

/* A bracket, or what stands up to the next blank or bracket. Empty at the end. */
static prq_str next_word(prq_str *rest)
{
    size_t n = 0;
    *rest = prq_str_trim(*rest);
    if (rest->n && (rest->p[0] == '(' || rest->p[0] == ')'))
        n = 1;
    else
        while (n < rest->n && !prq_is_space(rest->p[n]) && rest->p[n] != '(' && rest->p[n] != ')')
            n++;
    prq_str word = prq_str_head(*rest, n);
    *rest = prq_str_from_at(*rest, n);
    return word;
}

struct parser {
    struct prq_buf *out;
    size_t open, words, operands;
    bool has_operand; /* an operator may follow */
    bool is_single;   /* … and so may WITH */
};

static void put(struct parser *p, prq_str word, bool is_plus, bool is_glued)
{
    if (!p->out)
        return;
    if (p->words && !is_glued)
        prq_buf_byte(p->out, ' ');
    prq_buf_str(p->out, word);
    if (is_plus)
        prq_buf_byte(p->out, '+');
}

static bool take_operand(struct parser *p, prq_str word, bool is_glued)
{
    if (prq_str_eq(word, PRQ_S("("))) {
        put(p, word, false, is_glued);
        p->open++;
        return true;
    }
    prq_str id = is_reference(word) ? word : prq_spdx_license_id(word);
    bool has_plus = false;
    if (!id.n && prq_str_ends(word, PRQ_S("+"))) {
        id = prq_spdx_license_id(prq_str_head(word, word.n - 1));
        has_plus = true;
    }
    if (!id.n)
        return false;
    put(p, id, has_plus, is_glued);
    p->has_operand = p->is_single = true;
    p->operands++;
    return true;
}

static bool take_operator(struct parser *p, prq_str word, prq_str *rest)
{
    if (prq_str_eq(word, PRQ_S(")"))) {
        if (p->open-- == 0)
            return false;
        put(p, word, false, true);
        p->is_single = false;
        return true;
    }
    if (prq_str_eq(word, PRQ_S("WITH")) && p->is_single) {
        prq_str id = prq_spdx_exception_id(next_word(rest));
        put(p, word, false, false);
        put(p, id, false, false);
        p->is_single = false;
        return id.n > 0;
    }
    if (!prq_str_eq(word, PRQ_S("AND")) && !prq_str_eq(word, PRQ_S("OR")))
        return false;
    put(p, word, false, false);
    p->has_operand = p->is_single = false;
    return true;
}

enum prq_license_kind prq_spdx_expression(prq_str text, struct prq_buf *out)
{
    struct parser p = { .out = out };
    size_t start = out ? out->n : 0;
    prq_str rest = text, word;
    bool ok = true, is_glued = true;
    for (; ok && (word = next_word(&rest)).n; p.words++) {
        ok = p.has_operand ? take_operator(&p, word, &rest) : take_operand(&p, word, is_glued);
        is_glued = prq_str_eq(word, PRQ_S("("));
    }
    if (ok && p.has_operand && p.open == 0)
        return p.words == 1 && prq_spdx_license_id(prq_str_trim(text)).n ? PRQ_LICENSE_ID
                                                                         : PRQ_LICENSE_EXPRESSION;
    if (out && !out->bad)
        out->n = start;
    return PRQ_LICENSE_NAME;
}
