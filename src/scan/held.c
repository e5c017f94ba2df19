/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/held.h"

#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = PRQ_SPARE_ALIGN };

void prq_holder_init(struct prq_holder *h, const struct prq_limits *limits, int spool)
{
    *h = (struct prq_holder){ .limits = limits, .spool = spool };
    prq_buf_init(&h->memory, (size_t)limits->file_memory);
}

void prq_holder_release(struct prq_holder *h)
{
    prq_buf_release(&h->memory);
}

struct prq_content prq_holder_begin(struct prq_holder *h)
{
    prq_buf_clear(&h->memory);
    return (struct prq_content){ .at = h->spool_used };
}

static bool spool_write(struct prq_holder *h, uint64_t at, const void *p, size_t n)
{
    return h->spool >= 0 && at + n <= h->limits->spool_bytes &&
           pwrite(h->spool, p, n, (off_t)at) == (ssize_t)n;
}

static void to_spool(struct prq_holder *h, struct prq_content *c)
{
    if (c->is_spooled)
        return;
    c->is_spooled = true;
    c->is_lost |= !spool_write(h, c->at, h->memory.p, h->memory.n);
}

void prq_holder_add(struct prq_holder *h, struct prq_content *c, const void *p, size_t n)
{
    if (c->is_lost)
        return;
    if (!c->is_spooled && c->n + n <= h->limits->file_memory) {
        c->is_lost = !prq_buf_add(&h->memory, p, n);
    } else {
        to_spool(h, c);
        c->is_lost |= !spool_write(h, c->at + c->n, p, n);
    }
    c->n += n;
}

bool prq_holder_keep(struct prq_holder *h, struct prq_content *c)
{
    to_spool(h, c);
    if (c->is_lost)
        return false;
    h->spool_used += (c->n + PAGE - 1) / PAGE * PAGE;
    return true;
}

bool prq_holder_bytes(struct prq_holder *h, const struct prq_content *c, prq_bytes *out,
                      prq_bytes *map)
{
    *map = (prq_bytes){ 0 };
    if (c->is_lost)
        return false;
    if (!c->is_spooled || c->n == 0) {
        *out = prq_buf_bytes(&h->memory);
        out->n = (size_t)c->n;
        return true;
    }
    void *p = mmap(NULL, (size_t)c->n, PROT_READ, MAP_PRIVATE, h->spool, (off_t)c->at);
    if (p == MAP_FAILED)
        return false;
    *out = *map = (prq_bytes){ p, (size_t)c->n };
    return true;
}

void prq_holder_unmap(prq_bytes map)
{
    if (map.p)
        munmap((void *)(uintptr_t)map.p, map.n);
}

struct prq_spare prq_holder_spare(const struct prq_holder *h, const struct prq_content *c)
{
    uint64_t end = c->is_spooled ? c->at + (c->n + PAGE - 1) / PAGE * PAGE : 0;
    return (struct prq_spare){ h->spool, end > h->spool_used ? end : h->spool_used,
                               h->limits->spool_bytes };
}
