#include "seccomp/compile.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/scope.h"
#include "data/bpf.h"
#include "data/filter.h"
#include "seccomp/guards.h"
#include "seccomp/policy.h"
#include "seccomp/prove.h"
#include "seccomp/tree.h"

/*
 * A filter is a prologue (foreign ABIs, numbers nobody knows), libseccomp's
 * tree over the numbers, and a block for each call whose arguments matter.
 * The tree says "trace, MARK" for such a call; that return is replaced by a
 * jump to the block, whose distance has 32 bits where those of comparisons
 * have 8. A call that no block concerns costs loads of arch and nr only,
 * which is what the kernel's bitmap of always allowed calls asks for.
 */
enum mark {
	MARK_GATE = 1,
	MARK_GUARD, /* this plus the guard's index */
};

enum {
	ACTION_DENY = SECCOMP_RET_ERRNO | EPERM,
	X32_FIRST = 0x40000000,
	GATE_WORDS_32 = 3,
	/*
	 * What a cookie word is until it is drawn. Not zero: that is what a
	 * new program's registers hold, and a filter that was installed as it
	 * lies in the file must not open for it.
	 */
	COOKIE_UNSET = 0x70697468,
};

struct program {
	struct filter_insn insns[FILTER_INSNS_MAX];
	size_t count; /* may exceed FILTER_INSNS_MAX: then it is too long */
	uint16_t cookie[FILTER_COOKIE_WORDS];
};

static void emit(struct program *program, struct filter_insn insn)
{
	if (program->count < FILTER_INSNS_MAX)
		program->insns[program->count] = insn;
	program->count++;
}

/* Skip the rest of the prologue for numbers that the table knows. */
static void emit_unknown(struct program *program, const struct arch *arch)
{
	uint32_t max = arch_syscall_max(arch);

	if (arch == &arch_x86_64) {
		/* -1 is a call that a tracer took away, not one of x32's. */
		emit(program, bpf_if_above(max, 0, 4));
		emit(program, bpf_if_equal(UINT32_MAX, 1, 0));
		emit(program, bpf_if_above(X32_FIRST - 1, 1, 0));
		emit(program, bpf_return(SECCOMP_RET_ERRNO | ENOSYS));
		emit(program, bpf_return(SECCOMP_RET_KILL_PROCESS));
	} else if (arch->private_first) {
		emit(program, bpf_if_above(max, 0, 3));
		emit(program, bpf_if_above(arch->private_last, 1, 0));
		emit(program, bpf_if_above(arch->private_first - 1, 1, 0));
		emit(program, bpf_return(SECCOMP_RET_ERRNO | ENOSYS));
	} else {
		emit(program, bpf_if_above(max, 0, 1));
		emit(program, bpf_return(SECCOMP_RET_ERRNO | ENOSYS));
	}
}

/* A call made through another ABI means another call: before any rule. */
static void emit_prologue(struct program *program, const struct arch *arch)
{
	emit(program, bpf_load(BPF_ARCH));
	emit(program, bpf_if_equal(arch->audit, 1, 0));
	emit(program, bpf_return(SECCOMP_RET_KILL_PROCESS));
	emit(program, bpf_load(BPF_NR));
	emit_unknown(program, arch);
}

static uint32_t action_of(const struct policy *policy, bool allow_exec,
			  const struct arch_syscall *call)
{
	struct slice name = slice_from(call->name);
	const struct guard *guard = guard_find(name);

	if (!allow_exec && slice_eq(name, "execve"))
		return SECCOMP_RET_TRACE | MARK_GATE;
	if (!allow_exec && slice_eq(name, "execveat"))
		return SECCOMP_RET_KILL_PROCESS;
	if (guard && guard->test == GUARD_ALWAYS)
		return guard->verdict;
	if (slice_eq(name, "execve"))
		return SECCOMP_RET_ALLOW; /* or nothing could be started */
	if (!policy_allows(policy, call->nr))
		return ACTION_DENY;
	if (guard && guard_applies(guard, policy))
		return SECCOMP_RET_TRACE |
		       (uint32_t)(MARK_GUARD + (guard - guards));
	return SECCOMP_RET_ALLOW;
}

static int emit_tree(struct program *program, const struct policy *policy,
		     bool allow_exec, struct err *err)
{
	const struct arch *arch = policy->arch;
	auto_free struct tree_rule *rules = mem_new(arch->syscall_count,
						    sizeof(*rules));
	size_t room = FILTER_INSNS_MAX - program->count;
	size_t count = 0;

	for (size_t i = 0; i < arch->syscall_count; i++) {
		const struct arch_syscall *call = &arch->syscalls[i];
		uint32_t action = action_of(policy, allow_exec, call);

		if (action == ACTION_DENY || (i && call[-1].nr == call->nr))
			continue;
		rules[count++] = (struct tree_rule){ call->nr, action };
	}
	if (tree_make(program->insns + program->count, &room, rules, count,
		      ACTION_DENY, err) < 0)
		return -1;
	program->count += room;
	return 0;
}

/*
 * The gate compares the arguments that execve has no use for: both halves of
 * the fifth and sixth, or where registers have 32 bits the last three.
 */
static uint32_t gate_offset(const struct arch *arch, unsigned int word)
{
	if (arch->elf_class == 2)
		return bpf_arg_low(4) + 4 * word;
	return bpf_arg_low(3 + word);
}

