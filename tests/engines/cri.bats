#!/usr/bin/env bats
# What a kubelet does, without one: pods with our pause as their first container,
# and services in them, by containerd's CRI. Pods use the machine's network.

bats_require_minimum_version 1.5.0
load ../support/engines

setup_file() {
    needs containerd ctr runc jq
    /usr/bin/python3 -c 'import grpc, google.protobuf' 2>/dev/null ||
        skip "no python3-grpcio and python3-protobuf; see scripts/setup"
    for image in pause hello; do
        [ -f "$IMAGES/$image.tar" ] || skip "no build/images/$image.tar; run make images"
    done
    start_cri || skip "containerd does not speak CRI here: $(tail -1 "$ENGINE/log")"
    make_shell
    for image in "$IMAGES/pause.tar" "$IMAGES/hello.tar" "$BATS_FILE_TMPDIR/shell.tar"; do
        ctr -a "$ENGINE/sock" -n k8s.io images import "$image"
    done
}

# Directories and socket of its own, and our image below each pod.
start_cri() {
    engine_dir cri
    mkdir "$ENGINE/cni"
    cat >"$ENGINE/config.toml" <<EOF
version = 2
root = "$ENGINE/root"
state = "$ENGINE/state"
[grpc]
  address = "$ENGINE/sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:latest"
  restrict_oom_score_adj = true
  disable_hugetlb_controller = true
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "$ENGINE/cni"
EOF
    setsid containerd --config "$ENGINE/config.toml" \
        >"$ENGINE/log" 2>&1 </dev/null 3>&- &
    echo $! >"$ENGINE/pid"
    until_ready cri Version
}

# An image with a shell, for what a service would not do.
make_shell() {
    printf '%s\n' '[Image]' Name=localhost/shell 'Copy=/bin/busybox /bin/busybox' \
        '[Service]' 'ExecStart=/bin/busybox sleep 600' SystemCallFilter=@default \
        >"$BATS_FILE_TMPDIR/shell.pith"
    "$PITH" build "$BATS_FILE_TMPDIR/shell.pith" -o "$BATS_FILE_TMPDIR/shell.tar"
}

teardown_file() {
    [ -n "${ENGINE:-}" ] || return 0
    # Before containerd ends, or their shims stay.
    cri ListPodSandbox | jq -r '.items[]?.id' | while read -r id; do
        cri StopPodSandbox "{\"pod_sandbox_id\":\"$id\"}"
        cri RemovePodSandbox "{\"pod_sandbox_id\":\"$id\"}"
    done >/dev/null 2>&1 || true
    stop_daemon "$ENGINE/pid"
    remove_engine
}

# cri METHOD [JSON]: of the runtime.
cri() {
    /usr/bin/python3 "$TOP/tests/support/cri.py" "$ENGINE/sock" RuntimeService "$@"
}

# pod PIDS: its configuration; PIDS is POD for one PID namespace, or CONTAINER.
pod() {
    jq -nc --arg pid "$1" --arg name "pod-$$-$BATS_TEST_NUMBER" '{
        metadata: {name: $name, uid: $name, namespace: "pith"},
        linux: {security_context: {namespace_options: {network: "NODE", pid: $pid}}}}'
}

# run_pod PIDS: starts it; POD is its id.
run_pod() {
    CONFIG=$(pod "$1")
    POD=$(cri RunPodSandbox "{\"config\":$CONFIG}" | jq -r .pod_sandbox_id)
}

# container IMAGE COMMAND ARGS: JSON lists; ID is the started one's.
container() {
    local config
    config=$(jq -nc --arg image "localhost/$1:latest" --argjson command "$2" --argjson args "$3" \
        --argjson options "$(jq -c .linux.security_context.namespace_options <<<"$CONFIG")" '{
        metadata: {name: "c"}, image: {image: $image}, command: $command, args: $args,
        linux: {security_context: {namespace_options: $options,
            run_as_user: {value: 65532}, no_new_privs: true,
            readonly_rootfs: true, capabilities: {drop_capabilities: ["ALL"]}}}}')
    ID=$(cri CreateContainer \
        "{\"pod_sandbox_id\":\"$POD\",\"config\":$config,\"sandbox_config\":$CONFIG}" |
        jq -r .container_id)
    cri StartContainer "{\"container_id\":\"$ID\"}"
}

