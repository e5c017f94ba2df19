/* SPDX-License-Identifier: Apache-2.0 */
/* One package: rows become candidates, candidates of one vulnerability a group, a group at most one
 * finding. Source: matching.md 0, 2 (identity), 5.12, 5.14, 5.16, 7.1. */
#include "match/core.h"

prq_str prq_row_key(const struct prq_db_row *row, struct prq_arena *a)
{
    return prq_arena_printf(a, "%.*s/%.*s", PRQ_FMT(row->source), PRQ_FMT(row->id));
}

/* ---- what one row says */

/* matching.md 5.14 */
static bool is_same_arch(prq_str a, prq_str b)
{
    static const struct {
        prq_str alias, arch;
    } folds[] = {
        { PRQ_SI("x86_64"), PRQ_SI("amd64") }, { PRQ_SI("x64"), PRQ_SI("amd64") },
        { PRQ_SI("aarch64"), PRQ_SI("arm64") }, { PRQ_SI("i386"), PRQ_SI("386") },
        { PRQ_SI("i686"), PRQ_SI("386") },     { PRQ_SI("x86"), PRQ_SI("386") },
        { PRQ_SI("ppc64el"), PRQ_SI("ppc64le") },
    };
    for (size_t i = 0; i < PRQ_COUNT(folds); i++) {
        if (prq_str_ieq(a, folds[i].alias))
            a = folds[i].arch;
        if (prq_str_ieq(b, folds[i].alias))
            b = folds[i].arch;
    }
    return prq_str_ieq(a, b);
}

static bool is_for_arch(const struct prq_db_row *row, const struct prq_package *p)
{
    const struct prq_strs *arches = &row->affected.arches;
    if (arches->n == 0)
        return true;
    if (p->arch.n == 0 || prq_str_eq(p->arch, PRQ_S("noarch")) ||
        prq_str_eq(p->arch, PRQ_S("all")))
        return row->affected.state != PRQ_FIX_NOT_AFFECTED; /* a doubt never suppresses */
    for (size_t i = 0; i < arches->n; i++)
        if (is_same_arch(arches->v[i], p->arch))
            return true;
    return false;
}

static bool is_for_goos(const struct prq_db_row *row, const struct prq_package *p)
{
    prq_str rest = row->affected.goos, piece;
    if (rest.n == 0 || p->goos.n == 0)
        return true;
    while (prq_str_split(&rest, ',', &piece))
        if (prq_str_eq(prq_str_trim(piece), p->goos))
            return true;
    return false;
}

/* Builds beside the ordinary ones, which share their names (matching.md 5.5; Rocky's cloud kernel,
 * of a special interest group). */
static prq_str flavour_of(prq_str version)
{
    if (prq_str_ends(version, PRQ_S("_fips")))
        return PRQ_S("fips");
    if (prq_str_has(version, PRQ_S(".ksplice")))
        return PRQ_S("ksplice");
    return prq_str_ends(version, PRQ_S(".cloud")) ? PRQ_S("cloud") : PRQ_S("");
}

static bool is_for_flavour(const struct prq_db_row *row, const struct prq_package *p)
{
    if (!prq_str_eq(p->type, PRQ_S("rpm")) || row->affected.fixed.n == 0)
        return true;
    return prq_str_eq(flavour_of(row->affected.fixed.v[row->affected.fixed.n - 1]),
                      flavour_of(p->version));
}

/* Rows of Go may speak of pseudo-versions or of tags alone. */
static bool is_for_go_version(const struct prq_db_row *row, const struct prq_package *p)
{
    if (!prq_str_eq(p->type, PRQ_S("golang")) || row->affected.module.n == 0)
        return true;
    return prq_str_eq(row->affected.module, PRQ_S("pseudo")) == prq_go_is_pseudo(p->version);
}

static prq_str without_slash(prq_str s)
{
    while (s.n > 0 && s.p[s.n - 1] == '/')
        s.n--;
    return s;
}

