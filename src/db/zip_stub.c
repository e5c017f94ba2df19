/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in until src/lib/zip.c is merged. */
#include "lib/lib.h"
#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
struct prq_zip {
    struct archive *a;
    struct archive_entry *e;
};
bool prq_zip_open(prq_bytes data, struct prq_zip **out, struct prq_err *err)
{
    struct prq_zip *z = calloc(1, sizeof *z);
    z->a = archive_read_new();
    archive_read_support_format_zip_seekable(z->a);
    if (archive_read_open_memory(z->a, data.p, data.n) != ARCHIVE_OK)
        return prq_fail(err, PRQ_E_FORMAT, "zip: %s", archive_error_string(z->a));
    *out = z;
    return true;
}
enum prq_next prq_zip_next(struct prq_zip *z, struct prq_zip_entry *e, struct prq_err *err)
{
    int rc = archive_read_next_header(z->a, &z->e);
    if (rc == ARCHIVE_EOF)
        return PRQ_NEXT_END;
    if (rc < ARCHIVE_WARN) {
        prq_fail(err, PRQ_E_FORMAT, "zip: %s", archive_error_string(z->a));
        return PRQ_NEXT_FAIL;
    }
    e->path = prq_str_from(archive_entry_pathname(z->e));
    e->size = (uint64_t)archive_entry_size(z->e);
    e->is_dir = archive_entry_filetype(z->e) == AE_IFDIR;
    return PRQ_NEXT_ITEM;
}
bool prq_zip_read(struct prq_zip *z, struct prq_buf *out, struct prq_err *err)
{
    for (;;) {
        uint8_t *room = prq_buf_room(out, 65536);
        if (!room)
            return prq_fail(err, PRQ_E_LIMIT, "zip: member too large");
        ssize_t n = archive_read_data(z->a, room, 65536);
        if (n < 0)
            return prq_fail(err, PRQ_E_FORMAT, "zip: %s", archive_error_string(z->a));
        if (n == 0)
            return true;
        out->n += (size_t)n;
    }
}
void prq_zip_close(struct prq_zip *z)
{
    archive_read_free(z->a);
    free(z);
}
