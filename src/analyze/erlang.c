/* SPDX-License-Identifier: Apache-2.0 */
/* Erlang: application resource files, and the lock file of rebar3.
 * Sources: Erlang/OTP, kernel, app(4); rebar3.org, "Dependencies", "Lock Files"; catalog.md 4.9:
 *
 *     {application, 'x', [{vsn, "1.2"}, {applications, [kernel, stdlib]}, …]}.
 *
 *     {"1.2.0", [{<<"x">>, {pkg, <<"x">>, <<"1.2.3">>}, 0},
 *                {<<"y">>, {git, "https://…", {ref, "COMMIT"}}, 1}]}.
 *     [{pkg_hash_ext, [{<<"x">>, <<"SHA-256">>}]}].           older ones are the inner list only */
#include "analyze/analyze.h"
#include "analyze/lockgraph.h"
#include "analyze/loss.h"
#include "base/map.h"
#include "format/beamterm.h"

static const struct prq_want wants[] = {
    { .suffix = PRQ_SI(".app"), .max_bytes = PRQ_MIB(4), .modes = PRQ_WANT_IMAGE },
    { .basename = PRQ_SI("rebar.lock"), .max_bytes = PRQ_MIB(16), .modes = PRQ_WANT_SOURCE },
    { .max_bytes = 0 },
};

static bool full(struct prq_err *err)
{
    return prq_fail(err, PRQ_E_LIMIT, "too many packages");
}

/* ---- .app */

/* False: memory ran out. */
static bool read_applications(prq_str list, struct prq_package *p, struct prq_arena *a)
{
    struct prq_beam b;
    struct prq_beam_field f;
    size_t cap = 0;
    prq_beam_init(&b, list, false);
    if (prq_beam_next(&b).kind != PRQ_BEAM_OPEN)
        return true;
    while (prq_beam_member(&b, &f))
        if (f.kind == PRQ_BEAM_ATOM && !prq_strs_add(&p->depends, &cap, f.text, a))
            return false;
    return true;
}

static bool read_keys(prq_str list, struct prq_package *p, struct prq_arena *a)
{
    struct prq_beam b;
    struct prq_beam_field f, pair[2];
    prq_beam_init(&b, list, false);
    if (prq_beam_next(&b).kind != PRQ_BEAM_OPEN)
        return true;
    while (prq_beam_member(&b, &f)) {
        if (f.kind != PRQ_BEAM_OPEN || prq_beam_members(f.text, false, pair, 2) != 2)
            continue;
        if (prq_str_eq(pair[0].text, PRQ_S("vsn")) && pair[1].kind == PRQ_BEAM_TEXT)
            p->version = pair[1].text;
        else if (prq_str_eq(pair[0].text, PRQ_S("applications")) && p->depends.n == 0 &&
                 !read_applications(pair[1].text, p, a))
            return false;
    }
    return true;
}

static bool run_app(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                    struct prq_err *err)
{
    struct prq_beam b;
    struct prq_beam_field f[3] = { 0 };
    size_t n = 0;
    prq_beam_init(&b, prq_str_of(in->data), false);
    if (prq_beam_next(&b).kind == PRQ_BEAM_OPEN)
        while (n < PRQ_COUNT(f) && prq_beam_member(&b, &f[n]))
            n++;
    bool is_one = f[0].kind == PRQ_BEAM_ATOM && prq_str_eq(f[0].text, PRQ_S("application")) &&
                  f[1].kind == PRQ_BEAM_ATOM && f[1].text.n;
    if (!is_one) /* other programs have files of that name too */
        return !prq_str_eq(prq_path_base(prq_path_dir(in->file->path)), PRQ_S("ebin")) ||
               prq_fail_at(err, PRQ_E_FORMAT, 0, "not an application resource");
    struct prq_package p = { .type = PRQ_S("otp"), .name = f[1].text };
    if (f[2].kind == PRQ_BEAM_OPEN && !read_keys(f[2].text, &p, ctx->scratch))
        return full(err);
    if (!prq_sink_package(sink, &p))
        return prq_sink_full(err);
    return !b.is_cut || prq_fail_at(err, PRQ_E_FORMAT, b.cut_at, "a term has no end");
}

/* ---- rebar.lock */

struct lock {
    struct prq_arena *arena;
    struct prq_package *packages;
    size_t count, cap;
    struct prq_map names; /* keys of the list, to a package */
    struct prq_loss loss;
};

/* {git, "https://…", {ref, "COMMIT"}}; {git_subdir, …} begins alike. False: memory ran out. */
static bool read_git(struct lock *l, const struct prq_beam_field *f, struct prq_package *p)
{
    struct prq_beam_field ref[2];
    if (f[1].kind != PRQ_BEAM_TEXT)
        return true;
    size_t n = prq_beam_members(f[2].text, false, ref, 2);
    bool has_ref = n == 2 && ref[1].kind == PRQ_BEAM_TEXT;
    p->vcs_url = prq_arena_printf(l->arena, "git+%.*s%s%.*s", PRQ_FMT(f[1].text),
                                  has_ref ? "@" : "", PRQ_FMT(has_ref ? ref[1].text : PRQ_S("")));
    return p->vcs_url.p != NULL;
}

