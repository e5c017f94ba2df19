/* SPDX-License-Identifier: Apache-2.0 */
#include "image/manifest.h"

#include "image/members.h"
#include "image/verify.h"
#include "lib/lib.h"

/* Source: image-spec, "Media Types"; Docker image manifest V2, Schema 2, "Media Types". */
static const struct {
    prq_str type;
    enum prq_media media;
} types[] = {
    { PRQ_SI("application/vnd.oci.image.index.v1+json"), PRQ_MEDIA_INDEX },
    { PRQ_SI("application/vnd.docker.distribution.manifest.list.v2+json"), PRQ_MEDIA_INDEX },
    { PRQ_SI("application/vnd.oci.image.manifest.v1+json"), PRQ_MEDIA_MANIFEST },
    { PRQ_SI("application/vnd.docker.distribution.manifest.v2+json"), PRQ_MEDIA_MANIFEST },
    { PRQ_SI("application/vnd.docker.distribution.manifest.v1+json"), PRQ_MEDIA_SCHEMA1 },
    { PRQ_SI("application/vnd.docker.distribution.manifest.v1+prettyjws"), PRQ_MEDIA_SCHEMA1 },
    { PRQ_SI("application/vnd.oci.image.config.v1+json"), PRQ_MEDIA_CONFIG },
    { PRQ_SI("application/vnd.docker.container.image.v1+json"), PRQ_MEDIA_CONFIG },
    { PRQ_SI("application/vnd.oci.image.layer.v1.tar"), PRQ_MEDIA_LAYER },
    { PRQ_SI("application/vnd.oci.image.layer.v1.tar+gzip"), PRQ_MEDIA_LAYER },
    { PRQ_SI("application/vnd.oci.image.layer.v1.tar+zstd"), PRQ_MEDIA_LAYER },
    { PRQ_SI("application/vnd.docker.image.rootfs.diff.tar"), PRQ_MEDIA_LAYER },
    { PRQ_SI("application/vnd.docker.image.rootfs.diff.tar.gzip"), PRQ_MEDIA_LAYER },
    { PRQ_SI("application/vnd.docker.image.rootfs.diff.tar.zstd"), PRQ_MEDIA_LAYER },
    { PRQ_SI("application/vnd.oci.image.layer.nondistributable.v1.tar"), PRQ_MEDIA_FOREIGN },
    { PRQ_SI("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"), PRQ_MEDIA_FOREIGN },
    { PRQ_SI("application/vnd.oci.image.layer.nondistributable.v1.tar+zstd"), PRQ_MEDIA_FOREIGN },
    { PRQ_SI("application/vnd.docker.image.rootfs.foreign.diff.tar"), PRQ_MEDIA_FOREIGN },
    { PRQ_SI("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"), PRQ_MEDIA_FOREIGN },
};

prq_str prq_media_bare(prq_str type)
{
    return prq_str_trim(prq_str_head(type, prq_str_find(type, ';')));
}

enum prq_media prq_media_of(prq_str type)
{
    type = prq_media_bare(type);
    for (size_t i = 0; i < PRQ_COUNT(types); i++)
        if (prq_str_ieq(type, types[i].type))
            return types[i].media;
    return PRQ_MEDIA_OTHER;
}

bool prq_descriptor_is_image(const struct prq_descriptor *d)
{
    bool is_unknown = prq_str_eq(d->os, PRQ_S("unknown")) &&
                      prq_str_eq(d->architecture, PRQ_S("unknown"));
    enum prq_media media = prq_media_of(d->media_type);
    bool is_manifest = media == PRQ_MEDIA_INDEX || media == PRQ_MEDIA_MANIFEST ||
                       media == PRQ_MEDIA_SCHEMA1;
    return is_manifest && !is_unknown && d->reference_type.n == 0 && d->artifact_type.n == 0;
}

static void read_annotations(struct prq_members *m, struct prq_descriptor *d)
{
    prq_str key;
    if (!prq_members_object(m))
        return;
    /* A map in every reader: names are exact there, and the last of two counts. */
    while (prq_json_key(&m->j, &key)) {
        if (prq_str_eq(key, PRQ_S("org.opencontainers.image.ref.name")))
            prq_json_string_or_skip(&m->j, &d->ref_name);
        else if (prq_str_eq(key, PRQ_S("io.containerd.image.name")))
            prq_json_string_or_skip(&m->j, &d->image_name);
        else if (prq_str_eq(key, PRQ_S("vnd.docker.reference.type")))
            prq_json_string_or_skip(&m->j, &d->reference_type);
        else
            prq_json_skip(&m->j);
    }
}

