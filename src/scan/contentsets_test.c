/* SPDX-License-Identifier: Apache-2.0 */
/* Notes of layers to their content sets. Source of the cases: catalog.md 3.12, 3.13. */
#include "unit.h"

/* The macro shares its name with an enumerator of model/analysis.h. */
#undef PRQ_SOURCE_DIR

#include "scan/contentsets.h"

enum { LAYERS = 3 };

struct image {
    struct prq_arena *a;
    struct prq_layer_facts facts[LAYERS];
    struct prq_note notes[LAYERS][4], live[4];
    size_t live_count;
    struct prq_layer layers[LAYERS];
    struct prq_analysis an;
};

static struct image *begin(const char *id)
{
    struct image *im = calloc(1, sizeof *im);
    assert_non_null(im);
    im->a = prq_arena_new(PRQ_MIB(4));
    im->an = (struct prq_analysis){ .layers = im->layers, .layer_count = LAYERS,
                                    .has_distro = true, .distro = { .id = prq_str_from(id) } };
    for (size_t i = 0; i < LAYERS; i++)
        im->facts[i].facts.notes = im->notes[i];
    return im;
}

static struct prq_note note(struct image *im, uint32_t layer, const char *kind, const char *key,
                            const char *value)
{
    struct prq_pair *p = prq_new(im->a, struct prq_pair);
    *p = (struct prq_pair){ prq_str_from(key), prq_str_from(value) };
    return (struct prq_note){ .kind = prq_str_from(kind), .layer = layer, .pairs = p, .n = 1 };
}

static void say(struct image *im, uint32_t layer, const char *kind, const char *key,
                const char *value)
{
    struct prq_facts *f = &im->facts[layer].facts;
    f->notes[f->note_count++] = note(im, layer, kind, key, value);
}

/* "a b|c": the sets of the layers. */
static void expect(struct image *im, const char *want)
{
    char got[256] = "";
    assert_true(prq_content_sets_settle(im->facts, LAYERS, im->live, im->live_count, im->a, &im->an));
    for (size_t i = 0, n = 0; i < LAYERS; i++) {
        for (size_t k = 0; k < im->layers[i].content_sets.n; k++)
            n += (size_t)snprintf(got + n, sizeof got - n, "%s%.*s", k ? " " : "",
                                  PRQ_FMT(im->layers[i].content_sets.v[k]));
        if (i + 1 < LAYERS)
            n += (size_t)snprintf(got + n, sizeof got - n, "|");
    }
    assert_string_equal(got, want);
    prq_arena_free(im->a);
    free(im);
}

static void test_contentsets_manifests(void **state)
{
    (void)state;
    struct image *im = begin("rhel");
    say(im, 0, "content-sets", "set", "rhel-9-for-x86_64-baseos-rpms");
    say(im, 0, "content-sets", "set", "rhel-9-for-x86_64-appstream-rpms");
    say(im, 0, "content-sets", "set", "rhel-9-for-x86_64-baseos-rpms");
    say(im, 0, "build-info", "cpe", "cpe:/a:redhat:enterprise_linux:9::appstream");
    say(im, 2, "content-sets", "set", "rhocp-4.12-for-rhel-9-x86_64-rpms");
    say(im, 1, "build-info", "cpe", "cpe:/a:redhat:openshift:4.12::el9");
    expect(im, "cpe:/a:redhat:enterprise_linux:9::appstream rhel-9-for-x86_64-appstream-rpms "
               "rhel-9-for-x86_64-baseos-rpms||rhocp-4.12-for-rhel-9-x86_64-rpms");
}

/* No manifest, or one that refers to dnf: its history, as far as it still stands. */
static void test_contentsets_history(void **state)
{
    (void)state;
    struct image *im = begin("rhel");
    say(im, 0, "content-sets", "set", "rhel-9-for-x86_64-baseos-rpms");
    say(im, 0, "package-repositories", "bash", "gone");
    struct prq_facts *f = &im->facts[0].facts;
    struct prq_pair *pairs = prq_new_n(im->a, struct prq_pair, 2);
    pairs[0] = f->notes[0].pairs[0];
    pairs[1] = (struct prq_pair){ PRQ_S("from_dnf_hint"), PRQ_S("true") };
    f->notes[0].pairs = pairs;
    f->notes[0].n = 2;
    im->live[im->live_count++] = note(im, 1, "package-repositories", "bash-0:5.1.8-6.el9.x86_64",
                                      "ubi-9-baseos-rpms");
    im->live[im->live_count++] = note(im, 1, "package-repositories", "htop-1:3.2-1.el9.x86_64",
                                      "epel");
    expect(im, "|epel ubi-9-baseos-rpms|");
}

static void test_contentsets_others(void **state)
{
    (void)state;
    struct image *im = begin("almalinux");
    say(im, 0, "content-sets", "set", "rhel-9-for-x86_64-baseos-rpms");
    im->live[im->live_count++] = note(im, 0, "package-repositories", "bash", "baseos");
    expect(im, "||");
    im = begin("rhel");
    im->an.layer_count = 0; /* an analysis without layers */
    say(im, 0, "content-sets", "set", "x");
    expect(im, "||");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contentsets_manifests),
        cmocka_unit_test(test_contentsets_history),
        cmocka_unit_test(test_contentsets_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
