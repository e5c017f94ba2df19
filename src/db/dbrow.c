/* SPDX-License-Identifier: Apache-2.0 */
/* A row of the `affected` table: what matching needs, without touching the record.
 *
 *   u8      format, 1
 *   varint  flags (below)
 *   u8      enum prq_fix_state
 *   then, each only when its flag is set, in the order of the flags:
 *   list    varint count, then that many texts (varint length, bytes)
 *   ranges  varint count; each: varint count of events; each: u8 kind, text
 *   ratings varint count; each: u8 primary, texts source, scheme, value
 */
#include "base/rd.h"
#include "db/dbdoc.h"
#include "db/dbwords.h"
#include "db/jsonutil.h"

enum {
    ROW_FORMAT = 1,

    IS_SOURCE = 1 << 0,
    IS_WITHDRAWN = 1 << 1,
    IS_DISPUTED = 1 << 2,
    IS_MALICIOUS = 1 << 3,
    FIXED_IMPLIED = 1 << 4,
    HAS_ALIASES = 1 << 5,
    HAS_CVES = 1 << 6,
    HAS_RANGES = 1 << 7,
    HAS_VERSIONS = 1 << 8,
    HAS_FIXED = 1 << 9,
    HAS_ARCHES = 1 << 10,
    HAS_ADVISORIES = 1 << 11,
    HAS_SPELLING = 1 << 12,
    HAS_MODULE = 1 << 13,
    HAS_GOOS = 1 << 14,
    HAS_NOTE = 1 << 15,
    HAS_RATINGS = 1 << 16,
    HAS_CPES = 1 << 17,
    ALL_FLAGS = (1 << 18) - 1,
};

static uint32_t flag_if(bool on, uint32_t flag)
{
    return on ? flag : 0;
}

static uint32_t flags_of(const struct prq_record *r, const struct prq_affected *p)
{
    bool implied = prq_fixed_is_implied(p);
    return flag_if(p->is_source, IS_SOURCE) | flag_if(r->is_withdrawn, IS_WITHDRAWN) |
           flag_if(r->is_disputed, IS_DISPUTED) | flag_if(r->is_malicious, IS_MALICIOUS) |
           flag_if(implied, FIXED_IMPLIED) | flag_if(r->aliases.n, HAS_ALIASES) |
           flag_if(r->cves.n, HAS_CVES) | flag_if(p->range_count, HAS_RANGES) |
           flag_if(p->versions.n, HAS_VERSIONS) | flag_if(p->fixed.n && !implied, HAS_FIXED) |
           flag_if(p->arches.n, HAS_ARCHES) | flag_if(p->advisories.n, HAS_ADVISORIES) |
           flag_if(p->spelling.n, HAS_SPELLING) | flag_if(p->module.n, HAS_MODULE) |
           flag_if(p->goos.n, HAS_GOOS) | flag_if(p->note.n, HAS_NOTE) |
           flag_if(p->rating_count, HAS_RATINGS) | flag_if(p->cpes.n, HAS_CPES);
}

static void put_text(struct prq_buf *b, prq_str s)
{
    prq_buf_varint(b, s.n);
    prq_buf_str(b, s);
}

static void put_list(struct prq_buf *b, const struct prq_strs *list)
{
    if (list->n == 0)
        return;
    prq_buf_varint(b, list->n);
    for (size_t i = 0; i < list->n; i++)
        put_text(b, list->v[i]);
}

static void put_ranges(struct prq_buf *b, const struct prq_affected *p)
{
    if (p->range_count == 0)
        return;
    prq_buf_varint(b, p->range_count);
    for (size_t i = 0; i < p->range_count; i++) {
        prq_buf_varint(b, p->ranges[i].n);
        for (size_t k = 0; k < p->ranges[i].n; k++) {
            prq_buf_byte(b, (uint8_t)p->ranges[i].events[k].kind);
            put_text(b, p->ranges[i].events[k].version);
        }
    }
}

static void put_ratings(struct prq_buf *b, const struct prq_affected *p)
{
    if (p->rating_count == 0)
        return;
    prq_buf_varint(b, p->rating_count);
    for (size_t i = 0; i < p->rating_count; i++) {
        prq_buf_byte(b, p->ratings[i].is_primary);
        put_text(b, p->ratings[i].source);
        put_text(b, p->ratings[i].scheme);
        put_text(b, p->ratings[i].value);
    }
}

bool prq_row_write(const struct prq_record *r, const struct prq_affected *p, struct prq_buf *out)
{
    uint32_t flags = flags_of(r, p);
    prq_buf_byte(out, ROW_FORMAT);
    prq_buf_varint(out, flags);
    prq_buf_byte(out, (uint8_t)p->state);
    put_list(out, &r->aliases);
    put_list(out, &r->cves);
    put_ranges(out, p);
    put_list(out, &p->versions);
    if (flags & HAS_FIXED)
        put_list(out, &p->fixed);
    put_list(out, &p->arches);
    put_list(out, &p->advisories);
    const prq_str texts[] = { p->spelling, p->module, p->goos, p->note };
    for (size_t i = 0; i < PRQ_COUNT(texts); i++)
        if (texts[i].n)
            put_text(out, texts[i]);
    put_ratings(out, p);
    put_list(out, &p->cpes);
    return !out->bad;
}

/* ---- reading: `full` tells a full arena from a malformed row */

struct in {
    struct prq_rd rd;
    struct prq_arena *a;
    bool full;
};

