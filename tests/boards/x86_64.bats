#!/usr/bin/env bats
# pith-init on an x86-64 machine of its own, under Debian 12's kernel.

bats_require_minimum_version 1.5.0
MACHINE=x86_64
load ../support/boards
load suite

setup_file() {
    board_lacks || suite_setup
}

setup() {
    board_needs
}

@test "x86_64: exit codes and orphans" { codes_come_through; }
@test "x86_64: the acts of the probe work outside (the control)" { acts_work_outside; }
@test "x86_64: inside no second exec by any way, and no other escape" { acts_fail_inside; }
@test "x86_64: no privilege is left, and limits hold" { nothing_is_left; }
@test "x86_64: denials speak, and the kernel has what is needed" { denials_speak; }
@test "x86_64: no filter, a short or a foreign one: nothing starts" { bad_filters_start_nothing; }
@test "x86_64: hello answers its probe under a tight filter, and stops" { hello_serves; }
@test "x86_64: of all attempts none is reached that is not listed" { escape_is_listed; }
@test "x86_64: every call allowed, the gate still stops every exec" { gate_holds; }
