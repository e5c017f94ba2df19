/* SPDX-License-Identifier: Apache-2.0 */
/* Source: matching.md 6.4; Trivy documentation, "Filtering", .trivyignore and .trivyignore.yaml;
 * Grype documentation, "Specifying matches to ignore". */
#include "format/ignorefile.h"

#include "lib/yaml.h"

struct reader {
    prq_str name;
    const struct prq_limits *limits;
    struct prq_arena *a;
    struct prq_ignore_set *set;
    struct prq_err *err;
};

static bool full(struct reader *r)
{
    return prq_fail(r->err, PRQ_E_LIMIT, "the ignore rules exceed the memory budget");
}

static bool warn(struct reader *r, uint32_t line, prq_str what, const char *why)
{
    prq_str text = prq_arena_printf(r->a, "%.*s:%u: %.*s%s%s", PRQ_FMT(r->name), line,
                                    PRQ_FMT(what), what.n ? ": " : "", why);
    if (!text.p || !prq_arena_grow(r->a, &r->set->warnings.v, sizeof text, &r->set->warning_cap,
                                   r->set->warnings.n + 1))
        return full(r);
    r->set->warnings.v[r->set->warnings.n++] = text;
    return true;
}

static struct prq_ignore_rule *add(struct reader *r, uint32_t line, enum prq_ignore_form form)
{
    struct prq_ignore_set *set = r->set;
    if (!prq_arena_grow(r->a, &set->rules, sizeof *set->rules, &set->cap, set->n + 1)) {
        full(r);
        return NULL;
    }
    struct prq_ignore_rule *rule = &set->rules[set->n];
    *rule = (struct prq_ignore_rule){ .form = form };
    rule->where = prq_arena_printf(r->a, "%.*s:%u", PRQ_FMT(r->name), line);
    if (!rule->where.p) {
        full(r);
        return NULL;
    }
    set->n++;
    return rule;
}

static bool one(struct reader *r, struct prq_strs *out, prq_str s)
{
    out->v = prq_new(r->a, prq_str);
    if (!out->v)
        return full(r);
    out->v[0] = s;
    out->n = 1;
    return true;
}

/* ---- .trivyignore: an identifier a line, words "exp:DATE" and comments behind it */

static bool read_line(struct reader *r, uint32_t number, prq_str line)
{
    prq_str id, word, rest = line;
    struct prq_ignore_rule *rule = NULL;
    size_t end = 0;
    while (end < rest.n && !prq_is_space(rest.p[end]))
        end++;
    id = prq_str_head(rest, end);
    rest = prq_str_trim(prq_str_from_at(rest, end));
    rule = add(r, number, PRQ_IGNORE_TRIVY);
    if (!rule || !one(r, &rule->ids, id))
        return false;
    while (rest.n) {
        end = 0;
        while (end < rest.n && !prq_is_space(rest.p[end]))
            end++;
        word = prq_str_head(rest, end);
        rest = prq_str_trim(prq_str_from_at(rest, end));
        if (prq_str_starts(word, PRQ_S("exp:")))
            rule->expires = prq_str_from_at(word, 4);
        else if (word.p[0] == '#')
            break;
    }
    return true;
}

static bool read_lines(struct reader *r, prq_str text)
{
    prq_str line;
    uint32_t number = 0;
    while (prq_str_line(&text, &line)) {
        number++;
        line = prq_str_trim(line);
        if (line.n && line.p[0] != '#' && !read_line(r, number, line))
            return false;
    }
    return true;
}

/* ---- YAML */

static bool is_list(const struct prq_yaml_node *n)
{
    return prq_yaml_is(n, PRQ_YAML_SEQ);
}

/* A text, or a list of texts. */
static bool texts(struct reader *r, const struct prq_yaml_node *n, struct prq_strs *out)
{
    if (!is_list(n)) {
        prq_str s = prq_yaml_text(n);
        return !s.n || one(r, out, s);
    }
    out->v = prq_new_n(r->a, prq_str, n->n + 1);
    if (!out->v)
        return full(r);
    for (size_t i = 0; i < n->n; i++)
        if (prq_yaml_text(n->items[i]).n)
            out->v[out->n++] = prq_yaml_text(n->items[i]);
    return true;
}

