/* SPDX-License-Identifier: Apache-2.0 */
/* The user's ignore rules. Source: matching.md 6.4; policy.md 11.4. */
#include <stdlib.h>

#include "base/limits.h"
#include "base/when.h"
#include "lib/regex.h"
#include "match/decide.h"

enum { DAY_S = 86400 };

struct ignore_rule {
    struct prq_ignore_rule *rule;
    bool is_expired;
    struct prq_purl *purls;
    size_t purl_count;
    struct prq_regex *name, *upstream, **paths;
    size_t path_count;
};

struct prq_ignoring {
    struct prq_matching *m;
    struct ignore_rule *rules;
    size_t count;
};

/* ---- preparing */

/* A doublestar glob as an expression: "**" over any directories, '*' and '?' within one,
 * "[a-z]", "{a,b}". A leading slash means nothing: paths of images have none. */
static bool glob_to_regex(prq_str glob, struct prq_buf *out)
{
    size_t braces = 0;
    while (glob.n && glob.p[0] == '/')
        glob = prq_str_from_at(glob, 1);
    prq_buf_str(out, PRQ_S("\\A"));
    for (size_t i = 0; i < glob.n; i++) {
        char c = glob.p[i];
        bool is_double = c == '*' && i + 1 < glob.n && glob.p[i + 1] == '*';
        if (is_double && i + 2 < glob.n && glob.p[i + 2] == '/') {
            prq_buf_str(out, PRQ_S("(?:.*/)?"));
            i += 2;
        } else if (is_double) {
            prq_buf_str(out, PRQ_S(".*"));
            i++;
        } else if (c == '*') {
            prq_buf_str(out, PRQ_S("[^/]*"));
        } else if (c == '?') {
            prq_buf_str(out, PRQ_S("[^/]"));
        } else if (c == '[') {
            size_t end = i + 1;
            while (end < glob.n && glob.p[end] != ']')
                end++;
            if (end == glob.n || end == i + 1)
                return false;
            prq_buf_byte(out, '[');
            for (size_t k = i + 1; k < end; k++) {
                bool is_not = k == i + 1 && (glob.p[k] == '!' || glob.p[k] == '^');
                if (!is_not && !prq_is_alnum(glob.p[k]) && glob.p[k] != '-')
                    prq_buf_byte(out, '\\');
                prq_buf_byte(out, is_not ? '^' : (uint8_t)glob.p[k]);
            }
            prq_buf_byte(out, ']');
            i = end;
        } else if (c == '{') {
            braces++;
            prq_buf_str(out, PRQ_S("(?:"));
        } else if (c == '}' && braces) {
            braces--;
            prq_buf_byte(out, ')');
        } else if (c == ',' && braces) {
            prq_buf_byte(out, '|');
        } else {
            if (!prq_is_alnum(c) && c != '/' && c != '_')
                prq_buf_byte(out, '\\');
            prq_buf_byte(out, (uint8_t)c);
        }
    }
    prq_buf_str(out, PRQ_S("\\z"));
    return braces == 0 && !out->bad;
}

/* A rule that cannot be understood takes nothing away; the report says why. */
static void refuse(struct prq_ignoring *g, struct ignore_rule *r, const char *what, prq_str text)
{
    struct prq_ignore_rule *rule = r->rule;
    if (rule->state == PRQ_RULE_REFUSED)
        return;
    rule->state = PRQ_RULE_REFUSED;
    rule->trouble = prq_arena_printf(g->m->out, "%s \"%.*s\"", what, PRQ_FMT(text));
    prq_log(g->m->ctx->log, PRQ_LOG_WARN, "%.*s: the rule has no effect: %.*s",
            PRQ_FMT(rule->where), PRQ_FMT(rule->trouble));
}

static bool prepare_paths(struct prq_ignoring *g, struct ignore_rule *r, struct prq_err *err)
{
    r->paths = prq_new_n(g->m->work, struct prq_regex *, r->rule->paths.n + 1);
    if (!r->paths)
        return prq_no_room(err);
    for (size_t i = 0; i < r->rule->paths.n; i++) {
        PRQ_BUF b;
        prq_buf_init(&b, PRQ_KIB(64));
        if (!glob_to_regex(r->rule->paths.v[i], &b) ||
            !prq_regex_new(prq_buf_view(&b), PRQ_REGEX_DOTALL, g->m->ctx->limits,
                           &r->paths[r->path_count], NULL)) {
            refuse(g, r, "not a glob:", r->rule->paths.v[i]);
            return true;
        }
        r->path_count++;
    }
    return true;
}

