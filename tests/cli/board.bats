#!/usr/bin/env bats
# pith-init locked in on an arm64 machine of its own: the short form of
# tests/boards, which `make boards` runs on four.

bats_require_minimum_version 1.5.0
MACHINE=aarch64
load ../support/boards
load ../boards/suite

setup_file() {
    board_lacks && return
    board_make
    make_probe
    make_victim
    export XDG_CACHE_HOME=$BATS_FILE_TMPDIR/cache
    make_hello auto
    spoil_images
    start_hello
    try_acts
    try_victim
    ask_hello
    board_boot 240
}

setup() {
    board_needs
}

@test "board: exit codes and orphans" { codes_come_through; }
@test "board: the acts of the probe work outside (the control)" { acts_work_outside; }
@test "board: inside no second exec by any way, and no other escape" { acts_fail_inside; }
@test "board: no privilege is left, and limits hold" { nothing_is_left; }
@test "board: denials speak, and the kernel has what is needed" { denials_speak; }
@test "board: hello answers under the filter of its own code, and stops" { hello_serves; }
@test "board: no filter, a short or a foreign one: nothing starts" { bad_filters_start_nothing; }
