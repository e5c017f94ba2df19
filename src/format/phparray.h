/* SPDX-License-Identifier: Apache-2.0 */
/* A PHP file that returns an array of literals, as var_export() and Composer write them, as a bounded
 * pull reader. Nothing is run: constants, numbers and joined texts are passed over as values that are
 * no text. It fails once and stays failed. Source: PHP manual, "Arrays", "Strings":
 *
 *     <?php return array('root' => array('name' => 'a/b', 'dev' => true),
 *                        'versions' => ['x/y' => ['install_path' => __DIR__ . '/../x/y']]);
 *
 *     prq_phparray_init(&s, bytes, arena);
 *     if (prq_phparray_enter(&s))
 *         while (prq_phparray_key(&s, &key))
 *             prq_phparray_text(&s, &text);          // consumes any value
 *     if (!prq_phparray_end(&s, err)) return false;
 */
#ifndef PRQ_FORMAT_PHPARRAY_H
#define PRQ_FORMAT_PHPARRAY_H

#include "base/arena.h"
#include "base/err.h"

enum { PRQ_PHPARRAY_DEPTH = 64 };

struct prq_phparray {
    prq_str in;
    size_t at;
    struct prq_arena *arena; /* of texts with escapes; others are views */
    char ends[PRQ_PHPARRAY_DEPTH]; /* of the arrays that are open: ')' or ']' */
    uint32_t depth;
    bool bad;
    enum prq_code code;
    size_t bad_at;
    const char *why;
};

/* Past "<?php" and up to what the file returns. */
void prq_phparray_init(struct prq_phparray *s, prq_str in, struct prq_arena *arena);
/* False without consuming when the next value is no array. */
bool prq_phparray_enter(struct prq_phparray *s);
/* The next key of the entered array, of numbers their digits, empty where there is none; false at its
 * end (consumed) or when broken. The value must be consumed before the next call. */
bool prq_phparray_key(struct prq_phparray *s, prq_str *key);
/* Consume any value; set *out only when it is a text and nothing else. Returns whether it was. */
bool prq_phparray_text(struct prq_phparray *s, prq_str *out);
/* The same for true and false. */
bool prq_phparray_bool(struct prq_phparray *s, bool *out);
void prq_phparray_skip(struct prq_phparray *s);
/* One value, its semicolon and nothing broken; else fails with the byte. What follows the semicolon
 * cannot run. */
bool prq_phparray_end(struct prq_phparray *s, struct prq_err *err);

#endif
