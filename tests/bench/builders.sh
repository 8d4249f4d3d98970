#!/bin/sh
# What makes images, beside pith, on three inputs: a program of 26 KB, the same
# with one file of 20 MB, and with 2,000 files of 25 MB. Run by scripts/bench;
# BUILDER_ROUNDS=5 each, interleaved.
set -eu
pith=$PWD/build/pith
tools=$PWD/build/tests/bench
hello=$PWD/build/images/hello/amd64/hello
rounds=${BUILDER_ROUNDS:-5}
dir=$(mktemp -d)
docker_pid=
trap 'stop_docker; rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT PIPE TERM
export XDG_CACHE_HOME="$dir/cache"

# A daemon of our own, unless one answers; without any docker has no row.
start_docker() {
    ! docker version >/dev/null 2>&1 || return 0
    command -v dockerd >/dev/null || return 0
    mkdir "$dir/docker"
    export DOCKER_HOST="unix://$dir/docker/sock" DOCKER_BUILDKIT=0
    dockerd --data-root "$dir/docker/data" --exec-root "$dir/docker/exec" \
        --pidfile "$dir/docker/pid" -H "$DOCKER_HOST" >"$dir/docker/log" 2>&1 &
    docker_pid=$!
    for _ in $(seq 300); do
        ! docker version >/dev/null 2>&1 || return 0
        kill -0 "$docker_pid" 2>/dev/null || break
        sleep 0.1
    done
    printf 'no dockerd: %s\n' "$(tail -n 1 "$dir/docker/log")"
}

stop_docker() {
    [ -n "$docker_pid" ] || return 0
    kill "$docker_pid" 2>/dev/null || :
    wait "$docker_pid" || :
    awk -v d="$dir/" 'index($5, d) == 1 { print $5 }' /proc/self/mountinfo | sort -r |
        while read -r mount; do umount -l "$mount"; done
}

# fill NAME: the directory that goes into the image as /app.
fill() {
    mkdir -p "$dir/$1/app"
    cp "$hello" "$dir/$1/app/hello"
    case $1 in
    # Without its first bytes it is no program that brings libraries.
    binary) tail -c 20000000 "$(command -v buildah)" >"$dir/$1/app/data" ;;
    files)
        n=0
        find /usr/include /usr/lib/python3 /usr/share/doc /usr/share/perl -type f \
            -size +9k -size -17k 2>/dev/null | LC_ALL=C sort | head -n 2000 |
            while read -r file; do
                mkdir -p "$dir/$1/app/$((n / 100))"
                cp "$file" "$dir/$1/app/$((n / 100))/$n"
                n=$((n + 1))
            done
        ;;
    esac
    printf 'FROM scratch\nCOPY app /app\nENTRYPOINT ["/app/hello"]\n' >"$dir/$1/Dockerfile"
    printf '[Image]\nCopy=app /app\n[Service]\nExecStart=/app/hello\nSystemCallFilter=@default\n' \
        >"$dir/$1/x.pith"
}

# tool NAME: the rest of a script on standard input; adds it to those that run.
tool() {
    { printf '#!/bin/sh\nset -e\n'; cat; } >"$dir/$1.sh"
    chmod +x "$dir/$1.sh"
    set_names="$set_names $1"
}

write_tools() {
    set_names=
    in=$dir/$1
    tool pith <<EOF
exec $pith build $in/x.pith --no-cache -o $dir/pith.tar
EOF
    tool pith-warm-cache <<EOF
exec $pith build $in/x.pith -o $dir/warm.tar
EOF
    tool pith-zstd <<EOF
exec $pith build $in/x.pith --no-cache --compress zstd -o $dir/zstd.tar 2>/dev/null
EOF
    tool tar-gzip-sha256 <<EOF
tar -C $in -cf - app | gzip -6 >$dir/gzip.tgz
sha256sum $dir/gzip.tgz
EOF
    ! command -v umoci >/dev/null || tool umoci-insert <<EOF
rm -rf $dir/layout
umoci init --layout $dir/layout
umoci new --image $dir/layout:x
umoci insert --rootless --image $dir/layout:x $in/app /app
EOF
    store="--root $dir/store --runroot $dir/run --storage-driver vfs"
    ! command -v buildah >/dev/null || tool buildah-commit <<EOF
id=\$(buildah $store from scratch)
buildah $store copy -q \$id $in/app /app
buildah $store commit -q --rm \$id x
EOF
    ! command -v buildah >/dev/null || tool buildah-bud <<EOF
buildah $store bud -q --no-cache -t x $in
EOF
    ! command -v podman >/dev/null || tool podman-build <<EOF
podman $store build -q --no-cache -t x $in
EOF
    ! docker version >/dev/null 2>&1 || tool docker-build-save <<EOF
docker build -q --no-cache -t pith-bench-x $in
docker save -o $dir/docker.tar pith-bench-x
EOF
}

size() { wc -c <"$1"; }

# Peak memory is of what the script runs: dockerd's comes on top.
show() {
    printf '%-20s %10s %7s %9s\n' "$1" wall-ms ratio peak-KiB
    for name in $set_names; do
        read -r us ratio peak code
        [ "$code" = 0 ] || name="$name(exit-$code)"
        printf '%-20s %10s %7s %9s\n' "$name" \
            "$(awk "BEGIN { printf \"%.1f\", $us / 1000 }")" "$ratio" "$peak"
    done <"$dir/times"
}

start_docker
for fixture in hello binary files; do
    fill $fixture
    write_tools $fixture
    set --
    for name in $set_names; do
        set -- "$@" "$dir/$name.sh"
    done
    printf '\n'
    "$tools/start" "$rounds" "$@" >"$dir/times"
    show $fixture
    "$pith" build "$dir/$fixture/x.pith" --no-cache --level small -o "$dir/small.tar" >/dev/null
    tar -C "$dir/$fixture" -cf "$dir/raw" app
    printf 'bytes: pith %s, small %s, zstd %s; gzip -6 %s, gzip -9 %s\n' "$(size "$dir/pith.tar")" \
        "$(size "$dir/small.tar")" "$(size "$dir/zstd.tar")" "$(size "$dir/gzip.tgz")" \
        "$(gzip -9c "$dir/raw" | wc -c)"
done
