/* SPDX-License-Identifier: Apache-2.0 */
/* Packages of an rpm database, in any of its three containers; of the manifest that images without
 * rpm carry instead; and rpm files in source trees. Source: catalog.md 3.3, 3.4, 3.11. */
#include <inttypes.h>

#include "analyze/analyze.h"
#include "analyze/loss.h"
#include "analyze/owning.h"
#include "base/rd.h"
#include "format/bdbhash.h"
#include "format/ndb.h"
#include "format/rpmheader.h"
#include "format/sqlitefile.h"

enum { FILE_NOT_INSTALLED = 2 }; /* FILESTATES */

/* What one run shares. */
struct run {
    struct prq_ctx *ctx;
    struct prq_sink *sink;
    struct prq_err *err;
    struct prq_owning *owning;
    bool is_declared;     /* an rpm file: wanted, not installed */
    struct prq_mark mark; /* scratch memory is rewound to it after each package */
    uint64_t unlabelled;  /* packages of modules that do not say which */
};

/* A recoverable loss: a gap, and the next record. False only when the sink is full. */
static bool lose(struct run *run, const struct prq_err *why)
{
    const struct prq_gap gap = {
        .kind = prq_str_from(prq_code_word(why->code)),
        .has_offset = why->has_offset,
        .offset = why->offset,
        .layer = PRQ_GAP_NO_LAYER,
        .reason = prq_str_from(why->text),
    };
    return prq_sink_gap(run->sink, &gap) || prq_sink_full(run->err);
}

static bool lose_at(struct run *run, enum prq_code code, uint64_t at, const char *why)
{
    struct prq_err err = PRQ_ERR_INIT;
    prq_fail_at(&err, code, at, why);
    return lose(run, &err);
}

/* ---- derived facts (3.3.7) */

static bool is_official(prq_str vendor, prq_str release)
{
    static const prq_str makers[] = {
        PRQ_SI("Amazon Linux"),   PRQ_SI("Amazon.com"),     PRQ_SI("CentOS"),
        PRQ_SI("Fedora Project"), PRQ_SI("Oracle America"), PRQ_SI("Red Hat"),
        PRQ_SI("AlmaLinux"),      PRQ_SI("CloudLinux"),     PRQ_SI("VMware"),
        PRQ_SI("SUSE"),           PRQ_SI("openSUSE"),       PRQ_SI("Microsoft Corporation"),
        PRQ_SI("Rocky"),
    };
    for (size_t i = 0; i < PRQ_COUNT(makers); i++)
        if (prq_str_starts(vendor, makers[i]))
            return true;
    return vendor.n == 0 && prq_str_has(release, PRQ_S("amzn"));
}

/* "name-version-release.src.rpm": the name, and "version-release". */
static bool split_source_rpm(prq_str file, prq_str *name, prq_str *version)
{
    prq_str rest, ignored, v, release;
    if (!prq_str_ends(file, PRQ_S(".rpm")))
        return false;
    rest = prq_str_head(file, file.n - 4);
    if (!prq_str_rcut(rest, '.', &rest, &ignored) || !prq_str_rcut(rest, '-', &v, &release) ||
        !prq_str_rcut(v, '-', name, &v))
        return false;
    *version = (prq_str){ v.p, (size_t)(release.p + release.n - v.p) };
    return name->n > 0;
}

static void set_source(struct prq_package *p, prq_str source_rpm)
{
    prq_str name, version;
    if (prq_str_eq(source_rpm, PRQ_S("(none)")))
        return;
    p->source_rpm = source_rpm;
    if (!split_source_rpm(source_rpm, &name, &version))
        return;
    if (prq_str_eq(name, p->name) && prq_str_eq(version, p->version))
        return;
    p->source_name = name;
    p->source_version = version;
}

static prq_str unless_none(prq_str s)
{
    return prq_str_eq(s, PRQ_S("(none)")) ? (prq_str){ 0 } : s;
}

/* ---- one header (3.3.6) */

/* Names of a dependency list. rpmlib(…) names features of rpm itself, and runs of one name
 * (several versions of it) count once. */
