/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX 2.3 as JSON. What a package has beyond the standard members stands in one annotation, a line
 * a pair, "NAME=VALUE" with '%', CR and LF percent-encoded (model/sbomfields.h names the pairs).
 * Sources: SPDX specification 2.3, clauses 6 to 12 and annex D; catalog.md 11.2. */
#include "base/map.h"
#include "model/spdxlicense.h"
#include "report/output.h"
#include "report/sbomparts.h"

#define ROOT_ID "SPDXRef-Image"
#define ORGANIZATION "Organization: "
#define OS_ID "SPDXRef-OperatingSystem"

struct writer {
    struct prq_jw w;
    const struct prq_report *r;
    struct prq_sbom_work work;
    prq_str *ids;           /* one a package */
    struct prq_map named;   /* licences that are none of the list: text to index */
    prq_str *names;
    size_t name_count, name_cap;
    bool failed;
};

static bool has_os(const struct prq_analysis *an)
{
    return an->has_distro && an->distro.id.n;
}

/* ---- annotations */

static void put_escaped(struct prq_buf *b, prq_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '%' || s.p[i] == '\n' || s.p[i] == '\r')
            prq_buf_printf(b, "%%%02X", (unsigned)(uint8_t)s.p[i]);
        else
            prq_buf_byte(b, (uint8_t)s.p[i]);
    }
}

static void put_line(void *user, prq_str name, prq_str value)
{
    struct prq_buf *b = user;
    if (b->n)
        prq_buf_byte(b, '\n');
    put_escaped(b, name);
    prq_buf_byte(b, '=');
    put_escaped(b, value);
}

static void annotations(struct writer *x, const struct prq_buf *lines)
{
    struct prq_jw *w = &x->w;
    if (lines->n == 0)
        return;
    x->failed |= lines->bad;
    prq_jw_key(w, "annotations");
    prq_jw_array(w);
    prq_jw_object(w);
    prq_jw_kv(w, "annotationDate", x->r->now);
    prq_jw_kv(w, "annotationType", PRQ_S("OTHER"));
    prq_jw_kv(w, "annotator", prq_arena_printf(x->work.tmp, "Tool: pratique-%.*s",
                                               PRQ_FMT(x->r->tool_version)));
    prq_jw_kv(w, "comment", prq_buf_view(lines));
    prq_jw_object_end(w);
    prq_jw_array_end(w);
}

/* ---- identifiers: letters, digits, '.' and '-' */

static prq_str id_of(struct writer *x, size_t i)
{
    const struct prq_package *p = &x->r->analysis->packages[i];
    prq_str ref = x->work.refs[i];
    uint8_t digest[32];
    char hex[16];
    PRQ_BUF b;
    prq_buf_init(&b, 512);
    if (!prq_sha256(prq_bytes_of(ref), digest))
        return (prq_str){ 0 };
    prq_hex_encode((prq_bytes){ digest, sizeof hex / 2 }, hex);
    prq_buf_str(&b, PRQ_S("SPDXRef-Package-"));
    const prq_str words[] = { p->type, prq_str_head(p->name, 100) };
    for (size_t k = 0; k < PRQ_COUNT(words); k++) {
        for (size_t m = 0; m < words[k].n; m++) {
            char c = words[k].p[m];
            prq_buf_byte(&b, prq_is_alnum(c) || c == '.' ? (uint8_t)c : '-');
        }
        prq_buf_byte(&b, '-');
    }
    prq_buf_add(&b, hex, sizeof hex);
    return prq_arena_copy(x->work.a, prq_buf_view(&b));
}

static bool make_ids(struct writer *x)
{
    size_t n = x->r->analysis->package_count;
    x->ids = prq_new_n(x->work.a, prq_str, n + 1);
    for (size_t i = 0; x->ids && i < n; i++) {
        x->ids[i] = id_of(x, i);
        if (!x->ids[i].p)
            return false;
    }
    return x->ids != NULL;
}

/* ---- licences */

/* "LicenseRef-Expat": what the name loses on the way is made up for by a part of its digest, so one
 * name is one reference in every document. */
