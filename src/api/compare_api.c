/* SPDX-License-Identifier: Apache-2.0 */
#include "pratique/compare.h"

#include <stdlib.h>

#include "api/handles.h"
#include "match/absence.h"
#include "report/comparison.h"
#include "scan/now.h"
#include "store/document.h"

struct prq_compared {
    struct prq_arena *arena;
    struct prq_foreign foreign;
    prq_str image; /* with a NUL after it */
    struct prq_comparison comparison;
};

static bool no_memory(struct prq_err *err)
{
    return prq_fail(err, PRQ_E_NOMEM, "out of memory");
}

static bool open_report(struct prq_compared *c, const char *file, struct prq_err *err)
{
    prq_str all;
    if (!prq_document_bytes(prq_str_from(file), c->arena, &all, err))
        return false;
    if (!prq_foreign_read(all, &prq_limits_default, c->arena, &c->foreign, err))
        return prq_in(err, "report %s", file);
    c->image = prq_arena_copy(c->arena, c->foreign.name);
    return c->image.p || no_memory(err);
}

bool prq_compare_open(const char *file, struct prq_compared **out, struct prq_err *err)
{
    struct prq_compared *c = calloc(1, sizeof *c);
    if (!c)
        return no_memory(err);
    c->arena = prq_arena_new(PRQ_MIB(3072));
    if (!c->arena ? !no_memory(err) : !open_report(c, file, err)) {
        prq_compare_free(c);
        return false;
    }
    *out = c;
    return true;
}

const char *prq_compare_image(const struct prq_compared *c)
{
    return c->image.p;
}

/* ---- why something is not reported here */

struct asker {
    struct prq_scan *s;
    struct prq_arena *arena;
    struct prq_absence_opts opts;
};

static bool why_absent(void *user, prq_str id, size_t package, struct prq_absence *out,
                       struct prq_err *err)
{
    struct asker *k = user;
    struct prq_ctx ctx = { .limits = &prq_limits_default, .scratch = k->s->scratch };
    struct prq_absence_opts opts = k->opts;
    struct prq_absence *v;
    size_t n;
    opts.id = id;
    opts.only = &k->s->analysis.packages[package];
    if (!prq_absence_find(&ctx, &k->s->report, k->s->db, &opts, k->arena, &v, &n, err))
        return false;
    if (n)
        *out = v[0];
    return true;
}

bool prq_compare_with(struct prq_compared *c, struct prq_scan *s, const struct prq_scan_opts *opts,
                      struct prq_err *err)
{
    struct prq_scan_opts o = PRQ_SCAN_OPTS_INIT;
    if (opts)
        memcpy(&o, opts, prq_min_size(opts->size, sizeof o));
    if (!s->is_judged)
        return prq_fail(err, PRQ_E_BUG, "compare before judgement");
    if (s->is_report && !prq_explain_database(s, o.db_dir, err))
        return false;
    struct asker k = {
        .s = s, .arena = c->arena,
        .opts = { .is_saved = s->is_report,
                  .match = { .no_default_ignores = o.no_default_ignores, .by_cve = o.by_cve,
                             .go_main_pseudo = o.go_main_pseudo, .debian_temp = o.debian_temp,
                             .distro = prq_arena_copy(c->arena, prq_str_from(o.distro)) } },
    };
    if (!prq_now(o.now, c->arena, &k.opts.match.now, err))
        return false;
    if (!prq_comparison_make(&s->report, &c->foreign, s->db ? why_absent : NULL, &k, c->arena,
                             &c->comparison, err))
        return false;
    c->comparison.tool_version = prq_str_from(prq_version());
    return true;
}

void prq_compare_free(struct prq_compared *c)
{
    if (c)
        prq_arena_free(c->arena);
    free(c);
}

bool prq_compare_write(const struct prq_compared *c, const char *format,
                       const struct prq_style *style, char **text, size_t *n, struct prq_err *err)
{
    struct prq_report_style st = prq_style_of(style);
    struct prq_buf b;
    bool as_json = strcmp(format, "json") == 0;
    if (!as_json && strcmp(format, "table") != 0)
        return prq_fail(err, PRQ_E_USAGE, "format \"%s\": table or json", format);
    prq_buf_init(&b, PRQ_MIB(2047));
    bool ok = as_json ? prq_comparison_json(&c->comparison, &b, err)
                      : prq_comparison_table(&c->comparison, &st, &b, err);
    return prq_hand_over(&b, ok, text, n, err);
}

size_t prq_compare_differences(const struct prq_compared *c)
{
    return c->comparison.n;
}
