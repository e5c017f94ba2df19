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

/* Bytes of the UTF-8 character at s that a terminal only shows; 0: a control (C0, C1, one that turns
 * the order of letters, U+202A-202E and U+2066-2069) or not UTF-8. Source: RFC 3629, UAX #9. */
static size_t shown_bytes(const char *s)
{
    const unsigned char *b = (const unsigned char *)s;
    if (b[0] < 0x80)
        return b[0] >= 0x20 && b[0] != 0x7f;
    size_t n = b[0] >= 0xf5 ? 0 : b[0] >= 0xf0 ? 4 : b[0] >= 0xe0 ? 3 : b[0] >= 0xc2 ? 2 : 0;
    for (size_t i = 1; i < n; i++)
        if ((b[i] & 0xc0) != 0x80)
            return 0;
    bool is_c1 = b[0] == 0xc2 && b[1] < 0xa0;
    bool is_long = (b[0] == 0xe0 && b[1] < 0xa0) || (b[0] == 0xf0 && b[1] < 0x90);
    bool is_beyond = (b[0] == 0xed && b[1] >= 0xa0) || (b[0] == 0xf4 && b[1] >= 0x90);
    bool is_bidi = n == 3 && b[0] == 0xe2 && ((b[1] == 0x80 && b[2] >= 0xaa && b[2] <= 0xae) ||
                                              (b[1] == 0x81 && b[2] >= 0xa6 && b[2] <= 0xa9));
    return is_c1 || is_long || is_beyond || is_bidi ? 0 : n;
}

/* Names in these lines come from images and registries: control bytes would reach the terminal. */
static void put_clean(const char *s)
{
    while (*s) {
        size_t n = shown_bytes(s);
        if (n == 0)
            fprintf(stderr, "%s\\x%02x", is_json ? "\\" : "", (unsigned char)*s);
        else if (is_json && (*s == '"' || *s == '\\'))
            fprintf(stderr, "\\%c", *s);
        else
            fwrite(s, 1, n, stderr);
        s += n ? n : 1;
    }
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
    put_clean(line);
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
        fprintf(stderr, "%s layer %zu", phase, layer);
        if (done && total)
            fprintf(stderr, ": %s of %s", d, t);
        else if (done || total) /* of a layer that has just begun, its size */
            fprintf(stderr, ": %s", done ? d : t);
        fflush(stderr);
        is_shown = true;
    }
    pthread_mutex_unlock(&lock);
}

void talk_error(const char *text)
{
    pthread_mutex_lock(&lock);
    clear_line();
    fputs(is_json ? "{\"level\":\"error\",\"message\":\"" : "pratique: ", stderr);
    put_clean(text);
    fputs(is_json ? "\"}\n" : "\n", stderr);
    pthread_mutex_unlock(&lock);
}

void talk_begin(const struct cli *c)
{
    is_json = strcmp(prq_config_get(c->config, "log-format"), "json") == 0;
}

void talk_init(struct cli *c, struct prq_scan_opts *o)
{
    bool quiet = prq_config_bool(c->config, "quiet");
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
