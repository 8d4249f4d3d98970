#!/usr/bin/env bats
# pith profile derive for aarch64: programs whose calls are known, compiled here by
# cross compilers, static and dynamic, and run under qemu to see that none is missing.

bats_require_minimum_version 1.5.0
load ../support/derive

GNU=/usr/aarch64-linux-gnu
DERIVE_OPTIONS=(--root "$GNU")

setup_file() {
    TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    "$TOP/scripts/sysroot" aarch64
    export TOP PITH=${PITH:-$TOP/build/pith} LC_ALL=C
    export MUSL=$TOP/build/sysroot/aarch64/bin/musl-gcc
    cd "$BATS_FILE_TMPDIR" || return
    write_traps
    local flags
    for flags in O2 O0 Os O3; do
        "$MUSL" "-$flags" -static traps.c -o "traps-$flags"
    done
    "$MUSL" -O2 -static-pie traps.c -o traps-pie
    "$MUSL" -O2 -static -fno-jump-tables traps.c -o traps-branches
    "$MUSL" -O2 -static -mbranch-protection=standard traps.c -o traps-signed
    "$MUSL" -O2 -static -mcmodel=large -fno-pic traps.c -o traps-large
    aarch64-linux-gnu-gcc -O2 traps.c -o traps-glibc
    aarch64-linux-gnu-gcc -O2 -mbranch-protection=standard -Wl,-z,force-bti,-z,pac-plt \
        traps.c -o traps-glibc-signed 2>/dev/null
    aarch64-linux-gnu-gcc -O2 -fno-plt traps.c -o traps-glibc-noplt
    aarch64-linux-gnu-gcc -O2 -static traps.c -o traps-glibc-static
    local program
    for program in traps-*; do
        cp "$program" "$program-stripped"
        aarch64-linux-gnu-strip "$program-stripped"
    done
    "$MUSL" -O2 -static -DOPEN traps.c -o open
    "$MUSL" -O2 -static -DVARIABLE traps.c -o variable
}

setup() {
    cd "$BATS_FILE_TMPDIR" || exit
}