static bool is_true(const struct prq_yaml_node *n)
{
    prq_str s = prq_yaml_text(n);
    return prq_str_ieq(s, PRQ_S("true")) || prq_str_ieq(s, PRQ_S("yes")) ||
           prq_str_ieq(s, PRQ_S("on"));
}

static prq_str key_of(const struct prq_yaml_node *map, size_t i)
{
    return prq_yaml_text(map->pairs[i].key);
}

static bool is_one_of(prq_str word, const prq_str *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (prq_str_eq(word, list[i]))
            return true;
    return false;
}

/* ---- our own rules: what is misspelt is an error, for a rule that does less than its author thinks
 * is worse than none */

static bool wrong(struct reader *r, uint32_t line, const char *why, prq_str what)
{
    return prq_fail(r->err, PRQ_E_USAGE, "line %u: %s%s%.*s", line, why, what.n ? " " : "",
                    PRQ_FMT(what));
}

static bool read_own_member(struct reader *r, const struct prq_yaml_pair *pair,
                            struct prq_ignore_rule *rule)
{
    prq_str key = prq_yaml_text(pair->key);
    const struct {
        prq_str name;
        struct prq_strs *list;
        prq_str *text;
    } members[] = {
        { PRQ_S("id"), &rule->ids, NULL },          { PRQ_S("package"), &rule->packages, NULL },
        { PRQ_S("path"), &rule->paths, NULL },      { PRQ_S("reason"), NULL, &rule->reason },
        { PRQ_S("owner"), NULL, &rule->owner },     { PRQ_S("expires"), NULL, &rule->expires },
    };
    if (prq_str_eq(key, PRQ_S("exact"))) {
        rule->is_exact = is_true(pair->value);
        return true;
    }
    for (size_t i = 0; i < PRQ_COUNT(members); i++) {
        if (!prq_str_eq(key, members[i].name))
            continue;
        if (members[i].list)
            return texts(r, pair->value, members[i].list);
        if (!prq_yaml_is(pair->value, PRQ_YAML_SCALAR))
            return wrong(r, pair->key->line, "a plain text is wanted for", key);
        *members[i].text = prq_yaml_text(pair->value);
        return true;
    }
    return wrong(r, pair->key->line, "an ignore rule has no member", key);
}

static bool read_own(struct reader *r, const struct prq_yaml_node *item)
{
    struct prq_ignore_rule *rule = add(r, item->line, PRQ_IGNORE_OWN);
    if (!rule)
        return false;
    for (size_t i = 0; i < item->n; i++)
        if (!read_own_member(r, &item->pairs[i], rule))
            return false;
    rule->ends_with_day = true;
    if (!rule->ids.n && !rule->packages.n && !rule->paths.n)
        return wrong(r, item->line, "an ignore rule needs an id, a package or a path",
                     (prq_str){ 0 });
    if (!rule->reason.n)
        return wrong(r, item->line, "an ignore rule needs a reason", (prq_str){ 0 });
    return true;
}

/* ---- Grype */

static const prq_str grype_members[] = {
    PRQ_SI("vulnerability"), PRQ_SI("include-aliases"), PRQ_SI("namespace"), PRQ_SI("fix-state"),
    PRQ_SI("match-type"), PRQ_SI("vex-status"), PRQ_SI("vex-justification"),
};

static bool is_grype(const struct prq_yaml_node *item)
{
    for (size_t i = 0; i < item->n; i++)
        if (is_one_of(key_of(item, i), grype_members, PRQ_COUNT(grype_members)) ||
            (prq_str_eq(key_of(item, i), PRQ_S("package")) &&
             prq_yaml_is(item->pairs[i].value, PRQ_YAML_MAP)))
            return true;
    return false;
}

/* Sets a condition; what Grype has no such condition for makes the rule narrower than it was meant,
 * so it is refused. */
