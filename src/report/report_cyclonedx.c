/* SPDX-License-Identifier: Apache-2.0 */
/* CycloneDX 1.6 as JSON. Standard members first; what they cannot say stands in properties under
 * "pratique:" (model/sbomfields.h, model/sbomimage.h), so that reading it back gives the same list.
 * Sources: CycloneDX 1.6 JSON reference; catalog.md 8, 10, 11.1, 11.3. */
#include "model/cpe.h"
#include "model/spdxlicense.h"
#include "report/cdxparts.h"
#include "report/output.h"

struct writer {
    struct prq_jw w;
    const struct prq_report *r;
    struct prq_sbom_work work;
    bool failed;
};

void prq_cdx_property(struct prq_jw *w, prq_str name, prq_str value)
{
    prq_jw_object(w);
    prq_jw_kv(w, "name", name);
    prq_jw_kv(w, "value", value);
    prq_jw_object_end(w);
}

static void put_property(void *user, prq_str name, prq_str value)
{
    prq_cdx_property(user, name, value);
}

static void put_label(void *user, prq_str key, prq_str value)
{
    struct writer *x = user;
    prq_str name = prq_arena_printf(x->work.tmp, "pratique:image:label:%.*s", PRQ_FMT(key));
    if (name.p)
        prq_cdx_property(&x->w, name, value);
}

static void hashes(struct prq_jw *w, struct prq_strs digests)
{
    prq_str alg, hex;
    bool any = false;
    for (size_t i = 0; i < digests.n; i++) {
        if (!prq_digest_parts(digests.v[i], &alg, &hex))
            continue;
        if (!any) {
            prq_jw_key(w, "hashes");
            prq_jw_array(w);
        }
        any = true;
        prq_jw_object(w);
        prq_jw_kv(w, "alg", alg);
        prq_jw_kv(w, "content", hex);
        prq_jw_object_end(w);
    }
    if (any)
        prq_jw_array_end(w);
}

/* ---- the head */

static const char *root_type(enum prq_source_kind kind)
{
    static const char *const types[] = {
        [PRQ_SOURCE_IMAGE] = "container", [PRQ_SOURCE_ROOTFS] = "file",
        [PRQ_SOURCE_DIR] = "file", [PRQ_SOURCE_LIST] = "application",
    };
    return types[kind];
}

static prq_str root_ref(const struct prq_analysis *an)
{
    return an->digest.n ? an->digest : an->id.n ? an->id : PRQ_S("source");
}

static void root_component(struct writer *x)
{
    const struct prq_analysis *an = x->r->analysis;
    struct prq_jw *w = &x->w;
    const struct prq_field_sink sink = { put_property, w };
    prq_str digest = an->digest;
    prq_jw_key(w, "component");
    prq_jw_object(w);
    prq_jw_kv(w, "bom-ref", root_ref(an));
    prq_jw_kv(w, "type", prq_str_from(root_type(an->kind)));
    prq_jw_kv(w, "name", an->name);
    prq_jw_opt(w, "version", an->digest);
    hashes(w, (struct prq_strs){ &digest, digest.n != 0 });
    prq_jw_opt(w, "purl", x->work.image_purl);
    prq_jw_key(w, "properties");
    prq_jw_array(w);
    x->failed |= !prq_fields_of_image(an, x->work.tmp, &sink);
    prq_sbom_labels(&x->work, put_label, x);
    prq_jw_array_end(w);
    prq_jw_object_end(w);
}

static void tools(struct writer *x)
{
    struct prq_jw *w = &x->w;
    prq_jw_key(w, "tools");
    prq_jw_object(w);
    prq_jw_key(w, "components");
    prq_jw_array(w);
    prq_jw_object(w);
    prq_jw_kv(w, "type", PRQ_S("application"));
    prq_jw_kv(w, "name", PRQ_S("pratique"));
    prq_jw_kv(w, "version", x->r->tool_version);
    prq_jw_object_end(w);
    prq_jw_array_end(w);
    prq_jw_object_end(w);
}

static void metadata(struct writer *x)
{
    struct prq_jw *w = &x->w;
    const struct prq_field_sink sink = { put_property, w };
    const struct prq_analysis *an = x->r->analysis;
    struct prq_mark mark = prq_arena_mark(x->work.tmp);
    prq_jw_key(w, "metadata");
    prq_jw_object(w);
    prq_jw_kv(w, "timestamp", x->r->now);
    tools(x);
    root_component(x);
    if (an->gap_count) {
        prq_jw_key(w, "properties");
        prq_jw_array(w);
        x->failed |= !prq_fields_of_gaps(an->gaps, an->gap_count, x->work.tmp, &sink);
        prq_jw_array_end(w);
    }
    prq_jw_object_end(w);
    prq_arena_rewind(x->work.tmp, mark);
}

