#!/usr/bin/env bats
# Restart=, Type=notify, WatchdogSec=, ExecStartPre= and ExecStopPost=, what is
# logged, and what may be set from outside.

bats_require_minimum_version 1.5.0
load ../support/init

setup() {
    needs_root
    make_root
    cp "$SUPPORT/actor" "$ROOT/app/"
    STARTED=
}

teardown() {
    [ -z "$STARTED" ] || kill -KILL "$STARTED" 2>/dev/null || true
}

# ended CODE: what was started ends with that.
ended() {
    local code=0
    wait "$STARTED" || code=$?
    STARTED=
    echo "code $code"
    cat "$BATS_TEST_TMPDIR/err" 2>/dev/null || true
    [ "$code" = "$1" ]
}

# starts: how often the actor ran that counts in /tmp/n.
starts() { wc -c <"$ROOT/tmp/n" | tr -d ' '; }

# ran CODE COUNT KEY=VALUE... -- VERB=TEXT...: an actor that counts its starts.
ran() {
    local code=$1 count=$2 keys=()
    shift 2
    while [ "$1" != -- ]; do keys+=("$1"); shift; done
    shift
    rm -f "$ROOT/tmp/n"
    service RestartSec=10ms "${keys[@]}"
    echo "${keys[*]}: $*"
    run "-$code" timeout -k 1 20 unshare --pid --fork --kill-child --root="$ROOT" \
        --mount-proc=/proc /init -- /app/actor "$@"
    echo "$output"
    [ "$(starts)" = "$count" ]
}

@test "restart: which ends are followed by a start, as systemd's table has it" {
    # An exit with 0, one with 3, SIGTERM's death (clean), SIGABRT's.
    ran 0 1 Restart=no -- codes='/tmp/n 0,9'
    ran 9 2 Restart=on-success -- codes='/tmp/n 0,9'
    ran 3 1 Restart=on-success -- codes='/tmp/n 3,9'
    ran 0 1 Restart=on-failure -- codes='/tmp/n 0,9'
    ran 0 2 Restart=on-failure -- codes='/tmp/n 3,0'
    ran 3 1 Restart=on-abnormal -- codes='/tmp/n 3,0'
    ran 3 1 Restart=on-abort -- codes='/tmp/n 3,0'
    ran 3 1 Restart=on-watchdog -- codes='/tmp/n 3,0'
    for policy in on-failure on-abnormal on-abort; do
        service Restart=$policy RestartSec=10ms StartLimitBurst=2
        run -134 in_root /init -- /app/actor raise=6
        [[ $output == *"starting again in 10 ms"*"started 2 times within 10000 ms: giving up" ]]
        service Restart=$policy
        run -143 in_root /init -- /app/actor raise=15
        [ -z "$output" ]
    done
    service Restart=on-success RestartSec=10ms StartLimitBurst=2
    run -143 in_root /init -- /app/actor raise=15
    [[ $output == *"giving up" ]]
}

@test "restart: SuccessExitStatus counts as clean, and as 0" {
    ran 0 1 Restart=on-failure 'SuccessExitStatus=3 SIGABRT' -- codes='/tmp/n 3,9'
    ran 9 2 Restart=on-success SuccessExitStatus=3 -- codes='/tmp/n 3,9'
    service Restart=on-failure SuccessExitStatus=SIGABRT
    run -0 in_root /init -- /app/actor raise=6
}

@test "restart: StartLimitBurst within StartLimitIntervalSec, and no more" {
    ran 3 5 Restart=always -- codes='/tmp/n 3,3,3,3,3,3,3,3'
    [[ $output == *"started 5 times within 10000 ms: giving up" ]]
    # The time has passed each time.
    ran 0 8 Restart=on-failure StartLimitIntervalSec=1ms -- codes='/tmp/n 3,3,3,3,3,3,3,0'
    ran 0 8 Restart=on-failure StartLimitBurst=0 -- codes='/tmp/n 3,3,3,3,3,3,3,0'
}

