/* SPDX-License-Identifier: Apache-2.0 */
/* Programs and libraries that no package database knows, by the version that they hold themselves.
 * The table of them is classifiers.def. Sources: catalog.md 5.4, 5.5. */
#include "analyze/analyze.h"
#include "base/buf.h"
#include "base/pages.h"
#include "lib/regex.h"

/* Larger than any program in sight; the bytes are mapped, and read once a rule. */
#define FILE_MAX PRQ_GIB(4)

enum {
    CPES_MAX = 3,
    TRIES_MAX = 100000, /* of one rule on one file */
    AFTER = 1280,       /* bytes behind an anchor that a pattern may reach */
    DIGITS_MAX = 9,
    CHUNK = 4 << 20,    /* of a mapped file, held at a time */
};

struct product {
    const char *id, *type, *ns, *name; /* name NULL: "php-" and that of the file */
    const char *cpes[CPES_MAX + 1];
};

struct rule {
    const char *group, *product;
    const char *choice; /* rules that exclude one another; NULL: the group */
    prq_str anchor;
    prq_str needs;      /* also stands somewhere in the file */
    const char *dir;    /* also stands in the path */
    uint16_t before;    /* bytes in front of the anchor where a match may begin */
    bool inside;        /* no anchor: the number need not follow a NUL */
    bool is_named;      /* behind the anchor comes the dotted number of the file's name, and a dot */
    const char *pattern;
};

static const struct product products[] = {
#define PRODUCT(id, type, ns, name, ...) { id, type, ns, name, { __VA_ARGS__ } },
#define FILES(group, ...)
#define RULE(group, product, ...)
#define ERTS(erts, otp)
#include "analyze/classifiers.def"
#undef PRODUCT
#undef FILES
#undef RULE
#undef ERTS
};

static const struct prq_want wants[] = {
#define PRODUCT(id, type, ns, name, ...)
#define FILES(group, ...) { __VA_ARGS__, .max_bytes = FILE_MAX },
#define RULE(group, product, ...)
#define ERTS(erts, otp)
#include "analyze/classifiers.def"
#undef PRODUCT
#undef FILES
#undef RULE
#undef ERTS
    { .max_bytes = 0 },
};

static const char *const groups[] = {
#define PRODUCT(id, type, ns, name, ...)
#define FILES(group, ...) group,
#define RULE(group, product, ...)
#define ERTS(erts, otp)
#include "analyze/classifiers.def"
#undef PRODUCT
#undef FILES
#undef RULE
#undef ERTS
};

static const struct rule rules[] = {
#define PRODUCT(id, type, ns, name, ...)
#define FILES(group, ...)
#define RULE(group, product, ...) { group, product, __VA_ARGS__ },
#define ERTS(erts, otp)
#include "analyze/classifiers.def"
#undef PRODUCT
#undef FILES
#undef RULE
#undef ERTS
};

static const struct {
    const char *erts, *otp;
} erts[] = {
#define PRODUCT(id, type, ns, name, ...)
#define FILES(group, ...)
#define RULE(group, product, ...)
#define ERTS(erts, otp) { erts, otp },
#include "analyze/classifiers.def"
#undef PRODUCT
#undef FILES
#undef RULE
#undef ERTS
};

struct job {
    struct prq_ctx *ctx;
    const struct prq_input *in;
    struct prq_sink *sink;
    struct prq_regex *regex; /* of the rule at hand, made when it is first needed */
    unsigned tries;
};

/* ---- CPE names */

/* The version inside a formatted string: a backslash before all but letters, digits, "_", "." and
 * "-". Source: NISTIR 7695, 5.3.2 and 6.2. */
static bool add_escaped(struct prq_buf *b, prq_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!prq_is_alnum(c) && c != '_' && c != '.' && c != '-')
            prq_buf_byte(b, '\\');
        prq_buf_byte(b, (uint8_t)prq_to_lower(c));
    }
    return !b->bad;
}

/* What a match caught. Java's 1.8.0_302-b08 is version 1.8.0, update "update302"; the 9.2p1 of
 * OpenSSH is version 9.2, update "p1". */
struct caught {
    prq_str version, primary, update, patch;
};

static bool cpe_of(const char *product, const struct caught *c, struct prq_arena *a, prq_str *out)
{
    PRQ_BUF b;
    prq_buf_init(&b, PRQ_KIB(4));
    prq_buf_printf(&b, "cpe:2.3:a:%s:", product);
    add_escaped(&b, c->primary.n ? c->primary : c->version);
    prq_buf_str(&b, c->update.n ? PRQ_S(":update") : PRQ_S(":"));
    add_escaped(&b, c->update.n ? c->update : c->patch);
    prq_buf_str(&b, c->update.n || c->patch.n ? PRQ_S("") : PRQ_S("*"));
    prq_buf_str(&b, PRQ_S(":*:*:*:*:*:*"));
    if (b.bad)
        return false;
    *out = prq_arena_copy(a, prq_buf_view(&b));
    return out->p != NULL;
}

