#!/usr/bin/env bats
# pith-init under the names of tini, dumb-init, catatonit and pause: each case
# runs the original and pith-init, and compares what can be seen from outside.

# shellcheck disable=SC2086  # lists of arguments are words, on purpose

bats_require_minimum_version 1.5.0
load ../support/init

setup() {
    STARTED=
    OURS=$BATS_TEST_TMPDIR/ours
    mkdir "$OURS"
    for name in tini tini-static docker-init dumb-init catatonit podman-init pause; do
        ln -s "$PITH_INIT" "$OURS/$name"
    done
    cd "$BATS_TEST_TMPDIR" || return
    export PATH=$SUPPORT:$PATH
}

teardown() {
    [ -z "$STARTED" ] || kill -KILL "$STARTED" 2>/dev/null || true
}

has() { command -v "/usr/bin/$1" >/dev/null; }

# of INIT...: the paths to compare for a name: the original, where there is
# one, and ours. tini has two builds.
inits_of() {
    case $1 in
    tini) ! has tini-static || echo /usr/bin/tini-static ;;
    esac
    ! has "$1" || echo "/usr/bin/$1"
    echo "$OURS/$1"
}

# codes: rows of NAME|ENV|ARGUMENTS|CODE on stdin.
codes() {
    local name env args code init
    while IFS='|' read -r name env args code; do
        for init in $(inits_of "$name"); do
            echo "$env $init $args"
            run -"$code" timeout 10 env $env "$init" $args 3>&-
        done
    done
}

@test "personality: exit codes, of the program, of init and of the flags" {
    codes <<'END'
tini||-s -- victim exit 7|7
tini||victim exit 0|0
tini||-s victim raise 15|143
tini||-s victim raise 34|162
tini||-s -e 143 victim raise 15|0
tini||-s -e143 -e 3 victim exit 3|0
tini||-s -e 3 victim exit 4|4
tini||-s -e 256 victim exit 0|1
tini||-s -e x victim exit 0|1
tini||-s -e|1
tini||-s -p SIGKILL victim exit 5|5
tini||-s -pSIGTERM victim exit 5|5
tini||-s -p NOPE victim exit 5|1
tini||-gwsvvv victim exit 6|6
tini||-x victim exit 0|1
tini||-c victim exit 0|1
tini||--help|1
tini|||1
tini||-h|0
tini||-l|0
tini||--version|0
tini||-s nope|127
tini||-s /nope|127
tini||-s /etc|126
tini||-s /etc/passwd|126
tini||-s /etc/passwd/nope|1
tini|TINI_SUBREAPER=|victim exit 9|9
tini|TINI_VERBOSITY=3|victim exit 9|9
dumb-init||victim exit 7|7
dumb-init||-- victim exit 7|7
dumb-init||victim raise 9|137
dumb-init||-c victim exit 7|7
dumb-init||-cv victim exit 7|7
dumb-init||--single-child --verbose victim exit 7|7
dumb-init||-r 15:3 victim exit 7|7
dumb-init||-r15:3 --rewrite=1:0 --rewrite 2:0 victim exit 7|7
dumb-init||-r foo victim exit 7|1
dumb-init||-r 0:3 victim exit 7|1
dumb-init||-r 15:99 victim exit 7|1
dumb-init||-r|1
dumb-init||-g victim exit 7|1
dumb-init||--nope victim exit 7|1
dumb-init|||1
dumb-init||-h|0
dumb-init||--help|0
dumb-init||-V|0
dumb-init||--version|0
dumb-init||nope|2
dumb-init||/etc|2
dumb-init|DUMB_INIT_SETSID=0|victim exit 8|8
dumb-init|DUMB_INIT_DEBUG=1|victim exit 8|8
catatonit||-- victim exit 7|7
catatonit||victim raise 15|143
catatonit||-g victim exit 7|7
catatonit||-x victim exit 7|1
catatonit||-v victim exit 7|1
catatonit||--help|1
catatonit|||1
catatonit||-h|0
catatonit||-L|0
catatonit||-V|0
catatonit||--version|0
catatonit||nope|1
catatonit||/etc|1
catatonit|CATATONIT_DEBUG=1|victim exit 8|8
END
}

