/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "pratique/diff.h"

/* Without a database packages are compared all the same, unless a gate asks for findings. */
static bool judge(struct cli *c, struct prq_scan *s, const struct prq_scan_opts *o,
                  struct prq_err *err)
{
    struct prq_err why = PRQ_ERR_INIT;
    if (prq_scan_is_judged(s) || prq_scan_judge(s, o, &why))
        return true;
    bool is_needed = *prq_config_get(c->config, "fail-on") || *prq_config_get(c->config, "max-data-age");
    if (why.code == PRQ_E_DATA && !is_needed)
        return true;
    *err = why;
    return false;
}

static bool write_one(const void *what, const char *format, const struct prq_style *style,
                      char **text, size_t *n, struct prq_err *err)
{
    return prq_diff_write(what, format, style, text, n, err);
}

static int compare(struct cli *c, const struct prq_scan *a, const struct prq_scan *b,
                   const struct outputs *out)
{
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_diff *d = NULL;
    const char *least = prq_config_get(c->config, "fail-on");
    if (!prq_diff_new(a, b, &d, &err))
        return fail(&err);
    int rc = put_outputs(c, out, write_one, d);
    if (rc == EXIT_OK && *least && prq_diff_introduced(d, least) > 0)
        rc = (int)prq_config_int(c->config, "exit-code");
    prq_diff_free(d);
    return rc;
}

static int diff(struct cli *c, const struct prq_scan_opts *o, const struct outputs *out)
{
    struct prq_scan *s[2] = { NULL, NULL };
    struct prq_err err = PRQ_ERR_INIT;
    bool ok = true;
    for (int i = 0; ok && i < 2; i++)
        ok = prq_scan_open(c->args[i], o, &s[i], &err) && judge(c, s[i], o, &err);
    talk_end();
    int rc = ok ? compare(c, s[0], s[1], out) : fail(&err);
    prq_scan_free(s[0]);
    prq_scan_free(s[1]);
    return rc;
}

int cmd_diff(struct cli *c)
{
    struct prq_scan_opts o;
    static struct paths paths;
    struct outputs out;
    if (c->arg_count != 2)
        return usage("diff takes two sources; `pratique diff --help` shows how they may be named");
    if (!scan_options(c, &o, &paths) || !judge_options(c, &o, &paths))
        return EXIT_USAGE;
    int rc = EXIT_USAGE;
    if (outputs_parse(&out, c, "table") && outputs_check(&out, formats_of(PRQ_CMD_DIFF)))
        rc = outputs_probe(&out);
    if (rc == EXIT_OK)
        rc = diff(c, &o, &out);
    outputs_release(&out);
    return rc;
}
