/* SPDX-License-Identifier: Apache-2.0 */
/* Criteria are a tree of AND and OR whose leaves are tests. A test of a package is a row; what
 * stands beside it, or beside what it is in, under an AND says for which platforms, architectures
 * and module:
 *
 *   AND ┬ "Oracle Linux 8 is installed"
 *       ├ "Module virt:kvm_utils is enabled"
 *       └ OR ┬ AND ┬ "Oracle Linux arch is aarch64"
 *            │     └ OR ─ "hivex is earlier than …"        one row: 8, virt:kvm_utils, aarch64
 *            └ …
 *
 * Source: OVAL 5.11, CriteriaType; matching.md 3.8 to 3.10. */
#include "db/dbspace.h"
#include "db/feedrow.h"
#include "db/jsonutil.h"
#include "db/oval.h"

enum about { PLATFORM, ARCHES, MODULE, CONTEXTS, PACKAGE = CONTEXTS, NOTHING };
enum { NODE_DEPTH_MAX = 64 };

struct prq_oval_node {
    size_t parent; /* 1 + its index; 0: none */
    size_t depth, first_leaf;
    bool is_or;
    unsigned about; /* bits of what is below */
    struct prq_strs context[CONTEXTS];
    bool has_context[CONTEXTS];
};
struct prq_oval_leaf {
    size_t node;
    enum about about;
    prq_str text; /* of a context */
    const struct prq_oval_object *object;
    const struct prq_oval_state *state;
};

/* ---- what a criterion is about */

static bool between(prq_str text, prq_str before, prq_str after, prq_str *out)
{
    if (!prq_str_starts(text, before) || !prq_str_ends(text, after) ||
        text.n <= before.n + after.n)
        return false;
    *out = prq_str_head(prq_str_from_at(text, before.n), text.n - before.n - after.n);
    return true;
}

/* "0", "0:0-0": below everything. */
static bool is_nil(prq_str version)
{
    for (size_t i = 0; i < version.n; i++)
        if (version.p[i] != '0' && version.p[i] != ':' && version.p[i] != '-')
            return false;
    return version.n > 0;
}

static bool is_comparison(const struct prq_oval_state *s)
{
    if (!s || s->op == PRQ_OVAL_NONE)
        return false;
    return s->about == PRQ_OVAL_EVR || (s->about == PRQ_OVAL_VERSION && is_nil(s->value));
}

static void classify(struct prq_oval_rules *r, struct prq_oval_leaf *leaf, uint64_t id,
                     prq_str comment)
{
    const struct prq_oval_test *test = prq_oval_find_test(r->index, id);
    leaf->object = test ? prq_oval_find_object(r->index, test->object) : NULL;
    leaf->state = test ? prq_oval_find_state(r->index, test->state) : NULL;
    bool is_platform = between(comment, PRQ_S(""), PRQ_S(" is installed"), &leaf->text) &&
                       leaf->object && prq_str_ends(leaf->object->name, PRQ_S("-release")) &&
                       !(leaf->state && leaf->state->op == PRQ_OVAL_LESS);
    if (is_platform) { /* "openSUSE-release is >=20210101" */
        leaf->about = PLATFORM;
    } else if (leaf->object && is_comparison(leaf->state)) {
        leaf->about = PACKAGE;
    } else if (between(comment, PRQ_S("Module "), PRQ_S(" is enabled"), &leaf->text)) {
        leaf->about = MODULE;
    } else if (leaf->state && leaf->state->about == PRQ_OVAL_OTHER && leaf->state->arches.n) {
        leaf->about = ARCHES;
        leaf->text = leaf->state->arches;
    } else if (between(comment, PRQ_S(""), PRQ_S(" is installed"), &leaf->text)) {
        leaf->about = PLATFORM;
    } else {
        leaf->about = NOTHING;
        r->unknown += !test;
    }
}

/* ---- the tree */

void prq_oval_criteria_start(struct prq_oval_rules *r, const struct prq_xml_event *e)
{
    size_t depth = r->open ? r->nodes[r->open - 1].depth + 1 : 0;
    if (depth >= NODE_DEPTH_MAX || !prq_arena_grow(r->a, &r->nodes, sizeof *r->nodes, &r->node_cap,
                                                   r->node_count + 1)) {
        r->is_full = true;
        return;
    }
    r->nodes[r->node_count++] = (struct prq_oval_node){
        .parent = r->open,
        .depth = depth,
        .first_leaf = r->leaf_count,
        .is_or = prq_str_eq(prq_xml_attr(e, PRQ_S("operator")), PRQ_S("OR")),
    };
    r->open = r->node_count;
}

