# SPDX-License-Identifier: Apache-2.0
"""Images from text; the language is in tests/cases/README.md."""
import gzip
import hashlib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import tarfile

TIME = 1680307200  # of every member
OCI = "application/vnd.oci.image."


class Bad(Exception):
    """The text is malformed."""


class Layer:
    def __init__(self, options):
        self.options = options
        self.members = []   # (TarInfo, bytes or None)
        self.lists = {}     # path of a package database: its records
        self.instruction = None


def _info(path, kind=tarfile.REGTYPE, mode=0o644, link=""):
    info = tarfile.TarInfo(path)
    info.type, info.mode, info.mtime, info.linkname = kind, mode, TIME, link
    return info


def _zip_of(spec):
    """name=text…: a zip in memory; a text "zeros:N" is N zero bytes."""
    import zipfile
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for piece in spec:
            name, text = piece.split("=", 1)
            z.writestr(zipfile.ZipInfo(name, (2023, 1, 1, 0, 0, 0)), _content(text),
                       zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _content(text):
    m = re.fullmatch(r"zeros:(\d+)", text)
    if m:
        return bytes(int(m.group(1)))
    m = re.fullmatch(r"nest:(\d+)", text)
    if m:
        return b'{"a":' * int(m.group(1)) + b"1" + b"}" * int(m.group(1))
    return text.encode().decode("unicode_escape").encode("latin-1")


class Text:
    """One pass over the lines; `| ` lines are the content of the last member."""

    def __init__(self):
        self.layers = []
        self.layer = None
        self.platform = "linux/amd64"
        self.config = {}
        self.annotations = {}
        self.history = []   # layers, and texts of instructions that made none

    def member(self, info, data=None):
        if self.layer is None:
            raise Bad("a member before the first layer")
        self.layer.members.append([info, data])

    def record(self, path, text):
        """Package databases grow record by record, as one file at the first one's place."""
        lists = self.layer.lists
        if path not in lists:
            self.member(_info(path), b"")
            lists[path] = self.layer.members[-1]
        lists[path][1] += text.encode()

    def line(self, line):
        if line.startswith("|"):
            self.layer.members[-1][1] += (line[2:] if line.startswith("| ") else line[1:]).encode() + b"\n"
            return
        line, equals, text = line.partition(" = ") if line.startswith("file ") else (line, "", "")
        words = shlex.split(line, comments=True)
        if not words:
            return
        verb = getattr(self, "do_" + words[0].replace("-", "_"), None)
        if verb is None:
            raise Bad(f"unknown word {words[0]}")
        verb(*words[1:], **({"text": text} if equals else {}))

    # ---- the image
    def do_layer(self, *options):
        self.layer = Layer(dict(o.split("=", 1) for o in options))
        self.layers.append(self.layer)
        self.history.append(self.layer)

    def do_run(self, *words):
        self.layer.instruction = " ".join(words)

    def do_empty(self, *words):
        """An instruction that made no layer."""
        self.history.append(" ".join(words))

    def do_config(self, name, text):
        """config Env '["A=b"]'"""
        self.config[name] = json.loads(text)

    def do_annotation(self, key, value):
        self.annotations[key] = value

    def do_platform(self, platform):
        self.platform = platform

    # ---- members
    def do_file(self, path, *rest, text=""):
        """file PATH [mode=755] [= TEXT]"""
        data = _content(text)
        info = _info(path)
        for o in rest:
            key, value = o.split("=", 1)
            if key != "mode":
                raise Bad(f"unknown option {o}")
            info.mode = int(value, 8)
        self.member(info, data)

    def do_base64(self, path, text):
        import base64
        self.member(_info(path), base64.b64decode(text))

    def do_zip(self, path, *spec):
        self.member(_info(path), _zip_of(spec))

    def do_dir(self, path):
        self.member(_info(path, tarfile.DIRTYPE, 0o755))

    def do_link(self, path, arrow, target):
        self.member(_info(path, tarfile.SYMTYPE, 0o777, target))

    def do_hard(self, path, arrow, target):
        self.member(_info(path, tarfile.LNKTYPE, 0o644, target))

    def do_fifo(self, path):
        self.member(_info(path, tarfile.FIFOTYPE))

    def do_device(self, path):
        self.member(_info(path, tarfile.CHRTYPE))

    def do_whiteout(self, path):
        folder, name = os.path.split(path)
        self.do_file(os.path.join(folder, ".wh." + name))

    def do_opaque(self, path):
        self.do_file(os.path.join(path, ".wh..wh..opq"))

    def do_deep(self, path, depth):
        """PATH below DEPTH directories named d"""
        self.do_file("d/" * int(depth) + path)

    def do_many(self, count, path):
        for i in range(int(count)):
            self.do_file(path + str(i))

    # ---- what package managers write
    def do_os(self, ident, version=""):
        self.do_file("etc/os-release",
                     text=f"ID={ident}\\n" + (f"VERSION_ID={version}\\n" if version else ""))

    def do_apk(self, name, version, origin="", *files):
        text = f"C:Q1qKcZ+j23xssAXmgQhkOO8dHnbWw=\nP:{name}\nV:{version}\nA:x86_64\nS:1\nI:2\nT:{name}\nL:MIT\n"
        text += f"o:{origin or name}\n"
        for f in files:
            folder, base = os.path.split(f)
            text += f"F:{folder}\nR:{base}\n"
        self.record("lib/apk/db/installed", text + "\n")

    def do_deb(self, name, version, source="", path="var/lib/dpkg/status"):
        text = f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n"
        if source:
            text += f"Source: {source}\n"
        self.record(path, text + "Maintainer: Debian <debian@lists.debian.org>\nDescription: x\n\n")

    def do_pypi(self, name, version, place="usr/lib/python3/site-packages"):
        self.member(_info(f"{place}/{name}-{version}.dist-info/METADATA"),
                    f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\n".encode())

    def do_npm(self, name, version, place="app/node_modules"):
        self.member(_info(f"{place}/{name}/package.json"),
                    json.dumps({"name": name, "version": version}).encode())


def _tar(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as t:
        for info, data in members:
            if data is not None:
                info.size = len(data)
            t.addfile(info, io.BytesIO(data) if data is not None else None)
    return out.getvalue()


def _pack(data, how):
    if how == "gzip":
        return gzip.compress(data, 6, mtime=0)
    if how == "zstd":
        return subprocess.run(["zstd", "-q", "-c", "-3"], input=data, capture_output=True,
                              check=True).stdout
    if how == "none":
        return data
    raise Bad(f"unknown compression {how}")


def _hurt(data, options, prefix):
    """truncate, flip and append, before (`cut`…) or after the digest is taken (`tamper-…`)."""
    data = bytearray(data)
    if prefix + "truncate" in options:
        n = int(options[prefix + "truncate"])
        del data[n if n >= 0 else len(data) + n:]
    if prefix + "flip" in options:
        for at in options[prefix + "flip"].split(","):
            data[int(at)] ^= 0x40
    if prefix + "append" in options:
        data += _content(options[prefix + "append"])
    return bytes(data)


def _digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Image:
    def __init__(self, text):
        self.config_layers = []  # (media type, blob as stored, declared digest, diff id)
        for layer in text.layers:
            how = layer.options.get("compress", "gzip")
            plain = _tar(layer.members)
            diff = _digest(plain)
            if "cut-tar" in layer.options:
                plain = plain[:int(layer.options["cut-tar"])]
                diff = _digest(plain)
            blob = _hurt(_pack(plain, how), layer.options, "")
            if how == "none":
                diff = _digest(blob)
            if layer.options.get("diff") == "wrong":
                diff = "sha256:" + "0" * 64
            digest = _digest(blob)
            stored = _hurt(blob, layer.options, "tamper-")
            kind = OCI + "layer.v1.tar" + {"none": ""}.get(how, "+" + how)
            if layer.options.get("foreign") == "absent":
                kind, stored = kind.replace("layer.", "layer.nondistributable."), None
            self.config_layers.append((kind, stored, digest, diff, len(blob), plain))
        when = "2023-04-01T00:00:00Z"
        history = [{"created": when, "created_by": h, "empty_layer": True} if isinstance(h, str) else
                   {"created": when, "created_by": h.instruction or "COPY . /"} for h in text.history]
        self.annotations = text.annotations
        os_name, arch = text.platform.split("/")[:2]
        self.platform = {"os": os_name, "architecture": arch}
        self.config = json.dumps({
            "architecture": arch, "os": os_name, "created": "2023-04-01T00:00:00Z",
            "config": text.config, "history": history,
            "rootfs": {"type": "layers", "diff_ids": [l[3] for l in self.config_layers]},
        }).encode()

    def manifest(self):
        return json.dumps({
            "schemaVersion": 2, "mediaType": OCI + "manifest.v1+json",
            "config": {"mediaType": OCI + "config.v1+json", "digest": _digest(self.config),
                       "size": len(self.config)},
            "layers": [{"mediaType": kind, "digest": digest, "size": size}
                       for kind, _, digest, _, size, _ in self.config_layers],
            **({"annotations": self.annotations} if self.annotations else {}),
        }).encode()

    def blobs(self):
        yield _digest(self.config), self.config
        yield _digest(self.manifest()), self.manifest()
        for _, stored, digest, _, _, _ in self.config_layers:
            if stored is not None:
                yield digest, stored


def _write(root, name, data):
    path = os.path.join(root, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


def _oci(root, images, tag):
    _write(root, "oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
    entries = []
    for image in images:
        for digest, data in image.blobs():
            _write(root, "blobs/" + digest.replace(":", "/"), data)
        m = image.manifest()
        entries.append({"mediaType": OCI + "manifest.v1+json", "digest": _digest(m), "size": len(m),
                        "platform": image.platform})
    if len(entries) > 1:
        index = json.dumps({"schemaVersion": 2, "mediaType": OCI + "index.v1+json",
                            "manifests": entries}).encode()
        _write(root, "blobs/" + _digest(index).replace(":", "/"), index)
        entries = [{"mediaType": OCI + "index.v1+json", "digest": _digest(index), "size": len(index)}]
    entries[0]["annotations"] = {"org.opencontainers.image.ref.name": tag}
    _write(root, "index.json", json.dumps({"schemaVersion": 2, "manifests": entries}).encode())


def _docker(root, image, tag, old):
    layers = []
    for i, (_, stored, digest, _, _, plain) in enumerate(image.config_layers):
        name = f"{i:064x}/layer.tar" if old else digest[7:] + ".tar"
        if stored is not None:
            _write(root, name, plain if old else stored)
        layers.append(name)
    config = _digest(image.config)[7:] + ".json"
    _write(root, config, image.config)
    _write(root, "manifest.json",
           json.dumps([{"Config": config, "RepoTags": [f"case:{tag}"], "Layers": layers}]).encode())


def _unpack(root, image):
    """As a plain tree: members as files, without links and devices out of the tree."""
    for *_, plain in image.config_layers:
        with tarfile.open(fileobj=io.BytesIO(plain)) as t:
            t.extractall(root, filter="tar") if hasattr(tarfile, "data_filter") else t.extractall(root)


def _archive(root, target, pack):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as t:
        for folder, dirs, names in os.walk(root):
            dirs.sort()
            for n in sorted(names):
                path = os.path.join(folder, n)
                with open(path, "rb") as f:
                    data = f.read()
                info = _info(os.path.relpath(path, root))
                info.size = len(data)
                t.addfile(info, io.BytesIO(data))
    with open(target, "wb") as f:
        f.write(_pack(out.getvalue(), pack))


def build(target, options, text):
    """Writes the image that `text` describes to `target`. Options: form=, pack=, tag=."""
    options = dict(o.split("=", 1) for o in options)
    form, tag = options.get("form", "oci"), options.get("tag", "latest")
    parts = [Text()]
    for line in text.splitlines():
        if line.strip() == "image":  # a further image of the same index
            parts.append(Text())
        else:
            parts[-1].line(line)
    images = [Image(p) for p in parts]
    root = target + ".parts" if form.endswith("archive") else target
    os.makedirs(root)
    if form in ("oci", "oci-archive"):
        _oci(root, images, tag)
    elif form in ("docker-archive", "old-docker-archive"):
        _docker(root, images[0], tag, form.startswith("old"))
    elif form == "tree":
        _unpack(root, images[0])
    else:
        raise Bad(f"unknown form {form}")
    if root != target:
        _archive(root, target, options.get("pack", "none"))
        shutil.rmtree(root)
