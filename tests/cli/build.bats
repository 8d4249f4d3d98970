#!/usr/bin/env bats
# pith build as people call it. PITH names another build of it to test; its
# pith-init is the one beside it.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    export LC_ALL=C PITH=${PITH:-$PWD/build/pith} CASES=$PWD/tests/data/recipes.tests
    export PROGRAMS=$BATS_FILE_TMPDIR
    cat >"$PROGRAMS/hello.c" <<'C'
#include <unistd.h>
int main(void)
{
	return write(1, "hello\n", 6) != 6;
}
C
    static_cc "$PROGRAMS/hello"
    gcc -O1 -o "$PROGRAMS/dynamic" "$PROGRAMS/hello.c"
}

# A static program for this machine, by musl's compiler where there is one.
static_cc() {
    local cc=${MUSL_CC:-}
    [ -x "$cc" ] || cc=gcc
    "$cc" -Os -s -static -o "$1" "$PROGRAMS/hello.c"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    # bats keeps files of its own in there.
    mkdir work && cd work || return
    cp "$PROGRAMS/hello" "$PROGRAMS/dynamic" .
}

# refused STATUS MESSAGE COMMAND...: that message, on one line, and no output.
refused() {
    local expected=$1 message=$2 before after
    shift 2
    before=$(find . | sort)
    run --separate-stderr "$@"
    after=$(find . | sort)
    [ "$status" -eq "$expected" ] && [ "$stderr" = "pith: $message" ] &&
        [ -z "$output" ] && [ "$before" = "$after" ] && return 0
    printf 'expected: %s: pith: %s\n     got: %s: %s\n%s\n' "$expected" "$message" \
        "$status" "$stderr" "$output"
    diff <(echo "$before") <(echo "$after")
    return 1
}

recipe() {
    printf '%s\n' "$@" >x.pith
}

# The archive's layers, as "tar tv" shows them.
layer() {
    local blob
    for blob in $(tar xOf "$1" manifest.json | jq -r '.[0].Layers[]'); do
        tar xOf "$1" "$blob" | tar tvzf - || return
    done
}

member() {
    local blob
    for blob in $(tar xOf "$1" manifest.json | jq -r '.[0].Layers[]'); do
        tar xOf "$1" "$blob" | tar xOzf - "$2" 2>/dev/null && return
    done
    return 1
}

@test "a lone program becomes an image" {
    run --separate-stderr "$PITH" build ./hello -- --flag 'two words'
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    [[ "${lines[0]}" =~ ^hello\.tar\ \ [0-9.]+\ KB\ \ sha256:[0-9a-f]{64}\ \ [0-9]+\ calls\ \(exact\),\ starts\ once$ ]]
    [ "${lines[1]}" = 'skopeo copy oci-archive:hello.tar docker://REGISTRY/hello:latest' ]
    run layer hello.tar
    [[ "$output" = *'-rwxr-xr-x 0/0 '*' app/hello'* ]]
    [[ "$output" = *'-rwx--x--x 0/0 '*' init'* ]]
    cmp <(member hello.tar app/hello) hello
    run member hello.tar etc/pith/service.conf
    [ "${lines[1]}" = 'ExecStart=/app/hello --flag "two words"' ]
    [ "$(stat -c %a hello.tar)" = 644 ]
}

@test "-o, --tag and --level do what they say" {
    "$PITH" build --level 0 -o big.tar --tag ghcr.io/me/app:1.2 ./hello
    "$PITH" build --level 12 -o small.tar --tag ghcr.io/me/app:1.2 ./hello
    [ "$(stat -c %s big.tar)" -gt "$(stat -c %s small.tar)" ]
    for tar in big small; do
        tar xOf $tar.tar index.json >$tar.json
        [ "$(jq -r '.manifests[0].annotations["io.containerd.image.name"]' $tar.json)" = \
            ghcr.io/me/app:1.2 ]
    done
    [ "$(tar xOf small.tar manifest.json | jq -r '.[0].RepoTags[0]')" = ghcr.io/me/app:1.2 ]
    # What the level does not touch is the content.
    "$PITH" inspect --json big.tar | jq '.layers[0].diff_id' >a
    "$PITH" inspect --json small.tar | jq '.layers[0].diff_id' >b
    cmp a b
    run "$PITH" build -o 'a b.tar' --tag reg.example:5000/app ./hello
    [ "${lines[1]}" = "skopeo copy oci-archive:'a b.tar' docker://reg.example:5000/app:latest" ]
}

