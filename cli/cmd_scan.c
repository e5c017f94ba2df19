/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "pratique/scan.h"

/* Every fix state but the ones to keep (matching.md 5.15). */
#define ALL_BUT_FIXED \
    "not-fixed,wont-fix,deferred,end-of-life,under-investigation,unknown"

static const char *ignored_states(const struct cli *c, char *out, size_t cap)
{
    bool fixed = prq_config_bool(c->config, "only-fixed") ||
                 prq_config_bool(c->config, "ignore-unfixed");
    bool notfixed = prq_config_bool(c->config, "only-notfixed");
    snprintf(out, cap, "%s%s%s", prq_config_get(c->config, "ignore-status"),
             fixed ? "," ALL_BUT_FIXED : "", notfixed ? ",fixed" : "");
    return *out ? out : NULL;
}

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
    char states[1024];
    if (c->arg_count != 1)
        return usage("scan takes one image; `pratique scan --help` shows how it may be named");
    if (prq_config_int(c->config, "exit-code") > 255) /* the rest would be lost: 256 would be 0 */
        return usage("--exit-code: at most 255");
    if (prq_config_bool(c->config, "only-notfixed") &&
        (prq_config_bool(c->config, "only-fixed") || prq_config_bool(c->config, "ignore-unfixed")))
        return usage("--only-fixed and --only-notfixed leave nothing: give one of them");
    if (!scan_options(c, &o, &paths))
        return EXIT_USAGE;
    if (strcmp(prq_config_origin(c->config, "exit-code"), "flag") == 0 &&
        !*prq_config_get(c->config, "fail-on"))
        return usage("--exit-code changes nothing without --fail-on SEVERITY (unknown: any finding)");
    db_directory(c, false, paths.db, sizeof paths.db);
    o.db_dir = paths.db;
    o.now = prq_config_get(c->config, "now");
    o.distro = prq_config_get(c->config, "distro");
    o.ignore_status = ignored_states(c, states, sizeof states);
    o.severity_from = prq_config_get(c->config, "severity-from");
    o.no_default_ignores = prq_config_bool(c->config, "no-default-ignores");
    o.by_cve = prq_config_bool(c->config, "by-cve");
    o.go_main_pseudo = prq_config_bool(c->config, "go-main-pseudo");
    o.debian_temp = prq_config_bool(c->config, "debian-temp");
    o.max_data_age_s = prq_config_int(c->config, "max-data-age");
    int rc;
    if (outputs_parse(&out, c, "table") && outputs_check(&out, formats_of(PRQ_CMD_SCAN)))
        rc = outputs_probe(&out);
    else
        rc = EXIT_USAGE;
    if (rc == EXIT_OK)
        rc = scan(c, &o, &out);
    outputs_release(&out);
    return rc;
}
