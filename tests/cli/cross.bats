#!/usr/bin/env bats
# pith-init for the other machines: its size, and where pith finds it.

bats_require_minimum_version 1.5.0

setup() {
    TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    PITH=${PITH:-$TOP/build/pith}
    cd "$BATS_TEST_TMPDIR" || return
}

# of ARCH [ROOM]: its pith-init, or a skip where nobody ran make cross.
of() {
    INIT=$TOP/build/pith-init-$1
    [ -f "$INIT" ] || skip "no build/pith-init-$1: make cross"
}

# at_most ARCH PERCENT: of the bytes of this machine's, which footprint.bats
# bounds; static, and with what the kernel reads alone.
at_most() {
    of "$1"
    local size ours
    size=$(stat -c %s "$INIT")
    ours=$(stat -c %s "$TOP/build/pith-init")
    echo "$1: $size bytes, $((size * 100 / ours)) % of $ours"
    [ $((size * 100)) -le $((ours * $2)) ]
    "$TOP/scripts/check-static" "$INIT"
    run -0 readelf -SW "$INIT"
    [[ $output == *"There are no sections in this file."* ]]
}

# program ARCH: one for that machine, static.
program() {
    printf 'int main(void) { return 0; }\n' >main.c
    "$TOP/build/sysroot/$1/bin/musl-gcc" -Os -s -o program main.c
}

# packs ARCH PLATFORM [KEY...]: pith build finds the init and puts it in.
packs() {
    local arch=$1 platform=$2
    shift 2
    of "$arch"
    program "$arch"
    printf '%s\n' '[Image]' Name=localhost/x "Platforms=linux/$platform" \
        'Copy=program /app/x' '[Service]' ExecStart=/app/x \
        SystemCallFilter=@default "$@" >x.pith
    "$PITH" build x.pith
    "$PITH" export --initramfs x.tar -o x.cpio
    cpio -i --quiet --to-stdout init <x.cpio | cmp - "$INIT"
}

@test "aarch64: at most 115 % of the bytes of x86-64's" { at_most aarch64 115; }
@test "armhf: at most 90 % of the bytes of x86-64's" { at_most armhf 90; }
@test "riscv64: at most 103 % of the bytes of x86-64's" { at_most riscv64 103; }

@test "aarch64 and armhf: segments fit kernels with pages of 64 KiB" {
    of aarch64
    run -0 readelf -lW "$INIT"
    [ "$(grep -c 'LOAD .* 0x10000$' <<<"$output")" = 2 ]
    of armhf
    run -0 readelf -lW "$INIT"
    [ "$(grep -c 'LOAD .* 0x10000$' <<<"$output")" = 2 ]
}

@test "pith build finds the pith-init of the platform" {
    packs aarch64 arm64
    packs armhf arm/v7
    packs riscv64 riscv64 AllowExec=yes
}

@test "pith build says where it looked, and what makes one" {
    of riscv64
    program riscv64
    mkdir bin
    cp "$PITH" bin/pith
    printf '%s\n' '[Image]' Name=localhost/x Platforms=linux/riscv64 \
        'Copy=program /app/x' '[Service]' ExecStart=/app/x \
        SystemCallFilter=@default AllowExec=yes >x.pith
    local here=$BATS_TEST_TMPDIR/bin
    run -1 bin/pith build x.pith
    [ "$output" = "pith: no pith-init for linux/riscv64: looked for $here/pith-init-riscv64\
 and $here/../lib/pith/pith-init-riscv64; make cross builds it, or give --init FILE" ]
    # Each of them serves.
    cp "$INIT" bin/
    bin/pith build x.pith
    mkdir -p lib/pith
    mv bin/pith-init-riscv64 lib/pith/
    bin/pith build x.pith
    # What is there is checked.
    cp "$TOP/build/pith-init" bin/pith-init-riscv64
    run -1 bin/pith build x.pith
    [ "$output" = "pith: pith-init: $here/pith-init-riscv64: a program for linux/amd64,\
 and the image is for linux/riscv64" ]
}

@test "build-image: hello for each platform" {
    local platform
    of riscv64
    for platform in arm64 arm/v7; do
        run -0 "$TOP/scripts/build-image" hello "linux/$platform"
        [[ $output == *"/hello-${platform%/v7}.tar "*"starts once"* ]]
    done
    run -0 "$TOP/scripts/build-image" hello linux/riscv64
    [[ $output == *"build-image: riscv64 has no gate: AllowExec=yes"*"may start programs"* ]]
    run -1 "$TOP/scripts/build-image" hello linux/vax
    run -0 "$TOP/scripts/build-image" hello linux/amd64 linux/arm64 linux/arm/v7
    [[ $output == *"/hello-amd64-arm64-arm.tar "*"starts once"* ]]
    "$PITH" verify "$TOP/build/images/hello-amd64-arm64-arm.tar"
}

@test "make install installs those that are built" {
    of aarch64
    make -s -C "$TOP" install DESTDIR="$BATS_TEST_TMPDIR/to" PREFIX=/usr
    cmp "$INIT" to/usr/lib/pith/pith-init-aarch64
    cmp "$TOP/build/pith-init" to/usr/lib/pith/pith-init-x86_64
}

@test "no libc with known holes is linked in" {
    local arch version
    for arch in x86_64 aarch64 armhf riscv64; do
        [ -f "$TOP/build/sysroot/$arch/VERSION" ] || continue
        read -r version <"$TOP/build/sysroot/$arch/VERSION"
        [[ $version != *fallback ]] || skip "Debian 13 was out of reach: musl ${version% *}"
        # CVE-2025-26519, CVE-2026-6042, CVE-2026-40200
        dpkg --compare-versions "$version" ge '1.2.5-3.1~'
    done
}

@test "check-static finds thread-local storage on every machine" {
    local arch
    printf '%s\n' 'extern __thread int x; __thread int x;' \
        'int main(int c, char **v) { (void)v; x = c; return x; }' >tls.c
    for arch in aarch64 armhf riscv64 x86_64; do
        of "${arch/x86_64/aarch64}"
        "$TOP/build/sysroot/$arch/bin/musl-gcc" -Wl,-S -o tls tls.c
        run -1 "$TOP/scripts/check-static" -t tls
        [ "$output" = "check-static: tls: uses thread-local storage; see src/init/start.c" ]
    done
}
