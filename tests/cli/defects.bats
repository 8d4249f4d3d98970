#!/usr/bin/env bats
# What goes wrong under the inits that pith-init stands in for, and does not
# under pith-init by the same name. Each test shows the defect in the original,
# where that is installed, so that it is known to be able to fail.

# shellcheck disable=SC2086  # lists of arguments are words, on purpose

bats_require_minimum_version 1.5.0
load ../support/init

EARLY=${EARLY:-300}

setup() {
    STARTED=
    DIR=
    OURS=$BATS_TEST_TMPDIR/ours
    mkdir "$OURS"
    for name in tini dumb-init catatonit; do
        ln -s "$PITH_INIT" "$OURS/$name"
    done
    cd "$BATS_TEST_TMPDIR" || return
    VICTIM=$SUPPORT/victim
}

teardown() {
    [ -z "$STARTED" ] || kill -KILL "$STARTED" 2>/dev/null || true
    [ -z "$DIR" ] || rm -rf "$DIR"
}

# theirs NAME: whether the original is here.
theirs() { [ -x "/usr/bin/$1" ] || { echo "no $1: only ours is tested"; false; }; }

# begin INIT ARG...: in the background, until the program is ready.
begin() {
    rm -f out
    timeout 60 "$@" >out 2>err </dev/null 3>&- &
    STARTED=$!
    wait_for out ready
    INIT=$(pgrep -P "$STARTED")
}

# ended: wait for it; its exit code in CODE.
ended() {
    CODE=0
    wait "$STARTED" || CODE=$?
    STARTED=
}

# Mode by mode, for the ways to lose one differ: kill(2) of a group that is
# not there yet, a handler that is not installed yet.
early() {
    timeout 300 "$SUPPORT/early" "$@" -- "$VICTIM" listen 3>&-
}

@test "defects: an early SIGTERM is lost, in any mode" {
    local mode
    for mode in "$PITH_INIT" "$PITH_INIT -c" "$PITH_INIT -g" "$OURS/tini -s" \
        "$OURS/tini -sg" "$OURS/dumb-init" "$OURS/dumb-init -c" \
        "$OURS/catatonit" "$OURS/catatonit -g"; do
        run -0 early "$EARLY" $mode
        echo "$mode: $output"
        [ "$output" = "lost 0 of $EARLY" ]
    done
    # A race, so it may take a few.
    theirs dumb-init || return 0
    for _ in $(seq 10); do
        run -0 early "$EARLY" /usr/bin/dumb-init
        echo "dumb-init: $output"
        [ "$output" = "lost 0 of $EARLY" ] || break
    done
    [ "$output" != "lost 0 of $EARLY" ]
}

@test "defects: an inherited ignored SIGCHLD makes it wait for ever" {
    local name
    for name in tini catatonit; do
        run -7 timeout 20 env --ignore-signal=CHLD "$OURS/$name" \
            "$VICTIM" exit 7
        theirs "$name" || continue
        run timeout -k 1 1 env --ignore-signal=CHLD \
            "/usr/bin/$name" "$VICTIM" exit 7
        # It waited until the end that timeout made, or a while longer.
        echo "$name: $status"
        [ "$status" != 7 ]
    done
    run -7 timeout 20 env --ignore-signal=CHLD "$OURS/dumb-init" "$VICTIM" exit 7
}

# A program that has become root by a set-uid file, under an init that is not.
unreachable() {
    begin setpriv --reuid 65534 --regid 65534 --clear-groups "$@" -- \
        "$DIR/setpriv" --reuid 0 "$DIR/victim" listen
    kill -USR1 "$INIT"
    sleep 0.2
}

@test "defects: a child that it may not signal makes it give up" {
    needs_root
    local name
    DIR=$(mktemp -d /tmp/pith-defects-XXXXXX)
    chmod 755 "$DIR"
    cp "$(command -v setpriv)" "$VICTIM" "$PITH_INIT" "$DIR"
    chmod u+s "$DIR/setpriv"
    for name in tini dumb-init catatonit; do
        cp "$PITH_INIT" "$DIR/$name"
        unreachable "$DIR/$name"
        kill -0 "$INIT"
        kill -USR2 "$(pgrep -P "$INIT")"
        ended
        [ "$CODE" = 0 ]
    done
    if theirs tini; then
        unreachable /usr/bin/tini -s
        ended
        echo "tini: $CODE"
        pkill -KILL -f "^$DIR/victim listen" || true
        [ "$CODE" = 1 ]
    fi
}

mask() { sed -n "s/^$1:\t//p" <<<"$output"; }

@test "defects: the program starts with signals blocked, or no longer ignored" {
    local name
    for name in tini dumb-init catatonit; do
        run -0 --separate-stderr env --block-signal=USR1 --ignore-signal=HUP \
            "$OURS/$name" "$VICTIM" status
        [ "$(mask SigBlk) $(mask SigIgn)" = \
            '0000000000000200 0000000000000001' ]
    done
    if theirs catatonit; then
        run -0 --separate-stderr /usr/bin/catatonit "$VICTIM" status
        echo "catatonit: blocked $(mask SigBlk)"
        [ "$(mask SigBlk)" != 0000000000000000 ]
    fi
    if theirs dumb-init; then
        run -0 --separate-stderr env --block-signal=USR1 --ignore-signal=HUP \
            /usr/bin/dumb-init "$VICTIM" status
        echo "dumb-init: blocked $(mask SigBlk) ignored $(mask SigIgn)"
        [ "$(mask SigBlk) $(mask SigIgn)" != \
            '0000000000000200 0000000000000001' ]
    fi
}

