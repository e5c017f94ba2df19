/* SPDX-License-Identifier: Apache-2.0 */
/* What others say of a vulnerability in a product (VEX), whatever the format of their document.
 * Source: OpenVEX 0.2.0; CSAF 2.0, 4.5; CycloneDX 1.6, "vulnerabilities"; matching.md 6. */
#ifndef PRQ_MODEL_VEX_H
#define PRQ_MODEL_VEX_H

#include "model/package.h"

/* Of statements made at the same time the greater one counts. */
enum prq_vex_status {
    PRQ_VEX_NONE,
    PRQ_VEX_NOT_AFFECTED,
    PRQ_VEX_FIXED,
    PRQ_VEX_UNDER_INVESTIGATION,
    PRQ_VEX_AFFECTED,
};
/* "not_affected", …; "" for NONE. */
const char *prq_vex_status_word(enum prq_vex_status s);
bool prq_vex_status_parse(prq_str word, enum prq_vex_status *out);

static inline bool prq_vex_clears(enum prq_vex_status s)
{
    return s == PRQ_VEX_NOT_AFFECTED || s == PRQ_VEX_FIXED;
}

/* One thing under all of its names: package URLs, "sha256:HEX", CPEs, image references. */
struct prq_vex_thing {
    struct prq_strs names;
};
struct prq_vex_product {
    struct prq_vex_thing self;
    struct prq_vex_thing *parts; /* the statement is of these in the product; none: of all of it */
    size_t part_count;
};

/* What became of a statement in a judgement. */
enum prq_vex_result {
    PRQ_VEX_UNUSED,      /* nothing here has the vulnerability, or is the product */
    PRQ_VEX_APPLIED,     /* it took findings away */
    PRQ_VEX_ANNOTATED,   /* findings carry it */
    PRQ_VEX_OVERRULED,   /* a later one of the same product and vulnerability counts */
    PRQ_VEX_UNREACHED,   /* the vulnerable package is also there outside of the product */
    PRQ_VEX_FLAWED,      /* what it lacks is in `reason` */
};
const char *prq_vex_result_word(enum prq_vex_result r);

struct prq_vex_statement {
    size_t number;         /* in its document, from 1 */
    prq_str id;            /* its own name, mostly empty */
    struct prq_strs ids;   /* the vulnerability, then its aliases */
    enum prq_vex_status status;
    prq_str justification; /* an OpenVEX word, or that of its format */
    prq_str impact, action;
    prq_str timestamp;     /* RFC 3339; its own, else the document's */
    struct prq_vex_product *products;
    size_t product_count;
    prq_str flaw;          /* why it can have no effect; empty: it can */

    /* filled by prq_match */
    enum prq_vex_result result;
    size_t findings;
    prq_str reason;
};

struct prq_vex_doc {
    prq_str path;      /* where it was read from */
    const char *format; /* "openvex", "csaf", "cyclonedx" */
    prq_str id, author, timestamp;
    prq_str digest;    /* sha256:… of its bytes */
    bool is_attached;  /* found beside the image in its registry */
    struct prq_vex_statement *statements;
    size_t count;
};

struct prq_vex_set {
    struct prq_vex_doc **docs;
    size_t n, cap;
};

#endif
