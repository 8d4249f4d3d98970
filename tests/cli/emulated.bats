#!/usr/bin/env bats
# pith-init for other machines under qemu-user, which lends it this machine's
# kernel for all but seccomp and cheap forks; tests/boards has real ones.

bats_require_minimum_version 1.5.0
load ../support/init

setup() {
    needs_root
    VICTIM=$SUPPORT/victim
    # Beside it nothing of this machine's /etc is to be seen.
    CONF=$BATS_TEST_TMPDIR/etc
    mkdir -p "$CONF/pith"
    cd "$BATS_TEST_TMPDIR" || return
}

# each COMMAND...: for every machine, with its name in MACHINE.
each() {
    local init
    for MACHINE in aarch64 armhf riscv64; do
        init=$TOP/build/pith-init-$MACHINE
        EMULATED=("qemu-${MACHINE%hf}" "$init")
        [ -f "$init" ] || skip "no build/pith-init-$MACHINE: make cross"
        command -v "${EMULATED[0]}" >/dev/null || skip "no ${EMULATED[0]}; see scripts/setup"
        echo "$MACHINE"
        "$@"
    done
}

# alone COMMAND...: as PID 1, with $CONF as /etc. This very shell becomes it.
become_alone() {
    # shellcheck disable=SC2016
    exec unshare --pid --mount --fork --kill-child --mount-proc sh -c \
        'mount --bind "$1" /etc; shift; exec "$@"' sh "$CONF" "$@"
}

alone() { (become_alone "$@"); }
emulated() { alone "${EMULATED[@]}" "$@"; }

# start VERB [OPTION...]: of victim, in the background; INIT is its PID 1.
start() {
    rm -f out
    (become_alone "${EMULATED[@]}" "${@:2}" -- "$VICTIM" "$1") >out 2>err 3>&- &
    STARTED=$!
    wait_for out ready
    INIT=$(init_of "$STARTED")
}

conf() {
    printf '%s\n' '[Service]' "$@" >"$CONF/pith/service.conf"
}

codes() {
    local code sig
    for code in 0 1 42 125 255; do
        run -"$code" emulated -- "$VICTIM" exit "$code"
        [ -z "$output" ]
    done
    for sig in 1 6 9 11 15 31; do
        run -$((128 + sig)) emulated -- "$VICTIM" raise "$sig"
    done
}

@test "emulated: exit codes and deaths by signal come through" { each codes; }

# What outlives its parent, and then dies: the pids of those that nobody awaits.
reaping() {
    run -0 emulated -- /bin/sh -c 'for i in 1 2 3 4 5 6 7 8 9 10; do
        (sleep 0.1 &)
    done
    sleep 0.6
    grep -l "^State:.Z" /proc/[0-9]*/status || echo none'
    [ "$output" = none ]
}

@test "emulated: orphans are reaped" { each reaping; }

forwarding() {
    local sig
    start listen
    for sig in 1 2 3 10 14 15 28; do
        kill -"$sig" "$INIT"
        wait_for out "^signal $sig "
    done
    kill -USR2 "$INIT"
    wait "$STARTED"
}

@test "emulated: signals are forwarded" { each forwarding; }

settings() {
    run -0 emulated -o LimitNOFILE=77 -o UMask=027 -- "$VICTIM" status
    [[ $output == *"umask 0027"*"nofile 77 77"* ]]
    run -125 emulated --bogus
    [ "$output" = "pith-init: --bogus: unknown option" ]
    run -125 emulated -o LimitNOFILE=x -- "$VICTIM" exit 0
    [[ $output == "pith-init: -o: LimitNOFILE: 'x' "* ]]
    run -125 emulated
    [[ $output == "pith-init: no program: "* ]]
    run -7 alone "${EMULATED[0]}" -0 tini "${EMULATED[1]}" -s -- "$VICTIM" exit 7
}

@test "emulated: options, and the other names" { each settings; }

stopping() {
    local code=0
    start deaf -o TimeoutStopSec=500ms
    kill -TERM "$INIT"
    wait "$STARTED" || code=$?
    [ "$code" = 137 ]
    grep -q '^pith-init: not stopped within TimeoutStopSec: signal 9 to everybody$' err
}

@test "emulated: a deaf one is killed when its time is over" { each stopping; }

probes() {
    local at
    run -1 emulated --probe tcp://127.0.0.1:1
    [ "$output" = "pith-init: probe tcp://127.0.0.1:1: connect: Connection refused" ]
    run -0 emulated --probe "http://127.0.0.1:$PORT/"
    run -1 emulated --probe "http://127.0.0.1:$PORT/none"
    [[ $output == "pith-init: probe http://127.0.0.1:$PORT/none: status 404" ]]
}

@test "emulated: probes of a server" {
    python3 -c '
import http.server, os
server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
open("port.new", "w").write(str(server.server_port))
os.rename("port.new", "port")
server.serve_forever()' >/dev/null 2>&1 3>&- &
    SERVER=$!
    for _ in $(seq 200); do [ -f port ] || sleep 0.05; done
    PORT=$(cat port)
    each probes
}

# Neither without the filter nor without the rest of what was asked for.
locked() {
    local gate=()
    [ "$MACHINE" != riscv64 ] || gate=(--allow-exec)
    conf User=65532:65532
    run -125 emulated -- "$VICTIM" exit 0
    [ "$output" = "pith-init: clone (qemu-user locks nothing in): Invalid argument" ]
    conf SystemCallFilter=@default AllowExec=yes
    run -125 emulated -- "$VICTIM" exit 0
    [ "$output" = "pith-init: /etc/pith/service.bpf: missing, and SystemCallFilter= is set" ]
    echo @default | "$PITH" profile compile - -o "$CONF/pith/service.bpf" \
        --arch "$MACHINE" "${gate[@]}" --program "$VICTIM"
    run -125 emulated -- "$VICTIM" exit 0
    [ "$output" = "pith-init: clone (qemu-user locks nothing in): Invalid argument" ]
    echo @default | "$PITH" profile compile - -o "$CONF/pith/service.bpf" \
        --arch x86_64 --program "$VICTIM"
    run -125 emulated -- "$VICTIM" exit 0
    [[ $output == "pith-init: /etc/pith/service.bpf: made for architecture 0xc000003e, this is $MACHINE ("* ]]
    rm "$CONF/pith/"*
}

@test "emulated: what cannot be locked in is not started" { each locked; }

teardown() {
    [ -z "${SERVER:-}" ] || kill "$SERVER" 2>/dev/null || true
    [ -z "${STARTED:-}" ] || kill -KILL "$STARTED" 2>/dev/null || true
}
