/* Programs that an image holds: what of them pith-init reads before they run. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "init/program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char helper[PROGRAM_HELPER_MAX];
	char path[32];
	int fd = memfd_create("program", 0);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (program_helper(helper, path) &&
	    (helper[0] != '/' || !memchr(helper, 0, sizeof(helper))))
		abort();
	close(fd);
	return 0;
}
