/* SPDX-License-Identifier: Apache-2.0 */
/* Version comparators. The first byte picks the scheme, the rest is three versions split at NULs.
 * A comparator must be an order for any bytes: reflexive, antisymmetric, and transitive where its
 * rule is. */
#include "fuzz.h"

#include "version/version.h"

static int sign(int c)
{
    return (c > 0) - (c < 0);
}

static bool any_has(const prq_str v[3], char c, bool *all)
{
    size_t n = 0;
    for (size_t i = 0; i < 3; i++)
        n += prq_str_find(v[i], c) < v[i].n;
    *all = n == 3;
    return n > 0;
}

/* rpm's order is one order per "has a release": 1-1 = 1 = 1-2, but 1-1 < 1-2. A '#' is any number
 * to Composer. What the others say of themselves stands in their files. */
static bool is_order_of(const struct prq_scheme *s, const prq_str v[3])
{
    bool all;
    if (strcmp(s->name, "rpm") == 0)
        return !any_has(v, '-', &all) || all;
    if (strcmp(s->name, "composer") == 0)
        return !any_has(v, '#', &all);
    return strcmp(s->name, "alpm") != 0 && strcmp(s->name, "maven") != 0 &&
           strcmp(s->name, "fuzzy") != 0;
}

static void check_triple(const struct prq_scheme *s, const prq_str v[3])
{
    int (*compare)(prq_str, prq_str) = s->compare;
    int c[3][3];
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 3; k++)
            c[i][k] = sign(compare(v[i], v[k]));
    for (size_t i = 0; i < 3; i++) {
        FUZZ_CHECK(c[i][i] == 0);
        for (size_t k = 0; k < 3; k++)
            FUZZ_CHECK(c[i][k] == -c[k][i]);
    }
    if (!is_order_of(s, v))
        return;
    /* For each way to name the three x, y, z: x <= y <= z means x <= z, and x < z if either is. */
    static const size_t orders[][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
                                        { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
    for (size_t i = 0; i < PRQ_COUNT(orders); i++) {
        int xy = c[orders[i][0]][orders[i][1]], yz = c[orders[i][1]][orders[i][2]];
        if (xy <= 0 && yz <= 0)
            FUZZ_CHECK(c[orders[i][0]][orders[i][2]] == (xy < 0 || yz < 0 ? -1 : 0));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const struct prq_scheme *const *all = prq_schemes();
    size_t n = 0;
    while (all[n])
        n++;
    const struct prq_scheme *s = all[data[0] % n];
    prq_str rest = { (const char *)data + 1, size - 1 }, v[3] = { { 0 }, { 0 }, { 0 } };
    for (size_t i = 0; i < 3; i++)
        prq_str_split(&rest, '\0', &v[i]);
    check_triple(s, v);
    for (size_t i = 0; i < 3; i++) {
        bool is_valid = s->is_valid(v[i]);
        FUZZ_CHECK(!is_valid || v[i].n > 0);
        /* What a scheme reads sorts after what it does not, in Python's. */
        if (s->compare == prq_pep440_compare && is_valid && !s->is_valid(v[0]))
            FUZZ_CHECK(s->compare(v[0], v[i]) < 0);
        if (s->compare == prq_pep440_compare)
            FUZZ_CHECK(sign(prq_pep440_compare_bound(v[i], v[i])) == 0);
        if (s->compare == prq_rpm_compare)
            FUZZ_CHECK(prq_rpm_compare_auto_epoch(v[i], v[i]) == 0);
    }
    return 0;
}
