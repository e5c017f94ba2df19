/* SPDX-License-Identifier: Apache-2.0 */
/* Expected: Bundler::LockfileParser of Bundler 2.3 over the same texts. */
#include "capture.h"
#include "pipe.h"

extern const struct prq_analyzer prq_analyzer_rubylock;

static bool run(struct capture *c, struct prq_arena *a, const char *path, const char *text,
                struct prq_err *err)
{
    capture_init(c, a);
    return capture_run(c, &prq_analyzer_rubylock, path, prq_bytes_of(prq_str_from(text)), err);
}

static void test_rubylock_sections(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    assert_true(run(&c, a, "app/Gemfile.lock",
                    "GIT\n  remote: https://git.example/y.git\n  revision: 0123abc\n  branch: main\n"
                    "  specs:\n    y (1.0)\n      rack (>= 2)\n\n"
                    "PATH\n  remote: .\n  specs:\n    own (0.1.0)\n      rack\n      y!\n\n"
                    "GEM\n  remote: https://rubygems.org/\n  specs:\n"
                    "    nokogiri (1.13.3)\n      mini_portile2 (~> 2.8.0)\n      racc (~> 1.4)\n"
                    "    nokogiri (1.13.3-x86_64-linux-gnu)\n      racc (~> 1.4)\n"
                    "    rack (2.2.3.pre.1)\n\n"
                    "GEM\r\n  remote: https://gems.example/\r\n  specs:\r\n    z (3)\r\n\r\n"
                    "PLATFORMS\n  ruby\n\nDEPENDENCIES\n  own!\n  rack (~> 2.0)\n\n"
                    "CHECKSUMS\n  rack (2.2.3.pre.1) sha256=00ff\n  nokogiri (1.13.3)\n\n"
                    "RUBY VERSION\n   ruby 2.7.1p83\n\nBUNDLED WITH\n   2.1.4\n",
                    &err));
    static const struct {
        const char *name, *version;
        size_t depends;
        uint32_t flags;
    } want[] = {
        { "y", "1.0", 1, PRQ_PKG_DECLARED },
        { "own", "0.1.0", 2, PRQ_PKG_DECLARED | PRQ_PKG_APPLICATION },
        { "nokogiri", "1.13.3", 2, PRQ_PKG_DECLARED },
        { "nokogiri", "1.13.3", 1, PRQ_PKG_DECLARED },
        { "rack", "2.2.3.pre.1", 0, PRQ_PKG_DECLARED },
        { "z", "3", 0, PRQ_PKG_DECLARED },
    };
    assert_int_equal(c.package_count, PRQ_COUNT(want));
    assert_int_equal(c.gap_count, 0);
    for (size_t i = 0; i < PRQ_COUNT(want); i++) {
        assert_str(c.packages[i].type, "gem");
        assert_str(c.packages[i].name, want[i].name);
        assert_str(c.packages[i].version, want[i].version);
        assert_int_equal(c.packages[i].depends.n, want[i].depends);
        assert_int_equal(c.packages[i].flags, want[i].flags);
    }
    assert_str(c.packages[0].vcs_url, "git+https://git.example/y.git@0123abc");
    assert_str(c.packages[1].depends.v[1], "y");
}

static void test_rubylock_losses(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    assert_true(run(&c, a, "gems.locked", "GEM\n  specs:\n    x\n    a (1)\n<<<<<<< HEAD\n", NULL));
    assert_int_equal(c.package_count, 1);
    assert_int_equal(c.gap_count, 1);
    assert_str(c.gaps[0].reason, "gem without a version (and 1 more like it)");
    assert_int_equal(c.gaps[0].offset, 13);
    assert_true(run(&c, a, "Gemfile.next.lock", "malformed", NULL));
    assert_int_equal(c.package_count, 0);
    assert_int_equal(c.gap_count, 1);
    assert_true(run(&c, a, "Gemfile.lock", "", NULL));
    assert_int_equal(c.gap_count, 0);
}

static void test_rubylock_gemspec(void **state)
{
    (void)state;
    static const char literal[] =
        "Gem::Specification.new do |s|\n s.name = 'x'\n s.version = '1.2'\nend\n";
    static const char loaded[] =
        "require_relative 'v'\nGem::Specification.new do |s|\n s.name = 'x'\n"
        " s.version = X::VERSION\nend\n";
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    struct capture c;
    assert_true(run(&c, a, "x.gemspec", literal, NULL));
    assert_int_equal(c.package_count, 1);
    assert_str(c.packages[0].version, "1.2");
    assert_int_equal(c.packages[0].flags, PRQ_PKG_DECLARED | PRQ_PKG_APPLICATION);
    assert_true(run(&c, a, "x-1.0.gemspec", loaded, NULL));
    assert_int_equal(c.package_count, 0);
    assert_true(run(&c, a, "vendor/bundle/ruby/3.1.0/gems/x-1.2/x.gemspec", literal, NULL));
    assert_int_equal(c.package_count, 0);
    assert_true(run(&c, a, "vendor/bundle/ruby/3.1.0/specifications/x-1.2.gemspec", literal, NULL));
    assert_int_equal(c.package_count, 0);
}

static void test_rubylock_full_sink(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(1));
    for (size_t room = 0; room < 2; room++) {
        struct capture c;
        struct prq_err err = PRQ_ERR_INIT;
        capture_init(&c, a);
        c.room = room;
        assert_false(capture_run(&c, &prq_analyzer_rubylock, "Gemfile.lock",
                                 CAPTURE_BYTES("GEM\n  specs:\n    a (1)\n    b\n"), &err));
        assert_int_equal(err.code, PRQ_E_LIMIT);
    }
}

/* What `gem build` of RubyGems 3.3 made; expected: `gem specification tiny.gem`. */
static void test_rubylock_gem(void **state)
{
    (void)state;
    static const char *const seeds[] = { "tiny.gem", "metadata.gz" };
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(8));
    struct capture c;
    struct prq_err err = PRQ_ERR_INIT;
    for (size_t i = 0; i < PRQ_COUNT(seeds); i++) {
        char path[256];
        snprintf(path, sizeof path, PRQ_SOURCE_DIR "/fuzz/corpus/rubylock/%s", seeds[i]);
        prq_bytes bytes = unit_slurp(a, path);
        capture_init(&c, a);
        assert_true(capture_run(&c, &prq_analyzer_rubylock, seeds[i], bytes, &err));
        assert_int_equal(c.package_count, 1);
        assert_str(c.packages[0].name, "tiny");
        assert_str(c.packages[0].version, "1.2.3.pre1");
        assert_str(c.packages[0].qualifiers.v[0], "platform=x86_64-linux");
        assert_str(c.packages[0].licenses.v[0], "MIT");
        assert_int_equal(c.packages[0].depends.n, 1);
        assert_str(c.packages[0].depends.v[0], "rack");
        assert_int_equal(c.packages[0].flags, PRQ_PKG_DECLARED);
        bytes.n = 100;
        capture_init(&c, a);
        assert_int_equal(capture_run(&c, &prq_analyzer_rubylock, seeds[i], bytes, &err), i == 1);
        assert_int_equal(c.package_count, 0);
    }
    assert_true(run(&c, a, "x/metadata.gz", "of another program", &err));
    assert_false(run(&c, a, "x.gem", "of nobody", &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rubylock_sections),
        cmocka_unit_test(test_rubylock_losses),
        cmocka_unit_test(test_rubylock_gemspec),
        cmocka_unit_test(test_rubylock_full_sink),
        cmocka_unit_test(test_rubylock_gem),
    };
    return cmocka_run_group_tests_name("rubylock", tests, NULL, NULL);
}
