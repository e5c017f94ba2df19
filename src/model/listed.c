/* SPDX-License-Identifier: Apache-2.0 */
/* Source: catalog.md 9 (purls), 11.1 (properties of Syft and Trivy), 11.3. */
#include "model/listed.h"

#include "model/sbomfields.h"

#define SYFT "syft:"
#define TRIVY "aquasecurity:trivy:"

/* Words for kinds of packages, where no purl says it. Source: Syft's `syft:package:type`, Trivy's
 * `aquasecurity:trivy:PkgType` and `:Type`. */
static const struct {
    prq_str word, type;
} type_words[] = {
    { PRQ_SI("alpine"), PRQ_SI("apk") },          { PRQ_SI("apk"), PRQ_SI("apk") },
    { PRQ_SI("alma"), PRQ_SI("rpm") },            { PRQ_SI("alpm"), PRQ_SI("alpm") },
    { PRQ_SI("amazon"), PRQ_SI("rpm") },          { PRQ_SI("binary"), PRQ_SI("generic") },
    { PRQ_SI("bundler"), PRQ_SI("gem") },         { PRQ_SI("cargo"), PRQ_SI("cargo") },
    { PRQ_SI("centos"), PRQ_SI("rpm") },          { PRQ_SI("composer"), PRQ_SI("composer") },
    { PRQ_SI("conda"), PRQ_SI("conda") },         { PRQ_SI("deb"), PRQ_SI("deb") },
    { PRQ_SI("debian"), PRQ_SI("deb") },          { PRQ_SI("dotnet"), PRQ_SI("nuget") },
    { PRQ_SI("fedora"), PRQ_SI("rpm") },          { PRQ_SI("gem"), PRQ_SI("gem") },
    { PRQ_SI("gemspec"), PRQ_SI("gem") },         { PRQ_SI("go-module"), PRQ_SI("golang") },
    { PRQ_SI("gobinary"), PRQ_SI("golang") },     { PRQ_SI("gomod"), PRQ_SI("golang") },
    { PRQ_SI("jar"), PRQ_SI("maven") },           { PRQ_SI("java-archive"), PRQ_SI("maven") },
    { PRQ_SI("node-pkg"), PRQ_SI("npm") },        { PRQ_SI("npm"), PRQ_SI("npm") },
    { PRQ_SI("nuget"), PRQ_SI("nuget") },         { PRQ_SI("oracle"), PRQ_SI("rpm") },
    { PRQ_SI("php-composer"), PRQ_SI("composer") }, { PRQ_SI("photon"), PRQ_SI("rpm") },
    { PRQ_SI("pip"), PRQ_SI("pypi") },            { PRQ_SI("pnpm"), PRQ_SI("npm") },
    { PRQ_SI("pom"), PRQ_SI("maven") },           { PRQ_SI("python"), PRQ_SI("pypi") },
    { PRQ_SI("python-pkg"), PRQ_SI("pypi") },     { PRQ_SI("redhat"), PRQ_SI("rpm") },
    { PRQ_SI("rocky"), PRQ_SI("rpm") },           { PRQ_SI("rpm"), PRQ_SI("rpm") },
    { PRQ_SI("rust-crate"), PRQ_SI("cargo") },    { PRQ_SI("rustbinary"), PRQ_SI("cargo") },
    { PRQ_SI("suse"), PRQ_SI("rpm") },            { PRQ_SI("ubuntu"), PRQ_SI("deb") },
    { PRQ_SI("wolfi"), PRQ_SI("apk") },           { PRQ_SI("yarn"), PRQ_SI("npm") },
};

prq_str prq_listed_property(const struct prq_listed *item, prq_str name)
{
    for (size_t i = 0; i < item->pair_count; i++)
        if (prq_str_eq(item->pairs[i].key, name))
            return item->pairs[i].value;
    return (prq_str){ 0 };
}

/* ---- roles */

