#!/usr/bin/env bats
# What an image is divided into: layers, platforms, compression, the cache.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    export LC_ALL=C PITH=${PITH:-$PWD/build/pith} TOP=$PWD
    export BIN=$BATS_FILE_TMPDIR
    # Only tests of the cache have one: others would compare what it holds.
    export XDG_CACHE_HOME=/dev/null
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

@test "images with accounts of their own share a base that has no accounts" {
    needs_static
    local i
    for i in 0 1; do
        recipe "exit$i" Base=static "Account=web$i:33"
        "$PITH" build x.pith -o "$i.tar"
    done
    run -0 layers 0.tar
    [ "${#lines[@]}" -eq 2 ]
    local base=${lines[0]} program=${lines[1]}
    [ "$(layers 1.tar | head -1)" = "$base" ]
    tar xOf 0.tar "$base" | tar tzf - >below
    grep -qx etc/mime.types below
    run -1 grep -xE 'etc/(passwd|group)' below
    tar xOf 0.tar "$program" | tar xzOf - etc/passwd | grep -q '^web0:'
}

# Build tree.pith, of some megabytes, with these options.
build_tree() {
    if [ ! -e tree.pith ]; then
        mkdir tree
        { echo no ELF file; cat "$TOP/build/pith"; } >tree/program
        cat "$TOP"/src/*/*.c >tree/text
        printf '%s\n' '[Image]' 'Copy=exit0 /app/x' 'Copy=tree /srv' '[Service]' \
            ExecStart=/app/x >tree.pith
    fi
    "$PITH" build tree.pith "$@"
}

@test "gzip, zstd and none: equal contents, each as its media type says" {
    for kind in gzip zstd none; do
        build_tree --compress $kind -o $kind.tar 2>err
        tar xOf $kind.tar "$(layers $kind.tar)" >blob
        case $kind in
        gzip) [ ! -s err ] && gzip -dc <blob >raw ;;
        zstd)
            [ "$(cat err)" = 'pith: build: --compress zstd: docker before 23 cannot load this; podman, skopeo and containerd can' ]
            command -v zstd >/dev/null || skip "zstd is not installed"
            zstd -qdc <blob >raw
            ;;
        none) [ ! -s err ] && cp blob raw ;;
        esac
        "$PITH" inspect --json $kind.tar >json
        [ "$(jq -r '.layers[0].diff_id' json)" = "sha256:$(sha256sum raw | cut -d' ' -f1)" ]
        jq -r '.layers[0].diff_id' json >>ids
        manifest=$(tar xOf $kind.tar index.json | jq -r '.manifests[0].digest[7:]')
        tar xOf $kind.tar "blobs/sha256/$manifest" | jq -r '.layers[0].mediaType' >>types
        "$PITH" verify $kind.tar
    done
    [ "$(sort -u ids | wc -l)" -eq 1 ]
    printf 'application/vnd.oci.image.layer.v1.%s\n' tar+gzip tar+zstd tar | cmp - types
    # What reads layers reads all three.
    "$PITH" diff gzip.tar zstd.tar
    "$PITH" lint zstd.tar | grep -q zstd-layer
    "$PITH" verify --rebuild tree.pith zstd.tar
}

@test "levels by name, each smaller than the last, and no processor shows" {
    for kind in gzip zstd; do
        last=
        for level in fast default small; do
            build_tree --compress $kind --level $level -o a.tar 2>/dev/null
            taskset -c 0 "$PITH" build tree.pith --compress $kind --level $level -o b.tar \
                2>/dev/null
            cmp a.tar b.tar
            size=$(stat -c %s a.tar)
            [ -z "$last" ] || [ "$size" -lt "$last" ]
            last=$size
        done
    done
    # Small is below 0.97 of what gzip -9 makes of the same.
    build_tree --level small -o small.tar
    tar xOf small.tar "$(layers small.tar)" >blob
    [ $(($(stat -c %s blob) * 100)) -le $(($(gzip -dc blob | gzip -9c | wc -c) * 97)) ]
}

@test "levels and kinds that are none: usage, exit 2" {
    while IFS='|' read -r args why; do
        # shellcheck disable=SC2086 # a list of arguments
        run -2 --separate-stderr "$PITH" build $args ./exit0
        echo "$stderr"
        [[ "$stderr" = "pith: build: $why"$'\n'* ]]
    done <<'ARGS'
--compress xz|xz: not gzip, zstd or none
--level 13|13: a level of gzip is fast, default, small or 0 to 12
--level tiny|tiny: a level of gzip is fast, default, small or 0 to 12
--compress zstd --level 0|0: a level of zstd is fast, default, small or 1 to 19
--compress none --level fast|fast: what is not compressed has no level
ARGS
}

# A program for each platform that pith-init was built for: pith-init itself.
platforms() {
    PLATFORMS='linux/amd64'
    cp "$TOP/build/pith-init" program-amd64
    for pair in arm64=aarch64 arm=armhf riscv64=riscv64; do
        [ -f "$TOP/build/pith-init-${pair#*=}" ] || continue
        cp "$TOP/build/pith-init-${pair#*=}" "program-${pair%=*}"
        PLATFORMS+=" linux/${pair%=*}"
    done
    [ "$PLATFORMS" != linux/amd64 ] || skip "pith-init for this machine only: make cross"
    # The gate is not for riscv64.
    printf '%s\n' '[Image]' "Platforms=$PLATFORMS" "$@" 'Copy=program-%a /app/program' \
        '[Service]' ExecStart=/app/program AllowExec=yes >many.pith
}

@test "one archive for several platforms, and what they share is in it once" {
    needs_static
    platforms Base=static
    run -0 "$PITH" build many.pith
    [[ "${lines[0]}" = *"  amd64 "[0-9]*", arm64 "[0-9]*" calls (@default), may start programs" ]]
    [[ "${lines[-1]}" = 'skopeo copy --all oci-archive:many.tar docker://'* ]]
    count=$(wc -w <<<"$PLATFORMS")
    run -0 "$PITH" verify many.tar
    [[ "$output" = "many.tar: good: $count images, $((count + 1)) layers, "* ]]
    # index.json names one image, which is an index of all.
    tar xOf many.tar index.json >top
    jq -e '.manifests | length == 1 and (.[0].mediaType | endswith("index.v1+json")) and
        (.[0].annotations["io.containerd.image.name"] == "localhost/many:latest")' top
    tar xOf many.tar "blobs/sha256/$(jq -r '.manifests[0].digest[7:]' top)" >index
    run -0 jq -r '.manifests[].platform | [.os, .architecture, .variant // empty] | join("/")' index
    [ "${lines[0]} ${lines[1]}" = 'linux/amd64 linux/arm64/v8' ]
    # manifest.json can name one: this machine's.
    tar xOf many.tar "$(tar xOf many.tar manifest.json | jq -r '.[0].Config')" |
        jq -e '.architecture == "amd64"'
    "$PITH" build many.pith -o again.tar
    cmp many.tar again.tar
    run -0 "$PITH" verify --rebuild many.pith many.tar
    [ "${lines[2]}" = 'many.tar (linux/arm64): comes from many.pith' ]
}

@test "each platform's image is the one that it would be alone" {
    platforms
    "$PITH" build many.pith
    for platform in $PLATFORMS; do
        sed "s,^Platforms=.*,Platforms=$platform," many.pith >one.pith
        "$PITH" build one.pith --tag localhost/many
        "$PITH" inspect --json --platform "$platform" many.tar | jq 'del(.file)' >a
        "$PITH" inspect --json one.tar | jq 'del(.file)' >b
        cmp a b
        "$PITH" diff --platform "${platform#linux/}" many.tar one.tar
        "$PITH" lint --platform "$platform" many.tar
        "$PITH" export --initramfs --platform "$platform" many.tar -o a.cpio
        "$PITH" export --initramfs one.tar -o b.cpio
        cmp a.cpio b.cpio
    done
    # Without a word it is this machine's.
    "$PITH" inspect --json many.tar | jq -e '.platform.architecture == "amd64"'
}

@test "a platform that is not there, or none at all" {
    "$PITH" build exit0
    run -1 "$PITH" inspect --platform linux/arm64 exit0.tar
    [ "$output" = 'pith: exit0.tar: no image for linux/arm64' ]
    run -1 "$PITH" run --platform riscv64 exit0.tar
    [ "$output" = 'pith: run: exit0.tar: no image for linux/riscv64' ]
    for command in inspect lint diff run; do
        run -2 "$PITH" $command --platform vax exit0.tar
        [ "${lines[0]}" = "pith: $command: vax: no platform (such as linux/arm64)" ]
    done
    # A program for another machine says for which it was wanted.
    cp exit0 exit0-amd64
    cp exit0 exit0-arm64
    printf '%s\n' '[Image]' 'Platforms=linux/amd64 linux/arm64' 'Copy=exit0-%a /x' '[Service]' \
        ExecStart=/x >two.pith
    run -1 --separate-stderr "$PITH" build two.pith
    [[ "$stderr" = 'pith: linux/arm64: '* ]] && [ ! -e two.tar ]
}

# cached COMMAND...: with a cache of this test's own.
cached() {
    XDG_CACHE_HOME=$PWD/cache "$@"
}

@test "a cache: equal bytes with it, without it, cold, warm and damaged" {
    build_tree -o plain.tar
    [ ! -e cache ]
    cached build_tree -o cold.tar
    cached build_tree -o warm.tar
    cmp plain.tar cold.tar
    cmp plain.tar warm.tar
    # A warm one is used: these files are read and not written.
    run -0 find cache/pith -type f
    [ "${#lines[@]}" -ge 2 ]
    inodes=$(stat -c %i cache/pith/* | sort)
    cached build_tree -o warm.tar
    [ "$(stat -c %i cache/pith/* | sort)" = "$inodes" ]
    # Damaged, cut, emptied or something else: it is made again.
    local n=0 file
    for file in cache/pith/*; do
        case $((n++ % 4)) in
        0) printf x | dd of="$file" bs=1 seek=1000 conv=notrunc status=none ;;
        1) truncate -s 100 "$file" ;;
        2) : >"$file" ;;
        3) rm "$file" && ln -s /etc/passwd "$file" ;;
        esac
    done
    cached build_tree -o healed.tar
    cmp plain.tar healed.tar
    # Another level, or kind, is another thing.
    for args in '--level 1' '--compress zstd' '--compress zstd --level 1' '--compress none'; do
        # shellcheck disable=SC2086 # a list of arguments
        build_tree -o plain.tar $args 2>/dev/null
        # shellcheck disable=SC2086
        cached build_tree -o cached.tar $args 2>/dev/null
        cmp plain.tar cached.tar
    done
    rm -r cache
    cached build_tree --no-cache -o x.tar
    [ ! -e cache ]
}

@test "a cache stays in its bounds, and what a killed build left goes" {
    local old new
    mkdir -p cache/pith
    old=cache/pith/$(printf '%064d' 0).1.tmp new=cache/pith/$(printf '%064d' 1).1.tmp
    printf x | tee "$old" cache/pith/mine.tmp >"$new"
    touch -d '2 hours ago' "$old" cache/pith/mine.tmp
    export PITH_CACHE_SIZE=1M
    for level in 1 2 3 4; do
        cached build_tree --level $level
    done
    [ "$(cat cache/pith/* | wc -c)" -le 1048576 ]
    [ ! -e "$old" ] && [ -e "$new" ]
    # What is not the cache's stays.
    [ -e cache/pith/mine.tmp ]
}

@test "a cache that others can write to, or that cannot be, is none" {
    mkdir -p cache/pith
    chmod 777 cache/pith
    cached build_tree
    [ -z "$(ls -A cache/pith)" ]
    if [ "$(id -u)" -eq 0 ]; then
        chmod 700 cache/pith
        chown 65534 cache/pith
        cached build_tree
        [ -z "$(ls -A cache/pith)" ]
    fi
    # Nor is one that a link leads to, nor one in somebody else's home.
    rm -r cache/pith
    mkdir elsewhere home
    ln -s ../elsewhere cache/pith
    cached build_tree
    [ -z "$(ls -A elsewhere)" ]
    if [ "$(id -u)" -eq 0 ]; then
        ln -s ../elsewhere home/.cache
        chown 65534 home
        env -u XDG_CACHE_HOME HOME="$PWD/home" "$PITH" build tree.pith
        [ -z "$(ls -A elsewhere)" ]
    fi
    XDG_CACHE_HOME=/nonexistent/x "$PITH" build tree.pith
    env -u HOME XDG_CACHE_HOME=relative "$PITH" build tree.pith
    [ ! -e relative ]
}

@test "builds at once share the cache and one output" {
    build_tree -o plain.tar
    for _ in 1 2 3 4; do
        rm -rf cache
        pids=
        for n in 1 2 3; do
            cached "$PITH" build tree.pith -o same.tar >/dev/null &
            pids+=" $!"
        done
        for pid in $pids; do
            wait "$pid"
        done
        cmp plain.tar same.tar
        run -0 find . cache -name '*.tmp'
        [ -z "$output" ]
    done
}
