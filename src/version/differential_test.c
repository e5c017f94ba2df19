/* SPDX-License-Identifier: Apache-2.0 */
/* Our order against that of the tools which own it, where they are installed: dpkg, rpm, Python's
 * `packaging`, Ruby's Gem::Version, PHP's version_compare, R's compareVersion, libalpm, Maven's
 * ComparableVersion. Versions are glued from pieces that matter, sorted with our comparator, and
 * the tool judges each neighbouring pair: an order is right when its neighbours are, so n questions
 * settle n*n/2 pairs, in one process (dpkg: one shell). Orders that are none are asked unsorted. */
#include "unit.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "version/version.h"

enum { MAX_VERSIONS = 6000, MAX_LENGTH = 64 };

struct set {
    const struct prq_scheme *scheme;
    char (*text)[MAX_LENGTH];
    size_t n;
    uint64_t random; /* fixed seeds: a failure repeats */
};

static uint64_t next_random(struct set *s)
{
    s->random ^= s->random << 13;
    s->random ^= s->random >> 7;
    s->random ^= s->random << 17;
    return s->random;
}

static const char *pick(struct set *s, const char *const *pieces, size_t n)
{
    return pieces[next_random(s) % n];
}

static void glue(struct set *s, char *out, const char *const *pieces, size_t n, size_t most)
{
    size_t count = 1 + next_random(s) % most;
    for (size_t i = 0; i < count; i++) {
        const char *piece = pick(s, pieces, n);
        if (strlen(out) + strlen(piece) < MAX_LENGTH - 1)
            strcat(out, piece);
    }
}

static const struct prq_scheme *sorting;

static int by_scheme(const void *a, const void *b)
{
    return sorting->compare(prq_str_from(a), prq_str_from(b));
}

static void sort(struct set *s)
{
    sorting = s->scheme;
    qsort(s->text, s->n, MAX_LENGTH, by_scheme);
}

