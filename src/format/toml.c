/* SPDX-License-Identifier: Apache-2.0 */
/* Source: TOML v1.0.0, sections "Keys", "Table", "Inline Table", "Array of Tables".
 *
 * Children of all tables share one hash index over (table, key), so that a file of a million keys
 * is not a quadratic one. Values nest on an explicit stack; nothing recurses. */
#include "format/toml.h"

#include "format/toml_scan.h"

enum { STACK = 64 };

enum {
    IMPLICIT = 1 << 0, /* named on the way of a header: may still get its own header */
    DOTTED = 1 << 1,   /* made by a dotted key: may grow, but gets no header */
    CLOSED = 1 << 2,   /* written inline: complete */
    TABLES = 1 << 3,   /* array made by [[headers]]: may grow */
};

struct prq_toml_index {
    struct prq_toml **slots;
    size_t cap, n; /* cap is a power of two, or 0 */
};

struct parser {
    struct prq_toml_scan s;
    struct prq_toml *root, *section;
    struct prq_toml_index *index;
};

/* ---- the tree */

static size_t slot_of(const struct prq_toml_index *ix, const struct prq_toml *table, prq_str key)
{
    uint64_t h = prq_str_hash(key) ^ (uint64_t)(uintptr_t)table * 0x9e3779b97f4a7c15ULL;
    size_t i = (size_t)(h ^ h >> 32) & (ix->cap - 1);
    while (ix->slots[i] && !(ix->slots[i]->parent == table && prq_str_eq(ix->slots[i]->key, key)))
        i = (i + 1) & (ix->cap - 1);
    return i;
}

static struct prq_toml *child_of(const struct prq_toml *table, prq_str key)
{
    const struct prq_toml_index *ix = table->index;
    return ix->cap ? ix->slots[slot_of(ix, table, key)] : NULL;
}

static bool index_grow(struct parser *p)
{
    struct prq_toml_index *ix = p->index, old = *ix;
    if (ix->n + 1 <= ix->cap / 2)
        return true;
    size_t cap = ix->cap ? ix->cap * 2 : 64;
    struct prq_toml **slots = prq_new_n(p->s.arena, struct prq_toml *, cap);
    if (!slots)
        return prq_toml_no_room(&p->s);
    ix->slots = slots;
    ix->cap = cap;
    for (size_t i = 0; i < old.cap; i++)
        if (old.slots[i])
            slots[slot_of(ix, old.slots[i]->parent, old.slots[i]->key)] = old.slots[i];
    return true;
}

static struct prq_toml *add_node(struct parser *p, struct prq_toml *parent, prq_str key,
                                 enum prq_toml_type type)
{
    if (parent->depth >= p->s.limits->toml_depth) {
        prq_fail_at(p->s.err, PRQ_E_LIMIT, p->s.at, "TOML is nested too deeply");
        return NULL;
    }
    struct prq_toml *n = prq_new(p->s.arena, struct prq_toml);
    if (!n || (parent->type == PRQ_TOML_TABLE && !index_grow(p))) {
        prq_toml_no_room(&p->s);
        return NULL;
    }
    *n = (struct prq_toml){ .type = type,
                            .line = p->s.line,
                            .key = key,
                            .parent = parent,
                            .index = p->index,
                            .depth = parent->depth + 1 };
    if (parent->last)
        parent->last->next = n;
    else
        parent->first = n;
    parent->last = n;
    parent->count++;
    if (parent->type == PRQ_TOML_TABLE) {
        p->index->slots[slot_of(p->index, parent, key)] = n;
        p->index->n++;
    }
    return n;
}

const struct prq_toml *prq_toml_find(const struct prq_toml *table, prq_str key)
{
    return table && table->type == PRQ_TOML_TABLE ? child_of(table, key) : NULL;
}

const struct prq_toml *prq_toml_path(const struct prq_toml *table, prq_str path)
{
    prq_str part;
    while (prq_str_split(&path, '.', &part))
        table = prq_toml_find(table, part);
    return table;
}

prq_str prq_toml_string(const struct prq_toml *table, prq_str key)
{
    const struct prq_toml *n = prq_toml_find(table, key);
    return n && n->type == PRQ_TOML_STRING ? n->text : (prq_str){ 0 };
}

/* ---- white space */

static void skip_blanks(struct prq_toml_scan *s)
{
    while (prq_toml_peek(s) == ' ' || prq_toml_peek(s) == '\t')
        s->at++;
}

