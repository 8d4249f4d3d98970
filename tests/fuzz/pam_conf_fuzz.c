/* What names PAM's modules: they lie within the lines that were joined. */
#include <stdint.h>
#include <stdlib.h>

#include "data/pam_conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_buf struct buf lines = { 0 };
	struct pam_conf conf = { .has_service = size % 2 };
	struct slice module;

	pam_conf_join(&lines, (struct slice){ (const char *)data, size });
	conf.text = buf_slice(&lines);
	while (pam_conf_module(&module, &conf))
		if (!module.len || module.at < lines.at ||
		    module.at + module.len > lines.at + lines.len)
			abort();
	return 0;
}