/* A record of one repository speaks of packages from there, or from nobody knows where. */
static bool is_for_repository(const struct prq_subject *s, const struct prq_db_row *row)
{
    prq_str key, value, wanted = without_slash(row->affected.module);
    if (!(s->matcher->flags & PRQ_REPOSITORIES) || wanted.n == 0)
        return true;
    for (size_t i = 0; i < s->pkg->qualifiers.n; i++)
        if (prq_str_cut(s->pkg->qualifiers.v[i], '=', &key, &value) &&
            prq_str_eq(key, PRQ_S("repository_url")))
            return prq_str_eq(without_slash(value), wanted);
    return true;
}

static bool is_modular_row(const struct prq_db_row *row)
{
    if (row->affected.module.n > 0)
        return true;
    for (size_t i = 0; i < row->affected.fixed.n; i++)
        if (prq_str_has(row->affected.fixed.v[i], PRQ_S(".module")))
            return true;
    return false;
}

static bool is_stream_char(char c)
{
    return prq_is_alnum(c) || c == '.' || c == '-' || c == '_' || c == '+';
}

/* AlmaLinux's OSV records name no stream, but their titles do: "Important: nodejs:16 security
 * update". 1: this module's stream; 0: another's; -1: the title names none. */
static int title_names_module(prq_str title, prq_str module)
{
    int answer = -1;
    prq_str word;
    while (prq_str_split(&title, ' ', &word)) {
        prq_str name, stream;
        if (!prq_str_cut(word, ':', &name, &stream) || name.n == 0 || stream.n == 0 ||
            !is_stream_char(stream.p[0]))
            continue;
        while (stream.n > 0 && !is_stream_char(stream.p[stream.n - 1]))
            stream.n--; /* "nodejs:16," */
        if (prq_str_eq((prq_str){ word.p, name.n + 1 + stream.n }, module))
            return 1;
        answer = 0;
    }
    return answer;
}

/* matching.md 5.4, "Modules". False: the row is about another stream, or about none. */
static bool is_for_module(struct prq_matching *m, const struct prq_subject *s,
                          const struct prq_question *q, const struct prq_db_row *row, bool *unsure,
                          bool *fits, struct prq_err *err)
{
    prq_str module = row->affected.module;
    *fits = true;
    if (s->lacks_label) { /* it satisfies every stream (matching.md 5.4) */
        *fits = is_modular_row(row);
        *unsure = *fits && !(s->matcher->flags & PRQ_UNLABELLED);
        return true;
    }
    if (s->module.n == 0) {
        *fits = !is_modular_row(row);
        return true;
    }
    if (module.n > 0) {
        *fits = prq_str_eq(module, s->module);
        return true;
    }
    if (!is_modular_row(row)) {
        *fits = false;
        return true;
    }
    const struct prq_known_record *record;
    if (!prq_known_record(m, prq_db_family_of_space(q->space), row->source, row->id, &record, err))
        return false;
    int named = title_names_module(record->summary, s->module);
    *fits = named != 0;
    *unsure = named < 0;
    return true;
}

static enum prq_aside aside_of(const struct prq_subject *s, const struct prq_question *q,
                               const struct prq_db_row *row)
{
    if (row->is_withdrawn)
        return PRQ_ASIDE_WITHDRAWN;
    if (!q->takes_any && row->affected.is_source != q->is_source)
        return PRQ_ASIDE_KIND;
    if (!is_for_arch(row, s->pkg))
        return PRQ_ASIDE_ARCH;
    if (!is_for_goos(row, s->pkg))
        return PRQ_ASIDE_GOOS;
    if (!is_for_flavour(row, s->pkg))
        return PRQ_ASIDE_FLAVOUR;
    if (!is_for_repository(s, row))
        return PRQ_ASIDE_REPOSITORY;
    return is_for_go_version(row, s->pkg) ? PRQ_ASIDE_NONE : PRQ_ASIDE_GO_VERSION;
}

