#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "image/name.h"
#include "image/reader.h"
#include "image/reader_layer.h"
#include "image/runs.h"
#include "image/tree_work.h"

enum { READ_SIZE = 64 * 1024, XATTR_SHOWN = 256 };

/* Buffers that all entries share. */
struct gather {
	struct runs *runs;
	const struct tree_visitor *visitor;
	char *data;
	struct buf path, link, xattrs, notes, record;
};

/* A record: the numbers, then four texts, each with its zero byte. */
static int add_node(struct gather *gather, const struct tree_node *node,
		    struct err *err)
{
	struct buf *record = &gather->record;
	const char *texts[] = { node->path, node->link, node->xattrs,
				node->notes };

	record->len = 0;
	buf_add(record, node, sizeof(*node));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		buf_add(record, texts[i] ? texts[i] : "",
			texts[i] ? strlen(texts[i]) + 1 : 1);
	return runs_add(gather->runs, buf_slice(record), err);
}

void tree_unpack(struct tree_node *out, struct slice record)
{
	const char **texts[] = { &out->path, &out->link, &out->xattrs,
				 &out->notes };
	const char *at = record.at + sizeof(*out);

	memcpy(out, record.at, sizeof(*out));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		*texts[i] = at;
		at += strlen(at) + 1;
	}
}

struct tree_key tree_key(struct slice record)
{
	struct tree_key key = { .path = record.at + sizeof(struct tree_node) };

	memcpy(&key.layer, record.at + offsetof(struct tree_node, layer),
	       sizeof(key.layer));
	memcpy(&key.place, record.at + offsetof(struct tree_node, place),
	       sizeof(key.place));
	return key;
}

static int compare_xattrs(const void *a, const void *b)
{
	const struct slice *x = &((const struct tar_xattr *)a)->name;
	const struct slice *y = &((const struct tar_xattr *)b)->name;
	size_t len = x->len < y->len ? x->len : y->len;
	int order = memcmp(x->at, y->at, len);

	return order ? order : (x->len > y->len) - (x->len < y->len);
}

/* In hexadecimal; of what is long the digest. */
static void print_value(struct buf *out, struct slice value)
{
	struct sum sum;

	if (value.len > XATTR_SHOWN) {
		sum = sum_of(value);
		buf_text(out, sum.text);
		return;
	}
	for (size_t i = 0; i < value.len; i++)
		buf_fmt(out, "%x%x", (unsigned char)value.at[i] >> 4,
			(unsigned char)value.at[i] & 15U);
}

static void print_xattrs(struct buf *out, const struct tar_entry *entry)
{
	struct tar_xattr xattrs[TAR_XATTRS_MAX];
	size_t count = entry->xattr_count;

	out->len = 0;
	buf_add(out, "", 0);
	memcpy(xattrs, entry->xattrs, count * sizeof(xattrs[0]));
	qsort(xattrs, count, sizeof(xattrs[0]), compare_xattrs);
	for (size_t i = 0; i < count; i++) {
		buf_text(out, i ? " " : "");
		for (size_t k = 0; k < xattrs[i].name.len; k++) {
			char c = xattrs[i].name.at[k];

			buf_add(out, c > ' ' && c < 127 ? &c : "?", 1);
		}
		buf_text(out, "=");
		print_value(out, xattrs[i].value);
	}
	if (out->len > TREE_XATTRS_MAX) {
		struct sum sum = sum_of(buf_slice(out));

		out->len = 0;
		buf_text(out, sum.text);
	}
}

/* Through a file's data, for its digest and for the visitor. */
static int read_file(struct gather *gather, struct tree_node *node,
		     struct tar_reader *tar, struct err *err)
{
	const struct tree_visitor *visitor = gather->visitor;
	struct sha256_ctx ctx;
	ssize_t n;

	sha256_init(&ctx);
	while ((n = tar_data(gather->data, READ_SIZE, tar, err)) > 0) {
		struct slice bytes = { gather->data, (size_t)n };

		sha256_update(&ctx, bytes.len, (const uint8_t *)bytes.at);
		if (visitor->data && visitor->data(visitor->to, bytes, err) < 0)
			return -1;
	}
	node->content = sum_finish(&ctx);
	gather->notes.len = 0;
	buf_add(&gather->notes, "", 0);
	if (n == 0 && visitor->end &&
	    visitor->end(visitor->to, &gather->notes, err) < 0)
		return -1;
	node->notes = gather->notes.at;
	return (int)n;
}

