/* SPDX-License-Identifier: Apache-2.0 */
/* The program: one file per command, all through include/pratique. */
#ifndef PRQ_CLI_CLI_H
#define PRQ_CLI_CLI_H

#include "pratique/config.h"
#include "pratique/core.h"

/* Exit codes, a stable contract. */
enum {
    EXIT_OK = 0,
    EXIT_FINDINGS = 1,
    EXIT_USAGE = 2,
    EXIT_NO_ANALYSIS = 3, /* also: gaps with --fail-on-gaps */
    EXIT_INTERNAL = 4,
    EXIT_NO_DATA = 5
};

struct cli {
    struct prq_config *config;
    const char **args; /* operands */
    int arg_count;
    bool is_progress_on;
};

struct command {
    const char *name;
    unsigned options;      /* PRQ_CMD_* */
    const char *operands;  /* "IMAGE" */
    const char *summary;
    const char *text;      /* paragraphs for help and man page */
    const char *examples;  /* lines */
    int (*run)(struct cli *c);
};

/* Alphabetical; name NULL ends it. */
extern const struct command commands[];
const struct command *command_find(const char *name);

int cmd_analyze(struct cli *c);
int cmd_catalogers(struct cli *c);
int cmd_compare(struct cli *c);
int cmd_completion(struct cli *c);
int cmd_config(struct cli *c);
int cmd_db(struct cli *c);
int cmd_diff(struct cli *c);
int cmd_explain(struct cli *c);
int cmd_help(struct cli *c);
int cmd_man(struct cli *c);
int cmd_packages(struct cli *c);
int cmd_sbom(struct cli *c);
int cmd_scan(struct cli *c);
int cmd_vercmp(struct cli *c);
int cmd_version(struct cli *c);

/* Fills config and operands from argv[from…]. False: the error was printed. */
bool args_parse(struct cli *c, const struct command *cmd, int argc, char **argv, int from);

/* The known word that is nearest to one that is not; `word` NULL: none is near enough. */
struct suggestion {
    const char *word;
    size_t far;
};
void suggest(struct suggestion *s, const char *word, size_t n, const char *known);
int unknown_command(const char *word);
/* False, always; the error was printed. */
bool unknown_option(const struct command *cmd, const char *name, size_t n);

/* "pratique: TEXT" on standard error; returns the exit code that belongs to the error. */
int fail(const struct prq_err *err);
int usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Standard output or a file (complete or not there). Returns an exit code. */
int put_text(const char *file, const char *text, size_t n);
bool use_color(const struct cli *c);
unsigned terminal_width(void);
void print_help(const struct command *cmd); /* NULL: the program */

/* Conversation on standard error. */
struct prq_scan_opts;
void talk_begin(const struct cli *c); /* the form of all lines: as soon as the options are known */
void talk_error(const char *text);    /* what the program ends with */
void talk_init(struct cli *c, struct prq_scan_opts *o);
void talk_end(void);
void talk_line(void *user, const char *line);

/* What scan, packages and analyze share: options to prq_scan_opts. Strings live as long as the
 * config and `paths`. */
struct paths {
    char cache[4096], db[4096], password[4096], states[1024], ignores[8192];
};
bool scan_options(struct cli *c, struct prq_scan_opts *o, struct paths *paths);
/* What scan and diff share: how to judge. */
bool judge_options(struct cli *c, struct prq_scan_opts *o, struct paths *paths);
/* The database directory: --db-dir, else the user's when it holds one, else the system's; `write`:
 * the one to write to. */
bool read_password(char *out, size_t cap);
void db_directory(const struct cli *c, bool write, char *out, size_t cap);

/* --output: each "FORMAT=FILE", "FILE" or "-"; joined with newlines. */
struct outputs {
    struct {
        const char *format;
        char *file; /* file NULL: standard output */
    } item[32];
    int count;
    char *memory;
};
bool outputs_parse(struct outputs *o, const struct cli *c, const char *fallback);
/* What --format may be; name NULL ends it. NULL: the command has none. */
struct prq_named;
const struct prq_named *formats_of(unsigned command);
/* False: a format is not of the list; the error was printed. Aliases are replaced by what they stand
 * for. */
bool outputs_check(struct outputs *o, const struct prq_named *known);
/* Can each be written? An exit code; the error was printed. */
int outputs_probe(const struct outputs *o);
struct prq_style;
/* Writes `what` to each of them. `write` makes the text, which is freed here. */
typedef bool write_fn(const void *what, const char *format, const struct prq_style *style, char **text,
                      size_t *n, struct prq_err *err);
int put_outputs(const struct cli *c, const struct outputs *out, write_fn *write, const void *what);
void outputs_release(struct outputs *o);

#endif
