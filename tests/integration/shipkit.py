# SPDX-License-Identifier: Apache-2.0
"""What the tests of the database's distribution share: feeds made here, a registry, the program."""
import hashlib
import io
import json
import os
import random
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time
import zipfile

PROGRAM = None
HOME = tempfile.mkdtemp(prefix="prq-ship-")
results = {"passed": 0, "failed": 0, "skipped": 0}


def check(name, ok, detail=""):
    results["passed" if ok else "failed"] += 1
    print(f"ok - {name}" if ok else f"not ok - {name}\n  {str(detail)[-1500:]}", flush=True)
    return ok


def skip(name):
    results["skipped"] += 1
    print(f"skipped: {name}")


def finish():
    shutil.rmtree(HOME, ignore_errors=True)
    print(f"{results['passed']} passed, {results['failed']} failed, {results['skipped']} skipped")
    return 1 if results["failed"] else 0 if results["passed"] else 77


def env(**more):
    keep = {k: v for k, v in os.environ.items() if k.endswith("_OPTIONS")}
    return {"PATH": os.environ["PATH"], "HOME": HOME, "XDG_CACHE_HOME": HOME + "/cache",
            "XDG_CONFIG_HOME": HOME + "/config", "LC_ALL": "C", "PRQ_TEST_RETRY_MS": "1",
            "CONTAINERS_REGISTRIES_CONF": HOME + "/absent", **keep, **more}


def run(*args, **how):
    out = subprocess.run([PROGRAM, *args], env=env(**how.pop("env", {})), capture_output=True,
                         text=True, timeout=200, check=False, **how)
    if out.returncode < 0 or out.returncode > 5:
        print(f"crashed with {out.returncode}: {' '.join(args)}: {out.stderr[-3000:]}")
    return out


def expect(name, out, code, *words):
    text = out.stdout + out.stderr
    check(name, out.returncode == code and all(w in text for w in words),
          f"exit {out.returncode}, wanted {code} and {words} in: {text[-1200:]}")


# ---- feeds: records of the size and the variety of real ones

WORDS = ("improper validation of input in the parser allows remote attackers to cause a denial of "
         "service via crafted request header memory exhaustion heap buffer overflow in function "
         "cross site scripting path traversal when the option is enabled before version affected "
         "users should upgrade to package library component template session cookie token").split()


def record(i, revision=0, ecosystem="PyPI"):
    r = random.Random(f"{i}/{revision}")
    text = " ".join(r.choice(WORDS) for _ in range(60))
    name = f"{WORDS[i % len(WORDS)]}-{i // 3}"
    fixed = f"{i % 7}.{i % 11}.{revision + 1}"
    return {"id": f"PYSEC-2025-{i}", "modified":
            f"2026-01-0{1 + revision}T{i // 3600 % 24:02}:{i // 60 % 60:02}:{i % 60:02}Z",
            "published": "2025-05-05T00:00:00Z", "summary": " ".join(text.split()[:9]),
            "details": text + f" {hashlib.sha256(text.encode()).hexdigest()[:12]}",
            "aliases": [f"CVE-2025-{10000 + i}"],
            "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}],
            "references": [{"type": "WEB", "url": f"https://example.org/{hashlib.md5(text.encode()).hexdigest()}"}],
            "affected": [{"package": {"ecosystem": ecosystem, "name": name},
                          "ranges": [{"type": "ECOSYSTEM",
                                      "events": [{"introduced": "0"}, {"fixed": fixed}]}]}]}


def write_osv(root, ecosystem, records):
    folder = os.path.join(root, "osv", ecosystem)
    os.makedirs(folder, exist_ok=True)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as z:
        for r in sorted(records, key=lambda r: r["id"]):
            z.writestr(zipfile.ZipInfo(r["id"] + ".json", (1980, 1, 1, 0, 0, 0)), json.dumps(r))
    for name, data in (("all.zip", packed.getvalue()), ("modified_id.csv", "".join(
            f"{m},{i}\n" for m, i in sorted(((r["modified"], r["id"]) for r in records),
                                             reverse=True)).encode())):
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data)
    for r in records:
        if r["modified"] > "2026-01-02":
            with open(os.path.join(folder, r["id"] + ".json"), "w", encoding="ascii") as f:
                json.dump(r, f)


def write_secdb(root, name, fixes):
    os.makedirs(os.path.join(root, "alpine-secdb/v3.17"), exist_ok=True)
    with open(os.path.join(root, "alpine-secdb/v3.17/main.json"), "w", encoding="ascii") as f:
        json.dump({"packages": [{"pkg": {"name": name, "secfixes": fixes}}]}, f)


def build(feeds, db, day, *more):
    return run("db", "build", "--from", feeds, "-o", db, "--now", f"2026-02-0{day}T00:00:00Z", *more)


# ---- databases

def digests(db):
    out = {}
    for name in sorted(os.listdir(db)):
        if not name.endswith(".db") or name.startswith("."):
            continue
        c = sqlite3.connect(f"file:{db}/{name}?mode=ro&immutable=1", uri=True)
        assert c.execute("PRAGMA quick_check").fetchone() == ("ok",)
        meta = dict(c.execute("SELECT key,value FROM meta"))
        h = hashlib.sha256(f"{meta['family']}\0{schema(c)}\0".encode())
        for doc, sha in c.execute("SELECT doc,sha FROM record ORDER BY source,id"):
            assert hashlib.sha256(doc).digest() == sha
            h.update(sha)
        assert "sha256:" + h.hexdigest() == meta["digest"], name
        out[meta["family"]] = meta["digest"]
        c.close()
    return out


def schema(c):
    return c.execute("PRAGMA user_version").fetchone()[0]


def rows(db, family, sql):
    c = sqlite3.connect(f"file:{db}/{family}.db?mode=ro&immutable=1", uri=True)
    try:
        return c.execute(sql).fetchall()
    finally:
        c.close()


def leftovers(db):
    return [n for n in os.listdir(db) if not n.endswith(".db") and n != "retained"]


def received(out):
    for line in (out.stdout + out.stderr).splitlines():
        words = line.split()
        if "received" in words and "of" in words:
            at = words.index("received")
            return int(words[at + 1]), int(words[at + 3])
    return None


def key(name, kind="ed25519"):
    private, public = os.path.join(HOME, name + ".pem"), os.path.join(HOME, name + ".pub")
    how = ["-algorithm", "ed25519"] if kind == "ed25519" else [
        "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
    subprocess.run(["openssl", "genpkey", *how, "-out", private], check=True, capture_output=True)
    subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", public], check=True)
    return private, public


# ---- a registry of the usual kind

class DockerRegistry:
    def __init__(self, root, auth=""):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.host = f"127.0.0.1:{self.port}"
        self.data = os.path.join(root, "data")
        os.makedirs(root, exist_ok=True)
        config = os.path.join(root, f"{self.port}.yml")
        with open(config, "w", encoding="ascii") as f:
            f.write("version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\n"
                    f"storage: {{filesystem: {{rootdirectory: {self.data}}}}}\n"
                    f"http: {{addr: '{self.host}'}}\n{auth}")
        self.process = subprocess.Popen(["docker-registry", "serve", config],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("docker-registry does not start")

    def blob(self, digest):
        return os.path.join(self.data, "docker/registry/v2/blobs/sha256", digest[7:9], digest[7:],
                            "data")

    def close(self):
        self.process.terminate()
        self.process.wait()
