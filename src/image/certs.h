/* SPDX-License-Identifier: Apache-2.0 */
/* certs.d/HOST[:PORT]: *.crt are CAs, NAME.cert with NAME.key the client's. Source:
 * containers-certs.d(5); platform.md 1.4. */
#ifndef PRQ_IMAGE_CERTS_H
#define PRQ_IMAGE_CERTS_H

#include "base/arena.h"
#include "base/err.h"

struct prq_certs {
    prq_str ca_pem, client_cert, client_key; /* text; paths. Empty when there are none */
};
PRQ_MUST_USE bool prq_certs_find(prq_str host, struct prq_arena *a, struct prq_certs *out,
                                 struct prq_err *err);

#endif
