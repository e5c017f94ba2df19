/* SPDX-License-Identifier: Apache-2.0 */
/* Specifications of gems are Ruby programs. The ones that RubyGems writes when it installs have a
 * fixed form; those of source trees are read where they give literal values:
 *
 *     # stub: NAME VERSION PLATFORM REQUIRE_PATHS
 *     Gem::Specification.new do |s|
 *       s.name = "x".freeze
 *       s.version = "1.2.3"                  or Gem::Version.new("1.2.3"), or a variable
 *       s.platform = "x86_64-linux".freeze
 *       s.licenses = ["MIT".freeze]
 *       s.add_runtime_dependency(%q<y>.freeze, [">= 1"])
 *
 * Inside of .gem files, and by old RubyGems, they are written as YAML:
 *
 *     --- !ruby/object:Gem::Specification
 *     name: x
 *     version: !ruby/object:Gem::Version
 *       version: 1.2.3
 *     dependencies:
 *     - !ruby/object:Gem::Dependency
 *       name: y
 *       type: :runtime
 *
 * Source: RubyGems Guides, "Specification Reference"; Gem::Specification#to_ruby, #to_yaml and
 * Gem::StubSpecification of RubyGems; catalog.md 4.6. */
#include "analyze/gemspec.h"

#include "analyze/lockgraph.h"
#include "analyze/rubytoken.h"
#include "base/map.h"
#include "lib/yaml.h"

struct reader {
    struct prq_ruby ruby;
    struct prq_arena *arena;
    struct prq_gemspec *out;
    struct prq_map variables; /* to an index into values */
    prq_str *values;
    size_t value_count, value_cap;
    struct prq_map runtime, development; /* names of dependencies */
    struct prq_strs plain;               /* of add_dependency: older files repeat all of them so */
    size_t plain_cap, depend_cap, license_cap;
    bool is_full;
    bool has_next; /* a token was read too many */
    struct prq_ruby_token next;
};

static struct prq_ruby_token take(struct reader *r)
{
    if (r->has_next) {
        r->has_next = false;
        return r->next;
    }
    return prq_ruby_next(&r->ruby);
}

static struct prq_ruby_token peek(struct reader *r)
{
    if (!r->has_next)
        r->next = prq_ruby_next(&r->ruby);
    r->has_next = true;
    return r->next;
}

static bool is_mark(struct prq_ruby_token t, prq_str text)
{
    return t.kind == PRQ_RUBY_MARK && prq_str_eq(t.text, text);
}

static bool is_word(struct prq_ruby_token t, prq_str text)
{
    return t.kind == PRQ_RUBY_WORD && prq_str_eq(t.text, text);
}

static bool skip_mark(struct reader *r, prq_str text)
{
    bool is_there = is_mark(peek(r), text);
    if (is_there)
        take(r);
    return is_there;
}

/* ---- values */

/* "A::B::C" and "C" are the same here. */
static prq_str last_part(prq_str path)
{
    size_t at = prq_str_rfind(path, ':');
    return at < path.n ? prq_str_from_at(path, at + 1) : path;
}

static prq_str variable(void *user, prq_str name)
{
    struct reader *r = user;
    const size_t *at = prq_map_find(&r->variables, last_part(name));
    return at ? r->values[*at] : (prq_str){ 0 };
}

static void keep_variable(struct reader *r, prq_str name, prq_str value)
{
    bool added;
    size_t *at = prq_map_put(&r->variables, name, r->value_count, &added);
    if (at && !added) {
        r->values[*at] = value;
        return;
    }
    if (!at || (r->value_count == r->value_cap &&
                !prq_arena_grow(r->arena, &r->values, sizeof *r->values, &r->value_cap,
                                r->value_count + 1))) {
        r->is_full = true;
        return;
    }
    r->values[r->value_count++] = value;
}

static prq_str text_of(struct reader *r, const struct prq_ruby_token *t)
{
    return prq_ruby_text(t, variable, r, r->arena);
}