bool prq_row_verdict(struct prq_matching *m, const struct prq_subject *s,
                     const struct prq_question *q, const struct prq_db_row *row,
                     struct prq_candidate *out, struct prq_err *err)
{
    *out = (struct prq_candidate){ .row = row, .q = q };
    const struct prq_affected *a = &row->affected;
    if (q->cpe)
        return prq_cpe_verdict(m, q, row, out, err);
    out->aside = aside_of(s, q, row);
    if (out->aside == PRQ_ASIDE_NONE && !prq_is_for_product(s, q, row, &out->is_eus))
        out->aside = PRQ_ASIDE_PRODUCT;
    if (out->aside != PRQ_ASIDE_NONE)
        return true;
    out->hit = q->is_borrowed ? prq_borrowed_hit(a, q)
                              : prq_evaluate(a, &q->scale, q->version, q->is_valid);
    if (!out->hit.is_hit) {
        out->verdict = PRQ_MISS;
    } else if (a->state == PRQ_FIX_NOT_AFFECTED) {
        out->verdict = PRQ_NAK;
    } else {
        out->verdict = PRQ_HIT;
    }
    bool fits = true, is_doubtful = false;
    if ((s->matcher->flags & PRQ_MODULES) &&
        !is_for_module(m, s, q, row, &is_doubtful, &fits, err))
        return false;
    out->is_unsure = is_doubtful || s->is_unsure ||
                     (q->is_borrowed && prq_str_has(q->version, PRQ_S(".module")));
    if (!fits) {
        out->verdict = PRQ_NO_WORD;
        out->aside = PRQ_ASIDE_MODULE;
    }
    return true;
}

/* ---- candidates */

/* Bug-fix and enhancement advisories count only if they name a CVE (matching.md 3). */
static bool is_no_security(const struct prq_db_row *row)
{
    static const prq_str prefixes[] = { PRQ_SI("ALBA-"), PRQ_SI("ALEA-"), PRQ_SI("RHBA-"),
                                        PRQ_SI("RHEA-"), PRQ_SI("RLBA-"), PRQ_SI("RLEA-"),
                                        PRQ_SI("SUSE-RU-"), PRQ_SI("SUSE-FU-"), PRQ_SI("SUSE-OU-") };
    for (size_t i = 0; i < PRQ_COUNT(prefixes); i++)
        if (prq_str_starts(row->id, prefixes[i]))
            return true;
    return false;
}

static bool pile_add(struct prq_matching *m, struct prq_pile *pile, const struct prq_candidate *c,
                     struct prq_err *err)
{
    if (!prq_arena_grow(m->tmp, &pile->v, sizeof *pile->v, &pile->cap, pile->n + 1))
        return prq_no_room(err);
    pile->v[pile->n++] = *c;
    pile->has_hit = pile->has_hit || c->verdict == PRQ_HIT;
    pile->has_nak = pile->has_nak || c->verdict == PRQ_NAK;
    return true;
}

/* An advisory of several CVEs is one candidate a CVE, and its own id no identity. */
static bool pile_row(struct prq_matching *m, const struct prq_subject *s, struct prq_pile *pile,
                     struct prq_candidate *c, struct prq_err *err)
{
    const struct prq_db_row *row = c->row;
    bool is_os = s->matcher->flags & PRQ_OS;
    bool resolves = s->has_cpes || (s->has_channel && row->affected.fixed.n > 0);
    if (c->verdict == PRQ_NO_WORD ||
        (is_os && c->verdict == PRQ_MISS && !resolves && !s->keeps_misses))
        return true;
    if (!is_os || prq_id_is_cve(row->id) || prq_id_is_ghsa(row->id) || row->cves.n == 0)
        return (is_os && is_no_security(row)) || pile_add(m, pile, c, err);
    for (size_t i = 0; i < row->cves.n; i++) {
        c->cve = row->cves.v[i];
        if (!pile_add(m, pile, c, err))
            return false;
    }
    return true;
}

static prq_str spelling_of(const struct prq_db_row *row)
{
    return row->affected.spelling.n > 0 ? row->affected.spelling : row->affected.name;
}

/* Names are looked up folded; where records exist under two spellings these are two packages
 * (matching.md 5.7: npm's registry has both Buffer and buffer). */
static bool has_two_spellings(const struct prq_subject *s, const struct prq_rows *rows)
{
    if (!(s->matcher->flags & PRQ_SPELLINGS))
        return false;
    for (size_t i = 1; i < rows->n; i++)
        if (!prq_str_eq(spelling_of(&rows->v[0]), spelling_of(&rows->v[i])))
            return true;
    return false;
}

