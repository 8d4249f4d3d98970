#!/usr/bin/env bats
# Images of Debian's programs for arm64, built here from a root of that machine,
# and run by qemu in a chroot of the image: this machine lends qemu and nothing
# else. What the images hold is what that machine's own loader asks for.

bats_require_minimum_version 1.5.0
load ../support/engines

PACKAGES="redis-server sqlite3 memcached nginx-light"

# What is not there is in LACKS: Debian's bats takes a skip here for a failure.
setup_file() {
    export LC_ALL=C LACKS=
    export ROOT=$TOP/build/root/arm64-foreign
    # shellcheck disable=SC2086 # words
    if [ "$(id -u)" != 0 ]; then
        LACKS="needs root: enters images by chroot"
    elif ! command -v qemu-aarch64 >/dev/null; then
        LACKS="no qemu-aarch64; see scripts/setup"
    elif [ ! -f "${PITH%/*}/pith-init-aarch64" ]; then
        LACKS="no pith-init-aarch64: make cross"
    elif ! "$TOP/tests/foreign-root" arm64 "$ROOT" $PACKAGES; then
        LACKS="Debian's packages for arm64 cannot be had"
    fi
}

setup() {
    [ -z "$LACKS" ] || skip "$LACKS"
    cd "$BATS_TEST_TMPDIR" || return
}

# With what $1 holds as /, and this machine as /host, for qemu and its libraries.
# /proc and /dev are this machine's. This very shell becomes it.
become_emulated() {
    local root=$1
    shift
    # shellcheck disable=SC2016 # sh expands these
    exec unshare -mn sh -c '
        root=$1 && shift && mkdir -p "$root/host" "$root/dev" "$root/proc" &&
            mount --rbind / "$root/host" && mount --rbind /dev "$root/dev" &&
            mount --rbind /proc "$root/proc" && exec chroot "$root" "$@"' sh "$root" \
        "/host$(readlink -f /lib64/ld-linux-x86-64.so.2)" --library-path \
        /host/lib/x86_64-linux-gnu:/host/usr/lib/x86_64-linux-gnu \
        /host/usr/bin/qemu-aarch64 "$@"
}

emulated() { (become_emulated "$@"); }

# image PROGRAM [LINE...]: of the root's program, unpacked into ./tree.
image() {
    local program=$1
    printf '%s\n' '[Image]' "Root=$ROOT" Platforms=linux/arm64 "Copy=$ROOT$program $program" \
        "${@:2}" '[Service]' "ExecStart=$program" 'SystemCallFilter=auto complete' \
        AllowExec=no >x.pith
    "$PITH" build --level 1 x.pith -o x.tar
    "$PITH" export --dir x.tar -o tree
}

# same_libraries PROGRAM: the image has the files that the loader takes from the
# whole root, and libgcc_s, which libc opens; and it finds them there.
same_libraries() {
    local loader=/lib/ld-linux-aarch64.so.1 path
    emulated "$ROOT" "$loader" --list "$1" | grep -o '/[^ ]*' | sort -u >asked
    emulated tree "$loader" --list "$1" | grep -o '/[^ ]*' | sort -u >found
    cmp asked found
    while read -r path; do
        # By the root's own links, which lead nowhere else.
        basename "$(realpath "$ROOT$path")"
    done <asked | sort -u | grep -vx libgcc_s.so.1 >wanted
    [ "$(wc -l <wanted)" -gt 2 ]
    find tree/usr/lib tree/lib/ -name '*.so*' -type f -printf '%f\n' | sort -u |
        grep -vx libgcc_s.so.1 >held
    diff wanted held
    file -L tree/usr/lib/aarch64-linux-gnu/libgcc_s.so.1 tree/lib/aarch64-linux-gnu/libgcc_s.so.1 |
        grep -q 'ARM aarch64'
}

# start COMMAND...: of the image, in the background; SERVER is its pid.
start() {
    (become_emulated tree "$@") >log 2>&1 3>&- &
    SERVER=$!
}

teardown() {
    [ -n "${SERVER:-}" ] || return 0
    kill "$SERVER" 2>/dev/null || true
    wait "$SERVER" || true
}

@test "foreign: redis-server for arm64 keeps a value" {
    image /usr/bin/redis-server
    same_libraries /usr/bin/redis-server
    start /usr/bin/redis-server --port 0 --unixsocket /tmp/s --save '' --dir /tmp
    until_ready redis-cli -s tree/tmp/s ping
    redis-cli -s tree/tmp/s set key value
    run -0 redis-cli -s tree/tmp/s get key
    [ "$output" = value ]
    run -0 redis-cli -s tree/tmp/s info server
    [[ $output == *aarch64* ]]
    redis-cli -s tree/tmp/s shutdown nosave
    wait "$SERVER"
}

@test "foreign: sqlite3 for arm64 keeps a database that ours reads" {
    image /usr/bin/sqlite3
    same_libraries /usr/bin/sqlite3
    emulated tree /usr/bin/sqlite3 /tmp/x.db "CREATE TABLE t (n); INSERT INTO t VALUES (6), (7)"
    run -0 emulated tree /usr/bin/sqlite3 /tmp/x.db 'SELECT sum(n) FROM t'
    [ "$output" = 13 ]
    run -0 sqlite3 tree/tmp/x.db 'SELECT sum(n) FROM t'
    [ "$output" = 13 ]
}

@test "foreign: nginx for arm64 serves a page" {
    printf '%s\n' 'daemon off; user www-data; master_process off; pid /tmp/pid; error_log /dev/stderr;' \
        'events { }' 'http { access_log off; client_body_temp_path /tmp/b; proxy_temp_path /tmp/p;' \
        'fastcgi_temp_path /tmp/f; uwsgi_temp_path /tmp/u; scgi_temp_path /tmp/s;' \
        'server { listen unix:/tmp/n.sock; root /srv; } }' >nginx.conf
    echo 'a page of arm64' >index.html
    image /usr/sbin/nginx 'Copy=nginx.conf /etc/nginx.conf' 'Copy=index.html /srv/' \
        Account=www-data:33
    same_libraries /usr/sbin/nginx
    start /usr/sbin/nginx -e /dev/stderr -c /etc/nginx.conf
    until_ready curl -fsS --unix-socket tree/tmp/n.sock http://x/ || { cat log; return 1; }
    run -0 curl -fsS --unix-socket tree/tmp/n.sock http://x/
    [ "$output" = 'a page of arm64' ]
}

@test "foreign: memcached for arm64 keeps a value" {
    image /usr/bin/memcached
    same_libraries /usr/bin/memcached
    start /usr/bin/memcached -u root -s /tmp/s
    until_ready memcping --servers="$PWD/tree/tmp/s"
    python3 - tree/tmp/s <<'END'
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(b"set k 0 0 5\r\nvalue\r\nget k\r\nquit\r\n")
answer = b""
while part := s.recv(4096):
    answer += part
assert answer == b"STORED\r\nVALUE k 0 5\r\nvalue\r\nEND\r\n", answer
END
}
