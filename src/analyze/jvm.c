/* SPDX-License-Identifier: Apache-2.0 */
/* Java installations: the file `release` at the root of each, KEY="value" lines.
 * Sources: OpenJDK's make/ReleaseFile.gmk; JEP 223 and JEP 322 for versions; catalog.md 4.3. */
#include "analyze/analyze.h"
#include "base/buf.h"

static const struct prq_want wants[] = {
    { .basename = PRQ_SI("release"), .max_bytes = PRQ_MIB(1), .modes = PRQ_WANT_IMAGE },
    { .max_bytes = 0 },
};

struct release {
    prq_str implementor, java_version, runtime_version, full_version, image_type, modules,
        source_repo, build_source_repo, build_type;
};

static void read_line(struct release *r, prq_str line)
{
    const struct {
        prq_str name;
        prq_str *to;
    } fields[] = {
        { PRQ_S("IMPLEMENTOR"), &r->implementor },
        { PRQ_S("JAVA_VERSION"), &r->java_version },
        { PRQ_S("JAVA_RUNTIME_VERSION"), &r->runtime_version },
        { PRQ_S("FULL_VERSION"), &r->full_version },
        { PRQ_S("IMAGE_TYPE"), &r->image_type },
        { PRQ_S("MODULES"), &r->modules },
        { PRQ_S("SOURCE_REPO"), &r->source_repo },
        { PRQ_S("BUILD_SOURCE_REPO"), &r->build_source_repo },
        { PRQ_S("BUILD_TYPE"), &r->build_type },
    };
    prq_str key, value;
    if (!prq_str_cut(line, '=', &key, &value))
        return;
    value = prq_str_trim(value);
    if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
        value = prq_str_trim((prq_str){ value.p + 1, value.n - 2 });
    for (size_t i = 0; i < PRQ_COUNT(fields); i++)
        if (prq_str_eq(prq_str_trim(key), fields[i].name))
            *fields[i].to = value;
}

/* ---- versions */

/* "1.8.0_302" and "8": 8; "21.0.4+7": 21. */
static prq_str major_of(prq_str v)
{
    size_t n = 0;
    if (prq_str_starts(v, PRQ_S("1.")))
        v = prq_str_from_at(v, 2);
    while (n < v.n && prq_is_digit(v.p[n]))
        n++;
    return prq_str_head(v, n);
}

static prq_str version_of(const struct release *r)
{
    if (r->runtime_version.n)
        return r->runtime_version;
    if (r->full_version.n && r->java_version.n &&
        prq_str_eq(major_of(r->full_version), major_of(r->java_version)))
        return r->full_version;
    return r->java_version;
}

/* What CPE names call version and update: of 1.8.0_302-b08 1.8.0 and 302, of 21.0.4+7-LTS 21.0.4.
 */
static void part_version(prq_str v, prq_str *version, prq_str *update)
{
    *update = (prq_str){ 0 };
    *version = prq_str_head(v, prq_str_find(v, '+'));
    if (prq_str_cut(*version, '_', version, update))
        *update = prq_str_head(*update, prq_str_find(*update, '-'));
    else
        *version = prq_str_head(*version, prq_str_find(*version, '-'));
}

/* ---- makers */

/* `word` in the implementor (lower case, no blanks) or, where is_path, in the path. */
static const struct maker {
    prq_str word;
    bool is_path;
    prq_str vendor, product; /* product empty: jdk or jre */
    const char *cpes[3];     /* besides oracle:jre and :jdk of those */
} makers[] = {
    { PRQ_SI("azul"), false, PRQ_SI("azul"), PRQ_SI("zulu"), { "azul:zulu", "oracle:openjdk" } },
    { PRQ_SI("zulu"), true, PRQ_SI("azul"), PRQ_SI("zulu"), { "azul:zulu", "oracle:openjdk" } },
    { PRQ_SI("sunmicrosystems"), false, PRQ_SI("sun"), { 0 }, { 0 } },
    { PRQ_SI("oracle"), false, PRQ_SI("oracle"), { 0 }, { "oracle:java_se" } },
    { PRQ_SI("oracle"), true, PRQ_SI("oracle"), { 0 }, { "oracle:java_se" } },
    { PRQ_SI("eclipse"),
      false,
      PRQ_SI("oracle"),
      PRQ_SI("openjdk"),
      { "oracle:openjdk", "eclipse:temurin" } },
    { PRQ_SI("amazon"),
      false,
      PRQ_SI("oracle"),
      PRQ_SI("openjdk"),
      { "oracle:openjdk", "amazon:corretto" } },
    { PRQ_SI("redhat"),
      false,
      PRQ_SI("oracle"),
      PRQ_SI("openjdk"),
      { "oracle:openjdk", "redhat:openjdk" } },
    { PRQ_SI(""), false, PRQ_SI("oracle"), PRQ_SI("openjdk"), { "oracle:openjdk" } },
};

/* Is `word` in the text, whatever its case and blanks? */
static bool has_word(prq_str text, prq_str word)
{
    for (size_t at = 0; at <= text.n; at++) {
        size_t i = at, k = 0;
        while (k < word.n && i < text.n &&
               (text.p[i] == ' ' || prq_to_lower(text.p[i]) == word.p[k])) {
            k += text.p[i] != ' ';
            i++;
        }
        if (k == word.n)
            return true;
    }
    return false;
}

