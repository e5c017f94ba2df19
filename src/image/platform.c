/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/utsname.h>

#include "image/reference.h"

/* Names of one architecture, as uname, Debian and Go's GOARCH call it; the last column pair is what
 * image indexes use. Source: image-spec, "platform" (values of GOOS, GOARCH and the variants). */
static const struct {
    prq_str alias, architecture, variant;
} names[] = {
    { PRQ_SI("x86_64"), PRQ_SI("amd64"), { 0 } },
    { PRQ_SI("x86-64"), PRQ_SI("amd64"), { 0 } },
    { PRQ_SI("aarch64"), PRQ_SI("arm64"), { 0 } },
    { PRQ_SI("i386"), PRQ_SI("386"), { 0 } },
    { PRQ_SI("i486"), PRQ_SI("386"), { 0 } },
    { PRQ_SI("i586"), PRQ_SI("386"), { 0 } },
    { PRQ_SI("i686"), PRQ_SI("386"), { 0 } },
    { PRQ_SI("armhf"), PRQ_SI("arm"), PRQ_SI("v7") },
    { PRQ_SI("armv7l"), PRQ_SI("arm"), PRQ_SI("v7") },
    { PRQ_SI("armv8l"), PRQ_SI("arm"), PRQ_SI("v7") },
    { PRQ_SI("armv6l"), PRQ_SI("arm"), PRQ_SI("v6") },
    { PRQ_SI("armel"), PRQ_SI("arm"), PRQ_SI("v6") },
    { PRQ_SI("armv5tel"), PRQ_SI("arm"), PRQ_SI("v5") },
    { PRQ_SI("ppc64el"), PRQ_SI("ppc64le"), { 0 } },
    { PRQ_SI("loongarch64"), PRQ_SI("loong64"), { 0 } },
};

static void normalise(prq_str *architecture, prq_str *variant)
{
    for (size_t i = 0; i < PRQ_COUNT(names); i++)
        if (prq_str_ieq(*architecture, names[i].alias)) {
            *architecture = names[i].architecture;
            if (variant->n == 0)
                *variant = names[i].variant;
            break;
        }
    /* v8 and v1 are the plain forms: indexes write them or leave them out. */
    if ((prq_str_eq(*architecture, PRQ_S("arm64")) && prq_str_eq(*variant, PRQ_S("v8"))) ||
        (prq_str_eq(*architecture, PRQ_S("amd64")) && prq_str_eq(*variant, PRQ_S("v1"))))
        *variant = (prq_str){ 0 };
    if (prq_str_eq(*architecture, PRQ_S("arm")) && variant->n == 0)
        *variant = PRQ_S("v7");
    if (variant->n == 1 && prq_is_digit(variant->p[0])) {
        static const prq_str v[] = { PRQ_SI("v0"), PRQ_SI("v1"), PRQ_SI("v2"), PRQ_SI("v3"),
                                     PRQ_SI("v4"), PRQ_SI("v5"), PRQ_SI("v6"), PRQ_SI("v7"),
                                     PRQ_SI("v8"), PRQ_SI("v9") };
        *variant = v[variant->p[0] - '0'];
    }
}

static bool is_word(prq_str s)
{
    if (s.n == 0 || s.n > 32)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!prq_is_alnum(s.p[i]) && s.p[i] != '_' && s.p[i] != '-' && s.p[i] != '.')
            return false;
    return true;
}

/* The machine's name, as a constant where the table or this list knows it. */
static prq_str host_architecture(void)
{
    static const prq_str same[] = { PRQ_SI("riscv64"), PRQ_SI("s390x"), PRQ_SI("ppc64le"),
                                    PRQ_SI("mips64"), PRQ_SI("arm64") };
    struct utsname u;
    if (uname(&u) < 0)
        return PRQ_S("amd64");
    prq_str machine = prq_str_from(u.machine);
    for (size_t i = 0; i < PRQ_COUNT(names); i++)
        if (prq_str_eq(machine, names[i].alias))
            return names[i].alias;
    for (size_t i = 0; i < PRQ_COUNT(same); i++)
        if (prq_str_eq(machine, same[i]))
            return same[i];
    return PRQ_S("amd64");
}

bool prq_platform_parse(prq_str text, struct prq_platform *out, struct prq_err *err)
{
    struct prq_platform p = { .os = PRQ_S("linux"), .is_given = text.n > 0 };
    if (text.n == 0) {
        p.architecture = host_architecture();
        normalise(&p.architecture, &p.variant);
        *out = p;
        return true;
    }
    prq_str rest = text, piece[4];
    size_t n = 0;
    while (n < PRQ_COUNT(piece) && prq_str_split(&rest, '/', &piece[n])) {
        if (!is_word(piece[n]))
            n = PRQ_COUNT(piece);
        n++;
    }
    if (n > 3)
        return prq_fail(err, PRQ_E_USAGE, "not a platform (os/arch[/variant]): %.*s",
                        PRQ_FMT(text));
    if (n > 1)
        p.os = piece[0];
    p.architecture = n > 1 ? piece[1] : piece[0];
    if (n > 2)
        p.variant = piece[2];
    normalise(&p.architecture, &p.variant);
    *out = p;
    return true;
}

static unsigned level(prq_str variant)
{
    return variant.n == 2 && variant.p[0] == 'v' && prq_is_digit(variant.p[1])
               ? (unsigned)(variant.p[1] - '0')
               : 0;
}

unsigned prq_platform_score(const struct prq_platform *want, prq_str os, prq_str architecture,
                            prq_str variant)
{
    normalise(&architecture, &variant);
    if (!prq_str_ieq(want->os, os) || !prq_str_ieq(want->architecture, architecture))
        return 0;
    if (prq_str_eq(want->variant, variant))
        return 20;
    unsigned have = level(variant), most = level(want->variant);
    /* A v7 processor runs v6 and v5 too, never the other way round. */
    if (have < most && (have || variant.n == 0))
        return 10 + have;
    /* Nobody asked for a variant, and only better machines are served: the lowest will do. */
    if (want->variant.n == 0 && have && !prq_str_eq(architecture, PRQ_S("arm")))
        return 10 - have;
    return 0;
}
