/* SPDX-License-Identifier: Apache-2.0 */
/* What a name in a VEX statement stands for: the image, or packages of it. Source: matching.md 6.1
 * "Product match", "purl match"; package-url/purl-spec, types oci, docker, generic; CycloneDX,
 * BOM-Link. Each name is looked up once. */
#include <stdlib.h>

#include "match/decide.h"
#include "model/cpe.h"
#include "model/imagename.h"

/* ---- a purl and a package */

static bool is_folded(prq_str type)
{
    static const prq_str exact[] = { PRQ_SI("maven"), PRQ_SI("npm"), PRQ_SI("gem"), PRQ_SI("cargo"),
                                     PRQ_SI("conda"), PRQ_SI("generic") };
    for (size_t i = 0; i < PRQ_COUNT(exact); i++)
        if (prq_str_eq(type, exact[i]))
            return false;
    return true;
}

/* Case, and of PyPI the marks, do not count where the type says so (purl-spec, PURL-TYPES). */
static prq_str key_of(struct prq_arena *a, prq_str type, prq_str ns, prq_str name)
{
    prq_str key = prq_arena_printf(a, "%.*s/%.*s/%.*s", PRQ_FMT(type), PRQ_FMT(ns), PRQ_FMT(name));
    char *p = key.p ? prq_arena_alloc(a, key.n + 1) : NULL;
    bool is_pypi = prq_str_eq(type, PRQ_S("pypi"));
    if (!p || !is_folded(type))
        return p ? key : (prq_str){ 0 };
    for (size_t i = 0; i < key.n; i++) {
        p[i] = prq_to_lower(key.p[i]);
        if (is_pypi && (p[i] == '_' || p[i] == '.'))
            p[i] = '-';
    }
    return (prq_str){ p, key.n };
}

static bool is_source_purl(const struct prq_purl *p)
{
    prq_str arch = prq_purl_qual(p, PRQ_S("arch"));
    return prq_str_eq(arch, PRQ_S("source")) || prq_str_eq(arch, PRQ_S("src"));
}

/* Go versions are written with and without their 'v'; rpm's epoch in front or as a qualifier. */
static bool is_version(prq_str type, prq_str wanted, prq_str has, prq_str epoch)
{
    prq_str before, after;
    if (prq_str_eq(wanted, has))
        return true;
    if (prq_str_eq(type, PRQ_S("golang"))) {
        if (wanted.n && wanted.p[0] == 'v')
            wanted = prq_str_from_at(wanted, 1);
        if (has.n && has.p[0] == 'v')
            has = prq_str_from_at(has, 1);
        return prq_str_eq(wanted, has);
    }
    if (!prq_str_eq(type, PRQ_S("rpm")) || !prq_str_cut(wanted, ':', &before, &after))
        return false;
    return prq_str_eq(before, epoch.n ? epoch : PRQ_S("0")) && prq_str_eq(after, has);
}

/* "jammy", "esm-apps/jammy" (Ubuntu), "22.04", "ubuntu-22.04" */
static bool is_distro(prq_str wanted, prq_str has, const struct prq_distro *d)
{
    wanted = prq_path_base(wanted);
    return prq_str_eq(wanted, has) || (d && d->codename.n && prq_str_eq(wanted, d->codename)) ||
           (d && d->version_id.n && prq_str_eq(wanted, d->version_id));
}

static bool covers_quals(const struct prq_purl *wanted, const struct prq_purl *has, bool is_source,
                         const struct prq_distro *d)
{
    for (size_t i = 0; i < wanted->qual_count; i++) {
        prq_str key = wanted->quals[i].key, value = wanted->quals[i].value;
        if ((prq_str_eq(key, PRQ_S("arch")) && is_source) ||
            prq_str_eq(key, PRQ_S("package-id"))) /* Syft's own numbering */
            continue;
        prq_str own = prq_purl_qual(has, key);
        bool is_equal = prq_str_eq(key, PRQ_S("distro")) ? is_distro(value, own, d)
                                                         : prq_str_eq(value, own);
        if (!is_equal && !(prq_str_eq(key, PRQ_S("epoch")) && !own.n &&
                           prq_str_eq(value, PRQ_S("0"))))
            return false;
    }
    return true;
}