# outputs: rows of NAME|ENV|ARGUMENTS|OUTPUT on stdin; what the program says.
outputs() {
    local name env args text init
    while IFS='|' read -r name env args text; do
        for init in $(inits_of "$name"); do
            echo "$env $init $args"
            run --separate-stderr -0 timeout 10 env $env "$init" $args \
                </dev/null 3>&-
            [ "$output" = "$text" ]
        done
    done
}

@test "personality: the program's arguments, group and session" {
    outputs <<'END'
tini||-s -- victim args -g|-g
tini||-g -- victim args --|--
tini||-s witness place|group 1 session 0
tini||-gs witness place|group 1 session 0
dumb-init||victim args -c|-c
dumb-init||-- victim args -c|-c
dumb-init||witness place|group 1 session 1
dumb-init||-c witness place|group 0 session 0
dumb-init|DUMB_INIT_SETSID=0|witness place|group 0 session 0
dumb-init|DUMB_INIT_SETSID=1|witness place|group 1 session 1
catatonit||-- victim args -g|-g
catatonit||witness place|group 1 session 0
END
}

# begin INIT ARG...: start it, wait until the program listens.
begin() {
    rm -f out
    timeout 60 env $ENV "$@" >out 2>err </dev/null 3>&- &
    STARTED=$!
    wait_for out ready
    INIT=$(pgrep -P "$STARTED")
}

# said: what arrived, by whom, in an order that is nobody's.
said() {
    grep -h signal out | sort
}

# send NAME INIT SIGNALS LAST: send the signals, each after the last arrived.
# USR2, the end, is no part of the answer.
exchange() {
    local sig count=0
    for sig in $1; do
        "$SUPPORT/send" "$sig" "$INIT"
        # What is dropped never comes; what comes does so soon.
        for _ in $(seq 15); do
            [ "$(wc -l <out)" = "$count" ] || break
            sleep 0.01
        done
        sleep 0.02
        count=$(wc -l <out)
    done
    said >got
    kill -USR2 "$INIT"
    wait "$STARTED"
    STARTED=
}

# rows: NAME|ENV|FLAGS|SIGNALS SENT|SIGNALS THE PROGRAM GETS|THE OTHER ONE GETS
signals() {
    local name env args sent main other init
    while IFS='|' read -r name env args sent main other; do
        for init in $(inits_of "$name"); do
            ENV=$env begin "$init" $args -- witness pair
            exchange "$sent"
            { printf 'signal %s\n' $main
              [ -z "$other" ] || printf 'other signal %s\n' $other; } |
                sort >want
            echo "$env $init $args"
            diff want got
        done
    done
}

@test "personality: which signals arrive, as what, and with whom" {
    signals <<'END'
tini||-s|1 2 3 10 15 18 28|1 2 3 10 15 18 28|
tini||-s|40 64|40 64|
tini||-sg|1 2 3 10 15|1 2 3 10 15|1 2 3 10 15
tini|TINI_KILL_PROCESS_GROUP=|-s|1 15|1 15|1 15
tini||-s|15 15 15|15 15 15|
dumb-init|||1 2 3 10 15 18 28|1 2 3 10 15 18 28|1 2 3 10 15 18 28
dumb-init||-c|1 2 3 10 15|1 2 3 10 15|
dumb-init||--single-child|15|15|
dumb-init|DUMB_INIT_SETSID=0||15|15|
dumb-init||-r 15:3|15|3|3
dumb-init||-r 15:3 -r 1:10 -c|15 1|3 10|
dumb-init||-r 15:0 --rewrite 1:0|15 1 2|2|2
dumb-init|||15 15|15 15|15 15
catatonit|||1 2 3 10 15 18 28|1 2 3 10 15 18 28|
catatonit||-g|1 2 15|1 2 15|1 2 15
END
}

@test "personality: dumb-init stops with its program, and goes on with it" {
    local init child flag
    for init in $(inits_of dumb-init); do
        for flag in '' -c; do
            begin "$init" $flag victim deaf
            child=$(pgrep -P "$INIT")
            kill -TSTP "$INIT"
            until_state T "$INIT"
            until_state T "$child"
            kill -CONT "$INIT"
            until_state S "$child"
            kill -KILL "$child"
            wait "$STARTED" || true
        done
    done
}

