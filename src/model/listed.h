/* SPDX-License-Identifier: Apache-2.0 */
/* One entry of somebody else's package list (CycloneDX, SPDX, Syft), before it is a package. The
 * sinks fill one in too, with what they are about to write: so they know what a reader will make of
 * it, and what has to be said in pairs of our own (model/sbomfields.h). */
#ifndef PRQ_MODEL_LISTED_H
#define PRQ_MODEL_LISTED_H

#include "model/purl.h"
#include "model/sink.h"

struct prq_listed {
    prq_str ref;  /* unique in its list */
    prq_str kind; /* "library", "application", "operating-system", "container", "file", … */
    prq_str group, name, version, purl, publisher;
    struct prq_strs cpes, licenses, digests; /* digests: "sha1:HEX" */
    struct prq_strs paths;                   /* where it was found */
    struct prq_pair *pairs;                  /* properties */
    size_t pair_count;
};

enum prq_listed_role {
    PRQ_LISTED_PACKAGE,
    PRQ_LISTED_DISTRO, /* the operating system itself */
    PRQ_LISTED_OTHER,  /* an image, a file, a folder: nothing that could be matched */
    PRQ_LISTED_EMPTY,  /* neither name nor purl */
};
enum prq_listed_role prq_listed_role(const struct prq_listed *item);
/* Of a PRQ_LISTED_DISTRO. False when memory ran out. */
bool prq_listed_distro(const struct prq_listed *item, struct prq_arena *a, struct prq_distro *out);
/* Empty when the item has no such property. */
prq_str prq_listed_property(const struct prq_listed *item, prq_str name);

/* A purl wins over names; it must be one that parses. Without one the type is what the properties of
 * Syft or Trivy say, else "generic". Views into the entry and into `a`. *why: NULL, or what is wrong
 * with the entry although it gives a package (constant text). */
PRQ_MUST_USE bool prq_listed_package(const struct prq_listed *item, struct prq_arena *a,
                                     struct prq_package *out, const char **why,
                                     struct prq_err *err);

#endif
