/* SPDX-License-Identifier: Apache-2.0 */
/* Java archives: what each is, what was shaded into it, and the archives inside of it.
 * Sources: docs.oracle.com, "JAR File Specification"; maven-archiver, "pom.properties"; the
 * executable jar format of Spring Boot; catalog.md 4.3.
 *
 *     archive ─ members ─ META-INF/MANIFEST.MF           javaself.c chooses what the archive itself
 * is, ├ META-INF/maven/G/A/pom.*        the other ones are shaded into it └ lib/x.jar the same
 * again, `archive_depth` deep
 */
#include "analyze/javaself.h"
#include "base/pages.h"
#include "lib/lib.h"

#define ARCHIVE_BYTES PRQ_GIB(1)
#define WANT(lower, upper, title)                                                                  \
    { .suffix = PRQ_SI(lower), .max_bytes = ARCHIVE_BYTES, .modes = PRQ_WANT_IMAGE },              \
        { .suffix = PRQ_SI(upper), .max_bytes = ARCHIVE_BYTES, .modes = PRQ_WANT_IMAGE },          \
    {                                                                                              \
        .suffix = PRQ_SI(title), .max_bytes = ARCHIVE_BYTES, .modes = PRQ_WANT_IMAGE               \
    }

static const struct prq_want wants[] = {
    WANT(".ear", ".EAR", ".Ear"),
    WANT(".far", ".FAR", ".Far"),
    WANT(".hpi", ".HPI", ".Hpi"),
    WANT(".jar", ".JAR", ".Jar"),
    WANT(".jpi", ".JPI", ".Jpi"),
    WANT(".kar", ".KAR", ".Kar"),
    WANT(".lpkg", ".LPKG", ".Lpkg"),
    WANT(".nar", ".NAR", ".Nar"),
    WANT(".par", ".PAR", ".Par"),
    WANT(".rar", ".RAR", ".Rar"),
    WANT(".sar", ".SAR", ".Sar"),
    WANT(".war", ".WAR", ".War"),
    WANT(".zap", ".ZAP", ".Zap"),
    /* of an archive that was unpacked */
    { .basename = PRQ_SI("pom.properties"),
      .contains = PRQ_SI("META-INF/maven/"),
      .max_bytes = PRQ_MIB(1),
      .modes = PRQ_WANT_IMAGE },
    { .max_bytes = 0 },
};

/* The same extensions inside of archives; `is_certain`: nothing else bears the name. */
static const struct extension {
    prq_str name;
    bool is_certain;
} extensions[] = {
    { PRQ_SI("ear"), true },  { PRQ_SI("far"), false }, { PRQ_SI("hpi"), true },
    { PRQ_SI("jar"), true },  { PRQ_SI("jpi"), true },  { PRQ_SI("kar"), false },
    { PRQ_SI("lpkg"), true }, { PRQ_SI("nar"), false }, { PRQ_SI("par"), false },
    { PRQ_SI("rar"), false }, { PRQ_SI("sar"), false }, { PRQ_SI("war"), true },
    { PRQ_SI("zap"), false },
};

static const struct extension *extension_of(prq_str path)
{
    prq_str stem, extension;
    if (!prq_str_rcut(prq_path_base(path), '.', &stem, &extension))
        return NULL;
    for (size_t i = 0; i < PRQ_COUNT(extensions); i++)
        if (prq_str_ieq(extension, extensions[i].name))
            return &extensions[i];
    return NULL;
}

enum {
    TEXT_BYTES = 1 << 24, /* of a manifest or pom that is read */
    DIGEST_PIECE = 4 << 20,
};

struct walk {
    struct prq_ctx *ctx;
    struct prq_sink *sink;
    uint64_t left; /* bytes that may still be unpacked, over all levels */
};

