/* SPDX-License-Identifier: Apache-2.0 */
/* Which CPE names a package may have: every vendor with every product, in the order in which they
 * were thought of. Source: catalog.md 10. */
#include "base/buf.h"
#include "model/cpe.h"

static const struct {
    prq_str type, name, vendor, product;
} known[] = {
#define NAME(type, name, vendor, product) { PRQ_SI(type), PRQ_SI(name), PRQ_SI(vendor), PRQ_SI(product) },
#include "model/cpenames.def"
#undef NAME
};

enum { WORDS_MAX = 12, CANDIDATES_MAX = 64 };

struct words {
    prq_str v[WORDS_MAX]; /* as fields of a CPE */
    size_t n;
};

struct guess {
    const struct prq_package *p;
    struct prq_arena *a;
    struct words vendors, products;
    struct prq_strs *out;
    size_t cap;
    bool is_full; /* memory ran out */
};

static void add_field(struct words *w, prq_str field)
{
    if (field.n == 0 || prq_str_eq(field, PRQ_S("*")) || w->n == WORDS_MAX)
        return;
    for (size_t i = 0; i < w->n; i++)
        if (prq_str_eq(w->v[i], field))
            return;
    w->v[w->n++] = field;
}

static void add_word(struct guess *g, struct words *w, prq_str plain)
{
    prq_str field = prq_cpe_escape(plain, g->a);
    g->is_full |= !field.p;
    if (field.p)
        add_field(w, field);
}

static void add_joined(struct guess *g, struct words *w, const char *before, prq_str word,
                       const char *after)
{
    prq_str text = prq_arena_printf(g->a, "%s%.*s%s", before, PRQ_FMT(word), after);
    g->is_full |= !text.p;
    if (text.p && word.n)
        add_word(g, w, text);
}

/* '-' for '_' and the other way round. */
static void add_variants(struct guess *g, struct words *w)
{
    size_t n = w->n;
    for (size_t i = 0; i < n; i++) {
        char *copy = prq_arena_alloc(g->a, w->v[i].n + 1);
        bool has_dash = false, has_line = false;
        if (!copy) {
            g->is_full = true;
            return;
        }
        for (size_t k = 0; k < w->v[i].n; k++) {
            char c = w->v[i].p[k];
            has_dash |= c == '-';
            has_line |= c == '_';
            copy[k] = c == '-' ? '_' : c == '_' ? '-' : c;
        }
        if (has_dash != has_line && w->v[i].n > 2)
            add_field(w, (prq_str){ copy, w->v[i].n });
    }
}

static prq_str last_word(prq_str s, char mark)
{
    prq_str before, after;
    return prq_str_rcut(s, mark, &before, &after) && after.n ? after : s;
}

/* ---- by ecosystem */

static bool is_type(const struct guess *g, const char *type)
{
    return prq_str_eq(g->p->type, prq_str_from(type));
}

/* "org.apache.logging.log4j": apache, then what else it names. */
static void java_words(struct guess *g)
{
    static const prq_str tops[] = { PRQ_SI("com"), PRQ_SI("de"), PRQ_SI("dev"), PRQ_SI("edu"),
                                    PRQ_SI("io"), PRQ_SI("net"), PRQ_SI("org") };
    prq_str group, artifact, rest, piece;
    if (!prq_str_cut(g->p->name, ':', &group, &artifact)) {
        group = g->p->ns;
        artifact = g->p->name;
    }
    add_word(g, &g->products, artifact);
    rest = group;
    for (size_t i = 0; rest.n && prq_str_split(&rest, '.', &piece); i++) {
        bool is_top = false;
        for (size_t k = 0; i == 0 && k < PRQ_COUNT(tops); k++)
            is_top |= prq_str_eq(piece, tops[k]);
        if (!is_top && i < 4)
            add_word(g, &g->vendors, piece);
    }
    if (prq_str_starts(group, PRQ_S("org.springframework"))) {
        add_word(g, &g->vendors, PRQ_S("pivotal_software"));
        add_word(g, &g->vendors, PRQ_S("vmware"));
    }
    if (group.n)
        add_word(g, &g->products, last_word(group, '.'));
}

