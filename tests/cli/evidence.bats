#!/usr/bin/env bats
# What an image says its filter rests on: the derived calls, those that traces
# have seen (Trace=), and those that the recipe drops; and what inspect, diff,
# update and --locked make of it.

bats_require_minimum_version 1.5.0
load ../support/musl
load ../support/servers

setup_file() {
    with_musl
    cat >calm.c <<'END'
#include <sys/stat.h>
#include <unistd.h>
int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return umask(0) + getppid() < 0;
    return write(1, "calm\n", 5) != 5;
}
END
    cat >open.c <<'END'
#include <sys/syscall.h>
#include <unistd.h>
static volatile long nr = SYS_getuid;
int main(void) { return syscall(nr) < 0 || write(1, "open\n", 5) != 5; }
END
    for program in calm open; do
        "$MUSL" -O2 -static "$program.c" -o "$program"
    done
    "$PITH" profile trace -o calm.policy ./calm
    "$PITH" profile trace -o open.policy ./open
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    # bats keeps files of its own in there.
    mkdir work && cd work || return
    cp "$BATS_FILE_TMPDIR"/{calm,open,calm.policy,open.policy} .
}

# recipe PROGRAM TRACE KEY=VALUE...: x.pith; no trace where that is empty.
recipe() {
    printf '%s\n' '[Image]' "Copy=$1 /app/" ${2:+"Trace=$2"} '[Service]' \
        "ExecStart=/app/$1" "${@:3}" >x.pith
}

# evidence IMAGE SET...: the sets' names, a set a line.
evidence() {
    "$PITH" inspect --json "$1" |
        jq -r --args '.evidence as $e | $ARGS.positional[] | . as $set | $e[$set] | join(" ")' "${@:2}"
}

