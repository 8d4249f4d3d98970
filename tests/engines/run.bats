#!/usr/bin/env bats
# pith run: images under an OCI runtime, without any engine.

bats_require_minimum_version 1.5.0
load ../support/engines

setup() {
    needs runc curl
    STARTED=
}

teardown() {
    # shellcheck disable=SC2086  # may be several
    [ -z "$STARTED" ] || kill -KILL $STARTED 2>/dev/null || true
}

nothing_left() {
    [ -z "$(find /tmp -maxdepth 1 -name 'pith-run-*' -newer "$1")" ]
}

# has_ended PID: its exit code in CODE; after 20 seconds, what it hangs in.
has_ended() {
    for _ in $(seq 1000); do
        # A zombie, which is still there for kill -0, has ended.
        case $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) in
        Z* | "")
            CODE=0
            wait "$1" || CODE=$?
            return
            ;;
        esac
        sleep 0.02
    done
    echo "process $1 goes on:"
    pstree -ap "$1"
    return 1
}

# in_tmpdir: what pith run makes is below $BATS_TEST_TMPDIR, for nothing_here.
in_tmpdir() { export TMPDIR=$BATS_TEST_TMPDIR; }

nothing_here() {
    run find "$BATS_TEST_TMPDIR" -maxdepth 1 -name 'pith-run-*'
    [ -z "$output" ]
}

@test "run: the program's output and exit code" {
    run -0 "$PITH" run "$IMAGES/probe.tar" echo hello
    [ "$output" = hello ]
    run -7 "$PITH" run "$IMAGES/probe.tar" exit 7
}

@test "run: the acts of the probe, locked in" {
    run --separate-stderr -0 "$PITH" run "$IMAGES/probe.tar"
    same_as_expected "$output"
    run --separate-stderr -0 "$PITH" run --read-only --user 10001 \
        "$IMAGES/probe.tar"
    same_as_expected "$output"
}

@test "run: cleans up after SIGTERM and after Ctrl-C's SIGINT" {
    local stamp=$BATS_TEST_TMPDIR/stamp
    touch "$stamp"
    for signal in TERM INT; do
        "$PITH" run "$IMAGES/hello.tar" --port 18919 \
            >"$BATS_TEST_TMPDIR/log" 3>&- &
        STARTED=$!
        answers http://127.0.0.1:18919/healthz
        kill -"$signal" "$STARTED"
        has_ended "$STARTED"
        [ "$CODE" = 0 ]
    done
    nothing_left "$stamp"
}

@test "run: not as root, in a user namespace with subordinate ids" {
    command -v newuidmap >/dev/null || skip "no newuidmap; see scripts/setup"
    local user=pith-test-$$
    useradd --create-home "$user"
    # The checkout may be where that user cannot look.
    local dir
    dir=$(mktemp -d /tmp/pith-rootless-XXXXXX)
    cp "$PITH" "$IMAGES/probe.tar" "$dir"
    chmod -R a+rX "$dir"
    run --separate-stderr runuser -u "$user" -- "$dir/pith" run "$dir/probe.tar"
    local result=$status said=$output
    # shellcheck disable=SC2154  # bats sets it
    echo "$stderr"
    sed -i "/^$user:/d" /etc/subuid
    run --separate-stderr runuser -u "$user" -- "$dir/pith" run "$dir/probe.tar"
    local without=$status why=$stderr
    userdel --remove "$user" 2>/dev/null
    rm -rf "$dir"
    [ "$result" = 0 ]
    same_as_expected "$said"
    [ "$without" = 1 ]
    [[ $why == "pith: run: not root: /etc/subuid: gives $user fewer than "* ]]
}

@test "run: bad images and options are one line, and leave nothing" {
    touch "$BATS_TEST_TMPDIR/stamp"
    printf 'no tar' >"$BATS_TEST_TMPDIR/bad.tar"
    for args in "$BATS_TEST_TMPDIR/bad.tar" /nonexistent.tar \
        "--runtime /nonexistent $IMAGES/probe.tar" \
        "--user nobody $IMAGES/probe.tar"; do
        # shellcheck disable=SC2086  # words on purpose
        run -1 "$PITH" run $args
        [ "${#lines[@]}" = 1 ]
        [[ $output == "pith: run: "* ]]
    done
    nothing_left "$BATS_TEST_TMPDIR/stamp"
    run -2 "$PITH" run
    run -2 "$PITH" run --nonsense "$IMAGES/probe.tar"
}

