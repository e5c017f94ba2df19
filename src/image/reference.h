/* SPDX-License-Identifier: Apache-2.0 */
/* Image names and platforms as people write them. Source: platform.md 1.1. */
#ifndef PRQ_IMAGE_REFERENCE_H
#define PRQ_IMAGE_REFERENCE_H

#include "base/arena.h"
#include "base/err.h"

struct prq_image_ref {
    prq_str host;       /* "docker.io", "registry.example:5000", "[::1]:5000"; lower case */
    prq_str repository; /* "library/alpine" */
    prq_str tag;        /* "latest" when neither tag nor digest was written */
    prq_str digest;     /* wins over the tag */
};

/* USAGE when the text is no reference. Strings live in `a`. */
PRQ_MUST_USE bool prq_image_ref_parse(prq_str text, struct prq_arena *a, struct prq_image_ref *out,
                                      struct prq_err *err);

/* "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}" */
bool prq_is_tag(prq_str s);
/* Lower-case components joined by '/', at most 255 bytes. */
bool prq_is_repository(prq_str s);
/* "name", "name:port", "[v6]:port". */
bool prq_is_host(prq_str s);
/* "localhost:5000" to "localhost"; "[::1]:5000" to "::1". */
prq_str prq_host_name(prq_str host);
/* localhost, 127.0.0.0/8 or ::1, by the way it is written. */
bool prq_host_is_local(prq_str host);

struct prq_platform {
    prq_str os, architecture, variant; /* empty variant: any, the plain one first */
    bool is_given;                     /* the user named it */
};

/* "linux/arm64/v8", "arm64", "linux/x86_64"; empty: the host's. Views into text or constants. */
PRQ_MUST_USE bool prq_platform_parse(prq_str text, struct prq_platform *out, struct prq_err *err);

/* How well an image's platform suits: 0 not at all, more is better. */
unsigned prq_platform_score(const struct prq_platform *want, prq_str os, prq_str architecture,
                            prq_str variant);

#endif
