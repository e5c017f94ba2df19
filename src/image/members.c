/* SPDX-License-Identifier: Apache-2.0 */
#include "image/members.h"

void prq_members_init(struct prq_members *m, prq_str bytes, struct prq_arena *a,
                      const struct prq_limits *limits)
{
    *m = (struct prq_members){ .code = PRQ_E_NONE };
    prq_json_init(&m->j, bytes, a, limits);
}

void prq_members_fail(struct prq_members *m, enum prq_code code, const char *why)
{
    if (m->code != PRQ_E_NONE || m->j.bad)
        return;
    m->code = code;
    m->at = m->j.at;
    m->why = why;
}

/* The two characters outside ASCII that simple case folding maps to ASCII letters. */
static size_t fold(prq_str s, char *c)
{
    if (prq_str_starts(s, PRQ_S("\xc5\xbf"))) { /* U+017F, long s */
        *c = 's';
        return 2;
    }
    if (prq_str_starts(s, PRQ_S("\xe2\x84\xaa"))) { /* U+212A, Kelvin sign */
        *c = 'k';
        return 3;
    }
    *c = prq_to_lower(s.p[0]);
    return 1;
}

static bool looks_like(prq_str key, prq_str name)
{
    size_t at = 0;
    for (size_t i = 0; i < name.n; i++) {
        char c;
        if (at >= key.n)
            return false;
        at += fold(prq_str_from_at(key, at), &c);
        if (c != prq_to_lower(name.p[i]))
            return false;
    }
    return at == key.n;
}

bool prq_members_next(struct prq_members *m, const prq_str *names, size_t count, uint64_t *seen,
                      size_t *which)
{
    prq_str key;
    if (m->code != PRQ_E_NONE || !prq_json_key(&m->j, &key))
        return false;
    *which = count;
    for (size_t i = 0; i < count; i++) {
        if (!looks_like(key, names[i]))
            continue;
        if (!prq_str_eq(key, names[i]))
            prq_members_fail(m, PRQ_E_FORMAT, "a member's name in another case");
        else if (*seen & (UINT64_C(1) << i))
            prq_members_fail(m, PRQ_E_FORMAT, "a member is given twice");
        *seen |= UINT64_C(1) << i;
        *which = i;
        return m->code == PRQ_E_NONE;
    }
    prq_json_skip(&m->j);
    return true;
}

void prq_members_string(struct prq_members *m, prq_str *out)
{
    enum prq_json_type type = prq_json_peek(&m->j);
    if (type == PRQ_JSON_STRING)
        prq_json_string(&m->j, out);
    else if (type != PRQ_JSON_NULL)
        prq_members_fail(m, PRQ_E_FORMAT, "a string is expected here");
    else
        prq_json_skip(&m->j);
}

bool prq_members_object(struct prq_members *m)
{
    if (m->code != PRQ_E_NONE)
        return false;
    if (prq_json_enter_object(&m->j))
        return true;
    if (prq_json_peek(&m->j) != PRQ_JSON_NULL)
        prq_members_fail(m, PRQ_E_FORMAT, "an object is expected here");
    else
        prq_json_skip(&m->j);
    return false;
}

bool prq_members_array(struct prq_members *m)
{
    if (m->code != PRQ_E_NONE)
        return false;
    if (prq_json_enter_array(&m->j))
        return true;
    if (prq_json_peek(&m->j) != PRQ_JSON_NULL)
        prq_members_fail(m, PRQ_E_FORMAT, "a list is expected here");
    else
        prq_json_skip(&m->j);
    return false;
}

bool prq_members_item(struct prq_members *m)
{
    return m->code == PRQ_E_NONE && prq_json_item(&m->j);
}

bool prq_members_end(struct prq_members *m, struct prq_err *err)
{
    if (m->code != PRQ_E_NONE)
        return prq_fail_at(err, m->code, m->at, m->why);
    return prq_json_end(&m->j, err);
}
