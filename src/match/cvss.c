/* SPDX-License-Identifier: Apache-2.0 */
#include "match/cvss.h"

/* Sources: CVSS v2 guide, 2.4 and 3.2.1; v3.1 specification, 6 and 7.4. The places of the base
 * metrics are those of the enums below; optional metrics are only checked. */
enum v2 { V2_AV, V2_AC, V2_AU, V2_C, V2_I, V2_A };
static const struct prq_cvss_metric v2_metrics[PRQ_CVSS_METRICS] = {
    { "AV", "LAN", true }, { "AC", "HML", true }, { "Au", "MSN", true },
    { "C", "NPC", true },  { "I", "NPC", true },  { "A", "NPC", true },
};
/* Values of these are words; none of them moves the base score. */
static const char *const v2_words[] = {
    "E:U",    "E:POC",  "E:F",    "E:H",   "E:ND",  "RL:OF", "RL:TF", "RL:W",   "RL:U",   "RL:ND",
    "RC:UC",  "RC:UR",  "RC:C",   "RC:ND", "CDP:N", "CDP:L", "CDP:LM", "CDP:MH", "CDP:H", "CDP:ND",
    "TD:N",   "TD:L",   "TD:M",   "TD:H",  "TD:ND", "CR:L",  "CR:M",  "CR:H",   "CR:ND",  "IR:L",
    "IR:M",   "IR:H",   "IR:ND",  "AR:L",  "AR:M",  "AR:H",  "AR:ND",
};

enum v3 { V3_AV, V3_AC, V3_PR, V3_UI, V3_S, V3_C, V3_I, V3_A };
static const struct prq_cvss_metric v3_metrics[PRQ_CVSS_METRICS] = {
    { "AV", "NALP", true },   { "AC", "LH", true },     { "PR", "NLH", true },
    { "UI", "NR", true },     { "S", "UC", true },      { "C", "NLH", true },
    { "I", "NLH", true },     { "A", "NLH", true },     { "E", "UPFH", false },
    { "RL", "OTWU", false },  { "RC", "URC", false },   { "CR", "LMH", false },
    { "IR", "LMH", false },   { "AR", "LMH", false },   { "MAV", "NALP", false },
    { "MAC", "LH", false },   { "MPR", "NLH", false },  { "MUI", "NR", false },
    { "MS", "UC", false },    { "MC", "NLH", false },   { "MI", "NLH", false },
    { "MA", "NLH", false },
};

static size_t metric_find(const struct prq_cvss_metric *metrics, prq_str name)
{
    for (size_t i = 0; i < PRQ_CVSS_METRICS && metrics[i].name[0]; i++)
        if (prq_str_eq(name, (prq_str){ metrics[i].name, strnlen(metrics[i].name, 4) }))
            return i;
    return PRQ_CVSS_METRICS;
}

/* The urgency supplement of v4 is the one metric whose values are words. */
static bool value_find(const struct prq_cvss_metric *m, prq_str word, uint8_t *out)
{
    static const char *const urgencies[] = { "Clear", "Green", "Amber", "Red" };
    if (strcmp(m->name, "U") == 0) {
        for (size_t i = 0; i < PRQ_COUNT(urgencies); i++)
            if (prq_str_eq(word, prq_str_from(urgencies[i]))) {
                *out = (uint8_t)i;
                return true;
            }
        return false;
    }
    const char *at = word.n == 1 && word.p[0] != '?' ? strchr(m->values, word.p[0]) : NULL;
    if (!at || !*at)
        return false;
    *out = (uint8_t)(at - m->values);
    return true;
}

/* A word metric of v2: *at is its bit in `seen`. */
static bool v2_word_find(prq_str piece, prq_str name, size_t *at)
{
    static const char *const names[] = { "E", "RL", "RC", "CDP", "TD", "CR", "IR", "AR" };
    for (size_t i = 0; i < PRQ_COUNT(v2_words); i++)
        if (prq_str_eq(piece, prq_str_from(v2_words[i]))) {
            for (*at = 0; !prq_str_eq(name, prq_str_from(names[*at])); ++*at)
                ;
            return true;
        }
    return false;
}

static bool read_metrics(prq_str rest, const struct prq_cvss_metric *metrics, bool is_v2,
                         uint8_t value[PRQ_CVSS_METRICS], struct prq_err *err)
{
    uint64_t seen = 0;
    memset(value, PRQ_CVSS_NONE, PRQ_CVSS_METRICS);
    prq_str piece, name, word;
    const char *start = rest.p;
    while (prq_str_split(&rest, '/', &piece)) {
        uint64_t at = (uint64_t)(piece.p - start);
        if (!prq_str_cut(piece, ':', &name, &word))
            return prq_fail_at(err, PRQ_E_FORMAT, at, "CVSS metric without a colon");
        size_t i = metric_find(metrics, name), place = i;
        if (i == PRQ_CVSS_METRICS) {
            if (!is_v2 || !v2_word_find(piece, name, &place))
                return prq_fail_at(err, PRQ_E_FORMAT, at, "unknown CVSS metric");
            place += PRQ_CVSS_METRICS;
        }
        if (seen >> place & 1)
            return prq_fail_at(err, PRQ_E_FORMAT, at, "CVSS metric given twice");
        seen |= (uint64_t)1 << place;
        if (i == PRQ_CVSS_METRICS || (!metrics[i].is_mandatory && prq_str_eq(word, PRQ_S("X"))))
            continue;
        if (!value_find(&metrics[i], word, &value[i]))
            return prq_fail_at(err, PRQ_E_FORMAT, at, "unknown value of a CVSS metric");
    }
    for (size_t i = 0; i < PRQ_CVSS_METRICS && metrics[i].name[0]; i++)
        if (metrics[i].is_mandatory && value[i] == PRQ_CVSS_NONE)
            return prq_fail_at(err, PRQ_E_FORMAT, 0, "CVSS vector without all base metrics");
    return true;
}

