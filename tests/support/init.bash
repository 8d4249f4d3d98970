# What the tests of pith-init share: a small root of their own, entered as
# PID 1 of a new PID namespace.

TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
PITH=${PITH:-$TOP/build/pith}
PITH_INIT=${PITH_INIT:-$TOP/build/pith-init}
SUPPORT=$TOP/build/tests/support

# Make an empty root with /init, /app/victim and /app/probe in $ROOT.
make_root() {
    ROOT=$BATS_TEST_TMPDIR/root
    mkdir -p "$ROOT/app" "$ROOT/etc/pith" "$ROOT/proc" "$ROOT/tmp" "$ROOT/dev"
    chmod 1777 "$ROOT/tmp"
    cp "$PITH_INIT" "$ROOT/init"
    cp "$SUPPORT/early" "$SUPPORT/victim" "$TOP/build/images/probe/amd64/probe" "$ROOT/app/"
}

# service KEY=VALUE...: write /etc/pith/service.conf.
service() {
    printf '[Service]\n' >"$ROOT/etc/pith/service.conf"
    printf '%s\n' "$@" >>"$ROOT/etc/pith/service.conf"
}

# in_root COMMAND...: run it as PID 1 inside the root, with /proc.
in_root() {
    unshare --pid --fork --kill-child --root="$ROOT" --mount-proc=/proc "$@"
}

# The same in the background: its pid in STARTED, its output in files.
start_in_root() {
    unshare --pid --fork --kill-child --root="$ROOT" --mount-proc=/proc "$@" \
        >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    STARTED=$!
}

# pid_in_root: the pid, seen from here, of PID 1's first child.
child_of_init() {
    local unshare_pid=$1 init pid
    for _ in $(seq 500); do
        init=$(pgrep -P "$unshare_pid") || { sleep 0.02; continue; }
        pid=$(pgrep -P "$init") && { echo "$pid"; return; }
        sleep 0.02
    done
    return 1
}

init_of() {
    for _ in $(seq 500); do
        pgrep -P "$1" && return
        sleep 0.02
    done
    return 1
}

# wait_for FILE PATTERN: until a line of FILE matches, ten seconds at the most.
wait_for() {
    for _ in $(seq 500); do
        grep -q "$2" "$1" 2>/dev/null && return
        sleep 0.02
    done
    echo "no '$2' in $1:"
    cat "$1"
    return 1
}

needs_root() {
    [ "$(id -u)" = 0 ] || skip "needs root: a PID namespace and chroot"
}

# of_image ARCHIVE PATH: a file of an image, on standard output.
of_image() {
    local layer dir
    dir=$(mktemp -d "$BATS_TEST_TMPDIR/image-XXXXXX")
    tar -xf "$1" -C "$dir"
    for layer in $(jq -r '.[0].Layers[]' "$dir/manifest.json"); do
        tar -xzOf "$dir/$layer" "$2" 2>/dev/null || true
    done
    rm -rf "$dir"
}

# The names of calls, as images have them.
table_of_calls() {
    [ -e "$BATS_FILE_TMPDIR/actor.tar" ] ||
        "$PITH" build "$SUPPORT/actor" -o "$BATS_FILE_TMPDIR/actor.tar" >/dev/null
    of_image "$BATS_FILE_TMPDIR/actor.tar" etc/pith/calls
}

# harden PROGRAM KEY=VALUE...: its filter, by a recipe with these keys.
harden() {
    local dir=$BATS_TEST_TMPDIR
    {
        printf '[Image]\nName=localhost/hardened\nCopy=%s %s\n' "$ROOT$1" "$1"
        printf '[Service]\nExecStart=%s\n' "$1"
        shift
        printf '%s\n' "$@"
    } >"$dir/hardened.pith"
    "$PITH" build "$dir/hardened.pith" -o "$dir/hardened.tar" >/dev/null
    of_image "$dir/hardened.tar" etc/pith/service.bpf >"$ROOT/etc/pith/service.bpf"
}
