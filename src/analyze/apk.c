/* SPDX-License-Identifier: Apache-2.0 */
/* Alpine's package database, and the repositories it was filled from.
 *
 * Records are paragraphs of lines `X:value`; X is one letter, and its case matters:
 *
 *     C:Q1<base64>   checksum        P V A   name, version, architecture
 *     o              origin          L m     licence, maintainer
 *     I              installed size  D p     dependencies, provides
 *     F dir, then R file of it, in turn: the files
 *
 * Source: apk-installed(5) of apk-tools; catalog.md 3.2. */
#include "analyze/analyze.h"

#include "analyze/loss.h"
#include "analyze/owning.h"
#include "base/map.h"

struct list {
    prq_str *v;
    size_t n, cap;
};

struct reader {
    struct prq_ctx *ctx;
    struct prq_sink *sink;
    struct prq_owning *owning;
    struct prq_map seen;
    struct list depends, provides;
    prq_str in;
    struct prq_loss lines, records, checksums, relations;
    char checksum_text[64];
};

/* One paragraph while it is read. */
struct record {
    size_t at;
    bool is_open;
    prq_str name, version, arch, origin, licence, maintainer, size, depends, provides;
};

static size_t offset_of(const struct reader *r, prq_str view)
{
    return (size_t)(view.p - r->in.p);
}

/* The part of a dependency that names something: "so:libz.so.1>=1.2" without the bound. A bound
 * begins with < = > or ~. Source: apk-world(5), "dependency". */
static prq_str dependency_name(prq_str word)
{
    size_t n = 0;
    while (n < word.n && !memchr("<=>~", word.p[n], 4))
        n++;
    return prq_str_head(word, n);
}

static bool split_words(struct reader *r, prq_str text, struct list *out)
{
    prq_str word;
    while (prq_str_split(&text, ' ', &word)) {
        if (word.n == 0 || word.p[0] == '!') /* "!name" is a conflict */
            continue;
        if (!prq_arena_grow(r->ctx->scratch, &out->v, sizeof *out->v, &out->cap, out->n + 1))
            return false;
        out->v[out->n++] = dependency_name(word);
    }
    return true;
}

static bool is_base64(prq_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!prq_is_alnum(s.p[i]) && s.p[i] != '+' && s.p[i] != '/')
            return false;
    return true;
}

static void check_checksum(struct reader *r, prq_str value)
{
    if (value.n == 32 || value.n < 2 || value.p[0] != 'Q') {
        uint8_t md5[16];
        if (value.n != 32 || !prq_hex_decode(value, md5))
            prq_loss_add(&r->checksums, offset_of(r, value), "checksum of no known form");
        return;
    }
    prq_str text = prq_str_from_at(value, 2);
    while (text.n && text.p[text.n - 1] == '=')
        text.n--;
    size_t bytes = text.n / 4 * 3 + text.n % 4 * 3 / 4;
    /* Q2 is sha256, whole or its first 20 bytes. */
    bool fits = bytes == 20 || (value.p[1] == '2' && bytes == 32);
    if (is_base64(text) && fits)
        return;
    if (r->checksums.count == 0)
        snprintf(r->checksum_text, sizeof r->checksum_text, "checksum is %zu bytes, needs %s", bytes,
                 value.p[1] == '2' ? "32" : "20");
    prq_loss_add(&r->checksums, offset_of(r, value),
                 is_base64(text) ? r->checksum_text : "checksum is not base64");
}

static bool emit(struct reader *r, const struct record *rec, struct prq_err *err)
{
    r->depends.n = r->provides.n = 0;
    /* The package counts even when there is no room for its edges. */
    if (!split_words(r, rec->depends, &r->depends) || !split_words(r, rec->provides, &r->provides))
        prq_loss_add(&r->relations, rec->at, "dependencies exceed the file's budget");
    prq_str licence = rec->licence;
    struct prq_package p = {
        .type = PRQ_S("apk"),
        .name = rec->name,
        .version = rec->version,
        .arch = rec->arch,
        .vendor = rec->maintainer,
        .licenses = { &licence, licence.n != 0 },
        .depends = { r->depends.v, r->depends.n },
        .provides = { r->provides.v, r->provides.n },
    };
    if (!prq_str_eq(rec->origin, rec->name))
        p.source_name = rec->origin;
    if (!prq_str_u64(rec->size, &p.size_bytes))
        p.size_bytes = 0;
    if (rec->name.p[0] == '.') /* apk add --virtual */
        p.flags |= PRQ_PKG_NO_MATCH;
    return prq_sink_package(r->sink, &p) || prq_sink_full(err);
}

