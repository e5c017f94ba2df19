/* SPDX-License-Identifier: Apache-2.0 */
/* Options and where their values come from. */
#include "pratique/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "io/source.h"
#include "lib/yaml.h"

static const struct prq_option options[] = {
#define OPTION(name, letter, kind, commands, standard, choices, metavar, help) \
    { name, letter, PRQ_OPT_##kind, commands, standard, choices, metavar, help },
#include "base/options.def"
#undef OPTION
};

enum { COUNT = PRQ_COUNT(options) };

struct prq_config {
    struct prq_arena *arena;
    const char *value[COUNT];
    const char *origin[COUNT];
    unsigned rank[COUNT]; /* 0 default, 1 file, 2 environment, 3 flag */
    const char *ignores;  /* the file that has ignore rules */
};

const struct prq_option *prq_options(size_t *count)
{
    *count = COUNT;
    return options;
}

bool prq_config_new(struct prq_config **out, struct prq_err *err)
{
    struct prq_config *c = calloc(1, sizeof *c);
    struct prq_arena *a = c ? prq_arena_new(PRQ_MIB(16)) : NULL;
    if (!a) {
        free(c);
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    }
    c->arena = a;
    for (size_t i = 0; i < COUNT; i++) {
        c->value[i] = options[i].standard;
        c->origin[i] = "default";
    }
    *out = c;
    return true;
}

void prq_config_free(struct prq_config *c)
{
    if (!c)
        return;
    prq_arena_free(c->arena);
    free(c);
}

static size_t find(prq_str name)
{
    size_t i = 0;
    while (i < COUNT && !prq_str_eq(name, prq_str_from(options[i].name)))
        i++;
    return i;
}

static bool is_duration(prq_str s, uint64_t *seconds)
{
    static const struct {
        char unit;
        uint64_t seconds;
    } units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 } };
    uint64_t n;
    if (s.n < 2 || !prq_str_u64(prq_str_head(s, s.n - 1), &n))
        return false;
    for (size_t i = 0; i < PRQ_COUNT(units); i++)
        if (s.p[s.n - 1] == units[i].unit)
            return prq_mul(n, units[i].seconds, seconds);
    return false;
}

static bool is_word_of(prq_str list, prq_str word)
{
    prq_str piece;
    while (prq_str_split(&list, '|', &piece))
        if (prq_str_ieq(piece, word))
            return true;
    return false;
}

static bool is_choice(const struct prq_option *o, prq_str v, struct prq_err *err)
{
    return is_word_of(prq_str_from(o->choices), v) ||
           prq_fail(err, PRQ_E_USAGE, "%s: \"%.*s\" is not one of %s", o->name, PRQ_FMT(v),
                    o->choices);
}

static bool are_choices(const struct prq_option *o, prq_str list, struct prq_err *err)
{
    prq_str piece;
    while (*o->choices && list.n && prq_str_split(&list, ',', &piece))
        if (!is_choice(o, prq_str_trim(piece), err))
            return false;
    return true;
}

static bool is_plain(const struct prq_option *o, prq_str v, struct prq_err *err)
{
    return memchr(v.n ? v.p : "", 0, v.n) == NULL ||
           prq_fail(err, PRQ_E_USAGE, "%s: holds a NUL byte", o->name);
}

static bool fits(const struct prq_option *o, prq_str v, struct prq_err *err)
{
    uint64_t n;
    switch (o->kind) {
    case PRQ_OPT_BOOL:
        return is_word_of(PRQ_S("true|false|yes|no|1|0|on|off"), v) ||
               prq_fail(err, PRQ_E_USAGE, "%s: \"%.*s\" is not true or false", o->name, PRQ_FMT(v));
    case PRQ_OPT_INT:
        return prq_str_u64(v, &n) ||
               prq_fail(err, PRQ_E_USAGE, "%s: \"%.*s\" is not a number", o->name, PRQ_FMT(v));
    case PRQ_OPT_DURATION:
        return is_duration(v, &n) ||
               prq_fail(err, PRQ_E_USAGE, "%s: \"%.*s\" is not a duration (30s, 5m, 12h, 7d)",
                        o->name, PRQ_FMT(v));
    case PRQ_OPT_CHOICE:
        return is_choice(o, v, err);
    case PRQ_OPT_LIST:
        return are_choices(o, v, err) && is_plain(o, v, err);
    case PRQ_OPT_STR:
    case PRQ_OPT_FILE:
    case PRQ_OPT_FILES:
    case PRQ_OPT_DIR:
        return is_plain(o, v, err);
    }
    return false;
}

