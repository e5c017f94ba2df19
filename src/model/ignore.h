/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of the user that take findings away, whatever file they were written in. All conditions that
 * a rule has must hold. Source: matching.md 6.4; policy.md 11.4. */
#ifndef PRQ_MODEL_IGNORE_H
#define PRQ_MODEL_IGNORE_H

#include "model/package.h"

enum prq_ignore_form {
    PRQ_IGNORE_OWN,        /* docs/ignore.md */
    PRQ_IGNORE_TRIVY,      /* .trivyignore */
    PRQ_IGNORE_TRIVY_YAML, /* .trivyignore.yaml */
    PRQ_IGNORE_GRYPE,      /* "ignore:" of .grype.yaml */
};
const char *prq_ignore_form_word(enum prq_ignore_form f);

enum prq_ignore_state {
    PRQ_RULE_UNUSED,
    PRQ_RULE_USED,
    PRQ_RULE_EXPIRED,
    PRQ_RULE_REFUSED, /* it has no condition, or one that cannot be honoured: see `trouble` */
};
const char *prq_ignore_state_word(enum prq_ignore_state s);

struct prq_ignore_rule {
    prq_str where;           /* "FILE:LINE" */
    enum prq_ignore_form form;
    struct prq_strs ids;     /* any of them; '*' stands for any text in the own form */
    bool is_exact;           /* the finding's own id, not its aliases */
    struct prq_strs packages; /* own form: name or purl with '*'; any of them */
    struct prq_strs purls;   /* any of them, as VEX compares them */
    struct prq_strs paths;   /* globs ("**" over directories), any of them */
    prq_str reason, owner;
    prq_str expires;         /* as written; empty: never */
    bool ends_with_day;      /* the day named still counts */

    /* Grype */
    prq_str space;           /* "debian:distro:debian:11" */
    prq_str fix_state, match_type, vex_status, vex_justification;
    prq_str name, version, language, type, upstream; /* of the package; name, upstream: expressions */

    prq_str trouble;

    /* filled by prq_match */
    enum prq_ignore_state state;
    size_t findings;         /* that it took away; of an expired one: that it would have */
};

struct prq_ignore_set {
    struct prq_ignore_rule *rules;
    size_t n, cap;
    struct prq_strs warnings; /* what could not be honoured, "FILE:LINE: …" */
    size_t warning_cap;
};

#endif
