/* SPDX-License-Identifier: Apache-2.0 */
/* Package managers with a file or two each.
 *
 *     .terraform.lock.hcl            provider "HOST/NS/NAME" { version = "1.2" … }
 *     pack.pl                        SWI-Prolog: name(x). version('1.2').
 *     installed/vcpkg/status         stanzas: Package, Version, Port-Version, Architecture, Status
 *     installed/vcpkg/updates/N      the same, not yet merged into status
 *     vcpkg.json                     name, version, dependencies [NAME | {name, host}], overrides
 *
 * An update that removes a package takes nothing away: which file counts last is not this one's to say.
 * Sources: developer.hashicorp.com, "Dependency Lock File"; SWI-Prolog's manual, "Creating and
 * submitting a pack"; learn.microsoft.com/vcpkg, "vcpkg.json Reference"; catalog.md 4.9. */
#include <stdlib.h>

#include "analyze/analyze.h"
#include "analyze/loss.h"
#include "format/json.h"
#include "format/stanza.h"

static const struct prq_want wants[] = {
    { .basename = PRQ_SI(".terraform.lock.hcl"), .max_bytes = PRQ_MIB(4), .modes = PRQ_WANT_SOURCE },
    { .basename = PRQ_SI("pack.pl"), .max_bytes = PRQ_MIB(1), .modes = PRQ_WANT_ALWAYS },
    { .suffix = PRQ_SI("/vcpkg/status"), .max_bytes = PRQ_MIB(64) },
    { .magic = PRQ_SI("Package: "), .contains = PRQ_SI("vcpkg/updates/"), .max_bytes = PRQ_MIB(64) },
    { .basename = PRQ_SI("vcpkg.json"), .max_bytes = PRQ_MIB(4), .modes = PRQ_WANT_SOURCE },
    { .max_bytes = 0 },
};

struct job {
    struct prq_ctx *ctx;
    struct prq_sink *sink;
    struct prq_loss loss;
};

/* What stands between the first two quotes of that kind. False: there are none. */
static bool quoted(prq_str text, char quote, prq_str *inside)
{
    prq_str before, rest, after;
    return prq_str_cut(text, quote, &before, &rest) && prq_str_cut(rest, quote, inside, &after);
}

/* ---- Terraform: the file is the program's own, a statement a line */

static bool put_provider(struct job *j, prq_str name, prq_str version)
{
    const struct prq_package p = { .type = PRQ_S("terraform"), .name = name, .version = version,
                                   .flags = PRQ_PKG_DECLARED };
    return prq_sink_package(j->sink, &p);
}

static bool is_key(prq_str line, prq_str key)
{
    line = prq_str_starts(line, key) ? prq_str_trim(prq_str_from_at(line, key.n)) : (prq_str){ 0 };
    return line.n && line.p[0] == '=';
}

static bool read_terraform(struct job *j, prq_str text, struct prq_err *err)
{
    prq_str rest = text, line, name = { 0 }, version = { 0 };
    bool is_open = false, in_comment = false;
    size_t opened = 0;
    while (prq_str_line(&rest, &line)) {
        size_t at = (size_t)(line.p - text.p);
        line = prq_str_trim(line);
        if (in_comment || prq_str_starts(line, PRQ_S("/*"))) {
            in_comment = !prq_str_has(line, PRQ_S("*/"));
        } else if (line.n == 0 || line.p[0] == '#' || prq_str_starts(line, PRQ_S("//"))) {
            continue;
        } else if (is_open && line.p[0] == '}') {
            is_open = false;
            if (!put_provider(j, name, version))
                return prq_sink_full(err);
        } else if (is_open) {
            if (is_key(line, PRQ_S("version")) && !quoted(line, '"', &version))
                prq_loss_add(&j->loss, at, "version is no text");
        } else if (prq_str_starts(line, PRQ_S("provider")) && line.p[line.n - 1] == '{' &&
                   quoted(line, '"', &name) && name.n) {
            is_open = true;
            opened = at;
            version = (prq_str){ 0 };
        } else {
            return prq_fail_at(err, PRQ_E_FORMAT, at, "expected a provider block");
        }
    }
    if (in_comment)
        return prq_fail_at(err, PRQ_E_FORMAT, text.n, "comment without an end");
    return !is_open || prq_fail_at(err, PRQ_E_FORMAT, opened, "provider block without an end");
}

/* ---- SWI-Prolog */

/* The first argument of the fact "word(…)" at the start of a line, without its quotes. */
static bool fact(prq_str line, prq_str word, prq_str *argument)
{
    prq_str before, rest;
    if (!prq_str_starts(line, word) || !prq_str_cut(line, '(', &before, &rest) ||
        prq_str_trim(before).n != word.n)
        return false;
    rest = prq_str_trim(rest);
    if (rest.n && (rest.p[0] == '\'' || rest.p[0] == '"'))
        return quoted(rest, rest.p[0], argument);
    if (!prq_str_cut(rest, ')', &before, &rest))
        return false;
    *argument = prq_str_trim(before);
    return true;
}

