/* SPDX-License-Identifier: Apache-2.0 */
/* The product tree of a CSAF document: what its product ids stand for. */
#ifndef PRQ_DB_CSAFTREE_H
#define PRQ_DB_CSAFTREE_H

#include "base/map.h"
#include "format/json.h"

/* What a branch or a relationship defines; a relationship's parts are looked up when asked. */
struct prq_csaf_product {
    prq_str cpe, purl;
    prq_str component, platform; /* of a relationship */
};

struct prq_csaf_tree {
    struct prq_arena *a;
    struct prq_map by_id; /* to an index into v */
    struct prq_csaf_product *v;
    size_t n, cap;
};

void prq_csaf_tree_init(struct prq_csaf_tree *t, struct prq_arena *a);
/* Consumes the value of "product_tree". */
void prq_csaf_tree_read(struct prq_csaf_tree *t, struct prq_json *j);
/* NULL when nothing defines the id. */
const struct prq_csaf_product *prq_csaf_product_of(const struct prq_csaf_tree *t, prq_str id);

#endif
