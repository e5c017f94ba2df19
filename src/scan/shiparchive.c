/* SPDX-License-Identifier: Apache-2.0 */
/* The artifact as one file: an OCI image layout in a tar, so that tools for images can copy it into a
 * registry. Source: OCI image-spec, image-layout.md. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "db/dbfetch.h"
#include "format/json.h"
#include "image/manifest.h"
#include "image/tarindex.h"
#include "image/tarwrite.h"
#include "io/source.h"
#include "scan/ship.h"

/* ---- writing */

static bool write_member(int fd, prq_str path, prq_bytes content, struct prq_err *err)
{
    static const uint8_t zeros[512];
    struct prq_file f = { .path = path, .type = PRQ_FILE_REGULAR, .mode = 0644, .size = content.n };
    PRQ_BUF head;
    prq_buf_init(&head, PRQ_KIB(16));
    if (!prq_tar_header(&head, &f, NULL))
        return prq_fail(err, PRQ_E_NOMEM, "no memory for an archive");
    return (prq_fd_write_all(fd, head.p, head.n) && prq_fd_write_all(fd, content.p, content.n) &&
            prq_fd_write_all(fd, zeros, prq_tar_pad(content.n))) ||
           prq_fail(err, PRQ_E_IO, "write the archive");
}

static bool put_blob(void *user, prq_str digest, prq_bytes content, struct prq_err *err)
{
    const int *fd = user;
    char path[128];
    prq_str algorithm, hex;
    if (!prq_str_cut(digest, ':', &algorithm, &hex))
        return prq_fail(err, PRQ_E_BUG, "malformed digest");
    int n = snprintf(path, sizeof path, "blobs/%.*s/%.*s", PRQ_FMT(algorithm), PRQ_FMT(hex));
    if (n < 0 || (size_t)n >= sizeof path)
        return prq_fail(err, PRQ_E_BUG, "malformed digest");
    return write_member(*fd, prq_str_from(path), content, err);
}

static bool write_index(int fd, prq_bytes manifest, struct prq_err *err)
{
    PRQ_ARENA a = prq_arena_new(PRQ_KIB(64));
    PRQ_BUF text;
    struct prq_jw w;
    prq_buf_init(&text, PRQ_KIB(16));
    prq_str digest = a ? prq_blob_digest(manifest, a) : (prq_str){ 0 };
    if (!digest.p)
        return prq_fail(err, PRQ_E_NOMEM, "no memory for an archive");
    prq_jw_init(&w, &text, false);
    prq_jw_object(&w);
    prq_jw_kv_u64(&w, "schemaVersion", 2);
    prq_jw_kv(&w, "mediaType", PRQ_S("application/vnd.oci.image.index.v1+json"));
    prq_jw_key(&w, "manifests");
    prq_jw_array(&w);
    prq_jw_object(&w);
    prq_jw_kv(&w, "mediaType", PRQ_S(PRQ_PARCEL_MANIFEST));
    prq_jw_kv(&w, "digest", digest);
    prq_jw_kv_u64(&w, "size", manifest.n);
    prq_jw_kv(&w, "artifactType", PRQ_S(PRQ_PARCEL_TYPE));
    prq_jw_object_end(&w);
    prq_jw_array_end(&w);
    prq_jw_object_end(&w);
    return put_blob(&fd, digest, manifest, err) &&
           write_member(fd, PRQ_S("index.json"), prq_buf_bytes(&text), err);
}

static bool write_archive(struct prq_ctx *ctx, const struct prq_ship_opts *opts, int fd,
                          struct prq_err *err)
{
    struct prq_blob_from none = { NULL, NULL };
    struct prq_blob_to to = { put_blob, &fd };
    PRQ_BUF manifest, end;
    prq_buf_init(&manifest, ctx->limits->manifest_bytes);
    prq_buf_init(&end, PRQ_KIB(4));
    if (!prq_tar_end(&end))
        return prq_fail(err, PRQ_E_NOMEM, "no memory for an archive");
    return write_member(fd, PRQ_S("oci-layout"),
                        prq_bytes_of(PRQ_S("{\"imageLayoutVersion\":\"1.0.0\"}")), err) &&
           prq_db_send(ctx, opts, (prq_str){ 0 }, &none, &to, &manifest, err) &&
           write_index(fd, prq_buf_bytes(&manifest), err) &&
           ((prq_fd_write_all(fd, end.p, end.n) && fsync(fd) == 0) ||
            prq_fail(err, PRQ_E_IO, "write the archive"));
}

