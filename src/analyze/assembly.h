/* SPDX-License-Identifier: Apache-2.0 */
/* A package from the version resource of an assembly of .NET. Source: catalog.md 4.8. */
#ifndef PRQ_ANALYZE_ASSEMBLY_H
#define PRQ_ANALYZE_ASSEMBLY_H

#include "format/peversion.h"

/* What to call it: empty when the resource names nothing. From the arena; p == NULL: it is full. */
prq_str prq_assembly_name(const struct prq_peversion *v, struct prq_arena *a);
/* Its version as NuGet writes one: empty when the resource tells none. Likewise. */
prq_str prq_assembly_version(const struct prq_peversion *v, struct prq_arena *a);

#endif