/* ---- one hit */

static const struct product *product_of(const char *id)
{
    for (size_t i = 0; i < PRQ_COUNT(products); i++)
        if (strcmp(products[i].id, id) == 0)
            return &products[i];
    return NULL;
}

static prq_str release_of(prq_str runtime)
{
    for (size_t i = 0; i < PRQ_COUNT(erts); i++)
        if (prq_str_eq(runtime, prq_str_from(erts[i].erts)))
            return prq_str_from(erts[i].otp);
    return (prq_str){ 0 };
}

/* "usr/lib/php/20220829/curl.so" is php-curl. */
static prq_str name_of(const struct product *product, const struct job *j)
{
    if (product->name)
        return prq_str_from(product->name);
    prq_str base = prq_path_base(j->in->file->path);
    base.n -= strlen(".so");
    return prq_arena_printf(j->ctx->scratch, "php-%.*s", PRQ_FMT(base));
}

static bool report(struct job *j, const struct rule *r, struct prq_err *err)
{
    const struct product *product = product_of(r->product);
    struct caught c = {
        .version = prq_regex_named(j->regex, "v"),
        .primary = prq_regex_named(j->regex, "primary"),
        .update = prq_regex_named(j->regex, "update"),
        .patch = prq_regex_named(j->regex, "patch"),
    };
    prq_str runtime = prq_regex_named(j->regex, "erts"), cpes[CPES_MAX];
    size_t n = 0;
    prq_str name = name_of(product, j);
    if (!name.p)
        return prq_fail(err, PRQ_E_LIMIT, "no room for a name");
    if (runtime.n)
        c.version = release_of(runtime);
    if (c.version.n == 0)
        return true; /* a run-time system of an unknown release */
    for (; n < CPES_MAX && product->cpes[n]; n++)
        if (!cpe_of(product->cpes[n], &c, j->ctx->scratch, &cpes[n]))
            return prq_fail(err, PRQ_E_LIMIT, "no room for CPE names");
    const struct prq_package p = {
        .type = prq_str_from(product->type),
        .ns = prq_str_from(product->ns),
        .name = name,
        .version = c.version,
        .flags = runtime.n ? PRQ_PKG_GUESSED : 0,
        .cpes = { cpes, n },
    };
    return prq_sink_package(j->sink, &p) || prq_sink_full(err);
}

/* ---- looking */

/* The first needle at `from` or later. A large program stays on the disk: what was searched is given
 * back chunk by chunk. */
static const uint8_t *find(const struct prq_input *in, size_t from, prq_str needle)
{
    prq_bytes data = in->data;
    while (from < data.n) {
        size_t start = from / CHUNK * CHUNK, end = prq_min_size(data.n - start, CHUNK) + start;
        size_t stop = prq_min_size(data.n - end, needle.n - 1) + end;
        const uint8_t *hit = memmem(data.p + from, stop - from, needle.p, needle.n);
        if (hit)
            return hit;
        if (in->is_mapped)
            prq_pages_forget((prq_bytes){ data.p + start, end - start });
        from = end;
    }
    return NULL;
}

/* Tries the pattern from `from` on. ITEM: it fits. */
static enum prq_next try_at(struct job *j, const struct rule *r, size_t from, size_t to,
                            struct prq_err *err)
{
    if (j->tries++ >= TRIES_MAX) {
        prq_fail_at(err, PRQ_E_LIMIT, from, "too many places that look like a version");
        return PRQ_NEXT_FAIL;
    }
    uint32_t flags = PRQ_REGEX_DOTALL | (r->before ? 0 : PRQ_REGEX_ANCHORED);
    if (!j->regex && !prq_regex_new(prq_str_from(r->pattern), flags, j->ctx->limits, &j->regex, err))
        return PRQ_NEXT_FAIL;
    return prq_regex_find(j->regex, j->in->data, from, to, err);
}

static size_t end_of(prq_bytes data, size_t at, size_t anchor)
{
    return data.n - at > anchor + AFTER ? at + anchor + AFTER : data.n;
}

static enum prq_next by_anchor(struct job *j, const struct rule *r, struct prq_err *err)
{
    prq_bytes data = j->in->data;
    const uint8_t *hit;
    for (size_t at = 0; (hit = find(j->in, at, r->anchor)) != NULL; at++) {
        at = (size_t)(hit - data.p);
        size_t from = at > r->before ? at - r->before : 0;
        size_t to = end_of(data, at, r->anchor.n);
        enum prq_next step = try_at(j, r, from, to, err);
        if (step != PRQ_NEXT_END)
            return step;
        if (prq_ctx_is_cancelled(j->ctx))
            break;
    }
    return PRQ_NEXT_END;
}

