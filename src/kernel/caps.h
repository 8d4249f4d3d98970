#ifndef KERNEL_CAPS_H
#define KERNEL_CAPS_H

/*
 * caps: capabilities(7) by raw system calls. libcap would cost PID 1 12 KB,
 * and libc's setuid family talks to threads that do not exist here.
 */
#include <stdbool.h>
#include <stdint.h>

struct caps {
	uint64_t effective;
	uint64_t permitted;
	uint64_t inheritable;
};

enum caps_bit {
	CAPS_KILL = 5,
	CAPS_SETGID = 6,
	CAPS_SETUID = 7,
	CAPS_SETPCAP = 8,
};

static inline bool caps_has(const struct caps *caps, enum caps_bit bit)
{
	return caps->effective >> bit & 1;
}

/* Each returns 0, or -1 with errno set. */
int caps_get(struct caps *caps);

/* The kernel also drops what is no longer permitted from the ambient set. */
int caps_set(const struct caps *caps);

/* Empty the bounding set, whatever its size; needs CAP_SETPCAP. */
int caps_drop_bounding(void);

/*
 * Lock the secure bits so that neither uid 0, nor a change of uid, nor the
 * ambient set ever gives capabilities again; needs CAP_SETPCAP. From here on
 * changing the uid keeps capabilities: empty them by caps_set afterwards.
 */
int caps_lock_securebits(void);

#endif
