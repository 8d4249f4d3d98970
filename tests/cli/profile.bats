#!/usr/bin/env bats
# pith profile compile, as people call it.

bats_require_minimum_version 1.5.0

setup() {
    TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    PITH=${PITH:-$TOP/build/pith}
    cd "$BATS_TEST_TMPDIR" || exit
}

@test "profile: says what it made" {
    printf 'read\nwrite\n' >small.policy
    run -0 "$PITH" profile compile small.policy -o small.bpf
    [[ $output == "small.bpf  "*" bytes  12 calls  "*" instructions  x86_64  starts once" ]]
    run -0 "$PITH" profile compile small.policy -o exec.bpf --allow-exec
    [[ $output == *"may exec" ]]
}

@test "profile: every architecture; riscv64 has no gate" {
    echo @default >default.policy
    for arch in x86_64 aarch64 armhf; do
        run -0 "$PITH" profile compile default.policy -o "$arch.bpf" --arch "$arch"
        [[ $output == *"  $arch  starts once" ]]
    done
    run -1 "$PITH" profile compile default.policy -o riscv64.bpf --arch riscv64
    [[ $output == "pith: "*"registers"* ]]
    [ ! -e riscv64.bpf ]
    "$PITH" profile compile default.policy -o riscv64.bpf --arch riscv64 --allow-exec
}

@test "profile: equal policies give equal bytes, whatever their order" {
    printf 'read\nwrite\n@timer\n' >a.policy
    printf '# the same\n@timer\n\nwrite\nread\nread\n' >b.policy
    "$PITH" profile compile a.policy -o a.bpf
    TZ=Asia/Tokyo "$PITH" profile compile b.policy -o b.bpf
    cmp a.bpf b.bpf
}

@test "profile: bad policies: one line, the line's number, no file" {
    while IFS='|' read -r text message; do
        # shellcheck disable=SC2059  # the table has escapes
        printf "$text" >bad.policy
        run -1 "$PITH" profile compile bad.policy -o bad.bpf
        [ "${#lines[@]}" = 1 ]
        # shellcheck disable=SC2053  # a pattern
        [[ $output == "pith: "$message ]] || { echo "$text: $output"; return 1; }
        [ ! -e bad.bpf ]
        [ -z "$(find . -name 'bad.bpf*')" ]
    done <<'EOF'
read\nopne\n|bad.policy: line 2: 'opne'*did you mean open?
@basic-oi\n|bad.policy: line 1: '@basic-oi'*did you mean @basic-io?
@nonsense-group\n|bad.policy: line 1: '@nonsense-group'*
read write\n|bad.policy: line 1: *
read\n~read\n|bad.policy: line 2: *
read: fd 1\n|bad.policy: line 1: *
execve\n|*execve*
read # why\n|bad.policy: line 1: *
\\001read\n|bad.policy: line 1: *
READ\n|bad.policy: line 1: 'READ'*
0\n|bad.policy: line 1: '0'*
@\n|bad.policy: line 1: '@'*
EOF
    printf 'read\n\0write\n' >bad.policy
    run -1 "$PITH" profile compile bad.policy -o bad.bpf
    [ "${#lines[@]}" = 1 ]
    [ ! -e bad.bpf ]
}

@test "profile: bad usage is 2, bad files are 1, and neither leaves a file" {
    echo read >good.policy
    for args in '' 'compile' 'compile good.policy' 'unknown good.policy -o x' \
        'compile good.policy -o x --nonsense' 'compile good.policy -o'; do
        # shellcheck disable=SC2086  # words on purpose
        run -2 "$PITH" profile $args
        [[ ${lines[0]} == "pith: "* ]]
    done
    for args in 'missing.policy -o x' 'good.policy -o missing/x' \
        'good.policy -o x --arch vax' 'good.policy -o x --program relative' \
        'good.policy -o x --program /app/a=missing' '/ -o x'; do
        # shellcheck disable=SC2086
        run "$PITH" profile compile $args
        [ "$status" = 1 ] || [ "$status" = 2 ]
        [[ ${lines[0]} == "pith: "* ]]
        [ ! -e x ]
    done
}

@test "profile: an existing output survives a failure" {
    echo read >good.policy
    echo nonsense >bad.policy
    "$PITH" profile compile good.policy -o out.bpf
    cp out.bpf before.bpf
    run -1 "$PITH" profile compile bad.policy -o out.bpf
    cmp before.bpf out.bpf
}

