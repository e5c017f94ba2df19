#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds and updates a database from a local HTTP server that knows ETag, Last-Modified, Range and
single OSV records out of all.zip, and breaks off when told to.

usage: db_update_test.py DB_PROBE

The feeds are made here, in the layout of the public ones. Prints one line a check.
"""
import gzip
import hashlib
import http.server
import io
import json
import os
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import threading
import zipfile

PROBE = sys.argv[1]
passed = failed = 0


def check(name, ok, detail=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    print("ok  " if ok else "FAIL", name, "" if ok else detail)


# ---- feeds

def osv(id, name, fixed, modified, ecosystem="PyPI"):
    return {"id": id, "modified": modified, "details": "d" * 200, "affected": [
        {"package": {"ecosystem": ecosystem, "name": name},
         "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}]}]}


class Feeds:
    """path -> bytes"""

    def __init__(self):
        self.files = {}

    def put(self, path, data):
        self.files[path] = data if isinstance(data, bytes) else json.dumps(data).encode()

    def put_osv(self, ecosystem, records):
        z = io.BytesIO()
        with zipfile.ZipFile(z, "w", zipfile.ZIP_DEFLATED) as out:
            for r in sorted(records, key=lambda r: r["id"]):
                info = zipfile.ZipInfo(r["id"] + ".json", (1980, 1, 1, 0, 0, 0))
                out.writestr(info, json.dumps(r))
        self.files[f"osv/{ecosystem}/all.zip"] = z.getvalue()
        lines = sorted(((r["modified"], r["id"]) for r in records), reverse=True)
        self.files[f"osv/{ecosystem}/modified_id.csv"] = "".join(
            f"{m},{i}\n" for m, i in lines).encode()

    def get(self, path):
        if path in self.files:
            return self.files[path] # None: taken away
        parts = path.split("/")
        if len(parts) == 3 and parts[0] == "osv" and parts[2].endswith(".json"):
            with zipfile.ZipFile(io.BytesIO(self.files[f"osv/{parts[1]}/all.zip"])) as z:
                return z.read(parts[2]) if parts[2] in z.namelist() else None
        return None


def secdb(name, fixes):
    return {"packages": [{"pkg": {"name": name, "secfixes": fixes}}]}


def nvd(*cves):
    return gzip.compress(json.dumps({"vulnerabilities": [
        {"cve": {"id": i, "lastModified": m, "descriptions": [{"lang": "en", "value": t}]}}
        for i, m, t in cves]}).encode(), mtime=0)


def vex_tar(status, ids):
    """curl in 22.04 and 20.04"""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:xz") as tar:
        for i in ids:
            text = json.dumps({"statements": [{
                "vulnerability": {"name": f"CVE-2020-000{i}"}, "status": status, "products": [
                    {"@id": f"pkg:deb/ubuntu/curl@1?arch=source&distro={code}"}
                    for code in ("jammy", "focal")]}]}).encode()
            info = tarfile.TarInfo(f"vex/cve/2020/CVE-2020-000{i}.json")
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text))
    return out.getvalue()


SUSE_OVAL = b"""<oval_definitions><definitions><definition class="vulnerability"><metadata>
<title>CVE-2020-0001</title></metadata><criteria operator="AND">
<criterion test_ref="s:tst:9" comment="SUSE Linux Enterprise Server 15 SP4 is installed"/>
<criterion test_ref="s:tst:1" comment="a-1-1 is installed"/></criteria></definition></definitions>
<tests><rpminfo_test id="s:tst:1"><object object_ref="s:obj:1"/><state state_ref="s:ste:1"/>
</rpminfo_test></tests><objects><rpminfo_object id="s:obj:1"><name>a</name></rpminfo_object></objects>
<states><rpminfo_state id="s:ste:1"><evr operation="less than">0:1-1</evr></rpminfo_state></states>
</oval_definitions>"""


def initial():
    f = Feeds()
    f.put_osv("PyPI", [osv(f"PYSEC-2020-{i}", f"pkg{i}", "1.0", f"2026-01-01T00:00:{i:02}Z")
                       for i in range(40)])
    f.put_osv("npm", [osv("GHSA-1", "jQuery", "1.9", "2026-01-01T00:00:00Z", "npm"),
                      osv("GHSA-2", "jquery", "3.5", "2026-01-01T00:00:00Z", "npm")])
    f.put("alpine-secdb/v3.17/main.json", secdb("bind", {"1-r0": ["CVE-2020-0001"]}))
    f.put("alpine-secdb/v3.17/community.json", secdb("jq", {"2-r0": ["CVE-2020-0001"]}))
    f.put("wolfi/security.json", secdb("akhq", {"0": ["CVE-2020-0002"]}))
    f.put("debian/tracker.json", {"curl": {"CVE-2020-0003": {"releases": {"bullseye": {
        "status": "resolved", "fixed_version": "7.74.0-1.3+deb11u5", "repositories": {}}}}}})
    f.put("debian/data/DSA/list", b"[27 Jan 2023] DSA-1-1 curl - security update\n"
          b"\t{CVE-2020-0003}\n\t[bullseye] - curl 7.74.0-1.3+deb11u5\n")
    f.put("cisa/known_exploited_vulnerabilities.json", {
        "dateReleased": "2025-08-25T17:04:19Z", "vulnerabilities": [{"cveID": "CVE-2020-0001"}]})
    f.put("nvd/feeds/json/cve/2.0/nvdcve-2.0-2020.json.gz",
          nvd(("CVE-2020-0001", "2021-01-01T00:00:00.000", "one"),
              ("CVE-2020-0002", "2021-01-01T00:00:00.000", "two")))
    f.put("nvd/feeds/json/cve/2.0/nvdcve-2.0-2021.json.gz",
          nvd(("CVE-2021-0001", "2021-01-01T00:00:00.000", "three")))
    f.put("epss/epss_scores-current.csv.gz", gzip.compress(
        b"#model_version:v1,score_date:2026-01-01T00:00:00+0000\ncve,epss,percentile\n"
        b"CVE-2020-0001,0.5,0.9\n", mtime=0))
    return f


# ---- the server

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        from urllib.parse import unquote
        s = self.server
        path = unquote(self.path).removeprefix("/feeds/")
        data = s.feeds.get(path)
        s.asked.append((path, self.headers.get("Range")))
        if data is None or (s.no_singles and path.endswith(".json") and path.startswith("osv/")):
            return self.answer(404, b"")
        etag = '"' + hashlib.sha256(data).hexdigest()[:16] + '"'
        if self.headers.get("If-None-Match") == etag:
            return self.answer(304, b"", etag)
        start, status = 0, 200
        if self.headers.get("Range") and self.headers.get("If-Range", etag) == etag:
            start, status = int(self.headers["Range"][6:].split("-")[0]), 206
        body = data[start:]
        self.send_response(status)
        self.send_header("ETag", etag)
        self.send_header("Content-Length", str(len(body)))
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        if s.break_after and path.endswith("all.zip") and len(body) > s.break_after:
            n, s.break_after = s.break_after, 0
            self.wfile.write(body[:n])
            self.wfile.flush()
            self.close_connection = True
            return None
        return self.wfile.write(body)

    def answer(self, status, body, etag=None):
        self.send_response(status)
        if etag:
            self.send_header("ETag", etag)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve(feeds):
    s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    s.feeds, s.asked, s.no_singles, s.break_after = feeds, [], False, 0
    threading.Thread(target=s.serve_forever, daemon=True).start()
    return s


# ---- the probe

def probe(*args):
    env = dict(os.environ, PRQ_TEST_RETRY_MS="10")
    return subprocess.run([PROBE, *args], capture_output=True, text=True, env=env)


def digests(db):
    out = {}
    for name in sorted(os.listdir(db)):
        with sqlite3.connect(f"file:{db}/{name}?mode=ro&immutable=1", uri=True) as c:
            meta = dict(c.execute("SELECT key,value FROM meta"))
            out[meta["family"]] = meta["digest"]
    return out


def bytes_of(db):
    return {n: open(os.path.join(db, n), "rb").read() for n in sorted(os.listdir(db))}


def query(db, family, sql):
    c = sqlite3.connect(f"file:{db}/{family}.db?mode=ro&immutable=1", uri=True)
    rows = c.execute(sql).fetchall()
    c.close()
    return rows


def write(feeds, root):
    for path, data in feeds.files.items():
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as f:
            f.write(data)


DAY1, DAY2 = "2026-02-01T00:00:00Z", "2026-02-02T00:00:00Z"


def main(tmp):
    feeds = initial()
    server = serve(feeds)
    url = f"http://127.0.0.1:{server.server_port}/feeds"
    a, b, c = (os.path.join(tmp, n) for n in "abc")

    # A build over HTTP and one from a directory hold the same records.
    r = probe("build", url, a, "", DAY1)
    check("build from a mirror", r.returncode == 0, r.stderr)
    write(feeds, os.path.join(tmp, "feeds"))
    r = probe("build", os.path.join(tmp, "feeds"), b, "", DAY1)
    # A directory has no "current" table: EPSS is found by its prefix all the same.
    check("build from a directory", r.returncode == 0, r.stderr)
    check("equal digests", digests(a) == digests(b), (digests(a), digests(b)))
    check("families that are there", sorted(digests(a)) ==
          ["alpine", "debian", "epss", "kev", "npm", "nvd", "pypi", "wolfi"], digests(a))
    r = probe("build", os.path.join(tmp, "feeds"), c, "", DAY1)
    check("equal bytes", bytes_of(b) == bytes_of(c))
    r = probe("build", url, a, "go", DAY1)
    check("a family asked for must be there", r.returncode == 1 and "go" in r.stderr, r.stderr)
    r = probe("build", url, a, "gopher", DAY1)
    check("an unknown family", r.returncode == 1 and "gopher" in r.stderr, r.stderr)

    # Nothing changed: only conditional questions, and the day is noted.
    server.asked.clear()
    r = probe("update", url, a, "", DAY2)
    check("update without changes", r.returncode == 0 and r.stdout.count("unchanged") == 8, r.stdout)
    check("no archive is fetched", not any(p.endswith("all.zip") and p in feeds.files
                                            for p, _ in server.asked), server.asked)
    check("still equal", digests(a) == digests(b))
    check("built is today", query(a, "kev", "SELECT value FROM meta WHERE key='built'") == [(DAY2,)])

    # Two records changed, one is new, one has the second of the mark: single records.
    records = [osv(f"PYSEC-2020-{i}", f"pkg{i}", "1.0", f"2026-01-01T00:00:{i:02}Z")
               for i in range(40)]
    records[3] = osv("PYSEC-2020-3", "pkg3", "1.1", "2026-01-03T00:00:00.123Z")
    records.append(osv("PYSEC-2026-1", "new", "9", "2026-01-04T00:00:00Z"))
    records.append(osv("PYSEC-2026-2", "late", "9", "2026-01-01T00:00:39Z"))
    feeds.put_osv("PyPI", records)
    server.asked.clear()
    r = probe("update", url, a, "pypi", DAY2)
    asked = sorted(p for p, _ in server.asked)
    check("single records", asked == ["osv/PyPI/PYSEC-2020-3.json", "osv/PyPI/PYSEC-2026-1.json",
                                      "osv/PyPI/PYSEC-2026-2.json", "osv/PyPI/modified_id.csv"],
          (asked, r.stderr))
    write(feeds, os.path.join(tmp, "feeds"))
    probe("build", os.path.join(tmp, "feeds"), c, "pypi", DAY2)
    check("updated equals rebuilt", digests(a)["pypi"] == digests(c)["pypi"])
    observed = query(a, "pypi", "SELECT id,name,fix,day FROM observed ORDER BY id,fix")
    check("observed days", observed == [
        ("PYSEC-2020-3", "pkg3", "1.1", "2026-02-02"),
        ("PYSEC-2026-1", "", "", "2026-02-02"), ("PYSEC-2026-1", "new", "9", "2026-02-02"),
        ("PYSEC-2026-2", "", "", "2026-02-02"), ("PYSEC-2026-2", "late", "9", "2026-02-02")],
        observed)
    since = query(a, "pypi", "SELECT value FROM meta WHERE key='observed_since'")
    check("observed since", since == [("2026-02-01",)], since)

    # A mirror without single records: the archive.
    records.append(osv("PYSEC-2026-3", "newer", "9", "2026-01-05T00:00:00Z"))
    feeds.put_osv("PyPI", records)
    server.asked.clear()
    server.no_singles = True
    r = probe("update", url, a, "pypi", "2026-02-03T00:00:00Z")
    check("archive when there are no single records",
          ("osv/PyPI/all.zip", None) in server.asked and r.returncode == 0, (server.asked, r.stderr))
    check("the new record is there", query(
        a, "pypi", "SELECT count(*) FROM record WHERE id='PYSEC-2026-3'") == [(1,)])
    observed = query(a, "pypi", "SELECT day FROM observed WHERE id='PYSEC-2020-3'")
    check("observed days are carried", observed == [("2026-02-02",)], observed)
    server.no_singles = False

    # More changes than are worth single requests, and a download that breaks off.
    feeds.put_osv("PyPI", records + [osv(f"PYSEC-2027-{i}", f"p{i}", "2", "2026-01-06T00:00:00Z")
                                     for i in range(400)])
    server.asked.clear()
    server.break_after = 20000
    r = probe("update", url, a, "pypi", DAY2)
    ranges = [rng for p, rng in server.asked if p.endswith("all.zip")]
    check("a broken download is resumed", r.returncode == 0 and len(ranges) == 2 and
          ranges[1] == "bytes=20000-", (ranges, r.stderr))
    check("all of it arrived", query(a, "pypi", "SELECT count(*) FROM record") == [(443,)])

    # A list of changes that does not reach down to what we know, and none at all.
    newest = feeds.files["osv/PyPI/modified_id.csv"]
    for label, text in (("short", b"2026-01-07T00:00:00Z,PYSEC-2026-3\n"), ("missing", None)):
        feeds.files["osv/PyPI/modified_id.csv"] = text
        server.asked.clear()
        r = probe("update", url, a, "pypi", DAY2)
        check(f"a {label} list of changes: the archive", r.returncode == 0 and
              ("osv/PyPI/all.zip", None) in server.asked, (server.asked, r.stderr))
    feeds.files["osv/PyPI/modified_id.csv"] = newest

    # One of several files: NVD's years are independent, Alpine's branches are read together.
    feeds.put("nvd/feeds/json/cve/2.0/nvdcve-2.0-2021.json.gz",
              nvd(("CVE-2021-0001", "2022-01-01T00:00:00.000", "three!"),
                  ("CVE-2021-0002", "2022-01-01T00:00:00.000", "four")))
    feeds.put("alpine-secdb/v3.17/main.json", secdb("bind", {"3-r0": ["CVE-2020-0001"]}))
    server.asked.clear()
    r = probe("update", url, a, "nvd,alpine", DAY2)
    write(feeds, os.path.join(tmp, "feeds"))
    probe("build", os.path.join(tmp, "feeds"), c, "nvd,alpine", DAY2)
    check("one changed file", r.returncode == 0 and digests(a)["nvd"] == digests(c)["nvd"] and
          digests(a)["alpine"] == digests(c)["alpine"], r.stderr)
    fetched = [p for p, _ in server.asked if p.endswith("v3.17/main.json")]
    check("what was fetched is not fetched again", len(fetched) == 1, server.asked)

    # Two feeds of one family: what changes in the second leaves the first's word as it is.
    feeds.put_osv("Ubuntu", [osv("UBUNTU-CVE-2020-0001", "curl", "2", "2026-01-01T00:00:00Z",
                                 "Ubuntu:22.04:LTS")])
    for status, ids in (("affected", ("1", "2")), ("not_affected", ("1", "2"))):
        feeds.put("ubuntu/vex/vex-all.tar.xz", vex_tar(status, ids))
        r = probe("update", url, a, "ubuntu", DAY2)
        write(feeds, os.path.join(tmp, "feeds"))
        probe("build", os.path.join(tmp, "feeds"), c, "ubuntu", DAY2)
        check("VEX alone changed", r.returncode == 0 and digests(a)["ubuntu"] == digests(c)["ubuntu"],
              r.stderr)
        rows = [(p["space"], p["name"], p["state"]) for (d,) in query(a, "ubuntu", "SELECT doc FROM record")
                for p in json.loads(d)["affected"]]
        word = {"affected": "not-fixed", "not_affected": "not-affected"}[status]
        check("OSV's word stands, VEX fills in", sorted(rows) == [
            ("Ubuntu:20.04", "curl", word), ("Ubuntu:20.04", "curl", word),
            ("Ubuntu:22.04", "curl", "fixed"), ("Ubuntu:22.04", "curl", word)], rows)
    r = probe("update", url, a, "ubuntu", DAY2)
    check("neither changed", "unchanged" in r.stdout, r.stdout)

    # SUSE's OVAL knows one of an advisory's CVEs: OSV gives the other, and only that.
    feeds.put("suse/oval/suse.linux.enterprise.15-affected.xml.gz", SUSE_OVAL)
    both = osv("SUSE-SU-2020:1-1", "a", "9-1", "2026-01-01T00:00:00Z",
               "SUSE:Linux Enterprise Server 15 SP4")
    both["affected"][0]["ecosystem_specific"] = {"binaries": [{"a": "9-1", "b": "9-1"}]}
    both["related"] = ["CVE-2020-0001", "CVE-2020-0002"]
    feeds.put_osv("SUSE", [both])
    r = probe("build", url, a, "suse", DAY2)
    rows = sorted((d["id"], p["name"], p["ranges"][0][3]) for (d,) in
                  query(a, "suse", "SELECT doc FROM record") for d in [json.loads(d)]
                  for p in d["affected"])
    check("the second feed fills in and never overrules", r.returncode == 0 and rows == [
        ("CVE-2020-0001", "a", "0:1-1"), ("CVE-2020-0001", "b", "9-1"),
        ("CVE-2020-0002", "a", "9-1"), ("CVE-2020-0002", "b", "9-1")], (rows, r.stderr))

    # A broken file: the family keeps what it has, the others go on.
    before = bytes_of(a)
    feeds.put("wolfi/security.json", b'{"packages":[{"pkg":{')
    feeds.put("cisa/known_exploited_vulnerabilities.json", {
        "vulnerabilities": [{"cveID": "CVE-2020-0009"}]})
    r = probe("update", url, a, "wolfi,kev", DAY2)
    after = bytes_of(a)
    check("a broken feed keeps its old file", r.returncode == 1 and "wolfi" in r.stderr and
          before["wolfi.db"] == after["wolfi.db"] and before["kev.db"] != after["kev.db"], r.stderr)
    check("nothing is left behind", all(n.endswith(".db") and n[0] != "." for n in after), after.keys())
    server.shutdown()

    # The server is gone: an error, and the database is as it was.
    server.server_close()
    r = probe("update", url, a, "kev", DAY2)
    check("no server", r.returncode == 1 and bytes_of(a) == after, r.stderr)
    r = probe("lookup", a, "npm", "jQuery")
    check("jQuery and jquery are two", "GHSA-1" in r.stdout and "GHSA-2" not in r.stdout, r.stdout)


with tempfile.TemporaryDirectory() as tmp:
    main(tmp)
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
