/* SPDX-License-Identifier: Apache-2.0 */
/* VEX documents: statements are numbered, what has no flaw names a vulnerability and a status, reading
 * again says the same, and every name that occurs can be looked up among the packages of an image. */
#include "format/vexfile.h"
#include "fuzz.h"
#include "match/decide.h"

static struct prq_package packages[] = {
    { .type = PRQ_SI("apk"), .name = PRQ_SI("libssl3"), .version = PRQ_SI("3.0.7-r0"),
      .source_name = PRQ_SI("openssl"),
      .purl = PRQ_SI("pkg:apk/alpine/libssl3@3.0.7-r0?arch=x86_64") },
    { .type = PRQ_SI("golang"), .name = PRQ_SI("golang.org/x/crypto"), .version = PRQ_SI("v0.1.0"),
      .purl = PRQ_SI("pkg:golang/golang.org/x/crypto@v0.1.0") },
    { .type = PRQ_SI("pypi"), .name = PRQ_SI("zope.interface"), .version = PRQ_SI("5"),
      .purl = PRQ_SI("pkg:pypi/zope-interface@5") },
};

static void look_up(struct prq_namer *w, const struct prq_vex_thing *t)
{
    for (size_t i = 0; i < t->names.n; i++) {
        const struct prq_named_thing *found;
        if (!prq_namer_find(w, t->names.v[i], &found, NULL))
            return;
        for (size_t k = 0; k < found->n; k++) {
            FUZZ_CHECK(found->packages[k] < PRQ_COUNT(packages));
            FUZZ_CHECK(k == 0 || found->packages[k - 1] < found->packages[k]);
        }
    }
}

static void check(const struct prq_vex_doc *d, struct prq_namer *w)
{
    FUZZ_CHECK(d->format);
    for (size_t i = 0; i < d->count; i++) {
        const struct prq_vex_statement *s = &d->statements[i];
        FUZZ_CHECK(s->number == i + 1);
        FUZZ_CHECK(s->flaw.n || (s->ids.n && s->status != PRQ_VEX_NONE));
        for (size_t k = 0; k < s->product_count; k++) {
            look_up(w, &s->products[k].self);
            for (size_t x = 0; x < s->products[k].part_count; x++)
                look_up(w, &s->products[k].parts[x]);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    PRQ_ARENA a = prq_arena_new(PRQ_MIB(64));
    struct prq_vex_doc doc, again;
    struct prq_err err = PRQ_ERR_INIT;
    struct prq_namer namer;
    struct prq_analysis an = { .name = PRQ_S("ghcr.io/team/app:1"), .packages = packages,
                               .package_count = PRQ_COUNT(packages),
                               .architecture = PRQ_S("amd64") };
    prq_str text = { (const char *)data, size };
    if (!prq_vex_read(text, &prq_limits_default, a, &doc, &err)) {
        FUZZ_CHECK(err.code != PRQ_E_NONE && err.text[0]);
        return 0;
    }
    if (!prq_namer_init(&namer, &an, a, &err))
        return 0;
    check(&doc, &namer);
    if (!prq_vex_read(text, &prq_limits_default, a, &again, &err)) {
        FUZZ_CHECK(err.code == PRQ_E_LIMIT);
        return 0;
    }
    FUZZ_CHECK(again.count == doc.count && prq_str_eq(again.author, doc.author));
    return 0;
}
