#!/usr/bin/env bats
# pith inspect as people and scripts call it. PITH names another build of it.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    export LC_ALL=C PITH=${PITH:-$PWD/build/pith} IMAGE=$BATS_FILE_TMPDIR/x.tar
    local cc=${MUSL_CC:-}
    [ -x "$cc" ] || cc=gcc
    cd "$BATS_FILE_TMPDIR" || return
    printf 'int main(void)\n{\n\treturn 0;\n}\n' >x.c
    "$cc" -Os -s -static -o x x.c
    printf '%s\n' '[Image]' Name=localhost/x Tag=1.0 Platforms=linux/amd64 'Copy=x /app/x' \
        Expose=80 Volume=/data Label=a=b '[Service]' 'ExecStart=/app/x "a b"' Environment=A=1 \
        SystemCallFilter=file:x.policy LimitNOFILE=64 >x.pith
    printf 'write\n' >x.policy
    "$PITH" build x.pith >line
    export DIGEST
    DIGEST=$(grep -o 'sha256:[0-9a-f]*' line)
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

@test "the table says what is in the image" {
    run --separate-stderr "$PITH" inspect "$IMAGE"
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    for line in 'image       localhost/x:1.0' "digest      $DIGEST" 'platform    linux/amd64' \
        'user        65532:65532' 'entrypoint  /init -- /app/x' 'cmd         "a b"' \
        'env         A=1' 'ports       80/tcp' 'volumes     /data' 'labels      a=b' \
        'service     ExecStart=/app/x "a b"' '            LimitNOFILE=64'; do
        grep -qxF -- "$line" <<<"$output" || {
            echo "missing: $line"
            return 1
        }
    done
    grep -qE '^filter      [0-9]+ calls, starts once; [0-9]+ instructions for amd64$' <<<"$output"
    grep -qE '^program     /app/x \([0-9]+ bytes\)$' <<<"$output"
    grep -qw write <<<"${output##*calls}"
}

@test "the JSON has its keys, and the sizes add up" {
    "$PITH" inspect --json "$IMAGE" >x.json
    [ "$(jq -c keys_unsorted x.json)" = '["file","names","digest","format","platform","size","entries","layers","config","service","filter","evidence"]' ]
    [ "$(jq -c '.config | keys_unsorted' x.json)" = '["user","entrypoint","cmd","env","ports","volumes","directory","labels","stop_signal","health"]' ]
    [ "$(jq -r .digest x.json)" = "$DIGEST" ]
    [ "$(jq -r .format x.json)" = oci ]
    jq -e '.size.packed == ([.layers[].packed] | add)' x.json
    jq -e '.entries == ([.layers[].entries] | add)' x.json
    jq -e '.filter.starts_once and .filter.program.path == "/app/x"' x.json
    jq -e '.filter.calls | index("write") and index("exit_group") and
        (index("execve") | not) and (index("socket") | not)' x.json
    [ "$(jq -r .filter.program.size x.json)" = "$(stat -c %s "$BATS_FILE_TMPDIR/x")" ]
    # What the summary line of the build says is what is found.
    [ "$(jq '.filter.calls | length' x.json)" = "$(grep -o '[0-9]* calls' "$BATS_FILE_TMPDIR/line" | cut -d' ' -f1)" ]
}

@test "without the gate it says so" {
    sed 's/^AllowExec.*//; $aAllowExec=yes' "$BATS_FILE_TMPDIR/x.pith" >"$BATS_FILE_TMPDIR/exec.pith"
    printf 'write\nexecve\n' >"$BATS_FILE_TMPDIR/x2.policy"
    sed -i 's/x.policy/x2.policy/' "$BATS_FILE_TMPDIR/exec.pith"
    run "$PITH" build -o exec.tar "$BATS_FILE_TMPDIR/exec.pith"
    [[ "${lines[0]}" = *'may start programs' ]]
    "$PITH" inspect --json exec.tar >x.json
    jq -e '(.filter.starts_once | not) and (.filter.calls | index("execve"))' x.json
    "$PITH" inspect exec.tar | grep -q 'may start programs'
}

@test "archives that skopeo makes are read: OCI, and docker's" {
    command -v skopeo >/dev/null || skip "skopeo is not installed"
    skopeo copy -q "docker-archive:$IMAGE" docker-archive:docker.tar:localhost/y:2
    skopeo copy -q "oci-archive:$IMAGE" oci-archive:oci.tar:2
    "$PITH" inspect --json "$IMAGE" >x.json
    "$PITH" inspect --json docker.tar >docker.json
    "$PITH" inspect --json oci.tar >oci.json
    for key in .service .filter .config.entrypoint .entries '.layers[0].diff_id'; do
        diff <(jq "$key" x.json) <(jq "$key" docker.json)
        diff <(jq "$key" x.json) <(jq "$key" oci.json)
    done
    [ "$(jq -r .format docker.json)" = docker ]
    [ "$(jq -r '.names[0]' docker.json)" = localhost/y:2 ]
    [ "$(jq -r .digest oci.json)" = "$DIGEST" ]
}