/* `argv` with `input` as its standard input; what it says. False: it could not be run. */
static bool run(const char *const *argv, const struct prq_buf *input, struct prq_buf *output)
{
    int out[2];
    char name[] = "/tmp/prq-differential-XXXXXX";
    int in = mkostemp(name, O_CLOEXEC);
    assert_true(in >= 0);
    unlink(name);
    assert_int_equal(write(in, input->p, input->n), input->n);
    assert_int_equal(lseek(in, 0, SEEK_SET), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        dup2(in, 0);
        dup2(out[1], 1);
        dup2(null, 2);
        union {
            const char *const *from;
            char *const *to;
        } args = { .from = argv };
        execvp(argv[0], args.to);
        _exit(127);
    }
    close(in);
    close(out[1]);
    char piece[4096];
    ssize_t got;
    while ((got = read(out[0], piece, sizeof piece)) > 0)
        prq_buf_add(output, piece, (size_t)got);
    close(out[0]);
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

/* "A lt B" and "A eq B" for the neighbours. */
static void ask_neighbours(const struct set *s, struct prq_buf *out)
{
    for (size_t i = 0; i + 1 < s->n; i++) {
        const char *a = s->text[i], *b = s->text[i + 1];
        int c = s->scheme->compare(prq_str_from(a), prq_str_from(b));
        prq_buf_printf(out, "%s %s %s\n", a, c < 0 ? "lt" : c > 0 ? "gt" : "eq", b);
    }
}

/* The tool prints what it sees differently, and "ready" when it works at all. */
static void judge(const char *const *argv, const struct prq_buf *questions)
{
    PRQ_BUF answer;
    prq_buf_init(&answer, PRQ_MIB(4));
    bool ran = run(argv, questions, &answer);
    prq_str said = prq_buf_view(&answer);
    if (!ran || !prq_str_starts(said, PRQ_S("ready\n"))) {
        print_message("skipped: %s cannot be asked here\n", argv[0]);
        prq_buf_release(&answer);
        skip();
    }
    said = prq_str_trim(prq_str_from_at(said, strlen("ready\n")));
    if (said.n)
        print_error("%s sees these differently:\n%.*s", argv[0], PRQ_FMT(prq_str_head(said, 2000)));
    size_t wrong = said.n;
    prq_buf_release(&answer);
    assert_int_equal(wrong, 0);
}

static struct set new_set(const char *scheme, uint64_t seed)
{
    struct set s = { .scheme = prq_scheme_find(prq_str_from(scheme)), .random = seed };
    s.text = calloc(MAX_VERSIONS, MAX_LENGTH);
    assert_non_null(s.text);
    return s;
}

static void test_dpkg(void **state)
{
    (void)state;
    static const char *const pieces[] = { "0", "1", "9", "10", "007", "~", "~", "+", ".", ".",
                                          "a", "b", "Z", "rc", "-", "-", "deb12u1", "dfsg", "~~" };
    static const char *const fronts[] = { "", "", "", "0:", "1:", "00:", "10:" };
    struct set s = new_set("deb", 0x9e3779b97f4a7c15);
    for (size_t tries = 0; tries < 20000 && s.n < 1000; tries++) {
        char *v = s.text[s.n];
        strcpy(v, pick(&s, fronts, PRQ_COUNT(fronts)));
        strcat(v, pick(&s, pieces, 5));
        glue(&s, v, pieces, PRQ_COUNT(pieces), 6);
        if (prq_deb_is_valid(prq_str_from(v)))
            s.n++;
        else
            v[0] = '\0';
    }
    sort(&s);
    PRQ_BUF questions;
    prq_buf_init(&questions, PRQ_MIB(4));
    ask_neighbours(&s, &questions);
    free(s.text);
    static const char *const argv[] = {
        "sh", "-c",
        "dpkg --compare-versions 1 lt 2 || exit 1; echo ready\n"
        "while read -r a op b; do\n"
        "  dpkg --compare-versions \"$a\" $op \"$b\" || echo \"$a $op $b\"\n"
        "done",
        NULL,
    };
    judge(argv, &questions);
    prq_buf_release(&questions);
}

/* With a release on both sides or on neither: with one alone rpm.vercmp and rpmdsCompare differ. */
static void rpm_set(bool has_release, uint64_t seed)
{
    static const char *const pieces[] = { "0", "1", "9",  "10", "007", "~", "~", "^", "^", ".", ".",
                                          "a", "b", "Zz", "rc", "_",   "+", "el9" };
    static const char *const fronts[] = { "", "", "", "0:", "1:", "00:", "10:" };
    struct set s = new_set("rpm", seed);
    while (s.n < MAX_VERSIONS) {
        char *v = s.text[s.n++];
        strcpy(v, pick(&s, fronts, PRQ_COUNT(fronts)));
        glue(&s, v, pieces, PRQ_COUNT(pieces), 6);
        if (has_release) {
            strcat(v, "-");
            glue(&s, v, pieces, PRQ_COUNT(pieces), 5);
        }
    }
    sort(&s);
    PRQ_BUF questions;
    prq_buf_init(&questions, PRQ_MIB(4));
    ask_neighbours(&s, &questions);
    free(s.text);
    static const char *const argv[] = {
        "rpm", "--eval",
        "%{lua: io.write('ready\\n'); for line in io.lines() do\n"
        "  local a, op, b = string.match(line, '([^ ]+) ([^ ]+) ([^ ]+)')\n"
        "  local c = rpm.vercmp(a, b)\n"
        "  if (op == 'lt' and c >= 0) or (op == 'eq' and c ~= 0) then io.write(line, '\\n') end\n"
        "end}",
        NULL,
    };
    judge(argv, &questions);
    prq_buf_release(&questions);
}

static void test_rpm(void **state)
{
    (void)state;
    rpm_set(false, 0x2545f4914f6cdd1d);
    rpm_set(true, 0xda942042e4dd58b5);
}

/* Also asks which strings are versions at all: "x valid x", "x invalid x". */
static void test_packaging(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "0", "1", "9",  "10",  "007", ".",    ".",       ".",   "-",    "_", "+",   "!",
        "a", "b", "rc", "pre", "c",   "post", "preview", "dev", "DEV1", "r", "rev", "alpha1",
    };
    struct set s = new_set("pep440", 0x106689d45497fdb5);
    PRQ_BUF questions;
    prq_buf_init(&questions, PRQ_MIB(8));
    for (size_t tries = 0; tries < 40000 && s.n < MAX_VERSIONS; tries++) {
        char *v = s.text[s.n];
        v[0] = '\0';
        strcat(v, pick(&s, pieces, 5));
        glue(&s, v, pieces, PRQ_COUNT(pieces), 7);
        bool is_valid = prq_pep440_is_valid(prq_str_from(v));
        prq_buf_printf(&questions, "%s %s %s\n", v, is_valid ? "valid" : "invalid", v);
        s.n += is_valid;
    }
    sort(&s);
    ask_neighbours(&s, &questions);
    free(s.text);
    static const char *const argv[] = {
        "sh", "-c",
        "for p in python3 /usr/bin/python3; do $p -c '\n"
        "import sys\n"
        "try:\n"
        "    from packaging.version import Version, InvalidVersion\n"
        "except ImportError:\n"
        "    from pip._vendor.packaging.version import Version, InvalidVersion\n"
        "print(\"ready\", flush=True)\n"
        "def valid(v):\n"
        "    try:\n"
        "        return bool(Version(v))\n"
        "    except InvalidVersion:\n"
        "        return False\n"
        "for line in sys.stdin:\n"
        "    a, op, b = line.split()\n"
        "    if op in (\"valid\", \"invalid\"):\n"
        "        ok = valid(a) == (op == \"valid\")\n"
        "    else:\n"
        "        x, y = Version(a), Version(b)\n"
        "        ok = x < y if op == \"lt\" else x == y\n"
        "    if not ok:\n"
        "        print(line, end=\"\")\n"
        "' && exit 0; done; exit 1",
        NULL,
    };
    judge(argv, &questions);
    prq_buf_release(&questions);
}

