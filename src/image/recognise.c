/* SPDX-License-Identifier: Apache-2.0 */
/* What an argument names: by its prefix, or by looking. Source: platform.md 2. */
#include <fcntl.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "format/sbom.h"
#include "image/opening.h"
#include "image/tarindex.h"
#include "io/source.h"

static const struct {
    prq_str prefix;
    enum prq_source_word word;
} prefixes[] = {
    { PRQ_SI("registry:"), PRQ_FROM_REGISTRY },
    { PRQ_SI("oci-dir:"), PRQ_FROM_OCI_DIR },
    { PRQ_SI("oci-archive:"), PRQ_FROM_OCI_ARCHIVE },
    { PRQ_SI("docker-archive:"), PRQ_FROM_DOCKER_ARCHIVE },
    { PRQ_SI("dir:"), PRQ_FROM_DIR },
    { PRQ_SI("rootfs:"), PRQ_FROM_ROOTFS },
    { PRQ_SI("purl:"), PRQ_FROM_PURL },
    { PRQ_SI("analysis:"), PRQ_FROM_ANALYSIS },
    { PRQ_SI("sbom:"), PRQ_FROM_SBOM },
    { PRQ_SI("report:"), PRQ_FROM_REPORT },
};

/* Other tools' prefixes, with what to write instead. */
static const struct {
    prq_str prefix;
    const char *hint;
} foreign[] = {
    { PRQ_SI("docker:"), "save the image and scan docker-archive:FILE, or write "
                         "docker.io/library/docker:TAG for the image of that name" },
    { PRQ_SI("podman:"), "save the image and scan oci-archive:FILE" },
    { PRQ_SI("containerd:"), "export the image and scan oci-archive:FILE" },
    { PRQ_SI("containers-storage:"), "save the image and scan oci-archive:FILE" },
};

static const char *const words[] = {
    [PRQ_FROM_REGISTRY] = "registry",       [PRQ_FROM_OCI_DIR] = "oci-dir",
    [PRQ_FROM_OCI_ARCHIVE] = "oci-archive", [PRQ_FROM_DOCKER_ARCHIVE] = "docker-archive",
    [PRQ_FROM_SKOPEO_DIR] = "dir-layout",   [PRQ_FROM_DIR] = "dir",
    [PRQ_FROM_ROOTFS] = "rootfs",           [PRQ_FROM_PURL] = "purl",
    [PRQ_FROM_ANALYSIS] = "analysis",       [PRQ_FROM_SBOM] = "sbom",
    [PRQ_FROM_REPORT] = "report",
};

bool prq_path_stat(prq_str path, struct stat *st)
{
    char z[4096];
    if (path.n == 0 || path.n >= sizeof z || memchr(path.p, '\0', path.n))
        return false;
    memcpy(z, path.p, path.n);
    z[path.n] = '\0';
    return stat(z, st) == 0;
}

void prq_split_path(prq_str what, prq_str *path, prq_str *name)
{
    struct stat st;
    prq_str before, after;
    *path = what;
    *name = (prq_str){ 0 };
    if (prq_str_eq(what, PRQ_S("-")) || prq_path_stat(what, &st))
        return;
    /* A digest and a tag with a host have colons of their own: try every place, the last first. */
    size_t at = prq_str_search(what, PRQ_S("@sha"));
    if (at < what.n &&
        (prq_path_stat(prq_str_head(what, at), &st) || prq_str_eq(prq_str_head(what, at), PRQ_S("-")))) {
        *path = prq_str_head(what, at);
        *name = prq_str_from_at(what, at);
        return;
    }
    prq_str rest = what;
    while (prq_str_rcut(rest, ':', &before, &after)) {
        if (prq_path_stat(before, &st) || prq_str_eq(before, PRQ_S("-"))) {
            *path = before;
            *name = prq_str_from_at(what, before.n + 1);
            return;
        }
        rest = before;
    }
}

static bool dir_has(int dirfd, const char *name, mode_t kind)
{
    struct stat st;
    return fstatat(dirfd, name, &st, 0) == 0 && (st.st_mode & S_IFMT) == kind;
}

static bool is_skopeo_dir(int dirfd)
{
    if (!dir_has(dirfd, "manifest.json", S_IFREG))
        return false;
    /* skopeo's version file has one line with this in front. */
    PRQ_FD int fd = openat(dirfd, "version", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    char text[64];
    ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof text, 0);
    return n > 0 && prq_str_starts((prq_str){ text, (size_t)n }, PRQ_S("Directory Transport Version"));
}

