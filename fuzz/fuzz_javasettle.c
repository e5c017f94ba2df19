/* SPDX-License-Identifier: Apache-2.0 */
/* A tree of pom.xml files, parted by NUL bytes: what is left open by them is settled; every package
 * has a name, one place, and comes from an open dependency. */
#include "analyze/analyze.h"
#include "analyze/java.h"
#include "fuzz.h"

enum { FILES = 6, PAIRS = 4096 };

struct keeper {
    struct prq_sink sink; /* first: the ops cast it back */
    struct prq_arena *a;
    struct prq_note notes[FILES];
    size_t n, open;
};

static bool on_note(struct prq_sink *s, prq_str kind, const struct prq_pair *pairs, size_t n)
{
    struct keeper *k = (struct keeper *)(void *)s;
    struct prq_pair *copy = prq_new_n(k->a, struct prq_pair, n);
    if (!copy || n > PAIRS)
        return false;
    for (size_t i = 0; i < n; i++) {
        copy[i] = pairs[i];
        k->open += prq_str_eq(pairs[i].key, PRQ_S("open"));
    }
    static const char *const paths[FILES] = { "pom.xml",   "a/pom.xml", "a/b/pom.xml",
                                              "p/pom.xml", "x.xml",     "a/c/pom.xml" };
    k->notes[k->n] = (struct prq_note){ kind, prq_str_from(paths[k->n]), 0, copy, n };
    k->n++;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct prq_sink_ops ops = { .note = on_note };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(32));
    PRQ_ARENA out = prq_arena_new(PRQ_MIB(32));
    PRQ_ARENA tmp = prq_arena_new(PRQ_MIB(64));
    struct keeper k = { .sink = { .ops = &ops }, .a = a };
    prq_str rest = { (const char *)data, size }, file;
    while (k.n < FILES && prq_str_split(&rest, '\0', &file)) {
        struct prq_pom pom;
        if (!prq_pom_parse(prq_bytes_of(file), &prq_limits_default, a, &pom, NULL) ||
            !prq_pom_note(&pom, pom.deps, pom.dep_n, a, &k.sink, NULL))
            break;
    }
    struct prq_java_late late;
    if (!prq_java_settle(k.notes, k.n, out, tmp, &late))
        return 0;
    FUZZ_CHECK(late.n + late.unnamed == k.open);
    for (size_t i = 0; i < late.n; i++) {
        const struct prq_package *p = &late.packages[i];
        FUZZ_CHECK(p->name.n && p->ns.n && p->evidence_count == 1 && p->evidence[0].path.n);
        FUZZ_CHECK(p->flags & PRQ_PKG_DECLARED);
        FUZZ_CHECK(!prq_str_has(p->version, PRQ_S("${")));
    }
    return 0;
}
