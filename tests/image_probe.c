/* SPDX-License-Identifier: Apache-2.0 */
/* Opens an image and reads every layer to its end, checking what the image says of it:
 *
 *     image_probe [options] ARGUMENT
 *
 * Prints lines of two or more fields: kind, digest, id, tag, gap, layer (index, state, bytes, digest
 * of the blob, digest of the tar). Exit 0 when everything holds, 1 with "error: CODE: text". The
 * scripts in tests/integration drive it. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"
#include "image/image.h"
#include "io/source.h"
#include "lib/lib.h"

static void show(const char *what, prq_str s)
{
    printf("%s %.*s\n", what, PRQ_FMT(s));
}

struct tee {
    struct prq_stream base;
    struct prq_stream *below;
    struct prq_digest *digest;
    uint64_t bytes;
};

static bool tee_read(struct prq_stream *s, void *buf, size_t cap, size_t *got, struct prq_err *err)
{
    struct tee *t = (struct tee *)s;
    if (!prq_stream_read(t->below, buf, cap, got, err))
        return false;
    prq_digest_add(t->digest, buf, *got);
    t->bytes += *got;
    return true;
}

static void tee_close(struct prq_stream *s)
{
    (void)s;
}

static const struct prq_stream_ops tee_ops = { tee_read, tee_close };

static bool drain(struct prq_stream *s, struct prq_err *err)
{
    static uint8_t chunk[1 << 16];
    size_t got = 1;
    while (got)
        if (!prq_stream_read(s, chunk, sizeof chunk, &got, err))
            return false;
    return true;
}

static const char *dump;
static uint64_t jobs;

static bool copy(struct prq_stream *s, const char *path, struct prq_err *err)
{
    static uint8_t chunk[1 << 16];
    size_t got = 1;
    FILE *f = fopen(path, "wb");
    if (!f)
        return prq_fail(err, PRQ_E_IO, "open %s", path);
    bool ok = true;
    while (ok && got) {
        ok = prq_stream_read(s, chunk, sizeof chunk, &got, err);
        if (ok && fwrite(chunk, 1, got, f) != got)
            ok = prq_fail(err, PRQ_E_IO, "write %s", path);
    }
    fclose(f);
    return ok;
}

/* The blob's bytes pass the tee, then the unpacked ones a check of the diff id. */
static bool read_blob(const struct prq_blob *b, struct prq_arena *a, size_t i, struct prq_err *err)
{
    struct tee t = { .base = { &tee_ops } };
    struct prq_stream *raw = b->fd >= 0 ? prq_fd_stream(b->fd, b->offset, b->length) : NULL;
    PRQ_STREAM checked = NULL;
    PRQ_STREAM tar = NULL;
    struct prq_stream *unpacked = NULL;
    prq_str text = { 0 };
    uint8_t hash[64];
    if (!prq_digest_new(PRQ_SHA256, &t.digest, err))
        return false;
    t.below = raw ? raw : b->stream;
    bool ok = prq_check_stream(&t.base, b->digest, b->digest.n || b->size ? b->size : UINT64_MAX,
                               &checked, err);
    /* The decompressor owns what is below it; the tee at the bottom outlives them all. */
    ok = ok && prq_decompress_stream(checked, &prq_limits_default, &unpacked, err);
    checked = NULL;
    ok = ok && prq_check_stream(unpacked, b->diff_id, UINT64_MAX, &tar, err);
    ok = ok && (dump ? copy(tar, dump, err) : drain(tar, err)) && drain(&t.base, err);
    size_t n = prq_digest_end(t.digest, hash);
    prq_digest_free(t.digest);
    if (raw)
        prq_stream_close(raw);
    if (!ok || !prq_digest_text(PRQ_SHA256, (prq_bytes){ hash, n }, a, &text))
        return false;
    printf("layer %zu ok %llu %.*s %.*s\n", i, (unsigned long long)t.bytes, PRQ_FMT(text),
           PRQ_FMT(b->diff_id));
    return true;
}

/* ---- layers at once, as a scan's workers open them */

struct job {
    struct prq_image *im;
    size_t layer, step;
    atomic_uint *failed;
};

