#!/usr/bin/env bats
# images/hello as its clients meet it. HELLO names another build of it to
# test, one with sanitizers for example.

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    if [ -z "${HELLO:-}" ]; then
        local musl=$PWD/build/sysroot/x86_64/bin/musl-gcc
        [ ! -x "$musl" ] || MUSL_CC=${MUSL_CC:-$musl}
        MUSL_CC=${MUSL_CC:-} images/hello/build
        HELLO=$PWD/build/images/hello/amd64/hello
        export HELLO_IS_SHIPPED=1
    fi
    RAW=$BATS_FILE_TMPDIR/rawhttp
    "${CC:-cc}" -O1 -D_GNU_SOURCE -o "$RAW" tests/support/rawhttp.c
    export HELLO RAW POLICY=$PWD/images/hello/by-hand.policy LC_ALL=C
}

setup() {
    LOG=$BATS_TEST_TMPDIR/log
    PID=
    GET='GET / HTTP/1.1\r\nHost: a\r\n\r\n'
    PART='GET / HTTP/1.1\r\nHost: a\r\n'
}

teardown() {
    if [ -n "$PID" ] && kill -CONT "$PID" 2>/dev/null; then
        # A tracer that is killed leaves what it traced behind.
        pgrep -P "$PID" 2>/dev/null | xargs -r kill -KILL
        kill -KILL "$PID"
        wait "$PID" || :
    fi
    jobs -p | xargs -r kill 2>/dev/null || :
}

# Start "$@" --port PORT on a free port and wait until it listens.
launch() {
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        PORT=$((10000 + RANDOM % 20000))
        "$@" --port "$PORT" >"$LOG" 2>"$LOG.err" 3>&- &
        PID=$!
        until grep -q listening "$LOG"; do
            kill -0 "$PID" 2>/dev/null || continue 2
            sleep 0.02
        done
        return 0
    done
    cat "$LOG.err"
    return 1
}

serve() {
    launch "$HELLO" "$@"
}

# ask BYTES [option value]...: reply in $REPLY_FILE, how it ended in $end.
ask() {
    local bytes=$1
    shift
    REPLY_FILE=$BATS_TEST_TMPDIR/reply
    printf '%b' "$bytes" |
        "$RAW" "$PORT" --wait-ms 1500 "$@" >"$REPLY_FILE" 2>"$REPLY_FILE.end"
    end=$(cat "$REPLY_FILE.end")
}

# The statuses of all replies, on one line.
statuses() {
    sed -n 's/.*HTTP\/1\.1 \([0-9]*\) .*/\1/p' "$REPLY_FILE" |
        paste -sd ' '
}

count() {
    grep -c "$1" "${2:-$REPLY_FILE}" || :
}

repeat() {
    printf '%*s' "$1" '' | tr ' ' "${2:-x}"
}

# ends STATUS: what the server exited with, within the test's patience.
ends() {
    local status=0
    wait "$PID" || status=$?
    PID=
    [ "$status" -eq "$1" ]
}

# until_log PATTERN: up to five seconds.
until_log() {
    for _ in $(seq 250); do
        grep -q "$1" "$LOG" && return 0
        sleep 0.02
    done
    cat "$LOG"
    return 1
}

