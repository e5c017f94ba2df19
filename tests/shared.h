/* SPDX-License-Identifier: Apache-2.0 */
/* Files of the shared test data, outside of the tree: in $PRATIQUE_SHARED, by default
 * ../shared. Tests that need them are skipped when they are absent:
 *
 *     prq_bytes db = shared_or_skip(a, "data/images/x/expected.tsv");
 */
#ifndef PRQ_TESTS_SHARED_H
#define PRQ_TESTS_SHARED_H

#include "unit.h"

/* The whole file; p == NULL when it cannot be read. */
static inline prq_bytes unit_slurp(struct prq_arena *a, const char *path)
{
    prq_bytes out = { 0 };
    FILE *f = fopen(path, "rb");
    if (!f)
        return out;
    long size = fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;
    if (size >= 0 && fseek(f, 0, SEEK_SET) == 0) {
        uint8_t *p = prq_arena_alloc(a, (size_t)size + 1);
        if (p && fread(p, 1, (size_t)size, f) == (size_t)size)
            out = (prq_bytes){ p, (size_t)size };
    }
    fclose(f);
    return out;
}

static inline prq_bytes shared_slurp(struct prq_arena *a, const char *rel)
{
    char path[4096];
    const char *root = getenv("PRATIQUE_SHARED");
    snprintf(path, sizeof path, "%s/%s", root ? root : PRQ_SOURCE_DIR "/../shared", rel);
    return unit_slurp(a, path);
}

static inline prq_bytes shared_or_skip(struct prq_arena *a, const char *rel)
{
    prq_bytes b = shared_slurp(a, rel);
    if (!b.p) {
        print_message("# absent: %s\n", rel);
        skip();
    }
    return b;
}

#endif
