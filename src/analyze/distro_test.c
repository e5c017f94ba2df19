/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"
#include "pipe.h"

extern const struct prq_analyzer prq_analyzer_distro;
extern const struct prq_analyzer prq_analyzer_apk;

struct text_file {
    const char *path, *text;
};

/* What an image of these files settles to. Notes of one capture carry no path: it is put back. */
static bool settle(struct prq_arena *a, const struct text_file *files, size_t n,
                   struct prq_distro *out)
{
    struct prq_note notes[16];
    size_t count = 0;
    for (size_t i = 0; i < n && files[i].path; i++) {
        struct capture c;
        capture_init(&c, a);
        struct prq_err err = PRQ_ERR_INIT;
        const struct prq_analyzer *by = strstr(files[i].path, "repositories") ? &prq_analyzer_apk
                                                                              : &prq_analyzer_distro;
        bool ok = capture_run(&c, by, files[i].path, prq_bytes_of(prq_str_from(files[i].text)), &err);
        assert_true(ok || err.code == PRQ_E_FORMAT);
        for (size_t k = 0; k < c.note_count && count < PRQ_COUNT(notes); k++)
            notes[count++] = (struct prq_note){ c.notes[k].kind, prq_str_from(files[i].path),
                                                (uint32_t)i, c.notes[k].pairs, c.notes[k].n };
    }
    return prq_distro_settle(notes, count, a, out);
}

#define DEBIAN_12                                                                    \
    "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\n"    \
    "VERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\n"
#define UBUNTU_2204                                                                  \
    "PRETTY_NAME=\"Ubuntu 22.04.3 LTS\"\nNAME=\"Ubuntu\"\nVERSION_ID=\"22.04\"\n"    \
    "VERSION=\"22.04.3 LTS (Jammy Jellyfish)\"\nVERSION_CODENAME=jammy\nID=ubuntu\nID_LIKE=debian\n"
#define CENTOS_7                                                                     \
    "NAME=\"CentOS Linux\"\nVERSION=\"7 (Core)\"\nID=\"centos\"\nID_LIKE=\"rhel fedora\"\n" \
    "VERSION_ID=\"7\"\nPRETTY_NAME=\"CentOS Linux 7 (Core)\"\n"

