#!/usr/bin/env bats
# Package data in images, and pith sbom: on Debian's own programs, on one that
# Go made, and on images that others built. PITH names another build of it.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    export LC_ALL=C PITH=${PITH:-$PWD/build/pith} TOP=$PWD
    cd "$BATS_FILE_TMPDIR" || return
    printf '%s\n' '[Image]' 'Base=static' 'Copy=/bin/busybox /app/busybox' \
        '[Service]' 'ExecStart=/app/busybox httpd -f' >static.pith
    "$PITH" build static.pith -o static.tar
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return
}

# unpack IMAGE.tar DIR: all of its layers.
unpack() {
    local layer
    mkdir "$2"
    for layer in $(tar xOf "$1" manifest.json | jq -r '.[0].Layers[]'); do
        tar xOf "$1" "$layer" | tar xz -C "$2"
    done
}

version() {
    dpkg-query -W -f '${Version}' "$1"
}

@test "package data: control fields, sums that hold, copyright" {
    unpack static.tar root
    for package in busybox-static tzdata netbase media-types ca-certificates base-files; do
        grep -qx "Package: $package" "root/var/lib/dpkg/status.d/$package"
        grep -qx "Version: $(version "$package")" "root/var/lib/dpkg/status.d/$package"
        cmp "root/usr/share/doc/$package/copyright" "/usr/share/doc/$package/copyright"
        [ -f "root/var/lib/dpkg/status.d/$package.md5sums" ]
    done
    run ! grep -rq '^Status:' root/var/lib/dpkg/status.d
    [ ! -e root/var/lib/dpkg/status ]
    grep -q '  app/busybox$' root/var/lib/dpkg/status.d/busybox-static.md5sums
    [ "$(wc -l <root/var/lib/dpkg/status.d/tzdata.md5sums)" -gt 300 ]
    (cd root && cat var/lib/dpkg/status.d/*.md5sums | md5sum -c --quiet)
    [ "$(readlink root/etc/os-release)" = ../usr/lib/os-release ]
}

# in_root STATUS...: a root with two programs whose package's paragraphs
# these are, and a recipe for it.
in_root() {
    local package
    rm -rf sys && mkdir -p sys/app sys/var/lib/dpkg/info sys/usr/lib sys/usr/bin
    cp /bin/busybox sys/usr/bin/x
    cp /bin/busybox sys/usr/bin/y
    printf 'ID=x\n' >sys/usr/lib/os-release
    for package; do
        printf 'Package: %s\nStatus: install ok installed\nArchitecture: %s\nVersion: 1\n\n' \
            "${package%:*}" "${package#*:}"
    done >sys/var/lib/dpkg/status
    printf '%s\n' '[Image]' Root=sys 'Copy=sys/usr/bin/x /app/' 'Copy=sys/usr/bin/y /app/' '[Service]' \
        ExecStart=/app/x SystemCallFilter=@default >sys.pith
}

@test "package data: nothing from outside the root, whatever its links say" {
    in_root x:amd64
    echo /usr/bin/x >sys/var/lib/dpkg/info/x.list
    echo of-the-host-4711 >secret
    mkdir -p sys/usr/share/doc/x
    ln -s "$PWD/secret" sys/usr/share/doc/x/copyright
    ln -s "$PWD/secret" sys/var/lib/dpkg/info/x.md5sums
    rm -f sys/usr/lib/os-release
    ln -s ../../../secret sys/usr/lib/os-release
    "$PITH" build sys.pith -o sys.tar --compress none
    run -1 grep -c of-the-host-4711 sys.tar
    grep -q status.d/x sys.tar
    # A link that stays inside is followed there.
    echo license-4711 >sys/license
    ln -sf /license sys/usr/share/doc/x/copyright
    "$PITH" build sys.pith -o sys.tar --compress none
    grep -q license-4711 sys.tar
    # A whole tree is no license.
    rm sys/usr/share/doc/x/copyright
    mkdir sys/usr/share/doc/x/copyright
    echo of-the-host-4711 >sys/usr/share/doc/x/copyright/file
    "$PITH" build sys.pith -o sys.tar --compress none
    run -1 grep -c of-the-host-4711 sys.tar
    # Nor is the database itself one of the machine's.
    rm sys/var/lib/dpkg/status
    ln -s /var/lib/dpkg/status sys/var/lib/dpkg/status
    "$PITH" build sys.pith -o sys.tar --compress none
    run -1 grep -c lib.dpkg.status.d sys.tar
}

@test "sbom: a document does not replace its image" {
    cp static.tar other.tar
    run -1 "$PITH" sbom --spdx other.tar -o ./other.tar
    [ "$output" = 'pith: ./other.tar: is both output and input' ]
    cmp static.tar other.tar
}

@test "package data: one package for two machines, and one with an odd name" {
    in_root x:amd64 x:i386 ../../../etc/y:amd64
    echo /usr/bin/x >sys/var/lib/dpkg/info/x:amd64.list
    echo /usr/bin/y >sys/var/lib/dpkg/info/x:i386.list
    mkdir -p sys/usr/share/doc/x
    echo license-4711 >sys/usr/share/doc/x/copyright
    "$PITH" build sys.pith -o sys.tar --compress none
    tar xOf sys.tar "$(tar xOf sys.tar manifest.json | jq -r '.[0].Layers[0]')" | tar t >names
    grep -qx var/lib/dpkg/status.d/x names
    grep -qx var/lib/dpkg/status.d/x:i386 names
    grep -qx var/lib/dpkg/status.d/x:i386.md5sums names
    [ "$(grep -c usr/share/doc/x/copyright names)" = 1 ]
    run ! grep -q etc/y names
}

@test "package data: none for what no package brought, or when told so" {
    cp /bin/busybox ./own
    "$PITH" build ./own -o own.tar
    run -1 grep -c dpkg <(tar xOf own.tar "$(tar xOf own.tar manifest.json | jq -r '.[0].Layers[0]')" | tar tz)
    sed 's/^Base=.*/&\nPackageData=no/' static.pith >without.pith
    "$PITH" build without.pith -o without.tar
    unpack without.tar without
    [ ! -e without/var/lib/dpkg ] && [ ! -e without/usr/share/doc ]
    sed 's/^Base=.*/&\nPackageData=maybe/' static.pith >odd.pith
    run -1 "$PITH" build odd.pith -o odd.tar
    [ "$output" = "pith: odd.pith:3: PackageData: 'maybe': expected yes or no" ]
    [ ! -e odd.tar ]
}

@test "sbom: a table for people" {
    "$PITH" sbom static.tar >table
    grep -q "^debian busybox-static  *$(version busybox-static | sed 's/[.]/\\&/g') " table
    grep -q '^debian tzdata .*LicenseRef-public-domain$' table
    grep -q '^debian netbase .*GPL-2.0-only$' table
    grep -qx 'file   pith-init .*/init' table
    grep -qx '2 ELF files, 1 of no package' table
    [ "$(grep -c ^debian table)" -eq 6 ]
}

@test "sbom: SPDX 2.3 says what is there, where from, and under which license" {
    "$PITH" sbom --spdx -o static.spdx.json static.tar
    jq -e '.spdxVersion == "SPDX-2.3" and .dataLicense == "CC0-1.0"' static.spdx.json
    jq -e '[.packages[], .files[]] | map(.SPDXID) | length == (unique | length)' static.spdx.json
    # every relationship leads somewhere
    jq -e '(([.packages[], .files[]] | map(.SPDXID)) + ["SPDXRef-DOCUMENT"]) as $ids |
        [.relationships[] | .spdxElementId, .relatedSpdxElement] - $ids == []' static.spdx.json
    jq -e --arg version "$(version busybox-static)" '.packages[] |
        select(.name == "busybox-static") | .versionInfo == $version and
        (.sourceInfo | startswith("built from source package: busybox ")) and
        (.externalRefs[0].referenceLocator |
            startswith("pkg:deb/debian/busybox-static@") and endswith("distro=debian-12&upstream=" +
                ("busybox%40" + ($version | sub("\\+b[0-9]+$"; "") | gsub("\\+"; "%2B")))))' \
        static.spdx.json
    sum=$(sha256sum </bin/busybox | cut -d' ' -f1)
    old=$(sha1sum </bin/busybox | cut -d' ' -f1)
    jq -e --arg sum "$sum" --arg old "$old" '.files[] | select(.fileName == "./app/busybox") |
        [.checksums[].checksumValue] == [$old, $sum]' static.spdx.json
    # each LicenseRef is explained
    jq -e '[.packages[].licenseDeclared | scan("LicenseRef-[A-Za-z0-9.-]+")] -
        [.hasExtractedLicensingInfos[].licenseId] == []' static.spdx.json
}

@test "sbom: CycloneDX 1.5 says the same" {
    "$PITH" sbom --cyclonedx static.tar >static.cdx.json
    "$PITH" sbom --spdx static.tar >static.spdx.json
    jq -e '.bomFormat == "CycloneDX" and .specVersion == "1.5" and
        (.serialNumber | test("^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"))' \
        static.cdx.json
    [ "$(jq -r '.components[].purl // empty' static.cdx.json | sort)" = \
        "$(jq -r '.packages[1:][].externalRefs[]?.referenceLocator' static.spdx.json | sort)" ]
    jq -e '[.components[]."bom-ref"] | length == (unique | length)' static.cdx.json
    jq -e '.dependencies[0].dependsOn - [.components[]."bom-ref"] == []' static.cdx.json
    jq -e '.components[] | select(.name == "busybox-static") |
        .evidence.occurrences == [{"location":"/app/busybox"}]' static.cdx.json
}

@test "sbom: equal images give equal documents, and no time is in them" {
    mkdir -p elsewhere
    (cd elsewhere && TZ=Asia/Tokyo "$PITH" build ../static.pith -o again.tar)
    cmp static.tar elsewhere/again.tar
    for form in --spdx --cyclonedx; do
        "$PITH" sbom "$form" static.tar >one
        TZ=Asia/Tokyo "$PITH" sbom "$form" elsewhere/again.tar >two
        cmp one two
        run ! grep -qE '"20[0-9]{2}-[0-9]{2}-[0-9]{2}T' one
    done
}

@test "sbom: the modules of a Go program" {
    command -v go >/dev/null || skip "no go: scripts/setup check"
    mkdir -p go/dep
    printf 'module example.org/Served\ngo 1.19\nrequire example.org/dep v1.2.3\nreplace example.org/dep => ./dep\n' >go/go.mod
    printf 'package main\nimport "example.org/dep"\nfunc main() { println(dep.X) }\n' >go/main.go
    printf 'module example.org/dep\ngo 1.19\n' >go/dep/go.mod
    printf 'package dep\nvar X = 1\n' >go/dep/dep.go
    (cd go && CGO_ENABLED=0 GOFLAGS=-mod=mod GOCACHE=$PWD/../cache GOTOOLCHAIN=local go build -o ../served .)
    "$PITH" build ./served -o served.tar
    "$PITH" sbom served.tar >table
    grep -q '^go     example.org/Served .*/app/served$' table
    grep -q "^go     stdlib  *$(go version | sed 's/.*go\([0-9.]*\) .*/\1/') " table
    grep -q '^go     ./dep ' table
    "$PITH" sbom --cyclonedx served.tar |
        jq -e '.components[] | select(.purl == "pkg:golang/example.org/served")'
}

@test "sbom: the crates of a Rust program, as cargo-auditable notes them" {
    python3 - <<'PY'
import json, zlib
crates = [{"name": "served", "version": "0.1.0", "source": "local", "root": True},
          {"name": "serde", "version": "1.0.200", "source": "crates.io"},
          {"name": "cc", "version": "1.0.0", "source": "crates.io", "kind": "build"}]
open("dep", "wb").write(zlib.compress(json.dumps({"packages": crates}).encode()))
open("bad", "wb").write(b"no zlib")
PY
    objcopy --add-section .dep-v0=dep /bin/busybox rust
    objcopy --add-section .dep-v0=bad /bin/busybox odd
    "$PITH" build ./rust -o rust.tar
    "$PITH" sbom rust.tar >table
    grep -q '^rust   serde  *1.0.200 .*/app/rust$' table
    grep -q '^rust   served  *0.1.0 ' table
    run ! grep -q ' cc ' table
    "$PITH" build ./odd -o odd.tar
    "$PITH" sbom odd.tar | grep -qx 'file   odd .*/app/odd'
}

@test "sbom: an image of Debian that others built, with what upper layers delete" {
    PYTHONPATH=$TOP/tests/support python3 - <<'PY'
import image
elf = open("/bin/busybox", "rb").read()
status = b"""Package: busybox
Status: install ok installed
Architecture: amd64
Source: bb (1.0)
Version: 1.0+b1
Maintainer: J\xf6rg <j@example.org>

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 2
"""
low = image.layer([image.file("./var/lib/dpkg/status", status),
    image.file("var/lib/dpkg/info/busybox:amd64.list", b"/.\n/bin/busybox\n"),
    image.file("etc/os-release", b'ID=debian\nVERSION_ID="11"\n'),
    image.file("usr/bin/busybox", elf, 0o755), image.file("opt/lone", elf, 0o755),
    image.file("opt/deleted", elf, 0o755), image.file("opt/replaced", elf, 0o755)])
high = image.layer([image.file("opt/.wh.deleted"), image.file("opt/replaced", b"text")])
image.Image([low, high]).write("other.tar")
PY
    "$PITH" sbom other.tar >table
    [ "$(grep -c '^debian\|^file' table)" -eq 2 ]
    grep -q '^debian busybox  *1.0+b1 ' table
    grep -qx 'file   lone .*/opt/lone' table
    grep -qx '2 ELF files, 1 of no package' table
    "$PITH" sbom --cyclonedx other.tar | jq -e '.components[] | select(.name == "busybox") |
        .purl == "pkg:deb/debian/busybox@1.0%2Bb1?arch=amd64&distro=debian-11&upstream=bb%401.0" and
        .supplier.name == "J?rg"'
}

@test "sbom: what is wrong is one line, and nothing is written" {
    head -c 3000 static.tar >cut.tar
    run -1 "$PITH" sbom --spdx -o cut.json cut.tar
    [ "${#lines[@]}" -eq 1 ] && [[ $output == "pith: cut.tar: "* ]]
    [ ! -e cut.json ]
    run -2 "$PITH" sbom -o x.json static.tar
    run -2 "$PITH" sbom
}

@test "sbom --attach: referrers that importers pass over" {
    "$PITH" sbom --attach -o attached.tar static.tar
    "$PITH" verify attached.tar
    "$PITH" lint attached.tar | grep -c ': error:' | grep -qx 0
    # The image is the same, byte for byte.
    image=$(tar xOf static.tar index.json | jq -r '.manifests[0].digest')
    digits=$(tar xOf attached.tar index.json | jq -r '.manifests[0].digest[7:]')
    tar xOf attached.tar "blobs/sha256/$digits" >nested
    jq -e --arg image "$image" '.manifests | length == 3 and .[0].digest == $image and
        ([.[1:][].platform.os] == ["unknown", "unknown"]) and
        ([.[1:][].artifactType] == ["application/spdx+json", "application/vnd.cyclonedx+json"])' nested
    for i in 1 2; do
        tar xOf attached.tar "blobs/sha256/$(jq -r ".manifests[$i].digest[7:]" nested)" >referrer
        jq -e --arg image "$image" '.subject.digest == $image' referrer
        tar xOf attached.tar "blobs/sha256/$(jq -r '.layers[0].digest[7:]' referrer)" | jq -S . >document
        "$PITH" sbom "$([ "$i" = 1 ] && echo --spdx || echo --cyclonedx)" static.tar | jq -S . | cmp - document
    done
    # Again, and nothing changes; what nothing refers to any more is gone.
    "$PITH" sbom --attach -o again.tar attached.tar
    [ "$(tar xOf again.tar index.json)" = "$(tar xOf attached.tar index.json)" ]
    for form in oci-archive docker-archive; do
        [ "$(skopeo inspect --config "$form:attached.tar" | jq -r .architecture)" = amd64 ]
    done
    tar xOf static.tar manifest.json >m1 && tar xOf attached.tar manifest.json | cmp m1 -
    run -2 "$PITH" sbom --attach static.tar
}

@test "sbom --attach: attestations of others stay, and are no images" {
    PYTHONPATH=$TOP/tests/support python3 - <<'PY'
import json
from image import OCI, Image, blob, digest, dump, file, layer
elf = open("/bin/busybox", "rb").read()
one = dict(Image([layer([file("bin/x", elf, 0o755)])]).members())
blobs = {k: v for k, v in one.items() if k.startswith("blobs/")}
image = json.loads(one["index.json"])["manifests"][0]
image.update(platform={"architecture": "amd64", "os": "linux"}, annotations={"for": "amd64"})

def add(data, kind, **more):
    blobs[blob(data)] = data
    return {"mediaType": kind, "digest": digest(data), "size": len(data), **more}

# As buildkit makes it; its config is what referrers have, too.
manifest = dump({"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json", "config": add(b"{}", OCI + "config.v1+json"),
                 "layers": []})
attestation = add(manifest, OCI + "manifest.v1+json", platform={"architecture": "unknown", "os": "unknown"},
                  annotations={"vnd.docker.reference.type": "attestation-manifest",
                               "vnd.docker.reference.digest": image["digest"]})
nested = dump({"schemaVersion": 2, "mediaType": OCI + "index.v1+json", "manifests": [image, attestation]})
index = dump({"schemaVersion": 2, "manifests": [
    add(nested, OCI + "index.v1+json", annotations={"org.opencontainers.image.ref.name": "1"})]})
members = [("oci-layout", b'{"imageLayoutVersion":"1.0.0"}'), *blobs.items(), ("index.json", index)]
open("attested.tar", "wb").write(layer([file(k, v) for k, v in members]))
PY
    nested() { tar xOf "$1" "blobs/sha256/$(tar xOf "$1" index.json | jq -r '.manifests[0].digest[7:]')"; }
    "$PITH" sbom --attach -o attested-new.tar attested.tar
    [ -z "$(tar tf attested-new.tar | sort | uniq -d)" ]
    cmp <(nested attested.tar | jq -cS '.manifests[]') <(nested attested-new.tar | jq -cS '.manifests[:2][]')
    nested attested-new.tar | jq -e '[.manifests[2:][].artifactType] ==
        ["application/spdx+json", "application/vnd.cyclonedx+json"]'
    "$PITH" sbom --attach -o attested-again.tar attested-new.tar
    [ -z "$(tar tf attested-again.tar | sort | uniq -d)" ]
    cmp <(nested attested-new.tar) <(nested attested-again.tar)
}

@test "build --sbom: beside the archive, and in it" {
    run -0 "$PITH" build --sbom -o with.tar static.pith
    # Without --all skopeo would push the image, and the documents not.
    [[ "$output" = *$'\nskopeo copy --all oci-archive:with.tar docker://'* ]]
    # What is told is of the file as it is in the end.
    size=$(stat -c %s with.tar | awk '{ printf $1 < 999950 ? "%.1f KB" : "%.1f MB", $1 < 999950 ? $1 / 1e3 : $1 / 1e6 }')
    [[ "${lines[0]}" == "with.tar  $size  $(tar xOf with.tar index.json | jq -r '.manifests[0].digest')  "* ]]
    "$PITH" verify with.tar
    cmp with.spdx.json <("$PITH" sbom --spdx with.tar)
    cmp with.cdx.json <("$PITH" sbom --cyclonedx with.tar)
    "$PITH" sbom --attach -o attached-static.tar static.tar
    cmp with.tar attached-static.tar
    run -1 "$PITH" build --sbom -o none/with.tar static.pith
    [ ! -e none ]
}

@test "sbom --attach: each image of several platforms, and old referrers go" {
    PYTHONPATH=$TOP/tests/support python3 - <<'PY'
import hashlib, io, json, tarfile
elf = open("/bin/busybox", "rb").read()
def blob(data, kind, **more):
    blobs["blobs/sha256/" + hashlib.sha256(data).hexdigest()] = data
    return dict(mediaType="application/vnd.oci." + kind, size=len(data),
                digest="sha256:" + hashlib.sha256(data).hexdigest(), **more)
blobs, entries = {}, []
for arch in "amd64", "arm64":
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        info = tarfile.TarInfo("bin/" + arch); info.size = len(elf); info.mode = 0o755
        tar.addfile(info, io.BytesIO(elf))
    layer = out.getvalue()
    config = json.dumps({"architecture": arch, "os": "linux", "config": {}, "rootfs": {"type": "layers",
        "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]}}).encode()
    manifest = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": blob(config, "image.config.v1+json"), "layers": [blob(layer, "image.layer.v1.tar")]}).encode()
    entries.append(blob(manifest, "image.manifest.v1+json", platform={"architecture": arch, "os": "linux"}))
doc = blob(b"{}\n", "image.layer.v1.txt"); empty = blob(b"{}", "empty.v1+json")
old = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "artifactType": "application/spdx+json", "config": empty, "layers": [doc], "subject": entries[0]}).encode()
entries.append(blob(old, "image.manifest.v1+json", artifactType="application/spdx+json",
    platform={"architecture": "unknown", "os": "unknown"}))
index = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
    "manifests": entries}).encode()
top = {"schemaVersion": 2, "manifests": [blob(index, "image.index.v1+json",
    annotations={"org.opencontainers.image.ref.name": "1"})]}
with tarfile.open("several.tar", "w") as tar:
    for name, data in {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}',
                       "index.json": json.dumps(top).encode(), **blobs}.items():
        info = tarfile.TarInfo(name); info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
