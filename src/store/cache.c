/* SPDX-License-Identifier: Apache-2.0 */
#include "store/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/pages.h"
#include "lib/lib.h"
#include "lib/sqlite.h"

/* Raised when the facts' encoding changes: old files are then started anew. */
#define SCHEMA "6"
#define FILE_NAME "layers-" SCHEMA ".db"

struct prq_cache {
    struct prq_sql *db;
    struct prq_sql_stmt *get, *put, *find_image, *put_image;
    pthread_mutex_t lock; /* guards all of the above: one statement at a time */
};

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS layer(key TEXT PRIMARY KEY, facts BLOB, idx BLOB,"
    " blob_bytes INTEGER, tar_bytes INTEGER, files INTEGER, facts_n INTEGER, idx_n INTEGER, sandbox INTEGER)"
    " WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS image(chain TEXT, name TEXT, digest TEXT,"
    " PRIMARY KEY(chain, name)) WITHOUT ROWID;";

static bool make_dirs(const char *dir, struct prq_err *err)
{
    char path[4096];
    size_t n = strlen(dir);
    if (n == 0 || n >= sizeof path)
        return prq_fail(err, PRQ_E_USAGE, "cache directory name of %zu bytes", n);
    memcpy(path, dir, n + 1);
    for (size_t i = 1; i <= n; i++)
        if (path[i] == '/' || path[i] == '\0') {
            char keep = path[i];
            path[i] = '\0';
            if (mkdir(path, 0700) < 0 && errno != EEXIST)
                return prq_fail(err, PRQ_E_IO, "make directory %s", path);
            path[i] = keep;
        }
    return true;
}

/* Facts decide verdicts: a file that others may write, or put there, is not believed. SQLite would
 * make it with the umask's mode and follow a link. */
static bool is_ours(const char *path, struct prq_err *why)
{
    struct stat st;
    PRQ_FD int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
    if (fd < 0 || fstat(fd, &st) < 0)
        return prq_fail(why, PRQ_E_IO, "open %s", path);
    if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 022)) {
        errno = 0;
        return prq_fail(why, PRQ_E_DENIED, "%s may be written by others", path);
    }
    return true;
}

struct prq_cache *prq_cache_open(const char *dir, struct prq_err *why)
{
    char path[4200];
    struct prq_cache *c = calloc(1, sizeof *c);
    if (!c || !make_dirs(dir, why)) {
        free(c);
        return NULL;
    }
    snprintf(path, sizeof path, "%s/%s", dir, FILE_NAME);
    if (!is_ours(path, why)) {
        free(c);
        return NULL;
    }
    pthread_mutex_init(&c->lock, NULL);
    bool ok = prq_sql_open(path, PRQ_SQL_WRITE, &c->db, why) && prq_sql_exec(c->db, schema, why) &&
              prq_sql_prepare(c->db,
                              "SELECT facts, idx, blob_bytes, tar_bytes, files, facts_n, idx_n, sandbox"
                              " FROM layer WHERE key = ?1",
                              &c->get, why) &&
              prq_sql_prepare(c->db, "INSERT OR REPLACE INTO layer VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)",
                              &c->put, why) &&
              prq_sql_prepare(c->db,
                              "SELECT name, digest FROM image WHERE chain = ?1"
                              " ORDER BY name <> ?2 AND digest <> ?2 AND"
                              " substr(name, -length(?2) - 1) <> '/' || ?2, name LIMIT 1",
                              &c->find_image, why) &&
              prq_sql_prepare(c->db, "INSERT OR REPLACE INTO image VALUES(?1,?2,?3)",
                              &c->put_image, why);
    if (!ok) {
        prq_cache_close(c);
        return NULL;
    }
    return c;
}

