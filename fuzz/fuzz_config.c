/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration file: refused as USAGE, or every option has a value of its kind. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/str.h"
#include "fuzz.h"
#include "pratique/config.h"

static void check_value(const struct prq_config *c, const struct prq_option *o)
{
    const char *v = prq_config_get(c, o->name), *origin = prq_config_origin(c, o->name);
    FUZZ_CHECK(v && origin && *origin);
    if (strncmp(origin, "file ", 5) != 0)
        return;
    uint64_t n;
    if (o->kind == PRQ_OPT_INT)
        FUZZ_CHECK(prq_str_u64(prq_str_from(v), &n) && n == prq_config_int(c, o->name));
    if (o->kind == PRQ_OPT_CHOICE)
        FUZZ_CHECK(*v && strlen(v) <= strlen(o->choices));
    if (o->kind == PRQ_OPT_DURATION)
        FUZZ_CHECK(strchr("smhdw", v[strlen(v) - 1]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[40];
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_config *c = NULL;
    int fd = memfd_create("config", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    FUZZ_CHECK(prq_config_new(&c, &err) && prq_config_set(c, "config", path, &err));
    size_t count;
    const struct prq_option *options = prq_options(&count);
    if (prq_config_load(c, &err)) {
        for (size_t i = 0; i < count; i++)
            check_value(c, &options[i]);
    } else {
        FUZZ_CHECK(err.code == PRQ_E_USAGE && err.text[0]);
    }
    prq_config_free(c);
    close(fd);
    return 0;
}
