#!/usr/bin/env bats
# pith run: images under an OCI runtime, without any engine.

bats_require_minimum_version 1.5.0
load ../support/engines

setup() {
    needs runc curl
    STARTED=
}

teardown() {
    [ -z "$STARTED" ] || kill "$STARTED" 2>/dev/null || true
}

nothing_left() {
    [ -z "$(find /tmp -maxdepth 1 -name 'pith-run-*' -newer "$1")" ]
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
        wait "$STARTED"
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
    wait "$STARTED"
    STARTED=
}

@test "run: told to stop at any moment, and twice: nothing is left" {
    export TMPDIR=$BATS_TEST_TMPDIR
    for ms in 0 2 4 8 15 30 60; do
        "$PITH" run "$IMAGES/hello.tar" --port 18922 >/dev/null 2>&1 3>&- &
        STARTED=$!
        sleep "$(printf '0.%03d' "$ms")"
        kill -TERM "$STARTED" || :
        kill -HUP "$STARTED" 2>/dev/null || :
        wait "$STARTED" || :
        STARTED=
        # Told before it took signals, it never began.
        run find "$BATS_TEST_TMPDIR" -maxdepth 1 -name 'pith-run-*'
        [ -z "$output" ]
    done
}
