#ifndef KERNEL_SECCOMP_H
#define KERNEL_SECCOMP_H

/* seccomp: filters as seccomp(2) takes them. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Put the calling task under a filter of count instructions, for ever. Needs
 * no_new_privs or CAP_SYS_ADMIN. Returns 0, or -1 with errno set.
 */
int seccomp_install(const void *insns, uint16_t count);

/*
 * The same, with a listener for SECCOMP_RET_USER_NOTIF: its descriptor,
 * close-on-exec. EBUSY: a filter from before has one. Who waits for an answer
 * is then woken by nothing but death (Linux 5.19): a runtime that signals its
 * threads all the time (Go) would else make each call again and again.
 */
int seccomp_install_heard(const void *insns, uint16_t count);

/* Whether the kernel has filters and knows this SECCOMP_RET_* of theirs. */
bool seccomp_has(uint32_t action);

#endif
