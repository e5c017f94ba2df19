/* SPDX-License-Identifier: Apache-2.0 */
/* The writer of format/json.h. */
#include "format/json.h"

#include <inttypes.h>

void prq_jw_init(struct prq_jw *w, struct prq_buf *b, bool pretty)
{
    *w = (struct prq_jw){ .b = b, .pretty = pretty, .first = true };
}

static void new_line(struct prq_jw *w)
{
    static const char blanks[] = "                                ";
    prq_buf_byte(w->b, '\n');
    for (size_t left = 2 * (size_t)w->depth; left;) {
        size_t n = prq_min_size(left, sizeof blanks - 1);
        prq_buf_add(w->b, blanks, n);
        left -= n;
    }
}

/* What comes before a value or a key. */
static void lead_in(struct prq_jw *w)
{
    if (w->after_key) {
        w->after_key = false;
        return;
    }
    if (w->depth == 0)
        return;
    if (!w->first)
        prq_buf_byte(w->b, ',');
    if (w->pretty)
        new_line(w);
    w->first = false;
}

static void open_container(struct prq_jw *w, uint8_t c)
{
    lead_in(w);
    prq_buf_byte(w->b, c);
    w->depth++;
    w->first = true;
}

static void close_container(struct prq_jw *w, uint8_t c)
{
    w->depth--;
    if (w->pretty && !w->first)
        new_line(w);
    prq_buf_byte(w->b, c);
    w->first = false;
}

void prq_jw_object(struct prq_jw *w)
{
    open_container(w, '{');
}

void prq_jw_object_end(struct prq_jw *w)
{
    close_container(w, '}');
}

void prq_jw_array(struct prq_jw *w)
{
    open_container(w, '[');
}

void prq_jw_array_end(struct prq_jw *w)
{
    close_container(w, ']');
}

static void put_control(struct prq_buf *b, uint8_t c)
{
    static const char letters[0x20] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'
    };
    if (letters[c])
        prq_buf_add(b, (char[]){ '\\', letters[c] }, 2);
    else
        prq_buf_printf(b, "\\u%04x", (unsigned)c);
}

static void put_string(struct prq_buf *b, prq_str s)
{
    prq_buf_byte(b, '"');
    size_t from = 0, at = 0;
    while (at < s.n) {
        uint8_t c = (uint8_t)s.p[at];
        size_t len = c < 0x80 ? 1 : prq_utf8_len(prq_str_from_at(s, at));
        if (len && c >= 0x20 && c != '"' && c != '\\') {
            at += len;
            continue;
        }
        prq_buf_add(b, s.p + from, at - from);
        if (!len)
            prq_buf_str(b, PRQ_S("\xef\xbf\xbd"));
        else if (c < 0x20)
            put_control(b, c);
        else
            prq_buf_add(b, (char[]){ '\\', (char)c }, 2);
        at++;
        from = at;
    }
    if (at > from)
        prq_buf_add(b, s.p + from, at - from);
    prq_buf_byte(b, '"');
}

void prq_jw_str(struct prq_jw *w, prq_str s)
{
    lead_in(w);
    put_string(w->b, s);
}

void prq_jw_key_str(struct prq_jw *w, prq_str key)
{
    lead_in(w);
    put_string(w->b, key);
    prq_buf_str(w->b, w->pretty ? PRQ_S(": ") : PRQ_S(":"));
    w->after_key = true;
}

void prq_jw_key(struct prq_jw *w, const char *key)
{
    prq_jw_key_str(w, prq_str_from(key));
}

void prq_jw_raw(struct prq_jw *w, prq_str json)
{
    lead_in(w);
    prq_buf_str(w->b, json);
}

void prq_jw_u64(struct prq_jw *w, uint64_t v)
{
    lead_in(w);
    prq_buf_printf(w->b, "%" PRIu64, v);
}

void prq_jw_i64(struct prq_jw *w, int64_t v)
{
    lead_in(w);
    prq_buf_printf(w->b, "%" PRId64, v);
}

void prq_jw_bool(struct prq_jw *w, bool v)
{
    prq_jw_raw(w, v ? PRQ_S("true") : PRQ_S("false"));
}

void prq_jw_null(struct prq_jw *w)
{
    prq_jw_raw(w, PRQ_S("null"));
}

void prq_jw_kv(struct prq_jw *w, const char *key, prq_str s)
{
    prq_jw_key(w, key);
    prq_jw_str(w, s);
}

void prq_jw_opt(struct prq_jw *w, const char *key, prq_str s)
{
    if (s.n)
        prq_jw_kv(w, key, s);
}

void prq_jw_kv_u64(struct prq_jw *w, const char *key, uint64_t v)
{
    prq_jw_key(w, key);
    prq_jw_u64(w, v);
}

void prq_jw_kv_bool(struct prq_jw *w, const char *key, bool v)
{
    prq_jw_key(w, key);
    prq_jw_bool(w, v);
}
