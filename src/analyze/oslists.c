/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of packages of smaller systems, a file each:
 *
 *     …/usr/share/bottlerocket/application-inventory.json   Bottlerocket
 *     etc/cos-package-info.json                             Container-Optimized OS
 *     var/lib/pkgtools/packages/NAME-VERSION-ARCH-BUILD     Slackware, with its files
 *     var/db/xbps/pkgdb-0.38.plist, .NAME-files.plist       Void, and the files of a package
 *     var/db/pkg/local.sqlite                               FreeBSD
 *     …/flatpak/…/share/metainfo/ID.metainfo.xml            Flatpak applications
 *     …/flatpak/{app,runtime}/ID/ARCH/BRANCH/COMMIT/deploy  Flatpak, also runtimes
 *
 * Sources: catalog.md 3.11; pkgtool(8) of Slackware, xbps-pkgdb(1), pkg's sql schema, AppStream
 * "Metainfo". */
#include "analyze/analyze.h"

#include "analyze/loss.h"
#include "analyze/owning.h"
#include "format/json.h"
#include "format/sqlitefile.h"

typedef bool read_fn(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                     struct prq_err *err);
static read_fn read_bottlerocket, read_cos, read_slackware, read_xbps, read_freebsd, read_flatpak,
    own_xbps, read_deployment;

static const struct prq_want wants[] = {
    { .suffix = PRQ_SI("/usr/share/bottlerocket/application-inventory.json"),
      .max_bytes = PRQ_MIB(64) },
    { .path = PRQ_SI("etc/cos-package-info.json"), .max_bytes = PRQ_MIB(64) },
    { .prefix = PRQ_SI("var/lib/pkgtools/packages/"), .max_bytes = PRQ_MIB(64) },
    { .prefix = PRQ_SI("var/log/packages/"), .max_bytes = PRQ_MIB(64) },
    { .basename = PRQ_SI("pkgdb-0.38.plist"), .contains = PRQ_SI("db/xbps/"),
      .max_bytes = PRQ_MIB(256) },
    { .suffix = PRQ_SI("-files.plist"), .contains = PRQ_SI("db/xbps/."), .max_bytes = PRQ_MIB(64) },
    { .suffix = PRQ_SI("/var/db/pkg/local.sqlite"), .companion_suffix = "-wal",
      .max_bytes = PRQ_GIB(1) },
    { .suffix = PRQ_SI(".metainfo.xml"), .contains = PRQ_SI("flatpak/app/"),
      .max_bytes = PRQ_MIB(16) },
    { .suffix = PRQ_SI(".appdata.xml"), .contains = PRQ_SI("flatpak/app/"),
      .max_bytes = PRQ_MIB(16) },
    { .basename = PRQ_SI("deploy"), .contains = PRQ_SI("flatpak/app/"), .max_bytes = PRQ_MIB(16) },
    { .basename = PRQ_SI("deploy"), .contains = PRQ_SI("flatpak/runtime/"),
      .max_bytes = PRQ_MIB(16) },
    { .max_bytes = 0 },
};

static const struct {
    prq_str part;
    read_fn *read;
} readers[] = {
    { PRQ_SI("/bottlerocket/"), read_bottlerocket },
    { PRQ_SI("cos-package-info"), read_cos },
    { PRQ_SI("-files.plist"), own_xbps },
    { PRQ_SI("db/xbps/"), read_xbps },
    { PRQ_SI("local.sqlite"), read_freebsd },
    { PRQ_SI("/deploy"), read_deployment },
    { PRQ_SI("flatpak/"), read_flatpak },
    { PRQ_SI("/packages/"), read_slackware },
};

static bool no_room(struct prq_err *err)
{
    return prq_fail(err, PRQ_E_LIMIT, "a package exceeds the file's budget");
}

static bool put(struct prq_sink *sink, const struct prq_package *p, struct prq_err *err)
{
    return prq_sink_package(sink, p) || prq_sink_full(err);
}

/* ---- lists in JSON */

struct item {
    prq_str name, version, release, epoch, arch, publisher, category;
};

