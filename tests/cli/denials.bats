#!/usr/bin/env bats
# What the filter refuses is a line of the log, by pith-init's hand.

bats_require_minimum_version 1.5.0
load ../support/init

setup() {
    needs_root
    make_root
    cp "$SUPPORT/actor" "$SUPPORT/heard" "$ROOT/app/"
    table_of_calls >"$ROOT/etc/pith/calls"
    STARTED=
}

teardown() {
    [ -z "$STARTED" ] || kill -KILL "$STARTED" 2>/dev/null || true
}

# confine WORD...: the filter for /app/probe of these calls.
confine() {
    printf '%s\n' "$@" >"$BATS_TEST_TMPDIR/policy"
    "$PITH" profile compile "$BATS_TEST_TMPDIR/policy" \
        --program /app/probe="$ROOT/app/probe" \
        -o "$ROOT/etc/pith/service.bpf" >/dev/null
}

@test "a refused call is a line: name, arguments, who, error, what allows it" {
    confine @default
    service SystemCallFilter=@default
    run -0 --separate-stderr in_root /init -- /app/probe ptrace unshare
    [ "$output" = $'ptrace: errno EPERM\nunshare: errno EPERM' ]
    [[ ${stderr_lines[0]} == "pith-init: denied ptrace(PTRACE_TRACEME, "*") by probe["*"] -> EPERM; allow: SystemCallFilter=ptrace; why: pith profile explain ptrace PROGRAM; number: 101" ]]
    [[ ${stderr_lines[1]} == "pith-init: denied unshare(CLONE_NEWUSER) by probe["* ]]
    [ "${#stderr_lines[@]}" = 2 ]
}

@test "a socket that was passed on, and a policy without getpid" {
    confine write writev exit_group mmap brk arch_prctl set_tid_address ptrace
    service SystemCallFilter=@default
    run -0 --separate-stderr timeout -s KILL 10 env LISTEN_FDS=1 LISTEN_PID=7 unshare --pid \
        --fork --kill-child --root="$ROOT" --mount-proc=/proc /init -- /app/probe ptrace 3>&-
    [[ $output == 'ptrace: '* ]]
}

# A service that is root may replace the file, as root without a capability.
@test "a FIFO in the place of the table holds PID 1 up for nothing" {
    confine @default
    service SystemCallFilter=@default
    rm "$ROOT/etc/pith/calls"
    mkfifo "$ROOT/etc/pith/calls"
    run -0 --separate-stderr timeout -s KILL 10 unshare --pid --fork --kill-child \
        --root="$ROOT" --mount-proc=/proc /init -- /app/probe ptrace 3>&-
    [ "$output" = 'ptrace: errno EPERM' ]
    [[ $stderr == "pith-init: denied 101("*"number: 101" ]]
}

@test "whatever the error is: it is the filter's own that is answered and told" {
    # A rule's, a key's, and the policy's for all the rest.
    harden /app/probe 'SystemCallFilter=@default unshare:EIO' \
        SystemCallErrorNumber=EACCES RestrictAddressFamilies=AF_UNIX
    service SystemCallFilter=@default
    run -0 --separate-stderr in_root /init -- /app/probe ptrace unshare socket tiocsti
    echo "$output$stderr"
    [ "$output" = $'ptrace: errno EACCES\nunshare: errno EIO\nsocket: errno other\ntiocsti: errno EPERM' ]
    [[ ${stderr_lines[0]} == *'denied ptrace('*' -> EACCES; allow: SystemCallFilter=ptrace; '* ]]
    [[ ${stderr_lines[1]} == *'denied unshare('*' -> EIO; '* ]]
    [[ ${stderr_lines[2]} == *'denied socket(AF_INET, SOCK_STREAM'*' -> EAFNOSUPPORT; allow: a rule for these arguments of socket; '* ]]
    [[ ${stderr_lines[3]} == *'denied ioctl('*', TIOCSTI, '*' -> EPERM; allow: a rule for these arguments of ioctl; '* ]]
    [ "${#stderr_lines[@]}" = 4 ]
    echo "$stderr" >"$BATS_TEST_TMPDIR/log"
    echo @default >"$BATS_TEST_TMPDIR/policy"
    run -0 "$PITH" profile learn "$BATS_TEST_TMPDIR/policy" <"$BATS_TEST_TMPDIR/log"
    [[ $output == *"# ptrace: denied 1x, first by probe, EACCES"*"# socket: denied 1x, first by probe, EAFNOSUPPORT; allowed already"* ]]
}

