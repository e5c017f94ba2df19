#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""archives_test.py IMAGE_PROBE: archives and layouts in every shape, built here with Python's own
tarfile, gzip and hashlib; skopeo and umoci join in where they are installed."""
import gzip
import hashlib
import io
import json
import lzma
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile

PROBE = os.path.abspath(sys.argv[1])
OCI = "application/vnd.oci.image."
MANIFEST, INDEX, CONFIG = (OCI + "manifest.v1+json", OCI + "index.v1+json", OCI + "config.v1+json")
results = {"passed": 0, "failed": 0, "skipped": 0}
work = tempfile.mkdtemp(prefix="prq-archives-")


def sha(data):
    return hashlib.sha256(data).hexdigest()


def probe(*args, stdin=None):
    run = subprocess.run([PROBE, *args], input=stdin, capture_output=True, timeout=60, check=False)
    if run.returncode not in (0, 1):
        return f"crashed with {run.returncode}: {run.stderr[-2000:]}"
    return run.stdout.decode()


def expect(name, out, *words):
    ok = all(w in out for w in words)
    results["passed" if ok else "failed"] += 1
    print(f"ok - {name}" if ok else f"not ok - {name}\n  wanted {words} in: {out[-700:]}")


def tar_of(members):
    """members: (name, bytes) for files, (name, "->", target) and (name, "=>", target) for links."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for member in members:
            info = tarfile.TarInfo(member[0])
            if member[1] in ("->", "=>"):
                info.type = tarfile.SYMTYPE if member[1] == "->" else tarfile.LNKTYPE
                info.linkname = member[2]
                tar.addfile(info)
            else:
                info.size = len(member[1])
                tar.addfile(info, io.BytesIO(member[1]))
    return out.getvalue()


def write(name, data):
    path = os.path.join(work, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)
    return path


L1, L2 = tar_of([("etc/a", b"one")]), tar_of([("etc/b", b"two")])


def config_of(*layers, arch="amd64", **more):
    return json.dumps({"os": "linux", "architecture": arch, **more, "rootfs": {
        "type": "layers", "diff_ids": ["sha256:" + sha(t) for t in layers]}}).encode()


def saved(*entries):
    return json.dumps([{"Config": c, "RepoTags": t, "Layers": ls} for c, t, ls in entries]).encode()


def descriptor(media, data, **more):
    return {"mediaType": media, "digest": "sha256:" + sha(data), "size": len(data), **more}


class Layout:
    def __init__(self):
        self.blobs = {}

    def add(self, data):
        self.blobs[sha(data)] = data
        return data

    def image(self, layers, arch="amd64", kinds=None, **more):
        config = self.add(config_of(*layers, arch=arch))
        kinds = kinds or [OCI + "layer.v1.tar"] * len(layers)
        return self.add(json.dumps({
            "schemaVersion": 2, "mediaType": MANIFEST, "config": descriptor(CONFIG, config),
            "layers": [descriptor(k, self.add(t)) for k, t in zip(kinds, layers)],
            **more}).encode())

    def index(self, *entries):
        return json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}).encode()

    def members(self, index, **more):
        files = [("blobs/sha256/" + k, v) for k, v in sorted(self.blobs.items())]
        return [*files, ("oci-layout", b'{"imageLayoutVersion":"1.0.0"}'), ("index.json", index),
                *more.items()]

    def directory(self, name, index):
        for path, data in self.members(index):
            write(f"{name}/{path}", data)
        return os.path.join(work, name)


def named(media, data, name, **more):
    return descriptor(media, data, annotations={"org.opencontainers.image.ref.name": name}, **more)


def platform(media, data, arch, variant=None):
    return descriptor(media, data, platform={
        "os": "linux", "architecture": arch, **({"variant": variant} if variant else {})})


# ---- docker archives

