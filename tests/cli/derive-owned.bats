#!/usr/bin/env bats
# pith profile derive: tables of functions in libc that only certain functions
# of libc lead to, with Debian's libc and with libraries that only look alike.

bats_require_minimum_version 1.5.0
load ../support/derive

setup_file() {
    TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export TOP PITH=${PITH:-$TOP/build/pith} LC_ALL=C
}

setup() {
    cd "$BATS_TEST_TMPDIR" || exit
}

@test "derive: a glibc program that writes has no call of the network" {
    printf 'int puts(const char *);\nint main(void) { return puts("x") < 0; }\n' >plain.c
    gcc -O2 plain.c -o plain
    for call in socket bind connect sendto recvfrom accept poll wait4 mkdir clock_nanosleep; do
        lacks plain "$call"
    done
    has plain write exit_group mmap
    strace -f -qq -o trace ./plain >/dev/null
    # shellcheck disable=SC2046 # one name a word
    has plain $(sed -nE 's/^[0-9]+ +([a-z0-9_]+)\(.*/\1/p' trace | sort -u | grep -vx execve)
}

@test "derive: who names a table of libc has what it holds" {
    cat >uses.c <<'END'
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
void __libc_freeres(void);
void *clntudp_create(void *, long, long, long, long, int *);
__asm__(".symver clntudp_create, clntudp_create@GLIBC_2.2.5");
int main(int argc, char **argv)
{
    static const struct argp argp;
    char name[] = "/tmp/XXXXXX";
    (void)argc, (void)argv, (void)argp, (void)name;
    USE;
    return 0;
}
END
    make_use() { gcc -O2 -DUSE="$2" uses.c -o "$1"; }
    make_use argp 'argp_parse(&argp, argc, argv, 0, 0, 0)'
    has argp clock_nanosleep # --HANG, which is in no help
    make_use temporary 'mkdtemp(name)'
    has temporary mkdir
    make_use piped 'popen(name, "r")'
    has piped wait4
    make_use leaks '__libc_freeres()'
    has leaks socket connect
    make_use rpc 'clntudp_create(0, 0, 0, 0, 0, 0)'
    has rpc recvmsg poll getsockname
    for program in temporary piped; do
        lacks "$program" clock_nanosleep
        lacks "$program" accept
    done
    strace -f -qq -o trace ./argp --HANG=1
    grep -q clock_nanosleep trace
}

# A libc.so.6 of a few lines: _authenticate leads to four functions.
write_libc() {
    mkdir -p root/lib
    cat >libc.c <<'END'
typedef long function(void);
#define CALL(name, nr) \
    static long name(void) { long r; \
        __asm__ volatile("syscall" : "=a"(r) : "a"(nr##L) : "rcx", "r11", "memory"); return r; }
CALL(one, 163) CALL(two, 163) CALL(three, 163) CALL(four, 163)
#define KEPT __attribute__((used, noinline))
static function *const table[] = { one, two, three, four
#ifdef LONGER
    , four
#endif
};
KEPT long _authenticate(int n) { return table[n & 3](); }
#ifdef POINTED
KEPT function *const *pointer = &table[1];
#endif
#ifdef SHOWN
extern function *const shown[] __attribute__((alias("table"), visibility("default")));
#endif
long other(int n)
{
#ifdef NAMED
    return (&table[2])[n & 1]();
#elif defined(READ)
    (void)n;
    return (*(function *const volatile *)&table[3])();
#elif defined(CALLED)
    return _authenticate(n);
#else
    return n;
#endif
}
END
    printf 'void _start(void) { for (;;) ; }\n' >loader.c
    gcc -O1 -shared -fPIC -nostdlib -Wl,-soname,ld.so loader.c -o root/lib/ld.so
    printf 'long other(int);\nvoid _start(void) { other(1); for (;;) ; }\n' >main.c
}

# with_libc [FLAG...]: the calls of a program with such a libc.
with_libc() {
    gcc -O1 -fPIC -shared -nostdlib -Wl,-soname,libc.so.6 "$@" libc.c -o root/lib/libc.so.6
    gcc -O1 -nostdlib -Wl,--dynamic-linker=/lib/ld.so main.c root/lib/libc.so.6 -o main
    "$PITH" profile derive --root root --json main | jq -r '.programs[].calls[]'
}

@test "derive: a table that waits counts when any place in it is named" {
    write_libc
    run -0 with_libc
    [[ $output != *acct* ]]
    for way in CALLED NAMED READ; do
        run -0 with_libc "-D$way"
        [[ $output == *acct* ]] || { echo "$way: $output"; return 1; }
    done
}

@test "derive: a table that is not as in glibc's sources never waits" {
    write_libc
    for way in LONGER POINTED SHOWN; do
        run -0 with_libc "-D$way"
        [[ $output == *acct* ]] || { echo "$way: $output"; return 1; }
    done
    sed -i 's/_authenticate/authenticate/' libc.c
    run -0 with_libc
    [[ $output == *acct* ]]
}
