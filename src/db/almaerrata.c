/* SPDX-License-Identifier: Apache-2.0 */
/*   { "data": [ { "id": "ALSA-2019:3708", "packages": [ { "name", "epoch", "version", "release",
 *       "arch", "module": "mariadb:10.3:8050020220427075058:c5368500:x86_64" } ] } ] }
 *
 * A list alone ("[ … ]"), as the file had in 2021, is read as well. */
#include "db/almaerrata.h"

#include "db/jsonutil.h"

void prq_alma_errata_init(struct prq_alma_errata *e, struct prq_arena *a)
{
    *e = (struct prq_alma_errata){ .a = a };
    prq_map_init(&e->by_key, a);
}

static prq_str key_of(prq_str id, prq_str name, prq_str version, prq_str release,
                      struct prq_arena *a)
{
    return prq_arena_printf(a, "%.*s %.*s %.*s-%.*s", PRQ_FMT(id), PRQ_FMT(name), PRQ_FMT(version),
                            PRQ_FMT(release));
}

/* "nodejs:16:8050020220427075058:c5368500:x86_64" → "nodejs:16" */
static prq_str stream_of(prq_str module)
{
    prq_str name, rest;
    if (!prq_str_cut(module, ':', &name, &rest))
        return (prq_str){ 0 };
    size_t n = prq_str_find(rest, ':');
    module = prq_str_head(module, name.n + 1 + n);
    return n && prq_is_row_text(module) ? module : (prq_str){ 0 };
}

static bool add_build(struct prq_alma_errata *e, prq_str key, prq_str module, prq_str arch)
{
    bool any_arch = prq_str_eq(arch, PRQ_S("noarch")) || !prq_is_record_id(arch);
    struct prq_alma_build b = { stream_of(module), any_arch ? (prq_str){ 0 } : arch, 0 };
    size_t *at = prq_map_put(&e->by_key, key, 0, NULL);
    if (!at || !prq_arena_grow(e->a, &e->builds, sizeof *e->builds, &e->cap, e->n + 1))
        return false;
    b.next = *at;
    e->builds[e->n++] = b;
    *at = e->n;
    return true;
}

struct package {
    prq_str name, version, release, arch, module;
};

static struct package read_package(struct prq_json *j)
{
    struct package p = { .name = { 0 } };
    const struct prq_json_text wanted[] = {
        { PRQ_SI("name"), &p.name },       { PRQ_SI("version"), &p.version },
        { PRQ_SI("release"), &p.release }, { PRQ_SI("arch"), &p.arch },
        { PRQ_SI("module"), &p.module },
    };
    if (prq_json_object_or_skip(j))
        prq_json_texts(j, wanted, PRQ_COUNT(wanted));
    return p;
}

/* Members come in any order: the packages are read when the id is known. */
static void one_advisory(struct prq_json *j, struct prq_alma_errata *e,
                         const struct prq_feed_sink *sink)
{
    struct package *v = NULL;
    size_t n = 0, cap = 0;
    prq_str key, id = { 0 };
    if (!prq_json_object_or_skip(j))
        return;
    while (prq_json_key(j, &key)) {
        if (prq_str_eq(key, PRQ_S("id"))) {
            prq_json_string_or_skip(j, &id);
        } else if (prq_str_eq(key, PRQ_S("packages")) && prq_json_array_or_skip(j)) {
            while (prq_json_item(j)) {
                if (!prq_arena_grow(e->a, &v, sizeof *v, &cap, n + 1)) {
                    prq_json_no_memory(j);
                    return;
                }
                v[n++] = read_package(j);
            }
        } else if (!prq_str_eq(key, PRQ_S("packages"))) {
            prq_json_skip(j);
        }
    }
    if (j->bad)
        return;
    if (!prq_is_record_id(id)) {
        sink->skip(sink->user, (prq_str){ 0 }, "an erratum without a usable id");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        prq_str where = key_of(id, v[i].name, v[i].version, v[i].release, e->a);
        if (!where.p || !add_build(e, where, v[i].module, v[i].arch)) {
            prq_json_no_memory(j);
            return;
        }
    }
}