bool prq_ship_export(struct prq_ctx *ctx, const struct prq_ship_opts *opts, const char *path,
                     struct prq_err *err)
{
    char temporary[4096];
    int n = snprintf(temporary, sizeof temporary, "%s.%ld.tmp", path, (long)getpid());
    if (n < 0 || (size_t)n >= sizeof temporary)
        return prq_fail(err, PRQ_E_USAGE, "%s: the name is too long", path);
    unlink(temporary);
    PRQ_FD int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return prq_fail(err, PRQ_E_IO, "make %s", temporary);
    bool ok = write_archive(ctx, opts, fd, err) &&
              (rename(temporary, path) == 0 || prq_fail(err, PRQ_E_IO, "rename to %s", path));
    if (!ok)
        unlink(temporary);
    return ok || prq_in(err, "export %s", path);
}

/* ---- reading */

struct archive {
    int fd;
    struct prq_tarindex index;
};

static bool open_blob(void *user, prq_str digest, uint64_t size, struct prq_stream **out,
                      struct prq_err *err)
{
    struct archive *ar = user;
    char path[256];
    prq_str algorithm, hex;
    if (!prq_str_cut(digest, ':', &algorithm, &hex))
        return prq_fail(err, PRQ_E_FORMAT, "malformed digest");
    snprintf(path, sizeof path, "blobs/%.*s/%.*s", PRQ_FMT(prq_str_head(algorithm, 16)),
             PRQ_FMT(prq_str_head(hex, 128)));
    const struct prq_tar_member *m = prq_tarindex_find(&ar->index, prq_str_from(path));
    if (!m)
        return prq_fail(err, PRQ_E_FORMAT, "%s is not in the archive", path);
    if (m->size != size)
        return prq_fail(err, PRQ_E_FORMAT, "%s has another size than it should", path);
    *out = prq_fd_stream(ar->fd, m->offset, m->size);
    return *out || prq_fail(err, PRQ_E_NOMEM, "no memory to read the archive");
}

static bool read_index(struct prq_ctx *ctx, struct archive *ar, struct prq_arena *a,
                       struct prq_parcel_blob *out, struct prq_err *err)
{
    const struct prq_tar_member *m = prq_tarindex_find(&ar->index, PRQ_S("index.json"));
    struct prq_manifest index;
    PRQ_BUF text;
    prq_buf_init(&text, ctx->limits->manifest_bytes);
    if (!m)
        return prq_fail(err, PRQ_E_FORMAT, "no archive of a database: it has no index.json");
    PRQ_STREAM s = prq_fd_stream(ar->fd, m->offset, m->size);
    if (!s)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read the archive");
    if (!prq_stream_read_all(s, &text, err))
        return false;
    prq_str kept = prq_arena_copy(a, prq_buf_view(&text));
    if (!kept.p || !prq_manifest_parse(kept, (prq_str){ 0 }, a, ctx->limits, &index, err))
        return kept.p ? prq_in(err, "index.json") : prq_fail(err, PRQ_E_NOMEM, "index.json");
    if (!index.is_index || index.count != 1)
        return prq_fail(err, PRQ_E_FORMAT, "index.json does not name one database");
    *out = (struct prq_parcel_blob){ index.items[0].digest, index.items[0].size };
    return true;
}

static bool import(struct prq_ctx *ctx, const struct prq_ship_opts *opts, struct archive *ar,
                   uint64_t size, struct prq_arena *a, struct prq_err *err)
{
    struct prq_tar_bytes bytes = prq_tar_bytes_of_fd(&ar->fd, size);
    struct prq_blob_from from = { open_blob, ar };
    struct prq_parcel_blob which;
    PRQ_BUF manifest;
    prq_buf_init(&manifest, ctx->limits->manifest_bytes);
    return prq_tarindex_read(&bytes, ctx->limits, a, &ar->index, err) &&
           read_index(ctx, ar, a, &which, err) && prq_blob_fetch(&from, &which, &manifest, err) &&
           prq_db_receive(ctx, opts, prq_buf_view(&manifest), &from, err);
}

bool prq_ship_import(struct prq_ctx *ctx, const struct prq_ship_opts *opts, const char *path,
                     struct prq_err *err)
{
    struct stat st;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    PRQ_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        return prq_fail(err, PRQ_E_IO, "open %s", path);
    if (!a)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read the archive");
    struct archive ar = { .fd = fd };
    return import(ctx, opts, &ar, (uint64_t)st.st_size, a, err) || prq_in(err, "import %s", path);
}
