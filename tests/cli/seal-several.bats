#!/usr/bin/env bats
# pith seal on archives of several platforms, and on what is beside their images.
# PITH names another build of it; its pith-init is the one beside it.

bats_require_minimum_version 1.5.0
load ../support/seal

# make_several OUT.tar: for amd64, arm64 and riscv64, as buildx makes it: an
# index in index.json, with annotations, an attestation, a signature of that, and
# a document about no image.
make_several() {
    local machine
    for machine in aarch64 riscv64; do
        command -v $machine-linux-gnu-gcc >/dev/null || skip "no $machine-linux-gnu-gcc: scripts/setup cross"
        [ -x "$(dirname "$PITH")/pith-init-$machine" ] || skip "pith-init for this machine only: make cross"
    done
    aarch64-linux-gnu-gcc -Os -s -static -o "$MADE/aarch64" "$MADE/x.c"
    # There is no libc for this one.
    printf '%s\n' 'void _start(void)' '{' '__asm__("li a7, 93\n\tli a0, 0\n\tecall");' '}' >riscv64.c
    riscv64-linux-gnu-gcc -Os -s -static -nostdlib -o "$MADE/riscv64" riscv64.c && rm riscv64.c
    python3 - "$MADE" "$1" <<'PY'
import sys
from image import OCI, Image, blob, digest, directory, dump, file, layer
made, out = sys.argv[1:]
blobs, entries = {}, []

def add(data, kind, **more):
    blobs[blob(data)] = data
    return {"mediaType": kind, "digest": digest(data), "size": len(data), **more}

def platform(name):
    return {"architecture": name, "os": "linux"}

shared = layer([directory("etc", 0o750), file("etc/passwd", b"web:x:101:102::/:\n")])
for name, program in ("amd64", "x"), ("arm64", "aarch64"), ("riscv64", "riscv64"):
    one = Image([shared, layer([file("app/x", open(f"{made}/{program}", "rb").read(), 0o755)])],
                {"Entrypoint": ["/app/x"], "User": "web"})
    one.config["architecture"] = name
    members = dict(one.members())
    entry = __import__("json").loads(members["index.json"])["manifests"][0]
    del entry["annotations"]
    entry.update(platform=platform(name), annotations={"for": name})
    blobs.update({k: v for k, v in members.items() if k.startswith("blobs/")})
    entries.append(entry)
statement = add(b'{"_type":"https://in-toto.io/Statement/v0.1"}', "application/vnd.in-toto+json")
def document(config, payload, **more):
    return add(dump({"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json",
                     "config": add(dump(config), OCI + "config.v1+json" if config else "application/vnd.oci.empty.v1+json"),
                     "layers": [payload], **more}),
               OCI + "manifest.v1+json", platform={"architecture": "unknown", "os": "unknown"})

attestation = document({"architecture": "unknown", "os": "unknown", "config": {},
                        "rootfs": {"type": "layers", "diff_ids": [statement["digest"]]}}, statement)
attestation["annotations"] = {"vnd.docker.reference.type": "attestation-manifest",
                              "vnd.docker.reference.digest": entries[0]["digest"]}
subject = {key: attestation[key] for key in ("mediaType", "digest", "size")}
entries.append(attestation)
entries.append(document({}, add(b"signed", "text/plain"), artifactType="text/x-signature", subject=subject))
entries.append(document({}, add(b"of nobody", "text/plain"), artifactType="text/plain"))
nested = dump({"schemaVersion": 2, "mediaType": OCI + "index.v1+json", "manifests": entries,
               "annotations": {"of": "the index"}})
index = dump({"schemaVersion": 2, "mediaType": OCI + "index.v1+json", "manifests": [
    add(nested, OCI + "index.v1+json", annotations={"io.containerd.image.name": "localhost/several:3",
                                                    "org.opencontainers.image.ref.name": "3", "else": "kept"})]})
everything = [("oci-layout", b'{"imageLayoutVersion":"1.0.0"}'), *blobs.items(), ("index.json", index)]
open(out, "wb").write(layer([file(k, v) for k, v in everything]))
PY
}

# nested IN.tar: the index that index.json leads to.
nested() {
    tar xOf "$1" "blobs/sha256/$(tar xOf "$1" index.json | jq -r '.manifests[0].digest[7:]')"
}

# of IN.tar ARCH KEY: that blob of the machine's manifest, such as .config.
of() {
    local manifest
    manifest=$(nested "$1" | jq -r --arg a "$2" '.manifests[] | select(.platform.architecture == $a).digest[7:]')
    tar xOf "$1" "blobs/sha256/$(tar xOf "$1" "blobs/sha256/$manifest" | jq -r "$3.digest[7:]")"
}

