/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that judge by other people's words share: the user's ignore rules (ignore.c) and
 * VEX statements (vex.c over vexname.c). */
#ifndef PRQ_MATCH_DECIDE_H
#define PRQ_MATCH_DECIDE_H

#include "match/core.h"
#include "model/ignore.h"
#include "model/purl.h"

/* ---- vexname.c: what a name in a statement or rule stands for */

/* Does the wanted purl name the package? Type, namespace and name equal; version if it has one; its
 * qualifiers a subset. "arch=source" (deb) and "arch=src" (rpm) name the source package. */
bool prq_purl_covers(const struct prq_purl *wanted, const struct prq_package *p,
                     const struct prq_purl *has, const struct prq_distro *distro);

struct prq_named_thing {
    bool is_image;
    bool is_foreign;  /* a BOM-Link: of another document */
    uint32_t *packages; /* ascending */
    size_t n;
};

struct prq_namer {
    const struct prq_analysis *an;
    struct prq_arena *a;
    struct prq_purl *purls;    /* one a package; type empty: it has none that can be read */
    struct prq_map by_key;     /* "type/ns/name" → entry, for own and source names, digests, cpes */
    struct namer_entry {
        uint32_t package, next; /* next: 1 + index; 0 ends */
    } *entries;
    size_t count, cap;
    struct namer_place {
        prq_str repository, tag;
    } *places; /* where the image is to be had */
    size_t place_count;
    struct prq_strs digests;   /* of the image */
    struct prq_map by_name;    /* text → things */
    struct prq_named_thing *things;
    size_t thing_count, thing_cap;
};

PRQ_MUST_USE bool prq_namer_init(struct prq_namer *w, const struct prq_analysis *an,
                                 struct prq_arena *a, struct prq_err *err);
/* Valid until the next call. */
PRQ_MUST_USE bool prq_namer_find(struct prq_namer *w, prq_str name,
                                 const struct prq_named_thing **out, struct prq_err *err);

/* ---- what is decided for a finding. Both after the finding's own stages (matching.md 6.4) */

struct prq_vexing; /* vex.c */
PRQ_MUST_USE bool prq_vex_begin(struct prq_matching *m, struct prq_vexing **out,
                                struct prq_err *err);
/* Which statements are about the finding, and which of them count: into f->vex, nearest first. */
PRQ_MUST_USE bool prq_vex_weigh(struct prq_vexing *v, struct prq_finding *f, struct prq_err *err);
/* Afterwards: takes the finding away if every way to it is cleared. */
PRQ_MUST_USE bool prq_vex_settle(struct prq_vexing *v, struct prq_finding *f, struct prq_err *err);
/* The reasons of all statements. */
PRQ_MUST_USE bool prq_vex_close(struct prq_vexing *v, struct prq_err *err);

struct prq_ignoring; /* ignore.c */
PRQ_MUST_USE bool prq_ignore_begin(struct prq_matching *m, struct prq_ignoring **out,
                                   struct prq_err *err);
PRQ_MUST_USE bool prq_ignore_apply(struct prq_ignoring *g, struct prq_finding *f,
                                   struct prq_err *err);
void prq_ignore_end(struct prq_ignoring *g); /* NULL is fine */

#endif
