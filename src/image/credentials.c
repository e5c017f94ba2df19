/* SPDX-License-Identifier: Apache-2.0 */
#include "image/credentials.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/json.h"
#include "image/verify.h"
#include "io/source.h"

/* What docker writes as the key of its own registry. */
static const prq_str hub_key = PRQ_SI("https://index.docker.io/v1/");

/* "https://host/v1/" to "host"; "host/path" keeps its path, which only repositories match. */
static prq_str bare_key(prq_str key)
{
    bool is_url = false;
    static const prq_str schemes[] = { PRQ_SI("https://"), PRQ_SI("http://") };
    for (size_t i = 0; i < PRQ_COUNT(schemes); i++)
        if (prq_str_starts(key, schemes[i])) {
            key = prq_str_from_at(key, schemes[i].n);
            is_url = true;
        }
    while (key.n && key.p[key.n - 1] == '/')
        key.n--;
    prq_str host, path;
    if (is_url && prq_str_cut(key, '/', &host, &path) &&
        (prq_str_eq(path, PRQ_S("v1")) || prq_str_eq(path, PRQ_S("v2"))))
        key = host;
    return key;
}

static bool same_host(prq_str a, prq_str b)
{
    bool a_hub = prq_str_ieq(a, PRQ_S("docker.io")) || prq_str_ieq(a, PRQ_S("index.docker.io")) ||
                 prq_str_ieq(a, PRQ_S("registry-1.docker.io"));
    bool b_hub = prq_str_ieq(b, PRQ_S("docker.io")) || prq_str_ieq(b, PRQ_S("index.docker.io")) ||
                 prq_str_ieq(b, PRQ_S("registry-1.docker.io"));
    return (a_hub && b_hub) || prq_str_ieq(a, b);
}

/* How long a prefix of host/repository the key names; 0: it is for something else. */
static size_t key_fits(prq_str key, prq_str host, prq_str repository)
{
    prq_str at = bare_key(key), path = { 0 };
    prq_str_cut(at, '/', &at, &path);
    if (!same_host(at, host))
        return 0;
    if (path.n == 0)
        return 1;
    bool fits = prq_str_starts(repository, path) &&
                (repository.n == path.n || repository.p[path.n] == '/');
    return fits ? 1 + path.n : 0;
}

/* base64("user:password"); docker pads the end with NULs at times. */
static bool read_auth(prq_str auth, struct prq_arena *a, struct prq_credentials *c)
{
    PRQ_BUF raw;
    prq_buf_init(&raw, PRQ_KIB(64));
    prq_str user, password;
    if (!prq_base64_decode(prq_str_trim(auth), &raw))
        return false;
    if (!prq_str_cut(prq_buf_view(&raw), ':', &user, &password))
        return false;
    while (password.n && password.p[password.n - 1] == '\0')
        password.n--;
    c->username = prq_arena_copy(a, user);
    c->password = prq_arena_copy(a, password);
    explicit_bzero(raw.p, raw.n);
    return c->username.p && c->password.p;
}

static bool read_entry(struct prq_json *j, struct prq_arena *a, struct prq_credentials *c)
{
    prq_str key, auth = { 0 };
    *c = (struct prq_credentials){ 0 };
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return true;
    }
    while (prq_json_key(j, &key)) {
        if (prq_str_eq(key, PRQ_S("auth")))
            prq_json_string_or_skip(j, &auth);
        else if (prq_str_eq(key, PRQ_S("username")))
            prq_json_string_or_skip(j, &c->username);
        else if (prq_str_eq(key, PRQ_S("password")))
            prq_json_string_or_skip(j, &c->password);
        else if (prq_str_eq(key, PRQ_S("identitytoken")))
            prq_json_string_or_skip(j, &c->identity_token);
        else if (prq_str_eq(key, PRQ_S("registrytoken")))
            prq_json_string_or_skip(j, &c->registry_token);
        else
            prq_json_skip(j);
    }
    return auth.n == 0 || read_auth(auth, a, c);
}

struct best {
    size_t fit, helper_fit;
    bool is_malformed;
    struct prq_credentials entry;
    prq_str helper, store;
};

static void read_auths(struct prq_json *j, struct prq_arena *a, prq_str host, prq_str repository,
                       struct best *best)
{
    prq_str key;
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return;
    }
    while (prq_json_key(j, &key)) {
        struct prq_credentials c;
        size_t fit = key_fits(key, host, repository);
        if (fit <= best->fit) {
            prq_json_skip(j);
            continue;
        }
        bool ok = read_entry(j, a, &c);
        /* An empty entry only says that a helper knows. */
        if (ok && prq_credentials_are_empty(&c))
            continue;
        best->fit = fit;
        best->is_malformed = !ok;
        best->entry = c;
    }
}