/* The end of a paragraph. */
static bool finish(struct reader *r, struct record *rec, struct prq_err *err)
{
    struct record done = *rec;
    *rec = (struct record){ 0 };
    if (!done.is_open)
        return true;
    if (prq_ctx_is_cancelled(r->ctx))
        return prq_fail(err, PRQ_E_CANCELLED, "cancelled");
    if (done.name.n == 0) {
        prq_loss_add(&r->records, done.at, "record without a name");
        return true;
    }
    bool is_first = false;
    if (!prq_map_put(&r->seen, done.name, 0, &is_first))
        return prq_fail_at(err, PRQ_E_LIMIT, done.at, "package names exceed the file's budget");
    return !is_first || emit(r, &done, err);
}

static prq_str *field_of(struct record *rec, char letter)
{
    switch (letter) {
    case 'P': return &rec->name;
    case 'V': return &rec->version;
    case 'A': return &rec->arch;
    case 'o': return &rec->origin;
    case 'L': return &rec->licence;
    case 'm': return &rec->maintainer;
    case 'I': return &rec->size;
    case 'D': return &rec->depends;
    case 'p': return &rec->provides;
    default: return NULL;
    }
}

static void read_line(struct reader *r, struct record *rec, prq_str line)
{
    if (line.p[1] != ':') {
        prq_loss_add(&r->lines, offset_of(r, line), "line is not letter, colon, value");
        return;
    }
    prq_str value = prq_str_from_at(line, 2);
    prq_str *field = field_of(rec, line.p[0]);
    /* A second name or version would let one package hide behind another. */
    if (field && field->p && !prq_str_eq(*field, value))
        prq_loss_add(&r->records, offset_of(r, line), "field repeated in one record");
    else if (field)
        *field = value;
    if (line.p[0] == 'C')
        check_checksum(r, value);
}

static bool read_packages(struct reader *r, struct prq_err *err)
{
    struct record rec = { 0 };
    prq_str rest = r->in, line;
    while (prq_str_line(&rest, &line)) {
        if (line.n < 2) {
            if (!finish(r, &rec, err))
                return false;
            continue;
        }
        if (!rec.is_open)
            rec = (struct record){ .is_open = true, .at = offset_of(r, line) };
        read_line(r, &rec, line);
    }
    return finish(r, &rec, err);
}

/* A second pass: the files of the packages that the first one listed. The name of a record may
 * come after nothing but other fields, so it is looked up when the first file shows. */
static bool read_files(struct reader *r, struct prq_err *err)
{
    prq_str rest = r->in, line, name = { 0 }, dir = { 0 }, owner = { 0 };
    struct prq_mark mark = prq_arena_mark(r->ctx->scratch);
    bool ok = true;
    while (ok && prq_str_line(&rest, &line)) {
        if (line.n < 2) {
            ok = prq_owning_end(r->owning);
            prq_arena_rewind(r->ctx->scratch, mark);
            name = dir = owner = (prq_str){ 0 };
            continue;
        }
        if (line.p[1] != ':')
            continue;
        prq_str value = prq_str_from_at(line, 2);
        if (line.p[0] == 'P' && !name.p)
            name = value;
        else if (line.p[0] == 'F')
            dir = value;
        else if (line.p[0] == 'R' && name.n) {
            if (!owner.p) {
                owner = prq_arena_printf(r->ctx->scratch, "apk:%.*s", PRQ_FMT(name));
                if (!owner.p)
                    return prq_fail_at(err, PRQ_E_LIMIT, offset_of(r, line), "name too long");
                prq_owning_begin(r->owning, owner);
            }
            ok = prq_owning_add(r->owning, dir, value);
        }
    }
    return (ok && prq_owning_end(r->owning)) || prq_sink_full(err);
}

