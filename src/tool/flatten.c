#include "tool/flatten.h"

#include <string.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "image/archive.h"
#include "image/flat.h"
#include "image/layer.h"
#include "image/manifest.h"
#include "image/recipe.h"
#include "image/tree.h"
#include "tool/own_name.h"
#include "tool/subject.h"

struct work {
	struct subject subject;
	struct tree *tree;
	struct recipe recipe; /* name, tag and architecture of it */
	struct buf name;
	struct sum filter;
	const char *filter_status; /* NULL: the image has no filter */
};

struct stream {
	struct layer_stream *layer;
};

static int put(void *to, const void *data, size_t len, struct err *err)
{
	const struct stream *stream = to;

	return layer_put(stream->layer, data, len, err);
}

static int fill(void *from, struct layer_stream *layer, struct err *err)
{
	const struct work *work = from;
	struct stream stream = { layer };
	const struct flat_out out = { &stream, put };

	return flat_write(&out, &work->subject.reader, &work->subject.image,
			  work->tree, err);
}

static json_t *config_of(const struct work *work, const struct layer *layer)
{
	json_t *config = json_deep_copy(work->subject.image.config);

	json_object_set_new(config, "rootfs",
			    json_pack("{s:s,s:[s]}", "type", "layers",
				      "diff_ids", layer->diff_id.text));
	json_object_set_new(config, "history",
			    json_pack("[{s:s,s:s}]", "created", MANIFEST_EPOCH,
				      "created_by", "pith flatten"));
	return config;
}

/* What the config cannot say of a filter stands in the old annotations. */
static void read_filter(struct work *work)
{
	const json_t *old = json_object_get(work->subject.image.manifest,
					    "annotations");
	const char *digest = reader_text(old, "pith.filter.digest");
	const char *status = reader_text(old, "pith.filter.status");

	if (!digest || !status || !sum_is_valid(digest))
		return;
	memcpy(work->filter.text, digest, sizeof(work->filter.text));
	work->filter_status = status;
}

static int open_image(struct work *work, const struct flatten *flatten,
		      struct err *err)
{
	struct subject *subject = &work->subject;
	const char *arch;

	if (subject_open(subject, flatten->input, flatten->arch, err) < 0)
		return -1;
	arch = reader_text(subject->image.config, "architecture");
	work->recipe.arch = arch ? arch_by_name(slice_from(arch)) : NULL;
	if (!work->recipe.arch)
		err_set(err, 0, "its architecture %s is not known",
			arch ? arch : "(none)");
	else if (own_name(&work->recipe, &work->name, &subject->image,
			  flatten->reference, err) == 0)
		work->tree = tree_read(&subject->reader, &subject->image, NULL,
				       err);
	if (!work->tree)
		return err_wrap(err, "%s", flatten->input);
	read_filter(work);
	return 0;
}

static int finish(struct archive *archive, const struct work *work,
		  const struct layer *layer, struct err *err)
{
	const struct manifest_layer only = { layer->digest, layer->size,
					     layer->kind };
	struct manifest manifest;
	int result = manifest_assemble(
		&manifest,
		&(struct manifest_parts){
			.config = config_of(work, layer),
			.arch = work->recipe.arch,
			.layers = &only,
			.layer_count = 1,
			.name = work->recipe.name,
			.tag = work->recipe.tag,
			.filter_status = work->filter_status },
		work->filter_status ? &work->filter : NULL, err);

	if (result == 0)
		result = archive_finish(archive, &manifest, err);
	manifest_free(&manifest);
	return result;
}

static int write_archive(struct work *work, const struct flatten *flatten,
			 struct err *err)
{
	struct archive archive;
	struct layer layer;

	if (archive_create(&archive, flatten->output, err) < 0)
		return -1;
	int result = archive_begin_layer(&archive, err);

	if (result == 0 &&
	    layer_write_stream(&layer, archive.out.fd, &flatten->codec, fill,
			       work, err) < 0)
		result = err_wrap(err, "%s", flatten->input);
	if (result == 0)
		result = archive_end_layer(&archive, &layer, err);
	if (result == 0)
		result = finish(&archive, work, &layer, err);
	archive_discard(&archive);
	return result;
}

int flatten_image(const struct flatten *flatten, struct err *err)
{
	struct work work = { .subject.reader.fd = -1 };
	int result = open_image(&work, flatten, err);

	if (result == 0)
		result = write_archive(&work, flatten, err);
	tree_free(work.tree);
	subject_close(&work.subject);
	buf_free(&work.name);
	return result;
}
