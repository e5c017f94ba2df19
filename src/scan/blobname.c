/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/blobname.h"

#include "io/source.h"
#include "lib/lib.h"

enum { PIECE = 1 << 17 };

/* What the worker will read is hashed once more on its way: a blob that changes in between is not
 * cached, and what is found here is for the bytes that were hashed here. */
static bool hash_all(struct prq_ctx *ctx, struct prq_stream *s, enum prq_digest_alg alg,
                     prq_str diff_id, struct prq_arena *a, prq_str *out)
{
    static __thread uint8_t buf[PIECE];
    struct prq_digest *d = NULL;
    uint8_t sum[64] = { 0 };
    size_t got = 0, n = 1;
    while (n && got < sizeof buf) { /* whole pieces, for the magic */
        if (!prq_stream_read(s, buf + got, sizeof buf - got, &n, NULL))
            return false;
        got += n;
    }
    *out = diff_id;
    if (prq_packing_of((prq_bytes){ buf, got }) == PRQ_PACKED_NOT)
        return true;
    bool ok = prq_digest_new(alg, &d, NULL);
    while (ok && got) {
        prq_digest_add(d, buf, got);
        ok = !prq_ctx_is_cancelled(ctx) && prq_stream_read(s, buf, sizeof buf, &got, NULL);
    }
    size_t size = d ? prq_digest_end(d, sum) : 0;
    prq_digest_free(d);
    return ok && size && prq_digest_text(alg, (prq_bytes){ sum, size }, a, out);
}

prq_str prq_blob_name(struct prq_ctx *ctx, struct prq_image *im, size_t layer, struct prq_arena *a)
{
    const struct prq_image_layer *l = &im->layers[layer];
    struct prq_blob blob = { .fd = -1 };
    enum prq_digest_alg alg;
    prq_str hex, name = { 0 };
    if (l->digest.n)
        return l->digest;
    if (!prq_digest_parse(l->diff_id, &alg, &hex) ||
        !im->ops->open_layer(im, layer, &blob, NULL))
        return name;
    struct prq_stream *s = blob.fd >= 0 && blob.length <= ctx->limits->blob_bytes
                               ? prq_fd_stream(blob.fd, blob.offset, blob.length)
                               : NULL;
    if (s && !hash_all(ctx, s, alg, l->diff_id, a, &name))
        name = (prq_str){ 0 };
    prq_stream_close(s);
    prq_blob_release(&blob);
    return name;
}
