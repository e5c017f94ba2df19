/* SPDX-License-Identifier: Apache-2.0 */
/* A tree printed as inline values parses to the same tree; look-ups find every child; errors point
 * into the input. */
#include "fuzz.h"

#include <inttypes.h>

#include "base/buf.h"
#include "format/toml.h"

static void put_string(struct prq_buf *b, prq_str s)
{
    prq_buf_byte(b, '"');
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = (uint8_t)s.p[i];
        if (c < 0x20 || c == 0x7f || c == '"' || c == '\\')
            prq_buf_printf(b, "\\u%04X", (unsigned)c);
        else
            prq_buf_byte(b, c);
    }
    prq_buf_byte(b, '"');
}

static void put_value(struct prq_buf *b, const struct prq_toml *n)
{
    switch (n->type) {
    case PRQ_TOML_STRING:
        put_string(b, n->text);
        break;
    case PRQ_TOML_INTEGER:
        prq_buf_printf(b, "%" PRId64, n->integer);
        break;
    case PRQ_TOML_BOOL:
        prq_buf_str(b, n->integer ? PRQ_S("true") : PRQ_S("false"));
        break;
    case PRQ_TOML_FLOAT:
    case PRQ_TOML_DATETIME:
        prq_buf_str(b, n->text);
        break;
    case PRQ_TOML_ARRAY:
    case PRQ_TOML_TABLE:
        prq_buf_byte(b, n->type == PRQ_TOML_ARRAY ? '[' : '{');
        for (const struct prq_toml *c = n->first; c; c = c->next) {
            if (n->type == PRQ_TOML_TABLE) {
                put_string(b, c->key);
                prq_buf_byte(b, '=');
            }
            put_value(b, c);
            if (c->next)
                prq_buf_byte(b, ',');
        }
        prq_buf_byte(b, n->type == PRQ_TOML_ARRAY ? ']' : '}');
        break;
    }
}

static void same(const struct prq_toml *a, const struct prq_toml *b)
{
    FUZZ_CHECK(a->type == b->type && a->integer == b->integer && a->count == b->count);
    FUZZ_CHECK(prq_str_eq(a->key, b->key) && prq_str_eq(a->text, b->text));
    FUZZ_CHECK(a->depth == b->depth && a->depth <= prq_limits_default.toml_depth);
    const struct prq_toml *x = a->first, *y = b->first;
    size_t n = 0;
    for (; x && y; x = x->next, y = y->next, n++) {
        same(x, y);
        if (a->type == PRQ_TOML_TABLE)
            FUZZ_CHECK(prq_toml_find(a, x->key) == x);
    }
    FUZZ_CHECK(!x && !y && n == a->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    prq_str in = { (const char *)data, size };
    struct prq_err err = PRQ_ERR_INIT;
    const struct prq_toml *doc, *again;
    if (!prq_toml_parse(in, a, NULL, &doc, &err)) {
        FUZZ_CHECK(err.code == PRQ_E_FORMAT || err.code == PRQ_E_LIMIT);
        FUZZ_CHECK(err.has_offset && err.offset <= size);
        return 0;
    }
    PRQ_BUF b;
    prq_buf_init(&b, PRQ_MIB(64));
    for (const struct prq_toml *c = doc->first; c; c = c->next) {
        put_string(&b, c->key);
        prq_buf_byte(&b, '=');
        put_value(&b, c);
        prq_buf_byte(&b, '\n');
    }
    FUZZ_CHECK(!b.bad);
    FUZZ_CHECK(prq_toml_parse(prq_buf_view(&b), a, NULL, &again, NULL));
    same(doc, again);
    return 0;
}
