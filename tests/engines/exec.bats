#!/usr/bin/env bats
# A second program in a container whose PID 1 is not dumpable, so that even its
# own user may not open PID 1's files in /proc, namespaces among them: who
# enters needs CAP_SYS_PTRACE where the container's user namespace is.

bats_require_minimum_version 1.5.0
load ../support/engines
load ../support/init-image

setup_file() {
    needs dockerd docker podman runc newuidmap jq
    start_both
    make_user
}

teardown_file() {
    leave_user
    stop_both
}

setup() { find_clients; }

# make_user: one with subordinate ids, whose files are in $WORK/user.
make_user() {
    ROOTLESS=pith-exec-$$
    export ROOTLESS
    useradd --no-create-home --home-dir "$WORK/user" "$ROOTLESS"
    install -d -m 700 -o "$ROOTLESS" "$WORK/user" "$WORK/user/run"
    install -m 644 "$PODMAN_ENGINE/containers.conf" "$WORK/user.conf"
    chmod 755 "$WORK"
}

leave_user() {
    [ -n "${ROOTLESS:-}" ] || return 0
    local runtime
    as_user podman rm -fa -t 0 >/dev/null 2>&1 || true
    for runtime in runc crun; do
        as_user "$runtime" --root "$WORK/user/run/$runtime" delete --force \
            exec-test >/dev/null 2>&1 || true
    done
    stop_pause
    # Whose last process may need a moment.
    until_ready userdel "$ROOTLESS"
}

# as_user COMMAND...: as after a log-in. crun refuses a machine with both
# versions of cgroups mounted, so one of them is hidden from it. podman warns
# where mounts are not shared.
as_user() {
    # shellcheck disable=SC2016  # the inner shell expands it
    unshare -m sh -c '
        [ "$RUNTIME" != crun ] || umount /sys/fs/cgroup/unified 2>/dev/null
        mount --make-rshared /
        cd /
        exec runuser -u "$ROOTLESS" -- "$@"' sh \
        env -u DOCKER_CONFIG HOME="$WORK/user" XDG_RUNTIME_DIR="$WORK/user/run" \
        CONTAINERS_CONF="$WORK/user.conf" "$@"
}

# The process that keeps rootless podman's namespaces.
stop_pause() {
    local pid=$WORK/user/run/libpod/tmp/pause.pid
    [ ! -s "$pid" ] || kill "$(cat "$pid")" || true
    rm -f "$pid"
}

# not_dumpable PID: its files are not its user's.
not_dumpable() {
    [ "$(stat -c %u "/proc/$1")" != "$(stat -c %u "/proc/$1/environ")" ]
}

# enters COMMAND...: the engine's: a container, and programs beside its own.
enters() {
    local id
    id=$("$@" run -d --network none localhost/locked death 600)
    not_dumpable "$("$@" inspect -f '{{.State.Pid}}' "$id")"
    # The same user's, and root's.
    run -0 --separate-stderr "$@" exec -i "$id" /app/witness answer <<<one
    [ "$output" = "got one" ]
    run -0 --separate-stderr "$@" exec -i --user 0 "$id" /app/witness answer \
        <<<one
    [ "$output" = "got one" ]
    run -2 "$@" exec "$id" /app/witness nonsense
    run -0 "$@" inspect -f '{{.State.Running}}' "$id"
    [ "$output" = true ]
    "$@" stop -t 10 "$id"
    run -0 "$@" inspect -f '{{.State.ExitCode}}' "$id"
    [ "$output" = 143 ]
    "$@" rm -f "$id"
}

@test "exec: docker" {
    enters docker
}

@test "exec: without /init PID 1 is dumpable (the control)" {
    local id
    id=$(docker run -d --network none --entrypoint /app/witness \
        localhost/locked death 600)
    run ! not_dumpable "$(docker inspect -f '{{.State.Pid}}' "$id")"
    docker rm -f "$id"
}

@test "exec: podman as root" {
    enters "${PODMAN[@]}"
}

# rootless RUNTIME
rootless() {
    export RUNTIME=$1
    # It would be joined, with the mounts of another runtime.
    stop_pause
    as_user podman --runtime "$1" load <"$WORK/locked.tar"
    enters as_user podman --runtime "$1"
}

@test "exec: podman as an ordinary user, with runc" {
    rootless runc
}

@test "exec: podman as an ordinary user, with crun" {
    command -v crun >/dev/null || skip "no crun; see scripts/setup"
    rootless crun
}

has_stopped() {
    as_user "$1" --root "$WORK/user/run/$1" state exec-test |
        grep -q '"status": "stopped"'
}

# bare RUNTIME: without an engine, in a user namespace with one id.
bare() {
    export RUNTIME=$1
    local bundle=$WORK/user/$1 state=$WORK/user/run/$1
    install -d -o "$ROOTLESS" "$bundle"
    cp -r "$WORK/plain" "$bundle/rootfs"
    chown -R "$ROOTLESS" "$bundle"
    as_user sh -c 'cd "$0" && exec "$@"' "$bundle" "$1" spec --rootless
    jq '.process.terminal = false |
        .process.args = ["/init", "/app/witness", "death", "600"]' \
        "$bundle/config.json" >"$bundle/new"
    mv "$bundle/new" "$bundle/config.json"
    as_user "$1" --root "$state" run -d --bundle "$bundle" exec-test \
        >"$BATS_TEST_TMPDIR/out" 2>&1 </dev/null 3>&- || {
        cat "$BATS_TEST_TMPDIR/out"
        return 1
    }
    run -0 as_user "$1" --root "$state" exec exec-test /app/witness answer \
        <<<one
    [ "$output" = "got one" ]
    as_user "$1" --root "$state" kill exec-test TERM
    until_ready has_stopped "$1"
    as_user "$1" --root "$state" delete --force exec-test
}

@test "exec: runc alone, as an ordinary user" {
    bare runc
}

@test "exec: crun alone, as an ordinary user" {
    command -v crun >/dev/null || skip "no crun; see scripts/setup"
    bare crun
}
