/* SPDX-License-Identifier: Apache-2.0 */
/* Commands of a few lines. */
#include <stdio.h>
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
    (void)c;
    printf("%-12s %-8s %s\n", "NAME", "YIELDS", "LOOKS FOR");
    for (const struct prq_cataloger *t = prq_catalogers(); t->name; t++)
        printf("%-12s %-8s %s\n", t->name, t->purl_type ? t->purl_type : "-", t->summary);
    return EXIT_OK;
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