/* One archive at work. */
struct archive {
    prq_str path; /* "outer.war!/WEB-INF/lib/x.jar" */
    bool is_nested;
    unsigned depth; /* 1: the file itself */
    prq_bytes data;
    bool is_mapped; /* data is (part of) a file mapping */
    struct prq_zip *zip;
    struct prq_jar jar; /* what was read of it */
    struct inner {
        prq_str path;
        size_t member;
    } * inner;
    size_t inner_n, inner_cap;
    struct prq_map inner_by_path;
};

/* ---- gaps */

/* Failures of one member or one inner archive: the rest is still read. */
static bool report(struct walk *w, prq_str path, struct prq_err *why, struct prq_err *err)
{
    if (why->code == PRQ_E_NOMEM || why->code == PRQ_E_CANCELLED || why->code == PRQ_E_BUG) {
        if (err)
            *err = *why;
        return false;
    }
    struct prq_gap gap = prq_gap_from(why, path);
    return prq_sink_gap(w->sink, &gap) || prq_sink_full(err);
}

/* path!/member; p == NULL when memory ran out. */
static prq_str inside(struct walk *w, const struct archive *ar, prq_str member)
{
    while (prq_str_starts(member, PRQ_S("/")))
        member = prq_str_from_at(member, 1);
    return prq_arena_printf(w->ctx->scratch, "%.*s!/%.*s", PRQ_FMT(ar->path), PRQ_FMT(member));
}

static bool no_memory(struct prq_err *err)
{
    return prq_fail(err, PRQ_E_LIMIT, "archive exceeds the memory budget: limit scratch_bytes");
}

/* ---- members */

static bool is_manifest(prq_str path)
{
    return prq_str_ieq(path, PRQ_S("META-INF/MANIFEST.MF"));
}

/* META-INF/maven/GROUP/ARTIFACT/pom.{xml,properties}, perhaps below WEB-INF/classes and the like; a
 * pom.properties counts wherever it lies. */
static bool is_pom(prq_str path, bool *is_xml, bool *is_at_root)
{
    prq_str name = prq_path_base(path), up = prq_path_dir(prq_path_dir(prq_path_dir(path)));
    *is_at_root = prq_str_eq(up, PRQ_S("META-INF/maven"));
    *is_xml = prq_str_eq(name, PRQ_S("pom.xml"));
    if (*is_xml)
        return *is_at_root || prq_str_ends(up, PRQ_S("/META-INF/maven"));
    return prq_str_eq(name, PRQ_S("pom.properties"));
}

/* Reads the current member, whatever its form. False: *why tells. */
static bool read_member(struct walk *w, struct archive *ar, struct prq_buf *room, prq_bytes *out,
                        uint64_t max, struct prq_err *why)
{
    bool is_stored;
    if (!prq_zip_view(ar->zip, out, &is_stored, why))
        return false;
    if (is_stored)
        return true;
    prq_buf_init(room, (size_t)(w->left < max ? w->left : max));
    if (!prq_zip_read(ar->zip, room, why))
        return false;
    w->left -= room->n;
    *out = prq_buf_bytes(room);
    return true;
}

static bool read_manifest(struct walk *w, struct archive *ar, prq_bytes data, struct prq_err *err)
{
    return prq_jar_manifest(prq_str_of(data), w->ctx->scratch, &ar->jar.manifest) || no_memory(err);
}

static bool read_pom(struct walk *w, struct archive *ar, prq_str path, prq_bytes data, bool is_xml,
                     bool is_at_root, struct prq_err *err)
{
    struct prq_err why = PRQ_ERR_INIT;
    if (prq_jar_add_pom(&ar->jar, path, data, is_xml, is_at_root, w->ctx->limits, w->ctx->scratch,
                        &why))
        return true;
    prq_str at = inside(w, ar, path);
    return at.p ? report(w, at, &why, err) : no_memory(err);
}

