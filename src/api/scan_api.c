/* SPDX-License-Identifier: Apache-2.0 */
#include "api/handles.h"

#include <stdlib.h>
#include <time.h>

#include "analyze/analyze.h"
#include "db/db.h"
#include "image/image.h"
#include "match/match.h"
#include "report/output.h"
#include "scan/analyse.h"
#include "scan/lists.h"
#include "scan/now.h"
#include "store/baseimage.h"
#include "store/document.h"
#include "store/reportread.h"
#include "store/waste.h"

static prq_str text_of(const char *z)
{
    return prq_str_from(z);
}

/* A caller compiled against a smaller struct has zeroes in what it does not know. */
static struct prq_scan_opts options_of(const struct prq_scan_opts *given)
{
    struct prq_scan_opts o = PRQ_SCAN_OPTS_INIT;
    if (given)
        memcpy(&o, given, prq_min_size(given->size, sizeof o));
    o.size = sizeof o;
    return o;
}

struct bridge {
    const struct prq_scan_opts *opts;
};

static void log_event(void *user, enum prq_level level, const char *line)
{
    const struct bridge *b = user;
    b->opts->log(b->opts->user, (enum prq_log_level)level, line);
}

static void pull_progress(void *user, size_t layer, uint64_t done, uint64_t total)
{
    const struct bridge *b = user;
    b->opts->progress(b->opts->user, "pull", layer, done, total);
}

static void scan_progress(void *user, const char *phase, size_t layer, uint64_t done,
                          uint64_t total)
{
    const struct bridge *b = user;
    b->opts->progress(b->opts->user, phase, layer, done, total);
}

static bool split_list(prq_str list, struct prq_arena *a, struct prq_strs *out)
{
    size_t cap = 0;
    prq_str piece;
    while (list.n && prq_str_split(&list, ',', &piece)) {
        if (piece.n == 0)
            continue;
        if (!prq_arena_grow(a, &out->v, sizeof *out->v, &cap, out->n + 1))
            return false;
        out->v[out->n++] = piece;
    }
    return true;
}

static bool open_target(struct prq_scan *s, struct prq_ctx *ctx, prq_str target,
                        const struct prq_scan_opts *o, struct bridge *bridge, struct prq_err *err)
{
    const char *kind = "";
    prq_str rest = target;
    if (!prq_source_recognise(target, &kind, &rest, err))
        return false;
    prq_str name = o->name ? text_of(o->name) : target;
    if (strcmp(kind, "purl") == 0) {
        bool ok = prq_purls_open(rest, s->arena, &s->analysis, err);
        s->analysis.name = name;
        return ok;
    }
    if (strcmp(kind, "analysis") == 0) {
        if (!prq_document_open(ctx, rest, s->arena, &s->analysis, err))
            return false;
        if (o->name)
            s->analysis.name = name;
        return true;
    }
    if (strcmp(kind, "sbom") == 0) {
        const struct prq_list_opts list = { rest, o->worker_exe };
        if (!prq_list_open(ctx, &list, s->arena, &s->analysis, &s->is_complete, err))
            return false;
        if (o->name || s->analysis.name.n == 0)
            s->analysis.name = name;
        return true;
    }
    if (strcmp(kind, "report") == 0) {
        if (!prq_report_open(ctx, rest, s->arena, &s->analysis, &s->report, err))
            return false;
        s->is_judged = s->is_report = true;
        if (o->name)
            s->analysis.name = name;
        return true;
    }
    struct prq_analyse_opts a = {
        .source = { .argument = target, .platform = text_of(o->platform), .name = name,
                    .username = text_of(o->username), .password = text_of(o->password),
                    .token = text_of(o->registry_token), .ca_file = text_of(o->ca_file),
                    .insecure = o->insecure },
        .worker_exe = o->worker_exe, .cache_dir = o->cache_dir, .jobs = o->jobs,
        .verify = o->verify, .digest_files = o->digest_files,
    };
    if (o->progress) {
        a.progress = scan_progress;
        a.progress_user = bridge;
        a.source.progress = pull_progress;
        a.source.progress_user = bridge;
    }
    if (!split_list(text_of(o->allow_realms), s->arena, &a.source.allow_realms))
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    return prq_analyse(ctx, &a, s->arena, &s->analysis, err);
}

