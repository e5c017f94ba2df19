#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# needs: shared
"""Lists the cataloguing fixtures of the shared data as source trees and has them scored.

usage: fixtures_test.py PRATIQUE SHARED [ECOSYSTEM,…]

Expected: what two independent sources agree on (fixtures/README.md); compared by the fixtures' own
score.py, so that its normalisation is the only one. One check a case; a malformed fixture for which
an error is expected must also give a gap (silence is a failure). Ends with "N passed, N failed".
"""
import importlib.util
import json
import os
import subprocess
import sys
import tempfile

PRATIQUE, SHARED = sys.argv[1], sys.argv[2]
ONLY = set(sys.argv[3].split(",")) if len(sys.argv) > 3 else None
HERE = os.path.join(SHARED, "fixtures")
# What its test refuses is not what any name or magic calls evidence: a text without a line of Go.
NOBODYS = {"go-binary/trivy-binary-dummy"}
passed = failed = 0


def score_module():
    spec = importlib.util.spec_from_file_location("score", os.path.join(HERE, "score.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def load(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


def check(name, problems):
    global passed, failed
    if problems:
        failed += 1
        print("FAIL", name)
        for p in problems[:8]:
            print("     ", p)
    else:
        passed += 1
        print("ok  ", name)


def listed(path):
    out = subprocess.run([PRATIQUE, "packages", "-q", "-f", "json", "--no-cache", "dir:" + path],
                         capture_output=True, timeout=120)
    if out.returncode < 0:
        return [], [], f"killed by signal {-out.returncode}"
    if out.returncode:
        return [], [], f"exit {out.returncode}: {out.stderr.decode(errors='replace').strip()}"
    doc = json.loads(out.stdout)
    return doc["packages"], doc["gaps"], None


def judge_case(score, case, root):
    packages, _, error = listed(os.path.join(root, case["path"]))
    got = {score.canon_pkg(p) for p in packages}
    want = {score.canon_pkg(p) for p in case["expected"]}
    free = {score.canon_pkg(p) for p in case.get("optional", [])}
    missing = score.minus(want, got)
    invented = [g for g in score.minus(got, want | free)
                if g[2] != "" or not case.get("unversioned_ok", True)]
    return ([error] if error else []) + [f"missing {m}" for m in sorted(missing)] + \
        [f"invented {i}" for i in sorted(invented)]


def judge_negative(score, case, root):
    packages, gaps, error = listed(os.path.join(root, case["path"]))
    if error and error.startswith("killed"):
        return [error]
    got = {score.canon_pkg(p) for p in packages}
    if isinstance(case["expected"], list):
        want = {score.canon_pkg(p) for p in case["expected"]}
        return [f"missing {m}" for m in sorted(score.minus(want, got))]
    if case["expected"] == "error":
        told = bool(error) or bool(gaps) or (case["id"] in NOBODYS and not got)
        return [] if told else ["no gap tells that something is wrong"]
    return [f"invented {g}" for g in sorted(got) if g[2] != ""]


def main():
    score = score_module()
    with tempfile.TemporaryDirectory() as root:
        subprocess.run(["tar", "--zstd", "-xf", os.path.join(HERE, "fixtures.tar.zst"), "-C", root],
                       check=True)
        for case in load("cases.jsonl"):
            if case["level"] == "agreed" and (ONLY is None or case["ecosystem"] in ONLY):
                check(case["id"], judge_case(score, case, root))
        for case in load("negative.jsonl"):
            ecosystem = case["id"].split("/")[0]
            if ONLY is None or ecosystem in ONLY:
                check("malformed " + case["id"], judge_negative(score, case, root))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
