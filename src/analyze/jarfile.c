/* SPDX-License-Identifier: Apache-2.0 */
/* The small texts that tell what an archive is. Sources: docs.oracle.com, "JAR File Specification",
 * "JAR Manifest"; java.util.Properties; catalog.md 4.3, "File name grammar". */
#include "analyze/java.h"

/* ---- names of archives */

/* "4", "build7", "r4", "rc2": what begins a version. */
static bool begins_version(prq_str group)
{
    static const prq_str words[] = { PRQ_SI(""), PRQ_SI("build"), PRQ_SI("rc"), PRQ_SI("r") };
    for (size_t i = 0; i < PRQ_COUNT(words); i++)
        if (prq_str_starts(group, words[i]) && group.n > words[i].n &&
            prq_is_digit(group.p[words[i].n]))
            return true;
    return false;
}

/* The place of the first `joint` with a version behind it; s.n when there is none. */
static size_t find_version(prq_str s, char joint)
{
    for (size_t at = prq_str_find(s, joint); at < s.n;) {
        prq_str rest = prq_str_from_at(s, at + 1);
        if (at && begins_version(rest))
            return at;
        at += 1 + prq_str_find(rest, joint);
    }
    return s.n;
}

/* "-sources", "-test-javadoc", …: taken off the end. */
static prq_str take_classifier(prq_str *stem)
{
    static const prq_str words[] = {
        PRQ_SI("-test-sources"), PRQ_SI("-test-javadoc"), PRQ_SI("-sources"),
        PRQ_SI("-javadoc"),      PRQ_SI("-tests"),        PRQ_SI("-javadocs"),
    };
    for (size_t i = 0; i < PRQ_COUNT(words); i++)
        if (prq_str_ends(*stem, words[i]) && stem->n > words[i].n) {
            stem->n -= words[i].n;
            return prq_str_from_at(words[i], 1);
        }
    return (prq_str){ 0 };
}

struct prq_jar_name prq_jar_name(prq_str path)
{
    struct prq_jar_name out = { .stem = prq_path_base(path) };
    prq_str extension;
    (void)prq_str_rcut(out.stem, '.', &out.stem, &extension);
    out.classifier = take_classifier(&out.stem);
    static const char joints[] = { '-', '_', '.' };
    out.name = out.stem;
    for (size_t i = 0; i < PRQ_COUNT(joints); i++) {
        size_t at = find_version(out.stem, joints[i]);
        if (at == out.stem.n)
            continue;
        out.name = prq_str_head(out.stem, at);
        out.version = prq_str_from_at(out.stem, at + 1);
        break;
    }
    return out;
}

bool prq_java_is_version(prq_str v)
{
    bool has_digit = false;
    for (size_t i = 0; i < v.n; i++) {
        has_digit |= prq_is_digit(v.p[i]);
        if (v.p[i] == '$' || v.p[i] == '@' || (unsigned char)v.p[i] <= ' ')
            return false;
    }
    return has_digit && v.n <= 256;
}

/* ---- MANIFEST.MF */

static const prq_str keys[PRQ_MF_KEYS] = {
    [PRQ_MF_AUTOMATIC_MODULE_NAME] = PRQ_SI("Automatic-Module-Name"),
    [PRQ_MF_BUNDLE_ACTIVATOR] = PRQ_SI("Bundle-Activator"),
    [PRQ_MF_BUNDLE_LICENSE] = PRQ_SI("Bundle-License"),
    [PRQ_MF_BUNDLE_NAME] = PRQ_SI("Bundle-Name"),
    [PRQ_MF_BUNDLE_SYMBOLIC_NAME] = PRQ_SI("Bundle-SymbolicName"),
    [PRQ_MF_BUNDLE_VENDOR] = PRQ_SI("Bundle-Vendor"),
    [PRQ_MF_BUNDLE_VERSION] = PRQ_SI("Bundle-Version"),
    [PRQ_MF_CREATED_BY] = PRQ_SI("Created-By"),
    [PRQ_MF_EXTENSION_NAME] = PRQ_SI("Extension-Name"),
    [PRQ_MF_GROUP_ID] = PRQ_SI("Group-Id"),
    [PRQ_MF_IMPLEMENTATION_TITLE] = PRQ_SI("Implementation-Title"),
    [PRQ_MF_IMPLEMENTATION_VENDOR] = PRQ_SI("Implementation-Vendor"),
    [PRQ_MF_IMPLEMENTATION_VENDOR_ID] = PRQ_SI("Implementation-Vendor-Id"),
    [PRQ_MF_IMPLEMENTATION_VERSION] = PRQ_SI("Implementation-Version"),
    [PRQ_MF_MAIN_CLASS] = PRQ_SI("Main-Class"),
    [PRQ_MF_NAME] = PRQ_SI("Name"),
    [PRQ_MF_PACKAGE] = PRQ_SI("Package"),
    [PRQ_MF_PLUGIN_VERSION] = PRQ_SI("Plugin-Version"),
    [PRQ_MF_SHORT_NAME] = PRQ_SI("Short-Name"),
    [PRQ_MF_SPECIFICATION_TITLE] = PRQ_SI("Specification-Title"),
    [PRQ_MF_SPECIFICATION_VENDOR] = PRQ_SI("Specification-Vendor"),
    [PRQ_MF_SPECIFICATION_VERSION] = PRQ_SI("Specification-Version"),
    [PRQ_MF_START_CLASS] = PRQ_SI("Start-Class"),
    [PRQ_MF_TOOL] = PRQ_SI("Tool"),
    [PRQ_MF_WEAVE_CLASSES] = PRQ_SI("Weave-Classes"),
};

