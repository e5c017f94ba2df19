/* SPDX-License-Identifier: Apache-2.0 */
/* What other scanners report of an image: Trivy's JSON (SchemaVersion 2) and Grype's. Both become the
 * same lists.
 *
 * Bytes from outside: bounded by the limits of JSON, by limits->packages and by the arena; one pass, no
 * tree, no recursion. Views into the text and into the arena. Entries that name no package or no
 * vulnerability are counted. */
#ifndef PRQ_FORMAT_FOREIGNREPORT_H
#define PRQ_FORMAT_FOREIGNREPORT_H

#include "base/limits.h"
#include "base/map.h"
#include "format/json.h"
#include "model/advisory.h"

enum prq_foreign_tool { PRQ_FOREIGN_NONE, PRQ_FOREIGN_TRIVY, PRQ_FOREIGN_GRYPE };

struct prq_foreign_package {
    prq_str type, name, version; /* type: the purl's; name as our packages write it */
    prq_str arch, purl, path;
    prq_str key;                 /* prq_foreign_key: the same package has the same, whoever lists it */
    bool is_dev;
};

struct prq_foreign_finding {
    size_t package;
    prq_str id;
    struct prq_strs aliases;
    enum prq_severity severity;
    prq_str severity_source;
    enum prq_fix_state state;
    struct prq_strs fixed_in;
    prq_str feed;       /* "ghsa", "debian", "github:language:java", "nvd:cpe" */
    prq_str range;      /* "< 4.3.5", where it is told */
    prq_str published;
    bool is_by_cpe;
    bool is_suppressed; /* by a rule or a VEX statement of theirs: `reason` */
    prq_str reason;
};

struct prq_foreign {
    enum prq_foreign_tool tool;
    prq_str tool_version, name, image_id, digest;
    prq_str distro, release;
    prq_str created, data_built;     /* RFC 3339; of the report, of its data */
    bool lists_packages;             /* all of them, not only those with findings */
    struct prq_foreign_package *packages;
    size_t package_count;
    struct prq_foreign_finding *findings;
    size_t finding_count;
    uint64_t lost;
};

/* By the first bytes: a few KiB suffice. */
enum prq_foreign_tool prq_foreign_recognise(prq_str head);
/* FORMAT, UNSUPPORTED (neither of them, or another version), LIMIT. */
PRQ_MUST_USE bool prq_foreign_read(prq_str text, const struct prq_limits *limits, struct prq_arena *a,
                                   struct prq_foreign *out, struct prq_err *err);
const char *prq_foreign_name(enum prq_foreign_tool tool);

/* "npm ansi-regex 5.0.0": folded names, no epoch 0, no 'v' or "go" before Go's versions. */
prq_str prq_foreign_key(prq_str type, prq_str name, prq_str version, struct prq_arena *a);
/* The same without the version. */
prq_str prq_foreign_name_key(prq_str type, prq_str name, struct prq_arena *a);

/* ---- for the two readers */
struct prq_foreign_reader {
    struct prq_json j;
    struct prq_arena *a;
    const struct prq_limits *limits;
    struct prq_foreign *out;
    struct prq_map packages; /* by key */
    size_t package_cap, finding_cap;
    bool out_of_memory;
};
/* Adds it unless it is there; the purl decides on type, name and architecture where there is one.
 * False: it names nothing (counted), or memory ran out. */
bool prq_foreign_add_package(struct prq_foreign_reader *r, struct prq_foreign_package *p,
                             size_t *index);
void prq_foreign_add_finding(struct prq_foreign_reader *r, const struct prq_foreign_finding *f);
bool prq_foreign_add_str(struct prq_foreign_reader *r, struct prq_strs *to, size_t *cap, prq_str s);
/* The next object of an array; false at its end. */
bool prq_foreign_enter_list(struct prq_foreign_reader *r);
bool prq_foreign_next(struct prq_foreign_reader *r);
/* "debian" → "deb", "java-archive" → "maven": types that are none of purls; others as they are. */
prq_str prq_foreign_type(prq_str word);
void prq_trivy_member(struct prq_foreign_reader *r, prq_str key);
void prq_grype_member(struct prq_foreign_reader *r, prq_str key);

#endif
