/* SPDX-License-Identifier: Apache-2.0 */
/* Arch Linux versions: [epoch:]pkgver[-pkgrel], as pacman orders them.
 * Source: vercmp(8); matching.md 1.13. Cases: alpm.cases, checked against pacman's vercmp. Both
 * sides are walked once: linear time.
 *
 * The rule is no order: a missing pkgrel equals any, and separators at the end count as a part, but
 * not before one. */
#include "version/digits.h"
#include "version/version.h"

struct parts {
    prq_str epoch, version, release;
    bool has_epoch, has_release;
};

static struct parts split(prq_str v)
{
    struct parts s = { .version = v };
    prq_str front = prq_digits_front(v);
    if (front.n < v.n && v.p[front.n] == ':') {
        s.epoch = front;
        s.has_epoch = true;
        s.version = prq_str_from_at(v, front.n + 1);
    }
    s.has_release = prq_str_rcut(s.version, '-', &s.version, &s.release);
    return s;
}

/* How many bytes of separators stood there. */
static size_t skip_marks(prq_str *v)
{
    size_t n = 0;
    while (n < v->n && !prq_is_alnum(v->p[n]))
        n++;
    prq_digits_skip(v, n);
    return n;
}

/* Digits or letters. */
static prq_str take_run(prq_str *v)
{
    size_t n = prq_digits_front(*v).n;
    if (n == 0)
        while (n < v->n && prq_is_alpha(v->p[n]))
            n++;
    prq_str run = prq_str_head(*v, n);
    prq_digits_skip(v, n);
    return run;
}

static int compare_runs(prq_str a, prq_str b)
{
    bool x = prq_is_digit(a.p[0]), y = prq_is_digit(b.p[0]);
    if (x != y)
        return x ? 1 : -1;
    return x ? prq_digits_cmp(a, b) : prq_str_cmp(a, b);
}

/* More is newer, but letters that follow at once are older: 1.0rc < 1.0 < 1.0.rc. */
static int compare_part(prq_str a, prq_str b)
{
    while (a.n && b.n) {
        size_t left = skip_marks(&a), right = skip_marks(&b);
        if (a.n == 0 || b.n == 0)
            break;
        if (left != right)
            return left < right ? -1 : 1;
        int c = compare_runs(take_run(&a), take_run(&b));
        if (c)
            return c;
    }
    if (a.n == 0 && b.n == 0)
        return 0;
    bool is_older = a.n == 0 ? !prq_is_alpha(b.p[0]) : prq_is_alpha(a.p[0]);
    return is_older ? -1 : 1;
}

static int compare(prq_str a, prq_str b)
{
    struct parts x = split(a), y = split(b);
    int c = prq_digits_cmp(x.epoch, y.epoch);
    if (!c)
        c = compare_part(x.version, y.version);
    if (c || !x.has_release || !y.has_release)
        return c;
    return compare_part(x.release, y.release);
}

/* Source: PKGBUILD(5), pkgver and pkgrel. */
static bool is_valid(prq_str v)
{
    struct parts s = split(v);
    for (size_t i = 0; i < s.version.n; i++)
        if (!prq_is_alnum(s.version.p[i]) &&
            (s.version.p[i] == '\0' || !strchr("._+~@", s.version.p[i])))
            return false;
    prq_str release = s.release, number;
    size_t numbers = 0;
    while (s.has_release && prq_str_split(&release, '.', &number)) {
        if (!prq_digits_only(number) || ++numbers > 2)
            return false;
    }
    return s.version.n && prq_is_alnum(s.version.p[0]) && (!s.has_epoch || s.epoch.n);
}

static const char *const aliases[] = { "arch", "pacman", NULL };
static const char *const types[] = { "alpm", NULL };
static const char *const spaces[] = { "Arch Linux", NULL };

const struct prq_scheme prq_scheme_alpm = {
    .name = "alpm",
    .aliases = aliases,
    .purl_types = types,
    .spaces = spaces,
    .summary = "Arch Linux: [epoch:]pkgver[-pkgrel], as pacman orders it",
    .is_valid = is_valid,
    .compare = compare,
};
