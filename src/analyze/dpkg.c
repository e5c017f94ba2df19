/* SPDX-License-Identifier: Apache-2.0 */
/* Debian's package database, the distroless variant of it, and OpenWrt's opkg, which writes the
 * same stanzas; the lists of files beside them, and the licences under usr/share/doc.
 *
 *     var/lib/dpkg/status            all packages
 *     var/lib/dpkg/status.d/NAME     distroless: a stanza a file, NAME.md5sums beside it
 *     var/lib/dpkg/info/NAME[:ARCH].{list,md5sums,conffiles}
 *     var/lib/dpkg/diversions        files that lie elsewhere than their package says
 *     usr/share/doc/NAME/copyright
 *     NAME.{deb,udeb,ipk}            in source trees: what somebody will install
 *     .../lib/opkg/{status,info/NAME.control,info/NAME.list}
 *
 * Sources: deb822(5), dpkg(1) "package states", deb-control(5); catalog.md 3.1. */
#include "analyze/analyze.h"

#include "analyze/loss.h"
#include "analyze/owning.h"
#include "base/map.h"
#include "format/debfile.h"
#include "format/stanza.h"

struct list {
    prq_str *v;
    size_t n, cap;
};

struct reader {
    struct prq_ctx *ctx;
    struct prq_sink *sink;
    struct list depends, provides;
    bool is_opkg, is_declared, said_esm;
    struct prq_loss stanzas, versions, relations;
};

/* One stanza while it is read. */
struct record {
    size_t at;
    prq_str package, version, arch, source, status, maintainer, size, depends, pre_depends, provides,
        licence;
};

static const struct field {
    prq_str name;
    size_t place;
} fields[] = {
    { PRQ_SI("Package"), offsetof(struct record, package) },
    { PRQ_SI("Version"), offsetof(struct record, version) },
    { PRQ_SI("Architecture"), offsetof(struct record, arch) },
    { PRQ_SI("Source"), offsetof(struct record, source) },
    { PRQ_SI("Status"), offsetof(struct record, status) },
    { PRQ_SI("Maintainer"), offsetof(struct record, maintainer) },
    { PRQ_SI("Installed-Size"), offsetof(struct record, size) },
    { PRQ_SI("Depends"), offsetof(struct record, depends) },
    { PRQ_SI("Pre-Depends"), offsetof(struct record, pre_depends) },
    { PRQ_SI("Provides"), offsetof(struct record, provides) },
    { PRQ_SI("License"), offsetof(struct record, licence) },
};

/* ---- who made it */

/* Packages of these are not Debian's: its advisories say nothing of them, and what they carry
 * inside is reported on its own. Parts of Maintainer, ASCII case folded. Source: catalog.md 3.1. */
static const prq_str third_parties[] = {
    PRQ_SI("docker"),        PRQ_SI("nvidia"),       PRQ_SI("google cloud cli authors"),
    PRQ_SI("hashicorp"),     PRQ_SI("microsoft"),    PRQ_SI("mongodb"),
    PRQ_SI("@lists.mariadb.org"), PRQ_SI("@couchdb.apache.org"), PRQ_SI("elastic"),
    PRQ_SI("nginx-packaging"), PRQ_SI("konghq"),     PRQ_SI("cloudflare"),
    PRQ_SI("influxdb"),      PRQ_SI("gitlab"),       PRQ_SI("grafana"),
    PRQ_SI("datadoghq"),     PRQ_SI("nodesource"),   PRQ_SI("tailscale"),
    PRQ_SI("openrobotics"),  PRQ_SI("osrfoundation"), PRQ_SI("sapmachine"),
};

/* "Debian NVIDIA Maintainers <…@lists.alioth.debian.org>" is Debian. */
static const prq_str distributors[] = {
    PRQ_SI("debian.org>"), PRQ_SI("debian.net>"), PRQ_SI("ubuntu.com>"), PRQ_SI("canonical.com>"),
};

