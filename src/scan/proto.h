/* SPDX-License-Identifier: Apache-2.0 */
/* What coordinator, zygote and workers say to one another. Both ends are the same build, so a job
 * is a struct; what comes back from a worker is trusted in nothing (security-model.md 1).
 *
 * Control socket, coordinator to zygote, SOCK_SEQPACKET: one prq_job a message, with descriptors
 *   [0] the worker's end of the result socket   [1] a pipe of the blob   [2] the spool
 * Result socket, SOCK_SEQPACKET: a type byte, then
 *   'L' uint32_t, the PRQ_BOX_* reached: once, first. The blob begins to flow when it has come, so it
 *       is the word of a process that has not seen a byte of an image
 *   'F' facts   'I' index   (pieces, to be appended); of a list (scan/lists.h) the analysis, and the
 *       pairs that it has no place for
 *   'R' the blob once more: once. The answer is a byte, and a descriptor of a pipe if it can be had
 *   'A' path of the file that a dying worker was at (from its signal handler)
 *   'E' prq_job_end, once, last from the worker
 *   'S' prq_job_status, once, from the zygote when the worker has ended */
#ifndef PRQ_SCAN_PROTO_H
#define PRQ_SCAN_PROTO_H

#include "base/limits.h"
#include "pratique/core.h"

enum { PRQ_JOB_MAGIC = 0x5052514a, PRQ_MESSAGE_MAX = 65536, PRQ_JOB_SKIPS = 3 };

enum prq_task {
    PRQ_TASK_LAYER,
    PRQ_TASK_SBOM,  /* see scan/lists.h */
};

struct prq_job {
    uint32_t magic;
    uint32_t task;        /* enum prq_task */
    uint32_t mode;        /* PRQ_WANT_* bit */
    bool is_tree;         /* the tar is our own, of dir: or rootfs: */
    bool digest_files;
    bool sha512_diff;     /* the algorithm that the diff id uses */
    struct prq_limits limits;
    /* Files that ended an earlier worker on this blob: not analyzed again, but a gap. By hash, for a
     * job has one size: whoever shares it is a gap as well. */
    uint32_t skip_count;
    struct prq_job_skip {
        uint64_t path_fnv;
        int32_t signal;
    } skip[PRQ_JOB_SKIPS];
};

struct prq_job_end {
    bool has_diff;        /* the tar was read to its end */
    uint8_t diff[64];
    uint64_t tar_bytes, file_count;
    uint64_t trailing;    /* bytes after the end of the gzip data */
    struct prq_err err;   /* code NONE: the whole layer was read */
};

struct prq_job_status {
    int32_t wait_status;  /* as waitpid gives it */
};

#endif
