#!/usr/bin/env bats
# Privileges that pith-init leaves or takes: capabilities, secure bits,
# no_new_privs, priorities; what cannot be had, and BestEffort=.

bats_require_minimum_version 1.5.0
load ../support/init
load ../support/confine

@test "AmbientCapabilities: a low port for who is not root, and nothing else" {
    local low=81
    [ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -gt 81 ] ||
        skip "port $low is everybody's here"
    service User=65532
    run -0 reach bind=$low
    expect "bind $low: EACCES"
    service User=65532 AmbientCapabilities=CAP_NET_BIND_SERVICE
    run -0 reach bind=$low status=Cap status=NoNewPrivs
    expect "bind $low: ok" $'CapInh:\t0000000000000400' $'CapPrm:\t0000000000000400' \
        $'CapEff:\t0000000000000400' $'CapBnd:\t0000000000000400' \
        $'CapAmb:\t0000000000000400' $'NoNewPrivs:\t1'
    # Root has no more than that, either.
    service User=0 AmbientCapabilities=CAP_NET_BIND_SERVICE
    run -0 reach bind=$low status=CapEff
    expect "bind $low: ok" $'CapEff:\t0000000000000400'
    # Under a filter and Landlock as well.
    "$PITH" profile compile --program /app/reach="$ROOT/app/reach" \
        -o "$ROOT/etc/pith/service.bpf" - <<<@default
    service User=65532 SystemCallFilter=@default LandlockRead=/proc \
        AmbientCapabilities=CAP_NET_BIND_SERVICE
    run -0 reach bind=$low status=CapEff
    expect "bind $low: ok" $'CapEff:\t0000000000000400'
}

@test "AmbientCapabilities that pith-init does not have: an error, or BestEffort=" {
    service User=65532 AmbientCapabilities="CAP_NET_BIND_SERVICE CAP_CHOWN"
    run -125 in_root --setuid 65532 --setgid 65532 /init -- /app/reach
    [ "$output" = "pith-init: AmbientCapabilities: pith-init itself has no CAP_CHOWN CAP_NET_BIND_SERVICE" ]
    service User=65532 AmbientCapabilities="CAP_NET_BIND_SERVICE CAP_CHOWN" \
        BestEffort=AmbientCapabilities
    run -0 in_root --setuid 65532 --setgid 65532 /init -- /app/reach status=CapEff
    expect "pith-init: AmbientCapabilities: pith-init itself has no CAP_CHOWN CAP_NET_BIND_SERVICE; BestEffort= goes on without" \
        $'CapEff:\t0000000000000000'
    # Without one of them the other is passed on.
    run -0 setpriv --bounding-set=-chown --inh-caps=-chown unshare --pid --fork \
        --root="$ROOT" --mount-proc=/proc /init -- /app/reach status=CapAmb
    expect "pith-init: AmbientCapabilities: pith-init itself has no CAP_CHOWN; BestEffort= goes on without" \
        $'CapAmb:\t0000000000000400'
    # An engine that gives a user ambient capabilities: they are passed on.
    service AmbientCapabilities=CAP_CHOWN
    run -0 unshare --pid --fork --mount sh -c 'mount --bind "$0" /mnt &&
        mount -t proc proc /mnt/proc && exec setpriv --reuid 65532 --regid 65532 --clear-groups \
            --inh-caps=-all,+chown,+sys_chroot --ambient-caps=-all,+chown,+sys_chroot \
            chroot /mnt /init -- /app/reach status=CapAmb status=CapPrm' "$ROOT"
    expect $'CapAmb:\t0000000000000001' $'CapPrm:\t0000000000000001'
}

@test "AmbientCapabilities of another user take CAP_SETPCAP, which --check says" {
    without() {
        setpriv --bounding-set=-setpcap --inh-caps=-setpcap unshare --pid --fork \
            --root="$ROOT" --mount-proc=/proc "$@"
    }
    local said="pith-init: AmbientCapabilities: pith-init itself has no CAP_SETPCAP"
    service User=65532 AmbientCapabilities=CAP_CHOWN
    run -125 without /init -- /app/reach
    [ "$output" = "$said" ]
    run -1 without /init --check -- /app/reach
    expect "AmbientCapabilities: have no, need yes"
    service User=65532 AmbientCapabilities=CAP_CHOWN BestEffort=AmbientCapabilities
    run -0 without /init -- /app/reach status=CapAmb
    expect "$said; BestEffort= goes on without" $'CapAmb:\t0000000000000000'
    service User=0 AmbientCapabilities=CAP_CHOWN
    run -0 without /init -- /app/reach status=CapAmb
    expect $'CapAmb:\t0000000000000001'
}