static bool is_name(prq_str type, prq_str a, prq_str b)
{
    if (!prq_str_eq(type, PRQ_S("pypi")))
        return is_folded(type) ? prq_str_ieq(a, b) : prq_str_eq(a, b);
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++) {
        char x = prq_to_lower(a.p[i]), y = prq_to_lower(b.p[i]);
        x = x == '_' || x == '.' ? '-' : x;
        y = y == '_' || y == '.' ? '-' : y;
        if (x != y)
            return false;
    }
    return true;
}

bool prq_purl_covers(const struct prq_purl *wanted, const struct prq_package *p,
                     const struct prq_purl *has, const struct prq_distro *distro)
{
    bool is_source = is_source_purl(wanted) && prq_package_is_os(p);
    prq_str name = is_source && p->source_name.n ? p->source_name : has->name;
    prq_str version = is_source && p->source_version.n ? p->source_version : has->version;
    if (!prq_str_eq(wanted->type, has->type) || !is_name(wanted->type, wanted->name, name) ||
        !is_name(wanted->type, wanted->ns, has->ns))
        return false;
    if (wanted->version.n && !is_version(wanted->type, wanted->version, version,
                                         prq_purl_qual(has, PRQ_S("epoch"))))
        return false;
    if (wanted->subpath.n && !prq_str_eq(wanted->subpath, has->subpath))
        return false;
    return covers_quals(wanted, has, is_source, distro);
}

/* ---- the index */

static bool fail(struct prq_err *err)
{
    return prq_fail(err, PRQ_E_LIMIT, "VEX exceeds the memory budget");
}

static bool add_entry(struct prq_namer *w, prq_str key, size_t package)
{
    bool added;
    if (!key.p ||
        !prq_arena_grow(w->a, &w->entries, sizeof *w->entries, &w->cap, w->count + 1))
        return false;
    size_t *head = prq_map_put(&w->by_key, key, w->count, &added);
    if (!head)
        return false;
    w->entries[w->count] = (struct namer_entry){ (uint32_t)package, 0 };
    if (!added) {
        w->entries[w->count].next = (uint32_t)*head + 1;
        *head = w->count;
    }
    w->count++;
    return true;
}

static bool cpe_key(struct prq_arena *a, prq_str text, struct prq_cpe *cpe, prq_str *key)
{
    if (!prq_cpe_parse(text, a, cpe, NULL))
        return false;
    *key = prq_arena_printf(a, "cpe/%.*s/%.*s", PRQ_FMT(cpe->v[PRQ_CPE_VENDOR]),
                            PRQ_FMT(cpe->v[PRQ_CPE_PRODUCT]));
    return key->p != NULL;
}

static bool index_package(struct prq_namer *w, size_t i)
{
    const struct prq_package *p = &w->an->packages[i];
    struct prq_purl *purl = &w->purls[i];
    struct prq_cpe cpe;
    prq_str key;
    if (!p->purl.n || !prq_purl_parse(p->purl, w->a, purl, NULL)) {
        *purl = (struct prq_purl){ 0 };
    } else {
        if (!add_entry(w, key_of(w->a, purl->type, purl->ns, purl->name), i))
            return false;
        if (prq_package_is_os(p) && p->source_name.n && !prq_str_eq(p->source_name, purl->name) &&
            !add_entry(w, key_of(w->a, purl->type, purl->ns, p->source_name), i))
            return false;
    }
    for (size_t k = 0; k < p->digests.n; k++)
        if (!add_entry(w, p->digests.v[k], i))
            return false;
    for (size_t k = 0; k < p->cpes.n; k++)
        if (cpe_key(w->a, p->cpes.v[k], &cpe, &key) && !add_entry(w, key, i))
            return false;
    return true;
}

static bool add_place(struct prq_namer *w, prq_str name)
{
    prq_str repository, tag, before, digest;
    size_t digest_cap = 0;
    if (prq_str_cut(name, '@', &before, &digest) && prq_str_starts(digest, PRQ_S("sha"))) {
        struct prq_strs more = { 0 };
        if (!prq_arena_grow(w->a, &more.v, sizeof *more.v, &digest_cap, w->digests.n + 1))
            return false;
        for (size_t i = 0; i < w->digests.n; i++)
            more.v[more.n++] = w->digests.v[i];
        more.v[more.n++] = digest;
        w->digests = more;
    }
    if (!prq_image_name_split(name, &repository, &tag))
        return true;
    repository = prq_image_repository(repository, w->a);
    w->places[w->place_count++] = (struct namer_place){ repository, tag };
    return repository.p != NULL;
}

