#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds the vendors' families from the shared feeds and compares every row with what this script
reads from the same files in another way: where OVAL has versions in its states and in its comments,
the program reads the one and this script the other.

usage: db_vendors_test.py DB_PROBE FEEDS

PRATIQUE_SHARED in the environment takes FEEDS' place; without the feeds: skipped (exit 77).
"""
import bz2
import gzip
import json
import os
import re
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import xml.etree.ElementTree as ET
import zipfile

PROBE, FEEDS = sys.argv[1], sys.argv[2]
if os.environ.get("PRATIQUE_SHARED"):
    FEEDS = os.path.join(os.environ["PRATIQUE_SHARED"], "data", "feeds")
if not os.path.isdir(FEEDS):
    sys.exit(77)
FAMILIES = "amazon,azurelinux,opensuse,oracle,photon,suse,ubuntu"
failed = 0


def check(name, mine, theirs):
    global failed
    ok = mine == theirs and mine
    failed += not ok
    print("ok  " if ok else "FAIL", f"{name}: {len(mine)} facts, {len(mine - theirs)} missing, "
                                    f"{len(theirs - mine)} too many")
    for label, rows in (("missing", mine - theirs), ("extra", theirs - mine)):
        for row in sorted(rows, key=str)[:5]:
            print("    ", label, row)


def local(e):
    return e.tag.split("}")[-1]


def docs(db, family):
    c = sqlite3.connect(f"file:{db}/{family}.db?mode=ro&immutable=1", uri=True)
    for (doc,) in c.execute("SELECT doc FROM record"):
        yield json.loads(doc)
    c.close()


def ours(db, family):
    """(space, name, CVE or id, state, bound, arches)"""
    out = set()
    for d in docs(db, family):
        for p in d.get("affected", []):
            bound = [v for r in p.get("ranges", []) for k, v in zip(r[::2], r[1::2]) if k != "introduced"]
            for id in d.get("cves") or [d["id"]]:
                out.add((p["space"], p["name"], id, p.get("state"), "".join(bound),
                         tuple(p.get("arches", []))))
    return out


def azure(path, space):
    root = ET.parse(path).getroot()
    part = {local(e): e for e in root}
    name = {o.get("id"): "".join(o.itertext()).strip() for o in part["objects"]}
    state = {s.get("id"): (next(iter(s)).get("operation"), "".join("".join(s.itertext()).split()))
             for s in part["states"]}
    test = {t.get("id"): [next(iter(c.attrib.values())) for c in t] for t in part["tests"]}
    out = set()
    for d in part["definitions"]:
        cve = next(e.get("ref_id") for e in d.iter() if local(e) == "reference")
        patchable = next(e.text for e in d.iter() if local(e) == "patchable")
        for c in (e for e in d.iter() if local(e) == "criterion"):
            object, ref = test[c.get("test_ref")]
            op, evr = state[ref]
            word = {"less than": "fixed", "less than or equal": "not-fixed"}[op]
            if patchable == "Not Applicable":
                word, evr = "not-affected", ""
            out.add((space, name[object], cve, word, evr, ()))
    return out


def commented(path_or_text, platform, space_of):
    """Rows by the comments of criteria, in document order: the platform and architecture that came
    last hold."""
    root = ET.fromstring(path_or_text)
    out = set()
    tests = {t.get("id") for t in root.iter() if local(t).endswith("_test")}
    for d in (e for e in root.iter() if local(e) == "definition"):
        cves = {m.group(0) for e in d.iter() if local(e) in ("reference", "cve", "title")
                for m in [re.search(r"CVE-\d{4}-\d{4,}", (e.get("ref_id") or "") + (e.text or ""))] if m}
        if d.get("class") == "vulnerability":
            cves = {re.search(r"CVE-\d{4}-\d{4,}", next(e.text for e in d.iter() if local(e) == "title")).group(0)}
        rows, space, arch = {}, None, None
        for c in (e for e in d.iter() if local(e) == "criterion"):
            text = c.get("comment")
            if m := re.match(platform + r"(.*) is installed$", text):
                space, arch = space_of(m.group(1)), None
            elif m := re.match(r".* arch is (\S+)$", text):
                arch = m.group(1)
            elif c.get("test_ref") not in tests:
                continue
            elif m := re.match(r"(\S+) is earlier than (\S+)$", text):
                rows.setdefault((space, m.group(1), m.group(2)), set()).add(arch)
            elif m := re.match(r"(\S+)-([^-]+-[^-]+) is installed$", text):
                rows.setdefault((space, m.group(1), "0:" + m.group(2)), set()).add(arch)
        for (space, name, evr), arches in rows.items():
            for cve in cves:
                out.add((space, name, cve, "fixed", evr, tuple(sorted(a for a in arches if a))))
    return out


def photon():
    out, known = set(), set()
    for n in ("1.0", "2.0", "3.0", "4.0", "5.0"):
        for e in json.load(open(f"{FEEDS}/photon/photon_cve_metadata/cve_data_photon{n}.json")):
            if e["cve_id"].startswith("UNK-"):
                continue
            known.add((f"Photon OS:{n}", e["pkg"], e["cve_id"]))
            naf = e.get("status") == "Not Affected"
            out.add((f"Photon OS:{n}", e["pkg"], e["cve_id"], "not-affected" if naf else "fixed",
                     "" if naf else e["res_ver"], ()))
    text = open(f"{FEEDS}/photon/photon_oval_definitions/com.vmware.phsa-photon3.xml").read()
    oval = commented(text, "Photon OS ", lambda r: f"Photon OS:{r}.0")
    return out | {row for row in oval if row[:3] not in known}


def amazon():
    out = set()
    for path, release in (("1/main", "1"), ("2/core", "2"), ("2/extras/kernel-5.15", "2"),
                          ("2023/core", "2023")):
        root = ET.parse(gzip.open(f"{FEEDS}/amazon/{path}/repodata/updateinfo.xml.gz")).getroot()
        for u in root.iter("update"):
            rows = {}
            for p in u.iter("package"):
                evr = f"{p.get('version')}-{p.get('release')}"
                if p.get("epoch") not in (None, "0"):
                    evr = f"{p.get('epoch')}:{evr}"
                if p.get("arch") != "src":
                    rows.setdefault((p.get("name"), evr), set()).add(p.get("arch"))
            for (name, evr), arches in rows.items():
                for r in u.iter("reference"):
                    if r.get("type") == "cve":
                        out.add((f"Amazon Linux:{release}", name, r.get("id"), "fixed", evr,
                                 () if "noarch" in arches else tuple(sorted(arches))))
    return out


def suse_not_affected(file):
    """kernel-default and the others whose tests are in the excerpts, by platform."""
    root = ET.fromstring(gzip.open(f"{FEEDS}/suse/oval/{file}").read())
    tests = {t.get("id") for t in root.iter() if local(t) == "rpminfo_test"}
    out = set()
    for group in (e for e in root.iter() if local(e) == "criteria" and e.get("operator") == "AND"):
        texts = [(c.get("test_ref"), c.get("comment")) for c in group.iter() if local(c) == "criterion"]
        for _, p in texts:
            m = re.match(r"SUSE Linux Enterprise .*?(\d+)(?: SP(\d+))? is installed$", p)
            for ref, t in texts if m else []:
                if ref in tests and t.endswith(" is not affected"):
                    out.add((f"SUSE:{m.group(1)}.{m.group(2) or 0}", t.split()[0], "CVE-1999-0077",
                             "not-affected", "", ()))
    return out


def ubuntu_vex():
    names = dict(trusty="14.04", xenial="16.04", bionic="18.04", focal="20.04", jammy="22.04",
                 noble="24.04", oracular="24.10")
    out = set()
    with tarfile.open(f"{FEEDS}/ubuntu/vex/vex-all.tar.xz") as tar:
        for m in tar.getmembers():
            if "/cve/" not in m.name or not m.isfile():
                continue
            for s in json.load(tar.extractfile(m))["statements"]:
                for p in s["products"]:
                    if q := re.match(r"pkg:deb/ubuntu/([^@]+)@.*arch=source&distro=(?:(\S+)/)?(\w+)$", p["@id"]):
                        space = f"Ubuntu:{names[q.group(3)]}" + ("+esm" if q.group(2) else "")
                        word = {"affected": "not-fixed", "not_affected": "not-affected"}[s["status"]]
                        out.add((space, q.group(1), s["vulnerability"]["name"], word, "", ()))
    return out


def main(db):
    run = subprocess.run([PROBE, "build", FEEDS, db, FAMILIES], capture_output=True, text=True)
    print(run.stdout, run.stderr, end="")
    if run.returncode:
        sys.exit(1)
    check("azurelinux", azure(f"{FEEDS}/azurelinux/azurelinux-3.0-oval.xml", "Azure Linux:3.0") |
          azure(f"{FEEDS}/azurelinux/cbl-mariner-1.0-oval.xml", "CBL-Mariner:1.0") |
          azure(f"{FEEDS}/azurelinux/cbl-mariner-2.0-oval.xml", "CBL-Mariner:2.0"),
          ours(db, "azurelinux"))
    check("oracle", commented(bz2.open(f"{FEEDS}/oracle/com.oracle.elsa-all.xml.bz2").read(),
                              "Oracle Linux ", lambda r: f"Oracle Linux:{r}"), ours(db, "oracle"))
    check("amazon", amazon(), ours(db, "amazon"))
    check("photon", photon(), ours(db, "photon"))
    leap = commented(gzip.open(f"{FEEDS}/suse/oval/opensuse.leap.15.2.xml.gz").read(),
                     "openSUSE Leap ", lambda r: f"openSUSE:{r}")
    leap = {(*row[:5], ("i586", "x86_64")) for row in leap}  # the test's comment says so
    weed = commented(gzip.open(f"{FEEDS}/suse/oval/opensuse.tumbleweed.xml.gz").read(),
                     "openSUSE (?=Tumbleweed)", lambda r: f"openSUSE:{r}")
    check("opensuse", leap | weed, ours(db, "opensuse"))
    packs = suse_not_affected("suse.linux.enterprise.15-affected.xml.gz") | \
        suse_not_affected("suse.linux.enterprise.12-affected.xml.gz")
    check("suse", packs, {r for r in ours(db, "suse") if not r[0].startswith("SUSE:Package Hub")})
    vex = ubuntu_vex()
    got = {r for r in ours(db, "ubuntu") if r[2] in {v[2] for v in vex}}
    check("ubuntu vex", vex, got)
    with zipfile.ZipFile(f"{FEEDS}/osv/Ubuntu/all.zip") as z:
        check("ubuntu osv", {json.loads(z.read(n))["id"] for n in z.namelist()},
              {d["id"] for d in docs(db, "ubuntu")} - {"UBUNTU-" + v[2] for v in vex})


with tempfile.TemporaryDirectory() as tmp:
    main(tmp)
sys.exit(1 if failed else 0)
