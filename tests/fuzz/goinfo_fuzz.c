/* What Go and Rust note in programs, from hostile bytes. */
#include <stdint.h>
#include <stdlib.h>

#include "base/err.h"
#include "data/elf_section.h"
#include "data/goinfo.h"
#include "image/rust_audit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct slice part, struct slice whole)
{
	if (part.len &&
	    (part.at < whole.at || part.at + part.len > whole.at + whole.len))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice whole = { (const char *)data, size };
	struct goinfo info;
	struct goinfo_module module;
	struct slice section;
	struct err err;

	if (goinfo_find(&info, whole)) {
		check(info.version, whole);
		while (goinfo_module(&module, &info.modules)) {
			check(module.path, whole);
			check(module.version, whole);
		}
	}
	if (elf_section_find(&section, whole, ".dep-v0"))
		check(section, whole);
	json_decref(rust_audit_read(whole, &err));
	return 0;
}
