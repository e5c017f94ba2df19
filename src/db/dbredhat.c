/* SPDX-License-Identifier: Apache-2.0 */
/* The families of Red Hat and AlmaLinux. Of Red Hat CSAF VEX is what counts, OSV's copy of the advisories
 * what is left without it. Source: matching.md 3, 3.6, 3.7. */
#include "base/buf.h"
#include "db/almaerrata.h"
#include "db/dbfamily.h"
#include "io/source.h"
#include "lib/lib.h"

/* A document has some megabytes, the largest (the kernel's) below a hundred. */
enum { DOCUMENT_MAX = 256 << 20 };

/* The archive is text that repeats itself, tens of times smaller than what is in it; documents are
 * read one at a time, so its size as a whole is no danger. */
static struct prq_limits archive_limits(void)
{
    struct prq_limits limits = prq_limits_default;
    limits.ratio = 2000;
    return limits;
}

/* A folder of documents, all of which one reader reads. */
struct folder {
    struct prq_source *from;
    const char *path; /* with its slash */
    bool (*parse)(prq_str json, struct prq_arena *a, const struct prq_feed_sink *sink,
                  struct prq_err *err);
};

static bool read_document(const struct folder *f, struct prq_intake *out, prq_str name,
                          prq_bytes bytes, struct prq_err *err)
{
    struct prq_err why = PRQ_ERR_INIT;
    if (f->parse(prq_str_of(bytes), out->a, &out->sink, &why))
        return true;
    if (why.code != PRQ_E_FORMAT && why.code != PRQ_E_LIMIT) {
        if (err)
            *err = why;
        return false;
    }
    out->sink.skip(out, name, why.text);
    return true;
}

/* ---- the archive of all documents */

static bool read_member(struct prq_tar *tar, struct prq_buf *text, struct prq_err *err)
{
    const void *piece;
    size_t n;
    prq_buf_clear(text);
    do {
        if (!prq_tar_data(tar, &piece, &n, err))
            return false;
        prq_buf_add(text, piece, n);
    } while (n && !text->bad);
    return true;
}

static bool read_members(const struct folder *f, struct prq_intake *out, struct prq_tar *tar,
                         struct prq_err *err)
{
    PRQ_BUF text;
    prq_buf_init(&text, DOCUMENT_MAX);
    struct prq_tar_entry e;
    enum prq_next step;
    while ((step = prq_tar_next(tar, &e, err)) == PRQ_NEXT_ITEM) {
        if (e.type != 'f' || !prq_str_ends(e.path, PRQ_S(".json")))
            continue;
        struct prq_mark mark = prq_arena_mark(out->a);
        prq_str name = prq_arena_copy(out->a, e.path);
        if (!read_member(tar, &text, err))
            return false;
        if (text.bad)
            out->sink.skip(out, name, "the document is too large");
        else if (!read_document(f, out, name, prq_buf_bytes(&text), err))
            return false;
        prq_arena_rewind(out->a, mark);
    }
    return step == PRQ_NEXT_END;
}

static bool read_archive(struct prq_intake *out, prq_bytes bytes, void *user, struct prq_err *err)
{
    struct prq_limits limits = archive_limits();
    PRQ_STREAM stream = NULL;
    struct prq_tar *tar;
    if (!prq_decompress_stream(prq_mem_stream(bytes), &limits, &stream, err) ||
        !prq_tar_open(stream, &tar, err))
        return false;
    bool ok = read_members(user, out, tar, err);
    prq_tar_close(tar);
    return ok;
}

/* A list of names that are safe to put into a path. */
static bool is_name(prq_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!prq_is_alnum(s.p[i]) && !strchr("._-/", s.p[i]))
            return false;
    return s.n > 0 && s.n <= 128 && s.p[0] != '/' && !prq_str_has(s, PRQ_S(".."));
}

