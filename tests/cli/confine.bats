#!/usr/bin/env bats
# The sandbox of pith-init beside the filter: Landlock, what it lacks on this
# kernel, and BestEffort=. privileges.bats has the rest.

bats_require_minimum_version 1.5.0
load ../support/init
load ../support/confine

@test "without keys everything below is possible (the control)" {
    KEYS=()
    everything() {
        run -0 reach read=/etc/file list=/opt write=/opt/file truncate=/opt/file \
            create=/opt/a rename=/opt/a:/data/a remove=/data/a mkdir=/opt/d \
            remove=/opt/d ioctl=/dev/zero exec=/app/other signal=1 \
            bind=18301 mptcp=18302
        [[ $output != *EACCES* && $output != *EXDEV* ]]
    }
    as_each everything
}

@test "LandlockRead: files and directories, and nothing else" {
    needs_abi 2
    KEYS=(LandlockRead="/etc /data/file")
    reading() {
        run -0 reach read=/etc/file list=/etc read=/data/file list=/data \
            read=/opt/file list=/opt list=/ read=/proc/self/status \
            create=/opt/a rename=/opt/a:/data/a remove=/data/a write=/opt/file \
            link=/opt/file:/data/l remove=/data/l truncate=/opt/file bind=18303
        expect "read /etc/file: ok" "list /etc: ok" "read /data/file: ok" \
            "list /data: EACCES" "read /opt/file: EACCES" "list /opt: EACCES" \
            "list /: EACCES" "read /proc/self/status: EACCES" \
            "create /opt/a: ok" "rename /opt/a:/data/a: ok" "remove /data/a: ok" \
            "write /opt/file: ok" "link /opt/file:/data/l: ok" \
            "truncate /opt/file: ok" "bind 18303: ok"
    }
    as_each reading
}

@test "LandlockWrite: all that changes something" {
    needs_abi 5
    KEYS=(LandlockWrite="/data")
    writing() {
        rm -rf "$ROOT/data/"{a,b,d}
        run -0 reach write=/data/file create=/data/a rename=/data/a:/data/sub/a \
            link=/data/sub/a:/data/b remove=/data/b remove=/data/sub/a mkdir=/data/d \
            truncate=/data/file read=/opt/file list=/ \
            write=/opt/file truncate=/opt/file create=/opt/a mkdir=/opt/d \
            remove=/opt/file rename=/data/file:/opt/a rename=/opt/file:/data/a \
            link=/data/file:/opt/a ioctl=/dev/zero exec=/app/other
        expect "write /data/file: ok" "create /data/a: ok" \
            "rename /data/a:/data/sub/a: ok" "link /data/sub/a:/data/b: ok" \
            "remove /data/b: ok" "remove /data/sub/a: ok" "mkdir /data/d: ok" \
            "truncate /data/file: ok" "read /opt/file: ok" "list /: ok" \
            "write /opt/file: EACCES" "truncate /opt/file: EACCES" \
            "create /opt/a: EACCES" "mkdir /opt/d: EACCES" \
            "remove /opt/file: EACCES" "ioctl /dev/zero: EACCES" "exec /app/other: ok"
        [[ $output == *"rename /data/file:/opt/a: E"* ]]
        [[ $output == *"rename /opt/file:/data/a: E"* ]]
        [[ $output == *"link /data/file:/opt/a: E"* ]]
    }
    as_each writing
    KEYS=(LandlockWrite="/data /dev/zero")
    terminal() { run -0 reach ioctl=/dev/zero && expect "ioctl /dev/zero: ENOTTY"; }
    as_each terminal
}

@test "LandlockExec: the program itself, and what is listed" {
    needs_abi 1
    mkdir "$ROOT/bin"
    cp "$ROOT/app/other" "$ROOT/bin/other"
    KEYS=(LandlockExec=/bin)
    executing() {
        run -0 reach exec=/bin/other exec=/app/other exec=/app/reach read=/opt/file
        expect "exec /bin/other: ok" "exec /app/other: EACCES" \
            "exec /app/reach: ok" "read /opt/file: ok"
    }
    as_each executing
}

