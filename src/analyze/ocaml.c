/* SPDX-License-Identifier: Apache-2.0 */
/* OCaml: packages of opam.
 *
 *     NAME.opam, opam                      name: "n"  version: "v"  depends: ["dep" {>= "1" & with-test}]
 *     .opam-switch/packages/N.V/opam       the definition of an installed package
 *     .opam-switch/switch-state            installed: ["N.V" …]: what a switch holds
 *     .opam-switch/install/NAME.install    one "N.V" a line, or opam's own "bin: [ … ]", which names none
 *
 * Without the fields, name and version are those of the directory (N.V) or of the file. A definition in
 * a repository (packages/N/N.V/opam) is an offer and no evidence. /usr/bin/opam, the program, bears the
 * same name: a file that never says opam-version and lies in no switch is something else.
 * Source: opam's manual, "Common file format", "opam" and "File hierarchies"; catalog.md 4.9. */
#include "analyze/analyze.h"
#include "analyze/lockgraph.h"
#include "analyze/loss.h"

static const struct prq_want wants[] = {
    { .suffix = PRQ_SI(".opam"), .max_bytes = PRQ_MIB(4), .modes = PRQ_WANT_ALWAYS },
    { .basename = PRQ_SI("opam"), .head_bytes = PRQ_MIB(1), .max_bytes = PRQ_GIB(1),
      .modes = PRQ_WANT_ALWAYS },
    { .suffix = PRQ_SI("/.opam-switch/switch-state"), .max_bytes = PRQ_MIB(16) },
    { .suffix = PRQ_SI(".install"), .contains = PRQ_SI(".opam-switch/install/"),
      .max_bytes = PRQ_MIB(16) },
    { .suffix = PRQ_SI("/.opam-switch/install"), .max_bytes = PRQ_MIB(16) },
    { .max_bytes = 0 },
};

/* ---- tokens of the common file format */

enum token { END, BAD, IDENT, STRING, COLON, OPEN, CLOSE, OPERATOR };

struct lexer {
    prq_str in;
    size_t at, start; /* behind, and at the token */
    prq_str text;     /* of the token; of a string without its quotes, as written */
    const char *why;  /* of BAD */
};

static bool is_word(char c)
{
    return prq_is_alnum(c) || c == '_' || c == '-' || c == '+' || c == '.';
}

static enum token bad(struct lexer *l, const char *why)
{
    l->why = why;
    return BAD;
}

static enum token take_string(struct lexer *l)
{
    prq_str quote = prq_str_starts(prq_str_from_at(l->in, l->at), PRQ_S("\"\"\"")) ? PRQ_S("\"\"\"")
                                                                                   : PRQ_S("\"");
    size_t from = l->at + quote.n, i = from;
    while (i < l->in.n && !prq_str_starts(prq_str_from_at(l->in, i), quote))
        i += l->in.p[i] == '\\' ? 2 : 1;
    if (i >= l->in.n)
        return bad(l, "string without an end");
    l->text = (prq_str){ l->in.p + from, i - from };
    l->at = i + quote.n;
    return STRING;
}

/* "(*" comments nest. False: one does not end. */
static bool skip_blanks(struct lexer *l)
{
    size_t depth = 0;
    for (; l->at < l->in.n; l->at++) {
        prq_str rest = prq_str_from_at(l->in, l->at);
        if (prq_str_starts(rest, PRQ_S("(*"))) {
            depth++;
            l->at++;
        } else if (depth && prq_str_starts(rest, PRQ_S("*)"))) {
            depth--;
            l->at++;
        } else if (!depth && rest.p[0] == '#') {
            l->at += prq_str_find(rest, '\n') - 1;
        } else if (!depth && !prq_is_space(rest.p[0])) {
            return true;
        }
    }
    l->at = l->in.n;
    return depth == 0;
}

static enum token next(struct lexer *l)
{
    if (!skip_blanks(l)) {
        l->start = l->in.n;
        return bad(l, "comment without an end");
    }
    l->start = l->at;
    if (l->at == l->in.n)
        return END;
    char c = l->in.p[l->at];
    if (c == '"')
        return take_string(l);
    size_t n = 1;
    enum token is = OPERATOR;
    if (is_word(c)) {
        while (l->at + n < l->in.n && is_word(l->in.p[l->at + n]))
            n++;
        is = IDENT;
    } else if (c == ':') {
        is = COLON;
    } else if (strchr("[({", c) && c) {
        is = OPEN;
    } else if (strchr("])}", c) && c) {
        is = CLOSE;
    } else if (strchr("<>=!&|~?%,;/*", c) && c) {
        while (l->at + n < l->in.n && l->in.p[l->at + n] && strchr("<>=!", l->in.p[l->at + n]))
            n++;
    } else {
        return bad(l, "byte that no opam file has");
    }
    l->text = (prq_str){ l->in.p + l->at, n };
    l->at += n;
    return is;
}

