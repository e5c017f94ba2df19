/* SPDX-License-Identifier: Apache-2.0 */
/* The facts of one layer, as bytes: what a worker sends, what the cache keeps. Two byte strings:
 *
 *   facts   records, each: type (1 byte), length (varint), payload
 *           'P' package   'G' gap   'N' note   'O' owned list   'S' symbolic link near the root
 *           'D' drop: what was said of this path before no longer holds
 *   index   one entry a member, in tar order, the path coded as the part shared with the previous
 *           path and the rest (about 30 bytes a member, 32 more with a digest, and what its extended
 *           attributes take)
 *
 * A worker has touched hostile bytes, so the reader trusts nothing: every count is compared with
 * the bytes that remain, every string bounded. */
#ifndef PRQ_STORE_FACTS_H
#define PRQ_STORE_FACTS_H

#include "base/buf.h"
#include "base/ctx.h"
#include "base/rd.h"
#include "model/file.h"
#include "model/sink.h"

#define PRQ_FACTS_VERSION 3

/* ---- writing */
struct prq_facts_writer {
    struct prq_sink sink; /* give &w.sink to analyzers */
    struct prq_buf facts, index;
    prq_str path;         /* the file under analysis: set before running analyzers on it */
    char last[4096];      /* previous path of the index */
    size_t last_n;
    uint64_t file_count, gap_count, package_count;
    const struct prq_limits *limits;
};
void prq_facts_writer_init(struct prq_facts_writer *w, const struct prq_limits *limits);
void prq_facts_writer_release(struct prq_facts_writer *w);
/* False when the index or facts budget is exhausted. */
bool prq_facts_add_file(struct prq_facts_writer *w, const struct prq_file *f);
/* Facts written so far about `path` no longer hold: the layer has it a second time. */
bool prq_facts_drop(struct prq_facts_writer *w, prq_str path);
/* What these records say of `from` (and of what is inside it, "from!/…") holds for `to` as well. */
bool prq_facts_repeat(struct prq_facts_writer *w, prq_bytes records, prq_str from, prq_str to);
bool prq_facts_add_link(struct prq_facts_writer *w, prq_str path, prq_str target);

/* ---- reading */
struct prq_owned {
    prq_str owner, path;
    size_t count;
    prq_bytes coded; /* front-coded like the index: walk with prq_owned_next */
};
struct prq_link {
    prq_str path, target;
};
struct prq_facts {
    struct prq_package *packages; /* evidence_count == 1 */
    size_t package_count;
    struct prq_gap *gaps;
    size_t gap_count;
    struct prq_note *notes;
    size_t note_count;
    struct prq_owned *owned;
    size_t owned_count;
    struct prq_link *links;
    size_t link_count;
};
/* Views into `bytes`, arrays in `a`; `layer` is written into evidence, gaps and notes. */
PRQ_MUST_USE bool prq_facts_parse(prq_bytes bytes, uint32_t layer, struct prq_arena *a,
                                  struct prq_facts *out, struct prq_err *err);

/* How many of these bytes are whole records or entries: what a writer that died has left. */
size_t prq_facts_whole(prq_bytes facts);
size_t prq_index_whole(prq_bytes index);

/* Walk front-coded paths. */
struct prq_path_iter {
    struct prq_rd r;
    size_t n;
    char path[4096];
    bool bad;
};
void prq_owned_begin(struct prq_path_iter *it, const struct prq_owned *o);
bool prq_owned_next(struct prq_path_iter *it, prq_str *path);

/* Extended attributes of a file, coded one after the other in byte order of their names. */
bool prq_xattr_add(struct prq_buf *coded, prq_str name, prq_bytes value);
/* Takes the next one off *rest; false when there is none, or it is malformed (*rest then stays). */
bool prq_xattr_next(prq_bytes *rest, prq_str *name, prq_bytes *value);

/* Walk an index; f's strings are valid until the next call. */
void prq_index_begin(struct prq_path_iter *it, prq_bytes index);
bool prq_index_next(struct prq_path_iter *it, struct prq_file *f);

#endif
