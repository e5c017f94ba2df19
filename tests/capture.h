/* SPDX-License-Identifier: Apache-2.0 */
/* A sink that keeps everything, for the tests of analyzers:
 *
 *     PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
 *     struct capture c;
 *     capture_init(&c, a);
 *     assert_true(capture_run(&c, &prq_analyzer_apk, "lib/apk/db/installed", data, &err));
 *     const struct prq_package *p = capture_package(&c, "busybox");
 */
#ifndef PRQ_TESTS_CAPTURE_H
#define PRQ_TESTS_CAPTURE_H

#include "unit.h"

#include "analyze/analyze.h"

struct capture_note {
    prq_str kind;
    struct prq_pair *pairs;
    size_t n;
};

struct capture_owned {
    prq_str owner;
    struct prq_strs paths;
};

struct capture {
    struct prq_sink sink; /* first: the ops cast it back */
    struct prq_arena *arena;
    struct prq_package *packages;
    size_t package_count, package_cap;
    struct prq_gap *gaps;
    size_t gap_count, gap_cap;
    struct capture_note *notes;
    size_t note_count, note_cap;
    struct capture_owned *owned;
    size_t owned_count, owned_cap;
    size_t room; /* calls that still succeed: lower it to test a full sink */
};

static inline bool capture_str(struct capture *c, prq_str *s)
{
    *s = prq_arena_copy(c->arena, *s);
    return s->p != NULL;
}

static inline bool capture_strs(struct capture *c, struct prq_strs *list)
{
    prq_str *v = prq_new_n(c->arena, prq_str, list->n + 1);
    for (size_t i = 0; v && i < list->n; i++) {
        v[i] = list->v[i];
        if (!capture_str(c, &v[i]))
            return false;
    }
    list->v = v;
    return v != NULL;
}

static inline bool capture_has_room(struct capture *c)
{
    return c->room && c->room--;
}

static inline bool capture_on_package(struct prq_sink *s, const struct prq_package *from)
{
    struct capture *c = (struct capture *)(void *)s;
    if (!capture_has_room(c) || !prq_arena_grow(c->arena, &c->packages, sizeof *c->packages,
                                                &c->package_cap, c->package_count + 1))
        return false;
    struct prq_package p = *from;
    prq_str *texts[] = {
        &p.type,           &p.ns,         &p.name,       &p.version, &p.arch,    &p.source_name,
        &p.source_version, &p.source_rpm, &p.modularity, &p.vendor,  &p.subpath, &p.vcs_url,
        &p.goos,           &p.distro,     &p.found_by,
    };
    for (size_t i = 0; i < PRQ_COUNT(texts); i++)
        if (!capture_str(c, texts[i]))
            return false;
    if (!capture_strs(c, &p.licenses) || !capture_strs(c, &p.depends) ||
        !capture_strs(c, &p.provides) || !capture_strs(c, &p.cpes) ||
        !capture_strs(c, &p.digests) || !capture_strs(c, &p.qualifiers))
        return false;
    struct prq_evidence *e = prq_new_n(c->arena, struct prq_evidence, p.evidence_count + 1);
    for (size_t i = 0; e && i < p.evidence_count; i++) {
        e[i] = p.evidence[i];
        if (!capture_str(c, &e[i].path))
            return false;
    }
    p.evidence = e;
    c->packages[c->package_count++] = p;
    return e != NULL;
}

static inline bool capture_on_gap(struct prq_sink *s, const struct prq_gap *from)
{
    struct capture *c = (struct capture *)(void *)s;
    if (!capture_has_room(c) ||
        !prq_arena_grow(c->arena, &c->gaps, sizeof *c->gaps, &c->gap_cap, c->gap_count + 1))
        return false;
    struct prq_gap g = *from;
    if (!capture_str(c, &g.kind) || !capture_str(c, &g.path) || !capture_str(c, &g.reason))
        return false;
    c->gaps[c->gap_count++] = g;
    return true;
}

