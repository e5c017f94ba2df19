/* SPDX-License-Identifier: Apache-2.0 */
/* Which VEX statements count for a finding, and whether they take it away. Source: matching.md 6.1.
 *
 *     ids of the finding ─ statements ─ per component (the package, what needs it, the image)
 *                                       the latest one ─ a walk from the package up to the image:
 *                                                        a component that is cleared ends a way
 *
 * If the image can be reached on some way the finding stays. What an operating system installed is
 * there for everybody: it is reached without what needs it. */
#include <stdlib.h>

#include "base/when.h"
#include "match/decide.h"
#include "model/edges.h"

enum { IMAGE = UINT32_MAX, SHOWN_MAX = 32 };

struct vex_ref {
    const struct prq_vex_doc *doc;
    struct prq_vex_statement *s;
    size_t next;  /* of the same id: 1 + index; 0 ends */
    size_t seen;  /* 1 + number of the finding that met it last */
    bool has_when;
    struct prq_when when;
    size_t applied, annotated, overruled, unreached, met;
    size_t winner; /* 1 + index of one that overruled it */
    uint32_t way;  /* a package by which it is reached all the same */
};

struct vex_word { /* a statement that is about a component */
    uint32_t component;
    size_t ref;
};

struct vex_mention { /* id → statements */
    size_t ref, next;
};

struct prq_vexing {
    struct prq_matching *m;
    struct prq_namer namer;
    struct vex_ref *refs;
    size_t count;
    struct prq_map by_id;
    struct vex_mention *mentions;
    size_t mention_count, mention_cap;
    struct prq_edge_list *parents; /* one a package */
    size_t round;

    /* of the finding at hand */
    struct vex_word *words;
    size_t word_count, word_cap;
    size_t *place, *place_round; /* a component's place among the words, and since when */
    size_t *queue;  /* packages, each once */
    size_t *stamp;  /* the round in which a package was queued */
    bool is_cleared;
    size_t *blockers, blocker_count; /* refs */
};

/* ---- the statements by id */

static prq_str lower(struct prq_arena *a, prq_str s)
{
    char *p = prq_arena_alloc(a, s.n + 1);
    for (size_t i = 0; p && i < s.n; i++)
        p[i] = prq_to_lower(s.p[i]);
    return (prq_str){ p, p ? s.n : 0 };
}

static bool add_mention(struct prq_vexing *v, prq_str id, size_t ref)
{
    bool added;
    prq_str key = lower(v->m->work, id);
    if (!key.p || !prq_arena_grow(v->m->work, &v->mentions, sizeof *v->mentions, &v->mention_cap,
                                  v->mention_count + 1))
        return false;
    size_t *head = prq_map_put(&v->by_id, key, v->mention_count, &added);
    if (!head)
        return false;
    v->mentions[v->mention_count] = (struct vex_mention){ ref, added ? 0 : *head + 1 };
    *head = v->mention_count++;
    return true;
}

static bool list_statements(struct prq_vexing *v)
{
    const struct prq_vex_set *set = v->m->opts->vex;
    size_t n = 0;
    for (size_t i = 0; i < set->n; i++)
        n += set->docs[i]->count;
    v->refs = prq_new_n(v->m->work, struct vex_ref, n + 1);
    if (!v->refs)
        return false;
    for (size_t i = 0; i < set->n; i++)
        for (size_t k = 0; k < set->docs[i]->count; k++) {
            struct prq_vex_statement *s = &set->docs[i]->statements[k];
            struct vex_ref *r = &v->refs[v->count];
            *r = (struct vex_ref){ .doc = set->docs[i], .s = s, .way = IMAGE };
            r->has_when = prq_when_parse(s->timestamp, &r->when);
            s->findings = 0;
            for (size_t x = 0; !s->flaw.n && x < s->ids.n; x++)
                if (!add_mention(v, s->ids.v[x], v->count))
                    return false;
            v->count++;
        }
    return true;
}

/* ---- who needs a package */

