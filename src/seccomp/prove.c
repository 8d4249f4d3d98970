#include "seccomp/prove.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <string.h>
#include <sys/random.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/scope.h"
#include "data/bpf.h"
#include "data/filter.h"
#include "seccomp/oracle.h"
#include "seccomp/policy.h"
#include "seccomp/proof.h"

enum {
	BEYOND = 64, /* how far past the table every number is tried */
	X32_BIT = 0x40000000,
};

static int tell(const struct proof *proof, const struct bpf_data *call,
		uint32_t want, uint32_t got, struct err *err)
{
	const char *name = arch_syscall_name(proof->arch, call->nr);
	auto_buf struct buf text = { 0 };

	buf_fmt(&text, "%s(%u) arch 0x%x args", name ? name : "?", call->nr,
		call->arch);
	for (int i = 0; i < 6; i++)
		buf_fmt(&text, " 0x%llx", (unsigned long long)call->args[i]);
	buf_text(&text, ": expected ");
	bpf_print_action(&text, want);
	buf_text(&text, ", got ");
	bpf_print_action(&text, got);
	return err_set(err, 0, "%s", text.at);
}

int proof_check(const struct proof *proof, const struct bpf_data *call,
		struct err *err)
{
	struct bpf_result got;
	uint32_t want = oracle_action(&proof->oracle, call);

	if (bpf_run(&got, proof->insns, proof->count, call, err) < 0)
		return err_wrap(err, "call %u", call->nr);
	if (got.action != want)
		return tell(proof, call, want, got.action, err);
	if (got.words & ~oracle_words(&proof->oracle, call))
		return err_set(err, 0,
			       "call %u: the answer may depend on "
			       "words 0x%x, should on 0x%x",
			       call->nr, got.words,
			       oracle_words(&proof->oracle, call));
	return 0;
}

static int check_number(const struct proof *proof, uint32_t nr, struct err *err)
{
	struct bpf_data call = { .nr = nr, .arch = proof->arch->audit };

	return proof_check(proof, &call, err);
}

/* Every number of the table, its gaps, and those that come next. */
static int check_table(const struct proof *proof, struct err *err)
{
	uint32_t end = arch_syscall_max(proof->arch) + BEYOND;

	for (uint32_t nr = 0; nr <= end; nr++)
		if (check_number(proof, nr, err) < 0)
			return -1;
	return 0;
}

/*
 * Between two constants that the program compares with, all numbers are alike
 * to it, since it does no arithmetic on them (check_plain; a mask would show
 * in the loads, as what is masked are arguments). These numbers therefore
 * stand for all 2^32.
 */
static int check_constants(const struct proof *proof, struct err *err)
{
	for (size_t i = 0; i < proof->count; i++)
		for (uint32_t step = 0; step < 3; step++)
			if (check_number(proof, proof->insns[i].k + step - 1,
					 err) < 0)
				return -1;
	return 0;
}

/* x32's numbers, ARM's private ones, signs: where others got it wrong. */
static int check_known_traps(const struct proof *proof, struct err *err)
{
	static const uint32_t traps[] = {
		0x0f0000,      0x0effff,      0x3fffffff, X32_BIT,
		X32_BIT + 512, X32_BIT + 547, 0x7fffffff, 0x80000000,
		0x80000001,    0xfffffffe,    0xffffffff,
	};
	const struct arch *arch = proof->arch;

	for (size_t i = 0; i < sizeof(traps) / sizeof(traps[0]); i++)
		if (check_number(proof, traps[i], err) < 0)
			return -1;
	for (size_t i = 0; i < arch->syscall_count; i++)
		if (check_number(proof, arch->syscalls[i].nr | X32_BIT, err) <
			    0 ||
		    check_number(proof, arch->syscalls[i].nr | 1U << 31, err) <
			    0)
			return -1;
	for (uint32_t nr = 0xf0000 - BEYOND; nr <= 0xf0000 + BEYOND; nr++)
		if (check_number(proof, nr, err) < 0)
			return -1;
	return 0;
}

/*
 * A run for a foreign architecture may load that word and no other (the
 * oracle says so), hence one run answers for all numbers; three, to be plain.
 */
static int check_foreign(const struct proof *proof, uint32_t audit,
			 struct err *err)
{
	const uint32_t numbers[] = { 0, arch_syscall_max(proof->arch),
				     UINT32_MAX };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct bpf_data call = { .nr = numbers[i], .arch = audit };

		if (proof_check(proof, &call, err) < 0)
			return -1;
	}
	return 0;
}

