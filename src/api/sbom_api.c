/* SPDX-License-Identifier: Apache-2.0 */
#include "pratique/scan.h"

#include <string.h>

#include "api/handles.h"
#include "scan/now.h"
#include "store/document.h"

/* The analysis document as JSON: it loses nothing. It stands here and not among the sinks, for they
 * know nothing of documents. */
static bool write_document(const struct prq_report *r, const struct prq_report_style *style,
                           struct prq_buf *out, struct prq_err *err)
{
    (void)style;
    return prq_document_write(r->analysis, true, out, err);
}

const struct prq_report_sink prq_document_sink = {
    .name = "pratique", .summary = "our own JSON, lossless: the analysis document",
    .write = write_document, .is_sbom = true,
};

const struct prq_report_sink *prq_sink_named(const char *format)
{
    return strcmp(format, prq_document_sink.name) == 0
               ? &prq_document_sink
               : prq_report_sink_find(prq_str_from(format));
}

bool prq_scan_sbom(const struct prq_scan *s, const char *now, const char *format, char **text,
                   size_t *n, struct prq_err *err)
{
    const struct prq_report_sink *sink = prq_sink_named(format);
    if (!sink || !sink->is_sbom)
        return prq_fail(err, PRQ_E_USAGE, "unknown SBOM format %s", format);
    struct prq_report r = { .analysis = &s->analysis, .tool_version = prq_str_from(prq_version()),
                            .is_unjudged = true };
    struct prq_report_style style = { 0 };
    if (!prq_now(now, s->arena, &r.now, err))
        return false;
    struct prq_buf b;
    prq_buf_init(&b, PRQ_MIB(2047));
    return prq_hand_over(&b, sink->write(&r, &style, &b, err), text, n, err);
}

const struct prq_named *prq_sbom_formats(void)
{
    static struct prq_named table[65];
    size_t n = 0;
    for (size_t i = 0; n < PRQ_COUNT(table) - 2 && prq_report_sinks[i]; i++)
        if (prq_report_sinks[i]->is_sbom)
            table[n++] = (struct prq_named){ prq_report_sinks[i]->name,
                                             prq_report_sinks[i]->summary };
    table[n] = (struct prq_named){ prq_document_sink.name, prq_document_sink.summary };
    return table;
}
