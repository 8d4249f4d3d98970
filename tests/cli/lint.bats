#!/usr/bin/env bats
# pith lint: each rule on an image that breaks it and on one that comes near.
# PITH names another build of it.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    export LC_ALL=C PITH=${PITH:-$PWD/build/pith} TOP=$PWD
    export CASES=$BATS_FILE_TMPDIR
    mkdir "$CASES/programs"
    cd "$CASES/programs" || return
    printf 'int main(void)\n{\n\treturn 0;\n}\n' >x.c
    printf '%s\n' 'const char *volatile at[] = { "/etc/ssl/certs", "/usr/share/zoneinfo/UTC",' \
        '"/home/joe/src/x.c" };' >y.c
    local cc=${MUSL_CC:-}
    [ -x "$cc" ] || cc=gcc
    "$cc" -Os -s -static -o static x.c
    gcc -Os -s -o dynamic x.c
    "$cc" -Os -s -static -o paths x.c y.c
    echo write >x.policy
    "$PITH" profile compile x.policy --program /app/x=static -o service.bpf
    python3 "$TOP/tests/support/lint.py" "$CASES/programs" "$CASES"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

# rules FILE: the rules that it breaks, in their order.
rules() {
    "$PITH" lint --json "$1" >"$BATS_TEST_TMPDIR/x.json" || [ $? -eq 1 ]
    jq -r '.findings[].rule' "$BATS_TEST_TMPDIR/x.json" | sort -u
}

@test "every rule there is has its two images" {
    diff <("$PITH" lint --rules | awk '{ print $1 }') "$CASES/cases"
    [ "$(wc -l <"$CASES/cases")" -ge 50 ]
}

@test "each rule is broken by the one image and not by the other" {
    local rule failed=0
    while read -r rule; do
        rules "$CASES/$rule-bad.tar" | grep -qx "$rule" || {
            echo "$rule: not found:" && "$PITH" lint "$CASES/$rule-bad.tar"
            failed=1
        }
        ! rules "$CASES/$rule-good.tar" | grep -qx "$rule" || {
            echo "$rule: wrongly found:" && "$PITH" lint "$CASES/$rule-good.tar"
            failed=1
        }
    done <"$CASES/cases"
    [ "$failed" -eq 0 ]
}

@test "a clean image: nothing but the count, exit 0, also when strict" {
    run -0 --separate-stderr "$PITH" lint --strict "$CASES/clean.tar"
    [ "$output" = "$CASES/clean.tar: 0 errors, 0 warnings, 0 notes" ]
    [ -z "$stderr" ]
    [ "$("$PITH" lint --json "$CASES/clean.tar" | jq -c)" = \
        "{\"image\":\"$CASES/clean.tar\",\"findings\":[],\"errors\":0,\"warnings\":0,\"notes\":0}" ]
}

@test "the exit code follows the gravest finding" {
    local rule severity expected
    while read -r rule severity _; do
        case $severity in error) expected='1 1' ;; warning) expected='0 1' ;; *) expected='0 0' ;; esac
        # Others may be broken along with it: only what is alone tells.
        [ "$(rules "$CASES/$rule-bad.tar")" = "$rule" ] || continue
        run "$PITH" lint "$CASES/$rule-bad.tar"
        lax=$status
        run "$PITH" lint --strict "$CASES/$rule-bad.tar"
        [ "$lax $status" = "$expected" ] || { echo "$rule: $lax $status, not $expected"; return 1; }
        echo "$severity" >>seen
    done < <("$PITH" lint --rules)
    [ "$(sort -u seen | wc -l)" -eq 3 ]
    [ "$(wc -l <seen)" -gt 30 ]
}

@test "a line says the image, how grave, whose, what, and which rule" {
    run -0 "$PITH" lint "$CASES/setuid-bad.tar"
    [ "${lines[0]}" = "$CASES/setuid-bad.tar: warning: /y: a setuid program: mode 04755, owner 0 [setuid]" ]
    [ "${lines[1]}" = "$CASES/setuid-bad.tar: 0 errors, 1 warning, 0 notes" ]
    run -1 "$PITH" lint "$CASES/secret-key-bad.tar"
    [[ "${lines[0]}" = *': error: /y: a private key: -----BEGIN RSA PRIVATE KEY----- in layer 0, replaced or deleted above [secret-key]' ]]
    # A secret's value is shown nowhere.
    run "$PITH" lint --json "$CASES/secret-env-bad.tar"
    [[ "$output" != *'=x'* ]]
    [[ "$output" = *'DB_PASSWORD in Env'* ]]
}

@test "what is found ten times is counted; the JSON has all of it" {
    python3 - "$TOP/tests/support" <<'PY'
import sys
sys.path.insert(0, sys.argv[1])
import image
image.Image([image.layer([image.file(f"{n}", b"", 0o666) for n in range(25)])]).write("x.tar")
PY
    run -1 "$PITH" lint x.tar
    [ "$(grep -c 'world-writable' <<<"$output")" -eq 11 ]
    grep -qx 'x.tar: and 15 more \[world-writable\]' <<<"$output"
    run -1 "$PITH" lint --json x.tar
    [ "$(jq '[.findings[] | select(.rule == "world-writable")] | length' <<<"$output")" -eq 25 ]
    [ "$(jq .warnings <<<"$output")" -ge 25 ]
}

