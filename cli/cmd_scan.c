/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "pratique/scan.h"

static int write_reports(struct cli *c, const struct prq_scan *s, const struct outputs *out)
{
    int rc = EXIT_OK;
    for (int i = 0; i < out->count && rc == EXIT_OK; i++) {
        char *text;
        size_t n;
        struct prq_err err = PRQ_ERR_INIT;
        bool to_terminal = out->item[i].file == NULL;
        struct prq_style style = {
            .color = to_terminal && use_color(c),
            .width = to_terminal ? terminal_width() : 0,
            .show_suppressed = prq_config_bool(c->config, "show-suppressed"),
            .severities = prq_config_get(c->config, "severity"),
            .author = prq_config_get(c->config, "vex-author"),
            .show_decisions = prq_config_bool(c->config, "verbose"),
            .by_layer = *prq_config_get(c->config, "by") != '\0',
        };
        if (!prq_scan_report(s, out->item[i].format, &style, &text, &n, &err))
            return fail(&err);
        rc = put_text(out->item[i].file, text, n);
        free(text);
    }
    return rc;
}

/* First of: gaps (3), findings (1); usage, analysis and data errors ended the run before. */
static int verdict(const struct cli *c, const struct prq_scan *s)
{
    const char *least = prq_config_get(c->config, "fail-on");
    if (prq_config_bool(c->config, "fail-on-gaps") && prq_scan_gap_count(s) > 0)
        return EXIT_NO_ANALYSIS;
    if (*least && prq_scan_finding_count(s, least) > 0)
        return (int)prq_config_int(c->config, "exit-code");
    return EXIT_OK;
}

static int scan(struct cli *c, const struct prq_scan_opts *o, const struct outputs *out)
{
    struct prq_scan *s = NULL;
    struct prq_err err = PRQ_ERR_INIT;
    bool ok = prq_scan_open(c->args[0], o, &s, &err) && prq_scan_judge(s, o, &err);
    talk_end();
    int rc = EXIT_OK;
    if (!ok) {
        rc = fail(&err);
    } else {
        rc = write_reports(c, s, out);
        if (rc == EXIT_OK)
            rc = verdict(c, s);
    }
    prq_scan_free(s);
    return rc;
}

int cmd_scan(struct cli *c)
{
    struct prq_scan_opts o;
    static struct paths paths;
    struct outputs out;
    if (c->arg_count != 1)
        return usage("scan takes one image; `pratique scan --help` shows how it may be named");
    if (!scan_options(c, &o, &paths) || !judge_options(c, &o, &paths))
        return EXIT_USAGE;
    o.dockerfile = *prq_config_get(c->config, "dockerfile") ? prq_config_get(c->config, "dockerfile") : NULL;
    o.find_base = *prq_config_get(c->config, "by") || o.dockerfile;
    int rc = EXIT_USAGE;
    if (outputs_parse(&out, c, "table") && outputs_check(&out, formats_of(PRQ_CMD_SCAN)))
        rc = outputs_probe(&out);
    if (rc == EXIT_OK)
        rc = scan(c, &o, &out);
    outputs_release(&out);
    return rc;
}