static bool turn_edges(struct prq_vexing *v)
{
    const struct prq_analysis *an = v->m->analysis;
    struct prq_edges e;
    struct prq_arena *a = v->m->work;
    if (!prq_edges_find(an, a, &e))
        return false;
    v->parents = prq_new_n(a, struct prq_edge_list, an->package_count + 1);
    if (!v->parents)
        return false;
    for (size_t i = 0; i < an->package_count; i++)
        for (size_t k = 0; k < e.of[i].n; k++)
            v->parents[e.of[i].v[k]].n++;
    for (size_t i = 0; i < an->package_count; i++) {
        v->parents[i].v = prq_new_n(a, uint32_t, v->parents[i].n);
        if (!v->parents[i].v && v->parents[i].n)
            return false;
        v->parents[i].n = 0;
    }
    for (uint32_t i = 0; i < an->package_count; i++)
        for (size_t k = 0; k < e.of[i].n; k++) {
            struct prq_edge_list *up = &v->parents[e.of[i].v[k]];
            up->v[up->n++] = i;
        }
    return true;
}

bool prq_vex_begin(struct prq_matching *m, struct prq_vexing **out, struct prq_err *err)
{
    struct prq_vexing *v = prq_new(m->work, struct prq_vexing);
    size_t n = m->analysis->package_count + 1;
    if (!v)
        return prq_no_room(err);
    v->m = m;
    prq_map_init(&v->by_id, m->work);
    v->queue = prq_new_n(m->work, size_t, n);
    v->stamp = prq_new_n(m->work, size_t, n);
    v->blockers = prq_new_n(m->work, size_t, n + 1);
    v->place = prq_new_n(m->work, size_t, n);
    v->place_round = prq_new_n(m->work, size_t, n);
    if (!v->place || !v->place_round || !v->queue || !v->stamp || !v->blockers ||
        !list_statements(v) || !turn_edges(v))
        return prq_no_room(err);
    *out = v;
    return prq_namer_init(&v->namer, m->analysis, m->work, err);
}

/* ---- what is about what */

/* <0: b is later, or as late and worse. Documents' order decides between equals. */
static int compare(const struct vex_ref *a, const struct vex_ref *b)
{
    if (a->has_when != b->has_when)
        return a->has_when ? 1 : -1;
    int c = a->has_when ? prq_when_cmp(&a->when, &b->when) : 0;
    if (c == 0)
        c = (int)a->s->status - (int)b->s->status;
    return c;
}

static bool lose(struct prq_vexing *v, size_t loser, size_t winner)
{
    v->refs[loser].overruled++;
    v->refs[loser].winner = winner + 1;
    return true;
}

/* The image's place is behind those of the packages. */
static size_t index_of(const struct prq_vexing *v, uint32_t component)
{
    return component == IMAGE ? v->m->analysis->package_count : component;
}

/* The statement is about the component: it stays if it is the latest. */
static bool note(struct prq_vexing *v, uint32_t component, size_t ref, struct prq_err *err)
{
    size_t at = index_of(v, component);
    if (v->place_round[at] == v->round) {
        struct vex_word *w = &v->words[v->place[at]];
        if (w->ref == ref)
            return true;
        if (compare(&v->refs[ref], &v->refs[w->ref]) <= 0)
            return lose(v, ref, w->ref);
        lose(v, w->ref, ref);
        w->ref = ref;
        return true;
    }
    if (!prq_arena_grow(v->m->work, &v->words, sizeof *v->words, &v->word_cap, v->word_count + 1))
        return prq_no_room(err);
    v->place_round[at] = v->round;
    v->place[at] = v->word_count;
    v->words[v->word_count++] = (struct vex_word){ component, ref };
    return true;
}

static bool names_package(struct prq_vexing *v, const struct prq_vex_thing *t, size_t package,
                          bool *out, struct prq_err *err)
{
    const struct prq_named_thing *named;
    *out = false;
    for (size_t i = 0; !*out && i < t->names.n; i++) {
        if (!prq_namer_find(&v->namer, t->names.v[i], &named, err))
            return false;
        for (size_t k = 0; !*out && k < named->n; k++)
            *out = named->packages[k] == package;
    }
    return true;
}

/* Without parts: of all of the product. */
static bool is_of(struct prq_vexing *v, const struct prq_vex_product *p, size_t package, bool *out,
                  struct prq_err *err)
{
    *out = p->part_count == 0;
    for (size_t i = 0; !*out && i < p->part_count; i++)
        if (!names_package(v, &p->parts[i], package, out, err))
            return false;
    return true;
}

