/* SPDX-License-Identifier: Apache-2.0 */
/* A large XML document in slices that lib/xml reads one by one: memory is a slice's, whatever the
 * document's size. The elements at one depth are gathered until there are enough of them, and given
 * as a document of their own, inside of the tags that were around them:
 *
 *     <oval_definitions xmlns=…><tests>  1000 tests  </tests></oval_definitions>
 *
 * Only the bounds of elements are found here; what is wrong inside of a slice is told by who reads
 * it. UTF-8 only. */
#ifndef PRQ_DB_XMLSLICE_H
#define PRQ_DB_XMLSLICE_H

#include "base/arena.h"
#include "base/stream.h"

struct prq_xmlslice;

struct prq_xmlslice_piece {
    prq_str parent;  /* the name of the element around, without its prefix */
    prq_bytes bytes; /* a document; until the next call */
    uint64_t at;     /* byte of the (unpacked) document where its first element is */
};

/* Elements that have `depth` others around them: 1 or 2. Owns `below`, and closes it also when the
 * open fails; NULL is NOMEM. */
PRQ_MUST_USE bool prq_xmlslice_open(struct prq_stream *below, unsigned depth,
                                    struct prq_xmlslice **out, struct prq_err *err);
/* FORMAT for what has no end or too many, LIMIT for an element of more than xml_bytes. */
enum prq_next prq_xmlslice_next(struct prq_xmlslice *s, struct prq_xmlslice_piece *out,
                                struct prq_err *err);
void prq_xmlslice_close(struct prq_xmlslice *s);

static inline void prq_xmlslice_drop(struct prq_xmlslice **s)
{
    prq_xmlslice_close(*s);
}
#define PRQ_XMLSLICE PRQ_CLEANUP(prq_xmlslice_drop) struct prq_xmlslice *

#endif