static enum prq_source_word look_at_dir(prq_str path)
{
    char z[4096];
    snprintf(z, sizeof z, "%.*s", PRQ_FMT(path));
    PRQ_FD int fd = open(z, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return PRQ_FROM_DIR;
    if (dir_has(fd, "oci-layout", S_IFREG) ||
        (dir_has(fd, "index.json", S_IFREG) && dir_has(fd, "blobs", S_IFDIR)))
        return PRQ_FROM_OCI_DIR;
    if (is_skopeo_dir(fd))
        return PRQ_FROM_SKOPEO_DIR;
    /* Links of a root file system are its own: look only at what is there by name. */
    struct stat st;
    bool has_release = fstatat(fd, "etc/os-release", &st, AT_SYMLINK_NOFOLLOW) == 0 ||
                       dir_has(fd, "usr/lib/os-release", S_IFREG);
    bool is_root = dir_has(fd, "etc", S_IFDIR) && dir_has(fd, "usr", S_IFDIR) &&
                   (fstatat(fd, "bin", &st, AT_SYMLINK_NOFOLLOW) == 0 ||
                    dir_has(fd, "var/lib", S_IFDIR) || dir_has(fd, "lib", S_IFDIR));
    return has_release || is_root ? PRQ_FROM_ROOTFS : PRQ_FROM_DIR;
}

/* The first bytes of a file, unpacked when it is compressed. */
static size_t peek(prq_str path, uint8_t *head, size_t cap)
{
    char z[4096];
    size_t n = 0, got = 1;
    snprintf(z, sizeof z, "%.*s", PRQ_FMT(path));
    PRQ_FD int fd = open(z, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return 0;
    PRQ_STREAM top = NULL;
    if (!prq_decompress_stream(prq_fd_stream(fd, 0, UINT64_MAX), &prq_limits_default, &top, NULL))
        return 0;
    while (n < cap && got) {
        if (!prq_stream_read(top, head + n, cap - n, &got, NULL))
            break;
        n += got;
    }
    return n;
}

static bool look_at_file(prq_str path, enum prq_source_word *word, struct prq_err *err)
{
    uint8_t head[4096];
    size_t n = peek(path, head, sizeof head);
    prq_str text = prq_str_trim((prq_str){ (const char *)head, n });
    if (prq_is_tar_block((prq_bytes){ head, n })) {
        prq_str name = prq_str_head(text, 100);
        name = prq_str_head(name, prq_str_find(name, '\0'));
        *word = prq_str_starts(name, PRQ_S("blobs/")) || prq_str_eq(name, PRQ_S("oci-layout")) ||
                        prq_str_eq(name, PRQ_S("index.json"))
                    ? PRQ_FROM_OCI_ARCHIVE
                    : PRQ_FROM_DOCKER_ARCHIVE;
        return true;
    }
    /* A report of ours: its members are in alphabetical order, and "schema" is not among the first. */
    if (prq_str_starts(text, PRQ_S("{")) &&
        prq_str_starts(prq_str_trim(prq_str_from_at(text, 1)), PRQ_S("\"families\""))) {
        *word = PRQ_FROM_REPORT;
        return true;
    }
    if (prq_sbom_recognise(text) != PRQ_SBOM_NONE ||
        prq_str_has(text, PRQ_S("cyclonedx.org/schema/bom"))) {
        *word = PRQ_FROM_SBOM;
        return true;
    }
    /* An analysis of ours: as JSON it begins with its own digest, as frames with its schema. */
    static const prq_str digest = PRQ_SI("{\"digest\":\"sha256:");
    static const prq_str schema = PRQ_SI("{\"schema\":\"pratique-analysis/");
    if (prq_str_starts(text, digest) || prq_str_starts(text, schema)) {
        *word = PRQ_FROM_ANALYSIS;
        return true;
    }
    return prq_fail(err, PRQ_E_USAGE, "%.*s is neither an image archive nor an SBOM",
                    PRQ_FMT(path));
}

/* Names that only a file has: nobody calls an image so. A tag or an image's name may follow. */
static bool is_file_name(prq_str argument)
{
    static const prq_str ends[] = {
        PRQ_SI(".tar"),     PRQ_SI(".tgz"),  PRQ_SI(".tar.gz"),   PRQ_SI(".tar.zst"),
        PRQ_SI(".tar.xz"),  PRQ_SI(".tzst"), PRQ_SI(".tar.bz2"),  PRQ_SI(".txz"),
        PRQ_SI(".json"),    PRQ_SI(".xml"),  PRQ_SI(".spdx"),     PRQ_SI(".cdx"),
        PRQ_SI(".oci"),     PRQ_SI(".zip"),  PRQ_SI(".analysis"),
    };
    prq_str base = prq_path_base(argument);
    base = prq_str_head(base, prq_str_find(base, ':'));
    for (size_t i = 0; i < PRQ_COUNT(ends); i++)
        if (prq_str_ends(base, ends[i]))
            return true;
    return false;
}

/* What an image's name can neither begin nor end with, and what one without a registry cannot hold:
 * an upper-case letter. Source: OCI distribution specification, "name". */
static bool is_path(prq_str s)
{
    static const prq_str starts[] = { PRQ_SI("/"), PRQ_SI("./"), PRQ_SI("../"), PRQ_SI("~") };
    for (size_t i = 0; i < PRQ_COUNT(starts); i++)
        if (prq_str_starts(s, starts[i]))
            return true;
    size_t slash = prq_str_find(s, '/');
    prq_str host = prq_str_head(s, slash), rest = prq_str_head(s, prq_str_rfind(s, ':'));
    bool has_host = prq_str_find(host, '.') < host.n || prq_str_find(host, ':') < host.n;
    for (size_t i = 0; !has_host && slash < s.n && i < rest.n; i++)
        if (prq_is_upper(rest.p[i]))
            return true;
    return prq_str_ends(s, PRQ_S("/")) || prq_str_has(s, PRQ_S("//")) ||
           prq_str_has(s, PRQ_S("/../")) || is_file_name(s);
}

static bool look(prq_str argument, enum prq_source_word *word, struct prq_err *err)
{
    struct stat st;
    prq_str path, name;
    prq_split_path(argument, &path, &name);
    bool looks_like_path = is_path(argument);
    /* "alpine:3.17" is an image even when there is a directory alpine. */
    if (!prq_path_stat(argument, &st) && (!looks_like_path || !prq_path_stat(path, &st))) {
        if (looks_like_path) {
            errno = ENOENT;
            return prq_fail(err, PRQ_E_IO, "%.*s", PRQ_FMT(argument));
        }
        *word = PRQ_FROM_REGISTRY;
        return true;
    }
    if (!S_ISDIR(st.st_mode))
        return look_at_file(path, word, err);
    *word = look_at_dir(path);
    if (name.n && *word != PRQ_FROM_OCI_DIR)
        return prq_fail(err, PRQ_E_USAGE, "%.*s has no images to name", PRQ_FMT(path));
    return true;
}

bool prq_recognise(prq_str argument, enum prq_source_word *word, prq_str *rest, bool *is_sure,
                   struct prq_err *err)
{
    *rest = argument;
    *is_sure = true;
    if (argument.n == 0)
        return prq_fail(err, PRQ_E_USAGE, "name an image");
    if (prq_str_eq(argument, PRQ_S("-")))
        return prq_fail(err, PRQ_E_USAGE, "say what standard input is: docker-archive:-, oci-archive:-, "
                                          "sbom:-");
    for (size_t i = 0; i < PRQ_COUNT(prefixes); i++)
        if (prq_str_starts(argument, prefixes[i].prefix)) {
            *word = prefixes[i].word;
            *rest = prq_str_from_at(argument, prefixes[i].prefix.n);
            if (rest->n == 0)
                return prq_fail(err, PRQ_E_USAGE, "nothing after %.*s",
                                PRQ_FMT(prefixes[i].prefix));
            /* skopeo calls its layout "dir:" too. */
            if (*word == PRQ_FROM_DIR && look_at_dir(*rest) == PRQ_FROM_SKOPEO_DIR)
                *word = PRQ_FROM_SKOPEO_DIR;
            return true;
        }
    for (size_t i = 0; i < PRQ_COUNT(foreign); i++)
        if (prq_str_starts(argument, foreign[i].prefix))
            return prq_fail(err, PRQ_E_USAGE, "%.*s is not a source: %s",
                            PRQ_FMT(foreign[i].prefix), foreign[i].hint);
    /* A package URL has a slash where a tag cannot have one. */
    if (prq_str_starts(argument, PRQ_S("pkg:")) && prq_str_find(argument, '/') < argument.n) {
        *word = PRQ_FROM_PURL;
        return true;
    }
    *is_sure = false;
    return look(argument, word, err);
}

bool prq_source_recognise(prq_str argument, const char **kind, prq_str *rest, struct prq_err *err)
{
    enum prq_source_word word;
    bool is_sure;
    if (!prq_recognise(argument, &word, rest, &is_sure, err))
        return false;
    *kind = words[word];
    return true;
}
