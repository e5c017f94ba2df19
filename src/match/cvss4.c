/* SPDX-License-Identifier: Apache-2.0 */
/* CVSS v4.0: a vector falls into one of 270 macro-vectors, whose score is FIRST's table; within
 * one, the score sinks towards the next lower macro-vectors by the share of the way that the
 * vector's metrics have gone. Source: CVSS v4.0 specification, 8 "Scoring".
 *
 * Metric values count from the most severe, so a value is its own severity level; SC, SI and SA
 * leave place 0 to the safety value that only MSI and MSA know. */
#include "match/cvss.h"

enum v4 {
    AV, AC, AT, PR, UI, VC, VI, VA, SC, SI, SA, /* base */
    E, CR, IR, AR,                              /* threat; requirements */
    MAV, MAC, MAT, MPR, MUI, MVC, MVI, MVA, MSC, MSI, MSA,
};

const struct prq_cvss_metric prq_cvss4_metrics[PRQ_CVSS_METRICS] = {
    { "AV", "NALP", true },   { "AC", "LH", true },     { "AT", "NP", true },
    { "PR", "NLH", true },    { "UI", "NPA", true },    { "VC", "HLN", true },
    { "VI", "HLN", true },    { "VA", "HLN", true },    { "SC", "?HLN", true },
    { "SI", "?HLN", true },   { "SA", "?HLN", true },   { "E", "APU", false },
    { "CR", "HML", false },   { "IR", "HML", false },   { "AR", "HML", false },
    { "MAV", "NALP", false }, { "MAC", "LH", false },   { "MAT", "NP", false },
    { "MPR", "NLH", false },  { "MUI", "NPA", false },  { "MVC", "HLN", false },
    { "MVI", "HLN", false },  { "MVA", "HLN", false },  { "MSC", "?HLN", false },
    { "MSI", "SHLN", false }, { "MSA", "SHLN", false }, { "S", "NP", false },
    { "AU", "NY", false },    { "R", "AUI", false },    { "V", "DC", false },
    { "RE", "LMH", false },   { "U", "", false },
};

/* EQ3 and EQ6 together: 00, 01, 10, 11, 21 (20 cannot be). */
enum { EQ36_COUNT = 5 };
static const uint8_t eq36_next[EQ36_COUNT] = { 1, 3, 3, 4, EQ36_COUNT };

/* Tenths by EQ1, EQ2, EQ3 with EQ6, then EQ4 and EQ5. */
static const uint8_t macro[3][2][EQ36_COUNT][3][3] = {
    {
        {
            { { 100, 98, 95 }, { 100, 93, 91 }, { 93, 89, 81 } },
            { { 99, 95, 92 }, { 96, 87, 81 }, { 90, 80, 68 } },
            { { 98, 95, 90 }, { 93, 89, 81 }, { 88, 78, 69 } },
            { { 95, 92, 84 }, { 92, 81, 65 }, { 80, 70, 48 } },
            { { 92, 82, 72 }, { 79, 69, 50 }, { 69, 55, 27 } },
        },
        {
            { { 99, 95, 92 }, { 95, 90, 84 }, { 92, 82, 72 } },
            { { 97, 92, 85 }, { 91, 83, 71 }, { 81, 71, 53 } },
            { { 95, 92, 85 }, { 92, 80, 70 }, { 84, 71, 50 } },
            { { 93, 85, 73 }, { 82, 72, 59 }, { 70, 52, 30 } },
            { { 86, 75, 52 }, { 71, 52, 29 }, { 63, 29, 17 } },
        },
    },
    {
        {
            { { 98, 94, 91 }, { 94, 86, 77 }, { 87, 74, 63 } },
            { { 95, 87, 81 }, { 89, 74, 64 }, { 75, 63, 49 } },
            { { 94, 88, 76 }, { 86, 74, 59 }, { 72, 57, 52 } },
            { { 89, 77, 67 }, { 76, 58, 50 }, { 57, 52, 25 } },
            { { 83, 70, 54 }, { 65, 58, 26 }, { 53, 21, 13 } },
        },
        {
            { { 95, 88, 76 }, { 90, 75, 61 }, { 77, 68, 52 } },
            { { 90, 76, 70 }, { 77, 62, 53 }, { 66, 59, 30 } },
            { { 89, 76, 62 }, { 74, 57, 47 }, { 61, 57, 24 } },
            { { 78, 67, 58 }, { 59, 57, 23 }, { 52, 29, 16 } },
            { { 71, 59, 30 }, { 58, 26, 15 }, { 23, 13, 6 } },
        },
    },
    {
        {
            { { 93, 86, 75 }, { 86, 74, 56 }, { 70, 52, 40 } },
            { { 87, 72, 58 }, { 74, 61, 34 }, { 54, 40, 22 } },
            { { 85, 74, 62 }, { 72, 55, 46 }, { 53, 34, 19 } },
            { { 75, 55, 51 }, { 57, 41, 19 }, { 36, 19, 8 } },
            { { 64, 51, 20 }, { 47, 21, 11 }, { 24, 9, 4 } },
        },
        {
            { { 88, 73, 60 }, { 73, 59, 41 }, { 54, 45, 20 } },
            { { 75, 53, 50 }, { 55, 40, 20 }, { 43, 22, 11 } },
            { { 75, 58, 40 }, { 61, 48, 20 }, { 46, 17, 8 } },
            { { 55, 45, 21 }, { 51, 18, 9 }, { 18, 7, 2 } },
            { { 53, 24, 14 }, { 24, 12, 5 }, { 10, 3, 1 } },
        },
    },
};

