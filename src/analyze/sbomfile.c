/* SPDX-License-Identifier: Apache-2.0 */
/* SBOMs that lie in an image: what they list is a claim of whoever put them there. What a package
 * database or the files themselves prove as well is theirs (scan/claims.c); the rest is listed as
 * claimed, with the SBOM as its place.
 * Source: catalog.md 6. PEP 770 SBOMs below .dist-info belong to the Python package. */
#include "analyze/analyze.h"
#include "format/sbom.h"

enum { SBOM_MAX = 64 }; /* MiB */

#define WANT(part, text) { .part = PRQ_SI(text), .max_bytes = PRQ_MIB(SBOM_MAX), \
                           .modes = PRQ_WANT_IMAGE }
static const struct prq_want wants[] = {
    WANT(suffix, ".spdx.json"),
    WANT(suffix, ".spdx"),
    WANT(suffix, ".cdx.json"),
    WANT(suffix, ".cdx"),
    WANT(suffix, ".cyclonedx.json"),
    WANT(suffix, ".syft.json"),
    WANT(basename, "bom.json"),
    WANT(basename, "sbom.json"),
    { .max_bytes = 0 },
};
#undef WANT

/* Names that others use as well: a file that is no SBOM is somebody else's. */
static bool is_common_name(prq_str path)
{
    prq_str base = prq_path_base(path);
    return prq_str_eq(base, PRQ_S("bom.json")) || prq_str_eq(base, PRQ_S("sbom.json")) ||
           prq_str_ends(base, PRQ_S(".cdx")) || prq_str_ends(base, PRQ_S(".spdx"));
}

static bool is_pythons(prq_str path)
{
    return prq_str_has(path, PRQ_S(".dist-info/sboms/"));
}

static bool put(struct prq_ctx *ctx, const struct prq_listed *item, struct prq_sink *sink,
                const char **why, struct prq_err *err)
{
    struct prq_package p;
    if (!prq_listed_package(item, ctx->scratch, &p, why, err))
        return false;
    /* Where its maker found it says nothing of this image. */
    p.evidence = NULL;
    p.evidence_count = 0;
    p.layer = 0;
    p.found_by = (prq_str){ 0 };
    p.flags |= PRQ_PKG_CLAIMED;
    p.purl = (prq_str){ 0 };
    return prq_sink_package(sink, &p) || prq_sink_full(err);
}

static bool gap(struct prq_sink *sink, const char *reason, bool has_offset, uint64_t offset,
                struct prq_err *err)
{
    const struct prq_gap g = { .kind = PRQ_S("format"), .layer = PRQ_GAP_NO_LAYER,
                               .reason = prq_str_from(reason), .has_offset = has_offset,
                               .offset = offset };
    return prq_sink_gap(sink, &g) || prq_sink_full(err);
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    struct prq_sbom s;
    prq_str text = prq_str_of(in->data);
    size_t bad_purls = 0, empty = 0;
    if (is_pythons(in->file->path))
        return true;
    bool is_sbom = prq_sbom_recognise(prq_str_head(text, PRQ_KIB(64))) != PRQ_SBOM_NONE ||
                   prq_str_has(prq_str_head(text, PRQ_KIB(4)), PRQ_S("cyclonedx.org/schema/bom"));
    if (!is_sbom && is_common_name(in->file->path))
        return true;
    if (!prq_sbom_read(text, ctx->limits, ctx->scratch, &s, err))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        const char *why = NULL;
        enum prq_listed_role role = prq_listed_role(&s.items[i]);
        empty += role == PRQ_LISTED_EMPTY;
        if (role == PRQ_LISTED_PACKAGE && !put(ctx, &s.items[i], sink, &why, err))
            return false;
        bad_purls += why != NULL;
        if (prq_ctx_is_cancelled(ctx))
            return prq_fail(err, PRQ_E_CANCELLED, "cancelled");
    }
    return (!s.lost || gap(sink, s.lost_why, true, s.first_lost, err)) &&
           (!bad_purls || gap(sink, "package URLs that do not parse: listed by name", false, 0,
                              err)) &&
           (!empty || gap(sink, "entries without name and package URL", false, 0, err));
}

const struct prq_analyzer prq_analyzer_sbomfile = {
    .name = "sbomfile",
    .purl_type = "",
    .summary = "SBOMs inside the image: CycloneDX, SPDX, Syft; what they list is claimed",
    .revision = 1,
    .wants = wants,
    .run = run,
};
