/* SPDX-License-Identifier: Apache-2.0 */
/* Three layers: pull() takes the next event from libyaml and checks what holds for every event;
 * prq_yaml_next resolves aliases of scalars; prq_yaml_parse builds the tree, where an alias shares
 * its node. Both count an alias as the nodes that it stands for. */
#include "lib/yaml.h"

#include <stdlib.h>
#include <yaml.h>

#include "base/fault.h"
#include "base/map.h"

enum { DIRECTIVES_MAX = 64 };

struct prq_yaml {
    yaml_parser_t parser;
    yaml_event_t event; /* the last one pulled */
    bool has_event, is_broken, is_end;
    prq_bytes in;  /* after the mark */
    size_t marked; /* bytes of the byte order mark in front of it */
    const struct prq_limits *limits;
    uint64_t nodes;
    uint32_t depth;
    struct prq_err why;
    /* anchors of the current document, for events */
    struct prq_arena *arena;
    struct prq_mark arena_empty;
    struct prq_map anchors; /* name → index */
    struct anchor {
        bool is_scalar, is_plain;
        prq_str text, tag;
    } * anchor;
    size_t anchor_n, anchor_cap;
};

/* ---- errors */

/* libyaml counts characters; errors name bytes. */
static uint64_t byte_of(const struct prq_yaml *y, size_t index)
{
    size_t at = 0;
    while (at < y->in.n && index) {
        at++;
        while (at < y->in.n && (y->in.p[at] & 0xc0) == 0x80)
            at++;
        index--;
    }
    return y->marked + at;
}

static bool fail_here(struct prq_yaml *y, enum prq_code code, const char *text)
{
    const yaml_mark_t *mark = &y->event.start_mark;
    prq_fail_at(&y->why, code, byte_of(y, mark->index), text);
    return prq_in(&y->why, "yaml: line %zu", mark->line + 1);
}

static bool fail_parse(struct prq_yaml *y)
{
    const yaml_parser_t *p = &y->parser;
    if (p->error == YAML_MEMORY_ERROR)
        return prq_fail(&y->why, PRQ_E_NOMEM, "no memory to read yaml");
    const char *text = p->problem ? p->problem : "malformed";
    if (p->error == YAML_READER_ERROR) {
        prq_fail_at(&y->why, PRQ_E_FORMAT, y->marked + p->problem_offset, text);
        return prq_in(&y->why, "yaml");
    }
    prq_fail_at(&y->why, PRQ_E_FORMAT, byte_of(y, p->problem_mark.index), text);
    return prq_in(&y->why, "yaml: line %zu", p->problem_mark.line + 1);
}

/* ---- events */

static bool count(struct prq_yaml *y, uint64_t nodes)
{
    if (!prq_add(y->nodes, nodes, &y->nodes) || y->nodes > y->limits->yaml_nodes)
        return fail_here(y, PRQ_E_LIMIT, "too many nodes: limit yaml_nodes");
    return true;
}

static bool check(struct prq_yaml *y)
{
    switch (y->event.type) {
    case YAML_SCALAR_EVENT:
        if (y->event.data.scalar.length > y->limits->string_bytes)
            return fail_here(y, PRQ_E_LIMIT, "string is too long: limit string_bytes");
        return count(y, 1);
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        if (++y->depth > y->limits->yaml_depth)
            return fail_here(y, PRQ_E_LIMIT, "nested too deeply: limit yaml_depth");
        return count(y, 1);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        y->depth--;
        return true;
    default:
        return true;
    }
}

/* The next event that matters into y->event. END and FAIL stay. */
static enum prq_next pull(struct prq_yaml *y)
{
    do {
        if (y->is_end || y->is_broken)
            return y->is_broken ? PRQ_NEXT_FAIL : PRQ_NEXT_END;
        if (y->has_event)
            yaml_event_delete(&y->event);
        y->has_event = yaml_parser_parse(&y->parser, &y->event);
        y->is_broken = y->has_event ? !check(y) : !fail_parse(y);
        y->is_end = y->has_event && y->event.type == YAML_STREAM_END_EVENT;
    } while (y->is_end || y->is_broken || y->event.type == YAML_STREAM_START_EVENT ||
             y->event.type == YAML_DOCUMENT_END_EVENT || y->event.type == YAML_NO_EVENT);
    return PRQ_NEXT_ITEM;
}

