#include <string.h>

#include "arch/arch.h"
#include "data/unwind.h"
#include "seccomp/machine.h"
#include "seccomp/reach_parts.h"

enum { EXIT_BACK = 4 };

/* A system call from which nobody comes back: "mov $exit, number" before it. */
static bool is_exit(const struct module *module, uint64_t at)
{
	const struct machine *machine = module->machine;
	struct insn insn;
	struct effect e;

	for (int i = 0; i < EXIT_BACK && module_previous(&insn, module, &at);
	     i++) {
		if (insn.flow != FLOW_NEXT)
			return false;
		effect_of(&e, &insn);
		if (!(e.writes & REG_BIT(machine->number)))
			continue;
		const char *name = e.dest == machine->number &&
						   e.source == SOURCE_CONST
					   ? arch_syscall_name(machine->arch,
							       (uint32_t)e.imm)
					   : NULL;

		return name && (strcmp(name, "exit") == 0 ||
				strcmp(name, "exit_group") == 0);
	}
	return false;
}

/*
 * Some hand-written functions end their unwind range early (glibc's clone
 * does so before its syscall instruction). Behind a last call only code that
 * belongs to nobody is looked at: calls that do not return end functions.
 */
void reach_fall_through(struct reach *reach, const struct module *module,
			const struct insn *last, uint64_t at)
{
	uint64_t next = at + last->len;
	struct insn insn;

	if (decode_ends_flow(last) ||
	    (last->flow == FLOW_SYSCALL && is_exit(module, at)))
		return;
	if ((last->flow == FLOW_CALL || last->flow == FLOW_CALL_TO) &&
	    (module_region(module, next) ||
	     !module_decode(&insn, module, next) ||
	     module->machine->is_padding(&insn)))
		return;
	reach_link(reach, next, at, REACH_NEXT);
}

struct landing {
	struct reach *reach;
	const struct module *module;
	uint64_t from;
};

static void see_landing(void *context, uint64_t address)
{
	const struct landing *landing = context;

	reach_link(landing->reach, landing->module->base + address,
		   landing->from, REACH_LANDING);
}

bool reach_each_landing(const struct module *module,
			const struct region *region,
			void (*visit)(void *context, uint64_t address),
			void *context)
{
	struct unwind_range range = {
		.code = { region->begin - module->base,
			  region->end - module->base },
		.lsda = region->lsda - module->base,
	};

	return !region->lsda ||
	       unwind_landings(&module->view, &range, visit, context);
}

void reach_link_landings(struct reach *reach, const struct module *module,
			 const struct region *region)
{
	struct landing landing = { reach, module, region->begin };

	if (!reach_each_landing(module, region, see_landing, &landing))
		LIST_ADD(&reach->unlanded, region->begin);
}