@test "restart: SIGTERM ends it while it waits, and while it runs" {
    service Restart=always RestartSec=infinity
    start_in_root /init -- /app/actor exit=4
    wait_for "$BATS_TEST_TMPDIR/err" 'starting again'
    kill -TERM "$(init_of "$STARTED")"
    ended 4
    service Restart=always RestartSec=0
    start_in_root /init -- /app/actor print=ready sleep=60000
    wait_for "$BATS_TEST_TMPDIR/out" ready
    kill -TERM "$(init_of "$STARTED")"
    ended 143
    [ "$(grep -c ready "$BATS_TEST_TMPDIR/out")" = 1 ]
    STARTED=
}

@test "restart: the sandbox is the same, the cookie is another" {
    "$PITH" profile compile --program /app/probe="$ROOT/app/probe" \
        -o "$ROOT/etc/pith/service.bpf" - <<<@default
    service User=65532:65533 SystemCallFilter=@default LimitNOFILE=64 \
        Restart=always RestartSec=1ms StartLimitBurst=3
    run -0 strace -f -e trace=execve,getrandom,seccomp,setresuid,capset,prlimit64 \
        -e raw=execve -o "$BATS_TEST_TMPDIR/trace" \
        unshare --pid --fork --root="$ROOT" /init -- /app/probe echo x
    # Each start: ids, empty capabilities, limits, a cookie and the filter.
    for call in ', 16, 0) = 16' 'setresuid(65532' 'seccomp(' '{rlim_cur=64' effective=0; do
        [ "$(grep -cF "$call" "$BATS_TEST_TMPDIR/trace")" = 3 ]
    done
    grep -o 'getrandom(.*, 16, 0)' "$BATS_TEST_TMPDIR/trace" | sort -u >"$BATS_TEST_TMPDIR/cookies"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/cookies")" = 3 ]
    [ "$(grep -c '^x$' <<<"$output")" = 3 ]
}

@test "restart: secrets are read anew, and no descriptor is left over" {
    echo one >"$ROOT/etc/secret"
    service Secret=TOKEN:/etc/secret SecretFD=KEY:/etc/secret \
        Restart=always RestartSec=300ms StartLimitBurst=3
    start_in_root /init -- /app/actor env=TOKEN env=KEY
    wait_for "$BATS_TEST_TMPDIR/out" TOKEN=one
    wait_for "$BATS_TEST_TMPDIR/out" KEY=
    local init
    init=$(init_of "$STARTED")
    run ls -l "/proc/$init/fd"
    [[ $output != *secret* ]]
    echo two >"$ROOT/etc/secret"
    ended 0
    run grep TOKEN "$BATS_TEST_TMPDIR/out"
    [ "$output" = $'TOKEN=one\nTOKEN=two\nTOKEN=two' ]
    # Closed in between, so it is the same number each time.
    [ "$(grep -c KEY= "$BATS_TEST_TMPDIR/out")" = 3 ]
    [ "$(grep KEY= "$BATS_TEST_TMPDIR/out" | sort -u | wc -l)" = 1 ]
}

@test "pre and post: in order, each under the same rules, around every start" {
    service 'ExecStartPre=/app/actor print=pre1 env=A' Environment=A=b \
        'ExecStartPre=-/app/actor print=pre2 exit=5' \
        'ExecStopPost=/app/actor print=post' \
        Restart=on-failure RestartSec=1ms User=65532 LimitNOFILE=33
    run -0 in_root /init -- /app/actor print=main codes='/tmp/n 3,0'
    [ "$(grep -v '^pith-init' <<<"$output" | tr '\n' ' ')" = \
        'pre1 A=b pre2 main post pre1 A=b pre2 main post ' ]
    service 'ExecStartPre=/app/victim status' 'ExecStopPost=/app/victim status' \
        User=65532:65533 LimitNOFILE=33 UMask=077
    run -0 in_root /init -- /app/victim status
    for line in 'Uid:	65532	65532	65532	65532' 'Gid:	65533	65533	65533	65533' \
        'nofile 33 33' 'umask 0077'; do
        [ "$(grep -cxF "$line" <<<"$output")" = 3 ]
    done
}

