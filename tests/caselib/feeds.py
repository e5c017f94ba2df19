# SPDX-License-Identifier: Apache-2.0
"""Feeds in their public layout from text: osv/NAME/*.json become all.zip and modified_id.csv; *.json and
*.csv named in PACKED are gzipped."""
import gzip
import json
import os
import shutil
import zipfile


def _zip_records(folder):
    names = sorted(n for n in os.listdir(folder) if n.endswith(".json"))
    rows = []
    with zipfile.ZipFile(os.path.join(folder, "all.zip"), "w", zipfile.ZIP_DEFLATED) as z:
        for n in names:
            with open(os.path.join(folder, n), "rb") as f:
                data = f.read()
            record = json.loads(data)
            rows.append((record["modified"], record["id"]))
            z.writestr(zipfile.ZipInfo(record["id"] + ".json", (2023, 1, 1, 0, 0, 0)), data)
    with open(os.path.join(folder, "modified_id.csv"), "w", encoding="utf-8") as f:
        for row in sorted(rows, reverse=True):
            f.write(",".join(row) + "\n")


def assemble(source, target):
    shutil.copytree(source, target)
    for folder, _, names in os.walk(target):
        if os.path.basename(os.path.dirname(folder)) == "osv":
            _zip_records(folder)
        for n in names:
            if n.startswith(("nvdcve-", "epss_scores-")) and not n.endswith((".gz", ".meta")):
                path = os.path.join(folder, n)
                with open(path, "rb") as f, open(path + ".gz", "wb") as g:
                    g.write(gzip.compress(f.read(), mtime=0))
                os.unlink(path)