static bool weigh_product(struct prq_vexing *v, const struct prq_vex_product *p, size_t package,
                          size_t ref, struct prq_err *err)
{
    bool suits;
    if (!is_of(v, p, package, &suits, err))
        return false;
    for (size_t i = 0; suits && i < p->self.names.n; i++) {
        const struct prq_named_thing *found;
        if (!prq_namer_find(&v->namer, p->self.names.v[i], &found, err))
            return false;
        struct prq_named_thing t = *found;
        if (t.is_image && !note(v, IMAGE, ref, err))
            return false;
        for (size_t k = 0; k < t.n; k++)
            if (!note(v, t.packages[k], ref, err))
                return false;
    }
    return true;
}

static bool weigh_id(struct prq_vexing *v, const struct prq_finding *f, prq_str id,
                     struct prq_err *err)
{
    prq_str key = lower(v->m->tmp, id);
    const size_t *head = key.p ? prq_map_find(&v->by_id, key) : NULL;
    if (!key.p)
        return prq_no_room(err);
    for (size_t at = head ? *head + 1 : 0; at; at = v->mentions[at - 1].next) {
        size_t ref = v->mentions[at - 1].ref;
        struct vex_ref *r = &v->refs[ref];
        if (r->seen == v->round)
            continue;
        r->seen = v->round;
        r->met++;
        for (size_t i = 0; i < r->s->product_count; i++)
            if (!weigh_product(v, &r->s->products[i], f->package, ref, err))
                return false;
    }
    return true;
}

/* ---- the walk */

/* 1 + the statement that counts for a component; 0: none is about it. */
static size_t word_of(const struct prq_vexing *v, uint32_t component)
{
    size_t at = index_of(v, component);
    return v->place_round[at] == v->round ? v->words[v->place[at]].ref + 1 : 0;
}

struct vex_climb {
    size_t *met; /* refs on the ways, nearest first */
    size_t met_count, met_max;
    size_t queued;
    bool is_open;    /* the image was reached */
    uint32_t way;    /* from here */
};

static void meet(struct vex_climb *c, size_t word)
{
    for (size_t i = 0; i < c->met_count; i++)
        if (c->met[i] == word - 1)
            return;
    if (c->met_count < c->met_max)
        c->met[c->met_count++] = word - 1;
}

static void reach_image(struct prq_vexing *v, struct vex_climb *c, uint32_t from)
{
    size_t word = word_of(v, IMAGE);
    if (word)
        meet(c, word);
    if (word && prq_vex_clears(v->refs[word - 1].s->status))
        return;
    if (!c->is_open)
        c->way = from;
    c->is_open = true;
}

static void climb(struct prq_vexing *v, size_t start, struct vex_climb *c)
{
    const struct prq_analysis *an = v->m->analysis;
    v->queue[c->queued++] = start;
    v->stamp[start] = v->round;
    for (size_t at = 0; at < c->queued; at++) {
        size_t i = v->queue[at];
        size_t word = word_of(v, (uint32_t)i);
        if (word)
            meet(c, word);
        if (word && prq_vex_clears(v->refs[word - 1].s->status))
            continue;
        const struct prq_edge_list *up = &v->parents[i];
        if (up->n == 0 || prq_is_os_type(an->packages[i].type))
            reach_image(v, c, (uint32_t)i);
        for (size_t k = 0; k < up->n; k++)
            if (v->stamp[up->v[k]] != v->round) {
                v->stamp[up->v[k]] = v->round;
                v->queue[c->queued++] = up->v[k];
            }
    }
    /* A ring that nobody outside needs hangs on the image itself. */
    if (!c->is_open && c->met_count == 0)
        reach_image(v, c, (uint32_t)start);
}

static prq_str key_of(const struct vex_ref *r, struct prq_arena *a)
{
    return prq_arena_printf(a, "%.*s#%zu", PRQ_FMT(r->doc->digest), r->s->number);
}

