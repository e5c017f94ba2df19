/* SPDX-License-Identifier: Apache-2.0 */
#include "db/dbparcel.h"

#include "db/jsonutil.h"
#include "lib/lib.h"

/* ---- objects whose members come once */

enum kind { TEXT, NUMBER, OTHER };
struct member {
    prq_str name;
    enum kind kind;
    void *to;
    bool is_optional;
};

static bool wrong(struct prq_json *j, const char *why)
{
    if (!j->bad) {
        j->bad = true;
        j->code = PRQ_E_FORMAT;
        j->bad_at = j->at;
        j->why = why;
    }
    return false;
}

/* The next member of the entered object whose kind is OTHER: its place; `count` at the end. Texts and
 * numbers are taken on the way, unknown ones passed over. *seen starts at 0. */
static size_t next_other(struct prq_json *j, const struct member *members, size_t count,
                         uint64_t *seen)
{
    prq_str key;
    while (prq_json_key(j, &key)) {
        size_t i = 0;
        while (i < count && !prq_str_eq(members[i].name, key))
            i++;
        if (i == count) {
            prq_json_skip(j);
            continue;
        }
        if (*seen >> i & 1) {
            wrong(j, "a member stands twice");
            return count;
        }
        *seen |= (uint64_t)1 << i;
        if (members[i].kind == OTHER)
            return i;
        if (members[i].kind == TEXT)
            prq_json_string(j, members[i].to);
        else
            prq_json_u64(j, members[i].to);
    }
    for (size_t i = 0; i < count && !j->bad; i++)
        if (!(*seen >> i & 1) && !members[i].is_optional)
            wrong(j, "a member is missing");
    return count;
}

static bool enter(struct prq_json *j, bool is_array)
{
    bool ok = is_array ? prq_json_enter_array(j) : prq_json_enter_object(j);
    return ok || wrong(j, is_array ? "an array is expected" : "an object is expected");
}

static bool is_digest(prq_str s)
{
    enum prq_digest_alg alg;
    prq_str hex;
    return prq_digest_parse(s, &alg, &hex) && alg == PRQ_SHA256;
}

bool prq_parcel_is_time(prq_str s)
{
    static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
    if (s.n != sizeof form - 1)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (form[i] == 'd' ? !prq_is_digit(s.p[i]) : form[i] != s.p[i])
            return false;
    return true;
}

/* Names become file names. */
static bool is_name(prq_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!prq_is_lower(s.p[i]) && !prq_is_digit(s.p[i]))
            return false;
    return s.n > 0 && s.n <= 32;
}

/* ---- the config */

static bool read_delta(struct prq_json *j, struct prq_parcel_delta *d)
{
    const struct member members[] = {
        { PRQ_SI("blob"), TEXT, &d->blob.digest, false },
        { PRQ_SI("from"), TEXT, &d->from, false },
        { PRQ_SI("from_observed"), TEXT, &d->from_observed, false },
        { PRQ_SI("size"), NUMBER, &d->blob.size, false },
    };
    uint64_t seen = 0;
    *d = (struct prq_parcel_delta){ .blob = { .size = 0 } };
    if (!enter(j, false))
        return false;
    next_other(j, members, PRQ_COUNT(members), &seen);
    return !j->bad && ((is_digest(d->blob.digest) && is_digest(d->from) &&
                        is_digest(d->from_observed)) ||
                       wrong(j, "a digest is malformed"));
}

static bool read_deltas(struct prq_json *j, struct prq_arena *a, struct prq_parcel_family *f)
{
    size_t cap = 0;
    if (!enter(j, true))
        return false;
    while (prq_json_item(j)) {
        if (f->delta_count == PRQ_PARCEL_DELTAS)
            return wrong(j, "too many deltas");
        if (!prq_arena_grow(a, &f->deltas, sizeof *f->deltas, &cap, f->delta_count + 1))
            return prq_json_no_memory(j);
        if (!read_delta(j, &f->deltas[f->delta_count++]))
            return false;
    }
    return !j->bad;
}

static bool read_family(struct prq_json *j, struct prq_arena *a, struct prq_parcel_family *f)
{
    const struct member members[] = {
        { PRQ_SI("blob"), TEXT, &f->blob.digest, false },
        { PRQ_SI("blob_size"), NUMBER, &f->blob.size, false },
        { PRQ_SI("built"), TEXT, &f->built, false },
        { PRQ_SI("deltas"), OTHER, NULL, true },
        { PRQ_SI("digest"), TEXT, &f->digest, false },
        { PRQ_SI("feed_date"), TEXT, &f->feed_date, true },
        { PRQ_SI("name"), TEXT, &f->name, false },
        { PRQ_SI("observed"), TEXT, &f->observed, false },
        { PRQ_SI("records"), NUMBER, &f->records, false },
        { PRQ_SI("size"), NUMBER, &f->size, false },
        { PRQ_SI("source"), TEXT, &f->source, true },
    };
    uint64_t seen = 0;
    *f = (struct prq_parcel_family){ .records = 0 };
    if (!enter(j, false))
        return false;
    while (next_other(j, members, PRQ_COUNT(members), &seen) < PRQ_COUNT(members))
        if (!read_deltas(j, a, f))
            return false;
    if (j->bad)
        return false;
    if (!is_digest(f->blob.digest) || !is_digest(f->digest) || !is_digest(f->observed))
        return wrong(j, "a digest is malformed");
    if (!is_name(f->name) || !prq_parcel_is_time(f->built))
        return wrong(j, "a name or a time is malformed");
    return true;
}

