/* SPDX-License-Identifier: Apache-2.0 */
/* Elixir: mix.lock. Source: hexdocs.pm, Mix.Tasks.Deps, and Hex's Hex.Utils.lock; catalog.md 4.9:
 *
 *     %{
 *       "key": {:hex, :name, "1.2.3", "sum", [:mix], [{:dep, "~> 1.0", [hex: :dep, …]}], "hexpm",
 *               "SHA-256 of the archive"},
 *       "key": {:git, "https://…", "COMMIT", []},
 *     }
 *
 * The key is how the project calls it, the name what the registry does. */
#include "analyze/analyze.h"
#include "analyze/lockgraph.h"
#include "analyze/loss.h"
#include "format/beamterm.h"

static const struct prq_want wants[] = {
    { .basename = PRQ_SI("mix.lock"), .max_bytes = PRQ_MIB(16), .modes = PRQ_WANT_SOURCE },
    { .max_bytes = 0 },
};

enum { NAME = 1, VERSION, SUM, MANAGERS, DEPENDS, REPOSITORY, OUTER_SUM, FIELDS };

/* False: memory ran out. */
static bool read_depends(prq_str list, struct prq_package *p, struct prq_arena *a)
{
    struct prq_beam b;
    struct prq_beam_field f, name;
    size_t cap = 0;
    prq_beam_init(&b, list, true);
    if (prq_beam_next(&b).kind != PRQ_BEAM_OPEN)
        return true;
    while (prq_beam_member(&b, &f))
        if (f.kind == PRQ_BEAM_OPEN && prq_beam_members(f.text, true, &name, 1) == 1 &&
            name.kind == PRQ_BEAM_ATOM && !prq_strs_add(&p->depends, &cap, name.text, a))
            return false;
    return true;
}

/* "hexpm:acme" is the organisation acme. */
static prq_str organisation(const struct prq_beam_field *f)
{
    static const prq_str start = PRQ_SI("hexpm:");
    if (f->kind != PRQ_BEAM_TEXT || !prq_str_starts(f->text, start))
        return (prq_str){ 0 };
    return prq_str_from_at(f->text, start.n);
}

/* False: memory ran out. */
static bool read_hex(const struct prq_beam_field *f, struct prq_package *p, struct prq_arena *a)
{
    p->name = f[NAME].text;
    p->version = f[VERSION].text;
    p->ns = organisation(&f[REPOSITORY]);
    if (f[DEPENDS].kind == PRQ_BEAM_OPEN && !read_depends(f[DEPENDS].text, p, a))
        return false;
    if (f[OUTER_SUM].kind != PRQ_BEAM_TEXT || f[OUTER_SUM].text.n != 64)
        return true;
    p->digests = (struct prq_strs){ prq_new(a, prq_str), 1 };
    if (!p->digests.v)
        return false;
    p->digests.v[0] = prq_arena_printf(a, "sha256:%.*s", PRQ_FMT(f[OUTER_SUM].text));
    return p->digests.v[0].p != NULL;
}

static bool put(prq_str key, prq_str entry, struct prq_arena *a, struct prq_loss *loss, size_t at,
                struct prq_sink *sink, struct prq_err *err)
{
    struct prq_beam_field f[FIELDS];
    struct prq_package p = { .type = PRQ_S("hex"), .name = key, .flags = PRQ_PKG_DECLARED };
    size_t n = prq_beam_members(entry, true, f, FIELDS);
    bool ok = true;
    if (n > VERSION && prq_str_eq(f[0].text, PRQ_S("hex")) && f[VERSION].kind == PRQ_BEAM_TEXT) {
        ok = read_hex(f, &p, a);
    } else if (n > VERSION && prq_str_eq(f[0].text, PRQ_S("git")) && f[1].kind == PRQ_BEAM_TEXT) {
        p.vcs_url = prq_arena_printf(a, "git+%.*s@%.*s", PRQ_FMT(f[1].text), PRQ_FMT(f[2].text));
        ok = p.vcs_url.p != NULL;
    } else {
        p.name.n = 0;
    }
    if (!ok)
        return prq_fail(err, PRQ_E_LIMIT, "too many dependencies");
    if (p.name.n == 0) {
        prq_loss_add(loss, at, "not a dependency");
        return true;
    }
    return prq_sink_package(sink, &p) || prq_sink_full(err);
}

/* The key, and what of it belongs to the entry, come as tokens: "key": {…}, or "key" => {…}. */
static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    struct prq_beam b;
    struct prq_beam_token t;
    struct prq_loss loss = { 0 };
    prq_beam_init(&b, prq_str_of(in->data), true);
    t = prq_beam_next(&b);
    if (!prq_beam_is(t, PRQ_BEAM_OPEN, PRQ_S("{")))
        return prq_fail_at(err, PRQ_E_FORMAT, prq_min_size(t.at, in->data.n), "not a map");
    while ((t = prq_beam_next(&b)).kind == PRQ_BEAM_TEXT || t.kind == PRQ_BEAM_ATOM) {
        struct prq_beam_field entry;
        bool is_more = prq_beam_member(&b, &entry);
        if (!is_more || entry.kind != PRQ_BEAM_OPEN)
            prq_loss_add(&loss, t.at, "not a dependency");
        else if (!put(t.text, entry.text, ctx->scratch, &loss, t.at, sink, err))
            return false;
        if (!is_more)
            break;
    }
    if (!prq_loss_report(&loss, sink))
        return prq_sink_full(err);
    if (b.is_cut)
        return prq_fail_at(err, PRQ_E_FORMAT, b.cut_at, "a term has no end");
    return t.kind == PRQ_BEAM_CLOSE || loss.count ||
           prq_fail_at(err, PRQ_E_FORMAT, prq_min_size(t.at, in->data.n), "map has no end");
}

const struct prq_analyzer prq_analyzer_elixir = {
    .name = "elixir",
    .purl_type = "hex",
    .summary = "Hex packages asked for: mix.lock",
    .revision = 1,
    .wants = wants,
    .run = run,
};
