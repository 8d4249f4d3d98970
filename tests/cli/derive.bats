#!/usr/bin/env bats
# pith profile derive and explain, over programs whose calls are known: small
# ones compiled here, dynamic and static, and one of each kind of trap.

bats_require_minimum_version 1.5.0
load ../support/derive

setup_file() {
    TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    local musl=$TOP/build/sysroot/x86_64/bin/musl-gcc
    [ -x "$musl" ] || musl='musl-gcc'
    export TOP MUSL=${MUSL_CC:-$musl} PITH=${PITH:-$TOP/build/pith} LC_ALL=C
    cd "$BATS_FILE_TMPDIR" || return
    cat >plain.c <<'END'
#include <unistd.h>
int main(void) { return write(1, "x", 1) != 1; }
END
    write_traps
    "$MUSL" -O2 -static plain.c -o plain
    "$MUSL" -O2 -static traps.c -o traps
    cp traps traps-stripped
    strip traps-stripped
    "$MUSL" -O0 -static traps.c -o traps-O0
    "$MUSL" -O2 -static-pie traps.c -o traps-pie
    cp traps-pie traps-pie-stripped
    strip traps-pie-stripped
    gcc -O2 traps.c -o traps-glibc
    gcc -O2 -static traps.c -o traps-glibc-static
    "$MUSL" -O2 -static -DOPEN traps.c -o traps-open
    "$MUSL" -O2 -static -DVARIABLE traps.c -o traps-variable
    "$MUSL" -O2 -static -DFOREIGN traps.c -o traps-foreign
}

setup() {
    cd "$BATS_FILE_TMPDIR" || exit
}

@test "derive: a musl program that writes: the whole set" {
    run -0 "$PITH" profile derive plain
    [[ ${lines[0]} == "plain  "*" calls (exact)  1 files" ]]
    has plain write exit_group arch_prctl set_tid_address
    [ "$(calls plain | wc -l)" -lt 16 ]
    lacks plain socket
    lacks plain openat
    lacks plain execve
}

@test "derive: wrappers, pointers, tables, switches, tail calls, stripped or not" {
    for program in traps traps-stripped traps-O0 traps-pie traps-pie-stripped \
        traps-glibc traps-glibc-static; do
        run -0 "$PITH" profile derive "$program"
        [[ ${lines[0]} == *"(exact)"* ]] || { echo "$output"; return 1; }
        has "$program" getppid getpgid gettid getsid getpriority getgroups sched_yield \
            sync times vhangup getpid getegid umask getcwd uname
        lacks "$program" swapoff # nobody calls that
    done
}

# musl reads with the number zero that a comparison has left in rax.
@test "derive: a musl program that reads lines and blocks: the whole set" {
    cat >reads.c <<'END'
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
int main(void)
{
    char text[2048], *line = NULL;
    size_t size = 0;
    return !(fgets(text, sizeof(text), stdin) && getline(&line, &size, stdin) > 0 &&
             fread(text, 1, sizeof(text), stdin) > 0);
}
END
    "$MUSL" -O0 -static reads.c -o reads
    "$MUSL" -O2 -static-pie reads.c -o reads-pie
    strip reads -o reads-stripped
    for program in reads reads-pie reads-stripped; do
        run -0 "$PITH" profile derive "$program"
        [[ ${lines[0]} == *"(exact)"* ]] || { echo "$output"; return 1; }
        has "$program" read readv lseek
    done
    printf '%s\n' one two three >input
    strace -qq -o trace ./reads <input
    grep -q '^read(0' trace
    sed -n 's/^\([a-z0-9_]*\)(.*/\1/p' trace | sort -u | grep -vx execve >traced
    calls reads | sort >derived
    missing=$(comm -23 traced derived)
    [ -z "$missing" ] || { echo "$missing"; return 1; }
}

# Rust's getrandom keeps syscall(2)'s address over a switch on errno.
@test "derive: the address of a wrapper that is kept over a switch" {
    cat >kept.c <<'END'
#include <sys/syscall.h>
#include <unistd.h>
int main(int argc, char **argv)
{
    long (*kept)(long, ...);
    (void)argv;
    __asm__("lea syscall(%%rip), %0" : "=r"(kept));
    for (int i = 0; i < 3; i++)
        switch (kept(SYS_getppid) % (argc + 9)) {
        case 0: kept(SYS_getsid, 0); break;
        case 1: kept(SYS_getuid); break;
        case 2: kept(SYS_getgid); break;
        case 3: kept(SYS_sync); break;
        case 4: kept(SYS_times, 0); break;
        case 5: kept(SYS_sched_yield); break;
        case 6: kept(SYS_geteuid); break;
        }
    return 0;
}
END
    "$MUSL" -O2 -static kept.c -o kept
    objdump -d kept --disassemble=main | grep -q 'jmp  *\*'
    run -0 "$PITH" profile derive kept
    [[ ${lines[0]} == *"(exact)"* ]]
    has kept getppid getsid getuid getgid sync times sched_yield geteuid
}

