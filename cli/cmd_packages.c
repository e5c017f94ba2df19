/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "pratique/scan.h"

typedef bool (*writer)(const struct prq_scan *s, const struct prq_scan_opts *o, const char *format,
                       const struct prq_style *style, char **text, size_t *n, struct prq_err *err);

static bool write_packages(const struct prq_scan *s, const struct prq_scan_opts *o,
                           const char *format, const struct prq_style *style, char **text,
                           size_t *n, struct prq_err *err)
{
    (void)o;
    return prq_scan_packages(s, format, style, text, n, err);
}

static bool write_sbom(const struct prq_scan *s, const struct prq_scan_opts *o, const char *format,
                       const struct prq_style *style, char **text, size_t *n, struct prq_err *err)
{
    (void)style;
    return prq_scan_sbom(s, o->now, format, text, n, err);
}

static bool write_analysis(const struct prq_scan *s, const struct prq_scan_opts *o,
                           const char *format, const struct prq_style *style, char **text,
                           size_t *n, struct prq_err *err)
{
    (void)o;
    (void)style;
    return prq_scan_analysis(s, format, text, n, err);
}

static int run(struct cli *c, unsigned command, const char *fallback, writer write)
{
    struct prq_scan_opts o;
    static struct paths paths;
    struct outputs out;
    struct prq_scan *s = NULL;
    struct prq_err err = PRQ_ERR_INIT;
    if (!scan_options(c, &o, &paths))
        return EXIT_USAGE;
    o.now = prq_config_get(c->config, "now");
    if (command != PRQ_CMD_PACKAGES) /* facts: all of them */
        o.leave_out_dev = false;
    if (command == PRQ_CMD_ANALYZE)
        o.digest_files = prq_config_bool(c->config, "file-digests");
    if (!outputs_parse(&out, c, fallback) || !outputs_check(&out, formats_of(command))) {
        outputs_release(&out);
        return EXIT_USAGE;
    }
    int rc = outputs_probe(&out);
    if (rc == EXIT_OK) {
        bool ok = prq_scan_open(c->args[0], &o, &s, &err);
        talk_end();
        rc = ok ? EXIT_OK : fail(&err);
    }
    for (int i = 0; i < out.count && rc == EXIT_OK; i++) {
        char *text;
        size_t n;
        bool to_terminal = out.item[i].file == NULL;
        struct prq_style style = { .color = to_terminal && use_color(c),
                                   .width = to_terminal ? terminal_width() : 0 };
        if (!write(s, &o, out.item[i].format, &style, &text, &n, &err)) {
            rc = fail(&err);
            break;
        }
        rc = put_text(out.item[i].file, text, n);
        free(text);
    }
    outputs_release(&out);
    prq_scan_free(s);
    return rc;
}

int cmd_packages(struct cli *c)
{
    if (c->arg_count != 1)
        return usage("packages takes one image; `pratique packages --help` shows how it may be named");
    return run(c, PRQ_CMD_PACKAGES, "table", write_packages);
}

int cmd_analyze(struct cli *c)
{
    if (c->arg_count != 1)
        return usage("analyze takes one image; `pratique analyze --help` shows how it may be named");
    return run(c, PRQ_CMD_ANALYZE, "pratique", write_analysis);
}

int cmd_sbom(struct cli *c)
{
    if (c->arg_count != 1)
        return usage("sbom takes one image; `pratique sbom --help` shows how it may be named");
    return run(c, PRQ_CMD_SBOM, "cyclonedx", write_sbom);
}
