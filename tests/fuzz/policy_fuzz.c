/* Policy text: whatever it says, parse or refuse; what parses prints. */
#include <stddef.h>
#include <stdint.h>

#include "arch/arch.h"
#include "base/err.h"
#include "seccomp/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct policy policy;
	struct err err;

	policy_init(&policy, &arch_armhf);
	policy_parse(&policy, (struct slice){ (const char *)data, size }, &err);
	return 0;
}
