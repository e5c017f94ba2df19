/* SPDX-License-Identifier: Apache-2.0 */
/* Files as the makers ship them, cut; CPE names as the NVD writes these products. */
#include "capture.h"

#include "base/buf.h"

extern const struct prq_analyzer prq_analyzer_jvm;

static void test_jvm_releases(void **state)
{
    (void)state;
    static const struct {
        const char *path, *text, *want; /* ns/name@version qualifiers; CPE names */
    } cases[] = {
        { "jvm/openjdk/release",
          "IMPLEMENTOR=\"Eclipse Adoptium\"\nJAVA_RUNTIME_VERSION=\"21.0.4+7-LTS\"\n"
          "JAVA_VERSION=\"21.0.4\"\nSOURCE_REPO=\"https://github.com/adoptium/jdk21u.git\"\n"
          "FULL_VERSION=\"21.0.4+7-LTS\"\nIMAGE_TYPE=\"JDK\"\n",
          "oracle/openjdk@21.0.4+7-LTS repository_url=https://github.com/adoptium/jdk21u.git "
          "cpe:2.3:a:oracle:openjdk:21.0.4:*:*:*:*:*:*:* "
          "cpe:2.3:a:eclipse:temurin:21.0.4:*:*:*:*:*:*:*" },
        /* before JEP 223: the update is not part of the version */
        { "usr/lib/jvm/java-8/release",
          "JAVA_VERSION=\"1.8.0_302\"\nOS_NAME=\"Linux\"\nFULL_VERSION=\"1.8.0_302-b08\"\n",
          "oracle/openjdk@1.8.0_302-b08 cpe:2.3:a:oracle:openjdk:1.8.0:update302:*:*:*:*:*:*" },
        { "usr/lib/jvm/zulu11/release",
          "IMPLEMENTOR=\"Azul Systems, Inc.\"\nJAVA_VERSION=\"11.0.20\"\nFULL_VERSION=\"17.0.1\"\n",
          "azul/zulu@11.0.20 cpe:2.3:a:azul:zulu:11.0.20:*:*:*:*:*:*:* "
          "cpe:2.3:a:oracle:openjdk:11.0.20:*:*:*:*:*:*:*" },
        { "opt/jdk/release",
          "IMPLEMENTOR=\"Oracle Corporation\"\nBUILD_TYPE=\"commercial\"\n"
          "JAVA_RUNTIME_VERSION=\"17.0.8+9-LTS-211\"\nMODULES=\"java.base jdk.compiler\"\n",
          "oracle/jdk@17.0.8+9-LTS-211 cpe:2.3:a:oracle:java_se:17.0.8:*:*:*:*:*:*:* "
          "cpe:2.3:a:oracle:jre:17.0.8:*:*:*:*:*:*:* cpe:2.3:a:oracle:jdk:17.0.8:*:*:*:*:*:*:*" },
        { "opt/jre/release", "IMPLEMENTOR=\"Oracle Corporation\"\r\nJAVA_VERSION=\"18-ea\"\r\n",
          "oracle/jre@18-ea cpe:2.3:a:oracle:java_se:18:*:*:*:*:*:*:* "
          "cpe:2.3:a:oracle:jre:18:*:*:*:*:*:*:* cpe:2.3:a:oracle:openjdk:18:*:*:*:*:*:*:*" },
        { "opt/sun/release", "IMPLEMENTOR=Sun Microsystems\nJAVA_VERSION=1.6.0_45\n",
          "sun/jre@1.6.0_45 cpe:2.3:a:sun:jre:1.6.0:update45:*:*:*:*:*:* "
          "cpe:2.3:a:oracle:openjdk:1.6.0:update45:*:*:*:*:*:*" },
        /* others of that name */
        { "etc/release", "ID=debian\nVERSION=12\n", "" },
        { "etc/release", "JAVA_VERSION=\"\"\n", "" },
        { "etc/release", "JAVA_VERSION=\"unknown\"\n", "" },
        { "etc/release",
          "\x7f"
          "ELF\xff\n=\n",
          "" },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct capture c;
        struct prq_err err = PRQ_ERR_INIT;
        capture_init(&c, a);
        assert_true(capture_run(&c, &prq_analyzer_jvm, cases[i].path,
                                prq_bytes_of(prq_str_from(cases[i].text)), &err));
        assert_int_equal(c.package_count, cases[i].want[0] ? 1 : 0);
        assert_int_equal(c.gap_count, 0);
        if (!c.package_count)
            continue;
        const struct prq_package *p = &c.packages[0];
        PRQ_BUF b;
        prq_buf_init(&b, PRQ_KIB(4));
        prq_buf_printf(&b, "%.*s/%.*s@%.*s", PRQ_FMT(p->ns), PRQ_FMT(p->name), PRQ_FMT(p->version));
        for (size_t k = 0; k < p->qualifiers.n; k++)
            prq_buf_printf(&b, " %.*s", PRQ_FMT(p->qualifiers.v[k]));
        for (size_t k = 0; k < p->cpes.n; k++)
            prq_buf_printf(&b, " %.*s", PRQ_FMT(p->cpes.v[k]));
        assert_str(prq_buf_view(&b), cases[i].want);
        assert_str(p->type, "binary");
    }
}

static void test_jvm_owns_its_folder(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    const prq_bytes text = CAPTURE_BYTES("JAVA_VERSION=\"17\"\n");
    capture_init(&c, a);
    assert_true(capture_run(&c, &prq_analyzer_jvm, "opt/jdk/release", text, &err));
    assert_int_equal(c.owned_count, 1);
    assert_str(c.owned[0].owner, "binary:opt/jdk/release");
    assert_str(c.owned[0].paths.v[0], "opt/jdk/");
    for (size_t room = 0; room < 2; room++) {
        capture_init(&c, a);
        c.room = room;
        assert_false(capture_run(&c, &prq_analyzer_jvm, "opt/jdk/release", text, &err));
        assert_int_equal(err.code, PRQ_E_LIMIT);
    }
    capture_init(&c, a);
    assert_true(capture_run(&c, &prq_analyzer_jvm, "release", text, &err));
    assert_int_equal(c.owned_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jvm_releases),
        cmocka_unit_test(test_jvm_owns_its_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
