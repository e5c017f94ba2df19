/* SPDX-License-Identifier: Apache-2.0 */
/* Extensions of larger programs.
 *
 *     wp-content/plugins/SLUG/x.php        WordPress: a header comment "Plugin Name: …", "Version: …"
 *     wp-content/plugins/SLUG.php          the same of a plugin in one file; also in mu-plugins
 *     wp-content/themes/SLUG/style.css     "Theme Name: …", "Version: …"
 *     Extensions/ID/VERSION/manifest.json  Chromium and its kin; ID: 32 letters from a to p
 *     mozilla/extensions/{APP}/ID/manifest.json                   Firefox, for all users
 *     share/webext/NAME/, chromium/extensions/NAME/manifest.json  the same as distributions lay them
 *     *.vsix                               Visual Studio Code (vsix.c)
 *
 * A plugin's identity is its slug, a browser extension's its ID: names are for people, and translated.
 * Sources: developer.wordpress.org, "Header Requirements" (fields are looked for in the first 8 KiB);
 * developer.chrome.com, "Manifest file format"; purl-spec, chrome-extension; catalog.md 4.9. */
#include "analyze/vsix.h"
#include "format/json.h"

enum { HEADER_BYTES = 8 << 10, ID_LETTERS = 32 };

#define PHP(dir) \
    { .suffix = PRQ_SI(".php"), .contains = PRQ_SI("wp-content/" dir "/"), \
      .head_bytes = HEADER_BYTES, .max_bytes = PRQ_GIB(1) }

#define SYSTEM(dir) \
    { .basename = PRQ_SI("manifest.json"), .contains = PRQ_SI(dir), .max_bytes = PRQ_MIB(8) }

static const struct prq_want wants[] = {
    PHP("plugins"),
    PHP("mu-plugins"),
    { .basename = PRQ_SI("style.css"), .contains = PRQ_SI("wp-content/themes/"),
      .head_bytes = HEADER_BYTES, .max_bytes = PRQ_GIB(1) },
    { .basename = PRQ_SI("manifest.json"), .contains = PRQ_SI("Extensions/"),
      .max_bytes = PRQ_MIB(8) },
    SYSTEM("mozilla/extensions/"),
    SYSTEM("chromium/extensions/"),
    SYSTEM("share/webext/"),
    { .suffix = PRQ_SI(".vsix"), .max_bytes = PRQ_MIB(512) },
    { .max_bytes = 0 },
};

/* ---- WordPress */

/* The components behind "…/wp-content/DIR/": the slug, and whether the file lies where WordPress looks
 * for headers: in the slug's own directory, or beside the directories. */
static bool slug_of(prq_str path, prq_str dir, prq_str *slug)
{
    prq_str inner, rest = prq_str_from_at(path, prq_str_search(path, dir) + dir.n);
    if (!prq_str_cut(rest, '/', slug, &inner)) {
        *slug = prq_str_head(rest, prq_str_rfind(rest, '.'));
        return slug->n && prq_str_ends(rest, PRQ_S(".php"));
    }
    return slug->n && prq_str_find(inner, '/') == inner.n;
}

/* "field" with any of the marks of a comment before it; the end of the comment ends the value. */
static bool header(prq_str text, prq_str field, prq_str *value)
{
    for (size_t from = 0, n; from < text.n; from += n + 1) {
        prq_str line = prq_str_from_at(text, from);
        for (n = 0; n < line.n && line.p[n] != '\n' && line.p[n] != '\r'; n++)
            ;
        line = prq_str_trim(prq_str_head(line, n));
        if (prq_str_starts(line, PRQ_S("<?php")))
            line = prq_str_from_at(line, 5);
        size_t skip = 0;
        while (skip < line.n && line.p[skip] && strchr(" \t/*#@", line.p[skip]))
            skip++;
        line = prq_str_from_at(line, skip);
        if (!prq_str_ieq(prq_str_head(line, field.n), field) || line.n <= field.n ||
            line.p[field.n] != ':')
            continue;
        line = prq_str_from_at(line, field.n + 1);
        line = prq_str_head(line, prq_str_search(line, PRQ_S("*/")));
        *value = prq_str_trim(prq_str_head(line, prq_str_search(line, PRQ_S("?>"))));
        return true;
    }
    return false;
}

