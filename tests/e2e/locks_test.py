#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real lock files of ecosystems without a tool or a registry here, against what they say.

usage: locks_test.py PRATIQUE

tests/data/real has a folder for each; ORIGIN there says where they come from.
"""
import json
import os
import subprocess
import sys

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "real")


def main():
    counts = {"passed": 0, "failed": 0}
    with open(os.path.join(HERE, "expected.json"), encoding="utf-8") as f:
        expected = json.load(f)
    for name, want in expected.items():
        out = subprocess.run([sys.argv[1], "packages", "-q", "-f", "json", "--no-cache", "--include-dev",
                              "dir:" + os.path.join(HERE, name)], capture_output=True, check=True, timeout=60)
        doc = json.loads(out.stdout)
        got = {f"{p['name']} {p.get('version', '')}".strip() for p in doc["packages"]}
        ok = got == set(want) and not doc["gaps"]
        counts["passed" if ok else "failed"] += 1
        print("ok  " if ok else "FAIL", name, *(() if ok else (sorted(got ^ set(want)), doc["gaps"])))
    print(", ".join(f"{n} {what}" for what, n in counts.items()))
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
