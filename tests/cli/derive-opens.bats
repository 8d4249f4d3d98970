#!/usr/bin/env bats
# pith profile derive: libraries that libc and others open because files of
# the root say so.

bats_require_minimum_version 1.5.0

setup_file() {
    TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export TOP PITH=${PITH:-$TOP/build/pith} LC_ALL=C
    cd "$BATS_FILE_TMPDIR" || return
    # A root with glibc alone, and a module that calls what nobody else does.
    mkdir -p root/etc root/lib64 root/lib/x86_64-linux-gnu
    cp -L /lib64/ld-linux-x86-64.so.2 root/lib64/
    cp -L /lib/x86_64-linux-gnu/libc.so.6 root/lib/x86_64-linux-gnu/
    cat >odd.c <<'END'
#include <sys/syscall.h>
#include <unistd.h>
int _nss_odd_getpwnam_r(void) { return syscall(SYS_acct, 0) != 0; }
END
    cat >user.c <<'END'
#include <pwd.h>
int main(int argc, char **argv) { return argc > 1 && getpwnam(argv[1]); }
END
    cat >plain.c <<'END'
int main(void) { return 0; }
END
    gcc -O2 -shared -fPIC -Wl,-soname,libnss_odd.so.2 odd.c -o libnss_odd.so.2
    gcc -O2 user.c -o user
    gcc -O2 plain.c -o plain
}

setup() { cd "$BATS_FILE_TMPDIR" || return; }

derive() { "$PITH" profile derive --root root --json "$@"; }
calls() { derive "$@" | jq -r '.programs[].calls[]'; }
lib=root/lib/x86_64-linux-gnu

lacks_acct() {
    calls "$1" >all
    run -1 grep -x acct all
}

@test "opens: NSS modules of nsswitch.conf are part of the program" {
    echo 'passwd: files odd' >root/etc/nsswitch.conf
    cp libnss_odd.so.2 $lib/
    run -0 "$PITH" profile derive --root root user
    [[ $output == *"NSS modules of nsswitch.conf (/etc/nsswitch.conf): libnss_odd.so.2"* ]]
    [[ $output != *note:* ]]
    calls user | grep -qx acct
    run -0 "$PITH" profile explain --root root acct user
    [[ $output == *"may be asked for libnss_odd.so.2 _nss_odd_getpwnam_r"* ]]
    # Who asks for no user has none of it.
    lacks_acct plain
}

@test "opens: a module that is named and absent, or there and not named, is not opened" {
    echo 'passwd: files odd' >root/etc/nsswitch.conf
    rm -f $lib/libnss_odd.so.2
    [ "$(derive user | jq -c '[.programs[].chosen[] | select(.read == "/etc/nsswitch.conf") |
        .absent | index("libnss_odd.so.2") != null]')" = '[true]' ]
    lacks_acct user
    cp libnss_odd.so.2 $lib/
    echo 'passwd: files' >root/etc/nsswitch.conf
    lacks_acct user
    rm root/etc/nsswitch.conf
    lacks_acct user
}

@test "opens: what is remembered is forgotten when the configuration or a module changes" {
    export XDG_CACHE_HOME=$PWD/cache
    mkdir -p cache
    echo 'passwd: files odd' >root/etc/nsswitch.conf
    rm -f $lib/libnss_odd.so.2
    lacks_acct user
    lacks_acct user
    cp libnss_odd.so.2 $lib/
    calls user | grep -qx acct
    calls user | grep -qx acct
    derive user | jq -e '.programs[].parts[] | select(.path == "/etc/nsswitch.conf") | .sha256' >first
    echo 'passwd: files' >root/etc/nsswitch.conf
    lacks_acct user
    derive user | jq -e '.programs[].parts[] | select(.path == "/etc/nsswitch.conf") | .sha256' >second
    [ "$(cat first)" != "$(cat second)" ]
}

@test "opens: a module whose own library is missing cannot be opened" {
    echo 'int nowhere(void) { return 0; }' >nowhere.c
    gcc -shared -fPIC -Wl,-soname,libnowhere.so nowhere.c -o libnowhere.so
    gcc -O2 -shared -fPIC -Wl,-soname,libnss_odd.so.2,--no-as-needed odd.c \
        ./libnowhere.so -o $lib/libnss_odd.so.2
    echo 'passwd: odd' >root/etc/nsswitch.conf
    run -0 "$PITH" profile derive --root root user
    [[ $output == *"not there: "*libnss_odd.so.2* ]]
    lacks_acct user
    rm $lib/libnss_odd.so.2
}