static void read_item(struct prq_json *j, struct item *out)
{
    static const struct {
        prq_str key;
        size_t place;
    } keys[] = {
        { PRQ_SI("Name"), offsetof(struct item, name) },
        { PRQ_SI("Version"), offsetof(struct item, version) },
        { PRQ_SI("Release"), offsetof(struct item, release) },
        { PRQ_SI("Epoch"), offsetof(struct item, epoch) },
        { PRQ_SI("Architecture"), offsetof(struct item, arch) },
        { PRQ_SI("Publisher"), offsetof(struct item, publisher) },
        { PRQ_SI("category"), offsetof(struct item, category) },
    };
    prq_str key;
    *out = (struct item){ 0 };
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return;
    }
    while (prq_json_key(j, &key)) {
        size_t i = 0;
        while (i < PRQ_COUNT(keys) && !prq_str_ieq(key, keys[i].key))
            i++;
        if (i < PRQ_COUNT(keys))
            prq_json_string_or_skip(j, (prq_str *)(void *)((char *)out + keys[i].place));
        else
            prq_json_skip(j);
    }
}

typedef bool item_fn(struct prq_ctx *ctx, const struct item *item, struct prq_sink *sink,
                     struct prq_err *err);

/* {"LIST": [{…}, …]} */
static bool read_items(struct prq_ctx *ctx, prq_str in, const char *list, item_fn *take,
                       struct prq_sink *sink, struct prq_err *err)
{
    struct prq_json j;
    struct prq_loss nameless = { 0 };
    prq_str key;
    prq_json_init(&j, in, ctx->scratch, ctx->limits);
    if (!prq_json_enter_object(&j))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not an object");
    while (prq_json_key(&j, &key)) {
        if (!prq_str_eq(key, prq_str_from(list)) || !prq_json_enter_array(&j)) {
            prq_json_skip(&j);
            continue;
        }
        while (prq_json_item(&j)) {
            struct item item;
            size_t at = j.at;
            read_item(&j, &item);
            if (j.bad)
                break;
            if (!item.name.n)
                prq_loss_add(&nameless, at, "package without a name");
            else if (!take(ctx, &item, sink, err))
                return false;
        }
    }
    return prq_json_end(&j, err) && (prq_loss_report(&nameless, sink) || prq_sink_full(err));
}

/* The version as rpm has it, release included; an epoch in front when there is one. */
static bool put_bottlerocket(struct prq_ctx *ctx, const struct item *i, struct prq_sink *sink,
                             struct prq_err *err)
{
    bool has_epoch = i->epoch.n && !prq_str_eq(i->epoch, PRQ_S("0"));
    prq_str qualifier = { 0 };
    struct prq_package p = { .type = PRQ_S("bottlerocket"), .name = i->name, .arch = i->arch,
                             .vendor = i->publisher };
    p.version = prq_arena_printf(ctx->scratch, "%.*s%s%.*s%s%.*s",
                                 PRQ_FMT(has_epoch ? i->epoch : qualifier), has_epoch ? ":" : "",
                                 PRQ_FMT(i->version), i->release.n ? "-" : "", PRQ_FMT(i->release));
    if (i->arch.n)
        qualifier = prq_arena_printf(ctx->scratch, "arch=%.*s", PRQ_FMT(i->arch));
    if (!p.version.p || (i->arch.n && !qualifier.p))
        return no_room(err);
    p.qualifiers = (struct prq_strs){ &qualifier, qualifier.n != 0 };
    return put(sink, &p, err);
}

static bool read_bottlerocket(struct prq_ctx *ctx, const struct prq_input *in,
                              struct prq_sink *sink, struct prq_err *err)
{
    return read_items(ctx, prq_str_of(in->data), "Content", put_bottlerocket, sink, err);
}

static bool put_cos(struct prq_ctx *ctx, const struct item *i, struct prq_sink *sink,
                    struct prq_err *err)
{
    prq_str qualifier = { 0 };
    if (i->category.n) {
        qualifier = prq_arena_printf(ctx->scratch, "category=%.*s", PRQ_FMT(i->category));
        if (!qualifier.p)
            return no_room(err);
    }
    const struct prq_package p = { .type = PRQ_S("cos"), .name = i->name, .version = i->version,
                                   .qualifiers = { &qualifier, qualifier.n != 0 } };
    return put(sink, &p, err);
}

