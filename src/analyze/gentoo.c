/* SPDX-License-Identifier: Apache-2.0 */
/* Packages of Gentoo, a directory each:
 *
 *     var/db/pkg/CATEGORY/NAME-VERSION[-rREVISION]/CONTENTS   what it put there
 *                                                 /PF         NAME-VERSION once more
 *                                                 /LICENSE    licences, with USE conditions
 *
 * Sources: PMS "Names and versions"; portage, dbapi/vartree.py; catalog.md 3.6. */
#include "analyze/analyze.h"

#include "analyze/loss.h"
#include "analyze/owning.h"

static size_t digits(prq_str s, size_t at)
{
    size_t n = at;
    while (n < s.n && prq_is_digit(s.p[n]))
        n++;
    return n - at;
}

/* 1.2.3b_rc4_p5; without the revision. Source: PMS 3.2. */
static bool is_version(prq_str s)
{
    static const prq_str suffixes[] = { PRQ_SI("_alpha"), PRQ_SI("_beta"), PRQ_SI("_pre"),
                                        PRQ_SI("_rc"), PRQ_SI("_p") };
    size_t at = digits(s, 0);
    if (at == 0)
        return false;
    while (at < s.n && s.p[at] == '.') {
        size_t n = digits(s, at + 1);
        if (n == 0)
            return false;
        at += 1 + n;
    }
    at += at < s.n && prq_is_lower(s.p[at]);
    while (at < s.n) {
        size_t i = 0;
        while (i < PRQ_COUNT(suffixes) && !prq_str_starts(prq_str_from_at(s, at), suffixes[i]))
            i++;
        if (i == PRQ_COUNT(suffixes))
            return false;
        at += suffixes[i].n;
        at += digits(s, at);
    }
    return true;
}

/* "openssl-3.0.7-r1" is openssl and 3.0.7-r1. */
static bool split_name(prq_str pf, prq_str *name, prq_str *version)
{
    prq_str stem = pf, before, after;
    if (prq_str_rcut(pf, '-', &before, &after) && after.n > 1 && after.p[0] == 'r' &&
        digits(after, 1) == after.n - 1)
        stem = before;
    if (!prq_str_rcut(stem, '-', &before, &after) || before.n == 0 || !is_version(after))
        return false;
    *name = before;
    *version = prq_str_from_at(pf, before.n + 1);
    return true;
}

static bool put_package(struct prq_ctx *ctx, prq_str dir, prq_str pf, struct prq_sink *sink,
                        struct prq_err *err)
{
    prq_str name, version, category = prq_path_base(prq_path_dir(dir));
    if (!category.n || !split_name(pf, &name, &version))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not the name and version of a package");
    const struct prq_package p = {
        .type = PRQ_S("ebuild"),
        .name = prq_arena_printf(ctx->scratch, "%.*s/%.*s", PRQ_FMT(category), PRQ_FMT(name)),
        .version = version,
    };
    if (!p.name.p)
        return prq_fail(err, PRQ_E_LIMIT, "no memory for a name");
    return prq_sink_package(sink, &p) || prq_sink_full(err);
}

/* `obj PATH MD5 MTIME`, `sym PATH -> TARGET MTIME`, `dir PATH`, …: paths may hold blanks, so all but
 * the kind is cut off from the right. */
static bool path_of_line(prq_str line, prq_str *out)
{
    prq_str kind, rest, ignored;
    if (!prq_str_cut(line, ' ', &kind, &rest))
        return false;
    if (prq_str_eq(kind, PRQ_S("obj"))) {
        if (!prq_str_rcut(rest, ' ', &rest, &ignored) || !prq_str_rcut(rest, ' ', &rest, &ignored))
            return false;
    } else if (prq_str_eq(kind, PRQ_S("sym"))) {
        size_t arrow = prq_str_search(rest, PRQ_S(" -> "));
        if (arrow == rest.n)
            return false;
        rest = prq_str_head(rest, arrow);
    } else {
        rest.n = 0; /* dir, fif, dev: nothing is read there */
    }
    *out = rest;
    return true;
}

static bool read_contents(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                          struct prq_err *err)
{
    struct prq_owning *o = prq_owning_new(ctx->scratch, sink);
    prq_str owner = prq_arena_printf(ctx->scratch, "ebuild:%.*s", PRQ_FMT(in->file->path));
    if (!o || !owner.p)
        return prq_fail(err, PRQ_E_LIMIT, "no memory for the list of files");
    prq_owning_begin(o, owner);
    struct prq_loss bad = { 0 };
    prq_str text = prq_str_of(in->data), rest = text, line, path;
    bool ok = true;
    while (ok && prq_str_line(&rest, &line)) {
        if (line.n == 0)
            continue;
        if (path_of_line(line, &path))
            ok = path.n == 0 || prq_owning_add(o, (prq_str){ 0 }, path);
        else
            prq_loss_add(&bad, (size_t)(line.p - text.p), "line names no file");
    }
    return (ok && prq_owning_end(o) && prq_loss_report(&bad, sink)) || prq_sink_full(err);
}

/* "|| ( GPL-2 MIT ) doc? ( CC-BY-4.0 )": the names. */
static bool read_licence(prq_str in, struct prq_sink *sink, struct prq_err *err)
{
    enum { MAX = 128 };
    struct prq_pair pairs[MAX];
    size_t n = 0;
    prq_str word;
    while (n < MAX && prq_str_split(&in, ' ', &word)) {
        word = prq_str_trim(word);
        bool is_name = word.n && (prq_is_alnum(word.p[0]) || word.p[0] == '_') &&
                       !prq_str_ends(word, PRQ_S("?"));
        for (size_t i = 0; i < n && is_name; i++)
            is_name = !prq_str_eq(pairs[i].value, word);
        if (is_name)
            pairs[n++] = (struct prq_pair){ PRQ_S("license"), word };
    }
    return n == 0 || prq_sink_note(sink, PRQ_S("license-beside"), pairs, n) || prq_sink_full(err);
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    prq_str dir = prq_path_dir(in->file->path), text = prq_str_of(in->data);
    prq_str base = prq_path_base(in->file->path);
    if (prq_str_eq(base, PRQ_S("LICENSE")))
        return read_licence(text, sink, err);
    if (prq_str_eq(base, PRQ_S("PF")))
        return put_package(ctx, dir, prq_str_trim(text), sink, err);
    return put_package(ctx, dir, prq_path_base(dir), sink, err) && read_contents(ctx, in, sink, err);
}

static const struct prq_want wants[] = {
    { .basename = PRQ_SI("CONTENTS"), .contains = PRQ_SI("var/db/pkg/"), .max_bytes = PRQ_MIB(256) },
    { .basename = PRQ_SI("PF"), .contains = PRQ_SI("var/db/pkg/"), .max_bytes = PRQ_KIB(64) },
    { .basename = PRQ_SI("LICENSE"), .contains = PRQ_SI("var/db/pkg/"), .max_bytes = PRQ_KIB(256) },
    { .max_bytes = 0 },
};

const struct prq_analyzer prq_analyzer_gentoo = {
    .name = "gentoo",
    .purl_type = "ebuild",
    .summary = "Gentoo packages: var/db/pkg/*/*/CONTENTS",
    .revision = 1,
    .wants = wants,
    .run = run,
};
