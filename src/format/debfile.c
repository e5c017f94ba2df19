/* SPDX-License-Identifier: Apache-2.0 */
#include "format/debfile.h"

#include "format/tarfile.h"

enum { AR_MAGIC = 8, AR_HEADER = 60, MEMBERS_MAX = 64 };

/* ---- ar */

/* name[16] mtime[12] uid[6] gid[6] mode[8] size[10] "`\n"; members begin at even offsets. */
static bool next_member(prq_bytes in, size_t *at, prq_str *name, prq_bytes *content,
                        struct prq_err *err)
{
    if (in.n - *at < AR_HEADER || memcmp(in.p + *at + 58, "`\n", 2) != 0)
        return prq_fail_at(err, PRQ_E_FORMAT, *at, "broken member header of an ar archive");
    prq_str header = { (const char *)in.p + *at, AR_HEADER };
    uint64_t size;
    *name = prq_str_trim(prq_str_head(header, 16));
    if (prq_str_ends(*name, PRQ_S("/")))
        name->n--;
    if (!prq_str_u64(prq_str_trim(prq_str_head(prq_str_from_at(header, 48), 10)), &size) ||
        size > in.n - *at - AR_HEADER)
        return prq_fail_at(err, PRQ_E_FORMAT, *at + 48, "size of an ar member");
    *content = (prq_bytes){ in.p + *at + AR_HEADER, (size_t)size };
    *at += AR_HEADER + (size_t)size;
    *at += *at % 2 && *at < in.n;
    return true;
}

static bool find_control(prq_bytes in, prq_str *name, prq_bytes *content, struct prq_err *err)
{
    size_t at = AR_MAGIC;
    for (int i = 0; i < MEMBERS_MAX && at < in.n; i++) {
        if (!next_member(in, &at, name, content, err))
            return false;
        if (prq_str_starts(*name, PRQ_S("control.tar")))
            return true;
    }
    return prq_fail_at(err, PRQ_E_FORMAT, at, "package without control.tar");
}

/* opkg's own form: a compressed tar of what an ar archive has else. */
static bool read_ipk(prq_bytes ipk, const struct prq_limits *limits, struct prq_buf *out,
                     struct prq_err *err)
{
    PRQ_BUF inner;
    const prq_str control = PRQ_S("control.tar.gz");
    prq_buf_init(&inner, PRQ_MIB(16));
    return prq_tarfile_read_as(PRQ_S("package.gz"), ipk, control, limits, &inner, err) &&
           prq_tarfile_read_as(control, prq_buf_bytes(&inner), PRQ_S("control"), limits, out, err);
}

bool prq_debfile_control(prq_bytes deb, const struct prq_limits *limits, struct prq_buf *out,
                         struct prq_err *err)
{
    prq_str name = { 0 };
    prq_bytes content = { 0 };
    if (deb.n > 2 && memcmp(deb.p, "\x1f\x8b", 2) == 0)
        return read_ipk(deb, limits, out, err);
    if (deb.n < AR_MAGIC || memcmp(deb.p, "!<arch>\n", AR_MAGIC) != 0)
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not a Debian package");
    if (!find_control(deb, &name, &content, err))
        return false;
    return prq_tarfile_read_as(name, content, PRQ_S("control"), limits, out, err);
}