/* The first digit of the dotted number whose first dot is at `dot`; `dot` when it is none. */
static size_t number_at(prq_bytes data, size_t dot)
{
    size_t at = dot;
    while (at > 0 && dot - at < DIGITS_MAX && prq_is_digit((char)data.p[at - 1]))
        at--;
    bool is_later = at > 0 && data.p[at - 1] == '.' && at < dot;
    bool goes_on = dot + 1 < data.n && prq_is_digit((char)data.p[dot + 1]);
    return is_later || !goes_on ? dot : at;
}

static enum prq_next by_number(struct job *j, const struct rule *r, struct prq_err *err)
{
    prq_bytes data = j->in->data;
    const uint8_t *hit;
    for (size_t at = 0; (hit = find(j->in, at, PRQ_S("."))) != NULL;) {
        size_t dot = (size_t)(hit - data.p), from = number_at(data, dot);
        at = dot + 1;
        if (from == dot || (!r->inside && (from == 0 || data.p[from - 1] != 0)))
            continue;
        enum prq_next step = try_at(j, r, from, end_of(data, from, 0), err);
        if (step != PRQ_NEXT_END)
            return step;
    }
    return PRQ_NEXT_END;
}

/* The first dotted number in a name: 3.11 of libpython3.11.so.1.0. */
static prq_str number_of(prq_str name)
{
    for (size_t i = 0; i < name.n; i++) {
        size_t n = 0, dots = 0;
        while (i + n < name.n && (prq_is_digit(name.p[i + n]) ||
                                  (n && name.p[i + n] == '.' && i + n + 1 < name.n &&
                                   prq_is_digit(name.p[i + n + 1])))) {
            dots += name.p[i + n] == '.';
            n++;
        }
        if (dots)
            return (prq_str){ name.p + i, n };
        i += n;
    }
    return (prq_str){ 0 };
}

/* The rule's anchor goes on with the name's number: "\0" "3.11" ".". */
static enum prq_next by_name(struct job *j, const struct rule *r, struct prq_err *err)
{
    prq_str number = number_of(prq_path_base(j->in->file->path));
    if (number.n == 0)
        return PRQ_NEXT_END;
    struct rule named = *r;
    char anchor[64];
    size_t n = r->anchor.n + number.n;
    if (n + 1 > sizeof anchor)
        return PRQ_NEXT_END;
    memcpy(anchor, r->anchor.p, r->anchor.n);
    memcpy(anchor + r->anchor.n, number.p, number.n);
    anchor[n] = '.';
    named.anchor = (prq_str){ anchor, n + 1 };
    return by_anchor(j, &named, err);
}

static bool fits_file(const struct rule *r, const struct prq_input *in)
{
    return (!r->dir || prq_str_has(in->file->path, prq_str_from(r->dir))) &&
           (!r->needs.n || find(in, 0, r->needs));
}

static enum prq_next look(struct job *j, const struct rule *r, struct prq_err *err)
{
    if (!fits_file(r, j->in))
        return PRQ_NEXT_END;
    if (r->is_named)
        return by_name(j, r, err);
    return r->anchor.n ? by_anchor(j, r, err) : by_number(j, r, err);
}

static const char *choice_of(const struct rule *r)
{
    return r->choice ? r->choice : r->group;
}

/* Rules of a group stand together; *found holds the choices made. */
static bool classify(struct job *j, const char *group, struct prq_err *err)
{
    enum { CHOICES_MAX = 4 };
    const char *made[CHOICES_MAX];
    size_t made_count = 0;
    for (size_t i = 0; i < PRQ_COUNT(rules); i++) {
        const struct rule *r = &rules[i];
        if (strcmp(r->group, group) != 0)
            continue;
        bool is_made = false;
        for (size_t k = 0; k < made_count; k++)
            is_made |= strcmp(made[k], choice_of(r)) == 0;
        if (is_made)
            continue;
        j->regex = NULL;
        j->tries = 0;
        enum prq_next step = look(j, r, err);
        bool ok = step == PRQ_NEXT_ITEM ? report(j, r, err) : step != PRQ_NEXT_FAIL;
        prq_regex_free(j->regex);
        if (!ok)
            return false;
        if (step == PRQ_NEXT_ITEM && made_count < CHOICES_MAX)
            made[made_count++] = choice_of(r);
    }
    return true;
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    struct job j = { .ctx = ctx, .in = in, .sink = sink };
    const char *last = "";
    for (size_t i = 0; wants[i].max_bytes; i++) {
        if (strcmp(groups[i], last) == 0 || !prq_want_fits(&wants[i], in->file))
            continue;
        last = groups[i];
        if (!classify(&j, last, err))
            return false;
    }
    return true;
}

const struct prq_analyzer prq_analyzer_classify = {
    .name = "classify",
    .purl_type = "generic",
    .summary = "programs and libraries that tell their version (python, node, nginx, openssl …)",
    .revision = 2,
    .wants = wants,
    .run = run,
};
