/* SPDX-License-Identifier: Apache-2.0 */
#undef PRQ_SOURCE_DIR /* of the build; model/analysis.h has an enumerator of that name */
#include "unit.h"

#include "match/core.h"

/* ---- distributions as texts and as os-release fields */

static void test_release_spaces(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    static const struct {
        const char *text, *ns, *space;
    } rows[] = {
        { "alpine-3.17.2", "", "Alpine:3.17" },
        { "3.17.2", "alpine", "Alpine:3.17" },
        { "alpine:v3.9", "", "Alpine:3.9" },
        { "alpine-3", "", "" },
        { "alpine-edge", "", "Alpine:edge" },
        { "postmarketos-v23.12", "", "Alpine:3.19" },
        { "postmarketos-edge", "", "Alpine:edge" },
        { "postmarketos-v1.0", "", "" },
        { "", "wolfi", "Wolfi" },
        { "chainguard", "", "Chainguard" },
        { "amzn-2018.03", "", "Amazon Linux:1" },
        { "amzn-2", "", "Amazon Linux:2" },
        { "amazon-2022", "", "Amazon Linux:2022" },
        { "amzn-2023", "", "Amazon Linux:2023" },
        { "arch", "", "Arch Linux" },
        { "azurelinux-3.0.20240609", "", "Azure Linux:3.0" },
        { "mariner-2.0.20220226", "", "CBL-Mariner:2.0" },
        { "mariner-1.0", "", "CBL-Mariner:1.0" },
        { "photon-5.0", "", "Photon OS:5.0" },
        { "ol-8.7", "", "Oracle Linux:8" },
        { "oracle-9", "", "Oracle Linux:9" },
        { "minimos", "", "MinimOS" },
        { "debian-12.5", "", "Debian:12" },
        { "debian-3.1", "", "Debian:3.1" },
        { "debian-bookworm", "", "Debian:12" },
        { "bookworm", "debian", "Debian:12" },
        { "debian-trixie/sid", "", "Debian:unstable" },
        { "debian-sid", "", "Debian:unstable" },
        { "raspbian-11", "", "Debian:11" },
        { "DEBIAN:11", "", "Debian:11" },
        { "almalinux-9.4", "", "AlmaLinux:9" },
        { "alma-8", "", "AlmaLinux:8" },
        { "ubuntu-22.04", "", "Ubuntu:22.04" },
        { "ubuntu:18.04+esm", "", "Ubuntu:18.04" },
        { "focal", "ubuntu", "Ubuntu:20.04" },
        { "ubuntu-jammy", "", "Ubuntu:22.04" },
        { "rocky-9.3", "", "Rocky Linux:9" },
        { "rockylinux-8", "", "Rocky Linux:8" },
        { "rhel-9.4", "", "Red Hat:9" },
        { "sles-15.5", "", "SUSE:15.5" },
        { "sles-15", "", "SUSE:15.0" },
        { "sle-micro-5.5", "", "SUSE:micro-5.5" },
        { "opensuse-leap-15.5", "", "openSUSE:15.5" },
        { "opensuse-tumbleweed", "", "openSUSE:Tumbleweed" },
        { "opensuse-tumbleweed-20240101", "", "openSUSE:Tumbleweed" },
        { "fedora-39", "", "" },
        { "", "", "" },
    };
    for (size_t i = 0; i < PRQ_COUNT(rows); i++) {
        struct prq_distro d =
            prq_distro_of_text(prq_str_from(rows[i].text), prq_str_from(rows[i].ns), a);
        assert_str(prq_space_of_distro(&d, a), rows[i].space);
    }
    struct prq_distro testing = { .id = PRQ_S("debian"), .codename = PRQ_S("forky") };
    assert_str(prq_space_of_distro(&testing, a), "Debian:unstable");
    struct prq_distro trixie = { .id = PRQ_S("debian"), .codename = PRQ_S("trixie") };
    assert_str(prq_space_of_distro(&trixie, a), "Debian:13");
    struct prq_distro kitten = { .id = PRQ_S("almalinux"), .version_id = PRQ_S("10"),
                                 .name = PRQ_S("AlmaLinux Kitten") };
    assert_str(prq_space_of_distro(&kitten, a), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_release_spaces) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
