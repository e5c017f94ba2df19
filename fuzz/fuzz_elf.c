/* SPDX-License-Identifier: Apache-2.0 */
/* Every section and segment lends bytes of the file and nothing else. */
#include "format/elf.h"

#include "fuzz.h"

static void within(prq_bytes part, const uint8_t *data, size_t size)
{
    FUZZ_CHECK(part.n == 0 || (part.p >= data && part.n <= size - (size_t)(part.p - data)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct prq_elf e;
    struct prq_err err = PRQ_ERR_INIT;
    if (!prq_elf_open((prq_bytes){ data, size }, &e, &err)) {
        FUZZ_CHECK(err.code == PRQ_E_FORMAT && err.text[0]);
        return 0;
    }
    within(e.names, data, size);
    for (uint32_t i = 0; i < e.section_count; i++) {
        struct prq_elf_section s = prq_elf_section(&e, i);
        prq_bytes part = prq_elf_section_data(&e, &s);
        within(part, data, size);
        FUZZ_CHECK(part.n <= s.size);
    }
    for (uint32_t i = 0; i < e.segment_count; i++) {
        struct prq_elf_segment s = prq_elf_segment(&e, i);
        prq_bytes part = prq_elf_segment_data(&e, &s);
        within(part, data, size);
        FUZZ_CHECK(part.n <= s.file_size);
    }
    struct prq_elf_section found;
    if (prq_elf_find(&e, PRQ_S(".text"), &found))
        FUZZ_CHECK(found.name + 5 < e.names.n);
    return 0;
}
