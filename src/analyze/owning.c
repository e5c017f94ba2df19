/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/owning.h"

enum { PATH_BYTES_MAX = 4096 };

struct prq_owning *prq_owning_new(struct prq_arena *a, struct prq_sink *sink)
{
    struct prq_owning *o = prq_new(a, struct prq_owning);
    if (o)
        o->sink = sink;
    return o;
}

void prq_owning_begin(struct prq_owning *o, prq_str owner)
{
    o->owner = owner;
    o->n = 0;
    o->used = 0;
}

bool prq_owning_end(struct prq_owning *o)
{
    bool ok = o->n == 0 || prq_sink_owned(o->sink, o->owner, o->paths, o->n);
    o->n = 0;
    o->used = 0;
    return ok;
}

static prq_str without_root(prq_str path)
{
    while (path.n && path.p[0] == '/')
        path = prq_str_from_at(path, 1);
    return path;
}

bool prq_owning_add(struct prq_owning *o, prq_str dir, prq_str name)
{
    dir = without_root(dir);
    if (dir.n == 0)
        name = without_root(name);
    if (name.n == 0 || dir.n >= PATH_BYTES_MAX || name.n >= PATH_BYTES_MAX - dir.n)
        return true;
    size_t need = dir.n + 1 + name.n;
    if ((o->n == PRQ_OWNING_PATHS || need > PRQ_OWNING_BYTES - o->used) && !prq_owning_end(o))
        return false;
    char *at = o->text + o->used, *end = at;
    if (dir.n) {
        memcpy(end, dir.p, dir.n);
        end += dir.n;
        *end++ = '/';
    }
    memcpy(end, name.p, name.n);
    end += name.n;
    o->paths[o->n++] = (prq_str){ at, (size_t)(end - at) };
    o->used += (size_t)(end - at);
    return true;
}
