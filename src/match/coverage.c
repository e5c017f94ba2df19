/* SPDX-License-Identifier: Apache-2.0 */
/* No silent gaps: whatever keeps a package from being judged, and what a feed cannot know, is a
 * line of the report. Source: matching.md 1 (common rules), 3.13, 5.2, 5.8; catalog.md 2.4. */
#include "match/core.h"

bool prq_gap_note(struct prq_matching *m, const char *kind, prq_str path, prq_str reason,
                  struct prq_err *err)
{
    if (!reason.p || !prq_arena_grow(m->work, &m->gaps, sizeof *m->gaps, &m->gap_cap,
                                     m->gap_count + 1))
        return prq_no_room(err);
    path = prq_arena_copy(m->out, path);
    if (!path.p)
        return prq_no_room(err);
    m->gaps[m->gap_count++] = (struct prq_gap){
        .kind = prq_str_from(kind), .path = path, .layer = PRQ_GAP_NO_LAYER, .reason = reason,
    };
    return true;
}

struct counter {
    const char *kind, *reason;
    prq_str type;
    size_t count;
};

bool prq_gap_count(struct prq_matching *m, const char *kind, prq_str type, const char *reason,
                   struct prq_err *err)
{
    void **place;
    bool is_new;
    prq_str key = prq_arena_printf(m->tmp, "%s %.*s", kind, PRQ_FMT(type));
    if (!key.p || !prq_memo_place(&m->counts, key, m->work, &place, &is_new))
        return prq_no_room(err);
    if (is_new) {
        struct counter *c = prq_new(m->work, struct counter);
        if (!c)
            return prq_no_room(err);
        *c = (struct counter){ .kind = kind, .reason = reason, .type = type };
        *place = c;
    }
    ((struct counter *)*place)->count++;
    return true;
}

/* ---- distributions */

static enum prq_site_state state_of(struct prq_matching *m, const struct prq_place *place)
{
    if (!place->matcher)
        return PRQ_SITE_UNSUPPORTED;
    if (place->space.n == 0)
        return PRQ_SITE_NO_RELEASE;
    const char *family = prq_db_family_of_space(place->space);
    if (!family || !m->facts->has_family(m->facts->user, family))
        return PRQ_SITE_NO_FAMILY;
    return m->facts->has_space(m->facts->user, place->space) ? PRQ_SITE_OK : PRQ_SITE_NO_ROWS;
}

/* Are RHEL's records there to disclose what a rebuild's own feed does not list? */
static bool is_disclosed(struct prq_matching *m, const struct prq_place *place)
{
    prq_str space = prq_arena_printf(m->tmp, "Red Hat:%.*s", PRQ_FMT(place->release));
    return (place->matcher->flags & PRQ_DISCLOSURES) && !m->opts->no_rhel_disclosures &&
           m->facts->has_family(m->facts->user, "redhat") && space.p &&
           m->facts->has_space(m->facts->user, space);
}

/* The package's own word wins over the user's, and that over the image's; with neither, the
 * namespace of a purl at least names the distribution. */
static struct prq_site site_resolve(struct prq_matching *m, const struct prq_package *p)
{
    struct prq_site site = { .state = PRQ_SITE_NONE };
    struct prq_distro d = { 0 };
    if (p->distro.n > 0) {
        d = prq_distro_of_text(p->distro, p->ns, m->work);
    } else if (m->opts->distro.n > 0) {
        d = prq_distro_of_text(m->opts->distro, p->ns, m->work);
    } else if (m->analysis->has_distro && m->analysis->distro.id.n > 0) {
        d = m->analysis->distro;
        site.path = d.path;
    } else {
        d.id = p->ns;
    }
    if (d.id.n == 0)
        return site;
    site.place = prq_place_of(&d, m->work);
    site.state = state_of(m, &site.place);
    if (site.state == PRQ_SITE_NO_FAMILY || site.state == PRQ_SITE_NO_ROWS) {
        struct prq_place other = site.place;
        if (prq_place_borrow(&other) && state_of(m, &other) == PRQ_SITE_OK)
            site = (struct prq_site){ .place = other, .state = PRQ_SITE_OK, .path = site.path };
    }
    site.discloses = site.state == PRQ_SITE_OK && is_disclosed(m, &site.place);
    return site;
}