/* A::B::C after its first word: the last one. */
static prq_str take_path(struct reader *r, prq_str first)
{
    while (skip_mark(r, PRQ_S("::"))) {
        if (peek(r).kind != PRQ_RUBY_WORD)
            break;
        first = take(r).text;
    }
    return first;
}

/* After a value: calls that do not change it, and then nothing, or a condition. */
static bool is_whole_value(struct reader *r)
{
    static const prq_str same[] = { PRQ_SI("freeze"), PRQ_SI("dup"), PRQ_SI("to_s") };
    while (skip_mark(r, PRQ_S("."))) {
        struct prq_ruby_token call = take(r);
        bool is_same = false;
        for (size_t i = 0; i < PRQ_COUNT(same); i++)
            is_same = is_same || is_word(call, same[i]);
        if (!is_same)
            return false;
        if (skip_mark(r, PRQ_S("(")) && !skip_mark(r, PRQ_S(")")))
            return false;
    }
    struct prq_ruby_token t = peek(r);
    return t.kind == PRQ_RUBY_NEWLINE || t.kind == PRQ_RUBY_END || is_mark(t, PRQ_S("}")) ||
           is_word(t, PRQ_S("if")) || is_word(t, PRQ_S("unless")) || is_word(t, PRQ_S("end"));
}

/* new("1.2") or new "1.2", after the dot. */
static prq_str take_new(struct reader *r)
{
    prq_str value = { 0 };
    if (!is_word(peek(r), PRQ_S("new")) && !is_word(peek(r), PRQ_S("create")))
        return value;
    take(r);
    bool has_paren = skip_mark(r, PRQ_S("("));
    if (peek(r).kind != PRQ_RUBY_STRING)
        return value;
    struct prq_ruby_token t = take(r);
    value = text_of(r, &t);
    while (has_paren && skip_mark(r, PRQ_S("."))) {
        if (!is_word(take(r), PRQ_S("freeze")))
            return (prq_str){ 0 };
    }
    return has_paren && !skip_mark(r, PRQ_S(")")) ? (prq_str){ 0 } : value;
}

/* A literal string, a version made of one, or a variable. p == NULL: something else. */
static prq_str take_value(struct reader *r)
{
    struct prq_ruby_token t = peek(r);
    prq_str value = { 0 };
    if (t.kind == PRQ_RUBY_STRING) {
        take(r);
        value = text_of(r, &t);
    } else if (t.kind == PRQ_RUBY_WORD) {
        take(r);
        prq_str path = take_path(r, t.text);
        if (prq_str_eq(path, PRQ_S("RUBY")))
            value = PRQ_S("ruby"); /* Gem::Platform::RUBY */
        else if ((prq_str_eq(path, PRQ_S("Version")) || prq_str_eq(path, PRQ_S("Platform"))) &&
                 skip_mark(r, PRQ_S(".")))
            value = take_new(r);
        else
            value = variable(r, path);
    }
    return value.p && is_whole_value(r) ? value : (prq_str){ 0 };
}

/* ["a".freeze, "b"], %w(a b), "a". */
static void take_strings(struct reader *r, struct prq_strs *list, size_t *cap)
{
    struct prq_ruby_token t = peek(r);
    if (t.kind == PRQ_RUBY_LIST) {
        take(r);
        prq_str rest = t.text, word;
        while (prq_str_split(&rest, ' ', &word))
            r->is_full |= !prq_strs_add(list, cap, prq_str_trim(word), r->arena);
        return;
    }
    bool has_bracket = skip_mark(r, PRQ_S("["));
    for (t = peek(r); t.kind == PRQ_RUBY_STRING; t = peek(r)) {
        take(r);
        prq_str text = text_of(r, &t);
        r->is_full |= !prq_strs_add(list, cap, text, r->arena);
        if (skip_mark(r, PRQ_S(".")))
            take(r);
        if (!has_bracket || !skip_mark(r, PRQ_S(",")))
            return;
        while (peek(r).kind == PRQ_RUBY_NEWLINE)
            take(r);
    }
}

