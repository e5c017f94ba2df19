/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "pratique/db.h"

static int build(struct cli *c, bool update)
{
    char dir[4096];
    const char *from = prq_config_get(c->config, update ? "mirror" : "from");
    const char *to = prq_config_get(c->config, "output");
    struct prq_db_opts o = PRQ_DB_OPTS_INIT;
    struct prq_err err = PRQ_ERR_INIT;
    if (!update && !*from)
        return usage("db build needs --from DIR-or-URL (to fetch the public feeds: `pratique db update`)");
    db_directory(c, true, dir, sizeof dir);
    o.from = *from ? from : NULL;
    o.families = prq_config_get(c->config, "families");
    o.addresses = prq_config_get(c->config, "feed-address");
    o.now = prq_config_get(c->config, "now");
    o.update = update;
    o.progress = talk_line;
    o.user = c;
    return prq_database_build(*to ? to : dir, &o, &err) ? EXIT_OK : fail(&err);
}

static int show(struct cli *c, const char *query)
{
    char dir[4096], *text;
    size_t n;
    struct prq_err err = PRQ_ERR_INIT;
    const char *format = prq_config_get(c->config, "format");
    db_directory(c, false, dir, sizeof dir);
    if (!*format)
        format = "table";
    bool ok = query ? prq_database_search(dir, query, format, &text, &n, &err)
                    : prq_database_status(dir, format, prq_config_get(c->config, "now"), &text, &n,
                                          &err);
    if (!ok)
        return fail(&err);
    const char *file = prq_config_get(c->config, "output");
    int rc = put_text(*file ? file : NULL, text, n);
    free(text);
    return rc;
}

int cmd_db(struct cli *c)
{
    const char *what = c->arg_count ? c->args[0] : "";
    if (strcmp(what, "build") == 0 && c->arg_count == 1)
        return build(c, false);
    if (strcmp(what, "update") == 0 && c->arg_count == 1)
        return build(c, true);
    if (strcmp(what, "status") == 0 && c->arg_count == 1)
        return show(c, NULL);
    if (strcmp(what, "search") == 0 && c->arg_count == 2)
        return show(c, c->args[1]);
    return usage("db build --from DIR|URL [-o DIR], db update, db status, or db search NAME|ID");
}
