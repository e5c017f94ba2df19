/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: what Gem::Specification.load of Ruby 3.1 makes of the same texts. */
#include "capture.h"
#include "pipe.h"

extern const struct prq_analyzer prq_analyzer_ruby;

static bool run(struct capture *c, struct prq_arena *a, const char *path, const char *text,
                struct prq_err *err)
{
    capture_init(c, a);
    return capture_run(c, &prq_analyzer_ruby, path, prq_bytes_of(prq_str_from(text)), err);
}

static void test_ruby_generated(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(run(&c, a, "var/lib/gems/3.1.0/specifications/nokogiri-1.16.0-x86_64-linux.gemspec",
                    "# -*- encoding: utf-8 -*-\n"
                    "# stub: nokogiri 1.16.0 x86_64-linux lib\n\n"
                    "Gem::Specification.new do |s|\n"
                    "  s.name = \"nokogiri\".freeze\n"
                    "  s.version = \"1.16.0\"\n"
                    "  s.platform = \"x86_64-linux\".freeze\n\n"
                    "  s.required_rubygems_version = Gem::Requirement.new(\">= 0\".freeze) if "
                    "s.respond_to? :required_rubygems_version=\n"
                    "  s.metadata = { \"name\" => \"no\", \"version\" => \"no\" } if "
                    "s.respond_to? :metadata=\n"
                    "  s.authors = [\"Mike Dalessio\".freeze, \"Na\\u00efve \\\"Q\\\"\".freeze]\n"
                    "  s.description = \"s.name = 'wrong'\\ns.version = '9'\".freeze\n"
                    "  s.licenses = [\"MIT\".freeze, \"Ruby\".freeze]\n"
                    "  s.installed_by_version = \"3.3.15\" if s.respond_to? :installed_by_version\n"
                    "  if s.respond_to? :add_runtime_dependency then\n"
                    "    s.add_runtime_dependency(%q<racc>.freeze, [\"~> 1.4\"])\n"
                    "    s.add_development_dependency(%q<rake>.freeze, [\">= 0\"])\n"
                    "  else\n"
                    "    s.add_dependency(%q<racc>.freeze, [\"~> 1.4\"])\n"
                    "    s.add_dependency(%q<rake>.freeze, [\">= 0\"])\n"
                    "  end\nend\n",
                    &err));
    assert_int_equal(c.package_count, 1);
    assert_int_equal(c.gap_count, 0);
    const struct prq_package *p = &c.packages[0];
    assert_str(p->type, "gem");
    assert_str(p->name, "nokogiri");
    assert_str(p->version, "1.16.0");
    assert_int_equal(p->flags, 0);
    assert_int_equal(p->licenses.n, 2);
    assert_str(p->licenses.v[1], "Ruby");
    assert_int_equal(p->depends.n, 1);
    assert_str(p->depends.v[0], "racc");
}

/* What stands in the text, and what it is. */
static void test_ruby_spellings(void **state)
{
    (void)state;
#define SPEC(body) "Gem::Specification.new do |s|\n" body "\nend\n"
    static const struct {
        const char *text, *name, *version;
    } cases[] = {
        { SPEC("s.name = %q{rake}\ns.version = Gem::Version.new(\"0.8.7\")"), "rake", "0.8.7" },
        { SPEC("s.name='a' ; s.version = '1.0' if true"), "a", "1.0" },
        { SPEC("s.name = \"\\u0063af\\u{e9 21}\"\ns.version = %q<1>.freeze"), "caf\xc3\xa9!", "1" },
        { "V = '2.1'\nN = \"x\"\n" SPEC("s.name = \"#{N}-y\"\ns.version = V.dup"), "x-y", "2.1" },
        { "module A\n  VERSION = '2.2'\nend\n" SPEC("s.name = 'b'\ns.version = A::VERSION"), "b", "2.2" },
        { "Gem::Specification.new('c', '3.0') do |s|\nend\n", "c", "3.0" },
        { SPEC("s.description = <<-X\n s.name = 'no'\n X\ns.name = 'd'\ns.version = '1'"), "d", "1" },
        { SPEC("s.summary = <<~'A B'\n s.name = 'no'\n A B\ns.name = 'd'\ns.version = '1'"), "d", "1" },
        { SPEC("# s.name = 'no'\n=begin\ns.name = 'no'\n=end\ns.name = 'e'\ns.version = '1'"), "e", "1" },
        { SPEC("s.files = %w[s.name = 'no'] # '\ns.name = 'f'\ns.version = '1'"), "f", "1" },
        { SPEC("s.x = y.reject { |f| f =~ /['\"#]/ }\ns.name = 'g'\ns.version = '1'"), "g", "1" },
        { SPEC("s.x = %r{^(test|'a)/}\ns.name = 'h'\ns.version = '1'"), "h", "1" },
        { SPEC("s.x = 4 / 2 + 6 / 3 # \"\ns.name = 'i'\ns.version = '1'"), "i", "1" },
        { SPEC("s.files << 'z'\ns.files <<Y\ns.name = 'no'\nY\ns.name = 'j'\ns.version = '1'"), "j", "1" },
        { SPEC("s.name \\\n = 'k'\ns.version = '1'\r"), "k", "1" },
        { SPEC("s.other.name = 'no'\ns.name = 'l'\ns.version = '1'") "__END__\ns.name = 'no'\"", "l", "1" },
        { SPEC("s.name = 'it\\'s'\ns.version = '1'"), "it's", "1" },
        { SPEC("s.x = \"#{'}' + \"a\"}\"\ns.name = 'm'\ns.version = '1'"), "m", "1" },
        { "\xef\xbb\xbf# encoding\n" SPEC("s.name = 'n'\ns.version = '1.0.0.pre1'"), "n", "1.0.0.pre1" },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct capture c;
        struct prq_err err = PRQ_ERR_INIT;
        if (!run(&c, a, "x/specifications/q-9.9.gemspec", cases[i].text, &err))
            fail_msg("%zu: %s", i, err.text);
        assert_int_equal(c.package_count, 1);
        assert_str(c.packages[0].name, cases[i].name);
        assert_str(c.packages[0].version, cases[i].version);
        assert_int_equal(c.packages[0].flags, 0);
    }
}

