#!/usr/bin/env bats
# Every image of images/ before the eyes of lint, verify and inspect, and the
# sizes that they are meant to stay below.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    export LC_ALL=C PITH=${PITH:-$PWD/build/pith} TOP=$PWD
}

# each COMMAND...: for every image that is built.
each() {
    for recipe in "$TOP"/images/*/*.pith; do
        name=$(basename "$recipe" .pith)
        [ -f "$TOP/build/images/$name.tar" ] || skip "no build/images/$name.tar; run make images"
        "$@" "$TOP/build/images/$name.tar"
    done
}

# The tool knows where certificates are, and has no use for them.
lints() {
    run -0 "$PITH" lint "$1"
    [[ $1 != */pith.tar || ${lines[0]} != *'/p/pith: no CA certificates'* ]] || return 0
    [[ ${lines[-1]} == *'0 errors, 0 warnings'* ]]
}

verifies() {
    "$PITH" verify "$1"
    "$PITH" inspect "$1" >/dev/null
    "$PITH" inspect --json "$1" | jq -e '.layers | length > 0' >/dev/null
}

@test "images: lint finds neither error nor warning" {
    each lints
}

@test "images: verify and inspect take them" {
    each verifies
}

@test "images: services of Debian stay below their sizes" {
    for pair in redis:7200000 nginx:4100000 psql:8100000; do
        [ -f "$TOP/build/images/${pair%%:*}.tar" ] || skip "no ${pair%%:*}.tar; run make images"
        [ "$(stat -c %s "$TOP/build/images/${pair%%:*}.tar")" -le "${pair##*:}" ]
    done
}

@test "images: what is in every image is half a kilobyte, in gzip" {
    [ -f "$TOP/build/images/hello.tar" ] || skip "no build/images/hello.tar; run make images"
    cd "$BATS_TEST_TMPDIR" || return
    local layer
    layer=$(tar xOf "$TOP/build/images/hello.tar" manifest.json | jq -r '.[0].Layers[0]')
    tar xOf "$TOP/build/images/hello.tar" "$layer" | gzip -dc >x
    # Of what pith wrote, all but the base.
    tar -b 2 --delete -f x app etc/pith init
    [ "$(tar tf x | tr '\n' ' ')" = \
        './ etc/ etc/group etc/nsswitch.conf etc/passwd home/ home/nonroot/ root/ tmp/ ' ]
    [ "$(gzip -6n <x | wc -c)" -le 512 ]
}
