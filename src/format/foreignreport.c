/* SPDX-License-Identifier: Apache-2.0 */
#include "format/foreignreport.h"

#include "model/purl.h"

const char *prq_foreign_name(enum prq_foreign_tool tool)
{
    return tool == PRQ_FOREIGN_TRIVY ? "trivy" : tool == PRQ_FOREIGN_GRYPE ? "grype" : "";
}

/* Trivy's results are called by system or kind of file, Grype's types by language. Sources: the
 * purls that both write beside them. */
prq_str prq_foreign_type(prq_str word)
{
    static const struct {
        const char *word, *type;
    } types[] = {
        { "alpine", "apk" },        { "wolfi", "apk" },          { "chainguard", "apk" },
        { "debian", "deb" },        { "ubuntu", "deb" },         { "redhat", "rpm" },
        { "centos", "rpm" },        { "rocky", "rpm" },          { "alma", "rpm" },
        { "amazon", "rpm" },        { "oracle", "rpm" },         { "fedora", "rpm" },
        { "photon", "rpm" },        { "opensuse", "rpm" },       { "opensuse.leap", "rpm" },
        { "suse linux enterprise server", "rpm" },               { "cbl-mariner", "rpm" },
        { "azurelinux", "rpm" },    { "node-pkg", "npm" },       { "yarn", "npm" },
        { "pnpm", "npm" },          { "bun", "npm" },            { "python-pkg", "pypi" },
        { "pip", "pypi" },          { "pipenv", "pypi" },        { "poetry", "pypi" },
        { "uv", "pypi" },           { "python", "pypi" },        { "gobinary", "golang" },
        { "gomod", "golang" },      { "go-module", "golang" },   { "jar", "maven" },
        { "pom", "maven" },         { "gradle", "maven" },       { "sbt", "maven" },
        { "java-archive", "maven" }, { "jenkins-plugin", "maven" }, { "gemspec", "gem" },
        { "bundler", "gem" },       { "rustbinary", "cargo" },   { "rust-crate", "cargo" },
        { "composer-vendor", "composer" }, { "php-composer", "composer" },
        { "dotnet", "nuget" },      { "dotnet-core", "nuget" },  { "packages-props", "nuget" },
        { "conda-pkg", "conda" },   { "dart-pub", "pub" },       { "hex", "hex" },
        { "cocoapods", "cocoapods" }, { "pod", "cocoapods" },    { "generic", "binary" },
    };
    for (size_t i = 0; i < PRQ_COUNT(types); i++)
        if (prq_str_ieq(word, prq_str_from(types[i].word)))
            return prq_str_from(types[i].type);
    return word;
}

/* ---- keys */

static prq_str fold(prq_str s, struct prq_arena *a)
{
    char *p = prq_arena_alloc(a, s.n + 1);
    for (size_t i = 0; p && i < s.n; i++) {
        char c = prq_to_lower(s.p[i]);
        p[i] = c == '_' || c == '.' ? '-' : c;
    }
    return (prq_str){ p, p ? s.n : 0 };
}

static prq_str plain_version(prq_str type, prq_str v)
{
    if (prq_str_starts(v, PRQ_S("0:")))
        v = prq_str_from_at(v, 2);
    if (prq_str_eq(type, PRQ_S("golang")) && prq_str_starts(v, PRQ_S("go")))
        v = prq_str_from_at(v, 2);
    else if (v.n > 1 && v.p[0] == 'v' && prq_is_digit(v.p[1]))
        v = prq_str_from_at(v, 1);
    return v;
}

prq_str prq_foreign_name_key(prq_str type, prq_str name, struct prq_arena *a)
{
    prq_str folded = fold(name, a);
    if (!folded.p)
        return folded;
    return prq_arena_printf(a, "%.*s %.*s", PRQ_FMT(type), PRQ_FMT(folded));
}

prq_str prq_foreign_key(prq_str type, prq_str name, prq_str version, struct prq_arena *a)
{
    prq_str key = prq_foreign_name_key(type, name, a), plain = plain_version(type, version);
    if (!key.p)
        return key;
    return prq_arena_printf(a, "%.*s %.*s", PRQ_FMT(key), PRQ_FMT(plain));
}

/* ---- what both readers add */

bool prq_foreign_enter_list(struct prq_foreign_reader *r)
{
    if (prq_json_enter_array(&r->j))
        return true;
    prq_json_skip(&r->j);
    return false;
}

bool prq_foreign_next(struct prq_foreign_reader *r)
{
    while (!r->out_of_memory && prq_json_item(&r->j)) {
        if (prq_json_enter_object(&r->j))
            return true;
        prq_json_skip(&r->j);
        r->out->lost++;
    }
    return false;
}

bool prq_foreign_add_str(struct prq_foreign_reader *r, struct prq_strs *to, size_t *cap, prq_str s)
{
    r->out_of_memory |= to->n >= r->limits->packages ||
                        !prq_arena_grow(r->a, &to->v, sizeof *to->v, cap, to->n + 1);
    if (!r->out_of_memory)
        to->v[to->n++] = s;
    return !r->out_of_memory;
}

