/* SPDX-License-Identifier: Apache-2.0 */
/* Package URLs: what is printed for a package reads as the same package and prints the same again;
 * the parts of a purl that was read keep the rules of the format. */
#include "fuzz.h"

#include "model/purl.h"

static void check_parts(const struct prq_purl *u)
{
    FUZZ_CHECK(u->type.n > 0 && u->name.n > 0);
    for (size_t i = 0; i < u->type.n; i++)
        FUZZ_CHECK(!prq_is_upper(u->type.p[i]));
    FUZZ_CHECK(u->ns.n == 0 || (u->ns.p[0] != '/' && u->ns.p[u->ns.n - 1] != '/'));
    FUZZ_CHECK(!prq_str_has(u->ns, PRQ_S("//")) && !prq_str_has(u->subpath, PRQ_S("//")));
    for (size_t i = 0; i < u->qual_count; i++) {
        FUZZ_CHECK(u->quals[i].key.n > 0 && u->quals[i].value.n > 0);
        FUZZ_CHECK(i == 0 || prq_str_cmp(u->quals[i - 1].key, u->quals[i].key) < 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    prq_str text = { (const char *)data, size };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct prq_purl u;
    struct prq_err err = PRQ_ERR_INIT;
    if (!a)
        return 0;
    if (!prq_purl_parse(text, a, &u, &err)) {
        FUZZ_CHECK(err.code == PRQ_E_LIMIT || (err.code == PRQ_E_FORMAT && err.offset <= size));
        return 0;
    }
    check_parts(&u);
    struct prq_package p, q, copy;
    if (!prq_package_from_purl(text, a, &p, &err) || size > 65536)
        return 0;
    FUZZ_CHECK(prq_package_copy(&copy, &p, a));
    prq_str first = prq_purl_print(&copy, NULL, a);
    FUZZ_CHECK(first.p != NULL);
    FUZZ_CHECK(prq_package_from_purl(first, a, &q, &err));
    prq_str second = prq_purl_print(&q, NULL, a);
    FUZZ_CHECK(prq_str_eq(first, second));
    /* "binary" is our own word for what purls call generic. */
    FUZZ_CHECK(prq_str_eq(p.type, q.type) || prq_str_eq(p.type, PRQ_S("binary")));
    FUZZ_CHECK(!prq_package_is_os(&p) || prq_str_eq(p.arch, q.arch));
    FUZZ_CHECK(prq_package_cmp(&p, &copy) == 0);
    return 0;
}
