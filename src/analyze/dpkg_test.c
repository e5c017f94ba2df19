/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"
#include "pipe.h"

extern const struct prq_analyzer prq_analyzer_dpkg;

static const char status[] = "var/lib/dpkg/status";

static void run_ok(struct capture *c, const char *path, prq_bytes data)
{
    struct prq_err err = PRQ_ERR_INIT;
    if (!capture_run(c, &prq_analyzer_dpkg, path, data, &err))
        fail_msg("%s", err.text);
}

static const struct prq_package *package_of(const struct capture *c, prq_str name, prq_str arch)
{
    for (size_t i = 0; i < c->package_count; i++)
        if (prq_str_eq(c->packages[i].name, name) && prq_str_eq(c->packages[i].arch, arch))
            return &c->packages[i];
    return NULL;
}

static void assert_list(struct prq_strs list, const char *expected)
{
    prq_str rest = prq_str_from(expected), word;
    for (size_t i = 0; i < list.n; i++) {
        assert_true(prq_str_split(&rest, ' ', &word));
        assert_true(prq_str_eq(list.v[i], word));
    }
    assert_true(list.n == 0 ? *expected == '\0' : !rest.p);
}

static void test_dpkg_fields(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, status,
           CAPTURE_BYTES(
               "Package: libssl3\nStatus: install ok installed\nPriority: optional\n"
               "Installed-Size: 6020\nMaintainer: Debian OpenSSL Team <pkg-openssl@lists.alioth.debian.org>\n"
               "Architecture: amd64\nMulti-Arch: same\nSource: openssl\nVersion: 3.0.11-1~deb12u2\n"
               "Pre-Depends: dpkg (>= 1.15)\nDepends: libc6 (>= 2.34), debconf:any (>= 0.5) | debconf-2.0 [amd64],\n"
               " tail\nProvides: ssl-abi (= 3)\n"
               "Description: Secure Sockets Layer toolkit\n This package is\n .\n Version: not a field\n\n"
               /* binNMU: the source's version differs */
               "Package: bash\nStatus: hold ok installed\nVersion: 5.2.15-2+b2\nArchitecture: amd64\n"
               "Source: bash (5.2.15-2)\n\n"
               "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n"
               "Package: purged\nStatus: purge ok not-installed\n\n"
               "Package: half\nStatus: install reinstreq half-installed\nVersion: 2\nArchitecture: all\n\n"
               "Package: libssl3\nStatus: install ok installed\nArchitecture: i386\nSource: openssl\n"
               "Version: 3.0.11-1~deb12u2")); /* cut, the version perhaps too */
    assert_int_equal(c.gap_count, 1);
    assert_str(c.gaps[0].reason, "ends in the middle of a line");
    assert_int_equal(c.package_count, 4);
    const struct prq_package *p = package_of(&c, PRQ_S("libssl3"), PRQ_S("amd64"));
    assert_non_null(p);
    assert_str(p->type, "deb");
    assert_str(p->version, "3.0.11-1~deb12u2");
    assert_str(p->source_name, "openssl");
    assert_str(p->source_version, "");
    assert_true(p->size_bytes == 6020 * 1024);
    assert_list(p->depends, "dpkg libc6 debconf debconf-2.0 tail");
    assert_list(p->provides, "ssl-abi");
    assert_str(p->vendor, "Debian OpenSSL Team <pkg-openssl@lists.alioth.debian.org>");
    assert_int_equal(p->flags, 0);
    assert_non_null(package_of(&c, PRQ_S("libssl3"), PRQ_S("i386")));
    p = capture_package(&c, "bash");
    assert_str(p->source_name, "");
    assert_str(p->source_version, "5.2.15-2");
    assert_non_null(capture_package(&c, "half"));
}

