/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: catalog.md 9, 11.1, 11.3; for the pairs, that nothing is lost. */
#include "unit.h"

#undef PRQ_SOURCE_DIR /* an enumerator of model/analysis.h */

#include "model/listed.h"
#include "model/sbomimage.h"

struct pairs {
    struct prq_pair v[128];
    size_t n;
    struct prq_arena *a;
};

static void keep_pair(void *user, prq_str name, prq_str value)
{
    struct pairs *p = user;
    assert_true(p->n < PRQ_COUNT(p->v));
    p->v[p->n++] = (struct prq_pair){ prq_arena_copy(p->a, name), prq_arena_copy(p->a, value) };
}

static struct prq_package package_of(const struct prq_listed *item, struct prq_arena *a)
{
    struct prq_package p;
    const char *why;
    assert_true(prq_listed_package(item, a, &p, &why, NULL));
    return p;
}

static void test_listed_roles(void **state)
{
    (void)state;
    static const struct {
        struct prq_listed item;
        enum prq_listed_role role;
    } cases[] = {
        { { .name = PRQ_SI("a"), .version = PRQ_SI("1") }, PRQ_LISTED_PACKAGE },
        { { .name = PRQ_SI("a") }, PRQ_LISTED_OTHER },
        { { .purl = PRQ_SI("pkg:npm/a") }, PRQ_LISTED_PACKAGE },
        { { .purl = PRQ_SI("pkg:oci/a@sha256:1"), .name = PRQ_SI("a") }, PRQ_LISTED_OTHER },
        { { .kind = PRQ_SI("operating-system"), .name = PRQ_SI("debian") }, PRQ_LISTED_DISTRO },
        { { .kind = PRQ_SI("container"), .name = PRQ_SI("a"), .version = PRQ_SI("1") },
          PRQ_LISTED_OTHER },
        { { .version = PRQ_SI("1") }, PRQ_LISTED_EMPTY },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++)
        assert_int_equal(prq_listed_role(&cases[i].item), cases[i].role);
}

static void test_listed_purl_wins(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    const struct prq_listed item = {
        .name = PRQ_S("other"), .version = PRQ_S("9"), .group = PRQ_S("g"),
        .purl = PRQ_S("pkg:rpm/redhat/openssl-libs@3.0.7-24.el9?arch=x86_64&epoch=1&upstream="
                      "openssl-3.0.7-24.el9.src.rpm&distro=rhel-9.3"),
    };
    struct prq_package p = package_of(&item, a);
    assert_str(p.name, "openssl-libs");
    assert_str(p.version, "3.0.7-24.el9");
    assert_true(p.has_epoch && p.epoch == 1);
    assert_str(p.source_name, "openssl");
    assert_str(p.distro, "rhel-9.3");
    assert_true(p.purl.p == item.purl.p);
}

static void test_listed_tools(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_pair syft[] = {
        { PRQ_S("syft:package:type"), PRQ_S("rpm") },
        { PRQ_S("syft:metadata:epoch"), PRQ_S("2") },
        { PRQ_S("syft:metadata:modularityLabel"), PRQ_S("nodejs:12:8:1") },
        { PRQ_S("syft:location:0:path"), PRQ_S("/var/lib/rpm/Packages") },
        { PRQ_S("syft:cpe23"), PRQ_S("cpe:2.3:a:x:y:1:*:*:*:*:*:*:*") },
    };
    struct prq_listed item = { .name = PRQ_S("npm"), .version = PRQ_S("6-1"), .pairs = syft,
                               .pair_count = PRQ_COUNT(syft) };
    struct prq_package p = package_of(&item, a);
    assert_str(p.type, "rpm");
    assert_true(p.has_epoch && p.epoch == 2);
    assert_str(p.modularity, "nodejs:12:8:1");
    assert_str(p.evidence[0].path, "var/lib/rpm/Packages");
    assert_int_equal(p.cpes.n, 1);
    struct prq_pair trivy[] = {
        { PRQ_S("aquasecurity:trivy:PkgType"), PRQ_S("debian") },
        { PRQ_S("aquasecurity:trivy:SrcName"), PRQ_S("zlib") },
        { PRQ_S("aquasecurity:trivy:SrcVersion"), PRQ_S("1.2.13.dfsg") },
        { PRQ_S("aquasecurity:trivy:SrcRelease"), PRQ_S("1") },
        { PRQ_S("aquasecurity:trivy:SrcEpoch"), PRQ_S("1") },
    };
    item = (struct prq_listed){ .name = PRQ_S("zlib1g"), .version = PRQ_S("1:1.2.13.dfsg-1+b1"),
                                .pairs = trivy, .pair_count = PRQ_COUNT(trivy) };
    p = package_of(&item, a);
    assert_str(p.type, "deb");
    assert_str(p.source_name, "zlib");
    assert_str(p.source_version, "1:1.2.13.dfsg-1");
    item = (struct prq_listed){ .kind = PRQ_S("operating-system"), .name = PRQ_S("oracle"),
                                .version = PRQ_S("8.9") };
    struct prq_distro d;
    assert_true(prq_listed_distro(&item, a, &d));
    assert_str(d.id, "ol");
    assert_str(d.version_id, "8.9");
}

