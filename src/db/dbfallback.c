/* SPDX-License-Identifier: Apache-2.0 */
/* Families with a second feed that is read only where the first lacks the (release, package, CVE),
 * and never overrules it. Source: matching.md 3, the table at its head.
 *
 *   SUSE, openSUSE   OVAL, then OSV        what OVAL names is remembered, and left out of OSV
 *   Photon           lists, then OVAL      likewise
 *   Ubuntu           OSV, then VEX         records of the same key, joined package by package */
#include <stdlib.h>

#include "db/dbfamily.h"
#include "db/feedrow.h"

/* What the first feed knows: a hash of each (space, name, CVE), and in the end sorted. */
struct known {
    uint64_t *v;
    size_t n, cap;
    bool is_full;
};

struct both {
    const struct prq_family_def *def;
    struct prq_intake *out;
    struct prq_arena *a; /* of what is known */
    struct known known;
    prq_str space;
    enum prq_oval_vendor oval;
};

/* FNV-1a */
static uint64_t hash_text(uint64_t hash, prq_str text)
{
    for (size_t i = 0; i < text.n; i++)
        hash = (hash ^ (uint8_t)text.p[i]) * 0x100000001b3u;
    return (hash ^ 0xff) * 0x100000001b3u;
}

static uint64_t hash_of(const struct prq_affected *row, prq_str cve)
{
    uint64_t hash = hash_text(0xcbf29ce484222325u, row->space);
    return hash_text(hash_text(hash, row->name), cve);
}

