/* SPDX-License-Identifier: Apache-2.0 */
/* What two images differ in: packages, findings, configuration, layers. Either side is an analysis,
 * judged or not, or a saved report. */
#ifndef PRQ_REPORT_DIFFERENCE_H
#define PRQ_REPORT_DIFFERENCE_H

#include "base/arena.h"
#include "model/report.h"
#include "report/output.h"

enum prq_direction { PRQ_CHANGED, PRQ_UPGRADED, PRQ_DOWNGRADED };

/* A package of one side, or two versions of one package. */
struct prq_package_change {
    const struct prq_package *from, *to; /* NULL: not on that side */
    enum prq_direction direction;
};

/* One value of the configuration: "env" PATH, "user", "label" maintainer … */
struct prq_setting {
    prq_str field, key, value;
};
struct prq_setting_change {
    prq_str field, key;
    const prq_str *from, *to; /* NULL: not there */
};

struct prq_difference {
    const struct prq_report *a, *b; /* with their analyses */
    bool is_judged;                 /* both sides are: findings count */
    bool has_config;                /* both sides tell theirs */
    struct prq_package_change *packages; /* by type, name, architecture */
    size_t package_count, added, removed, changed, unchanged;
    size_t *introduced, *fixed; /* indices of b's and of a's findings, in their order */
    size_t introduced_count, fixed_count, remaining;
    struct prq_setting_change *settings; /* by field, key */
    size_t setting_count;
    size_t shared_layers; /* the first ones, that both have */
    prq_str notes[4];
    size_t note_count;
};

/* Everything lives in `arena`. */
PRQ_MUST_USE bool prq_difference_make(const struct prq_report *a, const struct prq_report *b,
                                      bool is_judged, struct prq_arena *arena,
                                      struct prq_difference *out, struct prq_err *err);
PRQ_MUST_USE bool prq_difference_table(const struct prq_difference *d,
                                       const struct prq_report_style *style, struct prq_buf *out,
                                       struct prq_err *err);
PRQ_MUST_USE bool prq_difference_json(const struct prq_difference *d, prq_str tool_version,
                                      struct prq_buf *out, struct prq_err *err);

/* ---- settings.c: an image's configuration as a list, by field and key */
PRQ_MUST_USE bool prq_settings_of(const struct prq_analysis *an, struct prq_arena *a,
                                  struct prq_setting **out, size_t *n, struct prq_err *err);
int prq_setting_cmp(const void *a, const void *b);

#endif
