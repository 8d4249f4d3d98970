#!/usr/bin/env bats
# pith seal on images that others built, and on trees. PITH names another build
# of it; its pith-init is the one beside it.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    export LC_ALL=C PITH=${PITH:-$PWD/build/pith} TOP=$PWD
    export MADE=$BATS_FILE_TMPDIR PYTHONPATH=$PWD/tests/support
    cd "$MADE" || return
    printf '%s\n' '#include <stdio.h>' 'int main(int argc, char **argv)' '{' \
        'while (argc--) puts(*argv++);' 'return 0;' '}' >x.c
    static_cc x
    gcc -Os -s -o dynamic x.c
    make_image x.tar
}

# A static program for this machine, by musl's compiler where there is one.
static_cc() {
    local cc=${MUSL_CC:-}
    [ -x "$cc" ] || cc=gcc
    "$cc" -Os -s -static -o "$1" x.c
}

# make_image OUT.tar [ENTRY] [CONFIG]: python's lists of more entries and of
# more layers, and a dict of the config.
make_image() {
    python3 - "$MADE" "$1" "${2:-[], []}" "${3:-{\}}" <<'PY'
import sys
from image import Image, directory, file, hardlink, layer, symlink
made, out, entries, config = sys.argv[1:]
X, DYNAMIC = open(made + "/x", "rb").read(), open(made + "/dynamic", "rb").read()
ARM = X[:18] + b"\xb7\0" + X[20:]
entries, layers = eval(entries)
base = [directory("./"), directory("etc", 0o750, gid=7), file("app/x", X, 0o755),
        file("etc/passwd", b"root:x:0:0::/:\nweb:x:101:102::/:\n"), file("etc/group", b"www:x:33:\n")]
config = {key: value for key, value in
          {"Entrypoint": ["/app/x"], **eval(config)}.items() if value is not None}
Image([layer(base + entries), *map(layer, layers)], config).write(out)
PY
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    mkdir work && cd work || return
}

# refused MESSAGE COMMAND...: exit 1, that message on one line, and no output.
refused() {
    local message=$1 before after
    shift
    before=$(find . | sort)
    run --separate-stderr "$@"
    after=$(find . | sort)
    [ "$status" -eq 1 ] && [[ "$stderr" = "pith: "$message ]] &&
        [ -z "$output" ] && [ "$before" = "$after" ] && return 0
    printf 'expected: %s\n     got: %s: %s\n%s\n' "$message" "$status" "$stderr" "$output"
    diff <(echo "$before") <(echo "$after")
    return 1
}

config() {
    tar xOf "$1" "$(tar xOf "$1" manifest.json | jq -r '.[0].Config')"
}

member() {
    tar xOf "$1" "$(tar xOf "$1" manifest.json | jq -r '.[0].Layers[-1]')" | tar xOzf - "$2"
}

# untouched IN OUT: the layers of IN are the lower ones of OUT, byte for byte.
untouched() {
    local layer
    diff <(config "$1" | jq '.rootfs.diff_ids') <(config "$2" | jq '.rootfs.diff_ids[:-1]')
    for layer in $(tar xOf "$1" manifest.json | jq -r '.[0].Layers[]'); do
        cmp <(tar xOf "$1" "$layer") <(tar xOf "$2" "blobs/sha256/$(tar xOf "$1" "$layer" | sha256sum | cut -d' ' -f1)")
    done
}

@test "an image gets one layer more, and its own stay" {
    make_image in.tar '[], [[file("y")], [file("y", b"2")], []]'
    run -0 --separate-stderr "$PITH" seal in.tar -o out.tar
    [ -z "$stderr" ]
    [[ "${lines[0]}" =~ ^out\.tar\ \ [0-9.]+\ KB\ \ sha256:[0-9a-f]{64}\ \ [0-9]+\ calls\ \(exact\),\ starts\ once$ ]]
    [ "${lines[1]}" = 'skopeo copy oci-archive:out.tar docker://REGISTRY/x:1' ]
    untouched in.tar out.tar
    run -0 "$PITH" verify out.tar
    [[ "$output" = *': good: 1 image, 5 layers, '* ]]
    "$PITH" lint --json out.tar >x.json
    [ "$(jq .errors x.json)" -eq 0 ]
    # Sealed twice it is the same, and not sealed again.
    "$PITH" seal in.tar -o again.tar >line
    cmp out.tar again.tar
    refused 'out.tar: it has a /init already: sealed, or with an init of its own' \
        "$PITH" seal out.tar -o x.tar
    # The directories that it passes through keep what they had.
    run "$PITH" diff in.tar out.tar
    [[ "$output" = *'+ file /init: file, mode 0711, owner 0:0, '* ]]
    [[ "$output" != *'file /etc:'* ]] && [[ "$output" != *'file /:'* ]]
}

