#!/usr/bin/env bats
# pith profile derive: the modules that p11-kit's configuration names.

bats_require_minimum_version 1.5.0

setup_file() {
    TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export TOP PITH=${PITH:-$TOP/build/pith} LC_ALL=C
    export lib=/usr/lib/x86_64-linux-gnu
    cd "$BATS_FILE_TMPDIR" || return
    [ -e "$lib/libp11-kit.so.0" ] || return 0
    # A root with the library, what it needs, and modules that call what
    # nobody else does.
    mkdir -p root/app root/lib64 "root$lib/pkcs11" root/etc/pkcs11/modules \
        root/usr/share/p11-kit/modules
    ln -s usr/lib root/lib
    cp -L /lib64/ld-linux-x86-64.so.2 root/lib64/
    cp -L "$lib"/lib{p11-kit.so.0,ffi.so.8,c.so.6} "root$lib/"
    for call in acct swapoff; do
        gcc -O2 -shared -fPIC -DCALL=SYS_$call -x c - -o "root$lib/pkcs11/odd-$call.so" <<'END'
#include <sys/syscall.h>
#include <unistd.h>
long C_GetFunctionList(void) { return syscall(CALL, 0); }
END
    done
    cat >user.c <<'END'
void *p11_kit_modules_load_and_initialize(int flags);
void *p11_kit_module_load(const char *path, int flags);
int main(int argc, char **argv) { (void)argc, (void)argv; return MAIN == 0; }
END
    gcc -O2 '-DMAIN=p11_kit_modules_load_and_initialize(0)' user.c -o root/app/user "$lib/libp11-kit.so.0"
    gcc -O2 '-DMAIN=p11_kit_module_load(argv[1], 0)' user.c -o root/app/chooser "$lib/libp11-kit.so.0"
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return
    [ -e "$lib/libp11-kit.so.0" ] || skip "no libp11-kit"
    rm -f root/etc/pkcs11/modules/* root/usr/share/p11-kit/modules/*
}

derive() { "$PITH" profile derive --root root "$@"; }
calls() { derive --json "$1" | jq -r '.programs[].calls[]' >all; }

@test "p11-kit: a module that a file of either directory names is part of the program" {
    echo 'module: odd-acct.so' >root/etc/pkcs11/modules/one.module
    printf '# a comment\nmodule: %s/pkcs11/odd-swapoff.so\nenable-in: other\n' "$lib" \
        >root/usr/share/p11-kit/modules/two.module
    run -0 derive root/app/user
    [[ $output == *"libp11-kit.so.0: PKCS#11 modules"*": odd-acct.so"* ]]
    calls root/app/user
    grep -qx acct all
    grep -qx swapoff all
}

@test "p11-kit: files that are no configuration, and modules that are not there" {
    echo 'module: odd-acct.so' >root/etc/pkcs11/modules/one.disabled
    echo '#module: odd-swapoff.so' >root/etc/pkcs11/modules/two.module
    echo 'module: gone.so' >root/etc/pkcs11/modules/three.module
    run -0 derive root/app/user
    [[ $output == *"not there: gone.so"* ]]
    calls root/app/user
    run -1 grep -xE 'acct|swapoff' all
}

@test "p11-kit: gnutls names modules by a file of its own" {
    [ -e "$lib/libgnutls.so.30" ] || skip "no libgnutls"
    ldd "$lib/libgnutls.so.30" | awk '$2 == "=>" { print $3 }' | xargs cp -Lt "root$lib"
    cp -L "$lib/libgnutls.so.30" "root$lib/"
    cat >tls.c <<'END'
int gnutls_global_init(void);
int gnutls_pkcs11_add_provider(const char *name, const char *parameters);
int main(int argc, char **argv) { (void)argc, (void)argv; return MAIN; }
END
    gcc -O2 '-DMAIN=gnutls_global_init()' tls.c -o root/app/tls "$lib/libgnutls.so.30"
    gcc -O2 '-DMAIN=gnutls_pkcs11_add_provider(argv[1], 0)' tls.c -o root/app/adder "$lib/libgnutls.so.30"
    calls root/app/tls
    run -1 grep -xE 'acct|swapoff' all
    mkdir -p root/etc/gnutls
    printf '# load=gone.so\nload=odd-acct.so\nload=%s/pkcs11/odd-swapoff.so\n' "$lib" >root/etc/gnutls/pkcs11.conf
    run -0 derive root/app/tls
    [[ $output == *"PKCS#11 modules of gnutls (/etc/gnutls/pkcs11.conf): "*odd-acct.so* ]]
    calls root/app/tls
    grep -qx acct all
    grep -qx swapoff all
    run -3 derive root/app/adder
    [[ $output == *"the program names a module"* ]]
}

@test "p11-kit: what the user's own files name is noted, what the program names is open" {
    run -0 derive root/app/user
    [[ $output == *"note: "*"libp11-kit.so.0 may open PKCS#11 modules"* ]]
    run -3 derive root/app/chooser
    [[ $output == *"the program names a module"* ]]
}
