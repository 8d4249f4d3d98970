#!/usr/bin/env bats
# The images under a real containerd.

bats_require_minimum_version 1.5.0
load ../support/engines

setup_file() {
    needs containerd ctr runc curl
    start_containerd
}

teardown_file() {
    [ -n "${ENGINE:-}" ] || return 0
    stop_daemon "$ENGINE/pid"
    remove_engine
}

ctr_here() {
    ctr -a "$ENGINE/sock" "$@"
}

@test "ctr: import keeps the reference; run, call, stop" {
    ctr_here images import "$IMAGES/hello.tar"
    run -0 ctr_here images ls -q
    [ "$output" = localhost/hello:latest ]
    # A name of this run: the runtime remembers those of one that was killed.
    local name=hello-$$
    ctr_here run -d --net-host localhost/hello:latest "$name" \
        /init -- /app/hello --port 18918
    run -0 answers http://127.0.0.1:18918/healthz
    [[ $output == *'"status":"ok"'* ]]
    ctr_here task kill -s SIGTERM "$name"
    until_ready sh -c "ctr -a '$ENGINE/sock' task ls | grep -q STOPPED"
    run -0 ctr_here task delete "$name"
    ctr_here container delete "$name"
}

@test "ctr: the acts of the probe, locked in" {
    ctr_here images import "$IMAGES/probe.tar"
    run --separate-stderr -0 ctr_here run --rm localhost/probe:latest "probe-$$"
    same_as_expected "$output"
}
