#!/usr/bin/env bats
# pith import-unit: units of packages, and what is made of them.

bats_require_minimum_version 1.5.0

UNITS=/lib/systemd/system

setup() {
    TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    PITH=$TOP/build/pith
    cd "$BATS_TEST_TMPDIR" || return
}

# A recipe of the section, with a static program where ExecStart= has its own.
build() { # SECTION
    local program
    program=$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$1")
    {
        printf '[Image]\nCopy=%s %s\n' "$TOP/build/images/hello/amd64/hello" "$program"
        sed -n 's/^ExecSt[a-zA-Z]*=-\{0,1\}\([^ ]*\).*/\1/p' "$1" | sort -u |
            grep -vxF -e "$program" | while read -r other; do
            printf 'Copy=%s %s\n' "$TOP/build/images/hello/amd64/hello" "$other"
        done
        cat "$1"
    } >unit.pith
    "$PITH" build unit.pith -o unit.tar
}

@test "import-unit: the document is the table" {
    "$PITH" import-unit --keys >keys
    sed -n '/^## /,$p' "$TOP/docs/systemd-keys.md" | diff - keys
}

@test "import-unit: the table has every key that systemd has" {
    [ -x /lib/systemd/systemd ] || skip "systemd is not installed"
    sed -n 's/^| `\([^`]*\)`.*/\1/p' "$TOP/docs/systemd-keys.md" | sort >names
    /lib/systemd/systemd --dump-configuration-items |
        awk '/^\[/ { own = $0 ~ /^\[(Service|Unit|Install)\]/ } own && /=/ { sub(/=.*/, ""); print }' |
        sort -u >theirs
    [ "$(wc -l <theirs)" -gt 300 ]
    while read -r key; do
        while read -r pattern; do
            # shellcheck disable=SC2254 # a pattern it is
            case $key in $pattern) continue 2 ;; esac
        done <names
        printf 'not in the table: %s\n' "$key"
        false
    done <theirs
}

@test "import-unit: what systemd-analyze security looks at is under hardening" {
    command -v systemd-analyze >/dev/null || skip "systemd is not installed"
    sed -n '/^## Hardening/,/^## Else/s/^| `\([^`]*\)`.*/\1/p' "$TOP/docs/systemd-keys.md" >names
    printf '[Service]\nExecStart=/bin/true\n' >plain.service
    systemd-analyze security --offline=true --no-pager "$PWD/plain.service" |
        grep -oE '(^| |/)[A-Z][A-Za-z]*=' | tr -d '= /' | sort -u >theirs
    [ "$(wc -l <theirs)" -gt 30 ]
    while read -r key; do grep -qxF "$key" names || { echo "$key"; false; }; done <theirs
}

@test "import-unit: redis-server, memcached and nginx become images" {
    for unit in redis-server memcached nginx; do
        [ -e "$UNITS/$unit.service" ] || skip "$unit is not installed"
        run -0 --separate-stderr "$PITH" import-unit "$UNITS/$unit.service" -o section
        [ -z "$output" ]
        # Each line of the unit that says something is told of.
        said=$(grep -cE ': (kept|changed|dropped): ' <<<"$stderr")
        [ "$said" -eq "$(grep -cE '^[A-Za-z]+=' "$UNITS/$unit.service")" ]
        build section
    done
}

@test "import-unit: redis-server keeps what hardens it" {
    [ -e "$UNITS/redis-server.service" ] || skip "redis-server is not installed"
    run -0 --separate-stderr "$PITH" import-unit "$UNITS/redis-server.service"
    for line in 'ExecStart=/usr/bin/redis-server /etc/redis/redis.conf --supervised systemd --daemonize no' \
        Type=notify User=65532 UMask=007 LimitNOFILE=65535 MemoryDenyWriteExecute=yes \
        'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX' SystemCallFilter=@system-service \
        'SystemCallFilter=~@privileged @resources'; do
        grep -qxF "$line" <<<"$output"
    done
    [[ $stderr == *"dropped: PrivateTmp=true: /tmp and /var/tmp are the container's own"* ]]
}

@test "import-unit: units of systemd's own become sections that a recipe takes" {
    local count=0
    for unit in "$UNITS"/systemd-*.service; do
        grep -q '^ExecStart=' "$unit" || continue
        "$PITH" import-unit --instance one "$unit" -o section 2>report ||
            { cat report; false; }
        # What is wrong with the recipe is its missing program, and nothing else.
        { printf '[Image]\nName=localhost/one\n'; cat section; } >one.pith
        run "$PITH" build one.pith -o one.tar
        [[ $output == *"not in the image"* ]] || { echo "$unit: $output"; false; }
        count=$((count + 1))
    done
    [ "$count" -gt 10 ] || skip "only $count units here"
}

@test "import-unit: drop-ins add to lists, empty them and replace" {
    cat >a.service <<'END'
[Service]
ExecStart=/bin/a
Environment=A=1
Restart=no
END
    cat >b.conf <<'END'
[Service]
ExecStart=
ExecStart=/bin/b \
  # in between
  $A ${B} "c d" %N
Environment=B=2
Restart=always
END
    run -0 --separate-stderr "$PITH" import-unit a.service b.conf
    [ "$output" = '[Service]
ExecStart=/bin/b 1 2 "c d" a
Environment=A=1
Environment=B=2
Restart=always' ]
    [[ $stderr == *"a.service:2: dropped: ExecStart=/bin/a: emptied at b.conf:2"* ]]
    [[ $stderr == *"a.service:4: dropped: Restart=no: replaced at b.conf:7"* ]]
}

@test "import-unit: what is no service leaves no file" {
    printf '[Socket]\nListenStream=1\n' >a.socket
    run -1 "$PITH" import-unit a.socket -o out
    [ "$output" = 'pith: a.socket: nothing in [Service]' ]
    printf '[Service]\nType=oneshot\n' >b.service
    run -1 "$PITH" import-unit b.service -o out
    [[ $output == *'pith: b.service: no ExecStart= is left' ]]
    printf '[Service]\nExecStart=/bin/\377\n' >c.service
    run -1 "$PITH" import-unit c.service -o out
    [ "$output" = 'pith: c.service: not UTF-8' ]
    run -2 "$PITH" import-unit
    [ ! -e out ]
}
