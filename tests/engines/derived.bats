#!/usr/bin/env bats
# Filters from code under pith run: Debian's servers are put to work with
# SystemCallLog=audit, and no call falls outside of what was derived. See
# docs/exercise.md for the same by hand.

bats_require_minimum_version 1.5.0
load ../support/engines
load ../support/servers

setup() {
    [ "$(id -u)" -eq 0 ] || skip "needs root, for networks of their own"
    needs runc redis-server memcached redis-benchmark redis-cli memcslap
    cd "$BATS_TEST_TMPDIR" || exit
}

# audited NAME WORD...: an image of Debian's server that enforces nothing, and
# a word of its filter for each call outside of it.
audited() {
    local program
    program=$(server_program "$1")
    {
        printf '%s\n' '[Image]' "Copy=$program $program" '[Service]'
        printf 'ExecStart=%s' "$program"
        server_arguments "$1" | sed "s/^\$/''/" | tr '\n' ' ' | sed 's/^/ /'
        printf '\n%s\n' "SystemCallFilter=auto complete ${*:2}" AllowExec=no \
            SystemCallLog=audit Override=SystemCallLog
    } >"$1.pith"
    "$PITH" build "$1.pith"
}

# work NAME: run it in a network of its own, load it, stop it; what it says is
# in the file err.
work() {
    timeout 200 unshare -n bash -c '
        . "$1"; name=$2; shift 2
        ip link set lo up
        "$@" >out 2>err 3>&- &
        started=$!
        server_load "$name" || { cat out err; exit 1; }
        kill -TERM $started
        wait $started' work "$TOP/tests/support/servers.bash" "$1" "$PITH" run "$1.tar"
}

# nothing_outside NAME CALL STATUS: all that it says is that it is audited; and a
# policy without that call, as the control, is told of. What loads modules of
# its own is vouched for, by "complete".
nothing_outside() {
    audited "$1"
    [ "$("$PITH" inspect --json "$1.tar" | jq -r '.config.labels["pith.filter.status"]')" = "$3" ]
    work "$1"
    cat err
    [ "$(grep -c '^pith-init: ' err)" = 1 ]
    grep -q '^pith-init: SystemCallLog=audit: THE FILTER IS NOT ENFORCED; ' err
    audited "$1" "~$2"
    work "$1"
    grep -q "^pith-init: audit: would deny $2(.* -> EPERM; allow: SystemCallFilter=$2; " err
    [ "$(grep '^pith-init: audit: would deny ' err | grep -vc "would deny $2(")" = 0 ]
}

@test "derived, audited, put to work: redis-server stays within its filter" {
    nothing_outside redis fdatasync vouched
}

@test "derived, audited, put to work: memcached stays within its filter" {
    nothing_outside memcached accept4 exact
}

@test "derived: an image that audits can be traced, too" {
    printf '%s\n' '[Image]' 'Copy=/bin/echo /bin/' '[Service]' 'ExecStart=/bin/echo traced' \
        SystemCallLog=audit Override=SystemCallLog >x.pith
    "$PITH" build x.pith
    run -0 --separate-stderr "$PITH" run x.tar
    [[ $stderr == 'pith-init: SystemCallLog=audit: THE FILTER IS NOT ENFORCED; '* ]]
    run -0 --separate-stderr "$PITH" profile trace --image x.tar -o x.policy
    [ "${lines[0]}" = traced ]
    grep -qx write x.policy
}