/* The name is common: without name(…) it is some other Prolog program. */
static bool read_pack(struct job *j, prq_str text, bool is_declared, struct prq_err *err)
{
    struct prq_package p = { .type = PRQ_S("swiplpack"),
                             .flags = is_declared ? PRQ_PKG_APPLICATION : 0 };
    prq_str line;
    bool in_comment = false;
    while (prq_str_line(&text, &line)) {
        line = prq_str_trim(line);
        if (in_comment || prq_str_starts(line, PRQ_S("/*")))
            in_comment = !prq_str_has(line, PRQ_S("*/"));
        else if (p.name.n == 0 && fact(line, PRQ_S("name"), &p.name))
            continue;
        else if (p.version.n == 0)
            (void)fact(line, PRQ_S("version"), &p.version);
    }
    return p.name.n == 0 || prq_sink_package(j->sink, &p) || prq_sink_full(err);
}

/* ---- vcpkg: what is installed */

struct port {
    prq_str name, version, port_version, triplet, status, feature;
};

static void read_port(struct prq_stanzas *r, struct port *port)
{
    const struct {
        prq_str name;
        prq_str *to;
    } fields[] = {
        { PRQ_S("Package"), &port->name },
        { PRQ_S("Version"), &port->version },
        { PRQ_S("Port-Version"), &port->port_version },
        { PRQ_S("Architecture"), &port->triplet },
        { PRQ_S("Status"), &port->status },
        { PRQ_S("Feature"), &port->feature },
    };
    struct prq_stanza_field f;
    while (prq_stanza_field(r, &f))
        for (size_t i = 0; i < PRQ_COUNT(fields); i++)
            if (prq_str_ieq(f.name, fields[i].name))
                *fields[i].to = f.value;
}

static bool put_port(struct job *j, const struct port *port)
{
    struct prq_arena *a = j->ctx->scratch;
    prq_str list[2];
    size_t n = 0;
    if (port->port_version.n && !prq_str_eq(port->port_version, PRQ_S("0")))
        list[n++] = prq_arena_printf(a, "port_version=%.*s", PRQ_FMT(port->port_version));
    if (port->triplet.n)
        list[n++] = prq_arena_printf(a, "triplet=%.*s", PRQ_FMT(port->triplet));
    for (size_t i = 0; i < n; i++)
        if (!list[i].p)
            return false;
    const struct prq_package p = { .type = PRQ_S("vcpkg"), .name = port->name,
                                   .version = port->version, .qualifiers = { list, n } };
    return prq_sink_package(j->sink, &p);
}

/* Features of a port have stanzas of their own, without a version. */
static bool read_status(struct job *j, prq_str text, struct prq_err *err)
{
    struct prq_stanzas r;
    prq_stanzas_init(&r, text);
    while (prq_stanza_next(&r)) {
        struct port port = { 0 };
        size_t at = r.rest.p ? (size_t)(r.rest.p - text.p) : text.n;
        struct prq_mark mark = prq_arena_mark(j->ctx->scratch);
        read_port(&r, &port);
        if (port.name.n == 0)
            prq_loss_add(&j->loss, at, "stanza without a package");
        else if (port.feature.n == 0 && prq_str_eq(port.status, PRQ_S("install ok installed")) &&
                 !put_port(j, &port))
            return prq_sink_full(err);
        prq_arena_rewind(j->ctx->scratch, mark);
    }
    if (r.bad_lines)
        prq_loss_add(&j->loss, r.bad_at, "line that is no field");
    return true;
}

/* ---- vcpkg.json */

struct wish {
    prq_str name, version, port_version;
    bool is_host;
};

struct wishes {
    struct wish *v;
    size_t n, cap;
};

static int by_name(const void *x, const void *y)
{
    return prq_str_cmp(((const struct wish *)x)->name, ((const struct wish *)y)->name);
}

static bool read_wish_field(struct prq_json *j, prq_str key, struct wish *w)
{
    static const prq_str versions[] = { PRQ_SI("version"), PRQ_SI("version-string"),
                                        PRQ_SI("version-semver"), PRQ_SI("version-date") };
    for (size_t i = 0; i < PRQ_COUNT(versions); i++)
        if (prq_str_eq(key, versions[i]))
            return prq_json_string_or_skip(j, &w->version);
    if (prq_str_eq(key, PRQ_S("name")))
        return prq_json_string_or_skip(j, &w->name);
    if (prq_str_eq(key, PRQ_S("host")))
        return prq_json_bool_or_skip(j, &w->is_host);
    if (prq_str_eq(key, PRQ_S("port-version")) && prq_json_peek(j) == PRQ_JSON_NUMBER)
        return prq_json_number(j, &w->port_version);
    prq_json_skip(j);
    return true;
}

