/* SPDX-License-Identifier: Apache-2.0 */
#include "report/tabletext.h"

const char *prq_severity_color(enum prq_severity s)
{
    switch (s) {
    case PRQ_SEV_CRITICAL:
        return "\033[1;31m";
    case PRQ_SEV_HIGH:
        return "\033[31m";
    case PRQ_SEV_MEDIUM:
        return "\033[33m";
    case PRQ_SEV_LOW:
        return "\033[36m";
    default:
        return "\033[2m";
    }
}

prq_str prq_fix_text(const struct prq_finding *f, struct prq_arena *a)
{
    if (f->state == PRQ_FIX_FIXED && f->fixed_in.n)
        return f->fixed_in.n == 1 ? f->fixed_in.v[0]
                                  : prq_arena_printf(a, "%.*s (+%zu)", PRQ_FMT(f->fixed_in.v[0]),
                                                     f->fixed_in.n - 1);
    return prq_str_from(prq_fix_state_word(f->state));
}

prq_str prq_one_line(prq_str s, struct prq_arena *a)
{
    char *out = prq_arena_alloc(a, s.n + 1);
    size_t n = 0;
    s = prq_str_trim(s);
    for (size_t i = 0; out && i < s.n; i++) {
        bool is_blank = s.p[i] == ' ' || s.p[i] == '\n' || s.p[i] == '\r' || s.p[i] == '\t';
        if (!is_blank)
            out[n++] = s.p[i];
        else if (n && out[n - 1] != ' ')
            out[n++] = ' ';
    }
    return (prq_str){ out, n };
}

prq_str prq_shown_instruction(prq_str s)
{
    static const prq_str shells[] = { PRQ_SI("/bin/sh -c #(nop) "), PRQ_SI("/bin/sh -c "),
                                      PRQ_SI("RUN /bin/sh -c ") };
    s = prq_str_trim(s);
    for (size_t i = 0; i < PRQ_COUNT(shells); i++)
        if (prq_str_starts(s, shells[i]))
            return prq_str_trim(prq_str_from_at(s, shells[i].n));
    return s;
}

prq_str prq_size_text(uint64_t bytes, struct prq_arena *a)
{
    static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
    uint64_t unit = 1;
    size_t u = 0;
    while (u + 1 < PRQ_COUNT(units) && bytes / unit >= 1000) {
        unit *= 1000;
        u++;
    }
    if (u == 0)
        return prq_arena_printf(a, "%llu B", (unsigned long long)bytes);
    uint64_t tenths = bytes / (unit / 10); /* no floating point: the same everywhere */
    return prq_arena_printf(a, "%llu.%llu %s", (unsigned long long)(tenths / 10),
                            (unsigned long long)(tenths % 10), units[u]);
}

prq_str prq_distro_text(const struct prq_distro *d, struct prq_arena *a)
{
    return d->pretty_name.n ? d->pretty_name
                            : prq_arena_printf(a, "%.*s %.*s", PRQ_FMT(d->id), PRQ_FMT(d->version_id));
}
