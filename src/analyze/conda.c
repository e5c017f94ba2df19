/* SPDX-License-Identifier: Apache-2.0 */
/* Packages of conda environments:
 *
 *     …/conda-meta/NAME-VERSION-BUILD.json   one installed package
 *     environment.yml, environment.yaml      what a source tree asks for
 *
 * Sources: conda documentation, "Package metadata", "Package match specifications"; catalog.md 3.8. */
#include "analyze/analyze.h"

#include "analyze/loss.h"
#include "format/json.h"
#include "lib/yaml.h"

struct list {
    prq_str *v;
    size_t n, cap;
};

struct meta {
    prq_str name, version, build, channel, subdir, licence, md5, sha256;
    uint64_t size;
    struct list depends;
};

static const struct field {
    prq_str key;
    size_t place;
} fields[] = {
    { PRQ_SI("name"), offsetof(struct meta, name) },
    { PRQ_SI("version"), offsetof(struct meta, version) },
    { PRQ_SI("build"), offsetof(struct meta, build) },
    { PRQ_SI("channel"), offsetof(struct meta, channel) },
    { PRQ_SI("subdir"), offsetof(struct meta, subdir) },
    { PRQ_SI("license"), offsetof(struct meta, licence) },
    { PRQ_SI("md5"), offsetof(struct meta, md5) },
    { PRQ_SI("sha256"), offsetof(struct meta, sha256) },
};

/* "python >=3.8,<3.9.0a0" names python. */
static prq_str spec_name(prq_str s)
{
    size_t n = 0;
    s = prq_str_trim(s);
    while (n < s.n && !memchr(" =<>!~[", s.p[n], 7))
        n++;
    return prq_str_head(s, n);
}

static bool read_depends(struct prq_json *j, struct prq_arena *a, struct list *out)
{
    if (!prq_json_enter_array(j)) {
        prq_json_skip(j);
        return true;
    }
    while (prq_json_item(j)) {
        prq_str spec = { 0 }, name;
        prq_json_string_or_skip(j, &spec);
        name = spec_name(spec);
        if (!name.n)
            continue;
        if (!prq_arena_grow(a, &out->v, sizeof *out->v, &out->cap, out->n + 1))
            return false;
        out->v[out->n++] = name;
    }
    return true;
}

static bool read_member(struct prq_json *j, prq_str key, struct prq_arena *a, struct meta *m)
{
    for (size_t i = 0; i < PRQ_COUNT(fields); i++)
        if (prq_str_eq(key, fields[i].key)) {
            prq_json_string_or_skip(j, (prq_str *)(void *)((char *)m + fields[i].place));
            return true;
        }
    if (prq_str_eq(key, PRQ_S("depends")))
        return read_depends(j, a, &m->depends);
    if (prq_str_eq(key, PRQ_S("size")))
        prq_json_u64_or_skip(j, &m->size);
    else
        prq_json_skip(j);
    return true;
}

/* "https://host/pkgs/main/linux-64" is the channel main, "conda-forge" itself. */
static prq_str channel_name(const struct meta *m)
{
    prq_str c = m->channel;
    while (prq_str_ends(c, PRQ_S("/")))
        c.n--;
    if (m->subdir.n && prq_str_eq(prq_path_base(c), m->subdir))
        c = prq_path_dir(c);
    return prq_path_base(c);
}

static bool put_pairs(struct prq_arena *a, const struct prq_pair *pairs, size_t n, char joint,
                      struct prq_strs *out)
{
    out->v = prq_new_n(a, prq_str, n);
    for (size_t i = 0; out->v && i < n; i++) {
        if (!pairs[i].value.n)
            continue;
        out->v[out->n] = prq_arena_printf(a, "%.*s%c%.*s", PRQ_FMT(pairs[i].key), joint,
                                          PRQ_FMT(pairs[i].value));
        if (!out->v[out->n++].p)
            return false;
    }
    return out->v != NULL;
}

static bool no_room(struct prq_err *err)
{
    return prq_fail(err, PRQ_E_LIMIT, "a package exceeds the file's budget");
}