@test "of several platforms each is sealed, and what lists them stays" {
    make_several in.tar
    run -0 --separate-stderr "$PITH" seal in.tar -o out.tar --service <(printf '[Service]\nAllowExec=yes\n')
    [[ "${lines[0]}" =~ amd64\ [0-9]+,\ arm64\ [0-9]+,\ riscv64\ [0-9]+\ calls ]]
    [[ "$output" = *$'\nskopeo copy --all oci-archive:out.tar docker://REGISTRY/several:3' ]]
    grep -qx '  note: left out: what describes the image as it was, 2 of attestation, bill of materials or the like' <<<"$output"
    run -0 "$PITH" verify out.tar
    "$PITH" lint --json out.tar >lint.json
    [ "$(jq .errors lint.json)" -eq 0 ]
    local name i
    for name in amd64:x86_64 arm64:aarch64 riscv64:riscv64; do
        # Its own layers are below, byte for byte, and its own init is on top.
        for i in 0 1; do
            cmp <(of in.tar "${name%:*}" ".layers[$i]") <(of out.tar "${name%:*}" ".layers[$i]")
        done
        of out.tar "${name%:*}" '.layers[2]' | tar xzf - init etc/pith/service.conf etc/pith/service.bpf
        case $name in
        amd64*) cmp init "$(dirname "$PITH")/pith-init" ;;
        *) cmp init "$(dirname "$PITH")/pith-init-${name#*:}" ;;
        esac
        grep -qx User=101 etc/pith/service.conf
        "$PITH" inspect --platform "linux/${name%:*}" out.tar | grep -q "^filter .* for ${name%:*}$"
        [ "$(of out.tar "${name%:*}" .config | jq -c .config.Entrypoint)" = '["/init","--","/app/x"]' ]
    done
    # All but what is new of the three descriptors, and what is about the old.
    diff <(nested in.tar | jq -S 'del(.manifests[:3][] | .digest, .size) | del(.manifests[3:5])') \
        <(nested out.tar | jq -S 'del(.manifests[:3][] | .digest, .size)')
    diff <(tar xOf in.tar index.json | jq -S 'del(.manifests[] | .digest, .size)') \
        <(tar xOf out.tar index.json | jq -S 'del(.manifests[] | .digest, .size)')
    [ "$(tar xOf out.tar "blobs/sha256/$(nested out.tar | jq -r '.manifests[3].digest[7:]')" | jq -r '.layers[0].digest')" = \
        "sha256:$(printf 'of nobody' | sha256sum | cut -d' ' -f1)" ]
    # The layer that all have is in it once.
    [ "$(tar tf out.tar | sort | uniq -d)" = '' ]
    "$PITH" seal in.tar -o again.tar --service <(printf '[Service]\nAllowExec=yes\n') >line
    cmp out.tar again.tar
    # Others' tools read it, and what they write is sealed as well.
    command -v skopeo >/dev/null || skip "no skopeo: the rest is skipped"
    skopeo copy -q --all oci-archive:out.tar oci-archive:copied.tar:localhost/several:3
    "$PITH" verify copied.tar
    [ "$(nested copied.tar | jq -c '[.manifests[].digest]')" = "$(nested out.tar | jq -c '[.manifests[].digest]')" ]
    skopeo copy -q --all oci-archive:in.tar oci-archive:in-copied.tar:localhost/several:3
    "$PITH" seal in-copied.tar -o out-copied.tar --service <(printf '[Service]\nAllowExec=yes\n')
    [ "$(nested out-copied.tar | jq -c '[.manifests[].digest]')" = "$(nested out.tar | jq -c '[.manifests[].digest]')" ]
}

# They name it by its digest, and that image is in the archive no more.
@test "documents about an image go when it is sealed" {
    "$PITH" sbom --attach "$MADE/x.tar" -o in.tar 2>/dev/null || {
        skopeo copy -q "docker-archive:$MADE/x.tar" oci-archive:x.tar:localhost/x:1
        "$PITH" sbom --attach x.tar -o in.tar
    }
    [ "$(nested in.tar | jq '.manifests | length')" = 3 ]
    run -0 "$PITH" seal in.tar -o out.tar
    [ "${lines[1]}" = '  note: left out: what describes the image as it was, 2 of attestation, bill of materials or the like' ]
    "$PITH" verify out.tar
    [ "$(nested out.tar | jq '.manifests | length')" = 1 ]
    tar xf out.tar --one-top-level=out
    run ! grep -r "$(nested in.tar | jq -r '.manifests[0].digest')" out/index.json out/manifest.json \
        "out/blobs/sha256/$(jq -r '.manifests[0].digest[7:]' out/index.json)"
    # Those about the image as it is can be added.
    "$PITH" sbom --attach out.tar -o again.tar
    "$PITH" verify again.tar
}

