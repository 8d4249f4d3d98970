#ifndef INIT_WHO_H
#define INIT_WHO_H

/* who: what /proc says of a process, as long as there is one of that number. */
#include <stdint.h>

struct who {
	char name[32]; /* as ps(1) has it, or empty */
};

struct who who_is(uint32_t pid);

#endif
