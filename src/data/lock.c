#include "data/lock.h"

#include <stdlib.h>

#include "base/err.h"

static const struct key {
	const char *name;
	size_t at; /* in struct lock_file */
} keys[] = {
	{ "real", offsetof(struct lock_file, real) },
	{ "sha256", offsetof(struct lock_file, sha256) },
	{ "build-id", offsetof(struct lock_file, build_id) },
	{ "package", offsetof(struct lock_file, package) },
	{ "version", offsetof(struct lock_file, version) },
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

static struct slice *member(struct lock_file *file, const struct key *key)
{
	return (struct slice *)(void *)((char *)file + key->at);
}

static bool is_plain(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7f)
			return false;
	return true;
}

static int add_part(struct lock *lock, struct slice platform, struct err *err)
{
	if (lock_part(lock, platform))
		return err_set(err, 0, "%.*s: given twice",
			       SLICE_ARGS(platform));
	if (lock->parts.count == LOCK_PARTS_MAX)
		return err_set(err, 0, "more than %d platforms",
			       LOCK_PARTS_MAX);
	LIST_ADD(&lock->parts, (struct lock_part){ .platform = platform });
	return 0;
}

/* What a line is about. */
static struct lock_part *last_part(struct lock *lock)
{
	if (!lock->parts.count)
		LIST_ADD(
			&lock->parts,
			(struct lock_part){ .platform = SLICE(LOCK_PLATFORM) });
	return &lock->parts.at[lock->parts.count - 1];
}

static int add_file(struct lock_part *part, struct slice path, struct err *err)
{
	if (!path.len || *path.at != '/')
		return err_set(err, 0, "a file's path is not absolute");
	if (lock_find(part, path))
		return err_set(err, 0, "%.*s: given twice", SLICE_ARGS(path));
	if (part->files.count == LOCK_FILES_MAX)
		return err_set(err, 0, "more than %d files", LOCK_FILES_MAX);
	LIST_ADD(&part->files, (struct lock_file){ .path = path });
	return 0;
}

static int set_member(struct lock_part *part, struct slice name,
		      struct slice value, struct err *err)
{
	for (size_t i = 0; i < KEYS; i++) {
		if (!slice_eq(name, keys[i].name))
			continue;
		if (!part->files.count)
			return err_set(err, 0, "%s: before the first file",
				       keys[i].name);
		struct slice *to = member(
			&part->files.at[part->files.count - 1], &keys[i]);

		if (to->len)
			return err_set(err, 0, "%s: given twice", keys[i].name);
		*to = value;
		return 0;
	}
	return err_set(err, 0, "%.*s: unknown key", SLICE_ARGS(name));
}

static int set_status(struct lock_part *part, struct slice value,
		      struct err *err)
{
	if (part->status.len)
		return err_set(err, 0, "status: given twice");
	part->status = value;
	return 0;
}

static int add_dropped(struct lock_part *part, struct slice name,
		       struct err *err)
{
	if (lock_is_dropped(part, name))
		return err_set(err, 0, "dropped %.*s: given twice",
			       SLICE_ARGS(name));
	if (part->dropped.count == LOCK_DROPPED_MAX)
		return err_set(err, 0, "more than %d calls dropped",
			       LOCK_DROPPED_MAX);
	LIST_ADD(&part->dropped, (struct lock_call){ name });
	return 0;
}

static int read_line(struct lock *lock, struct slice line, struct err *err)
{
	struct slice name, value = slice_trim(line);

	if (!value.len || *value.at == '#')
		return 0;
	if (!is_plain(value))
		return err_set(err, 0, "a control character");
	slice_cut(&name, &value, ' ');
	value = slice_trim(value);
	if (!value.len)
		return err_set(err, 0, "%.*s: empty", SLICE_ARGS(name));
	if (slice_eq(name, "platform"))
		return add_part(lock, value, err);
	if (slice_eq(name, "file"))
		return add_file(last_part(lock), value, err);
	if (slice_eq(name, "status"))
		return set_status(last_part(lock), value, err);
	if (slice_eq(name, "dropped"))
		return add_dropped(last_part(lock), value, err);
	return set_member(last_part(lock), name, value, err);
}

int lock_parse(struct lock *out, struct slice text, struct err *err)
{
	struct slice line, rest = text;
	unsigned int number = 1;

	*out = (struct lock){ .parts = { NULL, 0, 0 } };
	if (!slice_cut(&line, &rest, '\n') || !slice_eq(line, "pith-lock 1"))
		return err_set(err, 0, "no lock of this version of pith");
	while (slice_cut(&line, &rest, '\n')) {
		number++;
		if (read_line(out, line, err) < 0) {
			lock_free(out);
			return err_wrap(err, "line %u", number);
		}
	}
	return 0;
}

void lock_part_free(struct lock_part *part)
{
	free(part->files.at);
	free(part->dropped.at);
}

void lock_free(struct lock *lock)
{
	for (size_t i = 0; i < lock->parts.count; i++)
		lock_part_free(&lock->parts.at[i]);
	free(lock->parts.at);
	*lock = (struct lock){ .parts = { NULL, 0, 0 } };
}

const struct lock_part *lock_part(const struct lock *lock,
				  struct slice platform)
{
	for (size_t i = 0; i < lock->parts.count; i++)
		if (slice_same(lock->parts.at[i].platform, platform))
			return &lock->parts.at[i];
	return NULL;
}

bool lock_is_dropped(const struct lock_part *part, struct slice name)
{
	for (size_t i = 0; i < part->dropped.count; i++)
		if (slice_same(part->dropped.at[i].name, name))
			return true;
	return false;
}

const struct lock_file *lock_find(const struct lock_part *part,
				  struct slice path)
{
	for (size_t i = 0; i < part->files.count; i++)
		if (slice_same(part->files.at[i].path, path))
			return &part->files.at[i];
	return NULL;
}

static void print_item(struct buf *out, const char *name, struct slice value)
{
	if (!value.len)
		return;
	buf_fmt(out, "%s ", name);
	buf_add(out, value.at, value.len);
	buf_text(out, "\n");
}

static void print_part(struct buf *out, const struct lock_part *part)
{
	print_item(out, "status", part->status);
	for (size_t i = 0; i < part->dropped.count; i++)
		print_item(out, "dropped", part->dropped.at[i].name);
	for (size_t i = 0; i < part->files.count; i++) {
		struct lock_file *file = &part->files.at[i];

		print_item(out, "file", file->path);
		for (size_t k = 0; k < KEYS; k++) {
			struct slice value = *member(file, &keys[k]);

			buf_text(out, value.len ? "  " : "");
			print_item(out, keys[k].name, value);
		}
	}
}

void lock_print(struct buf *out, const struct lock *lock)
{
	buf_text(out, "pith-lock 1\n");
	for (size_t i = 0; i < lock->parts.count; i++) {
		const struct lock_part *part = &lock->parts.at[i];

		if (lock->parts.count > 1 ||
		    !slice_eq(part->platform, LOCK_PLATFORM))
			print_item(out, "platform", part->platform);
		print_part(out, part);
	}
}