static bool is_repeatable(const struct prq_option *o)
{
    return o->kind == PRQ_OPT_LIST || o->kind == PRQ_OPT_FILES;
}

static bool put(struct prq_config *c, size_t i, prq_str v, unsigned rank, const char *origin,
                struct prq_err *err)
{
    const struct prq_option *o = &options[i];
    if (!fits(o, v, err))
        return false;
    if (rank < c->rank[i])
        return true;
    bool joins = is_repeatable(o) && c->rank[i] == rank && rank > 0;
    char between = o->kind == PRQ_OPT_FILES ? '\n' : ',';
    prq_str kept = joins ? prq_arena_printf(c->arena, "%s%c%.*s", c->value[i], between, PRQ_FMT(v))
                         : prq_arena_copy(c->arena, v);
    if (!kept.p)
        return prq_fail(err, PRQ_E_LIMIT, "the configuration is too large");
    c->value[i] = kept.p;
    c->origin[i] = origin;
    c->rank[i] = rank;
    return true;
}

bool prq_config_set(struct prq_config *c, const char *name, const char *value, struct prq_err *err)
{
    size_t i = find(prq_str_from(name));
    if (i == COUNT)
        return prq_fail(err, PRQ_E_USAGE, "unknown option --%s", name);
    return put(c, i, prq_str_from(value), 3, "flag", err);
}

/* fail-on is PRATIQUE_FAIL_ON. */
static bool load_environment(struct prq_config *c, struct prq_err *err)
{
    for (size_t i = 0; i < COUNT; i++) {
        char name[64] = "PRATIQUE_";
        size_t n = strlen(name);
        for (const char *p = options[i].name; *p && n < sizeof name - 1; p++)
            name[n++] = *p == '-' ? '_' : prq_is_lower(*p) ? (char)(*p - 'a' + 'A') : *p;
        name[n] = '\0';
        const char *value = getenv(name);
        if (value && *value && !put(c, i, prq_str_from(value), 2, "environment", err))
            return prq_in(err, "%s", name);
    }
    return true;
}

static bool put_node(struct prq_config *c, size_t i, const struct prq_yaml_node *v,
                     const char *origin, struct prq_err *err)
{
    if (prq_yaml_is(v, PRQ_YAML_SCALAR))
        return put(c, i, v->text, 1, origin, err);
    if (!prq_yaml_is(v, PRQ_YAML_SEQ) || !is_repeatable(&options[i]))
        return prq_fail(err, PRQ_E_USAGE, "%s: a plain value is wanted", options[i].name);
    for (size_t n = 0; n < v->n; n++)
        if (!prq_yaml_is(v->items[n], PRQ_YAML_SCALAR))
            return prq_fail(err, PRQ_E_USAGE, "%s: a list of plain values is wanted",
                            options[i].name);
        else if (!put(c, i, v->items[n]->text, 1, origin, err))
            return false;
    return true;
}