/* What the text does not give in so many words comes from the stub line or the file's name. */
static void test_ruby_guesses(void **state)
{
    (void)state;
    static const struct {
        const char *path, *text, *name, *version;
    } cases[] = {
        { "specifications/a.gemspec", "# stub: a 1.2 ruby lib\n", "a", "1.2" },
        { "specifications/default/b-2fa-1.2.3-universal-darwin-20.gemspec",
          SPEC("s.name = 'b-' + x\ns.version = ENV['V'] || '1'"), "b-2fa", "1.2.3" },
        { "specifications/c-1.0.gemspec", SPEC("s.name = 'c'\ns.version = \"#{X}\""), "c", "1.0" },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct capture c;
        assert_true(run(&c, a, cases[i].path, cases[i].text, NULL));
        assert_int_equal(c.package_count, 1);
        assert_str(c.packages[0].name, cases[i].name);
        assert_str(c.packages[0].version, cases[i].version);
        assert_int_equal(c.packages[0].flags, PRQ_PKG_GUESSED);
    }
}

static void test_ruby_losses(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t packages;
        uint64_t offset;
    } cases[] = {
        { "", 0, 0 },
        { "puts 1\n", 0, 0 },
        { "s.name = 'a'\ns.version = '1'\ns.x = \"open", 1, 36 },
        { "s.name = 'a'\ns.version = '1'\ns.x = <<X\nopen", 1, 39 },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
        struct capture c;
        struct prq_err err = PRQ_ERR_INIT;
        assert_false(run(&c, a, "specifications/x.gemspec", cases[i].text, &err));
        assert_int_equal(err.code, PRQ_E_FORMAT);
        assert_int_equal(err.offset, cases[i].offset);
        assert_int_equal(c.package_count, cases[i].packages);
        assert_true(run(&c, a, "gems/x/x.gemspec", cases[i].text, &err)); /* not installed */
        assert_int_equal(c.package_count, 0);
    }
}

static void test_ruby_full_sink(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    capture_init(&c, a);
    c.room = 0;
    assert_false(capture_run(&c, &prq_analyzer_ruby, "specifications/x-1.0.gemspec",
                             CAPTURE_BYTES(SPEC("")), &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
}

static prq_str seed(struct prq_arena *a, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, PRQ_SOURCE_DIR "/fuzz/corpus/ruby/%s", name);
    return prq_arena_copy(a, prq_str_of(unit_slurp(a, path)));
}

/* Old RubyGems installed them so. */
static void test_ruby_yaml(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(run(&c, a, "lib/specifications/tiny-1.2.3.pre1.gemspec", seed(a, "yaml").p, &err));
    assert_str(c.packages[0].name, "tiny");
    assert_str(c.packages[0].version, "1.2.3.pre1");
    assert_int_equal(c.packages[0].depends.n, 1);
    assert_false(run(&c, a, "lib/specifications/x-1.gemspec", seed(a, "yaml-cut").p, &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
    assert_false(run(&c, a, "lib/specifications/x-1.gemspec", seed(a, "yaml-bomb").p, &err));
    assert_int_equal(err.code, PRQ_E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ruby_generated),
        cmocka_unit_test(test_ruby_spellings),
        cmocka_unit_test(test_ruby_guesses),
        cmocka_unit_test(test_ruby_losses),
        cmocka_unit_test(test_ruby_full_sink),
        cmocka_unit_test(test_ruby_yaml),
    };
    return cmocka_run_group_tests_name("ruby", tests, NULL, NULL);
}
