/* SPDX-License-Identifier: Apache-2.0 */
/* Between http.c, which knows libcurl, and http_stream.c, which knows when to try again. */
#ifndef PRQ_IO_TRANSFER_H
#define PRQ_IO_TRANSFER_H

#include "io/http.h"

/* Send the request, follow redirects, and stop when the headers of the final answer are there. A
 * client has one answer open at a time: this drops the one before. */
PRQ_MUST_USE bool prq_transfer_open(struct prq_http *h, const struct prq_http_request *rq,
                                    struct prq_arena *a, struct prq_http_reply *reply,
                                    struct prq_err *err);
/* The next bytes of the body; *got == 0 at its end. REMOTE when the connection broke before. */
PRQ_MUST_USE bool prq_transfer_read(struct prq_http *h, void *buf, size_t cap, size_t *got,
                                    struct prq_err *err);
void prq_transfer_close(struct prq_http *h);

bool prq_http_is_cancelled(const struct prq_http *h);
/* "Sun, 06 Nov 1994 08:49:37 GMT" and its two older spellings; -1 when it is none. */
int64_t prq_http_date(prq_str s);

#endif