/* A purl names group and scope, which Grype's names leave out. Its version is not taken: the epoch is
 * elsewhere in it. */
static void take_purl(struct prq_foreign_reader *r, struct prq_foreign_package *p)
{
    struct prq_package of = { 0 };
    if (!p->purl.n || !prq_package_from_purl(p->purl, r->a, &of, NULL) || !of.name.n)
        return;
    p->type = prq_foreign_type(of.type);
    p->name = of.name;
    p->arch = of.arch;
    if (!p->version.n)
        p->version = of.version;
}

bool prq_foreign_add_package(struct prq_foreign_reader *r, struct prq_foreign_package *p,
                             size_t *index)
{
    struct prq_foreign *out = r->out;
    bool added;
    p->type = prq_foreign_type(p->type);
    take_purl(r, p);
    if (!p->name.n) {
        out->lost++;
        return false;
    }
    p->key = prq_foreign_key(p->type, p->name, p->version, r->a);
    size_t *place = p->key.p ? prq_map_put(&r->packages, p->key, out->package_count, &added) : NULL;
    if (!place) {
        r->out_of_memory = true;
        return false;
    }
    *index = *place;
    if (!added)
        return true;
    r->out_of_memory |= out->package_count >= r->limits->packages ||
                        !prq_arena_grow(r->a, &out->packages, sizeof *p, &r->package_cap,
                                        out->package_count + 1);
    if (r->out_of_memory)
        return false;
    out->packages[out->package_count++] = *p;
    return true;
}

void prq_foreign_add_finding(struct prq_foreign_reader *r, const struct prq_foreign_finding *f)
{
    struct prq_foreign *out = r->out;
    if (!f->id.n) {
        out->lost++;
        return;
    }
    r->out_of_memory |= !prq_arena_grow(r->a, &out->findings, sizeof *f, &r->finding_cap,
                                        out->finding_count + 1);
    if (!r->out_of_memory)
        out->findings[out->finding_count++] = *f;
}

/* ---- which of them, and the whole */

enum prq_foreign_tool prq_foreign_recognise(prq_str head)
{
    if (prq_str_has(head, PRQ_S("\"SchemaVersion\"")) || prq_str_has(head, PRQ_S("\"ArtifactName\"")))
        return PRQ_FOREIGN_TRIVY;
    if (prq_str_has(head, PRQ_S("\"matches\"")))
        return PRQ_FOREIGN_GRYPE;
    return PRQ_FOREIGN_NONE;
}

/* What stands in the outermost object decides; the first member that only one of them has. */
static void take_member(struct prq_foreign_reader *r, prq_str key)
{
    static const char *const of_trivy[] = { "SchemaVersion", "ArtifactName", "Results", "Metadata" };
    static const char *const of_grype[] = { "matches", "ignoredMatches", "descriptor" };
    enum prq_foreign_tool *tool = &r->out->tool;
    for (size_t i = 0; *tool == PRQ_FOREIGN_NONE && i < PRQ_COUNT(of_trivy); i++)
        if (prq_str_eq(key, prq_str_from(of_trivy[i])))
            *tool = PRQ_FOREIGN_TRIVY;
    for (size_t i = 0; *tool == PRQ_FOREIGN_NONE && i < PRQ_COUNT(of_grype); i++)
        if (prq_str_eq(key, prq_str_from(of_grype[i])))
            *tool = PRQ_FOREIGN_GRYPE;
    /* Members that come before are of either: "CreatedAt", "source", "distro". */
    if (*tool == PRQ_FOREIGN_TRIVY || prq_str_eq(key, PRQ_S("CreatedAt")))
        prq_trivy_member(r, key);
    else
        prq_grype_member(r, key);
}

bool prq_foreign_read(prq_str text, const struct prq_limits *limits, struct prq_arena *a,
                      struct prq_foreign *out, struct prq_err *err)
{
    struct prq_foreign_reader r = { .a = a, .limits = limits, .out = out };
    prq_str key;
    *out = (struct prq_foreign){ 0 };
    prq_map_init(&r.packages, a);
    prq_json_init(&r.j, text, a, limits);
    if (!prq_json_enter_object(&r.j) && !r.j.bad)
        return prq_fail(err, PRQ_E_UNSUPPORTED, "neither a report of Trivy nor one of Grype");
    while (!r.out_of_memory && prq_json_key(&r.j, &key))
        take_member(&r, key);
    if (r.out_of_memory)
        return prq_fail(err, PRQ_E_LIMIT, "the report exceeds the memory budget");
    if (!prq_json_end(&r.j, err))
        return false;
    if (out->tool == PRQ_FOREIGN_NONE)
        return prq_fail(err, PRQ_E_UNSUPPORTED, "neither a report of Trivy nor one of Grype");
    return true;
}
