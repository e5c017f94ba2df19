/* SPDX-License-Identifier: Apache-2.0 */
/* Source: OVAL 5.11, "oval-definitions-schema", "linux-definitions-schema" (rpminfo_*). */
#include <stdlib.h>

#include "db/oval.h"

void prq_oval_index_init(struct prq_oval_index *index, struct prq_arena *a)
{
    *index = (struct prq_oval_index){ .a = a };
    prq_map_init(&index->texts, a);
}

bool prq_oval_id(prq_str id, uint64_t *out)
{
    prq_str before, number;
    return prq_str_rcut(id, ':', &before, &number) && prq_str_u64(number, out);
}

/* The kept copy of a text: names and versions are repeated a thousand times. */
static bool keep_text(struct prq_oval_index *index, prq_str text, prq_str *out)
{
    const size_t *found = prq_map_find(&index->texts, text);
    if (found) {
        *out = index->text[*found];
        return true;
    }
    *out = prq_arena_copy(index->a, text);
    if (!out->p || !prq_arena_grow(index->a, &index->text, sizeof *index->text, &index->text_cap,
                                   index->text_count + 1) ||
        !prq_map_put(&index->texts, *out, index->text_count, NULL))
        return false;
    index->text[index->text_count++] = *out;
    return true;
}

static enum prq_oval_op op_of(prq_str word)
{
    static const struct {
        prq_str word;
        enum prq_oval_op op;
    } table[] = {
        { PRQ_SI(""), PRQ_OVAL_EQUAL }, /* the schema's default */
        { PRQ_SI("equals"), PRQ_OVAL_EQUAL },
        { PRQ_SI("less than"), PRQ_OVAL_LESS },
        { PRQ_SI("less than or equal"), PRQ_OVAL_LESS_OR_EQUAL },
        { PRQ_SI("greater than"), PRQ_OVAL_GREATER },
        { PRQ_SI("greater than or equal"), PRQ_OVAL_GREATER },
    };
    for (size_t i = 0; i < PRQ_COUNT(table); i++)
        if (prq_str_eq(word, table[i].word))
            return table[i].op;
    return PRQ_OVAL_NONE;
}

static void begin(struct prq_oval_entry *entry, const struct prq_xml_event *e)
{
    *entry = (struct prq_oval_entry){ .element = e->name };
    entry->has_id = prq_oval_id(prq_xml_attr(e, PRQ_S("id")), &entry->id);
}

/* A member of a state; an evr goes before a version. */
static void take_state(struct prq_oval_entry *entry, const struct prq_xml_event *e)
{
    static const struct {
        prq_str name;
        enum prq_oval_about about;
    } table[] = { { PRQ_SI("evr"), PRQ_OVAL_EVR },
                  { PRQ_SI("version"), PRQ_OVAL_VERSION } };
    if (prq_str_eq(e->name, PRQ_S("arch")))
        entry->arches = e->text;
    for (size_t i = 0; i < PRQ_COUNT(table); i++) {
        if (!prq_str_eq(e->name, table[i].name) || entry->about == PRQ_OVAL_EVR)
            continue;
        entry->about = table[i].about;
        entry->op = op_of(prq_xml_attr(e, PRQ_S("operation")));
        entry->value = e->text;
    }
}

static void take_member(struct prq_oval_entry *entry, const struct prq_xml_event *e)
{
    if (prq_str_eq(e->name, PRQ_S("object")))
        prq_oval_id(prq_xml_attr(e, PRQ_S("object_ref")), &entry->object);
    else if (prq_str_eq(e->name, PRQ_S("state")))
        prq_oval_id(prq_xml_attr(e, PRQ_S("state_ref")), &entry->state);
    else if (prq_str_eq(entry->element, PRQ_S("rpminfo_object")) &&
             prq_str_eq(e->name, PRQ_S("name")))
        entry->value = e->text;
    else if (prq_str_eq(entry->element, PRQ_S("rpminfo_state")))
        take_state(entry, e);
}

