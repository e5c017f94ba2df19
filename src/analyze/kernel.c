/* SPDX-License-Identifier: Apache-2.0 */
/* Linux kernels and their modules. Sources: the kernel's Documentation/arch/x86/boot.rst ("The
 * real-mode kernel header") and arch/arm64/booting.rst; include/linux/module.h (MODULE_INFO);
 * catalog.md 5.1. */
#include "analyze/analyze.h"
#include "base/buf.h"
#include "base/rd.h"
#include "format/elf.h"
#include "lib/lib.h"

enum {
    MODULE_MAX = 64 << 20, /* of a module, unpacked */
    DEPENDS_MAX = 64,
    BANNER_MAX = 256,
};

#define KERNEL_FILES(name) \
    { .basename = PRQ_SI(name), .max_bytes = PRQ_GIB(1) }, \
    { .stem = PRQ_SI(name "-"), .max_bytes = PRQ_GIB(1) }
#define MODULE(suffix_) \
    { .suffix = PRQ_SI(suffix_), .contains = PRQ_SI("lib/modules/"), .max_bytes = PRQ_MIB(256) }
static const struct prq_want wants[] = {
    KERNEL_FILES("vmlinuz"),
    KERNEL_FILES("vmlinux"),
    KERNEL_FILES("bzImage"),
    KERNEL_FILES("zImage"),
    KERNEL_FILES("kernel"),
    MODULE(".ko"),
    MODULE(".ko.gz"),
    MODULE(".ko.xz"),
    MODULE(".ko.zst"),
    { .max_bytes = 0 },
};

/* ---- kernels */

static bool is_release(prq_str s)
{
    return s.n > 2 && prq_is_digit(s.p[0]) && prq_str_has(s, PRQ_S("."));
}

/* The first word: "6.1.0-18-amd64" of "6.1.0-18-amd64 (debian-kernel@…) #1 SMP …". */
static prq_str release_at(prq_bytes data, size_t at)
{
    prq_str s = prq_str_head(prq_str_from_at(prq_str_of(data), at), BANNER_MAX);
    size_t n = 0;
    while (n < s.n && (prq_is_alnum(s.p[n]) || (s.p[n] != '\0' && strchr(".-+_~", s.p[n]))))
        n++;
    bool ends = n < s.n && (s.p[n] == ' ' || s.p[n] == '\0');
    prq_str release = prq_str_head(s, n);
    return ends && is_release(release) ? release : (prq_str){ 0 };
}

/* bzImage and zImage: "HdrS" at 0x202, and at 0x20e where the version is, counted from 0x200. */
static prq_str of_boot_sector(prq_bytes data)
{
    enum { MAGIC = 0x202, POINTER = 0x20e, BASE = 0x200 };
    if (data.n < POINTER + 2 || memcmp(data.p + MAGIC, "HdrS", 4) != 0)
        return (prq_str){ 0 };
    size_t at = (size_t)data.p[POINTER] | (size_t)data.p[POINTER + 1] << 8;
    return at ? release_at(data, at + BASE) : (prq_str){ 0 };
}

/* An unpacked kernel (ELF, arm64 Image) has its banner: "Linux version 6.1.0 (…". */
static prq_str of_banner(prq_bytes data)
{
    static const prq_str banner = PRQ_SI("Linux version ");
    size_t at = 0;
    const uint8_t *hit;
    while (at < data.n && (hit = memmem(data.p + at, data.n - at, banner.p, banner.n)) != NULL) {
        at = (size_t)(hit - data.p) + banner.n;
        prq_str release = release_at(data, at);
        if (release.n)
            return release;
    }
    return (prq_str){ 0 };
}

static bool is_kernel_image(prq_bytes data)
{
    enum { ARM64_AT = 0x38 };
    return prq_elf_is(data) || (data.n > ARM64_AT + 4 && memcmp(data.p + ARM64_AT, "ARM\x64", 4) == 0);
}

/* The numbers of a release and its -rcN; the third number is 0 where a distribution counts in its
 * own way ("5.15.0-91-generic"): such a kernel has fixes that no such name tells of. */
