#include "image/manifest.h"

#include <string.h>

#include <jansson.h>

#include "arch/arch.h"
#include "base/err.h"
#include "image/document.h"
#include "image/layer.h"
#include "image/manifest_config.h"
#include "image/media_type.h"
#include "image/name.h"
#include "image/recipe.h"
#include "image/stack.h"

static json_t *layers_of(const struct manifest_parts *parts)
{
	json_t *array = json_array();
	int bad = 0;

	for (size_t i = 0; i < parts->layer_count; i++) {
		const struct manifest_layer *layer = &parts->layers[i];

		bad |= json_array_append_new(
			array,
			document_descriptor(codec_media_type(layer->kind),
					    &layer->digest, layer->size));
	}
	return manifest_unless(bad, array);
}

/*
 * What registries and scanners read without the config: the standard's labels
 * as they are, and of its keys those that the image's name answers.
 */
static json_t *annotations_of(const struct manifest_parts *parts,
			      const struct sum *filter)
{
	static const char prefix[] = "org.opencontainers.image.";
	json_t *labels = json_object_get(
		json_object_get(parts->config, "config"), "Labels");
	json_t *all = json_object();
	int bad = 0;

	bad |= json_object_set_new(all, "org.opencontainers.image.title",
				   json_string(name_base(parts->name)));
	if (strcmp(parts->tag, "latest") != 0)
		bad |= json_object_set_new(all,
					   "org.opencontainers.image.version",
					   json_string(parts->tag));
	const char *key;
	json_t *value;

	json_object_foreach(
		labels, key,
		value) if (strncmp(key, prefix, sizeof(prefix) - 1) == 0)
		bad |= json_object_set(all, key, value);
	if (filter)
		bad |= json_object_set_new(all, "pith.filter.digest",
					   json_string(filter->text)) |
		       json_object_set_new(all, "pith.filter.status",
					   json_string(parts->filter_status));
	return manifest_unless(bad, all);
}

static int make_manifest(struct manifest *out,
			 const struct manifest_parts *parts,
			 json_t *annotations, struct err *err)
{
	json_t *json = json_pack(
		"{s:i,s:s,s:o,s:o,s:o}", "schemaVersion", 2, "mediaType",
		MEDIA_TYPE_MANIFEST, "config",
		document_descriptor(MEDIA_TYPE_CONFIG, &out->config_sum,
				    out->config.len),
		"layers", layers_of(parts), "annotations", annotations);

	return document_print(&out->manifest, &out->manifest_sum, json,
			      "image manifest", err);
}

/*
 * index.json: a document of that type. more, which is handed over, is what its
 * descriptor says besides.
 */
static int make_index(struct manifest *out, const char *type, json_t *more,
		      const char *name, const char *tag, struct err *err)
{
	auto_buf struct buf reference = { 0 };
	json_t *notes = json_object_get(more, "annotations");
	int bad = document_refer(more, type, &out->manifest_sum,
				 out->manifest.len);

	/* Both names: with the tag alone podman and ctr would invent the rest. */
	name_reference(&reference, name, tag);
	if (!json_is_object(notes)) {
		notes = json_object();
		bad |= json_object_set_new(more, "annotations", notes);
	}
	if (!bad)
		bad = json_object_set_new(notes, "io.containerd.image.name",
					  json_string(reference.at)) |
		      json_object_set_new(notes,
					  "org.opencontainers.image.ref.name",
					  json_string(tag));
	return document_print(&out->index, NULL,
			      json_pack("{s:i,s:s,s:[o]}", "schemaVersion", 2,
					"mediaType", MEDIA_TYPE_INDEX,
					"manifests",
					manifest_unless(bad, more)),
			      "image index", err);
}

static int make_docker(struct manifest *out, const struct manifest_parts *parts,
		       struct err *err)
{
	auto_buf struct buf config = { 0 };
	auto_buf struct buf tag = { 0 };
	json_t *layers = json_array();

