#!/usr/bin/env bats
# Every shape that pith gives an image, into everything that imports archives:
# docker load, podman load, skopeo by both formats, ctr import, umoci.

bats_require_minimum_version 1.5.0
load ../support/engines

# zstd first: a layer that docker knows by its diff_id it does not read.
SHAPES='zstd one layers none small platforms dynamic'

setup_file() {
    needs dockerd docker podman skopeo containerd ctr umoci
    export XDG_CACHE_HOME=/dev/null WORK=$BATS_FILE_TMPDIR
    make_archives
    start_dockerd
    export DOCKER_ENGINE=$ENGINE
    start_containerd
    export CTR_ENGINE=$ENGINE
    setup_podman
    export PODMAN_ENGINE=$ENGINE
}

teardown_file() {
    [ -z "${DOCKER_ENGINE:-}" ] || ENGINE=$DOCKER_ENGINE stop_dockerd
    [ -z "${CTR_ENGINE:-}" ] || {
        stop_daemon "$CTR_ENGINE/pid"
        ENGINE=$CTR_ENGINE remove_engine
    }
    [ -z "${PODMAN_ENGINE:-}" ] || ENGINE=$PODMAN_ENGINE remove_engine
}

# archive NAME OPTION...: the recipe on standard input, built to NAME.tar.
archive() {
    local name=$1
    shift
    cat >"$name.pith"
    "$PITH" build "$name.pith" --tag "localhost/$name:1" "$@" 2>/dev/null
}

# Two programs that nobody here wrote: busybox, and python's interpreter.
make_archives() {
    cd "$WORK" || return
    cp "$(command -v busybox)" busybox
    local base
    base=$(printf '%s\n' '[Service]' 'ExecStart=/bin/busybox true' AllowExec=yes)
    archive one <<<"[Image]
Copy=busybox /bin/busybox
$base"
    for name in layers zstd none small; do
        case $name in
        zstd | none) set -- --compress $name ;;
        small) set -- --level small ;;
        *) set -- ;;
        esac
        archive $name "$@" <<<"[Image]
Base=static
Copy=busybox /bin/busybox
$base"
    done
    local platforms=linux/amd64
    cp busybox program-amd64
    for pair in arm64=aarch64 arm=armhf riscv64=riscv64; do
        [ -f "$TOP/build/pith-init-${pair#*=}" ] || continue
        cp "$TOP/build/pith-init-${pair#*=}" "program-${pair%=*}"
        platforms+=" linux/${pair%=*}"
    done
    archive platforms <<<"[Image]
Base=static
Platforms=$platforms
Copy=program-%a /bin/busybox
$base"
    archive dynamic <<<"[Image]
Base=glibc
Copy=$(readlink -f /usr/bin/python3) /usr/bin/python
[Service]
ExecStart=/usr/bin/python --version
AllowExec=yes"
}

# diff_ids NAME: as the archive says.
diff_ids() {
    tar xOf "$WORK/$1.tar" "$(tar xOf "$WORK/$1.tar" manifest.json | jq -r '.[0].Config')" |
        jq -c .rootfs.diff_ids
}

@test "docker load: all but zstd, which 20.10 takes for a broken tar" {
    local version
    version=$(docker version -f '{{.Server.Version}}')
    for name in $SHAPES; do
        if [ "$name" = zstd ] && [ "${version%%.*}" -lt 23 ]; then
            # What it says; not how it exits, which versions differ in.
            run docker load -i "$WORK/zstd.tar"
            echo "$status $output"
            [[ "$output" = *'invalid tar header'* ]]
            run -1 docker image inspect localhost/zstd:1
            continue
        fi
        docker load -i "$WORK/$name.tar"
        [ "$(docker image inspect -f '{{json .RootFS.Layers}}' "localhost/$name:1")" = \
            "$(diff_ids "$name")" ]
        docker run --rm "localhost/$name:1"
    done
}

@test "podman load, and what it loaded starts" {
    ENGINE=$PODMAN_ENGINE
    unset DOCKER_CONFIG
    for name in $SHAPES; do
        podman_here load -i "$WORK/$name.tar"
        [ "$(podman_here image inspect "localhost/$name:1" | jq -c '.[0].RootFS.Layers')" = \
            "$(diff_ids "$name")" ]
        podman_here run --rm --network none "localhost/$name:1"
    done
}

@test "ctr import, and what it imported starts" {
    for name in $SHAPES; do
        ctr -a "$CTR_ENGINE/sock" images import "$WORK/$name.tar"
        ctr -a "$CTR_ENGINE/sock" images check "name==localhost/$name:1" | grep -q complete
        ctr -a "$CTR_ENGINE/sock" run --rm "localhost/$name:1" "$name-$$"
    done
}

@test "skopeo, by both formats, of every platform" {
    for name in $SHAPES; do
        skopeo copy -q --all "oci-archive:$WORK/$name.tar" "oci:$WORK/oci-$name:1"
        skopeo copy -q "docker-archive:$WORK/$name.tar" "dir:$WORK/dir-$name"
        skopeo copy -q "oci-archive:$WORK/$name.tar" "dir:$WORK/dir2-$name"
        # All that it copied is good.
        tar cf "$WORK/copied.tar" -C "$WORK/oci-$name" .
        "$PITH" verify "$WORK/copied.tar"
    done
    skopeo inspect --raw "oci-archive:$WORK/platforms.tar" | jq -e '.manifests | length > 1'
}

@test "umoci unpacks what is one platform's and gzip or a tar" {
    for name in one layers none small dynamic; do
        mkdir -p "$WORK/layout-$name"
        tar xf "$WORK/$name.tar" -C "$WORK/layout-$name"
        umoci unpack --image "$WORK/layout-$name:1" "$WORK/unpacked-$name"
        [ -x "$WORK/unpacked-$name/rootfs/init" ]
    done
}
