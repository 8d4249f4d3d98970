#!/usr/bin/env bats
# The images under a real dockerd.

bats_require_minimum_version 1.5.0
load ../support/engines

setup_file() {
    needs dockerd docker curl
    start_dockerd
    for image in hello httpd probe; do
        docker load <"$IMAGES/$image.tar"
    done
}

teardown_file() {
    stop_dockerd
}

# start OPTION... IMAGE ARG...: its id in ID, the published port in PORT.
start() {
    ID=$(docker run -d -p 127.0.0.1::"$IN_PORT" "$@")
    PORT=$(docker port "$ID" "$IN_PORT" | sed 's/.*://')
}

@test "docker: load, run, call, and the log is on stdout" {
    IN_PORT=8080 start localhost/hello
    run -0 answers "http://127.0.0.1:$PORT/healthz"
    [[ $output == *'"status":"ok"'* ]]
    run -0 docker logs "$ID"
    [[ $output == *'"path":"/healthz"'* ]]
    docker rm -f "$ID"
}

@test "docker: arguments of docker run replace the image's" {
    IN_PORT=9090 start localhost/hello --port 9090
    run -0 answers "http://127.0.0.1:$PORT/"
    [[ $output == *'"service":"hello"'* ]]
    docker rm -f "$ID"
}

@test "docker: stop is graceful: exit 0, at once" {
    IN_PORT=8080 start localhost/hello
    answers "http://127.0.0.1:$PORT/healthz"
    local start=$SECONDS
    docker stop "$ID"
    [ $((SECONDS - start)) -lt 5 ]
    run -0 docker inspect -f '{{.State.ExitCode}} {{.State.OOMKilled}}' "$ID"
    [ "$output" = "0 false" ]
    docker rm "$ID"
}

@test "docker: a program that others built, under its own policy" {
    IN_PORT=8080 start localhost/httpd
    run -0 answers "http://127.0.0.1:$PORT/"
    [[ $output == *"<html"* ]]
    # httpd starts CGI programs by exec; here it cannot.
    run docker logs "$ID"
    docker stop "$ID"
    docker rm "$ID"
}

@test "docker: the acts of the probe, locked in, under five sets of flags" {
    run --separate-stderr -0 docker run --rm localhost/probe
    same_as_expected "$output"
    run --separate-stderr -0 docker run --rm --user 10001 localhost/probe
    same_as_expected "$output"
    run --separate-stderr -0 docker run --rm --read-only localhost/probe
    same_as_expected "$output"
    run --separate-stderr -0 docker run --rm --cap-drop ALL localhost/probe
    same_as_expected "$output"
    run --separate-stderr -0 docker run --rm --user 10001 --read-only \
        --cap-drop ALL --security-opt no-new-privileges localhost/probe
    same_as_expected "$output"
}

@test "docker: started as root, /init drops everything itself" {
    run --separate-stderr -0 docker run --rm --user 0 localhost/probe
    same_as_expected "$output"
    run -0 docker run --rm --user 0 localhost/probe status
    [[ $output == *$'Uid:\t65532\t65532\t65532\t65532'* ]]
    [[ $output == *$'CapBnd:\t0000000000000000'* ]]
}

@test "docker: without pith the same acts work (the control)" {
    run -0 docker run --rm --init --entrypoint /app/probe \
        --security-opt seccomp=unconfined localhost/probe
    for act in exec vfork-exec posix-spawn thread-exec execveat execveat-fd \
        execveat-dup memfd-exec guess-cookie leaked-cookie; do
        [[ $'\n'$output == *$'\n'"$act: exec"* ]]
    done
    for act in int80 proc1-mem parent-mem ptrace seccomp unshare \
        clone-newuser process-vm socket; do
        [[ $'\n'$output == *$'\n'"$act: ok"* ]]
    done
}

@test "docker: status inside: Seccomp 2, NoNewPrivs 1, no capabilities" {
    run -0 docker run --rm localhost/probe status
    for line in CapInh:0000000000000000 CapPrm:0000000000000000 \
        CapEff:0000000000000000 CapAmb:0000000000000000 \
        NoNewPrivs:1 Seccomp:2; do
        [[ $output == *"${line%%:*}:"$'\t'"${line#*:}"* ]]
    done
}

@test "docker: exit codes pass through; -e beats Environment=" {
    run -7 docker run --rm localhost/probe exit 7
    IN_PORT=8080 start -e SERVICE_NAME=engine localhost/hello
    run -0 answers "http://127.0.0.1:$PORT/"
    [[ $output == *'"service":"engine"'* ]]
    docker rm -f "$ID"
}

@test "docker: the Dockerfile way: tools from the pith image, FROM scratch" {
    local context=$BATS_TEST_TMPDIR/context
    docker load <"$IMAGES/pith.tar"
    mkdir "$context"
    cp "$IMAGES/hello/amd64/hello" "$context/server"
    cp "$TOP/images/hello/by-hand.policy" "$context/server.policy"
    cp "$TOP/docs/examples/service.conf" "$TOP/docs/examples/Dockerfile" \
        "$context"
    docker build -t server "$context"
    IN_PORT=8080 start server
    run -0 answers "http://127.0.0.1:$PORT/healthz"
    [[ $output == *'"status":"ok"'* ]]
    docker stop "$ID"
    run -0 docker inspect -f '{{.State.ExitCode}}' "$ID"
    [ "$output" = 0 ]
    docker rm "$ID"
    run -0 docker image inspect -f '{{.Size}}' server
    [ "$output" -lt 100000 ]
}
