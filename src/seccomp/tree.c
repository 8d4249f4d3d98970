#include "seccomp/tree.h"

#include <linux/filter.h>

#include "seccomp/emit.h"

size_t tree_emit(struct emit *emit, const struct tree_range *ranges,
		 size_t count)
{
	if (count == 1)
		return ranges->place ? ranges->place
				     : emit_return(emit, ranges->action);
	size_t half = count / 2;
	size_t above = tree_emit(emit, ranges + half, count - half);
	size_t below = tree_emit(emit, ranges, half);

	return emit_branch(emit, BPF_JGE, ranges[half].first, above, below);
}