bool prq_namer_init(struct prq_namer *w, const struct prq_analysis *an, struct prq_arena *a,
                    struct prq_err *err)
{
    *w = (struct prq_namer){ .an = an, .a = a,
                             .purls = prq_new_n(a, struct prq_purl, an->package_count + 1),
                             .places = prq_new_n(a, struct namer_place, an->tags.n + 1),
                             .digests = { prq_new(a, prq_str), an->digest.n > 0 } };
    prq_map_init(&w->by_key, a);
    prq_map_init(&w->by_name, a);
    if (!w->purls || !w->places || !w->digests.v || an->package_count >= UINT32_MAX)
        return fail(err);
    w->digests.v[0] = an->digest;
    for (size_t i = 0; i < an->package_count; i++)
        if (!index_package(w, i))
            return fail(err);
    if (!add_place(w, an->name))
        return fail(err);
    for (size_t i = 0; i < an->tags.n; i++)
        if (!add_place(w, an->tags.v[i]))
            return fail(err);
    return true;
}

/* ---- the image */

static bool has_digest(const struct prq_namer *w, prq_str digest)
{
    for (size_t i = 0; i < w->digests.n; i++)
        if (prq_str_eq(w->digests.v[i], digest))
            return true;
    return false;
}

/* "registry/path" or, without its last component, "registry". */
static bool is_repository(struct prq_namer *w, prq_str wanted, prq_str has)
{
    prq_str folded = prq_image_repository(wanted, w->a);
    return prq_str_ieq(folded, has) || prq_str_ieq(wanted, prq_path_dir(has));
}

static bool is_oci(struct prq_namer *w, const struct prq_purl *p)
{
    prq_str url = prq_purl_qual(p, PRQ_S("repository_url")), tag = prq_purl_qual(p, PRQ_S("tag"));
    prq_str arch = prq_purl_qual(p, PRQ_S("arch"));
    bool is_digest = prq_str_starts(p->version, PRQ_S("sha"));
    if (p->version.n && !is_digest && !tag.n)
        tag = p->version;
    if ((is_digest && !has_digest(w, p->version)) ||
        (arch.n && !prq_str_eq(arch, w->an->architecture)))
        return false;
    for (size_t i = 0; i < p->qual_count; i++)
        if (!prq_str_eq(p->quals[i].key, PRQ_S("repository_url")) &&
            !prq_str_eq(p->quals[i].key, PRQ_S("tag")) &&
            !prq_str_eq(p->quals[i].key, PRQ_S("arch")))
            return false;
    for (size_t i = 0; i < w->place_count; i++) {
        const struct namer_place *at = &w->places[i];
        if (prq_str_ieq(prq_path_base(at->repository), p->name) &&
            (!url.n || is_repository(w, url, at->repository)) &&
            (!tag.n || prq_str_eq(tag, at->tag)))
            return true;
    }
    return w->place_count == 0 && is_digest && !url.n && !tag.n;
}

/* pkg:docker/NS/NAME@TAG-OR-DIGEST */
static bool is_docker(struct prq_namer *w, const struct prq_purl *p)
{
    prq_str name = prq_arena_printf(w->a, "%.*s%s%.*s", PRQ_FMT(p->ns), p->ns.n ? "/" : "",
                                    PRQ_FMT(p->name));
    prq_str host = prq_purl_qual(p, PRQ_S("repository_url"));
    if (host.n)
        name = prq_arena_printf(w->a, "%.*s/%.*s", PRQ_FMT(host), PRQ_FMT(name));
    name = prq_image_repository(name, w->a);
    bool is_digest = prq_str_starts(p->version, PRQ_S("sha"));
    if (is_digest && !has_digest(w, p->version))
        return false;
    for (size_t i = 0; name.p && i < w->place_count; i++)
        if (prq_str_ieq(name, w->places[i].repository) &&
            (!p->version.n || is_digest || prq_str_eq(p->version, w->places[i].tag)))
            return true;
    return false;
}

