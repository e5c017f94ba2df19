/* SPDX-License-Identifier: Apache-2.0 */
/* Where analyzers put what they find. A sink copies what it keeps: everything passed may be views
 * into the file under analysis or into scratch memory.
 *
 * A note is a fact that is not a package: "os-release" with its fields, "apk-repositories" … ; it
 * is settled on the merged image. An owned list says which paths a package put there. */
#ifndef PRQ_MODEL_SINK_H
#define PRQ_MODEL_SINK_H

#include "model/gap.h"
#include "model/package.h"

struct prq_pair {
    prq_str key, value;
};

/* A note as it comes back from the facts of a layer. */
struct prq_note {
    prq_str kind, path;
    uint32_t layer;
    struct prq_pair *pairs;
    size_t n;
};

struct prq_sink;

struct prq_sink_ops {
    /* False: out of memory or budget; the analyzer returns prq_sink_full(err). */
    bool (*package)(struct prq_sink *s, const struct prq_package *p);
    bool (*gap)(struct prq_sink *s, const struct prq_gap *g);
    bool (*note)(struct prq_sink *s, prq_str kind, const struct prq_pair *pairs, size_t n);
    bool (*owned)(struct prq_sink *s, prq_str owner, const prq_str *paths, size_t n);
};

struct prq_sink {
    const struct prq_sink_ops *ops;
    const char *by; /* the analyzer at work, set by the dispatcher; NULL outside of it */
};

/* The evidence path is the file under analysis; p->evidence is ignored except that an analyzer of
 * archives may set p->evidence[0].path to "outer.jar!/inner.jar". */
static inline bool prq_sink_package(struct prq_sink *s, const struct prq_package *p)
{
    return s->ops->package(s, p);
}
/* g->path empty: the file under analysis. */
static inline bool prq_sink_gap(struct prq_sink *s, const struct prq_gap *g)
{
    return s->ops->gap(s, g);
}
static inline bool prq_sink_note(struct prq_sink *s, prq_str kind, const struct prq_pair *pairs,
                                 size_t n)
{
    return s->ops->note(s, kind, pairs, n);
}
/* `owner`: "deb:NAME", "deb:NAME:ARCH", "apk:NAME", "alpm:NAME", "rpm:NAME-VERSION-RELEASE.ARCH",
 * "generic:void:NAME" (of freebsd and slackware likewise);
 * of all others "TYPE:PATH-OF-EVIDENCE" ("pypi:…/METADATA"). Paths without leading slash;
 * directories need not be listed; "DIR/" owns all below DIR. */
static inline bool prq_sink_owned(struct prq_sink *s, prq_str owner, const prq_str *paths, size_t n)
{
    return s->ops->owned(s, owner, paths, n);
}
static inline bool prq_sink_full(struct prq_err *err)
{
    return prq_fail(err, PRQ_E_LIMIT, "no room for more facts");
}

#endif
