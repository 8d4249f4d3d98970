#!/usr/bin/env bats
# SystemCallFilter=auto: filters from the program's own code, baked into images
# and held against what the programs do.

bats_require_minimum_version 1.5.0
load ../support/musl
load ../support/init

setup_file() {
    with_musl
    cat >calm.c <<'END'
#include <unistd.h>
int main(void) { return write(1, "calm\n", 5) != 5; }
END
    cat >open.c <<'END'
#include <sys/syscall.h>
#include <unistd.h>
static volatile long nr = SYS_getuid;
int main(void) { return syscall(nr) < 0 || write(1, "open\n", 5) != 5; }
END
    cat >starts.c <<'END'
#include <unistd.h>
int main(int argc, char **argv)
{
    if (argc > 1)
        return execv(argv[1], argv + 1) + 2;
    return write(1, "starts\n", 7) != 7;
}
END
    for program in calm open starts; do
        "$MUSL" -O2 -static "$program.c" -o "$program"
    done
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    # bats keeps files of its own in there.
    mkdir work && cd work || return
    cp "$BATS_FILE_TMPDIR"/{calm,open,starts} .
}

# recipe PROGRAM KEY=VALUE...: x.pith, with /app/PROGRAM.
recipe() {
    printf '%s\n' '[Image]' "Copy=$1 /app/" '[Service]' "ExecStart=/app/$1" "${@:2}" >x.pith
}

# status IMAGE: what label and annotation say, which must agree.
status() {
    local label annotation
    label=$("$PITH" inspect --json "$1" | jq -r '.config.labels["pith.filter.status"]')
    annotation=$(tar xOf "$1" "blobs/sha256/$(tar xOf "$1" index.json |
        jq -r '.manifests[0].digest | ltrimstr("sha256:")')" |
        jq -r '.annotations["pith.filter.status"]')
    [ "$label" = "$annotation" ] && echo "$label"
}

calls() { "$PITH" inspect --json "$1" | jq -r '.filter.calls[]'; }

# root_of IMAGE: its files in $ROOT, for in_root.
root_of() {
    ROOT=$BATS_TEST_TMPDIR/root
    rm -rf "$ROOT"
    mkdir -p "$ROOT/proc"
    for layer in $(tar xOf "$1" manifest.json | jq -r '.[0].Layers[]'); do
        tar xOf "$1" "$layer" | zcat -f | tar xf - -C "$ROOT"
    done
}

# refused MESSAGE COMMAND...: exit 1, one line on standard error, no image.
refused() {
    local message=$1
    shift
    run --separate-stderr "$@"
    # shellcheck disable=SC2053  # a pattern
    if [ "$status" != 1 ] || [[ $stderr != $message ]] || [ -n "$(find . -name '*.tar')" ]; then
        printf '%s\nexpected: %s\n     got: %s: %s\n' "$output" "$message" "$status" "$stderr"
        return 1
    fi
}

@test "auto: a lone program gets the calls of its code, and is told so" {
    run -0 --separate-stderr "$PITH" build ./calm
    [ -z "$stderr" ]
    [[ ${lines[0]} == *' calls (exact), starts once' ]]
    [[ ${lines[1]} == skopeo* ]]
    [ "$(status calm.tar)" = exact ]
    [ "$(calls calm.tar | wc -l)" -lt 20 ]
    calls calm.tar | grep -qx write
    run ! grep -qx socket <(calls calm.tar)
}

@test "auto: a lone program that cannot be followed gets @default, and a note" {
    run -0 --separate-stderr "$PITH" build ./open
    [[ ${lines[0]} == *' calls (@default), starts once' ]]
    [[ ${lines[1]} == '  note: not derived: 1 places are open, the first: open '*': '* ]]
    [ "$(status open.tar)" = listed ]
    run -0 --separate-stderr "$PITH" build ./starts
    [[ ${lines[0]} == *' calls (exact), starts once' ]]
    [[ ${lines[1]} == '  note: has code that starts programs, which will fail; '* ]]
}

