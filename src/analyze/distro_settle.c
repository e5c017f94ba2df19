/* SPDX-License-Identifier: Apache-2.0 */
/* From the notes of the merged image to one distribution. os-release says most; what it leaves
 * open the older files fill in, the specific ones before the generic ones (every clone of Red Hat
 * carries a redhat-release, every Ubuntu a Debian-like debian_version). Source: catalog.md 2. */
#include "analyze/analyze.h"

/* What is known of an ID. An unknown one is kept as it is written. */
static const struct known {
    prq_str id;
    prq_str aliases[3]; /* of ID, of vendors in CPE names */
    prq_str name;       /* how NAME and the release files begin, lower case; empty: not used */
    bool is_comprehensive; /* its feed lists unfixed issues too (catalog.md 7) */
} known_ids[] = {
    { .id = PRQ_SI("debian"), .name = PRQ_SI("debian"), .is_comprehensive = true },
    { .id = PRQ_SI("raspbian"), .name = PRQ_SI("raspbian") },
    { .id = PRQ_SI("ubuntu"), .name = PRQ_SI("ubuntu"), .is_comprehensive = true },
    { .id = PRQ_SI("alpine"), .name = PRQ_SI("alpine") },
    { .id = PRQ_SI("postmarketos"), .name = PRQ_SI("postmarketos") },
    { .id = PRQ_SI("wolfi"), .name = PRQ_SI("wolfi") },
    { .id = PRQ_SI("chainguard"), .name = PRQ_SI("chainguard") },
    { .id = PRQ_SI("minimos") },
    { .id = PRQ_SI("secureos") },
    { .id = PRQ_SI("echo") },
    { .id = PRQ_SI("rhel"), .aliases = { PRQ_SI("redhat") }, .name = PRQ_SI("red hat enterprise linux"),
      .is_comprehensive = true },
    { .id = PRQ_SI("centos"), .name = PRQ_SI("centos") },
    { .id = PRQ_SI("rocky"), .aliases = { PRQ_SI("rockylinux") }, .name = PRQ_SI("rocky") },
    { .id = PRQ_SI("almalinux"), .aliases = { PRQ_SI("alma") }, .name = PRQ_SI("alma") },
    { .id = PRQ_SI("scientific"), .aliases = { PRQ_SI("sl") }, .name = PRQ_SI("scientific linux") },
    { .id = PRQ_SI("fedora"), .aliases = { PRQ_SI("fedoraproject") }, .name = PRQ_SI("fedora") },
    { .id = PRQ_SI("ol"), .aliases = { PRQ_SI("oracle"), PRQ_SI("oraclelinux") },
      .name = PRQ_SI("oracle") },
    { .id = PRQ_SI("amzn"), .aliases = { PRQ_SI("amazon"), PRQ_SI("amazonlinux") },
      .name = PRQ_SI("amazon linux") },
    { .id = PRQ_SI("photon"), .name = PRQ_SI("vmware photon") },
    { .id = PRQ_SI("mariner"), .name = PRQ_SI("common base linux mariner"), .is_comprehensive = true },
    { .id = PRQ_SI("azurelinux"), .name = PRQ_SI("microsoft azure linux"), .is_comprehensive = true },
    { .id = PRQ_SI("sles"), .name = PRQ_SI("sles") },
    { .id = PRQ_SI("sle-micro") },
    { .id = PRQ_SI("sl-micro") },
    { .id = PRQ_SI("sle-micro-rancher") },
    { .id = PRQ_SI("opensuse-leap"), .name = PRQ_SI("opensuse leap") },
    { .id = PRQ_SI("opensuse-tumbleweed"), .name = PRQ_SI("opensuse tumbleweed") },
    { .id = PRQ_SI("opensuse") },
    { .id = PRQ_SI("openEuler"), .name = PRQ_SI("openeuler") },
    { .id = PRQ_SI("arch"), .name = PRQ_SI("arch linux"), .is_comprehensive = true },
    { .id = PRQ_SI("gentoo"), .name = PRQ_SI("gentoo") },
    { .id = PRQ_SI("bottlerocket"), .name = PRQ_SI("bottlerocket") },
    { .id = PRQ_SI("busybox") },
    { .id = PRQ_SI("hummingbird") },
    { .id = PRQ_SI("coreos") },
    { .id = PRQ_SI("activestate") },
    { .id = PRQ_SI("mageia"), .name = PRQ_SI("mageia") },
    { .id = PRQ_SI("openwrt"), .name = PRQ_SI("openwrt") },
};

