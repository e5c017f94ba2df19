/* SPDX-License-Identifier: Apache-2.0 */
/* What takes a finding away stays visible: the first reason is `by`, later ones go to `also`.
 * Source: matching.md 5.11 (exclusions kept as data), 5.16, 7 no. 1 (kernel headers); catalog.md 7
 * (ownership). */
#include "match/core.h"

bool prq_suppress(struct prq_matching *m, struct prq_finding *f, const char *kind, prq_str id,
                  prq_str reason, struct prq_err *err)
{
    return prq_suppress_by(m, f, (struct prq_by){ .kind = prq_str_from(kind), .id = id,
                                                  .reason = reason }, err);
}

bool prq_suppress_by(struct prq_matching *m, struct prq_finding *f, struct prq_by by,
                     struct prq_err *err)
{
    prq_str *texts[] = { &by.id, &by.reason, &by.status, &by.justification, &by.author,
                         &by.timestamp };
    for (size_t i = 0; i < PRQ_COUNT(texts); i++) {
        *texts[i] = prq_arena_copy(m->out, *texts[i]);
        if (!texts[i]->p)
            return prq_no_room(err);
    }
    if (f->by.kind.n == 0) {
        f->by = by;
        return true;
    }
    struct prq_by *also = prq_new_n(m->out, struct prq_by, f->also_count + 1);
    if (!also)
        return prq_no_room(err);
    if (f->also_count)
        memcpy(also, f->also, f->also_count * sizeof *also);
    also[f->also_count++] = by;
    f->also = also;
    return true;
}

bool prq_finding_has_id(const struct prq_finding *f, prq_str id)
{
    if (prq_str_ieq(f->id, id))
        return true;
    for (size_t i = 0; i < f->aliases.n; i++)
        if (prq_str_ieq(f->aliases.v[i], id))
            return true;
    return false;
}

/* ---- exclusions */

/* matching.md 5.9 */
#define LOG4SHELL                                                                              \
    "CVE-2021-44228,CVE-2021-45046,GHSA-jfh8-c2jp-5v3q,GHSA-7rjr-3q55-vv33,CVE-2020-9493,"     \
    "CVE-2022-23307,CVE-2023-26464"

static const struct exclusion {
    const char *name, *reason;
    prq_str type, package, source; /* patterns: '*' for any text; an empty one: any */
    prq_str ids;                   /* comma list; empty: any, and then only indirect matches */
} exclusions[] = {
    { "kernel-headers-rpm", "headers of the kernel are no kernel", PRQ_SI("rpm"),
      PRQ_SI("kernel-headers"), PRQ_SI("kernel"), { 0 } },
    { "kernel-headers-deb", "headers of the kernel are no kernel", PRQ_SI("deb"),
      PRQ_SI("linux*-headers-*"), PRQ_SI("linux*"), { 0 } },
    { "kernel-kbuild-deb", "build tools of the kernel are no kernel", PRQ_SI("deb"),
      PRQ_SI("linux-kbuild-*"), PRQ_SI("linux*"), { 0 } },
    { "kernel-libc-dev-deb", "headers of the kernel are no kernel", PRQ_SI("deb"),
      PRQ_SI("linux-libc-dev"), PRQ_SI("linux"), { 0 } },
    { "minizip-in-zlib", "it is in minizip, which zlib's packages do not contain", PRQ_SI("deb"),
      PRQ_SI("zlib*"), PRQ_SI("zlib"), PRQ_SI("CVE-2023-45853") },
    { "log4j-api-not-core", "it is in log4j-core", PRQ_SI("maven"),
      PRQ_SI("org.apache.logging.log4j:log4j-api"), { 0 }, PRQ_SI(LOG4SHELL) },
    { "log4j-bridge-not-core", "it is in log4j-core", PRQ_SI("maven"),
      PRQ_SI("org.apache.logging.log4j:log4j-*slf4j*"), { 0 }, PRQ_SI(LOG4SHELL) },
    { "log4j-1.2-api-not-core", "it is in log4j-core", PRQ_SI("maven"),
      PRQ_SI("org.apache.logging.log4j:log4j-1.2-api"), { 0 }, PRQ_SI(LOG4SHELL) },
    { "log4j-slf4j-not-core", "it is in log4j-core", PRQ_SI("maven"), PRQ_SI("org.slf4j:*log4j*"),
      { 0 }, PRQ_SI(LOG4SHELL) },
    { "log4j-detector-not-core", "it is in log4j-core", PRQ_SI("maven"), PRQ_SI("*:log4j-detector"),
      { 0 }, PRQ_SI(LOG4SHELL) },
    { "protobuf-not-go", "it is in protobuf's C++ or Java code, not in the Go module",
      PRQ_SI("golang"), PRQ_SI("google.golang.org/protobuf"), { 0 },
      PRQ_SI("CVE-2015-5237,CVE-2021-22570") },
};

