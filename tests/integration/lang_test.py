#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""lang_test.py ANALYZE_PROBE: what the Python, JavaScript and Go analyzers find, against lists that
others made: the fixtures on which two sources agree, the packages of real images (from pip, npm and
`go version -m`), and Go programs built here. What is not there is skipped; exit 77 when all is."""
import csv
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile

PROBE = os.path.abspath(sys.argv[1])
SHARED = os.environ.get("PRATIQUE_SHARED",
                        os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                     "../../../shared"))
IMAGES = os.path.join(SHARED, "data/images")
FIXTURES = os.path.join(SHARED, "data/fixtures")
ECOSYSTEMS = ["go-binary", "go-mod", "npm-installed", "npm-lock", "yarn", "pnpm", "bun",
              "python-installed", "python-lock", "python-requirements"]
TYPES = {"pypi", "npm", "golang"}
DECLARED, DEV, APPLICATION = 16, 4, 8
results = {"passed": 0, "failed": 0, "skipped": 0}


def check(name, ok, detail=""):
    results["passed" if ok else "failed"] += 1
    if not ok:
        print(f"not ok: {name}\n  {detail}")


def skip(name):
    results["skipped"] += 1
    print(f"skipped: {name}")


def probe(*args):
    run = subprocess.run([PROBE, *args], capture_output=True, text=True, timeout=200, check=False)
    if run.returncode != 0:
        raise RuntimeError(f"probe ended with {run.returncode}: {run.stderr[-2000:]}")
    return [json.loads(line) for line in run.stdout.splitlines()]


# ---- fixtures

def fixtures(work):
    archive = os.path.join(FIXTURES, "fixtures.tar.zst")
    if not os.path.exists(archive) or not shutil.which("zstd"):
        return skip("fixtures")
    data = subprocess.run(["zstd", "-dcq", archive], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        tar.extractall(work)
    root = os.path.join(work, "fixtures")
    dirs = [os.path.join(root, e, d) for e in ECOSYSTEMS for d in sorted(os.listdir(os.path.join(root, e)))]
    found = probe(*dirs)
    listed = os.path.join(work, "results.jsonl")
    with open(listed, "w") as f:
        f.writelines(json.dumps(r) + "\n" for r in found)
    for e in ECOSYSTEMS:
        run = subprocess.run([sys.executable, os.path.join(FIXTURES, "score.py"), listed,
                              "--ecosystem", e, "--min-right", "1", "--show", "5"],
                             capture_output=True, text=True, check=False)
        check(f"fixtures {e}", run.returncode == 0, run.stdout)
    malformed(found)


def malformed(found):
    by_id = {r["id"]: r for r in found}
    with open(os.path.join(FIXTURES, "negative.jsonl")) as f:
        for case in map(json.loads, f):
            r = by_id.get(case["id"])
            if not r:
                continue
            if case["expected"] == "error" and not case["id"].endswith("dummy"): # no binary at all
                check(f"{case['id']} is told", bool(r["error"]), r)
            if not isinstance(case["expected"], list):
                check(f"{case['id']} lists nothing", not [p for p in r["packages"] if p["version"]], r)


# ---- images

def layers_of(tag):
    for layout in ("oci-lang", "oci-sys"):
        blobs = os.path.join(IMAGES, layout, "blobs/sha256")
        with open(os.path.join(IMAGES, layout, "index.json")) as f:
            index = json.load(f)
        for m in index["manifests"]:
            if m["annotations"].get("org.opencontainers.image.ref.name") == tag:
                with open(os.path.join(blobs, m["digest"].split(":")[1])) as f:
                    manifest = json.load(f)
                return [(os.path.join(blobs, d["digest"].split(":")[1]), d["mediaType"])
                        for d in manifest["layers"]]
    return []


def remove(path):
    if os.path.isdir(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.remove(path)


def apply_layer(root, tar):
    for member in tar:
        path = os.path.normpath(member.name).lstrip("/")
        full = os.path.join(root, path)
        base, parent = os.path.basename(path), os.path.dirname(full)
        if base == ".wh..wh..opq":
            remove(parent)
        elif base.startswith(".wh."):
            remove(os.path.join(parent, base[4:]))
        elif member.isreg() or member.islnk():
            source = None
            if member.islnk():
                source = os.path.join(root, os.path.normpath(member.linkname).lstrip("/"))
            if source and not os.path.exists(source):
                continue
            os.makedirs(parent, exist_ok=True)
            content = open(source, "rb") if source else tar.extractfile(member)
            remove(full)
            with content, open(full, "wb") as f:
                shutil.copyfileobj(content, f)


def unpack(tag, root):
    os.makedirs(root)
    for blob, media in layers_of(tag):
        tool = ["zstd", "-dcq"] if "zstd" in media else ["gzip", "-dc"] if "gzip" in media else ["cat"]
        with subprocess.Popen([*tool, blob], stdout=subprocess.PIPE) as run:
            with tarfile.open(fileobj=run.stdout, mode="r|") as tar:
                apply_layer(root, tar)


def rows(name):
    path = os.path.join(IMAGES, "expected", name)
    if not os.path.exists(path):
        return []
    with open(path) as f:
        return list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))


def installed(tag, root):
    want, may = {}, set()
    for r in rows(f"{tag}.tsv"):
        key = (r["type"], r["name"], r["version"], r["path"])
        if r["type"] not in TYPES:
            continue
        if r["note"].startswith("optional"):
            may.add(key)
        elif not ("owned by a Debian package" in r["note"] and not os.path.exists(os.path.join(root, r["path"]))):
            want[key] = r
    got = {(p["type"], p["name"], p["version"], p["path"])
           for p in probe("--image", root)[0]["packages"] if p["type"] in TYPES}
    missing, extra = sorted(set(want) - got), sorted(got - set(want) - may)
    check(f"{tag}: {len(want)} installed", want and not missing and not extra,
          f"missing {missing[:5]} extra {extra[:5]}")


def declared(tag, root):
    want = {}
    for r in rows(f"{tag}.lockfiles.tsv"):
        want.setdefault(r["lock_file"], {})[(r["name"], r["version"])] = r["scope"]
    if not want:
        return
    got = {}
    for p in probe("--dev", root)[0]["packages"]:
        if p["flags"] & DECLARED:
            got.setdefault(p["path"], {})[(p["name"], p["version"])] = p["flags"]
    for lock, packages in want.items():
        have = got.get(lock, {})
        missing = sorted(set(packages) - set(have))
        extra = sorted(k for k in have if k not in packages and not have[k] & APPLICATION)
        dev = [k for k, scope in packages.items()
               if k in have and scope in ("dev", "prod") and bool(have[k] & DEV) != (scope == "dev")]
        check(f"{tag} {lock}: {len(packages)} declared", not missing and not extra and not dev,
              f"missing {missing[:5]} extra {extra[:5]} scope {dev[:5]}")


def images(work):
    if not os.path.exists(os.path.join(IMAGES, "oci-lang/index.json")) or not shutil.which("zstd"):
        return skip("images")
    for tag in ("python-app", "node-app", "multi-lang", "go-bin", "distroless-like", "good-practice"):
        root = os.path.join(work, "images", tag)
        unpack(tag, root)
        installed(tag, root)
        declared(tag, root)
        shutil.rmtree(root)


# ---- Go programs built here

TARGETS = [("linux", "amd64", []), ("linux", "s390x", []), ("windows", "amd64", []),
           ("darwin", "arm64", []),
           ("linux", "amd64", ["-trimpath", "-ldflags=-s -w -X main.version=3.2.1"])]


def witness(binary):
    """What `go version -m` says: version of Go, main module, its version, dependencies."""
    out = subprocess.run(["go", "version", "-m", binary], capture_output=True, text=True, check=True,
                         env={**os.environ, "GOTOOLCHAIN": "local"}).stdout.splitlines()
    fields = [line.strip().split("\t") for line in out[1:]]
    return {
        "stdlib": out[0].rsplit(": go", 1)[1].split(" ")[0].split("-X:")[0],
        "mods": {f[1]: f[2] for f in fields if f[0] in ("mod", "dep")},
        "arch": next(f[1].split("=")[1] for f in fields if f[0] == "build" and f[1].startswith("GOARCH=")),
    }


def build(work, goos, goarch, flags):
    source = os.path.join(work, "gosrc")
    os.makedirs(source, exist_ok=True)
    with open(os.path.join(source, "go.mod"), "w") as f:
        f.write("module example.com/tiny\n\ngo 1.21\n")
    with open(os.path.join(source, "main.go"), "w") as f:
        f.write("package main\n\nvar version = \"dev\"\n\nfunc main() { println(version) }\n")
    out = os.path.join(work, "go", f"{goos}-{goarch}-{len(flags)}", "bin", "tiny")
    env = {**os.environ, "GOOS": goos, "GOARCH": goarch, "CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false",
           "GOTOOLCHAIN": "local", "GOWORK": "off"}
    run = subprocess.run(["go", "build", *flags, "-o", out, "."], cwd=source, env=env,
                         capture_output=True, text=True, check=False)
    if run.returncode != 0:
        print(run.stderr[-500:])
        return None
    return out


def go_programs(work):
    if not shutil.which("go"):
        return skip("Go programs")
    for goos, goarch, flags in TARGETS:
        binary = build(work, goos, goarch, flags)
        if not binary:
            skip(f"Go for {goos}/{goarch}")
            continue
        said = witness(binary)
        found = {p["name"]: p for p in probe("--image", os.path.dirname(binary))[0]["packages"]}
        name = f"Go for {goos}/{goarch} {' '.join(flags)}"
        check(f"{name}: names", set(found) == set(said["mods"]) | {"stdlib"}, f"{set(found)} {said}")
        check(f"{name}: stdlib", found.get("stdlib", {}).get("version") == said["stdlib"], f"{found} {said}")
        check(f"{name}: arch", found.get("stdlib", {}).get("arch") == said["arch"], f"{found} {said}")
        # -trimpath leaves the flags out of the build information
        version = said["mods"]["example.com/tiny"]
        check(f"{name}: main", found.get("example.com/tiny", {}).get("version") in (version, "v3.2.1"),
              f"{found} {said}")


def main():
    with tempfile.TemporaryDirectory(prefix="prq-lang-") as work:
        fixtures(work)
        images(work)
        go_programs(work)
    print(f"{results['passed']} passed, {results['failed']} failed, {results['skipped']} skipped")
    if results["failed"]:
        return 1
    return 0 if results["passed"] else 77


if __name__ == "__main__":
    sys.exit(main())
