#ifndef SECCOMP_IDIOM_H
#define SECCOMP_IDIOM_H

/*
 * idiom: the few places in well-known libraries where a number goes through
 * memory that threads share, by what their sources promise.
 */
#include "seccomp/values.h"

/*
 * Decide about a syscall instruction whose number values_find() did not find.
 * True: out holds what the idiom adds, which may be nothing. False: it is
 * none of them.
 */
bool idiom_find(struct values *out, struct frames *frames, uint64_t site);

/*
 * libcap calls the system through two tables of functions that it gives to
 * nobody (libcap/cap_proc.c): whether the function at that address is in one.
 * Then all its callers are indirect calls in its own module.
 */
bool idiom_is_private_table(const struct reach *reach, uint64_t address);

/*
 * Go makes a call on every thread (src/runtime/os_linux.go) by leaving its
 * number where each finds it: syscall.runtime_doAllThreadsSyscall stores its
 * first argument, runtime.runPerThreadSyscall reads it. True for an address in
 * one of the two; *entry is where the first begins, 0 where the linker left it
 * out because nothing calls it.
 */
bool idiom_all_threads(uint64_t *entry, const struct module *module,
		       uint64_t address);

/*
 * The number of the call that the module hands on where it cannot be followed,
 * known by the module's source; or -1.
 */
int idiom_number(const struct module *module);

#endif
