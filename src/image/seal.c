#include "image/seal.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "image/archive.h"
#include "image/manifest.h"
#include "image/plan.h"
#include "image/reader.h"
#include "image/tree.h"

static const char *type_of(const struct tree_node *node)
{
	return node->type == TAR_SYMLINK ? "symbolic link" : "file";
}

/* A directory as lower layers have it: an entry of ours replaces theirs. */
static int add_directory(struct plan *plan, struct tree *tree, const char *path,
			 struct err *err)
{
	struct plan_entry entry = { .path = path,
				    .type = TAR_DIR,
				    .mode = 0755,
				    .origin = "pith seal" };
	struct tree_node node;
	int got = tree_find(&node, tree, path + 1, err);

	if (got > 0 && node.type != TAR_DIR)
		return err_set(err, 0, "its %s is a %s", path, type_of(&node));
	if (got > 0 && (node.uid >= UINT32_MAX || node.gid >= UINT32_MAX))
		return err_set(err, 0, "the owner of its %s is out of range",
			       path);
	if (got > 0) {
		entry.mode = node.mode & 07777;
		entry.uid = (uint32_t)node.uid;
		entry.gid = (uint32_t)node.gid;
	}
	return got < 0 ? -1 : plan_add(plan, &entry, err);
}

int seal_plan(struct plan *plan, struct tree *tree, struct err *err)
{
	static const char *const taken[] = { "init", "etc/pith/service.conf",
					     "etc/pith/service.bpf",
					     "etc/pith/calls" };
	struct tree_node node;

	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		int got = tree_find(&node, tree, taken[i], err);

		if (got < 0)
			return -1;
		if (got)
			return err_set(err, 0,
				       "it has a /%s already: sealed, or with "
				       "an init of its own",
				       taken[i]);
	}
	if (add_directory(plan, tree, "/", err) < 0 ||
	    add_directory(plan, tree, "/etc", err) < 0)
		return -1;
	return add_directory(plan, tree, "/etc/pith", err);
}

static int describe(struct manifest_layer *out, const struct reader *reader,
		    const struct reader_layer_info *info, struct err *err)
{
	unsigned char magic[CODEC_MAGIC] = { 0 };

	if (io_read_at(reader->fd, magic, sizeof(magic), info->member->offset) <
	    0)
		return err_set(err, errno, "read");
	out->kind = codec_detect(magic, info->member->size < sizeof(magic)
						? (size_t)info->member->size
						: sizeof(magic));
	out->size = info->member->size;
	if (!info->digest)
		return reader_sum(&out->digest, reader, info->member, err);
	memcpy(out->digest.text, info->digest, sizeof(out->digest.text));
	return 0;
}

int seal_copy(struct archive *archive, struct manifest_layer *layers,
	      const struct reader *reader, const struct reader_image *image,
	      struct err *err)
{
	for (size_t i = 0; i < image->layer_count; i++) {
		const struct reader_layer_info *info = &image->layers[i];

		if (describe(&layers[i], reader, info, err) < 0)
			return -1;
		if (archive_copy(archive, &layers[i].digest, reader->fd,
				 info->member->offset, info->member->size,
				 err) < 0)
			return err_wrap(err, "layer %zu", i);
	}
	return 0;
}

/* What becomes an image is checked as it is read; this nobody reads. */
static int check_blob(const struct reader *reader,
		      const struct reader_descriptor *blob, struct err *err)
{
	struct sum is;

	if (reader_sum(&is, reader, blob->member, err) < 0)
		return -1;
	if (strcmp(is.text, blob->digest) != 0)
		return err_set(err, 0,
			       "%s: its contents do not have the digest in its "
			       "name, but %s",
			       blob->member->name, is.text);
	return 0;
}

static int keep_blob(json_t **json, struct archive *archive,
		     const struct reader *reader, const json_t *descriptor,
		     struct err *err)
{
	struct reader_descriptor blob;
	struct sum sum;

	if (reader_describe(&blob, reader, descriptor, err) < 0)
		return -1;
	memcpy(sum.text, blob.digest, sizeof(sum.text));
	if (json) {
		*json = reader_json(reader, blob.member, blob.digest, blob.size,
				    err);
		if (!*json)
			return -1;
	} else if (check_blob(reader, &blob, err) < 0) {
		return -1;
	}
	return archive_copy(archive, &sum, reader->fd, blob.member->offset,
			    blob.member->size, err);
}

int seal_keep(struct archive *archive, const struct reader *reader,
	      const json_t *entry, struct err *err)
{
	json_t *manifest = NULL;
	int result = keep_blob(&manifest, archive, reader, entry, err);
	const json_t *layers = json_object_get(manifest, "layers");

	if (result == 0)
		result = keep_blob(NULL, archive, reader,
				   json_object_get(manifest, "config"), err);
	for (size_t i = 0; i < json_array_size(layers) && result == 0; i++)
		result = keep_blob(NULL, archive, reader,
				   json_array_get(layers, i), err);
	json_decref(manifest);
	return result < 0 ? err_wrap(err, "kept beside the images") : 0;
}
