/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/analyse.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sched.h>
#include <sys/wait.h>
#include <signal.h>

#include "analyze/analyze.h"
#include "lib/lib.h"
#include "scan/imageconfig.h"
#include "scan/sandbox.h"
#include "scan/squash.h"
#include "scan/workers.h"
#include "store/baseimage.h"
#include "store/cache.h"
#include "store/facts.h"

struct layer_state {
    struct prq_layer_result result; /* owns facts and index when read anew */
    struct prq_cached_layer cached;
    prq_str key;
    bool is_cached, is_done, failed;
    bool has_died;   /* its last worker: what was found until then stays, the rest is a gap */
    bool had_death;  /* any of its workers: not to be remembered */
    bool is_verified; /* the blob is the one that blob_name says */
    struct prq_err err;
    struct prq_gap death;
    char reason[320];
};

struct job_queue {
    struct prq_ctx *ctx;
    const struct prq_analyse_opts *opts;
    struct prq_image *image;
    struct prq_workers *workers;
    struct layer_state *layers;
    size_t n;
    uint32_t mode;
    pthread_mutex_t lock; /* guards next and stop */
    size_t next;
    bool stop;
};

static uint32_t mode_of(enum prq_source_kind kind)
{
    return kind == PRQ_SOURCE_DIR ? PRQ_WANT_SOURCE : PRQ_WANT_IMAGE;
}

static void say(const struct job_queue *q, const char *phase, size_t layer, uint64_t done,
                uint64_t total)
{
    if (q->opts->progress)
        q->opts->progress(q->opts->progress_user, phase, layer, done, total);
}

static bool is_sha512(prq_str digest)
{
    return prq_str_starts(digest, PRQ_S("sha512:"));
}

static bool same_digest(prq_str expected, const uint8_t *raw)
{
    enum prq_digest_alg alg;
    prq_str hex;
    char text[128];
    if (!prq_digest_parse(expected, &alg, &hex))
        return false;
    size_t size = alg == PRQ_SHA512 ? 64 : 32;
    prq_hex_encode((prq_bytes){ raw, size }, text);
    return prq_str_eq(hex, (prq_str){ text, size * 2 });
}

/* The digest that the blob must have for its facts to be remembered under it. Without one (docker
 * save) the diff id has to do, which an uncompressed layer has as well. */
static prq_str blob_name(prq_str digest, prq_str diff_id)
{
    return digest.n ? digest : diff_id;
}

/* Digests first: what does not match is discarded, whatever else happened. That of the blob is our
 * own work, that of the tar the worker's word. */
static bool check_end(const struct prq_blob *blob, const struct prq_layer_result *r,
                      struct prq_err *err)
{
    const struct prq_job_end *end = &r->end;
    if (blob->digest.n && r->has_end && !r->has_blob)
        return prq_fail(err, end->err.code == PRQ_E_NONE ? PRQ_E_IO : end->err.code,
                        "blob could not be read to its end: %.300s", end->err.text);
    if (blob->digest.n && r->has_blob && blob->size && r->blob_bytes != blob->size)
        return prq_fail(err, PRQ_E_FORMAT, "blob is %llu bytes, its descriptor says %llu",
                        (unsigned long long)r->blob_bytes, (unsigned long long)blob->size);
    if (blob->digest.n && r->has_blob && !same_digest(blob->digest, r->blob))
        return prq_fail(err, PRQ_E_FORMAT, "digest mismatch: the blob is not %.*s",
                        PRQ_FMT(blob->digest));
    if (blob->diff_id.n && r->has_end && end->has_diff && !same_digest(blob->diff_id, end->diff))
        return prq_fail(err, PRQ_E_FORMAT, "digest mismatch: the uncompressed layer is not %.*s",
                        PRQ_FMT(blob->diff_id));
    return true;
}

struct opener {
    struct job_queue *q;
    size_t i;
};

static bool open_again(void *user, struct prq_blob *out, struct prq_err *err)
{
    const struct opener *o = user;
    return o->q->image->ops->open_layer(o->q->image, o->i, out, err);
}