static bool has_folded(prq_str s, prq_str needle)
{
    for (size_t i = 0; i + needle.n <= s.n; i++)
        if (prq_to_lower(s.p[i]) == needle.p[0] &&
            prq_str_ieq(prq_str_head(prq_str_from_at(s, i), needle.n), needle))
            return true;
    return false;
}

static bool is_third_party(prq_str maintainer)
{
    if (prq_str_eq(maintainer, PRQ_S("GitHub")))
        return true;
    maintainer = prq_str_head(maintainer, 512);
    for (size_t i = 0; i < PRQ_COUNT(distributors); i++)
        if (prq_str_ends(maintainer, distributors[i]))
            return false;
    for (size_t i = 0; i < PRQ_COUNT(third_parties); i++)
        if (has_folded(maintainer, third_parties[i]))
            return true;
    return false;
}

/* ---- stanzas */

/* Words of Status that say the package is not there; half-installed, unpacked and the other states
 * between count as present. */
static bool is_removed(prq_str status)
{
    static const prq_str gone[] = { PRQ_SI("deinstall"), PRQ_SI("purge"), PRQ_SI("not-installed") };
    prq_str word;
    while (prq_str_split(&status, ' ', &word))
        for (size_t i = 0; i < PRQ_COUNT(gone); i++)
            if (prq_str_ieq(prq_str_trim(word), gone[i]))
                return true;
    return false;
}

/* "libc6:any (>= 2.36) [amd64]" names libc6. */
static prq_str relation_name(prq_str s)
{
    s = prq_str_trim(s);
    size_t n = 0;
    while (n < s.n && !prq_is_space(s.p[n]) && !memchr("(:[<", s.p[n], 4))
        n++;
    return prq_str_head(s, n);
}

/* Every name of a relation, alternatives included: what is installed decides. */
static bool add_relations(struct reader *r, prq_str text, struct list *out)
{
    prq_str group, one;
    while (prq_str_split(&text, ',', &group))
        while (prq_str_split(&group, '|', &one)) {
            prq_str name = relation_name(one);
            if (name.n == 0)
                continue;
            if (!prq_arena_grow(r->ctx->scratch, &out->v, sizeof *out->v, &out->cap, out->n + 1))
                return false;
            out->v[out->n++] = name;
        }
    return true;
}

/* "name" or "name (version)". */
static void take_source(const struct record *rec, struct prq_package *p)
{
    prq_str name = rec->source, version = { 0 };
    if (prq_str_cut(rec->source, '(', &name, &version))
        version = prq_str_trim(prq_str_head(version, prq_str_find(version, ')')));
    name = prq_str_trim(name);
    if (!prq_str_eq(name, p->name))
        p->source_name = name;
    if (!prq_str_eq(version, p->version))
        p->source_version = version;
}

/* Ubuntu's extended maintenance marks its builds: "+esm1", "~esm2". */
static bool is_esm(prq_str version)
{
    const prq_str mark = PRQ_S("esm");
    for (prq_str rest = version;;) {
        size_t at = prq_str_search(rest, mark);
        if (at == rest.n)
            return false;
        prq_str after = prq_str_from_at(rest, at + mark.n);
        bool is_marked = at > 0 && (rest.p[at - 1] == '+' || rest.p[at - 1] == '~');
        if (is_marked && after.n && prq_is_digit(after.p[0]))
            return true;
        rest = after;
    }
}

static bool say_esm(struct reader *r, const struct prq_package *p)
{
    if (r->said_esm || !is_esm(p->version))
        return true;
    r->said_esm = true;
    const struct prq_pair pair = { PRQ_S("package"), p->name };
    return prq_sink_note(r->sink, PRQ_S("esm-package"), &pair, 1);
}

