/* SPDX-License-Identifier: Apache-2.0 */
/* R packages: DESCRIPTION files as they lie in libraries, and renv.lock.
 * Sources: "Writing R Extensions", "The DESCRIPTION file"; rstudio.github.io/renv, "Lockfiles";
 * catalog.md 4.9. R writes the field Built when it installs; sources do not have it. */
#include "analyze/analyze.h"
#include "analyze/lockgraph.h"
#include "format/json.h"
#include "format/stanza.h"

static const struct prq_want wants[] = {
    { .basename = PRQ_SI("DESCRIPTION"), .max_bytes = PRQ_MIB(4), .modes = PRQ_WANT_IMAGE },
    { .basename = PRQ_SI("renv.lock"), .max_bytes = PRQ_MIB(64), .modes = PRQ_WANT_SOURCE },
    { .max_bytes = 0 },
};

static bool full(struct prq_err *err)
{
    return prq_fail(err, PRQ_E_LIMIT, "too many dependencies");
}

static bool put(struct prq_sink *sink, struct prq_package *p, struct prq_err *err)
{
    p->type = PRQ_S("cran");
    return prq_sink_package(sink, p) || prq_sink_full(err);
}

/* ---- DESCRIPTION */

struct description {
    struct prq_package package;
    size_t license_cap, depend_cap;
    bool is_built;
};

/* "R (>= 3.5), methods, rlang (>= 1.0)". False: memory ran out. */
static bool read_depends(struct description *d, prq_str value, struct prq_arena *a)
{
    prq_str one;
    while (prq_str_split(&value, ',', &one)) {
        prq_str name = prq_str_trim(prq_str_head(one, prq_str_find(one, '(')));
        if (!prq_str_eq(name, PRQ_S("R")) &&
            !prq_strs_add(&d->package.depends, &d->depend_cap, name, a))
            return false;
    }
    return true;
}

static bool read_field(struct description *d, const struct prq_stanza_field *f, struct prq_arena *a)
{
    static const prq_str lists[] = { PRQ_SI("Depends"), PRQ_SI("Imports"), PRQ_SI("LinkingTo") };
    if (prq_str_eq(f->name, PRQ_S("Package")))
        d->package.name = f->value;
    else if (prq_str_eq(f->name, PRQ_S("Version")))
        d->package.version = f->value;
    else if (prq_str_eq(f->name, PRQ_S("Built")))
        d->is_built = true;
    else if (prq_str_eq(f->name, PRQ_S("License")))
        return prq_strs_add(&d->package.licenses, &d->license_cap, f->value, a);
    for (size_t i = 0; i < PRQ_COUNT(lists); i++)
        if (prq_str_eq(f->name, lists[i]))
            return read_depends(d, f->value, a);
    return true;
}

/* ".../library/NAME/DESCRIPTION", also of site-library. */
static bool is_in_library(prq_str path)
{
    return prq_str_ends(prq_path_dir(prq_path_dir(path)), PRQ_S("library"));
}

static bool run_description(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                            struct prq_err *err)
{
    struct description d = { 0 };
    struct prq_stanzas stanzas;
    struct prq_stanza_field f;
    bool is_installed = is_in_library(in->file->path);
    prq_stanzas_init(&stanzas, prq_str_of(in->data));
    if (prq_stanza_next(&stanzas))
        while (prq_stanza_field(&stanzas, &f))
            if (!read_field(&d, &f, ctx->scratch))
                return full(err);
    bool is_package = d.package.name.n && d.package.version.n;
    /* Other programs have files of that name too. */
    if (!is_package)
        return !is_installed || prq_fail_at(err, PRQ_E_FORMAT, 0, "no Package and Version");
    /* What lies deeper in a library are examples that its packages bring along. */
    bool is_inside = is_installed || prq_str_has(in->file->path, PRQ_S("library/"));
    if (!is_installed && !d.is_built && (is_inside || in->mode != PRQ_WANT_SOURCE))
        return true;
    if (!is_installed && !d.is_built)
        d.package.flags = PRQ_PKG_DECLARED | PRQ_PKG_APPLICATION;
    return put(sink, &d.package, err);
}

/* ---- renv.lock: {"Packages": {NAME: {"Package", "Version", "Source", "Repository", "RemoteHost",
 * "RemoteUsername", "RemoteRepo", "RemoteSha", "Requirements": [NAME, …]}}} */

struct locked {
    struct prq_package package;
    size_t depend_cap;
    prq_str source, repository, url, host, user, repo, commit;
};

