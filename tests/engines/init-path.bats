#!/usr/bin/env bats
# docker run --init with pith-init as the daemon's docker-init.

bats_require_minimum_version 1.5.0
load ../support/engines

PITH_INIT=${PITH_INIT:-$TOP/build/pith-init}

setup_file() {
    needs dockerd docker
    # Outside of the engine's own directory: it must be there to start it.
    INIT_DIR=$(mktemp -d /tmp/pith-init-path-XXXXXX)
    export INIT_DIR
    cp "$PITH_INIT" "$INIT_DIR/docker-init"
    start_dockerd --init-path "$INIT_DIR/docker-init"
    mkdir "$INIT_DIR/app"
    cp "$TOP/build/tests/support/victim" "$TOP/build/tests/support/witness" \
        "$INIT_DIR/app"
    tar -C "$INIT_DIR" -c app | docker import - localhost/victim
}

teardown_file() {
    stop_dockerd
    [ -z "${INIT_DIR:-}" ] || rm -rf "$INIT_DIR"
}

@test "init-path: docker info and docker version take it for an init" {
    run -0 docker info
    [[ $output == *"Init Binary: $INIT_DIR/docker-init"* ]]
    run -0 docker version --format \
        '{{range .Server.Components}}{{.Name}} {{.Version}};{{end}}'
    echo "$output"
    [[ $output == *'docker-init '*_pith\;* ]]
    run -1 grep -i 'failed to .*init.* version' "$ENGINE/log"
}

@test "init-path: docker run --init: arguments and exit codes" {
    run -0 docker run --rm --init localhost/victim /app/victim args -g --
    [ "$output" = $'-g\n--' ]
    run -7 docker run --rm --init localhost/victim /app/victim exit 7
    run -143 docker run --rm --init localhost/victim /app/victim raise 15
    run -127 docker run --rm --init localhost/victim /app/nope
    run -0 docker run --rm --init -e TINI_VERBOSITY=3 localhost/victim \
        /app/victim exit 0
    [[ $output == *'tini: /app/victim started'* ]]
}

@test "init-path: docker run --init: orphans are reaped" {
    run -0 docker run --rm --init localhost/victim /app/victim orphans 50
    [ "$output" = 'living 2 zombies 0' ]
}

@test "init-path: docker run --init: stopped by SIGTERM, at once" {
    local id start=$SECONDS
    id=$(docker run -d --init localhost/victim /app/victim family)
    until_ready sh -c "docker logs $id | grep -q ready"
    docker stop -t 10 "$id"
    [ $((SECONDS - start)) -lt 8 ]
    run -0 docker inspect -f '{{.State.ExitCode}}' "$id"
    [ "$output" = 0 ]
    docker rm "$id"
}

@test "init-path: docker run --init -t: the program is in the foreground" {
    run -0 timeout 60 script -qec "docker run --rm --init -it localhost/victim \
        /app/witness terminal" /dev/null </dev/null
    [[ $output == *"foreground 1"* ]]
}
