/* SPDX-License-Identifier: Apache-2.0 */
/* For the fuzz targets of analyzers: run one over bytes and check what it hands out. A package has a
 * type and a name; every view can be read to its end; a failure has a code and a text. */
#ifndef PRQ_FUZZ_ANALYZE_H
#define PRQ_FUZZ_ANALYZE_H

#include "analyze/analyze.h"
#include "fuzz.h"

struct fuzz_sink {
    struct prq_sink sink; /* first: the ops cast it back */
    size_t packages, gaps, notes, owned;
    unsigned sum; /* of all bytes seen, so that reading them is not optimised away */
};

static inline void fuzz_touch(struct fuzz_sink *f, prq_str s)
{
    FUZZ_CHECK(s.p || s.n == 0);
    for (size_t i = 0; i < s.n; i++)
        f->sum += (unsigned char)s.p[i];
}

static inline bool fuzz_on_package(struct prq_sink *s, const struct prq_package *p)
{
    struct fuzz_sink *f = (struct fuzz_sink *)(void *)s;
    FUZZ_CHECK(p->type.n && p->name.n);
    const prq_str texts[] = { p->type,         p->ns,           p->name,       p->version,
                              p->arch,         p->source_name,  p->source_version,
                              p->source_rpm,   p->modularity,   p->vendor,     p->subpath,
                              p->vcs_url,      p->goos,         p->distro };
    for (size_t i = 0; i < PRQ_COUNT(texts); i++)
        fuzz_touch(f, texts[i]);
    const struct prq_strs lists[] = { p->licenses, p->depends, p->provides,
                                      p->cpes,     p->digests, p->qualifiers };
    for (size_t i = 0; i < PRQ_COUNT(lists); i++)
        for (size_t k = 0; k < lists[i].n; k++)
            fuzz_touch(f, lists[i].v[k]);
    for (size_t i = 0; i < p->evidence_count; i++)
        fuzz_touch(f, p->evidence[i].path);
    f->packages++;
    return true;
}

static inline bool fuzz_on_gap(struct prq_sink *s, const struct prq_gap *g)
{
    struct fuzz_sink *f = (struct fuzz_sink *)(void *)s;
    FUZZ_CHECK(g->kind.n && g->reason.n);
    fuzz_touch(f, g->kind);
    fuzz_touch(f, g->path);
    fuzz_touch(f, g->reason);
    f->gaps++;
    return true;
}

static inline bool fuzz_on_note(struct prq_sink *s, prq_str kind, const struct prq_pair *pairs,
                                size_t n)
{
    struct fuzz_sink *f = (struct fuzz_sink *)(void *)s;
    FUZZ_CHECK(kind.n);
    for (size_t i = 0; i < n; i++) {
        fuzz_touch(f, pairs[i].key);
        fuzz_touch(f, pairs[i].value);
    }
    f->notes++;
    return true;
}

static inline bool fuzz_on_owned(struct prq_sink *s, prq_str owner, const prq_str *paths, size_t n)
{
    struct fuzz_sink *f = (struct fuzz_sink *)(void *)s;
    FUZZ_CHECK(owner.n);
    for (size_t i = 0; i < n; i++) {
        FUZZ_CHECK(paths[i].n && paths[i].p[0] != '/');
        fuzz_touch(f, paths[i]);
    }
    f->owned++;
    return true;
}

/* Whether it went well; the counts are in *f. */
static inline bool fuzz_analyze(const struct prq_analyzer *analyzer, const char *path,
                                prq_bytes data, struct fuzz_sink *f)
{
    static const struct prq_sink_ops ops = { fuzz_on_package, fuzz_on_gap, fuzz_on_note,
                                             fuzz_on_owned };
    *f = (struct fuzz_sink){ .sink = { .ops = &ops } };
    PRQ_ARENA scratch = prq_arena_new(PRQ_MIB(64));
    struct prq_ctx ctx = { .limits = &prq_limits_default, .scratch = scratch };
    struct prq_file file = { .path = prq_str_from(path), .type = PRQ_FILE_REGULAR, .size = data.n };
    struct prq_input in = { .file = &file, .data = data, .mode = PRQ_WANT_SOURCE };
    struct prq_err err = PRQ_ERR_INIT;
    bool ok = analyzer->run(&ctx, &in, &f->sink, &err);
    FUZZ_CHECK(ok ? err.code == PRQ_E_NONE : err.code != PRQ_E_NONE && err.text[0]);
    FUZZ_CHECK(!err.has_offset || err.code == PRQ_E_LIMIT || err.offset <= data.n ||
               analyzer->name[0] == 'g'); /* offsets out of an ELF header are as the file says */
    return ok;
}

#endif
