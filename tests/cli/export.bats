#!/usr/bin/env bats
# pith export, read by cpio, tar and unsquashfs. PITH names another build of it.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    export LC_ALL=C PITH=${PITH:-$PWD/build/pith} TOP=$PWD PYTHONPATH=$PWD/tests/support
}

setup() {
    command -v cpio >/dev/null || skip "no cpio(1)"
    cd "$BATS_TEST_TMPDIR" || return
    mkdir work && cd work || return
}

# make_image LAYERS: python's list of lists of entries, as x.tar.
make_image() {
    python3 - "$1" <<'PY'
import sys
from image import Image, directory, entry, file, hardlink, layer, symlink
Image([layer(one) for one in eval(sys.argv[1])]).write("x.tar")
PY
}

@test "what is there in the end is in it, and cpio makes it again" {
    make_image '[[directory("d", 0o700, uid=7, gid=8), file("d/a", b"first"), file("gone", b"x"),
        file("s", b"suid", 0o4755), symlink("l", "d/a"), hardlink("h", "d/a"), file("i/m/p", b"123")],
        [file(".wh.gone"), file("late", b"y" * 70000), file("z", b"old"), hardlink("k", "s")],
        [file("z", b"new"), file("i/.wh..wh..opq"), file("i/q")]]'
    run -0 "$PITH" export --initramfs x.tar -o x.cpio
    [ -z "$output" ]
    [ "$(cpio -it --quiet <x.cpio | tr '\n' ' ')" = 'd i d/a s l late z i/q h k dev dev/console ' ]
    [ "$(id -u)" = 0 ] || skip "making the files needs root"
    mkdir root
    (cd root && cpio -idm --quiet <../x.cpio)
    [ "$(cat root/d/a root/h)" = firstfirst ]
    [ "$(cat root/z)" = new ] && [ "$(cat root/k)" = suid ]
    [ "$(stat -c '%a %u:%g' root/d)" = '700 7:8' ]
    [ "$(stat -c '%a %h' root/s)" = '4755 2' ]
    [ "$(stat -c %i root/h)" = "$(stat -c %i root/d/a)" ]
    [ "$(readlink root/l)" = d/a ]
    [ "$(stat -c '%F %t %T %a' root/dev/console)" = 'character special file 5 1 600' ]
    [ ! -e root/gone ] && [ ! -e root/i/m ]
    cmp root/late <(printf 'y%.0s' $(seq 70000))
    # Equal images give equal bytes.
    "$PITH" export --initramfs x.tar -o y.cpio
    cmp x.cpio y.cpio
}

@test "what cannot be in it is refused: one line, no output" {
    local layers message
    while IFS='|' read -r layers message; do
        make_image "$layers"
        run -1 --separate-stderr "$PITH" export --initramfs x.tar -o out.cpio
        [ "$stderr" = "pith: x.tar: $message" ] || { echo "$stderr"; return 1; }
        [ "$(ls)" = x.tar ]
    done <<'EOF'
[[entry("n", b"3", 0o666, dev=(1, 3))]]|n: entries of type '3' are refused
[[file("a"), hardlink("b", "a")], [file("a", b"2")]]|/b: a hard link to /a, which was replaced or is no file
[[hardlink("b", "a")]]|/b: a hard link to /a, which was replaced or is no file
[[symlink("l", "d"), file("l/x")]]|/l/x: below what is no directory
[[file("a", uid=2**40)]]|a: its owner is out of range
[[file("dev")]]|/dev: no directory
[[file("../x")]]|layer 0: ../x: '..' in the path
EOF
}

@test "no form replaces its image" {
    make_image '[[file("a", b"a")]]'
    cp x.tar before.tar
    for form in --tar --initramfs --squashfs; do
        run -1 "$PITH" export "$form" x.tar -o ./x.tar
        [ "$output" = 'pith: ./x.tar: is both output and input' ]
        cmp x.tar before.tar
    done
}

@test "an image of any size takes 16 MB of memory at the most" {
    command -v /usr/bin/time >/dev/null || skip "no time(1)"
    make_image '[[file("zeros", bytes(200 << 20))], [file(f"{n % 100}/{n}", b"x" * 600) for n in range(40000)]]'
    run -0 /usr/bin/time -f %M -o memory "$PITH" export --initramfs x.tar -o x.cpio
    cat memory
    [ "$(cat memory)" -lt 16384 ]
    [ "$(cpio -it --quiet <x.cpio | wc -l)" -eq $((1 + 100 + 40000 + 2)) ]
}

