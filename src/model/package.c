/* SPDX-License-Identifier: Apache-2.0 */
#include "model/package.h"

#include <stdio.h>

/* Every text of a package: what is added to the struct is added here. */
static const size_t texts[] = {
    offsetof(struct prq_package, type),        offsetof(struct prq_package, ns),
    offsetof(struct prq_package, name),        offsetof(struct prq_package, version),
    offsetof(struct prq_package, arch),        offsetof(struct prq_package, source_name),
    offsetof(struct prq_package, source_version), offsetof(struct prq_package, source_rpm),
    offsetof(struct prq_package, modularity),  offsetof(struct prq_package, vendor),
    offsetof(struct prq_package, subpath),     offsetof(struct prq_package, vcs_url),
    offsetof(struct prq_package, goos),        offsetof(struct prq_package, distro),
    offsetof(struct prq_package, purl),        offsetof(struct prq_package, found_by),
};
static const size_t lists[] = {
    offsetof(struct prq_package, cpes),
    offsetof(struct prq_package, digests),
    offsetof(struct prq_package, licenses),
    offsetof(struct prq_package, qualifiers),
    offsetof(struct prq_package, depends),
    offsetof(struct prq_package, provides),
};

static bool copy_text(prq_str *s, struct prq_arena *a)
{
    if (s->n == 0) {
        *s = (prq_str){ 0 };
        return true;
    }
    *s = prq_arena_copy(a, *s);
    return s->p != NULL;
}

static bool copy_list(struct prq_strs *l, struct prq_arena *a)
{
    const prq_str *from = l->v;
    l->v = l->n ? prq_new_n(a, prq_str, l->n) : NULL;
    if (l->n && !l->v)
        return false;
    for (size_t i = 0; i < l->n; i++) {
        l->v[i] = from[i];
        if (!copy_text(&l->v[i], a))
            return false;
    }
    return true;
}

static bool copy_evidence(struct prq_package *p, struct prq_arena *a)
{
    const struct prq_evidence *from = p->evidence;
    size_t n = p->evidence_count;
    p->evidence = n ? prq_new_n(a, struct prq_evidence, n) : NULL;
    if (n && !p->evidence)
        return false;
    for (size_t i = 0; i < n; i++) {
        p->evidence[i] = from[i];
        if (!copy_text(&p->evidence[i].path, a))
            return false;
    }
    return true;
}

bool prq_package_copy(struct prq_package *to, const struct prq_package *from, struct prq_arena *a)
{
    struct prq_package p = *from;
    for (size_t i = 0; i < PRQ_COUNT(texts); i++)
        if (!copy_text((prq_str *)(void *)((char *)&p + texts[i]), a))
            return false;
    for (size_t i = 0; i < PRQ_COUNT(lists); i++)
        if (!copy_list((struct prq_strs *)(void *)((char *)&p + lists[i]), a))
            return false;
    if (!copy_evidence(&p, a))
        return false;
    *to = p;
    return true;
}

bool prq_package_is_os(const struct prq_package *p)
{
    static const prq_str types[] = { PRQ_SI("deb"), PRQ_SI("apk"), PRQ_SI("rpm"), PRQ_SI("alpm") };
    for (size_t i = 0; i < PRQ_COUNT(types); i++)
        if (prq_str_eq(p->type, types[i]))
            return !(p->flags & PRQ_PKG_STRAY);
    return false;
}

prq_str prq_package_shown_version(const struct prq_package *p, struct prq_arena *a)
{
    if (!prq_str_eq(p->type, PRQ_S("rpm")) || !p->has_epoch || p->epoch == 0)
        return p->version;
    char epoch[24]; /* 20 digits */
    size_t n = (size_t)snprintf(epoch, sizeof epoch, "%llu:", (unsigned long long)p->epoch);
    char *shown = prq_arena_alloc(a, n + p->version.n);
    if (!shown)
        return (prq_str){ 0 };
    memcpy(shown, epoch, n);
    if (p->version.n)
        memcpy(shown + n, p->version.p, p->version.n);
    return (prq_str){ shown, n + p->version.n };
}

int prq_package_cmp(const struct prq_package *a, const struct prq_package *b)
{
    int c = prq_str_cmp(a->type, b->type);
    if (!c)
        c = prq_str_cmp(a->name, b->name);
    if (!c)
        c = prq_str_cmp(a->version, b->version);
    if (!c)
        c = prq_str_cmp(a->arch, b->arch);
    uint64_t x = a->has_epoch ? a->epoch : 0, y = b->has_epoch ? b->epoch : 0;
    if (!c)
        c = (x > y) - (x < y);
    return c ? c : prq_str_cmp(a->purl, b->purl);
}

const struct prq_flag_word prq_flag_words[] = {
    { PRQ_PKG_APPLICATION, "application" }, { PRQ_PKG_CLAIMED, "claimed" },
    { PRQ_PKG_DECLARED, "declared" },       { PRQ_PKG_DEV, "dev" },
    { PRQ_PKG_GUESSED, "guessed" },         { PRQ_PKG_MAIN, "main" },
    { PRQ_PKG_NO_CODE, "no-code" },         { PRQ_PKG_NO_MATCH, "not-matched" },
    { PRQ_PKG_STRAY, "stray" },             { PRQ_PKG_THIRD_PARTY, "third-party" },
    { 0 },
};

uint32_t prq_package_flag_of(prq_str word)
{
    for (const struct prq_flag_word *f = prq_flag_words; f->word; f++)
        if (prq_str_eq(word, prq_str_from(f->word)))
            return f->bit;
    return 0;
}