/* A comment and the line's end, if they are there. */
static bool skip_line_end(struct prq_toml_scan *s)
{
    if (prq_toml_peek(s) == '#') {
        prq_str rest = prq_str_from_at(s->in, s->at);
        size_t end = prq_str_find(rest, '\n');
        for (size_t i = 0; i < end; i++) {
            uint8_t c = (uint8_t)rest.p[i];
            bool last_cr = c == '\r' && i + 1 == end && end < rest.n;
            if ((c < 0x20 && c != '\t' && !last_cr) || c == 0x7f)
                return prq_fail_at(s->err, PRQ_E_FORMAT, s->at + i,
                                   "control character in a comment");
        }
        s->at += end;
    }
    if (prq_str_starts(prq_str_from_at(s->in, s->at), PRQ_S("\r\n")))
        s->at++;
    if (prq_toml_peek(s) == '\n') {
        s->at++;
        s->line++;
    }
    return true;
}

/* Blanks, comments and line ends. */
static bool skip_space(struct prq_toml_scan *s)
{
    size_t before;
    do {
        before = s->at;
        skip_blanks(s);
        if (!skip_line_end(s))
            return false;
    } while (s->at != before);
    return true;
}

static bool bad(struct parser *p, const char *text)
{
    return prq_fail_at(p->s.err, PRQ_E_FORMAT, p->s.at, text);
}

/* ---- keys */

static struct prq_toml *dotted_step(struct parser *p, struct prq_toml *table, prq_str key)
{
    struct prq_toml *n = child_of(table, key);
    if (!n) {
        n = add_node(p, table, key, PRQ_TOML_TABLE);
    } else if (n->type != PRQ_TOML_TABLE || n->flags & CLOSED ||
               !(n->flags & (DOTTED | IMPLICIT))) {
        bad(p, "key is already defined");
        return NULL;
    }
    if (n)
        n->flags |= DOTTED;
    return n;
}

/* "a.b.c =" below `table`: the new node, and the cursor in front of its value. */
static bool open_key(struct parser *p, struct prq_toml *table, struct prq_toml **out)
{
    prq_str key;
    for (;;) {
        if (!prq_toml_scan_key(&p->s, &key))
            return false;
        skip_blanks(&p->s);
        if (prq_toml_peek(&p->s) != '.')
            break;
        p->s.at++;
        skip_blanks(&p->s);
        table = dotted_step(p, table, key);
        if (!table)
            return false;
    }
    if (prq_toml_peek(&p->s) != '=')
        return bad(p, "expected '='");
    if (child_of(table, key))
        return bad(p, "key is already defined");
    p->s.at++;
    skip_blanks(&p->s);
    *out = add_node(p, table, key, PRQ_TOML_STRING);
    return *out != NULL;
}

/* ---- values */

static enum prq_next_value {
    ITEM,
    END,
    FAIL
} next_element(struct parser *p, struct prq_toml *array, struct prq_toml **out)
{
    if (!skip_space(&p->s))
        return FAIL;
    if (array->first && prq_toml_peek(&p->s) == ',') {
        p->s.at++;
        if (!skip_space(&p->s))
            return FAIL;
    } else if (array->first && prq_toml_peek(&p->s) != ']') {
        bad(p, "expected ',' or ']'");
        return FAIL;
    }
    if (prq_toml_peek(&p->s) == ']') {
        p->s.at++;
        return END;
    }
    *out = add_node(p, array, (prq_str){ 0 }, PRQ_TOML_STRING);
    return *out ? ITEM : FAIL;
}

static enum prq_next_value next_pair(struct parser *p, struct prq_toml *table,
                                     struct prq_toml **out)
{
    skip_blanks(&p->s);
    if (prq_toml_peek(&p->s) == '}') {
        p->s.at++;
        table->flags = CLOSED;
        return END;
    }
    if (table->first) {
        if (prq_toml_peek(&p->s) != ',') {
            bad(p, "expected ',' or '}'");
            return FAIL;
        }
        p->s.at++;
        skip_blanks(&p->s);
    }
    return open_key(p, table, out) ? ITEM : FAIL;
}