static bool pile_fill(struct prq_matching *m, const struct prq_subject *s, struct prq_pile *pile,
                      struct prq_err *err)
{
    for (size_t k = 0; k < s->n; k++) {
        const struct prq_rows *rows;
        if (!prq_known_rows(m, s->q[k].space, s->q[k].name, &rows, err))
            return false;
        bool is_exact = has_two_spellings(s, rows);
        for (size_t i = 0; i < rows->n; i++) {
            struct prq_candidate c;
            if (is_exact && !prq_str_eq(s->pkg->name, spelling_of(&rows->v[i])))
                continue;
            if (!prq_row_verdict(m, s, &s->q[k], &rows->v[i], &c, err) ||
                !pile_row(m, s, pile, &c, err))
                return false;
        }
    }
    return true;
}

/* ---- records of several CVEs (matching.md 2: an id of several would merge unrelated ones) */

static size_t count_cves(const struct prq_db_row *row)
{
    size_t n = 0;
    for (size_t i = 0; i < row->aliases.n; i++)
        n += prq_id_is_cve(row->aliases.v[i]);
    return n;
}

static bool names(const struct prq_db_row *row, prq_str id)
{
    bool found = prq_str_ieq(row->id, id);
    for (size_t i = 0; !found && i < row->aliases.n; i++)
        found = prq_str_ieq(row->aliases.v[i], id);
    return found;
}

/* Does another record speak of some of the CVEs, but not of all? */
static bool is_bridge(const struct prq_pile *pile, const struct prq_candidate *c)
{
    for (size_t i = 0; i < pile->n; i++) {
        const struct prq_db_row *other = pile->v[i].row;
        size_t shared = 0, all = 0;
        for (size_t k = 0; other != c->row && k < c->row->aliases.n; k++)
            if (prq_id_is_cve(c->row->aliases.v[k])) {
                all++;
                shared += names(other, c->row->aliases.v[k]);
            }
        if (shared > 0 && shared < all)
            return true;
    }
    return false;
}

/* Such a record becomes one candidate a CVE, as an advisory of a distribution does. */
static bool pile_split(struct prq_matching *m, struct prq_pile *pile, struct prq_err *err)
{
    for (size_t i = 0, n = pile->n; i < n; i++) {
        struct prq_candidate c = pile->v[i];
        if (c.cve.n > 0 || count_cves(c.row) < 2 || !is_bridge(pile, &c))
            continue;
        bool is_first = true;
        for (size_t k = 0; k < c.row->aliases.n; k++) {
            if (!prq_id_is_cve(c.row->aliases.v[k]))
                continue;
            c.cve = c.row->aliases.v[k];
            if (is_first)
                pile->v[i] = c;
            else if (!pile_add(m, pile, &c, err))
                return false;
            is_first = false;
        }
    }
    return true;
}

/* ---- groups: candidates whose identities (id and aliases) meet */

static size_t root_of(struct prq_candidate *v, size_t i)
{
    while (v[i].root != i)
        i = v[i].root = v[v[i].root].root;
    return i;
}

static bool join_by(struct prq_matching *m, struct prq_map *map, struct prq_pile *pile, size_t i,
                    prq_str id, struct prq_err *err)
{
    bool added;
    char *p = prq_arena_alloc(m->tmp, id.n + 1);
    if (!p)
        return prq_no_room(err);
    for (size_t k = 0; k < id.n; k++)
        p[k] = prq_to_lower(id.p[k]);
    size_t *first = prq_map_put(map, (prq_str){ p, id.n }, i, &added);
    if (!first)
        return prq_no_room(err);
    size_t a = root_of(pile->v, *first), b = root_of(pile->v, i);
    if (a < b)
        pile->v[b].root = a;
    else
        pile->v[a].root = b;
    return true;
}

