/* SPDX-License-Identifier: Apache-2.0 */
/* What a Python project asks for: requirements files, lock files, setup.py.
 * Sources: pip, "Requirements File Format"; packaging.python.org, "Dependency specifiers" and
 * "pylock.toml"; the lock files of Pipenv, Poetry, PDM and uv as they write them; catalog.md 4.1. */
#include "analyze/analyze.h"
#include "analyze/lockgraph.h"
#include "analyze/loss.h"
#include "format/json.h"
#include "format/toml.h"

#define LOCK_BYTES PRQ_MIB(64)

static const struct prq_want wants[] = {
    { .suffix = PRQ_SI(".txt"), .contains = PRQ_SI("requirements"), .max_bytes = PRQ_MIB(16),
      .modes = PRQ_WANT_SOURCE },
    { .basename = PRQ_SI("Pipfile.lock"), .max_bytes = LOCK_BYTES, .modes = PRQ_WANT_SOURCE },
    { .basename = PRQ_SI("poetry.lock"), .max_bytes = LOCK_BYTES, .modes = PRQ_WANT_SOURCE },
    { .basename = PRQ_SI("uv.lock"), .max_bytes = LOCK_BYTES, .modes = PRQ_WANT_SOURCE },
    { .basename = PRQ_SI("pdm.lock"), .max_bytes = LOCK_BYTES, .modes = PRQ_WANT_SOURCE },
    { .suffix = PRQ_SI(".py.lock"), .max_bytes = LOCK_BYTES, .modes = PRQ_WANT_SOURCE },
    { .suffix = PRQ_SI(".toml"), .contains = PRQ_SI("pylock."), .max_bytes = LOCK_BYTES,
      .modes = PRQ_WANT_SOURCE },
    { .basename = PRQ_SI("setup.py"), .max_bytes = PRQ_MIB(4), .modes = PRQ_WANT_SOURCE },
    { .max_bytes = 0 },
};

static bool put(struct prq_sink *sink, struct prq_package *p, struct prq_err *err)
{
    if (p->name.n == 0)
        return true;
    p->type = PRQ_S("pypi");
    p->flags |= PRQ_PKG_DECLARED;
    return prq_sink_package(sink, p) || prq_sink_full(err);
}

static prq_str vcs_url(struct prq_arena *a, prq_str vcs, prq_str url, prq_str commit)
{
    if (url.n == 0)
        return url;
    return prq_arena_printf(a, "%.*s+%.*s%s%.*s", PRQ_FMT(vcs), PRQ_FMT(url), commit.n ? "@" : "",
                            PRQ_FMT(commit));
}

/* ---- one requirement */

static bool is_name_char(char c)
{
    return prq_is_alnum(c) || c == '-' || c == '_' || c == '.';
}

static prq_str skip_blanks(prq_str s)
{
    while (s.n && prq_is_space(s.p[0]))
        s = prq_str_from_at(s, 1);
    return s;
}

/* A version as people write them: starts like one and has no wildcard. */
static bool is_version(prq_str v, bool is_arbitrary)
{
    if (v.n == 0 || !(prq_is_digit(v.p[0]) || v.p[0] == 'v' || is_arbitrary))
        return false;
    for (size_t i = 0; i < v.n; i++)
        if (!prq_is_alnum(v.p[i]) && !memchr(".+!-_", v.p[i], 5))
            return false;
    return true;
}

/* The version that "==1.0, !=2" pins; empty when it pins none ("==1.4.*" names many). */
static prq_str pinned(prq_str clauses, bool *is_strange)
{
    prq_str one;
    *is_strange = false;
    if (clauses.n && clauses.p[0] == '(' && clauses.p[clauses.n - 1] == ')')
        clauses = (prq_str){ clauses.p + 1, clauses.n - 2 };
    while (prq_str_split(&clauses, ',', &one)) {
        one = prq_str_trim(one);
        bool is_arbitrary = prq_str_starts(one, PRQ_S("==="));
        if (!is_arbitrary && !prq_str_starts(one, PRQ_S("==")))
            continue;
        prq_str v = prq_str_trim(prq_str_from_at(one, is_arbitrary ? 3 : 2));
        if (is_version(v, is_arbitrary))
            return v;
        *is_strange = *is_strange || !prq_str_ends(v, PRQ_S("*"));
    }
    return (prq_str){ 0 };
}

