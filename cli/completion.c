/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "pratique/scan.h"
#include "pratique/vercmp.h"

static void words_of_command(const struct command *cmd)
{
    size_t n;
    const struct prq_option *o = prq_options(&n);
    for (size_t i = 0; i < n; i++)
        if (o[i].commands & cmd->options)
            printf(" --%s", o[i].name);
}

static void put_choices(const char *choices, const char *between)
{
    for (; *choices; choices++)
        if (*choices == '|')
            fputs(between, stdout);
        else
            putchar(*choices);
}

/* Words for the first operand; none for those that name an image. */
static void put_operands(const struct command *cmd)
{
    if (strchr(cmd->operands, '|'))
        put_choices(cmd->operands, " ");
    else if (strcmp(cmd->operands, "[COMMAND]") == 0)
        for (const struct command *c = commands; c->name; c++)
            printf("%s ", c->name);
    else if (cmd->options == PRQ_CMD_VERCMP)
        for (const struct prq_scheme_info *v = prq_vercmp_schemes(); v->name; v++)
            printf("%s ", v->name);
}

/* Values of the option before the cursor. */
static void bash_values(const struct prq_option *o)
{
    bool is_path = o->kind == PRQ_OPT_FILE || o->kind == PRQ_OPT_FILES || o->kind == PRQ_OPT_DIR;
    if (!*o->choices && !is_path)
        return;
    printf("    --%s", o->name);
    if (o->letter)
        printf("|-%c", o->letter);
    if (is_path) {
        printf(") COMPREPLY=($(compgen -%c -- \"$cur\")); return ;;\n",
               o->kind == PRQ_OPT_DIR ? 'd' : 'f');
        return;
    }
    fputs(") COMPREPLY=($(compgen -W '", stdout);
    put_choices(o->choices, " ");
    puts("' -- \"$cur\")); return ;;");
}

static void bash_formats(void)
{
    puts("    --format|-f)\n        case ${COMP_WORDS[1]} in");
    for (const struct command *c = commands; c->name; c++) {
        const struct prq_named *f = formats_of(c->options);
        if (!f)
            continue;
        printf("        %s) words='", c->name);
        for (; f->name; f++)
            printf("%s ", f->name);
        puts("' ;;");
    }
    puts("        esac\n        COMPREPLY=($(compgen -W \"$words\" -- \"$cur\")); return ;;");
}

/* Bash cuts words at '=' and ':' too: "--fail-on=high" comes as three words. */
static void bash(void)
{
    size_t n;
    const struct prq_option *o = prq_options(&n);
    puts("# bash completion for pratique\n_pratique() {\n"
         "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words='' operands=''\n"
         "    if [ \"$prev\" = = ]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
         "    case $cur in =|:) cur='' ;; esac\n"
         "    case $prev in");
    for (size_t i = 0; i < n; i++)
        bash_values(&o[i]);
    bash_formats();
    puts("    esac\n    if [ \"$COMP_CWORD\" -eq 1 ]; then");
    fputs("        words='", stdout);
    for (const struct command *c = commands; c->name; c++)
        printf("%s%s", c == commands ? "" : " ", c->name);
    puts(" --help --version'\n    else\n        case ${COMP_WORDS[1]} in");
    for (const struct command *c = commands; c->name; c++) {
        printf("        %s) words='", c->name);
        words_of_command(c);
        fputs("' operands='", stdout);
        put_operands(c);
        puts("' ;;");
    }
    puts("        esac\n    fi\n"
         "    if [[ $cur == -* || $COMP_CWORD -eq 1 ]]; then\n"
         "        COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
         "    elif [[ -n $operands && $prev != -* ]]; then\n"
         "        COMPREPLY=($(compgen -W \"$operands\" -- \"$cur\"))\n"
         "    else\n        COMPREPLY=($(compgen -f -- \"$cur\"))\n    fi\n}\n"
         "complete -o filenames -F _pratique pratique");
}

static void put_quoted(const char *s)
{
    for (; *s; s++) {
        if (strchr("[]:'\\", *s))
            fputs(*s == '\'' ? "'\\'" : "\\", stdout);
        putchar(*s);
    }
}

static void zsh(void)
{
    size_t n;
    const struct prq_option *o = prq_options(&n);
    puts("#compdef pratique\n_pratique() {\n    local -a commands\n    commands=(");
    for (const struct command *c = commands; c->name; c++) {
        printf("        '%s:", c->name);
        put_quoted(c->summary);
        puts("'");
    }
    puts("    )\n    if (( CURRENT == 2 )); then\n        _describe command commands\n        return\n"
         "    fi\n    case ${words[2]} in");
    for (const struct command *c = commands; c->name; c++) {
        printf("    %s) _arguments -s", c->name);
        for (size_t i = 0; i < n; i++) {
            if (!(o[i].commands & c->options))
                continue;
            printf(" \\\n        '--%s%s[", o[i].name, o[i].kind == PRQ_OPT_BOOL ? "" : "=");
            put_quoted(o[i].help);
            fputs("]", stdout);
            if (*o[i].choices) {
                fputs(":value:(", stdout);
                put_choices(o[i].choices, " ");
                fputs(")", stdout);
            } else if (o[i].kind != PRQ_OPT_BOOL) {
                fputs(o[i].kind == PRQ_OPT_DIR ? ":directory:_files -/" : ":value:_files", stdout);
            }
            fputs("'", stdout);
        }
        puts(" \\\n        '*:image:_files' ;;");
    }
    puts("    esac\n}\n_pratique \"$@\"");
}

static void put_fish(const char *s)
{
    for (; *s; s++) {
        if (*s == '\'' || *s == '\\')
            putchar('\\');
        putchar(*s);
    }
}

static void fish(void)
{
    size_t n;
    const struct prq_option *o = prq_options(&n);
    for (const struct command *c = commands; c->name; c++) {
        printf("complete -c pratique -n __fish_use_subcommand -a %s -d '", c->name);
        put_fish(c->summary);
        puts("'");
    }
    for (const struct command *c = commands; c->name; c++)
        for (size_t i = 0; i < n; i++) {
            if (!(o[i].commands & c->options))
                continue;
            printf("complete -c pratique -n '__fish_seen_subcommand_from %s' -l %s", c->name,
                   o[i].name);
            if (o[i].letter)
                printf(" -s %c", o[i].letter);
            if (o[i].kind != PRQ_OPT_BOOL)
                fputs(" -r", stdout);
            if (*o[i].choices) {
                fputs(" -f -a '", stdout);
                put_choices(o[i].choices, " ");
                fputs("'", stdout);
            }
            fputs(" -d '", stdout);
            put_fish(o[i].help);
            puts("'");
        }
}

int cmd_completion(struct cli *c)
{
    const char *shell = c->arg_count == 1 ? c->args[0] : "";
    if (strcmp(shell, "bash") == 0)
        bash();
    else if (strcmp(shell, "zsh") == 0)
        zsh();
    else if (strcmp(shell, "fish") == 0)
        fish();
    else
        return usage("completion bash, zsh or fish");
    return EXIT_OK;
}