static bool take_name(struct prq_intake *out, prq_bytes bytes, void *user, struct prq_err *err)
{
    prq_str name = prq_str_trim(prq_str_of(bytes)), *to = user;
    if (!is_name(name))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not the name of an archive");
    *to = prq_arena_copy(out->a, name);
    return to->p != NULL || prq_fail(err, PRQ_E_NOMEM, "no memory to read feeds");
}

static bool read_latest(struct folder *f, struct prq_intake *out, bool *found, struct prq_err *err)
{
    prq_str name = { 0 };
    unsigned unchanged = out->unchanged;
    prq_str latest = prq_arena_printf(out->a, "%sarchive_latest.txt", f->path);
    if (!latest.p)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read feeds");
    if (!prq_family_path(f->from, out, latest, take_name, &name, found, err))
        return false;
    if (!name.n) { /* not there, unusable, or as it was */
        *found = out->unchanged > unchanged;
        return true;
    }
    prq_str path = prq_arena_printf(out->a, "%s%.*s", f->path, PRQ_FMT(name));
    if (!path.p)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read feeds");
    out->keeps_old = true; /* half an archive is no feed */
    return prq_family_path(f->from, out, path, read_archive, f, found, err);
}

/* ---- a mirror of single documents */

static bool read_index(struct prq_intake *out, prq_bytes bytes, void *user, struct prq_err *err)
{
    const struct folder *f = user;
    prq_str text = prq_str_of(bytes), line;
    while (prq_str_line(&text, &line)) {
        struct prq_mark mark = prq_arena_mark(out->a);
        PRQ_FEED_BLOB blob = { .is_found = false };
        line = prq_str_trim(line);
        if (!line.n)
            continue;
        prq_str path = prq_arena_printf(out->a, "%s%.*s", f->path, PRQ_FMT(line));
        if (!path.p)
            return prq_fail(err, PRQ_E_NOMEM, "no memory to read feeds");
        if (!is_name(line)) {
            out->sink.skip(out, prq_str_head(line, 80), "not the name of a document");
            continue;
        }
        if (!prq_source_get_once(f->from, path, &blob, err))
            return false;
        if (!blob.is_found)
            out->sink.skip(out, path, "not there");
        else if (!read_document(f, out, path, blob.bytes, err))
            return false;
        prq_arena_rewind(out->a, mark);
    }
    return true;
}

static bool look_at(struct prq_intake *out, prq_bytes bytes, void *user, struct prq_err *err)
{
    (void)out, (void)bytes, (void)user, (void)err;
    return true;
}

static bool read_folder(struct folder *f, struct prq_intake *out, bool *found, struct prq_err *err)
{
    if (!read_latest(f, out, found, err))
        return false;
    if (*found)
        return true;
    prq_str index = prq_arena_printf(out->a, "%sindex.txt", f->path);
    prq_str changes = prq_arena_printf(out->a, "%schanges.csv", f->path);
    if (!index.p || !changes.p)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read feeds");
    /* The index has names alone; that a document is another one is told by the list of changes. */
    if (!prq_family_path(f->from, out, changes, look_at, NULL, found, err))
        return false;
    return prq_family_path(f->from, out, index, read_index, f, found, err);
}

/* ---- */

static bool read_repositories(struct prq_intake *out, prq_bytes bytes, void *user,
                              struct prq_err *err)
{
    (void)user;
    return prq_red_hat_repositories_parse(prq_str_of(bytes), out->a, &out->sink, err);
}

static bool read_zip(struct prq_intake *out, prq_bytes bytes, void *user, struct prq_err *err)
{
    (void)user;
    return prq_osv_zip(bytes, "redhat", out->a, &out->sink, err);
}

