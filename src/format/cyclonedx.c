/* SPDX-License-Identifier: Apache-2.0 */
/* CycloneDX as JSON. Components nest; an array of components and a component take turns on a stack
 * as deep as JSON may nest:
 *
 *     items[0] { … "components": [ items[1] { … "components": [ …
 *
 * Source: CycloneDX 1.2 to 1.6 JSON reference; catalog.md 11.1. */
#include "format/sbomread.h"

enum { NESTED_MAX = 32 }; /* each takes an object and an array of the 64 levels of JSON */

static bool is(prq_str key, const char *name)
{
    return prq_str_eq(key, prq_str_from(name));
}

static void read_properties(struct prq_sbom_reader *r, struct prq_pair **list, size_t *n,
                            size_t *cap)
{
    prq_str name = { 0 }, value = { 0 };
    const struct prq_json_text wanted[] = { { PRQ_S("name"), &name },
                                            { PRQ_S("value"), &value } };
    if (!prq_sbom_array(r))
        return;
    while (prq_sbom_next_texts(r, wanted, PRQ_COUNT(wanted)))
        if (name.n)
            prq_sbom_add_pair(r, list, n, cap, name, value);
}

static void read_hashes(struct prq_sbom_reader *r, struct prq_sbom_item *item)
{
    prq_str alg = { 0 }, hex = { 0 };
    const struct prq_json_text wanted[] = { { PRQ_S("alg"), &alg },
                                            { PRQ_S("content"), &hex } };
    if (!prq_sbom_array(r))
        return;
    while (prq_sbom_next_texts(r, wanted, PRQ_COUNT(wanted)))
        prq_sbom_add_digest(r, item, alg, hex);
}

static void read_license(struct prq_sbom_reader *r, prq_str *id, prq_str *name)
{
    if (!prq_sbom_object(r))
        return;
    const struct prq_json_text wanted[] = { { PRQ_S("id"), id }, { PRQ_S("name"), name } };
    prq_json_texts(&r->j, wanted, PRQ_COUNT(wanted));
}

/* [{"license": {"id" or "name"}}, …] or [{"expression": …}] */
static void read_licenses(struct prq_sbom_reader *r, struct prq_sbom_item *item)
{
    prq_str key;
    if (!prq_sbom_array(r))
        return;
    while (prq_sbom_next(r)) {
        prq_str id = { 0 }, name = { 0 }, expression = { 0 };
        while (prq_json_key(&r->j, &key))
            if (is(key, "license"))
                read_license(r, &id, &name);
            else if (is(key, "expression"))
                prq_json_string_or_skip(&r->j, &expression);
            else
                prq_json_skip(&r->j);
        prq_sbom_add_str(r, &item->it.licenses, &item->licenses,
                         expression.n ? expression : id.n ? id : name);
    }
}

static void read_occurrences(struct prq_sbom_reader *r, struct prq_sbom_item *item)
{
    prq_str place = { 0 };
    const struct prq_json_text wanted[] = { { PRQ_S("location"), &place } };
    if (!prq_sbom_array(r))
        return;
    while (prq_sbom_next_texts(r, wanted, PRQ_COUNT(wanted))) {
        /* An empty one keeps its place: our own pairs count by it. */
        if (!prq_arena_grow(r->a, &item->it.paths.v, sizeof place, &item->paths,
                            item->it.paths.n + 1))
            r->is_full = true;
        else
            item->it.paths.v[item->it.paths.n++] = place;
    }
}

static void read_evidence(struct prq_sbom_reader *r, struct prq_sbom_item *item)
{
    prq_str key;
    if (!prq_sbom_object(r))
        return;
    while (!r->is_full && prq_json_key(&r->j, &key))
        if (is(key, "occurrences"))
            read_occurrences(r, item);
        else
            prq_json_skip(&r->j);
}

static void read_supplier(struct prq_sbom_reader *r, prq_str *name)
{
    if (!prq_sbom_object(r))
        return;
    const struct prq_json_text wanted[] = { { PRQ_S("name"), name } };
    prq_json_texts(&r->j, wanted, PRQ_COUNT(wanted));
}