@test "profile: policies include others, by paths relative to themselves" {
    mkdir sub
    printf 'read\ninclude common/b\n' >sub/a
    mkdir sub/common
    printf 'write\n' >sub/common/b
    printf 'read\nwrite\n' >both.policy
    "$PITH" profile compile sub/a -o a.bpf
    "$PITH" profile compile both.policy -o both.bpf
    cmp a.bpf both.bpf
    (cd sub && "$PITH" profile compile - -o ../c.bpf <a)
    cmp a.bpf c.bpf
    printf 'include a\n' >sub/loop
    printf 'include ../loop\n' >sub/common/b
    run -1 "$PITH" profile compile sub/loop -o loop.bpf
    [ "$output" = "pith: sub/loop: line 1: sub/a: line 2: sub/common/b: line 1: include: sub/common/../loop includes itself" ]
    [ ! -e loop.bpf ]
    printf 'include missing\n' >sub/a
    run -1 "$PITH" profile compile sub/a -o a.bpf
    [ "$output" = "pith: sub/a: line 1: sub/missing: No such file or directory" ]
}

@test "profile: show: text, table and instructions" {
    printf '@timer\nioctl\n~alarm\nread: fd == 3 -> EIO\n' >x.policy
    "$PITH" profile show x.policy -o canonical
    grep -qx 'read: fd == 3 -> EIO' canonical
    grep -qx timer_create canonical
    run -1 grep -qx alarm canonical
    "$PITH" profile show canonical | cmp - canonical
    sort -c -t: -k1,1 canonical
    # The table has the guards, the text what the policy says.
    "$PITH" profile show --table x.policy | grep -q '^16  *ioctl  *request in TIOCSTI TIOCLINUX -> EPERM$'
    "$PITH" profile show --table --plain x.policy >plain
    run -1 grep -q TIOCSTI plain
    "$PITH" profile show --bpf x.policy | grep -q "^l0:.ld \[4\].; arch$"
    "$PITH" profile compile x.policy -o x.bpf
    cmp <("$PITH" profile show x.bpf) <("$PITH" profile show --bpf x.policy)
    "$PITH" profile show --table x.bpf | grep -q '^16  *ioctl  *by argument$'
    "$PITH" profile show --arch aarch64 x.policy | grep -qx timer_create
}

@test "profile: check --judge has libseccomp say the same of every machine" {
    printf '@default\nsocket: domain in AF_INET AF_UNIX\nkill: sig not in 9 15\n' >a.policy
    run -0 "$PITH" profile check --judge a.policy
    [ "$(grep -c '^  libseccomp [0-9.]* agrees: [0-9]* calls, [0-9]* verdicts; does not know: ' <<<"$output")" = 4 ]
    run -0 "$PITH" profile check --judge --arch x86_64 "$TOP/images/hello/by-hand.policy"
    [[ $output == *'starts once'*'agrees: '*'does not know: '*mseal* ]]
}

@test "profile: check every machine, and say nothing of a file that is bad" {
    printf '@default\n' >a.policy
    printf 'read\nexecve\n' >b.policy
    run -0 "$PITH" profile check a.policy b.policy
    [ "${#lines[@]}" = 8 ]
    [[ ${lines[0]} == "a.policy  x86_64  226 calls, 8 by argument  "*"  starts once" ]]
    [[ ${lines[3]} == "a.policy  riscv64  "*"  may exec" ]]
    [[ ${lines[4]} == "b.policy  x86_64  "*"  may exec" ]]
    printf 'pread64: offset < 5\n' >c.policy
    run -1 "$PITH" profile check c.policy
    grep -qx "pith: c.policy: line 1: pread64: 'offset' is no argument of pread64" <<<"$output"
    "$PITH" profile check c.policy --arch x86_64
}