@test "auto: an open program stops the build; words beside auto widen it" {
    recipe open SystemCallFilter=auto
    refused 'pith: x.pith:5: SystemCallFilter: auto: 1 places are open (pith profile derive shows all): list the calls, or widen it by words beside auto, such as trace:FILE or @GROUP; the first: open '* \
        "$PITH" build x.pith
    "$PITH" profile trace -o run.policy ./open
    recipe open 'SystemCallFilter=auto trace:run.policy'
    run -0 "$PITH" build x.pith
    [[ ${lines[0]} == *' calls (open+widened), starts once' ]]
    [ "$(status x.tar)" = open+widened ]
    calls x.tar | grep -qx getuid
    # What only takes away is no widening.
    rm x.tar
    recipe open 'SystemCallFilter=auto ~socket'
    refused '*: auto: 1 places are open '* "$PITH" build x.pith
    recipe calm 'SystemCallFilter=auto getuid'
    run -0 "$PITH" build x.pith
    [ "$(status x.tar)" = exact+widened ]
    recipe calm SystemCallFilter=auto SystemCallFilter=~mmap
    run -0 "$PITH" build x.pith
    [ "$(status x.tar)" = exact+narrowed ]
    recipe calm SystemCallFilter=@default
    run -0 "$PITH" build x.pith
    [ "$(status x.tar)" = listed ]
    # Nobody says it but the builder.
    printf '%s\n' '[Image]' 'Copy=calm /c' Label=pith.filter.status=exact '[Service]' ExecStart=/c >x.pith
    run -0 "$PITH" build x.pith
    [ "$(status x.tar)" = listed ]
    rm x.tar
    recipe calm SystemCallFilter=complete
    refused 'pith: x.pith:5: SystemCallFilter: complete: belongs beside auto' "$PITH" build x.pith
}

@test "auto: who can start others is asked for AllowExec=, with the chain" {
    recipe starts SystemCallFilter=auto
    refused 'pith: x.pith:5: SystemCallFilter: auto: /app/starts has code that starts programs (above): say AllowExec=no, and that fails, or AllowExec=yes with Also= for each of them' \
        "$PITH" build x.pith
    [[ $output == *'starts main+'*' calls starts execv'* ]]
    [[ $output == *' names execve'* ]]
    recipe starts SystemCallFilter=auto AllowExec=no
    run -0 "$PITH" build x.pith
    [[ ${lines[0]} == *' calls (exact), starts once' ]]
    rm x.tar
    printf '%s\n' '[Image]' 'Copy=starts /app/' 'Copy=calm /app/' Also=/app/calm \
        '[Service]' ExecStart=/app/starts SystemCallFilter=auto >x.pith
    refused '*: Also: without AllowExec=yes nothing is started' "$PITH" build x.pith
    echo AllowExec=yes >>x.pith
    run -0 "$PITH" build x.pith
    [[ ${lines[0]} == *' calls (exact), may start programs' ]]
    sed -i s,^Also=.*,Also=/app/nobody, x.pith
    rm x.tar
    refused '*: auto: /app/nobody: no program of the image' "$PITH" build x.pith
    sed -i s,^Also=.*,Also=calm, x.pith
    refused 'pith: x.pith:4: Also: calm: '* "$PITH" build x.pith
}

@test "auto: under kill the program does its work, and what it starts too" {
    needs_root
    recipe calm SystemCallFilter=auto SystemCallErrorNumber=kill
    "$PITH" build x.pith
    root_of x.tar
    run -0 in_root /init -- /app/calm
    [ "$output" = calm ]
    printf '%s\n' '[Image]' 'Copy=starts /app/' 'Copy=open /app/' Also=/app/open \
        '[Service]' 'ExecStart=/app/starts /app/open' 'SystemCallFilter=auto getuid' \
        SystemCallErrorNumber=kill AllowExec=yes >x.pith
    "$PITH" build x.pith
    root_of x.tar
    run -0 in_root /init -- /app/starts /app/open
    [ "$output" = open ]
    # The control: without getuid, which was said by hand, it dies of SIGSYS.
    sed -i 's/auto getuid/auto getgid/' x.pith
    "$PITH" build x.pith
    root_of x.tar
    run -159 in_root /init -- /app/starts /app/open
}

