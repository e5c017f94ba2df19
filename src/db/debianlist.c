/* SPDX-License-Identifier: Apache-2.0 */
/* The lists of Debian's advisories. Source: matching.md 3.2; the security tracker's data/DSA/list.
 *
 *   [29 Mar 2023] DSA-5380-1 xorg-server - security update
 *   <TAB>{CVE-2023-1393}
 *   <TAB>[bullseye] - xorg-server 2:1.20.11-1+deb11u6
 */
#include <stdio.h>

#include "db/feed.h"
#include "db/jsonutil.h"

void prq_debian_lists_init(struct prq_debian_lists *lists, struct prq_arena *a)
{
    *lists = (struct prq_debian_lists){ .a = a };
    prq_map_init(&lists->by_key, a);
}

static prq_str key_of(struct prq_arena *a, prq_str package, prq_str codename, prq_str cve)
{
    return prq_arena_printf(a, "%.*s %.*s %.*s", PRQ_FMT(package), PRQ_FMT(codename), PRQ_FMT(cve));
}

static bool add_fix(struct prq_debian_lists *lists, prq_str key, prq_str advisory, prq_str version)
{
    bool added;
    size_t *head = key.p ? prq_map_put(&lists->by_key, key, 0, &added) : NULL;
    if (!head ||
        !prq_arena_grow(lists->a, &lists->fixes, sizeof *lists->fixes, &lists->cap, lists->n + 1))
        return false;
    lists->fixes[lists->n] = (struct prq_debian_fix){ advisory, version, *head };
    *head = ++lists->n;
    return true;
}

/* Take the next word off the front of a line. */
static prq_str word(prq_str *rest)
{
    prq_str s = prq_str_trim(*rest);
    size_t n = 0;
    while (n < s.n && !prq_is_space(s.p[n]))
        n++;
    *rest = prq_str_from_at(s, n);
    return prq_str_head(s, n);
}

/* "29 Mar 2023" → 2023-03-29 into `newest` when it is later. */
static void note_date(prq_str text, char newest[11])
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    uint64_t day, year;
    prq_str d = word(&text), m = word(&text), y = word(&text);
    size_t month =
        m.n == 3 ? prq_str_search(PRQ_S("JanFebMarAprMayJunJulAugSepOctNovDec"), m) : sizeof months;
    if (!prq_str_u64(d, &day) || !prq_str_u64(y, &year) || month % 3 || month >= 36 || day > 31 ||
        year < 1990 || year > 9999)
        return;
    char date[11];
    snprintf(date, sizeof date, "%04u-%02u-%02u", (unsigned)(year % 10000),
             (unsigned)(month / 3 + 1) % 100, (unsigned)day % 100);
    if (strcmp(date, newest) > 0)
        memcpy(newest, date, sizeof date);
}

struct advisory {
    prq_str id, cves;
};

/* "[date] DSA-1-1 package - text" */
static bool read_head(prq_str line, struct prq_debian_lists *lists, struct advisory *out)
{
    prq_str date, rest;
    *out = (struct advisory){ .id = { 0 } };
    if (!prq_str_cut(prq_str_from_at(line, 1), ']', &date, &rest))
        return false;
    note_date(date, lists->newest);
    out->id = word(&rest);
    return prq_is_record_id(out->id);
}

/* "[codename] - package version"; "<not-affected>" and the like are no version. */
static bool read_fix(prq_str line, struct prq_debian_lists *lists, const struct advisory *adv)
{
    prq_str codename, rest, cves = adv->cves;
    if (!prq_str_cut(prq_str_from_at(line, 1), ']', &codename, &rest))
        return true;
    word(&rest); /* "-" */
    prq_str package = word(&rest), version = word(&rest);
    if (!prq_is_row_text(version) || version.p[0] == '<')
        return true;
    for (prq_str cve = word(&cves); cve.n; cve = word(&cves))
        if (prq_feed_is_cve(cve) &&
            !add_fix(lists, key_of(lists->a, package, codename, cve), adv->id, version))
            return false;
    return true;
}

bool prq_debian_list_parse(prq_str text, struct prq_debian_lists *lists,
                           const struct prq_feed_sink *sink, struct prq_err *err)
{
    struct advisory adv = { .id = { 0 } };
    prq_str line;
    while (prq_str_line(&text, &line)) {
        bool indented = line.n && prq_is_space(line.p[0]);
        line = prq_str_trim(line);
        if (!line.n)
            continue;
        if (!indented) {
            if (read_head(line, lists, &adv))
                continue;
            adv.id.n = 0; /* nobody's fixes follow */
            sink->skip(sink->user, prq_str_head(line, 80), "a line that is no advisory");
        } else if (line.p[0] == '{') {
            prq_str inner = prq_str_from_at(line, 1);
            adv.cves = prq_str_head(inner, prq_str_find(inner, '}'));
        } else if (line.p[0] == '[' && adv.id.n && !read_fix(line, lists, &adv)) {
            return prq_fail(err, PRQ_E_LIMIT, "the lists exceed their memory budget");
        }
    }
    return true;
}

struct prq_strs prq_debian_advisories(const struct prq_debian_lists *lists, prq_str package,
                                      prq_str codename, prq_str cve, prq_str version,
                                      struct prq_arena *a)
{
    struct prq_strs exact = { 0 }, any = { 0 };
    size_t exact_cap = 0, any_cap = 0;
    prq_str key = key_of(a, package, codename, cve);
    const size_t *head = key.p ? prq_map_find(&lists->by_key, key) : NULL;
    for (size_t i = head ? *head : 0; i; i = lists->fixes[i - 1].next) {
        const struct prq_debian_fix *f = &lists->fixes[i - 1];
        bool same = prq_str_eq(f->version, version);
        if (!prq_db_strs_add(same ? &exact : &any, same ? &exact_cap : &any_cap, f->advisory, a))
            break;
    }
    prq_db_strs_sort(&exact);
    prq_db_strs_sort(&any);
    return exact.n ? exact : any;
}
