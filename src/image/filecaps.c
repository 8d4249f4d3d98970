#include "image/filecaps.h"

#include <linux/capability.h>
#include <stdbool.h>
#include <string.h>
#include <sys/capability.h>

#include "base/err.h"

struct sets {
	uint64_t permitted, inheritable, effective;
};

static bool has(cap_t caps, cap_value_t cap, cap_flag_t flag)
{
	cap_flag_value_t value = CAP_CLEAR;

	return cap_get_flag(caps, cap, flag, &value) == 0 && value == CAP_SET;
}

static void read_sets(struct sets *out, cap_t caps)
{
	*out = (struct sets){ 0 };
	for (cap_value_t cap = 0; cap < 64; cap++) {
		uint64_t bit = UINT64_C(1) << cap;

		out->permitted |= has(caps, cap, CAP_PERMITTED) ? bit : 0;
		out->inheritable |= has(caps, cap, CAP_INHERITABLE) ? bit : 0;
		out->effective |= has(caps, cap, CAP_EFFECTIVE) ? bit : 0;
	}
}

static void put_u32(uint8_t *out, uint64_t value)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(value >> 8 * i);
}

/* struct vfs_cap_data, whose numbers are little-endian everywhere. */
static void put_sets(uint8_t *out, const struct sets *sets)
{
	put_u32(out, VFS_CAP_REVISION_2 |
			     (sets->effective ? VFS_CAP_FLAGS_EFFECTIVE : 0));
	put_u32(out + 4, sets->permitted);
	put_u32(out + 8, sets->inheritable);
	put_u32(out + 12, sets->permitted >> 32);
	put_u32(out + 16, sets->inheritable >> 32);
}

int filecaps_encode(uint8_t *out, const char *text, struct err *err)
{
	cap_t caps = cap_from_text(text);
	struct sets sets;

	if (!caps)
		return err_set(err, 0,
			       "'%s': no capabilities (such as "
			       "cap_net_bind_service=ep)",
			       text);
	read_sets(&sets, caps);
	cap_free(caps);
	uint64_t all = sets.permitted | sets.inheritable;

	if (!all)
		return err_set(err, 0, "'%s': gives no capability", text);
	if (sets.effective && sets.effective != all)
		return err_set(err, 0,
			       "'%s': a file makes all effective that it "
			       "gives, or none",
			       text);
	if (out)
		put_sets(out, &sets);
	return 0;
}
