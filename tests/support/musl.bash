# For tests that compile their programs: where all is, MUSL, the compiler of static
# programs, and a cache of their own. Call it first in setup_file.
with_musl() {
    TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    local musl=$TOP/build/sysroot/x86_64/bin/musl-gcc
    [ -x "$musl" ] || musl='musl-gcc'
    export TOP MUSL=${MUSL_CC:-$musl} PITH=${PITH:-$TOP/build/pith} LC_ALL=C
    export XDG_CACHE_HOME=$BATS_FILE_TMPDIR/cache
    cd "$BATS_FILE_TMPDIR" || return
}
