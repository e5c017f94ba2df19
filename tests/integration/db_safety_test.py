#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""db_safety_test.py PRATIQUE: nothing damages the database in use: kill -9, a full disk, two writers;
and databases of other days: --retain, --as-of, --previous, db diff, updated against built anew."""
import functools
import http.server
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time

import shipkit
from shipkit import HOME, build, check, digests, expect, key, leftovers, record, rows, run, skip

shipkit.PROGRAM = os.path.abspath(sys.argv[1])
FEEDS, NEW = HOME + "/feeds", HOME + "/newfeeds"
ARCHIVE, UPDATED = HOME + "/new.tar", HOME + "/updated"
NOW = "2026-02-09T00:00:00Z"


def states(db):
    """What is installed is whole; its digests."""
    return digests(db)


def fresh(name):
    """A database of the first day."""
    db = os.path.join(HOME, name)
    shutil.rmtree(db, ignore_errors=True)
    shutil.copytree(HOME + "/first", db)
    return db


def ways(db):
    """The ways to bring it to the second day."""
    return {
        "import": ["db", "import", ARCHIVE, "--db-dir", db, "--retain", "1"],
        "build": ["db", "build", "--from", NEW, "-o", db, "--now", "2026-02-02T00:00:00Z"],
        **({"pull": ["db", "pull", REF, "--db-dir", db]} if REF else {}),
    }


REF = ""


# ---- kill -9

def killed(args, after):
    p = subprocess.Popen([shipkit.PROGRAM, *args], env=shipkit.env(), stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL)
    try:
        p.wait(after)
    except subprocess.TimeoutExpired:
        p.send_signal(signal.SIGKILL)
        p.wait()
        return True
    return False


def test_kill():
    r = random.Random(7)
    old, new = states(HOME + "/first"), states(UPDATED)
    for name in ways(""):
        db = fresh("killed")
        started = time.monotonic()
        expect(f"{name}: undisturbed", run(*ways(db)[name]), 0)
        takes = time.monotonic() - started
        check(f"{name}: gives the second day", states(db) == new)
        hits, mixed, sound = 0, 0, True
        for _ in range(12):
            db = fresh("killed")
            hits += killed(ways(db)[name], r.uniform(0.01, takes))
            now = states(db)
            sound = sound and all(now[f] in (old[f], new[f]) for f in old) and set(now) == set(old)
            mixed += now not in (old, new)
            scan = run("scan", "purl:pkg:pypi/improper-0@0.1", "--db-dir", db, "--now", NOW)
            sound = sound and scan.returncode == 0
        check(f"{name}: killed {hits} times ({mixed} between families): each family is old or new",
              sound and hits > 2, now)
        expect(f"{name}: afterwards", run(*ways(db)[name]), 0)
        check(f"{name}: and nothing is left behind", states(db) == new and not leftovers(db),
              leftovers(db))


# ---- a full disk

def limited(size, ignore):
    def prepare():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN if ignore else signal.SIG_DFL)
    return prepare


def test_file_limit():
    """A write fails at each of some sizes: with an error, and (SIGXFSZ) by death."""
    for name in ways(""):
        db = fresh("full")
        before, new = states(db), states(UPDATED)
        failed, sound, said = 0, True, True
        for size in (0, 1, 4096, 50000, 200000, 400000, 1000000):
            for ignore in (True, False):
                p = subprocess.run([shipkit.PROGRAM, *ways(db)[name]], env=shipkit.env(),
                                   preexec_fn=limited(size, ignore), restore_signals=False,
                                   capture_output=True, text=True, check=False)
                failed += p.returncode != 0
                said = said and (p.returncode == 0 or not ignore or bool(p.stderr))
                if p.returncode not in (0, 2, 3, 4, 5, -signal.SIGXFSZ):
                    sound = check(f"{name}: limit {size}", False, (p.returncode, p.stderr))
                now = states(db)
                sound = sound and all(now[f] in (before[f], new[f]) for f in before)
        check(f"{name}: {failed} writes beyond the limit, the database stays", sound and said and
              failed >= 8)
        expect(f"{name}: with room again", run(*ways(db)[name]), 0)
        check(f"{name}: then it is done", states(db) == new and not leftovers(db), leftovers(db))


TMPFS = r"""
set -e
mount -t tmpfs -o size=$1 none $2
cp -r $3/. $2
shift 3
set +e
"$@"
echo "exit $?"
ls -A $DB
for f in $DB/*.db; do cmp -s $f $OLD/$(basename $f) && echo same || echo other $f; done
"""


def test_tmpfs():
    """A real file system that is full."""
    db = HOME + "/small"
    os.makedirs(db, exist_ok=True)
    used = sum(os.path.getsize(os.path.join(HOME, "first", n)) for n in os.listdir(HOME + "/first"))
    for name in ways(""):
        for extra in (8192, 100000, used // 2):
            args = ["unshare", "-Urm", "sh", "-c", TMPFS, "sh", str(used + 65536 + extra), db,
                    HOME + "/first", shipkit.PROGRAM, *ways(db)[name]]
            p = subprocess.run(args, env=shipkit.env(DB=db, OLD=HOME + "/first", TMPDIR=HOME),
                               capture_output=True, text=True, check=False)
            if "exit" not in p.stdout:
                return skip("no tmpfs here: " + p.stderr.strip()[-200:])
            lines = p.stdout.split()
            check(f"{name}: full disk, {extra} bytes left", "exit 0" not in p.stdout and
                  "same" in lines and ("No space left" in p.stderr or "disk is full" in p.stderr) and
                  not any(".tmp" in w for w in lines), p.stdout + p.stderr)
    return None


def test_two_writers():
    """One waits for nobody: it says that another is at work."""
    import fcntl
    db = fresh("locked")
    fd = os.open(db, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(fd, fcntl.LOCK_EX)
    for name, args in ways(db).items():
        expect(f"{name}: another writer", run(*args), 3, "another process")
    expect("readers do not mind", run("db", "status", "--db-dir", db), 0, "pypi")
    os.close(fd)


# ---- other days

def ids(out):
    return sorted(f["id"] for f in json.loads(out.stdout)["findings"])


def test_as_of():
    db, feeds = HOME + "/days", HOME + "/dayfeeds"

    with open(HOME + "/four.txt", "w", encoding="ascii") as f:
        f.writelines(f"pkg:pypi/{record(i)['affected'][0]['package']['name']}@0.0.0\n" for i in (0, 1, 2, 50))

    def scan(*more):
        return run("scan", "purl:" + HOME + "/four.txt", "--db-dir", db, "--now", NOW, "-f", "json",
                   *more)
    found = {}
    for day in (1, 2, 3, 4):
        shipkit.write_osv(feeds, "PyPI", [record(i) for i in (0, 1, 2, 50)[:day]])
        expect(f"build of day {day}", build(feeds, db, day, "--retain", "2"), 0)
        found[day] = ids(scan())
    check("findings grow", [len(found[d]) for d in (1, 2, 3, 4)] == [1, 2, 3, 4], found)
    kept = sorted(os.listdir(db + "/retained/pypi"))
    check("two are kept", kept == ["2026-02-02T00:00:00Z.db", "2026-02-03T00:00:00Z.db"], kept)
    check("as of the day", ids(scan("--as-of", "2026-02-02")) == found[2])
    check("as of a later time", ids(scan("--as-of", "2026-02-03T11:00:00+01:00")) == found[3])
    check("as of today", ids(scan("--as-of", "2026-02-09")) == found[4])
    expect("no longer kept", scan("--as-of", "2026-02-01"), 5, "2026-02-01T23:59:59Z")
    expect("no date", scan("--as-of", "yesterday"), 2, "as-of")
    out = run("db", "diff", "2026-02-02", "2026-02-04", "--db-dir", db)
    expect("diff of two days", out, 0, "added", "PYSEC-2025-2 ", "PYSEC-2025-50", "2 added, 0 removed, 0 changed")
    expect("no such day", run("db", "diff", "2026-02-01", "2026-02-04", "--db-dir", db), 5)
    expect("neither", run("db", "diff", "nowhere", "2026-02-04", "--db-dir", db), 2, "neither")


def test_diff():
    out = run("db", "diff", HOME + "/first", UPDATED, "-f", "json")
    expect("diff", out, 0)
    d = json.loads(out.stdout)
    f = {x["family"]: x for x in d["families"]}
    old, new = (dict(((s, i), doc) for s, i, doc in rows(
        x, "pypi", "SELECT source,id,doc FROM record")) for x in (HOME + "/first", UPDATED))
    pick = lambda kind: [(x["source"], x["id"]) for x in f["pypi"][kind]]
    check("added", pick("added") == sorted(set(new) - set(old)) and pick("added"))
    check("removed", pick("removed") == sorted(set(old) - set(new)) and pick("removed"))
    changed = sorted(k for k in set(old) & set(new) if old[k] != new[k])
    check("changed", pick("changed") == changed and changed)
    want = [sorted(m for m in {**json.loads(old[k]), **json.loads(new[k])}
                   if json.loads(old[k]).get(m) != json.loads(new[k]).get(m)) for k in changed]
    check("and in what", [sorted(x["members"]) for x in f["pypi"]["changed"]] == want)
    check("digests", f["pypi"]["to"]["digest"] == digests(UPDATED)["pypi"])
    out = run("db", "diff", UPDATED, UPDATED)
    expect("no difference", out, 0, "0 added, 0 removed, 0 changed")


def test_previous():
    db = HOME + "/anew"
    expect("built anew with the days of the one before", build(NEW, db, 2, "--previous", HOME + "/first"), 0)
    table = "SELECT * FROM observed ORDER BY 1,2,3,4,5"
    since = "SELECT value FROM meta WHERE key='observed_since'"
    check("the days go on", rows(db, "pypi", table) == rows(UPDATED, "pypi", table) and
          rows(db, "pypi", table) and rows(db, "pypi", since) == [("2026-02-01",)])
    shutil.rmtree(db)
    build(NEW, db, 2)
    check("without it they begin", rows(db, "pypi", since) == [("2026-02-02",)] and
          rows(db, "pypi", table) == [])
    expect("not for an update", run("db", "update", "--mirror", NEW, "--previous", db, "--db-dir",
                                    HOME + "/x"), 2, "--previous")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


def test_updated_or_anew():
    """An updated database and one built anew from the same feeds have the same digests and, first-observed
    dates apart, give byte-identical reports."""
    root = HOME + "/served"
    shutil.copytree(FEEDS, root)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=root))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    one, two = HOME + "/one", HOME + "/two"
    expect("first", run("db", "build", "--from", url, "-o", one, "--now", "2026-02-01T00:00:00Z"), 0)
    shutil.copytree(NEW, root, dirs_exist_ok=True)
    for folder, _, names in os.walk(root): # Last-Modified knows seconds
        for n in names:
            os.utime(os.path.join(folder, n), (2000000000, 2000000000))
    out = run("db", "update", "--mirror", url, "--db-dir", one, "--now", "2026-02-02T00:00:00Z")
    expect("updated", out, 0, "pypi: ")
    expect("anew", run("db", "build", "--from", url, "-o", two, "--now", "2026-02-02T00:00:00Z"), 0)
    server.shutdown()
    check("the same digests", digests(one) == digests(two) and digests(one) != digests(HOME + "/first"))
    check("observed days differ", rows(one, "pypi", "SELECT count(*) FROM observed") !=
          rows(two, "pypi", "SELECT count(*) FROM observed"))
    with open(HOME + "/purls.txt", "w", encoding="ascii") as f:
        f.writelines(f"pkg:pypi/{record(i)['affected'][0]['package']['name']}@0.0.0\n" for i in range(0, 600, 3))
    for form in ("json", "table", "cyclonedx"):
        a, b = (run("scan", "purl:" + HOME + "/purls.txt", "--db-dir", d, "--now", NOW, "-f", form).stdout
                for d in (one, two))
        check(f"the same report: {form}", a == b and len(a) > 10000, len(a))


def prepare():
    records = [record(i) for i in range(3000)]
    shipkit.write_osv(FEEDS, "PyPI", records)
    shipkit.write_osv(FEEDS, "npm", [{**record(i, 0, "npm"), "id": f"GHSA-{i:04}-aaaa-bbbb"}
                                     for i in range(500)])
    shipkit.write_secdb(FEEDS, "bind", {"1-r0": ["CVE-2020-0001"]})
    expect("the first day", build(FEEDS, HOME + "/first", 1), 0)
    shutil.copytree(FEEDS, NEW)
    records = [record(i, 1) if i % 200 == 1 else r for i, r in enumerate(records) if i != 77]
    records += [record(5000 + i, 1) for i in range(5)]
    shipkit.write_osv(NEW, "PyPI", records)
    shipkit.write_osv(NEW, "npm", [{**record(i, int(i < 9), "npm"), "id": f"GHSA-{i:04}-aaaa-bbbb"}
                                   for i in range(500)])
    shipkit.write_secdb(NEW, "bind", {"1-r0": ["CVE-2020-0001"], "2-r0": ["CVE-2020-0003"]})
    shutil.copytree(HOME + "/first", UPDATED)
    expect("the second day", build(NEW, UPDATED, 2), 0)
    expect("its archive", run("db", "export", ARCHIVE, "--db-dir", UPDATED), 0)


def main():
    global REF
    registry = None
    prepare()
    if shutil.which("docker-registry"):
        registry = shipkit.DockerRegistry(HOME + "/registry")
        REF = f"{registry.host}/adv:2"
        run("db", "push", REF, "--db-dir", HOME + "/first")
        expect("push", run("db", "push", REF, "--db-dir", UPDATED), 0, "pypi: delta")
    try:
        test_diff()
        test_previous()
        test_as_of()
        test_updated_or_anew()
        test_two_writers()
        test_file_limit()
        test_tmpfs()
        test_kill()
    finally:
        if registry:
            registry.close()
    return shipkit.finish()


sys.exit(main())