static unsigned v2_tenths(const uint8_t *v)
{
    static const double av[] = { 0.395, 0.646, 1.0 }, ac[] = { 0.35, 0.61, 0.71 };
    static const double au[] = { 0.45, 0.56, 0.704 }, cia[] = { 0.0, 0.275, 0.66 };
    double impact = 10.41 * (1 - (1 - cia[v[V2_C]]) * (1 - cia[v[V2_I]]) * (1 - cia[v[V2_A]]));
    if (v[V2_C] + v[V2_I] + v[V2_A] == 0)
        return 0;
    double exploit = 20 * av[v[V2_AV]] * ac[v[V2_AC]] * au[v[V2_AU]];
    double score = (0.6 * impact + 0.4 * exploit - 1.5) * 1.176;
    return (unsigned)(score * 10 + 0.5);
}

/* v3.1, appendix A: integer arithmetic, because 3.0's ceiling of a double differs by machine. */
static unsigned round_up(double x, unsigned minor)
{
    if (minor > 0) {
        unsigned n = (unsigned)(x * 100000 + 0.5);
        return n / 10000 + (n % 10000 != 0);
    }
    unsigned n = (unsigned)(x * 10);
    return n + ((double)n < x * 10);
}

static unsigned v3_tenths(const uint8_t *v, unsigned minor)
{
    static const double av[] = { 0.85, 0.62, 0.55, 0.2 }, ac[] = { 0.77, 0.44 };
    static const double pr[2][3] = { { 0.85, 0.62, 0.27 }, { 0.85, 0.68, 0.5 } };
    static const double ui[] = { 0.85, 0.62 }, cia[] = { 0.0, 0.22, 0.56 };
    bool changed = v[V3_S] == 1;
    double iss = 1 - (1 - cia[v[V3_C]]) * (1 - cia[v[V3_I]]) * (1 - cia[v[V3_A]]);
    double impact = 6.42 * iss;
    if (changed) {
        double power = 1, base = iss - 0.02;
        for (int i = 0; i < 15; i++)
            power *= base;
        impact = 7.52 * (iss - 0.029) - 3.25 * power;
    }
    if (impact <= 0)
        return 0;
    double exploit = 8.22 * av[v[V3_AV]] * ac[v[V3_AC]] * pr[changed][v[V3_PR]] * ui[v[V3_UI]];
    double sum = (changed ? 1.08 : 1.0) * (impact + exploit);
    return round_up(sum < 10 ? sum : 10, minor);
}

bool prq_cvss_score(prq_str vector, struct prq_cvss *out, struct prq_err *err)
{
    static const struct {
        prq_str prefix;
        unsigned major, minor;
        const struct prq_cvss_metric *metrics;
    } kinds[] = {
        { PRQ_SI("CVSS:3.1/"), 3, 1, v3_metrics },
        { PRQ_SI("CVSS:3.0/"), 3, 0, v3_metrics },
        { PRQ_SI("CVSS:4.0/"), 4, 0, prq_cvss4_metrics },
    };
    uint8_t value[PRQ_CVSS_METRICS];
    for (size_t k = 0; k < PRQ_COUNT(kinds); k++) {
        if (!prq_str_starts(vector, kinds[k].prefix))
            continue;
        if (!read_metrics(prq_str_from_at(vector, kinds[k].prefix.n), kinds[k].metrics, false, value,
                          err))
            return false;
        out->major = kinds[k].major;
        out->minor = kinds[k].minor;
        out->tenths = out->major == 4 ? prq_cvss4_tenths(value) : v3_tenths(value, out->minor);
        return true;
    }
    if (prq_str_starts(vector, PRQ_S("CVSS:")))
        return prq_fail_at(err, PRQ_E_UNSUPPORTED, 0, "unknown CVSS version");
    if (vector.n >= 2 && vector.p[0] == '(' && vector.p[vector.n - 1] == ')')
        vector = (prq_str){ vector.p + 1, vector.n - 2 };
    if (!read_metrics(vector, v2_metrics, true, value, err))
        return false;
    *out = (struct prq_cvss){ .major = 2, .tenths = v2_tenths(value) };
    return true;
}

enum prq_severity prq_cvss_severity(const struct prq_cvss *s)
{
    if (s->tenths == 0)
        return s->major == 2 ? PRQ_SEV_LOW : PRQ_SEV_NEGLIGIBLE;
    if (s->tenths < 40)
        return PRQ_SEV_LOW;
    if (s->tenths < 70)
        return PRQ_SEV_MEDIUM;
    return s->tenths < 90 || s->major == 2 ? PRQ_SEV_HIGH : PRQ_SEV_CRITICAL;
}
