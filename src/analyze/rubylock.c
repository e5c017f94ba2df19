/* SPDX-License-Identifier: Apache-2.0 */
/* What a Ruby project asks for: Bundler's lock files, and the specification of the project itself.
 * Source: Bundler's lockfile_parser.rb; catalog.md 4.6:
 *
 *     GIT | PATH | GEM | PLUGIN SOURCE
 *       remote: URL
 *       revision: COMMIT
 *       specs:
 *         name (version[-platform])
 *           dependency (constraint)
 *     CHECKSUMS
 *       name (version[-platform]) sha256=HEX[,…] */
#include "analyze/gemspec.h"
#include "analyze/lockgraph.h"
#include "analyze/loss.h"
#include "base/map.h"
#include "format/tarfile.h"
#include "lib/lib.h"

#define LOCK_BYTES PRQ_MIB(64)

static const struct prq_want wants[] = {
    { .basename = PRQ_SI("Gemfile.lock"), .max_bytes = LOCK_BYTES, .modes = PRQ_WANT_SOURCE },
    { .basename = PRQ_SI("Gemfile.next.lock"), .max_bytes = LOCK_BYTES, .modes = PRQ_WANT_SOURCE },
    { .basename = PRQ_SI("gems.locked"), .max_bytes = LOCK_BYTES, .modes = PRQ_WANT_SOURCE },
    { .suffix = PRQ_SI(".gem"), .max_bytes = PRQ_MIB(512), .modes = PRQ_WANT_SOURCE },
    { .basename = PRQ_SI("metadata.gz"), .max_bytes = PRQ_MIB(16), .modes = PRQ_WANT_SOURCE },
    { .suffix = PRQ_SI(".gemspec"), .max_bytes = PRQ_MIB(4), .modes = PRQ_WANT_SOURCE },
    { .max_bytes = 0 },
};

enum section { NO_SECTION, OTHER, GIT, PATH, GEM, CHECKSUMS };

struct gem {
    prq_str full; /* "1.2.3-java" */
    struct prq_package package;
    size_t depend_cap;
};

struct lock {
    struct prq_arena *arena;
    enum section section;
    bool in_specs;
    prq_str remote, revision;
    size_t remotes; /* of this section */
    struct gem *gems;
    size_t count, cap;
    struct prq_map places; /* "name (full)" to a gem */
    struct prq_loss loss;
};

static bool full(struct prq_err *err)
{
    return prq_fail(err, PRQ_E_LIMIT, "too many gems");
}

/* "name (rest)" or "name (rest)!"; false when it is not like that. */
static bool split_entry(prq_str line, prq_str *name, prq_str *inside)
{
    prq_str after;
    if (!prq_str_cut(line, '(', name, &after))
        return false;
    size_t end = prq_str_find(after, ')');
    *name = prq_str_trim(*name);
    *inside = prq_str_head(after, end);
    return end < after.n && name->n && inside->n;
}

static enum section section_of(prq_str line)
{
    static const struct {
        prq_str name;
        enum section section;
    } all[] = {
        { PRQ_SI("GIT"), GIT }, { PRQ_SI("PATH"), PATH }, { PRQ_SI("GEM"), GEM },
        { PRQ_SI("CHECKSUMS"), CHECKSUMS }, { PRQ_SI("PLUGIN SOURCE"), OTHER },
        { PRQ_SI("PLATFORMS"), OTHER }, { PRQ_SI("DEPENDENCIES"), OTHER },
        { PRQ_SI("RUBY VERSION"), OTHER }, { PRQ_SI("BUNDLED WITH"), OTHER },
    };
    for (size_t i = 0; i < PRQ_COUNT(all); i++)
        if (prq_str_eq(line, all[i].name))
            return all[i].section;
    /* Bundler passes over sections that it does not know, as long as they look like one. */
    for (size_t i = 0; i < line.n; i++)
        if (!prq_is_upper(line.p[i]) && line.p[i] != ' ')
            return NO_SECTION;
    return OTHER;
}

/* ---- entries */

static void read_option(struct lock *l, prq_str line)
{
    prq_str key, value;
    if (!prq_str_cut(line, ':', &key, &value))
        return;
    value = prq_str_trim(value);
    if (prq_str_eq(key, PRQ_S("specs"))) {
        l->in_specs = true;
    } else if (prq_str_eq(key, PRQ_S("remote"))) {
        l->remote = value;
        l->remotes++;
    } else if (prq_str_eq(key, PRQ_S("revision"))) {
        l->revision = value;
    }
}