/* pkg:generic/NAME@VERSION, for what has a name and no registry. */
static bool is_generic(struct prq_namer *w, const struct prq_purl *p)
{
    prq_str name = w->an->name, version = { 0 };
    if (prq_str_eq(name, p->name) && !p->version.n)
        return true;
    if (!prq_str_rcut(name, '@', &name, &version))
        prq_str_rcut(name, ':', &name, &version);
    return prq_str_eq(name, p->name) && (!p->version.n || prq_str_eq(version, p->version));
}

/* "alpine:3.17", "registry/path@sha256:…" */
static bool is_reference(struct prq_namer *w, prq_str text)
{
    prq_str repository, tag, before, digest;
    if (prq_str_eq(text, w->an->name))
        return true;
    bool has_at = prq_str_cut(text, '@', &before, &digest);
    if (!prq_image_name_split(text, &repository, &tag) || (has_at && !has_digest(w, digest)))
        return false;
    repository = prq_image_repository(repository, w->a);
    for (size_t i = 0; repository.p && i < w->place_count; i++)
        if (prq_str_ieq(repository, w->places[i].repository) &&
            (has_at || (tag.n && prq_str_eq(tag, w->places[i].tag))))
            return true;
    return false;
}

/* ---- operating systems as products: CSAF knows them by their CPE */

static bool is_platform(const struct prq_namer *w, const struct prq_cpe *cpe)
{
    static const struct {
        prq_str distro, vendor, product;
    } known[] = {
        { PRQ_SI("rhel"), PRQ_SI("redhat"), PRQ_SI("enterprise_linux") },
        { PRQ_SI("fedora"), PRQ_SI("fedoraproject"), PRQ_SI("fedora") },
        { PRQ_SI("debian"), PRQ_SI("debian"), PRQ_SI("debian_linux") },
        { PRQ_SI("ubuntu"), PRQ_SI("canonical"), PRQ_SI("ubuntu_linux") },
        { PRQ_SI("alpine"), PRQ_SI("alpinelinux"), PRQ_SI("alpine_linux") },
        { PRQ_SI("sles"), PRQ_SI("suse"), PRQ_SI("sles") },
        { PRQ_SI("opensuse-leap"), PRQ_SI("opensuse"), PRQ_SI("leap") },
        { PRQ_SI("almalinux"), PRQ_SI("almalinux"), PRQ_SI("almalinux") },
        { PRQ_SI("rocky"), PRQ_SI("rocky"), PRQ_SI("rocky") },
        { PRQ_SI("ol"), PRQ_SI("oracle"), PRQ_SI("linux") },
    };
    const struct prq_distro *d = &w->an->distro;
    prq_str version = cpe->v[PRQ_CPE_VERSION];
    for (size_t i = 0; w->an->has_distro && i < PRQ_COUNT(known); i++) {
        if (!prq_str_eq(d->id, known[i].distro) ||
            !prq_str_eq(cpe->v[PRQ_CPE_VENDOR], known[i].vendor) ||
            !prq_str_eq(cpe->v[PRQ_CPE_PRODUCT], known[i].product))
            continue;
        /* "8" is all of 8; "8.4" only that. */
        return !version.n || prq_str_eq(version, PRQ_S("*")) ||
               prq_str_eq(version, d->version_id) ||
               (prq_str_starts(d->version_id, version) && d->version_id.p[version.n] == '.');
    }
    return false;
}

/* ---- finding */