/* ---- what is said of the gem */

static void keep_first(prq_str *field, prq_str value)
{
    if (field->n == 0)
        *field = value;
}

static void assign(struct reader *r, prq_str attribute)
{
    struct prq_gemspec *g = r->out;
    if (prq_str_eq(attribute, PRQ_S("name")))
        keep_first(&g->name, take_value(r));
    else if (prq_str_eq(attribute, PRQ_S("version")))
        keep_first(&g->version, take_value(r));
    else if (prq_str_eq(attribute, PRQ_S("platform")))
        keep_first(&g->platform, take_value(r));
    else if (prq_str_eq(attribute, PRQ_S("licenses")) || prq_str_eq(attribute, PRQ_S("license")))
        take_strings(r, &g->licenses, &r->license_cap);
}

static bool keep_name(struct reader *r, struct prq_map *names, prq_str name)
{
    bool added;
    r->is_full |= !prq_map_put(names, name, 0, &added);
    return !r->is_full && added;
}

static void call(struct reader *r, prq_str method)
{
    bool is_runtime = prq_str_eq(method, PRQ_S("add_runtime_dependency"));
    bool is_development = prq_str_eq(method, PRQ_S("add_development_dependency"));
    if (!is_runtime && !is_development && !prq_str_eq(method, PRQ_S("add_dependency")))
        return;
    skip_mark(r, PRQ_S("("));
    struct prq_ruby_token t = peek(r);
    prq_str name = t.kind == PRQ_RUBY_STRING ? text_of(r, &t) : (prq_str){ 0 };
    if (name.n == 0)
        return;
    if (is_development)
        keep_name(r, &r->development, name);
    else if (!is_runtime)
        r->is_full |= !prq_strs_add(&r->plain, &r->plain_cap, name, r->arena);
    else if (keep_name(r, &r->runtime, name))
        r->is_full |= !prq_strs_add(&r->out->depends, &r->depend_cap, name, r->arena);
}

/* Gem::Specification.new("name", "version"); the word new is next. */
static void construct(struct reader *r)
{
    prq_str *fields[] = { &r->out->name, &r->out->version };
    take(r);
    bool has_paren = skip_mark(r, PRQ_S("("));
    for (size_t i = 0; i < PRQ_COUNT(fields) && peek(r).kind == PRQ_RUBY_STRING; i++) {
        struct prq_ruby_token t = take(r);
        keep_first(fields[i], text_of(r, &t));
        if (!skip_mark(r, PRQ_S(",")))
            break;
    }
    if (has_paren)
        skip_mark(r, PRQ_S(")"));
}

/* A word at the start of a statement. */
static void statement(struct reader *r, prq_str word)
{
    if (skip_mark(r, PRQ_S("="))) {
        prq_str value = take_value(r);
        if (value.p)
            keep_variable(r, word, value);
        return;
    }
    word = take_path(r, word);
    if (!skip_mark(r, PRQ_S(".")) || peek(r).kind != PRQ_RUBY_WORD)
        return;
    if (prq_str_eq(word, PRQ_S("Specification")) && is_word(peek(r), PRQ_S("new"))) {
        construct(r);
        return;
    }
    prq_str attribute = take(r).text;
    if (skip_mark(r, PRQ_S("=")))
        assign(r, attribute);
    else
        call(r, attribute);
}

static void read_ruby(struct reader *r)
{
    struct prq_ruby_token t, last = { .kind = PRQ_RUBY_NEWLINE };
    while ((t = take(r)).kind != PRQ_RUBY_END && !r->is_full) {
        if (t.kind == PRQ_RUBY_WORD && !is_mark(last, PRQ_S(".")) && !is_mark(last, PRQ_S(":")))
            statement(r, t.text);
        last = r->ruby.last;
        if (r->has_next) /* `last` is that one, and not yet read here */
            last = (struct prq_ruby_token){ .kind = PRQ_RUBY_NEWLINE };
    }
}

