# Emulated machines for the tests: Debian's kernels in qemu, without any
# acceleration, and what tests want to run there. For one machine in $MACHINE:
#
#	board_lacks		whether it cannot be had; in setup_file
#	board_needs		then skip; in setup
#	board_make		an initramfs to be, in $BOARD, with tests/boards/board.c
#	board_tree NAME X.tar	the files of an image below /img/NAME
#	board_line LABEL COMMAND...	what is to run there, in this order
#	board_boot [SECONDS]	run it
#	said LABEL, exited LABEL	what COMMAND wrote, and its exit code

TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
PITH=${PITH:-$TOP/build/pith}
PROGRAMS=$TOP/build/tests/boards/$MACHINE

# The names that pith, qemu and Debian have for it.
case $MACHINE in
x86_64) OCI=amd64 PLATFORM=linux/amd64 BOARD_INIT=$TOP/build/pith-init QEMU=qemu-system-x86_64 ;;
aarch64) OCI=arm64 PLATFORM=linux/arm64 BOARD_INIT=$TOP/build/pith-init-aarch64 QEMU=qemu-system-aarch64 ;;
armhf) OCI=arm PLATFORM=linux/arm/v7 BOARD_INIT=$TOP/build/pith-init-armhf QEMU=qemu-system-arm ;;
riscv64) OCI=riscv64 PLATFORM=linux/riscv64 BOARD_INIT=$TOP/build/pith-init-riscv64 QEMU=qemu-system-riscv64 ;;
esac

# board_lacks [SUITE]: why it cannot be had, in words; else its kernel's path is
# in KERNEL, of that release of Debian.
board_lacks() {
    if [ "$(id -u)" != 0 ]; then
        LACKS="needs root, to make device files"
    elif ! command -v "$QEMU" >/dev/null; then
        LACKS="no $QEMU; see scripts/setup"
    elif ! command -v cpio >/dev/null; then
        LACKS="no cpio(1)"
    elif [ ! -f "$BOARD_INIT" ]; then
        LACKS="no ${BOARD_INIT##*/}: make cross"
    elif [ ! -x "$PROGRAMS/board" ]; then
        LACKS="no programs for $MACHINE: make boards"
    elif ! KERNEL=$("$TOP/tests/boards/kernel" "$MACHINE" "$@" 2>&1); then
        LACKS=$KERNEL
    fi
    export LACKS KERNEL
    [ -n "${LACKS:-}" ]
}

# board_needs: for setup(), since setup_file() cannot skip.
board_needs() {
    [ -z "${LACKS:-}" ] || skip "$LACKS"
}

board_make() {
    export BOARD=$BATS_FILE_TMPDIR/board
    mkdir -p "$BOARD/img" "$BOARD/dev" "$BOARD/bin"
    mknod -m 600 "$BOARD/dev/console" c 5 1
    install -m 755 "$PROGRAMS/board" "$PROGRAMS/enter" "$BOARD/bin"
    : >"$BOARD/board.list"
}

board_tree() {
    mkdir -p "$BOARD/img/$1"
    "$PITH" export --initramfs "$2" -o "$BATS_FILE_TMPDIR/tree.cpio"
    (cd "$BOARD/img/$1" && cpio -idm --quiet <"$BATS_FILE_TMPDIR/tree.cpio")
}

board_line() {
    echo "$*" >>"$BOARD/board.list"
}

board_boot() {
    local initramfs=$BATS_FILE_TMPDIR/board.cpio
    (cd "$BOARD" && find . | cpio -o -H newc --quiet) >"$initramfs"
    "$TOP/tests/boards/boot" -s "${1:-240}" "$MACHINE" "$KERNEL" "$initramfs" \
        rdinit=/bin/board >"$BATS_FILE_TMPDIR/console" || true
    grep -q '^board: done$' "$BATS_FILE_TMPDIR/console" || {
        echo "$MACHINE did not come to its end:"
        tail -n 30 "$BATS_FILE_TMPDIR/console"
        return 1
    }
}

said() {
    sed -n "/^board: $1 begins\$/,/^board: $1 exits /{/^board: $1 /d;p}" \
        "$BATS_FILE_TMPDIR/console"
}

exited() {
    sed -n "s/^board: $1 exits //p" "$BATS_FILE_TMPDIR/console"
}