@test "opens: gconv modules count as long as they are harmless, else as files" {
    dir=$lib/gconv
    mkdir -p $dir
    cp /usr/lib/x86_64-linux-gnu/gconv/ISO8859-15.so $dir/
    mkdir -p root/usr/lib && ln -sfn ../../lib/x86_64-linux-gnu root/usr/lib/x86_64-linux-gnu
    cp /usr/bin/iconv .
    [ "$(derive iconv | jq -c '[.programs[].chosen[] | select(.what | startswith("gconv")) |
        [.inert, .found]]')" = '[[1,[]]]' ]
    gcc -O2 -shared -fPIC odd.c -o $dir/ODD.so
    calls iconv | grep -qx acct
    rm $dir/ODD.so
    lacks_acct iconv
    # What a module defines, or another beside it, the loader takes from libc.
    echo 'int acct(void) { return 0; } int EXTRA(void) { return 0; }' >own.c
    echo 'int acct(void); int gconv_init(void) { return acct(); }' >asks.c
    gcc -O2 -shared -fPIC -DEXTRA=gconv own.c asks.c -o $dir/ODD.so
    calls iconv | grep -qx acct
    rm $dir/ODD.so
    gcc -O2 -shared -fPIC -DEXTRA=one own.c -o $dir/OWN.so
    lacks_acct iconv
    gcc -O2 -shared -fPIC asks.c -o $dir/ODD.so
    calls iconv | grep -qx acct
    rm $dir/ODD.so $dir/OWN.so
    lacks_acct iconv
    # A module that is elsewhere is not looked for, and so noted.
    echo 'module ODD// INTERNAL /elsewhere/ODD 1' >$dir/gconv-modules
    derive iconv | jq -e '.programs[].notes[] | select(test("gconv"))'
}

# A program whose main opens that name by that function, with more to link.
opens() {
    cat >opens.c <<END
#include <dlfcn.h>
void *g_module_open(const char *name, int flags);
int one(void);
int main(void) { return $1("$2", 1) != 0 EXTRA; }
END
    gcc -O2 -DEXTRA="${3-}" opens.c -o opens "${@:4}"
}

@test "opens: a path that depends on the working directory is open" {
    mkdir -p plugins
    gcc -O2 -shared -fPIC -Wl,-soname,libplug.so odd.c -o plugins/libplug.so
    for name in ./plugins/libplug.so plugins/libplug.so '$LIB/libplug.so'; do
        opens dlopen "$name"
        run -3 "$PITH" profile derive opens
        [[ $output == *"$name: in the working directory"* ]]
    done
    run -0 "$PITH" profile derive --with plugins/libplug.so opens
    opens dlopen '$ORIGIN/plugins/libplug.so'
    run -0 "$PITH" profile derive opens
    [[ $output == *': $ORIGIN/plugins/libplug.so: libplug.so'* ]]
}

@test "opens: a path is another file than a library of the same name" {
    mkdir -p plugins linked
    echo 'int one(void) { return 0; }' >one.c
    gcc -shared -fPIC -Wl,-soname,libplug.so one.c -o linked/libplug.so
    cat >more.c <<'END'
#include <sys/syscall.h>
#include <unistd.h>
__attribute__((constructor)) static void start(void) { syscall(SYS_acct, 0); }
END
    gcc -O2 -shared -fPIC -Wl,-soname,libplug.so more.c -o plugins/libplug.so
    opens dlopen "$PWD/plugins/libplug.so" '+one()' linked/libplug.so -Wl,-rpath,"$PWD/linked"
    "$PITH" profile derive --json opens | jq -r '.programs[].calls[]' | grep -qx acct
}

@test "opens: names that GLib completes are open" {
    glib=/usr/lib/x86_64-linux-gnu/libgmodule-2.0.so.0
    [ -e $glib ] || skip "no libgmodule"
    opens g_module_open "$PWD/plugins/libplug" '' $glib
    run -3 "$PITH" profile derive opens
    [[ $output == *"$PWD/plugins/libplug: a name that GLib completes"* ]]
    opens g_module_open libnothing.so.7 '' $glib
    run -0 "$PITH" profile derive opens
}

