/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX 2.2 and 2.3 as tag and value, a line each; <text>…</text> spans lines. A package begins with
 * PackageName; what stands before the first one, and after FileName, SnippetSPDXID or LicenseID, is
 * about something else.
 * Source: SPDX specification 2.3, annex "Tag-value". */
#include "format/sbomread.h"

struct tags {
    struct prq_sbom_reader *r;
    prq_str in;
    struct prq_sbom_item item;
    bool in_package;
    prq_str described;
};

static bool is(prq_str key, const char *name)
{
    return prq_str_eq(key, prq_str_from(name));
}

static bool is_asserted(prq_str text)
{
    return text.n && !is(text, "NOASSERTION") && !is(text, "NONE");
}

static void close_package(struct tags *t)
{
    if (t->in_package)
        prq_sbom_add_item(t->r, &t->item);
    t->in_package = false;
    t->item = (struct prq_sbom_item){ 0 };
}

/* "SECURITY cpe23Type cpe:2.3:…" */
static void take_reference(struct tags *t, prq_str value)
{
    prq_str category, rest, type, locator;
    if (prq_str_cut(value, ' ', &category, &rest) &&
        prq_str_cut(prq_str_trim(rest), ' ', &type, &locator))
        prq_spdx_reference(t->r, &t->item, type, prq_str_trim(locator));
}

/* "SPDXRef-DOCUMENT DESCRIBES SPDXRef-Package" */
static void take_relation(struct tags *t, prq_str value)
{
    prq_str from, rest, type, to;
    if (!prq_str_cut(value, ' ', &from, &rest) ||
        !prq_str_cut(prq_str_trim(rest), ' ', &type, &to))
        return;
    to = prq_str_trim(to);
    if (is(type, "DESCRIBES") && is(from, "SPDXRef-DOCUMENT") && t->described.n == 0)
        t->described = to;
    prq_spdx_relation(t->r, from, type, to, (prq_str){ 0 });
}

static void take_in_package(struct tags *t, prq_str tag, prq_str value)
{
    struct prq_listed *it = &t->item.it;
    prq_str alg, hex;
    if (is(tag, "SPDXID")) {
        it->ref = value;
    } else if (is(tag, "PackageVersion")) {
        it->version = value;
    } else if (is(tag, "PackageSupplier")) {
        it->publisher = prq_spdx_party(value);
    } else if (is(tag, "PrimaryPackagePurpose")) {
        it->kind = prq_spdx_purpose(value);
    } else if (is(tag, "PackageLicenseDeclared")) {
        if (is_asserted(value))
            prq_sbom_add_str(t->r, &it->licenses, &t->item.licenses, value);
    } else if (is(tag, "PackageChecksum")) {
        if (prq_str_cut(value, ':', &alg, &hex))
            prq_sbom_add_digest(t->r, &t->item, prq_str_trim(alg), prq_str_trim(hex));
    } else if (is(tag, "ExternalRef")) {
        take_reference(t, value);
    } else if (is(tag, "PackageAttributionText") || is(tag, "AnnotationComment")) {
        prq_sbom_add_remarks(t->r, &t->item, value);
    }
}

static void take(struct tags *t, prq_str tag, prq_str value)
{
    if (is(tag, "PackageName")) {
        close_package(t);
        t->in_package = true;
        t->item.it.name = value;
    } else if (is(tag, "FileName") || is(tag, "SnippetSPDXID") || is(tag, "LicenseID")) {
        close_package(t);
    } else if (is(tag, "Relationship")) {
        take_relation(t, value);
    } else if (is(tag, "SPDXVersion")) {
        t->r->out->version = value;
    } else if (is(tag, "DocumentName")) {
        t->r->out->name = value;
    } else if (t->in_package) {
        take_in_package(t, tag, value);
    }
}

/* The value that begins in `line`: to its end, or over lines to </text>. */
static bool value_of(struct tags *t, prq_str *rest, prq_str *value, struct prq_err *err)
{
    static const prq_str open = PRQ_SI("<text>"), close = PRQ_SI("</text>");
    *value = prq_str_trim(*value);
    if (!prq_str_starts(*value, open))
        return true;
    size_t from = (size_t)(value->p - t->in.p) + open.n;
    prq_str behind = prq_str_from_at(t->in, from);
    size_t n = prq_str_search(behind, close);
    if (n == behind.n)
        return prq_fail_at(err, PRQ_E_FORMAT, from, "<text> without </text>");
    *value = prq_str_head(behind, n);
    *rest = prq_str_from_at(behind, n + close.n);
    size_t end = prq_str_find(*rest, '\n');
    *rest = prq_str_from_at(*rest, end < rest->n ? end + 1 : end);
    return true;
}

bool prq_spdx_tags_read(struct prq_sbom_reader *r, prq_str text, struct prq_err *err)
{
    if (prq_str_starts(text, PRQ_S("\xef\xbb\xbf")))
        text = prq_str_from_at(text, 3);
    struct tags t = { .r = r, .in = text };
    prq_str rest = text, line, tag, value;
    while (!r->is_full && prq_str_line(&rest, &line)) {
        prq_str content = prq_str_trim(line);
        if (content.n == 0 || content.p[0] == '#')
            continue;
        if (!prq_str_cut(content, ':', &tag, &value)) {
            prq_sbom_lose(r, (size_t)(content.p - text.p), "line that is no tag and value");
            continue;
        }
        if (!value_of(&t, &rest, &value, err))
            return false;
        take(&t, prq_str_trim(tag), value);
    }
    close_package(&t);
    prq_spdx_settle_root(r, t.described);
    return true;
}
