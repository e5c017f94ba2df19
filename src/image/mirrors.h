/* SPDX-License-Identifier: Apache-2.0 */
/* registries.conf: where an image is really fetched from. Source: containers-registries.conf(5),
 * version 2: prefix, location, insecure, blocked, mirrors; nothing of short names, since names are
 * completed as docker does. */
#ifndef PRQ_IMAGE_MIRRORS_H
#define PRQ_IMAGE_MIRRORS_H

#include "base/ctx.h"
#include "image/reference.h"

struct prq_endpoint {
    prq_str host, repository;
    bool insecure;
};

/* One [[registry]] that fits the image; kept while files are read, as the longest prefix wins and
 * of equal ones the last. */
struct prq_mirrors {
    size_t fit; /* length of the prefix; 0: no entry */
    bool is_blocked;
    struct prq_endpoint *endpoints; /* mirrors in their order, then the location itself */
    size_t count;
};

/* One file; pure. Strings live in `a`, as does the text. */
PRQ_MUST_USE bool prq_registries_conf_apply(prq_str text, const struct prq_image_ref *ref,
                                            struct prq_arena *a, const struct prq_limits *limits,
                                            struct prq_mirrors *m, struct prq_err *err);

/* All files: $CONTAINERS_REGISTRIES_CONF or ~/.config/containers/registries.conf or
 * /etc/containers/registries.conf, then *.conf of the directories registries.conf.d. At least one
 * endpoint comes back; DENIED when the image is blocked. */
PRQ_MUST_USE bool prq_endpoints_find(struct prq_ctx *ctx, const struct prq_image_ref *ref,
                                     struct prq_arena *a, struct prq_endpoint **out, size_t *count,
                                     struct prq_err *err);

#endif
