/* SPDX-License-Identifier: Apache-2.0 */
/* The files that say which distribution an image is. Each becomes a note here; distro_settle.c
 * weighs the notes of the merged image. Sources: os-release(5); catalog.md 2. */
#include "analyze/analyze.h"

#include "format/json.h"

typedef bool read_fn(struct prq_ctx *ctx, prq_str in, prq_str kind, struct prq_sink *sink,
                     struct prq_err *err);
static read_fn read_os_release, read_lsb, read_line, read_busybox, read_esm, read_pro, read_content,
    read_presence;

/* FILE(path, kind, reader, max_bytes): whole paths. The first of a kind wins over the next. */
#define FILES(FILE)                                                                             \
    FILE("etc/os-release", "os-release", read_os_release, PRQ_MIB(5))                           \
    FILE("usr/lib/os-release", "os-release", read_os_release, PRQ_MIB(5))                       \
    FILE("aarch64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release", "os-release",            \
         read_os_release, PRQ_MIB(5))                                                           \
    FILE("x86_64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release", "os-release",             \
         read_os_release, PRQ_MIB(5))                                                           \
    FILE("etc/lsb-release", "lsb-release", read_lsb, PRQ_MIB(1))                                \
    FILE("etc/system-release-cpe", "system-release-cpe", read_line, PRQ_MIB(1))                 \
    FILE("etc/oracle-release", "oracle-release", read_line, PRQ_MIB(1))                         \
    FILE("etc/rocky-release", "rocky-release", read_line, PRQ_MIB(1))                           \
    FILE("etc/almalinux-release", "almalinux-release", read_line, PRQ_MIB(1))                   \
    FILE("etc/centos-release", "centos-release", read_line, PRQ_MIB(1))                         \
    FILE("etc/fedora-release", "fedora-release", read_line, PRQ_MIB(1))                         \
    FILE("usr/lib/fedora-release", "fedora-release", read_line, PRQ_MIB(1))                     \
    FILE("etc/system-release", "system-release", read_line, PRQ_MIB(1))                         \
    FILE("usr/lib/system-release", "system-release", read_line, PRQ_MIB(1))                     \
    FILE("etc/redhat-release", "redhat-release", read_line, PRQ_MIB(1))                         \
    FILE("etc/alpine-release", "alpine-release", read_line, PRQ_MIB(1))                         \
    FILE("etc/debian_version", "debian-version", read_line, PRQ_MIB(1))                         \
    FILE("etc/apt/auth.conf.d/90ubuntu-advantage", "esm-sources", read_esm, PRQ_MIB(1))         \
    FILE("var/lib/ubuntu-advantage/status.json", "ubuntu-advantage", read_pro, PRQ_MIB(4))      \
    FILE("usr/share/rapidfort/curated.json", "curated-image", read_presence, PRQ_MIB(64))       \
    FILE("bin/busybox", "busybox", read_busybox, PRQ_MIB(16))                                   \
    FILE("usr/bin/busybox", "busybox", read_busybox, PRQ_MIB(16))

static const struct file {
    prq_str path, kind;
    read_fn *read;
} files[] = {
#define ROW(path, kind, read, max) { PRQ_SI(path), PRQ_SI(kind), read },
    FILES(ROW)
#undef ROW
};

static const struct folder {
    prq_str prefix, kind;
    read_fn *read;
} folders[] = {
    { PRQ_SI("etc/apt/sources.list.d/"), PRQ_SI("esm-sources"), read_esm },
    { PRQ_SI("root/buildinfo/content_manifests/"), PRQ_SI("content-manifest"), read_content },
};

static const struct prq_want wants[] = {
    { .path = PRQ_SI("Files/Windows"), .dir_depth = 2, .max_bytes = 1 },
#define ROW(p, kind, read, max) { .path = PRQ_SI(p), .max_bytes = (max) },
    FILES(ROW)
#undef ROW
    { .prefix = PRQ_SI("etc/apt/sources.list.d/"), .max_bytes = PRQ_MIB(1) },
    { .prefix = PRQ_SI("root/buildinfo/content_manifests/"), .suffix = PRQ_SI(".json"),
      .max_bytes = PRQ_MIB(16) },
    { .max_bytes = 0 },
};

/* ---- KEY=VALUE */

/* Without the shell's quoting: '…' is literal, "…" knows \" \\ \$ \`, outside of both a backslash
 * takes the next byte as it is. Most values are one quoted piece and stay views. False when memory
 * ran out. Source: os-release(5). */
