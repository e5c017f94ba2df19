/* SPDX-License-Identifier: Apache-2.0 */
/* Layers with deps.json and assemblies, walked with the real analyzers and squashed. Expected: catalog.md
 * 4.8, whether the files that a deps.json names are really there. */
#include "maketar.h"

#include "io/source.h"
#include "makepe.h"
#include "scan/squash.h"
#include "scan/walk.h"

enum { LAYERS = 3 };

struct image {
    struct prq_buf tar[LAYERS];
    size_t n;
    struct prq_facts_writer w[LAYERS];
    struct prq_layer_facts layers[LAYERS];
    struct prq_arena *arena;
    struct prq_analysis an;
};

#define DEPS \
    "{\"runtimeTarget\":{\"name\":\"T\"},\"targets\":{\"T\":{" \
    "\"app/1.0.0\":{\"runtime\":{\"app.dll\":{}}}," \
    "\"A/1.1.0\":{\"runtime\":{\"lib/net8.0/A.dll\":{}}}," \
    "\"B/2.2.0\":{\"runtime\":{\"lib/net8.0/B.dll\":{}}}," \
    "\"C/3.3.0\":{\"resources\":{\"lib/net8.0/de/C.resources.dll\":{\"locale\":\"de\"}}}," \
    "\"D/4.4.0\":{\"runtime\":{\"lib/net8.0/_._\":{}}}," \
    "\"E/5.5.0\":{\"runtimeTargets\":{\"runtimes/unix/lib/net8.0/E.dll\":{}}}%s}}," \
    "\"libraries\":{\"app/1.0.0\":{\"type\":\"project\"}}}"

static prq_bytes assembly(const char *name, const char *version)
{
    static uint8_t f[PE_ROOM];
    const char *const texts[] = { "ProductName", name, "FileVersion", version, NULL };
    return pe_make(f, true, true, texts);
}

static void add_assembly(struct prq_buf *t, const char *path, const char *name)
{
    prq_bytes b = assembly(name, "9.9.9");
    tar_bytes(t, path, 'f', b.p, b.n);
}

static const char *list(struct image *im)
{
    static char out[1024];
    PRQ_ARENA scratch = prq_arena_new(PRQ_MIB(16));
    struct prq_ctx ctx = unit_ctx(scratch);
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_walk_opts opts = { .dispatch = prq_dispatch_new(PRQ_WANT_IMAGE, im->arena),
                                  .mode = PRQ_WANT_IMAGE, .spool_fd = -1 };
    for (size_t i = 0; i < im->n; i++) {
        prq_facts_writer_init(&im->w[i], &prq_limits_default);
        struct prq_stream *in = prq_mem_stream(tar_done(&im->tar[i]));
        assert_true(prq_walk_layer(&ctx, in, &opts, &im->w[i], &err));
        prq_stream_close(in);
        im->layers[i].index = prq_buf_bytes(&im->w[i].index);
        assert_true(prq_facts_parse(prq_buf_bytes(&im->w[i].facts), (uint32_t)i, im->arena,
                                    &im->layers[i].facts, &err));
    }
    assert_true(prq_squash(&ctx, im->layers, im->n, im->arena, &im->an, &err));
    assert_int_equal(im->an.gap_count, 0);
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < im->an.package_count; i++)
        n += (size_t)snprintf(out + n, sizeof out - n, "%s%.*s@%.*s", i ? " " : "",
                              PRQ_FMT(im->an.packages[i].name),
                              PRQ_FMT(im->an.packages[i].version));
    for (size_t i = 0; i < im->n; i++) {
        prq_facts_writer_release(&im->w[i]);
        prq_buf_release(&im->tar[i]);
    }
    prq_arena_free(im->arena);
    return out;
}

static struct prq_buf *layer(struct image *im)
{
    if (!im->arena)
        im->arena = prq_arena_new(PRQ_MIB(64));
    im->tar[im->n] = tar_new();
    return &im->tar[im->n++];
}

static void add_deps(struct prq_buf *t, const char *more)
{
    char text[2048];
    int n = snprintf(text, sizeof text, DEPS, more);
    tar_bytes(t, "app/app.deps.json", 'f', text, (size_t)n);
}

static void test_assemblies_present(void **state)
{
    (void)state;
    struct image im = { .n = 0 };
    struct prq_buf *t = layer(&im);
    add_assembly(t, "app/A.dll", "A of its own");
    add_assembly(t, "app/B.dll", "B of its own");
    add_assembly(t, "app/app.dll", "App");
    add_assembly(t, "app/de/C.resources.dll", "C");
    add_assembly(t, "app/runtimes/unix/lib/net8.0/E.dll", "E");
    add_assembly(t, "app/plugins/F.dll", "F");
    t = layer(&im);
    add_deps(t, "");
    t = layer(&im);
    tar_bytes(t, "app/.wh.B.dll", 'f', "", 0);
    /* B was deleted; D brings nothing; F is nobody's. */
    assert_string_equal(list(&im), "A@1.1.0 C@3.3.0 E@5.5.0 F@9.9.9 app@1.0.0");
}

static void test_assemblies_undeployed(void **state)
{
    (void)state;
    struct image im = { .n = 0 };
    struct prq_buf *t = layer(&im);
    add_deps(t, "");
    add_assembly(t, "app/app.dll", "App");
    add_assembly(t, "other/A.dll", "Another A");
    assert_string_equal(list(&im), "A@1.1.0 Another A@9.9.9 B@2.2.0 C@3.3.0 E@5.5.0 app@1.0.0");
}

static void test_assemblies_merged(void **state)
{
    (void)state;
    struct image im = { .n = 0 };
    struct prq_buf *t = layer(&im);
    add_deps(t, ",\"ILRepack/2.0.18\":{\"runtime\":{\"lib/ILRepack.exe\":{}}}");
    add_assembly(t, "app/app.dll", "App");
    add_assembly(t, "app/A.dll", "A");
    assert_string_equal(list(&im), "A@1.1.0 B@2.2.0 C@3.3.0 E@5.5.0 ILRepack@2.0.18 app@1.0.0");
}

/* Whatever a distribution's package lists is that package's. */
static void test_assemblies_owned(void **state)
{
    (void)state;
    static const char status[] = "Package: mono\nStatus: install ok installed\nVersion: 1\n"
                                 "Architecture: all\nMaintainer: Debian <x@debian.org>\n";
    static const char files[] = "/.\n/usr/lib/mono/A.dll\n";
    struct image im = { .n = 0 };
    struct prq_buf *t = layer(&im);
    tar_bytes(t, "var/lib/dpkg/status", 'f', status, sizeof status - 1);
    tar_bytes(t, "var/lib/dpkg/info/mono.list", 'f', files, sizeof files - 1);
    add_assembly(t, "usr/lib/mono/A.dll", "A");
    add_assembly(t, "opt/B.dll", "B");
    assert_string_equal(list(&im), "mono@1 B@9.9.9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_assemblies_present),
        cmocka_unit_test(test_assemblies_undeployed),
        cmocka_unit_test(test_assemblies_merged),
        cmocka_unit_test(test_assemblies_owned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
