/* SPDX-License-Identifier: Apache-2.0 */
/* What was decided about findings, as a draft of an OpenVEX document: rules, VEX statements,
 * exclusions and the feeds' own words. What only says that a finding stands elsewhere (ownership,
 * duplicates) or that nobody will fix it (--ignore-status) is no statement. Source: OpenVEX
 * specification 0.2.0 and its JSON schema: not_affected has a justification or an impact statement,
 * never both; affected has an action statement; there is at least one statement. */
#include "base/map.h"
#include "report/output.h"
#include "report/sbomparts.h"

struct draft {
    prq_str status, justification, impact, action, notes;
};

struct writer {
    const struct prq_report *r;
    struct prq_sbom_work work;
    const struct prq_finding **v; /* those that become statements */
    struct draft *drafts;
    size_t *group, *next; /* first of the same statement; chain, SIZE_MAX ends */
    size_t n;
};

static prq_str known_justification(prq_str word)
{
    static const prq_str openvex[] = {
        PRQ_SI("component_not_present"),
        PRQ_SI("vulnerable_code_not_present"),
        PRQ_SI("vulnerable_code_not_in_execute_path"),
        PRQ_SI("vulnerable_code_cannot_be_controlled_by_adversary"),
        PRQ_SI("inline_mitigations_already_exist"),
    };
    /* CycloneDX, "impactAnalysisJustification": those that say the same */
    static const prq_str cyclonedx[][2] = {
        { PRQ_SI("code_not_present"), PRQ_SI("vulnerable_code_not_present") },
        { PRQ_SI("code_not_reachable"), PRQ_SI("vulnerable_code_not_in_execute_path") },
        { PRQ_SI("protected_by_mitigating_control"), PRQ_SI("inline_mitigations_already_exist") },
    };
    for (size_t i = 0; i < PRQ_COUNT(openvex); i++)
        if (prq_str_eq(word, openvex[i]))
            return word;
    for (size_t i = 0; i < PRQ_COUNT(cyclonedx); i++)
        if (prq_str_eq(word, cyclonedx[i][0]))
            return cyclonedx[i][1];
    return (prq_str){ 0 };
}

static bool draft_of_vex(const struct prq_by *by, struct draft *d)
{
    d->status = by->status;
    d->notes = by->reason;
    if (prq_str_eq(by->status, PRQ_S("affected")))
        d->action = by->reason;
    if (!prq_str_eq(by->status, PRQ_S("not_affected")))
        return by->status.n > 0;
    d->justification = known_justification(by->justification);
    if (!d->justification.n)
        d->impact = by->reason;
    return true;
}

/* False: no statement follows from it. */
static bool draft_of(const struct prq_finding *f, struct prq_arena *a, struct draft *d)
{
    *d = (struct draft){ .status = PRQ_S("not_affected") };
    if (prq_str_eq(f->by.kind, PRQ_S("vex")))
        return draft_of_vex(&f->by, d);
    if (f->by.kind.n == 0)
        return f->vex_count && draft_of_vex(&f->vex[0], d);
    if (prq_str_eq(f->by.kind, PRQ_S("rule"))) {
        d->impact = f->by.reason.n ? f->by.reason : PRQ_S("ignored by a rule without a reason");
        d->notes = prq_arena_printf(a, "draft from ignore rule %.*s", PRQ_FMT(f->by.id));
        return !prq_str_starts(f->by.id, PRQ_S("--"));
    }
    d->impact = f->by.reason;
    d->notes = prq_arena_printf(a, "%.*s %.*s", PRQ_FMT(f->by.kind), PRQ_FMT(f->by.id));
    return f->by.reason.n && (prq_str_eq(f->by.kind, PRQ_S("not-affected")) ||
                              prq_str_eq(f->by.kind, PRQ_S("exclusion")));
}

static bool collect(struct writer *w, const struct prq_finding *list, size_t n, struct prq_map *map)
{
    struct prq_arena *a = w->work.a;
    for (size_t i = 0; i < n; i++) {
        struct draft d;
        bool added;
        if (!draft_of(&list[i], a, &d))
            continue;
        prq_str key = prq_arena_printf(a, "%.*s\n%.*s\n%.*s\n%.*s\n%.*s\n%.*s",
                                       PRQ_FMT(list[i].id), PRQ_FMT(d.status),
                                       PRQ_FMT(d.justification), PRQ_FMT(d.impact),
                                       PRQ_FMT(d.action), PRQ_FMT(d.notes));
        size_t *last = key.p ? prq_map_put(map, key, w->n, &added) : NULL;
        if (!last)
            return false;
        w->v[w->n] = &list[i];
        w->drafts[w->n] = d;
        w->group[w->n] = added ? w->n : w->group[*last];
        w->next[w->n] = SIZE_MAX;
        if (!added)
            w->next[*last] = w->n;
        *last = w->n++;
    }
    return true;
}

static prq_str purl_of(const struct writer *w, size_t i)
{
    return w->r->analysis->packages[w->v[i]->package].purl;
}

/* Each purl once: findings of one id come in the order of their packages, equal ones together. */
static void put_packages(struct writer *w, struct prq_jw *j, size_t first)
{
    prq_str last = { 0 };
    for (size_t i = first; i != SIZE_MAX; i = w->next[i]) {
        if (i != first && prq_str_eq(last, purl_of(w, i)))
            continue;
        last = purl_of(w, i);
        prq_jw_object(j);
        prq_jw_kv(j, "@id", purl_of(w, i));
        prq_jw_object_end(j);
    }
}

