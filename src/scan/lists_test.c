/* SPDX-License-Identifier: Apache-2.0 */
/* Lists are parsed in workers: this program is its own zygote, an honest one, or one that was taken
 * over and answers what a job's limit `gaps` asks for. Expected: what the documents say. */
#undef PRQ_SOURCE_DIR /* of the build; model/analysis.h has an enumerator of that name */
#include "unit.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "scan/analyse.h"
#include "scan/lists.h"
#include "scan/worker.h"
#include "store/document.h"

enum { CONTROL = 3, FDS = 3 };
enum lie { NO_LIE, FORGED, NO_JSON, CUT_SHORT, NO_PAIRS, BAD_PAIRS, OTHER_PAIRS, OWNER_OUTSIDE, CRASH,
           TIME, ODD_CODE, SILENT, LIES };

#define HEAD "{\"digest\":\"sha256:\",\"files\":[],\"gaps\":[],\"image\":{\"kind\":3},\"packages\":["
#define TAIL "],\"schema\":\"pratique-analysis/1\",\"version\":\"1\"}\n"
#define PACKAGE "{\"name\":\"forged\",\"type\":\"npm\",\"version\":\"1\",\"purl\":\"pkg:npm/forged@1\"%s}"

static void say(int fd, char type, const void *p, size_t n)
{
    char m[4096] = { type };
    memcpy(m + 1, p, n);
    send(fd, m, n + 1, MSG_NOSIGNAL);
}

static void say_text(int fd, char type, const char *text)
{
    say(fd, type, text, strlen(text));
}

static void answer(int fd, const char *more, const char *pairs)
{
    char text[1024];
    struct prq_job_end end = { 0 };
    snprintf(text, sizeof text, HEAD PACKAGE TAIL, more);
    say_text(fd, 'F', text);
    say_text(fd, 'I', pairs);
    say(fd, 'E', &end, sizeof end);
}

static void lie_to(int fd, enum lie lie)
{
    struct prq_job_end end = { 0 };
    struct prq_job_status s = { lie == TIME ? SIGXCPU : SIGSEGV };
    switch (lie) {
    case FORGED:
        answer(fd, "", "{}");
        break;
    case NO_JSON:
        say_text(fd, 'F', "\x7f" "ELF");
        say_text(fd, 'I', "{}");
        say(fd, 'E', &end, sizeof end);
        break;
    case CUT_SHORT:
        say_text(fd, 'F', HEAD);
        say_text(fd, 'I', "{}");
        say(fd, 'E', &end, sizeof end);
        break;
    case NO_PAIRS: /* as if it were a document of ours; its digest then tells */
        answer(fd, "", "");
        break;
    case BAD_PAIRS:
        answer(fd, "", "{\"pratique:image:base:name\"");
        break;
    case OTHER_PAIRS:
        answer(fd, "", "{\"pratique:image:base:name\":\"b\",\"pratique:image:layer:0:diff_id\":\"x\","
                       "\"pratique:image:os\":\"plan9\",\"pratique:image:base:digest\":7}");
        break;
    case OWNER_OUTSIDE:
        answer(fd, ",\"owner\":2", "{}");
        break;
    case ODD_CODE:
        end.err.code = PRQ_E_USAGE;
        say(fd, 'E', &end, sizeof end);
        break;
    case CRASH:
    case TIME:
        say(fd, 'S', &s, sizeof s);
        break;
    case NO_LIE:
    case SILENT:
    case LIES:
        break;
    }
}

static int hostile_zygote(void)
{
    for (;;) {
        union {
            struct cmsghdr head;
            char room[CMSG_SPACE(sizeof(int) * FDS)];
        } control;
        struct prq_job job;
        int fds[FDS];
        char waste[4096];
        struct iovec iov = { &job, sizeof job };
        struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
        if (recvmsg(CONTROL, &msg, MSG_PEEK) == (ssize_t)sizeof job && job.limits.gaps >= LIES)
            return prq_zygote_main();
        msg.msg_control = &control;
        msg.msg_controllen = sizeof control;
        if (recvmsg(CONTROL, &msg, 0) != (ssize_t)sizeof job || !CMSG_FIRSTHDR(&msg))
            return 0;
        memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof fds);
        if (job.limits.gaps != SILENT)
            say(fds[0], 'L', &(uint32_t){ 0 }, sizeof(uint32_t));
        while (job.limits.gaps != SILENT && read(fds[1], waste, sizeof waste) > 0)
            ;
        lie_to(fds[0], (enum lie)job.limits.gaps);
        for (size_t i = 0; i < FDS; i++)
            close(fds[i]);
    }
}

