/* SPDX-License-Identifier: Apache-2.0 */
/* Which artefact an archive is. Evidence, best first: a pom.properties (or pom.xml) that plausibly
 * is the archive's own; the manifest; the file name. Source: catalog.md 4.3, "Identity". */
#include "analyze/javaself.h"

/* How well a pom.properties suits the archive that holds it. */
enum {
    FIT_NONE = 0,
    FIT_LONE = 10,     /* the only one, and nothing speaks against it */
    FIT_CLASS = 20,    /* the main class lies in its group */
    FIT_MANIFEST = 40, /* the manifest names it */
    FIT_PARTLY = 60,   /* the file name is a part of it or the other way round */
    FIT_NAME = 80,     /* the file bears its name */
    FIT_EXACT = 100,   /* name and version */
};

void prq_jar_init(struct prq_jar *jar, prq_str path, struct prq_arena *a)
{
    *jar = (struct prq_jar){ .path = path, .name = prq_jar_name(path) };
    prq_map_init(&jar->pom_by_dir, a);
}

/* ---- poms */

/* Source: Maven's model validator: [A-Za-z0-9_\-.]+ */
static prq_str coordinate(prq_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!prq_is_alnum(s.p[i]) && s.p[i] != '_' && s.p[i] != '-' && s.p[i] != '.')
            return (prq_str){ 0 };
    return s.n <= 512 ? s : (prq_str){ 0 };
}

static prq_str version_of(prq_str s)
{
    return prq_java_is_version(s) ? s : (prq_str){ 0 };
}

static struct prq_jar_pom *pom_at(struct prq_jar *jar, prq_str dir, struct prq_arena *a)
{
    bool added;
    size_t *at = prq_map_put(&jar->pom_by_dir, dir, jar->pom_n, &added);
    if (!at || (added && jar->pom_n == jar->pom_cap &&
                !prq_arena_grow(a, &jar->poms, sizeof *jar->poms, &jar->pom_cap, jar->pom_n + 1)))
        return NULL;
    if (added)
        jar->poms[jar->pom_n++] = (struct prq_jar_pom){ .dir = dir };
    struct prq_jar_pom *pom = &jar->poms[*at];
    prq_str above = prq_path_dir(prq_path_dir(dir));
    if (added && prq_str_ends(above, PRQ_S("META-INF/maven"))) {
        pom->artifact = coordinate(prq_path_base(dir));
        pom->group = coordinate(prq_path_base(prq_path_dir(dir)));
    }
    return pom;
}

/* Coordinates out of a file are put over those of the path. */
static bool set(prq_str *to, prq_str value, struct prq_arena *a)
{
    if (value.n == 0)
        return true;
    *to = prq_arena_copy(a, value);
    return to->p != NULL;
}

static bool add_xml(struct prq_jar_pom *pom, prq_bytes data, const struct prq_limits *limits,
                    struct prq_arena *a, struct prq_err *err)
{
    struct prq_pom x;
    bool is_good = prq_pom_parse(data, limits, a, &x, err);
    pom->xml_version = version_of(prq_pom_version(&x, a));
    pom->licenses = x.licenses;
    if (pom->has_properties)
        return is_good;
    if (!set(&pom->artifact, coordinate(x.artifact), a) ||
        !set(&pom->group, coordinate(prq_pom_group(&x, a)), a))
        return prq_fail(err, PRQ_E_LIMIT, "no memory for coordinates: limit scratch_bytes");
    pom->version = pom->xml_version;
    return is_good;
}

bool prq_jar_add_pom(struct prq_jar *jar, prq_str path, prq_bytes data, bool is_xml,
                     bool is_at_root, const struct prq_limits *limits, struct prq_arena *a,
                     struct prq_err *err)
{
    struct prq_jar_pom *pom = pom_at(jar, prq_path_dir(path), a);
    if (!pom)
        return prq_fail(err, PRQ_E_LIMIT, "no memory for coordinates: limit scratch_bytes");
    pom->is_at_root = is_at_root;
    if (is_xml)
        return add_xml(pom, data, limits, a, err);
    struct prq_pom_properties p = prq_pom_properties(prq_str_of(data));
    pom->has_properties = true;
    pom->version = (prq_str){ 0 };
    if (!set(&pom->group, coordinate(p.group), a) ||
        !set(&pom->artifact, coordinate(p.artifact), a) ||
        !set(&pom->version, version_of(p.version), a))
        return prq_fail(err, PRQ_E_LIMIT, "no memory for coordinates: limit scratch_bytes");
    return true;
}

static prq_str pom_version(const struct prq_jar_pom *pom)
{
    return pom->version.n ? pom->version : pom->xml_version;
}

