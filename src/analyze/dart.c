/* SPDX-License-Identifier: Apache-2.0 */
/* Dart: pubspec.lock, and the project's own pubspec.yaml. Source: dart.dev, "The pubspec file" and
 * "Package dependencies"; catalog.md 4.9:
 *
 *     packages:
 *       NAME:
 *         dependency: "direct main" | "direct dev" | "transitive" | …
 *         source: hosted | git | sdk | path
 *         description: {name, url, sha256} | {url, ref, resolved-ref, path} | sdk's name | {path}
 *         version: "6.0.1" */
#include "analyze/analyze.h"
#include "lib/yaml.h"

static const struct prq_want wants[] = {
    { .basename = PRQ_SI("pubspec.lock"), .max_bytes = PRQ_MIB(16), .modes = PRQ_WANT_SOURCE },
    { .basename = PRQ_SI("pubspec.yaml"), .max_bytes = PRQ_MIB(4), .modes = PRQ_WANT_SOURCE },
    { .basename = PRQ_SI("pubspec.yml"), .max_bytes = PRQ_MIB(4), .modes = PRQ_WANT_SOURCE },
    { .max_bytes = 0 },
};

/* One text as a list of its own. False: memory ran out. */
static bool only(struct prq_strs *list, struct prq_arena *a, const char *start, prq_str text)
{
    *list = (struct prq_strs){ prq_new(a, prq_str), 1 };
    if (!list->v)
        return false;
    list->v[0] = prq_arena_printf(a, "%s%.*s", start, PRQ_FMT(text));
    return list->v[0].p != NULL;
}

static bool is_public(prq_str url)
{
    while (url.n && url.p[url.n - 1] == '/')
        url.n--;
    return url.n == 0 || prq_str_ends(url, PRQ_S("://pub.dev")) ||
           prq_str_ends(url, PRQ_S("://pub.dartlang.org"));
}

static bool place(struct prq_package *p, prq_str source, const struct prq_yaml_node *d,
                  struct prq_arena *a)
{
    prq_str url = prq_yaml_text(prq_yaml_find(d, PRQ_S("url")));
    if (prq_str_eq(source, PRQ_S("path")))
        p->flags |= PRQ_PKG_APPLICATION;
    else if (prq_str_eq(source, PRQ_S("sdk")))
        p->flags |= PRQ_PKG_NO_MATCH; /* a part of the SDK: its version is 0.0.0, always */
    if (prq_str_eq(source, PRQ_S("git")) && url.n) {
        prq_str ref = prq_yaml_text(prq_yaml_find(d, PRQ_S("resolved-ref")));
        p->vcs_url = prq_arena_printf(a, "git+%.*s%s%.*s", PRQ_FMT(url), ref.n ? "@" : "",
                                      PRQ_FMT(ref));
        return p->vcs_url.p != NULL;
    }
    if (!prq_str_eq(source, PRQ_S("hosted")))
        return true;
    prq_str name = prq_yaml_text(prq_yaml_find(d, PRQ_S("name")));
    prq_str sum = prq_yaml_text(prq_yaml_find(d, PRQ_S("sha256")));
    if (name.n)
        p->name = name;
    return (sum.n != 64 || only(&p->digests, a, "sha256:", sum)) &&
           (is_public(url) || only(&p->qualifiers, a, "repository_url=", url));
}

static bool run_lock(const struct prq_yaml_node *root, struct prq_arena *a, struct prq_sink *sink,
                     struct prq_err *err)
{
    const struct prq_yaml_node *packages = prq_yaml_find(root, PRQ_S("packages"));
    if (!prq_yaml_is(packages, PRQ_YAML_MAP))
        return prq_yaml_is_null(packages) || prq_fail_at(err, PRQ_E_FORMAT, 0, "no packages");
    for (size_t i = 0; i < packages->n; i++) {
        const struct prq_yaml_node *entry = packages->pairs[i].value;
        prq_str wish = prq_yaml_text(prq_yaml_find(entry, PRQ_S("dependency")));
        struct prq_package p = {
            .type = PRQ_S("pub"),
            .name = prq_yaml_text(packages->pairs[i].key),
            .version = prq_yaml_text(prq_yaml_find(entry, PRQ_S("version"))),
            .flags = PRQ_PKG_DECLARED | (prq_str_eq(wish, PRQ_S("direct dev")) ? PRQ_PKG_DEV : 0),
        };
        if (!place(&p, prq_yaml_text(prq_yaml_find(entry, PRQ_S("source"))),
                   prq_yaml_find(entry, PRQ_S("description")), a))
            return prq_fail(err, PRQ_E_LIMIT, "too many packages");
        if (p.name.n && !prq_sink_package(sink, &p))
            return prq_sink_full(err);
    }
    return true;
}

static bool run_pubspec(const struct prq_yaml_node *root, struct prq_sink *sink,
                        struct prq_err *err)
{
    const struct prq_package p = {
        .type = PRQ_S("pub"),
        .name = prq_yaml_text(prq_yaml_find(root, PRQ_S("name"))),
        .version = prq_yaml_text(prq_yaml_find(root, PRQ_S("version"))),
        .flags = PRQ_PKG_DECLARED | PRQ_PKG_APPLICATION,
    };
    if (p.name.n == 0)
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "no name");
    return p.version.n == 0 || prq_sink_package(sink, &p) || prq_sink_full(err);
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    const struct prq_yaml_doc *doc;
    /* What pub has fetched is told by the lock file. */
    if (prq_str_has(in->file->path, PRQ_S(".pub-cache/")))
        return true;
    if (!prq_yaml_parse(in->data, ctx->limits, ctx->scratch, &doc, err))
        return false;
    const struct prq_yaml_node *root = doc ? doc->root : NULL;
    return prq_str_ends(in->file->path, PRQ_S(".lock")) ? run_lock(root, ctx->scratch, sink, err)
                                                        : run_pubspec(root, sink, err);
}

const struct prq_analyzer prq_analyzer_dart = {
    .name = "dart",
    .purl_type = "pub",
    .summary = "Dart packages asked for: pubspec.lock, pubspec.yaml",
    .revision = 1,
    .wants = wants,
    .run = run,
};