static bool run_worker(struct job_queue *q, size_t i, struct prq_job *job, struct layer_state *l)
{
    struct prq_blob blob = { .fd = -1 };
    struct prq_err *err = &l->err;
    if (!q->image->ops->open_layer(q->image, i, &blob, err))
        return false;
    job->sha512_diff = is_sha512(blob.diff_id);
    struct opener opener = { q, i };
    const struct prq_errand errand = { job, &blob, open_again, &opener, q->ctx->cancel };
    const struct prq_layer_result *r = &l->result;
    bool ok = prq_workers_run(q->workers, &errand, &l->result, err) &&
              (r->has_end || r->is_late || r->has_status ||
               prq_fail(err, PRQ_E_IO, "a worker could not be started")) &&
              check_end(&blob, r, err);
    l->is_verified = ok && r->has_blob &&
                     same_digest(blob_name(blob.digest, blob.diff_id), r->blob);
    prq_blob_release(&blob);
    return ok;
}

/* How the last worker went, in words; a record of it is all that can be had (security-model.md
 * 3.2: a dead worker never ends the scan of other layers). */
static void describe_death(const struct job_queue *q, size_t i, struct layer_state *l)
{
    const struct prq_layer_result *r = &l->result;
    char how[96];
    bool is_limit = prq_layer_result_death(r, q->ctx->limits, how, sizeof how);
    snprintf(l->reason, sizeof l->reason, "%s; the rest of the layer was not read%s", how,
             l->is_verified ? "" : " and its digest not verified");
    l->death = (struct prq_gap){ .kind = is_limit ? PRQ_S("limit") : PRQ_S("parser-crash"),
                                 .path = { r->at, r->at_n }, .layer = (uint32_t)i,
                                 .reason = prq_str_from(l->reason) };
    l->has_died = true;
}

/* One file that ends its worker must not take the layer with it: the next worker passes it by. */
static bool pass_by(struct prq_job *job, const struct prq_layer_result *r)
{
    if (r->at_n == 0 || r->is_late || !WIFSIGNALED(r->wait_status) ||
        WTERMSIG(r->wait_status) == SIGXCPU || job->skip_count == PRQ_JOB_SKIPS)
        return false;
    uint64_t hash = prq_str_fnv((prq_str){ r->at, r->at_n });
    for (uint32_t i = 0; i < job->skip_count; i++)
        if (job->skip[i].path_fnv == hash)
            return false; /* told to, and it did not */
    job->skip[job->skip_count++] = (struct prq_job_skip){ hash, WTERMSIG(r->wait_status) };
    return true;
}

static bool read_layer(struct job_queue *q, size_t i, struct layer_state *l)
{
    struct prq_job job = { .mode = q->mode, .digest_files = q->opts->digest_files,
                           .is_tree = q->image->kind != PRQ_SOURCE_IMAGE,
                           .limits = *q->ctx->limits };
    for (;;) {
        if (!run_worker(q, i, &job, l))
            return false;
        if (l->result.has_end)
            return true;
        l->had_death = true;
        if (!pass_by(&job, &l->result)) {
            describe_death(q, i, l);
            return true;
        }
        prq_layer_result_release(&l->result);
    }
}

static void *layer_thread(void *user)
{
    struct job_queue *q = user;
    for (;;) {
        pthread_mutex_lock(&q->lock);
        while (q->next < q->n && q->layers[q->next].is_cached)
            q->next++;
        size_t i = q->stop ? q->n : q->next++;
        pthread_mutex_unlock(&q->lock);
        if (i >= q->n)
            return NULL;
        struct layer_state *l = &q->layers[i];
        say(q, "reading", i, 0, q->image->layers[i].size);
        l->failed = !read_layer(q, i, l);
        l->is_done = true;
        say(q, "reading", i, q->image->layers[i].size, q->image->layers[i].size);
        if (l->failed) {
            pthread_mutex_lock(&q->lock);
            q->stop = true;
            pthread_mutex_unlock(&q->lock);
        }
    }
}

