# What the tests of pith profile derive share, whatever the machine: programs
# whose calls are known, and what is asked of their sets. MUSL is the compiler
# of static programs, DERIVE_OPTIONS what derive is to be told of the machine.

DERIVE_OPTIONS=()

calls() {
    "$PITH" profile derive "${DERIVE_OPTIONS[@]}" --json "$@" | jq -r '.programs[].calls[]'
}

# lacks PROGRAM NAME: the program's set does not hold it.
lacks() {
    local all
    all=$(calls "$1")
    [[ $'\n'$all$'\n' != *$'\n'$2$'\n'* ]] || { echo "$1: has $2"; return 1; }
}

# has PROGRAM NAME...: the program's set holds all of these.
has() {
    local program=$1 name all
    shift
    all=$(calls "$program")
    for name; do
        grep -qx "$name" <<<"$all" || { echo "$program: no $name"; return 1; }
    done
}

# write_traps: what is called by number, by pointer, by table, by switch and by
# who knows what, in traps.c. OPEN and VARIABLE add calls that nobody can tell,
# FOREIGN one of x86's other table.
write_traps() {
    cat >traps.c <<'END'
#include <sys/syscall.h>
#include <unistd.h>
static long by_pointer(void) { return syscall(SYS_getppid); }
static long by_array(void) { return syscall(SYS_getpgid, 0); }
static long nobody(void) { return syscall(SYS_swapoff, 0); }
long (*volatile pointer)(void) = by_pointer;
static long (*const array[])(void) = { by_array, by_pointer };
static const int numbers[] = { SYS_getuid, SYS_geteuid, SYS_getgid };
__attribute__((noinline)) static long twice(long nr) { return syscall(nr) + syscall(nr); }
__attribute__((noinline)) static long cold(void) { return syscall(SYS_vhangup); }
static long by_switch(int n)
{
    switch (n) {
    case 0: return syscall(SYS_getsid, 0);
    case 1: return syscall(SYS_getpriority, 0, 0);
    case 2: return syscall(SYS_getgroups, 0, 0);
    case 3: return syscall(SYS_sched_yield);
    case 4: return syscall(SYS_sync);
    case 5: return syscall(SYS_times, 0);
    case 9: return cold();
    default: return 0;
    }
}
static long by_label(int n)
{
    static const void *const labels[] = { &&one, &&two };
    goto *labels[n & 1];
one:
    return syscall(SYS_getpid);
two:
    return syscall(SYS_getegid);
}
__attribute__((noinline)) static long tail(long nr, long a) { return syscall(nr, a); }
__attribute__((noinline)) static long last(long a) { return tail(SYS_umask, a); }
int main(int argc, char **argv)
{
    (void)argv;
#ifdef OPEN
    twice(numbers[argc & 1]);
#endif
#ifdef VARIABLE
    static volatile long nr = SYS_getuid;
    twice(nr);
#endif
#ifdef FOREIGN
    __asm__ volatile("int $0x80" : : "a"(20) : "memory");
#endif
    return (int)(pointer() + array[argc & 1]() + twice(SYS_gettid) + by_switch(argc) +
                 by_label(argc) + last(argc) + twice(argc > 1 ? SYS_getcwd : SYS_uname)) +
           0 * (int)sizeof(nobody);
}
END
}

# write_setid: setid.c, whose libc has every thread make its call.
write_setid() {
    cat >setid.c <<'END'
#include <pthread.h>
#include <unistd.h>
static void *idle(void *p) { return p; }
int main(void)
{
    pthread_t thread;
    return pthread_create(&thread, 0, idle, 0) || setgid(getgid()) || setuid(getuid());
}
END
}

# no_loop_on_the_way: explain's ways to a call name no place twice.
no_loop_on_the_way() {
    cat >loop.c <<'END'
#include <sys/syscall.h>
#include <unistd.h>
__attribute__((noinline)) static int work(int n)
{
    long sum = 0;
    while (n-- > 0) {
        if (n & 1)
            sum += syscall(SYS_getsid, n);
        else if (n & 2)
            sum -= syscall(SYS_getpgid, n);
    }
    return (int)sum;
}
int main(int argc, char **argv) { (void)argv; return work(argc); }
END
    "$MUSL" -Os -s -static -fno-asynchronous-unwind-tables loop.c -o loop
    local name
    for name in $("$PITH" profile derive --json loop | jq -r '.programs[].calls[]'); do
        run -0 "$PITH" profile explain "$name" loop
        [ -z "$(sort <<<"$output" | uniq -d)" ] || { echo "$output"; return 1; }
        [[ ${lines[1]} == *'starts at '* || ${lines[1]} == *' holds a pointer to '* ]]
    done
}
