# What pith stands beside in the table, each with its own defaults. Sourced by
# tests/escape/run, which sets $top and $dir and has made $dir/bare.

BATS_TEST_DIRNAME=$top/tests/escape
. "$top/tests/support/engines.bash"

# docker's default profile; an init as PID 1, as pith has one.
in_docker() {
    docker run --rm --init "$@" escape /app/escape </dev/null 2>>"$dir/log"
}

# The lines of its manual page; as a user, so in a user namespace.
in_bwrap() {
    setpriv --reuid=65532 --regid=65532 --clear-groups bwrap --unshare-all \
        --new-session --die-with-parent --ro-bind "$dir/bare" / --dev /dev \
        --proc /proc --tmpfs /tmp /app/escape </dev/null 2>>"$dir/log"
}

# Its default profile. It serves people only: someone of that uid is in the
# lists of users that this mount namespace sees.
in_firejail() {
    for list in passwd group; do cp "/etc/$list" "$dir/$list"; done
    echo 'escape:x:6553:6553::/tmp:/bin/sh' >>"$dir/passwd"
    echo 'escape:x:6553:' >>"$dir/group"
    # shellcheck disable=SC2016 # the inner shell expands it
    unshare --mount sh -ec '
        mount --bind "$1/passwd" /etc/passwd
        mount --bind "$1/group" /etc/group
        program=$1/bare/app/escape
        shift
        exec setpriv --reuid=6553 --regid=6553 --clear-groups \
            env HOME=/tmp firejail --quiet "$@" --profile=default "$program"' \
        sh "$dir" "$@" </dev/null 2>>"$dir/log"
}

other_sandboxes() {
    # shellcheck disable=SC2119 # no options
    if command -v dockerd >/dev/null && start_dockerd; then
        peers="$peers, docker $(docker version -f '{{.Server.Version}}')"
        tar -C "$dir/bare" -c app etc tmp | docker import - escape >/dev/null
        twin docker-root in_docker --security-opt seccomp=unconfined
        column docker-root in_docker
        twin docker-user in_docker --user 65532:65532 \
            --security-opt seccomp=unconfined
        column docker-user in_docker --user 65532:65532
    fi
    # bubblewrap has no filter of its own: no twin.
    if command -v bwrap >/dev/null; then
        peers="$peers, $(bwrap --version)"
        column bwrap in_bwrap
    fi
    if command -v firejail >/dev/null; then
        peers="$peers, $(firejail --version | head -n 1)"
        twin firejail in_firejail --ignore=seccomp --ignore=protocol \
            --ignore=restrict-namespaces
        column firejail in_firejail
    fi
}
