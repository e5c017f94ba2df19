/* SPDX-License-Identifier: Apache-2.0 */
/* Layers as tars, walked with the real analyzers, squashed. Expected: what `docker export` of such
 * layers holds, by the rules of the OCI image specification, "Whiteouts". */
#include "maketar.h"

#include "io/source.h"
#include "scan/squash.h"
#include "scan/walk.h"

enum { LAYERS = 4 };

struct squashed {
    struct prq_buf tar[LAYERS];
    size_t n;
    struct prq_facts_writer w[LAYERS];
    struct prq_layer_facts layers[LAYERS];
    struct prq_arena *arena;
    struct prq_analysis an;
};

static struct squashed *begin(void)
{
    struct squashed *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->arena = prq_arena_new(PRQ_MIB(64));
    return s;
}

static struct prq_buf *layer(struct squashed *s)
{
    s->tar[s->n] = tar_new();
    return &s->tar[s->n++];
}

static void squash(struct squashed *s)
{
    PRQ_ARENA scratch = prq_arena_new(PRQ_MIB(16));
    struct prq_ctx ctx = unit_ctx(scratch);
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_walk_opts opts = { .dispatch = prq_dispatch_new(PRQ_WANT_IMAGE, s->arena),
                                  .mode = PRQ_WANT_IMAGE, .spool_fd = -1 };
    for (size_t i = 0; i < s->n; i++) {
        prq_facts_writer_init(&s->w[i], &prq_limits_default);
        struct prq_stream *in = prq_mem_stream(tar_done(&s->tar[i]));
        assert_true(prq_walk_layer(&ctx, in, &opts, &s->w[i], &err));
        prq_stream_close(in);
        s->layers[i].index = prq_buf_bytes(&s->w[i].index);
        assert_true(prq_facts_parse(prq_buf_bytes(&s->w[i].facts), (uint32_t)i, s->arena,
                                    &s->layers[i].facts, &err));
    }
    assert_true(prq_squash(&ctx, s->layers, s->n, s->arena, &s->an, &err));
}

static void end(struct squashed *s)
{
    for (size_t i = 0; i < s->n; i++) {
        prq_facts_writer_release(&s->w[i]);
        prq_buf_release(&s->tar[i]);
    }
    prq_arena_free(s->arena);
    free(s);
}

/* "name version @layer", one a package, in the analysis' order. */
static const char *list(const struct squashed *s)
{
    static char out[2048];
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < s->an.package_count; i++) {
        const struct prq_package *p = &s->an.packages[i];
        n += (size_t)snprintf(out + n, sizeof out - n, "%s%.*s %.*s @%u", i ? ", " : "",
                              PRQ_FMT(p->name), PRQ_FMT(p->version), p->layer);
    }
    return out;
}

#define APK "lib/apk/db/installed"
#define X "app/node_modules/x/package.json"
#define PACKAGE(name) "{\"name\":\"" name "\",\"version\":\"1.0.0\"}"

static void test_database_deleted(void **state)
{
    (void)state;
    struct squashed *s = begin();
    tar_file(layer(s), APK, TAR_APK("musl", "1"));
    tar_file(layer(s), "lib/apk/db/.wh.installed", "");
    squash(s);
    assert_string_equal(list(s), "");
    end(s);
    s = begin(); /* a directory above it */
    tar_file(layer(s), APK, TAR_APK("musl", "1"));
    tar_file(layer(s), ".wh.lib", "");
    tar_file(layer(s), APK, TAR_APK("zlib", "2"));
    squash(s);
    assert_string_equal(list(s), "zlib 2 @2");
    end(s);
}

static void test_whiteout_beside_the_new_file(void **state)
{
    (void)state;
    struct squashed *s = begin();
    tar_file(layer(s), X, PACKAGE("old"));
    struct prq_buf *t = layer(s); /* entries of one layer never delete one another */
    tar_file(t, X, PACKAGE("new"));
    tar_file(t, "app/node_modules/x/.wh.package.json", "");
    squash(s);
    assert_string_equal(list(s), "new 1.0.0 @1");
    end(s);
}

static void test_opaque_directory(void **state)
{
    (void)state;
    struct squashed *s = begin();
    struct prq_buf *t = layer(s);
    tar_file(t, X, PACKAGE("x"));
    tar_file(t, "srv/node_modules/y/package.json", PACKAGE("y"));
    t = layer(s);
    tar_file(t, "app/.wh..wh..opq", "");
    tar_file(t, "app/node_modules/z/package.json", PACKAGE("z"));
    squash(s);
    assert_string_equal(list(s), "y 1.0.0 @0, z 1.0.0 @1");
    end(s);
}