enum verdict { NO_REQUIREMENT, UNPINNED, PINNED };

/* "name[extra] (==1.0) ; marker": name and version, views into it. */
static enum verdict read_requirement(prq_str s, prq_str *name, prq_str *version)
{
    s = prq_str_trim(prq_str_head(s, prq_str_find(s, ';')));
    size_t n = 0;
    while (n < s.n && is_name_char(s.p[n]))
        n++;
    if (n == 0 || !prq_is_alnum(s.p[0]) || !prq_is_alnum(s.p[n - 1]))
        return NO_REQUIREMENT;
    *name = prq_str_head(s, n);
    s = skip_blanks(prq_str_from_at(s, n));
    if (s.n && s.p[0] == '[') {
        size_t end = prq_str_find(s, ']');
        if (end == s.n)
            return NO_REQUIREMENT;
        s = skip_blanks(prq_str_from_at(s, end + 1));
    }
    if (s.n && !memchr("=<>!~(@", s.p[0], 7))
        return NO_REQUIREMENT;
    bool is_strange;
    *version = pinned(s, &is_strange);
    if (is_strange && !version->n)
        return NO_REQUIREMENT;
    return version->n ? PINNED : UNPINNED;
}

static bool put_requirement(struct prq_sink *sink, prq_str text, bool *is_one, struct prq_err *err)
{
    prq_str name = { 0 }, version = { 0 };
    enum verdict v = read_requirement(text, &name, &version);
    *is_one = v != NO_REQUIREMENT;
    if (v != PINNED)
        return true;
    struct prq_package p = { .name = name, .version = version };
    return put(sink, &p, err);
}

/* ---- requirements files */

/* Text in UTF-16 with a byte order mark becomes UTF-8; a mark of UTF-8 goes. */
static bool decode(prq_bytes in, struct prq_arena *a, prq_str *out)
{
    *out = prq_str_of(in);
    if (prq_str_starts(*out, PRQ_S("\xef\xbb\xbf")))
        *out = prq_str_from_at(*out, 3);
    bool little = in.n >= 2 && in.p[0] == 0xff && in.p[1] == 0xfe;
    if (!little && !(in.n >= 2 && in.p[0] == 0xfe && in.p[1] == 0xff))
        return true;
    char *text = prq_new_n(a, char, in.n);
    size_t n = 0;
    if (!text)
        return false;
    for (size_t i = 2; i + 1 < in.n; i += 2) {
        unsigned c = little ? in.p[i] | (unsigned)in.p[i + 1] << 8 : (unsigned)in.p[i] << 8 | in.p[i + 1];
        text[n++] = c < 0x80 ? (char)c : '?'; /* names and versions are ASCII */
    }
    *out = (prq_str){ text, n };
    return true;
}

/* A line without its comment and its options: "x==1 --hash=… # why" to "x==1". */
static prq_str bare(prq_str line)
{
    line = prq_str_head(line, prq_str_find(line, '#'));
    for (size_t i = 1; i + 1 < line.n; i++)
        if (line.p[i] == '-' && line.p[i + 1] == '-' && prq_is_space(line.p[i - 1]))
            return prq_str_trim(prq_str_head(line, i));
    return prq_str_trim(line);
}

static bool is_skipped(prq_str line)
{
    return line.n == 0 || line.p[0] == '-' || prq_str_has(line, PRQ_S("://")) ||
           line.p[0] == '.' || line.p[0] == '/';
}

