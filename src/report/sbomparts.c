/* SPDX-License-Identifier: Apache-2.0 */
#include "report/sbomparts.h"

#include "model/imagename.h"

#include <stdio.h>

#include "base/map.h"
#include "lib/lib.h"

static bool no_room(struct prq_err *err)
{
    return prq_fail(err, PRQ_E_LIMIT, "the list exceeds the memory budget");
}

bool prq_is_utf8(prq_str s)
{
    while (s.n) {
        size_t n = prq_utf8_len(s);
        if (n == 0)
            return false;
        s = prq_str_from_at(s, n);
    }
    return true;
}

/* ---- references: the purl, or where two packages have one purl, the purl and what tells them
 * apart */

static void add_part(struct prq_digest *d, prq_str s)
{
    prq_digest_add(d, s.p, s.n);
    prq_digest_add(d, "", 1);
}

static bool longer_ref(struct prq_sbom_work *w, const struct prq_package *p, prq_str *out,
                       struct prq_err *err)
{
    struct prq_digest *d = NULL;
    uint8_t raw[64];
    char hex[16], epoch[24];
    if (!prq_digest_new(PRQ_SHA256, &d, err))
        return false;
    int n = p->has_epoch ? snprintf(epoch, sizeof epoch, "%llu", (unsigned long long)p->epoch) : 0;
    const prq_str parts[] = { p->type, p->ns, p->name, p->version, p->arch, { epoch, (size_t)n },
                              p->distro };
    for (size_t i = 0; i < PRQ_COUNT(parts); i++)
        add_part(d, parts[i]);
    for (size_t i = 0; i < p->evidence_count; i++)
        add_part(d, p->evidence[i].path);
    prq_digest_end(d, raw);
    prq_digest_free(d);
    prq_hex_encode((prq_bytes){ raw, sizeof hex / 2 }, hex);
    bool has_query = prq_str_find(p->purl, '?') < p->purl.n;
    *out = prq_arena_printf(w->a, "%.*s%cpackage-id=%.16s", PRQ_FMT(p->purl), has_query ? '&' : '?',
                            hex);
    return out->p || no_room(err);
}

static bool make_refs(struct prq_sbom_work *w, struct prq_err *err)
{
    struct prq_map purls, refs;
    const struct prq_analysis *an = w->an;
    size_t *counts = prq_new_n(w->a, size_t, an->package_count + 1);
    w->refs = prq_new_n(w->a, prq_str, an->package_count + 1);
    prq_map_init(&purls, w->a);
    prq_map_init(&refs, w->a);
    if (!counts || !w->refs)
        return no_room(err);
    for (size_t i = 0; i < an->package_count; i++) {
        size_t *first = prq_map_put(&purls, an->packages[i].purl, i, NULL);
        if (!first)
            return no_room(err);
        counts[*first]++;
    }
    for (size_t i = 0; i < an->package_count; i++) {
        const struct prq_package *p = &an->packages[i];
        bool added = true;
        w->refs[i] = p->purl;
        if ((counts[*prq_map_find(&purls, p->purl)] > 1 || p->purl.n == 0 ||
             !prq_is_utf8(p->purl)) && !longer_ref(w, p, &w->refs[i], err))
            return false;
        /* Twins in everything: their place in the list is left. */
        if (!prq_map_put(&refs, w->refs[i], i, &added))
            return no_room(err);
        if (!added) {
            w->refs[i] = prq_arena_printf(w->a, "%.*s-%zu", PRQ_FMT(w->refs[i]), i);
            if (!w->refs[i].p || !prq_map_put(&refs, w->refs[i], i, NULL))
                return no_room(err);
        }
    }
    return true;
}

/* ---- the image's own purl: pkg:oci/NAME@DIGEST?arch=…&repository_url=…&tag=… */

static bool make_image_purl(struct prq_sbom_work *w)
{
    const struct prq_analysis *an = w->an;
    prq_str repository, tag;
    bool is_named = prq_image_name_split(an->name, &repository, &tag);
    size_t colon = prq_str_find(an->name, ':');
    prq_str word = prq_str_head(an->name, colon);
    /* "oci-dir:…", "docker-archive:…" name a place on this machine. */
    if (prq_str_ends(word, PRQ_S("-dir")) || prq_str_ends(word, PRQ_S("-archive")))
        is_named = false;
    for (size_t i = 0; !is_named && i < an->tags.n; i++)
        is_named = prq_str_find(an->tags.v[i], '/') < an->tags.v[i].n &&
                   prq_image_name_split(an->tags.v[i], &repository, &tag);
    if (an->kind != PRQ_SOURCE_IMAGE || an->digest.n == 0 || !is_named)
        return true;
    prq_str url = prq_image_repository(repository, w->a);
    if (!url.p)
        return false;
    prq_str quals[] = {
        prq_arena_printf(w->a, "arch=%.*s", PRQ_FMT(an->architecture)),
        prq_arena_printf(w->a, "repository_url=%.*s", PRQ_FMT(url)),
        prq_arena_printf(w->a, "tag=%.*s", PRQ_FMT(tag)),
    };
    struct prq_package p = { .type = PRQ_S("oci"), .name = prq_path_base(repository),
                             .version = an->digest, .qualifiers = { quals, PRQ_COUNT(quals) } };
    for (size_t i = 0; i < PRQ_COUNT(quals); i++)
        if (!quals[i].p)
            return false;
    w->image_purl = prq_purl_print(&p, NULL, w->a);
    return w->image_purl.p != NULL;
}

