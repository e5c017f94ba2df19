/* SPDX-License-Identifier: Apache-2.0 */
/* What the analyzers find in directories, one line of JSON for each:
 *
 *     analyze_probe [--image] [--dev] DIR…
 *     {"id":"npm-lock/x","packages":[{"type":…,"name":…,"version":…,"path":…}],"error":null}
 *
 * The id is the last two components of the directory. Without --image lock files count
 * too; --dev lists what only development needs. */
#include <dirent.h>
#include <sys/stat.h>

#include "capture.h"
#include "format/json.h"
#include "shared.h"

struct probe {
    struct prq_jw *w;
    const struct prq_dispatch *dispatch;
    uint32_t mode;
    bool with_dev;
    prq_str first_error;
    struct prq_arena *arena; /* what lasts for one directory */
};

static void print_packages(struct probe *p, const struct capture *c, prq_str path)
{
    for (size_t i = 0; i < c->package_count; i++) {
        const struct prq_package *k = &c->packages[i];
        if ((k->flags & PRQ_PKG_DEV) && !p->with_dev)
            continue;
        prq_jw_object(p->w);
        prq_jw_kv(p->w, "type", k->type);
        prq_jw_kv(p->w, "name", k->name);
        prq_jw_kv(p->w, "version", k->version);
        prq_jw_kv(p->w, "path", k->evidence_count ? k->evidence[0].path : path);
        prq_jw_kv_u64(p->w, "flags", k->flags);
        prq_jw_opt(p->w, "vcs_url", k->vcs_url);
        prq_jw_opt(p->w, "arch", k->arch);
        prq_jw_key(p->w, "licenses");
        prq_jw_array(p->w);
        for (size_t n = 0; n < k->licenses.n; n++)
            prq_jw_str(p->w, k->licenses.v[n]);
        prq_jw_array_end(p->w);
        prq_jw_key(p->w, "depends");
        prq_jw_array(p->w);
        for (size_t n = 0; n < k->depends.n; n++)
            prq_jw_str(p->w, k->depends.v[n]);
        prq_jw_array_end(p->w);
        prq_jw_object_end(p->w);
    }
}

static void note_error(struct probe *p, prq_str path, const char *text)
{
    if (p->first_error.n == 0)
        p->first_error = prq_arena_printf(p->arena, "%.*s: %s", PRQ_FMT(path), text);
}

static void probe_file(struct probe *p, const char *full, prq_str path)
{
    PRQ_ARENA a = prq_arena_new(PRQ_GIB(1));
    PRQ_ARENA scratch = prq_arena_new(PRQ_MIB(256));
    prq_bytes data = unit_slurp(a, full);
    if (!data.p)
        return;
    struct prq_ctx ctx = unit_ctx(scratch);
    struct prq_file file = { .path = path, .type = PRQ_FILE_REGULAR, .size = data.n };
    struct prq_input in = { .file = &file, .data = data, .mode = p->mode };
    prq_bytes head = { data.p, prq_min_size(data.n, 64) };
    struct prq_err err = PRQ_ERR_INIT;
    struct capture c;
    capture_init(&c, a);
    prq_wanted wanted = prq_dispatch_match(p->dispatch, &file, head, true);
    if (!prq_dispatch_run(p->dispatch, &ctx, wanted, &in, &c.sink, &err))
        note_error(p, path, err.text);
    print_packages(p, &c, path);
    if (c.gap_count)
        note_error(p, path, prq_arena_copy(p->arena, c.gaps[0].reason).p);
}

/* Depth is that of a directory of test data. */
static void probe_dir(struct probe *p, const char *root, const char *rel)
{
    char full[4096];
    snprintf(full, sizeof full, "%s/%s", root, rel);
    struct dirent **names;
    int n = scandir(full, &names, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        const char *name = names[i]->d_name;
        char child[4096], at[8192];
        int got = snprintf(child, sizeof child, "%s%s%s", rel, *rel ? "/" : "", name);
        snprintf(at, sizeof at, "%s/%s", root, child);
        struct stat st;
        if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && got < (int)sizeof child &&
            lstat(at, &st) == 0) {
            if (S_ISDIR(st.st_mode))
                probe_dir(p, root, child);
            else if (S_ISREG(st.st_mode))
                probe_file(p, at, prq_str_from(child));
        }
        free(names[i]);
    }
    if (n >= 0)
        free(names);
}

static bool probe_one(const char *dir, uint32_t mode, bool with_dev)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    PRQ_BUF out;
    prq_buf_init(&out, PRQ_MIB(256));
    struct prq_jw w;
    prq_jw_init(&w, &out, false);
    prq_str path = prq_str_from(dir);
    while (path.n && path.p[path.n - 1] == '/')
        path.n--;
    prq_str parent = prq_path_base(prq_path_dir(path));
    prq_str id = prq_str_from_at(path, (size_t)(parent.p - path.p));
    prq_jw_object(&w);
    prq_jw_kv(&w, "id", id);
    prq_jw_key(&w, "packages");
    prq_jw_array(&w);
    struct probe p = { &w, prq_dispatch_new(mode, a), mode, with_dev, { 0 }, a };
    if (!p.dispatch)
        return false;
    probe_dir(&p, dir, "");
    prq_jw_array_end(&w);
    prq_jw_key(&w, "error");
    if (p.first_error.n)
        prq_jw_str(&w, p.first_error);
    else
        prq_jw_null(&w);
    prq_jw_object_end(&w);
    printf("%.*s\n", PRQ_FMT(prq_buf_view(&out)));
    return !out.bad;
}

int main(int argc, char **argv)
{
    uint32_t mode = PRQ_WANT_SOURCE;
    bool with_dev = false;
    int first = 1;
    for (; first < argc && argv[first][0] == '-'; first++) {
        if (strcmp(argv[first], "--image") == 0)
            mode = PRQ_WANT_IMAGE;
        else if (strcmp(argv[first], "--dev") == 0)
            with_dev = true;
        else
            return 2;
    }
    bool ok = first < argc;
    for (int i = first; i < argc; i++)
        ok = probe_one(argv[i], mode, with_dev) && ok;
    return ok ? 0 : 1;
}