/* ---- fields */

struct dep {
    prq_str name, version;
    bool is_dev, is_odd; /* odd: more than one version is named */
};

struct doc {
    struct prq_arena *arena;
    prq_str name, version;
    struct dep *deps;
    size_t dep_count, dep_cap;
    struct prq_strs installed;
    size_t installed_cap;
    bool has_field;
};

struct reader {
    struct lexer l;
    prq_str field, operator;
    size_t depth, filter; /* brackets of all kinds; the depth in which a filter opened, 0: none */
    bool is_first;        /* the next token is the first of the field's value */
};

static bool put_string(struct reader *r, struct doc *d)
{
    if (r->depth == 0 && r->is_first) {
        if (prq_str_eq(r->field, PRQ_S("name")))
            d->name = r->l.text;
        else if (prq_str_eq(r->field, PRQ_S("version")))
            d->version = r->l.text;
    }
    if (prq_str_eq(r->field, PRQ_S("installed")))
        return prq_strs_add(&d->installed, &d->installed_cap, r->l.text, d->arena);
    if (!prq_str_eq(r->field, PRQ_S("depends")))
        return true;
    if (r->filter) {
        struct dep *last = d->dep_count ? &d->deps[d->dep_count - 1] : NULL;
        if (!last)
            return true;
        last->is_odd |= last->version.n || !prq_str_eq(r->operator, PRQ_S("="));
        last->version = r->l.text;
        return true;
    }
    if (!prq_arena_grow(d->arena, &d->deps, sizeof *d->deps, &d->dep_cap, d->dep_count + 1))
        return false;
    d->deps[d->dep_count++] = (struct dep){ .name = r->l.text };
    return true;
}

static void put_word(struct reader *r, struct doc *d)
{
    static const prq_str dev[] = { PRQ_SI("with-test"), PRQ_SI("with-doc"), PRQ_SI("with-dev-setup"),
                                   PRQ_SI("dev") };
    if (r->depth == 0) {
        struct lexer ahead = r->l;
        if (next(&ahead) == COLON) {
            r->field = r->l.text;
            r->l = ahead;
            r->is_first = d->has_field = true;
            return;
        }
    }
    for (size_t i = 0; r->filter && d->dep_count && i < PRQ_COUNT(dev); i++)
        if (prq_str_eq(r->l.text, dev[i]) && prq_str_eq(r->field, PRQ_S("depends")) &&
            !prq_str_eq(r->operator, PRQ_S("!")))
            d->deps[d->dep_count - 1].is_dev = true;
    r->is_first = false;
}

static bool read_fields(prq_str text, struct doc *d, struct prq_err *err)
{
    struct reader r = { .l = { .in = text } };
    enum token t;
    while ((t = next(&r.l)) != END) {
        if (t == BAD)
            return prq_fail_at(err, PRQ_E_FORMAT, r.l.start, r.l.why);
        if (t == IDENT) {
            put_word(&r, d);
        } else if (t == STRING) {
            if (!put_string(&r, d))
                return prq_fail(err, PRQ_E_LIMIT, "too many packages");
            r.is_first = false;
        } else if (t == OPEN) {
            r.depth++;
            if (r.l.text.p[0] == '{' && !r.filter)
                r.filter = r.depth;
        } else if (t == CLOSE) {
            if (r.depth == 0)
                return prq_fail_at(err, PRQ_E_FORMAT, r.l.start, "bracket that nothing opened");
            if (r.filter == r.depth--)
                r.filter = 0;
        }
        r.operator = t == OPERATOR ? r.l.text : (prq_str){ 0 };
    }
    if (r.depth)
        return prq_fail_at(err, PRQ_E_FORMAT, text.n, "bracket without an end");
    return d->has_field || prq_str_trim(text).n == 0 ||
           prq_fail_at(err, PRQ_E_FORMAT, 0, "no field of an opam file");
}

/* ---- packages */

static bool split_entry(prq_str entry, prq_str *name, prq_str *version)
{
    if (!prq_str_cut(entry, '.', name, version) || name->n == 0 || version->n == 0)
        return false;
    for (size_t i = 0; i < name->n; i++)
        if (!is_word(name->p[i]))
            return false;
    return true;
}

static bool put(prq_str name, prq_str version, uint32_t flags, struct prq_sink *sink)
{
    const struct prq_package p = { .type = PRQ_S("opam"), .name = name, .version = version,
                                   .flags = flags };
    return name.n == 0 || prq_sink_package(sink, &p);
}

