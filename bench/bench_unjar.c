/* SPDX-License-Identifier: Apache-2.0 */
/* The bare cost of archives: every member of every archive named, and of the archives in them,
 * inflated once by ISA-L in one thread, as `igzip -dc` does it for a layer; nothing is looked at
 * and no checksum reckoned. With -n only the members that are archives themselves.
 *
 * For archives that bench/make-image made: no damaged ones, no zip64.
 * Source: PKWARE APPNOTE.TXT 6.3.10, 4.3.7, 4.3.12 and 4.3.16. */
#include <fcntl.h>
#include <isa-l/igzip_lib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MAX = 4, END_BYTES = 22, CENTRAL_BYTES = 46, LOCAL_BYTES = 30, DEFLATED = 8 };

struct counts {
    bool is_archives_only;
    uint64_t archives, members, bytes;
};

/* One for each level: the archive that is looked through lies in the one above. */
static struct {
    uint8_t *p;
    size_t n;
} room[DEPTH_MAX + 1];

static uint32_t u16(const uint8_t *p)
{
    return (uint32_t)(p[0] | p[1] << 8);
}

static uint32_t u32(const uint8_t *p)
{
    return u16(p) | u16(p + 2) << 16;
}

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "bench_unjar: %s\n", what);
    exit(2);
}

static bool is_archive(const uint8_t *name, size_t n)
{
    return n > 4 && (memcmp(name + n - 4, ".jar", 4) == 0 || memcmp(name + n - 4, ".war", 4) == 0);
}

static uint8_t *inflated(const uint8_t *in, uint32_t packed, uint32_t size, int depth)
{
    static struct inflate_state z;
    if (size > room[depth].n) {
        room[depth].n = size;
        free(room[depth].p);
        room[depth].p = malloc(size);
        if (!room[depth].p)
            die("out of memory");
    }
    isal_inflate_init(&z);
    z.next_in = (uint8_t *)(uintptr_t)in;
    z.avail_in = packed;
    z.next_out = room[depth].p;
    z.avail_out = size;
    if (isal_inflate_stateless(&z) != ISAL_DECOMP_OK || z.avail_out)
        die("invalid deflate data");
    return room[depth].p;
}

/* Recursion ends at DEPTH_MAX. */
static void unpack(const uint8_t *zip, size_t n, int depth, struct counts *c)
{
    size_t end = n - END_BYTES;
    if (n < END_BYTES || depth > DEPTH_MAX)
        die("not an archive of ours");
    while (end && u32(zip + end) != 0x06054b50)
        end--;
    const uint8_t *at = zip + u32(zip + end + 16);
    for (uint32_t left = u16(zip + end + 10); left; left--) {
        uint32_t packed = u32(at + 20), size = u32(at + 24);
        const uint8_t *name = at + CENTRAL_BYTES, *local = zip + u32(at + 42);
        const uint8_t *data = local + LOCAL_BYTES + u16(local + 26) + u16(local + 28);
        bool is_inner = is_archive(name, u16(at + 28));
        bool is_deflated = u16(at + 10) == DEFLATED;
        at += CENTRAL_BYTES + u16(at + 28) + u16(at + 30) + u16(at + 32);
        if (c->is_archives_only && !is_inner)
            continue;
        if (is_deflated && size)
            data = inflated(data, packed, size, depth);
        c->archives += is_inner;
        c->members++;
        c->bytes += size;
        if (is_inner)
            unpack(data, size, depth + 1, c);
    }
}

int main(int argc, char **argv)
{
    struct counts c = { 0 };
    for (int i = 1; i < argc; i++) {
        struct stat st;
        if (strcmp(argv[i], "-n") == 0) {
            c.is_archives_only = true;
            continue;
        }
        int fd = open(argv[i], O_RDONLY | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &st) < 0)
            die(argv[i]);
        void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (p == MAP_FAILED)
            die("mmap");
        unpack(p, (size_t)st.st_size, 0, &c);
        munmap(p, (size_t)st.st_size);
        close(fd);
    }
    printf("%ju nested archives, %ju members, %ju bytes\n", (uintmax_t)c.archives,
           (uintmax_t)c.members, (uintmax_t)c.bytes);
    return 0;
}