static bool names_of(struct run *run, const struct prq_rpm_header *h, uint32_t tag,
                     struct prq_strs *out)
{
    struct prq_rpm_strings list = prq_rpm_header_strings(h, tag);
    prq_str name;
    out->v = list.left ? prq_new_n(run->ctx->scratch, prq_str, list.left) : NULL;
    if (list.left && !out->v)
        return false;
    while (prq_rpm_strings_next(&list, &name))
        if (!prq_str_starts(name, PRQ_S("rpmlib(")) &&
            !(out->n && prq_str_eq(name, out->v[out->n - 1])))
            out->v[out->n++] = name;
    return true;
}

static bool is_installed(const struct prq_rpm_ints *states, size_t i)
{
    return i >= states->count || prq_rpm_int(states, i) != FILE_NOT_INSTALLED;
}

/* What became of a file list: all told, or broken there, or no room for more. */
enum told { TOLD, BROKEN, FULL };

static enum told tell_old_paths(struct prq_owning *o, const struct prq_rpm_header *h)
{
    struct prq_rpm_strings names = prq_rpm_header_strings(h, PRQ_RPMTAG_OLDFILENAMES);
    struct prq_rpm_ints states = prq_rpm_header_ints(h, PRQ_RPMTAG_FILESTATES);
    prq_str name;
    for (size_t i = 0; prq_rpm_strings_next(&names, &name); i++)
        if (is_installed(&states, i) && !prq_owning_add(o, (prq_str){ 0 }, name))
            return FULL;
    return names.left ? BROKEN : TOLD;
}

/* Path i is DIRNAMES[DIRINDEXES[i]] BASENAMES[i]; directories end in a slash. */
static enum told tell_paths(struct prq_owning *o, const struct prq_rpm_header *h,
                            struct prq_arena *a)
{
    struct prq_rpm_strings names = prq_rpm_header_strings(h, PRQ_RPMTAG_BASENAMES);
    struct prq_rpm_strings list = prq_rpm_header_strings(h, PRQ_RPMTAG_DIRNAMES);
    struct prq_rpm_ints index = prq_rpm_header_ints(h, PRQ_RPMTAG_DIRINDEXES);
    struct prq_rpm_ints states = prq_rpm_header_ints(h, PRQ_RPMTAG_FILESTATES);
    size_t dirs = 0;
    prq_str *dir = prq_new_n(a, prq_str, list.left + 1), name;
    while (dir && prq_rpm_strings_next(&list, &dir[dirs]))
        dirs++;
    if (!dir || index.count < names.left)
        return BROKEN;
    for (size_t i = 0; prq_rpm_strings_next(&names, &name); i++) {
        uint64_t d = prq_rpm_int(&index, i);
        if (d >= dirs)
            return BROKEN;
        prq_str in = dir[d];
        if (prq_str_ends(in, PRQ_S("/")))
            in.n--;
        if (is_installed(&states, i) && !prq_owning_add(o, in, name))
            return FULL;
    }
    return names.left ? BROKEN : TOLD;
}

/* What was read of a broken list is still told. */
static bool tell_owned(struct run *run, const struct prq_rpm_header *h, const struct prq_package *p,
                       uint64_t at)
{
    struct prq_arena *a = run->ctx->scratch;
    prq_str owner = prq_arena_printf(a, "rpm:%.*s-%.*s.%.*s", PRQ_FMT(p->name), PRQ_FMT(p->version),
                                     PRQ_FMT(p->arch));
    if (!owner.p)
        return lose_at(run, PRQ_E_LIMIT, at, "rpm file list exceeds the memory of this file");
    prq_owning_begin(run->owning, owner);
    enum told told = prq_rpm_header_has(h, PRQ_RPMTAG_BASENAMES) ? tell_paths(run->owning, h, a)
                                                                 : tell_old_paths(run->owning, h);
    if (told == FULL || !prq_owning_end(run->owning))
        return prq_sink_full(run->err);
    return told == TOLD || lose_at(run, PRQ_E_FORMAT, at, "rpm file list is broken");
}

