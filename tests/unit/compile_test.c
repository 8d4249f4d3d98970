#include "seccomp/compile.h"

#include <linux/filter.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/scope.h"
#include "data/action.h"
#include "data/bpf.h"
#include "data/filter.h"
#include "seccomp/guards.h"
#include "seccomp/policy.h"
#include "seccomp/prove.h"

enum { RET = BPF_RET | BPF_K };

static struct policy parsed(const struct arch *arch, const char *text)
{
	struct policy policy;
	struct err err = { 0 };

	policy_init(&policy, arch);
	if (policy_parse(&policy, slice_from(text), &err) < 0)
		fail_msg("%s", err.text);
	return policy;
}

/* The filter's pointers point into blob. */
static struct filter compiled(struct buf *blob, const struct policy *policy,
			      const struct compile_options *options)
{
	struct filter filter;
	struct err err = { 0 };

	if (compile_filter(blob, policy, options, &err) < 0 ||
	    filter_parse(&filter, blob->at, blob->len, &err) < 0)
		fail_msg("%s", err.text);
	return filter;
}

static void refused(const struct arch *arch, const char *text,
		    const struct compile_options *options, const char *why)
{
	auto_policy struct policy policy = parsed(arch, text);
	struct err err = { 0 };
	auto_buf struct buf blob = { 0 };

	assert_int_equal(compile_filter(&blob, &policy, options, &err), -1);
	assert_int_equal(blob.len, 0);
	if (!strstr(err.text, why))
		fail_msg("%s", err.text);
}

static void every_policy_compiles_on_every_machine(void **state)
{
	static const char *const texts[] = {
		"",
		"read",
		"@default",
		"@system-service",
		"@privileged",
		"@sandbox\n@process",
		"@mount\nseccomp\nioctl",
	};

	(void)state;
	for (size_t a = 0; arch_all[a]; a++) {
		struct compile_options gate = { 0 };
		struct compile_options exec = { .allow_exec = true };

		for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
			auto_policy struct policy policy = parsed(arch_all[a],
								  texts[i]);
			auto_buf struct buf one = { 0 };
			auto_buf struct buf two = { 0 };

			/* Who may have a listener of its own gets no ours. */
			int nr = arch_syscall_nr(arch_all[a], SLICE("seccomp"));
			int speaks = policy_allows(&policy, (uint32_t)nr)
					     ? 0
					     : FILTER_SPEAKS;

			assert_int_equal(compiled(&one, &policy, &exec).flags,
					 speaks);
			if (!arch_all[a]->exec_clears_registers)
				continue;
			assert_int_equal(compiled(&two, &policy, &gate).flags,
					 FILTER_GATE | speaks);
		}
	}
}

/* All calls allowed is the largest tree there is. */
static void the_whole_table_fits(void **state)
{
	struct compile_options exec = { .allow_exec = true };

	(void)state;
	for (size_t a = 0; arch_all[a]; a++) {
		struct policy policy;
		auto_buf struct buf blob = { 0 };

		policy_init(&policy, arch_all[a]);
		for (size_t i = 0; i < arch_all[a]->syscall_count; i++)
			policy_add(&policy,
				   slice_from(arch_all[a]->syscalls[i].name),
				   &(struct err){ 0 });
		assert_true(compiled(&blob, &policy, &exec).insn_count < 600);
	}
}

static void equal_policies_give_equal_bytes(void **state)
{
	auto_policy struct policy first = parsed(&arch_x86_64,
						 "read\nwrite\nioctl");
	auto_policy struct policy second = parsed(&arch_x86_64,
						  "ioctl\nwrite\nread\n");
	struct compile_options options = { 0 };
	auto_buf struct buf a = { 0 };
	auto_buf struct buf b = { 0 };

	(void)state;
	compiled(&a, &first, &options);
	compiled(&b, &second, &options);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.at, b.at, a.len);
}

static void the_file_names_its_program(void **state)
{
	auto_policy struct policy policy = parsed(&arch_x86_64, "read");
	struct compile_options options = {
		.program = { "/app/x", 99, "\177ELF\2", 5 },
	};
	auto_buf struct buf blob = { 0 };
	struct filter filter = compiled(&blob, &policy, &options);

	(void)state;
	assert_int_equal(filter.audit, arch_x86_64.audit);
	assert_int_equal(filter.program_size, 99);
	assert_int_equal(filter.path_len, 6);
	assert_memory_equal(filter.path, "/app/x", 6);
	assert_memory_equal(filter.ident, "\177ELF\2\0\0\0", 8);
}

