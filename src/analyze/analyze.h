/* SPDX-License-Identifier: Apache-2.0 */
/* Analyzers: bytes of one file to packages, notes and gaps. One file per ecosystem, registered by a
 * line in src/analyze/meson.build; a constant says what it wants, so that nothing else is opened.
 *
 * `run` sees one file of one layer and is pure: no I/O, no state, memory from ctx->scratch (which
 * the dispatcher rewinds afterwards). It returns false for a file that could not be read: the
 * dispatcher turns *err into a gap with path and byte; what was put into the sink before stays.
 * Smaller losses (one bad record among good ones) go to prq_sink_gap, and run returns true. */
#ifndef PRQ_ANALYZE_ANALYZE_H
#define PRQ_ANALYZE_ANALYZE_H

#include "base/ctx.h"
#include "model/distro.h"
#include "model/file.h"
#include "model/sink.h"

enum {
    PRQ_WANT_IMAGE = 1 << 0,  /* installed evidence: images, rootfs: and dir: */
    PRQ_WANT_SOURCE = 1 << 1, /* declared: only in a source tree (dir:) */
    PRQ_WANT_ALWAYS = PRQ_WANT_IMAGE | PRQ_WANT_SOURCE,
};

/* All given conditions must hold; at least one of them must be given. Path conditions are on the
 * normalised path (no leading slash). */
struct prq_want {
    prq_str path;      /* the whole path */
    prq_str basename;  /* the last component */
    prq_str stem;      /* how the last component begins; at least three bytes */
    bool is_numbered;  /* after the stem come only digits and dots, then at most two letters: of
                        * "python" python3.11, python3.7m, of "libjq.so" libjq.so.1.0.4 */
    prq_str suffix;    /* the path's end; begin it with '/' to match whole components: then it also
                        * matches the same path without the leading '/' at the image root */
    prq_str prefix;    /* the path's start */
    prq_str contains;  /* somewhere in the path; narrows the others, is none of its own */
    prq_str magic;     /* first bytes of the content */
    const prq_str *magics; /* or any of these, ended by an empty one */
    /* Also hand over the file PATH + companion_suffix of the same layer, when it is there and not
     * larger than max_bytes (prq_input.companion). NULL: none. */
    const char *companion_suffix;
    /* Not 0: no file, but a directory of that many components ("nix/store/x": 3), handed over
     * without data. Needs a path condition; max_bytes is then only there to not end the table. */
    uint8_t dir_depth;
    uint64_t head_bytes; /* not 0: the file's first bytes are enough, so many of them */
    uint64_t max_bytes; /* a larger file is a gap "limit" and not read; 0 ends the table */
    uint32_t modes;    /* PRQ_WANT_*; 0 means PRQ_WANT_IMAGE */
};

/* The file under analysis, whole in memory (mapped when large), or at least its head_bytes. */
struct prq_input {
    const struct prq_file *file; /* path, mode, size */
    prq_bytes data;
    bool is_mapped;              /* data is a file mapping: pages that were read can be given back */
    prq_bytes companion;         /* p == NULL: none wanted, or none there */
    uint32_t mode;               /* the PRQ_WANT_* bit of the scan: PRQ_WANT_SOURCE for dir: */
};

struct prq_analyzer {
    const char *name;        /* "dpkg" */
    const char *purl_type;   /* "deb" */
    const char *summary;     /* what it looks for, one line for `pratique catalogers` */
    uint32_t revision;       /* raised when results change: part of the cache key */
    const struct prq_want *wants;
    bool (*run)(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err);
};

/* NULL-terminated, alphabetical. */
extern const struct prq_analyzer *const prq_analyzers[];

/* ---- dispatch */
struct prq_dispatch; /* immutable once made: shared between threads */
struct prq_dispatch *prq_dispatch_new(uint32_t mode, struct prq_arena *arena);
/* The same over another NULL-terminated table of at most 64; it is kept by reference. */
struct prq_dispatch *prq_dispatch_new_over(const struct prq_analyzer *const *analyzers,
                                           uint32_t mode, struct prq_arena *arena);

/* Whether a path fits all path conditions of a want. */
bool prq_want_fits(const struct prq_want *w, const struct prq_file *file);

/* Bit i: prq_analyzers[i] wants this file. `head` holds the first bytes of the content (up to 64)
 * when has_head; without them the bits of analyzers that go by magic are set as "perhaps". */
typedef uint64_t prq_wanted;
prq_wanted prq_dispatch_match(const struct prq_dispatch *d, const struct prq_file *file,
                              prq_bytes head, bool has_head);
/* The largest max_bytes of the wanted ones: more need not be read. */
uint64_t prq_dispatch_max_bytes(const struct prq_dispatch *d, prq_wanted wanted,
                                const struct prq_file *file);
/* How many of its bytes they want to see at most: head_bytes, where all of them name it. */
uint64_t prq_dispatch_held_bytes(const struct prq_dispatch *d, prq_wanted wanted,
                                 const struct prq_file *file);
/* The companion_suffix of a want of theirs that fits this path; NULL: none. */
const char *prq_dispatch_companion(const struct prq_dispatch *d, prq_wanted wanted,
                                   const struct prq_file *file);
/* Run them; failures become gaps in the sink. False when the sink is full or the work must stop
 * (CANCELLED, NOMEM, BUG). */
bool prq_dispatch_run(const struct prq_dispatch *d, struct prq_ctx *ctx, prq_wanted wanted,
                      const struct prq_input *in, struct prq_sink *sink, struct prq_err *err);
/* Analyzer names and revisions as one line: part of the cache key. */
prq_str prq_dispatch_revision(struct prq_arena *a);

/* ---- settling: notes of the merged image to the distribution (catalog.md 2). `notes` are those
 * still visible, in layer order. */
/* True when one was found. */
bool prq_distro_settle(const struct prq_note *notes, size_t n, struct prq_arena *a,
                       struct prq_distro *out);
/* Dependencies of pom.xml files that only other pom.xml files of the tree complete ("maven-pom" notes):
 * packages with one place of evidence each. False: memory ran out, or there are very many. */
struct prq_java_late {
    struct prq_package *packages;
    size_t n;
    uint64_t unnamed; /* dependencies whose very name stays unknown */
};
PRQ_MUST_USE bool prq_java_settle(const struct prq_note *notes, size_t n, struct prq_arena *a,
                                  struct prq_arena *tmp, struct prq_java_late *out);
/* True for distributions whose feed lists unfixed issues too (catalog.md 7). */
bool prq_distro_is_comprehensive(const struct prq_distro *d);

#endif