static bool add(struct lock *l, prq_str entry, size_t at, struct prq_err *err)
{
    struct prq_beam_field outer[2], f[3];
    struct prq_package p = { .type = PRQ_S("hex"), .flags = PRQ_PKG_DECLARED };
    if (prq_beam_members(entry, false, outer, 2) != 2 || outer[0].kind != PRQ_BEAM_TEXT ||
        prq_beam_members(outer[1].text, false, f, 3) < 2) {
        prq_loss_add(&l->loss, at, "not a dependency");
        return true;
    }
    p.name = outer[0].text;
    if (prq_str_eq(f[0].text, PRQ_S("pkg")) && f[1].kind == PRQ_BEAM_TEXT) {
        p.name = f[1].text;
        p.version = f[2].kind == PRQ_BEAM_TEXT ? f[2].text : (prq_str){ 0 };
    } else if (prq_str_starts(f[0].text, PRQ_S("git")) && !read_git(l, f, &p)) {
        return full(err);
    }
    bool added;
    if (p.name.n == 0) {
        prq_loss_add(&l->loss, at, "not a dependency");
        return true;
    }
    if (!prq_map_put(&l->names, outer[0].text, l->count, &added) ||
        (l->count == l->cap && !prq_arena_grow(l->arena, &l->packages, sizeof *l->packages, &l->cap,
                                               l->count + 1)))
        return full(err);
    l->packages[l->count++] = p;
    return true;
}

/* The list whose opening has been read. */
static bool read_entries(struct lock *l, struct prq_beam *b, struct prq_err *err)
{
    struct prq_beam_field f;
    size_t at = b->at;
    while (prq_beam_member(b, &f)) {
        if (!add(l, f.text, at, err))
            return false;
        at = b->at;
    }
    return true;
}

/* {<<"x">>, <<"SHA-256">>}. False: memory ran out. */
static bool read_hashes(struct lock *l, prq_str list)
{
    struct prq_beam b;
    struct prq_beam_field f, pair[2];
    prq_beam_init(&b, list, false);
    if (prq_beam_next(&b).kind != PRQ_BEAM_OPEN)
        return true;
    while (prq_beam_member(&b, &f)) {
        if (prq_beam_members(f.text, false, pair, 2) != 2 || pair[1].text.n != 64)
            continue;
        const size_t *at = prq_map_find(&l->names, pair[0].text);
        char *hex = at ? prq_new_n(l->arena, char, 7 + 64) : NULL;
        if (!at)
            continue;
        struct prq_strs *digests = &l->packages[*at].digests;
        *digests = (struct prq_strs){ prq_new(l->arena, prq_str), 1 };
        if (!hex || !digests->v)
            return false;
        memcpy(hex, "sha256:", 7);
        for (size_t i = 0; i < 64; i++)
            hex[7 + i] = prq_to_lower(pair[1].text.p[i]);
        digests->v[0] = (prq_str){ hex, 7 + 64 };
    }
    return true;
}

static bool run_lock(struct prq_ctx *ctx, prq_str text, struct prq_sink *sink, struct prq_err *err)
{
    struct lock l = { .arena = ctx->scratch };
    struct prq_beam b;
    struct prq_beam_field f, pair[2];
    prq_map_init(&l.names, ctx->scratch);
    prq_beam_init(&b, text, false);
    struct prq_beam_token t = prq_beam_next(&b);
    if (prq_beam_is(t, PRQ_BEAM_OPEN, PRQ_S("{"))) { /* version and comma */
        (void)prq_beam_member(&b, &f);
        t = prq_beam_next(&b);
    }
    if (!prq_beam_is(t, PRQ_BEAM_OPEN, PRQ_S("[")))
        return prq_fail_at(err, PRQ_E_FORMAT, t.at, "no list of dependencies");
    if (!read_entries(&l, &b, err))
        return false;
    while ((t = prq_beam_next(&b)).kind != PRQ_BEAM_END && t.kind != PRQ_BEAM_OPEN)
        ;
    while (t.kind == PRQ_BEAM_OPEN && prq_beam_member(&b, &f))
        if (prq_beam_members(f.text, false, pair, 2) == 2 &&
            prq_str_eq(pair[0].text, PRQ_S("pkg_hash_ext")) && !read_hashes(&l, pair[1].text))
            return full(err);
    for (size_t i = 0; i < l.count; i++)
        if (!prq_sink_package(sink, &l.packages[i]))
            return prq_sink_full(err);
    if (!prq_loss_report(&l.loss, sink))
        return prq_sink_full(err);
    return !b.is_cut || prq_fail_at(err, PRQ_E_FORMAT, b.cut_at, "a term has no end");
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    return prq_str_ends(in->file->path, PRQ_S(".app"))
               ? run_app(ctx, in, sink, err)
               : run_lock(ctx, prq_str_of(in->data), sink, err);
}

const struct prq_analyzer prq_analyzer_erlang = {
    .name = "erlang",
    .purl_type = "otp",
    .summary = "Erlang and Elixir applications (.app), rebar.lock",
    .revision = 1,
    .wants = wants,
    .run = run,
};
