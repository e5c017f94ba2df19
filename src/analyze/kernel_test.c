/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"
#include "makeelf.h"

extern const struct prq_analyzer prq_analyzer_kernel;

/* A boot sector whose version stands at 0x300. */
static prq_bytes boot_sector(struct prq_arena *a, const char *version)
{
    uint8_t *p = prq_arena_alloc(a, 2048);
    assert_non_null(p);
    memcpy(p + 0x202, "HdrS", 4);
    p[0x20e] = 0x00;
    p[0x20f] = 0x01;
    memcpy(p + 0x300, version, strlen(version));
    return (prq_bytes){ p, 2048 };
}

/* Versions as `file` prints them of kernels of Debian, Ubuntu, Fedora, Docker and upstream. */
static void test_kernel_boot(void **state)
{
    (void)state;
    static const struct {
        const char *text, *version, *cpe;
    } cases[] = {
        { "6.1.0-18-amd64 (debian-kernel@lists.debian.org) #1 SMP", "6.1.0-18-amd64", NULL },
        { "5.15.0-91-generic (buildd@lcy02) #101-Ubuntu SMP", "5.15.0-91-generic", NULL },
        { "6.2.9-200.fc37.x86_64 (mockbuild@x) #1 SMP", "6.2.9-200.fc37.x86_64",
          "cpe:2.3:o:linux:linux_kernel:6.2.9:*:*:*:*:*:*:*" },
        { "5.10.121-linuxkit (root@buildkitsandbox) #1 SMP", "5.10.121-linuxkit",
          "cpe:2.3:o:linux:linux_kernel:5.10.121:*:*:*:*:*:*:*" },
        { "6.7.0-rc3 (me@here) #1", "6.7.0-rc3", "cpe:2.3:o:linux:linux_kernel:6.7.0:rc3:*:*:*:*:*:*" },
        { "6.7.0 (me@here) #1", "6.7.0", "cpe:2.3:o:linux:linux_kernel:6.7.0:*:*:*:*:*:*:*" },
        { "hello world", NULL, NULL },
        { "", NULL, NULL },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct capture c;
        capture_init(&c, a);
        assert_true(capture_run(&c, &prq_analyzer_kernel, "boot/vmlinuz-6",
                                boot_sector(a, cases[i].text), NULL));
        assert_int_equal(c.package_count, cases[i].version ? 1 : 0);
        if (!cases[i].version)
            continue;
        assert_str(c.packages[0].name, "linux-kernel");
        assert_str(c.packages[0].type, "binary");
        assert_str(c.packages[0].version, cases[i].version);
        assert_int_equal(c.packages[0].cpes.n, cases[i].cpe ? 1 : 0);
        if (cases[i].cpe)
            assert_str(c.packages[0].cpes.v[0], cases[i].cpe);
    }
}

static void test_kernel_banner(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    static const char text[] = "Linux version %s\0Linux version 6.1.192 (x@y) (gcc 12) #1\n";
    struct capture c;
    capture_init(&c, a);
    assert_true(capture_run(&c, &prq_analyzer_kernel, "boot/vmlinux",
                            makeelf(a, ".rodata", 1, text, sizeof text), NULL));
    assert_str(capture_package(&c, "linux-kernel")->version, "6.1.192");
    /* Not a kernel, whatever its name. */
    capture_init(&c, a);
    assert_true(capture_run(&c, &prq_analyzer_kernel, "etc/kernel",
                            CAPTURE_BYTES("Linux version 6.1.0 (x)"), NULL));
    assert_int_equal(c.package_count, 0);
}

/* As modinfo prints them; the second is of Linux 4.12, without a name. */
static void test_kernel_modules(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    static const char info[] = "license=GPL\0version=0.4ac1\0depends=video,rfkill\0name=intel_oaktrail\0"
                               "vermagic=6.5.0-45-generic SMP preempt mod_unload modversions ";
    static const char old[] = "license=GPL v2\0depends=\0vermagic=4.4.0 SMP";
    struct capture c;
    capture_init(&c, a);
    assert_true(capture_run(&c, &prq_analyzer_kernel, "lib/modules/6.5.0/x.ko",
                            makeelf(a, ".modinfo", 1, info, sizeof info), NULL));
    const struct prq_package *p = capture_package(&c, "intel_oaktrail");
    assert_str(p->version, "0.4ac1");
    assert_str(p->licenses.v[0], "GPL");
    assert_int_equal(p->depends.n, 2);
    assert_str(p->depends.v[1], "rfkill");
    capture_init(&c, a);
    assert_true(capture_run(&c, &prq_analyzer_kernel, "lib/modules/4.4.0/kernel/aes-x86.ko",
                            makeelf(a, ".modinfo", 1, old, sizeof old), NULL));
    p = capture_package(&c, "aes_x86");
    assert_str(p->version, "");
    assert_int_equal(p->depends.n, 0);
}

static void test_kernel_broken(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    static const struct {
        const char *path;
        prq_bytes data;
    } cases[] = {
        { "lib/modules/x/a.ko", CAPTURE_BYTES("nothing") },
        { "lib/modules/x/a.ko.gz", CAPTURE_BYTES("\x1f\x8b nothing") },
        { "lib/modules/x/a.ko.xz", CAPTURE_BYTES("\xfd" "7zXZ nothing") },
        { "lib/modules/x/a.ko.zst", CAPTURE_BYTES("\x28\xb5\x2f\xfd") },
    };
    struct capture c;
    capture_init(&c, a);
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        struct prq_err err = PRQ_ERR_INIT;
        assert_false(capture_run(&c, &prq_analyzer_kernel, cases[i].path, cases[i].data, &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
    }
    struct prq_err err = PRQ_ERR_INIT;
    assert_false(capture_run(&c, &prq_analyzer_kernel, "lib/modules/x/a.ko",
                             makeelf(a, ".text", 1, "x", 1), &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
    assert_int_equal(c.package_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kernel_boot),
        cmocka_unit_test(test_kernel_banner),
        cmocka_unit_test(test_kernel_modules),
        cmocka_unit_test(test_kernel_broken),
    };
    return cmocka_run_group_tests_name("kernel", tests, NULL, NULL);
}
