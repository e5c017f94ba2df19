/* SPDX-License-Identifier: Apache-2.0 */
/* *.cases: small analyses and databases, and what must come out. The database is a table. */
#include "unit.h"

/* The macro shares its name with an enumerator of model/analysis.h. */
static const char cases_path[] = PRQ_SOURCE_DIR "/src/match/match.cases";
static const char red_hat_path[] = PRQ_SOURCE_DIR "/src/match/redhat.cases";
static const char acceptance_path[] = PRQ_SOURCE_DIR "/src/match/acceptance.cases";
#undef PRQ_SOURCE_DIR

#include "base/buf.h"
#include "io/source.h"
#include "match/absence.h"
#include "match/core.h"
#include "matchbench.h"

/* ---- judging and checking */

static void judge(struct bench *b)
{
    struct prq_facts facts = table;
    facts.user = b;
    b->analysis.kind = PRQ_SOURCE_LIST;
    b->analysis.packages = b->packages;
    b->analysis.package_count = b->package_count;
    struct prq_ctx ctx = unit_ctx(b->a);
    struct prq_err err = PRQ_ERR_INIT;
    if (!prq_match_facts(&ctx, &b->analysis, &facts, &b->opts, b->a, &b->report, &err)) {
        print_error("%.*s: %s\n", PRQ_FMT(b->title), err.text);
        fail();
    }
    b->report.analysis = &b->analysis;
    b->is_judged = true;
}

/* "+>0,<1.2;->2.0": ranges that hit and that do not, signs and versions of their events. */
static prq_str traced(struct bench *b, const struct prq_trace *t)
{
    prq_str out = { 0 };
    for (size_t i = 0; i < t->n; i++)
        for (size_t k = 0; k < t->ranges[i].n; k++) {
            const struct prq_step *s = &t->ranges[i].steps[k];
            out = prq_arena_printf(b->a, "%.*s%s%c%.*s", PRQ_FMT(out),
                                   k ? "," : t->ranges[i].is_hit ? i ? ";+" : "+" : i ? ";-" : "-",
                                   s->sign, PRQ_FMT(s->version));
        }
    return out;
}

static prq_str joined(struct bench *b, const struct prq_strs *v)
{
    prq_str out = { 0 };
    for (size_t i = 0; i < v->n; i++)
        out = prq_arena_printf(b->a, "%.*s%s%.*s", PRQ_FMT(out), i ? "," : "", PRQ_FMT(v->v[i]));
    return out;
}

static prq_str rated(struct bench *b, const struct prq_finding *f)
{
    prq_str out = { 0 };
    for (size_t i = 0; i < f->rating_count; i++)
        out = prq_arena_printf(b->a, "%.*s%s%.*s|%.*s", PRQ_FMT(out), i ? "," : "",
                               PRQ_FMT(f->ratings[i].source), PRQ_FMT(f->ratings[i].value));
    return out;
}

/* The finding's own text of what `key` asks for; `want` gets blanks where that is a sentence. */
static prq_str property(struct bench *b, const struct prq_finding *f, prq_str key, prq_str *want)
{
    bool is_text = is(key, "text") || is(key, "note") || is(key, "summary");
    if (is_text)
        *want = blanks(b, *want);
    if (is(key, "direct") || is(key, "indirect") || is(key, "disputed"))
        *want = PRQ_S("yes");
    const struct {
        const char *key;
        prq_str value;
    } all[] = {
        { "state", prq_str_from(prq_fix_state_word(f->state)) },
        { "severity", prq_str_from(prq_severity_word(f->severity)) },
        { "source", f->severity_source },
        { "score", f->cvss_score },
        { "fix", joined(b, &f->fixed_in) },
        { "upstream-fix", f->upstream_fix },
        { "space", f->space },
        { "alias", joined(b, &f->aliases) },
        { "advisory", joined(b, &f->advisories) },
        { "confidence", f->confidence },
        { "record", f->record_id },
        { "text", f->comparison },
        { "note", f->note },
        { "summary", f->summary },
        { "rated", rated(b, f) },
        { "kev", f->kev_added },
        { "epss", f->epss_score },
        { "version", b->packages[f->package].version },
        { "direct", f->is_indirect ? PRQ_S("no") : PRQ_S("yes") },
        { "indirect", f->is_indirect ? PRQ_S("yes") : PRQ_S("no") },
        { "disputed", f->is_disputed ? PRQ_S("yes") : PRQ_S("no") },
    };
    for (size_t i = 0; i < PRQ_COUNT(all); i++)
        if (is(key, all[i].key))
            return all[i].value;
    bad_line(b, key);
    return (prq_str){ 0 };
}