static bool emit(struct reader *r, struct record *rec, struct prq_err *err)
{
    r->depends.n = r->provides.n = 0;
    if (!add_relations(r, rec->pre_depends, &r->depends) ||
        !add_relations(r, rec->depends, &r->depends) ||
        !add_relations(r, rec->provides, &r->provides)) /* the package counts without its edges */
        prq_loss_add(&r->relations, rec->at, "dependencies exceed the file's budget");
    struct prq_package p = {
        .type = PRQ_S("deb"),
        .name = rec->package,
        .version = rec->version,
        .arch = rec->arch,
        .vendor = rec->maintainer,
        .licenses = { &rec->licence, rec->licence.n != 0 },
        .depends = { r->depends.v, r->depends.n },
        .provides = { r->provides.v, r->provides.n },
        .flags = is_third_party(rec->maintainer) ? PRQ_PKG_THIRD_PARTY : 0,
    };
    if (r->is_declared)
        p.flags |= PRQ_PKG_DECLARED;
    take_source(rec, &p);
    uint64_t size;
    uint64_t unit = r->is_opkg ? 1 : 1024; /* dpkg writes KiB, opkg bytes */
    if (prq_str_u64(rec->size, &size) && prq_mul(size, unit, &size))
        p.size_bytes = size;
    return (prq_sink_package(r->sink, &p) && say_esm(r, &p)) || prq_sink_full(err);
}

static bool finish(struct reader *r, struct record *rec, struct prq_err *err)
{
    if (prq_ctx_is_cancelled(r->ctx))
        return prq_fail(err, PRQ_E_CANCELLED, "cancelled");
    if (is_removed(rec->status))
        return true;
    if (rec->package.n == 0) {
        prq_loss_add(&r->stanzas, rec->at, "stanza without Package");
        return true;
    }
    if (rec->version.n == 0) /* listed all the same: it is installed */
        prq_loss_add(&r->versions, rec->at, "package without Version");
    return emit(r, rec, err);
}

static void take_field(struct reader *r, struct record *rec, const struct prq_stanza_field *f)
{
    for (size_t i = 0; i < PRQ_COUNT(fields); i++) {
        if (!prq_str_ieq(f->name, fields[i].name))
            continue;
        prq_str *place = (prq_str *)(void *)((char *)rec + fields[i].place);
        /* The first counts; another one would let a package hide behind it. */
        if (!place->p)
            *place = f->value;
        else if (!prq_str_eq(*place, f->value))
            prq_loss_add(&r->stanzas, f->at, "field repeated in one stanza");
        return;
    }
}

static bool is_archive(prq_str path)
{
    return prq_str_ends(path, PRQ_S(".deb")) || prq_str_ends(path, PRQ_S(".udeb")) ||
           prq_str_ends(path, PRQ_S(".ipk"));
}

static bool read_stanzas(struct prq_ctx *ctx, prq_str path, prq_str text, struct prq_sink *sink,
                         struct prq_err *err)
{
    struct reader r = { .ctx = ctx, .sink = sink, .relations.code = PRQ_E_LIMIT };
    r.is_opkg = prq_str_has(path, PRQ_S("lib/opkg/")) || prq_str_ends(path, PRQ_S(".ipk"));
    r.is_declared = is_archive(path);
    struct prq_stanzas stanzas;
    prq_stanzas_init(&stanzas, text);
    while (prq_stanza_next(&stanzas)) {
        struct record rec = { 0 };
        struct prq_stanza_field f;
        bool is_empty = true;
        while (prq_stanza_field(&stanzas, &f)) {
            rec.at = is_empty ? f.at : rec.at;
            is_empty = false;
            take_field(&r, &rec, &f);
        }
        if (!is_empty && !finish(&r, &rec, err))
            return false;
    }
    struct prq_loss whole = { 0 };
    if (prq_str_eq(prq_path_base(path), PRQ_S("status"))) /* people write the others too */
        prq_loss_of_text(&whole, text);
    const struct prq_loss lines = { .text = "line is no field", .count = stanzas.bad_lines,
                                    .first = stanzas.bad_at };
    return (prq_loss_report(&whole, sink) && prq_loss_report(&lines, sink) &&
            prq_loss_report(&r.stanzas, sink) &&
            prq_loss_report(&r.versions, sink) && prq_loss_report(&r.relations, sink)) ||
           prq_sink_full(err);
}

/* A package that lies about as a file. */
static bool read_deb(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                     struct prq_err *err)
{
    PRQ_BUF control;
    prq_buf_init(&control, PRQ_MIB(16));
    return prq_debfile_control(in->data, ctx->limits, &control, err) &&
           read_stanzas(ctx, in->file->path, prq_buf_view(&control), sink, err);
}