/* The most severe vectors of each class, and how many steps the class is deep. */
static const uint8_t eq1_top[3][3][3] = { /* AV, PR, UI */
    { { 0, 0, 0 } },
    { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } },
    { { 3, 0, 0 }, { 1, 1, 1 } },
};
static const uint8_t eq1_tops[3] = { 1, 3, 2 }, eq1_depth[3] = { 1, 4, 5 };
static const uint8_t eq2_top[2][2][2] = { { { 0, 0 } }, { { 1, 0 }, { 0, 1 } } }; /* AC, AT */
static const uint8_t eq2_tops[2] = { 1, 2 }, eq2_depth[2] = { 1, 2 };
static const uint8_t eq36_top[EQ36_COUNT][5][6] = { /* VC, VI, VA, CR, IR, AR */
    { { 0, 0, 0, 0, 0, 0 } },
    { { 0, 0, 1, 1, 1, 0 }, { 0, 0, 0, 1, 1, 1 } },
    { { 1, 0, 0, 0, 0, 0 }, { 0, 1, 0, 0, 0, 0 } },
    { { 1, 0, 1, 0, 1, 0 },
      { 1, 0, 0, 0, 1, 1 },
      { 0, 1, 0, 1, 0, 1 },
      { 0, 1, 1, 1, 0, 0 },
      { 1, 1, 0, 0, 0, 1 } },
    { { 1, 1, 1, 0, 0, 0 } },
};
static const uint8_t eq36_tops[EQ36_COUNT] = { 1, 2, 2, 5, 1 };
static const uint8_t eq36_depth[EQ36_COUNT] = { 7, 6, 8, 8, 10 };
static const uint8_t eq4_top[3][1][3] = { { { 1, 0, 0 } }, { { 1, 1, 1 } }, { { 2, 2, 2 } } };
static const uint8_t eq4_depth[3] = { 6, 5, 4 };

/* Steps from the first of the top vectors that is at least as severe in every metric. */
static unsigned distance(const uint8_t *v, const uint8_t *metrics, size_t n, const uint8_t *tops,
                         size_t top_count)
{
    for (size_t t = 0; t < top_count; t++) {
        const uint8_t *top = tops + t * n;
        unsigned sum = 0;
        size_t i = 0;
        while (i < n && v[metrics[i]] >= top[i]) {
            sum += (unsigned)(v[metrics[i]] - top[i]);
            i++;
        }
        if (i == n)
            return sum;
    }
    return 0;
}