static const struct prq_finding *find(const struct bench *b, const struct prq_finding *v, size_t n,
                                      prq_str name, prq_str id, prq_str version)
{
    for (size_t i = 0; i < n; i++) {
        const struct prq_package *p = &b->packages[v[i].package];
        if (prq_str_eq(p->name, name) && prq_finding_has_id(&v[i], id) &&
            (version.n == 0 || prq_str_eq(p->version, version)))
            return &v[i];
    }
    return NULL;
}

static bool is_pending(const struct bench *b)
{
    return prq_str_has(prq_str_head(b->title, prq_str_find(b->title, ':')), PRQ_S("(not yet)"));
}

static void wrong(struct bench *b, prq_str line, const char *why, prq_str got)
{
    if (!is_pending(b))
        print_error("%.*s\n    %.*s\n    %s %.*s\n", PRQ_FMT(b->title), PRQ_FMT(line), why,
                PRQ_FMT(got));
    b->wrong++;
}

static void want_reported(struct bench *b, prq_str line, prq_str rest)
{
    prq_str name = word(&rest), id = word(&rest), v, version = { 0 }, again = rest;
    while (prq_str_trim(again).n > 0)
        if (is(option(&again, &v), "version"))
            version = v;
    const struct prq_finding *f =
        find(b, b->report.findings, b->report.finding_count, name, id, version);
    if (!f) {
        wrong(b, line, "not reported", (prq_str){ 0 });
        return;
    }
    while (prq_str_trim(rest).n > 0) {
        prq_str key = option(&rest, &v);
        if (is(key, "alias")) { /* the id asked for is the finding's own, unless id= says another */
            if (!prq_str_eq(joined(b, &f->aliases), v) && !prq_str_has(rest, PRQ_S("id=")))
                wrong(b, line, "aliases are", joined(b, &f->aliases));
            continue;
        }
        if (is(key, "id")) {
            if (!prq_str_eq(f->id, v))
                wrong(b, line, "the id is", f->id);
            continue;
        }
        prq_str got = property(b, f, key, &v);
        if (!prq_str_eq(got, v))
            wrong(b, line, "but it is", got);
    }
}

static void want_suppressed(struct bench *b, prq_str line, prq_str rest)
{
    prq_str name = word(&rest), id = word(&rest), kind = word(&rest);
    const struct prq_finding *f = find(b, b->report.suppressed, b->report.suppressed_count, name,
                                       id, (prq_str){ 0 });
    if (!f)
        wrong(b, line, "not suppressed", (prq_str){ 0 });
    else if (!prq_str_eq(f->by.kind, kind))
        wrong(b, line, "suppressed by", f->by.kind);
    else if (f->by.id.n == 0 || f->by.reason.n == 0)
        wrong(b, line, "without id or reason", f->by.reason);
}

static void want_gap(struct bench *b, prq_str line, prq_str kind, bool is_wanted)
{
    bool is_there = false;
    for (size_t i = 0; i < b->report.gap_count; i++)
        is_there = is_there || prq_str_eq(b->report.gaps[i].kind, kind);
    if (is_there != is_wanted)
        wrong(b, line, is_there ? "there is one" : "there is none", (prq_str){ 0 });
}

