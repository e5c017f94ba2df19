#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real archives must be what they are published as: java_test.py PRATIQUE DIR

DIR is where tools/fixtures put the artefacts of tests/fixtures/*.list (`make fixtures`); without it nothing
is tested. Prints one line a check and ends with "N passed, N failed".
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
from urllib.parse import unquote

PRATIQUE, DIR = sys.argv[1], os.path.join(sys.argv[2], "maven")
passed = failed = 0


def listed(path):
    out = subprocess.run([PRATIQUE, "packages", "-q", "-f", "json", "--no-cache", f"rootfs:{path}"],
                         capture_output=True)
    if out.returncode:
        raise SystemExit(f"{path}: exit {out.returncode}: {out.stderr.decode()}")
    return json.loads(out.stdout)


if not os.path.isdir(DIR):
    print("skip: no fixtures; `make fixtures` fetches them")
    print("0 passed, 0 failed")
    sys.exit(77)
wanted = {}
by_place = {}
with tempfile.TemporaryDirectory() as tree:
    for name in sorted(os.listdir(DIR)):
        coordinate, extension = unquote(name).rsplit(".", 1)
        group, artifact, version = coordinate.split(":")[:3]
        place = f"{group}/{artifact}-{version}.{extension}"
        os.makedirs(os.path.join(tree, group), exist_ok=True)
        shutil.copy(os.path.join(DIR, name), os.path.join(tree, place))
        wanted[place] = (f"{group}:{artifact}", version)
    for p in listed(tree)["packages"]:
        for e in p["evidence"]:
            by_place.setdefault(e["path"], set()).add((p["name"], p["version"]))
for place, identity in sorted(wanted.items()):
    if identity in by_place.get(place, set()):
        passed += 1
    else:
        failed += 1
        print("FAIL", place, sorted(by_place.get(place, set()))[:4])
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
