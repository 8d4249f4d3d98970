#!/usr/bin/env bats
# pith profile derive: the plugins of Cyrus SASL, and programs that choose by
# themselves where those are.

bats_require_minimum_version 1.5.0

setup_file() {
    TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export TOP PITH=${PITH:-$TOP/build/pith} LC_ALL=C
    export sasl=/usr/lib/x86_64-linux-gnu/libsasl2.so.2
    cd "$BATS_FILE_TMPDIR" || return
    [ -e "$sasl" ] || return 0
    # A root with the library, what it needs, and a plugin that calls what
    # nobody else does.
    mkdir -p root/etc/sasl2 root/app root/lib64 root/usr/lib/x86_64-linux-gnu/sasl2
    ln -s usr/lib root/lib
    cp -L /lib64/ld-linux-x86-64.so.2 root/lib64/
    cp -L "$sasl" /usr/lib/x86_64-linux-gnu/lib{c.so.6,crypto.so.3} root/usr/lib/x86_64-linux-gnu/
    cat >odd.c <<'END'
#include <sys/syscall.h>
#include <unistd.h>
int sasl_server_plug_init(void) { return syscall(SYS_acct, 0) != 0; }
END
    gcc -O2 -shared -fPIC odd.c -o root/usr/lib/x86_64-linux-gnu/sasl2/libodd.so
    cat >server.c <<'END'
struct callback { unsigned long id; int (*proc)(void); void *context; };
int sasl_server_init(const struct callback *callbacks, const char *name);
int sasl_client_init(const struct callback *callbacks);
int sasl_set_path(int type, char *path);
int answer(void) { return 0; }
int main(int argc, char **argv) { (void)argc, (void)argv; return MAIN; }
END
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return
    [ -e "$sasl" ] || skip "no libsasl2"
}

# server TABLES MAIN [OPTION]: a program with these tables, whose main returns
# that.
server() {
    sed "s/^int main/$1\\n&/" server.c >made.c
    gcc -O2 -DMAIN="$2" ${3+"$3"} made.c -o root/app/server "$sasl"
}

derive() { "$PITH" profile derive --root root root/app/server; }
log='{ 2, answer, 0 }' path='{ 3, answer, 0 }' conf='{ 5, answer, 0 }' option='{ 1, answer, 0 }'
main='sasl_server_init(table, "odd")'

@test "sasl: the plugins of the directory are part of a program that starts it" {
    server '' 'sasl_server_init(0, "odd")'
    run -0 derive
    [[ $output == *'libsasl2.so.2: SASL plugins: libodd.so'* ]]
    [[ $output != *'note: '*SASL* ]]
    grep -qw acct <<<"$output"
    server '' 'sasl_client_init(0)'
    run -0 derive
    # Who starts it only if somebody says so does not.
    server '' 'argc > 5'
    run -0 derive
    [[ $output != *libodd* ]]
}

@test "sasl: a table of callbacks without a path, constant or never written" {
    for kind in 'static const' static; do
        server "$kind struct callback table[] = { $log, { 0, 0, 0 } };" "$main"
        run -0 derive
        [[ $output != *'note: '*SASL* ]] || { echo "$kind: $output"; return 1; }
        for more in "$conf" "$option"; do
            server "$kind struct callback table[] = { $log, $more, { 0, 0, 0 } };" "$main"
            run -0 derive
            [[ $output == *'may open SASL plugins that its configuration lists'* ]]
        done
    done
}

open_by() {
    server "$@"
    run -3 derive
    [[ $output == *'/usr/lib/x86_64-linux-gnu/sasl2: the program names a directory'* ]] ||
        { echo "$1 $2: $output"; return 1; }
}