static bool named_ref(prq_str text, struct prq_buf *out)
{
    size_t before, i = 0;
    prq_buf_str(out, PRQ_S("LicenseRef-"));
    before = out->n;
    for (; i < text.n && i < 48; i++)
        prq_buf_byte(out, prq_is_alnum(text.p[i]) || text.p[i] == '.' ? (uint8_t)text.p[i] : '-');
    if (out->bad)
        return false;
    if (i == text.n && memcmp(out->p + before, text.p, text.n) == 0)
        return true;
    uint8_t digest[32];
    char hex[8];
    if (!prq_sha256(prq_bytes_of(text), digest))
        return false;
    prq_hex_encode((prq_bytes){ digest, sizeof hex / 2 }, hex);
    return prq_buf_byte(out, '-') && prq_buf_add(out, hex, sizeof hex);
}

/* A licence that the list does not have. */
static bool put_named(struct writer *x, prq_str text, struct prq_buf *out)
{
    bool added;
    if (!prq_map_put(&x->named, text, x->name_count, &added))
        return false;
    if (added) {
        if (!prq_arena_grow(x->work.a, &x->names, sizeof *x->names, &x->name_cap,
                            x->name_count + 1))
            return false;
        x->names[x->name_count++] = text;
    }
    return named_ref(text, out);
}

/* Declared together: all of them hold. */
static bool declared(struct writer *x, struct prq_strs all, prq_str *out)
{
    PRQ_BUF b;
    size_t n = 0;
    prq_buf_init(&b, PRQ_MIB(16));
    for (size_t i = 0; i < all.n; i++) {
        prq_str text = prq_str_trim(all.v[i]);
        if (text.n == 0)
            continue;
        if (n++)
            prq_buf_str(&b, PRQ_S(" AND "));
        enum prq_license_kind kind = prq_spdx_expression(text, NULL);
        bool brackets = kind == PRQ_LICENSE_EXPRESSION && all.n > 1 &&
                        prq_str_find(text, ' ') < text.n;
        /* A reference of somebody else's means nothing here. */
        if (prq_str_has(text, PRQ_S("LicenseRef-")))
            kind = PRQ_LICENSE_NAME;
        if (kind == PRQ_LICENSE_NAME) {
            if (!put_named(x, text, &b))
                return false;
            continue;
        }
        if (brackets)
            prq_buf_byte(&b, '(');
        (void)prq_spdx_expression(text, &b);
        if (brackets)
            prq_buf_byte(&b, ')');
    }
    *out = n ? prq_arena_copy(x->work.tmp, prq_buf_view(&b)) : PRQ_S("NOASSERTION");
    return !b.bad && out->p;
}

static void extracted_licenses(struct writer *x)
{
    struct prq_jw *w = &x->w;
    if (x->name_count == 0)
        return;
    prq_jw_key(w, "hasExtractedLicensingInfos");
    prq_jw_array(w);
    for (size_t i = 0; i < x->name_count; i++) {
        PRQ_BUF id;
        prq_buf_init(&id, 128);
        x->failed |= !named_ref(x->names[i], &id);
        prq_jw_object(w);
        prq_jw_kv(w, "extractedText", x->names[i]);
        prq_jw_kv(w, "licenseId", prq_buf_view(&id));
        prq_jw_kv(w, "name", x->names[i]);
        prq_jw_object_end(w);
    }
    prq_jw_array_end(w);
}

/* ---- packages */

static void checksums(struct prq_jw *w, struct prq_strs digests)
{
    prq_str alg, hex, before, after;
    bool any = false;
    for (size_t i = 0; i < digests.n; i++) {
        if (!prq_digest_parts(digests.v[i], &alg, &hex))
            continue;
        if (!any) {
            prq_jw_key(w, "checksums");
            prq_jw_array(w);
        }
        any = true;
        char name[16]; /* "SHA-256" is written SHA256 here */
        size_t n = 0;
        if (!prq_str_cut(alg, '-', &before, &after)) {
            before = alg;
            after = (prq_str){ 0 };
        }
        memcpy(name, before.p, before.n);
        n = before.n;
        if (after.n)
            memcpy(name + n, after.p, after.n);
        prq_jw_object(w);
        prq_jw_kv(w, "algorithm", (prq_str){ name, n + after.n });
        prq_jw_kv(w, "checksumValue", hex);
        prq_jw_object_end(w);
    }
    if (any)
        prq_jw_array_end(w);
}

