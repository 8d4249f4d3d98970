# Of tests/enforce: small programs that are compiled here, in every shape that
# a linker gives them.
# shellcheck disable=SC2154 # what tests/enforce sets

musl=$top/build/sysroot/x86_64/bin/musl-gcc

# lives COMMAND...: under the filter; it may fail, but not by SIGSYS (31).
lives() {
    local status=0
    "$filtered" "$blob" "$@" >"$work/out" 2>&1 || status=$?
    [ "$status" != 159 ] || fail "$*: killed"
}

# hello COMPILER...: it prints a line; or cannot, since nothing takes it.
hello() {
    cat >"$work/$name.c" <<'END'
#include <stdio.h>
int main(void) { return puts("hello") < 0 || fflush(stdout) < 0; }
END
    "$@" -O2 -o "$work/$name" "$work/$name.c"
    lock "$work/$name"
    does "$work/$name"
    grep -qx hello "$work/out" || fail 'says nothing'
    lives "$work/$name" more words
    for to in '>/dev/full' '>&-' '<&- >&- 2>&-' '| true'; do
        bash -o pipefail -c "$filtered $blob $work/$name $to" 2>"$work/out" || [ $? != 159 ] ||
            fail "$to: killed"
    done
}

run_hello_musl() { hello "$musl" -static; }
run_hello_glibc() { hello gcc; }
run_hello_glibc_static() { hello gcc -static; }

# threads FLAG...: a thread for each connection, which sends back what it gets.
threads() {
    local at
    at=$(port)
    cat >"$work/$name.c" <<'END'
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
static void *serve(void *p)
{
    int fd = (int)(long)p;
    char bytes[512];
    ssize_t n;
    while ((n = read(fd, bytes, sizeof(bytes))) > 0 && write(fd, bytes, (size_t)n) == n)
        ;
    close(fd);
    return NULL;
}
int main(int argc, char **argv)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[argc - 1])) };
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    signal(SIGPIPE, SIG_IGN);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (void *)&at, sizeof(at)) || listen(fd, 64))
        return perror("bind"), 1;
    for (pthread_t thread;;) {
        int one = accept(fd, NULL, NULL);
        if (one < 0 || pthread_create(&thread, NULL, serve, (void *)(long)one))
            close(one);
        else
            pthread_detach(thread);
    }
}
END
    "$musl" -O2 -pthread "$@" -o "$work/$name" "$work/$name.c"
    lock "$work/$name"
    serve "$work/$name" "$at"
    echoes "$at" 300
    lives "$work/$name" "$at" # the port is taken
    grep -q bind "$work/out" || fail 'two on one port'
    # Threads that there is no memory for.
    prlimit --pid "$server" --as=1500000:
    echoes "$at" 100 some
    prlimit --pid "$server" --as=unlimited:
    echoes "$at" 50
    stopped TERM 143
}

run_threads() { threads -static; }
run_threads_stripped() { threads -static -s; }
run_threads_pie() { threads -static-pie -fPIE; }

# echoes PORT COUNT [some]: at once; all of them, or only some, get it back.
# Each fourth breaks off.
echoes() {
    until_so bash -c "echo >/dev/tcp/127.0.0.1/$1"
    python3 - "$@" <<'END' || fail 'what was sent does not come back'
import socket, struct, sys, threading

port, count, some = int(sys.argv[1]), int(sys.argv[2]), len(sys.argv) > 3
done = []


def one(i):
    data = bytes([i % 256]) * 20000
    with socket.create_connection(("127.0.0.1", port), timeout=60) as s:
        if i % 4 == 0:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            s.send(data)
            return done.append(i)
        sender = threading.Thread(target=lambda: (s.sendall(data), s.shutdown(socket.SHUT_WR)))
        sender.start()
        got = b""
        while part := s.recv(65536):
            got += part
        sender.join()
        if got == data:
            done.append(i)


threading.excepthook = lambda _: None
all = [threading.Thread(target=one, args=(i,)) for i in range(count)]
[t.start() for t in all]
[t.join() for t in all]
sys.exit(len(done) < (1 if some else count))
END
}