static int check_arches(const struct proof *proof, struct err *err)
{
	const uint32_t others[] = {
		AUDIT_ARCH_I386,
		0,
		UINT32_MAX,
		proof->arch->audit ^ 1,
		proof->arch->audit ^ __AUDIT_ARCH_LE,
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (check_foreign(proof, others[i], err) < 0)
			return -1;
	for (size_t i = 0; arch_all[i]; i++)
		if (arch_all[i] != proof->arch &&
		    check_foreign(proof, arch_all[i]->audit, err) < 0)
			return -1;
	return 0;
}

/* The call that shows the right cookie. */
static struct bpf_data open_gate(const struct proof *proof, const char *name)
{
	const uint32_t *c = proof->oracle.cookie;
	struct bpf_data call = {
		.nr = (uint32_t)arch_syscall_nr(proof->arch, slice_from(name)),
		.arch = proof->arch->audit,
	};

	if (proof->arch->elf_class == 2) {
		call.args[4] = c[0] | (uint64_t)c[1] << 32;
		call.args[5] = c[2] | (uint64_t)c[3] << 32;
	} else {
		for (int i = 0; i < 3; i++)
			call.args[3 + i] = c[i];
	}
	return call;
}

static int check_every_bit(const struct proof *proof,
			   const struct bpf_data *open, struct err *err)
{
	for (int bit = 0; bit < 6 * 64; bit++) {
		struct bpf_data call = *open;

		call.args[bit / 64] ^= (uint64_t)1 << bit % 64;
		if (proof_check(proof, &call, err) < 0)
			return -1;
	}
	return 0;
}

/* Each argument but one as it should be, that one as another is. */
static int check_mixed(const struct proof *proof, const struct bpf_data *open,
		       struct err *err)
{
	for (int to = 0; to < 6; to++) {
		for (int from = 0; from < 6; from++) {
			struct bpf_data call = *open;

			call.args[to] = open->args[from];
			if (proof_check(proof, &call, err) < 0)
				return -1;
			call.args[from] = open->args[to];
			if (proof_check(proof, &call, err) < 0)
				return -1;
			call.args[to] = call.args[to] >> 32 | call.args[to]
								      << 32;
			if (proof_check(proof, &call, err) < 0)
				return -1;
		}
	}
	return 0;
}

static int check_gate(const struct proof *proof, struct err *err)
{
	static const char *const calls[] = { "execve", "execveat" };

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		struct bpf_data call = open_gate(proof, calls[i]);

		if (proof_check(proof, &call, err) < 0 ||
		    check_every_bit(proof, &call, err) < 0 ||
		    check_mixed(proof, &call, err) < 0)
			return -1;
		memset(call.args, 0, sizeof(call.args));
		if (proof_check(proof, &call, err) < 0)
			return -1;
		memset(call.args, 0xff, sizeof(call.args));
		if (proof_check(proof, &call, err) < 0)
			return -1;
	}
	return 0;
}

/*
 * Loads, masks, comparisons with constants and returns are all a filter of
 * pith's is made of; what the checks cover rests on that.
 */
static int check_plain(const struct filter *filter, struct err *err)
{
	for (size_t i = 0; i < filter->insn_count; i++) {
		uint16_t code = filter->insns[i].code;

		if (code == (BPF_LD | BPF_W | BPF_ABS) ||
		    code == (BPF_RET | BPF_K) || code == (BPF_JMP | BPF_JA) ||
		    (BPF_CLASS(code) == BPF_JMP && BPF_SRC(code) == BPF_K) ||
		    code == (BPF_ALU | BPF_AND | BPF_K))
			continue;
		return err_set(err, 0,
			       "instruction %zu: 0x%x: more than a "
			       "filter needs",
			       i, code);
	}
	return bpf_check(filter->insns, filter->insn_count, err);
}

/* Draw a cookie and put it where the filter says it goes, as init does. */
static int patch(struct proof *proof, const struct filter *filter,
		 struct err *err)
{
	uint32_t *cookie = proof->oracle.cookie;
	size_t size = sizeof(proof->oracle.cookie);

	if (getrandom(cookie, size, 0) != (ssize_t)size)
		return err_set(err, errno, "getrandom");
	for (int i = 0; i < FILTER_COOKIE_WORDS; i++) {
		if (filter->cookie[i] == FILTER_NO_WORD)
			continue;
		if (filter->cookie[i] >= proof->count)
			return err_set(err, 0, "cookie word %d is outside", i);
		proof->insns[filter->cookie[i]].k = cookie[i];
	}
	return 0;
}

static int prove(const struct proof *proof, struct err *err)
{
	if (check_table(proof, err) < 0 || check_constants(proof, err) < 0 ||
	    check_known_traps(proof, err) < 0 || check_arches(proof, err) < 0 ||
	    proof_arguments(proof, err) < 0)
		return -1;
	return proof->oracle.is_gated ? check_gate(proof, err) : 0;
}

int prove_filter(const struct filter *filter, const struct policy *policy,
		 const struct policy *guards, struct err *err)
{
	size_t count = filter->insn_count;

	if (check_plain(filter, err) < 0)
		return err_wrap(err, "proof");
	auto_free struct filter_insn *insns = mem_new(count, sizeof(*insns));
	struct proof proof = {
		.insns = insns,
		.count = count,
		.arch = policy->arch,
	};

	oracle_init(&proof.oracle, policy, guards, filter->flags & FILTER_GATE);
	memcpy(insns, filter->insns, count * sizeof(*insns));
	/* Again, for the cookie may have become part of any instruction. */
	if (patch(&proof, filter, err) < 0 ||
	    bpf_check(insns, count, err) < 0 || prove(&proof, err) < 0)
		return err_wrap(err, "proof");
	return 0;
}
