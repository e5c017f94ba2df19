/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the OVAL reader share. A definition names tests, a test an object and a state,
 * and these come after it: so a document is read twice.
 *
 *   pass 1   tests, objects, states ─ index            ovalindex.c
 *   pass 2   definition ─ metadata, criteria ─ record  oval.c
 *                                   └ rows             ovalrules.c */
#ifndef PRQ_DB_OVAL_H
#define PRQ_DB_OVAL_H

#include "db/feed.h"
#include "lib/xml.h"

/* ---- ovalindex.c: identifiers end in a number, which is their key; texts are kept once. */
enum prq_oval_op {
    PRQ_OVAL_NONE, /* no comparison that we know */
    PRQ_OVAL_LESS,
    PRQ_OVAL_LESS_OR_EQUAL,
    PRQ_OVAL_EQUAL,
    PRQ_OVAL_GREATER, /* or equal */
};
enum prq_oval_about { PRQ_OVAL_OTHER, PRQ_OVAL_EVR, PRQ_OVAL_VERSION };

struct prq_oval_test {
    uint64_t id, object, state;
};
struct prq_oval_object {
    uint64_t id;
    prq_str name;
};
struct prq_oval_state {
    uint64_t id;
    enum prq_oval_about about;
    enum prq_oval_op op;
    prq_str value;
    prq_str arches; /* "(i586|x86_64)"; empty: any */
};
struct prq_oval_index {
    struct prq_arena *a; /* of what is kept */
    struct prq_map texts;
    prq_str *text;
    size_t text_count, text_cap;
    struct prq_oval_test *tests;
    struct prq_oval_object *objects;
    struct prq_oval_state *states;
    size_t test_count, test_cap, object_count, object_cap, state_count, state_cap;
};
void prq_oval_index_init(struct prq_oval_index *index, struct prq_arena *a);
/* "oval:com.oracle.elsa:tst:20070057001" → 20070057001. */
bool prq_oval_id(prq_str id, uint64_t *out);
/* An event inside of <tests>, <objects>, <states>; `work` holds what is not kept. */
struct prq_oval_entry {
    prq_str element; /* of the test, object or state; empty: outside of one */
    uint64_t id, object, state;
    bool has_id;
    enum prq_oval_about about;
    enum prq_oval_op op;
    prq_str value, arches;
};
PRQ_MUST_USE bool prq_oval_index_event(struct prq_oval_index *index, struct prq_oval_entry *entry,
                                       const struct prq_xml_event *e, struct prq_err *err);
/* After the last event. */
void prq_oval_index_sort(struct prq_oval_index *index);
/* NULL when absent. */
const struct prq_oval_test *prq_oval_find_test(const struct prq_oval_index *index, uint64_t id);
const struct prq_oval_object *prq_oval_find_object(const struct prq_oval_index *index, uint64_t id);
const struct prq_oval_state *prq_oval_find_state(const struct prq_oval_index *index, uint64_t id);

/* ---- ovalrules.c: the criteria of one definition */
struct prq_oval_rules {
    const struct prq_oval_index *index;
    struct prq_arena *a; /* of one definition */
    enum prq_oval_vendor vendor;
    const char *family;
    prq_str space;        /* where no platform is named */
    bool is_not_affected; /* the definition says so, whatever its criteria are */
    struct prq_oval_node *nodes;
    struct prq_oval_leaf *leaves;
    size_t node_count, node_cap, leaf_count, leaf_cap;
    size_t open;      /* 1 + index of the innermost open node; 0: none */
    size_t unknown;   /* tests that are not there */
    bool is_full;
    struct prq_affected *rows;
    size_t row_count, row_cap;
};
void prq_oval_criteria_start(struct prq_oval_rules *r, const struct prq_xml_event *e);
void prq_oval_criteria_end(struct prq_oval_rules *r);
void prq_oval_criterion(struct prq_oval_rules *r, const struct prq_xml_event *e);
/* Turn them into rows, merged. False when memory ran out. */
PRQ_MUST_USE bool prq_oval_rows(struct prq_oval_rules *r);

#endif
