# What tests/boards tries on every machine, in one boot of it, and how it is
# judged. Loaded after tests/support/boards.

GATED=yes
[ "$MACHINE" != riscv64 ] || GATED=no

# recipe NAME LINE...: an image of that name, and its files below /img.
recipe() {
    local name=$1 file=$BATS_FILE_TMPDIR/$1.pith
    shift
    printf '%s\n' '[Image]' "Name=localhost/$name" "Platforms=$PLATFORM" "$@" >"$file"
    [ "$GATED" = yes ] || sed -i 's/^ExecStart=/AllowExec=yes\n&/' "$file"
    "$PITH" build "$file" -o "$BATS_FILE_TMPDIR/$name.tar"
    board_tree "$name" "$BATS_FILE_TMPDIR/$name.tar"
}

# escape NAME FILTER [LINE...]
escape() {
    recipe "$1" "Copy=$PROGRAMS/escape /app/escape" "Copy=$PROGRAMS/escape /app/escape.copy" \
        "Copy=$PROGRAMS/escape /app/escape.suid mode=4755" '[Service]' ExecStart=/app/escape \
        User=65532:65532 "SystemCallFilter=$2"
}

make_probe() {
    recipe probe "Copy=$TOP/build/images/probe/$OCI/probe /app/probe" '[Service]' \
        ExecStart=/app/probe User=65532:65532 LimitCORE=0 SystemCallFilter=@default
}

make_victim() {
    recipe victim "Copy=$PROGRAMS/victim /app/victim" '[Service]' ExecStart=/app/victim \
        User=65532:65532 LimitNOFILE=100:200 UMask=0027 SystemCallFilter=@default
}

# make_hello FILTER
make_hello() {
    recipe hello "Copy=$TOP/build/images/hello/$OCI/hello /app/hello" '[Service]' \
        'ExecStart=/app/hello --port 8080' User=65532:65532 TimeoutStopSec=8 LimitNOFILE=1024 \
        "SystemCallFilter=$1"
}

make_escapes() {
    escape escape @default
    # Every group: the gate is what is left to stop an exec.
    sed -n 's/^\.It Sy \(@[a-z-]*\)$/\1/p' "$TOP/docs/pith-policy.5" >"$BATS_FILE_TMPDIR/every.policy"
    escape every file:every.policy
}

# The filter of the one image in another: not there, cut short, of another machine.
spoil_images() {
    local name etc gate=() other=x86_64
    [ "$MACHINE" != x86_64 ] || other=aarch64
    for name in missing short foreign; do
        cp -a "$BOARD/img/victim" "$BOARD/img/$name"
    done
    etc=$BOARD/img/missing/etc/pith && rm "$etc/service.bpf"
    etc=$BOARD/img/short/etc/pith && truncate -s -8 "$etc/service.bpf"
    etc=$BOARD/img/foreign/etc/pith
    echo @default | "$PITH" profile compile - -o "$etc/service.bpf" --arch "$other" \
        --program /app/victim="$PROGRAMS/victim"
}

start_hello() {
    board_line '&hello' /bin/enter -n /img/hello /init -- /app/hello --port 8080
}

ask_hello() {
    board_line '?healthz' /bin/enter -n /img/hello /init --probe http://127.0.0.1:8080/healthz
}

try_acts() {
    board_line bare-probe /bin/enter -u 65532 /img/probe /app/probe
    board_line probe /bin/enter /img/probe /init -- /app/probe
    board_line other-user /bin/enter -u 10001 /img/probe /init -- /app/probe exec ptrace
    board_line status /bin/enter /img/probe /init -- /app/probe status
}

try_victim() {
    local name
    board_line exit /bin/enter /img/victim /init -- /app/victim exit 7
    board_line raise /bin/enter /img/victim /init -- /app/victim raise 9
    board_line victim /bin/enter /img/victim /init -- /app/victim status
    board_line orphans /bin/enter /img/victim /init -- /app/victim orphans 20
    board_line another /bin/enter /img/victim /init -- /init
    board_line check /bin/enter /img/victim /init --check
    for name in missing short foreign; do
        board_line "$name" /bin/enter "/img/$name" /init -- /app/victim exit 0
    done
}

try_escapes() {
    board_line escape-bare /bin/enter /img/escape /app/escape
    board_line escape /bin/enter /img/escape /init -- /app/escape
    board_line escape-every /bin/enter /img/every /init -- /app/escape
}

suite_setup() {
    board_make
    make_probe
    make_victim
    make_hello "file:$TOP/images/hello/by-hand.policy"
    make_escapes
    spoil_images
    start_hello
    try_acts
    try_victim
    try_escapes
    ask_hello
    board_boot 900
}

# Of the probe's acts those that this machine has.
expected_acts() {
    if [ "$MACHINE" = x86_64 ]; then
        cat "$TOP/tests/data/probe.expected"
    else
        grep -v -e ^int80 -e ^x32 "$TOP/tests/data/probe.expected"
    fi
}

acts() { said "$1" | grep -E '^[a-z0-9-]+: (ok|exec|errno|killed)'; }