@test "GET / describes the service" {
    SERVICE_NAME='a"b' serve
    run curl -sS "http://127.0.0.1:$PORT/"
    [ "$status" -eq 0 ]
    [[ "$output" =~ ^\{\"service\":\"a\\\"b\",\"version\":\"[0-9.]+\",\"host\":\"[^\"]*\",\"uptime_ms\":[0-9]+,\"requests\":1\}$ ]]
    run curl -sS "http://127.0.0.1:$PORT/?query"
    [[ "$output" = *'"requests":2}' ]]
}

@test "GET /healthz is ok, over both families" {
    serve
    run curl -sS "http://127.0.0.1:$PORT/healthz"
    [ "$output" = '{"status":"ok"}' ]
    [ -e /proc/net/if_inet6 ] || skip "no IPv6 here"
    run curl -sS "http://[::1]:$PORT/healthz"
    [ "$output" = '{"status":"ok"}' ]
    grep -q '"client":"127.0.0.1"' "$LOG"
    grep -q '"client":"::1"' "$LOG"
}

@test "--address listens there only" {
    serve --address 127.0.0.1
    curl -sSf "http://127.0.0.1:$PORT/healthz"
    grep -q '"address":"127.0.0.1"' "$LOG"
    run curl -sS "http://127.0.0.2:$PORT/healthz"
    [ "$status" -eq 7 ]
}

@test "HEAD has the head of GET and no body" {
    serve
    ask 'HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n' --hangup 1
    [ "$end" = closed ]
    [ "$(count 'Content-Length: 16')" -eq 1 ]
    [ "$(tail -c 4 "$REPLY_FILE" | od -An -tx1)" = ' 0d 0a 0d 0a' ]
}

@test "an answer carries a date, a type, and its exact length" {
    serve
    run curl -sSi "http://127.0.0.1:$PORT/healthz"
    [[ "$output" =~ Date:\ [A-Z][a-z]{2},\ [0-9]{2}\ [A-Z][a-z]{2}\ 20[0-9]{2}\ [0-9:]{8}\ GMT ]]
    [[ "$output" = *'Content-Type: application/json'* ]]
    date=$(tr -d '\r' <<<"$output" | sed -n 's/^Date: //p')
    seen=$(date -d "$date" +%s)
    [ $(($(date +%s) - seen)) -le 2 ]
    [ "$date" = "$(date -u -d "@$seen" '+%a, %d %b %Y %H:%M:%S GMT')" ]
}

@test "statuses of what is refused, and of what is not" {
    serve
    local bad=0
    while IFS='|' read -r expected bytes; do
        [ -n "$expected" ] || continue
        ask "$bytes" --hangup 1
        [ "$(statuses)" = "$expected" ] && [ "$end" = closed ] && continue
        echo "expected $expected, got $(statuses) ($end): $bytes"
        bad=1
    done <<'TABLE'
404|GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n
404|POST /nothing HTTP/1.1\r\nHost: a\r\n\r\n
405|POST / HTTP/1.1\r\nHost: a\r\n\r\n
405|DELETE /healthz HTTP/1.1\r\nHost: a\r\n\r\n
405|get / HTTP/1.1\r\nHost: a\r\n\r\n
405|OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n
405|CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n
200|\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n
200|GET http://a/healthz HTTP/1.1\r\nHost: a\r\n\r\n
200|GET / HTTP/1.0\r\n\r\n
200|GET / HTTP/1.7\r\nHost: a\r\n\r\n
200|GET / HTTP/1.1\r\nHost:\r\nX-Odd: \x80\xff\t!\r\n\r\n
200 200|GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nGETGET / HTTP/1.1\r\nHost: a\r\n\r\n
400|GET / HTTP/1.1\r\n\r\n
400|GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n
400|GET / HTTP/1.1\r\nHost: a b\r\n\r\n
400|GET / HTTP/1.1\nHost: a\n\n
400|GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n
400|GET / HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n
400|GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n
400|GET / HTTP/1.1\r\n Host: a\r\n\r\n
400|GET / HTTP/1.1\r\nHost : a\r\n\r\n
400|GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n
400|GET / HTTP/1.1\r\nHost: a\r\nnocolon\r\n\r\n
400|GET /\r\n\r\n
400|GET  / HTTP/1.1\r\nHost: a\r\n\r\n
400|GET / HTTP/1.1 \r\nHost: a\r\n\r\n
400|GET /a b HTTP/1.1\r\nHost: a\r\n\r\n
400|GET /\x80 HTTP/1.1\r\nHost: a\r\n\r\n
400|GET relative HTTP/1.1\r\nHost: a\r\n\r\n
400|GET * HTTP/1.1\r\nHost: a\r\n\r\n
400|GET / http/1.1\r\nHost: a\r\n\r\n
400|\x16\x03\x01\x02
400|POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd
400|POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc
400|POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc
400|POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc
400|POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x3\r\n\r\nabc
400|POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n
400|POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc
400|POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n
400|GET / HTTP/1.1\r\nHost: a\r\n
400|POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab
411|POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n
413|POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n
413|POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551617\r\n\r\n
417|GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n
501|POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n
501|POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n
505|PRI * HTTP/2.0\r\n\r\n
TABLE
    [ "$bad" -eq 0 ]
}

@test "405 names what is allowed" {
    serve
    ask 'PUT / HTTP/1.1\r\nHost: a\r\n\r\n' --hangup 1
    [ "$(count 'Allow: GET, HEAD')" -eq 1 ]
}

@test "nothing that follows a refused request is answered" {
    serve
    ask "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n$GET"
    [ "$(statuses)" = 411 ]
    [ "$end" = closed ]
    [ "$(count 'Connection: close')" -eq 1 ]
}

@test "limits: head 8192 bytes, target 2048" {
    serve
    # $PART is 25 bytes, and "X: " with both line ends 7.
    ask "${PART}X: $(repeat $((8192 - 25 - 7)))\r\n\r\n" --hangup 1
    [ "$(statuses)" = 200 ]
    ask "${PART}X: $(repeat $((8192 - 25 - 6)))\r\n\r\n" --hangup 1
    [ "$(statuses)" = 431 ]
    ask "GET /$(repeat 2047) HTTP/1.1\r\nHost: a\r\n\r\n" --hangup 1
    [ "$(statuses)" = 404 ]
    ask "GET /$(repeat 2048) HTTP/1.1\r\nHost: a\r\n\r\n" --hangup 1
    [ "$(statuses)" = 414 ]
    ask "GET /$(repeat 9000)"
    [ "$(statuses)" = 414 ]
}

@test "a refused upload still hears why" {
    serve
    # The client sends on for a while: a reset would lose the answer.
    ask "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n$(
        repeat 100000)" --split 1000 --delay-ms 1 --read-after-ms 500
    [ "$(statuses)" = 413 ]
    [ "$end" = closed ]
}

@test "a body of 65536 bytes is skipped, to the byte" {
    serve
    ask "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n$(
        repeat 65536)GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n" \
        --split 1009 --hangup 1
    [ "$(statuses)" = '405 200' ]
}

@test "a request inside a body is no request" {
    serve
    ask "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 27\r\n\r\n$GET$GET" \
        --split 5 --delay-ms 1 --hangup 1
    [ "$(statuses)" = '405 200' ]
}

@test "Expect: 100-continue is answered without the body" {
    serve
    ask 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n'
    [ "$(statuses)" = 405 ]
    [ "$end" = closed ]
}

@test "connections stay open, and close when asked to" {
    serve
    run curl -sS -w '%{num_connects} ' -o /dev/null -o /dev/null \
        "http://127.0.0.1:$PORT/" "http://127.0.0.1:$PORT/healthz"
    [ "$output" = '1 0 ' ]
    ask "$GET"
    [ "$end" = open ]
    ask 'GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n'
    [ "$end" = closed ]
    ask 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'
    [ "$end" = closed ]
    [ "$(count 'Connection: close')" -eq 1 ]
}

@test "a request may come one byte at a time" {
    serve
    ask "$GET$GET" --split 1 --delay-ms 2 --hangup 1
    [ "$(statuses)" = '200 200' ]
}

@test "100 requests in one write get 100 answers, in order" {
    serve
    local all='' i
    for i in $(seq 50); do
        all="$all${GET}GET /$i HTTP/1.1\r\nHost: a\r\n\r\n"
    done
    ask "$all" --hangup 1
    [ "$(count '^HTTP/1.1 200')" -eq 50 ]
    [ "$(statuses)" = "$(printf '200 404 %.0s' $(seq 50) | sed 's/ $//')" ]
    [ "$(sed -n 's/.*"path":"\/\([0-9]*\)".*/\1/p' "$LOG" | grep . |
        paste -sd ' ')" = "$(seq 50 | paste -sd ' ')" ]
}

@test "a slow reader gets every answer" {
    serve
    ask "$GET" --repeat 20000 --rcvbuf 4096 --read-after-ms 700 --hangup 1 \
        --wait-ms 4000
    [ "$end" = closed ]
    [ "$(count '^HTTP/1.1 200 OK')" -eq 20000 ]
    [ "$(count '"requests":20000}')" -eq 1 ]
}

@test "a client that never reads is cut off" {
    serve --idle-ms 300
    ask "$GET" --repeat 30000 --rcvbuf 4096 --read-after-ms 2500
    [ "$(count '^HTTP/1.1 200')" -lt 60000 ]
    until_log listening
    curl -sSf "http://127.0.0.1:$PORT/healthz"
}

@test "an unfinished request times out with 408" {
    serve --idle-ms 300
    ask "$PART"
    [ "$(statuses)" = 408 ]
    [ "$end" = closed ]
    ask 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc'
    [ "$(statuses)" = 408 ]
    grep -q '"method":"POST","path":"/","status":408,.*"why":"timed out"' "$LOG"
}

@test "a trickle does not extend the time for a request" {
    serve --idle-ms 300
    ask "$GET" --split 1 --delay-ms 60
    [ "$(statuses)" = 408 ]
}

@test "silence is closed without a word" {
    serve --idle-ms 300
    ask ''
    [ "$end" = closed ]
    [ ! -s "$REPLY_FILE" ]
    ask "$GET\r\n"
    [ "$(statuses)" = 200 ]
    [ "$end" = closed ]
}

@test "SIGTERM: an idle server ends at once with 0" {
    serve
    kill -TERM "$PID"
    ends 0
    grep -q '"event":"draining","connections":0' "$LOG"
    grep -q '"event":"stopped"' "$LOG"
}

@test "SIGTERM: what is in flight is answered, idle clients are let go" {
    serve
    exec 4<>"/dev/tcp/127.0.0.1/$PORT"
    printf 'GET / HTTP/1.1\r\nHost: a\r\n' >&4
    exec 5<>"/dev/tcp/127.0.0.1/$PORT"
    printf 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n' >&5
    until_log '"path":"/healthz"'
    kill -TERM "$PID"
    until_log draining
    timeout 2 cat <&5 >"$BATS_TEST_TMPDIR/idle"
    grep -q '^HTTP/1.1 200' "$BATS_TEST_TMPDIR/idle"
    run curl -sS "http://127.0.0.1:$PORT/"
    [ "$status" -eq 7 ]
    printf '\r\n' >&4
    timeout 2 cat <&4 >"$BATS_TEST_TMPDIR/late"
    grep -q '^HTTP/1.1 200' "$BATS_TEST_TMPDIR/late"
    grep -q '^Connection: close' "$BATS_TEST_TMPDIR/late"
    exec 4>&- 5>&-
    ends 0
}

@test "SIGTERM: requests that had arrived are all answered" {
    serve
    exec 4<>"/dev/tcp/127.0.0.1/$PORT"
    printf '%b' "$GET" >&4
    until_log '"path":"/"'
    kill -STOP "$PID"
    printf '%b' "$GET$GET$GET" >&4
    kill -TERM "$PID"
    kill -CONT "$PID"
    timeout 3 cat <&4 >"$BATS_TEST_TMPDIR/open"
    exec 4>&-
    ends 0
    [ "$(count '^HTTP/1.1 200' "$BATS_TEST_TMPDIR/open")" -eq 4 ]
    [ "$(count '^Connection: close' "$BATS_TEST_TMPDIR/open")" -eq 1 ]
}

# The signal comes first, and then more than the server looks at in one turn:
# 80 clients on open connections and 80 that were not accepted yet.
@test "SIGTERM: 160 clients whose request had arrived are all answered" {
    serve
    local fds=() fd i
    for i in $(seq 160); do
        [ "$i" -ne 81 ] || kill -STOP "$PID"
        [ "$i" -ne 81 ] || kill -TERM "$PID"
        exec {fd}<>"/dev/tcp/127.0.0.1/$PORT"
        fds+=("$fd")
        printf '%b' "$GET" >&"$fd"
        [ "$i" -ne 80 ] || sleep 0.2
    done
    for fd in "${fds[@]:0:80}"; do
        printf '%b' "$GET" >&"$fd"
    done
    kill -CONT "$PID"
    for fd in "${fds[@]}"; do
        timeout 3 cat <&"$fd" >>"$BATS_TEST_TMPDIR/all"
        exec {fd}>&-
    done
    ends 0
    [ "$(count '^HTTP/1.1 200' "$BATS_TEST_TMPDIR/all")" -eq 240 ]
}

@test "SIGTERM: who has just connected may still ask" {
    serve
    exec 4<>"/dev/tcp/127.0.0.1/$PORT"
    sleep 0.1
    kill -TERM "$PID"
    until_log draining
    printf '%b' "$GET" >&4
    timeout 3 cat <&4 >"$BATS_TEST_TMPDIR/new"
    exec 4>&-
    ends 0
    [ "$(count '^Connection: close' "$BATS_TEST_TMPDIR/new")" -eq 1 ]
}

@test "SIGTERM: a stuck request holds the exit for --drain-ms, not longer" {
    serve --drain-ms 400
    exec 4<>"/dev/tcp/127.0.0.1/$PORT"
    printf 'GET / HTTP/1.1\r\n' >&4
    sleep 0.1
    local began took
    began=$(date +%s%3N)
    kill -TERM "$PID"
    ends 0
    took=$(($(date +%s%3N) - began))
    exec 4>&-
    [ "$took" -ge 350 ]
    [ "$took" -le 1400 ]
}

@test "SIGTERM: a second one ends the wait" {
    serve --drain-ms 60000
    exec 4<>"/dev/tcp/127.0.0.1/$PORT"
    printf 'GET / HTTP/1.1\r\n' >&4
    sleep 0.1
    kill -TERM "$PID"
    until_log draining
    kill -TERM "$PID"
    ends 0
    exec 4>&-
}

@test "a full table makes clients wait, and they get their turn" {
    serve --connections 2
    exec 4<>"/dev/tcp/127.0.0.1/$PORT" 5<>"/dev/tcp/127.0.0.1/$PORT"
    printf 'GET / HTTP/1.1\r\n' >&4
    printf 'GET / HTTP/1.1\r\n' >&5
    sleep 0.2
    curl -sS -m 9 "http://127.0.0.1:$PORT/healthz" \
        >"$BATS_TEST_TMPDIR/third" 3>&- 4>&- 5>&- &
    local third=$!
    until_log '"event":"not accepting","connections":2'
    sleep 0.3
    [ ! -s "$BATS_TEST_TMPDIR/third" ]
    exec 4>&-
    wait "$third"
    exec 5>&-
    [ "$(cat "$BATS_TEST_TMPDIR/third")" = '{"status":"ok"}' ]
}

@test "a full table lets go who was silent longest" {
    serve --connections 2
    exec 4<>"/dev/tcp/127.0.0.1/$PORT" 5<>"/dev/tcp/127.0.0.1/$PORT"
    printf '%b' "$GET" >&4
    # This one was answered too, but is inside its next request.
    printf '%bGET / HTTP/1.1\r\n' "$GET" >&5
    sleep 1.2
    run curl -sS -m 5 "http://127.0.0.1:$PORT/healthz"
    [ "$output" = '{"status":"ok"}' ]
    # The idle one was closed; the one inside a request was not.
    timeout 1 cat <&4 >/dev/null
    printf 'Host: a\r\nConnection: close\r\n\r\n' >&5
    timeout 3 cat <&5 >"$BATS_TEST_TMPDIR/fifth"
    [ "$(count '^HTTP/1.1 200' "$BATS_TEST_TMPDIR/fifth")" -eq 2 ]
    exec 4>&- 5>&-
}

# Clock ticks that the server has used.
ticks() {
    awk '{ print $14 + $15 }' "/proc/$PID/stat"
}

@test "out of descriptors: no spin, and no client lost" {
    [ -n "${HELLO_IS_SHIPPED:-}" ] || skip "counts the descriptors of a static build"
    # 0, 1, 2, listener, signals, epoll: two are left.
    run_limited() {
        exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
        ulimit -n 8
        exec "$@"
    }
    launch run_limited "$HELLO"
    exec 4<>"/dev/tcp/127.0.0.1/$PORT" 5<>"/dev/tcp/127.0.0.1/$PORT"
    printf 'GET / HTTP/1.1\r\n' >&4
    printf 'GET / HTTP/1.1\r\n' >&5
    sleep 0.2
    curl -sS -m 9 "http://127.0.0.1:$PORT/healthz" \
        >"$BATS_TEST_TMPDIR/third" 3>&- 4>&- 5>&- &
    local third=$!
    until_log '"event":"not accepting"'
    local before
    before=$(ticks)
    sleep 1
    [ $(($(ticks) - before)) -le 5 ]
    [ "$(count 'not accepting' "$LOG")" -le 2 ]
    exec 5>&-
    wait "$third"
    exec 4>&-
    [ "$(cat "$BATS_TEST_TMPDIR/third")" = '{"status":"ok"}' ]
}

@test "the log is one JSON object per line, whatever clients send" {
    serve
    ask 'GET /"\\<>&%00 HTTP/1.1\r\nHost: a\r\n\r\n' --hangup 1
    ask 'GET /\x1b[31m HTTP/1.1\r\nHost: a\r\n\r\n' --hangup 1
    ask '{"status":200}\r\n\r\n' --hangup 1
    ask "GET /$(repeat 2000 '"') HTTP/1.1\r\nHost: a\r\n\r\n" --hangup 1
    kill -TERM "$PID"
    ends 0
    local time='\{"time":"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z"'
    local string='(null|"([^"\\[:cntrl:]]|\\["\\]|\\u00[0-9a-f]{2})*")'
    local numbers='"status":[0-9]{3},"bytes":[0-9]+,"duration_us":[0-9]+'
    run grep -vE "^$time,(\"event\":\"[a-z ]+\"(,\"address\":\"::\")?(,\"[a-z]+\":[0-9]+)?|\"client\":\"[0-9.]+\",\"method\":$string,\"path\":$string,$numbers(,\"why\":\"[A-Za-z0-9./, -]+\")?)\}\$" "$LOG"
    [ "$output" = '' ]
    grep -qF '"path":"/\"\\<>&%00","status":404' "$LOG"
    [ "$(count '"client"' "$LOG")" -eq 4 ]
    [ "$(wc -L <"$LOG")" -lt 4096 ]
}

@test "a log that nobody reads holds nothing up, and says what it lost" {
    local fifo=$BATS_TEST_TMPDIR/fifo
    # For a port that is free.
    serve
    kill -TERM "$PID"
    ends 0
    mkfifo "$fifo"
    exec 6<>"$fifo"
    "$HELLO" --port "$PORT" >"$fifo" 3>&- 6>&- &
    PID=$!
    read -r line <&6
    [[ "$line" = *listening* ]]
    ask "$GET" --repeat 3000 --hangup 1
    [ "$(count '^HTTP/1.1 200')" -eq 3000 ]
    timeout 1 cat <&6 >"$LOG" || :
    curl -sSf "http://127.0.0.1:$PORT/healthz"
    timeout 1 cat <&6 >>"$LOG" || :
    exec 6>&-
    local kept
    kept=$(count '"path":"/"' "$LOG")
    [ "$kept" -lt 3000 ]
    grep -q "\"event\":\"log lines dropped\",\"count\":$((3000 - kept))}" "$LOG"
    # Now the pipe has no reader at all.
    curl -sSf "http://127.0.0.1:$PORT/healthz"
    curl -sSf "http://127.0.0.1:$PORT/healthz"
}

@test "usage errors exit 2 and say why in one line" {
    while read -r args; do
        # shellcheck disable=SC2086 # a list of arguments
        run "$HELLO" $args
        [ "$status" -eq 2 ]
        [ "${#lines[@]}" -eq 1 ]
        [[ "$output" = 'hello: '* ]]
    done <<'ARGS'
--port
--port 0
--port 65536
--port 80x
--port +80
--port -1
--port 18446744073709551696
--address localhost
--address 1.2.3
--connections 0
--connections 513
--idle-ms 0
--drain-ms 3600001
--verbose
8080
ARGS
    run "$HELLO" --help
    [ "$status" -eq 0 ]
    [[ "$output" = *--drain-ms* ]]
}

@test "a port that is taken is an error with its reason" {
    serve --address 127.0.0.1
    run "$HELLO" --address 127.0.0.1 --port "$PORT"
    [ "$status" -eq 1 ]
    [ "$output" = "hello: listen: [127.0.0.1]:$PORT: Address in use" ] ||
        [ "$output" = "hello: listen: [127.0.0.1]:$PORT: Address already in use" ]
}

# Every path of the program that makes a system call of its own.
exercise() {
    curl -sS "http://127.0.0.1:$PORT/" "http://127.0.0.1:$PORT/nothing"
    curl -sSI "http://127.0.0.1:$PORT/healthz"
    curl -sS -d body "http://127.0.0.1:$PORT/"
    ask 'bad\n'
    ask "$PART"
    ask "$GET" --repeat 30000 --rcvbuf 4096 --read-after-ms 2500
    exec 4<>"/dev/tcp/127.0.0.1/$PORT" 5<>"/dev/tcp/127.0.0.1/$PORT"
    printf 'GET / HTTP/1.1\r\n' >&4
    printf 'GET / HTTP/1.1\r\n' >&5
    curl -sS -m 5 "http://127.0.0.1:$PORT/"
    printf 'GET / HTTP/1.1\r\n' >&4 || :
    kill -TERM "$(pgrep -P "$PID")"
    exec 4>&- 5>&-
}

@test "the policy lists what the program calls, no less and no more" {
    command -v strace >/dev/null || skip "strace is not installed"
    command -v pgrep >/dev/null || skip "pgrep is not installed"
    [ -n "${HELLO_IS_SHIPPED:-}" ] || skip "not the build that the policy is for"
    local trace=$BATS_TEST_TMPDIR/trace
    strace -o "$trace" true || skip "strace may not trace here"
    launch strace -f -o "$trace" "$HELLO" --idle-ms 400 --connections 2
    exercise
    ends 0
    # The first execve is strace's own, and so is what follows an exit.
    sed -n 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p' "$trace" | sort -u |
        grep -vxE 'execve|exit|exit_group|rt_sigreturn|clock_gettime' \
        >"$trace.seen"
    # Of the lines for single machines those for this one.
    grep -v '^#' "$POLICY" | grep . | sed "/^\[/{/[[ ]$(uname -m)[] ]/!d; s/^[^]]*\] //}" \
        >"$trace.policy"
    sort -c "$trace.policy"
    diff "$trace.policy" "$trace.seen"
    [ "$(grep -c 'execve(' "$trace")" -eq 1 ]
}
