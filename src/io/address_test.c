/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "io/address.h"
#include "io/http.h"

static enum prq_address of(const char *text)
{
    if (strchr(text, ':')) {
        struct sockaddr_in6 in = { .sin6_family = AF_INET6 };
        assert_int_equal(inet_pton(AF_INET6, text, &in.sin6_addr), 1);
        return prq_address_of((const struct sockaddr *)&in, sizeof in);
    }
    struct sockaddr_in in = { .sin_family = AF_INET };
    assert_int_equal(inet_pton(AF_INET, text, &in.sin_addr), 1);
    return prq_address_of((const struct sockaddr *)&in, sizeof in);
}

/* Source: IANA IPv4 and IPv6 special-purpose address registries; security-model.md 2.4. */
static void test_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum prq_address is;
    } cases[] = {
        { "8.8.8.8", PRQ_ADDRESS_PUBLIC },        { "9.255.255.255", PRQ_ADDRESS_PUBLIC },
        { "10.0.0.1", PRQ_ADDRESS_PRIVATE },      { "172.15.255.255", PRQ_ADDRESS_PUBLIC },
        { "172.16.0.0", PRQ_ADDRESS_PRIVATE },    { "172.31.255.255", PRQ_ADDRESS_PRIVATE },
        { "172.32.0.0", PRQ_ADDRESS_PUBLIC },     { "192.168.1.1", PRQ_ADDRESS_PRIVATE },
        { "100.64.0.1", PRQ_ADDRESS_PRIVATE },    { "100.63.0.1", PRQ_ADDRESS_PUBLIC },
        { "127.0.0.1", PRQ_ADDRESS_LOOPBACK },    { "127.255.255.255", PRQ_ADDRESS_LOOPBACK },
        { "169.254.169.254", PRQ_ADDRESS_NEVER }, { "0.0.0.0", PRQ_ADDRESS_NEVER },
        { "224.0.0.1", PRQ_ADDRESS_NEVER },       { "255.255.255.255", PRQ_ADDRESS_NEVER },
        { "100.100.100.200", PRQ_ADDRESS_NEVER }, { "2606:4700::1111", PRQ_ADDRESS_PUBLIC },
        { "::1", PRQ_ADDRESS_LOOPBACK },          { "::", PRQ_ADDRESS_NEVER },
        { "fe80::1", PRQ_ADDRESS_NEVER },         { "febf::1", PRQ_ADDRESS_NEVER },
        { "fc00::1", PRQ_ADDRESS_PRIVATE },       { "fd12::1", PRQ_ADDRESS_PRIVATE },
        { "fd00:ec2::254", PRQ_ADDRESS_NEVER },   { "ff02::1", PRQ_ADDRESS_NEVER },
        { "::ffff:127.0.0.1", PRQ_ADDRESS_LOOPBACK }, { "::ffff:8.8.8.8", PRQ_ADDRESS_PUBLIC },
        { "::ffff:169.254.169.254", PRQ_ADDRESS_NEVER },
        { "64:ff9b::a9fe:a9fe", PRQ_ADDRESS_NEVER },   { "64:ff9b::808:808", PRQ_ADDRESS_PUBLIC },
        { "2002:7f00:1::", PRQ_ADDRESS_LOOPBACK },     { "2002:a00:1::1", PRQ_ADDRESS_PRIVATE },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++)
        if (of(cases[i].text) != cases[i].is)
            fail_msg("%s", cases[i].text);
    struct sockaddr other = { .sa_family = AF_UNIX };
    assert_int_equal(prq_address_of(&other, sizeof other), PRQ_ADDRESS_NEVER);
}

static void test_retry_waits(void **state)
{
    (void)state;
    unsetenv("PRQ_TEST_RETRY_MS");
    /* RFC 9110 5.6.7: this date is 784111777 seconds after the epoch. */
    prq_str date = PRQ_S("Sun, 06 Nov 1994 08:49:37 GMT");
    assert_int_equal(prq_retry_wait_ms(1, PRQ_S("7"), 0), 7000);
    assert_int_equal(prq_retry_wait_ms(1, PRQ_S("86400"), 0), 300000);
    assert_int_equal(prq_retry_wait_ms(1, date, 784111777 - 5), 5000);
    assert_int_equal(prq_retry_wait_ms(1, date, 784111777 + 5), 0);
    assert_int_equal(prq_retry_wait_ms(1, date, 0), 300000);
    int64_t first = prq_retry_wait_ms(1, (prq_str){ 0 }, 0);
    int64_t last = prq_retry_wait_ms(4, PRQ_S("soon"), 0);
    assert_true(first >= 1500 && first <= 2500);
    assert_true(last >= 12000 && last <= 20000);
    assert_int_equal(prq_retry_wait_ms(5, PRQ_S("1"), 0), -1);
    assert_int_equal(prq_retry_wait_ms(0, PRQ_S("1"), 0), -1);
}

static bool fetch(const char *url, const struct prq_http_opts *opts, struct prq_err *err)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    PRQ_BUF body;
    prq_buf_init(&body, 1000);
    struct prq_http *h;
    struct prq_http_reply reply;
    assert_true(prq_http_new(opts, &h, err));
    struct prq_http_request rq = { .method = "GET", .url = prq_str_from(url), .max_bytes = 1000 };
    bool ok = prq_http_fetch(h, &rq, a, &reply, &body, err);
    prq_http_free(h);
    return ok;
}

/* What is refused before anybody is asked. */
static void test_forbidden_urls(void **state)
{
    (void)state;
    struct prq_http_opts plain = { 0 }, server = { .deny_private = true };
    static const char *const bad[] = { "http://registry.invalid/", "file:///etc/passwd",
                                       "ftp://r.invalid/", "https://user:pw@r.invalid/", "x",
                                       "https://", "https://r.invalid/\r\nX: y" };
    for (size_t i = 0; i < PRQ_COUNT(bad); i++) {
        struct prq_err err = PRQ_ERR_INIT;
        assert_false(fetch(bad[i], &plain, &err));
        assert_true(err.code == PRQ_E_DENIED || err.code == PRQ_E_REMOTE);
    }
    struct prq_err err = PRQ_ERR_INIT;
    assert_false(fetch("https://127.0.0.1:1/", &server, &err));
    assert_int_equal(err.code, PRQ_E_DENIED);
    assert_false(fetch("https://[::ffff:7f00:1]:1/", &server, &err));
    assert_int_equal(err.code, PRQ_E_DENIED);
    assert_false(fetch("https://2130706433:1/", &server, &err));
    assert_int_equal(err.code, PRQ_E_DENIED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_retry_waits),
        cmocka_unit_test(test_forbidden_urls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
