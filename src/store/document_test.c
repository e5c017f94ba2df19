/* SPDX-License-Identifier: Apache-2.0 */
#undef PRQ_SOURCE_DIR /* of the build; model/analysis.h has an enumerator of that name */
#include "unit.h"

#include "store/document.h"
#include "store/facts.h"

static bool read_json(const char *json, const struct prq_limits *limits, struct prq_arena *a,
                      struct prq_analysis *an, struct prq_err *err)
{
    *err = (struct prq_err)PRQ_ERR_INIT;
    return prq_document_parse(prq_bytes_of(prq_str_from(json)), limits, a, an, err);
}

#define SCHEMA "\"schema\":\"pratique-analysis/1\""

/* Two layers, every kind of fact, a path that is not UTF-8. */
static void fill(struct prq_analysis *an, struct prq_facts_writer *w, struct prq_arena *a)
{
    static prq_str licences[] = { PRQ_SI("MIT") };
    static struct prq_evidence evidence[] = { { PRQ_SI("a/\xff"), 1 } };
    static struct prq_history history[] = { { .created_by = PRQ_SI("RUN x"), .is_empty_layer = true } };
    static struct prq_package packages[] = {
        { .type = PRQ_SI("apk"), .name = PRQ_SI("musl"), .version = PRQ_SI("1"), .layer = 1,
          .has_epoch = true, .has_modularity = true, .licenses = { licences, 1 }, .flags = 5,
          .evidence = evidence, .evidence_count = 1, .purl = PRQ_SI("pkg:apk/musl@1"), .owner = 1,
          .size_bytes = 1ULL << 40 },
    };
    static struct prq_gap gaps[] = { { .kind = PRQ_SI("format"), .path = PRQ_SI("b"), .layer = 0,
                                       .has_offset = true, .offset = 9, .reason = PRQ_SI("why") },
                                     { .kind = PRQ_SI("limit"), .layer = PRQ_GAP_NO_LAYER,
                                       .reason = PRQ_SI("\n\x01\"") } };
    *an = (struct prq_analysis){ .name = PRQ_SI("t"), .os = PRQ_SI("linux"), .packages = packages,
                                 .package_count = 1, .gaps = gaps, .gap_count = 2,
                                 .history = history, .history_count = 1, .layer_count = 2,
                                 .has_distro = true, .sandbox = PRQ_SI("full") };
    an->distro.id = PRQ_S("alpine");
    an->layers = prq_new_n(a, struct prq_layer, 2);
    prq_facts_writer_init(w, &prq_limits_default);
    struct prq_file f = { .path = PRQ_S("a/\xff"), .type = PRQ_FILE_REGULAR, .mode = 04755, .size = 3,
                          .mtime_s = -1, .has_sha256 = true, .sha256 = { 1, 2 },
                          /* length and name, length and value, twice */
                          .xattrs = prq_bytes_of(PRQ_S("\x03u.a\x02\0\xff\x03u.b\0")) };
    struct prq_file l = { .path = PRQ_S("lib"), .type = PRQ_FILE_SYMLINK, .link = PRQ_S("usr") };
    assert_true(prq_facts_add_file(w, &f) && prq_facts_add_file(w, &l));
    an->layers[1] = (struct prq_layer){ .index = prq_buf_bytes(&w->index), .file_count = 2,
                                        .digest = PRQ_S("sha256:00"), .size_bytes = 77 };
}

static void test_both_forms_say_the_same(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(16));
    struct prq_facts_writer w;
    struct prq_analysis an, back;
    struct prq_err err = PRQ_ERR_INIT;
    fill(&an, &w, a);
    for (int as_json = 0; as_json < 2; as_json++) {
        PRQ_BUF out, again;
        prq_buf_init(&out, PRQ_MIB(1));
        prq_buf_init(&again, PRQ_MIB(1));
        assert_true(prq_document_write(&an, as_json, &out, &err));
        assert_true(prq_document_read(prq_buf_bytes(&out), &prq_limits_default, a, &back, &err));
        assert_int_equal(back.package_count, 1);
        const struct prq_package *p = &back.packages[0];
        assert_str(p->name, "musl");
        assert_true(p->has_epoch && p->epoch == 0 && p->has_modularity && p->flags == 5);
        assert_true(p->owner == 1 && p->size_bytes == 1ULL << 40);
        assert_str(p->evidence[0].path, "a/\xff");
        assert_str(p->licenses.v[0], "MIT");
        assert_int_equal(back.gap_count, 2);
        assert_true(back.gaps[0].has_offset && back.gaps[0].offset == 9);
        assert_int_equal(back.gaps[1].layer, PRQ_GAP_NO_LAYER);
        assert_str(back.gaps[1].reason, "\n\x01\"");
        assert_true(back.has_distro && back.history[0].is_empty_layer);
        assert_int_equal(back.layers[1].index.n, an.layers[1].index.n);
        assert_memory_equal(back.layers[1].index.p, an.layers[1].index.p, back.layers[1].index.n);
        assert_true(prq_document_write(&back, as_json, &again, &err));
        assert_int_equal(again.n, out.n);
        assert_memory_equal(again.p, out.p, out.n);
    }
    prq_facts_writer_release(&w);
}

static const char *write_text(const struct prq_analysis *an, bool as_json, struct prq_buf *out)
{
    struct prq_err err = PRQ_ERR_INIT;
    prq_buf_init(out, PRQ_MIB(1));
    assert_true(prq_document_write(an, as_json, out, &err) && prq_buf_byte(out, 0));
    out->n--;
    return (const char *)out->p;
}

