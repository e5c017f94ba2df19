/* SPDX-License-Identifier: Apache-2.0 */
/* Syft's own JSON: artifacts with locations and metadata, relationships, the distribution, the
 * image's layers. Its members become the properties that Syft writes into CycloneDX, so that one
 * place knows what they mean (model/listed.c).
 * Source: documents written by Syft, schema 7 to 16; catalog.md 11.1. */
#include "format/sbomread.h"

static bool is(prq_str key, const char *name)
{
    return prq_str_eq(key, prq_str_from(name));
}

static void add(struct prq_sbom_reader *r, struct prq_sbom_item *item, const char *name, prq_str key,
                prq_str value)
{
    if (value.n == 0)
        return;
    prq_str full = prq_arena_printf(r->a, "syft:%s%.*s", name, PRQ_FMT(key));
    r->is_full |= !full.p;
    prq_sbom_add_pair(r, &item->it.pairs, &item->it.pair_count, &item->pairs, full, value);
}

/* A list whose elements are texts, or objects with the text in `member`. */
static void read_texts(struct prq_sbom_reader *r, const char *member, struct prq_strs *list,
                       size_t *cap)
{
    prq_str key;
    if (!prq_sbom_array(r))
        return;
    while (!r->is_full && prq_json_item(&r->j)) {
        prq_str text = { 0 };
        if (prq_json_peek(&r->j) == PRQ_JSON_STRING) {
            prq_json_string(&r->j, &text);
        } else if (prq_sbom_object(r)) {
            while (prq_json_key(&r->j, &key))
                if (is(key, member))
                    prq_json_string_or_skip(&r->j, &text);
                else
                    prq_json_skip(&r->j);
        }
        prq_sbom_add_str(r, list, cap, text);
    }
}

static void read_locations(struct prq_sbom_reader *r, struct prq_sbom_item *item)
{
    prq_str path = { 0 }, layer = { 0 };
    const struct prq_json_text wanted[] = { { PRQ_S("path"), &path }, { PRQ_S("layerID"), &layer } };
    if (!prq_sbom_array(r))
        return;
    for (size_t i = 0; prq_sbom_next_texts(r, wanted, PRQ_COUNT(wanted)); i++) {
        prq_str place = prq_arena_printf(r->a, "location:%zu", i);
        r->is_full |= !place.p;
        add(r, item, "", prq_arena_printf(r->a, "%.*s:path", PRQ_FMT(place)), path);
        add(r, item, "", prq_arena_printf(r->a, "%.*s:layerID", PRQ_FMT(place)), layer);
    }
}

/* Texts and numbers of the metadata, of which some are looked at later. */
static void read_metadata(struct prq_sbom_reader *r, struct prq_sbom_item *item)
{
    static const prq_str wanted[] = {
        PRQ_SI("architecture"), PRQ_SI("epoch"), PRQ_SI("installedSize"), PRQ_SI("mainModule"),
        PRQ_SI("modularityLabel"), PRQ_SI("originPackage"), PRQ_SI("source"), PRQ_SI("sourceRpm"),
        PRQ_SI("sourceVersion"),
    };
    prq_str key;
    if (!prq_sbom_object(r))
        return;
    while (!r->is_full && prq_json_key(&r->j, &key)) {
        prq_str value = { 0 };
        bool is_wanted = false;
        for (size_t i = 0; i < PRQ_COUNT(wanted); i++)
            is_wanted |= prq_str_eq(key, wanted[i]);
        if (is_wanted && prq_json_peek(&r->j) == PRQ_JSON_STRING)
            prq_json_string(&r->j, &value);
        else if (is_wanted && prq_json_peek(&r->j) == PRQ_JSON_NUMBER)
            prq_json_number(&r->j, &value);
        else
            prq_json_skip(&r->j);
        add(r, item, "metadata:", key, value);
    }
}

static void read_artifact(struct prq_sbom_reader *r)
{
    struct prq_sbom_item item = { .it = { .kind = PRQ_S("library") } };
    struct prq_listed *it = &item.it;
    prq_str key, type = { 0 };
    const struct prq_json_text texts[] = {
        { PRQ_S("id"), &it->ref },          { PRQ_S("name"), &it->name },
        { PRQ_S("version"), &it->version }, { PRQ_S("purl"), &it->purl },
        { PRQ_S("type"), &type },
    };
    while (!r->is_full && prq_json_key(&r->j, &key)) {
        if (prq_json_text_of(&r->j, key, texts, PRQ_COUNT(texts)))
            continue;
        if (is(key, "cpes"))
            read_texts(r, "cpe", &it->cpes, &item.cpes);
        else if (is(key, "licenses"))
            read_texts(r, "value", &it->licenses, &item.licenses);
        else if (is(key, "locations"))
            read_locations(r, &item);
        else if (is(key, "metadata"))
            read_metadata(r, &item);
        else
            prq_json_skip(&r->j);
    }
    add(r, &item, "package:type", (prq_str){ 0 }, type);
    prq_sbom_add_item(r, &item);
}

