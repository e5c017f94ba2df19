/* SPDX-License-Identifier: Apache-2.0 */
/* CSAF documents as VEX. Source: CSAF 2.0 (OASIS Standard), 3.2.2 "Product Tree", 3.2.3
 * "Vulnerabilities", 4.5 "Profile 5: VEX"; 2.1 has "purls" beside "purl".
 *
 *     product_status → product id ─┬─ branches, full_product_names: purl, CPE, hashes
 *                                  └─ relationships: component (product_reference) in a product
 *                                     (relates_to_product_reference) */
#include "base/map.h"
#include "format/vexread.h"

enum { HOPS_MAX = 8 };

struct csaf_product {
    prq_str id;
    struct prq_strs names;
    size_t name_cap;
    prq_str part, whole; /* of a relationship: the ids; empty: none */
};

struct csaf {
    struct prq_vex_reader *r;
    struct csaf_product *products;
    size_t count, cap;
    struct prq_map by_id, groups;
    struct prq_strs group_ids; /* raw arrays of product ids */
    size_t group_cap;
};

static bool full(struct csaf *c)
{
    return prq_vex_full(c->r);
}

static struct csaf_product *product_of(struct csaf *c, prq_str id)
{
    const size_t *at = prq_map_find(&c->by_id, id);
    return at ? &c->products[*at] : NULL;
}

/* ---- the product tree */

static bool read_hashes(struct csaf *c, prq_str array, struct csaf_product *p)
{
    struct prq_vex_walk files, hashes;
    prq_str raw, inner;
    prq_vex_walk_begin(c->r, &files, array);
    while (prq_vex_walk_next(&files, &raw)) {
        prq_str list = { 0 };
        const struct prq_vex_member of_file[] = { { PRQ_S("file_hashes"), &list } };
        if (raw.p[0] != '{')
            continue;
        if (!prq_vex_members(c->r, raw, of_file, 1))
            return false;
        prq_vex_walk_begin(c->r, &hashes, list);
        while (prq_vex_walk_next(&hashes, &inner)) {
            prq_str alg, value;
            const struct prq_vex_member of_hash[] = { { PRQ_S("algorithm"), &alg },
                                                      { PRQ_S("value"), &value } };
            if (inner.p[0] != '{')
                continue;
            if (!prq_vex_members(c->r, inner, of_hash, 2))
                return false;
            alg = prq_vex_text(c->r, alg);
            value = prq_arena_printf(c->r->a, "%.*s:%.*s", PRQ_FMT(alg),
                                     PRQ_FMT(prq_vex_text(c->r, value)));
            if (!value.p || !prq_vex_add_str(c->r, &p->names, &p->name_cap, value))
                return full(c);
        }
    }
    return true;
}

static bool read_helper(struct csaf *c, prq_str raw, struct csaf_product *p)
{
    prq_str purl, purls, cpe, hashes, element;
    const struct prq_vex_member wanted[] = { { PRQ_S("purl"), &purl },
                                             { PRQ_S("purls"), &purls },
                                             { PRQ_S("cpe"), &cpe },
                                             { PRQ_S("hashes"), &hashes } };
    if (!raw.n || raw.p[0] != '{')
        return true;
    if (!prq_vex_members(c->r, raw, wanted, PRQ_COUNT(wanted)))
        return false;
    const prq_str one[] = { prq_vex_text(c->r, purl), prq_vex_text(c->r, cpe) };
    for (size_t i = 0; i < PRQ_COUNT(one); i++)
        if (one[i].n && !prq_vex_add_str(c->r, &p->names, &p->name_cap, one[i]))
            return false;
    struct prq_vex_walk w;
    prq_vex_walk_begin(c->r, &w, purls);
    while (prq_vex_walk_next(&w, &element)) {
        element = prq_vex_text(c->r, element);
        if (element.n && !prq_vex_add_str(c->r, &p->names, &p->name_cap, element))
            return false;
    }
    return read_hashes(c, hashes, p);
}

