/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "pratique/compare.h"

static bool write_one(const void *what, const char *format, const struct prq_style *style,
                      char **text, size_t *n, struct prq_err *err)
{
    return prq_compare_write(what, format, style, text, n, err);
}

static int compare(struct cli *c, const struct prq_scan_opts *o, const struct outputs *out)
{
    struct prq_scan *s = NULL;
    struct prq_compared *d = NULL;
    struct prq_err err = PRQ_ERR_INIT;
    bool ok = prq_compare_open(c->args[0], &d, &err);
    const char *target = c->arg_count > 1 ? c->args[1] : ok ? prq_compare_image(d) : "";
    if (ok && !*target) {
        prq_compare_free(d);
        return usage("compare: the report does not say which image it is of: name it");
    }
    ok = ok && prq_scan_open(target, o, &s, &err) &&
         (prq_scan_is_judged(s) || prq_scan_judge(s, o, &err)) && prq_compare_with(d, s, o, &err);
    talk_end();
    int rc = ok ? put_outputs(c, out, write_one, d) : fail(&err);
    if (rc == EXIT_OK && prq_config_bool(c->config, "fail-on-difference") &&
        prq_compare_differences(d) > 0)
        rc = EXIT_FINDINGS;
    prq_compare_free(d);
    prq_scan_free(s);
    return rc;
}

int cmd_compare(struct cli *c)
{
    struct prq_scan_opts o;
    static struct paths paths;
    struct outputs out;
    if (c->arg_count < 1 || c->arg_count > 2)
        return usage("compare takes a report of Trivy or Grype, and perhaps an image or a report of ours");
    if (!scan_options(c, &o, &paths) || !judge_options(c, &o, &paths))
        return EXIT_USAGE;
    int rc = EXIT_USAGE;
    if (outputs_parse(&out, c, "table") && outputs_check(&out, formats_of(PRQ_CMD_COMPARE)))
        rc = outputs_probe(&out);
    if (rc == EXIT_OK)
        rc = compare(c, &o, &out);
    outputs_release(&out);
    return rc;
}