static void join_depends(struct reader *r)
{
    for (size_t i = 0; i < r->plain.n && !r->is_full; i++) {
        prq_str name = r->plain.v[i];
        if (!prq_map_find(&r->development, name) && keep_name(r, &r->runtime, name))
            r->is_full |= !prq_strs_add(&r->out->depends, &r->depend_cap, name, r->arena);
    }
}

/* ---- what else tells */

static prq_str take_field(prq_str *s)
{
    *s = prq_str_trim(*s);
    size_t n = prq_str_find(*s, ' ');
    prq_str field = prq_str_head(*s, n);
    *s = prq_str_from_at(*s, n);
    return field;
}

/* "# stub: NAME VERSION PLATFORM …" among the first comments. */
static void read_stub(prq_str text, struct prq_gemspec *g)
{
    static const prq_str mark = PRQ_SI("# stub: ");
    prq_str line;
    while (prq_str_line(&text, &line) && line.n && line.p[0] == '#') {
        if (!prq_str_starts(line, mark))
            continue;
        prq_str rest = prq_str_from_at(line, mark.n);
        prq_str name = take_field(&rest), version = take_field(&rest), platform = take_field(&rest);
        if (version.n == 0 || !prq_is_digit(version.p[0]))
            return;
        g->is_guessed = g->is_guessed || g->name.n == 0 || g->version.n == 0;
        keep_first(&g->name, name);
        keep_first(&g->version, version);
        keep_first(&g->platform, platform);
        return;
    }
}

/* Where "name-2fa-1.2.3-universal-darwin-20" has its version: at the first part with a digit first
 * and a dot in it; stem.n when there is none. */
static size_t version_at(prq_str stem)
{
    prq_str rest = stem, part;
    while (prq_str_split(&rest, '-', &part))
        if (part.p > stem.p && part.n && prq_is_digit(part.p[0]) &&
            prq_str_find(part, '.') < part.n)
            return (size_t)(part.p - stem.p);
    return stem.n;
}

static void read_file_name(prq_str file, struct prq_gemspec *g)
{
    static const prq_str end = PRQ_SI(".gemspec");
    if (!prq_str_ends(file, end))
        return;
    prq_str stem = prq_str_head(file, file.n - end.n), version, platform;
    size_t at = version_at(stem);
    if (at == stem.n)
        return;
    prq_gem_split(prq_str_from_at(stem, at), &version, &platform);
    g->is_guessed = g->is_guessed || g->name.n == 0 || g->version.n == 0;
    keep_first(&g->name, prq_str_head(stem, at - 1));
    keep_first(&g->version, version);
    keep_first(&g->platform, platform);
}

/* ---- YAML */

bool prq_gemspec_is_yaml(prq_str text)
{
    return prq_str_starts(text, PRQ_S("--- !ruby/object:Gem::Specification"));
}

/* A text, or an object that holds one under `key`. */
static prq_str text_in(const struct prq_yaml_node *node, prq_str key)
{
    return prq_yaml_is(node, PRQ_YAML_MAP) ? prq_yaml_text(prq_yaml_find(node, key))
                                           : prq_yaml_text(node);
}

static bool add_dependency(struct prq_gemspec *out, size_t *cap, const struct prq_yaml_node *d,
                           struct prq_arena *a)
{
    bool is_development = prq_str_eq(prq_yaml_text(prq_yaml_find(d, PRQ_S("type"))),
                                     PRQ_S(":development"));
    return is_development ||
           prq_strs_add(&out->depends, cap, prq_yaml_text(prq_yaml_find(d, PRQ_S("name"))), a);
}