struct result {
    bool ok, is_complete;
    struct prq_err err;
    struct prq_arena *arena;
    struct prq_analysis an;
};

static struct result open_list(const void *p, size_t n, enum lie lie,
                               const struct prq_limits *limits)
{
    char path[] = "/tmp/prq-list.XXXXXX";
    struct result r = { .arena = prq_arena_new(PRQ_MIB(64)) };
    struct prq_limits l = limits ? *limits : prq_limits_default;
    struct prq_ctx ctx = { .limits = &l };
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, p, n), (ssize_t)n);
    close(fd);
    if (lie)
        l.gaps = lie;
    const struct prq_list_opts opts = { prq_str_from(path), NULL };
    r.ok = prq_list_open(&ctx, &opts, r.arena, &r.an, &r.is_complete, &r.err);
    unlink(path);
    assert_true(r.ok || (r.err.code != PRQ_E_NONE && r.err.text[0]));
    return r;
}

static struct result open_text(const char *text, enum lie lie)
{
    return open_list(text, strlen(text), lie, NULL);
}

#define CDX "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"components\":["
#define SIX "{\"type\":\"library\",\"name\":\"six\",\"purl\":\"pkg:pypi/six@1.16.0\"}"

static void assert_is_boxed(const struct result *r)
{
#ifdef PRQ_SANITIZED
    assert_str(r->an.sandbox, "none");
#else
    assert_true(r->an.sandbox.n && !prq_str_eq(r->an.sandbox, PRQ_S("none")));
#endif
}

static void test_lists_honest(void **state)
{
    (void)state;
    struct result r = open_text(CDX SIX "]}", NO_LIE);
    assert_true(r.ok && r.is_complete);
    assert_int_equal(r.an.kind, PRQ_SOURCE_LIST);
    assert_int_equal(r.an.package_count, 1);
    assert_str(r.an.packages[0].name, "six");
    assert_is_boxed(&r);
    prq_arena_free(r.arena);
}

static void test_lists_of_purls(void **state)
{
    (void)state;
    static const char text[] = "# two\npkg:npm/b@1\npkg:npm/a@1\nnone\n";
    char path[] = "/tmp/prq-lists-XXXXXX";
    struct prq_analysis an;
    struct prq_err err = PRQ_ERR_INIT;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, text, sizeof text - 1) == sizeof text - 1);
    close(fd);
    assert_true(prq_purls_open(prq_str_from(path), a, &an, &err));
    assert_int_equal(an.package_count, 2);
    assert_str(an.packages[0].name, "a");
    assert_int_equal(an.gap_count, 1);
    assert_int_equal(truncate(path, 0), 0);
    assert_true(prq_purls_open(prq_str_from(path), a, &an, &err));
    assert_int_equal(an.package_count, 0);
    unlink(path);
    assert_false(prq_purls_open(prq_str_from(path), a, &an, &err));
    assert_int_equal(err.code, PRQ_E_IO);
    assert_true(prq_purls_open(PRQ_S("pkg:npm/c@1"), a, &an, &err));
    assert_int_equal(an.package_count, 1);
}

static void test_lists_broken(void **state)
{
    (void)state;
    struct result r = open_text(CDX SIX, NO_LIE);
    assert_false(r.ok);
    assert_int_equal(r.err.code, PRQ_E_FORMAT);
    assert_true(r.err.has_offset);
    assert_int_equal(r.err.offset, strlen(CDX SIX));
    prq_arena_free(r.arena);
    r = open_text("no list", NO_LIE);
    assert_false(r.ok);
    prq_arena_free(r.arena);
    /* limits: a document that its worker has no time for */
    struct prq_limits low = prq_limits_default;
    low.json_tokens = 10;
    r = open_list(CDX SIX "]}", strlen(CDX SIX "]}"), NO_LIE, &low);
    assert_false(r.ok);
    assert_int_equal(r.err.code, PRQ_E_LIMIT);
    prq_arena_free(r.arena);
}

