#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# needs: shared
# One image through a real registry, as an OCI layout, as an OCI archive, as a docker archive (plain,
# gzip, zstd, from standard input): the same findings from each. A Debian root file system made by
# mmdebstrap is listed as dpkg-query lists it.
set -u
pratique=$1 shared=$2 passed=0 failed=0
work=$(mktemp -d)
registry=
cleanup() {
    [ -z "$registry" ] || kill "$registry" 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT
export XDG_CACHE_HOME=$work/cache HOME=$work PRATIQUE_NOW=2026-01-01T00:00:00Z LC_ALL=C
ok() { passed=$((passed + 1)); echo "ok   $1"; }
no() { failed=$((failed + 1)); echo "FAIL $1"; shift; printf '     %s\n' "$@" | head -n 20; }
same() { # NAME FILE FILE
    if [ -s "$2" ] && cmp -s "$2" "$3"; then ok "$1"; else no "$1" "$(diff "$2" "$3" 2>&1 | head -n 12)"; fi
}

"$pratique" db build -q --from "$shared/feeds" --families alpine,debian,pypi,npm,go,nvd,kev -o "$work/db" || no "db build"
export PRATIQUE_DB_DIR=$work/db

# What must not differ between forms: everything but names, digests and sizes of the container.
findings() { # SOURCE OUT
    "$pratique" scan -q --no-cache -f json "$1" >"$work/report.json" 2>"$work/err" ||
        { echo "exit $?: $(cat "$work/err")" >"$2"; return; }
    jq -S '{findings, packages, gaps, suppressed, distro: .image.distro, diff_ids: [.image.layers[].diff_id]}' \
        "$work/report.json" >"$2"
}

port=$((20000 + RANDOM % 20000))
cat >"$work/registry.yml" <<EOF
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: $work/store}}
http: {addr: "127.0.0.1:$port"}
EOF
docker-registry serve "$work/registry.yml" >"$work/registry.log" 2>&1 &
registry=$!
for _ in $(seq 50); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
    sleep 0.1
done

for tag in go-bin scripting; do
    layout=oci:$shared/images/oci-sys:$tag
    skopeo copy -q --insecure-policy --dest-tls-verify=false "$layout" "docker://127.0.0.1:$port/test/$tag:1"
    skopeo copy -q --insecure-policy "$layout" "docker-archive:$work/$tag.tar:test/$tag:1"
    skopeo copy -q --insecure-policy "$layout" "oci-archive:$work/$tag.oci.tar:$tag"
    skopeo copy -q --insecure-policy "$layout" "dir:$work/$tag.dir"
    findings "oci-dir:$shared/images/oci-sys:$tag" "$work/want"
    if jq -e '.packages | length > 10' "$work/want" >/dev/null; then ok "$tag: packages"; else no "$tag: packages" "$(cat "$work/want")"; fi
    for source in "127.0.0.1:$port/test/$tag:1" "registry:127.0.0.1:$port/test/$tag:1" \
        "oci-archive:$work/$tag.oci.tar" "docker-archive:$work/$tag.tar" "$work/$tag.tar" "$work/$tag.dir"; do
        findings "$source" "$work/got"
        same "$tag from ${source/$work\//}" "$work/want" "$work/got"
    done
    gzip -1 -k "$work/$tag.tar"
    zstd -q -1 "$work/$tag.tar"
    for z in gz zst; do
        findings "docker-archive:$work/$tag.tar.$z" "$work/got"
        same "$tag from a docker archive in $z" "$work/want" "$work/got"
    done
    findings "docker-archive:-" "$work/got" <"$work/$tag.tar.gz"
    same "$tag from standard input" "$work/want" "$work/got"
done
kill "$registry"
registry=

# A second scan reads no layer: the blobs may be gone.
cp -rL "$shared/images/oci-sys" "$work/layout"
chmod -R u+w "$work/layout"
"$pratique" scan -q -f json "oci-dir:$work/layout:go-bin" >"$work/first.json"
for d in $(jq -r '.image.layers[].digest' "$work/first.json"); do
    rm "$work/layout/blobs/sha256/${d#sha256:}"
done
"$pratique" scan -q -f json "oci-dir:$work/layout:go-bin" >"$work/second.json" 2>&1
same "a cached scan reads no layer" "$work/first.json" "$work/second.json"
"$pratique" scan -q --verify "oci-dir:$work/layout:go-bin" >/dev/null 2>&1
if [ $? -eq 3 ]; then ok "--verify reads the layers again"; else no "--verify reads the layers again"; fi

# A digest mismatch fails the scan.
cp -rL "$shared/images/oci-sys" "$work/bad"
chmod -R u+w "$work/bad"
blob=$work/bad/blobs/sha256/$(jq -r '.image.layers[0].digest | sub("sha256:"; "")' "$work/first.json")
printf 'x' | dd of="$blob" bs=1 seek=2000 conv=notrunc 2>/dev/null
"$pratique" scan -q --no-cache "oci-dir:$work/bad:go-bin" >"$work/out" 2>"$work/err"
rc=$?
if [ $rc -eq 3 ] && grep -q 'digest mismatch' "$work/err"; then ok "digest mismatch"; else no "digest mismatch" "exit $rc" "$(cat "$work/err")"; fi

# Bytes behind the compressed data, under a digest that is right: a gap, cached or not.
root=$(dirname "$0")/../..
"$root/tools/make-sample" "$root/data/sample" "$work/sample"
python3 - "$work/sample" <<'EOF'
import hashlib, json, os, sys
at = sys.argv[1]
def blob(d): return os.path.join(at, "blobs", *d.split(":"))
def put(data):
    d = "sha256:" + hashlib.sha256(data).hexdigest()
    open(blob(d), "wb").write(data)
    return {"digest": d, "size": len(data)}
index = json.load(open(os.path.join(at, "index.json")))
manifest = json.load(open(blob(index["manifests"][0]["digest"])))
layer = manifest["layers"][0]
layer.update(put(open(blob(layer["digest"]), "rb").read() + b"hidden"))
index["manifests"][0].update(put(json.dumps(manifest).encode()))
json.dump(index, open(os.path.join(at, "index.json"), "w"))
EOF
for run in first second; do
    "$pratique" packages -q -f json "oci-dir:$work/sample" >"$work/got" 2>"$work/err"
    if jq -e '.gaps[] | select(.reason == "6 bytes after the end of the compressed layer")' "$work/got" >/dev/null; then
        ok "trailing bytes, $run scan"
    else
        no "trailing bytes, $run scan" "$(cat "$work/err")"
    fi
done

# mmdebstrap: listed exactly as dpkg-query lists it, sources included.
if mmdebstrap --quiet --variant=minbase --include=adduser,perl,python3 bookworm "$work/debian.tar" >"$work/mm.log" 2>&1; then
    mkdir "$work/root"
    tar -C "$work/root" -xf "$work/debian.tar" --exclude='./dev/*'
    dpkg-query --admindir="$work/root/var/lib/dpkg" -W \
        -f '${db:Status-Status}\t${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\n' |
        grep -v '^not-installed\|^config-files' | cut -f2- | sort >"$work/want"
    "$pratique" packages -q -f json "rootfs:$work/root" |
        jq -r '.packages[] | select(.type == "deb") | [.name, .version, .arch, (.source.name // .name), (.source.version // .version)] | @tsv' |
        sort >"$work/got"
    same "a Debian root file system as dpkg-query lists it ($(wc -l <"$work/want") packages)" "$work/want" "$work/got"
else
    no "mmdebstrap" "$(tail -n 5 "$work/mm.log")"
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