@test "sasl: a program that may name the directory is open" {
    open_by "static const struct callback table[] = { $log, $path, { 0, 0, 0 } };" "$main"
    open_by "static const struct callback table[] = { $path, { 0, 0, 0 } };" 'sasl_client_init(table)'
    open_by '' 'sasl_server_init(0, "odd") + sasl_set_path(0, argv[1])'
    open_by '' 'sasl_server_init((void *)argv[1], "odd")'
    # Tables that somebody may write, or that do not end.
    open_by "static struct callback table[] = { $log, { 0, 0, 0 } };" "(table[0].id = argc, $main)"
    open_by "static struct callback table[] = { $log, { 0, 0, 0 } };" \
        "((*(volatile long *)(table + 1) = argc), $main)"
    open_by "static struct callback table[] = { $log, { 0, 0, 0 } }; struct callback *volatile more = table + 1;" "$main"
    open_by "struct callback table[] = { $log, { 0, 0, 0 } };" "$main" -rdynamic
    # Its address is taken once, for two calls.
    for level in -O0 -O2 -Os; do
        open_by "static struct callback table[] = { $log, { 0, 0, 0 } }; __attribute__((noipa)) void fill(struct callback *at) { at->id = 3; }" \
            '({ struct callback *at = table; fill(at); sasl_client_init(at); })' $level
    done
    open_by 'static struct callback table[4];' "(table[argc].id = 2, $main)"
    # By its address: nobody knows with what it is called.
    open_by 'int (*volatile start)(const struct callback *, const char *) = sasl_server_init;' 'start(0, "odd")'
}

@test "sasl: configuration that lists plugins leaves a note, of a root and of an image" {
    server '' 'sasl_server_init(0, "odd")'
    printf 'mech_list: plain\n# plugin_list: /x\n' >root/etc/sasl2/odd.conf
    run -0 derive
    [[ $output == *'(/etc/sasl2/odd.conf)'* ]]
    [[ $output != *'note: '*SASL* ]]
    printf 'mech_list: plain\n Plugin_List: /x\n' >root/etc/sasl2/odd.conf
    run -0 derive
    [[ $output == *'may open SASL plugins that its configuration lists'* ]]
    tar -C root --sort=name -cf layer.tar .
    printf '{"architecture":"amd64","os":"linux","config":{"Entrypoint":["/app/server"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
        "$(sha256sum layer.tar | cut -d' ' -f1)" >config.json
    echo '[{"Config":"config.json","RepoTags":["localhost/x:1"],"Layers":["layer.tar"]}]' >manifest.json
    tar -cf image.tar config.json manifest.json layer.tar
    run -0 "$PITH" profile derive --image image.tar
    [[ $output == *'may open SASL plugins that its configuration lists'* ]]
    grep -qw acct <<<"$output"
    rm root/etc/sasl2/odd.conf
}

@test "sasl: memcached that asks for passwords calls nothing that was not derived" {
    command -v strace || skip "no strace"
    command -v memcached || skip "no memcached"
    run -0 "$PITH" profile derive --json "$(command -v memcached)"
    jq -r '.programs[].calls[]' <<<"$output" | sort -u >derived
    cat >client.py <<'END'
import socket, struct, sys, time

def request(op, key=b"", value=b""):
    head = struct.pack(">BBHBBHIIQ", 0x80, op, len(key), 0, 0, 0, len(key) + len(value), 0, 0)
    return head + key + value

for _ in range(600):
    try:
        server = socket.socket(socket.AF_UNIX)
        server.connect(sys.argv[1])
        break
    except OSError:
        time.sleep(0.1)
server.sendall(request(0x20))
print(server.recv(1000)[24:])
server.sendall(request(0x21, b"PLAIN", b"\0user\0password"))
print(server.recv(1000)[24:])
END
    user=$(id -un)
    printf 'mech_list: plain\npwcheck_method: auxprop\n' >memcached.conf
    export SASL_CONF_PATH=$PWD/memcached.conf
    strace -f -qq -o trace memcached -S -u "$user" -s "$PWD/socket" >served 2>&1 &
    tracer=$!
    run python3 client.py "$PWD/socket"
    pkill -INT -P $tracer || :
    wait $tracer || :
    [[ $output == *PLAIN*'Auth failure'* ]] || skip "no plugins: $output"
    sed -n 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p' trace | grep -vx execve | sort -u >traced
    grep -qx accept4 traced
    grep -q 'sasl2/lib.*\.so' trace
    run -0 comm -23 traced derived
    echo "$output"
    [ -z "$output" ]
}