/* What follows from the analysis alone, whether it was made now or read. */
static bool complete(struct prq_scan *s, struct prq_ctx *ctx, const struct prq_scan_opts *o,
                     struct prq_err *err)
{
    prq_str dockerfile = { 0 };
    struct prq_err why = PRQ_ERR_INIT;
    if (s->is_report || (s->is_complete && !o->dockerfile))
        return true;
    if (o->dockerfile && !prq_document_bytes(text_of(o->dockerfile), s->arena, &dockerfile, err))
        return false;
    bool is_wanted = o->find_base && o->cache_dir;
    struct prq_cache *cache = is_wanted ? prq_cache_open(o->cache_dir, &why) : NULL;
    bool ok = prq_base_find(ctx, cache, dockerfile, s->arena, &s->analysis, err) ||
              prq_in(err, "%s", o->dockerfile ? o->dockerfile : "base image");
    prq_cache_close(cache);
    return ok && (s->is_complete || prq_waste_measure(&s->analysis, ctx->limits) ||
                  prq_fail(err, PRQ_E_LIMIT, "the file index is broken or too large"));
}

bool prq_scan_open(const char *target, const struct prq_scan_opts *given, struct prq_scan **out,
                   struct prq_err *err)
{
    struct prq_scan_opts o = options_of(given);
    struct prq_scan *s = calloc(1, sizeof *s);
    if (!s)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    s->arena = prq_arena_new(PRQ_MIB(4096 - 1));
    s->scratch = prq_arena_new((size_t)prq_limits_default.scratch_bytes);
    struct bridge bridge = { &o };
    struct prq_log log = { o.log ? log_event : NULL, &bridge, (enum prq_level)o.log_level };
    struct prq_ctx ctx = { .limits = &prq_limits_default, .scratch = s->scratch, .log = &log };
    prq_str kept = s->arena && s->scratch ? prq_arena_copy(s->arena, text_of(target))
                                          : (prq_str){ 0 };
    s->target = kept;
    if (kept.p && o.name) {
        prq_str name = prq_arena_copy(s->arena, text_of(o.name));
        o.name = name.p;
    }
    bool ok = kept.p ? (!o.distro || !*o.distro ||
                        prq_distro_text_check(text_of(o.distro), s->scratch, err)) &&
                           open_target(s, &ctx, kept, &o, &bridge, err)
                     : prq_fail(err, PRQ_E_NOMEM, "out of memory");
    ok = ok && complete(s, &ctx, &o, err);
    /* A report left them out itself, and its findings know packages by their place. */
    if (ok && o.leave_out_dev && !s->is_report && !prq_analysis_leave_out_dev(&s->analysis, s->arena))
        ok = prq_fail(err, PRQ_E_NOMEM, "out of memory");
    if (!ok) {
        prq_scan_free(s);
        return false;
    }
    *out = s;
    return true;
}

/* A database that cannot be read is no advisory data. */
static bool open_data(prq_str dir, prq_str as_of, struct prq_db **db, struct prq_err *err)
{
    if (prq_db_open_at(dir, as_of, db, err))
        return true;
    if (err && err->code != PRQ_E_NOMEM && err->code != PRQ_E_BUG)
        err->code = PRQ_E_DATA;
    return false;
}

/* Each line of a list. */
static bool each_line(const char *list,
                      bool (*take)(struct prq_scan *s, struct prq_ctx *ctx,
                                   const struct prq_scan_opts *o, prq_str line,
                                   struct prq_err *err),
                      struct prq_scan *s, struct prq_ctx *ctx, const struct prq_scan_opts *o,
                      struct prq_err *err)
{
    prq_str rest = prq_arena_copy(s->arena, text_of(list)), line;
    if (!rest.p)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    while (prq_str_line(&rest, &line))
        if (line.n && !take(s, ctx, o, line, err))
            return false;
    return true;
}

struct attached {
    struct prq_scan *s;
    struct prq_ctx *ctx;
};

static bool take_attached(void *user, prq_str name, prq_str bytes, struct prq_err *err)
{
    struct attached *x = user;
    return prq_vex_take_attached(x->ctx, name, bytes, x->s->arena, &x->s->decisions, err);
}