bool prq_sbom_work_begin(struct prq_sbom_work *w, const struct prq_analysis *an,
                         struct prq_err *err)
{
    *w = (struct prq_sbom_work){ .an = an };
    w->a = prq_arena_new(PRQ_MIB(2047));
    w->tmp = prq_arena_new(PRQ_MIB(256));
    if (!w->a || !w->tmp)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    if (!make_refs(w, err))
        return false;
    if (!make_image_purl(w) || !prq_edges_find(an, w->a, &w->edges))
        return no_room(err);
    w->roots = prq_edges_roots(&w->edges, an->package_count, w->a, &w->root_count);
    return w->roots || no_room(err);
}

void prq_sbom_work_end(struct prq_sbom_work *w)
{
    prq_arena_free(w->a);
    prq_arena_free(w->tmp);
}

/* ---- small parts */

bool prq_digest_parts(prq_str digest, prq_str *alg, prq_str *hex)
{
    static const struct {
        prq_str word, name;
        size_t digits;
    } algs[] = {
        { PRQ_SI("md5"), PRQ_SI("MD5"), 32 },         { PRQ_SI("sha1"), PRQ_SI("SHA-1"), 40 },
        { PRQ_SI("sha256"), PRQ_SI("SHA-256"), 64 },  { PRQ_SI("sha384"), PRQ_SI("SHA-384"), 96 },
        { PRQ_SI("sha512"), PRQ_SI("SHA-512"), 128 },
    };
    prq_str word, rest;
    if (!prq_str_cut(digest, ':', &word, &rest))
        return false;
    for (size_t i = 0; i < rest.n; i++)
        if (prq_hex_value(rest.p[i]) < 0)
            return false;
    for (size_t i = 0; i < PRQ_COUNT(algs); i++)
        if (prq_str_eq(word, algs[i].word) && rest.n == algs[i].digits) {
            *alg = algs[i].name;
            *hex = rest;
            return true;
        }
    return false;
}

bool prq_uuid_of(prq_bytes name, char out[36], struct prq_err *err)
{
    /* The namespace of our own: a random UUID, drawn once. */
    static const uint8_t space[16] = { 0x5b, 0x0f, 0x3c, 0x52, 0x8d, 0x21, 0x4e, 0x9a,
                                       0xa7, 0x36, 0x1c, 0x90, 0x64, 0xe8, 0x2f, 0xd3 };
    struct prq_digest *d = NULL;
    uint8_t raw[64];
    char hex[32];
    if (!prq_digest_new(PRQ_SHA1, &d, err))
        return false;
    prq_digest_add(d, space, sizeof space);
    prq_digest_add(d, name.p, name.n);
    prq_digest_end(d, raw);
    prq_digest_free(d);
    raw[6] = (uint8_t)((raw[6] & 0x0f) | 0x50);
    raw[8] = (uint8_t)((raw[8] & 0x3f) | 0x80);
    prq_hex_encode((prq_bytes){ raw, 16 }, hex);
    static const uint8_t groups[] = { 8, 4, 4, 4, 12 };
    const char *from = hex;
    for (size_t i = 0; i < PRQ_COUNT(groups); i++) {
        memcpy(out, from, groups[i]);
        from += groups[i];
        out += groups[i];
        if (i + 1 < PRQ_COUNT(groups))
            *out++ = '-';
    }
    return true;
}

bool prq_sbom_fields(struct prq_sbom_work *w, size_t package, const prq_str *refs,
                     const struct prq_listed *item, const struct prq_field_sink *sink)
{
    const struct prq_package *p = &w->an->packages[package];
    struct prq_package told;
    const char *why;
    if (!prq_listed_package(item, w->tmp, &told, &why, NULL))
        return false;
    if (!prq_fields_of_package(p, &told, w->tmp, sink))
        return false;
    if (p->owner && p->owner <= w->an->package_count)
        sink->put(sink->user, PRQ_S(PRQ_FIELD_PREFIX "owner"), refs[p->owner - 1]);
    return true;
}

void prq_sbom_labels(struct prq_sbom_work *w, void (*put)(void *user, prq_str key, prq_str value),
                     void *user)
{
    struct prq_json j;
    prq_str key, name, value;
    prq_json_init(&j, w->an->config, w->a, NULL);
    if (w->an->config.n == 0 || !prq_json_enter_object(&j))
        return;
    while (prq_json_key(&j, &key)) {
        if (!prq_str_eq(key, PRQ_S("config")) || !prq_json_enter_object(&j)) {
            prq_json_skip(&j);
            continue;
        }
        while (prq_json_key(&j, &key)) {
            if (!prq_str_eq(key, PRQ_S("Labels")) || !prq_json_enter_object(&j)) {
                prq_json_skip(&j);
                continue;
            }
            while (prq_json_key(&j, &name))
                if (prq_json_string_or_skip(&j, &value))
                    put(user, name, value);
        }
    }
}