/* Release tags of modular builds: ".module+el8…", ".module_el8…". */
static bool is_modular_release(prq_str release)
{
    return prq_str_has(release, PRQ_S(".module+el")) || prq_str_has(release, PRQ_S(".module_el"));
}

static void set_numbers(struct prq_package *p, const struct prq_rpm_header *h)
{
    struct prq_rpm_ints epoch = prq_rpm_header_ints(h, PRQ_RPMTAG_EPOCH);
    struct prq_rpm_ints size = prq_rpm_header_ints(h, PRQ_RPMTAG_LONGSIZE);
    if (!size.count)
        size = prq_rpm_header_ints(h, PRQ_RPMTAG_SIZE);
    p->has_epoch = epoch.count > 0;
    p->epoch = epoch.count ? prq_rpm_int(&epoch, 0) : 0;
    p->size_bytes = size.count ? prq_rpm_int(&size, 0) : 0;
}

static bool tell_package(struct run *run, const struct prq_rpm_header *h, uint64_t at)
{
    prq_str version = prq_rpm_header_string(h, PRQ_RPMTAG_VERSION);
    prq_str release = prq_rpm_header_string(h, PRQ_RPMTAG_RELEASE);
    prq_str licence = prq_rpm_header_string(h, PRQ_RPMTAG_LICENSE);
    struct prq_package p = {
        .type = PRQ_S("rpm"),
        .name = prq_rpm_header_string(h, PRQ_RPMTAG_NAME),
        .arch = unless_none(prq_rpm_header_string(h, PRQ_RPMTAG_ARCH)),
        .vendor = unless_none(prq_rpm_header_string(h, PRQ_RPMTAG_VENDOR)),
        .modularity = unless_none(prq_rpm_header_string(h, PRQ_RPMTAG_MODULARITYLABEL)),
        .has_modularity = prq_rpm_header_has(h, PRQ_RPMTAG_MODULARITYLABEL),
        .licenses = { &licence, licence.n ? 1 : 0 },
    };
    if (prq_str_eq(p.name, PRQ_S("gpg-pubkey")))
        return true; /* its "version" is a key id */
    if (!p.name.n || !version.n || !release.n)
        return lose_at(run, PRQ_E_FORMAT, at, "rpm header without name, version or release");
    p.version =
        prq_arena_printf(run->ctx->scratch, "%.*s-%.*s", PRQ_FMT(version), PRQ_FMT(release));
    if (!p.version.p)
        return lose_at(run, PRQ_E_LIMIT, at, "rpm header exceeds the memory of this file");
    /* Lists too long to hold must not hide the package itself. */
    bool listed = names_of(run, h, PRQ_RPMTAG_REQUIRENAME, &p.depends) &&
                  names_of(run, h, PRQ_RPMTAG_PROVIDENAME, &p.provides);
    if (!listed &&
        !lose_at(run, PRQ_E_LIMIT, at, "rpm dependencies exceed the memory of this file"))
        return false;
    set_numbers(&p, h);
    set_source(&p, prq_rpm_header_string(h, PRQ_RPMTAG_SOURCERPM));
    if (!is_official(p.vendor, release))
        p.flags |= PRQ_PKG_THIRD_PARTY;
    if (run->is_declared) {
        p.flags |= PRQ_PKG_DECLARED;
        if (!p.source_rpm.n && !prq_rpm_header_has(h, PRQ_RPMTAG_SOURCERPM))
            p.arch = PRQ_S("src"); /* a source package names the builder's architecture */
    }
    run->unlabelled += !p.has_modularity && is_modular_release(release);
    if (!prq_sink_package(run->sink, &p))
        return prq_sink_full(run->err);
    return run->is_declared || tell_owned(run, h, &p, at);
}

/* One stored header. `is_plain`: it lies at `at` in one piece, so that a byte of it has a place in
 * the file; else its record's place is told. */
