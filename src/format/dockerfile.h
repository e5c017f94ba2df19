/* SPDX-License-Identifier: Apache-2.0 */
/* A Dockerfile as a list of instructions, and which of them made an image's last stage. Source:
 * Dockerfile reference: "Format", "Parser directives", "Here-documents", "FROM", "Understand how ARG
 * and FROM interact". */
#ifndef PRQ_FORMAT_DOCKERFILE_H
#define PRQ_FORMAT_DOCKERFILE_H

#include "base/arena.h"
#include "base/err.h"

struct prq_instruction {
    prq_str keyword; /* upper case */
    prq_str rest;    /* lines joined, comments left out, here-documents not in it */
    uint32_t line;   /* 1-based */
};

struct prq_dockerfile {
    struct prq_instruction *v;
    size_t n;
};

/* FORMAT with the byte for a text that is none; LIMIT for one with more than a few thousand
 * instructions. */
PRQ_MUST_USE bool prq_dockerfile_parse(prq_str text, struct prq_arena *a, struct prq_dockerfile *out,
                                       struct prq_err *err);

/* What the last stage is built from, through the stages that it is built on. */
struct prq_dockerfile_stage {
    prq_str base;                          /* "debian:12", "scratch"; variables that have a default are
                                            * put in; empty: no FROM, or a variable without value */
    const struct prq_instruction **v;      /* those that add to the base, in order, without FROM */
    size_t n;
};
PRQ_MUST_USE bool prq_dockerfile_last_stage(const struct prq_dockerfile *d, struct prq_arena *a,
                                            struct prq_dockerfile_stage *out, struct prq_err *err);

#endif
