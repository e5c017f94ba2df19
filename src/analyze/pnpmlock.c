/* SPDX-License-Identifier: Apache-2.0 */
/* pnpm-lock.yaml. Source: pnpm/spec, "lockfile" 5 to 9. The key of a package says what it is:
 *
 *     5  /a/1.2.3  /@s/a/1.2.3_peer@4.5.6
 *     6  /a@1.2.3  /@s/a@1.2.3(peer@4.5.6)
 *     9  a@1.2.3, and below "snapshots" a@1.2.3(peer@4.5.6) with what it depends on
 *
 * Versions 5 and 6 mark what only development needs; in version 9 it is what cannot be reached from
 * the "dependencies" of an importer. What comes from elsewhere has an address for a version or for
 * the whole key, and the version in a field. */
#include "analyze/lockgraph.h"
#include "analyze/loss.h"
#include "analyze/nodelock.h"
#include "base/map.h"
#include "lib/yaml.h"

struct reader {
    struct prq_arena *arena;
    struct prq_lockgraph graph;
    struct prq_map index; /* "a@1.2.3" to the number of the package */
    unsigned major;
    struct prq_loss loss;
};

static prq_str without_peers(prq_str s)
{
    return prq_str_head(s, prq_str_find(s, '('));
}

static bool split_key(const struct reader *r, prq_str key, prq_str *name, prq_str *version)
{
    bool is_rooted = key.n && key.p[0] == '/';
    if (is_rooted)
        key = prq_str_from_at(key, 1);
    if (r->major >= 6)
        return (is_rooted || r->major >= 9) && prq_npm_split(without_peers(key), name, version);
    if (!is_rooted || !prq_str_rcut(key, '/', name, version))
        return false;
    *version = prq_str_head(*version, prq_str_find(*version, '_'));
    return true;
}

static bool add_depends(const struct prq_yaml_node *entry, struct prq_package *p, size_t *cap,
                        struct prq_arena *a)
{
    static const prq_str lists[] = { PRQ_SI("dependencies"), PRQ_SI("optionalDependencies") };
    for (size_t i = 0; i < PRQ_COUNT(lists); i++) {
        const struct prq_yaml_node *list = prq_yaml_find(entry, lists[i]);
        for (size_t k = 0; prq_yaml_is(list, PRQ_YAML_MAP) && k < list->n; k++)
            if (!prq_strs_add(&p->depends, cap, prq_yaml_text(list->pairs[k].key), a))
                return false;
    }
    return true;
}

static bool add_package(struct reader *r, const struct prq_yaml_pair *pair)
{
    const struct prq_yaml_node *entry = pair->value;
    prq_str key = prq_yaml_text(pair->key), spec = { 0 };
    struct prq_package p = { 0 };
    size_t cap = 0;
    bool added;
    if (split_key(r, key, &p.name, &spec))
        prq_npm_specify(&p, spec);
    /* Only what the key does not tell is written out. */
    prq_str name = prq_yaml_text(prq_yaml_find(entry, PRQ_S("name")));
    prq_str version = prq_yaml_text(prq_yaml_find(entry, PRQ_S("version")));
    p.name = name.n ? name : p.name;
    p.version = version.n ? version : p.version;
    if (p.name.n == 0) {
        prq_loss_add(&r->loss, 0, "package without a name");
        return true;
    }
    if (prq_str_eq(prq_yaml_text(prq_yaml_find(entry, PRQ_S("dev"))), PRQ_S("true")))
        p.flags = PRQ_PKG_DEV;
    if (!add_depends(entry, &p, &cap, r->arena))
        return false;
    prq_npm_declare(&p);
    prq_str known_as = without_peers(key);
    return prq_map_put(&r->index, known_as, r->graph.count, &added) &&
           prq_lockgraph_add(&r->graph, &p, known_as);
}

/* ---- version 9: who needs whom */

/* What "name: reference" stands for: a reference that brings its own name (an alias, an address
 * with one) is the key, else the name goes in front. As pnpm's refToRelative does. */
static prq_str key_of(prq_str name, prq_str reference, struct prq_arena *a)
{
    size_t at = prq_str_find(reference, '@'), colon = prq_str_find(reference, ':');
    size_t bracket = prq_str_find(reference, '(');
    if (at == 0 || (at < reference.n && at < colon && at < bracket))
        return without_peers(reference);
    return prq_arena_printf(a, "%.*s@%.*s", PRQ_FMT(name), PRQ_FMT(without_peers(reference)));
}