/* Grype: an expression if it has a character that means something in one; it must match the whole. */
static bool prepare_regex(struct prq_ignoring *g, struct ignore_rule *r, prq_str text,
                          struct prq_regex **out, struct prq_err *err)
{
    bool has_meta = false;
    for (size_t i = 0; i < text.n; i++)
        has_meta = has_meta || strchr(".+*?()|[]{}^$\\", text.p[i]);
    if (!has_meta)
        return true;
    prq_str whole = prq_arena_printf(g->m->work, "\\A(?:%.*s)\\z", PRQ_FMT(text));
    if (!whole.p)
        return prq_no_room(err);
    if (!prq_regex_new(whole, 0, g->m->ctx->limits, out, NULL))
        refuse(g, r, "not a regular expression:", text);
    return true;
}

static bool prepare_purls(struct prq_ignoring *g, struct ignore_rule *r, struct prq_err *err)
{
    r->purls = prq_new_n(g->m->work, struct prq_purl, r->rule->purls.n + 1);
    if (!r->purls)
        return prq_no_room(err);
    for (size_t i = 0; i < r->rule->purls.n; i++)
        if (prq_purl_parse(r->rule->purls.v[i], g->m->work, &r->purls[r->purl_count], NULL))
            r->purl_count++;
        else
            refuse(g, r, "not a package URL:", r->rule->purls.v[i]);
    return true;
}

static void prepare_end(struct prq_ignoring *g, struct ignore_rule *r)
{
    const struct prq_ignore_rule *rule = r->rule;
    struct prq_when end, now;
    if (!rule->expires.n)
        return;
    if (!prq_when_parse(rule->expires, &end)) {
        refuse(g, r, "not a date:", rule->expires);
        return;
    }
    if (rule->ends_with_day && rule->expires.n == 10)
        end.unix_s += DAY_S - 1;
    r->is_expired = prq_when_parse(g->m->opts->now, &now) && prq_when_cmp(&end, &now) < 0;
}

bool prq_ignore_begin(struct prq_matching *m, struct prq_ignoring **out, struct prq_err *err)
{
    struct prq_ignore_set *set = m->opts->ignores;
    struct prq_ignoring *g = prq_new(m->work, struct prq_ignoring);
    if (!g)
        return prq_no_room(err);
    *out = g;
    g->m = m;
    g->rules = prq_new_n(m->work, struct ignore_rule, set->n + 1);
    if (!g->rules)
        return prq_no_room(err);
    for (size_t i = 0; i < set->n; i++) {
        struct ignore_rule *r = &g->rules[g->count++];
        r->rule = &set->rules[i];
        r->rule->findings = 0;
        if (r->rule->state == PRQ_RULE_REFUSED)
            continue;
        r->rule->state = PRQ_RULE_UNUSED;
        prepare_end(g, r);
        if (r->is_expired)
            r->rule->state = PRQ_RULE_EXPIRED;
        if (!prepare_paths(g, r, err) || !prepare_purls(g, r, err) ||
            !prepare_regex(g, r, r->rule->name, &r->name, err) ||
            !prepare_regex(g, r, r->rule->upstream, &r->upstream, err))
            return false;
    }
    return true;
}

void prq_ignore_end(struct prq_ignoring *g)
{
    if (!g)
        return;
    for (size_t i = 0; i < g->count; i++) {
        struct ignore_rule *r = &g->rules[i];
        prq_regex_free(r->name);
        prq_regex_free(r->upstream);
        for (size_t k = 0; k < r->path_count; k++)
            prq_regex_free(r->paths[k]);
    }
}

/* ---- conditions */

static bool finds(struct prq_regex *re, prq_str s)
{
    return prq_regex_find(re, prq_bytes_of(s), 0, s.n, NULL) == PRQ_NEXT_ITEM;
}

static bool has_one_id(const struct prq_finding *f, prq_str id, bool is_exact)
{
    if (prq_str_find(id, '*') == id.n)
        return is_exact ? prq_str_ieq(f->id, id) : prq_finding_has_id(f, id);
    if (prq_is_like(f->id, id))
        return true;
    for (size_t i = 0; !is_exact && i < f->aliases.n; i++)
        if (prq_is_like(f->aliases.v[i], id))
            return true;
    return false;
}

