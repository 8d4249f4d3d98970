#!/usr/bin/env bats
# What an image is divided into: layers, platforms, compression, the cache.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    export LC_ALL=C PITH=${PITH:-$PWD/build/pith} TOP=$PWD
    export BIN=$BATS_FILE_TMPDIR XDG_CACHE_HOME=$BATS_FILE_TMPDIR/cache
    local cc=${MUSL_CC:-}
    [ -x "$cc" ] || cc=gcc
    for n in 0 1; do
        printf 'int main(void)\n{\n\treturn %s;\n}\n' "$n" >"$BIN/x.c"
        "$cc" -Os -s -static -o "$BIN/exit$n" "$BIN/x.c"
    done
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cp "$BIN/exit0" "$BIN/exit1" .
}

# recipe PROGRAM LINE...: x.pith, with these lines in [Image].
recipe() {
    local program=$1
    shift
    printf '%s\n' '[Image]' "Copy=$program /app/x" "$@" '[Service]' ExecStart=/app/x >x.pith
}

# The digests of an archive's layers, one a line.
layers() {
    tar xOf "$1" manifest.json | jq -r '.[0].Layers[]'
}

needs_static() {
    for file in /etc/ssl/certs/ca-certificates.crt /usr/share/zoneinfo/UTC /etc/mime.types \
        /etc/services; do
        [ -e "$file" ] || skip "$file is not installed"
    done
}

@test "a small image is one layer" {
    recipe exit0
    "$PITH" build x.pith
    [ "$(layers x.tar | wc -l)" -eq 1 ]
    "$PITH" inspect --json x.tar | jq -e '.layers | length == 1'
}

@test "images on one base share its layer" {
    needs_static
    recipe exit0 Base=static
    "$PITH" build x.pith -o 0.tar
    recipe exit1 Base=static Volume=/data 'Copy=x.pith /etc/x.pith'
    "$PITH" build x.pith -o 1.tar
    run -0 layers 0.tar
    [ "${#lines[@]}" -eq 2 ]
    base=${lines[0]} program=${lines[1]}
    run -0 layers 1.tar
    [ "${lines[0]}" = "$base" ] && [ "${lines[1]}" != "$program" ]
    tar xOf 0.tar "$(tar xOf 0.tar manifest.json | jq -r '.[0].Config')" >config
    jq -e '[.history[].created_by] == ["pith build: base", "pith build: program"]' config
    # Nothing of pith's or of the program's is below.
    tar xOf 0.tar "$base" | tar tzf - >below
    grep -qE '^(init|app/|etc/pith/)' below && return 1
    tar xOf 0.tar "$program" | tar tzf - >above
    grep -qx init above && grep -qx app/x above
    # Its parents are there with the attributes that they have below.
    tar xOf 1.tar "${lines[1]}" | tar tvzf - | grep -q '^drwxr-xr-x 0/0 .* etc/$'
    "$PITH" verify 1.tar
    "$PITH" lint 1.tar
    "$PITH" verify --rebuild x.pith 1.tar
}
