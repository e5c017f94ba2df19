/* SPDX-License-Identifier: Apache-2.0 */
/* Where output goes and how it looks. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "pratique/scan.h"

static int write_failed(const char *what)
{
    fprintf(stderr, "pratique: write %s: %s\n", what, strerror(errno));
    return EXIT_INTERNAL;
}

static int put_stdout(const char *text, size_t n)
{
    if (fwrite(text, 1, n, stdout) == n && fflush(stdout) == 0)
        return EXIT_OK;
    return errno == EPIPE ? EXIT_OK : write_failed("standard output"); /* `| head` is no fault */
}

/* A temporary name beside it, then rename: readers never see half a report. */
int put_text(const char *file, const char *text, size_t n)
{
    if (!file)
        return put_stdout(text, n);
    if (access(file, F_OK) == 0 && access(file, W_OK) != 0)
        return write_failed(file);
    char *tmp = NULL;
    if (asprintf(&tmp, "%s.XXXXXX", file) < 0)
        return EXIT_INTERNAL;
    /* Only a plain file is replaced. Links, pipes and devices (/dev/null, process substitution) are
     * written through: a rename would put a file in their place. */
    struct stat st;
    bool is_special = lstat(file, &st) == 0 && !S_ISREG(st.st_mode);
    int fd = is_special ? -1 : mkstemp(tmp);
    FILE *f = fd >= 0 ? fdopen(fd, "w") : fopen(file, "we");
    bool ok = f && fwrite(text, 1, n, f) == n && (fd < 0 || fchmod(fd, 0644) == 0);
    int saved = errno;
    if (f)
        ok = fclose(f) == 0 && ok;
    if (fd >= 0 && ok)
        ok = rename(tmp, file) == 0;
    else
        errno = saved;
    if (fd >= 0 && !ok)
        unlink(tmp);
    free(tmp);
    return ok ? EXIT_OK : write_failed(file);
}

bool use_color(const struct cli *c)
{
    const char *when = prq_config_get(c->config, "color"), *no = getenv("NO_COLOR");
    if (strcmp(when, "always") == 0)
        return true;
    return strcmp(when, "auto") == 0 && isatty(1) && !(no && *no);
}

unsigned terminal_width(void)
{
    struct winsize w;
    const char *columns = getenv("COLUMNS");
    if (!isatty(1))
        return 0;
    if (ioctl(1, TIOCGWINSZ, &w) == 0 && w.ws_col)
        return w.ws_col;
    return columns ? (unsigned)strtoul(columns, NULL, 10) : 80;
}

