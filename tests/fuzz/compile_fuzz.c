/*
 * What parses compiles, and the filter is proven: a proof that fails is a
 * mistake of the compiler or of the proof.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "seccomp/compile.h"
#include "seccomp/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_policy struct policy policy;
	struct compile_options options = { .allow_exec = size & 8,
					   .is_plain = size & 4 };
	auto_buf struct buf blob = { 0 };
	struct err err;

	policy_init(&policy, arch_all[size % 4]);
	if (policy_parse(&policy, (struct slice){ (const char *)data, size },
			 &err) < 0)
		return 0;
	if (compile_filter(&blob, &policy, &options, &err) < 0 &&
	    strstr(err.text, "proof"))
		abort();
	return 0;
}
