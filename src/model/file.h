/* SPDX-License-Identifier: Apache-2.0 */
/* A member of a layer, as the tar says it is. */
#ifndef PRQ_MODEL_FILE_H
#define PRQ_MODEL_FILE_H

#include "base/str.h"

enum prq_file_type {
    PRQ_FILE_REGULAR = 'f',
    PRQ_FILE_DIR = 'd',
    PRQ_FILE_SYMLINK = 'l',
    PRQ_FILE_HARDLINK = 'h',
    PRQ_FILE_CHAR = 'c',
    PRQ_FILE_BLOCK = 'b',
    PRQ_FILE_FIFO = 'p',
    PRQ_FILE_WHITEOUT = 'w', /* path: what is deleted */
    PRQ_FILE_OPAQUE = 'o',   /* path: the directory whose lower children go */
};

struct prq_file {
    prq_str path; /* normalised: no leading slash, no "." or ".." */
    enum prq_file_type type;
    uint32_t mode; /* permission bits with setuid, setgid, sticky */
    uint64_t uid, gid, size;
    int64_t mtime_s;
    prq_str link; /* target of a link, as written (hard links: normalised) */
    prq_bytes xattrs; /* extended attributes, coded: walk with prq_xattr_next (store/facts.h) */
    bool has_sha256;
    uint8_t sha256[32];
};

#endif
