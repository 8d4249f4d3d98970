#!/usr/bin/env bats
# What dynamic programs need comes into their images: Debian's programs, and
# ones compiled here for each way of finding a library. Roots are entered by
# chroot, so that nothing of this machine can help.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    export LC_ALL=C PITH=${PITH:-$PWD/build/pith} TOP=$PWD
}

setup() {
    [ "$(id -u)" = 0 ] || skip "needs root: enters images by chroot"
    cd "$BATS_TEST_TMPDIR" || return
    mkdir work && cd work || return
}

recipe() {
    printf '%s\n' "$@" >x.pith
}

# unpacked ARCHIVE: its layers become the directory root.
unpacked() {
    rm -rf root && mkdir root
    tar xOf "$1" manifest.json | jq -r '.[0].Layers[]' | while read -r layer; do
        tar xOf "$1" "$layer" | tar xzf - -C root
    done
}

# lone PROGRAM [ARGUMENT...]: an image of it, x.tar, without a derivation.
lone() {
    recipe '[Image]' "Copy=$1 /app/${1##*/}" '[Service]' "ExecStart=/app/${1##*/}" \
        SystemCallFilter=@default
    "$PITH" build --level 1 x.pith
}

# enter COMMAND...: in root, with /proc, by which a program knows its $ORIGIN.
enter() {
    mkdir -p root/proc
    unshare -fmp --mount-proc="$PWD/root/proc" chroot root "$@"
}

# A program that prints what its library's function answers.
make_pair() {
    cat >lib.c <<<'int answer(void) { return 42; }'
    cat >main.c <<'C'
#include <stdio.h>
int answer(void);
int main(void) { printf("answer %d\n", answer()); return 0; }
C
    mkdir -p lib
    gcc -shared -fPIC -Wl,-soname,libanswer.so.1 -o lib/libanswer.so.1 lib.c
    ln -sf libanswer.so.1 lib/libanswer.so
    gcc -o main main.c -Llib -lanswer "$@"
}

@test "closure: programs of Debian start in images that hold nothing else" {
    while read -r program arguments; do
        lone "$program"
        unpacked x.tar
        # shellcheck disable=SC2086 # arguments are words
        run -0 enter "/app/${program##*/}" $arguments
        [ -n "$output" ]
    done <<'LIST'
/usr/bin/redis-server --version
/usr/sbin/nginx -v
/usr/bin/strace --version
/usr/bin/curl --version
/usr/bin/jq --version
/usr/bin/rg --version
/usr/bin/xz --version
LIST
}

@test "closure: the same libraries as the loader maps, for 100 programs" {
    run "$TOP/tests/closure-corpus" 100
    echo "$output"
    [ "$status" = 0 ]
    [[ $output == *'100 programs compared, 0 differ' ]]
}

@test "closure: a redis image serves, with its filter" {
    command -v runc >/dev/null || skip "no runc; see scripts/setup"
    "$PITH" build --level 1 -o x.tar /usr/bin/redis-server -- \
        --port 0 --unixsocket /tmp/s --save ''
    unpacked x.tar
    chroot root /init -- /app/redis-server --port 0 --unixsocket /tmp/s --save '' \
        >log 2>&1 3>&- &
    local init=$!
    for _ in $(seq 300); do
        redis-cli -s root/tmp/s ping >/dev/null 2>&1 && break
        sleep 0.1
    done
    redis-cli -s root/tmp/s set key value
    run -0 redis-cli -s root/tmp/s get key
    [ "$output" = value ]
    kill $init
    wait $init
}

@test "closure: a library beside the program comes along by \$ORIGIN" {
    # shellcheck disable=SC2016 # the linker is to see the $
    make_pair '-Wl,-rpath,$ORIGIN/lib,--enable-new-dtags'
    "$PITH" build --level 1 main
    unpacked main.tar
    run -0 enter /app/main
    [ "$output" = 'answer 42' ]
    [ -f root/app/lib/libanswer.so.1 ]
    # One that the recipe puts there is the one that counts.
    cat >lib.c <<<'int answer(void) { return 43; }'
    gcc -shared -fPIC -Wl,-soname,libanswer.so.1 -o other.so lib.c
    recipe '[Image]' 'Copy=main /srv/main' 'Copy=other.so /srv/lib/libanswer.so.1' \
        '[Service]' ExecStart=/srv/main
    "$PITH" build --level 1 x.pith
    unpacked x.tar
    run -0 enter /srv/main
    [ "$output" = 'answer 43' ]
}

