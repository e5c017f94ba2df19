/* SPDX-License-Identifier: Apache-2.0 */
/* NVD's configurations become rows and what is beside them (db/criteria.h). Source: matching.md 3.12;
 * nvd.nist.gov/developers/vulnerabilities, "configurations". */
#include "db/nvdconf.h"

#include "base/map.h"
#include "db/criteria.h"
#include "db/jsonutil.h"

enum { BOUND_MAX = 256, TEXT_MAX = 4 << 20, MATCHES_MAX = 1 << 16 };

struct match {
    struct prq_criterion c;
    bool is_vulnerable;
};

struct node {
    bool is_all, is_negated;
    size_t first, n; /* of the matches */
};

struct conf {
    bool is_all, is_negated;
    size_t first, n; /* of the nodes */
};

struct reading {
    struct prq_json *j;
    struct prq_arena *a;
    const struct prq_feed_sink *sink;
    struct prq_record *r;
    struct conf *confs;
    struct node *nodes;
    struct match *matches;
    size_t conf_count, conf_cap, node_count, node_cap, match_count, match_cap;
    bool is_full; /* of matches: what follows is passed over */
};

static void skip(const struct reading *in, const char *why)
{
    in->sink->skip(in->sink->user, in->r->id.n ? in->r->id : PRQ_S("configurations"), why);
}

static bool grow(struct reading *in, void *v, size_t size, size_t *cap, size_t n)
{
    return prq_arena_grow(in->a, v, size, cap, n) || prq_json_no_memory(in->j);
}

/* ---- reading */

static void read_bound(struct reading *in, prq_str *to)
{
    prq_str text = { 0 };
    if (!prq_json_string_or_skip(in->j, &text))
        return;
    text = prq_str_trim(text);
    if (text.n > BOUND_MAX || (text.n && !prq_is_row_text(text))) {
        skip(in, "a bound that is no version");
        return;
    }
    if (text.n)
        *to = text;
}

/* criteria, and the bounds of which only one of each pair is given. */
static prq_str read_match(struct reading *in, struct match *m)
{
    prq_str key, criteria = { 0 };
    struct {
        prq_str name, value;
    } bounds[] = {
        { PRQ_SI("versionStartIncluding"), { 0 } },
        { PRQ_SI("versionStartExcluding"), { 0 } },
        { PRQ_SI("versionEndIncluding"), { 0 } },
        { PRQ_SI("versionEndExcluding"), { 0 } },
    };
    m->is_vulnerable = true;
    while (prq_json_key(in->j, &key)) {
        size_t i = 0;
        while (i < PRQ_COUNT(bounds) && !prq_str_eq(bounds[i].name, key))
            i++;
        if (i < PRQ_COUNT(bounds))
            read_bound(in, &bounds[i].value);
        else if (prq_str_eq(key, PRQ_S("criteria")))
            prq_json_string_or_skip(in->j, &criteria);
        else if (prq_str_eq(key, PRQ_S("vulnerable")))
            prq_json_bool_or_skip(in->j, &m->is_vulnerable);
        else
            prq_json_skip(in->j);
    }
    m->c.from_counts = bounds[0].value.n > 0;
    m->c.from = m->c.from_counts ? bounds[0].value : bounds[1].value;
    m->c.to_counts = bounds[2].value.n > 0;
    m->c.to = m->c.to_counts ? bounds[2].value : bounds[3].value;
    return criteria;
}

static void read_matches(struct reading *in, struct node *node)
{
    node->first = in->match_count;
    if (!prq_json_array_or_skip(in->j))
        return;
    while (prq_json_item(in->j)) {
        struct match m = { .is_vulnerable = true };
        if (!prq_json_object_or_skip(in->j))
            continue;
        prq_str criteria = read_match(in, &m);
        if (in->j->bad)
            return;
        if (in->match_count == MATCHES_MAX) {
            in->is_full = true;
            continue;
        }
        if (!prq_cpe_parse(criteria, in->a, &m.c.cpe, NULL)) {
            skip(in, "a criterion that is no CPE name");
            continue;
        }
        if (!grow(in, &in->matches, sizeof m, &in->match_cap, in->match_count + 1))
            return;
        in->matches[in->match_count++] = m;
        node->n++;
    }
}