static bool unquote(prq_str raw, struct prq_arena *a, prq_str *out)
{
    if (raw.n >= 2 && (raw.p[0] == '"' || raw.p[0] == '\'') && raw.p[raw.n - 1] == raw.p[0]) {
        prq_str inner = { raw.p + 1, raw.n - 2 };
        bool is_plain = prq_str_find(inner, raw.p[0]) == inner.n &&
                        (raw.p[0] == '\'' || prq_str_find(inner, '\\') == inner.n);
        *out = inner;
        if (is_plain)
            return true;
    }
    prq_str special = { 0 };
    for (size_t i = 0; i < raw.n && !special.p; i++)
        if (memchr("\"'\\", raw.p[i], 3))
            special = prq_str_from_at(raw, i);
    *out = raw;
    if (!special.p)
        return true;
    char *text = prq_arena_alloc(a, raw.n + 1);
    if (!text)
        return false;
    size_t n = 0;
    char quote = 0;
    for (size_t i = 0; i < raw.n; i++) {
        char c = raw.p[i];
        if (quote ? c == quote : c == '"' || c == '\'') {
            quote = quote ? 0 : c;
            continue;
        }
        bool may_escape = c == '\\' && quote != '\'' && i + 1 < raw.n;
        if (may_escape && (!quote || memchr("\"\\$`", raw.p[i + 1], 4)))
            c = raw.p[++i];
        text[n++] = c;
    }
    *out = (prq_str){ text, n };
    return true;
}

/* The known keys of a file, a later line over an earlier one as a shell would have it. */
static bool read_pairs(struct prq_ctx *ctx, prq_str in, prq_str kind, const prq_str *keys,
                       size_t key_count, struct prq_sink *sink, struct prq_err *err)
{
    struct prq_pair pairs[16] = { 0 };
    prq_str rest = in, line;
    if (prq_str_starts(rest, PRQ_S("\xef\xbb\xbf")))
        rest = prq_str_from_at(rest, 3);
    while (prq_str_line(&rest, &line)) {
        prq_str key, value;
        line = prq_str_trim(line);
        if (line.n == 0 || line.p[0] == '#' || !prq_str_cut(line, '=', &key, &value))
            continue;
        key = prq_str_trim(key);
        for (size_t i = 0; i < key_count; i++) {
            if (!prq_str_eq(key, keys[i]))
                continue;
            pairs[i].key = keys[i];
            if (!unquote(prq_str_trim(value), ctx->scratch, &pairs[i].value))
                return prq_fail_at(err, PRQ_E_LIMIT, (size_t)(line.p - in.p), "value too long");
        }
    }
    size_t n = 0;
    for (size_t i = 0; i < key_count; i++)
        if (pairs[i].key.n)
            pairs[n++] = pairs[i];
    if (n)
        return prq_sink_note(sink, kind, pairs, n) || prq_sink_full(err);
    if (prq_str_trim(in).n == 0)
        return true;
    return prq_fail_at(err, PRQ_E_FORMAT, 0, "no line names a distribution");
}

static bool read_os_release(struct prq_ctx *ctx, prq_str in, prq_str kind, struct prq_sink *sink,
                            struct prq_err *err)
{
    static const prq_str keys[] = {
        PRQ_SI("ID"),         PRQ_SI("ID_LIKE"),          PRQ_SI("NAME"),
        PRQ_SI("VERSION"),    PRQ_SI("VERSION_ID"),       PRQ_SI("VERSION_CODENAME"),
        PRQ_SI("BUILD_ID"),   PRQ_SI("VARIANT"),          PRQ_SI("VARIANT_ID"),
        PRQ_SI("IMAGE_ID"),   PRQ_SI("IMAGE_VERSION"),    PRQ_SI("CPE_NAME"),
        PRQ_SI("SUPPORT_END"), PRQ_SI("PRETTY_NAME"),
    };
    return read_pairs(ctx, in, kind, keys, PRQ_COUNT(keys), sink, err);
}

static bool read_lsb(struct prq_ctx *ctx, prq_str in, prq_str kind, struct prq_sink *sink,
                     struct prq_err *err)
{
    static const prq_str keys[] = {
        PRQ_SI("DISTRIB_ID"), PRQ_SI("DISTRIB_RELEASE"), PRQ_SI("DISTRIB_CODENAME"),
        PRQ_SI("DISTRIB_DESCRIPTION"),
    };
    return read_pairs(ctx, in, kind, keys, PRQ_COUNT(keys), sink, err);
}

/* ---- the others */

static bool put_one(prq_str kind, prq_str key, prq_str value, struct prq_sink *sink,
                    struct prq_err *err)
{
    const struct prq_pair pair = { key, value };
    return prq_sink_note(sink, kind, &pair, 1) || prq_sink_full(err);
}

static bool read_line(struct prq_ctx *ctx, prq_str in, prq_str kind, struct prq_sink *sink,
                      struct prq_err *err)
{
    (void)ctx;
    prq_str line;
    while (prq_str_line(&in, &line)) {
        line = prq_str_trim(line);
        if (line.n)
            return put_one(kind, PRQ_S("line"), line, sink, err);
    }
    return true;
}

/* Rebuilt by somebody whose fixes the distribution's advisories do not know. */
static bool read_presence(struct prq_ctx *ctx, prq_str in, prq_str kind, struct prq_sink *sink,
                          struct prq_err *err)
{
    (void)ctx, (void)in;
    return put_one(kind, PRQ_S("channel"), PRQ_S("rapidfort"), sink, err);
}

