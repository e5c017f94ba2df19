/* SPDX-License-Identifier: Apache-2.0 */
/* Machine-learning models, by the headers of their weights: GGUF and safetensors. Listed, never
 * matched. Sources: ggml's docs/gguf.md; safetensors' README, "Format"; catalog.md 4.9. */
#include "analyze/analyze.h"
#include "base/rd.h"
#include "format/json.h"

#define HEAD PRQ_MIB(16)
#define MODEL_MAX PRQ_GIB(1024)

static const struct prq_want wants[] = {
    { .suffix = PRQ_SI(".gguf"), .head_bytes = HEAD, .max_bytes = MODEL_MAX },
    { .suffix = PRQ_SI(".safetensors"), .head_bytes = HEAD, .max_bytes = MODEL_MAX },
    { .max_bytes = 0 },
};

struct model {
    prq_str name, version, license, organization;
};

/* ---- GGUF: little-endian; "GGUF", version, tensors, pairs; then the pairs: key, type, value. */

enum gguf_type { GGUF_STRING = 8, GGUF_ARRAY = 9, GGUF_TYPES = 13 };

/* Bytes of a value; 0: string, array. */
static const uint8_t gguf_sizes[GGUF_TYPES] = { 1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8 };

struct gguf {
    struct prq_rd r;
    bool is_old; /* version 1 counts in 32 bits */
};

static uint64_t gguf_count(struct gguf *g)
{
    return g->is_old ? prq_rd_u32le(&g->r) : prq_rd_u64le(&g->r);
}

static prq_str gguf_string(struct gguf *g)
{
    size_t n = prq_rd_count(&g->r, gguf_count(g), 1);
    return prq_rd_str(&g->r, n);
}

static void gguf_skip_array(struct gguf *g)
{
    uint32_t type = prq_rd_u32le(&g->r);
    uint64_t count = gguf_count(g);
    if (type >= GGUF_TYPES || type == GGUF_ARRAY) {
        g->r.bad = true; /* arrays of arrays: allowed, and written by nobody */
        return;
    }
    if (type == GGUF_STRING) {
        size_t n = prq_rd_count(&g->r, count, g->is_old ? 4 : 8);
        for (size_t i = 0; i < n && !g->r.bad; i++)
            gguf_string(g);
        return;
    }
    size_t n = prq_rd_count(&g->r, count, gguf_sizes[type]);
    prq_rd_take(&g->r, n * gguf_sizes[type]);
}

static prq_str *gguf_field(struct model *m, prq_str key)
{
    if (prq_str_eq(key, PRQ_S("general.name")))
        return &m->name;
    if (prq_str_eq(key, PRQ_S("general.version")))
        return &m->version;
    if (prq_str_eq(key, PRQ_S("general.license")))
        return &m->license;
    if (prq_str_eq(key, PRQ_S("general.organization")))
        return &m->organization;
    return NULL;
}

static void gguf_pair(struct gguf *g, struct model *m)
{
    prq_str key = gguf_string(g);
    uint32_t type = prq_rd_u32le(&g->r);
    if (type == GGUF_STRING) {
        prq_str value = gguf_string(g), *field = gguf_field(m, key);
        if (field && !g->r.bad)
            *field = value;
    } else if (type == GGUF_ARRAY) {
        gguf_skip_array(g);
    } else if (type < GGUF_TYPES) {
        prq_rd_take(&g->r, gguf_sizes[type]);
    } else {
        g->r.bad = true;
    }
}

static bool read_gguf(const struct prq_input *in, struct model *m, struct prq_err *err)
{
    struct gguf g = { .r = prq_rd_of(in->data) };
    prq_str magic = prq_rd_str(&g.r, 4);
    uint32_t version = prq_rd_u32le(&g.r);
    if (g.r.bad || !prq_str_eq(magic, PRQ_S("GGUF")))
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "not GGUF");
    if (version == 0 || version > 3)
        return prq_fail_at(err, PRQ_E_UNSUPPORTED, 4, "unknown version of GGUF");
    g.is_old = version == 1;
    gguf_count(&g);
    uint64_t pairs = gguf_count(&g);
    for (uint64_t i = 0; i < pairs && !g.r.bad; i++)
        gguf_pair(&g, m);
    /* Only the head of a large file is here; its general pairs stand first. */
    if (g.r.bad && in->data.n >= in->file->size)
        return prq_fail_at(err, PRQ_E_FORMAT, prq_rd_at(&g.r), "GGUF header ends early");
    return true;
}

