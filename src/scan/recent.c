/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/recent.h"

void prq_recents_init(struct prq_recents *r, size_t path_bytes)
{
    *r = (struct prq_recents){ .next = 0 };
    for (size_t i = 0; i < PRQ_RECENT_FILES; i++) {
        prq_buf_init(&r->file[i].path, path_bytes);
        prq_buf_init(&r->file[i].facts, PRQ_RECENT_FACTS);
    }
}

void prq_recents_release(struct prq_recents *r)
{
    for (size_t i = 0; i < PRQ_RECENT_FILES; i++) {
        prq_buf_release(&r->file[i].path);
        prq_buf_release(&r->file[i].facts);
    }
}

static void fill(struct prq_buf *b, const void *p, size_t n)
{
    prq_buf_clear(b);
    if (n)
        prq_buf_add(b, p, n);
}

void prq_recents_add(struct prq_recents *r, const struct prq_file *f, uint64_t member, prq_bytes head,
                     prq_wanted wanted, prq_bytes facts)
{
    struct prq_recent *slot = &r->file[r->next];
    fill(&slot->path, f->path.p, f->path.n);
    fill(&slot->facts, facts.p, facts.n);
    slot->file = (struct prq_file){ .type = f->type, .mode = f->mode, .size = f->size };
    slot->member = member;
    slot->head_n = prq_min_size(head.n, PRQ_RECENT_HEAD);
    if (slot->head_n)
        memcpy(slot->head, head.p, slot->head_n);
    slot->wanted = slot->path.bad || slot->facts.bad ? 0 : wanted;
    r->next = (r->next + 1) % PRQ_RECENT_FILES;
}

static size_t slot_of(const struct prq_recents *r, prq_str path)
{
    size_t i = 0;
    while (i < PRQ_RECENT_FILES &&
           !(r->file[i].wanted && prq_str_eq(prq_buf_view(&r->file[i].path), path)))
        i++;
    return i;
}

const struct prq_recent *prq_recents_find(const struct prq_recents *r, prq_str path)
{
    size_t i = slot_of(r, path);
    return i < PRQ_RECENT_FILES ? &r->file[i] : NULL;
}

void prq_recents_forget(struct prq_recents *r, prq_str path)
{
    size_t i = slot_of(r, path);
    if (i < PRQ_RECENT_FILES)
        r->file[i].wanted = 0;
}
