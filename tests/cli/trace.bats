#!/usr/bin/env bats
# pith profile trace: what it sees of a program, and what the program sees.

bats_require_minimum_version 1.5.0

setup() {
    TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    PITH=${PITH:-$TOP/build/pith}
    BUSY=$TOP/build/tests/support/busy
    cd "$BATS_TEST_TMPDIR" || exit
}

trace() { timeout 60 "$PITH" profile trace "$@"; }

# counts FILE: "name count", as pith's table has it.
counts() {
    awk '$1 == "#" && $3 ~ /^[0-9]+$/ && $4 ~ /:$/ { print $2, $3 }' "$1" | sort
}

# by_strace ARG...: the same from strace, which neither tells calls that do not
# return from the others, nor leaves out the program's own execve.
by_strace() {
    timeout 60 strace -f -qq -o strace.log "$@" >/dev/null || return
    sed -n 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p' strace.log |
        sort | uniq -c | awk '
        $2 == "execve" { $1-- }
        $1 > 0 { print $2, $1 }' | sort
}

names() { cut -d' ' -f1 "$@" | sort -u; }

@test "trace: a policy that compiles and parses back to itself" {
    trace -o echo.policy -- /bin/echo hello >out
    [ "$(head -1 out)" = hello ]
    [[ $(tail -1 out) == "echo.policy  "*" calls  tasks 1  programs 1" ]]
    "$PITH" profile compile echo.policy -o echo.bpf
    grep -v '^#' echo.policy | grep . >canonical
    LC_ALL=C sort -c canonical
    grep -qx write canonical
    run ! grep -q '^execve' canonical
    # Without -o it goes to standard output, behind the program's.
    trace -- /bin/echo hello >whole
    tail -n +2 whole | diff - echo.policy
}

@test "trace: the program's exit code is passed on, and pith's own is 1" {
    for code in 0 1 7 125 255; do
        run "-$code" trace -o x.policy -- sh -c "exit $code"
    done
    run -137 trace -o x.policy -- sh -c 'kill -9 $$'
    rm x.policy
    run -1 trace -o x.policy -- /missing
    [ "$output" = "pith: profile trace: /missing: No such file or directory" ]
    run -1 trace -o x.policy -- ./x.policy
    run -1 trace -o missing/x.policy -- touch started
    run -1 trace --merge missing.policy -- touch started
    run -2 trace
    run -2 trace -o
    run -2 trace --nonsense -- touch started
    [ ! -e started ]
    [ -z "$(ls)" ]
}

@test "trace: threads, forks, vforks, clones, execs by any thread: strace's counts" {
    "$BUSY" all
    trace -o all.policy -- "$BUSY" all
    # How often a thread must wait for another, or goes first, is chance.
    local chance='^futex|^pause|^rt_sigprocmask'
    counts all.policy | grep -Ev "$chance" >ours
    by_strace "$BUSY" all | grep -Ev "$chance" >theirs
    diff theirs ours
    # And the program's own.
    for call in 'getppid 300' 'getpgid 171' 'getsid 40' 'getuid 11' \
        'vfork 1' 'clone3 1' 'execve 2' 'seccomp 1' 'getpriority 10'; do
        grep -qx "$call" ours || { echo "$call"; return 1; }
    done
    grep -q '^# execve .*needs AllowExec=yes' all.policy
    grep -qx execve all.policy
    # Every filter answers clone3 with ENOSYS, and libc calls clone then.
    grep -q '^# clone3 .*gets ENOSYS' all.policy
    run ! grep -qx clone3 all.policy
    run -1 "$PITH" profile compile all.policy -o all.bpf
    "$PITH" profile compile all.policy -o all.bpf --allow-exec
}

@test "trace: children made with CLONE_UNTRACED are seen, and see no change" {
    trace -o x.policy -- "$BUSY" untraced
    counts x.policy >ours
    for call in 'getuid 5' 'getgid 6' 'getegid 7'; do
        grep -qx "$call" ours || { echo "$call"; return 1; }
    done
}

@test "trace: no call is interrupted that would not be" {
    trace -o x.policy -- "$BUSY" signals
    counts x.policy | grep -qx 'getppid 20000'
}

@test "trace: stopped and continued, as without a tracer" {
    for n in 1 2 3; do
        trace -o x.policy -- "$BUSY" stops
    done
}

