/* SPDX-License-Identifier: Apache-2.0 */
/* Writing. The sections in order:
 *
 *   files      every layer's members in tar order
 *   gaps
 *   image      what the source said, history, layers, distribution, options
 *   packages   struct prq_package, member by member
 */
#include "store/document.h"

#include "format/json.h"
#include "lib/lib.h"
#include "store/document_digest.h"
#include "store/document_fields.h"
#include "store/facts.h"

static void put_hex(struct prq_jw *w, const char *key, prq_bytes raw)
{
    char text[128];
    size_t n = prq_min_size(raw.n, sizeof text / 2);
    prq_hex_encode((prq_bytes){ raw.p, n }, text);
    prq_jw_kv(w, key, (prq_str){ text, n * 2 });
}

/* {"hex": …} */
static void put_raw(struct prq_jw *w, prq_bytes raw)
{
    prq_jw_object(w);
    prq_jw_key(w, "hex");
    prq_jw_raw(w, PRQ_S("\""));
    for (size_t i = 0; i < raw.n; i++) {
        char two[2];
        prq_hex_encode((prq_bytes){ raw.p + i, 1 }, two);
        prq_buf_add(w->b, two, 2);
    }
    prq_buf_byte(w->b, '"');
    prq_jw_object_end(w);
}

static bool is_text(prq_str s)
{
    while (s.n) {
        size_t len = prq_utf8_len(s);
        if (len == 0)
            return false;
        s = prq_str_from_at(s, len);
    }
    return true;
}

/* Bytes of an image need not be UTF-8, and JSON must be: such text is written as {"hex": …}. */
static void put_text(struct prq_jw *w, prq_str s)
{
    if (is_text(s))
        prq_jw_str(w, s);
    else
        put_raw(w, prq_bytes_of(s));
}

static void put_bytes(struct prq_jw *w, const char *key, prq_str s)
{
    prq_jw_key(w, key);
    put_text(w, s);
}

static void put_opt(struct prq_jw *w, const char *key, prq_str s)
{
    if (s.n)
        put_bytes(w, key, s);
}

static void put_strs(struct prq_jw *w, const char *key, struct prq_strs list)
{
    if (list.n == 0)
        return;
    prq_jw_key(w, key);
    prq_jw_array(w);
    for (size_t i = 0; i < list.n; i++)
        put_text(w, list.v[i]);
    prq_jw_array_end(w);
}

static void put_image_history(struct prq_jw *w, const struct prq_analysis *an)
{
    prq_jw_key(w, "history");
    prq_jw_array(w);
    for (size_t i = 0; i < an->history_count; i++) {
        const struct prq_history *h = &an->history[i];
        prq_jw_object(w);
#define X(member) put_opt(w, #member, h->member);
        PRQ_HISTORY_STRINGS(X)
#undef X
        if (h->is_empty_layer)
            prq_jw_kv_bool(w, "empty_layer", true);
        prq_jw_object_end(w);
    }
    prq_jw_array_end(w);
}

static void put_image_layers(struct prq_jw *w, const struct prq_analysis *an)
{
    prq_jw_key(w, "layers");
    prq_jw_array(w);
    for (size_t i = 0; i < an->layer_count; i++) {
        const struct prq_layer *l = &an->layers[i];
        prq_jw_object(w);
#define S(member) put_opt(w, #member, l->member);
#define L(member) put_strs(w, #member, l->member);
#define N(member) prq_jw_kv_u64(w, #member, l->member);
        PRQ_LAYER_MEMBERS(S, L, N)
#undef S
#undef L
#undef N
        prq_jw_object_end(w);
    }
    prq_jw_array_end(w);
}

static void put_image_kind(struct prq_jw *w, const struct prq_analysis *an)
{
    prq_jw_kv_u64(w, "kind", (uint64_t)an->kind);
}

static void put_distro_layer(struct prq_jw *w, const struct prq_distro *d)
{
    prq_jw_kv_u64(w, "layer", d->layer);
}

static void put_image_distro(struct prq_jw *w, const struct prq_analysis *an)
{
    const struct prq_distro *d = &an->distro;
    if (!an->has_distro)
        return;
    prq_jw_key(w, "distro");
    prq_jw_object(w);
#define S(member) put_opt(w, #member, d->member);
#define L(member) put_strs(w, #member, d->member);
#define P(member) put_distro_##member(w, d);
    PRQ_DISTRO_MEMBERS(S, L, P)
#undef S
#undef L
#undef P
    prq_jw_object_end(w);
}

static void put_image(struct prq_jw *w, const struct prq_analysis *an)
{
    prq_jw_object(w);
#define S(member) put_opt(w, #member, an->member);
#define L(member) put_strs(w, #member, an->member);
#define P(member) put_image_##member(w, an);
    PRQ_IMAGE_MEMBERS(S, L, P)
#undef S
#undef L
#undef P
    prq_jw_object_end(w);
}

