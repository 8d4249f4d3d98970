#!/usr/bin/env bats
# pith verify on archives that are wrong, each in one way, and on what real
# tools write. PITH names another build of it.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    export LC_ALL=C PITH=${PITH:-$PWD/build/pith} TOP=$PWD
    export CASES=$BATS_FILE_TMPDIR
    python3 tests/support/corrupt.py "$CASES"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

@test "a good archive: one line, exit 0" {
    run -0 --separate-stderr "$PITH" verify "$CASES/good.tar"
    [ -z "$stderr" ]
    [[ "$output" =~ ^"$CASES/good.tar: good: 1 image, 2 layers, 7 files, "[0-9.]+\ KB$ ]]
}

@test "each corruption is named by its line, exit 1" {
    local name expected failed=0
    [ "$(wc -l <"$CASES/cases")" -gt 40 ]
    while IFS=$'\t' read -r name expected; do
        run "$PITH" verify "$CASES/$name.tar"
        sed "s,^pith: ,,; s,^$CASES/$name.tar: ,," <<<"$output" >lines
        [ "$status" -eq 1 ] && grep -qxE -- "$expected" lines && continue
        printf '%s: exit %s\n  expected: %s\n  got: %s\n' \
            "$name" "$status" "$expected" "$output"
        failed=1
    done <"$CASES/cases"
    [ "$failed" -eq 0 ]
}

@test "a corruption brings no lines about what it is not" {
    local name expected
    while IFS=$'\t' read -r name expected; do
        [ "$("$PITH" verify "$CASES/$name.tar" 2>&1 | wc -l)" -le 2 ] || {
            "$PITH" verify "$CASES/$name.tar"
            return 1
        }
    done <"$CASES/cases"
}

@test "any bit flipped is found, wherever it matters" {
    local file missed=0
    # A bit of each block: of headers, data and the end.
    python3 - "$CASES/good.tar" flipped <<'PY'
import sys
good = open(sys.argv[1], "rb").read()
for number, at in enumerate(range(7, len(good), 512)):
    bad = bytearray(good)
    bad[at] ^= 1
    open(f"{sys.argv[2]}-{number}.tar", "wb").write(bad)
PY
    for file in flipped-*.tar; do
        run "$PITH" verify "$file"
        [ "$status" -eq 1 ] && continue
        echo "missed: $file"
        missed=$((missed + 1))
    done
    [ "$missed" -eq 0 ]
}

@test "what umoci leaves unfinished is found" {
    command -v umoci >/dev/null || skip "umoci is not installed"
    umoci init --layout layout
    umoci new --image layout:x
    mkdir files
    echo hello >files/hello
    umoci insert --rootless --image layout:x files /files
    umoci gc --layout layout
    tar cf x.tar -C layout .
    run -1 "$PITH" verify x.tar
    echo "$output"
    [ "${#lines[@]}" -eq 1 ]
    [[ "$output" =~ ^x.tar:\ blobs/sha256/[0-9a-f]{64}:\ its\ tar\ ends\ without\ its\ two\ zero\ blocks$ ]]
    # The defect is umoci's: GNU tar says so as well.
    layer=$(jq -r '.layers[0].digest[7:]' "layout/blobs/sha256/$(
        jq -r '.manifests[0].digest[7:]' layout/index.json)")
    run -2 tar tzf "layout/blobs/sha256/$layer"
}

@test "what pith, buildah and skopeo write is good" {
    printf 'int main(void)\n{\n\treturn 0;\n}\n' >x.c
    gcc -Os -s -static -o x x.c
    "$PITH" build ./x
    run -0 "$PITH" verify x.tar
    if command -v skopeo >/dev/null; then
        skopeo copy -q docker-archive:x.tar docker-archive:docker.tar:localhost/y:2
        skopeo copy -q oci-archive:x.tar oci-archive:oci.tar:2
        run -0 "$PITH" verify docker.tar
        run -0 "$PITH" verify oci.tar
    fi
    command -v buildah >/dev/null || skip "buildah is not installed"
    [ "$(id -u)" = 0 ] || skip "buildah needs root here"
    build() { buildah --root "$PWD/root" --runroot "$PWD/run" --storage-driver vfs "$@"; }
    id=$(build from scratch)
    build copy -q "$id" x /x
    build config --cmd /x "$id"
    build commit -q --format oci "$id" oci-archive:b.tar:b
    build commit -q --format docker "$id" docker-archive:c.tar:c:1
    run -0 "$PITH" verify b.tar
    run -0 "$PITH" verify c.tar
    [[ "$output" = *': good: 1 image, 1 layer, '* ]]
}