until_state() {
    for _ in $(seq 500); do
        [ "$(cut -d' ' -f3 "/proc/$2/stat")" != "$1" ] || return 0
        sleep 0.02
    done
    echo "process $2 is not in state $1"
    return 1
}

@test "personality: dumb-init ends the rest of the group, the others do not" {
    needs_root
    local name init
    for name in dumb-init tini catatonit; do
        for init in $(inits_of "$name"); do
            run -0 --separate-stderr timeout 20 unshare --pid --fork \
                --kill-child sh -c '"$@"; sleep 0.6' sh "$init" -- \
                victim family short 3>&-
            echo "$init: $output"
            case $name in
            dumb-init) [ "$output" = $'ready\nworker done' ] ;;
            *) [ "$output" = ready ] ;;
            esac
        done
    done
}

@test "personality: what others look for in tini's words" {
    local init
    for init in $(inits_of tini); do
        echo "$init"
        run -0 "$init" victim exit 0
        [[ $output == *"zombie reaping won't work"* ]]
        TINI_VERBOSITY=0 run -0 "$init" victim exit 0
        [ -z "$output" ]
        TINI_SUBREAPER='' run -0 "$init" victim exit 0
        [ -z "$output" ]
        run -0 "$init" -s victim exit 0
        [ -z "$output" ]
        run -0 --separate-stderr "$init" --version
        [[ $output =~ ^'tini version '[0-9]+\.[0-9]+\.[0-9] ]]
        run -0 timeout 10 "$init" -s -w -- sh -c '(sleep 0.1 &); sleep 0.5' 3>&-
        [ "$(grep -c 'Reaped zombie process with pid=[0-9]' <<<"$output")" = 1 ]
        run -0 timeout 10 "$init" -s -- sh -c '(sleep 0.1 &); sleep 0.5' 3>&-
        [ -z "$output" ]
    done
    run -0 "$OURS/docker-init" --version
    [[ $output == 'tini version '* ]]
    for init in $(inits_of catatonit); do
        run -0 "$init" --version
        [[ $output =~ ^'tini version '[0-9] ]]
    done
    for init in $(inits_of dumb-init); do
        run -0 "$init" --version
        [[ $output =~ ^'dumb-init v'[0-9] ]]
    done
}

@test "personality: tini -p: the parent's death is a signal for the program" {
    local init child
    for init in $(inits_of tini); do
        rm -f out
        # The parent that dies is timeout(1).
        timeout 30 "$init" -s -p SIGTERM -- victim listen >out 2>err \
            </dev/null 3>&- &
        STARTED=$!
        wait_for out ready
        child=$(pgrep -P "$(pgrep -P "$STARTED")")
        kill -KILL "$STARTED"
        wait "$STARTED" || true
        wait_for out '^signal 15 '
        kill -USR2 "$child"
    done
}

@test "personality: -p reaches the program when init itself is killed" {
    "$OURS/tini" -s -p SIGTERM -- witness death 30 >out 3>&- &
    STARTED=$!
    wait_for out '^death signal 15'
    local child
    child=$(pgrep -P "$STARTED")
    kill -KILL "$STARTED"
    for _ in $(seq 500); do
        kill -0 "$child" 2>/dev/null || break
        sleep 0.02
    done
    run ! kill -0 "$child"
}

@test "personality: pause ends with 0 at TERM and INT, and at nothing else" {
    local init sig
    for init in "$OURS/pause" "$PITH_INIT --pause" "$PITH_INIT -P" \
        $(inits_of catatonit | sed 's/$/+-P/'); do
        for sig in TERM INT; do
            timeout 60 ${init/+/ } 3>&- &
            STARTED=$!
            until_started "$STARTED"
            kill -HUP "$INIT"
            kill -USR1 "$INIT"
            sleep 0.1
            kill -0 "$INIT"
            kill -"$sig" "$INIT"
            wait "$STARTED"
        done
    done
    run -0 "$OURS/pause" -v
    [[ $output == 'pause '[0-9]* ]]
    run -0 "$OURS/pause" --version
}

