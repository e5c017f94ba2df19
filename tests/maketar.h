/* SPDX-License-Identifier: Apache-2.0 */
/* Tars and docker archives in memory, member by member, so that a test shows what it reads:
 *
 *     struct prq_buf t = tar_new();
 *     tar_file(&t, "etc/os-release", "ID=alpine\n");
 *     tar_link(&t, "lib", 'l', "usr/lib");
 *     prq_bytes tar = tar_done(&t);
 */
#ifndef PRQ_TESTS_MAKETAR_H
#define PRQ_TESTS_MAKETAR_H

#undef PRQ_SOURCE_DIR /* of the build; model/analysis.h has an enumerator of that name */
#include "unit.h"

#include <unistd.h>

#include "base/buf.h"
#include "lib/lib.h"

static inline struct prq_buf tar_new(void)
{
    struct prq_buf b;
    prq_buf_init(&b, PRQ_MIB(64));
    return b;
}

/* A ustar header. Source: POSIX.1-2017 pax, "ustar Interchange Format". */
static inline void tar_header(struct prq_buf *b, const char *path, char type, const char *link,
                              size_t size)
{
    char h[512] = { 0 };
    size_t n = strlen(path), cut = 0;
    for (size_t i = 0; n > 100 && i < n; i++) /* the rest goes into the prefix field */
        if (path[i] == '/' && n - i - 1 <= 100) {
            cut = i + 1;
            break;
        }
    assert_true(n - cut <= 100 && cut <= 156 && strlen(link) <= 100);
    memcpy(h, path + cut, n - cut);
    if (cut)
        memcpy(h + 345, path, cut - 1);
    memcpy(h + 157, link, strlen(link));
    snprintf(h + 100, 8, "%07o", 0644u);
    snprintf(h + 108, 8, "%07o", 0u);
    snprintf(h + 116, 8, "%07o", 0u);
    snprintf(h + 124, 12, "%011o", (unsigned)(size & 0xffffffff));
    snprintf(h + 136, 12, "%011o", 1680307200u);
    h[156] = type == 'f' ? '0' : type == 'h' ? '1' : type == 'l' ? '2' : type == 'd' ? '5' : type;
    memcpy(h + 257, "ustar\00000", 8);
    memset(h + 148, ' ', 8);
    unsigned sum = 0;
    for (size_t i = 0; i < sizeof h; i++)
        sum += (unsigned char)h[i];
    snprintf(h + 148, 8, "%06o", sum);
    assert_true(prq_buf_add(b, h, sizeof h));
}

static inline void tar_bytes(struct prq_buf *b, const char *path, char type, const void *p, size_t n)
{
    static const char zeros[512];
    tar_header(b, path, type, "", n);
    assert_true(prq_buf_add(b, p, n) && prq_buf_add(b, zeros, (512 - n % 512) % 512));
}

static inline void tar_file(struct prq_buf *b, const char *path, const char *text)
{
    tar_bytes(b, path, 'f', text, strlen(text));
}

static inline void tar_link(struct prq_buf *b, const char *path, char type, const char *target)
{
    tar_header(b, path, type, target, 0);
}

static inline void tar_dir(struct prq_buf *b, const char *path)
{
    tar_header(b, path, 'd', "", 0);
}

static inline prq_bytes tar_done(struct prq_buf *b)
{
    static const char zeros[1024];
    assert_true(prq_buf_add(b, zeros, sizeof zeros));
    return prq_buf_bytes(b);
}

/* "sha256:" and the digest, in a static buffer. */
static inline const char *tar_sha(prq_bytes b)
{
    static char text[72] = "sha256:";
    uint8_t raw[32];
    assert_true(prq_sha256(b, raw));
    prq_hex_encode((prq_bytes){ raw, 32 }, text + 7);
    text[71] = '\0';
    return text;
}

/* What `docker save` writes, of these layers, to a new file under /tmp; the caller unlinks it. The
 * layer `liar` gets a wrong diff id (SIZE_MAX: none does). */
static inline void tar_image(char path[64], const prq_bytes *layers, size_t n, size_t liar)
{
    struct prq_buf image = tar_new(), config = tar_new(), manifest = tar_new();
    prq_buf_printf(&config, "{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{\"type\":"
                            "\"layers\",\"diff_ids\":[");
    prq_buf_printf(&manifest, "[{\"Config\":\"c.json\",\"RepoTags\":[\"t:1\"],\"Layers\":[");
    for (size_t i = 0; i < n; i++) {
        char name[16];
        snprintf(name, sizeof name, "%zu.tar", i);
        prq_buf_printf(&config, "%s\"%s\"", i ? "," : "",
                       tar_sha(i == liar ? (prq_bytes){ 0 } : layers[i]));
        prq_buf_printf(&manifest, "%s\"%s\"", i ? "," : "", name);
        tar_bytes(&image, name, 'f', layers[i].p, layers[i].n);
    }
    prq_buf_printf(&config, "]}}");
    prq_buf_printf(&manifest, "]}]");
    tar_bytes(&image, "c.json", 'f', config.p, config.n);
    tar_bytes(&image, "manifest.json", 'f', manifest.p, manifest.n);
    prq_bytes all = tar_done(&image);
    snprintf(path, 64, "/tmp/prq-image.XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, all.p, all.n), (ssize_t)all.n);
    close(fd);
    prq_buf_release(&image);
    prq_buf_release(&config);
    prq_buf_release(&manifest);
}

/* A record of lib/apk/db/installed. */
#define TAR_APK(name, version) \
    "C:Q1qKcZ+j23xssAXmgQhkOO8dHnbWw=\nP:" name "\nV:" version "\nA:x86_64\nS:1\nI:2\nT:x\nL:MIT\n" \
    "o:" name "\n\n"
#define TAR_DEB(name, version)                                                                \
    "Package: " name "\nStatus: install ok installed\nArchitecture: amd64\nVersion: " version \
    "\nMaintainer: Debian <debian@lists.debian.org>\nDescription: x\n\n"

#endif
