/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX 2.2 and 2.3 as JSON, and what its two encodings share. Trivy writes its own facts as
 * "Key: value" into attributions and annotations and the source package into sourceInfo; our own
 * pairs stand in an annotation, a line each.
 * Source: SPDX specification 2.3; catalog.md 11.2. */
#include "base/map.h"
#include "format/sbomread.h"

#define TRIVY "aquasecurity:trivy:"

static bool is(prq_str key, const char *name)
{
    return prq_str_eq(key, prq_str_from(name));
}

/* ---- shared with tag-value */

/* "%0A" to a line feed, and so on; malformed ones stay. */
static prq_str unescaped(struct prq_sbom_reader *r, prq_str s)
{
    if (prq_str_find(s, '%') == s.n)
        return s;
    char *p = prq_arena_alloc(r->a, s.n);
    size_t n = 0;
    if (!p) {
        r->is_full = true;
        return s;
    }
    for (size_t i = 0; i < s.n; i++) {
        int hi = s.n - i > 2 && s.p[i] == '%' ? prq_hex_value(s.p[i + 1]) : -1;
        int lo = hi >= 0 ? prq_hex_value(s.p[i + 2]) : -1;
        if (lo >= 0) {
            p[n++] = (char)(hi * 16 + lo);
            i += 2;
        } else {
            p[n++] = s.p[i];
        }
    }
    return (prq_str){ p, n };
}

void prq_sbom_add_remarks(struct prq_sbom_reader *r, struct prq_sbom_item *item, prq_str text)
{
    static const prq_str trivy[] = { PRQ_SI("PkgType"), PRQ_SI("Type"), PRQ_SI("Class"),
                                     PRQ_SI("LayerDiffID"), PRQ_SI("LayerDigest"), PRQ_SI("DiffID"),
                                     PRQ_SI("FilePath"), PRQ_SI("Modularitylabel") };
    prq_str line, key, value;
    while (!r->is_full && prq_str_line(&text, &line)) {
        if (prq_str_starts(line, PRQ_S("pratique:")) && prq_str_cut(line, '=', &key, &value)) {
            prq_sbom_add_pair(r, &item->it.pairs, &item->it.pair_count, &item->pairs,
                              unescaped(r, key), unescaped(r, value));
            continue;
        }
        if (!prq_str_cut(line, ':', &key, &value))
            continue;
        for (size_t i = 0; i < PRQ_COUNT(trivy); i++)
            if (prq_str_eq(key, trivy[i])) {
                prq_str name = prq_arena_printf(r->a, TRIVY "%.*s", PRQ_FMT(key));
                r->is_full |= !name.p;
                prq_sbom_add_pair(r, &item->it.pairs, &item->it.pair_count, &item->pairs, name,
                                  prq_str_trim(value));
            }
    }
}

/* "built package from: openssl 1.1.1n-0+deb11u3" (Trivy) */
static void add_source_info(struct prq_sbom_reader *r, struct prq_sbom_item *item, prq_str text)
{
    static const prq_str start = PRQ_SI("built package from:");
    prq_str name, version;
    if (!prq_str_starts(text, start) ||
        !prq_str_cut(prq_str_trim(prq_str_from_at(text, start.n)), ' ', &name, &version))
        return;
    prq_sbom_add_pair(r, &item->it.pairs, &item->it.pair_count, &item->pairs,
                      PRQ_S(TRIVY "SrcName"), name);
    prq_sbom_add_pair(r, &item->it.pairs, &item->it.pair_count, &item->pairs,
                      PRQ_S(TRIVY "SrcVersion"), prq_str_trim(version));
}

static bool is_asserted(prq_str text)
{
    return text.n && !is(text, "NOASSERTION") && !is(text, "NONE");
}

prq_str prq_spdx_party(prq_str text)
{
    prq_str word, rest;
    if (!is_asserted(text) || !prq_str_cut(text, ':', &word, &rest))
        return (prq_str){ 0 };
    return is(word, "Organization") || is(word, "Person") ? prq_str_trim(rest) : text;
}

void prq_spdx_reference(struct prq_sbom_reader *r, struct prq_sbom_item *item, prq_str type,
                        prq_str locator)
{
    if (is(type, "purl") && item->it.purl.n == 0)
        item->it.purl = locator;
    else if (is(type, "cpe23Type") || is(type, "cpe22Type"))
        prq_sbom_add_str(r, &item->it.cpes, &item->cpes, locator);
}