static uint32_t job_count(const struct prq_analyse_opts *opts, size_t layers)
{
    uint32_t jobs = opts->jobs;
    cpu_set_t set;
    if (jobs == 0)
        jobs = sched_getaffinity(0, sizeof set, &set) == 0 ? (uint32_t)CPU_COUNT(&set) : 1;
    if (jobs > layers)
        jobs = (uint32_t)layers;
    return jobs < 1 ? 1 : jobs > 32 ? 32 : jobs;
}

static bool run_layers(struct job_queue *q, struct prq_err *err)
{
    size_t left = 0;
    for (size_t i = 0; i < q->n; i++)
        left += !q->layers[i].is_cached;
    if (left == 0)
        return true;
    const char *exe = q->opts->worker_exe ? q->opts->worker_exe : "/proc/self/exe";
    if (!prq_workers_start(exe, &q->workers, err))
        return false;
    pthread_t threads[32];
    uint32_t started = 0, jobs = job_count(q->opts, left);
    pthread_mutex_init(&q->lock, NULL);
    for (; started < jobs; started++)
        if (pthread_create(&threads[started], NULL, layer_thread, q) != 0)
            break;
    if (started == 0)
        layer_thread(q);
    for (uint32_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    pthread_mutex_destroy(&q->lock);
    prq_workers_stop(q->workers);
    q->workers = NULL;
    for (size_t i = 0; i < q->n; i++)
        if (q->layers[i].failed) { /* the lowest one, whatever the order they ended in */
            if (err)
                *err = q->layers[i].err;
            return q->n > 1 ? prq_in(err, "layer %zu", i) : false;
        }
    return true;
}

static bool add_gap(struct prq_analysis *an, const struct prq_gap *gap, struct prq_arena *a)
{
    struct prq_gap *grown = prq_new_n(a, struct prq_gap, an->gap_count + 1);
    if (!grown)
        return false;
    if (an->gap_count)
        memcpy(grown, an->gaps, an->gap_count * sizeof *grown);
    struct prq_gap *g = &grown[an->gap_count];
    *g = *gap;
    g->path = prq_arena_copy(a, gap->path);
    g->reason = prq_arena_copy(a, gap->reason);
    an->gaps = grown;
    an->gap_count++;
    return g->path.p && g->reason.p;
}

/* What the layer could not give although its digest is right: a gap, not a failure. */
static bool layer_gap(struct prq_analysis *an, size_t i, const struct prq_err *why,
                      struct prq_arena *a)
{
    struct prq_gap gap = prq_gap_from(why, (prq_str){ 0 });
    gap.layer = (uint32_t)i;
    return add_gap(an, &gap, a);
}

static bool adopt(prq_bytes *to, const struct prq_buf *from, struct prq_arena *a)
{
    prq_str copy = prq_arena_copy(a, prq_buf_view(from));
    *to = prq_bytes_of(copy);
    return copy.p != NULL;
}

static bool take_layer(struct job_queue *q, size_t i, struct prq_arena *a, struct prq_analysis *an,
                       struct prq_layer_facts *out, struct prq_err *err)
{
    struct layer_state *l = &q->layers[i];
    struct prq_cached_layer *c = &l->cached;
    struct prq_layer *layer = &an->layers[i];
    if (!l->is_cached) {
        const struct prq_job_end *e = &l->result.end;
        if (l->has_died) {
            l->result.facts.n = prq_facts_whole(prq_buf_bytes(&l->result.facts));
            l->result.index.n = prq_index_whole(prq_buf_bytes(&l->result.index));
            if (!add_gap(an, &l->death, a))
                return prq_fail(err, PRQ_E_NOMEM, "out of memory");
        }
        if (!adopt(&c->facts, &l->result.facts, a) || !adopt(&c->index, &l->result.index, a))
            return prq_fail(err, PRQ_E_LIMIT, "the facts of the image exceed the memory budget");
        prq_layer_result_release(&l->result);
        c->blob_bytes = l->result.blob_bytes;
        c->tar_bytes = e->tar_bytes;
        c->file_count = e->file_count;
        c->sandbox = l->result.sandbox;
        if (e->has_diff && !layer->diff_id.n && an->kind == PRQ_SOURCE_IMAGE)
            prq_digest_text(PRQ_SHA256, (prq_bytes){ e->diff, 32 }, a, &layer->diff_id);
        struct prq_err odd = PRQ_ERR_INIT;
        if (e->trailing)
            prq_fail(&odd, PRQ_E_FORMAT, "%llu bytes after the end of the compressed layer",
                     (unsigned long long)e->trailing);
        if ((e->err.code != PRQ_E_NONE && !layer_gap(an, i, &e->err, a)) ||
            (e->trailing && !layer_gap(an, i, &odd, a)))
            return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    }
    layer->tar_bytes = c->tar_bytes;
    layer->file_count = c->file_count;
    layer->index = c->index;
    if (!layer->size_bytes)
        layer->size_bytes = c->blob_bytes;
    out->index = c->index;
    struct prq_err why = PRQ_ERR_INIT;
    if (prq_facts_parse(c->facts, (uint32_t)i, a, &out->facts, &why))
        return true;
    if (l->has_died && why.code == PRQ_E_FORMAT)
        return true; /* its gap stands for it */
    if (err)
        *err = why;
    return prq_in(err, "layer %zu", i);
}

/* Each worker keeps to it as well: then no layer alone can go far beyond. */
static bool check_image_bytes(const struct prq_analysis *an, uint64_t max, struct prq_err *err)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < an->layer_count; i++)
        if (!prq_add(sum, an->layers[i].tar_bytes, &sum) || sum > max)
            return prq_fail(err, PRQ_E_LIMIT,
                            "the image unpacks to more than %llu bytes: limit image_bytes",
                            (unsigned long long)max);
    return true;
}

