/* SPDX-License-Identifier: Apache-2.0 */
/* OpenVEX documents. Source: OpenVEX specification 0.2.0, "The VEX Document", "Statement",
 * "Product"; 0.0.x wrote the vulnerability and the products as plain strings. */
#include "format/vexread.h"

static bool read_names(struct prq_vex_reader *r, prq_str id, prq_str identifiers, prq_str hashes,
                       struct prq_vex_thing *out)
{
    static const prq_str algs[][2] = {
        { PRQ_SI("sha-256"), PRQ_SI("sha256:") }, { PRQ_SI("sha-512"), PRQ_SI("sha512:") },
        { PRQ_SI("sha1"), PRQ_SI("sha1:") },      { PRQ_SI("sha-1"), PRQ_SI("sha1:") },
        { PRQ_SI("md5"), PRQ_SI("md5:") },
    };
    size_t cap = 0;
    struct prq_json j;
    prq_str key, value = prq_vex_text(r, id);
    if (value.n && !prq_vex_add_str(r, &out->names, &cap, value))
        return false;
    prq_json_init(&j, identifiers, r->a, r->limits);
    if (identifiers.n && prq_json_enter_object(&j))
        while (prq_json_key(&j, &key)) {
            value = (prq_str){ 0 };
            if (prq_json_string_or_skip(&j, &value) && value.n &&
                !prq_vex_add_str(r, &out->names, &cap, value))
                return false;
        }
    prq_json_init(&j, hashes, r->a, r->limits);
    if (!hashes.n || !prq_json_enter_object(&j))
        return true;
    while (prq_json_key(&j, &key)) {
        value = (prq_str){ 0 };
        if (!prq_json_string_or_skip(&j, &value))
            continue;
        for (size_t i = 0; i < PRQ_COUNT(algs); i++)
            if (prq_str_ieq(key, algs[i][0])) {
                value = prq_arena_printf(r->a, "%.*s%.*s", PRQ_FMT(algs[i][1]), PRQ_FMT(value));
                if (!value.p || !prq_vex_add_str(r, &out->names, &cap, value))
                    return prq_vex_full(r);
            }
    }
    return true;
}

/* An object, or in old documents its @id alone. */
static bool read_thing(struct prq_vex_reader *r, prq_str raw, struct prq_vex_thing *out,
                       prq_str *parts)
{
    prq_str id, identifiers, hashes, ignored;
    const struct prq_vex_member wanted[] = {
        { PRQ_S("@id"), &id },
        { PRQ_S("identifiers"), &identifiers },
        { PRQ_S("hashes"), &hashes },
        { PRQ_S("subcomponents"), parts ? parts : &ignored },
    };
    *out = (struct prq_vex_thing){ 0 };
    if (raw.n && raw.p[0] == '"')
        return read_names(r, raw, (prq_str){ 0 }, (prq_str){ 0 }, out);
    if (!raw.n || raw.p[0] != '{')
        return true;
    return prq_vex_members(r, raw, wanted, PRQ_COUNT(wanted)) &&
           read_names(r, id, identifiers, hashes, out);
}

static bool read_parts(struct prq_vex_reader *r, prq_str array, struct prq_vex_product *out)
{
    struct prq_vex_walk w;
    size_t cap = out->part_count;
    prq_str raw;
    prq_vex_walk_begin(r, &w, array);
    while (prq_vex_walk_next(&w, &raw)) {
        if (!prq_arena_grow(r->a, &out->parts, sizeof *out->parts, &cap, out->part_count + 1))
            return prq_vex_full(r);
        if (!read_thing(r, raw, &out->parts[out->part_count++], NULL))
            return false;
    }
    return true;
}

static bool read_products(struct prq_vex_reader *r, prq_str array, prq_str common,
                          struct prq_vex_statement *s)
{
    struct prq_vex_walk w;
    size_t cap = 0;
    prq_str raw;
    prq_vex_walk_begin(r, &w, array);
    while (prq_vex_walk_next(&w, &raw)) {
        prq_str parts = { 0 };
        if (!prq_arena_grow(r->a, &s->products, sizeof *s->products, &cap, s->product_count + 1))
            return prq_vex_full(r);
        struct prq_vex_product *p = &s->products[s->product_count++];
        *p = (struct prq_vex_product){ 0 };
        if (!read_thing(r, raw, &p->self, &parts) || !read_parts(r, parts, p) ||
            !read_parts(r, common, p))
            return false;
    }
    return true;
}

