#!/usr/bin/env bats
# What engines do about the exit codes that /init passes on: restart policies
# and their counts, and stop.

bats_require_minimum_version 1.5.0
load ../support/engines
load ../support/init-image

setup_file() {
    needs dockerd docker podman runc
    start_both
}

teardown_file() { stop_both; }

setup() { find_clients; }

# start POLICY ARG...: the plain image's program, under a name of its own.
start() {
    NAME=restart-$BATS_TEST_NUMBER-$RANDOM
    "${CLI[@]}" run -d --name "$NAME" --network none --restart "$@"
}

of() { "${CLI[@]}" inspect -f "{{$1}}" "$NAME"; }

is() { [ "$(of "$1")" = "$2" ]; }

has_restarted() { [ "$(of .RestartCount)" -ge "$1" ]; }

done_with() { "${CLI[@]}" rm -f "$NAME" >/dev/null; }

# ended_with CODE COUNT: it runs no more, and has been restarted so often.
ended_with() {
    until_ready is .State.Status exited
    echo "code $(of .State.ExitCode), restarts $(of .RestartCount)"
    is .State.ExitCode "$1"
    is .RestartCount "$2"
    done_with
}

on_failure() {
    start on-failure:2 localhost/plain /app/victim exit 7
    # Between two of them it is "exited", too, under podman.
    until_ready is .RestartCount 2
    ended_with 7 2
}

@test "restart: on-failure:2 restarts a program that fails twice, not thrice" {
    each_client on_failure
}

no_failure() {
    start on-failure:2 localhost/plain /app/victim exit 0
    ended_with 0 0
    # As a program would that ends with 143 when told to stop.
    start on-failure:2 localhost/plain -e 7 -- /app/victim exit 7
    ended_with 0 0
}

@test "restart: on-failure leaves a success alone, SuccessExitStatus= too" {
    each_client no_failure
}

no_program() {
    start on-failure:1 localhost/plain /app/none
    until_ready is .RestartCount 1
    ended_with 127 1
    start on-failure:1 localhost/plain -o Nonsense=1 /app/victim
    until_ready is .RestartCount 1
    ended_with 125 1
}

@test "restart: 127 for no program, 125 for bad settings: failures" {
    each_client no_program
}

signalled() {
    start on-failure:1 localhost/plain /app/victim raise 11
    until_ready is .RestartCount 1
    ended_with 139 1
}

@test "restart: a program that dies of a signal is a failure: 139" {
    each_client signalled
}

always() {
    start always localhost/plain /app/victim exit 0
    until_ready has_restarted 2
    "${CLI[@]}" stop -t 5 "$NAME" || true
    done_with
}

@test "restart: always restarts after a success" {
    each_client always
}

stopped() {
    local before=$SECONDS
    start always localhost/plain /app/witness death 600
    until_ready is .State.Running true
    "${CLI[@]}" stop -t 10 "$NAME"
    [ $((SECONDS - before)) -lt 7 ]
    sleep 1
    is .State.Running false
    ended_with 143 0
}

@test "restart: always does not restart what was stopped, which takes no time" {
    each_client stopped
}

deaf() {
    local before=$SECONDS
    start always localhost/plain /app/victim deaf
    until_ready is .State.Running true
    "${CLI[@]}" stop -t 10 "$NAME"
    # 8 seconds, before the engine's 10: its own SIGKILL would say 137, too.
    [ $((SECONDS - before)) -ge 7 ]
    [ $((SECONDS - before)) -lt 11 ]
    run -0 "${CLI[@]}" logs "$NAME"
    [[ $output == *"signal 9 to everybody"* ]]
    ended_with 137 0
}

@test "restart: stop of a deaf program: /init kills it before the engine does" {
    each_client deaf
}

killed() {
    local pid
    start on-failure:1 localhost/plain /app/witness death 600
    until_ready is .State.Running true
    pid=$(of .State.Pid)
    kill -KILL "$pid"
    until_ready is .RestartCount 1
    until_ready is .State.Running true
    [ "$(of .State.Pid)" != "$pid" ]
    done_with
}

@test "restart: /init killed from outside: the engine starts it again" {
    each_client killed
}
