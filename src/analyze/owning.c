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

bool prq_path_is_nobodys(prq_str path)
{
    static const prq_str files[] = {
        PRQ_SI("lib/apk/db/installed"), PRQ_SI("lib/dpkg/status"), PRQ_SI("lib/opkg/status"),
        PRQ_SI("rpm/Packages"), PRQ_SI("rpm/Packages.db"), PRQ_SI("rpm/rpmdb.sqlite"),
    };
    static const prq_str folders[] = {
        PRQ_SI("var/lib/dpkg/status.d/"), PRQ_SI("var/lib/pacman/local/"), PRQ_SI("var/db/pkg/"),
        PRQ_SI("nix/var/nix/db/"), PRQ_SI("var/db/xbps/"), PRQ_SI("var/lib/pkgtools/packages/"),
        PRQ_SI("var/log/packages/"),
    };
    for (size_t i = 0; i < PRQ_COUNT(files); i++)
        if (prq_str_ends(path, files[i]))
            return true;
    for (size_t i = 0; i < PRQ_COUNT(folders); i++)
        if (prq_str_starts(path, folders[i]))
            return true;
    return prq_str_starts(path, PRQ_S("usr/share/doc/")) && prq_str_ends(path, PRQ_S("/copyright"));
}

static bool add(struct prq_owning *o, prq_str dir, prq_str name)
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
    if (prq_str_eq(name, PRQ_S("/")))
        name.n = 0;
    if (dir.n) {
        memcpy(end, dir.p, dir.n);
        end += dir.n;
        *end++ = '/';
    }
    if (name.n)
        memcpy(end, name.p, name.n);
    end += name.n;
    prq_str path = { at, (size_t)(end - at) };
    if (prq_path_is_nobodys(path))
        return true;
    o->paths[o->n++] = path;
    o->used += path.n;
    return true;
}

bool prq_owning_add(struct prq_owning *o, prq_str dir, prq_str name)
{
    return prq_str_ends(name, PRQ_S("/")) || add(o, dir, name);
}

bool prq_owning_add_below(struct prq_owning *o, prq_str dir)
{
    while (prq_str_ends(dir, PRQ_S("/")))
        dir.n--;
    dir = without_root(dir);
    return dir.n == 0 || add(o, dir, PRQ_S("/"));
}
