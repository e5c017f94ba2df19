/* SPDX-License-Identifier: Apache-2.0 */
/* Images in a directory: an OCI layout (oci-layout, index.json, blobs/ALG/HEX), and skopeo's "dir"
 * layout (manifest.json, version, blobs named HEX, manifests of an index HEX.manifest.json).
 * Source: image-spec, "Image Layout"; containers-transports(5), "dir:path". */
#include <fcntl.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "image/opening.h"
#include "io/source.h"
#include "lib/lib.h"

struct layout {
    int dirfd;
    bool is_skopeo;
};

/* A regular file by one name below dirfd, never through a link. */
static bool open_plain(int dirfd, const char *name, int *out, uint64_t *size, struct prq_err *err)
{
    PRQ_FD int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0)
        return prq_fail(err, PRQ_E_IO, "open %s", name);
    if (!S_ISREG(st.st_mode))
        return prq_fail(err, PRQ_E_FORMAT, "%s is not a regular file", name);
    *size = (uint64_t)st.st_size;
    *out = prq_fd_take(&fd);
    return true;
}

static int open_dir(int dirfd, const char *name)
{
    return openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static bool open_blob(const struct layout *l, prq_str digest, bool is_manifest, int *out,
                      uint64_t *size, struct prq_err *err)
{
    enum prq_digest_alg alg;
    prq_str hex;
    char name[160];
    /* The grammar leaves no slash and no dot to a name made from it. */
    if (!prq_digest_parse(digest, &alg, &hex))
        return prq_fail(err, PRQ_E_FORMAT, "not a digest: %.*s", PRQ_FMT(digest));
    if (l->is_skopeo) {
        snprintf(name, sizeof name, "%s%.*s%s", alg == PRQ_SHA512 ? "sha512-" : "", PRQ_FMT(hex),
                 is_manifest ? ".manifest.json" : "");
        return open_plain(l->dirfd, name, out, size, err);
    }
    snprintf(name, sizeof name, "%.*s", PRQ_FMT(hex));
    PRQ_FD int blobs = open_dir(l->dirfd, "blobs");
    if (blobs < 0)
        return prq_fail(err, PRQ_E_IO, "open blobs");
    PRQ_FD int algdir = open_dir(blobs, alg == PRQ_SHA512 ? "sha512" : "sha256");
    if (algdir < 0)
        return prq_fail(err, PRQ_E_IO, "open directory of %.*s", PRQ_FMT(digest));
    return open_plain(algdir, name, out, size, err) ||
           prq_in(err, "blob %.*s", PRQ_FMT(prq_str_head(digest, 19)));
}

static bool read_plain(int fd, uint64_t size, struct prq_buf *out, struct prq_err *err)
{
    PRQ_STREAM s = size > out->max ? NULL : prq_fd_stream(fd, 0, size);
    if (!s)
        return prq_fail(err, size > out->max ? PRQ_E_LIMIT : PRQ_E_NOMEM,
                        "%llu bytes are more than may be read here", (unsigned long long)size);
    return prq_stream_read_all(s, out, err);
}

static bool read_blob(void *user, const struct prq_descriptor *d, bool is_manifest,
                      struct prq_buf *out, prq_str *content_type, struct prq_err *err)
{
    PRQ_FD int fd = -1;
    uint64_t size;
    (void)content_type;
    return open_blob(user, d->digest, is_manifest, &fd, &size, err) &&
           read_plain(fd, size, out, err);
}

static bool has_blob(void *user, const struct prq_descriptor *d)
{
    PRQ_FD int fd = -1;
    uint64_t size;
    return open_blob(user, d->digest, false, &fd, &size, NULL);
}

static bool open_layer(struct prq_image *im, size_t index, struct prq_blob *out,
                       struct prq_err *err)
{
    const struct prq_image_layer *layer = &im->layers[index];
    PRQ_FD int fd = -1;
    uint64_t size;
    if (!open_blob(im->state, layer->digest, false, &fd, &size, err))
        return false;
    if (size != layer->size)
        return prq_fail(err, PRQ_E_FORMAT, "blob %.*s has %llu bytes, its descriptor says %llu",
                        PRQ_FMT(layer->digest), (unsigned long long)size,
                        (unsigned long long)layer->size);
    *out = (struct prq_blob){ .fd = prq_fd_take(&fd),
                              .length = size,
                              .digest = layer->digest,
                              .size = size,
                              .diff_id = layer->diff_id };
    return true;
}

static void close_layout(struct prq_image *im)
{
    struct layout *l = im->state;
    if (l && l->dirfd >= 0)
        close(l->dirfd);
    if (l)
        l->dirfd = -1;
}

static const struct prq_image_ops layout_ops = { open_layer, close_layout };

static bool start(const struct prq_opening *o, prq_str path, bool is_skopeo, struct prq_image *im,
                  struct prq_err *err)
{
    struct layout *l = prq_new(o->arena, struct layout);
    prq_str z = prq_arena_copy(o->ctx->scratch, path);
    if (!l || !z.p)
        return prq_fail(err, PRQ_E_NOMEM, "layout");
    if (memchr(z.p, '\0', z.n))
        return prq_fail(err, PRQ_E_USAGE, "a path with a NUL inside");
    /* The user's own path: links in it are theirs to follow. */
    l->dirfd = open(z.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    l->is_skopeo = is_skopeo;
    im->state = l;
    im->ops = &layout_ops;
    return l->dirfd >= 0 || prq_fail(err, PRQ_E_IO, "open directory %s", z.p);
}

static bool read_named(const struct prq_opening *o, const struct layout *l, const char *name,
                       struct prq_buf *b, struct prq_err *err)
{
    PRQ_FD int fd = -1;
    uint64_t size;
    prq_buf_init(b, o->ctx->limits->manifest_bytes);
    return (open_plain(l->dirfd, name, &fd, &size, err) && read_plain(fd, size, b, err)) ||
           prq_in(err, "%s", name);
}

bool prq_open_oci_dir(const struct prq_opening *o, struct prq_image *im, struct prq_err *err)
{
    prq_str path, name;
    PRQ_BUF b = { 0 };
    prq_split_path(o->what, &path, &name);
    if (!start(o, path, false, im, err) || !read_named(o, im->state, "index.json", &b, err))
        return false;
    prq_str index = prq_arena_copy(o->arena, prq_buf_view(&b));
    if (!index.p)
        return prq_fail(err, PRQ_E_NOMEM, "index.json");
    struct prq_blob_reader blobs = { read_blob, has_blob, im->state };
    return prq_resolve_layout(o, &blobs, index, name, im, err);
}

bool prq_open_skopeo_dir(const struct prq_opening *o, struct prq_image *im, struct prq_err *err)
{
    PRQ_BUF b = { 0 };
    if (!start(o, o->what, true, im, err) || !read_named(o, im->state, "manifest.json", &b, err))
        return false;
    prq_str manifest = prq_arena_copy(o->arena, prq_buf_view(&b));
    if (!manifest.p)
        return prq_fail(err, PRQ_E_NOMEM, "manifest.json");
    struct prq_blob_reader blobs = { read_blob, has_blob, im->state };
    return prq_resolve_bytes(o, &blobs, manifest, (prq_str){ 0 }, im, err);
}
