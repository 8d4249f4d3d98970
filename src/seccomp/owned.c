#include "seccomp/owned.h"

#include <stdlib.h>

#include "data/bytes.h"
#include "seccomp/machine.h"
#include "seccomp/reach_parts.h"

/* More than glibc needs; hostile files must come to an end. */
enum { WORD = 8, STEPS_MAX = 1 << 14, NAMED_MAX = 1 << 8, OWNED_MAX = 64 };

/*
 * Exported functions whose code, or that of a nameless function which they
 * call, hands out the address of a constant structure that no other part of
 * the sources mentions. It is of so many words, from the first few of which no
 * code is pointed to. With words 0 it ends at another address that the same
 * function hands out.
 */
struct owner {
	const char *module;
	const char *functions;
	uint8_t words, empty;
};

static const struct owner owners[] = {
	/* Sun's RPC: struct clnt_ops, struct xp_ops, struct auth_ops. */
	{ "libc.so.6",
	  "clntraw_create clnttcp_create clntudp_bufcreate clntunix_create "
	  "__libc_clntudp_bufcreate",
	  6, 0 },
	{ "libc.so.6",
	  "svcraw_create svctcp_create svcfd_create svcudp_bufcreate "
	  "svcunix_create svcunixfd_create",
	  6, 0 },
	{ "libc.so.6", "authnone_create authdes_pk_create authunix_create", 5,
	  0 },
	{ "libc.so.6", "_authenticate", 4, 0 },
	/* struct _IO_jump_t of a pipe; two words of it are never used. */
	{ "libc.so.6", "popen", 21, 2 },
	/* What a temporary name becomes: a file, a directory, nothing. */
	{ "libc.so.6", "mkdtemp mkstemp tempnam", 3, 0 },
	/* The options that each program with argp has, and their parser. */
	{ "libc.so.6", "argp_parse", 2, 1 },
	/* What gives back all memory, for who looks for leaks. */
	{ "libc.so.6", "__libc_freeres", 0, 0 },
};

struct search {
	struct reach *reach;
	const struct module *module;
	const struct owner *owner;
	LIST(uint64_t) named; /* addresses that the function hands out */
	size_t steps;
};

static bool holds_code(const struct module *module, uint64_t address)
{
	const struct slot *slot = module_slot(module, address);

	return slot && slot->kind == RELOC_RELATIVE &&
	       module_is_code(module, module->base + (uint64_t)slot->addend);
}

/* As the sources have it: neither a word less nor one more. */
static bool has_shape(const struct search *search, uint64_t begin, uint64_t end)
{
	uint64_t code = begin + WORD * search->owner->empty;

	for (uint64_t at = begin; at < end; at += WORD)
		if (holds_code(search->module, at) != (at >= code))
			return false;
	return begin < end &&
	       (!search->owner->words || !holds_code(search->module, end));
}

/* Where a table ends that begins there; the same address: no table. */
static uint64_t end_of(const struct search *search, uint64_t begin)
{
	uint64_t end = begin + WORD * search->owner->words;

	for (size_t i = 0; i < search->named.count; i++) {
		uint64_t other = search->named.at[i];

		if (!search->owner->words && other > begin &&
		    (end == begin || other < end))
			end = other;
	}
	return end;
}

static void see_table(const struct search *search, uint64_t begin)
{
	uint64_t end = end_of(search, begin);

	if (search->reach->owned.count == OWNED_MAX ||
	    owned_waits(search->reach, begin) ||
	    !has_shape(search, begin, end) ||
	    module_has_pointer(search->module, begin, end) ||
	    module_has_export(search->module, begin, end))
		return;
	LIST_ADD(&search->reach->owned,
		 (struct reach_owned){ begin, end, false });
}

static bool is_exported(const struct search *search, uint64_t address)
{
	const struct program *program = search->reach->program;

	for (size_t i = 1; i < program->definitions.count; i++)
		if (program->definitions.at[i].address == address)
			return true;
	return false;
}

static void see_code(struct search *search, uint64_t begin, int depth)
{
	const struct module *module = search->module;
	const struct region *region = module_region(module, begin);
	struct insn insn;

	if (!region || region->begin != begin)
		return;
	for (uint64_t at = begin; at < region->end; at += insn.len) {
		if (search->steps++ == STEPS_MAX ||
		    !module_decode(&insn, module, at))
			return;
		if (insn.has_memory && insn.is_address &&
		    insn.base == DECODE_RIP && search->named.count < NAMED_MAX)
			LIST_ADD(&search->named, decode_operand(&insn, at));
		if (depth &&
		    (insn.flow == FLOW_CALL || insn.flow == FLOW_JUMP) &&
		    !is_exported(search, decode_target(&insn, at)))
			see_code(search, decode_target(&insn, at), depth - 1);
	}
}

static void see_function(struct search *search, struct slice name)
{
	const struct program *program = search->reach->program;
	const struct definition *d = NULL;

	search->named.count = 0;
	search->steps = 0;
	while ((d = program_named(program, name, d)))
		if (program_module(program, d->address) == search->module)
			see_code(search, d->address, 1);
	for (size_t i = 0; i < search->named.count; i++)
		see_table(search, search->named.at[i]);
}

static void see_owner(struct reach *reach, const struct module *module,
		      const struct owner *owner)
{
	struct search search = { .reach = reach,
				 .module = module,
				 .owner = owner };
	struct slice rest = slice_from(owner->functions);
	struct slice name;

	while (slice_word(&name, &rest))
		see_function(&search, name);
	free(search.named.at);
}

void owned_find(struct reach *reach)
{
	if (reach->program->machine->has_anchors)
		return;
	for (size_t i = 0; i < reach->program->modules.count; i++) {
		const struct module *module = &reach->program->modules.at[i];

		for (size_t n = 0; n < sizeof(owners) / sizeof(owners[0]); n++)
			if (slice_eq(module->name, owners[n].module))
				see_owner(reach, module, &owners[n]);
	}
}

static struct reach_owned *find(const struct reach *reach, uint64_t address)
{
	for (size_t i = 0; i < reach->owned.count; i++)
		if (address >= reach->owned.at[i].begin &&
		    address < reach->owned.at[i].end)
			return &reach->owned.at[i];
	return NULL;
}

bool owned_waits(const struct reach *reach, uint64_t address)
{
	const struct reach_owned *owned = find(reach, address);

	return owned && !owned->is_named;
}

void owned_see(struct reach *reach, uint64_t address)
{
	struct reach_owned *owned = find(reach, address);
	const struct module *module;

	if (!owned || owned->is_named)
		return;
	owned->is_named = true;
	module = program_module(reach->program, address);
	for (uint64_t at = owned->begin; at < owned->end; at += WORD) {
		const struct slot *slot = module_slot(module, at);

		if (slot)
			reach_link_slot(reach, module, slot, at, REACH_POINTER);
	}
}