bool prq_site_of(struct prq_matching *m, const struct prq_package *p, struct prq_site **out,
                 struct prq_err *err)
{
    void **place;
    bool is_new;
    /* the image's own distribution does not depend on the namespace */
    bool is_images = p->distro.n == 0 && m->opts->distro.n == 0 && m->analysis->has_distro &&
                     m->analysis->distro.id.n > 0;
    prq_str ns = is_images ? (prq_str){ 0 } : p->ns;
    prq_str key = prq_arena_printf(m->tmp, "%.*s|%.*s", PRQ_FMT(p->distro), PRQ_FMT(ns));
    if (!key.p || !prq_memo_place(&m->sites, key, m->work, &place, &is_new))
        return prq_no_room(err);
    if (is_new) {
        struct prq_site *site = prq_new(m->work, struct prq_site);
        if (!site)
            return prq_no_room(err);
        *site = site_resolve(m, p);
        *place = site;
    }
    *out = *place;
    return true;
}

bool prq_site_has_language(struct prq_matching *m, const struct prq_matcher *matcher)
{
    const char *family = prq_db_family_of_space(prq_str_from(matcher->space));
    if (!family || !m->facts->has_family(m->facts->user, family))
        return false;
    return !(matcher->flags & PRQ_BY_CPE) ||
           m->facts->has_space(m->facts->user, prq_str_from(matcher->space));
}

static bool is_past(prq_str day, prq_str now)
{
    return day.n == 10 && now.n >= 10 && memcmp(day.p, now.p, 10) < 0;
}

/* What endoflife.date calls the distribution. */
static prq_str product_of(const struct prq_place *place)
{
    static const struct {
        const char *distro;
        prq_str product;
    } table[] = {
        { "alpine", PRQ_SI("alpine-linux") },  { "amazon", PRQ_SI("amazon-linux") },
        { "opensuse", PRQ_SI("opensuse") },    { "oracle", PRQ_SI("oracle-linux") },
        { "redhat", PRQ_SI("rhel") },          { "rocky", PRQ_SI("rocky-linux") },
        { "suse", PRQ_SI("sles") },            { "almalinux", PRQ_SI("almalinux") },
        { "debian", PRQ_SI("debian") },        { "photon", PRQ_SI("photon") },
        { "ubuntu", PRQ_SI("ubuntu") },
    };
    for (size_t i = 0; i < PRQ_COUNT(table); i++)
        if (strcmp(table[i].distro, place->matcher->distro) == 0)
            return table[i].product;
    return (prq_str){ 0 };
}

/* The day on which support ended, by the database or else by our own table; empty: nobody knows.
 * No other release answers for this one (matching.md 3.13). */
static bool end_of_support(struct prq_matching *m, const struct prq_place *place, prq_str *day,
                           struct prq_err *err)
{
    prq_str product = product_of(place);
    const struct prq_rows *rows = NULL;
    *day = (prq_str){ 0 };
    if (!place->release.n)
        return true;
    if (product.n && m->facts->has_family(m->facts->user, "eol")) {
        prq_str space = prq_arena_printf(m->work, "EOL:%.*s", PRQ_FMT(product));
        if (!space.p)
            return prq_no_room(err);
        if (!prq_known_rows(m, space, place->release, &rows, err))
            return false;
    }
    if (rows && rows->n && rows->v[0].affected.note.n == 10)
        *day = rows->v[0].affected.note;
    else
        *day = prq_str_from(prq_release_end(place->matcher->distro, place->release));
    return true;
}

/* What is missing when a site's packages could not be judged: "N OS packages are not matched: …". */
static bool site_gap(struct prq_matching *m, const struct prq_site *s, struct prq_err *err)
{
    const struct prq_place *p = &s->place;
    const char *kind = "distro-unknown", *why = "nothing says which distribution they are of";
    prq_str what = { 0 }, day;
    switch (s->state) {
    case PRQ_SITE_NONE:
        break;
    case PRQ_SITE_UNSUPPORTED:
        kind = "distro-unsupported";
        why = "no advisories are read for ";
        what = p->shown;
        break;
    case PRQ_SITE_NO_RELEASE:
        kind = "release-unknown";
        why = "no release is known for ";
        what = p->shown;
        break;
    case PRQ_SITE_NO_FAMILY:
        kind = "family-missing";
        why = "the database lacks the family ";
        what = prq_str_from(prq_db_family_of_space(p->space));
        break;
    case PRQ_SITE_NO_ROWS:
        if (!end_of_support(m, p, &day, err))
            return false;
        kind = day.n ? "feed-ended" : "release-unknown";
        why = "the feed has nothing on ";
        what = p->space;
        break;
    case PRQ_SITE_OK:
        return true;
    }
    return prq_gap_note(m, kind, s->path,
                        prq_arena_printf(m->out, "%zu OS package%s not matched: %s%.*s", s->count,
                                         s->count == 1 ? " is" : "s are", why, PRQ_FMT(what)),
                        err);
}