static void put_package_evidence(struct prq_jw *w, const struct prq_package *p)
{
    prq_jw_key(w, "evidence");
    prq_jw_array(w);
    for (size_t i = 0; i < p->evidence_count; i++) {
        prq_jw_object(w);
        prq_jw_kv_u64(w, "layer", p->evidence[i].layer);
        put_bytes(w, "path", p->evidence[i].path);
        prq_jw_object_end(w);
    }
    prq_jw_array_end(w);
}

static void put_package_epoch(struct prq_jw *w, const struct prq_package *p)
{
    if (p->has_epoch)
        prq_jw_kv_u64(w, "epoch", p->epoch);
}

static void put_package_modularity(struct prq_jw *w, const struct prq_package *p)
{
    if (p->has_modularity)
        put_bytes(w, "modularity", p->modularity);
}

static void put_package(struct prq_jw *w, const struct prq_package *p)
{
    prq_jw_object(w);
#define S(member) put_opt(w, #member, p->member);
#define L(member) put_strs(w, #member, p->member);
#define N(member)    \
    if (p->member)   \
        prq_jw_kv_u64(w, #member, (uint64_t)p->member);
#define P(member) put_package_##member(w, p);
    PRQ_PACKAGE_MEMBERS(S, L, N, P)
#undef S
#undef L
#undef N
#undef P
    prq_jw_object_end(w);
}

static void put_packages(struct prq_jw *w, const struct prq_analysis *an)
{
    prq_jw_array(w);
    for (size_t i = 0; i < an->package_count; i++)
        put_package(w, &an->packages[i]);
    prq_jw_array_end(w);
}

/* Their values are no text, whatever they look like. */
static void put_xattrs(struct prq_jw *w, prq_bytes rest)
{
    prq_str name;
    prq_bytes value;
    prq_jw_key(w, "xattrs");
    prq_jw_array(w);
    while (prq_xattr_next(&rest, &name, &value)) {
        prq_jw_object(w);
        put_bytes(w, "name", name);
        prq_jw_key(w, "value");
        put_raw(w, value);
        prq_jw_object_end(w);
    }
    prq_jw_array_end(w);
}

static void put_file(struct prq_jw *w, const struct prq_file *f, size_t layer)
{
    char type[2] = { (char)f->type, 0 };
    prq_jw_object(w);
    if (f->gid)
        prq_jw_kv_u64(w, "gid", f->gid);
    prq_jw_kv_u64(w, "layer", layer);
    if (f->type == PRQ_FILE_SYMLINK || f->type == PRQ_FILE_HARDLINK)
        put_bytes(w, "link", f->link);
    prq_jw_kv_u64(w, "mode", f->mode);
    if (f->mtime_s) {
        prq_jw_key(w, "mtime");
        prq_jw_i64(w, f->mtime_s);
    }
    put_bytes(w, "path", f->path);
    if (f->has_sha256)
        put_hex(w, "sha256", (prq_bytes){ f->sha256, 32 });
    if (f->size)
        prq_jw_kv_u64(w, "size", f->size);
    prq_jw_kv(w, "type", prq_str_from(type));
    if (f->uid)
        prq_jw_kv_u64(w, "uid", f->uid);
    if (f->xattrs.n)
        put_xattrs(w, f->xattrs);
    prq_jw_object_end(w);
}

static bool put_files(struct prq_jw *w, const struct prq_analysis *an)
{
    static __thread struct prq_path_iter it;
    prq_jw_array(w);
    for (size_t i = 0; i < an->layer_count; i++) {
        struct prq_file f;
        prq_index_begin(&it, an->layers[i].index);
        while (prq_index_next(&it, &f))
            put_file(w, &f, i);
        if (it.bad)
            return false;
    }
    prq_jw_array_end(w);
    return true;
}

static void put_gaps(struct prq_jw *w, const struct prq_analysis *an)
{
    prq_jw_array(w);
    for (size_t i = 0; i < an->gap_count; i++) {
        const struct prq_gap *g = &an->gaps[i];
        prq_jw_object(w);
        prq_jw_kv(w, "kind", g->kind);
        if (g->layer != PRQ_GAP_NO_LAYER)
            prq_jw_kv_u64(w, "layer", g->layer);
        if (g->has_offset)
            prq_jw_kv_u64(w, "offset", g->offset);
        put_bytes(w, "path", g->path);
        put_bytes(w, "reason", g->reason);
        prq_jw_object_end(w);
    }
    prq_jw_array_end(w);
}

static bool put_section(struct prq_jw *w, enum prq_document_section s, const struct prq_analysis *an)
{
    switch (s) {
    case PRQ_SECTION_IMAGE:
        put_image(w, an);
        return true;
    case PRQ_SECTION_PACKAGES:
        put_packages(w, an);
        return true;
    case PRQ_SECTION_FILES:
        return put_files(w, an);
    case PRQ_SECTION_GAPS:
        put_gaps(w, an);
        return true;
    case PRQ_SECTION_COUNT:
        break;
    }
    return false;
}

static bool write_json(const struct prq_analysis *an, prq_str version, struct prq_buf *out)
{
    char none[PRQ_DOCUMENT_DIGEST];
    memset(none, '-', sizeof none);
    size_t from = out->n;
    struct prq_jw w;
    prq_jw_init(&w, out, false);
    prq_jw_object(&w);
    prq_jw_kv(&w, "digest", (prq_str){ none, sizeof none });
    for (int s = 0; s < PRQ_SECTION_COUNT; s++) {
        prq_jw_key(&w, prq_document_sections[s]);
        if (!put_section(&w, (enum prq_document_section)s, an))
            return false;
    }
    prq_jw_kv(&w, "schema", PRQ_S(PRQ_DOCUMENT_SCHEMA));
    prq_jw_kv(&w, "version", version);
    prq_jw_object_end(&w);
    return prq_document_sum_set(out, from) && prq_buf_byte(out, '\n');
}

struct frames {
    struct prq_buf plain, packed[PRQ_SECTION_COUNT];
    size_t plain_bytes[PRQ_SECTION_COUNT];
    char digest[PRQ_DOCUMENT_DIGEST];
};

static bool pack_sections(const struct prq_analysis *an, struct frames *f,
                          struct prq_document_sum *sum, struct prq_err *err)
{
    for (int s = 0; s < PRQ_SECTION_COUNT; s++) {
        struct prq_jw w;
        prq_buf_clear(&f->plain);
        prq_jw_init(&w, &f->plain, false);
        if (!put_section(&w, (enum prq_document_section)s, an) || f->plain.bad)
            return prq_fail(err, PRQ_E_LIMIT, "section %s is too large", prq_document_sections[s]);
        f->plain_bytes[s] = f->plain.n;
        prq_document_sum_section(sum, prq_str_from(prq_document_sections[s]),
                                 prq_buf_view(&f->plain));
        prq_buf_init(&f->packed[s], PRQ_MIB(2047));
        if (!prq_zstd_pack(prq_buf_bytes(&f->plain), 3, &f->packed[s], err))
            return false;
    }
    prq_document_sum_end(sum, PRQ_S(PRQ_DOCUMENT_SCHEMA), prq_str_from(prq_version()), f->digest);
    return true;
}

static bool write_frames(const struct prq_analysis *an, struct prq_buf *out, struct prq_err *err)
{
    struct frames f = { 0 };
    struct prq_jw w;
    prq_buf_init(&f.plain, PRQ_MIB(2047));
    struct prq_document_sum sum;
    bool ok = prq_document_sum_begin(&sum, err) && pack_sections(an, &f, &sum, err);
    prq_document_sum_release(&sum);
    prq_jw_init(&w, out, false);
    prq_jw_object(&w);
    prq_jw_kv(&w, "digest", (prq_str){ f.digest, sizeof f.digest });
    prq_jw_kv(&w, "schema", PRQ_S(PRQ_DOCUMENT_SCHEMA));
    prq_jw_key(&w, "sections");
    prq_jw_array(&w);
    for (int s = 0; s < PRQ_SECTION_COUNT; s++) {
        prq_jw_object(&w);
        prq_jw_kv_u64(&w, "bytes", f.packed[s].n);
        prq_jw_kv(&w, "name", prq_str_from(prq_document_sections[s]));
        prq_jw_kv_u64(&w, "plain_bytes", f.plain_bytes[s]);
        prq_jw_object_end(&w);
    }
    prq_jw_array_end(&w);
    prq_jw_kv(&w, "version", prq_str_from(prq_version()));
    prq_jw_object_end(&w);
    prq_buf_byte(out, '\n');
    for (int s = 0; s < PRQ_SECTION_COUNT; s++) {
        prq_buf_str(out, prq_buf_view(&f.packed[s]));
        prq_buf_release(&f.packed[s]);
    }
    prq_buf_release(&f.plain);
    return ok;
}

bool prq_document_write(const struct prq_analysis *an, bool as_json, struct prq_buf *out,
                        struct prq_err *err)
{
    if (!as_json)
        return write_frames(an, out, err) &&
               (!out->bad || prq_fail(err, PRQ_E_LIMIT, "the analysis is too large"));
    return (write_json(an, prq_str_from(prq_version()), out) && !out->bad) ||
           prq_fail(err, PRQ_E_LIMIT, "the analysis is too large");
}

bool prq_document_digest(const struct prq_analysis *an, prq_str version, prq_str *digest,
                         struct prq_arena *a, struct prq_err *err)
{
    PRQ_BUF b;
    char text[PRQ_DOCUMENT_DIGEST];
    prq_buf_init(&b, PRQ_MIB(2047));
    if (!write_json(an, version, &b) || !prq_document_sum_whole(prq_buf_view(&b), digest, text))
        return prq_fail(err, PRQ_E_LIMIT, "the analysis is too large");
    *digest = prq_arena_copy(a, *digest);
    return digest->p || prq_fail(err, PRQ_E_LIMIT, "the analysis exceeds the memory budget");
}
