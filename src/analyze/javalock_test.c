/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: what `mvn dependency:list` and Gradle's own documentation say of such files. */
#include "capture.h"

#include "analyze/java.h"

extern const struct prq_analyzer prq_analyzer_javalock;

/* "group:artifact@version", '-' for development, in order; "!" and the code of an error; "~" and
 * the number of gaps. */
static prq_str list(struct prq_arena *a, const char *path, const char *text)
{
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    PRQ_BUF b;
    prq_buf_init(&b, PRQ_KIB(64));
    capture_init(&c, a);
    bool is_good =
        capture_run(&c, &prq_analyzer_javalock, path, prq_bytes_of(prq_str_from(text)), &err);
    for (size_t i = 0; i < c.package_count; i++) {
        const struct prq_package *p = &c.packages[i];
        assert_str(p->type, "maven");
        assert_true(p->flags & PRQ_PKG_DECLARED);
        prq_buf_printf(&b, "%s%.*s@%.*s%s", b.n ? " " : "", PRQ_FMT(p->name), PRQ_FMT(p->version),
                       p->flags & PRQ_PKG_DEV ? "-" : "");
    }
    if (c.gap_count)
        prq_buf_printf(&b, " ~%zu", c.gap_count);
    if (!is_good)
        prq_buf_printf(&b, " !%d", (int)err.code);
    return prq_arena_copy(a, prq_buf_view(&b));
}

#define DEP(g, a, rest)                                                                            \
    "<dependency><groupId>" g "</groupId><artifactId>" a "</artifactId>" rest "</dependency>"
#define VERSION(v) "<version>" v "</version>"

static void test_java_declared(void **state)
{
    (void)state;
    static const struct {
        const char *path, *text, *want;
    } cases[] = {
        { "pom.xml",
          "<project><groupId>g</groupId><artifactId>app</artifactId><version>7</version>"
          "<properties><b.v>2.0</b.v><c.v>${b.v}.1</c.v><loop>${loop}</loop></properties>"
          "<dependencies>" DEP("a", "a", VERSION(" 1.0 ")) DEP("b", "b", VERSION("${c.v}"))
              DEP("${project.groupId}", "${project.artifactId}-api", VERSION("${version}"))
                  DEP("t", "t", VERSION("4") "<scope>test</scope>")
                      DEP("p", "p", VERSION("5") "<scope>provided</scope>")
                          DEP("l", "l", VERSION("${loop}")) DEP("u", "u", VERSION("${unknown}"))
                              DEP("r", "r", VERSION("[1.0,2.0)"))
                                  DEP("s", "s", VERSION("[3.1]")) "</dependencies></project>",
          "a:a@1.0 b:b@2.0.1 g:app-api@7 t:t@4- p:p@5- l:l@ u:u@ r:r@ s:s@3.1" },
        /* managed: by name, with type and classifier where there is one; scopes are managed too */
        { "x/pom.xml",
          "<project><dependencyManagement><dependencies>" DEP("a", "a", VERSION("1")) DEP(
              "a", "a", VERSION("2") "<type>test-jar</type>")
              DEP("j", "j", VERSION("${v}") "<scope>test</scope>") DEP(
                  "only", "managed",
                  VERSION(
                      "1")) "</dependencies></dependencyManagement><properties><v>4.12</v></"
                            "properties>"
                            "<build><plugins><plugin><dependencies>" DEP(
                                "plug", "in",
                                VERSION(
                                    "1")) "</dependencies></plugin></plugins></build>"
                                          "<profiles><profile><dependencies>" DEP(
                                              "pro", "file",
                                              VERSION(
                                                  "1")) "</dependencies></profile></"
                                                        "profiles><dependencies>"
                                                        "<!--" DEP(
                                                            "com", "ment",
                                                            VERSION(
                                                                "1")) "-->" DEP("a", "a",
                                                                                "") DEP("a", "a",
                                                                                        "<type>"
                                                                                        "test-jar</"
                                                                                        "type>")
                                                            DEP("j", "j", "") DEP(
                                                                "e", "e",
                                                                VERSION(
                                                                    "1") "<exclusions><exclusion><"
                                                                         "groupId>no</groupId>"
                                                                         "<artifactId>no</"
                                                                         "artifactId></exclusion></"
                                                                         "exclusions>") "</"
                                                                                        "dependenci"
                                                                                        "es></"
                                                                                        "project>",
          "a:a@1 a:a@2 j:j@4.12- e:e@1" },
        { "pom.xml",
          "<project><parent><groupId>pg</groupId><version>3</version></parent><dependencies>" DEP(
              "${parent.groupId}", "x", VERSION("${project.parent.version}"))
              DEP("${nowhere}", "y", VERSION("1")) "</dependencies></project>",
          "pg:x@3" },
        { "pom.xml", "<project><dependencies>" DEP("a", "a", VERSION("1")) "</dependencies><",
          "a:a@1 !1" },
        { "pom.xml",
          "<!DOCTYPE p [<!ENTITY v '1'>]><project><dependencies>" DEP(
              "a", "a", VERSION("&v;")) "</dependencies></project>",
          "a:a@ ~1" },
        { "pom.xml", "<other/>", " !1" },
        { "pom.xml", "", " !1" },
        { "x/META-INF/maven/g/a/pom.xml",
          "<project><dependencies>" DEP("a", "a", VERSION("1")) "</dependencies></project>", "" },
        { "gradle.lockfile",
          "# This is a Gradle generated file for dependency locking.\n"
          "#commented:out:1=compileClasspath\n"
          "com.google.guava:guava:31.1-jre=compileClasspath,runtimeClasspath\r\n"
          "junit:junit:4.13=testCompileClasspath,testRuntimeClasspath\n"
          "a:b:1=androidTestRuntimeClasspath,runtimeClasspath\n\nodd\nx:y=z\n"
          "empty=annotationProcessor\n",
          "com.google.guava:guava@31.1-jre junit:junit@4.13- a:b@1 ~1" },
        { "gradle/dependency-locks/compileClasspath.lockfile", "org.x:y:1.0\n# c\n",
          "org.x:y@1.0" },
        { "gradle/libs.versions.toml",
          "[versions]\nk = \"1.9\"\nrich = { strictly = \"[1,2[\", prefer = \"1.5\" }\n"
          "[libraries]\na = \"g:a:1.0\"\nb = { module = \"g:b\", version.ref = \"k\" }\n"
          "c = { group = \"g\", name = \"c\", version = \"3.+\" }\n"
          "d = { module = \"g:d\", version = { require = \"4\" } }\ne = { module = \"g:e\" }\n"
          "f = { module = \"g:f\", version.ref = \"rich\" }\nbad = 1\n"
          "[plugins]\np = \"x:1\"\n",
          "g:a@1.0 g:b@1.9 g:c@ g:d@4 g:e@ g:f@ ~1" },
        { "gradle/libs.versions.toml", "[libraries\n", " !1" },
        { "gradle/verification-metadata.xml",
          "<verification-metadata><components><component group='g' name='n' version='1'>"
          "<artifact name='n-1.jar'/></component><component/></components></verification-metadata>",
          "g:n@1 ~1" },
        { "build.sbt.lock",
          "{\"lockVersion\":1,\"dependencies\":[{\"org\":\"org.typelevel\",\"name\":\"cats-core_"
          "3\","
          "\"version\":\"2.9.0\",\"artifacts\":[{\"name\":\"x.jar\",\"hash\":\"sha1:00\"}],"
          "\"configurations\":[\"compile\",\"test\"]},{\"org\":\"o\",\"name\":\"t\",\"version\":"
          "\"1\",\"configurations\":[\"test\"]},7,{}]}",
          "org.typelevel:cats-core_3@2.9.0 o:t@1- ~1" },
        { "build.sbt.lock", "{\"dependencies\":[", " !1" },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
        prq_str got = list(a, cases[i].path, cases[i].text);
        if (!prq_str_eq(got, prq_str_from(cases[i].want)))
            fail_msg("%zu %s: %.*s, expected %s", i, cases[i].path, PRQ_FMT(got), cases[i].want);
    }
}