enum prq_listed_role prq_listed_role(const struct prq_listed *item)
{
    static const prq_str images[] = { PRQ_SI("pkg:oci/"), PRQ_SI("pkg:docker/") };
    static const prq_str others[] = {
        PRQ_SI("archive"), PRQ_SI("container"), PRQ_SI("cryptographic-asset"), PRQ_SI("data"),
        PRQ_SI("device"), PRQ_SI("file"), PRQ_SI("machine-learning-model"), PRQ_SI("source"),
    };
    if (prq_str_eq(item->kind, PRQ_S("operating-system")))
        return item->name.n ? PRQ_LISTED_DISTRO : PRQ_LISTED_EMPTY;
    for (size_t i = 0; i < PRQ_COUNT(images); i++)
        if (prq_str_starts(item->purl, images[i]))
            return PRQ_LISTED_OTHER;
    if (item->purl.n)
        return PRQ_LISTED_PACKAGE;
    if (item->name.n == 0)
        return PRQ_LISTED_EMPTY;
    for (size_t i = 0; i < PRQ_COUNT(others); i++)
        if (prq_str_eq(item->kind, others[i]))
            return PRQ_LISTED_OTHER;
    /* A name alone is a folder, a lock file, a project. */
    return item->version.n || item->cpes.n ? PRQ_LISTED_PACKAGE : PRQ_LISTED_OTHER;
}

/* What Trivy calls distributions, and the ID of their os-release. */
static const struct {
    prq_str name, id;
} distro_names[] = {
    { PRQ_SI("alma"), PRQ_SI("almalinux") },
    { PRQ_SI("amazon"), PRQ_SI("amzn") },
    { PRQ_SI("cbl-mariner"), PRQ_SI("mariner") },
    { PRQ_SI("opensuse.leap"), PRQ_SI("opensuse-leap") },
    { PRQ_SI("opensuse.tumbleweed"), PRQ_SI("opensuse-tumbleweed") },
    { PRQ_SI("oracle"), PRQ_SI("ol") },
    { PRQ_SI("redhat"), PRQ_SI("rhel") },
    { PRQ_SI("suse linux enterprise server"), PRQ_SI("sles") },
};

bool prq_listed_distro(const struct prq_listed *item, struct prq_arena *a, struct prq_distro *out)
{
    static const prq_str like = PRQ_SI(SYFT "distro:idLike:");
    prq_str id = prq_listed_property(item, PRQ_S(SYFT "distro:id"));
    char *lower = prq_arena_alloc(a, item->name.n + 1);
    size_t cap = 0;
    if (!lower)
        return false;
    for (size_t i = 0; i < item->name.n; i++)
        lower[i] = prq_to_lower(item->name.p[i]);
    *out = (struct prq_distro){ .id = id.n ? id : (prq_str){ lower, item->name.n },
                                .version_id = item->version };
    for (size_t i = 0; i < PRQ_COUNT(distro_names); i++)
        if (prq_str_eq(out->id, distro_names[i].name))
            out->id = distro_names[i].id;
    out->pretty_name = prq_listed_property(item, PRQ_S(SYFT "distro:prettyName"));
    out->codename = prq_listed_property(item, PRQ_S(SYFT "distro:versionCodename"));
    for (size_t i = 0; i < item->pair_count; i++)
        if (prq_str_starts(item->pairs[i].key, like)) {
            if (!prq_arena_grow(a, &out->like.v, sizeof *out->like.v, &cap, out->like.n + 1))
                return false;
            out->like.v[out->like.n++] = item->pairs[i].value;
        }
    return true;
}

static bool no_room(struct prq_err *err)
{
    return prq_fail(err, PRQ_E_LIMIT, "the package list exceeds the memory budget");
}

static prq_str type_of(const struct prq_listed *item)
{
    static const prq_str names[] = { PRQ_SI(SYFT "package:type"), PRQ_SI(TRIVY "PkgType"),
                                     PRQ_SI(TRIVY "Type") };
    for (size_t i = 0; i < PRQ_COUNT(names); i++) {
        prq_str word = prq_listed_property(item, names[i]);
        for (size_t k = 0; word.n && k < PRQ_COUNT(type_words); k++)
            if (prq_str_eq(word, type_words[k].word))
                return type_words[k].type;
    }
    return PRQ_S("generic");
}