/* ---- components */

static bool has_os(const struct writer *x)
{
    return x->r->analysis->has_distro && x->r->analysis->distro.id.n;
}

static prq_str os_ref(struct writer *x)
{
    const struct prq_distro *d = &x->r->analysis->distro;
    return prq_arena_printf(x->work.a, "os:%.*s%s%.*s", PRQ_FMT(d->id), d->version_id.n ? "@" : "",
                            PRQ_FMT(d->version_id));
}

static void os_component(struct writer *x)
{
    const struct prq_distro *d = &x->r->analysis->distro;
    struct prq_jw *w = &x->w;
    prq_jw_object(w);
    prq_jw_kv(w, "bom-ref", os_ref(x));
    prq_jw_kv(w, "type", PRQ_S("operating-system"));
    prq_jw_kv(w, "name", d->id);
    prq_jw_opt(w, "version", d->version_id);
    prq_jw_opt(w, "description", d->pretty_name.n ? d->pretty_name : d->name);
    prq_jw_object_end(w);
}

static void license(struct prq_jw *w, const char *key, prq_str text)
{
    prq_jw_object(w);
    prq_jw_key(w, "license");
    prq_jw_object(w);
    prq_jw_kv(w, key, text);
    prq_jw_kv(w, "acknowledgement", PRQ_S("declared"));
    prq_jw_object_end(w);
    prq_jw_object_end(w);
}

static prq_str canonical(struct writer *x, prq_str text)
{
    PRQ_BUF b;
    prq_buf_init(&b, text.n * 2 + 64);
    (void)prq_spdx_expression(text, &b);
    return prq_arena_copy(x->work.tmp, prq_buf_view(&b));
}

/* As declared; *told gets what a reader finds. An expression may stand alone only. */
static bool licenses(struct writer *x, struct prq_strs all, struct prq_strs *told)
{
    struct prq_jw *w = &x->w;
    told->v = all.n ? prq_new_n(x->work.tmp, prq_str, all.n) : NULL;
    told->n = 0;
    if (all.n && !told->v)
        return false;
    for (size_t i = 0; i < all.n; i++) {
        prq_str text = all.v[i];
        if (text.n == 0 || !prq_is_utf8(text))
            continue;
        if (told->n == 0) {
            prq_jw_key(w, "licenses");
            prq_jw_array(w);
        }
        enum prq_license_kind kind = prq_spdx_expression(text, NULL);
        if (kind == PRQ_LICENSE_EXPRESSION && all.n == 1) {
            text = canonical(x, text);
            prq_jw_object(w);
            prq_jw_kv(w, "expression", text);
            prq_jw_kv(w, "acknowledgement", PRQ_S("declared"));
            prq_jw_object_end(w);
        } else if (kind == PRQ_LICENSE_ID) {
            text = prq_spdx_license_id(prq_str_trim(text));
            license(w, "id", text);
        } else {
            license(w, "name", text);
        }
        told->v[told->n++] = text;
    }
    if (told->n)
        prq_jw_array_end(w);
    return true;
}

static const char *component_type(const struct prq_package *p)
{
    bool is_program = (p->flags & (PRQ_PKG_APPLICATION | PRQ_PKG_MAIN)) ||
                      prq_str_eq(p->type, PRQ_S("binary"));
    return is_program ? "application" : "library";
}

/* npm's scope and maven's group have a member of their own. */
static void names(struct prq_jw *w, const struct prq_package *p)
{
    bool has_group = prq_str_eq(p->type, PRQ_S("npm")) || prq_str_eq(p->type, PRQ_S("maven"));
    prq_str name = p->name;
    if (has_group && p->ns.n && name.n > p->ns.n + 1 && prq_str_starts(name, p->ns)) {
        prq_jw_kv(w, "group", p->ns);
        name = prq_str_from_at(name, p->ns.n + 1);
    }
    prq_jw_kv(w, "name", name);
}

struct trust {
    const char *technique, *confidence;
};

