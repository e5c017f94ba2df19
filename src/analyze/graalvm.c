/* SPDX-License-Identifier: Apache-2.0 */
/* What was compiled into a GraalVM native image: the gzip of a CycloneDX list at the symbol `sbom`,
 * its size at `sbom_length`. Sources: graalvm.org, "Software Bill of Materials (SBOM) in Native
 * Image"; System V ABI, "Symbol Table"; catalog.md 4.3. */
#include "analyze/analyze.h"
#include "analyze/java.h"
#include "analyze/loss.h"
#include "base/rd.h"
#include "format/elf.h"
#include "format/json.h"
#include "lib/lib.h"
#include "model/purl.h"

enum { SHT_DYNSYM = 11, SYMBOL_64 = 24, SYMBOL_32 = 16 };

static const struct prq_want wants[] = {
    { .magic = PRQ_SI("\x7f"
                      "ELF"),
      .max_bytes = PRQ_GIB(4),
      .modes = PRQ_WANT_IMAGE },
    { .max_bytes = 0 },
};

/* ---- symbols */

enum { SYM_SBOM, SYM_LENGTH, SYM_VERSION, SYM_COUNT };

struct symbols {
    bool is_known[SYM_COUNT];
    uint64_t addr[SYM_COUNT];
};

static const prq_str names[SYM_COUNT] = {
    PRQ_SI("sbom\0"),
    PRQ_SI("sbom_length\0"),
    PRQ_SI("__svm_version_info\0"),
};

static uint64_t read_word(struct prq_rd *r, bool is_64, bool is_big)
{
    if (is_64)
        return is_big ? prq_rd_u64be(r) : prq_rd_u64le(r);
    return is_big ? prq_rd_u32be(r) : prq_rd_u32le(r);
}

static uint32_t read_u32(struct prq_rd *r, bool is_big)
{
    return is_big ? prq_rd_u32be(r) : prq_rd_u32le(r);
}

static void note_symbol(struct symbols *s, prq_str text, uint32_t name, uint64_t addr)
{
    prq_str rest = prq_str_from_at(text, name);
    for (size_t i = 0; i < SYM_COUNT; i++)
        if (!s->is_known[i] && addr && prq_str_starts(rest, names[i])) {
            s->is_known[i] = true;
            s->addr[i] = addr;
        }
}

static void read_table(const struct prq_elf *e, const struct prq_elf_section *table,
                       struct symbols *s)
{
    if (table->link >= e->section_count)
        return;
    struct prq_elf_section strings = prq_elf_section(e, table->link);
    prq_str text = prq_str_of(prq_elf_section_data(e, &strings));
    /* Nearly every program goes home here. */
    if (!prq_str_has(text, PRQ_S("\0sbom_length\0")))
        return;
    struct prq_rd r = prq_rd_of(prq_elf_section_data(e, table));
    size_t step = e->is_64 ? SYMBOL_64 : SYMBOL_32;
    while (prq_rd_left(&r) >= step) {
        size_t at = prq_rd_at(&r);
        uint32_t name = read_u32(&r, e->is_big);
        if (e->is_64)
            prq_rd_take(&r, 4); /* info, other, section */
        note_symbol(s, text, name, read_word(&r, e->is_64, e->is_big));
        prq_rd_seek(&r, at + step);
    }
}

static bool find_symbols(const struct prq_elf *e, struct symbols *s)
{
    for (uint32_t i = 0; i < e->section_count; i++) {
        struct prq_elf_section table = prq_elf_section(e, i);
        if (table.type == PRQ_ELF_SHT_SYMTAB || table.type == SHT_DYNSYM)
            read_table(e, &table, s);
    }
    return s->is_known[SYM_SBOM] && s->is_known[SYM_LENGTH] && s->is_known[SYM_VERSION];
}

/* What the file holds from that address to the end of its segment. */
static prq_bytes at_address(const struct prq_elf *e, uint64_t addr)
{
    for (uint32_t i = 0; i < e->segment_count; i++) {
        struct prq_elf_segment s = prq_elf_segment(e, i);
        prq_bytes data = prq_elf_segment_data(e, &s);
        if (s.type == PRQ_ELF_PT_LOAD && addr >= s.addr && addr - s.addr < data.n)
            return (prq_bytes){ data.p + (addr - s.addr), data.n - (size_t)(addr - s.addr) };
    }
    return (prq_bytes){ 0 };
}