@test "run: crun serves as well as runc" {
    command -v crun >/dev/null || skip "no crun; see scripts/setup"
    # crun refuses a machine with both versions of cgroups mounted.
    # shellcheck disable=SC2016  # the inner shell expands it
    run --separate-stderr -0 unshare -m sh -c '
        umount /sys/fs/cgroup/unified 2>/dev/null
        exec "$@"' sh "$PITH" run --runtime crun "$IMAGES/probe.tar"
    same_as_expected "$output"
}

@test "run: nobody else can look into the bundle" {
    "$PITH" run "$IMAGES/hello.tar" --port 18921 >/dev/null 3>&- &
    STARTED=$!
    answers http://127.0.0.1:18921/healthz
    run -0 find /tmp -maxdepth 1 -name 'pith-run-*' -newer "$BATS_TEST_FILENAME" \
        ! -perm 700
    [ -z "$output" ]
    kill "$STARTED"
    has_ended "$STARTED"
    STARTED=
}

@test "run: told to stop at any moment, and twice: nothing is left" {
    in_tmpdir
    for ms in 0 2 4 8 15 30 60; do
        "$PITH" run "$IMAGES/hello.tar" --port 18922 >/dev/null 2>&1 3>&- &
        STARTED=$!
        sleep "$(printf '0.%03d' "$ms")"
        kill -TERM "$STARTED" || :
        kill -HUP "$STARTED" 2>/dev/null || :
        has_ended "$STARTED"
        STARTED=
        # Told before it took signals, it never began.
        nothing_here
    done
}

# On a busy machine one in fourteen hits the start of the container: between
# execve and its program's first call PID 1 drops signals. RUN_ROUNDS: more.
@test "run: told to stop once, at a hundred moments, on a busy machine" {
    in_tmpdir
    local busy=() told
    for _ in 1 2 3; do
        nice sh -c 'while :; do :; done' 3>&- &
        busy+=($!)
    done
    for round in $(seq "${RUN_ROUNDS:-100}"); do
        "$PITH" run "$IMAGES/hello.tar" --port 18923 >/dev/null 2>&1 3>&- &
        told=$!
        STARTED="${busy[*]} $told"
        sleep "$(printf '0.%03d' $((RANDOM % 200)))"
        kill -TERM "$told"
        has_ended "$told" || {
            echo "in round $round"
            return 1
        }
        STARTED="${busy[*]}"
        [ "$CODE" = 0 ] || [ "$CODE" = 143 ]
        nothing_here
    done
}

# make_image ARG...: an image whose PID 1 is "victim ARG...", without /init.
make_image() {
    local made=$BATS_TEST_TMPDIR/made id
    MADE=$BATS_TEST_TMPDIR/image.tar
    mkdir -p "$made/root"
    cp "$TOP/build/tests/support/victim" "$made/root"
    tar -C "$made/root" -cf "$made/layer.tar" victim
    id=sha256:$(sha256sum "$made/layer.tar" | cut -d' ' -f1)
    jq -nc '{architecture: "amd64", os: "linux",
        config: {Entrypoint: (["/victim"] + $ARGS.positional)},
        rootfs: {type: "layers", diff_ids: [$id]}}' \
        --arg id "$id" --args "$@" >"$made/config.json"
    printf '[{"Config":"config.json","RepoTags":[],"Layers":["layer.tar"]}]' \
        >"$made/manifest.json"
    tar -C "$made" -cf "$MADE" manifest.json config.json layer.tar
}

# begin: pith run the image, in the background, until it says that it is ready.
begin() {
    rm -f "$BATS_TEST_TMPDIR/out"
    "$PITH" run "$MADE" >"$BATS_TEST_TMPDIR/out" \
        2>"$BATS_TEST_TMPDIR/err" 3>&- &
    STARTED=$!
    until_ready grep -qs ready "$BATS_TEST_TMPDIR/out"
}

