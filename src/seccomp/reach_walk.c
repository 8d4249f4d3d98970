#include "seccomp/machine.h"
#include "seccomp/reach_parts.h"
#include "seccomp/table.h"

static void follow_slot(struct reach *reach, const struct module *module,
			const struct insn *insn, uint64_t at)
{
	enum reach_kind kind = insn->flow == FLOW_CALL_TO ? REACH_CALL
							  : REACH_JUMP;
	const struct slot *slot;

	if (!insn->has_memory || insn->base != DECODE_RIP)
		return;
	slot = module_slot(module, decode_operand(insn, at));
	if (slot)
		reach_link_slot(reach, module, slot, at, kind);
}

/* What a newly found instruction leads to. */
static void visit(struct reach *reach, struct module *module,
		  const struct insn *insn, uint64_t at)
{
	reach->insn_count++;
	switch (insn->flow) {
	case FLOW_JUMP:
	case FLOW_BRANCH:
		reach_link(reach, decode_target(insn, at), at, REACH_JUMP);
		break;
	case FLOW_CALL:
		reach_link(reach, decode_target(insn, at), at, REACH_CALL);
		break;
	case FLOW_CALL_TO:
	case FLOW_JUMP_TO:
		follow_slot(reach, module, insn, at);
		break;
	case FLOW_SYSCALL:
		LIST_ADD(&reach->sites, at);
		break;
	case FLOW_FOREIGN:
		LIST_ADD(&reach->foreign, at);
		break;
	default:
		reach_refs(reach, module, insn, at);
		break;
	}
}

static void mark_insn(const struct code *code, size_t len)
{
	code->marks[0] |= MARK_INSN;
	for (size_t i = 1; i < len; i++)
		code->marks[i] |= MARK_INSIDE;
}

void reach_traverse(struct reach *reach, struct module *module, uint64_t at,
		    const struct region *region)
{
	struct code code = module_code(module, at);
	uint64_t end = region ? region->end : module_gap_end(module, at);
	uint64_t from = at;
	struct table_window window;
	struct insn insn = { .flow = FLOW_STOP };

	table_begin(&window, module);
	for (; code.len && !(*code.marks & MARK_INSN);
	     at += insn.len, code_skip(&code, insn.len)) {
		if (at >= end && module_region(module, at) != region) {
			reach_fall_through(reach, module, &insn, from);
			return;
		}
		if (at >= end)
			end = module_gap_end(module, at);
		if (!module->machine->decode(&insn, code.bytes, code.len))
			return;
		from = at;
		mark_insn(&code, insn.len);
		table_see(&window, at);
		visit(reach, module, &insn, at);
		if (insn.flow == FLOW_JUMP_TO)
			table_follow(reach, module, &window, region);
		if (decode_ends_flow(&insn))
			return;
	}
}

/*
 * The length of an instruction that was decoded before; 0 where that cannot be
 * told from the marks, since it shares bytes with another.
 */
static size_t known_len(const struct code *code)
{
	if (!(code->marks[0] & MARK_INSN) || code->marks[0] & MARK_INSIDE)
		return 0;
	for (size_t i = 1; i < code->len; i++) {
		if (!(code->marks[i] & MARK_INSIDE))
			return i;
		if (code->marks[i] & MARK_INSN)
			return 0;
	}
	return 0;
}

/*
 * Code that is reached has the right of way: bytes between that would overlap
 * it are filling, or the odd byte by which some unwind ranges begin early.
 */
static bool overlaps(const struct code *code, const struct insn *insn)
{
	for (unsigned i = 1; i < insn->len; i++)
		if (code->marks[i] & MARK_INSN)
			return true;
	return false;
}

/* One instruction of a region. Returns its length, or 0 for none. */
static size_t sweep_one(struct reach *reach, struct table_window *window,
			const struct region *region, const struct code *code,
			uint64_t at)
{
	struct module *module = program_module(reach->program, at);
	bool is_known = code->marks[0] & MARK_INSN;
	size_t len = known_len(code);
	struct insn insn;

	if (len) {
		table_see(window, at);
		return len;
	}
	if (!module->machine->decode(&insn, code->bytes, code->len) ||
	    (!is_known && overlaps(code, &insn)))
		return 0;
	table_see(window, at);
	if (is_known)
		return insn.len;
	mark_insn(code, insn.len);
	visit(reach, module, &insn, at);
	if (insn.flow == FLOW_JUMP_TO)
		table_follow(reach, module, window, region);
	return insn.len;
}

void reach_sweep(struct reach *reach, struct module *module,
		 const struct region *region)
{
	struct code code = module_code(module, region->begin);
	struct table_window window;
	struct insn insn;
	uint64_t last = 0;

	table_begin(&window, module);
	for (uint64_t at = region->begin; at < region->end;) {
		size_t len;

		/* It may go on in the next segment, and that with a gap. */
		if (!code.len)
			code = module_code(module, at);
		len = code.len ? sweep_one(reach, &window, region, &code, at)
			       : 0;
		last = len ? at : 0;
		len = len ? len : module->machine->unit;
		at += len;
		code_skip(&code, len);
	}
	reach_link_landings(reach, module, region);
	if (last && module_decode(&insn, module, last))
		reach_fall_through(reach, module, &insn, last);
}
