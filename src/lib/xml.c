/* SPDX-License-Identifier: Apache-2.0 */
/* Three steps, each linear: to_utf8() brings the file to UTF-8 (libxml2 would open iconv's tables,
 * which the sandbox forbids); survey() finds the document type declaration, blanks it, and counts
 * attributes (libxml2 compares each with all before it); then libxml2's SAX parser runs once over
 * the memory and the events are kept in a list. Source: XML 1.0, fifth edition. */
#include "lib/xml.h"

#include <libxml/catalog.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <pthread.h>

#include "base/buf.h"
#include "base/map.h"

struct item {
    struct item *next;
    enum prq_xml_type type;
    uint32_t attr_n;
    prq_str name, text;
    struct prq_xml_attr *attrs;
    uint64_t at;
};

struct open_element {
    struct item *start;
    bool has_children;
    prq_str text; /* the last one; without children the only one */
};

struct prq_xml {
    struct prq_arena *a;
    const struct prq_limits *limits;
    struct item *first, **tail;
    struct prq_err why;
    bool is_broken;
    struct prq_xml_leftovers left;

    /* while parsing */
    xmlParserCtxtPtr parser;
    struct prq_map names; /* interned: name → index */
    prq_str *name;
    size_t name_n, name_cap;
    struct prq_buf text;
    uint64_t text_at;
    struct open_element *open; /* `depth` of them */
    uint32_t depth;
    size_t path_n, path_max; /* bytes of the current path, of the longest */
    xmlEntity unknown;       /* what stands for any entity */

    /* while reading; depth and path_n again */
    struct item *next;
    char *path;
};

/* ---- encodings */

enum encoding { ENC_UTF8, ENC_UTF16LE, ENC_UTF16BE, ENC_LATIN1 };

struct source {
    prq_bytes raw; /* the file */
    size_t skip;   /* byte order mark */
    enum encoding enc;
    prq_bytes utf8;
};

