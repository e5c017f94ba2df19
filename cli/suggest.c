/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean …?" for words that are not known. */
#include <stdio.h>
#include <string.h>

#include "cli.h"

enum { LONGEST = 32 };

static size_t least(size_t a, size_t b, size_t c)
{
    size_t n = a < b ? a : b;
    return n < c ? n : c;
}

/* Letters to insert, drop or replace, two neighbours that changed places counting once. */
static size_t distance(const char *a, size_t an, const char *b, size_t bn)
{
    size_t row[3][LONGEST + 1];
    for (size_t j = 0; j <= bn; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= an; i++) {
        size_t *now = row[i % 3], *before = row[(i + 2) % 3], *first = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= bn; j++) {
            now[j] = least(before[j] + 1, now[j - 1] + 1, before[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                first[j - 2] + 1 < now[j])
                now[j] = first[j - 2] + 1;
        }
    }
    return row[an % 3][bn];
}

void suggest(struct suggestion *s, const char *word, size_t n, const char *known)
{
    size_t k = strlen(known);
    if (n < 2 || n > LONGEST || k > LONGEST)
        return;
    /* A beginning is what people type when they hope for completion. */
    size_t far = n < k && strncmp(word, known, n) == 0 ? 1 : distance(word, n, known, k);
    if (far <= 1 + n / 4 && (!s->word || far < s->far)) {
        s->word = known;
        s->far = far;
    }
}

/* Where the words of other scanners lead. */
static const struct {
    const char *word, *instead;
} elsewhere[] = {
    { "image", "scan IMAGE" },    { "fs", "scan dir:PATH" },         { "filesystem", "scan dir:PATH" },
    { "rootfs", "scan rootfs:PATH" }, { "repo", "scan dir:PATH" },   { "sbom", "packages IMAGE" },
    { "list", "packages IMAGE" }, { "convert", "scan analysis:FILE" }, { "explain", "scan IMAGE -f json" },
};

int unknown_command(const char *word)
{
    struct suggestion s = { 0 };
    for (const struct command *c = commands; c->name; c++)
        suggest(&s, word, strlen(word), c->name);
    if (s.word)
        return usage("unknown command \"%s\"; did you mean \"%s\"?", word, s.word);
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
        if (strcmp(word, elsewhere[i].word) == 0)
            return usage("unknown command \"%s\"; did you mean `pratique %s`?", word,
                         elsewhere[i].instead);
    if (strpbrk(word, ":/.@") && *word != '-')
        return usage("unknown command \"%s\"; did you mean `pratique scan %s`?", word, word);
    return usage("unknown command \"%s\"; `pratique --help` lists them", word);
}

/* An option of other commands: says of which. */
static bool is_of_others(const struct prq_option *o)
{
    char names[200] = "";
    size_t n = 0;
    for (const struct command *c = commands; c->name && n < sizeof names; c++)
        if (c->options != PRQ_CMD_ALL && (c->options & o->commands))
            n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", n ? ", " : "", c->name);
    if (n)
        usage("unknown option --%s here; it belongs to: %s", o->name, names);
    return n > 0;
}

bool unknown_option(const struct command *cmd, const char *name, size_t n)
{
    size_t count;
    const struct prq_option *o = prq_options(&count);
    struct suggestion s = { 0 };
    for (size_t i = 0; i < count; i++)
        if (o[i].commands & cmd->options)
            suggest(&s, name, n, o[i].name);
        else if (strlen(o[i].name) == n && strncmp(o[i].name, name, n) == 0 && is_of_others(&o[i]))
            return false;
    if (s.word)
        usage("unknown option --%.*s; did you mean --%s?", (int)n, name, s.word);
    else
        usage("unknown option --%.*s; `pratique %s --help` lists them", (int)n, name, cmd->name);
    return false;
}