/* ---- lists of files */

static bool begin_owning(struct prq_ctx *ctx, const struct prq_input *in, prq_str ending,
                         struct prq_sink *sink, struct prq_owning **out)
{
    /* The files of status.d may have any name: there the stanza beside it is the owner. */
    bool by_path = prq_str_has(in->file->path, PRQ_S("/status.d/"));
    prq_str base = by_path ? in->file->path : prq_path_base(in->file->path);
    base.n -= ending.n;
    struct prq_owning *o = prq_owning_new(ctx->scratch, sink);
    prq_str owner = prq_arena_printf(ctx->scratch, "deb:%.*s", PRQ_FMT(base));
    if (!o || !owner.p)
        return false;
    prq_owning_begin(o, owner);
    *out = o;
    return true;
}

static bool no_room(struct prq_err *err)
{
    return prq_fail(err, PRQ_E_LIMIT, "no memory for the list of files");
}

static bool is_below(prq_str path, prq_str dir)
{
    return path.n > dir.n && path.p[dir.n] == '/' && prq_str_starts(path, dir);
}

/* One absolute path a line; a directory comes before what is in it and is left out. opkg puts
 * mode and size behind a tab. */
static bool read_list(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                      struct prq_err *err)
{
    struct prq_owning *o;
    prq_str rest = prq_str_of(in->data), line, last = { 0 };
    if (!begin_owning(ctx, in, PRQ_S(".list"), sink, &o))
        return no_room(err);
    bool ok = true;
    while (ok && prq_str_line(&rest, &line)) {
        line = prq_str_head(line, prq_str_find(line, '\t'));
        if (line.n == 0 || prq_str_eq(line, PRQ_S("/.")))
            continue;
        ok = is_below(line, last) || prq_owning_add(o, (prq_str){ 0 }, last);
        last = line;
    }
    ok = ok && prq_owning_add(o, (prq_str){ 0 }, last) && prq_owning_end(o);
    return ok || prq_sink_full(err);
}

/* 32 hex digits, two blanks (or blank and star, md5sum's binary mode), path. */
static bool read_md5sums(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                         struct prq_err *err)
{
    struct prq_owning *o;
    struct prq_loss bad = { 0 };
    prq_str text = prq_str_of(in->data), rest = text, line;
    if (!begin_owning(ctx, in, PRQ_S(".md5sums"), sink, &o))
        return no_room(err);
    bool ok = true;
    while (ok && prq_str_line(&rest, &line)) {
        uint8_t md5[16];
        if (line.n == 0)
            continue;
        if (line.n < 35 || line.p[32] != ' ' || !prq_hex_decode(prq_str_head(line, 32), md5))
            prq_loss_add(&bad, (size_t)(line.p - text.p), "line is not a digest and a path");
        else
            ok = prq_owning_add(o, (prq_str){ 0 }, prq_str_from_at(line, 34));
    }
    return (ok && prq_owning_end(o) && prq_loss_report(&bad, sink)) || prq_sink_full(err);
}

/* `[remove-on-upgrade ]/path`. Source: deb-conffiles(5). */
static bool read_conffiles(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                           struct prq_err *err)
{
    struct prq_owning *o;
    prq_str rest = prq_str_of(in->data), line;
    if (!begin_owning(ctx, in, PRQ_S(".conffiles"), sink, &o))
        return no_room(err);
    bool ok = true;
    while (ok && prq_str_line(&rest, &line)) {
        line = prq_str_trim(line);
        ok = prq_owning_add(o, (prq_str){ 0 }, prq_str_from_at(line, prq_str_find(line, '/')));
    }
    return (ok && prq_owning_end(o)) || prq_sink_full(err);
}

/* Three lines each: the path that packages list, where the file is instead, and the package whose
 * own file stays where it is (":" is nobody's). Source: dpkg-divert(1), dpkg's lib/dpkg/db-fsys. */
