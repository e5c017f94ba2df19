/* SPDX-License-Identifier: Apache-2.0 */
/* What another program prints: the independent truth of a test (dpkg-query, rpm), or a file out
 * of an archive (tar). */
#ifndef PRQ_TESTS_PIPE_H
#define PRQ_TESTS_PIPE_H

#include "shared.h"

#include "base/buf.h"

/* Standard output of a shell command, up to 64 MiB; empty when the command fails. */
static inline prq_bytes unit_pipe(struct prq_arena *a, const char *command)
{
    prq_bytes out = { 0 };
    FILE *f = popen(command, "r");
    if (!f)
        return out;
    PRQ_BUF b;
    prq_buf_init(&b, PRQ_MIB(64));
    uint8_t *room;
    size_t got = 1;
    while (got && (room = prq_buf_room(&b, 1 << 16))) {
        got = fread(room, 1, 1 << 16, f);
        b.n += got;
    }
    if (pclose(f) == 0 && !b.bad)
        out = prq_bytes_of(prq_arena_copy(a, prq_buf_view(&b)));
    return out;
}

static inline const char *shared_root(void)
{
    const char *root = getenv("PRATIQUE_SHARED");
    return root ? root : PRQ_SOURCE_DIR "/../shared";
}

/* A file of the single layer of a `docker save` archive. */
static inline prq_bytes docker_member(struct prq_arena *a, const char *archive, const char *path)
{
    char command[8192];
    snprintf(command, sizeof command,
             "tar -xzOf '%s/%s' --wildcards '*/layer.tar' | tar -xOf - '%s'", shared_root(), archive,
             path);
    return unit_pipe(a, command);
}

/* A file of one blob of an OCI layout; the compression is tar's to find out. */
static inline prq_bytes blob_member(struct prq_arena *a, const char *layout, const char *digest,
                                    const char *path)
{
    char command[8192];
    snprintf(command, sizeof command, "tar -xOf '%s/%s/blobs/sha256/'%s* '%s'", shared_root(), layout,
             digest, path);
    return unit_pipe(a, command);
}

/* A file of the cataloguing fixtures. */
static inline prq_bytes fixture_member(struct prq_arena *a, const char *path)
{
    char command[8192];
    snprintf(command, sizeof command,
             "tar --zstd -xOf '%s/data/fixtures/fixtures.tar.zst' 'fixtures/%s'", shared_root(), path);
    return unit_pipe(a, command);
}

#endif
