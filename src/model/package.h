/* SPDX-License-Identifier: Apache-2.0 */
/* A package as found. Views belong to whoever made the struct; sinks copy what they keep. */
#ifndef PRQ_MODEL_PACKAGE_H
#define PRQ_MODEL_PACKAGE_H

#include "base/arena.h"

enum {
    PRQ_PKG_THIRD_PARTY = 1 << 0, /* OS package not built by the distribution's vendor (catalog 3.1, 3.3.7) */
    PRQ_PKG_MAIN = 1 << 1,        /* Go main module */
    PRQ_PKG_DEV = 1 << 2,         /* development dependency of a lock file */
    PRQ_PKG_APPLICATION = 1 << 3, /* an application's own manifest, not an installed dependency */
    PRQ_PKG_DECLARED = 1 << 4,    /* from a lock file or manifest: wanted, not proven installed */
    PRQ_PKG_NO_MATCH = 1 << 5,    /* listed but never matched (virtual apk, local replacement) */
    PRQ_PKG_GUESSED = 1 << 6,     /* part of the identity is a best guess (a jar's group) */
    PRQ_PKG_CLAIMED = 1 << 7,     /* an SBOM inside the image says so; nothing else proves it */
    PRQ_PKG_NO_CODE = 1 << 8,     /* holds no runtime code (-sources, -javadoc jars) */
    PRQ_PKG_STRAY = 1 << 9,       /* named as an operating system's package by a program that was
                                   * found by itself, not by a package database */
};

/* One place that proves the package. In archives the path goes on after "!/". */
struct prq_evidence {
    prq_str path; /* no leading slash */
    uint32_t layer;
};

struct prq_strs {
    prq_str *v;
    size_t n;
};

struct prq_package {
    prq_str type;      /* purl type: deb, apk, rpm, pypi, npm, golang; or "binary" */
    prq_str ns;        /* purl namespace where the type has one of its own ("@scope" of npm, maven
                        * group, "github.com/x" of golang). For deb, apk, rpm: empty until the
                        * distribution is known (settle fills it in). */
    prq_str name;      /* as the ecosystem writes it, scope and module path included */
    prq_str version;   /* raw, as found; rpm: version-release without epoch; may be empty */
    prq_str arch;
    bool has_epoch;    /* rpm: the epoch tag exists */
    uint64_t epoch;
    prq_str source_name, source_version; /* upstream source package; empty: the same as name, version */
    prq_str source_rpm;                  /* the SOURCERPM file name */
    prq_str modularity;                  /* rpm MODULARITYLABEL */
    bool has_modularity;                 /* the tag exists (an empty label is not an unknown one) */
    prq_str vendor;                      /* dpkg Maintainer, rpm VENDOR */
    prq_str subpath, vcs_url;            /* purl parts */
    prq_str goos;                        /* Go: the binary's target; arch holds GOARCH */
    prq_str distro;    /* "alpine-3.17.2": only for packages listed by somebody else (purl:); wins over
                        * the image's own distribution */
    prq_str found_by;  /* the analyzer's name; empty: the dispatcher fills it in */
    struct prq_strs licenses;            /* as declared */
    struct prq_strs cpes;                /* CPE 2.3 names that the evidence itself or a table gives,
                                          * best first; generated guesses are not kept here */
    struct prq_strs digests;             /* of the artefact: "sha1:HEX" … (jars) */
    struct prq_strs qualifiers;          /* further purl qualifiers, "key=value" raw, by key */
    struct prq_strs depends;             /* raw dependency names of the same ecosystem, for edges */
    struct prq_strs provides;
    uint64_t size_bytes;                 /* installed size, 0 unknown */
    uint32_t flags;

    /* Filled when layers are merged. */
    struct prq_evidence *evidence;
    size_t evidence_count;
    uint32_t layer; /* 0-based: where this version first appears */
    prq_str purl;   /* prq_purl_print of all of the above */
    size_t owner;   /* 1 + index of the OS package that owns the evidence; 0: nobody */
};

/* Deep copy into an arena. False when memory ran out. */
bool prq_package_copy(struct prq_package *to, const struct prq_package *from, struct prq_arena *a);

/* "deb", "apk", "rpm", "alpm", and not stray: from an operating system's own database. */
bool prq_package_is_os(const struct prq_package *p);

/* The version that people see: rpm with "epoch:" in front when the tag exists and is not 0. */
prq_str prq_package_shown_version(const struct prq_package *p, struct prq_arena *a);

/* How reports write PRQ_PKG_*, by word; word NULL ends it. */
extern const struct prq_flag_word {
    uint32_t bit;
    const char *word;
} prq_flag_words[];
uint32_t prq_package_flag_of(prq_str word); /* 0: none */

/* Total order for reports: type, name, version, arch, epoch, purl. */
int prq_package_cmp(const struct prq_package *a, const struct prq_package *b);

#endif