static bool read_vulnerability(struct prq_vex_reader *r, prq_str raw, struct prq_vex_statement *s)
{
    prq_str name, id, aliases, element;
    const struct prq_vex_member wanted[] = {
        { PRQ_S("name"), &name }, { PRQ_S("@id"), &id }, { PRQ_S("aliases"), &aliases },
    };
    size_t cap = 0;
    if (raw.n && raw.p[0] == '"')
        return prq_vex_add_str(r, &s->ids, &cap, prq_vex_text(r, raw));
    if (!raw.n || raw.p[0] != '{')
        return true;
    if (!prq_vex_members(r, raw, wanted, PRQ_COUNT(wanted)))
        return false;
    prq_str text = prq_vex_text(r, name);
    if (!text.n) /* an address that ends in the identifier */
        text = prq_path_base(prq_vex_text(r, id));
    if (text.n && !prq_vex_add_str(r, &s->ids, &cap, text))
        return false;
    struct prq_vex_walk w;
    prq_vex_walk_begin(r, &w, aliases);
    while (prq_vex_walk_next(&w, &element)) {
        text = prq_vex_text(r, element);
        if (text.n && !prq_vex_add_str(r, &s->ids, &cap, text))
            return false;
    }
    return true;
}

static prq_str flaw_of(const struct prq_vex_statement *s, prq_str status)
{
    if (!s->ids.n || !s->ids.v[0].n)
        return PRQ_S("it names no vulnerability");
    if (s->status == PRQ_VEX_NONE)
        return status.n ? PRQ_S("its status is none of the four that there are")
                        : PRQ_S("it has no status");
    if (!s->product_count)
        return PRQ_S("it names no product");
    if (s->status == PRQ_VEX_NOT_AFFECTED && !s->justification.n && !s->impact.n)
        return PRQ_S("not_affected needs a justification or an impact statement");
    return (prq_str){ 0 };
}

static bool read_statement(struct prq_vex_reader *r, prq_str raw)
{
    prq_str id, vulnerability, products, parts, status, justification, impact, action, time;
    const struct prq_vex_member wanted[] = {
        { PRQ_S("@id"), &id },
        { PRQ_S("vulnerability"), &vulnerability },
        { PRQ_S("products"), &products },
        { PRQ_S("subcomponents"), &parts },
        { PRQ_S("status"), &status },
        { PRQ_S("justification"), &justification },
        { PRQ_S("impact_statement"), &impact },
        { PRQ_S("action_statement"), &action },
        { PRQ_S("timestamp"), &time },
    };
    struct prq_vex_statement *s = prq_vex_add(r);
    if (!s)
        return false;
    if (!raw.n || raw.p[0] != '{') {
        s->flaw = PRQ_S("it is not an object");
        return true;
    }
    if (!prq_vex_members(r, raw, wanted, PRQ_COUNT(wanted)) ||
        !read_vulnerability(r, vulnerability, s) || !read_products(r, products, parts, s))
        return false;
    prq_str word = prq_vex_text(r, status);
    prq_vex_status_parse(word, &s->status);
    s->id = prq_vex_text(r, id);
    s->justification = prq_vex_text(r, justification);
    s->impact = prq_vex_text(r, impact);
    s->action = prq_vex_text(r, action);
    s->timestamp = prq_vex_text(r, time);
    s->flaw = flaw_of(s, word);
    return true;
}

bool prq_openvex_read(struct prq_vex_reader *r, prq_str object)
{
    prq_str id, author, time, statements, metadata, raw;
    const struct prq_vex_member wanted[] = {
        { PRQ_S("@id"), &id },
        { PRQ_S("author"), &author },
        { PRQ_S("timestamp"), &time },
        { PRQ_S("statements"), &statements },
        { PRQ_S("metadata"), &metadata },
    };
    if (!prq_vex_members(r, object, wanted, PRQ_COUNT(wanted)) ||
        (metadata.n && metadata.p[0] == '{' && !prq_vex_members(r, metadata, wanted, 3)))
        return false;
    r->out->format = "openvex";
    r->out->id = prq_vex_text(r, id);
    r->out->author = prq_vex_text(r, author);
    r->out->timestamp = prq_vex_text(r, time);
    struct prq_vex_walk w;
    prq_vex_walk_begin(r, &w, statements);
    if (!w.is_array)
        return prq_fail(r->err, PRQ_E_FORMAT, "an OpenVEX document without statements");
    while (prq_vex_walk_next(&w, &raw))
        if (!read_statement(r, raw))
            return prq_in(r->err, "statement %zu", r->out->count);
    for (size_t i = 0; i < r->out->count; i++)
        if (!r->out->statements[i].timestamp.n)
            r->out->statements[i].timestamp = r->out->timestamp;
    return true;
}
