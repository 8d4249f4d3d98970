#!/usr/bin/env bats
# pith-init on a 32-bit arm machine of its own, under Debian 12's kernel.

bats_require_minimum_version 1.5.0
MACHINE=armhf
load ../support/boards
load suite

setup_file() {
    board_lacks || suite_setup
}

setup() {
    board_needs
}

@test "armhf: exit codes and orphans" { codes_come_through; }
@test "armhf: the acts of the probe work outside (the control)" { acts_work_outside; }
@test "armhf: inside no second exec by any way, and no other escape" { acts_fail_inside; }
@test "armhf: no privilege is left, and limits hold" { nothing_is_left; }
@test "armhf: denials speak, and the kernel has what is needed" { denials_speak; }
@test "armhf: no filter, a short or a foreign one: nothing starts" { bad_filters_start_nothing; }
@test "armhf: hello answers its probe under a tight filter, and stops" { hello_serves; }
@test "armhf: of all attempts none is reached that is not listed" { escape_is_listed; }
@test "armhf: every call allowed, the gate still stops every exec" { gate_holds; }
