/* SPDX-License-Identifier: Apache-2.0 */
/* A saved report that was read does not differ from itself, and is compared in both forms. */
#include <string.h>

#include "fuzz.h"
#include "match/absence.h"
#include "report/difference.h"
#include "report/explanation.h"
#include "store/reportread.h"

static void write_both(const struct prq_difference *d)
{
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_report_style style = { .width = 80 };
    PRQ_BUF table, json;
    prq_buf_init(&table, PRQ_MIB(64));
    prq_buf_init(&json, PRQ_MIB(64));
    FUZZ_CHECK(prq_difference_table(d, &style, &table, &err) || err.code == PRQ_E_LIMIT);
    FUZZ_CHECK(prq_difference_json(d, PRQ_S("0"), &json, &err) || err.code == PRQ_E_LIMIT);
    FUZZ_CHECK(table.n == 0 || !memchr(table.p, '\033', table.n));
}

/* Every finding has its proof told, and whatever package is asked for has a verdict. */
static void explain(const struct prq_report *r, struct prq_arena *a)
{
    const struct prq_finding *all[16];
    struct prq_explanation e = { .report = r, .findings = all, .is_saved = true };
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_report_style style = { .width = 80 };
    struct prq_ctx ctx = { .limits = &prq_limits_default, .scratch = a };
    struct prq_absence_opts opts = { .id = PRQ_S("CVE-2020-0001"), .is_saved = true };
    PRQ_BUF table, json;
    prq_buf_init(&table, PRQ_MIB(64));
    prq_buf_init(&json, PRQ_MIB(64));
    for (size_t i = 0; i < r->finding_count && e.finding_count < PRQ_COUNT(all); i++)
        all[e.finding_count++] = &r->findings[i];
    for (size_t i = 0; i < r->suppressed_count && e.finding_count < PRQ_COUNT(all); i++)
        all[e.finding_count++] = &r->suppressed[i];
    if (r->analysis->package_count) {
        opts.package = r->analysis->packages[0].name;
        if (prq_absence_find(&ctx, r, NULL, &opts, a, &e.absences, &e.absence_count, &err))
            FUZZ_CHECK(e.absence_count > 0 && e.absences[0].cause && e.absences[0].text.n);
    }
    FUZZ_CHECK(prq_explanation_table(&e, &style, &table, &err) || err.code == PRQ_E_LIMIT);
    FUZZ_CHECK(prq_explanation_json(&e, &json, &err) || err.code == PRQ_E_LIMIT);
    FUZZ_CHECK(table.n == 0 || !memchr(table.p, '\033', table.n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    struct prq_analysis an, none = { 0 };
    struct prq_report r, empty = { .analysis = &none };
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_difference d;
    if (!prq_report_read((prq_bytes){ data, size }, &prq_limits_default, a, &an, &r, &err)) {
        FUZZ_CHECK(err.code != PRQ_E_NONE && err.text[0]);
        return 0;
    }
    for (size_t i = 0; i < r.finding_count; i++)
        FUZZ_CHECK(r.findings[i].package < an.package_count);
    for (size_t i = 0; i < r.suppressed_count; i++)
        FUZZ_CHECK(r.suppressed[i].package < an.package_count);
    for (size_t i = 0; i < an.package_count; i++)
        FUZZ_CHECK(an.packages[i].owner <= an.package_count);
    explain(&r, a);
    if (!prq_difference_make(&r, &r, true, a, &d, &err)) {
        FUZZ_CHECK(err.code == PRQ_E_LIMIT);
        return 0;
    }
    FUZZ_CHECK(d.package_count == 0 && d.introduced_count == 0 && d.fixed_count == 0);
    if (!prq_difference_make(&empty, &r, true, a, &d, &err))
        return 0;
    FUZZ_CHECK(d.removed == 0 && d.changed == 0 && d.introduced_count == r.finding_count);
    write_both(&d);
    return 0;
}
