#include "base/scope.h"

#include <errno.h>

void scope_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}
