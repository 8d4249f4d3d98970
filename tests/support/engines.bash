# Real engines for the tests: each file of tests starts its own on private
# directories and sockets, and stops only those.

TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
PITH=${PITH:-$TOP/build/pith}
IMAGES=$TOP/build/images

needs() {
    local tool
    [ "$(id -u)" = 0 ] || skip "needs root: starts a container engine"
    for tool; do
        command -v "$tool" >/dev/null || skip "no $tool; see scripts/setup"
    done
}

# until_ready COMMAND...: a minute for it to succeed.
until_ready() {
    for _ in $(seq 300); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.2
    done
    return 1
}

# stop_daemon PIDFILE: SIGTERM, and wait until it is gone.
stop_daemon() {
    local pid
    pid=$(cat "$1" 2>/dev/null) || return 0
    kill "$pid" 2>/dev/null || return 0
    for _ in $(seq 100); do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || true
}

# A directory with a short name: sockets have 107 bytes.
engine_dir() {
    ENGINE=$(mktemp -d "/tmp/pith-$1-XXXXXX")
    export ENGINE
}

# start_dockerd [OPTION...]: with these options of dockerd besides its own.
start_dockerd() {
    engine_dir docker
    export DOCKER_HOST=unix://$ENGINE/sock DOCKER_CONFIG=$ENGINE/config
    export DOCKER_BUILDKIT=0
    setsid dockerd --data-root "$ENGINE/data" --exec-root "$ENGINE/exec" \
        --pidfile "$ENGINE/pid" -H "$DOCKER_HOST" "$@" \
        >"$ENGINE/log" 2>&1 </dev/null 3>&- &
    until_ready docker version || {
        tail -5 "$ENGINE/log"
        return 1
    }
}

stop_dockerd() {
    [ -n "${ENGINE:-}" ] || return 0
    docker ps -aq | xargs -r docker rm -f >/dev/null 2>&1 || true
    stop_daemon "$ENGINE/pid"
    remove_engine
}

remove_engine() {
    # What a stopped engine left mounted below its own directory.
    awk -v d="$ENGINE/" 'index($5, d) == 1 { print $5 }' /proc/self/mountinfo |
        sort -r | while read -r mount; do
        umount -l "$mount" || true
    done
    rm -rf "$ENGINE"
}

start_containerd() {
    engine_dir ctr
    cat >"$ENGINE/config.toml" <<EOF
version = 2
root = "$ENGINE/root"
state = "$ENGINE/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "$ENGINE/sock"
EOF
    setsid containerd --config "$ENGINE/config.toml" \
        >"$ENGINE/log" 2>&1 </dev/null 3>&- &
    echo $! >"$ENGINE/pid"
    until_ready ctr -a "$ENGINE/sock" version || {
        tail -5 "$ENGINE/log"
        return 1
    }
}

setup_podman() {
    engine_dir podman
    cat >"$ENGINE/containers.conf" <<'EOF'
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
EOF
    export CONTAINERS_CONF=$ENGINE/containers.conf
    mkdir -p "$ENGINE/tmp"
}

podman_here() {
    podman --root "$ENGINE/root" --runroot "$ENGINE/run" \
        --tmpdir "$ENGINE/tmp" "$@"
}

# answers URL: wait until it does, ten seconds at the most.
answers() {
    curl -fsS --retry 50 --retry-delay 0 --retry-all-errors \
        --retry-max-time 10 --connect-timeout 1 -m 2 "$1" 2>/dev/null
}

same_as_expected() {
    diff "$TOP/tests/data/probe.expected" \
        <(printf '%s\n' "$1" | tr -d '\r' | grep -v '^pith-init: running as')
}
