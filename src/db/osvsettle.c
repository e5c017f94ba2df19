/* SPDX-License-Identifier: Apache-2.0 */
/* Source: matching.md 3.1, 3.3, 3.8, 3.9, 5.10. */
#include "db/osvsettle.h"

#include "db/dbspace.h"
#include "db/feedrow.h"
#include "db/jsonutil.h"

static bool is_family(const char *family, const char *name)
{
    return strcmp(family, name) == 0;
}

/* ---- rows */

/* Names of sources: binaries are looked up by the source they are built from. Rocky's records name
 * sources, too (its schema says so). */
static bool names_sources(const char *family)
{
    static const char *const all[] = { "alpine", "debian", "opensuse", "rocky",
                                       "suse",   "ubuntu", "wolfi" };
    for (size_t i = 0; i < PRQ_COUNT(all); i++)
        if (is_family(family, all[i]))
            return true;
    return false;
}

/* Source: Ubuntu CVE tracker, README, "status"; matching.md 3.3. The tracker's word is kept. */
static bool settle_ubuntu(const struct prq_osv_extra *x, struct prq_arena *a,
                          struct prq_affected *row)
{
    static const struct {
        prq_str status;
        enum prq_fix_state state;
    } table[] = {
        { PRQ_SI("needed"), PRQ_FIX_NOT_FIXED },
        { PRQ_SI("needs-triage"), PRQ_FIX_NOT_FIXED },
        { PRQ_SI("pending"), PRQ_FIX_NOT_FIXED },
        { PRQ_SI("active"), PRQ_FIX_NOT_FIXED },
        { PRQ_SI("deferred"), PRQ_FIX_DEFERRED },
        { PRQ_SI("ignored"), PRQ_FIX_WONT_FIX },
        { PRQ_SI("end-of-life"), PRQ_FIX_END_OF_LIFE },
    };
    for (size_t i = 0; i < PRQ_COUNT(table) && row->fixed.n == 0; i++)
        if (prq_str_eq(x->status, table[i].status))
            row->state = table[i].state;
    if (!prq_feed_rating(PRQ_S("ubuntu"), "word", x->priority, &row->ratings, &row->rating_count, a))
        return false;
    if (row->state == PRQ_FIX_WONT_FIX && prq_str_has(x->detail, PRQ_S("end-of-life")))
        row->state = PRQ_FIX_END_OF_LIFE;
    bool says_more = x->status.n && !prq_str_eq(x->status, PRQ_S("released"));
    if (!says_more || !prq_is_row_text(x->status))
        return true;
    bool has_detail = x->detail.n > 0 && prq_is_row_text(x->detail);
    row->note = has_detail ? prq_arena_printf(a, "%.*s: %.*s", PRQ_FMT(x->status),
                                              PRQ_FMT(prq_str_head(x->detail, 200)))
                           : x->status;
    return row->note.p != NULL;
}

/* "…?distro=rocky-linux-9-aarch64&epoch=0": the record is of one architecture. */
static bool settle_rocky(const struct prq_osv_extra *x, struct prq_arena *a,
                         struct prq_affected *row)
{
    static const prq_str arches[] = {
        PRQ_SI("aarch64"), PRQ_SI("ppc64le"), PRQ_SI("riscv64"),
        PRQ_SI("s390x"),   PRQ_SI("x86-64"),  PRQ_SI("x86_64"),
    };
    prq_str distro = { 0 }, more;
    prq_str mark = PRQ_S("distro=rocky-linux-");
    size_t at = prq_str_search(x->purl, mark);
    if (at >= x->purl.n)
        return true;
    distro = prq_str_from_at(x->purl, at + mark.n);
    prq_str_cut(distro, '&', &distro, &more);
    for (size_t i = 0; i < PRQ_COUNT(arches); i++) {
        if (!prq_str_ends(distro, arches[i]))
            continue;
        row->arches.v = prq_new(a, prq_str);
        if (!row->arches.v)
            return false;
        row->arches.v[0] = prq_str_eq(arches[i], PRQ_S("x86-64")) ? PRQ_S("x86_64") : arches[i];
        row->arches.n = 1;
    }
    return true;
}

