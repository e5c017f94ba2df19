/* SPDX-License-Identifier: Apache-2.0 */
/* The distribution of an image. Source: catalog.md 2. */
#ifndef PRQ_MODEL_DISTRO_H
#define PRQ_MODEL_DISTRO_H

#include "model/package.h"

struct prq_distro {
    prq_str id;         /* "debian", lower case; empty: none found */
    prq_str version_id; /* "12", "3.19.1"; may be empty (rolling) */
    prq_str name, pretty_name, codename, build_id;
    struct prq_strs like;     /* ID_LIKE */
    struct prq_strs channels; /* "esm", "eus" */
    prq_str path;       /* the file that said so */
    uint32_t layer;
};

#endif