static bool is_public(prq_str remote)
{
    while (remote.n && remote.p[remote.n - 1] == '/')
        remote.n--;
    return prq_str_ends(remote, PRQ_S("://rubygems.org"));
}

static bool place(const struct lock *l, struct prq_package *p, prq_str platform)
{
    prq_str repository = { 0 };
    if (l->section == GEM && l->remotes == 1 && !is_public(l->remote))
        repository = l->remote;
    if (prq_str_eq(platform, PRQ_S("ruby")))
        platform.n = 0;
    if (l->section == GIT && l->remote.n) {
        p->vcs_url = prq_arena_printf(l->arena, "git+%.*s%s%.*s", PRQ_FMT(l->remote),
                                      l->revision.n ? "@" : "", PRQ_FMT(l->revision));
        if (!p->vcs_url.p)
            return false;
    }
    return prq_gem_qualify(p, platform, repository, l->arena);
}

static bool add_gem(struct lock *l, prq_str line, struct prq_err *err)
{
    prq_str name, inside, version, platform;
    if (!split_entry(line, &name, &inside)) {
        prq_loss_add(&l->loss, 0, "gem without a version");
        return true;
    }
    if (l->count == l->cap &&
        !prq_arena_grow(l->arena, &l->gems, sizeof *l->gems, &l->cap, l->count + 1))
        return full(err);
    prq_gem_split(inside, &version, &platform);
    struct gem *g = &l->gems[l->count];
    *g = (struct gem){
        .full = inside,
        .package = {
            .type = PRQ_S("gem"),
            .name = name,
            .version = version,
            .flags = PRQ_PKG_DECLARED | (l->section == PATH ? PRQ_PKG_APPLICATION : 0),
        },
    };
    bool added;
    prq_str key = prq_arena_printf(l->arena, "%.*s (%.*s)", PRQ_FMT(name), PRQ_FMT(inside));
    if (!key.p || !prq_map_put(&l->places, key, l->count, &added) ||
        !place(l, &g->package, platform))
        return full(err);
    l->count++;
    return true;
}

static bool add_depend(struct lock *l, prq_str line, struct prq_err *err)
{
    prq_str name = prq_str_trim(prq_str_head(line, prq_str_find(line, '(')));
    struct gem *g = l->count ? &l->gems[l->count - 1] : NULL;
    if (name.n && name.p[name.n - 1] == '!')
        name.n--;
    return !g || prq_strs_add(&g->package.depends, &g->depend_cap, name, l->arena) || full(err);
}

static bool read_checksum(struct lock *l, prq_str line, struct prq_err *err)
{
    prq_str name, inside, sum;
    size_t end = prq_str_find(line, ')');
    if (end == line.n || !split_entry(line, &name, &inside))
        return true;
    const size_t *at = prq_map_find(&l->places, prq_str_head(line, end + 1));
    sum = prq_str_trim(prq_str_from_at(line, end + 1));
    sum = prq_str_head(sum, prq_str_find(sum, ','));
    if (!at || !prq_str_starts(sum, PRQ_S("sha256=")))
        return true;
    struct prq_strs *digests = &l->gems[*at].package.digests;
    *digests = (struct prq_strs){ prq_new(l->arena, prq_str), 1 };
    if (!digests->v)
        return full(err);
    digests->v[0] = prq_arena_printf(l->arena, "sha256:%.*s", PRQ_FMT(prq_str_from_at(sum, 7)));
    return digests->v[0].p || full(err);
}

static bool read_line(struct lock *l, prq_str line, size_t indent, struct prq_err *err)
{
    bool is_source = l->section == GIT || l->section == PATH || l->section == GEM;
    if (l->section == CHECKSUMS && indent == 2)
        return read_checksum(l, line, err);
    if (!is_source || indent < 2)
        return true;
    if (indent == 2) {
        read_option(l, line);
        return true;
    }
    if (!l->in_specs)
        return true;
    return indent == 4 ? add_gem(l, line, err) : indent == 6 ? add_depend(l, line, err) : true;
}

