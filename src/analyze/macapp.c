/* SPDX-License-Identifier: Apache-2.0 */
/* macOS applications: NAME.app/Contents/Info.plist, XML or binary.
 * Source: Apple's "Information Property List" (CFBundleName, CFBundleShortVersionString). */
#include "analyze/analyze.h"
#include "format/plist.h"
#include "lib/xml.h"

static const struct prq_want wants[] = {
    { .suffix = PRQ_SI(".app/Contents/Info.plist"), .max_bytes = PRQ_MIB(4) },
    { .max_bytes = 0 },
};

/* In order of preference. */
enum field { NAME, DISPLAY_NAME, VERSION, BUILD, FIELDS };
static const prq_str keys[FIELDS] = {
    [NAME] = PRQ_SI("CFBundleName"),
    [DISPLAY_NAME] = PRQ_SI("CFBundleDisplayName"),
    [VERSION] = PRQ_SI("CFBundleShortVersionString"),
    [BUILD] = PRQ_SI("CFBundleVersion"),
};

static void take(prq_str *fields, prq_str key, prq_str value)
{
    for (size_t i = 0; i < FIELDS; i++)
        if (prq_str_eq(key, keys[i]))
            fields[i] = value;
}

/* <plist><dict><key>K</key><string>V</string>…: a key and what stands next to it. */
static bool read_xml(prq_bytes data, struct prq_ctx *ctx, prq_str *fields, struct prq_err *err)
{
    struct prq_xml *x;
    struct prq_xml_event e;
    enum prq_next step;
    prq_str key = { 0 };
    bool is_plist = false;
    if (!prq_xml_open(data, ctx->limits, ctx->scratch, &x, err))
        return false;
    while ((step = prq_xml_next(x, &e, err)) == PRQ_NEXT_ITEM) {
        is_plist |= prq_str_eq(e.path, PRQ_S("plist/dict"));
        if (e.type != PRQ_XML_END || e.depth != 2)
            continue;
        if (prq_str_eq(e.path, PRQ_S("plist/dict/key"))) {
            key = e.text;
            continue;
        }
        if (prq_str_eq(e.path, PRQ_S("plist/dict/string")))
            take(fields, key, e.text);
        key = (prq_str){ 0 };
    }
    if (step != PRQ_NEXT_END)
        return false;
    return is_plist || prq_fail_at(err, PRQ_E_FORMAT, 0, "not a property list with a dictionary");
}

static bool read_binary(prq_bytes data, struct prq_ctx *ctx, prq_str *fields, struct prq_err *err)
{
    struct prq_plist_pair *pairs;
    size_t n;
    if (!prq_plist_texts(data, ctx->scratch, &pairs, &n, err))
        return false;
    for (size_t i = 0; i < n; i++)
        take(fields, pairs[i].key, pairs[i].value);
    return true;
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    prq_str fields[FIELDS] = { 0 };
    if (!(prq_plist_is_binary(in->data) ? read_binary : read_xml)(in->data, ctx, fields, err))
        return false;
    const struct prq_package p = {
        .type = PRQ_S("binary"),
        .name = fields[NAME].n ? fields[NAME] : fields[DISPLAY_NAME],
        .version = fields[VERSION].n ? fields[VERSION] : fields[BUILD],
        .flags = PRQ_PKG_APPLICATION,
    };
    return p.name.n == 0 || prq_sink_package(sink, &p) || prq_sink_full(err);
}

const struct prq_analyzer prq_analyzer_macapp = {
    .name = "macapp",
    .purl_type = "generic",
    .summary = "macOS applications: *.app/Contents/Info.plist",
    .revision = 1,
    .wants = wants,
    .run = run,
};