static int by_number(const void *x, const void *y)
{
    const uint32_t *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

struct wanted {
    bool is_purl, is_cpe;
    struct prq_purl purl;
    struct prq_cpe cpe;
};

static bool suits(const struct prq_namer *w, const struct wanted *x, uint32_t package)
{
    const struct prq_package *p = &w->an->packages[package];
    if (x->is_purl)
        return prq_purl_covers(&x->purl, p, &w->purls[package],
                               w->an->has_distro ? &w->an->distro : NULL);
    if (!x->is_cpe)
        return true;
    prq_str version = x->cpe.v[PRQ_CPE_VERSION];
    return !version.n || prq_str_eq(version, PRQ_S("*")) || prq_str_eq(version, p->version);
}

static bool take_packages(struct prq_namer *w, prq_str key, const struct wanted *x,
                          struct prq_named_thing *out)
{
    const size_t *head = prq_map_find(&w->by_key, key);
    size_t cap = 0, kept = 0;
    for (size_t at = head ? *head + 1 : 0; at; at = w->entries[at - 1].next) {
        uint32_t package = w->entries[at - 1].package;
        if (!suits(w, x, package))
            continue;
        if (!prq_arena_grow(w->a, &out->packages, sizeof *out->packages, &cap, out->n + 1))
            return false;
        out->packages[out->n++] = package;
    }
    if (out->n > 1)
        qsort(out->packages, out->n, sizeof *out->packages, by_number);
    for (size_t i = 0; i < out->n; i++)
        if (kept == 0 || out->packages[kept - 1] != out->packages[i])
            out->packages[kept++] = out->packages[i];
    out->n = kept;
    return true;
}

/* "urn:cdx:SERIAL/VERSION#REF": of the SBOM that was scanned, if that has this serial number. Its
 * references are package URLs in what Trivy, Syft and we write; percent-encoded once more or not.
 * p == NULL: no memory; empty: of another document. */
static prq_str of_link(struct prq_namer *w, prq_str link)
{
    prq_str serial, ref, after, own = w->an->bom_serial;
    static const prq_str uuid = PRQ_SI("urn:uuid:");
    if (!prq_str_cut(prq_str_from_at(link, strlen("urn:cdx:")), '/', &serial, &after) ||
        !prq_str_cut(after, '#', &after, &ref))
        return PRQ_S("");
    if (prq_str_starts(own, uuid))
        own = prq_str_from_at(own, uuid.n);
    if (!own.n || !prq_str_ieq(own, serial))
        return PRQ_S("");
    char *p = prq_arena_alloc(w->a, ref.n + 1);
    size_t n = 0;
    if (!p || !prq_str_starts(ref, PRQ_S("pkg%3")))
        return p ? ref : (prq_str){ 0 };
    for (size_t i = 0; i < ref.n; i++) {
        bool is_code = ref.p[i] == '%' && i + 2 < ref.n;
        int hi = is_code ? prq_hex_value(ref.p[i + 1]) : -1;
        int lo = is_code ? prq_hex_value(ref.p[i + 2]) : -1;
        p[n++] = hi >= 0 && lo >= 0 ? (char)(hi * 16 + lo) : ref.p[i];
        i += hi >= 0 && lo >= 0 ? 2 : 0;
    }
    return (prq_str){ p, n };
}

static bool look_up(struct prq_namer *w, prq_str name, struct prq_named_thing *out)
{
    struct wanted x = { 0 };
    if (prq_str_starts(name, PRQ_S("urn:cdx:"))) {
        name = of_link(w, name);
        out->is_foreign = name.n == 0;
        if (!name.n)
            return name.p != NULL;
    }
    prq_str key = name;
    x.is_purl = prq_str_starts(name, PRQ_S("pkg:"));
    x.is_cpe = prq_str_starts(name, PRQ_S("cpe:"));
    if (x.is_purl) {
        if (!prq_purl_parse(name, w->a, &x.purl, NULL))
            return true;
        out->is_image = prq_str_eq(x.purl.type, PRQ_S("oci"))       ? is_oci(w, &x.purl)
                        : prq_str_eq(x.purl.type, PRQ_S("docker"))  ? is_docker(w, &x.purl)
                        : prq_str_eq(x.purl.type, PRQ_S("generic")) ? is_generic(w, &x.purl)
                                                                    : false;
        key = key_of(w->a, x.purl.type, x.purl.ns, x.purl.name);
        return key.p && take_packages(w, key, &x, out);
    }
    if (x.is_cpe) {
        if (!cpe_key(w->a, name, &x.cpe, &key))
            return true;
        out->is_image = is_platform(w, &x.cpe);
        return take_packages(w, key, &x, out);
    }
    out->is_image = has_digest(w, name) || is_reference(w, name);
    return take_packages(w, name, &x, out);
}

bool prq_namer_find(struct prq_namer *w, prq_str name, const struct prq_named_thing **out,
                    struct prq_err *err)
{
    bool added;
    size_t *at = prq_map_put(&w->by_name, name, w->thing_count, &added);
    if (!at)
        return fail(err);
    if (added) {
        if (!prq_arena_grow(w->a, &w->things, sizeof *w->things, &w->thing_cap,
                            w->thing_count + 1))
            return fail(err);
        struct prq_named_thing *t = &w->things[w->thing_count++];
        *t = (struct prq_named_thing){ 0 };
        if (!look_up(w, name, t))
            return fail(err);
    }
    *out = &w->things[*at];
    return true;
}