/* A small text: the manifest or a pom. */
static bool read_text(struct walk *w, struct archive *ar, prq_str path, struct prq_err *err)
{
    struct prq_err why = PRQ_ERR_INIT;
    bool is_xml = false, is_at_root = false;
    PRQ_BUF room = { 0 };
    prq_bytes data;
    if (!read_member(w, ar, &room, &data, TEXT_BYTES, &why)) {
        prq_str at = inside(w, ar, path);
        return at.p ? report(w, at, &why, err) : no_memory(err);
    }
    if (is_manifest(path))
        return read_manifest(w, ar, data, err);
    (void)is_pom(path, &is_xml, &is_at_root);
    return read_pom(w, ar, path, data, is_xml, is_at_root, err);
}

/* Where all classes lie: the longest directory that holds each of them. */
static void note_class(struct prq_jar *jar, prq_str path)
{
    prq_str dir = prq_path_dir(path);
    jar->has_code = true;
    if (dir.n == 0 || prq_str_starts(path, PRQ_S("META-INF/")) ||
        prq_str_starts(path, PRQ_S("BOOT-INF/")) || prq_str_starts(path, PRQ_S("WEB-INF/")))
        return;
    if (!jar->has_classes) {
        jar->has_classes = true;
        jar->class_dir = dir;
        return;
    }
    while (jar->class_dir.n && !(prq_str_starts(dir, jar->class_dir) &&
                                 (dir.n == jar->class_dir.n || dir.p[jar->class_dir.n] == '/')))
        jar->class_dir = prq_path_dir(jar->class_dir);
}

/* A later member of the same name stands for the earlier one, as class loaders see it. */
static bool note_inner(struct walk *w, struct archive *ar, prq_str path, size_t member)
{
    bool added;
    size_t *at = prq_map_put(&ar->inner_by_path, path, ar->inner_n, &added);
    if (!at)
        return false;
    if (!added) {
        ar->inner[*at].member = member;
        return true;
    }
    if (ar->inner_n == ar->inner_cap &&
        !prq_arena_grow(w->ctx->scratch, &ar->inner, sizeof *ar->inner, &ar->inner_cap,
                        ar->inner_n + 1))
        return false;
    ar->inner[ar->inner_n++] = (struct inner){ path, member };
    return true;
}

static bool read_members(struct walk *w, struct archive *ar, struct prq_err *err)
{
    struct prq_zip_entry e;
    bool is_xml, is_at_root;
    for (size_t i = 0; prq_zip_next(ar->zip, &e, NULL) == PRQ_NEXT_ITEM; i++) {
        if (e.is_dir)
            continue;
        if (prq_str_ends(e.path, PRQ_S(".class")))
            note_class(&ar->jar, e.path);
        else if ((is_manifest(e.path) || is_pom(e.path, &is_xml, &is_at_root)) &&
                 !read_text(w, ar, e.path, err))
            return false;
        else if (extension_of(e.path) && !note_inner(w, ar, e.path, i))
            return no_memory(err);
        if (prq_ctx_is_cancelled(w->ctx))
            return prq_fail(err, PRQ_E_CANCELLED, "cancelled");
    }
    return true;
}

/* ---- packages */

struct sum {
    const struct archive *ar;
    uint8_t raw[64];
    size_t n; /* 0: no memory */
};

static void sum_up(void *user)
{
    struct sum *s = user;
    const struct archive *ar = s->ar;
    struct prq_digest *d;
    if (!prq_digest_new(PRQ_SHA1, &d, NULL))
        return;
    for (size_t at = 0; at < ar->data.n; at += DIGEST_PIECE) {
        prq_bytes piece = { ar->data.p + at, prq_min_size(ar->data.n - at, DIGEST_PIECE) };
        prq_digest_add(d, piece.p, piece.n);
        if (ar->is_mapped)
            prq_pages_forget(piece);
    }
    s->n = prq_digest_end(d, s->raw);
    prq_digest_free(d);
}

