/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the tables of the version schemes: SCHEME.cases beside this file, one per scheme.
 *
 *     # a comment
 *     a < b         also > and =; tested both ways round, and each side against itself
 *     valid x       is_valid says yes
 *     invalid x     is_valid says no
 *
 * Words are separated by blanks; one that holds blanks, or nothing, stands in double quotes, and
 * there \t is a tab. */
#include "unit.h"

#include "base/buf.h"
#include "version/version.h"

static bool read_whole(const char *path, struct prq_buf *out)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    size_t got;
    char piece[4096];
    while ((got = fread(piece, 1, sizeof piece, f)) > 0)
        prq_buf_add(out, piece, got);
    fclose(f);
    return !out->bad;
}

static int sign(int c)
{
    return (c > 0) - (c < 0);
}

/* Counts what is wrong, so that one run shows every broken line. */
static int check_pair(const struct prq_scheme *s, prq_str a, prq_str op, prq_str b)
{
    int c = sign(s->compare(a, b));
    bool ok = prq_str_eq(op, PRQ_S("<"))    ? c < 0
              : prq_str_eq(op, PRQ_S(">"))  ? c > 0
              : prq_str_eq(op, PRQ_S("="))  ? c == 0
              : prq_str_eq(op, PRQ_S("<=")) ? c <= 0
              : prq_str_eq(op, PRQ_S(">=")) ? c >= 0
              : prq_str_eq(op, PRQ_S("!=")) ? c != 0
                                            : false;
    ok = ok && sign(s->compare(b, a)) == -c && s->compare(a, a) == 0 && s->compare(b, b) == 0;
    if (!ok)
        print_error("%s: \"%.*s\" %.*s \"%.*s\": compared as %d\n", s->name, PRQ_FMT(a),
                    PRQ_FMT(op), PRQ_FMT(b), c);
    return !ok;
}

/* Unquotes in place of the file's bytes; false at the end of the line. */
static bool next_word(prq_str *rest, prq_str *word, char *store, size_t cap)
{
    *rest = prq_str_trim(*rest);
    if (rest->n == 0)
        return false;
    if (rest->p[0] != '"') {
        size_t n = 0;
        while (n < rest->n && !prq_is_space(rest->p[n]))
            n++;
        *word = prq_str_head(*rest, n);
        *rest = prq_str_from_at(*rest, n);
        return true;
    }
    size_t used = 0, i = 1;
    while (i < rest->n && rest->p[i] != '"' && used < cap) {
        bool is_tab = rest->p[i] == '\\' && i + 1 < rest->n && rest->p[i + 1] == 't';
        store[used++] = is_tab ? '\t' : rest->p[i];
        i += is_tab ? 2 : 1;
    }
    *word = (prq_str){ store, used };
    *rest = prq_str_from_at(*rest, i + 1);
    return true;
}

static int check_line(const struct prq_scheme *s, prq_str line)
{
    char store[3][256];
    prq_str word[4], rest = line;
    size_t n = 0;
    while (n < 4 && next_word(&rest, &word[n], store[n < 3 ? n : 2], sizeof store[0]))
        n++;
    if (n == 3)
        return check_pair(s, word[0], word[1], word[2]);
    bool want = n > 0 && prq_str_eq(word[0], PRQ_S("valid"));
    bool is_known = want || (n > 0 && prq_str_eq(word[0], PRQ_S("invalid")));
    if (n == 2 && is_known && s->is_valid(word[1]) == want)
        return 0;
    print_error("%s: %.*s\n", s->name, PRQ_FMT(line));
    return 1;
}

static int check_cases(const struct prq_scheme *s, const char *file, size_t *lines)
{
    char path[4096];
    snprintf(path, sizeof path, PRQ_SOURCE_DIR "/src/version/%s.cases", file);
    PRQ_BUF text;
    prq_buf_init(&text, PRQ_MIB(4));
    if (!read_whole(path, &text))
        fail_msg("cannot read %s", path);
    prq_str rest = prq_buf_view(&text), line;
    int wrong = 0;
    while (prq_str_line(&rest, &line)) {
        line = prq_str_trim(line);
        if (line.n == 0 || line.p[0] == '#')
            continue;
        wrong += check_line(s, line);
        ++*lines;
    }
    return wrong;
}

static void test_cases(void **state)
{
    (void)state;
    int wrong = 0;
    for (const struct prq_scheme *const *s = prq_schemes(); *s; s++) {
        size_t lines = 0;
        wrong += check_cases(*s, (*s)->name, &lines);
        assert_true(lines >= 10);
    }
    assert_int_equal(wrong, 0);
}

static int check_vectors(const char *dir, const char *file, const struct prq_scheme *s, size_t *n)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/data/version-vectors/%s.tsv", dir, file);
    PRQ_BUF text;
    prq_buf_init(&text, PRQ_MIB(16));
    if (!read_whole(path, &text))
        return 0;
    prq_str rest = prq_buf_view(&text), line, a, op, b, skipped;
    int wrong = 0;
    while (prq_str_line(&rest, &line)) {
        if (!prq_str_split(&line, '\t', &skipped) || !prq_str_split(&line, '\t', &a) ||
            !prq_str_split(&line, '\t', &op) || !prq_str_split(&line, '\t', &b))
            fail_msg("%s: a line without its columns", path);
        wrong += check_pair(s, a, op, b);
        ++*n;
    }
    return wrong;
}

