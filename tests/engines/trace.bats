#!/usr/bin/env bats
# pith profile trace --image, and what its policies are good for.

bats_require_minimum_version 1.5.0
load ../support/engines
load ../support/init

setup() {
    needs runc
    cd "$BATS_TEST_TMPDIR" || exit
    export PITH IMAGES TOP
    touch stamp
}

nothing_left() {
    [ -z "$(find /tmp -maxdepth 1 -name 'pith-trace-*' -newer stamp)" ]
}

names() { awk '$1 == "#" && $3 ~ /^[0-9]+$/ && $4 ~ /:$/ { print $2 }' "$1" | sort -u; }

# A network of its own for a script on standard input, with "ready PORT".
in_network() {
    {
        echo 'set -eu; ip link set lo up
curl() { command curl -m 5 "$@"; }
trap "kill \$(jobs -p) 2>/dev/null || :" EXIT
ready() { tries=0
    until (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do
        tries=$((tries + 1)); [ "$tries" -lt 200 ] || { cat out; exit 9; }; sleep 0.05
    done; }'
        cat
    } >script.sh
    timeout 100 unshare -n bash script.sh 3>&-
}

@test "trace --image: the service's calls, and none of /init's" {
    in_network <<'EOF'
"$PITH" profile trace --image "$IMAGES/hello.tar" -o image.policy &
ready 8080
curl -sf http://127.0.0.1:8080/healthz
kill -TERM $!
wait $!
EOF
    # What /init does before it is the service, or beside it.
    for call in execve execveat setresuid setgid capset prctl seccomp wait4 \
        waitid clone; do
        run ! grep -qx "$call" image.policy
    done
    grep -qx epoll_pwait image.policy
    # The same program without the image.
    mkdir root && tar -xOf "$IMAGES/hello.tar" manifest.json >hello.json
    tar -xOf "$IMAGES/hello.tar" "$(jq -r ".[0].Layers[0]" hello.json)" | tar -xz -C root
    in_network <<'EOF'
setpriv --reuid 65532 --regid 65532 --clear-groups \
    "$PITH" profile trace -- root/app/hello >plain.policy &
ready 8080
curl -sf http://127.0.0.1:8080/healthz
kill -TERM $!
wait $!
EOF
    diff <(names image.policy) <(names plain.policy)
    nothing_left
}

@test "trace --image: a policy written by hand lacks nothing" {
    in_network <<'EOF'
"$PITH" profile trace --image "$IMAGES/httpd.tar" \
    --merge "$TOP/images/httpd/httpd.policy" -o all.policy >said &
ready 8080
curl -sf http://127.0.0.1:8080/
curl -s http://127.0.0.1:8080/missing
kill -TERM $!
wait $! || [ $? = 143 ]
EOF
    [[ $(cat said) == "all.policy  "*"  0 new  "* ]]
    nothing_left
}

@test "trace --image: a traced policy, built into an image: it serves" {
    mkdir www && echo hello >www/index.html
    cp "$(command -v busybox)" busybox
    cat >httpd.pith <<'EOF'
[Image]
Name=localhost/traced
Base=scratch
Copy=busybox /bin/busybox
Copy=www /www
[Service]
ExecStart=/bin/busybox httpd -f -p 8080 -h /www
SystemCallFilter=@default
EOF
    serve() { # serve COMMAND...: start, use and stop it
        in_network <<EOF
$* &
ready 8080
[ "\$(curl -sf http://127.0.0.1:8080/index.html)" = hello ]
[ "\$(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:8080/none)" = 404 ]
kill -TERM \$!
wait \$! || [ \$? = 143 ]
EOF
    }
    "$PITH" build httpd.pith -o traced.tar
    serve "$PITH" profile trace --image traced.tar -o httpd.policy
    sed -i 's/@default/file:httpd.policy/' httpd.pith
    "$PITH" build httpd.pith -o traced.tar
    [ "$("$PITH" inspect --json traced.tar | jq '.filter.calls | length')" -lt 60 ]
    serve "$PITH" run traced.tar
    # And it is the filter that was traced away: without fork it cannot serve.
    sed -i -e '/^clone$/d' -e '/^fork$/d' -e '/^vfork$/d' httpd.policy
    "$PITH" build httpd.pith -o traced.tar
    run ! serve "$PITH" run traced.tar
    # A trace does not mind the filter: what it lacks comes back.
    serve "$PITH" profile trace --image traced.tar --merge httpd.policy -o again.policy >said
    grep -qx +clone said || grep -qx +fork said
}

# in_chroot NAME COMMAND...: Debian's program under /init, with a filter of
# NAME.policy, all in a network of its own; use is a script on standard input.
in_chroot() {
    local name=$1 program
    shift
    program=$(command -v "$1")
    make_root
    { ldd "$program" | grep -o '/[^ ]*'; echo "$program"; } |
        xargs -I{} cp -L --parents {} "$ROOT"
    mknod -m 666 "$ROOT/dev/null" c 1 3
    mknod -m 666 "$ROOT/dev/urandom" c 1 9
    service User=65532 SystemCallFilter="file:$name.policy"
    "$PITH" profile compile "$name.policy" -o "$ROOT/etc/pith/service.bpf" \
        --program "$program=$ROOT$program"
    shift
    export ROOT PROGRAM=$program
    export ARGS="$*"
    in_network
}

# no_denial LOG: nothing was refused, clone3 aside, which every filter does.
no_denial() {
    grep -q "exit_group" "$1"
    run ! grep -v 'clone3(' "$1" -e 'EPERM' -e 'ENOSYS'
}

@test "trace: redis-server under its traced policy: the benchmark, no denial" {
    command -v redis-benchmark >/dev/null || skip "needs redis-server, redis-tools"
    in_network <<'EOF'
setpriv --reuid 65532 --regid 65532 --clear-groups \
    "$PITH" profile trace -- redis-server --port 7000 --save "" --dir /tmp >redis.out &
ready 7000
redis-benchmark -p 7000 -q -n 2000 -c 10
redis-cli -p 7000 shutdown nosave || :
wait $!
EOF
    sed -n '/^# pith/,$p' redis.out >redis.policy
    in_chroot redis redis-server <<'EOF'
strace -f -qq -o log unshare --pid --fork --kill-child --root="$ROOT" --mount-proc=/proc \
    /init -- "$PROGRAM" --port 7000 --save "" --dir /tmp >out 2>&1 &
ready 7000
redis-benchmark -p 7000 -q -n 2000 -c 10
redis-cli -p 7000 shutdown nosave || :
wait $!
EOF
    no_denial log
}

@test "trace: memcached under its traced policy: the benchmark, no denial" {
    command -v memcslap >/dev/null || skip "needs memcached, libmemcached-tools"
    in_network <<'EOF'
setpriv --reuid 65532 --regid 65532 --clear-groups \
    "$PITH" profile trace -- memcached -p 7000 -t 2 >memcached.policy &
ready 7000
memcslap --servers=127.0.0.1:7000 --concurrency=4 --execute-number=200
kill -TERM $!
wait $!
EOF
    in_chroot memcached memcached <<'EOF'
strace -f -qq -o log unshare --pid --fork --kill-child --root="$ROOT" --mount-proc=/proc \
    /init -- "$PROGRAM" -p 7000 -t 2 >out 2>&1 &
ready 7000
memcslap --servers=127.0.0.1:7000 --concurrency=4 --execute-number=200
fuser -s -k -TERM -n tcp 7000
wait $!
EOF
    no_denial log
}

@test "trace --image: not as root, in a user namespace with subordinate ids" {
    command -v newuidmap >/dev/null || skip "no newuidmap; see scripts/setup"
    local user=pith-trace-$$ dir result
    useradd --create-home "$user"
    dir=$(mktemp -d /tmp/pith-rootless-XXXXXX)
    cp "$PITH" "$IMAGES/hello.tar" "$dir"
    chmod -R a+rwX "$dir"
    run runuser -u "$user" -- sh -c \
        "cd '$dir' && ./pith profile trace --image hello.tar -o out.policy -- --help"
    result=$status
    cp "$dir/out.policy" . || true
    userdel --remove "$user" 2>/dev/null
    rm -rf "$dir"
    [ "$result" = 0 ]
    grep -qx exit_group out.policy
    run ! grep -qx execve out.policy
}

@test "trace --image: bad images and options are one line, and leave nothing" {
    printf 'no tar' >bad.tar
    for args in bad.tar missing.tar "$IMAGES/hello.tar --runtime /nonexistent"; do
        # shellcheck disable=SC2086  # words on purpose
        run -1 "$PITH" profile trace -o x.policy --image $args
        [ "${#lines[@]}" = 1 ]
        [[ $output == "pith: profile trace: "* ]]
        [ ! -e x.policy ]
    done
    run -2 "$PITH" profile trace --runtime runc -- true
    nothing_left
}

@test "trace --image: killed, it leaves nothing" {
    "$PITH" profile trace --image "$IMAGES/hello.tar" -o x.policy -- --port 18987 3>&- &
    pid=$!
    until_ready curl -sf http://127.0.0.1:18987/healthz
    kill -KILL "$pid"
    until_ready nothing_left
    until_ready sh -c '! curl -s http://127.0.0.1:18987/healthz'
}
