#!/usr/bin/env bats
# pith-init as PID 1 of a real PID namespace, without a filter; the filter and
# the gate are in gate.bats.

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

@test "exit codes 0 to 255 pass through" {
    for code in $(seq 0 255); do
        run -"$code" in_root /init -- /app/victim exit "$code"
    done
}

@test "death by signal N is exit code 128+N, for every signal that kills" {
    for sig in $(seq 1 64); do
        case $sig in
        17 | 18 | 19 | 20 | 21 | 22 | 23 | 28) continue ;; # do not kill
        esac
        run -$((128 + sig)) in_root /init -- /app/victim raise "$sig"
    done
}

@test "every signal 1 to 64 is forwarded, real-time ones with their value" {
    local init
    start_in_root /init -- /app/victim listen
    wait_for "$BATS_TEST_TMPDIR/out" ready
    init=$(init_of "$STARTED")
    for sig in $(seq 1 64); do
        case $sig in 9 | 12 | 15 | 19) continue ;; esac
        # By number: 32 and 33 have no name, they are the C library's own.
        if [ "$sig" -ge 34 ]; then
            /bin/kill --queue "$sig" --signal "$sig" "$init"
        else
            "$SUPPORT/send" "$sig" "$init"
        fi
        wait_for "$BATS_TEST_TMPDIR/out" "^signal $sig "
        if [ "$sig" -ge 34 ]; then
            wait_for "$BATS_TEST_TMPDIR/out" "^signal $sig value $sig"
        fi
    done
    kill -TERM "$init"
    wait_for "$BATS_TEST_TMPDIR/out" "^signal 15 "
    kill -USR2 "$init"
    wait "$STARTED"
}

@test "masks and ignored signals reach the program as they were inherited" {
    run -0 in_root /init -- /app/victim status
    [[ $output == *"SigBlk:"*"0000000000000000"* ]]
    [[ $output == *"SigIgn:"*"0000000000000000"* ]]
    # env(1) blocks USR1 (bit 9) and ignores HUP (bit 0) and CHLD (bit 16);
    # unshare(1) would put SIGCHLD right by itself.
    run -0 env --block-signal=USR1 --ignore-signal=HUP --ignore-signal=CHLD \
        "$PITH_INIT" -- "$SUPPORT/victim" status
    [[ $output == *"SigBlk:"*"0000000000000200"* ]]
    [[ $output == *"SigIgn:"*"0000000000010001"* ]]
}

@test "exit codes survive an inherited ignored SIGCHLD" {
    run -7 timeout 10 env --ignore-signal=CHLD "$PITH_INIT" \
        -- "$SUPPORT/victim" exit 7
}

@test "orphans are reaped: none is left, none is a zombie" {
    run -0 in_root /init -- /app/victim orphans 200
    [ "$output" = "living 2 zombies 0" ]
}

@test "a stopped program is not an exited one" {
    local child
    start_in_root /init -- /app/victim stop
    child=$(child_of_init "$STARTED")
    sleep 0.3
    [ "$(cut -d' ' -f3 "/proc/$child/stat")" = T ]
    kill -CONT "$child"
    wait "$STARTED"
}

@test "SIGTERM, then SIGKILL after TimeoutStopSec" {
    service TimeoutStopSec=300ms
    local init start
    start_in_root /init -- /app/victim deaf
    wait_for "$BATS_TEST_TMPDIR/out" ready
    init=$(init_of "$STARTED")
    start=$(date +%s%N)
    kill -TERM "$init"
    local code=0
    wait "$STARTED" || code=$?
    [ "$code" = 137 ]
    local ms=$((($(date +%s%N) - start) / 1000000))
    echo "stopped after $ms ms"
    [ "$ms" -ge 300 ] && [ "$ms" -lt 3000 ]
    grep -q TimeoutStopSec "$BATS_TEST_TMPDIR/err"
}

@test "an early SIGTERM is never lost: 500 starts" {
    run -0 "$SUPPORT/early" 500 "$PITH_INIT" -- "$SUPPORT/victim" listen
    [[ $output == "lost 0 of 500" ]]
}

