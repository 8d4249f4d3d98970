#!/usr/bin/env bats
# pith update and pith build --locked: a derived set that grows is told about.

bats_require_minimum_version 1.5.0
load ../support/musl

setup_file() {
    with_musl
    cat >first.c <<'END'
#include <unistd.h>
#ifdef SECOND
#include <sys/epoll.h>
__attribute__((noinline)) int poller(void) { return epoll_create1(0); }
#else
__attribute__((noinline)) int poller(void) { return getppid(); }
#endif
int main(void) { return poller() < 0; }
END
    "$MUSL" -O1 -static -Wl,--build-id first.c -o first
    "$MUSL" -O1 -static -Wl,--build-id -DSECOND first.c -o second
    # A library, and the program that needs it; then a release that does more.
    cat >lib.c <<'END'
#include <unistd.h>
#ifdef SECOND
#include <sys/syscall.h>
static long ring(void) { return syscall(SYS_io_uring_setup, 1, 0); }
int demo_start(void) { return (int)ring(); }
#else
int demo_start(void) { return getppid(); }
#endif
END
    printf 'int demo_start(void); int main(void) { return demo_start() == -2; }\n' >user.c
    gcc -O1 -fPIC -shared -Wl,-soname,libdemo.so.1,--build-id lib.c -o libdemo.so.1.0
    gcc -O1 -fPIC -shared -Wl,-soname,libdemo.so.1,--build-id -DSECOND lib.c -o libdemo.so.1.1
    ln -s libdemo.so.1.0 libdemo.so
    gcc -O1 user.c -L. -ldemo -Wl,-rpath,/opt/demo -o user
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    # bats keeps files of its own in there.
    mkdir work && cd work || return
    cp "$BATS_FILE_TMPDIR/first" app
    printf '%s\n' '[Image]' 'Copy=app /app' '[Service]' ExecStart=/app \
        SystemCallFilter=auto >x.pith
}

@test "lock: update writes policy and lock, and nothing but those" {
    run -0 --separate-stderr "$PITH" update x.pith
    [[ $output == 'x.policy  '*' calls (exact)' ]]
    [ -z "$stderr" ]
    [ "$(echo *)" = 'app x.lock x.pith x.policy' ]
    grep -qx getppid x.policy
    run -0 cat x.lock
    [ "${lines[0]}" = 'pith-lock 1' ]
    [ "${lines[1]}" = 'status exact' ]
    [ "${lines[2]}" = 'file /app' ]
    [ "${lines[3]}" = "  sha256 $(sha256sum app | cut -d' ' -f1)" ]
    [ "${lines[4]}" = "  build-id $(readelf -n app | sed -n 's/.*Build ID: //p')" ]
    # The policy is one: it compiles, and a recipe may name it.
    "$PITH" profile check x.policy
    run -0 "$PITH" update x.pith
    [ "${lines[1]}" = '  nothing has changed' ]
    run -0 --separate-stderr "$PITH" build --locked x.pith
    [ "${#lines[@]}" = 2 ]
}

@test "lock: a set that has grown stops --locked, with call, file and way there" {
    "$PITH" update x.pith
    cp "$BATS_FILE_TMPDIR/second" app
    old=$(readelf -n "$BATS_FILE_TMPDIR/first" | sed -n 's/.*Build ID: \(.\{12\}\).*/\1/p')
    new=$(readelf -n app | sed -n 's/.*Build ID: \(.\{12\}\).*/\1/p')
    run -1 --separate-stderr "$PITH" build --locked x.pith
    [ "$stderr" = 'pith: x.pith: --locked: 2 calls more than x.policy has (above); pith update x.pith accepts them' ]
    [[ $output == *"  +epoll_create1 by app epoll_create1+"*"; app changed, build-id $old -> $new"* ]]
    [[ $output == *"app poller+"*" app epoll_create1+"* ]]
    [[ $output == *" names epoll_create1"* ]]
    [ ! -e x.tar ]
    # Without --locked it is built, and says so.
    run -0 "$PITH" build x.pith
    [ "${lines[1]}" = '  note: x.lock is of before; pith update x.pith brings it up to date:' ]
    [[ $output == *'note:   +epoll_create1'* ]]
    [[ $output == *'note:   -getppid'* ]]
    # Accepted, it is good.
    run -0 "$PITH" update x.pith
    [[ $output == *'  -getppid'*'  +epoll_create1'*"  app changed, build-id $old -> $new"* ]]
    run -0 "$PITH" build --locked x.pith
    [[ $output != *note* ]]
    # A set that shrinks stops nothing; that it did is said.
    echo swapoff >>x.policy
    run -0 "$PITH" build --locked x.pith
    [[ $output == *'note:   -swapoff'* ]]
}