/* Those that only helped to build it stand in another list. */
static bool read_cos(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                     struct prq_err *err)
{
    return read_items(ctx, prq_str_of(in->data), "installedPackages", put_cos, sink, err);
}

/* ---- Slackware */

/* Behind "FILE LIST:", a path a line, directories ended by a slash. */
static bool own_files(struct prq_ctx *ctx, const struct prq_input *in, prq_str name,
                      struct prq_sink *sink, struct prq_err *err)
{
    struct prq_owning *o = prq_owning_new(ctx->scratch, sink);
    prq_str owner = prq_arena_printf(ctx->scratch, "generic:slackware:%.*s", PRQ_FMT(name));
    if (!o || !owner.p)
        return no_room(err);
    prq_owning_begin(o, owner);
    prq_str rest = prq_str_of(in->data), line;
    bool is_list = false, ok = true;
    while (ok && prq_str_line(&rest, &line)) {
        if (!is_list) {
            is_list = prq_str_eq(prq_str_trim(line), PRQ_S("FILE LIST:"));
            continue;
        }
        if (prq_str_starts(line, PRQ_S("./")))
            line = prq_str_from_at(line, 2);
        ok = line.n == 0 || prq_owning_add(o, (prq_str){ 0 }, line);
    }
    return (ok && prq_owning_end(o)) || prq_sink_full(err);
}

/* NAME-VERSION-ARCH-BUILD; only the name holds dashes. */
static bool read_slackware(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                           struct prq_err *err)
{
    prq_str name = prq_path_base(in->file->path), version, arch, build;
    if (!prq_str_rcut(name, '-', &name, &build) || !prq_str_rcut(name, '-', &name, &arch) ||
        !prq_str_rcut(name, '-', &name, &version) || !name.n || !version.n)
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "file name is no package");
    if (!prq_str_starts(prq_str_of(in->data), PRQ_S("PACKAGE NAME:")))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not a package's record");
    const struct prq_package p = {
        .type = PRQ_S("generic"), .ns = PRQ_S("slackware"), .name = name, .arch = arch,
        .version = { version.p, (size_t)(build.p + build.n - version.p) },
    };
    return put(sink, &p, err) && own_files(ctx, in, name, sink, err);
}

/* ---- Void: a property list, {"NAME": {"pkgver": "NAME-VERSION_REVISION", …}, …} */

struct plist {
    prq_str in;
    size_t at;
};

/* The next tag, without its brackets, and the text before it. False at the end. */
static bool next_tag(struct plist *p, prq_str *text, prq_str *tag)
{
    prq_str rest = prq_str_from_at(p->in, p->at), inside;
    size_t open = prq_str_find(rest, '<');
    if (open == rest.n)
        return false;
    inside = prq_str_from_at(rest, open + 1);
    size_t close = prq_str_find(inside, '>');
    *text = prq_str_head(rest, open);
    *tag = prq_str_head(inside, close);
    p->at += open + 1 + close + (close < inside.n);
    return true;
}

struct xbps {
    unsigned depth; /* of dictionaries and arrays */
    unsigned array; /* depth of the outermost array */
    size_t at;
    prq_str key, field, pkgver, arch, licence, maintainer;
};

static void take_text(struct xbps *x, prq_str tag, prq_str text)
{
    if (prq_str_eq(tag, PRQ_S("/key"))) {
        if (x->depth == 1)
            x->key = text;
        else if (x->depth == 2)
            x->field = text;
        return;
    }
    if (!prq_str_eq(tag, PRQ_S("/string")) || x->depth != 2 || x->array)
        return;
    static const struct {
        prq_str key;
        size_t place;
    } fields[] = {
        { PRQ_SI("pkgver"), offsetof(struct xbps, pkgver) },
        { PRQ_SI("architecture"), offsetof(struct xbps, arch) },
        { PRQ_SI("license"), offsetof(struct xbps, licence) },
        { PRQ_SI("maintainer"), offsetof(struct xbps, maintainer) },
    };
    for (size_t i = 0; i < PRQ_COUNT(fields); i++)
        if (prq_str_eq(x->field, fields[i].key))
            *(prq_str *)(void *)((char *)x + fields[i].place) = text;
}

