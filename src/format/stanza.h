/* SPDX-License-Identifier: Apache-2.0 */
/* Paragraphs of `Name: value` lines: Debian control files, opkg, and their kin.
 *
 *     struct prq_stanzas r;
 *     struct prq_stanza_field f;
 *     prq_stanzas_init(&r, text);
 *     while (prq_stanza_next(&r))
 *         while (prq_stanza_field(&r, &f))
 *             …
 *
 * Views into the input, no allocation, no limit on the size of a stanza, linear. Lines that are no
 * field are passed over and counted. CRLF line ends are taken as LF.
 * Source: Debian policy 5.1, deb822(5); tolerance as catalog.md 3.1 asks. */
#ifndef PRQ_FORMAT_STANZA_H
#define PRQ_FORMAT_STANZA_H

#include "base/str.h"

struct prq_stanzas {
    prq_str in, rest;
    bool is_open;       /* inside a stanza */
    uint64_t bad_lines; /* neither a field nor part of one */
    size_t bad_at;      /* the first of them */
};

struct prq_stanza_field {
    prq_str name;  /* as written; names are case-insensitive */
    prq_str value; /* trimmed; continuation lines are in it, line ends and indents included */
    size_t at;     /* byte of the name */
};

void prq_stanzas_init(struct prq_stanzas *r, prq_str in);
/* To the start of the next stanza, over what is left of this one. False at the end. */
bool prq_stanza_next(struct prq_stanzas *r);
/* False at the end of the stanza. */
bool prq_stanza_field(struct prq_stanzas *r, struct prq_stanza_field *out);

#endif
