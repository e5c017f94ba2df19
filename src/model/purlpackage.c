/* SPDX-License-Identifier: Apache-2.0 */
/* Between packages and package URLs: what each type puts where.
 * Source: catalog.md 9, and the types of package-url/purl-spec. */
#include <stdlib.h>

#include "base/buf.h"
#include "model/purl.h"

enum {
    LOWER_NS = 1 << 0,   /* namespace is case-insensitive */
    LOWER_NAME = 1 << 1, /* and the name */
    DASHES = 1 << 2,     /* '_' is written as '-' */
    OS = 1 << 3,         /* carries arch, distro, epoch, upstream */
};

/* Types with rules of their own. `joint`: what joins namespace and name where the ecosystem writes
 * them as one (struct prq_package holds the joined name). */
static const struct rules {
    prq_str type;
    unsigned flags;
    char joint;
} rules[] = {
    { PRQ_SI("alpm"), OS, '\0' },
    { PRQ_SI("apk"), OS, '\0' },
    { PRQ_SI("binary"), 0, '/' }, /* "haskell/ghc" */
    { PRQ_SI("bitbucket"), LOWER_NS | LOWER_NAME, '/' },
    { PRQ_SI("composer"), LOWER_NS | LOWER_NAME, '/' },
    { PRQ_SI("deb"), OS, '\0' },
    { PRQ_SI("ebuild"), 0, '/' },
    { PRQ_SI("github"), LOWER_NS | LOWER_NAME, '/' },
    { PRQ_SI("githubactions"), LOWER_NS | LOWER_NAME, '/' },
    { PRQ_SI("golang"), 0, '/' },
    { PRQ_SI("hex"), LOWER_NS | LOWER_NAME, '\0' },
    { PRQ_SI("jsr"), 0, '/' },
    { PRQ_SI("maven"), 0, ':' },
    { PRQ_SI("npm"), 0, '/' },
    { PRQ_SI("pypi"), LOWER_NAME | DASHES, '\0' },
    { PRQ_SI("rpm"), OS, '\0' },
    { PRQ_SI("swift"), 0, '/' },
    { PRQ_SI("terraform"), 0, '/' },
    { PRQ_SI("vscode-extension"), LOWER_NS | LOWER_NAME, '/' },
};

static struct rules rules_of(prq_str type)
{
    for (size_t i = 0; i < PRQ_COUNT(rules); i++)
        if (prq_str_eq(type, rules[i].type))
            return rules[i];
    return (struct rules){ .type = type };
}

/* rpm namespaces: what lists write, the distribution's ID, and what we write ourselves. */
static const struct {
    prq_str read, id, written;
} rpm_names[] = {
    { PRQ_SI("almalinux"), PRQ_SI("almalinux"), PRQ_SI("almalinux") },
    { PRQ_SI("alma"), PRQ_SI("almalinux"), PRQ_SI("almalinux") },
    { PRQ_SI("rocky"), PRQ_SI("rocky"), PRQ_SI("rocky") },
    { PRQ_SI("rockylinux"), PRQ_SI("rocky"), PRQ_SI("rocky") },
    { PRQ_SI("redhat"), PRQ_SI("rhel"), PRQ_SI("redhat") },
    { PRQ_SI("rhel"), PRQ_SI("rhel"), PRQ_SI("redhat") },
    { PRQ_SI("hummingbird"), PRQ_SI("hummingbird"), PRQ_SI("redhat") },
    { PRQ_SI("amzn"), PRQ_SI("amzn"), PRQ_SI("amzn") },
    { PRQ_SI("amazon"), PRQ_SI("amzn"), PRQ_SI("amzn") },
    { PRQ_SI("amazonlinux"), PRQ_SI("amzn"), PRQ_SI("amzn") },
    { PRQ_SI("suse"), PRQ_SI("sles"), PRQ_SI("suse") },
    { PRQ_SI("sles"), PRQ_SI("sles"), PRQ_SI("suse") },
    { PRQ_SI("sle-micro"), PRQ_SI("sle-micro"), PRQ_SI("suse") },
    { PRQ_SI("sl-micro"), PRQ_SI("sl-micro"), PRQ_SI("suse") },
    { PRQ_SI("sle-micro-rancher"), PRQ_SI("sle-micro-rancher"), PRQ_SI("suse") },
    { PRQ_SI("ol"), PRQ_SI("ol"), PRQ_SI("ol") },
    { PRQ_SI("oracle"), PRQ_SI("ol"), PRQ_SI("ol") },
    { PRQ_SI("oraclelinux"), PRQ_SI("ol"), PRQ_SI("ol") },
};