static bool read_diversions(prq_str in, struct prq_sink *sink, struct prq_err *err)
{
    enum { BATCH = 3 * 64 };
    static const prq_str keys[] = { PRQ_SI("from"), PRQ_SI("to"), PRQ_SI("by") };
    struct prq_pair pairs[BATCH];
    prq_str rest = in, line;
    size_t n = 0;
    const prq_str kind = PRQ_S("dpkg-diversion");
    while (prq_str_line(&rest, &line)) {
        while (n % 3 < 2 && line.n && line.p[0] == '/')
            line = prq_str_from_at(line, 1);
        pairs[n] = (struct prq_pair){ keys[n % 3], line };
        if (++n < BATCH)
            continue;
        if (!prq_sink_note(sink, kind, pairs, n))
            return prq_sink_full(err);
        n = 0;
    }
    if (n >= 3 && !prq_sink_note(sink, kind, pairs, n - n % 3))
        return prq_sink_full(err);
    return n % 3 == 0 || prq_fail_at(err, PRQ_E_FORMAT, in.n, "diversion of less than three lines");
}

/* ---- licences */

enum { LICENCES_MAX = 512, LICENCE_BYTES_MAX = 120, LICENCE_WORDS_MAX = 12 };

struct licences {
    struct prq_map seen;
    struct prq_pair pairs[1 + LICENCES_MAX];
    size_t n;
};

/* A short name or an expression of some; the text itself can begin on the same line. */
static bool is_short_name(prq_str s)
{
    size_t words = 1;
    for (size_t i = 0; i < s.n; i++)
        words += s.p[i] == ' ';
    return s.n && s.n <= LICENCE_BYTES_MAX && words <= LICENCE_WORDS_MAX &&
           prq_str_find(s, '\0') == s.n;
}

static bool add_licence(struct licences *l, prq_str name)
{
    bool is_new = false;
    if (!is_short_name(name) || l->n == PRQ_COUNT(l->pairs))
        return true;
    if (!prq_map_put(&l->seen, name, 0, &is_new))
        return false;
    if (is_new)
        l->pairs[l->n++] = (struct prq_pair){ PRQ_S("license"), name };
    return true;
}

/* `License:` of the machine-readable form; its first line names, the rest is text.
 * Source: copyright-format 1.0, "License". */
static bool read_machine_readable(struct licences *l, prq_str text)
{
    struct prq_stanzas r;
    struct prq_stanza_field f;
    prq_stanzas_init(&r, text);
    while (prq_stanza_next(&r))
        while (prq_stanza_field(&r, &f)) {
            if (!prq_str_ieq(f.name, PRQ_S("License")) || f.value.n == 0)
                continue;
            prq_str name = f.value, rest = f.value;
            prq_str_line(&rest, &name);
            if (!add_licence(l, prq_str_trim(name)))
                return false;
        }
    return true;
}

/* Free text points to the licences that base-files installs. */
static bool read_references(struct licences *l, prq_str text)
{
    const prq_str folder = PRQ_S("/usr/share/common-licenses/");
    size_t at;
    while ((at = prq_str_search(text, folder)) < text.n) {
        text = prq_str_from_at(text, at + folder.n);
        size_t n = 0;
        while (n < text.n && (prq_is_alnum(text.p[n]) || text.p[n] == '.' || text.p[n] == '-'))
            n++;
        while (n && (text.p[n - 1] == '.' || text.p[n - 1] == '-'))
            n--;
        if (!add_licence(l, prq_str_head(text, n)))
            return false;
    }
    return true;
}

static bool is_machine_readable(prq_str text)
{
    struct prq_stanzas r;
    struct prq_stanza_field f;
    prq_stanzas_init(&r, text);
    if (!prq_stanza_next(&r))
        return false;
    while (prq_stanza_field(&r, &f))
        if (prq_str_ieq(f.name, PRQ_S("Format")) || prq_str_ieq(f.name, PRQ_S("Format-Specification")))
            return true;
    return false;
}