bool prq_jar_pom_is_whole(const struct prq_jar_pom *pom)
{
    return pom->group.n && pom->artifact.n && pom_version(pom).n;
}

bool prq_jar_is_self(const struct prq_jar_self *self, const struct prq_jar_pom *pom)
{
    return self->is_known && prq_str_eq(self->group, pom->group) &&
           prq_str_eq(self->artifact, pom->artifact) && prq_str_eq(self->version, pom_version(pom));
}

/* ---- which pom is the archive's own */

/* `tail` ends `s` at a joint. */
static bool ends_at_joint(prq_str s, prq_str tail)
{
    return prq_str_ends(s, tail) && (s.n == tail.n || !prq_is_alnum(s.p[s.n - tail.n - 1]));
}

/* "x-1.0" and "x-1.0-exec" of x at 1.0. */
static bool is_named_for(prq_str stem, prq_str artifact, prq_str version)
{
    prq_str rest = prq_str_from_at(stem, artifact.n);
    if (!prq_str_starts(stem, artifact) || rest.n < version.n + 1 || prq_is_alnum(rest.p[0]))
        return false;
    rest = prq_str_from_at(rest, 1);
    return prq_str_starts(rest, version) &&
           (rest.n == version.n || !prq_is_alnum(rest.p[version.n]));
}

static bool manifest_names(const struct prq_manifest *m, const struct prq_jar_pom *pom)
{
    static const enum prq_manifest_key names[] = {
        PRQ_MF_IMPLEMENTATION_TITLE,  PRQ_MF_BUNDLE_SYMBOLIC_NAME, PRQ_MF_BUNDLE_NAME,
        PRQ_MF_SPECIFICATION_TITLE,   PRQ_MF_EXTENSION_NAME,       PRQ_MF_SHORT_NAME,
        PRQ_MF_AUTOMATIC_MODULE_NAME,
    };
    for (size_t i = 0; i < PRQ_COUNT(names); i++) {
        prq_str v = m->main[names[i]];
        v = prq_str_trim(prq_str_head(v, prq_str_find(v, ';')));
        if (prq_str_eq(v, pom->artifact) ||
            (prq_str_ends(v, pom->artifact) && v.n > pom->artifact.n &&
             prq_str_starts(v, pom->group)))
            return true;
    }
    return false;
}

static bool has_class_in(const struct prq_manifest *m, prq_str group)
{
    static const enum prq_manifest_key classes[] = { PRQ_MF_START_CLASS, PRQ_MF_MAIN_CLASS };
    for (size_t i = 0; i < PRQ_COUNT(classes); i++) {
        prq_str v = m->main[classes[i]];
        if (prq_str_starts(v, group) && v.n > group.n && v.p[group.n] == '.')
            return true;
    }
    return false;
}

/* Does something say that the archive is another thing than this? */
static bool is_contradicted(const struct prq_jar *jar, prq_str version)
{
    prq_str told = jar->manifest.main[PRQ_MF_IMPLEMENTATION_VERSION];
    bool has_title = jar->manifest.main[PRQ_MF_IMPLEMENTATION_TITLE].n > 0;
    return jar->name.version.n || (has_title && told.n && !prq_str_eq(told, version));
}

static int fit_of(const struct prq_jar *jar, const struct prq_jar_pom *pom)
{
    const struct prq_jar_name *n = &jar->name;
    prq_str version = pom_version(pom);
    bool has_version = version.n && is_named_for(n->stem, n->name, version);
    if (version.n && is_named_for(n->stem, pom->artifact, version))
        return FIT_EXACT;
    if (prq_str_eq(n->name, pom->artifact) || prq_str_eq(n->stem, pom->artifact))
        return FIT_NAME;
    if ((n->version.n == 0 || has_version) && n->name.n &&
        (prq_str_starts(pom->artifact, n->name) || ends_at_joint(n->name, pom->artifact)))
        return FIT_PARTLY;
    if ((n->version.n == 0 || has_version) && manifest_names(&jar->manifest, pom))
        return FIT_MANIFEST;
    if (n->version.n == 0 && has_class_in(&jar->manifest, pom->group))
        return FIT_CLASS;
    if (jar->pom_n == 1 && !is_contradicted(jar, version))
        return FIT_LONE;
    return FIT_NONE;
}

/* The first of the best; one at the root before others, pom.properties before pom.xml. */
static const struct prq_jar_pom *own_pom(const struct prq_jar *jar)
{
    const struct prq_jar_pom *best = NULL;
    int best_fit = FIT_NONE;
    for (size_t i = 0; i < jar->pom_n; i++) {
        const struct prq_jar_pom *pom = &jar->poms[i];
        int fit = pom->artifact.n && pom->group.n ? fit_of(jar, pom) : FIT_NONE;
        if (fit > FIT_NONE)
            fit += 2 * pom->is_at_root + pom->has_properties;
        if (fit > best_fit) {
            best_fit = fit;
            best = pom;
        }
    }
    return best;
}