static prq_str rpm_id(prq_str ns)
{
    for (size_t i = 0; i < PRQ_COUNT(rpm_names); i++)
        if (prq_str_ieq(ns, rpm_names[i].read))
            return rpm_names[i].id;
    return ns;
}

static prq_str rpm_written(prq_str ns)
{
    for (size_t i = 0; i < PRQ_COUNT(rpm_names); i++)
        if (prq_str_eq(ns, rpm_names[i].read))
            return rpm_names[i].written;
    return prq_str_starts(ns, PRQ_S("opensuse")) ? PRQ_S("opensuse") : ns;
}

/* ---- from a purl */

/* Not with printf: decoded text may hold NUL. p == NULL when memory ran out. */
static prq_str join(struct prq_arena *a, prq_str x, char joint, prq_str y)
{
    char *p = prq_arena_alloc(a, x.n + 1 + y.n);
    if (!p)
        return (prq_str){ 0 };
    if (x.n)
        memcpy(p, x.p, x.n);
    p[x.n] = joint;
    if (y.n)
        memcpy(p + x.n + 1, y.p, y.n);
    return (prq_str){ p, x.n + 1 + y.n };
}

/* Qualifiers that have a member of their own, or that say nothing of the package. */
static bool is_own_qual(prq_str key, bool is_os)
{
    static const prq_str always[] = { PRQ_SI("vcs_url"), PRQ_SI("distro"), PRQ_SI("package-id") };
    static const prq_str os[] = { PRQ_SI("arch"), PRQ_SI("epoch"), PRQ_SI("modularitylabel"),
                                  PRQ_SI("rpmmod"), PRQ_SI("upstream") };
    for (size_t i = 0; i < PRQ_COUNT(always); i++)
        if (prq_str_eq(key, always[i]))
            return true;
    for (size_t i = 0; is_os && i < PRQ_COUNT(os); i++)
        if (prq_str_eq(key, os[i]))
            return true;
    return false;
}

static int by_text(const void *x, const void *y)
{
    return prq_str_cmp(*(const prq_str *)x, *(const prq_str *)y);
}

/* The qualifiers that no member holds, as they will be printed again. */
static bool read_qualifiers(const struct prq_purl *u, bool is_os, struct prq_arena *a,
                            struct prq_package *p, struct prq_err *err)
{
    prq_str *v = u->qual_count ? prq_new_n(a, prq_str, u->qual_count) : NULL;
    if (u->qual_count && !v)
        return prq_fail(err, PRQ_E_LIMIT, "no room for qualifiers");
    size_t n = 0;
    for (size_t i = 0; i < u->qual_count; i++) {
        const struct prq_purl_qual *q = &u->quals[i];
        if (q->value.n == 0 || is_own_qual(q->key, is_os))
            continue;
        v[n] = join(a, q->key, '=', q->value);
        if (!v[n++].p)
            return prq_fail(err, PRQ_E_LIMIT, "no room for qualifiers");
    }
    if (n)
        qsort(v, n, sizeof *v, by_text);
    p->qualifiers = (struct prq_strs){ v, n };
    return true;
}

