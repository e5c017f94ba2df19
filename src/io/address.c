/* SPDX-License-Identifier: Apache-2.0 */
#include "io/address.h"

#include <netinet/in.h>
#include <sys/socket.h>

/* The first match counts; what is in neither table is public. */
static const struct {
    uint32_t net;
    unsigned bits;
    enum prq_address is;
} v4[] = {
    { 0x00000000, 8, PRQ_ADDRESS_NEVER },     /* this network */
    { 0x7f000000, 8, PRQ_ADDRESS_LOOPBACK },
    { 0xa9fe0000, 16, PRQ_ADDRESS_NEVER },    /* link-local, metadata of most clouds */
    { 0x646464c8, 32, PRQ_ADDRESS_NEVER },    /* 100.100.100.200: Alibaba's metadata */
    { 0xa83f8110, 32, PRQ_ADDRESS_NEVER },    /* 168.63.129.16: Azure's wire server */
    { 0xc0000000, 24, PRQ_ADDRESS_NEVER },    /* 192.0.0.0/24: protocol assignments, Oracle's */
    { 0x0a000000, 8, PRQ_ADDRESS_PRIVATE },
    { 0xac100000, 12, PRQ_ADDRESS_PRIVATE },
    { 0xc0a80000, 16, PRQ_ADDRESS_PRIVATE },
    { 0x64400000, 10, PRQ_ADDRESS_PRIVATE },  /* carrier-grade NAT */
    { 0xc6120000, 15, PRQ_ADDRESS_PRIVATE },  /* benchmarks */
    { 0xc0000200, 24, PRQ_ADDRESS_NEVER },    /* documentation */
    { 0xc6336400, 24, PRQ_ADDRESS_NEVER },
    { 0xcb007100, 24, PRQ_ADDRESS_NEVER },
    { 0xe0000000, 4, PRQ_ADDRESS_NEVER },     /* multicast */
    { 0xf0000000, 4, PRQ_ADDRESS_NEVER },     /* reserved, broadcast */
};

enum inside { NOTHING, V4_AT_12 = 12, V4_AT_2 = 2 };

static const struct {
    uint8_t net[16];
    unsigned bits;
    enum prq_address is;
    enum inside v4_at; /* where an IPv4 address is inside, which then decides */
} v6[] = {
    { { [15] = 1 }, 128, PRQ_ADDRESS_LOOPBACK, NOTHING },
    { { 0 }, 128, PRQ_ADDRESS_NEVER, NOTHING },
    { { [10] = 0xff, [11] = 0xff }, 96, PRQ_ADDRESS_NEVER, V4_AT_12 },
    { { 0 }, 96, PRQ_ADDRESS_NEVER, V4_AT_12 },                     /* compatible, long gone */
    { { 0x00, 0x64, 0xff, 0x9b }, 96, PRQ_ADDRESS_NEVER, V4_AT_12 }, /* NAT64 */
    { { 0x00, 0x64, 0xff, 0x9b, 0x00, 0x01 }, 48, PRQ_ADDRESS_PRIVATE, NOTHING },
    { { 0x20, 0x02 }, 16, PRQ_ADDRESS_NEVER, V4_AT_2 },              /* 6to4 */
    { { 0x20, 0x01, 0x00, 0x00 }, 32, PRQ_ADDRESS_NEVER, NOTHING },  /* Teredo */
    { { 0x20, 0x01, 0x0d, 0xb8 }, 32, PRQ_ADDRESS_NEVER, NOTHING },  /* documentation */
    { { 0x01, 0x00 }, 64, PRQ_ADDRESS_NEVER, NOTHING },              /* discard */
    { { 0xfe, 0x80 }, 10, PRQ_ADDRESS_NEVER, NOTHING },              /* link-local */
    { { 0xfe, 0xc0 }, 10, PRQ_ADDRESS_PRIVATE, NOTHING },            /* site-local, gone */
    { { 0xfd, 0x00, 0x0e, 0xc2, [15] = 0x54, [14] = 0x02 }, 128, PRQ_ADDRESS_NEVER, NOTHING },
    { { 0xfc }, 7, PRQ_ADDRESS_PRIVATE, NOTHING },
    { { 0xff }, 8, PRQ_ADDRESS_NEVER, NOTHING },
};

static enum prq_address of_v4(uint32_t a)
{
    for (size_t i = 0; i < PRQ_COUNT(v4); i++)
        if (((a ^ v4[i].net) >> (32 - v4[i].bits)) == 0)
            return v4[i].is;
    return PRQ_ADDRESS_PUBLIC;
}

static bool has_prefix(const uint8_t *a, const uint8_t *net, unsigned bits)
{
    unsigned bytes = bits / 8, rest = bits % 8;
    return memcmp(a, net, bytes) == 0 &&
           (rest == 0 || ((a[bytes] ^ net[bytes]) >> (8 - rest)) == 0);
}

static enum prq_address of_v6(const uint8_t *a)
{
    for (size_t i = 0; i < PRQ_COUNT(v6); i++) {
        if (!has_prefix(a, v6[i].net, v6[i].bits))
            continue;
        if (v6[i].v4_at == NOTHING)
            return v6[i].is;
        const uint8_t *p = a + v6[i].v4_at;
        return of_v4((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]);
    }
    return PRQ_ADDRESS_PUBLIC;
}

enum prq_address prq_address_of(const struct sockaddr *sa, size_t n)
{
    if (sa->sa_family == AF_INET && n >= sizeof(struct sockaddr_in)) {
        struct sockaddr_in in;
        memcpy(&in, sa, sizeof in);
        return of_v4(ntohl(in.sin_addr.s_addr));
    }
    if (sa->sa_family == AF_INET6 && n >= sizeof(struct sockaddr_in6)) {
        struct sockaddr_in6 in;
        memcpy(&in, sa, sizeof in);
        return of_v6(in.sin6_addr.s6_addr);
    }
    return PRQ_ADDRESS_NEVER;
}