static void impossible_requests_say_why(void **state)
{
	struct compile_options gate = { 0 };
	struct compile_options relative = { .program = { .path = "x" } };

	(void)state;
	refused(&arch_x86_64, "execve", &gate, "policy allows execve,");
	refused(&arch_x86_64, "execveat", &gate, "policy allows execveat,");
	refused(&arch_riscv64, "read", &gate, "riscv64: cannot start");
	refused(&arch_x86_64, "read", &relative, "not an absolute path");
}

/* An unpatched filter must not open for the zeros a program starts with. */
static void an_undrawn_cookie_opens_nothing(void **state)
{
	auto_policy struct policy policy = parsed(&arch_x86_64, "");
	struct compile_options options = { 0 };
	auto_buf struct buf blob = { 0 };
	struct filter filter = compiled(&blob, &policy, &options);
	struct bpf_data call = { .nr = 59, .arch = arch_x86_64.audit };
	struct bpf_result got;

	(void)state;
	assert_int_equal(bpf_run(&got, filter.insns, filter.insn_count, &call,
				 &(struct err){ 0 }),
			 0);
	assert_int_equal(got.action, 0x80000000);
	for (int i = 0; i < FILTER_COOKIE_WORDS; i++)
		assert_int_not_equal(filter.insns[filter.cookie[i]].k, 0);
}

static bool proves(const struct filter *filter, const struct policy *policy)
{
	auto_policy struct policy guards = { 0 };
	struct err err = { 0 };

	if (guards_make(&guards, policy, NULL, &err) < 0)
		fail_msg("%s", err.text);
	return prove_filter(filter, policy, &guards, &err) == 0;
}

/*
 * Whatever single number, offset or verdict of a filter is changed, the proof
 * notices. Not so for a comparison turned around or moved: those are tried
 * too, and one that is found equal really is.
 */
static void the_proof_notices_every_change(void **state)
{
	auto_policy struct policy policy = parsed(
		&arch_x86_64,
		"read\nwrite\nioctl\nclone\nprctl\n"
		"socket: domain in AF_INET AF_UNIX and type & 0xf == 1\n"
		"lseek: offset >= 5 and offset < 0x300000007\n"
		"chmod: mode & 06000 != 0 -> EACCES\nchmod\n"
		"mmap: prot & 6 != 6 and flags not in 1 0x100000002\n"
		"madvise: advice in 1 3 5 7 9 11 13 15 0x80000000");
	struct compile_options options = { 0 };
	auto_buf struct buf blob = { 0 };
	struct filter filter = compiled(&blob, &policy, &options);
	struct filter_insn *insns = filter.insns;

	(void)state;
	assert_true(proves(&filter, &policy));
	for (size_t i = 0; i < filter.insn_count; i++) {
		struct filter_insn kept = insns[i];
		bool is_cookie = false;

		for (int c = 0; c < FILTER_COOKIE_WORDS; c++)
			is_cookie |= filter.cookie[c] == i;
		if (is_cookie)
			continue;
		insns[i].k ^= kept.code == RET ? 1U << 16 : 1;
		if (proves(&filter, &policy))
			fail_msg("instruction %zu: k changed unnoticed", i);
		insns[i] = kept;
		if (BPF_CLASS(kept.code) == BPF_JMP && kept.jt != kept.jf) {
			insns[i].jt = kept.jf;
			insns[i].jf = kept.jt;
			if (proves(&filter, &policy))
				fail_msg("instruction %zu: sides swapped", i);
			insns[i] = kept;
		}
	}
	for (int c = 0; c < FILTER_COOKIE_WORDS; c++) {
		filter.cookie[c]--;
		assert_false(proves(&filter, &policy));
		filter.cookie[c]++;
	}
	filter.flags = 0;
	assert_false(proves(&filter, &policy));
}

static void the_proof_is_for_one_policy(void **state)
{
	auto_policy struct policy policy = parsed(&arch_x86_64, "read");
	auto_policy struct policy wider = parsed(&arch_x86_64, "read\nmseal");
	auto_policy struct policy foreign = parsed(&arch_aarch64, "read");
	struct compile_options options = { 0 };
	auto_buf struct buf blob = { 0 };
	struct filter filter = compiled(&blob, &policy, &options);
	struct err err;

	(void)state;
	auto_policy struct policy guards = { 0 };

	assert_int_equal(guards_make(&guards, &wider, NULL, &err), 0);
	assert_int_equal(prove_filter(&filter, &wider, &guards, &err), -1);
	assert_string_equal(err.text,
			    "proof: mseal(462) arch 0xc000003e args 0x0 0x0 "
			    "0x0 0x0 0x0 0x0: expected allow, got errno "
			    "EPERM");
	assert_false(proves(&filter, &foreign));
}

