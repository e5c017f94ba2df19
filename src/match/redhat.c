/* SPDX-License-Identifier: Apache-2.0 */
/* Red Hat: which products an image's packages are of, which of several entries of one CVE decides, and
 * what rebuilds of RHEL take from its records. Source: matching.md 3.6, 3.7, 5.4, 5.6.
 *
 * An entry is of products ("enterprise_linux:9::appstream"), a layer has repositories (content sets),
 * which the database maps to products. Without them only the entries of the base product of the
 * major release count. */
#include "match/core.h"

#define FAMILY_RED_HAT "redhat"

bool prq_is_red_hat(const struct prq_question *q)
{
    const char *family = prq_db_family_of_space(q->space);
    return family && strcmp(family, FAMILY_RED_HAT) == 0;
}

/* ---- products */

/* Does the product that an entry names include the one of a repository? Part by part: what the entry
 * leaves out is any. A version includes those below it ("openshift:4" has "openshift:4.12::el8"), but
 * 4.1 is not 4.12. */
static bool covers(prq_str entry, prq_str product)
{
    prq_str want, has;
    while (entry.p && prq_str_split(&entry, ':', &want)) {
        has = (prq_str){ 0 };
        if (product.p)
            (void)prq_str_split(&product, ':', &has);
        if (want.n == 0 || prq_str_eq(want, PRQ_S("*")) || prq_str_eq(want, has))
            continue;
        if (!prq_str_starts(has, want) || has.p[want.n] != '.')
            return false;
    }
    return true;
}

static bool covers_any(const struct prq_strs *entries, const struct prq_strs *products)
{
    for (size_t i = 0; i < entries->n; i++)
        for (size_t k = 0; k < products->n; k++)
            if (covers(entries->v[i], products->v[k]))
                return true;
    return false;
}

/* "rhel_eus:9.4::baseos" with name "rhel_eus", version "9.4" */
static bool is_product(prq_str cpe, const char *name, prq_str version)
{
    prq_str has_name = { 0 }, has_version = { 0 };
    prq_str_split(&cpe, ':', &has_name);
    if (cpe.p)
        prq_str_split(&cpe, ':', &has_version);
    return prq_str_eq(has_name, prq_str_from(name)) && prq_str_eq(has_version, version);
}

static bool names_product(const struct prq_strs *cpes, const char *name, prq_str version)
{
    for (size_t i = 0; i < cpes->n; i++)
        if (is_product(cpes->v[i], name, version))
            return true;
    return false;
}

/* "Red Hat:9" → "9" */
static prq_str release_of_space(prq_str space)
{
    return prq_str_from_at(space, prq_str_find(space, ':') + 1);
}

bool prq_is_for_product(const struct prq_subject *s, const struct prq_question *q,
                        const struct prq_db_row *row, bool *is_eus)
{
    const struct prq_strs *cpes = &row->affected.cpes;
    *is_eus = false;
    if (!prq_is_red_hat(q) || cpes->n == 0) /* a record with a release alone is of all of it */
        return true;
    if (s->products)
        return covers_any(cpes, s->products);
    if (names_product(cpes, "enterprise_linux", release_of_space(q->space)))
        return true;
    *is_eus = s->eus.n > 0 && names_product(cpes, "rhel_eus", s->eus);
    return *is_eus;
}

/* ---- the repositories of a layer */

static bool add_product(struct prq_matching *m, struct prq_strs *to, size_t *cap, prq_str cpe)
{
    for (size_t i = 0; i < to->n; i++)
        if (prq_str_eq(to->v[i], cpe))
            return true;
    if (!prq_arena_grow(m->work, &to->v, sizeof *to->v, cap, to->n + 1))
        return false;
    to->v[to->n++] = cpe;
    return true;
}

