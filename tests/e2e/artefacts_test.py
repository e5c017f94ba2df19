#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lists real artefacts, as their installers would lay them out, and compares.

usage: artefacts_test.py PRATIQUE SHARED

The artefacts are those of `make fixtures` (in $PRATIQUE_FIXTURES, default ~/.cache/pratique-fixtures). Expected:
the coordinates under which each was fetched, and what Python's own zipfile, json and tomllib, regular
expressions or the Go tool read in them. Without artefacts it says so and counts nothing.
"""
import glob
import io
import json
import os
import plistlib
import re
import shutil
import struct
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
    if missing or invented or not want:
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
    got = pairs(listed("rootfs:" + tmp, "npm"))
    for bundle in glob.glob(to + "/**/*.app/Contents/Info.plist", recursive=True):
        with open(bundle, "rb") as f:
            doc = plistlib.load(f)
        want.add((doc["CFBundleName"], doc["CFBundleShortVersionString"]))
        got |= pairs(listed("rootfs:" + tmp, "binary"))
    return want, got, free


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


def manifest(path):
    with open(path, encoding="utf-8-sig") as f:
        return json.load(f)


def field(path, name):
    """The value of a line "Name: value", comment marks before it or not."""
    with open(path, encoding="utf-8", errors="replace") as f:
        found = re.search(rf"(?m)^[\s*/#@]*{name}:[ \t]*(.*?)\s*$", f.read(8192))
    return found[1] if found else ""


def module(path):
    """What the module says of itself: strings of its section .modinfo, each with a NUL behind it."""
    with open(path, "rb") as f:
        data = f.read()
    at, size, count, names = struct.unpack_from("<Q10xHHH", data, 40)  # e_shoff, …, e_shstrndx
    sections = [struct.unpack_from("<IIQQQQ", data, at + i * size) for i in range(count)]
    for name, _, _, _, offset, length in sections:
        start = sections[names][4] + name
        if data[start:data.index(b"\0", start)] == b".modinfo":
            info = dict(s.split(b"=", 1) for s in data[offset:offset + length].split(b"\0") if s)
            return info[b"name"].decode(), info.get(b"version", b"").decode()
    return None


def deb(path, coordinate, tmp):
    subprocess.run(["dpkg-deb", "-x", path, tmp], check=True)
    want = set()
    for folder, _, files in os.walk(tmp):
        here = os.path.relpath(folder, tmp)
        name, above = os.path.basename(folder), os.path.basename(os.path.dirname(folder))
        for file in files:
            full = os.path.join(folder, file)
            if file.endswith(".ko"):
                want.add(module(full))
            elif file.startswith("vmlinuz-"):
                want.add(("linux-kernel", file[len("vmlinuz-"):]))
            elif file == "manifest.json" and re.search(r"(chromium/extensions/|mozilla/extensions/\{[^/]*/)"
                                                       r"[^/]+$", here):
                want.add((name, manifest(full)["version"]))
            elif file == "DESCRIPTION" and field(full, "Built"):
                want.add((field(full, "Package"), field(full, "Version")))
            elif above == "plugins" and file.endswith(".php") and field(full, "Plugin Name"):
                want.add((name, field(full, "Version")))
            elif name == "plugins" and file.endswith(".php") and field(full, "Plugin Name"):
                want.add((file[:-4], field(full, "Version")))
            elif above == "themes" and file == "style.css":
                want.add((name, field(full, "Version")))
    kinds = ("binary", "cran", "wordpress-plugin", "wordpress-theme")
    return want, {p for k in kinds for p in pairs(listed("rootfs:" + tmp, k))}, frozenset()


def locked(path, file):
    with open(path, encoding="utf-8", errors="replace") as f:
        text = f.read()
    if file == "mix.lock":
        return set(re.findall(r'\{:hex, :"?(\w+)"?, "([^"]+)"', text))
    if file == "rebar.lock":
        return set(re.findall(r'\{pkg,\s*<<"([^"]+)">>,\s*<<"([^"]+)">>', text))
    if file == "stack.yaml":
        part = re.search(r"(?ms)^extra-deps:(.*?)(?=^\w|\Z)", text)
        return set(re.findall(r"(?m)^\s*- ([\w-]+?)-([\d.]+)(?:@.*)?$", part[1])) if part else set()
    if file == "META.json":
        doc = json.loads(text)
        return {(doc["name"], doc["version"])}
    if file.endswith(".opam"):
        return {(file[:-len(".opam")], "".join(re.findall(r'(?m)^version: "(.*)"', text)))}
    if file.endswith(".rockspec"):
        value = [re.search(rf"(?m)^\s*{k}\s*=\s*['\"](.*?)['\"]", text) for k in ("package", "version")]
        return {(value[0][1], value[1][1])} if all(value) else set()
    return set()


def debsrc(path, coordinate, tmp):
    with tarfile.open(path) as t:
        for m in t.getmembers():
            if m.isfile() and not m.name.startswith("/") and ".." not in m.name:
                t.extract(m, tmp)
    want, free = set(), set()
    for folder, _, files in os.walk(tmp):
        for file in files:
            want |= locked(os.path.join(folder, file), file)
            if file.endswith(".opam"):  # what it asks for: every quoted word may be such a name
                with open(os.path.join(folder, file), encoding="utf-8") as f:
                    free |= {(word, "") for word in re.findall(r'"([^"]+)"', f.read())}
    kinds = ("hex", "hackage", "luarocks", "cpan", "opam")
    return want, {p for k in kinds for p in pairs(listed("dir:" + tmp, k))}, free


KINDS = {"deb": deb, "debsrc": debsrc, "pypi": pypi, "npm": npm, "maven": maven, "crate": crate, "go": go}


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