/* Files as the distributions ship them. */
static const struct image {
    struct text_file files[5];
    const char *id, *version, *codename, *like, *channels, *path;
    bool is_comprehensive;
} images[] = {
    { { { "etc/os-release", DEBIAN_12 }, { "etc/debian_version", "12.5\n" } },
      "debian", "12", "bookworm", "", "", "etc/os-release", true },
    { { { "usr/lib/os-release", DEBIAN_12 } },
      "debian", "12", "bookworm", "", "", "usr/lib/os-release", true },
    { { { "etc/os-release", "" }, { "usr/lib/os-release", DEBIAN_12 } },
      "debian", "12", "bookworm", "", "", "usr/lib/os-release", true },
    { { { "etc/debian_version", "7.11\n" } }, "debian", "7.11", "", "", "", "etc/debian_version", true },
    /* sid: no VERSION_ID */
    { { { "etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux trixie/sid\"\nNAME=\"Debian GNU/Linux\"\n"
                            "VERSION_CODENAME=trixie\nID=debian\n" },
        { "etc/debian_version", "trixie/sid\n" } },
      "debian", "", "trixie", "", "", "etc/os-release", true },
    { { { "etc/os-release", UBUNTU_2204 }, { "etc/debian_version", "bookworm/sid\n" },
        { "etc/lsb-release", "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\n" } },
      "ubuntu", "22.04", "jammy", "debian", "", "etc/os-release", true },
    { { { "etc/lsb-release", "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=12.04\nDISTRIB_CODENAME=precise\n" },
        { "etc/debian_version", "wheezy/sid\n" } },
      "ubuntu", "12.04", "precise", "", "", "etc/lsb-release", true },
    { { { "etc/os-release", UBUNTU_2204 },
        { "etc/apt/sources.list.d/ubuntu-esm-infra.list",
          "# deb https://esm.ubuntu.com/apps/ubuntu jammy-apps-security main\n"
          "deb https://esm.ubuntu.com/infra/ubuntu jammy-infra-security main\n" } },
      "ubuntu", "22.04", "jammy", "debian", "esm", "etc/os-release", true },
    { { { "etc/os-release", UBUNTU_2204 },
        { "etc/apt/sources.list.d/x.list", "#deb https://esm.ubuntu.com/apps/ubuntu x main\n" } },
      "ubuntu", "22.04", "jammy", "debian", "", "etc/os-release", true },
    { { { "etc/os-release", UBUNTU_2204 },
        { "var/lib/ubuntu-advantage/status.json",
          "{\"attached\": true, \"services\": [{\"name\": \"fips\", \"status\": \"enabled\"},"
          " {\"status\": \"enabled\", \"name\": \"esm-infra\", \"x\": [1, {}]}]}" } },
      "ubuntu", "22.04", "jammy", "debian", "esm", "etc/os-release", true },
    { { { "etc/os-release", UBUNTU_2204 },
        { "var/lib/ubuntu-advantage/status.json",
          "{\"services\": [{\"name\": \"fips\", \"status\": \"enabled\"},"
          " {\"status\": \"disabled\", \"name\": \"esm-infra\"}]}" } },
      "ubuntu", "22.04", "jammy", "debian", "", "etc/os-release", true },
    { { { "etc/os-release", "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.19.1\n" },
        { "etc/alpine-release", "3.19.1\n" } },
      "alpine", "3.19.1", "", "", "", "etc/os-release", false },
    { { { "etc/alpine-release", "3.21.0_alpha20240807\n" },
        { "bin/busybox", "\x7f" "ELF..BusyBox v1.36.1 (2024-01-01)" } },
      "alpine", "3.21.0_alpha20240807", "", "", "", "etc/alpine-release", false },
    { { { "etc/apk/repositories", "https://dl-cdn.alpinelinux.org/alpine/v3.9/main\n"
                                  "https://dl-cdn.alpinelinux.org/alpine/v3.18/main\n" },
        { "bin/busybox", "BusyBox v1.36.1" } },
      "alpine", "3.18", "", "", "", "etc/apk/repositories", false },
    { { { "bin/busybox", "BusyBox vX BusyBox v1.36.1 (2024-01-01)" } },
      "busybox", "1.36.1", "", "", "", "bin/busybox", false },
    { { { "etc/os-release", "ID=postmarketos\nID_LIKE=alpine\nVERSION_ID=\"v23.12\"\n" } },
      "postmarketos", "23.12", "", "alpine", "", "etc/os-release", false },
    { { { "etc/os-release", "ID=wolfi\nNAME=\"Wolfi\"\nVERSION_ID=\"20230201\"\n" } },
      "wolfi", "20230201", "", "", "", "etc/os-release", false },
    { { { "etc/os-release", CENTOS_7 }, { "etc/redhat-release", "CentOS Linux release 7.9.2009 (Core)\n" } },
      "centos", "7", "Core", "rhel fedora", "", "etc/os-release", true },
    { { { "etc/system-release-cpe", "cpe:/o:centos:linux:6:GA\n" },
        { "etc/redhat-release", "CentOS release 6.10 (Final)\n" } },
      "centos", "6.10", "Final", "rhel", "", "etc/redhat-release", true },
    { { { "etc/system-release-cpe", "cpe:/o:centos:linux:6:GA" } },
      "centos", "6", "", "", "", "etc/system-release-cpe", false },
    { { { "etc/system-release-cpe", "cpe:2.3:o:amazon:amazon_linux:2" } },
      "amzn", "2", "", "", "", "etc/system-release-cpe", false },
    { { { "etc/oracle-release", "Oracle Linux Server release 7.9\n" },
        { "etc/redhat-release", "Red Hat Enterprise Linux Server release 7.9 (Maipo)\n" } },
      "ol", "7.9", "", "", "", "etc/oracle-release", false },
    { { { "etc/redhat-release", "Red Hat Enterprise Linux Server release 6.10 (Santiago)\n" } },
      "rhel", "6.10", "Santiago", "", "", "etc/redhat-release", true },
    { { { "etc/redhat-release", "Rocky Linux release 8.5 (Green Obsidian)\n" } },
      "rocky", "8.5", "Green Obsidian", "rhel", "", "etc/redhat-release", true },
    { { { "etc/redhat-release", "AlmaLinux release 9.3 (Shamrock Pampas Cat)\n" } },
      "almalinux", "9.3", "Shamrock Pampas Cat", "rhel", "", "etc/redhat-release", true },
    { { { "etc/redhat-release", "Scientific Linux release 7.9 (Nitrogen)\n" } },
      "scientific", "7.9", "Nitrogen", "rhel", "", "etc/redhat-release", true },
    { { { "etc/redhat-release", "Somebody's Linux release 8.1\n" } },
      "rhel", "8.1", "", "", "", "etc/redhat-release", true },
    { { { "etc/fedora-release", "Fedora release 39 (Thirty Nine)\n" } },
      "fedora", "39", "Thirty Nine", "", "", "etc/fedora-release", false },
    { { { "etc/system-release", "Amazon Linux AMI release 2018.03\n" } },
      "amzn", "2018.03", "", "", "", "etc/system-release", false },
    { { { "etc/system-release", "Amazon Linux release 2 (Karoo)\n" } },
      "amzn", "2", "Karoo", "", "", "etc/system-release", false },
    { { { "usr/lib/system-release", "Amazon Linux 2\n" } },
      "amzn", "2", "", "", "", "usr/lib/system-release", false },
    { { { "etc/os-release", "NAME=\"Amazon Linux\"\nVERSION=\"2023\"\nID=\"amzn\"\nID_LIKE=\"fedora rhel\"\n"
                            "VERSION_ID=\"2023\"\n" } },
      "amzn", "2023", "", "fedora rhel", "", "etc/os-release", false },
    { { { "etc/os-release", "ID='arch'\nBUILD_ID=rolling\nNAME='Arch Linux'\n" } },
      "arch", "", "", "", "", "etc/os-release", true },
    { { { "etc/os-release", "ID=\"rhel\"\nVERSION_ID=\"9.4\"\n" },
        { "root/buildinfo/content_manifests/ubi9.json", "{\"content_sets\":[\"rhel-9-for-x86_64-baseos-eus-rpms\"]}" } },
      "rhel", "9.4", "", "", "eus", "etc/os-release", true },
    { { { "etc/os-release", "NAME=\"openEuler\"\nVERSION=\"22.03 (LTS-SP3)\"\nID=\"openEuler\"\nVERSION_ID=\"22.03\"\n" } },
      "openEuler", "22.03", "LTS-SP3", "", "", "etc/os-release", false },
    { { { "etc/os-release", "ID=Weird_OS\nVERSION_ID=1\nID_LIKE=\" ubuntu  debian \"\n" } },
      "Weird_OS", "1", "", "ubuntu debian", "", "etc/os-release", true },
    { { { "etc/os-release", "ID=rockylinux\nVERSION_ID=8.9\n" } },
      "rocky", "8.9", "", "", "", "etc/os-release", false },
    { { { "etc/os-release", "NAME=\"Rocky Linux\"\nVERSION_ID=8.9\n" } }, /* no ID */
      "rocky", "8.9", "", "", "", "etc/os-release", false },
    { { { "x86_64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release", "ID=bottlerocket\nVERSION_ID=1.19\n" } },
      "bottlerocket", "1.19", "", "", "", "x86_64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release", false },
};

