#!/usr/bin/env bats
# pith-init --probe against real servers: hello, and a replier that misbehaves.

bats_require_minimum_version 1.5.0

setup() {
    TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    PITH_INIT=${PITH_INIT:-$TOP/build/pith-init}
    SUPPORT=$TOP/build/tests/support
    HELLO=$TOP/build/images/hello/amd64/hello
    STARTED=()
    # Sockets have 107 bytes.
    SHORT=$(mktemp -d /tmp/pith-probe-XXXXXX)
    chmod 755 "$SHORT"
    cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
    stop_servers
    rm -rf "$SHORT"
}

probe() {
    "$PITH_INIT" --probe "$@"
}

# started: note the last background process, for the end.
started() {
    STARTED+=("$!")
    disown
}

stop_servers() {
    local pid
    for pid in "${STARTED[@]}"; do
        kill -KILL "$pid" 2>/dev/null || continue
        while kill -0 "$pid" 2>/dev/null; do sleep 0.02; done
    done
    STARTED=()
}

# replier ADDRESS REPLY OPTION...: in the background; what it listens at in AT.
replier() {
    local reply=$2 fifo
    fifo=$(mktemp -u at.XXXXXX)
    mkfifo "$fifo"
    "$SUPPORT/replier" "$1" "${@:3}" < <(printf '%b' "$reply") \
        >"$fifo" 2>request 3>&- &
    started
    read -r AT <"$fifo"
}


# A port where nobody listens: it was free a moment ago.
dead_port() {
    replier 127.0.0.1 ''
    stop_servers
}

# takes MIN MAX COMMAND...: run, and check the milliseconds that it took. MAX
# leaves a busy machine its time, and stays below what it would be by mistake:
# the 3 seconds of the default, or no end.
takes() {
    local min=$1 max=$2 start ms
    start=$(date +%s%N)
    run "${@:3}"
    ms=$((($(date +%s%N) - start) / 1000000))
    echo "$ms ms: $output"
    [ "$ms" -ge "$min" ] && [ "$ms" -le "$max" ]
}

unhealthy() {
    [ "$status" -eq 1 ] && [ "$output" = "pith-init: probe $1" ] && return
    echo "$status: $output, not: $1"
    return 1
}

ok='HTTP/1.0 200 OK\r\n\r\nall is well\n'

@test "hello: healthy over HTTP and TCP, both families, and localhost" {
    for _ in $(seq 20); do
        PORT=$((10000 + RANDOM % 20000))
        "$HELLO" --port "$PORT" >log 2>&1 3>&- &
        started
        for _ in $(seq 50); do
            probe "tcp://127.0.0.1:$PORT" 2>/dev/null && break
            sleep 0.02
        done
        ! kill -0 "$!" 2>/dev/null || break
    done
    for host in 127.0.0.1 '[::1]' localhost; do
        run -0 probe "http://$host:$PORT/healthz"
        [ -z "$output" ]
        run -0 probe "tcp://$host:$PORT"
        [ -z "$output" ]
    done
    run -0 probe "http://127.0.0.1:$PORT/healthz" --match '"status":"ok"'
    run probe "http://127.0.0.1:$PORT/healthz" --match '"status":"bad"'
    unhealthy "http://127.0.0.1:$PORT/healthz: no match in the body"
    run probe "http://127.0.0.1:$PORT/nope"
    unhealthy "http://127.0.0.1:$PORT/nope: status 404"
    run -0 probe "http://127.0.0.1:$PORT/nope" --status 404
}

@test "what is sent: one request, complete, to be answered by a close" {
    replier 127.0.0.1 "$ok"
    run -0 probe "http://127.0.0.1:$AT/a?b=%20c"
    [ "$(cat request)" = "$(printf 'GET /a?b=%%20c HTTP/1.0\r\nHost: 127.0.0.1:%s\r\nUser-Agent: pith-init\r\nConnection: close\r\n\r' "$AT")" ]
    replier ::1 "$ok"
    run -0 probe "http://[::1]:$AT/"
    grep -qx $'Host: \[::1\]:'"$AT"$'\r' request
}