void prq_spdx_relation(struct prq_sbom_reader *r, prq_str from, prq_str type, prq_str to,
                       prq_str comment)
{
    static const prq_str depends[] = { PRQ_SI("DEPENDS_ON"), PRQ_SI("STATIC_LINK"),
                                       PRQ_SI("DYNAMIC_LINK") };
    static const prq_str depended[] = { PRQ_SI("DEPENDENCY_OF"), PRQ_SI("RUNTIME_DEPENDENCY_OF") };
    for (size_t i = 0; i < PRQ_COUNT(depends); i++)
        if (prq_str_eq(type, depends[i]))
            prq_sbom_add_edge(r, from, to, PRQ_SBOM_DEPENDS);
    for (size_t i = 0; i < PRQ_COUNT(depended); i++)
        if (prq_str_eq(type, depended[i]))
            prq_sbom_add_edge(r, to, from, PRQ_SBOM_DEPENDS);
    if (is(type, "OTHER") && prq_str_starts(comment, PRQ_S("ownership-by-file-overlap")))
        prq_sbom_add_edge(r, from, to, PRQ_SBOM_OWNS);
}

prq_str prq_spdx_purpose(prq_str word)
{
    static const prq_str words[] = {
        PRQ_SI("application"), PRQ_SI("archive"), PRQ_SI("container"), PRQ_SI("device"),
        PRQ_SI("file"), PRQ_SI("firmware"), PRQ_SI("framework"), PRQ_SI("install"),
        PRQ_SI("library"), PRQ_SI("operating-system"), PRQ_SI("source"),
    };
    if (is(word, "OPERATING_SYSTEM"))
        return PRQ_S("operating-system");
    for (size_t i = 0; i < PRQ_COUNT(words); i++)
        if (prq_str_ieq(word, words[i]))
            return words[i];
    return (prq_str){ 0 };
}

void prq_spdx_settle_root(struct prq_sbom_reader *r, prq_str described)
{
    struct prq_sbom *s = r->out;
    for (size_t i = 0; i < s->n && described.n; i++)
        if (prq_str_eq(s->items[i].ref, described)) {
            /* Of a document about a package, the package is one of the list too. */
            s->has_root = true;
            s->root = s->items[i];
            break;
        }
    for (size_t i = 0; s->has_root && i < s->root.pair_count; i++)
        if (is(s->root.pairs[i].key, TRIVY "DiffID"))
            prq_sbom_add_str(r, &s->layers, &r->layer_cap, s->root.pairs[i].value);
}

/* ---- JSON */

static void read_references(struct prq_sbom_reader *r, struct prq_sbom_item *item)
{
    prq_str type = { 0 }, locator = { 0 };
    const struct prq_json_text wanted[] = { { PRQ_S("referenceType"), &type },
                                            { PRQ_S("referenceLocator"), &locator } };
    if (!prq_sbom_array(r))
        return;
    while (prq_sbom_next_texts(r, wanted, PRQ_COUNT(wanted)))
        prq_spdx_reference(r, item, type, locator);
}

static void read_checksums(struct prq_sbom_reader *r, struct prq_sbom_item *item)
{
    prq_str alg = { 0 }, hex = { 0 };
    const struct prq_json_text wanted[] = { { PRQ_S("algorithm"), &alg },
                                            { PRQ_S("checksumValue"), &hex } };
    if (!prq_sbom_array(r))
        return;
    while (prq_sbom_next_texts(r, wanted, PRQ_COUNT(wanted)))
        prq_sbom_add_digest(r, item, alg, hex);
}

static void read_annotations(struct prq_sbom_reader *r, struct prq_sbom_item *item)
{
    prq_str comment = { 0 };
    const struct prq_json_text wanted[] = { { PRQ_S("comment"), &comment } };
    if (!prq_sbom_array(r))
        return;
    while (prq_sbom_next_texts(r, wanted, PRQ_COUNT(wanted)))
        prq_sbom_add_remarks(r, item, comment);
}

static void read_attributions(struct prq_sbom_reader *r, struct prq_sbom_item *item)
{
    if (!prq_sbom_array(r))
        return;
    while (!r->is_full && prq_json_item(&r->j)) {
        prq_str text = { 0 };
        if (prq_json_string_or_skip(&r->j, &text))
            prq_sbom_add_remarks(r, item, text);
    }
}

