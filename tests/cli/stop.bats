#!/usr/bin/env bats
# How pith-init stops a service, as PID 1 of a real PID namespace.

bats_require_minimum_version 1.5.0
load ../support/init

setup() {
    needs_root
    make_root
    STARTED=
}

teardown() {
    [ -z "$STARTED" ] || kill -KILL "$STARTED" 2>/dev/null || true
}

# begin VERB [ARG]: start the victim, wait until it is ready; init's pid in INIT.
begin() {
    start_in_root /init -- /app/victim "$@"
    wait_for "$BATS_TEST_TMPDIR/out" ready
    INIT=$(init_of "$STARTED")
    BEGAN=$(date +%s%N)
}

# ended CODE: init ends with that exit code; how long since begin in MS.
ended() {
    local code=0
    wait "$STARTED" || code=$?
    MS=$((($(date +%s%N) - BEGAN) / 1000000))
    STARTED=
    echo "code $code after $MS ms"
    [ "$code" = "$1" ]
}

got() { grep -qx "$1" "$BATS_TEST_TMPDIR/out"; }

@test "stop: a worker that needs 300 ms after SIGTERM finishes" {
    begin family
    kill -TERM "$INIT"
    ended 0
    got 'worker done'
    [ "$MS" -ge 300 ] && [ "$MS" -lt 3000 ]
}

@test "stop: what outlives the program is told to stop, and waited for" {
    begin family short
    ended 3
    got 'worker done'
}

@test "stop: KillMode=mixed kills the rest when the main process ends" {
    service KillMode=mixed
    begin family
    kill -TERM "$INIT"
    ended 0
    run -1 got 'worker done'
    [ "$MS" -lt 250 ]
}

@test "stop: KillMode=process waits for the main process alone" {
    service KillMode=process
    begin family
    kill -TERM "$INIT"
    ended 0
    run -1 got 'worker done'
    [ "$MS" -lt 250 ]
}

@test "stop: a second SIGTERM ends the patience at once" {
    service TimeoutStopSec=30
    begin deaf
    kill -TERM "$INIT"
    sleep 0.2
    kill -0 "$INIT"
    kill -TERM "$INIT"
    ended 137
    [ "$MS" -lt 3000 ]
    grep -q 'told to stop again' "$BATS_TEST_TMPDIR/err"
}

@test "stop: KillSignal= is what SIGTERM becomes; SendSIGHUP= follows" {
    service KillSignal=SIGUSR1 SendSIGHUP=yes
    begin listen
    kill -TERM "$INIT"
    wait_for "$BATS_TEST_TMPDIR/out" '^signal 10 '
    wait_for "$BATS_TEST_TMPDIR/out" '^signal 1 '
    run -1 grep '^signal 15' "$BATS_TEST_TMPDIR/out"
    kill -USR2 "$INIT"
    ended 0
}

@test "stop: FinalKillSignal= instead of SIGKILL" {
    service TimeoutStopSec=200ms FinalKillSignal=ABRT
    begin deaf
    kill -TERM "$INIT"
    ended 134
}

@test "stop: ForwardDelaySec= lets endpoints drain first" {
    service ForwardDelaySec=500ms
    begin listen
    kill -TERM "$INIT"
    sleep 0.25
    run -1 grep '^signal 15' "$BATS_TEST_TMPDIR/out"
    wait_for "$BATS_TEST_TMPDIR/out" '^signal 15 '
    local ms=$((($(date +%s%N) - BEGAN) / 1000000))
    [ "$ms" -ge 500 ]
    kill -USR2 "$INIT"
    ended 0
}

@test "stop: the time to stop begins after the delay, not in it" {
    service ForwardDelaySec=400ms TimeoutStopSec=400ms
    begin deaf
    kill -TERM "$INIT"
    ended 137
    [ "$MS" -ge 800 ]
}

@test "stop: RewriteSignal= changes and drops signals" {
    service RewriteSignal='HUP:USR1 INT:ignore TERM:QUIT'
    begin listen
    kill -INT "$INIT"
    kill -HUP "$INIT"
    wait_for "$BATS_TEST_TMPDIR/out" '^signal 10 '
    kill -TERM "$INIT"
    wait_for "$BATS_TEST_TMPDIR/out" '^signal 3 '
    kill -USR2 "$INIT"
    ended 0
    run -1 grep -E '^signal (1|2|15) ' "$BATS_TEST_TMPDIR/out"
}

@test "stop: RewriteSignal=TERM:ignore: SIGTERM stops nothing" {
    service RewriteSignal=TERM:ignore TimeoutStopSec=100ms
    begin listen
    kill -TERM "$INIT"
    sleep 0.4
    kill -USR2 "$INIT"
    ended 0
    run -1 grep '^signal 15' "$BATS_TEST_TMPDIR/out"
}

@test "stop: SuccessExitStatus= makes codes and signals a success" {
    service SuccessExitStatus='143 7 SIGUSR1'
    run -0 in_root /init -- /app/victim exit 7
    run -0 in_root /init -- /app/victim raise 15
    run -0 in_root /init -- /app/victim raise 10
    run -8 in_root /init -- /app/victim exit 8
    run -137 in_root /init -- /app/victim raise 9
}

@test "stop: TimeoutStopSec=infinity never kills" {
    service TimeoutStopSec=infinity
    begin deaf
    kill -TERM "$INIT"
    sleep 0.5
    kill -0 "$INIT"
    kill -TERM "$INIT"
    ended 137
}

@test "stop: not as PID 1, the program's group is stopped" {
    "$PITH_INIT" -- "$SUPPORT/victim" family \
        >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    STARTED=$!
    INIT=$STARTED
    BEGAN=$(date +%s%N)
    wait_for "$BATS_TEST_TMPDIR/out" ready
    kill -TERM "$INIT"
    ended 0
    got 'worker done'
}

@test "stop: bad values are one line, exit 125" {
    while IFS='|' read -r text message; do
        service "$text"
        run -125 in_root /init -- /app/victim exit 0
        [ "$output" = "pith-init: /etc/pith/service.conf: line 2: $message" ]
    done <<'EOF'
KillSignal=SIGNOPE|KillSignal: 'SIGNOPE' is not a signal
KillSignal=65|KillSignal: '65' is not a signal
KillSignal=0|KillSignal: '0' is not a signal
KillMode=some|KillMode: 'some' is not all|mixed|process
SendSIGHUP=maybe|SendSIGHUP: 'maybe' is not yes or no
RewriteSignal=TERM|RewriteSignal: 'TERM' is not SIGNAL:SIGNAL or SIGNAL:ignore
RewriteSignal=TERM:99|RewriteSignal: 'TERM:99' is not SIGNAL:SIGNAL or SIGNAL:ignore
SuccessExitStatus=256|SuccessExitStatus: '256' is not an exit code or a signal
ForwardDelaySec=x|ForwardDelaySec: 'x' is not a time span
EOF
}