/* ---- safetensors: the length of the header in 64 bits, then JSON; "__metadata__" is free text. */

static void read_metadata(struct prq_json *j, struct model *m)
{
    prq_str key;
    while (prq_json_key(j, &key)) {
        if (prq_str_eq(key, PRQ_S("modelspec.title")))
            prq_json_string_or_skip(j, &m->name);
        else if (prq_str_eq(key, PRQ_S("modelspec.license")))
            prq_json_string_or_skip(j, &m->license);
        else if (prq_str_eq(key, PRQ_S("modelspec.author")))
            prq_json_string_or_skip(j, &m->organization);
        else
            prq_json_skip(j);
    }
}

static bool read_safetensors(struct prq_ctx *ctx, const struct prq_input *in, struct model *m,
                             struct prq_err *err)
{
    struct prq_rd r = prq_rd_of(in->data);
    uint64_t length = prq_rd_u64le(&r);
    if (r.bad || length > in->file->size - 8)
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "safetensors header is longer than the file");
    if (length > prq_rd_left(&r))
        return prq_fail(err, PRQ_E_LIMIT, "safetensors header of %llu bytes",
                        (unsigned long long)length);
    struct prq_json j;
    prq_str key, header = prq_rd_str(&r, (size_t)length);
    prq_json_init(&j, header, ctx->scratch, ctx->limits);
    if (!prq_json_enter_object(&j))
        return prq_fail_at(err, PRQ_E_FORMAT, 8, "safetensors header is no JSON object");
    while (prq_json_key(&j, &key)) {
        if (prq_str_eq(key, PRQ_S("__metadata__")) && prq_json_enter_object(&j))
            read_metadata(&j, m);
        else
            prq_json_skip(&j);
    }
    return prq_json_end(&j, err);
}

/* ---- names */

/* "x/Llama-3/model-00001-of-00003.safetensors" to "Llama-3": the usual names say nothing. */
static prq_str name_of_file(prq_str path)
{
    static const prq_str usual[] = { PRQ_SI("model"), PRQ_SI("adapter_model"),
                                     PRQ_SI("pytorch_model"), PRQ_SI("diffusion_pytorch_model") };
    prq_str base = prq_path_base(path), before, after;
    base = prq_str_head(base, prq_str_rfind(base, '.'));
    size_t of = prq_str_search(base, PRQ_S("-of-"));
    if (of < base.n && prq_str_rcut(prq_str_head(base, of), '-', &before, &after) && before.n)
        base = before;
    prq_str dir = prq_path_base(prq_path_dir(path));
    for (size_t i = 0; dir.n && i < PRQ_COUNT(usual); i++)
        if (prq_str_eq(base, usual[i]))
            return dir;
    return base;
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    struct model m = { 0 };
    bool is_gguf = prq_str_ends(in->file->path, PRQ_S(".gguf"));
    if (!(is_gguf ? read_gguf(in, &m, err) : read_safetensors(ctx, in, &m, err)))
        return false;
    uint32_t flags = PRQ_PKG_NO_MATCH;
    if (m.name.n == 0) {
        m.name = name_of_file(in->file->path);
        flags |= PRQ_PKG_GUESSED;
    }
    if (m.name.n == 0)
        return true; /* a file that is all suffix */
    const struct prq_package p = {
        .type = PRQ_S("binary"),
        .name = m.name,
        .version = m.version,
        .vendor = m.organization,
        .licenses = { &m.license, m.license.n ? 1 : 0 },
        .flags = flags,
    };
    return prq_sink_package(sink, &p) || prq_sink_full(err);
}

const struct prq_analyzer prq_analyzer_aimodel = {
    .name = "aimodel",
    .purl_type = "generic",
    .summary = "machine-learning models (GGUF, safetensors); listed, not matched",
    .revision = 1,
    .wants = wants,
    .run = run,
};
