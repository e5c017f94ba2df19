/* SPDX-License-Identifier: Apache-2.0 */
/* Every cause of docs/compare.md, by a report written for it. */
#undef PRQ_SOURCE_DIR /* of the build; model/analysis.h has an enumerator of that name */
#include "unit.h"

#include "report/comparison.h"

enum { NPM_A, NPM_B, DEB_HEADERS, PYPI_MOVED, PYPI_LOOSE, MAVEN_AT, PACKAGES };

static struct prq_package packages[PACKAGES] = {
    [NPM_A] = { .type = PRQ_SI("npm"), .name = PRQ_SI("a"), .version = PRQ_SI("1.0.0") },
    [NPM_B] = { .type = PRQ_SI("npm"), .name = PRQ_SI("b"), .version = PRQ_SI("1.0.0"),
                .flags = PRQ_PKG_DECLARED },
    [DEB_HEADERS] = { .type = PRQ_SI("deb"), .name = PRQ_SI("linux-libc-dev"), .version = PRQ_SI("6.1-1") },
    [PYPI_MOVED] = { .type = PRQ_SI("pypi"), .name = PRQ_SI("Zope.Interface"), .version = PRQ_SI("5.0") },
    [PYPI_LOOSE] = { .type = PRQ_SI("pypi"), .name = PRQ_SI("loose"), .version = PRQ_SI("2.0") },
    [MAVEN_AT] = { .type = PRQ_SI("maven"), .name = PRQ_SI("org.example:art"), .version = PRQ_SI("3.1") },
};

static prq_str two[] = { PRQ_SI("1.1.0"), PRQ_SI("2.0.0") };
static prq_str alias[] = { PRQ_SI("CVE-2023-0001") };

static struct prq_finding findings[] = {
    { .id = PRQ_SI("GHSA-1"), .aliases = { alias, 1 }, .severity = PRQ_SEV_HIGH, .package = NPM_A,
      .state = PRQ_FIX_FIXED, .fixed_in = { two, 2 } },
    { .id = PRQ_SI("CVE-2023-0002"), .severity = PRQ_SEV_LOW, .package = NPM_A,
      .state = PRQ_FIX_FIXED, .fixed_in = { two, 1 } },
    { .id = PRQ_SI("CVE-2023-0003"), .severity = PRQ_SEV_HIGH, .package = NPM_A,
      .state = PRQ_FIX_NOT_FIXED },
    { .id = PRQ_SI("CVE-2023-0004"), .severity = PRQ_SEV_HIGH, .package = NPM_A,
      .state = PRQ_FIX_FIXED, .published = PRQ_SI("2024-05-01T00:00:00Z"), .fixed_in = { two, 1 } },
    { .id = PRQ_SI("CVE-2023-0005"), .severity = PRQ_SEV_HIGH, .package = NPM_A,
      .state = PRQ_FIX_FIXED, .fixed_in = { two, 1 }, .record_id = PRQ_SI("R"),
      .record_source = PRQ_SI("osv"), .comparison = PRQ_SI("1.0.0 < 1.1.0 (npm)") },
    { .id = PRQ_SI("CVE-2023-0006"), .severity = PRQ_SEV_HIGH, .package = NPM_B,
      .state = PRQ_FIX_FIXED },
};
static struct prq_finding suppressed[] = {
    { .id = PRQ_SI("CVE-2023-0010"), .package = DEB_HEADERS,
      .by = { PRQ_SI("exclusion"), PRQ_SI("kernel-libc-dev-deb"), PRQ_SI("headers") } },
};
static struct prq_analysis analysis = { .packages = packages, .package_count = PACKAGES,
                                        .id = PRQ_SI("sha256:aa"), .dev_left_out = 1 };
static const struct prq_report report = {
    .analysis = &analysis, .findings = findings, .finding_count = PRQ_COUNT(findings),
    .suppressed = suppressed, .suppressed_count = PRQ_COUNT(suppressed),
};

