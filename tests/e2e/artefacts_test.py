#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lists real artefacts, as their installers would lay them out, and compares.

usage: artefacts_test.py PRATIQUE SHARED

The artefacts are those of `make fixtures` (in $PRATIQUE_FIXTURES, default ~/.cache/pratique-fixtures). Expected:
the coordinates under which each was fetched, and what Python's own zipfile, json and tomllib or the Go
tool read in them. Without artefacts it says so and counts nothing.
"""
import glob
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile

PRATIQUE = sys.argv[1]
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
CACHE = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
FIXTURES = os.environ.get("PRATIQUE_FIXTURES", os.path.join(CACHE, "pratique-fixtures"))
passed = failed = 0


def check(name, want, got, free=frozenset()):
    global passed, failed
    missing, invented = want - got, got - want - free
    if missing or invented:
        failed += 1
        print("FAIL", name)
        for what, some in (("missing", missing), ("invented", invented)):
            for item in sorted(some)[:8]:
                print("     ", what, *item)
    else:
        passed += 1
        print("ok  ", name)


def listed(source, kind):
    out = subprocess.run([PRATIQUE, "packages", "-q", "-f", "json", "--no-cache", "--include-dev",
                          source], capture_output=True, check=True, timeout=120)
    return [p for p in json.loads(out.stdout)["packages"] if p["type"] == kind]


def pairs(packages):
    return {(p["name"], p["version"]) for p in packages}


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def pypi(path, coordinate, tmp):
    site = os.path.join(tmp, "usr/lib/python3/site-packages")
    with zipfile.ZipFile(path) as z:
        z.extractall(site)
    name, version = coordinate.split("==")
    want = {(normal(name), version)}
    for folder in glob.glob(site + "/**/*.dist-info", recursive=True):  # vendored ones
        n, _, v = os.path.basename(folder)[:-len(".dist-info")].rpartition("-")
        want.add((normal(n), v))
    got = {(normal(n), v) for n, v in pairs(listed("rootfs:" + tmp, "pypi"))}
    return want, got, frozenset()


def npm(path, coordinate, tmp):
    name, _, version = coordinate.rpartition("@")
    to = os.path.join(tmp, "usr/lib/node_modules", name)
    os.makedirs(to)
    with tarfile.open(path) as t:
        for m in t.getmembers():  # "package/" is the usual first component, but not the only one
            m.name = m.name.partition("/")[2]
            if m.name and (m.isfile() or m.isdir()):
                t.extract(m, to, filter="data") if hasattr(tarfile, "data_filter") else \
                    t.extract(m, to)
    want, free = {(name, version)}, set()
    for folder, _, files in os.walk(to):
        if "package.json" not in files:
            continue
        with open(os.path.join(folder, "package.json"), encoding="utf-8-sig") as f:
            doc = json.load(f)
        if not doc.get("name") or not doc.get("version"):
            continue
        # A package among the tests or examples of another one is listed when its folder has its name.
        if re.search(r"/node_modules/(@[^/]+/)?[^/]+$", folder):
            want.add((doc["name"], doc["version"]))
        elif os.path.basename(folder) == doc["name"].split("/")[-1]:
            free.add((doc["name"], doc["version"]))
    return want, pairs(listed("rootfs:" + tmp, "npm")), free


def poms_of(path):
    """What the jar's own Maven metadata says of the jars that went into it."""
    out = set()
    with zipfile.ZipFile(path) as z:
        for name in z.namelist():
            if name.endswith(".jar"):  # a jar in the jar
                out |= poms_of(io.BytesIO(z.read(name)))
            if re.search(r"(^|/)META-INF/maven/[^/]+/[^/]+/pom\.properties$", name):
                text = z.read(name).decode("latin-1")
                p = dict(re.findall(r"^\s*(\w+)\s*=\s*(.*?)\s*$", text, re.M))
                if {"groupId", "artifactId", "version"} <= p.keys():
                    out.add((p["groupId"] + ":" + p["artifactId"], p["version"]))
    return out


def maven(path, coordinate, tmp):
    group, artifact, version = coordinate.split(":")
    os.makedirs(os.path.join(tmp, "app/lib"))
    shutil.copy(path, os.path.join(tmp, f"app/lib/{artifact}-{version}.jar"))
    packages = listed("rootfs:" + tmp, "maven")
    want = {(f"{group}:{artifact}", version)} | poms_of(path)
    got = pairs(packages)
    guessed = [p for p in packages if "guessed" in p.get("flags", [])]
    for p in guessed:  # a guess may be wrong about the group, and says that it is one
        if (p["name"], p["version"]) not in want and p["name"].split(":")[-1] == artifact and \
                p["version"] == version:
            got.discard((p["name"], p["version"]))
            got.add((f"{group}:{artifact}", version))
    return want, got, frozenset()


def crate(path, coordinate, tmp):
    with tarfile.open(path) as t:
        t.extractall(tmp)
    (lock,) = glob.glob(tmp + "/*/Cargo.lock")
    with open(lock, "rb") as f:
        doc = tomllib.load(f)
    want = {(p["name"], p["version"]) for p in doc["package"]}
    return want, pairs(listed("dir:" + tmp, "cargo")), frozenset()


def go(path, coordinate, tmp):
    module, _, version = coordinate.rpartition("@")
    with zipfile.ZipFile(path) as z:
        name = f"{module}@{version}/go.mod"
        with open(os.path.join(tmp, "go.mod"), "wb") as f:
            f.write(z.read(name))
    tool = subprocess.run(["go", "mod", "edit", "-json"], cwd=tmp, capture_output=True, check=True)
    doc = json.loads(tool.stdout)
    want = {(r["Path"], r["Version"]) for r in doc.get("Require") or []}
    for r in doc.get("Replace") or []:
        hit = [w for w in want if w[0] == r["Old"]["Path"]]
        for w in hit:
            want.discard(w)
            if r["New"].get("Version"):
                want.add((r["New"]["Path"], r["New"]["Version"]))
    got = {(p["name"], p["version"]) for p in listed("dir:" + tmp, "golang")}
    # Local directories have no version; the module itself and the toolchain are no requirements.
    return want, got, {(n, v) for n, v in got if n in (module, "stdlib") or not v}


KINDS = {"pypi": pypi, "npm": npm, "maven": maven, "crate": crate, "go": go}


def main():
    have = 0
    for listing in sorted(glob.glob(os.path.join(ROOT, "tests/fixtures/*.list"))):
        with open(listing, encoding="utf-8") as f:
            lines = [l.split() for l in f if l.strip() and not l.startswith("#")]
        for kind, coordinate, *_ in lines:
            safe = coordinate.replace("/", "%2F").replace(":", "%3A")
            found = glob.glob(glob.escape(os.path.join(FIXTURES, kind, safe)) + ".*")
            if not found or kind not in KINDS or (kind == "go" and not shutil.which("go")):
                print("skipped:", kind, coordinate)
                continue
            have += 1
            with tempfile.TemporaryDirectory() as tmp:
                check(f"{kind} {coordinate}", *KINDS[kind](found[0], coordinate, tmp))
    if not have:
        print("skipped: no artefacts (make fixtures fetches them)")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