/* "openssl", "openssl@3.0.1-1", "openssl-3.0.7-24.el9.src.rpm" */
static void read_upstream(prq_str v, struct prq_package *p)
{
    prq_str stem = v, name, version, release;
    if (prq_str_ends(v, PRQ_S(".rpm"))) {
        p->source_rpm = v;
        stem.n -= strlen(".rpm");
        if (prq_str_rcut(stem, '.', &stem, &release) && prq_str_rcut(stem, '-', &name, &release) &&
            prq_str_rcut(name, '-', &name, &version) && name.n) {
            p->source_name = name;
            p->source_version = (prq_str){ version.p, version.n + 1 + release.n };
        }
        return;
    }
    p->source_name = v;
    (void)prq_str_cut(v, '@', &p->source_name, &p->source_version);
}

/* "1:2.3": what stands before the only colon, when it is a number. */
static bool has_epoch_inside(prq_str version, uint64_t *number, prq_str *rest)
{
    prq_str before;
    return prq_str_cut(version, ':', &before, rest) && prq_str_find(*rest, ':') == rest->n &&
           prq_str_u64(before, number);
}

/* Some write the epoch into the version of an rpm, some leave it out of a deb's. */
static bool read_epoch(const struct prq_purl *u, struct prq_arena *a, struct prq_package *p,
                       struct prq_err *err)
{
    prq_str text = prq_purl_qual(u, PRQ_S("epoch")), rest;
    uint64_t number = 0, inside = 0;
    bool is_rpm = prq_str_eq(p->type, PRQ_S("rpm")), is_deb = prq_str_eq(p->type, PRQ_S("deb"));
    if (!is_rpm && !is_deb)
        return true;
    if (text.n && !prq_str_u64(text, &number))
        return prq_fail(err, PRQ_E_FORMAT, "the epoch of a package URL is not a number");
    bool has_inside = has_epoch_inside(p->version, &inside, &rest);
    if (is_rpm) {
        if (has_inside && (text.n == 0 || inside == number)) {
            p->version = rest;
            number = inside;
        }
        p->has_epoch = text.n || has_inside;
        p->epoch = number;
        return true;
    }
    if (text.n == 0 || has_inside || p->version.n == 0)
        return true;
    p->version = join(a, text, ':', p->version);
    return p->version.p || prq_fail(err, PRQ_E_LIMIT, "no room for a version");
}

static bool read_name(const struct prq_purl *u, struct prq_arena *a, struct prq_package *p,
                      struct prq_err *err)
{
    char joint = rules_of(u->type).joint;
    p->ns = prq_str_eq(u->type, PRQ_S("rpm")) ? rpm_id(u->ns) : u->ns;
    p->name = u->name;
    if (!joint || u->ns.n == 0)
        return true;
    p->name = join(a, u->ns, joint, u->name);
    return p->name.p || prq_fail(err, PRQ_E_LIMIT, "no room for a name");
}

bool prq_package_from_purl(prq_str text, struct prq_arena *a, struct prq_package *out,
                           struct prq_err *err)
{
    struct prq_purl u;
    if (!prq_purl_parse(text, a, &u, err))
        return false;
    struct prq_package p = {
        .type = u.type,
        .version = u.version,
        .subpath = u.subpath,
        .arch = prq_purl_qual(&u, PRQ_S("arch")),
        .distro = prq_purl_qual(&u, PRQ_S("distro")),
        .modularity = prq_purl_qual(&u, PRQ_S("rpmmod")),
        .vcs_url = prq_purl_qual(&u, PRQ_S("vcs_url")),
    };
    if (p.modularity.n == 0)
        p.modularity = prq_purl_qual(&u, PRQ_S("modularitylabel"));
    p.has_modularity = p.modularity.n > 0;
    bool is_os = rules_of(p.type).flags & OS;
    if (!read_name(&u, a, &p, err) || !read_epoch(&u, a, &p, err) ||
        !read_qualifiers(&u, is_os, a, &p, err))
        return false;
    prq_str upstream = prq_purl_qual(&u, PRQ_S("upstream"));
    if (upstream.n && (rules_of(p.type).flags & OS))
        read_upstream(upstream, &p);
    *out = p;
    return true;
}

/* ---- to a purl */