/* By the last digits of the asked CVE. */
static bool why(void *user, prq_str id, size_t package, struct prq_absence *out, struct prq_err *err)
{
    static const struct {
        const char *id, *cause;
    } rows[] = {
        { "CVE-2023-0021", "not-in-range" },  { "CVE-2023-0022", "withdrawn" },
        { "CVE-2023-0023", "third-party" },   { "CVE-2023-0024", "other-release" },
        { "CVE-2023-0025", "family-too-old" }, { "CVE-2023-0026", "undecided" },
        { "CVE-2023-0027", "not-affected" },  { "CVE-2023-0028", "overruled" },
        { "CVE-2023-0029", "dev-left-out" },  { "CVE-2023-0030", "owned" },
    };
    (void)user, (void)err;
    assert_true(package < PACKAGES);
    for (size_t i = 0; i < PRQ_COUNT(rows); i++)
        if (prq_str_eq(id, prq_str_from(rows[i].id)))
            *out = (struct prq_absence){ .cause = rows[i].cause, .text = PRQ_S("because") };
    if (prq_str_eq(id, PRQ_S("GO-1"))) /* a name that only the database links */
        *out = (struct prq_absence){ .cause = "reported", .is_reported = true, .finding = &findings[1] };
    return true;
}

static struct prq_comparison compared(const char *json, struct prq_arena *a)
{
    static struct prq_foreign f;
    struct prq_comparison c;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(prq_foreign_read(prq_str_from(json), &prq_limits_default, a, &f, &err));
    assert_true(prq_comparison_make(&report, &f, why, NULL, a, &c, &err));
    return c;
}

/* The line of a finding, or of a package when `id` is "". */
static const struct prq_unlike *line(const struct prq_comparison *c, const char *id, const char *name)
{
    for (size_t i = 0; i < c->n; i++)
        if (prq_str_eq(c->v[i].id, prq_str_from(id)) && prq_str_eq(c->v[i].name, prq_str_from(name)))
            return &c->v[i];
    print_error("no line for %s %s\n", id, name);
    fail();
    return NULL;
}

#define V(id, more) "{\"VulnerabilityID\":\"" id "\",\"PkgName\":\"a\",\"InstalledVersion\":\"1.0.0\"" more "}"
static const char trivy[] =
    "{\"SchemaVersion\":2,\"Metadata\":{\"ImageID\":\"sha256:bb\"},\"Results\":[{\"Type\":\"node-pkg\",\"Packages\":["
    "{\"Name\":\"a\",\"Version\":\"1.0.0\"},{\"Name\":\"theirs\",\"Version\":\"9\",\"Dev\":true}],\"Vulnerabilities\":["
    V("CVE-2023-0001", ",\"Severity\":\"MEDIUM\",\"SeveritySource\":\"nvd\",\"FixedVersion\":\"2.0.0\"") ","
    V("CVE-2023-0002", ",\"Severity\":\"LOW\",\"FixedVersion\":\"3.0.0\"") ","
    V("CVE-2023-0003", ",\"Severity\":\"HIGH\",\"Status\":\"will_not_fix\"") ","
    V("CVE-2023-0021", "") "," V("CVE-2023-0022", "") "," V("CVE-2023-0023", "") ","
    V("CVE-2023-0024", "") "," V("CVE-2023-0025", "") "," V("CVE-2023-0026", "") ","
    V("CVE-2023-0027", "") "," V("CVE-2023-0028", "") "," V("CVE-2023-0029", "") ","
    V("CVE-2023-0030", "") "," V("CVE-2023-0031", "") "]},"
    "{\"Type\":\"debian\",\"Packages\":[{\"Name\":\"linux-libc-dev\",\"Version\":\"6.1-1\"}],\"Vulnerabilities\":["
    "{\"VulnerabilityID\":\"CVE-2023-0010\",\"PkgName\":\"linux-libc-dev\",\"InstalledVersion\":\"6.1-1\"}]},"
    "{\"Type\":\"python-pkg\",\"Packages\":[{\"Name\":\"zope-interface\",\"Version\":\"5.0\"},{\"Name\":\"loose\","
    "\"Version\":\"2.1\"}],\"Vulnerabilities\":[{\"VulnerabilityID\":\"CVE-2023-0040\",\"PkgName\":\"loose\","
    "\"InstalledVersion\":\"2.1\"}]},"
    "{\"Type\":\"jar\",\"Packages\":[{\"Name\":\"com.other:art\",\"Version\":\"3.1\"}]}]}";

