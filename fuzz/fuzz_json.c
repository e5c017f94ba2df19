/* SPDX-License-Identifier: Apache-2.0 */
/* Reading, writing and reading again gives the same bytes; skipping accepts what reading accepts;
 * the raw text of the document is a document. */
#include "fuzz.h"

#include "format/json.h"

/* Copy one value token by token. */
static void copy(struct prq_json *j, struct prq_jw *w)
{
    uint32_t outer = j->depth;
    prq_str s;
    bool b;
    do {
        switch (prq_json_peek(j)) {
        case PRQ_JSON_OBJECT:
            if (prq_json_enter_object(j))
                prq_jw_object(w);
            break;
        case PRQ_JSON_ARRAY:
            if (prq_json_enter_array(j))
                prq_jw_array(w);
            break;
        case PRQ_JSON_STRING:
            if (prq_json_string(j, &s))
                prq_jw_str(w, s);
            break;
        case PRQ_JSON_NUMBER:
            if (prq_json_number(j, &s))
                prq_jw_raw(w, s);
            break;
        case PRQ_JSON_BOOL:
            if (prq_json_bool(j, &b))
                prq_jw_bool(w, b);
            break;
        case PRQ_JSON_NULL:
            prq_json_skip(j);
            prq_jw_null(w);
            break;
        case PRQ_JSON_BAD:
            return;
        }
        while (!j->bad && j->depth > outer) {
            bool is_object = j->is_object >> (j->depth - 1) & 1;
            if (is_object && prq_json_key(j, &s)) {
                prq_jw_key_str(w, s);
                break;
            }
            if (!is_object && prq_json_item(j))
                break;
            if (!j->bad && is_object)
                prq_jw_object_end(w);
            else if (!j->bad)
                prq_jw_array_end(w);
        }
    } while (!j->bad && j->depth > outer);
}

static bool rewrite(prq_str in, bool comments, bool pretty, struct prq_buf *out)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(16));
    struct prq_json j;
    struct prq_jw w;
    struct prq_err err = PRQ_ERR_INIT;
    prq_json_init(&j, in, a, NULL);
    j.allow_comments = comments;
    prq_jw_init(&w, out, pretty);
    copy(&j, &w);
    bool ok = prq_json_end(&j, &err);
    FUZZ_CHECK(j.at <= in.n);
    FUZZ_CHECK(ok || (err.has_offset && err.offset <= in.n));
    FUZZ_CHECK(!out->bad);
    return ok;
}

static void check(prq_str in, bool comments)
{
    PRQ_BUF one, two, three;
    prq_buf_init(&one, PRQ_MIB(64));
    prq_buf_init(&two, PRQ_MIB(64));
    prq_buf_init(&three, PRQ_MIB(64));
    bool ok = rewrite(in, comments, false, &one);

    struct prq_json j;
    prq_json_init(&j, in, NULL, NULL);
    j.allow_comments = comments;
    prq_str raw;
    bool raw_ok = prq_json_raw(&j, &raw) && prq_json_end(&j, NULL);
    FUZZ_CHECK(raw_ok == ok);
    if (!ok)
        return;
    FUZZ_CHECK(rewrite(raw, comments, true, &two));
    FUZZ_CHECK(rewrite(prq_buf_view(&two), false, false, &three));
    FUZZ_CHECK(prq_str_eq(prq_buf_view(&one), prq_buf_view(&three)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    prq_str in = { (const char *)data, size };
    check(in, false);
    check(in, true);
    return 0;
}