static bool make_by(struct prq_vexing *v, const struct vex_ref *r, struct prq_by *out)
{
    const struct prq_vex_statement *s = r->s;
    struct prq_arena *a = v->m->out;
    prq_str why = s->justification.n ? s->justification : s->impact;
    if (s->status == PRQ_VEX_AFFECTED && s->action.n)
        why = s->action;
    *out = (struct prq_by){ .kind = PRQ_S("vex"), .id = key_of(r, a), .author = r->doc->author,
                            .status = prq_str_from(prq_vex_status_word(s->status)),
                            .justification = s->justification, .timestamp = s->timestamp,
                            .is_unverified = r->doc->is_attached };
    out->reason = prq_arena_printf(a, "%s%s%.*s (%.*s)", prq_vex_status_word(s->status),
                                   why.n ? ": " : "", PRQ_FMT(prq_str_head(why, 400)),
                                   PRQ_FMT(r->doc->path));
    return out->id.p && out->reason.p;
}

static void count_outcome(struct prq_vexing *v, const struct vex_climb *c)
{
    for (size_t i = 0; i < v->word_count; i++) {
        struct vex_ref *r = &v->refs[v->words[i].ref];
        bool is_met = false;
        for (size_t k = 0; k < c->met_count; k++)
            is_met = is_met || c->met[k] == v->words[i].ref;
        if (is_met && prq_vex_clears(r->s->status) && c->is_open) {
            r->unreached++;
            r->way = c->way;
        } else if (is_met) {
            size_t *n = prq_vex_clears(r->s->status) ? &r->applied : &r->annotated;
            (*n)++;
        }
    }
}

bool prq_vex_weigh(struct prq_vexing *v, struct prq_finding *f, struct prq_err *err)
{
    size_t met[SHOWN_MAX];
    struct vex_climb c = { .met = met, .met_max = SHOWN_MAX, .way = IMAGE };
    v->round++;
    v->word_count = v->blocker_count = 0;
    v->is_cleared = false;
    if (!weigh_id(v, f, f->id, err))
        return false;
    for (size_t i = 0; i < f->aliases.n; i++)
        if (!weigh_id(v, f, f->aliases.v[i], err))
            return false;
    if (v->word_count == 0)
        return true;
    climb(v, f->package, &c);
    v->is_cleared = !c.is_open;
    count_outcome(v, &c);
    f->vex = prq_new_n(v->m->out, struct prq_by, c.met_count);
    if (!f->vex && c.met_count)
        return prq_no_room(err);
    for (size_t i = 0; i < c.met_count; i++) {
        const struct vex_ref *r = &v->refs[met[i]];
        if (!make_by(v, r, &f->vex[f->vex_count++]))
            return prq_no_room(err);
        if (v->is_cleared && prq_vex_clears(r->s->status))
            v->blockers[v->blocker_count++] = i;
    }
    return true;
}

/* ---- the effect */

static bool brings_back(const struct prq_vexing *v, const struct prq_finding *f)
{
    prq_str rest = v->m->opts->vex_add, piece;
    if (!f->vex_count || !prq_str_eq(f->by.kind, PRQ_S("rule")))
        return false;
    for (size_t i = 0; i < f->also_count; i++)
        if (!prq_str_eq(f->also[i].kind, PRQ_S("rule")))
            return false;
    while (rest.n && prq_str_split(&rest, ',', &piece)) {
        piece = prq_str_trim(piece);
        if (prq_str_ieq(piece, f->vex[0].status) ||
            (prq_str_ieq(piece, PRQ_S("under-investigation")) &&
             prq_str_eq(f->vex[0].status, PRQ_S("under_investigation"))))
            return true;
    }
    return false;
}

bool prq_vex_settle(struct prq_vexing *v, struct prq_finding *f, struct prq_err *err)
{
    if (v->word_count == 0)
        return true;
    if (brings_back(v, f)) {
        prq_str note = prq_arena_printf(v->m->out, "%.*s%s%.*s took it away and VEX (%.*s) brings it back",
                                        PRQ_FMT(f->note), f->note.n ? "; " : "",
                                        PRQ_FMT(f->by.id), PRQ_FMT(f->vex[0].status));
        if (!note.p)
            return prq_no_room(err);
        f->note = note;
        f->by = (struct prq_by){ 0 };
        f->also_count = 0;
        return true;
    }
    for (size_t i = 0; i < v->blocker_count; i++)
        if (!prq_suppress_by(v->m, f, f->vex[v->blockers[i]], err))
            return false;
    return true;
}

