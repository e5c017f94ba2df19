/* SPDX-License-Identifier: Apache-2.0 */
/* The analyses of vulnerabilities in CycloneDX documents as VEX. Source: CycloneDX 1.6 JSON,
 * "vulnerabilities", "analysis", "affects"; BOM-Link (urn:cdx:SERIAL/VERSION#REF).
 *
 * What "affects" refers to is looked up among the document's own components; else the reference
 * itself, a package URL or a BOM-Link, is the name (match/vex.c tells whether it is of the SBOM that
 * is judged). */
#include "base/map.h"
#include "format/vexread.h"

struct cdx {
    struct prq_vex_reader *r;
    struct prq_map by_ref;
    struct prq_strs purls;
    size_t cap;
};

static bool note_component(struct cdx *c, prq_str raw, prq_str *below)
{
    prq_str ref, purl;
    const struct prq_vex_member wanted[] = { { PRQ_S("bom-ref"), &ref },
                                             { PRQ_S("purl"), &purl },
                                             { PRQ_S("components"), below } };
    bool added;
    *below = (prq_str){ 0 };
    if (!raw.n || raw.p[0] != '{')
        return true;
    if (!prq_vex_members(c->r, raw, wanted, PRQ_COUNT(wanted)))
        return false;
    ref = prq_vex_text(c->r, ref);
    purl = prq_vex_text(c->r, purl);
    if (!ref.n || !purl.n)
        return true;
    if (!prq_map_put(&c->by_ref, ref, c->purls.n, &added))
        return prq_vex_full(c->r);
    return !added || prq_vex_add_str(c->r, &c->purls, &c->cap, purl);
}

/* Components hold components: lists that are still to be read wait. */
static bool note_components(struct cdx *c, prq_str first, prq_str root)
{
    struct prq_strs waiting = { 0 };
    size_t cap = 0;
    prq_str raw, below;
    if (!note_component(c, root, &below) || !prq_vex_add_str(c->r, &waiting, &cap, below) ||
        !prq_vex_add_str(c->r, &waiting, &cap, first))
        return false;
    while (waiting.n) {
        struct prq_vex_walk w;
        prq_vex_walk_begin(c->r, &w, waiting.v[--waiting.n]);
        while (prq_vex_walk_next(&w, &raw))
            if (!note_component(c, raw, &below) ||
                (below.n && !prq_vex_add_str(c->r, &waiting, &cap, below)))
                return false;
    }
    return true;
}

static const struct {
    prq_str state;
    enum prq_vex_status status;
} states[] = {
    { PRQ_SI("resolved"), PRQ_VEX_FIXED },
    { PRQ_SI("resolved_with_pedigree"), PRQ_VEX_FIXED },
    { PRQ_SI("exploitable"), PRQ_VEX_AFFECTED },
    { PRQ_SI("in_triage"), PRQ_VEX_UNDER_INVESTIGATION },
    { PRQ_SI("false_positive"), PRQ_VEX_NOT_AFFECTED },
    { PRQ_SI("not_affected"), PRQ_VEX_NOT_AFFECTED },
};

static bool read_affects(struct cdx *c, prq_str array, struct prq_vex_statement *s)
{
    struct prq_vex_walk w;
    size_t cap = 0;
    prq_str raw, ref;
    const struct prq_vex_member wanted[] = { { PRQ_S("ref"), &ref } };
    prq_vex_walk_begin(c->r, &w, array);
    while (prq_vex_walk_next(&w, &raw)) {
        size_t names = 0;
        if (raw.p[0] != '{')
            continue;
        if (!prq_vex_members(c->r, raw, wanted, 1))
            return false;
        ref = prq_vex_text(c->r, ref);
        const size_t *at = prq_map_find(&c->by_ref, ref);
        if (!prq_arena_grow(c->r->a, &s->products, sizeof *s->products, &cap,
                            s->product_count + 1))
            return prq_vex_full(c->r);
        struct prq_vex_product *p = &s->products[s->product_count++];
        *p = (struct prq_vex_product){ 0 };
        if (!prq_vex_add_str(c->r, &p->self.names, &names, at ? c->purls.v[*at] : ref))
            return false;
    }
    return true;
}

static bool read_ids(struct cdx *c, prq_str id, prq_str references, struct prq_vex_statement *s)
{
    struct prq_vex_walk w;
    size_t cap = 0;
    prq_str raw, text = prq_vex_text(c->r, id);
    const struct prq_vex_member wanted[] = { { PRQ_S("id"), &text } };
    if (text.n && !prq_vex_add_str(c->r, &s->ids, &cap, text))
        return false;
    prq_vex_walk_begin(c->r, &w, references);
    while (prq_vex_walk_next(&w, &raw)) {
        if (raw.p[0] != '{')
            continue;
        if (!prq_vex_members(c->r, raw, wanted, 1))
            return false;
        text = prq_vex_text(c->r, text);
        if (text.n && !prq_vex_add_str(c->r, &s->ids, &cap, text))
            return false;
    }
    return true;
}

