/* SPDX-License-Identifier: Apache-2.0 */
/* A directory of the host, read as an image of one layer: the walk writes a tar as its reader pulls.
 *
 * Every name is opened below a descriptor of its directory and never through a link, so nothing
 * outside the tree is touched whatever is moved about meanwhile. Directories are read whole and
 * sorted, so the same tree gives the same bytes. What is not wanted is listed without its contents.
 * Source: platform.md 2, security-model.md 2.2. */
#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "image/opening.h"
#include "image/tarwrite.h"

enum { HEAD_BYTES = 64, NAMES_BYTES = 256 << 20, DEPTH = 256 };

/* Stores of version control: copies of what the tree has or had, in formats of their own. The
 * directory is listed, what is in it is not. Documented in pratique-scan(1). */
static const struct {
    prq_str parent, name;
} skipped[] = {
    { PRQ_SI(".git"), PRQ_SI("objects") },  { PRQ_SI(".git"), PRQ_SI("lfs") },
    { PRQ_SI(".git"), PRQ_SI("modules") },  { PRQ_SI(".hg"), PRQ_SI("store") },
    { PRQ_SI(".svn"), PRQ_SI("pristine") }, { PRQ_SI(".bzr"), PRQ_SI("repository") },
    { PRQ_SI("_darcs"), PRQ_SI("pristine.hashed") },
};

/* File systems without files: a running system's root has them mounted. */
static const unsigned long pseudo[] = {
    PROC_SUPER_MAGIC, SYSFS_MAGIC, DEVPTS_SUPER_MAGIC, CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC,
    SECURITYFS_MAGIC, DEBUGFS_MAGIC, TRACEFS_MAGIC, BPF_FS_MAGIC, PSTOREFS_MAGIC, EFIVARFS_MAGIC,
    SELINUX_MAGIC, SMACK_MAGIC, BINFMTFS_MAGIC, HUGETLBFS_MAGIC, NSFS_MAGIC,
    0x19800202 /* mqueue */, 0x62656570 /* configfs */, 0x65735543 /* fusectl */,
};

struct level {
    int fd;
    char *names;     /* NUL after each */
    size_t *starts;
    size_t count, at, path_n; /* path_n: of the path without this level's names */
};

struct tree {
    int rootfd;
    enum prq_source_kind kind;
    const struct prq_limits *limits;
    struct prq_arena *arena; /* the image's: gaps. Used by the one reader of the layer */
    struct prq_tree_filter filter;
    const atomic_bool *cancel;
};

struct tree_stream {
    struct prq_stream base;
    struct tree *t;
    struct prq_image *im;
    struct level levels[DEPTH + 1];
    size_t depth;
    struct prq_buf path;
    struct prq_buf out; /* headers and padding to hand out */
    size_t out_at;
    int fd;             /* the file being sent, or -1 */
    uint64_t at, left;
    bool is_done, was_short;
    struct prq_err why;
    bool is_broken;
};

static prq_str path_of(const struct tree_stream *s)
{
    return prq_buf_view(&s->path);
}

static void gap(struct tree_stream *s, const char *kind, const char *reason)
{
    if (s->im->gap_count < s->t->limits->gaps)
        prq_image_add_gap(s->im, s->t->arena, kind, 0, path_of(s), prq_str_from(reason));
}

static void gap_errno(struct tree_stream *s, const char *what)
{
    char text[160], why[96];
    int e = errno;
    snprintf(text, sizeof text, "%s: %s", what, strerror_r(e, why, sizeof why));
    gap(s, e == EACCES || e == EPERM ? "denied" : "io", text);
}

/* ---- directories */

struct listing {
    struct prq_buf names;
    size_t *starts;
    size_t count, cap;
};

static bool list_add(struct listing *l, const char *name)
{
    if (l->count == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 64, bytes;
        size_t *grown = prq_mul(cap, sizeof *grown, &bytes) ? realloc(l->starts, bytes) : NULL;
        if (!grown)
            return false;
        l->starts = grown;
        l->cap = cap;
    }
    l->starts[l->count] = l->names.n;
    if (!prq_buf_add(&l->names, name, strlen(name) + 1))
        return false;
    l->count++;
    return true;
}

static int by_name(const void *a, const void *b, void *names)
{
    return strcmp((const char *)names + *(const size_t *)a, (const char *)names + *(const size_t *)b);
}

