/* SPDX-License-Identifier: Apache-2.0 */
#include "db/dbremote.h"

bool prq_remote_open(struct prq_ctx *ctx, prq_str base, struct prq_remote **out,
                     struct prq_err *err)
{
    (void)ctx;
    (void)base;
    (void)out;
    return prq_fail(err, PRQ_E_UNSUPPORTED, "feeds over HTTP are not read yet");
}

void prq_remote_close(struct prq_remote *r)
{
    (void)r;
}

prq_str prq_remote_name(const struct prq_remote *r, const char *family)
{
    (void)r;
    return prq_str_from(family);
}

bool prq_remote_get(struct prq_remote *r, prq_str path, prq_str etag, prq_str modified,
                    struct prq_arena *a, struct prq_feed_blob *out, struct prq_err *err)
{
    (void)r;
    (void)path;
    (void)etag;
    (void)modified;
    (void)a;
    (void)out;
    return prq_fail(err, PRQ_E_UNSUPPORTED, "feeds over HTTP are not read yet");
}