@test "lock: an upgrade of a library that adds a call is told, with both versions" {
    mkdir tree
    cp "$BATS_FILE_TMPDIR"/{user,libdemo.so.1.0} .
    printf '%s\n' '[Image]' 'Copy=user /app/' 'Copy=tree /opt/demo' '[Service]' ExecStart=/app/user \
        SystemCallFilter=auto >x.pith
    cp libdemo.so.1.0 tree
    ln -s libdemo.so.1.0 tree/libdemo.so.1
    run -0 "$PITH" update x.pith
    grep -qx '  real /opt/demo/libdemo.so.1.0' x.lock
    run -0 "$PITH" build --locked x.pith
    rm -r tree x.tar
    mkdir tree
    cp "$BATS_FILE_TMPDIR/libdemo.so.1.1" tree
    ln -s libdemo.so.1.1 tree/libdemo.so.1
    run -1 --separate-stderr "$PITH" build --locked x.pith
    [ "$stderr" = 'pith: x.pith: --locked: 1 calls more than x.policy has (above); pith update x.pith accepts them' ]
    [[ ${lines[0]} == '  +io_uring_setup by libdemo.so.1 '*'; libdemo.so.1 changed, libdemo.so.1.0 -> libdemo.so.1.1, build-id '* ]]
    [[ $output == *'user main+'*' calls libdemo.so.1 demo_start+0x0 '* ]]
    [[ $output == *'libdemo.so.1 demo_start+'*' calls libc.so.6 syscall+0x0 '* ||
        $output == *'libdemo.so.1 demo_start+'*' names io_uring_setup'* ]]
    [ ! -e x.tar ]
    run -0 "$PITH" update x.pith
    [[ $output == *'  +io_uring_setup'* ]]
    run -0 "$PITH" build --locked x.pith
}

@test "lock: files of packages are named with package and version" {
    printf '%s\n' '[Image]' 'Copy=/usr/bin/sqlite3 /usr/bin/' '[Service]' ExecStart=/usr/bin/sqlite3 \
        'SystemCallFilter=auto complete' AllowExec=no >x.pith
    run -0 "$PITH" update x.pith
    # No policy allows clone3, so it is not new each time.
    run -0 "$PITH" update x.pith
    [ "${lines[1]}" = '  nothing has changed' ]
    run -0 "$PITH" build --locked x.pith
    version=$(dpkg-query -W -f '${Version}' libsqlite3-0)
    sed -n '/^file .*libsqlite3/,/^file/p' x.lock >part
    grep -qx '  package libsqlite3-0' part
    grep -qx "  version $version" part
    # An older version in the lock, and a digest of before: an upgrade.
    sed -i "s/^  version $version\$/  version 3.1/; s/^  sha256 ../  sha256 00/" x.lock
    run -0 "$PITH" build x.pith
    [[ $output == *"note:   libsqlite3.so.0 changed, version 3.1 -> $version"* ]]
}

@test "lock: what is missing, torn or somebody's own is not taken for a lock" {
    run -1 --separate-stderr "$PITH" build --locked x.pith
    [ "$stderr" = 'pith: x.lock: not there; pith update x.pith makes it' ]
    echo read >x.policy
    run -1 --separate-stderr "$PITH" update x.pith
    [ "$stderr" = 'pith: x.policy: not written by pith update, and it would be replaced: move it away' ]
    [ "$(cat x.policy)" = read ]
    [ ! -e x.lock ]
    rm x.policy
    "$PITH" update x.pith
    echo 'pith-lock 2' >x.lock
    run -1 --separate-stderr "$PITH" build --locked x.pith
    [ "$stderr" = 'pith: x.lock: no lock of this version of pith' ]
    "$PITH" update x.pith 2>/dev/null || rm x.lock
    "$PITH" update x.pith
    rm x.policy
    run -1 --separate-stderr "$PITH" build --locked x.pith
    [ "$stderr" = 'pith: x.policy: No such file or directory' ]
    sed -i s/=auto/=@default/ x.pith
    run -1 --separate-stderr "$PITH" update x.pith
    [ "$stderr" = 'pith: x.pith: without SystemCallFilter=auto nothing is derived, and there is nothing to lock' ]
    run -0 "$PITH" build --locked x.pith
    [[ $output == *'note: --locked: without SystemCallFilter=auto nothing is derived, and nothing locked'* ]]
    run -2 --separate-stderr "$PITH" build --locked ./app
    [[ $stderr == 'pith: build: --locked: only with a recipe'* ]]
}
