/* SPDX-License-Identifier: Apache-2.0 */
/* What kind of place a socket address is. Source: security-model.md 2.4; IANA special-purpose
 * address registries (RFC 6890). */
#ifndef PRQ_IO_ADDRESS_H
#define PRQ_IO_ADDRESS_H

#include "base/str.h"

struct sockaddr;

/* A mask, so that a client can remember which it met. */
enum prq_address {
    PRQ_ADDRESS_PUBLIC = 1,
    PRQ_ADDRESS_PRIVATE = 2,
    PRQ_ADDRESS_LOOPBACK = 4,
    PRQ_ADDRESS_NEVER = 8, /* link-local, cloud metadata, multicast, unspecified, reserved */
};
/* IPv4 inside IPv6 (mapped, 6to4, NAT64) counts as the IPv4 address. */
enum prq_address prq_address_of(const struct sockaddr *sa, size_t n);

#endif
