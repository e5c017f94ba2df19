/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of Java's files share. Sources: maven.apache.org, "POM Reference" and "Maven
 * Coordinates"; docs.oracle.com, "JAR File Specification"; catalog.md 4.3. */
#ifndef PRQ_ANALYZE_JAVA_H
#define PRQ_ANALYZE_JAVA_H

#include "base/buf.h"
#include "base/limits.h"
#include "base/map.h"
#include "model/sink.h"

/* ---- pomfile.c: pom.xml */

struct prq_pom_dep {
    prq_str group, artifact, version, scope, type, classifier; /* raw, trimmed */
    bool is_optional;
};

struct prq_pom {
    prq_str group, artifact, version, packaging; /* raw, of the project itself */
    bool has_parent;
    prq_str parent_group, parent_artifact, parent_version, parent_path;
    bool has_parent_path; /* <relativePath> is there, be it empty */
    struct prq_pair *props;
    size_t prop_n, prop_cap;
    struct prq_map by_prop; /* name → index, the last one */
    struct prq_pom_dep *deps, *managed;
    struct prq_map by_managed; /* prq_pom_index: "group:artifact" and with ":type:classifier" */
    size_t dep_n, dep_cap, managed_n, managed_cap;
    struct prq_strs licenses, modules;
    size_t license_cap, module_cap;
    uint64_t unexpanded;          /* references to entities, left as they are */
    const struct prq_pom *parent; /* set by who knows it; NULL */
};

/* All memory is of `a`. What came before a fault is in *out. */
PRQ_MUST_USE bool prq_pom_parse(prq_bytes data, const struct prq_limits *limits,
                                struct prq_arena *a, struct prq_pom *out, struct prq_err *err);
/* With "${name}" replaced. Empty when something in it is unknown or memory ran out: a version is
 * not invented. */
prq_str prq_pom_resolve(const struct prq_pom *pom, prq_str raw, struct prq_arena *a);
/* For prq_pom_settle: what the project manages, by name. False: memory ran out. */
PRQ_MUST_USE bool prq_pom_index(struct prq_pom *pom, struct prq_arena *a);
/* A dependency as the project (with its parents) means it; unknown parts are empty, a version range
 * is no version. False: memory ran out. */
PRQ_MUST_USE bool prq_pom_settle(const struct prq_pom *pom, const struct prq_pom_dep *dep,
                                 struct prq_arena *a, struct prq_pom_dep *out);
/* The project's own, inherited and resolved; empty when unknown. */
prq_str prq_pom_group(const struct prq_pom *pom, struct prq_arena *a);
prq_str prq_pom_version(const struct prq_pom *pom, struct prq_arena *a);

/* A settled dependency as a package. False when the sink is full, or memory ran out. */
PRQ_MUST_USE bool prq_pom_declare(const struct prq_pom_dep *dep, struct prq_arena *a,
                                  struct prq_package *out);

/* ---- javasettle.c: what other pom.xml files may need of this one, and what it could not complete */
PRQ_MUST_USE bool prq_pom_note(const struct prq_pom *pom, const struct prq_pom_dep *open,
                               size_t open_n, struct prq_arena *a, struct prq_sink *sink,
                               struct prq_err *err);

/* ---- jarfile.c: names of archives, MANIFEST.MF, pom.properties */

struct prq_jar_name {
    prq_str stem;       /* without directory and extension */
    prq_str name;       /* never empty unless stem is */
    prq_str version;    /* may be empty */
    prq_str classifier; /* "sources", "javadoc", "tests", … where it is one that holds no code */
};
struct prq_jar_name prq_jar_name(prq_str path);

enum prq_manifest_key {
    PRQ_MF_AUTOMATIC_MODULE_NAME,
    PRQ_MF_BUNDLE_ACTIVATOR,
    PRQ_MF_BUNDLE_LICENSE,
    PRQ_MF_BUNDLE_NAME,
    PRQ_MF_BUNDLE_SYMBOLIC_NAME,
    PRQ_MF_BUNDLE_VENDOR,
    PRQ_MF_BUNDLE_VERSION,
    PRQ_MF_CREATED_BY,
    PRQ_MF_EXTENSION_NAME,
    PRQ_MF_GROUP_ID,
    PRQ_MF_IMPLEMENTATION_TITLE,
    PRQ_MF_IMPLEMENTATION_VENDOR,
    PRQ_MF_IMPLEMENTATION_VENDOR_ID,
    PRQ_MF_IMPLEMENTATION_VERSION,
    PRQ_MF_MAIN_CLASS,
    PRQ_MF_NAME,
    PRQ_MF_PACKAGE,
    PRQ_MF_PLUGIN_VERSION,
    PRQ_MF_SHORT_NAME,
    PRQ_MF_SPECIFICATION_TITLE,
    PRQ_MF_SPECIFICATION_VENDOR,
    PRQ_MF_SPECIFICATION_VERSION,
    PRQ_MF_START_CLASS,
    PRQ_MF_TOOL,
    PRQ_MF_WEAVE_CLASSES,
    PRQ_MF_KEYS,
};
struct prq_manifest {
    bool is_present;
    prq_str main[PRQ_MF_KEYS]; /* of the main section, trimmed; the first of each */
    prq_str section_version;   /* Implementation-Version of all other sections that have one,
                                * where they agree */
};
/* Never fails on odd lines (they are skipped, as the runtime's loaders would refuse the file);
 * false: memory ran out. */
PRQ_MUST_USE bool prq_jar_manifest(prq_str text, struct prq_arena *a, struct prq_manifest *out);

struct prq_pom_properties {
    prq_str group, artifact, version;
};
/* Views into `text`. */
struct prq_pom_properties prq_pom_properties(prq_str text);

/* A version that says one: it has a digit and no placeholder. */
bool prq_java_is_version(prq_str v);

/* ---- javagroup.c: groups of artefacts whose jars do not tell them */

/* Empty: not in the table. */
prq_str prq_java_known_group(prq_str artifact, prq_str version);
struct prq_java_clues {
    const struct prq_manifest *manifest;
    prq_str class_dir; /* the directory that all classes lie in ("org/jsoup") */
    prq_str artifact, version;
};
/* *group: views into *c, tables or `a`; empty: none. *is_guess: neither an attribute that exists
 * for it nor a table of names says so. False: memory ran out. */
PRQ_MUST_USE bool prq_java_guess_group(const struct prq_java_clues *c, struct prq_arena *a,
                                       prq_str *group, bool *is_guess);
/* Is the table of packages in order? For tests. */
bool prq_java_homes_check(void);

/* A package of type maven: "group:artifact", its memory of `a`. False: memory ran out. */
PRQ_MUST_USE bool prq_java_package(struct prq_package *p, prq_str group, prq_str artifact,
                                   prq_str version, struct prq_arena *a);

#endif
