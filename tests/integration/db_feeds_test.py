#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds the database from the shared feeds and compares every record with what this script reads
from the same files, straight from the rules of matching.md section 3.

usage: db_feeds_test.py DB_PROBE FEEDS

PRATIQUE_SHARED in the environment takes FEEDS' place; without the feeds: skipped (exit 77).
"""
import glob
import gzip
import hashlib
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import urllib.parse
import zipfile
from collections import defaultdict

PROBE, FEEDS = sys.argv[1], sys.argv[2]
if os.environ.get("PRATIQUE_SHARED"):
    FEEDS = os.path.join(os.environ["PRATIQUE_SHARED"], "data", "feeds")
if not os.path.isdir(FEEDS):
    sys.exit(77)
CVE = re.compile(r"CVE-\d{4}-\d{4,19}$")
passed = failed = 0


def check(name, missing, extra, total):
    global passed, failed
    ok = not missing and not extra and total > 0
    passed, failed = passed + ok, failed + (not ok)
    print("ok  " if ok else "FAIL", f"{name}: {total} facts, {len(missing)} missing, {len(extra)} too many")
    for label, rows in (("missing", missing), ("extra", extra)):
        for row in sorted(rows, key=str)[:5]:
            print("    ", label, row)


def docs(db, family):
    c = sqlite3.connect(f"file:{db}/{family}.db?mode=ro&immutable=1", uri=True)
    for source, id, sha, doc in c.execute("SELECT source,id,sha,doc FROM record ORDER BY source,id"):
        assert hashlib.sha256(doc).digest() == sha
        d = json.loads(doc)
        assert (d["source"], d["id"]) == (source, id)
        assert json.dumps(d, separators=(",", ":"), ensure_ascii=False, sort_keys=True).encode() == \
            doc or "\\u" in doc.decode(), id
        yield d
    c.close()


def digest_of(db, family):
    """matching.md 2.2, from the stored documents."""
    c = sqlite3.connect(f"file:{db}/{family}.db?mode=ro&immutable=1", uri=True)
    (schema,) = c.execute("PRAGMA user_version").fetchone()
    h = hashlib.sha256(family.encode() + b"\0" + str(schema).encode() + b"\0")
    for (doc,) in c.execute("SELECT doc FROM record ORDER BY source,id"):
        h.update(hashlib.sha256(doc).digest())
    (stored,) = c.execute("SELECT value FROM meta WHERE key='digest'").fetchone()
    c.close()
    return "sha256:" + h.hexdigest(), stored


def ours(db, family):
    out = set()
    for d in docs(db, family):
        for p in d.get("affected", []):
            fixed = p.get("fixed")
            if fixed is None and p.get("state") == "fixed":
                fixed = sorted({v for r in p["ranges"] for k, v in zip(r[::2], r[1::2]) if k == "fixed"})
            out.add((p["space"], p["name"], d["id"], p.get("state", "unknown"),
                     tuple(sorted(fixed or []))))
    return out


def compare(name, mine, theirs):
    check(name, mine - theirs, theirs - mine, len(mine))


# ---- secdb

def secdb(path, space):
    out = set()
    for p in json.load(open(path))["packages"]:
        for fixed, entries in p["pkg"]["secfixes"].items():
            for e in entries:
                words = [w.strip("(),:;+").replace("CVE_", "CVE-") for w in e.split()]
                cves = [w for w in words if CVE.match(w)]
                others = [w for w in words if re.match(r"(GHSA|CGA)-", w)]
                for id in cves if len(cves) == 1 else cves + others:
                    state = ("not-affected", ()) if fixed == "0" else ("fixed", (fixed,))
                    out.add((space, p["pkg"]["name"], id, *state))
    return out


# ---- OSV

FOLD = {"PyPI": lambda n: re.sub(r"[-_.]+", "-", n).lower(), "npm": str.lower}


# Source: go.dev/ref/mod, "Pseudo-versions".
PSEUDO = re.compile(r"[-.]\d{14}-[0-9a-f]{12}$")


def state(ranges, known):
    events = [e for x in ranges for e in x["events"]]
    fixed = {v for e in events for k, v in e.items() if k == "fixed"}
    bounded = any(k in ("last_affected", "limit") for e in events for k in e)
    known = known and any(all("introduced" in e for e in x["events"]) for x in ranges)
    word = "fixed" if fixed else "unknown" if bounded or known or not events else "not-fixed"
    return word, tuple(sorted(fixed))


def osv(folder, ecosystem):
    out = set()
    with zipfile.ZipFile(f"{FEEDS}/osv/{folder}/all.zip") as z:
        for name in z.namelist():
            r = json.loads(z.read(name))
            cves = [c for c in r.get("related", []) if CVE.match(c)] or [
                x["url"].split("/")[-1].removesuffix(".html") for x in r.get("references", [])
                if x["type"] == "REPORT" and CVE.match(x["url"].split("/")[-1].removesuffix(".html"))]
            if re.match("AL[BE]A-", r["id"]) and not cves:
                continue
            for a in r.get("affected", []):
                eco = a.get("package", {}).get("ecosystem", "")
                if eco.split(":")[0] != ecosystem:
                    continue
                ranges = [x for x in a.get("ranges", []) if x["type"] != "GIT"]
                spec = {**(a.get("ecosystem_specific") or {}), **(a.get("database_specific") or {})}
                events = [e for x in ranges for e in x["events"]]
                custom = spec.get("custom_ranges")
                is_placeholder = all(e == {"introduced": "0"} for e in events)
                ends_at_tag = any(k != "introduced" and not PSEUDO.search(v)
                                  for e in events for k, v in e.items())
                n = FOLD.get(ecosystem, str)(a["package"]["name"])
                known = "last_known_affected_version_range" in spec
                if not custom or not is_placeholder:
                    out.add((eco, n, r["id"], *state(ranges, known)))
                if custom and (is_placeholder or not ends_at_tag):  # docs/database.md
                    out.add((eco, n, r["id"], *state(custom, known)))
    return out


# ---- Debian

RELEASES = dict(woody="3.0", sarge="3.1", etch="4", lenny="5", squeeze="6", wheezy="7", jessie="8",
                stretch="9", buster="10", bullseye="11", bookworm="12", sid="unstable")


def debian():
    out = set()
    for p, issues in json.load(open(f"{FEEDS}/debian/tracker.json")).items():
        for id, issue in issues.items():
            for code, r in issue["releases"].items():
                fixed = r.get("fixed_version")
                if r["status"] == "resolved":
                    state = ("not-affected", ()) if fixed == "0" else ("fixed", (fixed,))
                else:
                    state = ("end-of-life" if r["urgency"] == "end-of-life" else "not-fixed", ())
                out.add(("Debian:" + RELEASES[code], p, id, *state))
    return out


def debian_advisories():
    """(advisory, package, space, CVE) of the lists, where the tracker has that very fix."""
    tracker = json.load(open(f"{FEEDS}/debian/tracker.json"))
    out, id, cves = set(), None, []
    for kind in ("DSA", "DLA"):
        for line in open(f"{FEEDS}/debian/data/{kind}/list", encoding="utf-8"):
            if m := re.match(r"\[.*?\] (\S+) ", line):
                id, cves = m.group(1), []
            elif m := re.match(r"\s+\{(.*)\}", line):
                cves = m.group(1).split()
            elif m := re.match(r"\s+\[(\w+)\] - (\S+) ([^<\s]\S*)", line):
                for c in cves:
                    r = tracker.get(m.group(2), {}).get(c, {}).get("releases", {}).get(m.group(1), {})
                    if r.get("fixed_version") == m.group(3):
                        out.add((id, m.group(2), "Debian:" + RELEASES[m.group(1)], c))
    return out


# ---- Red Hat: every package in every product, by architecture

STATES = {"Affected": "not-fixed", "Fix deferred": "deferred", "Will not fix": "wont-fix",
          "Out of support scope": "end-of-life"}


def red_hat_space(cpe):
    el = re.search(r":el(\d+)$", cpe)
    rhel = re.match(r"(?:enterprise_linux|rhel(?:_(?:eus|aus|tus|e4s|els))?):(\d+)", cpe)
    return "Red Hat:" + (el or rhel or ["", "other"])[1]


def red_hat():
    out = set()
    for path in glob.glob(f"{FEEDS}/redhat/csaf/v2/vex/*/*.json"):
        d = json.load(open(path))
        helpers, parts = {}, {}
        stack = list(d["product_tree"].get("branches", []))
        while stack:
            b = stack.pop()
            stack += b.get("branches", [])
            if "product" in b:
                p = b["product"]
                helpers[p["product_id"]] = p.get("product_identification_helper", {})
        for r in d["product_tree"].get("relationships", []):
            parts[r["full_product_name"]["product_id"]] = \
                (r["product_reference"], r["relates_to_product_reference"])
        for v in d["vulnerabilities"]:
            words, advisories = {}, {}
            for r in v.get("remediations", []):
                for id in r["product_ids"]:
                    if r["category"] == "vendor_fix":
                        advisories[id] = r["url"].split("/")[-1]
                    elif r["category"] != "workaround":
                        words[id] = STATES[r["details"]]
            for status, ids in v.get("product_status", {}).items():
                for id in ids:
                    component, product = parts.get(id, ("", ""))
                    purl = urllib.parse.urlsplit(helpers.get(component, {}).get("purl", ""))
                    if not purl.path.startswith("rpm/redhat/"):
                        continue
                    q = dict(urllib.parse.parse_qsl(purl.query.replace("+", "%2B")))
                    name, _, version = purl.path.removeprefix("rpm/redhat/").partition("@")
                    version = urllib.parse.unquote(version)
                    if "epoch" in q:
                        version = q["epoch"] + ":" + version
                    cpe = re.sub("^cpe:/[ao]:redhat:", "", helpers[product]["cpe"])
                    state = {"fixed": "fixed", "known_not_affected": "not-affected",
                             "known_affected": words.get(id, "not-fixed")}[status]
                    arch = q.get("arch", "noarch")
                    out.add((red_hat_space(cpe), urllib.parse.unquote(name), arch == "src", v["cve"], state,
                             version if state == "fixed" else "",
                             advisories.get(id, "") if state == "fixed" else "",
                             ":".join(m[:2]) if len(m := q.get("rpmmod", "").split(":")) > 1 else "", cpe,
                             "" if arch in ("src", "noarch") else arch))
    return out


def red_hat_rows(db):
    out = set()
    for d in docs(db, "redhat"):
        for p in d.get("affected", []) if d["source"] == "redhat-vex" else []:
            fixed = [v for r in p.get("ranges", []) for k, v in zip(r[::2], r[1::2]) if k == "fixed"]
            out |= {(p["space"], p["name"], p.get("is_source") == 1, d["id"], p["state"],
                     (fixed or [""])[0], p.get("advisories", [""])[0], p.get("module", ""), cpe, arch)
                    for cpe in p["cpes"] for arch in p.get("arches", [""])}
    return out


def repositories(db):
    return {(d["id"], c) for d in docs(db, "redhat") if d["source"] == "redhat-repositories"
            for p in d["affected"] for c in p["cpes"]}


# ---- NVD, KEV

def nvd():
    out = set()
    for path in glob.glob(f"{FEEDS}/nvd/feeds/json/cve/2.0/*.json.gz"):
        for v in json.load(gzip.open(path))["vulnerabilities"]:
            c = v["cve"]
            out.add((c["id"], "id", ""))
            for kind, metrics in c["metrics"].items():
                if kind.startswith("cvssMetric"):
                    out |= {(c["id"], "vector", m["cvssData"]["vectorString"]) for m in metrics}
            out |= {(c["id"], "cwe", d["value"]) for w in c.get("weaknesses", [])
                    for d in w["description"] if d["value"] != "NVD-CWE-noinfo"}
    return out


def main(db):
    run = subprocess.run([PROBE, "build", FEEDS, db], capture_output=True, text=True)
    print(run.stdout, run.stderr, end="")
    if run.returncode:
        sys.exit(1)
    alpine = set()
    for path in glob.glob(f"{FEEDS}/alpine-secdb/*/*.json"):
        alpine |= secdb(path, "Alpine:" + path.split("/")[-2].removeprefix("v"))
    compare("alpine", alpine, ours(db, "alpine"))
    compare("wolfi", secdb(f"{FEEDS}/wolfi/security.json", "Wolfi"), ours(db, "wolfi"))
    for family, folder in (("pypi", "PyPI"), ("npm", "npm"), ("go", "Go"), ("almalinux", "AlmaLinux")):
        compare(family, osv(folder, folder), ours(db, family))
    compare("debian", debian(), ours(db, "debian"))
    got = {(adv, p["name"], p["space"], d["id"]) for d in docs(db, "debian")
           for p in d.get("affected", []) for adv in p.get("advisories", [])}
    want = debian_advisories()
    check("debian advisories", want - got, set(), len(want))
    compare("redhat", red_hat(), red_hat_rows(db))
    with open(f"{FEEDS}/redhat/metrics/repository-to-cpe.json") as f:
        want = {(name, re.sub("^cpe:/[ao]:redhat:", "", c)) for name, r in json.load(f)["data"].items()
                for c in r["cpes"]}
    compare("redhat repositories", want, repositories(db))
    got = set()
    for d in docs(db, "nvd"):
        got.add((d["id"], "id", ""))
        got |= {(d["id"], "vector", r["value"]) for r in d.get("ratings", [])}
        got |= {(d["id"], "cwe", c) for c in d.get("cwes", [])}
    compare("nvd", nvd(), got)
    kev = json.load(open(f"{FEEDS}/cisa/known_exploited_vulnerabilities.json"))["vulnerabilities"]
    compare("kev", {(v["cveID"], v["dateAdded"], v["dueDate"],
                     v["knownRansomwareCampaignUse"] == "Known") for v in kev},
            {(d["id"], d["added"], d["due"], d.get("ransomware") == 1) for d in docs(db, "kev")})
    for family in ("alpine", "debian", "nvd", "pypi", "kev"):
        mine, stored = digest_of(db, family)
        check(f"{family} digest", {mine} - {stored}, set(), 1)


with tempfile.TemporaryDirectory() as tmp:
    main(tmp)
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
