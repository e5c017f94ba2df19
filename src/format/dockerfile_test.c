/* SPDX-License-Identifier: Apache-2.0 */
/* Texts and their meaning: the examples of the Dockerfile reference, and what it says of them. */
#include "unit.h"

#include "format/dockerfile.h"

static void parse(const char *text, struct prq_arena *a, struct prq_dockerfile *d)
{
    struct prq_err err = PRQ_ERR_INIT;
    if (!prq_dockerfile_parse(prq_str_from(text), a, d, &err))
        fail_msg("%s", err.text);
}

static void test_dockerfile_format(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_dockerfile d;
    parse("# a comment\n\nfrom busybox\nRUN echo \\\n  hello \\\n # not a word\n\n world\n"
          "COPY <<EOF /x\nRUN not an instruction\nEOF\n"
          "RUN <<-'A' cat <<B\n\tFROM x\n\tA\nFROM y\nB\nCMD [\"sh\"]", a, &d);
    assert_int_equal(d.n, 5);
    assert_str(d.v[0].keyword, "FROM");
    assert_str(d.v[0].rest, "busybox");
    assert_int_equal(d.v[0].line, 3);
    assert_str(d.v[1].rest, "echo   hello  world");
    assert_str(d.v[2].keyword, "COPY");
    assert_str(d.v[3].keyword, "RUN");
    assert_str(d.v[4].rest, "[\"sh\"]");
}

static void test_dockerfile_escape(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_dockerfile d;
    parse("# syntax=docker/dockerfile:1\n# escape=`\nFROM x\nCOPY testfile.txt c:\\\nRUN dir c:\\ `\n /s\n", a, &d);
    assert_int_equal(d.n, 3);
    assert_str(d.v[1].rest, "testfile.txt c:\\");
    parse("# a comment\n# escape=`\nFROM x\nRUN a \\\n b\n", a, &d);
    assert_int_equal(d.n, 2); /* too late for a directive */
}

static void base_is(const char *text, const char *base, const char *keywords)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_dockerfile d;
    struct prq_dockerfile_stage s;
    struct prq_err err = PRQ_ERR_INIT;
    char got[256] = "";
    parse(text, a, &d);
    assert_true(prq_dockerfile_last_stage(&d, a, &s, &err));
    assert_str(s.base, base);
    for (size_t i = 0; i < s.n; i++)
        snprintf(got + strlen(got), sizeof got - strlen(got), "%.*s ", PRQ_FMT(s.v[i]->keyword));
    assert_string_equal(got, keywords);
}

static void test_dockerfile_stages(void **state)
{
    (void)state;
    base_is("FROM debian:12\nENV A=b\nRUN x\n", "debian:12", "ENV RUN ");
    base_is("FROM golang:1.21 AS build\nRUN go build\nFROM scratch\nCOPY --from=build /a /a\n", "scratch",
            "COPY ");
    base_is("FROM --platform=$BUILDPLATFORM node:20 as dev\nRUN a\nFROM dev\nCMD b\n", "node:20", "RUN CMD ");
    base_is("FROM a AS x\nFROM b AS y\nENV 1 2\nFROM Y\nRUN z\n", "b", "ENV RUN ");
    base_is("ARG CODE_VERSION=latest\nFROM base:${CODE_VERSION}\nCMD /code/run-app\n", "base:latest", "CMD ");
    base_is("ARG V\nFROM base:${V:-3}\n", "base:3", "");
    base_is("ARG R=r.example/ V=\"1.2\"\nFROM ${R}base:$V\n", "r.example/base:1.2", "");
    base_is("ARG V\nFROM base:$V\n", "", "");
    base_is("ARG REGISTRY=\nFROM ${REGISTRY}base\n", "base", "");
    base_is("ARG V\nFROM base${V:+-slim}\n", "base", "");
    base_is("FROM base\nARG V=1\n", "base", "ARG ");
    base_is("FROM a:${\n", "", "");
    base_is("FROM\n", "", "");
    base_is("ENV a b\n", "", "");
    base_is("FROM x AS x\nRUN y\n", "x", "RUN "); /* a stage is not built on itself */
}

static void test_dockerfile_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t at;
    } cases[] = { { "FROM x\n{\"a\":1}\n", 7 }, { "\x7f" "ELF", 0 }, { "FROM x\n\nRUN! y", 8 } };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct prq_dockerfile d;
        struct prq_err err = PRQ_ERR_INIT;
        assert_false(prq_dockerfile_parse(prq_str_from(cases[i].text), a, &d, &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
        assert_int_equal(err.offset, cases[i].at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dockerfile_format),
        cmocka_unit_test(test_dockerfile_escape),
        cmocka_unit_test(test_dockerfile_stages),
        cmocka_unit_test(test_dockerfile_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