/* Only the first part of a continued line matters: name and pin come before the options. */
static bool run_requirements(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                             struct prq_err *err)
{
    prq_str text, line, dir = prq_path_base(prq_path_dir(in->file->path));
    if (!prq_str_has(prq_path_base(in->file->path), PRQ_S("requirements")) &&
        !prq_str_eq(dir, PRQ_S("requirements")))
        return true;
    if (!decode(in->data, ctx->scratch, &text))
        return prq_fail(err, PRQ_E_LIMIT, "file too large");
    struct prq_loss loss = { 0 };
    const char *start = text.p;
    bool is_continued = false, is_one;
    while (prq_str_line(&text, &line)) {
        bool was_continued = is_continued;
        is_continued = line.n && line.p[line.n - 1] == '\\';
        if (is_continued)
            line.n--;
        prq_str one = bare(line);
        if (was_continued || is_skipped(one))
            continue;
        if (!put_requirement(sink, one, &is_one, err))
            return false;
        if (!is_one)
            prq_loss_add(&loss, (size_t)(line.p - start), "not a requirement");
    }
    return prq_loss_report(&loss, sink) || prq_sink_full(err);
}

/* ---- setup.py: the strings of install_requires = [ … ], when it is written out */

static bool run_setup(prq_str text, struct prq_sink *sink, struct prq_err *err)
{
    size_t at = prq_str_search(text, PRQ_S("install_requires"));
    text = skip_blanks(prq_str_from_at(text, at + strlen("install_requires")));
    if (text.n == 0 || text.p[0] != '=')
        return true;
    text = skip_blanks(prq_str_from_at(text, 1));
    if (text.n == 0 || (text.p[0] != '[' && text.p[0] != '('))
        return true;
    size_t i = 1;
    bool is_one;
    while (i < text.n && text.p[i] != ']' && text.p[i] != ')') {
        char c = text.p[i++];
        prq_str rest = prq_str_from_at(text, i);
        if (c == '#') {
            i += prq_str_find(rest, '\n');
        } else if (c == '\'' || c == '"') {
            size_t n = prq_str_find(rest, c);
            if (!put_requirement(sink, prq_str_head(rest, n), &is_one, err))
                return false;
            i += n + 1;
        }
    }
    return true;
}

/* ---- Pipfile.lock: {"default": {name: {"version": "==1.0"}}, "develop": {…}} */

struct pipfile {
    prq_str version, git, ref;
};

static void read_pipfile_entry(struct prq_json *j, struct pipfile *e)
{
    prq_str key;
    if (!prq_json_enter_object(j)) {
        prq_json_string_or_skip(j, &e->version); /* "name": "==1.0" or "*" */
        return;
    }
    while (prq_json_key(j, &key)) {
        if (prq_str_eq(key, PRQ_S("version")))
            prq_json_string_or_skip(j, &e->version);
        else if (prq_str_eq(key, PRQ_S("git")))
            prq_json_string_or_skip(j, &e->git);
        else if (prq_str_eq(key, PRQ_S("ref")))
            prq_json_string_or_skip(j, &e->ref);
        else
            prq_json_skip(j);
    }
}

static bool read_pipfile_group(struct prq_json *j, uint32_t flags, struct prq_sink *sink,
                               struct prq_err *err)
{
    prq_str name;
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return true;
    }
    while (prq_json_key(j, &name)) {
        struct pipfile e = { 0 };
        bool is_strange;
        read_pipfile_entry(j, &e);
        if (j->bad)
            return true;
        struct prq_package p = {
            .name = name,
            .version = pinned(e.version, &is_strange),
            .vcs_url = vcs_url(j->arena, PRQ_S("git"), e.git, e.ref),
            .flags = flags,
        };
        if (!put(sink, &p, err))
            return false;
    }
    return true;
}