@test "not PID 1: adopts and reaps orphans all the same" {
    # PID 1 is a program that reaps nobody but its own child.
    run -0 in_root /app/victim spawn /init -- /app/victim orphans 20
    [ "$output" = "living 3 zombies 0" ]
    # The control: without pith-init between they stay.
    run -0 in_root /app/victim spawn /app/victim orphans 20
    [ "$output" = "living 22 zombies 20" ]
}

@test "126: found and not executable; 127: not found; the program's own stay" {
    run -127 in_root /init -- /app/nope
    [ "$output" = "pith-init: /app/nope: No such file or directory" ]
    run -127 in_root /init -- nope
    [ "$output" = "pith-init: nope: not found in PATH: No such file or directory" ]
    run -126 in_root /init -- /etc
    [ "$output" = "pith-init: /etc: Permission denied" ]
    printf 'no program' >"$ROOT/app/text"
    chmod 755 "$ROOT/app/text"
    run -126 in_root /init -- /app/text
    [ "$output" = "pith-init: /app/text: Exec format error" ]
    run -127 in_root /init -- /app/victim exit 127
    [ -z "$output" ]
    run -126 in_root /init -- /app/victim exit 126
    [ -z "$output" ]
}

@test "a program whose loader is missing is named as such" {
    cp "$(readlink -f /bin/true)" "$ROOT/app/dynamic"
    run -127 in_root /init -- /app/dynamic
    [[ $output == "pith-init: /app/dynamic: cannot start: its loader "*"is missing" ]]
}

@test "a name without a slash is searched in PATH" {
    PATH=$PATH:/app run -5 in_root /init -- victim exit 5
}

@test "without /etc/pith nothing is restricted: a plain init" {
    run -0 in_root /init /app/probe status
    [[ $output == *"NoNewPrivs:"*0* ]]
    [[ $output == *"Seccomp:"*0* ]]
    [[ $output != *$'CapEff:\t0000000000000000'* ]]
}

@test "service.conf: ids, groups, umask, directory, limits, capabilities" {
    service ExecStart='/app/victim status' User=65532:65533 \
        SupplementaryGroups='7 8' UMask=027 WorkingDirectory=/tmp \
        LimitNOFILE=64:128
    run -0 in_root /init
    [[ $output == *$'Uid:\t65532\t65532\t65532\t65532'* ]]
    [[ $output == *$'Gid:\t65533\t65533\t65533\t65533'* ]]
    [[ $output == *$'Groups:\t7 8'* ]]
    [[ $output == *"umask 0027"* ]]
    [[ $output == *"cwd /tmp"* ]]
    [[ $output == *"nofile 64 128"* ]]
    run -0 in_root /init -- /app/probe status
    for set in CapInh CapPrm CapEff CapBnd CapAmb; do
        [[ $output == *"$set:"$'\t'"0000000000000000"* ]]
    done
    [[ $output == *$'NoNewPrivs:\t1'* ]]
}

@test "User= alone takes the group of the same number, and no other group" {
    service User=1234
    run -0 in_root /init -- /app/victim status
    [[ $output == *$'Uid:\t1234\t1234\t1234\t1234'* ]]
    [[ $output == *$'Gid:\t1234\t1234\t1234\t1234'* ]]
    [[ $output =~ Groups:[[:space:]]*$'\n' ]]
}

@test "started as another non-root uid: satisfied, and noted once" {
    service User=65532
    run -0 unshare --pid --fork --root="$ROOT" --setuid 10001 --setgid 0 \
        /init -- /app/victim exit 0
    [ "$output" = "pith-init: running as 10001:0: taken as good for 65532:65532" ]
    run -0 unshare --pid --fork --root="$ROOT" --setuid 65532 --setgid 65532 \
        /init -- /app/victim exit 0
    [ -z "$output" ]
}

@test "a user that cannot be had: 125 and the program never starts" {
    service User=65532
    run -125 setpriv --bounding-set=-setuid --inh-caps=-setuid \
        unshare --pid --fork --root="$ROOT" /init -- /app/probe echo started
    [[ $output == "pith-init: set the user id: Operation not permitted" ]]
}

