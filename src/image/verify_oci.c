/* What oci-layout and index.json lead to; verify.c has the bytes. */
#include <string.h>

#include "base/err.h"
#include "image/media_type.h"
#include "image/verify_work.h"

enum { DEPTH_MAX = 4 };

static int check_version(const json_t *json, struct err *err)
{
	const json_t *version = json_object_get(json, "schemaVersion");

	if (json_is_integer(version) && json_integer_value(version) == 2)
		return 0;
	return err_set(err, 0, "schemaVersion is not 2");
}

/* One of two media types, or none, which older writers leave out. */
static int check_media(const json_t *json, const char *oci, const char *docker,
		       struct err *err)
{
	const json_t *media = json_object_get(json, "mediaType");
	const char *type = json_string_value(media);

	if (!media ||
	    (type && (strcmp(type, oci) == 0 || strcmp(type, docker) == 0)))
		return 0;
	return err_set(err, 0, "mediaType is not %s", oci);
}

/* The same for what a descriptor, found in the member where, leads to. */
static json_t *read_described(struct verify_work *work,
			      struct reader_descriptor *descriptor,
			      const json_t *json, const char *where)
{
	struct err err;

	if (reader_describe(descriptor, work->reader, json, &err) < 0) {
		verify_note(work, -1, where, &err);
		work->is_partial = true;
		return NULL;
	}
	verify_use(work, descriptor->member)->is_summed = true;
	json_t *found = reader_json(work->reader, descriptor->member,
				    descriptor->digest, descriptor->size, &err);

	verify_note(work, found ? 0 : -1, "", &err);
	work->is_partial |= !found;
	return found;
}

/* What signatures and attestations keep as layers is no file system. */
static bool is_file_system(const char *type)
{
	return !type || strstr(type, ".tar") || strstr(type, "+tar");
}

/* Check the layers; add their members' names to image. */
static void check_layers(struct verify_work *work, const json_t *layers,
			 const json_t *config, json_t *image, const char *where)
{
	for (size_t i = 0; i < json_array_size(layers); i++) {
		const json_t *json = json_array_get(layers, i);
		const char *type = reader_text(json, "mediaType");
		struct reader_descriptor descriptor;
		struct err err;
		int result = reader_describe(&descriptor, work->reader, json,
					     &err);

		verify_note(work, result, where, &err);
		work->is_partial |= result < 0;
		if (result < 0)
			continue;
		json_array_append_new(image,
				      json_string(descriptor.member->name));
		if (!is_file_system(type)) {
			verify_use(work, descriptor.member);
			continue;
		}
		verify_one_layer(work,
				 &(struct verify_layer){
					 .member = descriptor.member,
					 .diff_id = verify_diff_id(config, i),
					 .type = type });
	}
}

/* What refers to an image, such as a bill of materials, is none itself. */
static bool is_artifact(const json_t *manifest)
{
	const char *type = reader_text(json_object_get(manifest, "config"),
				       "mediaType");

	return reader_text(manifest, "artifactType") && type &&
	       strcmp(type, MEDIA_TYPE_EMPTY) == 0;
}

static void check_manifest(struct verify_work *work, const json_t *manifest,
			   const json_t *platform, const char *where)
{
	const json_t *layers = json_object_get(manifest, "layers");
	struct reader_descriptor descriptor;
	json_t *image = json_array();
	struct err err;

	work->out->images++;
	verify_note(work,
		    check_media(manifest, MEDIA_TYPE_MANIFEST,
				"application/vnd.docker.distribution.manifest."
				"v2+json",
				&err),
		    where, &err);
	json_t *config = read_described(
		work, &descriptor, json_object_get(manifest, "config"), where);

	if (config && is_artifact(manifest)) {
		verify_use(work, descriptor.member);
		work->out->images--;
	} else if (config) {
		verify_config(work, config, platform, json_array_size(layers),
			      descriptor.member->name);
		json_array_append_new(image,
				      json_string(descriptor.member->name));
	}
	check_layers(work, layers, config, image, where);
	json_array_append_new(work->images, image);
	json_decref(config);
}

/* An index or a manifest, told by what is in it. */
static void check_either(struct verify_work *work, const json_t *json,
			 const json_t *platform, const char *where, int depth);

/*
 * Inside an index of one image two for a platform leave it to the engine which
 * is meant; index.json may list several images. Attestations, of which there
 * are as many as images, say "unknown".
 */
static int check_platform_once(const json_t *list, size_t i, struct err *err)
{
	const json_t *own = json_object_get(json_array_get(list, i),
					    "platform");
	const char *name = reader_text(own, "architecture");

	if (!name || strcmp(name, "unknown") == 0)
		return 0;
	for (size_t k = 0; k < i; k++)
		if (json_equal(own, json_object_get(json_array_get(list, k),
						    "platform")))
			return err_set(err, 0, "two images for %s", name);
	return 0;
}

static void check_index(struct verify_work *work, const json_t *index,
			const char *where, int depth)
{
	const json_t *list = json_object_get(index, "manifests");
	struct err err;

	verify_note(work,
		    check_media(index, MEDIA_TYPE_INDEX,
				"application/vnd.docker.distribution.manifest."
				"list.v2+json",
				&err),
		    where, &err);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);
		const char *name = reader_text(
			json_object_get(one, "annotations"),
			"io.containerd.image.name");
		struct reader_descriptor descriptor;
		json_t *inner = read_described(work, &descriptor, one, where);

		if (depth && i < VERIFY_DOCUMENTS_MAX)
			verify_note(work, check_platform_once(list, i, &err),
				    where, &err);

		if (name)
			json_object_set_new(work->names, name, json_true());
		if (inner)
			check_either(work, inner,
				     json_object_get(one, "platform"),
				     descriptor.member->name, depth + 1);
		json_decref(inner);
	}
}

static void check_either(struct verify_work *work, const json_t *json,
			 const json_t *platform, const char *where, int depth)
{
	struct err err;

	verify_note(work, check_version(json, &err), where, &err);
	if (depth == DEPTH_MAX || work->documents++ == VERIFY_DOCUMENTS_MAX) {
		err_set(&err, 0, "more images, or deeper, than pith reads");
		verify_note(work, -1, where, &err);
		work->is_partial = true;
	} else if (json_object_get(json, "manifests")) {
		check_index(work, json, where, depth);
	} else if (depth) {
		check_manifest(work, json, platform, where);
	} else {
		err_set(&err, 0, "lists no image");
		verify_note(work, -1, where, &err);
		work->is_partial = true;
	}
}

void verify_oci(struct verify_work *work)
{
	struct err err;

	if (reader_find(work->reader, "oci-layout")) {
		json_t *layout = verify_read(work, "oci-layout");

		if (layout)
			verify_note(work,
				    verify_check_text(layout,
						      "imageLayoutVersion",
						      "1.0.0", &err),
				    "oci-layout", &err);
		json_decref(layout);
	} else {
		err_set(&err, 0, "missing from the archive");
		verify_note(work, -1, "oci-layout", &err);
	}
	json_t *index = verify_read(work, "index.json");

	if (index)
		check_either(work, index, NULL, "index.json", 0);
	json_decref(index);
}