@test "trace: calls by other ABIs and numbers without a name are kept apart" {
    [ "$(uname -m)" = x86_64 ] || skip "needs an x86-64 machine"
    trace -o x.policy -- "$BUSY" foreign
    grep -qE '^# i386:20 +3  .*another ABI' x.policy
    grep -qE '^# x32:39 +3  .*another ABI' x.policy
    grep -qE '^# 5000 +1  .*gets ENOSYS' x.policy
}

@test "trace: a program without privilege, and one that ignores its children" {
    # Where anybody may execute them: the tree may lie in somebody's home.
    install -m 755 "$PITH" "$BUSY" .
    run -0 --separate-stderr setpriv --reuid 65534 --regid 65534 --clear-groups \
        ./pith profile trace -- ./busy all
    [[ $output == *"# getpriority "*" 10  busy: busy+0x"* ]]
    (trap '' CHLD && trace -o x.policy -- "$BUSY" stops)
}

@test "trace: SIGTERM and SIGINT are the program's, and the policy is written" {
    for pair in TERM:55 INT:42; do
        "$PITH" profile trace -o "$pair.policy" -- "$BUSY" sleeps >out 3>&- &
        pid=$!
        until grep -q ready out; do sleep 0.05; done
        kill "-${pair%:*}" "$pid"
        status=0
        wait "$pid" || status=$?
        [ "$status" = "${pair#*:}" ] || { echo "$pair: $status"; cat out; return 1; }
        grep -qx write "$pair.policy"
    done
}

@test "trace: what it leaves running is followed, too" {
    # shellcheck disable=SC2016  # the inner shell's
    trace -o x.policy -- sh -c '(setsid sh -c "sleep 0.3; mkdir late" &) ; exit 5' || [ $? = 5 ]
    [ -d late ]
    grep -qx mkdir x.policy
    # And told to end when the program itself is gone.
    # shellcheck disable=SC2016
    "$PITH" profile trace -o y.policy -- \
        sh -c '(setsid sleep 47.11 &) ; exit 3' 3>&- &
    pid=$!
    until pgrep -f 'sleep 47.11$' >/dev/null; do sleep 0.05; done
    sleep 0.2
    kill -TERM "$pid"
    status=0 begun=$SECONDS
    wait "$pid" || status=$?
    [ "$status" = 3 ]
    [ $((SECONDS - begun)) -lt 30 ]
    run ! pgrep -f 'sleep 47.11$'
}

@test "trace: on a terminal ^C, ^Z and fg do what they do without it" {
    command -v python3 >/dev/null || skip "needs python3"
    cat >terminal.py <<'EOF'
import os, pty, select, sys, time

pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
seen = b""

def until(word):
    global seen
    end = time.time() + 20
    while word not in seen and time.time() < end:
        if select.select([fd], [], [], 0.1)[0]:
            try:
                seen += os.read(fd, 4096)
            except OSError:
                return

until(b"ready")
time.sleep(0.6)
os.write(fd, b"\x1a")
until(b"first ")
seen, before = b"", seen
until(b"sleeps")
time.sleep(0.6)
os.write(fd, b"\x03")
until(b"second ")
os.waitpid(pid, 0)
print((before + seen).decode().replace("\r", "\n"))
EOF
    run -0 timeout 60 python3 terminal.py bash --norc -mc \
        "'$PITH' profile trace -o x.policy -- '$BUSY' sleeps; echo first \$?; fg; echo second \$?"
    [[ $output == *Stopped* ]]
    [[ $output == *"first 14"* ]]
    [[ $output == *"second 42"* ]]
    # Live, and only there.
    [[ $output == *" calls of "*" kinds, 1 tasks"* ]]
    grep -qx write x.policy
    run trace -o x.policy -- sleep 0.6
    [[ $output != *kinds* ]]
}

