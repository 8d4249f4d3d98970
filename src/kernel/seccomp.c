#include "kernel/seccomp.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <unistd.h>

#include "kernel/call.h"

static int install(const void *insns, uint16_t count, unsigned int flags)
{
	struct {
		uint16_t len;
		const void *filter;
	} program = { count, insns };

	_Static_assert(sizeof(program) == sizeof(struct sock_fprog), "");
	return (int)kernel_call(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags,
				&program);
}

int seccomp_install(const void *insns, uint16_t count)
{
	return install(insns, count, 0);
}

int seccomp_install_heard(const void *insns, uint16_t count)
{
	int fd = install(insns, count,
			 SECCOMP_FILTER_FLAG_NEW_LISTENER |
				 SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);

	if (fd >= 0 || errno != EINVAL)
		return fd;
	return install(insns, count, SECCOMP_FILTER_FLAG_NEW_LISTENER);
}

bool seccomp_has(uint32_t action)
{
	return kernel_call(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) ==
	       0;
}