static void test_dpkg_oddities(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, "opt/root/var/lib/dpkg/status",
           CAPTURE_BYTES("Package: crlf\r\nVersion: 1\r\nArchitecture: all\r\n\r\n"
                         "package: lower\nVERSION: 2\n\n"
                         "no colon here\nPackage: after\nanother\nVersion: 3\n\n"
                         "Package: first\nPackage: second\nVersion: 4\nVersion: 4\n\n"
                         "Version: 5\n\n"
                         "Package: versionless\n\n"
                         "Package: odd\nVersion: not a version\n"));
    assert_int_equal(c.package_count, 6);
    assert_str(capture_package(&c, "crlf")->version, "1");
    assert_str(capture_package(&c, "crlf")->arch, "all");
    assert_str(capture_package(&c, "lower")->version, "2");
    assert_str(capture_package(&c, "after")->version, "3");
    assert_str(capture_package(&c, "first")->version, "4");
    assert_str(capture_package(&c, "versionless")->version, "");
    assert_str(capture_package(&c, "odd")->version, "not a version");
    assert_int_equal(c.gap_count, 3);
    assert_str(c.gaps[0].reason, "line is no field (and 1 more like it)");
    assert_str(c.gaps[1].reason, "field repeated in one stanza (and 1 more like it)");
    assert_str(c.gaps[2].reason, "package without Version");
    capture_init(&c, a);
    run_ok(&c, "var/lib/dpkg/status.d/base", CAPTURE_BYTES("Package: a\nVersion: 1"));
    assert_int_equal(c.package_count, 1);
    assert_int_equal(c.gap_count, 0);
    /* said twice, but the same */
    capture_init(&c, a);
    run_ok(&c, status, CAPTURE_BYTES("Package: a\nVersion: 1\nVersion: 1\n"));
    assert_int_equal(c.gap_count, 0);
    run_ok(&c, status, CAPTURE_BYTES("Package: b\nVersion: 1\nVersion: 2\n"));
    assert_int_equal(c.gap_count, 1);
}

static void test_dpkg_third_party(void **state)
{
    (void)state;
    static const struct {
        const char *maintainer;
        bool is_third;
    } cases[] = {
        { "Docker <support@docker.com>", true },
        { "NGINX Packaging <nginx-packaging@f5.com>", true },
        { "Google Cloud CLI Authors <https://code.google.com/p/google-cloud-sdk/>", true },
        { "Microsoft Corporation <example@microsoft.com>", true },
        { "cudatools <cudatools@nvidia.com>", true },
        { "MariaDB Developers <maria-developers@lists.mariadb.org>", true },
        { "GitHub", true },
        { "HashiCorp", true },
        { "Debian NVIDIA Maintainers <pkg-nvidia-devel@lists.alioth.debian.org>", false },
        { "Debian MySQL Maintainers <pkg-mysql-maint@lists.alioth.debian.org>", false },
        { "Ubuntu Developers <ubuntu-devel-discuss@lists.ubuntu.com>", false },
        { "Somebody <somebody@example.org>", false },
        { "", false },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
        struct capture c;
        capture_init(&c, a);
        prq_str text = prq_arena_printf(a, "Package: p\nVersion: 1\nMaintainer: %s\n", cases[i].maintainer);
        run_ok(&c, status, prq_bytes_of(text));
        if ((c.packages[0].flags == PRQ_PKG_THIRD_PARTY) != cases[i].is_third)
            fail_msg("%s", cases[i].maintainer);
    }
}

/* catalog.md 12: a stanza of 300 KiB, which Trivy loses at 128 KiB. */
static void test_dpkg_large_stanza(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    PRQ_BUF b;
    prq_buf_init(&b, PRQ_MIB(4));
    prq_buf_printf(&b, "Package: big\nStatus: install ok installed\nDepends: first");
    size_t count = 1;
    for (; b.n < PRQ_KIB(300); count++)
        prq_buf_printf(&b, ", lib%zu (>= %zu)", count, count);
    prq_buf_printf(&b, "\nVersion: 1-1\n\nPackage: next\nVersion: 2\n");
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, status, prq_buf_bytes(&b));
    assert_int_equal(c.package_count, 2);
    assert_str(capture_package(&c, "big")->version, "1-1");
    assert_int_equal(capture_package(&c, "big")->depends.n, count);
}

