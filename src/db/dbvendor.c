/* SPDX-License-Identifier: Apache-2.0 */
/* What is read of the vendors that have feeds of their own, and where it lies. Source: matching.md
 * 3.5, 3.8, 3.10, 3.13. Those with a second feed: dbfallback.c. */
#include <stdio.h>

#include "db/dbfamily.h"
#include "format/json.h"

/* A family of one kind of file: its reader's user data. */
struct vendor {
    const struct prq_family_def *def;
    prq_str space;
    enum prq_oval_vendor oval;
};

static bool none_found(const struct prq_family_def *def, struct prq_err *err)
{
    return prq_fail(err, PRQ_E_DATA, "the feed of %s is not there", def->name);
}

/* A file of a release, which may be there. */
struct release {
    const char *path, *space;
};

static bool read_files(const struct release *v, size_t n, struct vendor *vendor,
                       struct prq_source *from, struct prq_intake *out, prq_family_reader read,
                       bool *any, struct prq_err *err)
{
    for (size_t i = 0; i < n; i++) {
        bool found = false;
        vendor->space = prq_str_from(v[i].space);
        if (!prq_family_path(from, out, prq_str_from(v[i].path), read, vendor, &found, err))
            return false;
        *any |= found;
    }
    return true;
}

static bool read_releases(const struct release *v, size_t n, struct vendor *vendor,
                          struct prq_source *from, struct prq_intake *out, prq_family_reader read,
                          struct prq_err *err)
{
    bool any = false;
    return read_files(v, n, vendor, from, out, read, &any, err) &&
           (any || none_found(vendor->def, err));
}

/* ---- secdb */

static bool read_secdb(struct prq_intake *out, prq_bytes bytes, void *user, struct prq_err *err)
{
    const struct vendor *v = user;
    return prq_secdb_parse(prq_str_of(bytes), prq_str_from(v->def->source), v->space, out->a,
                           &out->sink, err);
}

static bool read_one_secdb(const struct prq_family_def *def, const struct release *where,
                           struct prq_source *from, struct prq_intake *out, struct prq_err *err)
{
    struct vendor v = { .def = def };
    out->keeps_old = true;
    return read_releases(where, 1, &v, from, out, read_secdb, err);
}

bool prq_read_chainguard(const struct prq_family_def *def, struct prq_source *from,
                         struct prq_intake *out, struct prq_err *err)
{
    static const struct release where = { "chainguard/security.json", "Chainguard" };
    return read_one_secdb(def, &where, from, out, err);
}

bool prq_read_minimos(const struct prq_family_def *def, struct prq_source *from,
                      struct prq_intake *out, struct prq_err *err)
{
    static const struct release where = { "minimos/security.json", "MinimOS" };
    return read_one_secdb(def, &where, from, out, err);
}

/* ---- Arch */

static bool read_tracker(struct prq_intake *out, prq_bytes bytes, void *user, struct prq_err *err)
{
    (void)user;
    return prq_arch_parse(prq_str_of(bytes), out->a, &out->sink, err);
}

bool prq_read_arch(const struct prq_family_def *def, struct prq_source *from,
                   struct prq_intake *out, struct prq_err *err)
{
    static const struct release where = { "arch/all.json", "Arch Linux" };
    struct vendor v = { .def = def };
    out->keeps_old = true;
    return read_releases(&where, 1, &v, from, out, read_tracker, err);
}

/* ---- Amazon */

static bool read_updates(struct prq_intake *out, prq_bytes bytes, void *user, struct prq_err *err)
{
    const struct vendor *v = user;
    return prq_amazon_parse(bytes, v->space, out->a, &out->sink, err);
}

/* The topics of Amazon Linux 2's extras. Source: its extras catalogue. */
static const char *const extras[] = {
    "BCC", "R3.4", "ansible2", "aws-nitro-enclaves-cli", "awscli1", "collectd", "collectd-python3",
    "corretto8", "dnsmasq", "dnsmasq2.85", "docker", "dovecot2.4", "ecs", "emacs", "epel",
    "firecracker", "firefox", "gimp", "golang1.11", "golang1.19", "golang1.9", "haproxy2",
    "httpd_modules", "java-openjdk11", "kernel-5.10", "kernel-5.15", "kernel-5.4", "kernel-ng",
    "libreoffice", "livepatch", "lustre", "lustre2.10", "lynis", "mariadb10.5", "mate-desktop1.x",
    "memcached1.5", "mock", "mock2", "mono", "nginx1", "nginx1.12", "nginx1.22.1", "openjdk11",
    "php7.1", "php7.2", "php7.3", "php7.4", "php8.0", "php8.1", "php8.2", "postgresql10",
    "postgresql11", "postgresql12", "postgresql13", "postgresql14", "postgresql9.6", "python3",
    "python3.8", "redis4.0", "redis6", "ruby2.4", "ruby2.6", "ruby3.0", "rust1", "selinux-ng",
    "squid4", "testing", "tomcat8.5", "tomcat9", "unbound1.13", "unbound1.17", "vim",
};

