/* SPDX-License-Identifier: Apache-2.0 */
/* Spaces: where a package name is looked up. Source: matching.md 3.1, 5.7. */
#ifndef PRQ_DB_DBSPACE_H
#define PRQ_DB_DBSPACE_H

#include "db/db.h"

/* The space of an OSV ecosystem string ("Alpine:v3.18" → "Alpine:3.18", "Debian:6.0" → "Debian:6",
 * "Ubuntu:Pro:16.04:LTS" → "Ubuntu:16.04+esm", "SUSE:Linux Enterprise Server 15 SP5" → "SUSE:15.5");
 * empty (n == 0) for an ecosystem that is not ours or has a rest that makes no sense. */
prq_str prq_space_of_ecosystem(prq_str ecosystem, struct prq_arena *a);

/* The address behind "Maven:" or "Packagist:"; empty: the ecosystem's own repository. */
prq_str prq_repository_of_ecosystem(prq_str ecosystem);

/* "bookworm" → "Debian:12", "sid" → "Debian:unstable"; empty when unknown. */
prq_str prq_space_of_codename(prq_str codename);

/* "jammy" → "22.04"; empty when unknown. */
prq_str prq_ubuntu_release_of(prq_str codename);

/* "v3.17" → "Alpine:3.17", "edge" → "Alpine:edge"; empty for anything else. */
prq_str prq_space_of_alpine_branch(prq_str branch, struct prq_arena *a);

#endif