static void test_directory_to_file_and_back(void **state)
{
    (void)state;
    struct squashed *s = begin();
    tar_file(layer(s), X, PACKAGE("x"));
    tar_file(layer(s), "app/node_modules", "a file now");
    tar_file(layer(s), "app/node_modules/y/package.json", PACKAGE("y"));
    squash(s);
    assert_string_equal(list(s), "y 1.0.0 @2");
    end(s);
    s = begin(); /* a directory entry alone replaces nothing */
    tar_file(layer(s), X, PACKAGE("x"));
    tar_dir(layer(s), "app/node_modules/");
    squash(s);
    assert_string_equal(list(s), "x 1.0.0 @0");
    end(s);
    s = begin(); /* a link does */
    tar_file(layer(s), X, PACKAGE("x"));
    tar_link(layer(s), "app", 'l', "srv");
    squash(s);
    assert_string_equal(list(s), "");
    end(s);
}

static void test_hard_link_across_layers(void **state)
{
    (void)state;
    struct squashed *s = begin();
    tar_file(layer(s), X, PACKAGE("x"));
    tar_link(layer(s), "srv/node_modules/x/package.json", 'h', X);
    squash(s);
    assert_string_equal(list(s), "x 1.0.0 @0");
    assert_int_equal(s->an.gap_count, 1);
    assert_str(s->an.gaps[0].kind, "hard-link");
    assert_str(s->an.gaps[0].path, "srv/node_modules/x/package.json");
    end(s);
}

static void test_rewritten_status_keeps_the_first_layer(void **state)
{
    (void)state;
    struct squashed *s = begin();
    tar_file(layer(s), "var/lib/dpkg/status", TAR_DEB("libc6", "2.36-9") TAR_DEB("zlib1g", "1"));
    tar_file(layer(s), "var/lib/dpkg/status", TAR_DEB("libc6", "2.36-9") TAR_DEB("curl", "8")
                                              TAR_DEB("zlib1g", "2"));
    squash(s);
    /* libc6 is untouched, zlib1g upgraded, curl new */
    assert_string_equal(list(s), "curl 8 @1, libc6 2.36-9 @0, zlib1g 2 @1");
    end(s);
}

static void test_one_package_in_two_places(void **state)
{
    (void)state;
    struct squashed *s = begin();
    tar_file(layer(s), X, PACKAGE("x"));
    tar_file(layer(s), "srv/node_modules/x/package.json", PACKAGE("x"));
    tar_file(layer(s), "app/node_modules/.wh.x", "");
    squash(s);
    assert_string_equal(list(s), "x 1.0.0 @1");
    assert_int_equal(s->an.packages[0].evidence_count, 1);
    end(s);
    s = begin();
    struct prq_buf *t = layer(s);
    tar_file(t, "srv/node_modules/x/package.json", PACKAGE("x"));
    tar_file(t, X, PACKAGE("x"));
    squash(s);
    assert_string_equal(list(s), "x 1.0.0 @0");
    assert_int_equal(s->an.packages[0].evidence_count, 2);
    assert_str(s->an.packages[0].evidence[0].path, X);
    end(s);
}

static void test_order_of_members_says_nothing(void **state)
{
    (void)state;
    static const char *const path[] = { X, "srv/node_modules/x/package.json" };
    static const char *const text[] = {
        "{\"name\":\"x\",\"version\":\"1.0.0\",\"license\":\"MIT\"}",
        "{\"name\":\"x\",\"version\":\"1.0.0\",\"license\":\"ISC\"}",
    };
    for (size_t first = 0; first < 2; first++) {
        struct squashed *s = begin();
        struct prq_buf *t = layer(s);
        tar_file(t, path[first], text[first]);
        tar_file(t, path[!first], text[!first]);
        squash(s);
        assert_string_equal(list(s), "x 1.0.0 @0");
        assert_int_equal(s->an.packages[0].licenses.n, 1);
        assert_str(s->an.packages[0].licenses.v[0], "MIT");
        end(s);
    }
}