/* What counts: a modified metric instead of its base metric, the worst case for what is not given. */
static void effective(const uint8_t *given, uint8_t *v)
{
    memcpy(v, given, PRQ_CVSS_METRICS);
    for (size_t i = 0; i <= SA; i++)
        if (given[MAV + i] != PRQ_CVSS_NONE)
            v[i] = given[MAV + i];
    for (size_t i = E; i <= AR; i++)
        if (v[i] == PRQ_CVSS_NONE)
            v[i] = 0;
}

unsigned prq_cvss4_tenths(const uint8_t given[PRQ_CVSS_METRICS])
{
    static const uint8_t in1[] = { AV, PR, UI }, in2[] = { AC, AT };
    static const uint8_t in36[] = { VC, VI, VA, CR, IR, AR }, in4[] = { SC, SI, SA };
    uint8_t v[PRQ_CVSS_METRICS];
    effective(given, v);
    if (v[VC] == 2 && v[VI] == 2 && v[VA] == 2 && v[SC] == 3 && v[SI] == 3 && v[SA] == 3)
        return 0;

    int nones = (v[AV] == 0) + (v[PR] == 0) + (v[UI] == 0);
    unsigned e1 = nones == 3 ? 0 : nones > 0 && v[AV] != 3 ? 1 : 2;
    unsigned e2 = v[AC] != 0 || v[AT] != 0;
    unsigned e3 = v[VC] == 0 && v[VI] == 0 ? 0 : v[VC] == 0 || v[VI] == 0 || v[VA] == 0 ? 1 : 2;
    unsigned e4 = v[SI] == 0 || v[SA] == 0 ? 0 : v[SC] == 1 || v[SI] == 1 || v[SA] == 1 ? 1 : 2;
    unsigned e5 = v[E];
    unsigned e6 = !((v[CR] == 0 && v[VC] == 0) || (v[IR] == 0 && v[VI] == 0) ||
                    (v[AR] == 0 && v[VA] == 0));
    unsigned e36 = e3 == 2 ? 4 : e3 * 2 + e6;

    unsigned score = macro[e1][e2][e36][e4][e5];
    /* The sinking, in units of 1/840 of a tenth: every depth divides 840. */
    unsigned sink = 0, lower_count = 0;
    struct {
        bool has_lower;
        unsigned lower, steps, depth;
    } way[] = {
        { e1 < 2, e1 < 2 ? macro[e1 + 1][e2][e36][e4][e5] : 0,
          distance(v, in1, 3, eq1_top[e1][0], eq1_tops[e1]), eq1_depth[e1] },
        { e2 < 1, e2 < 1 ? macro[e1][1][e36][e4][e5] : 0,
          distance(v, in2, 2, eq2_top[e2][0], eq2_tops[e2]), eq2_depth[e2] },
        { e36 < 4, e36 < 4 ? macro[e1][e2][eq36_next[e36]][e4][e5] : 0,
          distance(v, in36, 6, eq36_top[e36][0], eq36_tops[e36]), eq36_depth[e36] },
        { e4 < 2, e4 < 2 ? macro[e1][e2][e36][e4 + 1][e5] : 0,
          distance(v, in4, 3, eq4_top[e4][0], 1), eq4_depth[e4] },
        { e5 < 2, e5 < 2 ? macro[e1][e2][e36][e4][e5 + 1] : 0, 0, 1 },
    };
    if (e36 == 0 && macro[e1][e2][2][e4][e5] > way[2].lower)
        way[2].lower = macro[e1][e2][2][e4][e5]; /* 00 has two next lower ones: the higher */
    for (size_t i = 0; i < PRQ_COUNT(way); i++)
        if (way[i].has_lower) {
            lower_count++;
            if (score > way[i].lower)
                sink += (score - way[i].lower) * way[i].steps * (840 / way[i].depth);
        }
    if (lower_count == 0)
        return score;
    unsigned unit = 840 * lower_count;
    return sink > score * unit ? 0 : (2 * (score * unit - sink) + unit) / (2 * unit);
}