@test "localhost is ::1, or else 127.0.0.1" {
    replier ::1 "$ok"
    run -0 probe "http://localhost:$AT/"
    replier 127.0.0.1 "$ok"
    run -0 probe "http://localhost:$AT/"
    run -0 probe "tcp://localhost:$AT"
}

@test "refused: at once, and with its reason" {
    dead_port
    for url in "http://127.0.0.1:$AT/healthz" "tcp://127.0.0.1:$AT" \
        "tcp://[::1]:$AT" "http://localhost:$AT/"; do
        takes 0 2500 probe "$url"
        unhealthy "$url: connect: Connection refused"
    done
}

@test "a port that the kernel would connect to itself is refused" {
    unshare --user --net true 2>/dev/null || skip "no network namespace to be had"
    run unshare --map-root-user --net sh -c '
        ip link set lo up 2>/dev/null || ifconfig lo up || exit 77
        echo 40001 40001 >/proc/sys/net/ipv4/ip_local_port_range || exit 77
        "$0" --probe tcp://127.0.0.1:40001; echo $?
        "$0" --probe "tcp://[::1]:40001"; echo $?
        "$0" --probe http://127.0.0.1:40001/; echo $?' "$PITH_INIT"
    [ "$status" -ne 77 ] || skip "cannot set up the network namespace"
    [ "${lines[0]}" = "pith-init: probe tcp://127.0.0.1:40001: connect: Connection refused" ]
    [ "${lines[1]}" = 1 ] && [ "${lines[3]}" = 1 ] && [ "${lines[5]}" = 1 ]
}

@test "statuses: 200 to 399, or as told" {
    while read -r code list expected; do
        replier 127.0.0.1 "HTTP/1.1 $code Reason\r\nA: b\r\n\r\n"
        # shellcheck disable=SC2086 # one list or none
        run probe "http://127.0.0.1:$AT/" ${list:+--status $list}
        [ "$status" -eq "$expected" ]
        [ "$expected" = 0 ] || unhealthy "http://127.0.0.1:$AT/: status $code"
    done <<'EOT'
200 200-399 0
204 200 1
301 200-299,301 0
302 200-299,301 1
199 200-399 1
503 500-503,200 0
404 400-403,405-599 1
EOT
    for code in 200 399; do
        replier 127.0.0.1 "HTTP/1.1 $code\r\n\r\n"
        run -0 probe "http://127.0.0.1:$AT/"
    done
    for code in 100 199 400 503 599; do
        replier 127.0.0.1 "HTTP/1.1 $code\r\n\r\n"
        run probe "http://127.0.0.1:$AT/"
        unhealthy "http://127.0.0.1:$AT/: status $code"
    done
}

@test "no HTTP: garbage, nothing, half a head, another protocol, an echo" {
    for reply in 'nonsense that is long enough' '' 'HTTP/1.0 200 OK\r\nA: b\r\n' \
        'HTTP/1.0 2' 'SSH-2.0-OpenSSH_9.2p1\r\n' 'HTTP/1.0 20 OK\r\n\r\n' \
        'HTTP/2.0 200 OK\r\n\r\n' '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' \
        'GET / HTTP/1.0\r\n\r\n'; do
        replier 127.0.0.1 "$reply"
        takes 0 2500 probe "http://127.0.0.1:$AT/"
        unhealthy "http://127.0.0.1:$AT/: no HTTP reply"
    done
}

@test "a reset has its reason" {
    replier 127.0.0.1 '' --reset 1
    run probe "http://127.0.0.1:$AT/"
    unhealthy "http://127.0.0.1:$AT/: receive: Connection reset by peer"
}

