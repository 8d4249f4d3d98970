#include "seccomp/oci_name.h"

#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>

#include "arch/arch.h"

/* Of two names for one action the first is written. */
static const struct {
	const char *name;
	uint32_t action;
} actions[] = {
	{ "SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW },
	{ "SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO },
	{ "SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD },
	{ "SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD },
	{ "SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS },
	{ "SCMP_ACT_LOG", SECCOMP_RET_LOG },
	{ "SCMP_ACT_NOTIFY", SECCOMP_RET_USER_NOTIF },
	{ "SCMP_ACT_TRACE", SECCOMP_RET_TRACE },
	{ "SCMP_ACT_TRAP", SECCOMP_RET_TRAP },
};

static const char *const compares[] = {
	[OCI_NE] = "SCMP_CMP_NE",
	[OCI_LT] = "SCMP_CMP_LT",
	[OCI_LE] = "SCMP_CMP_LE",
	[OCI_EQ] = "SCMP_CMP_EQ",
	[OCI_GE] = "SCMP_CMP_GE",
	[OCI_GT] = "SCMP_CMP_GT",
	[OCI_MASKED_EQ] = "SCMP_CMP_MASKED_EQ",
};

bool oci_action(uint32_t *action, const char *name)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(name, actions[i].name) == 0) {
			*action = actions[i].action;
			return true;
		}
	}
	return false;
}

const char *oci_action_name(uint32_t action)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if ((action & SECCOMP_RET_ACTION_FULL) == actions[i].action)
			return actions[i].name;
	return NULL;
}

bool oci_compare(enum oci_compare *compare, const char *name)
{
	for (int i = OCI_NE; i <= OCI_MASKED_EQ; i++) {
		if (strcmp(name, compares[i]) == 0) {
			*compare = (enum oci_compare)i;
			return true;
		}
	}
	return false;
}

const char *oci_compare_name(enum oci_compare compare)
{
	return compares[compare];
}

const char *oci_arch_name(const struct arch *arch)
{
	if (arch == &arch_x86_64)
		return "SCMP_ARCH_X86_64";
	if (arch == &arch_aarch64)
		return "SCMP_ARCH_AARCH64";
	if (arch == &arch_armhf)
		return "SCMP_ARCH_ARM";
	return "SCMP_ARCH_RISCV64";
}