static void python_words(struct guess *g)
{
    prq_str name = g->p->name;
    add_word(g, &g->products, name);
    if (!prq_str_starts(name, PRQ_S("python-")))
        add_joined(g, &g->products, "python-", name, "");
    add_word(g, &g->vendors, name);
    add_joined(g, &g->vendors, "", name, "_project");
    add_word(g, &g->vendors, PRQ_S("python"));
    add_joined(g, &g->vendors, "python-", name, "");
    add_joined(g, &g->vendors, "", name, "_software_foundation");
}

/* "github.com/owner/name/sub": the owner, and all behind it. */
static void go_words(struct guess *g)
{
    static const struct {
        prq_str host;
        const char *owner;
    } hosts[] = {
        { PRQ_SI("golang.org"), "golang" },
        { PRQ_SI("google.golang.org"), "google" },
        { PRQ_SI("gopkg.in"), NULL },
        { PRQ_SI("k8s.io"), "kubernetes" },
    };
    prq_str host, rest, owner;
    if (!prq_str_cut(g->p->name, '/', &host, &rest)) {
        add_word(g, &g->products, g->p->name);
        add_word(g, &g->vendors, g->p->name);
        return;
    }
    for (size_t i = 0; i < PRQ_COUNT(hosts); i++)
        if (prq_str_eq(host, hosts[i].host) && hosts[i].owner) {
            add_word(g, &g->vendors, prq_str_from(hosts[i].owner));
            add_word(g, &g->products, rest);
            return;
        }
    if (prq_str_cut(rest, '/', &owner, &rest)) {
        add_word(g, &g->vendors, owner);
        add_word(g, &g->products, rest);
    } else {
        add_word(g, &g->vendors, rest);
        add_word(g, &g->products, rest);
    }
}

static void node_words(struct guess *g)
{
    prq_str name = prq_path_base(g->p->name);
    add_word(g, &g->products, name);
    if (g->p->ns.n > 1 && g->p->ns.p[0] == '@')
        add_word(g, &g->vendors, prq_str_from_at(g->p->ns, 1));
    add_word(g, &g->vendors, name);
    add_joined(g, &g->vendors, "", name, "_project");
}

/* Composer's vendor, nuget's prefix, swift's host path: what stands before the last mark. */
static void plain_words(struct guess *g)
{
    prq_str name = g->p->name, owner = g->p->ns, before, after;
    if (prq_str_rcut(name, '/', &before, &after) && before.n && after.n) {
        owner = before;
        name = after;
    }
    add_word(g, &g->products, name);
    if (owner.n)
        add_word(g, &g->vendors, prq_path_base(owner));
    if (is_type(g, "nuget") && prq_str_cut(name, '.', &before, &after))
        add_word(g, &g->vendors, before);
    add_word(g, &g->vendors, name);
    add_joined(g, &g->vendors, "", name, "_project");
    if (is_type(g, "gem"))
        add_word(g, &g->vendors, PRQ_S("ruby-lang"));
}

/* "python3.11": also without the digits. */
static void binary_words(struct guess *g)
{
    prq_str name = g->p->name;
    size_t n = name.n;
    add_word(g, &g->products, name);
    add_word(g, &g->vendors, name);
    while (n && (prq_is_digit(name.p[n - 1]) || name.p[n - 1] == '.' || name.p[n - 1] == '-'))
        n--;
    if (n && n < name.n) {
        add_word(g, &g->products, prq_str_head(name, n));
        add_word(g, &g->vendors, prq_str_head(name, n));
    }
}

static const struct {
    const char *type;
    void (*words)(struct guess *g);
} ecosystems[] = {
    { "binary", binary_words }, { "golang", go_words },   { "maven", java_words },
    { "npm", node_words },      { "pypi", python_words },
};

/* ---- together */

static prq_str target_of(const struct guess *g)
{
    if (is_type(g, "cargo"))
        return PRQ_S("rust");
    return is_type(g, "wordpress-plugin") ? PRQ_S("wordpress") : PRQ_S("*");
}

