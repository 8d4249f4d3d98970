#!/usr/bin/env bats
# pith profile learn: from logs of denials to reviewed changes.

bats_require_minimum_version 1.5.0

setup() {
    TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    PITH=${PITH:-$TOP/build/pith}
    cd "$BATS_TEST_TMPDIR" || exit
    printf '# ours\naccept4\nread\n# to answer\nwrite\n' >server.policy
}

denied() { # denied CALL...: pith-init's lines
    for call; do
        echo "pith-init: denied $call(1, 2) by server[7] -> EPERM; allow: SystemCallFilter=$call; why: pith profile explain $call PROGRAM"
    done
}

@test "learn: a diff that patch takes, and nothing is written" {
    denied memfd_create socket writev memfd_create >log
    cp server.policy before
    "$PITH" profile learn server.policy <log >change
    cmp server.policy before
    grep -qx '# memfd_create: denied 2x, first by server, EPERM' change
    [ "$(grep -c '^+[a-z]' change)" = 3 ]
    run ! grep '^-[^-]' change
    # -o writes what the diff says.
    "$PITH" profile learn server.policy -o after.policy <log >/dev/null
    patch -s server.policy <change
    cmp server.policy after.policy
    printf '# ours\naccept4\nmemfd_create\nread\nsocket\n# to answer\nwrite\nwritev\n' |
        diff - after.policy
    run -0 "$PITH" profile learn after.policy <log
    [[ $output == *"allowed already"* ]]
    [[ ${lines[-1]} == "# nothing to add" ]]
}

@test "learn: any text: unsorted, long, without a last newline, empty" {
    denied bind recvfrom >log
    printf 'write\nread' >unsorted
    { echo '@base'; seq -f '# %g' 40; echo c; } | sed 's/^c$/write/' >long
    printf 'write' >bare
    : >empty
    seq -f '; %g' 20 >comments
    for text in unsorted long bare empty comments; do
        "$PITH" profile learn "$text" -o "$text.after" <log >"$text.change"
        patch -s "$text" <"$text.change"
        cmp "$text" "$text.after"
        grep -qx bind "$text"
        grep -qx recvfrom "$text"
        "$PITH" profile compile "$text" -o x.bpf
    done
}

@test "learn: logs as docker, kubectl, journald and the kernel give them" {
    {
        denied bind | sed 's/^/2026-11-21T06:37:00.123456789Z /'
        denied listen | sed 's/^/[pod\/server-1\/app] /'
        denied socket | sed 's/^/Nov 21 06:37:00 node7 3f2a91c0[412]: /'
        denied connect | sed 's/"/\\"/g; s/.*/{"log":"&\\n","stream":"stderr","time":"x"}/'
        echo '{"level":"warning","program":"pith-init","message":"denied sendto(3) by server[7] -> EPERM"}'
        echo '[   12.3] audit: type=1326 audit(1.2:3): pid=9 comm="server" exe="/app/server" sig=31 arch=c000003e syscall=45 compat=0 ip=0x1 code=0x80000000'
        # The same number is another call where the machine is another.
        echo 'type=SECCOMP msg=audit(1.2:3): pid=9 comm="server" arch=c00000b7 syscall=45 code=0x50001'
        echo 'pith-init: 12 more denials suppressed'
        echo 'listening; pith-init: denied ptrace(1) by server[7] -> EPERM'
        echo 'GET / 200'
    } >log
    "$PITH" profile learn server.policy <log >change
    sed -n 's/^+\([a-z]\)/\1/p' change | sort |
        diff - <(printf '%s\n' bind connect listen recvfrom sendto socket truncate)
    grep -q '^# recvfrom: .*killed' change
    grep -qx '# 12 more were suppressed: not known' change
}

@test "learn: what a policy cannot give is said, not added" {
    denied clone3 execve >log
    "$PITH" profile learn server.policy <log >change
    grep -q '^# clone3: .*refused by every filter' change
    grep -q '^# execve: .*needs AllowExec=yes' change
    [ "$(grep -c '^+[a-z]' change)" = 1 ]
}

@test "learn: conditions, includes and refusals of the policy" {
    printf 'socket: domain == AF_INET\n' >base.policy
    printf '%s\n' 'include base.policy' 'read' 'write' >top.policy
    denied socket bind >log
    run -0 "$PITH" profile learn top.policy <log
    [[ $output == *"# socket: "*"allowed already"* ]]
    [[ $output == *$'\n+bind\n'* ]]
    [[ $output != *+socket* ]]
    # What somebody has refused on purpose is not undone in passing.
    printf 'read\nwritev:EIO\n' >strict.policy
    denied writev >log
    run -1 "$PITH" profile learn strict.policy -o out.policy <log
    [[ $output == "pith: strict.policy: with writev added: line 3: writev: "* ]]
    [ ! -e out.policy ]
}

@test "learn: --program: the kernel's log is the whole machine's" {
    for who in server other; do
        [ "$who" = server ] && nr=45 || nr=101
        echo "type=SECCOMP msg=audit(1.2:3): pid=9 comm=\"$who\" arch=c000003e syscall=$nr code=0x80000000"
    done >log
    "$PITH" profile learn server.policy --program server <log >change
    grep -qx '+recvfrom' change
    run ! grep ptrace change
}

@test "learn: hostile logs: a name that no call has ends it, and nothing is written" {
    { denied bind; denied nosuchcall; } >log
    run -1 "$PITH" profile learn server.policy -o out.policy <log
    [ "$output" = "pith: standard input: line 2: 'nosuchcall': unknown system call" ]
    denied sokcet >log
    run -1 "$PITH" profile learn server.policy <log
    [[ $output == *"line 1: 'sokcet': unknown system call; did you mean socket?" ]]
    echo 'type=SECCOMP msg=audit(1.2:3): comm="a" arch=c000003e syscall=4000 code=0' >log
    run -1 "$PITH" profile learn server.policy <log
    [ "$output" = "pith: standard input: line 1: call 4000 of architecture 0xc000003e: unknown" ]
    # Neither groups nor conditions nor a second line, whatever it tries.
    printf 'pith-init: denied @default(1) by a[1] -> EPERM\npith-init: denied ~read(1) by a[1] -> EPERM\npith-init: denied bind: x(1) by a[1] -> EPERM\n' >log
    run -0 "$PITH" profile learn server.policy <log
    [ "$output" = "# nothing to add" ]
    printf 'pith-init: denied bind(1) by \033[2J\r+ptrace[1] -> EPERM\n' >log
    "$PITH" profile learn server.policy <log >change
    run ! grep -a ptrace$ change
    run ! grep -aq $'\033' change
    # A line without end, and bytes that are no text.
    { head -c 3000000 /dev/zero; head -c 100000 /dev/urandom; echo; denied bind; } >log
    run -0 "$PITH" profile learn server.policy <log
    [[ $output == *$'\n+bind\n'* ]]
    [ ! -e out.policy ]
}

@test "learn: bad usage is 2, bad files are 1" {
    for args in '' 'server.policy more.policy' '-' 'server.policy --nonsense' 'server.policy -o'; do
        # shellcheck disable=SC2086  # words on purpose
        run -2 "$PITH" profile learn $args </dev/null
        [[ ${lines[0]} == "pith: profile learn: "* ]]
    done
    run -1 "$PITH" profile learn missing.policy </dev/null
    denied bind >log
    run -1 "$PITH" profile learn server.policy -o missing/x <log
    echo nonsense >bad.policy
    run -1 "$PITH" profile learn bad.policy <log
    [[ $output == "pith: bad.policy: line 1: 'nonsense': unknown system call"* ]]
}