@test "the engine's environment beats Environment=" {
    service Environment='A=image B="image b" LONG_NAME=x'
    run -0 env -i A=engine LONG=1 "$(command -v unshare)" --pid --fork \
        --root="$ROOT" /init -- /app/victim env
    [ "$output" = $'A=engine\nLONG=1\nB=image b\nLONG_NAME=x' ]
}

@test "arguments on the command line replace ExecStart=" {
    service ExecStart='/app/victim args one "two words"'
    run -0 in_root /init
    [ "$output" = $'one\ntwo words' ]
    run -0 in_root /init -- /app/victim args three
    [ "$output" = three ]
}

@test "-o tightens and never loosens" {
    service LimitNOFILE=64 User=65532
    run -0 in_root /init -o LimitNOFILE=32 -- /app/victim status
    [[ $output == *"nofile 32 32"* ]]
    for bad in LimitNOFILE=65 User=0 User=1 AnyProgram=yes AllowExec=yes \
        SystemCallFilter= ExecStartPre=/x Override=User Nonsense; do
        run -125 in_root /init -o "$bad" -- /app/probe echo started
        [ "${#lines[@]}" = 1 ]
        [[ $output == "pith-init: -o"* ]]
    done
}

@test "a bad service.conf: 125, one line with its number, program not started" {
    while IFS='|' read -r text message; do
        service "$text"
        run -125 in_root /init -- /app/probe echo started
        [ "$output" = "pith-init: /etc/pith/service.conf: line 2: $message" ]
    done <<'EOF'
Usr=1|Usr: unknown key
Restart=sometimes|Restart: 'sometimes' is not no|on-success|on-failure|on-abnormal|on-watchdog|on-abort|always
ExecStartPre=-x|ExecStartPre: '-x' is not an absolute path
StartLimitBurst=-1|StartLimitBurst: '-1' is not a number
Override=User Usr|Override: Usr: unknown key
LimitNOFILE=many|LimitNOFILE: 'many' is not a limit (N, SOFT:HARD or infinity)
nonsense|'nonsense': expected Key=Value
[Unit]|[Unit]: only [Service] belongs here
EOF
    service User=www
    run -125 in_root /init -- /app/probe echo started
    [ "$output" = "pith-init: User: 'www' is a name; write its number" ]
    head -c 20000 /dev/zero | tr '\0' '#' >"$ROOT/etc/pith/service.conf"
    run -125 in_root /init -- /app/probe echo started
    [[ $output == *"over-long"* ]]
}

@test "PID 1 cannot be written to by a program of the same uid" {
    service User=65532
    run -0 in_root --setuid 65532 --setgid 65532 \
        /init -- /app/probe proc1-mem parent-mem
    [ "$output" = $'proc1-mem: errno EACCES\nparent-mem: ok' ]
}

@test "a read-only root, no /proc, no /dev and closed 0, 1, 2" {
    service User=65532
    run -3 unshare --pid --fork --mount sh -c '
        mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" &&
        exec chroot "$0" /init -- /app/victim exit 3 <&- >&- 2>&-' "$ROOT"
}

@test "--help and --version answer on standard output; other options fail" {
    run -0 "$PITH_INIT" --help
    [[ $output == "usage: pith-init"* ]]
    run -0 "$PITH_INIT" --version
    [ "$output" = "pith-init $(cat "$TOP/VERSION")" ]
    run -125 "$PITH_INIT" --nonsense
    [ "$output" = "pith-init: --nonsense: unknown option" ]
    run -125 "$PITH_INIT"
    [[ $output == "pith-init: no program:"* ]]
}

@test "a SIGCHLD sent by a process does not swallow the program's end" {
    start_in_root /init -- /app/victim deaf
    wait_for "$BATS_TEST_TMPDIR/out" ready
    local init child
    init=$(init_of "$STARTED")
    child=$(child_of_init "$STARTED")
    kill -STOP "$init"
    kill -CHLD "$init"
    kill -KILL "$child"
    sleep 0.1
    kill -CONT "$init"
    local code=0
    timeout 5 tail --pid="$STARTED" -f /dev/null
    wait "$STARTED" || code=$?
    [ "$code" = 137 ]
}