static bool run_pipfile(struct prq_ctx *ctx, prq_str text, struct prq_sink *sink,
                        struct prq_err *err)
{
    struct prq_json j;
    prq_str key;
    prq_json_init(&j, text, ctx->scratch, ctx->limits);
    if (!prq_json_enter_object(&j))
        prq_json_skip(&j);
    else
        while (prq_json_key(&j, &key)) {
            if (prq_str_eq(key, PRQ_S("_meta"))) {
                prq_json_skip(&j);
                continue;
            }
            /* "develop", and the named categories of newer Pipenv, which are not installed unless
             * asked for. */
            uint32_t flags = prq_str_eq(key, PRQ_S("default")) ? 0 : PRQ_PKG_DEV;
            if (!read_pipfile_group(&j, flags, sink, err))
                return false;
        }
    return prq_json_end(&j, err);
}

/* ---- TOML lock files: [[package]] with name, version, source */

static bool has_text(const struct prq_toml *array, prq_str text)
{
    for (const struct prq_toml *i = prq_toml_first(array); i; i = i->next)
        if (i->type == PRQ_TOML_STRING && prq_str_eq(i->text, text))
            return true;
    return false;
}

/* Poetry before 1.5 writes a category, later ones (2.0 on) and PDM groups; without either nothing
 * is known. */
static bool is_dev(const struct prq_toml *p)
{
    if (prq_str_eq(prq_toml_string(p, PRQ_S("category")), PRQ_S("dev")))
        return true;
    const struct prq_toml *groups = prq_toml_find(p, PRQ_S("groups"));
    return prq_toml_first(groups) && !has_text(groups, PRQ_S("main")) &&
           !has_text(groups, PRQ_S("default"));
}

/* Where it is taken from, when that is a repository:
 *     poetry  [package.source] type = "git", url, resolved_reference
 *     pdm     git, revision
 *     uv      source = { git = "https://…?rev=x#commit" }
 *     pylock  [packages.vcs] type, url, commit-id */
static prq_str origin_of(const struct prq_toml *p, struct prq_arena *a)
{
    const struct prq_toml *source = prq_toml_find(p, PRQ_S("source"));
    const struct prq_toml *vcs = prq_toml_find(p, PRQ_S("vcs"));
    if (prq_str_eq(prq_toml_string(source, PRQ_S("type")), PRQ_S("git")))
        return vcs_url(a, PRQ_S("git"), prq_toml_string(source, PRQ_S("url")),
                       prq_toml_string(source, PRQ_S("resolved_reference")));
    if (vcs)
        return vcs_url(a, prq_toml_string(vcs, PRQ_S("type")), prq_toml_string(vcs, PRQ_S("url")),
                       prq_toml_string(vcs, PRQ_S("commit-id")));
    prq_str git = prq_toml_string(p, PRQ_S("git"));
    if (git.n)
        return vcs_url(a, PRQ_S("git"), git, prq_toml_string(p, PRQ_S("revision")));
    git = prq_toml_string(source, PRQ_S("git"));
    prq_str url = git, commit = { 0 };
    if (prq_str_rcut(git, '#', &url, &commit))
        url = prq_str_head(url, prq_str_find(url, '?'));
    return vcs_url(a, PRQ_S("git"), url, commit);
}

/* The project itself: uv says so by its source, pylock.toml by a directory. */
static bool is_own(const struct prq_toml *p)
{
    const struct prq_toml *source = prq_toml_find(p, PRQ_S("source"));
    return prq_toml_find(source, PRQ_S("virtual")) || prq_toml_find(source, PRQ_S("editable")) ||
           prq_toml_find(p, PRQ_S("directory"));
}

/* A table by name (poetry), a list of tables with a name (uv, pylock), or of requirements (pdm). */
static bool add_depends(const struct prq_toml *list, struct prq_arena *a, struct prq_strs *out,
                        size_t *cap)
{
    for (const struct prq_toml *i = prq_toml_first(list); i; i = i->next) {
        prq_str name = { 0 }, version;
        if (list->type == PRQ_TOML_TABLE)
            name = i->key;
        else if (i->type == PRQ_TOML_TABLE)
            name = prq_toml_string(i, PRQ_S("name"));
        else if (i->type == PRQ_TOML_STRING)
            read_requirement(i->text, &name, &version);
        if (!prq_strs_add(out, cap, name, a))
            return false;
    }
    return true;
}

