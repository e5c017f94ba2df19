/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/lists.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fd.h"
#include "format/json.h"
#include "io/source.h"
#include "model/sbomimage.h"
#include "scan/analyse.h"
#include "scan/sandbox.h"
#include "scan/workers.h"
#include "store/document.h"

/* Of a document, and of the answer to it. */
static const size_t list_max = PRQ_MIB(1024);

/* The serial number of the document itself: VEX refers to it. */
#define SERIAL_NAME PRQ_S(PRQ_FIELD_PREFIX "bom:serial")
#define BASE_PREFIX PRQ_S(PRQ_FIELD_PREFIX "image:base:")

/* ---- the worker's side */

static void put_pair(void *user, prq_str name, prq_str value)
{
    struct prq_jw *w = user;
    if (!prq_str_starts(name, BASE_PREFIX))
        return;
    prq_jw_key_str(w, name);
    prq_jw_str(w, value);
}

static bool put_pairs(const struct prq_analysis *an, struct prq_buf *out)
{
    struct prq_jw w;
    const struct prq_field_sink sink = { put_pair, &w };
    PRQ_ARENA tmp = prq_arena_new(PRQ_MIB(256));
    prq_jw_init(&w, out, false);
    prq_jw_object(&w);
    bool ok = tmp && prq_fields_of_image(an, tmp, &sink);
    if (an->bom_serial.n) {
        prq_jw_key_str(&w, SERIAL_NAME);
        prq_jw_str(&w, an->bom_serial);
    }
    prq_jw_object_end(&w);
    return ok && !out->bad;
}

static bool write_answer(const struct prq_analysis *an, struct prq_list_answer *out,
                         struct prq_err *err)
{
    if (!prq_document_write(an, true, &out->analysis, err))
        return false;
    return put_pairs(an, &out->pairs) || prq_fail(err, PRQ_E_LIMIT, "the list is too large");
}

static bool parse(const struct prq_job *job, prq_str text, struct prq_list_answer *out,
                  struct prq_err *err)
{
    struct prq_analysis an;
    struct prq_ctx ctx = { .limits = &job->limits };
    bool is_complete = true;
    PRQ_ARENA arena = prq_arena_new(PRQ_MIB(2047));
    if (!arena)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    return prq_analysis_of_sbom(&ctx, text, arena, &an, &is_complete, err) &&
           write_answer(&an, out, err);
}

bool prq_list_answer(const struct prq_job *job, struct prq_stream *in, struct prq_list_answer *out,
                     struct prq_err *err)
{
    struct prq_buf text;
    prq_buf_init(&text, list_max);
    prq_buf_init(&out->analysis, (size_t)job->limits.facts_bytes);
    prq_buf_init(&out->pairs, (size_t)job->limits.index_bytes);
    bool ok = prq_stream_read_all(in, &text, err);
    if (ok && prq_document_is(prq_buf_view(&text))) {
        out->analysis = text;
        return true;
    }
    ok = ok && parse(job, prq_buf_view(&text), out, err);
    prq_buf_release(&text);
    if (!ok) {
        prq_buf_clear(&out->analysis);
        prq_buf_clear(&out->pairs);
    }
    return ok;
}

void prq_list_answer_release(struct prq_list_answer *answer)
{
    prq_buf_release(&answer->analysis);
    prq_buf_release(&answer->pairs);
}

/* ---- the coordinator's side */

static bool open_bytes(prq_str what, struct prq_stream **out, struct prq_err *err)
{
    PRQ_FD int fd = -1;
    char path[4096];
    if (what.n >= sizeof path || memchr(what.p, '\0', what.n))
        return prq_fail(err, PRQ_E_USAGE, "file name of %zu bytes", what.n);
    memcpy(path, what.p, what.n);
    path[what.n] = '\0';
    fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return prq_fail(err, PRQ_E_IO, "open");
    *out = prq_pipe_stream(prq_fd_take(&fd));
    return *out || prq_fail(err, PRQ_E_NOMEM, "out of memory");
}

/* A worker that has no answer leaves nothing to go on with. */
static bool check_end(const struct prq_layer_result *r, const struct prq_limits *limits,
                      struct prq_err *err)
{
    char how[96];
    if (!r->has_end && !r->is_late && !r->has_status)
        return prq_fail(err, PRQ_E_IO, "a worker could not be started");
    if (!r->has_end) {
        bool is_limit = prq_layer_result_death(r, limits, how, sizeof how);
        return prq_fail(err, is_limit ? PRQ_E_LIMIT : PRQ_E_FORMAT, "not read: %s", how);
    }
    if (r->end.err.code == PRQ_E_NONE)
        return true;
    if (err)
        *err = r->end.err;
    /* The code is a worker's word: it chooses among what a document can be wrong by. */
    if (err && err->code != PRQ_E_UNSUPPORTED && err->code != PRQ_E_LIMIT &&
        err->code != PRQ_E_NOMEM && err->code != PRQ_E_IO)
        err->code = PRQ_E_FORMAT;
    return false;
}