/* tests/data/filter.tests: see its head. */

struct row {
	char arch[16];
	char policy[256];
	char call[64];
	char args[6][32];
	char verdict[16];
};

static const uint32_t test_cookie[FILTER_COOKIE_WORDS] = {
	0x8badf00d,
	0x01234567,
	0xfedcba98,
	0x7fffffff,
};

/* Number, or cookieN: what the gate wants in argument N; ^X flips bits. */
static uint64_t argument(const char *text, const struct arch *arch)
{
	const uint32_t *c = test_cookie;
	char *end;

	if (strncmp(text, "cookie", 6) != 0)
		return strtoull(text, &end, 0);
	uint64_t value = (uint64_t)c[text[6] - '3'];

	if (arch->elf_class == 2)
		value = text[6] == '4' ? c[0] | (uint64_t)c[1] << 32
				       : c[2] | (uint64_t)c[3] << 32;
	return text[7] == '^' ? value ^ strtoull(text + 8, &end, 0) : value;
}

static struct bpf_data row_call(const struct row *row, const struct arch *arch)
{
	struct bpf_data call = { .arch = arch->audit };
	const char *name = row->call;
	const char *slash = strchr(name, '/');

	if (slash) {
		call.arch = (uint32_t)strtoul(name, NULL, 0);
		name = slash + 1;
	}
	int nr = arch_syscall_nr(arch, slice_from(name));

	call.nr = nr >= 0 ? (uint32_t)nr : (uint32_t)strtoul(name, NULL, 0);
	for (int i = 0; i < 6; i++)
		call.args[i] = argument(row->args[i], arch);
	return call;
}

static struct filter row_filter(struct buf *blob, struct row *row,
				const struct arch *arch)
{
	bool may_exec = row->policy[0] == '+';
	struct compile_options options = { .allow_exec = may_exec };

	for (char *p = row->policy; *p; p++)
		*p = *p == ',' || *p == '+' ? '\n' : *p == '.' ? ' ' : *p;
	auto_policy struct policy policy = parsed(
		arch, strcmp(row->policy, "-") == 0 ? "" : row->policy);
	struct filter filter = compiled(blob, &policy, &options);

	for (int i = 0; i < FILTER_COOKIE_WORDS; i++)
		if (filter.cookie[i] != FILTER_NO_WORD)
			filter.insns[filter.cookie[i]].k = test_cookie[i];
	return filter;
}

static uint32_t verdict(const char *text)
{
	uint32_t action;

	if (!action_parse(&action, slice_from(text)))
		fail_msg("verdict '%s'", text);
	return action;
}

static void check_row(struct row *row, int line)
{
	const struct arch *arch = arch_by_name(slice_from(row->arch));
	auto_buf struct buf blob = { 0 };
	struct bpf_result got;
	struct err err;

	if (!arch)
		fail_msg("line %d: arch '%s'", line, row->arch);
	struct filter filter = row_filter(&blob, row, arch);
	struct bpf_data call = row_call(row, arch);

	assert_int_equal(
		bpf_run(&got, filter.insns, filter.insn_count, &call, &err), 0);
	if (got.action != verdict(row->verdict))
		fail_msg("line %d: %s: got 0x%x, want %s", line, row->call,
			 got.action, row->verdict);
}

static void filters_answer_as_the_table_says(void **state)
{
	FILE *file = fopen("tests/data/filter.tests", "re");
	char text[512];
	int rows = 0;

	(void)state;
	assert_non_null(file);
	for (int line = 1; fgets(text, sizeof(text), file); line++) {
		struct row row;

		if (text[0] == '#' || text[0] == '\n')
			continue;
		if (sscanf(text,
			   "%15s %255s %63s %31s %31s %31s %31s %31s %31s %15s",
			   row.arch, row.policy, row.call, row.args[0],
			   row.args[1], row.args[2], row.args[3], row.args[4],
			   row.args[5], row.verdict) != 10)
			fail_msg("line %d: not ten fields", line);
		check_row(&row, line);
		rows++;
	}
	fclose(file);
	assert_true(rows > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_policy_compiles_on_every_machine),
		cmocka_unit_test(the_whole_table_fits),
		cmocka_unit_test(equal_policies_give_equal_bytes),
		cmocka_unit_test(the_file_names_its_program),
		cmocka_unit_test(impossible_requests_say_why),
		cmocka_unit_test(an_undrawn_cookie_opens_nothing),
		cmocka_unit_test(the_proof_notices_every_change),
		cmocka_unit_test(the_proof_is_for_one_policy),
		cmocka_unit_test(filters_answer_as_the_table_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