static struct trust trust_of(const struct prq_package *p)
{
    bool is_binary = prq_str_eq(p->type, PRQ_S("binary")) ||
                     prq_str_eq(p->found_by, PRQ_S("golang"));
    if (p->flags & PRQ_PKG_CLAIMED)
        return (struct trust){ "attestation", "0.5" };
    if (p->flags & PRQ_PKG_GUESSED)
        return (struct trust){ is_binary ? "binary-analysis" : "filename", "0.7" };
    if (p->flags & PRQ_PKG_DECLARED)
        return (struct trust){ "manifest-analysis", "0.8" };
    return (struct trust){ is_binary ? "binary-analysis" : "manifest-analysis", "1" };
}

static void identity(struct prq_jw *w, const struct prq_package *p)
{
    struct trust t = trust_of(p);
    prq_jw_key(w, "identity");
    prq_jw_array(w);
    prq_jw_object(w);
    prq_jw_kv(w, "field", PRQ_S("purl"));
    prq_jw_key(w, "confidence");
    prq_jw_raw(w, prq_str_from(t.confidence));
    prq_jw_key(w, "methods");
    prq_jw_array(w);
    prq_jw_object(w);
    prq_jw_kv(w, "technique", prq_str_from(t.technique));
    prq_jw_key(w, "confidence");
    prq_jw_raw(w, prq_str_from(t.confidence));
    prq_jw_opt(w, "value", p->found_by);
    prq_jw_object_end(w);
    prq_jw_array_end(w);
    prq_jw_object_end(w);
    prq_jw_array_end(w);
}

static bool evidence(struct writer *x, const struct prq_package *p, struct prq_strs *told)
{
    struct prq_jw *w = &x->w;
    told->v = prq_new_n(x->work.tmp, prq_str, p->evidence_count + 1);
    if (!told->v)
        return false;
    prq_jw_key(w, "evidence");
    prq_jw_object(w);
    identity(w, p);
    if (p->evidence_count) {
        prq_jw_key(w, "occurrences");
        prq_jw_array(w);
        for (size_t i = 0; i < p->evidence_count; i++) {
            prq_str path = p->evidence[i].path;
            prq_jw_object(w);
            prq_jw_kv(w, "location", path);
            prq_jw_object_end(w);
            told->v[told->n++] = prq_is_utf8(path) ? path : (prq_str){ 0 };
        }
        prq_jw_array_end(w);
    }
    prq_jw_object_end(w);
    return true;
}

static bool told_digests(struct writer *x, const struct prq_package *p, struct prq_strs *told)
{
    prq_str alg, hex;
    told->v = prq_new_n(x->work.tmp, prq_str, p->digests.n + 1);
    for (size_t i = 0; told->v && i < p->digests.n; i++)
        if (prq_digest_parts(p->digests.v[i], &alg, &hex))
            told->v[told->n++] = p->digests.v[i];
    return told->v != NULL;
}

/* The best one: the evidence's, else a guess, which a property marks as such. */
static bool cpe(struct writer *x, const struct prq_package *p, struct prq_listed *told,
                bool *is_guess)
{
    struct prq_strs all;
    if (p->cpes.n && p->cpes.v[0].n && prq_is_utf8(p->cpes.v[0])) {
        prq_jw_kv(&x->w, "cpe", p->cpes.v[0]);
        told->cpes = (struct prq_strs){ p->cpes.v, 1 };
        return true;
    }
    if (p->cpes.n)
        return true;
    if (!prq_cpe_candidates(p, x->work.tmp, &all))
        return false;
    *is_guess = all.n > 0;
    if (*is_guess)
        prq_jw_kv(&x->w, "cpe", all.v[0]);
    return true;
}

static void component(struct writer *x, size_t i)
{
    const struct prq_package *p = &x->r->analysis->packages[i];
    struct prq_jw *w = &x->w;
    const struct prq_field_sink sink = { put_property, w };
    struct prq_mark mark = prq_arena_mark(x->work.tmp);
    struct prq_listed told = { .purl = p->purl };
    prq_jw_object(w);
    prq_jw_kv(w, "bom-ref", x->work.refs[i]);
    prq_jw_kv(w, "type", prq_str_from(component_type(p)));
    names(w, p);
    prq_jw_kv(w, "version", prq_package_shown_version(p, x->work.tmp));
    if (p->flags & PRQ_PKG_DEV)
        prq_jw_kv(w, "scope", PRQ_S("optional"));
    if (prq_is_utf8(p->vendor)) {
        prq_jw_opt(w, "publisher", p->vendor);
        told.publisher = p->vendor;
    }
    hashes(w, p->digests);
    bool ok = told_digests(x, p, &told.digests) && licenses(x, p->licenses, &told.licenses);
    bool is_guess = false;
    ok = ok && cpe(x, p, &told, &is_guess);
    prq_jw_opt(w, "purl", p->purl);
    ok = ok && evidence(x, p, &told.paths);
    prq_jw_key(w, "properties");
    prq_jw_array(w);
    if (is_guess)
        prq_cdx_property(w, PRQ_S(PRQ_FIELD_PREFIX "cpe:generated"), PRQ_S("true"));
    ok = ok && prq_sbom_fields(&x->work, i, x->work.refs, &told, &sink);
    prq_jw_array_end(w);
    prq_jw_object_end(w);
    x->failed |= !ok;
    prq_arena_rewind(x->work.tmp, mark);
}