@test "LandlockBind and LandlockConnect: ports of TCP" {
    needs_abi 4
    KEYS=(LandlockBind="18304 18305" LandlockConnect=none)
    ports() {
        run -0 reach bind=18304 bind=18305 bind=18306 connect=18304
        expect "bind 18304: ok" "bind 18305: ok" "bind 18306: EACCES" \
            "connect 18304: EACCES"
    }
    as_each ports
    KEYS=(LandlockConnect=18304)
    # Nobody listens: it gets as far as that.
    connecting() {
        run -0 reach bind=18306 connect=18304 connect=18305
        expect "bind 18306: ok" "connect 18304: ECONNREFUSED" "connect 18305: EACCES"
    }
    as_each connecting
}

@test "LandlockScope: signals and abstract sockets of others" {
    needs_abi 6
    local name=pith-test-$$
    "$SUPPORT/reach" give="$name" wait=20000 >"$BATS_TEST_TMPDIR/give" 3>&- &
    local server=$!
    wait_for "$BATS_TEST_TMPDIR/give" "ok"
    KEYS=()
    outside() { run -0 reach abstract="$name" signal=1; expect "$@"; }
    service User=0
    outside "abstract $name: ok" "signal 1: ok"
    service User=0 LandlockScope=abstract-unix-socket
    outside "abstract $name: EPERM" "signal 1: ok"
    service User=0 LandlockScope=signal
    outside "abstract $name: ok" "signal 1: EPERM"
    service User=0 LandlockScope="signal abstract-unix-socket"
    outside "abstract $name: EPERM" "signal 1: EPERM"
    # Its own are within.
    run -0 reach give="$name-2" abstract="$name-2" signal=0
    expect "abstract $name-2: ok" "signal 0: ok"
    kill "$server"
}

@test "rules are made before anything starts: a missing path is an error" {
    needs_abi 1
    service LandlockRead="/etc /nowhere"
    run -125 reach read=/etc/file
    [ "$output" = "pith-init: LandlockRead: /nowhere: No such file or directory" ]
    service LandlockRead="/etc -/nowhere"
    run -0 reach read=/etc/file read=/opt/file
    expect "read /etc/file: ok" "read /opt/file: EACCES"
    # Opened as root: the user itself could not get there.
    mkdir -m 700 "$ROOT/closed"
    mkdir -m 755 "$ROOT/closed/in"
    service User=65532 LandlockRead=/closed/in
    run -0 reach list=/closed/in
    expect "list /closed/in: EACCES"
    [[ $(in_root /init --explain -- /app/reach) == *Landlock*start* ]]
}

@test "none, as root: not even what root may always do" {
    needs_abi 4
    service User=0 LandlockRead=none LandlockWrite=none LandlockExec=none \
        LandlockBind=none LandlockConnect=none BestEffort=LandlockWrite
    run -0 reach read=/etc/file list=/ create=/data/x exec=/app/other bind=18307 \
        connect=18307
    [ "$(grep -c EACCES <<<"$output")" = 6 ]
}

# What the loader of a dynamic program reads.
put_dynamic() {
    local file
    for file; do
        mkdir -p "$ROOT$(dirname "$file")"
        cp -L "$file" "$ROOT$file"
    done
}

