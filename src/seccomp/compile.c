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
#include "data/harden.h"
#include "seccomp/block.h"
#include "seccomp/emit.h"
#include "seccomp/guards.h"
#include "seccomp/policy.h"
#include "seccomp/policy_edit.h"
#include "seccomp/prove.h"
#include "seccomp/rule.h"
#include "seccomp/tree.h"

/*
 * A filter tests the architecture, then searches for the number, and where
 * arguments matter goes on in a block that looks at them. It is written from
 * the end to the start: blocks, search, test (see emit.h). A call that no
 * block concerns costs loads of arch and nr only, which is what the kernel's
 * bitmap of always allowed calls asks for.
 */
enum {
	ACTION_UNKNOWN = SECCOMP_RET_ERRNO | ENOSYS,
	X32_FIRST = 0x40000000,
	GATE_WORDS_32 = 3,
	/*
	 * What a cookie word is until it is drawn. Not zero: that is what a
	 * new program's registers hold, and a filter that was installed as it
	 * lies in the file must not open for it.
	 */
	COOKIE_UNSET = 0x70697468,
	/* Every number of the table, private calls, x32's and what is between. */
	RANGES_MAX = POLICY_NR_MAX + 16,
};

/* What a filter is made of, and proven against. */
struct compile_source {
	struct policy policy;
	struct policy guards;
};

struct program {
	struct emit emit;
	size_t cookie[FILTER_COOKIE_WORDS]; /* places, 0: unused */
	struct tree_range ranges[RANGES_MAX];
	size_t range_count;
};

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

static size_t emit_gate(struct program *program, const struct arch *arch)
{
	struct emit *emit = &program->emit;
	unsigned int words = arch->elf_class == 2 ? FILTER_COOKIE_WORDS
						  : GATE_WORDS_32;
	size_t kill = emit_return(emit, SECCOMP_RET_KILL_PROCESS);
	size_t next = emit_return(emit, SECCOMP_RET_ALLOW);

	for (unsigned int i = words; i-- > 0;) {
		program->cookie[i] = emit_branch(emit, BPF_JEQ,
						 COOKIE_UNSET + i, next, kill);
		next = emit_load(emit, gate_offset(arch, i));
	}
	return next;
}

/* What the search finds for one call: an answer, or a block to go on in. */
static struct tree_range answer(struct program *program,
				const struct policy *policy,
				const struct compile_options *options,
				const struct arch_syscall *call)
{
	struct slice name = slice_from(call->name);
	bool is_gated = !options->allow_exec && !options->is_plain;
	uint32_t fallback = policy_fallback(policy, call->nr);
	size_t count;
	const struct rule *rules = policy_rules(policy, call->nr, &count);

	if (is_gated && slice_eq(name, "execve"))
		return (struct tree_range){ .place = emit_gate(program,
							       policy->arch) };
	if (is_gated && slice_eq(name, "execveat"))
		return (struct tree_range){
			.action = SECCOMP_RET_KILL_PROCESS
		};
	/* Or nothing could be started. */
	if (slice_eq(name, "execve") && !options->is_plain)
		return (struct tree_range){ .action = SECCOMP_RET_ALLOW };
	/* The last one without tests is the fallback. */
	if (count && !rules[count - 1].test_count)
		count--;
	if (!count)
		return (struct tree_range){ .action = fallback };
	return (struct tree_range){ .place = block_emit(&program->emit, rules,
							count, fallback) };
}

/* The numbers from first on; one range with those before if nothing differs. */
static void add_range(struct program *program, uint32_t first,
		      struct tree_range range)
{
	size_t count = program->range_count;
	const struct tree_range *last = count ? &program->ranges[count - 1]
					      : NULL;

	if (last && last->place == range.place && last->action == range.action)
		return;
	range.first = first;
	program->ranges[program->range_count++] = range;
}

/* Numbers without a call, from first on. */
static void add_unknown(struct program *program, uint32_t first)
{
	add_range(program, first,
		  (struct tree_range){ .action = ACTION_UNKNOWN });
}

static void add_ranges(struct program *program, const struct policy *policy,
		       const struct compile_options *options)
{
	const struct arch *arch = policy->arch;
	uint32_t next = 0;

	for (size_t i = 0; i < arch->syscall_count; i++) {
		const struct arch_syscall *call = &arch->syscalls[i];

		if (i && call[-1].nr == call->nr)
			continue;
		if (call->nr != next)
			add_unknown(program, next);
		add_range(program, call->nr,
			  answer(program, policy, options, call));
		next = call->nr + 1;
	}
	add_unknown(program, next);
	if (arch != &arch_x86_64)
		return;
	add_range(program, X32_FIRST,
		  (struct tree_range){ .action = SECCOMP_RET_KILL_PROCESS });
	/* -1 is a call that a tracer took away, not one of x32's. */
	add_unknown(program, UINT32_MAX);
}