# recipe WORD...: x.pith, with these lines more.
recipe() {
    printf '%s\n' '[Image]' Name=localhost/x 'Copy=x /app/x' "$@" '[Service]' ExecStart=/app/x \
        'SystemCallFilter=read write' >x.pith
}

@test "an image comes from its recipe, or differs first in that" {
    printf 'int main(void)\n{\n\treturn 0;\n}\n' >x.c
    gcc -Os -s -static -o x x.c
    recipe
    "$PITH" build x.pith -o x.tar
    "$PITH" build x.pith -o named.tar --tag other/name:2
    "$PITH" build x.pith -o packed.tar --level 1
    mkdir tmp
    export TMPDIR=$PWD/tmp
    run -0 --separate-stderr "$PITH" verify --rebuild x.pith x.tar
    [ "${lines[1]}" = 'x.tar: comes from x.pith' ]
    [ -z "$stderr" ]
    run -0 "$PITH" verify --rebuild x.pith named.tar
    run -0 "$PITH" verify --rebuild x.pith packed.tar
    [ "${lines[1]}" = 'packed.tar: comes from x.pith, compressed otherwise' ]

    recipe Label=a=b
    run -1 "$PITH" verify --rebuild x.pith x.tar
    [ "${lines[1]}" = 'x.tar: does not come from x.pith: + config Labels.a: b' ]
    recipe 'Copy=x.c /x.c mode=0600'
    run -1 "$PITH" verify --rebuild x.pith x.tar
    [[ "${lines[1]}" = 'x.tar: does not come from x.pith: + file /x.c: file, mode 0600, '* ]]
    [ "${#lines[@]}" -eq 2 ]
    recipe
    sed -i 's/write/sync/' x.pith
    run -1 "$PITH" verify --rebuild x.pith x.tar
    [ "${lines[1]}" = 'x.tar: does not come from x.pith: ~ service SystemCallFilter: read write -> read sync' ]
    recipe
    printf x >>x
    run -1 "$PITH" verify --rebuild x.pith x.tar
    [[ "${lines[1]}" = *': ~ filter program.size: '* ]]
    run -1 --separate-stderr "$PITH" verify --rebuild none.pith x.tar
    [ "$stderr" = 'pith: none.pith: No such file or directory' ]
    run -2 "$PITH" verify --init x x.tar
    # Whatever came of it, nothing is left.
    [ -z "$(ls -A tmp)" ]
}

@test "equal files in another order, or at another time, are not the recipe's" {
    printf 'int main(void)\n{\n\treturn 0;\n}\n' >x.c
    gcc -Os -s -static -o x x.c
    recipe
    "$PITH" build x.pith -o x.tar
    python3 - "$TOP/tests/support" <<'PY'
import gzip, io, json, sys, tarfile
sys.path.insert(0, sys.argv[1])
import image
tar = tarfile.open("x.tar")
members = {m.name: m for m in tar.getmembers()}
read = lambda name: tar.extractfile(members[name]).read()
docker = json.loads(read("manifest.json"))[0]
config = json.loads(read(docker["Config"]))
raw = gzip.decompress(read(docker["Layers"][0]))
old = tarfile.open(fileobj=io.BytesIO(raw))
entries = [(m, old.extractfile(m).read() if m.isreg() else b"") for m in old.getmembers()]
entries[-1][0].mtime = 1
it = image.Image([image.layer(entries)])
it.config = {**config, "rootfs": it.config["rootfs"]}
it.write("late.tar")
PY
    run -1 "$PITH" verify --rebuild x.pith late.tar
    [ "${lines[1]}" = 'late.tar: does not come from x.pith: equal files, but their order, times or layers differ' ]
}

@test "an image of any size takes 16 MB of memory at the most" {
    command -v /usr/bin/time >/dev/null || skip "no time(1)"
    python3 - "$TOP/tests/support" <<'PY'
import sys
sys.path.insert(0, sys.argv[1])
import image
names = [image.file(f"{n % 100}/{'n' * 100}{n}", b"x" * 600) for n in range(30000)]
image.Image([image.layer([image.file("zeros", bytes(200 << 20))]), image.layer(names)]).write("big.tar")
PY
    run -0 /usr/bin/time -f %M -o memory "$PITH" verify big.tar
    cat memory
    [ "$(cat memory)" -lt 16384 ]
}

