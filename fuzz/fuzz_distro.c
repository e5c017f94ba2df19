/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte chooses the file, the rest is its content; then the notes are settled. */
#include "fuzz_analyzer.h"

extern const struct prq_analyzer prq_analyzer_distro;

static const char *const paths[] = {
    "etc/os-release",
    "etc/lsb-release",
    "etc/system-release-cpe",
    "etc/redhat-release",
    "etc/debian_version",
    "etc/alpine-release",
    "bin/busybox",
    "var/lib/ubuntu-advantage/status.json",
    "etc/apt/sources.list.d/a.sources",
    "root/buildinfo/content_manifests/a.json",
    "etc/oracle-release",
};

struct settling {
    struct prq_sink sink;
    struct prq_arena *arena;
    prq_str path;
};

static bool no_package(struct prq_sink *s, const struct prq_package *p)
{
    (void)s;
    (void)p;
    return true;
}

static bool no_gap(struct prq_sink *s, const struct prq_gap *g)
{
    (void)s;
    (void)g;
    return true;
}

static bool no_owned(struct prq_sink *s, prq_str owner, const prq_str *list, size_t n)
{
    (void)s;
    (void)owner;
    (void)list;
    (void)n;
    return true;
}

static bool settle(struct prq_sink *s, prq_str kind, const struct prq_pair *pairs, size_t n)
{
    struct settling *st = (struct settling *)(void *)s;
    struct prq_pair *copy = prq_new_n(st->arena, struct prq_pair, n);
    FUZZ_CHECK(copy);
    memcpy(copy, pairs, n * sizeof *copy);
    const struct prq_note note = { kind, st->path, 0, copy, n };
    struct prq_distro d;
    bool found = prq_distro_settle(&note, 1, st->arena, &d);
    FUZZ_CHECK(found == (d.id.n != 0));
    FUZZ_CHECK(!found || prq_str_eq(d.path, st->path));
    prq_distro_is_comprehensive(&d);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const char *path = paths[data[0] % PRQ_COUNT(paths)];
    fuzz_analyzer(&prq_analyzer_distro, path, data + 1, size - 1);
    static const struct prq_sink_ops ops = { no_package, no_gap, settle, no_owned };
    PRQ_ARENA arena = prq_arena_new(PRQ_MIB(64));
    FUZZ_CHECK(arena);
    struct settling st = { { .ops = &ops }, arena, prq_str_from(path) };
    struct prq_ctx ctx = { .limits = &prq_limits_default, .scratch = arena };
    struct prq_file file = { .path = st.path, .type = PRQ_FILE_REGULAR, .size = size - 1 };
    struct prq_input in = { .file = &file, .data = { data + 1, size - 1 } };
    prq_analyzer_distro.run(&ctx, &in, &st.sink, NULL);
    return 0;
}
