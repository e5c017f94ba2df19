/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/standins.h"

/* Composer writes both when it installs; the second has no licences, addresses and edges. */
static const prq_str better = PRQ_SI("composer/installed.json");
static const prq_str lesser = PRQ_SI("composer/installed.php");

void prq_standins_init(struct prq_standins *s, struct prq_arena *arena)
{
    *s = (struct prq_standins){ .arena = arena };
    prq_map_init(&s->dirs, arena);
}

static bool is_in(const struct prq_package *p, prq_str file)
{
    return prq_str_eq(p->type, PRQ_S("composer")) && p->evidence_count &&
           prq_str_ends(p->evidence[0].path, file);
}

bool prq_standins_note(struct prq_standins *s, const struct prq_package *p)
{
    s->has_standin = s->has_standin || is_in(p, lesser);
    return !is_in(p, better) || prq_map_put(&s->dirs, prq_path_dir(p->evidence[0].path), 0, NULL);
}

bool prq_standins_is_one(const struct prq_standins *s, const struct prq_package *p)
{
    return s->has_standin && is_in(p, lesser) &&
           prq_map_find(&s->dirs, prq_path_dir(p->evidence[0].path));
}