/* A sample of what the peers test with, about 8,000 pairs; not part of the tree. */
static void test_shared_vectors(void **state)
{
    (void)state;
    static const char *const sets[][2] = {
        { "Alpine", "apk" },         { "CRAN", "cran" },
        { "Debian", "deb" },         { "Hackage", "hackage" },
        { "Maven", "maven" },        { "NuGet", "nuget" },
        { "Packagist", "composer" }, { "Pub", "pub" },
        { "PyPI", "pep440" },        { "RPM", "rpm" },
        { "RubyGems", "gem" },       { "SemVer", "semver" },
    };
    const char *dir = getenv("PRATIQUE_SHARED");
    size_t n = 0;
    int wrong = 0;
    for (size_t i = 0; i < PRQ_COUNT(sets); i++)
        wrong += check_vectors(dir ? dir : PRQ_SOURCE_DIR "/../shared", sets[i][0],
                               prq_scheme_find(prq_str_from(sets[i][1])), &n);
    if (n == 0) {
        print_message("skipped: no shared version vectors (PRATIQUE_SHARED)\n");
        skip();
    }
    print_message("%zu shared pairs\n", n);
    assert_int_equal(wrong, 0);
}

static void test_table(void **state)
{
    (void)state;
    for (const struct prq_scheme *const *s = prq_schemes(); *s; s++) {
        assert_true(!s[1] || strcmp((*s)->name, s[1]->name) < 0);
        assert_ptr_equal(prq_scheme_find(prq_str_from((*s)->name)), *s);
        assert_non_null((*s)->summary);
    }
    assert_null(prq_scheme_find(PRQ_S("")));
    assert_null(prq_scheme_find(PRQ_S("debx")));
    assert_ptr_equal(prq_scheme_find(PRQ_S("dpkg")), prq_scheme_find(PRQ_S("deb")));
}

/* Source: matching.md 1.18. */
static void test_lookup(void **state)
{
    (void)state;
    static const char *const spaces[][2] = {
        { "Alpine:3.17", "apk" },
        { "Alpine", "apk" },
        { "Wolfi", "apk" },
        { "Chainguard", "apk" },
        { "Debian:11", "deb" },
        { "Ubuntu:22.04:LTS", "deb" },
        { "Echo", "deb" },
        { "AlmaLinux:9", "rpm" },
        { "Rocky Linux:9", "rpm" },
        { "Red Hat:a:b", "rpm" },
        { "SUSE:x", "rpm" },
        { "openSUSE:Leap 15.6", "rpm" },
        { "Photon OS:5.0", "rpm" },
        { "Azure Linux:3", "rpm" },
        { "CBL-Mariner:2.0", "rpm" },
        { "Amazon Linux:2", "rpm" },
        { "Oracle Linux:8", "rpm" },
        { "Arch Linux", "alpm" },
        { "Mageia:9", "rpm" },
        { "openEuler:22.03", "rpm" },
        { "PyPI", "pep440" },
        { "npm", "npm" },
        { "Go", "go" },
        { "crates.io", "semver" },
        { "Hex", "semver" },
        { "Bitnami", "bitnami" },
        { "CRAN", "cran" },
        { "GHC", "semver" },
        { "GitHub Actions", "semver" },
        { "Hackage", "hackage" },
        { "Julia", "semver" },
        { "Maven", "maven" },
        { "NuGet", "nuget" },
        { "Packagist:https://packages.drupal.org/8", "composer" },
        { "Pub", "pub" },
        { "RubyGems", "gem" },
        { "SwiftURL", "semver" },
        { "opam", "opam" },
    };
    for (size_t i = 0; i < PRQ_COUNT(spaces); i++) {
        const struct prq_scheme *s = prq_scheme_of_space(prq_str_from(spaces[i][0]));
        assert_non_null(s);
        assert_string_equal(s->name, spaces[i][1]);
    }
    assert_null(prq_scheme_of_space(PRQ_S("Alpine3")));
    assert_null(prq_scheme_of_space(PRQ_S("")));
    static const char *const types[][2] = {
        { "deb", "deb" }, { "rpm", "rpm" },   { "apk", "apk" },
        { "npm", "npm" }, { "golang", "go" }, { "pypi", "pep440" },
    };
    for (size_t i = 0; i < PRQ_COUNT(types); i++)
        assert_string_equal(prq_scheme_of_type(prq_str_from(types[i][0]))->name, types[i][1]);
    assert_null(prq_scheme_of_type(PRQ_S("")));
}

