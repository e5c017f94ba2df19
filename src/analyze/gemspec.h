/* SPDX-License-Identifier: Apache-2.0 */
/* What a gem's specification says of the gem, as far as it stands there in so many words. */
#ifndef PRQ_ANALYZE_GEMSPEC_H
#define PRQ_ANALYZE_GEMSPEC_H

#include "analyze/analyze.h"

struct prq_gemspec {
    prq_str name, version;
    prq_str platform; /* empty: any, which Ruby calls "ruby" */
    struct prq_strs licenses, depends;
    bool is_guessed; /* name or version are the file's own comment's or its name's */
};

/* `file_name` without directories. What cannot be told stays empty. FORMAT: a string has no end;
 * what was read before it is in *out. */
PRQ_MUST_USE bool prq_gemspec_read(prq_str text, prq_str file_name, struct prq_arena *a,
                                   struct prq_gemspec *out, struct prq_err *err);

/* Written as YAML, not as a program. */
bool prq_gemspec_is_yaml(prq_str text);

/* The path of a specification of an installed gem: one of its directories is "specifications". */
bool prq_gem_is_installed(prq_str path);
/* "1.2.3-x86_64-linux" to version and platform. */
void prq_gem_split(prq_str full, prq_str *version, prq_str *platform);
/* The qualifiers of a gem: platform, repository_url; empty ones are left out. False: memory ran
 * out. */
bool prq_gem_qualify(struct prq_package *p, prq_str platform, prq_str repository,
                     struct prq_arena *a);

#endif
