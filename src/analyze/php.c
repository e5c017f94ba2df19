/* SPDX-License-Identifier: Apache-2.0 */
/* PHP packages as they lie on the disk.
 *
 * Composer: vendor/composer/installed.json; version 1 is a list of packages, version 2
 * {"packages": […], "dev": true, "dev-package-names": […]}. Beside it installed.php, what a program
 * itself sees at run time; it speaks where the other one is gone (scan/standins.c).
 * PEAR and PECL: .registry/NAME.reg, .registry/.channel.CHANNEL/NAME.reg, serialize()d package.xml.
 * Source: Composer's FilesystemRepository, InstalledVersions; PEAR_Registry; catalog.md 4.7. */
#include "analyze/composerjson.h"
#include "analyze/lockgraph.h"
#include "base/map.h"
#include "format/phparray.h"
#include "format/phpserial.h"

static const struct prq_want wants[] = {
    { .basename = PRQ_SI("installed.json"), .max_bytes = PRQ_MIB(64), .modes = PRQ_WANT_IMAGE },
    { .suffix = PRQ_SI("/composer/installed.php"), .max_bytes = PRQ_MIB(16),
      .modes = PRQ_WANT_IMAGE },
    { .suffix = PRQ_SI(".reg"), .contains = PRQ_SI(".registry/"), .max_bytes = PRQ_MIB(16),
      .modes = PRQ_WANT_IMAGE },
    { .max_bytes = 0 },
};

static bool full(struct prq_err *err)
{
    return prq_fail(err, PRQ_E_LIMIT, "too many packages");
}

/* ---- Composer */

struct installed {
    struct prq_composer list;
    struct prq_map dev; /* names, in lower case as Composer writes them */
    bool has_list;
};

/* False: memory ran out. */
static bool read_dev(struct installed *f, struct prq_json *j)
{
    prq_str name;
    bool added;
    if (!prq_json_enter_array(j)) {
        prq_json_skip(j);
        return true;
    }
    while (prq_json_item(j))
        if (prq_json_string_or_skip(j, &name) && !prq_map_put(&f->dev, name, 0, &added))
            return false;
    return true;
}

static bool read_installed(struct installed *f, struct prq_json *j, struct prq_err *err)
{
    prq_str key;
    if (!prq_json_enter_object(j))
        return prq_composer_read(&f->list, j, 0, &f->has_list, err);
    while (prq_json_key(j, &key)) {
        if (prq_str_eq(key, PRQ_S("packages"))) {
            if (!prq_composer_read(&f->list, j, 0, &f->has_list, err))
                return false;
        } else if (prq_str_eq(key, PRQ_S("dev-package-names"))) {
            if (!read_dev(f, j))
                return full(err);
        } else {
            prq_json_skip(j);
        }
    }
    return true;
}

/* Other programs have files of that name too. */
static bool is_composers(prq_str path)
{
    return prq_str_eq(prq_path_base(prq_path_dir(path)), PRQ_S("composer"));
}

static bool run_composer(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                         struct prq_err *err)
{
    struct installed f = { .list.arena = ctx->scratch };
    struct prq_json j;
    prq_map_init(&f.dev, ctx->scratch);
    prq_json_init(&j, prq_str_of(in->data), ctx->scratch, ctx->limits);
    if (!read_installed(&f, &j, err))
        return false;
    bool is_sure = is_composers(in->file->path), ok = true;
    if (is_sure)
        ok = prq_json_end(&j, err);
    if (ok && is_sure && (!f.has_list || f.list.strange))
        ok = prq_fail_at(err, PRQ_E_FORMAT, 0, f.has_list ? "not all of the list are packages"
                                                          : "no list of packages");
    if (!is_sure && (f.list.strange || !prq_json_end(&j, NULL)))
        return true;
    for (size_t i = 0; i < f.list.count; i++)
        if (prq_map_find(&f.dev, f.list.packages[i].name))
            f.list.packages[i].flags |= PRQ_PKG_DEV;
    return prq_composer_put(&f.list, sink, ok ? err : NULL) && ok;
}

/* ---- Composer's installed.php: 'root' => array('name' => …), 'versions' => array(NAME => array(
 * 'pretty_version' => …, 'reference' => …, 'dev_requirement' => bool), …). What is only replaced or
 * provided by others has no version; the root is the application itself. */

struct versions {
    struct prq_composer list;
    prq_str root;
};

static bool keep_version(struct versions *v, const struct prq_package *p)
{
    struct prq_composer *c = &v->list;
    if (c->count == c->cap &&
        !prq_arena_grow(c->arena, &c->packages, sizeof *c->packages, &c->cap, c->count + 1))
        return false;
    c->packages[c->count++] = *p;
    return true;
}

static bool read_version(struct prq_phparray *s, prq_str name, struct versions *v)
{
    struct prq_package p = { .type = PRQ_S("composer"), .ns = prq_path_dir(name), .name = name };
    prq_str key;
    bool is_dev = false;
    if (!prq_phparray_enter(s)) {
        prq_phparray_skip(s);
        return true;
    }
    while (prq_phparray_key(s, &key)) {
        if (prq_str_eq(key, PRQ_S("pretty_version")))
            prq_phparray_text(s, &p.version);
        else if (prq_str_eq(key, PRQ_S("dev_requirement")))
            prq_phparray_bool(s, &is_dev);
        else
            prq_phparray_skip(s);
    }
    p.flags = is_dev ? PRQ_PKG_DEV : 0;
    return s->bad || p.version.n == 0 || p.ns.n == 0 || keep_version(v, &p);
}