static prq_str joined(struct prq_arena *a, struct prq_strs list)
{
    prq_str out = PRQ_S("");
    for (size_t i = 0; i < list.n; i++)
        out = prq_arena_printf(a, "%.*s%s%.*s", PRQ_FMT(out), i ? " " : "", PRQ_FMT(list.v[i]));
    return out;
}

static void test_distro_images(void **state)
{
    (void)state;
    for (size_t i = 0; i < PRQ_COUNT(images); i++) {
        const struct image *im = &images[i];
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
        struct prq_distro d;
        if (!settle(a, im->files, PRQ_COUNT(im->files), &d))
            fail_msg("image %zu (%s) has no distribution", i, im->id);
        assert_str(d.id, im->id);
        assert_str(d.version_id, im->version);
        assert_str(d.codename, im->codename);
        assert_str(joined(a, d.like), im->like);
        assert_str(joined(a, d.channels), im->channels);
        assert_str(d.path, im->path);
        if (prq_distro_is_comprehensive(&d) != im->is_comprehensive)
            fail_msg("image %zu (%s) comprehensive", i, im->id);
    }
}

/* Every row of catalog.md 2.4: IDs as os-release has them, and the one that they settle to. */
static void test_distro_ids(void **state)
{
    (void)state;
    static const char *const ids[][2] = {
        { "debian", "debian" }, { "raspbian", "raspbian" }, { "ubuntu", "ubuntu" },
        { "alpine", "alpine" }, { "postmarketos", "postmarketos" }, { "wolfi", "wolfi" },
        { "chainguard", "chainguard" }, { "minimos", "minimos" }, { "secureos", "secureos" },
        { "echo", "echo" }, { "rhel", "rhel" }, { "redhat", "rhel" }, { "centos", "centos" },
        { "rocky", "rocky" }, { "rockylinux", "rocky" }, { "almalinux", "almalinux" },
        { "alma", "almalinux" }, { "scientific", "scientific" }, { "sl", "scientific" },
        { "fedora", "fedora" }, { "ol", "ol" }, { "oracle", "ol" }, { "oraclelinux", "ol" },
        { "amzn", "amzn" }, { "amazon", "amzn" }, { "amazonlinux", "amzn" }, { "photon", "photon" },
        { "mariner", "mariner" }, { "azurelinux", "azurelinux" }, { "sles", "sles" },
        { "sle-micro", "sle-micro" }, { "sl-micro", "sl-micro" },
        { "sle-micro-rancher", "sle-micro-rancher" }, { "opensuse-leap", "opensuse-leap" },
        { "opensuse", "opensuse" }, { "opensuse-tumbleweed", "opensuse-tumbleweed" },
        { "openEuler", "openEuler" }, { "openeuler", "openEuler" }, { "arch", "arch" },
        { "gentoo", "gentoo" }, { "bottlerocket", "bottlerocket" }, { "busybox", "busybox" },
        { "hummingbird", "hummingbird" }, { "coreos", "coreos" }, { "activestate", "activestate" },
        { "mageia", "mageia" },
    };
    for (size_t i = 0; i < PRQ_COUNT(ids); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct prq_distro d;
        prq_str text = prq_arena_printf(a, "ID=%s\nVERSION_ID=5.5\n", ids[i][0]);
        const struct text_file file = { "etc/os-release", text.p };
        assert_true(settle(a, &file, 1, &d));
        if (!prq_str_eq(d.id, prq_str_from(ids[i][1])))
            fail_msg("%s settles to %.*s", ids[i][0], PRQ_FMT(d.id));
        assert_str(d.version_id, "5.5");
    }
}

