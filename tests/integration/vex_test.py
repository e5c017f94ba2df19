#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""vex_test.py PRATIQUE: VEX documents beside an image in its registry (--vex oci), by the referrers API,
by its tag schema and as cosign attaches them; and VEX Hub when the shared data is there."""
import base64
import hashlib
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
from caselib import feeds, images  # noqa: E402

PRATIQUE = os.path.abspath(sys.argv[1])
SHARED = os.environ.get("PRATIQUE_SHARED", os.path.join(HERE, "../../../shared"))
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
passed = failed = 0


def check(name, ok, detail=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    print(f"ok - {name}" if ok else f"not ok - {name}\n  {detail}")


def sha(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Store:
    """What the registry has; `api` tells whether it knows the referrers API."""

    def __init__(self):
        self.blobs, self.manifests, self.referrers, self.api = {}, {}, {}, True

    def add(self, data):
        data = data if isinstance(data, bytes) else json.dumps(data).encode()
        self.blobs[sha(data)] = data
        return {"digest": sha(data), "size": len(data)}

    def manifest(self, body, *names):
        data = json.dumps(body).encode()
        for name in (*names, sha(data)):
            self.manifests[name] = (body["mediaType"], data)
        return {"mediaType": body["mediaType"], "digest": sha(data), "size": len(data)}


def serve(store):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_GET(self):
            parts = self.path.split("?")[0].split("/")
            kind, ref = parts[-2], parts[-1]
            ctype, data = "application/octet-stream", None
            if kind == "manifests" and ref in store.manifests:
                ctype, data = store.manifests[ref]
            elif kind == "blobs":
                data = store.blobs.get(ref)
            elif kind == "referrers" and store.api:
                ctype, data = INDEX, json.dumps({"schemaVersion": 2, "mediaType": INDEX,
                                                 "manifests": store.referrers.get(ref, [])}).encode()
            elif self.path == "/v2/":
                data = b"{}"
            self.send_response(404 if data is None else 200)
            self.send_header("Content-Type", ctype)
            self.send_header("Content-Length", str(len(data or b"")))
            self.end_headers()
            self.wfile.write(data or b"")

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def vex(cve, status="fixed"):
    return {"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.org/" + cve,
            "author": "Jo", "timestamp": "2023-03-01T00:00:00Z", "version": 1,
            "statements": [{"vulnerability": {"name": cve}, "status": status,
                            "products": [{"@id": "pkg:oci/app"}]}]}


def envelope(document, kind="https://openvex.dev/ns"):
    statement = {"_type": "https://in-toto.io/Statement/v0.1", "predicateType": kind,
                 "subject": [], "predicate": document}
    return {"payloadType": "application/vnd.in-toto+json", "signatures": [],
            "payload": base64.b64encode(json.dumps(statement).encode()).decode()}


def artifact(store, content, media, artifact_type):
    layer = {"mediaType": media, **store.add(content)}
    config = {"mediaType": "application/vnd.oci.empty.v1+json", **store.add(b"{}")}
    return {**store.manifest({"schemaVersion": 2, "mediaType": MANIFEST, "config": config,
                              "artifactType": artifact_type, "layers": [layer]}),
            "artifactType": artifact_type}


def main(work):
    db, layout = os.path.join(work, "db"), os.path.join(work, "app")
    feeds.assemble(os.path.join(HERE, "../cases/feeds"), os.path.join(work, "feeds"))
    subprocess.run([PRATIQUE, "db", "build", "-q", "--from", os.path.join(work, "feeds"),
                    "--families", "alpine,npm", "-o", db], check=True)
    images.build(layout, [], "layer\nos alpine 3.17.1\napk libssl3 3.0.7-r0 openssl\n"
                             "apk zlib 1.2.12-r0\nlayer\nnpm ansi-regex 5.0.0\n")
    store = Store()
    for folder, _, names in os.walk(os.path.join(layout, "blobs")):
        for name in names:
            with open(os.path.join(folder, name), "rb") as f:
                store.add(f.read())
    with open(os.path.join(layout, "index.json"), encoding="utf-8") as f:
        digest = json.load(f)["manifests"][0]["digest"]
    store.manifests["1"] = store.manifests[digest] = (MANIFEST, store.blobs[digest])
    server = serve(store)
    image = f"localhost:{server.server_port}/team/app:1"

    def scan(*words):
        env = {"PATH": os.environ["PATH"], "HOME": work, "LC_ALL": "C", "PRQ_TEST_RETRY_MS": "1",
               "SOURCE_DATE_EPOCH": "1680307200",
               **{k: v for k, v in os.environ.items() if k.endswith("_OPTIONS")}}
        return subprocess.run([PRATIQUE, "scan", "--no-cache", "--db-dir", db, *words], env=env,
                              capture_output=True, text=True, timeout=100, cwd=work)

    def ids(*words):
        run = scan("--vex", "oci", "-f", "json", *words, image)
        if run.returncode:
            return run.stderr
        report = json.loads(run.stdout)
        return (sorted(f["id"] for f in report["suppressed"] if f["by"]["kind"] == "vex"),
                [d.get("unverified") for d in report["vex"]],
                [g["reason"] for g in report["gaps"] if g["kind"] == "vex"])

    check("nothing is attached", ids() == ([], [], []), ids())
    store.referrers[digest] = [
        artifact(store, vex("CVE-2023-0286"), "application/vnd.openvex+json", "application/vnd.openvex+json"),
        artifact(store, envelope(vex("CVE-2022-37434")), "application/vnd.dsse.envelope.v1+json", "application/vnd.in-toto+json"),
        artifact(store, {"dsseEnvelope": envelope(vex("CVE-2021-3807"))}, "application/vnd.dev.sigstore.bundle.v0.3+json", "application/vnd.dev.sigstore.bundle.v0.3+json"),
        artifact(store, envelope({"builder": {}}, "https://slsa.dev/provenance/v1"), "application/vnd.in-toto+json", "application/vnd.in-toto+json"),
        artifact(store, b"\0\1", "application/octet-stream", "application/x"),
    ]
    want = ["CVE-2022-37434", "CVE-2023-0286", "GHSA-93q8-gq69-wqmw"]
    check("referrers", ids() == (want, [True] * 3, []), ids())
    run = scan("--vex", "oci", image)
    check("the table says that nobody verified them", "3 documents not verified" in run.stdout, run.stdout)
    check("nothing is fetched unasked", "VEX" not in scan(image).stdout)

    store.api = False
    check("a registry without the API", ids() == ([], [], []), ids())
    store.manifest({"schemaVersion": 2, "mediaType": INDEX, "manifests": store.referrers[digest][:1]},
                   digest.replace(":", "-"))
    check("the tag schema", ids() == (["CVE-2023-0286"], [True], []), ids())
    layer = {"mediaType": "application/vnd.dsse.envelope.v1+json",
             **store.add(envelope({"Data": json.dumps(vex("CVE-2021-3807"))}))}
    store.manifest({"schemaVersion": 2, "mediaType": MANIFEST, "layers": [layer],
                    "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **store.add(b"{}")}},
                   digest.replace(":", "-") + ".att")
    check("cosign's tag", ids() == (["CVE-2023-0286", "GHSA-93q8-gq69-wqmw"], [True] * 2, []), ids())
    store.blobs[layer["digest"]] = b'{"payload": "e30="}'
    check("bytes that are not those", "sends sha256:" in str(ids()), ids())
    broken = {"mediaType": "application/vnd.openvex+json", **store.add(b'{"@context": "https://openvex')}
    store.manifest({"schemaVersion": 2, "mediaType": MANIFEST, "layers": [broken],
                    "config": {"mediaType": "application/vnd.oci.empty.v1+json", **store.add(b"{}")}},
                   digest.replace(":", "-") + ".att")
    got = ids()
    check("a broken one is a gap", got[0] == ["CVE-2023-0286"] and len(got[2]) == 1, got)
    run = scan("--vex", "oci", "oci-dir:" + layout)
    check("only of a registry", run.returncode == 2 and "only an image of a registry" in run.stderr,
          run.stderr)
    server.shutdown()


def hub(work):
    """A document of VEX Hub takes away what it names, found by the index in each layout."""
    root = os.path.join(SHARED, "data/feeds")
    if not os.path.isdir(os.path.join(root, "vexhub")):
        print("skipped: no shared data")
        return
    db, bom = os.path.join(work, "hubdb"), os.path.join(work, "bom.json")
    subprocess.run([PRATIQUE, "db", "build", "-q", "--from", root, "--families", "go", "-o", db],
                   check=True)
    purl = "pkg:golang/golang.org/x/crypto@v0.0.0-20220214200702-86341886e292"
    with open(bom, "w", encoding="utf-8") as f:
        json.dump({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": [
            {"type": "library", "bom-ref": "m", "name": "github.com/harvester/webhook", "version": "v1",
             "purl": "pkg:golang/github.com/harvester/webhook@v1"},
            {"type": "library", "bom-ref": "c", "name": "golang.org/x/crypto", "purl": purl}],
            "dependencies": [{"ref": "m", "dependsOn": ["c"]}]}, f)
    places = [os.path.join(root, "vexhub"), os.path.join(root, "vexhub/archive/refs/heads/main.tar.gz")]
    subprocess.run(["tar", "-xzf", places[1], "-C", work], check=True)
    places.append(os.path.join(work, "vexhub-main"))
    for place in places:
        run = subprocess.run([PRATIQUE, "scan", "--db-dir", db, "--vex", place, "-f", "json", "sbom:" + bom],
                             capture_output=True, text=True, timeout=100)
        report = json.loads(run.stdout or "{}")
        gone = [f for f in report.get("suppressed", []) if f["by"]["kind"] == "vex" and
                {"CVE-2022-27191", "GO-2021-0356"} & {f["id"], *f["aliases"]}]
        check("VEX Hub as " + os.path.relpath(place, root if place.startswith(root) else work),
              gone and gone[0]["by"]["justification"] == "vulnerable_code_not_present" and
              gone[0]["by"]["author"] == "Rancher Security team", run.stderr or report.get("vex"))


with tempfile.TemporaryDirectory(prefix="prq-vex-") as folder:
    main(folder)
    hub(folder)
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