# An image of user, with libnss_odd.so.2, whose etc is conf/.
image() {
    rm -rf image && mkdir -p image/app image/lib64 image/lib/x86_64-linux-gnu
    printf 'int main(void) { return 0; }\n' | gcc -O2 -x c - -o image/app/quiet
    cp user image/app/
    cp -L /lib64/ld-linux-x86-64.so.2 image/lib64/
    cp -L /lib/x86_64-linux-gnu/libc.so.6 libnss_odd.so.2 image/lib/x86_64-linux-gnu/
    cp -a conf image/etc
    tar -C image --sort=name -cf layer.tar .
    printf '{"architecture":"amd64","os":"linux","config":{"Entrypoint":["/app/user"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
        "$(sha256sum layer.tar | cut -d' ' -f1)" >config.json
    echo '[{"Config":"config.json","RepoTags":["localhost/x:1"],"Layers":["layer.tar"]}]' >manifest.json
    tar -cf image.tar config.json manifest.json layer.tar
}

@test "opens: an image's nsswitch.conf may be a link" {
    rm -rf conf && mkdir -p conf/authselect
    echo 'passwd: files odd' >conf/authselect/nsswitch.conf
    ln -s authselect/nsswitch.conf conf/nsswitch.conf
    image
    calls=$("$PITH" profile derive --json --image image.tar | jq -r '.programs[].calls[]')
    grep -qx acct <<<"$calls"
    # By a name under which none is looked for it is an error, and no guess.
    mkdir conf/apart
    mv conf/authselect/nsswitch.conf conf/apart/own
    ln -sf apart/own conf/nsswitch.conf
    image
    run -1 --separate-stderr "$PITH" profile derive --image image.tar
    [[ $stderr == *'/etc/nsswitch.conf: a link to /etc/apart/own, '* ]]
    rm conf/nsswitch.conf
    ln conf/apart/own conf/nsswitch.conf
    image
    run -1 --separate-stderr "$PITH" profile derive --image image.tar
    [[ $stderr == *'/etc/nsswitch.conf: a link to /etc/apart/own, '* ]]
    # Two links to one file; and who does not ask for it is not held up by them.
    ln -s nsswitch.conf conf/gconv-modules
    image
    run -0 "$PITH" profile derive --image image.tar /app/quiet
    run -1 "$PITH" profile derive --image image.tar
    rm conf/gconv-modules
    # A link to nothing is no file.
    rm conf/nsswitch.conf conf/apart/own
    ln -s apart/own conf/nsswitch.conf
    image
    run -0 "$PITH" profile derive --image image.tar
}

@test "opens: a static program with glibc that opens libraries is open" {
    cat >static.c <<'END'
#include <dlfcn.h>
int main(int argc, char **argv) { return argc > 1 && dlopen(argv[1], RTLD_NOW); }
END
    gcc -O2 -static static.c -o static
    run -3 "$PITH" profile derive static
    [[ $output == *'dlopen in a static program'* ]]
    run -0 "$PITH" profile derive --complete static
    gcc -O2 -static plain.c -o static
    run -0 "$PITH" profile derive static
    # musl does not open any then.
    musl=$TOP/build/sysroot/x86_64/bin/musl-gcc
    [ -x "$musl" ] || musl='musl-gcc'
    printf 'void *dlopen(const char *, int);\nint main(int c, char **v) { return dlopen(v[c - 1], 1) != 0; }\n' >static.c
    "$musl" -O2 -static static.c -o static
    run -0 "$PITH" profile derive static
}

# looks LIBRARY TEXT: a library of that soname that looks up a name that it
# makes, in a function that has that text, by g_module_symbol(); and a program
# that uses it.
looks() {
    cat >looks.c <<END
#include <stdio.h>
int g_module_symbol(void *module, const char *name, void **symbol);
int look(const char *what)
{
    char name[64];
    void *symbol;
    snprintf(name, sizeof(name), "%s%s_load", "$2", what);
    return g_module_symbol(0, name, &symbol);
}
END
    cat >asks.c <<'END'
#include <sys/syscall.h>
#include <unistd.h>
int look(const char *what);
int g_io_odd_load(void) { return syscall(SYS_acct, 0) != 0; }
int g_io_odd_save(void) { return syscall(SYS_swapoff, 0) != 0; }
const char *const text = "g_io_odd_save";
int main(int argc, char **argv) { return look(argv[argc - 1]); }
END
    mkdir -p looks
    gcc -O2 -shared -fPIC -Wl,-soname,"$1" looks.c -o "looks/$1" $glib
    gcc -O2 -rdynamic asks.c -o asks "looks/$1" -Wl,-rpath,"$PWD/looks"
    "$PITH" profile derive --json asks >looks.json || [ $? -eq 3 ]
    looked=$(jq -r '.programs[].calls[]' looks.json | grep -x -e acct -e swapoff | tr '\n' ' ')
}

