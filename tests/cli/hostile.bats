#!/usr/bin/env bats
# Archives that somebody has tampered with: whatever reads them says what is
# wrong or does its job, and harms nothing. PITH names another build of it, for
# example one with sanitizers; SEEDS how many archives.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    export LC_ALL=C PITH=${PITH:-$PWD/build/pith} FIRST=${FIRST:-0} SEEDS=${SEEDS:-300}
    export CASES=$BATS_FILE_TMPDIR/cases
    mkdir "$CASES"
    printf 'int main(void)\n{\n\treturn 0;\n}\n' >"$BATS_FILE_TMPDIR/x.c"
    local cc=${MUSL_CC:-}
    [ -x "$cc" ] || cc=gcc
    "$cc" -Os -s -static -o "$BATS_FILE_TMPDIR/x" "$BATS_FILE_TMPDIR/x.c"
    python3 tests/support/mutate.py "$BATS_FILE_TMPDIR/x" "$FIRST" "$SEEDS" "$CASES"
}

# harmless COMMAND...: it ends by itself, says one line at the most of why not,
# writes no file but its output, and nothing to a terminal that talks back.
harmless() {
    local status=0
    timeout 20 "$PITH" "$@" >out 2>err || status=$?
    # A machine that is short of timers is not what this is about.
    sed -i '/^timeout: warning: /d' err
    [ "$status" -le 2 ] && [ "$(wc -l <err)" -le 1 ] &&
        { [ "$status" -eq 0 ] || [ ! -e sealed.tar ]; } &&
        ! grep -q $'[\001-\010\013-\037]' out err && ! grep -q 'Sanitizer\|runtime error' err &&
        [ -z "$(find . ! -name out ! -name err ! -name sealed.tar ! -name out.cpio ! -name .)" ] && return
    printf 'pith %s: exit %s\n' "$*" "$status"
    head -5 err
    ls -la
    return 1
}

@test "tampered archives harm nothing" {
    mkdir "$BATS_TEST_TMPDIR/work" && cd "$BATS_TEST_TMPDIR/work" || return
    local file failed=0
    export TMPDIR=$PWD
    for file in "$CASES"/*.tar; do
        rm -f sealed.tar out.cpio
        harmless export --initramfs "$file" -o out.cpio || failed=1
        harmless verify "$file" || failed=1
        harmless lint "$file" || failed=1
        harmless lint --json "$file" || failed=1
        harmless diff "$file" "$CASES/$FIRST.tar" || failed=1
        harmless inspect "$file" || failed=1
        harmless seal "$file" -o sealed.tar --tag x/y:1 || failed=1
        # What it does seal is good where what it came from was.
        if [ -e sealed.tar ] && "$PITH" verify "$file" >out; then
            harmless verify sealed.tar
            "$PITH" verify sealed.tar >out || { cat out; failed=1; }
        fi
    done
    [ "$failed" -eq 0 ]
}

@test "and many of them are still sealed: the changes are not all fatal" {
    cd "$BATS_TEST_TMPDIR" || return
    local file sealed=0 count=0
    for file in "$CASES"/*0.tar; do
        count=$((count + 1))
        ! "$PITH" seal "$file" -o sealed.tar --tag x/y:1 >out 2>&1 || sealed=$((sealed + 1))
    done
    echo "$sealed of $count"
    [ "$sealed" -ge $((count / 10)) ] && [ "$sealed" -lt "$count" ]
}
