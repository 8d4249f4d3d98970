#include "tool/locked.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arch/arch.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "seccomp/policy_edit.h"
#include "tool/automatic.h"
#include "tool/locked_parts.h"
#include "tool/policy_file.h"

static const char mark[] = "# Written by pith update";

/* "dir/x.pith" and "lock" are "dir/x.lock". */
static char *beside(const char *recipe, const char *suffix)
{
	size_t len = strlen(recipe);
	struct buf name = { 0 };

	if (len > 5 && strcmp(recipe + len - 5, ".pith") == 0)
		len -= 5;
	buf_add(&name, recipe, len);
	buf_fmt(&name, ".%s", suffix);
	return name.at;
}

static int read_both(struct locked *out, struct err *err)
{
	size_t len;

	if (io_load(&out->text, &len, out->lock_name, LOCK_MAX, err) < 0)
		return -1;
	if (lock_parse(&out->lock, (struct slice){ out->text, len }, err) < 0)
		return err_wrap(err, "%s", out->lock_name);
	if (policy_file_read(&out->policy, out->policy_name, err) < 0) {
		lock_free(&out->lock);
		return -1;
	}
	out->is_there = true;
	return 0;
}

int locked_open(struct locked *out, const char *recipe, struct err *err)
{
	*out = (struct locked){ .policy_name = beside(recipe, "policy"),
				.lock_name = beside(recipe, "lock") };
	policy_init(&out->policy, &arch_x86_64);
	if (access(out->lock_name, F_OK) < 0 && errno == ENOENT)
		return 0;
	return read_both(out, err);
}

void locked_close(struct locked *locked)
{
	lock_free(&locked->lock);
	policy_free(&locked->policy);
	free(locked->text);
	free(locked->policy_name);
	free(locked->lock_name);
	*locked = (struct locked){ 0 };
}

static bool is_gates(uint32_t nr)
{
	const char *name = arch_syscall_name(&arch_x86_64, nr);

	return strcmp(name, "execve") == 0 || strcmp(name, "execveat") == 0;
}

/* Some calls no policy allows, whatever it says (pith-policy(5)): clone3. */
static bool is_allowable(uint32_t nr)
{
	const char *name = arch_syscall_name(&arch_x86_64, nr);
	auto_policy struct policy policy = { 0 };
	struct err ignored;

	policy_init(&policy, &arch_x86_64);
	return policy_add(&policy, slice_from(name), &ignored) == 0 &&
	       policy_allows(&policy, nr);
}

bool locked_lacks(const struct locked *locked,
		  const struct automatic *automatic, uint32_t nr)
{
	return automatic->calls[nr] && !is_gates(nr) &&
	       !policy_allows(&locked->policy, nr) && is_allowable(nr);
}

size_t locked_count_new(const struct locked *locked,
			const struct automatic *automatic)
{
	size_t count = 0;

	for (uint32_t nr = 0; nr < DERIVE_NR_MAX; nr++)
		count += locked_lacks(locked, automatic, nr);
	return count;
}

static struct slice text_at(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return slice_from(text ? text : "");
}

void locked_now(struct lock *out, const struct automatic *automatic)
{
	*out = (struct lock){ .status = { "", 0 } };
	for (size_t i = 0; i < json_array_size(automatic->programs); i++) {
		const json_t *program = json_array_get(automatic->programs, i);
		const json_t *parts = json_object_get(program, "parts");

		for (size_t k = 0; k < json_array_size(parts); k++) {
			const json_t *part = json_array_get(parts, k);
			struct lock_file file = {
				.path = k ? text_at(part, "path")
					  : text_at(program, "at"),
				.real = text_at(part, "real"),
				.sha256 = text_at(part, "sha256"),
				.build_id = text_at(part, "build_id"),
				.package = text_at(part, "package"),
				.version = text_at(part, "version"),
			};

			if (!lock_find(out, file.path))
				LIST_ADD(&out->files, file);
		}
	}
}

