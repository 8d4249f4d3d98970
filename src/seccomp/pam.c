#include "seccomp/pam.h"

#include "seccomp/derive.h"
#include "seccomp/machine.h"
#include "seccomp/values.h"

/* security/_pam_types.h */
enum { PAM_SERVICE = 1 };

static bool is_service(struct derive *derive, uint64_t call)
{
	const struct module *module = program_module(&derive->program, call);
	struct values values;

	values_find(&values, &derive->frames, call,
		    module->machine->arguments[1], 4);
	for (size_t i = 0; i < values.count; i++)
		if ((uint32_t)values.values[i].value == PAM_SERVICE)
			return true;
	return !values.is_known;
}

static bool may_set(struct derive *derive, uint64_t address)
{
	const struct module *pam = program_module(&derive->program, address);
	uint8_t mark = *module_mark(pam, address);
	size_t count;
	const struct reach_edge *edges = reach_edges(&count, &derive->reach,
						     address);

	if (mark & (MARK_UNKNOWN | MARK_TAKEN))
		return true;
	for (size_t i = 0; i < count; i++)
		if (is_service(derive, edges[i].from))
			return true;
	return false;
}

bool pam_may_choose(struct derive *derive, const struct module *pam)
{
	const struct definition *d = NULL;
	bool is_here = false;

	while ((d = program_named(&derive->program, SLICE("pam_set_item"),
				  d))) {
		if (program_module(&derive->program, d->address) != pam)
			continue;
		is_here = true;
		if (may_set(derive, d->address))
			return true;
	}
	return !is_here;
}
