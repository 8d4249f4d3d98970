#ifndef INIT_WHO_H
#define INIT_WHO_H

/* who: what /proc says of a process, as long as there is one of that number. */
#include <stdbool.h>
#include <stdint.h>

struct who {
	char name[32];	/* as ps(1) has it, or empty */
	bool is_killed; /* a filter ended it: true for zombies alone */
};

struct who who_is(uint32_t pid);

#endif