static void external_ref(struct prq_jw *w, const char *category, const char *type, prq_str locator)
{
    prq_jw_object(w);
    prq_jw_kv(w, "referenceCategory", prq_str_from(category));
    prq_jw_kv(w, "referenceLocator", locator);
    prq_jw_kv(w, "referenceType", prq_str_from(type));
    prq_jw_object_end(w);
}

static void external_refs(struct prq_jw *w, struct prq_strs cpes, prq_str purl)
{
    if (cpes.n == 0 && purl.n == 0)
        return;
    prq_jw_key(w, "externalRefs");
    prq_jw_array(w);
    for (size_t i = 0; i < cpes.n; i++)
        external_ref(w, "SECURITY", "cpe23Type", cpes.v[i]);
    if (purl.n)
        external_ref(w, "PACKAGE-MANAGER", "purl", purl);
    prq_jw_array_end(w);
}

/* "Name <mail>" is "Organization: Name (mail)". Empty: none that could be written. */
static prq_str supplier_of(struct writer *x, prq_str vendor)
{
    prq_str name, mail;
    vendor = prq_str_trim(vendor);
    if (vendor.n == 0 || !prq_is_utf8(vendor))
        return (prq_str){ 0 };
    if (prq_str_cut(vendor, '<', &name, &mail) && prq_str_trim(name).n && mail.n > 1 &&
        mail.p[mail.n - 1] == '>')
        return prq_arena_printf(x->work.tmp, ORGANIZATION "%.*s (%.*s)",
                                PRQ_FMT(prq_str_trim(name)),
                                PRQ_FMT(prq_str_head(mail, mail.n - 1)));
    return prq_arena_printf(x->work.tmp, ORGANIZATION "%.*s", PRQ_FMT(vendor));
}

static void source_info(struct writer *x, const struct prq_package *p)
{
    PRQ_BUF b;
    prq_buf_init(&b, PRQ_KIB(64));
    prq_buf_printf(&b, "found by %.*s in", PRQ_FMT(p->found_by));
    for (size_t i = 0; i < p->evidence_count && i < 100; i++)
        prq_buf_printf(&b, "%s %.*s", i ? "," : "", PRQ_FMT(p->evidence[i].path));
    if (p->evidence_count && !b.bad)
        prq_jw_kv(&x->w, "sourceInfo", prq_buf_view(&b));
}

/* The members that every package has. */
static void common(struct writer *x, prq_str id, prq_str name, prq_str version, prq_str license,
                   const char *purpose)
{
    struct prq_jw *w = &x->w;
    prq_jw_kv(w, "SPDXID", id);
    prq_jw_kv(w, "name", name.n ? name : PRQ_S("NOASSERTION"));
    prq_jw_opt(w, "versionInfo", version);
    prq_jw_kv(w, "downloadLocation", PRQ_S("NOASSERTION"));
    prq_jw_kv_bool(w, "filesAnalyzed", false);
    prq_jw_kv(w, "copyrightText", PRQ_S("NOASSERTION"));
    prq_jw_kv(w, "licenseConcluded", PRQ_S("NOASSERTION"));
    prq_jw_kv(w, "licenseDeclared", license);
    prq_jw_kv(w, "primaryPackagePurpose", prq_str_from(purpose));
}

static bool told_lists(struct writer *x, const struct prq_package *p, struct prq_listed *told)
{
    prq_str alg, hex;
    told->digests.v = prq_new_n(x->work.tmp, prq_str, p->digests.n + 1);
    told->cpes.v = prq_new_n(x->work.tmp, prq_str, p->cpes.n + 1);
    if (!told->digests.v || !told->cpes.v)
        return false;
    for (size_t i = 0; i < p->digests.n; i++)
        if (prq_digest_parts(p->digests.v[i], &alg, &hex))
            told->digests.v[told->digests.n++] = p->digests.v[i];
    for (size_t i = 0; i < p->cpes.n; i++)
        if (prq_str_starts(p->cpes.v[i], PRQ_S("cpe:2.3:")) && prq_is_utf8(p->cpes.v[i]))
            told->cpes.v[told->cpes.n++] = p->cpes.v[i];
    return true;
}

