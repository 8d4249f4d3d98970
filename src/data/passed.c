#include "data/passed.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/scope.h"
#include "data/bpf.h"
#include "data/filter.h"

/* What the returns that a call can get to say. */
struct answers {
	bool passes;
	bool refuses;
};

static bool lets_pass(uint32_t action)
{
	uint32_t what = action & SECCOMP_RET_ACTION_FULL;

	return what == SECCOMP_RET_ALLOW || what == SECCOMP_RET_LOG;
}

static struct answers ask(const struct filter *filter,
			  const struct bpf_data *call, uint8_t *reached)
{
	struct answers out = { 0 };

	bpf_follow(reached, filter->insns, filter->insn_count, call);
	for (size_t i = 0; i < filter->insn_count; i++) {
		const struct filter_insn *insn = &filter->insns[i];

		if (!reached[i] || insn->code != (BPF_RET | BPF_K))
			continue;
		if (lets_pass(insn->k))
			out.passes = true;
		else
			out.refuses = true;
	}
	return out;
}

int passed_of(struct passed *out, const struct filter *filter,
	      const struct arch *arch, struct err *err)
{
	auto_free uint8_t *reached = mem_new(filter->insn_count, 1);

	out->count = 0;
	if (bpf_check(filter->insns, filter->insn_count, err) < 0)
		return -1;
	for (size_t i = 0; i < arch->syscall_count; i++) {
		struct bpf_data call = { .nr = arch->syscalls[i].nr,
					 .arch = filter->audit };
		bool is_exec = strcmp(arch->syscalls[i].name, "execve") == 0;
		struct answers answers = ask(filter, &call, reached);

		if (!answers.passes || out->count == PASSED_MAX ||
		    (is_exec && filter->flags & FILTER_GATE))
			continue;
		out->has_conditions[out->count] = answers.refuses;
		out->nr[out->count++] = call.nr;
	}
	return 0;
}
