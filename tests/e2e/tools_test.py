#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Installs packages with the ecosystems' own tools and compares with what those tools then list.

usage: tools_test.py PRATIQUE

Everything is made here and installed without a network: a recipe of ours, the tool's real database or
lock file. Expected: what the same tool, or its language, says of it. A tool that is not installed is
skipped with a word. Python modules (conan, rattler) are looked for in $PRATIQUE_PYTHON as well.
"""
import glob
import hashlib
import io
import json
import os
import pwd
import shutil
import subprocess
import sys
import tarfile
import tempfile

PRATIQUE = os.path.abspath(sys.argv[1])
PYTHON = os.environ.get("PRATIQUE_PYTHON", sys.executable)
counts = {"passed": 0, "failed": 0, "skipped": 0}


class Absent(Exception):
    pass


def need(*tools):
    for tool in tools:
        if not shutil.which(tool):
            raise Absent(f"{tool} is not installed")


def need_module(name):
    if subprocess.run([PYTHON, "-c", f"import {name}"], capture_output=True, check=False).returncode:
        raise Absent(f"Python's {name} is not installed")


def run(*argv, cwd=None, **env):
    done = subprocess.run(argv, cwd=cwd, env={**os.environ, "LC_ALL": "C.UTF-8", **env}, text=True,
                          capture_output=True, timeout=300, check=False)
    if done.returncode:
        raise RuntimeError(f"{argv[0]} ended with {done.returncode}: {(done.stderr or done.stdout)[-600:]}")
    return done.stdout


def put(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def listed(source, *kinds):
    out = run(PRATIQUE, "packages", "-q", "-f", "json", "--no-cache", "--include-dev", source)
    doc = json.loads(out)
    if doc["gaps"]:
        raise RuntimeError(f"gaps: {doc['gaps'][:3]}")
    return {(p["name"], p.get("version", "")) for p in doc["packages"] if p["type"] in kinds}


def words(text, first=0):
    return {tuple(l.split()[first:first + 2]) for l in text.splitlines() if l.split()}


# ---- package managers of systems

NIX = """
let mk = name: text: outputs: derivation {
      inherit name outputs; system = builtins.currentSystem; builder = "@SH@";
      args = [ "-c" "for o in $outputs; do eval p=\\\\$$o; @MKDIR@ -p $p/lib; echo '${text}' > $p/lib/a; done" ];
    };
    zlib = mk "zlib-1.2.13" "z" [ "out" "dev" ];
    openssl = mk "openssl-3.0.7" "uses ${zlib}" [ "bin" "out" "man" ];
in [ zlib openssl (mk "curl-7.86.0" "needs ${openssl} ${zlib}" [ "out" ])
     (mk "python3.10-requests-2.28.1" "" [ "out" ]) (mk "glibc-2.35-163" "" [ "out" ])
     (mk "bash-interactive-5.1-p16" "" [ "out" ]) ]
