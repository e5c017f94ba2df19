/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: GNU style long and short options, operands anywhere, "--" ends the options. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

int usage(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fputs("pratique: ", stderr);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
    return EXIT_USAGE;
}

int fail(const struct prq_err *err)
{
    char text[sizeof err->text + 40];
    int n = snprintf(text, sizeof text, "%s", err->text[0] ? err->text : "failed");
    if (err->has_offset)
        snprintf(text + n, sizeof text - (size_t)n, " (byte %llu)", (unsigned long long)err->offset);
    talk_error(text);
    switch (err->code) {
    case PRQ_E_USAGE:
        return EXIT_USAGE;
    case PRQ_E_DATA:
        return EXIT_NO_DATA;
    case PRQ_E_BUG:
    case PRQ_E_NOMEM:
        return EXIT_INTERNAL;
    default:
        return EXIT_NO_ANALYSIS;
    }
}

static const struct prq_option *find(const struct command *cmd, const char *name, size_t n,
                                     char letter)
{
    size_t count;
    const struct prq_option *o = prq_options(&count);
    for (size_t i = 0; i < count; i++) {
        bool hit = letter ? o[i].letter == letter
                          : strlen(o[i].name) == n && strncmp(o[i].name, name, n) == 0;
        if (hit && (o[i].commands & cmd->options))
            return &o[i];
    }
    return NULL;
}

struct line {
    int argc, at;
    char **argv;
};

/* The value of an option: after "=", glued to a short flag, or the next word. */
static bool value_of(struct line *l, const struct prq_option *o, const char *glued,
                     const char **value)
{
    if (o->kind == PRQ_OPT_BOOL) {
        *value = glued ? glued : "true";
        return true;
    }
    if (!glued) {
        if (l->at + 1 >= l->argc) {
            usage("--%s needs a value: %s", o->name, o->metavar);
            return false;
        }
        glued = l->argv[++l->at];
    }
    *value = glued;
    return true;
}

static bool set(struct cli *c, const struct prq_option *o, const char *value)
{
    struct prq_err err = PRQ_ERR_INIT;
    if (prq_config_set(c->config, o->name, value, &err))
        return true;
    usage("--%s", err.text);
    return false;
}

static bool long_option(struct cli *c, const struct command *cmd, struct line *l)
{
    const char *name = l->argv[l->at] + 2, *glued = strchr(name, '='), *value;
    size_t n = glued ? (size_t)(glued - name) : strlen(name);
    const struct prq_option *o = find(cmd, name, n, 0);
    if (!o)
        return unknown_option(cmd, name, n);
    return value_of(l, o, glued ? glued + 1 : NULL, &value) && set(c, o, value);
}

static bool short_options(struct cli *c, const struct command *cmd, struct line *l)
{
    for (const char *p = l->argv[l->at] + 1; *p; p++) {
        const struct prq_option *o = find(cmd, NULL, 0, *p);
        const char *value;
        if (!o) {
            usage("unknown option -%c; `pratique %s --help` lists them", *p, cmd->name);
            return false;
        }
        bool is_flag = o->kind == PRQ_OPT_BOOL;
        const char *glued = !is_flag && p[1] ? p + 1 : NULL;
        if (!value_of(l, o, glued, &value) || !set(c, o, value))
            return false;
        if (!is_flag)
            return true;
    }
    return true;
}

bool args_parse(struct cli *c, const struct command *cmd, int argc, char **argv, int from)
{
    static const char *none[1];
    struct line l = { argc, from, argv };
    c->args = none;
    if (argc > from) {
        /* Operands are gathered at the front of argv itself. */
        c->args = (const char **)(void *)(argv + from);
    }
    bool only_operands = false;
    for (; l.at < argc; l.at++) {
        char *word = argv[l.at];
        if (only_operands || word[0] != '-' || word[1] == '\0') {
            c->args[c->arg_count++] = word;
        } else if (strcmp(word, "--") == 0) {
            only_operands = true;
        } else if (!(word[1] == '-' ? long_option(c, cmd, &l) : short_options(c, cmd, &l))) {
            return false;
        }
    }
    return true;
}