/* What joins group and name where the ecosystem writes them as one. */
static char joint_of(prq_str type)
{
    if (prq_str_eq(type, PRQ_S("maven")))
        return ':';
    return prq_str_eq(type, PRQ_S("generic")) ? '\0' : '/';
}

static bool from_names(const struct prq_listed *item, struct prq_arena *a, struct prq_package *p,
                       struct prq_err *err)
{
    /* With neither name nor purl that parses, what was meant for a purl is the name. */
    *p = (struct prq_package){ .type = type_of(item), .version = item->version,
                               .name = item->name.n ? item->name : item->purl };
    char joint = joint_of(p->type);
    if (item->group.n == 0)
        return true;
    p->ns = item->group;
    if (!joint || prq_package_is_os(p))
        return true;
    p->name = prq_arena_printf(a, "%.*s%c%.*s", PRQ_FMT(item->group), joint, PRQ_FMT(item->name));
    return p->name.p || no_room(err);
}

/* ---- properties of others, where the purl does not say it */

static void set(prq_str *to, prq_str value)
{
    if (to->n == 0 && value.n && !prq_str_eq(value, PRQ_S("(none)")))
        *to = value;
}

static void from_syft(const struct prq_listed *item, struct prq_package *p)
{
    uint64_t v;
    if (!prq_package_is_os(p)) {
        prq_str main = prq_listed_property(item, PRQ_S(SYFT "metadata:mainModule"));
        if (main.n && prq_str_eq(main, p->name))
            p->flags |= PRQ_PKG_MAIN;
        return;
    }
    set(&p->arch, prq_listed_property(item, PRQ_S(SYFT "metadata:architecture")));
    set(&p->source_name, prq_listed_property(item, PRQ_S(SYFT "metadata:source")));
    set(&p->source_name, prq_listed_property(item, PRQ_S(SYFT "metadata:originPackage")));
    if (p->source_name.n)
        set(&p->source_version, prq_listed_property(item, PRQ_S(SYFT "metadata:sourceVersion")));
    set(&p->source_rpm, prq_listed_property(item, PRQ_S(SYFT "metadata:sourceRpm")));
    prq_str label = prq_listed_property(item, PRQ_S(SYFT "metadata:modularityLabel"));
    set(&p->modularity, label);
    p->has_modularity |= label.n > 0;
    if (!p->has_epoch && prq_str_eq(p->type, PRQ_S("rpm")) &&
        prq_str_u64(prq_listed_property(item, PRQ_S(SYFT "metadata:epoch")), &v)) {
        p->has_epoch = true;
        p->epoch = v;
    }
    if (p->size_bytes == 0 &&
        prq_str_u64(prq_listed_property(item, PRQ_S(SYFT "metadata:installedSize")), &v) &&
        prq_str_eq(p->type, PRQ_S("apk")))
        p->size_bytes = v;
}

/* SrcVersion lacks what SrcEpoch and SrcRelease say. */
static bool from_trivy(const struct prq_listed *item, struct prq_arena *a, struct prq_package *p,
                       struct prq_err *err)
{
    if (!prq_package_is_os(p))
        return true;
    prq_str label = prq_listed_property(item, PRQ_S(TRIVY "Modularitylabel"));
    set(&p->modularity, label);
    p->has_modularity |= label.n > 0;
    prq_str name = prq_listed_property(item, PRQ_S(TRIVY "SrcName"));
    if (name.n == 0 || p->source_name.n || p->source_rpm.n)
        return true;
    prq_str version = prq_listed_property(item, PRQ_S(TRIVY "SrcVersion"));
    prq_str release = prq_listed_property(item, PRQ_S(TRIVY "SrcRelease"));
    prq_str epoch = prq_listed_property(item, PRQ_S(TRIVY "SrcEpoch"));
    if (prq_str_eq(p->type, PRQ_S("rpm")) || prq_str_eq(epoch, PRQ_S("0")))
        epoch.n = 0;
    p->source_name = name;
    if (version.n == 0)
        return true;
    p->source_version = prq_arena_printf(a, "%.*s%s%.*s%s%.*s", PRQ_FMT(epoch), epoch.n ? ":" : "",
                                         PRQ_FMT(version), release.n ? "-" : "", PRQ_FMT(release));
    return p->source_version.p || no_room(err);
}

