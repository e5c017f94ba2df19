#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A registry that misbehaves on request. The first component of the repository says how:
/v2/cut/img/blobs/… breaks the connection in the middle of a blob. `Registry` serves in threads of
the test's own process and keeps what it saw in `.seen`."""
import base64
import gzip
import hashlib
import http.server
import io
import json
import random
import ssl
import tarfile
import threading
import urllib.parse

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
BASIC = "Basic " + base64.b64encode(b"tester:s3cret").decode()


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def make_layer(size):
    noise = random.Random(7).randbytes(size)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        member = tarfile.TarInfo("noise")
        member.size = size
        tar.addfile(member, io.BytesIO(noise))
    return out.getvalue()


class Image:
    def __init__(self, size=3 << 20):
        tar = make_layer(size)
        self.layer = gzip.compress(tar, mtime=0)
        self.config = json.dumps({"os": "linux", "architecture": "amd64",
                                  "rootfs": {"type": "layers", "diff_ids": [digest(tar)]}}).encode()
        self.manifest = json.dumps({
            "schemaVersion": 2, "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, "digest": digest(self.config), "size": len(self.config)},
            "layers": [{"mediaType": LAYER, "digest": digest(self.layer),
                        "size": len(self.layer)}]}).encode()
        self.blobs = {digest(self.config): self.config, digest(self.layer): self.layer}


