/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "pratique/scan.h"

enum { LEFT = 36, RIGHT = 60 };

/* Words of `text` in lines of RIGHT columns, the first of which begins at column LEFT. */
static void print_wrapped(const char *text)
{
    size_t at = 0;
    while (*text) {
        size_t n = strcspn(text, " ");
        if (at && at + 1 + n > RIGHT) {
            printf("\n%*s", LEFT + 3, "");
            at = 0;
        } else if (at) {
            putchar(' ');
            at++;
        }
        printf("%.*s", (int)n, text);
        at += n;
        text += n;
        text += strspn(text, " ");
    }
    putchar('\n');
}

static void join_formats(const struct prq_named *f, char *out, size_t cap)
{
    *out = '\0';
    for (size_t n = 0; f && f->name && n < cap; f++)
        n += (size_t)snprintf(out + n, cap - n, "%s%s", n ? "|" : "", f->name);
}

/* What an option may be: its table says it, or, for formats, the command. */
static const char *choices_of(const struct prq_option *o, unsigned command, char *out, size_t cap)
{
    if (strcmp(o->name, "format") == 0)
        join_formats(formats_of(command), out, cap);
    else
        snprintf(out, cap, "%s", o->choices);
    return out;
}

static void print_option(const struct prq_option *o, unsigned command)
{
    char left[96], formats[256], text[1024];
    const char *choices = choices_of(o, command, formats, sizeof formats);
    snprintf(left, sizeof left, "%c%c%c --%s%s%s", o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
             o->letter ? ',' : ' ', o->name, *o->metavar ? " " : "", o->metavar);
    char words[400]; /* a list too long for a line is written with blanks, to be broken at */
    size_t n = 0;
    for (const char *p = choices; *p && n < sizeof words - 2; p++)
        if (*p == '|' && strlen(choices) > RIGHT / 2) {
            words[n++] = ',';
            words[n++] = ' ';
        } else {
            words[n++] = *p;
        }
    words[n] = '\0';
    bool has_default = *o->standard && strcmp(o->standard, "0") != 0;
    snprintf(text, sizeof text, "%s%s%s%s%s%s%s", o->help, *words ? " (" : "", words,
             *words ? ")" : "", has_default ? " [" : "", has_default ? o->standard : "",
             has_default ? "]" : "");
    printf("  %-*s ", LEFT, left);
    print_wrapped(text);
}

static void print_program(void)
{
    puts("pratique: what is in a container image, and what is known to be wrong with it\n");
    puts("Usage: pratique COMMAND [OPTION]… [OPERAND]…\n\nCommands:");
    for (const struct command *c = commands; c->name; c++)
        printf("  %-12s %s\n", c->name, c->summary);
    puts("\nOptions:\n  -h, --help       show help and exit\n  -V, --version    print the version\n");
    puts("`pratique COMMAND --help` shows a command's options. Start with:\n"
         "  pratique db update\n  pratique scan alpine:3.17");
}

void print_help(const struct command *cmd)
{
    size_t n;
    const struct prq_option *o = prq_options(&n);
    if (!cmd) {
        print_program();
        return;
    }
    printf("pratique %s: %s\n\nUsage: pratique %s [OPTION]… %s\n", cmd->name, cmd->summary, cmd->name,
           cmd->operands);
    if (*cmd->text)
        printf("\n%s", cmd->text);
    puts("\nOptions:");
    for (size_t i = 0; i < n; i++)
        if (o[i].commands & cmd->options)
            print_option(&o[i], cmd->options);
    if (*cmd->examples)
        printf("\nExamples:\n%s", cmd->examples);
}

int cmd_help(struct cli *c)
{
    const struct command *cmd = c->arg_count ? command_find(c->args[0]) : NULL;
    if (c->arg_count && !cmd)
        return unknown_command(c->args[0]);
    print_help(cmd);
    return EXIT_OK;
}

/* ---- man pages. Source of the markup: man(7). */
static void put_roff(const char *s)
{
    bool at_start = true;
    for (; *s; s++) {
        if (at_start && (*s == '.' || *s == '\''))
            fputs("\\&", stdout);
        if (*s == '\\')
            fputs("\\e", stdout);
        else if (*s == '-')
            fputs("\\-", stdout);
        else if (strncmp(s, "…", 3) == 0) {
            fputs("...", stdout);
            s += 2;
        } else
            putchar(*s);
        at_start = *s == '\n';
    }
}