static prq_str text_of(const yaml_char_t *z)
{
    return prq_str_from((const char *)z);
}

static const yaml_char_t *anchor_of(const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_SCALAR_EVENT:
        return e->data.scalar.anchor;
    case YAML_SEQUENCE_START_EVENT:
        return e->data.sequence_start.anchor;
    case YAML_MAPPING_START_EVENT:
        return e->data.mapping_start.anchor;
    case YAML_ALIAS_EVENT:
        return e->data.alias.anchor;
    default:
        return NULL;
    }
}

static prq_str tag_of(const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_SCALAR_EVENT:
        return text_of(e->data.scalar.tag);
    case YAML_SEQUENCE_START_EVENT:
        return text_of(e->data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT:
        return text_of(e->data.mapping_start.tag);
    default:
        return (prq_str){ 0 };
    }
}

static prq_str scalar_of(const yaml_event_t *e)
{
    return (prq_str){ (const char *)e->data.scalar.value, e->data.scalar.length };
}

static bool is_plain(const yaml_event_t *e)
{
    return e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

/* libyaml compares every tag directive with all before it. Nobody needs more than a few. */
static bool has_many_directives(prq_bytes in)
{
    prq_str rest = prq_str_of(in), line;
    size_t n = 0;
    while (prq_str_line(&rest, &line))
        n += prq_str_starts(line, PRQ_S("%TAG"));
    return n > DIRECTIVES_MAX;
}

bool prq_yaml_open(prq_bytes in, const struct prq_limits *limits, struct prq_yaml **out,
                   struct prq_err *err)
{
    if (has_many_directives(in))
        return prq_fail(err, PRQ_E_LIMIT, "yaml: more than %d tag directives", DIRECTIVES_MAX);
    struct prq_yaml *y = prq_fault_alloc() ? NULL : calloc(1, sizeof *y);
    if (y)
        y->arena = prq_arena_new((size_t)limits->string_bytes);
    if (!y || !y->arena || !yaml_parser_initialize(&y->parser)) {
        if (y)
            prq_arena_free(y->arena);
        free(y);
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read yaml");
    }
    /* Told the encoding, libyaml takes a mark for the first column: the keys of later lines would
     * stand to the left of the first one. */
    y->marked = in.n >= 3 && memcmp(in.p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    if (y->marked)
        in = (prq_bytes){ in.p + 3, in.n - 3 };
    y->in = in;
    y->limits = limits;
    y->arena_empty = prq_arena_mark(y->arena);
    yaml_parser_set_input_string(&y->parser, in.n ? in.p : (const uint8_t *)"", in.n);
    yaml_parser_set_encoding(&y->parser, YAML_UTF8_ENCODING);
    *out = y;
    return true;
}

void prq_yaml_close(struct prq_yaml *y)
{
    if (!y)
        return;
    if (y->has_event)
        yaml_event_delete(&y->event);
    yaml_parser_delete(&y->parser);
    prq_arena_free(y->arena);
    free(y);
}

/* Anchors end with their document. */
static void forget_anchors(struct prq_yaml *y)
{
    prq_arena_rewind(y->arena, y->arena_empty);
    prq_map_init(&y->anchors, y->arena);
    y->anchor = NULL;
    y->anchor_n = y->anchor_cap = 0;
}

/* A name may be given again: then the later one holds. */
static bool remember_anchor(struct prq_yaml *y)
{
    const yaml_event_t *e = &y->event;
    prq_str name = text_of(anchor_of(e));
    if (!name.p || e->type == YAML_ALIAS_EVENT)
        return true;
    struct anchor a = { .is_scalar = e->type == YAML_SCALAR_EVENT };
    if (a.is_scalar) {
        a.is_plain = is_plain(e);
        a.text = prq_arena_copy(y->arena, scalar_of(e));
        a.tag = prq_arena_copy(y->arena, tag_of(e));
    }
    name = prq_arena_copy(y->arena, name);
    bool added;
    size_t *place = name.p && (!a.is_scalar || (a.text.p && a.tag.p))
                        ? prq_map_put(&y->anchors, name, y->anchor_n, &added)
                        : NULL;
    if (!place ||
        !prq_arena_grow(y->arena, &y->anchor, sizeof *y->anchor, &y->anchor_cap, y->anchor_n + 1))
        return fail_here(y, PRQ_E_LIMIT, "anchors take too much: limit string_bytes");
    *place = y->anchor_n;
    y->anchor[y->anchor_n++] = a;
    return true;
}

static bool resolve_alias(struct prq_yaml *y, struct prq_yaml_event *out)
{
    const size_t *i = prq_map_find(&y->anchors, text_of(anchor_of(&y->event)));
    if (!i)
        return fail_here(y, PRQ_E_FORMAT, "alias without an anchor");
    const struct anchor *a = &y->anchor[*i];
    if (!a->is_scalar)
        return fail_here(y, PRQ_E_UNSUPPORTED, "alias of a mapping or sequence");
    out->is_plain = a->is_plain;
    out->text = a->text;
    out->tag = a->tag;
    return count(y, 1);
}

static enum prq_yaml_type type_of(yaml_event_type_t type)
{
    switch (type) {
    case YAML_DOCUMENT_START_EVENT:
        return PRQ_YAML_EV_DOC;
    case YAML_MAPPING_START_EVENT:
        return PRQ_YAML_EV_MAP;
    case YAML_MAPPING_END_EVENT:
        return PRQ_YAML_EV_MAP_END;
    case YAML_SEQUENCE_START_EVENT:
        return PRQ_YAML_EV_SEQ;
    case YAML_SEQUENCE_END_EVENT:
        return PRQ_YAML_EV_SEQ_END;
    default:
        return PRQ_YAML_EV_SCALAR;
    }
}

static bool describe(struct prq_yaml *y, struct prq_yaml_event *out)
{
    const yaml_event_t *e = &y->event;
    bool is_start = e->type == YAML_MAPPING_START_EVENT || e->type == YAML_SEQUENCE_START_EVENT;
    *out = (struct prq_yaml_event){
        .type = type_of(e->type),
        .tag = tag_of(e),
        .line = (uint32_t)e->start_mark.line + 1,
        .depth = y->depth - (is_start ? 1 : 0),
    };
    if (e->type == YAML_SCALAR_EVENT) {
        out->text = scalar_of(e);
        out->is_plain = is_plain(e);
    }
    if (e->type == YAML_DOCUMENT_START_EVENT)
        forget_anchors(y);
    return e->type == YAML_ALIAS_EVENT ? resolve_alias(y, out) : remember_anchor(y);
}

enum prq_next prq_yaml_next(struct prq_yaml *y, struct prq_yaml_event *e, struct prq_err *err)
{
    enum prq_next step = pull(y);
    struct prq_yaml_event event;
    if (step == PRQ_NEXT_ITEM && !describe(y, &event)) {
        y->is_broken = true;
        step = PRQ_NEXT_FAIL;
    }
    if (step == PRQ_NEXT_FAIL && err)
        *err = y->why;
    if (step == PRQ_NEXT_ITEM)
        *e = event;
    return step;
}

/* ---- tree */

struct frame {
    struct prq_yaml_node *node; /* the open collection */
    bool has_anchor;
    size_t anchor; /* its index in builder.anchor, NULL there until it is closed */
    size_t first;  /* its first child in builder.children */
};

struct builder {
    struct prq_yaml *y;
    struct prq_arena *arena;   /* the caller's: what stays */
    struct prq_arena *scratch; /* stacks and tables */
    struct frame *frames;      /* y->depth of them are open */
    const struct prq_yaml_node **children;
    size_t children_n, children_cap;
    struct prq_map anchors; /* name → index */
    const struct prq_yaml_node **anchor;
    size_t anchor_n, anchor_cap;
    const struct prq_yaml_doc **tail; /* where the next document is hung */
    struct prq_yaml_doc *doc;
};

static bool fail_memory(struct builder *b)
{
    return fail_here(b->y, PRQ_E_LIMIT, "the document exceeds the memory budget");
}

/* The current event's anchor, if it has one, names `node` from here on; a later one of the same
 * name takes over. */
static bool name_node(struct builder *b, const struct prq_yaml_node *node)
{
    prq_str anchor = text_of(anchor_of(&b->y->event));
    if (!anchor.p)
        return true;
    bool added;
    anchor = prq_arena_copy(b->scratch, anchor);
    size_t *place = anchor.p ? prq_map_put(&b->anchors, anchor, b->anchor_n, &added) : NULL;
    if (!place ||
        !prq_arena_grow(b->scratch, &b->anchor, sizeof *b->anchor, &b->anchor_cap, b->anchor_n + 1))
        return fail_memory(b);
    *place = b->anchor_n;
    b->anchor[b->anchor_n++] = node;
    return true;
}

/* A finished node goes to the collection around it, or becomes the document. */
static bool place(struct builder *b, const struct prq_yaml_node *node)
{
    if (b->y->depth == 0) {
        b->doc->root = node;
        return true;
    }
    if (!prq_arena_grow(b->scratch, &b->children, sizeof *b->children, &b->children_cap,
                        b->children_n + 1))
        return fail_memory(b);
    b->children[b->children_n++] = node;
    return true;
}

static struct prq_yaml_node *node_new(struct builder *b, enum prq_yaml_kind kind)
{
    struct prq_yaml_node *node = prq_new(b->arena, struct prq_yaml_node);
    prq_str tag = tag_of(&b->y->event);
    if (!node)
        return NULL;
    node->kind = kind;
    node->line = (uint32_t)b->y->event.start_mark.line + 1;
    node->nodes = 1;
    if (tag.n) {
        node->tag = prq_arena_copy(b->arena, tag);
        if (!node->tag.p)
            return NULL;
    }
    return node;
}

static bool add_scalar(struct builder *b)
{
    const yaml_event_t *e = &b->y->event;
    struct prq_yaml_node *node = node_new(b, PRQ_YAML_SCALAR);
    if (!node)
        return fail_memory(b);
    node->is_plain = is_plain(e);
    node->text = prq_arena_copy(b->arena, scalar_of(e));
    if (!node->text.p)
        return fail_memory(b);
    return name_node(b, node) && place(b, node);
}

static bool add_alias(struct builder *b)
{
    const size_t *i = prq_map_find(&b->anchors, text_of(anchor_of(&b->y->event)));
    if (!i)
        return fail_here(b->y, PRQ_E_FORMAT, "alias without an anchor before it");
    const struct prq_yaml_node *node = b->anchor[*i];
    if (!node)
        return fail_here(b->y, PRQ_E_FORMAT, "alias of what it stands in");
    if (b->y->depth + node->height > b->y->limits->yaml_depth)
        return fail_here(b->y, PRQ_E_LIMIT, "nested too deeply: limit yaml_depth");
    return count(b->y, node->nodes) && place(b, node);
}

static bool open_collection(struct builder *b, enum prq_yaml_kind kind)
{
    struct frame *f = &b->frames[b->y->depth - 1]; /* check() has counted it and kept the limit */
    *f = (struct frame){
        .node = node_new(b, kind),
        .has_anchor = anchor_of(&b->y->event) != NULL,
        .anchor = b->anchor_n,
        .first = b->children_n,
    };
    return f->node ? name_node(b, NULL) : fail_memory(b);
}

static bool close_collection(struct builder *b)
{
    struct frame *f = &b->frames[b->y->depth]; /* check() has counted it off */
    struct prq_yaml_node *node = f->node;
    size_t n = b->children_n - f->first;
    const struct prq_yaml_node **from = b->children + f->first;
    const struct prq_yaml_node **kept =
        n ? prq_new_n(b->arena, const struct prq_yaml_node *, n) : NULL;
    if (n && !kept)
        return fail_memory(b);
    for (size_t i = 0; i < n; i++) {
        kept[i] = from[i];
        node->nodes += from[i]->nodes; /* their sum was counted against yaml_nodes */
        if (from[i]->height >= node->height)
            node->height = from[i]->height + 1;
    }
    if (n == 0)
        node->height = 1;
    /* A pair is two pointers, key and value, one after the other: so are the children. */
    _Static_assert(sizeof(struct prq_yaml_pair) == 2 * sizeof(void *), "pairs are two pointers");
    node->n = node->kind == PRQ_YAML_MAP ? n / 2 : n;
    node->items = kept;
    b->children_n = f->first;
    if (f->has_anchor)
        b->anchor[f->anchor] = node;
    return place(b, node);
}

static bool open_document(struct builder *b)
{
    b->doc = prq_new(b->arena, struct prq_yaml_doc);
    if (!b->doc)
        return fail_memory(b);
    *b->tail = b->doc;
    b->tail = &b->doc->next;
    prq_map_init(&b->anchors, b->scratch);
    b->anchor_n = 0;
    return true;
}

static bool build_event(struct builder *b)
{
    switch (b->y->event.type) {
    case YAML_DOCUMENT_START_EVENT:
        return open_document(b);
    case YAML_SCALAR_EVENT:
        return add_scalar(b);
    case YAML_ALIAS_EVENT:
        return add_alias(b);
    case YAML_MAPPING_START_EVENT:
        return open_collection(b, PRQ_YAML_MAP);
    case YAML_SEQUENCE_START_EVENT:
        return open_collection(b, PRQ_YAML_SEQ);
    default:
        return close_collection(b);
    }
}

static bool build(struct builder *b, struct prq_err *err)
{
    enum prq_next step;
    while ((step = pull(b->y)) == PRQ_NEXT_ITEM)
        if (!build_event(b)) {
            step = PRQ_NEXT_FAIL;
            break;
        }
    if (step == PRQ_NEXT_FAIL && err)
        *err = b->y->why;
    return step == PRQ_NEXT_END;
}

bool prq_yaml_parse(prq_bytes in, const struct prq_limits *limits, struct prq_arena *a,
                    const struct prq_yaml_doc **out, struct prq_err *err)
{
    struct prq_yaml *y;
    if (!prq_yaml_open(in, limits, &y, err))
        return false;
    const struct prq_yaml_doc *first = NULL;
    struct builder b = {
        .y = y,
        .arena = a,
        .scratch = prq_arena_new((size_t)limits->scratch_bytes),
        .tail = &first,
    };
    if (b.scratch)
        b.frames = prq_new_n(b.scratch, struct frame, (size_t)limits->yaml_depth + 1);
    bool is_good = b.frames ? build(&b, err) : prq_fail(err, PRQ_E_NOMEM, "no memory to read yaml");
    prq_arena_free(b.scratch);
    prq_yaml_close(y);
    if (is_good)
        *out = first;
    return is_good;
}

const struct prq_yaml_node *prq_yaml_find(const struct prq_yaml_node *map, prq_str key)
{
    if (!prq_yaml_is(map, PRQ_YAML_MAP))
        return NULL;
    for (size_t i = map->n; i-- > 0;) {
        const struct prq_yaml_node *k = map->pairs[i].key;
        if (k->kind == PRQ_YAML_SCALAR && prq_str_eq(k->text, key))
            return map->pairs[i].value;
    }
    return NULL;
}

bool prq_yaml_index(const struct prq_yaml_node *map, struct prq_arena *a, struct prq_map *out)
{
    prq_map_init(out, a);
    for (size_t i = 0; prq_yaml_is(map, PRQ_YAML_MAP) && i < map->n; i++) {
        const struct prq_yaml_node *k = map->pairs[i].key;
        bool added;
        size_t *at = k->kind == PRQ_YAML_SCALAR ? prq_map_put(out, k->text, i, &added) : NULL;
        if (at)
            *at = i; /* the last one, as in find */
        else if (k->kind == PRQ_YAML_SCALAR)
            return false;
    }
    return true;
}

bool prq_yaml_is_null(const struct prq_yaml_node *node)
{
    static const prq_str words[] = { PRQ_SI(""), PRQ_SI("~"), PRQ_SI("null"), PRQ_SI("Null"),
                                     PRQ_SI("NULL") };
    if (!prq_yaml_is(node, PRQ_YAML_SCALAR) || !node->is_plain)
        return false;
    for (size_t i = 0; i < PRQ_COUNT(words); i++)
        if (prq_str_eq(node->text, words[i]))
            return true;
    return false;
}

prq_str prq_yaml_text(const struct prq_yaml_node *node)
{
    return prq_yaml_is(node, PRQ_YAML_SCALAR) && !prq_yaml_is_null(node) ? node->text
                                                                         : (prq_str){ 0 };
}