static inline bool capture_on_note(struct prq_sink *s, prq_str kind, const struct prq_pair *pairs,
                                   size_t n)
{
    struct capture *c = (struct capture *)(void *)s;
    if (!capture_has_room(c) ||
        !prq_arena_grow(c->arena, &c->notes, sizeof *c->notes, &c->note_cap, c->note_count + 1))
        return false;
    struct capture_note note = { kind, prq_new_n(c->arena, struct prq_pair, n + 1), n };
    if (!note.pairs || !capture_str(c, &note.kind))
        return false;
    for (size_t i = 0; i < n; i++) {
        note.pairs[i] = pairs[i];
        if (!capture_str(c, &note.pairs[i].key) || !capture_str(c, &note.pairs[i].value))
            return false;
    }
    c->notes[c->note_count++] = note;
    return true;
}

static inline bool capture_on_owned(struct prq_sink *s, prq_str owner, const prq_str *paths,
                                    size_t n)
{
    struct capture *c = (struct capture *)(void *)s;
    if (!capture_has_room(c) ||
        !prq_arena_grow(c->arena, &c->owned, sizeof *c->owned, &c->owned_cap, c->owned_count + 1))
        return false;
    struct capture_owned o = { .owner = owner };
    o.paths.v = prq_new_n(c->arena, prq_str, n + 1);
    o.paths.n = n;
    if (!o.paths.v || !capture_str(c, &o.owner))
        return false;
    for (size_t i = 0; i < n; i++) {
        o.paths.v[i] = paths[i];
        if (!capture_str(c, &o.paths.v[i]))
            return false;
    }
    c->owned[c->owned_count++] = o;
    return true;
}

static inline void capture_init(struct capture *c, struct prq_arena *arena)
{
    static const struct prq_sink_ops ops = {
        capture_on_package,
        capture_on_gap,
        capture_on_note,
        capture_on_owned,
    };
    *c = (struct capture){ .sink = { .ops = &ops }, .arena = arena, .room = SIZE_MAX };
}

/* Run an analyzer over bytes as the dispatcher would, with scratch memory of its own. */
static inline bool capture_run_with(struct capture *c, const struct prq_analyzer *analyzer,
                                    const char *path, prq_bytes data, prq_bytes companion,
                                    struct prq_err *err)
{
    PRQ_ARENA scratch = prq_arena_new(PRQ_MIB(256));
    struct prq_ctx ctx = unit_ctx(scratch);
    struct prq_file file = {
        .path = prq_str_from(path),
        .type = PRQ_FILE_REGULAR,
        .mode = 0644,
        .size = data.n,
    };
    struct prq_input in = {
        .file = &file,
        .data = data,
        .companion = companion,
        .mode = PRQ_WANT_IMAGE,
    };
    return analyzer->run(&ctx, &in, &c->sink, err);
}

static inline bool capture_run(struct capture *c, const struct prq_analyzer *analyzer,
                               const char *path, prq_bytes data, struct prq_err *err)
{
    return capture_run_with(c, analyzer, path, data, (prq_bytes){ 0 }, err);
}

/* The first package of that name; NULL when there is none. */
static inline const struct prq_package *capture_package(const struct capture *c, const char *name)
{
    for (size_t i = 0; i < c->package_count; i++)
        if (prq_str_eq(c->packages[i].name, prq_str_from(name)))
            return &c->packages[i];
    return NULL;
}

/* The value of a key in the first note of that kind; empty when there is none. */
static inline prq_str capture_note(const struct capture *c, const char *kind, const char *key)
{
    for (size_t i = 0; i < c->note_count; i++)
        for (size_t k = 0; k < c->notes[i].n; k++)
            if (prq_str_eq(c->notes[i].kind, prq_str_from(kind)) &&
                prq_str_eq(c->notes[i].pairs[k].key, prq_str_from(key)))
                return c->notes[i].pairs[k].value;
    return (prq_str){ 0 };
}

static inline const struct capture_owned *capture_owned(const struct capture *c, const char *owner)
{
    for (size_t i = 0; i < c->owned_count; i++)
        if (prq_str_eq(c->owned[i].owner, prq_str_from(owner)))
            return &c->owned[i];
    return NULL;
}

/* A string literal as file content. */
#define CAPTURE_BYTES(literal) ((prq_bytes){ (const uint8_t *)"" literal "", sizeof(literal) - 1 })

#endif
