/* SPDX-License-Identifier: Apache-2.0 */
#include "db/jsonutil.h"

#include <stdlib.h>

bool prq_json_no_memory(struct prq_json *j)
{
    if (!j->bad) {
        j->bad = true;
        j->code = PRQ_E_LIMIT;
        j->bad_at = j->at;
        j->why = "the record exceeds its memory budget";
    }
    return false;
}

bool prq_json_object_or_skip(struct prq_json *j)
{
    if (prq_json_peek(j) == PRQ_JSON_OBJECT)
        return prq_json_enter_object(j);
    prq_json_skip(j);
    return false;
}

bool prq_json_array_or_skip(struct prq_json *j)
{
    if (prq_json_peek(j) == PRQ_JSON_ARRAY)
        return prq_json_enter_array(j);
    prq_json_skip(j);
    return false;
}

bool prq_db_strs_add(struct prq_strs *list, size_t *cap, prq_str s, struct prq_arena *a)
{
    if (!prq_arena_grow(a, &list->v, sizeof *list->v, cap, list->n + 1))
        return false;
    list->v[list->n++] = s;
    return true;
}

void prq_db_json_strs(struct prq_json *j, struct prq_arena *a, struct prq_strs *out)
{
    size_t cap = 0;
    *out = (struct prq_strs){ 0 };
    if (!prq_json_array_or_skip(j))
        return;
    while (prq_json_item(j)) {
        prq_str s = { 0 };
        if (prq_json_string_or_skip(j, &s) && s.n && !prq_db_strs_add(out, &cap, s, a)) {
            prq_json_no_memory(j);
            return;
        }
    }
}

static int by_bytes(const void *a, const void *b)
{
    return prq_str_cmp(*(const prq_str *)a, *(const prq_str *)b);
}

void prq_db_strs_sort(struct prq_strs *list)
{
    if (list->n < 2)
        return;
    qsort(list->v, list->n, sizeof *list->v, by_bytes);
    size_t kept = 1;
    for (size_t i = 1; i < list->n; i++)
        if (!prq_str_eq(list->v[i], list->v[kept - 1]))
            list->v[kept++] = list->v[i];
    list->n = kept;
}

bool prq_db_strs_has(const struct prq_strs *list, prq_str s)
{
    for (size_t i = 0; i < list->n; i++)
        if (prq_str_eq(list->v[i], s))
            return true;
    return false;
}
