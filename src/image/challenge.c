/* SPDX-License-Identifier: Apache-2.0 */
#include "image/challenge.h"

#include "image/reference.h"

/* ---- grammar: challenge = scheme [ 1*SP ( token68 / param *( "," param ) ) ], and a list of them
 * is separated by commas too; a token with an equals sign after it is a parameter. */

static bool is_token_char(char c)
{
    return prq_is_alnum(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static prq_str token(prq_str in, size_t *at)
{
    size_t from = *at;
    while (*at < in.n && is_token_char(in.p[*at]))
        (*at)++;
    return (prq_str){ in.p + from, *at - from };
}

static void blanks(prq_str in, size_t *at)
{
    while (*at < in.n && (in.p[*at] == ' ' || in.p[*at] == '\t'))
        (*at)++;
}

/* Where the quoted string that starts at `at` ends: the place of its closing quote, or in.n. */
static size_t quoted_end(prq_str in, size_t at)
{
    for (size_t i = at + 1; i < in.n; i++) {
        if (in.p[i] == '"')
            return i;
        if (in.p[i] == '\\')
            i++;
    }
    return in.n;
}

/* A token, or a quoted string with its backslashes taken out. */
static bool value_of(prq_str in, size_t *at, struct prq_arena *a, prq_str *out)
{
    if (*at >= in.n || in.p[*at] != '"') {
        *out = token(in, at);
        return out->n > 0;
    }
    size_t end = quoted_end(in, *at), n = 0;
    char *p = end == in.n ? NULL : prq_arena_alloc(a, end - *at);
    if (!p)
        return false;
    for (size_t i = *at + 1; i < end; i++) {
        if (in.p[i] == '\\')
            i++;
        p[n++] = in.p[i];
    }
    *at = end + 1;
    *out = (prq_str){ p, n };
    return true;
}

static void set_param(struct prq_challenge *c, prq_str name, prq_str value)
{
    static const prq_str names[] = { PRQ_SI("realm"), PRQ_SI("service"), PRQ_SI("scope"),
                                     PRQ_SI("error") };
    prq_str *const into[] = { &c->realm, &c->service, &c->scope, &c->error };
    for (size_t i = 0; i < PRQ_COUNT(names); i++)
        if (prq_str_ieq(name, names[i]) && into[i]->n == 0)
            *into[i] = value;
}

bool prq_challenges_parse(prq_str in, struct prq_arena *a, struct prq_challenge *out, size_t room,
                          size_t *count)
{
    struct prq_challenge *c = NULL;
    size_t at = 0;
    for (;;) {
        while (at < in.n && (in.p[at] == ',' || in.p[at] == ' ' || in.p[at] == '\t'))
            at++;
        if (at == in.n)
            return true;
        prq_str name = token(in, &at), value;
        size_t after = at;
        blanks(in, &after);
        if (name.n == 0)
            return false;
        if (after < in.n && in.p[after] == '=') {
            after++;
            blanks(in, &after);
            if (!c || !value_of(in, &after, a, &value))
                return false;
            at = after;
            set_param(c, name, value);
            continue;
        }
        if (*count >= room)
            return false;
        c = &out[(*count)++];
        *c = (struct prq_challenge){ 0 };
        c->scheme = prq_str_ieq(name, PRQ_S("bearer"))  ? PRQ_AUTH_BEARER
                    : prq_str_ieq(name, PRQ_S("basic")) ? PRQ_AUTH_BASIC
                                                        : PRQ_AUTH_OTHER;
    }
}

/* ---- whom to trust */

/* Registries whose token server has another domain. */
static const struct {
    prq_str registry, realm;
} pairs[] = {
    { PRQ_SI("docker.io"), PRQ_SI("auth.docker.io") },
    { PRQ_SI("registry-1.docker.io"), PRQ_SI("auth.docker.io") },
    { PRQ_SI("registry.gitlab.com"), PRQ_SI("gitlab.com") },
    { PRQ_SI("registry.redhat.io"), PRQ_SI("sso.redhat.com") },
    { PRQ_SI("registry.connect.redhat.com"), PRQ_SI("sso.redhat.com") },
    { PRQ_SI("nvcr.io"), PRQ_SI("authn.nvidia.com") },
    { PRQ_SI("registry.digitalocean.com"), PRQ_SI("api.digitalocean.com") },
    { PRQ_SI("icr.io"), PRQ_SI("iam.cloud.ibm.com") },
};

/* Second-level labels under which countries' registries sell names: example.co.uk. */
static const prq_str second_levels[] = {
    PRQ_SI("co"), PRQ_SI("com"), PRQ_SI("net"), PRQ_SI("org"), PRQ_SI("gov"), PRQ_SI("gob"),
    PRQ_SI("gouv"), PRQ_SI("edu"), PRQ_SI("ac"), PRQ_SI("ltd"), PRQ_SI("plc"), PRQ_SI("mil"),
    PRQ_SI("nom"), PRQ_SI("info"), PRQ_SI("biz"), PRQ_SI("web"), PRQ_SI("ind"), PRQ_SI("firm"),
    PRQ_SI("asso"), PRQ_SI("priv"), PRQ_SI("govt"), PRQ_SI("gen"), PRQ_SI("go"), PRQ_SI("ne"),
    PRQ_SI("or"), PRQ_SI("re"), PRQ_SI("pe"), PRQ_SI("sch"), PRQ_SI("k12"), PRQ_SI("eu"),
};

/* Domains that hand names below them to anybody: two of those are strangers. An extract of the
 * Public Suffix List's private part, as far as registries or token servers can live there. */
static const prq_str shared[] = {
    PRQ_SI("amazonaws.com"), PRQ_SI("amazonaws.com.cn"), PRQ_SI("awsapprunner.com"),
    PRQ_SI("on.aws"), PRQ_SI("elasticbeanstalk.com"), PRQ_SI("cloudfront.net"),
    PRQ_SI("azurecr.io"), PRQ_SI("azurewebsites.net"), PRQ_SI("azure-api.net"),
    PRQ_SI("azurecontainerapps.io"), PRQ_SI("azureedge.net"), PRQ_SI("azurefd.net"),
    PRQ_SI("cloudapp.net"), PRQ_SI("cloudapp.azure.com"), PRQ_SI("core.windows.net"),
    PRQ_SI("trafficmanager.net"), PRQ_SI("appspot.com"), PRQ_SI("run.app"), PRQ_SI("web.app"),
    PRQ_SI("firebaseapp.com"), PRQ_SI("cloudfunctions.net"), PRQ_SI("googleusercontent.com"),
    PRQ_SI("pkg.dev"), PRQ_SI("github.io"), PRQ_SI("githubusercontent.com"),
    PRQ_SI("github.dev"), PRQ_SI("gitlab.io"), PRQ_SI("herokuapp.com"), PRQ_SI("herokussl.com"),
    PRQ_SI("vercel.app"), PRQ_SI("now.sh"), PRQ_SI("netlify.app"), PRQ_SI("pages.dev"),
    PRQ_SI("workers.dev"), PRQ_SI("trycloudflare.com"), PRQ_SI("r2.dev"), PRQ_SI("fly.dev"),
    PRQ_SI("onrender.com"), PRQ_SI("railway.app"), PRQ_SI("ngrok.io"), PRQ_SI("ngrok.app"),
    PRQ_SI("ngrok-free.app"), PRQ_SI("loca.lt"), PRQ_SI("ondigitalocean.app"),
    PRQ_SI("digitaloceanspaces.com"), PRQ_SI("jfrog.io"), PRQ_SI("jfrogdev.com"),
    PRQ_SI("cloudsmith.io"), PRQ_SI("container.oracle.com"), PRQ_SI("oraclecloud.com"),
    PRQ_SI("ocir.io"), PRQ_SI("aliyuncs.com"), PRQ_SI("myqcloud.com"), PRQ_SI("tencentcr.com"),
    PRQ_SI("tencentcloudcr.com"), PRQ_SI("myhuaweicloud.com"), PRQ_SI("ovh.net"),
    PRQ_SI("ovh.us"), PRQ_SI("scw.cloud"), PRQ_SI("vultrcr.com"), PRQ_SI("linodeobjects.com"),
    PRQ_SI("duckdns.org"), PRQ_SI("dyndns.org"), PRQ_SI("no-ip.org"), PRQ_SI("ddns.net"),
    PRQ_SI("nip.io"), PRQ_SI("sslip.io"), PRQ_SI("xip.io"), PRQ_SI("hf.space"),
    PRQ_SI("replit.app"), PRQ_SI("repl.co"), PRQ_SI("glitch.me"), PRQ_SI("deno.dev"),
    PRQ_SI("codespaces.dev"), PRQ_SI("app.github.dev"), PRQ_SI("preview.app"),
    PRQ_SI("gitpod.io"), PRQ_SI("openshiftapps.com"), PRQ_SI("rhcloud.com"),
    PRQ_SI("ts.net"), PRQ_SI("blogspot.com"), PRQ_SI("supabase.co"), PRQ_SI("home.arpa"),
};

static bool is_in(prq_str label, const prq_str *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (prq_str_ieq(label, list[i]))
            return true;
    return false;
}

/* The last `labels` labels of a name; empty when it has fewer. */
static prq_str last_labels(prq_str name, unsigned labels)
{
    for (size_t i = name.n; i > 0; i--)
        if (name.p[i - 1] == '.' && --labels == 0)
            return prq_str_from_at(name, i);
    return labels == 1 ? name : (prq_str){ 0 };
}

static bool is_address(prq_str name)
{
    for (size_t i = 0; i < name.n; i++)
        if (!prq_is_digit(name.p[i]) && name.p[i] != '.')
            return prq_str_find(name, ':') < name.n;
    return true;
}

static bool is_shared(prq_str name)
{
    for (unsigned labels = 2; labels <= 3; labels++) {
        prq_str tail = last_labels(name, labels);
        if (tail.n && is_in(tail, shared, PRQ_COUNT(shared)))
            return true;
    }
    return false;
}

/* The part of a name that one owner bought; empty where that is not sure. */
static prq_str registrable(prq_str name)
{
    prq_str top = last_labels(name, 1), two = last_labels(name, 2), second, rest;
    if (is_address(name) || two.n == 0 || is_shared(name) || !prq_str_cut(two, '.', &second, &rest))
        return (prq_str){ 0 };
    bool is_country = top.n == 2;
    if (is_country && (is_in(second, second_levels, PRQ_COUNT(second_levels)) || second.n <= 2))
        return last_labels(name, 3);
    return two;
}

bool prq_realm_is_trusted(prq_str registry, prq_str realm_host)
{
    prq_str from = prq_host_name(registry), to = prq_host_name(realm_host);
    if (from.n == 0 || to.n == 0)
        return false;
    if (prq_str_ieq(from, to))
        return true;
    for (size_t i = 0; i < PRQ_COUNT(pairs); i++)
        if (prq_str_ieq(from, pairs[i].registry) && prq_str_ieq(to, pairs[i].realm))
            return true;
    prq_str domain = registrable(from);
    return domain.n && prq_str_ieq(domain, registrable(to));
}