static void components(struct writer *x)
{
    prq_jw_key(&x->w, "components");
    prq_jw_array(&x->w);
    if (has_os(x))
        os_component(x);
    for (size_t i = 0; i < x->r->analysis->package_count; i++)
        component(x, i);
    prq_jw_array_end(&x->w);
}

/* ---- dependencies */

static void root_depends(struct writer *x)
{
    struct prq_jw *w = &x->w;
    prq_jw_object(w);
    prq_jw_kv(w, "ref", root_ref(x->r->analysis));
    prq_jw_key(w, "dependsOn");
    prq_jw_array(w);
    if (has_os(x))
        prq_jw_str(w, os_ref(x));
    for (size_t i = 0; i < x->work.root_count; i++)
        prq_jw_str(w, x->work.refs[x->work.roots[i]]);
    prq_jw_array_end(w);
    prq_jw_object_end(w);
}

static void dependencies(struct writer *x)
{
    struct prq_jw *w = &x->w;
    prq_jw_key(w, "dependencies");
    prq_jw_array(w);
    root_depends(x);
    for (size_t i = 0; i < x->r->analysis->package_count; i++) {
        const struct prq_edge_list *list = &x->work.edges.of[i];
        prq_jw_object(w);
        prq_jw_kv(w, "ref", x->work.refs[i]);
        if (list->n) {
            prq_jw_key(w, "dependsOn");
            prq_jw_array(w);
            for (size_t k = 0; k < list->n; k++)
                prq_jw_str(w, x->work.refs[list->v[k]]);
            prq_jw_array_end(w);
        }
        prq_jw_object_end(w);
    }
    prq_jw_array_end(w);
}

/* Each document has its own number: it is made from all of its bytes, the time among them. */
static bool number(struct prq_buf *out, size_t at, struct prq_err *err)
{
    uint8_t digest[32];
    return prq_sha256(prq_buf_bytes(out), digest) &&
           prq_uuid_of((prq_bytes){ digest, sizeof digest }, (char *)out->p + at, err);
}

static bool write_all(struct writer *x, struct prq_buf *out, struct prq_err *err)
{
    static const prq_str blank = PRQ_SI("urn:uuid:00000000-0000-0000-0000-000000000000");
    struct prq_jw *w = &x->w;
    prq_jw_init(w, out, true);
    prq_jw_object(w);
    prq_jw_kv(w, "$schema", PRQ_S("http://cyclonedx.org/schema/bom-1.6.schema.json"));
    prq_jw_kv(w, "bomFormat", PRQ_S("CycloneDX"));
    prq_jw_kv(w, "specVersion", PRQ_S("1.6"));
    prq_jw_kv(w, "serialNumber", blank);
    size_t number_at = out->n - 1 - 36;
    prq_jw_kv_u64(w, "version", 1);
    metadata(x);
    components(x);
    dependencies(x);
    if (!x->r->is_unjudged && !prq_cdx_vulnerabilities(w, x->r, &x->work))
        x->failed = true;
    prq_jw_object_end(w);
    prq_buf_byte(out, '\n');
    if (x->failed || out->bad)
        return prq_fail(err, PRQ_E_LIMIT, "the SBOM is too large");
    return number(out, number_at, err);
}

static bool write_cyclonedx(const struct prq_report *r, const struct prq_report_style *style,
                            struct prq_buf *out, struct prq_err *err)
{
    struct writer x = { .r = r };
    (void)style;
    bool ok = prq_sbom_work_begin(&x.work, r->analysis, err) && write_all(&x, out, err);
    prq_sbom_work_end(&x.work);
    return ok;
}

const struct prq_report_sink prq_report_cyclonedx = {
    .name = "cyclonedx",
    .summary = "CycloneDX 1.6 JSON: packages, dependencies, vulnerabilities",
    .write = write_cyclonedx,
    .is_sbom = true,
};