static const struct known *known_of_id(prq_str id)
{
    for (size_t i = 0; i < PRQ_COUNT(known_ids); i++) {
        const struct known *k = &known_ids[i];
        if (prq_str_ieq(id, k->id))
            return k;
        for (size_t j = 0; j < PRQ_COUNT(k->aliases) && k->aliases[j].n; j++)
            if (prq_str_ieq(id, k->aliases[j]))
                return k;
    }
    return NULL;
}

static const struct known *known_of_name(prq_str name)
{
    for (size_t i = 0; i < PRQ_COUNT(known_ids); i++) {
        const struct known *k = &known_ids[i];
        if (k->name.n && prq_str_ieq(prq_str_head(name, k->name.n), k->name))
            return k;
    }
    return NULL;
}

static prq_str settled_id(prq_str id)
{
    const struct known *k = known_of_id(id);
    return k ? k->id : id;
}

static bool is(prq_str s, const char *text)
{
    return prq_str_eq(s, prq_str_from(text));
}

static prq_str value_of(const struct prq_note *note, const char *key)
{
    for (size_t i = 0; i < note->n; i++)
        if (is(note->pairs[i].key, key))
            return note->pairs[i].value;
    return (prq_str){ 0 };
}

static prq_str digits_and_dots(prq_str s)
{
    size_t n = 0;
    while (n < s.n && (prq_is_digit(s.p[n]) || s.p[n] == '.'))
        n++;
    while (n && s.p[n - 1] == '.')
        n--;
    return prq_str_head(s, n);
}

static prq_str in_parentheses(prq_str s)
{
    prq_str before, inside, after;
    if (!prq_str_cut(s, '(', &before, &inside) || !prq_str_cut(inside, ')', &inside, &after))
        return (prq_str){ 0 };
    return prq_str_trim(inside);
}

/* What one file says. */
struct said {
    prq_str id, version_id, codename, name, like;
};

/* "CentOS Linux release 7.9.2009 (Core)", "Amazon Linux 2": the name up to " release " or the
 * first digit, then the version. */
static struct said said_by_line(prq_str line)
{
    struct said s = { .codename = in_parentheses(line) };
    const prq_str word = PRQ_S(" release ");
    size_t at = prq_str_search(line, word);
    prq_str after = prq_str_from_at(line, at + word.n);
    if (at == line.n) {
        at = 0;
        while (at < line.n && !prq_is_digit(line.p[at]))
            at++;
        after = prq_str_from_at(line, at);
    }
    s.name = prq_str_trim(prq_str_head(line, at));
    s.version_id = digits_and_dots(after);
    const struct known *k = known_of_name(s.name);
    if (k)
        s.id = k->id;
    return s;
}

static struct said said_by_release(const struct prq_note *note)
{
    return said_by_line(value_of(note, "line"));
}

/* Every clone carries this file; a name that nobody knows is one more of them. */
static struct said said_by_redhat(const struct prq_note *note)
{
    struct said s = said_by_release(note);
    if (s.id.n == 0 && s.name.n)
        s.id = PRQ_S("rhel");
    if (s.id.n && !is(s.id, "rhel") && !is(s.id, "fedora"))
        s.like = PRQ_S("rhel");
    return s;
}

/* cpe:/o:VENDOR:PRODUCT:VERSION:… or cpe:2.3:o:VENDOR:PRODUCT:VERSION:… */
static struct said said_by_cpe(const struct prq_note *note)
{
    struct said s = { 0 };
    prq_str rest = value_of(note, "line"), piece;
    if (prq_str_starts(rest, PRQ_S("cpe:/o:")))
        rest = prq_str_from_at(rest, 7);
    else if (prq_str_starts(rest, PRQ_S("cpe:2.3:o:")))
        rest = prq_str_from_at(rest, 10);
    else
        return s;
    for (int i = 0; i < 3 && prq_str_split(&rest, ':', &piece); i++) {
        if (i == 0)
            s.id = settled_id(piece);
        else if (i == 2)
            s.version_id = piece;
    }
    return s;
}

static struct said said_by_lsb(const struct prq_note *note)
{
    return (struct said){
        .id = settled_id(value_of(note, "DISTRIB_ID")),
        .name = value_of(note, "DISTRIB_ID"),
        .version_id = value_of(note, "DISTRIB_RELEASE"),
        .codename = value_of(note, "DISTRIB_CODENAME"),
    };
}

