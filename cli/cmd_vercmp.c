/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "pratique/vercmp.h"

static prq_str view(const char *z)
{
    prq_str s = { z, strlen(z) };
    return s;
}

static int list(void)
{
    for (const struct prq_scheme_info *s = prq_vercmp_schemes(); s->name; s++)
        printf("%-10s %s\n", s->name, s->summary);
    return EXIT_OK;
}

/* One sign a line; '?' for a pair that the scheme refuses makes the status 2 at the end. */
static int pairs(const char *scheme)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    int rc = EXIT_OK;
    for (size_t number = 1; (n = getline(&line, &cap, stdin)) >= 0; number++) {
        size_t len = (size_t)n;
        while (len && (line[len - 1] == '\n' || line[len - 1] == '\r'))
            len--;
        char *tab = len ? memchr(line, '\t', len) : NULL;
        if (!tab) {
            rc = usage("line %zu: two versions with a tab between them are wanted", number);
            break;
        }
        prq_str a = { line, (size_t)(tab - line) };
        prq_str b = { tab + 1, len - a.n - 1 };
        char sign = prq_vercmp(view(scheme), a, b);
        if (sign == '?')
            rc = EXIT_USAGE;
        printf("%c\n", sign);
    }
    free(line);
    return rc;
}

int cmd_vercmp(struct cli *c)
{
    if (prq_config_bool(c->config, "list"))
        return list();
    if (c->arg_count < 1)
        return usage("vercmp SCHEME A B, vercmp SCHEME --stdin, or vercmp --list");
    const char *scheme = c->args[0];
    if (prq_vercmp(view(scheme), view("1"), view("1")) == 0)
        return usage("unknown scheme \"%s\"; `pratique vercmp --list` names them", scheme);
    if (prq_config_bool(c->config, "stdin") && c->arg_count == 1)
        return pairs(scheme);
    if (c->arg_count != 3)
        return usage("vercmp %s wants two versions", scheme);
    char sign = prq_vercmp(view(scheme), view(c->args[1]), view(c->args[2]));
    printf("%c\n", sign);
    return sign == '?' ? EXIT_USAGE : EXIT_OK;
}