@test "the config keeps all but its command, user and stop signal" {
    make_image in.tar '[], []' '{"Entrypoint": ["/app/x", "-a"], "Cmd": ["b c"], "User": "web",
        "Env": ["A=1", "PATH=/app"], "WorkingDir": "/etc", "StopSignal": "SIGQUIT",
        "ExposedPorts": {"80/tcp": {}}, "Volumes": {"/data": {}}, "Labels": {"l": "m"},
        "Healthcheck": {"Test": ["CMD", "/app/x", "ok"], "Retries": 2}}'
    "$PITH" seal in.tar -o out.tar --tag localhost/y:2
    # Which calls the code makes is its libc's to say.
    [ "$("$PITH" inspect --json out.tar | jq -c '.evidence | [.unforeseen, .dropped, .traced]')" = '[[],[],null]' ]
    diff - <(config out.tar | jq -cS '.config | del(.Labels["pith.filter.derived"])') <<'EOF'
{"Cmd":["b c"],"Entrypoint":["/init","--","/app/x","-a"],"Env":["A=1","PATH=/app"],"ExposedPorts":{"80/tcp":{}},"Healthcheck":{"Retries":2,"Test":["CMD","/app/x","ok"]},"Labels":{"l":"m","pith.filter.status":"exact"},"StopSignal":"SIGTERM","User":"101:102","Volumes":{"/data":{}},"WorkingDir":"/etc"}
EOF
    diff - <(member out.tar etc/pith/service.conf) <<'EOF'
[Service]
ExecStart=/app/x -a "b c"
User=101
Group=102
KillSignal=3
SystemCallFilter=auto
EOF
    [ "$("$PITH" inspect --json out.tar | jq -r '.names[0]')" = localhost/y:2 ]
    diff <(config in.tar | jq .history) <(config out.tar | jq '.history[:-1]')
    [ "$(config out.tar | jq -r '.history[-1].created_by')" = 'pith seal' ]
}

@test "the program is found as an engine finds it" {
    local row config expected conf
    while IFS='|' read -r config expected; do
        make_image in.tar '[symlink("bin", "app"), symlink("l", "app/x"), hardlink("h", "app/x"),
            file("lib/dyn", DYNAMIC, 0o755)], []' "$config"
        "$PITH" seal in.tar -o out.tar
        [ "$(config out.tar | jq -c '[.config.Entrypoint[2:], .config.Cmd]')" = "$expected" ] || {
            echo "$config" && config out.tar | jq -c '[.config.Entrypoint[2:], .config.Cmd]'
            return 1
        }
    done <<'EOF'
{}|[["/app/x"],null]
{"Cmd": ["y"]}|[["/app/x"],["y"]]
{"Entrypoint": None, "Cmd": ["/app/x", "y"]}|[["/app/x"],["y"]]
{"Entrypoint": ["x"], "Env": ["PATH=/none:/app"]}|[["/app/x"],null]
{"Entrypoint": ["x"]}|[["/bin/x"],null]
{"Entrypoint": ["app/x"]}|[["/app/x"],null]
{"Entrypoint": ["./x"], "WorkingDir": "/app"}|[["/app/./x"],null]
{"Entrypoint": ["/bin/x"]}|[["/bin/x"],null]
{"Entrypoint": ["/l", "z"]}|[["/l","z"],null]
{"Entrypoint": ["/h"]}|[["/h"],null]
{"Entrypoint": ["/lib/dyn"]}|[["/lib/dyn"],null]
EOF
}

