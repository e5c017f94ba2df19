#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# needs: shared
"""NVD's configurations read a second time: for products whose versions are dotted numbers, the versions
at and beside every bound, and which CVEs they have. usage: nvd_test.py PRATIQUE SHARED"""
import collections
import glob
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile

PRATIQUE, SHARED = sys.argv[1], sys.argv[2]
PRODUCTS, VERSIONS = 300, 12
DOTTED = re.compile(r"^\d{1,6}(\.\d{1,6})*$")
BOUNDS = ["versionStartIncluding", "versionStartExcluding", "versionEndIncluding",
          "versionEndExcluding"]


def key(version):
    numbers = [int(x) for x in version.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return numbers


def within(match, version):
    """Is it a version that the criterion names? Criteria without one are none."""
    named = match["criteria"].split(":")[5]
    if named not in "*-":
        return key(named) == key(version)
    at, (low, above, high, below) = key(version), [match.get(b) for b in BOUNDS]
    if not any((low, above, high, below)):
        return False
    return ((not low or at >= key(low)) and (not above or at > key(above)) and
            (not high or at <= key(high)) and (not below or at < key(below)))


def may_be(match):
    """A platform, in a list that says nothing of the system: not known, which is no reason for no."""
    _, _, part, vendor, product = match["criteria"].split(":")[:5]
    if (vendor, product) == ("wordpress", "wordpress"):
        return False
    if vendor == "microsoft" and product.startswith("windows"):
        return False
    return part in "oh" or not match["vulnerable"]


def holds(configuration, name, version):
    """Some vulnerable criterion names it, and every node of an AND may be true."""
    def is_true(match):
        fields = match["criteria"].split(":")
        return (fields[3], fields[4]) == name and within(match, version)
    nodes = configuration["nodes"]
    if not any(is_true(m) and m["vulnerable"] for n in nodes for m in n["cpeMatch"]):
        return False
    if configuration.get("operator") != "AND":
        return True
    return all(any(is_true(m) or may_be(m) for m in n["cpeMatch"]) for n in nodes)


def read():
    """name → [(CVE, configuration)], and the names that this reading cannot judge."""
    by_name, odd = collections.defaultdict(list), set()
    for path in glob.glob(os.path.join(SHARED, "feeds/nvd/feeds/json/cve/2.0/*.json.gz")):
        with gzip.open(path) as f:
            records = json.load(f)["vulnerabilities"]
        for record in (r["cve"] for r in records):
            for configuration in record.get("configurations", []):
                names = set()
                for match in (m for n in configuration["nodes"] for m in n["cpeMatch"]):
                    fields = match["criteria"].split(":")
                    name = (fields[3], fields[4])
                    versions = [match[b] for b in BOUNDS if b in match]
                    versions += [fields[5]] if fields[5] not in "*-" else []
                    names.add(name)
                    if (len(fields) != 13 or "\\" in match["criteria"] or fields[2] != "a" or
                            fields[6] not in "*-" or fields[10] not in "*-" or
                            name[1] in ("jdk", "jre", "openjdk", "zulu") or
                            not all(DOTTED.match(v) for v in versions)):
                        odd.add(name)
                for name in names:
                    by_name[name].append((record["id"], configuration))
    return by_name, odd


def versions_of(name, configurations):
    found = set()
    for match in (m for c in configurations for n in c["nodes"] for m in n["cpeMatch"]):
        fields = match["criteria"].split(":")
        if (fields[3], fields[4]) == name:
            for version in [match.get(b) for b in BOUNDS] + [fields[5]]:
                if version and DOTTED.match(version):
                    found |= {version, version + ".1"}
    return sorted(found)[:VERSIONS]


def main():
    by_name, odd = read()
    names = sorted((n for n in by_name if n not in odd and len(by_name[n]) > 1),
                   key=lambda n: (-len(by_name[n]), n))[:PRODUCTS]
    components, want = [], {}
    for vendor, product in names:
        known = by_name[vendor, product]
        for version in versions_of((vendor, product), [c for _, c in known]):
            purl = f"pkg:generic/{product}@{version}?vendor={vendor}"
            components.append({"type": "application", "name": product, "version": version, "purl": purl,
                               "cpe": f"cpe:2.3:a:{vendor}:{product}:{version}:*:*:*:*:*:*:*"})
            want[purl] = {cve for cve, c in known if holds(c, (vendor, product), version)}
    with tempfile.TemporaryDirectory() as tmp:
        subprocess.run([PRATIQUE, "db", "build", "-q", "--families", "nvd", "--from", SHARED + "/feeds",
                        "-o", tmp + "/db"], check=True)
        with open(tmp + "/list.json", "w") as f:
            json.dump({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": components}, f)
        out = subprocess.run([PRATIQUE, "scan", "sbom:" + tmp + "/list.json", "--db-dir", tmp + "/db",
                              "-f", "json"], check=True, stdout=subprocess.PIPE).stdout
    got = collections.defaultdict(set)
    for finding in json.loads(out)["findings"]:
        got[finding["package"]["purl"]].add(finding["id"])
        assert finding["why"]["confidence"] == "medium" and finding["why"]["space"] == "cpe"
    wrong = [(u, c, "missing") for u in want for c in want[u] - got[u]]
    wrong += [(u, c, "too many") for u in got for c in got[u] - want.get(u, set())]
    for purl, cve, how in sorted(wrong)[:20]:
        print(f"FAIL {purl}: {cve} {how}")
    right = sum(len(want[u] & got[u]) for u in want)
    print(f"{len(names)} products, {len(components)} versions")
    print(f"{right} passed, {len(wrong)} failed")
    return 1 if wrong or not right else 0


sys.exit(main())
