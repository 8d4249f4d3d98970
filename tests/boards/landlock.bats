#!/usr/bin/env bats
# Landlock on the kernels of Debian 12 (ABI 2) and 13 (ABI 6), which is less
# than the keys ask for: what is an error, what BestEffort= leaves, and that it
# holds, for root and for another user.

bats_require_minimum_version 1.5.0
MACHINE=x86_64
load ../support/boards

ALL="LandlockRead LandlockWrite LandlockExec LandlockBind LandlockConnect LandlockScope"

# recipe NAME LINE...: an image with reach and these lines of [Service].
recipe() {
    local name=$1 file=$BATS_FILE_TMPDIR/$1.pith
    shift
    printf '%s\n' '[Image]' 'Name=localhost/reach' "Copy=$PROGRAMS/reach /app/reach" \
        "Copy=$PROGRAMS/reach /app/other" 'Copy=/etc/hostname /data/file mode=0666' \
        'Copy=/etc/hostname /opt/file mode=0666' '[Service]' ExecStart=/app/reach "$@" >"$file"
    "$PITH" build "$file" -o "$BATS_FILE_TMPDIR/$name.tar" >/dev/null
    board_tree "$name" "$BATS_FILE_TMPDIR/$name.tar"
    chmod a+rwX "$BOARD/img/$name"/{data,opt}
}

# line LABEL NAME VERB...: reach in that image, as its PID 1's program.
line() {
    local label=$1 name=$2
    shift 2
    board_line "$label" /bin/enter "/img/$name" /init -- /app/reach "$@"
}

boot() {
    board_lacks "$1" && return
    board_boot
    mv "$BATS_FILE_TMPDIR/console" "$BATS_FILE_TMPDIR/console-$1"
}

setup_file() {
    local user acts key
    acts="read=/data/file read=/opt/file list=/ write=/data/file write=/opt/file create=/data/a
        create=/opt/a mkdir=/data/d rename=/data/a:/data/d/a remove=/data/d/a remove=/opt/file
        exec=/app/other truncate=/opt/file bind=82 bind=83 connect=82 signal=1"
    board_lacks && return
    board_make
    for user in 0 65532; do
        recipe "loose$user" "User=$user" 'LandlockRead=/data /proc' LandlockWrite=/data \
            LandlockExec=none LandlockBind=82 LandlockConnect=none LandlockScope=signal \
            AmbientCapabilities=CAP_NET_BIND_SERVICE "BestEffort=$ALL" AllowExec=yes
        # shellcheck disable=SC2086  # words
        line "loose$user" "loose$user" $acts status=CapEff
    done
    for key in LandlockRead=/data LandlockExec=none LandlockWrite=/data LandlockBind=82 \
        LandlockConnect=none LandlockScope=signal; do
        recipe "${key%%=*}" User=65532 "$key"
        line "${key%%=*}" "${key%%=*}" read=/data/file
    done
    recipe free User=0 AmbientCapabilities=CAP_NET_BIND_SERVICE AllowExec=yes
    # shellcheck disable=SC2086  # words
    line free free $acts
    board_line check /bin/enter /img/loose0 /init --check -- /app/reach
    boot bookworm
    boot trixie
}

# on SUITE: what said and exited are about from here on.
on() {
    board_lacks "$1" && skip "$LACKS"
    cp "$BATS_FILE_TMPDIR/console-$1" "$BATS_FILE_TMPDIR/console"
}

expect() {
    local label=$1 said line
    said=$(said "$label")
    shift
    for line; do
        [[ $'\n'$said$'\n' == *$'\n'"$line"$'\n'* ]] || {
            echo "no '$line' of $label in:"
            echo "$said"
            return 1
        }
    done
}

# refused KEY WHY: nothing was started.
refused() {
    [ "$(exited "$1")" = 125 ]
    [ "$(said "$1")" = "pith-init: $1: $2" ]
}

started() {
    [ "$(exited "$1")" = 0 ]
}

# What holds from ABI 2 on, for root and for another.
files_are_closed() {
    local user
    for user in 0 65532; do
        expect "loose$user" "read /data/file: ok" "read /opt/file: EACCES" "list /: EACCES" \
            "write /data/file: ok" "write /opt/file: EACCES" "create /data/a: ok" \
            "create /opt/a: EACCES" "mkdir /data/d: ok" "rename /data/a:/data/d/a: ok" \
            "remove /data/d/a: ok" "remove /opt/file: EACCES" "exec /app/other: EACCES" \
            $'CapEff:\t0000000000000400'
    done
}

@test "the control: without keys all of it is possible" {
    on bookworm
    expect free "exec /app/other: ok" "read /opt/file: ok"
    [[ $(said free) != *EACCES* ]]
    on trixie
    expect free "exec /app/other: ok" "read /opt/file: ok"
    [[ $(said free) != *EACCES* ]]
}

@test "Linux 6.1, ABI 2: what is missing is an error that names it" {
    on bookworm
    expect check "Landlock ABI: have 2, need 0"
    started LandlockRead
    started LandlockExec
    refused LandlockWrite "Landlock ABI 2 is without truncation (ABI 3), ioctl of devices (ABI 5)"
    refused LandlockBind "Landlock ABI 2 is without TCP ports (ABI 4)"
    refused LandlockConnect "Landlock ABI 2 is without TCP ports (ABI 4)"
    refused LandlockScope "Landlock ABI 2 is without scopes (ABI 6)"
}

@test "Linux 6.1, ABI 2: with BestEffort= the rest holds, and a line for each" {
    on bookworm
    files_are_closed
    local user key
    for user in 0 65532; do
        expect "loose$user" "truncate /opt/file: ok" "bind 82: ok" "bind 83: ok" \
            "pith-init: LandlockWrite: Landlock ABI 2 is without truncation (ABI 3), ioctl of devices (ABI 5); BestEffort= goes on without"
        for key in LandlockBind LandlockConnect; do
            expect "loose$user" \
                "pith-init: $key: Landlock ABI 2 is without TCP ports (ABI 4); BestEffort= goes on without"
        done
        [[ $(said "loose$user") != *"LandlockRead: "* ]]
    done
    # Another user's is refused without Landlock.
    expect loose0 "signal 1: ok"
}

@test "Linux 6.12, ABI 6: all of it is there" {
    on trixie
    expect check "Landlock ABI: have 6, need 0"
    files_are_closed
    local user key
    for user in 0 65532; do
        expect "loose$user" "truncate /opt/file: EACCES" "bind 82: ok" "bind 83: EACCES" \
            "connect 82: EACCES" "signal 1: EPERM"
        [[ $(said "loose$user") != *BestEffort* ]]
    done
    for key in $ALL; do
        started "$key"
    done
}