static bool read_families(struct prq_json *j, struct prq_arena *a, struct prq_parcel *p)
{
    size_t cap = 0;
    if (!enter(j, true))
        return false;
    while (prq_json_item(j)) {
        if (p->count == PRQ_PARCEL_FAMILIES)
            return wrong(j, "too many families");
        if (!prq_arena_grow(a, &p->families, sizeof *p->families, &cap, p->count + 1))
            return prq_json_no_memory(j);
        struct prq_parcel_family *f = &p->families[p->count++];
        if (!read_family(j, a, f))
            return false;
        if (p->count > 1 && prq_str_cmp(f[-1].name, f->name) >= 0)
            return wrong(j, "the families are not in order");
    }
    return !j->bad;
}

bool prq_parcel_parse(prq_str bytes, struct prq_arena *a, struct prq_parcel *out,
                      struct prq_err *err)
{
    struct prq_parcel p = { .schema = 0 };
    struct prq_json j;
    prq_str type = { 0 };
    const struct member members[] = {
        { PRQ_SI("built"), TEXT, &p.built, false },
        { PRQ_SI("families"), OTHER, NULL, false },
        { PRQ_SI("mediaType"), TEXT, &type, false },
        { PRQ_SI("schema"), NUMBER, &p.schema, false },
    };
    uint64_t seen = 0;
    prq_json_init(&j, bytes, a, NULL);
    if (enter(&j, false))
        while (next_other(&j, members, PRQ_COUNT(members), &seen) < PRQ_COUNT(members))
            if (!read_families(&j, a, &p))
                break;
    if (!prq_json_end(&j, err))
        return false;
    if (!prq_str_eq(type, PRQ_S(PRQ_PARCEL_CONFIG)))
        return prq_fail(err, PRQ_E_UNSUPPORTED, "not the config of a database: %.*s",
                        PRQ_FMT(prq_str_head(type, 100)));
    if (!prq_parcel_is_time(p.built))
        return prq_fail(err, PRQ_E_FORMAT, "the time of the database is malformed");
    *out = p;
    return true;
}

static void write_family(struct prq_jw *w, const struct prq_parcel_family *f)
{
    prq_jw_object(w);
    prq_jw_kv(w, "blob", f->blob.digest);
    prq_jw_kv_u64(w, "blob_size", f->blob.size);
    prq_jw_kv(w, "built", f->built);
    prq_jw_key(w, "deltas");
    prq_jw_array(w);
    for (size_t i = 0; i < f->delta_count; i++) {
        const struct prq_parcel_delta *d = &f->deltas[i];
        prq_jw_object(w);
        prq_jw_kv(w, "blob", d->blob.digest);
        prq_jw_kv(w, "from", d->from);
        prq_jw_kv(w, "from_observed", d->from_observed);
        prq_jw_kv_u64(w, "size", d->blob.size);
        prq_jw_object_end(w);
    }
    prq_jw_array_end(w);
    prq_jw_kv(w, "digest", f->digest);
    prq_jw_opt(w, "feed_date", f->feed_date);
    prq_jw_kv(w, "name", f->name);
    prq_jw_kv(w, "observed", f->observed);
    prq_jw_kv_u64(w, "records", f->records);
    prq_jw_kv_u64(w, "size", f->size);
    prq_jw_opt(w, "source", f->source);
    prq_jw_object_end(w);
}

bool prq_parcel_write(const struct prq_parcel *p, struct prq_buf *out)
{
    struct prq_jw w;
    prq_jw_init(&w, out, false);
    prq_jw_object(&w);
    prq_jw_kv(&w, "built", p->built);
    prq_jw_key(&w, "families");
    prq_jw_array(&w);
    for (size_t i = 0; i < p->count; i++)
        write_family(&w, &p->families[i]);
    prq_jw_array_end(&w);
    prq_jw_kv(&w, "mediaType", PRQ_S(PRQ_PARCEL_CONFIG));
    prq_jw_kv_u64(&w, "schema", p->schema);
    prq_jw_object_end(&w);
    return !out->bad;
}

/* ---- the manifest. Source: OCI image-spec, manifest.md */

