/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/imageconfig.h"

#include "format/json.h"

static bool read_history(struct prq_json *j, struct prq_arena *a, struct prq_analysis *an)
{
    size_t cap = 0;
    if (!prq_json_enter_array(j)) {
        prq_json_skip(j);
        return true;
    }
    while (prq_json_item(j)) {
        struct prq_history h = { 0 };
        prq_str key;
        if (!prq_json_enter_object(j)) {
            prq_json_skip(j);
            continue;
        }
        while (prq_json_key(j, &key)) {
            if (prq_str_eq(key, PRQ_S("created")))
                prq_json_string_or_skip(j, &h.created);
            else if (prq_str_eq(key, PRQ_S("created_by")))
                prq_json_string_or_skip(j, &h.created_by);
            else if (prq_str_eq(key, PRQ_S("author")))
                prq_json_string_or_skip(j, &h.author);
            else if (prq_str_eq(key, PRQ_S("comment")))
                prq_json_string_or_skip(j, &h.comment);
            else if (prq_str_eq(key, PRQ_S("empty_layer")))
                prq_json_bool_or_skip(j, &h.is_empty_layer);
            else
                prq_json_skip(j);
        }
        if (!prq_arena_grow(a, &an->history, sizeof h, &cap, an->history_count + 1))
            return false;
        an->history[an->history_count++] = h;
    }
    return true;
}

/* Layers and history may disagree in number: what is left over stays without an instruction. */
static void pair_history(struct prq_analysis *an)
{
    size_t layer = 0;
    for (size_t i = 0; i < an->history_count && layer < an->layer_count; i++) {
        if (an->history[i].is_empty_layer)
            continue;
        an->layers[layer].instruction = an->history[i].created_by;
        an->layers[layer].created = an->history[i].created;
        layer++;
    }
}

bool prq_image_config_describe(prq_str json, const struct prq_limits *limits, struct prq_arena *a,
                            struct prq_analysis *an, struct prq_err *err)
{
    struct prq_json j;
    prq_str key;
    prq_json_init(&j, json, a, limits);
    bool ok = true;
    if (prq_json_enter_object(&j)) {
        while (ok && prq_json_key(&j, &key)) {
            if (prq_str_eq(key, PRQ_S("os")))
                prq_json_string_or_skip(&j, &an->os);
            else if (prq_str_eq(key, PRQ_S("architecture")))
                prq_json_string_or_skip(&j, &an->architecture);
            else if (prq_str_eq(key, PRQ_S("variant")))
                prq_json_string_or_skip(&j, &an->variant);
            else if (prq_str_eq(key, PRQ_S("created")))
                prq_json_string_or_skip(&j, &an->created);
            else if (prq_str_eq(key, PRQ_S("history")))
                ok = read_history(&j, a, an);
            else
                prq_json_skip(&j);
        }
    }
    if (!ok)
        return prq_fail(err, PRQ_E_LIMIT, "image config exceeds the memory budget");
    if (!prq_json_end(&j, err))
        return prq_in(err, "image config");
    pair_history(an);
    return true;
}