static void emit(struct guess *g, prq_str text)
{
    if (g->out->n >= CANDIDATES_MAX || g->is_full)
        return;
    for (size_t i = 0; i < g->out->n; i++)
        if (prq_str_eq(g->out->v[i], text))
            return;
    if (!text.p || !prq_arena_grow(g->a, &g->out->v, sizeof text, &g->cap, g->out->n + 1))
        g->is_full = true;
    else
        g->out->v[g->out->n++] = text;
}

static void emit_name(struct guess *g, prq_str vendor, prq_str product, prq_str version)
{
    struct prq_cpe c = { .v = { [PRQ_CPE_PART] = PRQ_S("a"), [PRQ_CPE_VENDOR] = vendor,
                                [PRQ_CPE_PRODUCT] = product, [PRQ_CPE_VERSION] = version,
                                [PRQ_CPE_TARGET_SW] = target_of(g) } };
    emit(g, prq_cpe_print(&c, g->a));
}

/* Sorted by type and name; equal rows stand together. */
static void emit_known(struct guess *g, prq_str version)
{
    for (size_t i = 0; i < PRQ_COUNT(known); i++)
        if (prq_str_eq(known[i].type, g->p->type) && prq_str_ieq(known[i].name, g->p->name))
            emit_name(g, known[i].vendor, known[i].product, version);
}

/* Products that are never those of a plugin or a client (catalog.md 10, "Removal rules"). */
static bool is_wrong(const struct guess *g, prq_str product)
{
    bool is_plugin = prq_str_has(g->p->name, PRQ_S("plugin"));
    if (prq_str_eq(product, PRQ_S("jenkins")))
        return is_plugin || !prq_str_has(g->p->name, PRQ_S("jenkins"));
    return prq_str_eq(product, PRQ_S("jira")) && prq_str_has(g->p->name, PRQ_S("client"));
}

static void only_apache(struct words *vendors)
{
    for (size_t i = 0; i < vendors->n; i++)
        if (prq_str_eq(vendors->v[i], PRQ_S("apache"))) {
            vendors->v[0] = vendors->v[i];
            vendors->n = 1;
            return;
        }
}

static void think(struct guess *g)
{
    void (*words)(struct guess *g) = plain_words;
    for (size_t i = 0; i < PRQ_COUNT(ecosystems); i++)
        if (is_type(g, ecosystems[i].type))
            words = ecosystems[i].words;
    words(g);
    /* A product often is its own vendor. */
    for (size_t i = 0; i < g->products.n; i++)
        add_field(&g->vendors, g->products.v[i]);
    add_variants(g, &g->products);
    add_variants(g, &g->vendors);
    only_apache(&g->vendors);
}

/* *version is empty for what nothing more is to be said of. */
static bool tell_known(struct guess *g, prq_str *version)
{
    *g->out = (struct prq_strs){ 0 };
    *version = (prq_str){ 0 };
    for (size_t i = 0; i < g->p->cpes.n; i++)
        emit(g, g->p->cpes.v[i]);
    if (prq_package_is_os(g->p) || g->p->name.n == 0)
        return !g->is_full;
    *version = prq_cpe_escape(g->p->version, g->a);
    if (!version->p)
        return false;
    emit_known(g, *version);
    return !g->is_full;
}

bool prq_cpe_known(const struct prq_package *p, struct prq_arena *a, struct prq_strs *out)
{
    struct guess g = { .p = p, .a = a, .out = out };
    prq_str version;
    return tell_known(&g, &version);
}

bool prq_cpe_candidates(const struct prq_package *p, struct prq_arena *a, struct prq_strs *out)
{
    struct guess g = { .p = p, .a = a, .out = out };
    prq_str version;
    if (!tell_known(&g, &version) || version.n == 0)
        return !g.is_full && (version.p || version.n == 0);
    think(&g);
    for (size_t i = 0; i < g.products.n; i++)
        for (size_t k = 0; k < g.vendors.n; k++)
            if (!is_wrong(&g, g.products.v[i]))
                emit_name(&g, g.vendors.v[k], g.products.v[i], version);
    return !g.is_full;
}
