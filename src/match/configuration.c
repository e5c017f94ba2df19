/* SPDX-License-Identifier: Apache-2.0 */
/* NVD's configurations in this image, in three values: what runs on a system that the image does not
 * tell of is not known, and that is no reason to be silent. Source: matching.md 3.12 (node algebra),
 * 5.11 (platforms). */
#include "match/core.h"

enum tri { NO, MAYBE, YES };

/* ---- what is there, by vendor and product */

struct entry {
    struct prq_question q;
    size_t next; /* 1 + index of the one before of that name; 0: none */
    size_t place;
};

struct prq_installed {
    struct prq_map by_name; /* 1 + index of the latest */
    struct entry *v;
    size_t n, cap;
};

static bool add_entry(struct prq_matching *m, struct prq_installed *all,
                      const struct prq_question *q, struct prq_err *err)
{
    enum { OF_ONE_NAME_MAX = 64 };
    bool added;
    size_t *at = prq_map_put(&all->by_name, q->name, 0, &added);
    if (!at || !prq_arena_grow(m->work, &all->v, sizeof *all->v, &all->cap, all->n + 1))
        return prq_no_room(err);
    size_t place = *at ? all->v[*at - 1].place + 1 : 0;
    for (size_t i = *at; i; i = all->v[i - 1].next)
        if (prq_str_eq(all->v[i - 1].q.version, q->version))
            return true;
    if (place == OF_ONE_NAME_MAX)
        return true;
    all->v[all->n++] = (struct entry){ *q, *at, place };
    *at = all->n;
    return true;
}

static bool gather(struct prq_matching *m, struct prq_err *err)
{
    struct prq_installed *all = prq_new(m->work, struct prq_installed);
    if (!all)
        return prq_no_room(err);
    *all = (struct prq_installed){ .n = 0 };
    prq_map_init(&all->by_name, m->work);
    for (size_t i = 0; i < m->analysis->package_count; i++) {
        const struct prq_package *p = &m->analysis->packages[i];
        for (size_t k = 0; !(p->flags & PRQ_PKG_NO_MATCH) && k < p->cpes.n; k++) {
            struct prq_question q;
            if (prq_question_of_cpe(m, p, p->cpes.v[k], m->work, &q) &&
                !add_entry(m, all, &q, err))
                return false;
        }
    }
    m->installed = all;
    return true;
}

static bool is_installed(const struct prq_matching *m, const struct prq_criterion *c, prq_str name)
{
    const struct prq_installed *all = m->installed;
    const size_t *at = prq_map_find(&all->by_name, name);
    for (size_t i = at ? *at : 0; i; i = all->v[i - 1].next) {
        struct prq_hit hit;
        if (prq_criterion_meets(c, &all->v[i - 1].q, &hit) >= PRQ_ALIGNED_HIT)
            return true;
    }
    return false;
}

/* ---- platforms */

static prq_str distro_id(const struct prq_matching *m, struct prq_arena *a)
{
    if (m->opts->distro.n > 0)
        return prq_distro_of_text(m->opts->distro, (prq_str){ 0 }, a).id;
    return m->analysis->has_distro ? m->analysis->distro.id : (prq_str){ 0 };
}

bool prq_is_linux(const struct prq_matching *m)
{
    return prq_str_eq(m->analysis->os, PRQ_S("linux")) || m->opts->distro.n > 0 ||
           (m->analysis->has_distro && m->analysis->distro.id.n > 0);
}

/* Systems that no image of Linux is. */
static bool is_other_system(const struct prq_cpe *c)
{
    prq_str vendor = c->v[PRQ_CPE_VENDOR], product = c->v[PRQ_CPE_PRODUCT];
    if (!prq_str_eq(c->v[PRQ_CPE_PART], PRQ_S("o")))
        return false;
    return prq_str_eq(vendor, PRQ_S("apple")) ||
           (prq_str_eq(vendor, PRQ_S("google")) && prq_str_eq(product, PRQ_S("android")));
}

static enum tri is_distro(const struct prq_matching *m, const char *id)
{
    prq_str own = distro_id(m, m->tmp);
    if (own.n == 0)
        return MAYBE;
    return prq_str_eq(own, prq_str_from(id)) ? YES : NO;
}