def test_docker():
    config = config_of(L1, L2, L1)
    name = sha(config) + ".json"
    old = tar_of([("1/layer.tar", L1), ("2/layer.tar", L2), ("3/layer.tar", "->", "../1/layer.tar"),
                  (name, config),
                  ("manifest.json", saved((name, ["a:1"], [f"{i}/layer.tar" for i in "123"])))])
    path = write("old.tar", old)
    expect("old layout, linked layer", probe(path), "id sha256:" + sha(config), "tag a:1",
           f"layer 2 ok {len(L1)} sha256:{sha(L1)}")
    for word, packed in (("gzip", gzip.compress(old)), ("xz", lzma.compress(old)),
                         ("zstd", zstd(old))):
        if packed is None:
            results["skipped"] += 1
            continue
        expect(word + " around it", probe(write("old." + word, packed)), "layer 2 ok")
        expect(word + " on stdin", probe("docker-archive:-", stdin=packed), "layer 2 ok")
    expect("stdin", probe("docker-archive:-", stdin=old), "layer 2 ok")
    expect("platform fits", probe("--platform", "linux/amd64", path), "layer 2 ok")
    expect("platform differs", probe("--platform", "linux/arm64", path), "error: unsupported",
           "linux/amd64")
    expect("by tag", probe(f"docker-archive:{path}:a:1"), "layer 2 ok")
    expect("by bare tag", probe(f"docker-archive:{path}:1"), "layer 2 ok")
    expect("by id", probe(f"docker-archive:{path}@sha256:{sha(config)}"), "layer 2 ok")
    expect("no such tag", probe(f"docker-archive:{path}:b"), "error: unsupported", "a:1")

    one, two = config_of(L1), config_of(L2)
    several = write("several.tar", tar_of([
        ("1.json", one), ("2.json", two), ("1/layer.tar", L1), ("2/layer.tar", L2),
        ("manifest.json", saved(("1.json", ["x:1"], ["1/layer.tar"]),
                                ("2.json", ["x:2"], ["2/layer.tar"])))]))
    expect("several", probe(several), "error: usage", "x:1, x:2")
    expect("one of several", probe(f"docker-archive:{several}:x:2"), "id sha256:" + sha(two))

    zipped = tar_of([("c", one), ("1.tar.gz", gzip.compress(L1)),
                     ("manifest.json", saved(("c", None, ["1.tar.gz"])))])
    expect("packed layer", probe(write("zipped.tar", zipped)), "layer 0 ok", sha(L1))
    hard = tar_of([("c", one), ("a/layer.tar", L1), ("b/layer.tar", "=>", "a/layer.tar"),
                   ("manifest.json", saved(("c", [], ["b/layer.tar"])))])
    expect("hard link", probe(write("hard.tar", hard)), "layer 0 ok")
    for word, target in (("outside", "../../../../../etc/passwd"), ("absolute", "/etc/passwd"),
                         ("to itself", "layer.tar")):
        out = tar_of([("c", one), ("b/layer.tar", "->", target),
                      ("manifest.json", saved(("c", [], ["b/layer.tar"])))])
        expect("link " + word, probe(write("link.tar", out)), "layer 0 absent", "gap foreign-layer")
    dots = tar_of([("c", one), ("manifest.json", saved(("../../etc/passwd", [], [])))])
    expect("config outside", probe(write("dots.tar", dots)), "error: format",
           "not in the archive")
    wrong = tar_of([("c", one), ("l", L2), ("manifest.json", saved(("c", [], ["l"])))])
    expect("diff id differs", probe(write("wrong.tar", wrong)), "error: format", "layer 0")
    count = tar_of([("c", one), ("l", L1), ("manifest.json", saved(("c", [], ["l", "l"])))])
    expect("layer count differs", probe(write("count.tar", count)), "error: format", "lists 1")
    expect("cut", probe(write("cut.tar", old[:3000])), "error: format", "ends inside")
    expect("no tar", probe(f"docker-archive:{write('text', b'hello ' * 200)}"), "error: format",
           "not a tar archive")
    expect("no image", probe(write("plain.tar", L1)), "error: usage", "no image")
    expect("no such file", probe("docker-archive:/nonexistent"), "error: io", "No such file")
    expect("directory", probe(f"docker-archive:{work}"), "error: usage", "is a directory")


def zstd(data):
    if not shutil.which("zstd"):
        return None
    return subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True).stdout


