#!/usr/bin/env bats
# The environment of the service: where its settings come from, which of two
# holds, and where secrets do not go.

bats_require_minimum_version 1.5.0
load ../support/init

SECRET=kestrel-4711-secret

setup() {
    needs_root
    make_root
    STARTED=
    mkdir -p "$ROOT/run/secrets"
    chmod 700 "$ROOT/run/secrets"
}

teardown() {
    [ -z "$STARTED" ] || kill -KILL "$STARTED" 2>/dev/null || true
}

# file NAME TEXT: a file in /run/secrets that only root may read.
file() {
    printf '%b' "$2" >"$ROOT/run/secrets/$1"
    chmod 400 "$ROOT/run/secrets/$1"
}

# with_env A=1... -- COMMAND...: the engine's environment, and nothing else.
with_env() {
    local env=()
    while [ "$1" != -- ]; do env+=("$1"); shift; done
    shift
    env -i "${env[@]}" "$(command -v unshare)" --pid --fork --root="$ROOT" "$@"
}

# fails MESSAGE: exit 125, one line, nothing started, nothing told.
fails() {
    run -125 with_env -- /init -- /app/probe echo started
    [ "$output" = "pith-init: $1" ]
    [[ $output != *"$SECRET"* ]]
}

# memory_holds PID TEXT: in what the process may write.
memory_holds() {
    local range perms rest start end
    while read -r range perms rest; do
        case "$perms $rest" in rw*vvar* | r-*) continue ;; rw*) ;; *) continue ;; esac
        start=$((0x${range%-*})) end=$((0x${range#*-}))
        dd if="/proc/$1/mem" bs=4096 skip=$((start / 4096)) \
            count=$(((end - start) / 4096)) status=none
    done <"/proc/$1/maps" >"$BATS_TEST_TMPDIR/mem"
    [ "$(stat -c %s "$BATS_TEST_TMPDIR/mem")" -gt 8192 ]
    grep -qaF "$2" "$BATS_TEST_TMPDIR/mem"
}

@test "a secret that only root may read reaches a program that is not root" {
    file token "$SECRET\n"
    service User=65532 Secret=TOKEN:/run/secrets/token \
        SecretFD=TOKEN_FD:/run/secrets/token
    run -0 with_env -- /init -- /app/victim env
    [ "${lines[0]}" = "TOKEN=$SECRET" ]
    [[ ${lines[1]} =~ ^TOKEN_FD=[0-9]+$ ]]
    run -0 with_env -- /init -- /app/victim readfd TOKEN_FD
    [[ $output =~ ^[0-9]+": $SECRET"$ ]]
    run -0 in_root /init -- /app/victim status
    [[ $output == *$'Uid:\t65532\t65532\t65532\t65532'* ]]
}

@test "SecretFD with 0, 1 and 2 closed is not one of them" {
    file token "$SECRET"
    service User=65532 SecretFD=FD:/run/secrets/token
    run -0 sh -c 'exec "$@" 3>&1 <&- >&- 2>&-' sh unshare --pid --fork \
        --root="$ROOT" /init -- /app/victim exit 0
    with_env -- /init -- /app/victim env <&- 2>&- >"$BATS_TEST_TMPDIR/env"
    [ "$(sed -n 's/^FD=//p' "$BATS_TEST_TMPDIR/env")" -ge 3 ]
}

@test "one newline is taken off a secret, and no more" {
    file none abc
    file one 'abc\n'
    file two 'abc\n\n'
    file empty ''
    service Secret='A:/run/secrets/none B:/run/secrets/one' \
        Secret=C:/run/secrets/two Secret=D:/run/secrets/empty
    run -0 with_env -- /init -- /app/victim env
    [ "$output" = $'A=abc\nB=abc\nC=abc\n\nD=' ]
}

@test "an environment file: comments, quotes, continued lines" {
    file env '# c\n; d\n\nA = 1 2 \nB="x \\"y\\" \\$HOME"\nC='"'z\n\$z'"'\nD=a\\\nb\n'
    service User=65532 EnvironmentFile=/run/secrets/env
    run -0 with_env -- /init -- /app/victim env
    [ "$output" = $'A=1 2\nB=x "y" $HOME\nC=z\n$z\nD=ab' ]
}

@test "who wins: Environment, files in order, the engine, secrets" {
    file one 'A=one\nB=one\nC=one\nS=one\nA=one again\n'
    file two 'B=two\nC=two\n'
    file secret "$SECRET"
    service Environment='A=conf B=conf C=conf D=conf D=conf2' \
        EnvironmentFile='/run/secrets/one /run/secrets/two' \
        Secret=S:/run/secrets/secret Secret=E:/run/secrets/secret
    run -0 with_env C=engine E=engine -- /init -- /app/victim env
    [ "$output" = "C=engine
E=$SECRET
A=one again
B=two
D=conf2
S=$SECRET" ]
}

@test "an empty value empties the list" {
    service EnvironmentFile=/nope EnvironmentFile= Secret=A:/nope Secret= \
        SecretFD=A:/nope SecretFD=
    run -0 with_env X=1 -- /init -- /app/victim env
    [ "$output" = X=1 ]
}

@test "a missing file is an error unless '-' says that it may be" {
    for key in EnvironmentFile= Secret=A: SecretFD=A:; do
        service "$key-/run/secrets/nope" "$key-/run/nope/nope"
        run -0 with_env X=1 -- /init -- /app/victim env
        [ "$output" = X=1 ]
        service "$key/run/secrets/nope"
        fails "${key%=*}: ${key#*=}/run/secrets/nope: No such file or directory"
    done
    # May be missing is not may be broken.
    service Secret=A:-/run/secrets
    fails "Secret: A:-/run/secrets: Is a directory"
}

@test "over-long files and zero bytes are refused" {
    head -c 65536 /dev/zero | tr '\0' x >"$ROOT/run/secrets/full"
    head -c 65537 /dev/zero | tr '\0' x >"$ROOT/run/secrets/long"
    file zero "$SECRET\\0x\n"
    file zeros "A=1\nB=$SECRET\\0x\n"
    service Secret=A:/run/secrets/full
    run -0 with_env -- /init -- /app/victim env
    [ "${#output}" = 65538 ]
    service Secret=A:/run/secrets/long
    fails "Secret: A:/run/secrets/long: over-long: more than 65536 bytes"
    service EnvironmentFile=/run/secrets/long
    fails "EnvironmentFile: /run/secrets/long: over-long: more than 65536 bytes"
    service Secret=A:/run/secrets/zero
    fails "Secret: A:/run/secrets/zero: a zero byte"
    service EnvironmentFile=/run/secrets/zeros
    fails "EnvironmentFile: /run/secrets/zeros: line 2: a zero byte"
}

@test "a bad line is named by file and number, and not quoted" {
    service EnvironmentFile=/run/secrets/env
    while IFS='|' read -r text message; do
        file env "A=1\n\n$text\nB=1\n"
        fails "EnvironmentFile: /run/secrets/env: line 3: $message"
    done <<EOF
$SECRET|not NAME=value
export A=$SECRET|not NAME=value
1A=$SECRET|not NAME=value
=$SECRET|not NAME=value
A='$SECRET|an open quote
A="$SECRET|an open quote
EOF
}

@test "bad values of the keys: 125 and the line of service.conf" {
    while IFS='|' read -r text message; do
        service "$text"
        fails "/etc/pith/service.conf: line 2: $message"
    done <<'EOF'
EnvironmentFile=etc/env|EnvironmentFile: 'etc/env' is not /path
Secret=/run/secrets/x|Secret: '/run/secrets/x' is not NAME:/path
Secret=1A:/x|Secret: '1A:/x' is not NAME:/path
SecretFD=A:x|SecretFD: 'A:x' is not NAME:/path
EOF
}

@test "-o names no file that root would read for the program" {
    file secret "$SECRET"
    service User=65532
    for key in EnvironmentFile=/run/secrets/secret \
        Secret=A:/run/secrets/secret SecretFD=A:/run/secrets/secret; do
        run -125 with_env -- /init -o "$key" -- /app/victim env
        [ "$output" = "pith-init: -o: ${key%%=*}: fixed when the image is built" ]
    done
}

@test "once the program runs, pith-init holds neither secret nor descriptor" {
    file token "$SECRET\n"
    file env "# comment-$SECRET\nPAD=\"$SECRET\"\nOTHER=x"
    service User=65532 EnvironmentFile=/run/secrets/env \
        Secret=TOKEN:/run/secrets/token SecretFD=FD:/run/secrets/token
    start_in_root /init -- /app/victim deaf
    wait_for "$BATS_TEST_TMPDIR/out" ready
    init=$(init_of "$STARTED")
    child=$(child_of_init "$STARTED")
    # The search finds what is there.
    memory_holds "$child" "TOKEN=$SECRET"
    for _ in $(seq 50); do
        memory_holds "$init" "$SECRET" || break
        sleep 0.02
    done
    run ! memory_holds "$init" "$SECRET"
    run ! memory_holds "$init" OTHER=x
    [ "$(find "/proc/$init/fd" -type l -printf '%f ')" = "0 1 2 " ]
    find "/proc/$child/fd" -type l -printf '%l\n' | grep -q /run/secrets/token
    run ! grep -F "$SECRET" "$BATS_TEST_TMPDIR/err"
}