/* A PACKAGE ID CAUSE [text=PART] [trace=…] [names=…] [saved] [nodb] [devless] */
static void want_absence(struct bench *b, prq_str line, prq_str rest)
{
    struct prq_absence_opts o = { .match = b->opts };
    o.package = word(&rest);
    o.id = word(&rest);
    prq_str cause = word(&rest), v, text = { 0 }, trace = { 0 }, names = { 0 };
    bool has_database = true;
    if (!b->is_judged)
        judge(b);
    while (prq_str_trim(rest).n > 0) {
        prq_str key = option(&rest, &v);
        if (is(key, "text"))
            text = blanks(b, v);
        else if (is(key, "trace"))
            trace = v;
        else if (is(key, "names"))
            names = v;
        else if (is(key, "saved"))
            o.is_saved = true;
        else if (is(key, "nodb"))
            has_database = false;
        else if (is(key, "devless"))
            o.leaves_out_dev = true;
        else
            bad_line(b, key);
    }
    struct prq_facts facts = table;
    facts.user = b;
    struct prq_ctx ctx = unit_ctx(b->a);
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_absence *is = NULL;
    size_t n = 0;
    if (!prq_absence_facts(&ctx, &b->report, has_database ? &facts : NULL, &o, b->a, &is, &n, &err))
        wrong(b, line, err.text, (prq_str){ 0 });
    else if (n == 0 || !prq_str_eq(cause, prq_str_from(is[0].cause)))
        wrong(b, line, n ? is[0].cause : "no verdict", n ? is[0].text : (prq_str){ 0 });
    else if (text.n && !prq_str_has(is[0].text, text))
        wrong(b, line, "text is", is[0].text);
    else if (trace.n && !prq_str_eq(traced(b, &is[0].trace), trace))
        wrong(b, line, "trace is", traced(b, &is[0].trace));
    else if (names.n && !prq_str_eq(joined(b, &is[0].names), names))
        wrong(b, line, "names are", joined(b, &is[0].names));
}

static void check(struct bench *b, prq_str line, prq_str kind, prq_str rest)
{
    if (!b->is_judged)
        judge(b);
    if (is(kind, "V")) {
        want_reported(b, line, rest);
    } else if (is(kind, "S")) {
        want_suppressed(b, line, rest);
    } else if (is(kind, "N")) {
        prq_str name = word(&rest), id = word(&rest);
        if (find(b, b->report.findings, b->report.finding_count, name, id, (prq_str){ 0 }))
            wrong(b, line, "reported", (prq_str){ 0 });
    } else if (is(kind, "count")) {
        if (number(word(&rest)) != b->report.finding_count)
            wrong(b, line, "findings are",
                  prq_arena_printf(b->a, "%zu", b->report.finding_count));
    } else if (is(kind, "A")) {
        want_absence(b, line, rest);
    } else if (is(kind, "G") || is(kind, "NG")) {
        want_gap(b, line, word(&rest), is(kind, "G"));
    } else {
        bad_line(b, kind);
    }
}

static void read_line(struct bench *b, prq_str line)
{
    prq_str rest = line, kind = word(&rest);
    if (is(kind, "pkg")) {
        add_package(b, rest);
    } else if (is(kind, "row")) {
        add_row(b, rest);
    } else if (is(kind, "record")) {
        add_record(b, rest);
    } else if (is(kind, "cve")) {
        add_cve(b, rest);
    } else if (is(kind, "nvd")) {
        add_nvd(b, rest);
    } else if (is(kind, "vex")) {
        add_vex(b, rest);
    } else if (is(kind, "opt")) {
        set_option(b, rest);
    } else if (is(kind, "layer")) {
        b->layers[b->analysis.layer_count++].content_sets = list(b, word(&rest));
        b->analysis.layers = b->layers;
    } else if (is(kind, "channel")) {
        b->analysis.distro.channels = list(b, word(&rest));
    } else if (is(kind, "image")) {
        b->analysis.has_distro = true;
        b->analysis.distro.id = word(&rest);
        b->analysis.distro.version_id = word(&rest);
        b->analysis.distro.codename = word(&rest);
    } else {
        check(b, line, kind, rest);
    }
}

/* A case that is known to fail is named, whether it does or not. */
static void end_case(struct bench *b, size_t *wrong_count)
{
    if (is_pending(b))
        print_message("%.*s: %s\n", PRQ_FMT(b->title), b->wrong ? "fails" : "PASSES: unmark it");
    else
        *wrong_count += b->wrong;
}

/* Runs every case of a file; `each` sees their titles. */
static size_t run_cases(const char *path, void (*each)(prq_str title, void *user), void *user)
{
    PRQ_BUF text;
    prq_buf_init(&text, PRQ_MIB(1));
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(prq_read_file(path, &text, &err));
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    prq_str rest = prq_buf_view(&text), line;
    size_t cases = 0, wrong_count = 0;
    while (prq_str_line(&rest, &line)) {
        if (line.n == 0 || line.p[0] == '#')
            continue;
        if (prq_str_starts(line, PRQ_S("case "))) {
            end_case(b, &wrong_count);
            memset(b, 0, sizeof *b);
            *b = (struct bench){ .a = a, .title = prq_str_from_at(line, 5) };
            each(b->title, user);
            cases++;
            continue;
        }
        read_line(b, line);
    }
    end_case(b, &wrong_count);
    free(b);
    assert_int_equal(wrong_count, 0);
    return cases;
}

