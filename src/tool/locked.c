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
#include "tool/calls.h"
#include "tool/locked_parts.h"
#include "tool/policy_file.h"

/* "dir/x.pith" and "lock" are "dir/x.lock". */
char *locked_beside(const char *recipe, const char *suffix)
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
	return policy_file_read(&out->policy, out->policy_name, err);
}

int locked_open(struct locked *out, const char *recipe, const struct arch *arch,
		struct err *err)
{
	auto_buf struct buf platform = { 0 };

	*out = (struct locked){ .policy_name = locked_beside(recipe, "policy"),
				.lock_name = locked_beside(recipe, "lock") };
	policy_init(&out->policy, arch);
	if (access(out->lock_name, F_OK) < 0 && errno == ENOENT)
		return 0;
	if (read_both(out, err) < 0)
		return -1;
	buf_fmt(&platform, "linux/%s", arch->oci);
	out->part = lock_part(&out->lock, buf_slice(&platform));
	return 0;
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

bool locked_is_gates(const char *name)
{
	return strcmp(name, "execve") == 0 || strcmp(name, "execveat") == 0;
}

bool locked_lacks(const struct locked *locked,
		  const struct automatic *automatic, uint32_t nr)
{
	return automatic->calls[nr] && !policy_allows(&locked->policy, nr) &&
	       calls_is_policys(automatic->arch, nr);
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

void locked_part(struct lock_part *out, const struct automatic *automatic)
{
	*out = (struct lock_part){ .status = { "", 0 } };
	for (uint32_t nr = 0; nr < DERIVE_NR_MAX; nr++)
		if (automatic->dropped[nr])
			LIST_ADD(&out->dropped,
				 (struct lock_call){
					 slice_from(arch_syscall_name(
						 automatic->arch, nr)) });
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

bool locked_is_changed(const struct locked *locked,
		       const struct automatic *automatic)
{
	bool is_changed = false;
	struct lock_part now;

	locked_part(&now, automatic);
	for (size_t i = 0; i < now.files.count && !is_changed; i++) {
		const struct lock_file *was = lock_find(locked->part,
							now.files.at[i].path);

		is_changed = !was ||
			     !slice_same(was->sha256, now.files.at[i].sha256);
	}
	lock_part_free(&now);
	return is_changed;
}

static struct slice last_part(struct slice path)
{
	const char *slash = path.len ? memrchr(path.at, '/', path.len) : NULL;

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
	if (slice_same(a, b))
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
	const struct lock_file *was = lock_find(locked->part, now->path);

	if (was && slice_same(was->sha256, now->sha256))
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
		const char *name = arch_syscall_name(automatic->arch, nr);

		if (!name || locked_is_gates(name))
			continue;
		if (locked_lacks(locked, automatic, nr))
			buf_fmt(out, "+%s\n", name);
		else if (!automatic->calls[nr] &&
			 policy_allows(&locked->policy, nr) &&
			 !policy_is_implied(slice_from(name)))
			buf_fmt(out, "-%s\n", name);
	}
}

static void print_dropped(struct buf *out, const char *what,
			  const struct lock_part *of,
			  const struct lock_part *other)
{
	for (size_t i = 0; i < of->dropped.count; i++) {
		struct slice name = of->dropped.at[i].name;

		if (!lock_is_dropped(other, name))
			buf_fmt(out, "%s %.*s\n", what, SLICE_ARGS(name));
	}
}

void locked_print_diff(struct buf *out, const struct locked *locked,
		       const struct automatic *automatic, const char *status)
{
	const struct lock_part *was = locked->part;
	struct lock_part now;

	locked_part(&now, automatic);
	if (!slice_eq(was->status, status))
		buf_fmt(out, "status %.*s -> %s\n", SLICE_ARGS(was->status),
			status);
	print_calls(out, locked, automatic);
	print_dropped(out, "drops", &now, was);
	print_dropped(out, "no longer drops", was, &now);
	for (size_t i = 0; i < now.files.count; i++)
		if (locked_print_change(out, locked, &now.files.at[i]))
			buf_text(out, "\n");
	for (size_t i = 0; i < was->files.count; i++) {
		struct slice path = was->files.at[i].path;

		if (!lock_find(&now, path))
			buf_fmt(out, "%.*s is gone\n",
				SLICE_ARGS(last_part(path)));
	}
	lock_part_free(&now);
}
