#!/usr/bin/env bats
# What pith-init costs, held against what it has cost: a change that makes it
# dearer shows here, and is made on purpose or not at all. `make bench` measures
# the same beside other inits.

bats_require_minimum_version 1.5.0
load ../support/init

BENCH=$TOP/build/tests/bench

setup() {
    needs_root
    make_root
    cp "$BENCH/nothing" "$ROOT/app/nothing"
}

lock_in() {
    "$PITH" profile compile "$TOP/images/hello/by-hand.policy" \
        -o "$ROOT/etc/pith/service.bpf" --program /app/nothing="$BENCH/nothing"
    service ExecStart=/app/nothing User=65532 Group=65532 \
        SystemCallFilter=file:hello.policy LimitNOFILE=1024
}

# as_engine COMMAND...: with the environment that docker run gives.
as_engine() {
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        HOSTNAME=0123456789ab HOME=/root "$@"
}

# rest DIRTY RSS: at most so many KiB, and no wake-up in two seconds.
rest() {
    [ -e /proc/self/smaps_rollup ] || skip "no smaps_rollup in /proc"
    run -0 as_engine "$BENCH/idle" -r "$ROOT" 2 41 /init -- /app/nothing hold
    local dirty rss woken
    read -r dirty rss woken <<<"$output"
    echo "$dirty KiB private dirty, $rss KiB resident, woke $woken times"
    [ "$dirty" -le "$1" ]
    [ "$rss" -le "$2" ]
    [ "$woken" = 0 ]
}

# start INIT CHILD INIT-CALLS CHILD-CALLS: at most so many instructions and
# system calls.
start() {
    run -0 as_engine "$BENCH/steps" -r "$ROOT" /init -- /app/nothing
    echo "$output of $*"
    local count
    for count in $output; do
        [ "$count" -le "$1" ]
        shift
    done
    [ $# = 0 ]
}

@test "a plain init at rest: 12 KiB of its own, 56 resident, never awake" {
    rest 12 56
}

@test "a locked-in one at rest: 20 KiB of its own, 64 resident, never awake" {
    lock_in
    rest 20 64
}

@test "a plain start: 1,400 instructions, 420 in the child, 9 calls and 4" {
    start 1400 420 9 4
}

# One call for each capability there is, beside 14 others.
@test "a locked-in start: 6,550 instructions, 1,850 in the child, 22 calls" {
    lock_in
    start 6550 1850 22 $((15 + $(cat /proc/sys/kernel/cap_last_cap)))
}

@test "42,300 bytes of program" {
    run -0 stat -c %s "$PITH_INIT"
    echo "$output"
    [ "$output" -le 42300 ]
}
