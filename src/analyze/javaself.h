/* SPDX-License-Identifier: Apache-2.0 */
/* What one archive says of itself, and which of it is to be believed. */
#ifndef PRQ_ANALYZE_JAVASELF_H
#define PRQ_ANALYZE_JAVASELF_H

#include "analyze/analyze.h"
#include "analyze/java.h"

/* META-INF/maven/GROUP/ARTIFACT: of pom.properties, else of pom.xml. */
struct prq_jar_pom {
    prq_str dir;                      /* the directory that both lie in */
    prq_str group, artifact, version; /* empty: unknown, or nothing that a coordinate may be */
    prq_str xml_version;
    struct prq_strs licenses;
    bool has_properties, is_at_root;
};

struct prq_jar {
    prq_str path;
    struct prq_jar_name name;
    struct prq_manifest manifest;
    struct prq_jar_pom *poms;
    size_t pom_n, pom_cap;
    struct prq_map pom_by_dir;
    bool has_code; /* any class or, in a war, the classes of the application */
    bool has_classes;
    prq_str class_dir; /* holds all classes */
};

/* What the archive itself is. */
struct prq_jar_self {
    bool is_known, is_jenkins_plugin;
    bool is_untold; /* holds code, and nothing tells what it is */
    prq_str group, artifact, version, classifier;
    struct prq_strs licenses;
    uint32_t flags;
};

void prq_jar_init(struct prq_jar *jar, prq_str path, struct prq_arena *a);
/* False: a pom.xml that cannot be read (the coordinates of its path stay), or LIMIT. */
PRQ_MUST_USE bool prq_jar_add_pom(struct prq_jar *jar, prq_str path, prq_bytes data, bool is_xml,
                                  bool is_at_root, const struct prq_limits *limits,
                                  struct prq_arena *a, struct prq_err *err);
/* False: memory ran out. */
PRQ_MUST_USE bool prq_jar_identify(const struct prq_jar *jar, struct prq_arena *a,
                                   struct prq_jar_self *out);
/* Has it all three coordinates? */
bool prq_jar_pom_is_whole(const struct prq_jar_pom *pom);
bool prq_jar_is_self(const struct prq_jar_self *self, const struct prq_jar_pom *pom);

#endif
