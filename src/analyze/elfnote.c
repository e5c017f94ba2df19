/* SPDX-License-Identifier: Apache-2.0 */
/* Package notes inside ELF files: who built this program. A program that was copied out of its
 * distribution still tells. What a package database lists too is left out later, by owner.
 * Sources: systemd.io, "Package Metadata for Executable Files"; System V ABI, "Note Section";
 * catalog.md 5.2. */
#include "analyze/analyze.h"
#include "base/rd.h"
#include "format/elf.h"
#include "format/json.h"
#include "model/purl.h"

enum { NOTE_TYPE = 0xcafe1a7e, NOTES_MAX = 64 };

static const struct prq_want wants[] = {
    { .magic = PRQ_SI("\x7f" "ELF"), .max_bytes = PRQ_GIB(4) },
    { .max_bytes = 0 },
};

struct note {
    prq_str type, name, version, arch, os, os_version, os_cpe, app_cpe, cpe, purl, license, vendor,
        system;
};

/* ---- CPE names in the evidence: "cpe:2.3:…", or the older URI "cpe:/o:fedoraproject:fedora:38" */

static prq_str cpe_part(prq_str cpe, unsigned wanted)
{
    prq_str rest = cpe, piece;
    for (unsigned i = 0; prq_str_split(&rest, ':', &piece); i++)
        if (i == wanted)
            return piece;
    return (prq_str){ 0 };
}

static bool is_uri(prq_str cpe)
{
    return prq_str_starts(cpe, PRQ_S("cpe:/"));
}

static bool is_formatted(prq_str cpe)
{
    return prq_str_starts(cpe, PRQ_S("cpe:2.3:"));
}

static prq_str cpe_product(prq_str cpe)
{
    return is_uri(cpe) ? cpe_part(cpe, 3) : is_formatted(cpe) ? cpe_part(cpe, 4) : (prq_str){ 0 };
}

static prq_str cpe_version(prq_str cpe)
{
    prq_str v = is_uri(cpe) ? cpe_part(cpe, 4) : is_formatted(cpe) ? cpe_part(cpe, 5) : (prq_str){ 0 };
    return prq_str_eq(v, PRQ_S("*")) || prq_str_eq(v, PRQ_S("-")) ? (prq_str){ 0 } : v;
}

/* The ID of os-release for a product of the CPE dictionary. */
static prq_str distro_id(prq_str product)
{
    static const struct {
        prq_str product, id;
    } names[] = {
        { PRQ_SI("enterprise_linux"), PRQ_SI("rhel") },
        { PRQ_SI("debian_linux"), PRQ_SI("debian") },
        { PRQ_SI("ubuntu_linux"), PRQ_SI("ubuntu") },
        { PRQ_SI("alpine_linux"), PRQ_SI("alpine") },
        { PRQ_SI("arch_linux"), PRQ_SI("arch") },
        { PRQ_SI("amazon_linux"), PRQ_SI("amzn") },
        { PRQ_SI("azure_linux"), PRQ_SI("azurelinux") },
        { PRQ_SI("cbl-mariner"), PRQ_SI("mariner") },
        { PRQ_SI("leap"), PRQ_SI("opensuse-leap") },
        { PRQ_SI("tumbleweed"), PRQ_SI("opensuse-tumbleweed") },
        { PRQ_SI("linux"), { 0 } }, /* oracle:linux and others: too little */
    };
    for (size_t i = 0; i < PRQ_COUNT(names); i++)
        if (prq_str_eq(product, names[i].product))
            return names[i].id;
    return product;
}

/* ---- the note */

static void read_field(struct prq_json *j, prq_str key, struct note *n)
{
    const struct {
        prq_str key;
        prq_str *field;
    } fields[] = {
        { PRQ_S("type"), &n->type },         { PRQ_S("name"), &n->name },
        { PRQ_S("version"), &n->version },   { PRQ_S("architecture"), &n->arch },
        { PRQ_S("os"), &n->os },             { PRQ_S("osVersion"), &n->os_version },
        { PRQ_S("osCpe"), &n->os_cpe },      { PRQ_S("osCPE"), &n->os_cpe },
        { PRQ_S("appCpe"), &n->app_cpe },    { PRQ_S("cpe"), &n->cpe },
        { PRQ_S("purl"), &n->purl },         { PRQ_S("license"), &n->license },
        { PRQ_S("vendor"), &n->vendor },     { PRQ_S("system"), &n->system },
    };
    for (size_t i = 0; i < PRQ_COUNT(fields); i++)
        if (prq_str_eq(key, fields[i].key)) {
            prq_json_string_or_skip(j, fields[i].field);
            return;
        }
    prq_json_skip(j);
}

static bool read_payload(struct prq_ctx *ctx, prq_bytes desc, struct note *n, struct prq_err *err)
{
    struct prq_json j;
    prq_str key, text = prq_str_of(desc);
    while (text.n && text.p[text.n - 1] == '\0')
        text.n--;
    *n = (struct note){ 0 };
    prq_json_init(&j, text, ctx->scratch, ctx->limits);
    if (!prq_json_enter_object(&j))
        return prq_fail(err, PRQ_E_FORMAT, "package note is no JSON object");
    while (prq_json_key(&j, &key))
        read_field(&j, key, n);
    return prq_json_end(&j, err);
}