/* "12.5", or "trixie/sid" before the release. */
static struct said said_by_debian(const struct prq_note *note)
{
    prq_str line = value_of(note, "line"), codename, rest;
    struct said s = { .id = PRQ_S("debian"), .version_id = digits_and_dots(line) };
    if (prq_str_cut(line, '/', &codename, &rest))
        s.codename = codename;
    return s;
}

static struct said said_by_alpine(const struct prq_note *note)
{
    return (struct said){ .id = PRQ_S("alpine"), .version_id = value_of(note, "line") };
}

static struct said said_by_busybox(const struct prq_note *note)
{
    return (struct said){ .id = PRQ_S("busybox"), .version_id = value_of(note, "version") };
}

/* After os-release, in this order. */
static const struct voice {
    const char *kind;
    struct said (*hear)(const struct prq_note *note);
} voices[] = {
    { "oracle-release", said_by_release },    { "rocky-release", said_by_release },
    { "almalinux-release", said_by_release }, { "fedora-release", said_by_release },
    { "centos-release", said_by_release },    { "system-release", said_by_release },
    { "redhat-release", said_by_redhat },     { "system-release-cpe", said_by_cpe },
    { "lsb-release", said_by_lsb },           { "debian-version", said_by_debian },
    { "alpine-release", said_by_alpine },     { "busybox", said_by_busybox },
};

/* The note of that kind to believe: etc/ before usr/lib/ before others. */
static const struct prq_note *note_of(const struct prq_note *notes, size_t n, const char *kind)
{
    const struct prq_note *best = NULL;
    int best_rank = 3;
    for (size_t i = 0; i < n; i++) {
        int rank = prq_str_starts(notes[i].path, PRQ_S("etc/"))       ? 0
                   : prq_str_starts(notes[i].path, PRQ_S("usr/lib/")) ? 1
                                                                      : 2;
        if (is(notes[i].kind, kind) && rank < best_rank) {
            best = &notes[i];
            best_rank = rank;
        }
    }
    return best;
}

/* The words of `text` after what is there; a list that does not fit stays as it was. */
static void add_words(struct prq_strs *list, prq_str text, struct prq_arena *a)
{
    prq_str rest = text, word;
    size_t count = list->n;
    while (prq_str_split(&rest, ' ', &word))
        count += word.n != 0;
    prq_str *v = prq_new_n(a, prq_str, count ? count : 1);
    if (!v)
        return;
    for (size_t i = 0; i < list->n; i++)
        v[i] = list->v[i];
    size_t n = list->n;
    for (rest = text; prq_str_split(&rest, ' ', &word);)
        if (word.n)
            v[n++] = word;
    *list = (struct prq_strs){ v, n };
}

static bool has_word(const struct prq_strs *list, prq_str word)
{
    for (size_t i = 0; i < list->n; i++)
        if (prq_str_eq(list->v[i], word))
            return true;
    return false;
}

static void hear_os_release(const struct prq_note *note, struct prq_arena *a,
                            struct prq_distro *out)
{
    prq_str version = value_of(note, "VERSION");
    out->name = value_of(note, "NAME");
    out->pretty_name = value_of(note, "PRETTY_NAME");
    out->version_id = value_of(note, "VERSION_ID");
    out->codename = value_of(note, "VERSION_CODENAME");
    out->build_id = value_of(note, "BUILD_ID");
    out->id = settled_id(value_of(note, "ID"));
    out->path = note->path;
    out->layer = note->layer;
    add_words(&out->like, value_of(note, "ID_LIKE"), a);
    if (out->codename.n == 0) /* "8 (jessie)", "22.03 (LTS-SP3)" */
        out->codename = in_parentheses(version);
    const struct known *k = out->id.n ? NULL : known_of_name(out->name);
    if (k)
        out->id = k->id;
    if (is(out->id, "postmarketos") && prq_str_starts(out->version_id, PRQ_S("v")))
        out->version_id = prq_str_from_at(out->version_id, 1);
}