/* Afterwards v[i].root is the first of i's group and .next chains it (pile->n: the end). */
static bool group(struct prq_matching *m, struct prq_pile *pile, struct prq_err *err)
{
    struct prq_map map;
    prq_map_init(&map, m->tmp);
    for (size_t i = 0; i < pile->n; i++)
        pile->v[i].root = i;
    for (size_t i = 0; pile->n > 1 && i < pile->n; i++) {
        const struct prq_candidate *c = &pile->v[i];
        if (c->cve.n > 0) {
            if (!join_by(m, &map, pile, i, c->cve, err))
                return false;
            continue;
        }
        if (!join_by(m, &map, pile, i, c->row->id, err))
            return false;
        for (size_t k = 0; k < c->row->aliases.n; k++)
            if (!join_by(m, &map, pile, i, c->row->aliases.v[k], err))
                return false;
    }
    size_t *last = prq_new_n(m->tmp, size_t, pile->n);
    if (!last && pile->n)
        return prq_no_room(err);
    for (size_t i = 0; i < pile->n; i++) {
        size_t root = pile->v[i].root = root_of(pile->v, i);
        pile->v[i].next = pile->n;
        if (root != i)
            pile->v[last[root]].next = i;
        last[root] = i;
    }
    return true;
}

/* ---- which of a group's records decides (matching.md 5.12) */

static bool is_curated(const struct prq_subject *s, const struct prq_candidate *c)
{
    return s->matcher->curated && prq_str_starts(c->row->id, prq_str_from(s->matcher->curated));
}

/* Go ranges: a curated record that names only pseudo-versions yields to one with tags (5.8). */
static bool may_decide(const struct prq_subject *s, const struct prq_candidate *c)
{
    return strcmp(s->matcher->space, "Go") != 0 || prq_has_tag_bounds(&c->row->affected);
}

bool prq_is_fix_higher(const struct prq_candidate *a, const struct prq_candidate *b)
{
    const struct prq_strs *fa = &a->row->affected.fixed, *fb = &b->row->affected.fixed;
    if (fa->n == 0 || fb->n == 0)
        return fa->n == 0 && fb->n > 0; /* unfixed is later than any fix */
    return a->q->scale.scheme->compare(fa->v[fa->n - 1], fb->v[fb->n - 1]) > 0;
}

static bool is_better(const struct prq_subject *s, const struct prq_candidate *a,
                      const struct prq_candidate *b)
{
    if (!a->q->cpe != !b->q->cpe) /* NVD comes last */
        return !a->q->cpe;
    if (a->q->cpe)
        return b->doubt && !a->doubt;
    if (s->has_channel && (a->row->affected.fixed.n > 0) != (b->row->affected.fixed.n > 0))
        return a->row->affected.fixed.n > 0;
    if (s->matcher->flags & PRQ_OS)
        return a->q == b->q && prq_is_fix_higher(a, b);
    bool ga = prq_id_is_ghsa(a->row->id), gb = prq_id_is_ghsa(b->row->id);
    return ga && !gb && !is_curated(s, b);
}

static struct prq_choice choose(const struct prq_subject *s, const struct prq_pile *pile, size_t root)
{
    struct prq_choice c = { 0 };
    const struct prq_candidate *hit = NULL, *miss = NULL, *ruler = NULL, *no = NULL;
    bool others_tag = false;
    for (size_t i = root; i < pile->n; i = pile->v[i].next)
        others_tag = others_tag || (!is_curated(s, &pile->v[i]) && may_decide(s, &pile->v[i]));
    for (size_t i = root; i < pile->n; i = pile->v[i].next) {
        const struct prq_candidate *v = &pile->v[i];
        if (v->verdict == PRQ_NO_WORD)
            continue;
        if (v->verdict == PRQ_NAK) {
            c.nak = c.nak ? c.nak : v;
            continue;
        }
        bool rules = !v->q->cpe && is_curated(s, v) && (may_decide(s, v) || !others_tag);
        if (v->verdict == PRQ_MISS) {
            miss = miss ? miss : v;
            no = no || !rules ? no : v;
            continue;
        }
        if (rules && !ruler)
            ruler = v;
        if (!hit || is_better(s, v, hit))
            hit = v;
    }
    if (s->has_channel && miss) /* fixed in one of the spaces */
        hit = NULL;
    c.is_hit = hit != NULL;
    c.best = ruler ? ruler : hit;
    if (hit && hit->q->cpe && miss) /* the package's own feed knows better */
        no = miss;
    c.is_overruled = hit && !ruler && no;
    c.other = c.is_overruled ? no : hit ? miss : NULL;
    if (!c.best)
        c.best = c.nak;
    return c;
}