@test "every rule is explained" {
    while read -r rule; do
        run -0 "$PITH" lint --explain "$rule"
        [[ "${lines[0]}" = "$rule ("*'): '* ]]
        [ "${#lines[@]}" -ge 2 ]
        [ -z "$(awk 'length > 100' <<<"$output")" ]
    done <"$CASES/cases"
    run -1 "$PITH" lint --explain setuids
    [ "$output" = 'pith: lint: setuids: no such rule; did you mean setuid?' ]
}

@test "patterns are found wherever in a file they stand" {
    python3 - "$TOP/tests/support" "$CASES/programs/static" <<'PY'
import sys
sys.path.insert(0, sys.argv[1])
import image
elf = open(sys.argv[2], "rb").read()
key = b"\n-----BEGIN EC PRIVATE KEY-----\nMIIEvQIBADANBgkq"
files = []
for at in [0, 1, 65530, 65536, 65792, 131072 - 40, 131072 - 10, 200000]:
    files.append(image.file(f"key{at}", b"x" * at + key))
    pad = bytes(max(0, at - len(elf)))
    files.append(image.file(f"elf{at}", elf + pad + b"\0/home/joe/src/x.c\0"))
    files.append(image.file(f"not{at}", elf + pad + b"x/home/joe/src/x.c\0"))
image.Image([image.layer(files)]).write("x.tar")
PY
    "$PITH" lint --json x.tar >x.json || true
    [ "$(jq '[.findings[] | select(.rule == "secret-key")] | length' x.json)" -eq 8 ]
    jq -r '.findings[] | select(.rule == "build-path") | .subject' x.json | sort >found
    [ "$(wc -l <found)" -eq 8 ]
    run ! grep -v /elf found
}

@test "which paths in a program are somebody's" {
    python3 - "$TOP/tests/support" "$CASES/programs/static" <<'PY'
import sys
sys.path.insert(0, sys.argv[1])
import image
elf = open(sys.argv[2], "rb").read()
yes = ["/home/joe/src/x.c", "/Users/joe/src/x.c", "/root/go/pkg/x", "/build/gdb-kUlB6r/gdb/x.c",
       "/builds/team/app/x.c", "/github/workspace/x.c", "/workspace/src/x.c"]
no = ["/home/", "/home/joe", "/home/joe/.cache", "/root/.profile", "/build/prune/checkpoints/all",
      "/build/reproducible-path/vim-9/src", "/src/home/joe/src/x.c", "/builds/", "/tmp/a/b/c"]
files = [image.file(f"{kind}{i}", elf + b"\0" + path.encode() + b"\0")
         for kind, paths in (("yes", yes), ("no", no)) for i, path in enumerate(paths)]
image.Image([image.layer(files)]).write("x.tar")
PY
    "$PITH" lint --json x.tar >x.json || true
    jq -r '.findings[] | select(.rule == "build-path") | .subject + " " + .detail' x.json | sort >found
    cat found
    [ "$(grep -c '^/yes' found)" -eq 7 ]
    [ "$(wc -l <found)" -eq 7 ]
    grep -qx '/yes3 /build/gdb-kUlB6r/gdb/x.c' found
}

@test "an image of any size takes 16 MB of memory at the most" {
    command -v /usr/bin/time >/dev/null || skip "no time(1)"
    python3 - "$TOP/tests/support" "$CASES/programs/static" <<'PY'
import sys
sys.path.insert(0, sys.argv[1])
import image
elf = open(sys.argv[2], "rb").read()
names = [image.file(f"{n % 100}/{'n' * 80}{n}.so", b"%d" % n * 1000) for n in range(30000)]
big = image.file("big", elf + bytes(100 << 20))
image.Image([image.layer([big]), image.layer(names)]).write("big.tar")
PY
    run -1 /usr/bin/time -f %M -o memory "$PITH" lint big.tar
    cat memory
    [ "$(tail -1 memory)" -lt 16384 ]
}

@test "trouble: one line, exit 1; usage is 2" {
    run -1 "$PITH" lint /nope
    [ "$output" = 'pith: /nope: open: No such file or directory' ]
    # JSON is complete or not there.
    TMPDIR=/none run -1 --separate-stderr "$PITH" lint --json "$CASES/clean.tar"
    [ -z "$output" ]
    [ "$stderr" = 'pith: a scratch file in /none: No such file or directory' ]
    for args in '' '--nope x' 'a b' '--explain'; do
        # shellcheck disable=SC2086 # a list of arguments
        run -2 "$PITH" lint $args
        [[ "${lines[0]}" = 'pith: lint: '* ]]
    done
}