/* "operator" and "negate" of a configuration or node. */
static bool read_sense(struct reading *in, prq_str key, bool *is_all, bool *is_negated)
{
    prq_str word = { 0 };
    if (prq_str_eq(key, PRQ_S("negate"))) {
        prq_json_bool_or_skip(in->j, is_negated);
        return true;
    }
    if (!prq_str_eq(key, PRQ_S("operator")))
        return false;
    prq_json_string_or_skip(in->j, &word);
    *is_all = prq_str_ieq(word, PRQ_S("AND"));
    return true;
}

static void read_nodes(struct reading *in, struct conf *conf)
{
    prq_str key;
    conf->first = in->node_count;
    if (!prq_json_array_or_skip(in->j))
        return;
    while (prq_json_item(in->j)) {
        struct node node = { .first = in->match_count };
        if (!prq_json_object_or_skip(in->j))
            continue;
        while (prq_json_key(in->j, &key)) {
            if (prq_str_eq(key, PRQ_S("cpeMatch")))
                read_matches(in, &node);
            else if (!read_sense(in, key, &node.is_all, &node.is_negated))
                prq_json_skip(in->j);
        }
        if (in->j->bad || !grow(in, &in->nodes, sizeof node, &in->node_cap, in->node_count + 1))
            return;
        in->nodes[in->node_count++] = node;
        conf->n++;
    }
}

static void read_confs(struct reading *in)
{
    prq_str key;
    if (!prq_json_array_or_skip(in->j))
        return;
    while (prq_json_item(in->j)) {
        struct conf conf = { .first = in->node_count };
        if (!prq_json_object_or_skip(in->j))
            continue;
        while (prq_json_key(in->j, &key)) {
            if (prq_str_eq(key, PRQ_S("nodes")))
                read_nodes(in, &conf);
            else if (!read_sense(in, key, &conf.is_all, &conf.is_negated))
                prq_json_skip(in->j);
        }
        if (in->j->bad || !grow(in, &in->confs, sizeof conf, &in->conf_cap, in->conf_count + 1))
            return;
        in->confs[in->conf_count++] = conf;
    }
}

/* ---- writing */

/* Is one of its criteria not enough? */
static bool is_conditional(const struct reading *in, const struct conf *conf)
{
    bool more = conf->is_negated || (conf->is_all && conf->n > 1);
    for (size_t i = 0; !more && i < conf->n; i++) {
        const struct node *node = &in->nodes[conf->first + i];
        more = node->is_negated || (node->is_all && node->n > 1);
    }
    return more;
}

static void put_sense(struct prq_buf *b, bool is_all, bool is_negated)
{
    prq_buf_byte(b, is_all ? '&' : '|');
    if (is_negated)
        prq_buf_byte(b, '!');
    prq_buf_byte(b, '\n');
}

static void put_conf(const struct reading *in, size_t index, struct prq_buf *b)
{
    const struct conf *conf = &in->confs[index];
    prq_buf_printf(b, "%zu", index + 1);
    put_sense(b, conf->is_all, conf->is_negated);
    for (size_t i = 0; i < conf->n; i++) {
        const struct node *node = &in->nodes[conf->first + i];
        put_sense(b, node->is_all, node->is_negated);
        for (size_t k = 0; k < node->n; k++) {
            const struct match *m = &in->matches[node->first + k];
            prq_buf_byte(b, m->is_vulnerable ? '+' : '-');
            prq_criterion_write(&m->c, true, b);
            prq_buf_byte(b, '\n');
        }
    }
}

static bool keep_confs(struct reading *in)
{
    PRQ_BUF b;
    prq_buf_init(&b, TEXT_MAX);
    for (size_t i = 0; i < in->conf_count; i++)
        if (is_conditional(in, &in->confs[i]))
            put_conf(in, i, &b);
    if (b.bad) {
        skip(in, "configurations too long");
        return false;
    }
    if (b.n)
        in->r->configurations = prq_arena_copy(in->a, prq_buf_view(&b));
    return !b.n || in->r->configurations.p || prq_json_no_memory(in->j);
}

struct product {
    prq_str name;
    struct prq_strs lines;
    size_t cap;
};