@test "pre: one that fails, hangs or is missing keeps the program from starting" {
    service 'ExecStartPre=/app/actor exit=7' 'ExecStopPost=/app/actor print=post'
    run -7 in_root /init -- /app/actor print=main
    [ "$output" = $'pith-init: /app/actor: failed with code 7\npost' ]
    service 'ExecStartPre=/app/missing'
    run -127 in_root /init -- /app/actor print=main
    [ "$output" = $'pith-init: /app/missing: No such file or directory\npith-init: /app/missing: failed with code 127' ]
    # With '-' it may be: what it failed with is not taken for the program's.
    service 'ExecStartPre=-/app/missing'
    run -0 in_root /init -- /app/actor print=main
    [ "${lines[2]}" = main ]
    service 'ExecStartPre=/app/actor sleep=60000' TimeoutStartSec=200ms
    run -143 in_root /init -- /app/actor print=main
    [[ $output == *"not started within its time"* && $output != *main* ]]
}

@test "pre: SIGTERM meanwhile, and the program is never started" {
    service 'ExecStartPre=/app/actor ignore=15 print=ready sleep=500'
    start_in_root /init -- /app/actor print=main
    wait_for "$BATS_TEST_TMPDIR/out" ready
    kill -TERM "$(init_of "$STARTED")"
    ended 0
    run cat "$BATS_TEST_TMPDIR/out"
    [ "$output" = ready ]
}

@test "notify: READY=1 in time, and too late" {
    service Type=notify TimeoutStartSec=500ms LogLevel=info
    run -0 in_root /init -- /app/actor say=READY=1 sleep=800
    [[ $output == *"pith-init: ready"* && $output != *"not started"* ]]
    run -143 in_root /init -- /app/actor sleep=60000
    [[ $output == *"not started within its time"* ]]
    # The one who says so must be the one who was started.
    run -143 in_root /init -- /app/actor childsay=READY=1 sleep=60000
    [[ $output == *"not started within its time"* ]]
}

@test "notify: EXTEND_TIMEOUT_USEC moves the hour of the start and of the end" {
    service Type=notify TimeoutStartSec=300ms TimeoutStopSec=300ms LogLevel=info
    run -0 in_root /init -- /app/actor say=EXTEND_TIMEOUT_USEC=2000000 sleep=600 \
        'say=READY=1\nSTATUS=up'
    [[ $output == *"pith-init: ready"* ]]
    run -137 in_root /init -- /app/actor ignore=15 say=STOPPING=1 sleep=60000
    [[ $output == *"not stopped within TimeoutStopSec"* ]]
    run -0 in_root /init -- /app/actor say=READY=1 \
        'say=STOPPING=1\nEXTEND_TIMEOUT_USEC=5000000' sleep=700
    [[ $output != *"not stopped"* ]]
}

@test "notify: a watchdog that is not fed aborts, and Restart=on-watchdog starts again" {
    service Type=notify WatchdogSec=200ms
    run -0 in_root /init -- /app/actor env=WATCHDOG_USEC say=READY=1 sleep=120 \
        say=WATCHDOG=1 sleep=120 say=WATCHDOG=1 sleep=120
    [ "$output" = WATCHDOG_USEC=200000 ]
    run -134 in_root /init -- /app/actor say=READY=1 sleep=60000
    [ "$output" = 'pith-init: no WATCHDOG=1 within WatchdogSec: aborted' ]
    run -134 in_root /init -- /app/actor say=READY=1 say=WATCHDOG=trigger sleep=60000
    run -0 in_root /init -- /app/actor say=READY=1 say=WATCHDOG_USEC=1000000 sleep=500
    # One that ignores the abort is killed in the end.
    service Type=notify WatchdogSec=200ms TimeoutStopSec=200ms
    run -137 in_root /init -- /app/actor ignore=6 say=READY=1 sleep=60000
    service Type=notify WatchdogSec=100ms Restart=on-watchdog RestartSec=1ms StartLimitBurst=3
    run -134 in_root /init -- /app/actor say=READY=1 sleep=60000
    [ "$(grep -c 'aborted' <<<"$output")" = 3 ]
}