static void read_list(struct prq_json *j, struct prq_alma_errata *e,
                      const struct prq_feed_sink *sink)
{
    if (prq_json_array_or_skip(j))
        while (prq_json_item(j))
            one_advisory(j, e, sink);
}

bool prq_alma_errata_parse(prq_str json, struct prq_alma_errata *e,
                           const struct prq_feed_sink *sink, struct prq_err *err)
{
    struct prq_json j;
    prq_str key;
    prq_json_init(&j, json, e->a, NULL);
    if (prq_json_peek(&j) == PRQ_JSON_ARRAY) {
        read_list(&j, e, sink);
        return prq_json_end(&j, err);
    }
    if (!prq_json_enter_object(&j))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not AlmaLinux's errata: no JSON object");
    while (prq_json_key(&j, &key)) {
        if (prq_str_eq(key, PRQ_S("data")))
            read_list(&j, e, sink);
        else
            prq_json_skip(&j);
    }
    return prq_json_end(&j, err);
}

/* ---- joining */

/* More builds of one version there are not: what follows them is left out. */
enum { BUILDS_MAX = 64 };

struct rows {
    struct prq_affected *v;
    size_t n, cap;
};

static bool add_arch(struct prq_affected *row, size_t *cap, prq_str arch, struct prq_arena *a)
{
    return prq_db_strs_has(&row->arches, arch) || prq_db_strs_add(&row->arches, cap, arch, a);
}

/* All builds of one stream: their architectures, none (any) when one of them has none. */
static bool add_stream(const struct prq_alma_errata *e, size_t first, prq_str module,
                       const struct prq_affected *from, struct rows *out, struct prq_arena *a)
{
    struct prq_affected row = *from;
    size_t cap = 0;
    bool any = false;
    row.module = module;
    row.arches = (struct prq_strs){ 0 };
    for (size_t i = first, k = 0; i && k < BUILDS_MAX; i = e->builds[i - 1].next, k++) {
        const struct prq_alma_build *b = &e->builds[i - 1];
        if (!prq_str_eq(b->module, module))
            continue;
        any |= b->arch.n == 0;
        if (b->arch.n && !add_arch(&row, &cap, b->arch, a))
            return false;
    }
    if (any)
        row.arches.n = 0;
    if (!prq_arena_grow(a, &out->v, sizeof *out->v, &out->cap, out->n + 1))
        return false;
    out->v[out->n++] = row;
    return true;
}

static bool is_first_of_stream(const struct prq_alma_errata *e, size_t first, size_t at)
{
    for (size_t i = first; i != at; i = e->builds[i - 1].next)
        if (prq_str_eq(e->builds[i - 1].module, e->builds[at - 1].module))
            return false;
    return true;
}

static size_t first_build(const struct prq_alma_errata *e, const struct prq_record *r,
                          const struct prq_affected *row, struct prq_arena *a)
{
    prq_str version, release, epoch, rest;
    uint64_t number;
    if (row->fixed.n != 1)
        return 0;
    version = row->fixed.v[0];
    if (prq_str_cut(version, ':', &epoch, &rest) && prq_str_u64(epoch, &number))
        version = rest;
    if (!prq_str_rcut(version, '-', &version, &release))
        return 0;
    prq_str key = key_of(r->id, row->name, version, release, a);
    const size_t *at = key.p ? prq_map_find(&e->by_key, key) : NULL;
    return at ? *at : 0;
}

bool prq_alma_errata_join(const struct prq_alma_errata *e, struct prq_record *r,
                          struct prq_arena *a)
{
    struct rows out = { .v = NULL };
    if (e->n == 0)
        return true;
    for (size_t k = 0; k < r->affected_count; k++) {
        const struct prq_affected *row = &r->affected[k];
        size_t first = first_build(e, r, row, a);
        if (!first) {
            if (!prq_arena_grow(a, &out.v, sizeof *out.v, &out.cap, out.n + 1))
                return false;
            out.v[out.n++] = *row;
        }
        for (size_t i = first, n = 0; i && n < BUILDS_MAX; i = e->builds[i - 1].next, n++)
            if (is_first_of_stream(e, first, i) &&
                !add_stream(e, first, e->builds[i - 1].module, row, &out, a))
                return false;
    }
    r->affected = out.v;
    r->affected_count = out.n;
    return true;
}