static bool has_id(const struct prq_ignoring *g, const struct prq_ignore_rule *r,
                   const struct prq_finding *f)
{
    bool is_exact = r->is_exact && !g->m->opts->by_cve; /* matching.md 5.12: rules match either id */
    for (size_t i = 0; i < r->ids.n; i++)
        if (has_one_id(f, r->ids.v[i], is_exact))
            return true;
    return r->ids.n == 0;
}

/* A name, or a purl, with '*' for any text; a purl may leave out what follows its name. */
static bool is_package(const struct prq_ignore_rule *r, const struct prq_package *p)
{
    prq_str plain = prq_str_head(p->purl, prq_str_find(p->purl, '?'));
    prq_str bare = prq_str_head(plain, prq_str_rfind(plain, '@'));
    for (size_t i = 0; i < r->packages.n; i++) {
        prq_str pattern = r->packages.v[i];
        if (prq_is_like(p->name, pattern) ||
            (prq_str_starts(pattern, PRQ_S("pkg:")) &&
             (prq_is_like(p->purl, pattern) || prq_is_like(plain, pattern) ||
              prq_is_like(bare, pattern))))
            return true;
    }
    return r->packages.n == 0;
}

static bool has_purl(const struct prq_ignoring *g, const struct ignore_rule *r,
                     const struct prq_package *p)
{
    struct prq_purl has;
    const struct prq_analysis *an = g->m->analysis;
    if (r->rule->purls.n == 0)
        return true;
    if (!prq_purl_parse(p->purl, g->m->tmp, &has, NULL))
        return false;
    for (size_t i = 0; i < r->purl_count; i++)
        if (prq_purl_covers(&r->purls[i], p, &has, an->has_distro ? &an->distro : NULL))
            return true;
    return false;
}

static bool has_path(const struct ignore_rule *r, const struct prq_package *p)
{
    for (size_t i = 0; i < r->path_count; i++)
        for (size_t k = 0; k < p->evidence_count; k++)
            if (finds(r->paths[i], p->evidence[k].path))
                return true;
    return r->rule->paths.n == 0;
}

/* ---- Grype's words */

static const struct {
    prq_str purl_type, language, kinds; /* kinds: comma list of Syft's package types */
} grype_words[] = {
    { PRQ_SI("apk"), { 0 }, PRQ_SI("apk") },
    { PRQ_SI("deb"), { 0 }, PRQ_SI("deb") },
    { PRQ_SI("rpm"), { 0 }, PRQ_SI("rpm") },
    { PRQ_SI("alpm"), { 0 }, PRQ_SI("alpm") },
    { PRQ_SI("binary"), { 0 }, PRQ_SI("binary") },
    { PRQ_SI("pypi"), PRQ_SI("python"), PRQ_SI("python") },
    { PRQ_SI("maven"), PRQ_SI("java"), PRQ_SI("java-archive,jenkins-plugin") },
    { PRQ_SI("npm"), PRQ_SI("javascript"), PRQ_SI("npm") },
    { PRQ_SI("golang"), PRQ_SI("go"), PRQ_SI("go-module") },
    { PRQ_SI("gem"), PRQ_SI("ruby"), PRQ_SI("gem") },
    { PRQ_SI("cargo"), PRQ_SI("rust"), PRQ_SI("rust-crate") },
    { PRQ_SI("composer"), PRQ_SI("php"), PRQ_SI("php-composer") },
    { PRQ_SI("nuget"), PRQ_SI("dotnet"), PRQ_SI("dotnet") },
    { PRQ_SI("conan"), PRQ_SI("c++"), PRQ_SI("conan") },
    { PRQ_SI("pub"), PRQ_SI("dart"), PRQ_SI("dart-pub") },
    { PRQ_SI("hex"), PRQ_SI("elixir"), PRQ_SI("hex") },
    { PRQ_SI("hackage"), PRQ_SI("haskell"), PRQ_SI("hackage") },
    { PRQ_SI("cran"), PRQ_SI("R"), PRQ_SI("R-package") },
    { PRQ_SI("swift"), PRQ_SI("swift"), PRQ_SI("swift") },
    { PRQ_SI("cocoapods"), PRQ_SI("swift"), PRQ_SI("pod") },
    { PRQ_SI("github"), { 0 }, PRQ_SI("github-action,github-action-workflow") },
};