static bool read_yaml(prq_str text, struct prq_arena *a, struct prq_gemspec *out,
                      struct prq_err *err)
{
    const struct prq_yaml_doc *doc;
    if (!prq_yaml_parse(prq_bytes_of(text), &prq_limits_default, a, &doc, err))
        return false;
    const struct prq_yaml_node *root = doc ? doc->root : NULL;
    const struct prq_yaml_node *depends = prq_yaml_find(root, PRQ_S("dependencies"));
    const struct prq_yaml_node *licenses = prq_yaml_find(root, PRQ_S("licenses"));
    size_t depend_cap = 0, license_cap = 0;
    bool ok = true;
    out->name = prq_yaml_text(prq_yaml_find(root, PRQ_S("name")));
    out->version = text_in(prq_yaml_find(root, PRQ_S("version")), PRQ_S("version"));
    out->platform = text_in(prq_yaml_find(root, PRQ_S("platform")), PRQ_S("os"));
    if (prq_yaml_is(depends, PRQ_YAML_SEQ))
        for (size_t i = 0; ok && i < depends->n; i++)
            ok = add_dependency(out, &depend_cap, depends->items[i], a);
    if (prq_yaml_is(licenses, PRQ_YAML_SEQ))
        for (size_t i = 0; ok && i < licenses->n; i++)
            ok = prq_strs_add(&out->licenses, &license_cap, prq_yaml_text(licenses->items[i]), a);
    return ok || prq_fail(err, PRQ_E_LIMIT, "too many values");
}

bool prq_gem_is_installed(prq_str path)
{
    return prq_str_ends(path, PRQ_S(".gemspec")) &&
           (prq_str_starts(path, PRQ_S("specifications/")) ||
            prq_str_has(path, PRQ_S("/specifications/")));
}

void prq_gem_split(prq_str full, prq_str *version, prq_str *platform)
{
    *version = full;
    *platform = (prq_str){ 0 };
    (void)prq_str_cut(full, '-', version, platform);
}

bool prq_gem_qualify(struct prq_package *p, prq_str platform, prq_str repository,
                     struct prq_arena *a)
{
    const struct {
        const char *key;
        prq_str value;
    } all[] = { { "platform", platform }, { "repository_url", repository } };
    if (platform.n == 0 && repository.n == 0)
        return true;
    p->qualifiers = (struct prq_strs){ prq_new_n(a, prq_str, PRQ_COUNT(all)), 0 };
    for (size_t i = 0; p->qualifiers.v && i < PRQ_COUNT(all); i++) {
        if (all[i].value.n == 0)
            continue;
        prq_str text = prq_arena_printf(a, "%s=%.*s", all[i].key, PRQ_FMT(all[i].value));
        if (!text.p)
            return false;
        p->qualifiers.v[p->qualifiers.n++] = text;
    }
    return p->qualifiers.v != NULL;
}

bool prq_gemspec_read(prq_str text, prq_str file_name, struct prq_arena *a,
                      struct prq_gemspec *out, struct prq_err *err)
{
    *out = (struct prq_gemspec){ 0 };
    if (prq_gemspec_is_yaml(text)) {
        bool ok = read_yaml(text, a, out, err);
        if (prq_str_eq(out->platform, PRQ_S("ruby")))
            out->platform.n = 0;
        if (ok && (out->name.n == 0 || out->version.n == 0))
            read_file_name(file_name, out);
        return ok;
    }
    struct reader r = { .arena = a, .out = out };
    prq_ruby_init(&r.ruby, text);
    prq_map_init(&r.variables, a);
    prq_map_init(&r.runtime, a);
    prq_map_init(&r.development, a);
    read_ruby(&r);
    join_depends(&r);
    read_stub(text, out);
    if (out->name.n == 0 || out->version.n == 0)
        read_file_name(file_name, out);
    if (prq_str_eq(out->platform, PRQ_S("ruby")))
        out->platform.n = 0;
    if (r.is_full)
        return prq_fail(err, PRQ_E_LIMIT, "too many values");
    if (r.ruby.is_cut)
        return prq_fail_at(err, PRQ_E_FORMAT, r.ruby.cut_at, "a string has no end");
    return true;
}
