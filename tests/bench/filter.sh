#!/bin/sh
# What filters cost their programs: pith's, and libseccomp's of the same rules.
# CALLS=10000000 calls a row, in rounds of 100,000. Run by scripts/bench.
set -eu
tools=$PWD/build/tests/bench
each=20000
rounds=$(((${CALLS:-10000000} + each - 1) / each))
[ "$rounds" -le 1000 ] || rounds=1000
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM

# 59 calls of a small server, and one with a checked argument.
names='accept4 bind brk clock_gettime clone close connect dup epoll_create1 epoll_ctl epoll_pwait
exit exit_group fcntl fdatasync fstat fsync futex getcwd getdents64 getegid geteuid getgid getpid
getppid getrandom getrlimit getsockname getsockopt gettid getuid ioctl listen lseek madvise mmap
mprotect munmap nanosleep newfstatat openat pipe2 poll pread64 pwrite64 read readv recvfrom
rt_sigaction rt_sigprocmask rt_sigreturn sched_yield sendto setsockopt shutdown socket uname write
writev'
for name in $names; do printf '%s\n' "$name"; done >"$dir/names"
{ cat "$dir/names"; echo 'personality: persona == 0xffffffff'; } >"$dir/sixty.policy"
echo personality >>"$dir/names"
{ grep -vx getppid "$dir/names" | grep -vx personality; echo uname; } >"$dir/less.policy"
printf '%s\n' @default getppid 'personality: persona == 0xffffffff' >"$dir/default.policy"
for name in sixty less default; do
    build/pith profile compile "$dir/$name.policy" -o "$dir/$name.bpf" >/dev/null
done
"$tools/rules" "$dir/linear" 1 <"$dir/names"
"$tools/rules" "$dir/tree" 2 <"$dir/names"
tests/profiles build/profiles
docker=
if [ -s build/profiles/docker.json ]; then
    build/pith profile import build/profiles/docker.json -o "$dir/docker.policy" >/dev/null 2>&1
    build/pith profile compile "$dir/docker.policy" --allow-exec -o "$dir/docker.bpf" >/dev/null
    docker=$dir/docker.bpf
fi

# table CALL: its rows, beside no filter.
table() {
    set -- "$1" "$1:none" "$1:plain:$dir/sixty.bpf" "$1:heard:$dir/sixty.bpf" \
        "$1:plain:$dir/default.bpf" ${docker:+"$1:plain:$docker"} \
        "$1:plain:$dir/linear" "$1:plain:$dir/tree"
    shift
    names="none 60-calls 60-calls,speaking @default ${docker:+docker-default} libseccomp,list libseccomp,tree"
    "$tools/filter" "$each" "$rounds" "$@" >"$dir/rows"
    show "$names"
}

# show NAMES: the rows, each with its name.
show() {
    for name in $1; do
        read -r insns ns ratio low high us
        printf '%-22s %6s %8s %7s %13s %9s\n' "$name" "$insns" "$ns" "$ratio" "$low-$high" "$us"
    done <"$dir/rows"
}

head='filter insns ns/call ratio quarters install-us'
# shellcheck disable=SC2086 # head is words
heading() { printf '%-22s %6s %8s %7s %13s %9s\n' $head; }

printf '\nAllowed: getppid(2), %d times a row\n' $((each * rounds))
heading
table getppid
printf '\nAllowed for its argument: personality(0xffffffff)\n'
heading
table personality
printf '\nRefused: getppid(2), a hundredth as often; heard: a listener answers\n'
heading
"$tools/filter" "$each" "$rounds" refused:none "refused:plain:$dir/less.bpf" \
    "refused:heard:$dir/less.bpf" >"$dir/rows"
show 'none 60-calls 60-calls,heard'