static bool read_grype_package(struct reader *r, const struct prq_yaml_node *map,
                               struct prq_ignore_rule *rule)
{
    const struct {
        prq_str name;
        prq_str *to;
    } members[] = {
        { PRQ_S("name"), &rule->name },         { PRQ_S("version"), &rule->version },
        { PRQ_S("language"), &rule->language }, { PRQ_S("type"), &rule->type },
        { PRQ_S("upstream-name"), &rule->upstream },
    };
    for (size_t k = 0; k < prq_yaml_count(map); k++) {
        prq_str key = key_of(map, k), value = prq_yaml_text(map->pairs[k].value);
        size_t i = 0;
        while (i < PRQ_COUNT(members) && !prq_str_eq(key, members[i].name))
            i++;
        if (i < PRQ_COUNT(members)) {
            *members[i].to = value;
        } else if (prq_str_eq(key, PRQ_S("location"))) {
            if (value.n && !one(r, &rule->paths, value))
                return false;
        } else {
            rule->state = PRQ_RULE_REFUSED;
            rule->trouble = PRQ_S("a condition on the package that is not known");
            if (!warn(r, map->pairs[k].key->line, key,
                      "not known in a rule's package: the rule has no effect"))
                return false;
        }
    }
    return true;
}

static bool read_grype_member(struct reader *r, const struct prq_yaml_pair *pair,
                              struct prq_ignore_rule *rule, bool *has_aliases)
{
    prq_str key = prq_yaml_text(pair->key), value = prq_yaml_text(pair->value);
    const struct {
        prq_str name;
        prq_str *to;
    } members[] = {
        { PRQ_S("namespace"), &rule->space },
        { PRQ_S("fix-state"), &rule->fix_state },
        { PRQ_S("match-type"), &rule->match_type },
        { PRQ_S("vex-status"), &rule->vex_status },
        { PRQ_S("vex-justification"), &rule->vex_justification },
        { PRQ_S("reason"), &rule->reason },
    };
    for (size_t i = 0; i < PRQ_COUNT(members); i++)
        if (prq_str_eq(key, members[i].name)) {
            *members[i].to = value;
            return true;
        }
    if (prq_str_eq(key, PRQ_S("vulnerability")))
        return !value.n || one(r, &rule->ids, value);
    if (prq_str_eq(key, PRQ_S("include-aliases"))) {
        *has_aliases = is_true(pair->value);
        return true;
    }
    if (prq_str_eq(key, PRQ_S("package")))
        return read_grype_package(r, pair->value, rule);
    rule->state = PRQ_RULE_REFUSED;
    rule->trouble = PRQ_S("a condition that is not known");
    return warn(r, pair->key->line, key, "not known in an ignore rule: the rule has no effect");
}

static bool read_grype(struct reader *r, const struct prq_yaml_node *item)
{
    struct prq_ignore_rule *rule = add(r, item->line, PRQ_IGNORE_GRYPE);
    bool has_aliases = false;
    if (!rule)
        return false;
    for (size_t i = 0; i < item->n; i++)
        if (!read_grype_member(r, &item->pairs[i], rule, &has_aliases))
            return false;
    rule->is_exact = !has_aliases;
    bool has_condition = rule->ids.n || rule->paths.n || rule->space.n || rule->fix_state.n ||
                         rule->match_type.n || rule->vex_status.n || rule->vex_justification.n ||
                         rule->name.n || rule->version.n || rule->language.n || rule->type.n ||
                         rule->upstream.n;
    if (has_condition || rule->state == PRQ_RULE_REFUSED)
        return true;
    rule->state = PRQ_RULE_REFUSED;
    rule->trouble = PRQ_S("it has no condition");
    return warn(r, item->line, (prq_str){ 0 }, "an ignore rule without a condition has no effect");
}

static bool read_ignore(struct reader *r, const struct prq_yaml_node *list)
{
    bool is_of_grype = prq_str_has(prq_path_base(r->name), PRQ_S("grype"));
    if (prq_yaml_is_null(list))
        return true;
    if (!is_list(list))
        return wrong(r, list->line, "a list of rules is wanted for ignore", (prq_str){ 0 });
    for (size_t i = 0; i < list->n; i++) {
        const struct prq_yaml_node *item = list->items[i];
        if (!prq_yaml_is(item, PRQ_YAML_MAP))
            return wrong(r, item->line, "an ignore rule is a map", (prq_str){ 0 });
        if (is_of_grype || is_grype(item) ? !read_grype(r, item) : !read_own(r, item))
            return false;
    }
    return true;
}

