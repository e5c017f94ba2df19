/* SPDX-License-Identifier: Apache-2.0 */
/* Haskell: stack.yaml, stack.yaml.lock, cabal.project.freeze.
 * Sources: docs.haskellstack.org, "Project-level configuration", "Lock files"; Cabal User Guide,
 * "cabal freeze"; catalog.md 4.9:
 *
 *     extra-deps: [name-1.2.3@sha256:HEX,SIZE, {git: URL, commit: COMMIT, subdirs: […]}, …]
 *     packages: [{completed: {hackage: name-1.2.3@sha256:HEX,SIZE}, original: …}]
 *     constraints: any.name ==1.2.3, name +flag, … */
#include "analyze/analyze.h"
#include "lib/yaml.h"

static const struct prq_want wants[] = {
    { .basename = PRQ_SI("stack.yaml"), .max_bytes = PRQ_MIB(4), .modes = PRQ_WANT_SOURCE },
    { .basename = PRQ_SI("stack.yaml.lock"), .max_bytes = PRQ_MIB(16), .modes = PRQ_WANT_SOURCE },
    { .basename = PRQ_SI("cabal.project.freeze"), .max_bytes = PRQ_MIB(16),
      .modes = PRQ_WANT_SOURCE },
    { .max_bytes = 0 },
};

static bool put(prq_str name, prq_str version, prq_str vcs_url, struct prq_sink *sink,
                struct prq_err *err)
{
    const struct prq_package p = {
        .type = PRQ_S("hackage"),
        .name = name,
        .version = version,
        .vcs_url = vcs_url,
        .flags = PRQ_PKG_DECLARED,
    };
    return prq_sink_package(sink, &p) || prq_sink_full(err);
}

static bool is_version(prq_str v)
{
    for (size_t i = 0; i < v.n; i++)
        if (!prq_is_digit(v.p[i]) && v.p[i] != '.')
            return false;
    return v.n && prq_is_digit(v.p[0]);
}

/* "name-1.2.3@rev:1": Hackage's own form. */
static bool split(prq_str text, prq_str *name, prq_str *version)
{
    text = prq_str_head(text, prq_str_find(text, '@'));
    return prq_str_rcut(text, '-', name, version) && name->n && is_version(*version);
}

/* ---- stack */

/* False only when the sink is full: what is from elsewhere is not Hackage's, and passed over. */
static bool put_text(const struct prq_yaml_node *node, struct prq_sink *sink, struct prq_err *err)
{
    prq_str name, version;
    return !split(prq_yaml_text(node), &name, &version) ||
           put(name, version, (prq_str){ 0 }, sink, err);
}

static bool run_stack(const struct prq_yaml_node *root, bool is_lock, struct prq_sink *sink,
                      struct prq_err *err)
{
    const struct prq_yaml_node *list =
        prq_yaml_find(root, is_lock ? PRQ_S("packages") : PRQ_S("extra-deps"));
    if (!prq_yaml_is(root, PRQ_YAML_MAP) ||
        (list && !prq_yaml_is(list, PRQ_YAML_SEQ) && !prq_yaml_is_null(list)))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "no list of packages");
    for (size_t i = 0; prq_yaml_is(list, PRQ_YAML_SEQ) && i < list->n; i++) {
        const struct prq_yaml_node *one = list->items[i];
        if (is_lock)
            one = prq_yaml_find(prq_yaml_find(one, PRQ_S("completed")), PRQ_S("hackage"));
        if (!put_text(one, sink, err))
            return false;
    }
    return true;
}

/* The name and version of a package that is fetched from a repository: in lock files only. */
static bool put_repositories(const struct prq_yaml_node *root, struct prq_arena *a,
                             struct prq_sink *sink, struct prq_err *err)
{
    const struct prq_yaml_node *list = prq_yaml_find(root, PRQ_S("packages"));
    for (size_t i = 0; prq_yaml_is(list, PRQ_YAML_SEQ) && i < list->n; i++) {
        const struct prq_yaml_node *one = prq_yaml_find(list->items[i], PRQ_S("completed"));
        prq_str url = prq_yaml_text(prq_yaml_find(one, PRQ_S("git")));
        prq_str commit = prq_yaml_text(prq_yaml_find(one, PRQ_S("commit")));
        prq_str name = prq_yaml_text(prq_yaml_find(one, PRQ_S("name")));
        if (url.n == 0 || commit.n == 0 || name.n == 0)
            continue;
        url = prq_arena_printf(a, "git+%.*s@%.*s", PRQ_FMT(url), PRQ_FMT(commit));
        if (!url.p)
            return prq_fail(err, PRQ_E_LIMIT, "too many packages");
        if (!put(name, prq_yaml_text(prq_yaml_find(one, PRQ_S("version"))), url, sink, err))
            return false;
    }
    return true;
}

/* ---- cabal.project.freeze */

/* "any.name ==1.2.3"; flags of a package and other constraints are passed over. */
static bool put_constraint(prq_str text, struct prq_sink *sink, struct prq_err *err)
{
    static const prq_str any = PRQ_SI("any.");
    text = prq_str_trim(text);
    if (!prq_str_starts(text, any))
        return true;
    text = prq_str_from_at(text, any.n);
    size_t at = prq_str_search(text, PRQ_S("=="));
    prq_str name = prq_str_trim(prq_str_head(text, at));
    prq_str version = prq_str_trim(prq_str_from_at(text, at + 2));
    return name.n == 0 || !is_version(version) || put(name, version, (prq_str){ 0 }, sink, err);
}

/* The field goes on in lines that are indented. */
static bool run_freeze(prq_str text, struct prq_sink *sink, struct prq_err *err)
{
    static const prq_str field = PRQ_SI("constraints:");
    prq_str line, one, rest = text;
    bool is_inside = false, has_field = false;
    while (prq_str_line(&rest, &line)) {
        prq_str bare = prq_str_trim(line);
        if (bare.n == 0 || prq_str_starts(bare, PRQ_S("--")))
            continue;
        if (!prq_is_space(line.p[0]))
            is_inside = prq_str_starts(bare, field);
        has_field = has_field || is_inside || prq_str_find(bare, ':') < bare.n;
        if (!is_inside)
            continue;
        if (prq_str_starts(bare, field))
            bare = prq_str_from_at(bare, field.n);
        while (prq_str_split(&bare, ',', &one))
            if (!put_constraint(one, sink, err))
                return false;
    }
    return has_field || prq_str_trim(text).n == 0 ||
           prq_fail_at(err, PRQ_E_FORMAT, 0, "no field of a project");
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    const struct prq_yaml_doc *doc;
    if (prq_str_ends(in->file->path, PRQ_S(".freeze")))
        return run_freeze(prq_str_of(in->data), sink, err);
    if (!prq_yaml_parse(in->data, ctx->limits, ctx->scratch, &doc, err))
        return false;
    const struct prq_yaml_node *root = doc ? doc->root : NULL;
    bool is_lock = prq_str_ends(in->file->path, PRQ_S(".lock"));
    return run_stack(root, is_lock, sink, err) &&
           (!is_lock || put_repositories(root, ctx->scratch, sink, err));
}

const struct prq_analyzer prq_analyzer_haskell = {
    .name = "haskell",
    .purl_type = "hackage",
    .summary = "Haskell packages asked for: stack.yaml, its lock file, cabal.project.freeze",
    .revision = 1,
    .wants = wants,
    .run = run,
};
