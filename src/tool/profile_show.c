/* pith profile show: a policy or filter as text, as a table, as instructions. */
#include <errno.h>
#include <string.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "data/bpf.h"
#include "data/filter.h"
#include "data/passed.h"
#include "seccomp/compile.h"
#include "seccomp/policy_edit.h"
#include "tool/args.h"
#include "tool/output.h"
#include "tool/profile.h"
#include "tool/profile_args.h"

/* What a call gets, and how many columns are kept for its name. */
enum { NAME_WIDTH = 24, NR_WIDTH = 8 };

static void pad(struct buf *out, size_t from, size_t width)
{
	for (size_t i = out->len - from; i < width; i++)
		buf_text(out, " ");
}

static void print_head(struct buf *out, uint32_t nr, const char *name)
{
	size_t from = out->len;

	buf_fmt(out, "%u ", nr);
	pad(out, from, NR_WIDTH);
	from = out->len;
	buf_fmt(out, "%s ", name);
	pad(out, from, NAME_WIDTH);
}

/* A line for each call and rule: number, name, what it gets. */
static void print_rules(struct buf *out, const struct policy *policy)
{
	const struct arch *arch = policy->arch;

	for (size_t i = 0; i < arch->syscall_count; i++) {
		const struct arch_syscall *call = &arch->syscalls[i];
		auto_buf struct buf lines = { 0 };
		struct slice rest, line, name;

		if (i && call[-1].nr == call->nr)
			continue;
		policy_print_call(&lines, policy, call->nr);
		rest = buf_slice(&lines);
		while (slice_cut(&line, &rest, '\n')) {
			slice_cut(&name, &line, ':');
			print_head(out, call->nr, call->name);
			line = slice_trim(line);
			buf_add(out, line.at, line.len);
			buf_text(out, line.len ? "\n" : "allow\n");
		}
	}
}

static int print_calls(struct buf *out, const struct filter *filter,
		       struct err *err)
{
	const struct arch *arch = arch_by_audit(filter->audit);
	struct passed calls;

	if (!arch)
		return err_set(err, 0, "made for an unknown machine (%x)",
			       filter->audit);
	if (passed_of(&calls, filter, arch, err) < 0)
		return -1;
	for (size_t i = 0; i < calls.count; i++) {
		print_head(out, calls.nr[i],
			   arch_syscall_name(arch, calls.nr[i]));
		buf_text(out,
			 calls.has_conditions[i] ? "by argument\n" : "allow\n");
	}
	return 0;
}

static bool is_filter(const char *file)
{
	static const char magic[8] = "pithbpf";
	char start[sizeof(magic)];
	auto_free char *data = NULL;
	struct err ignored;
	size_t len;

	if (strcmp(file, "-") == 0 ||
	    io_load(&data, &len, file, FILTER_FILE_MAX, &ignored) < 0 ||
	    len < sizeof(start))
		return false;
	return memcmp(data, magic, sizeof(magic)) == 0;
}

/* A compiled filter has no text: its instructions, or the calls they let by. */
static int show_filter(struct buf *out, const struct profile_args *args,
		       const char *file, struct err *err)
{
	auto_free char *data = NULL;
	struct filter filter;
	size_t len;

	/* malloc aligned it. */
	if (io_load(&data, &len, file, FILTER_FILE_MAX, err) < 0)
		return -1;
	if (filter_parse(&filter, data, len, err) < 0)
		return err_wrap(err, "%s", file);
	if (args->as == PROFILE_TABLE)
		return print_calls(out, &filter, err);
	bpf_print(out, filter.insns, filter.insn_count);
	return 0;
}

static int show_instructions(struct buf *out, const struct policy *policy,
			     const struct compile_options *options,
			     struct err *err)
{
	auto_buf struct buf blob = { 0 };
	struct filter filter;

	if (compile_filter(&blob, policy, options, err) < 0 ||
	    filter_parse(&filter, blob.at, blob.len, err) < 0)
		return -1;
	bpf_print(out, filter.insns, filter.insn_count);
	return 0;
}

static int show_policy(struct buf *out, const struct profile_args *args,
		       const char *file, struct err *err)
{
	struct compile_options options = { .allow_exec = args->allow_exec,
					   .is_plain = args->is_plain };
	auto_policy struct policy policy = { 0 };
	auto_policy struct policy whole = { 0 };
	int result = 0;

	if (profile_args_policy(&policy, args, file, err) < 0)
		return -1;
	if (args->as == PROFILE_BPF)
		result = show_instructions(out, &policy, &options, err);
	else if (args->as == PROFILE_TABLE)
		result = compile_whole(&whole, &policy, &options, err);
	if (result < 0)
		return err_wrap(err, "%s", file);
	if (args->as == PROFILE_TABLE)
		print_rules(out, &whole);
	if (args->as == PROFILE_TEXT)
		policy_print(out, &policy);
	return 0;
}

const struct args_option profile_show_options[] = {
	{ "table", 't', NULL, "what each call gets" },
	{ "bpf", 'b', NULL, "the instructions" },
	{ "output", 'o', "FILE", "instead of standard output" },
	{ "arch", 'a', "ARCH", "default: this machine" },
	{ "allow-exec", 'x', NULL,
	  "without the gate: other programs may start" },
	{ "plain", 'p', NULL, "without pith's own guards" },
	{ NULL, 0, NULL, NULL },
};

int profile_show(int argc, char **argv, struct err *err)
{
	struct profile_args args = { .verb = "profile show",
				     .least = 1,
				     .most = 1 };
	auto_buf struct buf out = { 0 };
	int status = profile_args_read(&args, profile_show_options, argc, argv,
				       err);

	if (status < 0)
		return status;
	const char *file = args.files[0];
	int result = is_filter(file) ? show_filter(&out, &args, file, err)
				     : show_policy(&out, &args, file, err);

	return result < 0 ? -1
			  : output_write(args.output, buf_slice(&out), err);
}