/* All names of a directory, sorted by their bytes. */
static bool list(int fd, struct level *out)
{
    struct listing l = { 0 };
    int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = own < 0 ? NULL : fdopendir(own);
    if (!d) {
        if (own >= 0)
            close(own);
        return false;
    }
    prq_buf_init(&l.names, NAMES_BYTES);
    int why = 0;
    while (why == 0) {
        errno = 0;
        const struct dirent *e = readdir(d);
        if (!e) {
            why = errno;
            break;
        }
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
            !list_add(&l, e->d_name))
            why = ENOMEM;
    }
    closedir(d);
    errno = why;
    if (why) {
        free(l.starts);
        prq_buf_release(&l.names);
        return false;
    }
    if (l.count)
        qsort_r(l.starts, l.count, sizeof *l.starts, by_name, l.names.p);
    *out = (struct level){ .names = (char *)l.names.p, .starts = l.starts, .count = l.count };
    return true;
}

static void leave(struct tree_stream *s)
{
    struct level *l = &s->levels[--s->depth];
    if (l->fd >= 0)
        close(l->fd);
    free(l->names);
    free(l->starts);
    *l = (struct level){ .fd = -1 };
}

static bool is_pseudo(int fd)
{
    struct statfs fs;
    if (fstatfs(fd, &fs) < 0)
        return false;
    for (size_t i = 0; i < PRQ_COUNT(pseudo); i++)
        if ((unsigned long)fs.f_type == pseudo[i])
            return true;
    return false;
}

static bool is_skipped(const struct tree_stream *s)
{
    prq_str name = prq_path_base(path_of(s)), parent = prq_path_base(prq_path_dir(path_of(s)));
    for (size_t i = 0; s->t->kind == PRQ_SOURCE_DIR && i < PRQ_COUNT(skipped); i++)
        if (prq_str_eq(name, skipped[i].name) && prq_str_eq(parent, skipped[i].parent))
            return true;
    return false;
}

/* Go down into the directory that was just listed. Takes fd. */
static void enter(struct tree_stream *s, int fd)
{
    struct level l;
    if (is_skipped(s) || is_pseudo(fd)) {
        close(fd);
        return;
    }
    if (s->depth == PRQ_COUNT(s->levels) || s->depth >= s->t->limits->path_depth) {
        gap(s, "limit", "directories nested too deeply");
        close(fd);
        return;
    }
    if (!list(fd, &l)) {
        gap_errno(s, "read directory");
        close(fd);
        return;
    }
    l.fd = fd;
    l.path_n = s->path.n;
    s->levels[s->depth++] = l;
}

/* ---- members */

static void describe(const struct tree_stream *s, const struct stat *st, struct prq_file *f)
{
    *f = (struct prq_file){ .path = path_of(s),
                            .mode = st->st_mode & 07777,
                            .uid = st->st_uid,
                            .gid = st->st_gid,
                            .mtime_s = st->st_mtim.tv_sec };
    switch (st->st_mode & S_IFMT) {
    case S_IFDIR:
        f->type = PRQ_FILE_DIR;
        break;
    case S_IFLNK:
        f->type = PRQ_FILE_SYMLINK;
        break;
    case S_IFCHR:
        f->type = PRQ_FILE_CHAR;
        break;
    case S_IFBLK:
        f->type = PRQ_FILE_BLOCK;
        break;
    case S_IFIFO:
        f->type = PRQ_FILE_FIFO;
        break;
    default:
        f->type = PRQ_FILE_REGULAR;
        f->size = (uint64_t)st->st_size;
        break;
    }
}

static void put_header(struct tree_stream *s, const struct prq_file *f, const uint64_t *real_size)
{
    if (!prq_tar_header(&s->out, f, real_size)) {
        prq_buf_clear(&s->out);
        gap(s, "limit", "name too long");
    }
}

/* Listed, not sent. */
static void put_bare(struct tree_stream *s, const struct prq_file *f)
{
    struct prq_file bare = *f;
    uint64_t real = f->size;
    bare.size = 0;
    put_header(s, &bare, real ? &real : NULL);
}

enum wish { UNWANTED, WANTED, TOO_LARGE };