/* Every member differs from what a reader would think. */
static void test_fields_lose_nothing(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct pairs pairs = { .a = a };
    const struct prq_field_sink sink = { keep_pair, &pairs };
    prq_str words[] = { PRQ_S("a\nb"), PRQ_S("\xff"), PRQ_S("%41") };
    struct prq_evidence evidence[] = { { PRQ_S("x/\xfe"), 3 }, { PRQ_S("y"), 2 } };
    struct prq_package p = {
        .type = PRQ_S("binary"), .ns = PRQ_S("n"), .name = PRQ_S("odd\x80"), .version = PRQ_S(""),
        .arch = PRQ_S("amd64"), .has_epoch = true, .epoch = 0, .source_name = PRQ_S("s"),
        .source_version = PRQ_S("v"), .source_rpm = PRQ_S("r"), .has_modularity = true,
        .vendor = PRQ_S("V <m>"), .subpath = PRQ_S("p"), .vcs_url = PRQ_S("u"),
        .goos = PRQ_S("linux"), .found_by = PRQ_S("f"), .licenses = { words, 3 },
        .cpes = { words, 1 }, .digests = { words, 2 }, .qualifiers = { words, 1 },
        .depends = { words, 3 }, .provides = { words, 1 }, .size_bytes = 7,
        .flags = PRQ_PKG_MAIN | PRQ_PKG_NO_CODE | PRQ_PKG_THIRD_PARTY, .evidence = evidence,
        .evidence_count = 2, .layer = 1,
    };
    const struct prq_listed item = {
        .purl = PRQ_S("pkg:deb/debian/a@1?distro=debian-12&upstream=q%402"),
        .licenses = { words, 1 }, .publisher = PRQ_S("other"),
    };
    struct prq_package told = package_of(&item, a);
    assert_true(prq_fields_of_package(&p, &told, a, &sink));
    struct prq_listed again = item;
    again.pairs = pairs.v;
    again.pair_count = pairs.n;
    struct prq_package q = package_of(&again, a);
    struct pairs left = { .a = a };
    const struct prq_field_sink none = { keep_pair, &left };
    assert_true(prq_fields_of_package(&p, &q, a, &none));
    /* Only the layer is told by none but its own pair. */
    assert_int_equal(left.n, 1);
    assert_str(left.v[0].key, "pratique:layer");
    assert_int_equal(q.layer, 1);
    assert_int_equal(q.evidence_count, 2);
    assert_int_equal(q.evidence[0].layer, 3);
    assert_str(q.evidence[0].path, "x/\xfe");
    assert_str(q.name, "odd\x80");
    assert_str(q.distro, "");
}

/* Numbers from outside make no room. */
static void test_fields_hostile(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_KIB(64));
    struct prq_package p = { .type = PRQ_S("npm"), .name = PRQ_S("a") };
    struct prq_field_state fields = { 0 };
    static const char *const names[] = {
        "pratique:location:18446744073709551615:path", "pratique:location:1:path",
        "pratique:location::path", "pratique:location:x", "pratique:unknown", "pratique:",
        "pratique:epoch", "pratique:name:hex", "other",
    };
    for (size_t i = 0; i < PRQ_COUNT(names); i++)
        assert_true(prq_fields_to_package(&p, prq_str_from(names[i]), PRQ_S("zz"), a, &fields));
    assert_int_equal(p.evidence_count, 0);
    assert_false(p.has_epoch);
    assert_str(p.name, "a");
    struct prq_analysis an = { 0 };
    struct prq_image_state image = { 0 };
    assert_true(prq_fields_to_image(&an, PRQ_S("pratique:image:layer:4000000:digest"), PRQ_S("x"),
                                    &prq_limits_default, a, &image));
    assert_true(prq_fields_to_image(&an, PRQ_S("pratique:gap:7:kind"), PRQ_S("x"),
                                    &prq_limits_default, a, &image));
    assert_int_equal(an.layer_count + an.gap_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_listed_roles),
        cmocka_unit_test(test_listed_purl_wins),
        cmocka_unit_test(test_listed_tools),
        cmocka_unit_test(test_fields_lose_nothing),
        cmocka_unit_test(test_fields_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
