/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "pratique/explain.h"

static bool write_one(const void *what, const char *format, const struct prq_style *style,
                      char **text, size_t *n, struct prq_err *err)
{
    return prq_explain_write(what, format, style, text, n, err);
}

struct asked {
    const char *id, *package, *target;
    bool is_not;
};

static int explain(struct cli *c, const struct prq_scan_opts *o, const struct asked *q,
                   const struct outputs *out)
{
    struct prq_scan *s = NULL;
    struct prq_explanation_of *e = NULL;
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_scan_opts open = *o;
    open.leave_out_dev = o->leave_out_dev && !q->is_not; /* to be able to say so */
    bool ok = prq_scan_open(q->target, &open, &s, &err) &&
              (prq_scan_is_judged(s) || prq_scan_judge(s, o, &err)) &&
              prq_explain(s, o, q->id, q->package, q->is_not, &e, &err);
    talk_end();
    int rc = ok ? put_outputs(c, out, write_one, e) : fail(&err);
    if (rc == EXIT_OK && !prq_explain_is_answered(e))
        rc = EXIT_FINDINGS;
    prq_explain_free(e);
    prq_scan_free(s);
    return rc;
}

/* FINDING [PACKAGE] [IMAGE]; without an image a report from standard input. */
static bool operands(const struct cli *c, struct asked *q)
{
    bool is_piped = !isatty(0);
    int least = q->is_not ? 2 : 1, n = c->arg_count;
    if (n < least || n > 3 || (n == least && !is_piped))
        return false;
    q->id = c->args[0];
    q->target = n > least ? c->args[n - 1] : "report:-";
    if (n == 3 || q->is_not)
        q->package = c->args[1];
    return true;
}

int cmd_explain(struct cli *c)
{
    struct prq_scan_opts o;
    static struct paths paths;
    struct outputs out;
    struct asked q = { .is_not = prq_config_bool(c->config, "not") };
    if (!operands(c, &q))
        return usage(q.is_not ? "explain --not takes a vulnerability, a package and an image or report"
                              : "explain takes a finding, perhaps a package, and an image or report");
    if (!scan_options(c, &o, &paths) || !judge_options(c, &o, &paths))
        return EXIT_USAGE;
    int rc = EXIT_USAGE;
    if (outputs_parse(&out, c, "table") && outputs_check(&out, formats_of(PRQ_CMD_EXPLAIN)))
        rc = outputs_probe(&out);
    if (rc == EXIT_OK)
        rc = explain(c, &o, &q, &out);
    outputs_release(&out);
    return rc;
}
