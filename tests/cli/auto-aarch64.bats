#!/usr/bin/env bats
# SystemCallFilter=auto for linux/arm64: of recipes for several platforms, of
# what others built, and in locks; and what becomes of machines without it.
# tests/cli/board.bats runs hello under such a filter.

# shellcheck disable=SC2154  # run sets stderr and stderr_lines

bats_require_minimum_version 1.5.0

setup_file() {
    TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export TOP PITH=${PITH:-$TOP/build/pith} LC_ALL=C
    export XDG_CACHE_HOME=$BATS_FILE_TMPDIR/cache
    if [ ! -f "$TOP/build/pith-init-aarch64" ]; then
        export LACKS="no build/pith-init-aarch64: make cross"
        return
    fi
    cd "$BATS_FILE_TMPDIR" || return
    # The same program, which does more on one machine, or is open there.
    cat >app.c <<'END'
#include <sys/syscall.h>
#include <unistd.h>
static volatile long nr = SYS_getuid;
int main(void)
{
#ifdef MORE
    syscall(SYS_getpriority, 0, 0);
#endif
#ifdef OPEN
    syscall(nr);
#endif
    return syscall(SYS_getsid, 0) < 0;
}
END
    local machine dir compiler
    for machine in x86_64:amd64 aarch64:arm64 armhf:arm riscv64:riscv64; do
        dir=${machine#*:} compiler=$TOP/build/sysroot/${machine%:*}/bin/musl-gcc
        mkdir "$dir"
        [ -x "$compiler" ] || continue
        # -S: the linker for riscv64 ends by a signal on what is for debuggers.
        "$compiler" -O2 -static -Wl,-S app.c -o "$dir/app"
        "$compiler" -O2 -static -Wl,-S -DMORE app.c -o "$dir/more"
        "$compiler" -O2 -static -Wl,-S -DOPEN app.c -o "$dir/open"
    done
}

setup() {
    [ -z "${LACKS:-}" ] || skip "$LACKS"
    cd "$BATS_TEST_TMPDIR" || return
    # bats keeps files of its own in there.
    mkdir work && cd work || return
    cp -R "$BATS_FILE_TMPDIR"/{amd64,arm64,arm,riscv64} .
}

# recipe PLATFORMS KEY=VALUE...: x.pith of each platform's app.
recipe() {
    printf '%s\n' '[Image]' "Platforms=$1" 'Copy=%a/app /app' '[Service]' ExecStart=/app \
        SystemCallFilter=auto "${@:2}" >x.pith
}

# calls ARCH IMAGE: what that platform's filter lets through.
calls() { "$PITH" inspect --json --platform "linux/$1" "$2" | jq -r '.filter.calls[]'; }

# has ARCH IMAGE NAME...; lacks ARCH IMAGE NAME...
has() { [ -z "$(comm -13 <(calls "$1" "$2" | sort) <(printf '%s\n' "${@:3}" | sort))" ]; }
lacks() { [ -z "$(comm -12 <(calls "$1" "$2" | sort) <(printf '%s\n' "${@:3}" | sort))" ]; }

# statuses IMAGE: each platform's, label and annotation, which agree.
statuses() {
    local index digest
    index=$(tar xOf "$1" index.json | jq -r '.manifests[0].digest | ltrimstr("sha256:")')
    for digest in $(tar xOf "$1" "blobs/sha256/$index" | jq -r '.manifests[]?.digest | ltrimstr("sha256:")'); do
        tar xOf "$1" "blobs/sha256/$digest" | jq -r '.annotations["pith.filter.status"]'
    done | paste -sd ' '
    for digest in amd64 arm64; do
        "$PITH" inspect --json --platform "linux/$digest" "$1" | jq -r '.config.labels["pith.filter.status"]'
    done | paste -sd ' '
}

@test "auto: each platform has the calls of its own program" {
    recipe 'linux/amd64 linux/arm64'
    cp arm64/more arm64/app
    run -0 --separate-stderr "$PITH" build x.pith
    [[ ${lines[0]} =~ '  amd64 '[0-9]+', arm64 '[0-9]+' calls (exact), starts once'$ ]]
    has amd64 x.tar getsid
    lacks amd64 x.tar getpriority
    has arm64 x.tar getsid getpriority
    [ "$(statuses x.tar)" = $'exact exact\nexact exact' ]
    # The numbers are each machine's own: a filter for one is none for another.
    run -0 "$PITH" inspect --platform linux/arm64 x.tar
    [[ $output == *' instructions for arm64'* ]]
}

@test "auto: exact on one machine and not on the other is said of each" {
    recipe 'linux/amd64 linux/arm64'
    cp arm64/open arm64/app
    run -1 --separate-stderr "$PITH" build x.pith
    [[ $stderr == 'pith: linux/arm64: x.pith:6: SystemCallFilter: auto: 1 places are open '* ]]
    [ ! -e x.tar ]
    sed -i 's/=auto$/=auto getuid/' x.pith
    run -0 "$PITH" build x.pith
    [[ ${lines[0]} == *' calls (amd64 exact+widened, arm64 open+widened), starts once' ]]
    [ "$(statuses x.tar)" = $'exact+widened open+widened\nexact+widened open+widened' ]
}

@test "auto: a program of another machine beside the image's stops the build" {
    recipe linux/arm64 AllowExec=yes
    sed -i 's,^Copy.*,&\nCopy=amd64/app /other\nAlso=/other,' x.pith
    run -1 --separate-stderr "$PITH" build x.pith
    [ "$stderr" = 'pith: x.pith:8: SystemCallFilter: auto: /other: a program for another machine than linux/arm64' ]
}

# others ARCH PROGRAM: in.tar, an image of it as others build them.
others() {
    tar -C "${2%/*}" -cf layer.tar "${2##*/}"
    printf '{"architecture":"%s","os":"linux","config":{"Entrypoint":["/%s"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
        "$1" "${2##*/}" "$(sha256sum layer.tar | cut -d' ' -f1)" >config.json
    echo '[{"Config":"config.json","RepoTags":["localhost/x:1"],"Layers":["layer.tar"]}]' >manifest.json
    tar -cf in.tar config.json manifest.json layer.tar
}

@test "auto: machines whose code is not read say so; seal takes @default" {
    local arch platform machine
    for platform in arm/v7 riscv64; do
        arch=${platform%/*} machine=${arch/#arm/armhf}
        [ -f "$TOP/build/pith-init-$machine" ] || skip "no build/pith-init-$machine: make cross"
        recipe "linux/$platform" AllowExec=yes
        run -1 --separate-stderr "$PITH" build x.pith
        [[ $stderr == "pith: x.pith:6: SystemCallFilter: auto: not for linux/$arch, whose code pith does not read "* ]]
        [[ $stderr == *'(but amd64, arm64): list the calls, '*'@default' ]]
        [ ! -e x.tar ]
        run -1 --separate-stderr "$PITH" update x.pith
        [[ $stderr == *"auto: not for linux/$arch, "* ]]
        [ ! -e x.lock ]
        run -1 --separate-stderr "$PITH" profile derive "$arch/app"
        [ "$stderr" = "pith: $arch/app: for neither x86_64 nor aarch64, whose code alone is read: trace it on its own machine" ]
    done
    # Nobody asked for it: the usual, and why.
    others arm arm/app
    run -0 "$PITH" seal in.tar -o out.tar
    [[ ${lines[0]} == *' calls (@default), starts once' ]]
    [[ ${lines[1]} == '  note: not derived: auto: not for linux/arm, '* ]]
}

@test "auto: seal derives from an image for arm64, and from a tree" {
    others arm64 arm64/app
    run -0 "$PITH" seal in.tar -o out.tar --platform linux/arm64
    [[ ${lines[0]} == *' calls (exact), starts once' ]]
    has arm64 out.tar getsid
    lacks arm64 out.tar getpriority
    run -0 "$PITH" profile derive --image in.tar
    [[ ${lines[0]} == '/app  '*' calls (exact)  1 files' ]]
    mkdir tree && cp arm64/more tree/app
    run -0 "$PITH" seal --root tree /app
    [[ ${lines[0]} == '/app  '*' calls (exact), starts once' ]]
    run -0 "$PITH" profile show --bpf tree/etc/pith/service.bpf
    [[ $output == *aarch64* || $output == *0xc00000b7* ]]
}

@test "auto: derive, explain and inspect --code of one platform of several" {
    recipe 'linux/amd64 linux/arm64'
    cp arm64/more arm64/app
    "$PITH" build x.pith
    run -0 "$PITH" profile derive --image x.tar --platform linux/arm64
    [[ $output == *getpriority* ]]
    run -0 "$PITH" profile derive --image x.tar --platform linux/amd64
    [[ $output != *getpriority* ]]
    run -0 "$PITH" profile explain --platform linux/arm64 getpriority x.tar
    [[ ${lines[0]} == '/app  getpriority(141)  '* ]]
    run -2 --separate-stderr "$PITH" profile derive --platform linux/arm64 arm64/app
    [ "${stderr_lines[0]}" = 'pith: profile derive: --platform: only with --image' ]
    run -2 --separate-stderr "$PITH" profile explain --platform linux/arm64 getsid arm64/app
    [ "${stderr_lines[0]}" = 'pith: profile explain: --platform: only of an image' ]
    # Of two equal names each machine's result is kept.
    [ "$("$PITH" inspect --json --code --platform linux/arm64 x.tar | jq -c '[.code.status, .code.refused, .code.spare]')" = '["exact",[],[]]' ]
    [ "$("$PITH" inspect --json --code --platform linux/amd64 x.tar | jq -c '[.code.status, .code.refused, .code.spare]')" = '["exact",[],[]]' ]
}

@test "auto: what the cache holds of an unknown machine is not believed" {
    "$PITH" profile derive arm64/more >first
    sed -i 's/"arch":"aarch64"/"arch":"alpha"/' "$XDG_CACHE_HOME"/pith/derive/*
    "$PITH" profile derive arm64/more >second
    diff first second
    grep -q '"arch":"aarch64"' "$XDG_CACHE_HOME"/pith/derive/*
}

@test "auto: one lock holds all platforms, and --locked each to its own" {
    recipe 'linux/amd64 linux/arm64'
    run -0 --separate-stderr "$PITH" update x.pith
    [[ ${lines[0]} == 'x.policy  linux/amd64  '*' calls (exact)' ]]
    [[ ${lines[1]} == 'x.policy  linux/arm64  '*' calls (exact)' ]]
    grep -qx getsid x.policy
    grep -qx '\[x86_64\] arch_prctl' x.policy
    "$PITH" profile check x.policy
    [ "$(grep -c ^platform x.lock)" = 2 ]
    sed -n '/^platform linux\/arm64$/,$p' x.lock | grep -qx "  sha256 $(sha256sum arm64/app | cut -d' ' -f1)"
    run -0 "$PITH" build --locked x.pith
    [[ $output != *note* ]]
    run -0 "$PITH" update x.pith
    [ "$(grep -c '^  nothing has changed$' <<<"$output")" = 2 ]
    rm x.tar
    # It grows on one of them.
    cp arm64/more arm64/app
    run -1 --separate-stderr "$PITH" build --locked x.pith
    [ "$stderr" = 'pith: linux/arm64: x.pith: --locked: 1 calls more than x.policy has (above); pith update x.pith accepts them' ]
    [ "${lines[0]}" = 'linux/arm64: 1 calls more than x.policy has' ]
    [[ ${lines[1]} == '  +getpriority by app '*'; app changed, '* ]]
    [ ! -e x.tar ]
    run -0 "$PITH" build x.pith
    [[ $output == *'note: x.lock is of before for linux/arm64; pith update x.pith brings it up to date:'* ]]
    [[ $output == *'note:   +getpriority'* ]]
    run -0 "$PITH" update x.pith
    [ "${lines[1]}" = '  nothing has changed' ]
    [ "${lines[3]}" = '  +getpriority' ]
    grep -qx '\[aarch64\] getpriority' x.policy
    run -0 "$PITH" build --locked x.pith
    rm x.tar
    # What the one machine is allowed the other is not.
    cp amd64/more amd64/app
    run -1 --separate-stderr "$PITH" build --locked x.pith
    [[ $stderr == 'pith: linux/amd64: x.pith: --locked: 1 calls more '* ]]
}

@test "auto: --locked tells of every platform that has grown, and why" {
    recipe 'linux/amd64 linux/arm64'
    "$PITH" update x.pith
    cp arm64/more arm64/app
    cp amd64/more amd64/app
    run -1 --separate-stderr "$PITH" build --locked x.pith
    [ "$stderr" = 'pith: x.pith: --locked: 2 of 2 platforms have changed (above); pith update x.pith accepts that' ]
    [ "${lines[0]}" = 'linux/amd64: 1 calls more than x.policy has' ]
    [[ ${lines[1]} == '  +getpriority by app '*'; app changed, '* ]]
    [ "$(grep -c '^  +getpriority by app .*; app changed, ' <<<"$output")" = 2 ]
    grep -qx 'linux/arm64: 1 calls more than x.policy has' <<<"$output"
    [ ! -e x.tar ]
    # One grows, the other is open now; and what stops a build stops it at once.
    cp arm64/open arm64/app
    recipe 'linux/amd64 linux/arm64' SystemCallFilter=getuid
    run -1 --separate-stderr "$PITH" build --locked x.pith
    [[ $stderr == 'pith: x.pith: --locked: 2 of 2 platforms '* ]]
    grep -qx 'linux/arm64: x.pith: --locked: it was exact, and 1 places are open now, the first: .*' <<<"$output"
    recipe 'linux/amd64 linux/arm64'
    run -1 --separate-stderr "$PITH" build --locked x.pith
    [[ $stderr == 'pith: linux/arm64: x.pith:6: SystemCallFilter: auto: 1 places are open '* ]]
    rm x.lock
    cp arm64/more arm64/app
    run -1 --separate-stderr "$PITH" build --locked x.pith
    [ "$stderr" = 'pith: linux/amd64: x.lock: not there; pith update x.pith makes it' ]
}

@test "auto: update says which platform the recipe is no longer for" {
    recipe 'linux/amd64 linux/arm64'
    "$PITH" update x.pith
    recipe linux/amd64
    run -0 "$PITH" update x.pith
    [ "${lines[1]}" = '  nothing has changed' ]
    [ "${lines[2]}" = 'x.policy  linux/arm64  is gone: the recipe is not for it' ]
    [ "${#lines[@]}" = 3 ]
    run ! grep -q arm64 x.lock
    run -0 "$PITH" update x.pith
    [ "${#lines[@]}" = 2 ]
    # One that cannot be derived stops it, and what was locked stays.
    cp x.lock before
    recipe 'linux/amd64 linux/arm64'
    cp arm64/open arm64/app
    run -1 --separate-stderr "$PITH" update x.pith
    [[ $stderr == 'pith: linux/arm64: x.pith:6: SystemCallFilter: auto: 1 places are open '* ]]
    cmp before x.lock
}

@test "auto: a lock of before is amd64's, and another platform is added" {
    recipe linux/amd64
    "$PITH" update x.pith
    run ! grep -q ^platform x.lock
    recipe 'linux/amd64 linux/arm64'
    run -1 --separate-stderr "$PITH" build --locked x.pith
    [ "$stderr" = 'pith: linux/arm64: x.lock: nothing of linux/arm64; pith update x.pith adds it' ]
    run -0 "$PITH" build x.pith
    [ "${lines[1]}" = '  note: x.lock: nothing of linux/arm64; pith update x.pith adds it' ]
    run -0 "$PITH" update x.pith
    [ "${lines[1]}" = '  nothing has changed' ]
    run -0 "$PITH" build --locked x.pith
    # One alone that is not amd64 is named.
    recipe linux/arm64
    run -0 "$PITH" build --locked x.pith
    "$PITH" update x.pith
    [ "$(sed -n 2p x.lock)" = 'platform linux/arm64' ]
    run -0 "$PITH" build --locked x.pith
}

# field LOCK FILE KEY: what a lock says of a file.
field() {
    sed -n "\\,^file $2\$,,/^file/s/^  $3 //p" "$1" | head -n 1
}

# names_packages PROGRAM ROOT: its lock names the root's packages and versions,
# and not this machine's; and an upgrade in the root is told by them.
names_packages() {
    local libc=/lib/aarch64-linux-gnu/libc.so.6 version digest
    version=$(sed -n '/^Package: libc6$/,/^$/s/^Version: //p' "$2/var/lib/dpkg/status")
    [ -n "$version" ]
    [ "$(field "$1.lock" "$libc" package)" = libc6 ]
    [ "$(field "$1.lock" "$libc" version)" = "$version" ]
    [ -n "$(field "$1.lock" "/usr/bin/$1" package)" ]
    digest=$(field "$1.lock" "$libc" sha256)
    cp "$1.lock" kept
    sed -i "s/^  version $version\$/  version 2.1/; s/^  sha256 $digest\$/  sha256 00/" "$1.lock"
    run -0 "$PITH" build "$1.pith"
    [[ $output == *"note:   libc.so.6 changed, version 2.1 -> $version"* ]]
    mv kept "$1.lock"
}

# nothing_missing PROGRAM ARGUMENT...: an image of Debian's, dynamic; a run of it
# in qemu calls what its filter lets through, and nothing else.
nothing_missing() {
    local name=$1 root=$TOP/build/root/arm64-auto
    printf '%s\n' '[Image]' Platforms=linux/arm64 "Root=$root" "Copy=$root/usr/bin/$name /usr/bin/" \
        '[Service]' "ExecStart=/usr/bin/$name" SystemCallFilter=auto AllowExec=no >"$name.pith"
    run -0 "$PITH" build "$name.pith"
    [[ ${lines[0]} == *' calls (exact), starts once' ]]
    "$PITH" update "$name.pith"
    grep -qx 'file /lib/aarch64-linux-gnu/libc.so.6' "$name.lock"
    run -0 "$PITH" build --locked "$name.pith"
    names_packages "$name" "$root"
    "$PITH" export --dir "$name.tar" -o "$name.tree"
    qemu-aarch64 -L "$name.tree" -strace -D trace "$name.tree/usr/bin/$name" "${@:2}" >out
    [ -s out ]
    awk 'FNR == NR { gsub(/[{}",]/, " "); split($0, part, " "); names[part[1]] = part[2]; next }
        /^[0-9]+ Unknown syscall [0-9]+/ { print names[$4]; next }
        match($2, /^[a-z0-9_]+\(/) { print substr($2, 1, RLENGTH - 1) }' \
        "$TOP/src/arch/aarch64.inc" trace | sort -u >called
    [ "$(wc -l <called)" -gt 12 ]
    run comm -23 called <(calls arm64 "$name.tar" | sort)
    echo "$name: called and refused: $output"
    [ -z "$output" ]
}

@test "auto: programs of Debian's for arm64 make no call that their filter refuses" {
    command -v qemu-aarch64 >/dev/null || skip "no qemu-aarch64; see scripts/setup"
    "$TOP/tests/foreign-root" arm64 "$TOP/build/root/arm64-auto" ripgrep jq ||
        skip "Debian's packages for arm64 cannot be had"
    nothing_missing rg -c root /etc/passwd
    echo '{"a": [1, 2]}' >in.json
    nothing_missing jq -c '.a | add' in.json
}
