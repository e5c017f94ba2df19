/* SPDX-License-Identifier: Apache-2.0 */
/* Reading an analysis document: bytes from outside. */
#include <unistd.h>

#include "base/map.h"
#include "format/json.h"
#include "io/source.h"
#include "lib/lib.h"
#include "store/document.h"
#include "store/document_digest.h"
#include "store/document_fields.h"
#include "store/facts.h"

const char *const prq_document_sections[PRQ_SECTION_COUNT] = {
    [PRQ_SECTION_IMAGE] = "image",
    [PRQ_SECTION_PACKAGES] = "packages",
    [PRQ_SECTION_FILES] = "files",
    [PRQ_SECTION_GAPS] = "gaps",
};

struct reader {
    struct prq_json j;
    struct prq_arena *a;
    const struct prq_limits *limits;
    struct prq_analysis *an;
    size_t cap_layers, cap_history, cap_packages, cap_gaps;
    struct prq_facts_writer *index; /* one per layer, made as files come */
    size_t index_count;
    bool out_of_memory;
    unsigned sections; /* seen so far, a bit each */
    prq_str digest, schema, version; /* as the document says */
    struct prq_document_sum sum;     /* of the framed form, as it is read */
    struct prq_buf xattrs;           /* coded, of the file at hand */
};

/* A string, or {"hex": …}. */
static void get_bytes(struct reader *r, prq_str *out)
{
    prq_str key, hex = { 0 };
    if (!prq_json_enter_object(&r->j)) {
        prq_json_string_or_skip(&r->j, out);
        return;
    }
    while (prq_json_key(&r->j, &key))
        if (prq_str_eq(key, PRQ_S("hex")))
            prq_json_string_or_skip(&r->j, &hex);
        else
            prq_json_skip(&r->j);
    uint8_t *raw = prq_arena_alloc(r->a, hex.n / 2 + 1);
    r->out_of_memory |= !raw;
    if (raw && prq_hex_decode(hex, raw))
        *out = (prq_str){ (const char *)raw, hex.n / 2 };
}

static void get_strs(struct reader *r, struct prq_strs *out)
{
    size_t cap = 0;
    if (!prq_json_enter_array(&r->j)) {
        prq_json_skip(&r->j);
        return;
    }
    while (prq_json_item(&r->j)) {
        prq_str s = { 0 };
        get_bytes(r, &s);
        if (!prq_arena_grow(r->a, &out->v, sizeof *out->v, &cap, out->n + 1)) {
            r->out_of_memory = true;
            return;
        }
        out->v[out->n++] = s;
    }
}

static void get_u64(struct reader *r, uint64_t *out)
{
    prq_json_u64_or_skip(&r->j, out);
}

/* Every element of an array through `one`; stops when memory ran out. */
static void each(struct reader *r, void (*one)(struct reader *r))
{
    if (!prq_json_enter_array(&r->j)) {
        prq_json_skip(&r->j);
        return;
    }
    while (!r->out_of_memory && prq_json_item(&r->j))
        if (prq_json_peek(&r->j) == PRQ_JSON_OBJECT)
            one(r);
        else
            prq_json_skip(&r->j);
}

static bool is(prq_str key, const char *name)
{
    return prq_str_eq(key, prq_str_from(name));
}

