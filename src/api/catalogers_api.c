/* SPDX-License-Identifier: Apache-2.0 */
/* What is read and where it is looked for, out of the analyzers' own tables. */
#include <stdlib.h>

#include "analyze/analyze.h"
#include "format/json.h"
#include "pratique/scan.h"
#include "report/grid.h"

static uint32_t modes_of(const struct prq_want *w)
{
    return w->modes ? w->modes : PRQ_WANT_IMAGE;
}

static const char *evidence_word(uint32_t modes)
{
    static const char *const words[] = { "-", "installed", "declared", "both" };
    return words[modes & PRQ_WANT_ALWAYS];
}

static uint32_t all_modes(const struct prq_analyzer *a)
{
    uint32_t modes = 0;
    for (const struct prq_want *w = a->wants; w->max_bytes; w++)
        modes |= modes_of(w);
    return modes;
}

/* Names for the first bytes that analyzers ask for. Sources: ELF, PE, Mach-O, ZIP specifications. */
static const struct {
    prq_str magic;
    const char *name;
} names[] = {
    { PRQ_SI("\x7f" "ELF"), "ELF" },         { PRQ_SI("MZ"), "PE" },
    { PRQ_SI("\xfe\xed\xfa"), "Mach-O" },    { PRQ_SI("\xce\xfa\xed\xfe"), "Mach-O" },
    { PRQ_SI("\xcf\xfa\xed\xfe"), "Mach-O" }, { PRQ_SI("\xca\xfe\xba"), "Mach-O" },
    { PRQ_SI("PK\3\4"), "zip" },             { PRQ_SI("\x1f\x8b"), "gzip" },
};

static prq_str magic_name(prq_str magic, struct prq_arena *a)
{
    for (size_t i = 0; i < PRQ_COUNT(names); i++)
        if (prq_str_starts(magic, names[i].magic))
            return prq_str_from(names[i].name);
    PRQ_BUF b;
    prq_buf_init(&b, PRQ_KIB(4));
    for (size_t i = 0; i < magic.n; i++) {
        uint8_t c = (uint8_t)magic.p[i];
        if (c > ' ' && c < 0x7f)
            prq_buf_byte(&b, c);
        else
            prq_buf_printf(&b, "\\x%02x", c);
    }
    return prq_arena_copy(a, prq_buf_view(&b));
}

/* " (ELF, PE, Mach-O)" */
static void put_magics(struct prq_buf *b, const struct prq_want *w, struct prq_arena *a)
{
    prq_str last = { 0 };
    const prq_str one[] = { w->magic, { 0 } }, *list = w->magic.n ? one : w->magics;
    for (const prq_str *m = list; m && m->n; m++) {
        prq_str name = magic_name(*m, a);
        if (!prq_str_eq(name, last))
            prq_buf_printf(b, "%s%.*s", last.n ? ", " : " (", PRQ_FMT(name));
        last = name;
    }
    if (last.n)
        prq_buf_byte(b, ')');
}

/* The last component: "*.jar", "python[0-9.]*", "libruby*.so*". `within`: a part of it. */
static void put_name(struct prq_buf *b, const struct prq_want *w, prq_str within)
{
    if (w->basename.n) {
        prq_buf_str(b, w->basename);
        return;
    }
    prq_buf_str(b, w->stem);
    prq_buf_str(b, w->is_numbered ? PRQ_S("[0-9.]*") : PRQ_S("*"));
    if (within.n) {
        prq_buf_str(b, within);
        prq_buf_byte(b, '*');
    }
    prq_buf_str(b, w->suffix);
}

/* "**" stands for any folders, also none; "*" for anything within a name. */
static void put_glob(struct prq_buf *b, const struct prq_want *w, struct prq_arena *a)
{
    bool is_folder = prq_str_find(w->contains, '/') < w->contains.n; /* else it is in the name */
    if (w->path.n) {
        prq_buf_str(b, w->path);
    } else {
        prq_buf_str(b, w->prefix);
        prq_buf_str(b, PRQ_S("**"));
        if (is_folder) {
            prq_buf_str(b, w->contains);
            prq_buf_str(b, PRQ_S("**"));
        }
        if (w->suffix.n && w->suffix.p[0] == '/') {
            prq_buf_str(b, w->suffix);
        } else if (w->basename.n || w->stem.n || w->suffix.n) {
            prq_buf_byte(b, '/');
            put_name(b, w, is_folder ? (prq_str){ 0 } : w->contains);
        }
    }
    if (w->dir_depth)
        prq_buf_str(b, PRQ_S("*/"));
    put_magics(b, w, a);
    if (w->companion_suffix)
        prq_buf_printf(b, " (with its %s)", w->companion_suffix);
}