@test "ENOSYS is how a libc falls back, and silent, unless it is the policy's word for all" {
    harden /app/probe 'SystemCallFilter=@default ptrace:ENOSYS'
    service SystemCallFilter=@default
    run -0 --separate-stderr in_root /init -- /app/probe ptrace clone3 unknown-call
    [ "$output" = $'ptrace: errno ENOSYS\nclone3: errno ENOSYS\nunknown-call: errno ENOSYS' ]
    [ -z "$stderr" ]
    harden /app/probe SystemCallErrorNumber=ENOSYS
    run -0 --separate-stderr in_root /init -- /app/probe ptrace clone3 unknown-call
    [ "$output" = $'ptrace: errno ENOSYS\nclone3: errno ENOSYS\nunknown-call: errno ENOSYS' ]
    [[ $stderr == *'denied ptrace('*' -> ENOSYS; '* ]]
    [ "${#stderr_lines[@]}" = 1 ]
}

@test "SystemCallLog=none: refused, and nothing is said" {
    confine @default
    service SystemCallFilter=@default
    run -0 --separate-stderr in_root /init -o SystemCallLog=none -- /app/probe ptrace
    [ "$output" = 'ptrace: errno EPERM' ]
    [ -z "$stderr" ]
}

@test "what was allowed is not talked of" {
    confine @default
    service SystemCallFilter=@default
    run -0 --separate-stderr in_root /init -- /app/probe socket
    [ "$output" = 'socket: ok' ]
    [ -z "$stderr" ]
}

@test "paths are read where the kernel lets pith-init, and are addresses else" {
    "$PITH" profile compile --program /app/actor="$ROOT/app/actor" \
        -o "$ROOT/etc/pith/service.bpf" - >/dev/null <<<$'@default\n~openat\n~open'
    service SystemCallFilter=@default
    run --separate-stderr unshare --pid --fork --kill-child --root="$ROOT" \
        --mount-proc=/proc --setuid 65532 --setgid 65532 /init -- /app/actor codes='/tmp/a"b 1'
    [ "$status" = 99 ]
    echo "$stderr"
    [[ $stderr == *'denied open'*'"/tmp/a"b"'*' by actor['* ]]
    # Root's init has given CAP_SYS_PTRACE away.
    service SystemCallFilter=@default User=65532
    run --separate-stderr in_root /init -- /app/actor codes='/tmp/x 1'
    [ "$status" = 99 ]
    [[ $stderr == *'denied open'*'0x'*' by actor['* ]]
}

@test "JSON says the same, and pith profile learn reads both" {
    confine @default
    for format in text json; do
        service SystemCallFilter=@default LogFormat=$format
        run -0 --separate-stderr in_root /init -- /app/probe ptrace unshare
        echo "$stderr" >"$BATS_TEST_TMPDIR/log"
        echo "$stderr"
        [ "$format" = text ] || jq -e .message <<<"$stderr" >/dev/null
        run -0 "$PITH" profile learn "$BATS_TEST_TMPDIR/policy" <"$BATS_TEST_TMPDIR/log"
        [[ $output == *"+ptrace"*"+unshare"* ]]
    done
}

# told: the first of $stderr that is pith-init's; the program may be faster.
told() { LC_ALL=C grep -a -m1 '^{"level"' <<<"$stderr"; }

# json FILTER: holds for that.
json() { told | jq -e "$1" >/dev/null; }