bool prq_osv_settle_row(const char *family, const struct prq_osv_extra *x, struct prq_arena *a,
                        struct prq_affected *row)
{
    row->is_source = names_sources(family);
    if (is_family(family, "ubuntu"))
        return settle_ubuntu(x, a, row);
    if (is_family(family, "rocky"))
        return settle_rocky(x, a, row);
    prq_str ecosystem, product;
    if (is_family(family, "redhat") && prq_str_cut(x->ecosystem, ':', &ecosystem, &product)) {
        row->cpes.v = prq_new(a, prq_str);
        if (!row->cpes.v)
            return false;
        row->cpes.v[row->cpes.n++] = product;
    }
    if (is_family(family, "crates") && prq_is_record_id(x->informational)) {
        row->note = prq_arena_printf(a, "informational: %.*s", PRQ_FMT(x->informational));
        return row->note.p != NULL;
    }
    prq_str repository = prq_repository_of_ecosystem(x->ecosystem);
    if (prq_is_row_text(repository))
        row->module = repository;
    return true;
}

/* ---- records */

/* Advisories of a distribution, which fix the CVEs that they name. */
static bool is_advisory_family(const char *family)
{
    static const char *const all[] = { "almalinux", "opensuse", "redhat", "rocky", "suse" };
    for (size_t i = 0; i < PRQ_COUNT(all); i++)
        if (is_family(family, all[i]))
            return true;
    return false;
}

static bool add_cves(struct prq_record *r, size_t *cap, const struct prq_strs *from,
                     struct prq_arena *a)
{
    for (size_t i = 0; i < from->n; i++)
        if (prq_feed_is_cve(from->v[i]) && !prq_db_strs_add(&r->cves, cap, from->v[i], a))
            return false;
    return true;
}

/* `related` holds the CVEs that the advisory fixes, lately `upstream` too (a few old ones of
 * AlmaLinux name them only in their references). */
static bool settle_cves(const struct prq_osv_words *words, struct prq_arena *a,
                        struct prq_record *r)
{
    size_t cap = 0;
    if (!add_cves(r, &cap, &words->related, a) || !add_cves(r, &cap, &r->upstream, a))
        return false;
    if (r->cves.n == 0)
        r->cves = words->reports;
    prq_db_strs_sort(&r->cves);
    return true;
}

static bool settle_advisory(const struct prq_osv_words *words, struct prq_arena *a,
                            struct prq_record *r)
{
    if (!settle_cves(words, a, r))
        return false;
    for (size_t i = 0; i < r->affected_count; i++) {
        prq_str *id = prq_new(a, prq_str);
        if (!id)
            return false;
        *id = r->id;
        r->affected[i].advisories = (struct prq_strs){ id, 1 };
    }
    return true;
}

/* "Important: kernel security update", "Red Hat Security Advisory: …": the impact, or empty. */
static prq_str impact_of(prq_str summary)
{
    static const prq_str words[] = { PRQ_SI("Critical"), PRQ_SI("Important"), PRQ_SI("Moderate"),
                                     PRQ_SI("Low") };
    prq_str word, rest;
    for (size_t i = 0; i < PRQ_COUNT(words); i++)
        if (prq_str_cut(summary, ':', &word, &rest) && prq_str_eq(word, words[i]))
            return words[i];
    return (prq_str){ 0 };
}

static bool add_word(struct prq_record *r, prq_str word, struct prq_arena *a)
{
    if (!prq_is_record_id(word))
        return true;
    struct prq_rating *v = prq_new_n(a, struct prq_rating, r->rating_count + 1);
    if (!v)
        return false;
    if (r->rating_count)
        memcpy(v, r->ratings, r->rating_count * sizeof *v);
    v[r->rating_count++] = (struct prq_rating){ .scheme = PRQ_S("word"), .value = word };
    r->ratings = v;
    return true;
}