@test "split replies: a byte at a time, with and without --match" {
    replier 127.0.0.1 "$ok" --split 1 --delay-ms 3
    run -0 probe "http://127.0.0.1:$AT/" --timeout 20s
    run -0 probe "http://127.0.0.1:$AT/" --timeout 20s --match 'is well'
    run probe "http://127.0.0.1:$AT/" --timeout 20s --match 'is swell'
    unhealthy "http://127.0.0.1:$AT/: no match in the body"
}

@test "a server that writes its body apart sees no reset" {
    replier 127.0.0.1 "$ok" --split 19 --delay-ms 20
    run -0 probe "http://127.0.0.1:$AT/"
    sleep 0.2
    run ! grep -q reset request
}

@test "the time is kept: silent, slow, held open" {
    replier 127.0.0.1 '' --hold 1
    takes 500 2500 probe "http://127.0.0.1:$AT/" --timeout 500ms
    unhealthy "http://127.0.0.1:$AT/: timed out after 500 ms"
    # One deadline for all, not one for each byte.
    replier 127.0.0.1 "$ok" --split 1 --delay-ms 200
    takes 700 2500 probe "http://127.0.0.1:$AT/" --timeout 700ms
    unhealthy "http://127.0.0.1:$AT/: timed out after 700 ms"
    # The answer is known: what follows is not waited for.
    replier 127.0.0.1 "$ok" --hold 1
    takes 0 2500 probe "http://127.0.0.1:$AT/"
    [ "$status" -eq 0 ]
    takes 0 2500 probe "http://127.0.0.1:$AT/" --match 'is well'
    [ "$status" -eq 0 ]
    takes 300 2500 probe "http://127.0.0.1:$AT/" --match nope --timeout 300ms
    unhealthy "http://127.0.0.1:$AT/: timed out after 300 ms"
}

@test "three seconds is the default" {
    replier 127.0.0.1 '' --hold 1
    takes 3000 6000 probe "http://127.0.0.1:$AT/"
    unhealthy "http://127.0.0.1:$AT/: timed out after 3000 ms"
}

@test "a connection that is never made: the time is kept" {
    # Once its queue is full a server that accepts nothing is sent in vain.
    replier 127.0.0.1 '' --deaf 1 --backlog 0
    run -0 probe "tcp://127.0.0.1:$AT"
    takes 400 2500 probe "tcp://127.0.0.1:$AT" --timeout 400ms
    unhealthy "tcp://127.0.0.1:$AT: timed out after 400 ms"
    takes 400 2500 probe "http://127.0.0.1:$AT/" --timeout 400ms
    unhealthy "http://127.0.0.1:$AT/: timed out after 400 ms"
}

@test "huge replies are bounded" {
    # A head without end, a body without end, and lines without end.
    replier 127.0.0.1 'HTTP/1.0 200 OK\r\nA: b\r\nB: cccccccccccccccc\r\n' --repeat 0
    takes 0 2500 probe "http://127.0.0.1:$AT/"
    unhealthy "http://127.0.0.1:$AT/: no HTTP reply"
    printf 'HTTP/1.0 200 OK\r\n\r\n' >reply
    head -c 1000000 /dev/zero >>reply
    "$SUPPORT/replier" 127.0.0.1 --repeat 0 <reply >port 2>/dev/null 3>&- &
    started
    until [ -s port ]; do sleep 0.02; done
    takes 0 2500 probe "http://127.0.0.1:$(cat port)/"
    [ "$status" -eq 0 ]
    takes 0 2500 probe "http://127.0.0.1:$(cat port)/" --match x
    unhealthy "http://127.0.0.1:$(cat port)/: no match in the body"
}

@test "--match looks at the first 8 KB of the body and no further" {
    local body
    body=$(head -c 8190 /dev/zero | tr '\0' .)
    replier 127.0.0.1 "HTTP/1.0 200 OK\r\n\r\n${body}ab"
    run -0 probe "http://127.0.0.1:$AT/" --match .ab
    replier 127.0.0.1 "HTTP/1.0 200 OK\r\n\r\n${body}.ab"
    run probe "http://127.0.0.1:$AT/" --match ab
    unhealthy "http://127.0.0.1:$AT/: no match in the body"
    # The head is not the body.
    replier 127.0.0.1 'HTTP/1.0 200 OK\r\nX: secret\r\n\r\nbody'
    run probe "http://127.0.0.1:$AT/" --match secret
    [ "$status" -eq 1 ]
}