static void test_dpkg_esm(void **state)
{
    (void)state;
    static const struct {
        const char *version;
        size_t notes;
    } cases[] = { { "1.2-3+esm1", 1 }, { "1.2-3ubuntu0.1~esm2", 1 }, { "1.2+esm", 0 }, { "1.2esm1", 0 },
                  { "esm1", 0 }, { "1+esmx+esm3", 1 } };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
        struct capture c;
        capture_init(&c, a);
        prq_str text = prq_arena_printf(a, "Package: p\nVersion: %s\n\nPackage: q\nVersion: %s\n",
                                        cases[i].version, cases[i].version);
        run_ok(&c, status, prq_bytes_of(text));
        assert_int_equal(c.note_count, cases[i].notes);
    }
}

static void test_dpkg_file_lists(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, "var/lib/dpkg/info/libc6:amd64.list",
           CAPTURE_BYTES("/.\n/lib\n/lib/x86\n/lib/x86/libc.so.6\n/lib/x86/libc.so.6.1\n/usr\n/usr/empty\n"));
    const struct capture_owned *o = capture_owned(&c, "deb:libc6:amd64");
    assert_non_null(o);
    assert_list(o->paths, "lib/x86/libc.so.6 lib/x86/libc.so.6.1 usr/empty");
    run_ok(&c, "var/lib/dpkg/info/bash.md5sums",
           CAPTURE_BYTES("7210080490f9fd139c1b44fa0f730988  bin/bash\nshort\n"
                         "12c7981c8fed81743552e47dd4b1483e  usr/bin/bash bug\r\n"));
    o = capture_owned(&c, "deb:bash");
    assert_int_equal(o->paths.n, 2);
    assert_str(o->paths.v[0], "bin/bash");
    assert_str(o->paths.v[1], "usr/bin/bash bug");
    assert_int_equal(c.gap_count, 1);
    assert_str(c.gaps[0].reason, "line is not a digest and a path");
    assert_true(c.gaps[0].offset == 43);
    run_ok(&c, "var/lib/dpkg/info/cron.conffiles",
           CAPTURE_BYTES("/etc/crontab\nremove-on-upgrade /etc/old\n\n"));
    assert_list(capture_owned(&c, "deb:cron")->paths, "etc/crontab etc/old");
    run_ok(&c, "var/lib/dpkg/status.d/tzdata.md5sums",
           CAPTURE_BYTES("7210080490f9fd139c1b44fa0f730988  usr/share/zoneinfo/UTC\n"));
    assert_list(capture_owned(&c, "deb:var/lib/dpkg/status.d/tzdata")->paths, "usr/share/zoneinfo/UTC");
    run_ok(&c, "usr/lib/opkg/info/ubus.list", CAPTURE_BYTES("/bin/ubus\t0100755\t0\n"));
    assert_list(capture_owned(&c, "deb:ubus")->paths, "bin/ubus");
    assert_int_equal(c.package_count, 0);
}