"""


def nix(tmp):
    need("nix-build", "nix-store", "nix-instantiate")
    env = {"NIX_STORE_DIR": f"{tmp}/r/nix/store", "NIX_STATE_DIR": f"{tmp}/r/nix/var/nix",
           "NIX_LOG_DIR": f"{tmp}/r/nix/var/log", "NIX_LOCALSTATE_DIR": f"{tmp}/r/nix/var"}
    expression = NIX.replace("@SH@", shutil.which("sh")).replace("@MKDIR@", shutil.which("mkdir"))
    put(f"{tmp}/t.nix", expression)
    built = run("nix-build", "--option", "sandbox", "false", "--option", "build-users-group", "",
                f"{tmp}/t.nix", "--no-out-link", **env).split()
    names, want = set(), set()
    for path in run("nix-store", "-q", "--requisites", *built, **env).split():
        names.add(os.path.basename(path)[33:])
    for name in names:
        said = json.loads(run("nix-instantiate", "--eval", "--strict", "--json", "-E",
                              f'builtins.parseDrvName "{name}"', **env))
        version = said["version"]
        for output in ("-dev", "-bin", "-man"):
            version = version.removesuffix(output)
        want.add((said["name"], version))
    return want, listed(f"rootfs:{tmp}/r", "nix")


PKGBUILD = """
pkgbase=openssl-split
pkgname=('openssl' 'lib32-openssl')
pkgver=3.0.7
pkgrel=2
epoch=1
arch=('x86_64')
license=('Apache' 'custom:OpenSSL')
options=(!strip)
package_openssl() {
    provides=('libssl.so=3-64'); optdepends=('perl: for c_rehash'); backup=('etc/o.conf')
    mkdir -p $pkgdir/usr/lib $pkgdir/etc; echo x > $pkgdir/usr/lib/a; echo y > $pkgdir/etc/o.conf
}
package_lib32-openssl() { depends=('openssl=1:3.0.7'); mkdir -p $pkgdir/usr/lib32; }
"""


def pacman(tmp):
    need("pacman", "makepkg", "fakeroot", "bsdtar", "runuser")
    put(f"{tmp}/b/PKGBUILD", PKGBUILD)
    nobody = pwd.getpwnam("nobody")
    os.chmod(tmp, 0o755)
    os.chown(f"{tmp}/b", nobody.pw_uid, nobody.pw_gid)
    run("runuser", "-u", "nobody", "--", "makepkg", "-f", "--nodeps", "--skippgpcheck", cwd=f"{tmp}/b",
        HOME=f"{tmp}/b", PKGDEST=f"{tmp}/b", PKGEXT=".pkg.tar.gz")
    db = ["--root", f"{tmp}/r", "--dbpath", f"{tmp}/r/var/lib/pacman"]
    os.makedirs(f"{tmp}/r/var/lib/pacman")
    run("pacman", *db, "--noconfirm", "--cachedir", f"{tmp}/c", "-U", *glob.glob(f"{tmp}/b/*.pkg.tar.gz"))
    return words(run("pacman", *db, "-Q")), listed(f"rootfs:{tmp}/r", "alpm")


SPEC = "Name: {}\nVersion: {}\nRelease: {}\nEpoch: {}\nSummary: x\nLicense: MIT\nBuildArch: noarch\n{}" \
       "%description\nx\n%files\n"


def dnf(tmp):
    """Two transactions, so that the history and the database have both more than one page."""
    need("dnf", "rpmbuild", "createrepo_c")
    for spec in (("libfoo", "1.2.3", "4.el9", 0, ""), ("bar", "2.0~rc1", "1", 2, "Requires: libfoo\n"),
                 ("gone", "1", "1", 0, "")):
        put(f"{tmp}/{spec[0]}.spec", SPEC.format(*spec))
        run("rpmbuild", "-bb", "--quiet", "--define", f"_topdir {tmp}/top", "--define",
            f"_rpmdir {tmp}/rpms", f"{tmp}/{spec[0]}.spec")
    run("createrepo_c", "-q", f"{tmp}/rpms")
    put(f"{tmp}/repo.conf", f"[main]\n[local]\nname=l\nbaseurl=file://{tmp}/rpms\ngpgcheck=0\n")
    put(f"{tmp}/home/.rpmmacros", "%_dbpath /var/lib/rpm\n")
    base = ["dnf", "-q", "-y", "-c", f"{tmp}/repo.conf", f"--installroot={tmp}/r", "--releasever=9",
            "--setopt=reposdir=/none", f"--setopt=cachedir={tmp}/cache"]
    run(*base, "install", "bar", "gone", HOME=f"{tmp}/home")
    run(*base, "remove", "gone", HOME=f"{tmp}/home")
    out = run(*base, "list", "installed", HOME=f"{tmp}/home")
    want = {(l.split(".")[0], l.split()[1]) for l in out.splitlines()[1:]}
    return want, listed(f"rootfs:{tmp}/r", "rpm")


COMPOSE = "<?xml version='1.0'?><components><component type='desktop'><id>{0}</id><name>Hello</name>" \
          "<releases><release version='{1}' timestamp='1665360000'/></releases></component></components>"


def flatpak(tmp):
    need("flatpak", "ostree", "gzip")
    env = {"HOME": f"{tmp}/home", "FLATPAK_USER_DIR": f"{tmp}/r/var/lib/flatpak"}
    refs = {"org.example.Hello": "2.4.1", "org.example.Plain": ""}
    for name, version in refs.items():
        put(f"{tmp}/{name}/files/bin/hello", "x")
        put(f"{tmp}/{name}/metadata", f"[Application]\nname={name}\ncommand=hello\n"
            "runtime=org.example.Platform/x86_64/22.08\n")
        os.makedirs(f"{tmp}/{name}/export")
        if version:
            xml = f"{tmp}/{name}/files/share/app-info/xmls/{name}.xml"
            put(xml, COMPOSE.format(name, version))
            run("gzip", "-n", xml)
        run("flatpak", "build-export", f"{tmp}/repo", f"{tmp}/{name}", "stable", **env)
    put(f"{tmp}/p/files/bin/x", "x")
    put(f"{tmp}/p/usr/bin/x", "x")
    put(f"{tmp}/p/metadata", "[Runtime]\nname=org.example.Platform\n"
        "runtime=org.example.Platform/x86_64/22.08\nsdk=org.example.Sdk/x86_64/22.08\n")
    run("flatpak", "build-export", "-r", f"{tmp}/repo", f"{tmp}/p", "22.08", **env)
    run("flatpak", "--user", "remote-add", "--no-gpg-verify", "here", f"{tmp}/repo", **env)
    run("flatpak", "--user", "install", "-y", "--no-related", "here", "org.example.Platform//22.08", **env)
    for name in refs:
        run("flatpak", "--user", "install", "-y", "--no-related", "--no-deps", "here", name, **env)
    out = run("flatpak", "--user", "list", "--columns=application,version", **env)
    want = {tuple((l + "\t").split("\t")[:2]) for l in out.splitlines() if l}
    return want, listed(f"rootfs:{tmp}/r", "flatpak")


# ---- package managers of languages

OPAM = 'opam-version: "2.0"\nmaintainer: "x@example.com"\nauthors: [ "A" ]\nhomepage: "https://example.com"\n' \
       'bug-reports: "https://example.com"\nlicense: {}\ndepends: [ {} ]\nsynopsis: "s"\n' \
       'description: """\nlong "text"\n"""\n'


def opam(tmp):
    need("opam")
    env = {"OPAMROOT": f"{tmp}/r/home/user/.opam", "OPAMROOTISOK": "1", "HOME": f"{tmp}/r/home/user"}
    put(f"{tmp}/repo/repo", 'opam-version: "2.0"\n')
    for name, version, licence, depends in (
            ("lwt", "5.6.1", '"MIT"', '"dune" {>= "1.8.0"} "odoc" {with-doc}'),
            ("dune", "3.6.1", '[ "MIT" "ISC" ]', ""), ("base-unix", "base", '"MIT"', ""),
            ("ppx_deriving", "5.2.1~beta+1", '"MIT"', '"lwt" {= "5.6.1"}')):
        put(f"{tmp}/repo/packages/{name}/{name}.{version}/opam", OPAM.format(licence, depends))
    put(f"{tmp}/r/home/user/x", "")
    run("opam", "init", "-n", "--bare", "--disable-sandboxing", f"{tmp}/repo/", **env)
    run("opam", "switch", "create", "demo", "--empty", **env)
    run("opam", "install", "-y", "--switch", "demo", "lwt", "base-unix", "ppx_deriving", **env)
    out = run("opam", "list", "--switch", "demo", "--columns=name,version", "-s", **env)
    return words(out), listed(f"rootfs:{tmp}/r", "opam")


ROCK = 'package = "{0}"\nversion = "{1}"\nsource = {{ url = "git+https://example.com/foo.git" }}\n' \
       'description = {{ summary = "x", license = "MIT/X11" }}\ndependencies = {{ "lua >= 5.1" }}\n' \
       'build = {{ type = "builtin", modules = {{ ["{0}"] = "foo.lua" }} }}\n'


def luarocks(tmp):
    need("luarocks")
    put(f"{tmp}/s/foo.lua", "return {}")
    lua = [v for v in ("5.4", "5.3", "5.1") if os.path.exists(f"/usr/include/lua{v}/lua.h")]
    if not lua:
        raise Absent("Lua's headers are not installed")
    tree = ["luarocks", "--lua-version", lua[0], "--tree", f"{tmp}/r/usr/local"]
    for name, version in (("foo-bar", "1.2.3-1"), ("baz.qux", "scm-1"), ("lib", "0.10.2rc1-3")):
        put(f"{tmp}/s/{name}-{version}.rockspec", ROCK.format(name, version))
        run(*tree, "make", f"{name}-{version}.rockspec", cwd=f"{tmp}/s")
    return words(run(*tree, "list", "--porcelain")), listed(f"rootfs:{tmp}/r", "luarocks")


def r_library(tmp):
    need("Rscript", "R")
    for name, version in (("foo.bar", "1.0-2"), ("baz", "0.1.0.9000")):
        put(f"{tmp}/{name}/DESCRIPTION", f"Package: {name}\nVersion: {version}\nTitle: A Title\n"
            "Description: Of two\n    lines.\nLicense: MIT + file LICENSE\nAuthor: A\nMaintainer: A <a@b.c>\n"
            "Imports: stats\n")
        put(f"{tmp}/{name}/LICENSE", "YEAR: 2022\nCOPYRIGHT HOLDER: A\n")
        put(f"{tmp}/{name}/NAMESPACE", "")
        put(f"{tmp}/{name}/R/a.R", "f <- function() 1\n")
    library = f"{tmp}/r/usr/local/lib/R/site-library"
    os.makedirs(library)
    run("R", "CMD", "INSTALL", "-l", library, f"{tmp}/foo.bar", f"{tmp}/baz")
    want = set()
    for place in (library, run("Rscript", "-e", "cat(.Library)").strip()):
        if place != library:  # what came with R, read where it is
            shutil.copytree(place, f"{tmp}/r/usr/lib/R/library", symlinks=True)
        want |= words(run("Rscript", "-e", f'x <- installed.packages("{place}"); write.table(x[, '
                          'c("Package", "Version"), drop = FALSE], quote = FALSE, row.names = FALSE, '
                          'col.names = FALSE)'))
    # R's own messages: a DESCRIPTION, but nothing that R would load
    return want, {p for p in listed(f"rootfs:{tmp}/r", "cran") if p[0] != "translations"}


ERL = 'lists:foreach(fun(F) -> {ok, [{application, N, P}]} = file:consult(F), io:format("~s ~s~n", ' \
      '[N, proplists:get_value(vsn, P)]) end, filelib:wildcard("ROOT/**/ebin/*.app")), halt().'


def erlang(tmp):
    need("erl")
    roots = [p for p in ("/usr/lib/erlang/lib", "/usr/lib/elixir/lib") if os.path.isdir(p)]
    want = set()
    for root in roots:
        for app in glob.glob(root + "/**/ebin/*.app", recursive=True):
            os.makedirs(tmp + "/r" + os.path.dirname(app), exist_ok=True)
            shutil.copy(app, tmp + "/r" + app)
        want |= words(run("erl", "-noshell", "-eval", ERL.replace("ROOT", root)))
    if not want:
        raise Absent("no applications of Erlang")
    return want, listed(f"rootfs:{tmp}/r", "otp")


def rebar3(tmp):
    need("rebar3", "erl", "git")
    git = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a",
           "GIT_COMMITTER_EMAIL": "a@b", "HOME": tmp}
    put(f"{tmp}/dep/src/dep.app.src", '{application, dep, [{vsn, "0.3.1"}, {applications, [kernel, stdlib]}]}.\n')
    put(f"{tmp}/dep/rebar.config", "")
    for argv in (("init", "-q", "-b", "main"), ("add", "."), ("commit", "-qm", "x")):
        run("git", *argv, cwd=f"{tmp}/dep", **git)
    put(f"{tmp}/r/src/app.app.src", '{application, app, [{vsn, "1.0"}, {applications, [kernel, stdlib]}]}.\n')
    put(f"{tmp}/r/rebar.config", f'{{deps, [{{dep, {{git, "file://{tmp}/dep", {{branch, "main"}}}}}}]}}.\n')
    run("rebar3", "compile", cwd=f"{tmp}/r", **git)
    shutil.rmtree(f"{tmp}/r/_build")
    return {("dep", "")}, listed(f"dir:{tmp}/r", "hex", "otp")


def cabal(tmp):
    """The plan that the solver made is the witness of what it froze."""
    need("cabal", "ghc")
    put(f"{tmp}/h/.cabal/config", f"repository here\n  url: file+noindex://{tmp}/idx\n")
    os.makedirs(f"{tmp}/idx")
    put(f"{tmp}/r/demo.cabal", "cabal-version: 2.4\nname: demo\nversion: 0.1\nexecutable demo\n"
        "  main-is: Main.hs\n  build-depends: base, containers, text, directory, mtl\n"
        "  default-language: Haskell2010\n")
    put(f"{tmp}/r/Main.hs", "main = pure ()\n")
    run("cabal", "freeze", "--offline", cwd=f"{tmp}/r", HOME=f"{tmp}/h")
    run("cabal", "build", "--offline", "--dry-run", cwd=f"{tmp}/r", HOME=f"{tmp}/h")
    with open(f"{tmp}/r/dist-newstyle/cache/plan.json", encoding="utf-8") as f:
        plan = json.load(f)["install-plan"]
    want = {(p["pkg-name"], p["pkg-version"]) for p in plan if p["pkg-name"] != "demo"}
    shutil.rmtree(f"{tmp}/r/dist-newstyle")
    return want, listed(f"dir:{tmp}/r", "hackage")


CONAN = "from conan import ConanFile\nclass L(ConanFile):\n    settings = 'os', 'arch', 'compiler', 'build_type'\n"


def conan(tmp):
    need_module("conan")
    tool = [PYTHON, "-m", "conans.conan"]
    env = {"CONAN_HOME": f"{tmp}/r/root/.conan2", "HOME": tmp}
    run(*tool, "profile", "detect", **env)
    run(*tool, "remote", "disable", "*", **env)
    for name, version, more in (("zlib", "1.2.13", ""), ("cmake", "3.25.1", ""),
                                ("openssl", "3.0.7", "user = 'acme'\n    channel = 'stable'\n"
                                 "    requires = 'zlib/[>=1.2.11 <2]'\n    tool_requires = 'cmake/3.25.1'\n")):
        put(f"{tmp}/{name}.py", CONAN + f"    name = '{name}'\n    version = '{version}'\n    {more}\n")
        run(*tool, "create", f"{tmp}/{name}.py", "--build=missing", **env)
    put(f"{tmp}/d/conanfile.txt", "[requires]\nopenssl/3.0.7@acme/stable\n")
    run(*tool, "lock", "create", f"{tmp}/d", **env)
    graph = json.loads(run(*tool, "graph", "info", f"{tmp}/d", "-f", "json", **env))
    want = {(n["name"], n["version"]) for n in graph["graph"]["nodes"].values() if n.get("name")}
    kept = json.loads(run(*tool, "list", "*", "-f", "json", **env))
    refs = {tuple(ref.split("@")[0].split("/")) for ref in next(iter(kept.values()))}
    got = listed(f"dir:{tmp}/d", "conan")
    # "zlib/1.Y.Z" in the ID of what needs it: a name without a version
    kept = {p for p in listed(f"rootfs:{tmp}/r", "conan") if p != ("zlib", "")}
    return (want, got), (refs, kept)


RATTLER = """
import asyncio, sys
from rattler import Gateway, install, solve
from rattler.index import index_fs
async def main(base):
    await index_fs(base + "/ch")
    records = await solve(["file://" + base + "/ch"], ["requests", "_libgcc_mutex"],
                          platforms=["linux-64", "noarch"], gateway=Gateway())
    await install(records, base + "/r/opt/conda", cache_dir=base + "/cache")
    for r in records:
        print(r.name.normalized, r.version)