# until_started PARENT: its child in INIT, once that waits for signals. While
# sigtimedwait(2) waits the kernel shows those signals as not blocked.
until_started() {
    for _ in $(seq 500); do
        INIT=$(pgrep -P "$1") &&
            grep -qE 'sigtimedwait|signalfd' "/proc/$INIT/wchan" && return
        sleep 0.02
    done
    echo "the child of $1, ${INIT:-none}, does not wait for signals"
    return 1
}

# until_children N: INIT has as many.
until_children() {
    for _ in $(seq 500); do
        [ "$(pgrep -c -P "$INIT")" != "$1" ] || return 0
        sleep 0.02
    done
    echo "children of $INIT, not $1: $(pgrep -a -P "$INIT")"
    return 1
}

@test "personality: pause as PID 1 reaps what others of its namespace leave" {
    needs_root
    local init
    for init in "$OURS/pause" $(inits_of catatonit | sed 's/$/+-P/'); do
        timeout 60 unshare --pid --fork --kill-child ${init/+/ } 3>&- &
        STARTED=$!
        until_started "$(init_of "$STARTED")"
        nsenter -t "$INIT" -p sh -c '(sleep 60 &) ; (sleep 60 &) ; exit 0' 3>&-
        until_children 2
        pkill -P "$INIT"
        until_children 0
        kill -TERM "$INIT"
        wait "$STARTED"
    done
}

@test "personality: pith-init itself knows all of their flags" {
    local none=/nonexistent
    while IFS='|' read -r env args code; do
        echo "$env $args"
        run -"$code" timeout 10 env $env "$PITH_INIT" $args 3>&-
    done <<'END'
|-g -s -w -v -vv -p SIGTERM -e 7 victim exit 7|0
|-gswvvvpTERM -e7 -- victim exit 7|0
|-c -v -r TERM:INT -r 1:0 victim exit 4|4
|--single-child --verbose --rewrite 15:2 victim exit 4|4
|--rewrite=15:2 victim exit 4|4
|-h|0
|-l|0
|-L|0
|-V|0
|--help|0
|--version|0
|--pause=x|125
|-e 300 victim exit 0|125
|-r x victim exit 0|125
|-p|125
|-x|125
TINI_SUBREAPER= TINI_VERBOSITY=3 DUMB_INIT_DEBUG=1|victim exit 4|4
END
    outputs_of() { run --separate-stderr -0 env $1 "$PITH_INIT" $2 witness place; }
    outputs_of '' ''
    [ "$output" = 'group 1 session 1' ]
    outputs_of '' -c
    [ "$output" = 'group 0 session 0' ]
    outputs_of DUMB_INIT_SETSID=0 ''
    [ "$output" = 'group 0 session 0' ]
    ENV='' begin "$PITH_INIT" -g -r HUP:USR1 -r 2:0 -- witness pair
    exchange '1 2 3'
    diff got - <<'END'
other signal 10
other signal 3
signal 10
signal 3
END
}

@test "personality: under another name SIGTERM only passes, and nobody is killed" {
    local name
    for name in tini dumb-init catatonit; do
        ENV='' begin "$OURS/$name" -- victim listen
        for _ in 1 2 3; do kill -TERM "$INIT"; sleep 0.1; done
        [ "$(grep -c '^signal 15' out)" = 3 ]
        kill -USR2 "$INIT"
        wait "$STARTED"
    done
}

@test "personality: service.conf binds tini, too" {
    needs_root
    make_root
    cp "$PITH_INIT" "$ROOT/tini"
    run -0 in_root /tini -- /app/victim exit 0
    service 'SuccessExitStatus=9' 'RewriteSignal=TERM:QUIT' 'TimeoutStopSec=300ms'
    run -0 in_root /tini -- /app/victim exit 9
    start_in_root /tini -- /app/victim listen
    wait_for "$BATS_TEST_TMPDIR/out" ready
    kill -TERM "$(init_of "$STARTED")"
    local code=0
    wait "$STARTED" || code=$?
    STARTED=
    [ "$code" = 137 ]
    grep -q '^signal 3' "$BATS_TEST_TMPDIR/out"
    grep -q '^tini: not stopped within TimeoutStopSec' "$BATS_TEST_TMPDIR/err"
    run -0 in_root /tini -- /app/probe status
    [[ $output == *"NoNewPrivs:"*1* ]]
}