static void man_title(const char *name)
{
    printf(".TH PRATIQUE%s", *name ? "\\-" : "");
    for (; *name; name++)
        putchar(toupper((unsigned char)*name));
    printf(" 1 \"\" \"pratique %s\" \"User Commands\"\n", prq_version());
}

static void man_options(unsigned commands_mask)
{
    size_t n;
    const struct prq_option *o = prq_options(&n);
    puts(".SH OPTIONS");
    for (size_t i = 0; i < n; i++) {
        if (!(o[i].commands & commands_mask))
            continue;
        fputs(".TP\n\\fB", stdout);
        if (o[i].letter)
            printf("\\-%c\\fR, \\fB", o[i].letter);
        fputs("\\-\\-", stdout);
        put_roff(o[i].name);
        fputs("\\fR", stdout);
        if (*o[i].metavar) {
            fputs(" \\fI", stdout);
            put_roff(o[i].metavar);
            fputs("\\fR", stdout);
        }
        putchar('\n');
        put_roff(o[i].help);
        char formats[256];
        const char *choices = choices_of(&o[i], commands_mask, formats, sizeof formats);
        if (*choices) {
            fputs(" (", stdout);
            put_roff(choices);
            putchar(')');
        }
        putchar('\n');
    }
}

static void man_program(void)
{
    man_title("");
    puts(".SH NAME\npratique \\- scan container images for known vulnerabilities\n"
         ".SH SYNOPSIS\n.B pratique\n\\fICOMMAND\\fR [\\fIOPTION\\fR]... [\\fIOPERAND\\fR]...\n"
         ".SH COMMANDS");
    for (const struct command *c = commands; c->name; c++) {
        printf(".TP\n.B %s\n", c->name);
        put_roff(c->summary);
        putchar('\n');
    }
    puts(".SH EXIT STATUS\n.TP\n.B 0\nnothing at or above \\-\\-fail\\-on\n.TP\n.B 1\nfindings at or "
         "above it\n.TP\n.B 2\nwrong command line or configuration\n.TP\n.B 3\nthe image could not "
         "be obtained or analysed, or gaps with \\-\\-fail\\-on\\-gaps\n.TP\n.B 4\ninternal error\n"
         ".TP\n.B 5\nadvisory data is missing or too old");
    puts(".SH ENVIRONMENT\nEvery option has a variable: PRATIQUE_ and its name in upper case with "
         "underscores (PRATIQUE_DB_DIR). NO_COLOR turns colours off; SOURCE_DATE_EPOCH sets the "
         "time of reports; XDG_CACHE_HOME and XDG_CONFIG_HOME place the database, the cache and "
         "the configuration file; DOCKER_CONFIG and REGISTRY_AUTH_FILE name registry credentials.");
    puts(".SH FILES\n\\&./pratique.yaml, $XDG_CONFIG_HOME/pratique/config.yaml, "
         "/etc/pratique/config.yaml: configuration.\n.br\n$XDG_CACHE_HOME/pratique/db, "
         "/var/lib/pratique/db: advisory database.");
}

static void man_command(const struct command *cmd)
{
    man_title(cmd->name);
    printf(".SH NAME\npratique\\-%s \\- ", cmd->name);
    put_roff(cmd->summary);
    printf("\n.SH SYNOPSIS\n.B pratique %s\n[\\fIOPTION\\fR]... ", cmd->name);
    put_roff(cmd->operands);
    putchar('\n');
    if (*cmd->text) {
        puts(".SH DESCRIPTION\n.nf");
        put_roff(cmd->text);
        puts(".fi");
    }
    man_options(cmd->options);
    if (*cmd->examples) {
        puts(".SH EXAMPLES\n.nf");
        put_roff(cmd->examples);
        puts(".fi");
    }
    puts(".SH SEE ALSO\n.BR pratique (1)");
}

int cmd_man(struct cli *c)
{
    const struct command *cmd = c->arg_count ? command_find(c->args[0]) : NULL;
    if (c->arg_count && !cmd)
        return unknown_command(c->args[0]);
    if (cmd)
        man_command(cmd);
    else
        man_program();
    return EXIT_OK;
}