/* Red Hat's own documents lie beside its map of repositories; without them the family has but
 * advisories. */
static bool lists_fixes_only(struct prq_matching *m, const struct prq_site *s)
{
    bool needs_red_hat = s->discloses || (s->place.matcher->flags & PRQ_CONTENT_SETS);
    if (needs_red_hat)
        return !m->facts->has_space(m->facts->user, PRQ_S("Red Hat:repositories"));
    return s->place.matcher->flags & PRQ_FIXES_ONLY;
}

/* What holds for packages that were judged. */
static bool site_notes(struct prq_matching *m, const struct prq_site *s, struct prq_err *err)
{
    const struct prq_place *p = &s->place;
    prq_str end;
    if (!end_of_support(m, p, &end, err))
        return false;
    if (is_past(end, m->opts->now) &&
        !prq_gap_note(m, "distro-eol", s->path,
                      prq_arena_printf(m->out, "support of %.*s ended on %.*s: what was found since "
                                               "may be missing", PRQ_FMT(p->shown), PRQ_FMT(end)),
                      err))
        return false;
    if (s->by_release > 0 &&
        !prq_gap_note(m, "no-content-sets", s->path,
                      prq_arena_printf(m->out, "which repositories the packages of %.*s are from is "
                                               "not known: they are judged by the major release",
                                       PRQ_FMT(p->shown)), err))
        return false;
    if (lists_fixes_only(m, s) &&
        !prq_gap_note(m, "feed-fixed-only", s->path,
                      prq_arena_printf(m->out, "the feed of %.*s lists fixed issues only: unfixed "
                                               "ones are not reported", PRQ_FMT(p->space)), err))
        return false;
    return !p->note || prq_gap_note(m, "feed-borrowed", s->path,
                                    prq_arena_copy(m->out, prq_str_from(p->note)), err);
}

/* A distribution whose package database is gone looks clean. */
static bool lacks_packages(const struct prq_matching *m)
{
    if (!m->analysis->has_distro || m->analysis->distro.id.n == 0 ||
        (m->analysis->kind != PRQ_SOURCE_IMAGE && m->analysis->kind != PRQ_SOURCE_ROOTFS))
        return false;
    for (size_t i = 0; i < m->analysis->package_count; i++)
        if (prq_is_os_type(m->analysis->packages[i].type))
            return false;
    return true;
}

/* "3 packages of type maven are not matched: …": of "{is|are} not matched" the word for the number. */
static prq_str count_text(struct prq_matching *m, const struct counter *c)
{
    prq_str before = prq_str_from(c->reason), choice = { 0 }, after = { 0 }, one, many;
    if (prq_str_cut(before, '{', &before, &choice) && prq_str_cut(choice, '}', &choice, &after) &&
        prq_str_cut(choice, '|', &one, &many))
        choice = c->count == 1 ? one : many;
    return prq_arena_printf(m->out, "%zu package%s of type %.*s %.*s%.*s%.*s", c->count,
                            c->count == 1 ? "" : "s", PRQ_FMT(c->type), PRQ_FMT(before),
                            PRQ_FMT(choice), PRQ_FMT(after));
}

bool prq_coverage_close(struct prq_matching *m, struct prq_err *err)
{
    for (size_t i = 0; i < m->sites.n; i++) {
        const struct prq_site *s = m->sites.v[i];
        if (s->count == 0)
            continue;
        if (s->state == PRQ_SITE_OK ? !site_notes(m, s, err) : !site_gap(m, s, err))
            return false;
    }
    for (size_t i = 0; i < m->counts.n; i++) {
        const struct counter *c = m->counts.v[i];
        if (!prq_gap_note(m, c->kind, (prq_str){ 0 }, count_text(m, c), err))
            return false;
    }
    if (!lacks_packages(m))
        return true;
    return prq_gap_note(m, "packages-missing", m->analysis->distro.path,
                        prq_arena_printf(m->out, "%.*s is named, but no package database was found",
                                         PRQ_FMT(m->analysis->distro.id)), err);
}
