#!/usr/bin/env bats
# /init and terminals, under real docker and podman.

bats_require_minimum_version 1.5.0
load ../support/engines
load ../support/init-image

setup_file() {
    needs dockerd docker podman runc python3
    start_both
}

teardown_file() { stop_both; }

setup() { find_clients; }

# each_image FUNCTION: with each image in IMAGE, and in APP what it needs
# before a verb of the witness.
each_image() {
    for IMAGE in localhost/plain localhost/locked; do
        APP=()
        [ "$IMAGE" != localhost/plain ] || APP=(/app/witness)
        echo "$IMAGE:"
        "$1"
    done
}

each_engine() { each_client each_image "$1"; }

# at_terminal OPTION... : run the image with these options, at a terminal, with
# the steps on standard input.
at_terminal() {
    timeout 100 "$TOP/tests/support/terminal.py" "${CLI[@]}" run --rm \
        --network none "$@"
}

ctrl_c() {
    at_terminal -it "$IMAGE" "${APP[@]}" answer <<'STEPS'
say one
send \x03
exit 130
STEPS
}

@test "tty: -it: Ctrl-C reaches the program, whose end is the container's" {
    each_engine ctrl_c
}

ctrl_z() {
    at_terminal -it "$IMAGE" "${APP[@]}" answer <<'STEPS'
say one
send \x1a
say two
send \x1a
say three
send \x04
exit 0
STEPS
}

@test "tty: -it: Ctrl-Z stops nothing, since nobody could continue it" {
    each_engine ctrl_z
}

size() {
    at_terminal -it --name size localhost/plain /app/victim listen <<STEPS
expect ready
resize 30 99
expect signal 28 value
do ${CLI[*]} kill -s USR2 size
exit 0
STEPS
}

@test "tty: -it: the program is told when the window's size changes" {
    each_engine size
}

foreground() {
    local id
    id=$("${CLI[@]}" run -dt --network none "$IMAGE" "${APP[@]}" terminal)
    "${CLI[@]}" wait "$id"
    run -0 "${CLI[@]}" logs "$id"
    [[ $output == *'foreground 1'* ]]
    "${CLI[@]}" rm "$id"
}

@test "tty: -t alone: the program has the foreground" {
    each_engine foreground
}

pipe() {
    run -0 --separate-stderr timeout 60 "${CLI[@]}" run --rm -i --network none \
        "$IMAGE" "${APP[@]}" answer <<<one
    [ "$output" = "got one" ]
    run -0 --separate-stderr timeout 60 "${CLI[@]}" run --rm -i --network none \
        "$IMAGE" "${APP[@]}" terminal </dev/null
    [ "$output" = "no terminal" ]
}

@test "tty: -i alone: what comes is read, and its end is seen" {
    each_engine pipe
}

# The engine's client is told, and tells PID 1.
client_ctrl_c() {
    at_terminal -i "$IMAGE" "${APP[@]}" answer <<'STEPS'
say one
send \x03
exit 130
STEPS
}

@test "tty: -i alone: Ctrl-C at the client's terminal is passed on" {
    each_engine client_ctrl_c
}

stop() {
    local id start=$SECONDS
    id=$("${CLI[@]}" run -dit --network none "$IMAGE" "${APP[@]}" answer)
    "${CLI[@]}" stop -t 10 "$id"
    [ $((SECONDS - start)) -lt 6 ]
    run -0 "${CLI[@]}" inspect -f '{{.State.ExitCode}}' "$id"
    [ "$output" = 143 ]
    "${CLI[@]}" rm "$id"
}

@test "tty: stop ends a program at a terminal at once" {
    each_engine stop
}

# A second program in the container has nothing to do with PID 1's terminal.
exec_beside() {
    local id program=/app/witness
    id=$("${CLI[@]}" run -dit --network none "$IMAGE" "${APP[@]}" answer)
    run -0 timeout 60 "$TOP/tests/support/terminal.py" \
        "${CLI[@]}" exec -it "$id" "$program" answer <<'STEPS'
say one
send \x1a
say two
send \x04
exit 0
STEPS
    "${CLI[@]}" rm -f "$id"
}

@test "tty: exec -it beside it: Ctrl-Z and Ctrl-D there" {
    each_engine exec_beside
}
