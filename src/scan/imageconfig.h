/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PRQ_SCAN_IMAGECONFIG_H
#define PRQ_SCAN_IMAGECONFIG_H

#include "base/ctx.h"
#include "model/analysis.h"

/* The parts of an image config that an analysis shows: platform, created, history; instructions are
 * paired with the layers (entries with empty_layer own none). Source: OCI image specification,
 * "Image Configuration". */
PRQ_MUST_USE bool prq_image_config_describe(prq_str json, const struct prq_limits *limits,
                                         struct prq_arena *a, struct prq_analysis *an,
                                         struct prq_err *err);

#endif
