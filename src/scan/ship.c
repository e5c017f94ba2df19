/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/ship.h"

#include "db/dbparcel.h"
#include "image/repository.h"

static bool open_blob(void *user, prq_str digest, uint64_t size, struct prq_stream **out,
                      struct prq_err *err)
{
    return prq_repository_blob(user, digest, size, out, err);
}

static bool put_blob(void *user, prq_str digest, prq_bytes content, struct prq_err *err)
{
    bool was_there;
    return prq_repository_put_blob(user, digest, content, &was_there, err);
}

static bool push(struct prq_ctx *ctx, const struct prq_ship_opts *opts, struct prq_repository *r,
                 struct prq_err *err)
{
    struct prq_blob_from from = { open_blob, r };
    struct prq_blob_to to = { put_blob, r };
    bool found;
    PRQ_BUF before, manifest;
    prq_buf_init(&before, ctx->limits->manifest_bytes);
    prq_buf_init(&manifest, ctx->limits->manifest_bytes);
    return prq_repository_manifest(r, &before, &found, err) &&
           prq_db_send(ctx, opts, found ? prq_buf_view(&before) : (prq_str){ 0 }, &from, &to,
                       &manifest, err) &&
           prq_repository_put_manifest(r, PRQ_S(PRQ_PARCEL_MANIFEST), prq_buf_bytes(&manifest), err);
}

bool prq_ship_push(struct prq_ctx *ctx, const struct prq_ship_opts *opts,
                   const struct prq_source_opts *registry, prq_str ref, struct prq_err *err)
{
    struct prq_repository *r;
    if (!prq_repository_open(ctx, registry, ref, true, &r, err))
        return false;
    bool ok = push(ctx, opts, r, err);
    prq_repository_close(r);
    return ok || prq_in(err, "push %.*s", PRQ_FMT(ref));
}

static bool pull(struct prq_ctx *ctx, const struct prq_ship_opts *opts, struct prq_repository *r,
                 struct prq_err *err)
{
    struct prq_blob_from from = { open_blob, r };
    bool found;
    PRQ_BUF manifest;
    prq_buf_init(&manifest, ctx->limits->manifest_bytes);
    if (!prq_repository_manifest(r, &manifest, &found, err))
        return false;
    if (!found)
        return prq_fail(err, PRQ_E_REMOTE, "no such database, or no access");
    return prq_db_receive(ctx, opts, prq_buf_view(&manifest), &from, err);
}

bool prq_ship_pull(struct prq_ctx *ctx, const struct prq_ship_opts *opts,
                   const struct prq_source_opts *registry, prq_str ref, struct prq_err *err)
{
    struct prq_repository *r;
    if (!prq_repository_open(ctx, registry, ref, false, &r, err))
        return false;
    bool ok = pull(ctx, opts, r, err);
    prq_repository_close(r);
    return ok || prq_in(err, "pull %.*s", PRQ_FMT(ref));
}