/* The end of a dictionary of depth 2. "_XBPS_ALTERNATIVES_" and its like are no packages. */
static bool end_package(struct xbps *x, struct prq_loss *bad, struct prq_sink *sink,
                        struct prq_err *err)
{
    struct xbps done = *x;
    x->pkgver = x->arch = x->licence = x->maintainer = x->field = (prq_str){ 0 };
    if (prq_str_starts(done.key, PRQ_S("_XBPS_")))
        return true;
    struct prq_package p = {
        .type = PRQ_S("generic"), .ns = PRQ_S("void"), .arch = done.arch,
        .vendor = done.maintainer, .licenses = { &done.licence, done.licence.n != 0 },
    };
    if (!prq_str_rcut(done.pkgver, '-', &p.name, &p.version) || !p.name.n) {
        prq_loss_add(bad, done.at, "package without name and version");
        return true;
    }
    return put(sink, &p, err);
}

static bool read_xbps(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                      struct prq_err *err)
{
    struct plist list = { prq_str_of(in->data), 0 };
    struct xbps x = { 0 };
    struct prq_loss bad = { 0 };
    prq_str text, tag;
    bool any = false;
    while (next_tag(&list, &text, &tag)) {
        bool is_dict = prq_str_eq(tag, PRQ_S("dict")), is_array = prq_str_eq(tag, PRQ_S("array"));
        if (is_dict || is_array) {
            x.depth++;
            any = true;
            x.at = x.depth == 2 ? list.at : x.at;
            x.array = is_array && !x.array ? x.depth : x.array;
            continue;
        }
        if (!prq_str_eq(tag, PRQ_S("/dict")) && !prq_str_eq(tag, PRQ_S("/array"))) {
            take_text(&x, tag, text);
            continue;
        }
        if (x.depth == 0)
            return prq_fail_at(err, PRQ_E_FORMAT, list.at, "end of nothing");
        if (x.depth == 2 && tag.p[1] == 'd' && !end_package(&x, &bad, sink, err))
            return false;
        x.array = x.array == x.depth ? 0 : x.array;
        x.depth--;
        if (prq_ctx_is_cancelled(ctx))
            return prq_fail(err, PRQ_E_CANCELLED, "cancelled");
    }
    if (x.depth || !any)
        return prq_fail_at(err, PRQ_E_FORMAT, in->data.n, any ? "property list ends early"
                                                              : "not a property list");
    return prq_loss_report(&bad, sink) || prq_sink_full(err);
}

/* {"files": [{"file": "/usr/bin/x", "sha256": …}, …], "links": …, "conf_files": …, "dirs": …}
 * Source: xbps, lib/package_register.c and bin/xbps-create. */
static bool own_xbps(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                     struct prq_err *err)
{
    static const prq_str ending = PRQ_SI("-files.plist");
    struct plist list = { prq_str_of(in->data), 0 };
    prq_str name = prq_str_from_at(prq_path_base(in->file->path), 1), text, tag, part = { 0 };
    struct prq_owning *o = prq_owning_new(ctx->scratch, sink);
    name.n -= prq_min_size(name.n, ending.n);
    prq_str owner = prq_arena_printf(ctx->scratch, "generic:void:%.*s", PRQ_FMT(name));
    bool is_file = false, has_end = false, ok = true;
    if (!o || !owner.p)
        return no_room(err);
    prq_owning_begin(o, owner);
    while (ok && next_tag(&list, &text, &tag)) {
        has_end = prq_str_eq(tag, PRQ_S("/plist"));
        if (prq_str_eq(tag, PRQ_S("/key"))) {
            is_file = prq_str_eq(text, PRQ_S("file"));
            if (prq_str_eq(text, PRQ_S("dirs")) || prq_str_eq(text, PRQ_S("files")) ||
                prq_str_eq(text, PRQ_S("links")) || prq_str_eq(text, PRQ_S("conf_files")))
                part = text;
        } else if (is_file && prq_str_eq(tag, PRQ_S("/string"))) {
            is_file = false;
            ok = !part.n || prq_str_eq(part, PRQ_S("dirs")) ||
                 prq_owning_add(o, (prq_str){ 0 }, text);
        }
    }
    if (!ok || !prq_owning_end(o))
        return prq_sink_full(err);
    return has_end || prq_fail_at(err, PRQ_E_FORMAT, in->data.n, "property list ends early");
}