@test "notify: descriptors that come along are closed at once; rubbish is ignored" {
    service Type=notify LogLevel=info
    run -0 in_root /init -- /app/actor barrier=BARRIER=1 'say=READY=2' 'say=ready=1' \
        'say=\n\n=\nREADY=1 ' 'say=WATCHDOG_USEC=99999999999999999999' sleep=50
    [[ $output == *"barrier passed"* && $output != *"pith-init: ready"* ]]
}

@test "notify: systemd's own library is understood, by its own tool" {
    command -v systemd-notify >/dev/null || skip "no systemd-notify; see scripts/setup"
    run -0 unshare --pid --fork --kill-child --mount-proc "$PITH_INIT" -v -o Type=notify \
        -o TimeoutStartSec=10 -- systemd-notify --ready --status=up
    [[ $output == *": ready"* ]]
}

@test "notify: redis-server says READY=1 to it" {
    command -v redis-server >/dev/null || skip "no redis-server; see scripts/setup"
    unshare --pid --fork --kill-child --mount-proc "$PITH_INIT" -v -o Type=notify \
        -o TimeoutStartSec=20 -- redis-server --port 0 --save '' \
        --unixsocket "$BATS_TEST_TMPDIR/redis.sock" --supervised systemd \
        --dir "$BATS_TEST_TMPDIR" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    STARTED=$!
    wait_for "$BATS_TEST_TMPDIR/err" ': ready'
    [ "$(redis-cli -s "$BATS_TEST_TMPDIR/redis.sock" ping)" = PONG ]
    kill -TERM "$(init_of "$STARTED")"
    ended 0
}

@test "LISTEN_PID is the program's own again" {
    run -0 env LISTEN_PID=1 LISTEN_FDS=1 unshare --pid --fork --root="$ROOT" /init -- \
        /app/actor mypid=LISTEN_PID
    [ "$output" = mine ]
    service Environment=A=1 Restart=on-success StartLimitBurst=2 RestartSec=1ms
    run -0 env LISTEN_PID=1 LISTEN_FDS=1 unshare --pid --fork --root="$ROOT" /init -- \
        /app/actor mypid=LISTEN_PID
    [ "$(grep -c '^mine$' <<<"$output")" = 2 ]
}

@test "log: levels, and JSON that any reader takes" {
    service LogLevel=debug LogFormat=json
    run -0 in_root /init -- /app/actor print='{"message":"mine"}'
    while read -r line; do
        [[ $line == '{'* ]] || continue
        jq -e 'has("message")' <<<"$line" >/dev/null
    done <<<"$output"
    run jq -r 'select(.program == "pith-init") | .level + " " + .message' <<<"$output"
    [[ $output == "info /app/actor started, pid "*$'\n'"info process "*" ended with code 0" ]]
    # What a message quotes cannot break out of it.
    service LogFormat=json
    run -127 in_root /init -- $'/no"such\\file\n\377'
    [ "$(jq -r .message <<<"$output")" = $'/no"such\\file??: No such file or directory' ]
    service LogLevel=error
    run -143 in_root /init -o TimeoutStopSec=1 -- /app/actor raise=15
    [ -z "$output" ]
}

