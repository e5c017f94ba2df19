/* SPDX-License-Identifier: Apache-2.0 */
/* TOML 1.0 from outside, as a tree in an arena. Duplicate keys are refused, as the format asks;
 * bytes of strings that are not UTF-8 become U+FFFD.
 *
 *     const struct prq_toml *doc;
 *     if (!prq_toml_parse(text, arena, limits, &doc, err)) return false;
 *     const struct prq_toml *list = prq_toml_find(doc, PRQ_S("package"));
 *     for (const struct prq_toml *p = prq_toml_first(list); p; p = p->next)
 *         name = prq_toml_string(p, PRQ_S("name"));
 */
#ifndef PRQ_FORMAT_TOML_H
#define PRQ_FORMAT_TOML_H

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"

enum prq_toml_type {
    PRQ_TOML_TABLE,
    PRQ_TOML_ARRAY, /* also of tables */
    PRQ_TOML_STRING,
    PRQ_TOML_INTEGER,
    PRQ_TOML_FLOAT,
    PRQ_TOML_BOOL,
    PRQ_TOML_DATETIME, /* date, time, or both */
};

struct prq_toml {
    enum prq_toml_type type;
    uint32_t line;                 /* 1-based: where it begins */
    prq_str key;                   /* in a table */
    prq_str text;                  /* strings: decoded; floats and datetimes: as written */
    int64_t integer;               /* integers; 0 or 1 of bools */
    size_t count;                  /* children */
    struct prq_toml *first, *next; /* in the order of the file */

    /* the parser's own */
    struct prq_toml *last;
    struct prq_toml *parent;
    struct prq_toml_index *index;
    uint32_t depth, flags;
};

/* Views into `in` and `a`. FORMAT with the byte; LIMIT for depth (toml_depth), string_bytes, or
 * when the arena is exhausted. */
PRQ_MUST_USE bool prq_toml_parse(prq_str in, struct prq_arena *a, const struct prq_limits *limits,
                                 const struct prq_toml **out, struct prq_err *err);

/* NULL when absent, or when `table` is NULL or no table: look-ups chain. O(1). */
const struct prq_toml *prq_toml_find(const struct prq_toml *table, prq_str key);
/* The same for "a.b.c": bare keys joined with dots. */
const struct prq_toml *prq_toml_path(const struct prq_toml *table, prq_str path);
/* The text of a string member; p == NULL when there is none. */
prq_str prq_toml_string(const struct prq_toml *table, prq_str key);

/* First child of a table or array; NULL for anything else. */
static inline const struct prq_toml *prq_toml_first(const struct prq_toml *node)
{
    return node ? node->first : NULL;
}

#endif
