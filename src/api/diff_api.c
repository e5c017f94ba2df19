/* SPDX-License-Identifier: Apache-2.0 */
#include "pratique/diff.h"

#include <stdlib.h>

#include "api/handles.h"
#include "report/difference.h"

struct prq_diff {
    struct prq_arena *arena;
    struct prq_report a, b; /* of a scan that was not judged: its analysis only */
    struct prq_difference difference;
};

static struct prq_report report_of(const struct prq_scan *s)
{
    if (s->is_judged)
        return s->report;
    return (struct prq_report){ .analysis = &s->analysis, .gaps = s->analysis.gaps,
                                .gap_count = s->analysis.gap_count };
}

bool prq_diff_new(const struct prq_scan *a, const struct prq_scan *b, struct prq_diff **out,
                  struct prq_err *err)
{
    struct prq_diff *d = calloc(1, sizeof *d);
    if (!d)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    d->arena = prq_arena_new(PRQ_MIB(2048));
    d->a = report_of(a);
    d->b = report_of(b);
    if (!d->arena ? !prq_fail(err, PRQ_E_NOMEM, "out of memory")
                  : !prq_difference_make(&d->a, &d->b, a->is_judged && b->is_judged, d->arena,
                                         &d->difference, err)) {
        prq_diff_free(d);
        return false;
    }
    *out = d;
    return true;
}

void prq_diff_free(struct prq_diff *d)
{
    if (d)
        prq_arena_free(d->arena);
    free(d);
}

bool prq_diff_write(const struct prq_diff *d, const char *format, const struct prq_style *style,
                    char **text, size_t *n, struct prq_err *err)
{
    struct prq_report_style st = prq_style_of(style);
    struct prq_buf b;
    bool as_json = strcmp(format, "json") == 0;
    if (!as_json && strcmp(format, "table") != 0)
        return prq_fail(err, PRQ_E_USAGE, "format \"%s\": table or json", format);
    prq_buf_init(&b, PRQ_MIB(2047));
    bool ok = as_json ? prq_difference_json(&d->difference, prq_str_from(prq_version()), &b, err)
                      : prq_difference_table(&d->difference, &st, &b, err);
    return prq_hand_over(&b, ok, text, n, err);
}

size_t prq_diff_introduced(const struct prq_diff *d, const char *severity)
{
    enum prq_severity least;
    size_t n = 0;
    if (!prq_severity_parse(prq_str_from(severity), &least))
        return SIZE_MAX;
    for (size_t i = 0; i < d->difference.introduced_count; i++)
        n += d->b.findings[d->difference.introduced[i]].severity >= least;
    return n;
}