static bool read_header(struct run *run, prq_bytes blob, uint64_t at, bool is_plain)
{
    struct prq_rpm_header h;
    struct prq_err why = PRQ_ERR_INIT;
    if (!prq_rpm_header_parse(blob, &h, &why)) {
        why.offset = is_plain ? at + why.offset : at;
        return lose(run, &why);
    }
    return tell_package(run, &h, at);
}

/* ---- containers */

/* After each record: cancelled? Else the scratch memory of the record is given back. */
static bool go_on(struct run *run)
{
    prq_arena_rewind(run->ctx->scratch, run->mark);
    return !prq_ctx_is_cancelled(run->ctx) || prq_fail(run->err, PRQ_E_CANCELLED, "cancelled");
}

/* Key 0 holds the next package number. */
static bool read_bdb_record(struct run *run, const struct prq_bdb_record *rec)
{
    static const uint8_t zero[4];
    if (rec->key.n != sizeof zero)
        return lose_at(run, PRQ_E_FORMAT, rec->at, "rpm database key is no package number");
    return memcmp(rec->key.p, zero, sizeof zero) == 0 ||
           read_header(run, rec->value, rec->at, false);
}

static bool read_bdb(struct run *run, prq_bytes data)
{
    struct prq_bdb db;
    struct prq_bdb_record rec;
    if (!prq_bdb_open(&db, data, run->ctx->scratch, run->err))
        return false;
    run->mark = prq_arena_mark(run->ctx->scratch);
    for (;;) {
        struct prq_err why = PRQ_ERR_INIT;
        enum prq_next step = prq_bdb_next(&db, &rec, &why);
        if (step == PRQ_NEXT_END)
            return true;
        if (!(step == PRQ_NEXT_FAIL ? lose(run, &why) : read_bdb_record(run, &rec)) || !go_on(run))
            return false;
    }
}

static bool read_ndb_record(struct run *run, const struct prq_ndb_record *rec)
{
    if (rec->is_damaged &&
        !lose_at(run, PRQ_E_FORMAT, rec->at, "rpm database record checksum does not hold"))
        return false;
    return read_header(run, rec->value, rec->at, true);
}

static bool read_ndb(struct run *run, prq_bytes data)
{
    struct prq_ndb db;
    struct prq_ndb_record rec;
    if (!prq_ndb_open(&db, data, run->err))
        return false;
    run->mark = prq_arena_mark(run->ctx->scratch);
    for (;;) {
        struct prq_err why = PRQ_ERR_INIT;
        enum prq_next step = prq_ndb_next(&db, &rec, &why);
        if (step == PRQ_NEXT_END)
            return true;
        if (!(step == PRQ_NEXT_FAIL ? lose(run, &why) : read_ndb_record(run, &rec)) || !go_on(run))
            return false;
    }
}

/* Packages(hnum INTEGER PRIMARY KEY, blob BLOB) */
static bool read_sqlite_row(struct run *run, const struct prq_sqlite_row *row)
{
    if (row->count < 2 || row->v[1].type != PRQ_SQLITE_BLOB)
        return lose_at(run, PRQ_E_FORMAT, row->at, "rpm database row without a header");
    return read_header(run, row->v[1].bytes, row->at, false);
}

static bool read_sqlite(struct run *run, prq_bytes data, prq_bytes wal)
{
    struct prq_sqlite db;
    struct prq_sqlite_rows rows;
    struct prq_sqlite_row row;
    struct prq_err why = PRQ_ERR_INIT;
    if (!prq_sqlite_open(&db, data, run->ctx->scratch, run->err))
        return false;
    if (!prq_sqlite_wal(&db, wal, &why)) {
        prq_in(&why, "write-ahead log");
        if (!lose(run, &why))
            return false;
    }
    if (!prq_sqlite_table(&db, PRQ_S("Packages"), &rows, run->err))
        return false;
    run->mark = prq_arena_mark(run->ctx->scratch);
    for (;;) {
        why = (struct prq_err)PRQ_ERR_INIT;
        enum prq_next step = prq_sqlite_next(&rows, &row, &why);
        if (step == PRQ_NEXT_END)
            return true;
        if (!(step == PRQ_NEXT_FAIL ? lose(run, &why) : read_sqlite_row(run, &row)) || !go_on(run))
            return false;
    }
}

