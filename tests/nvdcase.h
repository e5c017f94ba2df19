/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of match.cases that are records of NVD: written as NVD's JSON, and read as such.
 *
 *   nvd CVE-ID WORD…
 *     conf conf& conf! conf&!         a configuration begins (the first may go without)
 *     or and or! and!                 a node begins (the first of a configuration may go without)
 *     [~]a:vendor:product[:1.0…][;>=1.0][;>1.0][;<2.0][;<=2.0]     a criterion; "~": not vulnerable
 *     rejected                        vulnStatus */
#ifndef PRQ_TESTS_NVDCASE_H
#define PRQ_TESTS_NVDCASE_H

#include "db/dbdoc.h"
#include "db/feed.h"
#include "format/json.h"

struct nvdcase {
    struct prq_jw w;
    bool in_conf, in_node;
};

static inline void nvdcase_sense(struct nvdcase *c, prq_str word)
{
    bool is_and = prq_str_has(word, PRQ_S("&")) || prq_str_starts(word, PRQ_S("and"));
    prq_jw_kv(&c->w, "operator", is_and ? PRQ_S("AND") : PRQ_S("OR"));
    prq_jw_kv_bool(&c->w, "negate", prq_str_ends(word, PRQ_S("!")));
}

static inline void nvdcase_end_node(struct nvdcase *c)
{
    if (c->in_node) {
        prq_jw_array_end(&c->w);
        prq_jw_object_end(&c->w);
    }
    c->in_node = false;
}

static inline void nvdcase_end_conf(struct nvdcase *c)
{
    nvdcase_end_node(c);
    if (c->in_conf) {
        prq_jw_array_end(&c->w);
        prq_jw_object_end(&c->w);
    }
    c->in_conf = false;
}

static inline void nvdcase_conf(struct nvdcase *c, prq_str word)
{
    nvdcase_end_conf(c);
    prq_jw_object(&c->w);
    nvdcase_sense(c, word);
    prq_jw_key(&c->w, "nodes");
    prq_jw_array(&c->w);
    c->in_conf = true;
}

static inline void nvdcase_node(struct nvdcase *c, prq_str word)
{
    nvdcase_end_node(c);
    if (!c->in_conf)
        nvdcase_conf(c, PRQ_S("conf"));
    prq_jw_object(&c->w);
    nvdcase_sense(c, word);
    prq_jw_key(&c->w, "cpeMatch");
    prq_jw_array(&c->w);
    c->in_node = true;
}

static inline prq_str nvdcase_cpe(prq_str fields, struct prq_arena *a)
{
    prq_str text = prq_arena_printf(a, "cpe:2.3:%.*s", PRQ_FMT(fields));
    size_t n = 1;
    for (size_t i = 0; i < fields.n; i++)
        n += fields.p[i] == ':';
    for (; n < 11; n++)
        text = prq_arena_printf(a, "%.*s:*", PRQ_FMT(text));
    return text;
}

static inline void nvdcase_criterion(struct nvdcase *c, prq_str word, struct prq_arena *a)
{
    prq_str piece;
    if (!c->in_node)
        nvdcase_node(c, PRQ_S("or"));
    bool is_other = prq_str_starts(word, PRQ_S("~"));
    word = prq_str_from_at(word, is_other);
    prq_jw_object(&c->w);
    prq_jw_kv_bool(&c->w, "vulnerable", !is_other);
    prq_str_split(&word, ';', &piece);
    prq_jw_kv(&c->w, "criteria", nvdcase_cpe(piece, a));
    while (prq_str_split(&word, ';', &piece)) {
        bool is_low = piece.p[0] == '>', counts = piece.p[1] == '=';
        prq_jw_kv(&c->w,
                  is_low ? counts ? "versionStartIncluding" : "versionStartExcluding"
                  : counts ? "versionEndIncluding"
                           : "versionEndExcluding",
                  prq_str_from_at(piece, counts ? 2 : 1));
    }
    prq_jw_object_end(&c->w);
}

static inline void nvdcase_json(prq_str id, prq_str rest, struct prq_arena *a, struct prq_buf *out)
{
    struct nvdcase c = { .in_conf = false };
    prq_str word, status = PRQ_S("Analyzed");
    prq_jw_init(&c.w, out, false);
    prq_jw_object(&c.w);
    prq_jw_key(&c.w, "vulnerabilities");
    prq_jw_array(&c.w);
    prq_jw_object(&c.w);
    prq_jw_key(&c.w, "cve");
    prq_jw_object(&c.w);
    prq_jw_kv(&c.w, "id", id);
    prq_jw_key(&c.w, "configurations");
    prq_jw_array(&c.w);
    rest = prq_str_trim(rest);
    while (rest.n && prq_str_split(&rest, ' ', &word)) {
        if (prq_str_eq(word, PRQ_S("rejected")))
            status = PRQ_S("Rejected");
        else if (prq_str_starts(word, PRQ_S("conf")))
            nvdcase_conf(&c, word);
        else if (prq_str_starts(word, PRQ_S("or")) || prq_str_starts(word, PRQ_S("and")))
            nvdcase_node(&c, word);
        else if (word.n)
            nvdcase_criterion(&c, word, a);
    }
    nvdcase_end_conf(&c);
    prq_jw_array_end(&c.w);
    prq_jw_kv(&c.w, "vulnStatus", status);
    prq_jw_object_end(&c.w);
    prq_jw_object_end(&c.w);
    prq_jw_array_end(&c.w);
    prq_jw_object_end(&c.w);
}

#endif