@test "JSON has what was refused apart, whatever bytes names hold" {
    "$PITH" profile compile -o "$ROOT/etc/pith/service.bpf" - >/dev/null \
        <<<$'@default\n~openat\n~open'
    service SystemCallFilter=@default AnyProgram=yes LogFormat=json
    # The kernel writes a backslash in a name twice.
    local name=$'q"\\\x01\xff'
    cp "$ROOT/app/actor" "$ROOT/app/$name"
    run --separate-stderr unshare --pid --fork --kill-child --root="$ROOT" \
        --mount-proc=/proc --setuid 65532 --setgid 65532 /init -- "/app/$name" \
        codes=$'/tmp/a"b\\c\x01\xff 1'
    [ "$status" = 99 ]
    echo "$stderr"
    json '.call | test("^open(at)?$")'
    json '.args | contains("\"/tmp/a\"b\\c??\"")'
    json '.comm == "q\"\\\\??"'
    json '.action == "denied" and .errno == "EPERM" and .pid == 2'
    json '.level == "warning" and .program == "pith-init"'
    json '. as $line | .message | contains("denied \($line.call)(\($line.args)) by \($line.comm)[2] -> EPERM; ")'
    json ".nr == $(awk '$1 ~ /^open(at)?$/ { print $1, NR - 1 }' "$ROOT/etc/pith/calls" |
        grep "^$(told | jq -r .call) " | cut -d' ' -f2)"
    # Other lines have none of that.
    service SystemCallFilter=@default AnyProgram=yes LogFormat=json LogLevel=info
    run --separate-stderr in_root /init -- /app/probe socket
    json '(keys | sort) == ["level", "message", "program"]'
}

@test "a flood is cut to ten lines a second, and counted" {
    confine @default
    service SystemCallFilter=@default
    local acts=()
    for _ in $(seq 40); do acts+=(unshare); done
    run -0 --separate-stderr in_root /init -- /app/probe "${acts[@]}"
    [ "$(grep -c 'unshare: errno EPERM' <<<"$output")" = 40 ]
    local told hidden
    told=$(grep -c ': denied unshare' <<<"$stderr")
    hidden=$(awk '/ more denials suppressed$/ { n += $2 } END { print n + 0 }' <<<"$stderr")
    echo "$told told, $hidden hidden"
    [ "$((told + hidden))" = 40 ]
    [ "$told" -lt 40 ]
}

@test "what its filter killed is said, of the service and of orphans" {
    confine @default
    service SystemCallFilter=@default
    run -0 --separate-stderr in_root /init -- /app/probe exec
    [ -z "$stderr" ] # the probe's own child was, which it reaped
    "$PITH" profile compile --program /app/actor="$ROOT/app/actor" \
        -o "$ROOT/etc/pith/service.bpf" - >/dev/null <<<$'@default\ngetppid:kill'
    local killed="killed by a filter: pith's does so for a second program, a call of another ABI or one that the policy kills; SystemCallLog=audit tells which"
    run -159 --separate-stderr in_root /init -- /app/actor call=110
    [[ $stderr == "pith-init: actor["*"] $killed" ]]
    # A thread's call takes all with it, and leaves the first one unmarked.
    run -159 --separate-stderr in_root /init -- /app/actor threadcall=110
    [[ $stderr == "pith-init: actor["*"] ended by SIGSYS, as filters kill: pith's does so"* ]]
    # Nobody can tell one who sends that signal from a filter, and so does pith-init not.
    run -159 --separate-stderr in_root /init -- /app/actor raise=31
    [[ $stderr == "pith-init: actor["*"] ended by SIGSYS, as filters kill: "* ]]
    # An orphan.
    run -0 --separate-stderr in_root /init -- /app/actor orphancall=110 sleep=300
    [[ $stderr == "pith-init: actor["*"] $killed" ]]
    # Without a filter of ours nobody is sent looking for one.
    rm "$ROOT/etc/pith/service.bpf"
    service
    run -159 --separate-stderr in_root /init -- /app/actor raise=31
    [[ $stderr == "pith-init: actor["*"] ended by SIGSYS, as filters kill" ]]
}

