/* SPDX-License-Identifier: Apache-2.0 */
#include "store/document_digest.h"

#include "format/json.h"

#define HEAD "{\"digest\":\""

static void digest_text(const uint8_t raw[32], char text[PRQ_DOCUMENT_DIGEST])
{
    memcpy(text, "sha256:", 7);
    prq_hex_encode((prq_bytes){ raw, 32 }, text + 7);
}

static void add(struct prq_document_sum *s, prq_str text)
{
    prq_digest_add(s->digest, text.p, text.n);
}

bool prq_document_sum_begin(struct prq_document_sum *s, struct prq_err *err)
{
    *s = (struct prq_document_sum){ 0 };
    return prq_digest_new(PRQ_SHA256, &s->digest, err);
}

static void add_key(struct prq_document_sum *s, prq_str name)
{
    add(s, s->sections++ ? PRQ_S(",\"") : PRQ_S("{\""));
    add(s, name);
    add(s, PRQ_S("\":"));
}

void prq_document_sum_section(struct prq_document_sum *s, prq_str name, prq_str plain)
{
    add_key(s, name);
    add(s, plain);
}

static void add_text(struct prq_document_sum *s, prq_str name, prq_str value)
{
    PRQ_BUF b;
    struct prq_jw w;
    prq_buf_init(&b, PRQ_MIB(1));
    prq_jw_init(&w, &b, false);
    prq_jw_str(&w, value);
    prq_document_sum_section(s, name, prq_buf_view(&b));
}

void prq_document_sum_end(struct prq_document_sum *s, prq_str schema, prq_str version,
                          char text[PRQ_DOCUMENT_DIGEST])
{
    uint8_t raw[64];
    add_text(s, PRQ_S("schema"), schema);
    add_text(s, PRQ_S("version"), version);
    add(s, PRQ_S("}"));
    prq_digest_end(s->digest, raw);
    digest_text(raw, text);
}

void prq_document_sum_release(struct prq_document_sum *s)
{
    prq_digest_free(s->digest);
    s->digest = NULL;
}

bool prq_document_sum_whole(prq_str json, prq_str *said, char text[PRQ_DOCUMENT_DIGEST])
{
    const size_t head = sizeof HEAD - 1, rest = head + PRQ_DOCUMENT_DIGEST + 2;
    struct prq_err err = PRQ_ERR_INIT;
    uint8_t raw[64];
    json = prq_str_trim(json);
    if (json.n < rest || !prq_str_starts(json, PRQ_S(HEAD)) || memcmp(json.p + rest - 2, "\",", 2) != 0)
        return false;
    struct prq_document_sum s;
    if (!prq_document_sum_begin(&s, &err))
        return false;
    *said = (prq_str){ json.p + head, PRQ_DOCUMENT_DIGEST };
    add(&s, PRQ_S("{"));
    add(&s, prq_str_from_at(json, rest));
    prq_digest_end(s.digest, raw);
    digest_text(raw, text);
    prq_document_sum_release(&s);
    return true;
}

bool prq_document_sum_set(struct prq_buf *json, size_t from)
{
    char text[PRQ_DOCUMENT_DIGEST];
    prq_str said;
    if (json->bad || !prq_document_sum_whole(prq_str_from_at(prq_buf_view(json), from), &said, text))
        return false;
    memcpy(json->p + from + sizeof HEAD - 1, text, sizeof text);
    return true;
}
