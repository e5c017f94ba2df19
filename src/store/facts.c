/* SPDX-License-Identifier: Apache-2.0 */
#include "store/facts.h"

#include "base/map.h"

/* ---- packages: a list of (field number, value), so that a later revision can add fields. */
enum field {
    F_TYPE = 1, F_NS, F_NAME, F_VERSION, F_ARCH, F_EPOCH, F_SOURCE_NAME, F_SOURCE_VERSION,
    F_SOURCE_RPM, F_MODULARITY, F_VENDOR, F_SUBPATH, F_VCS_URL, F_GOOS, F_DISTRO, F_LICENSE,
    F_DEPENDS, F_PROVIDES, F_SIZE, F_FLAGS, F_PATH, F_FOUND_BY, F_CPE, F_DIGEST, F_QUALIFIER,
};

#define FIELD_STRINGS(X)                                                                       \
    X(F_TYPE, type) X(F_NS, ns) X(F_NAME, name) X(F_VERSION, version) X(F_ARCH, arch)          \
    X(F_SOURCE_NAME, source_name) X(F_SOURCE_VERSION, source_version)                          \
    X(F_SOURCE_RPM, source_rpm) X(F_VENDOR, vendor) X(F_SUBPATH, subpath)                      \
    X(F_VCS_URL, vcs_url) X(F_GOOS, goos) X(F_DISTRO, distro)  \
    X(F_FOUND_BY, found_by)
#define FIELD_LISTS(X)                                                                         \
    X(F_LICENSE, licenses) X(F_DEPENDS, depends) X(F_PROVIDES, provides) X(F_CPE, cpes)        \
    X(F_DIGEST, digests) X(F_QUALIFIER, qualifiers)

static void put_str(struct prq_buf *b, prq_str s)
{
    prq_buf_varint(b, s.n);
    prq_buf_str(b, s);
}

static void put_field(struct prq_buf *b, enum field field, prq_str s)
{
    prq_buf_byte(b, (uint8_t)field);
    put_str(b, s);
}

static void put_number(struct prq_buf *b, enum field field, uint64_t v)
{
    uint8_t bytes[10];
    size_t n = 0;
    for (; v > 127; v >>= 7)
        bytes[n++] = (uint8_t)((v & 127) | 128);
    bytes[n++] = (uint8_t)v;
    put_field(b, field, (prq_str){ (const char *)bytes, n });
}

/* A record's length is known only at its end: 5 bytes are kept free for a padded varint. Returns
 * where the record begins. */
static size_t record_begin(struct prq_buf *b, char type)
{
    size_t at = b->n;
    prq_buf_byte(b, (uint8_t)type);
    prq_buf_add(b, "\0\0\0\0\0", 5);
    return at;
}

/* One that had no room goes: what was written before it stays readable. */
static bool record_end(struct prq_buf *b, size_t at)
{
    if (b->bad) {
        b->n = at;
        return false;
    }
    size_t n = b->n - at - 6;
    for (size_t i = 0; i < 5; i++)
        b->p[at + 1 + i] = (uint8_t)(((n >> (7 * i)) & 127) | (i < 4 ? 128 : 0));
    return true;
}

static struct prq_facts_writer *writer_of(struct prq_sink *s)
{
    return (struct prq_facts_writer *)(void *)((char *)s - offsetof(struct prq_facts_writer, sink));
}

static bool write_package(struct prq_sink *s, const struct prq_package *p)
{
    struct prq_facts_writer *w = writer_of(s);
    struct prq_buf *b = &w->facts;
    if (++w->package_count > w->limits->packages)
        return false;
    size_t at = record_begin(b, 'P');
    prq_str path = p->evidence_count && p->evidence[0].path.n ? p->evidence[0].path : w->path;
    put_field(b, F_PATH, path);
    if (p->found_by.n == 0 && s->by)
        put_field(b, F_FOUND_BY, prq_str_from(s->by));
#define X(id, member)      \
    if (p->member.n)       \
        put_field(b, id, p->member);
    FIELD_STRINGS(X)
#undef X
#define X(id, member)                            \
    for (size_t i = 0; i < p->member.n; i++)     \
        put_field(b, id, p->member.v[i]);
    FIELD_LISTS(X)
#undef X
    if (p->has_epoch)
        put_number(b, F_EPOCH, p->epoch);
    if (p->has_modularity)
        put_field(b, F_MODULARITY, p->modularity);
    if (p->size_bytes)
        put_number(b, F_SIZE, p->size_bytes);
    if (p->flags)
        put_number(b, F_FLAGS, p->flags);
    return record_end(b, at);
}

