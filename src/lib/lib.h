/* SPDX-License-Identifier: Apache-2.0 */
/* One third-party library per file, nothing of our domain. */
#ifndef PRQ_LIB_LIB_H
#define PRQ_LIB_LIB_H

#include "base/buf.h"
#include "base/ctx.h"
#include "base/stream.h"

/* Lets the libraries load what they load at first use (OpenSSL's configuration, iconv's tables,
 * libxml2's globals). A process calls it before it locks itself out of the file system. */
void prq_lib_prepare(void);

/* ---- digest.c (OpenSSL) */
enum prq_digest_alg { PRQ_SHA256, PRQ_SHA512, PRQ_SHA1 };
struct prq_digest; /* a running digest */
PRQ_MUST_USE bool prq_digest_new(enum prq_digest_alg alg, struct prq_digest **out,
                                 struct prq_err *err);
void prq_digest_add(struct prq_digest *d, const void *p, size_t n);
/* Ends it; `out` has room for 64. Returns the size. Starts anew when used again. */
size_t prq_digest_end(struct prq_digest *d, uint8_t *out);
/* The digest of what was added so far, as many bytes as it says; more may follow. 0: no memory. */
size_t prq_digest_so_far(const struct prq_digest *d, uint8_t *out);
void prq_digest_free(struct prq_digest *d);
/* One shot. */
bool prq_sha256(prq_bytes data, uint8_t out[32]);
/* "sha256:<hex>" and the algorithm; false for anything but the strict grammar
 * ^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$ */
bool prq_digest_parse(prq_str text, enum prq_digest_alg *alg, prq_str *hex);
bool prq_digest_text(enum prq_digest_alg alg, prq_bytes raw, struct prq_arena *a, prq_str *out);

/* ---- gunzip.c (ISA-L), zstd.c: streams over streams. They own `below`, and close it also when the
 * open fails. A NULL `below` is a stage that found no memory: NOMEM. Multi-member gzip and
 * several zstd frames are read through; zero padding after gzip is legal, other trailing bytes are
 * counted in *trailing (may be NULL) when the end is reached. */
PRQ_MUST_USE bool prq_gunzip_open(struct prq_stream *below, struct prq_stream **out,
                                  uint64_t *trailing, struct prq_err *err);
PRQ_MUST_USE bool prq_zstd_open(struct prq_stream *below, const struct prq_limits *limits,
                                struct prq_stream **out, struct prq_err *err);
/* xz (xz.c, liblzma, the default window_bytes) and bzip2 (bzip2.c, libarchive). */
PRQ_MUST_USE bool prq_xz_open(struct prq_stream *below, struct prq_stream **out,
                              struct prq_err *err);
PRQ_MUST_USE bool prq_bzip2_open(struct prq_stream *below, struct prq_stream **out,
                                 struct prq_err *err);
/* A raw LZMA stream of known size, as in programs packed by UPX: fills all of out[n]. FORMAT when it
 * gives more or fewer bytes; LIMIT when n is above window_bytes. */
struct prq_lzma_props {
    uint8_t lc, lp, pb;
};
PRQ_MUST_USE bool prq_lzma_unpack(prq_bytes in, struct prq_lzma_props props, uint8_t *out, size_t n,
                                  struct prq_err *err);
/* Whole buffers, bounded. */
PRQ_MUST_USE bool prq_gunzip_all(prq_bytes in, struct prq_buf *out, struct prq_err *err);
PRQ_MUST_USE bool prq_zstd_pack(prq_bytes in, int level, struct prq_buf *out, struct prq_err *err);
PRQ_MUST_USE bool prq_zstd_unpack(prq_bytes in, struct prq_buf *out, struct prq_err *err);
/* One frame that gives exactly `size` bytes. */
PRQ_MUST_USE bool prq_zstd_unpack_exact(prq_bytes in, uint8_t *out, size_t size,
                                        struct prq_err *err);

/* A zlib stream (RFC 1950), appended, up to out->max; what trails it is passed over. On failure what
 * came before it is in *out. */
PRQ_MUST_USE bool prq_zlib_all(prq_bytes in, struct prq_buf *out, struct prq_err *err);
/* Raw deflate that gives exactly `size` bytes; the CRC-32 of gzip and zip. */
PRQ_MUST_USE bool prq_inflate(prq_bytes in, uint8_t *out, size_t size, struct prq_err *err);
/* The same piece by piece: each is handed to `put`, whose failure ends it. `is_mapped`: the input's
 * pages are given back on the way (base/pages.h). */
