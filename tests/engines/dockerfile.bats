#!/usr/bin/env bats
# images/hello/Dockerfile in a real dockerd, on a Debian root that has the
# compiler, since nothing can be fetched there.

bats_require_minimum_version 1.5.0
load ../support/engines

setup_file() {
    local root
    needs dockerd docker curl mmdebstrap
    root=$(timeout 200 "$TOP/tests/support/compiler-root" 2>&1) || {
        export LACKS=${root:-a Debian root with a compiler was not there in 200 s}
        return
    }
    start_dockerd
    docker import "$root" localhost/debian-musl >/dev/null
    docker load <"$IMAGES/pith.tar"
    cp -R "$TOP/images/hello" "$ENGINE/context"
}

teardown_file() {
    stop_dockerd
}

setup() {
    [ -z "${LACKS:-}" ] || skip "$LACKS"
}

# build [OPTION...]: the milliseconds it takes in TOOK, how many steps were
# CACHED.
build() {
    local began=${EPOCHREALTIME/./} now
    docker build -t hello-by-docker --build-arg DEBIAN=localhost/debian-musl \
        --build-arg VERSION=1.2.3 "$@" "$ENGINE/context" >"$BATS_TEST_TMPDIR/log" 2>&1 || {
        cat "$BATS_TEST_TMPDIR/log"
        return 1
    }
    now=${EPOCHREALTIME/./}
    TOOK=$(((now - began) / 1000))
    CACHED=$(grep -c 'Using cache' "$BATS_TEST_TMPDIR/log") || true
    echo "# ${*:-with the cache} $TOOK ms, $CACHED steps cached" >&3
}

@test "dockerfile: built cold, again, and after a change of the code" {
    local all
    build --no-cache
    [ "$CACHED" = 0 ]
    build
    all=$CACHED
    sed -i 's/"status\\":\\"ok/&ay/' "$ENGINE/context/service.c"
    run -1 cmp -s "$TOP/images/hello/service.c" "$ENGINE/context/service.c"
    build
    # The toolchain stays; the program, its filter and the image are new.
    [ "$CACHED" -ge 3 ]
    [ "$CACHED" -lt "$all" ]
}

is_healthy() { [ "$(docker inspect -f '{{.State.Health.Status}}' "$1")" = healthy ]; }

@test "dockerfile: small, nonroot, and healthy without a shell" {
    local id port
    run -0 docker image inspect -f '{{.Size}} {{.Config.User}} {{.Config.ExposedPorts}}' hello-by-docker
    echo "# $output" >&3
    [ "${output%% *}" -lt 120000 ]
    [[ $output == *" 65532:65532 map[8080/tcp:{}]" ]]
    id=$(docker run -d -p 127.0.0.1::8080 hello-by-docker)
    port=$(docker port "$id" 8080 | sed 's/.*://')
    run -0 answers "http://127.0.0.1:$port/"
    [[ $output == *'"version":"1.2.3"'* ]]
    until_ready is_healthy "$id" || {
        docker inspect -f '{{json .State.Health}}' "$id"
        return 1
    }
    docker stop "$id"
    run -0 docker inspect -f '{{.State.ExitCode}}' "$id"
    [ "$output" = 0 ]
    docker rm "$id"
}

@test "dockerfile: its service is the recipe's" {
    diff <(sed -n '/^\[Service\]/,$p' "$TOP/images/hello/hello.pith" | grep -v -e '^#' -e '^$') \
        <(grep -v -e '^#' -e '^$' "$TOP/images/hello/service.conf")
}
