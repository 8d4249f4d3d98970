#include "kernel/rlimit.h"

#include <errno.h>
#include <unistd.h>

#include "kernel/call.h"

struct bounds {
	uint64_t soft;
	uint64_t hard;
};

int rlimit_set(int resource, uint64_t soft, uint64_t hard)
{
	struct bounds new = { soft, hard };
	struct bounds old;

	if (kernel_call(SYS_prlimit64, 0, resource, &new, &old) == 0)
		return 0;
	if (errno != EPERM ||
	    kernel_call(SYS_prlimit64, 0, resource, NULL, &old) < 0)
		return -1;
	if (new.hard > old.hard)
		new.hard = old.hard;
	if (new.soft > new.hard)
		new.soft = new.hard;
	return (int)kernel_call(SYS_prlimit64, 0, resource, &new, NULL);
}

int rlimit_get(int resource, uint64_t *soft, uint64_t *hard)
{
	struct bounds now;

	if (kernel_call(SYS_prlimit64, 0, resource, NULL, &now) < 0)
		return -1;
	*soft = now.soft;
	*hard = now.hard;
	return 0;
}