/* The weakest that any layer was read under, now or when its facts were cached. */
static const char *sandbox_of(const struct job_queue *q)
{
    unsigned all = ~0U;
    bool any = false;
    for (size_t i = 0; i < q->n; i++)
        if (q->layers[i].is_cached || q->layers[i].result.has_sandbox) { /* others could not say */
            all &= q->layers[i].cached.sandbox;
            any = true;
        }
    return any ? prq_sandbox_word(all) : "none";
}

/* Layers that the source has a gap for are not opened: they count as read, without contents. */
static void skip_absent(struct job_queue *q)
{
    for (size_t i = 0; i < q->n; i++)
        if (q->image->layers[i].is_absent) {
            q->layers[i].is_cached = true;
            q->layers[i].cached.sandbox = ~0U;
        }
}

static void recall(struct job_queue *q, struct prq_cache *cache, prq_str revision,
                   struct prq_arena *a)
{
    for (size_t i = 0; cache && i < q->n; i++) {
        prq_str diff = q->image->layers[i].diff_id;
        if (!diff.n || q->image->kind != PRQ_SOURCE_IMAGE || q->image->layers[i].is_absent)
            continue;
        struct layer_state *l = &q->layers[i];
        prq_str blob = blob_name(q->image->layers[i].digest, diff);
        l->key = prq_arena_printf(a, "%.*s %.*s %.*s %u%s", PRQ_FMT(diff), PRQ_FMT(blob),
                                  PRQ_FMT(revision), q->mode,
                                  q->opts->digest_files ? " digests" : "");
        l->is_cached = !q->opts->verify && prq_cache_get(cache, l->key, a, &l->cached);
    }
}

/* Only whole layers whose bytes were verified: a broken one is read again each time. A worker that
 * was taken over may lie about the diff id, but what it says is found for its own blob only. */
static void remember(struct job_queue *q, struct prq_cache *cache)
{
    for (size_t i = 0; cache && i < q->n; i++) {
        const struct layer_state *l = &q->layers[i];
        const struct prq_job_end *end = &l->result.end;
        if (!l->is_cached && !l->had_death && l->is_verified && l->key.n &&
            end->err.code == PRQ_E_NONE && end->has_diff && !end->trailing)
            prq_cache_put(cache, l->key, &l->cached);
    }
}