/* False: memory ran out. */
static bool read_requirements(struct prq_json *j, struct locked *l)
{
    prq_str name;
    if (!prq_json_enter_array(j)) {
        prq_json_skip(j);
        return true;
    }
    while (prq_json_item(j))
        if (prq_json_string_or_skip(j, &name) && !prq_str_eq(name, PRQ_S("R")) &&
            !prq_strs_add(&l->package.depends, &l->depend_cap, name, j->arena))
            return false;
    return true;
}

static bool read_locked(struct prq_json *j, struct locked *l)
{
    const struct {
        prq_str key;
        prq_str *to;
    } texts[] = {
        { PRQ_SI("Package"), &l->package.name }, { PRQ_SI("Version"), &l->package.version },
        { PRQ_SI("Source"), &l->source },        { PRQ_SI("Repository"), &l->repository },
        { PRQ_SI("RemoteUrl"), &l->url },        { PRQ_SI("RemoteHost"), &l->host },
        { PRQ_SI("RemoteUsername"), &l->user },  { PRQ_SI("RemoteRepo"), &l->repo },
        { PRQ_SI("RemoteSha"), &l->commit },
    };
    prq_str key;
    while (prq_json_key(j, &key)) {
        size_t i = 0;
        while (i < PRQ_COUNT(texts) && !prq_str_eq(key, texts[i].key))
            i++;
        if (i < PRQ_COUNT(texts))
            prq_json_string_or_skip(j, texts[i].to);
        else if (!prq_str_eq(key, PRQ_S("Requirements")))
            prq_json_skip(j);
        else if (!read_requirements(j, l))
            return false;
    }
    return true;
}

/* Where it comes from when not from a repository. False: memory ran out. */
static bool place(struct locked *l, struct prq_arena *a)
{
    bool is_github = prq_str_eq(l->source, PRQ_S("GitHub"));
    if (prq_str_eq(l->source, PRQ_S("Repository")) || l->commit.n == 0)
        return true;
    prq_str url = l->url;
    if (url.n == 0 && is_github && l->user.n && l->repo.n)
        url = prq_arena_printf(a, "https://github.com/%.*s/%.*s", PRQ_FMT(l->user),
                               PRQ_FMT(l->repo));
    if (!url.p || url.n == 0)
        return url.p || !is_github;
    l->package.vcs_url = prq_arena_printf(a, "git+%.*s@%.*s", PRQ_FMT(url), PRQ_FMT(l->commit));
    return l->package.vcs_url.p != NULL;
}

static bool read_packages(struct prq_json *j, struct prq_sink *sink, struct prq_err *err)
{
    prq_str name;
    while (prq_json_key(j, &name)) {
        struct locked l = { .package.flags = PRQ_PKG_DECLARED };
        if (!prq_json_enter_object(j)) {
            prq_json_skip(j);
            continue;
        }
        if (!read_locked(j, &l) || !place(&l, j->arena))
            return full(err);
        if (l.package.name.n == 0)
            l.package.name = name;
        /* Without a word on where it comes from a name says nothing. */
        bool has_origin = l.repository.n || l.package.vcs_url.n ||
                          prq_str_eq(l.source, PRQ_S("Bioconductor"));
        if (!j->bad && has_origin && l.package.name.n && !put(sink, &l.package, err))
            return false;
    }
    return true;
}

static bool run_renv(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                     struct prq_err *err)
{
    struct prq_json j;
    prq_str key;
    bool has_packages = false;
    prq_json_init(&j, prq_str_of(in->data), ctx->scratch, ctx->limits);
    if (prq_json_enter_object(&j))
        while (prq_json_key(&j, &key)) {
            if (!prq_str_eq(key, PRQ_S("Packages")) || !prq_json_enter_object(&j)) {
                prq_json_skip(&j);
                continue;
            }
            has_packages = true;
            if (!read_packages(&j, sink, err))
                return false;
        }
    else
        prq_json_skip(&j);
    return prq_json_end(&j, err) &&
           (has_packages || prq_fail_at(err, PRQ_E_FORMAT, 0, "no Packages"));
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    return prq_str_ends(in->file->path, PRQ_S("renv.lock")) ? run_renv(ctx, in, sink, err)
                                                            : run_description(ctx, in, sink, err);
}

const struct prq_analyzer prq_analyzer_rlang = {
    .name = "rlang",
    .purl_type = "cran",
    .summary = "R packages: installed libraries, renv.lock",
    .revision = 1,
    .wants = wants,
    .run = run,
};
