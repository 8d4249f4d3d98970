#!/usr/bin/env bats
# The break-glass in docker: an image whose filter is too tight, audited by a
# variable, and the policy that its log teaches.

bats_require_minimum_version 1.5.0
load ../support/engines
load ../support/servers

setup_file() {
    needs dockerd docker runc redis-server nginx memcached redis-benchmark memcslap curl
    start_dockerd
    export DOCKER_DIR=$ENGINE
}

teardown_file() {
    ENGINE=${DOCKER_DIR:-} stop_dockerd
}

setup() {
    cd "$BATS_TEST_TMPDIR" || exit
}

teardown() {
    docker rm -f audited >/dev/null 2>&1 || true
}

# confined NAME POLICY: the image, locked into these calls.
confined() {
    local program
    program=$(server_program "$1")
    "$PITH" profile compile "$2" --program "$program=tree$program" \
        -o tree/etc/pith/service.bpf >/dev/null
    docker build -q -t "localhost/$1" . >/dev/null
}

image() {
    local arguments
    server_tree "$1" tree
    mkdir -p tree/etc/pith
    cp "$TOP/build/pith-init" tree/init
    mkdir seal
    tar -xf "$IMAGES/probe.tar" -C seal
    for layer in $(jq -r '.[0].Layers[]' seal/manifest.json); do
        tar -xzf "seal/$layer" -C tree etc/pith/calls 2>/dev/null || true
    done
    printf '%s\n' '[Service]' SystemCallFilter=file:learnt.policy \
        Override=SystemCallLog >tree/etc/pith/service.conf
    mapfile -t arguments < <(server_arguments "$1")
    {
        printf '%s\n' 'FROM scratch' 'COPY tree/ /' 'USER 65534:65534' 'EXPOSE 7000'
        printf 'ENTRYPOINT %s\n' "$(jq -cn '$ARGS.positional' --args /init -- \
            "$(server_program "$1")" "${arguments[@]}")"
    } >Dockerfile
}

# round NAME LOG OPTION...: run it, let it work, stop it.
round() {
    local name=$1 log=$2 at
    shift 2
    docker run -d --name audited --tmpfs /tmp:mode=1777 --cap-drop ALL \
        --security-opt no-new-privileges "$@" "localhost/$name" >/dev/null
    at=$(docker inspect -f '{{.NetworkSettings.IPAddress}}' audited)
    server_load "$name" "$at" || { docker logs audited; return 1; }
    docker stop -t 20 audited >/dev/null
    docker logs audited >"$log" 2>&1
    docker rm audited >/dev/null
}

learns() {
    image "$1"
    echo '# nothing' >policy
    confined "$1" policy
    # As it is it does not even start.
    run docker run --rm --name audited "localhost/$1"
    [ "$status" != 0 ]
    round "$1" log -e PITH_SYSTEMCALLLOG=audit
    grep -q 'THE FILTER IS NOT ENFORCED' log
    grep -q 'would deny openat(AT_FDCWD, "/' log
    # What a run called depends on how its work fell in time: what the next one
    # is refused is learnt, too, until there is nothing to learn.
    for _ in 1 2 3 4 5; do
        "$PITH" profile learn policy -o learnt <log >change
        mv learnt policy
        confined "$1" policy
        round "$1" log
        grep -q 'pith-init: ' log || return 0
        cat log
    done
    return 1
}

@test "audit in docker, learn, enforce: redis-server" {
    learns redis
}

@test "audit in docker, learn, enforce: nginx" {
    learns nginx
}

@test "audit in docker, learn, enforce: memcached" {
    learns memcached
}
