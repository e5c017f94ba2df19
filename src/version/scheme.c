/* SPDX-License-Identifier: Apache-2.0 */
#include "version/version.h"

#define SCHEME(name) extern const struct prq_scheme prq_scheme_##name;
#include "version/schemes.h"
#undef SCHEME

/* As meson.build lists them: alphabetical. */
static const struct prq_scheme *const table[] = {
#define SCHEME(name) &prq_scheme_##name,
#include "version/schemes.h"
#undef SCHEME
    NULL,
};

const struct prq_scheme *const *prq_schemes(void)
{
    return table;
}

static bool in_list(const char *const *list, prq_str word)
{
    for (; list && *list; list++)
        if (prq_str_eq(word, prq_str_from(*list)))
            return true;
    return false;
}

const struct prq_scheme *prq_scheme_find(prq_str name)
{
    for (size_t i = 0; table[i]; i++)
        if (prq_str_eq(name, prq_str_from(table[i]->name)) || in_list(table[i]->aliases, name))
            return table[i];
    return NULL;
}

const struct prq_scheme *prq_scheme_of_type(prq_str purl_type)
{
    for (size_t i = 0; table[i]; i++)
        if (in_list(table[i]->purl_types, purl_type))
            return table[i];
    return NULL;
}

/* The part after the first ':' (a release, a repository) does not choose the comparator. */
const struct prq_scheme *prq_scheme_of_space(prq_str space)
{
    prq_str name = prq_str_head(space, prq_str_find(space, ':'));
    for (size_t i = 0; table[i]; i++)
        if (in_list(table[i]->spaces, name))
            return table[i];
    return NULL;
}
