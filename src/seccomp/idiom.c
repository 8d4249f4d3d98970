#include "seccomp/idiom.h"

#include "arch/arch.h"
#include "seccomp/machine.h"

enum { BACK_MAX = 12, REACH_BACK = 256 };

/* The displacements from which a system call's registers were loaded. */
struct loads {
	uint8_t width[32]; /* of what is read; 0: not loaded */
	int64_t disp[32];
	uint32_t written;
};

static void see_load(struct loads *out, const struct effect *e, uint8_t reg,
		     int64_t disp)
{
	if (reg == DECODE_NONE || out->written & REG_BIT(reg))
		return;
	out->disp[reg] = disp;
	out->width[reg] = e->from_width ? e->from_width : e->width;
}

/* The loads in the straight line before an instruction. */
static void collect(struct loads *out, const struct module *module, uint64_t at)
{
	uint8_t stack = module->machine->stack;
	struct insn insn;
	struct effect e;

	*out = (struct loads){ 0 };
	for (int i = 0; i < BACK_MAX && module_previous(&insn, module, &at);
	     i++) {
		if (insn.flow != FLOW_NEXT)
			return;
		effect_of(&e, &insn);
		if (e.source == SOURCE_MEMORY && !e.is_maybe && !e.is_pop &&
		    !e.step && insn.base < 32 && insn.base != stack &&
		    insn.index == DECODE_NONE) {
			see_load(out, &e, e.dest, insn.disp);
			see_load(out, &e, e.dest_next,
				 insn.disp + (e.from_width ? e.from_width
							   : e.width));
		}
		out->written |= e.writes;
	}
}

static bool loads_at(const struct loads *loads, uint8_t reg, int64_t disp,
		     unsigned width)
{
	return loads->width[reg] == width && loads->disp[reg] == disp;
}

/* The number at an offset, and three arguments one behind the other. */
static bool loads_call(const struct loads *loads, const struct machine *machine,
		       int64_t number, int64_t arguments, unsigned width)
{
	if (!loads_at(loads, machine->number, number, 4))
		return false;
	for (int i = 0; i < 3; i++)
		if (!loads_at(loads, machine->arguments[i],
			      arguments + i * (int64_t)width, width))
			return false;
	return true;
}

/*
 * glibc, sysdeps/nptl/setxid.h: struct xid_command { int syscall_no; long
 * id[3]; ... } passes setuid and the like on to all threads. Each function
 * that fills one also has the same call inline, for a process with a single
 * thread, so these instructions add nothing to the set.
 */
static bool is_glibc_setxid(const struct loads *loads,
			    const struct machine *machine)
{
	return loads_call(loads, machine, 0, 8, 8);
}

/*
 * musl, src/unistd/setxid.c: struct ctx { int id, eid, sid; int nr, ret; },
 * filled by __setxid(nr, ...) and read by a function that it hands on.
 */
static bool is_musl_setxid(const struct loads *loads,
			   const struct machine *machine)
{
	return loads_call(loads, machine, 12, 0, 4);
}

/* The nearest address before at that carries the mark, or 0. */
static uint64_t nearest(const struct module *module, uint64_t at,
			enum module_mark wanted)
{
	for (uint64_t i = 0; i < REACH_BACK; i++) {
		const uint8_t *mark = module_mark(module, at - i);

		if (!mark)
			return 0;
		if (*mark & wanted)
			return at - i;
	}
	return 0;
}

/* Where the function that code lies in is called. */
static uint64_t called_entry(const struct module *module, uint64_t at)
{
	const struct region *region = module_region(module, at);

	return region ? region->begin : nearest(module, at, MARK_JOIN);
}

static bool from_musl_setxid(struct values *out, struct frames *frames,
			     uint64_t site)
{
	const struct reach *reach = frames->reach;
	const struct module *module = program_module(reach->program, site);
	uint64_t callback = nearest(module, site, MARK_TAKEN);
	size_t count;
	const struct reach_edge *takers = reach_takers(&count, reach, callback);

	if (!callback || count != 1 ||
	    program_module(reach->program, takers->from) != module)
		return false;
	uint64_t setxid = called_entry(module, takers->from);

	if (!setxid)
		return false;
	values_find(out, frames, setxid, module->machine->arguments[0], 4);
	return out->is_known;
}

bool idiom_find(struct values *out, struct frames *frames, uint64_t site)
{
	const struct module *module = program_module(frames->reach->program,
						     site);
	struct values found;
	struct loads loads;

	collect(&loads, module, site);
	if (is_glibc_setxid(&loads, module->machine)) {
		out->is_known = true;
		out->count = 0;
		return true;
	}
	if (!is_musl_setxid(&loads, module->machine) ||
	    !from_musl_setxid(&found, frames, site))
		return false;
	*out = found;
	return true;
}

/* Nobody outside can name it, and no code holds its address. */
static bool is_private(const struct reach *reach, uint64_t address)
{
	const struct program *program = reach->program;
	size_t count;

	reach_takers(&count, reach, address);
	if (count)
		return false;
	for (size_t i = 1; i < program->definitions.count; i++)
		if (program->definitions.at[i].address == address)
			return false;
	return true;
}

bool idiom_is_private_table(const struct reach *reach, uint64_t address)
{
	const struct module *module = program_module(reach->program, address);

	return slice_has_prefix(module->name, "libcap.so.2") &&
	       is_private(reach, address);
}

static const char all_threads[] = "syscall.runtime_doAllThreadsSyscall";

bool idiom_all_threads(uint64_t *entry, const struct module *module,
		       uint64_t address)
{
	struct slice name;

	*entry = 0;
	if (!module->is_go)
		return false;
	name = module_function(entry, module, address);
	if (slice_eq(name, all_threads))
		return true;
	*entry = 0;
	if (!slice_eq(name, "runtime.runPerThreadSyscall"))
		return false;
	for (size_t i = 0; i < module->labels.count; i++)
		if (slice_eq(module->labels.at[i].name, all_threads))
			*entry = module->labels.at[i].address;
	return true;
}

/*
 * libseccomp, src/system.c: what it gives to syscall(3) is a constant, or
 * _nr_seccomp, a variable that is filled once with what its own table has for
 * that name.
 */
int idiom_number(const struct module *module)
{
	if (!slice_has_prefix(module->name, "libseccomp.so.2"))
		return -1;
	return arch_syscall_nr(module->machine->arch, SLICE("seccomp"));
}