static bool read_analysis(struct cdx *c, prq_str raw, struct prq_vex_statement *s)
{
    prq_str state, justification, detail, first, last, response;
    const struct prq_vex_member wanted[] = {
        { PRQ_S("state"), &state },         { PRQ_S("justification"), &justification },
        { PRQ_S("detail"), &detail },       { PRQ_S("firstIssued"), &first },
        { PRQ_S("lastUpdated"), &last },    { PRQ_S("response"), &response },
    };
    if (!prq_vex_members(c->r, raw, wanted, PRQ_COUNT(wanted)))
        return false;
    state = prq_vex_text(c->r, state);
    for (size_t i = 0; i < PRQ_COUNT(states); i++)
        if (prq_str_eq(state, states[i].state))
            s->status = states[i].status;
    s->justification = prq_vex_text(c->r, justification);
    s->impact = prq_vex_text(c->r, detail);
    s->timestamp = prq_vex_text(c->r, last.n ? last : first);
    if (prq_str_eq(state, PRQ_S("false_positive")) && !s->justification.n && !s->impact.n)
        s->impact = PRQ_S("a false positive");
    if (!s->ids.n)
        s->flaw = PRQ_S("it names no vulnerability");
    else if (s->status == PRQ_VEX_NONE)
        s->flaw = PRQ_S("its analysis has no state, or one that is unknown");
    else if (!s->product_count)
        s->flaw = PRQ_S("it affects no component");
    return true;
}

static bool read_vulnerability(struct cdx *c, prq_str raw)
{
    prq_str id, references, analysis, affects, updated;
    const struct prq_vex_member wanted[] = {
        { PRQ_S("id"), &id },
        { PRQ_S("references"), &references },
        { PRQ_S("analysis"), &analysis },
        { PRQ_S("affects"), &affects },
        { PRQ_S("updated"), &updated },
    };
    if (!raw.n || raw.p[0] != '{')
        return true;
    if (!prq_vex_members(c->r, raw, wanted, PRQ_COUNT(wanted)))
        return false;
    if (!analysis.n || analysis.p[0] != '{')
        return true; /* a vulnerability that nobody analysed is no statement */
    struct prq_vex_statement *s = prq_vex_add(c->r);
    return s && read_ids(c, id, references, s) && read_affects(c, affects, s) &&
           read_analysis(c, analysis, s);
}

static bool read_metadata(struct prq_vex_reader *r, prq_str raw, prq_str *root)
{
    prq_str time, component, supplier, authors, one, name = { 0 };
    const struct prq_vex_member wanted[] = {
        { PRQ_S("timestamp"), &time },    { PRQ_S("component"), &component },
        { PRQ_S("supplier"), &supplier }, { PRQ_S("authors"), &authors },
    };
    const struct prq_vex_member of_whom[] = { { PRQ_S("name"), &name } };
    *root = (prq_str){ 0 };
    if (!raw.n || raw.p[0] != '{')
        return true;
    if (!prq_vex_members(r, raw, wanted, PRQ_COUNT(wanted)))
        return false;
    struct prq_vex_walk w;
    prq_vex_walk_begin(r, &w, authors);
    if (!prq_vex_walk_next(&w, &one))
        one = supplier;
    if (one.n && one.p[0] == '{' && !prq_vex_members(r, one, of_whom, 1))
        return false;
    r->out->author = prq_vex_text(r, name);
    r->out->timestamp = prq_vex_text(r, time);
    *root = component;
    return true;
}

bool prq_cdxvex_read(struct prq_vex_reader *r, prq_str object)
{
    prq_str serial, metadata, components, vulnerabilities, root, raw;
    const struct prq_vex_member wanted[] = {
        { PRQ_S("serialNumber"), &serial },
        { PRQ_S("metadata"), &metadata },
        { PRQ_S("components"), &components },
        { PRQ_S("vulnerabilities"), &vulnerabilities },
    };
    struct cdx c = { .r = r };
    prq_map_init(&c.by_ref, r->a);
    r->out->format = "cyclonedx";
    if (!prq_vex_members(r, object, wanted, PRQ_COUNT(wanted)) ||
        !read_metadata(r, metadata, &root) || !note_components(&c, components, root))
        return false;
    r->out->id = prq_vex_text(r, serial);
    struct prq_vex_walk w;
    prq_vex_walk_begin(r, &w, vulnerabilities);
    while (prq_vex_walk_next(&w, &raw))
        if (!read_vulnerability(&c, raw))
            return false;
    for (size_t i = 0; i < r->out->count; i++)
        if (!r->out->statements[i].timestamp.n)
            r->out->statements[i].timestamp = r->out->timestamp;
    return true;
}