bool prq_read_red_hat(const struct prq_family_def *def, struct prq_source *from,
                      struct prq_intake *out, struct prq_err *err)
{
    struct folder vex = { from, "redhat/csaf/v2/vex/", prq_csaf_vex_parse };
    struct folder advisories = { from, "redhat/csaf/v2/advisories/", prq_csaf_advisory_parse };
    bool has_vex = false, has_osv = false, has_map = false, has_advisories = false;
    (void)def;
    if (!read_folder(&vex, out, &has_vex, err) ||
        !read_folder(&advisories, out, &has_advisories, err))
        return false;
    if (!prq_family_path(from, out, PRQ_S("redhat/metrics/repository-to-cpe.json"),
                         read_repositories, NULL, &has_map, err) ||
        !prq_family_path(from, out, PRQ_S("osv/Red Hat/all.zip"), read_zip, NULL, &has_osv, err))
        return false;
    if (!has_vex && has_osv)
        out->sink.skip(out, prq_str_from(vex.path), "not there: advisories only, no unfixed issues");
    return has_vex || has_osv || prq_fail(err, PRQ_E_DATA, "%s is not there", vex.path);
}

/* ---- AlmaLinux: OSV, joined with the errata by id (matching.md 3) */

struct joining {
    struct prq_alma_errata errata;
    bool (*record)(void *user, struct prq_record *r, struct prq_err *err);
};

static bool join_record(void *user, struct prq_record *r, struct prq_err *err)
{
    struct prq_intake *out = user;
    struct joining *x = out->reader;
    struct prq_mark mark = prq_arena_mark(out->a);
    bool ok = prq_alma_errata_join(&x->errata, r, out->a) ||
              prq_fail(err, PRQ_E_LIMIT, "record %.*s exceeds the memory budget", PRQ_FMT(r->id));
    ok = ok && x->record(user, r, err);
    prq_arena_rewind(out->a, mark);
    return ok;
}

/* Their strings are copied by no one: the files stay mapped until the records are read. */
enum { ERRATA_FIRST = 8, ERRATA_LAST = 12, ERRATA_COUNT = ERRATA_LAST - ERRATA_FIRST + 1 };

static bool read_errata(struct prq_source *from, struct prq_intake *out, struct prq_feed_blob *blobs,
                        struct prq_alma_errata *errata, struct prq_err *err)
{
    for (unsigned i = 0; i < ERRATA_COUNT; i++) {
        struct prq_err why = PRQ_ERR_INIT;
        prq_str path = prq_arena_printf(out->a, "almalinux/%u/errata.full.json", ERRATA_FIRST + i);
        if (!path.p)
            return prq_fail(err, PRQ_E_NOMEM, "no memory to read feeds");
        if (!prq_source_get(from, path, &blobs[i], err))
            return false;
        out->changed += blobs[i].is_found && !blobs[i].is_unchanged;
        out->unchanged += blobs[i].is_unchanged;
        if (blobs[i].bytes.n &&
            !prq_alma_errata_parse(prq_str_of(blobs[i].bytes), errata, &out->sink, &why) &&
            !prq_intake_bad_file(out, path, &why)) {
            if (err)
                *err = why;
            return false;
        }
    }
    return true;
}

bool prq_read_almalinux(const struct prq_family_def *def, struct prq_source *from,
                        struct prq_intake *out, struct prq_err *err)
{
    static const char *const releases[] = { "8", "9", "10", NULL };
    struct prq_family_def osv = *def;
    struct prq_feed_blob blobs[ERRATA_COUNT] = { { .is_found = false } };
    struct joining x = { .record = out->sink.record };
    osv.folder = "AlmaLinux";
    osv.releases = releases;
    prq_alma_errata_init(&x.errata, out->a);
    bool ok = read_errata(from, out, blobs, &x.errata, err);
    out->reader = &x;
    out->sink.record = join_record;
    ok = ok && prq_read_osv(&osv, from, out, err);
    out->sink.record = x.record;
    out->reader = NULL;
    for (size_t i = 0; i < ERRATA_COUNT; i++)
        prq_feed_blob_release(&blobs[i]);
    return ok;
}
