/* SPDX-License-Identifier: Apache-2.0 */
/* Which Maven group an archive without pom.properties belongs to. Source: catalog.md 4.3, "Group id
 * candidates in order"; Maven's "Guide to naming conventions": a group begins with a domain. */
#include "analyze/java.h"

/* ---- the table */

static const struct row {
    unsigned below;
    prq_str group, artifacts;
} rows[] = {
#define ROW(below, group, artifacts) { below, PRQ_SI(group), PRQ_SI(artifacts) },
#include "analyze/javagroups.def"
#undef ROW
};

/* "1.7.30" is 107. */
static unsigned order_of(prq_str version)
{
    unsigned part[2] = { 0 };
    size_t at = 0;
    for (int k = 0; k < 2; k++, at++) {
        for (; at < version.n && prq_is_digit(version.p[at]); at++)
            part[k] = part[k] > 9999 ? part[k] : part[k] * 10 + (unsigned)(version.p[at] - '0');
        if (at == version.n || version.p[at] != '.')
            break;
    }
    return part[0] * 100 + (part[1] < 99 ? part[1] : 99);
}

/* How many bytes of the artifact a row's best name fits: all of them plus one for the exact name.
 */
static size_t fit(const struct row *r, prq_str artifact)
{
    prq_str rest = r->artifacts, name;
    size_t best = 0;
    while (prq_str_split(&rest, ' ', &name)) {
        if (prq_str_eq(name, artifact))
            return artifact.n + 1;
        if (prq_str_ends(name, PRQ_S("*")) && name.n - 1 > best &&
            prq_str_starts(artifact, prq_str_head(name, name.n - 1)))
            best = name.n - 1;
    }
    return best;
}

prq_str prq_java_known_group(prq_str artifact, prq_str version)
{
    prq_str group = { 0 };
    unsigned order = order_of(version);
    size_t best = 0;
    for (size_t i = 0; i < PRQ_COUNT(rows); i++) {
        if (rows[i].below && order >= rows[i].below)
            continue;
        size_t n = fit(&rows[i], artifact);
        if (n > best) {
            best = n;
            group = rows[i].group;
        }
    }
    return group;
}

/* ---- homes of groups */

static const struct home {
    prq_str package, group;
} homes[] = {
#define HOME(package) { PRQ_SI(package), PRQ_SI(package) },
#define MOVED(package, group) { PRQ_SI(package), PRQ_SI(group) },
#include "analyze/javahomes.def"
#undef HOME
#undef MOVED
};