# is_gone WORDS: nobody has that in its arguments; 15 seconds for it.
is_gone() {
    for _ in $(seq 150); do
        pgrep -f "$1" >/dev/null || return 0
        sleep 0.1
    done
    pgrep -af "$1"
    return 1
}

@test "run: a program that has no handler yet gets the signal when it has" {
    in_tmpdir
    make_image late 1000
    begin
    kill -TERM "$STARTED"
    has_ended "$STARTED"
    [ "$CODE" = 42 ]
    nothing_here
}

@test "run: whoever kills pith: the container ends, and nothing is left" {
    in_tmpdir
    local mark=mark-$$
    make_image late 0 "$mark"
    # The process that was called; the one that does the work; both groups.
    begin
    kill -KILL "$STARTED"
    is_gone "$mark"
    until_ready nothing_here

    begin
    kill -KILL "$(pgrep -P "$STARTED")"
    has_ended "$STARTED"
    [ "$CODE" = 1 ]
    [[ $(<"$BATS_TEST_TMPDIR/err") == "pith: run: "*": signal 9" ]]
    is_gone "$mark"
    nothing_here

    set -m
    begin
    set +m
    kill -KILL -- "-$STARTED"
    is_gone "$mark"
    until_ready nothing_here
    STARTED=
}

@test "run: killed, with a deaf program inside: that is killed 10 s later" {
    in_tmpdir
    local mark=mark-$$
    make_image deaf "$mark"
    begin
    kill -KILL "$STARTED"
    STARTED=
    sleep 8
    pgrep -f "$mark"
    is_gone "$mark"
    until_ready nothing_here
}

# told_and_killed COMMAND...: a pith run of the image that does as it should.
told_and_killed() {
    make_image late 0 "mark-$$"
    chmod 644 "$MADE"
    for signal in TERM KILL; do
        rm -f "$BATS_TEST_TMPDIR/out"
        "$@" "$MADE" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
        STARTED=$!
        until_ready grep -qs ready "$BATS_TEST_TMPDIR/out" || {
            cat "$BATS_TEST_TMPDIR/out"
            return 1
        }
        # The first of the two; what runs the command may be there, too.
        kill -"$signal" "$(pgrep -of "^[^ ]*pith run .*$MADE")" || return
        has_ended "$STARTED" || return
        STARTED=
        [ "$signal" = KILL ] || [ "$CODE" = 42 ] || return
        is_gone "/victim late 0 mark-$$" || return
        until_ready nothing_here || return
    done
}

@test "run: not as root: told to stop, and killed" {
    command -v newuidmap >/dev/null || skip "no newuidmap; see scripts/setup"
    local user=pith-test-$$
    # All that is before it has to be open to that user.
    local BATS_TEST_TMPDIR
    BATS_TEST_TMPDIR=$(mktemp -d /tmp/pith-rootless-XXXXXX)
    in_tmpdir
    useradd --create-home "$user"
    cp "$PITH" "$BATS_TEST_TMPDIR"
    chmod 1777 "$BATS_TEST_TMPDIR"
    local result=0
    told_and_killed runuser -u "$user" -- "$BATS_TEST_TMPDIR/pith" run ||
        result=1
    until_ready userdel --remove "$user"
    rm -rf "$BATS_TEST_TMPDIR"
    [ "$result" = 0 ]
}

@test "run: with crun: told to stop, and killed" {
    command -v crun >/dev/null || skip "no crun; see scripts/setup"
    in_tmpdir
    # shellcheck disable=SC2016  # the inner shell expands it
    told_and_killed unshare -m sh -c '
        umount /sys/fs/cgroup/unified 2>/dev/null
        exec "$@"' sh "$PITH" run --runtime crun
}

# As in a container: /proc/PID/syscall tells nothing then.
@test "run: without CAP_SYS_PTRACE: told to stop, and killed" {
    in_tmpdir
    # shellcheck disable=SC2016  # the inner shell expands it
    told_and_killed capsh --drop=cap_sys_ptrace -- -c 'exec "$@"' sh "$PITH" run
}