static void put_products(struct writer *w, struct prq_jw *j, size_t first)
{
    prq_jw_key(j, "products");
    prq_jw_array(j);
    if (w->work.image_purl.n) {
        prq_jw_object(j);
        prq_jw_kv(j, "@id", w->work.image_purl);
        prq_jw_key(j, "subcomponents");
        prq_jw_array(j);
        put_packages(w, j, first);
        prq_jw_array_end(j);
        prq_jw_object_end(j);
    } else {
        put_packages(w, j, first);
    }
    prq_jw_array_end(j);
}

static void put_statement(struct writer *w, struct prq_jw *j, size_t i)
{
    const struct prq_finding *f = w->v[i];
    const struct draft *d = &w->drafts[i];
    prq_jw_object(j);
    prq_jw_key(j, "vulnerability");
    prq_jw_object(j);
    prq_jw_kv(j, "name", f->id);
    bool any = false;
    for (size_t k = 0; k < f->aliases.n; k++) {
        if (prq_str_eq(f->aliases.v[k], f->id))
            continue;
        if (!any) {
            prq_jw_key(j, "aliases");
            prq_jw_array(j);
        }
        any = true;
        prq_jw_str(j, f->aliases.v[k]);
    }
    if (any)
        prq_jw_array_end(j);
    prq_jw_object_end(j);
    put_products(w, j, i);
    prq_jw_kv(j, "status", d->status);
    prq_jw_opt(j, "justification", d->justification);
    prq_jw_opt(j, "impact_statement", d->impact);
    prq_jw_opt(j, "action_statement", d->action);
    prq_jw_opt(j, "status_notes", d->notes);
    prq_jw_object_end(j);
}

static void put_statements(struct writer *w, struct prq_jw *j)
{
    prq_jw_array(j);
    for (size_t i = 0; i < w->n; i++)
        if (w->group[i] == i)
            put_statement(w, j, i);
    prq_jw_array_end(j);
}

static bool put_document(struct writer *w, prq_str author, struct prq_buf *out,
                         struct prq_err *err)
{
    struct prq_jw j;
    char uuid[36];
    PRQ_BUF body;
    prq_buf_init(&body, PRQ_MIB(1024));
    prq_jw_init(&j, &body, false);
    put_statements(w, &j);
    prq_buf_str(&body, w->r->now);
    prq_buf_str(&body, author);
    if (body.bad)
        return prq_fail(err, PRQ_E_LIMIT, "the document is too large");
    if (!prq_uuid_of(prq_buf_bytes(&body), uuid, err))
        return false;
    prq_str id = prq_arena_printf(w->work.a, "urn:uuid:%.36s", uuid);
    prq_str tool = prq_arena_printf(w->work.a, "pratique %.*s", PRQ_FMT(w->r->tool_version));
    prq_jw_init(&j, out, true);
    prq_jw_object(&j);
    prq_jw_kv(&j, "@context", PRQ_S("https://openvex.dev/ns/v0.2.0"));
    prq_jw_kv(&j, "@id", id);
    prq_jw_kv(&j, "author", author);
    prq_jw_kv(&j, "timestamp", w->r->now);
    prq_jw_kv_u64(&j, "version", 1);
    prq_jw_kv(&j, "tooling", tool);
    prq_jw_key(&j, "statements");
    put_statements(w, &j);
    prq_jw_object_end(&j);
    prq_buf_byte(out, '\n');
    return true;
}

static bool write_all(struct writer *w, const struct prq_report_style *style, struct prq_buf *out,
                      struct prq_err *err)
{
    const struct prq_report *r = w->r;
    struct prq_map map;
    struct prq_arena *a = w->work.a;
    size_t n = r->finding_count + r->suppressed_count + 1;
    prq_map_init(&map, a);
    w->v = prq_new_n(a, const struct prq_finding *, n);
    w->drafts = prq_new_n(a, struct draft, n);
    w->group = prq_new_n(a, size_t, n);
    w->next = prq_new_n(a, size_t, n);
    if (!w->v || !w->drafts || !w->group || !w->next ||
        !collect(w, r->suppressed, r->suppressed_count, &map) ||
        !collect(w, r->findings, r->finding_count, &map))
        return prq_fail(err, PRQ_E_LIMIT, "the document is too large");
    if (w->n == 0)
        return prq_fail(err, PRQ_E_USAGE, "openvex: nothing was decided about any finding, and a "
                                          "document needs at least one statement");
    return put_document(w, style->author.n ? style->author : PRQ_S("unknown"), out, err);
}

static bool write_openvex(const struct prq_report *r, const struct prq_report_style *style,
                          struct prq_buf *out, struct prq_err *err)
{
    struct writer w = { .r = r };
    bool ok = prq_sbom_work_begin(&w.work, r->analysis, err) && write_all(&w, style, out, err);
    prq_sbom_work_end(&w.work);
    return ok && (!out->bad || prq_fail(err, PRQ_E_LIMIT, "the document is too large"));
}

const struct prq_report_sink prq_report_openvex = {
    .name = "openvex", .summary = "draft of an OpenVEX document: what was decided about findings",
    .write = write_openvex,
};