static void *read_some(void *user)
{
    struct job *job = user;
    static const struct prq_limits *limits = &prq_limits_default;
    for (size_t i = job->layer; i < job->im->layer_count; i += job->step) {
        struct prq_blob b = { .fd = -1 };
        struct prq_stream *top = NULL;
        PRQ_STREAM tar = NULL;
        uint8_t chunk[1 << 14];
        size_t got = 1;
        if (job->im->layers[i].is_absent)
            continue;
        bool ok = job->im->ops->open_layer(job->im, i, &b, NULL);
        struct prq_stream *raw = b.fd >= 0 ? prq_fd_stream(b.fd, b.offset, b.length) : b.stream;
        b.stream = NULL;
        ok = ok && prq_decompress_stream(raw, limits, &top, NULL) &&
             prq_check_stream(top, b.diff_id, UINT64_MAX, &tar, NULL);
        while (ok && got)
            ok = prq_stream_read(tar, chunk, sizeof chunk, &got, NULL);
        prq_stream_close(tar);
        tar = NULL;
        prq_blob_release(&b);
        if (!ok)
            atomic_fetch_add(job->failed, 1);
    }
    return NULL;
}

static bool read_at_once(struct prq_image *im, size_t n, struct prq_err *err)
{
    pthread_t threads[16];
    struct job job[16];
    atomic_uint failed = 0;
    n = n > 16 ? 16 : n;
    for (size_t i = 0; i < n; i++) {
        job[i] = (struct job){ im, i, n, &failed };
        if (pthread_create(&threads[i], NULL, read_some, &job[i]) != 0)
            return prq_fail(err, PRQ_E_NOMEM, "thread");
    }
    for (size_t i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    if (failed)
        return prq_fail(err, PRQ_E_FORMAT, "%u layers fail", (unsigned)failed);
    printf("layers ok %zu\n", im->layer_count);
    return true;
}

static bool read_layers(struct prq_image *im, struct prq_arena *a, struct prq_err *err)
{
    for (size_t i = 0; i < im->layer_count; i++) {
        struct prq_blob b = { .fd = -1 };
        if (im->layers[i].is_absent) {
            printf("layer %zu absent\n", i);
            continue;
        }
        bool ok = im->ops->open_layer(im, i, &b, err) && read_blob(&b, a, i, err);
        prq_blob_release(&b);
        if (!ok)
            return prq_in(err, "layer %zu", i);
    }
    return true;
}

static bool run(const struct prq_source_opts *opts, struct prq_err *err)
{
    PRQ_ARENA scratch = prq_arena_new(PRQ_MIB(256));
    PRQ_ARENA arena = prq_arena_new(PRQ_MIB(256));
    struct prq_ctx ctx = { .limits = &prq_limits_default, .scratch = scratch };
    struct prq_image *im;
    if (!scratch || !arena)
        return prq_fail(err, PRQ_E_NOMEM, "arenas");
    if (!prq_image_open(&ctx, opts, arena, &im, err))
        return false;
    printf("kind %d\n", (int)im->kind);
    show("name", im->name);
    show("digest", im->digest);
    show("id", im->id);
    show("type", im->media_type);
    for (size_t i = 0; i < im->tags.n; i++)
        show("tag", im->tags.v[i]);
    printf("layers %zu\n", im->layer_count);
    bool ok = jobs ? read_at_once(im, jobs, err) : read_layers(im, arena, err);
    for (size_t i = 0; i < im->gap_count; i++)
        printf("gap %.*s %.*s: %.*s\n", PRQ_FMT(im->gaps[i].kind), PRQ_FMT(im->gaps[i].path),
               PRQ_FMT(im->gaps[i].reason));
    prq_image_close(im);
    return ok;
}

int main(int argc, char **argv)
{
    struct prq_source_opts opts = { 0 };
    struct prq_err err = PRQ_ERR_INIT;
    prq_str realms[8];
    opts.allow_realms.v = realms;
    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i];
        prq_str value = prq_str_from(i + 1 < argc ? argv[i + 1] : NULL);
        if (strcmp(arg, "--insecure") == 0)
            opts.insecure = true;
        else if (arg[0] != '-' || arg[1] == '\0')
            opts.argument = prq_str_from(arg);
        else
            i++;
        if (strcmp(arg, "--platform") == 0)
            opts.platform = value;
        else if (strcmp(arg, "--user") == 0)
            prq_str_cut(value, ':', &opts.username, &opts.password);
        else if (strcmp(arg, "--token") == 0)
            opts.token = value;
        else if (strcmp(arg, "--ca") == 0)
            opts.ca_file = value;
        else if (strcmp(arg, "--jobs") == 0)
            prq_str_u64(value, &jobs);
        else if (strcmp(arg, "--dump") == 0)
            dump = value.p;
        else if (strcmp(arg, "--allow-realm") == 0 && opts.allow_realms.n < PRQ_COUNT(realms))
            realms[opts.allow_realms.n++] = value;
    }
    if (run(&opts, &err))
        return 0;
    printf("error: %s: %s\n", prq_code_word(err.code), err.text);
    return 1;
}