/* catalog.md 2.3: names of release files, lower-cased, with and without their longer forms. */
static void test_distro_release_lines(void **state)
{
    (void)state;
    static const char *const lines[][4] = {
        { "etc/redhat-release", "Red Hat Enterprise Linux release 9.4 (Plow)", "rhel", "9.4" },
        { "etc/redhat-release", "Red Hat Enterprise Linux Server release 5 (Tikanga)", "rhel", "5" },
        { "etc/redhat-release", "CentOS Linux release 7.9.2009 (Core)", "centos", "7.9.2009" },
        { "etc/redhat-release", "CentOS Linux release 7.3.1611 (AltArch)", "centos", "7.3.1611" },
        { "etc/redhat-release", "CentOS Stream release 9", "centos", "9" },
        { "etc/redhat-release", "CentOS release 5.11 (Final)", "centos", "5.11" },
        { "etc/redhat-release", "Rocky Linux release 9.1 (Blue Onyx)", "rocky", "9.1" },
        { "etc/redhat-release", "Rocky release 9.1", "rocky", "9.1" },
        { "etc/redhat-release", "AlmaLinux release 8.10 (Cerulean Leopard)", "almalinux", "8.10" },
        { "etc/redhat-release", "Alma Linux release 8.4", "almalinux", "8.4" },
        { "etc/redhat-release", "Oracle Linux Server release 8.4", "ol", "8.4" },
        { "etc/redhat-release", "Oracle release 6", "ol", "6" },
        { "etc/redhat-release", "Fedora release 40 (Forty)", "fedora", "40" },
        { "etc/redhat-release", "Fedora Linux release 41 (Rawhide)", "fedora", "41" },
        { "etc/redhat-release", "Scientific Linux release 6.10 (Carbon)", "scientific", "6.10" },
        { "etc/redhat-release", "Other release 3.1", "rhel", "3.1" },
        { "etc/system-release", "Amazon Linux AMI release 2018.03", "amzn", "2018.03" },
        { "etc/system-release", "Amazon Linux release 2 (Karoo)", "amzn", "2" },
        { "etc/system-release", "Amazon Linux 2", "amzn", "2" },
        { "etc/system-release", "Amazon Linux release 2023 (Amazon Linux)", "amzn", "2023" },
        { "etc/alpine-release", "3.19.1", "alpine", "3.19.1" },
        { "etc/alpine-release", "3.21.0_alpha20240807", "alpine", "3.21.0_alpha20240807" },
        { "etc/debian_version", "12.5", "debian", "12.5" },
        { "etc/debian_version", "trixie/sid", "debian", "" },
        { "etc/system-release-cpe", "cpe:/o:centos:linux:6:GA", "centos", "6" },
        { "etc/system-release-cpe", "cpe:/o:redhat:enterprise_linux:7.9:ga:server", "rhel", "7.9" },
        { "etc/system-release-cpe", "cpe:/o:fedoraproject:fedora:39", "fedora", "39" },
        { "etc/system-release-cpe", "cpe:/o:oracle:linux:7:9:server", "ol", "7" },
        { "etc/system-release-cpe", "cpe:/o:Rocky:rocky:8:GA", "rocky", "8" },
        { "etc/lsb-release", "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04", "ubuntu", "22.04" },
        { "etc/centos-release", "CentOS Linux release 8.1.1911 (Core)", "centos", "8.1.1911" },
        { "usr/lib/fedora-release", "Fedora release 38 (Thirty Eight)", "fedora", "38" },
        { "bin/busybox", "BusyBox v1.36.1 (2023)", "busybox", "1.36.1" },
    };
    for (size_t i = 0; i < PRQ_COUNT(lines); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct prq_distro d;
        const struct text_file file = { lines[i][0], lines[i][1] };
        if (!settle(a, &file, 1, &d))
            fail_msg("%s says nothing", lines[i][1]);
        if (!prq_str_eq(d.id, prq_str_from(lines[i][2])) ||
            !prq_str_eq(d.version_id, prq_str_from(lines[i][3])))
            fail_msg("%s: %.*s %.*s", lines[i][1], PRQ_FMT(d.id), PRQ_FMT(d.version_id));
    }
}