static bool is_os_type(prq_str type)
{
    static const prq_str types[] = { PRQ_SI("rpm"), PRQ_SI("deb"), PRQ_SI("apk"), PRQ_SI("alpm") };
    for (size_t i = 0; i < PRQ_COUNT(types); i++)
        if (prq_str_eq(type, types[i]))
            return true;
    return false;
}

static bool fill(struct prq_ctx *ctx, const struct note *n, struct prq_package *p)
{
    prq_str os = n->os.n ? n->os : distro_id(cpe_product(n->os_cpe));
    prq_str os_version = n->os_version.n ? n->os_version : cpe_version(n->os_cpe);
    if (n->purl.n && prq_package_from_purl(n->purl, ctx->scratch, p, NULL)) {
        if (p->version.n == 0)
            p->version = n->version;
    } else {
        *p = (struct prq_package){ .name = n->name, .version = n->version, .arch = n->arch };
        p->type = is_os_type(n->type) ? n->type : PRQ_S("binary");
        p->ns = is_os_type(n->type) && os.n ? os : n->system;
    }
    if (is_os_type(p->type) && p->distro.n == 0 && os.n) {
        p->distro = prq_arena_printf(ctx->scratch, "%.*s%s%.*s", PRQ_FMT(os),
                                     os_version.n ? "-" : "", PRQ_FMT(os_version));
        if (!p->distro.p)
            return false;
    }
    p->vendor = n->vendor;
    return true;
}

static bool put(struct prq_ctx *ctx, const struct note *n, struct prq_sink *sink,
                struct prq_err *err)
{
    struct prq_package p;
    prq_str cpes[2], license = n->license;
    size_t cpe_count = 0;
    if (!fill(ctx, n, &p))
        return prq_fail(err, PRQ_E_LIMIT, "no room for a package note");
    if (p.name.n == 0)
        return prq_fail(err, PRQ_E_FORMAT, "package note without a name");
    if (is_formatted(n->app_cpe))
        cpes[cpe_count++] = n->app_cpe;
    if (is_formatted(n->cpe) && !prq_str_eq(n->cpe, n->app_cpe))
        cpes[cpe_count++] = n->cpe;
    if (is_os_type(p.type))
        p.flags = PRQ_PKG_STRAY;
    p.cpes = (struct prq_strs){ cpes, cpe_count };
    p.licenses = (struct prq_strs){ &license, license.n ? 1 : 0 };
    return prq_sink_package(sink, &p) || prq_sink_full(err);
}

/* ---- where notes lie */

static uint32_t word(const struct prq_elf *e, struct prq_rd *r)
{
    return e->is_big ? prq_rd_u32be(r) : prq_rd_u32le(r);
}

static const uint8_t *padded(struct prq_rd *r, uint32_t n)
{
    const uint8_t *p = prq_rd_take(r, n);
    size_t pad = (4 - n % 4) % 4;
    if (p)
        prq_rd_take(r, prq_min_size(pad, prq_rd_left(r)));
    return p;
}

/* The first package note among those of a section or segment. */
static bool find_note(const struct prq_elf *e, prq_bytes notes, prq_bytes *desc)
{
    struct prq_rd r = prq_rd_of(notes);
    for (unsigned i = 0; i < NOTES_MAX && prq_rd_left(&r); i++) {
        uint32_t name_size = word(e, &r), desc_size = word(e, &r), type = word(e, &r);
        const uint8_t *name = padded(&r, name_size), *at = padded(&r, desc_size);
        if (r.bad)
            return false;
        if (type == NOTE_TYPE && name_size == 4 && memcmp(name, "FDO", 4) == 0) {
            *desc = (prq_bytes){ at, desc_size };
            return true;
        }
    }
    return false;
}

/* By its section; in a file without sections by the segments of notes. */
static bool find_anywhere(const struct prq_elf *e, prq_bytes *desc)
{
    struct prq_elf_section section;
    if (prq_elf_find(e, PRQ_S(".note.package"), &section) &&
        find_note(e, prq_elf_section_data(e, &section), desc))
        return true;
    for (uint32_t i = 0; i < e->segment_count; i++) {
        struct prq_elf_segment segment = prq_elf_segment(e, i);
        if (segment.type == PRQ_ELF_PT_NOTE && find_note(e, prq_elf_segment_data(e, &segment), desc))
            return true;
    }
    return false;
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    struct prq_elf elf;
    struct note note;
    prq_bytes desc;
    if (!prq_elf_open(in->data, &elf, NULL))
        return true; /* golang.c, which is shown every such file, reports it */
    if (!find_anywhere(&elf, &desc))
        return true;
    return read_payload(ctx, desc, &note, err) && put(ctx, &note, sink, err);
}

const struct prq_analyzer prq_analyzer_elfnote = {
    .name = "elfnote",
    .purl_type = "generic",
    .summary = "package notes inside ELF files",
    .revision = 1,
    .wants = wants,
    .run = run,
};
