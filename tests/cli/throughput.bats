#!/usr/bin/env bats
# Servers of Debian's, loaded, under the policies that traces of them give: the
# short form of make throughput, which has the figures.

bats_require_minimum_version 1.5.0

setup() {
    TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
}

# One pair of runs; the script fails when a call was denied.
serves() { # SERVER PROGRAM...
    [ "$(id -u)" = 0 ] || skip "needs root, for namespaces"
    for program in "${@:2}"; do
        command -v "$program" >/dev/null || skip "needs $program"
    done
    PAIRS=1 run -0 "$TOP/tests/bench/throughput.sh" "$1"
    [[ ${lines[-1]} =~ ^$1\ +([0-9]+)\ +([0-9]+)\ .*\ 0$ ]]
    # It did serve, and its policy is a small one.
    [ "${BASH_REMATCH[1]}" -lt 120 ]
    [ "${BASH_REMATCH[2]}" -gt 100 ]
}

@test "throughput: nginx under wrk and a traced policy: no denial" {
    serves nginx nginx wrk
}

@test "throughput: redis-server under redis-benchmark and a traced policy: no denial" {
    serves redis redis-server redis-benchmark
}

@test "throughput: memcached under memcaslap and a traced policy: no denial" {
    serves memcached memcached memcaslap
}