/* Source: matching.md 1.2, epoch policy (b): perl-Errno of perl-5.26.3-419.el8_4.1.src.rpm. */
static void test_rpm_auto_epoch(void **state)
{
    (void)state;
    assert_true(prq_rpm_compare(PRQ_S("5.26.3-419.el8_4.1"), PRQ_S("4:5.26.3-419.el8")) < 0);
    assert_true(prq_rpm_compare_auto_epoch(PRQ_S("5.26.3-419.el8_4.1"), PRQ_S("4:5.26.3-419.el8")) >
                0);
    assert_true(prq_rpm_compare_auto_epoch(PRQ_S("3:9"), PRQ_S("4:5")) < 0);
}

/* Source: matching.md 1.4, ranges. */
static void test_pep440_bound(void **state)
{
    (void)state;
    prq_str local = PRQ_S("1.0.0+local");
    assert_true(prq_pep440_compare(local, PRQ_S("1.0.0")) > 0);
    assert_int_equal(prq_pep440_compare_bound(local, PRQ_S("1.0.0")), 0);
    assert_true(prq_pep440_compare_bound(local, PRQ_S("1.0.0+locam")) < 0);
    assert_true(prq_pep440_compare_bound(PRQ_S("1.0.0"), PRQ_S("1.0.0+local")) < 0);
}

/* Source: matching.md 1.7. */
static void test_maven_bound(void **state)
{
    (void)state;
    prq_str bound = PRQ_S("12.10.2");
    assert_int_equal(prq_maven_compare_bound(PRQ_S("12.10.2.jre11"), bound), 0);
    assert_int_equal(prq_maven_compare_bound(bound, PRQ_S("12.10.2.JDK8")), 0);
    assert_true(prq_maven_compare_bound(PRQ_S("12.10.2-jre"), bound) > 0);
    assert_true(prq_maven_compare_bound(PRQ_S("12.10.1.jre11"), bound) < 0);
    assert_true(prq_maven_compare_bound(PRQ_S("jre11"), PRQ_S("1")) < 0);
}

/* Source: matching.md 7.1 ("8.0" equals "8.0.0"). */
static void test_composer_bound(void **state)
{
    (void)state;
    static const char *const pairs[][3] = {
        { "8.0", "=", "8.0.0" },     { "v8", "=", "8.0.0.0" },        { "8.0", "<", "8.0.1" },
        { "8.0-RC1", "<", "8.0.0" }, { "8.0-RC1", "=", "8.0.0-RC1" }, { "8.0.0.1", ">", "8" },
        { "8.0-p1", ">", "8.0.0" },  { "7.9.9", "<", "8" },           { "8.0.0.0.1", ">", "8" },
    };
    for (size_t i = 0; i < PRQ_COUNT(pairs); i++) {
        prq_str a = prq_str_from(pairs[i][0]), b = prq_str_from(pairs[i][2]);
        int want = pairs[i][1][0] == '<' ? -1 : pairs[i][1][0] == '>';
        assert_int_equal(sign(prq_composer_compare_bound(a, b)), want);
        assert_int_equal(sign(prq_composer_compare_bound(b, a)), -want);
    }
}

/* A zeroed view is an empty version, and no comparator may read behind it. */
static void test_empty(void **state)
{
    (void)state;
    for (const struct prq_scheme *const *s = prq_schemes(); *s; s++) {
        prq_str none = { 0 };
        assert_int_equal((*s)->compare(none, none), 0);
        assert_int_equal((*s)->compare(none, PRQ_S("")), 0);
        assert_true((*s)->compare(none, PRQ_S("1")) <= 0);
        assert_false((*s)->is_valid(none));
    }
}

/* Each comparator reads a byte a bounded number of times; were one quadratic, this would take
 * hours instead of milliseconds and the test's time limit would tell. */
static void test_long(void **state)
{
    (void)state;
    static const char *const units[] = { "1.", "0", "0.", "~", "-", ".a", "_p", "a0-", "+x.", "9" };
    PRQ_BUF text;
    prq_buf_init(&text, PRQ_MIB(4));
    for (size_t u = 0; u < PRQ_COUNT(units); u++) {
        prq_buf_clear(&text);
        prq_buf_byte(&text, '1');
        while (text.n < PRQ_KIB(256))
            prq_buf_str(&text, prq_str_from(units[u]));
        prq_str v = prq_buf_view(&text), shorter = prq_str_head(v, v.n - 1);
        for (const struct prq_scheme *const *s = prq_schemes(); *s; s++) {
            (*s)->is_valid(v);
            assert_int_equal((*s)->compare(v, v), 0);
            assert_int_equal(sign((*s)->compare(v, shorter)), -sign((*s)->compare(shorter, v)));
        }
    }
    prq_buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),          cmocka_unit_test(test_shared_vectors),
        cmocka_unit_test(test_table),          cmocka_unit_test(test_lookup),
        cmocka_unit_test(test_rpm_auto_epoch), cmocka_unit_test(test_pep440_bound),
        cmocka_unit_test(test_maven_bound),    cmocka_unit_test(test_composer_bound),
        cmocka_unit_test(test_empty),          cmocka_unit_test(test_long),
    };
    return cmocka_run_group_tests_name("version", tests, NULL, NULL);
}