static bool add_digest(struct walk *w, const struct sum *s, struct prq_strs *out)
{
    char hex[40];
    if (s->n < 20)
        return false;
    prq_hex_encode((prq_bytes){ s->raw, 20 }, hex);
    prq_str *v = prq_new(w->ctx->scratch, prq_str);
    if (v)
        *v = prq_arena_printf(w->ctx->scratch, "sha1:%.40s", hex);
    *out = (struct prq_strs){ v, 1 };
    return v && v->p;
}

static bool put(struct walk *w, struct prq_package *p, prq_str path, struct prq_err *err)
{
    struct prq_evidence at = { .path = path };
    p->evidence = &at;
    p->evidence_count = 1;
    bool is_taken = prq_sink_package(w->sink, p);
    p->evidence = NULL;
    p->evidence_count = 0;
    return is_taken || prq_sink_full(err);
}

static bool put_self(struct walk *w, struct archive *ar, const struct prq_jar_self *self,
                     const struct sum *sum, struct prq_err *err)
{
    struct prq_package p = { .flags = self->flags, .licenses = self->licenses };
    prq_str qualifiers[2];
    if (self->classifier.n) {
        qualifiers[p.qualifiers.n] =
            prq_arena_printf(w->ctx->scratch, "classifier=%.*s", PRQ_FMT(self->classifier));
        if (!qualifiers[p.qualifiers.n++].p)
            return no_memory(err);
    }
    if (self->is_jenkins_plugin)
        qualifiers[p.qualifiers.n++] = PRQ_S("type=hpi");
    p.qualifiers.v = qualifiers;
    if (!prq_java_package(&p, self->group, self->artifact, self->version, w->ctx->scratch) ||
        !add_digest(w, sum, &p.digests))
        return no_memory(err);
    return put(w, &p, ar->path, err);
}

/* Artefacts inside of the archive that are not archives: shaded into it. */
static bool put_shaded(struct walk *w, struct archive *ar, const struct prq_jar_self *self,
                       struct prq_err *err)
{
    struct prq_map seen;
    bool added;
    prq_map_init(&seen, w->ctx->scratch);
    for (size_t i = 0; i < ar->jar.pom_n; i++) {
        const struct prq_jar_pom *pom = &ar->jar.poms[i];
        struct prq_package p = { .licenses = pom->licenses };
        if (!prq_jar_pom_is_whole(pom) || prq_jar_is_self(self, pom))
            continue;
        prq_str key = prq_arena_printf(w->ctx->scratch, "%.*s:%.*s:%.*s", PRQ_FMT(pom->group),
                                       PRQ_FMT(pom->artifact), PRQ_FMT(pom->version));
        if (!key.p || !prq_map_put(&seen, key, i, &added))
            return no_memory(err);
        if (!added)
            continue;
        if (!prq_java_package(&p, pom->group, pom->artifact, pom->version, w->ctx->scratch))
            return no_memory(err);
        if (!put(w, &p, ar->path, err))
            return false;
    }
    return true;
}

/* ---- archives */

static bool read_archive(struct walk *w, struct archive *ar, struct prq_err *err);

/* Pieces of an inner archive on their way to the disk. */
struct spill {
    const struct prq_spare *spare;
    uint64_t n;
    bool is_full; /* nothing is wrong with the archive */
};

static bool spill_piece(void *user, prq_bytes piece, struct prq_err *err)
{
    struct spill *s = user;
    s->is_full = !prq_spare_write(s->spare, s->n, piece);
    s->n += piece.n;
    return !s->is_full || prq_fail(err, PRQ_E_IO, "the spool cannot be written");
}

/* A large inner archive is put where its pages can come and go. *is_done: it was, or is damaged
 * (false, *why tells); else it must be held. */