static bool run_worker(const struct prq_list_opts *opts, struct prq_job *job,
                       struct prq_layer_result *r, struct prq_err *err)
{
    const char *exe = opts->worker_exe ? opts->worker_exe : "/proc/self/exe";
    PRQ_STREAM in = NULL;
    struct prq_workers *workers = NULL;
    if (!open_bytes(opts->what, &in, err) || !prq_workers_start(exe, &workers, err))
        return false;
    const struct prq_blob blob = { .fd = -1, .stream = in };
    const struct prq_errand errand = { .job = job, .blob = &blob };
    bool ok = prq_workers_run(workers, &errand, r, err) && check_end(r, &job->limits, err);
    prq_workers_stop(workers);
    return ok;
}

static bool take_pairs(prq_str text, const struct prq_limits *limits, struct prq_arena *a,
                       struct prq_analysis *an, struct prq_err *err)
{
    struct prq_image_state state = { 0 };
    struct prq_json j;
    prq_str name;
    bool ok = true;
    prq_json_init(&j, text, a, limits);
    if (prq_json_enter_object(&j))
        while (ok && prq_json_key(&j, &name)) {
            prq_str value = { 0 };
            bool is_text = prq_json_string_or_skip(&j, &value);
            if (is_text && prq_str_eq(name, SERIAL_NAME))
                an->bom_serial = value;
            else if (is_text && prq_str_starts(name, BASE_PREFIX))
                ok = prq_fields_to_image(an, name, value, limits, a, &state);
        }
    return ok ? prq_json_end(&j, err)
              : prq_fail(err, PRQ_E_LIMIT, "the list exceeds the memory budget");
}

static int gap_order(const void *x, const void *y)
{
    return prq_gap_cmp(x, y);
}

static bool add_trailing_gap(uint64_t trailing, struct prq_arena *a, struct prq_analysis *an)
{
    prq_str reason = prq_arena_printf(a, "%llu bytes after the end of the compressed document",
                                      (unsigned long long)trailing);
    struct prq_gap *gaps = prq_new_n(a, struct prq_gap, an->gap_count + 1);
    if (!gaps || !reason.p)
        return false;
    gaps[0] = (struct prq_gap){ .kind = PRQ_S("format"), .layer = PRQ_GAP_NO_LAYER,
                                .reason = reason };
    for (size_t i = 0; i < an->gap_count; i++)
        gaps[i + 1] = an->gaps[i];
    an->gaps = gaps;
    qsort(an->gaps, ++an->gap_count, sizeof *an->gaps, gap_order);
    return true;
}

static bool take_answer(const struct prq_layer_result *r, const struct prq_limits *limits,
                        struct prq_arena *a, struct prq_analysis *an, bool *is_complete,
                        struct prq_err *err)
{
    prq_str text = prq_arena_copy(a, prq_buf_view(&r->facts));
    prq_str pairs = prq_arena_copy(a, prq_buf_view(&r->index));
    if (!text.p || !pairs.p)
        return prq_fail(err, PRQ_E_LIMIT, "the list exceeds the memory budget");
    *is_complete = pairs.n != 0;
    if (!*is_complete)
        return prq_document_read(prq_bytes_of(text), limits, a, an, err);
    if (!prq_document_parse(prq_bytes_of(text), limits, a, an, err) ||
        !take_pairs(pairs, limits, a, an, err))
        return false;
    if (an->sandbox.n == 0) /* our own SBOMs tell that of the image */
        an->sandbox = prq_str_from(prq_sandbox_word(r->sandbox));
    return true;
}

bool prq_list_open(struct prq_ctx *ctx, const struct prq_list_opts *opts, struct prq_arena *arena,
                   struct prq_analysis *an, bool *is_complete, struct prq_err *err)
{
    struct prq_layer_result r = { 0 };
    struct prq_job job = { .task = PRQ_TASK_SBOM, .limits = *ctx->limits };
    bool ignored;
    job.limits.facts_bytes = list_max;
    *an = (struct prq_analysis){ 0 };
    bool ok = run_worker(opts, &job, &r, err) &&
              take_answer(&r, ctx->limits, arena, an, is_complete ? is_complete : &ignored, err) &&
              (r.end.trailing == 0 || add_trailing_gap(r.end.trailing, arena, an) ||
               prq_fail(err, PRQ_E_NOMEM, "out of memory"));
    prq_layer_result_release(&r);
    return ok || prq_in(err, "%.*s", PRQ_FMT(opts->what));
}

bool prq_purls_open(prq_str what, struct prq_arena *arena, struct prq_analysis *an,
                    struct prq_err *err)
{
    PRQ_BUF text;
    PRQ_STREAM in = NULL;
    prq_buf_init(&text, PRQ_MIB(256));
    if (prq_str_starts(what, PRQ_S("pkg:")))
        return prq_analysis_of_purls(what, arena, an, err);
    if (!open_bytes(what, &in, err) || !prq_stream_read_all(in, &text, err))
        return prq_in(err, "%.*s", PRQ_FMT(what));
    prq_str kept = prq_arena_copy(arena, prq_buf_view(&text));
    if (!kept.p)
        return prq_fail(err, PRQ_E_LIMIT, "the list exceeds the memory budget");
    return prq_analysis_of_purls(kept, arena, an, err);
}