/* The next line, which CR, LF or both end. */
static bool take_line(prq_str *rest, prq_str *line)
{
    size_t n = 0;
    if (rest->n == 0)
        return false;
    while (n < rest->n && rest->p[n] != '\n' && rest->p[n] != '\r')
        n++;
    *line = prq_str_head(*rest, n);
    bool is_pair = rest->n - n >= 2 && rest->p[n] == '\r' && rest->p[n + 1] == '\n';
    *rest = prq_str_from_at(*rest, n + (is_pair ? 2 : 1));
    return true;
}

/* A field with the lines that go on with a blank: the blank is not its own. */
static bool take_field(prq_str *rest, struct prq_buf *field, bool *is_blank)
{
    prq_str line;
    if (!take_line(rest, &line))
        return false;
    prq_buf_clear(field);
    prq_buf_str(field, line);
    *is_blank = line.n == 0;
    while (!*is_blank && rest->n && rest->p[0] == ' ' && take_line(rest, &line))
        prq_buf_str(field, prq_str_from_at(line, 1));
    return true;
}

static bool keep(prq_str *to, prq_str value, struct prq_arena *a)
{
    if (to->p || value.n == 0)
        return true;
    *to = prq_arena_copy(a, value);
    return to->p != NULL;
}

static bool keep_main(struct prq_manifest *m, prq_str key, prq_str value, struct prq_arena *a)
{
    for (size_t i = 0; i < PRQ_COUNT(keys); i++)
        if (prq_str_ieq(key, keys[i]))
            return keep(&m->main[i], value, a);
    return true;
}

bool prq_jar_manifest(prq_str text, struct prq_arena *a, struct prq_manifest *out)
{
    *out = (struct prq_manifest){ .is_present = true };
    PRQ_BUF field;
    prq_buf_init(&field, PRQ_MIB(16));
    bool is_main = true, is_blank = false, has_seen = false, agrees = true;
    if (prq_str_starts(text, PRQ_S("\xef\xbb\xbf")))
        text = prq_str_from_at(text, 3);
    while (take_field(&text, &field, &is_blank)) {
        prq_str key, value;
        if (field.bad)
            return false;
        is_main = is_main && !(is_blank && has_seen);
        has_seen = has_seen || !is_blank;
        if (is_blank || !prq_str_cut(prq_buf_view(&field), ':', &key, &value))
            continue;
        value = prq_str_trim(value);
        if (is_main && !keep_main(out, prq_str_trim(key), value, a))
            return false;
        if (is_main || !prq_str_ieq(key, PRQ_S("Implementation-Version")))
            continue;
        agrees = agrees && (!out->section_version.p || prq_str_eq(out->section_version, value));
        if (!keep(&out->section_version, value, a))
            return false;
    }
    if (!agrees)
        out->section_version = (prq_str){ 0 };
    return true;
}

/* ---- pom.properties */

/* Source: maven-archiver writes "key=value" lines; java.util.Properties reads '=', ':' or a blank
 * between them, '#' and '!' as comments. Coordinates need no escapes. */
struct prq_pom_properties prq_pom_properties(prq_str text)
{
    struct prq_pom_properties out = { 0 };
    prq_str line;
    while (take_line(&text, &line)) {
        line = prq_str_trim(line);
        if (line.n == 0 || line.p[0] == '#' || line.p[0] == '!')
            continue;
        size_t at = 0;
        while (at < line.n && line.p[at] != '=' && line.p[at] != ':' && !prq_is_space(line.p[at]))
            at++;
        prq_str key = prq_str_head(line, at);
        prq_str value = prq_str_trim(prq_str_from_at(line, at));
        if (value.n && (value.p[0] == '=' || value.p[0] == ':'))
            value = prq_str_trim(prq_str_from_at(value, 1));
        if (prq_str_eq(key, PRQ_S("groupId")))
            out.group = value;
        else if (prq_str_eq(key, PRQ_S("artifactId")))
            out.artifact = value;
        else if (prq_str_eq(key, PRQ_S("version")))
            out.version = value;
    }
    return out;
}