static bool read_meta(struct prq_ctx *ctx, prq_str in, struct prq_sink *sink, struct prq_err *err)
{
    struct meta m = { 0 };
    struct prq_json j;
    prq_str key;
    prq_json_init(&j, in, ctx->scratch, ctx->limits);
    if (!prq_json_enter_object(&j))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not an object");
    while (prq_json_key(&j, &key))
        if (!read_member(&j, key, ctx->scratch, &m))
            return no_room(err);
    if (!prq_json_end(&j, err))
        return false;
    if (!m.name.n)
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "package without a name");
    struct prq_package p = {
        .type = PRQ_S("conda"),
        .name = m.name,
        .version = m.version,
        .licenses = { &m.licence, m.licence.n != 0 },
        .depends = { m.depends.v, m.depends.n },
    };
    const struct prq_pair qualifiers[] = { { PRQ_S("build"), m.build },
                                           { PRQ_S("channel"), channel_name(&m) },
                                           { PRQ_S("subdir"), m.subdir } };
    const struct prq_pair digests[] = { { PRQ_S("sha256"), m.sha256 }, { PRQ_S("md5"), m.md5 } };
    if (!put_pairs(ctx->scratch, qualifiers, PRQ_COUNT(qualifiers), '=', &p.qualifiers) ||
        !put_pairs(ctx->scratch, digests, PRQ_COUNT(digests), ':', &p.digests))
        return no_room(err);
    return prq_sink_package(sink, &p) || prq_sink_full(err);
}

/* ---- environment.yml */

static bool is_name(prq_str s)
{
    bool has_letter = false;
    for (size_t i = 0; i < s.n; i++) {
        if (!prq_is_alnum(s.p[i]) && !memchr("-_.", s.p[i], 3))
            return false;
        has_letter = has_letter || prq_is_alpha(s.p[i]);
    }
    return has_letter;
}

static bool is_exact(prq_str version)
{
    for (size_t i = 0; i < version.n; i++)
        if (memchr("*|,<>!~= ", version.p[i], 9))
            return false;
    return version.n > 0;
}

/* "channel::name=1.2=build", "name==1.2", "name 1.2 build": the name, and the version when only one
 * fits. False: no name. */
static bool parse_spec(prq_str spec, prq_str *name, prq_str *version)
{
    size_t channel = prq_str_search(spec, PRQ_S("::"));
    if (channel < spec.n)
        spec = prq_str_from_at(spec, channel + 2);
    spec = prq_str_trim(spec);
    *name = spec_name(spec);
    *version = (prq_str){ 0 };
    if (!is_name(*name))
        return false;
    prq_str rest = prq_str_trim(prq_str_from_at(spec, name->n)), build;
    for (int i = 0; i < 2 && rest.n && rest.p[0] == '='; i++)
        rest = prq_str_trim(prq_str_from_at(rest, 1));
    if (!prq_str_cut(rest, '=', &rest, &build) && !prq_str_cut(rest, ' ', &rest, &build))
        build = (prq_str){ 0 };
    if (is_exact(rest) && !memchr("[]", rest.p[0], 2))
        *version = rest;
    return true;
}

/* "name[extra]==1.2 ; marker". Options and addresses name nothing that can be told here. */
static bool parse_requirement(prq_str line, prq_str *name, prq_str *version)
{
    line = prq_str_trim(prq_str_head(line, prq_str_find(line, ';')));
    *version = (prq_str){ 0 };
    *name = spec_name(line);
    if (!is_name(*name) || name->p[0] == '-')
        return false;
    prq_str rest = prq_str_from_at(line, name->n), before;
    if (rest.n && rest.p[0] == '[' && !prq_str_cut(rest, ']', &before, &rest))
        return true;
    rest = prq_str_trim(rest);
    if (prq_str_starts(rest, PRQ_S("==")) && is_exact(prq_str_trim(prq_str_from_at(rest, 2))))
        *version = prq_str_trim(prq_str_from_at(rest, 2));
    return true;
}

