#!/usr/bin/env bats
# pith-init on a riscv64 machine of its own, under Debian 13's kernel.

bats_require_minimum_version 1.5.0
MACHINE=riscv64
load ../support/boards
load suite

setup_file() {
    board_lacks || suite_setup
}

setup() {
    board_needs
}

@test "riscv64: exit codes and orphans" { codes_come_through; }
@test "riscv64: the acts of the probe work outside (the control)" { acts_work_outside; }
@test "riscv64: no privilege is left, and limits hold" { nothing_is_left; }
@test "riscv64: denials speak, and the kernel has what is needed" { denials_speak; }
@test "riscv64: no filter, a short or a foreign one: nothing starts" { bad_filters_start_nothing; }
@test "riscv64: hello answers its probe under a tight filter, and stops" { hello_serves; }

# Its kernel hands registers to the new program, so there is no gate, and pith
# says so rather than build one that does not hold.
@test "riscv64: start-once is refused, not pretended" {
    sed 's/^AllowExec=yes$//' "$BATS_FILE_TMPDIR/probe.pith" >"$BATS_TEST_TMPDIR/probe.pith"
    run -1 "$PITH" build "$BATS_TEST_TMPDIR/probe.pith" -o "$BATS_TEST_TMPDIR/probe.tar"
    [[ $output == *": SystemCallFilter: riscv64: cannot start a program just once: its kernel \
leaves registers, and so the cookie, to the new program; allow exec instead" ]]
}

@test "riscv64: all but exec is as elsewhere" {
    diff <(expected_acts | grep -v -e exec -e cookie -e spawn) <(acts probe | grep -v -e exec -e cookie -e spawn)
    acts probe | grep -qx 'exec: exec'
    # shellcheck disable=SC2046 # names are words
    escape_is_listed $(exec_names)
}
