/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool prq_fail(struct prq_err *err, enum prq_code code, const char *fmt, ...)
{
    if (!err)
        return false;
    int sys = code == PRQ_E_IO || code == PRQ_E_DENIED ? errno : 0;
    *err = (struct prq_err){ .code = code, .sys = sys };
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(err->text, sizeof err->text, fmt, args);
    va_end(args);
    if (sys && n >= 0 && (size_t)n < sizeof err->text) {
        char why[96];
        /* GNU strerror_r may return a constant instead of filling `why`. */
        const char *text = strerror_r(sys, why, sizeof why);
        snprintf(err->text + n, sizeof err->text - (size_t)n, ": %s", text);
    }
    return false;
}

bool prq_fail_at(struct prq_err *err, enum prq_code code, uint64_t offset, const char *text)
{
    if (!err)
        return false;
    err->code = code;
    err->sys = 0;
    err->has_offset = true;
    err->offset = offset;
    size_t n = strnlen(text, sizeof err->text - 1);
    memcpy(err->text, text, n);
    err->text[n] = '\0';
    return false;
}

bool prq_in(struct prq_err *err, const char *fmt, ...)
{
    if (!err)
        return false;
    char frame[PRQ_ERR_TEXT];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(frame, sizeof frame, fmt, args);
    va_end(args);
    if (n < 0)
        return false;
    size_t used = strnlen(frame, sizeof frame - 1);
    size_t had = strnlen(err->text, sizeof err->text - 1);
    /* A long chain loses its innermost end, never its terminator. */
    if (used > sizeof err->text - 3)
        used = sizeof err->text - 3;
    size_t keep = sizeof err->text - 1 - (used + 2);
    if (keep > had)
        keep = had;
    memmove(err->text + used + 2, err->text, keep);
    memcpy(err->text, frame, used);
    memcpy(err->text + used, ": ", 2);
    err->text[used + 2 + keep] = '\0';
    return false;
}

const char *prq_code_word(enum prq_code code)
{
    static const char *const words[] = {
        [PRQ_E_NONE] = "none",   [PRQ_E_FORMAT] = "format",       [PRQ_E_UNSUPPORTED] = "unsupported",
        [PRQ_E_LIMIT] = "limit", [PRQ_E_IO] = "io",               [PRQ_E_REMOTE] = "remote",
        [PRQ_E_DENIED] = "denied", [PRQ_E_USAGE] = "usage",       [PRQ_E_DATA] = "data",
        [PRQ_E_CANCELLED] = "cancelled", [PRQ_E_NOMEM] = "nomem", [PRQ_E_BUG] = "bug",
    };
    return (size_t)code < PRQ_COUNT(words) ? words[code] : "unknown";
}
