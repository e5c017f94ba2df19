/* SPDX-License-Identifier: Apache-2.0 */
/* Which format a VEX document has, and what its readers share. Source: in-toto attestation, Statement
 * v0.1 and v1; DSSE, "envelope"; the OpenVEX, CSAF and CycloneDX specifications. */
#include "format/vexfile.h"

#include "base/buf.h"
#include "format/vexread.h"

enum { WRAPS_MAX = 4 }; /* envelope, statement, document: more is a game */

bool prq_vex_members(struct prq_vex_reader *r, prq_str object, const struct prq_vex_member *wanted,
                     size_t n)
{
    struct prq_json j;
    prq_str key, raw;
    for (size_t i = 0; i < n; i++)
        *wanted[i].to = (prq_str){ 0 };
    prq_json_init(&j, object, r->a, r->limits);
    if (!prq_json_enter_object(&j)) {
        if (!j.bad)
            return prq_fail_at(r->err, PRQ_E_FORMAT, 0, "an object is wanted");
        return prq_json_end(&j, r->err);
    }
    while (prq_json_key(&j, &key)) {
        size_t i = 0;
        while (i < n && !prq_str_eq(key, wanted[i].name))
            i++;
        if (i == n)
            prq_json_skip(&j);
        else if (prq_json_raw(&j, &raw))
            *wanted[i].to = raw;
    }
    return prq_json_end(&j, r->err);
}

void prq_vex_walk_begin(struct prq_vex_reader *r, struct prq_vex_walk *w, prq_str array)
{
    prq_json_init(&w->j, array, r->a, r->limits);
    w->is_array = prq_json_enter_array(&w->j);
}

bool prq_vex_walk_next(struct prq_vex_walk *w, prq_str *element)
{
    return w->is_array && prq_json_item(&w->j) && prq_json_raw(&w->j, element);
}

prq_str prq_vex_text(struct prq_vex_reader *r, prq_str raw)
{
    struct prq_json j;
    prq_str s = { 0 };
    prq_json_init(&j, raw, r->a, r->limits);
    prq_json_string_or_skip(&j, &s);
    return s;
}

bool prq_vex_add_str(struct prq_vex_reader *r, struct prq_strs *to, size_t *cap, prq_str s)
{
    if (!prq_arena_grow(r->a, &to->v, sizeof *to->v, cap, to->n + 1))
        return prq_vex_full(r);
    to->v[to->n++] = s;
    return true;
}

struct prq_vex_statement *prq_vex_add(struct prq_vex_reader *r)
{
    struct prq_vex_doc *d = r->out;
    if (!prq_arena_grow(r->a, &d->statements, sizeof *d->statements, &r->cap, d->count + 1)) {
        prq_vex_full(r);
        return NULL;
    }
    struct prq_vex_statement *s = &d->statements[d->count++];
    *s = (struct prq_vex_statement){ .number = d->count };
    return s;
}

bool prq_vex_full(struct prq_vex_reader *r)
{
    return prq_fail(r->err, PRQ_E_LIMIT, "the VEX document exceeds the memory budget");
}

/* ---- wrappers */

/* RFC 4648, 4, and the URL-safe letters of 5, which DSSE allows as well. */
static int base64_value(char c)
{
    if (prq_is_upper(c))
        return c - 'A';
    if (prq_is_lower(c))
        return c - 'a' + 26;
    if (prq_is_digit(c))
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    return c == '/' || c == '_' ? 63 : -1;
}

static bool decode(struct prq_vex_reader *r, prq_str in, prq_str *out)
{
    char *p = prq_arena_alloc(r->a, in.n / 4 * 3 + 4);
    size_t n = 0;
    uint32_t bits = 0, held = 0;
    if (!p)
        return prq_vex_full(r);
    while (in.n && in.p[in.n - 1] == '=')
        in.n--;
    for (size_t i = 0; i < in.n; i++) {
        int v = base64_value(in.p[i]);
        if (v < 0)
            return prq_fail_at(r->err, PRQ_E_FORMAT, i, "the envelope's payload is not base64");
        held = held << 6 | (uint32_t)v;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            p[n++] = (char)(held >> bits & 0xff);
        }
    }
    *out = (prq_str){ p, n };
    return true;
}

static bool is_text(struct prq_vex_reader *r, prq_str raw, prq_str part)
{
    return raw.n && prq_str_has(prq_vex_text(r, raw), part);
}

bool prq_vex_read(prq_str text, const struct prq_limits *limits, struct prq_arena *a,
                  struct prq_vex_doc *out, struct prq_err *err)
{
    struct prq_vex_reader r = { .limits = limits, .a = a, .out = out, .err = err };
    *out = (struct prq_vex_doc){ 0 };
    for (int wraps = 0; wraps < WRAPS_MAX; wraps++) {
        prq_str context, document, bom, payload, predicate, predicate_type, data, metadata, bundle;
        const struct prq_vex_member wanted[] = {
            { PRQ_S("@context"), &context },   { PRQ_S("document"), &document },
            { PRQ_S("bomFormat"), &bom },      { PRQ_S("payload"), &payload },
            { PRQ_S("predicate"), &predicate }, { PRQ_S("predicateType"), &predicate_type },
            { PRQ_S("Data"), &data },          { PRQ_S("metadata"), &metadata },
            { PRQ_S("dsseEnvelope"), &bundle },
        };
        if (!prq_vex_members(&r, text, wanted, PRQ_COUNT(wanted)))
            return false;
        /* Ubuntu's have what tells of the document in an object of its own. */
        const struct prq_vex_member of_metadata[] = { { PRQ_S("@context"), &context } };
        if (!context.n && metadata.n && metadata.p[0] == '{' &&
            !prq_vex_members(&r, metadata, of_metadata, 1))
            return false;
        if (is_text(&r, context, PRQ_S("openvex")))
            return prq_openvex_read(&r, text);
        if (is_text(&r, bom, PRQ_S("CycloneDX")))
            return prq_cdxvex_read(&r, text);
        if (document.n && document.p[0] == '{')
            return prq_csaf_read(&r, text);
        if (bundle.n) { /* a Sigstore bundle */
            text = bundle;
        } else if (payload.n) {
            if (!decode(&r, prq_vex_text(&r, payload), &text))
                return false;
        } else if (predicate.n && predicate_type.n) {
            text = predicate;
        } else if (data.n) { /* older attestations of cosign wrap the predicate once more */
            text = prq_str_trim(prq_vex_text(&r, data));
        } else {
            break;
        }
    }
    return prq_fail(err, PRQ_E_UNSUPPORTED,
                    "not a VEX document (OpenVEX, CSAF or CycloneDX are read)");
}
