/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"
#include "pipe.h"

extern const struct prq_analyzer prq_analyzer_snap;

static void run_ok(struct capture *c, const char *path, prq_bytes data)
{
    struct prq_err err = PRQ_ERR_INIT;
    if (!capture_run(c, &prq_analyzer_snap, path, data, &err))
        fail_msg("%s: %s", path, err.text);
}

/* The error's text; "" when there is none. */
static const char *run_error(struct prq_arena *a, const char *path, prq_bytes data)
{
    struct capture c;
    static struct prq_err err;
    err = (struct prq_err)PRQ_ERR_INIT;
    capture_init(&c, a);
    return capture_run(&c, &prq_analyzer_snap, path, data, &err) ? "" : err.text;
}

static prq_bytes seed(struct prq_arena *a, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, PRQ_SOURCE_DIR "/fuzz/corpus/snap/%s", name);
    return unit_slurp(a, path);
}

static void test_snap_manifest(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, "snap/manifest.yaml", seed(a, "manifest.yaml"));
    assert_int_equal(c.package_count, 2);
    const struct prq_package *p = capture_package(&c, "shim-signed");
    assert_str(p->type, "deb");
    assert_str(p->ns, "ubuntu");
    assert_str(p->version, "1.56+15.7-0ubuntu1");
    assert_str(p->arch, "amd64");
    assert_str(p->distro, "ubuntu-24.04");
}

static void test_snap_others(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, "snap/core22/1122/meta/snap.yaml", seed(a, "snap.yaml"));
    assert_str(c.packages[0].type, "snap");
    assert_str(c.packages[0].name, "core22");
    assert_str(c.packages[0].version, "20240111");
    assert_str(c.packages[0].arch, "amd64");
    run_ok(&c, "snap/core20/1/usr/share/snappy/dpkg.yaml", seed(a, "dpkg.yaml"));
    assert_int_equal(c.package_count, 3); /* one of the three names no version */
    assert_str(capture_package(&c, "libc6")->arch, "i386");
    run_ok(&c, "snap/snapcraft.yaml", seed(a, "snapcraft.yaml"));
    assert_str(capture_package(&c, "libz")->version, "1");
    const char changelog[] = "snap/pc-kernel/1/doc/linux-modules-5.4.0-195-generic/changelog.Debian.gz";
    run_ok(&c, changelog, seed(a, "changelog.gz"));
    const struct prq_package *p = capture_package(&c, "linux-modules-5.4.0-195-generic");
    assert_str(p->version, "5.4.0-195.215");
    assert_str(p->source_name, "linux");
    size_t before = c.package_count; /* an image's own, which dpkg tells */
    run_ok(&c, "usr/share/doc/linux-modules-5/changelog.Debian.gz", seed(a, "changelog.gz"));
    assert_int_equal(c.package_count, before);
    assert_string_equal(run_error(a, "snap/core/1/meta/snap.yaml", CAPTURE_BYTES("version: 1\n")),
                        "snap without a name");
    assert_string_equal(run_error(a, "snap/core/1/meta/snap.yaml", seed(a, "bad")), "not a mapping");
    assert_string_equal(run_error(a, changelog, seed(a, "nothing.gz")), "changelog without a version");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_snap_manifest),
        cmocka_unit_test(test_snap_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