static bool write_gap(struct prq_sink *s, const struct prq_gap *g)
{
    struct prq_facts_writer *w = writer_of(s);
    struct prq_buf *b = &w->facts;
    w->gap_count++;
    if (w->gap_count > w->limits->gaps)
        return true; /* counted; the writer's owner adds one gap that says so */
    size_t at = record_begin(b, 'G');
    put_str(b, g->kind);
    put_str(b, g->path.n ? g->path : w->path);
    prq_buf_byte(b, g->has_offset);
    prq_buf_varint(b, g->offset);
    put_str(b, g->reason);
    return record_end(b, at);
}

static bool write_note(struct prq_sink *s, prq_str kind, const struct prq_pair *pairs, size_t n)
{
    struct prq_facts_writer *w = writer_of(s);
    struct prq_buf *b = &w->facts;
    size_t at = record_begin(b, 'N');
    put_str(b, kind);
    put_str(b, w->path);
    prq_buf_varint(b, n);
    for (size_t i = 0; i < n; i++) {
        put_str(b, pairs[i].key);
        put_str(b, pairs[i].value);
    }
    return record_end(b, at);
}

static size_t shared_prefix(prq_str a, prq_str b)
{
    size_t n = prq_min_size(a.n, b.n), i = 0;
    while (i < n && a.p[i] == b.p[i])
        i++;
    return i;
}

static void put_path(struct prq_buf *b, prq_str last, prq_str path)
{
    size_t shared = shared_prefix(last, path);
    prq_buf_varint(b, shared);
    put_str(b, prq_str_from_at(path, shared));
}

static bool write_owned(struct prq_sink *s, prq_str owner, const prq_str *paths, size_t n)
{
    struct prq_facts_writer *w = writer_of(s);
    struct prq_buf *b = &w->facts;
    size_t at = record_begin(b, 'O');
    put_str(b, owner);
    put_str(b, w->path);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        kept += paths[i].n < sizeof w->last;
    prq_buf_varint(b, kept);
    prq_str last = { 0 };
    for (size_t i = 0; i < n; i++) {
        if (paths[i].n >= sizeof w->last)
            continue; /* longer than any path a layer may hold */
        put_path(b, last, paths[i]);
        last = paths[i];
    }
    return record_end(b, at);
}

static const struct prq_sink_ops writer_ops = { write_package, write_gap, write_note, write_owned };

void prq_facts_writer_init(struct prq_facts_writer *w, const struct prq_limits *limits)
{
    *w = (struct prq_facts_writer){ .sink.ops = &writer_ops, .limits = limits };
    prq_buf_init(&w->facts, (size_t)limits->facts_bytes);
    prq_buf_init(&w->index, (size_t)limits->index_bytes);
}

void prq_facts_writer_release(struct prq_facts_writer *w)
{
    prq_buf_release(&w->facts);
    prq_buf_release(&w->index);
}

bool prq_facts_add_link(struct prq_facts_writer *w, prq_str path, prq_str target)
{
    size_t at = record_begin(&w->facts, 'S');
    put_str(&w->facts, path);
    put_str(&w->facts, target);
    return record_end(&w->facts, at);
}

bool prq_facts_drop(struct prq_facts_writer *w, prq_str path)
{
    size_t at = record_begin(&w->facts, 'D');
    put_str(&w->facts, path);
    return record_end(&w->facts, at);
}

static uint64_t zigzag(int64_t v)
{
    return ((uint64_t)v << 1) ^ (v < 0 ? UINT64_MAX : 0);
}

static int64_t unzigzag(uint64_t v)
{
    return (int64_t)((v >> 1) ^ (v & 1 ? UINT64_MAX : 0));
}