# task_pid ID: of its first process, as this machine counts.
task_pid() {
    ctr -a "$ENGINE/sock" -n k8s.io tasks ls | awk -v id="$1" '$1 == id { print $2 }'
}

# stopped ID: its exit code, once it has one.
stopped() {
    cri ContainerStatus "{\"container_id\":\"$1\"}" |
        jq -er '.status | select(.state == "CONTAINER_EXITED") | .exit_code // 0'
}

remove_pod() {
    cri StopPodSandbox "{\"pod_sandbox_id\":\"$POD\"}"
    cri RemovePodSandbox "{\"pod_sandbox_id\":\"$POD\"}"
}

@test "cri: a pod's first container is ours, as its user, with nothing else" {
    run_pod POD
    run -0 cri PodSandboxStatus "{\"pod_sandbox_id\":\"$POD\"}"
    [ "$(jq -r '.status.state // "SANDBOX_READY"' <<<"$output")" = SANDBOX_READY ]
    local pid
    pid=$(task_pid "$POD")
    "$PITH" export --dir "$IMAGES/pause.tar" -o "$BATS_TEST_TMPDIR/pause"
    cmp "/proc/$pid/root/pause" "$BATS_TEST_TMPDIR/pause/pause"
    grep -q $'^Uid:\t65535\t65535' "/proc/$pid/status"
    [ "$(tr '\0' ' ' <"/proc/$pid/cmdline")" = '/init -- /pause ' ]
    # TERM from outside ends it by itself, with 0.
    kill -TERM "$pid"
    until_ready sh -c "! kill -0 $pid"
    run -0 cri PodSandboxStatus "{\"pod_sandbox_id\":\"$POD\"}"
    [ "$(jq -r .status.state <<<"$output")" = SANDBOX_NOTREADY ]
    remove_pod
}

# zombies_of PID: children that are dead and not waited for.
zombies_of() {
    pgrep -c -P "$1" -r Z || true
}

@test "cri: what containers leave in a shared PID namespace is reaped" {
    run_pod POD
    local pause
    pause=$(task_pid "$POD")
    # Without /init in between, who would adopt them itself.
    container shell '["/bin/busybox"]' \
        '["sh", "-c", "for i in 1 2 3; do (/bin/busybox sleep 600 &); done; exec /bin/busybox sleep 600"]'
    until_ready sh -c "[ \$(pgrep -c -P $pause -x busybox) = 3 ]"
    pgrep -P "$pause" -x busybox | xargs kill -KILL
    until_ready sh -c "! pgrep -P $pause -x busybox"
    [ "$(zombies_of "$pause")" = 0 ]
    # The pod is as it was, and ends in time, though nothing in it obeys.
    kill -0 "$pause"
    local start=$SECONDS
    cri StopPodSandbox "{\"pod_sandbox_id\":\"$POD\"}"
    [ $((SECONDS - start)) -lt 8 ]
    run ! kill -0 "$pause"
    remove_pod
}

@test "cri: a service in a pod: probed by exec, stopped with its own code" {
    run_pod CONTAINER
    container hello '[]' '["--port", "18919"]'
    until_ready cri_probe /healthz
    run ! cri_probe /nowhere
    local start=$SECONDS
    cri StopContainer "{\"container_id\":\"$ID\",\"timeout\":20}"
    [ $((SECONDS - start)) -lt 10 ]
    run -0 stopped "$ID"
    [ "$output" = 0 ]
    remove_pod
}

# As a kubelet's exec probe: the code of the command counts.
cri_probe() {
    cri ExecSync "{\"container_id\":\"$ID\",\"timeout\":5,
        \"cmd\":[\"/init\",\"--probe\",\"http://127.0.0.1:18919$1\"]}" |
        jq -e '(.exit_code // 0) == 0'
}