static void read_package(struct prq_sbom_reader *r)
{
    struct prq_sbom_item item = { 0 };
    struct prq_listed *it = &item.it;
    prq_str key, declared = { 0 }, concluded = { 0 }, supplier = { 0 }, purpose = { 0 }, info = { 0 };
    const struct prq_json_text texts[] = {
        { PRQ_S("SPDXID"), &it->ref },          { PRQ_S("name"), &it->name },
        { PRQ_S("versionInfo"), &it->version }, { PRQ_S("licenseDeclared"), &declared },
        { PRQ_S("supplier"), &supplier },       { PRQ_S("licenseConcluded"), &concluded },
        { PRQ_S("sourceInfo"), &info },         { PRQ_S("primaryPackagePurpose"), &purpose },
    };
    while (!r->is_full && prq_json_key(&r->j, &key)) {
        if (prq_json_text_of(&r->j, key, texts, PRQ_COUNT(texts)))
            continue;
        if (is(key, "externalRefs"))
            read_references(r, &item);
        else if (is(key, "checksums"))
            read_checksums(r, &item);
        else if (is(key, "annotations"))
            read_annotations(r, &item);
        else if (is(key, "attributionTexts"))
            read_attributions(r, &item);
        else
            prq_json_skip(&r->j);
    }
    it->kind = prq_spdx_purpose(purpose);
    it->publisher = prq_spdx_party(supplier);
    add_source_info(r, &item, info);
    if (is_asserted(declared) || is_asserted(concluded))
        prq_sbom_add_str(r, &it->licenses, &item.licenses,
                         is_asserted(declared) ? declared : concluded);
    prq_sbom_add_item(r, &item);
}

static void read_relation(struct prq_sbom_reader *r, prq_str *described)
{
    prq_str from = { 0 }, to = { 0 }, type = { 0 }, comment = { 0 };
    const struct prq_json_text wanted[] = { { PRQ_S("spdxElementId"), &from },
                                            { PRQ_S("relatedSpdxElement"), &to },
                                            { PRQ_S("relationshipType"), &type },
                                            { PRQ_S("comment"), &comment } };
    prq_json_texts(&r->j, wanted, PRQ_COUNT(wanted));
    if (is(type, "DESCRIBES") && is(from, "SPDXRef-DOCUMENT") && described->n == 0)
        *described = to;
    prq_spdx_relation(r, from, type, to, comment);
}

/* The texts behind references of the document's own. */
static void read_extracted(struct prq_sbom_reader *r, struct prq_sbom_item *names)
{
    prq_str id = { 0 }, name = { 0 };
    const struct prq_json_text wanted[] = { { PRQ_S("licenseId"), &id },
                                            { PRQ_S("name"), &name } };
    if (!prq_sbom_array(r))
        return;
    while (prq_sbom_next_texts(r, wanted, PRQ_COUNT(wanted)))
        if (id.n && is_asserted(name))
            prq_sbom_add_pair(r, &names->it.pairs, &names->it.pair_count, &names->pairs, id, name);
}

/* A licence that is one reference gets its name. */
static void name_licenses(struct prq_sbom_reader *r, const struct prq_listed *names)
{
    struct prq_map map;
    prq_map_init(&map, r->a);
    for (size_t i = 0; i < names->pair_count; i++)
        r->is_full |= !prq_map_put(&map, names->pairs[i].key, i, NULL);
    for (size_t i = 0; names->pair_count && i < r->out->n; i++) {
        struct prq_strs *list = &r->out->items[i].licenses;
        const size_t *at = list->n == 1 ? prq_map_find(&map, list->v[0]) : NULL;
        if (at)
            list->v[0] = names->pairs[*at].value;
    }
}

void prq_spdx_json_read(struct prq_sbom_reader *r)
{
    struct prq_sbom_item names = { 0 };
    prq_str key, described = { 0 }, first;
    if (!prq_sbom_object(r))
        return;
    while (!r->is_full && prq_json_key(&r->j, &key)) {
        if (is(key, "spdxVersion")) {
            prq_json_string_or_skip(&r->j, &r->out->version);
        } else if (is(key, "name")) {
            prq_json_string_or_skip(&r->j, &r->out->name);
        } else if (is(key, "packages")) {
            if (!prq_sbom_array(r))
                continue;
            while (prq_sbom_next(r))
                read_package(r);
        } else if (is(key, "relationships")) {
            if (!prq_sbom_array(r))
                continue;
            while (prq_sbom_next(r))
                read_relation(r, &described);
        } else if (is(key, "documentDescribes")) {
            if (!prq_sbom_array(r))
                continue;
            while (prq_json_item(&r->j))
                if (prq_json_string_or_skip(&r->j, &first) && described.n == 0)
                    described = first;
        } else if (is(key, "hasExtractedLicensingInfos")) {
            read_extracted(r, &names);
        } else {
            prq_json_skip(&r->j);
        }
    }
    name_licenses(r, &names.it);
    prq_spdx_settle_root(r, described);
}