static bool put_installed(const struct prq_strs *list, struct prq_sink *sink, struct prq_err *err)
{
    struct prq_loss loss = { 0 };
    prq_str name, version;
    for (size_t i = 0; i < list->n; i++) {
        if (!split_entry(list->v[i], &name, &version))
            prq_loss_add(&loss, 0, "installed package without a version");
        else if (!put(name, version, 0, sink))
            return prq_sink_full(err);
    }
    return prq_loss_report(&loss, sink) || prq_sink_full(err);
}

/* "N.V" a line, with anything behind a blank; or fields, which say no version. */
static bool read_install(prq_str text, struct doc *d, struct prq_sink *sink, struct prq_err *err)
{
    prq_str rest = text, line, name, version;
    struct prq_err ignored = PRQ_ERR_INIT;
    if (read_fields(text, d, &ignored))
        return true;
    while (prq_str_line(&rest, &line)) {
        size_t at = (size_t)(line.p - text.p), n = 0;
        line = prq_str_trim(line);
        while (n < line.n && !prq_is_space(line.p[n]))
            n++;
        if (n == 0 || line.p[0] == '#')
            continue;
        if (!split_entry(prq_str_head(line, n), &name, &version))
            return prq_fail_at(err, PRQ_E_FORMAT, at, "neither a package entry nor a field");
        if (!put(name, version, 0, sink))
            return prq_sink_full(err);
    }
    return true;
}

/* What the file does not say, its place may. False: a definition in a repository. */
static bool name_by_place(prq_str path, struct doc *d)
{
    prq_str base = prq_path_base(path), dir = prq_path_dir(path), name = base, version = { 0 };
    bool is_dir = prq_str_eq(base, PRQ_S("opam"));
    if (is_dir) {
        name = prq_path_base(dir);
        if (split_entry(name, &name, &version) &&
            prq_str_eq(prq_path_base(prq_path_dir(dir)), name))
            return false;
    } else {
        name.n -= PRQ_S(".opam").n;
    }
    if (d->name.n == 0)
        d->name = name;
    if (d->version.n == 0)
        d->version = version;
    return true;
}

static bool put_definition(const struct doc *d, bool is_declared, struct prq_sink *sink)
{
    struct prq_strs depends = { prq_new_n(d->arena, prq_str, d->dep_count + 1), 0 };
    if (!depends.v)
        return false;
    for (size_t i = 0; i < d->dep_count; i++)
        if (d->deps[i].name.n)
            depends.v[depends.n++] = d->deps[i].name;
    const struct prq_package p = { .type = PRQ_S("opam"), .name = d->name, .version = d->version,
                                   .depends = depends,
                                   .flags = is_declared ? PRQ_PKG_DECLARED | PRQ_PKG_APPLICATION : 0 };
    if (p.name.n && !prq_sink_package(sink, &p))
        return false;
    for (size_t i = 0; is_declared && i < d->dep_count; i++) {
        const struct dep *dep = &d->deps[i];
        if (!put(dep->name, dep->is_odd ? (prq_str){ 0 } : dep->version,
                 PRQ_PKG_DECLARED | (dep->is_dev ? PRQ_PKG_DEV : 0), sink))
            return false;
    }
    return true;
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    prq_str path = in->file->path, base = prq_path_base(path), text = prq_str_of(in->data);
    struct doc d = { .arena = ctx->scratch };
    if (prq_str_eq(base, PRQ_S("install")) || prq_str_ends(base, PRQ_S(".install")))
        return read_install(text, &d, sink, err);
    bool in_switch = prq_str_has(path, PRQ_S(".opam-switch/"));
    if (prq_str_has(path, PRQ_S(".opam-switch/sources/")) ||
        prq_str_has(path, PRQ_S(".opam-switch/build/")))
        return true; /* what a package was built from; its definition is in packages/ */
    if (prq_str_eq(base, PRQ_S("opam")) && !in_switch && !prq_str_has(text, PRQ_S("opam-version")))
        return true;
    if (prq_str_find(prq_str_head(text, 4096), '\0') < prq_min_size(text.n, 4096) && !in_switch)
        return true; /* the program */
    if (!read_fields(text, &d, err))
        return false;
    if (prq_str_eq(base, PRQ_S("switch-state")))
        return put_installed(&d.installed, sink, err);
    if (!name_by_place(path, &d))
        return true;
    return put_definition(&d, in->mode == PRQ_WANT_SOURCE && !in_switch, sink) || prq_sink_full(err);
}

const struct prq_analyzer prq_analyzer_ocaml = {
    .name = "ocaml",
    .purl_type = "opam",
    .summary = "OCaml packages of opam: switches, *.opam, opam",
    .revision = 1,
    .wants = wants,
    .run = run,
};