static void test_dpkg_licenses(void **state)
{
    (void)state;
    static const struct {
        const char *path, *text, *licenses;
    } cases[] = {
        { "usr/share/doc/x/copyright",
          "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"
          "Files: *\nCopyright: 1987\nLicense: GPL-3+\n\nFiles: a\nLicense: GPL-3+\n\n"
          "Files: b\nLicense:   BSD-3-Clause\n Permission is\n .\n granted\n\n"
          "License:\n Text first and no name, which is a long sentence that explains itself well enough\n\n"
          "License: GPL-1+ or Artistic\n /usr/share/common-licenses/GPL-1\n",
          "GPL-3+|BSD-3-Clause|GPL-1+ or Artistic" },
        { "usr/share/doc/x/copyright",
          "This is free.\nSee /usr/share/common-licenses/GPL-2.\nLicense: no\n"
          "or `/usr/share/common-licenses/LGPL-2.1' or /usr/share/common-licenses/GPL-2\n",
          "GPL-2|LGPL-2.1" },
        { "usr/share/doc/x/copyright", "All rights are wrong.\n", NULL },
        { "usr/share/doc/x/y/copyright", "/usr/share/common-licenses/GPL-2\n", NULL },
        { "usr/share/doc/copyright", "/usr/share/common-licenses/GPL-2\n", NULL },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
        struct capture c;
        capture_init(&c, a);
        run_ok(&c, cases[i].path, prq_bytes_of(prq_str_from(cases[i].text)));
        assert_int_equal(c.note_count, cases[i].licenses ? 1 : 0);
        if (!cases[i].licenses)
            continue;
        assert_str(c.notes[0].kind, "dpkg-license");
        assert_str(c.notes[0].pairs[0].key, "package");
        assert_str(c.notes[0].pairs[0].value, "x");
        prq_str rest = prq_str_from(cases[i].licenses), one;
        for (size_t k = 1; k < c.notes[0].n; k++) {
            assert_true(prq_str_split(&rest, '|', &one));
            assert_str(c.notes[0].pairs[k].key, "license");
            assert_true(prq_str_eq(c.notes[0].pairs[k].value, one));
        }
        assert_null(rest.p);
    }
}

static void test_dpkg_full_sink(void **state)
{
    (void)state;
    static const struct {
        const char *path, *text;
    } cases[] = {
        { "var/lib/dpkg/status", "Package: a\nVersion: 1\n" },
        { "var/lib/dpkg/status", "junk\n" },
        { "var/lib/dpkg/info/a.list", "/a\n" },
        { "var/lib/dpkg/info/a.md5sums", "7210080490f9fd139c1b44fa0f730988  bin/bash\n" },
        { "var/lib/dpkg/info/a.conffiles", "/a\n" },
        { "usr/share/doc/a/copyright", "/usr/share/common-licenses/GPL-2\n" },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
        struct capture c;
        capture_init(&c, a);
        c.room = 0;
        struct prq_err err = PRQ_ERR_INIT;
        assert_false(capture_run(&c, &prq_analyzer_dpkg, cases[i].path,
                                 prq_bytes_of(prq_str_from(cases[i].text)), &err));
        assert_int_equal(err.code, PRQ_E_LIMIT);
    }
}

/* ---- against what others say */

static prq_str source_of(const struct prq_package *p)
{
    return p->source_name.n ? p->source_name : p->name;
}

static prq_str source_version_of(const struct prq_package *p)
{
    return p->source_version.n ? p->source_version : p->version;
}

static void test_dpkg_this_machine(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(256));
    prq_bytes data = unit_slurp(a, "/var/lib/dpkg/status");
    prq_str truth = prq_str_of(unit_pipe(
        a, "dpkg-query -W -f '${Package}\\t${Version}\\t${Architecture}\\t${source:Package}\\t"
           "${source:Version}\\t${Installed-Size}\\t${Maintainer}\\t${db:Status-Status}\\n' 2>/dev/null"));
    if (data.n == 0 || truth.n == 0)
        skip();
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, status, data);
    assert_int_equal(c.gap_count, 0);
    prq_str line, cell[8];
    size_t rows = 0;
    while (prq_str_line(&truth, &line)) {
        for (size_t i = 0; i < PRQ_COUNT(cell); i++)
            assert_true(prq_str_split(&line, '\t', &cell[i]));
        if (prq_str_eq(cell[7], PRQ_S("config-files")) || prq_str_eq(cell[7], PRQ_S("not-installed")))
            continue;
        const struct prq_package *p = package_of(&c, cell[0], cell[2]);
        if (!p)
            fail_msg("%.*s is missing", PRQ_FMT(cell[0]));
        assert_true(prq_str_eq(p->version, cell[1]));
        assert_true(prq_str_eq(source_of(p), cell[3]));
        assert_true(prq_str_eq(source_version_of(p), cell[4]));
        uint64_t size = 0;
        prq_str_u64(cell[5], &size);
        assert_true(p->size_bytes == size * 1024);
        assert_true(prq_str_eq(p->vendor, cell[6]));
        rows++;
    }
    assert_int_equal(rows, c.package_count);
}