@test "derive: nothing that a run calls is missing" {
    for program in plain traps traps-O0 traps-pie traps-glibc traps-glibc-static; do
        strace -f -o trace "./$program" || true
        sed -n 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p' trace | sort -u | grep -vx execve >traced
        calls "$program" | sort >derived
        [ "$(wc -l <traced)" -gt 2 ]
        missing=$(comm -23 traced derived)
        [ -z "$missing" ] || { echo "$program: $missing"; return 1; }
    done
}

@test "derive: what cannot be followed is open, and says where" {
    run -3 "$PITH" profile derive traps-open
    [[ $output == *"(open)"*"open: traps-open "*" (0x"*"): "* ]]
    run -3 "$PITH" profile derive traps-variable
    [[ $output == *"open: traps-variable "*": a variable in memory"* ]]
    run -3 "$PITH" profile derive traps-foreign
    [[ $output == *"open: traps-foreign main+"*"another system call table"* ]]
}

@test "derive: an open set is no policy, unless asked for" {
    run -1 "$PITH" profile derive traps-open -o open.policy
    [[ $output == *"pith: open.policy: not written: "*" open; "* ]]
    [ ! -e open.policy ]
    run -3 "$PITH" profile derive traps-open -o open.policy --partial
    [[ $(head -1 open.policy) == "# derived from traps-open: OPEN" ]]
}

@test "derive: the policy is one that compile takes" {
    "$PITH" profile derive traps -o traps.policy >/dev/null
    [[ $(head -1 traps.policy) == "# derived from traps: exact" ]]
    "$PITH" profile compile traps.policy -o traps.bpf
    "$PITH" profile derive traps -o again.policy >/dev/null
    cmp traps.policy again.policy
}

@test "derive: execve is left out of the policy, and named" {
    run -0 "$PITH" profile derive traps-glibc --also /bin/sh -o two.policy
    grep -q '^# execve: left out; ' two.policy
    [ "$(grep -cx execve two.policy)" = 0 ]
    "$PITH" profile compile two.policy -o two.bpf
}

@test "derive: libraries that are opened at run time" {
    cat >loaded.c <<'END'
#include <sys/syscall.h>
#include <unistd.h>
long plug(void) { return syscall(SYS_acct, 0); }
END
    cat >loader.c <<'END'
#include <dlfcn.h>
int main(int argc, char **argv)
{
    (void)argc;
#ifdef CHOSEN
    void *library = dlopen(argv[1], RTLD_NOW);
#else
    void *library = dlopen("libplug.so", RTLD_NOW);
#endif
    long (*plug)(void) = (long (*)(void))dlsym(library, "plug");
    return (int)plug();
}
END
    gcc -O2 -shared -fPIC -Wl,-soname,libplug.so loaded.c -o libplug.so
    gcc -O2 loader.c -o loader
    gcc -O2 -DCHOSEN loader.c -o chooser
    # Where the loader looks there is none, so nothing is opened.
    run -0 "$PITH" profile derive loader
    [[ $output == *"opens: loader: libplug.so; not there: libplug.so"* ]]
    [[ " $(calls loader | tr '\n' ' ')" != *" acct "* ]]
    gcc -O2 -Wl,-rpath,"$PWD" loader.c -o beside
    run -0 "$PITH" profile derive beside
    [[ $output == *"opens: beside: libplug.so: libplug.so"* ]]
    calls beside | grep -qx acct
    run -0 "$PITH" profile derive loader --with ./libplug.so
    calls loader --with ./libplug.so | grep -qx acct
    run -3 "$PITH" profile derive chooser --with ./libplug.so
    [[ $output == *"a name made at run time"* ]]
    run -0 "$PITH" profile derive chooser --with ./libplug.so --complete
}

@test "derive: setuid, which libc passes on through memory" {
    write_setid
    "$MUSL" -O2 -static setid.c -o setid-musl
    gcc -O2 setid.c -o setid-glibc
    gcc -O2 -static setid.c -o setid-static
    for program in setid-musl setid-glibc setid-static; do
        run -0 "$PITH" profile derive "$program"
        has "$program" setuid setgid clone
    done
}