/* ---- manifests (3.4): NAME VERSION-RELEASE INSTALLTIME BUILDTIME VENDOR EPOCH SIZE ARCH EPOCHNUM
 * SOURCERPM, separated by tabs */

enum {
    NAME,
    VERSION,
    INSTALLTIME,
    BUILDTIME,
    VENDOR,
    EPOCH,
    SIZE,
    ARCH,
    EPOCHNUM,
    SOURCERPM,
    COLUMNS
};

static bool split_columns(prq_str line, prq_str col[COLUMNS])
{
    size_t n = 0;
    while (n < COLUMNS && prq_str_split(&line, '\t', &col[n]))
        n++;
    return n == COLUMNS;
}

static const char *package_of_line(prq_str line, struct prq_package *p)
{
    prq_str col[COLUMNS], version, release;
    uint64_t epoch = 0;
    if (!split_columns(line, col))
        return "rpm manifest line with too few columns";
    if (!col[NAME].n || !prq_str_cut(col[VERSION], '-', &version, &release) || !version.n ||
        !release.n || prq_str_find(release, '-') < release.n)
        return "rpm manifest line without name, version or release";
    bool has_epoch = unless_none(col[EPOCH]).n > 0;
    if (has_epoch && !prq_str_u64(col[EPOCHNUM], &epoch))
        return "rpm manifest line with a malformed epoch";
    *p = (struct prq_package){
        .type = PRQ_S("rpm"),
        .name = col[NAME],
        .version = col[VERSION],
        .arch = unless_none(col[ARCH]),
        .has_epoch = has_epoch,
        .epoch = epoch,
        .vendor = unless_none(col[VENDOR]),
    };
    prq_str_u64(col[SIZE], &p->size_bytes);
    set_source(p, col[SOURCERPM]);
    if (!is_official(p->vendor, release))
        p->flags |= PRQ_PKG_THIRD_PARTY;
    return NULL;
}

static bool read_manifest(struct run *run, prq_bytes data)
{
    prq_str rest = prq_str_of(data), line;
    struct prq_loss loss = { 0 };
    while (prq_str_line(&rest, &line)) {
        struct prq_package p;
        if (prq_str_trim(line).n == 0)
            continue;
        size_t at = (size_t)(line.p - (const char *)data.p);
        const char *why = package_of_line(line, &p);
        if (why)
            prq_loss_add(&loss, at, why);
        else if (!prq_str_eq(p.name, PRQ_S("gpg-pubkey")) && !prq_sink_package(run->sink, &p))
            return prq_sink_full(run->err);
    }
    return prq_loss_report(&loss, run->sink) || prq_sink_full(run->err);
}

/* ---- rpm files: a lead of 96 bytes, a header of signatures padded to 8 bytes, the header */

enum { LEAD = 96, MAGIC = 8 };

/* Where the header that begins at `at` with its magic ends; its part as databases have it. Sizes are
 * two counts behind the magic: entries of 16 bytes, and bytes. */
static bool cut_header(prq_bytes in, size_t at, prq_bytes *out, size_t *end, struct prq_err *err)
{
    static const uint8_t magic[] = { 0x8e, 0xad, 0xe8, 0x01 };
    struct prq_rd r = prq_rd_of(in);
    prq_rd_take(&r, at);
    const uint8_t *start = prq_rd_take(&r, MAGIC);
    if (r.bad || memcmp(start, magic, sizeof magic) != 0)
        return prq_fail_at(err, PRQ_E_FORMAT, at, "rpm file without a header here");
    size_t begin = at + MAGIC;
    uint64_t entries = prq_rd_u32be(&r), bytes = prq_rd_u32be(&r);
    uint64_t size = 8 + 16 * entries + bytes;
    if (r.bad || size > in.n - begin)
        return prq_fail_at(err, PRQ_E_FORMAT, begin, "rpm header ends early");
    *out = (prq_bytes){ in.p + begin, (size_t)size };
    *end = begin + (size_t)size;
    return true;
}