/* What `dpkg-query -L` names and is no directory is all there; only directories that are empty on
 * this machine may come with it. */
static void test_dpkg_this_machine_files(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    prq_bytes data = unit_slurp(a, "/var/lib/dpkg/info/coreutils.list");
    prq_str truth = prq_str_of(unit_pipe(a, "dpkg-query -L coreutils 2>/dev/null | while read -r f; do "
                                            "[ -d \"$f\" ] || echo \"$f\"; done"));
    if (data.n == 0 || truth.n == 0)
        skip();
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, "var/lib/dpkg/info/coreutils.list", data);
    prq_str line;
    size_t n = 0;
    while (prq_str_line(&truth, &line)) {
        if (prq_str_ends(line, PRQ_S("/copyright")))
            continue; /* nobody's (catalog.md 7) */
        while (n < c.owned[0].paths.n && !prq_str_eq(c.owned[0].paths.v[n], prq_str_from_at(line, 1)))
            n++;
        if (n == c.owned[0].paths.n)
            fail_msg("%.*s is missing", PRQ_FMT(line));
    }
}

/* Column of a header line; PRQ_COUNT-like bound left to the caller. */
static size_t column(prq_str header, const char *name)
{
    prq_str cell;
    for (size_t i = 0; prq_str_split(&header, '\t', &cell); i++)
        if (prq_str_eq(cell, prq_str_from(name)))
            return i;
    fail_msg("no column %s", name);
    return 0;
}

static prq_str cell_of(prq_str line, size_t at)
{
    prq_str cell = { 0 };
    for (size_t i = 0; i <= at; i++)
        if (!prq_str_split(&line, '\t', &cell))
            return (prq_str){ 0 };
    return cell;
}

/* The deb rows of a list, all of them against the packages captured. */
static void check_rows(const struct capture *c, prq_str list)
{
    prq_str header, line;
    prq_str_line(&list, &header);
    size_t name = column(header, "name"), version = column(header, "version");
    size_t source = column(header, "source"), source_version = column(header, "source_version");
    size_t purl = column(header, "purl"), rows = 0;
    while (prq_str_line(&list, &line)) {
        if (!prq_str_eq(cell_of(line, 0), PRQ_S("deb")))
            continue;
        prq_str arch, after, before;
        assert_true(prq_str_cut(cell_of(line, purl), '=', &before, &after));
        arch = prq_str_head(after, prq_str_find(after, '&'));
        const struct prq_package *p = package_of(c, cell_of(line, name), arch);
        if (!p)
            fail_msg("%.*s is missing", PRQ_FMT(cell_of(line, name)));
        assert_true(prq_str_eq(p->version, cell_of(line, version)));
        assert_true(prq_str_eq(source_of(p), cell_of(line, source)));
        assert_true(prq_str_eq(source_version_of(p), cell_of(line, source_version)));
        rows++;
    }
    assert_int_equal(rows, c->package_count);
}

static void check_image(const char *tag, const char *layout, const char *digest)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(128));
    char name[256];
    snprintf(name, sizeof name, "data/images/expected/%s.tsv", tag);
    prq_str list = prq_str_of(shared_or_skip(a, name));
    prq_bytes data = blob_member(a, layout, digest, status);
    assert_true(data.n > 0);
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, status, data);
    assert_int_equal(c.gap_count, 0);
    check_rows(&c, list);
}

static void test_dpkg_image_debian_min(void **state)
{
    (void)state;
    check_image("debian-min", "data/images/oci-sys", "2574e7376aa9");
}

static void test_dpkg_image_python_app(void **state)
{
    (void)state;
    /* the last layer that writes the database */
    check_image("python-app", "data/images/oci-lang", "c14129493b24");
}

