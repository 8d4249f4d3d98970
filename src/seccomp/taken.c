#include "seccomp/taken.h"

#include "data/bytes.h"

/* Those that are made of a page and a distance: see pages.h. */
static void each_use(const struct reach *reach, const struct module *module,
		     const struct region *region,
		     void (*visit)(void *context, const struct module *module,
				   uint64_t address),
		     void *context)
{
	for (size_t i = 0; i < reach->uses.count; i++) {
		const struct reach_use *use = &reach->uses.at[i];

		if (use->at >= region->begin && use->at < region->end)
			visit(context, module, use->address);
	}
}

void taken_each(const struct reach *reach, const struct module *module,
		const struct region *region,
		void (*visit)(void *context, const struct module *module,
			      uint64_t address),
		void *context)
{
	each_use(reach, module, region, visit, context);
	for (uint64_t at = region->begin; at < region->end; at++) {
		const uint8_t *mark = module_mark(module, at);
		struct insn insn;

		if (mark && *mark & MARK_INSN &&
		    module_decode(&insn, module, at) && insn.is_address &&
		    insn.has_memory && insn.base == DECODE_RIP)
			visit(context, module, decode_operand(&insn, at));
	}
}

struct wanted {
	const char *ending;
	bool is_found;
};

static void see_ending(void *context, const struct module *module,
		       uint64_t address)
{
	struct wanted *wanted = context;
	struct slice text = bytes_text(module_bytes(module, address), 0);
	size_t len = strlen(wanted->ending);

	wanted->is_found |= text.len >= len && memcmp(text.at + text.len - len,
						      wanted->ending, len) == 0;
}

bool taken_text(const struct reach *reach, uint64_t at, const char *ending)
{
	const struct module *module = program_module(reach->program, at);
	const struct region *region = module_region(module, at);
	struct wanted wanted = { ending, false };

	if (region)
		taken_each(reach, module, region, see_ending, &wanted);
	return wanted.is_found;
}

struct beside {
	uint64_t address;
	bool is_here;	/* the region takes it */
	uint64_t found; /* a path's address, or 0 */
	bool is_many;
};

static void see_address(void *context, const struct module *module,
			uint64_t address)
{
	struct beside *beside = context;

	(void)module;
	beside->is_here |= address == beside->address;
}

static void see_path(void *context, const struct module *module,
		     uint64_t address)
{
	struct beside *beside = context;
	struct slice text = bytes_text(module_bytes(module, address), 0);

	if (!slice_has_prefix(text, "/") || address == beside->found)
		return;
	beside->is_many |= beside->found != 0;
	beside->found = address;
}

bool taken_path_beside(struct slice *out, uint64_t *at,
		       const struct reach *reach, uint64_t address)
{
	const struct module *module = program_module(reach->program, address);
	struct beside beside = { .address = address };

	for (size_t i = 0; i < module->regions.count; i++) {
		const struct region *region = &module->regions.at[i];

		beside.is_here = false;
		taken_each(reach, module, region, see_address, &beside);
		if (beside.is_here)
			taken_each(reach, module, region, see_path, &beside);
	}
	if (!beside.found || beside.is_many)
		return false;
	*at = beside.found;
	*out = bytes_text(module_bytes(module, beside.found), 0);
	return true;
}