static bool read_busybox(struct prq_ctx *ctx, prq_str in, prq_str kind, struct prq_sink *sink,
                         struct prq_err *err)
{
    (void)ctx;
    const prq_str banner = PRQ_S("BusyBox v");
    size_t at;
    while ((at = prq_str_search(in, banner)) < in.n) {
        in = prq_str_from_at(in, at + banner.n);
        size_t n = 0;
        while (n < in.n && (prq_is_digit(in.p[n]) || in.p[n] == '.'))
            n++;
        if (n && prq_is_digit(in.p[0]))
            return put_one(kind, PRQ_S("version"), prq_str_head(in, n), sink, err);
    }
    return true;
}

/* Which streams of extended maintenance apt is told of. The lines may hold credentials: only the
 * stream's name leaves. */
static bool read_esm(struct prq_ctx *ctx, prq_str in, prq_str kind, struct prq_sink *sink,
                     struct prq_err *err)
{
    (void)ctx;
    static const prq_str places[] = { PRQ_SI("esm.ubuntu.com/infra"), PRQ_SI("esm.ubuntu.com/apps") };
    static const prq_str streams[] = { PRQ_SI("infra"), PRQ_SI("apps") };
    bool has[PRQ_COUNT(places)] = { false };
    prq_str line;
    while (prq_str_line(&in, &line)) {
        line = prq_str_trim(line);
        for (size_t i = 0; i < PRQ_COUNT(places) && line.n && line.p[0] != '#'; i++)
            has[i] = has[i] || prq_str_has(line, places[i]);
    }
    for (size_t i = 0; i < PRQ_COUNT(places); i++)
        if (has[i] && !put_one(kind, PRQ_S("stream"), streams[i], sink, err))
            return false;
    return true;
}

/* {"services": [{"name": "esm-infra", "status": "enabled", …}, …], …} */
static void read_service(struct prq_json *j, bool has[2])
{
    static const prq_str names[] = { PRQ_SI("esm-infra"), PRQ_SI("esm-apps") };
    prq_str key, name = { 0 }, status = { 0 };
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return;
    }
    while (prq_json_key(j, &key)) {
        if (prq_str_eq(key, PRQ_S("name")))
            prq_json_string_or_skip(j, &name);
        else if (prq_str_eq(key, PRQ_S("status")))
            prq_json_string_or_skip(j, &status);
        else
            prq_json_skip(j);
    }
    for (size_t i = 0; i < PRQ_COUNT(names); i++)
        has[i] = has[i] || (prq_str_eq(name, names[i]) && prq_str_eq(status, PRQ_S("enabled")));
}

static bool read_pro(struct prq_ctx *ctx, prq_str in, prq_str kind, struct prq_sink *sink,
                     struct prq_err *err)
{
    bool has[2] = { false };
    prq_str key;
    struct prq_json j;
    prq_json_init(&j, in, ctx->scratch, ctx->limits);
    if (!prq_json_enter_object(&j))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not an object");
    while (prq_json_key(&j, &key)) {
        if (!prq_str_eq(key, PRQ_S("services")) || !prq_json_enter_array(&j)) {
            prq_json_skip(&j);
            continue;
        }
        while (prq_json_item(&j))
            read_service(&j, has);
    }
    if (!prq_json_end(&j, err))
        return false;
    return (!has[0] || put_one(kind, PRQ_S("stream"), PRQ_S("infra"), sink, err)) &&
           (!has[1] || put_one(kind, PRQ_S("stream"), PRQ_S("apps"), sink, err));
}

static bool read_content(struct prq_ctx *ctx, prq_str in, prq_str kind, struct prq_sink *sink,
                         struct prq_err *err)
{
    (void)ctx;
    bool is_extended = prq_str_has(in, PRQ_S("baseos-eus")) || prq_str_has(in, PRQ_S("appstream-eus"));
    return !is_extended || put_one(kind, PRQ_S("channel"), PRQ_S("eus"), sink, err);
}

/* A layer of a Windows image: what is installed stands in registry hives, which are not read. */
static bool tell_windows(struct prq_sink *sink, struct prq_err *err)
{
    const struct prq_gap gap = { .kind = PRQ_S("unsupported"), .layer = PRQ_GAP_NO_LAYER,
                                 .reason = PRQ_S("Windows images are not read") };
    return prq_sink_gap(sink, &gap) || prq_sink_full(err);
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    prq_str text = prq_str_of(in->data);
    if (in->file->type == PRQ_FILE_DIR)
        return tell_windows(sink, err);
    for (size_t i = 0; i < PRQ_COUNT(files); i++)
        if (prq_str_eq(in->file->path, files[i].path))
            return files[i].read(ctx, text, files[i].kind, sink, err);
    for (size_t i = 0; i < PRQ_COUNT(folders); i++)
        if (prq_str_starts(in->file->path, folders[i].prefix))
            return folders[i].read(ctx, text, folders[i].kind, sink, err);
    return true;
}

const struct prq_analyzer prq_analyzer_distro = {
    .name = "distro",
    .purl_type = "",
    .summary = "the distribution: os-release and its older relatives, BusyBox",
    .revision = 2,
    .wants = wants,
    .run = run,
};