/* uv lists below "optional-dependencies" what the extras in use add. */
static bool depends_of(const struct prq_toml *p, struct prq_arena *a, struct prq_strs *out)
{
    size_t cap = 0;
    if (!add_depends(prq_toml_find(p, PRQ_S("dependencies")), a, out, &cap))
        return false;
    const struct prq_toml *extras = prq_toml_find(p, PRQ_S("optional-dependencies"));
    for (const struct prq_toml *extra = prq_toml_first(extras); extra; extra = extra->next)
        if (!add_depends(extra, a, out, &cap))
            return false;
    return true;
}

/* uv tells what only development needs by leaving it out of the project's own dependencies. */
static bool add_roots(struct prq_lockgraph *g, struct prq_strs direct)
{
    g->has_roots = true;
    for (size_t i = 0; i < direct.n; i++)
        if (!prq_lockgraph_root(g, direct.v[i]))
            return false;
    return true;
}

static bool add_package(struct prq_lockgraph *g, const struct prq_toml *t, bool is_uv)
{
    struct prq_package p = {
        .type = PRQ_S("pypi"),
        .name = prq_toml_string(t, PRQ_S("name")),
        .version = prq_toml_string(t, PRQ_S("version")),
        .vcs_url = origin_of(t, g->arena),
        .flags = PRQ_PKG_DECLARED | (is_dev(t) ? PRQ_PKG_DEV : 0) |
                 (is_own(t) ? PRQ_PKG_APPLICATION : 0),
    };
    if (p.name.n == 0)
        return true;
    if (!depends_of(t, g->arena, &p.depends))
        return false;
    if (is_uv && is_own(t) && !add_roots(g, p.depends))
        return false;
    return prq_lockgraph_add(g, &p, (prq_str){ 0 });
}

static bool run_toml(struct prq_ctx *ctx, prq_str text, prq_str list, bool is_uv,
                     struct prq_sink *sink, struct prq_err *err)
{
    const struct prq_toml *doc;
    struct prq_lockgraph g;
    if (!prq_toml_parse(text, ctx->scratch, ctx->limits, &doc, err))
        return false;
    prq_lockgraph_init(&g, ctx->scratch);
    const struct prq_toml *packages = prq_toml_find(doc, list);
    for (const struct prq_toml *i = prq_toml_first(packages); i; i = i->next)
        if (!add_package(&g, i, is_uv))
            return prq_fail(err, PRQ_E_LIMIT, "too many packages");
    return prq_lockgraph_put(&g, sink, err);
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    prq_str base = prq_path_base(in->file->path), text = prq_str_of(in->data);
    if (prq_str_ends(base, PRQ_S(".txt")))
        return run_requirements(ctx, in, sink, err);
    if (prq_str_eq(base, PRQ_S("setup.py")))
        return run_setup(text, sink, err);
    if (prq_str_eq(base, PRQ_S("Pipfile.lock")))
        return run_pipfile(ctx, text, sink, err);
    if (prq_str_ends(base, PRQ_S(".toml")))
        return !prq_str_starts(base, PRQ_S("pylock.")) ||
               run_toml(ctx, text, PRQ_S("packages"), false, sink, err);
    bool is_uv = prq_str_eq(base, PRQ_S("uv.lock")) || prq_str_ends(base, PRQ_S(".py.lock"));
    return run_toml(ctx, text, PRQ_S("package"), is_uv, sink, err);
}

const struct prq_analyzer prq_analyzer_pythonlock = {
    .name = "pythonlock",
    .purl_type = "pypi",
    .summary = "Python packages asked for: requirements, Pipfile, poetry, uv, pdm, pylock, setup.py",
    .revision = 2,
    .wants = wants,
    .run = run,
};
