/* SPDX-License-Identifier: Apache-2.0 */
/* The library prints nothing: it hands events to a sink. A line is a fact with fields, printed as
 * `layer unpacked index=2 bytes=31457280`. */
#ifndef PRQ_BASE_LOG_H
#define PRQ_BASE_LOG_H

#include "base/cc.h"

enum prq_level { PRQ_LOG_ERROR, PRQ_LOG_WARN, PRQ_LOG_INFO, PRQ_LOG_DEBUG };

struct prq_log {
    /* Called from any thread; `line` has no newline. NULL: silence. */
    void (*event)(void *user, enum prq_level level, const char *line);
    void *user;
    enum prq_level level; /* events above it are not built */
};

void prq_log(const struct prq_log *log, enum prq_level level, const char *fmt, ...) PRQ_PRINTF(3, 4);

#endif