static prq_str cpe_of(prq_str release, struct prq_arena *a)
{
    size_t n = 0, dots = 0;
    while (n < release.n && (prq_is_digit(release.p[n]) || (release.p[n] == '.' && dots < 2 &&
                                                            n + 1 < release.n &&
                                                            prq_is_digit(release.p[n + 1]))))
        dots += release.p[n++] == '.';
    prq_str base = prq_str_head(release, n), rest = prq_str_from_at(release, n), rc = { 0 };
    if (dots == 0 || (dots == 2 && prq_str_ends(base, PRQ_S(".0")) && rest.n &&
                      !prq_str_starts(rest, PRQ_S("-rc"))))
        return (prq_str){ 0 };
    if (prq_str_starts(rest, PRQ_S("-rc"))) {
        n = 3;
        while (n < rest.n && prq_is_digit(rest.p[n]))
            n++;
        rc = prq_str_from_at(prq_str_head(rest, n), 1);
    }
    return prq_arena_printf(a, "cpe:2.3:o:linux:linux_kernel:%.*s:%.*s:*:*:*:*:*:*", PRQ_FMT(base),
                            (int)(rc.n > 2 ? rc.n : 1), rc.n > 2 ? rc.p : "*");
}

static bool run_kernel(struct prq_ctx *ctx, prq_bytes data, struct prq_sink *sink,
                       struct prq_err *err)
{
    prq_str release = of_boot_sector(data);
    if (!release.n && is_kernel_image(data))
        release = of_banner(data);
    if (!release.n)
        return true; /* many files have such names */
    prq_str cpe = cpe_of(release, ctx->scratch);
    const struct prq_package p = {
        .type = PRQ_S("binary"),
        .name = PRQ_S("linux-kernel"),
        .version = release,
        .cpes = { &cpe, cpe.n ? 1 : 0 },
    };
    return prq_sink_package(sink, &p) || prq_sink_full(err);
}

/* ---- modules */

struct module {
    prq_str name, version, license, depends;
};

/* NUL-separated "key=value". */
static void read_modinfo(prq_bytes data, struct module *m)
{
    prq_str rest = prq_str_of(data), piece, key, value;
    while (prq_str_split(&rest, '\0', &piece)) {
        if (!prq_str_cut(piece, '=', &key, &value))
            continue;
        if (prq_str_eq(key, PRQ_S("name")))
            m->name = value;
        else if (prq_str_eq(key, PRQ_S("version")))
            m->version = value;
        else if (prq_str_eq(key, PRQ_S("license")))
            m->license = value;
        else if (prq_str_eq(key, PRQ_S("depends")))
            m->depends = value;
    }
}

/* "aes_generic-x86.ko.xz" to "aes_generic_x86": modules have no dashes, their files may. */
static prq_str name_of_file(prq_str path, struct prq_arena *a)
{
    prq_str base = prq_path_base(path);
    base = prq_str_head(base, prq_str_search(base, PRQ_S(".ko")));
    char *p = prq_arena_alloc(a, base.n + 1);
    if (!p)
        return (prq_str){ 0 };
    for (size_t i = 0; i < base.n; i++)
        p[i] = base.p[i];
    for (size_t i = 0; i < base.n; i++)
        if (p[i] == '-')
            p[i] = '_';
    return (prq_str){ p, base.n };
}

static bool put_module(const struct module *m, struct prq_sink *sink, struct prq_err *err)
{
    prq_str depends[DEPENDS_MAX], rest = m->depends, piece;
    size_t n = 0;
    while (m->depends.n && n < DEPENDS_MAX && prq_str_split(&rest, ',', &piece))
        if (piece.n)
            depends[n++] = piece;
    prq_str license = m->license;
    const struct prq_package p = {
        .type = PRQ_S("binary"),
        .name = m->name,
        .version = m->version,
        .licenses = { &license, license.n ? 1 : 0 },
        .depends = { depends, n },
    };
    return prq_sink_package(sink, &p) || prq_sink_full(err);
}

