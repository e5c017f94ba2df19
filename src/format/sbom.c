/* SPDX-License-Identifier: Apache-2.0 */
#include "format/sbom.h"

#include "format/sbomread.h"

static enum prq_sbom_format format_of_key(struct prq_json *j, prq_str key)
{
    prq_str schema = { 0 };
    if (prq_str_eq(key, PRQ_S("bomFormat")))
        return PRQ_SBOM_CYCLONEDX;
    if (prq_str_eq(key, PRQ_S("spdxVersion")) || prq_str_eq(key, PRQ_S("SPDXID")))
        return PRQ_SBOM_SPDX;
    if (prq_str_eq(key, PRQ_S("artifacts")))
        return PRQ_SBOM_SYFT;
    if (!prq_str_eq(key, PRQ_S("$schema"))) {
        prq_json_skip(j);
        return PRQ_SBOM_NONE;
    }
    prq_json_string_or_skip(j, &schema);
    return prq_str_has(schema, PRQ_S("cyclonedx.org/schema/bom")) ? PRQ_SBOM_CYCLONEDX
                                                                   : PRQ_SBOM_NONE;
}

/* By the outermost keys, as far as the start of the file has them; those that come later are looked
 * for as words. */
static enum prq_sbom_format recognise_json(prq_str head)
{
    PRQ_ARENA a = prq_arena_new(PRQ_KIB(256));
    enum prq_sbom_format format = PRQ_SBOM_NONE;
    struct prq_json j;
    prq_str key;
    if (!a)
        return PRQ_SBOM_NONE;
    prq_json_init(&j, head, a, NULL);
    if (prq_json_enter_object(&j))
        while (format == PRQ_SBOM_NONE && prq_json_key(&j, &key))
            format = format_of_key(&j, key);
    if (format != PRQ_SBOM_NONE || (!j.bad && j.depth == 0))
        return format;
    if (prq_str_has(head, PRQ_S("\"bomFormat\"")))
        return PRQ_SBOM_CYCLONEDX;
    return prq_str_has(head, PRQ_S("\"SPDXID\"")) ? PRQ_SBOM_SPDX : PRQ_SBOM_NONE;
}

/* Source: CycloneDX JSON "bomFormat", SPDX JSON "spdxVersion", tag-value "SPDXVersion:", Syft's
 * "artifacts". */
enum prq_sbom_format prq_sbom_recognise(prq_str head)
{
    if (prq_str_starts(head, PRQ_S("\xef\xbb\xbf")))
        head = prq_str_from_at(head, 3);
    head = prq_str_trim(head);
    if (prq_str_starts(head, PRQ_S("{")))
        return recognise_json(head);
    /* Comments may stand in front of the first tag. */
    prq_str line;
    while (prq_str_line(&head, &line))
        if (prq_str_starts(line, PRQ_S("SPDXVersion:")))
            return PRQ_SBOM_TAG_VALUE;
        else if (line.n && line.p[0] != '#')
            return PRQ_SBOM_NONE;
    return PRQ_SBOM_NONE;
}

void prq_sbom_lose(struct prq_sbom_reader *r, size_t at, const char *why)
{
    if (r->out->lost++ == 0) {
        r->out->first_lost = at;
        r->out->lost_why = why;
    }
}

void prq_sbom_add_item(struct prq_sbom_reader *r, const struct prq_sbom_item *item)
{
    struct prq_sbom *s = r->out;
    if (s->n >= r->limits->packages ||
        !prq_arena_grow(r->a, &s->items, sizeof *s->items, &r->item_cap, s->n + 1))
        r->is_full = true;
    else
        s->items[s->n++] = item->it;
}

void prq_sbom_add_edge(struct prq_sbom_reader *r, prq_str from, prq_str to,
                       enum prq_sbom_relation relation)
{
    struct prq_sbom *s = r->out;
    if (from.n == 0 || to.n == 0)
        return;
    if (!prq_arena_grow(r->a, &s->edges, sizeof *s->edges, &r->edge_cap, s->edge_count + 1))
        r->is_full = true;
    else
        s->edges[s->edge_count++] = (struct prq_sbom_edge){ from, to, relation };
}

void prq_sbom_add_str(struct prq_sbom_reader *r, struct prq_strs *list, size_t *cap, prq_str s)
{
    if (s.n == 0)
        return;
    if (!prq_arena_grow(r->a, &list->v, sizeof *list->v, cap, list->n + 1))
        r->is_full = true;
    else
        list->v[list->n++] = s;
}