static bool read_file(struct run *run, prq_bytes in)
{
    static const uint8_t magic[] = { 0xed, 0xab, 0xee, 0xdb };
    prq_bytes header;
    size_t end;
    if (in.n < LEAD || memcmp(in.p, magic, sizeof magic) != 0)
        return prq_fail_at(run->err, PRQ_E_FORMAT, 0, "not an rpm file");
    if (!cut_header(in, LEAD, &header, &end, run->err))
        return false;
    size_t next = end % 8 ? end + 8 - end % 8 : end;
    if (next > in.n || !cut_header(in, next, &header, &end, run->err))
        return next <= in.n ? false
                            : prq_fail_at(run->err, PRQ_E_FORMAT, end, "rpm file ends early");
    run->is_declared = true;
    return read_header(run, header, (size_t)(header.p - in.p), true);
}

/* ---- the analyzer */

static bool read_any(struct run *run, const struct prq_input *in)
{
    if (prq_str_eq(prq_path_base(in->file->path), PRQ_S("container-manifest-2")))
        return read_manifest(run, in->data);
    if (prq_str_ends(in->file->path, PRQ_S(".rpm")))
        return read_file(run, in->data);
    if (in->data.n == 0)
        return prq_fail_at(run->err, PRQ_E_FORMAT, 0, "rpm database is empty");
    if (prq_sqlite_is(in->data))
        return read_sqlite(run, in->data, in->companion);
    if (prq_ndb_is(in->data))
        return read_ndb(run, in->data);
    if (prq_bdb_is(in->data))
        return read_bdb(run, in->data);
    return prq_fail_at(run->err, PRQ_E_FORMAT, 0, "not an rpm database");
}

/* Some rebuilds lost the label: their advisories cannot be told from those of other streams. */
static bool tell_unlabelled(struct run *run)
{
    if (!run->unlabelled)
        return true;
    struct prq_gap gap = {
        .kind = PRQ_S("module-label-missing"),
        .layer = PRQ_GAP_NO_LAYER,
        .reason = prq_arena_printf(run->ctx->scratch,
                                   "%" PRIu64 " packages of modules carry no module label",
                                   run->unlabelled),
    };
    return prq_sink_gap(run->sink, &gap) || prq_sink_full(run->err);
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    struct run r = { .ctx = ctx, .sink = sink, .err = err };
    r.owning = prq_owning_new(ctx->scratch, sink);
    if (!r.owning)
        return prq_fail(err, PRQ_E_LIMIT, "no memory for this file");
    return read_any(&r, in) && tell_unlabelled(&r);
}

#define STORE(path) .suffix = PRQ_SI("/" path), .max_bytes = PRQ_GIB(1)

static const struct prq_want wants[] = {
    { STORE("var/lib/rpm/Packages") },
    { STORE("var/lib/rpm/Packages.db") },
    { STORE("var/lib/rpm/rpmdb.sqlite"), .companion_suffix = "-wal" },
    { STORE("usr/lib/sysimage/rpm/Packages") },
    { STORE("usr/lib/sysimage/rpm/Packages.db") },
    { STORE("usr/lib/sysimage/rpm/rpmdb.sqlite"), .companion_suffix = "-wal" },
    { STORE("usr/share/rpm/Packages") },
    { STORE("usr/share/rpm/Packages.db") },
    { STORE("usr/share/rpm/rpmdb.sqlite"), .companion_suffix = "-wal" },
    { .suffix = PRQ_SI("/var/lib/rpmmanifest/container-manifest-2"), .max_bytes = PRQ_MIB(64) },
    { .suffix = PRQ_SI(".rpm"), .max_bytes = PRQ_GIB(1), .modes = PRQ_WANT_SOURCE },
    { .max_bytes = 0 },
};

extern const struct prq_analyzer prq_analyzer_rpm;
const struct prq_analyzer prq_analyzer_rpm = {
    .name = "rpm",
    .purl_type = "rpm",
    .summary = "rpm databases (Berkeley DB, NDB, SQLite) and manifests of distroless images",
    .revision = 2,
    .wants = wants,
    .run = run,
};
