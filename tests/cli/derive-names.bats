#!/usr/bin/env bats
# pith profile derive: the names that dlsym(3) is given. Each program has the
# text "syscall" in it, so one name that is not followed makes it open.

bats_require_minimum_version 1.5.0

setup_file() {
    TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export TOP PITH=${PITH:-$TOP/build/pith} LC_ALL=C
}

setup() { cd "$BATS_TEST_TMPDIR" || return; }

calls() { "$PITH" profile derive --json "$@" | jq -r '.programs[].calls[]'; }

# OpenSSL's way to dlsym: through a table of functions.
write_relay() {
    cat >relay.c <<'END'
#include <dlfcn.h>
static void *bind(void *library, const char *name) { return dlsym(library, name); }
static void *look(const char *name) { return dlsym(RTLD_DEFAULT, name); }
static const struct { void *(*bind)(void *, const char *); void *(*look)(const char *); } table = { bind, look };
const void *volatile method = &table;
void *DSO_bind_func(void *library, const char *name) { return ((__typeof__(table) *)method)->bind(library, name); }
void *DSO_global_lookup(const char *name) { return ((__typeof__(table) *)method)->look(name); }
END
    cat >user.c <<'END'
#include <sys/syscall.h>
#include <unistd.h>
void *DSO_bind_func(void *library, const char *name);
void *DSO_global_lookup(const char *name);
const char texts[] = "one\0syscall\0two";
void *volatile handed;
long plug(void) { return syscall(SYS_acct, 0); }
int main(int argc, char **argv)
{
    (void)argc, (void)argv;
#if defined TAKEN
    handed = (void *)DSO_bind_func;
#elif defined CHOSEN
    handed = DSO_global_lookup(argv[1]);
#endif
    long (*plug)(void) = (long (*)(void))DSO_bind_func(0, "plug");
    return (int)plug();
}
END
    gcc -O2 -shared -fPIC -Wl,-soname,"$1" relay.c -o "$1"
    for kind in CONSTANT CHOSEN TAKEN; do
        gcc -O2 -rdynamic -D$kind user.c "./$1" -Wl,-rpath,"$PWD" -o "user-$kind"
    done
}

@test "names: what OpenSSL looks up is what its callers say" {
    write_relay libcrypto.so.3
    run -0 "$PITH" profile derive user-CONSTANT
    calls user-CONSTANT | grep -qx acct
    run -3 "$PITH" profile derive user-CHOSEN
    [[ $output == *"libc.so.6 syscall+"* ]]
    run -3 "$PITH" profile derive user-TAKEN
    [[ $output == *"libc.so.6 syscall+"* ]]
}

@test "names: nobody else's table is known" {
    write_relay libcrypto.so.33
    run -3 "$PITH" profile derive user-CONSTANT
    [[ $output == *"libc.so.6 syscall+"* ]]
}

@test "names: a library of that name without the functions is not known" {
    write_relay libcrypto.so.3
    sed -i 's/void \*DSO_global_lookup/static &/; s/void \*DSO_bind_func/void *DSO_other/' relay.c
    sed -i 's/DSO_bind_func/DSO_other/' user.c
    gcc -O2 -shared -fPIC -Wl,-soname,libcrypto.so.3 relay.c -o libcrypto.so.3
    gcc -O2 -rdynamic user.c ./libcrypto.so.3 -Wl,-rpath,"$PWD" -o user-OTHER
    run -3 "$PITH" profile derive user-OTHER
    [[ $output == *"libc.so.6 syscall+"* ]]
}

