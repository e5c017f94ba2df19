/* SPDX-License-Identifier: Apache-2.0 */
/* R package versions: numbers between '.' or '-', of which more are newer.
 * Source: R, ?numeric_version; matching.md 1.11. Cases: cran.cases, checked against R. Linear. */
#include "version/digits.h"
#include "version/version.h"

static bool is_mark(char c)
{
    return c == '.' || c == '-';
}

/* False at the end; a piece may be empty in invalid text. */
static bool next_piece(prq_str *rest, prq_str *piece)
{
    if (!rest->p)
        return false;
    size_t n = 0;
    while (n < rest->n && !is_mark(rest->p[n]))
        n++;
    *piece = prq_str_head(*rest, n);
    *rest = n < rest->n ? prq_str_from_at(*rest, n + 1) : (prq_str){ 0 };
    return true;
}

/* Invalid pieces are older than numbers. */
static int compare(prq_str a, prq_str b)
{
    if (a.n == 0 || b.n == 0)
        return (a.n > 0) - (b.n > 0);
    for (;;) {
        prq_str left, right;
        bool has_left = next_piece(&a, &left), has_right = next_piece(&b, &right);
        if (!has_left || !has_right)
            return (int)has_left - (int)has_right;
        bool x = prq_digits_only(left), y = prq_digits_only(right);
        if (x != y)
            return x ? 1 : -1;
        int c = x ? prq_digits_cmp(left, right) : prq_str_cmp(left, right);
        if (c)
            return c;
    }
}

static bool is_valid(prq_str v)
{
    prq_str piece;
    bool is_ok = v.n > 0;
    while (is_ok && next_piece(&v, &piece))
        is_ok = prq_digits_only(piece);
    return is_ok;
}

static const char *const aliases[] = { "r", NULL };
static const char *const types[] = { "cran", NULL };
static const char *const spaces[] = { "CRAN", NULL };

const struct prq_scheme prq_scheme_cran = {
    .name = "cran",
    .aliases = aliases,
    .purl_types = types,
    .spaces = spaces,
    .summary = "R packages: numbers between dots or hyphens, 0.9 < 0.75 < 0.75.0",
    .is_valid = is_valid,
    .compare = compare,
};