/* "json=FILE" names a format; "./a=b.json" has none, as no format's name looks so. */
static char *format_end(char *item)
{
    char *at = item;
    while ((*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9') || *at == '-')
        at++;
    return *at == '=' && at > item ? at : NULL;
}

bool outputs_parse(struct outputs *o, const struct cli *c, const char *fallback)
{
    const char *format = prq_config_get(c->config, "format");
    const char *list = prq_config_get(c->config, "output");
    *o = (struct outputs){ 0 };
    if (!*format)
        format = fallback;
    size_t n = strlen(list), f = strlen(format);
    o->memory = malloc(n + f + 2);
    if (!o->memory)
        return false;
    memcpy(o->memory, format, f + 1);
    char *at = o->memory + f + 1;
    memcpy(at, list, n + 1);
    if (n == 0) {
        o->item[o->count].format = o->memory;
        o->item[o->count++].file = NULL;
    }
    while (n && at) {
        char *next = strchr(at, '\n');
        if (next)
            *next++ = '\0';
        if (o->count == 32) {
            usage("more than 32 outputs");
            return false;
        }
        char *end = format_end(at), *file = end ? end + 1 : at;
        if (!*file) {
            usage("--output: a file name is missing in \"%s\"", at);
            return false;
        }
        o->item[o->count].format = end ? at : o->memory;
        if (end)
            *end = '\0';
        o->item[o->count++].file = strcmp(file, "-") == 0 ? NULL : file;
        at = next;
    }
    return true;
}

/* A place that cannot be written to is a wrong command line. */
static int unwritable(const char *file)
{
    write_failed(file);
    return EXIT_USAGE;
}

/* What makes writing fail is said before the work and not after it. */
static int probe(const char *file)
{
    struct stat st;
    bool is_there = stat(file, &st) == 0;
    if (!is_there && errno != ENOENT)
        return unwritable(file);
    if (is_there && S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        return unwritable(file);
    }
    if (is_there && access(file, W_OK) != 0)
        return unwritable(file);
    if (lstat(file, &st) == 0 && !S_ISREG(st.st_mode)) /* written through, where it leads */
        return EXIT_OK;
    char *tmp = NULL;
    if (asprintf(&tmp, "%s.XXXXXX", file) < 0)
        return EXIT_INTERNAL;
    int fd = mkstemp(tmp), rc = fd < 0 ? unwritable(file) : EXIT_OK;
    if (fd >= 0) {
        unlink(tmp);
        close(fd);
    }
    free(tmp);
    return rc;
}

int outputs_probe(const struct outputs *o)
{
    for (int i = 0; i < o->count; i++) {
        int rc = o->item[i].file ? probe(o->item[i].file) : EXIT_OK;
        if (rc != EXIT_OK)
            return rc;
    }
    return EXIT_OK;
}

const struct prq_named *formats_of(unsigned command)
{
    static const struct prq_named of_analysis[] = { { "pratique", "" }, { "json", "" }, { 0 } };
    static const struct prq_named of_both[] = { { "table", "" }, { "json", "" }, { 0 } };
    switch (command) {
    case PRQ_CMD_SCAN:
        return prq_report_formats();
    case PRQ_CMD_PACKAGES:
        return prq_list_formats();
    case PRQ_CMD_SBOM:
        return prq_sbom_formats();
    case PRQ_CMD_ANALYZE:
        return of_analysis;
    case PRQ_CMD_CATALOGERS:
    case PRQ_CMD_DB:
    case PRQ_CMD_DIFF:
    case PRQ_CMD_EXPLAIN:
    case PRQ_CMD_COMPARE:
        return of_both;
    default:
        return NULL;
    }
}

/* What users of other scanners type, where it is the same format; '@' is their version. */
static void take_alias(const char **format, const struct prq_named *known)
{
    static const struct {
        const char *alias, *format;
    } aliases[] = {
        { "cyclonedx-json", "cyclonedx" }, { "cyclonedx-json@1.6", "cyclonedx" },
        { "spdx-json", "spdx" },           { "spdx-json@2.3", "spdx" },
    };
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        for (const struct prq_named *f = known; f->name; f++)
            if (strcmp(*format, aliases[i].alias) == 0 && strcmp(f->name, aliases[i].format) == 0) {
                *format = f->name;
                return;
            }
}

bool outputs_check(struct outputs *o, const struct prq_named *known)
{
    for (int i = 0; i < o->count; i++) {
        const struct prq_named *f = known;
        bool is_default = o->item[i].format == o->memory;
        take_alias(&o->item[i].format, known);
        /* other scanners' -o is our -f */
        for (; o->item[i].file && is_default && f->name; f++)
            if (strcmp(f->name, o->item[i].file) == 0) {
                usage("-o names a file: for the format write -f %s, for a file of that name -o ./%s",
                      f->name, f->name);
                return false;
            }
        f = known;
        while (f->name && strcmp(f->name, o->item[i].format) != 0)
            f++;
        if (f->name)
            continue;
        char names[256] = "";
        for (f = known; f->name; f++)
            snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s",
                     f == known ? "" : ", ", f->name);
        usage("unknown format \"%s\"; there are: %s", o->item[i].format, names);
        return false;
    }
    return true;
}

void outputs_release(struct outputs *o)
{
    free(o->memory);
}

int put_outputs(const struct cli *c, const struct outputs *out, write_fn *write, const void *what)
{
    int rc = EXIT_OK;
    for (int i = 0; i < out->count && rc == EXIT_OK; i++) {
        char *text;
        size_t n;
        struct prq_err err = PRQ_ERR_INIT;
        bool to_terminal = out->item[i].file == NULL;
        struct prq_style style = { .color = to_terminal && use_color(c),
                                   .width = to_terminal ? terminal_width() : 0 };
        if (!write(what, out->item[i].format, &style, &text, &n, &err))
            return fail(&err);
        rc = put_text(out->item[i].file, text, n);
        free(text);
    }
    return rc;
}