static void package(struct writer *x, size_t i)
{
    const struct prq_package *p = &x->r->analysis->packages[i];
    struct prq_jw *w = &x->w;
    struct prq_mark mark = prq_arena_mark(x->work.tmp);
    struct prq_listed told = { .purl = p->purl };
    prq_str license, supplier = supplier_of(x, p->vendor);
    PRQ_BUF lines;
    prq_buf_init(&lines, PRQ_MIB(64));
    const struct prq_field_sink sink = { put_line, &lines };
    bool ok = declared(x, p->licenses, &license) && told_lists(x, p, &told);
    told.publisher = prq_str_from_at(supplier, strlen(ORGANIZATION));
    if (ok && p->licenses.n)
        told.licenses = (struct prq_strs){ &license, 1 };
    ok = ok && prq_sbom_fields(&x->work, i, x->ids, &told, &sink);
    bool is_program = (p->flags & (PRQ_PKG_APPLICATION | PRQ_PKG_MAIN)) ||
                      prq_str_eq(p->type, PRQ_S("binary"));
    x->failed |= !ok;
    if (ok) {
        prq_jw_object(w);
        common(x, x->ids[i], p->name, prq_package_shown_version(p, x->work.tmp), license,
               is_program ? "APPLICATION" : "LIBRARY");
        prq_jw_opt(w, "supplier", supplier);
        source_info(x, p);
        checksums(w, p->digests);
        external_refs(w, told.cpes, p->purl);
        annotations(x, &lines);
        prq_jw_object_end(w);
    }
    prq_arena_rewind(x->work.tmp, mark);
}

struct labels {
    struct writer *x;
    struct prq_buf *b;
};

static void put_label(void *user, prq_str key, prq_str value)
{
    struct labels *to = user;
    prq_str name = prq_arena_printf(to->x->work.tmp, "pratique:image:label:%.*s", PRQ_FMT(key));
    if (name.p)
        put_line(to->b, name, value);
}

static void root_package(struct writer *x)
{
    static const char *const purposes[] = {
        [PRQ_SOURCE_IMAGE] = "CONTAINER", [PRQ_SOURCE_ROOTFS] = "FILE", [PRQ_SOURCE_DIR] = "FILE",
        [PRQ_SOURCE_LIST] = "OTHER",
    };
    const struct prq_analysis *an = x->r->analysis;
    struct prq_mark mark = prq_arena_mark(x->work.tmp);
    prq_str digest = an->digest;
    PRQ_BUF lines;
    prq_buf_init(&lines, PRQ_MIB(256));
    const struct prq_field_sink sink = { put_line, &lines };
    struct labels labels = { x, &lines };
    x->failed |= !prq_fields_of_image(an, x->work.tmp, &sink) ||
                 !prq_fields_of_gaps(an->gaps, an->gap_count, x->work.tmp, &sink);
    prq_sbom_labels(&x->work, put_label, &labels);
    prq_jw_object(&x->w);
    common(x, PRQ_S(ROOT_ID), an->name, an->digest, PRQ_S("NOASSERTION"), purposes[an->kind]);
    checksums(&x->w, (struct prq_strs){ &digest, digest.n != 0 });
    external_refs(&x->w, (struct prq_strs){ 0 }, x->work.image_purl);
    annotations(x, &lines);
    prq_jw_object_end(&x->w);
    prq_arena_rewind(x->work.tmp, mark);
}

static void os_package(struct writer *x)
{
    const struct prq_distro *d = &x->r->analysis->distro;
    prq_jw_object(&x->w);
    common(x, PRQ_S(OS_ID), d->id, d->version_id, PRQ_S("NOASSERTION"), "OPERATING_SYSTEM");
    prq_jw_opt(&x->w, "summary", d->pretty_name.n ? d->pretty_name : d->name);
    prq_jw_object_end(&x->w);
}

/* ---- relationships */

