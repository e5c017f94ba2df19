/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "pratique/worker.h"

const struct command *command_find(const char *name)
{
    for (const struct command *c = commands; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

static int run_command(const struct command *cmd, int argc, char **argv, int from)
{
    struct cli c = { 0 };
    struct prq_err err = PRQ_ERR_INIT;
    if (!prq_config_new(&c.config, &err))
        return fail(&err);
    int rc = EXIT_USAGE;
    if (args_parse(&c, cmd, argc, argv, from)) {
        if (prq_config_bool(c.config, "help")) {
            print_help(cmd);
            rc = EXIT_OK;
        } else {
            bool is_loaded = prq_config_load(c.config, &err);
            talk_begin(&c);
            rc = is_loaded ? cmd->run(&c) : fail(&err);
        }
    }
    prq_config_free(c.config);
    return rc;
}

static int run(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "worker-zygote") == 0)
        return prq_worker_main();
    if (argc < 2) {
        print_help(NULL);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        printf("pratique %s\n", prq_version());
        return EXIT_OK;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help(NULL);
        return EXIT_OK;
    }
    const struct command *cmd = command_find(argv[1]);
    if (!cmd)
        return unknown_command(argv[1]);
    return run_command(cmd, argc, argv, 2);
}

static bool is_pipe(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    int rc = run(argc, argv);
    bool is_lost = fflush(stdout) != 0 || ferror(stdout);
    if (rc == EXIT_OK && is_lost && !is_pipe(1)) { /* `| head` is no fault */
        fputs("pratique: write standard output: it is full or closed\n", stderr);
        rc = EXIT_INTERNAL;
    }
    return rc;
}