static enum tri platform(const struct prq_matching *m, const struct prq_cpe *c, prq_str name)
{
    if (prq_str_eq(name, PRQ_S("wordpress:wordpress")))
        return NO;
    if (prq_str_starts(name, PRQ_S("microsoft:windows")))
        return prq_str_eq(m->analysis->os, PRQ_S("windows")) ? YES : NO;
    if (prq_str_eq(name, PRQ_S("canonical:ubuntu_linux")))
        return is_distro(m, "ubuntu");
    if (prq_str_eq(name, PRQ_S("debian:debian_linux")))
        return is_distro(m, "debian");
    return prq_is_linux(m) && is_other_system(c) ? NO : MAYBE;
}

/* ---- the tree */

static enum tri criterion(const struct prq_matching *m, const struct prq_conf_line *l)
{
    const struct prq_cpe *c = &l->c.cpe;
    prq_str part = c->v[PRQ_CPE_PART];
    prq_str name = prq_arena_printf(m->tmp, "%.*s:%.*s", PRQ_FMT(c->v[PRQ_CPE_VENDOR]),
                                    PRQ_FMT(c->v[PRQ_CPE_PRODUCT]));
    if (is_installed(m, &l->c, name))
        return YES;
    bool is_platform = !l->is_vulnerable || prq_str_eq(part, PRQ_S("o")) ||
                       prq_str_eq(part, PRQ_S("h"));
    return is_platform ? platform(m, c, name) : NO;
}

/* A configuration or a node while its members come in. */
struct level {
    bool is_all, is_negated, has_any;
    enum tri value;
};

static void level_start(struct level *l, const struct prq_conf_line *line)
{
    *l = (struct level){ .is_all = line->is_all, .is_negated = line->is_negated };
}

static void level_add(struct level *l, enum tri value)
{
    if (!l->has_any || (l->is_all ? value < l->value : value > l->value))
        l->value = value;
    l->has_any = true;
}

/* Of nothing, nothing is known. */
static enum tri level_end(const struct level *l)
{
    enum tri value = l->has_any ? l->value : MAYBE;
    return l->is_negated ? (enum tri)(YES - value) : value;
}

struct walk {
    struct prq_arena *a;
    struct level conf, node;
    bool in_conf, in_node;
    uint64_t number;
    uint64_t *holding;
    size_t n, cap;
};

static void end_node(struct walk *w)
{
    if (w->in_node)
        level_add(&w->conf, level_end(&w->node));
    w->in_node = false;
}

static bool end_conf(struct walk *w)
{
    end_node(w);
    if (w->in_conf && level_end(&w->conf) != NO) {
        if (!prq_arena_grow(w->a, &w->holding, sizeof *w->holding, &w->cap, w->n + 1))
            return false;
        w->holding[w->n++] = w->number;
    }
    w->in_conf = false;
    return true;
}

static bool walk_line(struct prq_matching *m, struct walk *w, const struct prq_conf_line *l)
{
    switch (l->kind) {
    case PRQ_CONF_START:
        if (!end_conf(w))
            return false;
        level_start(&w->conf, l);
        w->number = l->configuration;
        w->in_conf = true;
        break;
    case PRQ_CONF_NODE:
        end_node(w);
        level_start(&w->node, l);
        w->in_node = true;
        break;
    case PRQ_CONF_CRITERION:
        if (w->in_node)
            level_add(&w->node, criterion(m, l));
        break;
    }
    return true;
}

bool prq_configurations_hold(struct prq_matching *m, prq_str text, struct prq_arena *a,
                             uint64_t **out, size_t *n, struct prq_err *err)
{
    struct walk w = { .a = a };
    prq_str line;
    if (text.n && !m->installed && !gather(m, err))
        return false;
    while (text.n && prq_str_line(&text, &line)) {
        struct prq_conf_line l;
        struct prq_mark mark = prq_arena_mark(m->tmp);
        if (!prq_conf_line_parse(line, &l))
            return prq_fail(err, PRQ_E_FORMAT, "malformed configuration");
        if (!walk_line(m, &w, &l))
            return prq_no_room(err);
        prq_arena_rewind(m->tmp, mark);
    }
    if (!end_conf(&w))
        return prq_no_room(err);
    *out = w.holding;
    *n = w.n;
    return true;
}