static void test_comparison_causes(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    struct prq_comparison c = compared(trivy, a);
    static const struct {
        const char *id, *name;
        enum prq_unlike_cause cause;
        enum prq_unlike_side side;
    } want[] = {
        { "", "b", PRQ_UNLIKE_PACKAGE, PRQ_ONLY_HERE },
        { "", "theirs", PRQ_UNLIKE_PACKAGE, PRQ_ONLY_THERE },
        { "CVE-2023-0006", "b", PRQ_UNLIKE_PACKAGE, PRQ_ONLY_HERE },
        { "", "loose", PRQ_UNLIKE_VERSION, PRQ_BOTH },
        { "CVE-2023-0040", "loose", PRQ_UNLIKE_VERSION, PRQ_ONLY_THERE },
        { "", "org.example:art", PRQ_UNLIKE_NAME, PRQ_BOTH },
        { "GHSA-1", "a", PRQ_UNLIKE_SEVERITY, PRQ_BOTH },
        { "CVE-2023-0002", "a", PRQ_UNLIKE_FIX, PRQ_BOTH },
        { "CVE-2023-0003", "a", PRQ_UNLIKE_STATE, PRQ_BOTH },
        { "CVE-2023-0005", "a", PRQ_UNLIKE_UNEXPLAINED, PRQ_ONLY_HERE },
        { "CVE-2023-0010", "linux-libc-dev", PRQ_UNLIKE_SUPPRESSED_HERE, PRQ_ONLY_THERE },
        { "CVE-2023-0021", "a", PRQ_UNLIKE_RANGE, PRQ_ONLY_THERE },
        { "CVE-2023-0022", "a", PRQ_UNLIKE_STATUS, PRQ_ONLY_THERE },
        { "CVE-2023-0023", "a", PRQ_UNLIKE_NOT_JUDGED, PRQ_ONLY_THERE },
        { "CVE-2023-0024", "a", PRQ_UNLIKE_ADVISORY, PRQ_ONLY_THERE },
        { "CVE-2023-0025", "a", PRQ_UNLIKE_ADVISORY, PRQ_ONLY_THERE },
        { "CVE-2023-0026", "a", PRQ_UNLIKE_UNEXPLAINED, PRQ_ONLY_THERE },
        { "CVE-2023-0027", "a", PRQ_UNLIKE_STATUS, PRQ_ONLY_THERE },
        { "CVE-2023-0028", "a", PRQ_UNLIKE_RANGE, PRQ_ONLY_THERE },
        { "CVE-2023-0029", "a", PRQ_UNLIKE_NOT_JUDGED, PRQ_ONLY_THERE },
        { "CVE-2023-0030", "a", PRQ_UNLIKE_SUPPRESSED_HERE, PRQ_ONLY_THERE },
        { "CVE-2023-0031", "a", PRQ_UNLIKE_UNEXPLAINED, PRQ_ONLY_THERE },
    };
    for (size_t i = 0; i < PRQ_COUNT(want); i++) {
        const struct prq_unlike *u = line(&c, want[i].id, want[i].name);
        if (u->cause != want[i].cause || u->side != want[i].side)
            print_error("%s %s: %s\n", want[i].id, want[i].name, prq_unlike_word(u->cause));
        assert_int_equal(u->cause, want[i].cause);
        assert_int_equal(u->side, want[i].side);
    }
    assert_str(line(&c, "", "b")->text, "from a lock file or manifest");
    assert_str(line(&c, "", "theirs")->text,
               "only development needs it: left out here (--include-dev)");
    assert_str(line(&c, "", "loose")->here, "2.0");
    assert_str(line(&c, "", "loose")->there, "2.1");
    assert_str(line(&c, "GHSA-1", "a")->there, "MEDIUM by nvd");
    assert_str(line(&c, "CVE-2023-0002", "a")->there, "3.0.0");
    assert_str(line(&c, "CVE-2023-0003", "a")->there, "wont-fix");
    assert_str(line(&c, "CVE-2023-0010", "linux-libc-dev")->text,
               "exclusion kernel-libc-dev-deb: headers");
    assert_int_equal(c.findings_alias, 1); /* GHSA-1 is their CVE-2023-0001 */
    assert_int_equal(c.findings_same, 2);
    assert_int_equal(c.packages_same, 3); /* a, linux-libc-dev, Zope.Interface */
    assert_str(c.notes[0], "the reports are of different images");
    size_t sum = 0;
    for (size_t i = 0; i < PRQ_UNLIKE_CAUSES; i++)
        sum += c.counts[i];
    assert_int_equal(sum, c.n);
}