static bool read_wordpress(const struct prq_input *in, prq_str dir, prq_str type, prq_str title,
                           struct prq_sink *sink)
{
    prq_str text = prq_str_head(prq_str_of(in->data), HEADER_BYTES), name, license = { 0 };
    struct prq_package p = { .type = type };
    if (!slug_of(in->file->path, dir, &p.name) || !header(text, title, &name) || name.n == 0)
        return true;
    (void)header(text, PRQ_S("Version"), &p.version);
    if (header(text, PRQ_S("License"), &license) && license.n)
        p.licenses = (struct prq_strs){ &license, 1 };
    return prq_sink_package(sink, &p);
}

/* ---- browsers */

/* False: not in a browser's directory of extensions. */
static bool id_of(prq_str path, prq_str *id)
{
    prq_str dir = prq_path_dir(prq_path_dir(path));
    *id = prq_path_base(dir);
    if (id->n != ID_LETTERS || !prq_str_eq(prq_path_base(prq_path_dir(dir)), PRQ_S("Extensions")))
        return false;
    for (size_t i = 0; i < id->n; i++)
        if (id->p[i] < 'a' || id->p[i] > 'p')
            return false;
    return true;
}

/* For all users: the directory's name is Firefox's ID, or for people only; no ID of a store's. */
static bool system_id_of(prq_str path, prq_str *id)
{
    prq_str dir = prq_path_dir(path), above = prq_path_dir(dir);
    *id = prq_path_base(dir);
    return id->n && (prq_str_ends(above, PRQ_S("chromium/extensions")) ||
                     prq_str_ends(above, PRQ_S("share/webext")) ||
                     prq_str_ends(prq_path_dir(above), PRQ_S("mozilla/extensions")));
}

static bool read_browser(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                         struct prq_err *err)
{
    struct prq_package p = { .type = PRQ_S("chrome-extension") };
    struct prq_json j;
    prq_str key, title = { 0 };
    if (!id_of(in->file->path, &p.name)) {
        if (!system_id_of(in->file->path, &p.name))
            return true;
        p.type = PRQ_S("binary");
        p.flags = PRQ_PKG_NO_MATCH;
    }
    prq_json_init(&j, prq_str_of(in->data), ctx->scratch, ctx->limits);
    j.allow_comments = true;
    if (prq_json_enter_object(&j)) {
        while (prq_json_key(&j, &key)) {
            if (prq_str_eq(key, PRQ_S("name")))
                prq_json_string_or_skip(&j, &title);
            else if (prq_str_eq(key, PRQ_S("version")))
                prq_json_string_or_skip(&j, &p.version);
            else
                prq_json_skip(&j);
        }
    } else {
        prq_json_skip(&j);
    }
    if (!prq_json_end(&j, err))
        return false;
    if (title.n == 0 || p.version.n == 0)
        return prq_fail_at(err, PRQ_E_FORMAT, 0, "browser extension without a name or a version");
    if (!prq_sink_package(sink, &p))
        return prq_sink_full(err);
    if (!prq_str_starts(title, PRQ_S("__MSG_")))
        return true;
    const struct prq_gap gap = {
        .kind = PRQ_S("unsupported"),
        .layer = PRQ_GAP_NO_LAYER,
        .reason = PRQ_S("the extension's name is a message in _locales, which is not read"),
    };
    return prq_sink_gap(sink, &gap) || prq_sink_full(err);
}

/* ---- */

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    static const struct {
        prq_str dir, type, title;
    } places[] = {
        { PRQ_SI("wp-content/plugins/"), PRQ_SI("wordpress-plugin"), PRQ_SI("Plugin Name") },
        { PRQ_SI("wp-content/mu-plugins/"), PRQ_SI("wordpress-plugin"), PRQ_SI("Plugin Name") },
        { PRQ_SI("wp-content/themes/"), PRQ_SI("wordpress-theme"), PRQ_SI("Theme Name") },
    };
    prq_str path = in->file->path;
    if (prq_str_ends(path, PRQ_S(".vsix")))
        return prq_vsix_read(ctx, in, sink, err);
    if (prq_str_ends(path, PRQ_S(".json")))
        return read_browser(ctx, in, sink, err);
    for (size_t i = 0; i < PRQ_COUNT(places); i++)
        if (prq_str_has(path, places[i].dir))
            return read_wordpress(in, places[i].dir, places[i].type, places[i].title, sink) ||
                   prq_sink_full(err);
    return true;
}

const struct prq_analyzer prq_analyzer_extensions = {
    .name = "extensions",
    .purl_type = "wordpress-plugin",
    .summary = "extensions of WordPress, browsers and Visual Studio Code",
    .revision = 2,
    .wants = wants,
    .run = run,
};
