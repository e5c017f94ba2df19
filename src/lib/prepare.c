/* SPDX-License-Identifier: Apache-2.0 */
#include <iconv.h>
#include <stdlib.h>

#include "lib/lib.h"
#include "lib/xml.h"

static int by_byte(const void *a, const void *b)
{
    return *(const unsigned char *)a - *(const unsigned char *)b;
}

/* glibc's qsort asks once, at the first sort of more than 1 KiB, how much memory there is. */
static void prepare_sorting(void)
{
    unsigned char many[2048] = { 1 };
    qsort(many, sizeof many, 1, by_byte);
}

void prq_lib_prepare(void)
{
    prepare_sorting();
    uint8_t digest[32];
    prq_sha256((prq_bytes){ 0 }, digest);
    struct prq_digest *d;
    static const enum prq_digest_alg algs[] = { PRQ_SHA256, PRQ_SHA512, PRQ_SHA1 };
    for (size_t i = 0; i < PRQ_COUNT(algs); i++)
        if (prq_digest_new(algs[i], &d, NULL))
            prq_digest_free(d);
    prq_xml_prepare();
    /* What libarchive opens for pax names in the C locale. */
    iconv_t cd = iconv_open("ANSI_X3.4-1968", "UTF-8");
    if (cd != (iconv_t)-1)
        iconv_close(cd);
}
