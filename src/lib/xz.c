/* SPDX-License-Identifier: Apache-2.0 */
/* xz by liblzma, whose decoder takes a memory limit (libarchive's filter gives it none). Streams
 * may follow each other, with zero padding in fours between. Source: The .xz File Format, 2. */
#include <lzma.h>
#include <stdlib.h>

#include "base/fault.h"
#include "lib/lib.h"

enum { IN_BYTES = 128 << 10 };

struct unxz {
    struct prq_stream base;
    struct prq_stream *below;
    lzma_stream z;
    uint64_t read_bytes;
    bool is_below_done, is_end, is_broken;
    struct prq_err why;
    uint8_t in[IN_BYTES];
};

static bool fail_xz(lzma_ret ret, uint64_t at, struct prq_err *err)
{
    switch (ret) {
    case LZMA_MEM_ERROR:
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read xz");
    case LZMA_MEMLIMIT_ERROR:
        return prq_fail_at(err, PRQ_E_LIMIT, at, "xz: dictionary is larger than allowed");
    case LZMA_FORMAT_ERROR:
        return prq_fail_at(err, PRQ_E_FORMAT, at, "not xz");
    case LZMA_OPTIONS_ERROR:
        return prq_fail_at(err, PRQ_E_UNSUPPORTED, at, "xz: unknown filter or option");
    case LZMA_BUF_ERROR:
        return prq_fail_at(err, PRQ_E_FORMAT, at, "xz: data ends early");
    default:
        return prq_fail_at(err, PRQ_E_FORMAT, at, "xz: damaged data");
    }
}

static bool step(struct unxz *x, void *buf, size_t cap, size_t *got, struct prq_err *err)
{
    x->z.next_out = buf;
    x->z.avail_out = cap;
    while (x->z.avail_out && !x->is_end) {
        if (x->z.avail_in == 0 && !x->is_below_done) {
            size_t n;
            if (!prq_stream_read(x->below, x->in, IN_BYTES, &n, err))
                return false;
            x->is_below_done = n == 0;
            x->read_bytes += n;
            x->z.next_in = x->in;
            x->z.avail_in = n;
        }
        lzma_ret ret = lzma_code(&x->z, x->is_below_done ? LZMA_FINISH : LZMA_RUN);
        x->is_end = ret == LZMA_STREAM_END;
        if (ret != LZMA_OK && ret != LZMA_STREAM_END)
            return fail_xz(ret, x->read_bytes - x->z.avail_in, err);
    }
    *got = cap - x->z.avail_out;
    return true;
}

static bool unxz_read(struct prq_stream *s, void *buf, size_t cap, size_t *got, struct prq_err *err)
{
    struct unxz *x = (struct unxz *)s;
    if (!x->is_broken) {
        if (step(x, buf, cap, got, &x->why))
            return true;
        x->is_broken = true;
    }
    if (err)
        *err = x->why;
    return false;
}

static void unxz_close(struct prq_stream *s)
{
    struct unxz *x = (struct unxz *)s;
    prq_stream_close(x->below);
    lzma_end(&x->z);
    free(x);
}

static const struct prq_stream_ops unxz_ops = { unxz_read, unxz_close };

bool prq_xz_open(struct prq_stream *below, struct prq_stream **out, struct prq_err *err)
{
    struct unxz *x = below && !prq_fault_alloc() ? malloc(sizeof *x) : NULL;
    if (!x) {
        prq_stream_close(below);
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read xz");
    }
    memset(x, 0, offsetof(struct unxz, in));
    x->base.ops = &unxz_ops;
    x->below = below;
    lzma_ret ret = lzma_stream_decoder(&x->z, prq_limits_default.window_bytes, LZMA_CONCATENATED);
    if (ret != LZMA_OK) {
        unxz_close(&x->base);
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read xz");
    }
    *out = &x->base;
    return true;
}

bool prq_lzma_unpack(prq_bytes in, struct prq_lzma_props props, uint8_t *out, size_t n,
                     struct prq_err *err)
{
    if (n > prq_limits_default.window_bytes)
        return prq_fail(err, PRQ_E_LIMIT, "lzma: %zu bytes in one piece", n);
    if (props.lc + props.lp > LZMA_LCLP_MAX || props.pb > LZMA_PB_MAX)
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "lzma: properties out of range");
    lzma_options_lzma options = {
        .dict_size = n < LZMA_DICT_SIZE_MIN ? LZMA_DICT_SIZE_MIN : (uint32_t)n,
        .lc = props.lc,
        .lp = props.lp,
        .pb = props.pb,
    };
    const lzma_filter filters[] = {
        { LZMA_FILTER_LZMA1, &options },
        { LZMA_VLI_UNKNOWN, NULL },
    };
    lzma_stream z = LZMA_STREAM_INIT;
    if (prq_fault_alloc() || lzma_raw_decoder(&z, filters) != LZMA_OK)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read lzma");
    z.next_in = in.p;
    z.avail_in = in.n;
    z.next_out = out;
    z.avail_out = n;
    lzma_ret ret = lzma_code(&z, LZMA_FINISH);
    uint64_t at = z.total_in;
    size_t missing = z.avail_out;
    lzma_end(&z);
    /* A raw stream has no end of its own: what counts is that all bytes came. */
    if (missing || (ret != LZMA_OK && ret != LZMA_STREAM_END && ret != LZMA_BUF_ERROR))
        return prq_fail_at(err, PRQ_E_FORMAT, at, "lzma: damaged data");
    return true;
}
