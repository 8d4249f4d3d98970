# Images for the tests of /init under engines, in files:
#   $WORK/plain.tar   /init without any configuration, /app/witness, /app/victim
#   $WORK/locked.tar  the same programs locked in, as pith build makes it

PITH_INIT=${PITH_INIT:-$TOP/build/pith-init}

# make_images: they have to be removed with $WORK.
make_images() {
    local support=$TOP/build/tests/support
    WORK=$(mktemp -d /tmp/pith-work-XXXXXX)
    export WORK
    mkdir -p "$WORK/plain/app"
    cp "$PITH_INIT" "$WORK/plain/init"
    cp "$support/witness" "$support/victim" "$WORK/plain/app"
    tar -C "$WORK/plain" -cf "$WORK/plain.tar" init app
    "$PITH" build "$support/witness" --init "$PITH_INIT" \
        --tag localhost/locked:latest -o "$WORK/locked.tar"
    # Other users look at it, too.
    chmod -R a+rX "$WORK"
}

# load_images ENGINE...: its command; plain needs its entrypoint.
load_images() {
    "$@" import --change 'ENTRYPOINT ["/init"]' \
        "$WORK/plain.tar" localhost/plain:latest
    "$@" load <"$WORK/locked.tar"
}

# find_clients: the commands of the engines whose directories are in
# PODMAN_ENGINE and DOCKER_ENGINE.
find_clients() {
    DOCKER=(docker)
    PODMAN=(podman --root "$PODMAN_ENGINE/root" --runroot "$PODMAN_ENGINE/run"
        --tmpdir "$PODMAN_ENGINE/tmp")
    # Which podman reads, and misses the file.
    unset DOCKER_CONFIG
}

# each_client COMMAND...: with an engine's command in CLI.
each_client() {
    CLI=("${DOCKER[@]}")
    echo "docker:"
    "$@"
    CLI=("${PODMAN[@]}")
    echo "podman:"
    "$@"
}

# start_both: docker and podman, with the images.
start_both() {
    make_images
    setup_podman
    export PODMAN_ENGINE=$ENGINE
    load_images podman_here
    start_dockerd
    export DOCKER_ENGINE=$ENGINE
    load_images docker
}

stop_both() {
    if [ -n "${DOCKER_ENGINE:-}" ]; then
        ENGINE=$DOCKER_ENGINE stop_dockerd
    fi
    if [ -n "${PODMAN_ENGINE:-}" ]; then
        ENGINE=$PODMAN_ENGINE
        podman_here rm -fa -t 0 >/dev/null 2>&1 || true
        remove_engine
    fi
    [ -z "${WORK:-}" ] || rm -rf "$WORK"
}