@test "opens: what GIO looks up by a name that it makes is called, and no more" {
    glib=/usr/lib/x86_64-linux-gnu/libgmodule-2.0.so.0
    [ -e $glib ] || skip "no libgmodule"
    looks libgio-2.0.so.0 g_io_
    [ "$looked" = 'acct ' ]
    # Another lookup of that library is not known, nor one of another library:
    # then each name that stands anywhere as a text is called.
    looks libgio-2.0.so.0 g_odd_
    [ "$looked" = 'swapoff ' ]
    looks libother.so.0 g_io_
    [ "$looked" = 'swapoff ' ]
}

@test "opens: a program that uses GIO is exact unless it looks up names that it makes" {
    glib=/usr/lib/x86_64-linux-gnu/libgio-2.0.so.0
    [ -e $glib ] || skip "no libgio"
    cat >vfs.c <<'END'
void *g_vfs_get_default(void);
int g_module_symbol(void *module, const char *name, void **symbol);
int main(int argc, char **argv)
{
    void *symbol = g_vfs_get_default();
    return argc > 1 && g_module_symbol(symbol, NAME, &symbol);
}
END
    gcc -O2 -DNAME='"no_such_name"' vfs.c -o vfs $glib ${glib/gio/gmodule}
    run -0 "$PITH" profile derive vfs
    gcc -O2 -DNAME='argv[1]' vfs.c -o vfs $glib ${glib/gio/gmodule}
    run -3 "$PITH" profile derive vfs
    [[ $output == *'g_module_open_full'*'dlopen, by its address'* ]]
}

# A libcrypto.so.3 that gets to dlsym through a table, as the real one does.
crypto() {
    cat >crypto.c <<'END'
#include <dlfcn.h>
static void *bind(void *handle, const char *name) { return dlsym(handle, name); }
static void *(*const method[])(void *, const char *) = { bind };
void *(*const *volatile methods)(void *, const char *) = method;
void *DSO_bind_func(void *handle, const char *name) { return (*methods)(handle, name); }
#ifdef WHOLE
void *DSO_global_lookup(const char *name) { return DSO_bind_func(0, name); }
#endif
void *own(char *name) { return dlsym(0, name + 1); }
END
    cat >binds.c <<'END'
#include <sys/syscall.h>
#include <unistd.h>
void *DSO_bind_func(void *handle, const char *name);
void *own(char *name);
int odd_one(void) { return syscall(SYS_acct, 0) != 0; }
int odd_two(void) { return syscall(SYS_swapoff, 0) != 0; }
const char *const text = "odd_two";
int main(int argc, char **argv) { return argc + (CALL != 0); }
END
    mkdir -p crypto
    gcc -O2 -shared -fPIC -Wl,-soname,libcrypto.so.3 "$@" crypto.c -o crypto/libcrypto.so.3
}

# binds CALL: which of the two functions that a program with that call may run.
binds() {
    gcc -O2 -rdynamic -DCALL="$1" binds.c -o binds crypto/libcrypto.so.3 -Wl,-rpath,"$PWD/crypto"
    "$PITH" profile derive --json binds | jq -r '.programs[].calls[]' >all
    grep -x -e acct -e swapoff all | tr '\n' ' '
}

@test "opens: libcrypto hands on what its own functions are given to look up" {
    crypto -DWHOLE
    [ "$(binds 'DSO_bind_func(argv, "odd_one")')" = 'acct ' ]
    [ "$(binds 'DSO_bind_func(argv, argv[1])')" = 'swapoff ' ]
    # Another lookup of that library hands on nothing.
    [ "$(binds '(own(argv[1]), DSO_bind_func(argv, "odd_one"))')" = 'acct swapoff ' ]
    # Without all of these functions it is another library.
    crypto
    [ "$(binds 'DSO_bind_func(argv, "odd_one")')" = 'acct swapoff ' ]
}

# Whatever they were seen to call must be in the list.
traced_is_in() {
    local program=$1
    strace -f -qq -o trace "$@" >/dev/null 2>&1 || :
    [ -s trace ] || return 1
    sed -n 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p' trace | grep -vx execve | sort -u >traced
    "$PITH" profile derive --json "$program" | jq -r '.programs[].calls[]' | sort -u >derived
    [ "$(wc -l <traced)" -gt 5 ]
    run -0 comm -23 traced derived
    echo "$output"
    [ -z "$output" ]
}