static void read_platform(struct prq_members *m, struct prq_descriptor *d)
{
    static const prq_str names[] = { PRQ_SI("os"), PRQ_SI("architecture"), PRQ_SI("variant") };
    prq_str *const into[] = { &d->os, &d->architecture, &d->variant };
    uint64_t seen = 0;
    size_t which;
    if (!prq_members_object(m))
        return;
    d->has_platform = true;
    while (prq_members_next(m, names, PRQ_COUNT(names), &seen, &which))
        if (which < PRQ_COUNT(names))
            prq_members_string(m, into[which]);
}

static size_t count_urls(struct prq_members *m)
{
    size_t n = 0;
    if (prq_members_array(m))
        for (; prq_members_item(m); n++)
            prq_json_skip(&m->j);
    return n;
}

/* The embedded copy of a blob: other readers take it instead of the blob, so it has to be it. */
static void check_data(struct prq_members *m, const struct prq_descriptor *d, prq_str data)
{
    PRQ_BUF raw;
    prq_buf_init(&raw, m->j.in.n + 1);
    if (!prq_base64_decode(data, &raw) ||
        !prq_verify(prq_buf_view(&raw), d->digest, d->size, NULL))
        prq_members_fail(m, PRQ_E_FORMAT, "embedded data differs from its descriptor");
}

static void read_descriptor(struct prq_members *m, struct prq_descriptor *d)
{
    static const prq_str names[] = { PRQ_SI("mediaType"), PRQ_SI("digest"),   PRQ_SI("size"),
                                     PRQ_SI("artifactType"), PRQ_SI("platform"),
                                     PRQ_SI("annotations"), PRQ_SI("urls"), PRQ_SI("data") };
    enum prq_digest_alg alg;
    prq_str hex, data = { 0 };
    uint64_t seen = 0;
    size_t which;
    *d = (struct prq_descriptor){ 0 };
    if (!prq_members_object(m)) {
        prq_members_fail(m, PRQ_E_FORMAT, "a descriptor is expected here");
        return;
    }
    while (prq_members_next(m, names, PRQ_COUNT(names), &seen, &which)) {
        switch (which) {
        case 0:
            prq_members_string(m, &d->media_type);
            break;
        case 1:
            prq_members_string(m, &d->digest);
            break;
        case 2:
            prq_json_u64(&m->j, &d->size);
            break;
        case 3:
            prq_members_string(m, &d->artifact_type);
            break;
        case 4:
            read_platform(m, d);
            break;
        case 5:
            read_annotations(m, d);
            break;
        case 6:
            d->url_count = count_urls(m);
            break;
        case 7:
            prq_members_string(m, &data);
            break;
        default:
            break;
        }
    }
    if (!prq_digest_parse(d->digest, &alg, &hex))
        prq_members_fail(m, PRQ_E_FORMAT, "descriptor without a sha256 or sha512 digest");
    else if (!(seen & 4))
        prq_members_fail(m, PRQ_E_FORMAT, "descriptor without a size");
    else if (data.n)
        check_data(m, d, data);
}

static void read_descriptors(struct prq_members *m, struct prq_arena *a, uint64_t max,
                             struct prq_manifest *out)
{
    size_t cap = 0;
    while (prq_members_item(m)) {
        if (out->count >= max)
            prq_members_fail(m, PRQ_E_LIMIT, "too many layers or manifests");
        else if (!prq_arena_grow(a, &out->items, sizeof *out->items, &cap, out->count + 1))
            prq_members_fail(m, PRQ_E_NOMEM, "manifest needs too much memory");
        else
            read_descriptor(m, &out->items[out->count++]);
    }
}

/* What the image was built on. Source: OCI image specification, "Pre-Defined Annotation Keys". */
static void read_base(struct prq_members *m, struct prq_manifest *out)
{
    prq_str key;
    if (!prq_json_enter_object(&m->j)) {
        prq_json_skip(&m->j);
        return;
    }
    while (prq_json_key(&m->j, &key)) {
        if (prq_str_eq(key, PRQ_S("org.opencontainers.image.base.name")))
            prq_json_string_or_skip(&m->j, &out->base_name);
        else if (prq_str_eq(key, PRQ_S("org.opencontainers.image.base.digest")))
            prq_json_string_or_skip(&m->j, &out->base_digest);
        else
            prq_json_skip(&m->j);
    }
}

enum { IS_INDEX = 1, HAS_CONFIG = 2, HAS_LAYERS = 4, IS_SCHEMA1 = 8 };