/* ---- .trivyignore.yaml */

static bool read_trivy_item(struct reader *r, const struct prq_yaml_node *item)
{
    static const prq_str others[] = { PRQ_SI("paths"), PRQ_SI("purls"), PRQ_SI("statement"),
                                      PRQ_SI("expired_at"), PRQ_SI("id") };
    struct prq_ignore_rule *rule = add(r, item->line, PRQ_IGNORE_TRIVY_YAML);
    if (!rule)
        return false;
    if (!texts(r, prq_yaml_find(item, PRQ_S("id")), &rule->ids) ||
        !texts(r, prq_yaml_find(item, PRQ_S("paths")), &rule->paths) ||
        !texts(r, prq_yaml_find(item, PRQ_S("purls")), &rule->purls))
        return false;
    rule->reason = prq_yaml_text(prq_yaml_find(item, PRQ_S("statement")));
    rule->expires = prq_yaml_text(prq_yaml_find(item, PRQ_S("expired_at")));
    for (size_t i = 0; i < item->n; i++)
        if (!is_one_of(key_of(item, i), others, PRQ_COUNT(others))) {
            rule->state = PRQ_RULE_REFUSED;
            rule->trouble = PRQ_S("a condition that is not known");
            if (!warn(r, item->pairs[i].key->line, key_of(item, i),
                      "not known in a rule: the rule has no effect"))
                return false;
        }
    if (rule->ids.n || rule->state == PRQ_RULE_REFUSED)
        return true;
    rule->state = PRQ_RULE_REFUSED;
    rule->trouble = PRQ_S("it has no id");
    return warn(r, item->line, (prq_str){ 0 }, "a rule without an id has no effect");
}

static bool read_trivy(struct reader *r, const struct prq_yaml_node *list)
{
    for (size_t i = 0; is_list(list) && i < list->n; i++) {
        if (!prq_yaml_is(list->items[i], PRQ_YAML_MAP)) {
            if (!warn(r, list->items[i]->line, (prq_str){ 0 }, "a rule is a map: no effect"))
                return false;
        } else if (!read_trivy_item(r, list->items[i])) {
            return false;
        }
    }
    return true;
}

static bool read_yaml(struct reader *r, prq_str text)
{
    static const prq_str of_trivy[] = { PRQ_SI("misconfigurations"), PRQ_SI("secrets"),
                                        PRQ_SI("licenses") };
    const struct prq_yaml_doc *doc = NULL;
    if (!prq_yaml_parse(prq_bytes_of(text), r->limits, r->a, &doc, r->err))
        return false;
    if (!doc || prq_yaml_is_null(doc->root))
        return true;
    if (!prq_yaml_is(doc->root, PRQ_YAML_MAP))
        return wrong(r, doc->root->line, "a map with the member ignore is wanted", (prq_str){ 0 });
    for (size_t i = 0; i < doc->root->n; i++) {
        const struct prq_yaml_pair *pair = &doc->root->pairs[i];
        prq_str key = prq_yaml_text(pair->key);
        bool ok = true;
        if (prq_str_eq(key, PRQ_S("ignore")))
            ok = read_ignore(r, pair->value);
        else if (prq_str_eq(key, PRQ_S("vulnerabilities")))
            ok = read_trivy(r, pair->value);
        else if (is_one_of(key, of_trivy, PRQ_COUNT(of_trivy)) && prq_yaml_count(pair->value))
            ok = warn(r, pair->key->line, key, "rules of this kind have no effect on packages");
        if (!ok)
            return false;
    }
    return true;
}

bool prq_ignore_read(prq_str name, prq_str text, const struct prq_limits *limits,
                     struct prq_arena *a, struct prq_ignore_set *set, struct prq_err *err)
{
    struct reader r = { .name = name, .limits = limits, .a = a, .set = set, .err = err };
    bool is_yaml = prq_str_ends(name, PRQ_S(".yaml")) || prq_str_ends(name, PRQ_S(".yml"));
    return is_yaml ? read_yaml(&r, text) : read_lines(&r, text);
}