static bool read_wishes(struct job *job, struct prq_json *j, struct wishes *list)
{
    prq_str key;
    if (!prq_json_enter_array(j)) {
        prq_json_skip(j);
        return true;
    }
    while (prq_json_item(j)) {
        struct wish w = { 0 };
        size_t at = j->at;
        if (prq_json_enter_object(j))
            while (prq_json_key(j, &key))
                (void)read_wish_field(j, key, &w);
        else
            (void)prq_json_string_or_skip(j, &w.name);
        if (j->bad)
            return true;
        if (w.name.n == 0) {
            prq_loss_add(&job->loss, at, "dependency without a name");
            continue;
        }
        if (!prq_arena_grow(job->ctx->scratch, &list->v, sizeof w, &list->cap, list->n + 1))
            return false;
        list->v[list->n++] = w;
    }
    return true;
}

static bool put_wish(struct job *j, const struct wish *w, uint32_t flags)
{
    prq_str list[1];
    struct prq_package p = { .type = PRQ_S("vcpkg"), .name = w->name, .version = w->version,
                             .flags = flags | (w->is_host ? PRQ_PKG_DEV : 0) };
    if (w->port_version.n && !prq_str_eq(w->port_version, PRQ_S("0"))) {
        list[0] = prq_arena_printf(j->ctx->scratch, "port_version=%.*s", PRQ_FMT(w->port_version));
        p.qualifiers = (struct prq_strs){ list, 1 };
        if (!list[0].p)
            return false;
    }
    return prq_sink_package(j->sink, &p);
}

/* A dependency's own version is a lower bound at most; only an override says which one it will be. */
static bool put_wishes(struct job *j, const struct wishes *asked, struct wishes *fixed)
{
    if (fixed->n)
        qsort(fixed->v, fixed->n, sizeof *fixed->v, by_name);
    for (size_t i = 0; i < asked->n; i++) {
        struct wish w = { .name = asked->v[i].name, .is_host = asked->v[i].is_host };
        const struct wish *as = fixed->n ? bsearch(&w, fixed->v, fixed->n, sizeof w, by_name) : NULL;
        if (as) {
            w.version = as->version;
            w.port_version = as->port_version;
        }
        if (!put_wish(j, &w, PRQ_PKG_DECLARED))
            return false;
    }
    return true;
}

static bool read_vcpkg(struct job *job, prq_str text, struct prq_err *err)
{
    struct prq_json j;
    struct wish self = { 0 };
    struct wishes asked = { 0 }, fixed = { 0 };
    prq_str key;
    bool ok = true;
    prq_json_init(&j, text, job->ctx->scratch, job->ctx->limits);
    if (!prq_json_enter_object(&j)) {
        prq_json_skip(&j);
        return prq_json_end(&j, err) &&
               prq_fail_at(err, PRQ_E_FORMAT, 0, "vcpkg.json is not an object");
    }
    while (ok && prq_json_key(&j, &key)) {
        if (prq_str_eq(key, PRQ_S("dependencies")))
            ok = read_wishes(job, &j, &asked);
        else if (prq_str_eq(key, PRQ_S("overrides")))
            ok = read_wishes(job, &j, &fixed);
        else
            (void)read_wish_field(&j, key, &self);
    }
    if (!ok)
        return prq_fail(err, PRQ_E_LIMIT, "too many packages");
    if (!prq_json_end(&j, err))
        return false;
    if (self.name.n && !put_wish(job, &self, PRQ_PKG_DECLARED | PRQ_PKG_APPLICATION))
        return prq_sink_full(err);
    return put_wishes(job, &asked, &fixed) || prq_sink_full(err);
}

/* ---- */

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    struct job j = { .ctx = ctx, .sink = sink };
    prq_str path = in->file->path, base = prq_path_base(path), text = prq_str_of(in->data);
    bool ok;
    if (prq_str_eq(base, PRQ_S(".terraform.lock.hcl")))
        ok = read_terraform(&j, text, err);
    else if (prq_str_eq(base, PRQ_S("pack.pl")))
        ok = read_pack(&j, text, in->mode == PRQ_WANT_SOURCE && base.n == path.n, err);
    else if (prq_str_eq(base, PRQ_S("vcpkg.json")))
        ok = read_vcpkg(&j, text, err);
    else
        ok = read_status(&j, text, err);
    return (prq_loss_report(&j.loss, sink) || prq_sink_full(err)) && ok;
}

const struct prq_analyzer prq_analyzer_sundry = {
    .name = "sundry",
    .purl_type = "generic",
    .summary = "Terraform providers, packs of SWI-Prolog, ports of vcpkg",
    .revision = 1,
    .wants = wants,
    .run = run,
};