/* ---- FreeBSD */

static prq_str column(const struct prq_sqlite_row *row, size_t i)
{
    bool is_text = i < row->count && row->v[i].type == PRQ_SQLITE_TEXT;
    return is_text ? prq_str_of(row->v[i].bytes) : (prq_str){ 0 };
}

static bool lose(struct prq_sink *sink, const struct prq_err *why, struct prq_err *err)
{
    const struct prq_gap gap = prq_gap_from(why, (prq_str){ 0 });
    return prq_sink_gap(sink, &gap) || prq_sink_full(err);
}

/* packages(id, origin, name, version, comment, desc, mtree_id, message, arch, maintainer, www,
 * prefix, flatsize, …). Source: pkg, libpkg/private/db_schema.h. */
static bool read_freebsd_row(const struct prq_sqlite_row *row, struct prq_sink *sink,
                             struct prq_err *err)
{
    enum { ORIGIN = 1, NAME, VERSION, ARCH = 8, MAINTAINER, SIZE = 12 };
    struct prq_package p = {
        .type = PRQ_S("generic"), .ns = PRQ_S("freebsd"), .name = column(row, NAME),
        .version = column(row, VERSION), .arch = column(row, ARCH),
        .vendor = column(row, MAINTAINER),
    };
    if (!p.name.n) {
        struct prq_err why = PRQ_ERR_INIT;
        prq_fail_at(&why, PRQ_E_FORMAT, row->at, "package without a name");
        return lose(sink, &why, err);
    }
    if (row->count > SIZE && row->v[SIZE].type == PRQ_SQLITE_INTEGER && row->v[SIZE].integer > 0)
        p.size_bytes = (uint64_t)row->v[SIZE].integer;
    return put(sink, &p, err);
}

/* Owners by the number of their package, in rising order. */
struct pkg_names {
    struct prq_arena *arena;
    struct pkg_name {
        int64_t id;
        prq_str owner;
    } *v;
    size_t n, cap;
};

static bool keep_name(struct pkg_names *names, const struct prq_sqlite_row *row)
{
    enum { NAME = 2 };
    prq_str owner = prq_arena_printf(names->arena, "generic:freebsd:%.*s", PRQ_FMT(column(row, NAME)));
    if (!owner.p || !prq_arena_grow(names->arena, &names->v, sizeof *names->v, &names->cap,
                                    names->n + 1))
        return false;
    names->v[names->n++] = (struct pkg_name){ row->rowid, owner };
    return true;
}

static prq_str name_of(const struct pkg_names *names, int64_t id)
{
    size_t low = 0, high = names->n;
    while (low < high) {
        size_t at = low + (high - low) / 2;
        if (names->v[at].id == id)
            return names->v[at].owner;
        if (names->v[at].id < id)
            low = at + 1;
        else
            high = at;
    }
    return (prq_str){ 0 };
}

struct pkg_reader {
    struct prq_ctx *ctx;
    struct prq_sink *sink;
    struct pkg_names names;
    struct prq_owning *owning;
    int64_t owning_id; /* whose files are being added */
};

typedef bool row_fn(struct pkg_reader *r, const struct prq_sqlite_row *row, struct prq_err *err);

static bool take_package(struct pkg_reader *r, const struct prq_sqlite_row *row, struct prq_err *err)
{
    if (!keep_name(&r->names, row))
        return no_room(err);
    return read_freebsd_row(row, r->sink, err);
}

/* files(path, sha256, package_id): those of a package follow one another as it put them there. */
static bool take_file(struct pkg_reader *r, const struct prq_sqlite_row *row, struct prq_err *err)
{
    enum { PATH = 0, PACKAGE = 2 };
    if (row->count <= PACKAGE || row->v[PACKAGE].type != PRQ_SQLITE_INTEGER)
        return true;
    int64_t id = row->v[PACKAGE].integer;
    if (id != r->owning_id) {
        if (!prq_owning_end(r->owning))
            return prq_sink_full(err);
        prq_owning_begin(r->owning, name_of(&r->names, id));
        r->owning_id = id;
    }
    return r->owning->owner.n == 0 || prq_owning_add(r->owning, (prq_str){ 0 }, column(row, PATH)) ||
           prq_sink_full(err);
}

