/* SPDX-License-Identifier: Apache-2.0 */
#include "db/dbstage.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/fd.h"
#include "io/source.h"

enum { CHUNK = 1 << 20, PAIR_MAX = 64 << 20, GIVEN_MAX = 32 << 20 };

struct prq_stage_entry {
    uint64_t at; /* of the key; the value follows it */
    uint32_t key_n, value_n;
};

bool prq_stage_init(struct prq_stage *s, struct prq_err *err)
{
    *s = (struct prq_stage){ .fd = -1 };
    prq_buf_init(&s->pending, CHUNK + PAIR_MAX);
    return prq_spool_new(&s->fd, err);
}

void prq_stage_release(struct prq_stage *s)
{
    if (s->map)
        munmap((void *)(uintptr_t)s->map, (size_t)s->map_bytes);
    if (s->fd >= 0)
        close(s->fd);
    prq_buf_release(&s->pending);
    free(s->entries);
    *s = (struct prq_stage){ .fd = -1 };
}

static bool flush(struct prq_stage *s, struct prq_err *err)
{
    if (!prq_fd_write_all(s->fd, s->pending.p, s->pending.n))
        return prq_fail(err, PRQ_E_IO, "write to the spool");
    s->written += s->pending.n;
    prq_buf_clear(&s->pending);
    return true;
}

static bool room_for_entry(struct prq_stage *s, struct prq_err *err)
{
    if (s->n < s->cap)
        return true;
    size_t cap = s->cap ? s->cap * 2 : 1024, bytes;
    struct prq_stage_entry *grown = NULL;
    if (prq_mul(cap, sizeof *grown, &bytes) && !prq_fault_alloc())
        grown = realloc(s->entries, bytes);
    if (!grown)
        return prq_fail(err, PRQ_E_NOMEM, "no memory for %zu entries", cap);
    s->entries = grown;
    s->cap = cap;
    return true;
}

bool prq_stage_add(struct prq_stage *s, prq_str key, prq_str value, struct prq_err *err)
{
    if (key.n > PAIR_MAX / 2 || value.n > PAIR_MAX / 2)
        return prq_fail(err, PRQ_E_LIMIT, "a record of %zu bytes", value.n);
    if (!room_for_entry(s, err))
        return false;
    s->entries[s->n++] =
        (struct prq_stage_entry){ s->written + s->pending.n, (uint32_t)key.n, (uint32_t)value.n };
    prq_buf_str(&s->pending, key);
    if (!prq_buf_str(&s->pending, value))
        return prq_fail(err, PRQ_E_NOMEM, "no memory for the spool");
    return s->pending.n < CHUNK || flush(s, err);
}

static prq_str key_of(const struct prq_stage *s, const struct prq_stage_entry *e)
{
    return (prq_str){ s->map + e->at, e->key_n };
}

static int by_key(const void *a, const void *b, void *user)
{
    const struct prq_stage *s = user;
    const struct prq_stage_entry *x = a, *y = b;
    int order = prq_str_cmp(key_of(s, x), key_of(s, y));
    return order ? order : (x->at > y->at) - (x->at < y->at);
}

/* Pages that were read count as ours until they are let go; read anew they come from the file, or
 * from the system's cache of it, so what was lent stays good. */
static void let_go(struct prq_stage *s)
{
    s->given = 0;
    if (s->map)
        madvise((void *)(uintptr_t)s->map, (size_t)s->map_bytes, MADV_DONTNEED);
}

bool prq_stage_sort(struct prq_stage *s, struct prq_err *err)
{
    if (!flush(s, err))
        return false;
    s->map_bytes = s->written;
    if (s->written) {
        void *map = mmap(NULL, (size_t)s->written, PROT_READ, MAP_PRIVATE, s->fd, 0);
        if (map == MAP_FAILED)
            return prq_fail(err, PRQ_E_IO, "map the spool");
        s->map = map;
    }
    if (s->n)
        qsort_r(s->entries, s->n, sizeof *s->entries, by_key, s);
    let_go(s);
    return true;
}

void prq_stage_get(struct prq_stage *s, size_t i, prq_str *key, prq_str *value)
{
    const struct prq_stage_entry *e = &s->entries[i];
    *key = key_of(s, e);
    *value = (prq_str){ s->map + e->at + e->key_n, e->value_n };
    s->given += e->key_n + e->value_n;
    if (s->given > GIVEN_MAX)
        let_go(s);
}