/* A count of things that take `size` bytes of the row at least; 0 is never written. */
static size_t get_count(struct in *in, size_t size)
{
    size_t n = prq_rd_count(&in->rd, prq_rd_varint(&in->rd), size);
    if (n == 0)
        in->rd.bad = true;
    return n;
}

static void *room(struct in *in, size_t size, size_t n)
{
    void *p = n && !in->full ? prq_arena_alloc_n(in->a, size, n) : NULL;
    if (n && !p)
        in->full = true;
    return p;
}

static struct prq_strs get_list(struct in *in)
{
    size_t n = get_count(in, 1);
    struct prq_strs list = { room(in, sizeof(prq_str), n), 0 };
    for (; list.v && list.n < n && !in->rd.bad; list.n++)
        list.v[list.n] = prq_rd_lenstr(&in->rd);
    return list;
}

static struct prq_range get_range(struct in *in)
{
    /* A range may have no event at all: it matches nothing. */
    size_t n = prq_rd_count(&in->rd, prq_rd_varint(&in->rd), 2);
    struct prq_range r = { room(in, sizeof(struct prq_event), n), 0 };
    for (; r.events && r.n < n && !in->rd.bad; r.n++) {
        uint8_t kind = prq_rd_u8(&in->rd);
        if (kind >= PRQ_DB_EVENTS)
            in->rd.bad = true;
        r.events[r.n] = (struct prq_event){ (enum prq_event_kind)kind, prq_rd_lenstr(&in->rd) };
    }
    return r;
}

static void get_ranges(struct in *in, struct prq_affected *p)
{
    size_t n = get_count(in, 1);
    p->ranges = room(in, sizeof *p->ranges, n);
    while (p->ranges && p->range_count < n && !in->rd.bad)
        p->ranges[p->range_count++] = get_range(in);
}

static void get_ratings(struct in *in, struct prq_affected *p)
{
    size_t n = get_count(in, 4);
    p->ratings = room(in, sizeof *p->ratings, n);
    for (; p->ratings && p->rating_count < n && !in->rd.bad; p->rating_count++) {
        struct prq_rating *r = &p->ratings[p->rating_count];
        uint8_t primary = prq_rd_u8(&in->rd);
        in->rd.bad |= primary > 1;
        r->is_primary = primary == 1;
        r->source = prq_rd_lenstr(&in->rd);
        r->scheme = prq_rd_lenstr(&in->rd);
        r->value = prq_rd_lenstr(&in->rd);
    }
}

static void imply_fixed(struct in *in, struct prq_affected *p)
{
    p->fixed.v = room(in, sizeof(prq_str), 1);
    for (size_t i = 0; p->fixed.v && i < p->range_count; i++)
        for (size_t k = 0; k < p->ranges[i].n; k++)
            if (p->ranges[i].events[k].kind == PRQ_EVENT_FIXED && p->fixed.n == 0)
                p->fixed.v[p->fixed.n++] = p->ranges[i].events[k].version;
}

bool prq_row_parse(prq_bytes blob, struct prq_arena *a, struct prq_db_row *out, struct prq_err *err)
{
    struct in in = { prq_rd_of(blob), a, false };
    if (prq_rd_u8(&in.rd) != ROW_FORMAT)
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "row of another format");
    uint64_t flags = prq_rd_varint(&in.rd);
    uint8_t state = prq_rd_u8(&in.rd);
    if (in.rd.bad || flags > ALL_FLAGS || state >= PRQ_DB_STATES)
        return prq_fail_at(err, PRQ_E_FORMAT, 1, "row with an unknown flag or state");
    struct prq_db_row row = { .is_withdrawn = flags & IS_WITHDRAWN,
                              .is_disputed = flags & IS_DISPUTED,
                              .is_malicious = flags & IS_MALICIOUS };
    struct prq_affected *p = &row.affected;
    p->is_source = flags & IS_SOURCE;
    p->state = (enum prq_fix_state)state;
    if (flags & HAS_ALIASES)
        row.aliases = get_list(&in);
    if (flags & HAS_CVES)
        row.cves = get_list(&in);
    if (flags & HAS_RANGES)
        get_ranges(&in, p);
    struct {
        uint32_t flag;
        struct prq_strs *to;
    } lists[] = { { HAS_VERSIONS, &p->versions },
                  { HAS_FIXED, &p->fixed },
                  { HAS_ARCHES, &p->arches },
                  { HAS_ADVISORIES, &p->advisories } };
    for (size_t i = 0; i < PRQ_COUNT(lists); i++)
        if (flags & lists[i].flag)
            *lists[i].to = get_list(&in);
    struct {
        uint32_t flag;
        prq_str *to;
    } texts[] = { { HAS_SPELLING, &p->spelling },
                  { HAS_MODULE, &p->module },
                  { HAS_GOOS, &p->goos },
                  { HAS_NOTE, &p->note } };
    for (size_t i = 0; i < PRQ_COUNT(texts); i++)
        if (flags & texts[i].flag)
            *texts[i].to = prq_rd_lenstr(&in.rd);
    if (flags & HAS_RATINGS)
        get_ratings(&in, p);
    if (flags & HAS_CPES)
        p->cpes = get_list(&in);
    if (flags & FIXED_IMPLIED)
        imply_fixed(&in, p);
    if (in.full)
        return prq_fail(err, PRQ_E_LIMIT, "rows exceed the memory budget");
    if (in.rd.bad || prq_rd_left(&in.rd))
        return prq_fail_at(err, PRQ_E_FORMAT, prq_rd_at(&in.rd), "malformed row");
    *out = row;
    return true;
}