@test "profile: diff and merge" {
    printf 'read\nwrite\nsocket: domain == AF_INET\n' >a.policy
    printf 'read\nsocket: domain == AF_UNIX\nclose: EIO\ndefault: kill\n' >b.policy
    run -1 "$PITH" profile diff a.policy b.policy
    [ "$output" = "-default: EPERM
+default: kill
-write
+close: EIO
-socket: domain == AF_INET
+socket: domain == AF_UNIX" ]
    run -0 "$PITH" profile diff a.policy a.policy
    [ -z "$output" ]
    "$PITH" profile merge a.policy b.policy -o c.policy
    grep -qx 'socket: domain in AF_UNIX AF_INET' c.policy
    grep -qx write c.policy
    grep -qx 'close: EIO' c.policy
    run -1 grep -q default c.policy
    "$PITH" profile merge b.policy a.policy | cmp - c.policy
    printf 'socket: domain == AF_INET -> EIO\nsocket\n' >d.policy
    run -1 "$PITH" profile merge a.policy d.policy -o e.policy
    [[ $output == "pith: d.policy: socket: both have rules for it"* ]]
    [ ! -e e.policy ]
}

@test "profile: import and export: an engine's profile there and back" {
    profile=$TOP/tests/data/oci/conditions.json
    run -0 "$PITH" profile import "$profile"
    [[ $output == *$'\npersonality: persona in PER_LINUX PER_LINUX32\n'* ]]
    [[ $output == *$'\nsocket: domain == AF_NETLINK -> EAFNOSUPPORT\n'* ]]
    "$PITH" profile import "$profile" -o one.policy
    "$PITH" profile export --oci --plain one.policy -o out.json
    jq -e '.defaultErrnoRet == 13 and .architectures == ["SCMP_ARCH_X86_64"]' out.json
    "$PITH" profile import out.json -o two.policy
    cmp one.policy two.policy
    # What a policy cannot say stands above it, and reads as a comment.
    run -0 "$PITH" profile import "$TOP/tests/data/oci/denylist.json"
    [ "${lines[0]}" = "# SCMP_ARCH_X86: calls by its numbers kill the process" ]
    "$PITH" profile import "$TOP/tests/data/oci/denylist.json" |
        "$PITH" profile compile - -o x.bpf --allow-exec
    # Capabilities, machine and kernel decide what a template means.
    template=$TOP/tests/data/oci/template.json
    "$PITH" profile import "$template" --cap SYS_ADMIN | grep -qx mount
    run -1 grep -qx mount <("$PITH" profile import "$template")
    "$PITH" profile import "$template" --arch arm64 | grep -qx cacheflush && return 1
    "$PITH" profile import "$template" --arch arm | grep -qx cacheflush
    run -1 grep -qx ptrace <("$PITH" profile import "$template" --kernel 4.4)
    "$PITH" profile import "$template" --kernel 4.8 | grep -qx ptrace
}

@test "profile: what is exported for engines has the guards, and execve" {
    printf '@default\n' >default.policy
    "$PITH" profile export --oci default.policy -o default.json
    jq -e '[.syscalls[] | select(.action == "SCMP_ACT_ALLOW" and (.args | not)) | .names[]] |
        index("execve") and index("read") and (index("clone") | not)' default.json
    jq -e '.syscalls[] | select(.names == ["clone"]) | .args ==
        [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]' default.json
    jq -e '.syscalls[] | select(.names == ["clone3"]) | .errnoRet == 38' default.json
    # The guards of a policy that has them already change nothing.
    "$PITH" profile import default.json -o back.policy
    "$PITH" profile export --oci back.policy -o again.json
    "$PITH" profile import again.json -o again.policy
    cmp back.policy again.policy
}

@test "profile: import and export refuse in one line and leave no file" {
    echo '{"defaultAction": "SCMP_ACT_ALOW"}' >bad.json
    echo '{"defaultAction": ' >cut.json
    echo 'lseek: offset >= 5 and offset < 500' >range.policy
    while IFS='|' read -r arguments message; do
        # shellcheck disable=SC2086  # words on purpose
        run "$PITH" profile $arguments -o out
        # shellcheck disable=SC2053  # a pattern
        [[ ${lines[0]} == "pith: "$message ]] || { echo "$arguments: $output"; return 1; }
        [ ! -e out ]
    done <<'EOF'
import bad.json|bad.json: defaultAction: 'SCMP_ACT_ALOW': no action
import cut.json|cut.json: line *
import missing.json|missing.json: *
import bad.json --kernel four|profile import: four: *
import bad.json --arch vax|profile import: vax: *
import|profile import: FILE: missing
export --oci range.policy|range.policy: lseek: the format compares an argument once*
export range.policy|profile export: --oci: missing
EOF
}

@test "profile: help lists the verbs, and each shows its own usage" {
    run -0 "$PITH" profile help
    [[ $output == "usage: pith profile VERB "*"pith profile compile POLICY "* ]]
    run -0 "$PITH" profile compile --help
    [[ ${lines[0]} == "usage: pith profile compile POLICY "* ]]
    run -2 "$PITH" profile compile
    [ "${lines[0]}" = "pith: profile compile: POLICY: missing" ]
    [[ ${lines[1]} == "usage: pith profile compile POLICY "* ]]
    [ "${#lines[@]}" = 2 ]
    run -2 "$PITH" profile compiel x
    [[ ${lines[0]} == "pith: profile: compiel: no such verb; did you mean compile?" ]]
    run -2 "$PITH" profile
    [ "${lines[0]}" = "pith: profile: VERB: missing" ]
}
