#!/usr/bin/env bats
# The bases as distroless's structure tests look at theirs, with programs of
# Debian's on them: in what pith unpacks, in what docker and podman make of it,
# and running there.

bats_require_minimum_version 1.5.0
load ../support/engines

# What is built: a base, a program, and the image that they make.
IMAGES_HERE='scratch /bin/busybox
static /bin/busybox
glibc /usr/bin/jq
glibc /usr/bin/curl
cc /usr/bin/x86_64-linux-gnu-gold
cc /usr/bin/cppcheck'

setup_file() {
    needs jq curl skopeo busybox cppcheck x86_64-linux-gnu-gold
    if ldd /bin/busybox >/dev/null 2>&1; then
        skip "busybox is dynamic; install busybox-static"
    fi
    cd "$BATS_FILE_TMPDIR" || return
    local base program
    echo 'int main(void) { int a[4]; a[4] = 0; return 0; }' >wrong.c
    while read -r base program; do
        printf '%s\n' '[Image]' "Name=localhost/$base-${program##*/}" "Base=$base" \
            "Copy=$program $program" '[Service]' "ExecStart=$program" \
            SystemCallFilter=@default >x.pith
        # Beside its program it has rules, which it reads.
        [ "$program" != /usr/bin/cppcheck ] ||
            sed -i 's|^Copy=.*|&\nCopy=/usr/lib/x86_64-linux-gnu/cppcheck /usr/lib/x86_64-linux-gnu/cppcheck\nCopy=wrong.c /app/|' x.pith
        "$PITH" build --level 1 -o "$base-${program##*/}.tar" x.pith
    done <<<"$IMAGES_HERE"
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return
}

teardown() {
    case ${KIND:-} in
    docker) stop_dockerd ;;
    podman)
        podman_here rm -fa -t 0 >/dev/null 2>&1 || true
        remove_engine
        ;;
    esac
}

is() {
    [ "$1" = "$2" ] || { printf 'not "%s" but "%s"\n' "$2" "$1"; return 1; }
}

mode() { stat -c '%a %u:%g' "$1"; }

# accounts ROOT: byte for byte, and what belongs to them.
accounts() {
    cmp "$1/etc/passwd" <<'END' || return
root:x:0:0:root:/root:/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin
END
    cmp "$1/etc/group" <<'END' || return
root:x:0:
nobody:x:65534:
tty:x:5:
staff:x:50:
nonroot:x:65532:
END
    is "$(mode "$1/root")" '700 0:0' &&
        is "$(mode "$1/home/nonroot")" '700 65532:65532' &&
        is "$(mode "$1/tmp")" '1777 0:0' &&
        is "$(mode "$1")" '755 0:0' &&
        is "$(cat "$1/etc/nsswitch.conf")" 'hosts: files dns'
}

# files ROOT: what a static program reads.
files() {
    is "$(readlink "$1/etc/os-release")" ../usr/lib/os-release
    grep -q '^PRETTY_NAME="..*"$' "$1/etc/os-release"
    grep -q '^VERSION="..*"$' "$1/etc/os-release"
    grep -q '^text/html[[:space:]]' "$1/etc/mime.types"
    grep -q '^https[[:space:]]*443/tcp' "$1/etc/services"
    grep -q '^TZif' "$1/usr/share/zoneinfo/Europe/Berlin"
    is "$(grep -c '^-----BEGIN CERTIFICATE' "$1/etc/ssl/certs/ca-certificates.crt")" \
        "$(grep -c '^-----BEGIN CERTIFICATE' /etc/ssl/certs/ca-certificates.crt)"
}

# What no package brought: pith's, the base's and what engines make.
OWN='^(init|app/wrong.c|etc/(pith/.*|passwd|group|nsswitch\.conf|hosts|hostname|resolv\.conf|mtab)|\.dockerenv|dev/.*|run/.*)$'