/* A file that names the same distribution fills gaps; when none is known yet, it decides. */
static void hear(const struct said *s, const struct prq_note *note, struct prq_arena *a,
                 struct prq_distro *out)
{
    if (s->id.n == 0 || (out->id.n && !prq_str_eq(s->id, out->id)))
        return;
    if (out->id.n == 0) {
        out->id = s->id;
        out->path = note->path;
        out->layer = note->layer;
        if (s->like.n && !has_word(&out->like, s->like))
            add_words(&out->like, s->like, a);
    }
    if (out->version_id.n == 0)
        out->version_id = s->version_id;
    if (out->codename.n == 0)
        out->codename = s->codename;
    if (out->name.n == 0)
        out->name = s->name;
}

/* ---- releases of Alpine's repositories */

/* "3.9" before "3.19", "edge" after all. */
static int release_cmp(prq_str a, prq_str b)
{
    bool a_edge = is(a, "edge"), b_edge = is(b, "edge");
    if (a_edge || b_edge)
        return a_edge - b_edge;
    while (a.p || b.p) {
        prq_str x = { 0 }, y = { 0 };
        prq_str_split(&a, '.', &x);
        prq_str_split(&b, '.', &y);
        while (x.n && x.p[0] == '0')
            x = prq_str_from_at(x, 1);
        while (y.n && y.p[0] == '0')
            y = prq_str_from_at(y, 1);
        int c = x.n != y.n ? (x.n > y.n) - (x.n < y.n) : prq_str_cmp(x, y);
        if (c)
            return c;
    }
    return 0;
}

/* The highest release; nothing when the lines name two distributions. */
static bool repositories_say(const struct prq_note *note, prq_str *distro, prq_str *release)
{
    *distro = *release = (prq_str){ 0 };
    for (size_t i = 0; i < note->n; i++) {
        const struct prq_pair *pair = &note->pairs[i];
        if (distro->n && !prq_str_eq(*distro, pair->key))
            return false;
        *distro = pair->key;
        if (!release->p || release_cmp(pair->value, *release) > 0)
            *release = pair->value;
    }
    return distro->n != 0;
}

static void hear_repositories(const struct prq_note *note, struct prq_arena *a,
                              struct prq_distro *out)
{
    prq_str distro, release;
    if (!repositories_say(note, &distro, &release))
        return;
    struct said s = { .id = settled_id(distro), .version_id = release };
    if (known_of_id(distro))
        hear(&s, note, a, out);
}

/* ---- extended support */

static bool is_extended_note(const struct prq_note *note, prq_str *channel)
{
    if (is(note->kind, "esm-sources") || is(note->kind, "esm-package") ||
        is(note->kind, "ubuntu-advantage")) {
        *channel = PRQ_S("esm");
        return true;
    }
    if (is(note->kind, "content-manifest") && is(value_of(note, "channel"), "eus")) {
        *channel = PRQ_S("eus");
        return true;
    }
    if (is(note->kind, "curated-image")) {
        *channel = value_of(note, "channel");
        return true;
    }
    return false;
}

static void hear_channels(const struct prq_note *notes, size_t n, struct prq_arena *a,
                          struct prq_distro *out)
{
    for (size_t i = 0; i < n; i++) {
        prq_str channel;
        if (is_extended_note(&notes[i], &channel) && !has_word(&out->channels, channel))
            add_words(&out->channels, channel, a);
    }
}

bool prq_distro_settle(const struct prq_note *notes, size_t n, struct prq_arena *a,
                       struct prq_distro *out)
{
    *out = (struct prq_distro){ 0 };
    const struct prq_note *note = note_of(notes, n, "os-release");
    if (note)
        hear_os_release(note, a, out);
    for (size_t i = 0; i < PRQ_COUNT(voices); i++) {
        /* BusyBox is in many distributions: it speaks only when the repositories do not. */
        if (is(prq_str_from(voices[i].kind), "busybox") &&
            (note = note_of(notes, n, "apk-repositories")))
            hear_repositories(note, a, out);
        note = note_of(notes, n, voices[i].kind);
        if (!note)
            continue;
        struct said s = voices[i].hear(note);
        hear(&s, note, a, out);
    }
    hear_channels(notes, n, a, out);
    return out->id.n != 0;
}

bool prq_distro_is_comprehensive(const struct prq_distro *d)
{
    const struct known *k = known_of_id(d->id);
    if (k && is(k->id, "amzn")) /* says it is like rhel, but lists fixes only */
        return false;
    if (k && k->is_comprehensive)
        return true;
    for (size_t i = 0; i < d->like.n; i++) {
        k = known_of_id(d->like.v[i]);
        if (k && k->is_comprehensive)
            return true;
    }
    return false;
}