/* usr-merge: dpkg's list says lib/…, the file lies in usr/lib/…. limits: link_hops (an own loop). */
static void test_owned_through_a_linked_directory(void **state)
{
    (void)state;
    for (int loop = 0; loop < 2; loop++) {
        struct squashed *s = begin();
        struct prq_buf *t = layer(s);
        tar_file(t, "var/lib/dpkg/status", TAR_DEB("python3-z", "1-1"));
        tar_file(t, "var/lib/dpkg/info/python3-z.list",
                 "/.\n/lib\n/lib/python3/dist-packages/z-1.dist-info/METADATA\n");
        tar_file(t, "usr/lib/python3/dist-packages/z-1.dist-info/METADATA",
                 "Metadata-Version: 2.1\nName: z\nVersion: 1\n\n");
        tar_link(t, "lib", 'l', loop ? "lib/lib" : "usr/lib");
        squash(s);
        assert_string_equal(list(s), "python3-z 1-1 @0, z 1 @0");
        assert_int_equal(s->an.packages[1].owner, loop ? 0 : 1);
        end(s);
    }
}

static void test_gaps_of_shadowed_files_go(void **state)
{
    (void)state;
    struct squashed *s = begin();
    struct prq_buf *t = layer(s);
    tar_file(t, X, "{\"name\":");
    tar_file(t, "srv/node_modules/y/package.json", "{\"name\":");
    tar_file(layer(s), X, PACKAGE("x"));
    squash(s);
    assert_int_equal(s->an.gap_count, 1);
    assert_str(s->an.gaps[0].path, "srv/node_modules/y/package.json");
    assert_int_equal(s->an.gaps[0].layer, 0);
    end(s);
}

static void test_malformed_index_is_an_error(void **state)
{
    (void)state;
    struct prq_layer_facts layers[2] = { { .index = { 0 } },
                                         { .index = { (const uint8_t *)"\x05\x01zf", 4 } } };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_ctx ctx = unit_ctx(a);
    struct prq_analysis an = { 0 };
    struct prq_err err = PRQ_ERR_INIT;
    assert_false(prq_squash(&ctx, layers, 2, a, &an, &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
}

/* Gentoo: what a package is under stands in the directory of what it put there. */
static void test_licence_beside(void **state)
{
    (void)state;
    struct squashed *s = begin();
    struct prq_buf *t = layer(s);
    tar_file(t, "var/db/pkg/app-misc/x-1/CONTENTS", "obj /usr/bin/x 0 0\n");
    tar_file(t, "var/db/pkg/app-misc/x-1/LICENSE", "MIT\n");
    tar_file(t, "var/db/pkg/app-misc/y-1/CONTENTS", "");
    squash(s);
    assert_string_equal(list(s), "app-misc/x 1 @0, app-misc/y 1 @0");
    assert_int_equal(s->an.packages[0].licenses.n, 1);
    assert_str(s->an.packages[0].licenses.v[0], "MIT");
    assert_int_equal(s->an.packages[1].licenses.n, 0);
    end(s);
}

/* A Nix package is a directory, and goes with it. */
static void test_directory_as_evidence(void **state)
{
    (void)state;
    struct squashed *s = begin();
    struct prq_buf *t = layer(s);
    tar_dir(t, "nix/store/83kinmgkx89kp4y5y15l94y6fb87c1gs-a-1/");
    tar_dir(t, "nix/store/83kinmgkx89kp4y5y15l94y6fb87c1gs-b-2/");
    tar_dir(layer(s), "nix/store/83kinmgkx89kp4y5y15l94y6fb87c1gs-b-2/");
    tar_file(layer(s), "nix/store/.wh.83kinmgkx89kp4y5y15l94y6fb87c1gs-a-1", "");
    squash(s);
    assert_string_equal(list(s), "b 2 @0");
    assert_int_equal(s->an.gap_count, 0);
    end(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_licence_beside),
        cmocka_unit_test(test_directory_as_evidence),
        cmocka_unit_test(test_database_deleted),
        cmocka_unit_test(test_whiteout_beside_the_new_file),
        cmocka_unit_test(test_opaque_directory),
        cmocka_unit_test(test_directory_to_file_and_back),
        cmocka_unit_test(test_hard_link_across_layers),
        cmocka_unit_test(test_rewritten_status_keeps_the_first_layer),
        cmocka_unit_test(test_one_package_in_two_places),
        cmocka_unit_test(test_order_of_members_says_nothing),
        cmocka_unit_test(test_owned_through_a_linked_directory),
        cmocka_unit_test(test_gaps_of_shadowed_files_go),
        cmocka_unit_test(test_malformed_index_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
