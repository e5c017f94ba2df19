/* SPDX-License-Identifier: Apache-2.0 */
/* An image's configuration as a flat list. Source: OCI image specification, "Image Configuration";
 * Docker's additions (Healthcheck, Shell, OnBuild). */
#include <stdlib.h>

#include "base/limits.h"
#include "format/json.h"
#include "report/difference.h"

enum shape { TEXT, WORDS, PAIRS, MAP, SET, ANY };

static const struct {
    const char *member, *field;
    enum shape shape;
} members[] = {
    { "Cmd", "cmd", WORDS },             { "Entrypoint", "entrypoint", WORDS },
    { "Env", "env", PAIRS },             { "ExposedPorts", "exposed_port", SET },
    { "Healthcheck", "healthcheck", ANY }, { "Labels", "label", MAP },
    { "OnBuild", "onbuild", WORDS },     { "Shell", "shell", WORDS },
    { "StopSignal", "stop_signal", TEXT }, { "User", "user", TEXT },
    { "Volumes", "volume", SET },        { "WorkingDir", "working_dir", TEXT },
};

enum { MANY = 100000 };

struct list {
    struct prq_json j;
    struct prq_arena *a;
    struct prq_setting *v;
    size_t n, cap;
    bool is_full;
};

static void add(struct list *l, const char *field, prq_str key, prq_str value)
{
    if (l->n >= MANY || !prq_arena_grow(l->a, &l->v, sizeof *l->v, &l->cap, l->n + 1)) {
        l->is_full = true;
        return;
    }
    l->v[l->n++] = (struct prq_setting){ prq_str_from(field), key, value };
}

/* An array of words, written without the blanks that whoever made the image put there. */
static void add_words(struct list *l, const char *field)
{
    PRQ_BUF b;
    struct prq_jw w;
    size_t count = 0;
    prq_buf_init(&b, PRQ_MIB(4));
    if (!prq_json_enter_array(&l->j)) {
        prq_json_skip(&l->j);
        return;
    }
    prq_jw_init(&w, &b, false);
    prq_jw_array(&w);
    while (prq_json_item(&l->j)) {
        prq_str word = { 0 };
        prq_json_string_or_skip(&l->j, &word);
        prq_jw_str(&w, word);
        count++;
    }
    prq_jw_array_end(&w);
    prq_str text = prq_arena_copy(l->a, prq_buf_view(&b));
    l->is_full |= b.bad || !text.p;
    if (count)
        add(l, field, (prq_str){ 0 }, text);
}

/* ["PATH=/bin"] */
static void add_pairs(struct list *l, const char *field)
{
    if (!prq_json_enter_array(&l->j)) {
        prq_json_skip(&l->j);
        return;
    }
    while (prq_json_item(&l->j)) {
        prq_str pair = { 0 }, name, value = { 0 };
        if (!prq_json_string_or_skip(&l->j, &pair))
            continue;
        name = pair;
        prq_str_cut(pair, '=', &name, &value);
        add(l, field, name, value);
    }
}

static void add_object(struct list *l, const char *field, bool has_values)
{
    prq_str key;
    if (!prq_json_enter_object(&l->j)) {
        prq_json_skip(&l->j);
        return;
    }
    while (prq_json_key(&l->j, &key)) {
        prq_str value = { 0 };
        if (has_values)
            prq_json_string_or_skip(&l->j, &value);
        else
            prq_json_skip(&l->j);
        add(l, field, key, value);
    }
}

static void add_member(struct list *l, prq_str key)
{
    size_t i = 0;
    prq_str value = { 0 };
    while (i < PRQ_COUNT(members) && !prq_str_eq(key, prq_str_from(members[i].member)))
        i++;
    if (i == PRQ_COUNT(members)) {
        prq_json_skip(&l->j);
        return;
    }
    switch (members[i].shape) {
    case TEXT:
        prq_json_string_or_skip(&l->j, &value);
        if (value.n)
            add(l, members[i].field, (prq_str){ 0 }, value);
        break;
    case WORDS:
        add_words(l, members[i].field);
        break;
    case PAIRS:
        add_pairs(l, members[i].field);
        break;
    case MAP:
    case SET:
        add_object(l, members[i].field, members[i].shape == MAP);
        break;
    case ANY:
        if (prq_json_peek(&l->j) == PRQ_JSON_NULL)
            prq_json_skip(&l->j);
        else if (prq_json_raw(&l->j, &value))
            add(l, members[i].field, (prq_str){ 0 }, value);
        break;
    }
}

int prq_setting_cmp(const void *x, const void *y)
{
    const struct prq_setting *a = x, *b = y;
    int c = prq_str_cmp(a->field, b->field);
    return c ? c : prq_str_cmp(a->key, b->key);
}

static void add_own(struct list *l, const struct prq_analysis *an)
{
    const struct {
        const char *field;
        prq_str value;
    } own[] = { { "architecture", an->architecture }, { "os", an->os }, { "variant", an->variant } };
    for (size_t i = 0; i < PRQ_COUNT(own); i++)
        if (own[i].value.n)
            add(l, own[i].field, (prq_str){ 0 }, own[i].value);
    if (an->has_distro && an->distro.id.n)
        add(l, "distro", (prq_str){ 0 },
            prq_arena_printf(l->a, "%.*s %.*s", PRQ_FMT(an->distro.id),
                             PRQ_FMT(an->distro.version_id)));
}

/* Of a variable that is set twice the last one holds. */
static size_t without_doubles(struct prq_setting *v, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (kept && prq_setting_cmp(&v[kept - 1], &v[i]) == 0)
            kept--;
        v[kept++] = v[i];
    }
    return kept;
}

/* qsort is not stable: the place in the list decides between doubles. */
static int by_place(const void *x, const void *y)
{
    int c = prq_setting_cmp(*(const struct prq_setting *const *)x,
                            *(const struct prq_setting *const *)y);
    const struct prq_setting *a = *(const struct prq_setting *const *)x;
    const struct prq_setting *b = *(const struct prq_setting *const *)y;
    return c ? c : (a > b) - (a < b);
}

static bool sort(struct list *l)
{
    const struct prq_setting **order = prq_new_n(l->a, const struct prq_setting *, l->n + 1);
    struct prq_setting *sorted = prq_new_n(l->a, struct prq_setting, l->n + 1);
    if (!order || !sorted)
        return false;
    for (size_t i = 0; i < l->n; i++)
        order[i] = &l->v[i];
    qsort(order, l->n, sizeof *order, by_place);
    for (size_t i = 0; i < l->n; i++)
        sorted[i] = *order[i];
    l->v = sorted;
    l->n = without_doubles(sorted, l->n);
    return true;
}

bool prq_settings_of(const struct prq_analysis *an, struct prq_arena *a, struct prq_setting **out,
                     size_t *n, struct prq_err *err)
{
    struct list l = { .a = a };
    prq_str key;
    add_own(&l, an);
    prq_json_init(&l.j, an->config, a, &prq_limits_default);
    if (an->config.n && prq_json_enter_object(&l.j)) {
        while (!l.is_full && prq_json_key(&l.j, &key))
            if (!prq_str_eq(key, PRQ_S("config")) || !prq_json_enter_object(&l.j))
                prq_json_skip(&l.j);
            else
                while (!l.is_full && prq_json_key(&l.j, &key))
                    add_member(&l, key);
        if (!l.is_full && !prq_json_end(&l.j, err))
            return prq_in(err, "image config");
    }
    if (l.is_full || !sort(&l))
        return prq_fail(err, PRQ_E_LIMIT, "the image config is too large");
    *out = l.v;
    *n = l.n;
    return true;
}