/* Both forms say the same digest; what is changed does not have it; white space is no change. */
static void test_digest(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(16));
    struct prq_facts_writer w;
    struct prq_analysis an, back;
    struct prq_err err = PRQ_ERR_INIT;
    PRQ_BUF json, framed;
    fill(&an, &w, a);
    const char *text = write_text(&an, true, &json), *line = write_text(&an, false, &framed);
    const char *digest = strstr(text, "\"digest\":\"sha256:");
    assert_int_equal(digest - text, 1);
    assert_memory_equal(strstr(line, "\"digest\":"), digest, strlen("\"digest\":\"sha256:\"") + 64);
    char *name = strstr(text, "\"musl\"");
    name[1] = 'M';
    assert_false(prq_document_read(prq_buf_bytes(&json), &prq_limits_default, a, &back, &err));
    assert_int_equal(err.code, PRQ_E_FORMAT);
    assert_true(prq_str_starts(prq_str_from(err.text), PRQ_S("digest mismatch: ")));
    name[1] = 'm';
    PRQ_BUF spaced;
    prq_buf_init(&spaced, PRQ_MIB(1));
    prq_buf_printf(&spaced, "{ %s", text + 1);
    err = (struct prq_err)PRQ_ERR_INIT;
    assert_true(prq_document_read(prq_buf_bytes(&spaced), &prq_limits_default, a, &back, &err));
    assert_str(back.packages[0].name, "musl");
    prq_buf_clear(&spaced);
    prq_buf_printf(&spaced, "{%s", text + 1 + strlen("\"digest\":\"sha256:\",") + 64);
    assert_false(prq_document_read(prq_buf_bytes(&spaced), &prq_limits_default, a, &back, &err));
    assert_str(prq_str_from(err.text), "the analysis does not say its digest");
    prq_facts_writer_release(&w);
}

static void test_every_cut_and_flip(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(16));
    struct prq_facts_writer w;
    struct prq_analysis an, back;
    struct prq_err err = PRQ_ERR_INIT;
    fill(&an, &w, a);
    PRQ_BUF out;
    prq_buf_init(&out, PRQ_MIB(1));
    assert_true(prq_document_write(&an, false, &out, &err));
    for (size_t n = 0; n < out.n; n++) {
        PRQ_ARENA each = prq_arena_new(PRQ_MIB(16));
        err = (struct prq_err)PRQ_ERR_INIT;
        assert_false(prq_document_read((prq_bytes){ out.p, n }, &prq_limits_default, each, &back, &err));
        assert_true(err.code != PRQ_E_NONE && err.text[0]);
        out.p[n] ^= 0x20;
        err = (struct prq_err)PRQ_ERR_INIT;
        if (!prq_document_read(prq_buf_bytes(&out), &prq_limits_default, each, &back, &err))
            assert_true(err.code != PRQ_E_NONE && err.text[0]);
        else /* nothing but how it is stored was changed */
            assert_str(back.packages[0].name, "musl");
        out.p[n] ^= 0x20;
    }
    prq_facts_writer_release(&w);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        enum prq_code code;
    } cases[] = {
        { "", PRQ_E_FORMAT },
        { "{}", PRQ_E_UNSUPPORTED },
        { "{\"schema\":\"pratique-analysis/2\"}", PRQ_E_UNSUPPORTED },
        { "{" SCHEMA ",\"packages\":[{\"name\":\"a\",\"owner\":2}]}", PRQ_E_FORMAT },
        { "{" SCHEMA ",\"files\":[{\"path\":\"a\",\"layer\":100000}]}", PRQ_E_LIMIT },
        { "{" SCHEMA ",\"packages\":[{\"name\":\"a\"}", PRQ_E_FORMAT },
        { "{" SCHEMA "}\n{", PRQ_E_FORMAT },
    };
    for (size_t i = 0; i < PRQ_COUNT(cases); i++) {
        PRQ_ARENA a = prq_arena_new(PRQ_MIB(16));
        struct prq_analysis an;
        struct prq_err err;
        bool ok = read_json(cases[i].json, &prq_limits_default, a, &an, &err);
        if (ok || err.code != cases[i].code)
            fail_msg("case %zu: code %d, %s", i, (int)err.code, err.text);
    }
}

static void test_limits(void **state)
{
    (void)state;
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(16));
    struct prq_analysis an;
    struct prq_err err;
    const char *text = "{" SCHEMA ",\"image\":{\"layers\":[{},{}]},\"packages\":[{\"name\":\"a\"},"
                       "{\"name\":\"b\"}]}";
    for (uint64_t less = 0; less < 2; less++) {
        struct prq_limits layers = prq_limits_default, packages = layers;
        layers.layers = packages.packages = 2 - less;
        assert_int_equal(read_json(text, &layers, a, &an, &err), less == 0);
        assert_int_equal(err.code, less ? PRQ_E_LIMIT : PRQ_E_NONE);
        assert_int_equal(read_json(text, &packages, a, &an, &err), less == 0);
        assert_int_equal(err.code, less ? PRQ_E_LIMIT : PRQ_E_NONE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_forms_say_the_same),
        cmocka_unit_test(test_digest),
        cmocka_unit_test(test_every_cut_and_flip),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
