/* SPDX-License-Identifier: Apache-2.0 */
/* The lock files of JavaScript, one reader each; nodelock.c is the analyzer over them. */
#ifndef PRQ_ANALYZE_NODELOCK_H
#define PRQ_ANALYZE_NODELOCK_H

#include "analyze/analyze.h"

bool prq_npmlock_read(struct prq_ctx *ctx, prq_str text, struct prq_sink *sink,
                      struct prq_err *err);
bool prq_yarnlock_read(struct prq_ctx *ctx, prq_str text, struct prq_sink *sink,
                       struct prq_err *err);
bool prq_pnpmlock_read(struct prq_ctx *ctx, prq_str text, struct prq_sink *sink,
                       struct prq_err *err);
bool prq_bunlock_read(struct prq_ctx *ctx, prq_str text, struct prq_sink *sink,
                      struct prq_err *err);
bool prq_denolock_read(struct prq_ctx *ctx, prq_str text, struct prq_sink *sink,
                       struct prq_err *err);
bool prq_pnpfile_read(struct prq_ctx *ctx, prq_str text, struct prq_sink *sink,
                      struct prq_err *err);

/* "name@rest" and "@scope/name@rest" at the @ after the name; false when there is none. */
bool prq_npm_split(prq_str s, prq_str *name, prq_str *rest);

/* What a lock file says a package is: "1.2.3", "npm:real@1.2.3", "git+ssh://…#commit",
 * "github:user/repo#commit", "file:…", "https://….tgz". Fills in name (an alias gives its real
 * one), version (empty where only an address is known) and vcs_url. */
void prq_npm_specify(struct prq_package *p, prq_str spec);

/* A package of a lock file: type, ns and the flag DECLARED. */
void prq_npm_declare(struct prq_package *p);

#endif
