#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""db_ship_test.py PRATIQUE: the database to and from docker-registry and archives: only what changed
travels, signatures, rollbacks, damage. Exit 77 only when there is nothing to run."""
import http.server
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tarfile
import threading
import urllib.request

import shipkit
from shipkit import (HOME, build, check, digests, expect, key, leftovers, received, record, rows, run,
                     skip)

shipkit.PROGRAM = os.path.abspath(sys.argv[1])
SHARED = os.environ.get("PRATIQUE_SHARED", os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "../../../shared"))
FEEDS, DB = HOME + "/feeds", HOME + "/db"
COUNT = 20000


def fetch(registry, repository, what, which):
    rq = urllib.request.Request(f"http://{registry.host}/v2/{repository}/{what}/{which}", headers={
        "Accept": "application/vnd.oci.image.manifest.v1+json"})
    with urllib.request.urlopen(rq) as f:
        return f.read()


def manifest_of(registry, repository="adv", tag="2"):
    return json.loads(fetch(registry, repository, "manifests", tag))


def config_of(registry, repository="adv", tag="2"):
    m = manifest_of(registry, repository, tag)
    return json.loads(fetch(registry, repository, "blobs", m["config"]["digest"]))


def family_of(config, name):
    return next(f for f in config["families"] if f["name"] == name)


def pull(db, ref, *more):
    return run("db", "pull", ref, "--db-dir", db, *more)


def push(db, ref, *more):
    return run("db", "push", ref, "--db-dir", db, *more)


# ---- what travels

def change(records, day, n=300):
    """A day's work: two thirds changed, some new, some gone."""
    r = random.Random(day)
    for i in r.sample(range(len(records)), n * 2 // 3):
        number = int(records[i]["id"].rsplit("-", 1)[1])
        records[i] = {**records[i], "modified": f"2026-01-0{day}T00:00:00Z",
                      "summary": record(number, day)["summary"], "details": record(number, day)["details"]}
    for i in sorted(r.sample(range(len(records)), n // 10), reverse=True):
        del records[i]
    records.extend(record(COUNT + 1000 * day + i, day) for i in range(n - n * 2 // 3 - n // 10))


def write_feeds(records, fixes):
    shipkit.write_osv(FEEDS, "PyPI", records)
    shipkit.write_secdb(FEEDS, "bind", fixes)


def report(db):
    return run("scan", "purl:" + HOME + "/purls.txt", "--db-dir", db, "--now",
               "2026-02-09T00:00:00Z", "-f", "json").stdout


def test_travel(registry):
    ref = f"{registry.host}/adv:2"
    private, public = key("k")
    sign, verify = ("--key", private), ("--pubkey", public)
    records = [record(i) for i in range(COUNT)]
    fixes = {"1-r0": ["CVE-2020-0001"]}
    with open(HOME + "/purls.txt", "w", encoding="ascii") as f:
        f.writelines(f"pkg:pypi/{r['affected'][0]['package']['name']}@0.1\n" for r in records[:60])
    write_feeds(records, fixes)
    expect("build", build(FEEDS, DB, 1), 0)
    expect("pull what is not there", pull(HOME + "/none", ref), 3, "no such database")
    expect("push", push(DB, ref, *sign), 0, "pypi: ", "packed")
    m = manifest_of(registry)
    check("artifact type", m["artifactType"] == "application/vnd.pratique.db.v1", m)
    check("one layer a family", [x["annotations"]["org.opencontainers.image.title"] for x in m["layers"]]
          == ["alpine", "pypi"] and {x["mediaType"] for x in m["layers"]} ==
          {"application/vnd.pratique.db.family.v1.sqlite+zstd"}, m)
    test_openssl(registry, m, public)
    a, late, chain = HOME + "/a", HOME + "/late", HOME + "/chain"
    out = pull(a, ref, *verify)
    expect("pull", out, 0, "alpine: whole", "pypi: whole")
    check("it is the database", digests(a) == digests(DB) and not leftovers(a), leftovers(a))
    first = digests(a)
    pull(late, ref, *verify)
    pull(chain, ref, *verify)
    expect("pull again", pull(a, ref, *verify), 0, "pypi: unchanged", "received 0 of")
    expect("push again", push(DB, ref, *sign), 0, "alpine: unchanged", "pypi: unchanged")

    # The same content of a later day: its date travels, nothing else.
    expect("build, unchanged", build(FEEDS, DB, 2), 0)
    expect("push, unchanged", push(DB, ref, *sign), 0, "pypi: unchanged")
    expect("pull, unchanged", pull(a, ref, *verify), 0, "received 0 of")
    check("the date came", rows(a, "pypi", "SELECT value FROM meta WHERE key='built'") ==
          [("2026-02-02T00:00:00Z",)])

    # 300 records of one family.
    change(records, 3)
    write_feeds(records, fixes)
    build(FEEDS, DB, 3)
    expect("push a change", push(DB, ref, *sign), 0, "alpine: unchanged", "pypi: delta of")
    out = pull(a, ref, *verify)
    expect("pull a change", out, 0, "alpine: unchanged", "pypi: delta")
    got, whole = received(out)
    check(f"300 records of {COUNT}: {got} of {whole} bytes, {100 * got / whole:.2f} %",
          got * 100 < whole)
    check("the delta leads there", digests(a) == digests(DB) != first)
    same = [rows(x, "pypi", f"SELECT * FROM {t} ORDER BY 1,2,3") for t in (
        "record", "package", "alias", "observed", "fetch") for x in (a, DB)]
    check("every table is equal", same[0::2] == same[1::2])
    check("equal reports", report(a) == report(DB) and len(report(a)) > 1000)
    days = rows(a, "pypi", "SELECT DISTINCT day FROM observed")
    check("observed days came along", days == [("2026-02-03",)], days)

    # A chain of deltas; then one that is missing too much.
    change(records, 4, 30)
    fixes["2-r0"] = ["CVE-2020-0002"]
    write_feeds(records, fixes)
    build(FEEDS, DB, 4)
    expect("push another", push(DB, ref, *sign), 0)
    f = family_of(config_of(registry), "pypi")
    check("two deltas", len(f["deltas"]) == 2, f)
    out = pull(chain, ref, *verify)
    expect("pull over two versions", out, 0, "pypi: delta")
    check("the chain leads there", digests(chain) == digests(DB))
    other = HOME + "/other"
    build(FEEDS, other, 1)
    expect("a version of one's own goes whole", pull(other, ref, *verify), 0, "pypi: ")
    check("and arrives", digests(other) == digests(DB))
    expect("only some families", pull(late, ref, *verify, "--families", "alpine"), 0, "alpine: ")
    check("the others stay", digests(late) == {"alpine": digests(DB)["alpine"],
                                               "pypi": first["pypi"]})
    expect("an unknown family", pull(late, ref, *verify, "--families", "gopher"), 5, "none of")
    test_damage(registry, ref, late, verify, f)
    test_rollback(registry, ref, sign, verify)
    test_signatures(registry, ref)
    test_archive(registry, sign, verify)


def test_openssl(registry, m, public):
    """The signature is over the config's bytes, as openssl understands it."""
    config, sig = HOME + "/config.json", HOME + "/config.sig"
    with open(config, "wb") as f:
        f.write(fetch(registry, "adv", "blobs", m["config"]["digest"]))
    with open(sig, "wb") as f:
        f.write(bytes.fromhex(m["annotations"]["vnd.pratique.db.signature"]))
    out = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", public, "-rawin", "-in",
                          config, "-sigfile", sig], capture_output=True, text=True, check=False)
    check("openssl agrees", out.returncode == 0, out.stdout + out.stderr)


# ---- damage on the way

def spoil(path, at=None):
    with open(path, "rb") as f:
        data = bytearray(f.read())
    data[len(data) // 2 if at is None else at] ^= 1
    with open(path, "wb") as f:
        f.write(data)


def test_damage(registry, ref, db, verify, family):
    before = digests(db)
    kept = {}
    for blob in (family["deltas"][1]["blob"], family["blob"]):
        kept[blob] = open(registry.blob(blob), "rb").read()
    spoil(registry.blob(family["blob"]))
    spoil(registry.blob(family["deltas"][1]["blob"]))
    expect("a damaged blob", pull(db, ref, *verify), 3, "pypi")
    check("leaves the database alone", digests(db) == before and not leftovers(db), leftovers(db))
    for blob, data in kept.items():
        if blob == family["blob"]:
            open(registry.blob(blob), "wb").write(data)
    copy = HOME + "/copy"
    shutil.copytree(db, copy)
    expect("a damaged delta: the whole", pull(copy, ref, *verify), 0, "not by delta", "pypi: whole")
    for blob, data in kept.items():
        open(registry.blob(blob), "wb").write(data)
    os.unlink(registry.blob(family["blob"]))
    expect("the delta is enough", pull(db, ref, *verify), 0, "pypi: delta")
    check("both lead there", digests(db) == digests(copy) == digests(DB))
    open(registry.blob(family["blob"]), "wb").write(kept[family["blob"]])


# ---- older, unsigned, somebody else's

def test_rollback(registry, ref, sign, verify):
    old, held = HOME + "/old", HOME + "/held"
    pull(held, ref, *verify)
    shipkit.write_osv(HOME + "/oldfeeds", "PyPI", [record(i) for i in range(10)])
    build(HOME + "/oldfeeds", old, 1)
    before = digests(held)
    expect("push an old one", push(old, f"{registry.host}/adv:old", *sign), 0)
    expect("older is refused", pull(held, f"{registry.host}/adv:old", *verify), 3, "older than", "pypi",
           "--allow-older")
    check("nothing changed", digests(held) == before)
    expect("unless asked for", pull(held, f"{registry.host}/adv:old", *verify, "--allow-older"), 0)
    check("then it is there", digests(held) == {**before, **digests(old)})


def test_signatures(registry, ref):
    _, wrong = key("wrong")
    ec, ec_pub = key("ec", "EC")
    db, unsigned = HOME + "/sig", f"{registry.host}/unsigned:2"
    expect("another key", pull(db, ref, "--pubkey", wrong), 3, "not by the given key")
    check("nothing was made", not os.path.exists(db) or not os.listdir(db))
    expect("another key, --allow-unsigned", pull(db, ref, "--pubkey", wrong, "--allow-unsigned"), 3,
           "not by the given key")
    expect("push unsigned", push(DB, unsigned), 0)
    expect("unsigned", pull(db, unsigned, "--pubkey", wrong), 3, "not signed", "--allow-unsigned")
    expect("unsigned, asked for", pull(db, unsigned, "--pubkey", wrong, "--allow-unsigned"), 0)
    expect("unsigned, no key", pull(db, unsigned), 0)
    expect("P-256", push(DB, f"{registry.host}/ec:2", "--key", ec), 0)
    expect("P-256 checked", pull(HOME + "/ecdb", f"{registry.host}/ec:2", "--pubkey", ec_pub), 0)
    expect("P-256, another key", pull(HOME + "/ecdb", f"{registry.host}/ec:2", "--pubkey", wrong), 3)
    expect("a public key does not sign", push(DB, ref, "--key", ec_pub), 2, "no unencrypted private")
    expect("a key that is not there", pull(db, ref, "--pubkey", HOME + "/absent"), 3, "absent")
    # Signed by the right key, but for another content: the signature moved.
    m = manifest_of(registry)
    other = manifest_of(registry, "unsigned")
    other["annotations"]["vnd.pratique.db.signature"] = m["annotations"]["vnd.pratique.db.signature"]
    rq = urllib.request.Request(f"http://{registry.host}/v2/unsigned/manifests/moved", method="PUT",
                                data=json.dumps(other).encode(), headers={"Content-Type": m["mediaType"]})
    urllib.request.urlopen(rq).close()
    # What is held is newer than nothing: only the signature can stop this.
    expect("a signature of something else", pull(HOME + "/moved", f"{registry.host}/unsigned:moved",
           "--pubkey", HOME + "/ec.pub"), 3, "not by the given key")


# ---- archives

def test_archive(registry, sign, verify):
    file, db = HOME + "/db.tar", HOME + "/imported"
    expect("export", run("db", "export", file, "--db-dir", DB, *sign), 0)
    with tarfile.open(file) as t:
        names = t.getnames()
    check("an OCI layout", {"oci-layout", "index.json"} <= set(names), names)
    expect("import", run("db", "import", file, "--db-dir", db, *verify), 0)
    check("imported", digests(db) == digests(DB) and not leftovers(db))
    expect("import again", run("db", "import", file, "--db-dir", db, *verify), 0, "received 0 of")
    expect("another key", run("db", "import", file, "--db-dir", db, "--pubkey", HOME + "/wrong.pub"), 3,
           "not by the given key")
    with open(file, "rb") as f:
        data = f.read()
    for name, bad in (("cut", data[:len(data) // 2]), ("empty", b""), ("zeros", bytes(20480)),
                      ("flipped", data[:len(data) // 2] + b"\xff" + data[len(data) // 2 + 1:]),
                      ("text", b"{}" * 600)):
        with open(HOME + "/bad.tar", "wb") as f:
            f.write(bad)
        out = run("db", "import", HOME + "/bad.tar", "--db-dir", HOME + "/bad", *verify)
        check(f"archive: {name}", out.returncode == 3 and not os.path.exists(HOME + "/bad/pypi.db"),
              out.stderr)
    if not shutil.which("skopeo"):
        return skip("no skopeo")
    copied = subprocess.run(["skopeo", "copy", "-q", "--dest-tls-verify=false", f"oci-archive:{file}",
                             f"docker://{registry.host}/copied:2"], capture_output=True, text=True,
                            env=shipkit.env(TMPDIR="/tmp"), check=False)
    if copied.returncode != 0:
        return skip("this skopeo copies no artifacts: " + copied.stderr.strip()[-200:])
    expect("what skopeo copied", pull(HOME + "/copied", f"{registry.host}/copied:2", *verify), 0)
    return check("is the database", digests(HOME + "/copied") == digests(DB))


# ---- who may push

def test_access():
    if not shutil.which("htpasswd"):
        return skip("no htpasswd")
    root = HOME + "/locked"
    os.makedirs(root)
    with open(root + "/htpasswd", "wb") as f:
        f.write(subprocess.run(["htpasswd", "-Bbn", "tester", "s3cret"], capture_output=True,
                               check=True).stdout)
    locked = shipkit.DockerRegistry(root, f"auth: {{htpasswd: {{realm: t, path: {root}/htpasswd}}}}\n")
    try:
        ref = f"{locked.host}/adv:2"
        expect("push without a user", push(DB, ref), 3, "user name")
        expect("push with a wrong password", push(DB, ref, "--username", "tester", "--password", "no"), 3)
        expect("push as a user", push(DB, ref, "--username", "tester", "--password", "s3cret"), 0)
        expect("pull without a user", pull(HOME + "/user", ref), 3)
        expect("pull as a user", pull(HOME + "/user", ref, "--username", "tester", "--password",
                                      "s3cret"), 0)
    finally:
        locked.close()
    expect("push to a digest", push(DB, "127.0.0.1:1/adv@sha256:" + "0" * 64), 2, "a tag is written")
    return expect("push nothing", push(HOME + "/nothing", "127.0.0.1:1/adv:2"), 3)


class Tokens(http.server.BaseHTTPRequestHandler):
    """A registry with a token server, as far as a push goes."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for k, v in headers.items():
            self.send_header(k.replace("_", "-"), v)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def any(self):
        s = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        host = f"http://127.0.0.1:{s.server_port}"
        if self.path.startswith("/token"):
            s.scopes.append(self.path)
            return self.answer(200, b'{"token": "abc"}')
        if self.headers.get("Authorization") != "Bearer abc":
            return self.answer(401, WWW_Authenticate=f'Bearer realm="{host}/token",service="s"')
        s.seen.append((self.command, self.path, len(body)))
        if self.command == "POST":
            return self.answer(202, Location=s.location or f"{host}/upload/1?state=x")
        if self.command == "PUT":
            return self.answer(s.put_status)
        return self.answer(404)

    do_GET = do_HEAD = do_POST = do_PUT = any


def test_tokens():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Tokens)
    server.scopes, server.seen, server.location, server.put_status = [], [], "", 201
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ref = f"127.0.0.1:{server.server_port}/team/adv:2"
    expect("push with a token", push(DB, ref), 0)
    check("the scope asks for push", server.scopes and all(
        "scope=repository%3Ateam%2Fadv%3Apull%2Cpush" in s for s in server.scopes), server.scopes)
    puts = [p for c, p, _ in server.seen if c == "PUT"]
    check("blobs before the manifest", len(puts) == 4 and puts[-1] == "/v2/team/adv/manifests/2" and all(
        p.startswith("/upload/1?state=x&digest=sha256:") for p in puts[:-1]), puts)
    server.location = "/relative/2"
    server.seen.clear()
    expect("a relative address", push(DB, ref), 0)
    check("digest behind a question mark", any(p.startswith("/relative/2?digest=sha256:")
                                               for _, p, _ in server.seen), server.seen)
    for where in ("http://127.0.0.1:9/x", "//127.0.0.1:9/x", f"http://127.0.0.1:{server.server_port}9/x",
                  f"http://127.0.0.1:{server.server_port}@example.org/x", "ftp://x/y", ""):
        server.location = where or " "
        server.seen.clear()
        expect(f"an upload to {where or 'nowhere'}", push(DB, ref), 3, "elsewhere")
        check("nothing is sent there", not any(c == "PUT" for c, _, _ in server.seen), server.seen)
    server.location, server.put_status = "", 500
    expect("the registry fails", push(DB, ref), 3, "500")
    server.shutdown()


# ---- the figure, with real feeds

def rezip(source, target, edit):
    import zipfile
    packed = io.BytesIO()
    with zipfile.ZipFile(source) as z, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
        names = z.namelist()
        for name in names:
            data = edit(name, z.read(name))
            if data:
                out.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    with open(target, "wb") as f:
        f.write(packed.getvalue())


def test_figure(registry):
    feeds = os.path.join(SHARED, "data/feeds")
    if not os.path.isdir(feeds):
        return skip("no shared feeds")
    copy, db, client = HOME + "/real", HOME + "/realdb", HOME + "/realclient"
    shutil.copytree(feeds, copy, symlinks=True, ignore=lambda d, names: [])
    ref = f"{registry.host}/real:2"
    build(copy, db, 1)
    push(db, ref)
    pull(client, ref)
    changed = 0
    # A day: 300 records, in five ecosystems; changed ones get another text and a reference.
    for ecosystem, share in (("PyPI", 80), ("Ubuntu", 80), ("AlmaLinux", 60), ("Go", 50), ("Maven", 30)):
        path = f"{copy}/osv/{ecosystem}/all.zip"
        picked = set()

        def edit(name, data):
            nonlocal changed
            r = json.loads(data)
            if len(picked) < share and name in chosen:
                picked.add(name)
                changed += 1
                r["modified"] = "2026-02-01T12:00:00Z"
                r["details"] = r.get("details", "") + "\nSee also the vendor's note " + name
                r.setdefault("references", []).append({"type": "WEB", "url": "https://example.org/" + name})
                return json.dumps(r)
            return data

        import zipfile
        with zipfile.ZipFile(path) as z:
            names = z.namelist()
        chosen = set(random.Random(ecosystem).sample(names, min(share, len(names))))
        rezip(path, path, edit)
    build(copy, db, 2)
    expect("push the real ones", push(db, ref), 0)
    out = pull(client, ref)
    got, whole = received(out)
    check(f"{changed} real records: {got} of {whole} bytes, {100 * got / whole:.3f} %",
          changed >= 290 and got * 100 < whole, out.stdout + out.stderr)
    return check("and all arrived", digests(client) == digests(db))


def main():
    if not shutil.which("docker-registry") or not shutil.which("openssl"):
        skip("no docker-registry or openssl")
        return shipkit.finish()
    registry = shipkit.DockerRegistry(HOME + "/registry")
    try:
        test_travel(registry)
        test_access()
        test_tokens()
        test_figure(registry)
    finally:
        registry.close()
    return shipkit.finish()


sys.exit(main())
