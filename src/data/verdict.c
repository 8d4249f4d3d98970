#include "data/verdict.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "data/filter.h"

enum { FIRST_ARGUMENT = 4 }; /* words before it: number, architecture, ip */

struct verdict verdict_run(const struct filter *filter,
			   const uint32_t call[VERDICT_WORDS])
{
	struct verdict out = { SECCOMP_RET_ERRNO | EPERM, false };
	uint32_t value = 0;

	for (uint32_t at = 0; at < filter->insn_count; at++) {
		const struct filter_insn *insn = &filter->insns[at];
		uint32_t k = insn->k;
		bool is_true = false;

		switch (insn->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			k /= sizeof(*call);
			if (k >= VERDICT_WORDS)
				return out;
			out.by_arguments |= k >= FIRST_ARGUMENT;
			value = call[k];
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			value &= k;
			continue;
		case BPF_JMP | BPF_JA:
			/* Never back, whatever k is. */
			if (k >= filter->insn_count)
				return out;
			at += k;
			continue;
		case BPF_RET | BPF_K:
			out.action = k;
			return out;
		case BPF_JMP | BPF_JEQ | BPF_K:
			is_true = value == k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			is_true = value > k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			is_true = value >= k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			is_true = value & k;
			break;
		default:
			return out;
		}
		at += is_true ? insn->jt : insn->jf;
	}
	return out;
}