# Of every file that a package's list names.
sums_hold() { (cd "$1" && cat var/lib/dpkg/status.d/*.md5sums | md5sum -c --quiet); }

# packages ROOT BASE: each says which it is, of which files, and its license.
packages() {
    local name data=$1/var/lib/dpkg/status.d
    [ ! -e "$1/var/lib/dpkg/status" ]
    for name in "$data"/*; do
        case $name in *.md5sums) continue ;; esac
        name=${name##*/}
        is "$(sed -n 's/^Package: //p' "$data/$name")" "$name"
        is "$(sed -n 's/^Version: //p' "$data/$name")" "$(dpkg-query -W -f '${Version}' "$name")"
        [ -s "$1/usr/share/doc/$name/copyright" ]
        [ -e "$data/$name.md5sums" ]
        echo "$name"
    done >names
    sums_hold "$1"
    # Each file is some package's. The certificates are of no list of sums.
    (cd "$1" && find . -type f -printf '%P\n') | grep -Ev "$OWN" |
        grep -Ev '^(var/lib/dpkg/status\.d|usr/share/doc)/' |
        grep -vx etc/ssl/certs/ca-certificates.crt | sort >there
    sed 's/^[0-9a-f]*  //' "$data"/*.md5sums | sort >listed
    run -0 comm -23 there listed
    # Without it no scanner knows whose versions these are.
    is "$output" "$([ "$2" != scratch ] || echo usr/lib/os-release)"
    [ "$2" = scratch ] || for name in base-files ca-certificates media-types netbase tzdata; do
        grep -qx "$name" names
    done
    [ "$2" != glibc ] || grep -qx libc6 names
    [ "$2" != cc ] || grep -qx libstdc++6 names
}

@test "bases: the structure that distroless's tests assert" {
    local base program root
    while read -r base program; do
        echo "$base $program"
        root=root-$base-${program##*/}
        "$PITH" export --dir -o "$root" "$base-${program##*/}.tar"
        accounts "$root"
        [ "$base" = scratch ] || files "$root"
        packages "$root" "$base"
    done <<<"$IMAGES_HERE"
}

@test "bases: a numeric user, and SSL_CERT_FILE where certificates are" {
    local base program config
    while read -r base program; do
        config=$(skopeo inspect --config "docker-archive:$base-${program##*/}.tar")
        is "$(jq -r .config.User <<<"$config")" 65532:65532
        is "$(jq -r '.config.Env // [] | map(select(startswith("SSL_CERT_FILE="))) | .[]' <<<"$config")" \
            "$([ "$base" = scratch ] || echo SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt)"
    done <<<"$IMAGES_HERE"
}

# in_engine COMMAND...: of the engine, whose name is in KIND.
in_engine() {
    case $KIND in
    docker) docker "$@" ;;
    podman) podman_here "$@" ;;
    esac
}

# prints IMAGE PATTERN ARGUMENT...: the program, asked in the engine.
prints() {
    run -0 --separate-stderr in_engine run --rm --network none --read-only -e TZ=Europe/Berlin \
        "localhost/$1" "${@:3}"
    # shellcheck disable=SC2053 # a pattern
    [[ $output$'\n'$stderr == $2 ]] || { echo "$1: $output$stderr"; return 1; }
}

every_base() {
    local base program id
    while read -r base program; do
        echo "$KIND $base $program"
        in_engine load -q <"$base-${program##*/}.tar"
        # One of each base is enough.
        case $program in */curl | */cppcheck) continue ;; esac
        id=$(in_engine create "localhost/$base-${program##*/}")
        rm -rf merged && mkdir merged
        in_engine export "$id" | tar -xp --numeric-owner -C merged
        # Of / there is no entry, and some make it themselves.
        chmod 755 merged
        accounts merged
        [ "$base" = scratch ] || files merged
        sums_hold merged
    done <<<"$IMAGES_HERE"
    prints scratch-busybox 'uid=65532(nonroot) gid=65532(nonroot)*' id
    prints static-busybox '*01:00:00 CET 1970*' date -d @0
    prints glibc-jq '42*' -n '6 * 7'
    prints glibc-curl '*PRETTY_NAME=*' -fsS file:///etc/os-release
    prints cc-x86_64-linux-gnu-gold 'GNU gold*' --version
    prints cc-cppcheck '*arrayIndexOutOfBounds*' -q --error-exitcode=0 --template='{id}' /app/wrong.c
}

@test "bases: in docker the same structure, and the programs run" {
    needs dockerd docker
    KIND=docker
    start_dockerd
    every_base
}

@test "bases: in podman the same structure, and the programs run" {
    needs podman runc
    KIND=podman
    setup_podman
    every_base
}