static void emit_gate(struct program *program, const struct arch *arch)
{
	unsigned int words = arch->elf_class == 2 ? FILTER_COOKIE_WORDS
						  : GATE_WORDS_32;

	for (unsigned int i = 0; i < words; i++) {
		uint8_t to_kill = (uint8_t)(2 * (words - i) - 1);

		emit(program, bpf_load(gate_offset(arch, i)));
		program->cookie[i] = (uint16_t)program->count;
		emit(program, bpf_if_equal(COOKIE_UNSET + i, 0, to_kill));
	}
	emit(program, bpf_return(SECCOMP_RET_ALLOW));
	emit(program, bpf_return(SECCOMP_RET_KILL_PROCESS));
}

static void emit_guard(struct program *program, const struct guard *guard)
{
	uint8_t left = guard->value_count;

	emit(program, bpf_load(bpf_arg_low(guard->arg)));
	if (guard->test == GUARD_BITS) {
		emit(program, bpf_if_any_bit(guard->mask, 1, 0));
	} else {
		for (; left; left--)
			emit(program,
			     bpf_if_equal(guard->values[left - 1], left, 0));
	}
	emit(program, bpf_return(SECCOMP_RET_ALLOW));
	emit(program, bpf_return(guard->verdict));
}

/* Turn the tree's returns of a mark into jumps to target, its block. */
static bool point(struct program *program, uint32_t mark, size_t target)
{
	bool is_used = false;

	for (size_t i = 0; i < target; i++) {
		struct filter_insn *insn = &program->insns[i];

		if (insn->code != (BPF_RET | BPF_K) ||
		    insn->k != (SECCOMP_RET_TRACE | mark))
			continue;
		*insn = bpf_skip((uint32_t)(target - i - 1));
		is_used = true;
	}
	return is_used;
}

static void emit_blocks(struct program *program, const struct arch *arch)
{
	/* A program already full has no target to jump to: it fails anyway. */
	if (point(program, MARK_GATE, program->count))
		emit_gate(program, arch);
	for (size_t i = 0; i < guards_count; i++) {
		if (program->count > FILTER_INSNS_MAX)
			return;
		if (point(program, (uint32_t)(MARK_GUARD + i), program->count))
			emit_guard(program, &guards[i]);
	}
}

static int check_request(const struct policy *policy,
			 const struct compile_options *options, struct err *err)
{
	static const char *const execs[] = { "execve", "execveat" };
	const struct arch *arch = policy->arch;
	const char *path = options->program.path;

	if (path && (path[0] != '/' || strlen(path) > FILTER_PATH_MAX))
		return err_set(err, 0,
			       "program %s: not an absolute path of "
			       "at most %d bytes",
			       path, FILTER_PATH_MAX);
	if (options->allow_exec)
		return 0;
	if (!arch->exec_clears_registers)
		return err_set(err, 0,
			       "%s: cannot start a program just once: "
			       "its kernel leaves registers, and so "
			       "the cookie, to the new program; allow "
			       "exec instead",
			       arch->name);
	for (size_t i = 0; i < sizeof(execs) / sizeof(execs[0]); i++) {
		int nr = arch_syscall_nr(arch, slice_from(execs[i]));

		if (policy_allows(policy, (uint32_t)nr))
			return err_set(err, 0,
				       "policy allows %s, but the "
				       "program is to start just "
				       "once: drop it or allow exec",
				       execs[i]);
	}
	return 0;
}

static int make_program(struct program *program, const struct policy *policy,
			bool allow_exec, struct err *err)
{
	for (int i = 0; i < FILTER_COOKIE_WORDS; i++)
		program->cookie[i] = FILTER_NO_WORD;
	emit_prologue(program, policy->arch);
	if (emit_tree(program, policy, allow_exec, err) < 0)
		return -1;
	emit_blocks(program, policy->arch);
	if (program->count > FILTER_INSNS_MAX)
		return err_set(err, 0,
			       "filter of %zu instructions, the "
			       "kernel takes %d",
			       program->count, FILTER_INSNS_MAX);
	return 0;
}

static struct filter describe(struct program *program, const struct arch *arch,
			      const struct compile_options *options)
{
	const struct compile_program *target = &options->program;
	struct filter filter = {
		.audit = arch->audit,
		.flags = options->allow_exec ? 0 : FILTER_GATE,
		.insn_count = (uint16_t)program->count,
		.insns = program->insns,
	};
	size_t ident_len = target->ident_len < FILTER_IDENT_SIZE
				   ? target->ident_len
				   : FILTER_IDENT_SIZE;

	memcpy(filter.cookie, program->cookie, sizeof(filter.cookie));
	if (!target->path)
		return filter;
	filter.path = target->path;
	filter.path_len = (uint16_t)strlen(target->path);
	filter.program_size = target->size;
	if (ident_len)
		memcpy(filter.ident, target->ident, ident_len);
	return filter;
}

int compile_filter(struct buf *blob, const struct policy *policy,
		   const struct compile_options *options, struct err *err)
{
	if (check_request(policy, options, err) < 0)
		return -1;
	auto_free struct program *program = mem_new(1, sizeof(*program));

	if (make_program(program, policy, options->allow_exec, err) < 0)
		return -1;
	struct filter filter = describe(program, policy->arch, options);

	if (prove_filter(&filter, policy, err) < 0)
		return -1;
	size_t size = filter_size(&filter);
	auto_free void *file = mem_new(1, size);

	filter_write(file, &filter);
	buf_add(blob, file, size);
	return 0;
}
