#include "seccomp/emit.h"

#include <linux/filter.h>
#include <stdbool.h>

#include "data/bpf.h"

enum { REACH = UINT8_MAX }; /* what a comparison can skip */

struct filter_insn *emit_at(struct emit *emit, size_t place)
{
	return &emit->insns[FILTER_INSNS_MAX - place];
}

struct filter_insn *emit_start(struct emit *emit)
{
	return emit_at(emit, emit->count);
}

static size_t put(struct emit *emit, struct filter_insn insn)
{
	emit->count++;
	if (emit->count <= FILTER_INSNS_MAX)
		*emit_at(emit, emit->count) = insn;
	return emit->count;
}

/* How many instructions lie between the next one and that place. */
static size_t distance(const struct emit *emit, size_t place)
{
	return emit->count - place;
}

static bool is_far(const struct emit *emit, size_t place)
{
	return distance(emit, place) > REACH;
}

/* A return of that action near enough to serve again, or 0. */
static size_t find_return(struct emit *emit, uint32_t action)
{
	if (emit->count > FILTER_INSNS_MAX)
		return 0;
	/* Half the reach: what jumps to it may stand before other code. */
	for (size_t place = emit->count;
	     place && distance(emit, place) <= REACH / 2; place--) {
		const struct filter_insn *insn = emit_at(emit, place);

		if (insn->code == (BPF_RET | BPF_K) && insn->k == action)
			return place;
	}
	return 0;
}

size_t emit_return(struct emit *emit, uint32_t action)
{
	size_t place = find_return(emit, action);

	return place ? place : put(emit, bpf_return(action));
}

/*
 * A place near by from which the program gets to the one far away: a jump
 * that is there already, or a new one; for a return another return.
 */
static size_t bring_near(struct emit *emit, size_t place)
{
	if (emit->count > FILTER_INSNS_MAX)
		return emit->count;
	const struct filter_insn *target = emit_at(emit, place);

	if (target->code == (BPF_RET | BPF_K))
		return emit_return(emit, target->k);
	for (size_t at = emit->count; at && distance(emit, at) <= REACH / 2;
	     at--) {
		const struct filter_insn *insn = emit_at(emit, at);

		if (insn->code == (BPF_JMP | BPF_JA) &&
		    at - 1 - insn->k == place)
			return at;
	}
	return put(emit, bpf_skip((uint32_t)distance(emit, place)));
}

size_t emit_load(struct emit *emit, uint32_t offset)
{
	return put(emit, bpf_load(offset));
}

size_t emit_mask(struct emit *emit, uint32_t mask)
{
	return put(emit, (struct filter_insn){ BPF_ALU | BPF_AND | BPF_K, 0, 0,
					       mask });
}

size_t emit_branch(struct emit *emit, uint16_t compare, uint32_t k, size_t yes,
		   size_t no)
{
	if (yes == no)
		return yes;
	/* A jump written for one target moves the other one farther away. */
	while (is_far(emit, yes) || is_far(emit, no)) {
		if (is_far(emit, yes))
			yes = bring_near(emit, yes);
		if (is_far(emit, no))
			no = bring_near(emit, no);
	}
	return put(emit, (struct filter_insn){
				 .code = BPF_JMP | BPF_K | compare,
				 .jt = (uint8_t)distance(emit, yes),
				 .jf = (uint8_t)distance(emit, no),
				 .k = k,
			 });
}
