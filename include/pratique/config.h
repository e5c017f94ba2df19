/* SPDX-License-Identifier: Apache-2.0 */
/* One table of options; flags, environment, config file, help, man pages and completions come from
 * it. Precedence: flag, environment (PRATIQUE_NAME), file, default. */
#ifndef PRATIQUE_CONFIG_H
#define PRATIQUE_CONFIG_H

#include "pratique/core.h"

#ifdef __cplusplus
extern "C" {
#endif

enum prq_option_kind {
    PRQ_OPT_BOOL,
    PRQ_OPT_STR,
    PRQ_OPT_LIST,     /* repeatable; joined with commas */
    PRQ_OPT_INT,      /* non-negative */
    PRQ_OPT_DURATION, /* 30s, 5m, 12h, 7d */
    PRQ_OPT_CHOICE,   /* one of `choices`, separated by '|' */
    PRQ_OPT_FILE,
    PRQ_OPT_DIR,
    PRQ_OPT_FILES     /* repeatable; joined with newlines: names may hold commas */
};

enum prq_option_command {
    PRQ_CMD_SCAN = 1 << 0,
    PRQ_CMD_PACKAGES = 1 << 1,
    PRQ_CMD_ANALYZE = 1 << 2,
    PRQ_CMD_DB = 1 << 3,
    PRQ_CMD_VERCMP = 1 << 4,
    PRQ_CMD_OTHER = 1 << 5,
    PRQ_CMD_CATALOGERS = 1 << 6,
    PRQ_CMD_DIFF = 1 << 7,
    PRQ_CMD_SBOM = 1 << 8,
    PRQ_CMD_EXPLAIN = 1 << 9,
    PRQ_CMD_COMPARE = 1 << 10,
    PRQ_CMD_ALL = (1 << 11) - 1
};

struct prq_option {
    const char *name;     /* "fail-on": flag --fail-on, key fail-on, PRATIQUE_FAIL_ON */
    char letter;          /* short flag or 0 */
    enum prq_option_kind kind;
    unsigned commands;    /* PRQ_CMD_* it applies to */
    const char *standard; /* default as text; "" for none */
    const char *choices;  /* CHOICE, and LIST where its words are known */
    const char *metavar;
    const char *help;
};
PRQ_API const struct prq_option *prq_options(size_t *count);

struct prq_config;
PRQ_API bool prq_config_new(struct prq_config **out, struct prq_err *err);
PRQ_API void prq_config_free(struct prq_config *c);
/* A flag of the command line; USAGE for an unknown name or a value that does not fit. */
PRQ_API bool prq_config_set(struct prq_config *c, const char *name, const char *value,
                            struct prq_err *err);
/* Environment, then the config file: the one named by the option "config", else the first of
 * ./pratique.yaml, ./.pratique.yaml, $XDG_CONFIG_HOME/pratique/config.yaml,
 * /etc/pratique/config.yaml. Call once, after the flags. */
PRQ_API bool prq_config_load(struct prq_config *c, struct prq_err *err);

/* The value in force; "" when there is none. Never NULL for a known name. */
PRQ_API const char *prq_config_get(const struct prq_config *c, const char *name);
/* "flag", "environment", "file PATH" or "default". */
PRQ_API const char *prq_config_origin(const struct prq_config *c, const char *name);
/* The configuration file when it has ignore rules (docs/ignore.md); NULL: it has none. */
PRQ_API const char *prq_config_ignores(const struct prq_config *c);
PRQ_API bool prq_config_bool(const struct prq_config *c, const char *name);
PRQ_API uint64_t prq_config_int(const struct prq_config *c, const char *name); /* DURATION: seconds */

#ifdef __cplusplus
}
#endif
#endif