/* 'root' or 'versions', whose value is next. False: memory ran out. */
static bool read_part(struct prq_phparray *s, prq_str part, struct versions *v, bool *is_list)
{
    bool is_root = prq_str_eq(part, PRQ_S("root")), is_versions = prq_str_eq(part, PRQ_S("versions"));
    prq_str key;
    if ((!is_root && !is_versions) || !prq_phparray_enter(s)) {
        prq_phparray_skip(s);
        return true;
    }
    *is_list = *is_list || is_versions;
    while (prq_phparray_key(s, &key)) {
        if (is_versions) {
            if (!read_version(s, key, v))
                return false;
        } else if (prq_str_eq(key, PRQ_S("name"))) {
            prq_phparray_text(s, &v->root);
        } else {
            prq_phparray_skip(s);
        }
    }
    return true;
}

static bool run_versions(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                         struct prq_err *err)
{
    struct versions v = { .list.arena = ctx->scratch };
    struct prq_phparray s;
    prq_str part;
    bool is_list = false;
    prq_phparray_init(&s, prq_str_of(in->data), ctx->scratch);
    if (prq_phparray_enter(&s))
        while (prq_phparray_key(&s, &part))
            if (!read_part(&s, part, &v, &is_list))
                return full(err);
    bool ok = prq_phparray_end(&s, err);
    if (ok && !is_list)
        ok = prq_fail_at(err, PRQ_E_FORMAT, 0, "no list of versions");
    for (size_t i = 0; i < v.list.count; i++)
        if (!prq_str_eq(v.list.packages[i].name, v.root) &&
            !prq_sink_package(sink, &v.list.packages[i]))
            return prq_sink_full(ok ? err : NULL);
    return ok;
}

/* ---- PEAR */

struct pear {
    prq_str name, version, channel;
    struct prq_strs licenses;
    size_t license_cap;
};

/* Text, or {"_content": text, "attribs": {…}}, or {"release": text}. */
static void read_text(struct prq_php *s, prq_str member, prq_str *out)
{
    prq_str key;
    if (prq_php_string(s, out))
        return;
    if (!prq_php_enter(s)) {
        prq_php_skip(s);
        return;
    }
    while (prq_php_key(s, &key))
        if (!prq_str_eq(key, member) || !prq_php_string(s, out))
            prq_php_skip(s);
}

/* package.xml 1 as such, 2 as it is written: names of the members of both. */
static bool read_member(struct prq_php *s, prq_str key, struct pear *p, struct prq_arena *a)
{
    prq_str license = { 0 };
    if (prq_str_eq(key, PRQ_S("name")) || prq_str_eq(key, PRQ_S("package"))) {
        if (!prq_php_string(s, &p->name))
            prq_php_skip(s);
    } else if (prq_str_eq(key, PRQ_S("channel"))) {
        if (!prq_php_string(s, &p->channel))
            prq_php_skip(s);
    } else if (prq_str_eq(key, PRQ_S("version"))) {
        read_text(s, PRQ_S("release"), &p->version);
    } else if (prq_str_eq(key, PRQ_S("license")) || prq_str_eq(key, PRQ_S("release_license"))) {
        read_text(s, PRQ_S("_content"), &license);
        return prq_strs_add(&p->licenses, &p->license_cap, license, a);
    } else {
        prq_php_skip(s);
    }
    return true;
}

/* ".registry/.channel.pecl.php.net/x.reg" to "pecl.php.net"; what lies in .registry itself is of
 * PEAR's own channel. */
static prq_str channel_of(prq_str path)
{
    static const prq_str start = PRQ_SI(".channel.");
    prq_str dir = prq_path_base(prq_path_dir(path));
    return prq_str_starts(dir, start) ? prq_str_from_at(dir, start.n) : PRQ_S("pear.php.net");
}

static bool run_pear(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                     struct prq_err *err)
{
    struct pear p = { 0 };
    struct prq_php s;
    prq_str key;
    prq_php_init(&s, prq_str_of(in->data));
    if (prq_php_enter(&s))
        while (prq_php_key(&s, &key))
            if (!read_member(&s, key, &p, ctx->scratch))
                return full(err);
    bool ok = prq_php_end(&s, err);
    if (p.name.n == 0 || p.version.n == 0)
        return ok ? prq_fail_at(err, PRQ_E_FORMAT, 0, "no name and version") : false;
    const struct prq_package package = {
        .type = PRQ_S("pear"),
        .ns = p.channel.n ? p.channel : channel_of(in->file->path),
        .name = p.name,
        .version = p.version,
        .licenses = p.licenses,
    };
    return prq_sink_package(sink, &package) ? ok : prq_sink_full(ok ? err : NULL);
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    if (prq_str_ends(in->file->path, PRQ_S(".reg")))
        return run_pear(ctx, in, sink, err);
    return prq_str_ends(in->file->path, PRQ_S(".php")) ? run_versions(ctx, in, sink, err)
                                                       : run_composer(ctx, in, sink, err);
}

const struct prq_analyzer prq_analyzer_php = {
    .name = "php",
    .purl_type = "composer",
    .summary = "installed PHP packages: Composer, PEAR, PECL",
    .revision = 2,
    .wants = wants,
    .run = run,
};
