#include "data/action.h"

#include <linux/seccomp.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"

static const struct {
	const char *name;
	uint32_t action;
} actions[] = {
	{ "allow", SECCOMP_RET_ALLOW },
	{ "kill", SECCOMP_RET_KILL_PROCESS },
	{ "kill-thread", SECCOMP_RET_KILL_THREAD },
	{ "log", SECCOMP_RET_LOG },
	{ "trap", SECCOMP_RET_TRAP },
};

enum {
	ACTIONS = sizeof(actions) / sizeof(actions[0]),
	ERRNO_NAMED = 160, /* above the last that has a name */
};

bool action_errno(uint32_t *number, struct slice word)
{
	uint32_t value;

	for (int i = 1; i < ERRNO_NAMED; i++) {
		const char *name = strerrorname_np(i);

		if (name && slice_eq(word, name)) {
			*number = (uint32_t)i;
			return true;
		}
	}
	if (!num_u32(&value, word) || value > ACTION_ERRNO_MAX)
		return false;
	*number = value;
	return true;
}

bool action_parse(uint32_t *action, struct slice word)
{
	uint32_t number;

	for (size_t i = 0; i < ACTIONS; i++) {
		if (slice_eq(word, actions[i].name)) {
			*action = actions[i].action;
			return true;
		}
	}
	if (!action_errno(&number, word))
		return false;
	*action = SECCOMP_RET_ERRNO | number;
	return true;
}

void action_print(struct buf *out, uint32_t action)
{
	const char *name = NULL;

	for (size_t i = 0; i < ACTIONS; i++)
		if (action == actions[i].action)
			name = actions[i].name;
	if ((action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO)
		name = strerrorname_np((int)(action & SECCOMP_RET_DATA));
	/* strerrorname_np says "0" for no error. */
	if (name)
		buf_text(out, name);
	else
		buf_fmt(out, "%u", action & SECCOMP_RET_DATA);
}