static bool each_row(struct pkg_reader *r, struct prq_sqlite_rows *rows, row_fn *take,
                     struct prq_err *err)
{
    struct prq_mark mark = prq_arena_mark(r->ctx->scratch);
    struct prq_sqlite_row row;
    for (;;) {
        struct prq_err why = PRQ_ERR_INIT;
        enum prq_next step = prq_sqlite_next(rows, &row, &why);
        if (step == PRQ_NEXT_END)
            return true;
        if (!(step == PRQ_NEXT_FAIL ? lose(r->sink, &why, err) : take(r, &row, err)))
            return false;
        prq_arena_rewind(r->ctx->scratch, mark);
        if (prq_ctx_is_cancelled(r->ctx))
            return prq_fail(err, PRQ_E_CANCELLED, "cancelled");
    }
}

static bool read_freebsd(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                         struct prq_err *err)
{
    PRQ_ARENA kept = prq_arena_new(PRQ_MIB(64));
    struct pkg_reader r = { ctx, sink, { .arena = kept }, prq_owning_new(ctx->scratch, sink),
                            .owning_id = -1 };
    struct prq_sqlite db;
    struct prq_sqlite_rows rows;
    struct prq_err why = PRQ_ERR_INIT;
    if (!kept || !r.owning)
        return no_room(err);
    if (!prq_sqlite_open(&db, in->data, ctx->scratch, err))
        return false;
    if (!prq_sqlite_wal(&db, in->companion, &why)) {
        prq_in(&why, "write-ahead log");
        if (!lose(sink, &why, err))
            return false;
    }
    if (!prq_sqlite_table(&db, PRQ_S("packages"), &rows, err) ||
        !each_row(&r, &rows, take_package, err))
        return false;
    prq_owning_begin(r.owning, (prq_str){ 0 });
    if (!prq_sqlite_table(&db, PRQ_S("files"), &rows, NULL))
        return true; /* a list without its files is still one of packages */
    return each_row(&r, &rows, take_file, err) && (prq_owning_end(r.owning) || prq_sink_full(err));
}

/* ---- Flatpak: <id>org.example.App</id> … <releases><release version="1.2" …/> */

/* The value of an attribute in the text of a tag. */
static prq_str attribute(prq_str tag, prq_str name)
{
    for (prq_str rest = tag;;) {
        size_t at = prq_str_search(rest, name);
        if (at == rest.n)
            return (prq_str){ 0 };
        prq_str value = prq_str_from_at(rest, at + name.n);
        bool is_own = at > 0 && prq_is_space(rest.p[at - 1]);
        if (is_own && value.n > 2 && value.p[0] == '=' &&
            (value.p[1] == '"' || value.p[1] == '\'')) {
            prq_str inside = prq_str_from_at(value, 2);
            return prq_str_head(inside, prq_str_find(inside, value.p[1]));
        }
        rest = value;
    }
}

/* An entry of `releases` is newest first. */
static bool read_flatpak(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                         struct prq_err *err)
{
    (void)ctx;
    struct plist list = { prq_str_of(in->data), 0 };
    struct prq_package p = { .type = PRQ_S("flatpak") };
    prq_str text, tag, licence = { 0 };
    while (next_tag(&list, &text, &tag)) {
        if (prq_str_eq(tag, PRQ_S("/id")) && !p.name.n)
            p.name = prq_str_trim(text);
        else if (prq_str_eq(tag, PRQ_S("/project_license")) && !licence.n)
            licence = prq_str_trim(text);
        else if (prq_str_starts(tag, PRQ_S("release ")) && !p.version.n)
            p.version = attribute(tag, PRQ_S("version"));
    }
    if (!p.name.n)
        return prq_fail_at(err, PRQ_E_FORMAT, in->data.n, "application without an id");
    p.licenses = (struct prq_strs){ &licence, licence.n != 0 };
    return put(sink, &p, err);
}