static void test_dpkg_image_distroless(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(128));
    prq_str list = prq_str_of(shared_or_skip(a, "data/images/expected/distroless-like.tsv"));
    static const char *const digests[] = { "6b77933d2986", "b4ca9a62346a", "6a34dbfff06e",
                                           "edc0f2e32efb", "6b4a2e6e115e", "0e21ac489fed",
                                           "458429198aab" };
    struct capture c;
    capture_init(&c, a);
    prq_str rest = list, line;
    size_t owned = 0;
    while (prq_str_line(&rest, &line)) {
        if (!prq_str_eq(cell_of(line, 0), PRQ_S("deb")))
            continue;
        prq_str path = prq_arena_copy(a, cell_of(line, 3));
        uint64_t layer = 0;
        assert_true(prq_str_u64(cell_of(line, 5), &layer) && layer < PRQ_COUNT(digests));
        prq_bytes data = blob_member(a, "data/images/oci-sys", digests[layer], path.p);
        assert_true(data.n > 0);
        run_ok(&c, path.p, data);
        if (!prq_str_has(line, PRQ_S("with .md5sums")))
            continue;
        prq_str sums = prq_arena_printf(a, "%s.md5sums", path.p);
        run_ok(&c, sums.p, blob_member(a, "data/images/oci-sys", digests[layer], sums.p));
        assert_true(c.owned_count > owned);
        owned = c.owned_count;
    }
    assert_int_equal(c.gap_count, 0);
    check_rows(&c, list);
}

/* Cataloguing fixtures: names and versions that two independent sources agree on (cases.jsonl). */
static void test_dpkg_fixtures(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(128));
    shared_or_skip(a, "data/fixtures/README.md");
    static const struct {
        const char *dir, *path, *packages;
    } cases[] = {
        { "dpkg/scalibr-dpkg-dpkg", "var/lib/dpkg/status.d/foo", "foo=1.2.3" },
        { "dpkg/scalibr-dpkg-dpkg-empty", "var/lib/dpkg/status", "" },
        { "dpkg/scalibr-dpkg-dpkg-noversion", "var/lib/dpkg/status", "foo=1.0 acl= bar=2.0" },
        { "dpkg/scalibr-dpkg-dpkg-trailingnewlines", "var/lib/dpkg/status", "acl=2.3.1-3" },
        { "dpkg/scalibr-dpkg-dpkg-transitional_empty", "var/lib/dpkg/status",
          "runit-systemd=2.1.2-54+usrmerge" },
        { "dpkg/syft-debian-var-lib-dpkg-status.d-installed-size-4KB",
          "var/lib/dpkg/status.d/installed-size-4KB", "apt=1.8.2" },
        { "dpkg/syft-debian-var-lib-dpkg-status.d-single", "var/lib/dpkg/status.d/single", "apt=1.8.2" },
        { "dpkg/trivy-dpkg-only-apt", "var/lib/dpkg/status", "apt=1.6.3ubuntu0.1" },
        { "opkg/scalibr-dpkg-opkg-nopackage", "usr/lib/opkg/status",
          "ubus=2024.10.20~252a9b0c-r1 busybox=1.36.1-r2" },
        { "opkg/scalibr-dpkg-opkg-noversion", "usr/lib/opkg/status",
          "ubus=2024.10.20~252a9b0c-r1 libuci20130104= busybox=1.36.1-r2" },
        { "opkg/scalibr-dpkg-opkg-trailingnewlines", "usr/lib/opkg/status",
          "ubus=2024.10.20~252a9b0c-r1" },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", cases[i].dir, cases[i].path);
        struct capture c;
        capture_init(&c, a);
        run_ok(&c, cases[i].path, fixture_member(a, path));
        prq_str got = PRQ_S("");
        for (size_t k = 0; k < c.package_count; k++)
            got = prq_arena_printf(a, "%.*s%s%.*s=%.*s", PRQ_FMT(got), k ? " " : "",
                                   PRQ_FMT(c.packages[k].name), PRQ_FMT(c.packages[k].version));
        assert_str(got, cases[i].packages);
    }
    struct capture c;
    capture_init(&c, a);
    const char path[] = "var/lib/dpkg/status.d/coreutils-relationships";
    run_ok(&c, path, fixture_member(a, "dpkg/syft-debian-var-lib-dpkg-status.d-coreutils-relationships/"
                                       "var/lib/dpkg/status.d/coreutils-relationships"));
    assert_int_equal(c.package_count, 9);
    assert_list(capture_package(&c, "coreutils")->depends, "libacl1 libattr1 libc6 libgmp10 libselinux1");
}