@test "AllowExec= of a platform that the archive lacks is refused" {
    printf '[Service]\nAllowExec=linux/amd64 linux/riscv64\n' >s.conf
    refused "$MADE/x.tar: AllowExec: no image for linux/riscv64" "$PITH" seal "$MADE/x.tar" -o x.tar --service s.conf
    printf '[Service]\nAllowExec=linux/amd64\n' >s.conf
    run -0 "$PITH" seal "$MADE/x.tar" -o x.tar --service s.conf
    [[ "${lines[0]}" = *', may start programs' ]]
    make_several in.tar
    printf '[Service]\nAllowExec=linux/arm/v7\n' >s.conf
    refused 'in.tar: AllowExec: no image for linux/arm' "$PITH" seal in.tar -o y.tar --service s.conf
    # One that is there, and not chosen, is none of it.
    printf '[Service]\nAllowExec=linux/riscv64\n' >s.conf
    "$PITH" seal in.tar -o y.tar --platform amd64 --service s.conf
}

@test "of several platforms some may be chosen" {
    make_several in.tar
    run -0 "$PITH" seal --platform linux/arm64 in.tar -o one.tar
    [[ "${lines[0]}" = *' calls (exact), starts once' ]]
    [ "$(tar xOf one.tar index.json | jq -r '.manifests[0].platform.architecture')" = arm64 ]
    run -0 "$PITH" seal --platform arm64 --platform amd64 in.tar -o two.tar
    [[ "${lines[0]}" =~ amd64\ [0-9]+,\ arm64\ [0-9]+\ calls\ \(exact\),\ starts\ once$ ]]
    [ "$(nested two.tar | jq -c '[.manifests[].platform.architecture]')" = '["amd64","arm64"]' ]
    "$PITH" verify two.tar
    # Each is the image that it is alone.
    [ "$(nested two.tar | jq -r '.manifests[1].digest')" = "$(tar xOf one.tar index.json | jq -r '.manifests[0].digest')" ]
    refused 'in.tar: no image for linux/arm' "$PITH" seal --platform arm/v7 in.tar -o x.tar
    run -2 "$PITH" seal --platform arm64 --platform linux/arm64 in.tar -o x.tar
    [ "${lines[0]}" = 'pith: seal: linux/arm64: given twice' ]
}

# change IN.tar OUT.tar NAME [BYTES]: that member with the bytes at its
# beginning, or without it.
change() {
    python3 - "$@" <<'PY'
import io, sys, tarfile
old, new, name, begin = tarfile.open(sys.argv[1]), tarfile.open(sys.argv[2], "w"), sys.argv[3], sys.argv[4:]
for member in old:
    data = old.extractfile(member).read()
    if member.name == name:
        if not begin:
            continue
        data = begin[0].encode() + data[len(begin[0]):]
    new.addfile(member, io.BytesIO(data))
new.close()
PY
}

@test "what is kept beside the images has its digest, or is refused" {
    make_several in.tar
    local attestation statement arm
    attestation=$(nested in.tar | jq -r '.manifests[5].digest[7:]')
    statement=$(tar xOf in.tar "blobs/sha256/$attestation" | jq -r '.layers[0].digest[7:]')
    printf '[Service]\nAllowExec=yes\n' >s.conf
    change in.tar odd.tar "blobs/sha256/$statement" X
    refused "kept beside the images: blobs/sha256/$statement: its contents do not have the digest in its name, but sha256:*" \
        "$PITH" seal odd.tar -o x.tar --service s.conf
    change in.tar odd.tar "blobs/sha256/$statement"
    refused "kept beside the images: blobs/sha256/$statement: missing from the archive" \
        "$PITH" seal odd.tar -o x.tar --service s.conf
    # So docker save lists platforms that were never pulled.
    arm=$(nested in.tar | jq -r '.manifests[1].digest[7:]')
    change in.tar odd.tar "blobs/sha256/$arm"
    refused 'odd.tar: linux/arm64: listed, and not in the archive; choose others with --platform' \
        "$PITH" seal odd.tar -o x.tar --service s.conf
    "$PITH" seal odd.tar --platform amd64 -o x.tar
    "$PITH" verify x.tar
}