/* A full_product_name_t. *index: its place; SIZE_MAX when it has no id. */
static bool read_product(struct csaf *c, prq_str raw, size_t *index)
{
    prq_str id, helper;
    const struct prq_vex_member wanted[] = { { PRQ_S("product_id"), &id },
                                             { PRQ_S("product_identification_helper"), &helper } };
    bool added;
    *index = SIZE_MAX;
    if (!raw.n || raw.p[0] != '{')
        return true;
    if (!prq_vex_members(c->r, raw, wanted, PRQ_COUNT(wanted)))
        return false;
    id = prq_vex_text(c->r, id);
    if (!id.n)
        return true;
    if (!prq_arena_grow(c->r->a, &c->products, sizeof *c->products, &c->cap, c->count + 1))
        return full(c);
    size_t *at = prq_map_put(&c->by_id, id, c->count, &added);
    if (!at)
        return full(c);
    if (added)
        c->products[c->count++] = (struct csaf_product){ .id = id };
    *index = *at;
    return read_helper(c, helper, &c->products[*at]);
}

/* Branches hold branches: those that are still to be read wait in a list. */
static bool read_branches(struct csaf *c, prq_str first)
{
    struct prq_strs waiting = { 0 };
    size_t cap = 0, ignored;
    prq_str raw;
    if (!prq_vex_add_str(c->r, &waiting, &cap, first))
        return false;
    while (waiting.n) {
        struct prq_vex_walk w;
        prq_vex_walk_begin(c->r, &w, waiting.v[--waiting.n]);
        while (prq_vex_walk_next(&w, &raw)) {
            prq_str below, product;
            const struct prq_vex_member wanted[] = { { PRQ_S("branches"), &below },
                                                     { PRQ_S("product"), &product } };
            if (raw.p[0] != '{')
                continue;
            if (!prq_vex_members(c->r, raw, wanted, PRQ_COUNT(wanted)) ||
                !read_product(c, product, &ignored) ||
                (below.n && !prq_vex_add_str(c->r, &waiting, &cap, below)))
                return false;
        }
    }
    return true;
}

static bool read_names(struct csaf *c, prq_str array)
{
    struct prq_vex_walk w;
    size_t ignored;
    prq_str raw;
    prq_vex_walk_begin(c->r, &w, array);
    while (prq_vex_walk_next(&w, &raw))
        if (!read_product(c, raw, &ignored))
            return false;
    return true;
}

static bool read_relationships(struct csaf *c, prq_str array)
{
    struct prq_vex_walk w;
    prq_str raw;
    prq_vex_walk_begin(c->r, &w, array);
    while (prq_vex_walk_next(&w, &raw)) {
        prq_str name, part, whole;
        size_t index;
        const struct prq_vex_member wanted[] = {
            { PRQ_S("full_product_name"), &name },
            { PRQ_S("product_reference"), &part },
            { PRQ_S("relates_to_product_reference"), &whole },
        };
        if (raw.p[0] != '{')
            continue;
        if (!prq_vex_members(c->r, raw, wanted, PRQ_COUNT(wanted)) ||
            !read_product(c, name, &index))
            return false;
        if (index == SIZE_MAX)
            continue;
        c->products[index].part = prq_vex_text(c->r, part);
        c->products[index].whole = prq_vex_text(c->r, whole);
    }
    return true;
}

static bool read_groups(struct csaf *c, prq_str array)
{
    struct prq_vex_walk w;
    prq_str raw;
    bool added;
    prq_vex_walk_begin(c->r, &w, array);
    while (prq_vex_walk_next(&w, &raw)) {
        prq_str id, ids;
        const struct prq_vex_member wanted[] = { { PRQ_S("group_id"), &id },
                                                 { PRQ_S("product_ids"), &ids } };
        if (raw.p[0] != '{')
            continue;
        if (!prq_vex_members(c->r, raw, wanted, PRQ_COUNT(wanted)))
            return false;
        id = prq_vex_text(c->r, id);
        if (!prq_map_put(&c->groups, id, c->group_ids.n, &added))
            return full(c);
        if (added && !prq_vex_add_str(c->r, &c->group_ids, &c->group_cap, ids))
            return false;
    }
    return true;
}