/* '*' only; linear but for the one place to come back to. */
bool prq_is_like(prq_str s, prq_str pattern)
{
    size_t i = 0, k = 0, star = pattern.n, back = 0;
    while (i < s.n) {
        if (k < pattern.n && pattern.p[k] == '*') {
            star = k++;
            back = i;
        } else if (k < pattern.n && pattern.p[k] == s.p[i]) {
            i++;
            k++;
        } else if (star < pattern.n) {
            k = star + 1;
            i = ++back;
        } else {
            return false;
        }
    }
    while (k < pattern.n && pattern.p[k] == '*')
        k++;
    return k == pattern.n;
}

static bool names_id(const struct prq_finding *f, prq_str ids)
{
    prq_str id;
    while (prq_str_split(&ids, ',', &id))
        if (prq_finding_has_id(f, id))
            return true;
    return false;
}

static bool is_excluded(const struct exclusion *e, const struct prq_package *p,
                        const struct prq_finding *f)
{
    return prq_str_eq(p->type, e->type) && prq_is_like(p->name, e->package) &&
           (e->source.n == 0 || prq_is_like(f->matched_name, e->source)) &&
           (e->ids.n > 0 ? names_id(f, e->ids) : f->is_indirect);
}

bool prq_exclude(struct prq_matching *m, struct prq_finding *f, struct prq_err *err)
{
    const struct prq_package *p = &m->analysis->packages[f->package];
    for (size_t i = 0; !m->opts->no_default_ignores && i < PRQ_COUNT(exclusions); i++)
        if (is_excluded(&exclusions[i], p, f))
            return prq_suppress(m, f, "exclusion", prq_str_from(exclusions[i].name),
                                prq_str_from(exclusions[i].reason), err);
    return true;
}

/* ---- ownership */

/* "3.2.19" and "3:3.2.19-1+deb12u1": one begins with the other, but for epoch, 'v' and '~', and no
 * number is cut in two. */
static bool versions_agree(prq_str child, prq_str owner)
{
    size_t colon = prq_str_find(owner, ':');
    if (colon < owner.n)
        owner = prq_str_from_at(owner, colon + 1);
    if (child.n > 1 && child.p[0] == 'v')
        child = prq_str_from_at(child, 1);
    size_t i = 0, k = 0;
    while (i < child.n && k < owner.n) {
        if (owner.p[k] == '~' && child.p[i] != '~') {
            k++;
        } else if (owner.p[k] == child.p[i]) {
            i++;
            k++;
        } else {
            return false;
        }
    }
    char next = i < child.n ? child.p[i] : k < owner.n ? owner.p[k] : '-';
    return i + k > 0 && !prq_is_digit(next);
}

static bool row_names(const struct prq_db_row *row, const struct prq_finding *f)
{
    if (prq_finding_has_id(f, row->id))
        return true;
    for (size_t i = 0; i < row->aliases.n; i++)
        if (prq_finding_has_id(f, row->aliases.v[i]))
            return true;
    for (size_t i = 0; i < row->cves.n; i++)
        if (prq_finding_has_id(f, row->cves.v[i]))
            return true;
    return false;
}

