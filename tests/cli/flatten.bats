#!/usr/bin/env bats
# pith flatten: one layer of several. PITH names another build of it.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    export LC_ALL=C PITH=${PITH:-$PWD/build/pith} TOP=$PWD PYTHONPATH=$PWD/tests/support
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

# make_image LAYERS: python's list of lists of entries, as x.tar.
make_image() {
    python3 - "$1" <<'PY'
import sys
from image import Image, directory, entry, file, hardlink, layer, symlink
Image([layer(one) for one in eval(sys.argv[1])]).write("x.tar")
PY
}

layers() {
    tar xOf "$1" manifest.json | jq -r '.[0].Layers[]'
}

@test "what is hidden is gone, and the rest as it was" {
    make_image '[[directory("d", 0o700, uid=7, gid=8), file("d/a", b"first", mtime=86400),
        file("secret", b"hush-hush"), symlink("l", "d/a"), hardlink("h", "d/a")],
        [file(".wh.secret"), file("b", b"2")]]'
    run -0 "$PITH" flatten x.tar -o y.tar
    [ -z "$output" ]
    "$PITH" verify y.tar
    [ "$(layers y.tar | wc -l)" -eq 1 ]
    tar xOf y.tar "$(layers y.tar)" | gunzip >layer
    run -1 grep -c hush-hush layer
    [ "$(tar tf layer | tr '\n' ' ')" = 'd/ d/a l b h ' ]
    [ "$("$PITH" diff x.tar y.tar | grep -v '^. layer\|layers\|history\|diff_id\|digest' || true)" = '' ] || {
        "$PITH" diff x.tar y.tar; return 1; }
    "$PITH" flatten x.tar -o z.tar
    cmp y.tar z.tar
    # The config says what it said.
    config() { tar xOf "$1" "$(tar xOf "$1" manifest.json | jq -r '.[0].Config')" | jq -S 'del(.rootfs, .history)'; }
    diff <(config x.tar) <(config y.tar)
}

@test "an image of pith keeps its filter, and redis-server starts from it" {
    printf '%s\n' '[Image]' 'Name=localhost/redis' 'Tag=7' 'Copy=/usr/bin/redis-server /usr/bin/redis-server' \
        'Label=org.opencontainers.image.source=urn:example:redis' '[Service]' \
        'ExecStart=/usr/bin/redis-server --version' 'SystemCallFilter=@default' >redis.pith
    "$PITH" build redis.pith -o redis.tar
    [ "$(layers redis.tar | wc -l)" -gt 1 ]
    "$PITH" flatten redis.tar -o flat.tar
    "$PITH" verify flat.tar
    "$PITH" lint flat.tar
    "$PITH" inspect --json redis.tar | jq .filter >filter
    "$PITH" inspect --json flat.tar | jq .filter | cmp - filter
    annotations() {
        tar xOf "$1" "blobs/sha256/$(tar xOf "$1" index.json | jq -r '.manifests[0].digest[7:]')" |
            jq -S .annotations
    }
    diff <(annotations redis.tar) <(annotations flat.tar)
    annotations flat.tar | jq -e '."org.opencontainers.image.source" == "urn:example:redis" and
        ."org.opencontainers.image.title" == "redis" and ."org.opencontainers.image.version" == "7"'
    if [ "$(id -u)" = 0 ]; then
        [[ "$("$PITH" run flat.tar)" == *'Redis server v='* ]]
    fi
}

@test "an image that others built gets the name it is given" {
    python3 - <<'PY'
from image import Image, file, layer
it = Image([layer([file("a", b"1"), file("b", b"2")]), layer([file("a", b"3")])])
it.write("x.tar")
PY
    "$PITH" flatten --tag localhost/other:2 x.tar -o y.tar
    tar xOf y.tar manifest.json | jq -e '.[0].RepoTags == ["localhost/other:2"]'
    [ "$(tar xOf y.tar "$(layers y.tar)" | tar xzO)" = 23 ]
}

@test "what cannot be is one line, and no output" {
    make_image '[[file("a"), entry("n", b"3", 0o666, dev=(1, 3))]]'
    run -1 --separate-stderr "$PITH" flatten x.tar -o y.tar
    [ "$stderr" = "pith: x.tar: n: entries of type '3' are refused" ]
    [ ! -e y.tar ] && [ -z "$(find . -name "*y.tar*")" ]
    run -2 "$PITH" flatten x.tar
    run -2 "$PITH" flatten -o y.tar
}