def test_engine25():
    layout = Layout()
    manifest = layout.image([L1])
    config = "blobs/sha256/" + sha(config_of(L1))
    index = layout.index(descriptor(MANIFEST, manifest, annotations={
        "io.containerd.image.name": "docker.io/library/a:1",
        "org.opencontainers.image.ref.name": "1"}))
    both = layout.members(index, **{"manifest.json": saved(
        (config, ["a:1"], ["blobs/sha256/" + sha(L1)]))})
    path = write("engine25.tar", tar_of(both))
    for argument in (path, f"docker-archive:{path}", f"docker-archive:{path}:a:1",
                     f"oci-archive:{path}:docker.io/library/a:1", f"oci-archive:{path}:1"):
        expect("engine 25 " + argument[:12], probe(argument), "digest sha256:" + sha(manifest),
               "layer 0 ok")
    changed = [(n, L2 if n.endswith(sha(L1)) else d) for n, d in both]
    expect("blob with other contents", probe(write("changed.tar", tar_of(changed))),
           "error: format")


# ---- OCI layouts

def test_oci():
    layout = Layout()
    one, two = layout.image([L1]), layout.image([L2, L1])
    index = layout.index(named(MANIFEST, one, "one"), named(MANIFEST, two, "two"))
    path = layout.directory("two", index)
    archive = write("two.tar", tar_of(layout.members(index)))
    for where in (f"oci-dir:{path}", f"oci-archive:{archive}", path, archive):
        expect("several", probe(where), "error: usage", "one, two")
        expect("by tag", probe(where + ":two"), "digest sha256:" + sha(two), "layer 1 ok")
        expect("by digest", probe(f"{where}@sha256:{sha(one)}"), "digest sha256:" + sha(one))
        expect("no such tag", probe(where + ":three"), "error: ", "one, two" if ":" in where[:9]
               else "")
        expect("no such digest", probe(f"{where}@sha256:{sha(b'')}"), "error: ")

    multi = Layout()
    amd, arm = multi.image([L1]), multi.image([L2], arch="arm64")
    arm6, arm7 = multi.image([L1], arch="arm"), multi.image([L2, L2], arch="arm")
    inner = multi.add(multi.index(
        platform(MANIFEST, amd, "amd64"), platform(MANIFEST, arm, "arm64", "v8"),
        platform(MANIFEST, arm6, "arm", "v6"), platform(MANIFEST, arm7, "arm", "v7"),
        {**platform(MANIFEST, b"no", "unknown"), "platform": {
            "os": "unknown", "architecture": "unknown"}}))
    outer = multi.add(multi.index(descriptor(INDEX, inner)))
    path = multi.directory("multi", multi.index(named(INDEX, outer, "x")))
    for want, image in (("linux/amd64", amd), ("linux/arm64", arm), ("arm64", arm),
                        ("linux/arm/v6", arm6), ("linux/arm/v7", arm7), ("linux/arm", arm7)):
        expect("nested index " + want, probe("--platform", want, path), "digest sha256:" + sha(image))
    expect("no such platform", probe("--platform", "linux/s390x", path), "error: unsupported",
           "there are: linux/amd64, linux/arm64/v8")

    only = Layout()
    lone = only.image([L1], arch="s390x")
    path = only.directory("only", only.index(platform(MANIFEST, lone, "s390x")))
    expect("the only image", probe(path), "digest sha256:" + sha(lone))
    expect("the only image, another asked for", probe("--platform", "linux/amd64", path),
           "error: unsupported")
    deep = Layout()
    at = deep.add(deep.index(descriptor(MANIFEST, deep.image([L1]))))
    for _ in range(12):
        at = deep.add(deep.index(descriptor(INDEX, at)))
    expect("nested too deeply", probe(deep.directory("deep", deep.index(descriptor(INDEX, at)))),
           "error: limit", "nested")