static void read_helpers(struct prq_json *j, prq_str host, prq_str repository, struct best *best)
{
    prq_str key;
    if (!prq_json_enter_object(j)) {
        prq_json_skip(j);
        return;
    }
    while (prq_json_key(j, &key)) {
        size_t fit = key_fits(key, host, repository);
        if (fit > best->helper_fit && prq_json_string_or_skip(j, &best->helper))
            best->helper_fit = fit;
        else if (fit <= best->helper_fit)
            prq_json_skip(j);
    }
}

bool prq_auth_file_parse(prq_str bytes, bool is_bare, prq_str host, prq_str repository,
                         struct prq_arena *a, const struct prq_limits *limits, bool *found,
                         struct prq_credentials *out, prq_str *helper, struct prq_err *err)
{
    struct prq_json j;
    struct best best = { 0 };
    prq_str key;
    *found = false;
    prq_json_init(&j, bytes, a, limits);
    if (is_bare) {
        read_auths(&j, a, host, repository, &best);
    } else if (prq_json_enter_object(&j)) {
        while (prq_json_key(&j, &key)) {
            if (prq_str_eq(key, PRQ_S("auths")))
                read_auths(&j, a, host, repository, &best);
            else if (prq_str_eq(key, PRQ_S("credHelpers")))
                read_helpers(&j, host, repository, &best);
            else if (prq_str_eq(key, PRQ_S("credsStore")))
                prq_json_string_or_skip(&j, &best.store);
            else
                prq_json_skip(&j);
        }
    } else {
        prq_json_skip(&j);
    }
    if (!prq_json_end(&j, err))
        return false;
    if (best.is_malformed)
        return prq_fail(err, PRQ_E_FORMAT, "\"auth\" for %.*s is not base64 of user:password",
                        PRQ_FMT(host));
    /* A helper for the very registry comes before an entry, a default store after it. */
    *helper = best.helper.n ? best.helper : best.fit ? (prq_str){ 0 } : best.store;
    *found = best.fit > 0 || helper->n > 0;
    *out = best.entry;
    return true;
}

struct place {
    const char *env, *below; /* the variable, and the path below its value */
    bool is_bare;
};

static const struct place places[] = {
    { "REGISTRY_AUTH_FILE", "", false },
    { "XDG_RUNTIME_DIR", "/containers/auth.json", false },
    { "XDG_CONFIG_HOME", "/containers/auth.json", false },
    { "HOME", "/.config/containers/auth.json", false },
    { "DOCKER_CONFIG", "/config.json", false },
    { "HOME", "/.docker/config.json", false },
    { "HOME", "/.dockercfg", true },
};

static bool look_in(struct prq_ctx *ctx, const char *path, bool is_bare, prq_str host,
                    prq_str repository, struct prq_arena *a, bool *found,
                    struct prq_credentials *out, struct prq_err *err)
{
    PRQ_BUF b;
    struct prq_err why = PRQ_ERR_INIT;
    prq_str helper;
    prq_buf_init(&b, PRQ_MIB(4));
    *found = false;
    if (!prq_read_file(path, &b, &why)) {
        if (why.sys == ENOENT || why.sys == ENOTDIR)
            return true;
        if (err)
            *err = why;
        return false;
    }
    prq_str bytes = prq_arena_copy(a, prq_buf_view(&b));
    if (!bytes.p)
        return prq_fail(err, PRQ_E_NOMEM, "%s", path);
    if (prq_str_trim(bytes).n == 0)
        return true;
    if (!prq_auth_file_parse(bytes, is_bare, host, repository, a, ctx->limits, found, out, &helper,
                             err))
        return prq_in(err, "%s", path);
    if (!*found || helper.n == 0)
        return true;
    prq_str server = prq_str_eq(host, PRQ_S("docker.io")) ? hub_key : host;
    return prq_credential_helper(ctx, helper, server, a, found, out, err) ||
           prq_in(err, "%s", path);
}

bool prq_credentials_find(struct prq_ctx *ctx, prq_str host, prq_str repository,
                          struct prq_arena *a, struct prq_credentials *out, struct prq_err *err)
{
    *out = (struct prq_credentials){ 0 };
    for (size_t i = 0; i < PRQ_COUNT(places); i++) {
        char path[4096];
        bool found;
        const char *base = getenv(places[i].env);
        /* $DOCKER_CONFIG takes the place of ~/.docker. */
        bool is_replaced = strstr(places[i].below, ".docker/") && getenv("DOCKER_CONFIG");
        bool is_default = strstr(places[i].below, ".config/") && getenv("XDG_CONFIG_HOME");
        if (!base || !*base || is_replaced || is_default)
            continue;
        int n = snprintf(path, sizeof path, "%s%s", base, places[i].below);
        if (n < 0 || (size_t)n >= sizeof path)
            continue;
        if (!look_in(ctx, path, places[i].is_bare, host, repository, a, &found, out, err))
            return prq_in(err, "registry credentials");
        if (found)
            return true;
    }
    *out = (struct prq_credentials){ 0 };
    return true;
}
