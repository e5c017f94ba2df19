/* SPDX-License-Identifier: Apache-2.0 */
/* NRV2E, the usual compression of UPX: bits in little-endian words of 32, with bytes in between. */
#ifndef PRQ_FORMAT_NRV_H
#define PRQ_FORMAT_NRV_H

#include "base/err.h"
#include "base/str.h"

/* Fills all of out[n]; FORMAT when the data give more or fewer bytes. */
PRQ_MUST_USE bool prq_nrv_unpack(prq_bytes in, uint8_t *out, size_t n, struct prq_err *err);

#endif