static bool read_descriptor(struct prq_json *j, struct prq_parcel_blob *blob)
{
    prq_str type = { 0 };
    const struct member members[] = {
        { PRQ_SI("digest"), TEXT, &blob->digest, false },
        { PRQ_SI("mediaType"), TEXT, &type, false },
        { PRQ_SI("size"), NUMBER, &blob->size, false },
    };
    uint64_t seen = 0;
    if (!enter(j, false))
        return false;
    next_other(j, members, PRQ_COUNT(members), &seen);
    if (j->bad)
        return false;
    if (!prq_str_eq(type, PRQ_S(PRQ_PARCEL_CONFIG)))
        return wrong(j, "the artifact is no database");
    return is_digest(blob->digest) || wrong(j, "a digest is malformed");
}

static bool read_signature(struct prq_json *j, struct prq_arena *a, prq_bytes *out)
{
    enum { HEX_MAX = 512 };
    prq_str hex = { 0 };
    const struct member members[] = { { PRQ_SI(PRQ_PARCEL_SIGNATURE), TEXT, &hex, true } };
    uint64_t seen = 0;
    if (!enter(j, false))
        return false;
    next_other(j, members, PRQ_COUNT(members), &seen);
    if (j->bad || !hex.n)
        return !j->bad;
    uint8_t *raw = prq_arena_alloc(a, hex.n / 2);
    if (!raw)
        return prq_json_no_memory(j);
    if (hex.n > HEX_MAX || !prq_hex_decode(hex, raw))
        return wrong(j, "the signature is malformed");
    *out = (prq_bytes){ raw, hex.n / 2 };
    return true;
}

bool prq_parcel_manifest_parse(prq_str bytes, struct prq_arena *a, struct prq_parcel_manifest *out,
                               struct prq_err *err)
{
    enum { ANNOTATIONS, CONFIG };
    struct prq_parcel_manifest m = { .config = { .size = 0 } };
    static const struct member members[] = {
        [ANNOTATIONS] = { PRQ_SI("annotations"), OTHER, NULL, true },
        [CONFIG] = { PRQ_SI("config"), OTHER, NULL, false },
    };
    struct prq_json j;
    uint64_t seen = 0;
    size_t which;
    prq_json_init(&j, bytes, a, NULL);
    if (enter(&j, false))
        while ((which = next_other(&j, members, PRQ_COUNT(members), &seen)) < PRQ_COUNT(members))
            if (which == CONFIG ? !read_descriptor(&j, &m.config)
                                : !read_signature(&j, a, &m.signature))
                break;
    if (!prq_json_end(&j, err))
        return false;
    if (m.config.size > PRQ_PARCEL_BYTES)
        return prq_fail(err, PRQ_E_LIMIT, "a config of more than %d bytes", PRQ_PARCEL_BYTES);
    *out = m;
    return true;
}

static void write_descriptor(struct prq_jw *w, const char *type, const struct prq_parcel_blob *b)
{
    prq_jw_object(w);
    prq_jw_kv(w, "mediaType", prq_str_from(type));
    prq_jw_kv(w, "digest", b->digest);
    prq_jw_kv_u64(w, "size", b->size);
}

static void write_layers(struct prq_jw *w, const struct prq_parcel *p)
{
    prq_jw_key(w, "layers");
    prq_jw_array(w);
    for (size_t i = 0; i < p->count; i++) {
        const struct prq_parcel_family *f = &p->families[i];
        write_descriptor(w, PRQ_PARCEL_FAMILY, &f->blob);
        prq_jw_key(w, "annotations");
        prq_jw_object(w);
        prq_jw_kv(w, "org.opencontainers.image.title", f->name);
        prq_jw_object_end(w);
        prq_jw_object_end(w);
        for (size_t k = 0; k < f->delta_count; k++) {
            write_descriptor(w, PRQ_PARCEL_DELTA, &f->deltas[k].blob);
            prq_jw_object_end(w);
        }
    }
    prq_jw_array_end(w);
}

bool prq_parcel_manifest_write(const struct prq_parcel *p, const struct prq_parcel_manifest *m,
                               struct prq_buf *out)
{
    struct prq_jw w;
    prq_jw_init(&w, out, false);
    prq_jw_object(&w);
    prq_jw_key(&w, "schemaVersion");
    prq_jw_u64(&w, 2);
    prq_jw_kv(&w, "mediaType", PRQ_S(PRQ_PARCEL_MANIFEST));
    prq_jw_kv(&w, "artifactType", PRQ_S(PRQ_PARCEL_TYPE));
    prq_jw_key(&w, "config");
    write_descriptor(&w, PRQ_PARCEL_CONFIG, &m->config);
    prq_jw_object_end(&w);
    write_layers(&w, p);
    prq_jw_key(&w, "annotations");
    prq_jw_object(&w);
    prq_jw_kv(&w, "org.opencontainers.image.created", p->built);
    if (m->signature.n) {
        char hex[512];
        size_t n = prq_min_size(m->signature.n, sizeof hex / 2);
        prq_hex_encode((prq_bytes){ m->signature.p, n }, hex);
        prq_jw_kv(&w, PRQ_PARCEL_SIGNATURE, (prq_str){ hex, 2 * n });
    }
    prq_jw_object_end(&w);
    prq_jw_object_end(&w);
    return !out->bad;
}
