#!/usr/bin/env bats
# pith profile derive: the modules of Linux-PAM, and programs that choose by
# themselves which those are.

bats_require_minimum_version 1.5.0

setup_file() {
    TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export TOP PITH=${PITH:-$TOP/build/pith} LC_ALL=C
    lib=/usr/lib/x86_64-linux-gnu
    export pam=$lib/libpam.so.0
    cd "$BATS_FILE_TMPDIR" || return
    [ -e "$pam" ] || return 0
    # A root with the library, what it needs, and modules that call what nobody
    # else does.
    mkdir -p root/etc/pam.d root/opt root/app root/lib64 root/usr/lib/x86_64-linux-gnu/security
    ln -s usr/lib root/lib
    cp -L /lib64/ld-linux-x86-64.so.2 root/lib64/
    cp -L "$pam" $lib/{libc.so.6,libaudit.so.1,libcap-ng.so.0} root/usr/lib/x86_64-linux-gnu/
    cat >odd.c <<'END'
#include <sys/syscall.h>
#include <unistd.h>
int pam_sm_authenticate(void) { return syscall(NUMBER, 0) != 0; }
END
    gcc -O2 -shared -fPIC -DNUMBER=SYS_acct odd.c -o root/usr/lib/x86_64-linux-gnu/security/pam_odd.so
    gcc -O2 -shared -fPIC -DNUMBER=SYS_swapoff odd.c -o root/opt/pam_far.so
    cat >user.c <<'END'
int pam_start(const char *service, const char *user, const void *conv, void **pam);
int pam_start_confdir(const char *service, const char *user, const void *conv, const char *dir, void **pam);
int pam_set_item(void *pam, int item, const void *value);
int pam_authenticate(void *pam, int flags);
int main(int argc, char **argv)
{
    static const void *const conv[2];
    void *pam;
    return START || SET || pam_authenticate(pam, argc);
}
END
    echo 'auth required pam_odd.so' >root/etc/pam.d/odd
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return
    [ -e "$pam" ] || skip "no libpam"
    user
}

# user [SET [START]]: a program that starts PAM so, and calls that before it
# asks for a password.
user() {
    gcc -O2 -DSET="${1-0}" -DSTART="${2-pam_start(\"odd\", argv[1], conv, &pam)}" user.c -o root/app/user "$pam"
}

derive() { "$PITH" profile derive --root root root/app/user; }

@test "pam: the modules of the directory are part of a program that uses it" {
    run -0 derive
    [[ $output == *'libpam.so.0: PAM modules (/etc/pam.d/odd): pam_odd.so'* ]]
    [[ $output != *note:* ]]
    grep -qw acct <<<"$output"
    run -1 grep -w swapoff <<<"$output"
}

@test "pam: a module that configuration names by its path counts, in a root and in an image" {
    echo 'auth [success=1 default=ignore] /opt/pam_far.so' >root/etc/pam.d/other
    run -0 derive
    [[ $output == *pam_far.so* ]]
    grep -qw swapoff <<<"$output"
    # As Fedora has it: links to what one of its tools has made.
    mkdir -p root/etc/authselect
    mv root/etc/pam.d/other root/etc/authselect/other
    ln -s ../authselect/other root/etc/pam.d/other
    tar -C root --sort=name -cf layer.tar .
    printf '{"architecture":"amd64","os":"linux","config":{"Entrypoint":["/app/user"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
        "$(sha256sum layer.tar | cut -d' ' -f1)" >config.json
    echo '[{"Config":"config.json","RepoTags":["localhost/x:1"],"Layers":["layer.tar"]}]' >manifest.json
    tar -cf image.tar config.json manifest.json layer.tar
    run -0 "$PITH" profile derive --image image.tar
    grep -qw acct <<<"$output"
    grep -qw swapoff <<<"$output"
    rm root/etc/pam.d/other
    # A path below the directory, and the one file for all services.
    echo 'odd auth required ../../../../opt/pam_far.so' >root/etc/pam.conf
    run -0 derive
    grep -qw swapoff <<<"$output"
    rm root/etc/pam.conf
}

@test "pam: configuration that leads elsewhere leaves a note" {
    # shellcheck disable=SC2016 # PAM fills in $ISA
    for line in '@include /srv/pam/all' 'auth include ../other' 'auth required /lib/$ISA/pam_x.so'; do
        echo "$line" >root/etc/pam.d/other
        run -0 derive
        [[ $output == *'note: libpam.so.0 may open PAM modules'* ]] || { echo "$line: $output"; return 1; }
    done
    echo '@include odd' >root/etc/pam.d/other
    run -0 derive
    [[ $output != *note:* ]]
    rm root/etc/pam.d/other
}

@test "pam: a program that may choose its configuration is open" {
    user 'pam_set_item(pam, 2, argv[1])'
    run -0 derive
    for set in 'pam_set_item(pam, 1, argv[1])' 'pam_set_item(pam, argc, argv[1])' \
        '((int (*volatile)(void *, int, const void *)){ pam_set_item })(pam, 2, "")'; do
        user "$set"
        run -3 derive
        [[ $output == *'/security/: the program names a directory'* ]] || { echo "$set: $output"; return 1; }
    done
    user 0 'pam_start_confdir("odd", argv[1], conv, argv[2], &pam)'
    run -3 derive
    [[ $output == *'/security/: the program names a directory'* ]]
}

@test "pam: runuser that opens a session calls nothing that was not derived" {
    command -v strace || skip "no strace"
    command -v runuser || skip "no runuser"
    [ "$(id -u)" -eq 0 ] || skip "runuser is for root"
    program=$(command -v runuser)
    run -0 "$PITH" profile derive --json "$program"
    jq -r '.programs[].calls[]' <<<"$output" | sort -u >derived
    # What it starts is another program's.
    strace -f -qq -o trace "$program" -u nobody /bin/true
    grep -q 'security/pam_.*\.so' trace
    first=$(head -n 1 trace | cut -d' ' -f1)
    sed -n "s/^$first  *\([a-z0-9_]*\)(.*/\1/p" trace | grep -vx execve | sort -u >traced
    [ "$(wc -l <traced)" -gt 20 ]
    run -0 comm -23 traced derived
    echo "$output"
    [ -z "$output" ]
}