/* gzip -n of CDX SIX "]}", made with gzip 1.12, and 3 bytes behind it. */
static void test_lists_packed(void **state)
{
    (void)state;
    static const uint8_t packed[] = {
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x15, 0xc9,
        0x41, 0x0a, 0x83, 0x30, 0x10, 0x40, 0xd1, 0xbb, 0xcc, 0xba, 0xc4, 0x66,
        0x51, 0x17, 0x59, 0x09, 0x95, 0x1e, 0xa1, 0x14, 0xc4, 0x45, 0x0c, 0xa1,
        0x04, 0x93, 0xcc, 0x30, 0x89, 0x60, 0x10, 0xef, 0xee, 0xb8, 0xfc, 0xff,
        0x1d, 0xb0, 0x60, 0xfa, 0x20, 0x27, 0x5b, 0xc1, 0xc0, 0xbb, 0xb9, 0x88,
        0xd9, 0x8f, 0x3f, 0x78, 0x40, 0x21, 0xef, 0xbe, 0x9e, 0x4b, 0xc0, 0x2c,
        0xa2, 0xd5, 0x4b, 0x9e, 0xc3, 0x44, 0xe2, 0xb9, 0x16, 0x30, 0xd3, 0x01,
        0xb5, 0x91, 0x17, 0x8b, 0x61, 0x61, 0xcb, 0x4d, 0x3c, 0xdb, 0x74, 0x8f,
        0x12, 0x76, 0x09, 0xda, 0x38, 0x4a, 0xd0, 0xfa, 0x37, 0xd4, 0x28, 0x74,
        0x72, 0x07, 0xad, 0x74, 0xaf, 0x9e, 0x70, 0xce, 0xe7, 0x05, 0xc4, 0x3a,
        0x6b, 0xf0, 0x79, 0x00, 0x00, 0x00, 0x78, 0x79, 0x7a,
    };
    struct result r = open_list(packed, sizeof packed, NO_LIE, NULL);
    assert_true(r.ok);
    assert_int_equal(r.an.package_count, 1);
    assert_int_equal(r.an.gap_count, 1);
    assert_true(prq_str_starts(r.an.gaps[0].reason, PRQ_S("3 bytes after the end")));
    prq_arena_free(r.arena);
}

/* A document of our own comes through as it is, its digest is checked here. */
static void test_lists_own_document(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    struct prq_analysis an;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(prq_analysis_of_purls(PRQ_S("pkg:npm/a@1"), a, &an, &err));
    an.sandbox = PRQ_S("full");
    for (int as_json = 0; as_json < 2; as_json++) {
        struct prq_buf b;
        prq_buf_init(&b, PRQ_MIB(1));
        assert_true(prq_document_write(&an, as_json, &b, &err));
        struct result r = open_list(b.p, b.n, NO_LIE, NULL);
        assert_true(r.ok && !r.is_complete);
        assert_str(r.an.sandbox, "full");
        assert_int_equal(r.an.package_count, 1);
        prq_arena_free(r.arena);
        for (size_t i = 20; i < 60; i++)
            b.p[i] = '0';
        r = open_list(b.p, b.n, NO_LIE, NULL);
        assert_false(r.ok);
        assert_true(prq_str_has(prq_str_from(r.err.text), PRQ_S("digest mismatch")));
        prq_arena_free(r.arena);
        prq_buf_release(&b);
    }
}

