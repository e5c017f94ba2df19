/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing versions by the rules of an ecosystem. */
#ifndef PRATIQUE_VERCMP_H
#define PRATIQUE_VERCMP_H

#include "pratique/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/* '<', '=' or '>'; '?' when a version is not of the scheme's grammar (deb, rpm and apk order any
 * bytes); 0 for an unknown scheme. */
PRQ_API char prq_vercmp(prq_str scheme, prq_str a, prq_str b);

struct prq_scheme_info {
    const char *name, *summary;
};
PRQ_API const struct prq_scheme_info *prq_vercmp_schemes(void); /* name NULL ends it */

#ifdef __cplusplus
}
#endif
#endif