@test "run: standard input, output and error are the program's" {
    run -0 --separate-stderr "$PITH" run "$IMAGES/probe.tar" echo hello
    [ "$output" = hello ]
    [ -z "$stderr" ]
    "$PITH" build "$TOP/build/tests/support/witness" \
        -o "$BATS_TEST_TMPDIR/answer.tar" >/dev/null
    run -0 --separate-stderr "$PITH" run "$BATS_TEST_TMPDIR/answer.tar" answer \
        <<<one
    [ "$output" = "got one" ]
    run -2 --separate-stderr "$PITH" run "$BATS_TEST_TMPDIR/answer.tar" nonsense
    [ -z "$output" ]
    [[ $stderr == "witness: "* ]]
}

@test "run: Ctrl-C at a terminal is told once" {
    in_tmpdir
    local told keys=$BATS_TEST_TMPDIR/keys out=$BATS_TEST_TMPDIR/out
    make_image listen
    mkfifo "$keys"
    script -qec "exec $PITH run $MADE" /dev/null <"$keys" >"$out" 2>&1 3>&- &
    STARTED=$!
    exec 9>"$keys"
    until_ready grep -q ready "$out"
    printf '\003' >&9
    until_ready grep -q 'signal 2 ' "$out"
    told=$(pgrep -P "$STARTED")
    kill -USR2 "$told"
    has_ended "$STARTED"
    exec 9>&-
    [ "$CODE" = 0 ]
    [ "$(grep -c 'signal 2 ' "$out")" = 1 ]
    nothing_here
}

# runtime_that CREATE START: a runtime that does this instead of the real one.
runtime_that() {
    RUNTIME=$BATS_TEST_TMPDIR/runtime
    cat >"$RUNTIME" <<EOF
#!/bin/sh
case \$3 in
create) $1 ;;
start) $2 ;;
*) runc "\$@" ;;
esac
EOF
    chmod +x "$RUNTIME"
}

@test "run: told to stop while the runtime creates: it never starts" {
    in_tmpdir
    make_image late 0
    runtime_that 'runc "$@"; sleep 1' 'echo started; runc "$@"'
    "$PITH" run --runtime "$RUNTIME" "$MADE" >"$BATS_TEST_TMPDIR/out" 3>&- &
    STARTED=$!
    sleep 0.5
    kill -TERM "$STARTED"
    has_ended "$STARTED"
    STARTED=
    [ "$CODE" = 143 ]
    [ ! -s "$BATS_TEST_TMPDIR/out" ]
    nothing_here
}

@test "run: killed while the runtime creates: that is waited for, then deleted" {
    in_tmpdir
    make_image late 0 "mark-$$"
    runtime_that 'sleep 1; runc "$@"' 'echo started; runc "$@"'
    for which in first second; do
        "$PITH" run --runtime "$RUNTIME" "$MADE" >"$BATS_TEST_TMPDIR/out" \
            2>&1 3>&- &
        STARTED=$!
        sleep 0.5
        if [ "$which" = first ]; then
            kill -KILL "$STARTED"
        else
            kill -KILL "$(pgrep -P "$STARTED")"
        fi
        has_ended "$STARTED"
        until_ready nothing_here
        ! grep started "$BATS_TEST_TMPDIR/out"
        run ! pgrep -f "$RUNTIME"
        run -0 find /sys/fs/cgroup -name "pith-$STARTED"
        [ -z "$output" ]
        STARTED=
    done
}

@test "run: a runtime that fails says why, and pith in what" {
    in_tmpdir
    make_image exit 0
    runtime_that 'echo no space >&2; exit 3' ''
    run -1 "$PITH" run --runtime "$RUNTIME" "$MADE"
    [ "${lines[0]}" = "no space" ]
    [ "${lines[1]}" = "pith: run: $RUNTIME create: exit status 3" ]
    [ "${#lines[@]}" = 2 ]
    nothing_here
    runtime_that 'runc "$@"' 'echo no start >&2; exit 4'
    run -1 "$PITH" run --runtime "$RUNTIME" "$MADE"
    [ "${lines[0]}" = "no start" ]
    [ "${lines[1]}" = "pith: run: $RUNTIME start: exit status 4" ]
    [ "${#lines[@]}" = 2 ]
    nothing_here
}