static bool read_tree(struct csaf *c, prq_str raw)
{
    prq_str branches, names, relationships, groups;
    const struct prq_vex_member wanted[] = { { PRQ_S("branches"), &branches },
                                             { PRQ_S("full_product_names"), &names },
                                             { PRQ_S("relationships"), &relationships },
                                             { PRQ_S("product_groups"), &groups } };
    if (!raw.n || raw.p[0] != '{')
        return true;
    return prq_vex_members(c->r, raw, wanted, PRQ_COUNT(wanted)) && read_branches(c, branches) &&
           read_names(c, names) && read_relationships(c, relationships) && read_groups(c, groups);
}

/* ---- vulnerabilities */

/* What flags, threats or remediations say of single products. */
struct csaf_words {
    struct prq_map by_id;
    struct prq_strs words;
    size_t cap;
    prq_str general; /* said of no product in particular */
};

static bool say_of(struct csaf *c, struct csaf_words *w, prq_str array, prq_str word)
{
    struct prq_vex_walk ids;
    prq_str raw;
    bool added;
    prq_vex_walk_begin(c->r, &ids, array);
    while (prq_vex_walk_next(&ids, &raw)) {
        if (!prq_map_put(&w->by_id, prq_vex_text(c->r, raw), w->words.n, &added))
            return full(c);
        if (added && !prq_vex_add_str(c->r, &w->words, &w->cap, word))
            return false;
    }
    return true;
}

/* `kind`: only those of this category; NULL: all. */
static bool read_words(struct csaf *c, prq_str array, const char *member, const char *kind,
                       struct csaf_words *out)
{
    struct prq_vex_walk w, g;
    prq_str raw, group;
    prq_map_init(&out->by_id, c->r->a);
    prq_vex_walk_begin(c->r, &w, array);
    while (prq_vex_walk_next(&w, &raw)) {
        prq_str word, ids, groups, category;
        const struct prq_vex_member wanted[] = { { prq_str_from(member), &word },
                                                 { PRQ_S("product_ids"), &ids },
                                                 { PRQ_S("group_ids"), &groups },
                                                 { PRQ_S("category"), &category } };
        if (raw.p[0] != '{')
            continue;
        if (!prq_vex_members(c->r, raw, wanted, PRQ_COUNT(wanted)))
            return false;
        if (kind && !prq_str_eq(prq_vex_text(c->r, category), prq_str_from(kind)))
            continue;
        word = prq_vex_text(c->r, word);
        if (!ids.n && !groups.n && !out->general.n)
            out->general = word;
        if (!say_of(c, out, ids, word))
            return false;
        prq_vex_walk_begin(c->r, &g, groups);
        while (prq_vex_walk_next(&g, &group)) {
            const size_t *at = prq_map_find(&c->groups, prq_vex_text(c->r, group));
            if (at && !say_of(c, out, c->group_ids.v[*at], word))
                return false;
        }
    }
    return true;
}

static prq_str word_for(const struct csaf_words *w, prq_str id)
{
    const size_t *at = prq_map_find(&w->by_id, id);
    return at ? w->words.v[*at] : w->general;
}

/* The names of an id; of a relationship those of its component. */
static struct prq_strs names_of(struct csaf *c, prq_str id)
{
    const struct csaf_product *p = product_of(c, id);
    for (size_t hops = 0; p && p->part.n && hops < HOPS_MAX; hops++)
        p = product_of(c, p->part);
    return p ? p->names : (struct prq_strs){ 0 };
}

static bool set_product(struct csaf *c, prq_str id, struct prq_vex_product *out)
{
    const struct csaf_product *p = product_of(c, id);
    *out = (struct prq_vex_product){ 0 };
    if (!p)
        return true;
    if (!p->whole.n) {
        out->self.names = p->names;
        return true;
    }
    const struct csaf_product *whole = product_of(c, p->whole);
    out->self.names = whole ? whole->names : (struct prq_strs){ 0 };
    out->parts = prq_new(c->r->a, struct prq_vex_thing);
    if (!out->parts)
        return full(c);
    out->part_count = 1;
    out->parts[0].names = names_of(c, p->part);
    return true;
}