/* Letters, digits and "-._~:" stay as they are (purl-spec, "Character encoding"; RFC 3986 2.3). */
static void put(struct prq_buf *b, prq_str s, unsigned folds)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.n; i++) {
        char c = folds & LOWER_NAME ? prq_to_lower(s.p[i]) : s.p[i];
        if ((folds & DASHES) && c == '_')
            c = '-';
        if (prq_is_alnum(c) || (c != '\0' && strchr("-._~:", c))) {
            prq_buf_byte(b, (uint8_t)c);
            continue;
        }
        prq_buf_byte(b, '%');
        prq_buf_byte(b, (uint8_t)hex[(uint8_t)c >> 4]);
        prq_buf_byte(b, (uint8_t)hex[(uint8_t)c & 15]);
    }
}

/* A type is never percent-encoded; other bytes than its own come only from a broken caller. */
static void put_type(struct prq_buf *b, prq_str type)
{
    for (size_t i = 0; i < type.n; i++) {
        char c = prq_to_lower(type.p[i]);
        prq_buf_byte(b, prq_is_alnum(c) || c == '.' || c == '+' ? (uint8_t)c : '-');
    }
}

/* Joined by slashes, without the empty ones. False: there was none. */
static bool put_segments(struct prq_buf *b, prq_str s, unsigned folds, bool skips_dots)
{
    prq_str segment;
    bool any = false;
    while (prq_str_split(&s, '/', &segment)) {
        bool is_dots = prq_str_eq(segment, PRQ_S(".")) || prq_str_eq(segment, PRQ_S(".."));
        if (segment.n == 0 || (skips_dots && is_dots))
            continue;
        if (any)
            prq_buf_byte(b, '/');
        put(b, segment, folds);
        any = true;
    }
    return any;
}

/* A joined name comes apart again: at its namespace when that is known, else at the last joint (of
 * npm's only in scoped names). */
static void part_name(const struct prq_package *p, char joint, prq_str *ns, prq_str *name)
{
    prq_str before, after;
    if (ns->n > 0) {
        if (name->n > ns->n + 1 && prq_str_starts(*name, *ns) && name->p[ns->n] == joint)
            *name = prq_str_from_at(*name, ns->n + 1);
        return;
    }
    if (prq_str_eq(p->type, PRQ_S("npm")) && !prq_str_starts(*name, PRQ_S("@")))
        return;
    if (prq_str_rcut(*name, joint, &before, &after) && before.n && after.n) {
        *ns = before;
        *name = after;
    }
}

/* The namespace and the name as a purl has them. */
static void split_name(const struct prq_package *p, const struct prq_distro *distro,
                       const struct rules *r, prq_str *ns, prq_str *name)
{
    *ns = p->ns;
    *name = p->name;
    if (r->joint)
        part_name(p, r->joint, ns, name);
    if (!(r->flags & OS))
        return;
    if (ns->n == 0 && distro)
        *ns = distro->id;
    if (prq_str_eq(p->type, PRQ_S("rpm")))
        *ns = rpm_written(*ns);
}

static void put_key(struct prq_buf *b, const char *key, char *next)
{
    prq_buf_byte(b, (uint8_t)*next);
    prq_buf_str(b, prq_str_from(key));
    prq_buf_byte(b, '=');
    *next = '&';
}

static void put_qual(struct prq_buf *b, const char *key, prq_str value, char *next)
{
    if (value.n == 0)
        return;
    put_key(b, key, next);
    put(b, value, 0);
}

static void put_distro(struct prq_buf *b, const struct prq_package *p,
                       const struct prq_distro *distro, char *next)
{
    if (p->distro.n || !distro || distro->id.n == 0) {
        put_qual(b, "distro", p->distro, next);
        return;
    }
    prq_str version = distro->version_id.n ? distro->version_id : distro->build_id;
    put_qual(b, "distro", distro->id, next);
    if (version.n)
        prq_buf_byte(b, '-');
    put(b, version, 0);
}