# Pairs of where to and what name, the way systemd looks up what it may use.
write_lists() {
    cat >lists.c <<'END'
#include <dlfcn.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
#define APART __attribute__((noipa))
const char texts[] = "one\0syscall\0two";
char changing[] = "syscall";
void *volatile handed;
void *here[8];
static jmp_buf buffer;
long plug(void) { return syscall(SYS_acct, 0); }
long plug_last(void) { return syscall(SYS_swapoff, 0); }
long plug_behind(void) { return syscall(SYS_swapon, 0, 0); }
APART void seventh(int a, int b, int c, int d, int e, int f, void *list)
{
    handed = a + b + c + d + e + f > 20 ? list : 0;
}
#ifdef OUTER
APART static void look_list(void *library, va_list list)
{
#else
APART void look(void *library, ...)
{
    va_list list;
    va_start(list, library);
#endif
#ifdef SHOWN
    handed = &list;
    getpid();
#endif
#ifdef SEVENTH
    seventh(1, 2, 3, 4, 5, 6, &list);
#endif
#ifdef NESTED
    /* gcc's: it gets the address of the frame in a register of its own. */
    APART void nested(void) { handed = &list; }
    nested();
#endif
#ifdef TWICE
    setjmp(buffer);
#endif
#ifdef COUNTED
    for (int n = (int)(long)library; n > 0; n--) {
        void **to = va_arg(list, void **);
        *to = dlsym(0, va_arg(list, const char *));
    }
#else
    void **to;
    while ((to = va_arg(list, void **))) {
        *to = dlsym(library, va_arg(list, const char *));
        if (!*to)
            getppid();
    }
#endif
}
#ifdef OUTER
APART void look(void *library, ...)
{
    va_list list;
    va_start(list, library);
    look_list(library, list);
    va_end(list);
}
#endif
int main(int argc, char **argv)
{
    const char *name = "plug";
    (void)argv;
#ifdef CHOSEN
    name = argv[1];
#elif defined CHANGING
    name = changing;
#elif defined TAKEN
    handed = (void *)look;
#endif
#ifdef COUNTED
    look((void *)(long)argc, &here[0], "plug", 0, "plug_last", &here[1], name, &here[2], "plug_behind");
#else
    look(0, &here[0], "plug", &here[1], "two", &here[2], name, &here[3], "one", &here[4], "plug_last", (void *)0, "plug_behind");
    if (argc > 2)
        look(handed, &here[0], name, (void *)0);
#endif
    return (int)((long (*)(void))here[0])();
}
END
}

@test "names: in a list of arguments up to its end" {
    write_lists
    for kind in '' -DOUTER; do
        for level in -O1 -O2 -Os '-O2 -fno-omit-frame-pointer' '-O2 -fcf-protection=none'; do
            # A frame pointer that is saved may be an argument for all one sees.
            [[ $kind$level != -DOUTER*-frame-* ]] || continue
            # shellcheck disable=SC2086  # words
            gcc $level $kind -rdynamic lists.c -o lists
            run -0 "$PITH" profile derive lists
            calls lists >all
            grep -qx acct all
            grep -qx swapoff all
            # Nobody reads what stands behind the zero.
            run -1 grep -x swapon all
        done
    done
}

@test "names: a list of arguments that is not known stays open" {
    write_lists
    for kind in CHOSEN CHANGING TAKEN SHOWN SEVENTH NESTED COUNTED; do
        for more in '' -DOUTER; do
            # shellcheck disable=SC2086  # words
            gcc -O2 -D$kind $more -rdynamic lists.c -o lists
            run -3 "$PITH" profile derive lists
            [[ $output == *"libc.so.6 syscall+"* ]] || { echo "$kind $more: $output"; return 1; }
        done
    done
}

# clang makes such tables of constant texts, and linkers let a text end another.
@test "names: the end of a text that a table of distances names" {
    cat >distances.c <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
__asm__(".section .rodata\n.balign 4\ntable: .long text + 2 - table, text + 2 - table\n"
        "text: .asciz \"xxswapoff\"\n.text");
extern const int table[] __attribute__((visibility("hidden")));
int main(int argc, char **argv)
{
    (void)argv;
    int (*found)(const char *) = (int (*)(const char *))dlsym(RTLD_DEFAULT, (const char *)table + table[argc - 1]);
    return found("/nowhere");
}
END
    gcc -O2 distances.c -o distances
    run -0 "$PITH" profile derive distances
    calls distances | grep -qx swapoff
}