@test "usage errors exit 2" {
    for args in '' 'x' '--initramfs x' '-o y x' '--initramfs -o y' '--initramfs -o y a b' '--dir --tar -o y a'; do
        # shellcheck disable=SC2086 # a list of arguments
        run -2 "$PITH" export $args
        [[ "${lines[0]}" = 'pith: export: '* ]]
    done
}

# make_usual: what all forms have to keep, as x.tar.
make_usual() {
    make_image '[[directory("d", 0o700, uid=7, gid=8), file("d/a", b"first", mtime=86400), file("gone", b"x"),
        file("s", b"suid", 0o4755), symlink("l", "d/a"), hardlink("h", "d/a"), file("i/m/p", b"123"),
        file("c", b"cap", 0o755, xattrs={"user.pith": "yes"})],
        [file(".wh.gone"), file("late", b"y" * 70000), file("z", b"old"), hardlink("k", "s")],
        [file("z", b"new"), file("i/.wh..wh..opq"), file("i/q")]]'
}

# check_tree DIR: it is what make_usual describes.
check_tree() {
    [ "$(cd "$1" && find . | sort | tr '\n' ' ')" = '. ./c ./d ./d/a ./h ./i ./i/q ./k ./l ./late ./s ./z ' ]
    [ "$(cat "$1/d/a" "$1/h")" = firstfirst ] && [ "$(cat "$1/z")" = new ]
    [ "$(stat -c '%a %u:%g' "$1/d")" = '700 7:8' ]
    [ "$(stat -c '%a %h' "$1/s")" = '4755 2' ]
    [ "$(stat -c %i "$1/h")" = "$(stat -c %i "$1/d/a")" ]
    [ "$(readlink "$1/l")" = d/a ]
    cmp "$1/late" <(printf 'y%.0s' $(seq 70000))
}

@test "--tar: one layer of it all, with times and attributes" {
    make_usual
    run -0 "$PITH" export --tar x.tar -o y.tar
    [ "$(tar tf y.tar | tr '\n' ' ')" = 'd/ i/ d/a s l c late z i/q h k ' ]
    [ "$(id -u)" = 0 ] || skip "making the files needs root"
    mkdir root
    tar -C root --xattrs --xattrs-include='*' -xpf y.tar
    check_tree root
    [ "$(stat -c %Y root/d/a)" = 86400 ]
    [ "$(python3 -c 'import os; print(os.getxattr("root/c", "user.pith").decode())')" = yes ]
    "$PITH" export --tar x.tar -o z.tar
    cmp y.tar z.tar
}

@test "--squashfs: a file system, the same each time" {
    command -v mksquashfs >/dev/null || skip "no mksquashfs: scripts/setup check"
    make_usual
    run -0 "$PITH" export --squashfs x.tar -o x.squashfs
    [ -z "$output" ]
    [ "$(file -b x.squashfs | cut -d, -f1)" = 'Squashfs filesystem' ]
    sleep 1
    SOURCE_DATE_EPOCH=77 "$PITH" export --squashfs x.tar -o y.squashfs
    cmp x.squashfs y.squashfs
    [ "$(id -u)" = 0 ] || skip "making the files needs root"
    unsquashfs -q -n -d root x.squashfs >/dev/null
    check_tree root
    # Other programs' failures are ours, and leave nothing.
    PATH=/nonexistent run -1 "$PITH" export --squashfs x.tar -o none
    [ "$output" = 'pith: x.tar: mksquashfs: not found; install the package squashfs-tools' ]
    printf '#!/bin/sh\necho "no room" >&2\nexit 1\n' >mksquashfs && chmod 755 mksquashfs
    PATH=$PWD:$PATH run -1 "$PITH" export --squashfs x.tar -o none
    [ "$output" = 'pith: x.tar: mksquashfs: no room' ]
    [ ! -e none ]
}

@test "--dir: a directory, complete or not there" {
    [ "$(id -u)" = 0 ] || skip "owners need root"
    make_usual
    run -0 "$PITH" export --dir x.tar -o out
    check_tree out
    run -1 "$PITH" export --dir x.tar -o out
    [ "$output" = 'pith: out: there already' ]
    make_image '[[file("a"), entry("n", b"3", 0o666, dev=(1, 3))]]'
    run -1 "$PITH" export --dir x.tar -o odd
    [ "${#lines[@]}" -eq 1 ]
    [ "$(find . -name '*odd*')" = '' ]
    # not through what an image plants
    mkdir outside
    make_image '[[symlink("l", "'"$PWD"'/outside"), file("l/x", b"1")]]'
    run "$PITH" export --dir x.tar -o link
    [ -z "$(ls outside)" ]
}