def test_oci_odd():
    layout = Layout()
    image = layout.image([L1, L2, L1], kinds=[
        OCI + "layer.nondistributable.v1.tar", OCI + "layer.v1.tar+gzip+encrypted",
        OCI + "layer.v1.tar"])
    del layout.blobs[sha(L2)]
    path = layout.directory("odd", layout.index(descriptor(MANIFEST, image)))
    expect("foreign but here, encrypted", probe(path), "layer 0 ok", "layer 1 absent",
           "layer 2 ok", "gap unsupported")
    foreign = Layout()
    image = foreign.image([L1, L2], kinds=[
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", OCI + "layer.v1.tar"])
    del foreign.blobs[sha(L1)]
    path = foreign.directory("foreign", foreign.index(descriptor(MANIFEST, image)))
    expect("foreign", probe(path), "layer 0 absent", "layer 1 ok", "gap foreign-layer")

    artefact = Layout()
    thing = artefact.image([L1], artifactType="application/x")
    path = artefact.directory("artefact", artefact.index(descriptor(MANIFEST, thing)))
    expect("artefact", probe(path), "error: unsupported", "not an image")

    def broken(name, change, *words):
        b = Layout()
        manifest = b.image([L1])
        index = b.index(descriptor(MANIFEST, manifest))
        files = change(b, manifest, index)
        for file, data in files.items():
            b.blobs[file] = data
        where = b.directory(name, index)
        expect(name, probe(where), "error: ", *words)
        return where
    broken("manifest-bytes", lambda b, m, i: {sha(m): m[:-1] + b" "}, "format", "digest")
    broken("manifest-size", lambda b, m, i: {sha(m): m + b" "}, "format", "bytes")
    broken("config-bytes", lambda b, m, i: {sha(config_of(L1)): config_of(L2)}, "format")
    broken("layer-size", lambda b, m, i: {sha(L1): L1 + b"x"}, "format", "layer 0")
    broken("layer-bytes", lambda b, m, i: {sha(L1): L1[:-1] + b"x"}, "format", "layer 0")
    where = broken("links", lambda b, m, i: {sha(m): b""}, "format")
    blob = os.path.join(where, "blobs/sha256", sha(L1))
    os.rename(blob, blob + ".moved")
    os.symlink(sha(L1) + ".moved", blob)
    write("links/blobs/sha256/" + sha(Layout().image([L1])), Layout().image([L1]))
    expect("blob is a link", probe(where), "error: io")
    os.rename(os.path.join(where, "index.json"), os.path.join(where, "index"))
    os.symlink("index", os.path.join(where, "index.json"))
    expect("index.json is a link", probe(f"oci-dir:{where}"), "error: io")
    os.unlink(os.path.join(where, "index.json"))
    os.mkfifo(os.path.join(where, "index.json"))
    expect("index.json is a pipe", probe(f"oci-dir:{where}"), "error: format", "regular")


def test_skopeo():
    if not shutil.which("skopeo"):
        results["skipped"] += 1
        return print("skipped: no skopeo")
    layout = Layout()
    image = layout.image([L1, L2], kinds=[OCI + "layer.v1.tar"] * 2)
    path = layout.directory("src", layout.index(named(MANIFEST, image, "t")))
    def copy(to):
        subprocess.run(["skopeo", "copy", "-q", "--insecure-policy", f"oci:{path}:t", to],
                       check=True, capture_output=True)
    copy(f"dir:{work}/skopeo-dir")
    for where in (f"{work}/skopeo-dir", f"dir:{work}/skopeo-dir"):
        expect("skopeo dir", probe(where), "type " + MANIFEST, "layer 1 ok")
    copy(f"docker-archive:{work}/skopeo.tar:a/b:1")
    expect("skopeo docker-archive", probe(f"{work}/skopeo.tar"), "tag docker.io/a/b:1", "layer 1 ok")
    copy(f"oci-archive:{work}/skopeo-oci.tar:t")
    expect("skopeo oci-archive", probe(f"oci-archive:{work}/skopeo-oci.tar:t"), "layer 1 ok")


def main():
    try:
        for test in (test_docker, test_engine25, test_oci, test_oci_odd, test_skopeo):
            test()
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**results))
    return 1 if results["failed"] else 0


sys.exit(main())