@test "where the engine's filter has the listener: refused all the same, and said once" {
    confine @default
    service SystemCallFilter=@default
    run -0 --separate-stderr in_root /app/heard /init -- /app/probe ptrace unshare
    [ "$output" = $'ptrace: errno EPERM\nunshare: errno EPERM' ]
    [ "$stderr" = "pith-init: what the filter refuses is not logged: the engine's has the listener" ]
}

@test "a policy that allows seccomp(2) is left the listener" {
    confine @default seccomp
    service SystemCallFilter=@default
    run -0 --separate-stderr in_root /init -- /app/probe unshare
    [ "$output" = 'unshare: errno EPERM' ]
    [ -z "$stderr" ]
}

@test "without the table of calls the number is told" {
    rm "$ROOT/etc/pith/calls"
    confine @default
    service SystemCallFilter=@default
    run -0 --separate-stderr in_root /init -- /app/probe unshare
    [[ $stderr == "pith-init: denied 272(0x10000000, "* ]]
}

@test "nobody reads the log: the service is answered all the same" {
    confine @default
    service SystemCallFilter=@default
    mkfifo "$BATS_TEST_TMPDIR/pipe"
    exec 8<>"$BATS_TEST_TMPDIR/pipe"
    timeout 1 dd if=/dev/zero of="$BATS_TEST_TMPDIR/pipe" bs=4096 count=64 \
        status=none oflag=nonblock 2>/dev/null || true
    run -0 timeout 10 sh -c '"$@" 2>&8' sh unshare --pid --fork --kill-child \
        --root="$ROOT" --mount-proc=/proc /init -- /app/probe unshare ptrace
    exec 8>&-
    [ "$output" = $'unshare: errno EPERM\nptrace: errno EPERM' ]
}

@test "each start has a listener of its own" {
    confine @default
    service SystemCallFilter=@default Restart=always RestartSec=1ms StartLimitBurst=3
    run -0 --separate-stderr in_root /init -- /app/probe unshare
    [ "$(grep -c 'denied unshare' <<<"$stderr")" = 3 ]
    local init
    service SystemCallFilter=@default Restart=always RestartSec=60 'ExecStopPost=/app/probe unshare'
    start_in_root /init -- /app/probe unshare
    wait_for "$BATS_TEST_TMPDIR/err" 'starting again'
    cat "$BATS_TEST_TMPDIR/err"
    [ "$(grep -c 'denied unshare' "$BATS_TEST_TMPDIR/err")" = 2 ]
    init=$(init_of "$STARTED")
    [ "$(find "/proc/$init/fd" -lname '*seccomp*' | wc -l)" -le 1 ]
    kill -KILL "$STARTED"
}

@test "allowed calls cost what they did: the same instructions, and init asleep" {
    local init child before
    "$PITH" profile compile --program /app/actor="$ROOT/app/actor" \
        -o "$ROOT/etc/pith/service.bpf" - >/dev/null <<<$'@default\nunshare:EIO'
    service SystemCallFilter=@default
    start_in_root /init -- /app/actor sleep=1500 calls='39 200000' sleep=60000
    child=$(child_of_init "$STARTED")
    init=$(init_of "$STARTED")
    # Of every return of an error but ENOSYS the filter is now a question.
    run -0 "$SUPPORT/installed" "$child" "$ROOT/etc/pith/service.bpf"
    echo "$output"
    [ "${output#* }" -ge 2 ]
    run ! grep -q 200000 "$BATS_TEST_TMPDIR/out"
    before=$(awk '/^voluntary/ { print $2 }' "/proc/$init/status")
    wait_for "$BATS_TEST_TMPDIR/out" 200000
    [ "$(awk '/^voluntary/ { print $2 }' "/proc/$init/status")" = "$before" ]
    kill -KILL "$STARTED"
}
