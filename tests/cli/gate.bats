#!/usr/bin/env bats
# The filter and the cookie gate, applied by pith-init as PID 1.

bats_require_minimum_version 1.5.0
load ../support/init

setup() {
    needs_root
    make_root
    BLOB=$ROOT/etc/pith/service.bpf
    service User=65532 SystemCallFilter=@default
}

compile() { # compile WORD... [-- OPTION...]: the filter of /app/probe
    local words=()
    while [ $# -gt 0 ] && [ "$1" != -- ]; do words+=("$1"); shift; done
    [ $# -eq 0 ] || shift
    printf '%s\n' "${words[@]}" | "$PITH" profile compile - -o "$BLOB" \
        --program /app/probe="$ROOT/app/probe" "$@"
}

refused() { # refused MESSAGE-PATTERN: exit 125, one line, never started
    run -125 in_root /init -- /app/probe echo started
    [ "${#lines[@]}" = 1 ]
    [[ $output == "pith-init: "* ]]
    # shellcheck disable=SC2053  # the argument is a pattern
    [[ $output == $1 ]]
}

@test "outside the sandbox the acts work (the control)" {
    run -0 in_root --setuid 65532 --setgid 65532 /app/probe
    for act in exec vfork-exec posix-spawn thread-exec execveat execveat-fd \
        execveat-dup memfd-exec guess-cookie; do
        [[ $'\n'$output == *$'\n'"$act: exec"* ]]
    done
    for act in int80 parent-mem ptrace seccomp process-vm socket; do
        [[ $'\n'$output == *$'\n'"$act: ok"* ]]
    done
}

@test "inside, no second exec by any way, and no other escape" {
    compile @default
    run -0 --separate-stderr in_root /init -- /app/probe
    diff "$TOP/tests/data/probe.expected" <(echo "$output")
}

@test "the same when the engine chose another uid" {
    compile @default
    run -0 --separate-stderr in_root --setuid 10001 --setgid 10001 \
        /init -- /app/probe
    diff "$TOP/tests/data/probe.expected" <(echo "$output")
}

@test "status: Seccomp 2, NoNewPrivs 1, no capability in any set" {
    compile @default
    run -0 in_root /init -- /app/probe status
    for line in CapInh:0000000000000000 CapPrm:0000000000000000 \
        CapEff:0000000000000000 CapBnd:0000000000000000 \
        CapAmb:0000000000000000 NoNewPrivs:1 Seccomp:2; do
        [[ $output == *"${line%%:*}:"$'\t'"${line#*:}"* ]]
    done
}

@test "exec errors are still told under the filter" {
    compile @default
    chmod 644 "$ROOT/app/probe"
    run -126 in_root /init -- /app/probe
    [ "$output" = "pith-init: /app/probe: Permission denied" ]
}

@test "AllowExec: without the gate a program may start others" {
    compile @default @process -- --allow-exec
    refused '*service.bpf: has no gate, *AllowExec=yes permits that'
    service User=65532 SystemCallFilter=@default AllowExec=yes
    run -0 in_root /init -- /app/probe exec guess-cookie
    [ "$output" = $'exec: exec\nguess-cookie: exec' ]
}

@test "two starts draw two cookies" {
    compile @default
    # strace prints three arguments of execve; the cookie is what getrandom
    # returned just before.
    for i in 1 2; do
        strace -f -e trace=getrandom -o "$BATS_TEST_TMPDIR/random$i" \
            unshare --pid --fork --root="$ROOT" /init -- /app/probe echo x
        grep -q 'getrandom("' "$BATS_TEST_TMPDIR/random$i"
    done
    run -1 diff <(grep -o 'getrandom(.*' "$BATS_TEST_TMPDIR/random1" | head -1) \
        <(grep -o 'getrandom(.*' "$BATS_TEST_TMPDIR/random2" | head -1)
}

@test "a missing filter that service.conf asks for: 125" {
    refused '*/etc/pith/service.bpf: missing, and SystemCallFilter= is set'
}

@test "short, over-long, damaged, foreign and empty filters: 125" {
    compile @default
    cp "$BLOB" "$BATS_TEST_TMPDIR/good"
    local size
    size=$(stat -c %s "$BLOB")
    for cut in 0 1 64 111 112 $((size - 8)) $((size - 1)); do
        head -c "$cut" "$BATS_TEST_TMPDIR/good" >"$BLOB"
        refused '*service.bpf: truncated*'
    done
    { cat "$BATS_TEST_TMPDIR/good"; printf x; } >"$BLOB"
    refused '*service.bpf: *over-long: *'
    head -c 100000 /dev/zero >"$BLOB"
    refused '*service.bpf: *over-long: *'
    head -c 1000 /dev/urandom >"$BLOB"
    refused '*service.bpf: not a pith filter*'
    for at in 48 150 $((size - 1)); do
        cp "$BATS_TEST_TMPDIR/good" "$BLOB"
        printf '\xa5' | dd of="$BLOB" bs=1 seek="$at" conv=notrunc status=none
        refused '*service.bpf: damaged*'
    done
    compile @default -- --arch aarch64
    refused '*service.bpf: made for architecture 0xc00000b7, this is x86_64*'
}

@test "a program that the filter was not made for: 125" {
    compile @default
    run -125 in_root /init -- /app/victim exit 0
    [[ $output == *"/app/victim: the filter was made for /app/probe"* ]]
    printf x >>"$ROOT/app/probe"
    refused '*not the program that its filter was made for*'
    cp "$ROOT/app/victim" "$ROOT/app/probe"
    refused '*not the program that its filter was made for*'
}

@test "another path of the same file is the same program" {
    compile @default
    ln "$ROOT/app/probe" "$ROOT/app/other"
    ln -s probe "$ROOT/app/link"
    run -0 in_root /init -- /app/other echo hello
    run -0 in_root /init -- /app/link echo hello
    [ "$output" = hello ]
}

@test "AnyProgram=yes lets a filter hold any program" {
    compile @default
    service User=65532 SystemCallFilter=@default AnyProgram=yes
    run -3 in_root /init -- /app/victim exit 3
    run -125 in_root /init -o AnyProgram=no -- /app/victim exit 3
}

@test "a filter of no program needs AnyProgram=yes" {
    printf '@default\n' | "$PITH" profile compile - -o "$BLOB"
    refused '*the filter was made for no program*'
}

@test "a call outside the policy fails, one inside works" {
    compile write writev read open openat close fstat rt_sigprocmask fork \
        clone wait4 mmap munmap mprotect brk arch_prctl set_tid_address \
        ioctl prctl gettid getpid set_robust_list prlimit64 rseq uname \
        getrandom readlink readlinkat newfstatat futex
    run -0 --separate-stderr in_root /init -- /app/probe socket tiocsti
    [ "$output" = $'socket: errno EPERM\ntiocsti: errno EPERM' ]
}

# names COMMAND...: each path that init names to the kernel by whatever call,
# from its own start to the end of the program, which names none. "" is a
# descriptor's own file.
names() {
    strace -f -qq -e trace=%file -e signal=none -o "$BATS_TEST_TMPDIR/trace" \
        env -i PATH=/none:/app "$(command -v unshare)" --pid --fork \
        --root="$ROOT" "$@"
    NAMES=$(sed "1,/execve(\"${1//\//\\/}\"/d" "$BATS_TEST_TMPDIR/trace" |
        sed -n 's/^[0-9]* *[a-z0-9_]*([^"]*"\([^"]*\)".*/\1/p' | sort -u)
    echo "$NAMES"
}

@test "nothing but service.conf, the filter and the program is opened" {
    compile @default
    names /init -- /app/probe echo x
    [ "$NAMES" = $'\n/\n/app/probe\n/etc/pith/service.bpf\n/etc/pith/service.conf' ]
}

@test "a plain init looks for what could restrict it, and for the program" {
    rm -r "$ROOT/etc/pith"
    local init
    for init in /init /tini /dumb-init /catatonit; do
        [ -e "$ROOT$init" ] || ln "$ROOT/init" "$ROOT$init"
        names "$init" -- /app/probe echo x
        [ "$NAMES" = $'/\n/app/probe\n/etc/pith/service.bpf\n/etc/pith/service.conf' ]
    done
    names /init -- probe echo x
    [ "$NAMES" = $'/\n/app/probe\n/etc/pith/service.bpf\n/etc/pith/service.conf\n/none/probe' ]
}

@test "ids are numbers: neither passwd nor group is read" {
    compile @default
    printf 'app:x:65532:65532::/:/bin/false\n' >"$ROOT/etc/passwd"
    printf 'app:x:65532:\n' >"$ROOT/etc/group"
    service User=65532 Group=65532 SupplementaryGroups='7 8' \
        SystemCallFilter=@default LimitNOFILE=64 UMask=077 TimeoutStopSec=3 \
        HealthCheck=http://127.0.0.1:8080/
    names /init -- /app/probe echo x
    [ "$NAMES" = $'\n/\n/app/probe\n/etc/pith/service.bpf\n/etc/pith/service.conf' ]
}

@test "of files, those that service.conf names are opened, and no other" {
    compile @default
    mkdir -p "$ROOT/run/secrets"
    printf 'A=1\n' >"$ROOT/run/secrets/env"
    printf 'secret\n' >"$ROOT/run/secrets/token"
    cp "$ROOT/run/secrets/token" "$ROOT/run/secrets/other"
    service User=65532 SystemCallFilter=@default WorkingDirectory=/tmp \
        EnvironmentFile=/run/secrets/env EnvironmentFile=-/run/none \
        Secret=TOKEN:/run/secrets/token SecretFD=FD:/run/secrets/fd
    cp "$ROOT/run/secrets/token" "$ROOT/run/secrets/fd"
    names /init -- /app/probe echo x
    [ "$NAMES" = "
/
/app/probe
/etc/pith/service.bpf
/etc/pith/service.conf
/run/none
/run/secrets/env
/run/secrets/fd
/run/secrets/token
/tmp" ]
}

@test "the child's steps come in the documented order, in memory of its own" {
    compile @default
    service User=65532:65533 SupplementaryGroups=7 SystemCallFilter=@default \
        UMask=077 LimitNOFILE=64 WorkingDirectory=/tmp
    strace -f -o "$BATS_TEST_TMPDIR/trace" \
        unshare --pid --fork --root="$ROOT" /init -- /app/probe echo x
    # From init's clone on, what its child does until it is the program.
    sed -n '/CLONE_FILES|CLONE_VFORK/,$p' "$BATS_TEST_TMPDIR/trace" |
        sed 's/^[0-9]* *//' >"$BATS_TEST_TMPDIR/after"
    head -1 "$BATS_TEST_TMPDIR/after" | grep -q \
        'flags=CLONE_FILES|CLONE_VFORK|SIGCHLD' # and no CLONE_VM
    sed -n '2,/execve/p' "$BATS_TEST_TMPDIR/after" | grep -v CAPBSET_DROP |
        sed 's/(.*//' >"$BATS_TEST_TMPDIR/steps"
    printf '%s\n' ioctl setsid umask prlimit64 prctl setgroups setresgid \
        setresuid capset chdir prctl rt_sigprocmask getrandom seccomp execve \
        >"$BATS_TEST_TMPDIR/documented"
    diff "$BATS_TEST_TMPDIR/documented" "$BATS_TEST_TMPDIR/steps"
    # Every capability, the secure bits locked, and the whole cookie drawn.
    [ "$(grep -c 'CAPBSET_DROP.*= 0' "$BATS_TEST_TMPDIR/after")" -eq \
        $(($(cat /proc/sys/kernel/cap_last_cap) + 1)) ]
    for bit in NOROOT NOROOT_LOCKED NO_SETUID_FIXUP NO_SETUID_FIXUP_LOCKED \
        KEEP_CAPS_LOCKED NO_CAP_AMBIENT_RAISE NO_CAP_AMBIENT_RAISE_LOCKED; do
        grep -qE "PR_SET_SECUREBITS.*SECBIT_$bit([|,)])" \
            "$BATS_TEST_TMPDIR/after"
    done
    grep -qE 'getrandom\(.*, 16, 0\) += 16' "$BATS_TEST_TMPDIR/after"
}

@test "both halves of the cookie are random, in both registers" {
    compile @default
    for i in 1 2; do
        strace -v -f -e trace=getrandom,seccomp -o "$BATS_TEST_TMPDIR/t$i" \
            unshare --pid --fork --root="$ROOT" /init -- /app/probe echo x
        # The four words as the installed filter compares them.
        grep -o 'BPF_JMP|BPF_K|BPF_JEQ, [^)]*' "$BATS_TEST_TMPDIR/t$i" |
            sort >"$BATS_TEST_TMPDIR/w$i" || :
    done
    if [ -s "$BATS_TEST_TMPDIR/w1" ]; then
        [ "$(comm -23 "$BATS_TEST_TMPDIR/w1" "$BATS_TEST_TMPDIR/w2" | wc -l)" -eq 4 ]
    else
        skip "this strace does not print filters"
    fi
}

@test "PID 1 itself: CAP_KILL alone, no_new_privs, no descriptor of another, cwd /" {
    compile @default
    service User=65532 SystemCallFilter=@default AnyProgram=yes
    exec 7</dev/null
    start_in_root --wd=/tmp /init -- /app/victim deaf
    exec 7<&-
    wait_for "$BATS_TEST_TMPDIR/out" ready
    local init
    init=$(init_of "$STARTED")
    run -0 grep -E '^(CapPrm|CapEff|NoNewPrivs|Uid)' "/proc/$init/status"
    local fds cwd
    fds=$(find "/proc/$init/fd" -type l -printf '%l\n')
    cwd=$(readlink "/proc/$init/cwd")
    kill -KILL "$STARTED"
    [[ $output == *$'CapPrm:\t0000000000000020'* ]]
    [[ $output == *$'CapEff:\t0000000000000020'* ]]
    [[ $output == *$'NoNewPrivs:\t1'* ]]
    # Its own three, and of those the filter and the signals are.
    [ "$(grep -c . <<<"$fds")" = 5 ]
    [[ $fds == *anon_inode:seccomp* && $fds == *anon_inode:*signalfd* ]]
    [ "$cwd" = "$ROOT" ]
}

@test "an early SIGTERM is not lost either when locked in: 300 starts" {
    compile @default
    service User=65532 SystemCallFilter=@default AnyProgram=yes
    run -0 chroot "$ROOT" /app/early 300 /init -- /app/victim listen
    [[ $output == "lost 0 of 300" ]]
}

@test "the first bytes of the program count, not its size alone" {
    compile @default
    # Same length, another entry point.
    printf '\xff' | dd of="$ROOT/app/probe" bs=1 seek=24 conv=notrunc status=none
    refused '*not the program that its filter was made for*'
}

@test "a relative path cannot smuggle another program under the filter" {
    compile @default
    mkdir -p "$ROOT/data/app"
    cp "$ROOT/app/victim" "$ROOT/data/app/probe"
    run -125 in_root --wd=/ /init -o WorkingDirectory=/data -- app/probe exit 0
    [[ $output == *"name it by its absolute path" ]]
}
