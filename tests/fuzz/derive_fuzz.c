#include <stdint.h>

#include "base/err.h"
#include "seccomp/derive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One file as program and loader, so that every root there is gets used. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct program_file files[] = {
		{ SLICE("program"),
		  { (const char *)data, size },
		  false,
		  false },
		{ SLICE("libc.so.6"),
		  { (const char *)data, size },
		  true,
		  false },
	};
	struct derive_link links[DERIVE_LINKS];
	struct derive derive;
	struct err err;

	if (derive_run(&derive, files, 2, &err) < 0)
		return 0;
	for (size_t i = 0; i < derive.calls.count; i++)
		derive_chain(links, &derive, derive.calls.at[i].site);
	derive_close(&derive);
	return 0;
}
