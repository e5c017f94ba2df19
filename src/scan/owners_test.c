/* SPDX-License-Identifier: Apache-2.0 */
/* Ownership from hand-made facts. Source of the rules: catalog.md 7, 3.1. */
#undef PRQ_SOURCE_DIR /* of the build; model/analysis.h has an enumerator of that name */
#include "unit.h"

#include "scan/owners.h"

static bool holds(const void *user, prq_str path, uint32_t layer)
{
    (void)path, (void)layer;
    return *(const bool *)user;
}

/* Owner of a Python package at `evidence` when deb:x lists `listed`. */
static size_t owner_of(const char *evidence, const char *listed, uint32_t flags, bool lists_hold)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_facts_writer w;
    struct prq_layer_facts layer = { 0 };
    struct prq_err err = PRQ_ERR_INIT;
    prq_facts_writer_init(&w, &prq_limits_default);
    w.path = PRQ_S("var/lib/dpkg/info/x.list");
    prq_str path = prq_str_from(listed);
    assert_true(prq_sink_owned(&w.sink, PRQ_S("deb:x"), &path, 1));
    assert_true(prq_facts_add_link(&w, PRQ_S("lib"), PRQ_S("usr/lib")));
    assert_true(prq_facts_add_link(&w, PRQ_S("opt/a"), PRQ_S("/usr/./b/../lib")));
    assert_true(prq_facts_add_link(&w, PRQ_S("up"), PRQ_S("../../..")));
    assert_true(prq_facts_parse(prq_buf_bytes(&w.facts), 0, a, &layer.facts, &err));
    struct prq_evidence at = { prq_str_from(evidence), 0 };
    struct prq_package packages[] = {
        { .type = PRQ_S("deb"), .name = PRQ_S("x"), .arch = PRQ_S("amd64"), .flags = flags },
        { .type = PRQ_S("pypi"), .name = PRQ_S("y"), .evidence = &at, .evidence_count = 1 },
    };
    struct prq_analysis an = { .packages = packages, .package_count = 2 };
    struct prq_owners o = { .layers = &layer, .n = 1, .holds = holds, .user = &lists_hold };
    assert_true(prq_owners_settle(&o, &an, a));
    prq_facts_writer_release(&w);
    return packages[1].owner;
}

static void test_owners(void **state)
{
    (void)state;
    assert_int_equal(owner_of("usr/lib/y/METADATA", "usr/lib/y/METADATA", 0, true), 1);
    assert_int_equal(owner_of("usr/lib/y/METADATA", "usr/lib/z/METADATA", 0, true), 0);
    assert_int_equal(owner_of("usr/lib/y.jar!/z", "usr/lib/y.jar", 0, true), 1);
    /* through links, relative and absolute */
    assert_int_equal(owner_of("usr/lib/y/METADATA", "lib/y/METADATA", 0, true), 1);
    assert_int_equal(owner_of("usr/lib/y", "opt/a/y", 0, true), 1);
    assert_int_equal(owner_of("y", "up/y", 0, true), 1); /* clamped at the root */
    /* not by third parties, not by a list that was deleted, not a package database */
    assert_int_equal(owner_of("usr/lib/y", "usr/lib/y", PRQ_PKG_THIRD_PARTY, true), 0);
    assert_int_equal(owner_of("usr/lib/y", "usr/lib/y", 0, false), 0);
    assert_int_equal(owner_of("lib/apk/db/installed", "lib/apk/db/installed", 0, true), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_owners) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