/* Which of the members that only one kind of document has are there. */
static void read_body(struct prq_members *m, struct prq_arena *a, const struct prq_limits *limits,
                      struct prq_manifest *out, unsigned *kinds)
{
    static const prq_str names[] = { PRQ_SI("schemaVersion"), PRQ_SI("mediaType"),
                                     PRQ_SI("config"),        PRQ_SI("layers"),
                                     PRQ_SI("manifests"),     PRQ_SI("artifactType"),
                                     PRQ_SI("fsLayers"),      PRQ_SI("annotations") };
    uint64_t seen = 0, version = 2;
    size_t which;
    while (prq_members_next(m, names, PRQ_COUNT(names), &seen, &which)) {
        switch (which) {
        case 0:
            prq_json_u64(&m->j, &version);
            break;
        case 1:
            prq_members_string(m, &out->media_type);
            break;
        case 2:
            if (prq_json_peek(&m->j) == PRQ_JSON_NULL) {
                prq_json_skip(&m->j);
                break;
            }
            *kinds |= HAS_CONFIG;
            read_descriptor(m, &out->config);
            break;
        case 3:
        case 4:
            if (!prq_members_array(m))
                break;
            if (*kinds & (which == 3 ? IS_INDEX : HAS_LAYERS))
                prq_members_fail(m, PRQ_E_FORMAT, "both an index and a manifest");
            *kinds |= which == 3 ? HAS_LAYERS : IS_INDEX;
            read_descriptors(m, a, which == 3 ? limits->layers : 10000, out);
            break;
        case 5:
            prq_members_string(m, &out->artifact_type);
            break;
        case 6:
            *kinds |= IS_SCHEMA1;
            prq_json_skip(&m->j);
            break;
        case 7:
            read_base(m, out);
            break;
        default:
            break;
        }
    }
    if (version == 1)
        *kinds |= IS_SCHEMA1;
    else if (version != 2)
        prq_members_fail(m, PRQ_E_UNSUPPORTED, "manifest of an unknown schema version");
}

bool prq_manifest_parse(prq_str bytes, prq_str said, struct prq_arena *a,
                        const struct prq_limits *limits, struct prq_manifest *out,
                        struct prq_err *err)
{
    struct prq_manifest r = { 0 };
    struct prq_members m;
    unsigned kinds = 0;
    said = prq_media_bare(said);
    enum prq_media told = prq_media_of(said);
    if (told == PRQ_MEDIA_SCHEMA1)
        return prq_fail(err, PRQ_E_UNSUPPORTED, "image manifest of schema 1: too old");
    prq_members_init(&m, bytes, a, limits);
    if (prq_members_object(&m))
        read_body(&m, a, limits, &r, &kinds);
    else
        prq_members_fail(&m, PRQ_E_FORMAT, "a manifest is expected here");
    /* Schema 1 is told before anything else is found wrong with it. */
    if ((kinds & IS_SCHEMA1) && !(kinds & (IS_INDEX | HAS_LAYERS)))
        return prq_fail(err, PRQ_E_UNSUPPORTED, "image manifest of schema 1: too old");
    if (!prq_members_end(&m, err))
        return false;

    bool is_index = kinds & IS_INDEX;
    if (is_index ? kinds != IS_INDEX : kinds != (HAS_CONFIG | HAS_LAYERS))
        return prq_fail(err, PRQ_E_FORMAT,
                        (kinds & ~(unsigned)(HAS_CONFIG | HAS_LAYERS)) == 0
                            ? "a manifest needs a config and layers"
                            : "a manifest that is also something else");
    enum prq_media body = prq_media_of(r.media_type);
    enum prq_media is = is_index ? PRQ_MEDIA_INDEX : PRQ_MEDIA_MANIFEST;
    if (r.media_type.n && body != is)
        return prq_fail(err, PRQ_E_FORMAT, "contents are %s but call themselves %.*s",
                        is_index ? "an index" : "a manifest", PRQ_FMT(r.media_type));
    if (said.n && (told != is || (r.media_type.n && !prq_str_ieq(said, r.media_type))))
        return prq_fail(err, PRQ_E_FORMAT, "announced as %.*s but is %.*s", PRQ_FMT(said),
                        PRQ_FMT(r.media_type.n ? r.media_type
                                : is_index     ? types[0].type
                                               : types[2].type));
    r.is_index = is_index;
    if (r.media_type.n == 0)
        r.media_type = told == is ? said : is_index ? types[0].type : types[2].type;
    *out = r;
    return true;
}

