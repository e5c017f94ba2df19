/* SPDX-License-Identifier: Apache-2.0 */
/* Source: XML 1.0, fifth edition, 2.4 to 2.8, 3.1. */
#include "db/xmlslice.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"

enum { DEPTH_MAX = 2, SLICE_BYTES = 1 << 18, READ_BYTES = 1 << 16, TAG_MAX = 1 << 16 };

struct prq_xmlslice {
    struct prq_stream *below;
    unsigned want; /* depth of the elements */
    bool is_ended, has_root;

    uint8_t *window; /* read and not yet passed */
    size_t n, cap, at;
    uint64_t passed; /* bytes of the document before the window */

    unsigned depth;               /* elements open */
    struct prq_buf tag[DEPTH_MAX]; /* start tags around, as written */
    size_t begin;                 /* of the element being passed; only below `want` */
    struct prq_buf slice;
    uint64_t slice_at;
    bool has_elements;
};

bool prq_xmlslice_open(struct prq_stream *below, unsigned depth, struct prq_xmlslice **out,
                       struct prq_err *err)
{
    struct prq_xmlslice *s = below ? calloc(1, sizeof *s) : NULL;
    if (!s) {
        prq_stream_close(below);
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read feeds");
    }
    s->below = below;
    s->want = depth < DEPTH_MAX ? depth : DEPTH_MAX;
    for (size_t i = 0; i < DEPTH_MAX; i++)
        prq_buf_init(&s->tag[i], TAG_MAX);
    prq_buf_init(&s->slice, prq_limits_default.xml_bytes + 4 * TAG_MAX);
    *out = s;
    return true;
}

void prq_xmlslice_close(struct prq_xmlslice *s)
{
    if (!s)
        return;
    prq_stream_close(s->below);
    for (size_t i = 0; i < DEPTH_MAX; i++)
        prq_buf_release(&s->tag[i]);
    prq_buf_release(&s->slice);
    free(s->window);
    free(s);
}

static uint64_t here(const struct prq_xmlslice *s)
{
    return s->passed + s->at;
}

/* ---- the window */

static bool is_inside(const struct prq_xmlslice *s)
{
    return s->depth > s->want;
}

static bool window_grow(struct prq_xmlslice *s, size_t want, struct prq_err *err)
{
    if (want <= s->cap)
        return true;
    if (want > prq_limits_default.xml_bytes)
        return prq_fail_at(err, PRQ_E_LIMIT, s->passed, "an element too large: limit xml_bytes");
    uint8_t *p = realloc(s->window, want);
    if (!p)
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read feeds");
    s->window = p;
    s->cap = want;
    return true;
}

/* More bytes, as many as there are at least: what is looked at anew each time, doubles each time. */
static bool window_fill(struct prq_xmlslice *s, struct prq_err *err)
{
    size_t keep = is_inside(s) ? s->begin : s->at;
    if (keep > 0) {
        memmove(s->window, s->window + keep, s->n - keep);
        s->n -= keep;
        s->at -= keep;
        s->begin = 0;
        s->passed += keep;
    }
    size_t more = s->n > READ_BYTES ? s->n : READ_BYTES;
    if (!window_grow(s, s->n + more, err))
        return false;
    for (size_t end = s->n + more; s->n < end && !s->is_ended;) {
        size_t got = 0;
        if (!prq_stream_read(s->below, s->window + s->n, end - s->n, &got, err))
            return false;
        s->is_ended = got == 0;
        s->n += got;
    }
    return true;
}

static prq_str rest_of(const struct prq_xmlslice *s)
{
    return (prq_str){ (const char *)s->window + s->at, s->n - s->at };
}

/* ---- markup */

/* Behind the '>' that ends a tag, in bytes from its start; 0: not in the window. */
static size_t tag_end(prq_str text)
{
    for (size_t i = 1; i < text.n; i++) {
        char c = text.p[i];
        if (c == '>')
            return i + 1;
        if (c != '"' && c != '\'')
            continue;
        size_t close = prq_str_find(prq_str_from_at(text, i + 1), c);
        if (i + 1 + close >= text.n)
            return 0;
        i += 1 + close;
    }
    return 0;
}

static size_t end_at(prq_str text, size_t from, prq_str mark)
{
    if (text.n < from)
        return 0;
    size_t at = prq_str_search(prq_str_from_at(text, from), mark);
    return from + at < text.n ? from + at + mark.n : 0;
}

enum markup { MARK_START, MARK_EMPTY, MARK_END, MARK_OTHER };

/* What begins at '<', and its length; 0: more bytes are needed to tell. */
static size_t markup_of(prq_str text, bool is_ended, enum markup *what)
{
    *what = MARK_OTHER;
    if (text.n < 9 && !is_ended) /* "<![CDATA[" */
        return 0;
    if (prq_str_starts(text, PRQ_S("<!--")))
        return end_at(text, 4, PRQ_S("-->"));
    if (prq_str_starts(text, PRQ_S("<![CDATA[")))
        return end_at(text, 9, PRQ_S("]]>"));
    if (prq_str_starts(text, PRQ_S("<?")))
        return end_at(text, 2, PRQ_S("?>"));
    size_t n = tag_end(text);
    if (prq_str_starts(text, PRQ_S("<!")))
        return n;
    if (prq_str_starts(text, PRQ_S("</")))
        *what = MARK_END;
    else
        *what = n > 2 && text.p[n - 2] == '/' ? MARK_EMPTY : MARK_START;
    return n;
}