static bool has_link(enum prq_file_type t)
{
    return t == PRQ_FILE_SYMLINK || t == PRQ_FILE_HARDLINK;
}

/* Above the permission bits, where it takes no byte. */
enum { MODE_HAS_XATTRS = 1 << 12 };

bool prq_xattr_add(struct prq_buf *coded, prq_str name, prq_bytes value)
{
    put_str(coded, name);
    put_str(coded, prq_str_of(value));
    return !coded->bad;
}

bool prq_xattr_next(prq_bytes *rest, prq_str *name, prq_bytes *value)
{
    struct prq_rd r = prq_rd_of(*rest);
    *name = prq_rd_lenstr(&r);
    *value = prq_bytes_of(prq_rd_lenstr(&r));
    if (rest->n == 0 || r.bad)
        return false;
    *rest = (prq_bytes){ rest->p + r.at, rest->n - r.at };
    return true;
}

static bool are_xattrs(prq_bytes coded)
{
    prq_str name;
    prq_bytes value;
    while (prq_xattr_next(&coded, &name, &value))
        ;
    return coded.n == 0;
}

bool prq_facts_add_file(struct prq_facts_writer *w, const struct prq_file *f)
{
    struct prq_buf *b = &w->index;
    if (f->path.n >= sizeof w->last)
        return false;
    size_t at = b->n;
    put_path(b, (prq_str){ w->last, w->last_n }, f->path);
    prq_buf_byte(b, (uint8_t)((uint8_t)f->type | (f->has_sha256 ? 0x80 : 0)));
    prq_buf_varint(b, f->mode | (f->xattrs.n ? MODE_HAS_XATTRS : 0));
    prq_buf_varint(b, f->uid);
    prq_buf_varint(b, f->gid);
    prq_buf_varint(b, f->size);
    prq_buf_varint(b, zigzag(f->mtime_s));
    if (has_link(f->type))
        put_str(b, f->link);
    if (f->has_sha256)
        prq_buf_add(b, f->sha256, sizeof f->sha256);
    if (f->xattrs.n)
        put_str(b, prq_str_of(f->xattrs));
    if (b->bad) {
        b->n = at;
        return false;
    }
    if (f->path.n)
        memcpy(w->last, f->path.p, f->path.n);
    w->last_n = f->path.n;
    w->file_count++;
    return true;
}

static void put_moved(struct prq_buf *b, prq_str path, prq_str from, prq_str to)
{
    prq_str inner = prq_str_from_at(path, from.n);
    if (!prq_str_starts(path, from) || (inner.n && !prq_str_starts(inner, PRQ_S("!/")))) {
        put_str(b, path);
        return;
    }
    prq_buf_varint(b, to.n + inner.n);
    prq_buf_str(b, to);
    prq_buf_str(b, inner);
}

static bool next_record(struct prq_rd *r, uint8_t *type, prq_bytes *payload);

bool prq_facts_repeat(struct prq_facts_writer *w, prq_bytes records, prq_str from, prq_str to)
{
    struct prq_rd r = prq_rd_of(records);
    uint8_t type;
    prq_bytes payload;
    while (prq_rd_left(&r) && next_record(&r, &type, &payload)) {
        struct prq_rd body = prq_rd_of(payload);
        if (type == 'P' && ++w->package_count > w->limits->packages)
            return false;
        if (type == 'G' && ++w->gap_count > w->limits->gaps)
            continue;
        if (!strchr("PGNO", type))
            continue;
        size_t at = record_begin(&w->facts, (char)type);
        while (type == 'P' && prq_rd_left(&body)) {
            uint8_t id = prq_rd_u8(&body);
            prq_str value = prq_rd_lenstr(&body);
            prq_buf_byte(&w->facts, id);
            if (id == F_PATH)
                put_moved(&w->facts, value, from, to);
            else
                put_str(&w->facts, value);
        }
        if (type != 'P') { /* a word, the path, and what does not name it */
            put_str(&w->facts, prq_rd_lenstr(&body));
            put_moved(&w->facts, prq_rd_lenstr(&body), from, to);
            prq_buf_add(&w->facts, body.p + body.at, prq_rd_left(&body));
        }
        if (!record_end(&w->facts, at))
            return false;
    }
    return true;
}