/* As dpkg-divert writes them; the last one is cut. */
static void test_dpkg_diversions(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, "var/lib/dpkg/diversions",
           CAPTURE_BYTES("/bin/sh\n/bin/sh.distrib\ndash\n/usr/bin/x\n/usr/bin/x.local\n:\n"));
    assert_int_equal(c.note_count, 1);
    assert_int_equal(c.notes[0].n, 6);
    assert_str(c.notes[0].pairs[0].value, "bin/sh");
    assert_str(c.notes[0].pairs[1].value, "bin/sh.distrib");
    assert_str(c.notes[0].pairs[2].value, "dash");
    assert_str(c.notes[0].pairs[5].value, ":");
    struct prq_err err = PRQ_ERR_INIT;
    assert_false(capture_run(&c, &prq_analyzer_dpkg, "var/lib/dpkg/diversions",
                             CAPTURE_BYTES("/bin/sh\n/bin/sh.distrib\n"), &err));
    assert_int_equal(c.note_count, 1);
}

/* Nobody owns what proves packages (catalog.md 7). */
static void test_dpkg_lists_leave_out_databases(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, "var/lib/dpkg/info/x.list",
           CAPTURE_BYTES("/.\n/usr/share/doc/x/copyright\n/usr/share/doc/x/changelog.gz\n"
                         "/var/lib/dpkg/status\n/usr/lib/sysimage/rpm/rpmdb.sqlite\n"));
    assert_int_equal(c.owned_count, 1);
    assert_int_equal(c.owned[0].paths.n, 1);
    assert_str(c.owned[0].paths.v[0], "usr/share/doc/x/changelog.gz");
}

/* A package that dpkg-deb built, lying in a source tree. */
static void test_dpkg_loose_file(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    capture_init(&c, a);
    run_ok(&c, "pool/tiny_2.0-3_all.deb",
           unit_slurp(a, PRQ_SOURCE_DIR "/fuzz/corpus/debfile/xz.deb"));
    assert_int_equal(c.package_count, 1);
    assert_str(c.packages[0].name, "tiny");
    assert_str(c.packages[0].version, "1:2.0-3");
    assert_str(c.packages[0].arch, "all");
    assert_int_equal(c.packages[0].flags, PRQ_PKG_DECLARED);
    assert_list(c.packages[0].depends, "libc6");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dpkg_loose_file),
        cmocka_unit_test(test_dpkg_diversions),
        cmocka_unit_test(test_dpkg_lists_leave_out_databases),
        cmocka_unit_test(test_dpkg_fields),
        cmocka_unit_test(test_dpkg_oddities),
        cmocka_unit_test(test_dpkg_third_party),
        cmocka_unit_test(test_dpkg_large_stanza),
        cmocka_unit_test(test_dpkg_esm),
        cmocka_unit_test(test_dpkg_file_lists),
        cmocka_unit_test(test_dpkg_licenses),
        cmocka_unit_test(test_dpkg_full_sink),
        cmocka_unit_test(test_dpkg_this_machine),
        cmocka_unit_test(test_dpkg_this_machine_files),
        cmocka_unit_test(test_dpkg_image_debian_min),
        cmocka_unit_test(test_dpkg_image_python_app),
        cmocka_unit_test(test_dpkg_image_distroless),
        cmocka_unit_test(test_dpkg_fixtures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