/* ---- from the manifest and the file name */

/* Builds of one artefact for a platform or a purpose: no part of the version. */
static bool is_variant(prq_str s)
{
    static const prq_str starts[] = {
        PRQ_SI("linux"),
        PRQ_SI("osx"),
        PRQ_SI("windows"),
        PRQ_SI("macos"),
        PRQ_SI("win"),
        PRQ_SI("x86"),
        PRQ_SI("aarch"),
        PRQ_SI("natives"),
        PRQ_SI("jdk"),
        PRQ_SI("shaded"),
        PRQ_SI("all"),
        PRQ_SI("uber"),
        PRQ_SI("exec"),
        PRQ_SI("boot"),
        PRQ_SI("noaop"),
        PRQ_SI("no_aop"),
        PRQ_SI("jar-with-dependencies"),
        PRQ_SI("with-dependencies"),
        PRQ_SI("standalone"),
        PRQ_SI("classes"),
        PRQ_SI("runner"),
        PRQ_SI("jakarta"),
        PRQ_SI("mac"),
        PRQ_SI("ubuntu"),
        PRQ_SI("debian"),
        PRQ_SI("plain"),
        PRQ_SI("fat"),
    };
    for (size_t i = 0; i < PRQ_COUNT(starts); i++)
        if (prq_str_starts(s, starts[i]))
            return true;
    return false;
}

/* The file's version without such an end. */
static prq_str file_version(prq_str v)
{
    for (size_t at = prq_str_find(v, '-'); at < v.n;) {
        prq_str rest = prq_str_from_at(v, at + 1);
        if (is_variant(rest))
            return prq_str_head(v, at);
        at += 1 + prq_str_find(rest, '-');
    }
    return v;
}

/* "1.2.3 (build 4)" is 1.2.3. */
static prq_str first_word(prq_str v)
{
    size_t n = 0;
    while (n < v.n && !prq_is_space(v.p[n]))
        n++;
    return prq_str_head(v, n);
}

static prq_str manifest_version(const struct prq_manifest *m, bool is_plugin)
{
    const enum prq_manifest_key order[] = {
        is_plugin ? PRQ_MF_PLUGIN_VERSION : PRQ_MF_IMPLEMENTATION_VERSION,
        PRQ_MF_IMPLEMENTATION_VERSION,
        PRQ_MF_SPECIFICATION_VERSION,
        PRQ_MF_PLUGIN_VERSION,
        PRQ_MF_BUNDLE_VERSION,
    };
    for (size_t i = 0; i < PRQ_COUNT(order); i++) {
        prq_str v = first_word(m->main[order[i]]);
        if (prq_java_is_version(v))
            return v;
    }
    prq_str v = first_word(m->section_version);
    return prq_java_is_version(v) ? v : (prq_str){ 0 };
}

static prq_str symbolic_name(const struct prq_manifest *m)
{
    prq_str v = m->main[PRQ_MF_BUNDLE_SYMBOLIC_NAME];
    return prq_str_trim(prq_str_head(v, prq_str_find(v, ';')));
}

/* Source: catalog.md 4.3, "Name from manifest". */
static prq_str manifest_name(const struct prq_jar *jar, bool is_plugin)
{
    const struct prq_manifest *m = &jar->manifest;
    prq_str rest, last = symbolic_name(m);
    if (is_plugin && m->main[PRQ_MF_SHORT_NAME].n)
        return m->main[PRQ_MF_SHORT_NAME];
    if (is_plugin && m->main[PRQ_MF_EXTENSION_NAME].n)
        return m->main[PRQ_MF_EXTENSION_NAME];
    if (jar->name.version.n == 0 && last.n &&
        prq_str_has(m->main[PRQ_MF_CREATED_BY], PRQ_S("Bundle Plugin"))) {
        (void)prq_str_rcut(last, '.', &rest, &last);
        return last;
    }
    return jar->name.name;
}

static bool is_plugin_file(const struct prq_jar *jar)
{
    prq_str stem, extension;
    return prq_str_rcut(jar->path, '.', &stem, &extension) &&
           (prq_str_ieq(extension, PRQ_S("hpi")) || prq_str_ieq(extension, PRQ_S("jpi")));
}

