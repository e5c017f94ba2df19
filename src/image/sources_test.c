/* SPDX-License-Identifier: Apache-2.0 */
/* Recognising arguments, reading trees, and opening every image of the shared data. */
#include "unit.h"

static const char source_dir[] = PRQ_SOURCE_DIR;
#undef PRQ_SOURCE_DIR /* an enumerator of model/analysis.h */

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/image.h"
#include "image/tarwrite.h"
#include "io/source.h"
#include "lib/lib.h"

static char dir[64];

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static int make_dir(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/prq-sources-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int drop_dir(void **state)
{
    (void)state;
    return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static const char *at(const char *name)
{
    static char path[4][512];
    static unsigned turn;
    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof path[turn], "%s/%s", dir, name);
    return path[turn];
}

static void put(const char *name, const char *text)
{
    FILE *f = fopen(at(name), "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void put_dir(const char *name)
{
    assert_int_equal(mkdir(at(name), 0755), 0);
}

static const char *kind_of(const char *argument, prq_str *rest)
{
    const char *kind = NULL;
    struct prq_err err = PRQ_ERR_INIT;
    if (!prq_source_recognise(prq_str_from(argument), &kind, rest, &err))
        return prq_code_word(err.code);
    return kind;
}

static void test_prefixes(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        { "alpine:3.17", "registry", "alpine:3.17" },
        { "registry:alpine", "registry", "alpine" },
        { "oci-dir:x:y", "oci-dir", "x:y" },
        { "oci-archive:x", "oci-archive", "x" },
        { "docker-archive:-", "docker-archive", "-" },
        { "dir:.", "dir", "." },
        { "rootfs:/", "rootfs", "/" },
        { "purl:x", "purl", "x" },
        { "pkg:npm/left-pad@1.0.0", "purl", "pkg:npm/left-pad@1.0.0" },
        { "analysis:a.json", "analysis", "a.json" },
        { "sbom:b.json", "sbom", "b.json" },
        { "docker:alpine", "usage", "docker:alpine" },
        { "podman:alpine", "usage", "podman:alpine" },
        { "./absent-file", "io", "./absent-file" },
        { "dir:", "usage", "" },
        { "", "usage", "" },
        { "-", "usage", "-" },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        prq_str rest;
        assert_string_equal(kind_of(cases[i][0], &rest), cases[i][1]);
        assert_str(rest, cases[i][2]);
    }
}

static void test_looking(void **state)
{
    (void)state;
    prq_str rest;
    put_dir("layout");
    put("layout/oci-layout", "{}");
    assert_string_equal(kind_of(at("layout"), &rest), "oci-dir");
    assert_string_equal(kind_of(at("layout:tag"), &rest), "oci-dir");
    put_dir("skopeo");
    put("skopeo/manifest.json", "{}");
    assert_string_equal(kind_of(at("skopeo"), &rest), "dir");
    put("skopeo/version", "Directory Transport Version: 1.1\n");
    assert_string_equal(kind_of(at("skopeo"), &rest), "dir-layout");
    put_dir("root");
    put_dir("root/etc");
    assert_string_equal(kind_of(at("root"), &rest), "dir");
    put("root/etc/os-release", "ID=x\n");
    assert_string_equal(kind_of(at("root"), &rest), "rootfs");
    put("bom", "{\n \"bomFormat\": \"CycloneDX\"}");
    assert_string_equal(kind_of(at("bom"), &rest), "sbom");
    put("spdx", "SPDXVersion: SPDX-2.3\n");
    assert_string_equal(kind_of(at("spdx"), &rest), "sbom");
    put("text", "hello\n");
    assert_string_equal(kind_of(at("text"), &rest), "usage");
    put("empty", "");
    assert_string_equal(kind_of(at("empty"), &rest), "usage");
    char path[512];
    snprintf(path, sizeof path, "%s/fuzz/corpus/tarindex/ustar", source_dir);
    assert_string_equal(kind_of(path, &rest), "docker-archive");
}

/* ---- trees */

struct want {
    unsigned calls;
};

static bool wants(void *user, const struct prq_file *file, prq_bytes head, uint64_t *max_bytes)
{
    struct want *w = user;
    w->calls++;
    if (prq_str_eq(file->path, PRQ_S("big")))
        *max_bytes = 10;
    return prq_str_ends(file->path, PRQ_S(".json")) || prq_str_eq(file->path, PRQ_S("big")) ||
           (head.n >= 4 && memcmp(head.p, "\x7f" "ELF", 4) == 0);
}

struct shown {
    char path[300], link[300], type;
    uint64_t size;
    char content[64], real[32];
};

/* The tree as our tar reader (libarchive) sees it. */
static size_t read_tree(struct prq_image *im, struct shown *out, size_t room)
{
    struct prq_blob blob;
    struct prq_tar *tar;
    struct prq_tar_entry e;
    struct prq_err err = PRQ_ERR_INIT;
    size_t n = 0;
    enum prq_next step;
    assert_true(im->ops->open_layer(im, 0, &blob, NULL));
    assert_true(prq_tar_open(blob.stream, &tar, NULL));
    while ((step = prq_tar_next(tar, &e, &err)) == PRQ_NEXT_ITEM) {
        assert_true(n < room);
        struct shown *s = &out[n++];
        memset(s, 0, sizeof *s);
        snprintf(s->path, sizeof s->path, "%.*s", PRQ_FMT(e.path));
        snprintf(s->link, sizeof s->link, "%.*s", PRQ_FMT(e.link));
        s->type = e.type;
        s->size = e.size;
        prq_str name;
        prq_bytes value;
        while (prq_tar_xattr(tar, &name, &value) == PRQ_NEXT_ITEM)
            if (prq_str_eq(name, PRQ_S(PRQ_TAR_SIZE_XATTR)))
                snprintf(s->real, sizeof s->real, "%.*s", PRQ_FMT(prq_str_of(value)));
        const void *p;
        size_t got;
        assert_true(prq_tar_data(tar, &p, &got, &err));
        if (got && got < sizeof s->content)
            memcpy(s->content, p, got);
    }
    if (step != PRQ_NEXT_END)
        fail_msg("%s", err.text);
    prq_tar_close(tar);
    prq_blob_release(&blob);
    return n;
}

static void test_tree(void **state)
{
    (void)state;
    char name[160];
    memset(name, 'n', sizeof name);
    name[159] = '\0';
    put_dir("t");
    put_dir("t/a");
    put_dir("t/.git");
    put_dir("t/.git/objects");
    put("t/.git/objects/x", "x");
    put("t/.git/config", "c");
    put("t/a/p.json", "{}");
    put("t/a/q.txt", "text");
    put("t/big", "more than ten bytes");
    put("t/e", "\x7f" "ELF");
    char longer[200];
    snprintf(longer, sizeof longer, "t/%s", name);
    put(longer, "1234567");
    assert_int_equal(symlink("../../../etc/passwd", at("t/out")), 0);
    assert_int_equal(symlink(name, at("t/long-link")), 0);
    assert_int_equal(mkfifo(at("t/pipe"), 0600), 0);

    struct want want = { 0 };
    struct prq_tree_filter filter = { wants, &want };
    struct prq_source_opts opts = { .filter = &filter };
    char argument[512];
    snprintf(argument, sizeof argument, "dir:%s", at("t"));
    opts.argument = prq_str_from(argument);
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    PRQ_ARENA scratch = prq_arena_new(PRQ_MIB(4));
    struct prq_ctx ctx = unit_ctx(scratch);
    struct prq_image *im;
    assert_true(prq_image_open(&ctx, &opts, a, &im, NULL));
    assert_int_equal(im->kind, PRQ_SOURCE_DIR);
    assert_int_equal(im->layer_count, 1);

    static const struct {
        const char *path, *content, *real;
        char type;
    } expected[] = {
        { ".git", "", "", 'd' },         { ".git/config", "", "1", 'f' },
        { ".git/objects", "", "", 'd' }, { "a", "", "", 'd' },
        { "a/p.json", "{}", "", 'f' },   { "a/q.txt", "", "4", 'f' },
        { "e", "\x7f" "ELF", "", 'f' }, { "long-link", "", "", 'l' },
        { NULL, "", "7", 'f' },          { "out", "", "", 'l' },
        { "pipe", "", "", 'p' },
    };
    static struct shown seen[32], again[32];
    assert_int_equal(read_tree(im, seen, PRQ_COUNT(seen)), PRQ_COUNT(expected));
    for (size_t i = 0; i < PRQ_COUNT(expected); i++) {
        assert_string_equal(prq_str_ends(prq_str_from(seen[i].path), PRQ_S("/"))
                                ? strndupa(seen[i].path, strlen(seen[i].path) - 1)
                                : seen[i].path,
                            expected[i].path ? expected[i].path : name);
        assert_int_equal(seen[i].type, expected[i].type);
        assert_string_equal(seen[i].content, expected[i].content);
        assert_string_equal(seen[i].real, expected[i].real);
    }
    assert_string_equal(seen[9].link, "../../../etc/passwd");
    assert_string_equal(seen[7].link, name);
    assert_int_equal(im->gap_count, 1);
    assert_str(im->gaps[0].path, "big");
    assert_str(im->gaps[0].kind, "limit");
    /* the same tree gives the same answer */
    assert_int_equal(read_tree(im, again, PRQ_COUNT(again)), PRQ_COUNT(expected));
    assert_memory_equal(seen, again, sizeof seen);
    assert_int_equal(im->gap_count, 1);
    prq_image_close(im);
}

/* What fits into no ustar field. */
static void test_tar_header(void **state)
{
    (void)state;
    struct prq_file f = { .path = PRQ_S("f"),
                          .type = PRQ_FILE_REGULAR,
                          .mode = 06755,
                          .uid = 4294967295,
                          .gid = 3000000,
                          .mtime_s = -5 };
    uint64_t real = UINT64_C(1) << 40;
    PRQ_BUF b;
    prq_buf_init(&b, PRQ_MIB(1));
    assert_true(prq_tar_header(&b, &f, &real));
    f.path = PRQ_S("g");
    f.mtime_s = INT64_C(1) << 34;
    assert_true(prq_tar_header(&b, &f, NULL));
    assert_true(prq_tar_end(&b));
    PRQ_STREAM s = prq_mem_stream(prq_buf_bytes(&b));
    struct prq_tar *tar;
    struct prq_tar_entry e;
    assert_true(prq_tar_open(s, &tar, NULL));
    assert_int_equal(prq_tar_next(tar, &e, NULL), PRQ_NEXT_ITEM);
    assert_int_equal(e.mode & 07777, 06755);
    assert_true(e.uid == 4294967295 && e.gid == 3000000 && e.mtime_s == -5 && e.size == 0);
    assert_int_equal(prq_tar_next(tar, &e, NULL), PRQ_NEXT_ITEM);
    assert_str(e.path, "g");
    assert_true(e.mtime_s == INT64_C(1) << 34);
    assert_int_equal(prq_tar_next(tar, &e, NULL), PRQ_NEXT_END);
    prq_tar_close(tar);
}

/* ---- the shared images */

static bool open_and_read(const char *argument, size_t *layers, prq_str *text, struct prq_arena *a)
{
    PRQ_ARENA scratch = prq_arena_new(PRQ_MIB(64));
    struct prq_ctx ctx = unit_ctx(scratch);
    struct prq_source_opts opts = { .argument = prq_str_from(argument) };
    struct prq_image *im;
    struct prq_err err = PRQ_ERR_INIT;
    if (!prq_image_open(&ctx, &opts, a, &im, &err)) {
        *text = prq_arena_copy(a, prq_str_from(err.text));
        return false;
    }
    *layers = im->layer_count;
    *text = im->digest.n ? im->digest : im->id;
    bool ok = true;
    for (size_t i = 0; ok && i < im->layer_count; i++) {
        struct prq_blob b;
        uint8_t chunk[1 << 14];
        size_t got = 1;
        struct prq_stream *raw = NULL, *top = NULL, *tar = NULL;
        ok = im->ops->open_layer(im, i, &b, &err);
        if (!ok)
            break;
        ok = prq_check_stream(prq_fd_stream(b.fd, b.offset, b.length), b.digest, b.size, &raw,
                              &err) &&
             prq_decompress_stream(raw, &prq_limits_default, &top, &err) &&
             prq_check_stream(top, b.diff_id, UINT64_MAX, &tar, &err);
        while (ok && got)
            ok = prq_stream_read(tar, chunk, sizeof chunk, &got, &err);
        prq_stream_close(tar);
        prq_blob_release(&b);
    }
    prq_image_close(im);
    if (!ok)
        fail_msg("%s: %s", argument, err.text);
    return ok;
}

static const char *shared_images(void)
{
    static char path[512];
    const char *shared = getenv("PRATIQUE_SHARED");
    struct stat st;
    if (shared)
        snprintf(path, sizeof path, "%s/data/images", shared);
    else
        snprintf(path, sizeof path, "%s/../shared/data/images", source_dir);
    return stat(path, &st) == 0 ? path : NULL;
}

/* Layer counts and digests by jq over manifest.json and index.json, and sha256sum. */
static void test_shared_images(void **state)
{
    (void)state;
    const char *root = shared_images();
    if (!root)
        skip();
    static const struct {
        const char *prefix, *name, *digest;
        size_t layers;
    } cases[] = {
        { "", "layers/busybox.docker-archive.tar", "sha256:22667f53682a2920948d19c7133ab1c9c3f745805c"
          "14125859d20cede07f11f9", 1 },
        { "docker-archive:", "layers/test-docker-image.tar:dive-test:latest",
          "sha256:75ae28b8ebf89b203319069ddcbecdf5c3838503bbebc0d0d85e4b8589c5de3a", 14 },
        { "", "layers/test-kaniko-image.tar",
          "sha256:ae16a51058a758c7963b2f9b23d1acfa201ce9cbefc8cb93845f8cd934fb144d", 14 },
        { "", "layers/test-oci-estargz-image.tar",
          "sha256:2e75eb783d1a845ce3846d1a7da4453f825886aab5b3ad03afcec7730a208c4d", 1 },
        { "oci-archive:", "layers/test-oci-gzip-image.tar@sha256:7d255e9e3d216a9a92a5c1ce0563a5ddd92f2"
          "8a34a9df025d3cf8dfa5ea08366",
          "sha256:7d255e9e3d216a9a92a5c1ce0563a5ddd92f28a34a9df025d3cf8dfa5ea08366", 1 },
        { "", "layers/test-oci-uncompressed-image.tar",
          "sha256:5cec6b4ce61c35c3a83e09d72d81a335b49fdcef727beee160d12eeaf066f11b", 1 },
        { "", "layers/test-oci-zstd-image.tar",
          "sha256:f5e3515f39a16543547c03d03ec34faf9276742e6ce7c7dd6e467a14e90b29fc", 1 },
        { "", "alpine/alpine-3.10.docker-archive.tar.gz",
          "sha256:af341ccd2df8b0e2d67cf8dd32e087bfda4e5756ebd1c76bbf3efa0dc246590e", 1 },
        { "docker-archive:", "alpine/alpine-3.11.docker-archive.tar.gz:3.11",
          "sha256:a187dde48cd289ac374ad8539930628314bc581a481cdb41409c9289419ddb72", 1 },
        { "oci-dir:", "oci-lang:multi-lang",
          "sha256:e97fcfa250d4def69b6eed8752994f45e00330de7c5b802f28a71edd846805f2", 6 },
        { "", "oci-sys:distroless-like",
          "sha256:22734bc8e3bcebb5bfc9df82044c7bc72163759b713517e9a93274e636e126ef", 7 },
        { "oci-dir:", "oci-sys:good-practice",
          "sha256:ddd7a91aaf19e9a93385be6200b8a9da300adcce11d4da67be5b250986cdeeb7", 3 },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
        char argument[1024];
        size_t layers = 0;
        prq_str text;
        snprintf(argument, sizeof argument, "%s%s/%s", cases[i].prefix, root, cases[i].name);
        if (!open_and_read(argument, &layers, &text, a))
            fail_msg("%s: %.*s", argument, PRQ_FMT(text));
        assert_int_equal(layers, cases[i].layers);
        assert_str(text, cases[i].digest);
    }
}

static void test_shared_names(void **state)
{
    (void)state;
    const char *root = shared_images();
    if (!root)
        skip();
    static const char *const cases[][2] = {
        { "oci-dir:%s/oci-lang", "several images; name one of: node-app, java-app, multi-lang" },
        { "oci-dir:%s/oci-lang:nope", "no image nope; there are: node-app" },
        { "docker-archive:%s/layers/busybox.docker-archive.tar:nope", "there are: busybox:latest" },
        { "oci-archive:%s/layers/busybox.docker-archive.tar", "no index.json" },
        { "docker-archive:%s/layers/test-oci-zstd-image.tar", "no manifest.json" },
        { "docker-archive:%s/README.md", "not a tar archive" },
        { "oci-dir:%s/absent", "No such file" },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
        char argument[1024];
        size_t layers;
        prq_str text;
        prq_str before = prq_str_from(cases[i][0]), after;
        prq_str_cut(before, '%', &before, &after);
        snprintf(argument, sizeof argument, "%.*s%s%s", PRQ_FMT(before), root, after.p + 1);
        assert_false(open_and_read(argument, &layers, &text, a));
        if (!prq_str_has(text, prq_str_from(cases[i][1])))
            fail_msg("%.*s", PRQ_FMT(text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prefixes),
        cmocka_unit_test_setup_teardown(test_looking, make_dir, drop_dir),
        cmocka_unit_test_setup_teardown(test_tree, make_dir, drop_dir),
        cmocka_unit_test(test_tar_header),
        cmocka_unit_test(test_shared_images),
        cmocka_unit_test(test_shared_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