/* catalog.md 2.7 */
static void test_distro_channels(void **state)
{
    (void)state;
    static const char *const files[][3] = {
        { "etc/apt/sources.list.d/ubuntu-esm-apps.sources",
          "Types: deb\nURIs: https://esm.ubuntu.com/apps/ubuntu\n", "esm" },
        { "etc/apt/auth.conf.d/90ubuntu-advantage",
          "machine esm.ubuntu.com/infra/ubuntu/ login bearer password x\n", "esm" },
        { "etc/apt/sources.list.d/fips.list", "deb https://esm.ubuntu.com/fips/ubuntu x main\n", "" },
        { "var/lib/ubuntu-advantage/status.json",
          "{\"services\":[{\"name\":\"esm-apps\",\"status\":\"enabled\"}]}", "esm" },
        { "var/lib/ubuntu-advantage/status.json",
          "{\"services\":[{\"name\":\"realtime-kernel\",\"status\":\"enabled\"}]}", "" },
        { "root/buildinfo/content_manifests/x.json", "[\"rhel-8-for-x86_64-appstream-eus-rpms__8\"]",
          "eus" },
        { "root/buildinfo/content_manifests/x.json", "[\"rhel-8-for-x86_64-appstream-rpms\"]", "" },
        { "usr/share/rapidfort/curated.json", "{}", "rapidfort" },
    };
    for (size_t i = 0; i < PRQ_COUNT(files); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct prq_distro d;
        const struct text_file both[] = { { "etc/os-release", UBUNTU_2204 },
                                          { files[i][0], files[i][1] } };
        assert_true(settle(a, both, 2, &d));
        if (!prq_str_eq(joined(a, d.channels), prq_str_from(files[i][2])))
            fail_msg("%s: %.*s", files[i][1], PRQ_FMT(joined(a, d.channels)));
    }
}

static void test_distro_none(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct prq_distro d;
    assert_false(settle(a, NULL, 0, &d));
    const struct text_file mixed[] = {
        { "etc/apk/repositories", "https://a.example/alpine/v3.19/main\nhttps://a.example/other/v3.19/main\n" },
    };
    assert_false(settle(a, mixed, 1, &d));
    const struct text_file junk[] = { { "etc/os-release", "#\nhello\n" } };
    assert_false(settle(a, junk, 1, &d));
}

/* Source: os-release(5): "Variable assignment values must be enclosed in double or single quotes
 * if they include spaces, semicolons or other special characters"; shell escapes. */
