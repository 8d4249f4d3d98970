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