PY
    "$PITH" verify several.tar
    "$PITH" sbom --attach -o several-new.tar several.tar
    "$PITH" verify several-new.tar
    tar xOf several-new.tar "blobs/sha256/$(tar xOf several-new.tar index.json | jq -r '.manifests[0].digest[7:]')" |
        jq -e '[.manifests[].platform.architecture] == ["amd64", "arm64", "unknown", "unknown", "unknown", "unknown"]'
}

@test "sbom: what programs say of themselves is bounded" {
    PYTHONPATH=$TOP/tests/support python3 - <<'PY'
from image import Image, file, layer
def varint(n):
    return bytes([n]) if n < 128 else bytes([n & 127 | 128]) + varint(n >> 7)
text = b"0123456789abcdef" + b"dep\tx\tv1\n" * 3000000 + b"0123456789abcdef"
elf = open("/bin/busybox", "rb").read()
note = b"\xff Go buildinf:\x08\x02" + bytes(16) + b"\x08go1.19.8" + varint(len(text)) + text
data = elf + bytes(-len(elf) % 16) + note
Image([layer([file(f"p{n}", data, 0o755) for n in range(5)])]).write("bomb.tar")
PY
    run -1 "$PITH" sbom bomb.tar
    [[ $output == "pith: bomb.tar: "*"more than 134217728 bytes of packages" ]]
    rm bomb.tar
}