# traced PROGRAM [ARGUMENT]: what a run calls, by qemu's names or by number.
traced() {
    qemu-aarch64 -L "$GNU" -strace -D trace "./$1" "${@:2}" </dev/null >/dev/null || true
    awk 'FNR == NR { gsub(/[{}",]/, " "); split($0, part, " "); names[part[1]] = part[2]; next }
        /^[0-9]+ Unknown syscall [0-9]+/ { print names[$4]; next }
        match($2, /^[a-z0-9_]+\(/) { print substr($2, 1, RLENGTH - 1) }' \
        "$TOP/src/arch/aarch64.inc" trace | sort -u
}

@test "aarch64: wrappers, pointers, tables, switches, labels, stripped or not" {
    for program in traps-*; do
        run -0 "$PITH" profile derive --root "$GNU" "$program"
        [[ ${lines[0]} == *"(exact)"* ]] || { echo "$output"; return 1; }
        has "$program" getppid getpgid gettid getsid getpriority getgroups sched_yield \
            sync times vhangup getpid getegid umask getcwd uname
        lacks "$program" swapoff # nobody calls that
    done
}

@test "aarch64: nothing that a run calls is missing" {
    for program in traps-*; do
        traced "$program" >called
        traced "$program" x y >>called
        sort -u called -o called
        calls "$program" | sort >derived
        [ "$(wc -l <called)" -gt 5 ]
        missing=$(comm -23 called derived)
        [ -z "$missing" ] || { echo "$program: $missing"; return 1; }
    done
}

@test "aarch64: what cannot be followed is open, and says where" {
    run -3 "$PITH" profile derive open
    [[ $output == *"(open)"*"open: open "*" (0x"*"): "* ]]
    run -3 "$PITH" profile derive variable
    [[ $output == *"open: variable "*", from variable main+"* ]]
}

@test "aarch64: setuid, which libc passes on through memory" {
    write_setid
    "$MUSL" -O2 -static -s setid.c -o setid-musl
    aarch64-linux-gnu-gcc -O2 setid.c -o setid-glibc
    aarch64-linux-gnu-gcc -O2 -static setid.c -o setid-static
    for program in setid-musl setid-glibc setid-static; do
        run -0 "$PITH" profile derive --root "$GNU" "$program"
        has "$program" setuid setgid clone
        lacks "$program" umount2 # what lies behind clone's last instruction
    done
}

# By hand, what compilers do when registers are short: the page of an address is
# taken in one place and counted from in another.
@test "aarch64: pages by way of the stack, switches, copies, cold parts and exceptions" {
    cat >pages.S <<'ASM'
#if FRAMES
#define BEGIN(name) .balign 4; name: .cfi_startproc;
#define END .cfi_endproc;
#else
#define BEGIN(name) .balign 4; name: ;
#define END
#endif
#define CALL(name, number) BEGIN(name) mov x8, number; svc 0; ret; END
    .text
    .global _start
BEGIN(_start)
    sub sp, sp, 64
    adrp x9, spilled
    str x9, [sp, 24]
    adrp x10, stacked
    stp x10, x11, [sp, -16]!
    mov x9, 0
    mov x10, 0
    ldp x12, x13, [sp], 16
    add x12, x12, :lo12:stacked
    blr x12
    ldr x3, [sp, 24]
    add x3, x3, :lo12:spilled
    blr x3
    adrp x19, switched
    adrp x20, chosen
    bl helper
    cmp w0, 2
    b.hi 3f
    adrp x1, table
    add x1, x1, :lo12:table
    ldrb w1, [x1, w0, uxtw]
    adr x2, 0f
    add x1, x2, w1, sxtb 2
    br x1
0:  add x4, x19, :lo12:switched
    blr x4
    b 3f
1:  csel x5, x20, xzr, eq
    add x5, x5, :lo12:chosen
    blr x5
    b 3f
2:  mov x21, x19
#if FRAMES
    bl catcher
#endif
    b cold
3:  mov x8, 93
    svc 0
    brk 1
END
BEGIN(cold)
    add x6, x21, :lo12:copied
    br x6
END
#if FRAMES
BEGIN(catcher)
    .cfi_lsda 0x1b, exceptions
    adrp x22, landed
5:  bl helper
6:  ret
7:  add x0, x22, :lo12:landed
    br x0
END
    .section .gcc_except_table, "a"
exceptions:
    .byte 0xff, 0xff, 1
    .uleb128 9f - 8f
8:  .uleb128 5b - catcher, 6b - 5b, 7b - catcher, 0
9:
#endif
    .section .text.far, "ax"
    .balign 4096
CALL(helper, 172)
CALL(spilled, 173)
CALL(stacked, 174)
CALL(switched, 175)
CALL(chosen, 176)
CALL(copied, 177)
CALL(nobody, 178)
#if FRAMES
CALL(landed, 179)
#endif
    .section .rodata
table:
    .byte 0, (1b - 0b) / 4, (2b - 0b) / 4
ASM
    for frames in 0 1; do
        aarch64-linux-gnu-gcc -nostdlib -static "-DFRAMES=$frames" pages.S -o "pages-$frames"
        aarch64-linux-gnu-strip "pages-$frames"
        run -0 "$PITH" profile derive "pages-$frames"
        [[ ${lines[0]} == *"(exact)"* ]] || { echo "$output"; return 1; }
        has "pages-$frames" getpid getppid getuid geteuid getgid getegid exit
        lacks "pages-$frames" gettid
        [ "$frames" = 0 ] || has "pages-$frames" sysinfo # after an exception
    done
}

@test "aarch64: Go, where there is a compiler" {
    command -v go >/dev/null || skip "no go"
    mkdir -p server
    cat >server/main.go <<'END'
package main

import "net/http"

func main() {
    if err := http.ListenAndServe("127.0.0.1:0", nil); err != nil {
        panic(err)
    }
}
END
    (cd server && GOCACHE=$PWD/cache GO111MODULE=off GOOS=linux GOARCH=arm64 CGO_ENABLED=0 \
        go build -o ../served main.go)
    run -0 "$PITH" profile derive served
    [[ ${lines[0]} == *"(exact)"* ]]
    has served socket bind listen accept4 epoll_pwait futex
    lacks served execve
}

# No package for arm64 is here, so libsasl2's way to its directory is in a few lines.
@test "aarch64: SASL's directory, and tables of callbacks that are constant" {
    mkdir -p root/usr/lib/sasl2
    cp -r "$GNU/lib" root/lib
    cat >library.c <<'END'
#include <dlfcn.h>
#include <stdlib.h>
struct callback { unsigned long id; int (*proc)(const char **); void *context; };
static int get_path(const char **out)
{
    *out = getenv("SASL_PATH");
    return *out || (*out = "/usr/lib/sasl2");
}
static struct callback usual = { 3, get_path, 0 };
struct callback *volatile current = &usual;
static int start(const struct callback *callbacks)
{
    const char *path;
    while (callbacks && callbacks->id && callbacks->id != 3)
        callbacks++;
    if (!callbacks || !callbacks->id)
        callbacks = current;
    return callbacks->proc(&path) && dlopen(path, RTLD_NOW);
}
int sasl_server_init(const struct callback *callbacks, const char *name) { return name && start(callbacks); }
int sasl_client_init(const struct callback *callbacks) { return start(callbacks); }
END
    cat >plugin.c <<'END'
#include <sys/syscall.h>
#include <unistd.h>
int sasl_server_plug_init(void) { return syscall(SYS_acct, 0) != 0; }
END
    cat >server.c <<'END'
struct callback { unsigned long id; int (*proc)(const char **); void *context; };
int sasl_server_init(const struct callback *callbacks, const char *name);
int answer(const char **path) { return path == 0; }
static KIND struct callback table[] = { { 2, answer, 0 }, { ID, answer, 0 }, { 0, 0, 0 } };
int main(int argc, char **argv) { return sasl_server_init(table, argv[argc - 1]); }
END
    aarch64-linux-gnu-gcc -O2 -shared -fPIC -Wl,-soname,libsasl2.so.2 library.c -o root/lib/libsasl2.so.2
    aarch64-linux-gnu-gcc -O2 -shared -fPIC plugin.c -o root/usr/lib/sasl2/libplugin.so
    local kind id
    for kind in const volatile; do
        for id in 4 3; do
            aarch64-linux-gnu-gcc -O2 -DKIND=$kind -DID=$id server.c -o "$kind-$id" root/lib/libsasl2.so.2 2>/dev/null
        done
    done
    run -0 "$PITH" profile derive --root root const-4
    [[ $output == *'SASL plugins: libplugin.so'* ]]
    grep -qw acct <<<"$output"
    # Who else writes to a variable cannot be seen there.
    for program in const-3 volatile-4 volatile-3; do
        run -3 "$PITH" profile derive --root root "$program"
        [[ $output == *'/usr/lib/sasl2: the program names a directory'* ]]
    done
}

@test "aarch64: the policy is aarch64's, and explain knows its calls" {
    "$PITH" profile derive traps-O2 -o traps.policy >/dev/null
    "$PITH" profile compile traps.policy --arch aarch64 -o traps.bpf
    run -0 "$PITH" profile explain --root "$GNU" sync traps-glibc
    [[ ${lines[0]} == "traps-glibc  sync(81)  "*" places; the first:" ]]
    [[ ${lines[-1]} == "  libc.so.6 syscall+"*" calls the kernel" ]]
    run -1 "$PITH" profile explain open traps-O2
    [[ $output == "pith: open: no system call of aarch64" ]]
    run -2 "$PITH" profile explain nonsense traps-O2
    [[ ${lines[0]} == "pith: profile explain: nonsense: no system call" ]]
}

@test "aarch64: a loop on the way is no way, in a program without symbols" {
    no_loop_on_the_way
}

@test "aarch64: machines are not mixed" {
    run -1 "$PITH" profile derive traps-O2 --also /bin/sh
    [[ $output == "pith: /bin/sh: for another machine than traps-O2" ]]
    run -1 "$PITH" profile derive traps-glibc
    [[ $output == "pith: "*"traps-glibc: needs "* || $output == *"ld-linux-aarch64.so.1: "* ]]
}