/* ---- the order of matching.md 6.4 */

static bool stage_status(struct prq_fill *x, struct prq_err *err)
{
    const struct prq_db_row *row = x->choice.best->row;
    bool is_debian = prq_str_eq(x->f->family, PRQ_S("debian"));
    const char *why = NULL;
    bool is_crate = prq_str_eq(x->f->family, PRQ_S("crates"));
    if (is_crate && prq_str_starts(row->affected.note, PRQ_S("informational: ")))
        why = "informational: no vulnerability by itself";
    else if (prq_str_starts(row->id, PRQ_S("TEMP-")) && !x->m->opts->debian_temp)
        why = "a temporary id of the tracker";
    else if (is_debian && row->affected.state == PRQ_FIX_UNDER_INVESTIGATION)
        why = "undetermined: nobody has looked at this release yet";
    else if (x->is_rejected)
        why = "the CVE was rejected";
    return !why || prq_suppress(x->m, x->f, "status", prq_row_key(row, x->m->out),
                                prq_str_from(why), err);
}

static bool stages(struct prq_fill *x, struct prq_err *err)
{
    struct prq_matching *m = x->m;
    struct prq_finding *f = x->f;
    const struct prq_candidate *nak = x->choice.nak;
    if (!stage_status(x, err))
        return false;
    if (nak && !prq_suppress(m, f, "not-affected", prq_row_key(nak->row, m->out),
                             PRQ_S("the feed says: not affected"), err))
        return false;
    if (x->choice.is_overruled &&
        !prq_suppress(m, f, "duplicate", prq_row_key(x->choice.other->row, m->out),
                      x->choice.best->q->cpe
                          ? PRQ_S("the package's own feed says: not affected")
                          : PRQ_S("disputed range: the ecosystem's own database says: not affected"),
                      err))
        return false;
    if (x->choice.best->doubt &&
        !prq_suppress(m, f, "exclusion", prq_str_from(x->choice.best->doubt->id),
                      prq_str_from(x->choice.best->doubt->reason), err))
        return false;
    return prq_exclude(m, f, err) && prq_disown(m, f, err) && prq_ignore_states(m, f, err);
}

static bool judge_group(struct prq_matching *m, const struct prq_subject *s,
                        struct prq_pile *pile, size_t root, struct prq_err *err)
{
    if (s->keeps_misses)
        prq_red_hat_settle(s, pile, root);
    struct prq_fill x = { .m = m, .s = s, .pile = pile, .root = root };
    x.choice = choose(s, pile, root);
    if (!x.choice.best)
        return true;
    x.f = prq_new(m->work, struct prq_finding);
    if (!x.f || !prq_arena_grow(m->work, &m->found, sizeof(struct prq_finding *), &m->found_cap,
                                m->found_count + 1))
        return prq_no_room(err);
    if (x.choice.is_hit) {
        if (!prq_fill(&x, err) || !stages(&x, err))
            return false;
    } else if (!prq_fill_short(&x, err) ||
               !prq_suppress(m, x.f, "not-affected", prq_row_key(x.choice.nak->row, m->out),
                             PRQ_S("the feed says: not affected"), err)) {
        return false;
    }
    m->found[m->found_count++] = x.f;
    return true;
}

bool prq_judge(struct prq_matching *m, const struct prq_subject *s, struct prq_err *err)
{
    struct prq_pile pile = { 0 };
    if (!pile_fill(m, s, &pile, err))
        return false;
    if (!pile.has_hit && !pile.has_nak)
        return true;
    if (!(s->matcher->flags & PRQ_OS) && !pile_split(m, &pile, err))
        return false;
    if (!group(m, &pile, err))
        return false;
    for (size_t i = 0; i < pile.n; i++)
        if (pile.v[i].root == i && !judge_group(m, s, &pile, i, err))
            return false;
    return true;
}
