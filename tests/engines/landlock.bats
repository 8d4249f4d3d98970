#!/usr/bin/env bats
# Landlock under real engines, and real programs under it: redis, nginx and
# memcached as Debian ships them, each with the lists that it needs.

bats_require_minimum_version 1.5.0
load ../support/engines

PITH_INIT=${PITH_INIT:-$TOP/build/pith-init}
SUPPORT=$TOP/build/tests/support

setup_file() {
    [ "$(id -u)" = 0 ] || return 0
    cd "$BATS_FILE_TMPDIR" || return
    cp "$SUPPORT/reach" .
    echo text >file
    printf '%s\n' '[Image]' 'Name=localhost/reach' 'Copy=reach /app/reach' \
        'Copy=file /data/file mode=0666' 'Copy=file /opt/file mode=0666' \
        '[Service]' 'ExecStart=/app/reach' 'LandlockRead=/data /proc' 'LandlockWrite=/data' \
        'LandlockExec=none' 'LandlockBind=18401' 'LandlockConnect=none' \
        'LandlockScope=signal abstract-unix-socket' >reach.pith
    "$PITH" build reach.pith -o reach.tar >/dev/null
}

setup() {
    needs redis-server nginx memcached
    STARTED=
    local abi
    abi=$("$PITH" run "$BATS_FILE_TMPDIR/reach.tar" status=NoNewPrivs 2>&1) ||
        skip "Landlock here is not new enough: $abi"
}

teardown() {
    stop
}

# stop: unshare(1) itself is deaf to SIGTERM.
stop() {
    [ -n "$STARTED" ] || return 0
    pkill -TERM -P "$STARTED" || true
    wait "$STARTED" || true
    STARTED=
}

acts=(read=/data/file read=/opt/file write=/data/file write=/opt/file
    truncate=/opt/file list=/ bind=18401 bind=18402 connect=18401 signal=1)
done_and_denied='read /data/file: ok
read /opt/file: EACCES
write /data/file: ok
write /opt/file: EACCES
truncate /opt/file: EACCES
list /: EACCES
bind 18401: ok
bind 18402: EACCES
connect 18401: EACCES
signal 1: EPERM'

@test "pith run: as the image's user, another one, and root" {
    local user
    for user in "" "--user 10001" "--user 0"; do
        # shellcheck disable=SC2086  # words
        run -0 --separate-stderr "$PITH" run $user "$BATS_FILE_TMPDIR/reach.tar" "${acts[@]}"
        [ "$output" = "$done_and_denied" ]
    done
}

# holds COMMAND...: in a container that it starts the keys hold, or nothing is
# started: some engines' own filter refuses Landlock. Sets FAILED or REFUSED.
holds() {
    local code=0 said
    said=$("$@" 2>"$BATS_TEST_TMPDIR/err") || code=$?
    if [ "$code" = 125 ] && grep -q 'no Landlock: ' "$BATS_TEST_TMPDIR/err"; then
        REFUSED=yes
    elif [ "$said" != "$done_and_denied" ]; then
        echo "$*: $code: $said"
        cat "$BATS_TEST_TMPDIR/err"
        FAILED=yes
    fi
}

# verdict ENGINE: of all that holds was asked.
verdict() {
    [ -z "$FAILED" ]
    [ -z "$REFUSED" ] || skip "$1's filter refuses Landlock"
}

@test "docker: as the image's user, another one, and root, whatever it lets through" {
    needs dockerd docker
    start_dockerd
    docker load -qi "$BATS_FILE_TMPDIR/reach.tar"
    FAILED='' REFUSED=''
    local args
    for args in "" "--user 10001" "--user 0" \
        "--cap-drop ALL --security-opt no-new-privileges"; do
        # shellcheck disable=SC2086  # words
        holds docker run --rm $args localhost/reach "${acts[@]}"
    done
    stop_dockerd
    verdict docker
}

@test "podman: as the image's user, another one, and root" {
    needs podman runc
    setup_podman
    podman_here load -q <"$BATS_FILE_TMPDIR/reach.tar"
    FAILED='' REFUSED=''
    local args
    for args in "" "--user 10001" "--user 0" \
        "--cap-drop all --security-opt no-new-privileges"; do
        # shellcheck disable=SC2086  # words
        holds podman_here run --rm --network none $args localhost/reach "${acts[@]}"
    done
    podman_here rm -fa -t 0 >/dev/null 2>&1 || true
    remove_engine
    verdict podman
}

# ctr sets no filter unless it is asked to, and no user but the image's.
@test "ctr: as the image's user, without and with its filter" {
    needs containerd ctr runc
    start_containerd
    ctr -a "$ENGINE/sock" images import "$BATS_FILE_TMPDIR/reach.tar"
    FAILED='' REFUSED=''
    local args n=0
    for args in "" --seccomp --allow-new-privs; do
        n=$((n + 1))
        # shellcheck disable=SC2086  # words
        holds ctr -a "$ENGINE/sock" run --rm $args localhost/reach:latest \
            "reach-$$-$n" /init -- /app/reach "${acts[@]}"
    done
    stop_daemon "$ENGINE/pid"
    remove_engine
    verdict containerd
}