@test "evidence: a trace is shown, and changes nothing of the filter" {
    recipe calm '' SystemCallFilter=auto
    "$PITH" build x.pith -o without.tar
    recipe calm calm.policy SystemCallFilter=auto
    run -0 --separate-stderr "$PITH" build x.pith -o with.tar
    [ -z "$stderr" ]
    [[ ${lines[0]} == *' calls (exact), starts once' ]]
    [[ $output != *note* ]]
    [ "$("$PITH" inspect --json with.tar | jq -r .filter.digest)" = \
        "$("$PITH" inspect --json without.tar | jq -r .filter.digest)" ]
    [ "$(evidence with.tar derived)" = \
        "$("$PITH" profile derive --json ./calm | jq -r '[.programs[0].calls[]] | sort | join(" ")')" ]
    [ "$(evidence with.tar traced unforeseen refused dropped untraced)" = \
        "$(printf '%s\n' 'arch_prctl set_tid_address write' '' '' '' 'getppid mmap open poll umask')" ]
    run -0 "$PITH" inspect with.tar
    [[ $output == *'evidence    '*' calls derived, 3 traced
derived, and never traced
            getppid mmap open poll umask' ]]
    [[ $output != *pith.filter.traced=* ]]
    # Labels are what is left of it in an engine.
    [ "$("$PITH" inspect --json with.tar | jq -r '.config.labels["pith.filter.traced"]')" = \
        'arch_prctl set_tid_address write' ]
    [ "$("$PITH" inspect --json without.tar | jq -c '.evidence.traced, .evidence.untraced')" = 'null
[]' ]
}

@test "evidence: the same bytes from elsewhere, and verify --rebuild" {
    recipe calm calm.policy SystemCallFilter=auto
    "$PITH" build x.pith -o one.tar
    mkdir deep && cp x.pith calm calm.policy deep
    (cd / && TZ=Asia/Tokyo "$PITH" build "$BATS_TEST_TMPDIR/work/deep/x.pith" -o "$BATS_TEST_TMPDIR/two.tar")
    cmp one.tar ../two.tar
    "$PITH" verify --rebuild x.pith one.tar
    echo umask >>calm.policy
    run -1 "$PITH" verify --rebuild x.pith one.tar
    [[ $output == *'filter traced: umask'* ]]
}

@test "evidence: what was traced and is not derived stops the build" {
    echo sethostname >>calm.policy
    recipe calm calm.policy SystemCallFilter=auto
    run -1 --separate-stderr "$PITH" build x.pith
    [ "$stderr" = 'pith: x.pith:6: SystemCallFilter: auto: calls were traced that its code is not known to make: sethostname; where the trace is of this program and no other, name them beside auto' ]
    [ ! -e x.tar ]
    # Named, it is let through, and stays in sight.
    recipe calm calm.policy 'SystemCallFilter=auto sethostname'
    run -0 "$PITH" build x.pith
    [ "${lines[1]}" = '  note: traced, and not found in the code: sethostname' ]
    run -0 "$PITH" inspect x.tar
    [[ $output == *'TRACED, AND NOT DERIVED
            sethostname
'* ]]
    run -0 "$PITH" lint x.tar
    [[ $output != *traced* ]]
    [ "$(evidence x.tar unforeseen)" = sethostname ]
}

@test "evidence: a word that widens by a trace is evidence as well" {
    recipe open '' 'SystemCallFilter=auto trace:open.policy'
    run -0 "$PITH" build x.pith
    [[ ${lines[0]} == *' calls (open+widened), starts once' ]]
    [ "${lines[1]}" = '  note: traced, and not found in the code: getuid' ]
    [ "$(evidence x.tar unforeseen)" = getuid ]
    [[ " $(evidence x.tar traced) " == *' getuid '* ]]
    # Without auto nothing is derived: the list is held against the trace alone.
    recipe open open.policy SystemCallFilter=@default
    run -0 "$PITH" build x.pith
    [[ $output != *note* ]]
    [ "$("$PITH" inspect --json x.tar | jq -c '[.evidence.derived, .evidence.unforeseen]')" = '[null,[]]' ]
    recipe open open.policy SystemCallFilter=write
    run -0 "$PITH" build x.pith
    [ "${lines[1]}" = '  note: traced, and refused: arch_prctl getuid set_tid_address' ]
}

@test "evidence: what the recipe drops is shown, locked, and told of when it changes" {
    recipe calm calm.policy 'SystemCallFilter=auto ~umask'
    run -0 "$PITH" build x.pith
    [[ ${lines[0]} == *' calls (exact+narrowed), starts once' ]]
    [ "$(evidence x.tar dropped untraced)" = 'umask
getppid mmap open poll' ]
    run -0 "$PITH" inspect x.tar
    [[ $output == *'derived, and dropped by the recipe
            umask
'* ]]
    run -0 "$PITH" update x.pith
    [ "$(sed -n 2,3p x.lock)" = 'status exact+narrowed
dropped umask' ]
    run -0 "$PITH" build --locked x.pith
    [[ $output != *note* ]]
    # A call that was seen is missed: it is said, and who wrote it decides.
    recipe calm calm.policy 'SystemCallFilter=auto ~write'
    run -0 "$PITH" build x.pith
    [ "${lines[1]}" = '  note: traced, and refused: write' ]
    [[ $output == *'note:   drops write
  note:   no longer drops umask'* ]]
    run -0 "$PITH" inspect x.tar
    [[ $output == *'TRACED, AND REFUSED
            write
'* ]]
    run -0 "$PITH" lint x.tar
    grep -qxF 'x.tar: warning: traced, and refused: write [traced-refused]' <<<"$output"
    run -0 "$PITH" update x.pith
    [ "${lines[1]}" = '  drops write' ]
    [ "${lines[2]}" = '  no longer drops umask' ]
}

@test "evidence: lint says what stops a build of what others have built" {
    recipe calm calm.policy SystemCallFilter=auto
    "$PITH" build x.pith
    mkdir image
    tar -C image -xf x.tar
    jq '.config.Labels["pith.filter.traced"] += " reboot sethostname"' \
        "image/$(jq -r '.[0].Config' image/manifest.json)" >image/config.json
    jq -c '.[0].Config = "config.json"' image/manifest.json >m
    mv m image/manifest.json
    rm image/index.json image/oci-layout
    tar -C image -cf y.tar .
    run -1 "$PITH" lint y.tar
    grep -qxF 'y.tar: error: calls were traced that its code is not known to make: reboot sethostname [traced-unknown]' <<<"$output"
    run -0 "$PITH" lint --explain traced-unknown
    [[ $output == *'name them beside auto.' ]]
}

@test "evidence: diff tells of sets call by call" {
    recipe calm calm.policy SystemCallFilter=auto
    "$PITH" build x.pith -o a.tar
    "$PITH" profile trace -o calm.policy --merge calm.policy -- ./calm more
    recipe calm calm.policy SystemCallFilter=auto
    "$PITH" build x.pith -o b.tar
    run -1 "$PITH" diff a.tar b.tar
    [ "$output" = '+ filter traced: getppid
+ filter traced: umask' ]
    recipe calm calm.policy 'SystemCallFilter=auto ~umask'
    "$PITH" build x.pith -o c.tar
    run -1 "$PITH" diff b.tar c.tar
    grep -qx -e '- filter calls: umask' <<<"$output"
    grep -qx '~ config Labels.pith.filter.status: exact -> exact+narrowed' <<<"$output"
    [ "$(grep -c 'derived\|traced' <<<"$output")" = 0 ]
}

@test "evidence: each platform has a trace of its own" {
    [ -f "$TOP/build/pith-init-aarch64" ] || skip "no build/pith-init-aarch64: make cross"
    mkdir amd64 arm64
    cp calm amd64/
    "$TOP/build/sysroot/aarch64/bin/musl-gcc" -O2 -static "$BATS_FILE_TMPDIR/calm.c" -o arm64/calm
    cp calm.policy amd64.policy
    printf 'set_tid_address\nwrite\numask\n' >arm64.policy
    printf '%s\n' '[Image]' 'Platforms=linux/amd64 linux/arm64' 'Copy=%a/calm /app/' Trace=%a.policy \
        '[Service]' ExecStart=/app/calm SystemCallFilter=auto >x.pith
    run -0 "$PITH" build x.pith
    [ "$("$PITH" inspect --json --platform linux/amd64 x.tar | jq -c .evidence.untraced)" = '["getppid","mmap","open","poll","umask"]' ]
    [ "$("$PITH" inspect --json --platform linux/arm64 x.tar | jq -c .evidence.untraced)" = '["getppid","mmap","openat","ppoll"]' ]
    rm arm64.policy x.tar
    run -1 --separate-stderr "$PITH" build x.pith
    [ "$stderr" = 'pith: linux/arm64: x.pith:7: SystemCallFilter: Trace: arm64.policy: No such file or directory' ]
    [ ! -e x.tar ]
}

@test "evidence: bad traces are one line, and nobody else's label counts" {
    recipe calm calm.policy SystemCallFilter=auto
    echo 'opne' >>calm.policy
    run -1 --separate-stderr "$PITH" build x.pith
    [[ $stderr == "pith: x.pith:6: SystemCallFilter: Trace: calm.policy: line "*": 'opne': unknown system call"* ]]
    [ "$(wc -l <<<"$stderr")" = 1 ]
    printf '%s\n' '[Image]' 'Copy=calm /c' 'Trace=%x' '[Service]' ExecStart=/c >x.pith
    run -1 --separate-stderr "$PITH" build x.pith
    [[ $stderr == "pith: x.pith:3: Trace: %x: after '%' stands a or %"* ]]
    printf '%s\n' '[Image]' 'Copy=calm /c' 'Trace=a a' '[Service]' ExecStart=/c >x.pith
    run -1 --separate-stderr "$PITH" build x.pith
    [ "$stderr" = 'pith: x.pith:3: Trace: a: given twice' ]
    printf '%s\n' '[Image]' 'Copy=calm /c' Label=pith.filter.traced=reboot '[Service]' ExecStart=/c >x.pith
    "$PITH" build x.pith
    [ "$("$PITH" inspect --json x.tar | jq -c .evidence)" = null ]
}

@test "evidence: labels of more words than there are calls are none" {
    recipe calm calm.policy SystemCallFilter=auto
    "$PITH" build x.pith
    mkdir image
    tar -C image -xf x.tar
    seq -f a%.0f -s ' ' 200000 >derived
    seq -f b%.0f -s ' ' 200000 >traced
    jq --rawfile derived derived --rawfile traced traced '.config.Labels |= . +
        {"pith.filter.derived": $derived, "pith.filter.traced": $traced}' \
        "image/$(jq -r '.[0].Config' image/manifest.json)" >image/config.json
    jq -c '.[0].Config = "config.json"' image/manifest.json >m
    mv m image/manifest.json
    rm image/index.json image/oci-layout
    tar -C image -cf y.tar .
    run -0 timeout 20 "$PITH" inspect --json y.tar
    [ "$(jq -c .evidence <<<"$output")" = null ]
    run -1 timeout 20 "$PITH" diff x.tar y.tar
    [[ $output == *'- filter derived: write'* ]]
}

# traced NAME RECIPE-KEY...: Debian's server under load, traced; a build by code
# and trace. Sets derived, traced and untraced in files of that name.
traced() {
    local name=$1 program pid
    program=$(server_program "$name")
    mapfile -t args < <(server_arguments "$name")
    "$PITH" profile trace -o "$name.policy" -- "$program" "${args[@]}" "${@:2}" >/dev/null &
    pid=$!
    server_load "$name" || { kill "$pid"; wait "$pid"; return 1; }
    kill "$pid"
    wait "$pid" || true
    printf '%s\n' '[Image]' "Copy=$program $program" "Trace=$name.policy" '[Service]' \
        "ExecStart=$program" 'SystemCallFilter=auto complete' AllowExec=no >"$name.pith"
    "$PITH" build "$name.pith"
    for set in derived traced unforeseen untraced; do
        evidence "$name.tar" "$set" >names
        tr ' ' '\n' <names | sed '/^$/d' >"$set"
    done
}

@test "evidence: Debian's memcached and redis-server call nothing that was not derived" {
    local name
    for name in memcached redis; do
        command -v "$(server_program "$name")" >/dev/null || skip "no $name"
    done
    for program in memcslap redis-benchmark redis-cli; do
        command -v "$program" >/dev/null || skip "no $program"
    done
    for name in memcached redis; do
        local more=()
        [ "$name" = redis ] || more=(-u nobody)
        traced "$name" "${more[@]}"
        echo "$name: derived $(wc -l <derived), traced $(wc -l <traced), not derived: $(tr '\n' ' ' <unforeseen)"
        [ ! -s unforeseen ]
        [ "$(wc -l <traced)" -gt 30 ]
        [ -s untraced ]
        grep -qx accept4 derived
    done
}