@test "unix sockets: listening, dead, missing, none, full" {
    local at=$SHORT/s
    replier "$at" ''
    run -0 probe "unix:$at"
    stop_servers
    run probe "unix:$at"
    unhealthy "unix:$at: connect: Connection refused"
    run probe "unix:$at.nope"
    unhealthy "unix:$at.nope: connect: No such file or directory"
    touch "$at.file"
    run probe "unix:$at.file"
    unhealthy "unix:$at.file: connect: Connection refused"
    # A queue of one: who is in it is healthy, whoever is not waits.
    replier "$at.full" '' --deaf 1 --backlog 0
    run -0 probe "unix:$at.full"
    takes 300 2500 probe "unix:$at.full" --timeout 300ms
    unhealthy "unix:$at.full: timed out after 300 ms"
}

@test "wrong use: 125 and one line, and nothing is asked" {
    while IFS='|' read -r args message; do
        # shellcheck disable=SC2086 # words
        run "$PITH_INIT" --probe $args
        echo "$args: $status $output"
        [ "$status" -eq 125 ]
        [ "$output" = "pith-init: $message" ]
    done <<'EOT'
|'' is not http://ADDRESS[:PORT]/PATH, tcp://ADDRESS:PORT or unix:/PATH
http://example.org/|'http://example.org/' is not http://ADDRESS[:PORT]/PATH, tcp://ADDRESS:PORT or unix:/PATH
http://127.0.0.1:1/ --timeout|bad option: --timeout 
http://127.0.0.1:1/ --timeout soon|bad option: --timeout soon
http://127.0.0.1:1/ --timeout 0|bad option: --timeout 0
http://127.0.0.1:1/ --timeout infinity|bad option: --timeout infinity
http://127.0.0.1:1/ --timeout 2d|bad option: --timeout 2d
http://127.0.0.1:1/ --status 2xx|bad option: --status 2xx
http://127.0.0.1:1/ --status 200,|bad option: --status 200,
http://127.0.0.1:1/ --nope x|bad option: --nope x
http://127.0.0.1:1/ http://127.0.0.1:2/|bad option: http://127.0.0.1:2/ 
tcp://127.0.0.1:1 --status 200|bad option: --status 200
unix:/a --match x|bad option: --match x
EOT
}

@test "nothing of /etc/pith is read, and no signal is taken" {
    [ "$(id -u)" = 0 ] || skip "needs root: chroot"
    mkdir -p "$SHORT/etc/pith"
    cp "$PITH_INIT" "$SHORT/init"
    echo 'nonsense' >"$SHORT/etc/pith/service.conf"
    replier "$SHORT/s" ''
    run -0 chroot "$SHORT" /init --probe unix:/s
    [ -z "$output" ]
    replier 127.0.0.1 '' --hold 1
    run -143 timeout --preserve-status -s TERM 0.3 "$PITH_INIT" --probe "http://127.0.0.1:$AT/"
}

@test "a service of the same user can neither read nor write a probe" {
    [ "$(id -u)" = 0 ] || skip "needs root: to become another user"
    replier 127.0.0.1 '' --hold 1
    cp "$PITH_INIT" "$SHORT/init"
    setpriv --reuid 65532 --clear-groups --bounding-set=-all --inh-caps=-all \
        "$SHORT/init" --probe "http://127.0.0.1:$AT/" 3>&- &
    local pid=$!
    started
    sleep 0.3
    run setpriv --reuid 65532 --clear-groups cat "/proc/$pid/mem"
    [ "$status" -ne 0 ]
    [[ $output == *"Permission denied"* ]]
}
