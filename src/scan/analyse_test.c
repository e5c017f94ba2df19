/* SPDX-License-Identifier: Apache-2.0 */
/* Whole analyses with real workers: this program is its own zygote, with analyzers that crash, and
 * one that does what an exploit would: it answers for the worker. */
#include "maketar.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "analyze/analyze.h"
#include "lib/lib.h"
#include "scan/analyse.h"
#include "scan/worker.h"
#include "store/document.h"
#include "store/facts.h"

/* On every socket there is: the worker's own name of the one that leads out is not known here. */
static void say(char type, const void *p, size_t n)
{
    char m[4096] = { type };
    memcpy(m + 1, p, n);
    for (int fd = 3; fd < 64; fd++)
        send(fd, m, n + 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* The file says which diff id to claim. */
static void lie(const struct prq_input *in)
{
    struct prq_job_end end = { .has_diff = true, .tar_bytes = 1, .file_count = 1 };
    struct prq_facts_writer w;
    prq_facts_writer_init(&w, &prq_limits_default);
    w.path = PRQ_S("lib/apk/db/installed");
    struct prq_package p = { .type = PRQ_S("apk"), .name = PRQ_S("forged"),
                             .version = PRQ_S("1-r0") };
    if (!prq_hex_decode((prq_str){ (const char *)in->data.p, 64 }, end.diff) ||
        !prq_sink_package(&w.sink, &p))
        abort();
    say('F', w.facts.p, w.facts.n);
    say('E', &end, sizeof end);
    _exit(0);
}

static bool run_bad(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                    struct prq_err *err)
{
    (void)ctx, (void)sink, (void)err;
    prq_str base = prq_path_base(in->file->path);
    if (prq_str_starts(base, PRQ_S("abort")))
        abort();
    for (volatile unsigned i = 0; prq_str_starts(base, PRQ_S("hang")); i++)
        ;
    if (prq_str_starts(base, PRQ_S("lie")) && in->data.n >= 64)
        lie(in);
    if (prq_str_starts(base, PRQ_S("level")))
        say('L', &(uint32_t){ ~0U }, sizeof(uint32_t));
    if (prq_str_starts(base, PRQ_S("exit")))
        _exit(7);
    if (prq_str_starts(base, PRQ_S("stop")))
        for (;;)
            raise(SIGSTOP);
    return true;
}

static const struct prq_want bad_wants[] = { { .suffix = PRQ_SI(".bad"), .max_bytes = 1024 },
                                             { .max_bytes = 0 } };
static const struct prq_analyzer bad = { .name = "bad", .purl_type = "generic", .revision = 1,
                                         .wants = bad_wants, .run = run_bad };
static const struct prq_analyzer *table[64] = { &bad };

static void fill_table(void)
{
    for (size_t i = 0; prq_analyzers[i] && i < 62; i++)
        table[i + 1] = prq_analyzers[i];
}

struct result {
    bool ok;
    struct prq_err err;
    struct prq_arena *arena;
    struct prq_analysis an;
};

static struct result analyse_file(const char *path, const struct prq_limits *limits,
                                  const struct prq_analyse_opts *more)
{
    char argument[80];
    struct result r = { .arena = prq_arena_new(PRQ_MIB(64)) };
    struct prq_analyse_opts opts = more ? *more : (struct prq_analyse_opts){ 0 };
    struct prq_ctx ctx = { .limits = limits };
    PRQ_ARENA scratch = prq_arena_new(PRQ_MIB(16));
    ctx.scratch = scratch;
    snprintf(argument, sizeof argument, "docker-archive:%s", path);
    opts.source.argument = prq_str_from(argument);
    r.ok = prq_analyse(&ctx, &opts, r.arena, &r.an, &r.err);
    r.an.name = PRQ_S("test"); /* the file's name is another each time */
    unlink(path);
    return r;
}

static struct result analyse(const prq_bytes *layers, size_t n, size_t liar,
                             const struct prq_limits *limits, const struct prq_analyse_opts *more)
{
    char path[64];
    tar_image(path, layers, n, liar);
    return analyse_file(path, limits, more);
}

static const struct prq_gap *gap_of(const struct result *r, const char *kind, const char *path)
{
    for (size_t i = 0; i < r->an.gap_count; i++)
        if (prq_str_eq(r->an.gaps[i].kind, prq_str_from(kind)) &&
            prq_str_eq(r->an.gaps[i].path, prq_str_from(path)))
            return &r->an.gaps[i];
    return NULL;
}

static bool has_package(const struct result *r, const char *name)
{
    for (size_t i = 0; i < r->an.package_count; i++)
        if (prq_str_eq(r->an.packages[i].name, prq_str_from(name)))
            return true;
    return false;
}

static prq_bytes apk_layer(struct prq_buf *t, const char *bad_file, const char *record)
{
    *t = tar_new();
    if (bad_file)
        tar_file(t, bad_file, "x");
    tar_file(t, "lib/apk/db/installed", record);
    return tar_done(t);
}

/* security-model.md 3.2: a record of the crash; other files and layers are scanned. */
static void test_crash_is_a_gap(void **state)
{
    (void)state;
    struct prq_buf t[2];
    prq_bytes layers[2] = { apk_layer(&t[0], "a/abort.bad", TAR_APK("musl", "1.2.3-r4")) };
    t[1] = tar_new();
    tar_file(&t[1], "app/node_modules/x/package.json", "{\"name\":\"x\",\"version\":\"1.0.0\"}");
    layers[1] = tar_done(&t[1]);
    struct result r = analyse(layers, 2, SIZE_MAX, &prq_limits_default, NULL);
    if (!r.ok)
        print_error("%s\n", r.err.text);
    assert_true(r.ok);
    assert_true(has_package(&r, "musl") && has_package(&r, "x"));
    const struct prq_gap *g = gap_of(&r, "parser-crash", "a/abort.bad");
    assert_non_null(g);
    assert_int_equal(g->layer, 0);
    assert_true(prq_str_has(g->reason, PRQ_S("signal 6")));
    assert_int_equal(r.an.gap_count, 1);
    prq_arena_free(r.arena);
    /* What was passed by was verified all the same. */
    r = analyse(layers, 2, 0, &prq_limits_default, NULL);
    assert_false(r.ok);
    assert_true(prq_str_has(prq_str_from(r.err.text), PRQ_S("digest mismatch")));
    prq_arena_free(r.arena);
    prq_buf_release(&t[0]);
    prq_buf_release(&t[1]);
}

static void test_too_many_crashes_lose_the_rest_of_the_layer(void **state)
{
    (void)state;
    struct prq_buf t[2];
    t[0] = tar_new();
    tar_file(&t[0], "lib/apk/db/installed", TAR_APK("musl", "1.2.3-r4"));
    for (char c = '0'; c < '6'; c++)
        tar_file(&t[0], (char[]){ 'a', 'b', 'o', 'r', 't', c, '.', 'b', 'a', 'd', 0 }, "x");
    prq_bytes layers[2] = { tar_done(&t[0]), apk_layer(&t[1], NULL, TAR_APK("zlib", "1.2.3-r4")) };
    struct result r = analyse(layers, 2, SIZE_MAX, &prq_limits_default, NULL);
    assert_true(r.ok);
    assert_true(has_package(&r, "zlib"));
    const struct prq_gap *g = gap_of(&r, "parser-crash", "abort3.bad");
    assert_non_null(g);
    assert_true(prq_str_has(g->reason, PRQ_S("the rest of the layer was not read")));
    /* It is not compressed, so that the blob has the right digest says that the tar has. */
    assert_false(prq_str_has(g->reason, PRQ_S("digest not verified")));
    assert_int_equal(g->layer, 0);
    prq_arena_free(r.arena);
    prq_buf_release(&t[0]);
    prq_buf_release(&t[1]);
}

static void test_worker_without_an_answer(void **state)
{
    (void)state;
    struct prq_buf t;
    prq_bytes layer = apk_layer(&t, "exit.bad", TAR_APK("musl", "1.2.3-r4"));
    struct result r = analyse(&layer, 1, SIZE_MAX, &prq_limits_default, NULL);
    assert_true(r.ok);
    assert_non_null(gap_of(&r, "parser-crash", ""));
    prq_arena_free(r.arena);
    prq_buf_release(&t);
}

/* limits: file_cpu_ms */
static void test_hang_ends_after_file_cpu_ms(void **state)
{
    (void)state;
    struct prq_buf t;
    struct prq_limits low = prq_limits_default;
    low.file_cpu_ms = 100;
    prq_bytes layer = apk_layer(&t, "hang.bad", TAR_APK("musl", "1.2.3-r4"));
    struct result r = analyse(&layer, 1, SIZE_MAX, &low, NULL);
    assert_true(r.ok);
    const struct prq_gap *g = gap_of(&r, "limit", "hang.bad");
    assert_non_null(g);
    assert_true(prq_str_has(g->reason, PRQ_S("limit file_cpu_ms")));
    assert_true(has_package(&r, "musl"));
    prq_arena_free(r.arena);
    prq_buf_release(&t);
}

/* limits: image_cpu_s */
static void test_hang_ends_after_image_cpu_s(void **state)
{
    (void)state;
    struct prq_buf t;
    struct prq_limits low = prq_limits_default;
    low.image_cpu_s = 1;
    prq_bytes layer = apk_layer(&t, "hang.bad", TAR_APK("musl", "1.2.3-r4"));
    struct result r = analyse(&layer, 1, SIZE_MAX, &low, NULL);
    assert_true(r.ok);
    const struct prq_gap *g = gap_of(&r, "limit", "hang.bad");
    assert_non_null(g);
    assert_true(prq_str_has(g->reason, PRQ_S("limit image_cpu_s")));
    prq_arena_free(r.arena);
    prq_buf_release(&t);
}

/* limits: image_wall_s. The worker stops itself: no processor time passes. */
static void test_standstill_ends_after_image_wall_s(void **state)
{
    (void)state;
    struct prq_buf t;
    struct prq_limits low = prq_limits_default;
    low.image_wall_s = 1;
    prq_bytes layer = apk_layer(&t, "stop.bad", TAR_APK("musl", "1.2.3-r4"));
    struct result r = analyse(&layer, 1, SIZE_MAX, &low, NULL);
    assert_true(r.ok);
    const struct prq_gap *g = gap_of(&r, "limit", "");
    assert_non_null(g);
    assert_true(prq_str_has(g->reason, PRQ_S("limit image_wall_s")));
    prq_arena_free(r.arena);
    prq_buf_release(&t);
}

/* limits: image_bytes; over all layers, and within one. */
static void test_image_bytes(void **state)
{
    (void)state;
    struct prq_buf t[2];
    struct prq_limits low = prq_limits_default;
    prq_bytes layers[2] = { apk_layer(&t[0], NULL, TAR_APK("musl", "1.2.3-r4")),
                            apk_layer(&t[1], NULL, TAR_APK("zlib", "1.2.3-r4")) };
    low.image_bytes = layers[0].n + layers[1].n;
    for (size_t less = 0; less < 2; less++) {
        low.image_bytes -= less;
        struct result r = analyse(layers, 2, SIZE_MAX, &low, NULL);
        assert_int_equal(r.ok, less == 0);
        assert_int_equal(r.err.code, less ? PRQ_E_LIMIT : PRQ_E_NONE);
        prq_arena_free(r.arena);
    }
    low.image_bytes = 600;
    struct result r = analyse(layers, 1, SIZE_MAX, &low, NULL);
    assert_true(r.ok ? gap_of(&r, "limit", "") != NULL : r.err.code == PRQ_E_LIMIT);
    prq_arena_free(r.arena);
    prq_buf_release(&t[0]);
    prq_buf_release(&t[1]);
}

/* limits: blob_bytes */
static void test_blob_bytes(void **state)
{
    (void)state;
    struct prq_buf t;
    struct prq_limits low = prq_limits_default;
    prq_bytes layer = apk_layer(&t, NULL, TAR_APK("musl", "1.2.3-r4"));
    for (size_t less = 0; less < 2; less++) {
        low.blob_bytes = layer.n - less;
        struct result r = analyse(&layer, 1, SIZE_MAX, &low, NULL);
        assert_int_equal(r.ok && r.an.gap_count == 0, less == 0);
        assert_true(r.ok || r.err.code == PRQ_E_LIMIT);
        prq_arena_free(r.arena);
    }
    prq_buf_release(&t);
}

/* limits: manifest_bytes, layers */
static void test_manifest_bytes_and_layers(void **state)
{
    (void)state;
    struct prq_buf t[2];
    prq_bytes layers[2] = { apk_layer(&t[0], NULL, TAR_APK("musl", "1.2.3-r4")),
                            apk_layer(&t[1], NULL, TAR_APK("zlib", "1.2.3-r4")) };
    struct prq_limits small = prq_limits_default, few = small;
    small.manifest_bytes = 60;
    few.layers = 1;
    struct result r = analyse(layers, 2, SIZE_MAX, &small, NULL);
    assert_false(r.ok);
    assert_int_equal(r.err.code, PRQ_E_LIMIT);
    prq_arena_free(r.arena);
    r = analyse(layers, 2, SIZE_MAX, &few, NULL);
    assert_false(r.ok);
    assert_int_equal(r.err.code, PRQ_E_LIMIT);
    prq_arena_free(r.arena);
    prq_buf_release(&t[0]);
    prq_buf_release(&t[1]);
}

static void test_digest_mismatch_fails(void **state)
{
    (void)state;
    struct prq_buf t[2];
    prq_bytes layers[2] = { apk_layer(&t[0], NULL, TAR_APK("musl", "1.2.3-r4")),
                            apk_layer(&t[1], NULL, TAR_APK("zlib", "1.2.3-r4")) };
    for (size_t liar = 0; liar < 2; liar++) {
        struct result r = analyse(layers, 2, liar, &prq_limits_default, NULL);
        assert_false(r.ok);
        assert_true(prq_str_has(prq_str_from(r.err.text), PRQ_S("digest mismatch")));
        prq_arena_free(r.arena);
    }
    prq_buf_release(&t[0]);
    prq_buf_release(&t[1]);
}

/* ---- a worker that was taken over */

/* docker-archive of one layer whose configuration says `diff`. */
static void image_of(char path[64], prq_bytes layer, const char *diff, bool names_blob)
{
    struct prq_buf t = tar_new();
    char text[400], name[80] = "0.tar";
    if (names_blob)
        snprintf(name, sizeof name, "%s", tar_sha(layer)); /* as Kaniko does: the blob's digest */
    snprintf(text, sizeof text,
             "{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{\"type\":\"layers\","
             "\"diff_ids\":[\"%s\"]}}", diff);
    tar_file(&t, "c.json", text);
    snprintf(text, sizeof text,
             "[{\"Config\":\"c.json\",\"RepoTags\":[\"t:1\"],\"Layers\":[\"%s\"]}]", name);
    tar_file(&t, "manifest.json", text);
    tar_bytes(&t, name, 'f', layer.p, layer.n);
    prq_bytes all = tar_done(&t);
    snprintf(path, 64, "/tmp/prq-image.XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, all.p, all.n), (ssize_t)all.n);
    close(fd);
    prq_buf_release(&t);
}

static struct result scan_cached(prq_bytes layer, const char *diff, bool names_blob,
                                 const char *cache)
{
    char path[64];
    const struct prq_analyse_opts opts = { .cache_dir = cache, .jobs = 1 };
    image_of(path, layer, diff, names_blob);
    return analyse_file(path, &prq_limits_default, &opts);
}

/* A forged diff id must not become what an honest image with that layer is given from the cache. */
static void test_forged_facts_are_for_their_own_blob_only(void **state)
{
    (void)state;
    struct prq_buf honest, forger = tar_new();
    char cache[] = "/tmp/prq-cache.XXXXXX", diff[80], line[64];
    assert_non_null(mkdtemp(cache));
    prq_bytes good = apk_layer(&honest, NULL, TAR_APK("musl", "1.2.3-r4"));
    snprintf(diff, sizeof diff, "%s", tar_sha(good));
    tar_file(&forger, "lie.bad", diff + strlen("sha256:"));
    prq_bytes evil = tar_done(&forger);
    for (int names_blob = 0; names_blob < 2; names_blob++) {
        struct result r = scan_cached(evil, diff, names_blob, cache);
        assert_true(r.ok && has_package(&r, "forged")); /* the lie works where it was told … */
        prq_arena_free(r.arena);
    }
    for (int names_blob = 0; names_blob < 2; names_blob++) {
        struct result r = scan_cached(good, diff, names_blob, cache);
        assert_true(r.ok);
        assert_true(has_package(&r, "musl") && !has_package(&r, "forged")); /* … and only there */
        prq_arena_free(r.arena);
    }
    prq_buf_release(&honest);
    prq_buf_release(&forger);
    snprintf(line, sizeof line, "rm -r %s", cache);
    assert_int_equal(system(line), 0);
}

static prq_bytes packed(struct prq_buf *b, prq_bytes plain)
{
    struct prq_err err = PRQ_ERR_INIT;
    prq_buf_init(b, PRQ_MIB(1));
    assert_true(prq_zstd_pack(plain, 3, b, &err));
    return prq_buf_bytes(b);
}

/* Of a packed layer no digest is promised (docker save): it is cached by the one that it has, so a
 * forger's blob with the same diff id is another. */
static void test_packed_layers_are_cached_by_their_own_digest(void **state)
{
    (void)state;
    struct prq_buf honest, forger = tar_new(), zst[3];
    char cache[] = "/tmp/prq-cache.XXXXXX", diff[80], line[64], path[64];
    assert_non_null(mkdtemp(cache));
    prq_bytes plain = apk_layer(&honest, NULL, TAR_APK("musl", "1.2.3-r4"));
    snprintf(diff, sizeof diff, "%s", tar_sha(plain));
    tar_file(&forger, "lie.bad", diff + strlen("sha256:"));
    prq_bytes good = packed(&zst[0], plain), evil = packed(&zst[1], tar_done(&forger));
    struct result r = scan_cached(evil, diff, false, cache);
    assert_true(r.ok && has_package(&r, "forged"));
    prq_arena_free(r.arena);
    for (int round = 0; round < 2; round++) {
        const struct prq_analyse_opts opts = { .cache_dir = cache, .jobs = 1,
                                               .worker_exe = round ? "/nonexistent" : NULL };
        image_of(path, good, diff, false);
        r = analyse_file(path, &prq_limits_default, &opts);
        assert_true(r.ok); /* the second time without a worker */
        assert_true(has_package(&r, "musl") && !has_package(&r, "forged"));
        prq_arena_free(r.arena);
    }
    /* The same tar packed in another way is another blob. */
    zst[2] = (struct prq_buf){ 0 };
    prq_buf_init(&zst[2], PRQ_MIB(1));
    assert_true(prq_zstd_pack(plain, 1, &zst[2], NULL));
    static const uint8_t skippable[8] = { 0x50, 0x2a, 0x4d, 0x18 }; /* RFC 8878, 3.1.2 */
    assert_true(prq_buf_add(&zst[2], skippable, sizeof skippable));
    const struct prq_analyse_opts opts = { .cache_dir = cache, .worker_exe = "/nonexistent" };
    image_of(path, prq_buf_bytes(&zst[2]), diff, false);
    r = analyse_file(path, &prq_limits_default, &opts);
    assert_false(r.ok);
    prq_arena_free(r.arena);
    for (size_t i = 0; i < 3; i++)
        prq_buf_release(&zst[i]);
    prq_buf_release(&honest);
    prq_buf_release(&forger);
    snprintf(line, sizeof line, "rm -r %s", cache);
    assert_int_equal(system(line), 0);
}

/* The coordinator hashes the blob itself: what the worker says of it does not count. */
static void test_lying_worker_cannot_hide_a_digest_mismatch(void **state)
{
    (void)state;
    struct prq_buf t = tar_new();
    char path[64], name[] = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
    tar_file(&t, "lie.bad", name + strlen("sha256:"));
    prq_bytes layer = tar_done(&t);
    struct prq_buf image = tar_new();
    char text[400];
    snprintf(text, sizeof text, "{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\"]}}", name);
    tar_file(&image, "c.json", text);
    snprintf(text, sizeof text, "[{\"Config\":\"c.json\",\"Layers\":[\"%s\"]}]", name);
    tar_file(&image, "manifest.json", text);
    tar_bytes(&image, name, 'f', layer.p, layer.n);
    prq_bytes all = tar_done(&image);
    snprintf(path, sizeof path, "/tmp/prq-image.XXXXXX");
    int fd = mkstemp(path);
    assert_int_equal(write(fd, all.p, all.n), (ssize_t)all.n);
    close(fd);
    struct result r = analyse_file(path, &prq_limits_default, NULL);
    assert_false(r.ok);
    assert_true(prq_str_has(prq_str_from(r.err.text), PRQ_S("digest mismatch: the blob")));
    prq_arena_free(r.arena);
    prq_buf_release(&t);
    prq_buf_release(&image);
}

/* The level was told before the first byte; who tells it again is not believed. */
static void test_forged_sandbox_level_is_refused(void **state)
{
    (void)state;
    struct prq_buf t;
    prq_bytes layer = apk_layer(&t, "exit.bad", TAR_APK("musl", "1.2.3-r4"));
    struct result r = analyse(&layer, 1, SIZE_MAX, &prq_limits_default, NULL);
    assert_true(r.ok);
#ifdef PRQ_SANITIZED
    assert_str(r.an.sandbox, "none");
#else
    assert_false(prq_str_eq(r.an.sandbox, PRQ_S("none"))); /* known although it died */
#endif
    prq_arena_free(r.arena);
    prq_buf_release(&t);
    layer = apk_layer(&t, "level.bad", TAR_APK("musl", "1.2.3-r4"));
    r = analyse(&layer, 1, SIZE_MAX, &prq_limits_default, NULL);
    assert_false(r.ok);
    assert_int_equal(r.err.code, PRQ_E_FORMAT);
    prq_arena_free(r.arena);
    prq_buf_release(&t);
}

/* ---- the same bytes, however they came about */
static struct prq_buf ecosystems(size_t i)
{
    struct prq_buf t = tar_new();
    switch (i) {
    case 0:
        tar_file(&t, "etc/os-release", "ID=alpine\nVERSION_ID=3.17.1\n");
        tar_file(&t, "lib/apk/db/installed", TAR_APK("musl", "1.2.3-r4") TAR_APK("zlib", "1.2-r1"));
        break;
    case 1:
        tar_file(&t, "var/lib/dpkg/status", TAR_DEB("libc6", "2.36-9") TAR_DEB("zlib1g", "1:1.2"));
        break;
    case 2:
        tar_file(&t, "app/node_modules/x/package.json", "{\"name\":\"x\",\"version\":\"1.0.0\"}");
        tar_file(&t, "app/node_modules/y/package.json", "{\"name\":\"y\",\"version\":");
        break;
    case 3:
        tar_file(&t, "usr/lib/python3/site-packages/z-1.dist-info/METADATA",
                 "Metadata-Version: 2.1\nName: z\nVersion: 1\n\n");
        tar_file(&t, "../out", "");
        break;
    case 4:
        tar_file(&t, "app/node_modules/.wh.x", "");
        tar_file(&t, "lib/apk/db/installed", TAR_APK("musl", "1.2.3-r4") TAR_APK("new", "1-r0"));
        break;
    default:
        tar_file(&t, "a/hard.txt", "");
        tar_link(&t, "srv/node_modules/q/package.json", 'h', "a/none");
        break;
    }
    tar_done(&t);
    return t;
}

static void test_jobs_and_cache_change_nothing(void **state)
{
    (void)state;
    struct prq_buf t[6], first = { 0 };
    prq_bytes layers[6];
    for (size_t i = 0; i < 6; i++) {
        t[i] = ecosystems(i);
        layers[i] = prq_buf_bytes(&t[i]);
    }
    char cache[] = "/tmp/prq-cache.XXXXXX";
    assert_non_null(mkdtemp(cache));
    for (int round = 0; round < 4; round++) { /* 1 job, 4 jobs, filling the cache, from the cache */
        struct prq_analyse_opts opts = { .jobs = round ? 4 : 1,
                                         .cache_dir = round > 1 ? cache : NULL };
        struct result r = analyse(layers, 6, SIZE_MAX, &prq_limits_default, &opts);
        assert_true(r.ok);
        assert_true(has_package(&r, "new") && has_package(&r, "zlib1g") && has_package(&r, "z"));
        assert_false(has_package(&r, "x"));
        assert_int_equal(r.an.gap_count, 2);
        struct prq_buf out;
        prq_buf_init(&out, PRQ_MIB(4));
        struct prq_err err = PRQ_ERR_INIT;
        assert_true(prq_document_write(&r.an, true, &out, &err));
        if (round == 0) {
            first = out;
        } else {
            assert_int_equal(out.n, first.n);
            assert_memory_equal(out.p, first.p, out.n);
            prq_buf_release(&out);
        }
        prq_arena_free(r.arena);
    }
    prq_buf_release(&first);
    for (size_t i = 0; i < 6; i++)
        prq_buf_release(&t[i]);
    char line[64];
    snprintf(line, sizeof line, "rm -r %s", cache);
    assert_int_equal(system(line), 0);
}

int main(int argc, char **argv)
{
    fill_table();
    if (argc > 1 && strcmp(argv[1], "worker-zygote") == 0)
        return prq_zygote_main_over(table);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crash_is_a_gap),
        cmocka_unit_test(test_too_many_crashes_lose_the_rest_of_the_layer),
        cmocka_unit_test(test_worker_without_an_answer),
        cmocka_unit_test(test_hang_ends_after_file_cpu_ms),
        cmocka_unit_test(test_hang_ends_after_image_cpu_s),
        cmocka_unit_test(test_standstill_ends_after_image_wall_s),
        cmocka_unit_test(test_image_bytes),
        cmocka_unit_test(test_blob_bytes),
        cmocka_unit_test(test_manifest_bytes_and_layers),
        cmocka_unit_test(test_digest_mismatch_fails),
        cmocka_unit_test(test_forged_facts_are_for_their_own_blob_only),
        cmocka_unit_test(test_packed_layers_are_cached_by_their_own_digest),
        cmocka_unit_test(test_lying_worker_cannot_hide_a_digest_mismatch),
        cmocka_unit_test(test_forged_sandbox_level_is_refused),
        cmocka_unit_test(test_jobs_and_cache_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