static void relation(struct prq_jw *w, prq_str from, const char *type, prq_str to)
{
    prq_jw_object(w);
    prq_jw_kv(w, "spdxElementId", from);
    prq_jw_kv(w, "relationshipType", prq_str_from(type));
    prq_jw_kv(w, "relatedSpdxElement", to);
    prq_jw_object_end(w);
}

static void relationships(struct writer *x)
{
    const struct prq_analysis *an = x->r->analysis;
    struct prq_jw *w = &x->w;
    prq_jw_key(w, "relationships");
    prq_jw_array(w);
    relation(w, PRQ_S("SPDXRef-DOCUMENT"), "DESCRIBES", PRQ_S(ROOT_ID));
    if (has_os(an))
        relation(w, PRQ_S(ROOT_ID), "CONTAINS", PRQ_S(OS_ID));
    for (size_t i = 0; i < an->package_count; i++)
        relation(w, PRQ_S(ROOT_ID), "CONTAINS", x->ids[i]);
    for (size_t i = 0; i < an->package_count; i++)
        for (size_t k = 0; k < x->work.edges.of[i].n; k++)
            relation(w, x->ids[i], "DEPENDS_ON", x->ids[x->work.edges.of[i].v[k]]);
    prq_jw_array_end(w);
}

/* ---- the document */

static void creation_info(struct writer *x)
{
    struct prq_jw *w = &x->w;
    prq_jw_key(w, "creationInfo");
    prq_jw_object(w);
    prq_jw_kv(w, "created", x->r->now);
    prq_jw_key(w, "creators");
    prq_jw_array(w);
    prq_jw_str(w, prq_arena_printf(x->work.a, "Tool: pratique-%.*s", PRQ_FMT(x->r->tool_version)));
    prq_jw_array_end(w);
    prq_jw_object_end(w);
}

static bool number(struct prq_buf *out, size_t at, struct prq_err *err)
{
    uint8_t digest[32];
    return prq_sha256(prq_buf_bytes(out), digest) &&
           prq_uuid_of((prq_bytes){ digest, sizeof digest }, (char *)out->p + at, err);
}

static bool write_all(struct writer *x, struct prq_buf *out, struct prq_err *err)
{
    const struct prq_analysis *an = x->r->analysis;
    struct prq_jw *w = &x->w;
    prq_jw_init(w, out, true);
    prq_jw_object(w);
    prq_jw_kv(w, "spdxVersion", PRQ_S("SPDX-2.3"));
    prq_jw_kv(w, "dataLicense", PRQ_S("CC0-1.0"));
    prq_jw_kv(w, "SPDXID", PRQ_S("SPDXRef-DOCUMENT"));
    prq_jw_kv(w, "name", an->name.n ? an->name : PRQ_S("pratique"));
    prq_jw_kv(w, "documentNamespace",
              PRQ_S("https://pratique.invalid/spdx/00000000-0000-0000-0000-000000000000"));
    size_t number_at = out->n - 1 - 36;
    creation_info(x);
    prq_jw_key(w, "packages");
    prq_jw_array(w);
    root_package(x);
    if (has_os(an))
        os_package(x);
    for (size_t i = 0; i < an->package_count && !x->failed; i++)
        package(x, i);
    prq_jw_array_end(w);
    extracted_licenses(x);
    relationships(x);
    prq_jw_object_end(w);
    prq_buf_byte(out, '\n');
    if (x->failed || out->bad)
        return prq_fail(err, PRQ_E_LIMIT, "the SBOM is too large");
    return number(out, number_at, err);
}

static bool write_spdx(const struct prq_report *r, const struct prq_report_style *style,
                       struct prq_buf *out, struct prq_err *err)
{
    struct writer x = { .r = r };
    (void)style;
    bool ok = prq_sbom_work_begin(&x.work, r->analysis, err);
    if (ok) {
        prq_map_init(&x.named, x.work.a);
        ok = make_ids(&x) ? write_all(&x, out, err)
                          : prq_fail(err, PRQ_E_LIMIT, "the SBOM is too large");
    }
    prq_sbom_work_end(&x.work);
    return ok;
}

const struct prq_report_sink prq_report_spdx = {
    .name = "spdx",
    .summary = "SPDX 2.3 JSON: packages and dependencies",
    .write = write_spdx,
    .is_sbom = true,
};