@test "a dynamic program and a script start, whatever is closed" {
    needs_abi 2
    local libraries
    libraries=$(ldd /bin/cat | grep -o '/[^ ]*')
    # shellcheck disable=SC2086  # paths without blanks
    put_dynamic /bin/cat $libraries /etc/ld.so.cache
    printf '#!/bin/cat -\nsaid\n' >"$ROOT/app/script"
    chmod 755 "$ROOT/app/script"
    service User=65532 LandlockRead=/etc/file LandlockExec=none LandlockWrite=none \
        BestEffort=LandlockWrite
    run -0 in_root /init -- /bin/cat /etc/file
    [ "$output" = text ]
    run -1 in_root /init -- /bin/cat /opt/file
    [ "$output" = "/bin/cat: /opt/file: Permission denied" ]
    run -0 in_root /init -- /app/script </dev/null
    [[ $output == *said* ]]
    # Where libraries lie elsewhere they have to be named.
    mkdir "$ROOT/opt/lib"
    mv "$ROOT/lib/x86_64-linux-gnu/libc.so.6" "$ROOT/opt/lib/"
    run -127 env LD_LIBRARY_PATH=/opt/lib unshare --pid --fork --root="$ROOT" /init -- /bin/cat /etc/file
    [[ $output == *"libc.so.6"* ]]
    service User=65532 LandlockRead="/etc/file /opt/lib"
    run -0 env LD_LIBRARY_PATH=/opt/lib unshare --pid --fork --root="$ROOT" \
        /init -- /bin/cat /etc/file
    [ "$output" = text ]
}

@test "ExecStartPre and ExecStopPost are under the rules, and start as well" {
    needs_abi 4
    service User=65532 LandlockRead=none LandlockExec=none Restart=on-failure \
        ExecStartPre="-/app/victim args pre" \
        ExecStopPost="/app/reach exec=/app/other read=/etc/file bind=18308" \
        ExecStopPost="/app/victim args post" LandlockBind=none
    run -0 reach exec=/app/other exec=/app/victim
    expect pre post "exec /app/other: EACCES" "read /etc/file: EACCES" "bind 18308: EACCES"
    # Started again they are closed again.
    service User=65532 LandlockRead=/data LandlockExec=none Restart=always \
        StartLimitBurst=2 RestartSec=1ms
    run -0 reach read=/data/file read=/etc/file
    [ "$(grep -c 'read /etc/file: EACCES' <<<"$output")" = 2 ]
}

@test "Landlock and the filter: both hold, and the gate does" {
    needs_abi 1
    "$PITH" profile compile --program /app/reach="$ROOT/app/reach" \
        -o "$ROOT/etc/pith/service.bpf" - <<<@default
    service User=65532 SystemCallFilter=@default LandlockRead=/data LandlockExec=none
    run -0 reach read=/data/file read=/etc/file exec=/app/reach
    expect "read /data/file: ok" "read /etc/file: EACCES"
    [[ $output != *"exec /app/reach: ok"* ]]
}

@test "lower ABIs: an error that names what is missing, or a line of the log" {
    needs_abi 7
    local abi key said
    while IFS='|' read -r abi key said; do
        service User=65532 "$key"
        local code=125
        [ -n "$said" ] || code=0
        run "-$code" "$SUPPORT/landlock_abi" "$abi" "$(command -v unshare)" --pid --fork \
            --root="$ROOT" --mount-proc=/proc /init -- /app/reach read=/opt/file
        [ -z "$said" ] || [ "$output" = "pith-init: ${key%%=*}: $said" ]
        service User=65532 "$key" BestEffort="${key%%=*}"
        run -0 "$SUPPORT/landlock_abi" "$abi" "$(command -v unshare)" --pid --fork \
            --root="$ROOT" --mount-proc=/proc /init -- /app/reach read=/opt/file
        [ -z "$said" ] ||
            expect "pith-init: ${key%%=*}: $said; BestEffort= goes on without"
    done <<'EOF'
0|LandlockRead=/data|no Landlock: Not supported
0|LandlockScope=signal|no Landlock: Not supported
1|LandlockRead=/data|
1|LandlockExec=none|
1|LandlockWrite=/data|Landlock ABI 1 is without moves between directories (ABI 2), truncation (ABI 3), ioctl of devices (ABI 5)
2|LandlockWrite=/data|Landlock ABI 2 is without truncation (ABI 3), ioctl of devices (ABI 5)
3|LandlockWrite=/data|Landlock ABI 3 is without ioctl of devices (ABI 5)
3|LandlockBind=80|Landlock ABI 3 is without TCP ports (ABI 4)
3|LandlockConnect=none|Landlock ABI 3 is without TCP ports (ABI 4)
4|LandlockBind=80|
4|LandlockConnect=none|
4|LandlockWrite=/data|Landlock ABI 4 is without ioctl of devices (ABI 5)
5|LandlockWrite=/data|
5|LandlockScope=signal|Landlock ABI 5 is without scopes (ABI 6)
6|LandlockScope=signal abstract-unix-socket|
7|LandlockScope=signal|
EOF
}