/* A source package that is the package itself goes without saying. */
static void put_upstream(struct prq_buf *b, const struct prq_package *p, char *next)
{
    if (p->source_rpm.n) {
        put_qual(b, "upstream", p->source_rpm, next);
        return;
    }
    bool has_version = p->source_version.n && !prq_str_eq(p->source_version, p->version);
    if (p->source_name.n == 0 || (!has_version && prq_str_eq(p->source_name, p->name)))
        return;
    put_qual(b, "upstream", p->source_name, next);
    if (has_version) {
        prq_buf_str(b, PRQ_S("%40"));
        put(b, p->source_version, 0);
    }
}

/* The package's own qualifiers whose keys sort before `limit` (NULL: the rest); *at is the first
 * not yet written. They are sorted by key. */
static void put_own_quals(struct prq_buf *b, const struct prq_package *p, const char *limit,
                          size_t *at, char *next)
{
    for (; *at < p->qualifiers.n; ++*at) {
        prq_str key, value;
        if (!prq_str_cut(p->qualifiers.v[*at], '=', &key, &value) || key.n == 0 || value.n == 0)
            continue;
        if (limit && prq_str_cmp(key, prq_str_from(limit)) >= 0)
            return;
        prq_buf_byte(b, (uint8_t)*next);
        put(b, key, LOWER_NAME);
        prq_buf_byte(b, '=');
        put(b, value, 0);
        *next = '&';
    }
}

/* In order of the keys. */
static void put_quals(struct prq_buf *b, const struct prq_package *p,
                      const struct prq_distro *distro, const struct rules *r)
{
    char next = '?';
    size_t own = 0;
    if (r->flags & OS) {
        put_own_quals(b, p, "arch", &own, &next);
        put_qual(b, "arch", p->arch, &next);
        put_own_quals(b, p, "distro", &own, &next);
        put_distro(b, p, distro, &next);
        put_own_quals(b, p, "epoch", &own, &next);
        if (p->has_epoch && prq_str_eq(p->type, PRQ_S("rpm"))) {
            put_key(b, "epoch", &next);
            prq_buf_printf(b, "%llu", (unsigned long long)p->epoch);
        }
        put_own_quals(b, p, "rpmmod", &own, &next);
        put_qual(b, "rpmmod", p->modularity, &next);
        put_own_quals(b, p, "upstream", &own, &next);
        put_upstream(b, p, &next);
    }
    put_own_quals(b, p, "vcs_url", &own, &next);
    put_qual(b, "vcs_url", p->vcs_url, &next);
    put_own_quals(b, p, NULL, &own, &next);
}

prq_str prq_purl_print(const struct prq_package *p, const struct prq_distro *distro,
                       struct prq_arena *a)
{
    struct rules r = rules_of(p->type);
    prq_str ns, name, type = p->type, version = p->version;
    split_name(p, distro, &r, &ns, &name);
    if (prq_str_eq(type, PRQ_S("binary")))
        type = PRQ_S("generic");
    /* A main module that was not built from a release has no version. */
    if (prq_str_eq(type, PRQ_S("golang")) && prq_str_eq(version, PRQ_S("(devel)")))
        version.n = 0;
    PRQ_BUF b;
    prq_buf_init(&b, PRQ_MIB(1));
    prq_buf_str(&b, PRQ_S("pkg:"));
    put_type(&b, type);
    prq_buf_byte(&b, '/');
    if (put_segments(&b, ns, r.flags & LOWER_NS ? LOWER_NAME : 0, false))
        prq_buf_byte(&b, '/');
    put(&b, name, r.flags);
    if (version.n) {
        prq_buf_byte(&b, '@');
        put(&b, version, 0);
    }
    put_quals(&b, p, distro, &r);
    size_t before = b.n;
    prq_buf_byte(&b, '#');
    if (!put_segments(&b, p->subpath, 0, true) && !b.bad)
        b.n = before;
    prq_str out = b.bad ? (prq_str){ 0 } : prq_arena_copy(a, prq_buf_view(&b));
    return out;
}
