/* SPDX-License-Identifier: Apache-2.0 */
/* YAML from outside, over libyaml, within limits.def: yaml_nodes (aliases count as what they stand
 * for), yaml_depth, string_bytes. Input is UTF-8. Tags and merge keys ("<<") are not acted on.
 * Errors: FORMAT (with the byte; the text names the line), LIMIT, UNSUPPORTED, NOMEM.
 *
 * The tree is for files that are read here and there:
 *
 *     const struct prq_yaml_doc *doc;
 *     if (!prq_yaml_parse(bytes, ctx->limits, ctx->scratch, &doc, err))
 *         return false;
 *     const struct prq_yaml_node *root = doc ? doc->root : NULL;
 *     const struct prq_yaml_node *packages = prq_yaml_find(root, PRQ_S("packages"));
 *     for (size_t i = 0; i < prq_yaml_count(packages); i++)
 *         use(prq_yaml_text(packages->pairs[i].key), packages->pairs[i].value);
 *
 * Every function takes NULL for a node that is not there, so lookups chain. */
#ifndef PRQ_LIB_YAML_H
#define PRQ_LIB_YAML_H

#include "base/ctx.h"
#include "base/stream.h"

/* ---- tree */

enum prq_yaml_kind { PRQ_YAML_SCALAR, PRQ_YAML_SEQ, PRQ_YAML_MAP };

struct prq_yaml_node {
    enum prq_yaml_kind kind;
    bool is_plain; /* a scalar without quotes and not a block: null, true, 1.10 are told by it */
    uint32_t line; /* from 1, where it begins; of an alias: where its anchor is */
    prq_str text;  /* of a scalar; a NUL follows it */
    prq_str tag;   /* "!Ref", "tag:yaml.org,2002:str"; mostly empty */
    size_t n;      /* items of a sequence, pairs of a mapping */
    union {
        const struct prq_yaml_node **items;
        struct prq_yaml_pair *pairs; /* as written; keys may repeat */
    };
    uint64_t nodes;  /* below and with it, aliases written out */
    uint32_t height; /* 0 for a scalar */
};
struct prq_yaml_pair {
    const struct prq_yaml_node *key, *value;
};
struct prq_yaml_doc {
    const struct prq_yaml_node *root;
    const struct prq_yaml_doc *next; /* the next document of the stream */
};

/* *out: the first document, NULL when there is none (an empty file, comments only). All of it lives
 * in `a`. An aliased node is shared, not copied. */
PRQ_MUST_USE bool prq_yaml_parse(prq_bytes in, const struct prq_limits *limits, struct prq_arena *a,
                                 const struct prq_yaml_doc **out, struct prq_err *err);

/* The value of a mapping's key (the last, when it repeats); NULL: no such key, or no mapping.
 * Linear in the mapping; for many lookups in one: prq_yaml_index. */
const struct prq_yaml_node *prq_yaml_find(const struct prq_yaml_node *map, prq_str key);
struct prq_map;
/* From scalar keys to the pair's number. False: memory ran out. */
PRQ_MUST_USE bool prq_yaml_index(const struct prq_yaml_node *map, struct prq_arena *a,
                                 struct prq_map *out);

static inline bool prq_yaml_is(const struct prq_yaml_node *node, enum prq_yaml_kind kind)
{
    return node && node->kind == kind;
}
/* Items or pairs; 0 for scalars and NULL. */
static inline size_t prq_yaml_count(const struct prq_yaml_node *node)
{
    return node ? node->n : 0;
}
/* A plain "", "~", "null", "Null" or "NULL". Source: YAML 1.2.2, 10.3.2. */
bool prq_yaml_is_null(const struct prq_yaml_node *node);
/* A scalar's text; empty for null, for collections and for NULL. */
prq_str prq_yaml_text(const struct prq_yaml_node *node);

/* ---- events, for files that are read once from front to back */

enum prq_yaml_type {
    PRQ_YAML_EV_DOC, /* a document begins; it ends with the next, or with the stream */
    PRQ_YAML_EV_MAP,
    PRQ_YAML_EV_MAP_END,
    PRQ_YAML_EV_SEQ,
    PRQ_YAML_EV_SEQ_END,
    PRQ_YAML_EV_SCALAR,
};
struct prq_yaml_event {
    enum prq_yaml_type type;
    bool is_plain;
    prq_str text, tag; /* until the next event */
    uint32_t line;
    uint32_t depth; /* mappings and sequences around it */
};
struct prq_yaml;
/* The bytes must outlive the reader. */
PRQ_MUST_USE bool prq_yaml_open(prq_bytes in, const struct prq_limits *limits,
                                struct prq_yaml **out, struct prq_err *err);
/* An alias of a scalar is delivered as that scalar; one of a collection fails with UNSUPPORTED
 * (the tree reads those). */
enum prq_next prq_yaml_next(struct prq_yaml *y, struct prq_yaml_event *e, struct prq_err *err);
void prq_yaml_close(struct prq_yaml *y); /* NULL is fine */

#endif