static const struct home *home_at(prq_str package)
{
    size_t lo = 0, hi = PRQ_COUNT(homes);
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int order = prq_str_cmp(homes[mid].package, package);
        if (order == 0)
            return &homes[mid];
        if (order < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

/* The group whose home the name lies in, or is. Empty: nobody's. */
static prq_str home_of(prq_str name)
{
    prq_str label;
    do {
        const struct home *h = name.n && name.n <= 256 ? home_at(name) : NULL;
        if (h)
            return h->group;
    } while (prq_str_rcut(name, '.', &name, &label));
    return (prq_str){ 0 };
}

bool prq_java_homes_check(void)
{
    for (size_t i = 1; i < PRQ_COUNT(homes); i++)
        if (prq_str_cmp(homes[i - 1].package, homes[i].package) >= 0)
            return false;
    return true;
}

/* ---- from names */

static const prq_str top_labels[] = {
    PRQ_SI("ai"),   PRQ_SI("app"), PRQ_SI("at"),  PRQ_SI("au"),   PRQ_SI("be"),    PRQ_SI("biz"),
    PRQ_SI("br"),   PRQ_SI("ca"),  PRQ_SI("cc"),  PRQ_SI("ch"),   PRQ_SI("cloud"), PRQ_SI("cn"),
    PRQ_SI("co"),   PRQ_SI("com"), PRQ_SI("cz"),  PRQ_SI("de"),   PRQ_SI("dev"),   PRQ_SI("dk"),
    PRQ_SI("edu"),  PRQ_SI("es"),  PRQ_SI("eu"),  PRQ_SI("fi"),   PRQ_SI("fr"),    PRQ_SI("gov"),
    PRQ_SI("hu"),   PRQ_SI("il"),  PRQ_SI("in"),  PRQ_SI("info"), PRQ_SI("int"),   PRQ_SI("io"),
    PRQ_SI("it"),   PRQ_SI("jp"),  PRQ_SI("kr"),  PRQ_SI("me"),   PRQ_SI("mil"),   PRQ_SI("mobi"),
    PRQ_SI("name"), PRQ_SI("net"), PRQ_SI("nl"),  PRQ_SI("no"),   PRQ_SI("nu"),    PRQ_SI("nz"),
    PRQ_SI("org"),  PRQ_SI("pl"),  PRQ_SI("pro"), PRQ_SI("pt"),   PRQ_SI("ro"),    PRQ_SI("ru"),
    PRQ_SI("se"),   PRQ_SI("si"),  PRQ_SI("sk"),  PRQ_SI("tech"), PRQ_SI("tv"),    PRQ_SI("ua"),
    PRQ_SI("uk"),   PRQ_SI("us"),  PRQ_SI("xyz"), PRQ_SI("za"),
};

/* Homes of many groups: alone they name nobody. */
static const prq_str crowded[] = {
    PRQ_SI("com.github"),    PRQ_SI("com.google"),   PRQ_SI("com.googlecode"),
    PRQ_SI("com.ibm"),       PRQ_SI("com.oracle"),   PRQ_SI("com.sun"),
    PRQ_SI("io.github"),     PRQ_SI("net.sf"),       PRQ_SI("net.sourceforge"),
    PRQ_SI("org.apache"),    PRQ_SI("org.codehaus"), PRQ_SI("org.eclipse"),
    PRQ_SI("org.jboss"),     PRQ_SI("org.wildfly"),  PRQ_SI("org.ow2"),
    PRQ_SI("org.glassfish"),
};

static bool is_one_of(prq_str s, const prq_str *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (prq_str_eq(s, list[i]))
            return true;
    return false;
}

/* "com.example.x": two labels at least, the first a top-level domain, letters and joints only. */
static bool is_domain_name(prq_str s)
{
    prq_str rest = s, label, top;
    if (!prq_str_cut(s, '.', &top, &rest) || !is_one_of(top, top_labels, PRQ_COUNT(top_labels)) ||
        s.n > 256)
        return false;
    while (prq_str_split(&rest, '.', &label))
        if (label.n == 0)
            return false;
    for (size_t i = 0; i < s.n; i++)
        if (!prq_is_alnum(s.p[i]) && s.p[i] != '.' && s.p[i] != '-' && s.p[i] != '_')
            return false;
    return true;
}

/* How many bytes of `s` are `label` without case and joints, up to the end of a word; 0: none. */
static size_t words_match(prq_str s, prq_str label)
{
    size_t i = 0, k = 0;
    while (i < s.n && k < label.n) {
        if (prq_is_alnum(s.p[i])) {
            if (!prq_str_ieq((prq_str){ s.p + i, 1 }, (prq_str){ label.p + k, 1 }))
                return 0;
            k++;
        } else if (k == 0) {
            return 0;
        }
        i++;
    }
    return k == label.n && (i == s.n || !prq_is_alnum(s.p[i])) ? i : 0;
}

/* Is `label` one of the words that the artifact is made of, or several in a row ("signalservice" of
 * signal-service-java)? */
static bool is_word_of(prq_str label, prq_str artifact, bool *is_first)
{
    bool is_begin = true;
    for (size_t i = 0; label.n && i < artifact.n; i++) {
        if (is_begin && words_match(prq_str_from_at(artifact, i), label)) {
            *is_first = i == 0;
            return true;
        }
        is_begin = !prq_is_alnum(artifact.p[i]);
    }
    return false;
}

static bool can_lose(prq_str group)
{
    return prq_str_find(group, '.') < group.n && !is_one_of(group, crowded, PRQ_COUNT(crowded));
}

/* "org.apache.geode.internal" of geode-x: up to the label that the artifact begins with. */
static prq_str up_to_first_word(prq_str name, prq_str artifact)
{
    prq_str up, label;
    bool is_first = false;
    for (prq_str at = name; prq_str_rcut(at, '.', &up, &label); at = up)
        if (at.n < name.n && is_word_of(label, artifact, &is_first) && is_first &&
            !is_one_of(at, crowded, PRQ_COUNT(crowded)))
            return at;
    return (prq_str){ 0 };
}

/* "org.slf4j.api" of slf4j-api lies in org.slf4j; "com.example.tool.junit.engine" of
 * tool-junit-engine in com.example.tool; "org.jsoup" of jsoup is a group itself. */
static prq_str without_artifact(prq_str name, prq_str artifact)
{
    prq_str group = up_to_first_word(name, artifact), label;
    if (group.n)
        return group;
    bool is_first = false;
    while (!is_first && prq_str_rcut(name, '.', &group, &label) && can_lose(group) &&
           is_word_of(label, artifact, &is_first))
        name = group;
    return name;
}

/* "org.x.y;singleton:=true", "org.x.y (build 3)". */
static prq_str clean(prq_str v)
{
    for (size_t i = 0; i < v.n; i++)
        if (v.p[i] == ';' || v.p[i] == '(' || v.p[i] == ',')
            v.n = i;
    return prq_str_trim(v);
}

/* Launchers that stand in front of whatever they carry. */
static bool is_launcher(prq_str class_name)
{
    return prq_str_starts(class_name, PRQ_S("org.springframework.boot.loader."));
}

/* "com.netflix.ribbon#ribbon-core;2.3.0": Ivy's form, which Gradle's Nebula plugins write. */
static bool is_ivy_title(prq_str title, prq_str artifact, prq_str *group)
{
    prq_str rest;
    return prq_str_cut(title, '#', group, &rest) && prq_str_starts(rest, artifact) &&
           rest.n > artifact.n && rest.p[artifact.n] == ';' && is_domain_name(*group);
}

/* By an attribute that exists for it. */
static prq_str told_group(const struct prq_manifest *m, prq_str artifact)
{
    prq_str group = clean(m->main[PRQ_MF_GROUP_ID]);
    if (is_ivy_title(m->main[PRQ_MF_IMPLEMENTATION_TITLE], artifact, &group) ||
        is_domain_name(group))
        return group;
    return (prq_str){ 0 };
}

/* Where the classes lie, best first: names that makers choose after their group, then classes. */
static const struct candidate {
    enum prq_manifest_key key;
    bool is_class;
} candidates[] = {
    { PRQ_MF_BUNDLE_SYMBOLIC_NAME, false },
    { PRQ_MF_AUTOMATIC_MODULE_NAME, false },
    { PRQ_MF_EXTENSION_NAME, false },
    { PRQ_MF_IMPLEMENTATION_TITLE, false },
    { PRQ_MF_BUNDLE_ACTIVATOR, true },
    { PRQ_MF_MAIN_CLASS, true },
    { PRQ_MF_START_CLASS, true },
    { PRQ_MF_PACKAGE, false },
};

static prq_str candidate_name(const struct prq_manifest *m, const struct candidate *c)
{
    prq_str v = clean(m->main[c->key]), class_name;
    if (c->is_class && (is_launcher(v) || !prq_str_rcut(v, '.', &v, &class_name)))
        return (prq_str){ 0 };
    return v;
}

/* A vendor's name that is a group's: builds of sbt and of Ant write their organization there. */
static prq_str vendor_group(const struct prq_manifest *m)
{
    static const enum prq_manifest_key vendors[] = {
        PRQ_MF_IMPLEMENTATION_VENDOR_ID,
        PRQ_MF_IMPLEMENTATION_VENDOR,
        PRQ_MF_SPECIFICATION_VENDOR,
    };
    for (size_t i = 0; i < PRQ_COUNT(vendors); i++) {
        prq_str v = clean(m->main[vendors[i]]);
        if (is_domain_name(v) && !is_one_of(v, crowded, PRQ_COUNT(crowded)))
            return v;
    }
    return (prq_str){ 0 };
}

static bool is_below(prq_str name, prq_str above)
{
    return prq_str_starts(name, above) && name.n > above.n && name.p[above.n] == '.';
}

/* The known group that something in the manifest, or the directory of all classes, lies in. */
static prq_str homely_group(const struct prq_manifest *m, prq_str package)
{
    for (size_t i = 0; i < PRQ_COUNT(candidates); i++) {
        prq_str group = home_of(candidate_name(m, &candidates[i]));
        if (group.n)
            return group;
    }
    return home_of(package);
}

static prq_str named_group(const struct prq_manifest *m, prq_str artifact)
{
    for (size_t i = 0; i < PRQ_COUNT(candidates); i++) {
        prq_str v = candidate_name(m, &candidates[i]);
        if (!is_domain_name(v))
            continue;
        v = without_artifact(v, artifact);
        if (!is_one_of(v, crowded, PRQ_COUNT(crowded)))
            return v;
    }
    return (prq_str){ 0 };
}

/* The weakest evidence: only what bears the artifact's name, or is short, is taken for a group. */
static prq_str package_group(prq_str package, prq_str artifact)
{
    enum { SHORT_LABELS = 3 };
    if (!is_domain_name(package))
        return (prq_str){ 0 };
    prq_str name = without_artifact(package, artifact), up = package, label;
    bool is_first;
    size_t labels = 1;
    while (name.n == package.n && prq_str_rcut(up, '.', &up, &label) && can_lose(up)) {
        labels++;
        if (is_word_of(label, artifact, &is_first))
            name = up;
    }
    if (name.n == package.n && labels > SHORT_LABELS)
        return (prq_str){ 0 };
    return is_one_of(name, crowded, PRQ_COUNT(crowded)) ? (prq_str){ 0 } : name;
}

/* Homes of one group, whose artefacts have names that others have too. */
static const prq_str strict_homes[] = {
    PRQ_SI("io.quarkus"),
    PRQ_SI("org.graalvm.shadowed"),
    PRQ_SI("org.testcontainers"),
};

static prq_str strict_home(prq_str package)
{
    for (size_t i = 0; i < PRQ_COUNT(strict_homes); i++)
        if (is_below(package, strict_homes[i]) || prq_str_eq(package, strict_homes[i]))
            return strict_homes[i];
    return (prq_str){ 0 };
}

/* "org/jsoup" as "org.jsoup". */
static prq_str package_of(prq_str directory, struct prq_arena *a)
{
    prq_str name = prq_arena_copy(a, prq_str_head(directory, 256));
    char *p = (char *)(uintptr_t)name.p; /* our own copy */
    for (size_t i = 0; p && i < name.n; i++)
        p[i] = p[i] == '/' ? '.' : p[i];
    return name;
}

bool prq_java_guess_group(const struct prq_java_clues *c, struct prq_arena *a, prq_str *group,
                          bool *is_guess)
{
    prq_str package = package_of(c->class_dir, a);
    if (!package.p && c->class_dir.n)
        return false;
    *is_guess = false;
    *group = told_group(c->manifest, c->artifact);
    if (group->n == 0)
        *group = strict_home(package);
    if (group->n == 0)
        *group = prq_java_known_group(c->artifact, c->version);
    if (group->n)
        return true;
    *is_guess = true;
    prq_str vendor = vendor_group(c->manifest), home = homely_group(c->manifest, package);
    *group = vendor.n && !is_below(home, vendor) ? vendor : home;
    if (group->n == 0)
        *group = named_group(c->manifest, c->artifact);
    if (group->n == 0)
        *group = package_group(package, c->artifact);
    return true;
}

bool prq_java_package(struct prq_package *p, prq_str group, prq_str artifact, prq_str version,
                      struct prq_arena *a)
{
    p->type = PRQ_S("maven");
    p->ns = group;
    p->version = version;
    p->name = artifact;
    if (group.n == 0)
        return true;
    p->name = prq_arena_printf(a, "%.*s:%.*s", PRQ_FMT(group), PRQ_FMT(artifact));
    return p->name.p != NULL;
}
