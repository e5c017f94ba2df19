/* SPDX-License-Identifier: Apache-2.0 */
#include "model/vex.h"

static const char *const status_words[] = {
    [PRQ_VEX_NONE] = "",
    [PRQ_VEX_NOT_AFFECTED] = "not_affected",
    [PRQ_VEX_FIXED] = "fixed",
    [PRQ_VEX_UNDER_INVESTIGATION] = "under_investigation",
    [PRQ_VEX_AFFECTED] = "affected",
};

const char *prq_vex_status_word(enum prq_vex_status s)
{
    return status_words[s];
}

bool prq_vex_status_parse(prq_str word, enum prq_vex_status *out)
{
    for (size_t i = 1; i < PRQ_COUNT(status_words); i++)
        if (prq_str_eq(word, prq_str_from(status_words[i]))) {
            *out = (enum prq_vex_status)i;
            return true;
        }
    return false;
}

const char *prq_vex_result_word(enum prq_vex_result r)
{
    static const char *const words[] = {
        [PRQ_VEX_UNUSED] = "unused",       [PRQ_VEX_APPLIED] = "applied",
        [PRQ_VEX_ANNOTATED] = "annotated", [PRQ_VEX_OVERRULED] = "overruled",
        [PRQ_VEX_UNREACHED] = "unreached", [PRQ_VEX_FLAWED] = "flawed",
    };
    return words[r];
}
