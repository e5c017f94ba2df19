/* SPDX-License-Identifier: Apache-2.0 */
/* Snaps, and the Ubuntu packages that they were made of:
 *
 *     …/meta/snap.yaml                       the snap itself
 *     …/usr/share/snappy/dpkg.yaml           a base snap's packages: "name=version"
 *     …/snap/manifest.yaml                   those staged into a snap: primed-stage-packages
 *     …/snap/snapcraft.yaml                  the recipe kept in the snap: stage-packages
 *     …/doc/linux-modules-X/changelog.Debian.gz   a kernel snap's kernel
 *
 * Sources: snapcraft documentation, "snap.yaml", "Snapcraft manifest"; catalog.md 3.9. */
#include "analyze/analyze.h"

#include "analyze/loss.h"
#include "base/buf.h"
#include "lib/lib.h"
#include "lib/yaml.h"

struct snap {
    struct prq_ctx *ctx;
    struct prq_sink *sink;
    struct prq_err *err;
    prq_str arch, distro;
};

static prq_str text_of(const struct prq_yaml_node *map, const char *key)
{
    return prq_yaml_text(prq_yaml_find(map, prq_str_from(key)));
}

/* The first of `architectures`: names, or from snapcraft 8 on maps with a build-for. */
static prq_str arch_of(const struct prq_yaml_node *root)
{
    const struct prq_yaml_node *list = prq_yaml_find(root, PRQ_S("architectures"));
    if (!prq_yaml_is(list, PRQ_YAML_SEQ) || list->n == 0)
        return (prq_str){ 0 };
    prq_str arch = prq_yaml_text(list->items[0]);
    return prq_str_eq(arch, PRQ_S("all")) ? (prq_str){ 0 } : arch;
}

/* "name=version", "name:arch=version". Those without a version are wishes of a recipe. */
static bool put_deb(struct snap *s, prq_str text)
{
    prq_str name, version, arch = s->arch;
    if (!prq_str_cut(text, '=', &name, &version) || !name.n || !version.n)
        return true;
    prq_str_cut(name, ':', &name, &arch);
    const struct prq_package p = { .type = PRQ_S("deb"), .ns = PRQ_S("ubuntu"), .name = name,
                                   .version = version, .arch = arch, .distro = s->distro };
    return prq_sink_package(s->sink, &p) || prq_sink_full(s->err);
}

static bool put_debs(struct snap *s, const struct prq_yaml_node *list)
{
    for (size_t i = 0; prq_yaml_is(list, PRQ_YAML_SEQ) && i < list->n; i++)
        if (!put_deb(s, prq_yaml_text(list->items[i])))
            return false;
    return true;
}

static bool put_parts(struct snap *s, const struct prq_yaml_node *parts)
{
    for (size_t i = 0; prq_yaml_is(parts, PRQ_YAML_MAP) && i < parts->n; i++)
        if (!put_debs(s, prq_yaml_find(parts->pairs[i].value, PRQ_S("stage-packages"))))
            return false;
    return true;
}

/* "ubuntu-24.04" of a manifest; "core22" is made of 22.04. */
static void find_distro(struct snap *s, const struct prq_yaml_node *root)
{
    prq_str id = text_of(root, "snapcraft-os-release-id");
    prq_str version = text_of(root, "snapcraft-os-release-version-id");
    prq_str base = text_of(root, "base");
    uint64_t year;
    if (!base.n)
        base = text_of(root, "name");
    if (id.n && version.n)
        s->distro = prq_arena_printf(s->ctx->scratch, "%.*s-%.*s", PRQ_FMT(id), PRQ_FMT(version));
    else if (prq_str_starts(base, PRQ_S("core")) && base.n == 6 &&
             prq_str_u64(prq_str_from_at(base, 4), &year))
        s->distro = prq_arena_printf(s->ctx->scratch, "ubuntu-%.*s.04",
                                     PRQ_FMT(prq_str_from_at(base, 4)));
}

