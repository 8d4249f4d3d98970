#!/usr/bin/env bats
# SystemCallLog=audit: nothing is enforced, everything is told.

bats_require_minimum_version 1.5.0
load ../support/init
load ../support/servers

LOUD='SystemCallLog=audit: THE FILTER IS NOT ENFORCED'

setup() {
    needs_root
    make_root
    cp "$SUPPORT/actor" "$SUPPORT/heard" "$SUPPORT/busy" "$ROOT/app/"
    table_of_calls >"$ROOT/etc/pith/calls"
    STARTED=
}

teardown() {
    [ -z "$STARTED" ] || kill -KILL "$STARTED" 2>/dev/null || true
}

# confine PROGRAM WORD...: the filter for it of these calls.
confine() {
    local program=$1
    shift
    printf '%s\n' "$@" >"$BATS_TEST_TMPDIR/policy"
    "$PITH" profile compile "$BATS_TEST_TMPDIR/policy" \
        --program "$program=$ROOT$program" -o "$ROOT/etc/pith/service.bpf" >/dev/null
}

audit() {
    service SystemCallFilter=@default Override=SystemCallLog "$@"
}

@test "an audit runs what the policy forbids, and tells what it would have answered" {
    confine /app/probe @default
    audit SystemCallLog=audit
    run -0 --separate-stderr in_root /init -- /app/probe ptrace unshare tiocsti exec
    [ "${lines[0]}" = 'ptrace: ok' ]
    [ "${lines[3]}" = 'exec: exec' ]
    echo "$stderr"
    [[ ${stderr_lines[0]} == "pith-init: $LOUD;"* ]]
    [[ ${stderr_lines[1]} == 'pith-init: audit: would deny ptrace(PTRACE_TRACEME, '*') by probe['*'] -> EPERM; allow: SystemCallFilter=ptrace; why: pith profile explain ptrace PROGRAM; number: 101' ]]
    [[ ${stderr_lines[2]} == *' would deny unshare(CLONE_NEWUSER) by '* ]]
    [[ ${stderr_lines[3]} == *' would deny ioctl('*', TIOCSTI, '*' -> EPERM; allow: a rule for these arguments of ioctl; '* ]]
    [[ ${stderr_lines[4]} == *' would deny execve("/app/probe", '*' -> kill; allow: AllowExec=yes; '* ]]
    [ "${#stderr_lines[@]}" = 5 ]
}

@test "an audit has to be allowed by Override=, wherever it is asked for" {
    confine /app/probe @default
    service SystemCallFilter=@default SystemCallLog=audit
    run -125 --separate-stderr in_root /init -- /app/probe ptrace
    [ "$stderr" = "pith-init: /etc/pith/service.conf: SystemCallLog=audit: Override= has to list it, too" ]
    service SystemCallFilter=@default
    run -125 --separate-stderr in_root /init -o SystemCallLog=audit -- /app/probe ptrace
    [ "$stderr" = "pith-init: -o: SystemCallLog: 'audit' would loosen what the image sets" ]
    PITH_SYSTEMCALLLOG=audit run -125 --separate-stderr in_root /init -- /app/probe ptrace
    [[ $stderr == *"would loosen what the image sets" ]]
    audit
    PITH_SYSTEMCALLLOG=audit run -0 --separate-stderr in_root /init -- /app/probe ptrace
    [ "$output" = 'ptrace: ok' ]
    run -0 --separate-stderr in_root /init -o SystemCallLog=audit -- /app/probe ptrace
    [ "$output" = 'ptrace: ok' ]
    # And not by itself.
    run -0 --separate-stderr in_root /init -- /app/probe ptrace
    [ "$output" = 'ptrace: errno EPERM' ]
}

@test "what an audit could not hear it does not start" {
    confine /app/probe @default
    audit SystemCallLog=audit
    run -125 --separate-stderr in_root /app/heard /init -- /app/probe ptrace
    [ -z "$output" ]
    [ "$stderr" = 'pith-init: install the system call filter: Resource busy' ]
    confine /app/probe @default seccomp
    run -125 --separate-stderr in_root /init -- /app/probe ptrace
    [ "$stderr" = 'pith-init: SystemCallLog=audit: no filter, or one that allows seccomp(2)' ]
    rm "$ROOT/etc/pith/service.bpf"
    service SystemCallLog=audit Override=SystemCallLog
    run -125 --separate-stderr in_root /init -- /app/probe ptrace
    [ "$stderr" = 'pith-init: SystemCallLog=audit: no filter, or one that allows seccomp(2)' ]
}

@test "what no policy could allow stays refused in an audit" {
    confine /app/probe @default
    audit SystemCallLog=audit
    run -0 --separate-stderr in_root /init -- /app/probe int80 x32 clone3 unknown-call
    echo "$output$stderr"
    [ "$output" = $'int80: errno ENOSYS\nx32: errno ENOSYS\nclone3: errno ENOSYS\nunknown-call: errno ENOSYS' ]
    [[ ${stderr_lines[1]} == 'pith-init: denied call of ABI 0x40000003: 20('*' -> ENOSYS' ]]
    [[ ${stderr_lines[2]} == 'pith-init: denied call of ABI 0xc000003e: 1073741'*' -> ENOSYS' ]]
    [ "${#stderr_lines[@]}" = 3 ]
    # They are no calls that a policy can be taught.
    echo "$stderr" >"$BATS_TEST_TMPDIR/log"
    run -0 "$PITH" profile learn "$BATS_TEST_TMPDIR/policy" <"$BATS_TEST_TMPDIR/log"
    [ "$output" = '# nothing to add' ]
}

