#include "kernel/caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "kernel/call.h"
#include "kernel/process.h"

static struct __user_cap_header_struct header(void)
{
	return (struct __user_cap_header_struct){
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
}

int caps_get(struct caps *caps)
{
	struct __user_cap_header_struct h = header();
	struct __user_cap_data_struct d[2];

	if (kernel_call(SYS_capget, &h, d) < 0)
		return -1;
	*caps = (struct caps){
		.effective = (uint64_t)d[1].effective << 32 | d[0].effective,
		.permitted = (uint64_t)d[1].permitted << 32 | d[0].permitted,
		.inheritable = (uint64_t)d[1].inheritable << 32 |
			       d[0].inheritable,
	};
	return 0;
}

int caps_set(const struct caps *caps)
{
	struct __user_cap_header_struct h = header();
	struct __user_cap_data_struct d[2];

	for (int i = 0; i < 2; i++)
		d[i] = (struct __user_cap_data_struct){
			.effective = (uint32_t)(caps->effective >> 32 * i),
			.permitted = (uint32_t)(caps->permitted >> 32 * i),
			.inheritable = (uint32_t)(caps->inheritable >> 32 * i),
		};
	return (int)kernel_call(SYS_capset, &h, d);
}

int caps_drop_bounding(uint64_t keep)
{
	long cap = 0;

	/* An option that minds no other argument; it is used 41 times. */
	do
		if (!(keep & 1) &&
		    kernel_call(SYS_prctl, PR_CAPBSET_DROP, cap) < 0)
			break;
	while (keep >>= 1, ++cap < 64);
	/* The kernel says EINVAL past its last capability, which is not 0. */
	return cap == 64 || (cap && errno == EINVAL) ? 0 : -1;
}

int caps_raise_ambient(uint64_t bits)
{
	for (long cap = 0; bits; cap++, bits >>= 1)
		if (bits & 1 &&
		    kernel_call(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE,
				cap, 0L, 0L) < 0)
			return -1;
	return 0;
}

int caps_keep(void)
{
	return caps_set_secure_bits(SECBIT_NO_SETUID_FIXUP);
}

int caps_set_secure_bits(uint64_t bits)
{
	return process_set(PR_SET_SECUREBITS, (unsigned long)bits);
}

int caps_lock_securebits(void)
{
	return process_set(
		PR_SET_SECUREBITS,
		SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
			SECBIT_NO_SETUID_FIXUP_LOCKED |
			SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
			SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED);
}
