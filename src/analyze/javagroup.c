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

/* Is `label` the artifact, or one of the words that it is made of? */
static bool is_word_of(prq_str label, prq_str artifact)
{
    if (prq_str_ieq(label, artifact))
        return true;
    for (size_t begin = 0, i = 0; i <= artifact.n; i++) {
        if (i < artifact.n && prq_is_alnum(artifact.p[i]))
            continue;
        prq_str word = prq_str_head(prq_str_from_at(artifact, begin), i - begin);
        if (word.n && prq_str_ieq(label, word))
            return true;
        begin = i + 1;
    }
    return false;
}

/* "org.slf4j.api" of slf4j-api lies in org.slf4j; "org.jsoup" of jsoup is a group itself. */
static prq_str without_artifact(prq_str name, prq_str artifact)
{
    prq_str group, label;
    if (!prq_str_rcut(name, '.', &group, &label) || prq_str_find(group, '.') == group.n ||
        is_one_of(group, crowded, PRQ_COUNT(crowded)) || !is_word_of(label, artifact))
        return name;
    return group;
}

/* "org.x.y;singleton:=true", "org.x.y (build 3)". */
static prq_str clean(prq_str v)
{
    for (size_t i = 0; i < v.n; i++)
        if (v.p[i] == ';' || v.p[i] == '(' || v.p[i] == ',')
            v.n = i;
    return prq_str_trim(v);
}

enum form { FORM_GROUP, FORM_BUNDLE, FORM_CLASS };

static const struct candidate {
    enum prq_manifest_key key;
    enum form form;
} candidates[] = {
    { PRQ_MF_GROUP_ID, FORM_GROUP },
    { PRQ_MF_BUNDLE_SYMBOLIC_NAME, FORM_BUNDLE },
    { PRQ_MF_EXTENSION_NAME, FORM_BUNDLE },
    { PRQ_MF_SPECIFICATION_VENDOR, FORM_GROUP },
    { PRQ_MF_IMPLEMENTATION_VENDOR, FORM_GROUP },
    { PRQ_MF_IMPLEMENTATION_VENDOR_ID, FORM_GROUP },
    { PRQ_MF_IMPLEMENTATION_TITLE, FORM_BUNDLE },
    { PRQ_MF_BUNDLE_ACTIVATOR, FORM_CLASS },
    { PRQ_MF_AUTOMATIC_MODULE_NAME, FORM_BUNDLE },
    { PRQ_MF_MAIN_CLASS, FORM_CLASS },
    { PRQ_MF_START_CLASS, FORM_CLASS },
    { PRQ_MF_PACKAGE, FORM_BUNDLE },
};

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

prq_str prq_java_manifest_group(const struct prq_manifest *m, prq_str artifact, bool *is_told)
{
    prq_str ivy;
    *is_told = is_ivy_title(m->main[PRQ_MF_IMPLEMENTATION_TITLE], artifact, &ivy);
    if (*is_told)
        return ivy;
    for (size_t i = 0; i < PRQ_COUNT(candidates); i++) {
        prq_str v = clean(m->main[candidates[i].key]), class_name;
        *is_told = candidates[i].key == PRQ_MF_GROUP_ID;
        if (candidates[i].form == FORM_CLASS &&
            (is_launcher(v) || !prq_str_rcut(v, '.', &v, &class_name)))
            continue;
        if (!is_domain_name(v))
            continue;
        if (candidates[i].form != FORM_GROUP)
            v = without_artifact(v, artifact);
        if (*is_told || !is_one_of(v, crowded, PRQ_COUNT(crowded)))
            return v;
    }
    *is_told = false;
    return (prq_str){ 0 };
}

/* Homes of one group, whose artefacts have names that others have too. */
static const prq_str homes[] = {
    PRQ_SI("io.quarkus"),
    PRQ_SI("org.testcontainers"),
};

prq_str prq_java_package_group(prq_str directory, prq_str artifact, struct prq_arena *a)
{
    prq_str name = prq_arena_copy(a, prq_str_head(directory, 256));
    if (!name.p)
        return name;
    char *p = (char *)(uintptr_t)name.p; /* our own copy */
    for (size_t i = 0; i < name.n; i++)
        p[i] = p[i] == '/' ? '.' : p[i];
    if (!is_domain_name(name))
        return (prq_str){ 0 };
    for (size_t i = 0; i < PRQ_COUNT(homes); i++)
        if (prq_str_starts(name, homes[i]) && name.n > homes[i].n && name.p[homes[i].n] == '.')
            return homes[i];
    name = without_artifact(name, artifact);
    return is_one_of(name, crowded, PRQ_COUNT(crowded)) ? (prq_str){ 0 } : name;
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
