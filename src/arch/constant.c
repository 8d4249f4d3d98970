#include "arch/constant.h"

#include "arch/arch.h"

static const struct constant {
	const char *name;
	uint8_t family;
	uint64_t value;
} constants[] = {
#define C(family, name, value) { #name, FAMILY_##family, value },
#include "arch/constant.inc"
#undef C
};

enum { CONSTANTS = sizeof(constants) / sizeof(constants[0]) };

/* Where ARM, 32 and 64 bits, differs from all others. */
static const struct constant on_arm[] = {
	{ "O_DIRECTORY", FAMILY_O, 0x4000 },
	{ "O_NOFOLLOW", FAMILY_O, 0x8000 },
	{ "O_DIRECT", FAMILY_O, 0x10000 },
	{ "O_LARGEFILE", FAMILY_O, 0x20000 },
	{ "O_TMPFILE", FAMILY_O, 0x404000 },
};

static const char *const families[FAMILIES] = {
	[FAMILY_NONE] = "",	    [FAMILY_AF] = "AF",
	[FAMILY_ARCH] = "ARCH",	    [FAMILY_AT] = "AT",
	[FAMILY_BPF] = "BPF",	    [FAMILY_CLOCK] = "CLOCK",
	[FAMILY_CLONE] = "CLONE",   [FAMILY_F] = "F",
	[FAMILY_FUTEX] = "FUTEX",   [FAMILY_IOCTL] = "IOCTL",
	[FAMILY_KEYCTL] = "KEYCTL", [FAMILY_MADV] = "MADV",
	[FAMILY_MAP] = "MAP",	    [FAMILY_MFD] = "MFD",
	[FAMILY_MS] = "MS",	    [FAMILY_O] = "O",
	[FAMILY_PER] = "PER",	    [FAMILY_PR] = "PR",
	[FAMILY_PROT] = "PROT",	    [FAMILY_PTRACE] = "PTRACE",
	[FAMILY_RLIMIT] = "RLIMIT", [FAMILY_S] = "S",
	[FAMILY_SCHED] = "SCHED",   [FAMILY_SECCOMP] = "SECCOMP",
	[FAMILY_SHM] = "SHM",	    [FAMILY_SIG] = "SIG",
	[FAMILY_SOCK] = "SOCK",	    [FAMILY_SOL] = "SOL",
};

enum constant_family constant_family_find(struct slice name)
{
	for (int i = FAMILY_NONE + 1; i < FAMILIES; i++)
		if (slice_eq(name, families[i]))
			return (enum constant_family)i;
	return FAMILY_NONE;
}

bool constant_is_flags(enum constant_family family)
{
	switch (family) {
	case FAMILY_AT:
	case FAMILY_CLONE:
	case FAMILY_MAP:
	case FAMILY_MFD:
	case FAMILY_MS:
	case FAMILY_O:
	case FAMILY_PER:
	case FAMILY_PROT:
	case FAMILY_S:
	case FAMILY_SHM:
		return true;
	default:
		return false;
	}
}

static uint64_t value_on(const struct arch *arch,
			 const struct constant *constant)
{
	if (arch != &arch_aarch64 && arch != &arch_armhf)
		return constant->value;
	for (size_t i = 0; i < sizeof(on_arm) / sizeof(on_arm[0]); i++)
		if (constant->family == on_arm[i].family &&
		    strcmp(constant->name, on_arm[i].name) == 0)
			return on_arm[i].value;
	return constant->value;
}

static bool is_of(const struct constant *constant, enum constant_family family)
{
	return family == FAMILY_NONE || constant->family == family;
}

bool constant_find(uint64_t *value, const struct arch *arch,
		   enum constant_family family, struct slice name)
{
	for (size_t i = 0; i < CONSTANTS; i++) {
		if (!is_of(&constants[i], family) ||
		    !slice_eq(name, constants[i].name))
			continue;
		*value = value_on(arch, &constants[i]);
		return true;
	}
	return false;
}

const char *constant_name(const struct arch *arch, enum constant_family family,
			  uint64_t value)
{
	for (size_t i = 0; family != FAMILY_NONE && i < CONSTANTS; i++)
		if (constants[i].family == family &&
		    value_on(arch, &constants[i]) == value)
			return constants[i].name;
	return NULL;
}

enum constant_family constant_at(const char **name, uint64_t *value,
				 const struct arch *arch, size_t i)
{
	if (i >= CONSTANTS)
		return FAMILY_NONE;
	*name = constants[i].name;
	*value = value_on(arch, &constants[i]);
	return (enum constant_family)constants[i].family;
}

const char *constant_nearest(enum constant_family family, struct slice word)
{
	const char *names[CONSTANTS];

	for (size_t i = 0; i < CONSTANTS; i++)
		names[i] = is_of(&constants[i], family) ? constants[i].name
							: NULL;
	int near = slice_nearest(word, names, CONSTANTS);

	return near < 0 ? NULL : names[near];
}