static bool put_snap(struct snap *s, const struct prq_yaml_node *root)
{
    prq_str licence = text_of(root, "license");
    const struct prq_package p = { .type = PRQ_S("snap"),
                                   .name = text_of(root, "name"),
                                   .version = text_of(root, "version"),
                                   .licenses = { &licence, licence.n != 0 },
                                   .arch = arch_of(root) };
    if (!p.name.n)
        return prq_fail_at(s->err, PRQ_E_FORMAT, 0, "snap without a name");
    return prq_sink_package(s->sink, &p) || prq_sink_full(s->err);
}

/* "linux (5.4.0-195.215) focal; urgency=medium" */
static bool read_changelog(struct snap *s, const struct prq_input *in)
{
    PRQ_BUF text;
    prq_buf_init(&text, PRQ_MIB(64));
    if (!prq_gunzip_all(in->data, &text, s->err))
        return false;
    prq_str line = { 0 }, rest = prq_buf_view(&text), source, version;
    prq_str_line(&rest, &line);
    if (!prq_str_cut(line, '(', &source, &version) || !prq_str_cut(version, ')', &version, &rest) ||
        !version.n)
        return prq_fail_at(s->err, PRQ_E_FORMAT, 0, "changelog without a version");
    const struct prq_package p = { .type = PRQ_S("deb"),
                                   .ns = PRQ_S("ubuntu"),
                                   .name = prq_path_base(prq_path_dir(in->file->path)),
                                   .source_name = prq_str_trim(source),
                                   .version = version };
    return prq_sink_package(s->sink, &p) || prq_sink_full(s->err);
}

static bool read_yaml(struct snap *s, const struct prq_input *in)
{
    const struct prq_yaml_doc *doc;
    prq_str base = prq_path_base(in->file->path);
    if (!prq_yaml_parse(in->data, s->ctx->limits, s->ctx->scratch, &doc, s->err))
        return false;
    const struct prq_yaml_node *root = doc ? doc->root : NULL;
    if (!prq_yaml_is(root, PRQ_YAML_MAP))
        return prq_fail_at(s->err, PRQ_E_FORMAT, 0, "not a mapping");
    s->arch = arch_of(root);
    find_distro(s, root);
    if (prq_str_eq(base, PRQ_S("snap.yaml")))
        return put_snap(s, root);
    if (prq_str_eq(base, PRQ_S("dpkg.yaml")))
        return put_debs(s, prq_yaml_find(root, PRQ_S("packages"))) &&
               put_debs(s, prq_yaml_find(root, PRQ_S("package-list")));
    const struct prq_yaml_node *primed = prq_yaml_find(root, PRQ_S("primed-stage-packages"));
    return primed ? put_debs(s, primed) : put_parts(s, prq_yaml_find(root, PRQ_S("parts")));
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    struct snap s = { .ctx = ctx, .sink = sink, .err = err };
    if (!prq_str_ends(in->file->path, PRQ_S(".gz")))
        return read_yaml(&s, in);
    /* usr/share/doc is that of an image, whose package database tells more. */
    return prq_str_has(in->file->path, PRQ_S("share/doc/")) || read_changelog(&s, in);
}

static const struct prq_want wants[] = {
    { .suffix = PRQ_SI("/meta/snap.yaml"), .max_bytes = PRQ_MIB(4) },
    { .suffix = PRQ_SI("/usr/share/snappy/dpkg.yaml"), .max_bytes = PRQ_MIB(8) },
    { .suffix = PRQ_SI("/snap/manifest.yaml"), .max_bytes = PRQ_MIB(8) },
    { .suffix = PRQ_SI("/snap/snapcraft.yaml"), .max_bytes = PRQ_MIB(8) },
    { .basename = PRQ_SI("changelog.Debian.gz"), .contains = PRQ_SI("doc/linux-modules-"),
      .max_bytes = PRQ_MIB(16) },
    { .max_bytes = 0 },
};

const struct prq_analyzer prq_analyzer_snap = {
    .name = "snap",
    .purl_type = "deb",
    .summary = "snaps and the Ubuntu packages in them: snap.yaml, manifest.yaml, dpkg.yaml",
    .revision = 1,
    .wants = wants,
    .run = run,
};
