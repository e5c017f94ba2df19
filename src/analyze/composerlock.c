/* SPDX-License-Identifier: Apache-2.0 */
/* composer.lock: {"packages": […], "packages-dev": […]}.
 * Source: Composer's Locker; catalog.md 4.7. */
#include "analyze/composerjson.h"

static const struct prq_want wants[] = {
    { .basename = PRQ_SI("composer.lock"), .max_bytes = PRQ_MIB(64), .modes = PRQ_WANT_SOURCE },
    { .max_bytes = 0 },
};

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    struct prq_composer list = { .arena = ctx->scratch };
    struct prq_json j;
    prq_str key, path = in->file->path;
    bool is_list, has_list = false;
    /* What a package ships of its own development is nobody's wish. */
    if (prq_str_starts(path, PRQ_S("vendor/")) || prq_str_has(path, PRQ_S("/vendor/")))
        return true;
    prq_json_init(&j, prq_str_of(in->data), ctx->scratch, ctx->limits);
    if (prq_json_enter_object(&j))
        while (prq_json_key(&j, &key)) {
            bool is_dev = prq_str_eq(key, PRQ_S("packages-dev"));
            if (!is_dev && !prq_str_eq(key, PRQ_S("packages"))) {
                prq_json_skip(&j);
                continue;
            }
            if (!prq_composer_read(&list, &j, PRQ_PKG_DECLARED | (is_dev ? PRQ_PKG_DEV : 0),
                                   &is_list, err))
                return false;
            has_list = has_list || is_list;
        }
    else
        prq_json_skip(&j);
    bool ok = prq_json_end(&j, err);
    if (ok && (!has_list || list.strange))
        ok = prq_fail_at(err, PRQ_E_FORMAT, 0, has_list ? "not all of the list are packages"
                                                        : "no list of packages");
    return prq_composer_put(&list, sink, ok ? err : NULL) && ok;
}

const struct prq_analyzer prq_analyzer_composerlock = {
    .name = "composerlock",
    .purl_type = "composer",
    .summary = "PHP packages asked for: composer.lock",
    .revision = 1,
    .wants = wants,
    .run = run,
};
