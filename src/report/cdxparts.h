/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRQ_REPORT_CDXPARTS_H
#define PRQ_REPORT_CDXPARTS_H

#include "report/sbomparts.h"

/* {"name": …, "value": …} */
void prq_cdx_property(struct prq_jw *w, prq_str name, prq_str value);
/* "vulnerabilities": findings, and suppressed ones with what took them away. False when memory ran
 * out. */
bool prq_cdx_vulnerabilities(struct prq_jw *w, const struct prq_report *r,
                             struct prq_sbom_work *work);

#endif
