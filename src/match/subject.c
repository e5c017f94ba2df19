/* SPDX-License-Identifier: Apache-2.0 */
/* From a package to the questions put to the database. Source: matching.md 5.1 to 5.3, 5.8; 1.2
 * (epochs); catalog.md 3.3.7 (modules, third parties). */
#include "match/core.h"

/* Signed kernels are built from another source, whose advisories count; their own version is that
 * of the kernel, their source's is not (matching.md 5.3). */
static bool is_signed_kernel(prq_str source)
{
    return prq_str_starts(source, PRQ_S("linux-signed")) ||
           prq_str_starts(source, PRQ_S("linux-meta"));
}

/* Ubuntu has a source for each flavour: linux-signed-hwe-6.5 → linux-hwe-6.5. Debian's
 * linux-signed-amd64 is linux. */
static prq_str unsigned_kernel(const struct prq_subject *s, prq_str source, struct prq_arena *a)
{
    prq_str word = prq_str_starts(source, PRQ_S("linux-meta")) ? PRQ_S("linux-meta")
                                                               : PRQ_S("linux-signed");
    prq_str flavour = prq_str_from_at(source, word.n);
    if (strcmp(s->matcher->distro, "ubuntu") != 0 || flavour.n == 0)
        return PRQ_S("linux");
    return prq_arena_printf(a, "linux%.*s", PRQ_FMT(flavour));
}

static bool has_version(const struct prq_package *p)
{
    return p->version.n > 0 && !prq_str_ieq(p->version, PRQ_S("unknown"));
}

/* rpm compares epochs too; the header's wins over none in the text. */
static prq_str evr(const struct prq_package *p, struct prq_arena *a)
{
    prq_str epoch, rest;
    uint64_t number;
    bool has_own = prq_str_cut(p->version, ':', &epoch, &rest) && prq_str_u64(epoch, &number);
    if (!p->has_epoch || has_own)
        return p->version;
    return prq_arena_printf(a, "%llu:%.*s", (unsigned long long)p->epoch, PRQ_FMT(p->version));
}

/* The version in "name-version-release.src.rpm"; its epoch is recorded nowhere. */
static prq_str source_rpm_version(prq_str file)
{
    prq_str base, release, name, version;
    if (!prq_str_ends(file, PRQ_S(".rpm")) || !prq_str_rcut(file, '-', &base, &release) ||
        !prq_str_rcut(base, '-', &name, &version))
        return (prq_str){ 0 };
    for (int i = 0; i < 2; i++) { /* ".src", ".rpm" */
        prq_str before, after;
        if (prq_str_rcut(release, '.', &before, &after))
            release = before;
    }
    return (prq_str){ version.p, (size_t)(release.p + release.n - version.p) };
}

static prq_str source_version(const struct prq_package *p, prq_str source, prq_str own,
                              struct prq_arena *a)
{
    if (prq_str_eq(p->type, PRQ_S("apk")) || is_signed_kernel(source))
        return own; /* an apk has its origin's version */
    if (p->source_version.n > 0)
        return p->source_version;
    prq_str v = source_rpm_version(p->source_rpm);
    return v.n > 0 ? prq_arena_copy(a, v) : own;
}

/* By source name, but with a version or an epoch that is the package's (matching.md 5.1). */
static prq_str version_of_source(const struct prq_subject *s, prq_str source, prq_str own,
                                 struct prq_arena *a)
{
    const struct prq_package *p = s->pkg;
    if (s->matcher->flags & PRQ_OWN_VERSION)
        return own;
    prq_str v = source_version(p, source, own, a), epoch, rest;
    uint64_t number;
    bool has_epoch = prq_str_cut(v, ':', &epoch, &rest) && prq_str_u64(epoch, &number);
    if (!(s->matcher->flags & PRQ_OWN_EPOCH) || has_epoch || !prq_str_cut(own, ':', &epoch, &rest) ||
        !prq_str_u64(epoch, &number))
        return v;
    return prq_arena_printf(a, "%.*s:%.*s", PRQ_FMT(epoch), PRQ_FMT(v));
}

/* ---- modules of rpm */

