/* SPDX-License-Identifier: Apache-2.0 */
/* A bounded pull reader for JSON from outside, and a writer for our own documents.
 *
 * The reader walks bytes in memory and allocates only decoded strings (in `arena`). It fails once
 * and stays failed; the error has the byte. Use:
 *
 *     struct prq_json j;
 *     prq_json_init(&j, bytes, arena, limits);
 *     if (prq_json_enter_object(&j)) {                 // false: not an object, or broken
 *         prq_str key;
 *         while (prq_json_key(&j, &key)) {             // false at '}' (consumed) or when broken
 *             if (prq_str_eq(key, PRQ_S("name")))
 *                 prq_json_string_or_skip(&j, &name);  // leaves `name` alone if it is no string
 *             else
 *                 prq_json_skip(&j);
 *         }
 *     }
 *     if (!prq_json_end(&j, err)) return false;        // only white space may follow
 */
#ifndef PRQ_FORMAT_JSON_H
#define PRQ_FORMAT_JSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"

enum prq_json_type {
    PRQ_JSON_BAD, /* end of input or malformed */
    PRQ_JSON_NULL,
    PRQ_JSON_BOOL,
    PRQ_JSON_NUMBER,
    PRQ_JSON_STRING,
    PRQ_JSON_ARRAY,
    PRQ_JSON_OBJECT,
};

struct prq_json {
    prq_str in;
    size_t at;
    struct prq_arena *arena;
    const struct prq_limits *limits;
    uint32_t depth;
    uint64_t tokens;
    bool allow_comments; /* JSONC: // and slash-star comments, trailing commas (bun.lock) */
    bool bad;
    enum prq_code code;
    size_t bad_at;
    const char *why;
    bool first;         /* no value yet in the container just entered */
    uint64_t is_object; /* bit per depth: container kind */
    uint32_t keys[64];
};

/* A UTF-8 byte order mark at the start is passed over. `limits` NULL: the defaults. */
void prq_json_init(struct prq_json *j, prq_str in, struct prq_arena *arena,
                   const struct prq_limits *limits);

/* The type of the next value, without consuming it. */
enum prq_json_type prq_json_peek(struct prq_json *j);

/* False without consuming when the next value is of another type (and not bad). */
bool prq_json_enter_object(struct prq_json *j);
bool prq_json_enter_array(struct prq_json *j);
/* The next key of the entered object; false at its end (consumed) or when broken. The value must
 * be consumed before the next call. Duplicate keys are handed out as they come. */
bool prq_json_key(struct prq_json *j, prq_str *key);
/* Is there another element in the entered array? false at its end (consumed) or when broken. */
bool prq_json_item(struct prq_json *j);

/* Consume a value of that type; false (and bad, with "expected …") otherwise. Strings without
 * escapes are views into the input. Lone surrogates become U+FFFD. */
bool prq_json_string(struct prq_json *j, prq_str *out);
bool prq_json_bool(struct prq_json *j, bool *out);
bool prq_json_number(struct prq_json *j, prq_str *out); /* its text, grammar checked */
bool prq_json_u64(struct prq_json *j, uint64_t *out);   /* a non-negative integer in range */
bool prq_json_i64(struct prq_json *j, int64_t *out);

/* Consume any value. */
void prq_json_skip(struct prq_json *j);
/* Consume any value, lending its raw text. */
bool prq_json_raw(struct prq_json *j, prq_str *out);
/* Consume any value; set *out only when it is of that type. Returns whether it was. */
bool prq_json_string_or_skip(struct prq_json *j, prq_str *out);
bool prq_json_u64_or_skip(struct prq_json *j, uint64_t *out);
bool prq_json_bool_or_skip(struct prq_json *j, bool *out);

/* Members that are strings, by name, and where they go; what is of another type leaves *to alone. */
struct prq_json_text {
    prq_str name;
    prq_str *to;
};
/* Consumes the value of `key` if one of `wanted` has that name; false: it has to be consumed yet. */
bool prq_json_text_of(struct prq_json *j, prq_str key, const struct prq_json_text *wanted, size_t n);
/* The rest of the entered object, of which only these count. */
void prq_json_texts(struct prq_json *j, const struct prq_json_text *wanted, size_t n);

/* Nothing but white space left and nothing broken; else fails with the byte. */
bool prq_json_end(struct prq_json *j, struct prq_err *err);

/* ---- writer: one call per token; commas, quoting and indentation are its business. Bytes that are
 * not UTF-8 are written as U+FFFD. Check b->bad at the end. */
struct prq_jw {
    struct prq_buf *b;
    unsigned depth;
    bool pretty; /* two spaces; else no white space at all */
    bool first;
    bool after_key;
};
void prq_jw_init(struct prq_jw *w, struct prq_buf *b, bool pretty);
void prq_jw_object(struct prq_jw *w);
void prq_jw_object_end(struct prq_jw *w);
void prq_jw_array(struct prq_jw *w);
void prq_jw_array_end(struct prq_jw *w);
void prq_jw_key(struct prq_jw *w, const char *key);
void prq_jw_key_str(struct prq_jw *w, prq_str key);
void prq_jw_str(struct prq_jw *w, prq_str s);
void prq_jw_u64(struct prq_jw *w, uint64_t v);
void prq_jw_i64(struct prq_jw *w, int64_t v);
void prq_jw_bool(struct prq_jw *w, bool v);
void prq_jw_null(struct prq_jw *w);
void prq_jw_raw(struct prq_jw *w, prq_str json); /* trusted text of one value */
/* key and value; nothing at all when the string is empty */
void prq_jw_opt(struct prq_jw *w, const char *key, prq_str s);
void prq_jw_kv(struct prq_jw *w, const char *key, prq_str s);
void prq_jw_kv_u64(struct prq_jw *w, const char *key, uint64_t v);
void prq_jw_kv_bool(struct prq_jw *w, const char *key, bool v);

#endif
