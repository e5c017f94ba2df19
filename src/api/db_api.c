/* SPDX-License-Identifier: Apache-2.0 */
#include "pratique/db.h"

#include "db/db.h"
#include "scan/now.h"

static struct prq_db_opts options_of(const struct prq_db_opts *given)
{
    struct prq_db_opts o = PRQ_DB_OPTS_INIT;
    if (given)
        memcpy(&o, given, prq_min_size(given->size, sizeof o));
    return o;
}

bool prq_database_build(const char *dir, const struct prq_db_opts *given, struct prq_err *err)
{
    struct prq_db_opts o = options_of(given);
    PRQ_ARENA arena = prq_arena_new(PRQ_MIB(16));
    PRQ_ARENA scratch = prq_arena_new(PRQ_GIB(2));
    if (!arena || !scratch)
        return prq_fail(err, PRQ_E_NOMEM, "out of memory");
    struct prq_ctx ctx = { .limits = &prq_limits_default, .scratch = scratch };
    struct prq_db_build_opts b = {
        .from = prq_str_from(o.from), .to = prq_str_from(dir),
        .families = prq_str_from(o.families), .update = o.update, .progress = o.progress,
        .progress_user = o.user,
    };
    return prq_now(o.now, arena, &b.now, err) && prq_db_build(&ctx, &b, err);
}
