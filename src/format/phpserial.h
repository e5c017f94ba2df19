/* SPDX-License-Identifier: Apache-2.0 */
/* What PHP's serialize() writes, as a bounded pull reader over bytes in memory. Nothing is made of
 * it: classes are read as arrays of their members, references are passed over. It fails once and
 * stays failed. Source: PHP documentation, "serialize", and php-src, ext/standard/var.c:
 *
 *     N;  b:1;  i:-3;  d:0.5;  s:5:"bytes";  r:2;  R:2;  E:7:"Suit:Ab";
 *     a:COUNT:{KEY VALUE …}  O:5:"Class":COUNT:{…}  C:5:"Class":BYTES:{…}
 *
 *     struct prq_php s;
 *     prq_str key, name;
 *     prq_php_init(&s, bytes);
 *     if (prq_php_enter(&s))
 *         while (prq_php_key(&s, &key))
 *             if (!prq_str_eq(key, PRQ_S("name")) || !prq_php_string(&s, &name))
 *                 prq_php_skip(&s);
 *     if (!prq_php_end(&s, err)) return false;
 */
#ifndef PRQ_FORMAT_PHPSERIAL_H
#define PRQ_FORMAT_PHPSERIAL_H

#include "base/err.h"
#include "base/str.h"

enum { PRQ_PHP_DEPTH = 64 };

struct prq_php {
    prq_str in;
    size_t at;
    uint64_t left[PRQ_PHP_DEPTH]; /* members of the arrays that are open */
    uint32_t depth;
    bool bad;
    enum prq_code code;
    size_t bad_at;
    const char *why;
};

void prq_php_init(struct prq_php *s, prq_str in);
/* False without consuming when the next value is no array or object. */
bool prq_php_enter(struct prq_php *s);
/* The next key of the entered array, of numbers their digits; false at its end (consumed) or when
 * broken. The value must be consumed before the next call. */
bool prq_php_key(struct prq_php *s, prq_str *key);
/* Consume a string, integer or float, as text; false without consuming when it is none. */
bool prq_php_string(struct prq_php *s, prq_str *out);
/* Consume any value. */
void prq_php_skip(struct prq_php *s);
/* Nothing but white space left and nothing broken; else fails with the byte. */
bool prq_php_end(struct prq_php *s, struct prq_err *err);

#endif
