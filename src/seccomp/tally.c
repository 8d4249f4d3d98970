#include "seccomp/tally.h"

#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "seccomp/guards.h"

int tally_init(struct tally *tally, const struct arch *arch, struct err *err)
{
	struct policy none;

	*tally = (struct tally){ .arch = arch };
	for (uint32_t nr = 0; nr < POLICY_NR_MAX; nr++) {
		tally->calls[nr].audit = arch->audit;
		tally->calls[nr].nr = nr;
	}
	/* Those for a policy that allows nothing: all there are. */
	policy_init_bare(&none, arch);
	return guards_make(&tally->guards, &none, NULL, err);
}

void tally_free(struct tally *tally)
{
	for (size_t nr = 0; nr < POLICY_NR_MAX; nr++)
		free(tally->calls[nr].first);
	for (size_t i = 0; i < tally->other_count; i++)
		free(tally->others[i].first);
	policy_free(&tally->guards);
}

/* The row of a call that the policy could not name. */
static struct tally_call *other(struct tally *tally,
				const struct tally_event *event)
{
	for (size_t i = 0; i < tally->other_count; i++)
		if (tally->others[i].nr == event->nr &&
		    tally->others[i].audit == event->audit)
			return &tally->others[i];
	if (tally->other_count == TALLY_OTHERS_MAX)
		return NULL;
	struct tally_call *call = &tally->others[tally->other_count++];

	*call = (struct tally_call){ .audit = event->audit, .nr = event->nr };
	return call;
}

static bool passes(const struct policy *policy, const struct tally_event *event)
{
	return policy_action(policy, event->nr, event->args) ==
	       SECCOMP_RET_ALLOW;
}

struct tally_call *tally_add(struct tally *tally,
			     const struct tally_event *event)
{
	struct tally_call *call;

	tally->total++;
	if (event->audit == tally->arch->audit && event->nr < POLICY_NR_MAX &&
	    arch_syscall_name(tally->arch, event->nr)) {
		call = &tally->calls[event->nr];
		call->refused += !passes(&tally->guards, event);
		call->unfit += tally->before && !passes(tally->before, event);
	} else {
		call = other(tally, event);
	}
	if (call)
		call->count++;
	return call;
}

void tally_set_first(struct tally_call *call, struct slice text)
{
	free(call->first);
	call->first = mem_text(text);
	/* A newline in a program's path would end the comment. */
	for (char *at = call->first; *at; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
}

uint64_t tally_count(const struct tally *tally, const char *name)
{
	int nr = arch_syscall_nr(tally->arch, slice_from(name));

	return nr >= 0 && nr < POLICY_NR_MAX ? tally->calls[nr].count : 0;
}

int tally_allow(struct policy *policy, const struct tally *tally,
		struct err *err)
{
	for (uint32_t nr = 0; nr < POLICY_NR_MAX; nr++) {
		if (!tally->calls[nr].count || policy_allows(policy, nr))
			continue;
		const char *name = arch_syscall_name(tally->arch, nr);

		if (policy_add(policy, slice_from(name), err) < 0)
			return -1;
	}
	/* What libc does when a filter answers clone3 with ENOSYS. */
	int clone = arch_syscall_nr(tally->arch, SLICE("clone"));

	if (!tally_count(tally, "clone3") ||
	    policy_allows(policy, (uint32_t)clone))
		return 0;
	return policy_add(policy, SLICE("clone"), err);
}
