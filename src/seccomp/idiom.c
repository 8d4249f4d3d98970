#include "seccomp/idiom.h"

enum { BACK_MAX = 12, REACH_BACK = 256 };

/* The displacements from which a system call's registers were loaded. */
struct loads {
	bool is_loaded[16];
	bool is_wide[16]; /* all 64 bits come from memory */
	int64_t disp[16];
	uint32_t written;
};

static const struct insn *previous(struct insn *out,
				   const struct module *module, uint64_t *at)
{
	for (uint64_t len = 1; len <= DECODE_LEN_MAX; len++) {
		const uint8_t *mark = module_mark(module, *at - len);

		if (mark && *mark & MARK_INSN &&
		    module_decode(out, module, *at - len) && out->len == len) {
			*at -= len;
			return out;
		}
	}
	return NULL;
}

/* The loads in the straight line before an instruction. */
static void collect(struct loads *out, const struct module *module, uint64_t at)
{
	struct insn insn;
	struct effect e;

	*out = (struct loads){ 0 };
	for (int i = 0; i < BACK_MAX && previous(&insn, module, &at); i++) {
		if (insn.flow != FLOW_NEXT)
			return;
		effect_of(&e, &insn);
		if (e.dest < 16 && !(out->written & REG_BIT(e.dest)) &&
		    e.source == SOURCE_MEMORY && !e.is_maybe && !e.is_pop &&
		    insn.base < 16 && insn.base != REG_SP &&
		    insn.index == DECODE_NONE) {
			out->is_loaded[e.dest] = true;
			out->disp[e.dest] = insn.disp;
			out->is_wide[e.dest] = e.width == 8;
		}
		out->written |= e.writes;
	}
}

static bool loads_at(const struct loads *loads, uint8_t reg, int64_t disp,
		     bool is_wide)
{
	return loads->is_loaded[reg] && loads->disp[reg] == disp &&
	       loads->is_wide[reg] == is_wide;
}

/*
 * glibc, sysdeps/nptl/setxid.h: struct xid_command { int syscall_no; long
 * id[3]; ... } passes setuid and the like on to all threads. Each function
 * that fills one also has the same call inline, for a process with a single
 * thread, so these instructions add nothing to the set.
 */
static bool is_glibc_setxid(const struct loads *loads)
{
	return loads_at(loads, REG_AX, 0, false) &&
	       loads_at(loads, REG_DI, 8, true) &&
	       loads_at(loads, REG_SI, 16, true) &&
	       loads_at(loads, REG_DX, 24, true);
}

/*
 * musl, src/unistd/setxid.c: struct ctx { int id, eid, sid; int nr, ret; },
 * filled by __setxid(nr, ...) and read by a function that it hands on.
 */
static bool is_musl_setxid(const struct loads *loads)
{
	return loads_at(loads, REG_AX, 12, true) &&
	       loads_at(loads, REG_DI, 0, true) &&
	       loads_at(loads, REG_SI, 4, true) &&
	       loads_at(loads, REG_DX, 8, true);
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
	values_find(out, frames, setxid, REG_DI);
	return out->is_known;
}

bool idiom_find(struct values *out, struct frames *frames, uint64_t site)
{
	const struct module *module = program_module(frames->reach->program,
						     site);
	struct values found;
	struct loads loads;

	collect(&loads, module, site);
	if (is_glibc_setxid(&loads)) {
		out->is_known = true;
		out->count = 0;
		return true;
	}
	if (!is_musl_setxid(&loads) || !from_musl_setxid(&found, frames, site))
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

uint64_t idiom_all_threads(const struct module *module, uint64_t address)
{
	uint64_t begin;
	struct slice name = module_function(&begin, module, address);

	if (!module->is_go)
		return 0;
	if (slice_eq(name, all_threads))
		return begin;
	if (!slice_eq(name, "runtime.runPerThreadSyscall"))
		return 0;
	for (size_t i = 0; i < module->labels.count; i++)
		if (slice_eq(module->labels.at[i].name, all_threads))
			return module->labels.at[i].address;
	return 0;
}