static enum wish wish_for(const struct tree_stream *s, const struct prq_file *f, int fd)
{
    uint8_t head[HEAD_BYTES];
    uint64_t max = UINT64_MAX;
    if (!s->t->filter.wants)
        return WANTED;
    ssize_t n = fd < 0 ? 0 : pread(fd, head, sizeof head, 0);
    prq_bytes b = { head, n > 0 ? (size_t)n : 0 };
    if (!s->t->filter.wants(s->t->filter.user, f, b, &max))
        return UNWANTED;
    return f->size <= max ? WANTED : TOO_LARGE;
}

/* A file that cannot be sent, with a gap to say so. Had somebody wanted it, an empty one in its
 * place would be read and found malformed: then it is left out. */
static void put_unread(struct tree_stream *s, const struct prq_file *f)
{
    if (wish_for(s, f, -1) == UNWANTED)
        put_bare(s, f);
}

static void put_regular(struct tree_stream *s, int dirfd, const char *name,
                        const struct stat *before, struct prq_file *f)
{
    struct stat st;
    PRQ_FD int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0) {
        gap_errno(s, "open");
        put_unread(s, f);
        return;
    }
    if (!S_ISREG(st.st_mode) || st.st_ino != before->st_ino || st.st_dev != before->st_dev) {
        gap(s, "io", "changed while the tree was read");
        put_unread(s, f);
        return;
    }
    f->size = (uint64_t)st.st_size;
    enum wish wish = wish_for(s, f, fd);
    if (wish == UNWANTED)
        put_bare(s, f);
    if (wish == TOO_LARGE)
        gap(s, "limit", "larger than what is read of such a file");
    if (wish != WANTED)
        return;
    put_header(s, f, NULL);
    if (s->out.n && f->size) {
        s->at = 0;
        s->left = f->size;
        s->was_short = false;
        s->fd = prq_fd_take(&fd);
    }
}

static void put_link(struct tree_stream *s, int dirfd, const char *name, struct prq_file *f)
{
    char target[4097];
    ssize_t n = readlinkat(dirfd, name, target, sizeof target);
    if (n < 0) {
        gap_errno(s, "read link");
        return;
    }
    f->link = (prq_str){ target, (size_t)n };
    put_header(s, f, NULL);
}

static void put_dir(struct tree_stream *s, int dirfd, const char *name, const struct prq_file *f)
{
    put_header(s, f, NULL);
    int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        gap_errno(s, "open directory");
    else
        enter(s, fd);
}

