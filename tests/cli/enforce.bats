#!/usr/bin/env bats
# Programs do their work under a filter that is derived from them and kills for
# the rest. make enforce does all of them, and longer.

bats_require_minimum_version 1.5.0

@test "enforce: hello, sqlite3, memcached, threads and others: nothing is killed" {
    [ "$(id -u)" = 0 ] || skip "a filter without no_new_privs needs root"
    export XDG_CACHE_HOME=$BATS_FILE_TMPDIR
    run -0 "$BATS_TEST_DIRNAME/../enforce" hello sqlite3 memcached ripgrep hello-glibc threads
    [ "$(grep -c ' calls  0 killed$' <<<"$output")" = 6 ] || { echo "$output"; return 1; }
}

@test "enforce: a call less, and the kill is seen" {
    [ "$(id -u)" = 0 ] || skip "a filter without no_new_privs needs root"
    export XDG_CACHE_HOME=$BATS_FILE_TMPDIR
    run -0 "$BATS_TEST_DIRNAME/../enforce" --control hello sqlite3 hello-glibc threads
    [ "$(grep -c ' without [a-z0-9]*: ' <<<"$output")" = 4 ] || { echo "$output"; return 1; }
}