static int by_value(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static bool is_known(const struct known *k, const struct prq_affected *row, prq_str cve)
{
    uint64_t hash = hash_of(row, cve);
    return k->n && bsearch(&hash, k->v, k->n, sizeof *k->v, by_value);
}

static bool note(struct both *b, const struct prq_affected *row, prq_str cve)
{
    struct known *k = &b->known;
    if (!prq_arena_grow(b->a, &k->v, sizeof *k->v, &k->cap, k->n + 1))
        return false;
    k->v[k->n++] = hash_of(row, cve);
    return true;
}

/* A record of the first feed: by its id, and the CVEs of an advisory. */
static bool take_first(void *user, struct prq_record *r, struct prq_err *err)
{
    struct both *b = user;
    bool ok = true;
    for (size_t i = 0; ok && i < r->affected_count; i++) {
        ok = note(b, &r->affected[i], r->id);
        for (size_t k = 0; ok && k < r->cves.n; k++)
            ok = note(b, &r->affected[i], r->cves.v[k]);
    }
    if (!ok)
        return prq_fail(err, PRQ_E_LIMIT, "what is known exceeds the memory budget");
    return b->out->sink.record(b->out->sink.user, r, err);
}

/* The rows of an advisory that the first feed lacks for one of its CVEs, as a record of that CVE. */
static bool give_rest(struct both *b, const struct prq_record *r, prq_str cve, struct prq_err *err)
{
    struct prq_record part = { .source = r->source, .id = cve, .published = r->published,
                               .references = r->references,
                               .reference_count = r->reference_count };
    part.affected = prq_new_n(b->out->a, struct prq_affected, r->affected_count);
    if (!part.affected)
        return prq_fail(err, PRQ_E_LIMIT, "record %.*s exceeds the memory budget", PRQ_FMT(r->id));
    for (size_t i = 0; i < r->affected_count; i++)
        if (!is_known(&b->known, &r->affected[i], cve))
            part.affected[part.affected_count++] = r->affected[i];
    return !part.affected_count || b->out->sink.record(b->out->sink.user, &part, err);
}

/* A record of the second feed; whole where nothing of it is known. */
static bool take_second(void *user, struct prq_record *r, struct prq_err *err)
{
    struct both *b = user;
    size_t hits = 0;
    const prq_str *ids = r->cves.n ? r->cves.v : &r->id;
    size_t id_count = r->cves.n ? r->cves.n : 1;
    for (size_t i = 0; i < r->affected_count; i++)
        for (size_t k = 0; k < id_count; k++)
            hits += is_known(&b->known, &r->affected[i], ids[k]);
    if (!hits)
        return b->out->sink.record(b->out->sink.user, r, err);
    if (hits == r->affected_count * id_count)
        return true;
    struct prq_mark mark = prq_arena_mark(b->out->a);
    bool ok = true;
    for (size_t k = 0; ok && k < id_count; k++)
        ok = give_rest(b, r, ids[k], err);
    prq_arena_rewind(b->out->a, mark);
    return ok;
}

/* The readers' skips go where they go. */
static void skip(void *user, prq_str what, const char *why)
{
    struct both *b = user;
    b->out->sink.skip(b->out->sink.user, what, why);
}

static struct prq_feed_sink sink_of(struct both *b, bool is_first)
{
    return (struct prq_feed_sink){ .user = b, .record = is_first ? take_first : take_second,
                                   .skip = skip };
}

static bool begin(struct both *b, const struct prq_family_def *def, struct prq_intake *out,
                  struct prq_err *err)
{
    *b = (struct both){ .def = def, .out = out, .a = prq_arena_new(PRQ_MIB(512)) };
    return b->a || prq_fail(err, PRQ_E_NOMEM, "no memory to read feeds");
}

static void end_first(struct both *b)
{
    if (b->known.n)
        qsort(b->known.v, b->known.n, sizeof *b->known.v, by_value);
}

/* ---- the files */

static bool first_oval(struct prq_intake *out, prq_bytes bytes, void *user, struct prq_err *err)
{
    struct both *b = user;
    struct prq_feed_sink sink = sink_of(b, true);
    return prq_oval_parse(bytes, PRQ_OVAL_SUSE, b->def->name, b->space, out->a, &sink, err);
}

static bool second_osv(struct prq_intake *out, prq_bytes bytes, void *user, struct prq_err *err)
{
    struct both *b = user;
    struct prq_feed_sink sink = sink_of(b, false);
    return prq_osv_zip(bytes, b->def->name, out->a, &sink, err);
}

static bool first_list(struct prq_intake *out, prq_bytes bytes, void *user, struct prq_err *err)
{
    struct both *b = user;
    struct prq_feed_sink sink = sink_of(b, true);
    return prq_photon_parse(prq_str_of(bytes), b->space, out->a, &sink, err);
}

static bool second_oval(struct prq_intake *out, prq_bytes bytes, void *user, struct prq_err *err)
{
    struct both *b = user;
    struct prq_feed_sink sink = sink_of(b, false);
    return prq_oval_parse(bytes, PRQ_OVAL_PHOTON, b->def->name, b->space, out->a, &sink, err);
}

static bool read_one(struct both *b, struct prq_source *from, prq_family_reader read, prq_str path,
                     bool *any, struct prq_err *err)
{
    bool found = false;
    if (!path.p)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read feeds");
    if (!prq_family_path(from, b->out, path, read, b, &found, err))
        return false;
    *any |= found;
    return true;
}

static bool none_found(const struct both *b, bool any, struct prq_err *err)
{
    return any || prq_fail(err, PRQ_E_DATA, "the feed of %s is not there", b->def->name);
}

/* ---- SUSE: of the variants of a file the one that has unfixed issues, too */

static bool read_stem(struct both *b, struct prq_source *from, const char *stem, bool *found,
                      struct prq_err *err)
{
    static const char *const variants[] = { "-affected.xml.gz", "-affected.xml.bz2", ".xml.gz",
                                            ".xml.bz2" };
    *found = false;
    for (size_t i = 0; i < PRQ_COUNT(variants) && !*found; i++) {
        prq_str path = prq_arena_printf(b->out->a, "suse/oval/%s%s", stem, variants[i]);
        if (!read_one(b, from, first_oval, path, found, err))
            return false;
    }
    return true;
}

/* The stem of all products of a release and, where that is missing, that of the server. */
struct stem {
    const char *all, *server;
};

static bool read_stems(struct both *b, struct prq_source *from, const struct stem *v, size_t n,
                       bool *any, struct prq_err *err)
{
    for (size_t i = 0; i < n; i++) {
        bool found;
        if (!read_stem(b, from, v[i].all, &found, err) ||
            (!found && v[i].server && !read_stem(b, from, v[i].server, &found, err)))
            return false;
        *any |= found;
    }
    return true;
}

static bool read_suse_like(const struct prq_family_def *def, struct prq_source *from,
                           struct prq_intake *out, const struct stem *v, size_t n, prq_str osv,
                           struct prq_err *err)
{
    struct both b;
    bool any = false;
    if (!begin(&b, def, out, err))
        return false;
    bool ok = read_stems(&b, from, v, n, &any, err);
    end_first(&b);
    ok = ok && read_one(&b, from, second_osv, osv, &any, err) && none_found(&b, any, err);
    prq_arena_free(b.a);
    return ok;
}

bool prq_read_suse(const struct prq_family_def *def, struct prq_source *from,
                   struct prq_intake *out, struct prq_err *err)
{
    static const struct stem stems[] = {
        { "suse.linux.enterprise.11", "suse.linux.enterprise.server.11" },
        { "suse.linux.enterprise.12", "suse.linux.enterprise.server.12" },
        { "suse.linux.enterprise.15", "suse.linux.enterprise.server.15" },
        { "suse.linux.enterprise.16.0", "suse.linux.enterprise.server.16.0" },
        { "suse.linux.enterprise.micro.5.0", NULL }, { "suse.linux.enterprise.micro.5.1", NULL },
        { "suse.linux.enterprise.micro.5.2", NULL }, { "suse.linux.enterprise.micro.5.3", NULL },
        { "suse.linux.enterprise.micro.5.4", NULL }, { "suse.linux.enterprise.micro.5.5", NULL },
        { "suse.linux.micro.6.0", NULL },            { "suse.linux.micro.6.1", NULL },
        { "suse.linux.micro.6.2", NULL },
    };
    return read_suse_like(def, from, out, stems, PRQ_COUNT(stems), PRQ_S("osv/SUSE/all.zip"), err);
}

bool prq_read_opensuse(const struct prq_family_def *def, struct prq_source *from,
                       struct prq_intake *out, struct prq_err *err)
{
    static const struct stem stems[] = {
        { "opensuse.leap.42.1", NULL },      { "opensuse.leap.42.2", NULL },
        { "opensuse.leap.42.3", NULL },      { "opensuse.leap.15.0", NULL },
        { "opensuse.leap.15.1", NULL },      { "opensuse.leap.15.2", NULL },
        { "opensuse.leap.15.3", NULL },      { "opensuse.leap.15.4", NULL },
        { "opensuse.leap.15.5", NULL },      { "opensuse.leap.15.6", NULL },
        { "opensuse.leap.16.0", NULL },      { "opensuse.leap.micro.5.2", NULL },
        { "opensuse.leap.micro.5.3", NULL }, { "opensuse.leap.micro.5.4", NULL },
        { "opensuse.leap.micro.5.5", NULL }, { "opensuse.leap.micro.6.0", NULL },
        { "opensuse.tumbleweed", NULL },
    };
    return read_suse_like(def, from, out, stems, PRQ_COUNT(stems), PRQ_S("osv/openSUSE/all.zip"),
                          err);
}

/* ---- Photon: photon_versions.json does not name the releases that have ended, whose lists are
 * still there. */

bool prq_read_photon(const struct prq_family_def *def, struct prq_source *from,
                     struct prq_intake *out, struct prq_err *err)
{
    static const char *const releases[] = { "1.0", "2.0", "3.0", "4.0", "5.0", "6.0" };
    struct both b;
    bool any = false, ok = true;
    if (!begin(&b, def, out, err))
        return false;
    for (size_t i = 0; ok && i < PRQ_COUNT(releases); i++) {
        b.space = prq_arena_printf(out->a, "Photon OS:%s", releases[i]);
        ok = read_one(&b, from, first_list,
                      prq_arena_printf(out->a, "photon/photon_cve_metadata/cve_data_photon%s.json",
                                       releases[i]),
                      &any, err);
    }
    end_first(&b);
    for (size_t i = 0; ok && i < PRQ_COUNT(releases); i++) {
        b.space = (prq_str){ 0 };
        ok = read_one(&b, from, second_oval,
                      prq_arena_printf(out->a,
                                       "photon/photon_oval_definitions/com.vmware.phsa-photon%c.xml",
                                       releases[i][0]),
                      &any, err);
    }
    ok = ok && none_found(&b, any, err);
    prq_arena_free(b.a);
    return ok;
}

/* ---- Ubuntu */

static bool read_vex(struct prq_intake *out, prq_bytes bytes, void *user, struct prq_err *err)
{
    (void)user;
    return prq_ubuntu_vex_tar(bytes, out->a, &out->sink, err);
}

static bool read_osv_archive(struct prq_intake *out, prq_bytes bytes, void *user,
                             struct prq_err *err)
{
    (void)user;
    return prq_ubuntu_osv_tar(bytes, out->a, &out->sink, err);
}

static const char *const ubuntu_releases[] = {
    "14.04:LTS", "16.04:LTS",     "18.04:LTS",     "20.04:LTS",     "22.04:LTS",
    "24.04:LTS", "Pro:14.04:LTS", "Pro:16.04:LTS", "Pro:18.04:LTS", "Pro:20.04:LTS",
    "Pro:22.04:LTS", NULL,
};

/* From the bucket of OSV or, where a mirror has none of it, Canonical's own archive. */
static bool read_ubuntu_osv(const struct prq_family_def *def, struct prq_source *from,
                            struct prq_intake *out, struct prq_err *err)
{
    struct prq_family_def osv = *def;
    struct prq_err why = PRQ_ERR_INIT;
    bool found = false;
    osv.folder = "Ubuntu";
    osv.releases = ubuntu_releases;
    if (prq_read_osv(&osv, from, out, &why))
        return true;
    if (why.code == PRQ_E_DATA &&
        !prq_family_path(from, out, PRQ_S("ubuntu/osv/osv-all.tar.xz"), read_osv_archive, NULL,
                         &found, err))
        return false;
    if (!found && err)
        *err = why;
    return found;
}

bool prq_read_ubuntu(const struct prq_family_def *def, struct prq_source *from,
                     struct prq_intake *out, struct prq_err *err)
{
    bool found = false;
    return read_ubuntu_osv(def, from, out, err) &&
           prq_family_path(from, out, PRQ_S("ubuntu/vex/vex-all.tar.xz"), read_vex, NULL, &found,
                           err);
}
