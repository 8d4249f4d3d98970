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
	CAPS_SYS_NICE = 23,
	CAPS_SYS_RESOURCE = 24,
	CAPS_NAMED = 41, /* from here on none has a name */
};

static inline bool caps_has(const struct caps *caps, enum caps_bit bit)
{
	return caps->effective >> bit & 1;
}

/* Each returns 0, or -1 with errno set. */
int caps_get(struct caps *caps);

/* The kernel also drops what is no longer permitted from the ambient set. */
int caps_set(const struct caps *caps);

/* Leave no more in the bounding set than keep; needs CAP_SETPCAP. */
int caps_drop_bounding(uint64_t keep);

/* Add to the ambient set what is permitted and inheritable. */
int caps_raise_ambient(uint64_t bits);

/*
 * Keep capabilities when the uid changes; caps_set_secure_bits follows.
 * Both need CAP_SETPCAP.
 */
int caps_keep(void);
int caps_set_secure_bits(uint64_t bits);

/*
 * Lock the secure bits so that neither uid 0, nor a change of uid, nor the
 * ambient set ever gives capabilities again; needs CAP_SETPCAP. From here on
 * changing the uid keeps capabilities: empty them by caps_set afterwards.
 */
int caps_lock_securebits(void);

#endif