	for (size_t i = 0; i < parts->layer_count; i++) {
		auto_buf struct buf blob = { 0 };

		manifest_blob_path(&blob, &parts->layers[i].digest);
		json_array_append_new(layers, json_string(blob.at));
	}
	manifest_blob_path(&config, &out->config_sum);
	buf_fmt(&tag, "%s:%s", parts->name, parts->tag);
	return document_print(&out->docker, NULL,
			      json_pack("[{s:s,s:[s],s:o}]", "Config",
					config.at, "RepoTags", tag.at, "Layers",
					layers),
			      "manifest.json", err);
}

int manifest_assemble(struct manifest *out, const struct manifest_parts *parts,
		      const struct sum *filter, struct err *err)
{
	json_t *annotations = annotations_of(parts, filter);

	*out = (struct manifest){ 0 };
	if (document_print(&out->config, &out->config_sum, parts->config,
			   "image config", err) < 0) {
		json_decref(annotations);
		return -1;
	}
	if (make_manifest(out, parts, annotations, err) < 0 ||
	    make_index(out, MEDIA_TYPE_MANIFEST,
		       json_pack("{s:o}", "platform",
				 manifest_platform(parts->arch)),
		       parts->name, parts->tag, err) < 0)
		return -1;
	return make_docker(out, parts, err);
}

int manifest_make(struct manifest *out, const struct recipe *recipe,
		  const struct stack *stack, const struct layer *layers,
		  const struct sum *filter, struct err *err)
{
	struct manifest_layer packed[PLAN_LAYERS];

	for (size_t i = 0; i < stack->count; i++)
		packed[i] = (struct manifest_layer){ layers[i].digest,
						     layers[i].size,
						     layers[i].kind };
	return manifest_assemble(
		out,
		&(struct manifest_parts){
			.config = manifest_config(recipe, stack, layers),
			.arch = recipe->arch,
			.layers = packed,
			.layer_count = stack->count,
			.name = recipe->name,
			.tag = recipe->tag,
			.filter_status = recipe->filter.status },
		filter, err);
}

int manifest_list(struct manifest *out, const struct manifest_several *several,
		  const char *name, const char *tag, struct err *err)
{
	json_t *entry = several->entry ? several->entry : json_object();

	*out = (struct manifest){ 0 };
	buf_add(&out->docker, several->docker->at, several->docker->len);
	if (document_print(&out->manifest, &out->manifest_sum, several->index,
			   "image index", err) < 0) {
		json_decref(entry);
		return -1;
	}
	json_object_del(entry, "platform");
	return make_index(out, MEDIA_TYPE_INDEX, entry, name, tag, err);
}

/* What the index says of each platform's manifest. */
static json_t *platforms_of(const struct manifest *parts,
			    const struct arch *const *archs, size_t count)
{
	json_t *list = json_array();
	int bad = 0;

	for (size_t i = 0; i < count; i++) {
		json_t *one = document_descriptor(MEDIA_TYPE_MANIFEST,
						  &parts[i].manifest_sum,
						  parts[i].manifest.len);

		bad |= json_object_set_new(one, "platform",
					   manifest_platform(archs[i]));
		bad |= json_array_append_new(list, one);
	}
	return manifest_unless(bad, list);
}

int manifest_join(struct manifest *out, const struct manifest *parts,
		  const struct arch *const *archs, size_t count,
		  const struct recipe *recipe, struct err *err)
{
	const struct manifest_several several = {
		.index = json_pack("{s:i,s:s,s:o}", "schemaVersion", 2,
				   "mediaType", MEDIA_TYPE_INDEX, "manifests",
				   platforms_of(parts, archs, count)),
		.docker = &parts[manifest_own(archs, count)].docker,
	};

	return manifest_list(out, &several, recipe->name, recipe->tag, err);
}

size_t manifest_own(const struct arch *const *archs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (archs[i] == arch_host())
			return i;
	return 0;
}

void manifest_free(struct manifest *manifest)
{
	buf_free(&manifest->config);
	buf_free(&manifest->manifest);
	buf_free(&manifest->index);
	buf_free(&manifest->docker);
}

void manifest_blob_path(struct buf *out, const struct sum *sum)
{
	buf_text(out, "blobs/sha256/");
	buf_text(out, sum_hex(sum));
}