@test "closure: what only ld.so.conf finds is found without a cache" {
    make_pair
    mkdir -p sys/opt/answer sys/etc sys/usr/lib
    ln -s usr/lib sys/lib
    ln -s usr/lib64 sys/lib64
    for file in /lib64/ld-linux-x86-64.so.2 /lib/x86_64-linux-gnu/libc.so.6 \
        /lib/x86_64-linux-gnu/libgcc_s.so.1; do
        mkdir -p "sys/usr${file%/*}"
        cp -L "$file" "sys/usr$file"
    done
    cp lib/libanswer.so.1 sys/opt/answer/
    echo 'include conf.d/*' >sys/etc/ld.so.conf
    mkdir sys/etc/conf.d
    echo /opt/answer >sys/etc/conf.d/answer.conf
    recipe '[Image]' Root=sys 'Copy=main /app/main' '[Service]' ExecStart=/app/main \
        SystemCallFilter=@default
    "$PITH" build --level 1 x.pith
    unpacked x.tar
    run -0 enter /app/main
    [ "$output" = 'answer 42' ]
    [ "$(readlink root/usr/lib/x86_64-linux-gnu/libanswer.so.1)" = /opt/answer/libanswer.so.1 ]
    # Nothing from outside the sysroot.
    rm sys/opt/answer/libanswer.so.1
    ln -s "$PWD/lib/libanswer.so.1" sys/opt/answer/libanswer.so.1
    run -1 "$PITH" build x.pith
    [ "$output" = "pith: x.pith:3: main: needs libanswer.so.1, which is not in $PWD/sys" ]
}

# base NAME [OPTION...]: an image on that base; its lowest layer's bytes.
base() {
    recipe '[Image]' "Base=$1" 'Copy=hello /app/hello' '[Service]' ExecStart=/app/hello \
        SystemCallFilter=@default
    "$PITH" build -o x.tar "${@:2}" x.pith >/dev/null
    tar tvf x.tar "$(tar xOf x.tar manifest.json | jq -r '.[0].Layers[0]')" |
        awk '{ print $3 }'
}

@test "closure: Base=glibc and cc are for programs that the recipe does not have" {
    for file in /etc/ssl/certs/ca-certificates.crt /usr/share/zoneinfo/UTC /etc/mime.types; do
        [ -e "$file" ] || skip "$file is not installed"
    done
    gcc -Os -static -o hello -x c - <<<'int main(void) { return 0; }'
    cat >main.c <<'C'
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
static void *end(void *of) { pthread_exit(of); }
int main(int argc, char **argv)
{
	pthread_t thread;
	for (int i = 1; i < argc; i++)
		if (!dlopen(argv[i], RTLD_NOW))
			return puts(dlerror()), 1;
	if (pthread_create(&thread, 0, end, 0) || pthread_join(thread, 0))
		return 1;
	return puts("started") < 0;
}
C
    gcc -o main main.c
    [ "$(base static --level 12)" -le 550000 ]
    [ "$(base glibc --level 12)" -le 1550000 ]
    unpacked x.tar
    [ -f root/etc/ssl/certs/ca-certificates.crt ]
    cp main root/app/
    run -0 enter /app/main libresolv.so.2 libpthread.so.0 libdl.so.2 libnss_files.so.2
    [ "$output" = started ]
    run -1 enter /app/main libm.so.6
    [ "$(base cc --level 12)" -le 2900000 ]
    unpacked x.tar
    cp main root/app/
    run -0 enter /app/main libm.so.6 libstdc++.so.6 libgomp.so.1
    [ "$output" = started ]
    # A program of the recipe shares the base's.
    recipe '[Image]' Base=glibc 'Copy=main /app/main' '[Service]' ExecStart=/app/main \
        SystemCallFilter=@default
    "$PITH" build --level 1 x.pith
    [ "$(tar xOf x.tar manifest.json | jq '.[0].Layers | length')" = 2 ]
    unpacked x.tar
    run -0 enter /app/main
}

@test "closure: musl's loader, libc and file of paths" {
    cat >main.c <<'C'
#include <stdio.h>
int main(void) { puts("musl"); return 0; }
C
    command -v musl-gcc >/dev/null || skip "no musl-gcc; see scripts/setup"
    musl-gcc -o main main.c
    readelf -l main | grep -q ld-musl || skip "this musl-gcc links statically"
    "$PITH" build --level 1 main
    unpacked main.tar
    run -0 enter /app/main
    [ "$output" = musl ]
    run find root -name 'libc.so.6'
    [ -z "$output" ]
}