@test "what is no archive: one line that says why, exit 1; usage is 2" {
    run -1 "$PITH" verify /nope
    [ "$output" = 'pith: /nope: open: No such file or directory' ]
    tar cf x.tar -C "$CASES" cases
    run -1 "$PITH" verify x.tar
    [ "$output" = 'pith: x.tar: no image archive (neither index.json nor manifest.json in it)' ]
    for args in '' '--nope x' 'a b'; do
        # shellcheck disable=SC2086 # a list of arguments
        run -2 "$PITH" verify $args
        [[ "${lines[0]}" = 'pith: verify: '* ]]
    done
}

@test "a terminal is not spoken to" {
    python3 - "$TOP/tests/support" <<'PY'
import sys
sys.path.insert(0, sys.argv[1])
import image
it = image.Image([image.layer([])])
it.write("x.tar", it.members() + [("\x1b[31m\nred", b"")])
PY
    run -1 "$PITH" verify x.tar
    [ "$output" = 'x.tar: ?[31m?red: nothing refers to it' ]
}

@test "zstd: bombs, windows and frames that end too soon; indexes in indexes" {
    python3 - "$TOP/tests/support" <<'PY'
import hashlib, json, sys
sys.path.insert(0, sys.argv[1])
import image

def write(name, blob, raw=b""):
    it = image.Image([image.layer([])])
    it.packed[0], it.raw[0] = blob, raw
    it.types[0] = it.types[0].replace("gzip", "zstd")
    it.write(name)

def frame(blocks, window=b"\x58"):  # RFC 8878: no size given, window of 2 MB
    return b"\x28\xb5\x2f\xfd\x00" + window + blocks

def rle(size, last):  # one byte, so many times
    return (size << 3 | 2 | last).to_bytes(3, "little") + b"\0"

write("bomb.tar", frame(rle(131072, 0) * 16384 + rle(1, 1)))
write("window.tar", frame(rle(1, 1), b"\xf8"))
write("cut.tar", frame(rle(512, 0) * 4))
write("frames.tar", frame(rle(512, 1)) + frame(rle(512, 0)))
write("junk.tar", frame(rle(1024, 1)) + b"junk")

def nested(name, depth):
    it = image.Image([image.layer([])])
    members = [list(m) for m in it.members()]
    for _ in range(depth):
        for m in members:
            if m[0] == "index.json":
                old = m[1]
        digest = hashlib.sha256(old).hexdigest()
        top = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
               "manifests": [{"mediaType": "application/vnd.oci.image.index.v1+json",
                              "digest": "sha256:" + digest, "size": len(old)}]}
        for m in members:
            if m[0] == "index.json":
                m[1] = json.dumps(top).encode()
        members.append(["blobs/sha256/" + digest, old])
    it.write(name, [tuple(m) for m in members])

def twice(name):
    it = image.Image([image.layer([])])
    members = [list(m) for m in it.members()]
    index = next(m for m in members if m[0] == "index.json")
    one = json.loads(index[1])["manifests"][0]
    one.pop("annotations", None)
    one["platform"] = {"os": "linux", "architecture": "amd64"}
    inner = json.dumps({"schemaVersion": 2, "manifests": [one, one]}).encode()
    digest = hashlib.sha256(inner).hexdigest()
    index[1] = json.dumps({"schemaVersion": 2, "manifests": [
        {"mediaType": "application/vnd.oci.image.index.v1+json",
         "digest": "sha256:" + digest, "size": len(inner)}]}).encode()
    it.write(name, [tuple(m) for m in members] + [("blobs/sha256/" + digest, inner)])

twice("twice.tar")
nested("deep2.tar", 2)
nested("deep9.tar", 9)
PY
    expect() {
        run -1 --separate-stderr timeout 60 "$PITH" verify "$1"
        [[ "$output" = *"$2"* ]] || { echo "$1: $output"; return 1; }
        run -1 --separate-stderr timeout 60 "$PITH" inspect "$1"
        [ "$(wc -l <<<"$stderr")" -eq 1 ]
    }
    expect bomb.tar 'more than 1032 times its packed size'
    expect window.tar 'broken zstd data (Frame requires too much memory for decoding)'
    expect cut.tar 'truncated zstd data'
    expect frames.tar 'truncated zstd data'
    expect junk.tar 'broken zstd data'
    expect deep9.tar 'more images, or deeper, than pith reads'
    run -1 "$PITH" verify twice.tar
    [[ "$output" = *': two images for amd64' ]]
    run -0 "$PITH" verify deep2.tar
}