static prq_str name_of(prq_str tag, bool with_prefix)
{
    size_t n = 1, from = 1;
    while (n < tag.n && !prq_is_space(tag.p[n]) && tag.p[n] != '>' && tag.p[n] != '/') {
        if (tag.p[n] == ':' && !with_prefix)
            from = n + 1;
        n++;
    }
    return (prq_str){ tag.p + from, n - from };
}

/* ---- slices */

static bool slice_begin(struct prq_xmlslice *s)
{
    prq_buf_clear(&s->slice);
    for (unsigned i = 0; i < s->want; i++)
        prq_buf_str(&s->slice, prq_buf_view(&s->tag[i]));
    s->slice_at = s->passed + s->begin;
    return s->has_elements = !s->slice.bad;
}

static bool slice_add(struct prq_xmlslice *s, size_t from, size_t to, struct prq_err *err)
{
    if (!s->has_elements && !slice_begin(s))
        return prq_fail(err, PRQ_E_NOMEM, "no memory to read feeds");
    prq_buf_str(&s->slice, (prq_str){ (const char *)s->window + from, to - from });
    return !s->slice.bad || prq_fail(err, PRQ_E_NOMEM, "no memory to read feeds");
}

static enum prq_next slice_give(struct prq_xmlslice *s, struct prq_xmlslice_piece *out,
                                struct prq_err *err)
{
    for (unsigned i = s->want; i-- > 0;) {
        prq_str name = name_of(prq_buf_view(&s->tag[i]), true);
        prq_buf_printf(&s->slice, "</%.*s>", PRQ_FMT(name));
    }
    if (s->slice.bad) {
        prq_fail(err, PRQ_E_NOMEM, "no memory to read feeds");
        return PRQ_NEXT_FAIL;
    }
    s->has_elements = false;
    *out = (struct prq_xmlslice_piece){
        .parent = name_of(prq_buf_view(&s->tag[s->want - 1]), false),
        .bytes = prq_buf_bytes(&s->slice),
        .at = s->slice_at,
    };
    return PRQ_NEXT_ITEM;
}

static bool on_start(struct prq_xmlslice *s, prq_str tag, struct prq_err *err)
{
    if (s->depth == 0 && s->has_root)
        return prq_fail_at(err, PRQ_E_FORMAT, here(s), "xml: a second root element");
    s->has_root = true;
    if (s->depth < s->want) {
        prq_buf_clear(&s->tag[s->depth]);
        if (!prq_buf_str(&s->tag[s->depth], tag))
            return prq_fail_at(err, PRQ_E_LIMIT, here(s), "xml: a tag too large");
    } else if (s->depth == s->want) {
        s->begin = s->at;
    }
    s->depth++;
    return true;
}

/* One piece of markup of n bytes; *is_full: a slice is to be given first. */
static bool step(struct prq_xmlslice *s, enum markup what, size_t n, bool *is_full,
                 struct prq_err *err)
{
    prq_str tag = prq_str_head(rest_of(s), n);
    *is_full = false;
    if (what == MARK_START && !on_start(s, tag, err))
        return false;
    if (what == MARK_EMPTY && s->depth == s->want) {
        s->begin = s->at;
        if (!slice_add(s, s->at, s->at + n, err))
            return false;
    } else if (what == MARK_EMPTY && s->depth == 0) {
        if (!on_start(s, tag, err))
            return false;
        s->depth = 0;
    } else if (what == MARK_END) {
        if (s->depth == 0)
            return prq_fail_at(err, PRQ_E_FORMAT, here(s), "xml: an end without a start");
        s->depth--;
        if (s->depth == s->want && !slice_add(s, s->begin, s->at + n, err))
            return false;
    }
    s->at += n;
    *is_full = s->has_elements &&
               (s->depth < s->want || (s->depth == s->want && s->slice.n >= SLICE_BYTES));
    return true;
}

static enum prq_next finish(const struct prq_xmlslice *s, struct prq_err *err)
{
    if (s->depth == 0 && s->has_root)
        return PRQ_NEXT_END;
    prq_fail_at(err, PRQ_E_FORMAT, s->passed + s->n, "xml: the document ends early");
    return PRQ_NEXT_FAIL;
}

enum prq_next prq_xmlslice_next(struct prq_xmlslice *s, struct prq_xmlslice_piece *out,
                                struct prq_err *err)
{
    for (;;) {
        enum markup what = MARK_OTHER;
        s->at += prq_str_find(rest_of(s), '<');
        size_t n = s->at < s->n ? markup_of(rest_of(s), s->is_ended, &what) : 0;
        if (n == 0) {
            if (s->is_ended) {
                if (s->at < s->n) {
                    prq_fail_at(err, PRQ_E_FORMAT, here(s), "xml: a tag without an end");
                    return PRQ_NEXT_FAIL;
                }
                return finish(s, err);
            }
            if (!window_fill(s, err))
                return PRQ_NEXT_FAIL;
            continue;
        }
        bool is_full;
        if (!step(s, what, n, &is_full, err))
            return PRQ_NEXT_FAIL;
        if (is_full)
            return slice_give(s, out, err);
    }
}
