/* SPDX-License-Identifier: Apache-2.0 */
/* Locking a process away before it reads hostile bytes. Source: security-model.md 3.2. */
#ifndef PRQ_SCAN_SANDBOX_H
#define PRQ_SCAN_SANDBOX_H

#include "base/err.h"

enum {
    PRQ_BOX_NAMESPACES = 1 << 0, /* no network, empty read-only root, own pids */
    PRQ_BOX_LANDLOCK = 1 << 1,   /* no file may be opened */
    PRQ_BOX_SECCOMP = 1 << 2,    /* system calls by list */
};

/* For the zygote, single-threaded: steps 1 to 6 (descriptors above keep_fd closed, signals,
 * limits, namespaces, capabilities, no_new_privs, Landlock). Forks once when a pid namespace is
 * made: the caller goes on in the child, the parent waits for it and exits with its status.
 * Returns what was reached; what the host refuses is left out, never fatal. */
unsigned prq_sandbox_enter(int keep_fd);

/* For a worker, after its threads were started: step 7, for all of them. Returns the bit or 0. */
unsigned prq_sandbox_lock(void);

/* "full", "no-userns", "no-landlock", "seccomp-only", "none" */
const char *prq_sandbox_word(unsigned reached);

/* System calls that the list allows; NULL-terminated. Tests walk it. */
extern const char *const prq_sandbox_calls[];

#endif