asyncio.run(main(sys.argv[1]))
"""


def conda(tmp):
    need_module("rattler")
    for name, version, build, sub, depends in (
            ("openssl", "3.0.7", "h0b41bf4_1", "linux-64", ["zlib >=1.2"]),
            ("zlib", "1.2.13", "h166bdaf_4", "linux-64", []),
            ("requests", "2.28.1", "pyhd8ed1ab_1", "noarch", ["openssl"]),
            ("_libgcc_mutex", "0.1", "conda_forge", "linux-64", [])):
        os.makedirs(f"{tmp}/ch/{sub}", exist_ok=True)
        os.makedirs(f"{tmp}/ch/noarch", exist_ok=True)
        text, path = b"hello", f"lib/{name}.txt"
        index = {"name": name, "version": version, "build": build, "build_number": 0, "depends": depends,
                 "subdir": sub, "license": "Apache-2.0", "timestamp": 1670000000000}
        index |= {"noarch": "generic"} if sub == "noarch" else {"arch": "x86_64", "platform": "linux"}
        paths = {"paths": [{"_path": path, "path_type": "hardlink", "size_in_bytes": len(text),
                            "sha256": hashlib.sha256(text).hexdigest()}], "paths_version": 1}
        with tarfile.open(f"{tmp}/ch/{sub}/{name}-{version}-{build}.tar.bz2", "w:bz2") as t:
            for n, data in ((path, text), ("info/index.json", json.dumps(index).encode()),
                            ("info/paths.json", json.dumps(paths).encode()), ("info/files", path.encode())):
                member = tarfile.TarInfo(n)
                member.size = len(data)
                t.addfile(member, io.BytesIO(data))
    put(f"{tmp}/go.py", RATTLER)
    return words(run(PYTHON, f"{tmp}/go.py", tmp)), listed(f"rootfs:{tmp}/r", "conda")


def check(name, want, got):
    missing, invented = want - got, got - want
    ok = want and not missing and not invented
    counts["passed" if ok else "failed"] += 1
    print("ok  " if ok else "FAIL", name, len(want))
    for what, some in (("missing", missing), ("invented", invented)):
        for item in sorted(some)[:8]:
            print("     ", what, *item)


def main():
    for case in (nix, pacman, dnf, flatpak, opam, luarocks, r_library, erlang, rebar3, cabal, conan, conda):
        name = case.__name__
        if len(sys.argv) > 2 and name not in sys.argv[2:]:
            continue
        with tempfile.TemporaryDirectory(prefix="prq-tools-") as tmp:
            try:
                pairs = case(tmp)
            except Absent as e:
                counts["skipped"] += 1
                print(f"skipped: {name}: {e}")
                continue
            except (RuntimeError, subprocess.SubprocessError) as e:
                counts["failed"] += 1
                print(f"FAIL {name}: {e}")
                continue
            if isinstance(pairs[0], tuple):
                for n, one in enumerate(pairs):
                    check(f"{name} {n + 1}", *one)
            else:
                check(name, *pairs)
    print(", ".join(f"{n} {what}" for what, n in counts.items()))
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
