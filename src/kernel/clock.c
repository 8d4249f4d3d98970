#include "kernel/clock.h"

#include <time.h>
#include <unistd.h>

#include "kernel/call.h"

/* libc's own looks for the vDSO, in 700 bytes, to save one call a second. */
#ifdef SYS_clock_gettime64
enum { NR_GETTIME = SYS_clock_gettime64 };
#else
enum { NR_GETTIME = SYS_clock_gettime };
#endif

uint64_t clock_ms(void)
{
	struct {
		int64_t sec;
		int64_t nsec;
	} now = { 0 };

	kernel_call(NR_GETTIME, CLOCK_MONOTONIC, &now);
	return (uint64_t)now.sec * 1000 + (uint64_t)now.nsec / 1000000;
}
