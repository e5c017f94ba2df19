/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: what Maven resolves for such trees (`mvn dependency:list`). */
#include "capture.h"

#include "base/buf.h"

extern const struct prq_analyzer prq_analyzer_javalock;

struct source {
    const char *path, *text;
};

#define DEP(g, a, rest)                                                                            \
    "<dependency><groupId>" g "</groupId><artifactId>" a "</artifactId>" rest "</dependency>"
#define PARENT(a, v, rest)                                                                         \
    "<parent><groupId>g</groupId><artifactId>" a "</artifactId><version>" v "</version>" rest      \
    "</parent>"
#define MANAGED(deps)                                                                              \
    "<dependencyManagement><dependencies>" deps "</dependencies></dependencyManagement>"

/* All that the files of a tree declare: what each told alone, then what all tell together. */
static prq_str settle(struct prq_arena *a, const struct source *files, size_t n)
{
    PRQ_BUF b;
    prq_buf_init(&b, PRQ_KIB(64));
    struct prq_note notes[8];
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        struct capture c;
        struct prq_err err = PRQ_ERR_INIT;
        capture_init(&c, a);
        assert_true(capture_run(&c, &prq_analyzer_javalock, files[i].path,
                                prq_bytes_of(prq_str_from(files[i].text)), &err));
        assert_int_equal(c.note_count, 1);
        notes[count++] = (struct prq_note){ c.notes[0].kind, prq_str_from(files[i].path), 0,
                                            c.notes[0].pairs, c.notes[0].n };
        for (size_t k = 0; k < c.package_count; k++)
            prq_buf_printf(&b, "%.*s@%.*s ", PRQ_FMT(c.packages[k].name),
                           PRQ_FMT(c.packages[k].version));
    }
    struct prq_java_late late;
    PRQ_ARENA tmp = prq_arena_new(PRQ_MIB(8));
    assert_true(prq_java_settle(notes, count, a, tmp, &late));
    prq_buf_str(&b, PRQ_S("|"));
    for (size_t k = 0; k < late.n; k++) {
        const struct prq_package *p = &late.packages[k];
        assert_int_equal(p->evidence_count, 1);
        assert_str(p->found_by, "javalock");
        prq_buf_printf(&b, " %.*s@%.*s%s(%.*s)", PRQ_FMT(p->name), PRQ_FMT(p->version),
                       p->flags & PRQ_PKG_DEV ? "-" : "", PRQ_FMT(p->evidence[0].path));
    }
    if (late.unnamed)
        prq_buf_printf(&b, " ~%llu", (unsigned long long)late.unnamed);
    return prq_arena_copy(a, prq_buf_view(&b));
}