static bool run_unpacked(struct prq_ctx *ctx, prq_str path, prq_bytes data, struct prq_sink *sink,
                         struct prq_err *err)
{
    struct prq_elf elf;
    struct prq_elf_section section;
    struct prq_err why = PRQ_ERR_INIT;
    if (!prq_elf_open(data, &elf, &why)) /* a byte of the unpacked module says nothing */
        return prq_fail(err, PRQ_E_FORMAT, "kernel module: %s", why.text);
    if (!prq_elf_find(&elf, PRQ_S(".modinfo"), &section))
        return prq_fail(err, PRQ_E_FORMAT, "kernel module without .modinfo");
    struct module m = { 0 };
    read_modinfo(prq_elf_section_data(&elf, &section), &m);
    if (m.name.n == 0) /* before Linux 4.13 only the file tells it */
        m.name = name_of_file(path, ctx->scratch);
    if (m.name.n == 0)
        return prq_fail(err, PRQ_E_FORMAT, "kernel module without a name");
    return put_module(&m, sink, err);
}

/* Bytes in memory as a stream, for the xz reader. */
struct memory {
    struct prq_stream base;
    prq_bytes left;
};

static bool memory_read(struct prq_stream *s, void *buf, size_t cap, size_t *got,
                        struct prq_err *err)
{
    struct memory *m = (struct memory *)(void *)s;
    (void)err;
    *got = prq_min_size(cap, m->left.n);
    if (*got)
        memcpy(buf, m->left.p, *got);
    m->left.p += *got;
    m->left.n -= *got;
    return true;
}

static void memory_close(struct prq_stream *s)
{
    (void)s; /* on its owner's stack */
}

static bool unxz_all(prq_bytes in, struct prq_buf *out, struct prq_err *err)
{
    static const struct prq_stream_ops ops = { memory_read, memory_close };
    struct memory m = { { &ops }, in };
    PRQ_STREAM xz = NULL;
    if (!prq_xz_open(&m.base, &xz, err))
        return false;
    for (size_t got = 1; got;) {
        size_t want = prq_min_size(out->max - out->n, PRQ_KIB(256));
        uint8_t beyond;
        uint8_t *room = want ? prq_buf_room(out, want) : &beyond;
        if (!room)
            return prq_fail(err, PRQ_E_NOMEM, "no memory to unpack");
        if (!prq_stream_read(xz, room, want ? want : 1, &got, err))
            return false;
        if (got && !want)
            return prq_fail(err, PRQ_E_LIMIT, "xz: more than %zu bytes", out->max);
        out->n += got;
    }
    return true;
}

static bool run_module(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                       struct prq_err *err)
{
    prq_str path = in->file->path;
    PRQ_BUF unpacked;
    prq_buf_init(&unpacked, MODULE_MAX);
    bool ok;
    if (prq_str_ends(path, PRQ_S(".gz")))
        ok = prq_gunzip_all(in->data, &unpacked, err);
    else if (prq_str_ends(path, PRQ_S(".zst")))
        ok = prq_zstd_unpack(in->data, &unpacked, err);
    else if (prq_str_ends(path, PRQ_S(".xz")))
        ok = unxz_all(in->data, &unpacked, err);
    else
        return run_unpacked(ctx, path, in->data, sink, err);
    return ok && run_unpacked(ctx, path, prq_buf_bytes(&unpacked), sink, err);
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    prq_str base = prq_path_base(in->file->path);
    size_t at = prq_str_rfind(base, '.');
    bool is_packed = prq_str_ends(prq_str_head(base, at), PRQ_S(".ko"));
    if (prq_str_ends(base, PRQ_S(".ko")) || is_packed)
        return run_module(ctx, in, sink, err);
    return run_kernel(ctx, in->data, sink, err);
}

const struct prq_analyzer prq_analyzer_kernel = {
    .name = "kernel",
    .purl_type = "generic",
    .summary = "Linux kernels and kernel modules",
    .revision = 1,
    .wants = wants,
    .run = run,
};
