#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hostile layers: what no well-meaning builder writes must end cleanly.

usage: [MUTATE_SECONDS=60] [MUTATE_SEED=1] [MUTATE_MB=300] [MUTATE_LAYERS=DIR] mutate_test.py PRATIQUE

Small images of several ecosystems are mutated in contents, tar headers, raw tar bytes, compressed
bytes and config; digests are made to fit, so the damage reaches the parsers. Each must exit 0, 1
or 3 within 10 s, below MUTATE_MB (0 does not measure, for sanitizer builds), without a sanitizer's
report, and write JSON or nothing. Uncompressed layers in MUTATE_LAYERS are mutated as well. A
failing image is kept and named. Ends with "N passed, N failed".
"""
import glob
import gzip
import hashlib
import io
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile

PRATIQUE = os.path.abspath(sys.argv[1])
SECONDS = float(os.environ.get("MUTATE_SECONDS", "60"))
SEED = int(os.environ.get("MUTATE_SEED", "1"))
MAX_MB = int(os.environ.get("MUTATE_MB", "300"))
LAYERS = sorted(glob.glob(os.path.join(os.environ["MUTATE_LAYERS"], "*.tar"))) if "MUTATE_LAYERS" in os.environ else []
HANG_S = 10
rng = random.Random(SEED)


def jar():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("META-INF/maven/g/a/pom.properties", "groupId=g\nartifactId=a\nversion=1\n")
    return out.getvalue()


FILES = {
    "etc/os-release": b'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"\n',
    "etc/apk/arch": b"x86_64\n",
    "lib/apk/db/installed": b"P:musl\nV:1.2.3-r4\nA:x86_64\no:musl\nL:MIT\nF:lib\nR:ld.so\n\n"
                            b"P:zlib\nV:1.2.13-r0\nA:x86_64\nF:usr/lib\nR:libz.so.1\n\n",
    "var/lib/dpkg/status": b"Package: bash\nStatus: install ok installed\nArchitecture: amd64\n"
                           b"Source: bash (5.2)\nVersion: 5.2.15-2\nDescription: shell\n more\n\n"
                           b"Package: libc6\nStatus: install ok installed\nArchitecture: amd64\n"
                           b"Multi-Arch: same\nSource: glibc\nVersion: 2.36-9\n\n",
    "var/lib/dpkg/info/bash.list": b"/.\n/bin\n/bin/bash\n/usr/lib/python3/dist-packages\n",
    "usr/share/doc/bash/copyright": b"Format: https://www.debian.org/doc/packaging-manuals/"
                                    b"copyright-format/1.0/\n\nFiles: *\nLicense: GPL-3+\n",
    "usr/lib/python3/dist-packages/six-1.16.0.dist-info/METADATA":
        b"Metadata-Version: 2.1\nName: six\nVersion: 1.16.0\nLicense: MIT\n\ntext\n",
    "usr/lib/python3/dist-packages/six-1.16.0.dist-info/RECORD": b"six.py,sha256=x,1\n",
    "app/package.json": b'{"name":"a","version":"1.0.0","license":"MIT"}',
    "app/node_modules/b/package.json": b'{"name":"b","version":"2.0.0","licenses":[{"type":"X"}]}',
    "app/package-lock.json": json.dumps({"name": "a", "version": "1", "lockfileVersion": 3,
        "packages": {"": {"name": "a"}, "node_modules/c": {"version": "3.0.0", "dev": True}}}).encode(),
    "app/yarn.lock": b'# yarn lockfile v1\n\nd@^1.0.0:\n  version "1.0.1"\n  resolved "https://x/"\n',
    "app/pnpm-lock.yaml": b"lockfileVersion: '6.0'\npackages:\n  /e@1.0.0:\n    dev: false\n",
    "app/poetry.lock": b'[[package]]\nname = "f"\nversion = "1.0"\n\n[metadata]\nlock-version = "2.0"\n',
    "app/requirements.txt": b"g==1.0\nh>=2 ; python_version > '3'\n",
    "app/Pipfile.lock": b'{"default":{"i":{"version":"==1.0"}},"develop":{}}',
    "app/go.mod": b"module x\n\ngo 1.20\n\nrequire example.org/y v1.2.3\n",
    "app/a.jar": jar(),
}
HOSTILE_NAMES = [b"../../etc/passwd", b"/", b".", b"a/" * 300 + b"b", b"x" * 5000, b"a\x1b[2Jb", b"\xff\xfe",
                 b".wh..wh..opq", b"app/.wh..wh..opq", b"app/.wh.package.json", b".wh.", b".wh...",
                 b"var/lib/dpkg/.wh.status", b"var/lib/rpm/rpmdb.sqlite-wal", b"var/lib/rpm/rpmdb.sqlite",
                 b"var/lib/rpm/Packages", b"usr/lib/sysimage/rpm/Packages.db", b"lib/apk/db/installed"]
TYPES = b"0123456789gxLKSVDMNX\0"


def pick_name():
    return rng.choice(HOSTILE_NAMES) if rng.random() < 0.5 else rng.choice(list(FILES)).encode()


def checksum(block):
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block[:512])


def member(name, data=b"", kind=b"0", link=b"", pax=None):
    """One member, written by hand: tarfile would not write what is wrong."""
    out = bytearray()
    if len(name) > 100 or len(link) > 100:
        pax = {**(pax or {}), b"path": name, b"linkpath": link}
    if pax:
        body = bytearray()
        for k, v in pax.items():
            n = len(k) + len(v) + 3
            while len(b"%d" % n) + len(k) + len(v) + 3 != n:
                n = len(b"%d" % n) + len(k) + len(v) + 3
            body += b"%d %s=%s\n" % (n, k, v)
        out += member(b"PaxHeaders/x", bytes(body), b"x")
    h = bytearray(512)
    h[0:len(name[:100])] = name[:100]
    h[100:108] = b"0000644\0"
    h[108:116] = h[116:124] = b"0000000\0"
    h[124:136] = b"%011o\0" % len(data)
    h[136:148] = b"00000000000\0"
    h[156:157] = kind
    h[157:157 + len(link[:100])] = link[:100]
    h[257:265] = b"ustar\x0000"
    checksum(h)
    return bytes(out + h + data + b"\0" * (-len(data) % 512))


def mutate_bytes(data, most=8):
    d = bytearray(data)
    for _ in range(rng.randint(1, most)):
        at = rng.randrange(len(d) + 1)
        how = rng.randrange(8)
        if how == 0 and d:
            d[min(at, len(d) - 1)] = rng.choice(b"\0\x01\x7f\x80\xff\n\r /:\"'[{#\\=,-\x1b9")
        elif how == 1 and d:
            d[min(at, len(d) - 1)] ^= 1 << rng.randrange(8)
        elif how == 2:
            del d[at:at + rng.choice([1, 2, 8, 100])]
        elif how == 3:
            d[at:at] = rng.choice([b"\0", b"\n", b"\xc3\x28", b"\xff" * 8, b"A" * 300, b"[" * 200,
                                   b"{\"a\":" * 100, b"9" * 40, b"%s%n", b"\x1b]0;x\x07", b"../" * 9])
        elif how == 4:
            d[at:at] = d[at:at + rng.choice([4, 64, 512, 4096])] * rng.choice([1, 2, 50])
        elif how == 5:
            del d[at:]
        elif how == 6 and len(d) > 8:
            n = rng.choice([1, 2, 4, 8])
            d[at:at + n] = rng.choice([b"\xff", b"\x00", b"\x7f", b"\x80"]) * n
        else:
            other = rng.choice(list(FILES.values()))
            d[at:at + 16] = other[:rng.randrange(1, 64)]
    return bytes(d[:2 << 20])


def small_layer():
    names = rng.sample(list(FILES), rng.randint(1, len(FILES)))
    out = b""
    for name in names:
        data = FILES[name]
        if rng.random() < 0.4:
            data = mutate_bytes(data)
        where = name.encode() if rng.random() < 0.95 else pick_name()
        out += member(where, data)
        roll = rng.random()
        if roll < 0.05:
            out += member(pick_name(), b"", rng.choice([b"1", b"2"]), pick_name())
        elif roll < 0.10:
            out += member(pick_name(), FILES[rng.choice(names)], bytes([rng.choice(TYPES)]))
        elif roll < 0.13:
            out += member(where, data, pax={rng.choice([b"size", b"path", b"GNU.sparse.size", b"hdrcharset",
                b"GNU.sparse.map", b"GNU.sparse.major", b"SCHILY.xattr.x", b"linkpath", b"mtime"]):
                rng.choice([b"", b"-1", b"99999999999999999999", b"0,1,5,3", b"1", b"BINARY", b"a/b"])})
    return out + b"\0" * 1024


def mutate_headers(tar):
    t = bytearray(tar)
    at, heads = 0, []
    while at + 512 <= len(t) and t[at:at + 1] != b"\0":
        heads.append(at)
        try:
            size = int(t[at + 124:at + 135] or b"0", 8)
        except ValueError:
            break
        at += 512 + (size + 511) // 512 * 512
    for at in rng.sample(heads, min(len(heads), rng.randint(1, 3))):
        h = t[at:at + 512]
        how = rng.randrange(5)
        if how == 0:
            h[156] = rng.choice(TYPES)
        elif how == 1:
            h[124:136] = rng.choice([b"77777777777\0", b"\x80" + b"\0" * 3 + b"\x7f" + b"\xff" * 7,
                                     b"\xff" * 12, b"           \0", b"00000000001\0", b"-0000000001\0"])
        elif how == 2:
            name = pick_name()[:100]
            h[0:100] = name + b"\0" * (100 - len(name))
        elif how == 3:
            h[257:265] = rng.choice([b"ustar  \0", b"\0" * 8, b"ustar\x0000"])
        else:
            i = rng.randrange(512)
            h[i] = rng.randrange(256)
        checksum(h)
        t[at:at + 512] = h
    return bytes(t)


def sha(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def write_image(where, layers, config_mutation):
    """layers: (blob, diff id)."""
    blobs = os.path.join(where, "blobs", "sha256")
    os.makedirs(blobs)

    def put(data, media_type):
        with open(os.path.join(blobs, sha(data)[7:]), "wb") as f:
            f.write(data)
        return {"mediaType": media_type, "digest": sha(data), "size": len(data)}

    oci = "application/vnd.oci.image."
    config = json.dumps({"os": "linux", "architecture": "amd64",
                         "history": [{"created_by": "\x1b[31mRUN \u202e x"}] * len(layers),
                         "rootfs": {"type": "layers", "diff_ids": [d for _, d in layers]}}).encode()
    if config_mutation:
        config = mutate_bytes(config, 3)
    kinds = {b"\x1f\x8b": "+gzip", b"\x28\xb5": "+zstd"}
    manifest = {"schemaVersion": 2, "mediaType": oci + "manifest.v1+json",
                "config": put(config, oci + "config.v1+json"),
                "layers": [put(b, oci + "layer.v1.tar" + kinds.get(b[:2], "")) for b, _ in layers]}
    m = put(json.dumps(manifest).encode(), oci + "manifest.v1+json")
    with open(os.path.join(where, "oci-layout"), "w", encoding="ascii") as f:
        f.write('{"imageLayoutVersion":"1.0.0"}')
    with open(os.path.join(where, "index.json"), "w", encoding="ascii") as f:
        json.dump({"schemaVersion": 2, "manifests": [m]}, f)


def seed_tars():
    for path in LAYERS:
        with open(path, "rb") as f:
            yield f.read()


SEEDS = list(seed_tars())


def make(where):
    layers = []
    for _ in range(rng.choice([1, 1, 2, 3])):
        tar = rng.choice(SEEDS) if SEEDS and rng.random() < 0.6 else small_layer()
        how = rng.randrange(6)
        if how < 2:
            tar = mutate_headers(tar)
        elif how == 2:
            tar = mutate_bytes(tar)
        elif how == 3 and len(tar) > 20000:  # bytes within the files of a real layer
            d = bytearray(tar)
            for _ in range(rng.choice([5, 50, 500])):
                d[rng.randrange(len(d))] = rng.randrange(256)
            tar = bytes(d)
        blob = tar
        if rng.random() < 0.6:
            blob = gzip.compress(tar, 1, mtime=0)
            if rng.random() < 0.2:
                blob = mutate_bytes(blob, 2)
            elif rng.random() < 0.1:
                blob += rng.choice([b"\0" * 512, b"junk", gzip.compress(b"x" * 4096, mtime=0)])
        layers.append((blob, sha(tar)))
    write_image(where, layers, rng.random() < 0.1)


def limits():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def peak_kb(pid):
    """Of the process and everything below it, added up."""
    total, todo = 0, [pid]
    while todo:
        p = todo.pop()
        try:
            with open(f"/proc/{p}/status", encoding="ascii", errors="replace") as f:
                for line in f:
                    if line.startswith("VmHWM"):
                        total += int(line.split()[1])
            for task in os.listdir(f"/proc/{p}/task"):
                with open(f"/proc/{p}/task/{task}/children", encoding="ascii") as f:
                    todo += [int(c) for c in f.read().split()]
        except (OSError, ValueError):
            pass
    return total


def scan(where, work):
    """None, or what is wrong."""
    env = {"PATH": os.environ["PATH"], "HOME": work, "ASAN_OPTIONS": "exitcode=99:detect_leaks=0",
           "UBSAN_OPTIONS": "halt_on_error=1:exitcode=99"}
    out, err = open(os.path.join(work, "out"), "w+b"), open(os.path.join(work, "err"), "w+b")
    with out, err:
        p = subprocess.Popen([PRATIQUE, "packages", "-q", "-f", "json", "--no-cache", f"oci-dir:{where}"],
                             stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=env,
                             preexec_fn=limits, start_new_session=True)
        began, peak = time.monotonic(), 0
        while p.poll() is None:
            if time.monotonic() - began > HANG_S:
                os.killpg(p.pid, signal.SIGKILL)
                p.wait()
                return "hang"
            if MAX_MB:
                peak = max(peak, peak_kb(p.pid))
            time.sleep(0.002)
        out.seek(0)
        err.seek(0)
        text, said = out.read(), err.read()
    if b"Sanitizer" in said or b"runtime error" in said:
        return "sanitizer: " + said.decode(errors="replace")[:2000]
    if p.returncode not in (0, 1, 3):
        return f"exit {p.returncode}: {said[:500]!r}"
    if b"parser crash" in text + said:
        return "worker crash: " + (text + said)[:600].decode(errors="replace")
    if MAX_MB and peak > MAX_MB << 10:
        return f"{peak >> 10} MB"
    if any(b < 0x20 and b != 0x0a for b in said):
        return f"control bytes in messages: {said[:300]!r}"
    if p.returncode == 0:
        try:
            json.loads(text.decode("utf-8"))
        except ValueError as e:
            return f"output: {e}"
    elif text:
        return "output of a failed run"
    return None


def one_layer(where, members):
    tar = b"".join(members) + b"\0" * 1024
    write_image(where, [(gzip.compress(tar, 1, mtime=0), sha(tar))], False)


# Many of what is kept until the end of a layer, looked up or followed: no loops over pairs.
MANY = [
    lambda n: (member(b"d%d/var/lib/rpm/rpmdb.sqlite" % i) for i in range(n)),
    lambda n: (member(b"d%d/var/lib/rpm/rpmdb.sqlite-wal" % i) for i in range(n)),
    lambda n: (member(b"app/package.json", b"{}") for _ in range(n)),
    lambda n: (member(b"etc/.wh.f%d" % i) for i in range(n)),
    lambda n: (member(b"d%d/package.json" % i, b"", b"1", b"app/x") for i in range(n)),
    lambda n: (member(b"l%d" % i, b"", b"2", b"l%d" % (i + 1)) for i in range(n)),
    lambda n: (member(b"a/" * 400 + b"%d" % i) for i in range(n // 10)),
    lambda n: (member(b"../%d" % i) for i in range(n)),
]


def images(where):
    for many in MANY:
        one_layer(where, many(100000))
        yield
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        make(where)
        yield


def main():
    passed = failed = 0
    with tempfile.TemporaryDirectory() as work:
        where = os.path.join(work, "image")
        for _ in images(where):
            wrong = scan(where, work)
            if wrong:
                failed += 1
                kept = tempfile.mkdtemp(prefix="pratique-mutate-")
                shutil.copytree(where, os.path.join(kept, "image"))
                print(f"FAIL seed {SEED}, image {passed + failed} (kept in {kept}): {wrong}", flush=True)
                if failed >= 20:
                    break
            else:
                passed += 1
            shutil.rmtree(where)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
