/* SPDX-License-Identifier: Apache-2.0 */
/* XML from outside, over libxml2, within limits.def: xml_bytes, xml_depth, xml_attributes,
 * string_bytes. A document type declaration is never shown to the library: nothing is loaded, no
 * entity but the five predefined ones is expanded ("&name;" stays as written; in an attribute only
 * the "&"), no attribute gets a default. What was left out is told by prq_xml_leftovers.
 *
 *     struct prq_xml *x;
 *     struct prq_xml_event e;
 *     if (!prq_xml_open(in->data, ctx->limits, ctx->scratch, &x, err))
 *         return false;
 *     while ((step = prq_xml_next(x, &e, err)) == PRQ_NEXT_ITEM)
 *         if (e.type == PRQ_XML_END && prq_str_eq(e.path, PRQ_S("project/artifactId")))
 *             name = e.text;
 *     return step == PRQ_NEXT_END;
 *
 * UTF-8, UTF-16, ISO-8859-1 and US-ASCII are read as they are; of other encodings that keep ASCII
 * the bytes above 0x7f are approximations. Errors: FORMAT, LIMIT, UNSUPPORTED (encodings), NOMEM;
 * with the byte of the file. */
#ifndef PRQ_LIB_XML_H
#define PRQ_LIB_XML_H

#include "base/ctx.h"
#include "base/stream.h"

enum prq_xml_type { PRQ_XML_START, PRQ_XML_TEXT, PRQ_XML_END };

struct prq_xml_attr {
    prq_str prefix, name, value; /* xml:lang: prefix "xml", name "lang" */
};

struct prq_xml_event {
    enum prq_xml_type type;
    prq_str name; /* of the element (of TEXT: the one around it), without its prefix */
    prq_str path; /* names from the root to that element: "project/parent/version"; until the next
                   * event (all else lives as long as the arena) */
    prq_str text; /* TEXT: as written, references resolved, never white space alone;
                   * END: of an element without elements in it, all its text, trimmed */
    const struct prq_xml_attr *attrs; /* START and END */
    size_t attr_n;
    uint32_t depth; /* elements around the element */
    uint64_t at;    /* byte of the file, at or shortly behind what it is about */
};

struct prq_xml;
/* Reads all of it; everything lives in `a`. False only for LIMIT xml_bytes, xml_attributes,
 * UNSUPPORTED and NOMEM; other faults are told by prq_xml_next after all that came before them. */
PRQ_MUST_USE bool prq_xml_open(prq_bytes in, const struct prq_limits *limits, struct prq_arena *a,
                               struct prq_xml **out, struct prq_err *err);
/* END and FAIL stay. */
enum prq_next prq_xml_next(struct prq_xml *x, struct prq_xml_event *e, struct prq_err *err);

/* What a document asked for and did not get; known since open. */
struct prq_xml_leftovers {
    bool has_doctype;
    bool has_entities;   /* the declaration defines entities */
    uint64_t references; /* to entities that were not expanded */
    uint64_t at;         /* the first such reference, or else the declaration */
};
struct prq_xml_leftovers prq_xml_leftovers(const struct prq_xml *x);

/* The value of an attribute, whatever its prefix; empty (p == NULL) when it is not there. */
prq_str prq_xml_attr(const struct prq_xml_event *e, prq_str name);

/* What the library loads at first use. */
void prq_xml_prepare(void);

#endif