static void get_distro(struct reader *r)
{
    struct prq_distro *d = &r->an->distro;
    prq_str key;
    uint64_t layer = 0;
    if (!prq_json_enter_object(&r->j)) {
        prq_json_skip(&r->j);
        return;
    }
    r->an->has_distro = true;
    while (prq_json_key(&r->j, &key)) {
#define X(member)            \
    if (is(key, #member)) {  \
        get_bytes(r, &d->member); \
        continue;            \
    }
        PRQ_DISTRO_STRINGS(X)
#undef X
        if (is(key, "channels"))
            get_strs(r, &d->channels);
        else if (is(key, "like"))
            get_strs(r, &d->like);
        else if (is(key, "layer"))
            get_u64(r, &layer);
        else
            prq_json_skip(&r->j);
    }
    d->layer = (uint32_t)layer;
}

static void get_history(struct reader *r)
{
    struct prq_history h = { 0 };
    prq_str key;
    prq_json_enter_object(&r->j);
    while (prq_json_key(&r->j, &key)) {
#define X(member)            \
    if (is(key, #member)) {  \
        get_bytes(r, &h.member); \
        continue;            \
    }
        PRQ_HISTORY_STRINGS(X)
#undef X
        if (is(key, "empty_layer"))
            prq_json_bool_or_skip(&r->j, &h.is_empty_layer);
        else
            prq_json_skip(&r->j);
    }
    r->out_of_memory |= !prq_arena_grow(r->a, &r->an->history, sizeof h, &r->cap_history,
                                        r->an->history_count + 1);
    if (!r->out_of_memory)
        r->an->history[r->an->history_count++] = h;
}

static void get_layer(struct reader *r)
{
    struct prq_layer l = { 0 };
    prq_str key;
    prq_json_enter_object(&r->j);
    while (prq_json_key(&r->j, &key)) {
#define X(member)            \
    if (is(key, #member)) {  \
        get_bytes(r, &l.member); \
        continue;            \
    }
        PRQ_LAYER_STRINGS(X)
#undef X
#define X(member)            \
    if (is(key, #member)) {  \
        get_u64(r, &l.member); \
        continue;            \
    }
        PRQ_LAYER_NUMBERS(X)
#undef X
        if (is(key, "content_sets"))
            get_strs(r, &l.content_sets);
        else
            prq_json_skip(&r->j);
    }
    r->out_of_memory |= r->an->layer_count >= r->limits->layers ||
                        !prq_arena_grow(r->a, &r->an->layers, sizeof l, &r->cap_layers,
                                        r->an->layer_count + 1);
    if (!r->out_of_memory)
        r->an->layers[r->an->layer_count++] = l;
}

static void get_image(struct reader *r)
{
    struct prq_analysis *an = r->an;
    prq_str key;
    uint64_t kind = 0;
    if (!prq_json_enter_object(&r->j)) {
        prq_json_skip(&r->j);
        return;
    }
    while (!r->out_of_memory && prq_json_key(&r->j, &key)) {
#define X(member)            \
    if (is(key, #member)) {  \
        get_bytes(r, &an->member); \
        continue;            \
    }
        PRQ_IMAGE_STRINGS(X)
#undef X
        if (is(key, "distro"))
            get_distro(r);
        else if (is(key, "history"))
            each(r, get_history);
        else if (is(key, "kind"))
            get_u64(r, &kind);
        else if (is(key, "layers"))
            each(r, get_layer);
        else if (is(key, "tags"))
            get_strs(r, &an->tags);
        else
            prq_json_skip(&r->j);
    }
    an->kind = kind <= PRQ_SOURCE_LIST ? (enum prq_source_kind)kind : PRQ_SOURCE_IMAGE;
}

static void get_evidence(struct reader *r, struct prq_package *p)
{
    size_t cap = 0;
    if (!prq_json_enter_array(&r->j)) {
        prq_json_skip(&r->j);
        return;
    }
    while (prq_json_item(&r->j)) {
        struct prq_evidence e = { 0 };
        prq_str key;
        uint64_t layer = 0;
        if (!prq_json_enter_object(&r->j)) {
            prq_json_skip(&r->j);
            continue;
        }
        while (prq_json_key(&r->j, &key))
            if (is(key, "path"))
                get_bytes(r, &e.path);
            else if (is(key, "layer"))
                get_u64(r, &layer);
            else
                prq_json_skip(&r->j);
        e.layer = (uint32_t)layer;
        if (!prq_arena_grow(r->a, &p->evidence, sizeof e, &cap, p->evidence_count + 1)) {
            r->out_of_memory = true;
            return;
        }
        p->evidence[p->evidence_count++] = e;
    }
}

static void get_package(struct reader *r)
{
    struct prq_package p = { 0 };
    struct {
        uint64_t flags, layer, owner, size_bytes;
    } n = { 0 };
    prq_str key;
    prq_json_enter_object(&r->j);
    while (prq_json_key(&r->j, &key)) {
#define X(member)            \
    if (is(key, #member)) {  \
        get_bytes(r, &p.member); \
        continue;            \
    }
        PRQ_PACKAGE_STRINGS(X)
#undef X
#define X(member)            \
    if (is(key, #member)) {  \
        get_strs(r, &p.member); \
        continue;            \
    }
        PRQ_PACKAGE_LISTS(X)
#undef X
#define X(member)            \
    if (is(key, #member)) {  \
        get_u64(r, &n.member); \
        continue;            \
    }
        PRQ_PACKAGE_NUMBERS(X)
#undef X
        if (is(key, "epoch")) {
            p.has_epoch = true;
            get_u64(r, &p.epoch);
        } else if (is(key, "modularity")) {
            p.has_modularity = true;
            get_bytes(r, &p.modularity);
        } else if (is(key, "evidence")) {
            get_evidence(r, &p);
        } else {
            prq_json_skip(&r->j);
        }
    }
    p.flags = (uint32_t)n.flags;
    p.layer = (uint32_t)n.layer;
    p.owner = (size_t)n.owner;
    p.size_bytes = n.size_bytes;
    r->out_of_memory |= r->an->package_count >= r->limits->packages ||
                        !prq_arena_grow(r->a, &r->an->packages, sizeof p, &r->cap_packages,
                                        r->an->package_count + 1);
    if (!r->out_of_memory)
        r->an->packages[r->an->package_count++] = p;
}

/* Files come by layer, ascending; each layer's index is encoded anew. */
static struct prq_facts_writer *index_of(struct reader *r, uint64_t layer)
{
    if (layer >= r->limits->layers)
        return NULL;
    if (!r->index) {
        r->index = prq_new_n(r->a, struct prq_facts_writer, (size_t)r->limits->layers);
        if (!r->index)
            return NULL;
    }
    for (; r->index_count <= layer; r->index_count++)
        prq_facts_writer_init(&r->index[r->index_count], r->limits);
    return &r->index[layer];
}

static void get_xattr(struct reader *r)
{
    prq_str key, name = { 0 }, value = { 0 };
    prq_json_enter_object(&r->j);
    while (prq_json_key(&r->j, &key))
        if (is(key, "name"))
            get_bytes(r, &name);
        else if (is(key, "value"))
            get_bytes(r, &value);
        else
            prq_json_skip(&r->j);
    prq_xattr_add(&r->xattrs, name, prq_bytes_of(value));
}

static void get_file(struct reader *r)
{
    struct prq_file f = { .type = PRQ_FILE_REGULAR };
    uint64_t layer = 0, mode = 0;
    prq_str key, type = { 0 }, hex = { 0 };
    prq_buf_clear(&r->xattrs);
    prq_json_enter_object(&r->j);
    while (prq_json_key(&r->j, &key)) {
        if (is(key, "path"))
            get_bytes(r, &f.path);
        else if (is(key, "xattrs"))
            each(r, get_xattr);
        else if (is(key, "link"))
            get_bytes(r, &f.link);
        else if (is(key, "type"))
            prq_json_string_or_skip(&r->j, &type);
        else if (is(key, "sha256"))
            prq_json_string_or_skip(&r->j, &hex);
        else if (is(key, "mode"))
            get_u64(r, &mode);
        else if (is(key, "uid"))
            get_u64(r, &f.uid);
        else if (is(key, "gid"))
            get_u64(r, &f.gid);
        else if (is(key, "size"))
            get_u64(r, &f.size);
        else if (is(key, "layer"))
            get_u64(r, &layer);
        else if (is(key, "mtime") && prq_json_peek(&r->j) == PRQ_JSON_NUMBER)
            prq_json_i64(&r->j, &f.mtime_s);
        else
            prq_json_skip(&r->j);
    }
    if (type.n == 1 && strchr("fdlhcbpwo", type.p[0]))
        f.type = (enum prq_file_type)type.p[0];
    f.mode = (uint32_t)mode & 07777;
    f.xattrs = prq_buf_bytes(&r->xattrs);
    r->out_of_memory |= r->xattrs.bad;
    f.has_sha256 = hex.n == 64 && prq_hex_decode(hex, f.sha256);
    struct prq_facts_writer *w = index_of(r, layer);
    if (!w || !prq_facts_add_file(w, &f))
        r->out_of_memory = true;
}

static void get_gap(struct reader *r)
{
    struct prq_gap g = { .layer = PRQ_GAP_NO_LAYER };
    uint64_t layer = PRQ_GAP_NO_LAYER;
    prq_str key;
    prq_json_enter_object(&r->j);
    while (prq_json_key(&r->j, &key)) {
        if (is(key, "kind"))
            get_bytes(r, &g.kind);
        else if (is(key, "path"))
            get_bytes(r, &g.path);
        else if (is(key, "reason"))
            get_bytes(r, &g.reason);
        else if (is(key, "layer"))
            get_u64(r, &layer);
        else if (is(key, "offset"))
            g.has_offset = prq_json_u64_or_skip(&r->j, &g.offset);
        else
            prq_json_skip(&r->j);
    }
    g.layer = (uint32_t)layer;
    r->out_of_memory |= !prq_arena_grow(r->a, &r->an->gaps, sizeof g, &r->cap_gaps,
                                        r->an->gap_count + 1);
    if (!r->out_of_memory)
        r->an->gaps[r->an->gap_count++] = g;
}

static bool get_section(struct reader *r, prq_str name)
{
    for (unsigned i = 0; i < PRQ_SECTION_COUNT; i++)
        if (is(name, prq_document_sections[i]))
            r->sections |= 1u << i;
    if (is(name, prq_document_sections[PRQ_SECTION_IMAGE]))
        get_image(r);
    else if (is(name, prq_document_sections[PRQ_SECTION_PACKAGES]))
        each(r, get_package);
    else if (is(name, prq_document_sections[PRQ_SECTION_FILES]))
        each(r, get_file);
    else if (is(name, prq_document_sections[PRQ_SECTION_GAPS]))
        each(r, get_gap);
    else
        return false;
    return true;
}

/* The plain text of a section outlives the analysis: strings are views into it. */
static bool read_frame(struct reader *r, prq_str name, prq_bytes frame, uint64_t plain_bytes,
                       struct prq_err *err)
{
    if (plain_bytes > PRQ_MIB(2046))
        return prq_fail(err, PRQ_E_LIMIT, "section %.*s is too large", PRQ_FMT(name));
    PRQ_BUF b;
    prq_buf_init(&b, (size_t)plain_bytes + 1);
    if (!prq_zstd_unpack(frame, &b, err))
        return prq_in(err, "section %.*s", PRQ_FMT(name));
    prq_str plain = prq_arena_copy(r->a, prq_buf_view(&b));
    if (!plain.p)
        return prq_fail(err, PRQ_E_LIMIT, "the analysis exceeds the memory budget");
    if (r->sum.digest)
        prq_document_sum_section(&r->sum, name, plain);
    prq_json_init(&r->j, plain, r->a, r->limits);
    if (!get_section(r, name))
        return true; /* a later version's section */
    return prq_json_end(&r->j, err) || prq_in(err, "section %.*s", PRQ_FMT(name));
}

struct table {
    struct {
        prq_str name;
        uint64_t bytes, plain_bytes;
    } row[32];
    size_t n;
};

static void read_row(struct prq_json *j, struct table *t)
{
    prq_str key;
    size_t i = t->n;
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return;
    }
    while (prq_json_key(j, &key)) {
        if (i < PRQ_COUNT(t->row) && is(key, "name"))
            prq_json_string_or_skip(j, &t->row[i].name);
        else if (i < PRQ_COUNT(t->row) && is(key, "bytes"))
            prq_json_u64_or_skip(j, &t->row[i].bytes);
        else if (i < PRQ_COUNT(t->row) && is(key, "plain_bytes"))
            prq_json_u64_or_skip(j, &t->row[i].plain_bytes);
        else
            prq_json_skip(j);
    }
    t->n += i < PRQ_COUNT(t->row);
}

static bool get_text(struct reader *r, prq_str key)
{
    prq_str *out = is(key, "digest")    ? &r->digest
                   : is(key, "schema")  ? &r->schema
                   : is(key, "version") ? &r->version
                                        : NULL;
    if (out)
        prq_json_string_or_skip(&r->j, out);
    return out != NULL;
}

static bool read_header(struct reader *r, prq_str line, struct table *t, struct prq_err *err)
{
    prq_str key;
    prq_json_init(&r->j, line, r->a, r->limits);
    if (prq_json_enter_object(&r->j))
        while (prq_json_key(&r->j, &key)) {
            if (get_text(r, key))
                continue;
            if (is(key, "sections") && prq_json_enter_array(&r->j))
                while (prq_json_item(&r->j))
                    read_row(&r->j, t);
            else
                prq_json_skip(&r->j);
        }
    return prq_json_end(&r->j, err) || prq_in(err, "header");
}

static bool check_schema(prq_str schema, struct prq_err *err)
{
    return prq_str_eq(schema, PRQ_S(PRQ_DOCUMENT_SCHEMA)) ||
           prq_fail(err, PRQ_E_UNSUPPORTED, "not a %s document", PRQ_DOCUMENT_SCHEMA);
}

static bool read_frames(struct reader *r, prq_str all, prq_str line, struct prq_err *err)
{
    struct table t = { 0 };
    struct prq_rd rd = prq_rd_of(prq_bytes_of(all));
    if (!read_header(r, line, &t, err) || !check_schema(r->schema, err))
        return false;
    prq_rd_take(&rd, line.n + 1);
    for (size_t i = 0; i < t.n; i++) {
        size_t n = prq_rd_count(&rd, t.row[i].bytes, 1);
        const uint8_t *p = prq_rd_take(&rd, n);
        if (rd.bad)
            return prq_fail_at(err, PRQ_E_FORMAT, prq_rd_at(&rd), "analysis ends early");
        if (i && prq_str_cmp(t.row[i - 1].name, t.row[i].name) >= 0)
            return prq_fail(err, PRQ_E_FORMAT, "sections of the analysis are out of order");
        if (!read_frame(r, t.row[i].name, (prq_bytes){ p, n }, t.row[i].plain_bytes, err))
            return false;
    }
    /* A damaged name must not make a section look like a later version's. */
    if (prq_rd_left(&rd) || r->sections != (1u << PRQ_SECTION_COUNT) - 1)
        return prq_fail_at(err, PRQ_E_FORMAT, prq_rd_at(&rd),
                           prq_rd_left(&rd) ? "bytes after the last section of the analysis"
                                            : "analysis without one of its sections");
    return true;
}

static bool read_json(struct reader *r, prq_str all, struct prq_err *err)
{
    prq_str key;
    bool is_header = false;
    prq_json_init(&r->j, all, r->a, r->limits);
    if (prq_json_enter_object(&r->j))
        while (!r->out_of_memory && prq_json_key(&r->j, &key)) {
            is_header |= is(key, "sections");
            if (!get_text(r, key) && !get_section(r, key))
                prq_json_skip(&r->j);
        }
    if (!r->out_of_memory && !prq_json_end(&r->j, err))
        return false;
    if (is_header) /* of the other form, and nothing behind it */
        return prq_fail_at(err, PRQ_E_FORMAT, all.n, "analysis ends early");
    return r->out_of_memory || check_schema(r->schema, err);
}

static bool adopt_indexes(struct reader *r)
{
    bool ok = true;
    for (size_t i = 0; i < r->index_count; i++) {
        if (ok && i < r->an->layer_count) {
            prq_str kept = prq_arena_copy(r->a, prq_buf_view(&r->index[i].index));
            ok = kept.p != NULL;
            r->an->layers[i].index = prq_bytes_of(kept);
        }
        prq_facts_writer_release(&r->index[i]);
    }
    return ok;
}

/* Indices that a later step would follow must lie inside. */
static bool check_references(const struct prq_analysis *an, struct prq_err *err)
{
    for (size_t i = 0; i < an->package_count; i++)
        if (an->packages[i].owner > an->package_count)
            return prq_fail(err, PRQ_E_FORMAT, "package %zu: owner is not in the list", i);
    return true;
}

/* What a document has as its digest. JSON that is not as we write it (somebody made it pretty) is
 * written once more. */
static bool digest_of(struct reader *r, prq_str all, bool is_framed, prq_str *out, struct prq_err *err)
{
    char text[PRQ_DOCUMENT_DIGEST];
    prq_str said;
    if (is_framed)
        prq_document_sum_end(&r->sum, r->schema, r->version, text);
    if (!is_framed && (!prq_document_sum_whole(all, &said, text) ||
                       !prq_str_eq(said, (prq_str){ text, sizeof text })))
        return prq_document_digest(r->an, r->version, out, r->a, err);
    *out = prq_arena_copy(r->a, (prq_str){ text, sizeof text });
    return out->p || prq_fail(err, PRQ_E_LIMIT, "the analysis exceeds the memory budget");
}

static bool check_digest(struct reader *r, prq_str all, bool is_framed, struct prq_err *err)
{
    prq_str is = { 0 };
    if (!r->digest.n)
        return prq_fail(err, PRQ_E_FORMAT, "the analysis does not say its digest");
    if (!digest_of(r, all, is_framed, &is, err))
        return false;
    return prq_str_eq(is, r->digest) ||
           prq_fail(err, PRQ_E_FORMAT, "digest mismatch: the analysis is %.*s and not %.*s",
                    PRQ_FMT(is), PRQ_FMT(prq_str_head(r->digest, 160)));
}

static bool read_document(prq_bytes bytes, struct reader *r, bool check, struct prq_err *err)
{
    prq_str all = prq_str_of(bytes), line;
    size_t end = prq_str_find(all, '\n');
    line = prq_str_head(all, end);
    /* The framed form has a short first line that is a whole object and something after it. */
    bool framed = end > 1 && line.p[end - 1] == '}' && end + 1 < all.n && end < PRQ_KIB(64);
    if (check && framed && !prq_document_sum_begin(&r->sum, err))
        return false;
    bool ok = framed ? read_frames(r, all, line, err) : read_json(r, all, err);
    if (!adopt_indexes(r) || r->out_of_memory)
        return prq_fail(err, PRQ_E_LIMIT, "the analysis exceeds the memory budget");
    return ok && check_references(r->an, err) && (!check || check_digest(r, all, framed, err));
}

static bool read_with(prq_bytes bytes, const struct prq_limits *limits, struct prq_arena *a,
                      struct prq_analysis *an, bool check, struct prq_err *err)
{
    *an = (struct prq_analysis){ 0 };
    struct reader r = { .a = a, .limits = limits, .an = an };
    prq_buf_init(&r.xattrs, (size_t)limits->pax_bytes);
    bool ok = read_document(bytes, &r, check, err);
    prq_buf_release(&r.xattrs);
    prq_document_sum_release(&r.sum);
    return ok;
}

bool prq_document_read(prq_bytes bytes, const struct prq_limits *limits, struct prq_arena *a,
                       struct prq_analysis *an, struct prq_err *err)
{
    return read_with(bytes, limits, a, an, true, err);
}

bool prq_document_parse(prq_bytes bytes, const struct prq_limits *limits, struct prq_arena *a,
                        struct prq_analysis *an, struct prq_err *err)
{
    return read_with(bytes, limits, a, an, false, err);
}

bool prq_document_bytes(prq_str path, struct prq_arena *a, prq_str *out, struct prq_err *err)
{
    PRQ_BUF b;
    char name[4096];
    prq_buf_init(&b, PRQ_MIB(2047));
    if (path.n >= sizeof name)
        return prq_fail(err, PRQ_E_USAGE, "file name of %zu bytes", path.n);
    memcpy(name, path.p, path.n);
    name[path.n] = '\0';
    if (strcmp(name, "-") == 0) {
        PRQ_STREAM in = prq_pipe_stream(dup(0));
        if (!in || !prq_stream_read_all(in, &b, err))
            return false;
    } else if (!prq_read_file(name, &b, err)) {
        return false;
    }
    *out = prq_arena_copy(a, prq_buf_view(&b));
    return out->p || prq_fail(err, PRQ_E_LIMIT, "the document exceeds the memory budget");
}

bool prq_document_open(struct prq_ctx *ctx, prq_str path, struct prq_arena *a,
                       struct prq_analysis *an, struct prq_err *err)
{
    prq_str all;
    return prq_document_bytes(path, a, &all, err) &&
           (prq_document_read(prq_bytes_of(all), ctx->limits, a, an, err) ||
            prq_in(err, "analysis %.*s", PRQ_FMT(path)));
}

bool prq_document_is(prq_str head)
{
    static const prq_str digest = PRQ_SI("{\"digest\":\"sha256:");
    static const prq_str schema = PRQ_SI("{\"schema\":\"pratique-analysis/");
    return prq_str_starts(head, digest) || prq_str_starts(head, schema);
}
