/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/now.h"

#include <stdlib.h>
#include <time.h>

enum { DAY = 86400, WARN_AFTER = 5 * DAY };

static bool print_time(int64_t unix_s, struct prq_arena *a, prq_str *out, struct prq_err *err)
{
    time_t t = (time_t)unix_s;
    struct tm tm;
    char text[40];
    if (!gmtime_r(&t, &tm) || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        return prq_fail(err, PRQ_E_USAGE, "time out of range");
    *out = prq_arena_copy(a, prq_str_from(text));
    return out->p || prq_fail(err, PRQ_E_NOMEM, "out of memory");
}

bool prq_now(const char *given, struct prq_arena *a, prq_str *out, struct prq_err *err)
{
    int64_t at;
    uint64_t epoch;
    const char *source = getenv("SOURCE_DATE_EPOCH");
    if (given && *given) {
        if (!prq_time_parse(prq_str_from(given), &at))
            return prq_fail(err, PRQ_E_USAGE, "now: \"%s\" is not an RFC 3339 time", given);
    } else if (source && *source) {
        if (!prq_str_u64(prq_str_from(source), &epoch) || epoch > INT64_MAX / 2)
            return prq_fail(err, PRQ_E_USAGE, "SOURCE_DATE_EPOCH: \"%s\" is not a number of seconds",
                            source);
        at = (int64_t)epoch;
    } else {
        at = (int64_t)time(NULL);
    }
    return print_time(at, a, out, err);
}

bool prq_as_of(const char *given, struct prq_arena *a, prq_str *out, struct prq_err *err)
{
    int64_t at;
    prq_str text = prq_str_from(given);
    *out = (prq_str){ 0 };
    if (!text.n)
        return true;
    if (!prq_time_parse(text, &at))
        return prq_fail(err, PRQ_E_USAGE, "as-of: \"%s\" is neither a date nor an RFC 3339 time",
                        given);
    return print_time(text.n == 10 ? at + DAY - 1 : at, a, out, err);
}

bool prq_check_data_age(struct prq_db *db, prq_str now, uint64_t max_s, const struct prq_log *log,
                        struct prq_err *err)
{
    const struct prq_family *f;
    int64_t at, oldest = INT64_MAX;
    size_t n = prq_db_families(db, &f);
    for (size_t i = 0; i < n; i++) {
        int64_t built;
        if (prq_time_parse(f[i].built, &built) && built < oldest)
            oldest = built;
    }
    if (!prq_time_parse(now, &at) || oldest == INT64_MAX || at <= oldest)
        return true;
    int64_t age = at - oldest;
    if (max_s && (uint64_t)age > max_s)
        return prq_fail(err, PRQ_E_DATA,
                        "the advisory data is %lld days old, --max-data-age allows less; run "
                        "`pratique db update`",
                        (long long)(age / DAY));
    if (age > WARN_AFTER)
        prq_log(log, PRQ_LOG_WARN,
                "the advisory data is %lld days old; `pratique db update` brings it up to date",
                (long long)(age / DAY));
    return true;
}