static bool is_plugin_group(prq_str group)
{
    static const prq_str roots[] = {
        PRQ_SI("io.jenkins.plugins"),
        PRQ_SI("org.jenkins.plugins"),
        PRQ_SI("org.jenkins-ci.plugins"),
        PRQ_SI("io.jenkins-ci.plugins"),
    };
    for (size_t i = 0; i < PRQ_COUNT(roots); i++)
        if (prq_str_starts(group, roots[i]) &&
            (group.n == roots[i].n || group.p[roots[i].n] == '.'))
            return true;
    return false;
}

/* The group of an archive without a pom of its own. */
static bool guess_group(const struct prq_jar *jar, struct prq_jar_self *s, struct prq_arena *a)
{
    struct prq_java_clues clues = { &jar->manifest, jar->class_dir, s->artifact, s->version };
    bool is_guess;
    if (!prq_java_guess_group(&clues, a, &s->group, &is_guess))
        return false;
    s->flags |= is_guess ? PRQ_PKG_GUESSED : 0;
    return true;
}

/* "hibernate-jpa-2.1-api-1.0.2.Final": a version that the manifest tells too parts the name at the
 * right dash. */
static void part_at_told_version(const struct prq_jar *jar, struct prq_jar_self *s)
{
    static const enum prq_manifest_key told[] = {
        PRQ_MF_IMPLEMENTATION_VERSION,
        PRQ_MF_BUNDLE_VERSION,
        PRQ_MF_SPECIFICATION_VERSION,
    };
    for (size_t i = 0; i < PRQ_COUNT(told); i++) {
        prq_str v = first_word(jar->manifest.main[told[i]]), stem = jar->name.stem;
        if (!prq_java_is_version(v) || !ends_at_joint(stem, v) || stem.n < v.n + 2 ||
            stem.n - v.n - 1 <= jar->name.name.n || stem.p[stem.n - v.n - 1] == '.')
            continue; /* "1.4.0" does not end with the version "0" */
        s->artifact = prq_str_head(stem, stem.n - v.n - 1);
        s->version = v;
        return;
    }
}

static bool is_printable(prq_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f || s.p[i] == ':' || s.p[i] == '/')
            return false;
    return s.n > 0;
}

static bool identify_by_manifest(const struct prq_jar *jar, struct prq_arena *a,
                                 struct prq_jar_self *s)
{
    const struct prq_manifest *m = &jar->manifest;
    s->is_jenkins_plugin = is_plugin_file(jar);
    s->artifact = manifest_name(jar, s->is_jenkins_plugin);
    s->version = file_version(jar->name.version);
    if (s->version.n == 0 || (s->is_jenkins_plugin && m->main[PRQ_MF_PLUGIN_VERSION].n))
        s->version = manifest_version(m, s->is_jenkins_plugin);
    if (jar->name.version.n)
        part_at_told_version(jar, s);
    if (!is_printable(s->artifact))
        return true;
    if (!guess_group(jar, s, a))
        return false;
    /* Without a version only what a manifest tells makes it more than a file's name. */
    s->is_known = s->version.n || (m->is_present && s->group.n);
    s->is_untold = !s->is_known && jar->has_code && jar->pom_n == 0;
    if (s->group.n == 0) {
        s->group = s->artifact;
        s->flags |= PRQ_PKG_GUESSED;
    }
    if (m->main[PRQ_MF_BUNDLE_LICENSE].n) {
        prq_str *v = prq_new(a, prq_str);
        if (!v)
            return false;
        *v = m->main[PRQ_MF_BUNDLE_LICENSE];
        s->licenses = (struct prq_strs){ v, 1 };
    }
    return true;
}

static void identify_by_pom(const struct prq_jar *jar, const struct prq_jar_pom *pom,
                            struct prq_jar_self *s)
{
    s->group = pom->group;
    s->artifact = pom->artifact;
    s->version = pom_version(pom);
    if (s->version.n == 0)
        s->version = file_version(jar->name.version);
    if (s->version.n == 0)
        s->version = manifest_version(&jar->manifest, false);
    s->licenses = pom->licenses;
    s->is_jenkins_plugin = is_plugin_file(jar) || is_plugin_group(s->group);
    s->is_known = true;
}

bool prq_jar_identify(const struct prq_jar *jar, struct prq_arena *a, struct prq_jar_self *out)
{
    *out = (struct prq_jar_self){ .classifier = jar->name.classifier };
    if (jar->name.classifier.n)
        out->flags |= PRQ_PKG_NO_CODE;
    /* Woven into what it bears the name of, an instrumentation shim is not that thing. */
    if (jar->manifest.main[PRQ_MF_WEAVE_CLASSES].n)
        return true;
    const struct prq_jar_pom *pom = own_pom(jar);
    if (!pom)
        return identify_by_manifest(jar, a, out);
    identify_by_pom(jar, pom, out);
    return true;
}
