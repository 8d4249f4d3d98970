#include "tool/calls.h"

#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/scope.h"
#include "data/bpf.h"
#include "data/filter.h"

/* In the file the cookie's words are zero, as the arguments here will be. */
static void set_cookie(struct filter_insn *insns, const struct filter *filter)
{
	for (int i = 0; i < FILTER_COOKIE_WORDS; i++)
		if (filter->cookie[i] != FILTER_NO_WORD)
			insns[filter->cookie[i]].k = UINT32_MAX;
}

int calls_of(struct calls *out, const struct filter *filter,
	     const struct arch *arch, struct err *err)
{
	size_t size = filter->insn_count * sizeof(*filter->insns);
	auto_free struct filter_insn *insns = mem_new(1, size);

	out->count = 0;
	memcpy(insns, filter->insns, size);
	set_cookie(insns, filter);
	for (size_t i = 0; i < arch->syscall_count; i++) {
		struct bpf_data data = { .nr = arch->syscalls[i].nr,
					 .arch = filter->audit };
		struct bpf_result result;

		if (bpf_run(&result, insns, filter->insn_count, &data, err) < 0)
			return -1;
		if (result.action == SECCOMP_RET_ALLOW &&
		    out->count < CALLS_MAX)
			out->nr[out->count++] = data.nr;
	}
	return 0;
}
