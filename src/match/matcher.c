/* SPDX-License-Identifier: Apache-2.0 */
/* Source: matching.md 5.1 (which name, which version), 1.18 (which scheme), 5.12 (the ecosystem's
 * own database), catalog.md 7 (comprehensive feeds). */
#include "match/core.h"

static const struct prq_matcher matchers[] = {
    { "apk", "alpine", "Alpine", "apk", PRQ_OS | PRQ_BY_ANY | PRQ_BY_SOURCE | PRQ_FIXES_ONLY, NULL },
    { "apk", "chainguard", "Chainguard", "apk",
      PRQ_OS | PRQ_BY_ANY | PRQ_BY_SOURCE | PRQ_FIXES_ONLY, NULL },
    { "apk", "minimos", "MinimOS", "apk", PRQ_OS | PRQ_BY_ANY | PRQ_BY_SOURCE | PRQ_FIXES_ONLY,
      NULL },
    { "apk", "wolfi", "Wolfi", "apk", PRQ_OS | PRQ_BY_ANY | PRQ_BY_SOURCE | PRQ_FIXES_ONLY, NULL },
    { "alpm", "arch", "Arch Linux", "alpm", PRQ_OS | PRQ_BY_ANY | PRQ_COMPREHENSIVE, NULL },
    { "deb", "debian", "Debian", "deb", PRQ_OS | PRQ_BY_SOURCE | PRQ_COMPREHENSIVE, NULL },
    { "rpm", "almalinux", "AlmaLinux", "rpm",
      PRQ_OS | PRQ_BY_OWN | PRQ_BY_SOURCE | PRQ_FIXES_ONLY | PRQ_MODULES | PRQ_DISCLOSURES, NULL },
    { "rpm", "amazon", "Amazon Linux", "rpm", PRQ_OS | PRQ_BY_OWN | PRQ_FIXES_ONLY, NULL },
    { "rpm", "azurelinux", "Azure Linux", "rpm",
      PRQ_OS | PRQ_BY_SOURCE | PRQ_OWN_EPOCH | PRQ_COMPREHENSIVE, NULL },
    { "rpm", "mariner", "CBL-Mariner", "rpm",
      PRQ_OS | PRQ_BY_SOURCE | PRQ_OWN_EPOCH | PRQ_COMPREHENSIVE, NULL },
    { "rpm", "opensuse", "openSUSE", "rpm", PRQ_OS | PRQ_BY_OWN | PRQ_BY_SOURCE | PRQ_FIXES_ONLY, NULL },
    { "rpm", "oracle", "Oracle Linux", "rpm",
      PRQ_OS | PRQ_BY_OWN | PRQ_FIXES_ONLY | PRQ_MODULES | PRQ_UNLABELLED | PRQ_DISCLOSURES, NULL },
    { "rpm", "photon", "Photon OS", "rpm",
      PRQ_OS | PRQ_BY_OWN | PRQ_BY_SOURCE | PRQ_OWN_VERSION | PRQ_FIXES_ONLY, NULL },
    { "rpm", "redhat", "Red Hat", "rpm",
      PRQ_OS | PRQ_BY_OWN | PRQ_BY_SOURCE | PRQ_COMPREHENSIVE | PRQ_MODULES | PRQ_CONTENT_SETS, NULL },
    { "rpm", "rocky", "Rocky Linux", "rpm",
      PRQ_OS | PRQ_BY_ANY | PRQ_BY_SOURCE | PRQ_FIXES_ONLY | PRQ_MODULES | PRQ_DISCLOSURES, NULL },
    { "rpm", "suse", "SUSE", "rpm", PRQ_OS | PRQ_BY_OWN | PRQ_BY_SOURCE | PRQ_FIXES_ONLY, NULL },
    { "deb", "ubuntu", "Ubuntu", "deb", PRQ_OS | PRQ_BY_SOURCE | PRQ_COMPREHENSIVE, NULL },
    { "binary", NULL, "cpe", "fuzzy", PRQ_BY_CPE, NULL },
    { "bitnami", NULL, "Bitnami", "bitnami", PRQ_BY_ANY, NULL },
    { "cargo", NULL, "crates.io", "semver", PRQ_BY_ANY, "RUSTSEC-" },
    { "composer", NULL, "Packagist", "composer", PRQ_BY_ANY | PRQ_REPOSITORIES, NULL },
    { "cran", NULL, "CRAN", "cran", PRQ_BY_ANY, NULL },
    { "gem", NULL, "RubyGems", "gem", PRQ_BY_ANY, NULL },
    { "ghc", NULL, "GHC", "semver", PRQ_BY_ANY, NULL },
    { "generic", NULL, "cpe", "fuzzy", PRQ_BY_CPE, NULL },
    { "github", NULL, "GitHub Actions", "semver", PRQ_BY_ANY, NULL },
    { "githubactions", NULL, "GitHub Actions", "semver", PRQ_BY_ANY, NULL },
    { "golang", NULL, "Go", "go", PRQ_BY_ANY, "GO-" },
    { "hackage", NULL, "Hackage", "hackage", PRQ_BY_ANY, "HSEC-" },
    { "hex", NULL, "Hex", "semver", PRQ_BY_ANY, "EEF-" },
    { "otp", NULL, "Hex", "semver", PRQ_BY_ANY, "EEF-" },
    { "maven", NULL, "Maven", "maven", PRQ_BY_ANY | PRQ_REPOSITORIES, NULL },
    { "npm", NULL, "npm", "npm", PRQ_BY_ANY | PRQ_SPELLINGS, NULL },
    { "nuget", NULL, "NuGet", "nuget", PRQ_BY_ANY, NULL },
    { "pub", NULL, "Pub", "pub", PRQ_BY_ANY, NULL },
    { "pypi", NULL, "PyPI", "pep440", PRQ_BY_ANY, "PYSEC-" },
    { "swift", NULL, "SwiftURL", "semver", PRQ_BY_ANY, NULL },
};

const struct prq_matcher *prq_matcher_of_language(prq_str purl_type)
{
    for (size_t i = 0; i < PRQ_COUNT(matchers); i++)
        if (!matchers[i].distro && prq_str_eq(purl_type, prq_str_from(matchers[i].type)))
            return &matchers[i];
    return NULL;
}

const struct prq_matcher *prq_matcher_of_distro(const char *family)
{
    for (size_t i = 0; i < PRQ_COUNT(matchers); i++)
        if (matchers[i].distro && strcmp(matchers[i].distro, family) == 0)
            return &matchers[i];
    return NULL;
}

bool prq_is_os_type(prq_str purl_type)
{
    static const prq_str types[] = { PRQ_SI("apk"), PRQ_SI("deb"), PRQ_SI("rpm"), PRQ_SI("alpm") };
    for (size_t i = 0; i < PRQ_COUNT(types); i++)
        if (prq_str_eq(purl_type, types[i]))
            return true;
    return false;
}