# make_tree: a root that looks like Debian, with the programs of this machine.
make_tree() {
    ROOT=$BATS_TEST_TMPDIR/root
    mkdir -p "$ROOT"/{usr,etc/pith,data,opt,srv,tmp,dev,proc,run,var/lib/nginx,var/log/nginx}
    ln -s usr/bin "$ROOT/bin"
    ln -s usr/lib "$ROOT/lib"
    ln -s usr/lib64 "$ROOT/lib64"
    cp /etc/ld.so.cache /etc/passwd /etc/group /etc/nsswitch.conf "$ROOT/etc/"
    cp -r /etc/nginx "$ROOT/etc/"
    cp "$PITH_INIT" "$ROOT/init"
    mknod -m 666 "$ROOT/dev/null" c 1 3
    mknod -m 666 "$ROOT/dev/urandom" c 1 9
    echo secret >"$ROOT/opt/file"
    echo hello >"$ROOT/srv/file"
    chmod -R a+rwX "$ROOT"/{data,opt,srv,tmp,run,var}
}

# serve KEY=VALUE...: in that root, in the background.
serve() {
    printf '%s\n' '[Service]' "$@" >"$ROOT/etc/pith/service.conf"
    # shellcheck disable=SC2016  # the inner shell expands it
    unshare --pid --fork --kill-child --mount sh -c '
        mount --bind /usr "$0/usr" && mount -t proc proc "$0/proc" &&
        exec chroot "$0" /init' "$ROOT" >"$BATS_TEST_TMPDIR/log" 2>&1 3>&- &
    STARTED=$!
}

redis() { redis-cli -p 18403 "$@"; }

@test "redis-server: writes below /data, and nowhere else; one port" {
    make_tree
    serve User=65532 \
        'ExecStart=/usr/bin/redis-server --port 18403 --dir /data --appendonly yes --enable-protected-configs yes --save ""' \
        'LandlockRead=/data /proc /dev/urandom' 'LandlockWrite=/data /dev/null' \
        LandlockExec=none LandlockBind=18403 LandlockConnect=none \
        'LandlockScope=signal abstract-unix-socket'
    until_ready redis ping
    [ "$(redis set key value)" = OK ]
    [ "$(redis save)" = OK ]
    redis bgsave
    redis bgrewriteaof
    until_ready sh -c "! redis-cli -p 18403 info persistence | grep -q 'in_progress:1'"
    redis info persistence | grep -q 'rdb_last_bgsave_status:ok'
    redis info persistence | grep -q 'aof_last_bgrewrite_status:ok'
    [ -s "$ROOT/data/dump.rdb" ]
    [ "$(redis get key)" = value ]
    # Outside: the directory is world-writable, and Landlock refuses.
    redis config set dir /tmp
    run redis save
    [[ $output == *"ERR"* ]]
    run -0 ls -A "$ROOT/tmp"
    [ -z "$output" ]
    run redis config set port 18404
    [[ $output == *"Unable to listen"* ]]
    grep -q 'Permission denied' "$BATS_TEST_TMPDIR/log"
}

# nginx_conf PORT...: a configuration that serves /srv, and /opt if it can.
nginx_conf() {
    {
        echo 'daemon off; error_log stderr; pid /run/nginx.pid; events {}'
        echo 'http { access_log off; server {'
        printf 'listen %s;\n' "$@"
        echo 'root /srv; location /opt/ { alias /opt/; } } }'
    } >"$ROOT/etc/nginx/nginx.conf"
}

@test "nginx: serves what it may read, on port 82 without being root" {
    [ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -gt 82 ] ||
        skip "port 82 is everybody's here"
    make_tree
    nginx_conf 82
    local keys=(User=65532 ExecStart=/usr/sbin/nginx LimitNOFILE=1024
        AmbientCapabilities=CAP_NET_BIND_SERVICE
        'LandlockRead=/etc /srv /run /dev/null' LandlockExec=none
        'LandlockWrite=/run /var/lib/nginx /var/log/nginx /dev/null'
        LandlockConnect=none)
    serve "${keys[@]}" LandlockBind=82
    until_ready curl -fsS http://127.0.0.1:82/file || {
        cat "$BATS_TEST_TMPDIR/log"
        return 1
    }
    [ "$(curl -fsS http://127.0.0.1:82/file)" = hello ]
    [ "$(curl -sS -o "$BATS_TEST_TMPDIR/body" -w '%{http_code}' http://127.0.0.1:82/opt/file)" = 403 ]
    grep -q '"/opt/file" failed (13: Permission denied)' "$BATS_TEST_TMPDIR/log"
    stop
    # A port that is not listed.
    nginx_conf 82 18405
    serve "${keys[@]}" LandlockBind=82
    until_ready grep -q 'bind() to 0.0.0.0:18405 failed (13: Permission denied)' \
        "$BATS_TEST_TMPDIR/log"
    wait "$STARTED" || true
    # The control: with it, both.
    serve "${keys[@]}" 'LandlockBind=82 18405'
    until_ready curl -fsS http://127.0.0.1:18405/file
}

@test "memcached: no file at all, and one port" {
    make_tree
    local keys=(User=65532 LandlockRead=none LandlockWrite=none LandlockExec=none
        LandlockBind=18406 LandlockConnect=none LandlockScope=signal)
    serve "${keys[@]}" 'ExecStart=/usr/bin/memcached -p 18406 -U 0'
    until_ready sh -c 'printf "version\r\nquit\r\n" | timeout 5 bash -c "exec 3<>/dev/tcp/127.0.0.1/18406; cat >&3; cat <&3" | grep -q VERSION'
    stop
    serve "${keys[@]}" 'ExecStart=/usr/bin/memcached -p 18407 -U 0'
    local code=0
    wait "$STARTED" || code=$?
    STARTED=
    [ "$code" != 0 ]
    grep -q 'Permission denied' "$BATS_TEST_TMPDIR/log"
}