void prq_sbom_add_pair(struct prq_sbom_reader *r, struct prq_pair **list, size_t *n, size_t *cap,
                       prq_str key, prq_str value)
{
    if (!prq_arena_grow(r->a, list, sizeof **list, cap, *n + 1))
        r->is_full = true;
    else
        (*list)[(*n)++] = (struct prq_pair){ key, value };
}

void prq_sbom_add_digest(struct prq_sbom_reader *r, struct prq_sbom_item *item, prq_str alg,
                         prq_str hex)
{
    char word[24];
    size_t n = 0;
    for (size_t i = 0; i < alg.n; i++)
        if (alg.p[i] != '-' && n < sizeof word)
            word[n++] = prq_to_lower(alg.p[i]);
    if (n == 0 || hex.n == 0 || n == sizeof word)
        return;
    prq_str digest = prq_arena_printf(r->a, "%.*s:%.*s", (int)n, word, PRQ_FMT(hex));
    r->is_full |= !digest.p;
    prq_sbom_add_str(r, &item->it.digests, &item->digests, digest);
}

static bool entered(struct prq_sbom_reader *r, bool is_in)
{
    if (is_in)
        return true;
    if (prq_json_peek(&r->j) != PRQ_JSON_NULL)
        prq_sbom_lose(r, r->j.at, "value of another type than the format says");
    prq_json_skip(&r->j);
    return false;
}

bool prq_sbom_object(struct prq_sbom_reader *r)
{
    return entered(r, prq_json_enter_object(&r->j));
}

bool prq_sbom_array(struct prq_sbom_reader *r)
{
    return entered(r, prq_json_enter_array(&r->j));
}

bool prq_sbom_next(struct prq_sbom_reader *r)
{
    while (!r->is_full && prq_json_item(&r->j))
        if (prq_sbom_object(r))
            return true;
    return false;
}

bool prq_sbom_next_texts(struct prq_sbom_reader *r, const struct prq_json_text *wanted, size_t n)
{
    for (size_t i = 0; i < n; i++)
        *wanted[i].to = (prq_str){ 0 };
    if (!prq_sbom_next(r))
        return false;
    prq_json_texts(&r->j, wanted, n);
    return true;
}

static bool check_version(const struct prq_sbom *s, struct prq_err *err)
{
    static const prq_str known[] = {
        PRQ_SI("1.2"), PRQ_SI("1.3"), PRQ_SI("1.4"), PRQ_SI("1.5"), PRQ_SI("1.6"), PRQ_SI("1.7"),
        PRQ_SI("SPDX-2.0"), PRQ_SI("SPDX-2.1"), PRQ_SI("SPDX-2.2"), PRQ_SI("SPDX-2.3"),
    };
    if (s->format == PRQ_SBOM_SYFT)
        return true;
    for (size_t i = 0; i < PRQ_COUNT(known); i++)
        if (prq_str_eq(s->version, known[i]))
            return true;
    return prq_fail(err, PRQ_E_UNSUPPORTED, "%s %s%.*s is not read",
                    s->format == PRQ_SBOM_CYCLONEDX ? "CycloneDX" : "SPDX",
                    s->version.n ? "" : "without a version",
                    PRQ_FMT(prq_str_head(s->version, 40)));
}

bool prq_sbom_read(prq_str text, const struct prq_limits *limits, struct prq_arena *a,
                   struct prq_sbom *out, struct prq_err *err)
{
    *out = (struct prq_sbom){ .format = prq_sbom_recognise(prq_str_head(text, PRQ_KIB(64))) };
    struct prq_sbom_reader r = { .a = a, .limits = limits, .out = out };
    prq_json_init(&r.j, text, a, limits);
    switch (out->format) {
    case PRQ_SBOM_NONE:
        if (prq_str_has(prq_str_head(text, PRQ_KIB(4)), PRQ_S("cyclonedx.org/schema/bom")))
            return prq_fail(err, PRQ_E_UNSUPPORTED, "CycloneDX as XML is not read");
        return prq_fail(err, PRQ_E_FORMAT, "neither CycloneDX nor SPDX nor Syft JSON");
    case PRQ_SBOM_CYCLONEDX:
        prq_cyclonedx_read(&r);
        break;
    case PRQ_SBOM_SPDX:
        prq_spdx_json_read(&r);
        break;
    case PRQ_SBOM_SYFT:
        prq_syft_read(&r);
        break;
    case PRQ_SBOM_TAG_VALUE:
        if (!prq_spdx_tags_read(&r, text, err))
            return false;
        break;
    }
    if (r.is_full)
        return prq_fail(err, PRQ_E_LIMIT, "the package list exceeds the memory budget");
    if (out->format != PRQ_SBOM_TAG_VALUE && !prq_json_end(&r.j, err))
        return false;
    return check_version(out, err);
}
