#!/usr/bin/env bats
# pith-init on an x86-64 machine of its own, under Debian 12's kernel.

bats_require_minimum_version 1.5.0
MACHINE=x86_64
load ../support/boards

setup_file() {
    board_lacks && return
    board_make
    "$PITH" build "$PROGRAMS/victim" --tag localhost/victim:latest \
        -o "$BATS_FILE_TMPDIR/victim.tar"
    board_tree victim "$BATS_FILE_TMPDIR/victim.tar"
    board_line exit /bin/enter /img/victim /init -- /app/victim exit 7
    board_line status /bin/enter /img/victim /init -- /app/victim status
    board_boot
}

setup() {
    board_needs
}

@test "x86_64: the exit code comes through, and User= holds" {
    [ "$(exited exit)" = 7 ]
    [[ $(said status) == *"Uid:"$'\t'"65532"$'\t'"65532"* ]]
}
