/* SPDX-License-Identifier: Apache-2.0 */
/* The tree and the events tell the same scalars in the same order, and errors lie in the input. */
#include "base/buf.h"
#include "fuzz.h"
#include "lib/yaml.h"

enum { DEPTH = 16, NODES = 2000 };

static uint64_t mix(uint64_t seen, prq_str text, bool is_plain)
{
    return seen * 31 + prq_str_fnv(text) + is_plain;
}

/* Recursion is bounded by DEPTH. */
static uint64_t walk(const struct prq_yaml_node *n, uint64_t seen, unsigned depth)
{
    FUZZ_CHECK(depth <= DEPTH && n->nodes <= NODES);
    if (n->kind == PRQ_YAML_SCALAR)
        return mix(seen, n->text, n->is_plain);
    size_t children = n->kind == PRQ_YAML_MAP ? 2 * n->n : n->n;
    uint64_t nodes = 1;
    for (size_t i = 0; i < children; i++) {
        const struct prq_yaml_node *c = n->kind == PRQ_YAML_SEQ ? n->items[i]
                                        : i % 2                 ? n->pairs[i / 2].value
                                                                : n->pairs[i / 2].key;
        FUZZ_CHECK(c->height < n->height);
        nodes += c->nodes;
        seen = walk(c, seen, depth + 1);
    }
    FUZZ_CHECK(nodes == n->nodes);
    return seen;
}

static enum prq_code events(prq_bytes in, const struct prq_limits *limits, uint64_t *seen)
{
    struct prq_yaml *y;
    struct prq_yaml_event e;
    struct prq_err err = PRQ_ERR_INIT;
    if (!prq_yaml_open(in, limits, &y, &err))
        return err.code;
    enum prq_next step;
    uint32_t depth = 0;
    while ((step = prq_yaml_next(y, &e, &err)) == PRQ_NEXT_ITEM) {
        bool is_end = e.type == PRQ_YAML_EV_MAP_END || e.type == PRQ_YAML_EV_SEQ_END;
        depth -= is_end ? 1 : 0;
        FUZZ_CHECK(e.depth == depth && e.line >= 1);
        depth += e.type == PRQ_YAML_EV_MAP || e.type == PRQ_YAML_EV_SEQ ? 1 : 0;
        if (e.type == PRQ_YAML_EV_SCALAR)
            *seen = mix(*seen, e.text, e.is_plain);
    }
    FUZZ_CHECK((step == PRQ_NEXT_FAIL) == (err.code != PRQ_E_NONE));
    FUZZ_CHECK(err.offset <= in.n);
    FUZZ_CHECK(prq_yaml_next(y, &e, NULL) == step);
    prq_yaml_close(y);
    return err.code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct prq_limits limits = prq_limits_default;
    limits.yaml_depth = DEPTH;
    limits.yaml_nodes = NODES;
    prq_bytes in = { data, size };
    uint64_t seen_events = 0, seen_tree = 0;
    enum prq_code code = events(in, &limits, &seen_events);
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    const struct prq_yaml_doc *doc;
    struct prq_err err = PRQ_ERR_INIT;
    bool is_good = prq_yaml_parse(in, &limits, a, &doc, &err);
    FUZZ_CHECK(is_good == (err.code == PRQ_E_NONE) && err.offset <= size);
    FUZZ_CHECK(code != PRQ_E_NONE || is_good); /* the tree reads more */
    for (; is_good && doc; doc = doc->next)
        seen_tree = walk(doc->root, seen_tree, 0);
    FUZZ_CHECK(code != PRQ_E_NONE || seen_tree == seen_events);
    return 0;
}
