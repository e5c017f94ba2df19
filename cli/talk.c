/* SPDX-License-Identifier: Apache-2.0 */
/* Standard error: log lines, and one line of progress when it is a terminal. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "pratique/scan.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards all below and the terminal */
static bool is_shown, is_json, is_on;
static struct timespec last;

static void clear_line(void)
{
    if (is_shown)
        fputs("\r\033[K", stderr);
    is_shown = false;
}

/* Bytes of the UTF-8 sequence at `s` that may be shown: 0 for what is none, for controls (C0, C1)
 * and for marks that turn the direction of text (U+202A-202E, U+2066-2069). */
static size_t showable(const unsigned char *s)
{
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    bool is_control = s[0] < 0x20 || s[0] == 0x7f || (s[0] == 0xc2 && s[1] < 0xa0);
    bool is_overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90) ||
                       (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf4 && s[1] > 0x8f);
    bool is_turn = s[0] == 0xe2 && ((s[1] == 0x80 && s[2] >= 0xaa && s[2] <= 0xae) ||
                                    (s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9));
    return is_control || is_overlong || is_turn ? 0 : n;
}

/* Names in messages come from images and registries: control bytes would reach the terminal. */
static void put_as(const char *text, bool json)
{
    const unsigned char *s = (const unsigned char *)text;
    while (*s) {
        size_t n = showable(s);
        if (n == 0)
            fprintf(stderr, json ? "\\\\x%02x" : "\\x%02x", *s);
        else if (json && (*s == '"' || *s == '\\'))
            fprintf(stderr, "\\%c", *s);
        else
            fwrite(s, 1, n, stderr);
        s += n ? n : 1;
    }
}

void put_clean(const char *text)
{
    put_as(text, false);
}

static void on_log(void *user, enum prq_log_level level, const char *line)
{
    static const char *const words[] = { "error", "warn", "info", "debug" };
    (void)user;
    pthread_mutex_lock(&lock);
    clear_line();
    if (is_json)
        fprintf(stderr, "{\"level\":\"%s\",\"message\":\"", words[level]);
    else
        fprintf(stderr, "pratique: %s: ", words[level]);
    put_as(line, is_json);
    fputs(is_json ? "\"}\n" : "\n", stderr);
    pthread_mutex_unlock(&lock);
}

static void size_text(uint64_t n, char *out, size_t cap)
{
    static const char *const units[] = { "B", "kB", "MB", "GB" };
    double v = (double)n;
    size_t u = 0;
    while (v >= 1000 && u < 3) {
        v /= 1000;
        u++;
    }
    snprintf(out, cap, u ? "%.1f %s" : "%.0f %s", v, units[u]);
}

static void on_progress(void *user, const char *phase, size_t layer, uint64_t done, uint64_t total)
{
    (void)user;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    pthread_mutex_lock(&lock);
    long ms = (now.tv_sec - last.tv_sec) * 1000 + (now.tv_nsec - last.tv_nsec) / 1000000;
    if (ms > 100) { /* ten a second are enough for eyes */
        char d[32], t[32];
        last = now;
        size_text(done, d, sizeof d);
        size_text(total, t, sizeof t);
        clear_line();
        if (total)
            fprintf(stderr, "%s layer %zu: %s of %s", phase, layer, d, t);
        else
            fprintf(stderr, "%s layer %zu: %s", phase, layer, d);
        fflush(stderr);
        is_shown = true;
    }
    pthread_mutex_unlock(&lock);
}

void talk_init(struct cli *c, struct prq_scan_opts *o)
{
    bool quiet = prq_config_bool(c->config, "quiet");
    is_json = strcmp(prq_config_get(c->config, "log-format"), "json") == 0;
    is_on = !quiet && !is_json && !prq_config_bool(c->config, "no-progress") && isatty(2);
    o->log = on_log;
    o->log_level = quiet ? PRQ_LEVEL_ERROR
                         : prq_config_bool(c->config, "verbose") ? PRQ_LEVEL_DEBUG : PRQ_LEVEL_WARN;
    if (is_on)
        o->progress = on_progress;
}

void talk_line(void *user, const char *line)
{
    const struct cli *c = user;
    if (!prq_config_bool(c->config, "quiet"))
        on_log(NULL, PRQ_LEVEL_INFO, line);
}

void talk_end(void)
{
    pthread_mutex_lock(&lock);
    clear_line();
    fflush(stderr);
    pthread_mutex_unlock(&lock);
}