/* Of the lists in `entry`; `package`: whose edges they are, or SIZE_MAX for the roots. */
static bool add_edges(struct reader *r, const struct prq_yaml_node *entry, size_t package)
{
    static const prq_str lists[] = { PRQ_SI("dependencies"), PRQ_SI("optionalDependencies") };
    for (size_t i = 0; i < PRQ_COUNT(lists); i++) {
        const struct prq_yaml_node *list = prq_yaml_find(entry, lists[i]);
        for (size_t k = 0; prq_yaml_is(list, PRQ_YAML_MAP) && k < list->n; k++) {
            prq_str name = prq_yaml_text(list->pairs[k].key);
            const struct prq_yaml_node *value = list->pairs[k].value;
            if (prq_yaml_is(value, PRQ_YAML_MAP))
                value = prq_yaml_find(value, PRQ_S("version"));
            prq_str key = key_of(name, prq_yaml_text(value), r->arena);
            if (!key.p || !(package == SIZE_MAX ? prq_lockgraph_root(&r->graph, key)
                                                : prq_lockgraph_edge(&r->graph, package, key)))
                return false;
            if (package != SIZE_MAX &&
                !prq_lockgraph_depend(&r->graph, package, name))
                return false;
        }
    }
    return true;
}

static bool add_graph(struct reader *r, const struct prq_yaml_node *root)
{
    const struct prq_yaml_node *importers = prq_yaml_find(root, PRQ_S("importers"));
    const struct prq_yaml_node *snapshots = prq_yaml_find(root, PRQ_S("snapshots"));
    r->graph.has_roots = r->graph.has_roots || prq_yaml_is(importers, PRQ_YAML_MAP);
    for (size_t i = 0; prq_yaml_is(importers, PRQ_YAML_MAP) && i < importers->n; i++)
        if (!add_edges(r, importers->pairs[i].value, SIZE_MAX))
            return false;
    for (size_t i = 0; prq_yaml_is(snapshots, PRQ_YAML_MAP) && i < snapshots->n; i++) {
        prq_str key = without_peers(prq_yaml_text(snapshots->pairs[i].key));
        const size_t *at = prq_map_find(&r->index, key);
        if (at && !add_edges(r, snapshots->pairs[i].value, *at))
            return false;
    }
    return true;
}

static bool read_document(struct reader *r, const struct prq_yaml_node *root, struct prq_err *err)
{
    const struct prq_yaml_node *packages = prq_yaml_find(root, PRQ_S("packages"));
    prq_str version = prq_yaml_text(prq_yaml_find(root, PRQ_S("lockfileVersion")));
    uint64_t major = 0;
    if (!prq_str_u64(prq_str_head(version, prq_str_find(version, '.')), &major))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "no lockfileVersion");
    if (major < 5 || major > 9)
        return prq_fail(err, PRQ_E_UNSUPPORTED, "lockfileVersion %.*s", PRQ_FMT(version));
    r->major = (unsigned)major;
    prq_map_init(&r->index, r->arena);
    for (size_t i = 0; prq_yaml_is(packages, PRQ_YAML_MAP) && i < packages->n; i++)
        if (!add_package(r, &packages->pairs[i]))
            return prq_fail(err, PRQ_E_LIMIT, "too many packages");
    if (major >= 9 && !add_graph(r, root))
        return prq_fail(err, PRQ_E_LIMIT, "too many dependencies");
    return true;
}

bool prq_pnpmlock_read(struct prq_ctx *ctx, prq_str text, struct prq_sink *sink,
                       struct prq_err *err)
{
    const struct prq_yaml_doc *doc;
    struct reader r = { .arena = ctx->scratch };
    prq_lockgraph_init(&r.graph, ctx->scratch);
    if (!prq_yaml_parse(prq_bytes_of(text), ctx->limits, ctx->scratch, &doc, err))
        return false;
    for (; doc; doc = doc->next)
        if (!read_document(&r, doc->root, err))
            return false;
    if (!prq_lockgraph_put(&r.graph, sink, err))
        return false;
    return prq_loss_report(&r.loss, sink) || prq_sink_full(err);
}