static void test_distro_quotes(void **state)
{
    (void)state;
    static const struct {
        const char *line, *value;
    } cases[] = {
        { "NAME=plain", "plain" },
        { "NAME=\"two words\"", "two words" },
        { "NAME='single \\\" kept'", "single \\\" kept" },
        { "NAME=\"a \\\"b\\\" \\\\ \\$x \\`c\\` \\n\"", "a \"b\" \\ $x `c` \\n" },
        { "  NAME = spaced  \r", "spaced" },
        { "NAME='a'\"b\"c\\ d", "abc d" },
        { "NAME=\"open", "open" },
        { "NAME=\"", "" },
        { "NAME=", "" },
        { "NAME=first\nNAME=last", "last" },
        { "\xef\xbb\xbfNAME=marked", "marked" },
        { "NAME=a=b", "a=b" },
        { "# NAME=no\n\nNAME=yes", "yes" },
        { "NAME=\"x\\", "x\\" },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
        struct capture c;
        capture_init(&c, a);
        struct prq_err err = PRQ_ERR_INIT;
        assert_true(capture_run(&c, &prq_analyzer_distro, "etc/os-release",
                                prq_bytes_of(prq_str_from(cases[i].line)), &err));
        assert_int_equal(c.note_count, 1);
        assert_str(capture_note(&c, "os-release", "NAME"), cases[i].value);
    }
}

static void test_distro_unreadable(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    struct prq_err err = PRQ_ERR_INIT;
    assert_false(capture_run(&c, &prq_analyzer_distro, "etc/os-release", CAPTURE_BYTES("\0\1\2"), &err));
    assert_string_equal(err.text, "no line names a distribution");
    assert_true(capture_run(&c, &prq_analyzer_distro, "etc/os-release", CAPTURE_BYTES(" \n"), &err));
    assert_false(capture_run(&c, &prq_analyzer_distro, "var/lib/ubuntu-advantage/status.json",
                             CAPTURE_BYTES("{\"services\": ["), &err));
    assert_int_equal(c.note_count, 0);
}

/* Credentials in apt's files stay there. */
static void test_distro_esm_secret(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(capture_run(&c, &prq_analyzer_distro, "etc/apt/auth.conf.d/90ubuntu-advantage",
                            CAPTURE_BYTES("machine esm.ubuntu.com/apps/ubuntu/ login bearer password "
                                          "hunter2\n"),
                            &err));
    assert_int_equal(c.note_count, 1);
    assert_int_equal(c.notes[0].n, 1);
    assert_str(c.notes[0].pairs[0].value, "apps");
}

static void test_distro_alpine_image(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    const char archive[] = "data/images/alpine/alpine-3.10.docker-archive.tar.gz";
    shared_or_skip(a, "data/images/alpine/alpine-3.10.expected.tsv");
    struct capture c;
    capture_init(&c, a);
    struct prq_err err = PRQ_ERR_INIT;
    const char *paths[] = { "etc/os-release", "etc/alpine-release", "bin/busybox" };
    for (size_t i = 0; i < PRQ_COUNT(paths); i++)
        assert_true(capture_run(&c, &prq_analyzer_distro, paths[i], docker_member(a, archive, paths[i]),
                                &err));
    assert_str(capture_note(&c, "os-release", "ID"), "alpine");
    assert_true(prq_str_eq(capture_note(&c, "os-release", "VERSION_ID"),
                           capture_note(&c, "alpine-release", "line")));
    assert_true(prq_str_starts(capture_note(&c, "busybox", "version"), PRQ_S("1.30.1"))); /* by its apk */
}

static void test_distro_windows(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    PRQ_ARENA scratch = prq_arena_new(PRQ_MIB(1));
    struct prq_ctx ctx = unit_ctx(scratch);
    struct prq_file file = { .path = PRQ_S("Files/Windows"), .type = PRQ_FILE_DIR };
    struct prq_input in = { .file = &file };
    struct prq_err err = PRQ_ERR_INIT;
    struct capture c;
    capture_init(&c, a);
    assert_true(prq_analyzer_distro.run(&ctx, &in, &c.sink, &err));
    assert_int_equal(c.gap_count, 1);
    assert_str(c.gaps[0].kind, "unsupported");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_distro_windows),
        cmocka_unit_test(test_distro_images),     cmocka_unit_test(test_distro_ids),
        cmocka_unit_test(test_distro_release_lines),
        cmocka_unit_test(test_distro_channels),   cmocka_unit_test(test_distro_none),
        cmocka_unit_test(test_distro_quotes),     cmocka_unit_test(test_distro_unreadable),
        cmocka_unit_test(test_distro_esm_secret), cmocka_unit_test(test_distro_alpine_image),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
