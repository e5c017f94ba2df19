/* SPDX-License-Identifier: Apache-2.0 */
/* FIRST's exploit prediction scores. Source: matching.md 3.13.
 *
 *   #model_version:v2023.03.01,score_date:2023-03-07T00:00:00+0000     (since 2022)
 *   cve,epss,percentile                                                (percentile since mid 2021)
 *   CVE-2020-5902,0.97567,0.99995
 */
#include "db/feed.h"

enum { COLUMNS = 8 };

struct header {
    size_t cve, epss, percentile; /* column, COLUMNS when absent */
};

/* YYYY-MM-DD at the start, else empty. */
static prq_str day_of(prq_str s)
{
    static const char shape[] = "dddd-dd-dd";
    for (size_t i = 0; i < sizeof shape - 1; i++)
        if (i >= s.n || (shape[i] == 'd' ? !prq_is_digit(s.p[i]) : s.p[i] != '-'))
            return (prq_str){ 0 };
    return prq_str_head(s, sizeof shape - 1);
}

static prq_str comment_date(prq_str line)
{
    prq_str mark = PRQ_S("score_date:");
    size_t at = prq_str_search(line, mark);
    return at < line.n ? day_of(prq_str_from_at(line, at + mark.n)) : (prq_str){ 0 };
}

static size_t split(prq_str line, prq_str fields[COLUMNS])
{
    size_t n = 0;
    while (n < COLUMNS && prq_str_split(&line, ',', &fields[n])) {
        fields[n] = prq_str_trim(fields[n]);
        n++;
    }
    return n;
}

static bool read_header(prq_str line, struct header *out)
{
    prq_str fields[COLUMNS];
    size_t n = split(line, fields);
    *out = (struct header){ COLUMNS, COLUMNS, COLUMNS };
    for (size_t i = 0; i < n; i++) {
        if (prq_str_eq(fields[i], PRQ_S("cve")))
            out->cve = i;
        else if (prq_str_eq(fields[i], PRQ_S("epss")))
            out->epss = i;
        else if (prq_str_eq(fields[i], PRQ_S("percentile")))
            out->percentile = i;
    }
    return out->cve < COLUMNS && out->epss < COLUMNS;
}

/* A probability as the feed writes it: digits with at most one point, small exponents included. */
static bool is_score(prq_str s)
{
    bool digit = false;
    for (size_t i = 0; i < s.n; i++) {
        if (prq_is_digit(s.p[i]))
            digit = true;
        else if (!strchr(".eE-", s.p[i]) || s.p[i] == 0 || !digit)
            return false;
    }
    return digit && s.n <= 24;
}

static bool one_line(prq_str line, const struct header *h, prq_str date,
                     const struct prq_feed_sink *sink, struct prq_err *err)
{
    prq_str fields[COLUMNS];
    size_t n = split(line, fields);
    if (n <= h->cve || n <= h->epss || !prq_feed_is_cve(fields[h->cve]) ||
        !is_score(fields[h->epss])) {
        sink->skip(sink->user, prq_str_head(line, 80), "a line that is no score");
        return true;
    }
    struct prq_cve_info info = { .has_epss = true,
                                 .epss_score = fields[h->epss],
                                 .epss_date = date };
    if (h->percentile < n && is_score(fields[h->percentile]))
        info.epss_percentile = fields[h->percentile];
    return sink->cve(sink->user, fields[h->cve], &info, err);
}

bool prq_epss_parse(prq_str csv, prq_str name_date, struct prq_arena *a,
                    const struct prq_feed_sink *sink, prq_str *date, struct prq_err *err)
{
    struct header header = { COLUMNS, COLUMNS, COLUMNS };
    bool has_header = false;
    prq_str line, day = day_of(name_date);
    (void)a;
    while (prq_str_line(&csv, &line)) {
        if (!line.n)
            continue;
        if (line.p[0] == '#') {
            prq_str stated = comment_date(line);
            day = stated.n ? stated : day;
        } else if (!has_header) {
            if (!read_header(line, &header))
                return prq_fail_at(err, PRQ_E_FORMAT, 0, "not an EPSS table: no cve,epss header");
            has_header = true;
        } else if (!one_line(line, &header, day, sink, err)) {
            return false;
        }
    }
    if (!has_header)
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not an EPSS table: no header");
    *date = day;
    return true;
}