@test "a name that begins with a dash is the file's" {
    command -v mksquashfs >/dev/null || skip "no mksquashfs: scripts/setup check"
    make_image '[[file("a")]]'
    "$PITH" export --squashfs x.tar -o x
    "$PITH" export --squashfs -o -x x.tar
    cmp x ./-x
    [ "$(id -u)" = 0 ] || skip "owners need root"
    for form in --tar --initramfs --dir; do
        "$PITH" export "$form" -o "-${form#--}" x.tar
        [ -s "./-${form#--}" ]
    done
}

@test "capabilities of files stay, or are said to be lost" {
    [ "$(id -u)" = 0 ] || skip "setting capabilities needs root"
    command -v getcap >/dev/null && command -v unsquashfs >/dev/null || skip "no getcap, or no unsquashfs"
    # Of two programs that nobody here wrote, and one has none.
    printf '%s\n' '[Image]' Name=localhost/caps 'Copy=/bin/busybox /app/x' \
        'Copy=/usr/bin/curl /app/curl caps=cap_net_bind_service,cap_chown=ep' \
        'Copy=/usr/bin/redis-server /app/redis caps=cap_sys_nice=p' '[Service]' ExecStart=/app/x >caps.pith
    "$PITH" build caps.pith -o x.tar >/dev/null
    mkdir tar
    "$PITH" export --dir x.tar -o dir
    "$PITH" export --squashfs x.tar -o x.squashfs
    unsquashfs -q -n -d squashfs x.squashfs >/dev/null
    "$PITH" export --tar x.tar -o files.tar
    tar xf files.tar --xattrs --xattrs-include='*' -C tar
    for form in dir squashfs tar; do
        diff - <(cd $form && getcap app/x app/curl app/redis) <<'EOF'
app/curl cap_chown,cap_net_bind_service=ep
app/redis cap_sys_nice=p
EOF
    done
    run -0 --separate-stderr "$PITH" export --initramfs x.tar -o x.cpio
    [ -z "$output" ]
    [ "$stderr" = 'pith: export: --initramfs: /app/curl: lost its security.capability, which cpio has no place for
pith: export: --initramfs: /app/redis: lost its security.capability, which cpio has no place for' ]
    # In a directory the labels of another machine stay away.
    make_image '[[file("a", xattrs={"user.note": "n", "security.selinux": "label", "trusted.x": "y"})]]'
    "$PITH" export --dir x.tar -o labels
    [ "$(python3 -c 'import os; print(os.listxattr("labels/a"))')" = "['user.note']" ]
}

@test "what cannot be written is said before the image is read" {
    printf 'no image\n' >x.tar
    local form
    for form in --tar --initramfs --squashfs --dir; do
        run -1 "$PITH" export "$form" x.tar -o none/x
        [ "$output" = 'pith: create none/x: No such file or directory' ]
    done
    mkdir there
    for verb in 'flatten x.tar' 'seal x.tar' 'sbom --spdx x.tar' 'sbom --attach x.tar' 'export --tar x.tar' \
        'build /none' 'profile derive /none' 'profile trace /none' 'profile compile /none' \
        'profile import /none' 'profile export --oci /none' 'profile merge /none /none' \
        'profile show /none' 'profile learn /none' 'new /none'; do
        # shellcheck disable=SC2086 # a list of arguments
        case $verb in
        'profile trace'*) run -1 "$PITH" profile trace -o there /none ;;
        *) run -1 "$PITH" $verb -o there ;;
        esac
        [[ "$output" = 'pith: there: '* ]] || { echo "$verb: $output"; return 1; }
    done
    # The documents beside the archive as well.
    mkdir out.spdx.json
    run -1 "$PITH" build --sbom -o out.tar /bin/busybox
    [ "$output" = 'pith: out.spdx.json: exists and is no regular file' ]
    [ ! -e out.tar ]
    printf '%s\n' '[Image]' Name=localhost/x 'Copy=none /x' '[Service]' ExecStart=/x >x.pith
    echo mine >x.policy
    run -1 "$PITH" update x.pith
    [[ "$output" = 'pith: x.policy: not written by pith update, '* ]]
}

@test "forms of an image that pith builds hold a redis-server that starts" {
    [ "$(id -u)" = 0 ] || skip "owners need root"
    "$PITH" build /usr/bin/redis-server -o redis.tar
    "$PITH" export --dir redis.tar -o redis
    cmp redis/app/redis-server /usr/bin/redis-server
    [[ "$(chroot redis /app/redis-server --version)" == 'Redis server v='* ]]
    "$PITH" export --squashfs redis.tar -o redis.squashfs
    unsquashfs -q -n -d copy redis.squashfs >/dev/null
    diff -r --no-dereference redis copy
}