/* "(aarch64|x86_64)" → its parts */
static bool add_arches(struct prq_oval_rules *r, struct prq_strs *list, size_t *cap, prq_str text)
{
    prq_str piece;
    while (text.n && prq_str_split(&text, '|', &piece)) {
        while (piece.n && (piece.p[0] == '(' || piece.p[0] == '^'))
            piece = prq_str_from_at(piece, 1);
        while (piece.n && (piece.p[piece.n - 1] == ')' || piece.p[piece.n - 1] == '$'))
            piece.n--;
        if (prq_is_record_id(piece) && !prq_str_eq(piece, PRQ_S("noarch")) &&
            !prq_db_strs_add(list, cap, piece, r->a))
            return false;
    }
    return true;
}

/* The release that a platform is; empty: of no interest. The products of a service pack share it;
 * long term support and the like are channels that no image names. */
static prq_str platform_space(const struct prq_oval_rules *r, prq_str platform)
{
    prq_str rest, space = { 0 };
    if (between(platform, PRQ_S("Oracle Linux "), PRQ_S(""), &rest))
        space = prq_arena_printf(r->a, "Oracle Linux:%.*s", PRQ_FMT(rest));
    else if (between(platform, PRQ_S("Photon OS "), PRQ_S(""), &rest))
        space = prq_arena_printf(r->a, "Photon OS:%.*s%s", PRQ_FMT(rest),
                                 prq_str_find(rest, '.') < rest.n ? "" : ".0");
    else if (between(platform, PRQ_S("SUSE "), PRQ_S(""), &rest))
        space = prq_arena_printf(r->a, "SUSE:%.*s", PRQ_FMT(rest));
    else if (between(platform, PRQ_S("openSUSE "), PRQ_S(""), &rest))
        space = prq_arena_printf(r->a, "openSUSE:%.*s", PRQ_FMT(rest));
    space = prq_space_of_ecosystem(space, r->a);
    const char *family = space.n ? prq_db_family_of_space(space) : NULL;
    if (!family || strcmp(family, r->family) != 0 || !prq_is_row_text(space))
        return (prq_str){ 0 };
    prq_str release = prq_str_from_at(space, prq_str_find(space, ':') + 1);
    bool is_release = release.n && (prq_is_digit(release.p[0]) ||
                                    prq_str_starts(release, PRQ_S("micro-")) ||
                                    prq_str_eq(release, PRQ_S("Tumbleweed")));
    return is_release ? space : (prq_str){ 0 };
}

/* The texts of leaves [from, end) as a context. */
static void set_context(struct prq_oval_rules *r, struct prq_oval_node *node, enum about about,
                        size_t from, size_t end)
{
    struct prq_strs list = { 0 };
    size_t cap = 0;
    bool ok = true;
    for (size_t i = from; ok && i < end; i++) {
        prq_str text = r->leaves[i].text;
        if (about == ARCHES) {
            ok = add_arches(r, &list, &cap, text);
            continue;
        }
        if (about == PLATFORM)
            text = platform_space(r, text);
        if (text.n && prq_is_row_text(text))
            ok = prq_db_strs_add(&list, &cap, text, r->a);
    }
    r->is_full |= !ok;
    prq_db_strs_sort(&list);
    node->context[about] = list;
    node->has_context[about] = true;
}

static enum about only_context(unsigned about)
{
    for (unsigned i = 0; i < CONTEXTS; i++)
        if (about == 1u << i)
            return (enum about)i;
    return NOTHING;
}

void prq_oval_criteria_end(struct prq_oval_rules *r)
{
    if (!r->open || r->is_full)
        return;
    const struct prq_oval_node *node = &r->nodes[r->open - 1];
    enum about about = only_context(node->about);
    r->open = node->parent;
    if (!r->open)
        return;
    struct prq_oval_node *parent = &r->nodes[r->open - 1];
    parent->about |= node->about;
    if (about != NOTHING && !parent->is_or)
        set_context(r, parent, about, node->first_leaf, r->leaf_count);
}

