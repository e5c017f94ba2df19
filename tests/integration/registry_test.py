#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""registry_test.py IMAGE_PROBE: the registry client against Debian's docker-registry and against
one that misbehaves. Exit 77 (skipped) only when there is nothing to run."""
import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from faulty_registry import BASIC, Image, Registry, digest

PROBE = os.path.abspath(sys.argv[1])
SHARED = os.environ.get("PRATIQUE_SHARED",
                        os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                     "../../../shared"))
results = {"passed": 0, "failed": 0, "skipped": 0}
home = tempfile.mkdtemp(prefix="prq-registry-")


def probe(*args, **env):
    base = {"PATH": os.environ["PATH"], "HOME": home,
            "CONTAINERS_REGISTRIES_CONF": os.path.join(home, "absent.conf"), "PRQ_TEST_RETRY_MS": "1", "LC_ALL": "C",
            **{k: v for k, v in os.environ.items() if k.endswith("_OPTIONS")}}
    run = subprocess.run([PROBE, *args], env={**base, **env}, capture_output=True, text=True,
                         timeout=100, check=False)
    if run.returncode not in (0, 1):
        return f"crashed with {run.returncode}: {run.stderr[-2000:]}"
    return run.stdout + run.stderr


def check(name, ok, detail=""):
    results["passed" if ok else "failed"] += 1
    print(f"ok - {name}" if ok else f"not ok - {name}\n  {detail}")


def expect(name, out, *words):
    check(name, all(w in out for w in words), f"wanted {words} in: {out[-700:]}")


def ok_lines(out):
    return sum(1 for line in out.splitlines() if line.startswith("layer ") and " ok " in line)


# ---- a registry of the usual kind

def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class DockerRegistry:
    def __init__(self, root, auth=""):
        self.port = free_port()
        config = os.path.join(root, f"{self.port}.yml")
        with open(config, "w", encoding="ascii") as f:
            f.write("version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\n"
                    f"storage: {{filesystem: {{rootdirectory: {root}/data}}}}\n"
                    f"http: {{addr: '127.0.0.1:{self.port}'}}\n{auth}")
        self.process = subprocess.Popen(["docker-registry", "serve", config],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("docker-registry does not start")

    def close(self):
        self.process.terminate()
        self.process.wait()


def auth_file(name, content):
    path = os.path.join(home, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as f:
        f.write(content if isinstance(content, str) else json.dumps(content))
    return path


def helper(name, script):
    path = os.path.join(home, "bin", "docker-credential-" + name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as f:
        f.write("#!/bin/sh\n" + script)
    os.chmod(path, 0o755)


def test_docker_registry():
    images = os.path.join(SHARED, "data/images")
    for tool in ("docker-registry", "skopeo", "htpasswd"):
        if not shutil.which(tool):
            results["skipped"] += 1
            return print(f"skipped: no {tool}")
    if not os.path.isdir(images):
        results["skipped"] += 1
        return print("skipped: no shared images")
    root = os.path.join(home, "registry")
    os.makedirs(root)
    users = subprocess.run(["htpasswd", "-Bbn", "tester", "s3cret"], capture_output=True,
                           check=True).stdout
    with open(os.path.join(root, "htpasswd"), "wb") as f:
        f.write(users)
    anonymous = DockerRegistry(root)
    basic = DockerRegistry(root, f"auth: {{htpasswd: {{realm: t, path: {root}/htpasswd}}}}\n")
    try:
        for source, name in ((f"oci:{images}/oci-sys:distroless-like", "dl"),
                             (f"oci:{images}/oci-lang:multi-lang", "zstd"),
                             (f"docker-archive:{images}/layers/test-docker-image.tar", "many")):
            subprocess.run(["skopeo", "copy", "-q", "--dest-tls-verify=false", source,
                            f"docker://127.0.0.1:{anonymous.port}/t/{name}:1"], check=True)
        at, locked = f"127.0.0.1:{anonymous.port}", f"127.0.0.1:{basic.port}"
        check("distroless-like", ok_lines(probe(f"{at}/t/dl:1")) == 7)
        check("zstd layers", ok_lines(probe(f"{at}/t/zstd:1")) == 6)
        check("docker schema 2", ok_lines(probe(f"registry:{at}/t/many:1")) == 14)
        by_digest = "sha256:22734bc8e3bcebb5bfc9df82044c7bc72163759b713517e9a93274e636e126ef"
        expect("layers at once", probe("--jobs", "4", f"{at}/t/many:1"), "layers ok 14")
        expect("by digest", probe(f"{at}/t/dl@{by_digest}"), "digest " + by_digest)
        expect("no such tag", probe(f"{at}/t/dl:2"), "error: remote", "MANIFEST_UNKNOWN")
        expect("no credentials", probe(f"{locked}/t/dl:1"), "error: denied", "user name")
        expect("bad password", probe("--user", "tester:no", f"{locked}/t/dl:1"), "error: denied")
        check("basic", ok_lines(probe("--user", "tester:s3cret", f"{locked}/t/dl:1")) == 7)

        secret = base64.b64encode(b"tester:s3cret").decode()
        path = auth_file("a.json", {"auths": {locked: {"auth": secret}}})
        check("auth file", ok_lines(probe(f"{locked}/t/dl:1", REGISTRY_AUTH_FILE=path)) == 7)
        path = auth_file("b.json", {"auths": {
            locked: {"auth": base64.b64encode(b"x:y").decode()},
            locked + "/t/dl": {"auth": secret}}})
        check("longest path", ok_lines(probe(f"{locked}/t/dl:1", REGISTRY_AUTH_FILE=path)) == 7)
        auth_file(".docker/config.json", {"auths": {f"https://{locked}/v1/": {
            "username": "tester", "password": "s3cret"}}})
        check("docker config", ok_lines(probe(f"{locked}/t/dl:1")) == 7)
        os.unlink(os.path.join(home, ".docker/config.json"))
        test_helpers(locked)
        expect("malformed auth file", probe(f"{locked}/t/dl:1",
                                            REGISTRY_AUTH_FILE=auth_file("c.json", "{")),
               "error: format", "c.json")
    finally:
        anonymous.close()
        basic.close()


def test_helpers(locked):
    path = os.path.join(home, "bin") + ":" + os.environ["PATH"]
    helper("good", f'read -r s; [ "$1 $s" = "get {locked}" ] && [ -z "$SECRET_THING" ] && '
                   'echo \'{"ServerURL":"","Username":"tester","Secret":"s3cret"}\'\n')
    helper("none", "echo 'credentials not found in native keychain'; exit 1\n")
    helper("broken", "exit 3\n")
    def with_file(content):
        return probe(f"{locked}/t/dl:1", PATH=path, SECRET_THING="1",
                     REGISTRY_AUTH_FILE=auth_file("h.json", content))
    check("credHelpers", ok_lines(with_file({"credHelpers": {locked: "good"}})) == 7)
    check("credsStore", ok_lines(with_file({"credsStore": "good",
                                            "auths": {locked: {}}})) == 7)
    expect("helper without an entry", with_file({"credsStore": "none"}), "error: denied",
           "asks for a user name")
    expect("helper that fails", with_file({"credsStore": "broken"}), "error: denied",
           "docker-credential-broken fails")
    expect("helper that is missing", with_file({"credsStore": "absent"}), "error: io")
    expect("helper with a path", with_file({"credsStore": "../x"}), "error: usage")


# ---- one that misbehaves

def test_faults(image):
    one, two = Registry(image), Registry(image)
    one.other = two.url()
    try:
        run_faults(image, one, two)
    finally:
        one.close()
        two.close()


def pull(registry, kind, *args):
    registry.reset()
    return probe(*args, f"127.0.0.1:{registry.port}/{kind}/img")


def run_faults(image, one, two):
    layer = f" ok {len(image.layer)} {digest(image.layer)}"
    expect("plain", pull(one, "plain"), "digest " + digest(image.manifest), layer)
    expect("index", pull(one, "index"), "digest " + digest(image.manifest), layer)
    expect("index, other platform", pull(one, "index", "--platform", "linux/arm64"),
           "error: unsupported", "linux/s390x, linux/amd64")

    expect("bearer", pull(one, "bearer"), layer)
    expect("bearer, layers at once", pull(one, "bearer", "--jobs", "3"), "layers ok 1")
    expect("bearer again", pull(one, "bearer"), layer)
    check("one token for all", one.count["token"] == 1, str(one.count))
    expect("bearer with a user", pull(one, "user", "--user", "tester:s3cret"), layer)
    expect("bearer without one", pull(one, "user"), "error: denied", "answers 401")
    check("no account without a user", not any("account=" in s[1] for s in one.seen))
    pull(one, "user", "--user", "tester:s3cret")
    check("account is named", any("account=tester" in s[1] for s in one.seen), str(one.seen))
    refresh = auth_file("id.json", {"auths": {"127.0.0.1:%d" % one.port: {
        "identitytoken": "idtoken", "username": "tester", "password": "s3cret"}}})
    one.reset()
    expect("refresh token", probe(f"127.0.0.1:{one.port}/refresh/img",
                                  REGISTRY_AUTH_FILE=refresh), layer)
    check("refresh by POST", any(s[0] == "POST" for s in one.seen))
    one.reset()
    expect("refresh, GET instead", probe(f"127.0.0.1:{one.port}/refreshget/img",
                                         REGISTRY_AUTH_FILE=refresh), layer)
    check("GET with Basic", any(s[1].startswith("/token") and s[2] == BASIC for s in one.seen))
    expect("insufficient scope", pull(one, "scope"), layer)
    check("two tokens", one.count["token"] == 2, str(one.count))
    expect("token runs out", pull(one, "expire"), layer)
    expect("token too long", pull(one, "longtoken"), "error: remote", "too long")
    expect("token with a line end", pull(one, "badtoken"), "error: remote", "forbidden")
    expect("token given", pull(one, "bearer", "--token", "token-bearer"), layer)
    check("no token server asked", one.count == {}, str(one.count))
    expect("wrong token given", pull(one, "bearer", "--token", "x"), "error: denied")

    two.reset()
    expect("redirect", pull(one, "redirect"), layer)
    two.reset()
    expect("redirect drops Authorization", pull(one, "user", "--user", "tester:s3cret"), layer)
    check("nothing came along", two.seen and all(s[2] is None for s in two.seen), str(two.seen))
    expect("redirect loop", pull(one, "manifestloop"), "error: remote", "more than 5 redirects")
    expect("redirect loop of a blob", pull(one, "blobloop"), "error: remote",
           "more than 5 redirects")

    expect("busy", pull(one, "busy"), layer)
    check("busy: three tries each", one.count == {"manifest": 3, "blob": 3}, str(one.count))
    expect("quota", pull(one, "quota"), "error: remote", "rate limit", "TOOMANYREQUESTS")
    expect("missing", pull(one, "missing"), "error: remote", "no such image")
    expect("denied", pull(one, "denied"), "error: denied", "DENIED")

    expect("cut", pull(one, "cut"), layer)
    ranges = [s[3] for s in one.seen if s[3]]
    check("resumed by Range", len(ranges) == 2 and all(r.startswith("bytes=") for r in ranges),
          str(ranges))
    expect("cut, all again", pull(one, "cutall"), layer)
    expect("another range", pull(one, "shifted"), "error: format", "another range")
    expect("file changed", pull(one, "changed"), "error: format", "changed")
    expect("dies", pull(one, "dead"), "error: remote", "layer 0")

    expect("wrong digest", pull(one, "wrongdigest"), "error: format")
    expect("longer than said", pull(one, "longer"), "error: ", "more than")
    expect("shorter than said", pull(one, "shorter"), "error: ")
    expect("wrong config", pull(one, "wrongconfig"), "error: format", "digest")
    expect("wrong manifest", probe(f"127.0.0.1:{one.port}/wrongmanifest/img@"
                                   f"{digest(image.manifest)}"), "error: format", "digest")
    expect("hint differs", pull(one, "hint"), "error: format", "announces")
    expect("announced as an index", pull(one, "astype"), "error: format", "announced as")
    expect("index and manifest", pull(one, "both"), "error: format")
    expect("member in another case", pull(one, "case"), "error: format", "another case")
    expect("schema 1", pull(one, "schema1"), "error: unsupported", "too old")
    expect("header flood", pull(one, "flood"), "error: limit", "headers")
    expect("endless manifest", pull(one, "endless"), "error: limit")
    expect("endless token: limit token_bytes", pull(one, "endlesstoken"), "error: limit")

    one.realm = two.url("localhost")
    expect("http realm elsewhere", pull(one, "bearer"), "error: denied", "not https")
    one.realm = "file:///etc"
    expect("realm of another scheme", pull(one, "bearer"), "error: denied", "no usable token")
    one.realm = None


def test_mirrors(image):
    one, two = Registry(image), Registry(image)
    layer = digest(image.layer)
    conf = auth_file("registries.conf", f"""
        [[registry]]
        prefix = "r.example"
        location = "r.invalid"
        [[registry.mirror]]
        location = "127.0.0.1:{free_port()}"
        [[registry.mirror]]
        location = "127.0.0.1:{one.port}/missing"
        [[registry.mirror]]
        location = "127.0.0.1:{two.port}/plain"
        [[registry]]
        prefix = "blocked.example"
        blocked = true
        """)
    try:
        def at(*args):
            return probe(*args, CONTAINERS_REGISTRIES_CONF=conf)
        expect("third mirror", at("--user", "tester:s3cret", "r.example/img"), layer,
               "tag r.example/img:latest")
        check("mirrors get no credentials", one.seen and two.seen
              and all(s[2] is None for s in one.seen + two.seen), str(one.seen + two.seen))
        expect("blocked", at("blocked.example/img"), "error: denied", "registries.conf blocks")
        expect("malformed", probe("r.example/img", CONTAINERS_REGISTRIES_CONF=auth_file(
            "bad.conf", "[[registry]")), "error: format", "bad.conf")
    finally:
        one.close()
        two.close()


def make_cert():
    path = os.path.join(home, "cert.pem")
    run = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                          "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=test",
                          "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", path,
                          "-out", path + ".crt"], capture_output=True, check=False)
    if run.returncode:
        return None, None
    with open(path, "a", encoding="ascii") as f, open(path + ".crt", encoding="ascii") as crt:
        f.write(crt.read())
    return path, path + ".crt"


def test_tls(image):
    cert, ca = make_cert() if shutil.which("openssl") else (None, None)
    if not cert:
        results["skipped"] += 1
        return print("skipped: no openssl")
    one, two = Registry(image, cert), Registry(image, cert)
    one.other = two.url("localhost")
    layer = digest(image.layer)
    try:
        expect("tls", pull(one, "plain", "--ca", ca), layer)
        expect("unknown CA", pull(one, "plain"), "error: remote", "certificate")
        check("unknown CA: no fall back to http", not one.seen, str(one.seen))
        expect("insecure", pull(one, "plain", "--insecure"), layer)
        certs = os.path.join(home, f".config/containers/certs.d/127.0.0.1:{one.port}")
        os.makedirs(certs)
        shutil.copy(ca, os.path.join(certs, "ca.crt"))
        expect("certs.d", pull(one, "plain"), layer)
        shutil.rmtree(certs)
        expect("to cloud metadata", pull(one, "metadata", "--ca", ca), "error: denied",
               "address policy")
        expect("https to http", pull(one, "downgrade", "--ca", ca), "error: denied",
               "from https to http")
        test_realms(one, two, ca, layer)
    finally:
        one.close()
        two.close()


def test_realms(one, two, ca, layer):
    one.realm = two.url("localhost")
    two.reset()
    out = pull(one, "bearer", "--ca", ca, "--user", "tester:s3cret")
    expect("foreign realm gets no credentials", out, layer)
    check("anonymous there", two.seen and all(s[2] is None for s in two.seen), str(two.seen))
    two.reset()
    expect("and says why", pull(one, "user", "--ca", ca, "--user", "tester:s3cret"),
           "error: denied", "--allow-realm")
    two.reset()
    expect("allowed realm", pull(one, "user", "--ca", ca, "--user", "tester:s3cret",
                                 "--allow-realm", "localhost"), layer)
    check("credentials there", any(s[2] == BASIC for s in two.seen), str(two.seen))
    check("no credentials elsewhere", all(s[2] is None for s in two.seen
                                          if s[1].startswith("/elsewhere")), str(two.seen))


def main():
    image = Image()
    try:
        test_docker_registry()
        test_faults(image)
        test_mirrors(image)
        test_tls(image)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**results))
    return 1 if results["failed"] else 0


sys.exit(main())