static void read_relation(struct prq_sbom_reader *r)
{
    prq_str parent = { 0 }, child = { 0 }, type = { 0 };
    const struct prq_json_text wanted[] = { { PRQ_S("parent"), &parent },
                                            { PRQ_S("child"), &child },
                                            { PRQ_S("type"), &type } };
    prq_json_texts(&r->j, wanted, PRQ_COUNT(wanted));
    if (is(type, "dependency-of"))
        prq_sbom_add_edge(r, child, parent, PRQ_SBOM_DEPENDS);
    else if (is(type, "ownership-by-file-overlap"))
        prq_sbom_add_edge(r, parent, child, PRQ_SBOM_OWNS);
}

/* An entry of the kind that CycloneDX has for it. */
static void read_distro(struct prq_sbom_reader *r)
{
    struct prq_sbom_item item = { .it = { .kind = PRQ_S("operating-system") } };
    struct prq_strs like = { 0 };
    size_t cap = 0;
    prq_str key, id = { 0 }, name = { 0 }, pretty = { 0 }, codename = { 0 };
    if (!prq_sbom_object(r))
        return;
    while (!r->is_full && prq_json_key(&r->j, &key)) {
        if (is(key, "id"))
            prq_json_string_or_skip(&r->j, &id);
        else if (is(key, "name"))
            prq_json_string_or_skip(&r->j, &name);
        else if (is(key, "versionID") || (is(key, "version") && item.it.version.n == 0))
            prq_json_string_or_skip(&r->j, &item.it.version);
        else if (is(key, "prettyName"))
            prq_json_string_or_skip(&r->j, &pretty);
        else if (is(key, "versionCodename"))
            prq_json_string_or_skip(&r->j, &codename);
        else if (is(key, "idLike") && prq_json_peek(&r->j) == PRQ_JSON_ARRAY)
            read_texts(r, "id", &like, &cap);
        else
            prq_json_skip(&r->j);
    }
    item.it.name = id.n ? id : name;
    add(r, &item, "distro:prettyName", (prq_str){ 0 }, pretty);
    add(r, &item, "distro:versionCodename", (prq_str){ 0 }, codename);
    for (size_t i = 0; i < like.n; i++)
        add(r, &item, "distro:idLike:", PRQ_S("0"), like.v[i]);
    if (item.it.name.n)
        prq_sbom_add_item(r, &item);
}

/* {"type": "image", "metadata" or "target": {"userInput", "manifestDigest", "layers": [{"digest"}]}} */
static void read_target(struct prq_sbom_reader *r)
{
    prq_str key;
    if (!prq_sbom_object(r))
        return;
    while (!r->is_full && prq_json_key(&r->j, &key))
        if (is(key, "userInput"))
            prq_json_string_or_skip(&r->j, &r->out->root.name);
        else if (is(key, "manifestDigest"))
            prq_json_string_or_skip(&r->j, &r->out->root.version);
        else if (is(key, "layers"))
            read_texts(r, "digest", &r->out->layers, &r->layer_cap);
        else
            prq_json_skip(&r->j);
}

static void read_source(struct prq_sbom_reader *r)
{
    prq_str key, type = { 0 };
    if (!prq_sbom_object(r))
        return;
    while (!r->is_full && prq_json_key(&r->j, &key))
        if (is(key, "type"))
            prq_json_string_or_skip(&r->j, &type);
        else if ((is(key, "metadata") || is(key, "target")) &&
                 prq_json_peek(&r->j) == PRQ_JSON_OBJECT)
            read_target(r);
        else
            prq_json_skip(&r->j);
    if (is(type, "image")) {
        r->out->has_root = true;
        r->out->root.kind = PRQ_S("container");
        r->out->name = r->out->root.name;
    }
}

void prq_syft_read(struct prq_sbom_reader *r)
{
    prq_str key;
    if (!prq_sbom_object(r))
        return;
    while (!r->is_full && prq_json_key(&r->j, &key)) {
        if (is(key, "artifacts")) {
            if (!prq_sbom_array(r))
                continue;
            while (prq_sbom_next(r))
                read_artifact(r);
        } else if (is(key, "artifactRelationships")) {
            if (!prq_sbom_array(r))
                continue;
            while (prq_sbom_next(r))
                read_relation(r);
        } else if (is(key, "distro")) {
            read_distro(r);
        } else if (is(key, "source")) {
            read_source(r);
        } else {
            prq_json_skip(&r->j);
        }
    }
}