@test "with BestEffort= what a lower ABI has still holds" {
    needs_abi 7
    local abi
    service User=65532 LandlockRead=/data LandlockWrite=/data LandlockBind=18309 \
        BestEffort="LandlockWrite LandlockBind"
    for abi in 1 2 3 4 5 6 7; do
        cp "$ROOT/etc/file" "$ROOT/opt/file"
        chmod 666 "$ROOT/opt/file"
        run -0 "$SUPPORT/landlock_abi" "$abi" "$(command -v unshare)" --pid --fork \
            --root="$ROOT" /init -- /app/reach read=/data/file read=/opt/file \
            write=/opt/file create=/opt/a mkdir=/data/d rename=/data/d:/data/sub/d \
            remove=/data/d remove=/data/sub/d truncate=/opt/file bind=18310
        expect "read /data/file: ok" "read /opt/file: EACCES" "write /opt/file: EACCES" \
            "create /opt/a: EACCES" "mkdir /data/d: ok"
        local moves=ok truncates=EACCES binds=EACCES
        [ "$abi" -ge 2 ] || moves=EXDEV
        [ "$abi" -ge 3 ] || truncates=ok
        [ "$abi" -ge 4 ] || binds=ok
        expect "rename /data/d:/data/sub/d: $moves" "truncate /opt/file: $truncates" \
            "bind 18310: $binds"
    done
}

@test "--check: the ABI, what it takes, and each privilege" {
    needs_abi 7
    service User=65532 LandlockRead=/data LandlockWrite=/data Nice=-1 \
        AmbientCapabilities=CAP_NET_BIND_SERVICE
    run -0 in_root /init --check -- /app/reach
    expect "Landlock ABI: have 7, need 5" "AmbientCapabilities: have yes, need yes" \
        "SecureBits: have yes, need no" "CapabilityBoundingSet: have yes, need no" \
        "Nice: have yes, need yes"
    run -1 "$SUPPORT/landlock_abi" 2 "$(command -v unshare)" --pid --fork --root="$ROOT" \
        /init --check -- /app/reach
    expect "Landlock ABI: have 2, need 5"
    run -1 in_root --setuid 65532 --setgid 65532 /init --check -- /app/reach
    expect "AmbientCapabilities: have no, need yes" "Nice: have no, need yes"
    service User=65532 LandlockWrite=/data LandlockRead=none BestEffort=LandlockWrite
    run -0 "$SUPPORT/landlock_abi" 2 "$(command -v unshare)" --pid --fork --root="$ROOT" \
        /init --check -- /app/reach
    expect "Landlock ABI: have 2, need 1"
}

@test "--explain: the new steps in their order" {
    needs_abi 1
    service User=65532 LandlockRead=/data AmbientCapabilities=CAP_KILL \
        SecureBits=noroot Nice=1 OOMScoreAdjust=1
    run -0 in_root /init --explain -- /app/reach
    [[ $output == *Nice$'\n'OOMScoreAdjust$'\n'*AmbientCapabilities$'\n'CapabilityBoundingSet$'\n'*"set the user id"$'\n'SecureBits$'\n'"drop capabilities"$'\n'"set no_new_privs"$'\n'*Landlock$'\n'start* ]]
    service User=65532
    run -0 in_root /init --explain -- /app/reach
    [[ $output != *Landlock* && $output != *Ambient* && $output != *Nice* ]]
}

