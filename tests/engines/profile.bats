#!/usr/bin/env bats
# What pith profile exports, applied by runc.

bats_require_minimum_version 1.5.0

setup() {
    TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    PITH=${PITH:-$TOP/build/pith}
    cd "$BATS_TEST_TMPDIR" || exit
}

@test "runc takes an exported policy, and its answers are the policy's" {
    [ "$(id -u)" = 0 ] || skip "runc as root"
    mkdir -p rootfs/bin
    cp "$(command -v busybox)" rootfs/bin/busybox
    runc spec
    printf '@default\nunshare: EXDEV\nsocket: domain == AF_INET -> EBADSLT\n' >x.policy
    "$PITH" profile export --oci x.policy -o x.json
    jq --slurpfile x x.json '.linux.seccomp = $x[0] | .process.terminal = false |
        .process.args = ["/bin/busybox", "sh", "-c",
            "busybox unshare -U true; busybox nc 127.0.0.1 1; echo done"]' \
        config.json >new.json
    mv new.json config.json
    run timeout 60 runc --root "$BATS_TEST_TMPDIR/state" run "pith-profile-$$"
    [[ $output == *"unshare"*"Invalid cross-device link"* ]]
    [[ $output == *"Invalid slot"* ]]
    [[ $output == *"done"* ]]
}