/* --vex oci */
static bool take_registry(struct prq_scan *s, struct prq_ctx *ctx, const struct prq_scan_opts *o,
                          struct prq_err *err)
{
    struct attached x = { s, ctx };
    const struct prq_attached_visit visit = { take_attached, &x };
    const char *kind = "";
    prq_str rest;
    struct prq_source_opts from = { .argument = s->target, .username = text_of(o->username),
                                    .password = text_of(o->password),
                                    .token = text_of(o->registry_token),
                                    .ca_file = text_of(o->ca_file), .insecure = o->insecure };
    if (!prq_source_recognise(s->target, &kind, &rest, err))
        return false;
    if (strcmp(kind, "registry") != 0 || !s->analysis.digest.n)
        return prq_fail(err, PRQ_E_USAGE, "vex oci: only an image of a registry has documents "
                                          "beside it");
    if (!split_list(text_of(o->allow_realms), s->arena, &from.allow_realms))
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    return prq_attached_open(ctx, &from, s->analysis.digest, s->arena, &visit, err) ||
           prq_in(err, "vex oci");
}

static bool take_vex(struct prq_scan *s, struct prq_ctx *ctx, const struct prq_scan_opts *o,
                     prq_str path, struct prq_err *err)
{
    if (prq_str_eq(path, PRQ_S("oci")))
        return take_registry(s, ctx, o, err);
    return prq_vex_open(ctx, path, &s->analysis, s->arena, &s->decisions, err);
}

static bool take_ignores(struct prq_scan *s, struct prq_ctx *ctx, const struct prq_scan_opts *o,
                         prq_str path, struct prq_err *err)
{
    (void)o;
    return prq_ignores_open(ctx, path, s->arena, &s->decisions, err);
}

static bool open_decisions(struct prq_scan *s, struct prq_ctx *ctx, const struct prq_scan_opts *o,
                           struct prq_match_opts *m, struct prq_err *err)
{
    s->decisions = (struct prq_decisions){ 0 };
    if (!each_line(o->vex, take_vex, s, ctx, o, err) ||
        !each_line(o->ignore_files, take_ignores, s, ctx, o, err))
        return false;
    m->vex = o->vex && *o->vex ? &s->decisions.vex : NULL;
    m->ignores = o->ignore_files && *o->ignore_files ? &s->decisions.ignores : NULL;
    m->gaps = s->decisions.gaps;
    m->gap_count = s->decisions.gap_count;
    m->vex_add = prq_arena_copy(s->arena, text_of(o->vex_add));
    return true;
}

bool prq_scan_judge(struct prq_scan *s, const struct prq_scan_opts *given, struct prq_err *err)
{
    struct prq_scan_opts o = options_of(given);
    struct bridge bridge = { &o };
    struct prq_log log = { o.log ? log_event : NULL, &bridge, (enum prq_level)o.log_level };
    struct prq_ctx ctx = { .limits = &prq_limits_default, .scratch = s->scratch, .log = &log };
    if (s->is_report)
        return prq_fail(err, PRQ_E_USAGE, "a report was judged already: scan the image or its "
                                          "analysis (pratique diff compares reports)");
    struct prq_match_opts m = {
        .no_default_ignores = o.no_default_ignores, .by_cve = o.by_cve,
        .go_main_pseudo = o.go_main_pseudo, .debian_temp = o.debian_temp,
        .no_rhel_disclosures = o.no_rhel_disclosures,
        .ignore_status = prq_arena_copy(s->arena, text_of(o.ignore_status)),
        .severity_from = prq_arena_copy(s->arena, text_of(o.severity_from)),
        .distro = prq_arena_copy(s->arena, text_of(o.distro)),
        .cpe = prq_arena_copy(s->arena, text_of(o.cpe)),
    };
    prq_str as_of;
    if (!prq_now(o.now, s->arena, &m.now, err) || !prq_as_of(o.as_of, s->arena, &as_of, err))
        return false;
    if (!open_decisions(s, &ctx, &o, &m, err) ||
        (!s->db && !open_data(text_of(o.db_dir), as_of, &s->db, err)))
        return false;
    s->report = (struct prq_report){ .analysis = &s->analysis, .now = m.now,
                                     .tool_version = text_of(prq_version()) };
    /* Afterwards, when it is known which families were asked. */
    if (!prq_match(&ctx, &s->analysis, s->db, &m, s->arena, &s->report, err) ||
        !prq_check_data_age(s->db, m.now, o.max_data_age_s, &log, err))
        return false;
    s->is_judged = true;
    return true;
}

