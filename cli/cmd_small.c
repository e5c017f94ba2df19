/* SPDX-License-Identifier: Apache-2.0 */
/* Commands of a few lines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "pratique/scan.h"

int cmd_version(struct cli *c)
{
    (void)c;
    printf("pratique %s\n", prq_version());
    return EXIT_OK;
}

int cmd_catalogers(struct cli *c)
{
    const char *format = prq_config_get(c->config, "format");
    struct prq_err err = PRQ_ERR_INIT;
    char *text;
    size_t n;
    if (c->arg_count)
        return usage("catalogers takes no operand");
    if (!prq_catalogers_write(*format ? format : "table", &text, &n, &err))
        return fail(&err);
    int rc = put_text(NULL, text, n);
    free(text);
    return rc;
}

int cmd_config(struct cli *c)
{
    size_t n;
    const struct prq_option *o = prq_options(&n);
    for (size_t i = 0; i < n; i++) {
        const char *v = prq_config_get(c->config, o[i].name);
        bool secret = strcmp(o[i].name, "password") == 0 || strcmp(o[i].name, "registry-token") == 0;
        printf("%-20s ", o[i].name);
        int shown = 0;
        for (const char *p = secret && *v ? "***" : *v ? v : "-"; *p; p++, shown++)
            putchar(*p == '\n' ? ' ' : *p); /* files are kept a line each */
        printf("%*s %s\n", shown < 24 ? 24 - shown : 0, "", prq_config_origin(c->config, o[i].name));
    }
    return EXIT_OK;
}