static void read_module(struct prq_subject *s)
{
    const struct prq_package *p = s->pkg;
    prq_str name, rest, stream, more;
    s->knows_label = p->has_modularity || p->modularity.n > 0;
    if (prq_str_cut(p->modularity, ':', &name, &rest)) {
        if (!prq_str_cut(rest, ':', &stream, &more))
            stream = rest;
        s->module = prq_str_head(p->modularity, name.n + 1 + stream.n);
    }
    bool is_modular = prq_str_has(p->version, PRQ_S(".module"));
    s->lacks_label = is_modular && s->module.n == 0;
}

static bool is_debug_package(prq_str name)
{
    return prq_str_ends(name, PRQ_S("-debuginfo")) || prq_str_ends(name, PRQ_S("-debugsource"));
}

/* ---- gaps about one package */

static bool package_gap(struct prq_matching *m, const struct prq_package *p, const char *kind,
                        const char *why, struct prq_err *err)
{
    prq_str path = p->evidence_count > 0 ? p->evidence[0].path : (prq_str){ 0 };
    return prq_gap_note(m, kind, path,
                        prq_arena_printf(m->out, "%.*s %.*s %.*s: %s", PRQ_FMT(p->type),
                                         PRQ_FMT(p->name), PRQ_FMT(p->version), why), err);
}

/* Actions and Swift packages may be pinned to a commit, which looks like a version when its first
 * digits are decimal. */
static bool is_commit(prq_str version)
{
    for (size_t i = 0; i < version.n; i++)
        if (prq_hex_value(version.p[i]) < 0)
            return false;
    return version.n == 40;
}

static struct prq_question *ask(struct prq_subject *s, prq_str space, prq_str name, prq_str version)
{
    struct prq_question *q = &s->q[s->n++];
    *q = (struct prq_question){ .space = space, .name = name, .version = version };
    q->scale = prq_scale_of(s->matcher->scheme, false);
    q->is_valid = q->scale.scheme->is_valid(version) && !is_commit(version);
    return q;
}

/* What an OS package is called, and which versions go with the names. */
struct names {
    prq_str own, own_version, source, source_version;
    bool same;
};

static void ask_source(struct prq_subject *s, prq_str space, const struct names *n)
{
    struct prq_question *q = ask(s, space, n->source, n->source_version);
    q->is_source = true;
    q->is_indirect = !n->same;
    if (strcmp(s->matcher->scheme, "rpm") == 0 &&
        !(s->matcher->flags & (PRQ_OWN_VERSION | PRQ_OWN_EPOCH)))
        q->scale = prq_scale_of("rpm", true);
}

static void ask_names(struct prq_subject *s, prq_str space, unsigned flags, const struct names *n)
{
    if (flags & (PRQ_BY_OWN | PRQ_BY_ANY)) {
        struct prq_question *q = ask(s, space, n->own, n->own_version);
        q->takes_any = (flags & PRQ_BY_ANY) || n->same;
        if (n->same)
            return;
    }
    if (flags & PRQ_BY_SOURCE)
        ask_source(s, space, n);
}

/* RHEL's records of the same release, by both names (matching.md 5.6). */
static void ask_borrowed(struct prq_matching *m, struct prq_subject *s, const struct prq_site *site,
                         const struct names *n)
{
    size_t from = s->n;
    if (!site->discloses || !prq_is_rebuild_of_red_hat(s->pkg))
        return;
    prq_str space = prq_arena_printf(m->work, "Red Hat:%.*s", PRQ_FMT(site->place.release));
    ask_names(s, space, PRQ_BY_OWN | PRQ_BY_SOURCE, n);
    for (size_t i = from; i < s->n; i++)
        s->q[i].is_borrowed = true;
    s->keeps_misses = true;
}

/* Products may be of other releases than the image's own, or, layered ones, of none. */
static void ask_products(struct prq_matching *m, struct prq_subject *s, prq_str own,
                         const struct names *n)
{
    bool has_other = prq_str_eq(own, PRQ_S("Red Hat:other"));
    for (size_t i = 0; i < s->products->n && s->n + 4 <= PRQ_QUESTIONS_MAX; i++) {
        prq_str space = prq_db_red_hat_space(s->products->v[i], m->work);
        bool is_asked = !space.n || prq_str_eq(space, PRQ_S("Red Hat:other"));
        for (size_t k = 0; k < s->n; k++)
            is_asked = is_asked || prq_str_eq(s->q[k].space, space);
        if (!is_asked)
            ask_names(s, space, s->matcher->flags, n);
    }
    if (!has_other)
        ask_names(s, PRQ_S("Red Hat:other"), s->matcher->flags, n);
}