@test "a recipe's files arrive with plain modes and declared owners" {
    mkdir -p tree/sub/empty
    echo one >tree/one
    echo two >'tree/two words'
    printf '#!/bin/sh\n' >tree/run
    ln -s ../one tree/sub/link
    ln -s /nowhere tree/dangling
    chmod 0600 tree/one
    chmod 0700 tree/run tree/sub
    mkdir amd64
    mv hello amd64/
    recipe '[Image]' Platforms=linux/amd64 'Copy=%a/hello /app/' 'Copy=tree /srv' \
        'Copy="tree/two words" /etc/two mode=0640 owner=nobody:staff' \
        'Copy=tree/sub /own owner=nonroot' Volume=/data Expose=80 \
        '[Service]' ExecStart=/app/hello User=1000:50 WorkingDirectory=/srv/work
    "$PITH" build x.pith
    layer x.tar | sed 's/ *[0-9]* 1970-01-01 00:00//' >list
    cat list
    diff list - <<'LIST'
drwxr-xr-x 0/0 ./
drwxr-xr-x 0/0 app/
-rwxr-xr-x 0/0 app/hello
drwxr-xr-x 1000/50 data/
drwxr-xr-x 0/0 etc/
-rw-r--r-- 0/0 etc/group
-rw-r--r-- 0/0 etc/nsswitch.conf
-rw-r--r-- 0/0 etc/passwd
drwxr-xr-x 0/0 etc/pith/
-rw-r--r-- 0/0 etc/pith/calls
-rw-r--r-- 0/0 etc/pith/service.bpf
-rw-r--r-- 0/0 etc/pith/service.conf
-rw-r----- 65534/50 etc/two
drwxr-xr-x 0/0 home/
drwx------ 65532/65532 home/nonroot/
-rwx--x--x 0/0 init
drwxr-xr-x 65532/65532 own/
drwxr-xr-x 65532/65532 own/empty/
lrwxrwxrwx 65532/65532 own/link -> ../one
drwx------ 0/0 root/
drwxr-xr-x 0/0 srv/
lrwxrwxrwx 0/0 srv/dangling -> /nowhere
-rw-r--r-- 0/0 srv/one
-rwxr-xr-x 0/0 srv/run
drwxr-xr-x 0/0 srv/sub/
drwxr-xr-x 0/0 srv/sub/empty/
lrwxrwxrwx 0/0 srv/sub/link -> ../one
-rw-r--r-- 0/0 srv/two words
drwxr-xr-x 0/0 srv/work/
drwxrwxrwt 0/0 tmp/
LIST
}

@test "the config says what the recipe says" {
    recipe '[Image]' Name=localhost/c Tag=7 Platforms=linux/amd64 'Copy=hello /app/hello' \
        'Expose=8080 53/udp' Volume=/data 'Label=a=b c' \
        '[Service]' 'ExecStart=/app/hello -v' User=nobody 'Environment=X=1 "Y=2 3"'
    "$PITH" build x.pith
    run --separate-stderr bash -c 'tar xOf x.tar "$(tar xOf x.tar manifest.json |
        jq -r ".[0].Config")" | jq -cS .config'
    [ "$output" = '{"Cmd":["-v"],"Entrypoint":["/init","--","/app/hello"],"Env":["X=1","Y=2 3"],"ExposedPorts":{"53/udp":{},"8080/tcp":{}},"Labels":{"a":"b c","pith.filter.status":"listed"},"StopSignal":"SIGTERM","User":"65534:65534","Volumes":{"/data":{}}}' ]
    run bash -c 'tar xOf x.tar index.json | jq -r ".manifests[0].annotations[]"'
    [ "$output" = $'localhost/c:7\n7' ]
}

@test "a policy file makes the filter, relative to the recipe" {
    mkdir sub
    mv hello sub/
    printf '# a comment\nread\nwrite\n' >sub/x.policy
    printf '%s\n' '[Image]' 'Copy=hello /app/hello' '[Service]' ExecStart=/app/hello \
        SystemCallFilter=file:x.policy >sub/x.pith
    run "$PITH" build sub/x.pith
    [ "$status" -eq 0 ]
    [[ "${lines[0]}" = *' calls (file:x.policy), starts once' ]]
    "$PITH" inspect --json x.tar | jq -e '.filter.calls | index("write") and (index("socket") | not)'
}

