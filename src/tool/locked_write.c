/* pith update's files; locked.c reads them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "seccomp/policy.h"
#include "tool/automatic.h"
#include "tool/locked.h"
#include "tool/locked_parts.h"
#include "tool/output.h"

static const char mark[] = "# Written by pith update";

/* A platform's calls, sorted, a line each; the next one is in line. */
struct column {
	const struct arch *arch;
	struct buf text;
	struct slice line, rest;
	bool has_line;
};

static void next_line(struct column *column)
{
	column->has_line = slice_cut(&column->line, &column->rest, '\n');
}

static int fill(struct column *out, const struct automatic *automatic,
		struct err *err)
{
	auto_policy struct policy policy = { 0 };

	*out = (struct column){ .arch = automatic->arch };
	policy_init(&policy, automatic->arch);
	for (uint32_t nr = 0; nr < DERIVE_NR_MAX; nr++) {
		const char *name = arch_syscall_name(automatic->arch, nr);

		if (automatic->calls[nr] && !locked_is_gates(name) &&
		    policy_add(&policy, slice_from(name), err) < 0)
			return -1;
	}
	policy_print(&out->text, &policy);
	out->rest = buf_slice(&out->text);
	next_line(out);
	return 0;
}

static int compare(struct slice a, struct slice b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = memcmp(a.at, b.at, len);

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

/* The one whose line is first of all, or NULL behind the last. */
static const struct column *find_first(const struct column *columns,
				       size_t count)
{
	const struct column *first = NULL;

	for (size_t i = 0; i < count; i++)
		if (columns[i].has_line &&
		    (!first || compare(columns[i].line, first->line) < 0))
			first = &columns[i];
	return first;
}

/* "[x86_64] open", and what all of them have without that. */
static void join(struct buf *out, struct column *columns, size_t count)
{
	const struct column *first;

	while ((first = find_first(columns, count))) {
		const struct slice line = first->line;
		auto_buf struct buf names = { 0 };
		size_t having = 0;

		for (size_t i = 0; i < count; i++) {
			if (!columns[i].has_line ||
			    compare(columns[i].line, line) != 0)
				continue;
			buf_fmt(&names, "%s%s", having++ ? " " : "",
				columns[i].arch->name);
			next_line(&columns[i]);
		}
		if (having < count)
			buf_fmt(out, "[%s] ", names.at);
		buf_fmt(out, "%.*s\n", SLICE_ARGS(line));
	}
}

static bool is_called(const char *name, const struct locked_now *nows,
		      size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct automatic *automatic = nows[i].automatic;
		int nr = arch_syscall_nr(automatic->arch, slice_from(name));

		if (nr >= 0 && nr < DERIVE_NR_MAX && automatic->calls[nr])
			return true;
	}
	return false;
}

static void print_head(struct buf *out, const struct locked_now *nows,
		       size_t count)
{
	static const char *const gates[] = { "execve", "execveat" };

	buf_fmt(out, "%s from the program's code (", mark);
	for (size_t i = 0; i < count; i++)
		if (count > 1)
			buf_fmt(out, "%s%s %s", i ? ", " : "",
				nows[i].automatic->arch->oci, nows[i].status);
		else
			buf_text(out, nows[i].status);
	buf_text(out, "); do not edit.\n");
	for (size_t i = 0; i < 2; i++)
		if (is_called(gates[i], nows, count))
			buf_fmt(out, "# %s: not here, but by AllowExec=\n",
				gates[i]);
}

static int print_policy(struct buf *out, const struct locked_now *nows,
			size_t count, struct err *err)
{
	auto_free struct column *columns = mem_new(count, sizeof(*columns));
	int result = 0;

	print_head(out, nows, count);
	for (size_t i = 0; result == 0 && i < count; i++)
		result = fill(&columns[i], nows[i].automatic, err);
	if (result == 0)
		join(out, columns, count);
	for (size_t i = 0; i < count; i++)
		buf_free(&columns[i].text);
	return result;
}

static void print_lock(struct buf *out, const struct locked_now *nows,
		       size_t count)
{
	auto_free struct buf *names = mem_new(count, sizeof(*names));
	struct lock lock = { .parts = { NULL, 0, 0 } };

	for (size_t i = 0; i < count; i++) {
		struct lock_part part;

		buf_fmt(&names[i], "linux/%s", nows[i].automatic->arch->oci);
		locked_part(&part, nows[i].automatic);
		part.platform = buf_slice(&names[i]);
		part.status = slice_from(nows[i].status);
		LIST_ADD(&lock.parts, part);
	}
	lock_print(out, &lock);
	lock_free(&lock);
	for (size_t i = 0; i < count; i++)
		buf_free(&names[i]);
}

/* A policy that somebody wrote by hand is not ours to replace. */
static int check_ours(const char *name, struct err *err)
{
	auto_free char *text = NULL;
	struct err missing;
	size_t len;

	if (io_load(&text, &len, name, LOCK_MAX, &missing) < 0) {
		if (missing.num == ENOENT)
			return 0;
		*err = missing;
		return -1;
	}
	if (slice_has_prefix((struct slice){ text, len }, mark))
		return 0;
	return err_set(err, 0,
		       "%s: not written by pith update, and it would be "
		       "replaced: move it away",
		       name);
}

static int write_file(struct io_output *out, const char *name,
		      const struct buf *text, struct err *err)
{
	if (io_create(out, name, err) < 0)
		return -1;
	if (io_write(out->fd, text->at, text->len) < 0)
		return err_set(err, errno, "write %s", name);
	return 0;
}

static int write_both(const char *policy_name, const struct buf *policy,
		      const char *lock_name, const struct buf *lock,
		      struct err *err)
{
	struct io_output outs[2] = { { .fd = -1 }, { .fd = -1 } };
	int result = write_file(&outs[0], policy_name, policy, err);

	if (result == 0)
		result = write_file(&outs[1], lock_name, lock, err);
	/* Both are written: now each takes its place by one rename. */
	if (result == 0)
		result = io_commit(&outs[0], err);
	if (result == 0)
		result = io_commit(&outs[1], err);
	io_discard(&outs[0]);
	io_discard(&outs[1]);
	return result;
}

int locked_check(const char *recipe, struct err *err)
{
	auto_free char *policy_name = locked_beside(recipe, "policy");
	auto_free char *lock_name = locked_beside(recipe, "lock");

	if (check_ours(policy_name, err) < 0 ||
	    output_check(policy_name, NULL, err) < 0)
		return -1;
	return output_check(lock_name, NULL, err);
}

int locked_write(const char *recipe, const struct locked_now *nows,
		 size_t count, struct err *err)
{
	auto_free char *policy_name = locked_beside(recipe, "policy");
	auto_free char *lock_name = locked_beside(recipe, "lock");
	auto_buf struct buf policy = { 0 };
	auto_buf struct buf lock = { 0 };

	if (check_ours(policy_name, err) < 0 ||
	    print_policy(&policy, nows, count, err) < 0)
		return -1;
	print_lock(&lock, nows, count);
	return write_both(policy_name, &policy, lock_name, &lock, err);
}
