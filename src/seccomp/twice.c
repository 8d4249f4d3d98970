#include "seccomp/twice.h"

#include "seccomp/machine.h"

enum { LOOK_MAX = 24, KEPT_MIN = 4 };

/* Those that compilers know as such, with all that libraries call them. */
static const char names[] =
	"setjmp _setjmp __setjmp sigsetjmp _sigsetjmp __sigsetjmp savectx "
	"vfork __vfork __libc_vfork getcontext __getcontext swapcontext "
	"__swapcontext";

static void add(struct twice *twice, uint64_t address)
{
	twice->is_full |= twice->count == TWICE_MAX;
	if (!twice->is_full)
		twice->at[twice->count++] = address;
}

static bool is_one(struct slice name)
{
	struct slice rest = SLICE(names);
	struct slice word;

	while (slice_word(&word, &rest))
		if (slice_same(word, name))
			return true;
	return false;
}

/* A static program has no names but for debuggers. */
static void see_symbols(struct twice *out, const struct module *module)
{
	struct elf_symbol symbol;

	for (uint64_t i = 0; elf_symbol_static(&symbol, &module->view, i); i++)
		if (symbol.is_defined && is_one(symbol.name))
			add(out, module->base + symbol.value);
}

void twice_find(struct twice *out, const struct program *program)
{
	struct slice rest = SLICE(names);
	struct slice name;

	*out = (struct twice){ 0 };
	while (slice_word(&name, &rest)) {
		const struct definition *d = NULL;

		while ((d = program_named(program, name, d)))
			add(out, d->address);
	}
	out->is_static = program->modules.count == 1;
	if (out->is_static)
		see_symbols(out, &program->modules.at[0]);
}

/* The kept registers that it stores by way of the first argument. */
static uint32_t kept_by(const struct insn *insn, const struct effect *e)
{
	const struct machine *machine = insn->machine;
	uint32_t stored = 0;

	if (e->store != STORE_OPERAND || e->source != SOURCE_REG ||
	    insn->base != machine->arguments[0])
		return 0;
	if (e->reg != DECODE_NONE)
		stored |= REG_BIT(e->reg);
	if (e->is_pair && e->other != DECODE_NONE)
		stored |= REG_BIT(e->other);
	return stored & machine->kept;
}

/*
 * By what no compiler makes of C: it begins with handing what its caller holds
 * to who reads the first argument, or takes its return address off the stack.
 */
static bool has_shape(const struct reach *reach, uint64_t at)
{
	const struct module *module = program_module(reach->program, at);
	uint32_t kept = 0;
	bool is_begun = false;
	struct insn insn;
	struct effect e;

	for (int i = 0; i < LOOK_MAX; i++, at += insn.len) {
		if (!module_decode(&insn, module, at) || insn.flow != FLOW_NEXT)
			break;
		effect_of(&e, &insn);
		if (e.is_pop && !is_begun)
			return true;
		is_begun |= e.writes || e.store;
		kept |= kept_by(&insn, &e);
		if (e.writes & REG_BIT(module->machine->arguments[0]))
			break;
	}
	return __builtin_popcount(kept) >= KEPT_MIN;
}

static bool is_in(const struct twice *twice, uint64_t address)
{
	for (size_t i = 0; i < twice->count; i++)
		if (twice->at[i] == address)
			return true;
	return twice->is_full;
}

bool twice_uses(const struct twice *twice, const struct reach *reach,
		const struct insn *insn, uint64_t at)
{
	const struct module *module = program_module(reach->program, at);
	const struct definition *d;
	const struct slot *slot;
	uint64_t to;

	if (!twice->count && !twice->is_static)
		return false;
	if (insn->flow != FLOW_NEXT) {
		to = reach_target(reach, insn, at);
		return to && (is_in(twice, to) ||
			      (twice->is_static && has_shape(reach, to)));
	}
	if (!insn->has_memory || insn->base != DECODE_RIP)
		return false;
	to = decode_operand(insn, at);
	slot = module_slot(module, to);
	d = slot ? program_slot(reach->program, slot) : NULL;
	return is_in(twice, d ? d->address : to);
}