@test "logging to a reader that has gone does not hurt the program" {
    service User=65532
    # Two lines would be written: the note, and nobody reads it.
    unshare --pid --fork --root="$ROOT" --setuid 10001 --setgid 10001 \
        /init -- /app/victim exit 5 2> >(exec true) 3>&- &
    local code=0
    wait $! || code=$?
    [ "$code" = 5 ]
}

@test "a full log does not keep PID 1 from killing who fills it" {
    service TimeoutStopSec=300ms
    mkfifo "$BATS_TEST_TMPDIR/fifo"
    exec 8<>"$BATS_TEST_TMPDIR/fifo"
    dd if=/dev/zero of="$BATS_TEST_TMPDIR/fifo" bs=4096 count=64 \
        oflag=nonblock status=none 2>/dev/null || :
    unshare --pid --fork --kill-child --root="$ROOT" --mount-proc=/proc \
        /init -- /app/victim deaf >"$BATS_TEST_TMPDIR/out" \
        2>"$BATS_TEST_TMPDIR/fifo" 3>&- 8>&- &
    STARTED=$!
    wait_for "$BATS_TEST_TMPDIR/out" ready
    kill -TERM "$(init_of "$STARTED")"
    timeout 5 tail --pid="$STARTED" -f /dev/null
    local code=0
    wait "$STARTED" || code=$?
    exec 8>&-
    [ "$code" = 137 ]
}

@test "a program that asks to be traced is not taken for dead" {
    run -6 in_root /init -- /app/victim traced 6
}

@test "a flood of signals does not hide the deadline" {
    service TimeoutStopSec=300ms
    start_in_root /init -- /app/victim listen
    wait_for "$BATS_TEST_TMPDIR/out" ready
    local init
    init=$(init_of "$STARTED")
    for _ in 1 2 3 4 5 6; do
        timeout 4 "$SUPPORT/send" flood "$init" 3>&- &
    done
    kill -TERM "$init"
    timeout 3 tail --pid="$STARTED" -f /dev/null
    local code=0
    wait "$STARTED" || code=$?
    [ "$code" = 137 ]
}

@test "an unreadable service.conf is init's failure, not the program's" {
    service User=65532
    chmod 600 "$ROOT/etc/pith/service.conf"
    run -125 unshare --pid --fork --root="$ROOT" --setuid 10001 --setgid 10001 \
        /init -- /app/victim exit 0
    [ "$output" = "pith-init: /etc/pith/service.conf: Permission denied" ]
}

@test "without CAP_KILL the container still ends in time" {
    service User=65532 TimeoutStopSec=300ms
    setpriv --bounding-set=-kill --inh-caps=-kill unshare --pid --fork \
        --kill-child --root="$ROOT" --mount-proc=/proc \
        /init -- /app/victim deaf >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
    STARTED=$!
    wait_for "$BATS_TEST_TMPDIR/out" ready
    kill -TERM "$(init_of "$STARTED")"
    timeout 5 tail --pid="$STARTED" -f /dev/null
    local code=0
    wait "$STARTED" || code=$?
    [ "$code" = 137 ]
}

@test "-o is held against what was inherited, too" {
    service User=65532
    umask 077
    run -125 in_root /init -o UMask=0 -- /app/victim exit 0
    run -0 in_root /init -o UMask=0177 -- /app/victim status
    [[ $output == *"umask 0177"* ]]
    ulimit -n 500
    run -125 in_root /init -o LimitNOFILE=501 -- /app/victim exit 0
    run -0 in_root /init -o LimitNOFILE=499 -- /app/victim status
    [[ $output == *"nofile 499 499"* ]]
}

@test "WorkingDirectory= is entered as the service's user" {
    service User=65532 WorkingDirectory=/private
    mkdir -m 700 "$ROOT/private"
    run -125 in_root /init -- /app/victim exit 0
    [ "$output" = "pith-init: WorkingDirectory: Permission denied" ]
}

@test "a limit above what may be raised is taken as far as it goes" {
    service User=65532 LimitNOFILE=1000
    run -0 sh -c 'ulimit -n 100; exec setpriv --bounding-set=-sys_resource \
        --inh-caps=-sys_resource unshare --pid --fork --root="$0" \
        /init -- /app/victim status' "$ROOT"
    [[ $output == *"nofile 100 100"* ]]
}