void prq_cache_close(struct prq_cache *c)
{
    if (!c)
        return;
    prq_sql_finish(c->get);
    prq_sql_finish(c->put);
    prq_sql_finish(c->find_image);
    prq_sql_finish(c->put_image);
    prq_sql_close(c->db);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

/* What a cache says of sizes is believed so far. */
enum { EXPECT_MAX = 16 << 20 };

static bool unpack(struct prq_sql_stmt *st, int col, int size_col, struct prq_arena *a,
                   prq_bytes *out)
{
    int64_t n = prq_sql_int(st, size_col);
    if (n < 0 || n > (int64_t)PRQ_GIB(4))
        return false;
    uint8_t *plain = prq_arena_raw(a, (size_t)n);
    struct prq_err err = PRQ_ERR_INIT;
    if (plain && n <= EXPECT_MAX)
        prq_pages_expect(plain, (size_t)n);
    if (!plain || !prq_zstd_unpack_exact(prq_sql_blob(st, col), plain, (size_t)n, &err))
        return false;
    *out = (prq_bytes){ plain, (size_t)n };
    return true;
}

bool prq_cache_get(struct prq_cache *c, prq_str key, struct prq_arena *a,
                   struct prq_cached_layer *out)
{
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_cached_layer l = { 0 };
    pthread_mutex_lock(&c->lock);
    prq_sql_bind_text(c->get, 1, key);
    bool ok = prq_sql_step(c->get, &err) == PRQ_NEXT_ITEM && unpack(c->get, 0, 5, a, &l.facts) &&
              unpack(c->get, 1, 6, a, &l.index);
    if (ok) {
        l.blob_bytes = (uint64_t)prq_sql_int(c->get, 2);
        l.tar_bytes = (uint64_t)prq_sql_int(c->get, 3);
        l.file_count = (uint64_t)prq_sql_int(c->get, 4);
        l.sandbox = (uint32_t)prq_sql_int(c->get, 7);
        *out = l;
    }
    prq_sql_reset(c->get);
    pthread_mutex_unlock(&c->lock);
    return ok;
}

void prq_cache_put(struct prq_cache *c, prq_str key, const struct prq_cached_layer *l)
{
    struct prq_err err = PRQ_ERR_INIT;
    PRQ_BUF facts, index;
    prq_buf_init(&facts, PRQ_MIB(1024));
    prq_buf_init(&index, PRQ_MIB(2047));
    /* Level 1: reading back is what must be quick. */
    if (!prq_zstd_pack(l->facts, 1, &facts, &err) || !prq_zstd_pack(l->index, 1, &index, &err))
        return;
    pthread_mutex_lock(&c->lock);
    prq_sql_bind_text(c->put, 1, key);
    prq_sql_bind_blob(c->put, 2, prq_buf_bytes(&facts));
    prq_sql_bind_blob(c->put, 3, prq_buf_bytes(&index));
    prq_sql_bind_int(c->put, 4, (int64_t)l->blob_bytes);
    prq_sql_bind_int(c->put, 5, (int64_t)l->tar_bytes);
    prq_sql_bind_int(c->put, 6, (int64_t)l->file_count);
    prq_sql_bind_int(c->put, 7, (int64_t)l->facts.n);
    prq_sql_bind_int(c->put, 8, (int64_t)l->index.n);
    prq_sql_bind_int(c->put, 9, (int64_t)l->sandbox);
    bool ok = prq_sql_run(c->put, &err);
    (void)ok; /* a full disk costs the next scan its shortcut, nothing else */
    pthread_mutex_unlock(&c->lock);
}

bool prq_cache_find_image(struct prq_cache *c, prq_str chain, prq_str wanted, struct prq_arena *a,
                          struct prq_cached_image *out)
{
    struct prq_err err = PRQ_ERR_INIT;
    pthread_mutex_lock(&c->lock);
    prq_sql_bind_text(c->find_image, 1, chain);
    prq_sql_bind_text(c->find_image, 2, wanted);
    bool ok = prq_sql_step(c->find_image, &err) == PRQ_NEXT_ITEM;
    if (ok)
        *out = (struct prq_cached_image){ prq_arena_copy(a, prq_sql_text(c->find_image, 0)),
                                          prq_arena_copy(a, prq_sql_text(c->find_image, 1)) };
    prq_sql_reset(c->find_image);
    pthread_mutex_unlock(&c->lock);
    return ok && out->name.p && out->digest.p;
}

void prq_cache_put_image(struct prq_cache *c, prq_str chain, const struct prq_cached_image *image)
{
    struct prq_err err = PRQ_ERR_INIT;
    pthread_mutex_lock(&c->lock);
    prq_sql_bind_text(c->put_image, 1, chain);
    prq_sql_bind_text(c->put_image, 2, image->name);
    prq_sql_bind_text(c->put_image, 3, image->digest);
    bool ok = prq_sql_run(c->put_image, &err);
    (void)ok; /* as above */
    pthread_mutex_unlock(&c->lock);
}