@test "a policy that kills, traps or has ENOSYS for all the rest is audited like any other" {
    local answer line
    audit SystemCallLog=audit
    for answer in kill kill-thread trap ENOSYS EACCES; do
        harden /app/probe "SystemCallErrorNumber=$answer"
        run -0 --separate-stderr in_root /init -- /app/probe ptrace clone3 unknown-call
        echo "$answer: $output $stderr"
        [ "$output" = $'ptrace: ok\nclone3: errno ENOSYS\nunknown-call: errno ENOSYS' ]
        line=$(grep 'would deny ptrace' <<<"$stderr")
        case $answer in
        ENOSYS | EACCES) [[ $line == *" -> $answer; "* ]] ;;
        *) [[ $line == *' -> kill; '* ]] ;;
        esac
        [ "${#stderr_lines[@]}" = 2 ]
    done
}

@test "an audit is told of at every level, in JSON, and under any name" {
    confine /app/probe @default
    audit SystemCallLog=audit LogLevel=error LogFormat=json
    run -0 --separate-stderr in_root /init -- /app/probe ptrace
    [ "$(jq -r .message <<<"$stderr" | grep -c "$LOUD\|would deny ptrace")" = 2 ]
    audit SystemCallLog=audit
    cp "$ROOT/init" "$ROOT/catatonit"
    run -0 --separate-stderr in_root /catatonit -- /app/probe ptrace
    [[ $stderr == *"catatonit: $LOUD"*"catatonit: audit: would deny ptrace("* ]]
}

@test "each call has its line, however loud another one is, and each start has them anew" {
    local acts=() start
    for _ in $(seq 60); do acts+=(ptrace); done
    confine /app/probe @default
    audit SystemCallLog=audit
    run -0 --separate-stderr in_root /init -- /app/probe "${acts[@]}" unshare process-vm
    echo "$stderr"
    [ "$(grep -c 'would deny ptrace' <<<"$stderr")" = 11 ]
    [ "$(grep -c 'would deny unshare' <<<"$stderr")" = 1 ]
    [ "$(grep -c 'would deny process_vm_' <<<"$stderr")" -ge 1 ]
    [[ ${stderr_lines[-1]} == *" more denials suppressed" ]]
    audit SystemCallLog=audit Restart=always RestartSec=1ms StartLimitBurst=3
    run -0 --separate-stderr in_root /init -- /app/probe "${acts[@]}" unshare
    [ "$(grep -c 'would deny unshare' <<<"$stderr")" = 3 ]
    [ "$(grep -c "$LOUD" <<<"$stderr")" = 3 ]
}

@test "an audit says again and again that it is one" {
    cp "$SUPPORT/hasty" "$ROOT/init"
    confine /app/actor @default
    audit SystemCallLog=audit
    run --separate-stderr in_root /init -- /app/actor sleep=1300
    echo "$stderr"
    [ "$(grep -c "$LOUD" <<<"$stderr")" = 3 ]
    audit
    run --separate-stderr in_root /init -- /app/actor sleep=700
    [ -z "$stderr" ]
}

@test "children, stops and deaths in an audit are those of a run without a filter" {
    confine /app/busy '# nothing'
    audit SystemCallLog=audit
    run -0 --separate-stderr timeout 60 unshare --pid --fork --kill-child \
        --root="$ROOT" --mount-proc=/proc /init -- /app/busy stops
    [[ $stderr == *'would deny '* ]]
}

# serve NAME: start it as PID 1's service, let it work, and stop it.
serve() {
    local arguments
    mapfile -t arguments < <(server_arguments "$1")
    rm -rf "$ROOT/tmp"
    mkdir -m 1777 "$ROOT/tmp"
    export ROOT
    timeout 100 unshare -n bash -c '
        . "$1"; name=$2; shift 2
        ip link set lo up
        unshare --pid --fork --kill-child --root="$ROOT" --mount-proc=/proc \
            --setuid 65534 --setgid 65534 "$@" >out 2>err 3>&- &
        started=$!
        server_load "$name" || { cat out err; exit 1; }
        kill -TERM "$(pgrep -P "$started")"
        wait "$started"' serve "$TOP/tests/support/servers.bash" "$1" \
        /init -- "$(server_program "$1")" "${arguments[@]}"
}

# learns NAME FORMAT: from no policy to one that a run says nothing of.
learns() {
    command -v redis-benchmark memcslap nginx memcached >/dev/null || skip "see scripts/setup"
    cd "$BATS_TEST_TMPDIR" || return
    local program status=0
    program=$(server_program "$1")
    server_tree "$1" "$ROOT"
    mknod -m 666 "$ROOT/dev/null" c 1 3
    confine "$program" '# nothing'
    audit SystemCallLog=audit LogFormat="$2"
    serve "$1" || status=$?
    grep -q 'would deny openat' err
    cp err "audit.$2"
    "$PITH" profile learn policy -o learnt.policy <err >change
    run ! grep -q ' more were suppressed: not known' learnt.policy
    cp learnt.policy policy
    "$PITH" profile compile policy --program "$program=$ROOT$program" \
        -o "$ROOT/etc/pith/service.bpf"
    audit LogFormat="$2"
    serve "$1" || [ "$?" = "$status" ]
    cat out err
    run ! grep -q 'denied\|SIGSYS\|filter' err
    # And there was something to be learnt.
    [ "$(grep -c '^[a-z]' policy)" -ge 30 ]
}

@test "audit, learn, enforce: redis-server" {
    learns redis text
}

@test "audit, learn, enforce: nginx" {
    learns nginx json
}

@test "audit, learn, enforce: memcached" {
    learns memcached text
}
