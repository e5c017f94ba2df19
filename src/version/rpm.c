/* SPDX-License-Identifier: Apache-2.0 */
/* RPM versions: [epoch:]version[-release].
 * Source: rpm documentation, "Version comparison" (rpmvercmp), and matching.md 1.2. Cases:
 * rpm.cases, checked against rpm. Every byte is read a bounded number of times: linear time. */
#include "version/digits.h"
#include "version/version.h"

struct parts {
    prq_str epoch, version, release;
    bool has_epoch, has_release;
};

static struct parts split(prq_str v)
{
    struct parts r = { .version = v };
    prq_str front = prq_digits_front(v);
    if (front.n > 0 && front.n < v.n && v.p[front.n] == ':') {
        r.epoch = front;
        r.has_epoch = true;
        prq_digits_skip(&r.version, front.n + 1);
    }
    r.has_release = prq_str_cut(r.version, '-', &r.version, &r.release);
    return r;
}

static inline bool is_segment(char c)
{
    return prq_is_alnum(c) || c == '~' || c == '^';
}

/* What opens the rest of a side, in the order that decides when two sides differ:
 * '~' is older than the end, '^' newer than the end but older than anything that goes on. */
enum head { HEAD_TILDE, HEAD_END, HEAD_CARET, HEAD_LETTERS, HEAD_DIGITS };

static enum head next_head(prq_str *v)
{
    size_t n = 0;
    while (n < v->n && !is_segment(v->p[n]))
        n++;
    if (n)
        prq_digits_skip(v, n);
    if (v->n == 0)
        return HEAD_END;
    char c = v->p[0];
    return c == '~' ? HEAD_TILDE : c == '^' ? HEAD_CARET : prq_is_digit(c) ? HEAD_DIGITS
                                                                         : HEAD_LETTERS;
}

static prq_str take_run(prq_str *v, enum head head)
{
    size_t n = 1;
    if (head == HEAD_DIGITS)
        while (n < v->n && prq_is_digit(v->p[n]))
            n++;
    else if (head == HEAD_LETTERS)
        while (n < v->n && prq_is_alpha(v->p[n]))
            n++;
    prq_str run = prq_str_head(*v, n);
    prq_digits_skip(v, n);
    return run;
}

/* rpmvercmp: the sides are read as segments, separators only tell segments apart. */
static int compare_segments(prq_str a, prq_str b)
{
    for (;;) {
        enum head x = next_head(&a), y = next_head(&b);
        if (x != y)
            return x < y ? -1 : 1;
        if (x == HEAD_END)
            return 0;
        prq_str left = take_run(&a, x), right = take_run(&b, y);
        int c = x == HEAD_DIGITS ? prq_digits_cmp(left, right) : prq_str_cmp(left, right);
        if (c)
            return c;
    }
}

/* A side without a release says nothing about it: 1 = 1-2 (librpm's rpmdsCompare; the Lua function
 * rpm.vercmp takes it for older). */
static int compare_rest(const struct parts *x, const struct parts *y)
{
    int c = compare_segments(x->version, y->version);
    return c || !x->has_release || !y->has_release ? c : compare_segments(x->release, y->release);
}

int prq_rpm_compare(prq_str a, prq_str b)
{
    struct parts x = split(a), y = split(b);
    int c = prq_digits_cmp(x.epoch, y.epoch);
    return c ? c : compare_rest(&x, &y);
}

int prq_rpm_compare_auto_epoch(prq_str a, prq_str b)
{
    struct parts x = split(a), y = split(b);
    int c = x.has_epoch && y.has_epoch ? prq_digits_cmp(x.epoch, y.epoch) : 0;
    return c ? c : compare_rest(&x, &y);
}

/* Neither part may be empty, hold a blank or a control character, or begin or end with the hyphen that
 * separates them. No package has a hyphen in its release, but lists have (matching.md 9, case 16).
 * Everything else occurs, bytes above 127 included. */
static bool is_part(prq_str v)
{
    for (size_t i = 0; i < v.n; i++) {
        uint8_t c = (uint8_t)v.p[i];
        if (c <= ' ' || c == 0x7f)
            return false;
    }
    return v.n > 0 && v.p[0] != '-' && v.p[v.n - 1] != '-';
}

bool prq_rpm_is_valid(prq_str v)
{
    struct parts r = split(v);
    return is_part(r.version) && prq_str_find(r.version, ':') == r.version.n &&
           (!r.has_release || is_part(r.release));
}

static const char *const aliases[] = { "redhat", "rhel", NULL };
static const char *const types[] = { "rpm", NULL };
static const char *const spaces[] = { "AlmaLinux",   "Amazon Linux", "Azure Linux",
                                      "CBL-Mariner", "Mageia",       "Oracle Linux",
                                      "Photon OS",   "Red Hat",      "Rocky Linux",
                                      "SUSE",        "openEuler",    "openSUSE",
                                      NULL };

const struct prq_scheme prq_scheme_rpm = {
    .name = "rpm",
    .aliases = aliases,
    .purl_types = types,
    .spaces = spaces,
    .summary = "Red Hat, SUSE and kin: [epoch:]version[-release], as librpm orders it",
    .is_total = true,
    .is_valid = prq_rpm_is_valid,
    .compare = prq_rpm_compare,
};
