/* SPDX-License-Identifier: Apache-2.0 */
/* GitHub Actions that workflows and composite actions use.
 *
 *     .github/workflows/x.yml    jobs{id: {uses: REF, steps: [{uses: REF}]}}
 *     action.yml                 runs{steps: [{uses: REF}]}
 *     REF                        owner/repo[/path]@ref, ./local, docker://image
 *
 * The package is the repository; the path inside of it is the purl's subpath. The ref is a tag, a branch
 * or a commit and is kept as written. Source: GitHub's "Workflow syntax" and "Metadata syntax". */
#include "analyze/analyze.h"
#include "analyze/loss.h"
#include "lib/yaml.h"

#define WORKFLOW(end) \
    { .suffix = PRQ_SI(end), .contains = PRQ_SI(".github/workflows/"), .max_bytes = PRQ_MIB(4), \
      .modes = PRQ_WANT_SOURCE }
#define ACTION(name) \
    { .basename = PRQ_SI(name), .max_bytes = PRQ_MIB(4), .modes = PRQ_WANT_SOURCE }

static const struct prq_want wants[] = {
    WORKFLOW(".yml"),
    WORKFLOW(".yaml"),
    ACTION("action.yml"),
    ACTION("action.yaml"),
    { .max_bytes = 0 },
};

struct job {
    struct prq_sink *sink;
    struct prq_loss loss;
};

static bool put(struct job *j, const struct prq_yaml_node *uses)
{
    prq_str ref = prq_str_trim(prq_yaml_text(uses)), path, owner, repo, version = { 0 };
    if (ref.n == 0 || ref.p[0] == '.' || prq_str_starts(ref, PRQ_S("docker://")))
        return true;
    if (prq_str_has(ref, PRQ_S("${{"))) /* computed when it runs */
        return true;
    struct prq_package p = { .type = PRQ_S("github"), .flags = PRQ_PKG_DECLARED };
    if (!prq_str_rcut(ref, '@', &path, &version))
        path = ref;
    p.version = version;
    if (!prq_str_cut(path, '/', &owner, &repo) || owner.n == 0 || repo.n == 0) {
        prq_loss_add(&j->loss, 0, "uses: names no repository");
        return true;
    }
    p.name = path;
    prq_str name, sub;
    if (prq_str_cut(repo, '/', &name, &sub)) {
        p.subpath = sub;
        p.name = (prq_str){ path.p, owner.n + 1 + name.n };
    }
    return prq_sink_package(j->sink, &p);
}

static bool read_steps(struct job *j, const struct prq_yaml_node *steps)
{
    if (!prq_yaml_is(steps, PRQ_YAML_SEQ))
        return true;
    for (size_t i = 0; i < steps->n; i++)
        if (!put(j, prq_yaml_find(steps->items[i], PRQ_S("uses"))))
            return false;
    return true;
}

static bool read_document(struct job *j, const struct prq_yaml_node *root)
{
    const struct prq_yaml_node *jobs = prq_yaml_find(root, PRQ_S("jobs"));
    if (!read_steps(j, prq_yaml_find(prq_yaml_find(root, PRQ_S("runs")), PRQ_S("steps"))))
        return false;
    if (!prq_yaml_is(jobs, PRQ_YAML_MAP))
        return true;
    for (size_t i = 0; i < jobs->n; i++) {
        const struct prq_yaml_node *one = jobs->pairs[i].value;
        if (!put(j, prq_yaml_find(one, PRQ_S("uses"))) ||
            !read_steps(j, prq_yaml_find(one, PRQ_S("steps"))))
            return false;
    }
    return true;
}

/* action.yml is a common name: only what has "runs" is an action, and an action must have it. */
static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    const struct prq_yaml_doc *doc;
    if (!prq_yaml_parse(in->data, ctx->limits, ctx->scratch, &doc, err))
        return false;
    const struct prq_yaml_node *root = doc ? doc->root : NULL;
    if (root && root->kind != PRQ_YAML_MAP)
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "workflow is not a mapping");
    bool is_workflow = prq_str_has(in->file->path, PRQ_S(".github/workflows/"));
    bool is_action = prq_str_has(in->file->path, PRQ_S(".github/"));
    if (!is_workflow && is_action && root && !prq_yaml_find(root, PRQ_S("runs")))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "action without runs");
    struct job j = { .sink = sink };
    if (!read_document(&j, root))
        return prq_sink_full(err);
    return prq_loss_report(&j.loss, sink) || prq_sink_full(err);
}

const struct prq_analyzer prq_analyzer_githubactions = {
    .name = "githubactions",
    .purl_type = "github",
    .summary = "GitHub Actions used: .github/workflows, action.yml",
    .revision = 1,
    .wants = wants,
    .run = run,
};