static bool find_list(const struct prq_elf *e, const struct symbols *s, prq_bytes *out)
{
    struct prq_rd r = prq_rd_of(at_address(e, s->addr[SYM_LENGTH]));
    uint64_t n = e->is_big ? prq_rd_u64be(&r) : prq_rd_u64le(&r);
    prq_bytes data = at_address(e, s->addr[SYM_SBOM]);
    if (r.bad || n == 0 || n > data.n)
        return false;
    *out = (prq_bytes){ data.p, (size_t)n };
    return true;
}

/* ---- the list */

struct component {
    prq_str group, name, version, purl;
};

static void read_component(struct prq_json *j, struct component *c)
{
    prq_str key;
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return;
    }
    while (prq_json_key(j, &key)) {
        if (prq_str_eq(key, PRQ_S("group")))
            prq_json_string_or_skip(j, &c->group);
        else if (prq_str_eq(key, PRQ_S("name")))
            prq_json_string_or_skip(j, &c->name);
        else if (prq_str_eq(key, PRQ_S("version")))
            prq_json_string_or_skip(j, &c->version);
        else if (prq_str_eq(key, PRQ_S("purl")))
            prq_json_string_or_skip(j, &c->purl);
        else
            prq_json_skip(j);
    }
}

static bool put_component(struct prq_ctx *ctx, const struct component *c, struct prq_sink *sink,
                          struct prq_loss *lost, struct prq_err *err)
{
    struct prq_package p = { 0 };
    bool has_purl = c->purl.n && prq_package_from_purl(c->purl, ctx->scratch, &p, NULL);
    if (!has_purl && c->name.n == 0) {
        prq_loss_add(lost, 0, "a component without a name");
        return true;
    }
    if (!has_purl && !prq_java_package(&p, c->group, c->name, c->version, ctx->scratch))
        return prq_fail(err, PRQ_E_LIMIT, "no memory for a component: limit scratch_bytes");
    return prq_sink_package(sink, &p) || prq_sink_full(err);
}

static bool read_list(struct prq_ctx *ctx, prq_bytes text, struct prq_sink *sink,
                      struct prq_loss *lost, struct prq_err *err)
{
    struct prq_json j;
    prq_str key;
    prq_json_init(&j, prq_str_of(text), ctx->scratch, ctx->limits);
    if (!prq_json_enter_object(&j))
        prq_json_skip(&j);
    else
        while (prq_json_key(&j, &key)) {
            if (!prq_str_eq(key, PRQ_S("components")) || !prq_json_enter_array(&j)) {
                prq_json_skip(&j);
                continue;
            }
            while (prq_json_item(&j)) {
                struct component c = { 0 };
                read_component(&j, &c);
                if (!j.bad && !put_component(ctx, &c, sink, lost, err))
                    return false;
            }
        }
    if (!prq_json_end(&j, err)) {
        if (err)
            err->has_offset = false; /* it is about the unpacked list, not about the program */
        return prq_in(err, "list in a native image");
    }
    return true;
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    struct prq_elf elf;
    struct symbols symbols = { 0 };
    struct prq_loss lost = { 0 };
    prq_bytes packed;
    /* A broken program is the business of those who read programs. */
    if (!prq_elf_open(in->data, &elf, NULL) || !find_symbols(&elf, &symbols))
        return true;
    if (!find_list(&elf, &symbols, &packed))
        return prq_fail(err, PRQ_E_FORMAT, "native image: its list lies outside of the file");
    PRQ_BUF text;
    prq_buf_init(&text, PRQ_MIB(64));
    if (!prq_gunzip_all(packed, &text, err)) {
        if (err)
            err->has_offset = false;
        return prq_in(err, "list in a native image");
    }
    bool is_good = read_list(ctx, prq_buf_bytes(&text), sink, &lost, err);
    return (prq_loss_report(&lost, sink) || prq_sink_full(err)) && is_good;
}

const struct prq_analyzer prq_analyzer_graalvm = {
    .name = "graalvm",
    .purl_type = "maven",
    .summary = "GraalVM native images: what was compiled in",
    .revision = 1,
    .wants = wants,
    .run = run,
};
