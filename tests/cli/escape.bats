#!/usr/bin/env bats
# tests/escape: 270 attempts to get out, bare and under pith. `make escape` makes
# them in other sandboxes as well.

bats_require_minimum_version 1.5.0

setup_file() {
    export TOP
    TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    [ "$(id -u)" = 0 ] || return 0
    local code=0
    "$TOP/tests/escape/run" --short >"$BATS_FILE_TMPDIR/table" || code=$?
    echo "$code" >"$BATS_FILE_TMPDIR/code"
}

setup() {
    [ "$(id -u)" = 0 ] || skip "needs root, to make namespaces"
    TABLE=$BATS_FILE_TMPDIR/table
}

@test "escape: nothing is reached under pith that is not listed with its reason" {
    sed -n '/^Of /,$p' "$TABLE"
    [ "$(cat "$BATS_FILE_TMPDIR/code")" = 0 ]
    [ "$(sed -n 's/^Of [0-9]* attempts \([0-9]*\) work bare:/\1/p' "$TABLE")" -ge 90 ]
}

@test "escape: 12 of 12 schemes to exec again are stopped, static and dynamic" {
    local row kind
    for kind in static dynamic; do
        row=$(grep -E "^re-exec +$kind" "$TABLE")
        # The control; execveat without a path is an error on its own.
        [[ $row =~ $kind\ +[01]\ of\ 12\ \(0\) ]]
        # @default, tight, and a policy of every call: the gate alone.
        [ "$(grep -o '12 of 12' <<<"$row" | wc -l)" -eq 3 ]
        [[ $row == *"12 of 12 (12)" ]]
    done
}

@test "escape: one that is reached and not listed fails, and is named" {
    printf '%s * why\n' no-such-attempt kcmp >"$BATS_TEST_TMPDIR/known"
    KNOWN=$BATS_TEST_TMPDIR/known EXTRA_CALLS="ptrace unshare" \
        ATTEMPTS="ptrace-attach unshare-user kcmp" \
        run -1 "$TOP/tests/escape/run" --short
    for line in "ptrace-attach: reached under default, and not in escape.known" \
        "unshare-user: reached under default-root, and not in escape.known" \
        "no-such-attempt: in escape.known, and no attempt" \
        "kcmp: in escape.known, and stopped: take it out there"; do
        [[ $output == *$'\n'"  $line"* ]]
    done
}

@test "escape: a probe is out of the service's reach if it cannot read /init" {
    local top=$TOP dir=$BATS_TEST_TMPDIR tries
    local program=$TOP/build/tests/escape/static
    source "$TOP/tests/escape/columns.bash"
    chmod 755 "$dir"
    printf '@default\n' >"$dir/policy"
    lock probed "$dir/policy"
    attempt() {
        "$enter" -u 65532 -p "$dir/probed" /init -- /app/escape \
            --here probe-mem-write 2>/dev/null
    }
    for tries in 1 2 3 4 5; do
        run -0 attempt
        [ "$output" = "probe-mem-write errno EACCES" ]
    done
    # The control is a race. It is won within a few tries, where the second CPU
    # is not for others.
    [ "$(nproc)" -gt 1 ] || skip "control: one CPU races nobody"
    chmod 755 "$dir/probed/init"
    for tries in $(seq 1000); do
        run -0 attempt
        [ "$output" != "probe-mem-write reached" ] || return 0
    done
    return 1
}