/* Whose ratings these are, by the prefix of the id. */
static prq_str rating_source(prq_str id)
{
    static const struct {
        prq_str prefix, source;
    } table[] = {
        { PRQ_SI("GHSA-"), PRQ_SI("ghsa") },     { PRQ_SI("PYSEC-"), PRQ_SI("pypa") },
        { PRQ_SI("GO-"), PRQ_SI("go-vulndb") },  { PRQ_SI("ALSA-"), PRQ_SI("alma") },
        { PRQ_SI("ALBA-"), PRQ_SI("alma") },     { PRQ_SI("ALEA-"), PRQ_SI("alma") },
        { PRQ_SI("MAL-"), PRQ_SI("openssf") },   { PRQ_SI("BIT-"), PRQ_SI("bitnami") },
        { PRQ_SI("DRUPAL-"), PRQ_SI("drupal") }, { PRQ_SI("EEF-"), PRQ_SI("eef") },
        { PRQ_SI("HSEC-"), PRQ_SI("haskell") },  { PRQ_SI("RHBA-"), PRQ_SI("redhat") },
        { PRQ_SI("RHEA-"), PRQ_SI("redhat") },   { PRQ_SI("RHSA-"), PRQ_SI("redhat") },
        { PRQ_SI("RLSA-"), PRQ_SI("rocky") },    { PRQ_SI("RXSA-"), PRQ_SI("rocky") },
        { PRQ_SI("RSEC-"), PRQ_SI("rsec") },     { PRQ_SI("RUSTSEC-"), PRQ_SI("rustsec") },
        { PRQ_SI("SUSE-"), PRQ_SI("suse") },     { PRQ_SI("openSUSE-"), PRQ_SI("suse") },
        { PRQ_SI("UBUNTU-"), PRQ_SI("ubuntu") }, { PRQ_SI("USN-"), PRQ_SI("ubuntu") },
    };
    for (size_t i = 0; i < PRQ_COUNT(table); i++)
        if (prq_str_starts(id, table[i].prefix))
            return table[i].source;
    return PRQ_S("osv");
}

/* One vulnerability, known to the world by its CVE. */
static bool settle_ubuntu_record(struct prq_arena *a, struct prq_record *r)
{
    size_t cap = 0;
    if (!add_cves(r, &cap, &r->upstream, a))
        return false;
    prq_str cve = prq_str_from_at(r->id, strlen("UBUNTU-"));
    if (r->cves.n == 0 && prq_str_starts(r->id, PRQ_S("UBUNTU-")) && prq_feed_is_cve(cve) &&
        !prq_db_strs_add(&r->cves, &cap, cve, a))
        return false;
    prq_db_strs_sort(&r->cves);
    return true;
}

bool prq_osv_settle_record(const char *family, const struct prq_osv_words *words,
                           struct prq_arena *a, struct prq_record *r)
{
    if (!add_word(r, words->word, a))
        return false;
    if (is_advisory_family(family) &&
        !(settle_advisory(words, a, r) && add_word(r, impact_of(r->summary), a)))
        return false;
    if (is_family(family, "ubuntu") && !settle_ubuntu_record(a, r))
        return false;
    prq_str source = rating_source(r->id);
    for (size_t i = 0; i < r->rating_count; i++)
        r->ratings[i].source = source;
    for (size_t i = 0; i < r->affected_count; i++)
        for (size_t k = 0; k < r->affected[i].rating_count; k++)
            r->affected[i].ratings[k].source = source;
    return true;
}

/* Bug-fix and enhancement advisories. */
bool prq_osv_counts(const struct prq_record *r)
{
    static const prq_str prefixes[] = {
        PRQ_SI("ALBA-"),    PRQ_SI("ALEA-"),        PRQ_SI("RHBA-"),        PRQ_SI("RHEA-"),
        PRQ_SI("RLBA-"),    PRQ_SI("RLEA-"),        PRQ_SI("SUSE-RU-"),     PRQ_SI("SUSE-FU-"),
        PRQ_SI("SUSE-OU-"), PRQ_SI("openSUSE-RU-"), PRQ_SI("openSUSE-FU-"), PRQ_SI("openSUSE-OU-"),
    };
    for (size_t i = 0; i < PRQ_COUNT(prefixes); i++)
        if (prq_str_starts(r->id, prefixes[i]))
            return r->cves.n > 0;
    return true;
}
