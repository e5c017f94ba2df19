/* SPDX-License-Identifier: Apache-2.0 */
/* An ecosystem's all.zip: one document a member. A member that is no record is skipped and counted;
 * an archive that breaks off fails, so that half a feed never looks whole. */
#include "db/feed.h"
#include "lib/lib.h"

/* npm alone has some 250,000 records, most of them of malicious packages. */
enum { MEMBERS_MAX = 5000000 };

static bool one(prq_str path, prq_bytes text, const char *family, struct prq_arena *a,
                const struct prq_feed_sink *sink, struct prq_err *err)
{
    struct prq_record r;
    struct prq_err why = PRQ_ERR_INIT;
    if (!prq_osv_parse(prq_str_of(text), family, a, &r, &why)) {
        sink->skip(sink->user, path, why.text);
        return true;
    }
    return !prq_osv_counts(&r) || sink->record(sink->user, &r, err);
}

bool prq_osv_zip(prq_bytes zip, const char *family, struct prq_arena *a,
                 const struct prq_feed_sink *sink, struct prq_err *err)
{
    return prq_osv_zip_folder(zip, (prq_str){ 0 }, family, a, sink, err);
}

bool prq_osv_zip_folder(prq_bytes zip, prq_str folder, const char *family, struct prq_arena *a,
                        const struct prq_feed_sink *sink, struct prq_err *err)
{
    struct prq_zip *z;
    if (!prq_zip_open_max(zip, MEMBERS_MAX, &z, err))
        return false;
    PRQ_BUF text;
    prq_buf_init(&text, PRQ_MIB(16));
    struct prq_zip_entry e;
    enum prq_next step;
    bool ok = true;
    while (ok && (step = prq_zip_next(z, &e, err)) == PRQ_NEXT_ITEM) {
        struct prq_mark mark = prq_arena_mark(a);
        struct prq_err why = PRQ_ERR_INIT;
        if (e.is_dir || !prq_str_ends(e.path, PRQ_S(".json")) ||
            (folder.n && !prq_str_has(e.path, folder)))
            continue;
        prq_str path = prq_arena_copy(a, e.path);
        prq_buf_clear(&text);
        if (prq_zip_read(z, &text, &why))
            ok = one(path, prq_buf_bytes(&text), family, a, sink, err);
        else if (why.code == PRQ_E_LIMIT || why.code == PRQ_E_FORMAT)
            sink->skip(sink->user, path, why.text);
        else
            ok = prq_fail(err, why.code, "%s", why.text);
        prq_arena_rewind(a, mark);
    }
    prq_zip_close(z);
    return ok && step == PRQ_NEXT_END;
}