static void read_rootfs(struct prq_members *m, struct prq_arena *a, uint64_t max,
                        struct prq_image_config *out)
{
    static const prq_str names[] = { PRQ_SI("type"), PRQ_SI("diff_ids") };
    enum prq_digest_alg alg;
    prq_str type = { 0 }, hex;
    uint64_t seen = 0;
    size_t which, cap = 0;
    if (!prq_members_object(m))
        return;
    while (prq_members_next(m, names, PRQ_COUNT(names), &seen, &which)) {
        if (which == 0)
            prq_members_string(m, &type);
        if (which != 1 || !prq_members_array(m))
            continue;
        while (prq_members_item(m)) {
            prq_str id = { 0 };
            prq_members_string(m, &id);
            if (out->diff_id_count >= max)
                prq_members_fail(m, PRQ_E_LIMIT, "too many layers");
            else if (!prq_digest_parse(id, &alg, &hex))
                prq_members_fail(m, PRQ_E_FORMAT, "diff id is no sha256 or sha512 digest");
            else if (!prq_arena_grow(a, &out->diff_ids, sizeof *out->diff_ids, &cap,
                                     out->diff_id_count + 1))
                prq_members_fail(m, PRQ_E_NOMEM, "config needs too much memory");
            else
                out->diff_ids[out->diff_id_count++] = id;
        }
    }
    if (type.n && !prq_str_eq(type, PRQ_S("layers")))
        prq_members_fail(m, PRQ_E_UNSUPPORTED, "rootfs is not of type layers");
}

bool prq_image_config_parse(prq_str bytes, struct prq_arena *a, const struct prq_limits *limits,
                            struct prq_image_config *out, struct prq_err *err)
{
    static const prq_str names[] = { PRQ_SI("os"), PRQ_SI("architecture"), PRQ_SI("variant"),
                                     PRQ_SI("rootfs") };
    struct prq_image_config r = { 0 };
    prq_str *const into[] = { &r.os, &r.architecture, &r.variant };
    struct prq_members m;
    uint64_t seen = 0;
    size_t which;
    prq_members_init(&m, bytes, a, limits);
    if (!prq_members_object(&m))
        prq_members_fail(&m, PRQ_E_FORMAT, "an image config is expected here");
    else
        while (prq_members_next(&m, names, PRQ_COUNT(names), &seen, &which)) {
            if (which < 3)
                prq_members_string(&m, into[which]);
            else if (which == 3)
                read_rootfs(&m, a, limits->layers, &r);
        }
    if (!prq_members_end(&m, err))
        return false;
    *out = r;
    return true;
}

static void read_strings(struct prq_members *m, struct prq_arena *a, uint64_t max, prq_str **list,
                         size_t *count)
{
    size_t cap = 0;
    if (!prq_members_array(m))
        return;
    while (prq_members_item(m)) {
        if (*count >= max)
            prq_members_fail(m, PRQ_E_LIMIT, "too many layers or tags");
        else if (!prq_arena_grow(a, list, sizeof **list, &cap, *count + 1))
            prq_members_fail(m, PRQ_E_NOMEM, "manifest.json needs too much memory");
        else
            prq_members_string(m, &(*list)[(*count)++]);
    }
}

bool prq_saved_images_parse(prq_str bytes, struct prq_arena *a, const struct prq_limits *limits,
                            struct prq_saved_image **out, size_t *count, struct prq_err *err)
{
    static const prq_str names[] = { PRQ_SI("Config"), PRQ_SI("RepoTags"), PRQ_SI("Layers") };
    struct prq_saved_image *images = NULL;
    struct prq_members m;
    size_t n = 0, cap = 0;
    prq_members_init(&m, bytes, a, limits);
    if (!prq_members_array(&m))
        prq_members_fail(&m, PRQ_E_FORMAT, "a list of images is expected here");
    while (prq_members_item(&m)) {
        if (!prq_arena_grow(a, &images, sizeof *images, &cap, n + 1)) {
            prq_members_fail(&m, PRQ_E_NOMEM, "manifest.json needs too much memory");
            break;
        }
        struct prq_saved_image *im = &images[n++];
        uint64_t seen = 0;
        size_t which;
        *im = (struct prq_saved_image){ 0 };
        if (!prq_members_object(&m))
            prq_members_fail(&m, PRQ_E_FORMAT, "an image is expected here");
        while (prq_members_next(&m, names, PRQ_COUNT(names), &seen, &which)) {
            if (which == 0)
                prq_members_string(&m, &im->config);
            else if (which == 1)
                read_strings(&m, a, 10000, &im->tags, &im->tag_count);
            else if (which == 2)
                read_strings(&m, a, limits->layers, &im->layers, &im->layer_count);
        }
        if (im->config.n == 0)
            prq_members_fail(&m, PRQ_E_FORMAT, "image without a config");
    }
    if (!prq_members_end(&m, err))
        return false;
    *out = images;
    *count = n;
    return true;
}
