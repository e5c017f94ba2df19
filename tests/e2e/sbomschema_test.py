#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our SBOMs hold against the official schemas and against other people's validators:
sbomschema_test.py PRATIQUE SHARED. tools/sbom-validators fetches those; without them this is skipped
and says so."""
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
PRATIQUE, SHARED = os.path.realpath(sys.argv[1]), os.path.realpath(sys.argv[2])
passed = failed = 0


def check(name, problem):
    global passed, failed
    if problem:
        failed += 1
        print(f"FAIL {name}\n     {problem}")
    else:
        passed += 1
        print("ok  ", name)


def with_validators():
    """Starts this program again with the python that has the validators."""
    tool = [os.path.join(ROOT, "tools/sbom-validators"), os.path.join(ROOT, "build-validators")]
    done = subprocess.run(tool, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        print("skipped: the validators of CycloneDX and SPDX could not be installed:",
              (done.stderr.strip().split("\n") or [""])[-1])
        print("0 passed, 0 failed")
        sys.exit(0)
    python = done.stdout.strip()
    os.execv(python, [python, os.path.abspath(__file__), PRATIQUE, SHARED, "validators"])


HOSTILE = """{"bomFormat":"CycloneDX","specVersion":"1.5","components":[
{"type":"library","name":"a b\\u0000\\u202e","version":"1 \\" \\\\ <","licenses":[{"license":{"name":"x\\ny"}},
{"license":{"name":"MIT OR ("}}],"hashes":[{"alg":"SHA-1","content":"zz"}],"cpe":"cpe:nonsense"},
{"type":"library","name":"a b\\u0000\\u202e","version":"1 \\" \\\\ <"},
{"type":"library","name":"LicenseRef","version":"2","publisher":"X <y@z","purl":"pkg:deb/x/y@2?distro=d-1",
"licenses":[{"expression":"GPL-2.0-only WITH Classpath-exception-2.0 OR LicenseRef-z"}]},
{"type":"library","name":"m","version":"3","purl":"pkg:npm/%40s/m@3","licenses":[{"license":{"id":"mit"}}]}]}"""


def sources(work):
    sample = os.path.join(work, "sample")
    os.mkdir(sample)
    subprocess.run([sys.executable, os.path.join(ROOT, "tools/make-sample"),
                    os.path.join(ROOT, "data/sample"), sample], check=True)
    yield "sample", "oci-dir:" + sample
    yield "source tree", "dir:" + os.path.join(ROOT, "data/sample/layer2")
    with open(os.path.join(work, "odd.json"), "w", encoding="utf-8") as f:
        f.write(HOSTILE)
    yield "odd entries", "sbom:" + os.path.join(work, "odd.json")
    for tag in ("oci-sys:go-bin", "oci-sys:bad-practice", "oci-lang:java-app"):
        layout, name = tag.split(":")
        if os.path.isdir(os.path.join(SHARED, "images", layout)):
            yield tag, f"oci-dir:{SHARED}/images/{layout}:{name}"
    alpine = os.path.join(SHARED, "images/alpine/alpine-3.10.docker-archive.tar.gz")
    if os.path.isfile(alpine):
        yield "alpine 3.10", "docker-archive:" + alpine


def schema_of(package, path):
    place = __import__(package).__file__
    with open(os.path.join(os.path.dirname(place), path), encoding="utf-8") as f:
        return json.load(f)


def unique_references(doc):
    refs = [c["bom-ref"] for c in doc["components"]] + [doc["metadata"]["component"]["bom-ref"]]
    if len(set(refs)) != len(refs):
        return "a bom-ref stands twice"
    named = {d["ref"] for d in doc["dependencies"]}
    named |= {r for d in doc["dependencies"] for r in d.get("dependsOn", [])}
    named |= {a["ref"] for v in doc.get("vulnerabilities", []) for a in v["affects"]}
    return f"references to nothing: {sorted(named - set(refs))[:3]}" if named - set(refs) else None


def main():
    import jsonschema
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator
    from spdx_tools.spdx.parser.parse_anything import parse_file
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

    cyclonedx = JsonStrictValidator(SchemaVersion.V1_6)
    schema = schema_of("lib4sbom", "schemas/spdx/2.3-schema.json")
    spdx = jsonschema.validators.validator_for(schema)(schema)
    with tempfile.TemporaryDirectory() as work:
        os.environ.update(XDG_CACHE_HOME=work + "/cache", HOME=work, LC_ALL="C",
                          PRATIQUE_DB_DIR=work + "/db", PRATIQUE_NOW="2026-01-01T00:00:00Z")
        feeds = os.path.join(SHARED, "feeds")
        feeds = feeds if os.path.isdir(feeds) else os.path.join(ROOT, "data/feeds")
        subprocess.run([PRATIQUE, "db", "build", "-q", "--from", feeds, "--families",
                        "alpine,debian,pypi,npm,go,nvd,kev", "-o", work + "/db"], check=True)
        for name, source in sources(work):
            cdx, vulns, doc = (os.path.join(work, n) for n in ("x.cdx.json", "v.cdx.json",
                                                              "x.spdx.json"))
            done = subprocess.run([PRATIQUE, "sbom", "-q", "-o", "cyclonedx=" + cdx, "-o",
                                   "spdx=" + doc, source], stderr=subprocess.PIPE)
            done2 = subprocess.run([PRATIQUE, "scan", "-q", "-o", "cyclonedx=" + vulns, source],
                                   stderr=subprocess.PIPE)
            if done.returncode or done2.returncode:
                check(name, (done.stderr + done2.stderr).decode())
                continue
            for what, path in (("packages", cdx), ("vulnerabilities", vulns)):
                with open(path, encoding="utf-8") as f:
                    text = f.read()
                error = cyclonedx.validate_str(text)
                check(f"{name}: CycloneDX 1.6, {what}",
                      str(error)[:600] if error else unique_references(json.loads(text)))
            with open(doc, encoding="utf-8") as f:
                error = next(spdx.iter_errors(json.load(f)), None)
            check(f"{name}: SPDX 2.3, schema",
                  error and f"{list(error.absolute_path)}: {error.message[:300]}")
            try:
                errors = validate_full_spdx_document(parse_file(doc))
                check(f"{name}: SPDX 2.3, spdx-tools", errors and errors[0].validation_message)
            except Exception as e:  # what its parser raises is an answer too
                check(f"{name}: SPDX 2.3, spdx-tools", str(e)[:600])
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if len(sys.argv) < 4:
    with_validators()
sys.exit(main())