# The names that a run of the attempts told of; those that it reached.
names_in() { said "$1" | sed -nE 's/^([a-z0-9-]+) (reached|errno|setup|killed|lost)( .*)?$/\1/p' | sort; }
reached_in() { said "$1" | sed -n 's/^\([a-z0-9-]*\) reached$/\1/p' | sort; }

# What starts a program again, by the themes of tests/escape.
exec_names() {
    "$TOP/build/tests/boards/x86_64/escape" --list |
        awk '$1 ~ /^(re-exec|gate|registers|exec)$/ { print $2 }' | sort
}

codes_come_through() {
    [ "$(exited exit)" = 7 ]
    [ "$(exited raise)" = 137 ]
    [ "$(exited orphans)" = 0 ]
    [ "$(said orphans)" = "living 2 zombies 0" ]
}

acts_work_outside() {
    local act
    for act in exec vfork-exec posix-spawn thread-exec execveat execveat-fd memfd-exec guess-cookie; do
        acts bare-probe | grep -qx "$act: exec"
    done
    for act in parent-mem ptrace seccomp unshare process-vm socket; do
        acts bare-probe | grep -qx "$act: ok"
    done
}

acts_fail_inside() {
    diff <(expected_acts) <(acts probe)
    [ "$(acts other-user)" = $'exec: killed SIGSYS\nptrace: errno EPERM' ]
    said other-user | grep -qx 'pith-init: running as 10001:10001: taken as good for 65532:65532'
}

nothing_is_left() {
    local line tab=$'\t'
    for line in "Uid:${tab}65532${tab}65532${tab}65532${tab}65532" CapInh:"$tab"0000000000000000 \
        CapPrm:"$tab"0000000000000000 CapEff:"$tab"0000000000000000 CapBnd:"$tab"0000000000000000 \
        CapAmb:"$tab"0000000000000000 NoNewPrivs:"$tab"1 Seccomp:"$tab"2; do
        said status | grep -qx "$line"
    done
    said victim | grep -qx 'umask 0027'
    said victim | grep -qx 'nofile 100 200'
}

# A console may lose some where it is slow; each that is there is whole.
denials_speak() {
    local line='^pith-init: denied [a-z0-9_]+\([^-]*\) by probe\[[0-9]+\] -> EPERM; allow: SystemCallFilter='
    [ "$(said probe | grep -cE "$line")" -ge 3 ]
    said probe | grep -qE '^pith-init: denied (ptrace\(0x|seccomp\(2, 0x0, 0x|unshare\(0x10000000\))'
    # How new the kernel's Landlock is tests/boards/landlock.bats knows.
    said check | sed '/^Landlock ABI: have [0-9]*, need 0$/d' |
        diff - <(printf '%s: have yes, need %s\n' 'PID 1' no no_new_privs yes \
            'seccomp filters' yes 'seccomp notification' no 'change of user' yes close_range yes \
            AmbientCapabilities yes CapabilityBoundingSet no SecureBits no Nice no OOMScoreAdjust no)
}

bad_filters_start_nothing() {
    local name bpf='pith-init: /etc/pith/service.bpf:'
    for name in missing short foreign another; do
        [ "$(exited "$name")" = 125 ]
        [ "$(said "$name" | wc -l)" = 1 ]
    done
    said missing | grep -qx "$bpf missing, and SystemCallFilter= is set"
    said short | grep -q "^$bpf truncated or over-long: "
    said foreign | grep -q "^$bpf made for architecture 0x[0-9a-f]*, this is $MACHINE (0x"
    said another | grep -qF 'the filter was made for /app/victim'
}

hello_serves() {
    [ "$(exited healthz)" = 0 ]
    [ "$(exited hello.end)" = 0 ]
    grep -q '"event":"listening"' "$BATS_FILE_TMPDIR/console"
    said hello.end | grep -q '"event":"stopped"'
    run -1 grep -E 'denied .* by hello' "$BATS_FILE_TMPDIR/console"
}

# escape_is_listed [NAME...]: these are reached as well.
escape_is_listed() {
    local known=$BATS_TEST_TMPDIR/known
    awk '$2 == "*" || $2 == "default-root" { print $1 }' "$TOP/tests/data/escape.known" >"$known"
    printf '%s\n' "$@" >>"$known"
    echo "# $MACHINE: of $(names_in escape | wc -l) attempts $(reached_in escape-bare | wc -l)" \
        "work bare, $(reached_in escape | wc -l) inside" >&3
    diff <(names_in escape-bare) <(names_in escape)
    [ "$(names_in escape | wc -l)" -ge 240 ]
    [ "$(reached_in escape-bare | wc -l)" -ge 180 ]
    run comm -23 <(reached_in escape) <(sort "$known")
    echo "reached and not in escape.known: $output"
    [ -z "$output" ]
}

# With every call allowed the gate is what is left.
gate_holds() {
    [ "$(reached_in escape-bare | comm -12 - <(exec_names) | wc -l)" -ge 20 ]
    run comm -12 <(reached_in escape-every) <(exec_names)
    echo "started again: $output"
    [ -z "$output" ]
    reached_in escape-every | grep -qx ptrace-attach
}
