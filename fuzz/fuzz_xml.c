/* SPDX-License-Identifier: Apache-2.0 */
/* Events nest, paths and depths agree, faults and events lie in the input, the end stays; and the
 * same bytes give the same events again. */
#include "fuzz.h"
#include "lib/xml.h"

enum { DEPTH = 32 };

static size_t count(prq_str s, char c)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == c;
    return n;
}

static uint64_t read_all(prq_bytes in, const struct prq_limits *limits)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct prq_xml *x;
    struct prq_xml_event e;
    struct prq_err err = PRQ_ERR_INIT;
    if (!prq_xml_open(in, limits, a, &x, &err)) {
        FUZZ_CHECK(err.code == PRQ_E_LIMIT || err.code == PRQ_E_UNSUPPORTED);
        return (uint64_t)err.code;
    }
    FUZZ_CHECK(prq_xml_leftovers(x).at <= in.n);
    uint64_t seen = 0;
    uint32_t depth = 0;
    enum prq_next step;
    while ((step = prq_xml_next(x, &e, &err)) == PRQ_NEXT_ITEM) {
        depth += e.type == PRQ_XML_START;
        FUZZ_CHECK(depth >= 1 && depth <= DEPTH && e.depth == depth - 1);
        FUZZ_CHECK(prq_str_ends(e.path, e.name) && count(e.path, '/') >= e.depth);
        FUZZ_CHECK(e.attr_n <= limits->xml_attributes && e.at <= in.n);
        FUZZ_CHECK(e.type != PRQ_XML_TEXT || prq_str_trim(e.text).n);
        seen = seen * 31 + prq_str_fnv(e.path) + prq_str_fnv(e.text) + (uint64_t)e.type;
        for (size_t i = 0; i < e.attr_n; i++)
            seen = seen * 31 + prq_str_fnv(e.attrs[i].name) + prq_str_fnv(e.attrs[i].value);
        depth -= e.type == PRQ_XML_END;
    }
    FUZZ_CHECK(step == PRQ_NEXT_FAIL || depth == 0);
    FUZZ_CHECK((step == PRQ_NEXT_FAIL) == (err.code != PRQ_E_NONE));
    FUZZ_CHECK(err.offset <= in.n);
    FUZZ_CHECK(prq_xml_next(x, &e, NULL) == step);
    return seen + (uint64_t)err.code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct prq_limits limits = prq_limits_default;
    limits.xml_depth = DEPTH;
    limits.xml_attributes = 16;
    prq_bytes in = { data, size };
    FUZZ_CHECK(read_all(in, &limits) == read_all(in, &limits));
    return 0;
}