@test "what cannot be sealed is refused with the reason: one line, no output" {
    local entries config message failed=0
    while IFS='|' read -r entries config message; do
        make_image in.tar "$entries" "$config"
        refused "in.tar: $message" "$PITH" seal in.tar -o out.tar || failed=1
        rm -f in.tar
    done <<'EOF'
[], []|{"Entrypoint": ["/bin/sh", "-c", "/app/x"]}|/bin/sh -c: a shell starts its program, but a sealed program starts once and starts no other; write ENTRYPOINT \["/program", "argument"\] instead of the shell form, *
[file("s", b"#!/bin/sh -e\n", 0o755)], []|{"Entrypoint": ["/s"]}|/s: a script, and its interpreter /bin/sh has to start others, *
[], []|{"Entrypoint": None}|its config starts nothing: name the program in ExecStart= of --service
[], []|{"Entrypoint": ["/none"]}|its program /none is not in it
[], [[file("app/.wh.x")]]|{}|its program /app/x is not in it
[], []|{"Entrypoint": ["/app"]}|its program /app is not in it
[file("t", b"text", 0o755)], []|{"Entrypoint": ["/t"]}|/t: no ELF program
[file("arm", ARM, 0o755)], []|{"Entrypoint": ["/arm"]}|/arm: a program for linux/arm64, and the image is for linux/amd64
[file("e", X[:70], 0o755)], []|{"Entrypoint": ["/e"]}|/e: truncated ELF file*
[file("0", b"", 0o755)], []|{"Entrypoint": ["/0"]}|/0: no ELF program
[file("init")], []|{}|it has a /init already: *
[], [[file(".wh.etc"), symlink("etc", "/x")]]|{}|its /etc is a symbolic link
[], []|{"User": "nobody"}|User: nobody: no such user in the image
[], []|{"User": "web:none"}|User: none: no such group in the image
[], []|{"StopSignal": "SIGNOPE"}|StopSignal SIGNOPE: unknown
EOF
    [ "$failed" -eq 0 ]
    printf '[Service]\nExecStart=/none\n' >s.conf
    refused "$MADE/x.tar: its program /none is not in it" "$PITH" seal "$MADE/x.tar" -o o.tar --service s.conf
    printf '[Service]\nNope=1\n' >s.conf
    refused 's.conf: line 2: Nope: unknown key*' "$PITH" seal "$MADE/x.tar" -o o.tar --service s.conf
    printf '[Service]\nSystemCallFilter=raed\n' >s.conf
    refused "$MADE/x.tar: s.conf: SystemCallFilter: 'raed': *" "$PITH" seal "$MADE/x.tar" -o o.tar --service s.conf
    refused "*/none/o.tar: No such file or directory" "$PITH" seal "$MADE/x.tar" -o /none/o.tar
    refused "/none: open: No such file or directory" "$PITH" seal /none -o o.tar
}

@test "--service says what the config does not" {
    make_image in.tar '[file("s", b"#!/app/x\n", 0o755)], []' \
        '{"Entrypoint": ["/s"], "Env": ["A=1", "B=2"], "StopSignal": "SIGQUIT"}'
    mkdir sub
    printf 'read\nwrite\n' >sub/x.policy
    printf '%s\n' '[Service]' 'ExecStart=/app/x --flag' User=web Environment=A=3 KillSignal=INT \
        WorkingDirectory=/app SystemCallFilter=file:x.policy \
        HealthCheck=tcp://localhost:80 >sub/s.conf
    run -0 "$PITH" seal in.tar -o out.tar --service sub/s.conf
    [[ "${lines[0]}" = *' (file:x.policy), starts once' ]]
    diff - <(config out.tar | jq -cS '.config | del(.Healthcheck)') <<'EOF'
{"Cmd":["--flag"],"Entrypoint":["/init","--","/app/x"],"Env":["B=2","A=3"],"Labels":{"pith.filter.status":"listed"},"StopSignal":"SIGTERM","User":"101:102","WorkingDir":"/app"}
EOF
    [ "$(config out.tar | jq -c .config.Healthcheck.Test)" = '["CMD","/init","--probe","tcp://localhost:80"]' ]
    grep -qx KillSignal=2 <(member out.tar etc/pith/service.conf)
    # A script and a shell may be started where others may be, too.
    printf '%s\n' '[Service]' AllowExec=yes >s.conf
    run -0 "$PITH" seal in.tar -o out.tar --service s.conf
    [[ "${lines[0]}" = *', may start programs' ]]
}

