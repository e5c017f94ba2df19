/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/assemblies.h"

#define KIND PRQ_S("dotnet-deps")

/* Of one image: names of files, and bytes of paths made of them. */
enum { NAMES_MAX = 300000, PLACES = 3 };
static const size_t path_bytes_max = PRQ_MIB(64);

/* ---- where a file may be */

/* "lib/net8.0/de/X.dll" of app/x.deps.json: published programs have it as app/X.dll, translations as
 * app/de/X.dll, files of other systems under the whole name. */
static prq_str place_of(prq_str dir, prq_str asset, int i, struct prq_arena *a)
{
    prq_str name = prq_path_base(asset), above = prq_path_base(prq_path_dir(asset));
    const char *slash = dir.n ? "/" : "";
    if (i == 0)
        return prq_arena_printf(a, "%.*s%s%.*s", PRQ_FMT(dir), slash, PRQ_FMT(name));
    if (i == 1)
        return prq_arena_printf(a, "%.*s%s%.*s", PRQ_FMT(dir), slash, PRQ_FMT(asset));
    return prq_arena_printf(a, "%.*s%s%.*s%s%.*s", PRQ_FMT(dir), slash, PRQ_FMT(above),
                            above.n ? "/" : "", PRQ_FMT(name));
}

bool prq_assemblies_paths(const struct prq_layer_facts *layers, size_t n,
                          bool (*want)(void *user, prq_str path), void *user, struct prq_arena *tmp,
                          struct prq_assemblies *out)
{
    size_t names = 0, bytes = 0;
    *out = (struct prq_assemblies){ .was_cut = false };
    prq_map_init(&out->listed, tmp);
    prq_map_init(&out->missing, tmp);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < layers[i].facts.note_count; k++) {
            const struct prq_note *note = &layers[i].facts.notes[k];
            prq_str dir = prq_path_dir(note->path), asset;
            if (!prq_str_eq(note->kind, KIND))
                continue;
            for (size_t p = 0; p < note->n; p++) {
                prq_str rest = note->pairs[p].value;
                while (prq_str_split(&rest, '\n', &asset)) {
                    bytes += PLACES * (dir.n + asset.n);
                    if (++names > NAMES_MAX || bytes > path_bytes_max) {
                        out->was_cut = true;
                        return true;
                    }
                    for (int at = 0; at < PLACES; at++) {
                        prq_str path = place_of(dir, asset, at, tmp);
                        if (!path.p || !want(user, path))
                            return false;
                    }
                }
            }
        }
    return true;
}

/* ---- judging */

struct judge {
    bool (*is_there)(const void *user, prq_str path);
    const void *user;
    struct prq_arena *tmp;
    struct prq_assemblies *out;
};

/* Notes what is there of a package's files. */
static bool find_files(struct judge *j, prq_str dir, prq_str assets, bool *any)
{
    prq_str asset;
    *any = false;
    while (prq_str_split(&assets, '\n', &asset))
        for (int at = 0; at < PLACES; at++) {
            struct prq_mark mark = prq_arena_mark(j->tmp);
            prq_str path = place_of(dir, asset, at, j->tmp);
            if (!path.p)
                return false;
            if (!j->is_there(j->user, path)) {
                prq_arena_rewind(j->tmp, mark);
                continue;
            }
            *any = true;
            if (!prq_map_put(&j->out->listed, path, 0, NULL))
                return false;
            break;
        }
    return true;
}

/* Tools that put assemblies into one another: what they took in is no file any more. */
static bool is_merger(prq_str key)
{
    static const prq_str tools[] = { PRQ_SI("ilmerge"), PRQ_SI("ilrepack"), PRQ_SI("costura.fody"),
                                     PRQ_SI("ilmergeforunity"), PRQ_SI("dotnetreactor") };
    prq_str name = prq_str_head(key, prq_str_find(key, '/'));
    for (size_t i = 0; i < PRQ_COUNT(tools); i++)
        if (prq_str_ieq(prq_str_head(name, tools[i].n), tools[i]))
            return true;
    return false;
}

static bool is_project(prq_str key)
{
    return prq_str_starts(key, PRQ_S("project:"));
}

static bool judge_note(struct judge *j, const struct prq_note *note)
{
    bool *there = prq_new_n(j->tmp, bool, note->n + 1), is_deployed = false, is_merged = false;
    if (!there)
        return false;
    for (size_t i = 0; i < note->n; i++) {
        prq_str key = note->pairs[i].key;
        if (!find_files(j, prq_path_dir(note->path), note->pairs[i].value, &there[i]))
            return false;
        is_deployed |= there[i] && !is_project(key);
        is_merged |= is_merger(key);
    }
    for (size_t i = 0; i < note->n && is_deployed && !is_merged; i++) {
        if (there[i] || is_project(note->pairs[i].key))
            continue;
        prq_str key = prq_arena_printf(j->tmp, "%.*s\n%.*s", PRQ_FMT(note->path),
                                       PRQ_FMT(note->pairs[i].key));
        if (!key.p || !prq_map_put(&j->out->missing, key, 0, NULL))
            return false;
    }
    return true;
}

bool prq_assemblies_judge(const struct prq_note *notes, size_t n,
                          bool (*is_there)(const void *user, prq_str path), const void *user,
                          struct prq_arena *tmp, struct prq_assemblies *out)
{
    struct judge j = { is_there, user, tmp, out };
    for (size_t i = 0; i < n && !out->was_cut; i++)
        if (prq_str_eq(notes[i].kind, KIND) && !judge_note(&j, &notes[i]))
            return false;
    return true;
}

bool prq_assembly_is_evidence(const struct prq_package *p, prq_str path)
{
    return prq_str_eq(p->type, PRQ_S("nuget")) && prq_str_eq(p->found_by, PRQ_S("dotnet")) &&
           !prq_str_ends(path, PRQ_S(".deps.json"));
}

bool prq_assemblies_prove(const struct prq_assemblies *as, const struct prq_package *p,
                          struct prq_arena *tmp, bool *holds)
{
    prq_str path = p->evidence[0].path;
    *holds = true;
    if (prq_assembly_is_evidence(p, path)) {
        *holds = !prq_map_find(&as->listed, path);
        return true;
    }
    if (as->missing.n == 0 || !prq_str_eq(p->type, PRQ_S("nuget")))
        return true;
    struct prq_mark mark = prq_arena_mark(tmp);
    prq_str key = prq_arena_printf(tmp, "%.*s\n%.*s/%.*s", PRQ_FMT(path), PRQ_FMT(p->name),
                                   PRQ_FMT(p->version));
    *holds = key.p && !prq_map_find(&as->missing, key);
    bool ok = key.p != NULL;
    prq_arena_rewind(tmp, mark);
    return ok;
}
