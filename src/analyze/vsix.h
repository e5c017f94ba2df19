/* SPDX-License-Identifier: Apache-2.0 */
/* A packed extension of Visual Studio Code: what it is, and the npm packages inside of it. */
#ifndef PRQ_ANALYZE_VSIX_H
#define PRQ_ANALYZE_VSIX_H

#include "analyze/analyze.h"

bool prq_vsix_read(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                   struct prq_err *err);

#endif