@test "auto: ExecStartPre= runs under the same filter, and is derived as well" {
    printf '%s\n' '[Image]' 'Copy=calm /app/' 'Copy=open /app/' \
        '[Service]' ExecStart=/app/calm ExecStartPre=-/app/open SystemCallFilter=auto >x.pith
    refused '*: auto: 1 places are open '*'the first: open '* "$PITH" build x.pith
}

@test "auto: what is derived a second time comes from the cache" {
    local busybox=/bin/busybox
    [ -x "$TOP/build/images/httpd/amd64/busybox" ] &&
        busybox=$TOP/build/images/httpd/amd64/busybox
    rm -rf "$XDG_CACHE_HOME"
    "$PITH" profile derive "$busybox" >first
    [ "$(find "$XDG_CACHE_HOME/pith/derive" -type f | wc -l)" = 1 ]
    "$PITH" profile derive "$busybox" >second
    diff first second
    # It is what is read: a result that was changed shows.
    sed -i 's/"accept"/"acct"/' "$XDG_CACHE_HOME"/pith/derive/*
    "$PITH" profile derive "$busybox" | grep -qw acct
    # Torn, foreign or open to others, it is not believed.
    for wrong in 'truncate -s 100' 'chmod 666' 'cp calm'; do
        $wrong "$XDG_CACHE_HOME"/pith/derive/*
        "$PITH" profile derive "$busybox" >second
        diff first second
        chmod 600 "$XDG_CACHE_HOME"/pith/derive/*
    done
    # Another file of that name is another one.
    cp "$busybox" here
    "$PITH" profile derive ./here >/dev/null
    cp calm here
    "$PITH" profile derive ./here | grep -q '^./here  [0-9] calls (exact)'
    # Without a place to keep it everything works.
    XDG_CACHE_HOME=/dev/null "$PITH" profile derive "$busybox" >second
    diff first second
    env -u XDG_CACHE_HOME -u HOME "$PITH" profile derive "$busybox" >second
    diff first second
}

@test "auto: a cache of links is none, and nothing there is removed" {
    rm -rf "$XDG_CACHE_HOME"
    mkdir -p "$XDG_CACHE_HOME/pith" elsewhere
    ln -s "$PWD/elsewhere" "$XDG_CACHE_HOME/pith/derive"
    (cd elsewhere && touch $(seq 1100))
    "$PITH" profile derive ./calm >/dev/null
    run -0 ls elsewhere
    [ "${#lines[@]}" = 1100 ]
    rm "$XDG_CACHE_HOME/pith/derive"
    # In its own directory it removes what is its own, and no more.
    mv elsewhere "$XDG_CACHE_HOME/pith/derive"
    "$PITH" profile derive ./calm >/dev/null
    run -0 ls "$XDG_CACHE_HOME/pith/derive"
    [ "${#lines[@]}" = 1101 ]
    rm -r "$XDG_CACHE_HOME"
}

@test "auto: two at once with one cache" {
    rm -rf "$XDG_CACHE_HOME"
    for i in 1 2 3 4 5 6; do
        "$PITH" profile derive "$TOP/build/images/hello/amd64/hello" >"out$i" &
    done
    wait
    for i in 2 3 4 5 6; do
        cmp out1 "out$i"
    done
    [ "$(find "$XDG_CACHE_HOME/pith/derive" -type f | wc -l)" = 1 ]
}

# others IMAGE PROGRAM: an image of a program with its libraries, as others
# build it, without pith's files.
others() {
    "$PITH" build "$2" -o pith.tar >/dev/null
    root_of pith.tar
    rm -r "$ROOT/init" "$ROOT/etc/pith" "$ROOT/proc"
    tar -C "$ROOT" -cf layer.tar .
    printf '{"architecture":"amd64","os":"linux","config":{"Entrypoint":["%s"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
        "/app/${2##*/}" "$(sha256sum layer.tar | cut -d' ' -f1)" >config.json
    echo '[{"Config":"config.json","RepoTags":["localhost/x:1"],"Layers":["layer.tar"]}]' >manifest.json
    tar -cf "$1" config.json manifest.json layer.tar
    rm pith.tar
}

