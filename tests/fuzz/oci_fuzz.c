/*
 * Profiles of engines: read or refuse. What was read prints as a policy that
 * reads back the same, and goes out again as a profile or is refused.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "seccomp/oci.h"
#include "seccomp/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same(const struct buf *a, const struct buf *b)
{
	if (a->len != b->len || (a->len && memcmp(a->at, b->at, a->len) != 0))
		abort();
}

static void go_round(const struct policy *policy)
{
	auto_policy struct policy again;
	auto_buf struct buf first = { 0 };
	auto_buf struct buf second = { 0 };
	auto_buf struct buf json = { 0 };
	struct err err;

	policy_print(&first, policy);
	policy_init(&again, policy->arch);
	if (policy_parse(&again, buf_slice(&first), &err) < 0)
		abort();
	policy_print(&second, &again);
	same(&first, &second);
	oci_export(&json, policy, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct oci_machine machine = { SLICE("CAP_SYS_ADMIN"),
					     4U << 16 | 8 };
	auto_policy struct policy policy = { .arch = arch_all[size % 4] };
	auto_buf struct buf notes = { 0 };
	struct err err;

	if (oci_import(&policy, &notes,
		       (struct slice){ (const char *)data, size }, &machine,
		       &err) == 0)
		go_round(&policy);
	return 0;
}