@test "log: a full pipe loses lines, keeps the service, and is told of afterwards" {
    service LogLevel=debug
    mkfifo "$BATS_TEST_TMPDIR/pipe"
    # Nobody reads until "release"; the pipe is filled before.
    exec 8<>"$BATS_TEST_TMPDIR/pipe"
    timeout 1 dd if=/dev/zero of="$BATS_TEST_TMPDIR/pipe" bs=4096 count=64 \
        status=none oflag=nonblock 2>/dev/null || true
    unshare --pid --fork --kill-child --root="$ROOT" --mount-proc=/proc \
        /init -- /app/victim listen >"$BATS_TEST_TMPDIR/out" 2>&8 3>&- &
    STARTED=$!
    wait_for "$BATS_TEST_TMPDIR/out" ready
    local init
    init=$(init_of "$STARTED")
    for _ in 1 2 3; do
        kill -USR1 "$init"
        sleep 0.05
    done
    timeout 5 head -c 262144 <&8 >/dev/null || true
    kill -USR2 "$init"
    ended 0
    timeout 1 cat <&8 >"$BATS_TEST_TMPDIR/err" || true
    exec 8>&-
    cat "$BATS_TEST_TMPDIR/err"
    grep -aq 'pith-init: [0-9]* lines lost' "$BATS_TEST_TMPDIR/err"
    grep -aq 'pith-init: received signal 12' "$BATS_TEST_TMPDIR/err"
}

@test "PITH_KEY is -o Key=, which wins; strangers' variables are not ours" {
    service TimeoutStopSec=60
    PITH_TIMEOUTSTOPSEC=200ms start_in_root /init -- /app/actor ignore=15 print=ready sleep=60000
    wait_for "$BATS_TEST_TMPDIR/out" ready
    kill -TERM "$(init_of "$STARTED")"
    ended 137
    PITH_LOGFORMAT=text PITH_PORT=tcp://10.0.0.1:80 run -0 in_root /init -o LogFormat=json \
        -v -- /app/actor print=x
    [[ $output == *'{"level":"info"'* ]]
    service User=65532
    PITH_USER=0 run -125 in_root /init -- /app/actor print=x
    [ "$output" = "pith-init: PITH_: User: '0' would loosen what the image sets" ]
}

@test "Override= opens a key, and no other" {
    service LimitNOFILE=64 User=65532 Override='LimitNOFILE SystemCallFilter'
    run -0 in_root /init -o LimitNOFILE=128 -- /app/victim status
    [[ $output == *"nofile 128 128"* ]]
    run -125 in_root /init -o User=0 -- /app/victim status
    run -125 in_root /init -o Override=User -- /app/victim status
    [ "$output" = "pith-init: -o: Override: fixed when the image is built" ]
}

@test "--explain prints the steps and starts nothing" {
    "$PITH" profile compile --program /app/probe="$ROOT/app/probe" \
        -o "$ROOT/etc/pith/service.bpf" - <<<@default
    service User=65532:65533 SystemCallFilter=@default UMask=077 WorkingDirectory=/tmp \
        TimeoutStopSec=5 KillSignal=INT
    run -0 in_root /init --explain -- /app/probe echo started
    echo "$output"
    [[ $output != *$'\nstarted'* ]]
    [[ $output == *"set the user id"*"install the system call filter"*"/app/probe echo started"* ]]
    [[ $output == *"user 65532, group 65533"* ]]
    [[ $output == *"signal 2, wait 5000 ms, signal 9"* ]]
    rm -r "$ROOT/etc/pith"
    run -0 in_root /init --explain -- /app/probe
    [[ $output != *filter* && $output != *"user id"* ]]
}

@test "--check tells what is needed and what is there" {
    service User=65532 SystemCallFilter=@default
    "$PITH" profile compile --program /app/probe="$ROOT/app/probe" \
        -o "$ROOT/etc/pith/service.bpf" - <<<@default
    run -0 in_root /init --check -- /app/probe
    [[ $output == *"seccomp filters: have yes, need yes"* ]]
    [[ $output == *"change of user: have yes, need yes"* ]]
    # An engine that took the right to change the user away.
    run -1 setpriv --bounding-set -setuid unshare --pid --fork --root="$ROOT" \
        --mount-proc=/proc /init --check -- /app/probe
    [[ $output == *"change of user: have no, need yes"* ]]
}
