/* SPDX-License-Identifier: Apache-2.0 */
/* SBOMs of others: whatever was read is written as CycloneDX and as SPDX, and read back the same. */
#include <string.h>

#include "format/sbom.h"
#include "fuzz.h"
#include "report/output.h"
#include "scan/analyse.h"
#include "store/document.h"

extern const struct prq_report_sink prq_report_cyclonedx, prq_report_spdx;

/* What a scan goes by, as text. Names are not: bytes that are no text are lost in them. */
static bool describe(const struct prq_analysis *an, struct prq_buf *out)
{
    struct prq_analysis bare = *an;
    bare.name = (prq_str){ 0 };
    prq_buf_init(out, PRQ_MIB(64));
    return prq_document_write(&bare, true, out, NULL);
}

static void there_and_back(const struct prq_report_sink *sink, const struct prq_report *r,
                           const struct prq_buf *want)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(512));
    PRQ_ARENA scratch = prq_arena_new(PRQ_MIB(64));
    struct prq_ctx ctx = { .limits = &prq_limits_default, .scratch = scratch };
    struct prq_report_style style = { 0 };
    struct prq_analysis an;
    struct prq_err err = PRQ_ERR_INIT;
    PRQ_BUF text, got;
    prq_buf_init(&text, PRQ_MIB(64));
    prq_buf_init(&got, 0);
    if (!sink->write(r, &style, &text, &err)) {
        FUZZ_CHECK(err.code == PRQ_E_LIMIT);
        return;
    }
    bool is_complete;
    bool ok = prq_analysis_of_sbom(&ctx, prq_buf_view(&text), a, &an, &is_complete, &err);
    if (!ok)
        fprintf(stderr, "%s: %s\n", sink->name, err.text);
    FUZZ_CHECK(ok);
    FUZZ_CHECK(describe(&an, &got));
    if (got.n != want->n || memcmp(got.p, want->p, got.n) != 0)
        fprintf(stderr, "%s\n%.*s\n%.*s\n", sink->name, PRQ_FMT(prq_buf_view(want)),
                PRQ_FMT(prq_buf_view(&got)));
    FUZZ_CHECK(got.n == want->n && memcmp(got.p, want->p, got.n) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    PRQ_ARENA scratch = prq_arena_new(PRQ_MIB(64));
    struct prq_ctx ctx = { .limits = &prq_limits_default, .scratch = scratch };
    struct prq_analysis an;
    struct prq_err err = PRQ_ERR_INIT;
    prq_str text = { (const char *)data, size };
    bool is_complete;
    if (prq_sbom_recognise(text) == PRQ_SBOM_NONE)
        return 0; /* our own document has a target of its own */
    if (!prq_analysis_of_sbom(&ctx, text, a, &an, &is_complete, &err)) {
        FUZZ_CHECK(err.code != PRQ_E_NONE && err.text[0]);
        FUZZ_CHECK(!err.has_offset || err.offset <= size);
        return 0;
    }
    for (size_t i = 0; i < an.package_count; i++) {
        FUZZ_CHECK(an.packages[i].type.n && an.packages[i].name.n && an.packages[i].purl.n);
        FUZZ_CHECK(an.packages[i].owner <= an.package_count);
        FUZZ_CHECK(i == 0 || prq_package_cmp(&an.packages[i - 1], &an.packages[i]) <= 0);
    }
    PRQ_BUF want;
    struct prq_report r = { .analysis = &an, .now = PRQ_S("2026-01-01T00:00:00Z"),
                            .tool_version = PRQ_S("0"), .is_unjudged = true };
    if (!describe(&an, &want))
        return 0;
    there_and_back(&prq_report_cyclonedx, &r, &want);
    there_and_back(&prq_report_spdx, &r, &want);
    return 0;
}