/* ---- Flatpak: what is deployed, …/flatpak/{app,runtime}/ID/ARCH/BRANCH/COMMIT/deploy
 *
 * A GVariant (ssasta{sv}): origin, commit, subpaths, size, and what the metainfo said. Containers of
 * parts without a fixed size end in the ends of these parts, little-endian, in as few bytes as their
 * own length needs. Source: GVariant specification 1.0, 3; flatpak's flatpak-dir.c for the keys. */

static size_t offset_bytes(size_t n)
{
    return n <= 0xff ? 1 : n <= 0xffff ? 2 : n <= 0xffffffff ? 4 : 8;
}

/* The end that is written `back` places before the end of the container; false: beyond it. */
static bool end_at(prq_str c, size_t back, size_t *end)
{
    size_t width = offset_bytes(c.n);
    uint64_t value = 0;
    if (back > c.n / width)
        return false;
    for (size_t i = width; i-- > 0;)
        value = value << 8 | (uint8_t)c.p[c.n - back * width + i];
    *end = (size_t)value;
    return value <= c.n - back * width;
}

static size_t aligned(size_t at)
{
    return (at + 7) & ~(size_t)7;
}

/* {sv}: the text under the key, if the entry is it. */
static bool text_of(prq_str entry, prq_str key, prq_str *text)
{
    size_t end, from;
    if (!end_at(entry, 1, &end) || end != key.n + 1 || !prq_str_starts(entry, key))
        return false;
    from = aligned(end);
    size_t to = entry.n - offset_bytes(entry.n);
    prq_str value = from < to ? prq_str_head(prq_str_from_at(entry, from), to - from)
                              : (prq_str){ 0 };
    if (!prq_str_ends(value, (prq_str){ "\0\0s", 3 }))
        return false;
    *text = prq_str_head(value, value.n - 3);
    return true;
}

/* False: not such a value. */
static bool deployed_version(prq_str file, prq_str *version)
{
    size_t origin, commit, paths, end, count;
    if (!end_at(file, 1, &origin) || !end_at(file, 2, &commit) || !end_at(file, 3, &paths) ||
        origin > commit || commit > paths)
        return false;
    size_t from = aligned(paths) + 8, to = file.n - 3 * offset_bytes(file.n);
    if (from > to)
        return false;
    prq_str dict = prq_str_head(prq_str_from_at(file, from), to - from);
    if (dict.n == 0)
        return true;
    size_t width = offset_bytes(dict.n);
    if (!end_at(dict, 1, &end) || (dict.n - end) % width)
        return false;
    count = (dict.n - end) / width;
    for (size_t i = 0, start = 0; i < count; i++) {
        if (!end_at(dict, count - i, &end) || end < start)
            return false;
        prq_str entry = prq_str_head(prq_str_from_at(dict, start), end - start);
        (void)text_of(entry, PRQ_S("appdata-version"), version);
        start = aligned(end);
    }
    return true;
}

static bool read_deployment(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                            struct prq_err *err)
{
    (void)ctx;
    struct prq_package p = { .type = PRQ_S("flatpak") };
    prq_str kind = prq_path_dir(in->file->path);
    for (int i = 0; i < 4; i++) { /* COMMIT, BRANCH, ARCH, ID */
        p.name = prq_path_base(kind);
        kind = prq_path_dir(kind);
    }
    kind = prq_path_base(kind);
    if (!prq_str_eq(kind, PRQ_S("app")) && !prq_str_eq(kind, PRQ_S("runtime")))
        return true; /* a file of that name of an application's own */
    if (!deployed_version(prq_str_of(in->data), &p.version))
        return prq_fail_at(err, PRQ_E_FORMAT, in->data.n, "deployment is not a whole GVariant");
    return put(sink, &p, err);
}

/* ---- */

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    for (size_t i = 0; i < PRQ_COUNT(readers); i++)
        if (prq_str_has(in->file->path, readers[i].part))
            return readers[i].read(ctx, in, sink, err);
    return true;
}

const struct prq_analyzer prq_analyzer_oslists = {
    .name = "oslists",
    .purl_type = "generic",
    .summary = "Bottlerocket, Container-Optimized OS, Slackware, Void, FreeBSD, Flatpak",
    .revision = 2,
    .wants = wants,
    .run = run,
};
