/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "pratique/db.h"

static const char *or_null(const struct cli *c, const char *name)
{
    const char *v = prq_config_get(c->config, name);
    return *v ? v : NULL;
}

static struct prq_db_opts options(struct cli *c)
{
    struct prq_db_opts o = PRQ_DB_OPTS_INIT;
    o.families = or_null(c, "families");
    o.retain = (uint32_t)prq_config_int(c->config, "retain");
    o.progress = talk_line;
    o.user = c;
    return o;
}

static int build(struct cli *c, bool update)
{
    char dir[4096];
    const char *from = prq_config_get(c->config, update ? "mirror" : "from");
    const char *to = prq_config_get(c->config, "output");
    struct prq_db_opts o = options(c);
    struct prq_err err = PRQ_ERR_INIT;
    if (!update && !*from)
        return usage("db build needs --from DIR-or-URL (to fetch the public feeds: `pratique db update`)");
    if (update && or_null(c, "previous"))
        return usage("--previous is for db build: an update goes on from what is there");
    db_directory(c, true, dir, sizeof dir);
    o.from = *from ? from : NULL;
    o.addresses = prq_config_get(c->config, "feed-address");
    o.now = prq_config_get(c->config, "now");
    o.update = update;
    o.previous = or_null(c, "previous");
    return prq_database_build(*to ? to : dir, &o, &err) ? EXIT_OK : fail(&err);
}

typedef bool (*shipping)(const char *dir, const char *where, const struct prq_db_opts *opts,
                         struct prq_err *err);

static int ship(struct cli *c, shipping how, bool is_in)
{
    char dir[4096], password[4096];
    struct prq_db_opts o = options(c);
    struct prq_err err = PRQ_ERR_INIT;
    db_directory(c, is_in, dir, sizeof dir);
    o.key = or_null(c, "key");
    o.pubkey = or_null(c, "pubkey");
    o.allow_unsigned = prq_config_bool(c->config, "allow-unsigned");
    o.allow_older = prq_config_bool(c->config, "allow-older");
    o.username = or_null(c, "username");
    o.password = or_null(c, "password");
    o.registry_token = or_null(c, "registry-token");
    o.ca_file = or_null(c, "ca-file");
    o.allow_realms = or_null(c, "allow-realm");
    o.insecure = prq_config_bool(c->config, "insecure");
    if (prq_config_bool(c->config, "password-stdin")) {
        if (!read_password(password, sizeof password))
            return EXIT_USAGE;
        o.password = password;
    }
    return how(dir, c->args[1], &o, &err) ? EXIT_OK : fail(&err);
}

static int put_result(struct cli *c, char *text, size_t n)
{
    const char *file = prq_config_get(c->config, "output");
    int rc = put_text(*file ? file : NULL, text, n);
    free(text);
    return rc;
}

static int compare(struct cli *c)
{
    char dir[4096], *text;
    size_t n;
    struct prq_err err = PRQ_ERR_INIT;
    const char *format = prq_config_get(c->config, "format");
    db_directory(c, false, dir, sizeof dir);
    if (!prq_database_diff(dir, c->args[1], c->args[2], *format ? format : "table", &text, &n,
                           &err))
        return fail(&err);
    return put_result(c, text, n);
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
    return put_result(c, text, n);
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
    if (strcmp(what, "diff") == 0 && c->arg_count == 3)
        return compare(c);
    if (strcmp(what, "push") == 0 && c->arg_count == 2)
        return ship(c, prq_database_push, false);
    if (strcmp(what, "pull") == 0 && c->arg_count == 2)
        return ship(c, prq_database_pull, true);
    if (strcmp(what, "export") == 0 && c->arg_count == 2)
        return ship(c, prq_database_export, false);
    if (strcmp(what, "import") == 0 && c->arg_count == 2)
        return ship(c, prq_database_import, true);
    return usage("db build --from DIR|URL [-o DIR], db update, db status, db search NAME|ID, "
                 "db diff A B, db push REF, db pull REF, db export FILE, or db import FILE");
}
