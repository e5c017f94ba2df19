/* SPDX-License-Identifier: Apache-2.0 */
/* The repositories that OSV's records of a language come from, in OSV's own form: read where a mirror
 * has nothing of OSV's for the family. Source: matching.md 3 (fall-backs), 3.11. */
#include "db/dbfamily.h"
#include "db/feed.h"

static const struct origin {
    const char *family;
    prq_str path;
    prq_str folder; /* of the records in the archive; GitHub's others are not reviewed */
} origins[] = {
    { "bitnami", PRQ_SI("bitnami/vulndb.zip"), PRQ_SI("/data/") },
    { "crates", PRQ_SI("rustsec/osv.zip"), PRQ_SI("/crates/") },
    { "crates", PRQ_SI("ghsa/advisory-database.zip"), PRQ_SI("/github-reviewed/") },
    { "githubactions", PRQ_SI("ghsa/advisory-database.zip"), PRQ_SI("/github-reviewed/") },
    { "go", PRQ_SI("go/vulndb.zip"), PRQ_SI("ID/") },
    { "go", PRQ_SI("ghsa/advisory-database.zip"), PRQ_SI("/github-reviewed/") },
    { "hex", PRQ_SI("ghsa/advisory-database.zip"), PRQ_SI("/github-reviewed/") },
    { "maven", PRQ_SI("ghsa/advisory-database.zip"), PRQ_SI("/github-reviewed/") },
    { "npm", PRQ_SI("ghsa/advisory-database.zip"), PRQ_SI("/github-reviewed/") },
    { "nuget", PRQ_SI("ghsa/advisory-database.zip"), PRQ_SI("/github-reviewed/") },
    { "packagist", PRQ_SI("ghsa/advisory-database.zip"), PRQ_SI("/github-reviewed/") },
    { "pub", PRQ_SI("ghsa/advisory-database.zip"), PRQ_SI("/github-reviewed/") },
    { "pypi", PRQ_SI("ghsa/advisory-database.zip"), PRQ_SI("/github-reviewed/") },
    { "rubygems", PRQ_SI("ghsa/advisory-database.zip"), PRQ_SI("/github-reviewed/") },
    { "swift", PRQ_SI("ghsa/advisory-database.zip"), PRQ_SI("/github-reviewed/") },
};

/* GitHub's archive is of all languages: what names no package of the family is no record of it. */
static bool take(void *user, struct prq_record *r, struct prq_err *err)
{
    struct prq_intake *out = user;
    return r->affected_count == 0 || out->sink.record(out->sink.user, r, err);
}

static void skip(void *user, prq_str what, const char *why)
{
    struct prq_intake *out = user;
    out->sink.skip(out->sink.user, what, why);
}

static bool read_archive(struct prq_intake *out, prq_bytes bytes, void *user, struct prq_err *err)
{
    const struct origin *o = user;
    const struct prq_feed_sink sink = { .user = out, .record = take, .skip = skip };
    return prq_osv_zip_folder(bytes, o->folder, o->family, out->a, &sink, err);
}

bool prq_read_origins(const struct prq_family_def *def, struct prq_source *from,
                      struct prq_intake *out, bool *any, struct prq_err *err)
{
    for (size_t i = 0; i < PRQ_COUNT(origins); i++) {
        struct origin o = origins[i];
        bool found = false;
        if (strcmp(o.family, def->name) != 0)
            continue;
        if (!prq_family_path(from, out, o.path, read_archive, &o, &found, err))
            return false;
        *any |= found;
    }
    return true;
}