@test "derive: functions that a table of distances names" {
    cat >distances.c <<'END'
#include <unistd.h>
__attribute__((used)) static int one(void) { return getppid(); }
__attribute__((used)) static int two(void) { return acct("/nowhere"); }
__asm__(".section .rodata\n.balign 4\ntable: .long one - table, two - table\n.text");
extern const int table[] __attribute__((visibility("hidden")));
int main(int argc, char **argv)
{
    (void)argv;
    return ((int (*)(void))((const char *)table + table[argc > 1]))();
}
END
    for flags in -O1 '-O1 -static' '-O1 -no-pie -fno-pie'; do
        # shellcheck disable=SC2086  # words
        gcc $flags -D_DEFAULT_SOURCE -fno-toplevel-reorder distances.c -o distances
        has distances acct getppid
    done
}

# What is on the stack may be from behind the first return.
@test "derive: a number in a function that calls one that returns twice" {
    cat >twice.c <<'END'
#define _GNU_SOURCE
#include <setjmp.h>
#include <sys/syscall.h>
#include <unistd.h>
static jmp_buf buffer;
#define APART __attribute__((noinline, noclone))
APART void leave(void) { longjmp(buffer, 1); }
APART long jump(void)
{
    volatile long number = SYS_getppid;
    if (!setjmp(buffer)) {
        number = SYS_swapoff;
        leave();
    }
    return syscall(number, "/nowhere");
}
APART long fork_it(void)
{
    volatile long number = SYS_getppid;
    if (!vfork()) {
        number = SYS_swapoff;
        _exit(0);
    }
    return syscall(number, "/nowhere");
}
int main(void) { return (int)MAIN(); }
END
    for call in jump fork_it; do
        gcc -O0 -DMAIN=$call twice.c -o twice-1
        gcc -Os -DMAIN=$call twice.c -o twice-2
        "$MUSL" -O0 -static -DMAIN=$call twice.c -o twice-3
        "$MUSL" -Os -static -DMAIN=$call twice.c -o twice-4
        strip twice-4
        for program in twice-*; do
            run -3 "$PITH" profile derive "$program"
            [[ $output == *syscall+* || $program == twice-4 ]] || { echo "$call: $output"; return 1; }
        done
    done
}

@test "explain: from the entry to the instruction" {
    run -0 "$PITH" profile explain sync traps-glibc
    [[ ${lines[0]} == "traps-glibc  sync(162)  "*" places; the first:" ]]
    [[ ${lines[1]} == "  starts at "* ]]
    [[ $output == *" traps-glibc main+"* ]]
    [[ $output == *"names sync"* ]]
    [[ ${lines[-1]} == "  libc.so.6 syscall+"*" calls the kernel" ]]
    run -1 "$PITH" profile explain swapoff traps
    [[ $output == "pith: traps: does not call swapoff" ]]
    run -1 "$PITH" profile explain swapoff traps-open
    [[ $output == *"does not call swapoff, as far as it could be followed" ]]
}

@test "explain: a loop on the way is no way, in a program without symbols" {
    no_loop_on_the_way
}

@test "derive: interpreters and scripts are refused, with advice" {
    run -1 "$PITH" profile derive /usr/bin/python3
    [[ $output == "pith: /usr/bin/python3: runs Python: "*"trace it instead" ]]
    printf '#!/bin/sh -e\necho\n' >script
    run -1 "$PITH" profile derive script
    [[ $output == "pith: script: a script of /bin/sh -e: "*"trace it instead" ]]
}

@test "derive: bad input: one line" {
    echo text >text
    head -c 3000 plain >short
    gcc -shared -o libgone.so -x c /dev/null
    gcc -O1 -x c - -o needy -Wl,--no-as-needed -L. -lgone <<<'int main(void) { return 0; }'
    rm libgone.so
    while IFS='|' read -r arguments status message; do
        # shellcheck disable=SC2086  # words
        run -"$status" "$PITH" profile derive $arguments
        # shellcheck disable=SC2053  # a pattern
        [[ ${lines[0]} == "pith: "$message ]] || { echo "$arguments: $output"; return 1; }
    done <<'END'
text|1|text: not an ELF file
short|1|short: truncated ELF file*
needy|1|*needy: needs libgone.so, which is not here
nowhere|1|nowhere: No such file or directory
.|1|.: no regular file, or empty
plain --with nowhere.so|1|--with: needs nowhere.so, which is not here
|2|profile derive: PROGRAM: missing
plain traps|2|profile derive: traps: one PROGRAM*
plain --nonsense|2|profile derive: --nonsense: *
END
}

@test "derive: names out of files cannot speak to the terminal" {
    gcc -shared -Wl,-soname,$'lib\eevil.so' -o libevil.so -x c /dev/null
    gcc -O1 -x c - -o evil -Wl,--no-as-needed -L. -levil <<<'int main(void) { return 0; }'
    run -1 "$PITH" profile derive evil
    [ "$output" = 'pith: evil: needs lib?evil.so, which is not here' ]
}