/* A repository that the map lacks is a gap, once. */
static bool unknown_set(struct prq_matching *m, prq_str set, struct prq_err *err)
{
    void **place;
    bool is_new;
    prq_str key = prq_arena_printf(m->tmp, "set %.*s", PRQ_FMT(set));
    if (!key.p || !prq_memo_place(&m->products, key, m->work, &place, &is_new))
        return prq_no_room(err);
    return !is_new ||
           prq_gap_note(m, "content-set-unknown", (prq_str){ 0 },
                        prq_arena_printf(m->out, "the map of repositories does not know \"%.*s\"",
                                         PRQ_FMT(set)), err);
}

/* "…-rpms__8" is an artefact of the build, "…__9_DOT_2" is a repository (catalog.md 3.12). */
static prq_str without_build(prq_str set)
{
    size_t n = set.n;
    while (n && prq_is_digit(set.p[n - 1]))
        n--;
    bool is_build = n < set.n && n > 2 && set.p[n - 1] == '_' && set.p[n - 2] == '_';
    return is_build ? prq_str_head(set, n - 2) : set;
}

/* "ubi-9-baseos-rpms", "ubi-9-for-x86_64-appstream-rpms": parts of RHEL's repositories, which the map
 * does not have (catalog.md 3.12). Empty: another repository. */
static prq_str ubi_product(prq_str set, struct prq_arena *a)
{
    static const struct {
        prq_str word;
        const char *variant;
    } table[] = {
        { PRQ_SI("-baseos-"), "baseos" },
        { PRQ_SI("-appstream-"), "appstream" },
        { PRQ_SI("-codeready-builder-"), "crb" },
    };
    prq_str ubi = { 0 }, major = { 0 }, rest = set;
    uint64_t number;
    prq_str_split(&rest, '-', &ubi);
    if (!prq_str_eq(ubi, PRQ_S("ubi")) || !prq_str_split(&rest, '-', &major) ||
        !prq_str_u64(major, &number))
        return (prq_str){ 0 };
    for (size_t i = 0; i < PRQ_COUNT(table); i++)
        if (prq_str_has(set, table[i].word))
            return prq_arena_printf(a, "enterprise_linux:%.*s::%s", PRQ_FMT(major),
                                    table[i].variant);
    return (prq_str){ 0 };
}

static bool map_set(struct prq_matching *m, prq_str set, struct prq_strs *to, size_t *cap,
                    struct prq_err *err)
{
    const struct prq_rows *rows;
    prq_str product = prq_db_red_hat_cpe(set); /* a layer may name a product itself */
    if (product.n)
        return add_product(m, to, cap, product) || prq_no_room(err);
    set = without_build(set);
    if (!prq_known_rows(m, PRQ_S("Red Hat:repositories"), set, &rows, err))
        return false;
    for (size_t i = 0; i < rows->n; i++)
        for (size_t k = 0; k < rows->v[i].affected.cpes.n; k++)
            if (!add_product(m, to, cap, rows->v[i].affected.cpes.v[k]))
                return prq_no_room(err);
    if (rows->n > 0)
        return true;
    product = ubi_product(set, m->work);
    return product.n ? add_product(m, to, cap, product) || prq_no_room(err)
                     : unknown_set(m, set, err);
}

/* The nearest layer at or below this one that says something, else the nearest above: Red Hat's own
 * base images of two layers have it in the upper one (catalog.md 1.2). */
static const struct prq_layer *layer_with_sets(const struct prq_analysis *an, uint32_t layer)
{
    for (size_t i = prq_min_size((size_t)layer + 1, an->layer_count); i > 0; i--)
        if (an->layers[i - 1].content_sets.n)
            return &an->layers[i - 1];
    for (size_t i = (size_t)layer + 1; i < an->layer_count; i++)
        if (an->layers[i].content_sets.n)
            return &an->layers[i];
    return NULL;
}