/* ".wh.NAME" and ".wh..wh..opq" become the path that they are about. */
static bool take_mark(struct tree_node *node, struct buf *path)
{
	char *slash = strrchr(path->at, '/');
	char *name = slash ? slash + 1 : path->at;

	if (strncmp(name, ".wh.", 4) != 0)
		return false;
	if (strncmp(name, ".wh..wh.", 8) != 0) {
		memmove(name, name + 4, strlen(name + 4) + 1);
		node->type = TREE_WHITEOUT;
	} else if (strcmp(name, ".wh..wh..opq") == 0) {
		*(slash ? slash : name) = '\0';
		node->type = TREE_OPAQUE;
	} else {
		node->type = 0; /* AUFS' own, which engines step over */
	}
	return true;
}

/* A hard link, and at the place that it leads to, who wants something there. */
static int add_hardlink(struct gather *gather, struct tree_node *node,
			const struct tar_entry *entry, struct err *err)
{
	struct tree_node wanted = *node;

	if (!name_plain_path(&gather->link, entry->link))
		return err_set(err, 0, "'..' in the link %s", entry->link);
	node->link = gather->link.at;
	wanted.type = TREE_WANTED;
	wanted.path = node->link;
	wanted.link = node->path;
	if (add_node(gather, &wanted, err) < 0)
		return -1;
	return add_node(gather, node, err);
}

/* And at the place that a symbolic link leads to, taken by its letters. */
static int add_symlink(struct gather *gather, struct tree_node *node,
		       struct err *err)
{
	const char *slash = strrchr(node->path, '/');
	struct tree_node led = *node;

	gather->link.len = 0;
	if (node->link[0] != '/' && slash)
		buf_add(&gather->link, node->path,
			(size_t)(slash - node->path) + 1);
	buf_text(&gather->link, node->link);
	if (tree_fold(&gather->link)) {
		led.type = TREE_LED;
		led.path = gather->link.at;
		led.link = node->path;
		if (add_node(gather, &led, err) < 0)
			return -1;
	}
	return add_node(gather, node, err);
}

static int add_entry(struct gather *gather, size_t layer, uint64_t place,
		     const struct tar_entry *entry, struct tar_reader *tar,
		     struct err *err)
{
	struct tree_node node = {
		.type = entry->type,
		.layer = (uint16_t)layer,
		.mode = entry->mode,
		.uid = entry->uid,
		.gid = entry->gid,
		.size = entry->size,
		.mtime = entry->mtime,
		.place = place,
		.link = entry->type == TAR_SYMLINK ? entry->link : "",
	};

	if (!name_plain_path(&gather->path, entry->path))
		return err_set(err, 0, "'..' in the path");
	bool is_mark = take_mark(&node, &gather->path);

	node.path = gather->path.at;
	if (is_mark)
		return node.type ? add_node(gather, &node, err) : 0;
	print_xattrs(&gather->xattrs, entry);
	node.xattrs = gather->xattrs.at;
	if (entry->type == TAR_HARDLINK)
		return add_hardlink(gather, &node, entry, err);
	if (entry->type == TAR_SYMLINK)
		return add_symlink(gather, &node, err);
	if (entry->type == TAR_FILE && read_file(gather, &node, tar, err) < 0)
		return -1;
	return add_node(gather, &node, err);
}

static int add_entries(struct gather *gather, size_t layer,
		       struct tar_reader *tar, struct err *err)
{
	const struct tree_visitor *visitor = gather->visitor;
	struct tar_entry entry;
	uint64_t place = 0;
	int got, how = 0;

	while ((got = tar_next(&entry, tar, err)) > 0) {
		if (visitor->entry)
			how = visitor->entry(visitor->to, &entry, layer, err);
		if (how < 0)
			return -1;
		if (how == 0 &&
		    add_entry(gather, layer, place++, &entry, tar, err) < 0)
			return err_wrap(err, "%s", entry.path);
	}
	return got;
}

static int gather_layer(struct gather *gather, size_t layer,
			const struct reader *reader,
			const struct reader_layer_info *info, struct err *err)
{
	struct reader_layer stream;

	if (reader_layer_open(&stream, reader, info, err) < 0)
		return -1;
	int result = add_entries(gather, layer, &stream.tar, err);

	if (result == 0)
		result = reader_layer_finish(&stream, err);
	reader_layer_close(&stream);
	return result;
}

int tree_gather(struct runs *runs, const struct reader *reader,
		const struct reader_image *image,
		const struct tree_visitor *visitor, struct err *err)
{
	struct gather gather = { .runs = runs, .visitor = visitor };
	int result = 0;

	gather.data = mem_new(READ_SIZE, 1);
	for (size_t i = 0; i < image->layer_count && result == 0; i++)
		if (gather_layer(&gather, i, reader, &image->layers[i], err) <
		    0)
			result = err_wrap(err, "layer %zu", i);
	free(gather.data);
	buf_free(&gather.path);
	buf_free(&gather.link);
	buf_free(&gather.xattrs);
	buf_free(&gather.notes);
	buf_free(&gather.record);
	return result;
}
