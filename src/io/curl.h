/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl, loaded when somebody first talks to a network: with the three dozen libraries that it brings,
 * loading it takes longer than all else that a start does, and workers have no use for it. */
#ifndef PRQ_IO_CURL_H
#define PRQ_IO_CURL_H

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#undef curl_easy_setopt

#include "base/err.h"

#define PRQ_CURL_FUNCTIONS(F)                                                                        \
    F(easy_cleanup) F(easy_init) F(easy_pause) F(easy_reset) F(easy_setopt) F(easy_strerror)         \
    F(free) F(getdate) F(global_init) F(multi_add_handle) F(multi_cleanup) F(multi_info_read)        \
    F(multi_init) F(multi_perform) F(multi_poll) F(multi_remove_handle) F(multi_strerror)            \
    F(slist_append) F(slist_free_all) F(url) F(url_cleanup) F(url_get) F(url_set) F(version_info)

struct prq_curl {
#define PRQ_CURL_MEMBER(name) __typeof__(&curl_##name) name;
    PRQ_CURL_FUNCTIONS(PRQ_CURL_MEMBER)
#undef PRQ_CURL_MEMBER
};

/* NULL: it cannot be had, and err says why. Any thread may ask. */
const struct prq_curl *prq_curl(struct prq_err *err);

#endif