bool prq_products_of(struct prq_matching *m, const struct prq_package *p,
                     const struct prq_strs **out, struct prq_err *err)
{
    void **place;
    bool is_new;
    size_t cap = 0;
    const struct prq_layer *layer = layer_with_sets(m->analysis, p->layer);
    *out = NULL;
    if (!layer)
        return true;
    prq_str key = prq_arena_printf(m->tmp, "layer %zu", (size_t)(layer - m->analysis->layers));
    if (!key.p || !prq_memo_place(&m->products, key, m->work, &place, &is_new))
        return prq_no_room(err);
    if (is_new) {
        struct prq_strs *products = prq_new(m->work, struct prq_strs);
        if (!products)
            return prq_no_room(err);
        *place = products; /* the memo may move while sets are added to it */
        for (size_t i = 0; i < layer->content_sets.n; i++)
            if (!map_set(m, layer->content_sets.v[i], products, &cap, err))
                return false;
        *out = products->n ? products : NULL;
        return true;
    }
    const struct prq_strs *known = *place;
    *out = known->n ? known : NULL;
    return true;
}

/* ---- entries of one CVE */

static bool is_primary(const struct prq_candidate *c)
{
    return !prq_str_eq(c->row->source, PRQ_S("osv"));
}

static void drop(struct prq_candidate *c)
{
    c->verdict = PRQ_NO_WORD;
}

/* Do two entries speak of one product? */
static bool share_product(const struct prq_candidate *a, const struct prq_candidate *b)
{
    const struct prq_strs *x = &a->row->affected.cpes, *y = &b->row->affected.cpes;
    return x->n == 0 || y->n == 0 || covers_any(x, y) || covers_any(y, x);
}

struct group {
    struct prq_pile *pile;
    size_t root;
};
#define EACH(g, i) (size_t i = (g)->root; i < (g)->pile->n; i = (g)->pile->v[i].next)
#define AT(g, i) (&(g)->pile->v[i])

/* The fall-back never overrules: OSV's copy of an advisory counts where CSAF has nothing on the
 * package. */
static void settle_sources(const struct group *g)
{
    bool has_primary = false;
    for EACH(g, i)
        has_primary |= prq_is_red_hat(AT(g, i)->q) && is_primary(AT(g, i));
    for EACH(g, i)
        if (has_primary && prq_is_red_hat(AT(g, i)->q) && !is_primary(AT(g, i)))
            drop(AT(g, i));
}

/* Entries that name the binary decide over the source's, product by product. */
static void settle_names(const struct group *g)
{
    for EACH(g, i) {
        struct prq_candidate *source = AT(g, i);
        if (!prq_is_red_hat(source->q) || !source->row->affected.is_source)
            continue;
        for EACH(g, k) {
            const struct prq_candidate *binary = AT(g, k);
            if (binary->verdict != PRQ_NO_WORD && prq_is_red_hat(binary->q) &&
                !binary->row->affected.is_source && share_product(source, binary)) {
                drop(source);
                break;
            }
        }
    }
}

/* Not affected in one product says nothing of another. */
static void settle_naks(const struct group *g)
{
    bool stands = false;
    for EACH(g, i) {
        if (AT(g, i)->verdict != PRQ_HIT)
            continue;
        bool is_denied = false;
        for EACH(g, k)
            is_denied |= AT(g, k)->verdict == PRQ_NAK && share_product(AT(g, i), AT(g, k));
        stands |= !is_denied;
    }
    for EACH(g, i)
        if (stands && AT(g, i)->verdict == PRQ_NAK)
            drop(AT(g, i));
}

/* matching.md 5.4: the release that a fix was built for ("….el9_5.2") is not above the stream's. */
bool prq_is_reachable(prq_str fix, prq_str stream)
{
    prq_str major = stream, minor = PRQ_S("0");
    uint64_t has_major = 0, has_minor = 0, want_major = 0, want_minor = 0;
    prq_str_cut(stream, '.', &major, &minor);
    size_t at = prq_str_search(fix, PRQ_S(".el"));
    prq_str rest = prq_str_from_at(fix, at + 3);
    size_t n = 0, k = 0;
    while (n < rest.n && prq_is_digit(rest.p[n]))
        n++;
    if (at >= fix.n || !prq_str_u64(prq_str_head(rest, n), &has_major) ||
        !prq_str_u64(major, &want_major) || !prq_str_u64(minor, &want_minor))
        return true;
    rest = prq_str_from_at(rest, n);
    if (rest.n && rest.p[0] == '_') {
        rest = prq_str_from_at(rest, 1);
        while (k < rest.n && prq_is_digit(rest.p[k]))
            k++;
        if (k && !prq_str_u64(prq_str_head(rest, k), &has_minor))
            return true;
    }
    return has_major == want_major && has_minor <= want_minor;
}