class Registry:
    def __init__(self, image, cert=None):
        self.image = image
        self.seen = []      # (method, path, Authorization, Range)
        self.count = {}
        self.other = None   # "scheme://host:port" for redirects
        self.realm = None   # "scheme://host:port" of the token server
        registry = self

        class Handler(BaseHandler):
            owner = registry

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.scheme = "https" if cert else "http"
        if cert:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(cert)
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True,
                                                 do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, host="127.0.0.1"):
        return f"{self.scheme}://{host}:{self.port}"

    def times(self, what):
        self.count[what] = self.count.get(what, 0) + 1
        return self.count[what]

    def reset(self):
        self.seen.clear()
        self.count.clear()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class BaseHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner = None

    def log_message(self, *_):
        pass

    def handle(self):
        try:
            super().handle()
        except OSError: # a client that does not like our certificate hangs up
            self.close_connection = True

    def note(self):
        self.owner.seen.append((self.command, self.path, self.headers.get("Authorization"),
                                self.headers.get("Range")))

    def answer(self, status, body=b"", headers=(), length=None):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def fail(self, status, code, headers=()):
        body = json.dumps({"errors": [{"code": code, "message": code.lower()}]}).encode()
        self.answer(status, body, [("Content-Type", "application/json"), *headers])

    def do_HEAD(self):
        self.do_GET()

    def do_POST(self):
        self.note()
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        form = dict(urllib.parse.parse_qsl(body))
        kind = urllib.parse.urlsplit(self.path).path.split("/")[2]
        if kind == "refreshget":
            return self.fail(405, "UNSUPPORTED")
        if form.get("grant_type") != "refresh_token" or form.get("refresh_token") != "idtoken":
            return self.fail(401, "UNAUTHORIZED")
        self.send_token(kind, form.get("service"), form.get("scope"))

    def do_GET(self):
        self.note()
        try:
            self.route()
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            self.close_connection = True

    def route(self):
        parts = urllib.parse.urlsplit(self.path)
        path = parts.path.split("/")
        if path[1] == "token":
            query = dict(urllib.parse.parse_qsl(parts.query))
            return self.get_token(path[2], query)
        if path[1] == "elsewhere":
            if self.headers.get("Authorization"):
                return self.fail(400, "AUTHORIZATION_CAME_ALONG")
            return self.answer(200, self.owner.image.blobs[path[2]])
        if path[1] == "loop":
            return self.answer(302, headers=[("Location", "/loop/" + path[2] + "x")])
        if path[1] != "v2" or len(path) < 6:
            return self.fail(404, "NAME_UNKNOWN")
        kind, what, ref = path[2], path[-2], path[-1]
        if not self.authorized(kind):
            return None
        if what == "manifests":
            return self.manifest(kind, ref)
        return self.blob(kind, ref)

    # ---- tokens

    def authorized(self, kind):
        given = self.headers.get("Authorization")
        extra = ""
        if kind not in ("bearer", "user", "refresh", "refreshget", "scope", "expire", "longtoken",
                        "badtoken", "endlesstoken"):
            return True
        want = f"Bearer token-{kind}"
        if kind == "expire" and self.owner.count.get("cut"):
            want += "-2"
        if given == want:
            return True
        if kind == "scope" and given == "Bearer little":
            extra = ',error="insufficient_scope"'
        realm = f"{self.owner.realm or self.owner.url()}/token/{kind}?x=1"
        self.fail(401, "UNAUTHORIZED", [
            ("WWW-Authenticate", 'Negotiate, Basic realm="a, b"'),
            ("WWW-Authenticate", f'Bearer realm="{realm}",service="the \\"svc\\"",'
                                 f'scope="repository:{kind}/img:pull,push"{extra}')])
        return False

    def get_token(self, kind, query):
        if kind == "user" and self.headers.get("Authorization") != BASIC:
            return self.fail(401, "UNAUTHORIZED")
        self.send_token(kind, query.get("service"), query.get("scope"), query)

    def send_token(self, kind, service, scope, query=None):
        if service != 'the "svc"' or scope != f"repository:{kind}/img:pull":
            return self.fail(400, "WRONG_SCOPE")
        if query is not None and query.get("x") != "1":
            return self.fail(400, "QUERY_LOST")
        n = self.owner.times("token")
        token = f"token-{kind}"
        if kind == "scope" and n == 1:
            token = "little"
        if kind == "expire" and n > 1:
            token += "-2"
        if kind == "longtoken":
            token = "x" * 70000
        if kind == "endlesstoken":
            return self.endless("application/json")
        if kind == "badtoken":
            token = "a\r\nX-Evil: 1"
        key = "access_token" if kind == "refresh" else "token"
        self.answer(200, json.dumps({key: token, "expires_in": 300}).encode(),
                    [("Content-Type", "application/json")])

    # ---- manifests

    def manifest(self, kind, ref):
        owner, body = self.owner, self.owner.image.manifest
        headers, ctype = [], MANIFEST
        if kind == "busy" and owner.times("manifest") <= 2:
            return self.fail(429, "TOOMANYREQUESTS", [("Retry-After", "0")])
        if kind == "quota":
            return self.fail(429, "TOOMANYREQUESTS", [("Retry-After", "0")])
        if kind == "missing":
            return self.fail(404, "MANIFEST_UNKNOWN")
        if kind == "denied":
            return self.fail(403, "DENIED")
        if kind == "hint":
            headers.append(("Docker-Content-Digest", digest(b"other")))
        if kind == "wrongmanifest":
            body += b" "
        if kind == "astype":
            ctype = INDEX
        if kind == "both":
            both = json.loads(body)
            both["manifests"] = []
            body = json.dumps(both).encode()
        if kind == "case":
            body = body.replace(b'"layers"', b'"Layers": [], "layers"')
        if kind == "schema1":
            body = b'{"schemaVersion": 1, "fsLayers": [], "history": []}'
            ctype = "application/vnd.docker.distribution.manifest.v1+prettyjws"
        if kind == "flood":
            headers = [(f"X-{i}", "y") for i in range(300)]
        if kind == "manifestloop":
            return self.answer(302, headers=[("Location", f"{owner.url()}/loop/x")])
        if kind == "endless":
            return self.endless(ctype)
        if kind == "index":
            return self.index(ref, ctype)
        self.answer(200, body, [("Content-Type", ctype), *headers])

    def index(self, ref, ctype):
        image = self.owner.image
        if ref == digest(image.manifest):
            return self.answer(200, image.manifest, [("Content-Type", ctype)])
        def entry(os, arch, content, **more):
            return {"mediaType": MANIFEST, "digest": digest(content), "size": len(content),
                    "platform": {"os": os, "architecture": arch}, **more}
        body = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [
            entry("unknown", "unknown", b"attestation", annotations={
                "vnd.docker.reference.type": "attestation-manifest"}),
            entry("linux", "s390x", b"another"),
            entry("linux", "amd64", image.manifest)]}).encode()
        self.answer(200, body, [("Content-Type", INDEX)])

    def endless(self, ctype):
        self.send_response(200)
        self.send_header("Content-Type", ctype)
        self.send_header("Connection", "close")
        self.end_headers()
        for _ in range(64):
            self.wfile.write(b" " * (1 << 20))
        self.close_connection = True

    # ---- blobs

    def blob(self, kind, ref):
        owner, data = self.owner, self.owner.image.blobs.get(ref)
        if data is None:
            return self.fail(404, "BLOB_UNKNOWN")
        is_layer = ref == digest(owner.image.layer)
        if not is_layer:
            if kind == "wrongconfig":
                data = data.replace(b"linux", b"xinux")
            return self.answer(200, data)
        if kind == "busy" and owner.times("blob") <= 2:
            return self.fail(503, "UNAVAILABLE", [("Retry-After", "0")])
        if kind in ("redirect", "user"):
            return self.answer(307, headers=[("Location", f"{owner.other}/elsewhere/{ref}")])
        if kind == "metadata":
            return self.answer(307, headers=[("Location", "https://169.254.169.254/latest/")])
        if kind == "downgrade":
            return self.answer(307, headers=[("Location", f"http://127.0.0.1:1/elsewhere/{ref}")])
        if kind == "blobloop":
            return self.answer(302, headers=[("Location", "/loop/x")])
        if kind == "wrongdigest":
            data = data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]
        if kind == "longer":
            data += b"x" * 4096
        if kind == "shorter":
            data = data[:-100]
        if kind in ("cut", "cutall", "expire", "shifted", "dead", "changed"):
            return self.cut(kind, data)
        self.answer(200, data, [("ETag", '"v1"')])

    def cut(self, kind, data):
        wanted = self.headers.get("Range")
        start = 0
        n = self.owner.times("cut")
        if kind == "dead" and n > 1:
            self.close_connection = True
            return
        etag = '"v2"' if kind == "changed" and n > 1 else '"v1"'
        headers = [("ETag", etag)]
        if wanted and kind not in ("cutall", "changed"):
            start = int(wanted.split("=")[1].split("-")[0])
            shown = start + (1 if kind == "shifted" else 0)
            headers.append(("Content-Range", f"bytes {shown}-{len(data) - 1}/{len(data)}"))
        rest = data[start:]
        self.send_response(206 if start else 200)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        if n <= 2:
            self.wfile.write(rest[:len(rest) // 3])
            self.wfile.flush()
            self.close_connection = True
            return
        self.wfile.write(rest)
