/* SPDX-License-Identifier: Apache-2.0 */
/* Packages of Arch Linux and its kin:
 *
 *     var/lib/pacman/local/NAME-VERSION-RELEASE/desc    one package
 *     var/lib/pacman/local/NAME-VERSION-RELEASE/files   what it put there
 *
 * Both are sections: a line %KEY%, values a line each, an empty line.
 * Source: libalpm, be_local.c (local_db_read); catalog.md 3.5. */
#include "analyze/analyze.h"

#include "analyze/owning.h"

struct list {
    prq_str *v;
    size_t n, cap;
};

struct desc {
    prq_str name, version, base, arch, packager, size;
    struct list licences, depends, provides;
};

static const struct field {
    prq_str key;
    size_t place;
    bool is_list;
} fields[] = {
    { PRQ_SI("NAME"), offsetof(struct desc, name), false },
    { PRQ_SI("VERSION"), offsetof(struct desc, version), false },
    { PRQ_SI("BASE"), offsetof(struct desc, base), false },
    { PRQ_SI("ARCH"), offsetof(struct desc, arch), false },
    { PRQ_SI("PACKAGER"), offsetof(struct desc, packager), false },
    { PRQ_SI("SIZE"), offsetof(struct desc, size), false },
    { PRQ_SI("LICENSE"), offsetof(struct desc, licences), true },
    { PRQ_SI("DEPENDS"), offsetof(struct desc, depends), true },
    { PRQ_SI("PROVIDES"), offsetof(struct desc, provides), true },
};

/* "%KEY%" */
static bool section_of(prq_str line, prq_str *key)
{
    if (line.n < 3 || line.p[0] != '%' || line.p[line.n - 1] != '%')
        return false;
    *key = (prq_str){ line.p + 1, line.n - 2 };
    return true;
}

/* "glibc>=2.33" names glibc, "libacl.so=1-64" libacl.so. */
static prq_str relation_name(prq_str s)
{
    size_t n = 0;
    while (n < s.n && !memchr("<=>", s.p[n], 3))
        n++;
    return prq_str_head(s, n);
}

static bool put_value(struct desc *d, const struct field *f, prq_str line, struct prq_arena *a)
{
    void *place = (char *)d + f->place;
    if (!f->is_list) {
        prq_str *text = place;
        if (!text->p)
            *text = line;
        return true;
    }
    struct list *l = place;
    if (!prq_arena_grow(a, &l->v, sizeof *l->v, &l->cap, l->n + 1))
        return false;
    bool is_licence = l == &d->licences;
    l->v[l->n++] = is_licence ? line : relation_name(line);
    return true;
}

static bool read_desc(struct prq_ctx *ctx, prq_str in, struct prq_sink *sink, struct prq_err *err)
{
    struct desc d = { 0 };
    const struct field *field = NULL;
    prq_str rest = in, line, key;
    while (prq_str_line(&rest, &line)) {
        if (section_of(line, &key)) {
            field = NULL;
            for (size_t i = 0; i < PRQ_COUNT(fields); i++)
                if (prq_str_eq(key, fields[i].key))
                    field = &fields[i];
        } else if (line.n && field && !put_value(&d, field, line, ctx->scratch)) {
            return prq_fail_at(err, PRQ_E_LIMIT, (size_t)(line.p - in.p),
                               "values exceed the file's budget");
        }
    }
    if (!d.name.n || !d.version.n)
        return prq_fail_at(err, PRQ_E_FORMAT, in.n,
                           d.name.n ? "package without %VERSION%" : "package without %NAME%");
    struct prq_package p = {
        .type = PRQ_S("alpm"),
        .name = d.name,
        .version = d.version,
        .arch = d.arch,
        .vendor = d.packager,
        .licenses = { d.licences.v, d.licences.n },
        .depends = { d.depends.v, d.depends.n },
        .provides = { d.provides.v, d.provides.n },
    };
    if (!prq_str_eq(d.base, d.name))
        p.source_name = d.base;
    if (!prq_str_u64(d.size, &p.size_bytes))
        p.size_bytes = 0;
    return prq_sink_package(sink, &p) || prq_sink_full(err);
}

/* NAME of the directory NAME-VERSION-RELEASE; neither of the latter holds a dash. */
static prq_str name_of_directory(prq_str dir)
{
    prq_str name, rest;
    if (prq_str_rcut(dir, '-', &name, &rest) && prq_str_rcut(name, '-', &name, &rest))
        return name;
    return dir;
}

static bool read_files(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                       struct prq_err *err)
{
    prq_str name = name_of_directory(prq_path_base(prq_path_dir(in->file->path)));
    struct prq_owning *o = prq_owning_new(ctx->scratch, sink);
    prq_str owner = prq_arena_printf(ctx->scratch, "alpm:%.*s", PRQ_FMT(name));
    if (!o || !owner.p)
        return prq_fail(err, PRQ_E_LIMIT, "no memory for the list of files");
    prq_owning_begin(o, owner);
    prq_str rest = prq_str_of(in->data), line, key;
    bool is_files = false, ok = true;
    while (ok && prq_str_line(&rest, &line)) {
        if (section_of(line, &key))
            is_files = prq_str_eq(key, PRQ_S("FILES"));
        else if (is_files)
            ok = prq_owning_add(o, (prq_str){ 0 }, line);
    }
    return (ok && prq_owning_end(o)) || prq_sink_full(err);
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    if (prq_str_ends(in->file->path, PRQ_S("/files")))
        return read_files(ctx, in, sink, err);
    return read_desc(ctx, prq_str_of(in->data), sink, err);
}

static const struct prq_want wants[] = {
    { .basename = PRQ_SI("desc"), .contains = PRQ_SI("lib/pacman/local/"), .max_bytes = PRQ_MIB(16) },
    { .basename = PRQ_SI("files"), .contains = PRQ_SI("lib/pacman/local/"), .max_bytes = PRQ_MIB(256) },
    { .max_bytes = 0 },
};

const struct prq_analyzer prq_analyzer_pacman = {
    .name = "pacman",
    .purl_type = "alpm",
    .summary = "Arch Linux packages: lib/pacman/local/*/desc",
    .revision = 1,
    .wants = wants,
    .run = run,
};
