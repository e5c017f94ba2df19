/* SPDX-License-Identifier: Apache-2.0 */
/* Images in a tar: an OCI layout, or what `docker save` writes. One pass makes an index of members;
 * layers are then handed out as places in the file. A compressed archive, and one from a pipe, is
 * spooled to an unlinked file first. Source: platform.md 2. */
#include <fcntl.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "image/opening.h"
#include "image/tarindex.h"
#include "image/verify.h"
#include "io/source.h"
#include "lib/lib.h"

struct archive {
    int fd;
    struct prq_tarindex index;
    const struct prq_tar_member **layers; /* by layer; NULL: absent */
};

/* ---- the file */

static bool spool_into(struct prq_stream *s, const struct prq_limits *limits, int *fd,
                       uint64_t *size, struct prq_err *err)
{
    PRQ_STREAM top = NULL;
    return prq_decompress_stream(s, limits, &top, err) &&
           prq_spool(top, limits->image_bytes, fd, size, err);
}

/* A seekable file of the plain tar. Takes `fd`. */
static bool plain_tar(int fd, const struct prq_limits *limits, int *out, uint64_t *size,
                      struct prq_err *err)
{
    PRQ_FD int owned = fd;
    uint8_t head[16];
    struct stat st;
    if (fstat(owned, &st) < 0)
        return prq_fail(err, PRQ_E_IO, "stat archive");
    if (S_ISDIR(st.st_mode))
        return prq_fail(err, PRQ_E_USAGE, "is a directory, not an archive");
    if (!S_ISREG(st.st_mode))
        return spool_into(prq_pipe_stream(prq_fd_take(&owned)), limits, out, size, err);
    ssize_t n = pread(owned, head, sizeof head, 0);
    if (n < 0)
        return prq_fail(err, PRQ_E_IO, "read archive");
    if (prq_packing_of((prq_bytes){ head, (size_t)n }) != PRQ_PACKED_NOT)
        return spool_into(prq_fd_stream(owned, 0, UINT64_MAX), limits, out, size, err);
    *size = (uint64_t)st.st_size;
    *out = prq_fd_take(&owned);
    return true;
}