/* What Grype's form alone tells: CPE matches, the day of its data, what it left out. */
static void test_comparison_grype(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
#define A "\"artifact\":{\"name\":\"a\",\"version\":\"1.0.0\",\"type\":\"npm\"}"
    struct prq_comparison c = compared(
        "{\"matches\":[{\"vulnerability\":{\"id\":\"CVE-2023-0024\",\"namespace\":\"nvd:cpe\",\"severity\":\"High\"}," A "},"
        "{\"vulnerability\":{\"id\":\"CVE-2023-0021\",\"severity\":\"High\",\"fix\":{\"versions\":[\"2\"],\"state\":\"fixed\"}},"
        "\"matchDetails\":[{\"type\":\"cpe-match\"}]," A "},"
        "{\"vulnerability\":{\"id\":\"GO-1\",\"severity\":\"High\",\"fix\":{\"versions\":[\"1.1.0\"],\"state\":\"fixed\"}}," A "},"
        "{\"vulnerability\":{\"id\":\"GHSA-1\",\"severity\":\"High\",\"fix\":{\"versions\":[\"1.1.0\"],\"state\":\"fixed\"}}," A "},"
        "{\"vulnerability\":{\"id\":\"CVE-2023-0001\",\"namespace\":\"nvd:cpe\",\"severity\":\"High\"}," A "}],"
        "\"ignoredMatches\":[{\"vulnerability\":{\"id\":\"CVE-2023-0005\"}," A ",\"appliedIgnoreRules\":[{\"reason\":"
        "\"accepted\"}]}],\"descriptor\":{\"db\":{\"built\":\"2024-01-01T00:00:00Z\"}}}", a);
    assert_int_equal(line(&c, "CVE-2023-0024", "a")->cause, PRQ_UNLIKE_CPE);
    assert_int_equal(line(&c, "CVE-2023-0021", "a")->cause, PRQ_UNLIKE_RANGE); /* the record knows better */
    assert_int_equal(line(&c, "CVE-2023-0003", "a")->cause, PRQ_UNLIKE_FILTERED);
    assert_int_equal(line(&c, "CVE-2023-0004", "a")->cause, PRQ_UNLIKE_ADVISORY);
    assert_str(line(&c, "CVE-2023-0004", "a")->text,
               "published 2024-05-01, their data is of 2024-01-01");
    assert_int_equal(line(&c, "CVE-2023-0005", "a")->cause, PRQ_UNLIKE_SUPPRESSED_THERE);
    assert_str(line(&c, "CVE-2023-0005", "a")->text, "accepted");
    assert_int_equal(line(&c, "CVE-2023-0002", "a")->cause, PRQ_UNLIKE_SEVERITY); /* their GO-1 */
    assert_int_equal(c.findings_same, 1);  /* GHSA-1; its CVE is the same once more */
    assert_int_equal(c.findings_alias, 1); /* GO-1 */
    for (size_t i = 0; i < c.n; i++)
        assert_true(c.v[i].id.n > 0); /* packages that only we see are not told */
}

static void test_comparison_filtered(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    struct prq_comparison c = compared(
        "{\"matches\":[{\"vulnerability\":{\"id\":\"CVE-2023-0021\",\"severity\":\"High\",\"fix\":{\"versions\":[],"
        "\"state\":\"not-fixed\"}}," A "}]}", a);
    assert_int_equal(line(&c, "CVE-2023-0002", "a")->cause, PRQ_UNLIKE_FILTERED);
    assert_str(line(&c, "CVE-2023-0002", "a")->text, "it is LOW, and their report has nothing as low");
    assert_int_equal(line(&c, "CVE-2023-0003", "a")->cause, PRQ_UNLIKE_UNEXPLAINED);
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_report_style style = { 0 };
    PRQ_BUF out;
    prq_buf_init(&out, PRQ_MIB(1));
    assert_true(prq_comparison_table(&c, &style, &out, &err));
    assert_true(prq_str_has(prq_buf_view(&out), PRQ_S("filtered")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comparison_causes),
        cmocka_unit_test(test_comparison_grype),
        cmocka_unit_test(test_comparison_filtered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