struct csaf_vuln {
    struct csaf *c;
    struct prq_strs ids;
    struct csaf_words flags, impacts, actions;
    struct prq_map by_word; /* status and words → statement */
    size_t *caps;           /* of the products of each statement, from `first` on */
    size_t first, caps_cap;
};

static bool statement_for(struct csaf_vuln *v, enum prq_vex_status status, prq_str id, size_t *out)
{
    struct prq_vex_reader *r = v->c->r;
    prq_str flag = status == PRQ_VEX_NOT_AFFECTED ? word_for(&v->flags, id) : (prq_str){ 0 };
    prq_str impact = status == PRQ_VEX_NOT_AFFECTED ? word_for(&v->impacts, id) : (prq_str){ 0 };
    prq_str action = status == PRQ_VEX_AFFECTED ? word_for(&v->actions, id) : (prq_str){ 0 };
    prq_str key = prq_arena_printf(r->a, "%d\n%.*s\n%.*s\n%.*s", (int)status, PRQ_FMT(flag),
                                   PRQ_FMT(impact), PRQ_FMT(action));
    bool added;
    size_t *at = key.p ? prq_map_put(&v->by_word, key, r->out->count, &added) : NULL;
    if (!at)
        return full(v->c);
    *out = *at;
    if (!added)
        return true;
    struct prq_vex_statement *s = prq_vex_add(r);
    if (!s || !prq_arena_grow(r->a, &v->caps, sizeof *v->caps, &v->caps_cap,
                              r->out->count - v->first))
        return full(v->c);
    v->caps[r->out->count - v->first - 1] = 0;
    s->ids = v->ids;
    s->status = status;
    s->justification = flag;
    s->impact = impact;
    s->action = action;
    if (status == PRQ_VEX_NOT_AFFECTED && !flag.n && !impact.n)
        s->flaw = PRQ_S("known_not_affected needs a flag or a threat of category impact");
    if (!v->ids.n)
        s->flaw = PRQ_S("it names no vulnerability");
    return true;
}

static bool read_status(struct csaf_vuln *v, prq_str raw)
{
    static const struct {
        prq_str member;
        enum prq_vex_status status;
    } lists[] = {
        { PRQ_SI("known_not_affected"), PRQ_VEX_NOT_AFFECTED },
        { PRQ_SI("first_fixed"), PRQ_VEX_FIXED },
        { PRQ_SI("fixed"), PRQ_VEX_FIXED },
        { PRQ_SI("first_affected"), PRQ_VEX_AFFECTED },
        { PRQ_SI("known_affected"), PRQ_VEX_AFFECTED },
        { PRQ_SI("last_affected"), PRQ_VEX_AFFECTED },
        { PRQ_SI("under_investigation"), PRQ_VEX_UNDER_INVESTIGATION },
    };
    struct prq_vex_reader *r = v->c->r;
    prq_str arrays[PRQ_COUNT(lists)], id;
    struct prq_vex_member wanted[PRQ_COUNT(lists)];
    for (size_t i = 0; i < PRQ_COUNT(lists); i++)
        wanted[i] = (struct prq_vex_member){ lists[i].member, &arrays[i] };
    if (!raw.n || raw.p[0] != '{')
        return true;
    if (!prq_vex_members(r, raw, wanted, PRQ_COUNT(wanted)))
        return false;
    for (size_t i = 0; i < PRQ_COUNT(lists); i++) {
        struct prq_vex_walk w;
        prq_vex_walk_begin(r, &w, arrays[i]);
        while (prq_vex_walk_next(&w, &id)) {
            size_t at = 0;
            id = prq_vex_text(r, id);
            if (!statement_for(v, lists[i].status, id, &at))
                return false;
            struct prq_vex_statement *s = &r->out->statements[at];
            if (!prq_arena_grow(r->a, &s->products, sizeof *s->products, &v->caps[at - v->first],
                                s->product_count + 1))
                return full(v->c);
            if (!set_product(v->c, id, &s->products[s->product_count++]))
                return false;
        }
    }
    return true;
}