static bool read_copyright(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                           struct prq_err *err)
{
    prq_str package = prq_path_dir(prq_str_from_at(in->file->path, sizeof("usr/share/doc/") - 1));
    prq_str text = prq_str_of(in->data);
    if (package.n == 0 || prq_str_find(package, '/') < package.n)
        return true;
    struct licences *l = prq_new(ctx->scratch, struct licences);
    if (!l)
        return prq_fail(err, PRQ_E_LIMIT, "no memory for licences");
    prq_map_init(&l->seen, ctx->scratch);
    l->pairs[l->n++] = (struct prq_pair){ PRQ_S("package"), package };
    bool ok = is_machine_readable(text) ? read_machine_readable(l, text) : true;
    if (ok && l->n == 1)
        ok = read_references(l, text);
    if (!ok)
        return prq_fail(err, PRQ_E_LIMIT, "licences exceed the file's budget");
    return l->n == 1 || prq_sink_note(sink, PRQ_S("dpkg-license"), l->pairs, l->n) ||
           prq_sink_full(err);
}

/* ---- */

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    prq_str path = in->file->path;
    if (prq_str_starts(path, PRQ_S("usr/share/doc/")))
        return read_copyright(ctx, in, sink, err);
    if (prq_str_ends(path, PRQ_S("/diversions")))
        return read_diversions(prq_str_of(in->data), sink, err);
    if (prq_str_ends(path, PRQ_S(".md5sums")))
        return read_md5sums(ctx, in, sink, err);
    if (prq_str_has(path, PRQ_S("/info/"))) {
        if (prq_str_ends(path, PRQ_S(".list")))
            return read_list(ctx, in, sink, err);
        if (prq_str_ends(path, PRQ_S(".conffiles")))
            return read_conffiles(ctx, in, sink, err);
    }
    if (is_archive(path))
        return read_deb(ctx, in, sink, err);
    return read_stanzas(ctx, path, prq_str_of(in->data), sink, err);
}

static const struct prq_want wants[] = {
    { .suffix = PRQ_SI("/lib/dpkg/status"), .max_bytes = PRQ_MIB(256) },
    { .prefix = PRQ_SI("var/lib/dpkg/status.d/"), .max_bytes = PRQ_MIB(64) },
    { .prefix = PRQ_SI("var/lib/dpkg/info/"), .suffix = PRQ_SI(".list"), .max_bytes = PRQ_MIB(64) },
    { .prefix = PRQ_SI("var/lib/dpkg/info/"), .suffix = PRQ_SI(".md5sums"), .max_bytes = PRQ_MIB(64) },
    { .prefix = PRQ_SI("var/lib/dpkg/info/"), .suffix = PRQ_SI(".conffiles"), .max_bytes = PRQ_MIB(8) },
    { .path = PRQ_SI("var/lib/dpkg/diversions"), .max_bytes = PRQ_MIB(8) },
    { .prefix = PRQ_SI("usr/share/doc/"), .basename = PRQ_SI("copyright"), .max_bytes = PRQ_MIB(16) },
    { .suffix = PRQ_SI("/lib/opkg/status"), .max_bytes = PRQ_MIB(64) },
    { .contains = PRQ_SI("lib/opkg/info/"), .suffix = PRQ_SI(".control"), .max_bytes = PRQ_MIB(8) },
    { .contains = PRQ_SI("lib/opkg/info/"), .suffix = PRQ_SI(".list"), .max_bytes = PRQ_MIB(64) },
    { .suffix = PRQ_SI(".deb"), .max_bytes = PRQ_GIB(1), .modes = PRQ_WANT_SOURCE },
    { .suffix = PRQ_SI(".udeb"), .max_bytes = PRQ_GIB(1), .modes = PRQ_WANT_SOURCE },
    { .suffix = PRQ_SI(".ipk"), .max_bytes = PRQ_GIB(1), .modes = PRQ_WANT_SOURCE },
    { .max_bytes = 0 },
};

const struct prq_analyzer prq_analyzer_dpkg = {
    .name = "dpkg",
    .purl_type = "deb",
    .summary = "Debian and Ubuntu packages, distroless, opkg: lib/dpkg/status and status.d",
    .revision = 3,
    .wants = wants,
    .run = run,
};
