/* SPDX-License-Identifier: Apache-2.0 */
/* Members of the analysis document, once for the writer and the reader. */
#ifndef PRQ_STORE_DOCUMENT_FIELDS_H
#define PRQ_STORE_DOCUMENT_FIELDS_H

#define PRQ_DOCUMENT_SCHEMA "pratique-analysis/1"

enum prq_document_section {
    PRQ_SECTION_IMAGE,
    PRQ_SECTION_PACKAGES,
    PRQ_SECTION_FILES,
    PRQ_SECTION_GAPS,
    PRQ_SECTION_COUNT
};
extern const char *const prq_document_sections[PRQ_SECTION_COUNT];

#define PRQ_IMAGE_STRINGS(X)                                                                  \
    X(architecture) X(base_digest) X(base_name) X(config) X(created) X(digest) X(id)          \
    X(media_type) X(name) X(options) X(os) X(sandbox) X(variant)
#define PRQ_DISTRO_STRINGS(X) \
    X(id) X(version_id) X(name) X(pretty_name) X(codename) X(build_id) X(path)
#define PRQ_HISTORY_STRINGS(X) X(author) X(comment) X(created) X(created_by)
#define PRQ_LAYER_STRINGS(X) X(created) X(diff_id) X(digest) X(instruction)
#define PRQ_LAYER_NUMBERS(X) X(file_count) X(size_bytes) X(tar_bytes)
#define PRQ_PACKAGE_STRINGS(X)                                                                \
    X(arch) X(distro) X(found_by) X(goos) X(name) X(ns) X(purl) X(source_name) X(source_rpm)              \
    X(source_version) X(subpath) X(type) X(vcs_url) X(vendor) X(version)
#define PRQ_PACKAGE_LISTS(X) X(cpes) X(depends) X(digests) X(licenses) X(provides) X(qualifiers)
#define PRQ_PACKAGE_NUMBERS(X) X(flags) X(layer) X(owner) X(size_bytes)

#endif