static bool describe(struct prq_ctx *ctx, const struct prq_image *im, struct prq_arena *a,
                     struct prq_analysis *an, struct prq_err *err)
{
    an->kind = im->kind;
    an->name = im->name;
    an->digest = im->digest;
    an->id = im->id;
    an->media_type = im->media_type;
    an->base_name = im->base_name;
    an->base_digest = im->base_digest;
    an->tags = im->tags;
    an->config = im->config;
    an->gaps = im->gaps;
    an->gap_count = im->gap_count;
    an->layer_count = im->layer_count;
    an->layers = prq_new_n(a, struct prq_layer, im->layer_count + 1);
    if (!an->layers)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    for (size_t i = 0; i < im->layer_count; i++)
        an->layers[i] = (struct prq_layer){ .digest = im->layers[i].digest,
                                            .diff_id = im->layers[i].diff_id,
                                            .size_bytes = im->layers[i].size };
    return !im->config.n || prq_image_config_describe(im->config, ctx->limits, a, an, err);
}

/* dir: and rootfs: send only what somebody wants. */
static bool filter_wants(void *user, const struct prq_file *file, prq_bytes head, uint64_t *max)
{
    const struct prq_dispatch *d = user;
    prq_wanted wanted = prq_dispatch_match(d, file, head, true);
    *max = wanted ? prq_dispatch_max_bytes(d, wanted, file) : 0;
    return wanted != 0;
}

static bool analyse_image(struct prq_ctx *ctx, const struct prq_analyse_opts *opts,
                          struct prq_image *im, struct prq_cache *cache, struct prq_arena *arena,
                          struct prq_analysis *an, struct prq_err *err)
{
    struct job_queue q = { .ctx = ctx, .opts = opts, .image = im, .n = im->layer_count,
                           .mode = mode_of(im->kind) };
    q.layers = prq_new_n(arena, struct layer_state, q.n + 1);
    struct prq_layer_facts *facts = prq_new_n(arena, struct prq_layer_facts, q.n + 1);
    prq_str revision = prq_dispatch_revision(arena);
    if (!q.layers || !facts || !revision.p)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    if (!describe(ctx, im, arena, an, err))
        return false;
    skip_absent(&q);
    recall(&q, cache, revision, arena);
    bool ok = run_layers(&q, err);
    /* A tree learns what it cannot read while its layer is read. */
    an->gaps = im->gaps;
    an->gap_count = im->gap_count;
    if (ok) {
        an->options = opts->digest_files ? PRQ_S("file-digests") : PRQ_S("");
    }
    for (size_t i = 0; ok && i < q.n; i++)
        ok = take_layer(&q, i, arena, an, &facts[i], err);
    ok = ok && check_image_bytes(an, ctx->limits->image_bytes, err);
    for (size_t i = 0; i < q.n; i++)
        prq_layer_result_release(&q.layers[i].result);
    an->sandbox = prq_str_from(sandbox_of(&q));
    if (ok)
        remember(&q, cache);
    return ok && prq_squash(ctx, facts, q.n, arena, an, err);
}

bool prq_analyse(struct prq_ctx *ctx, const struct prq_analyse_opts *opts, struct prq_arena *arena,
                 struct prq_analysis *an, struct prq_err *err)
{
    struct prq_source_opts source = opts->source;
    struct prq_dispatch *d = prq_dispatch_new(PRQ_WANT_SOURCE, arena);
    struct prq_dispatch *d_image = prq_dispatch_new(PRQ_WANT_IMAGE, arena);
    if (!d || !d_image)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    const char *kind = "";
    prq_str rest;
    if (!prq_source_recognise(source.argument, &kind, &rest, err))
        return false;
    struct prq_tree_filter filter = { filter_wants, strcmp(kind, "dir") == 0 ? d : d_image };
    source.filter = &filter;
    struct prq_image *im = NULL;
    if (!prq_image_open(ctx, &source, arena, &im, err))
        return false;
    struct prq_err why = PRQ_ERR_INIT;
    struct prq_cache *cache = opts->cache_dir ? prq_cache_open(opts->cache_dir, &why) : NULL;
    if (opts->cache_dir && !cache)
        prq_log(ctx->log, PRQ_LOG_WARN, "cache not used: %s", why.text);
    bool ok = analyse_image(ctx, opts, im, cache, arena, an, err);
    if (ok && cache)
        prq_base_remember(cache, an, arena);
    prq_cache_close(cache);
    prq_image_close(im);
    return ok;
}
