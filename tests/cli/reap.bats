#!/usr/bin/env bats
# What reaping costs: one wait4 for each that died, and one for each wake-up,
# which says that there are no more. Deaths while init sleeps are one wake-up.

# shellcheck disable=SC2086  # an init and its flags are words, on purpose

bats_require_minimum_version 1.5.0
load ../support/init

ORPHANS=${ORPHANS:-10000}

setup() {
    needs_root
    STARTED=
    cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
    [ -z "$STARTED" ] || kill -KILL "$STARTED" 2>/dev/null || true
}

# begin HOW INIT...: as PID 1, its calls of wait4 and rt_sigtimedwait in calls.
begin() {
    local how=$1
    shift
    rm -f out calls
    unshare --pid --fork --kill-child --mount-proc "$@" -- \
        "$SUPPORT/orphans" "$how" "$ORPHANS" >out 2>err </dev/null 3>&- &
    STARTED=$!
    wait_for out ready
    INIT=$(init_of "$STARTED")
    PROGRAM=$(pgrep -P "$INIT")
    INNER=$(awk '/^NSpid/ { print $NF }' "/proc/$PROGRAM/status")
    strace -qq -e signal=none -e trace=wait4,waitid,rt_sigtimedwait -o calls \
        -p "$INIT" 3>&- &
    wait_for "/proc/$INIT/status" '^TracerPid:.[1-9]'
}

# alone: wait until only the program is left, ten seconds at the most.
alone() {
    for _ in $(seq 100); do
        [ "$(pgrep -c -P "$INIT")" != 1 ] || return 0
        sleep 0.1
    done
    echo "$(pgrep -c -P "$INIT") are left"
    return 1
}

# finish: the program ends, so does init, and strace with it. Counts what came
# before that end.
finish() {
    alone
    kill -USR2 "$PROGRAM"
    wait "$STARTED"
    STARTED=
    wait
    sed "/^wait.*= $INNER\$/,\$d" calls >before
    REAPED=$(grep -cE '^wait.*= [1-9]' before) || true
    CALLS=$(grep -c '^wait' before) || true
    WAKES=$(grep -cE '^rt_sigtimedwait.*= 17( |$)' before) || true
    echo "$CALLS calls, reaped $REAPED, wake-ups by SIGCHLD $WAKES"
}

# burst INIT...: all die while init is stopped, and are there when it goes on.
burst() {
    begin at-once "$@"
    kill -STOP "$INIT"
    kill -USR1 "$PROGRAM"
    wait_for out left
    [ "$(pgrep -c -P "$INIT")" = $((ORPHANS + 1)) ]
    kill -CONT "$INIT"
    finish
}

@test "10,000 deaths at once: 10,001 calls of wait4" {
    burst "$PITH_INIT"
    [ "$REAPED" = "$ORPHANS" ]
    [ "$CALLS" = $((ORPHANS + 1)) ]
    echo "# $ORPHANS orphans at once: pith-init $CALLS calls" >&3
    local init
    for init in 'tini -s' dumb-init catatonit; do
        command -v "${init%% *}" >/dev/null || continue
        burst $init
        [ "$REAPED" = "$ORPHANS" ]
        echo "# $init: $CALLS calls" >&3
    done
}

@test "10,000 deaths one by one: one wait4 each and one a wake-up, no more" {
    begin singly "$PITH_INIT"
    kill -USR1 "$PROGRAM"
    wait_for out left
    finish
    [ "$REAPED" = "$ORPHANS" ]
    # The last wake-up is the one at which the program is found.
    [ "$CALLS" = $((ORPHANS + WAKES - 1)) ]
}