static void ask_os(struct prq_matching *m, struct prq_subject *s, const struct prq_site *site)
{
    const struct prq_place *place = &site->place;
    const struct prq_package *p = s->pkg;
    bool is_rpm = strcmp(s->matcher->scheme, "rpm") == 0;
    struct names n = { .own = p->name, .own_version = is_rpm ? evr(p, m->work) : p->version };
    n.source = p->source_name.n > 0 ? p->source_name : p->name;
    n.source_version = version_of_source(s, n.source, n.own_version, m->work);
    if (is_signed_kernel(n.source))
        n.source = unsigned_kernel(s, n.source, m->work);
    n.same = prq_str_eq(n.source, p->name);
    ask_names(s, place->space, s->matcher->flags, &n);
    if (place->channel.n > 0) {
        ask_source(s, place->channel, &n);
        s->has_channel = true;
    }
    if (s->products)
        ask_products(m, s, place->space, &n);
    ask_borrowed(m, s, site, &n);
}

/* Which of Red Hat's products the package is of; where that is not known, the release decides, which
 * is sure only for rebuilds, of which there is one. */
static bool find_products(struct prq_matching *m, struct prq_subject *s, struct prq_site *site,
                          bool is_quiet, struct prq_err *err)
{
    const struct prq_place *place = &site->place;
    if (!(s->matcher->flags & PRQ_CONTENT_SETS))
        return true;
    if (!place->is_rebuild && !prq_products_of(m, s->pkg, &s->products, err))
        return false;
    s->keeps_misses = true;
    s->eus = place->eus;
    s->is_unsure = place->is_unsure || (!place->is_rebuild && !s->products);
    site->by_release += !is_quiet && !place->is_rebuild && !s->products;
    return true;
}

/* True: go on; false with *ok: this package is not matched. */
static bool is_matchable_os(struct prq_matching *m, struct prq_subject *s, bool is_quiet,
                            struct prq_site **out, bool *ok, struct prq_err *err)
{
    const struct prq_package *p = s->pkg;
    *ok = true;
    if (p->flags & PRQ_PKG_THIRD_PARTY) {
        *ok = is_quiet || prq_gap_count(m, "third-party", p->type,
                                        "from third parties {is|are} not matched: the "
                                        "distribution's advisories do not speak of them", err);
        return false;
    }
    struct prq_site *site;
    *ok = prq_site_of(m, p, &site, err);
    if (!*ok)
        return false;
    if (site->place.matcher && !prq_str_eq(p->type, prq_str_from(site->place.matcher->type))) {
        *ok = is_quiet || prq_gap_count(m, "type-unmatched", p->type,
                                        "{is|are} not of the distribution: not matched", err);
        return false;
    }
    site->count += !is_quiet;
    s->matcher = site->place.matcher;
    *out = site;
    return site->state == PRQ_SITE_OK;
}

static bool is_nobodys(const struct prq_package *p)
{
    return prq_str_eq(p->type, PRQ_S("maven")) && prq_str_find(p->name, ':') == p->name.n;
}

static bool is_matchable_language(struct prq_matching *m, struct prq_subject *s, bool is_quiet,
                                  bool *ok, struct prq_err *err)
{
    const struct prq_package *p = s->pkg;
    *ok = true;
    s->matcher = prq_matcher_of_language(p->type);
    if (!s->matcher) {
        *ok = is_quiet || prq_gap_count(m, "type-unmatched", p->type,
                                        "{is|are} not matched: no advisories are read for it", err);
        return false;
    }
    /* An artifact alone names nobody's code (matching.md 5.9). */
    if (is_nobodys(p)) {
        *ok = is_quiet || prq_gap_count(m, "java-identity-unknown", p->type,
                                        "have no group: not matched", err);
        return *ok && prq_wants_cpes(m, p->type);
    }
    if ((s->matcher->flags & PRQ_BY_CPE) && p->cpes.n == 0) {
        *ok = is_quiet || prq_gap_count(m, "type-unmatched", p->type,
                                        "{is|are} not matched: nothing gives CPE names", err);
        return false;
    }
    if (!prq_site_has_language(m, s->matcher)) {
        *ok = is_quiet || prq_gap_count(m, "family-missing", p->type,
                                        "{is|are} not matched: the database lacks its family", err);
        return false;
    }
    return true;
}