@test "auto: a dynamic program is derived from the image's own libraries" {
    needs_root
    run -0 "$PITH" build /usr/bin/rg -o rg.tar
    [[ ${lines[0]} == *' calls (exact), starts once' ]]
    "$PITH" profile derive --json --image rg.tar | jq -r '.programs[].calls[]' | grep -vx 'execve\|clone3' >derived
    # What is always needed is in the filter, too.
    [ -z "$(comm -23 <(sort derived) <(calls rg.tar | sort))" ]
    root_of rg.tar
    run -0 in_root /init -- /app/rg -c '^root' /etc/passwd
    [ "$output" = 1 ]
    # Its libc replaced in the image by one that calls nothing: it is seen.
    printf 'void x(void) {}\n' >x.c
    gcc -shared -fPIC -nostdlib -Wl,-soname,libpcre2-8.so.0 x.c -o libpcre2-8.so.0
    printf '%s\n' '[Image]' 'Copy=/usr/bin/rg /app/' \
        'Copy=libpcre2-8.so.0 /lib/x86_64-linux-gnu/' '[Service]' ExecStart=/app/rg \
        SystemCallFilter=auto AllowExec=no >x.pith
    run -0 "$PITH" build x.pith
    "$PITH" update x.pith
    grep -q "sha256 $(sha256sum libpcre2-8.so.0 | cut -d' ' -f1)" x.lock
}

@test "auto: seal derives from the layers, and --root from the tree" {
    needs_root
    others in.tar /usr/bin/rg
    before=$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'pith-??????' | wc -l)
    run -0 "$PITH" seal in.tar -o out.tar
    [[ ${lines[0]} == *' calls (exact), starts once' ]]
    [ "$(status out.tar)" = exact ]
    root_of out.tar
    run -0 in_root /init -- /app/rg -c '^root' /etc/passwd
    [ "$output" = 1 ]
    [ "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'pith-??????' | wc -l)" = "$before" ]
    rm -r "$ROOT/init" "$ROOT/etc/pith"
    run -0 "$PITH" seal --root "$ROOT" /app/rg
    [[ ${lines[0]} == '/app/rg  '*' calls (exact), starts once' ]]
    run -0 in_root /init -- /app/rg -c '^root' /etc/passwd
    # With words of one's own, one is asked.
    printf '%s\n' '[Service]' SystemCallFilter=auto >s.conf
    rm out.tar
    run -1 --separate-stderr "$PITH" seal in.tar -o out.tar --service s.conf
    [[ $stderr == *'auto: /app/rg has code that starts programs (above): '* ]]
    echo AllowExec=no >>s.conf
    run -0 "$PITH" seal in.tar -o out.tar --service s.conf
    [[ ${lines[0]} == *' calls (exact), starts once' ]]
    # Without a library that it needs it cannot start, and so it says.
    rm "$ROOT"/usr/lib/x86_64-linux-gnu/libpcre2-8.so*
    run -1 --separate-stderr "$PITH" seal --root "$ROOT" --service s.conf /app/rg
    [[ $stderr == *libpcre2-8.so.0* ]]
}

@test "auto: an image's program may be named by a link, or below one" {
    PYTHONPATH=$TOP/tests/support python3 - <<'PY'
from image import Image, file, layer, symlink
calm = open("calm", "rb").read()
it = Image([layer([file("usr/bin/calm-1.0", calm, 0o755), symlink("usr/bin/calm", "calm-1.0"),
                   symlink("bin", "usr/bin")])], {"Entrypoint": ["/bin/calm"]})
it.write("in.tar")
PY
    run -0 "$PITH" profile derive --image in.tar
    [[ ${lines[0]} == '/bin/calm  8 calls (exact)  1 files' ]]
    run -0 "$PITH" seal in.tar -o out.tar
    [[ ${lines[0]} == *' calls (exact), starts once' ]]
    run -0 "$PITH" inspect --json --code out.tar
    [ "$(jq -c '[.code.status, .code.refused]' <<<"$output")" = '["exact",[]]' ]
}