/* ---- reading */
static uint64_t number_of(prq_str value, bool *bad)
{
    struct prq_rd r = prq_rd_of(prq_bytes_of(value));
    uint64_t v = prq_rd_varint(&r);
    *bad |= r.bad;
    return v;
}

static size_t count_field(struct prq_rd r, enum field field)
{
    size_t n = 0;
    while (prq_rd_left(&r)) {
        uint8_t id = prq_rd_u8(&r);
        prq_rd_lenstr(&r);
        n += !r.bad && id == (uint8_t)field;
    }
    return n;
}

static bool read_list(struct prq_rd body, enum field field, struct prq_arena *a, struct prq_strs *out)
{
    size_t n = count_field(body, field);
    out->v = n ? prq_new_n(a, prq_str, n) : NULL;
    if (n && !out->v)
        return false;
    while (prq_rd_left(&body)) {
        uint8_t id = prq_rd_u8(&body);
        prq_str v = prq_rd_lenstr(&body);
        if (!body.bad && id == (uint8_t)field)
            out->v[out->n++] = v;
    }
    return true;
}

static bool read_package(prq_bytes payload, uint32_t layer, struct prq_arena *a,
                         struct prq_package *p)
{
    struct prq_rd r = prq_rd_of(payload);
    bool bad = false;
    uint64_t lists = 0; /* bit F: the record has that list */
    *p = (struct prq_package){ 0 };
    p->evidence = prq_new(a, struct prq_evidence);
    if (!p->evidence)
        return false;
    p->evidence_count = 1;
    p->evidence[0].layer = layer;
    p->layer = layer;
    while (prq_rd_left(&r)) {
        uint8_t id = prq_rd_u8(&r);
        prq_str v = prq_rd_lenstr(&r);
        switch (id) {
#define X(field, member)  \
    case field:           \
        p->member = v;    \
        break;
            FIELD_STRINGS(X)
#undef X
        case F_EPOCH:
            p->has_epoch = true;
            p->epoch = number_of(v, &bad);
            break;
        case F_MODULARITY:
            p->has_modularity = true;
            p->modularity = v;
            break;
        case F_SIZE:
            p->size_bytes = number_of(v, &bad);
            break;
        case F_FLAGS:
            p->flags = (uint32_t)number_of(v, &bad);
            break;
        case F_PATH:
            p->evidence[0].path = v;
            break;
#define X(field, member) case field:
            FIELD_LISTS(X)
#undef X
            lists |= UINT64_C(1) << id;
            break;
        default:
            break;
        }
    }
    struct prq_rd body = prq_rd_of(payload);
#define X(field, member)                                                             \
    if ((lists >> field & 1) && !read_list(body, field, a, &p->member))              \
        return false;
    FIELD_LISTS(X)
#undef X
    return !r.bad && !bad;
}

static bool read_gap(struct prq_rd *r, uint32_t layer, struct prq_gap *g)
{
    g->kind = prq_rd_lenstr(r);
    g->path = prq_rd_lenstr(r);
    g->has_offset = prq_rd_u8(r) != 0;
    g->offset = prq_rd_varint(r);
    g->reason = prq_rd_lenstr(r);
    g->layer = layer;
    return !r->bad;
}

static bool read_note(struct prq_rd *r, uint32_t layer, struct prq_arena *a, struct prq_note *n)
{
    n->kind = prq_rd_lenstr(r);
    n->path = prq_rd_lenstr(r);
    n->layer = layer;
    n->n = prq_rd_count(r, prq_rd_varint(r), 2);
    if (r->bad)
        return false;
    n->pairs = n->n ? prq_new_n(a, struct prq_pair, n->n) : NULL;
    if (n->n && !n->pairs)
        return false;
    for (size_t i = 0; i < n->n; i++) {
        n->pairs[i].key = prq_rd_lenstr(r);
        n->pairs[i].value = prq_rd_lenstr(r);
    }
    return !r->bad;
}

