/* SPDX-License-Identifier: Apache-2.0 */
#include "image/image.h"

#include <unistd.h>

#include "image/opening.h"

void prq_blob_release(struct prq_blob *b)
{
    if (b->fd >= 0)
        close(b->fd);
    prq_stream_close(b->stream);
    *b = (struct prq_blob){ .fd = -1 };
}

static bool open_word(const struct prq_opening *o, enum prq_source_word word, bool is_sure,
                      struct prq_image *im, struct prq_err *err)
{
    switch (word) {
    case PRQ_FROM_REGISTRY:
        return prq_open_registry(o, im, err);
    case PRQ_FROM_OCI_DIR:
        return prq_open_oci_dir(o, im, err);
    case PRQ_FROM_OCI_ARCHIVE:
        return prq_open_archive(o, is_sure ? PRQ_ARCHIVE_OCI : PRQ_ARCHIVE_ANY, im, err);
    case PRQ_FROM_DOCKER_ARCHIVE:
        return prq_open_archive(o, is_sure ? PRQ_ARCHIVE_DOCKER : PRQ_ARCHIVE_ANY, im, err);
    case PRQ_FROM_SKOPEO_DIR:
        return prq_open_skopeo_dir(o, im, err);
    case PRQ_FROM_DIR:
        return prq_open_tree(o, PRQ_SOURCE_DIR, im, err);
    case PRQ_FROM_ROOTFS:
        return prq_open_tree(o, PRQ_SOURCE_ROOTFS, im, err);
    case PRQ_FROM_PURL:
    case PRQ_FROM_ANALYSIS:
    case PRQ_FROM_SBOM:
    case PRQ_FROM_REPORT:
        break;
    }
    return prq_fail(err, PRQ_E_USAGE, "not an image");
}

bool prq_image_open(struct prq_ctx *ctx, const struct prq_source_opts *opts,
                    struct prq_arena *arena, struct prq_image **out, struct prq_err *err)
{
    struct prq_opening o = { .ctx = ctx, .opts = opts, .arena = arena };
    enum prq_source_word word;
    bool is_sure;
    struct prq_image *im = prq_new(arena, struct prq_image);
    if (!im)
        return prq_fail(err, PRQ_E_NOMEM, "image");
    if (!prq_platform_parse(opts->platform, &o.platform, err) ||
        !prq_recognise(opts->argument, &word, &o.what, &is_sure, err))
        return false;
    im->kind = PRQ_SOURCE_IMAGE;
    im->name = prq_arena_copy(arena, opts->name.n ? opts->name : opts->argument);
    o.platform.os = prq_arena_copy(arena, o.platform.os);
    o.platform.architecture = prq_arena_copy(arena, o.platform.architecture);
    o.platform.variant = prq_arena_copy(arena, o.platform.variant);
    if (!im->name.p || !o.platform.os.p || !o.platform.architecture.p || !o.platform.variant.p)
        return prq_fail(err, PRQ_E_NOMEM, "image");
    struct prq_mark mark = prq_arena_mark(ctx->scratch);
    bool ok = open_word(&o, word, is_sure, im, err);
    prq_arena_rewind(ctx->scratch, mark);
    if (!ok) {
        prq_image_close(im);
        return prq_in(err, "%.*s", PRQ_FMT(im->name));
    }
    *out = im;
    return true;
}

void prq_image_close(struct prq_image *im)
{
    if (im && im->ops && im->ops->close)
        im->ops->close(im);
    if (im)
        im->ops = NULL;
}
