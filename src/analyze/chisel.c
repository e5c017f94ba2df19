/* SPDX-License-Identifier: Apache-2.0 */
/* What chisel cut out of Ubuntu's packages into an image without dpkg: …/chisel/manifest.wall, JSON
 * lines ("jsonwall") under zstd:
 *
 *     {"jsonwall":"1.0","schema":"1.0","count":N}
 *     {"kind":"package","name":…,"version":…,"sha256":…,"arch":…}
 *     {"kind":"content","slice":"PACKAGE_SLICE","path":"/usr/bin/x"}
 *
 * Source: chisel's documentation, "Chisel manifest". */
#include "analyze/analyze.h"

#include "analyze/loss.h"
#include "analyze/owning.h"
#include "base/buf.h"
#include "format/json.h"
#include "lib/lib.h"

struct line {
    prq_str jsonwall, kind, name, version, sha256, arch, slice, path;
};

static const struct {
    prq_str key;
    size_t place;
} fields[] = {
    { PRQ_SI("jsonwall"), offsetof(struct line, jsonwall) },
    { PRQ_SI("kind"), offsetof(struct line, kind) },
    { PRQ_SI("name"), offsetof(struct line, name) },
    { PRQ_SI("version"), offsetof(struct line, version) },
    { PRQ_SI("sha256"), offsetof(struct line, sha256) },
    { PRQ_SI("arch"), offsetof(struct line, arch) },
    { PRQ_SI("slice"), offsetof(struct line, slice) },
    { PRQ_SI("path"), offsetof(struct line, path) },
};

struct wall {
    struct prq_ctx *ctx;
    struct prq_sink *sink;
    struct prq_owning *owning;
    struct prq_loss bad;
    prq_str owner; /* of the list under way: "deb:NAME" */
    char owner_text[256];
};

static bool read_line(struct wall *w, prq_str text, struct line *out)
{
    struct prq_json j;
    prq_str key;
    *out = (struct line){ 0 };
    prq_json_init(&j, text, w->ctx->scratch, w->ctx->limits);
    if (!prq_json_enter_object(&j))
        return false;
    while (prq_json_key(&j, &key)) {
        size_t i = 0;
        while (i < PRQ_COUNT(fields) && !prq_str_eq(key, fields[i].key))
            i++;
        if (i < PRQ_COUNT(fields))
            prq_json_string_or_skip(&j, (prq_str *)(void *)((char *)out + fields[i].place));
        else
            prq_json_skip(&j);
    }
    return prq_json_end(&j, NULL);
}

static bool put_package(struct wall *w, const struct line *l)
{
    prq_str digest = { 0 };
    if (l->sha256.n == 64)
        digest = prq_arena_printf(w->ctx->scratch, "sha256:%.*s", PRQ_FMT(l->sha256));
    const struct prq_package p = { .type = PRQ_S("deb"), .name = l->name, .version = l->version,
                                   .arch = l->arch, .digests = { &digest, digest.n != 0 } };
    return prq_sink_package(w->sink, &p);
}

/* Lines are sorted, so those of one package come together. */
static bool put_content(struct wall *w, const struct line *l)
{
    prq_str package = prq_str_head(l->slice, prq_str_find(l->slice, '_'));
    prq_str now = w->owner.n ? prq_str_from_at(w->owner, 4) : (prq_str){ 0 };
    if (package.n == 0 || package.n > sizeof w->owner_text - 4)
        return true;
    if (!prq_str_eq(package, now)) {
        if (!prq_owning_end(w->owning))
            return false;
        memcpy(w->owner_text, "deb:", 4);
        memcpy(w->owner_text + 4, package.p, package.n);
        w->owner = (prq_str){ w->owner_text, 4 + package.n };
        prq_owning_begin(w->owning, w->owner);
    }
    return prq_owning_add(w->owning, (prq_str){ 0 }, l->path);
}

static bool take_line(struct wall *w, prq_str text, size_t at)
{
    struct line l;
    if (!read_line(w, text, &l) || !l.kind.n) {
        prq_loss_add(&w->bad, at, "line is no entry");
        return true;
    }
    if (prq_str_eq(l.kind, PRQ_S("content")))
        return put_content(w, &l);
    if (!prq_str_eq(l.kind, PRQ_S("package")))
        return true;
    if (!l.name.n) {
        prq_loss_add(&w->bad, at, "package without a name");
        return true;
    }
    return put_package(w, &l);
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    PRQ_BUF text;
    struct wall w = { .ctx = ctx, .sink = sink, .owning = prq_owning_new(ctx->scratch, sink) };
    struct line head;
    if (!w.owning)
        return prq_fail(err, PRQ_E_LIMIT, "no memory for the list of files");
    prq_buf_init(&text, PRQ_MIB(256));
    if (!prq_zstd_unpack(in->data, &text, err))
        return false;
    prq_str all = prq_buf_view(&text), rest = all, line;
    if (!prq_str_line(&rest, &line) || !read_line(&w, line, &head) ||
        !prq_str_starts(head.jsonwall, PRQ_S("1.")))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not a manifest of chisel");
    struct prq_mark mark = prq_arena_mark(ctx->scratch);
    prq_owning_begin(w.owning, PRQ_S("deb:"));
    while (prq_str_line(&rest, &line)) {
        if (line.n && !take_line(&w, line, (size_t)(line.p - all.p)))
            return prq_sink_full(err);
        prq_arena_rewind(ctx->scratch, mark);
        if (prq_ctx_is_cancelled(ctx))
            return prq_fail(err, PRQ_E_CANCELLED, "cancelled");
    }
    return (prq_owning_end(w.owning) && prq_loss_report(&w.bad, sink)) || prq_sink_full(err);
}

static const struct prq_want wants[] = {
    { .basename = PRQ_SI("manifest.wall"), .max_bytes = PRQ_MIB(64) },
    { .max_bytes = 0 },
};

const struct prq_analyzer prq_analyzer_chisel = {
    .name = "chisel",
    .purl_type = "deb",
    .summary = "Ubuntu packages cut by chisel: manifest.wall",
    .revision = 1,
    .wants = wants,
    .run = run,
};