static bool read_owned(struct prq_rd *r, struct prq_owned *o)
{
    o->owner = prq_rd_lenstr(r);
    o->path = prq_rd_lenstr(r);
    o->count = prq_rd_count(r, prq_rd_varint(r), 2);
    o->coded = (prq_bytes){ r->p + r->at, prq_rd_left(r) };
    return !r->bad;
}

static bool read_link(struct prq_rd *r, struct prq_link *l)
{
    l->path = prq_rd_lenstr(r);
    l->target = prq_rd_lenstr(r);
    return !r->bad;
}

static bool next_record(struct prq_rd *r, uint8_t *type, prq_bytes *payload)
{
    *type = prq_rd_u8(r);
    uint64_t n = prq_rd_varint(r);
    if (r->bad || n > prq_rd_left(r))
        return false;
    *payload = (prq_bytes){ prq_rd_take(r, (size_t)n), (size_t)n };
    return true;
}

/* `drops`: path to the position of its last 'D' record. */
static bool count_records(prq_bytes bytes, struct prq_facts *out, struct prq_map *drops,
                          uint64_t *at)
{
    struct prq_rd r = prq_rd_of(bytes);
    while (prq_rd_left(&r)) {
        uint8_t type;
        prq_bytes payload = { 0 };
        *at = prq_rd_at(&r);
        if (!next_record(&r, &type, &payload))
            return false;
        out->package_count += type == 'P';
        out->gap_count += type == 'G';
        out->note_count += type == 'N';
        out->owned_count += type == 'O';
        out->link_count += type == 'S';
        if (type == 'D') {
            struct prq_rd body = prq_rd_of(payload);
            prq_str path = prq_rd_lenstr(&body);
            size_t *last = body.bad ? NULL : prq_map_put(drops, path, 0, NULL);
            if (!last)
                return false;
            *last = (size_t)*at;
        }
    }
    return true;
}

/* Evidence inside an archive goes with the archive: "a.jar!/b.jar" with "a.jar". */
static bool is_dropped(const struct prq_map *drops, prq_str path, uint64_t at)
{
    size_t inner = prq_str_search(path, PRQ_S("!/"));
    const size_t *last = prq_map_find(drops, prq_str_head(path, inner));
    return last && at < *last;
}

/* A record may have two bytes and its struct hundreds: the bytes alone do not bound them. Notes,
 * lists and links come from members. */
static bool has_sane_counts(const struct prq_facts *f)
{
    const struct prq_limits *l = &prq_limits_default;
    return f->package_count <= l->packages && f->gap_count <= l->gaps + 2 &&
           f->note_count <= l->tar_members && f->owned_count <= l->tar_members &&
           f->link_count <= l->tar_members;
}

bool prq_facts_parse(prq_bytes bytes, uint32_t layer, struct prq_arena *a, struct prq_facts *out,
                     struct prq_err *err)
{
    struct prq_facts f = { 0 };
    uint64_t at = 0;
    struct prq_map drops;
    prq_map_init(&drops, a);
    if (!count_records(bytes, &f, &drops, &at))
        return prq_fail_at(err, PRQ_E_FORMAT, at, "facts end early");
    if (!has_sane_counts(&f))
        return prq_fail(err, PRQ_E_LIMIT, "more facts of a layer than there may be");
    f.packages = prq_new_n(a, struct prq_package, f.package_count);
    f.gaps = prq_new_n(a, struct prq_gap, f.gap_count);
    f.notes = prq_new_n(a, struct prq_note, f.note_count);
    f.owned = prq_new_n(a, struct prq_owned, f.owned_count);
    f.links = prq_new_n(a, struct prq_link, f.link_count);
    if (!f.packages || !f.gaps || !f.notes || !f.owned || !f.links)
        return prq_fail(err, PRQ_E_LIMIT, "facts of a layer exceed the memory budget");
    struct prq_rd r = prq_rd_of(bytes);
    size_t p = 0, g = 0, n = 0, o = 0, l = 0;
    while (prq_rd_left(&r)) {
        uint8_t type;
        prq_bytes payload = { 0 };
        at = prq_rd_at(&r);
        bool ok = next_record(&r, &type, &payload);
        struct prq_rd body = prq_rd_of(payload);
        if (ok && type == 'P') {
            ok = read_package(payload, layer, a, &f.packages[p]);
            p += ok && !is_dropped(&drops, f.packages[p].evidence[0].path, at);
        } else if (ok && type == 'G') {
            ok = read_gap(&body, layer, &f.gaps[g++]);
        } else if (ok && type == 'N') {
            ok = read_note(&body, layer, a, &f.notes[n]);
            n += ok && !is_dropped(&drops, f.notes[n].path, at);
        } else if (ok && type == 'O') {
            ok = read_owned(&body, &f.owned[o]);
            o += ok && !is_dropped(&drops, f.owned[o].path, at);
        }
        if (ok && type == 'S')
            ok = read_link(&body, &f.links[l++]);
        if (!ok)
            return prq_fail_at(err, PRQ_E_FORMAT, at, "malformed record in the facts of a layer");
    }
    f.package_count = p;
    f.note_count = n;
    f.owned_count = o;
    *out = f;
    return true;
}

