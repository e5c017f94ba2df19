/* SPDX-License-Identifier: Apache-2.0 */
#include "model/ignore.h"

const char *prq_ignore_form_word(enum prq_ignore_form f)
{
    static const char *const words[] = {
        [PRQ_IGNORE_OWN] = "pratique",
        [PRQ_IGNORE_TRIVY] = "trivyignore",
        [PRQ_IGNORE_TRIVY_YAML] = "trivyignore-yaml",
        [PRQ_IGNORE_GRYPE] = "grype",
    };
    return words[f];
}

const char *prq_ignore_state_word(enum prq_ignore_state s)
{
    static const char *const words[] = {
        [PRQ_RULE_UNUSED] = "unused",
        [PRQ_RULE_USED] = "used",
        [PRQ_RULE_EXPIRED] = "expired",
        [PRQ_RULE_REFUSED] = "refused",
    };
    return words[s];
}