static bool run_lock(struct prq_ctx *ctx, prq_str text, struct prq_sink *sink, struct prq_err *err)
{
    struct lock l = { .arena = ctx->scratch };
    const char *start = text.p;
    prq_str line;
    prq_map_init(&l.places, ctx->scratch);
    if (prq_str_starts(text, PRQ_S("\xef\xbb\xbf")))
        text = prq_str_from_at(text, 3);
    while (prq_str_line(&text, &line)) {
        size_t indent = 0, at = (size_t)(line.p - start);
        while (indent < line.n && line.p[indent] == ' ')
            indent++;
        prq_str bare = prq_str_trim(line);
        uint64_t losses = l.loss.count;
        if (bare.n == 0)
            continue;
        if (indent == 0) {
            l.section = section_of(bare);
            l.in_specs = false;
            l.remote = l.revision = (prq_str){ 0 };
            l.remotes = 0;
            if (l.section == NO_SECTION)
                prq_loss_add(&l.loss, at, "not a lock file's line");
        } else if (!read_line(&l, bare, indent, err)) {
            return false;
        }
        if (losses == 0 && l.loss.count)
            l.loss.first = at;
    }
    for (size_t i = 0; i < l.count; i++)
        if (!prq_sink_package(sink, &l.gems[i].package))
            return prq_sink_full(err);
    return prq_loss_report(&l.loss, sink) || prq_sink_full(err);
}

/* ---- the project's own specification */

static bool put_gemspec(struct prq_ctx *ctx, prq_str text, uint32_t flags, struct prq_sink *sink,
                        struct prq_err *err)
{
    struct prq_gemspec g;
    bool ok = prq_gemspec_read(text, (prq_str){ 0 }, ctx->scratch, &g, err);
    if (g.name.n == 0 || g.version.n == 0 || g.is_guessed)
        return ok;
    struct prq_package p = {
        .type = PRQ_S("gem"),
        .name = g.name,
        .version = g.version,
        .licenses = g.licenses,
        .depends = g.depends,
        .flags = flags,
    };
    if (!prq_gem_qualify(&p, g.platform, (prq_str){ 0 }, ctx->scratch))
        return full(err);
    return prq_sink_package(sink, &p) ? ok : prq_sink_full(ok ? err : NULL);
}

static bool run_gemspec(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                        struct prq_err *err)
{
    return put_gemspec(ctx, prq_str_of(in->data), PRQ_PKG_DECLARED | PRQ_PKG_APPLICATION, sink, err);
}

/* ---- a gem as a file: a tar of metadata.gz, data.tar.gz and checksums.yaml.gz. Source: RubyGems,
 * Gem::Package. */

/* Other programs have files called metadata.gz too. */
static bool put_metadata(struct prq_ctx *ctx, prq_bytes zipped, bool is_gem, struct prq_sink *sink,
                         struct prq_err *err)
{
    PRQ_BUF text;
    prq_buf_init(&text, PRQ_MIB(16));
    if (!prq_gunzip_all(zipped, &text, is_gem ? err : NULL))
        return !is_gem;
    if (!prq_gemspec_is_yaml(prq_buf_view(&text)))
        return !is_gem || prq_fail(err, PRQ_E_FORMAT, "metadata.gz is no specification of a gem");
    return put_gemspec(ctx, prq_buf_view(&text), PRQ_PKG_DECLARED, sink, err);
}

static bool run_gem(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                    struct prq_err *err)
{
    PRQ_BUF zipped;
    prq_buf_init(&zipped, PRQ_MIB(16));
    return prq_tarfile_read(in->data, PRQ_S("metadata.gz"), ctx->limits, &zipped, err) &&
           put_metadata(ctx, prq_buf_bytes(&zipped), true, sink, err);
}

/* A gem that is installed is told by its specification elsewhere; what it ships of its own
 * development is nobody's wish: …/gems/NAME-VERSION/… */
static bool is_shipped(prq_str path)
{
    prq_str part, last = { 0 };
    while (prq_str_split(&path, '/', &part)) {
        prq_str name, version;
        if (prq_str_eq(last, PRQ_S("gems")) && path.p && prq_str_rcut(part, '-', &name, &version))
            return true;
        last = part;
    }
    return false;
}

static bool run(struct prq_ctx *ctx, const struct prq_input *in, struct prq_sink *sink,
                struct prq_err *err)
{
    prq_str path = in->file->path;
    if (is_shipped(path) || prq_gem_is_installed(path))
        return true;
    if (prq_str_ends(path, PRQ_S(".gem")))
        return run_gem(ctx, in, sink, err);
    if (prq_str_ends(path, PRQ_S("metadata.gz")))
        return put_metadata(ctx, in->data, false, sink, err);
    return prq_str_ends(path, PRQ_S(".gemspec")) ? run_gemspec(ctx, in, sink, err)
                                                 : run_lock(ctx, prq_str_of(in->data), sink, err);
}

const struct prq_analyzer prq_analyzer_rubylock = {
    .name = "rubylock",
    .purl_type = "gem",
    .summary = "gems asked for: Gemfile.lock, gems.locked, .gemspec, .gem",
    .revision = 2,
    .wants = wants,
    .run = run,
};