/* A version has no blank: "0: 1.20.10-1.azl3" is a slip of who wrote it. */
static bool drop_blanks(prq_str *version, struct prq_arena *a)
{
    size_t n = 0;
    for (size_t i = 0; i < version->n; i++)
        n += prq_is_space(version->p[i]);
    if (n == 0)
        return true;
    char *p = prq_arena_alloc(a, version->n);
    if (!p)
        return false;
    n = 0;
    for (size_t i = 0; i < version->n; i++)
        if (!prq_is_space(version->p[i]))
            p[n++] = version->p[i];
    *version = (prq_str){ p, n };
    return true;
}

static bool end(struct prq_oval_index *x, struct prq_oval_entry *entry)
{
    prq_str element = entry->element, value, arches;
    entry->element = (prq_str){ 0 };
    if (!entry->has_id)
        return true;
    if (prq_str_eq(element, PRQ_S("rpminfo_test"))) {
        if (!prq_arena_grow(x->a, &x->tests, sizeof *x->tests, &x->test_cap, x->test_count + 1))
            return false;
        x->tests[x->test_count++] =
            (struct prq_oval_test){ entry->id, entry->object, entry->state };
    } else if (prq_str_eq(element, PRQ_S("rpminfo_object"))) {
        if (!keep_text(x, entry->value, &value) ||
            !prq_arena_grow(x->a, &x->objects, sizeof *x->objects, &x->object_cap,
                            x->object_count + 1))
            return false;
        x->objects[x->object_count++] = (struct prq_oval_object){ entry->id, value };
    } else if (prq_str_eq(element, PRQ_S("rpminfo_state"))) {
        if ((entry->about == PRQ_OVAL_EVR && !drop_blanks(&entry->value, x->a)) ||
            !keep_text(x, entry->value, &value) || !keep_text(x, entry->arches, &arches) ||
            !prq_arena_grow(x->a, &x->states, sizeof *x->states, &x->state_cap,
                            x->state_count + 1))
            return false;
        x->states[x->state_count++] =
            (struct prq_oval_state){ entry->id, entry->about, entry->op, value, arches };
    }
    return true;
}

/* <root><tests><rpminfo_test>…: the element has two others around it. */
bool prq_oval_index_event(struct prq_oval_index *index, struct prq_oval_entry *entry,
                          const struct prq_xml_event *e, struct prq_err *err)
{
    if (e->type == PRQ_XML_START && e->depth == 2)
        begin(entry, e);
    else if (e->type == PRQ_XML_END && e->depth == 3 && entry->element.n)
        take_member(entry, e);
    else if (e->type == PRQ_XML_END && e->depth == 2 && entry->element.n && !end(index, entry))
        return prq_fail(err, PRQ_E_LIMIT, "the definitions exceed the memory budget");
    return true;
}

/* Each entry starts with its id. */
static uint64_t id_at(const void *entry)
{
    uint64_t id;
    memcpy(&id, entry, sizeof id);
    return id;
}

static int by_id(const void *a, const void *b)
{
    uint64_t x = id_at(a), y = id_at(b);
    return (x > y) - (x < y);
}

void prq_oval_index_sort(struct prq_oval_index *x)
{
    if (x->test_count)
        qsort(x->tests, x->test_count, sizeof *x->tests, by_id);
    if (x->object_count)
        qsort(x->objects, x->object_count, sizeof *x->objects, by_id);
    if (x->state_count)
        qsort(x->states, x->state_count, sizeof *x->states, by_id);
}

static const void *find(const void *v, size_t n, size_t size, uint64_t id)
{
    return n ? bsearch(&id, v, n, size, by_id) : NULL;
}

const struct prq_oval_test *prq_oval_find_test(const struct prq_oval_index *x, uint64_t id)
{
    return find(x->tests, x->test_count, sizeof *x->tests, id);
}

const struct prq_oval_object *prq_oval_find_object(const struct prq_oval_index *x, uint64_t id)
{
    return find(x->objects, x->object_count, sizeof *x->objects, id);
}

const struct prq_oval_state *prq_oval_find_state(const struct prq_oval_index *x, uint64_t id)
{
    return find(x->states, x->state_count, sizeof *x->states, id);
}