@test "AmbientCapabilities: ~ is all others that there are" {
    local name held lacking='' i=0
    held=0x$(sed -n 's/CapPrm:\t//p' /proc/self/status)
    # In the order of their numbers.
    for name in $(setpriv --list-caps); do
        ((held >> i++ & 1)) || lacking+=" CAP_${name^^}"
    done
    service User=65532 AmbientCapabilities="~CAP_CHOWN$lacking"
    run -0 reach status=CapAmb
    expect $'CapAmb:\t'"$(printf '%016x' $((held & ~1)))"
    run -0 in_root /init --check -- /app/reach
}

@test "CapabilityBoundingSet: what is named stays, ~ turns it around" {
    service User=65532 CapabilityBoundingSet="CAP_CHOWN CAP_KILL"
    run -0 reach status=Cap
    expect $'CapBnd:\t0000000000000021' $'CapEff:\t0000000000000000'
    service User=65532 CapabilityBoundingSet="~CAP_CHOWN"
    run -0 reach status=CapBnd
    local all
    all=$(printf '%016x' $(((1 << $(cat /proc/sys/kernel/cap_last_cap) + 1) - 2 & 0x$(sed -n 's/CapBnd:\t//p' /proc/self/status))))
    expect $'CapBnd:\t'"$all"
    service User=65532 CapabilityBoundingSet=CAP_KILL AmbientCapabilities=CAP_CHOWN
    run -125 reach
    [ "$output" = "pith-init: AmbientCapabilities: not within CapabilityBoundingSet" ]
}

@test "SecureBits: as they are named; without noroot root has the bounding set" {
    service User=65532 SecureBits="noroot noroot-locked no-setuid-fixup"
    run -0 reach secbits=0
    expect 7
    service User=65532
    run -0 reach secbits=0
    expect 239
    service User=0 CapabilityBoundingSet="CAP_CHOWN CAP_KILL"
    run -0 reach status=CapEff
    expect $'CapEff:\t0000000000000000'
    service User=0 CapabilityBoundingSet="CAP_CHOWN CAP_KILL" SecureBits=
    run -0 reach status=CapEff status=CapAmb
    expect $'CapEff:\t0000000000000021' $'CapAmb:\t0000000000000000'
    # A user keeps nothing by that, and ambient ones all the same.
    service User=65532 SecureBits= AmbientCapabilities=CAP_CHOWN
    run -0 reach status=CapEff
    expect $'CapEff:\t0000000000000001'
    run -125 in_root --setuid 65532 --setgid 65532 /init -o AmbientCapabilities= -- /app/reach
    [ "$output" = "pith-init: SecureBits: Operation not permitted" ]
    service User=65532 SecureBits=noroot BestEffort=SecureBits
    run -0 in_root --setuid 65532 --setgid 65532 /init -- /app/reach read=/etc/file
    expect "pith-init: SecureBits: Operation not permitted; BestEffort= goes on without" \
        "read /etc/file: ok"
}

@test "NoNewPrivileges=no: only where no filter and no Landlock key are" {
    service User=65532 NoNewPrivileges=no
    run -0 reach status=NoNewPrivs
    expect $'NoNewPrivs:\t0'
    run -125 in_root --setuid 65532 --setgid 65532 /init -- /app/reach
    [ "$output" = "pith-init: CapabilityBoundingSet: Operation not permitted" ]
    service User=65532 NoNewPrivileges=no LandlockRead=/etc
    run -125 reach
    [ "$output" = "pith-init: NoNewPrivileges: a filter and Landlock need it" ]
    "$PITH" profile compile --program /app/reach="$ROOT/app/reach" \
        -o "$ROOT/etc/pith/service.bpf" - <<<@default
    service User=65532 NoNewPrivileges=no SystemCallFilter=@default
    run -125 reach
    [ "$output" = "pith-init: NoNewPrivileges: a filter and Landlock need it" ]
}

@test "Nice and OOMScoreAdjust: set, refused, and forgiven" {
    service User=65532 Nice=-5 OOMScoreAdjust=300
    run -0 reach nice=0 cat=/proc/self/oom_score_adj
    expect -5 300
    run -125 setpriv --bounding-set=-sys_nice --inh-caps=-sys_nice unshare --pid --fork \
        --root="$ROOT" --mount-proc=/proc /init -- /app/reach
    [ "$output" = "pith-init: Nice: Permission denied" ]
    service User=65532 Nice=-5 BestEffort=Nice
    run -0 setpriv --bounding-set=-sys_nice --inh-caps=-sys_nice unshare --pid --fork \
        --root="$ROOT" --mount-proc=/proc /init -- /app/reach nice=0
    expect "pith-init: Nice: Permission denied; BestEffort= goes on without" "$(nice)"
    service User=65532 OOMScoreAdjust=5
    run -125 unshare --pid --fork --root="$ROOT" /init -- /app/reach
    [ "$output" = "pith-init: OOMScoreAdjust: No such file or directory" ]
}