static bool is_in(prq_str list, prq_str word)
{
    prq_str piece;
    while (list.n && prq_str_split(&list, ',', &piece))
        if (prq_str_ieq(piece, word))
            return true;
    return false;
}

static bool is_language(prq_str purl_type, prq_str language)
{
    for (size_t i = 0; i < PRQ_COUNT(grype_words); i++)
        if (prq_str_eq(grype_words[i].purl_type, purl_type))
            return grype_words[i].language.n && prq_str_ieq(grype_words[i].language, language);
    return false;
}

static bool is_kind(prq_str purl_type, prq_str kind)
{
    for (size_t i = 0; i < PRQ_COUNT(grype_words); i++)
        if (prq_str_eq(grype_words[i].purl_type, purl_type))
            return is_in(grype_words[i].kinds, kind);
    return prq_str_ieq(purl_type, kind);
}

/* "debian:distro:debian:11", "github:language:python", "nvd:cpe" of what we looked up in
 * "Debian:11", "PyPI". */
static prq_str grype_space(const struct prq_finding *f, const struct prq_package *p,
                           struct prq_arena *a)
{
    static const struct {
        prq_str space, ns, id;
    } distros[] = {
        { PRQ_SI("Alpine"), PRQ_SI("alpine"), PRQ_SI("alpine") },
        { PRQ_SI("Debian"), PRQ_SI("debian"), PRQ_SI("debian") },
        { PRQ_SI("Ubuntu"), PRQ_SI("ubuntu"), PRQ_SI("ubuntu") },
        { PRQ_SI("Red Hat"), PRQ_SI("redhat"), PRQ_SI("redhat") },
        { PRQ_SI("AlmaLinux"), PRQ_SI("alma"), PRQ_SI("almalinux") },
        { PRQ_SI("Rocky Linux"), PRQ_SI("rocky"), PRQ_SI("rockylinux") },
        { PRQ_SI("Amazon Linux"), PRQ_SI("amazon"), PRQ_SI("amazonlinux") },
        { PRQ_SI("Oracle Linux"), PRQ_SI("oracle"), PRQ_SI("oraclelinux") },
        { PRQ_SI("SUSE"), PRQ_SI("sles"), PRQ_SI("sles") },
        { PRQ_SI("Azure Linux"), PRQ_SI("mariner"), PRQ_SI("azurelinux") },
        { PRQ_SI("Arch Linux"), PRQ_SI("arch"), PRQ_SI("archlinux") },
        { PRQ_SI("Wolfi"), PRQ_SI("wolfi"), PRQ_SI("wolfi") },
        { PRQ_SI("Chainguard"), PRQ_SI("chainguard"), PRQ_SI("chainguard") },
    };
    prq_str name = f->space, release = { 0 };
    if (prq_str_eq(f->family, PRQ_S("nvd")))
        return PRQ_S("nvd:cpe");
    prq_str_cut(f->space, ':', &name, &release);
    for (size_t i = 0; i < PRQ_COUNT(distros); i++)
        if (prq_str_eq(name, distros[i].space))
            return prq_arena_printf(a, "%.*s:distro:%.*s:%.*s", PRQ_FMT(distros[i].ns),
                                    PRQ_FMT(distros[i].id),
                                    PRQ_FMT(release.n ? release : PRQ_S("rolling")));
    for (size_t i = 0; i < PRQ_COUNT(grype_words); i++)
        if (prq_str_eq(grype_words[i].purl_type, p->type) && grype_words[i].language.n)
            return prq_arena_printf(a, "github:language:%.*s", PRQ_FMT(grype_words[i].language));
    return f->space;
}

/* Grype knows four states; an empty one is unknown. */
static bool is_fix_state(enum prq_fix_state s, prq_str wanted)
{
    prq_str own = prq_str_from(prq_fix_state_word(s));
    if (s == PRQ_FIX_END_OF_LIFE)
        own = PRQ_S("wont-fix");
    else if (s == PRQ_FIX_DEFERRED)
        own = PRQ_S("not-fixed");
    else if (s == PRQ_FIX_UNDER_INVESTIGATION)
        own = PRQ_S("unknown");
    return prq_str_ieq(wanted, own) || prq_str_ieq(wanted, prq_str_from(prq_fix_state_word(s)));
}