static bool is_same(struct slice a, struct slice b)
{
	return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

bool locked_is_changed(const struct locked *locked,
		       const struct automatic *automatic)
{
	bool is_changed = false;
	struct lock now;

	locked_now(&now, automatic);
	for (size_t i = 0; i < now.files.count && !is_changed; i++) {
		const struct lock_file *was = lock_find(&locked->lock,
							now.files.at[i].path);

		is_changed = !was ||
			     !is_same(was->sha256, now.files.at[i].sha256);
	}
	lock_free(&now);
	return is_changed;
}

static struct slice last_part(struct slice path)
{
	const char *slash = memrchr(path.at, '/', path.len);

	if (slash) {
		path.len -= (size_t)(slash + 1 - path.at);
		path.at = slash + 1;
	}
	return path;
}

/* Of digests the beginning is enough for people. */
static void print_step(struct buf *out, const char *what, struct slice a,
		       struct slice b, size_t most)
{
	if (is_same(a, b))
		return;
	a = a.len ? a : SLICE("none");
	b = b.len ? b : SLICE("none");
	a.len = a.len < most ? a.len : most;
	b.len = b.len < most ? b.len : most;
	buf_fmt(out, ", %s%.*s -> %.*s", what, SLICE_ARGS(a), SLICE_ARGS(b));
}

bool locked_print_change(struct buf *out, const struct locked *locked,
			 const struct lock_file *now)
{
	const struct lock_file *was = lock_find(&locked->lock, now->path);

	if (was && is_same(was->sha256, now->sha256))
		return false;
	buf_fmt(out, "%.*s", SLICE_ARGS(last_part(now->path)));
	if (!was) {
		buf_text(out, " is new");
		return true;
	}
	buf_text(out, " changed");
	print_step(out, "version ", was->version, now->version, 60);
	print_step(out, "", last_part(was->real), last_part(now->real), 80);
	if (was->build_id.len || now->build_id.len)
		print_step(out, "build-id ", was->build_id, now->build_id, 12);
	else
		print_step(out, "sha256 ", was->sha256, now->sha256, 12);
	return true;
}

static void print_calls(struct buf *out, const struct locked *locked,
			const struct automatic *automatic)
{
	for (uint32_t nr = 0; nr < DERIVE_NR_MAX; nr++) {
		const char *name = arch_syscall_name(&arch_x86_64, nr);

		if (!name || is_gates(nr))
			continue;
		if (locked_lacks(locked, automatic, nr))
			buf_fmt(out, "+%s\n", name);
		else if (locked->is_there && !automatic->calls[nr] &&
			 policy_allows(&locked->policy, nr) &&
			 !policy_is_implied(slice_from(name)))
			buf_fmt(out, "-%s\n", name);
	}
}

void locked_print_diff(struct buf *out, const struct locked *locked,
		       const struct automatic *automatic, const char *status)
{
	struct lock now;

	locked_now(&now, automatic);
	if (locked->is_there && !slice_eq(locked->lock.status, status))
		buf_fmt(out, "status %.*s -> %s\n",
			SLICE_ARGS(locked->lock.status), status);
	print_calls(out, locked, automatic);
	for (size_t i = 0; locked->is_there && i < now.files.count; i++)
		if (locked_print_change(out, locked, &now.files.at[i]))
			buf_text(out, "\n");
	for (size_t i = 0; i < locked->lock.files.count; i++) {
		struct slice path = locked->lock.files.at[i].path;

		if (!lock_find(&now, path))
			buf_fmt(out, "%.*s is gone\n",
				SLICE_ARGS(last_part(path)));
	}
	lock_free(&now);
}

static int print_policy(struct buf *out, const struct automatic *automatic,
			const char *status, struct err *err)
{
	struct policy policy;

	buf_fmt(out, "%s from the program's code (%s); do not edit.\n", mark,
		status);
	policy_init(&policy, &arch_x86_64);
	for (uint32_t nr = 0; nr < DERIVE_NR_MAX; nr++) {
		const char *name = arch_syscall_name(&arch_x86_64, nr);

		if (!automatic->calls[nr])
			continue;
		if (is_gates(nr))
			buf_fmt(out, "# %s: not here, but by AllowExec=\n",
				name);
		else if (policy_add(&policy, slice_from(name), err) < 0)
			return -1;
	}
	policy_print(out, &policy);
	return 0;
}

static void print_lock(struct buf *out, const struct automatic *automatic,
		       const char *status)
{
	struct lock now;

	locked_now(&now, automatic);
	now.status = slice_from(status);
	lock_print(out, &now);
	lock_free(&now);
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

int locked_write(const struct locked *locked, const struct automatic *automatic,
		 const char *status, struct err *err)
{
	auto_buf struct buf policy = { 0 };
	auto_buf struct buf lock = { 0 };
	struct io_output outs[2] = { { .fd = -1 }, { .fd = -1 } };

	if (check_ours(locked->policy_name, err) < 0 ||
	    print_policy(&policy, automatic, status, err) < 0)
		return -1;
	print_lock(&lock, automatic, status);
	int result = write_file(&outs[0], locked->policy_name, &policy, err);

	if (result == 0)
		result = write_file(&outs[1], locked->lock_name, &lock, err);
	/* Both are written: now each takes its place by one rename. */
	if (result == 0)
		result = io_commit(&outs[0], err);
	if (result == 0)
		result = io_commit(&outs[1], err);
	io_discard(&outs[0]);
	io_discard(&outs[1]);
	return result;
}