static const struct maker *maker_of(const struct release *r, prq_str path)
{
    const struct maker *m = makers;
    while (!has_word(m->is_path ? path : prq_str_head(r->implementor, 256), m->word))
        m++; /* the last one has an empty word */
    return m;
}

static bool is_jdk(const struct release *r)
{
    return prq_str_ieq(r->image_type, PRQ_S("JDK")) ||
           prq_str_has(r->modules, PRQ_S("jdk.compiler"));
}

/* ---- */

enum { CPES_MAX = 6 };

struct cpes {
    prq_str v[CPES_MAX];
    size_t n;
};

/* Source: NISTIR 7695, 6.2: a backslash before all but letters, digits, '_', '.' and '-'. */
static bool add_cpe(struct cpes *c, prq_str vendor, const char *product, prq_str full,
                    struct prq_arena *a)
{
    PRQ_BUF b;
    prq_str version, update;
    prq_buf_init(&b, PRQ_KIB(4));
    part_version(full, &version, &update);
    prq_buf_printf(&b, "cpe:2.3:a:%.*s%s%s:", PRQ_FMT(vendor), vendor.n ? ":" : "", product);
    for (size_t i = 0; i < version.n; i++) {
        char ch = version.p[i];
        if (!prq_is_alnum(ch) && ch != '_' && ch != '.' && ch != '-')
            prq_buf_byte(&b, '\\');
        prq_buf_byte(&b, (uint8_t)prq_to_lower(ch));
    }
    bool is_number = update.n > 0;
    for (size_t i = 0; i < update.n; i++)
        is_number &= prq_is_digit(update.p[i]);
    if (is_number)
        prq_buf_printf(&b, ":update%.*s:*:*:*:*:*:*", PRQ_FMT(update));
    else
        prq_buf_str(&b, PRQ_S(":*:*:*:*:*:*:*"));
    if (b.bad || c->n == CPES_MAX)
        return false;
    c->v[c->n] = prq_arena_copy(a, prq_buf_view(&b));
    return c->v[c->n++].p != NULL;
}

static bool add_cpes(struct cpes *c, const struct maker *m, const struct release *r,
                     prq_str version, struct prq_arena *a)
{
    const prq_str none = { 0 };
    for (size_t i = 0; i < PRQ_COUNT(m->cpes) && m->cpes[i]; i++)
        if (!add_cpe(c, none, m->cpes[i], version, a))
            return false;
    if (m->product.n)
        return true;
    if (!add_cpe(c, m->vendor, "jre", version, a) ||
        (is_jdk(r) && !add_cpe(c, m->vendor, "jdk", version, a)))
        return false;
    /* OpenJDK's own builds are also by Oracle; those for sale say so. */
    return prq_str_eq(r->build_type, PRQ_S("commercial")) ||
           add_cpe(c, PRQ_S("oracle"), "openjdk", version, a);
}

static prq_str repository(const struct release *r, struct prq_arena *a)
{
    prq_str url = r->source_repo.n ? r->source_repo : r->build_source_repo;
    if (!prq_str_starts(url, PRQ_S("http://")) && !prq_str_starts(url, PRQ_S("https://")))
        return (prq_str){ 0 };
    return prq_arena_printf(a, "repository_url=%.*s", PRQ_FMT(url));
}

/* All below its folder is the installation's. */
static bool own_folder(struct prq_ctx *ctx, prq_str path, struct prq_sink *sink,
                       struct prq_err *err)
{
    prq_str dir = prq_path_dir(path);
    if (dir.n == 0)
        return true;
    prq_str owner = prq_arena_printf(ctx->scratch, "binary:%.*s", PRQ_FMT(path));
    prq_str folder = { path.p, dir.n + 1 }; /* with its slash */
    if (!owner.p)
        return prq_fail(err, PRQ_E_LIMIT, "no memory for a path: limit scratch_bytes");
    return prq_sink_owned(sink, owner, &folder, 1) || prq_sink_full(err);
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    struct release r = { 0 };
    prq_str rest = prq_str_of(in->data), line;
    while (prq_str_line(&rest, &line))
        read_line(&r, line);
    prq_str version = version_of(&r);
    bool has_digit = false;
    for (size_t i = 0; i < version.n; i++)
        has_digit |= prq_is_digit(version.p[i]);
    if (!has_digit || version.n > 256)
        return true; /* some other file of that name */
    const struct maker *m = maker_of(&r, in->file->path);
    struct cpes cpes = { .n = 0 };
    prq_str url = repository(&r, ctx->scratch);
    if (!add_cpes(&cpes, m, &r, version, ctx->scratch))
        return prq_fail(err, PRQ_E_LIMIT, "no memory for CPE names: limit scratch_bytes");
    const struct prq_package p = {
        .type = PRQ_S("binary"),
        .ns = m->vendor,
        .name = m->product.n ? m->product
                : is_jdk(&r) ? PRQ_S("jdk")
                             : PRQ_S("jre"),
        .version = version,
        .qualifiers = { &url, url.n ? 1 : 0 },
        .cpes = { cpes.v, cpes.n },
        .vendor = r.implementor,
    };
    if (!prq_sink_package(sink, &p))
        return prq_sink_full(err);
    return own_folder(ctx, in->file->path, sink, err);
}

const struct prq_analyzer prq_analyzer_jvm = {
    .name = "jvm",
    .purl_type = "generic",
    .summary = "Java installations: release",
    .revision = 1,
    .wants = wants,
    .run = run,
};
