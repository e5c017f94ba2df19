/* SPDX-License-Identifier: Apache-2.0 */
/* A report of another scanner that was read is whole, and compares with ours in both forms. */
#ifndef PRQ_FUZZ_FOREIGN_H
#define PRQ_FUZZ_FOREIGN_H

#include <string.h>

#include "fuzz.h"
#include "report/comparison.h"

static void fuzz_write(const struct prq_comparison *c)
{
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_report_style style = { .width = 80 };
    PRQ_BUF table, json;
    prq_buf_init(&table, PRQ_MIB(64));
    prq_buf_init(&json, PRQ_MIB(64));
    FUZZ_CHECK(prq_comparison_table(c, &style, &table, &err) || err.code == PRQ_E_LIMIT);
    FUZZ_CHECK(prq_comparison_json(c, &json, &err) || err.code == PRQ_E_LIMIT);
    FUZZ_CHECK(table.n == 0 || !memchr(table.p, '\033', table.n));
}

/* Ours has their packages and findings: nothing differs but what they suppressed or say twice. */
static void fuzz_with_itself(const struct prq_foreign *f, struct prq_arena *a)
{
    struct prq_package *p = prq_new_n(a, struct prq_package, f->package_count);
    struct prq_finding *v = prq_new_n(a, struct prq_finding, f->finding_count);
    struct prq_analysis an = { .packages = p, .package_count = f->package_count };
    struct prq_report r = { .analysis = &an, .findings = v, .finding_count = f->finding_count };
    struct prq_comparison c;
    struct prq_err err = PRQ_ERR_INIT;
    if ((!p && f->package_count) || (!v && f->finding_count))
        return;
    for (size_t i = 0; i < f->package_count; i++)
        p[i] = (struct prq_package){ .type = f->packages[i].type, .name = f->packages[i].name,
                                     .version = f->packages[i].version };
    for (size_t i = 0; i < f->finding_count; i++)
        v[i] = (struct prq_finding){ .id = f->findings[i].id, .package = f->findings[i].package,
                                     .severity = f->findings[i].severity,
                                     .state = f->findings[i].state,
                                     .fixed_in = f->findings[i].fixed_in };
    if (!prq_comparison_make(&r, f, NULL, NULL, a, &c, &err)) {
        FUZZ_CHECK(err.code == PRQ_E_LIMIT);
        return;
    }
    FUZZ_CHECK(c.packages_same == f->package_count);
    FUZZ_CHECK(c.counts[PRQ_UNLIKE_PACKAGE] == 0 && c.counts[PRQ_UNLIKE_VERSION] == 0 &&
               c.counts[PRQ_UNLIKE_NAME] == 0);
    fuzz_write(&c);
}

static int fuzz_foreign(const uint8_t *data, size_t size)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    struct prq_foreign f;
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_analysis none = { 0 };
    struct prq_report empty = { .analysis = &none };
    struct prq_comparison c;
    if (!prq_foreign_read((prq_str){ (const char *)data, size }, &prq_limits_default, a, &f, &err)) {
        FUZZ_CHECK(err.code != PRQ_E_NONE && err.text[0]);
        return 0;
    }
    FUZZ_CHECK(f.tool == PRQ_FOREIGN_TRIVY || f.tool == PRQ_FOREIGN_GRYPE);
    for (size_t i = 0; i < f.package_count; i++)
        FUZZ_CHECK(f.packages[i].name.n && f.packages[i].key.n);
    for (size_t i = 0; i < f.finding_count; i++)
        FUZZ_CHECK(f.findings[i].id.n && f.findings[i].package < f.package_count);
    if (prq_comparison_make(&empty, &f, NULL, NULL, a, &c, &err)) {
        FUZZ_CHECK(c.packages_same == 0 && c.n >= f.package_count);
        fuzz_write(&c);
    }
    fuzz_with_itself(&f, a);
    return 0;
}

#endif
