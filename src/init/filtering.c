#include "init/filtering.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>

#include "init/plan.h"
#include "init/steps.h"
#include "kernel/call.h"
#include "kernel/seccomp.h"

/*
 * In the child, so that the cookie was never in the memory of pith-init, and
 * into the child's copy of the filter.
 */
int filtering_draw_cookie(struct steps_child *child)
{
	struct filter *filter = &child->plan->filter;

	/* A short read is impossible below 256 bytes (random(4)). */
	if (kernel_call(SYS_getrandom, child->cookie, sizeof(child->cookie),
			0) < 0)
		return -1;
	for (int i = 0; i < FILTER_COOKIE_WORDS; i++)
		if (filter->cookie[i] != FILTER_NO_WORD)
			filter->insns[filter->cookie[i]].k = child->cookie[i];
	return 0;
}

/*
 * Whether a refusal is one that somebody has to hear of. ENOSYS is how a libc
 * is told to do without a call; only where it stands for all that the policy
 * does not name is it heard. An error 0 pretends that the call was made.
 */
static bool is_heard(const struct plan *plan, uint32_t action)
{
	uint32_t error = action & SECCOMP_RET_DATA;

	switch (action & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ERRNO:
	case SECCOMP_RET_USER_NOTIF:
		return error &&
		       (error != ENOSYS || plan->filter.flags & FILTER_ENOSYS);
	case SECCOMP_RET_KILL_PROCESS:
	case SECCOMP_RET_KILL_THREAD:
	case SECCOMP_RET_TRAP:
		return plan->is_audit;
	default:
		return false;
	}
}

/*
 * Instead of refusing a call the kernel can ask whoever holds the listener,
 * which is pith-init, since the two share descriptors until execve: it gives
 * the filter's answer, and writes a line. Without pith-init the kernel
 * refuses. The data stays where it is, so that action can be changed back.
 */
static void change_refusals(const struct plan *plan, uint32_t action)
{
	struct filter_insn *insn = plan->filter.insns;
	const struct filter_insn *end = insn + plan->filter.insn_count;

	/* Of which there is one at the least. */
	do
		if (insn->code == (BPF_RET | BPF_K) && is_heard(plan, insn->k))
			insn->k = action | (insn->k & SECCOMP_RET_DATA);
	while (++insn < end);
}

/* Last: from here on the program's own rules hold, for this task too. */
int filtering_install(struct steps_child *child)
{
	const struct plan *plan = child->plan;
	const struct filter *filter = &plan->filter;

	if (plan->is_heard) {
		change_refusals(plan, SECCOMP_RET_USER_NOTIF);
		child->report->listener = seccomp_install_heard(
			filter->insns, filter->insn_count);
		if (child->report->listener >= 0)
			return 0;
		/* No lines would look like an audit that found nothing. */
		if (plan->is_audit)
			return -1;
		/* One is enough for a stack of filters, or it is forbidden. */
		change_refusals(plan, SECCOMP_RET_ERRNO);
	}
	return seccomp_install(filter->insns, filter->insn_count);
}