@test "an image that pith did not build is shown, and said not to be" {
    mkdir -p layer/usr/bin
    echo x >layer/usr/bin/x
    tar cf layer.tar -C layer usr
    diff_id=$(sha256sum <layer.tar | cut -d' ' -f1)
    printf '{"architecture":"arm64","os":"linux","variant":"v8","config":{"Cmd":["/x",""]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
        "$diff_id" >config.json
    echo '[{"Config":"config.json","RepoTags":["a:1","b:2"],"Layers":["layer.tar"]}]' >manifest.json
    tar cf other.tar manifest.json config.json layer.tar
    run "$PITH" inspect other.tar
    [ "$status" -eq 0 ]
    for line in 'image       a:1' '            b:2' 'platform    linux/arm64/v8' \
        'user        root (none set)' 'cmd         /x ""' \
        'service     none (no /etc/pith/service.conf: not built by pith)' \
        'filter      none (no /etc/pith/service.bpf)'; do
        grep -qxF -- "$line" <<<"$output" || {
            echo "missing: $line"
            return 1
        }
    done
    [ "$("$PITH" inspect --json other.tar | jq -c '[.service, .filter, .digest]')" = '[null,null,null]' ]
}

@test "a terminal is not spoken to" {
    echo '{"rootfs":{"diff_ids":[]},"config":{"User":"\u001b[31mred\u0007\u009b1mé"}}' >config.json
    echo '[{"Config":"config.json","Layers":[]}]' >manifest.json
    tar cf x.tar manifest.json config.json
    run "$PITH" inspect x.tar
    [ "$status" -eq 0 ]
    grep -qxF 'user        ?[31mred??1mé' <<<"$output"
}

# Each byte of the archive that is not padding matters.
@test "an archive changed in transit is refused: one line, exit 1" {
    size=$(stat -c %s "$IMAGE")
    bad=0
    tar tvf "$IMAGE" --block-number | awk '/blobs/ { print substr($2, 1, length($2) - 1), $5 }' >blobs
    while read -r block bytes; do
        at=$(((block + 1) * 512 + bytes / 2))
        cp "$IMAGE" bad.tar
        byte=$(od -An -tu1 -j "$at" -N1 "$IMAGE" | tr -d ' ')
        printf '%b' "\\x$(printf %x $((byte ^ 1)))" |
            dd of=bad.tar bs=1 seek="$at" conv=notrunc status=none
        run --separate-stderr "$PITH" inspect bad.tar
        [ "$status" -eq 1 ] && [ -z "$output" ] && [ "$(wc -l <<<"$stderr")" -eq 1 ] && continue
        echo "byte $at of $size: $status $stderr"
        bad=1
    done <blobs
    [ "$(wc -l <blobs)" -eq 3 ]
    [ "$bad" -eq 0 ]
}

@test "an archive cut anywhere is refused: one line, exit 1" {
    size=$(stat -c %s "$IMAGE")
    # The last 3,072 bytes are padding and manifest.json, which OCI readers skip.
    for at in 0 1 511 512 1023 1536 4000 $((size / 2)) $((size - 3073)); do
        head -c "$at" "$IMAGE" >cut.tar
        run --separate-stderr "$PITH" inspect cut.tar
        [ "$status" -eq 1 ] && [ -z "$output" ] && [ "$(wc -l <<<"$stderr")" -eq 1 ] && continue
        echo "$at of $size: $status $stderr"
        return 1
    done
}

@test "what is no archive: one line that says why, exit 1" {
    gzip -c "$IMAGE" >x.tar.gz
    run "$PITH" inspect x.tar.gz
    [ "$output" = 'pith: x.tar.gz: compressed as a whole; gunzip it first' ]
    run "$PITH" inspect /nope
    [ "$output" = 'pith: /nope: open: No such file or directory' ]
    run "$PITH" inspect .
    [ "$output" = 'pith: .: no regular file' ]
    run "$PITH" inspect "$BATS_FILE_TMPDIR/x"
    [ "$status" -eq 1 ]
    [ "${#lines[@]}" -eq 1 ]
}

@test "usage errors exit 2" {
    for args in '' '--nope x' 'a b'; do
        # shellcheck disable=SC2086 # a list of arguments
        run "$PITH" inspect $args
        [ "$status" -eq 2 ]
        [[ "${lines[0]}" = 'pith: inspect: '* ]]
    done
}
