/* SPDX-License-Identifier: Apache-2.0 */
/* What is found lies in the file, and the lines of the module text add up to it. */
#include "format/buildinfo.h"

#include "fuzz.h"

static void within(prq_str part, const uint8_t *data, size_t size)
{
    const uint8_t *p = (const uint8_t *)part.p;
    FUZZ_CHECK(part.n == 0 || (p >= data && part.n <= size - (size_t)(p - data)));
}

static void check_lines(prq_str text, struct prq_arena *a)
{
    struct prq_buildinfo_line line;
    size_t n = 0, most = text.n;
    while (prq_buildinfo_line(&text, a, &line)) {
        n++;
        FUZZ_CHECK(line.a.n + line.b.n + line.c.n <= most);
    }
    FUZZ_CHECK(text.n == 0 && n <= most);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(16));
    struct prq_err err = PRQ_ERR_INIT;
    prq_bytes file = { data, size }, slice;
    uint32_t slices;
    check_lines(prq_str_of(file), a);
    if (!prq_exe_slices(file, &slices, &err))
        return 0;
    for (uint32_t i = 0; i < slices; i++) {
        struct prq_exe x;
        struct prq_buildinfo info;
        bool found = false;
        if (!prq_exe_slice(file, i, &slice, NULL) || !prq_exe_open(slice, a, &x, NULL) ||
            !prq_buildinfo_read(&x, &info, &found, NULL) || !found)
            continue;
        FUZZ_CHECK(info.go_version.n > 0);
        within(info.go_version, data, size);
        within(info.modules, data, size);
        check_lines(info.modules, a);
    }
    return 0;
}