/* MAX_VERSIONS of them: one of the first four pieces, then up to `most`; only what is valid. */
static struct set glued_set(const char *scheme, const char *const *pieces, size_t n, size_t most)
{
    struct set s = new_set(scheme, 0x9e3779b97f4a7c15);
    for (size_t tries = 0; tries < 60000 && s.n < MAX_VERSIONS; tries++) {
        char *v = s.text[s.n];
        strcpy(v, pick(&s, pieces, 4));
        glue(&s, v, pieces, n, most);
        if (s.scheme->is_valid(prq_str_from(v)))
            s.n++;
        else
            v[0] = '\0';
    }
    assert_true(s.n > 1000);
    return s;
}

static void ask(struct set *s, const char *const *argv)
{
    PRQ_BUF questions;
    prq_buf_init(&questions, PRQ_MIB(8));
    ask_neighbours(s, &questions);
    free(s->text);
    judge(argv, &questions);
    prq_buf_release(&questions);
}

static void test_gem(void **state)
{
    (void)state;
    static const char *const pieces[] = { "0", "1",  "10", "2",   "0.",   ".", ".", ".1", ".a",
                                          "-", ".b", "rc", "pre", "beta", "B", "x", "00", "07" };
    struct set s = glued_set("gem", pieces, PRQ_COUNT(pieces), 6);
    sort(&s);
    static const char *const argv[] = {
        "ruby", "-e",
        "puts 'ready'\n"
        "STDIN.each_line do |line|\n"
        "  a, op, b = line.split(' ')\n"
        "  next unless Gem::Version.correct?(a) && Gem::Version.correct?(b)\n"
        "  c = Gem::Version.new(a) <=> Gem::Version.new(b)\n"
        "  puts line unless op == (c < 0 ? 'lt' : c > 0 ? 'gt' : 'eq')\n"
        "end",
        NULL,
    };
    ask(&s, argv);
}

/* A word is followed by a number or a separator: PHP reads "alphax" as "alpha", the rule as an
 * unknown word. */
static void test_php(void **state)
{
    (void)state;
    static const char *const pieces[] = { "0",   "1",   "10",   "2",     ".0",  ".1",    ".7",
                                          "a1",  "b2",  "RC1",  "beta3", "pl2", "-dev-", "-p.",
                                          "rc.", "_4",  "+3",   "-5",    "007", "a.9",   "alpha3" };
    struct set s = glued_set("composer", pieces, PRQ_COUNT(pieces), 4);
    sort(&s);
    static const char *const argv[] = {
        "php", "-r",
        "echo \"ready\\n\";\n"
        "while (($line = fgets(STDIN)) !== false) {\n"
        "  [$a, $op, $b] = explode(' ', trim($line));\n"
        "  if (!version_compare($a, $b, $op)) echo $line;\n"
        "}",
        NULL,
    };
    ask(&s, argv);
}