static bool read_spilled(struct walk *w, struct archive *outer, struct archive *ar, bool *is_done,
                         struct prq_err *why)
{
    struct prq_spare *spare = w->ctx->spare;
    uint64_t size = prq_zip_size(outer->zip);
    struct spill s = { .spare = spare };
    *is_done = false;
    if (size <= w->ctx->limits->file_memory || size > w->left || !prq_spare_has(spare, size))
        return true;
    bool is_good = prq_zip_read_pieces(outer->zip, w->left, spill_piece, &s, why);
    if (s.is_full)
        return true;
    *is_done = !is_good || prq_spare_map(spare, (size_t)size, &ar->data);
    ar->is_mapped = *is_done;
    w->left -= is_good && *is_done ? size : 0;
    return is_good;
}

/* The bytes of an inner archive: where they lie when stored, else in memory or on the disk. */
static bool read_content(struct walk *w, struct archive *outer, struct archive *ar,
                         struct prq_buf *room, struct prq_err *why)
{
    bool is_done;
    if (!prq_zip_view(outer->zip, &ar->data, &is_done, why))
        return false;
    ar->is_mapped = is_done && outer->is_mapped;
    if (is_done)
        return true;
    struct prq_err full = PRQ_ERR_INIT;
    if (!read_spilled(w, outer, ar, &is_done, &full)) {
        *why = full;
        return false;
    }
    return is_done || read_member(w, outer, room, &ar->data, UINT64_MAX, why);
}

static bool read_inner(struct walk *w, struct archive *outer, const struct inner *in,
                       struct prq_err *err)
{
    struct archive ar = { .is_nested = true, .depth = outer->depth + 1 };
    struct prq_err why = PRQ_ERR_INIT;
    PRQ_BUF room = { 0 };
    struct prq_mark mark = prq_arena_mark(w->ctx->scratch);
    ar.path = inside(w, outer, in->path);
    if (!ar.path.p)
        return no_memory(err);
    struct prq_spare *spare = w->ctx->spare;
    uint64_t spare_at = spare ? spare->at : 0;
    bool is_good = true;
    prq_zip_select(outer->zip, in->member);
    if (ar.depth > w->ctx->limits->archive_depth)
        is_good =
            prq_fail(&why, PRQ_E_LIMIT, "archives are nested too deeply: limit archive_depth");
    else if (!read_content(w, outer, &ar, &room, &why))
        is_good = prq_in(
            &why, "%s", why.code == PRQ_E_LIMIT ? "limit archive_bytes or ratio" : "inner archive");
    is_good = is_good ? read_archive(w, &ar, err) : report(w, ar.path, &why, err);
    if (spare && spare->at != spare_at)
        prq_spare_unmap(spare, spare_at, ar.data);
    prq_arena_rewind(w->ctx->scratch, mark);
    return is_good;
}

/* Code whose name and version nothing tells. What only holds other archives speaks through them. */
static bool put_untold(struct walk *w, const struct archive *ar, struct prq_err *err)
{
    const struct prq_gap gap = {
        .kind = PRQ_S("java-identity-unknown"),
        .path = ar->path,
        .layer = PRQ_GAP_NO_LAYER,
        .reason = PRQ_S("neither a version nor metadata tells what this archive is: not matched"),
    };
    return prq_sink_gap(w->sink, &gap) || prq_sink_full(err);
}

static bool read_inners(struct walk *w, struct archive *ar, struct prq_err *err)
{
    for (size_t i = 0; i < ar->inner_n; i++)
        if (!read_inner(w, ar, &ar->inner[i], err))
            return false;
    return true;
}

/* The outermost of several archives is the largest: it is digested while the others are read. */
static bool read_inners_and_put(struct walk *w, struct archive *ar, const struct prq_jar_self *self,
                                struct prq_err *err)
{
    struct sum sum = { .ar = ar };
    w->ctx->aside->start(w->ctx->aside, sum_up, &sum);
    bool is_good = read_inners(w, ar, err);
    w->ctx->aside->join(w->ctx->aside);
    return is_good && put_self(w, ar, self, &sum, err);
}