@test "auto: profile derive and explain look into images" {
    "$PITH" build ./calm -o calm.tar
    run -0 "$PITH" profile derive --image calm.tar
    [[ ${lines[0]} == '/app/calm  8 calls (exact)  1 files' ]]
    others in.tar /usr/bin/rg
    run -0 "$PITH" profile derive --image in.tar -o rg.policy
    [[ ${lines[0]} == '/app/rg  '*' calls (exact)  '*' files' ]]
    head -n 1 rg.policy | grep -qx '# derived from in.tar: exact'
    # What this machine's nsswitch.conf names as well is not in the image.
    run -0 comm -13 <("$PITH" profile derive --json /usr/bin/rg | jq -r '.programs[].calls[]' | sort) \
        <("$PITH" profile derive --json --image in.tar /app/rg | jq -r '.programs[].calls[]' | sort)
    [ -z "$output" ]
    run -1 --separate-stderr "$PITH" profile derive --image in.tar /app/nothing
    [ "$stderr" = 'pith: in.tar: /app/nothing: no program of the image' ]
    run -0 "$PITH" profile derive --image in.tar --with libm.so.6
    run -1 --separate-stderr "$PITH" profile derive --image in.tar --with /usr/lib/nothing.so
    [ "$stderr" = 'pith: in.tar: /usr/lib/nothing.so: no library of the image' ]
    run -0 "$PITH" profile explain execve in.tar
    [[ ${lines[0]} == '/app/rg  execve(59)  '* ]]
    [[ $output == *' names execve'* ]]
    run -1 --separate-stderr "$PITH" profile explain swapoff calm.tar
    [ "$stderr" = 'pith: /app/calm: does not call swapoff' ]
}

@test "auto: inspect --code tells what is refused, and what nobody calls" {
    recipe calm 'SystemCallFilter=auto swapoff' SystemCallFilter=~poll
    "$PITH" build x.pith
    run -0 "$PITH" inspect --code x.tar
    [[ $output == *'code        8 calls (exact) in 1 files
called, and refused
            poll
allowed, and never called
            swapoff' ]]
    run -0 "$PITH" inspect --json --code x.tar
    [ "$(jq -c '[.code.status, .code.refused, .code.spare]' <<<"$output")" = '["exact",["poll"],["swapoff"]]' ]
    "$PITH" build ./open -o open.tar
    run -0 "$PITH" inspect --code open.tar
    [[ $output == *'calls (open) in 1 files'* ]]
    # Not asked for, not looked for.
    run -0 "$PITH" inspect x.tar
    [[ $output != *'code  '* ]]
}

@test "auto: what the examples list by hand is within what their code calls" {
    local image
    for image in hello httpd; do
        [ -e "$TOP/build/images/$image.tar" ] || skip "no build/images/$image.tar"
        run -0 "$PITH" inspect --json --code --platform linux/amd64 "$TOP/build/images/$image.tar"
        [ "$(jq -c '[.code.status, .code.spare]' <<<"$output")" = '["exact",[]]' ] ||
            { jq -c .code.spare <<<"$output"; return 1; }
    done
}

@test "auto: hello by auto is what its list by hand is, to the instruction" {
    local hello=$TOP/build/images/hello.tar
    [ -e "$hello" ] || skip "no build/images/hello.tar"
    "$PITH" export --dir "$hello" -o tree
    "$PITH" profile show --bpf tree/etc/pith/service.bpf >auto.bpf
    "$PITH" profile compile "$TOP/images/hello/by-hand.policy" --arch x86_64 -o by-hand.bpf \
        --program "/app/hello=$TOP/build/images/hello/amd64/hello"
    "$PITH" profile show --bpf by-hand.bpf | diff - auto.bpf
    # What it drops stays in sight.
    [ "$("$PITH" inspect --json "$hello" | jq -c .evidence.dropped)" = \
        '["accept","epoll_create","epoll_wait","fcntl","mmap","open","signalfd"]' ]
}

@test "auto: the examples are derived, but those that have a reason" {
    local name expected
    while read -r name expected; do
        [ -e "$TOP/build/images/$name.tar" ] || skip "no build/images/$name.tar"
        [ "$(status "$TOP/build/images/$name.tar")" = "$expected" ] || { echo "$name"; return 1; }
    done <<'END'
hello exact+narrowed
gohello exact
rusthello exact
redis vouched
nginx vouched
pqclient vouched
END
}
