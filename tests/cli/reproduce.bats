#!/usr/bin/env bats
# Equal inputs give equal files: images of every shape, built again under each
# condition that must not show.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    export LC_ALL=C TOP=$PWD PITH=${PITH:-$PWD/build/pith} XDG_CACHE_HOME=/dev/null
    # Where another user may look.
    DIR=$(mktemp -d /tmp/pith-reproduce-XXXXXX)
    export DIR
    chmod 755 "$DIR"
    cp "$PITH" build/pith-init* "$DIR"
    make_sources "$DIR/first" a b c d e f g
    (cd "$DIR/first" && build_all)
}

teardown_file() {
    umount "$DIR/ext4" 2>/dev/null || :
    rm -rf "$DIR"
}

# make_sources DIRECTORY NAME...: recipes and what they copy, in this order.
make_sources() {
    local dir=$1 name
    shift
    mkdir -p "$dir/tree"
    printf 'int main(void)\n{\n\treturn 0;\n}\n' >"$DIR/x.c"
    [ -e "$DIR/static" ] || gcc -Os -s -static -o "$DIR/static" "$DIR/x.c"
    cp "$DIR/static" "$dir/static"
    for name; do
        seq "${#name}" 40000 >"$dir/tree/$name"
        mkdir "$dir/tree/$name.d"
        echo "$name" >"$dir/tree/$name.d/file"
    done
    cp "$(readlink -f "$(command -v dash)")" "$dir/dynamic"
    cp "$TOP/build/pith-init" "$dir/program-amd64"
    platforms=linux/amd64
    for pair in arm64=aarch64 arm=armhf riscv64=riscv64; do
        [ -f "$TOP/build/pith-init-${pair#*=}" ] || continue
        cp "$TOP/build/pith-init-${pair#*=}" "$dir/program-${pair%=*}"
        platforms+=" linux/${pair%=*}"
    done
    service=$(printf '%s\n' '[Service]' ExecStart=/app/x AllowExec=yes SystemCallFilter=@default)
    printf '%s\n' '[Image]' 'Copy=static /app/x' 'Copy=tree /srv' "$service" >"$dir/one.pith"
    printf '%s\n' '[Image]' Base=static 'Copy=static /app/x' 'Copy=tree /srv' "$service" \
        >"$dir/layers.pith"
    printf '%s\n' '[Image]' Base=glibc 'Copy=dynamic /app/x' 'Copy=tree /srv' "$service" \
        >"$dir/dynamic.pith"
    printf '%s\n' '[Image]' Base=static "Platforms=$platforms" 'Copy=program-%a /app/x' \
        'Copy=tree /srv' "$service" >"$dir/platforms.pith"
}

# build_all [PITH]: every recipe of this directory, by two compressors.
build_all() {
    local recipe
    for recipe in one layers dynamic platforms; do
        "${1:-$DIR/pith}" build $recipe.pith -o $recipe.gzip.tar
        "${1:-$DIR/pith}" build $recipe.pith -o $recipe.zstd.tar --compress zstd 2>/dev/null
    done
}

# The files of this directory are those that were built first.
same_as_first() {
    local file
    for file in "$DIR"/first/*.tar; do
        cmp "$file" "$(basename "$file")"
    done
}

@test "eight archives to compare with: all good, and in several layers" {
    cd "$DIR/first"
    archives=(*.tar)
    [ "${#archives[@]}" -eq 8 ]
    for file in *.tar; do
        "$DIR/pith" verify "$file"
    done
    "$DIR/pith" inspect --json layers.gzip.tar | jq -e '.layers | length == 2'
}

@test "another user, umask, TZ, locale, directory, time and order of files" {
    make_sources "$DIR/second" g f e d c b a
    find "$DIR/second" -exec touch -h -d 2001-02-03 {} +
    chmod -R go-w "$DIR/second"
    chmod 777 "$DIR/second"
    as=()
    [ "$(id -u)" -ne 0 ] || as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
    export -f build_all
    "${as[@]}" env -C "$DIR/second" TZ=Asia/Tokyo LC_ALL=tr_TR.UTF-8 HOME=/ \
        bash -c 'umask 077; build_all'
    cd "$DIR/second" && same_as_first
    rm -rf "$DIR/second"
}

@test "one processor" {
    make_sources "$DIR/alone" a b c d e f g
    cd "$DIR/alone"
    export -f build_all
    taskset -c 0 bash -c build_all
    same_as_first
    rm -rf "$DIR/alone"
}

@test "an ext4, whose directories have an order of their own" {
    [ "$(id -u)" -eq 0 ] || skip "needs root to mount"
    truncate -s 96M "$DIR/ext4.img"
    mkfs.ext4 -q "$DIR/ext4.img"
    mkdir -p "$DIR/ext4"
    mount -o loop "$DIR/ext4.img" "$DIR/ext4" 2>/dev/null || skip "no loop device here"
    make_sources "$DIR/ext4/x" g c a b f e d
    (cd "$DIR/ext4/x" && build_all && same_as_first)
    umount "$DIR/ext4"
}

@test "a tmpfs, likewise" {
    [ -d /dev/shm ] && [ "$(stat -f -c %T /dev/shm)" = tmpfs ] || skip "no tmpfs on /dev/shm"
    shm=$(mktemp -d /dev/shm/pith-XXXXXX)
    make_sources "$shm/x" d a g c f b e
    status=0
    (cd "$shm/x" && build_all && same_as_first) || status=1
    rm -rf "$shm"
    [ "$status" -eq 0 ]
}

@test "a pith that clang built" {
    command -v clang >/dev/null || skip "clang is not installed"
    make -s -j2 -C "$TOP" CI= B=build/clang CC=clang build/clang/pith
    make_sources "$DIR/clang" a b c d e f g
    cp "$TOP/build/clang/pith" "$DIR/pith-clang"
    cd "$DIR/clang"
    build_all "$DIR/pith-clang"
    same_as_first
    rm -rf "$DIR/clang"
}
