/* SPDX-License-Identifier: Apache-2.0 */
/* CocoaPods: Podfile.lock. Source: CocoaPods Core, lib/cocoapods-core/lockfile.rb; catalog.md 4.9:
 *
 *     PODS:
 *       - Name (1.2.3)
 *       - Name/Sub (1.2.3):
 *         - Other (~> 1.0)
 *     EXTERNAL SOURCES:
 *       Name: {:path: ..} | {:git: URL, …} | {:podspec: …}
 *     CHECKOUT OPTIONS:
 *       Name: {:git: URL, :commit: COMMIT}
 *
 * A part of a pod is a package of its own, of the same name, with the part as its subpath. */
#include "analyze/analyze.h"
#include "analyze/lockgraph.h"
#include "analyze/loss.h"
#include "base/map.h"
#include "lib/yaml.h"

static const struct prq_want wants[] = {
    { .basename = PRQ_SI("Podfile.lock"), .max_bytes = PRQ_MIB(16), .modes = PRQ_WANT_SOURCE },
    { .max_bytes = 0 },
};

struct reader {
    struct prq_arena *arena;
    const struct prq_yaml_node *external, *checkout;
    struct prq_map externals, checkouts;
    struct prq_sink *sink;
    struct prq_loss loss;
};

/* "Name/Sub (1.2.3)" to name and version; false without either. */
static bool split(prq_str text, prq_str *name, prq_str *version)
{
    prq_str after;
    if (!prq_str_cut(text, '(', name, &after))
        return false;
    *name = prq_str_trim(*name);
    *version = prq_str_trim(prq_str_head(after, prq_str_find(after, ')')));
    if (prq_str_starts(*version, PRQ_S("= ")))
        *version = prq_str_from_at(*version, 2);
    return name->n && version->n;
}

static const struct prq_yaml_node *entry(const struct prq_yaml_node *map,
                                         const struct prq_map *index, prq_str name)
{
    const size_t *at = prq_map_find(index, name);
    return at ? map->pairs[*at].value : NULL;
}

/* False: memory ran out. */
static bool place(const struct reader *r, struct prq_package *p)
{
    const struct prq_yaml_node *from = entry(r->external, &r->externals, p->name);
    const struct prq_yaml_node *out = entry(r->checkout, &r->checkouts, p->name);
    prq_str url = prq_yaml_text(prq_yaml_find(out, PRQ_S(":git")));
    prq_str commit = prq_yaml_text(prq_yaml_find(out, PRQ_S(":commit")));
    if (prq_yaml_find(from, PRQ_S(":path")))
        p->flags |= PRQ_PKG_APPLICATION;
    if (url.n == 0)
        url = prq_yaml_text(prq_yaml_find(from, PRQ_S(":git")));
    if (url.n == 0)
        return true;
    p->vcs_url = prq_arena_printf(r->arena, "git+%.*s%s%.*s", PRQ_FMT(url), commit.n ? "@" : "",
                                  PRQ_FMT(commit));
    return p->vcs_url.p != NULL;
}

/* False: memory ran out. */
static bool read_depends(const struct reader *r, const struct prq_yaml_node *list,
                         struct prq_package *p)
{
    size_t cap = 0;
    for (size_t i = 0; prq_yaml_is(list, PRQ_YAML_SEQ) && i < list->n; i++) {
        prq_str text = prq_yaml_text(list->items[i]);
        prq_str name = prq_str_trim(prq_str_head(text, prq_str_find(text, '(')));
        name = prq_str_head(name, prq_str_find(name, '/'));
        if (!prq_str_eq(name, p->name) && !prq_strs_add(&p->depends, &cap, name, r->arena))
            return false;
    }
    return true;
}

static bool put(struct reader *r, const struct prq_yaml_node *item, struct prq_err *err)
{
    bool has_depends = prq_yaml_is(item, PRQ_YAML_MAP) && item->n == 1;
    prq_str text = prq_yaml_text(has_depends ? item->pairs[0].key : item), name, version;
    if (!split(text, &name, &version)) {
        prq_loss_add(&r->loss, 0, "pod without a version");
        return true;
    }
    size_t root = prq_str_find(name, '/');
    struct prq_package p = {
        .type = PRQ_S("cocoapods"),
        .name = prq_str_head(name, root),
        .subpath = prq_str_from_at(name, root + 1),
        .version = version,
        .flags = PRQ_PKG_DECLARED,
    };
    if (p.name.n == 0) {
        prq_loss_add(&r->loss, 0, "pod without a name");
        return true;
    }
    if (!place(r, &p) || (has_depends && !read_depends(r, item->pairs[0].value, &p)))
        return prq_fail(err, PRQ_E_LIMIT, "too many pods");
    return prq_sink_package(r->sink, &p) || prq_sink_full(err);
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    const struct prq_yaml_doc *doc;
    if (!prq_yaml_parse(in->data, ctx->limits, ctx->scratch, &doc, err))
        return false;
    const struct prq_yaml_node *root = doc ? doc->root : NULL;
    const struct prq_yaml_node *pods = prq_yaml_find(root, PRQ_S("PODS"));
    struct reader r = {
        .arena = ctx->scratch,
        .external = prq_yaml_find(root, PRQ_S("EXTERNAL SOURCES")),
        .checkout = prq_yaml_find(root, PRQ_S("CHECKOUT OPTIONS")),
        .sink = sink,
    };
    prq_map_init(&r.externals, ctx->scratch);
    prq_map_init(&r.checkouts, ctx->scratch);
    if ((prq_yaml_is(r.external, PRQ_YAML_MAP) &&
         !prq_yaml_index(r.external, ctx->scratch, &r.externals)) ||
        (prq_yaml_is(r.checkout, PRQ_YAML_MAP) &&
         !prq_yaml_index(r.checkout, ctx->scratch, &r.checkouts)))
        return prq_fail(err, PRQ_E_LIMIT, "too many pods");
    /* A Podfile that asks for nothing has a lock file without pods, but never an empty one. */
    if (!prq_yaml_is(root, PRQ_YAML_MAP) || (pods && !prq_yaml_is(pods, PRQ_YAML_SEQ)))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "no list of pods");
    for (size_t i = 0; i < prq_yaml_count(pods); i++)
        if (!put(&r, pods->items[i], err))
            return false;
    return prq_loss_report(&r.loss, sink) || prq_sink_full(err);
}

const struct prq_analyzer prq_analyzer_cocoapods = {
    .name = "cocoapods",
    .purl_type = "cocoapods",
    .summary = "CocoaPods asked for: Podfile.lock",
    .revision = 1,
    .wants = wants,
    .run = run,
};