@test "archives of skopeo, buildah and umoci are sealed" {
    local in
    command -v skopeo >/dev/null && command -v umoci >/dev/null || skip "no skopeo, or no umoci"
    skopeo copy -q "docker-archive:$MADE/x.tar" docker-archive:docker.tar:localhost/y:2
    skopeo copy -q "oci-archive:$MADE/x.tar" oci-archive:oci.tar:localhost/y:2
    umoci init --layout layout
    umoci new --image layout:2
    umoci insert --rootless --image layout:2 "$MADE/x" /app/x
    umoci config --image layout:2 --config.entrypoint /app/x
    umoci gc --layout layout
    tar cf umoci.tar -C layout .
    refused 'umoci.tar: the archive gives the image no name: give one with --tag NAME:TAG' \
        "$PITH" seal umoci.tar -o out.tar
    if command -v buildah >/dev/null && [ "$(id -u)" = 0 ]; then
        build() { buildah --root "$PWD/root" --runroot "$PWD/run" --storage-driver vfs "$@"; }
        id=$(build from scratch)
        build copy -q "$id" "$MADE/x" /app/x
        build config --entrypoint '["/app/x"]' "$id"
        build commit -q --format oci "$id" oci-archive:buildah-oci.tar:localhost/b:1
        build commit -q --format docker "$id" docker-archive:buildah-docker.tar:localhost/b:1
    fi
    for in in *.tar; do
        case $in in umoci.tar) set -- --tag localhost/u:1 ;; *) set -- ;; esac
        "$PITH" seal "$in" -o "sealed-$in" "$@"
        # What is good stays good; the end that umoci forgot is its own.
        [ "$in" = umoci.tar ] || run -0 "$PITH" verify "sealed-$in"
        [ ! "$(tar tf "$in" | grep -c '^manifest.json$')" = 1 ] || untouched "$in" "sealed-$in"
        command -v runc >/dev/null && [ "$(id -u)" = 0 ] || continue
        run -0 --separate-stderr "$PITH" run "sealed-$in" 'a b'
        [ "$output" = $'/app/x\na b' ]
    done
}

@test "sealed, the acts of the probe are what they are in an image of pith's" {
    [ "$(id -u)" = 0 ] && command -v runc >/dev/null || skip "needs root and runc"
    probe=$TOP/build/images/probe/amd64/probe
    [ -x "$probe" ] || skip "no build/images/probe; make images"
    python3 - "$probe" <<'PY'
import sys
from image import Image, file, layer
probe = open(sys.argv[1], "rb").read()
Image([layer([file("app/probe", probe, 0o755)])],
      {"Entrypoint": ["/app/probe"], "User": "65532:65532"}).write("x.tar")
PY
    "$PITH" seal x.tar -o sealed.tar
    run -0 --separate-stderr "$PITH" run sealed.tar
    diff "$TOP/tests/data/probe.expected" <(printf '%s\n' "$output" | grep -v '^pith-init: running as')
}

@test "an image of any size takes 16 MB of memory at the most" {
    command -v /usr/bin/time >/dev/null || skip "no time(1)"
    make_image big.tar '[file("zeros", bytes(100 << 20)), file("noise", __import__("os").urandom(30 << 20))], []'
    run -0 /usr/bin/time -f %M -o memory "$PITH" seal big.tar -o out.tar
    cat memory
    [ "$(tail -1 memory)" -lt 16384 ]
    untouched big.tar out.tar
}

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

@test "killed half-way through, it leaves no scratch file behind" {
    make_image big.tar '[file("lib/big", X + bytes(4 << 20), 0o755)], []'
    mkdir scratch
    # The kernel kills it while it keeps the program, 1 MiB into that.
    TMPDIR=$PWD/scratch run -153 bash -c "ulimit -c 0 -f 1024; exec '$PITH' seal big.tar -o out.tar"
    [ -z "$(ls -A scratch)" ]
    [ "$(ls)" = $'big.tar\nscratch' ]
    # Nor where it ends as it should.
    TMPDIR=$PWD/scratch "$PITH" seal big.tar -o out.tar
    [ -z "$(ls -A scratch)" ]
}

