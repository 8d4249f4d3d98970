#!/usr/bin/env bats
# An image as initramfs, its /init the kernel's own PID 1; and pages of 16 KiB,
# which a program for arm64 has to fit as well.

bats_require_minimum_version 1.5.0
MACHINE=aarch64
load ../support/boards
load suite

setup_file() {
    board_lacks && return
    board_make
    make_probe
    make_victim
}

setup() {
    board_needs
    TREE=$BATS_TEST_TMPDIR/tree.cpio
}

# The kernel gives its init what stands behind "--".
boot_init() {
    "$TOP/tests/boards/boot" -s 300 "$@" >"$BATS_TEST_TMPDIR/console"
    cat "$BATS_TEST_TMPDIR/console"
}

# PID 1 of a machine must not end, and pith-init ends with its program: what the
# kernel makes of that is a panic, which shows the exit code.
@test "initramfs: /init as the kernel's init; its end is the kernel's panic" {
    "$PITH" export --initramfs "$BATS_FILE_TMPDIR/victim.tar" -o "$TREE"
    run -0 boot_init "$MACHINE" "$KERNEL" "$TREE" '-- /app/victim exit 7'
    [[ $output == *"Attempted to kill init! exitcode=0x00000700"* ]]
    "$PITH" export --initramfs "$BATS_FILE_TMPDIR/probe.tar" -o "$TREE"
    run -0 boot_init "$MACHINE" "$KERNEL" "$TREE" '-- /app/probe exec ptrace'
    [[ $output == *"exec: killed SIGSYS"* ]]
    [[ $output == *"ptrace: errno EPERM"* ]]
    [[ $output == *"Attempted to kill init! exitcode=0x00000000"* ]]
}

@test "initramfs: the same with pages of 16 KiB" {
    KERNEL=$("$TOP/tests/boards/kernel" aarch64-16k) || skip "no kernel with such pages: $KERNEL"
    "$PITH" export --initramfs "$BATS_FILE_TMPDIR/probe.tar" -o "$TREE"
    run -0 boot_init aarch64-16k "$KERNEL" "$TREE" '-- /app/probe exec ptrace'
    [[ $output == *"exec: killed SIGSYS"* ]]
    [[ $output == *"ptrace: errno EPERM"* ]]
}
