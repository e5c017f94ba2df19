/* SPDX-License-Identifier: Apache-2.0 */
/* A vector is refused or has a score between 0.0 and 10.0; the same metrics give the same score in
 * any order. */
#include "fuzz.h"

#include "match/cvss.h"

/* The metrics of `v` from last to first behind the prefix; false when there is no prefix. */
static bool reversed(prq_str v, char *out, size_t room, prq_str *to)
{
    prq_str head, rest;
    if (!prq_str_starts(v, PRQ_S("CVSS:")) || !prq_str_cut(v, '/', &head, &rest) || v.n > room)
        return false;
    size_t n = head.n;
    memcpy(out, head.p, n);
    for (;;) {
        prq_str before, piece;
        bool more = prq_str_rcut(rest, '/', &before, &piece);
        if (!more)
            piece = rest;
        out[n++] = '/';
        memcpy(out + n, piece.p, piece.n);
        n += piece.n;
        if (!more)
            break;
        rest = before;
    }
    *to = (prq_str){ out, n };
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    prq_str v = { (const char *)data, size };
    struct prq_cvss score, again;
    struct prq_err err;
    if (!prq_cvss_score(v, &score, &err))
        return 0;
    FUZZ_CHECK(score.tenths <= 100);
    FUZZ_CHECK(score.major >= 2 && score.major <= 4);
    static char room[4096];
    prq_str back;
    if (reversed(v, room, sizeof room, &back)) {
        FUZZ_CHECK(prq_cvss_score(back, &again, &err));
        FUZZ_CHECK(again.tenths == score.tenths);
    }
    return 0;
}
