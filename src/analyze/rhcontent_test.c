/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"
#include "pipe.h"

extern const struct prq_analyzer prq_analyzer_rhcontent;

static prq_bytes seed(struct prq_arena *a, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, PRQ_SOURCE_DIR "/fuzz/corpus/rhcontent/%s", name);
    return unit_slurp(a, path);
}

/* "KIND: key=value …" of the only note. */
static const char *note_of(const char *path, const char *name)
{
    static char out[1024];
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    capture_init(&c, a);
    if (!capture_run(&c, &prq_analyzer_rhcontent, path, seed(a, name), &err))
        fail_msg("%s: %s", name, err.text);
    assert_int_equal(c.note_count, 1);
    assert_int_equal(c.package_count, 0);
    size_t n = (size_t)snprintf(out, sizeof out, "%.*s:", PRQ_FMT(c.notes[0].kind));
    for (size_t i = 0; i < c.notes[0].n; i++)
        n += (size_t)snprintf(out + n, sizeof out - n, " %.*s=%.*s",
                              PRQ_FMT(c.notes[0].pairs[i].key), PRQ_FMT(c.notes[0].pairs[i].value));
    return out;
}

/* catalog.md 3.12 */
static void test_rhcontent_build(void **state)
{
    (void)state;
    assert_string_equal(note_of("root/buildinfo/content_manifests/ubi9-9.4-1.json", "manifest.json"),
                        "content-sets: set=rhel-8-for-x86_64-baseos-rpms "
                        "set=rhel-9-for-x86_64-appstream-eus-rpms__9_DOT_2 from_dnf_hint=true");
    assert_string_equal(note_of("usr/share/buildinfo/labels.json", "labels.json"),
                        "build-info: com.redhat.component=ubi9-container name=ubi9 version=9.4 "
                        "release=1123 architecture=x86_64");
    assert_string_equal(note_of("root/buildinfo/Dockerfile-ubi8-8.5-236", "Dockerfile"),
                        "build-info: com.redhat.component=ubi8-ocix version=8.5 release=236 "
                        "architecture=x86_64");
}

/* Databases made by sqlite3 with the schemas of libdnf 0.69 and dnf 5. */
static void test_rhcontent_history(void **state)
{
    (void)state;
    assert_string_equal(note_of("var/lib/dnf/history.sqlite", "h4.sqlite"),
                        "package-repositories: bash-0:5.1.8-6.el9.x86_64=ubi-9-baseos-rpms "
                        "htop-1:3.2-1.el9.x86_64=epel");
    assert_string_equal(note_of("usr/lib/sysimage/libdnf5/transaction_history.sqlite", "h5.sqlite"),
                        "package-repositories: zlib-0:1.3-2.fc41.x86_64=fedora");
    assert_string_equal(note_of("var/lib/yum/yumdb/b/0a1b-bash-4.2.46-34.el7-x86_64/from_repo",
                                "from_repo"),
                        "package-repositories: bash-4.2.46-34.el7-x86_64=base");
}

static void test_rhcontent_malformed(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "root/buildinfo/content_manifests/x.json", "cut.json" },
        { "var/lib/dnf/history.sqlite", "cut.json" },
        { "var/lib/yum/yumdb/b/x/from_repo", "from_repo" },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
        struct capture c;
        struct prq_err err = PRQ_ERR_INIT;
        capture_init(&c, a);
        assert_false(capture_run(&c, &prq_analyzer_rhcontent, cases[i][0], seed(a, cases[i][1]), &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rhcontent_build),
        cmocka_unit_test(test_rhcontent_history),
        cmocka_unit_test(test_rhcontent_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
