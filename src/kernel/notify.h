#ifndef KERNEL_NOTIFY_H
#define KERNEL_NOTIFY_H

/*
 * notify: a datagram socket for sd_notify(3), under an abstract name that the
 * kernel chooses, so that it needs no writable path and no two collide where
 * containers share a network. It raises SIGIO when something has come.
 */
#include <stddef.h>
#include <sys/types.h>

enum { NOTIFY_NAME_SIZE = 8 }; /* "@" and five digits, ends with a zero */

/*
 * A close-on-exec descriptor that does not block, and its name as the variable
 * NOTIFY_SOCKET has it. -1 with errno set on failure.
 */
int notify_open(char name[NOTIFY_NAME_SIZE]);

/*
 * One datagram into buf, which may be cut, and who sent it, as the kernel
 * says. Returns its bytes, or -1 when there is none.
 */
ssize_t notify_receive(int fd, char *buf, size_t cap, pid_t *from);

#endif