static bool read_extras(struct vendor *v, struct prq_source *from, struct prq_intake *out,
                        bool *any, struct prq_err *err)
{
    v->space = PRQ_S("Amazon Linux:2");
    for (size_t i = 0; i < PRQ_COUNT(extras); i++) {
        bool found = false;
        prq_str path =
            prq_arena_printf(out->a, "amazon/2/extras/%s/repodata/updateinfo.xml.gz", extras[i]);
        if (!path.p)
            return prq_fail(err, PRQ_E_NOMEM, "no memory to read feeds");
        if (!prq_family_path(from, out, path, read_updates, v, &found, err))
            return false;
        *any |= found;
    }
    return true;
}

bool prq_read_amazon(const struct prq_family_def *def, struct prq_source *from,
                     struct prq_intake *out, struct prq_err *err)
{
    static const struct release repositories[] = {
        { "amazon/1/main/repodata/updateinfo.xml.gz", "Amazon Linux:1" },
        { "amazon/1/updates/repodata/updateinfo.xml.gz", "Amazon Linux:1" },
        { "amazon/2/core/repodata/updateinfo.xml.gz", "Amazon Linux:2" },
        { "amazon/2022/core/repodata/updateinfo.xml.gz", "Amazon Linux:2022" },
        { "amazon/2023/core/repodata/updateinfo.xml.gz", "Amazon Linux:2023" },
        { "amazon/2023/kernel-livepatch/repodata/updateinfo.xml.gz", "Amazon Linux:2023" },
    };
    struct vendor v = { .def = def };
    bool any = false;
    return read_files(repositories, PRQ_COUNT(repositories), &v, from, out, read_updates, &any,
                      err) &&
           read_extras(&v, from, out, &any, err) && (any || none_found(def, err));
}

/* ---- end of life */

static bool read_products(struct prq_intake *out, prq_bytes bytes, void *user, struct prq_err *err)
{
    (void)user;
    return prq_eol_parse(prq_str_of(bytes), out->a, &out->sink, err);
}

bool prq_read_eol(const struct prq_family_def *def, struct prq_source *from,
                  struct prq_intake *out, struct prq_err *err)
{
    static const struct release where = { "eol/products/full", "" };
    struct vendor v = { .def = def };
    out->keeps_old = true;
    return read_releases(&where, 1, &v, from, out, read_products, err);
}

/* ---- OVAL */

static bool read_oval(struct prq_intake *out, prq_bytes bytes, void *user, struct prq_err *err)
{
    const struct vendor *v = user;
    return prq_oval_parse(bytes, v->oval, v->def->name, v->space, out->a, &out->sink, err);
}

bool prq_read_oracle(const struct prq_family_def *def, struct prq_source *from,
                     struct prq_intake *out, struct prq_err *err)
{
    static const struct release where = { "oracle/com.oracle.elsa-all.xml.bz2", "" };
    struct vendor v = { .def = def, .oval = PRQ_OVAL_ORACLE };
    out->keeps_old = true;
    return read_releases(&where, 1, &v, from, out, read_oval, err);
}

bool prq_read_azurelinux(const struct prq_family_def *def, struct prq_source *from,
                         struct prq_intake *out, struct prq_err *err)
{
    static const struct release files[] = {
        { "azurelinux/cbl-mariner-1.0-oval.xml", "CBL-Mariner:1.0" },
        { "azurelinux/cbl-mariner-2.0-oval.xml", "CBL-Mariner:2.0" },
        { "azurelinux/azurelinux-3.0-oval.xml", "Azure Linux:3.0" },
        { "azurelinux/azurelinux-4.0-oval.xml", "Azure Linux:4.0" },
    };
    struct vendor v = { .def = def, .oval = PRQ_OVAL_AZURE };
    return read_releases(files, PRQ_COUNT(files), &v, from, out, read_oval, err);
}