# The C library keeps two or three signals to itself, and its sigfillset(3)
# leaves them out: 32 and 33 with glibc, 34 as well with musl.
@test "defects: signals 32 to 34 kill it when it is not PID 1" {
    local name sig
    for name in tini dumb-init catatonit; do
        begin "$OURS/$name" -- "$VICTIM" listen
        for sig in 32 33 34; do
            "$SUPPORT/send" "$sig" "$INIT"
            wait_for out "^signal $sig "
        done
        kill -USR2 "$INIT"
        ended
        [ "$CODE" = 0 ]
        theirs "$name" || continue
        begin "/usr/bin/$name" -- "$VICTIM" listen
        local child
        child=$(pgrep -P "$INIT")
        "$SUPPORT/send" 32 "$INIT"
        ended
        kill -KILL "$child"
        echo "$name: $CODE"
        [ "$CODE" = 160 ]
    done
}

# wakeups INIT...: how often it woke in three seconds in which nothing happens.
wakeups() {
    local before
    begin "$@" -- "$VICTIM" listen
    sleep 0.2
    before=$(awk '/^voluntary/ { print $2 }' "/proc/$INIT/status")
    sleep 3
    WOKE=$(($(awk '/^voluntary/ { print $2 }' "/proc/$INIT/status") - before))
    kill -USR2 "$INIT"
    ended
    echo "$1: $WOKE"
}

@test "defects: it wakes every second for nothing" {
    wakeups "$OURS/tini" -s
    [ "$WOKE" = 0 ]
    wakeups "$PITH_INIT"
    [ "$WOKE" = 0 ]
    theirs tini || return 0
    wakeups /usr/bin/tini -s
    [ "$WOKE" -ge 2 ]
}

# on_terminal INIT...: start it in the background of a terminal's shell.
on_terminal() {
    # shellcheck disable=SC2016
    run -0 env INIT="$*" WITNESS="$SUPPORT/witness" timeout 20 script -qec \
        'bash -c "set -m; \$INIT -- \$WITNESS terminal & wait"' /dev/null \
        </dev/null 3>&-
    FOREGROUND=$(grep -o 'foreground [01]' <<<"$output")
    echo "$*: $output"
}

@test "defects: started in the background it takes the terminal" {
    local name
    for name in tini catatonit; do
        on_terminal "$OURS/$name"
        [ "$FOREGROUND" = 'foreground 0' ]
        theirs "$name" || continue
        on_terminal "/usr/bin/$name"
        [ "$FOREGROUND" = 'foreground 1' ]
    done
}

@test "in the foreground the terminal goes with the program, as theirs does" {
    local name init
    for name in tini dumb-init catatonit; do
        for init in "$OURS/$name" "/usr/bin/$name"; do
            [ -x "$init" ] || continue
            # script(1) makes it a session's leader, as an engine does.
            run -0 timeout 20 script -qec "exec $init -- $SUPPORT/witness terminal" \
                /dev/null </dev/null 3>&-
            echo "$init: $output"
            [[ $output == *'foreground 1'* ]]
        done
    done
    run -0 timeout 20 script -qec "exec $PITH_INIT -- $SUPPORT/witness terminal" \
        /dev/null </dev/null 3>&-
    [[ $output == *'foreground 1'* ]]
}

# worker INIT...: PID 1 of a program whose worker needs 300 ms after SIGTERM.
worker() {
    rm -f out
    timeout 30 unshare --pid --fork --kill-child --mount-proc "$@" -- \
        "$VICTIM" family >out 2>err </dev/null 3>&- &
    STARTED=$!
    wait_for out ready
    kill -TERM "$(pgrep -P "$(pgrep -P "$STARTED")")"
    ended
}

@test "defects: a worker that needs 300 ms to stop is killed" {
    needs_root
    local name
    worker "$PITH_INIT"
    grep -qx 'worker done' out
    for name in tini dumb-init catatonit; do
        theirs "$name" || continue
        worker "/usr/bin/$name"
        run -1 grep -x 'worker done' out
    done
}

@test "defects: a real-time signal arrives without its value" {
    local name
    for name in tini catatonit; do
        begin "$OURS/$name" -- "$VICTIM" listen
        /bin/kill --queue 5 --signal 40 "$INIT"
        wait_for out '^signal 40 value 5'
        kill -USR2 "$INIT"
        ended
        theirs "$name" || continue
        begin "/usr/bin/$name" -- "$VICTIM" listen
        /bin/kill --queue 5 --signal 40 "$INIT"
        wait_for out '^signal 40 value -1'
        kill -USR2 "$INIT"
        ended
    done
}

@test "defects: dumb-init knows no signals above 31" {
    begin "$OURS/dumb-init" -c -r 40:10 -- "$VICTIM" listen
    "$SUPPORT/send" 40 "$INIT"
    wait_for out '^signal 10 '
    kill -USR2 "$INIT"
    ended
    theirs dumb-init || return 0
    run -1 /usr/bin/dumb-init -r 40:10 "$VICTIM" exit 0
}

@test "defects: what is no program is run by /bin/sh" {
    local name code
    printf 'echo run by a shell\n' >text
    chmod 755 text
    while read -r name code; do
        run -"$code" "$OURS/$name" "$PWD/text"
        [[ $output != *'run by a shell'* ]]
        [[ $output == *'text: Exec format error'* ]]
        theirs "$name" || continue
        run -0 "/usr/bin/$name" "$PWD/text"
        [[ $output == *'run by a shell'* ]]
    done <<'END'
tini 1
dumb-init 2
catatonit 1
END
    run -126 "$PITH_INIT" "$PWD/text"
}
