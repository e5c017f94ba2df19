/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

void prq_log(const struct prq_log *log, enum prq_level level, const char *fmt, ...)
{
    if (!log || !log->event || level > log->level)
        return;
    char line[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    log->event(log->user, level, line);
}
