#!/usr/bin/env bats
# HealthCheck= under a real dockerd, which runs it as HEALTHCHECK.

bats_require_minimum_version 1.5.0
load ../support/engines

setup_file() {
    needs dockerd docker
    start_dockerd
    docker load <"$IMAGES/hello.tar"
    # The same program, asked where nobody listens, and by a unix socket.
    cd "$BATS_FILE_TMPDIR" || return
    for kind in dead missing; do
        local url=http://127.0.0.1:8081/healthz
        [ "$kind" = dead ] || url=unix:/run/none
        sed "s,^Name=.*,Name=localhost/$kind,
            s,^Copy=.*,Copy=$IMAGES/hello/%a/hello /app/hello,
            s,^HealthCheck=.*,HealthCheck=$url," \
            "$TOP/images/hello/hello.pith" >"$kind.pith"
        "$PITH" build -o "$kind.tar" "$kind.pith"
        docker load <"$kind.tar"
    done
}

teardown_file() {
    stop_dockerd
}

health() {
    docker inspect -f '{{.State.Health.Status}}' "$1"
}

is_health() {
    [ "$(health "$1")" = "$2" ]
}

last_log() {
    docker inspect -f '{{range .State.Health.Log}}{{.ExitCode}} {{.Output}}{{end}}' "$1"
}

@test "docker: the image says how it is asked" {
    run -0 docker image inspect -f '{{json .Config.Healthcheck.Test}}' localhost/hello
    [ "$output" = '["CMD","/init","--probe","http://127.0.0.1:8080/healthz"]' ]
    run -0 docker image inspect -f '{{.Config.Healthcheck.Interval}} {{.Config.Healthcheck.Timeout}} {{.Config.Healthcheck.Retries}}' localhost/hello
    [ "$output" = '10s 4s 3' ]
}

@test "docker: healthy, by the image's own intervals" {
    local id
    id=$(docker run -d localhost/hello)
    is_health "$id" starting
    until_ready is_health "$id" healthy
    [[ $(last_log "$id") == 0* ]]
    docker rm -f "$id"
}

@test "docker: healthy on a read-only root, without capabilities, as another user" {
    local id
    id=$(docker run -d --read-only --cap-drop ALL --user 10001 --network none \
        --security-opt no-new-privileges --health-interval=1s localhost/hello)
    until_ready is_health "$id" healthy
    docker rm -f "$id"
}

@test "docker: a service that stops answering becomes unhealthy, and healthy again" {
    local id
    id=$(docker run -d --health-interval=1s --health-retries=1 \
        --health-timeout=9s localhost/hello)
    until_ready is_health "$id" healthy
    # The probe is another process: pausing the program alone leaves it be.
    local pid
    pid=$(pgrep -P "$(docker inspect -f '{{.State.Pid}}' "$id")")
    kill -STOP "$pid"
    until_ready is_health "$id" unhealthy
    [[ $(last_log "$id") == *"pith-init: probe http://127.0.0.1:8080/healthz: timed out after 3000 ms"* ]]
    kill -CONT "$pid"
    until_ready is_health "$id" healthy
    docker rm -f "$id"
}

@test "docker: a dead port is unhealthy, with the reason in the log" {
    local id
    id=$(docker run -d --health-interval=1s --health-retries=1 \
        --health-start-period=0s localhost/dead)
    until_ready is_health "$id" unhealthy
    [[ $(last_log "$id") == *"1 pith-init: probe http://127.0.0.1:8081/healthz: connect: Connection refused"* ]]
    [ "$(docker inspect -f '{{.State.Running}}' "$id")" = true ]
    docker rm -f "$id"
}

@test "docker: a missing socket is unhealthy" {
    local id
    id=$(docker run -d --health-interval=1s --health-retries=1 \
        --health-start-period=0s localhost/missing)
    until_ready is_health "$id" unhealthy
    [[ $(last_log "$id") == *"unix:/run/none: connect: No such file or directory"* ]]
    docker rm -f "$id"
}

@test "docker: exec of the probe, as kubectl and people do" {
    local id
    id=$(docker run -d localhost/hello)
    until_ready docker exec "$id" /init --probe tcp://localhost:8080
    run -1 docker exec "$id" /init --probe http://localhost:8080/nope
    [[ $output == *"status 404"* ]]
    run -125 docker exec "$id" /init --probe http://example.org/
    docker rm -f "$id"
}