/* What a list says that no text can hold: as it was in the document. */
static void test_lists_lose_no_bytes(void **state)
{
    (void)state;
    struct result r = open_text(CDX
        "{\"type\":\"library\",\"name\":\"x\",\"purl\":\"pkg:npm/x@1\",\"properties\":["
        "{\"name\":\"pratique:depends:hex\",\"value\":\"61ff\"},"
        "{\"name\":\"pratique:vendor:hex\",\"value\":\"ff62\"}]}],\"metadata\":{\"component\":{"
        "\"name\":\"i\",\"properties\":["
        "{\"name\":\"pratique:image:kind\",\"value\":\"image\"},"
        "{\"name\":\"pratique:image:sandbox\",\"value\":\"no-userns\"},"
        "{\"name\":\"pratique:image:base:name:hex\",\"value\":\"fe\"},"
        "{\"name\":\"pratique:image:base:layers\",\"value\":\"2\"},"
        "{\"name\":\"pratique:distro:name:hex\",\"value\":\"fd\"}]}}}", NO_LIE);
    assert_true(r.ok && r.is_complete);
    assert_int_equal(r.an.package_count, 1);
    assert_int_equal(r.an.packages[0].depends.n, 1);
    assert_str(r.an.packages[0].depends.v[0], "a\xff");
    assert_str(r.an.packages[0].vendor, "\xff" "b");
    assert_str(r.an.base.name, "\xfe");
    assert_true(r.an.base.has_layers);
    assert_int_equal(r.an.base.layers, 2);
    assert_str(r.an.distro.name, "\xfd");
    assert_str(r.an.sandbox, "no-userns"); /* of the image */
    prq_arena_free(r.arena);
}

/* Whatever a worker says, it is the answer that is read, and it is not trusted. */
static void test_lists_lying_worker(void **state)
{
    (void)state;
    const struct {
        const char *word; /* of the error */
        enum lie lie;
        enum prq_code code;
    } cases[] = {
        { "", FORGED, PRQ_E_NONE },
        { "", NO_JSON, PRQ_E_FORMAT },
        { "", CUT_SHORT, PRQ_E_FORMAT },
        { "digest", NO_PAIRS, PRQ_E_FORMAT },
        { "", BAD_PAIRS, PRQ_E_FORMAT },
        { "", OTHER_PAIRS, PRQ_E_NONE },
        { "owner", OWNER_OUTSIDE, PRQ_E_FORMAT },
        { "signal 11", CRASH, PRQ_E_FORMAT },
        { "image_cpu_s", TIME, PRQ_E_LIMIT },
        { "", ODD_CODE, PRQ_E_FORMAT },
        { "could not be started", SILENT, PRQ_E_IO },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        struct result r = open_text(CDX SIX "]}", cases[i].lie);
        assert_int_equal(r.err.code, cases[i].code);
        assert_int_equal(r.ok, cases[i].code == PRQ_E_NONE);
        assert_true(prq_str_has(prq_str_from(r.err.text), prq_str_from(cases[i].word)));
        if (r.ok) {
            assert_int_equal(r.an.package_count, 1);
            assert_str(r.an.packages[0].name, "forged");
            assert_str(r.an.sandbox, "none"); /* it said so before the document came */
            assert_int_equal(r.an.layer_count, 0);
            assert_str(r.an.base.name, cases[i].lie == OTHER_PAIRS ? "b" : "");
            assert_int_equal(r.an.os.n, 0);
        }
        prq_arena_free(r.arena);
    }
}

static void test_lists_without_a_file(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct prq_analysis an;
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_ctx ctx = { .limits = &prq_limits_default };
    const struct prq_list_opts opts = { PRQ_S("/nonexistent/x.json"), NULL };
    assert_false(prq_list_open(&ctx, &opts, a, &an, NULL, &err));
    assert_int_equal(err.code, PRQ_E_IO);
    assert_true(prq_str_has(prq_str_from(err.text), PRQ_S("/nonexistent/x.json")));
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "worker-zygote") == 0)
        return hostile_zygote();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists_honest),
        cmocka_unit_test(test_lists_of_purls),
        cmocka_unit_test(test_lists_broken),
        cmocka_unit_test(test_lists_packed),
        cmocka_unit_test(test_lists_own_document),
        cmocka_unit_test(test_lists_lose_no_bytes),
        cmocka_unit_test(test_lists_lying_worker),
        cmocka_unit_test(test_lists_without_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