static bool read_ids(struct csaf_vuln *v, prq_str cve, prq_str array)
{
    struct prq_vex_reader *r = v->c->r;
    struct prq_vex_walk w;
    size_t cap = 0;
    prq_str raw, text = prq_vex_text(r, cve);
    if (text.n && !prq_vex_add_str(r, &v->ids, &cap, text))
        return false;
    prq_vex_walk_begin(r, &w, array);
    while (prq_vex_walk_next(&w, &raw)) {
        const struct prq_vex_member wanted[] = { { PRQ_S("text"), &text } };
        if (raw.p[0] != '{')
            continue;
        if (!prq_vex_members(r, raw, wanted, 1))
            return false;
        text = prq_vex_text(r, text);
        if (text.n && !prq_vex_add_str(r, &v->ids, &cap, text))
            return false;
    }
    return true;
}

static bool read_vulnerability(struct csaf *c, prq_str raw)
{
    prq_str cve, ids, status, flags, threats, remediations;
    const struct prq_vex_member wanted[] = {
        { PRQ_S("cve"), &cve },
        { PRQ_S("ids"), &ids },
        { PRQ_S("product_status"), &status },
        { PRQ_S("flags"), &flags },
        { PRQ_S("threats"), &threats },
        { PRQ_S("remediations"), &remediations },
    };
    struct csaf_vuln v = { .c = c, .first = c->r->out->count };
    prq_map_init(&v.by_word, c->r->a);
    if (!raw.n || raw.p[0] != '{')
        return true;
    return prq_vex_members(c->r, raw, wanted, PRQ_COUNT(wanted)) && read_ids(&v, cve, ids) &&
           read_words(c, flags, "label", NULL, &v.flags) &&
           read_words(c, threats, "details", "impact", &v.impacts) &&
           read_words(c, remediations, "details", NULL, &v.actions) && read_status(&v, status);
}

/* ---- the document */

static bool read_document(struct prq_vex_reader *r, prq_str raw)
{
    prq_str publisher, tracking, name = { 0 }, id = { 0 }, current = { 0 };
    const struct prq_vex_member wanted[] = { { PRQ_S("publisher"), &publisher },
                                             { PRQ_S("tracking"), &tracking } };
    const struct prq_vex_member of_publisher[] = { { PRQ_S("name"), &name } };
    const struct prq_vex_member of_tracking[] = { { PRQ_S("id"), &id },
                                                  { PRQ_S("current_release_date"), &current } };
    if (!prq_vex_members(r, raw, wanted, PRQ_COUNT(wanted)))
        return false;
    if (publisher.n && publisher.p[0] == '{' && !prq_vex_members(r, publisher, of_publisher, 1))
        return false;
    if (tracking.n && tracking.p[0] == '{' && !prq_vex_members(r, tracking, of_tracking, 2))
        return false;
    r->out->format = "csaf";
    r->out->author = prq_vex_text(r, name);
    r->out->id = prq_vex_text(r, id);
    r->out->timestamp = prq_vex_text(r, current);
    return true;
}

bool prq_csaf_read(struct prq_vex_reader *r, prq_str object)
{
    prq_str document, tree, vulnerabilities, raw;
    const struct prq_vex_member wanted[] = { { PRQ_S("document"), &document },
                                             { PRQ_S("product_tree"), &tree },
                                             { PRQ_S("vulnerabilities"), &vulnerabilities } };
    struct csaf c = { .r = r };
    prq_map_init(&c.by_id, r->a);
    prq_map_init(&c.groups, r->a);
    if (!prq_vex_members(r, object, wanted, PRQ_COUNT(wanted)) || !read_document(r, document) ||
        !read_tree(&c, tree))
        return false;
    struct prq_vex_walk w;
    prq_vex_walk_begin(r, &w, vulnerabilities);
    while (prq_vex_walk_next(&w, &raw))
        if (!read_vulnerability(&c, raw))
            return false;
    for (size_t i = 0; i < r->out->count; i++)
        r->out->statements[i].timestamp = r->out->timestamp;
    return true;
}
