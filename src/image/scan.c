#include "image/scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "data/filter.h"
#include "data/service.h"
#include "image/reader.h"
#include "image/reader_layer.h"

enum { ACCOUNTS_FILE_MAX = 256 * 1024 };

/* What is picked out. What pith reads in any case is no larger than it may. */
static const struct wanted {
	const char *path;
	size_t at; /* in struct scan */
	size_t max;
	bool is_ours;
} wanted[] = {
	{ "etc/pith/service.conf", offsetof(struct scan, conf),
	  SERVICE_TEXT_MAX, true },
	{ "etc/pith/service.bpf", offsetof(struct scan, filter),
	  FILTER_FILE_MAX, true },
	{ "etc/passwd", offsetof(struct scan, passwd), ACCOUNTS_FILE_MAX,
	  false },
	{ "etc/group", offsetof(struct scan, group), ACCOUNTS_FILE_MAX, false },
};

enum { WANTED = sizeof(wanted) / sizeof(wanted[0]) };

static struct scan_file *file_of(struct scan *scan, const struct wanted *what)
{
	return (struct scan_file *)((char *)scan + what->at);
}

/* The path without what writers put around it: "./etc/" is "etc". */
static struct slice plain_path(const char *path)
{
	struct slice plain;

	while (*path == '/' || strncmp(path, "./", 2) == 0)
		path += *path == '/' ? 1 : 2;
	plain = slice_from(path);
	while (plain.len && plain.at[plain.len - 1] == '/')
		plain.len--;
	return plain;
}

/* True when path is gone, or something below it: dir is a prefix of path. */
static bool is_within(const char *path, struct slice dir)
{
	return strncmp(path, dir.at, dir.len) == 0 &&
	       (!dir.len || path[dir.len] == '/' || !path[dir.len]);
}

/* ".wh.NAME" deletes NAME, ".wh..wh..opq" all that lower layers put here. */
static bool deletes(struct slice entry, const char *path)
{
	static const char mark[] = ".wh.";
	const char *slash = memrchr(entry.at, '/', entry.len);
	size_t dir = slash ? (size_t)(slash + 1 - entry.at) : 0;
	struct slice name = { entry.at + dir, entry.len - dir };

	if (!slice_has_prefix(name, mark))
		return false;
	if (slice_eq(name, ".wh..wh..opq"))
		return is_within(path,
				 (struct slice){ entry.at, dir ? dir - 1 : 0 });
	if (strncmp(path, entry.at, dir) != 0)
		return false;
	name.at += sizeof(mark) - 1;
	name.len -= sizeof(mark) - 1;
	return is_within(path + dir, name);
}

static void forget(struct scan_file *file)
{
	file->is_there = false;
	file->bytes.len = 0;
}

static int take(struct scan_file *file, const struct wanted *what,
		struct tar_reader *tar, const struct tar_entry *entry,
		struct err *err)
{
	char chunk[4096];
	ssize_t n;

	forget(file);
	if (entry->type != TAR_FILE ||
	    (entry->size > what->max && !what->is_ours))
		return 0;
	if (entry->size > what->max)
		return err_set(err, 0, "/%s: %llu bytes, allowed are %zu",
			       what->path, (unsigned long long)entry->size,
			       what->max);
	while ((n = tar_data(chunk, sizeof(chunk), tar, err)) > 0)
		buf_add(&file->bytes, chunk, (size_t)n);
	file->is_there = n == 0;
	return (int)n;
}

/* What an entry means for the files that are looked for. */
static int notice(struct scan *out, struct tar_reader *tar,
		  const struct tar_entry *entry, struct err *err)
{
	struct slice name = plain_path(entry->path);

	for (size_t i = 0; i < WANTED; i++) {
		struct scan_file *file = file_of(out, &wanted[i]);

		if (slice_eq(name, wanted[i].path))
			return take(file, &wanted[i], tar, entry, err);
		if (deletes(name, wanted[i].path))
			forget(file);
	}
	return 0;
}

static int scan_entries(struct scan *out, struct scan_layer *layer,
			struct tar_reader *tar, struct err *err)
{
	struct tar_entry entry;
	int got;

	while ((got = tar_next(&entry, tar, err)) > 0) {
		layer->entries++;
		layer->files += entry.size;
		if (notice(out, tar, &entry, err) < 0)
			return -1;
	}
	return got;
}

static int scan_layer(struct scan *out, struct scan_layer *layer,
		      const struct reader *reader,
		      const struct reader_layer_info *info, struct err *err)
{
	struct reader_layer stream;

	if (reader_layer_open(&stream, reader, info, err) < 0)
		return -1;
	int result = scan_entries(out, layer, &stream.tar, err);

	if (result == 0)
		result = reader_layer_finish(&stream, err);
	layer->packed = info->member->size;
	layer->raw = stream.raw_size;
	reader_layer_close(&stream);
	return result;
}

int scan_image(struct scan *out, const struct reader *reader,
	       const struct reader_image *image, struct err *err)
{
	*out = (struct scan){
		.count = image->layer_count,
		.layers = mem_new(image->layer_count, sizeof(*out->layers)),
	};
	for (size_t i = 0; i < out->count; i++)
		if (scan_layer(out, &out->layers[i], reader, &image->layers[i],
			       err) < 0)
			return err_wrap(err, "layer %zu", i);
	return 0;
}

void scan_free(struct scan *scan)
{
	free(scan->layers);
	for (size_t i = 0; i < WANTED; i++)
		buf_free(&file_of(scan, &wanted[i])->bytes);
	*scan = (struct scan){ 0 };
}
