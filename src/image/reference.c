/* SPDX-License-Identifier: Apache-2.0 */
#include "image/reference.h"

#include "lib/lib.h"

bool prq_is_tag(prq_str s)
{
    if (s.n == 0 || s.n > 128)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        bool word = prq_is_alnum(s.p[i]) || s.p[i] == '_';
        if (!word && (i == 0 || (s.p[i] != '.' && s.p[i] != '-')))
            return false;
    }
    return true;
}

/* Length of the separator at the start of `s`: one '.', one or two '_', any run of '-'. */
static size_t separator(prq_str s)
{
    if (s.n == 0)
        return 0;
    size_t n = 0;
    while (n < s.n && s.p[n] == s.p[0])
        n++;
    switch (s.p[0]) {
    case '.':
        return n == 1 ? 1 : 0;
    case '_':
        return n <= 2 ? n : 0;
    case '-':
        return n;
    default:
        return 0;
    }
}

static bool is_component(prq_str s)
{
    size_t at = 0;
    for (;;) {
        size_t from = at;
        while (at < s.n && (prq_is_lower(s.p[at]) || prq_is_digit(s.p[at])))
            at++;
        if (at == from)
            return false;
        if (at == s.n)
            return true;
        size_t n = separator(prq_str_from_at(s, at));
        if (n == 0)
            return false;
        at += n;
    }
}

bool prq_is_repository(prq_str s)
{
    if (s.n == 0 || s.n > 255)
        return false;
    prq_str rest = s, piece;
    while (prq_str_split(&rest, '/', &piece))
        if (!is_component(piece))
            return false;
    return true;
}

static bool is_port(prq_str s)
{
    uint64_t port;
    return s.n <= 5 && prq_str_u64(s, &port) && port > 0 && port < 65536;
}

static bool is_v6(prq_str s)
{
    if (s.n < 2 || s.n > 45)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (prq_hex_value(s.p[i]) < 0 && s.p[i] != ':' && s.p[i] != '.')
            return false;
    return prq_str_find(s, ':') < s.n;
}

/* One label of a domain name. An underscore is no DNS, but people have hosts with it. */
static bool is_label(prq_str s)
{
    if (s.n == 0 || s.n > 63 || s.p[0] == '-' || s.p[s.n - 1] == '-')
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!prq_is_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '_')
            return false;
    return true;
}

bool prq_is_host(prq_str s)
{
    prq_str name = s, port = { 0 };
    if (s.n == 0 || s.n > 255)
        return false;
    if (s.p[0] == '[') {
        size_t end = prq_str_find(s, ']');
        if (end == s.n || !is_v6((prq_str){ s.p + 1, end - 1 }))
            return false;
        prq_str after = prq_str_from_at(s, end + 1);
        return after.n == 0 || (after.p[0] == ':' && is_port(prq_str_from_at(after, 1)));
    }
    if (prq_str_cut(s, ':', &name, &port) && !is_port(port))
        return false;
    prq_str rest = name, piece;
    if (name.n == 0)
        return false;
    while (prq_str_split(&rest, '.', &piece))
        if (!is_label(piece))
            return false;
    return true;
}

prq_str prq_host_name(prq_str host)
{
    if (host.n && host.p[0] == '[')
        return prq_str_head(prq_str_from_at(host, 1), prq_str_find(host, ']') - 1);
    return prq_str_head(host, prq_str_find(host, ':'));
}

bool prq_host_is_local(prq_str host)
{
    prq_str name = prq_host_name(host);
    if (prq_str_ieq(name, PRQ_S("localhost")) || prq_str_eq(name, PRQ_S("::1")))
        return true;
    /* 127.x.y.z in plain decimal only: other spellings of an address earn no trust. */
    uint64_t part;
    prq_str rest = name, piece;
    size_t parts = 0;
    while (prq_str_split(&rest, '.', &piece)) {
        if (!prq_str_u64(piece, &part) || part > 255 || (parts == 0 && part != 127))
            return false;
        parts++;
    }
    return parts == 4;
}

