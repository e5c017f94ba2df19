/* SPDX-License-Identifier: Apache-2.0 */
/* Runs one analyzer over bytes and checks what every analyzer owes: views inside of the input or
 * of scratch memory, errors with a text, offsets inside the file, the same facts every time, and
 * a stop when the sink is full. */
#ifndef PRQ_FUZZ_ANALYZER_H
#define PRQ_FUZZ_ANALYZER_H

#include <string.h>

#include "analyze/analyze.h"
#include "fuzz.h"

struct fuzz_sink {
    struct prq_sink sink;
    size_t room, calls, input_size;
    uint64_t sum;
};

static inline struct fuzz_sink *fuzz_sink_of(struct prq_sink *s)
{
    return (struct fuzz_sink *)(void *)s;
}

/* Reads every byte, so that a sanitizer sees a view that leads out of its memory. */
static inline void fuzz_read(struct fuzz_sink *f, prq_str s)
{
    FUZZ_CHECK(s.n == 0 || s.p);
    f->sum = f->sum * 31 + prq_str_fnv(s) + s.n;
}

static inline bool fuzz_room(struct fuzz_sink *f)
{
    f->calls++;
    return f->calls <= f->room;
}

static inline void fuzz_read_all(struct fuzz_sink *f, const prq_str *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        fuzz_read(f, v[i]);
}

static inline bool fuzz_on_package(struct prq_sink *s, const struct prq_package *p)
{
    struct fuzz_sink *f = fuzz_sink_of(s);
    FUZZ_CHECK(p->type.n && p->name.n);
    const prq_str texts[] = { p->type, p->ns, p->name, p->version, p->arch, p->source_name,
                              p->source_version, p->source_rpm, p->modularity, p->vendor,
                              p->subpath, p->vcs_url, p->goos, p->distro };
    fuzz_read_all(f, texts, PRQ_COUNT(texts));
    fuzz_read_all(f, p->licenses.v, p->licenses.n);
    fuzz_read_all(f, p->depends.v, p->depends.n);
    fuzz_read_all(f, p->provides.v, p->provides.n);
    return fuzz_room(f);
}

static inline bool fuzz_on_gap(struct prq_sink *s, const struct prq_gap *g)
{
    struct fuzz_sink *f = fuzz_sink_of(s);
    FUZZ_CHECK(g->kind.n && g->reason.n);
    FUZZ_CHECK(!g->has_offset || g->offset <= f->input_size);
    fuzz_read(f, g->reason);
    return fuzz_room(f);
}

static inline bool fuzz_on_note(struct prq_sink *s, prq_str kind, const struct prq_pair *pairs,
                                size_t n)
{
    struct fuzz_sink *f = fuzz_sink_of(s);
    FUZZ_CHECK(kind.n && n);
    for (size_t i = 0; i < n; i++) {
        FUZZ_CHECK(pairs[i].key.n);
        fuzz_read(f, pairs[i].key);
        fuzz_read(f, pairs[i].value);
    }
    return fuzz_room(f);
}

static inline bool fuzz_on_owned(struct prq_sink *s, prq_str owner, const prq_str *paths, size_t n)
{
    struct fuzz_sink *f = fuzz_sink_of(s);
    FUZZ_CHECK(owner.n && n);
    fuzz_read(f, owner);
    for (size_t i = 0; i < n; i++) {
        FUZZ_CHECK(paths[i].n && paths[i].p[0] != '/');
        fuzz_read(f, paths[i]);
    }
    return fuzz_room(f);
}

static inline bool fuzz_run_once(const struct prq_analyzer *by, const char *path, prq_bytes data,
                                 struct fuzz_sink *f)
{
    PRQ_ARENA scratch = prq_arena_new(PRQ_MIB(64));
    FUZZ_CHECK(scratch);
    struct prq_ctx ctx = { .limits = &prq_limits_default, .scratch = scratch };
    struct prq_file file = { .path = prq_str_from(path), .type = PRQ_FILE_REGULAR, .size = data.n };
    struct prq_input in = { .file = &file, .data = data, .mode = PRQ_WANT_IMAGE };
    struct prq_err err = PRQ_ERR_INIT;
    bool ok = by->run(&ctx, &in, &f->sink, &err);
    FUZZ_CHECK(ok || (err.code != PRQ_E_NONE && err.text[0]));
    FUZZ_CHECK(ok || !err.has_offset || err.offset <= data.n);
    f->sum = f->sum * 31 + (uint64_t)err.code;
    return ok;
}

static inline void fuzz_analyzer(const struct prq_analyzer *by, const char *path,
                                 const uint8_t *bytes, size_t size)
{
    static const struct prq_sink_ops ops = { fuzz_on_package, fuzz_on_gap, fuzz_on_note,
                                             fuzz_on_owned };
    prq_bytes data = { bytes, size };
    struct fuzz_sink first = { .sink = { .ops = &ops }, .room = SIZE_MAX, .input_size = size };
    struct fuzz_sink again = first;
    bool ok = fuzz_run_once(by, path, data, &first);
    FUZZ_CHECK(fuzz_run_once(by, path, data, &again) == ok);
    FUZZ_CHECK(first.sum == again.sum && first.calls == again.calls);
    if (first.calls == 0)
        return;
    struct fuzz_sink small = { .sink = { .ops = &ops }, .room = first.calls / 2, .input_size = size };
    FUZZ_CHECK(!fuzz_run_once(by, path, data, &small));
    FUZZ_CHECK(small.calls == small.room + 1); /* full once is enough */
}

#endif