/* A call made through another ABI means another call: before any rule. */
static void emit_head(struct program *program, const struct arch *arch)
{
	struct emit *emit = &program->emit;

	tree_emit(emit, program->ranges, program->range_count);
	size_t search = emit_load(emit, BPF_NR);

	emit_branch(emit, BPF_JEQ, arch->audit, search,
		    emit_return(emit, SECCOMP_RET_KILL_PROCESS));
	emit_load(emit, BPF_ARCH);
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
	if (options->allow_exec || options->is_plain)
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
			const struct compile_options *options, struct err *err)
{
	add_ranges(program, policy, options);
	emit_head(program, policy->arch);
	if (program->emit.count > FILTER_INSNS_MAX)
		return err_set(err, 0,
			       "filter of %zu instructions, the "
			       "kernel takes %d",
			       program->emit.count, FILTER_INSNS_MAX);
	return 0;
}

/*
 * A program that may install filters of its own could have a listener as well,
 * of which there is one: it is left the choice.
 */
static uint16_t flags_of(const struct policy *whole,
			 const struct compile_options *options)
{
	int nr = arch_syscall_nr(whole->arch, SLICE("seccomp"));
	uint16_t flags = options->allow_exec ? 0 : FILTER_GATE;

	if (options->is_plain)
		return 0;
	if (whole->otherwise == (SECCOMP_RET_ERRNO | ENOSYS))
		flags |= FILTER_ENOSYS;
	return policy_allows(whole, (uint32_t)nr) ? flags
						  : flags | FILTER_SPEAKS;
}

static struct filter describe(struct program *program,
			      const struct policy *whole,
			      const struct compile_options *options)
{
	const struct compile_program *target = &options->program;
	size_t count = program->emit.count;
	struct filter filter = {
		.audit = whole->arch->audit,
		.flags = flags_of(whole, options),
		.insn_count = (uint16_t)count,
		.insns = emit_start(&program->emit),
	};
	size_t ident_len = target->ident_len < FILTER_IDENT_SIZE
				   ? target->ident_len
				   : FILTER_IDENT_SIZE;

	for (int i = 0; i < FILTER_COOKIE_WORDS; i++)
		filter.cookie[i] = program->cookie[i]
					   ? (uint16_t)(count -
							program->cookie[i])
					   : FILTER_NO_WORD;
	if (!target->path)
		return filter;
	filter.path = target->path;
	filter.path_len = (uint16_t)strlen(target->path);
	filter.program_size = target->size;
	if (ident_len)
		memcpy(filter.ident, target->ident, ident_len);
	return filter;
}

/* Compile policy, guards and all; prove it against what it was made of. */
static int make_blob(struct buf *blob, const struct policy *whole,
		     const struct compile_source *source,
		     const struct compile_options *options, struct err *err)
{
	auto_free struct program *program = mem_new(1, sizeof(*program));

	if (make_program(program, whole, options, err) < 0)
		return -1;
	struct filter filter = describe(program, whole, options);

	if (prove_filter(&filter, &source->policy,
			 options->is_plain ? NULL : &source->guards, err) < 0)
		return -1;
	size_t size = filter_size(&filter);
	auto_free void *file = mem_new(1, size);

	filter_write(file, &filter);
	buf_add(blob, file, size);
	return 0;
}

static void free_source(struct compile_source *source)
{
	policy_free(&source->policy);
	policy_free(&source->guards);
}

static int make_source(struct compile_source *source,
		       const struct policy *policy,
		       const struct compile_options *options, struct err *err)
{
	const struct harden *harden = options->harden;

	policy_copy(&source->policy, policy);
	policy_init_bare(&source->guards, policy->arch);
	if (options->is_plain)
		return 0;
	if (harden && harden->has_otherwise)
		source->policy.otherwise = harden->otherwise;
	policy_tidy(&source->policy);
	return guards_make(&source->guards, &source->policy, harden, err);
}

int compile_whole(struct policy *whole, const struct policy *policy,
		  const struct compile_options *options, struct err *err)
{
	__attribute__((cleanup(free_source))) struct compile_source source;

	if (make_source(&source, policy, options, err) < 0)
		return -1;
	policy_copy(whole, &source.policy);
	if (guards_apply(whole, &source.guards, err) == 0)
		return 0;
	policy_free(whole);
	return -1;
}

int compile_filter(struct buf *blob, const struct policy *policy,
		   const struct compile_options *options, struct err *err)
{
	__attribute__((cleanup(free_source))) struct compile_source source;
	auto_policy struct policy whole = { 0 };

	if (make_source(&source, policy, options, err) < 0)
		return -1;
	if (check_request(&source.policy, options, err) < 0 ||
	    compile_whole(&whole, policy, options, err) < 0)
		return -1;
	return make_blob(blob, &whole, &source, options, err);
}
