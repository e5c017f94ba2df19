/* SPDX-License-Identifier: Apache-2.0 */
#include "image/certs.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "io/source.h"

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static bool take_file(const char *dir, prq_str name, struct prq_arena *a, struct prq_buf *ca,
                      struct prq_certs *out, struct prq_err *err)
{
    prq_str path = prq_arena_printf(a, "%s/%.*s", dir, PRQ_FMT(name));
    if (!path.p)
        return prq_fail(err, PRQ_E_NOMEM, "certificates");
    if (prq_str_ends(name, PRQ_S(".crt")))
        return prq_read_file(path.p, ca, err) && prq_buf_byte(ca, '\n');
    if (!prq_str_ends(name, PRQ_S(".cert")) || out->client_cert.n)
        return true;
    out->client_cert = path;
    out->client_key = prq_arena_printf(a, "%s/%.*s.key", dir, PRQ_FMT(prq_str_head(name, name.n - 5)));
    return out->client_key.p || prq_fail(err, PRQ_E_NOMEM, "certificates");
}

/* *found: the directory is there, so no other is asked. */
static bool look_in(const char *dir, struct prq_arena *a, struct prq_buf *ca,
                    struct prq_certs *out, bool *found, struct prq_err *err)
{
    struct dirent **names;
    int n = scandir(dir, &names, NULL, by_name);
    bool ok = true;
    *found = n >= 0;
    for (int i = 0; i < n; i++) {
        ok = ok && take_file(dir, prq_str_from(names[i]->d_name), a, ca, out, err);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    return ok || prq_in(err, "%s", dir);
}

bool prq_certs_find(prq_str host, struct prq_arena *a, struct prq_certs *out, struct prq_err *err)
{
    const char *home = getenv("HOME");
    const struct {
        const char *root, *below;
    } places[] = { { home ? home : "", "/.config/containers/certs.d" },
                   { "", "/etc/containers/certs.d" },
                   { "", "/etc/docker/certs.d" } };
    PRQ_BUF ca;
    prq_buf_init(&ca, PRQ_MIB(4));
    *out = (struct prq_certs){ 0 };
    bool found = false;
    for (size_t i = home && *home ? 0 : 1; i < PRQ_COUNT(places) && !found; i++) {
        char dir[4096];
        int n = snprintf(dir, sizeof dir, "%s%s/%.*s", places[i].root, places[i].below,
                         PRQ_FMT(host));
        if (n > 0 && (size_t)n < sizeof dir && !look_in(dir, a, &ca, out, &found, err))
            return false;
    }
    out->ca_pem = prq_arena_copy(a, prq_buf_view(&ca));
    return out->ca_pem.p || prq_fail(err, PRQ_E_NOMEM, "certificates");
}