@test "closure: programs and libraries anywhere bring what they need" {
    make_pair "-Wl,-rpath,$PWD/lib"
    mkdir tree
    cp main tree/tool
    gcc -Os -static -o hello -x c - <<<'int main(void) { return 0; }'
    recipe '[Image]' 'Copy=hello /app/hello' 'Copy=tree /opt/tree' \
        'Copy=/usr/bin/env /bin/env' '[Service]' ExecStart=/app/hello \
        'ExecStartPre=/bin/env'
    "$PITH" build --level 1 x.pith
    unpacked x.tar
    run -0 enter /opt/tree/tool
    [ "$output" = 'answer 42' ]
    run -0 enter /bin/env
}

@test "closure: a library that is missing is an error, which says whose" {
    make_pair '-Wl,-rpath,/nowhere'
    run -1 --separate-stderr "$PITH" build main
    [ "$stderr" = 'pith: main: needs libanswer.so.1, which is not here' ]
    [ ! -e main.tar ]
    # And of a library's own need.
    gcc -shared -fPIC -o lib/libouter.so -x c - -Llib -lanswer \
        <<<'int answer(void); int outer(void) { return answer(); }'
    # shellcheck disable=SC2016 # the linker is to see the $
    gcc -o outer -x c - -Llib '-Wl,-rpath,$ORIGIN/lib' -Wl,--no-as-needed \
        -Wl,--allow-shlib-undefined -louter <<<'int main(void) { return 0; }'
    rm lib/libanswer.so.1
    run -1 --separate-stderr "$PITH" build outer
    [ "$stderr" = "pith: $PWD/lib/libouter.so: needs libanswer.so.1, which is not here" ]
}

@test "closure: Needs= brings what is opened at run time" {
    cat >main.c <<'C'
#include <dlfcn.h>
#include <stdio.h>
int main(void)
{
	void *z = dlopen("libz.so.1", RTLD_NOW);
	const char *(*version)(void) = z ? dlsym(z, "zlibVersion") : 0;
	puts(version ? version() : dlerror());
	return !version;
}
C
    gcc -o main main.c
    recipe '[Image]' 'Copy=main /app/main' '[Service]' ExecStart=/app/main \
        SystemCallFilter=@default
    "$PITH" build --level 1 x.pith
    unpacked x.tar
    run -1 enter /app/main
    recipe '[Image]' 'Copy=main /app/main' \
        'Needs=libz.so.1 /usr/lib/x86_64-linux-gnu/gconv/UTF-1*' \
        '[Service]' ExecStart=/app/main \
        SystemCallFilter=@default
    "$PITH" build --level 1 x.pith
    unpacked x.tar
    run -0 enter /app/main
    [ -f root/usr/lib/x86_64-linux-gnu/gconv/UTF-16.so ]
    while IFS='|' read -r key message; do
        recipe '[Image]' 'Copy=main /app/main' "$key" '[Service]' ExecStart=/app/main \
        SystemCallFilter=@default
        run -1 --separate-stderr "$PITH" build x.pith
        [ "$stderr" = "pith: x.pith:3: $message" ]
    done <<'LIST'
Needs=libgone.so|Needs: needs libgone.so, which is not here
Needs=/usr/lib/gone*.so|Needs: /usr/lib/gone*.so: nothing like it in /
Needs=lib/x.so|Needs: 'lib/x.so' is neither a library's name nor an absolute path
Root=/nowhere|Root: /nowhere: No such file or directory
LIST
}

@test "closure: Debug=yes is a layer on top, and those below stay" {
    [ -x /bin/busybox ] && ! ldd /bin/busybox >/dev/null 2>&1 || skip "no static busybox"
    gcc -o main -x c - <<<'int main(void) { return 0; }'
    for debug in no yes; do
        recipe '[Image]' Debug=$debug 'Copy=main /app/main' '[Service]' ExecStart=/app/main \
            SystemCallFilter=@default
        "$PITH" build --level 1 -o $debug.tar x.pith
        tar xOf $debug.tar manifest.json | jq -r '.[0].Layers[]' >$debug
    done
    cmp no <(head -n -1 yes)
    unpacked yes.tar
    run -0 enter /busybox/sh -c 'PATH=/busybox; ls /busybox | grep -c .; cat /etc/group | wc -l'
    [ "${lines[1]}" = 5 ]
    # Each link is a command of it.
    for link in root/busybox/*; do
        [ "${link##*/}" = busybox ] || /bin/busybox --list | grep -qx "${link##*/}"
    done
}