size_t prq_facts_whole(prq_bytes facts)
{
    struct prq_rd r = prq_rd_of(facts);
    size_t whole = 0;
    uint8_t type;
    prq_bytes payload;
    while (prq_rd_left(&r) && next_record(&r, &type, &payload))
        whole = (size_t)prq_rd_at(&r);
    return whole;
}

size_t prq_index_whole(prq_bytes index)
{
    struct prq_path_iter it;
    struct prq_file f;
    size_t whole = 0;
    prq_index_begin(&it, index);
    while (prq_index_next(&it, &f))
        whole = (size_t)prq_rd_at(&it.r);
    return whole;
}

static bool next_path(struct prq_path_iter *it, prq_str *path)
{
    uint64_t shared = prq_rd_varint(&it->r);
    prq_str rest = prq_rd_lenstr(&it->r);
    if (it->r.bad || shared > it->n || rest.n >= sizeof it->path - shared) {
        it->bad = true;
        return false;
    }
    if (rest.n)
        memcpy(it->path + shared, rest.p, rest.n);
    it->n = (size_t)shared + rest.n;
    *path = (prq_str){ it->path, it->n };
    return true;
}

void prq_owned_begin(struct prq_path_iter *it, const struct prq_owned *o)
{
    it->r = prq_rd_of(o->coded);
    it->n = 0;
    it->bad = false;
}

bool prq_owned_next(struct prq_path_iter *it, prq_str *path)
{
    return !it->bad && prq_rd_left(&it->r) && next_path(it, path);
}

void prq_index_begin(struct prq_path_iter *it, prq_bytes index)
{
    it->r = prq_rd_of(index);
    it->n = 0;
    it->bad = false;
}

bool prq_index_next(struct prq_path_iter *it, struct prq_file *f)
{
    if (it->bad || !prq_rd_left(&it->r))
        return false;
    *f = (struct prq_file){ 0 };
    if (!next_path(it, &f->path))
        return false;
    uint8_t type = prq_rd_u8(&it->r);
    f->type = (enum prq_file_type)(type & 0x7f);
    f->has_sha256 = (type & 0x80) != 0;
    f->mode = (uint32_t)prq_rd_varint(&it->r);
    f->uid = prq_rd_varint(&it->r);
    f->gid = prq_rd_varint(&it->r);
    f->size = prq_rd_varint(&it->r);
    f->mtime_s = unzigzag(prq_rd_varint(&it->r));
    if (has_link(f->type))
        f->link = prq_rd_lenstr(&it->r);
    if (f->has_sha256) {
        const uint8_t *d = prq_rd_take(&it->r, sizeof f->sha256);
        if (d)
            memcpy(f->sha256, d, sizeof f->sha256);
    }
    if (f->mode & MODE_HAS_XATTRS) {
        f->mode &= ~(uint32_t)MODE_HAS_XATTRS;
        f->xattrs = prq_bytes_of(prq_rd_lenstr(&it->r));
        it->bad |= !are_xattrs(f->xattrs);
    }
    it->bad |= it->r.bad;
    return !it->bad;
}