static bool parse_value(struct parser *p, struct prq_toml *node)
{
    struct prq_toml *open[STACK];
    size_t n = 0;
    for (;;) {
        char c = prq_toml_peek(&p->s);
        node->line = p->s.line;
        if (c == '[' || c == '{') {
            if (n == STACK)
                return prq_fail_at(p->s.err, PRQ_E_LIMIT, p->s.at, "TOML is nested too deeply");
            node->type = c == '[' ? PRQ_TOML_ARRAY : PRQ_TOML_TABLE;
            p->s.at++;
            open[n++] = node;
        } else if (!prq_toml_scan_scalar(&p->s, node)) {
            return false;
        }
        for (;; n--) {
            if (n == 0)
                return true;
            struct prq_toml *in = open[n - 1];
            enum prq_next_value next =
                in->type == PRQ_TOML_ARRAY ? next_element(p, in, &node) : next_pair(p, in, &node);
            if (next == FAIL)
                return false;
            if (next == ITEM)
                break;
        }
    }
}

/* ---- headers */

static struct prq_toml *header_step(struct parser *p, struct prq_toml *table, prq_str key)
{
    struct prq_toml *n = child_of(table, key);
    if (!n) {
        n = add_node(p, table, key, PRQ_TOML_TABLE);
        if (n)
            n->flags = IMPLICIT;
        return n;
    }
    if (n->type == PRQ_TOML_ARRAY && n->flags & TABLES)
        return n->last;
    if (n->type == PRQ_TOML_TABLE && !(n->flags & CLOSED))
        return n;
    bad(p, "header goes through a value");
    return NULL;
}

static struct prq_toml *header_table(struct parser *p, struct prq_toml *table, prq_str key)
{
    struct prq_toml *n = child_of(table, key);
    if (!n)
        return add_node(p, table, key, PRQ_TOML_TABLE);
    if (n->type != PRQ_TOML_TABLE || n->flags != IMPLICIT) {
        bad(p, "table is already defined");
        return NULL;
    }
    n->flags = 0;
    n->line = p->s.line;
    return n;
}

static struct prq_toml *header_item(struct parser *p, struct prq_toml *table, prq_str key)
{
    struct prq_toml *n = child_of(table, key);
    if (!n) {
        n = add_node(p, table, key, PRQ_TOML_ARRAY);
        if (n)
            n->flags = TABLES;
    } else if (n->type != PRQ_TOML_ARRAY || !(n->flags & TABLES)) {
        bad(p, "key is already defined");
        return NULL;
    }
    return n ? add_node(p, n, (prq_str){ 0 }, PRQ_TOML_TABLE) : NULL;
}

static bool parse_header(struct parser *p)
{
    struct prq_toml *table = p->root;
    bool is_item = prq_str_starts(prq_str_from_at(p->s.in, p->s.at), PRQ_S("[["));
    p->s.at += is_item ? 2 : 1;
    for (;;) {
        prq_str key;
        skip_blanks(&p->s);
        if (!prq_toml_scan_key(&p->s, &key))
            return false;
        skip_blanks(&p->s);
        if (prq_toml_peek(&p->s) == '.') {
            p->s.at++;
            table = header_step(p, table, key);
        } else {
            prq_str close = is_item ? PRQ_S("]]") : PRQ_S("]");
            if (!prq_str_starts(prq_str_from_at(p->s.in, p->s.at), close))
                return bad(p, "expected the end of a header");
            p->s.at += close.n;
            p->section = is_item ? header_item(p, table, key) : header_table(p, table, key);
            return p->section != NULL;
        }
        if (!table)
            return false;
    }
}

static bool parse_statement(struct parser *p)
{
    if (prq_toml_peek(&p->s) == '[')
        return parse_header(p);
    struct prq_toml *node;
    return open_key(p, p->section, &node) && parse_value(p, node);
}

bool prq_toml_parse(prq_str in, struct prq_arena *a, const struct prq_limits *limits,
                    const struct prq_toml **out, struct prq_err *err)
{
    struct parser p = { .s = { .in = in,
                               .line = 1,
                               .arena = a,
                               .err = err,
                               .limits = limits ? limits : &prq_limits_default } };
    p.index = prq_new(a, struct prq_toml_index);
    p.root = p.section = prq_new(a, struct prq_toml);
    if (!p.index || !p.root)
        return prq_toml_no_room(&p.s);
    p.root->index = p.index;
    p.root->line = 1;
    if (prq_str_starts(in, PRQ_S("\xef\xbb\xbf")))
        p.s.at = 3;
    while (skip_space(&p.s)) {
        if (p.s.at == in.n) {
            *out = p.root;
            return true;
        }
        if (!parse_statement(&p))
            return false;
        uint32_t line = p.s.line;
        skip_blanks(&p.s);
        if (!skip_line_end(&p.s))
            return false;
        if (p.s.line == line && p.s.at < in.n)
            return bad(&p, "expected the end of the line");
    }
    return false;
}
