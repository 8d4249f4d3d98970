#!/usr/bin/env bats
# pith diff on pairs of images that differ in one thing. PITH names another
# build of it.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    export LC_ALL=C PITH=${PITH:-$PWD/build/pith} TOP=$PWD
    export CASES=$BATS_FILE_TMPDIR
    python3 tests/support/pairs.py "$CASES"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

@test "each difference is a line, and its mirror image the other way" {
    local name expected failed=0
    [ "$(wc -l <"$CASES/cases")" -ge 25 ]
    while read -r name; do
        expected=$([ ! -s "$CASES/$name.expected" ]; echo $?)
        run --separate-stderr "$PITH" diff "$CASES/$name-a.tar" "$CASES/$name-b.tar"
        [ "$status" -eq "$expected" ] && [ -z "$stderr" ] &&
            diff "$CASES/$name.expected" <(printf '%s' "${output:+$output$'\n'}") ||
            { echo "$name: exit $status $stderr"; failed=1; }
        run "$PITH" diff "$CASES/$name-b.tar" "$CASES/$name-a.tar"
        [ "$status" -eq "$expected" ] &&
            [ "$(wc -l <"$CASES/$name.expected")" -eq "${#lines[@]}" ] ||
            { echo "$name reversed: exit $status"; failed=1; }
        run -0 "$PITH" diff "$CASES/$name-b.tar" "$CASES/$name-b.tar"
    done <"$CASES/cases"
    [ "$failed" -eq 0 ]
}

@test "the JSON says the same" {
    local name
    while read -r name; do
        "$PITH" diff --json "$CASES/$name-a.tar" "$CASES/$name-b.tar" >x.json || true
        [ "$(jq '.changes | length' x.json)" -eq "$(wc -l <"$CASES/$name.expected")" ]
        [ "$(jq -r '.images[0]' x.json)" = "$CASES/$name-a.tar" ]
    done <"$CASES/cases"
    run -1 "$PITH" diff --json "$CASES/mode-a.tar" "$CASES/mode-b.tar"
    [ "$(jq -c '.changes[]' <<<"$output")" = '{"part":"file","subject":"/x","field":"mode","a":"0644","b":"0755"}' ]
    run -1 "$PITH" diff --json "$CASES/env-a.tar" "$CASES/env-b.tar"
    [ "$(jq -c '.changes[2] | [.part, .subject, .field, .a, .b]' <<<"$output")" = '["config","Env.D","",null,"4"]' ]
}

@test "filters are compared by the calls that they let through" {
    printf 'int main(void)\n{\n\treturn 0;\n}\n' >x.c
    gcc -Os -s -static -o x x.c
    for which in a b; do
        printf '%s\n' '[Image]' Name=x 'Copy=x /app/x' '[Service]' ExecStart=/app/x \
            SystemCallFilter=file:$which.policy >$which.pith
    done
    printf 'read\nwrite\n' >a.policy
    printf 'read\nopenat2\nsync\n' >b.policy
    "$PITH" build a.pith
    "$PITH" build b.pith
    run -1 "$PITH" diff a.tar b.tar
    [ "${lines[1]}" = '- filter calls: write' ]
    [ "${lines[2]}" = '+ filter calls: sync' ]
    [ "${lines[3]}" = '+ filter calls: openat2' ]
    [ "${#lines[@]}" -eq 6 ]
    # Without any filter it is one line, not one a call.
    run -1 "$PITH" diff "$CASES/same-a.tar" a.tar
    [ "$(grep -c '^. filter' <<<"$output")" -eq 1 ]
}

@test "an image is the same in every format" {
    command -v skopeo >/dev/null || skip "skopeo is not installed"
    skopeo copy -q "docker-archive:$CASES/env-a.tar" docker-archive:docker.tar:localhost/y:2
    skopeo copy -q "oci-archive:$CASES/env-a.tar" oci-archive:oci.tar:2
    run -0 "$PITH" diff docker.tar oci.tar
    run -0 "$PITH" diff docker.tar "$CASES/env-a.tar"
    [ -z "$output" ]
}

@test "many files: bounded memory, and the one difference" {
    command -v /usr/bin/time >/dev/null || skip "no time(1)"
    python3 - "$TOP/tests/support" <<'PY'
import sys
sys.path.insert(0, sys.argv[1])
import image
names = [image.file(f"{n * 7919 % 100}/{'n' * 80}{n}", b"x") for n in range(60000)]
image.Image([image.layer(names)]).write("a.tar")
names[31337] = image.file(names[31337][0].name, b"y")
image.Image([image.layer(names[30000:]), image.layer(names[:30000])]).write("b.tar")
PY
    run -1 /usr/bin/time -f %M -o memory "$PITH" diff a.tar b.tar
    [ "${#lines[@]}" -eq 1 ]
    [[ "$output" = '~ file /'*'n31337: content: 1 bytes, '* ]]
    cat memory
    [ "$(tail -1 memory)" -lt 16384 ]
    # Nothing is left in TMPDIR, and without a place for it there is one line.
    mkdir tmp
    TMPDIR=$PWD/tmp run -1 "$PITH" diff a.tar b.tar
    [ -z "$(ls -A tmp)" ]
    TMPDIR=$PWD/none run -2 "$PITH" diff a.tar b.tar
    [[ "$output" = 'pith: a.tar: layer 0: '*": a scratch file in $PWD/none: No such file or directory" ]]
}

@test "trouble is 2, with one line and nothing on standard output" {
    run -2 --separate-stderr "$PITH" diff "$CASES/same-a.tar" /nope
    [ "$stderr" = 'pith: /nope: open: No such file or directory' ]
    [ -z "$output" ]
    python3 - "$TOP/tests/support" <<'PY'
import sys
sys.path.insert(0, sys.argv[1])
import image
image.Image([image.layer([image.file("a/../../b")])]).write("bad.tar")
PY
    run -2 --separate-stderr "$PITH" diff --json "$CASES/same-a.tar" bad.tar
    [ "$stderr" = "pith: bad.tar: layer 0: a/../../b: '..' in the path" ]
    [ -z "$output" ]
    run -2 sh -c '"$PITH" diff "$CASES/mode-a.tar" "$CASES/mode-b.tar" >/dev/full'
    for args in '' 'a' '--nope a b' 'a b c'; do
        # shellcheck disable=SC2086 # a list of arguments
        run -2 "$PITH" diff $args
        [[ "${lines[0]}" = 'pith: diff: '* ]]
    done
}