static size_t put_utf8(uint32_t c, uint8_t *p)
{
    if (c < 0x80) {
        p[0] = (uint8_t)c;
        return 1;
    }
    if (c < 0x800) {
        p[0] = (uint8_t)(0xc0 | c >> 6);
        p[1] = (uint8_t)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        p[0] = (uint8_t)(0xe0 | c >> 12);
        p[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        p[2] = (uint8_t)(0x80 | (c & 0x3f));
        return 3;
    }
    p[0] = (uint8_t)(0xf0 | c >> 18);
    p[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
    p[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    p[3] = (uint8_t)(0x80 | (c & 0x3f));
    return 4;
}

static uint32_t unit16(const struct source *s, size_t at)
{
    const uint8_t *p = s->raw.p + at;
    return s->enc == ENC_UTF16LE ? (uint32_t)(p[0] | p[1] << 8) : (uint32_t)(p[1] | p[0] << 8);
}

/* One character of Latin-1 or UTF-16 and the bytes it takes; 0 bytes: malformed. A lone surrogate
 * is no character, nor are half units. */
static uint32_t take_char(const struct source *s, size_t at, size_t *used)
{
    *used = 1;
    if (s->enc == ENC_LATIN1)
        return s->raw.p[at];
    *used = 0;
    if (s->raw.n - at < 2)
        return 0;
    uint32_t c = unit16(s, at);
    if (c >= 0xd800 && c < 0xdc00 && s->raw.n - at >= 4) {
        uint32_t low = unit16(s, at + 2);
        *used = low >= 0xdc00 && low < 0xe000 ? 4 : 0;
        return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
    *used = c >= 0xd800 && c < 0xe000 ? 0 : 2;
    return c;
}

/* The byte of the file for a byte of the UTF-8 text. */
struct place {
    size_t raw, utf8;
};

/* Onwards only: a place is moved to the next byte asked for. */
static uint64_t move_to(const struct source *s, struct place *p, uint64_t utf8_at)
{
    if (s->enc == ENC_UTF8)
        return prq_min_size(s->skip + (size_t)utf8_at, s->raw.n);
    size_t used;
    uint8_t room[4];
    while (p->raw < s->raw.n && p->utf8 < utf8_at) {
        p->utf8 += put_utf8(take_char(s, p->raw, &used), room);
        p->raw += used ? used : s->raw.n - p->raw;
    }
    return p->raw;
}

static uint64_t raw_offset(const struct source *s, uint64_t utf8_at)
{
    struct place p = { s->skip, 0 };
    return move_to(s, &p, utf8_at);
}

/* The declared encoding, when the file begins with an XML declaration in ASCII. */
static prq_str declared_encoding(prq_bytes in)
{
    prq_str head = prq_str_head(prq_str_of(in), 256), rest;
    if (!prq_str_starts(head, PRQ_S("<?xml")))
        return (prq_str){ 0 };
    head = prq_str_head(head, prq_str_search(head, PRQ_S("?>")));
    size_t at = prq_str_search(head, PRQ_S("encoding"));
    if (at == head.n)
        return (prq_str){ 0 };
    rest = prq_str_trim(prq_str_from_at(head, at + 8));
    if (!prq_str_starts(rest, PRQ_S("=")))
        return (prq_str){ 0 };
    rest = prq_str_trim(prq_str_from_at(rest, 1));
    if (rest.n < 2 || (rest.p[0] != '"' && rest.p[0] != '\''))
        return (prq_str){ 0 };
    return prq_str_head(prq_str_from_at(rest, 1),
                        prq_str_find(prq_str_from_at(rest, 1), rest.p[0]));
}

/* Supersets of ASCII in which no byte of a longer character is '<', '>' or '&'. */
static bool keeps_ascii(prq_str name)
{
    static const prq_str starts[] = {
        PRQ_SI("iso-8859-"), PRQ_SI("iso_8859-"), PRQ_SI("iso8859"), PRQ_SI("latin"),
        PRQ_SI("windows-"),  PRQ_SI("cp125"),     PRQ_SI("koi8-"),   PRQ_SI("gb"),
        PRQ_SI("big5"),      PRQ_SI("euc-"),      PRQ_SI("shift"),   PRQ_SI("sjis"),
        PRQ_SI("us-ascii"),  PRQ_SI("ascii"),     PRQ_SI("mac"),     PRQ_SI("ibm"),
        PRQ_SI("cp"),        PRQ_SI("tis-620"),
    };
    for (size_t i = 0; i < PRQ_COUNT(starts); i++)
        if (prq_str_ieq(prq_str_head(name, starts[i].n), starts[i]))
            return true;
    return false;
}

static bool is_utf8(prq_bytes b, size_t *bad_at)
{
    for (size_t at = 0; at < b.n;) {
        size_t n = b.p[at] < 0x80 ? 1 : prq_utf8_len(prq_str_from_at(prq_str_of(b), at));
        if (!n) {
            *bad_at = at;
            return false;
        }
        at += n;
    }
    return true;
}

static bool detect(struct source *s, struct prq_err *err)
{
    const uint8_t *p = s->raw.p;
    size_t n = s->raw.n, bad_at;
    s->enc = ENC_UTF8;
    s->skip = 0;
    if (n >= 2 && ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff))) {
        s->enc = p[0] == 0xff ? ENC_UTF16LE : ENC_UTF16BE;
        s->skip = 2;
        return true;
    }
    if (n >= 4 && p[0] == '<' && !p[1] && p[3] == 0) {
        s->enc = ENC_UTF16LE;
        return true;
    }
    if (n >= 4 && !p[0] && p[1] == '<' && !p[2]) {
        s->enc = ENC_UTF16BE;
        return true;
    }
    if (n >= 3 && p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf)
        s->skip = 3;
    prq_bytes body = { p + s->skip, n - s->skip };
    prq_str name = declared_encoding(body);
    bool is_declared = name.n && !prq_str_ieq(name, PRQ_S("utf-8")) &&
                       !prq_str_ieq(name, PRQ_S("utf8")) && !prq_str_ieq(name, PRQ_S("utf-16"));
    if (is_declared && keeps_ascii(name))
        s->enc = ENC_LATIN1;
    else if (is_declared)
        return prq_fail_at(err, PRQ_E_UNSUPPORTED, 0, "xml: unknown encoding");
    else if (!is_utf8(body, &bad_at))
        return prq_fail_at(err, PRQ_E_FORMAT, s->skip + bad_at, "xml: not UTF-8");
    return true;
}

static bool to_utf8(struct source *s, struct prq_arena *a, struct prq_err *err)
{
    if (!detect(s, err))
        return false;
    if (s->enc == ENC_UTF8) {
        s->utf8 = (prq_bytes){ s->raw.p + s->skip, s->raw.n - s->skip };
        return true;
    }
    /* Latin-1 doubles at most; two bytes of UTF-16 become three at most. */
    size_t n = 0, used;
    uint8_t *p = prq_new_n(a, uint8_t, 2 * s->raw.n + 4);
    if (!p)
        return prq_fail(err, PRQ_E_LIMIT, "xml: the document exceeds the memory budget");
    for (size_t at = s->skip; at < s->raw.n; at += used) {
        uint32_t c = take_char(s, at, &used);
        if (!used)
            return prq_fail_at(err, PRQ_E_FORMAT, at, "xml: not UTF-16");
        n += put_utf8(c, p + n);
    }
    s->utf8 = (prq_bytes){ p, n };
    return true;
}

/* ---- survey */

/* Behind the first `end` at or after `at`; the text's end when there is none. */
static size_t skip_past(prq_str text, size_t at, prq_str end)
{
    prq_str rest = prq_str_from_at(text, at);
    return at + prq_min_size(prq_str_search(rest, end) + end.n, rest.n);
}

/* Behind the '>' of a declaration or tag: quotes hide it. *quoted counts the quoted values. */
static size_t skip_tag(prq_str text, size_t at, uint64_t *quoted)
{
    while (at < text.n && text.p[at] != '>') {
        char c = text.p[at++];
        if (c != '"' && c != '\'')
            continue;
        (*quoted)++;
        at = skip_past(text, at, c == '"' ? PRQ_S("\"") : PRQ_S("'"));
    }
    return prq_min_size(at + 1, text.n);
}

/* [28] doctypedecl: behind its '>'. */
static size_t skip_doctype(prq_str text, size_t at, bool *has_entities)
{
    bool is_inside = false;
    while (at < text.n) {
        prq_str rest = prq_str_from_at(text, at);
        uint64_t quoted;
        char c = rest.p[0];
        if (prq_str_starts(rest, PRQ_S("<!--"))) {
            at = skip_past(text, at + 4, PRQ_S("-->"));
        } else if (prq_str_starts(rest, PRQ_S("<?"))) {
            at = skip_past(text, at + 2, PRQ_S("?>"));
        } else if (prq_str_starts(rest, PRQ_S("<!")) && is_inside) {
            *has_entities |= prq_str_starts(rest, PRQ_S("<!ENTITY"));
            at = skip_tag(text, at + 2, &quoted);
        } else if (c == '"' || c == '\'') {
            at = skip_past(text, at + 1, c == '"' ? PRQ_S("\"") : PRQ_S("'"));
        } else if (c == '>' && !is_inside) {
            return at + 1;
        } else {
            is_inside = c == '[' || (is_inside && c != ']');
            at++;
        }
    }
    return at;
}

struct survey {
    size_t doctype_at, doctype_end; /* equal: none */
    bool has_entities;
};

static bool survey(struct prq_xml *x, const struct source *s, struct survey *out,
                   struct prq_err *err)
{
    prq_str text = prq_str_of(s->utf8);
    *out = (struct survey){ 0 };
    for (size_t at = prq_str_find(text, '<'); at < text.n;) {
        prq_str rest = prq_str_from_at(text, at);
        uint64_t quoted = 0;
        size_t begin = at;
        if (prq_str_starts(rest, PRQ_S("<!--"))) {
            at = skip_past(text, at + 4, PRQ_S("-->"));
        } else if (prq_str_starts(rest, PRQ_S("<![CDATA["))) {
            at = skip_past(text, at + 9, PRQ_S("]]>"));
        } else if (prq_str_starts(rest, PRQ_S("<?"))) {
            at = skip_past(text, at + 2, PRQ_S("?>"));
        } else if (prq_str_starts(rest, PRQ_S("<!DOCTYPE"))) {
            if (out->doctype_end)
                return prq_fail_at(err, PRQ_E_FORMAT, raw_offset(s, at),
                                   "xml: a second document type declaration");
            out->doctype_at = at;
            at = out->doctype_end = skip_doctype(text, at + 9, &out->has_entities);
        } else {
            at = skip_tag(text, at + 1, &quoted);
        }
        if (quoted > x->limits->xml_attributes)
            return prq_fail_at(err, PRQ_E_LIMIT, raw_offset(s, begin),
                               "xml: too many attributes: limit xml_attributes");
        at += prq_str_find(prq_str_from_at(text, at), '<');
    }
    return true;
}

/* The text without its document type declaration; every other byte keeps its place. */
static bool blank_doctype(struct source *s, const struct survey *found, struct prq_arena *a,
                          struct prq_err *err)
{
    if (found->doctype_end == 0)
        return true;
    uint8_t *p = prq_new_n(a, uint8_t, s->utf8.n);
    if (!p)
        return prq_fail(err, PRQ_E_LIMIT, "xml: the document exceeds the memory budget");
    memcpy(p, s->utf8.p, s->utf8.n);
    for (size_t i = found->doctype_at; i < found->doctype_end; i++)
        p[i] = p[i] == '\n' ? '\n' : ' ';
    s->utf8.p = p;
    return true;
}

/* ---- what libxml2 calls */

static uint64_t here(const struct prq_xml *x)
{
    const xmlParserInput *in = x->parser->input;
    return in ? in->consumed + (uint64_t)(in->cur - in->base) : 0;
}

/* The first fault counts. */
static void stop(struct prq_xml *x, enum prq_code code, const char *text)
{
    if (x->is_broken)
        return;
    x->is_broken = true;
    prq_fail_at(&x->why, code, here(x), text);
    xmlStopParser(x->parser);
}

static void stop_memory(struct prq_xml *x)
{
    stop(x, PRQ_E_LIMIT, "xml: the document exceeds the memory budget");
}

static prq_str view(const xmlChar *z)
{
    return prq_str_from((const char *)z);
}

static prq_str intern(struct prq_xml *x, prq_str name)
{
    const size_t *found = prq_map_find(&x->names, name);
    if (found)
        return x->name[*found];
    bool added;
    prq_str copy = prq_arena_copy(x->a, name);
    if (!copy.p || !prq_arena_grow(x->a, &x->name, sizeof *x->name, &x->name_cap, x->name_n + 1) ||
        !prq_map_put(&x->names, copy, x->name_n, &added))
        return (prq_str){ 0 };
    x->name[x->name_n++] = copy;
    return copy;
}

static struct item *append(struct prq_xml *x, enum prq_xml_type type, prq_str name, uint64_t at)
{
    struct item *i = prq_new(x->a, struct item);
    if (!i) {
        stop_memory(x);
        return NULL;
    }
    i->type = type;
    i->name = name;
    i->at = at;
    *x->tail = i;
    x->tail = &i->next;
    return i;
}

/* The text between two tags becomes one event; white space alone becomes none. */
static void flush_text(struct prq_xml *x)
{
    prq_str text = prq_buf_view(&x->text);
    if (x->depth && prq_str_trim(text).n) {
        struct open_element *o = &x->open[x->depth - 1];
        struct item *i = append(x, PRQ_XML_TEXT, o->start->name, x->text_at);
        if (i)
            i->text = prq_arena_copy(x->a, text);
        if (i && !i->text.p)
            stop_memory(x);
        if (i)
            o->text = i->text;
    }
    prq_buf_clear(&x->text);
}

static bool copy_attrs(struct prq_xml *x, struct item *i, const xmlChar **attrs, size_t n)
{
    i->attrs = prq_new_n(x->a, struct prq_xml_attr, n);
    if (!i->attrs)
        return n == 0;
    for (; i->attr_n < n; i->attr_n++, attrs += 5) {
        prq_str value = { (const char *)attrs[3], (size_t)(attrs[4] - attrs[3]) };
        struct prq_xml_attr *to = &i->attrs[i->attr_n];
        *to = (struct prq_xml_attr){
            .prefix = intern(x, view(attrs[1])),
            .name = intern(x, view(attrs[0])),
            .value = prq_arena_copy(x->a, value),
        };
        if (!to->prefix.p || !to->name.p || !to->value.p)
            return false;
    }
    return true;
}

static void on_start(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int namespace_n, const xmlChar **namespaces, int attr_n, int defaulted_n,
                     const xmlChar **attrs)
{
    (void)prefix, (void)uri, (void)namespace_n, (void)namespaces;
    struct prq_xml *x = user;
    if (x->is_broken)
        return;
    flush_text(x);
    if (x->depth >= x->limits->xml_depth) {
        stop(x, PRQ_E_LIMIT, "xml: nested too deeply: limit xml_depth");
        return;
    }
    prq_str kept = intern(x, view(name));
    struct item *i = kept.p ? append(x, PRQ_XML_START, kept, here(x)) : NULL;
    if (!i || !copy_attrs(x, i, attrs, (size_t)(attr_n - defaulted_n))) {
        stop_memory(x);
        return;
    }
    if (x->depth)
        x->open[x->depth - 1].has_children = true;
    x->open[x->depth++] = (struct open_element){ .start = i };
    x->path_n += kept.n + 1;
    x->path_max = x->path_n > x->path_max ? x->path_n : x->path_max;
}

static void on_end(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    (void)name, (void)prefix, (void)uri;
    struct prq_xml *x = user;
    if (x->is_broken || x->depth == 0)
        return;
    flush_text(x);
    if (x->is_broken)
        return;
    struct open_element *o = &x->open[x->depth - 1];
    struct item *i = append(x, PRQ_XML_END, o->start->name, here(x));
    if (!i)
        return;
    i->attrs = o->start->attrs;
    i->attr_n = o->start->attr_n;
    if (!o->has_children)
        i->text = prq_str_trim(o->text);
    x->path_n -= i->name.n + 1;
    x->depth--;
}

static void on_text(void *user, const xmlChar *p, int n)
{
    struct prq_xml *x = user;
    if (x->is_broken || n <= 0)
        return;
    if (x->text.n == 0)
        x->text_at = here(x);
    if (!prq_buf_add(&x->text, p, (size_t)n))
        stop(x, PRQ_E_LIMIT, "xml: text is too long: limit string_bytes");
}

/* Asked for every reference that is not predefined: the answer pretends to be predefined, with the
 * reference itself as its text. */
static xmlEntityPtr on_entity(void *user, const xmlChar *name)
{
    struct prq_xml *x = user;
    if (x->left.references++ == 0)
        x->left.at = here(x);
    prq_str text = prq_arena_printf(x->a, "&%.*s;", PRQ_FMT(view(name)));
    if (!text.p) {
        stop_memory(x);
        text = PRQ_S("&");
    }
    /* libxml2 only reads it: its type has no const. */
    char *content = text.p ? (char *)(uintptr_t)text.p : NULL;
    x->unknown = (xmlEntity){
        .type = XML_ENTITY_DECL,
        .name = name,
        .content = (xmlChar *)content,
        .length = (int)text.n,
        .etype = XML_INTERNAL_PREDEFINED_ENTITY,
    };
    return &x->unknown;
}

static void on_error(void *user, xmlErrorPtr e)
{
    struct prq_xml *x = user;
    if (x->is_broken || e->level != XML_ERR_FATAL)
        return;
    char text[160];
    prq_str why = prq_str_trim(view((const xmlChar *)e->message));
    snprintf(text, sizeof text, "xml: line %d: %.*s", e->line, PRQ_FMT(prq_str_head(why, 100)));
    stop(x, e->code == XML_ERR_NO_MEMORY ? PRQ_E_NOMEM : PRQ_E_FORMAT, text);
}

/* Not one that survey() saw: those are blanked. */
static void on_doctype(void *user, const xmlChar *name, const xmlChar *external,
                       const xmlChar *system)
{
    (void)name, (void)external, (void)system;
    stop(user, PRQ_E_FORMAT, "xml: misplaced document type declaration");
}

static void prepare(void)
{
    xmlInitParser();
    xmlCatalogSetDefaults(XML_CATA_ALLOW_NONE);
}

void prq_xml_prepare(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, prepare);
}

/* ---- parsing */

static bool run(struct prq_xml *x, const struct source *s, struct prq_err *err)
{
    if (s->utf8.n == 0) {
        x->is_broken = true;
        prq_fail_at(&x->why, PRQ_E_FORMAT, 0, "xml: empty document");
        return true;
    }
    x->parser = xmlCreateMemoryParserCtxt((const char *)s->utf8.p, (int)s->utf8.n);
    if (!x->parser)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read xml");
    xmlCtxtUseOptions(x->parser, XML_PARSE_NONET | XML_PARSE_IGNORE_ENC | XML_PARSE_NOENT);
    *x->parser->sax = (xmlSAXHandler){
        .initialized = XML_SAX2_MAGIC,
        .internalSubset = on_doctype,
        .startElementNs = on_start,
        .endElementNs = on_end,
        .characters = on_text,
        .ignorableWhitespace = on_text,
        .cdataBlock = on_text,
        .getEntity = on_entity,
        .serror = on_error,
    };
    x->parser->userData = x;
    xmlParseDocument(x->parser);
    if (!x->is_broken && (!x->parser->wellFormed || x->depth || !x->first))
        stop(x, PRQ_E_FORMAT, "xml: malformed document");
    xmlFreeParserCtxt(x->parser);
    x->parser = NULL;
    return true;
}

static bool read_all(struct prq_xml *x, prq_bytes in, struct prq_err *err)
{
    struct source s = { .raw = in };
    struct survey found;
    if (!to_utf8(&s, x->a, err) || !survey(x, &s, &found, err) ||
        !blank_doctype(&s, &found, x->a, err))
        return false;
    x->left.has_doctype = found.doctype_end > 0;
    x->left.has_entities = found.has_entities;
    prq_buf_init(&x->text, (size_t)x->limits->string_bytes);
    bool is_good = run(x, &s, err);
    prq_buf_release(&x->text);
    if (x->is_broken)
        x->why.offset = raw_offset(&s, x->why.offset);
    x->left.at = raw_offset(&s, x->left.references ? x->left.at : found.doctype_at);
    struct place p = { s.skip, 0 };
    for (struct item *i = x->first; i; i = i->next)
        i->at = move_to(&s, &p, i->at);
    return is_good;
}

bool prq_xml_open(prq_bytes in, const struct prq_limits *limits, struct prq_arena *a,
                  struct prq_xml **out, struct prq_err *err)
{
    prq_xml_prepare();
    if (in.n > limits->xml_bytes || in.n > INT32_MAX)
        return prq_fail(err, PRQ_E_LIMIT, "xml: too large: limit xml_bytes");
    struct prq_xml *x = prq_new(a, struct prq_xml);
    if (x)
        x->open = prq_new_n(a, struct open_element, (size_t)limits->xml_depth + 1);
    if (!x || !x->open)
        return prq_fail(err, PRQ_E_LIMIT, "xml: the document exceeds the memory budget");
    x->a = a;
    x->limits = limits;
    x->tail = &x->first;
    prq_map_init(&x->names, a);
    struct prq_err why = PRQ_ERR_INIT;
    if (!read_all(x, in, &why)) {
        if (why.code != PRQ_E_FORMAT) {
            if (err)
                *err = why;
            return false;
        }
        x->is_broken = true; /* an encoding that is not kept to: told by next */
        x->why = why;
    }
    x->path = prq_new_n(a, char, x->path_max + 1);
    if (!x->path)
        return prq_fail(err, PRQ_E_LIMIT, "xml: the document exceeds the memory budget");
    x->depth = 0;
    x->path_n = 0;
    x->next = x->first;
    *out = x;
    return true;
}

/* ---- reading */

static void push_name(struct prq_xml *x, prq_str name)
{
    if (x->depth++)
        x->path[x->path_n++] = '/';
    memcpy(x->path + x->path_n, name.p, name.n);
    x->path_n += name.n;
}

static void pop_name(struct prq_xml *x, prq_str name)
{
    x->path_n -= name.n + (--x->depth ? 1 : 0);
}

enum prq_next prq_xml_next(struct prq_xml *x, struct prq_xml_event *e, struct prq_err *err)
{
    const struct item *i = x->next;
    if (!i && x->is_broken && err)
        *err = x->why;
    if (!i)
        return x->is_broken ? PRQ_NEXT_FAIL : PRQ_NEXT_END;
    if (i->type == PRQ_XML_START)
        push_name(x, i->name);
    *e = (struct prq_xml_event){
        .type = i->type,
        .name = i->name,
        .path = { x->path, x->path_n },
        .text = i->text,
        .attrs = i->attrs,
        .attr_n = i->attr_n,
        .depth = x->depth - 1,
        .at = i->at,
    };
    if (i->type == PRQ_XML_END)
        pop_name(x, i->name);
    x->next = i->next;
    return PRQ_NEXT_ITEM;
}

struct prq_xml_leftovers prq_xml_leftovers(const struct prq_xml *x)
{
    return x->left;
}

prq_str prq_xml_attr(const struct prq_xml_event *e, prq_str name)
{
    for (size_t i = 0; i < e->attr_n; i++)
        if (prq_str_eq(e->attrs[i].name, name))
            return e->attrs[i].value;
    return (prq_str){ 0 };
}
