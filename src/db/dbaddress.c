/* SPDX-License-Identifier: Apache-2.0 */
#include "db/dbaddress.h"

#include "base/buf.h"

/* The longest prefix that fits is replaced. Package archives are not named here: the addresses of
 * what lies beside packages (Wolfi's, Chainguard's and MinimOS's security.json, Amazon's
 * updateinfo.xml, Photon's lists) are configuration.
 * Source: matching.md 3. */
static const struct {
    prq_str prefix, base;
} table[] = {
    { PRQ_SI("osv/"), PRQ_SI("https://storage.googleapis.com/osv-vulnerabilities/") },
    { PRQ_SI("alpine-secdb/"), PRQ_SI("https://secdb.alpinelinux.org/") },
    { PRQ_SI("debian/tracker.json"),
      PRQ_SI("https://security-tracker.debian.org/tracker/data/json") },
    { PRQ_SI("debian/data/"), PRQ_SI("https://salsa.debian.org/security-tracker-team/"
                                     "security-tracker/-/raw/master/data/") },
    { PRQ_SI("almalinux/"), PRQ_SI("https://errata.almalinux.org/") },
    { PRQ_SI("redhat/"), PRQ_SI("https://security.access.redhat.com/data/") },
    { PRQ_SI("cisa/"), PRQ_SI("https://www.cisa.gov/sites/default/files/feeds/") },
    { PRQ_SI("nvd/"), PRQ_SI("https://nvd.nist.gov/") },
    { PRQ_SI("arch/"), PRQ_SI("https://security.archlinux.org/") },
    { PRQ_SI("azurelinux/azurelinux-"),
      PRQ_SI("https://raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main/"
             "azurelinux-") },
    { PRQ_SI("azurelinux/cbl-mariner-"),
      PRQ_SI("https://raw.githubusercontent.com/microsoft/CBL-MarinerVulnerabilityData/main/"
             "cbl-mariner-") },
    { PRQ_SI("oracle/"), PRQ_SI("https://linux.oracle.com/security/oval/") },
    { PRQ_SI("suse/"), PRQ_SI("https://ftp.suse.com/pub/projects/security/") },
    { PRQ_SI("ubuntu/"), PRQ_SI("https://security-metadata.canonical.com/") },
    { PRQ_SI("eol/"), PRQ_SI("https://endoflife.date/api/v1/") },
    { PRQ_SI("bitnami/vulndb.zip"),
      PRQ_SI("https://github.com/bitnami/vulndb/archive/refs/heads/main.zip") },
    { PRQ_SI("ghsa/advisory-database.zip"),
      PRQ_SI("https://github.com/github/advisory-database/archive/refs/heads/main.zip") },
    { PRQ_SI("go/"), PRQ_SI("https://vuln.go.dev/") },
    { PRQ_SI("rustsec/osv.zip"),
      PRQ_SI("https://github.com/rustsec/advisory-db/archive/refs/heads/osv.zip") },
    { PRQ_SI("epss/"), PRQ_SI("https://epss.empiricalsecurity.com/") },
};

/* Percent-encodes what a path segment may not hold as it is (RFC 3986, 3.3), and ':', which mirrors
 * on some file systems and proxies trip over. */
static prq_str join(prq_str base, prq_str rest, struct prq_arena *a)
{
    PRQ_BUF b;
    prq_buf_init(&b, PRQ_KIB(8));
    prq_buf_str(&b, base);
    for (size_t i = 0; i < rest.n; i++) {
        if (prq_is_alnum(rest.p[i]) || (rest.p[i] && strchr("-._~/", rest.p[i])))
            prq_buf_byte(&b, (uint8_t)rest.p[i]);
        else
            prq_buf_printf(&b, "%%%02X", (unsigned)(uint8_t)rest.p[i]);
    }
    return b.bad ? (prq_str){ 0 } : prq_arena_copy(a, prq_buf_view(&b));
}

static void try_entry(prq_str path, prq_str prefix, prq_str base, prq_str *best_prefix,
                      prq_str *best_base)
{
    if (prefix.n && prq_str_starts(path, prefix) && prefix.n > best_prefix->n) {
        *best_prefix = prefix;
        *best_base = base;
    }
}

prq_str prq_feed_address(prq_str path, prq_str base, prq_str more, struct prq_arena *a)
{
    prq_str prefix = { 0 }, to = { 0 }, line, item, key, value;
    if (base.n) {
        while (base.n && base.p[base.n - 1] == '/')
            base.n--;
        return join(prq_arena_printf(a, "%.*s/", PRQ_FMT(base)), path, a);
    }
    while (prq_str_line(&more, &line))
        while (prq_str_split(&line, ',', &item))
            if (prq_str_cut(prq_str_trim(item), '=', &key, &value))
                try_entry(path, key, value, &prefix, &to);
    if (!prefix.n)
        for (size_t i = 0; i < PRQ_COUNT(table); i++)
            try_entry(path, table[i].prefix, table[i].base, &prefix, &to);
    return prefix.n ? join(to, prq_str_from_at(path, prefix.n), a) : PRQ_S("");
}
