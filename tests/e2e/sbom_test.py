#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A scan of an SBOM is the scan of the image: sbom_test.py PRATIQUE SHARED.

For the sample image always, for every image of the shared data when it is there, in all three
formats: findings, packages, suppressed, gaps and what is said of the image. And hostile SBOMs: an
answer or a clean error, in bounded time and memory.
"""
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
PRATIQUE, SHARED = os.path.realpath(sys.argv[1]), os.path.realpath(sys.argv[2])
FORMATS = ("cyclonedx", "spdx", "pratique")
passed = failed = 0


def check(name, problem):
    global passed, failed
    if problem:
        failed += 1
        print(f"FAIL {name}\n     {problem}")
    else:
        passed += 1
        print("ok  ", name)


def run(*words, limit=None):
    def bound():
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    return subprocess.run([PRATIQUE, *words], capture_output=True, timeout=300,
                          preexec_fn=bound if limit else None)


def images(work):
    sample = os.path.join(work, "sample")
    os.mkdir(sample)
    subprocess.run([sys.executable, os.path.join(ROOT, "tools/make-sample"),
                    os.path.join(ROOT, "data/sample"), sample], check=True)
    yield "sample", "oci-dir:" + sample
    yield "source tree", "dir:" + os.path.join(ROOT, "data/sample/layer2")
    for layout in ("oci-sys", "oci-lang"):
        folder = os.path.join(SHARED, "images", layout)
        if not os.path.isdir(folder):
            print(f"skipped: no images of {layout}")
            continue
        with open(os.path.join(folder, "index.json"), encoding="utf-8") as f:
            for m in json.load(f)["manifests"]:
                tag = m["annotations"]["org.opencontainers.image.ref.name"]
                yield f"{layout}:{tag}", f"oci-dir:{folder}:{tag}"
    for store, base in (("cbl-mariner-2.0-sqlite", "rpmdb.sqlite"), ("libuuid-bdb", "Packages"),
                        ("sle15-bci-ndb", "Packages.db")):
        database = os.path.join(SHARED, "images/rpmdb", store, base)
        if os.path.isfile(database):
            root = os.path.join(work, store)
            os.makedirs(os.path.join(root, "var/lib/rpm"))
            shutil.copy(database, os.path.join(root, "var/lib/rpm", base))
            yield store, "rootfs:" + root
    for folder, kind in (("alpine", "docker-archive"), ("layers", "")):
        at = os.path.join(SHARED, "images", folder)
        for name in sorted(os.listdir(at)) if os.path.isdir(at) else []:
            if ".tar" in name:
                yield name, (kind + ":" if kind else "") + os.path.join(at, name)


def round_trip(name, source, work):
    want = run("scan", "-q", "-f", "json", source)
    if want.returncode:
        check(name, want.stderr.decode())
        return
    want = json.loads(want.stdout)
    for form in FORMATS:
        path = os.path.join(work, "sbom." + form)
        made = run("sbom", "-q", "-o", f"{form}={path}", source)
        again = run("sbom", "-q", "-f", form, source)
        got = run("scan", "-q", "-f", "json", "sbom:" + path)
        problem = (made.stderr + again.stderr + got.stderr).decode()
        if not problem:
            with open(path, "rb") as f:
                if f.read() != again.stdout:
                    problem = "not the same bytes twice"
        if not problem:
            got = json.loads(got.stdout)
            problem = "; ".join(
                f"{key} differ" for key in ("findings", "packages", "suppressed", "gaps", "image")
                if got[key] != want[key])
        check(f"{name} as {form}: {len(want['packages'])} packages, "
              f"{len(want['findings'])} findings", problem)


def component(i, **more):
    return {"type": "library", "bom-ref": f"r{i}", "name": f"p{i}", "version": "1",
            "purl": f"pkg:npm/p{i}@1", **more}


def bom(components, **more):
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": components,
                       **more})


def nested(n):
    head = '{"bomFormat":"CycloneDX","specVersion":"1.5","components":['
    one = '{"name":"a","version":"1","components":['
    return head + one * n + "]}" * n + "]}"


# Name, text, packages expected (None: refused), a word that a gap or the error has.
def hostile():
    many = 200000
    yield "100 MB on one line", bom([component(i, description="x" * 430) for i in range(many)]), \
        many, None
    yield "nested 25 deep", nested(25), 1, None
    yield "nested 100000 deep", nested(100000), None, "nested too deeply"
    yield "the same reference 50000 times", \
        bom([dict(component(i), **{"bom-ref": "r"}) for i in range(50000)]), 50000, "reference"
    yield "a ring of 100000", bom([component(i) for i in range(100000)], dependencies=[
        {"ref": f"r{i}", "dependsOn": [f"r{(i + 1) % 100000}", f"r{i}"]} for i in range(100000)]), \
        100000, None
    yield "everybody needs everybody", bom([component(i) for i in range(1500)], dependencies=[
        {"ref": f"r{i}", "dependsOn": [f"r{k}" for k in range(1500)]} for i in range(1500)]), \
        1500, None
    yield "one purl 100000 times", bom([dict(component(i), purl="pkg:npm/a@1")
                                        for i in range(100000)]), 1, None
    yield "100000 properties", bom([component(0, properties=[
        {"name": f"pratique:location:{i}:path", "value": "x"} for i in range(100000)])]), 1, None
    yield "a key of 20 MB", '{"bomFormat":"CycloneDX","' + "k" * (20 << 20) + '":1}', None, ""
    yield "two million brackets", '{"bomFormat":' + "[" * 2000000, None, "nested too deeply"
    yield "cut in the middle", bom([component(i) for i in range(1000)])[:40000], None, "(byte "


def attack(name, text, want, word, work):
    path = os.path.join(work, "hostile.json")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    done = run("packages", "-q", "-f", "json", "sbom:" + path, limit=3 << 30)
    if want is None:
        ok = done.returncode == 3 and word in done.stderr.decode()
        check(name, None if ok else f"exit {done.returncode}: {done.stderr.decode()[:300]}")
        return
    if done.returncode:
        check(name, f"exit {done.returncode}: {done.stderr.decode()[:300]}")
        return
    doc = json.loads(done.stdout)
    problem = None
    if len(doc["packages"]) != want:
        problem = f"{len(doc['packages'])} packages, expected {want}"
    elif word and not any(word in g["reason"] for g in doc["gaps"]):
        problem = f"no gap says {word}"
    for form in ("cyclonedx", "spdx"):
        out = os.path.join(work, "again." + form)
        done = run("sbom", "-q", "-o", f"{form}={out}", "sbom:" + path, limit=4 << 30)
        if done.returncode:
            problem = problem or f"{form}: exit {done.returncode}: {done.stderr.decode()[:300]}"
    check(name, problem)


def main():
    with tempfile.TemporaryDirectory() as work:
        os.environ.update(XDG_CACHE_HOME=work + "/cache", PRATIQUE_DB_DIR=work + "/db", HOME=work,
                          PRATIQUE_NOW="2026-01-01T00:00:00Z", LC_ALL="C")
        feeds = os.path.join(SHARED, "feeds")
        if not os.path.isdir(feeds):
            feeds = os.path.join(ROOT, "data/feeds")
        built = run("db", "build", "-q", "--from", feeds, "--families",
                    "alpine,debian,pypi,npm,go,nvd,kev", "-o", work + "/db")
        check("db build", built.stderr.decode() if built.returncode else None)
        for name, source in images(work):
            round_trip(name, source, work)
        for name, text, want, word in hostile():
            attack(name, text, want, word, work)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