void prq_scan_free(struct prq_scan *s)
{
    if (!s)
        return;
    prq_db_close(s->db);
    prq_arena_free(s->arena);
    prq_arena_free(s->scratch);
    free(s);
}

bool prq_scan_report(const struct prq_scan *s, const char *format, const struct prq_style *style,
                     char **text, size_t *n, struct prq_err *err)
{
    const struct prq_report_sink *sink = prq_sink_named(format);
    if (!sink)
        return prq_fail(err, PRQ_E_USAGE, "unknown report format %s", format);
    if (!s->is_judged)
        return prq_fail(err, PRQ_E_BUG, "report before judgement");
    struct prq_report_style st = prq_style_of(style);
    struct prq_buf b;
    prq_buf_init(&b, PRQ_MIB(2047));
    return prq_hand_over(&b, sink->write(&s->report, &st, &b, err), text, n, err);
}

bool prq_scan_packages(const struct prq_scan *s, const char *format, const struct prq_style *style,
                       char **text, size_t *n, struct prq_err *err)
{
    const struct prq_list_sink *sink = prq_list_sink_find(text_of(format));
    if (!sink)
        return prq_fail(err, PRQ_E_USAGE, "unknown list format %s", format);
    struct prq_report_style st = prq_style_of(style);
    struct prq_buf b;
    prq_buf_init(&b, PRQ_MIB(2047));
    return prq_hand_over(&b, sink->write(&s->analysis, &st, &b, err), text, n, err);
}

bool prq_scan_analysis(const struct prq_scan *s, const char *format, char **text, size_t *n,
                       struct prq_err *err)
{
    struct prq_buf b;
    prq_buf_init(&b, PRQ_MIB(2047));
    bool as_json = strcmp(format, "json") == 0;
    if (!as_json && strcmp(format, "pratique") != 0)
        return prq_fail(err, PRQ_E_USAGE, "unknown analysis format %s", format);
    return prq_hand_over(&b, prq_document_write(&s->analysis, as_json, &b, err), text, n, err);
}

bool prq_scan_is_judged(const struct prq_scan *s)
{
    return s->is_judged;
}

size_t prq_scan_gap_count(const struct prq_scan *s)
{
    return s->is_judged ? s->report.gap_count : s->analysis.gap_count;
}

size_t prq_scan_finding_count(const struct prq_scan *s, const char *severity)
{
    enum prq_severity least;
    size_t n = 0;
    if (!prq_severity_parse(text_of(severity), &least))
        return SIZE_MAX;
    for (size_t i = 0; i < s->report.finding_count; i++)
        n += s->report.findings[i].severity >= least;
    return n;
}

enum { TABLE = 65 };

const struct prq_named *prq_report_formats(void)
{
    static struct prq_named table[TABLE];
    size_t n = 0;
    for (; n < TABLE - 2 && prq_report_sinks[n]; n++)
        table[n] = (struct prq_named){ prq_report_sinks[n]->name, prq_report_sinks[n]->summary };
    table[n] = (struct prq_named){ prq_document_sink.name, prq_document_sink.summary };
    return table;
}

const struct prq_named *prq_list_formats(void)
{
    static struct prq_named table[TABLE];
    for (size_t i = 0; i < TABLE - 1 && prq_list_sinks[i]; i++)
        table[i] = (struct prq_named){ prq_list_sinks[i]->name, prq_list_sinks[i]->summary };
    return table;
}

const struct prq_cataloger *prq_catalogers(void)
{
    static struct prq_cataloger table[TABLE];
    for (size_t i = 0; i < TABLE - 1 && prq_analyzers[i]; i++)
        table[i] = (struct prq_cataloger){ prq_analyzers[i]->name, prq_analyzers[i]->purl_type,
                                           prq_analyzers[i]->summary, prq_analyzers[i]->revision };
    return table;
}