static void test_java_parents(void **state)
{
    (void)state;
    static const struct {
        struct source files[4];
        const char *want;
    } cases[] = {
        /* one level up by default; properties and managed versions and scopes of two generations */
        { { { "pom.xml",
              "<project><groupId>g</groupId><artifactId>top</artifactId><version>1</version>"
              "<properties><a.v>1.1</a.v><b.v>0</b.v></properties>" MANAGED(
                  DEP("m", "m", "<version>${a.v}</version><scope>test</scope>")) "</project>" },
            { "mid/pom.xml",
              "<project>" PARENT("top", "1",
                                 "") "<artifactId>mid</artifactId>"
                                     "<properties><b.v>2.2</b.v></properties></project>" },
            { "mid/low/pom.xml",
              "<project>" PARENT("mid", "1", "") "<artifactId>low</artifactId><dependencies>" DEP(
                  "m", "m", "") DEP("b", "b", "<version>${b.v}</version>")
                  DEP("own", "own", "<version>9</version>")
                      DEP("none", "none", "") "</dependencies></project>" } },
          "own:own@9 | m:m@1.1-(mid/low/pom.xml) b:b@2.2(mid/low/pom.xml) "
          "none:none@(mid/low/pom.xml)" },
        /* a directory as relativePath; a version that is a property; by name when the path leads
           away */
        {
            { { "parent/pom.xml", "<project><groupId>g</groupId><artifactId>p</artifactId>"
                                  "<version>${revision}</version><properties><revision>7</revision>"
                                  "</properties></project>" },
              { "x/pom.xml",
                "<project>" PARENT(
                    "p", "${revision}", "<relativePath>../parent</relativePath>") "<artifactId>x</"
                                                                                  "artifactId><"
                                                                                  "dependencies"
                                                                                  ">" DEP("g", "y",
                                                                                          "<version"
                                                                                          ">${"
                                                                                          "revision"
                                                                                          "}</"
                                                                                          "version"
                                                                                          ">") "</"
                                                                                               "dep"
                                                                                               "end"
                                                                                               "enc"
                                                                                               "ies"
                                                                                               "></"
                                                                                               "pro"
                                                                                               "jec"
                                                                                               "t"
                                                                                               ">" },
              { "z/pom.xml",
                "<project>" PARENT(
                    "p", "7",
                    "<relativePath/>") "<artifactId>z</artifactId>"
                                       "<dependencies>" DEP(
                                           "q", "q",
                                           "<version>${revision}</version>") "</dependencies></"
                                                                             "project>" } },
            "| g:y@7(x/pom.xml) q:q@7(z/pom.xml)" },
        /* another version of the parent, and another artefact one level up: neither is the parent
         */
        { { { "pom.xml",
              "<project><groupId>g</groupId><artifactId>p</artifactId><version>1</version>"
              "<properties><v>1</v></properties></project>" },
            { "a/pom.xml", "<project>" PARENT("p", "2", "") "<dependencies>" DEP(
                               "d", "d", "<version>${v}</version>") "</dependencies></project>" },
            { "b/pom.xml",
              "<project>" PARENT("other", "1", "") "<dependencies>" DEP("d", "d",
                                                                        "<version>${v}</version>")
                  DEP("${v.name}", "e", "<version>1</version>") "</dependencies></project>" } },
          "| d:d@(a/pom.xml) d:d@(b/pom.xml) ~1" },
        /* an imported list of versions */
        { { { "bom/pom.xml",
              "<project><groupId>g</groupId><artifactId>bom</artifactId><version>1</version>"
              "<properties><v>3</v></properties>" MANAGED(
                  DEP("i", "i", "<version>${v}</version>")) "</project>" },
            { "app/pom.xml",
              "<project><groupId>g</groupId><artifactId>app</artifactId><version>1</"
              "version>" MANAGED(DEP(
                  "g", "bom",
                  "<version>1</version><type>pom</type>"
                  "<scope>import</scope>")) "<dependencies>" DEP("i", "i", "") "</dependencies></"
                                                                               "project>" } },
          "| i:i@3(app/pom.xml)" },
        /* rings end */
        {
            { { "a/pom.xml",
                "<project>" PARENT(
                    "b",
                    "1", "<relativePath>../b/pom.xml</relativePath>") "<groupId>g</"
                                                                      "groupId><artifactId>a</"
                                                                      "artifactId><"
                                                                      "dependencies>" DEP("d", "d",
                                                                                          "<version"
                                                                                          ">${v}</"
                                                                                          "version"
                                                                                          ">") "</"
                                                                                               "dep"
                                                                                               "end"
                                                                                               "enc"
                                                                                               "ies"
                                                                                               "></"
                                                                                               "pro"
                                                                                               "jec"
                                                                                               "t"
                                                                                               ">" },
              { "b/pom.xml",
                "<project>" PARENT(
                    "a", "1",
                    "<relativePath>../a/pom.xml</relativePath>") "<groupId>g</"
                                                                 "groupId><artifactId>b</"
                                                                 "artifactId></project>" },
              { "c/pom.xml",
                "<project>" PARENT(
                    "c", "1",
                    "<relativePath>../c</relativePath>") "<groupId>g</groupId><artifactId>c</"
                                                         "artifactId></project>" } },
            "| d:d@(a/pom.xml)" },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
        size_t n = 0;
        while (n < PRQ_COUNT(cases[i].files) && cases[i].files[n].path)
            n++;
        prq_str got = settle(a, cases[i].files, n);
        if (!prq_str_eq(got, prq_str_from(cases[i].want)))
            fail_msg("%zu: %.*s, expected %s", i, PRQ_FMT(got), cases[i].want);
    }
}

static void test_java_settle_takes_no_memory_for_granted(void **state)
{
    (void)state;
    struct prq_pair pairs[] = { { PRQ_S("artifact"), PRQ_S("a") },
                                { PRQ_S("open"), PRQ_S("g\na") },
                                { PRQ_S("managed"), PRQ_S("") },
                                { PRQ_S("property"), PRQ_S("x") },
                                { PRQ_S("unknown"), PRQ_S("x") } };
    const struct prq_note notes[] = { { PRQ_S("os-release"), PRQ_S("x"), 0, pairs, 1 },
                                      { PRQ_S("maven-pom"), PRQ_S("pom.xml"), 0, pairs, 5 } };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    PRQ_ARENA tmp = prq_arena_new(PRQ_MIB(1));
    PRQ_ARENA tiny = prq_arena_new(64);
    struct prq_java_late late;
    assert_true(prq_java_settle(notes, 2, a, tmp, &late));
    assert_int_equal(late.n, 1);
    assert_str(late.packages[0].name, "g:a");
    assert_false(prq_java_settle(notes, 2, a, tiny, &late));
    assert_true(prq_java_settle(notes, 0, a, tmp, &late));
    assert_int_equal(late.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_java_parents),
        cmocka_unit_test(test_java_settle_takes_no_memory_for_granted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
