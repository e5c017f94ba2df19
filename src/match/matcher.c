/* SPDX-License-Identifier: Apache-2.0 */
/* Source: matching.md 5.1 (which name, which version), 1.18 (which scheme), 5.12 (the ecosystem's
 * own database), catalog.md 7 (comprehensive feeds). */
#include "match/core.h"

static const struct prq_matcher matchers[] = {
    { "apk", "alpine", "Alpine", "apk", PRQ_OS | PRQ_BY_ANY | PRQ_BY_SOURCE | PRQ_FIXES_ONLY, NULL },
    { "apk", "wolfi", "Wolfi", "apk", PRQ_OS | PRQ_BY_ANY | PRQ_BY_SOURCE | PRQ_FIXES_ONLY, NULL },
    { "deb", "debian", "Debian", "deb", PRQ_OS | PRQ_BY_SOURCE | PRQ_COMPREHENSIVE, NULL },
    { "rpm", "almalinux", "AlmaLinux", "rpm",
      PRQ_OS | PRQ_BY_OWN | PRQ_BY_SOURCE | PRQ_FIXES_ONLY | PRQ_MODULES, NULL },
    { "golang", NULL, "Go", "go", PRQ_BY_ANY, "GO-" },
    { "npm", NULL, "npm", "npm", PRQ_BY_ANY | PRQ_SPELLINGS, NULL },
    { "pypi", NULL, "PyPI", "pep440", PRQ_BY_ANY, "PYSEC-" },
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