static bool looks_like_host(prq_str first)
{
    return prq_str_find(first, '.') < first.n || prq_str_find(first, ':') < first.n ||
           prq_str_eq(first, PRQ_S("localhost")) || (first.n && first.p[0] == '[');
}

static prq_str lower(struct prq_arena *a, prq_str s)
{
    char *p = prq_arena_alloc(a, s.n + 1);
    for (size_t i = 0; p && i < s.n; i++)
        p[i] = prq_to_lower(s.p[i]);
    return (prq_str){ p, p ? s.n : 0 };
}

/* Split off "@digest" and ":tag"; what is left is host and repository. */
static bool split_suffixes(prq_str text, prq_str *name, struct prq_image_ref *out,
                           struct prq_err *err)
{
    enum prq_digest_alg alg;
    prq_str hex, before, after;
    *name = text;
    if (prq_str_cut(*name, '@', &before, &after)) {
        if (!prq_digest_parse(after, &alg, &hex))
            return prq_fail(err, PRQ_E_USAGE, "%.*s: not a sha256 or sha512 digest: %.*s",
                            PRQ_FMT(text), PRQ_FMT(after));
        out->digest = after;
        *name = before;
    }
    if (prq_str_rcut(*name, ':', &before, &after) && prq_str_find(after, '/') == after.n &&
        prq_str_find(after, ']') == after.n) {
        if (!prq_is_tag(after))
            return prq_fail(err, PRQ_E_USAGE, "%.*s: not a tag: %.*s", PRQ_FMT(text),
                            PRQ_FMT(after));
        out->tag = after;
        *name = before;
    }
    return true;
}

bool prq_image_ref_parse(prq_str text, struct prq_arena *a, struct prq_image_ref *out,
                         struct prq_err *err)
{
    struct prq_image_ref ref = { 0 };
    prq_str name, host, repository;
    if (prq_str_has(text, PRQ_S("://")))
        return prq_fail(err, PRQ_E_USAGE, "%.*s: an image name has no scheme: leave out \"%.*s\"",
                        PRQ_FMT(text), PRQ_FMT(prq_str_head(text, prq_str_search(text, PRQ_S("://")) + 3)));
    if (!split_suffixes(text, &name, &ref, err))
        return false;
    if (prq_str_cut(name, '/', &host, &repository) && looks_like_host(host)) {
        if (!prq_is_host(host))
            return prq_fail(err, PRQ_E_USAGE, "%.*s: not a registry host: %.*s", PRQ_FMT(text),
                            PRQ_FMT(host));
    } else {
        host = PRQ_S("docker.io");
        repository = name;
    }
    bool is_hub = prq_str_ieq(host, PRQ_S("docker.io")) ||
                  prq_str_ieq(host, PRQ_S("index.docker.io")) ||
                  prq_str_ieq(host, PRQ_S("registry-1.docker.io"));
    if (!prq_is_repository(repository) || host.n + 1 + repository.n > 255)
        return prq_fail(err, PRQ_E_USAGE, "%.*s: not an image name", PRQ_FMT(text));
    ref.host = lower(a, is_hub ? PRQ_S("docker.io") : host);
    ref.repository = is_hub && prq_str_find(repository, '/') == repository.n
                         ? prq_arena_printf(a, "library/%.*s", PRQ_FMT(repository))
                         : prq_arena_copy(a, repository);
    if (ref.tag.n == 0 && ref.digest.n == 0)
        ref.tag = PRQ_S("latest");
    ref.tag = prq_arena_copy(a, ref.tag);
    ref.digest = prq_arena_copy(a, ref.digest);
    if (!ref.host.p || !ref.repository.p || !ref.tag.p || !ref.digest.p)
        return prq_fail(err, PRQ_E_NOMEM, "image name");
    *out = ref;
    return true;
}