# Build in directory $1 from sources of its own, under conditions that differ.
build_in() {
    mkdir -p "$1/tree"
    (
        cd "$1" || exit
        umask "$2"
        for f in $3; do
            echo "$f" >"tree/$f"
        done
        cat ../hello >hello
        chmod "$4" hello
        touch -d "$5" tree/* hello
        printf '%s\n' '[Image]' 'Copy=hello /app/hello' 'Copy=tree /srv' \
            '[Service]' ExecStart=/app/hello >r.pith
    )
}

@test "builds are equal under another TZ, umask, locale, cwd, uid, time and order" {
    build_in one 022 'a b c z' 755 2001-01-01
    build_in two 077 'z c b a' 700 2020-02-02
    chmod -R a+rX two
    mkdir out
    chmod 777 out .
    (cd one && "$PITH" build r.pith >/dev/null)
    as=()
    # The checkout may be where the other user cannot look.
    cp "$PITH" "$(dirname "$PITH")/pith-init" .
    if [ "$(id -u)" -eq 0 ]; then
        chmod a+rx "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/.." . || :
        as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
    fi
    umask 000
    TZ=Asia/Tokyo LC_ALL=tr_TR.UTF-8 "${as[@]}" taskset -c 0 ./pith build \
        -o out/x.tar two/r.pith
    cmp one/r.tar out/x.tar
    [ "$(stat -c %a out/x.tar)" = 666 ]
}

@test "building again changes nothing, and the file appears by rename" {
    "$PITH" build -o x.tar ./hello
    inode=$(stat -c %i x.tar)
    cp x.tar first.tar
    "$PITH" build -o x.tar ./hello
    cmp first.tar x.tar
    [ "$(stat -c %i x.tar)" != "$inode" ]
    run find . -name '*.tmp'
    [ -z "$output" ]
}

@test "skopeo reads the one file as both formats" {
    command -v skopeo >/dev/null || skip "skopeo is not installed"
    "$PITH" build ./hello >line
    digest=$(grep -o 'sha256:[0-9a-f]*' line)
    [ "$(skopeo inspect --format '{{.Digest}}' oci-archive:hello.tar)" = "$digest" ]
    skopeo inspect docker-archive:hello.tar
    skopeo copy -q oci-archive:hello.tar dir:copied
    skopeo copy -q docker-archive:hello.tar dir:copied2
}

@test "GNU tar is content with archive and layer" {
    "$PITH" build ./hello
    run --separate-stderr tar tf hello.tar
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    [ "${lines[0]}" = oci-layout ]
    run --separate-stderr layer hello.tar
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
}

@test "Base=static has what distroless's structure tests ask for" {
    for file in /etc/ssl/certs/ca-certificates.crt /usr/share/zoneinfo/UTC /etc/mime.types \
        /etc/services; do
        [ -e "$file" ] || skip "$file is not installed"
    done
    recipe '[Image]' Base=static 'Copy=hello /app/hello' '[Service]' ExecStart=/app/hello
    "$PITH" build x.pith
    layer x.tar >list
    grep -q 'drwx------ 0/0 .* root/$' list
    grep -q 'drwx------ 65532/65532 .* home/nonroot/$' list
    grep -q 'drwxrwxrwt .* tmp/$' list
    grep -q ' etc/os-release -> ../usr/lib/os-release$' list
    grep -q ' usr/share/zoneinfo/Europe/Paris' list
    grep -qE ' zoneinfo/(posix|right)/' list && return 1
    for file in etc/services etc/mime.types etc/ssl/certs/ca-certificates.crt; do
        grep -q " $file\$" list
    done
    member x.tar usr/lib/os-release | grep -q '^PRETTY_NAME='
    # No two zones have the same bytes.
    mkdir root
    tar xOf x.tar "$(tar xOf x.tar manifest.json | jq -r '.[0].Layers[0]')" | tar xzf - -C root
    run bash -c 'find root/usr/share/zoneinfo -type f -exec sha256sum {} + |
        cut -d" " -f1 | sort | uniq -d'
    [ -z "$output" ]
    [ -s root/usr/share/zoneinfo/US/Eastern ]
    "$PITH" inspect --json x.tar | jq -e '.config.env |
        index("SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt")'
}

@test "files of 9 MB, sparse ones and 2,000 of them are packed in little memory" {
    command -v /usr/bin/time >/dev/null || skip "time is not installed"
    grep -q __asan_init "$PITH" && skip "sanitizers need memory of their own"
    mkdir tree
    head -c 9000000 /dev/urandom >tree/random
    truncate -s 40M tree/sparse
    for i in $(seq 2000); do
        echo "$i" >"tree/$i"
    done
    recipe '[Image]' 'Copy=hello /app/hello' 'Copy=tree /srv' '[Service]' ExecStart=/app/hello
    /usr/bin/time -f %M -o peak "$PITH" build x.pith
    [ "$(cat peak)" -le 16384 ]
    cmp <(member x.tar srv/random) tree/random
    cmp <(member x.tar srv/sparse) tree/sparse
}

@test "names of every length are packed and found again" {
    mkdir tree
    for n in 1 99 100 101 150 254 255; do
        name=$(printf "%0${n}d" 7)
        mkdir -p "tree/$name/$name"
        echo "$n" >"tree/$name/$name/$name"
    done
    echo é >tree/é
    recipe '[Image]' 'Copy=hello /app/hello' 'Copy=tree /srv' '[Service]' ExecStart=/app/hello
    "$PITH" build x.pith
    mkdir root
    tar xOf x.tar "$(tar xOf x.tar manifest.json | jq -r '.[0].Layers[0]')" | tar xzf - -C root
    diff -r tree root/srv
    "$PITH" inspect x.tar
}

@test "recipes that must be refused: one line, exit 1, no output file" {
    local count=0
    check() {
        [ -n "${message+set}" ] || return 0
        printf '%b' "$text" >x.pith
        refused 1 "x.pith$message" "$PITH" build x.pith
        count=$((count + 1))
    }
    unset message
    text=
    while IFS= read -r line; do
        case $line in
        '== '*)
            check
            message=${line#== } text=
            ;;
        *) text=$text$line'\n' ;;
        esac
    done <"$CASES"
    check
    [ "$count" -ge 40 ]
}

@test "what only the file system can tell: one line, exit 1, no output file" {
    printf '#!/bin/sh\n' >script
    echo text >text
    : >empty
    chmod +x script text empty
    cp hello plain
    chmod -x plain
    cp hello setuid
    chmod u+s setuid
    mkfifo pipe
    ln -s hello link
    mkdir dir tree
    touch tree/.wh.x

    with() {
        recipe '[Image]' "Copy=$1" '[Service]' "ExecStart=$2"
    }
    with 'nope /app/x' /app/x
    refused 1 'x.pith:2: nope: No such file or directory' "$PITH" build x.pith
    with 'hello /app/x' /app/y
    refused 1 'x.pith:4: ExecStart: /app/y is not in the image; Copy= it there' "$PITH" build x.pith
    with 'dir /app/x' /app/x
    refused 1 'x.pith:4: ExecStart: /app/x is no program' "$PITH" build x.pith
    with 'plain /app/x' /app/x
    refused 1 'x.pith:4: plain: not executable by user 65532 (mode 644 in the image)' \
        "$PITH" build x.pith
    with 'hello /app/x mode=0700' /app/x
    refused 1 'x.pith:4: hello: not executable by user 65532 (mode 700 in the image)' \
        "$PITH" build x.pith
    with 'setuid /app/x' /app/x
    refused 1 'x.pith:2: setuid: is setuid; declare what it shall have with mode=' \
        "$PITH" build x.pith
    with 'pipe /app/x' /app/x
    refused 1 'x.pith:2: pipe: neither file, directory nor symbolic link' "$PITH" build x.pith
    with 'hello /init' /init
    refused 1 'x.pith: /init: comes from pith and from line 2' "$PITH" build x.pith
    with 'hello /etc/passwd' /etc/passwd
    refused 1 'x.pith: /etc/passwd: comes from pith and from line 2' "$PITH" build x.pith
    with 'hello /etc/passwd/x' /etc/passwd/x
    refused 1 'x.pith: /etc/passwd/x: is below /etc/passwd, which is a file' "$PITH" build x.pith
    with 'tree /srv' /srv/x
    refused 1 'x.pith:2: /srv/.wh.x: a path in the image: a component that begins with .wh., which layers reserve' \
        "$PITH" build x.pith
    mv tree/.wh.x 'tree/line
end'
    refused 1 'x.pith:2: /srv/line?end: a path in the image: a control character' \
        "$PITH" build x.pith
    rm tree/line*
    printf -v long '/%*s' 250 ''
    long=${long// /x}
    mkdir "tree$long" && touch "tree$long/x"
    with "tree /srv$long$long$long$long$long$long$long$long$long$long$long$long$long$long$long$long" /srv/x
    refused 1 "x.pith:2: /srv${long:0:248}...: a path in the image: longer than 4095 bytes" \
        "$PITH" build x.pith
    recipe '[Image]' 'Copy=hello /x' 'Copy=hello /x' '[Service]' ExecStart=/x
    refused 1 'x.pith: /x: comes from line 2 and from line 3' "$PITH" build x.pith
    recipe '[Image]' 'Copy=hello /x' '[Service]' ExecStart=/x WorkingDirectory=/x
    refused 1 'x.pith: WorkingDirectory: /x is no directory' "$PITH" build x.pith
    recipe '[Image]' 'Copy=hello /x' '[Service]' ExecStart=/x SystemCallFilter=complete
    refused 1 'x.pith:5: SystemCallFilter: complete: belongs beside auto' "$PITH" build x.pith
    recipe '[Image]' 'Copy=hello /x' '[Service]' ExecStart=/x SystemCallFilter=file:nope
    refused 1 'x.pith:5: SystemCallFilter: nope: No such file or directory' "$PITH" build x.pith

    refused 1 './nope: No such file or directory' "$PITH" build ./nope
    refused 1 'nope.pith: No such file or directory' "$PITH" build nope.pith
    refused 1 'ExecStart: /app/dir is no program' "$PITH" build dir
    refused 1 'script: a script of /bin/sh; name the interpreter in ExecStart= with the script as its argument, and copy both' "$PITH" build script
    refused 1 'text: no ELF program' "$PITH" build text
    refused 1 'empty: an empty file' "$PITH" build empty
    refused 1 'plain: not executable by user 65532 (mode 644 in the image)' "$PITH" build plain
    refused 1 'setuid: is setuid; declare what it shall have with mode=' "$PITH" build setuid
    refused 1 'hello: is both output and part of the image' "$PITH" build -o hello ./hello
    printf '[Image]\nCopy=hello /hello\n[Service]\nExecStart=/hello\nSystemCallFilter=@default\n' >own.pith
    cp own.pith before
    refused 1 './own.pith: is both output and input' "$PITH" build own.pith -o ./own.pith
    cmp own.pith before
    refused 1 'dir: exists and is no regular file' "$PITH" build -o dir ./hello
    refused 1 'create nope/x.tar: No such file or directory' "$PITH" build -o nope/x.tar ./hello
    refused 1 "--tag: 'A' is no image name (such as localhost/hello)" "$PITH" build --tag A ./hello
    refused 1 'pith-init: dynamic: dynamic program; needs libc.so.6 (and the loader /lib64/ld-linux-x86-64.so.2); link it with -static' \
        "$PITH" build --init dynamic ./hello
    refused 1 "$(printf 'an argument holds a control character')" "$PITH" build ./hello -- $'a\nb'
    cp hello Hello
    refused 1 "a name for the image is needed (--tag): 'localhost/Hello' is no image name (such as localhost/hello)" \
        "$PITH" build ./Hello
    "$PITH" build --tag hello ./Hello
}

@test "patterns, links, accounts and capabilities" {
    mkdir conf
    touch conf/a.conf conf/b.conf conf/c.txt 'conf/[x].conf'
    recipe '[Image]' 'Copy=conf/?.conf /etc/x/ owner=web' 'Copy=conf/[x].conf /etc/odd' \
        'Link=/var/run ../run' 'Link=/etc/mtab /proc/mounts' 'Account=web:33' \
        'Account=db:999:50:/var/lib/db' \
        'Copy=hello /app/hello caps=cap_net_bind_service,cap_chown=ep' \
        '[Service]' ExecStart=/app/hello User=web
    "$PITH" build x.pith
    layer x.tar | sed 's/ *[0-9]* 1970-01-01 00:00//' >list
    for line in '-rw-r--r-- 33/33 etc/x/a.conf' '-rw-r--r-- 33/33 etc/x/b.conf' \
        '-rw-r--r-- 0/0 etc/odd' 'lrwxrwxrwx 0/0 var/run -> ../run' \
        'lrwxrwxrwx 0/0 etc/mtab -> /proc/mounts' 'drwx------ 999/50 var/lib/db/'; do
        grep -qxF -e "$line" list
    done
    grep -q c.txt list && return 1
    diff <(member x.tar etc/passwd | tail -2) - <<'END'
web:x:33:33:web:/nonexistent:/sbin/nologin
db:x:999:50:db:/var/lib/db:/sbin/nologin
END
    [ "$(member x.tar etc/group | tail -1)" = web:x:33: ]
    member x.tar etc/pith/service.conf | grep -qx User=33
    # What the kernel makes of it is what was said.
    run "$PITH" lint x.tar
    [[ $output == *'[file-capability]'* ]]
    mkdir root
    tar xOf x.tar "$(tar xOf x.tar manifest.json | jq -r '.[0].Layers[0]')" |
        tar xzf - --xattrs --xattrs-include='*' -C root || skip "cannot set capabilities here"
    run getcap root/app/hello
    [ "$output" = 'root/app/hello cap_chown,cap_net_bind_service=ep' ]

    recipe '[Image]' 'Copy=hello /app/hello' 'Copy=conf/*.conf /etc/x' '[Service]' \
        ExecStart=/app/hello
    refused 1 'x.pith:3: conf/*.conf: a pattern goes into a directory: end /etc/x with a slash' \
        "$PITH" build x.pith
    recipe '[Image]' 'Copy=hello /app/hello' 'Copy=conf/*.nope /etc/x/' '[Service]' \
        ExecStart=/app/hello
    refused 1 'x.pith:3: conf/*.nope: matches nothing' "$PITH" build x.pith
    recipe '[Image]' 'Copy=hello /app/hello' 'Copy=conf /etc/x caps=cap_chown=p' '[Service]' \
        ExecStart=/app/hello
    refused 1 'x.pith:3: conf: caps= is for one file' "$PITH" build x.pith
}

@test "file capabilities are named, and mode= leaves them behind" {
    setcap cap_net_bind_service=ep hello 2>/dev/null || skip "setcap does not work here"
    refused 1 './hello: has file capabilities (cap_net_bind_service=ep); declare what it shall have with mode=' \
        "$PITH" build ./hello
    recipe '[Image]' 'Copy=hello /x mode=0755' '[Service]' ExecStart=/x
    "$PITH" build x.pith
}

@test "ELF files cut or changed anywhere: one line, exit 1, no output file" {
    size=$(stat -c %s hello)
    bad=0
    for n in 1 4 16 20 52 63 64 100 200 $((size / 2)) $((size - 1)); do
        head -c "$n" hello >short
        chmod +x short
        run --separate-stderr "$PITH" build ./short
        # The section table at the end is nobody's business here.
        [ "$status" -eq 0 ] && [ "$n" -ge $((size / 2)) ] && rm short.tar && continue
        [ "$status" -eq 1 ] && [ "$(wc -l <<<"$stderr")" -eq 1 ] &&
            [[ "$stderr" = 'pith: ./short: '* ]] && [ ! -e short.tar ] && continue
        echo "$n: $status $stderr"
        bad=1
    done
    # class, byte order, type, machine, segment table's place, size and count
    for edit in 4:3 5:2 16:1 18:183 32:255 39:127 54:1 56:255 57:255; do
        cp hello edited
        printf '%b' "\\x$(printf %x "${edit#*:}")" |
            dd of=edited bs=1 seek="${edit%:*}" conv=notrunc status=none
        run --separate-stderr "$PITH" build ./edited
        [ "$status" -eq 1 ] && [ "$(wc -l <<<"$stderr")" -eq 1 ] && [ ! -e edited.tar ] && continue
        echo "$edit: $status $stderr"
        bad=1
    done
    [ "$bad" -eq 0 ]
}

@test "usage errors exit 2, with the usage" {
    while read -r args; do
        # shellcheck disable=SC2086 # a list of arguments
        run --separate-stderr "$PITH" build $args
        [ "$status" -eq 2 ]
        [ -z "$output" ]
        [[ "$stderr" = 'pith: build: '*$'\nusage: pith build '* ]]
    done <<'ARGS'

--nope ./hello
-o
--level 13 ./hello
--level x ./hello
--tag
ARGS
    recipe '[Service]' ExecStart=/x
    run "$PITH" build x.pith arg
    [ "$status" -eq 2 ]
    run find . -name '*.tar'
    [ -z "$output" ]
}

@test "a disk that fills up leaves the old file and no other" {
    [ "$(id -u)" -eq 0 ] || skip "needs root to mount a small file system"
    mkdir small
    mount -t tmpfs -o size=16k none small 2>/dev/null || skip "cannot mount here"
    echo old >small/x.tar
    run --separate-stderr "$PITH" build --level 0 -o small/x.tar ./hello
    kept=$(cat small/x.tar) files=$(ls -A small)
    umount small
    [ "$status" -eq 1 ]
    [ "$kept" = old ]
    [ "$files" = x.tar ]
    [[ "$stderr" = *'No space left on device' ]]
}

@test "keys that harden are in the filter and the labels, not in service.conf" {
    recipe '[Image]' 'Copy=hello /app/x' '[Service]' ExecStart=/app/x \
        'SystemCallFilter=~ptrace @aio sync:EIO' SystemCallFilter=reboot \
        'RestrictAddressFamilies=AF_UNIX' 'RestrictAddressFamilies=AF_INET6' \
        MemoryDenyWriteExecute=yes SystemCallErrorNumber=EACCES
    "$PITH" build x.pith -o x.tar
    "$PITH" inspect --json x.tar >x.json
    jq -e '.config.labels["pith.filter.RestrictAddressFamilies"] == "AF_UNIX AF_INET6" and
        .config.labels["pith.filter.MemoryDenyWriteExecute"] == "yes"' x.json
    jq -e '.service | has("MemoryDenyWriteExecute") | not' x.json
    # All but these, as systemd means it, of what there would be without it.
    jq -e '.filter.calls | index("read") and index("reboot") and
        (index("io_submit") | not) and (index("sync") | not)' x.json
    jq -e '.filter.conditional | index("mmap") and index("socket") and (index("read") | not)' x.json
    "$PITH" inspect x.tar | grep -A1 '^by argument' | grep -qw clone
}

@test "a file of what is denied is no list that pith reads" {
    echo ptrace >deny.policy
    recipe '[Image]' 'Copy=hello /app/x' '[Service]' ExecStart=/app/x \
        'SystemCallFilter=~file:deny.policy'
    run -1 "$PITH" build x.pith -o x.tar
    [[ $output == "pith: x.pith:5: SystemCallFilter: '~file': "* ]]
    [ ! -e x.tar ]
}

@test "where the service is pith-init itself, /init is a link to it" {
    local init=${PITH%/*}/pith-init
    cp "$init" other
    layer() {
        tar xOf x.tar "$(tar xOf x.tar manifest.json | jq -r '.[0].Layers[0]')" |
            tar tvzf - | grep -E ' (init|pause|tool)( |$)'
    }
    build() {
        recipe '[Image]' "$@" '[Service]' "$SERVICE" SystemCallFilter=@default
        "$PITH" build x.pith -o x.tar
    }
    SERVICE=ExecStart=/pause build "Copy=$init /pause"
    [[ $(layer) == *' init -> pause'*'-rwxr-xr-x'*' pause' ]]
    # A tool that is as little readable serves as well.
    SERVICE=ExecStart=/app/x build 'Copy=hello /app/x' "Copy=$init /tool mode=0711"
    [[ $(layer) == *' init -> tool'*'-rwx--x--x'*' tool' ]]
    # What the service can read, another's, or another file does not.
    for line in "Copy=$init /tool" "Copy=$init /tool mode=0711 owner=nonroot" \
        'Copy=hello /tool mode=0711'; do
        SERVICE=ExecStart=/app/x build 'Copy=hello /app/x' "$line"
        [[ $(layer) == '-rwx--x--x '*' init'$'\n'* ]]
    done
    # Nor one in a place that is the service's to change, or that a mount hides.
    mkdir own
    cp "$init" own/tool
    for line in "Volume=/own"$'\n'"Copy=$init /own/tool mode=0711" \
        "Volume=/own"$'\n'"Copy=own /own owner=root"$'\n'"Copy=$init /own/a/tool mode=0711" \
        "Copy=own /own owner=nonroot"$'\n'"Copy=$init /own/a/tool mode=0711" \
        "Copy=$init /tmp/tool mode=0711"; do
        SERVICE=ExecStart=/app/x build 'Copy=hello /app/x' "$line"
        [[ $(layer) == '-rwx--x--x '*' init'* ]]
    done
    SERVICE=ExecStart=/app/x build 'Copy=hello /app/x' "Copy=$init /own/a/tool mode=0711"
    [[ $(layer) == *' init -> own/a/tool'* ]]
}
