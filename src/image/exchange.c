/* SPDX-License-Identifier: Apache-2.0 */
#include "image/exchange.h"

#include <time.h>

#include "format/json.h"
#include "image/opening.h"

enum { TRANSPORT_TRIES = 3 };

/* ---- answers that are no success */

/* Printable ASCII of a peer's words, shortened. */
static void add_words(struct prq_buf *b, prq_str s, size_t max)
{
    for (size_t i = 0; i < s.n && i < max; i++)
        prq_buf_byte(b, (uint8_t)(s.p[i] >= ' ' && s.p[i] < 0x7f ? s.p[i] : '?'));
}

/* "CODE: message" of the first of errors[]; nothing when the body is something else. */
static void read_error(const struct prq_limits *limits, prq_str body, struct prq_arena *a,
                       struct prq_buf *out)
{
    struct prq_json j;
    prq_str key, code = { 0 }, message = { 0 };
    prq_json_init(&j, body, a, limits);
    if (!prq_json_enter_object(&j))
        return;
    while (prq_json_key(&j, &key)) {
        if (!prq_str_eq(key, PRQ_S("errors")) || !prq_json_enter_array(&j)) {
            prq_json_skip(&j);
            continue;
        }
        while (prq_json_item(&j)) {
            if (code.n || !prq_json_enter_object(&j)) {
                prq_json_skip(&j);
                continue;
            }
            while (prq_json_key(&j, &key)) {
                if (prq_str_eq(key, PRQ_S("code")))
                    prq_json_string_or_skip(&j, &code);
                else if (prq_str_eq(key, PRQ_S("message")))
                    prq_json_string_or_skip(&j, &message);
                else
                    prq_json_skip(&j);
            }
        }
    }
    if (code.n == 0)
        return;
    prq_buf_str(out, PRQ_S(" ("));
    add_words(out, code, 40);
    prq_buf_str(out, PRQ_S(": "));
    add_words(out, message, 160);
    prq_buf_byte(out, ')');
}

/* Many registries say 401 or 403 for what does not exist, so as not to tell. */
bool prq_exchange_fail(const struct prq_limits *limits, struct prq_auth *auth, long status,
                       prq_str body, struct prq_arena *a, struct prq_err *err)
{
    PRQ_BUF why;
    prq_buf_init(&why, 256);
    read_error(limits, body, a, &why);
    prq_str words = prq_buf_view(&why);
    if (status == 401 || status == 403)
        return prq_deny(err, "no access, or no such image%.*s%s", PRQ_FMT(words),
                        prq_auth_note(auth));
    if (status == 404)
        return prq_fail(err, PRQ_E_REMOTE, "no such image, or no access%.*s%s", PRQ_FMT(words),
                        prq_auth_note(auth));
    if (status == 429)
        return prq_fail(err, PRQ_E_REMOTE, "the registry's rate limit is used up%.*s",
                        PRQ_FMT(words));
    return prq_fail(err, PRQ_E_REMOTE, "the registry answers %ld%.*s", status, PRQ_FMT(words));
}

/* ---- trying again */

static bool wants_scope(const struct prq_http_reply *reply)
{
    for (size_t i = 0; i < reply->header_count; i++)
        if (prq_str_eq(reply->headers[i].name, PRQ_S("www-authenticate")) &&
            prq_str_has(reply->headers[i].value, PRQ_S("insufficient_scope")))
            return true;
    return false;
}

static bool is_busy(long status)
{
    return status == 429 || status == 502 || status == 503 || status == 504;
}

bool prq_exchange_again(struct prq_auth *auth, struct prq_http *h,
                        const struct prq_http_reply *reply, struct prq_tries *t,
                        struct prq_arena *a, prq_str *authorization, bool *again,
                        struct prq_err *err)
{
    *again = true;
    if (reply->status == 401) {
        /* A cached token may have run out, and a first one may grant less than was asked for. */
        *again = t->logins == 0 || (t->logins == 1 && (t->had_value || wants_scope(reply)));
        t->logins++;
        return !*again || prq_auth_answer(auth, h, reply, a, authorization, err);
    }
    prq_str after = prq_http_reply_header(reply, PRQ_S("retry-after"));
    int64_t wait = is_busy(reply->status) ? prq_retry_wait_ms(++t->busy, after, (int64_t)time(NULL))
                                          : -1;
    *again = wait >= 0;
    return !*again || prq_http_sleep(h, wait, err);
}

bool prq_exchange_fetch(struct prq_auth *auth, struct prq_http *h, struct prq_http_request *rq,
                        struct prq_arena *a, struct prq_http_reply *reply, struct prq_buf *body,
                        struct prq_err *err)
{
    struct prq_tries t = { 0 };
    if (!prq_auth_value(auth, a, &rq->authorization, err))
        return false;
    t.had_value = rq->authorization.n > 0;
    for (;;) {
        struct prq_err why = PRQ_ERR_INIT;
        bool again;
        prq_buf_clear(body);
        if (!prq_http_fetch(h, rq, a, reply, body, &why)) {
            int64_t wait = prq_retry_wait_ms(++t.transport, (prq_str){ 0 }, 0);
            if (why.code != PRQ_E_REMOTE || t.transport >= TRANSPORT_TRIES || wait < 0 ||
                prq_http_was_final(h)) {
                if (err)
                    *err = why;
                return false;
            }
            if (!prq_http_sleep(h, wait, err))
                return false;
            continue;
        }
        if (!prq_exchange_again(auth, h, reply, &t, a, &rq->authorization, &again, err))
            return false;
        if (!again)
            return true;
    }
}