static prq_str glob_of(const struct prq_want *w, struct prq_arena *a)
{
    PRQ_BUF b;
    prq_buf_init(&b, PRQ_KIB(16));
    put_glob(&b, w, a);
    return prq_arena_copy(a, prq_buf_view(&b));
}

/* The next want after `w` (NULL: the first) that is not said already: tables repeat a name in other
 * cases (".JAR"), or for another kind of it. */
static const struct prq_want *next_want(const struct prq_analyzer *an, const struct prq_want *w,
                                        struct prq_arena *a, prq_str *glob)
{
    for (w = w ? w + 1 : an->wants; w->max_bytes; w++) {
        bool is_said = false;
        *glob = glob_of(w, a);
        for (const struct prq_want *x = an->wants; x < w && !is_said; x++)
            is_said = modes_of(x) == modes_of(w) && prq_str_ieq(glob_of(x, a), *glob);
        if (!is_said)
            return w;
    }
    return NULL;
}

static bool put_table(struct prq_arena *a, struct prq_buf *out)
{
    struct prq_grid g;
    prq_grid_init(&g, a, 4);
    struct prq_cell *c = prq_grid_row(&g);
    static const char *const heads[] = { "NAME", "TYPE", "EVIDENCE", "LOOKS FOR" };
    for (size_t i = 0; c && i < PRQ_COUNT(heads); i++)
        c[i].text = prq_str_from(heads[i]);
    for (size_t i = 0; c && prq_analyzers[i]; i++) {
        const struct prq_analyzer *an = prq_analyzers[i];
        if (!(c = prq_grid_row(&g)))
            break;
        c[0].text = prq_str_from(an->name);
        c[1].text = an->purl_type && *an->purl_type ? prq_str_from(an->purl_type) : PRQ_S("-");
        c[2].text = prq_str_from(evidence_word(all_modes(an)));
        c[3].text = prq_str_from(an->summary);
        prq_str glob;
        for (const struct prq_want *w = NULL; (w = next_want(an, w, a, &glob)) != NULL;) {
            if (!(c = prq_grid_row(&g)))
                break;
            c[2].text = prq_str_from(evidence_word(modes_of(w)));
            c[3].text = prq_arena_printf(a, "  %.*s", PRQ_FMT(glob));
        }
    }
    prq_grid_put(&g, 0, false, "", out);
    return c != NULL;
}

static void put_json(struct prq_arena *a, struct prq_buf *out)
{
    struct prq_jw w;
    prq_jw_init(&w, out, true);
    prq_jw_object(&w);
    prq_jw_key(&w, "catalogers");
    prq_jw_array(&w);
    for (size_t i = 0; prq_analyzers[i]; i++) {
        const struct prq_analyzer *an = prq_analyzers[i];
        prq_jw_object(&w);
        prq_jw_kv(&w, "evidence", prq_str_from(evidence_word(all_modes(an))));
        prq_jw_kv(&w, "name", prq_str_from(an->name));
        prq_jw_kv_u64(&w, "revision", an->revision);
        prq_jw_kv(&w, "summary", prq_str_from(an->summary));
        prq_jw_opt(&w, "type", prq_str_from(an->purl_type));
        prq_jw_key(&w, "wants");
        prq_jw_array(&w);
        prq_str glob;
        for (const struct prq_want *want = NULL; (want = next_want(an, want, a, &glob)) != NULL;) {
            prq_jw_object(&w);
            prq_jw_kv(&w, "evidence", prq_str_from(evidence_word(modes_of(want))));
            prq_jw_kv(&w, "glob", glob);
            prq_jw_kv_u64(&w, "max_bytes", want->max_bytes);
            prq_jw_object_end(&w);
        }
        prq_jw_array_end(&w);
        prq_jw_object_end(&w);
    }
    prq_jw_array_end(&w);
    prq_jw_kv(&w, "schema", PRQ_S("pratique-catalogers/1"));
    prq_jw_object_end(&w);
    prq_buf_byte(out, '\n');
}

bool prq_catalogers_write(const char *format, char **text, size_t *n, struct prq_err *err)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    struct prq_buf b;
    prq_buf_init(&b, PRQ_MIB(4));
    bool ok = a != NULL;
    if (a && strcmp(format, "table") == 0)
        ok = put_table(a, &b);
    else if (a && strcmp(format, "json") == 0)
        put_json(a, &b);
    else if (a)
        return prq_fail(err, PRQ_E_USAGE, "format \"%s\": table or json", format);
    if (!ok || !prq_buf_byte(&b, 0)) {
        prq_buf_release(&b);
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    }
    *n = b.n - 1;
    *text = (char *)b.p;
    return true;
}
