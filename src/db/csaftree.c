/* SPDX-License-Identifier: Apache-2.0 */
/* Source: CSAF 2.0, 3.2.2 "Product Tree".
 *
 *   { "branches": [ { "category", "name", "branches": […] | "product": {
 *       "product_id", "product_identification_helper": { "cpe" | "purl" } } } ],
 *     "full_product_names": [ product ],
 *     "relationships": [ { "category", "product_reference", "relates_to_product_reference",
 *       "full_product_name": product } ] }
 *
 * Branches nest: they are walked with a stack of our own, as deep as the JSON reader goes. */
#include "db/csaftree.h"

#include "db/jsonutil.h"

enum { DEPTH_MAX = 64 };

void prq_csaf_tree_init(struct prq_csaf_tree *t, struct prq_arena *a)
{
    *t = (struct prq_csaf_tree){ .a = a };
    prq_map_init(&t->by_id, a);
}

const struct prq_csaf_product *prq_csaf_product_of(const struct prq_csaf_tree *t, prq_str id)
{
    const size_t *at = prq_map_find(&t->by_id, id);
    return at ? &t->v[*at] : NULL;
}

/* The first definition of an id counts. */
static void define(struct prq_csaf_tree *t, struct prq_json *j, prq_str id,
                   const struct prq_csaf_product *p)
{
    bool added;
    if (j->bad || !id.n)
        return;
    if (!prq_map_put(&t->by_id, id, t->n, &added) ||
        (added && !prq_arena_grow(t->a, &t->v, sizeof *t->v, &t->cap, t->n + 1))) {
        prq_json_no_memory(j);
        return;
    }
    if (added)
        t->v[t->n++] = *p;
}

static void read_helper(struct prq_json *j, struct prq_csaf_product *p)
{
    const struct prq_json_text wanted[] = { { PRQ_SI("cpe"), &p->cpe }, { PRQ_SI("purl"), &p->purl } };
    if (prq_json_object_or_skip(j))
        prq_json_texts(j, wanted, PRQ_COUNT(wanted));
}

static prq_str read_product(struct prq_json *j, struct prq_csaf_product *p)
{
    prq_str key, id = { 0 };
    if (!prq_json_object_or_skip(j))
        return id;
    while (prq_json_key(j, &key)) {
        if (prq_str_eq(key, PRQ_S("product_id")))
            prq_json_string_or_skip(j, &id);
        else if (prq_str_eq(key, PRQ_S("product_identification_helper")))
            read_helper(j, p);
        else
            prq_json_skip(j);
    }
    return id;
}

static void read_and_define(struct prq_csaf_tree *t, struct prq_json *j)
{
    struct prq_csaf_product p = { 0 };
    prq_str id = read_product(j, &p);
    define(t, j, id, &p);
}

/* Every second level of the stack is an array of branches, those between are branches. */
static void read_branches(struct prq_csaf_tree *t, struct prq_json *j)
{
    size_t depth = prq_json_array_or_skip(j) ? 1 : 0;
    prq_str key;
    while (depth > 0) {
        bool in_array = depth % 2 == 1;
        if (in_array ? !prq_json_item(j) : !prq_json_key(j, &key)) {
            depth--;
        } else if (in_array) {
            depth += prq_json_object_or_skip(j);
        } else if (prq_str_eq(key, PRQ_S("branches")) && depth < DEPTH_MAX) {
            depth += prq_json_array_or_skip(j);
        } else if (prq_str_eq(key, PRQ_S("product"))) {
            read_and_define(t, j);
        } else {
            prq_json_skip(j);
        }
    }
}

static void read_relationship(struct prq_csaf_tree *t, struct prq_json *j)
{
    struct prq_csaf_product p = { 0 };
    prq_str key, id = { 0 };
    if (!prq_json_object_or_skip(j))
        return;
    while (prq_json_key(j, &key)) {
        if (prq_str_eq(key, PRQ_S("full_product_name")))
            id = read_product(j, &p);
        else if (prq_str_eq(key, PRQ_S("product_reference")))
            prq_json_string_or_skip(j, &p.component);
        else if (prq_str_eq(key, PRQ_S("relates_to_product_reference")))
            prq_json_string_or_skip(j, &p.platform);
        else
            prq_json_skip(j);
    }
    define(t, j, id, &p);
}

void prq_csaf_tree_read(struct prq_csaf_tree *t, struct prq_json *j)
{
    prq_str key;
    if (!prq_json_object_or_skip(j))
        return;
    while (prq_json_key(j, &key)) {
        if (prq_str_eq(key, PRQ_S("branches"))) {
            read_branches(t, j);
        } else if (prq_str_eq(key, PRQ_S("full_product_names"))) {
            if (prq_json_array_or_skip(j))
                while (prq_json_item(j))
                    read_and_define(t, j);
        } else if (prq_str_eq(key, PRQ_S("relationships"))) {
            if (prq_json_array_or_skip(j))
                while (prq_json_item(j))
                    read_relationship(t, j);
        } else {
            prq_json_skip(j);
        }
    }
}
