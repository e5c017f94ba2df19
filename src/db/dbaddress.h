/* SPDX-License-Identifier: Apache-2.0 */
/* The public addresses of the feeds. */
#ifndef PRQ_DB_DBADDRESS_H
#define PRQ_DB_DBADDRESS_H

#include "base/arena.h"

/* Where a path of the shared layout lies: "osv/PyPI/all.zip" → "https://…". `base` not empty: a
 * mirror with these very paths. `more`: "PREFIX=URL" that go before the built-in table, with
 * commas or line ends between them. Empty when no address is known; p == NULL when memory ran out. */
prq_str prq_feed_address(prq_str path, prq_str base, prq_str more, struct prq_arena *a);

#endif