static bool has_fix(const struct prq_candidate *c)
{
    return c->row->affected.fixed.n > 0;
}

static prq_str fix_of(const struct prq_candidate *c)
{
    const struct prq_strs *fixed = &c->row->affected.fixed;
    return fixed->v[fixed->n - 1];
}

/* Extended support without content sets: the base product discloses, fixes are those of either that
 * the stream can have. */
static void settle_eus(const struct prq_subject *s, const struct group *g)
{
    bool is_disclosed = false, is_resolved = false, any_reachable = false;
    for EACH(g, i) {
        struct prq_candidate *c = AT(g, i);
        is_disclosed |= c->verdict == PRQ_HIT && !c->is_eus;
        is_resolved |= c->verdict == PRQ_MISS && has_fix(c);
        c->is_unreachable = has_fix(c) && !prq_is_reachable(fix_of(c), s->eus);
        any_reachable |= c->verdict == PRQ_HIT && has_fix(c) && !c->is_unreachable;
    }
    for EACH(g, i) {
        struct prq_candidate *c = AT(g, i);
        bool is_useless = any_reachable && (!has_fix(c) || c->is_unreachable);
        if (c->verdict == PRQ_HIT && (!is_disclosed || is_resolved || is_useless))
            drop(c);
    }
}

/* ---- rebuilds */

bool prq_is_rebuild_of_red_hat(const struct prq_package *p)
{
    return !prq_str_starts(p->name, PRQ_S("kernel-uek")) &&
           !prq_str_ends(p->version, PRQ_S("_fips")) && !prq_str_has(p->version, PRQ_S(".ksplice"));
}

static prq_str before_module(prq_str version)
{
    return prq_str_head(version, prq_str_search(version, PRQ_S(".module")));
}

/* Rebuilds of modules have other hashes: what stands before them is compared. */
struct prq_hit prq_borrowed_hit(const struct prq_affected *row, const struct prq_question *q)
{
    struct prq_hit hit = prq_evaluate(row, &q->scale, q->version, q->is_valid);
    if (!prq_str_has(q->version, PRQ_S(".module")) || row->fixed.n == 0)
        return hit;
    prq_str fix = before_module(row->fixed.v[row->fixed.n - 1]);
    bool is_below = q->is_valid && q->scale.against(before_module(q->version), fix) < 0;
    return (struct prq_hit){ .is_hit = is_below, .high = is_below ? fix : (prq_str){ 0 } };
}

/* The rebuild's own advisory decides; RHEL's record is only what discloses where it has none
 * (matching.md 5.6). */
static void settle_borrowed(const struct group *g)
{
    bool has_own = false, has_own_hit = false, is_borrowed_hit = false;
    for EACH(g, i) {
        const struct prq_candidate *c = AT(g, i);
        has_own |= !c->q->is_borrowed && c->verdict != PRQ_NO_WORD;
        has_own_hit |= !c->q->is_borrowed && c->verdict == PRQ_HIT;
        is_borrowed_hit |= c->q->is_borrowed && c->verdict == PRQ_HIT;
    }
    for EACH(g, i) {
        struct prq_candidate *c = AT(g, i);
        if (c->q->is_borrowed && (has_own_hit || c->verdict != PRQ_HIT))
            drop(c);
        else if (!c->q->is_borrowed && has_own && !has_own_hit && is_borrowed_hit &&
                 c->verdict == PRQ_MISS)
            c->verdict = PRQ_NAK; /* fixed by its own advisory */
    }
}

void prq_red_hat_settle(const struct prq_subject *s, struct prq_pile *pile, size_t root)
{
    const struct group g = { pile, root };
    settle_sources(&g);
    settle_names(&g);
    settle_borrowed(&g);
    settle_naks(&g);
    if (s->eus.n && !s->products)
        settle_eus(s, &g);
}