@test "-o: a first list is tighter, and without /etc/pith it takes no_new_privs alone" {
    needs_abi 4
    service User=65532 LandlockRead=/data
    run -125 in_root /init -o LandlockRead=/etc -- /app/reach
    [ "$output" = "pith-init: -o: LandlockRead: '/etc' would loosen what the image sets" ]
    run -0 in_root /init -o LandlockRead=none -o LandlockBind=18311 -- /app/reach \
        read=/data/file bind=18311 bind=18312
    expect "read /data/file: EACCES" "bind 18311: ok" "bind 18312: EACCES"
    rm -r "$ROOT/etc/pith"
    PITH_LANDLOCKREAD='/proc /data' run -0 in_root /init -- /app/reach read=/etc/file \
        status=NoNewPrivs status=CapEff
    expect "read /etc/file: EACCES" $'NoNewPrivs:\t1'
    [[ $output != *$'CapEff:\t0000000000000000'* ]]
    run -0 in_root /init -o NoNewPrivileges=yes -- /app/reach status=NoNewPrivs
    expect $'NoNewPrivs:\t1'
    # These lock in, as an empty service.conf does.
    run -0 in_root /init -o CapabilityBoundingSet= -- /app/reach status=Cap
    [ "$(grep -c 0000000000000000 <<<"$output")" = 5 ]
}

@test "Type=notify does not go with closed abstract sockets" {
    service Type=notify LandlockScope=abstract-unix-socket
    run -125 reach
    [ "$output" = "pith-init: LandlockScope: abstract-unix-socket closes the socket of Type=notify" ]
}

# image LINE...: of the root above, as pith build makes it from these lines.
image() {
    printf '%s\n' '[Image]' 'Copy=reach /app/reach' '[Service]' 'ExecStart=/app/reach' \
        "$@" >"$BATS_TEST_TMPDIR/reach.pith"
    cp "$SUPPORT/reach" "$BATS_TEST_TMPDIR"
    "$PITH" build "$BATS_TEST_TMPDIR/reach.pith" -o "$BATS_TEST_TMPDIR/reach.tar" >/dev/null ||
        return
    "$PITH" export --initramfs "$BATS_TEST_TMPDIR/reach.tar" -o "$BATS_TEST_TMPDIR/reach.cpio" \
        >/dev/null
    ROOT=$BATS_TEST_TMPDIR/image
    rm -rf "$ROOT"
    mkdir -p "$ROOT/proc"
    (cd "$ROOT" && cpio -idm --quiet <"$BATS_TEST_TMPDIR/reach.cpio")
}

@test "pith build: the keys are in the image, and hold there" {
    needs_abi 6
    image 'LandlockRead=/etc' 'LandlockExec=none' 'LandlockBind=18320' 'Nice=3' \
        'LandlockScope=signal' 'BestEffort=LandlockScope' 'SecureBits=noroot noroot-locked'
    run -0 cat "$ROOT/etc/pith/service.conf"
    expect "LandlockRead=/etc" "LandlockExec=none" "LandlockBind=18320" "Nice=3" \
        "LandlockScope=signal" "BestEffort=LandlockScope" "SecureBits=noroot noroot-locked"
    run -0 reach read=/etc/passwd list=/app bind=18320 bind=18321 signal=1 nice=0
    expect "read /etc/passwd: ok" "list /app: EACCES" "bind 18320: ok" \
        "bind 18321: EACCES" "signal 1: EPERM" 3
    local line
    for line in NoNewPrivileges=no LandlockRead=etc BestEffort=User \
        'CapabilityBoundingSet=CAP_NOPE' Nice=20; do
        run -1 image "$line"
        echo "$output"
        [[ $output == "pith: $BATS_TEST_TMPDIR/reach.pith:"*"${line%%=*}"* ]]
        [ "${#lines[@]}" = 1 ]
    done
}

# Linux has no hook of Landlock's for it.
@test "MPTCP is no way around LandlockBind= and LandlockConnect=" {
    needs_abi 4
    image
    run -0 reach mptcp=18322
    expect "mptcp 18322: ok"
    image LandlockConnect=none
    run -0 reach mptcp=18322 bind=18322
    expect "mptcp 18322: EPROTONOSUPPORT" "bind 18322: ok"
    image LandlockBind=none
    run -0 reach mptcp=18322
    expect "mptcp 18322: EPROTONOSUPPORT"
}