struct products {
    struct prq_map by_name;
    struct product *v;
    size_t n, cap;
};

/* One vendor and one product: "*" would be of everybody's. */
static bool is_named(const struct prq_cpe *c)
{
    const prq_str *names[] = { &c->v[PRQ_CPE_VENDOR], &c->v[PRQ_CPE_PRODUCT] };
    for (size_t i = 0; i < PRQ_COUNT(names); i++)
        for (size_t k = 0; k < names[i]->n; k++) {
            char ch = names[i]->p[k];
            if (ch == '\\')
                k++;
            else if (ch == '*' || ch == '?' || (ch == '-' && names[i]->n == 1))
                return false;
        }
    return true;
}

static bool add_line(struct reading *in, struct products *all, const struct match *m, prq_str line)
{
    prq_str name = prq_arena_printf(in->a, "%.*s:%.*s", PRQ_FMT(m->c.cpe.v[PRQ_CPE_VENDOR]),
                                    PRQ_FMT(m->c.cpe.v[PRQ_CPE_PRODUCT]));
    bool added = false;
    size_t *at = name.p ? prq_map_put(&all->by_name, name, all->n, &added) : NULL;
    if (!at || (added && !grow(in, &all->v, sizeof *all->v, &all->cap, all->n + 1)))
        return prq_json_no_memory(in->j);
    if (added)
        all->v[all->n++] = (struct product){ .name = name };
    line = prq_arena_copy(in->a, line);
    return (line.p && prq_db_strs_add(&all->v[*at].lines, &all->v[*at].cap, line, in->a)) ||
           prq_json_no_memory(in->j);
}

static bool add_conf(struct reading *in, size_t index, struct products *all, struct prq_buf *line)
{
    const struct conf *conf = &in->confs[index];
    char sign = is_conditional(in, conf) ? '&' : '=';
    for (size_t i = 0; i < conf->n; i++) {
        const struct node *node = &in->nodes[conf->first + i];
        for (size_t k = 0; k < node->n; k++) {
            const struct match *m = &in->matches[node->first + k];
            if (!m->is_vulnerable || !is_named(&m->c.cpe))
                continue;
            prq_buf_clear(line);
            prq_buf_printf(line, "%zu%c", index + 1, sign);
            prq_criterion_write(&m->c, false, line);
            if (!add_line(in, all, m, prq_buf_view(line)))
                return false;
        }
    }
    return true;
}

static bool keep_rows(struct reading *in, const struct products *all)
{
    struct prq_record *r = in->r;
    r->affected = prq_new_n(in->a, struct prq_affected, all->n);
    r->affected_count = 0;
    if (!r->affected && all->n)
        return prq_json_no_memory(in->j);
    for (size_t i = 0; i < all->n; i++) {
        struct product *p = &all->v[i];
        PRQ_BUF text;
        prq_buf_init(&text, TEXT_MAX);
        prq_db_strs_sort(&p->lines);
        for (size_t k = 0; k < p->lines.n; k++) {
            if (k)
                prq_buf_byte(&text, '\n');
            prq_buf_str(&text, p->lines.v[k]);
        }
        struct prq_affected row = { .space = PRQ_S("cpe"), .name = p->name };
        row.module = prq_arena_copy(in->a, prq_buf_view(&text));
        if (text.bad || !row.module.p)
            return prq_json_no_memory(in->j);
        if (prq_is_row_text(row.name))
            r->affected[r->affected_count++] = row;
    }
    return true;
}

void prq_nvd_read_configurations(struct prq_json *j, struct prq_arena *a, struct prq_record *r,
                                 const struct prq_feed_sink *sink)
{
    struct reading in = { .j = j, .a = a, .sink = sink, .r = r };
    struct products all = { .n = 0 };
    PRQ_BUF line;
    prq_buf_init(&line, TEXT_MAX);
    prq_map_init(&all.by_name, a);
    r->affected_count = 0;
    r->configurations = (prq_str){ 0 };
    read_confs(&in);
    if (in.is_full)
        skip(&in, "too many criteria");
    if (j->bad || !keep_confs(&in))
        return;
    for (size_t i = 0; i < in.conf_count; i++)
        if (!add_conf(&in, i, &all, &line))
            return;
    keep_rows(&in, &all);
}
