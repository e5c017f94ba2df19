/* SPDX-License-Identifier: Apache-2.0 */
/* The coordinator against a zygote that was taken over: this program, started as one, answers what a
 * job's limit `gaps` asks for. Nothing but clean errors, and a bounded result. */
#undef PRQ_SOURCE_DIR /* of the build; model/analysis.h has an enumerator of that name */
#include "unit.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "scan/workers.h"

enum { CONTROL = 3, FDS = 3 };
enum lie { UNKNOWN_TYPE, SHORT_END, TWO_ENDS, SHORT_STATUS, EMPTY, FLOOD_FACTS, FLOOD_INDEX,
           LONG_LAST_WORD, SILENCE, TWO_LEVELS, SHORT_LEVEL, EARLY_REQUEST,
           TWO_REQUESTS, LIES };

static void say(int fd, char type, size_t n)
{
    static char m[PRQ_MESSAGE_MAX];
    m[0] = type;
    send(fd, m, n + 1, MSG_NOSIGNAL);
}

static void lie_to(int fd, enum lie lie)
{
    switch (lie) {
    case UNKNOWN_TYPE:
        say(fd, '!', 10);
        break;
    case SHORT_END:
        say(fd, 'E', sizeof(struct prq_job_end) - 1);
        break;
    case TWO_ENDS:
        say(fd, 'E', sizeof(struct prq_job_end));
        say(fd, 'E', sizeof(struct prq_job_end));
        break;
    case SHORT_STATUS:
        say(fd, 'S', 1);
        break;
    case EMPTY:
        send(fd, "", 0, MSG_NOSIGNAL);
        break;
    case FLOOD_FACTS:
    case FLOOD_INDEX:
        for (int i = 0; i < 100; i++)
            say(fd, lie == FLOOD_FACTS ? 'F' : 'I', PRQ_MESSAGE_MAX - 1);
        break;
    case LONG_LAST_WORD:
        say(fd, 'A', PRQ_MESSAGE_MAX - 1);
        break;
    case TWO_LEVELS: /* the second could come from a worker that has read the blob */
        say(fd, 'L', sizeof(uint32_t));
        say(fd, 'L', sizeof(uint32_t));
        break;
    case SHORT_LEVEL:
        say(fd, 'L', 1);
        break;
    case EARLY_REQUEST:
        say(fd, 'R', 0);
        break;
    case TWO_REQUESTS:
        say(fd, 'L', sizeof(uint32_t));
        say(fd, 'R', 0);
        say(fd, 'R', 0);
        break;
    case SILENCE:
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
        struct iovec iov = { &job, sizeof job };
        struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
                              .msg_controllen = sizeof control };
        if (recvmsg(CONTROL, &msg, 0) != (ssize_t)sizeof job || !CMSG_FIRSTHDR(&msg))
            return 0;
        memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof fds);
        lie_to(fds[0], (enum lie)job.limits.gaps);
        for (size_t i = 0; i < FDS; i++)
            close(fds[i]);
    }
}

static void test_hostile_answers(void **state)
{
    (void)state;
    struct prq_workers *w = NULL;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(prq_workers_start("/proc/self/exe", &w, &err));
    for (int lie = 0; lie < LIES; lie++) {
        struct prq_job job = { .limits = prq_limits_default };
        job.limits.gaps = (uint64_t)lie;
        job.limits.facts_bytes = job.limits.index_bytes = 200000;
        struct prq_blob blob = { .fd = open("/dev/null", O_RDONLY | O_CLOEXEC) };
        struct prq_layer_result r;
        err = (struct prq_err)PRQ_ERR_INIT;
        const struct prq_errand errand = { .job = &job, .blob = &blob };
        bool ok = prq_workers_run(w, &errand, &r, &err);
        bool quiet = lie == EMPTY || lie == LONG_LAST_WORD || lie == SILENCE;
        assert_int_equal(ok, quiet);
        assert_false(ok && (r.has_end || r.has_status));
        assert_true(ok || err.code == (lie == FLOOD_FACTS || lie == FLOOD_INDEX ? PRQ_E_LIMIT
                                                                               : PRQ_E_FORMAT));
        assert_true(r.facts.n <= 200000 && r.index.n <= 200000 && r.at_n <= sizeof r.at);
        prq_layer_result_release(&r);
        close(blob.fd);
    }
    prq_workers_stop(w);
}

static void test_no_such_program(void **state)
{
    (void)state;
    struct prq_workers *w = NULL;
    struct prq_err err = PRQ_ERR_INIT;
    assert_false(prq_workers_start("/nonexistent/worker", &w, &err));
    assert_int_equal(err.code, PRQ_E_IO);
    prq_workers_stop(NULL);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "worker-zygote") == 0)
        return hostile_zygote();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hostile_answers),
        cmocka_unit_test(test_no_such_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