static bool is_syft_location(prq_str name)
{
    prq_str rest = prq_str_from_at(name, strlen(SYFT "location:"));
    return prq_str_starts(name, PRQ_S(SYFT "location:")) && prq_str_ends(rest, PRQ_S(":path"));
}

static prq_str relative(prq_str path)
{
    while (path.n && path.p[0] == '/')
        path = prq_str_from_at(path, 1);
    return path;
}

/* Where it was found: evidence, then properties. */
static bool add_places(const struct prq_listed *item, struct prq_arena *a, struct prq_package *p)
{
    size_t n = item->paths.n;
    for (size_t i = 0; i < item->pair_count; i++)
        n += is_syft_location(item->pairs[i].key) ||
             prq_str_eq(item->pairs[i].key, PRQ_S(TRIVY "FilePath"));
    if (n == 0)
        return true;
    p->evidence = prq_new_n(a, struct prq_evidence, n);
    if (!p->evidence)
        return false;
    for (size_t i = 0; i < item->paths.n; i++)
        p->evidence[p->evidence_count++].path = relative(item->paths.v[i]);
    for (size_t i = 0; i < item->pair_count; i++)
        if (is_syft_location(item->pairs[i].key) ||
            prq_str_eq(item->pairs[i].key, PRQ_S(TRIVY "FilePath")))
            p->evidence[p->evidence_count++].path = relative(item->pairs[i].value);
    return true;
}

static bool add_cpes(const struct prq_listed *item, struct prq_arena *a, struct prq_package *p)
{
    static const prq_str generated = PRQ_SI(PRQ_FIELD_PREFIX "cpe:generated");
    size_t n = item->cpes.n;
    if (prq_listed_property(item, generated).n)
        return true; /* our own guess, not evidence */
    for (size_t i = 0; i < item->pair_count; i++)
        n += prq_str_eq(item->pairs[i].key, PRQ_S(SYFT "cpe23"));
    if (n == 0)
        return true;
    prq_str *v = prq_new_n(a, prq_str, n);
    if (!v)
        return false;
    n = item->cpes.n;
    if (n)
        memcpy(v, item->cpes.v, n * sizeof *v);
    for (size_t i = 0; i < item->pair_count; i++)
        if (prq_str_eq(item->pairs[i].key, PRQ_S(SYFT "cpe23")) && item->pairs[i].value.n)
            v[n++] = item->pairs[i].value;
    p->cpes = (struct prq_strs){ v, n };
    return true;
}

static bool apply_fields(const struct prq_listed *item, struct prq_arena *a, struct prq_package *p)
{
    struct prq_field_state state = { 0 };
    const prq_str type = p->type, name = p->name;
    for (size_t i = 0; i < item->pair_count; i++)
        if (!prq_fields_to_package(p, item->pairs[i].key, item->pairs[i].value, a, &state))
            return false;
    prq_fields_end(p, &state);
    if (p->type.n == 0) /* no package is without */
        p->type = type;
    if (p->name.n == 0)
        p->name = name;
    return true;
}

bool prq_listed_package(const struct prq_listed *item, struct prq_arena *a,
                        struct prq_package *out, const char **why, struct prq_err *err)
{
    struct prq_package p;
    struct prq_err bad = PRQ_ERR_INIT;
    bool has_purl = item->purl.n && prq_package_from_purl(item->purl, a, &p, &bad);
    *why = NULL;
    if (!has_purl) {
        if (bad.code == PRQ_E_LIMIT)
            return no_room(err);
        *why = item->purl.n ? "package URL that does not parse" : NULL;
        if (!from_names(item, a, &p, err))
            return false;
    }
    p.licenses = item->licenses;
    p.digests = item->digests;
    p.vendor = item->publisher;
    from_syft(item, &p);
    if (!from_trivy(item, a, &p, err))
        return false;
    if (!add_places(item, a, &p) || !add_cpes(item, a, &p) || !apply_fields(item, a, &p))
        return no_room(err);
    if (has_purl)
        p.purl = item->purl;
    *out = p;
    return true;
}