static bool load_text(struct prq_config *c, const char *path, prq_str text, struct prq_err *err)
{
    const struct prq_yaml_doc *doc = NULL;
    prq_str origin = prq_arena_printf(c->arena, "file %s", path);
    if (!origin.p ||
        !prq_yaml_parse(prq_bytes_of(text), &prq_limits_default, c->arena, &doc, err))
        return false;
    if (!doc || prq_yaml_is_null(doc->root))
        return true;
    if (!prq_yaml_is(doc->root, PRQ_YAML_MAP))
        return prq_fail(err, PRQ_E_USAGE, "a map of option names to values is wanted");
    for (size_t n = 0; n < doc->root->n; n++) {
        const struct prq_yaml_pair *pair = &doc->root->pairs[n];
        size_t i = find(prq_yaml_text(pair->key));
        if (prq_str_eq(prq_yaml_text(pair->key), PRQ_S("ignore"))) { /* format/ignorefile.c */
            prq_str name = prq_str_from(path);
            if (!prq_str_ends(name, PRQ_S(".yaml")) && !prq_str_ends(name, PRQ_S(".yml")))
                return prq_fail(err, PRQ_E_USAGE,
                                "line %u: ignore: only in a file whose name ends in .yaml",
                                pair->key->line);
            c->ignores = origin.p + strlen("file ");
            continue;
        }
        if (i == COUNT)
            return prq_fail(err, PRQ_E_USAGE, "line %u: unknown option %.*s", pair->key->line,
                            PRQ_FMT(prq_yaml_text(pair->key)));
        if (!put_node(c, i, pair->value, origin.p, err))
            return prq_in(err, "line %u", pair->key->line);
    }
    return true;
}

static bool load_file(struct prq_config *c, const char *path, bool is_named, struct prq_err *err)
{
    PRQ_BUF b;
    prq_buf_init(&b, PRQ_MIB(1));
    struct prq_err why = PRQ_ERR_INIT;
    if (!prq_read_file(path, &b, &why)) {
        if (!is_named && why.code == PRQ_E_IO && why.sys == ENOENT)
            return true;
        if (err)
            *err = why;
        if (err && is_named)
            err->code = PRQ_E_USAGE;
        return prq_in(err, "configuration");
    }
    prq_str text = prq_arena_copy(c->arena, prq_buf_view(&b));
    if (!load_text(c, path, text, err)) {
        if (err)
            err->code = PRQ_E_USAGE;
        return prq_in(err, "%s", path);
    }
    return true;
}

static bool exists(const char *path)
{
    FILE *f = fopen(path, "re");
    if (f)
        fclose(f);
    return f != NULL;
}

bool prq_config_load(struct prq_config *c, struct prq_err *err)
{
    if (!load_environment(c, err))
        return false;
    const char *named = prq_config_get(c, "config");
    if (*named)
        return load_file(c, named, true, err);
    const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    char user[4096] = "";
    if (xdg && *xdg == '/')
        snprintf(user, sizeof user, "%s/pratique/config.yaml", xdg);
    else if (home && *home)
        snprintf(user, sizeof user, "%s/.config/pratique/config.yaml", home);
    const char *places[] = { "pratique.yaml", ".pratique.yaml", user, "/etc/pratique/config.yaml" };
    for (size_t i = 0; i < PRQ_COUNT(places); i++)
        if (*places[i] && exists(places[i]))
            return load_file(c, places[i], false, err);
    return true;
}

const char *prq_config_get(const struct prq_config *c, const char *name)
{
    size_t i = find(prq_str_from(name));
    return i == COUNT ? NULL : c->value[i];
}

const char *prq_config_origin(const struct prq_config *c, const char *name)
{
    size_t i = find(prq_str_from(name));
    return i == COUNT ? NULL : c->origin[i];
}

const char *prq_config_ignores(const struct prq_config *c)
{
    return c->ignores;
}

bool prq_config_bool(const struct prq_config *c, const char *name)
{
    const char *v = prq_config_get(c, name);
    return v && is_word_of(PRQ_S("true|yes|1|on"), prq_str_from(v));
}

uint64_t prq_config_int(const struct prq_config *c, const char *name)
{
    const char *v = prq_config_get(c, name);
    uint64_t n = 0;
    if (!v || (!prq_str_u64(prq_str_from(v), &n) && !is_duration(prq_str_from(v), &n)))
        return 0;
    return n;
}
