#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# needs: shared
"""Lists the images of the shared data and compares with their expectation files.

usage: images_test.py PRATIQUE SHARED [TYPE,TYPE…]

Expected: the lists made by dpkg-query, pip, npm, `go version -m`, rpm and awk (images/README.md).
Compared: type, name, version, arch, epoch, and the layer of first appearance. Prints one line a
check and ends with "N passed, N failed".
"""
import csv
import json
import os
import subprocess
import sys
import tempfile
from urllib.parse import unquote

PRATIQUE, SHARED = sys.argv[1], sys.argv[2]
TYPES = set((sys.argv[3] if len(sys.argv) > 3 else "apk,binary,cargo,composer,cran,deb,gem,golang,hex,luarocks,maven,npm,otp,"
                                          "pear,pypi,rpm").split(","))
IMAGES = os.path.join(SHARED, "images")
passed = failed = 0


def check(name, problems):
    global passed, failed
    if problems:
        failed += 1
        print("FAIL", name)
        for p in problems[:12]:
            print("     ", p)
        if len(problems) > 12:
            print("      … and", len(problems) - 12, "more")
    else:
        passed += 1
        print("ok  ", name)


def listed(source, *options):
    with tempfile.TemporaryDirectory() as cache:
        out = subprocess.run([PRATIQUE, "packages", "-q", "-f", "json", "--cache-dir", cache,
                              *options, source], capture_output=True)
    if out.returncode:
        raise SystemExit(f"{source}: exit {out.returncode}: {out.stderr.decode()}")
    return json.loads(out.stdout)


def norm_version(t, v):
    if t == "golang" and v.startswith("v"):
        return v[1:]
    return v


def norm_name(t, n):
    n = unquote(n)
    return n.lower().replace("_", "-").replace(".", "-") if t == "pypi" else n


def ours(doc):
    rows = {}
    for p in doc["packages"]:
        if p["type"] in TYPES:
            key = (p["type"], norm_name(p["type"], p["name"]),
                   norm_version(p["type"], p["version"]))
            rows.setdefault(key, []).append(p)
    return rows


def expected(path):
    with open(path, encoding="utf-8") as f:
        return list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))


def compare(tag, doc, rows):
    got = ours(doc)
    want, optional, problems = {}, set(), []
    for r in rows:
        if r["type"] not in TYPES:
            continue
        key = (r["type"], norm_name(r["type"], r["name"]), norm_version(r["type"], r["version"]))
        note = r.get("note") or ""
        if "optional" in note or "lock file" in note or note.startswith("build") or \
                "version string in the file: no" in note:
            optional.add(key)
        else:
            want.setdefault(key, []).append(r)
    for key, rs in want.items():
        if key not in got:
            problems.append(f"missing {key} {rs[0]['path']}")
            continue
        layers = {int(r.get("first_layer") or r["layer_index"]) for r in rs}
        have = {p["layer"] for p in got[key]}
        if not have <= layers or min(have) != min(layers):
            problems.append(f"layer of {key}: {sorted(have)}, expected {sorted(layers)}")
        places = {e["path"] for p in got[key] for e in p["evidence"]}
        for r in rs:
            if r["path"] not in places:
                problems.append(f"evidence of {key}: {sorted(places)[:4]}, expected {r['path']}")
        for r in rs:
            if key[0] == "deb" and r.get("source"):
                srcs = {(p.get("source", {}).get("name", p["name"]),
                         p.get("source", {}).get("version", p["version"])) for p in got[key]}
                if (r["source"], r["source_version"]) not in srcs:
                    problems.append(f"source of {key}: {srcs}, expected {r['source']} {r['source_version']}")
    for key in got:
        if key not in want and key not in optional:
            problems.append(f"invented {key} {got[key][0]['evidence'][0]['path']}")
    check(f"{tag}: {len(want)} packages", problems)
    for r in rows:
        if r["type"] == "os":
            d = doc["image"].get("distro", {})
            have = f"{d.get('id')} {d.get('version')}"
            check(f"{tag}: distribution", [] if have == f"{r['name']} {r['version']}"
                  else [f"{have}, expected {r['name']} {r['version']}"])


for layout in ("oci-lang", "oci-sys"):
    with open(os.path.join(IMAGES, layout, "index.json"), encoding="utf-8") as f:
        tags = [m["annotations"]["org.opencontainers.image.ref.name"]
                for m in json.load(f)["manifests"]]
    for tag in tags:
        rows = expected(os.path.join(IMAGES, "expected", tag + ".tsv"))
        doc = listed(f"oci-dir:{IMAGES}/{layout}:{tag}")
        compare(tag, doc, rows)

for name in ("alpine-3.10", "alpine-3.11"):
    doc = listed(f"docker-archive:{IMAGES}/alpine/{name}.docker-archive.tar.gz")
    have = sorted((p["name"], p["version"], p["arch"], p.get("source", {}).get("name", p["name"]),
                   " ".join(p.get("licenses", []))) for p in doc["packages"])
    with open(os.path.join(IMAGES, "alpine", name + ".expected.tsv"), encoding="utf-8") as f:
        want = sorted(tuple(l.rstrip("\n").split("\t")) for l in f)
    check(f"{name}: {len(want)} packages",
          [f"missing {w}" for w in want if w not in have] +
          [f"invented {h}" for h in have if h not in want])

for store, base in (("cbl-mariner-2.0-sqlite", "rpmdb.sqlite"), ("libuuid-bdb", "Packages"),
                    ("sle15-bci-ndb", "Packages.db")):
    with tempfile.TemporaryDirectory() as root:
        os.makedirs(os.path.join(root, "var/lib/rpm"))
        os.symlink(os.path.join(IMAGES, "rpmdb", store, base), os.path.join(root, "x"))
        with open(os.path.join(IMAGES, "rpmdb", store, base), "rb") as f, \
                open(os.path.join(root, "var/lib/rpm", base), "wb") as g:
            g.write(f.read())
        os.remove(os.path.join(root, "x"))
        doc = listed(f"rootfs:{root}")
    none = "(none)"
    have = sorted((p["name"], p["version"].split(":", 1)[-1], p.get("arch", none),
                   " ".join(p.get("licenses", [])) or none) for p in doc["packages"])
    with open(os.path.join(IMAGES, "rpmdb", store, "expected.tsv"), encoding="utf-8") as f:
        want = sorted((c[0], c[2] + "-" + c[3], c[4], c[8])
                      for c in (l.rstrip("\n").split("\t") for l in f))
    check(f"{store}: {len(want)} packages",
          [f"missing {w}" for w in want if w not in have] +
          [f"invented {h}" for h in have if h not in want])

forms = ("test-oci-uncompressed-image", "test-oci-gzip-image", "test-oci-zstd-image",
         "test-oci-estargz-image")


def files(source):
    out = subprocess.run([PRATIQUE, "analyze", "-q", "-f", "json", "--no-cache", "--file-digests",
                          source], capture_output=True)
    if out.returncode:
        return out.stderr.decode()
    return sorted((f["path"], f["type"], f.get("sha256")) for f in json.loads(out.stdout)["files"]
                  if not f["path"].startswith("stargz.") and f["path"] != ".no.prefetch.landmark")


lists = {f: files(f"oci-archive:{IMAGES}/layers/{f}.tar") for f in forms}
check("one image in four forms has one file list",
      [f"{f} differs: {str(v)[:300]}" for f, v in lists.items() if v != lists[forms[0]]]
      + ([] if isinstance(lists[forms[0]], list) and lists[forms[0]] else ["no files"]))

print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
