#!/usr/bin/env bats
# pith new: recipes to start from, which build. PITH names another build of it.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    export LC_ALL=C PITH=${PITH:-$PWD/build/pith} TOP=$PWD
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    mkdir work && cd work || return
}

@test "a static program's recipe builds as it is, and has a comment on each choice" {
    cp "$TOP/build/images/hello/amd64/hello" .
    run -0 "$PITH" new ./hello -- --port 8080 'a "b" c' '' '50%'
    [ -z "$output" ]
    grep -qx 'Name=localhost/hello' hello.pith
    grep -qx 'Base=scratch' hello.pith
    grep -qx 'Copy=./hello /app/hello' hello.pith
    grep -qx '# a static program: it needs no other file to start' hello.pith
    grep -qx 'SystemCallFilter=auto' hello.pith
    [ "$(grep -c '^#' hello.pith)" -ge 10 ]
    "$PITH" build hello.pith
    "$PITH" inspect --json hello.tar | jq -e '.config.cmd == ["--port", "8080", "a \"b\" c", "", "50%"]'
}

@test "dynamic programs: what they are linked with, and what base they want" {
    "$PITH" new -o - /usr/bin/memcached >memcached
    grep -q '^# linked with .*libevent.*libc.so.6,$' memcached
    "$PITH" new -o - /usr/bin/curl >wants
    grep -qx 'Base=static' wants
    sed 's/^SystemCallFilter=.*/SystemCallFilter=@default/' memcached >memcached.pith
    "$PITH" build memcached.pith
}

@test "--try: where it listens and what it opens, of redis-server" {
    port=$((20000 + $$ % 10000))
    echo "port $port" >redis.conf
    mkdir "$HOME/pith-new.$$" && trap 'rm -r "$HOME/pith-new.$$"' EXIT
    run -0 --separate-stderr "$PITH" new --try=1s -o - /usr/bin/redis-server -- "$PWD/redis.conf" \
        --bind 127.0.0.1 --dir "$HOME/pith-new.$$" --appendonly yes --logfile "$HOME/pith-new.$$/log"
    grep -qx "Expose=$port/tcp" <<<"$output"
    grep -qx "HealthCheck=tcp://127.0.0.1:$port" <<<"$output"
    [[ $output == *"#Volume=$HOME/pith-new.$$"* ]]
    # nothing of it is left
    run ! pgrep -f "redis-server.*pith-new.$$"
}

@test "--try: a server of many processes, nginx" {
    port=$((30000 + $$ % 10000))
    mkdir logs
    printf 'pid %s/pid;\nerror_log stderr;\nevents {}\nhttp { access_log off; server { listen 127.0.0.1:%s; } }\n' "$PWD" "$port" >nginx.conf
    "$PITH" new --try=1s -o nginx.pith /usr/sbin/nginx -- -p "$PWD" -c nginx.conf -g 'daemon off;'
    grep -qx "Expose=$port/tcp" nginx.pith
    run ! pgrep -f "nginx.*$PWD"
}

@test "what is wrong is one line, and nothing is written" {
    local args message
    printf '#!/bin/sh\n' >script && chmod 755 script
    echo text >text
    cp /bin/busybox ++
    echo kept >text.pith
    while IFS='|' read -r args message; do
        # shellcheck disable=SC2086 # a list of arguments
        run -1 --separate-stderr "$PITH" new $args
        # shellcheck disable=SC2053 # a pattern
        [[ $stderr == $message ]] || { echo "$args: $stderr"; return 1; }
    done <<'LIST'
none|pith: none: No such file or directory
.|pith: .: no program
./script|pith: ./script: a script of /bin/sh; *
./text|pith: text.pith: there already; name another with -o
-o x.pith ./text|pith: ./text: no ELF program
./++|pith: ./++: no letter or digit to name the image by
--try=100ms /bin/false|pith: /bin/false: ended with code 1
--try=1s none|pith: none: No such file or directory
LIST
    [ ! -e none.pith ] && [ ! -e script.pith ] && [ "$(cat text.pith)" = kept ]
    cp /bin/busybox busybox
    "$PITH" new ./busybox
    run -1 "$PITH" new ./busybox
    [ "$output" = 'pith: busybox.pith: there already; name another with -o' ]
    # Said before the program is started, for nothing.
    printf '#include <stdio.h>\nint main(void) { fclose(fopen("started", "w")); for (;;); }\n' >ran.c
    gcc -o ran ran.c
    echo kept >ran.pith
    run -1 "$PITH" new --try=1s ./ran
    [ "$output" = 'pith: ran.pith: there already; name another with -o' ]
    run -1 "$PITH" new --try=1s -o none/x.pith ./ran
    [ "$output" = 'pith: create none/x.pith: No such file or directory' ]
    [ ! -e started ]
    "$PITH" new --try=1s -o ran-too.pith ./ran
    [ -e started ]
    run -2 "$PITH" new
    run -2 "$PITH" new --try=never ./busybox
}

@test "written elsewhere, the source is named by its whole path" {
    mkdir other
    cp /bin/busybox busybox
    "$PITH" new -o other/b.pith ./busybox
    grep -qx "Copy=$PWD/busybox /app/busybox" other/b.pith
}
