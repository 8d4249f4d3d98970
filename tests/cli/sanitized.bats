#!/usr/bin/env bats
# pith itself with sanitizers, as it is called and over real programs: what unit
# tests do not lead to. `make build/asan/pith build/asan/pith-init` makes it.

bats_require_minimum_version 1.5.0
load ../support/musl

setup_file() {
    with_musl
    export PITH=$TOP/build/asan/pith PYTHONPATH=$TOP/tests/support
    # No exit status of pith's.
    export ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=print_stacktrace=1
    [ -x "$PITH" ] || return 0
    printf '#include <unistd.h>\nint main(void) { return CALL < 0; }\n' >x.c
    "$MUSL" -Os -s -static -DCALL='getppid()' x.c -o app
    "$MUSL" -Os -s -static -DCALL='(sync(), 0)' x.c -o grown
    gcc -Os -DCALL='getppid()' x.c -o dynamic
}

setup() {
    [ -x "$PITH" ] || skip "no build/asan/pith"
    cd "$BATS_TEST_TMPDIR" || return
    mkdir work && cd work || return
    cp "$BATS_FILE_TMPDIR"/{app,grown,dynamic} .
    mkdir -p tree/one/two
    touch tree/empty tree/one/two/.dot
    ln -s one/two tree/link
    printf '%s\n' '[Image]' 'Copy=app /app' 'Copy=dynamic /opt/' 'Copy=tree /srv' \
        '[Service]' ExecStart=/app SystemCallFilter=auto >x.pith
}

# clean STATUS COMMAND...: pith ends with it, and no sanitizer has a word.
clean() {
    local expected=$1
    shift
    run "$PITH" "$@"
    [ "$status" = "$expected" ] && [[ $output != *'runtime error'* && $output != *Sanitizer* ]] &&
        return 0
    printf 'pith %s: exit %s\n%s\n' "$*" "$status" "$output"
    return 1
}

@test "sanitized: build, and all that reads what it made" {
    clean 0 build x.pith --sbom
    clean 0 inspect x.tar
    clean 0 inspect --json --code x.tar
    clean 0 verify x.tar
    clean 0 verify --rebuild x.pith x.tar
    clean 0 lint x.tar
    clean 0 sbom --spdx x.tar -o x.json
    clean 0 flatten x.tar -o flat.tar
    clean 0 export --dir x.tar -o files
    clean 0 diff x.tar flat.tar
    clean 0 build ./dynamic -o dynamic.tar
    clean 0 inspect --code dynamic.tar
    clean 1 diff x.tar dynamic.tar
}

@test "sanitized: update, and build --locked where the program calls more" {
    clean 0 update x.pith
    clean 0 build --locked x.pith
    cp grown app
    clean 1 build --locked x.pith
    [[ $output == *'+sync by app'* ]]
    clean 0 build x.pith
    sed -i '/build-id/d; s/^  sha256 ../  sha256 00/' x.lock
    clean 0 build x.pith
    [[ $output == *'app changed'* ]]
}

@test "sanitized: seal, of an image and of a tree" {
    python3 - <<'PY'
from image import Image, directory, file, hardlink, layer, symlink
app, dynamic = open("app", "rb").read(), open("dynamic", "rb").read()
lower = layer([directory("a"), file("a/app", app, 0o755), hardlink("a/hard", "a/app"),
               file("b/c", b"x"), symlink("loop", "loop")])
upper = layer([file("a/.wh.hard"), file("b", b"a file now"), file("etc/pam.d/odd", b"auth \\"),
               file("etc/nsswitch.conf", b"hosts: [x")])
Image([lower, upper], {"Entrypoint": ["/a/app"]}).write("in.tar")
# Nothing in it that its program could be of.
Image([layer([file("x", b"text")])], {"Entrypoint": ["/x"]}).write("bare.tar")
PY
    clean 0 seal in.tar -o out.tar
    clean 0 inspect --json --code out.tar
    clean 1 seal bare.tar -o bare-out.tar
    clean 1 profile derive --image bare.tar
    mkdir root && cp app root/
    clean 0 seal --root root /app
}

@test "sanitized: profiles, from programs and from lists" {
    clean 0 profile derive app -o app.policy
    clean 0 profile derive --json dynamic
    clean 0 profile derive --json /bin/sh
    clean 0 profile explain getppid app
    clean 0 profile compile app.policy -o app.bpf --allow-exec
    clean 0 profile show --bpf app.bpf
    clean 0 profile check app.policy
    printf '%s\n' read write 'openat if flags !& O_CREAT' >small.policy
    clean 1 profile diff app.policy small.policy
    clean 1 profile compile x.pith -o bad.bpf
}
