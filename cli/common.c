/* SPDX-License-Identifier: Apache-2.0 */
/* Options of scan, packages and analyze. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "pratique/scan.h"

static void user_cache(const char *below, char *out, size_t cap)
{
    const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (xdg && *xdg == '/')
        snprintf(out, cap, "%s/pratique%s", xdg, below);
    else if (home && *home)
        snprintf(out, cap, "%s/.cache/pratique%s", home, below);
    else
        snprintf(out, cap, "%s", "");
}

static bool holds_database(const char *dir)
{
    static const char *const families[] = { "alpine", "almalinux", "crates", "debian",    "go",
                                            "maven",  "npm",       "nuget",  "packagist", "pypi",
                                            "rocky",  "rubygems",  "ubuntu", "wolfi" };
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        char path[4200];
        snprintf(path, sizeof path, "%s/%s.db", dir, families[i]);
        if (access(path, R_OK) == 0)
            return true;
    }
    return false;
}

void db_directory(const struct cli *c, bool write, char *out, size_t cap)
{
    static const char system_dir[] = "/var/lib/pratique/db";
    const char *named = prq_config_get(c->config, "db-dir");
    char user[4096];
    user_cache("/db", user, sizeof user);
    const char *dir;
    if (*named)
        dir = named;
    else if (write)
        dir = geteuid() == 0 && access("/var/lib/pratique", W_OK) == 0 ? system_dir : user;
    else
        dir = holds_database(user) || !holds_database(system_dir) ? user : system_dir;
    snprintf(out, cap, "%s", *dir ? dir : system_dir);
}

static const char *or_null(const struct cli *c, const char *name)
{
    const char *v = prq_config_get(c->config, name);
    return *v ? v : NULL;
}

bool read_password(char *out, size_t cap)
{
    if (!fgets(out, (int)cap, stdin)) {
        usage("--password-stdin: standard input is empty");
        return false;
    }
    out[strcspn(out, "\r\n")] = '\0';
    return true;
}

bool scan_options(struct cli *c, struct prq_scan_opts *o, struct paths *paths)
{
    *o = (struct prq_scan_opts)PRQ_SCAN_OPTS_INIT;
    o->platform = or_null(c, "platform");
    o->name = or_null(c, "name");
    o->username = or_null(c, "username");
    o->password = or_null(c, "password");
    o->registry_token = or_null(c, "registry-token");
    o->ca_file = or_null(c, "ca-file");
    o->allow_realms = or_null(c, "allow-realm");
    o->insecure = prq_config_bool(c->config, "insecure");
    o->jobs = (uint32_t)prq_config_int(c->config, "jobs");
    o->verify = prq_config_bool(c->config, "verify");
    o->leave_out_dev = !prq_config_bool(c->config, "include-dev");
    if (prq_config_bool(c->config, "password-stdin")) {
        if (!read_password(paths->password, sizeof paths->password))
            return false;
        o->password = paths->password;
    }
    if (!prq_config_bool(c->config, "no-cache")) {
        const char *named = prq_config_get(c->config, "cache-dir");
        if (*named)
            snprintf(paths->cache, sizeof paths->cache, "%s", named);
        else
            user_cache("", paths->cache, sizeof paths->cache);
        o->cache_dir = *paths->cache ? paths->cache : NULL;
    }
    talk_init(c, o);
    return true;
}

/* Every fix state but the ones to keep (matching.md 5.15). */
#define ALL_BUT_FIXED \
    "not-fixed,wont-fix,deferred,end-of-life,under-investigation,unknown"

static const char *ignored_states(const struct cli *c, char *out, size_t cap)
{
    bool fixed = prq_config_bool(c->config, "only-fixed") ||
                 prq_config_bool(c->config, "ignore-unfixed");
    bool notfixed = prq_config_bool(c->config, "only-notfixed");
    snprintf(out, cap, "%s%s%s", prq_config_get(c->config, "ignore-status"),
             fixed ? "," ALL_BUT_FIXED : "", notfixed ? ",fixed" : "");
    return *out ? out : NULL;
}

/* The files named; without one, those that Trivy, Grype and we look for in the working directory, and
 * the configuration file if it has rules. */
static const char *ignore_files(const struct cli *c, char *out, size_t cap)
{
    static const char *const standard[] = { ".pratiqueignore.yaml", ".trivyignore",
                                            ".trivyignore.yaml", ".grype.yaml" };
    const char *named = prq_config_get(c->config, "ignore-file");
    const char *of_config = prq_config_ignores(c->config);
    size_t n = 0;
    *out = '\0';
    if (*named)
        return named;
    if (prq_config_bool(c->config, "no-ignore-files"))
        return NULL;
    for (size_t i = 0; i < sizeof standard / sizeof *standard; i++)
        if (access(standard[i], F_OK) == 0)
            n += (size_t)snprintf(out + n, cap - n, "%s\n", standard[i]);
    if (of_config && n + strlen(of_config) + 2 < cap)
        snprintf(out + n, cap - n, "%s\n", of_config);
    return *out ? out : NULL;
}

bool judge_options(struct cli *c, struct prq_scan_opts *o, struct paths *paths)
{
    const char *wrong = NULL;
    if (prq_config_int(c->config, "exit-code") > 255) /* the rest would be lost: 256 would be 0 */
        wrong = "--exit-code: at most 255";
    else if (prq_config_bool(c->config, "only-notfixed") &&
             (prq_config_bool(c->config, "only-fixed") ||
              prq_config_bool(c->config, "ignore-unfixed")))
        wrong = "--only-fixed and --only-notfixed leave nothing: give one of them";
    else if (strcmp(prq_config_origin(c->config, "exit-code"), "flag") == 0 &&
             !*prq_config_get(c->config, "fail-on"))
        wrong = "--exit-code changes nothing without --fail-on SEVERITY (unknown: any finding)";
    if (wrong) {
        usage("%s", wrong);
        return false;
    }
    db_directory(c, false, paths->db, sizeof paths->db);
    o->db_dir = paths->db;
    o->now = prq_config_get(c->config, "now");
    o->as_of = prq_config_get(c->config, "as-of");
    o->distro = prq_config_get(c->config, "distro");
    o->ignore_status = ignored_states(c, paths->states, sizeof paths->states);
    o->severity_from = prq_config_get(c->config, "severity-from");
    o->cpe = prq_config_get(c->config, "cpe");
    o->no_default_ignores = prq_config_bool(c->config, "no-default-ignores");
    o->by_cve = prq_config_bool(c->config, "by-cve");
    o->go_main_pseudo = prq_config_bool(c->config, "go-main-pseudo");
    o->debian_temp = prq_config_bool(c->config, "debian-temp");
    o->no_rhel_disclosures = strcmp(prq_config_get(c->config, "rhel-disclosures"), "off") == 0;
    o->vex = or_null(c, "vex");
    o->vex_add = or_null(c, "vex-add");
    o->ignore_files = ignore_files(c, paths->ignores, sizeof paths->ignores);
    o->max_data_age_s = prq_config_int(c->config, "max-data-age");
    return true;
}