static bool open_file(const struct prq_opening *o, prq_str path, struct archive *ar,
                      struct prq_err *err)
{
    prq_str z = prq_arena_copy(o->ctx->scratch, path);
    uint64_t size;
    if (!z.p)
        return prq_fail(err, PRQ_E_NOMEM, "path");
    if (memchr(z.p, '\0', z.n))
        return prq_fail(err, PRQ_E_USAGE, "a path with a NUL inside");
    int fd = prq_str_eq(path, PRQ_S("-")) ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                          : open(z.p, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return prq_fail(err, PRQ_E_IO, "open %s", z.p);
    if (!plain_tar(fd, o->ctx->limits, &ar->fd, &size, err))
        return prq_in(err, "%s", z.p);
    struct prq_tar_bytes bytes = prq_tar_bytes_of_fd(&ar->fd, size);
    return prq_tarindex_read(&bytes, o->ctx->limits, o->arena, &ar->index, err) ||
           prq_in(err, "%s", z.p);
}

static bool read_member(const struct prq_opening *o, const struct archive *ar,
                        const struct prq_tar_member *m, prq_str *out, struct prq_err *err)
{
    PRQ_BUF b;
    prq_buf_init(&b, o->ctx->limits->manifest_bytes);
    PRQ_STREAM s = m->size > b.max ? NULL : prq_fd_stream(ar->fd, m->offset, m->size);
    if (!s)
        return prq_fail(err, m->size > b.max ? PRQ_E_LIMIT : PRQ_E_NOMEM,
                        "%.*s: larger than manifest_bytes", PRQ_FMT(m->path));
    if (!prq_stream_read_all(s, &b, err))
        return prq_in(err, "%.*s", PRQ_FMT(m->path));
    *out = prq_arena_copy(o->arena, prq_buf_view(&b));
    return out->p || prq_fail(err, PRQ_E_NOMEM, "archive");
}

/* ---- layers */

static bool open_layer(struct prq_image *im, size_t index, struct prq_blob *out,
                       struct prq_err *err)
{
    const struct archive *ar = im->state;
    const struct prq_image_layer *layer = &im->layers[index];
    const struct prq_tar_member *m = ar->layers[index];
    if (!m)
        return prq_fail(err, PRQ_E_UNSUPPORTED, "layer %zu is not in the archive", index);
    int fd = fcntl(ar->fd, F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        return prq_fail(err, PRQ_E_IO, "layer %zu", index);
    *out = (struct prq_blob){ .fd = fd,
                              .offset = m->offset,
                              .length = m->size,
                              .digest = layer->digest,
                              .size = m->size,
                              .diff_id = layer->diff_id };
    return true;
}

static void close_archive(struct prq_image *im)
{
    struct archive *ar = im->state;
    if (ar && ar->fd >= 0)
        close(ar->fd);
    if (ar)
        ar->fd = -1;
}

static const struct prq_image_ops archive_ops = { open_layer, close_archive };

/* ---- OCI archive */

struct oci {
    const struct prq_opening *o;
    const struct archive *ar;
};

static const struct prq_tar_member *find_blob(const struct archive *ar, prq_str digest)
{
    enum prq_digest_alg alg;
    prq_str hex;
    char name[160];
    if (!prq_digest_parse(digest, &alg, &hex))
        return NULL;
    int n = snprintf(name, sizeof name, "blobs/%s/%.*s", alg == PRQ_SHA512 ? "sha512" : "sha256",
                     PRQ_FMT(hex));
    return prq_tarindex_find(&ar->index, (prq_str){ name, (size_t)n });
}

static bool read_blob(void *user, const struct prq_descriptor *d, bool is_manifest,
                      struct prq_buf *out, prq_str *content_type, struct prq_err *err)
{
    const struct oci *oci = user;
    prq_str bytes;
    (void)is_manifest;
    (void)content_type;
    const struct prq_tar_member *m = find_blob(oci->ar, d->digest);
    if (!m)
        return prq_fail(err, PRQ_E_FORMAT, "%.*s is not in the archive", PRQ_FMT(d->digest));
    if (!read_member(oci->o, oci->ar, m, &bytes, err))
        return false;
    return prq_buf_str(out, bytes) || prq_fail(err, PRQ_E_LIMIT, "larger than manifest_bytes");
}

static bool has_blob(void *user, const struct prq_descriptor *d)
{
    const struct oci *oci = user;
    return find_blob(oci->ar, d->digest) != NULL;
}

static bool place_oci_layers(const struct prq_opening *o, struct archive *ar, struct prq_image *im,
                             struct prq_err *err)
{
    ar->layers = prq_new_n(o->arena, const struct prq_tar_member *, im->layer_count);
    if (!ar->layers)
        return prq_fail(err, PRQ_E_NOMEM, "layers");
    for (size_t i = 0; i < im->layer_count; i++) {
        if (im->layers[i].is_absent)
            continue;
        const struct prq_tar_member *m = find_blob(ar, im->layers[i].digest);
        if (!m)
            return prq_fail(err, PRQ_E_FORMAT, "layer %zu: %.*s is not in the archive", i,
                            PRQ_FMT(im->layers[i].digest));
        if (m->size != im->layers[i].size)
            return prq_fail(err, PRQ_E_FORMAT, "layer %zu has %llu bytes, its descriptor says %llu",
                            i, (unsigned long long)m->size,
                            (unsigned long long)im->layers[i].size);
        ar->layers[i] = m;
    }
    return true;
}

static bool open_oci(const struct prq_opening *o, struct archive *ar, prq_str name,
                     struct prq_image *im, struct prq_err *err)
{
    struct oci oci = { o, ar };
    struct prq_blob_reader blobs = { read_blob, has_blob, &oci };
    prq_str index;
    const struct prq_tar_member *m = prq_tarindex_find(&ar->index, PRQ_S("index.json"));
    if (!m)
        return prq_fail(err, PRQ_E_FORMAT, "no index.json: not an OCI archive");
    return read_member(o, ar, m, &index, err) &&
           prq_resolve_layout(o, &blobs, index, name, im, err) &&
           place_oci_layers(o, ar, im, err);
}

/* ---- docker save */

static bool has_tag(const struct prq_saved_image *im, prq_str name)
{
    prq_str before, tag;
    for (size_t i = 0; i < im->tag_count; i++) {
        if (prq_str_eq(im->tags[i], name))
            return true;
        /* "repository:tag" answers to its tag too. */
        if (prq_str_rcut(im->tags[i], ':', &before, &tag) && prq_str_eq(tag, name))
            return true;
    }
    return false;
}

/* "alpine" means "alpine:latest" to docker; "@sha256:…" is the image id. */
static bool is_named(const struct prq_saved_image *im, prq_str name)
{
    prq_str hex = prq_str_from_at(name, prq_str_find(name, ':') + 1);
    if (prq_str_starts(name, PRQ_S("@")))
        return hex.n >= 64 && prq_str_has(im->config, hex);
    return has_tag(im, name);
}

static bool fail_several(const struct prq_saved_image *images, size_t n, prq_str name,
                         struct prq_err *err)
{
    PRQ_BUF b;
    prq_buf_init(&b, 380);
    for (size_t i = 0; i < n && !b.bad; i++) {
        size_t keep = b.n;
        prq_str shown = images[i].tag_count ? images[i].tags[0] : images[i].config;
        prq_buf_printf(&b, "%s%.*s", i ? ", " : "", PRQ_FMT(shown));
        if (b.bad)
            b.n = keep;
    }
    const char *more = b.bad ? ", …" : "";
    if (name.n)
        return prq_fail(err, PRQ_E_UNSUPPORTED, "no image %.*s; there are: %.*s%s",
                        PRQ_FMT(prq_str_head(name, 100)), PRQ_FMT(prq_buf_view(&b)), more);
    return prq_fail(err, PRQ_E_USAGE, "several images; name one of: %.*s%s",
                    PRQ_FMT(prq_buf_view(&b)), more);
}

static bool choose_saved(const struct prq_saved_image *images, size_t n, prq_str name,
                         const struct prq_saved_image **out, struct prq_err *err)
{
    if (n == 0)
        return prq_fail(err, PRQ_E_FORMAT, "manifest.json lists no image");
    if (name.n == 0 && n == 1) {
        *out = &images[0];
        return true;
    }
    for (size_t i = 0; name.n && i < n; i++)
        if (is_named(&images[i], name)) {
            *out = &images[i];
            return true;
        }
    return fail_several(images, n, name, err);
}

/* The digest that a member's name promises: blobs/sha256/HEX, and Kaniko's sha256:HEX. */
static prq_str promised_digest(prq_str path, struct prq_arena *a)
{
    enum prq_digest_alg alg;
    prq_str hex, base = prq_path_base(path);
    prq_str digest = base;
    if (prq_str_starts(path, PRQ_S("blobs/")))
        digest = prq_arena_printf(a, "%.*s:%.*s",
                                  PRQ_FMT(prq_path_base(prq_path_dir(path))), PRQ_FMT(base));
    return prq_digest_parse(digest, &alg, &hex) ? prq_arena_copy(a, digest) : (prq_str){ 0 };
}

static bool place_saved_layers(const struct prq_opening *o, struct archive *ar,
                               const struct prq_saved_image *saved,
                               const struct prq_image_config *config, struct prq_image *im,
                               struct prq_err *err)
{
    if (config->diff_id_count != saved->layer_count)
        return prq_fail(err, PRQ_E_FORMAT, "config lists %zu layers, manifest.json %zu",
                        config->diff_id_count, saved->layer_count);
    im->layer_count = saved->layer_count;
    im->layers = prq_new_n(o->arena, struct prq_image_layer, im->layer_count);
    ar->layers = prq_new_n(o->arena, const struct prq_tar_member *, im->layer_count);
    if (!im->layers || !ar->layers)
        return prq_fail(err, PRQ_E_NOMEM, "layers");
    for (size_t i = 0; i < im->layer_count; i++) {
        const struct prq_tar_member *m = prq_tarindex_find(&ar->index, saved->layers[i]);
        im->layers[i].diff_id = config->diff_ids[i];
        if (!m) {
            /* docker leaves foreign layers out of what it saves. */
            im->layers[i].is_absent = true;
            prq_str why = prq_arena_printf(o->ctx->scratch, "manifest.json names the layer %.*s, but it "
                                           "is not in the archive: nothing of it was read",
                                           PRQ_FMT(prq_str_head(im->layers[i].diff_id, 140)));
            if (!prq_image_add_gap(im, o->arena, "foreign-layer", (uint32_t)i, saved->layers[i], why))
                return prq_fail(err, PRQ_E_NOMEM, "gaps");
            continue;
        }
        if (m->size > o->ctx->limits->blob_bytes)
            return prq_fail(err, PRQ_E_LIMIT, "layer %zu is larger than blob_bytes", i);
        ar->layers[i] = m;
        im->layers[i].digest = promised_digest(m->path, o->arena);
        im->layers[i].size = m->size;
    }
    return true;
}

/* What newer engines write beside manifest.json: the registry's manifest with its digest. Only a
 * manifest that is there, verified and for this very config tells us anything. */
static void find_manifest(const struct prq_opening *o, const struct archive *ar,
                          struct prq_image *im)
{
    struct oci oci = { o, ar };
    struct prq_blob_reader blobs = { read_blob, has_blob, &oci };
    struct prq_opening plain = *o;
    struct prq_manifest top;
    prq_str bytes;
    const struct prq_tar_member *m = prq_tarindex_find(&ar->index, PRQ_S("index.json"));
    if (!m || !read_member(o, ar, m, &bytes, NULL) ||
        !prq_manifest_parse(bytes, (prq_str){ 0 }, o->arena, o->ctx->limits, &top, NULL) ||
        !top.is_index)
        return;
    for (size_t i = 0; i < top.count; i++) {
        struct prq_image found = { 0 };
        if (!prq_descriptor_is_image(&top.items[i]) ||
            !prq_resolve(&plain, &blobs, &top.items[i], &found, NULL) ||
            !prq_str_eq(found.id, im->id) || found.layer_count != im->layer_count)
            continue;
        im->digest = found.digest;
        im->media_type = found.media_type;
        im->base_name = found.base_name;
        im->base_digest = found.base_digest;
        return;
    }
}

static bool open_saved(const struct prq_opening *o, struct archive *ar, prq_str name,
                       struct prq_image *im, struct prq_err *err)
{
    struct prq_saved_image *images;
    const struct prq_saved_image *saved;
    struct prq_image_config config;
    size_t count;
    prq_str bytes;
    const struct prq_tar_member *m = prq_tarindex_find(&ar->index, PRQ_S("manifest.json"));
    if (!m)
        return prq_fail(err, PRQ_E_FORMAT, "no manifest.json: not a docker archive");
    if (!read_member(o, ar, m, &bytes, err))
        return false;
    if (!prq_saved_images_parse(bytes, o->arena, o->ctx->limits, &images, &count, err))
        return prq_in(err, "manifest.json");
    if (!choose_saved(images, count, name, &saved, err))
        return false;
    m = prq_tarindex_find(&ar->index, saved->config);
    if (!m)
        return prq_fail(err, PRQ_E_FORMAT, "config %.*s is not in the archive",
                        PRQ_FMT(prq_str_head(saved->config, 200)));
    prq_str promised = promised_digest(m->path, o->arena);
    if (!read_member(o, ar, m, &im->config, err) ||
        (promised.n && !prq_verify(im->config, promised, UINT64_MAX, err)) ||
        !prq_digest_of(im->config, o->arena, &im->id, err) ||
        !prq_image_config_parse(im->config, o->arena, o->ctx->limits, &config, err))
        return prq_in(err, "image config");
    if (!prq_check_platform(o, &config, err))
        return false;
    for (size_t i = 0; i < saved->tag_count; i++)
        if (!prq_image_add_tag(im, o->arena, saved->tags[i]))
            return prq_fail(err, PRQ_E_NOMEM, "tags");
    if (!place_saved_layers(o, ar, saved, &config, im, err))
        return false;
    find_manifest(o, ar, im);
    return true;
}

bool prq_open_archive(const struct prq_opening *o, enum prq_archive_kind kind,
                      struct prq_image *im, struct prq_err *err)
{
    struct archive *ar = prq_new(o->arena, struct archive);
    prq_str path, name;
    if (!ar)
        return prq_fail(err, PRQ_E_NOMEM, "archive");
    ar->fd = -1;
    im->state = ar;
    im->ops = &archive_ops;
    prq_split_path(o->what, &path, &name);
    if (!open_file(o, path, ar, err))
        return false;
    bool is_saved = prq_tarindex_find(&ar->index, PRQ_S("manifest.json")) != NULL;
    bool is_oci = prq_tarindex_find(&ar->index, PRQ_S("index.json")) != NULL;
    if (kind == PRQ_ARCHIVE_ANY && !is_saved && !is_oci)
        return prq_fail(err, PRQ_E_USAGE, "%.*s holds no image: neither manifest.json nor "
                        "index.json is in it", PRQ_FMT(path));
    /* Both: docker's list has the names that people gave. */
    if (kind == PRQ_ARCHIVE_DOCKER || (kind == PRQ_ARCHIVE_ANY && is_saved))
        return open_saved(o, ar, name, im, err);
    return open_oci(o, ar, name, im, err);
}