/* The next name of the deepest directory; its headers end up in s->out. */
static void next_member(struct tree_stream *s)
{
    struct level *l = &s->levels[s->depth - 1];
    if (l->at == l->count) {
        leave(s);
        return;
    }
    const char *name = l->names + l->starts[l->at++];
    struct stat st;
    struct prq_file f;
    s->path.n = l->path_n;
    if (s->path.n)
        prq_buf_byte(&s->path, '/');
    if (!prq_buf_str(&s->path, prq_str_from(name))) {
        prq_buf_clear(&s->path);
        s->path.n = l->path_n;
        gap(s, "limit", "a path in this directory is too long");
        return;
    }
    if (fstatat(l->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
        gap_errno(s, "stat");
        return;
    }
    if (S_ISSOCK(st.st_mode)) /* no tar has them */
        return;
    describe(s, &st, &f);
    if (f.type == PRQ_FILE_REGULAR)
        put_regular(s, l->fd, name, &st, &f);
    else if (f.type == PRQ_FILE_SYMLINK)
        put_link(s, l->fd, name, &f);
    else if (f.type == PRQ_FILE_DIR)
        put_dir(s, l->fd, name, &f);
    else
        put_header(s, &f, NULL);
}

/* ---- the stream */

/* The header promised `left` bytes more: what a shrinking file no longer has is sent as zeros. */
static size_t send_contents(struct tree_stream *s, uint8_t *buf, size_t cap)
{
    size_t want = s->left < cap ? (size_t)s->left : cap;
    ssize_t n = s->was_short ? 0 : pread(s->fd, buf, want, (off_t)s->at);
    if (n < 0 && errno == EINTR)
        n = 0;
    else if (n <= 0 && !s->was_short) {
        if (n < 0)
            gap_errno(s, "read");
        else
            gap(s, "io", "shrank while it was read");
        s->was_short = true;
    }
    if (s->was_short) {
        memset(buf, 0, want);
        n = (ssize_t)want;
    }
    size_t got = n > 0 ? (size_t)n : 0;
    s->at += got;
    s->left -= got;
    if (s->left == 0) {
        static const uint8_t zero[512];
        prq_buf_add(&s->out, zero, prq_tar_pad(s->at));
        close(s->fd);
        s->fd = -1;
    }
    return got;
}

static bool fill(struct tree_stream *s, uint8_t *buf, size_t cap, size_t *got)
{
    *got = 0;
    while (*got < cap) {
        if (s->t->cancel && atomic_load_explicit(s->t->cancel, memory_order_relaxed))
            return prq_fail(&s->why, PRQ_E_CANCELLED, "cancelled");
        if (s->out_at < s->out.n) {
            size_t n = prq_min_size(cap - *got, s->out.n - s->out_at);
            memcpy(buf + *got, s->out.p + s->out_at, n);
            s->out_at += n;
            *got += n;
            continue;
        }
        s->out_at = 0;
        prq_buf_clear(&s->out);
        if (s->fd >= 0) {
            *got += send_contents(s, buf + *got, cap - *got);
        } else if (s->depth) {
            next_member(s);
        } else if (!s->is_done) {
            s->is_done = true;
            if (!prq_tar_end(&s->out))
                return prq_fail(&s->why, PRQ_E_NOMEM, "tree");
        } else {
            break;
        }
    }
    return true;
}

static bool tree_read(struct prq_stream *base, void *buf, size_t cap, size_t *got,
                      struct prq_err *err)
{
    struct tree_stream *s = (struct tree_stream *)base;
    if (!s->is_broken && fill(s, buf, cap, got))
        return true;
    s->is_broken = true;
    if (err)
        *err = s->why;
    return false;
}

static void tree_close(struct prq_stream *base)
{
    struct tree_stream *s = (struct tree_stream *)base;
    while (s->depth)
        leave(s);
    if (s->fd >= 0)
        close(s->fd);
    prq_buf_release(&s->path);
    prq_buf_release(&s->out);
    free(s);
}

static const struct prq_stream_ops stream_ops = { tree_read, tree_close };

static bool open_layer(struct prq_image *im, size_t index, struct prq_blob *out,
                       struct prq_err *err)
{
    struct tree *t = im->state;
    struct tree_stream *s = calloc(1, sizeof *s);
    (void)index;
    if (!s)
        return prq_fail(err, PRQ_E_NOMEM, "tree");
    s->base.ops = &stream_ops;
    s->t = t;
    s->im = im;
    s->fd = -1;
    prq_buf_init(&s->path, t->limits->path_bytes);
    prq_buf_init(&s->out, PRQ_KIB(128));
    int fd = openat(t->rootfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct level l;
    if (fd < 0 || !list(fd, &l)) {
        prq_fail(err, PRQ_E_IO, "read directory");
        if (fd >= 0)
            close(fd);
        tree_close(&s->base);
        return false;
    }
    l.fd = fd;
    s->levels[s->depth++] = l;
    im->gap_count = 0;
    *out = (struct prq_blob){ .fd = -1, .stream = &s->base };
    return true;
}

static void close_tree(struct prq_image *im)
{
    struct tree *t = im->state;
    if (t && t->rootfd >= 0)
        close(t->rootfd);
    if (t)
        t->rootfd = -1;
}

static const struct prq_image_ops tree_ops = { open_layer, close_tree };

bool prq_open_tree(const struct prq_opening *o, enum prq_source_kind kind, struct prq_image *im,
                   struct prq_err *err)
{
    struct tree *t = prq_new(o->arena, struct tree);
    prq_str z = prq_arena_copy(o->ctx->scratch, o->what);
    if (!t || !z.p)
        return prq_fail(err, PRQ_E_NOMEM, "tree");
    if (memchr(z.p, '\0', z.n))
        return prq_fail(err, PRQ_E_USAGE, "a path with a NUL inside");
    *t = (struct tree){ .kind = kind, .limits = o->ctx->limits, .arena = o->arena };
    t->cancel = o->opts->cancel ? o->opts->cancel : o->ctx->cancel;
    if (o->opts->filter)
        t->filter = *o->opts->filter;
    t->rootfd = open(z.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    im->state = t;
    im->ops = &tree_ops;
    im->kind = kind;
    if (t->rootfd < 0)
        return prq_fail(err, PRQ_E_IO, "open directory %s", z.p);
    im->layers = prq_new(o->arena, struct prq_image_layer);
    im->layer_count = 1;
    return im->layers || prq_fail(err, PRQ_E_NOMEM, "tree");
}