static bool is_match_type(const struct prq_finding *f, prq_str wanted)
{
    if (prq_str_eq(f->family, PRQ_S("nvd")))
        return prq_str_eq(wanted, PRQ_S("cpe-match"));
    return prq_str_eq(wanted, f->is_indirect ? PRQ_S("exact-indirect-match")
                                             : PRQ_S("exact-direct-match"));
}

static bool has_vex(const struct prq_ignore_rule *r, const struct prq_finding *f)
{
    for (size_t i = 0; i < f->vex_count; i++)
        if ((!r->vex_status.n || prq_str_eq(f->vex[i].status, r->vex_status)) &&
            (!r->vex_justification.n ||
             prq_str_eq(f->vex[i].justification, r->vex_justification)))
            return true;
    return !r->vex_status.n && !r->vex_justification.n;
}

static bool is_text(struct prq_regex *re, prq_str wanted, prq_str has)
{
    return re ? finds(re, has) : !wanted.n || prq_str_eq(wanted, has);
}

static bool holds_of_grype(const struct prq_ignoring *g, const struct ignore_rule *r,
                           const struct prq_finding *f, const struct prq_package *p)
{
    const struct prq_ignore_rule *x = r->rule;
    if (x->space.n && !prq_str_eq(x->space, grype_space(f, p, g->m->tmp)))
        return false;
    if (x->fix_state.n && !is_fix_state(f->state, x->fix_state))
        return false;
    if (x->match_type.n && !is_match_type(f, x->match_type))
        return false;
    if (x->version.n && !prq_str_eq(x->version, p->version) &&
        !prq_str_eq(x->version, prq_package_shown_version(p, g->m->tmp)))
        return false;
    if (x->language.n && !is_language(p->type, x->language))
        return false;
    if (x->type.n && !is_kind(p->type, x->type))
        return false;
    prq_str source = p->source_name.n ? p->source_name : p->name;
    return has_vex(x, f) && is_text(r->name, x->name, p->name) &&
           (!x->upstream.n || is_text(r->upstream, x->upstream, source));
}

static bool holds(const struct prq_ignoring *g, const struct ignore_rule *r,
                  const struct prq_finding *f)
{
    const struct prq_package *p = &g->m->analysis->packages[f->package];
    return has_id(g, r->rule, f) && is_package(r->rule, p) && has_purl(g, r, p) &&
           has_path(r, p) && (r->rule->form != PRQ_IGNORE_GRYPE || holds_of_grype(g, r, f, p));
}

/* ---- the effect */

static bool note_ended(struct prq_ignoring *g, struct prq_finding *f,
                       const struct prq_ignore_rule *r, struct prq_err *err)
{
    f->ended = prq_arena_printf(g->m->out, "%.*s%s%.*s expired %.*s", PRQ_FMT(f->ended),
                                f->ended.n ? ", " : "", PRQ_FMT(r->where), PRQ_FMT(r->expires));
    f->note = prq_arena_printf(g->m->out, "%.*s%signore rule %.*s expired %.*s",
                               PRQ_FMT(f->note), f->note.n ? "; " : "", PRQ_FMT(r->where),
                               PRQ_FMT(r->expires));
    return (f->ended.p && f->note.p) || prq_no_room(err);
}

bool prq_ignore_apply(struct prq_ignoring *g, struct prq_finding *f, struct prq_err *err)
{
    for (size_t i = 0; i < g->count; i++) {
        const struct ignore_rule *r = &g->rules[i];
        struct prq_ignore_rule *rule = r->rule;
        if (rule->state == PRQ_RULE_REFUSED)
            continue;
        if (!holds(g, r, f))
            continue;
        rule->findings++;
        if (r->is_expired) {
            if (!note_ended(g, f, rule, err))
                return false;
            continue;
        }
        rule->state = PRQ_RULE_USED;
        if (!prq_suppress_by(g->m, f, (struct prq_by){ .kind = PRQ_S("rule"), .id = rule->where,
                                                       .reason = rule->reason,
                                                       .author = rule->owner }, err))
            return false;
    }
    return true;
}
