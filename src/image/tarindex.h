/* SPDX-License-Identifier: Apache-2.0 */
/* Where the members of an uncompressed tar are, so that a blob inside it is read in place. Only
 * what image archives need: names, links, sizes, offsets. Source: POSIX.1-2017 pax, "ustar
 * Interchange Format" and "pax Interchange Format"; GNU tar manual, "Basic Tar Format". */
#ifndef PRQ_IMAGE_TARINDEX_H
#define PRQ_IMAGE_TARINDEX_H

#include "base/ctx.h"
#include "base/map.h"

struct prq_tar_bytes {
    /* Up to n bytes at `at`; *got less than n only at the end. */
    bool (*read_at)(void *user, uint64_t at, void *buf, size_t n, size_t *got, struct prq_err *err);
    void *user;
    uint64_t size;
};
struct prq_tar_bytes prq_tar_bytes_of_fd(const int *fd, uint64_t size);

struct prq_tar_member {
    prq_str path, link; /* path: normalised, never outside the root; link: as written */
    char type;          /* 'f' 'd' 'l' 'h'; 's' sparse (contents not in one piece); '?' others */
    uint64_t offset, size; /* of the contents; size 0 for anything but 'f' and 's' */
};

struct prq_tarindex {
    struct prq_arena *arena;
    struct prq_tar_member *members; /* archive order */
    size_t count;
    struct prq_map by_path; /* the last of several members of one name, as unpacking would */
};

/* FORMAT with the byte; LIMIT for members, names, extended headers. */
PRQ_MUST_USE bool prq_tarindex_read(const struct prq_tar_bytes *in, const struct prq_limits *limits,
                                    struct prq_arena *a, struct prq_tarindex *out,
                                    struct prq_err *err);
/* The regular member of that name, links followed inside the archive. NULL: there is none. */
const struct prq_tar_member *prq_tarindex_find(const struct prq_tarindex *ix, prq_str path);

/* "/a/./b//../c" to "a/c"; ".." stops at the root. p == NULL when memory ran out. */
prq_str prq_path_clean(prq_str path, struct prq_arena *a);

/* Is this the first block of a tar? Needs 512 bytes. */
bool prq_is_tar_block(prq_bytes block);

#endif