static void test_r(void **state)
{
    (void)state;
    static const char *const pieces[] = { "0", "1", "10", "2", ".", "-", ".0", ".1", "-1", "07" };
    struct set s = glued_set("cran", pieces, PRQ_COUNT(pieces), 5);
    size_t kept = 0;
    for (size_t i = 0; i < s.n; i++) /* R's numbers have 32 bits */
        if (strlen(s.text[i]) < 10)
            memmove(s.text[kept++], s.text[i], MAX_LENGTH);
    s.n = kept < 2000 ? kept : 2000;
    sort(&s);
    static const char *const argv[] = {
        "Rscript", "-e",
        "cat('ready\\n')\n"
        "for (line in readLines(file('stdin'))) {\n"
        "  p <- strsplit(line, ' ')[[1]]\n"
        "  c <- utils::compareVersion(p[1], p[3])\n"
        "  if (p[2] != c('lt', 'eq', 'gt')[c + 2]) cat(line, '\\n', sep = '')\n"
        "}",
        NULL,
    };
    ask(&s, argv);
}

static void test_alpm(void **state)
{
    (void)state;
    static const char *const pieces[] = { "0", "1", "10", "2",  "9.",   ".",  ".",  ".", "..", "_",
                                          "+", "a", "rc", "p1", "beta", "-1", "-2", ":", "00", "@" };
    struct set s = glued_set("alpm", pieces, PRQ_COUNT(pieces), 6);
    static const char *const argv[] = {
        "/usr/bin/python3", "-c",
        "import ctypes, sys\n"
        "lib = ctypes.CDLL('libalpm.so.13')\n"
        "print('ready', flush=True)\n"
        "for line in sys.stdin:\n"
        "    a, op, b = line.split()\n"
        "    c = lib.alpm_pkg_vercmp(a.encode(), b.encode())\n"
        "    if op != ('lt' if c < 0 else 'gt' if c else 'eq'):\n"
        "        print(line, end='')\n",
        NULL,
    };
    ask(&s, argv);
}

/* The documented rule differs from the class (3.8) in what is left out here: ".word" beside "-word",
 * and "-0", "ga" and its kin before a word (the class keeps them). */
static void test_maven(void **state)
{
    (void)state;
    static const char *const pieces[] = { "0",  "1",  "10", "2",    ".0",   ".1",   ".10", "-1",
                                          "-2", "a1", "b2", "-rc1", "-foo", "-sp2", "m3",  "-alpha",
                                          "x",  "cr", ".3", "-SNAPSHOT", "RC", "beta" };
    struct set s = glued_set("maven", pieces, PRQ_COUNT(pieces), 4);
    static const char *const argv[] = {
        "sh", "-c",
        "d=$(mktemp -d) || exit 1\n"
        "trap 'rm -rf \"$d\"' EXIT\n"
        "cat > \"$d/Ask.java\" <<'END'\n"
        "import java.io.*;\n"
        "import org.apache.maven.artifact.versioning.ComparableVersion;\n"
        "public class Ask {\n"
        "  public static void main(String[] args) throws IOException {\n"
        "    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));\n"
        "    new ComparableVersion(\"1\");\n"
        "    System.out.println(\"ready\");\n"
        "    for (String line; (line = in.readLine()) != null; ) {\n"
        "      String[] p = line.split(\" \");\n"
        "      int c = new ComparableVersion(p[0]).compareTo(new ComparableVersion(p[2]));\n"
        "      if (!p[1].equals(c < 0 ? \"lt\" : c > 0 ? \"gt\" : \"eq\")) System.out.println(line);\n"
        "    }\n"
        "  }\n"
        "}\n"
        "END\n"
        "j=/usr/share/java\n"
        "java -cp $j/maven-artifact-3.x.jar:$j/commons-lang3.jar \"$d/Ask.java\"",
        NULL,
    };
    ask(&s, argv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dpkg),
        cmocka_unit_test(test_rpm),
        cmocka_unit_test(test_packaging),
        cmocka_unit_test(test_gem),
        cmocka_unit_test(test_php),
        cmocka_unit_test(test_r),
        cmocka_unit_test(test_alpm),
        cmocka_unit_test(test_maven),
    };
    return cmocka_run_group_tests_name("version order of the real tools", tests, NULL, NULL);
}