static void read_member(struct prq_sbom_reader *r, prq_str key, struct prq_sbom_item *item)
{
    struct prq_listed *it = &item->it;
    const struct prq_json_text texts[] = {
        { PRQ_S("type"), &it->kind },       { PRQ_S("bom-ref"), &it->ref },
        { PRQ_S("group"), &it->group },     { PRQ_S("name"), &it->name },
        { PRQ_S("version"), &it->version }, { PRQ_S("purl"), &it->purl },
        { PRQ_S("publisher"), &it->publisher },
    };
    prq_str value = { 0 };
    if (prq_json_text_of(&r->j, key, texts, PRQ_COUNT(texts)))
        return;
    if (is(key, "cpe")) {
        if (prq_json_string_or_skip(&r->j, &value))
            prq_sbom_add_str(r, &item->it.cpes, &item->cpes, value);
    } else if (is(key, "supplier")) {
        read_supplier(r, &value);
        if (item->it.publisher.n == 0)
            item->it.publisher = value;
    } else if (is(key, "properties")) {
        read_properties(r, &item->it.pairs, &item->it.pair_count, &item->pairs);
    } else if (is(key, "hashes")) {
        read_hashes(r, item);
    } else if (is(key, "licenses")) {
        read_licenses(r, item);
    } else if (is(key, "evidence")) {
        read_evidence(r, item);
    } else {
        prq_json_skip(&r->j);
    }
}

/* In front of an array of components, or, with `root`, of one component (its own members go there,
 * nested ones into the list). */
static void read_components(struct prq_sbom_reader *r, struct prq_sbom_item *root)
{
    struct prq_sbom_item items[NESTED_MAX];
    size_t depth = 0;
    bool in_array = true;
    if (root) {
        if (!prq_sbom_object(r))
            return;
        items[depth++] = (struct prq_sbom_item){ 0 };
        in_array = false;
    } else if (!prq_sbom_array(r)) {
        return;
    }
    while (!r->is_full && !r->j.bad) {
        prq_str key;
        if (in_array) {
            if (prq_json_item(&r->j)) {
                if (depth == NESTED_MAX) { /* JSON's own depth ends before */
                    r->is_full = true;
                } else if (prq_sbom_object(r)) {
                    items[depth++] = (struct prq_sbom_item){ 0 };
                    in_array = false;
                }
                continue;
            }
            if (depth == 0)
                return;
            in_array = false;
        } else if (!prq_json_key(&r->j, &key)) {
            if (r->j.bad)
                return;
            depth--;
            if (root && depth == 0) {
                *root = items[0];
                return;
            }
            prq_sbom_add_item(r, &items[depth]);
            in_array = true;
        } else if (is(key, "components")) {
            in_array = prq_sbom_array(r);
        } else {
            read_member(r, key, &items[depth - 1]);
        }
    }
}

static void read_metadata(struct prq_sbom_reader *r)
{
    struct prq_sbom_item root = { 0 };
    prq_str key;
    if (!prq_sbom_object(r))
        return;
    while (!r->is_full && prq_json_key(&r->j, &key))
        if (is(key, "component")) {
            r->out->has_root = true;
            read_components(r, &root);
        } else if (is(key, "properties")) {
            read_properties(r, &r->out->pairs, &r->out->pair_count, &r->pair_cap);
        } else {
            prq_json_skip(&r->j);
        }
    r->out->root = root.it;
    r->out->name = root.it.name;
    for (size_t i = 0; i < root.it.pair_count; i++)
        if (is(root.it.pairs[i].key, "aquasecurity:trivy:DiffID"))
            prq_sbom_add_str(r, &r->out->layers, &r->layer_cap, root.it.pairs[i].value);
}

static void read_dependency(struct prq_sbom_reader *r)
{
    size_t first = r->out->edge_count;
    prq_str key, ref = { 0 }, to;
    while (!r->is_full && prq_json_key(&r->j, &key)) {
        if (is(key, "ref")) {
            prq_json_string_or_skip(&r->j, &ref);
        } else if (is(key, "dependsOn")) {
            if (!prq_sbom_array(r))
                continue;
            while (!r->is_full && prq_json_item(&r->j)) {
                to = (prq_str){ 0 };
                if (prq_json_string_or_skip(&r->j, &to)) /* "ref" may come later */
                    prq_sbom_add_edge(r, PRQ_S("?"), to, PRQ_SBOM_DEPENDS);
            }
        } else {
            prq_json_skip(&r->j);
        }
    }
    for (size_t i = first; i < r->out->edge_count; i++)
        r->out->edges[i].from = ref;
}

void prq_cyclonedx_read(struct prq_sbom_reader *r)
{
    prq_str key;
    if (!prq_sbom_object(r))
        return;
    while (!r->is_full && prq_json_key(&r->j, &key)) {
        if (is(key, "specVersion")) {
            prq_json_string_or_skip(&r->j, &r->out->version);
        } else if (is(key, "serialNumber")) {
            prq_json_string_or_skip(&r->j, &r->out->serial);
        } else if (is(key, "metadata")) {
            read_metadata(r);
        } else if (is(key, "components")) {
            read_components(r, NULL);
        } else if (is(key, "dependencies")) {
            if (!prq_sbom_array(r))
                continue;
            while (prq_sbom_next(r))
                read_dependency(r);
        } else {
            prq_json_skip(&r->j);
        }
    }
}