static void test_pom_expansion_is_bounded(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(16));
    PRQ_BUF b;
    prq_buf_init(&b, PRQ_MIB(1));
    prq_buf_str(&b, PRQ_S("<project><properties><p0>x</p0>"));
    for (int i = 1; i < 60; i++)
        prq_buf_printf(&b, "<p%d>${p%d}${p%d}</p%d>", i, i - 1, i - 1, i);
    prq_buf_str(&b, PRQ_S("</properties></project>"));
    struct prq_pom pom;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(prq_pom_parse(prq_buf_bytes(&b), &prq_limits_default, a, &pom, &err));
    assert_str(prq_pom_resolve(&pom, PRQ_S("${p3}-${p0}"), a), "xxxxxxxx-x");
    assert_int_equal(prq_pom_resolve(&pom, PRQ_S("${p59}"), a).n, 0);
    assert_int_equal(prq_pom_resolve(&pom, PRQ_S("${p14}"), a).n, 0);
    assert_int_equal(prq_pom_resolve(&pom, PRQ_S("1.${p0"), a).n, 0);
}

static void test_javalock_full_sink(void **state)
{
    (void)state;
    static const struct {
        const char *path, *text;
    } cases[] = {
        { "pom.xml",
          "<project><dependencies>" DEP("a", "a", VERSION("1")) "</dependencies></project>" },
        { "gradle.lockfile", "a:b:1=c\n" },
        { "gradle.lockfile", "odd\n" },
        { "x.versions.toml", "[libraries]\na = \"g:a:1\"\n" },
        { "build.sbt.lock", "{\"dependencies\":[{\"org\":\"a\",\"name\":\"b\"}]}" },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
        struct capture c;
        struct prq_err err = PRQ_ERR_INIT;
        capture_init(&c, a);
        c.room = 0;
        assert_false(capture_run(&c, &prq_analyzer_javalock, cases[i].path,
                                 prq_bytes_of(prq_str_from(cases[i].text)), &err));
        assert_int_equal(err.code, PRQ_E_LIMIT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_java_declared),
        cmocka_unit_test(test_pom_expansion_is_bounded),
        cmocka_unit_test(test_javalock_full_sink),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