typedef bool prq_put(void *user, prq_bytes piece, struct prq_err *err);
PRQ_MUST_USE bool prq_inflate_pieces(prq_bytes in, bool is_mapped, uint64_t size, prq_put *put,
                                     void *user, struct prq_err *err);
uint32_t prq_crc32(prq_bytes b);
uint32_t prq_crc32_add(uint32_t crc, prq_bytes more);

/* Memory, descriptor and checking streams are in io/source.h. */

/* ---- tar.c (libarchive) */
struct prq_tar;
struct prq_tar_entry {
    prq_str path, link; /* as in the archive, not normalised; views valid until the next call */
    char type;          /* 'f' 'd' 'l' 'h' 'c' 'b' 'p' or '?' */
    uint32_t mode;      /* permission bits, 07777 */
    uint64_t uid, gid, size;
    int64_t mtime_s;
    uint64_t header_offset; /* byte of the uncompressed tar */
    prq_str warning;        /* empty, or what is odd in the headers of a readable member */
};
/* Does not own `below`. Names are bytes, whatever the locale. */
PRQ_MUST_USE bool prq_tar_open(struct prq_stream *below, struct prq_tar **out, struct prq_err *err);
/* `below` can also lend its next bytes until the next call, which saves a copy; before the first
 * next. */
typedef bool (*prq_lender)(struct prq_stream *below, const void **p, size_t *got,
                           struct prq_err *err);
void prq_tar_lender(struct prq_tar *t, prq_lender lend);
/* Other ceilings for headers and sparse maps than the default ones; before the first next. */
void prq_tar_limit(struct prq_tar *t, const struct prq_limits *limits);
enum prq_next prq_tar_next(struct prq_tar *t, struct prq_tar_entry *e, struct prq_err *err);
/* The next piece of the current member's content, lent until the next call; *n == 0 at the end.
 * Holes of sparse members are delivered as zeros. */
PRQ_MUST_USE bool prq_tar_data(struct prq_tar *t, const void **p, size_t *n, struct prq_err *err);
/* Extended attributes of the current entry, one by one; NEXT_END after the last. */
enum prq_next prq_tar_xattr(struct prq_tar *t, prq_str *name, prq_bytes *value);
void prq_tar_close(struct prq_tar *t);

/* ---- zip.c (our own reader, see there): members of a zip in memory, central directory first. The
 * bytes must outlive it. Members cap: limits.def, archive_members. */
struct prq_zip;
struct prq_zip_entry {
    prq_str path;
    uint64_t size;
    bool is_dir;
};
PRQ_MUST_USE bool prq_zip_open(prq_bytes data, struct prq_zip **out, struct prq_err *err);
/* With another ceiling than limits.def's for archives in images: feeds have 300,000 members. */
PRQ_MUST_USE bool prq_zip_open_max(prq_bytes data, uint64_t members_max, struct prq_zip **out,
                                   struct prq_err *err);
/* `is_mapped`: data is a read-only file mapping, whose pages are given
 * back (base/pages.h) when some have been looked at, and all on close. */
struct prq_zip_opts {
    uint64_t members_max;
    bool is_mapped;
};
PRQ_MUST_USE bool prq_zip_open_with(prq_bytes data, const struct prq_zip_opts *opts,
                                    struct prq_zip **out, struct prq_err *err);
enum prq_next prq_zip_next(struct prq_zip *z, struct prq_zip_entry *e, struct prq_err *err);
/* The current member's content, appended, up to out->max (more: LIMIT). FORMAT also for members
 * that overlap or whose local header tells otherwise; UNSUPPORTED: encrypted, or neither stored nor
 * deflated. A failure is about this member only. */
PRQ_MUST_USE bool prq_zip_read(struct prq_zip *z, struct prq_buf *out, struct prq_err *err);
/* A stored member's content where it lies, checked like prq_zip_read. *is_stored tells whether it is
 * one: if not, it must be read. */
PRQ_MUST_USE bool prq_zip_view(struct prq_zip *z, prq_bytes *out, bool *is_stored,
                               struct prq_err *err);
/* Like prq_zip_read, piece by piece; the checksum is known at the end only. */
PRQ_MUST_USE bool prq_zip_read_pieces(struct prq_zip *z, uint64_t max, prq_put *put, void *user,
                                      struct prq_err *err);
uint64_t prq_zip_size(const struct prq_zip *z); /* of the current member, as it is told */
/* Make the i-th member, counted as prq_zip_next gives them, the current one. */
void prq_zip_select(struct prq_zip *z, size_t i);
void prq_zip_rewind(struct prq_zip *z); /* before the first member again */
void prq_zip_close(struct prq_zip *z);

#endif