/* ---- the reasons */

/* Is any product here, and if so any of its parts? */
static bool presence(struct prq_vexing *v, const struct prq_vex_statement *s, bool *product,
                     bool *part, bool *foreign, struct prq_err *err)
{
    const struct prq_named_thing *t;
    *product = *part = *foreign = false;
    for (size_t i = 0; i < s->product_count && !(*product && *part); i++) {
        const struct prq_vex_product *p = &s->products[i];
        bool is_here = false;
        for (size_t k = 0; k < p->self.names.n; k++) {
            if (!prq_namer_find(&v->namer, p->self.names.v[k], &t, err))
                return false;
            is_here = is_here || t->is_image || t->n;
            *foreign = *foreign || t->is_foreign;
        }
        *product = *product || is_here;
        *part = *part || (is_here && p->part_count == 0);
        for (size_t x = 0; is_here && x < p->part_count; x++)
            for (size_t k = 0; k < p->parts[x].names.n; k++) {
                if (!prq_namer_find(&v->namer, p->parts[x].names.v[k], &t, err))
                    return false;
                *part = *part || t->n;
            }
    }
    return true;
}

static prq_str reason_unused(struct prq_vexing *v, const struct vex_ref *r, struct prq_err *err,
                             bool *ok)
{
    bool product, part, foreign;
    *ok = presence(v, r->s, &product, &part, &foreign, err);
    if (!*ok)
        return (prq_str){ 0 };
    if (!product)
        return foreign ? PRQ_S("it refers to a component of another BOM")
                       : PRQ_S("none of its products is here");
    if (!part)
        return PRQ_S("the product is here, but none of its subcomponents is");
    return r->met ? PRQ_S("the packages that have the vulnerability are no part of its products")
                  : PRQ_S("the product is here, but no finding has this vulnerability");
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static prq_str way_text(struct prq_vexing *v, const struct vex_ref *r)
{
    const struct prq_package *p = &v->m->analysis->packages[r->way];
    return prq_arena_printf(v->m->out,
                            "%zu finding%s stay%s: the package is reached by %.*s as well",
                            r->unreached, plural(r->unreached), r->unreached == 1 ? "s" : "",
                            PRQ_FMT(p->name));
}

static bool explain(struct prq_vexing *v, struct vex_ref *r, struct prq_err *err)
{
    struct prq_vex_statement *s = r->s;
    struct prq_arena *a = v->m->out;
    bool ok = true;
    if (s->flaw.n) {
        s->result = PRQ_VEX_FLAWED;
        s->reason = s->flaw;
        return true;
    }
    s->findings = r->applied ? r->applied : r->annotated ? r->annotated : 0;
    if (r->applied) {
        s->result = PRQ_VEX_APPLIED;
        s->reason = prq_arena_printf(a, "%zu finding%s suppressed", r->applied,
                                     plural(r->applied));
    } else if (r->unreached && r->way != IMAGE) {
        s->result = PRQ_VEX_UNREACHED;
        s->reason = way_text(v, r);
    } else if (r->annotated) {
        s->result = PRQ_VEX_ANNOTATED;
        s->reason = prq_arena_printf(a, "%zu finding%s annotated", r->annotated,
                                     plural(r->annotated));
    } else if (r->overruled) {
        const struct vex_ref *by = &v->refs[r->winner - 1];
        s->result = PRQ_VEX_OVERRULED;
        s->reason = prq_arena_printf(a, "%s of %.*s, statement %zu, counts instead",
                                     prq_vex_status_word(by->s->status), PRQ_FMT(by->doc->path),
                                     by->s->number);
    } else {
        s->result = PRQ_VEX_UNUSED;
        s->reason = reason_unused(v, r, err, &ok);
    }
    return ok && (s->reason.p || prq_no_room(err));
}

bool prq_vex_close(struct prq_vexing *v, struct prq_err *err)
{
    for (size_t i = 0; i < v->count; i++)
        if (!explain(v, &v->refs[i], err))
            return false;
    return true;
}