static bool read_installed(struct prq_ctx *ctx, prq_str in, struct prq_sink *sink,
                           struct prq_err *err)
{
    struct reader r = { .ctx = ctx, .sink = sink, .in = in, .relations.code = PRQ_E_LIMIT };
    r.owning = prq_owning_new(ctx->scratch, sink);
    if (!r.owning)
        return prq_fail(err, PRQ_E_LIMIT, "no memory for the list of files");
    prq_map_init(&r.seen, ctx->scratch);
    if (!read_packages(&r, err) || !read_files(&r, err))
        return false;
    struct prq_loss text = { 0 };
    prq_loss_of_text(&text, in);
    return (prq_loss_report(&text, sink) && prq_loss_report(&r.lines, sink) &&
            prq_loss_report(&r.records, sink) && prq_loss_report(&r.checksums, sink) &&
            prq_loss_report(&r.relations, sink)) ||
           prq_sink_full(err);
}

/* ---- etc/apk/repositories */

enum { REPOSITORIES_MAX = 64 };

/* "edge", or digits and dots ("v3.19"). */
static bool release_of(prq_str s, prq_str *out)
{
    if (s.n && s.p[0] == 'v')
        s = prq_str_from_at(s, 1);
    bool is_release = s.n && prq_is_digit(s.p[0]);
    for (size_t i = 0; i < s.n && is_release; i++)
        is_release = prq_is_digit(s.p[i]) || s.p[i] == '.';
    if (!is_release && !prq_str_eq(s, PRQ_S("edge")))
        return false;
    *out = s;
    return true;
}

/* `scheme://host/…/DISTRO/RELEASE/REPOSITORY`. A line with an `@tag ` in front serves only packages
 * asked for with that tag and says nothing of the release. Source: apk-repositories(5). */
static bool parse_repository(prq_str line, struct prq_pair *out)
{
    prq_str scheme, path, release;
    line = prq_str_trim(line);
    if (line.n == 0 || line.p[0] == '#' || line.p[0] == '@')
        return false;
    size_t at = prq_str_search(line, PRQ_S("://"));
    if (at == line.n)
        return false;
    scheme = prq_str_head(line, at);
    path = prq_str_from_at(line, at + 3);
    if (!prq_str_eq(scheme, PRQ_S("https")) && !prq_str_eq(scheme, PRQ_S("http")) &&
        !prq_str_eq(scheme, PRQ_S("ftp")))
        return false;
    while (path.n && path.p[path.n - 1] == '/')
        path.n--;
    path = prq_path_dir(path); /* without the repository */
    if (!release_of(prq_path_base(path), &release))
        return false;
    prq_str distro = prq_path_base(prq_path_dir(path));
    *out = (struct prq_pair){ distro, release };
    return distro.n != 0;
}

static bool read_repositories(prq_str in, struct prq_sink *sink, struct prq_err *err)
{
    struct prq_pair pairs[REPOSITORIES_MAX];
    size_t n = 0;
    prq_str line;
    while (n < REPOSITORIES_MAX && prq_str_line(&in, &line))
        n += parse_repository(line, &pairs[n]);
    return n == 0 || prq_sink_note(sink, PRQ_S("apk-repositories"), pairs, n) || prq_sink_full(err);
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    prq_str text = prq_str_of(in->data);
    if (prq_str_ends(in->file->path, PRQ_S("repositories")))
        return read_repositories(text, sink, err);
    return read_installed(ctx, text, sink, err);
}

static const struct prq_want wants[] = {
    { .suffix = PRQ_SI("/lib/apk/db/installed"), .max_bytes = PRQ_MIB(128) },
    { .path = PRQ_SI("etc/apk/repositories"), .max_bytes = PRQ_MIB(1) },
    { .max_bytes = 0 },
};

const struct prq_analyzer prq_analyzer_apk = {
    .name = "apk",
    .purl_type = "apk",
    .summary = "Alpine, Wolfi and Chainguard packages: lib/apk/db/installed",
    .revision = 3,
    .wants = wants,
    .run = run,
};