static bool put_declared(prq_str type, prq_str name, prq_str version, struct prq_sink *sink,
                         struct prq_err *err)
{
    const struct prq_package p = { .type = type, .name = name, .version = version,
                                   .flags = PRQ_PKG_DECLARED };
    return prq_sink_package(sink, &p) || prq_sink_full(err);
}

static void lose(struct prq_loss *bad, prq_bytes in, const struct prq_yaml_node *node)
{
    size_t at = 0;
    for (uint32_t line = node->line; line > 1 && at < in.n; at++)
        line -= in.p[at] == '\n';
    if (bad->count == 0)
        prq_loss_add(bad, at, "entry is no package");
    else
        bad->count++;
}

/* {pip: ["name==1.2", …]} */
static bool read_pip(prq_bytes in, const struct prq_yaml_node *map, struct prq_loss *bad,
                     struct prq_sink *sink, struct prq_err *err)
{
    const struct prq_yaml_node *pip = prq_yaml_find(map, PRQ_S("pip"));
    if (!prq_yaml_is(pip, PRQ_YAML_SEQ)) {
        if (!pip || !prq_yaml_is_null(pip))
            lose(bad, in, pip ? pip : map);
        return true;
    }
    for (size_t i = 0; i < prq_yaml_count(pip); i++) {
        prq_str name, version;
        if (!prq_yaml_is(pip->items[i], PRQ_YAML_SCALAR))
            lose(bad, in, pip->items[i]);
        else if (parse_requirement(prq_yaml_text(pip->items[i]), &name, &version) &&
                 !put_declared(PRQ_S("pypi"), name, version, sink, err))
            return false;
    }
    return true;
}

static bool read_environment(struct prq_ctx *ctx, prq_bytes in, struct prq_sink *sink,
                             struct prq_err *err)
{
    const struct prq_yaml_doc *doc;
    if (!prq_yaml_parse(in, ctx->limits, ctx->scratch, &doc, err))
        return false;
    struct prq_loss bad = { 0 };
    const struct prq_yaml_node *list = prq_yaml_find(doc ? doc->root : NULL, PRQ_S("dependencies"));
    if (list && !prq_yaml_is(list, PRQ_YAML_SEQ) && !prq_yaml_is_null(list))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "dependencies are no list");
    for (size_t i = 0; list && i < (list->kind == PRQ_YAML_SEQ ? list->n : 0); i++) {
        const struct prq_yaml_node *item = list->items[i];
        prq_str name, version;
        if (prq_yaml_is(item, PRQ_YAML_MAP)) {
            if (!read_pip(in, item, &bad, sink, err))
                return false;
        } else if (!prq_yaml_is(item, PRQ_YAML_SCALAR) ||
                   !parse_spec(prq_yaml_text(item), &name, &version)) {
            lose(&bad, in, item);
        } else if (!put_declared(PRQ_S("conda"), name, version, sink, err)) {
            return false;
        }
    }
    return prq_loss_report(&bad, sink) || prq_sink_full(err);
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    if (prq_str_ends(in->file->path, PRQ_S(".json")))
        return read_meta(ctx, prq_str_of(in->data), sink, err);
    return read_environment(ctx, in->data, sink, err);
}

static const struct prq_want wants[] = {
    { .suffix = PRQ_SI(".json"), .contains = PRQ_SI("conda-meta/"), .max_bytes = PRQ_MIB(64) },
    { .basename = PRQ_SI("environment.yml"), .max_bytes = PRQ_MIB(4), .modes = PRQ_WANT_SOURCE },
    { .basename = PRQ_SI("environment.yaml"), .max_bytes = PRQ_MIB(4), .modes = PRQ_WANT_SOURCE },
    { .max_bytes = 0 },
};

const struct prq_analyzer prq_analyzer_conda = {
    .name = "conda",
    .purl_type = "conda",
    .summary = "conda packages: conda-meta/*.json; environment.yml in source trees",
    .revision = 1,
    .wants = wants,
    .run = run,
};