/* Versions that name nothing to compare with. */
static bool has_comparable_version(struct prq_matching *m, const struct prq_package *p,
                                   bool is_quiet, bool *ok, struct prq_err *err)
{
    *ok = true;
    bool is_go_main = prq_str_eq(p->type, PRQ_S("golang")) && (p->flags & PRQ_PKG_MAIN);
    bool is_devel = prq_str_starts(p->version, PRQ_S("(devel)"));
    bool is_made_up = prq_str_starts(p->version, PRQ_S("v0.0.0-")) && prq_go_is_pseudo(p->version);
    if (is_go_main &&
        (!has_version(p) || is_devel || (is_made_up && !m->opts->go_main_pseudo))) {
        *ok = is_quiet || package_gap(m, p, "go-main-version",
                                      "the main module has no released version: not matched", err);
        return false;
    }
    if (has_version(p) && !is_devel)
        return true;
    if (!(p->flags & PRQ_PKG_APPLICATION) && !is_quiet)
        *ok = prq_gap_count(m, "version-missing", p->type, "{has|have} no version: not matched", err);
    return false;
}

static bool subject_of(struct prq_matching *m, size_t index, bool is_quiet,
                       struct prq_subject *s, struct prq_err *err)
{
    const struct prq_package *p = &m->analysis->packages[index];
    *s = (struct prq_subject){ .pkg = p, .index = index };
    if (p->flags & PRQ_PKG_NO_MATCH) /* virtual apk, local replacement: says its analyzer */
        return true;
    struct prq_site *site = NULL;
    bool ok, is_os = prq_is_os_type(p->type);
    if (is_os ? !is_matchable_os(m, s, is_quiet, &site, &ok, err)
              : !is_matchable_language(m, s, is_quiet, &ok, err))
        return ok;
    if (!has_comparable_version(m, p, is_quiet, &ok, err))
        return ok;
    if (is_os) {
        if (s->matcher->flags & PRQ_MODULES) {
            bool is_alma = strcmp(s->matcher->distro, "almalinux") == 0;
            if (is_alma && is_debug_package(p->name))
                return true; /* never published for (matching.md 5.6) */
            read_module(s);
            if (s->lacks_label && is_alma)
                return is_quiet || package_gap(m, p, "module-stream-unknown",
                                               "built as part of a module, but no label says of "
                                               "which stream: not matched", err);
        }
        if (!find_products(m, s, site, is_quiet, err))
            return false;
        ask_os(m, s, site);
    } else if (s->matcher->flags & PRQ_BY_CPE) {
        if (!prq_ask_cpes(m, s, is_quiet, err))
            return false;
    } else if (!is_nobodys(p)) {
        prq_str space = prq_str_from(s->matcher->space);
        ask(s, space, p->name, p->version)->takes_any = true;
    }
    /* A program that a classifier knows: its module's records seldom speak of the program. */
    bool is_program = prq_str_eq(p->found_by, PRQ_S("classify")) && p->cpes.n > 0;
    if (!(s->matcher->flags & PRQ_BY_CPE) && (is_program || prq_wants_cpes(m, p->type))) {
        s->has_cpes = true;
        if (!prq_ask_cpes(m, s, is_quiet, err))
            return false;
    }
    bool is_valid = true;
    for (size_t i = 0; i < s->n; i++) {
        if (!s->q[i].version.p)
            return prq_no_room(err);
        is_valid = is_valid && (s->q[i].is_valid || (s->q[i].cpe && s->has_cpes));
    }
    if (!is_valid && !is_quiet)
        return package_gap(m, p, "version-invalid",
                           "not a version of its kind: compared with no range", err);
    return true;
}

bool prq_subject_of(struct prq_matching *m, size_t index, struct prq_subject *out,
                    struct prq_err *err)
{
    return subject_of(m, index, false, out, err);
}

bool prq_subject_quiet(struct prq_matching *m, size_t index, struct prq_subject *out,
                       struct prq_err *err)
{
    return subject_of(m, index, true, out, err);
}
