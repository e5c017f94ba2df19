/* SPDX-License-Identifier: Apache-2.0 */
/* An rpm header as the databases store it: no lead, no magic; two big-endian counts, an index of
 * 16-byte entries, a data store. Source: rpm package format, "Header"; catalog.md 3.3.5. */
#ifndef PRQ_FORMAT_RPMHEADER_H
#define PRQ_FORMAT_RPMHEADER_H

#include "base/err.h"
#include "base/str.h"

/* Tags; source: rpm's tag table, catalog.md 3.3.6. */
enum {
    PRQ_RPMTAG_NAME = 1000,
    PRQ_RPMTAG_VERSION = 1001,
    PRQ_RPMTAG_RELEASE = 1002,
    PRQ_RPMTAG_EPOCH = 1003,
    PRQ_RPMTAG_SIZE = 1009,
    PRQ_RPMTAG_VENDOR = 1011,
    PRQ_RPMTAG_LICENSE = 1014,
    PRQ_RPMTAG_ARCH = 1022,
    PRQ_RPMTAG_OLDFILENAMES = 1027,
    PRQ_RPMTAG_FILESTATES = 1029,
    PRQ_RPMTAG_SOURCERPM = 1044,
    PRQ_RPMTAG_PROVIDENAME = 1047,
    PRQ_RPMTAG_REQUIRENAME = 1049,
    PRQ_RPMTAG_DIRINDEXES = 1116,
    PRQ_RPMTAG_BASENAMES = 1117,
    PRQ_RPMTAG_DIRNAMES = 1118,
    PRQ_RPMTAG_LONGSIZE = 5009,
    PRQ_RPMTAG_MODULARITYLABEL = 5096,
};

enum prq_rpm_type {
    PRQ_RPM_NULL,
    PRQ_RPM_CHAR,
    PRQ_RPM_INT8,
    PRQ_RPM_INT16,
    PRQ_RPM_INT32,
    PRQ_RPM_INT64,
    PRQ_RPM_STRING,
    PRQ_RPM_BIN,
    PRQ_RPM_STRING_ARRAY,
    PRQ_RPM_I18NSTRING,
};

struct prq_rpm_header {
    prq_bytes index; /* entries, 16 bytes each */
    prq_bytes data;
    size_t count;
};

/* Every entry is checked against the data store; the ends of the strings in arrays are checked as
 * they are walked. FORMAT with the byte within `blob`. Views into `blob`. */
PRQ_MUST_USE bool prq_rpm_header_parse(prq_bytes blob, struct prq_rpm_header *out,
                                       struct prq_err *err);

bool prq_rpm_header_has(const struct prq_rpm_header *h, uint32_t tag);
/* The string, or the first of several; p == NULL when the tag is absent or of another type. */
prq_str prq_rpm_header_string(const struct prq_rpm_header *h, uint32_t tag);

/* Numbers of a tag; count 0 when it is absent or no number. */
struct prq_rpm_ints {
    const uint8_t *p;
    size_t count, size;
};
struct prq_rpm_ints prq_rpm_header_ints(const struct prq_rpm_header *h, uint32_t tag);
uint64_t prq_rpm_int(const struct prq_rpm_ints *v, size_t i); /* i < count */

/* Strings of a tag, one after the other. */
struct prq_rpm_strings {
    prq_str rest;
    size_t left; /* announced and not yet handed out; > 0 after `next` said false: broken */
};
struct prq_rpm_strings prq_rpm_header_strings(const struct prq_rpm_header *h, uint32_t tag);
bool prq_rpm_strings_next(struct prq_rpm_strings *s, prq_str *out);

#endif
