/* SPDX-License-Identifier: Apache-2.0 */
/* What would change a verdict, and the words that both forms of an explanation share. */
#include "report/explanation.h"

const struct prq_family *prq_family_of(const struct prq_report *r, prq_str name)
{
    for (size_t i = 0; i < r->family_count; i++)
        if (prq_str_eq(r->families[i].name, name))
            return &r->families[i];
    return NULL;
}

const char *prq_severity_rule_text(prq_str rule)
{
    static const struct {
        const char *rule, *text;
    } texts[] = {
        { "preferred", "the source that --severity-from prefers" },
        { "package", "the feed's own rating of this package" },
        { "record", "the rating in the advisory record" },
        { "ghsa", "GitHub's rating, as the feed gives none" },
        { "nvd", "NVD's rating, as the feed gives none" },
        { "malicious", "malicious packages are critical" },
    };
    for (size_t i = 0; i < PRQ_COUNT(texts); i++)
        if (prq_str_eq(rule, prq_str_from(texts[i].rule)))
            return texts[i].text;
    return "no source rates it";
}

prq_str prq_step_text(const struct prq_step *s, prq_str version, struct prq_arena *a)
{
    prq_str sign = s->sign == '>' && prq_str_eq(s->version, PRQ_S("0")) ? PRQ_S(">=")
                                                                         : (prq_str){ &s->sign, 1 };
    return prq_arena_printf(a, "%.*s %.*s %s %.*s", PRQ_FMT(version), PRQ_FMT(sign),
                            prq_event_word(s->kind), PRQ_FMT(s->version));
}

struct ways {
    const struct prq_report *r;
    const struct prq_finding *f;
    struct prq_arena *a;
    struct prq_way *v;
    size_t n;
};

#define WAY(w, kind, ...)                                                                          \
    do {                                                                                           \
        if ((w)->n < PRQ_WAYS_MAX)                                                                 \
            (w)->v[(w)->n++] = (struct prq_way){ kind, prq_arena_printf((w)->a, __VA_ARGS__) };    \
    } while (0)

static void by_version(struct ways *w)
{
    const struct prq_finding *f = w->f;
    const struct prq_package *p = &w->r->analysis->packages[f->package];
    const char *below = f->is_indirect ? " (a version of the source package)" : "";
    if (f->state == PRQ_FIX_FIXED && f->fixed_in.n)
        WAY(w, "version", "%.*s at %.*s or later%s", PRQ_FMT(p->name), PRQ_FMT(f->fixed_in.v[0]),
            below);
    else if (f->state != PRQ_FIX_NOT_AFFECTED)
        WAY(w, "version", "no version: the feed knows of no fix (%s)", prq_fix_state_word(f->state));
    for (size_t i = 0; i < f->trace.n && f->trace.ranges[i].n; i++) {
        const struct prq_step *first = &f->trace.ranges[i].steps[0];
        if (f->trace.ranges[i].is_hit && first->kind == PRQ_EVENT_INTRODUCED && first->sign != '?' &&
            !prq_str_eq(first->version, PRQ_S("0")))
            WAY(w, "version", "a version before %.*s, where it was introduced",
                PRQ_FMT(first->version));
    }
}

static void by_suppression(struct ways *w)
{
    const struct prq_finding *f = w->f;
    static const struct {
        const char *kind, *text;
    } undone[] = {
        { "exclusion", "--no-default-ignores reports it" },
        { "rule", "without the rule it is reported" },
        { "vex", "without the VEX statement it is reported" },
        { "ownership", "an own copy, outside of the operating system's package, would be reported" },
        { "not-affected", "the feed would have to withdraw: not affected" },
        { "duplicate", "the other record would have to agree on the range" },
        { "status", "another status of the advisory" },
    };
    for (size_t k = 0; k <= f->also_count && f->by.kind.n; k++) {
        const struct prq_by *by = k ? &f->also[k - 1] : &f->by;
        for (size_t i = 0; i < PRQ_COUNT(undone); i++)
            if (prq_str_eq(by->kind, prq_str_from(undone[i].kind)))
                WAY(w, "suppression", "%s (%.*s)", undone[i].text, PRQ_FMT(by->id));
    }
}

static void by_rating(struct ways *w)
{
    const struct prq_finding *f = w->f;
    PRQ_BUF list;
    prq_buf_init(&list, PRQ_KIB(4));
    for (size_t i = 0; i < f->rating_count; i++) {
        prq_str source = f->ratings[i].source;
        bool is_known = prq_str_eq(source, f->severity_source);
        for (size_t k = 0; k < i; k++)
            is_known = is_known || prq_str_eq(source, f->ratings[k].source);
        if (is_known || !source.n)
            continue;
        prq_buf_str(&list, list.n ? PRQ_S(", ") : (prq_str){ 0 });
        prq_buf_str(&list, source);
    }
    if (list.n && !list.bad)
        WAY(w, "rating", "the severity only: --severity-from with %.*s", PRQ_FMT(prq_buf_view(&list)));
}

size_t prq_ways_of(const struct prq_report *r, const struct prq_finding *f, struct prq_arena *a,
                   struct prq_way *out)
{
    struct ways w = { r, f, a, out, 0 };
    const struct prq_package *p = &r->analysis->packages[f->package];
    if (f->by.kind.n)
        by_suppression(&w);
    else
        by_version(&w);
    if (!f->by.kind.n)
        WAY(&w, "state", "--ignore-status %s suppresses it", prq_fix_state_word(f->state));
    if (f->note.n && prq_str_has(f->note, PRQ_S("disputed range")))
        WAY(&w, "feed", "the feed, where its records differ: %.*s", PRQ_FMT(f->note));
    if (prq_package_is_os(p))
        WAY(&w, "feed", "another feed: --distro ID-VERSION instead of %.*s", PRQ_FMT(f->space));
    by_rating(&w);
    return w.n;
}