@test "trace: --merge: the union, and what is new in it" {
    printf '# mine\nread\nmkdirat\n' >mine.policy
    run -0 trace --merge mine.policy -o both.policy -- "$BUSY" untraced
    [[ ${lines[0]} == "both.policy  "*" calls  "*" new  tasks 5  programs 1" ]]
    [[ $output == *$'\n+getegid\n'* ]]
    [[ $output != *+read* ]]
    grep -qx mkdirat both.policy
    grep -q '^# getegid .*  new' both.policy
    # A second time nothing is.
    run -0 trace --merge both.policy -o both.policy -- "$BUSY" untraced
    [[ $output == "both.policy  "*"  0 new  "* ]]
    # Conditions stay, and what they would refuse is said.
    printf 'wait4: pid == 7\n' >strict.policy
    trace --merge strict.policy -o both.policy -- "$BUSY" untraced
    grep -q '^wait4: pid == 7' both.policy
    grep -qE '^# wait4 .*  4 not as the policy.s conditions say' both.policy
    printf 'nonsense\n' >bad.policy
    run -1 trace --merge bad.policy -- touch started
    [[ $output == "pith: bad.policy: line 1: 'nonsense'"* ]]
    [ ! -e started ]
}

@test "trace: a hostile name cannot leave its comment" {
    mkdir $'a\nptrace'
    cp "$BUSY" $'a\nptrace/b\nptrace'
    trace -o x.policy -- $'a\nptrace/b\nptrace' foreign
    run ! grep -qx ptrace x.policy
    grep -q 'b?ptrace: b?ptrace+0x\|b?ptrace: .*ptrace+0x' x.policy
}

# serve NAME COMMAND...: run the server behind the command, in a network of its
# own, use it, and tell it to end. The same each time.
serve() {
    cat >serve.sh <<'EOF'
set -eu
name=$1
shift
ip link set lo up
case $name in
redis) set -- "$@" redis-server --port 7000 --save '' --dir "$PWD" ;;
httpd) set -- "$@" busybox httpd -f -p 7000 -h "$PWD/www" ;;
nginx) set -- "$@" nginx -c "$PWD/nginx.conf" -e "$PWD/error.log" ;;
memcached) set -- "$@" memcached -u nobody -p 7000 -t 2 ;;
esac
"$@" >server.out 2>&1 &
running=$!
tries=0
until (exec 3<>/dev/tcp/127.0.0.1/7000) 2>/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 200 ] || { cat server.out; exit 1; }
    sleep 0.05
done
get() { for n in 1 2 3 4 5 6 7 8; do curl -s "http://127.0.0.1:7000/$1"; done; }
case $name in
redis) redis-benchmark -p 7000 -q -n 2000 -c 10 -t ping,set,get,lpush
    redis-cli -p 7000 shutdown nosave || : ;;
httpd) get file; get missing; fuser -s -k -TERM -n tcp 7000 ;;
nginx) get file; get missing; kill -QUIT "$(cat nginx.pid)" ;;
memcached) memcslap --servers=127.0.0.1:7000 --concurrency=4 --execute-number=100
    fuser -s -k -INT -n tcp 7000 ;;
esac >/dev/null
wait "$running" || [ $? = 143 ]
EOF
    timeout 60 unshare -n bash serve.sh "$@"
}

# same_as_strace NAME: the names of the calls are those that strace gives. What
# is called only where threads race may take more than one run to show.
same_as_strace() {
    [ "$(id -u)" = 0 ] || skip "needs root: servers change their user"
    mkdir www
    echo hello >www/file
    chmod 755 . www
    cat >nginx.conf <<EOF
daemon off; worker_processes 2; error_log $PWD/error.log; pid $PWD/nginx.pid;
events { worker_connections 64; }
http {
    access_log $PWD/access.log;
    server { listen 7000; root $PWD/www; }
}
EOF
    serve "$1" env
    for n in 1 2 3; do
        serve "$1" "$PITH" profile trace -o server.policy --
        serve "$1" strace -f -qq -o strace.log
        counts server.policy | names - >>ours
        sed -n 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p' strace.log >>theirs
        # Its own execve: of these servers, the only one.
        diff <(names theirs | grep -vx execve) <(names ours) && return
    done
    return 1
}

@test "trace: redis-server under redis-benchmark: the calls that strace sees" {
    command -v redis-benchmark >/dev/null || skip "needs redis-server, redis-tools"
    same_as_strace redis
}

@test "trace: busybox httpd: the calls that strace sees" {
    same_as_strace httpd
}

@test "trace: nginx: the calls that strace sees" {
    command -v nginx >/dev/null || skip "needs nginx-light"
    same_as_strace nginx
}

@test "trace: memcached under memcslap: the calls that strace sees" {
    command -v memcslap >/dev/null || skip "needs memcached, libmemcached-tools"
    same_as_strace memcached
}
