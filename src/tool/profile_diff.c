/* pith profile diff and merge: two policies against and with each other. */
#include <limits.h>
#include <string.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "data/action.h"
#include "seccomp/policy_edit.h"
#include "tool/args.h"
#include "tool/output.h"
#include "tool/profile.h"
#include "tool/profile_args.h"

static bool is_same(const struct buf *a, const struct buf *b)
{
	return a->len == b->len &&
	       (!a->len || memcmp(a->at, b->at, a->len) == 0);
}

static void put_lines(struct buf *out, const char *sign, const struct buf *text)
{
	struct slice rest = buf_slice(text);
	struct slice line;

	while (slice_cut(&line, &rest, '\n'))
		buf_fmt(out, "%s%.*s\n", sign, SLICE_ARGS(line));
}

static void put_change(struct buf *out, const struct buf *a,
		       const struct buf *b)
{
	if (is_same(a, b))
		return;
	put_lines(out, "-", a);
	put_lines(out, "+", b);
}

static void print_otherwise(struct buf *out, uint32_t action)
{
	buf_text(out, "default: ");
	action_print(out, action);
	buf_text(out, "\n");
}

/* Call by call, in the order of their numbers. */
static void compare(struct buf *out, const struct policy *a,
		    const struct policy *b)
{
	const struct arch *arch = a->arch;
	auto_buf struct buf was = { 0 };
	auto_buf struct buf is = { 0 };

	print_otherwise(&was, a->otherwise);
	print_otherwise(&is, b->otherwise);
	put_change(out, &was, &is);
	for (size_t i = 0; i < arch->syscall_count; i++) {
		uint32_t nr = arch->syscalls[i].nr;

		if (i && arch->syscalls[i - 1].nr == nr)
			continue;
		was.len = is.len = 0;
		policy_print_call(&was, a, nr);
		policy_print_call(&is, b, nr);
		put_change(out, &was, &is);
	}
}

const struct args_option profile_diff_options[] = {
	{ "arch", 'a', "ARCH", "default: this machine" },
	{ NULL, 0, NULL, NULL },
};

int profile_diff(int argc, char **argv, struct err *err)
{
	struct profile_args args = { .verb = "profile diff",
				     .least = 2,
				     .most = 2 };
	auto_policy struct policy a = { 0 };
	auto_policy struct policy b = { 0 };
	auto_buf struct buf out = { 0 };
	int status = profile_args_read(&args, profile_diff_options, argc, argv,
				       err);

	if (status < 0)
		return status;
	if (profile_args_policy(&a, &args, args.files[0], err) < 0 ||
	    profile_args_policy(&b, &args, args.files[1], err) < 0)
		return -1;
	compare(&out, &a, &b);
	if (output_write(NULL, buf_slice(&out), err) < 0)
		return -1;
	return out.len > 0; /* as diff(1) */
}

static int merge(struct policy *policy, const struct profile_args *args,
		 struct err *err)
{
	for (int i = 1; i < args->count; i++) {
		auto_policy struct policy other = { 0 };

		if (profile_args_policy(&other, args, args->files[i], err) < 0)
			return -1;
		if (policy_merge(policy, &other, err) < 0)
			return err_wrap(err, "%s", args->files[i]);
	}
	return 0;
}

const struct args_option profile_merge_options[] = {
	{ "output", 'o', "FILE", "instead of standard output" },
	{ "arch", 'a', "ARCH", "default: this machine" },
	{ NULL, 0, NULL, NULL },
};

int profile_merge(int argc, char **argv, struct err *err)
{
	struct profile_args args = { .verb = "profile merge",
				     .least = 2,
				     .most = INT_MAX };
	auto_policy struct policy policy = { 0 };
	auto_buf struct buf out = { 0 };
	int status = profile_args_read(&args, profile_merge_options, argc, argv,
				       err);

	if (status < 0)
		return status;
	if (profile_args_policy(&policy, &args, args.files[0], err) < 0 ||
	    merge(&policy, &args, err) < 0)
		return -1;
	policy_print(&out, &policy);
	return output_write(args.output, buf_slice(&out), err);
}