@test "as many programs as there may be descriptors, and then a word about it" {
    make_image many.tar '[file("lib/%d" % i, X, 0o755) for i in range(64)], []'
    refused 'many.tar: * files of programs and libraries, and no more descriptors: raise ulimit -n' \
        bash -c "ulimit -n 40; exec '$PITH' seal many.tar -o out.tar"
    # A soft limit it raises itself.
    bash -c "ulimit -S -n 40; exec '$PITH' seal many.tar -o out.tar"
}

@test "--root: a tree gets four files, and the Dockerfile two lines" {
    mkdir -p out/app out/etc
    cp "$MADE/x" out/app/x
    printf 'web:x:101:102::/:\n' >out/etc/passwd
    printf 'read\nwrite\n' >x.policy
    printf '%s\n' '[Service]' User=web SystemCallFilter=file:x.policy >s.conf
    umask 077
    run -0 --separate-stderr "$PITH" seal --root out --service s.conf /app/x
    [ -z "$stderr" ]
    [[ "${lines[0]}" =~ ^/app/x\ \ [0-9]+\ calls\ \(file:x.policy\),\ starts\ once$ ]]
    [ "${lines[1]}" = 'USER 101:102' ]
    [ "${lines[2]}" = 'ENTRYPOINT ["/init", "--", "/app/x"]' ]
    [ "$(cd out && find . -type f | sort | xargs stat -c '%a %n')" = '755 ./app/x
644 ./etc/passwd
644 ./etc/pith/calls
644 ./etc/pith/service.bpf
644 ./etc/pith/service.conf
711 ./init' ]
    diff - out/etc/pith/service.conf <<'EOF'
[Service]
ExecStart=/app/x
User=101
Group=102
SystemCallFilter=file:x.policy
EOF
    # The filter is for this program, as pith-init sees it.
    "$PITH" profile compile x.policy --program /app/x=out/app/x -o x.bpf
    cmp x.bpf out/etc/pith/service.bpf
    # Again, with another program: all three are replaced.
    printf x >>out/app/x
    "$PITH" seal --root out --service s.conf /app/x
    run ! cmp -s x.bpf out/etc/pith/service.bpf
}

@test "--root: what cannot be is refused, and nothing is left behind" {
    mkdir -p out/app outside
    cp "$MADE/x" out/app/x
    printf '#!/bin/sh\n' >out/app/s
    ln -s /etc/passwd out/app/l
    refused '/app/none in out: No such file or directory' "$PITH" seal --root out /app/none
    refused '/app in out: no regular file' "$PITH" seal --root out /app
    # Links are followed inside the tree, and there is no such file there.
    refused '/app/l in out: No such file or directory' "$PITH" seal --root out /app/l
    refused '/app/s: a script, *' "$PITH" seal --root out /app/s
    refused 'app/x: not absolute: as it will be in the image' "$PITH" seal --root out app/x
    refused 'none: No such file or directory' "$PITH" seal --root none /app/x
    printf '[Service]\nExecStart=/other\n' >s.conf
    refused 'ExecStart: is /other, and the program /app/x' "$PITH" seal --root out --service s.conf /app/x
    printf '[Service]\nUser=nobody\n' >s.conf
    refused 'User: nobody: no such user in the image' "$PITH" seal --root out --service s.conf /app/x
    ln -s ../outside out/etc
    refused 'out: etc: no directory' "$PITH" seal --root out /app/x
    [ -z "$(ls -A outside)" ]
}

@test "usage errors exit 2" {
    for args in '' 'x.tar' '--nope' 'a b -o c' '--root d' '--root d -o x /p' '--root d --tag x /p' '-o'; do
        # shellcheck disable=SC2086 # a list of arguments
        run -2 "$PITH" seal $args
        [[ "${lines[0]}" = 'pith: seal: '* ]]
    done
}
