/* SPDX-License-Identifier: Apache-2.0 */
#include "model/imagename.h"

bool prq_image_name_split(prq_str text, prq_str *repository, prq_str *tag)
{
    static const prq_str prefix = PRQ_SI("registry:");
    prq_str before, after;
    if (prq_str_starts(text, prefix))
        text = prq_str_from_at(text, prefix.n);
    if (prq_str_cut(text, '@', &before, &after))
        text = before;
    *tag = (prq_str){ 0 };
    if (prq_str_rcut(text, ':', &before, &after) && prq_str_find(after, '/') == after.n) {
        *tag = after;
        text = before;
    }
    for (size_t i = 0; i < text.n; i++)
        if (!prq_is_alnum(text.p[i]) && !strchr("._-/:", text.p[i]))
            return false;
    size_t slash = prq_str_find(text, '/'), colon = prq_str_find(text, ':');
    *repository = text;
    /* A host has a dot, a port, or is localhost; a path begins with a slash or a dot. */
    return text.n && prq_is_alnum(text.p[0]) && (colon == text.n || colon < slash) &&
           text.p[text.n - 1] != '/';
}

static bool is_host(prq_str first)
{
    return prq_str_find(first, '.') < first.n || prq_str_find(first, ':') < first.n ||
           prq_str_eq(first, PRQ_S("localhost"));
}

prq_str prq_image_repository(prq_str repository, struct prq_arena *a)
{
    static const prq_str hub[] = { PRQ_SI("docker.io"), PRQ_SI("index.docker.io"),
                                   PRQ_SI("registry-1.docker.io"),
                                   PRQ_SI("registry.hub.docker.com") };
    prq_str first = prq_str_head(repository, prq_str_find(repository, '/'));
    bool has_host = is_host(first) && first.n < repository.n, is_hub = !has_host;
    for (size_t i = 0; has_host && i < PRQ_COUNT(hub); i++)
        is_hub = is_hub || prq_str_ieq(first, hub[i]);
    if (!is_hub)
        return repository;
    prq_str path = has_host ? prq_str_from_at(repository, first.n + 1) : repository;
    bool is_official = prq_str_find(path, '/') == path.n;
    return prq_arena_printf(a, "docker.io/%s%.*s", is_official ? "library/" : "", PRQ_FMT(path));
}
