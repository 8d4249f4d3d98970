/* Tables of sockets from hostile bytes: it ends, and reads nothing else. */
#include <stdint.h>
#include <stdlib.h>

#include "data/netlist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = { (const char *)data, size };
	struct netlist_socket socket;
	size_t before = size + 1;

	while (netlist_next(&socket, &rest)) {
		if (rest.len >= before)
			abort();
		before = rest.len;
	}
	return 0;
}
