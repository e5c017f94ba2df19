/* SPDX-License-Identifier: Apache-2.0 */
/* Members of the analysis document, once for the writer and the reader. */
#ifndef PRQ_STORE_DOCUMENT_FIELDS_H
#define PRQ_STORE_DOCUMENT_FIELDS_H

#define PRQ_DOCUMENT_SCHEMA "pratique-analysis/1"

enum prq_document_section { /* in byte order of their names, as all members are */
    PRQ_SECTION_FILES,
    PRQ_SECTION_GAPS,
    PRQ_SECTION_IMAGE,
    PRQ_SECTION_PACKAGES,
    PRQ_SECTION_COUNT
};
extern const char *const prq_document_sections[PRQ_SECTION_COUNT];

/* All members of an object in byte order, which is the order they are written in: S a string, L a
 * list of strings, N a number (0: left out, but in layers), P written by a put_OBJECT_MEMBER. */
#define PRQ_IMAGE_MEMBERS(S, L, P)                                                            \
    S(architecture) S(base_digest) S(base_name) S(config) S(created) S(digest) P(distro)      \
    P(history) S(id) P(kind) P(layers) S(media_type) S(name) S(options) S(os)       \
    S(sandbox) L(tags) S(variant)
#define PRQ_DISTRO_MEMBERS(S, L, P)                                                           \
    S(build_id) L(channels) S(codename) S(id) P(layer) L(like) S(name) S(path)                \
    S(pretty_name) S(version_id)
#define PRQ_HISTORY_STRINGS(S) S(author) S(comment) S(created) S(created_by) /* empty_layer */
#define PRQ_LAYER_MEMBERS(S, L, N)                                                            \
    L(content_sets) S(created) S(diff_id) S(digest) N(file_count) S(instruction) N(size_bytes) \
    N(tar_bytes) N(wasted_bytes) N(wasted_files)
#define PRQ_PACKAGE_MEMBERS(S, L, N, P)                                                       \
    S(arch) L(cpes) L(depends) L(digests) S(distro) P(epoch) P(evidence) N(flags) S(found_by) \
    S(goos) N(layer) L(licenses) P(modularity) S(name) S(ns) N(owner) L(provides) S(purl)     \
    L(qualifiers) N(size_bytes) S(source_name) S(source_rpm) S(source_version) S(subpath)     \
    S(type) S(vcs_url) S(vendor) S(version)
#define PRQ_NOT(member)

#define PRQ_IMAGE_STRINGS(X) PRQ_IMAGE_MEMBERS(X, PRQ_NOT, PRQ_NOT)
#define PRQ_DISTRO_STRINGS(X) PRQ_DISTRO_MEMBERS(X, PRQ_NOT, PRQ_NOT)
#define PRQ_LAYER_STRINGS(X) PRQ_LAYER_MEMBERS(X, PRQ_NOT, PRQ_NOT)
#define PRQ_LAYER_NUMBERS(X) PRQ_LAYER_MEMBERS(PRQ_NOT, PRQ_NOT, X)
#define PRQ_PACKAGE_STRINGS(X) PRQ_PACKAGE_MEMBERS(X, PRQ_NOT, PRQ_NOT, PRQ_NOT)
#define PRQ_PACKAGE_LISTS(X) PRQ_PACKAGE_MEMBERS(PRQ_NOT, X, PRQ_NOT, PRQ_NOT)
#define PRQ_PACKAGE_NUMBERS(X) PRQ_PACKAGE_MEMBERS(PRQ_NOT, PRQ_NOT, X, PRQ_NOT)

#endif