@test "opens: what the loader is told to add beside what is needed is open" {
    echo 'int _nss_odd_getpwnam_r(void); int main(void) { return _nss_odd_getpwnam_r(); }' >needs.c
    for tag in audit depaudit auxiliary filter; do
        if [ "$tag" = audit ] || [ "$tag" = depaudit ]; then
            gcc -O2 plain.c -Wl,--$tag,/opt/one.so -o adds
        else
            echo 'int _nss_odd_getpwnam_r(void) { return 0; }' >filter.c
            gcc -O2 -shared -fPIC filter.c -Wl,--$tag,/opt/one.so -Wl,-soname,libfilter.so -o libfilter.so
            gcc -O2 needs.c -L. -lfilter -Wl,-rpath,"$PWD" -o adds
        fi
        run -3 "$PITH" profile derive adds
        [[ $output == *'/opt/one.so: a library that the loader adds'* ]] || { echo "$tag: $output"; return 1; }
    done
}

@test "opens: what comes before all libraries stops it" {
    refused() {
        run -1 --separate-stderr "$PITH" profile derive "$@"
        [ -z "$output" ]
        [[ $stderr == *'/etc/ld.so.preload: has the loader add /opt/one.so to each program, '* ]]
    }
    printf '# /opt/none.so\n /opt/one.so:/opt/two.so\n' >root/etc/ld.so.preload
    refused --root root plain
    gcc -O2 -static plain.c -o still
    run -0 "$PITH" profile derive --root root still
    printf '# none\n' >root/etc/ld.so.preload
    run -0 "$PITH" profile derive --root root plain
    [[ $output != *preload* ]]
    rm root/etc/ld.so.preload
    rm -rf conf && mkdir conf
    image
    run -0 "$PITH" profile derive --image image.tar
    echo /opt/one.so >conf/ld.so.preload
    image
    refused --image image.tar
}

@test "opens: a program that chooses OpenSSL's modules leaves a note" {
    lib=/usr/lib/x86_64-linux-gnu/libcrypto.so.3
    [ -e "$lib" ] || skip "no libcrypto"
    cp -rL root ssl-root
    cp -L "$lib" ssl-root/lib/x86_64-linux-gnu/
    cat >ssl.c <<'END'
void *OPENSSL_INIT_new(void), *EVP_MD_fetch(void *, const char *, const char *), *ENGINE_get_first(void);
int OPENSSL_INIT_set_config_filename(void *, const char *), OPENSSL_init_crypto(unsigned long, void *);
int (*ENGINE_get_ctrl_function(void *))(void *, int, long, void *, void *);
int main(int argc, char **argv)
{
#ifdef FILE_NAME
    void *settings = OPENSSL_INIT_new();
    OPENSSL_INIT_set_config_filename(settings, argv[1]);
    OPENSSL_init_crypto(0x40, settings);
#elif defined CONTROL
    void *engine = ENGINE_get_first();
    ENGINE_get_ctrl_function(engine)(engine, argc, 0, argv[1], 0);
#endif
    return EVP_MD_fetch(0, argv[argc - 1], 0) == 0;
}
END
    for kind in NOTHING FILE_NAME CONTROL; do
        gcc -O2 -D$kind ssl.c -o ssl-root/ssl-$kind "$lib"
        run -0 "$PITH" profile derive --root ssl-root ssl-root/ssl-$kind
        printf '%s\n' "$output" | grep 'note: libcrypto.so.3 may open' >notes || :
        case $kind in
        NOTHING) [ ! -s notes ] ;;
        FILE_NAME) [ "$(wc -l <notes)" -eq 2 ] ;;
        CONTROL) grep -q engines notes ;;
        esac
    done
}

@test "opens: Debian's programs call nothing that was not derived" {
    command -v strace || skip "no strace"
    traced_is_in /usr/bin/id nobody
    traced_is_in /usr/bin/getent passwd no-such-user
    traced_is_in /usr/bin/getent hosts localhost
    traced_is_in /usr/bin/iconv -f ISO-8859-15 -t EUC-JP /etc/hostname
    traced_is_in /usr/bin/openssl list -providers -provider legacy
    traced_is_in /usr/bin/gsettings list-schemas
    traced_is_in /usr/bin/gresource list /usr/lib/x86_64-linux-gnu/libgio-2.0.so.0
}

@test "derive: the number that libseccomp looks up by itself" {
    command -v strace || skip "no strace"
    ldd /usr/bin/lexgrog | grep -q libseccomp || skip "no program with libseccomp"
    run -0 "$PITH" profile derive /usr/bin/lexgrog
    traced_is_in /usr/bin/lexgrog --version
    grep -qx seccomp traced
}
