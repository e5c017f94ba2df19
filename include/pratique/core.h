/* SPDX-License-Identifier: Apache-2.0 */
/* The small values that cross the public face: views and errors. C99 and C++ clean. */
#ifndef PRATIQUE_CORE_H
#define PRATIQUE_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define PRQ_API __attribute__((visibility("default")))
#else
#define PRQ_API
#endif

/* Text in somebody else's memory: no terminator, may contain NUL. A zeroed view is empty. */
typedef struct {
    const char *p;
    size_t n;
} prq_str;

/* Anything that is not text. */
typedef struct {
    const uint8_t *p;
    size_t n;
} prq_bytes;

enum prq_code {
    PRQ_E_NONE = 0,
    PRQ_E_FORMAT,      /* the bytes break the rules */
    PRQ_E_UNSUPPORTED, /* a variant that is not read yet */
    PRQ_E_LIMIT,       /* a budget ran out: bytes, depth, entries, time */
    PRQ_E_IO,          /* the system said no; `sys` keeps errno */
    PRQ_E_REMOTE,      /* a peer said no */
    PRQ_E_DENIED,      /* not allowed: credentials, address policy */
    PRQ_E_USAGE,       /* the caller's words are off (command line, configuration) */
    PRQ_E_DATA,        /* advisory data missing or too old */
    PRQ_E_CANCELLED,
    PRQ_E_NOMEM,
    PRQ_E_BUG
};

#define PRQ_ERR_TEXT 512

/* An error is a value on the caller's stack. Zero it before use (PRQ_ERR_INIT). */
struct prq_err {
    enum prq_code code;
    int sys;          /* errno, where the system said no; else 0 */
    bool has_offset;  /* the text is about byte `offset` of the input */
    uint64_t offset;
    char text[PRQ_ERR_TEXT]; /* innermost last: "scan x: layer 2: short read" */
};
#define PRQ_ERR_INIT { PRQ_E_NONE, 0, false, 0, { 0 } }

/* "1.2.3", as built. */
PRQ_API const char *prq_version(void);

#ifdef __cplusplus
}
#endif
#endif
