#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the program writes as JSON is what docs/*.schema.json say: schema_test.py PRATIQUE SHARED. The
sample image and trees made here always; every image of the shared data when that is there. An analysis
also has the digest that docs/analysis.md says how to check, by the script that stands there."""
import json
import os
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:  # Debian's python3 has it, another interpreter may not
    if sys.executable != "/usr/bin/python3":
        os.execv("/usr/bin/python3", ["/usr/bin/python3"] + sys.argv)
    raise

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
pratique, shared = os.path.realpath(sys.argv[1]), os.path.realpath(sys.argv[2])
passed = failed = 0


def no(what, why):
    global failed
    failed += 1
    print(f"FAIL {what}\n     {why}")


def run(*words):
    return subprocess.run([pratique, *words], capture_output=True, text=True, timeout=300)


def sources(work):
    image = os.path.join(work, "image")
    os.mkdir(image)
    subprocess.run([sys.executable, os.path.join(ROOT, "tools/make-sample"),
                    os.path.join(ROOT, "data/sample"), image], check=True)
    yield "oci-dir:" + image
    yield "dir:" + os.path.join(ROOT, "data/sample/layer2")
    yield "rootfs:" + os.path.join(ROOT, "data/sample/layer0")
    yield "purl:pkg:pypi/urllib3@1.25.8"
    for name in ("oci-sys", "oci-lang"):
        folder = os.path.join(shared, "images", name)
        if os.path.isdir(folder):
            with open(os.path.join(folder, "index.json"), encoding="utf-8") as f:
                for m in json.load(f)["manifests"]:
                    yield f"oci-dir:{folder}:{m['annotations']['org.opencontainers.image.ref.name']}"
    folder = os.path.join(shared, "images/alpine")
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        if name.endswith(".tar.gz"):
            yield "docker-archive:" + os.path.join(folder, name)


def script():
    with open(os.path.join(ROOT, "docs/analysis.md"), encoding="utf-8") as f:
        return f.read().split("```python\n")[1].split("```")[0]


def has_its_digest(text):
    done = subprocess.run([sys.executable, "-c", script()], input=text, capture_output=True, text=True)
    return done.stdout == "True\n"


def check_diff(validator, before, source):
    """Each source with the first one's report."""
    global passed
    done = run("diff", "-q", "-f", "json", "report:" + before, source)
    if done.returncode:
        no(f"diff {source}", f"exit {done.returncode}: {done.stderr}")
        return
    error = next(validator.iter_errors(json.loads(done.stdout)), None)
    if error:
        no(f"diff {source}", f"{list(error.absolute_path)}: {error.message[:300]}")
    else:
        passed += 1


def explained(validator, what, status, *args):
    global passed
    done = run("explain", "-q", "-f", "json", *args)
    if done.returncode not in status:
        no(what, f"exit {done.returncode}: {done.stderr}")
        return
    error = next(validator.iter_errors(json.loads(done.stdout)), None)
    if error:
        no(what, f"{list(error.absolute_path)}: {error.message[:300]}")
    else:
        passed += 1


def check_explain(validator, report, path):
    """The first findings and suppressed ones, and what a few packages are not reported for."""
    for f in report["findings"][:4] + report["suppressed"][:4]:
        explained(validator, f"explain {f['id']}", (0,), f["id"], f["package"]["name"], path)
    for p in report["packages"][:4]:
        for cve in ("CVE-2021-44228", "CVE-2022-37434"):
            explained(validator, f"explain --not {cve} {p['name']}", (0, 1), "--not", cve, p["name"], path)


def compared(validator, report, work):
    """Each finding as Trivy and as Grype would report it, under an alias, and one that is not ours."""
    global passed
    trivy, matches = [], []
    for f in report["findings"][:50] + [dict(f, id="CVE-2000-0001", aliases=[]) for f in report["findings"][:5]]:
        p = f["package"]
        trivy.append({"VulnerabilityID": (f["aliases"] or [f["id"]])[0], "PkgName": p["name"], "Severity": "LOW",
                      "InstalledVersion": p["version"], "PkgIdentifier": {"PURL": p["purl"]}})
        matches.append({"vulnerability": {"id": f["id"], "severity": "Low", "fix": {"versions": [], "state": ""}},
                        "artifact": {"name": p["name"], "version": p["version"], "purl": p["purl"]}})
    for name, doc in (("trivy", {"SchemaVersion": 2, "ArtifactName": "x", "Results": [
            {"Type": "x", "Packages": [], "Vulnerabilities": trivy}]}), ("grype", {"matches": matches})):
        path = f"{work}/{name}.json"
        with open(path, "w", encoding="utf-8") as out:
            json.dump(doc, out)
        done = run("compare", "-q", "-f", "json", path, work + "/report.json")
        if done.returncode:
            no(f"compare {name}", f"exit {done.returncode}: {done.stderr}")
            continue
        answer = json.loads(done.stdout)
        error = next(validator.iter_errors(answer), None)
        lost = [d for d in answer["differences"] if d["side"] == "there" and d.get("id") != "CVE-2000-0001"]
        if error:
            no(f"compare {name}", f"{list(error.absolute_path)}: {error.message[:300]}")
        elif lost:
            no(f"compare {name}", f"not found again: {lost[0]}")
        else:
            passed += 1


def main():
    global passed
    schemas = {}
    for name in ("report", "packages", "analysis", "diff", "explain", "compare"):
        with open(os.path.join(ROOT, f"docs/{name}.schema.json"), encoding="utf-8") as f:
            schemas[name] = json.load(f)
        jsonschema.Draft202012Validator.check_schema(schemas[name])
    with tempfile.TemporaryDirectory() as work:
        os.environ.update(XDG_CACHE_HOME=work + "/cache", PRATIQUE_DB_DIR=work + "/db", HOME=work)
        built = run("db", "build", "-q", "--from", os.path.join(ROOT, "data/feeds"), "-o", work + "/db")
        if built.returncode:
            no("db build", built.stderr)
        for source in sources(work):
            for command, schema in (("scan", "report"), ("packages", "packages"),
                                    ("analyze", "analysis")):
                what = f"{command} {source.replace(shared, '').replace(work, '')}"
                done = run(command, "-q", "-f", "json", source)
                if done.returncode:
                    no(what, f"exit {done.returncode}: {done.stderr}")
                    continue
                validator = jsonschema.Draft202012Validator(schemas[schema])
                error = next(validator.iter_errors(json.loads(done.stdout)), None)
                if schema == "analysis" and not has_its_digest(done.stdout):
                    no(what, "not the digest that it says")
                elif schema == "analysis" and has_its_digest(done.stdout.replace('"gaps":', '"gap":')):
                    no(what, "any digest will do")
                elif error:
                    no(what, f"{list(error.absolute_path)}: {error.message[:300]}")
                else:
                    passed += 1
                if command == "scan":
                    with open(work + "/report.json", "w", encoding="utf-8") as f:
                        f.write(done.stdout)
                    check_explain(jsonschema.Draft202012Validator(schemas["explain"]),
                                  json.loads(done.stdout), work + "/report.json")
                    compared(jsonschema.Draft202012Validator(schemas["compare"]), json.loads(done.stdout), work)
                before = work + "/before.json"
                if command == "scan" and not os.path.exists(before):
                    with open(before, "w", encoding="utf-8") as f:
                        f.write(done.stdout)
                elif command == "scan":
                    check_diff(jsonschema.Draft202012Validator(schemas["diff"]), before, source)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
