/* /proc/PID/maps from hostile bytes: what is found lies within them. */
#include <stdlib.h>
#include <string.h>

#include "data/maps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct maps_place place;
	uint64_t address = 0;

	if (size >= sizeof(address))
		memcpy(&address, data + size - sizeof(address),
		       sizeof(address));
	if (!maps_find(&place, text, address) &&
	    !maps_find(&place, text, 0x401000))
		return 0;
	if (place.path.at < text.at ||
	    place.path.at + place.path.len > text.at + text.len)
		abort();
	return 0;
}
