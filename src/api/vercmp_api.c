/* SPDX-License-Identifier: Apache-2.0 */
#include "pratique/vercmp.h"

#include "version/version.h"

char prq_vercmp(prq_str scheme, prq_str a, prq_str b)
{
    const struct prq_scheme *s = prq_scheme_find(scheme);
    if (!s)
        return 0;
    if (!s->is_total && (!s->is_valid(a) || !s->is_valid(b)))
        return '?';
    int c = s->compare(a, b);
    return c < 0 ? '<' : c > 0 ? '>' : '=';
}

const struct prq_scheme_info *prq_vercmp_schemes(void)
{
    enum { TABLE = 65 };
    static struct prq_scheme_info table[TABLE];
    const struct prq_scheme *const *all = prq_schemes();
    for (size_t i = 0; i < TABLE - 1 && all[i]; i++)
        table[i] = (struct prq_scheme_info){ all[i]->name, all[i]->summary };
    return table;
}
