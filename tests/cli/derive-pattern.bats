#!/usr/bin/env bats
# pith profile derive: libraries of whose names a part is made at run time,
# as systemd opens its ways to a TPM.

bats_require_minimum_version 1.5.0

setup_file() {
    TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export TOP PITH=${PITH:-$TOP/build/pith} LC_ALL=C
    export lib=/usr/lib/x86_64-linux-gnu
    cd "$BATS_FILE_TMPDIR" || return
    mkdir -p root/app root/lib64 "root$lib"
    ln -s usr/lib root/lib
    cp -L /lib64/ld-linux-x86-64.so.2 root/lib64/
    cp -L $lib/libc.so.6 "root$lib/"
    cat >shared.c <<'END'
#include <dlfcn.h>
#include <stdio.h>
__attribute__((noipa)) void *tpm(const char *driver)
{
    char name[256];
    snprintf(name, sizeof(name), "%s%s%s", "libtss2-tcti-", driver, ".so.0");
    return dlopen(name, RTLD_NOW);
}
__attribute__((noipa)) void *other(const char *name) { return dlopen(name, RTLD_NOW); }
END
    cat >user.c <<'END'
void *tpm(const char *driver);
void *other(const char *name);
int main(int argc, char **argv) { (void)argc; return USE(argv[1]) == 0; }
END
    for soname in libsystemd-shared-9.so libshared-9.so; do
        gcc -O2 -shared -fPIC -Wl,-soname,$soname shared.c -o "root$lib/$soname"
        for use in tpm other; do
            gcc -O2 -DUSE=$use user.c "root$lib/$soname" -o "root/app/$use-$soname"
        done
    done
    gcc -O2 -shared -fPIC -Wl,-soname,libtss2-tcti-odd.so.0 -x c - -o odd.so <<'END'
#include <sys/syscall.h>
#include <unistd.h>
long Tss2_Tcti_Info(void) { return syscall(SYS_acct, 0); }
END
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return
    rm -f "root$lib"/libtss2*
}

derive() { "$PITH" profile derive --root root "root/app/$1"; }

@test "pattern: what lies where the loader looks is part of the program" {
    run -0 derive tpm-libsystemd-shared-9.so
    [[ $output == *"ways to a TPM"* ]]
    run -1 grep -w acct <<<"$output"
    cp odd.so "root$lib/libtss2-tcti-odd.so.1"
    run -0 derive tpm-libsystemd-shared-9.so
    run -1 grep -w acct <<<"$output"
    cp odd.so "root$lib/libtss2-tcti-odd.so.0"
    run -0 derive tpm-libsystemd-shared-9.so
    [[ $output == *"ways to a TPM: libtss2-tcti-odd.so.0"* ]]
    grep -qw acct <<<"$output"
}

@test "pattern: neither another call of that library nor another library is known" {
    run -3 derive other-libsystemd-shared-9.so
    [[ $output == *"a name made at run time"* ]]
    run -3 derive tpm-libshared-9.so
    [[ $output == *"a name made at run time"* ]]
}