static void no_number(prq_str title, void *user)
{
    (void)title, (void)user;
}

static void test_match_cases(void **state)
{
    (void)state;
    assert_true(run_cases(cases_path, no_number, NULL) > 50);
    assert_true(run_cases(red_hat_path, no_number, NULL) > 30);
}

/* "28, 29: …" */
static void note_numbers(prq_str title, void *user)
{
    uint64_t *seen = user, n;
    prq_str head = prq_str_head(title, prq_str_find(title, ':')), piece;
    size_t mark = prq_str_find(head, '(');
    head = prq_str_head(head, mark);
    while (prq_str_split(&head, ',', &piece)) {
        assert_true(prq_str_u64(prq_str_trim(piece), &n) && n >= 1 && n <= 54);
        *seen |= UINT64_C(1) << n;
    }
}

static void test_acceptance_cases(void **state)
{
    (void)state;
    uint64_t seen = 0;
    run_cases(acceptance_path, note_numbers, &seen);
    for (unsigned n = 1; n <= 54; n++)
        if (!(seen >> n & 1))
            fail_msg("no case %u", n);
}


/* Order: severity descending, id, package; the same for any order of the rows. */
static void test_match_order(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    *b = (struct bench){ .a = a, .title = PRQ_S("order") };
    static const char *const lines[] = {
        "pkg pypi a 1.0", "pkg pypi b 1.0",
        "row PyPI b PYSEC-2 range=0.. rating=x|word|low",
        "row PyPI b PYSEC-1 range=0.. rating=x|word|low",
        "row PyPI a PYSEC-1 range=0.. rating=x|word|low",
        "row PyPI a PYSEC-3 range=0.. rating=x|word|critical",
        "row PyPI a PYSEC-0 range=0..",
    };
    static const struct {
        const char *id;
        size_t package;
    } want[] = { { "PYSEC-3", 0 }, { "PYSEC-1", 0 }, { "PYSEC-1", 1 }, { "PYSEC-2", 1 },
                 { "PYSEC-0", 0 } };
    for (size_t i = 0; i < PRQ_COUNT(lines); i++)
        read_line(b, prq_str_from(lines[i]));
    judge(b);
    assert_int_equal(b->report.finding_count, PRQ_COUNT(want));
    for (size_t i = 0; i < PRQ_COUNT(want); i++) {
        assert_str(b->report.findings[i].id, want[i].id);
        assert_int_equal(b->report.findings[i].package, want[i].package);
    }
    free(b);
}

/* Whatever the arena has, matching ends with an error or a report. */
static void test_match_memory(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(4));
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    *b = (struct bench){ .a = a, .title = PRQ_S("memory") };
    read_line(b, PRQ_S("pkg deb libssl3 1.1.1k-1 source=openssl distro=debian-11"));
    read_line(b, PRQ_S("row Debian:11 openssl CVE-1 source range=0..2 fixed=2 state=fixed"));
    b->analysis.packages = b->packages;
    b->analysis.package_count = b->package_count;
    struct prq_facts facts = table;
    facts.user = b;
    struct prq_ctx ctx = unit_ctx(a);
    bool has_failed = false, has_worked = false;
    for (size_t budget = 16; budget < 8192; budget += 16) {
        PRQ_ARENA small = prq_arena_new(budget);
        struct prq_report report = { 0 };
        struct prq_err err = PRQ_ERR_INIT;
        if (prq_match_facts(&ctx, &b->analysis, &facts, &b->opts, small, &report, &err)) {
            has_worked = true;
            assert_int_equal(report.finding_count, 1);
        } else {
            has_failed = true;
            assert_int_equal(err.code, PRQ_E_LIMIT);
        }
    }
    assert_true(has_failed && has_worked);
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_match_cases),
        cmocka_unit_test(test_acceptance_cases),
        cmocka_unit_test(test_match_order),
        cmocka_unit_test(test_match_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