@test "what one platform cannot is said of that one" {
    make_several in.tar
    printf '%s\n' '[Service]' 'AllowExec=linux/riscv64' >s.conf
    run -0 "$PITH" seal in.tar -o out.tar --service s.conf
    [[ "${lines[0]}" = *', starts once, may start programs on riscv64' ]]
    for i in amd64:0 arm64:0 riscv64:1; do
        of out.tar "${i%:*}" '.layers[2]' | tar xOzf - etc/pith/service.conf >conf
        [ "$(grep -c '^AllowExec=yes$' conf)" = "${i#*:}" ]
    done
    rm out.tar conf s.conf
    printf '[Service]\nAllowExec=linux/riscv\n' >bad.conf
    refused "bad.conf: line 2: AllowExec: 'linux/riscv': no such architecture" \
        "$PITH" seal in.tar -o x.tar --service bad.conf
    rm bad.conf
    refused 'in.tar: linux/riscv64: SystemCallFilter: riscv64: cannot start a program just once: *' "$PITH" seal in.tar -o x.tar
    # A machine that pith does not know.
    python3 - <<'PY'
import hashlib, json, tarfile
tar = tarfile.open("in.tar")
members = [(m, tar.extractfile(m).read()) for m in tar]
index = json.loads(dict((m.name, d) for m, d in members)["index.json"])
old = index["manifests"][0]["digest"][7:]
out = tarfile.open("odd.tar", "w")
for member, data in members:
    if member.name.endswith(old):
        data = data.replace(b'"riscv64"', b'"s390x"')
        digest = hashlib.sha256(data).hexdigest()
        member.name = "blobs/sha256/" + digest
        index["manifests"][0].update(digest="sha256:" + digest, size=len(data))
    if member.name == "index.json":
        data = json.dumps(index).encode()
    member.size = len(data)
    out.addfile(member, __import__("io").BytesIO(data))
out.close()
PY
    refused 'odd.tar: linux/s390x: there is no pith-init for it; choose others with --platform' \
        "$PITH" seal odd.tar -o x.tar
    "$PITH" seal odd.tar --platform amd64 --platform arm64 -o chosen.tar
}

@test "--init: one for each machine, told by the files" {
    make_several in.tar
    cp "$(dirname "$PITH")/pith-init" own-x86
    cp "$(dirname "$PITH")/pith-init-aarch64" own-arm
    printf x >>own-x86
    printf x >>own-arm
    "$PITH" seal in.tar --platform amd64 --platform arm64 --init own-arm --init own-x86 -o out.tar
    cmp own-arm <(of out.tar arm64 '.layers[2]' | tar xOzf - init)
    cmp own-x86 <(of out.tar amd64 '.layers[2]' | tar xOzf - init)
    # For who is not given one it is the usual.
    "$PITH" seal in.tar --platform amd64 --platform arm64 --init own-arm -o out.tar
    cmp "$(dirname "$PITH")/pith-init" <(of out.tar amd64 '.layers[2]' | tar xOzf - init)
    refused "in.tar: pith-init: own-arm: a program for linux/arm64, *" \
        "$PITH" seal in.tar --platform amd64 --init own-arm -o x.tar
    cp own-arm again
    refused 'in.tar: linux/amd64: pith-init: own-arm and again are both for linux/arm64' \
        "$PITH" seal in.tar --platform amd64 --platform arm64 --init own-arm --init again -o x.tar
    # So for builds, and there AllowExec= may be single platforms, too.
    mkdir amd64 arm64
    cp "$MADE/x" amd64/x
    cp "$MADE/aarch64" arm64/x
    printf '%s\n' '[Image]' 'Platforms=linux/amd64 linux/arm64' 'Copy=%a/x /app/x' '[Service]' ExecStart=/app/x \
        AllowExec=linux/arm64 >b.pith
    run -0 "$PITH" build b.pith --init own-x86 --init own-arm -o b.tar
    cmp own-arm <(of b.tar arm64 '.layers[0]' | tar xOzf - init)
    [[ "${lines[0]}" = *', starts once, may start programs on arm64' ]]
    grep -qx AllowExec=yes <(of b.tar arm64 '.layers[0]' | tar xOzf - etc/pith/service.conf)
    run ! grep AllowExec <(of b.tar amd64 '.layers[0]' | tar xOzf - etc/pith/service.conf)
    "$PITH" verify b.tar --rebuild b.pith --init own-arm --init own-x86
    sed -i 's:^AllowExec=.*:AllowExec=linux/riscv64:' b.pith
    refused 'b.pith:6: AllowExec: linux/riscv64: none of Platforms=' "$PITH" build b.pith -o x.tar
}