struct owned {
    const struct prq_package *owner;
    struct prq_subject s;
    bool is_same; /* software, by its version */
};

static bool disown(struct prq_matching *m, struct prq_finding *f, const struct owned *o,
                   const char *why, struct prq_err *err)
{
    prq_str key = o->owner->purl.n > 0 ? o->owner->purl : o->owner->name;
    prq_str reason = prq_arena_printf(m->tmp, "its files are those of %.*s %.*s, %s",
                                      PRQ_FMT(o->owner->name), PRQ_FMT(o->owner->version), why);
    return reason.p ? prq_suppress(m, f, "ownership", key, reason, err) : prq_no_room(err);
}

/* What the distribution's feed says of this vulnerability in the owner. */
static bool disown_by_feed(struct prq_matching *m, struct prq_finding *f, const struct owned *o,
                           struct prq_err *err)
{
    bool is_there = false, is_denied = false;
    for (size_t k = 0; k < o->s.n; k++) {
        const struct prq_rows *rows;
        if (!prq_known_rows(m, o->s.q[k].space, o->s.q[k].name, &rows, err))
            return false;
        for (size_t i = 0; i < rows->n; i++) {
            struct prq_candidate c;
            if (!row_names(&rows->v[i], f))
                continue;
            if (!prq_row_verdict(m, &o->s, &o->s.q[k], &rows->v[i], &c, err))
                return false;
            bool is_no = c.verdict == PRQ_MISS || c.verdict == PRQ_NAK;
            if (is_no && !o->s.keeps_misses)
                return disown(m, f, o, "whose distribution says: not vulnerable", err);
            is_denied = is_denied || is_no;
            is_there = is_there || c.verdict == PRQ_HIT;
        }
    }
    /* of several entries of Red Hat's the highest fix counts */
    if (is_denied && !is_there)
        return disown(m, f, o, "whose distribution says: not vulnerable", err);
    if (is_there && o->is_same)
        return disown(m, f, o, "which is reported itself", err);
    return true;
}

bool prq_disown(struct prq_matching *m, struct prq_finding *f, struct prq_err *err)
{
    const struct prq_package *child = &m->analysis->packages[f->package];
    if (child->owner == 0 || child->owner > m->analysis->package_count ||
        prq_is_os_type(child->type))
        return true;
    struct owned o = { .owner = &m->analysis->packages[child->owner - 1] };
    if (!prq_is_os_type(o.owner->type))
        return true;
    if (!prq_subject_quiet(m, child->owner - 1, &o.s, err))
        return false;
    if (o.s.n == 0) /* nobody judges the owner: then the child is all that we have */
        return true;
    o.is_same = versions_agree(child->version, o.owner->version);
    bool lists_unfixed = o.s.matcher->flags & PRQ_COMPREHENSIVE;
    for (size_t i = 0; i < o.s.n; i++)
        lists_unfixed = lists_unfixed || o.s.q[i].is_borrowed;
    if (o.is_same && (lists_unfixed ||
                      prq_str_eq(child->type, PRQ_S("binary"))))
        return disown(m, f, &o, "which is judged by its distribution's feed", err);
    return disown_by_feed(m, f, &o, err);
}

/* ---- rules of the user */

bool prq_ignore_states(struct prq_matching *m, struct prq_finding *f, struct prq_err *err)
{
    prq_str rest = m->opts->ignore_status, piece, word = prq_str_from(prq_fix_state_word(f->state));
    while (rest.n > 0 && prq_str_split(&rest, ',', &piece))
        if (prq_str_ieq(prq_str_trim(piece), word))
            return prq_suppress(m, f, "rule", PRQ_S("--ignore-status"), word, err);
    return true;
}
