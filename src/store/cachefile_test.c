/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/cache.h"

static char dir[] = "/tmp/cache-test-XXXXXX";
static char file[64];

static void make_dir(void)
{
    strcpy(dir + sizeof dir - 7, "XXXXXX");
    assert_non_null(mkdtemp(dir));
    snprintf(file, sizeof file, "%s/layers-6.db", dir);
}

static void test_the_file_is_the_users_alone(void **state)
{
    (void)state;
    struct prq_err why = PRQ_ERR_INIT;
    struct stat st;
    make_dir();
    mode_t old = umask(0);
    struct prq_cache *c = prq_cache_open(dir, &why);
    umask(old);
    assert_non_null(c);
    prq_cache_close(c);
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    unlink(file);
    rmdir(dir);
}

static void test_a_file_of_others_is_not_believed(void **state)
{
    (void)state;
    struct prq_err why = PRQ_ERR_INIT;
    make_dir();
    int fd = open(file, O_RDWR | O_CREAT, 0600);
    assert_true(fd >= 0 && fchmod(fd, 0666) == 0);
    close(fd);
    assert_null(prq_cache_open(dir, &why));
    assert_int_equal(why.code, PRQ_E_DENIED);
    unlink(file);
    assert_int_equal(symlink("elsewhere", file), 0);
    assert_null(prq_cache_open(dir, &why));
    assert_int_equal(why.code, PRQ_E_IO);
    unlink(file);
    rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_file_is_the_users_alone),
        cmocka_unit_test(test_a_file_of_others_is_not_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
