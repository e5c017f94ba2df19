/* SPDX-License-Identifier: Apache-2.0 */
/* Version schemes: one comparator per file, gathered in scheme.c. Source: matching.md 1. */
#ifndef PRQ_VERSION_VERSION_H
#define PRQ_VERSION_VERSION_H

#include "base/str.h"

struct prq_scheme {
    const char *name;              /* "deb", "rpm", "maven", … */
    const char *const *aliases;    /* NULL-terminated, or NULL; likewise the next two */
    const char *const *purl_types; /* "deb" */
    const char *const *spaces;     /* "Debian": what stands before the ':' of a space */
    const char *summary;           /* one line for `vercmp --list` */
    bool is_total; /* orders any bytes (deb, rpm, apk); else invalid ones are refused */
    bool (*is_valid)(prq_str v);
    int (*compare)(prq_str a, prq_str b); /* <0, 0, >0; any bytes, no allocation, no recursion */
};

/* By name or alias; NULL when there is none. */
const struct prq_scheme *prq_scheme_find(prq_str name);
/* NULL-terminated table in alphabetical order. */
const struct prq_scheme *const *prq_schemes(void);
/* The scheme of a purl type ("deb", "golang", "pypi", …) or of a space ("Alpine:3.17", "PyPI");
 * NULL when unknown. */
const struct prq_scheme *prq_scheme_of_type(prq_str purl_type);
const struct prq_scheme *prq_scheme_of_space(prq_str space);

int prq_deb_compare(prq_str a, prq_str b);
bool prq_deb_is_valid(prq_str v);
int prq_rpm_compare(prq_str a, prq_str b);
/* Epochs are compared only when both sides have one: for source packages named by SOURCERPM
 * (matching.md 1.2, epoch policy b). */
int prq_rpm_compare_auto_epoch(prq_str a, prq_str b);
bool prq_rpm_is_valid(prq_str v);
int prq_apk_compare(prq_str a, prq_str b);
bool prq_apk_is_valid(prq_str v);
int prq_pep440_compare(prq_str a, prq_str b);
/* `a`'s local part is left out when `bound` has none (matching.md 1.4, ranges). */
int prq_pep440_compare_bound(prq_str a, prq_str bound);
bool prq_pep440_is_valid(prq_str v);
int prq_maven_compare(prq_str a, prq_str b);
/* Without ".jre11", ".jdk8" at either end (matching.md 1.7). */
int prq_maven_compare_bound(prq_str a, prq_str bound);
/* Missing numbers of the first four are 0, as Composer normalises them: 8.0 is 8.0.0. */
int prq_composer_compare_bound(prq_str a, prq_str bound);
int prq_semver_compare(prq_str a, prq_str b);
bool prq_semver_is_valid(prq_str v);
int prq_go_compare(prq_str a, prq_str b);
bool prq_go_is_valid(prq_str v);
/* v0.0.0-20060102150405-abcdefabcdef: made from a commit, no tag. */
bool prq_go_is_pseudo(prq_str v);

#endif