void prq_oval_criterion(struct prq_oval_rules *r, const struct prq_xml_event *e)
{
    struct prq_oval_leaf leaf = { .node = r->open, .about = NOTHING };
    uint64_t id;
    if (!r->open || r->is_full)
        return;
    if (prq_oval_id(prq_xml_attr(e, PRQ_S("test_ref")), &id) &&
        !prq_str_eq(prq_xml_attr(e, PRQ_S("negate")), PRQ_S("true")))
        classify(r, &leaf, id, prq_xml_attr(e, PRQ_S("comment")));
    if (!prq_arena_grow(r->a, &r->leaves, sizeof *r->leaves, &r->leaf_cap, r->leaf_count + 1)) {
        r->is_full = true;
        return;
    }
    r->leaves[r->leaf_count++] = leaf;
    struct prq_oval_node *node = &r->nodes[r->open - 1];
    node->about |= 1u << leaf.about;
    if (leaf.about < CONTEXTS && !node->is_or)
        set_context(r, node, leaf.about, r->leaf_count - 1, r->leaf_count);
}

/* ---- rows */

/* The nearest AND around that says something. */
static const struct prq_strs *context_of(const struct prq_oval_rules *r, size_t node,
                                         enum about about)
{
    for (; node; node = r->nodes[node - 1].parent)
        if (!r->nodes[node - 1].is_or && r->nodes[node - 1].has_context[about])
            return &r->nodes[node - 1].context[about];
    return NULL;
}

/* Bounds and state by the comparison of a package's version. */
static bool fill_row(const struct prq_oval_rules *r, const struct prq_oval_state *s,
                     struct prq_affected *row)
{
    prq_str none = { 0 }, zero = PRQ_S("0");
    bool is_zero = is_nil(s->value);
    if (r->is_not_affected || (is_zero && s->op != PRQ_OVAL_GREATER)) {
        row->state = PRQ_FIX_NOT_AFFECTED;
        return true;
    }
    switch (s->op) {
    case PRQ_OVAL_LESS:
        return prq_feed_range(row, zero, PRQ_EVENT_FIXED, s->value, r->a);
    case PRQ_OVAL_LESS_OR_EQUAL:
        return prq_feed_range(row, zero, PRQ_EVENT_LAST_AFFECTED, s->value, r->a);
    case PRQ_OVAL_EQUAL:
        row->state = PRQ_FIX_NOT_FIXED;
        return prq_feed_one(s->value, &row->versions, r->a);
    case PRQ_OVAL_GREATER:
        return prq_feed_range(row, is_zero ? zero : s->value, PRQ_EVENT_FIXED, none, r->a);
    case PRQ_OVAL_NONE:
        break;
    }
    return true;
}

static bool add_row(struct prq_oval_rules *r, const struct prq_affected *row)
{
    if (!prq_arena_grow(r->a, &r->rows, sizeof *r->rows, &r->row_cap, r->row_count + 1))
        return false;
    r->rows[r->row_count++] = *row;
    return true;
}

static bool add_rows(struct prq_oval_rules *r, const struct prq_oval_leaf *leaf)
{
    const struct prq_strs *platforms = context_of(r, leaf->node, PLATFORM);
    const struct prq_strs *arches = context_of(r, leaf->node, ARCHES);
    const struct prq_strs *module = context_of(r, leaf->node, MODULE);
    struct prq_affected row = { .name = leaf->object->name,
                                .is_source = r->vendor == PRQ_OVAL_AZURE };
    size_t cap = 0;
    if (!prq_is_row_text(row.name) || !prq_is_row_text(leaf->state->value))
        return true;
    if (!fill_row(r, leaf->state, &row))
        return false;
    if (arches)
        row.arches = *arches;
    else if (!add_arches(r, &row.arches, &cap, leaf->state->arches))
        return false;
    if (module && module->n)
        row.module = module->v[0];
    row.space = r->space;
    if (!platforms)
        return !r->space.n || add_row(r, &row);
    for (size_t i = 0; i < platforms->n; i++) {
        row.space = platforms->v[i];
        if (!add_row(r, &row))
            return false;
    }
    return true;
}

bool prq_oval_rows(struct prq_oval_rules *r)
{
    for (size_t i = 0; i < r->leaf_count && !r->is_full; i++)
        if (r->leaves[i].about == PACKAGE && !add_rows(r, &r->leaves[i]))
            return false;
    return !r->is_full && prq_feed_rows_merge(r->rows, &r->row_count, r->a);
}
