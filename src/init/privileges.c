#include "init/privileges.h"

#include <stdbool.h>

#include "init/plan.h"
#include "init/steps.h"
#include "kernel/ids.h"

/*
 * Before the bounding set, within which alone something can become
 * inheritable, and before the secure bits, which forbid it. The ids may then
 * change, since secure bits keep capabilities across that.
 */
int privileges_raise_ambient(struct steps_child *child)
{
	const uint64_t bits = child->plan->service.ambient.bits;
	struct caps caps = child->plan->caps;

	caps.inheritable = bits;
	return caps_set(&caps) < 0 ? -1 : caps_raise_ambient(bits);
}

/*
 * Before the ids change, for both need CAP_SETPCAP in the effective set.
 * Without that capability no_new_privs makes the bounding set moot, since no
 * execve can gain anything.
 */
int privileges_drop_bounding(struct steps_child *child)
{
	const struct service *service = &child->plan->service;

	return caps_drop_bounding(service->bounding.is_set
					  ? service->bounding.bits
					  : service->ambient.bits);
}

/*
 * Before the ids change, for the same reason. These bits keep capabilities
 * across that change (PR_SET_KEEPCAPS is not needed), so privileges_clear must
 * follow. Where SecureBits= has its own they are set once that is over.
 */
int privileges_lock_bits(struct steps_child *child)
{
	return child->plan->service.secure_bits.is_set ? caps_keep()
						       : caps_lock_securebits();
}

/* Groups, then gid, then uid: each of the first two needs what uid 0 has. */
int privileges_set_groups(struct steps_child *child)
{
	const struct service *s = &child->plan->service;
	uint32_t groups[SERVICE_GROUPS_MAX];

	for (size_t i = 0; i < s->group_count; i++)
		groups[i] = s->groups[i].id;
	return ids_set_groups(groups, s->group_count);
}

int privileges_set_gid(struct steps_child *child)
{
	return ids_set_gid(child->plan->service.group.id);
}

int privileges_set_uid(struct steps_child *child)
{
	return ids_set_uid(child->plan->service.user.id);
}

/* After the ids, which would change as if these were set; see above. */
int privileges_set_bits(struct steps_child *child)
{
	return caps_set_secure_bits(child->plan->service.secure_bits.bits);
}

/* Whether execve will give uid 0 what the bounding set leaves. */
static bool is_mighty_root(const struct plan *plan)
{
	const struct service *service = &plan->service;

	return service->secure_bits.is_set &&
	       !(service->secure_bits.bits & 1) &&
	       (plan->changes_ids ? service->user.id : plan->uid) == 0;
}

/*
 * After the ids and the secure bits: it takes away the right to change them.
 * The ambient set can hold only what is permitted and inheritable, so it
 * empties with them, down to what AmbientCapabilities= asks for. With
 * no_new_privs execve gives uid 0 nothing that is not permitted here.
 */
int privileges_clear(struct steps_child *child)
{
	const struct plan *plan = child->plan;
	const uint64_t ambient = plan->service.ambient.bits;
	uint64_t kept = ambient;

	if (is_mighty_root(plan))
		kept |= plan->service.bounding.bits & plan->caps.permitted;
	return caps_set(&(struct caps){ kept, kept, ambient });
}