static bool sum_and_put(struct walk *w, struct archive *ar, const struct prq_jar_self *self,
                        struct prq_err *err)
{
    struct sum sum = { .ar = ar };
    sum_up(&sum);
    return put_self(w, ar, self, &sum, err);
}

static bool read_opened(struct walk *w, struct archive *ar, struct prq_err *err)
{
    prq_map_init(&ar->inner_by_path, w->ctx->scratch);
    prq_jar_init(&ar->jar, ar->path, w->ctx->scratch);
    struct prq_jar_self self;
    if (!read_members(w, ar, err))
        return false;
    if (!prq_jar_identify(&ar->jar, w->ctx->scratch, &self))
        return no_memory(err);
    bool is_aside = self.is_known && ar->depth == 1 && ar->inner_n && w->ctx->aside;
    if (self.is_known && !is_aside && !sum_and_put(w, ar, &self, err))
        return false;
    if (self.is_untold && ar->inner_n == 0 && !put_untold(w, ar, err))
        return false;
    if (!put_shaded(w, ar, &self, err))
        return false;
    return is_aside ? read_inners_and_put(w, ar, &self, err) : read_inners(w, ar, err);
}

/* Some of the extensions are also those of other formats. */
static bool is_foreign(const struct archive *ar)
{
    const struct extension *x = extension_of(ar->path);
    return x && !x->is_certain && !prq_str_starts(prq_str_of(ar->data), PRQ_S("PK"));
}

/* Recursion is bounded by archive_depth. */
static bool read_archive(struct walk *w, struct archive *ar, struct prq_err *err)
{
    struct prq_err why = PRQ_ERR_INIT;
    const struct prq_zip_opts opts = { w->ctx->limits->archive_members, ar->is_mapped };
    if (!prq_zip_open_with(ar->data, &opts, &ar->zip, &why)) {
        if (is_foreign(ar))
            return true;
        if (ar->is_nested)
            return report(w, ar->path, &why, err);
        if (err)
            *err = why;
        return false;
    }
    bool is_good = read_opened(w, ar, err);
    prq_zip_close(ar->zip);
    ar->zip = NULL;
    return is_good;
}

/* The most that an archive may unpack to: archive_bytes, and `ratio` times its size, though
 * ratio_after bytes are always free. */
static uint64_t budget(const struct prq_limits *l, uint64_t size)
{
    uint64_t by_ratio;
    if (!prq_mul(size, l->ratio, &by_ratio))
        by_ratio = UINT64_MAX;
    if (by_ratio < l->ratio_after)
        by_ratio = l->ratio_after;
    return by_ratio < l->archive_bytes ? by_ratio : l->archive_bytes;
}

static bool run_unpacked(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                         struct prq_err *err)
{
    struct prq_jar jar;
    prq_jar_init(&jar, in->file->path, ctx->scratch);
    if (!prq_jar_add_pom(&jar, in->file->path, in->data, false, true, ctx->limits, ctx->scratch,
                         err))
        return false;
    struct prq_package p = { 0 };
    const struct prq_jar_pom *pom = &jar.poms[0];
    if (jar.pom_n == 0 || !prq_jar_pom_is_whole(pom))
        return true;
    if (!prq_java_package(&p, pom->group, pom->artifact, pom->version, ctx->scratch))
        return no_memory(err);
    return prq_sink_package(sink, &p) || prq_sink_full(err);
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    if (!extension_of(in->file->path))
        return run_unpacked(ctx, in, sink, err);
    struct walk w = { ctx, sink, budget(ctx->limits, in->data.n) };
    struct archive ar = { .path = in->file->path, .depth = 1, .data = in->data,
                          .is_mapped = in->is_mapped };
    return read_archive(&w, &ar, err);
}

const struct prq_analyzer prq_analyzer_java = {
    .name = "java",
    .purl_type = "maven",
    .summary = "jar, war, ear and other Java archives, nested and shaded",
    .revision = 2,
    .wants = wants,
    .run = run,
};
