/* SPDX-License-Identifier: Apache-2.0 */
#include "io/curl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct prq_curl functions;
static char why[256]; /* empty: all is there */

static void load(void)
{
    void *lib = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    const char *text = lib ? NULL : dlerror();
    if (!lib) {
        snprintf(why, sizeof why, "%s", text ? text : "libcurl.so.4");
        return;
    }
#define LOAD(name)                                                                                   \
    functions.name = (__typeof__(functions.name))dlsym(lib, "curl_" #name);                          \
    if (!functions.name)                                                                             \
        snprintf(why, sizeof why, "libcurl.so.4 has no curl_%s", #name);
    PRQ_CURL_FUNCTIONS(LOAD)
#undef LOAD
    if (why[0])
        return;
    /* Nobody's keys are logged because an environment says so. */
    unsetenv("SSLKEYLOGFILE");
    CURLcode started = functions.global_init(CURL_GLOBAL_DEFAULT);
    if (started != CURLE_OK)
        snprintf(why, sizeof why, "libcurl does not start: %s", functions.easy_strerror(started));
}

const struct prq_curl *prq_curl(struct prq_err *err)
{
    pthread_once(&once, load);
    if (!why[0])
        return &functions;
    prq_fail(err, PRQ_E_UNSUPPORTED, "no network without libcurl 4: %s", why);
    return NULL;
}
